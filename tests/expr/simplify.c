#include "formula_check.h"

/* A formula as it was written, without any graph: the value that simplification must keep. */
typedef struct Tree_s {
  bool leaf;
  int symbol; /* of a leaf, or -1: the number */
  double number;
  RhoFunction f;
  struct Tree_s *arg[3];
} Tree;

enum { NSYMBOL = 3 };

static const double special[] = {0.0,     -0.0,    1.0,      -1.0,     2.0,       -2.0, 0.5,    -3.0, 1e-310,
                                 -1e-310, 1.7e308, -1.7e308, INFINITY, -INFINITY, NAN,  1e-200, 3e200};
enum { NSPECIAL = sizeof special / sizeof *special };

static const RhoFunction function[] = {
    RHO_FN_ADD, RHO_FN_SUB,  RHO_FN_MUL, RHO_FN_DIV,    RHO_FN_NEG, RHO_FN_ADD,  RHO_FN_SUB,  RHO_FN_MUL, RHO_FN_NEG,
    RHO_FN_DIV, RHO_FN_POWI, RHO_FN_POW, RHO_FN_ABS,    RHO_FN_EXP, RHO_FN_SQRT, RHO_FN_LT,   RHO_FN_EQ,  RHO_FN_NE,
    RHO_FN_AND, RHO_FN_OR,   RHO_FN_NOT, RHO_FN_SELECT, RHO_FN_MIN, RHO_FN_MAX,  RHO_FN_STEP, RHO_FN_SIGN};

static Tree *RandomTree(RhoArena arena, uint64_t *random, int depth) {
  Tree *tree = RhoArenaAlloc(arena, sizeof *tree);
  tree->leaf = depth == 0 || Random(random, 8) == 0;
  if (tree->leaf) {
    tree->symbol = Random(random, 3) ? Random(random, NSYMBOL) : -1;
    tree->number = special[Random(random, NSPECIAL)];
    return tree;
  }
  tree->f = function[Random(random, sizeof function / sizeof *function)];
  for (int k = 0; k < RhoFunctionArgs(tree->f); k++) tree->arg[k] = RandomTree(arena, random, depth - 1);
  if (tree->f == RHO_FN_POWI) *tree->arg[1] = (Tree){.leaf = true, .symbol = -1, .number = Random(random, 7) - 2};
  return tree;
}

static double TreeValue(const Tree *tree, const double *symbol) {
  double x[3] = {0, 0, 0};
  if (tree->leaf) return tree->symbol < 0 ? tree->number : symbol[tree->symbol];
  for (int k = 0; k < RhoFunctionArgs(tree->f); k++) x[k] = TreeValue(tree->arg[k], symbol);
  return RhoFunctionValue(tree->f, x[0], x[1], x[2]);
}

static RhoNode TreeNode(Bench *bench, const Tree *tree, const RhoNode *symbol) {
  RhoNode arg[3];
  if (tree->leaf) return tree->symbol < 0 ? RhoGraphConstant(bench->graph, tree->number) : symbol[tree->symbol];
  for (int k = 0; k < RhoFunctionArgs(tree->f); k++) arg[k] = TreeNode(bench, tree->arg[k], symbol);
  return RhoGraphCall(bench->graph, tree->f, 0, arg);
}

/* Property: a simplified formula has the value of the formula as written, bit for bit: signs of zero, infinities, and
   NaN where there was NaN. */
static void KeepsValues(void **state) {
  uint64_t random = 29;
  (void)state;
  for (int k = 0; k < 60000; k++) {
    Bench bench = {.arena = RhoArenaCreate()};
    bench.graph = RhoGraphCreate(bench.arena);
    RhoNode symbol[NSYMBOL] = {Read(&bench, "x"), Read(&bench, "y"), Read(&bench, "z")};
    Tree *tree = RandomTree(bench.arena, &random, 2 + k % 4);
    RhoNode node = TreeNode(&bench, tree, symbol);
    for (int trial = 0; trial < 20; trial++) {
      double x[NSYMBOL];
      for (int i = 0; i < NSYMBOL; i++) x[i] = special[Random(&random, NSPECIAL)];
      double written = TreeValue(tree, x), simplified = Value(&bench, node, x, NSYMBOL);
      if (!Same(written, simplified))
        fail_msg("%s at %g %g %g is %g, not %g", Printed(&bench, node), x[0], x[1], x[2], simplified, written);
    }
    RhoArenaDestroy(&bench.arena);
  }
}

/* Property: these pairs are one node. */
static void OneNode(void **state) {
  static const char *const same[][2] = {
      {"a + b", "b + a"},
      {"a*b", "b*a"},
      {"a + (-b)", "a - b"},
      {"-b + a", "a - b"},
      {"a - (-b)", "a + b"},
      {"a + -2", "a - 2"},
      {"-2*b + a", "a - 2*b"},
      {"(-a)*b", "-(a*b)"},
      {"a*(-b)", "-(a*b)"},
      {"(-a)*(-b)", "a*b"},
      {"(-a)/b", "-(a/b)"},
      {"a/(-b)", "-(a/b)"},
      {"a/-2", "-(a/2)"},
      {"-a - b", "-b - a"},
      {"2*3 + a", "6 + a"},
      {"a*1", "a"},
      {"1*a", "a"},
      {"a/1", "a"},
      {"a - 0", "a"},
      {"a^1", "a"},
      {"a^0", "1"},
      {"-(-a)", "a"},
      {"-1*a", "-a"},
      {"if(1, a, b)", "a"},
      {"if(0, a, b)", "b"},
      {"if(a, b, b)", "b"},
      {"|-a|", "|a|"},
      {"|(|a|)|", "|a|"},
      {"a == b", "b == a"},
      {"a and b", "b and a"},
      {"-(2*a)", "-2*a"},
      {"exp(0)", "1"},
      {"(-2*a)*b", "-(2*a*b)"},
      {"a + 0*2", "a + 0"},
      {"x*y + sin(y + x)", "sin(x + y) + y*x"},
      {"dot(grad(a), grad(b))", "dot(grad(b), grad(a))"},
  };
  for (size_t k = 0; k < sizeof same / sizeof *same; k++) AssertReads(*state, same[k][0], same[k][1]);
}

/* Property: what would hide a NaN, an infinity or a signed zero stays. */
static void Stays(void **state) {
  static const char *const differ[][2] = {{"0*a", "0"},
                                          {"a - a", "0"},
                                          {"a/a", "1"},
                                          {"a + 0", "a"},
                                          {"0 - a", "-a"},
                                          {"-(a - b)", "b - a"},
                                          {"1/0", "2/0"},
                                          {"log(-1)", "0"},
                                          {"a*a", "a^2"},
                                          {"a - b", "b - a"},
                                          {"a/b", "b/a"},
                                          {"if(a, b, c)", "if(a, c, b)"},
                                          {"min(a, b)", "min(b, a)"},
                                          {"(a + b) + c", "a + (b + c)"}};
  Bench *bench = *state;
  for (size_t k = 0; k < sizeof differ / sizeof *differ; k++)
    if (Read(bench, differ[k][0]) == Read(bench, differ[k][1])) fail_msg("%s is %s", differ[k][0], differ[k][1]);
  assert_int_equal(RhoGraphNode(bench->graph, Read(bench, "1/0")).kind, RHO_CALL);
}

/* Property: sums and products of linear forms know structural zeros and ones. */
static void StructuralZeros(void **state) {
  Bench *bench = *state;
  RhoGraph graph = bench->graph;
  RhoNode x = Read(bench, "x"), zero = RhoGraphConstant(graph, 0), one = RhoGraphConstant(graph, 1);
  assert_int_equal(RhoGraphPlus(graph, RHO_NONE, x), x);
  assert_int_equal(RhoGraphPlus(graph, x, RHO_NONE), x);
  assert_int_equal(RhoGraphPlus(graph, RHO_NONE, RHO_NONE), RHO_NONE);
  assert_int_equal(RhoGraphTimes(graph, RHO_NONE, x), RHO_NONE);
  assert_int_equal(RhoGraphTimes(graph, x, zero), RHO_NONE);
  assert_int_equal(RhoGraphTimes(graph, one, x), x);
  assert_int_equal(RhoGraphTimes(graph, x, one), x);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(KeepsValues),
      cmocka_unit_test_setup_teardown(OneNode, SetupBench, TeardownBench),
      cmocka_unit_test_setup_teardown(Stays, SetupBench, TeardownBench),
      cmocka_unit_test_setup_teardown(StructuralZeros, SetupBench, TeardownBench),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
