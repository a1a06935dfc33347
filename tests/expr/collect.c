#include "formula_check.h"

static RhoNode Collected(Bench *bench, RhoNode node) { return RhoGraphCollect(bench->graph, node, NULL, NULL); }

/* Property: formulas become those that one would write. */
static void Forms(void **state) {
  static const char *const pair[][2] = {
      {"x + x", "2*x"},
      {"k*x + 2*x*k", "3*k*x"},
      {"m - m", "0"},
      {"x*y - y*x", "0"},
      {"k/2*(2*x)", "k*x"},
      {"m/4*(4*x^3)", "m*x^3"},
      {"0.1*x + 0.2*x", "0.3*x"},
      {"x/3 + x/3", "2*x/3"},
      {"k*x/3 + k*x/3", "2*k/3*x"},
      {"0.25*x + 0.25*x", "0.5*x"},
      {"x/2", "0.5*x"},
      {"x/3*0.3", "0.1*x"},
      {"x*2*3*y", "6*x*y"},
      {"x^2*x^3", "x^5"},
      {"x^3/x", "x^2"},
      {"x/y*y", "x"},
      {"x/x", "1"},
      {"1/(1/x)", "x"},
      {"T*(log(x) - 1) + T", "T*log(x)"},
      {"T*(log(x) - 1) + T*x*(1/x)", "T*log(x)"},
      {"k*x*(1 - x)", "k*x*(1 - x)"},
      {"k*(1 - x) - k*x", "k - 2*k*x"},
      {"(1 - x)/(x - 1)", "-1"},
      {"(2*x + 2*y)*k", "2*k*(x + y)"},
      {"x/(2*k + 2*m)", "x/(2*(k + m))"},
      {"(k*x + k*y)/k", "x + y"},
      {"(k - m)*x + (m - k)*x", "0"},
      {"(k/2 + m/2)*x", "(k + m)/2*x"},
      {"k*x/2 + m*x/2", "(k + m)/2*x"},
      {"k*x*T + m*x*T", "T*(k + m)*x"},
      {"(x + y)*(x - y)", "(x + y)*(x - y)"},
      {"(x + y)*(x - y) + y^2", "x^2"},
      {"(x + y)^2 - 2*x*y", "x^2 + y^2"},
      {"(x + y)^2 - 2*x", "(x + y)^2 - 2*x"},
      {"y*k*x", "k*x*y"},
      {"exp(x)*y*k*2", "2*k*y*exp(x)"},
      {"lap(x)*k", "k*lap(x)"},
      {"k/2*lap(x) + k/2*lap(x)", "k*lap(x)"},
      {"lap(k*x)", "k*lap(x)"},
      {"lap(-x) + lap(x)", "0"},
      {"lap(x + k)", "lap(x)"},
      {"lap(k)", "0"},
      {"lap(x + y)", "lap(x + y)"},
      {"lap(x + y) - lap(x)", "lap(y)"},
      {"lap(x) + lap(x + lap(x))", "2*lap(x) + lap(lap(x))"},
      {"div(k*grad(x))", "k*lap(x)"},
      {"div((k + m)*grad(x))", "(k + m)*lap(x)"},
      {"-div((k + k*x)*grad(y))", "-k*div((x + 1)*grad(y))"},
      {"dot(grad(x), grad(2*y))", "2*dot(grad(x), grad(y))"},
      {"dot(grad(x), grad(y)) - dot(grad(y), grad(x))", "0"},
      {"|grad(k*x)|^2", "k^2*|grad(x)|^2"},
      {"conv(K, x/2) + 0.5*conv(K, x)", "conv(K, x)"},
      {"conv(K, k*x + k*y)", "k*conv(K, x + y)"},
      {"conv(K, x) + x + T*log(x) + k + exp(x) - lap(x)", "k + T*log(x) + x + exp(x) + conv(K, x) - lap(x)"},
      {"x^3 - x - k*lap(x)", "x^3 - x - k*lap(x)"},
      {"-(x - y)", "y - x"},
      {"-x - y", "-x - y"},
      {"1 - x", "1 - x"},
      {"log(x + y - x)", "log(y)"},
      {"log(1 + 1)", "0.6931471805599453"},
      {"exp((x + 1)*(x + 2))", "exp((x + 1)*(x + 2))"},
      {"exp((x + 1)^2 - x^2)", "exp((x + 1)^2 - x^2)"},
      {"exp(x + x) - exp(2*x)", "0"},
      {"tanh(y + x)*tanh(x + y)", "tanh(x + y)^2"},
      {"if(x < y, k*x - x*k, y - x + x)", "if(x < y, 0, y)"},
      {"x*y*(1/x) + 3", "y + 3"},
  };
  Bench *bench = *state;
  for (size_t k = 0; k < sizeof pair / sizeof *pair; k++)
    assert_string_equal(Printed(bench, Collected(bench, Read(bench, pair[k][0]))), pair[k][1]);
}

/* ---- values ------------------------------------------------------------------------------------------------------ */

/* A value, the sum of the moduli of the terms it is when products are multiplied out, and how far in units of round-off
   a sum of these terms in any order may be off. */
typedef struct {
  double value, moduli, error;
} Bound;

static Bound PowerBound(Bound x, int n) {
  Bound y = {1, 1, 0};
  for (int k = 0; k < abs(n); k++)
    y = (Bound){y.value * x.value, y.moduli * x.moduli, y.moduli * x.error + x.moduli * y.error + y.moduli * x.moduli};
  double size = 1 / fabs(y.value);
  return n < 0 ? (Bound){1 / y.value, size, y.error * size * size + size} : y;
}

/* f(x) with the slope of f */
static Bound FunctionBound(double value, double slope, Bound x) {
  return (Bound){value, fabs(value), fabs(slope) * x.error + fabs(value)};
}

static Bound CallBound(RhoGraph graph, const RhoNodeInfo *info, const Bound *known) {
  Bound x = known[info->arg[0]], y = info->narg > 1 ? known[info->arg[1]] : x;
  switch (info->code) {
  case RHO_FN_NEG: return (Bound){-x.value, x.moduli, x.error};
  case RHO_FN_ADD:
  case RHO_FN_SUB: {
    double moduli = x.moduli + y.moduli;
    return (Bound){info->code == RHO_FN_ADD ? x.value + y.value : x.value - y.value, moduli,
                   x.error + y.error + moduli};
  }
  case RHO_FN_MUL: {
    double moduli = x.moduli * y.moduli;
    return (Bound){x.value * y.value, moduli, x.moduli * y.error + y.moduli * x.error + moduli};
  }
  case RHO_FN_DIV: {
    double moduli = x.moduli / fabs(y.value);
    return (Bound){x.value / y.value, moduli, (x.error + moduli * y.error) / fabs(y.value) + moduli};
  }
  case RHO_FN_POWI: return PowerBound(x, (int)y.value);
  case RHO_FN_EXP: return FunctionBound(exp(x.value), exp(x.value), x);
  case RHO_FN_LOG: return FunctionBound(log(x.value), 1 / x.value, x);
  case RHO_FN_SQRT: return FunctionBound(sqrt(x.value), 0.5 / sqrt(x.value), x);
  case RHO_FN_TANH: return FunctionBound(tanh(x.value), 1, x);
  case RHO_FN_ABS: return FunctionBound(fabs(x.value), 1, x);
  case RHO_FN_MAX: return (Bound){fmax(x.value, y.value), fabs(fmax(x.value, y.value)), fmax(x.error, y.error)};
  case RHO_FN_SELECT: return x.value != 0 ? y : known[info->arg[2]];
  default: {
    double arg[3] = {x.value, y.value, 0}, value = RhoGraphCallValue(graph, (RhoFunction)info->code, 0, arg);
    return (Bound){value, fabs(value), 0};
  }
  }
}

static Bound BoundOf(Bench *bench, RhoNode node, const double *value, int nvalue) {
  Bound *known = calloc((size_t)node + 1, sizeof *known);
  for (RhoNode k = 0; k <= node; k++) {
    RhoNodeInfo info = RhoGraphNode(bench->graph, k);
    if (info.kind == RHO_CALL) known[k] = CallBound(bench->graph, &info, known);
    else if (info.kind == RHO_CONSTANT) known[k] = (Bound){info.value, fabs(info.value), fabs(info.value)};
    else known[k] = (Bound){k < nvalue ? value[k] : NAN, k < nvalue ? fabs(value[k]) : NAN, 0};
  }
  Bound bound = known[node];
  free(known);
  return bound;
}

static const RhoFunction function[] = {RHO_FN_ADD,  RHO_FN_SUB,    RHO_FN_MUL, RHO_FN_MUL, RHO_FN_DIV,
                                       RHO_FN_NEG,  RHO_FN_POWI,   RHO_FN_ADD, RHO_FN_EXP, RHO_FN_TANH,
                                       RHO_FN_SQRT, RHO_FN_SELECT, RHO_FN_MAX, RHO_FN_ABS, RHO_FN_LT,
                                       RHO_FN_LOG,  RHO_FN_MUL,    RHO_FN_SUB, RHO_FN_ADD, RHO_FN_DIV};
enum { NFUNCTION = sizeof function / sizeof *function };

/* How often the values could be compared. */
static int CompareValues(Bench *bench, uint64_t *random, RhoNode node, RhoNode made, int nleaf) {
  static const double special[] = {0, 1, -1, 0.5, 2};
  int ncompared = 0;
  for (int trial = 0; trial < 8; trial++) {
    double value[4];
    for (int k = 0; k < nleaf; k++) value[k] = Random(random, 4) ? Uniform(random, -2, 2) : special[Random(random, 5)];
    double x = Value(bench, node, value, nleaf), y = Value(bench, made, value, nleaf);
    if (!isfinite(x)) continue;
    if (!isfinite(y)) fail_msg("%s = %g, but %s = %g", Printed(bench, node), x, Printed(bench, made), y);
    Bound bound = BoundOf(bench, node, value, nleaf);
    if (!(bound.error < 1e100)) continue;
    if (!(fabs(x - y) <= 4 * 0x1p-53 * bound.error))
      fail_msg("%s = %.17g, but %s = %.17g", Printed(bench, node), x, Printed(bench, made), y);
    ncompared++;
  }
  return ncompared;
}

/* The nodes of a formula as it is written. */
static double Length(Bench *bench, RhoNode node) {
  double *length = calloc((size_t)node + 1, sizeof *length);
  for (RhoNode k = 0; k <= node; k++) {
    RhoNodeInfo info = RhoGraphNode(bench->graph, k);
    length[k] = 1;
    for (int j = 0; j < info.narg; j++) length[k] += length[info.arg[j]];
  }
  double all = length[node];
  free(length);
  return all;
}

/* Property: wherever a formula has a value, the collected one has the same within a few ulp of the sum of the moduli of
   its terms; it is shorter much more often than longer (c*c becomes c^2, which is as long, x + k*x becomes (1 + k)*x);
   collecting again changes next to nothing. */
static void Values(void **state) {
  uint64_t random = 91;
  int ncompared = 0, nlonger = 0, nshorter = 0, nagain = 0;
  (void)state;
  for (int k = 0; k < 20000; k++) {
    Bench bench = {.arena = RhoArenaCreate()};
    bench.graph = RhoGraphCreate(bench.arena);
    RhoNode leaf[4] = {Read(&bench, "x"), Read(&bench, "y"), Read(&bench, "k"), Read(&bench, "m")};
    RhoNode node = RandomNode(&bench, &random, 4, leaf, NFUNCTION, function, 3 + k % 15);
    RhoNode made = Collected(&bench, node);
    ncompared += CompareValues(&bench, &random, node, made, 4);
    double before = Length(&bench, node), after = Length(&bench, made);
    nlonger += after > before;
    nshorter += after < before;
    nagain += Collected(&bench, made) != made;
    RhoArenaDestroy(&bench.arena);
  }
  if (nlonger * 10 > nshorter || nagain > 40 || ncompared < 100000)
    fail_msg("%d compared, %d longer, %d shorter, %d not yet collected", ncompared, nlonger, nshorter, nagain);
}

/* ---- operators --------------------------------------------------------------------------------------------------- */

static RhoNode RandomOperator(Bench *bench, uint64_t *random, RhoNode x, RhoNode y) {
  static const RhoOperator op[] = {RHO_OP_LAP, RHO_OP_DIFF, RHO_OP_CONV, RHO_OP_INTEGRAL, RHO_OP_GDOT, RHO_OP_DIVGRAD};
  return RhoGraphApply(bench->graph, op[Random(random, 6)], 0, (RhoNode[]){x, y});
}

/* Sums and products of symbols, functions and operators of such. */
static RhoNode RandomForm(Bench *bench, uint64_t *random, int depth) {
  static const char *const leaf[] = {"x", "y", "k", "m", "0.3", "2", "x/m", "k/2", "T"};
  static const RhoFunction two[] = {RHO_FN_ADD, RHO_FN_SUB, RHO_FN_MUL, RHO_FN_ADD};
  if (depth == 0) return Read(bench, leaf[Random(random, 9)]);
  RhoNode x = RandomForm(bench, random, depth - 1), y = RandomForm(bench, random, depth - 1);
  switch (Random(random, 5)) {
  case 0: return RandomOperator(bench, random, x, y);
  case 1: return Random(random, 2) ? RhoGraph1(bench->graph, RHO_FN_TANH, x) : RhoGraph1(bench->graph, RHO_FN_NEG, x);
  default: return RhoGraph2(bench->graph, two[Random(random, 4)], x, y);
  }
}

/* Property: a formula with operators and the collected one are equal by algebra. */
static void Operators(void **state) {
  uint64_t random = 93;
  int nchanged = 0;
  (void)state;
  for (int k = 0; k < 4000; k++) {
    Bench bench = {.arena = RhoArenaCreate()};
    bench.graph = RhoGraphCreate(bench.arena);
    RhoNode node = RandomForm(&bench, &random, 1 + k % 4), made = Collected(&bench, node);
    if (!RhoGraphEqual(bench.graph, node, made)) fail_msg("%s is not %s", Printed(&bench, node), Printed(&bench, made));
    nchanged += made != node;
    RhoArenaDestroy(&bench.arena);
  }
  assert_true(nchanged > 2000);
}

/* ---- what stays -------------------------------------------------------------------------------------------------- */

/* Property: a derivative of a formula shares its functions with it, in whatever form their arguments were written. */
static void SharesFunctions(void **state) {
  static const char *const text[] = {"exp(-(x - 0.5)^2/(2*k^2))", "tanh((y + 2*x - 3)/m)", "log(1 - x - y)",
                                     "exp((1 - x)*(1 + y))", "log((x + y)*x/y)"};
  Bench *bench = *state;
  RhoNode x = Read(bench, "x"), one = RhoGraphConstant(bench->graph, 1);
  for (size_t k = 0; k < sizeof text / sizeof *text; k++) {
    RhoNode f = Read(bench, text[k]),
            product = RhoGraph2(bench->graph, RHO_FN_MUL, RhoGraph2(bench->graph, RHO_FN_MUL, x, x), f);
    RhoNode slope = Collected(bench, RhoGraphDifferential(bench->graph, product, 1, &x, &one, 0));
    assert_true(RhoGraphDependsOn(bench->graph, slope, 1, &f));
  }
}

static bool IsNamed(RhoGraph graph, RhoNode node, void *ctx) {
  const RhoNode *name = ctx;
  (void)graph;
  return node == name[0] || node == name[1];
}

/* Property: what has a name keeps it, the uniform always, a sum unless the formula is shorter without. */
static void KeepsNames(void **state) {
  static const char *const formula[][2] = {
      {"(k*T + m*T)/(k + m)*x + (k*T + m*T)/(k + m)*x", "2*N*x"},
      {"2*x*(x^2 + y^2) - x", "2*S*x - x"},
      {"x^2 + y^2 + (x^2 + y^2)", "2*S"},
      {"(x^2 + y^2)/x - y^2/x", "x"},
      {"log(x^2 + y^2)*2*k/2", "k*log(S)"},
  };
  Bench *bench = *state;
  RhoNode name[2] = {Read(bench, "(k*T + m*T)/(k + m)"), Read(bench, "x^2 + y^2")};
  RhoNode symbol[2] = {RhoGraphSymbol(bench->graph, RHO_SYM_TRACE, "N"),
                       RhoGraphSymbol(bench->graph, RHO_SYM_TRACE, "S")};
  for (size_t k = 0; k < sizeof formula / sizeof *formula; k++) {
    RhoNode made = RhoGraphCollect(bench->graph, Read(bench, formula[k][0]), IsNamed, name);
    RhoNode one = made;
    for (int i = 0; i < 2; i++) {
      Swap swap = {name[i], symbol[i]};
      one = RhoGraphRewrite(bench->graph, one, Replace, &swap);
    }
    assert_string_equal(Printed(bench, one), formula[k][1]);
  }
}

/* Property: a sum is arranged without any change but of its order: names and products stay, nothing cancels. */
static void Arranges(void **state) {
  static const char *const pair[][2] = {
      {"1 + x^2 + (lap(x) + x)", "x + x^2 + lap(x) + 1"},
      {"conv(K, x) + (T*log(x) - (x - k))", "k + T*log(x) - x + conv(K, x)"},
      {"y - (x + y) - -x", "x - x + y - y"},
      {"-(x - 1)", "-(x - 1)"},
      {"k*(1 + x - lap(y))", "k*(x + 1 - lap(y))"},
      {"x^2 + y^2 + (1 + x)", "x + x^2 + y^2 + 1"},
      {"x", "x"},
  };
  Bench *bench = *state;
  for (size_t k = 0; k < sizeof pair / sizeof *pair; k++) {
    RhoNode node = RhoGraphArrange(bench->graph, Read(bench, pair[k][0]), NULL, NULL);
    assert_string_equal(Printed(bench, node), pair[k][1]);
  }
}

/* Property: the absent formula is absent; what is too large to collect, or no polynomial, comes back. */
static void Edges(void **state) {
  Bench *bench = *state;
  RhoGraph graph = bench->graph;
  assert_int_equal(Collected(bench, RHO_NONE), RHO_NONE);
  RhoNode x = Read(bench, "x"), infinite = RhoGraphConstant(graph, INFINITY), deep = x, wide = x;
  AssertSameNode(bench, Collected(bench, infinite), infinite);
  RhoNode over = Read(bench, "y/(x - x)");
  AssertSameNode(bench, Collected(bench, over), over);
  for (int k = 0; k < 20000; k++) deep = RhoGraph1(graph, k % 2 ? RHO_FN_SIN : RHO_FN_COS, deep);
  AssertSameNode(bench, Collected(bench, deep), deep);
  for (int k = 0; k < 60; k++)
    wide = RhoGraph2(graph, RHO_FN_MUL, RhoGraph2(graph, RHO_FN_ADD, wide, RhoGraph1(graph, RHO_FN_EXP, wide)), wide);
  assert_true(Collected(bench, wide) != RHO_NONE);
  assert_true(Collected(bench, Read(bench, "(a + b + c + e + f + g + x + y)^60 + a")) != RHO_NONE);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(Forms, SetupBench, TeardownBench),
      cmocka_unit_test(Values),
      cmocka_unit_test(Operators),
      cmocka_unit_test_setup_teardown(SharesFunctions, SetupBench, TeardownBench),
      cmocka_unit_test_setup_teardown(KeepsNames, SetupBench, TeardownBench),
      cmocka_unit_test_setup_teardown(Arranges, SetupBench, TeardownBench),
      cmocka_unit_test_setup_teardown(Edges, SetupBench, TeardownBench),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
