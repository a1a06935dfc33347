#include "formula_check.h"

static const char model[] = "-k*x*grad(log(x) + log(if(x > y, tanh(x/y)^2, bern(x)))) + lap(x^2)*grad(|x - y|^1.5)";

/* Everything a formula goes through; true when it came to its end. */
static bool Work(RhoArena arena) {
  if (setjmp(*RhoArenaGuard(arena))) return false;
  Bench bench = {.arena = arena, .graph = RhoGraphCreate(arena)};
  RhoNode node = Read(&bench, model), x = Read(&bench, "x"), v = Read(&bench, "v"), *coef, *atom, rest, bad;
  int nterm;
  RhoNode slope = RhoGraphDifferential(bench.graph, node, 1, &x, &v, 0);
  slope = RhoGraphDifferential(bench.graph, slope, 1, &x, &v, 0);
  RhoGraphAffine(bench.graph, slope, IsGradient, NULL, &nterm, &coef, &atom, &rest, &bad);
  assert_true(RhoGraphEqual(bench.graph, slope,
                            RhoGraph2(bench.graph, RHO_FN_SUB, Read(&bench, "2*x"), Read(&bench, "x + x"))) == false);
  assert_true(RhoGraphEqual(bench.graph, Read(&bench, "(x + y)^2/(x + y)"), Read(&bench, "x + y")));
  assert_true(strlen(Printed(&bench, slope)) > 100);
  assert_int_not_equal(RhoGraphCollect(bench.graph, slope, NULL, NULL), slope);
  RhoText text = RhoTextCreate(arena);
  RhoGraphPrintLatex(bench.graph, slope, text, NULL, NULL, NULL);
  return true;
}

/* Property: wherever memory runs out, the guard is taken, and nothing is lost. */
static void EveryAllocation(void **state) {
  bool done = false;
  (void)state;
  for (long n = 1; !done; n++) {
    RhoArena arena = RhoArenaCreate();
    RhoArenaFailAt(n);
    done = Work(arena);
    RhoArenaFailAt(0);
    RhoArenaDestroy(&arena);
    assert_true(n < 1000000 && (!done || n > 500));
    if (n > 2000) n += n / 50; /* the same places again and again */
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(EveryAllocation)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
