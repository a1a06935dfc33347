#include "formula_check.h"

static const RhoFunction function[] = {RHO_FN_ADD, RHO_FN_SUB, RHO_FN_MUL, RHO_FN_DIV,   RHO_FN_POWI,
                                       RHO_FN_EXP, RHO_FN_NEG, RHO_FN_LOG, RHO_FN_SELECT};
enum { NFUNCTION = sizeof function / sizeof *function };

/* Property: arguments come before the node, no two nodes are alike, and making all nodes again makes none. */
static void Unique(void **state) {
  Bench *bench = *state;
  uint64_t random = 41;
  RhoNode leaf[3] = {Read(bench, "x"), Read(bench, "k"), Read(bench, "lap(x)")};
  for (int k = 0; k < 300; k++) RandomNode(bench, &random, 3, leaf, NFUNCTION, function, 12);
  int n = RhoGraphSize(bench->graph);
  for (RhoNode i = 0; i < n; i++) {
    RhoNodeInfo info = RhoGraphNode(bench->graph, i);
    for (int k = 0; k < info.narg; k++) assert_true(info.arg[k] < i);
    assert_int_equal(RhoGraphIntern(bench->graph, &info), i);
  }
  assert_int_equal(RhoGraphSize(bench->graph), n);
}

/* Property: a symbol is its kind and name. */
static void Symbols(void **state) {
  RhoGraph graph = ((Bench *)*state)->graph;
  char name[16] = "phi";
  RhoNode phi = RhoGraphSymbol(graph, RHO_SYM_FIELD, name);
  strcpy(name, "psi"); /* the graph keeps a copy */
  assert_string_equal(RhoGraphSymbolName(graph, phi), "phi");
  assert_int_equal(RhoGraphSymbol(graph, RHO_SYM_FIELD, "phi"), phi);
  assert_int_not_equal(RhoGraphSymbol(graph, RHO_SYM_PARAMETER, "phi"), phi);
  assert_int_not_equal(RhoGraphSymbol(graph, RHO_SYM_FIELD, "psi"), phi);
  for (int k = 0; k < 1000; k++) {
    snprintf(name, sizeof name, "s%d", k);
    assert_int_equal(RhoGraphSymbol(graph, RHO_SYM_FIELD, name), RhoGraphSymbol(graph, RHO_SYM_FIELD, name));
  }
  assert_int_equal(RhoGraphSymbol(graph, RHO_SYM_FIELD, "phi"), phi);
}

/* Property: operators with different kernels, and tables of different order, are different nodes. */
static void Attributes(void **state) {
  Bench *bench = *state;
  RhoNode x = Read(bench, "x");
  for (int k = 0; k < 3000; k++)
    assert_int_equal(RhoGraphNode(bench->graph, RhoGraphApply(bench->graph, RHO_OP_CONV, k, &x)).attr, k);
}

/* Property: zeros of either sign are two constants; whole powers of constants up to 1024 are POWI. */
static void ConstantsAndPowers(void **state) {
  RhoGraph graph = ((Bench *)*state)->graph;
  RhoNode x = NamedSymbol(graph, "x");
  assert_int_not_equal(RhoGraphConstant(graph, 0.0), RhoGraphConstant(graph, -0.0));
  assert_int_equal(RhoGraphConstant(graph, NAN), RhoGraphConstant(graph, NAN));
  assert_true(RhoGraphIsCall(graph, RhoGraphPower(graph, x, RhoGraphConstant(graph, -1024)), RHO_FN_POWI));
  assert_true(RhoGraphIsCall(graph, RhoGraphPower(graph, x, RhoGraphConstant(graph, 1025)), RHO_FN_POW));
  assert_true(RhoGraphIsCall(graph, RhoGraphPower(graph, x, RhoGraphConstant(graph, 0.5)), RHO_FN_POW));
  assert_true(RhoGraphIsCall(graph, RhoGraphPower(graph, x, x), RHO_FN_POW));
}

/* Property: rank 1 comes from grad and passes through sums, products, quotients, signs and choices only. */
static void Ranks(void **state) {
  static const struct {
    const char *text;
    int rank;
  } row[] = {{"grad(x)", 1},
             {"-k*grad(x)/y", 1},
             {"grad(x) + grad(y)", 1},
             {"if(x > 0, grad(x), 2*grad(y))", 1},
             {"lap(x)", 0},
             {"|grad(x)|^2", 0},
             {"x*lap(x)", 0},
             {"grad(x) - grad(y)", 1},
             {"dot(grad(x), grad(y))", 0},
             {"div(x*grad(y))", 0}};
  Bench *bench = *state;
  for (size_t k = 0; k < sizeof row / sizeof *row; k++)
    assert_int_equal(RhoGraphNode(bench->graph, Read(bench, row[k].text)).rank, row[k].rank);
}

/* Property: what a node depends on is what its text names. */
static void Dependence(void **state) {
  Bench *bench = *state;
  RhoGraph graph = bench->graph;
  RhoNode e = Read(bench, "k*lap(x*y) + exp(t)"), set[] = {Read(bench, "z"), Read(bench, "y")};
  assert_true(RhoGraphDependsOn(graph, e, 2, set));
  assert_false(RhoGraphDependsOn(graph, e, 1, set));
  assert_true(RhoGraphDependsOn(graph, e, 1, &e));
  assert_false(RhoGraphDependsOn(graph, RHO_NONE, 2, set));
  assert_true(RhoGraphDependsOnKind(graph, e, RHO_SYM_TIME));
  assert_true(RhoGraphDependsOnKind(graph, e, RHO_SYM_PARAMETER));
  assert_false(RhoGraphDependsOnKind(graph, e, RHO_SYM_COORDINATE));
  assert_true(RhoGraphContainsOperator(graph, e, -1));
  assert_true(RhoGraphContainsOperator(graph, e, RHO_OP_LAP));
  assert_false(RhoGraphContainsOperator(graph, e, RHO_OP_GRAD));
  assert_false(RhoGraphContainsOperator(graph, Read(bench, "k*x"), -1));
}

/* Replaces x by y + 1, and asks the graph about the node as a caller may. */
static RhoNode Substitute(RhoGraph graph, RhoNode node, const RhoNode *arg, void *ctx) {
  const RhoNode *pair = ctx;
  (void)arg;
  RhoGraphDependsOn(graph, node, 1, pair);
  return node == pair[0] ? RhoGraphRewrite(graph, pair[1], Substitute, (RhoNode[]){RHO_NONE, RHO_NONE}) : RHO_NONE;
}

/* Property: rewriting a leaf gives the node that the substituted text gives, and leaves alone what has no leaf. */
static void Rewrite(void **state) {
  static const char *const pair[][2] = {
      {"x", "y + 1"},
      {"exp(x) + lap(x*k)", "exp(y + 1) + lap((y + 1)*k)"},
      {"z*k", "z*k"},
      {"if(x > 1, x^2, z)", "if(y + 1 > 1, (y + 1)^2, z)"},
      {"div(x*grad(z))", "div((y + 1)*grad(z))"},
  };
  Bench *bench = *state;
  RhoNode swap[2] = {Read(bench, "x"), Read(bench, "y + 1")};
  for (size_t k = 0; k < sizeof pair / sizeof *pair; k++) {
    RhoNode made = RhoGraphRewrite(bench->graph, Read(bench, pair[k][0]), Substitute, swap);
    AssertSameNode(bench, made, Read(bench, pair[k][1]));
  }
  assert_int_equal(RhoGraphRewrite(bench->graph, RHO_NONE, Substitute, swap), RHO_NONE);
}

/* Property: a node keeps the place where it was written first; a derived node gets one when it is written. */
static void Places(void **state) {
  Bench *bench = *state;
  RhoGraph graph = bench->graph;
  RhoNode x = NamedSymbol(graph, "x"), square = Read(bench, "x^2");
  assert_int_equal(RhoGraphNode(graph, square).place.source, -1);
  for (int k = 1; k < 3; k++) {
    RhoGraphSetPlace(graph, (RhoPlace){0, k, 1});
    assert_int_equal(Read(bench, "x^2"), square);
    assert_int_equal(RhoGraphNode(graph, square).place.offset, 1);
  }
  RhoNode slope = RhoGraphDifferential(graph, square, 1, &x, (RhoNode[]){NamedSymbol(graph, "v")}, 0);
  assert_int_equal(RhoGraphNode(graph, slope).place.source, -1);
}

/* Property: the first NaN or infinity is found where it arises, in the branch that is taken, and nowhere else. */
static void FirstBad(void **state) {
  static const struct {
    const char *text, *bad;
  } row[] = {{"1 + log(x)*2", "log(x)"},          {"if(x > 0, log(x), y)", NULL},  {"if(x < 0, log(x), y)", "log(x)"},
             {"exp(1/(x + 1)) + y", "1/(x + 1)"}, {"sqrt(y) + lap(log(x))", NULL}, {"y^0.5", NULL}};
  Bench *bench = *state;
  for (size_t k = 0; k < sizeof row / sizeof *row; k++) {
    RhoNode node = Read(bench, row[k].text), want = row[k].bad ? Read(bench, row[k].bad) : RHO_NONE, bad;
    double value[64] = {0};
    value[Read(bench, "x")] = -1;
    value[Read(bench, "y")] = 2;
    Point point = {value, 64};
    RhoGraphValue(bench->graph, node, ValueAt, &point, &bad);
    assert_int_equal(bad, want);
  }
}

/* Property: a formula hundreds of thousands of levels deep is no deeper for the stack. */
static void Deep(void **state) {
  Bench *bench = *state;
  RhoGraph graph = bench->graph;
  RhoNode x = Read(bench, "x"), y = Read(bench, "y"), sum = x, v = Read(bench, "v"), bad;
  for (int k = 0; k < 200000; k++) sum = RhoGraph2(graph, RHO_FN_ADD, RhoGraph2(graph, RHO_FN_MUL, x, sum), y);
  double *value = calloc((size_t)RhoGraphSize(graph), sizeof *value);
  value[x] = 0.5, value[y] = 1;
  assert_true(fabs(Value(bench, sum, value, 8) - 2) < 1e-12);
  free(value);
  RhoNode slope = RhoGraphDifferential(graph, sum, 1, &y, &v, 0);
  assert_true(RhoGraphDependsOn(graph, slope, 1, &v));
  assert_int_equal(RhoGraphDifferential(graph, sum, 1, &v, &v, 0), RHO_NONE);
  assert_false(RhoGraphEqual(graph, sum, slope));
  int nterm;
  RhoNode *coef, *atom, rest;
  assert_true(RhoGraphAffine(graph, sum, IsGradient, NULL, &nterm, &coef, &atom, &rest, &bad));
  assert_int_equal(rest, sum);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(Unique, SetupBench, TeardownBench),
      cmocka_unit_test_setup_teardown(Symbols, SetupBench, TeardownBench),
      cmocka_unit_test_setup_teardown(Attributes, SetupBench, TeardownBench),
      cmocka_unit_test_setup_teardown(ConstantsAndPowers, SetupBench, TeardownBench),
      cmocka_unit_test_setup_teardown(Ranks, SetupBench, TeardownBench),
      cmocka_unit_test_setup_teardown(Dependence, SetupBench, TeardownBench),
      cmocka_unit_test_setup_teardown(Rewrite, SetupBench, TeardownBench),
      cmocka_unit_test_setup_teardown(Places, SetupBench, TeardownBench),
      cmocka_unit_test_setup_teardown(FirstBad, SetupBench, TeardownBench),
      cmocka_unit_test_setup_teardown(Deep, SetupBench, TeardownBench),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
