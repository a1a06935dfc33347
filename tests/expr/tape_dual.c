/* Derivatives: dual numbers against difference quotients, and the symbolic differential against dual numbers. */
#include "tape_check.h"

enum { NPOINT = 40 };

static const RhoFunction smooth[] = {RHO_FN_ADD,  RHO_FN_SUB, RHO_FN_MUL,  RHO_FN_MUL,  RHO_FN_NEG,
                                     RHO_FN_POWI, RHO_FN_SIN, RHO_FN_COS,  RHO_FN_EXP,  RHO_FN_TANH,
                                     RHO_FN_ATAN, RHO_FN_ERF, RHO_FN_BERN, RHO_FN_ATAN2};
static const RhoFunction any[] = {
    RHO_FN_ADD,  RHO_FN_SUB, RHO_FN_MUL,    RHO_FN_DIV,   RHO_FN_ADD,   RHO_FN_MUL,   RHO_FN_NEG,  RHO_FN_POWI,
    RHO_FN_POW,  RHO_FN_EXP, RHO_FN_LOG,    RHO_FN_LOG1P, RHO_FN_EXPM1, RHO_FN_SQRT,  RHO_FN_CBRT, RHO_FN_SIN,
    RHO_FN_COS,  RHO_FN_TAN, RHO_FN_ASIN,   RHO_FN_ACOS,  RHO_FN_ATAN,  RHO_FN_ATAN2, RHO_FN_SINH, RHO_FN_COSH,
    RHO_FN_TANH, RHO_FN_ERF, RHO_FN_ERFC,   RHO_FN_ABS,   RHO_FN_MIN,   RHO_FN_MAX,   RHO_FN_SIGN, RHO_FN_STEP,
    RHO_FN_LT,   RHO_FN_LE,  RHO_FN_SELECT, RHO_FN_TABLE, RHO_FN_BERN,  RHO_FN_BERN1};
#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

/* Values and directions of the leaves at NPOINT points; of the parameters the first counts. */
typedef struct {
  double x[NLEAF][NPOINT], dx[NLEAF][NPOINT];
} Data;

static Data *NewData(uint64_t *seed) {
  Data *d = calloc(1, sizeof *d);
  for (int k = 0; k < NLEAF; k++)
    for (int p = 0; p < NPOINT; p++) d->x[k][p] = Uniform(seed, 0.2, 1.5), d->dx[k][p] = Uniform(seed, -1, 1);
  return d;
}

static void Dual(RhoTape tape, const Data *d, double *value, double *slope) {
  const double *in[NFIELD], *din[NFIELD];
  double uniform[NPARAMETER], duniform[NPARAMETER];
  for (int k = 0; k < NFIELD; k++) in[k] = d->x[k], din[k] = d->dx[k];
  for (int k = 0; k < NPARAMETER; k++) uniform[k] = d->x[NFIELD + k][0], duniform[k] = d->dx[NFIELD + k][0];
  RhoTapeEvalDual(tape, NPOINT, in, din, uniform, duniform, (double *[1]){value}, (double *[1]){slope});
}

/* The value at x + h dx, by the dual program (plain libm). */
static void Shifted(RhoTape tape, const Data *d, double h, double *value) {
  Data *s = malloc(sizeof *s);
  double slope[NPOINT];
  *s = *d;
  for (int k = 0; k < NLEAF; k++)
    for (int p = 0; p < NPOINT; p++) s->x[k][p] += h * d->dx[k][p];
  Dual(tape, s, value, slope);
  free(s);
}

/* The largest |difference quotient - slope| / (1 + |slope|). */
static void QuotientErrors(RhoTape tape, const Data *d, double h, double *error) {
  double plus[NPOINT], minus[NPOINT], value[NPOINT], slope[NPOINT];
  Dual(tape, d, value, slope);
  Shifted(tape, d, h, plus);
  Shifted(tape, d, -h, minus);
  for (int p = 0; p < NPOINT; p++) error[p] = fabs((plus[p] - minus[p]) / (2 * h) - slope[p]) / (1 + fabs(slope[p]));
}

/* How many points show slope 2, how many do not; small and large errors count as neither. */
static void CountSlopes(RhoTape tape, const Data *d, double h, long *good, long *bad) {
  double coarse[NPOINT], fine[NPOINT];
  QuotientErrors(tape, d, h, coarse);
  QuotientErrors(tape, d, h / 2, fine);
  for (int p = 0; p < NPOINT; p++) {
    if (!isfinite(coarse[p]) || coarse[p] > 1e-3 || fine[p] < 1e-9) continue;
    double slope = log2(coarse[p] / fine[p]);
    if (fabs(slope - 2) < 0.1) ++*good;
    else ++*bad;
  }
}

/* Property: dual numbers are the limit of central difference quotients, which approach them with the square of the
   step, for every smooth function ... */
static void FunctionsHaveSlopeTwo(void **state) {
  (void)state;
  static const RhoFunction kinked[] = {RHO_FN_ABS, RHO_FN_MIN, RHO_FN_MAX,    RHO_FN_SIGN, RHO_FN_STEP,
                                       RHO_FN_LT,  RHO_FN_LE,  RHO_FN_EQ,     RHO_FN_NE,   RHO_FN_AND,
                                       RHO_FN_OR,  RHO_FN_NOT, RHO_FN_SELECT, RHO_FN_ADD,  RHO_FN_SUB,
                                       RHO_FN_MUL, RHO_FN_NEG, RHO_FN_TABLE,  RHO_FN_BERN2};
  uint64_t seed = 51;
  for (int fn = 0; fn < RHO_FN_COUNT; fn++) {
    bool skip = false;
    for (int k = 0; k < COUNT(kinked); k++) skip |= kinked[k] == (RhoFunction)fn;
    if (skip) continue;
    Formula f = NewFormula();
    RhoNode arg[3] = {RhoGraph2(f.graph, RHO_FN_MUL, f.leaf[0], RhoGraphConstant(f.graph, 0.5)), f.leaf[1], f.leaf[2]};
    if (fn == RHO_FN_POWI) arg[1] = RhoGraphConstant(f.graph, 5);
    RhoNode node = RhoGraphCall(f.graph, (RhoFunction)fn, 0, arg);
    RhoTape tape = TapeOf(&f, 1, &node);
    Data *d = NewData(&seed);
    long good = 0, bad = 0;
    CountSlopes(tape, d, 1e-2, &good, &bad);
    if (good < NPOINT / 4 || bad > NPOINT / 10)
      fail_msg("%s: %ld good, %ld bad", RhoFunctionName((RhoFunction)fn), good, bad);
    free(d);
    RhoTapeDestroy(&tape);
    RhoArenaDestroy(&f.arena);
  }
}

/* ... and for random formulas of them. */
static void FormulasHaveSlopeTwo(void **state) {
  (void)state;
  uint64_t seed = 52;
  long good = 0, bad = 0;
  for (int repeat = 0; repeat < 200; repeat++) {
    Formula f = NewFormula();
    Grow(&f, &seed, 12, COUNT(smooth), smooth);
    RhoTape tape = TapeOf(&f, 1, &f.pool[f.npool - 1]);
    Data *d = NewData(&seed);
    CountSlopes(tape, d, 2e-3, &good, &bad);
    free(d);
    RhoTapeDestroy(&tape);
    RhoArenaDestroy(&f.arena);
  }
  assert_true(good > 2000 && bad < good / 30);
}

/* Property: in the cubic pieces of a table the quotient of the value is off by h^2 times a sixth of the third
 * derivative. */
static void TablesHaveSlopes(void **state) {
  (void)state;
  uint64_t seed = 53;
  Formula f = NewFormula();
  AddTable(&f);
  for (int order = 0; order < 4; order++) {
    RhoNode node = RhoGraphCall(f.graph, RHO_FN_TABLE, order, &f.leaf[0]);
    RhoTape tape = TapeOf(&f, 1, &node);
    Data *d = NewData(&seed);
    for (int p = 0; p < NPOINT; p++) d->x[0][p] = -3 + 0.6 * Choice(&seed, 11) + Uniform(&seed, 0.05, 0.55);
    double error[NPOINT];
    QuotientErrors(tape, d, 1e-3, error);
    for (int p = 0; p < NPOINT; p++) assert_true(error[p] < 1e-6);
    free(d);
    RhoTapeDestroy(&tape);
  }
  RhoArenaDestroy(&f.arena);
}

/* Property: a direction that is not given is zero, and zero directions give a zero slope whatever the derivative is. */
static void NoDirection(void **state) {
  (void)state;
  Formula f = NewFormula();
  RhoNode node = RhoGraph1(f.graph, RHO_FN_SQRT, f.leaf[0]);
  RhoTape tape = TapeOf(&f, 1, &node);
  double zero = 0, value, slope, uniform[NPARAMETER] = {0, 0};
  RhoTapeEvalDual(tape, 1, (const double *[NFIELD]){&zero, &zero, &zero}, NULL, uniform, NULL, (double *[1]){&value},
                  (double *[1]){&slope});
  assert_true(value == 0 && slope == 0);
  RhoTapeDestroy(&tape);
  RhoArenaDestroy(&f.arena);
}

/* The differential of node in the directions du, dv, lap(du), dp, dt, as a formula over the leaves and these. */
static RhoNode Differential(const Formula *f, RhoNode node, RhoNode *direction) {
  RhoGraph g = f->graph;
  RhoNode symbol[4] = {f->leaf[0], f->leaf[1], f->leaf[3], f->leaf[4]}, seed[4];
  static const char *const name[4] = {"du", "dv", "dp", "dt"};
  for (int k = 0; k < 4; k++) seed[k] = RhoGraphSymbol(g, RHO_SYM_VARIATION, name[k]);
  direction[0] = seed[0], direction[1] = seed[1], direction[3] = seed[2], direction[4] = seed[3];
  direction[2] = RhoGraphApply(g, RHO_OP_LAP, 0, &seed[0]);
  return RhoGraphDifferential(g, node, 4, symbol, seed, 0);
}

/* The tape of the differential at the points of d; uniform directions are arrays here. */
static void EvalDifferential(const Formula *f, RhoNode node, const RhoNode *direction, const Data *d, double *slope) {
  RhoNode in[NFIELD + NLEAF], missing;
  const double *at[NFIELD + NLEAF];
  long stride[NFIELD + NLEAF];
  for (int k = 0; k < NFIELD; k++) in[k] = f->leaf[k], at[k] = d->x[k], stride[k] = 1;
  for (int k = 0; k < NLEAF; k++)
    in[NFIELD + k] = direction[k], at[NFIELD + k] = d->dx[k], stride[NFIELD + k] = k < NFIELD;
  RhoTape tape = RhoTapeCreate(f->graph, 1, &node, NFIELD + NLEAF, in, NPARAMETER, &f->leaf[NFIELD], &missing);
  assert_non_null(tape);
  RhoTapeBind(tape, (const double[]){d->x[3][0], d->x[4][0]});
  RhoTapeEval(tape, NPOINT, at, stride, (double *[1]){slope}, NULL);
  RhoTapeDestroy(&tape);
}

/* What rounding can make of the differential at point p. */
static double SlopeBound(const Formula *f, RhoNode derivative, const RhoNode *direction, const Data *d, int p) {
  RhoNode leaf[2 * NLEAF];
  double x[2 * NLEAF];
  if (derivative == RHO_NONE) return 0;
  for (int k = 0; k < NLEAF; k++) {
    leaf[k] = f->leaf[k], x[k] = d->x[k][k < NFIELD ? p : 0];
    leaf[NLEAF + k] = direction[k], x[NLEAF + k] = d->dx[k][k < NFIELD ? p : 0];
  }
  Bounded *all = BoundedValues(f->graph, 2 * NLEAF, leaf, x);
  double bound = all[derivative].error;
  free(all);
  return bound;
}

/* Compares the two at every point where both are finite; returns how many these are. */
static long CompareSlopes(const Formula *f, RhoNode node, const Data *d) {
  RhoNode direction[NLEAF], derivative = Differential(f, node, direction);
  RhoTape tape = TapeOf(f, 1, &node);
  double value[NPOINT], dual[NPOINT], slope[NPOINT];
  long ncheck = 0;
  Dual(tape, d, value, dual);
  EvalDifferential(f, derivative, direction, d, slope);
  for (int p = 0; p < NPOINT; p++) {
    double bound = SlopeBound(f, derivative, direction, d, p);
    if (!isfinite(bound) || !isfinite(dual[p]) || !isfinite(slope[p])) continue;
    ncheck++;
    if (!(fabs(slope[p] - dual[p]) <= 10 * bound + 1e-13 * fabs(dual[p])))
      fail_msg("%.17g, dual %.17g, bound %g", slope[p], dual[p], bound);
  }
  RhoTapeDestroy(&tape);
  return ncheck;
}

/* Property: the symbolic differential as a tape equals the dual numbers of the formula's tape, for random formulas of
   all functions; an identically zero one (RHO_NONE) is zero. */
static void DifferentialIsDual(void **state) {
  (void)state;
  uint64_t seed = 54;
  long ncheck = 0;
  for (int repeat = 0; repeat < 400; repeat++) {
    Formula f = NewFormula();
    Data *d = NewData(&seed);
    AddTable(&f);
    Grow(&f, &seed, 15, COUNT(any), any);
    ncheck += CompareSlopes(&f, f.pool[f.npool - 1], d);
    free(d);
    RhoArenaDestroy(&f.arena);
  }
  assert_true(ncheck > 5000);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(FunctionsHaveSlopeTwo), cmocka_unit_test(FormulasHaveSlopeTwo),
      cmocka_unit_test(TablesHaveSlopes),      cmocka_unit_test(NoDirection),
      cmocka_unit_test(DifferentialIsDual),
  };
  return cmocka_run_group_tests_name("tape_dual", tests, NULL, NULL);
}
