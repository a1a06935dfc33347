/* Tapes: their values against the plain recursion over the graph, and what RhoTapeEval promises. */
#include "tape_check.h"

enum { NPOINT = 1300, NOUT = 6 }; /* several blocks and a part of one */

static const RhoFunction arithmetic[] = {RHO_FN_ADD, RHO_FN_SUB, RHO_FN_MUL,    RHO_FN_DIV, RHO_FN_ADD,
                                         RHO_FN_MUL, RHO_FN_SUB, RHO_FN_NEG,    RHO_FN_MIN, RHO_FN_MAX,
                                         RHO_FN_LT,  RHO_FN_ABS, RHO_FN_SELECT, RHO_FN_SQRT};
static const RhoFunction any[] = {
    RHO_FN_ADD,    RHO_FN_SUB,   RHO_FN_MUL,  RHO_FN_DIV,   RHO_FN_ADD,   RHO_FN_SUB,   RHO_FN_MUL,   RHO_FN_NEG,
    RHO_FN_POWI,   RHO_FN_POW,   RHO_FN_EXP,  RHO_FN_LOG,   RHO_FN_LOG1P, RHO_FN_EXPM1, RHO_FN_SQRT,  RHO_FN_CBRT,
    RHO_FN_SIN,    RHO_FN_COS,   RHO_FN_TAN,  RHO_FN_ASIN,  RHO_FN_ACOS,  RHO_FN_ATAN,  RHO_FN_ATAN2, RHO_FN_SINH,
    RHO_FN_COSH,   RHO_FN_TANH,  RHO_FN_ERF,  RHO_FN_ERFC,  RHO_FN_ABS,   RHO_FN_MIN,   RHO_FN_MAX,   RHO_FN_SIGN,
    RHO_FN_STEP,   RHO_FN_LT,    RHO_FN_LE,   RHO_FN_EQ,    RHO_FN_NE,    RHO_FN_AND,   RHO_FN_OR,    RHO_FN_NOT,
    RHO_FN_SELECT, RHO_FN_TABLE, RHO_FN_BERN, RHO_FN_BERN1, RHO_FN_BERN2};
#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

typedef struct {
  double leaf[NLEAF][NPOINT]; /* of the parameters the first counts */
  double out[NOUT][NPOINT];
} Data;

static void FillLeaves(Data *d, uint64_t *seed) {
  for (int k = 0; k < NLEAF; k++)
    for (int p = 0; p < NPOINT; p++) d->leaf[k][p] = Uniform(seed, k == 0 ? 0.1 : -2, 2);
}

static void Bind(RhoTape tape, const Data *d) {
  double value[NPARAMETER];
  for (int k = 0; k < NPARAMETER; k++) value[k] = d->leaf[NFIELD + k][0];
  RhoTapeBind(tape, value);
}

static void Eval(RhoTape tape, Data *d, int nout, long n) {
  const double *in[NFIELD] = {d->leaf[0], d->leaf[1], d->leaf[2]};
  double *out[NOUT];
  for (int o = 0; o < nout; o++) out[o] = d->out[o];
  RhoTapeEval(tape, n, in, NULL, out, NULL);
}

/* The leaves' values at point p. */
static void AtPoint(const Data *d, int p, double *x) {
  for (int k = 0; k < NLEAF; k++) x[k] = d->leaf[k][k < NFIELD ? p : 0];
}

typedef struct {
  const Formula *f;
  const double *x;
} Point;

static double LeafValue(RhoGraph graph, RhoNode symbol, void *ctx) {
  const Point *point = ctx;
  (void)graph;
  for (int k = 0; k < NLEAF; k++)
    if (point->f->leaf[k] == symbol) return point->x[k];
  return NAN;
}

static void PickOutputs(const Formula *f, uint64_t *seed, RhoNode *out) {
  for (int o = 0; o < NOUT; o++) out[o] = f->pool[f->npool - 1 - Choice(seed, 12)];
}

/* Property: arithmetic, kinks and choice give the bits of the plain recursion: neither fusing nor sharing nor the
   registers change any. */
static void ArithmeticIsExact(void **state) {
  (void)state;
  uint64_t seed = 41;
  Data *d = calloc(1, sizeof *d);
  for (int repeat = 0; repeat < 60; repeat++) {
    Formula f = NewFormula();
    RhoNode out[NOUT];
    Grow(&f, &seed, 60, COUNT(arithmetic), arithmetic);
    PickOutputs(&f, &seed, out);
    RhoTape tape = TapeOf(&f, NOUT, out);
    for (int level = 0; level < RhoVectorLevelCount(); level++) {
      RhoTapeUseLevel(tape, level);
      FillLeaves(d, &seed);
      Bind(tape, d);
      Eval(tape, d, NOUT, NPOINT);
      for (int p = 0; p < NPOINT; p += 53)
        for (int o = 0; o < NOUT; o++) {
          double x[NLEAF];
          AtPoint(d, p, x);
          Point point = {&f, x};
          assert_true(Same(d->out[o][p], RhoGraphValue(f.graph, out[o], LeafValue, &point, NULL)));
        }
    }
    RhoTapeDestroy(&tape);
    RhoArenaDestroy(&f.arena);
  }
  free(d);
}

static long CheckPoint(const Formula *f, const RhoNode *out, const Data *d, int p) {
  double x[NLEAF];
  long ncheck = 0;
  AtPoint(d, p, x);
  Bounded *exact = BoundedValues(f->graph, NLEAF, f->leaf, x);
  for (int o = 0; o < NOUT; o++) {
    Bounded e = exact[out[o]];
    if (!isfinite(e.error)) continue;
    ncheck++;
    if (!(fabs(d->out[o][p] - e.value) <= 2 * e.error))
      fail_msg("%.17g, not %.17g +- %g", d->out[o][p], e.value, e.error);
  }
  free(exact);
  return ncheck;
}

/* Property: random formulas of all functions, with shared parts and operators as inputs, agree with the plain recursion
   to the rounding of their functions, 4 units in the last place each. */
static void AnyFormula(void **state) {
  (void)state;
  uint64_t seed = 42;
  long ncheck = 0;
  Data *d = calloc(1, sizeof *d);
  for (int repeat = 0; repeat < 150; repeat++) {
    Formula f = NewFormula();
    RhoNode out[NOUT];
    AddTable(&f);
    Grow(&f, &seed, 40, COUNT(any), any);
    PickOutputs(&f, &seed, out);
    RhoTape tape = TapeOf(&f, NOUT, out);
    RhoTapeUseLevel(tape, repeat % RhoVectorLevelCount());
    FillLeaves(d, &seed);
    Bind(tape, d);
    Eval(tape, d, NOUT, NPOINT);
    for (int p = 0; p < NPOINT; p += 29) ncheck += CheckPoint(&f, out, d, p);
    RhoTapeDestroy(&tape);
    RhoArenaDestroy(&f.arena);
  }
  assert_true(ncheck > 10000);
  free(d);
}

/* Property: a value has the same bits whatever the number of points, its position, the strides, and when outputs
   replace inputs. */
static void LayoutDoesNotMatter(void **state) {
  (void)state;
  uint64_t seed = 43;
  Data *d = calloc(1, sizeof *d);
  double *in = calloc(NPOINT * NFIELD, sizeof *in), *out = calloc(NPOINT * NFIELD, sizeof *out);
  for (int repeat = 0; repeat < 40; repeat++) {
    Formula f = NewFormula();
    AddTable(&f);
    Grow(&f, &seed, 40, COUNT(any), any);
    RhoTape tape = TapeOf(&f, NFIELD, &f.pool[f.npool - NFIELD]);
    FillLeaves(d, &seed);
    Bind(tape, d);
    Eval(tape, d, NFIELD, NPOINT);

    int start = Choice(&seed, 600), n = 1 + Choice(&seed, NPOINT - start), replace = repeat % 2;
    const double *at[NFIELD];
    double *to[NFIELD];
    long stride[NFIELD];
    bool interleaved = repeat % 4 < 2;
    for (int k = 0; k < NFIELD; k++) {
      for (int p = 0; p < n; p++) in[interleaved ? p * NFIELD + k : k * n + p] = d->leaf[k][start + p];
      at[k] = in + (interleaved ? k : k * n);
      to[k] = (replace ? in : out) + (interleaved ? k : k * n);
      stride[k] = interleaved ? NFIELD : 1;
    }
    RhoTapeEval(tape, n, at, stride, to, stride);
    for (int k = 0; k < NFIELD; k++)
      for (int p = 0; p < n; p++) assert_true(Same(to[k][p * stride[k]], d->out[k][start + p]));
    RhoTapeDestroy(&tape);
    RhoArenaDestroy(&f.arena);
  }
  free(in), free(out), free(d);
}

/* Property: an input of stride 0 is one number everywhere, and only that is read. */
static void StrideZero(void **state) {
  (void)state;
  Formula f = NewFormula();
  RhoNode node = RhoGraph2(f.graph, RHO_FN_MUL, f.leaf[0], RhoGraph1(f.graph, RHO_FN_EXP, f.leaf[1]));
  RhoTape tape = TapeOf(&f, 1, &node);
  double *one = malloc(sizeof *one), x[200], y[200];
  long stride[NFIELD] = {1, 0, 1};
  *one = 0;
  for (int p = 0; p < 200; p++) x[p] = p;
  RhoTapeEval(tape, 200, (const double *[NFIELD]){x, one, NULL}, stride, (double *[1]){y}, NULL);
  for (int p = 0; p < 200; p++) assert_true(y[p] == p);
  free(one);
  RhoTapeDestroy(&tape);
  RhoArenaDestroy(&f.arena);
}

/* Property: nothing is read or written beyond n points (run under valgrind or the address sanitizer), and the kernels
   see copies of the last point there. */
static void StaysInside(void **state) {
  (void)state;
  Formula f = NewFormula();
  RhoNode node = RhoGraph2(f.graph, RHO_FN_DIV, f.leaf[0], RhoGraph1(f.graph, RHO_FN_LOG, f.leaf[1]));
  RhoTape tape = TapeOf(&f, 1, &node);
  for (int n = 0; n < 1200; n += 1 + n / 20) {
    double *x = malloc((size_t)n * sizeof *x), *y = malloc((size_t)n * sizeof *y), *z = malloc((size_t)n * sizeof *z);
    for (int p = 0; p < n; p++) x[p] = 1 + p, y[p] = 2.718281828459045;
    RhoTapeEval(tape, n, (const double *[NFIELD]){x, y, NULL}, NULL, (double *[1]){z}, NULL);
    for (int p = 0; p < n; p++) assert_true(fabs(z[p] - x[p]) < 1e-15 * x[p]);
    for (int p = n % tape->block; p % RHO_PAD; p++) assert_true(tape->row[p] == x[n - 1]);
    free(x), free(y), free(z);
  }
  RhoTapeDestroy(&tape);
  RhoArenaDestroy(&f.arena);
}

/* Property: what depends on numbers alone costs nothing per point and follows RhoTapeBind. */
static void UniformPart(void **state) {
  (void)state;
  Formula f = NewFormula();
  RhoGraph g = f.graph;
  RhoNode uniform = RhoGraph1(g, RHO_FN_EXP, RhoGraph2(g, RHO_FN_MUL, f.leaf[3], f.leaf[4]));
  RhoNode out[3] = {RhoGraph2(g, RHO_FN_MUL, uniform, f.leaf[0]), uniform, RHO_NONE};
  RhoTape one = TapeOf(&f, 1, out), tape = TapeOf(&f, 3, out);
  double x[4] = {1, 2, 3, 4}, y[3][4];
  assert_int_equal(RhoTapeLength(one), 1);
  assert_true(!RhoTapeUniform(tape, 0) && RhoTapeUniform(tape, 1) && RhoTapeUniform(tape, 2));
  for (double p = 0; p < 3; p++) {
    RhoTapeBind(tape, (const double[]){p, 0.5});
    RhoTapeEval(tape, 4, (const double *[NFIELD]){x, NULL, NULL}, NULL, (double *[3]){y[0], y[1], y[2]}, NULL);
    for (int i = 0; i < 4; i++) assert_true(y[0][i] == exp(p * 0.5) * x[i] && y[1][i] == exp(p * 0.5) && y[2][i] == 0);
  }
  RhoTapeDestroy(&one);
  RhoTapeDestroy(&tape);
  RhoArenaDestroy(&f.arena);
}

/* Property: an output may be an input, a number, or the same as another one. */
static void OutputsThatAreNotComputed(void **state) {
  (void)state;
  Formula f = NewFormula();
  RhoNode sine = RhoGraph1(f.graph, RHO_FN_SIN, f.leaf[0]);
  RhoNode out[5] = {f.leaf[0], sine, sine, f.leaf[3], RhoGraph2(f.graph, RHO_FN_ADD, sine, f.leaf[0])};
  RhoTape tape = TapeOf(&f, 5, out);
  double x[40], y[5][40];
  for (int p = 0; p < 40; p++) x[p] = p;
  RhoTapeBind(tape, (const double[]){7, 0});
  RhoTapeEval(tape, 40, (const double *[NFIELD]){x, NULL, NULL}, NULL, (double *[5]){y[0], y[1], y[2], y[3], y[4]},
              NULL);
  for (int p = 0; p < 40; p++) {
    assert_true(y[0][p] == x[p] && y[1][p] == y[2][p] && y[3][p] == 7 && y[4][p] == y[1][p] + x[p]);
    assert_true(UlpError(y[1][p], sinl(x[p])) <= 4);
  }
  RhoTapeDestroy(&tape);
  RhoArenaDestroy(&f.arena);
}

static int LengthOf(const Formula *f, RhoNode node) {
  RhoTape tape = TapeOf(f, 1, &node);
  int n = RhoTapeLength(tape);
  RhoTapeDestroy(&tape);
  return n;
}

/* Property: operations are joined: phi^3 - phi - m takes two instructions, a x + b, a x + b y, 1/x^2 and x^3 take one
   or two. */
static void InstructionsAreFused(void **state) {
  (void)state;
  Formula f = NewFormula();
  RhoGraph g = f.graph;
  RhoNode u = f.leaf[0], v = f.leaf[1], p = f.leaf[3], t = f.leaf[4];
  RhoNode cube = RhoGraphPower(g, u, RhoGraphConstant(g, 3)), pu = RhoGraph2(g, RHO_FN_MUL, p, u);
  assert_int_equal(LengthOf(&f, cube), 1);
  assert_int_equal(LengthOf(&f, RhoGraph2(g, RHO_FN_SUB, RhoGraph2(g, RHO_FN_SUB, cube, u), p)), 2);
  assert_int_equal(LengthOf(&f, RhoGraph2(g, RHO_FN_ADD, pu, t)), 1);
  assert_int_equal(LengthOf(&f, RhoGraph2(g, RHO_FN_SUB, t, pu)), 1);
  assert_int_equal(LengthOf(&f, RhoGraph2(g, RHO_FN_ADD, pu, RhoGraph2(g, RHO_FN_MUL, t, v))), 1);
  assert_int_equal(LengthOf(&f, RhoGraphPower(g, u, RhoGraphConstant(g, -2))), 1);
  assert_int_equal(LengthOf(&f, RhoGraph1(g, RHO_FN_NEG, pu)), 1);
  RhoArenaDestroy(&f.arena);
}

/* Property: a symbol that is neither an input nor uniform is named. */
static void MissingNode(void **state) {
  (void)state;
  Formula f = NewFormula();
  RhoNode missing, w = RhoGraphSymbol(f.graph, RHO_SYM_FIELD, "w"), node = RhoGraph2(f.graph, RHO_FN_ADD, w, f.leaf[0]);
  assert_null(RhoTapeCreate(f.graph, 1, &node, NFIELD, f.leaf, NPARAMETER, &f.leaf[NFIELD], &missing));
  assert_int_equal(missing, w);
  assert_null(RhoTapeCreate(f.graph, 1, &f.leaf[2], 2, f.leaf, 0, NULL, &missing));
  assert_int_equal(missing, f.leaf[2]);
  RhoArenaDestroy(&f.arena);
}

/* Property: an allocation that fails at the n-th call, for every n, gives NULL and no missing node; the leak check of
   valgrind or the address sanitizer finds nothing. */
static void NoMemory(void **state) {
  (void)state;
  uint64_t seed = 44;
  Formula f = NewFormula();
  RhoTape tape = NULL;
  int n = 0;
  Grow(&f, &seed, 100, COUNT(any) - 4, any);
  while (!tape) {
    RhoNode missing = 0;
    RhoArenaFailAt(++n);
    tape = RhoTapeCreate(f.graph, 4, &f.pool[f.npool - 4], NFIELD, f.leaf, NPARAMETER, &f.leaf[NFIELD], &missing);
    RhoArenaFailAt(0);
    assert_int_equal(missing, RHO_NONE);
  }
  assert_true(n > 10);
  RhoTapeDestroy(&tape);
  assert_null(tape);
  RhoTapeDestroy(&tape);
  RhoArenaDestroy(&f.arena);
}

/* Property: a chain of n operations takes few registers, and a tape prints one line per instruction. */
static void RegistersAndText(void **state) {
  (void)state;
  Formula f = NewFormula();
  RhoNode sum = f.leaf[0];
  char *text = NULL;
  size_t nbyte;
  for (int k = 0; k < 50; k++)
    sum = RhoGraph2(f.graph, RHO_FN_ADD, RhoGraph1(f.graph, RHO_FN_SIN, sum), RhoGraph1(f.graph, RHO_FN_COS, sum));
  RhoTape tape = TapeOf(&f, 1, &sum);
  assert_true(tape->nregister <= 3);
  FILE *stream = open_memstream(&text, &nbyte);
  RhoTapePrint(tape, stream);
  fclose(stream);
  int nline = 0;
  for (size_t i = 0; i < nbyte; i++) nline += text[i] == '\n';
  assert_int_equal(nline, 1 + RhoTapeLength(tape));
  free(text);
  RhoTapeDestroy(&tape);
  RhoArenaDestroy(&f.arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ArithmeticIsExact),
      cmocka_unit_test(AnyFormula),
      cmocka_unit_test(LayoutDoesNotMatter),
      cmocka_unit_test(StrideZero),
      cmocka_unit_test(StaysInside),
      cmocka_unit_test(UniformPart),
      cmocka_unit_test(OutputsThatAreNotComputed),
      cmocka_unit_test(InstructionsAreFused),
      cmocka_unit_test(MissingNode),
      cmocka_unit_test(NoMemory),
      cmocka_unit_test(RegistersAndText),
  };
  return cmocka_run_group_tests_name("tape", tests, NULL, NULL);
}
