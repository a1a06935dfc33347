#include "formula_check.h"

/* Property: these identities are proved. */
static void Identities(void **state) {
  static const char *const same[][2] = {
      {"(x + y)^2", "x^2 + 2*x*y + y^2"},
      {"(x + y)^5 - (x - y)^5", "2*y*(5*x^4 + 10*x^2*y^2 + y^4)"},
      {"(x^4 - 1)/(x - 1)", "x^3 + x^2 + x + 1"},
      {"x/(x + y) + y/(x + y)", "1"},
      {"1/(1 + 1/(x + y))", "(x + y)/(x + y + 1)"},
      {"1/(2*x + 2*y)", "0.5/(x + y)"},
      {"1/(x^2 + x*y)", "(1/x - 1/(x + y))/y"},
      {"x/3*3", "x"},
      {"0.1*x + 0.2*x", "0.3*x"},
      {"1.1283791670955126*x*2", "2.2567583341910252*x"},
      {"-(x - y)", "y - x"},
      {"x - x", "0"},
      {"x^-2*x^3", "x"},
      {"sqrt(x)*sqrt(x)", "x"},
      {"0.5/sqrt(x)", "sqrt(x)/(2*x)"},
      {"x^1.5", "x*sqrt(x)"},
      {"x^(y + 2)", "x^2*x^y"},
      {"tanh(x)^2", "tanh(x)*tanh(x)"},
      {"sin(x - y)", "-sin(y - x)"},
      {"cos(x - y)", "cos(y - x)"},
      {"log((x + y)^2)", "log(x^2 + 2*x*y + y^2)"},
      {"log(x/(x + y) + y/(x + y) + z)", "log(1 + z)"},
      {"exp(x/(y + z))", "exp(1/(y/x + z/x))"},
      {"abs(-2*x)", "2*abs(x)"},
      {"if(x > y, 2*z, 2*x)", "2*if(x > y, z, x)"},
      {"if(x > y, z, 0) + if(x > y, 0, z)", "z"},
      {"not x < y", "x >= y"},
      {"max(x, y) + min(x, y)", "x + y"},
      {"lap(x + 2*y)", "lap(x) + 2*lap(y)"},
      {"lap((x + y)^2)", "lap(x^2) + 2*lap(x*y) + lap(y^2)"},
      {"lap(k*x/m)", "k*lap(x)/m"},
      {"lap(k + x)", "lap(x)"},
      {"grad(t)", "0"},
      {"div(k*grad(x))", "k*lap(x)"},
      {"div((x + k)*grad(y))", "div(x*grad(y)) + k*lap(y)"},
      {"div(x*grad(k))", "0"},
      {"conv(K, k + x)", "k*conv(K, 1) + conv(K, x)"},
      {"dot(grad(x), grad(y + k*x))", "dot(grad(y), grad(x)) + k*|grad(x)|^2"},
      {"integral(r, k*x - y)", "k*integral(r, x) - integral(r, y)"},
      {"d(k*x, r)", "k*d(x, r)"},
      /* reciprocity of a ternary mixture: d mu_x/d y = d mu_y/d x */
      {"1/(1 - x - y) + k", "(1 + k*(1 - x - y))/(1 - x - y)"},
  };
  Bench *bench = *state;
  for (size_t k = 0; k < sizeof same / sizeof *same; k++)
    if (!RhoGraphEqual(bench->graph, Read(bench, same[k][0]), Read(bench, same[k][1])))
      fail_msg("%s = %s is not proved", same[k][0], same[k][1]);
}

/* Property: these are not equal. */
static void Different(void **state) {
  static const char *const differ[][2] = {
      {"(x + y)^2", "x^2 + y^2"},
      {"x + 1e-9*y", "x"},
      {"(x + y)^3", "x^3 + 3*x^2*y + 3*x*y^2 + 1.000001*y^3"},
      {"x/y", "y/x"},
      {"sqrt(x^2)", "-x"},
      {"log(x*y)", "log(x)*log(y)"},
      {"x^y", "y^x"},
      {"sin(x)", "sin(-x)"},
      {"abs(x)", "x"},
      {"if(x > y, x, y)", "if(x > y, y, x)"},
      {"x < y", "x <= y"},
      {"lap(x*y)", "x*lap(y) + y*lap(x)"},
      {"lap(x^2)", "lap(x)^2"},
      {"lap(x*y)", "lap(x)*y"},
      {"div(x*grad(y))", "x*lap(y)"},
      {"div(x*grad(y))", "div(y*grad(x))"},
      {"conv(K, 1)", "0"},
      {"conv(K, x*y)", "x*conv(K, y)"},
      {"grad(x)", "grad(y)"},
      {"grad(r)", "0"},
      {"lap(conv(K, k))", "lap(x)"},
      {"exp(x + y)", "exp(x) + exp(y)"},
      {"x/(x - x)", "y/(x - x)"},
      {"1/(x + y)", "1/x + 1/y"},
      {"max(x, y)", "min(x, y)"},
      {"0.3333*x", "x/3"},
  };
  Bench *bench = *state;
  for (size_t k = 0; k < sizeof differ / sizeof *differ; k++)
    if (RhoGraphEqual(bench->graph, Read(bench, differ[k][0]), Read(bench, differ[k][1])))
      fail_msg("%s = %s was proved", differ[k][0], differ[k][1]);
}

static const RhoFunction function[] = {RHO_FN_ADD,  RHO_FN_SUB,    RHO_FN_MUL, RHO_FN_MUL, RHO_FN_DIV,
                                       RHO_FN_NEG,  RHO_FN_POWI,   RHO_FN_ADD, RHO_FN_EXP, RHO_FN_TANH,
                                       RHO_FN_SQRT, RHO_FN_SELECT, RHO_FN_MAX, RHO_FN_ABS, RHO_FN_LT};
enum { NFUNCTION = sizeof function / sizeof *function };

static const RhoFunction ring[] = {RHO_FN_ADD, RHO_FN_SUB, RHO_FN_MUL, RHO_FN_NEG, RHO_FN_EXP};

/* A part of the formula becomes something slightly or entirely else. */
static RhoNode Perturbed(Bench *bench, uint64_t *random, RhoNode node, const RhoNode *leaf) {
  static const double factor[] = {1.0001, 2, -1, 0.999999};
  Swap swap = {Random(random, node + 1), RHO_NONE};
  RhoNode change = RhoGraphConstant(bench->graph, factor[Random(random, 4)]);
  swap.to = Random(random, 2) ? RhoGraph2(bench->graph, RHO_FN_MUL, swap.from, change)
                              : RhoGraph2(bench->graph, RHO_FN_ADD, leaf[Random(random, 3)], change);
  return RhoGraphRewrite(bench->graph, node, Replace, &swap);
}

/* Largest relative difference at points where both are finite, and moderate. */
static double Difference(Bench *bench, uint64_t *random, RhoNode a, RhoNode b) {
  double largest = 0;
  for (int trial = 0; trial < 12; trial++) {
    double value[3];
    for (int k = 0; k < 3; k++) value[k] = Uniform(random, 0.3, 2);
    double x = Value(bench, a, value, 3), y = Value(bench, b, value, 3);
    if (!isfinite(x) || !isfinite(y) || fabs(x) > 1e4) continue;
    double difference = fabs(x - y) / (1 + fabs(x));
    largest = difference > largest ? difference : largest;
  }
  return largest;
}

/* Property: what is proved equal has equal values; what differs in value is not proved. */
static void Sound(void **state) {
  uint64_t random = 71;
  int nequal = 0, ndiffer = 0;
  (void)state;
  for (int k = 0; k < 20000; k++) {
    Bench bench = {.arena = RhoArenaCreate()};
    bench.graph = RhoGraphCreate(bench.arena);
    RhoNode leaf[3] = {Read(&bench, "x"), Read(&bench, "y"), Read(&bench, "k")};
    RhoNode a = RandomNode(&bench, &random, 3, leaf, NFUNCTION, function, 3 + k % 9);
    RhoNode b = Perturbed(&bench, &random, a, leaf);
    double difference = Difference(&bench, &random, a, b);
    bool equal = RhoGraphEqual(bench.graph, a, b);
    if (equal && difference > 1e-8) fail_msg("%s is not %s", Printed(&bench, a), Printed(&bench, b));
    nequal += equal && a != b;
    ndiffer += difference > 1e-8;
    RhoArenaDestroy(&bench.arena);
  }
  assert_true(nequal > 200 && ndiffer > 2000);
}

/* A polynomial in x, y, k written at random: terms in random order, products in random association. */
static RhoNode Shuffled(Bench *bench, uint64_t *random, int n, const RhoNode *item, RhoFunction f) {
  RhoNode pool[16];
  for (int k = 0; k < n; k++) pool[k] = item[k];
  for (; n > 1; n--) {
    int i = Random(random, n), j;
    RhoNode first = pool[i];
    pool[i] = pool[n - 1];
    j = Random(random, n - 1);
    pool[j] = RhoGraph2(bench->graph, f, first, pool[j]);
  }
  return pool[0];
}

/* Property: the order and association of sums and of products do not matter, nor does distributing one over the other.
 */
static void Rearranged(void **state) {
  uint64_t random = 73;
  (void)state;
  for (int k = 0; k < 300; k++) {
    Bench bench = {.arena = RhoArenaCreate()};
    bench.graph = RhoGraphCreate(bench.arena);
    RhoNode leaf[3] = {Read(&bench, "x"), Read(&bench, "y"), Read(&bench, "k")}, item[6], spread[6];
    for (int i = 0; i < 6; i++) item[i] = RandomNode(&bench, &random, 3, leaf, 5, ring, 3);
    RhoNode factor = RhoGraph2(bench.graph, RHO_FN_DIV, item[5], RhoGraph1(bench.graph, RHO_FN_EXP, item[4]));
    for (int i = 0; i < 5; i++) spread[i] = RhoGraph2(bench.graph, RHO_FN_MUL, item[i], factor);
    RhoNode a = RhoGraph2(bench.graph, RHO_FN_MUL, factor, Shuffled(&bench, &random, 5, item, RHO_FN_ADD));
    RhoNode b = Shuffled(&bench, &random, 5, spread, RHO_FN_ADD);
    RhoNode c = Shuffled(&bench, &random, 5, item, RHO_FN_MUL), d = Shuffled(&bench, &random, 5, item, RHO_FN_MUL);
    if (!RhoGraphEqual(bench.graph, a, b)) fail_msg("%s = %s is not proved", Printed(&bench, a), Printed(&bench, b));
    assert_true(RhoGraphEqual(bench.graph, c, d));
    RhoArenaDestroy(&bench.arena);
  }
}

/* Property: the absent node is zero, and a formula too large to expand is given up without harm. */
static void Edges(void **state) {
  Bench *bench = *state;
  RhoGraph graph = bench->graph;
  RhoNode large = Read(bench, "(a + b + c + e + f + g + x + y)^60");
  assert_true(RhoGraphEqual(graph, RHO_NONE, RHO_NONE));
  assert_true(RhoGraphEqual(graph, RHO_NONE, Read(bench, "x - x")));
  assert_false(RhoGraphEqual(graph, RHO_NONE, Read(bench, "x")));
  assert_true(RhoGraphEqual(graph, large, large));
  assert_false(RhoGraphEqual(graph, large, Read(bench, "x")));
  assert_false(RhoGraphEqual(graph, RhoGraphConstant(graph, INFINITY), Read(bench, "x")));
  assert_true(RhoGraphEqual(graph, Read(bench, "x + y"), Read(bench, "y + x + 0")));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(Identities, SetupBench, TeardownBench),
      cmocka_unit_test_setup_teardown(Different, SetupBench, TeardownBench),
      cmocka_unit_test(Sound),
      cmocka_unit_test(Rearranged),
      cmocka_unit_test_setup_teardown(Edges, SetupBench, TeardownBench),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
