#include "formula_check.h"

enum { X, Y, Z, V, W, NLEAF };

typedef struct {
  RhoNode leaf[NLEAF];
  double value[NLEAF];
} Variables;

static Variables NewVariables(Bench *bench) {
  return (Variables){
      .leaf = {Read(bench, "x"), Read(bench, "y"), Read(bench, "z"), Read(bench, "v"), Read(bench, "w")}};
}

static RhoNode Slope(Bench *bench, RhoNode e, RhoNode symbol, RhoNode seed) {
  return RhoGraphDifferential(bench->graph, e, 1, &symbol, &seed, 0);
}

static RhoNode UnitSlope(Bench *bench, RhoNode e, RhoNode symbol) {
  return Slope(bench, e, symbol, RhoGraphConstant(bench->graph, 1));
}

/* ---- every function row --------------------------------------------------------------------------------------------
 */

/* Intervals of x and y where the function is smooth; others use -2..2. */
static const struct {
  RhoFunction f;
  double xlow, xhigh, ylow, yhigh;
} domain[] = {
    {RHO_FN_DIV, -2, 2, 0.5, 2},   {RHO_FN_POW, 0.2, 2, -2, 2},    {RHO_FN_LOG, 0.3, 3, 0, 0},
    {RHO_FN_LOG1P, -0.5, 3, 0, 0}, {RHO_FN_SQRT, 0.3, 3, 0, 0},    {RHO_FN_CBRT, 0.3, 3, 0, 0},
    {RHO_FN_TAN, -1, 1, 0, 0},     {RHO_FN_ASIN, -0.7, 0.7, 0, 0}, {RHO_FN_ACOS, -0.7, 0.7, 0, 0},
    {RHO_FN_ATAN2, -2, 2, 0.5, 2}, {RHO_FN_ABS, 0.1, 2, 0, 0},     {RHO_FN_MIN, -2, 0, 0.1, 2},
    {RHO_FN_MAX, 0.1, 2, -2, 0},   {RHO_FN_SIGN, 0.1, 2, 0, 0},    {RHO_FN_STEP, -2, -0.1, 0, 0},
    {RHO_FN_LT, -2, 0, 0.1, 2},    {RHO_FN_LE, -2, 0, 0.1, 2},     {RHO_FN_EQ, -2, 0, 0.1, 2},
    {RHO_FN_NE, -2, 0, 0.1, 2},    {RHO_FN_AND, 0.1, 2, 0.1, 2},   {RHO_FN_OR, 0.1, 2, 0.1, 2},
    {RHO_FN_NOT, 0.1, 2, 0, 0},    {RHO_FN_TABLE, 1.1, 1.8, 0, 0}, {RHO_FN_BERN, -6, 6, 0, 0},
    {RHO_FN_BERN1, -6, 6, 0, 0},   {RHO_FN_BERN2, -6, 6, 0, 0},
};

static void RandomArguments(RhoFunction f, uint64_t *random, double *value) {
  value[X] = Uniform(random, -2, 2), value[Y] = Uniform(random, -2, 2), value[Z] = Uniform(random, -2, 2);
  for (size_t k = 0; k < sizeof domain / sizeof *domain; k++) {
    if (domain[k].f != f) continue;
    value[X] = Uniform(random, domain[k].xlow, domain[k].xhigh);
    value[Y] = Uniform(random, domain[k].ylow, domain[k].yhigh);
  }
}

static double Quotient(Bench *bench, RhoNode e, const Variables *at, int which, double h) {
  Variables right = *at, left = *at;
  right.value[which] += h;
  left.value[which] -= h;
  return (Value(bench, e, right.value, NLEAF) - Value(bench, e, left.value, NLEAF)) /
         (right.value[which] - left.value[which]);
}

/* |slope - quotient| falls by 4 when h halves, or is rounding: it is of second order or zero. */
static void CheckSecondOrder(Bench *bench, RhoNode e, const Variables *at, int which) {
  double slope = Value(bench, UnitSlope(bench, e, at->leaf[which]), at->value, NLEAF);
  double size = 1 + fabs(Value(bench, e, at->value, NLEAF)) + fabs(slope), h = 0.02, error[3];
  for (int k = 0; k < 3; k++, h /= 2) error[k] = fabs(Quotient(bench, e, at, which, h) - slope);
  bool rounding = error[1] < 1e-11 * size && error[2] < 1e-11 * size;
  bool order = error[1] / error[2] > 3.3 && error[1] / error[2] < 4.8;
  if (!rounding && !order)
    fail_msg("%s by argument %d at %g %g: errors %g %g %g", Printed(bench, e), which, at->value[X], at->value[Y],
             error[0], error[1], error[2]);
}

static RhoNode CallOfRow(Bench *bench, RhoFunction f, const Variables *at, int attr) {
  RhoNode arg[3] = {at->leaf[X], at->leaf[Y], at->leaf[Z]};
  if (f == RHO_FN_POWI) arg[1] = RhoGraphConstant(bench->graph, attr - 3);
  return RhoGraphCall(bench->graph, f, f == RHO_FN_TABLE ? attr % 3 : 0, arg);
}

static void AddTable(Bench *bench) {
  double x[8], y[8];
  for (int i = 0; i < 8; i++) x[i] = i, y[i] = sin(i);
  RhoGraphAddTable(bench->graph, RhoTableCreate(bench->arena, 8, x, y));
}

/* Property: every function's derivative is that of its value: the difference quotient approaches it with slope 2. */
static void EveryRow(void **state) {
  Bench *bench = *state;
  Variables at = NewVariables(bench);
  uint64_t random = 51;
  AddTable(bench);
  for (int f = 0; f < RHO_FN_COUNT; f++)
    for (int trial = 0; trial < 60; trial++) {
      RandomArguments((RhoFunction)f, &random, at.value);
      if (f == RHO_FN_POWI && fabs(at.value[X]) < 0.3) at.value[X] += 1;
      RhoNode e = CallOfRow(bench, (RhoFunction)f, &at, trial % 8);
      for (int k = f == RHO_FN_SELECT; k < RhoFunctionArgs((RhoFunction)f) - (f == RHO_FN_POWI); k++)
        CheckSecondOrder(bench, e, &at, k);
    }
}

/* Property: the second derivative of every function is the derivative of the first, and so for the third. */
static void EveryRowAgain(void **state) {
  Bench *bench = *state;
  Variables at = NewVariables(bench);
  uint64_t random = 53;
  AddTable(bench);
  for (int f = 0; f < RHO_FN_COUNT; f++)
    for (int trial = 0; trial < 30; trial++) {
      RandomArguments((RhoFunction)f, &random, at.value);
      if (f == RHO_FN_POWI && fabs(at.value[X]) < 0.3) at.value[X] += 1;
      RhoNode e = UnitSlope(bench, CallOfRow(bench, (RhoFunction)f, &at, trial % 8), at.leaf[f == RHO_FN_SELECT]);
      for (int times = 0; times < 2 && e != RHO_NONE; times++) {
        bool spline = f == RHO_FN_TABLE && times == 1;
        if (!spline) CheckSecondOrder(bench, e, &at, X);
        e = UnitSlope(bench, e, at.leaf[X]);
      }
    }
}

/* Property: B''' by its formula joins its series where they meet. */
static void BernoulliThird(void **state) {
  Bench *bench = *state;
  RhoNode e = Read(bench, "bern(x)"), x = Read(bench, "x");
  for (int k = 0; k < 3; k++) e = UnitSlope(bench, e, x);
  for (double at = 0.099; at < 0.102; at += 0.0001) {
    double value[8] = {0};
    value[x] = at;
    double series = at * (-1 / 30.0 + at * at * (1 / 252.0 - at * at / 3600.0));
    assert_true(fabs(Value(bench, e, value, 8) - series) < 1e-10);
  }
}

/* ---- random formulas -----------------------------------------------------------------------------------------------
 */

static const RhoFunction smooth[] = {RHO_FN_ADD,  RHO_FN_SUB, RHO_FN_MUL, RHO_FN_DIV, RHO_FN_NEG,
                                     RHO_FN_EXP,  RHO_FN_MUL, RHO_FN_SIN, RHO_FN_COS, RHO_FN_TANH,
                                     RHO_FN_POWI, RHO_FN_MUL, RHO_FN_ATAN};
enum { NSMOOTH = sizeof smooth / sizeof *smooth };

/* Property: d2/dxdy = d2/dydx, mostly proved, always in value. */
static void MixedDerivatives(void **state) {
  uint64_t random = 57;
  int nproved = 0, ntotal = 0;
  (void)state;
  for (int k = 0; k < 3000; k++) {
    Bench bench = {.arena = RhoArenaCreate()};
    bench.graph = RhoGraphCreate(bench.arena);
    Variables at = NewVariables(&bench);
    RhoNode e = RandomNode(&bench, &random, 3, at.leaf, NSMOOTH, smooth, 4 + k % 12);
    RhoNode xslope = UnitSlope(&bench, e, at.leaf[X]), yslope = UnitSlope(&bench, e, at.leaf[Y]);
    RhoNode xy = UnitSlope(&bench, xslope, at.leaf[Y]), yx = UnitSlope(&bench, yslope, at.leaf[X]);
    for (int i = 0; i < 3; i++) at.value[i] = Uniform(&random, 0.5, 1.5);
    double a = Value(&bench, xy, at.value, NLEAF), b = Value(&bench, yx, at.value, NLEAF);
    if (isfinite(a) && isfinite(b) && fabs(a) < 1e6) assert_true(fabs(a - b) <= 1e-6 * (1 + fabs(a)));
    if (xy != RHO_NONE || yx != RHO_NONE) nproved += RhoGraphEqual(bench.graph, xy, yx), ntotal++;
    RhoArenaDestroy(&bench.arena);
  }
  assert_true(ntotal > 100 && nproved > 0.9 * ntotal);
}

/* Property: the differential is linear in its seeds: D[a v + b w] = a D[v] + b D[w], and directions add up. */
static void LinearInSeeds(void **state) {
  uint64_t random = 59;
  (void)state;
  for (int k = 0; k < 200; k++) {
    Bench bench = {.arena = RhoArenaCreate()};
    bench.graph = RhoGraphCreate(bench.arena);
    Variables at = NewVariables(&bench);
    RhoNode e = RandomNode(&bench, &random, 3, at.leaf, NSMOOTH, smooth, 3 + k % 5);
    RhoNode both = RhoGraphDifferential(bench.graph, e, 2, at.leaf, &at.leaf[V], 0);
    RhoNode one = Slope(&bench, e, at.leaf[X], at.leaf[V]), other = Slope(&bench, e, at.leaf[Y], at.leaf[W]);
    assert_true(RhoGraphEqual(bench.graph, both, RhoGraphPlus(bench.graph, one, other)));
    RhoNode twice = Slope(&bench, e, at.leaf[X], Read(&bench, "2*v - 3*w"));
    RhoNode v = Slope(&bench, e, at.leaf[X], at.leaf[V]), w = Slope(&bench, e, at.leaf[X], at.leaf[W]);
    RhoNode sum = RhoGraphPlus(bench.graph, RhoGraphTimes(bench.graph, RhoGraphConstant(bench.graph, 2), v),
                               RhoGraphTimes(bench.graph, RhoGraphConstant(bench.graph, -3), w));
    assert_true(RhoGraphEqual(bench.graph, twice, sum));
    RhoArenaDestroy(&bench.arena);
  }
}

/* ---- operators, choices, constants
 * ----------------------------------------------------------------------------------- */

/* Property: the differential passes through operators, by each of their arguments. */
static void Operators(void **state) {
  static const char *const pair[][2] = {
      {"lap(x^2)", "lap(2*x*v)"},
      {"div(x*grad(x^3))", "div(v*grad(x^3)) + div(x*grad(3*x^2*v))"},
      {"|grad(x)|^2", "2*dot(grad(x), grad(v))"},
      {"dot(grad(x), grad(y))", "dot(grad(v), grad(y))"},
      {"conv(K, exp(x))*y", "conv(K, exp(x)*v)*y"},
      {"grad(x*y)", "grad(v*y)"},
      {"lap(x - x^3 + k*lap(x))", "lap(v - 3*x^2*v + k*lap(v))"},
      {"d(x*d(x, r), r)", "d(v*d(x, r) + x*d(v, r), r)"},
      {"integral(r, x*y)", "integral(r, v*y)"},
      {"if(x > y, x^2, y)", "if(x > y, 2*x*v, 0)"},
      {"if(lap(y) > 0, 1, lap(x))", "if(lap(y) > 0, 0, lap(v))"},
  };
  Bench *bench = *state;
  RhoNode x = Read(bench, "x"), v = Read(bench, "v");
  for (size_t k = 0; k < sizeof pair / sizeof *pair; k++) {
    RhoNode slope = Slope(bench, Read(bench, pair[k][0]), x, v), want = Read(bench, pair[k][1]);
    if (!RhoGraphEqual(bench->graph, slope, want)) fail_msg("D(%s) = %s", pair[k][0], Printed(bench, slope));
  }
}

/* Property: what does not depend on the symbol has no differential; frozen operators count as constants. */
static void Nothing(void **state) {
  Bench *bench = *state;
  RhoNode x = Read(bench, "x"), v = Read(bench, "v"), none = RHO_NONE;
  assert_int_equal(Slope(bench, Read(bench, "lap(y) + k"), x, v), RHO_NONE);
  assert_int_equal(Slope(bench, Read(bench, "step(x) + sign(x)*0 + (x < y)"), x, v), RHO_NONE);
  assert_int_equal(Slope(bench, Read(bench, "x*y"), x, none), RHO_NONE);
  RhoNode frozen = RhoGraphDifferential(bench->graph, Read(bench, "x*conv(K, x)"), 1, &x, &v, 1u << RHO_OP_CONV);
  AssertSameNode(bench, frozen, Read(bench, "v*conv(K, x)"));
  AssertSameNode(bench, Slope(bench, x, x, v), v);
}

/* Property: an operator node can itself be the variable. */
static void OperatorVariable(void **state) {
  Bench *bench = *state;
  RhoNode conv = Read(bench, "conv(K, x)"), v = Read(bench, "v");
  AssertSameNode(bench, Slope(bench, Read(bench, "x*conv(K, x)^2"), conv, v), Read(bench, "(2*conv(K, x)*v)*x"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(EveryRow, SetupBench, TeardownBench),
      cmocka_unit_test_setup_teardown(EveryRowAgain, SetupBench, TeardownBench),
      cmocka_unit_test_setup_teardown(BernoulliThird, SetupBench, TeardownBench),
      cmocka_unit_test(MixedDerivatives),
      cmocka_unit_test(LinearInSeeds),
      cmocka_unit_test_setup_teardown(Operators, SetupBench, TeardownBench),
      cmocka_unit_test_setup_teardown(Nothing, SetupBench, TeardownBench),
      cmocka_unit_test_setup_teardown(OperatorVariable, SetupBench, TeardownBench),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
