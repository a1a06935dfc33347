/* Every formula of every model of the repository: its symbolic differential against dual numbers through the tape and
   against difference quotients.

   Operators are cut out: their values are symbols of the formula around them, their arguments formulas of their own. */
#include "each_model.h"

enum { MOST = 512, NPOINT = 40, NLEVEL = 12 };

typedef struct {
  Loaded *m;
  const char *name;
  int n;
  RhoNode formula[MOST]; /* to be checked, operators included */
  int nsymbol;
  RhoNode symbol[MOST], seed[MOST]; /* of one formula without operators */
  bool positive[MOST];
} Bench;

/* ---- formulas -------------------------------------------------------------------------------------------------------
 */

static void AddFormula(Bench *b, RhoNode node) {
  if (node < 0 || RhoGraphNode(b->m->eq->graph, node).rank != 0) return;
  for (int k = 0; k < b->n; k++)
    if (b->formula[k] == node) return;
  assert_true(b->n < MOST);
  b->formula[b->n++] = node;
}

static void AddEquations(Bench *b) {
  RhoModel model = b->m->model;
  for (int i = 0; i < model->nfield; i++) {
    const RhoEquation *equation = &b->m->eq->equation[i];
    AddFormula(b, equation->potential);
    AddFormula(b, equation->source);
    AddFormula(b, model->field[i].mobility);
    for (int k = 0; k < model->field[i].nnoise; k++) AddFormula(b, model->field[i].noise[k].amplitude);
    for (int k = 0; k < equation->nterm; k++) {
      AddFormula(b, equation->term[k].coef);
      AddFormula(b, equation->term[k].arg);
      AddFormula(b, equation->term[k].T);
    }
  }
  for (int e = 0; e < model->nexchange; e++) AddFormula(b, model->exchange[e].rate);
  for (int d = 0; d < model->ndefine; d++) AddFormula(b, model->define[d].node);
  AddFormula(b, model->free_energy);
}

/* The arguments of operators are formulas too; the list grows while it is walked. */
static void AddArguments(Bench *b, RhoNode node) {
  RhoNodeInfo info = RhoGraphNode(b->m->eq->graph, node);
  for (int k = 0; k < info.narg; k++) {
    if (info.kind == RHO_APPLY) AddFormula(b, info.arg[k]);
    else AddArguments(b, info.arg[k]);
  }
}

static RhoNode CutNode(RhoGraph graph, RhoNode node, const RhoNode *arg, void *ctx) {
  char name[64];
  (void)arg;
  (void)ctx;
  if (RhoGraphNode(graph, node).kind != RHO_APPLY) return RHO_NONE;
  snprintf(name, sizeof name, "cut:%d", node);
  return RhoGraphSymbol(graph, RHO_SYM_TRACE, name);
}

static bool IsUniform(const Bench *b, RhoNode node) {
  for (int k = 0; k < b->m->eq->nuniform; k++)
    if (b->m->eq->uniform[k] == node) return true;
  return false;
}

static bool IsPositive(const Bench *b, RhoNode node) {
  RhoModel model = b->m->model;
  RhoNodeInfo info = RhoGraphNode(model->graph, node);
  for (int i = 0; i < model->nfield; i++)
    if (model->field[i].symbol == node) return model->field[i].kind == RHO_DENSITY;
  if (info.kind == RHO_APPLY && info.code == RHO_OP_CONV) return IsPositive(b, info.arg[0]);
  if (info.kind == RHO_CALL && info.code == RHO_FN_ADD) return IsPositive(b, info.arg[0]) && IsPositive(b, info.arg[1]);
  return info.kind == RHO_SYMBOL && info.code == RHO_SYM_COORDINATE;
}

/* The symbols of the formula with operators cut out, in the order in which they are met. */
static void FindSymbols(Bench *b, RhoNode original, char *seen) {
  RhoGraph graph = b->m->eq->graph;
  RhoNodeInfo info = RhoGraphNode(graph, original);
  if (seen[original]) return;
  seen[original] = 1;
  if (info.kind == RHO_CALL)
    for (int k = 0; k < info.narg; k++) FindSymbols(b, info.arg[k], seen);
  if (info.kind == RHO_CALL || info.kind == RHO_CONSTANT || IsUniform(b, original)) return;
  char name[64];
  snprintf(name, sizeof name, "seed:%d", b->nsymbol);
  assert_true(b->nsymbol < MOST);
  b->symbol[b->nsymbol] = info.kind == RHO_APPLY ? CutNode(graph, original, NULL, NULL) : original;
  b->positive[b->nsymbol] = IsPositive(b, original);
  b->seed[b->nsymbol++] = RhoGraphSymbol(graph, RHO_SYM_VARIATION, name);
}

/* ---- points ---------------------------------------------------------------------------------------------------------
 */

typedef struct {
  double *x[MOST], *dx[MOST];
} Points;

static void Draw(const Bench *b, Points *points, uint64_t *seed) {
  for (int k = 0; k < b->nsymbol; k++) {
    points->x[k] = calloc(NPOINT, sizeof(double));
    points->dx[k] = calloc(NPOINT, sizeof(double));
    for (int p = 0; p < NPOINT; p++) {
      double *x = &points->x[k][p], *dx = &points->dx[k][p];
      *x = b->positive[k] ? exp(Uniformly(seed, -3, 0.5)) : Uniformly(seed, -1.5, 1.5);
      *dx = Uniformly(seed, -0.5, 0.5) * (b->positive[k] ? *x : 1);
    }
  }
}

static void Free(const Bench *b, Points *points) {
  for (int k = 0; k < b->nsymbol; k++) free(points->x[k]), free(points->dx[k]);
}

static RhoTape TapeOf(const Bench *b, RhoNode node, bool seeds) {
  RhoNode in[2 * MOST], missing;
  int n = 0;
  for (int k = 0; k < b->nsymbol; k++) in[n++] = b->symbol[k];
  for (int k = 0; seeds && k < b->nsymbol; k++) in[n++] = b->seed[k];
  RhoTape tape = RhoTapeCreate(b->m->eq->graph, 1, &node, n, in, b->m->eq->nuniform, b->m->eq->uniform, &missing);
  assert_non_null(tape);
  RhoTapeBind(tape, b->m->value);
  return tape;
}

/* f at x + s dx */
static void Values(const Bench *b, RhoTape tape, const Points *points, double s, double *f) {
  double *moved = calloc((size_t)(b->nsymbol * NPOINT + 1), sizeof(double));
  const double *in[MOST];
  for (int k = 0; k < b->nsymbol; k++) {
    for (int p = 0; p < NPOINT; p++) moved[k * NPOINT + p] = points->x[k][p] + s * points->dx[k][p];
    in[k] = moved + k * NPOINT;
  }
  RhoTapeEval(tape, NPOINT, in, NULL, &f, NULL);
  free(moved);
}

static void Symbolic(const Bench *b, RhoNode differential, const Points *points, double *d) {
  const double *in[2 * MOST];
  for (int k = 0; k < b->nsymbol; k++) {
    in[k] = points->x[k];
    in[b->nsymbol + k] = points->dx[k];
  }
  memset(d, 0, sizeof(double) * NPOINT);
  if (differential < 0) return;
  RhoTape tape = TapeOf(b, differential, true);
  RhoTapeEval(tape, NPOINT, in, NULL, &d, NULL);
  RhoTapeDestroy(&tape);
}

static void Dual(const Bench *b, RhoTape tape, const Points *points, double *d) {
  double f[NPOINT], *out = f, *zero = calloc((size_t)b->m->eq->nuniform, sizeof(double));
  RhoTapeEvalDual(tape, NPOINT, (const double *const *)points->x, (const double *const *)points->dx, b->m->value, zero,
                  &out, &d);
  free(zero);
}

/* ---- comparisons ----------------------------------------------------------------------------------------------------
 */

/* Does the central difference tend to d[p] with slope 2, or reach it to round-off? */
static bool Converges(double quotient[NLEVEL][NPOINT], int p, double d, double scale) {
  for (int l = 0; l < NLEVEL; l++) {
    double error = fabs(quotient[l][p] - d), before = l ? fabs(quotient[l - 1][p] - d) : 0;
    if (error <= 1e-9 * scale) return true;
    if (l && fabs(log2(before / error) - 2) < 0.1) return true;
  }
  return false;
}

static void Quotients(const Bench *b, RhoTape tape, const Points *points, double quotient[NLEVEL][NPOINT]) {
  double up[NPOINT], down[NPOINT];
  for (int l = 0; l < NLEVEL; l++) {
    double s = ldexp(1, -l - 3);
    Values(b, tape, points, s, up);
    Values(b, tape, points, -s, down);
    for (int p = 0; p < NPOINT; p++) quotient[l][p] = (up[p] - down[p]) / (2 * s);
  }
}

static void Fail(const Bench *b, RhoNode formula, const char *what, double a, double c) {
  RhoArena arena = RhoArenaCreate();
  RhoText text = RhoTextCreate(arena);
  RhoGraphPrint(b->m->eq->graph, formula, text, RhoOperandName, b->m->eq);
  fprintf(stderr, "%s: %s\n", b->name, RhoTextGet(text));
  RhoArenaDestroy(&arena);
  fail_msg("%s: %.17g against %.17g", what, a, c);
}

/* How many points were inside the domain. */
static int CheckPoints(Bench *b, RhoNode formula, RhoNode cut, RhoNode differential, uint64_t *seed) {
  static double quotient[NLEVEL][NPOINT];
  double f[NPOINT], symbolic[NPOINT], dual[NPOINT];
  Points points;
  int ninside = 0;
  Draw(b, &points, seed);
  RhoTape tape = TapeOf(b, cut, false);
  Values(b, tape, &points, 0, f);
  Symbolic(b, differential, &points, symbolic);
  Dual(b, tape, &points, dual);
  Quotients(b, tape, &points, quotient);
  for (int p = 0; p < NPOINT; p++) {
    double scale = fmax(1, fmax(fabs(f[p]), fabs(symbolic[p])));
    if (!isfinite(f[p]) || !isfinite(quotient[NLEVEL - 1][p])) continue;
    ninside++;
    if (!(fabs(symbolic[p] - dual[p]) <= 1e-12 * scale)) Fail(b, formula, "dual numbers", symbolic[p], dual[p]);
    if (!Converges(quotient, p, symbolic[p], scale))
      Fail(b, formula, "difference quotient", symbolic[p], quotient[NLEVEL - 1][p]);
  }
  RhoTapeDestroy(&tape);
  Free(b, &points);
  return ninside;
}

static void CheckFormula(Bench *b, RhoNode formula) {
  RhoGraph graph = b->m->eq->graph;
  char *seen = calloc((size_t)formula + 1, 1);
  uint64_t seed = 9;
  b->nsymbol = 0;
  FindSymbols(b, formula, seen);
  free(seen);
  RhoNode cut = RhoGraphRewrite(graph, formula, CutNode, NULL);
  RhoNode differential = RhoGraphDifferential(graph, cut, b->nsymbol, b->symbol, b->seed, 0);
  int ninside = 0;
  for (int k = 0; k < 5 && ninside < NPOINT / 2; k++) ninside += CheckPoints(b, formula, cut, differential, &seed);
  if (ninside == 0) print_message("%s: a formula with %d symbols is undefined at all points\n", b->name, b->nsymbol);
}

static void CheckModel(Loaded *m, const char *name) {
  Bench *b = calloc(1, sizeof *b);
  b->m = m;
  b->name = name;
  AddEquations(b);
  for (int k = 0; k < b->n; k++) AddArguments(b, b->formula[k]);
  for (int k = 0; k < b->n; k++) CheckFormula(b, b->formula[k]);
  free(b);
}

/* Property: three ways to the derivative agree for every formula. */
static void Derivatives(void **state) {
  (void)state;
  assert_true(EachModel(CheckModel) > 0);
}

/* ---- the symbol along a line ---------------------------------------------------------------------------------------
 */

enum { NSTEP = 5 };

/* A and two derivatives at q + step*(-2 .. 2) along a direction that is no axis, of the continuum or a grid. */
static double complex *Along(Loaded *m, double q, double step, const double *spacing) {
  static const double direction[RHO_MAXDIM] = {0.8, 0.6, 0}, origin[RHO_MAXDIM] = {0.3, 0.2, 0.1};
  double at[NSTEP], state[64];
  size_t nn = (size_t)(m->eq->nfield * m->eq->nfield);
  double complex *A = calloc(3 * NSTEP * nn, sizeof *A);
  RhoArena arena = RhoArenaCreate();
  RhoKernelSeries series[16];
  RhoWaves waves[3];
  RhoSymbolProgram program;
  for (int i = 0; i < m->eq->nfield; i++) state[i] = 0.3 + 0.1 * i;
  for (int k = 0; k < NSTEP; k++) at[k] = q + step * (k - 2);
  for (int k = 0; k < m->model->nkernel; k++)
    Require(m, RhoKernelSeriesCreate(m->eq, arena, k, (int)m->value[m->model->nparameter], m->value, 4, &series[k]),
            "kernel");
  RhoStatus status = RhoSymbolProgramCreate(m->eq, RHO_PART_ALL, 2, &program);
  if (!status) {
    RhoWavesLine(m->eq, arena, direction, NSTEP, 2, waves);
    RhoWavesLineSet(m->eq, series, direction, at, spacing, 2, waves);
    Require(m, RhoSymbolProgramBind(program, m->value, state, origin, NULL), "state");
    Require(m, RhoSymbolProgramEval(program, waves, A), "symbol");
  }
  RhoSymbolProgramDestroy(&program);
  RhoArenaDestroy(&arena);
  return A;
}

static void CompareSlopes(Loaded *m, const char *name, const double *spacing) {
  int nn = m->eq->nfield * m->eq->nfield;
  double q = 1.3, h = 1e-3;
  double complex *A = Along(m, q, h, spacing);
  for (int order = 1; order <= 2; order++)
    for (int e = 0; e < nn; e++) {
      const double complex *f = A + (order - 1) * NSTEP * nn + e;
      double complex quotient = (8 * (f[3 * nn] - f[nn]) - (f[4 * nn] - f[0])) / (12 * h);
      double complex slope = A[(order * NSTEP + 2) * nn + e];
      double scale = 0;
      for (int k = 0; k < nn * 3 * NSTEP; k++) scale = fmax(scale, isfinite(cabs(A[k])) ? cabs(A[k]) : 0);
      if (!(cabs(slope - quotient) <= 1e-9 * fmax(1, scale)))
        fail_msg("%s: derivative %d of entry %d: %g%+gi, difference quotient %g%+gi", name, order, e, creal(slope),
                 cimag(slope), creal(quotient), cimag(quotient));
    }
  free(A);
}

static void SlopesOfModel(Loaded *m, const char *name) {
  CompareSlopes(m, name, NULL);
  CompareSlopes(m, name, (const double[]){0.5, 0.7, 0.6});
}

/* Property: the derivatives of A along a line are those of A. */
static void Slopes(void **state) {
  (void)state;
  assert_true(EachModel(SlopesOfModel) > 0);
}

static int nkernel = 0;

/* At q that are no nodes, from long waves to some wavelengths within the kernel. */
static void SeriesOfModel(Loaded *m, const char *name) {
  enum { N = 101 };
  double q[N], hat[N], value[3], top = 0, dim = m->value[m->model->nparameter];
  RhoArena arena = RhoArenaCreate();
  for (int k = 0; k < m->model->nkernel; k++, nkernel++) {
    RhoKernelSeries series;
    for (int i = 0; i < N; i++) q[i] = 12 * pow((i + 0.37) / N, 2);
    Require(m, RhoKernelTransform(m->model, k, (int)dim, m->value, N, q, hat), "transform");
    Require(m, RhoKernelSeriesCreate(m->eq, arena, k, (int)dim, m->value, 12, &series), "series");
    for (int i = 0; i < N; i++) top = fmax(top, fabs(hat[i]));
    for (int i = 0; i < N; i++) {
      RhoKernelSeriesEval(series, q[i], value);
      if (!(fabs(value[0] - hat[i]) <= 1e-13 * top))
        fail_msg("%s, %s at q = %g: %.17g, not %.17g", name, m->model->kernel[k].name, q[i], value[0], hat[i]);
    }
  }
  RhoArenaDestroy(&arena);
}

/* Property: the series of every kernel of every model is its transform. */
static void Series(void **state) {
  (void)state;
  assert_true(EachModel(SeriesOfModel) > 0 && nkernel > 3);
}

int main(void) {
  const struct CMUnitTest test[] = {cmocka_unit_test(Derivatives), cmocka_unit_test(Slopes), cmocka_unit_test(Series)};
  return cmocka_run_group_tests(test, NULL, NULL);
}
