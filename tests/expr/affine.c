#include "formula_check.h"

typedef struct {
  int n;
  RhoNode *coef, *atom, rest, bad;
} Form;

static bool Split(Bench *bench, RhoNode node, RhoAtomFn atom, Form *form) {
  return RhoGraphAffine(bench->graph, node, atom, NULL, &form->n, &form->coef, &form->atom, &form->rest, &form->bad);
}

static RhoNode Joined(RhoGraph graph, const Form *form) {
  RhoNode sum = form->rest;
  for (int k = 0; k < form->n; k++) sum = RhoGraphPlus(graph, sum, RhoGraphTimes(graph, form->coef[k], form->atom[k]));
  return sum;
}

/* A random formula affine in the atoms: sums, signs, products and quotients with free factors, choices. */
static RhoNode RandomAffine(Bench *bench, uint64_t *random, int depth, int natom, const RhoNode *atom, int nfree,
                            const RhoNode *free) {
  RhoGraph graph = bench->graph;
  RhoNode factor = free[Random(random, nfree)];
  if (depth == 0) return Random(random, 3) ? atom[Random(random, natom)] : factor;
  RhoNode x = RandomAffine(bench, random, depth - 1, natom, atom, nfree, free);
  RhoNode y = RandomAffine(bench, random, depth - 1, natom, atom, nfree, free);
  switch (Random(random, 6)) {
  case 0: return RhoGraph2(graph, RHO_FN_ADD, x, y);
  case 1: return RhoGraph2(graph, RHO_FN_SUB, x, y);
  case 2: return RhoGraph1(graph, RHO_FN_NEG, x);
  case 3: return RhoGraph2(graph, RHO_FN_MUL, factor, x);
  case 4: return RhoGraph2(graph, RHO_FN_DIV, x, factor);
  default: return RhoGraphCall(graph, RHO_FN_SELECT, 0, (RhoNode[]){factor, x, y});
  }
}

/* Property: rest + sum of coef * atom is the formula; coefficients and rest are free of atoms, atoms differ. */
static void JoinsAgain(void **state) {
  uint64_t random = 61;
  (void)state;
  for (int k = 0; k < 1500; k++) {
    Bench bench = {.arena = RhoArenaCreate()};
    bench.graph = RhoGraphCreate(bench.arena);
    RhoNode atom[3] = {Read(&bench, "grad(x)"), Read(&bench, "grad(y)"), Read(&bench, "grad(x*y)")};
    RhoNode free[4] = {Read(&bench, "x"), Read(&bench, "k"), Read(&bench, "-2"), Read(&bench, "exp(y)")};
    RhoNode node = RandomAffine(&bench, &random, 2 + k % 4, 3, atom, 4, free);
    Form form;
    assert_true(Split(&bench, node, IsGradient, &form));
    assert_int_equal(form.bad, RHO_NONE);
    if (!RhoGraphEqual(bench.graph, node, Joined(bench.graph, &form)))
      fail_msg("%s is not %s", Printed(&bench, node), Printed(&bench, Joined(bench.graph, &form)));
    assert_false(RhoGraphContainsOperator(bench.graph, form.rest, RHO_OP_GRAD));
    for (int i = 0; i < form.n; i++) {
      assert_false(RhoGraphContainsOperator(bench.graph, form.coef[i], RHO_OP_GRAD));
      for (int j = 0; j < i; j++) assert_int_not_equal(form.atom[i], form.atom[j]);
    }
    RhoArenaDestroy(&bench.arena);
  }
}

/* Property: what is not affine says where. */
static void NotAffine(void **state) {
  static const char *const row[][2] = {{"1 + exp(grad(x))", "exp(grad(x))"},
                                       {"x*(grad(x)*grad(y))", "grad(x)*grad(y)"},
                                       {"x/grad(y) - 1", "x/grad(y)"},
                                       {"if(grad(x) > 0, x, y)", "0 < grad(x)"},
                                       {"if(grad(x), x, y)", "if(grad(x), x, y)"},
                                       {"(2*grad(x))^2", "(2*grad(x))^2"},
                                       {"lap(2*grad(x))", "lap(2*grad(x))"}};
  Bench *bench = *state;
  for (size_t k = 0; k < sizeof row / sizeof *row; k++) {
    Form form;
    assert_false(Split(bench, Read(bench, row[k][0]), IsGradient, &form));
    AssertSameNode(bench, form.bad, Read(bench, row[k][1]));
  }
}

/* Property: the fluxes of papers come apart into what stands there. */
static void Fluxes(void **state) {
  Bench *bench = *state;
  Form form;
  assert_true(Split(bench, Read(bench, "-M*grad(x^3 - x)"), IsGradient, &form));
  assert_int_equal(form.n, 1);
  AssertSameNode(bench, form.coef[0], Read(bench, "-M"));
  AssertSameNode(bench, form.atom[0], Read(bench, "grad(x^3 - x)"));
  assert_int_equal(form.rest, RHO_NONE);
  assert_true(Split(bench, Read(bench, "-x*grad(y) - T*grad(x) + lap(x)*grad(y)"), IsGradient, &form));
  assert_int_equal(form.n, 2);
  assert_true(Split(bench, Read(bench, "x + k"), IsGradient, &form));
  assert_int_equal(form.n, 0);
  AssertSameNode(bench, form.rest, Read(bench, "x + k"));
  assert_true(Split(bench, RHO_NONE, IsGradient, &form));
  assert_true(form.n == 0 && form.rest == RHO_NONE);
}

/* grad(...) outermost: what contains one and is not one; asks the graph while it is walked. */
static bool IsGradientAsking(RhoGraph graph, RhoNode node, void *ctx) {
  RhoGraphDependsOn(graph, node, 1, &node);
  return IsGradient(graph, node, ctx);
}

/* Property: the outermost atoms are taken, and the caller may ask the graph anything meanwhile. */
static void Outermost(void **state) {
  Bench *bench = *state;
  Form form;
  assert_true(Split(bench, Read(bench, "2*grad(lap(grad(x)))"), IsGradientAsking, &form));
  assert_int_equal(form.n, 1);
  AssertSameNode(bench, form.atom[0], Read(bench, "grad(lap(grad(x)))"));
  assert_true(Split(bench, Read(bench, "grad(x)"), IsGradientAsking, &form));
  AssertSameNode(bench, form.coef[0], Read(bench, "1"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(JoinsAgain),
      cmocka_unit_test_setup_teardown(NotAffine, SetupBench, TeardownBench),
      cmocka_unit_test_setup_teardown(Fluxes, SetupBench, TeardownBench),
      cmocka_unit_test_setup_teardown(Outermost, SetupBench, TeardownBench),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
