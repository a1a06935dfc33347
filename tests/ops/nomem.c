/* Out of memory at every allocation in turn: a status, never a jump out of the library, and the model can be used on.
 */
#include "ops_check.h"

static const char text[] = "fields: {a: density, b: density}\n"
                           "parameters: {k: 0.5}\n"
                           "free_energy: a*(log(a) - 1) + b^2*a + k*|grad(a)|^2/2\n"
                           "dynamics: {a: {mobility: a}, b: {flux: '-a*b*grad(a) - grad(b)', reaction: a - b}}\n";
static const char sampled[] = "fields: {a: density, b: density}\n"
                              "kernels: {K: {shape: gaussian, width: 1}}\n"
                              "dynamics: {a: {mobility: a, potential: 'log(a) + tanh(conv(K, a + b))'},\n"
                              "  b: {mobility: b, potential: 'log(b) + tanh(conv(K, a + b))'}}\n";

/* Property: creating equations. */
static void Creating(void **state) {
  (void)state;
  Loaded m = LoadText(1, text);
  RhoStatus status = RHO_NOMEM;
  int n = 0;
  for (; status == RHO_NOMEM; n++) {
    RhoEquations eq;
    RhoArenaFailAt(n + 1);
    status = RhoEquationsCreate(m.model, m.diag, &eq);
    RhoArenaFailAt(0);
    assert_true(status == RHO_OK || (status == RHO_NOMEM && !eq));
  }
  assert_true(n > 10);
  Unload(&m);
}

/* Property: the symbol, first and again. */
static void Symbols(void **state) {
  (void)state;
  static const double u[2] = {1, 2}, q = 1;
  Loaded m = LoadText(1, text);
  RhoArena arena = RhoArenaCreate();
  RhoWaves waves;
  double complex A[4];
  const double *all[RHO_MAXDIM] = {&q, NULL, NULL};
  Require(&m, RhoWavesCreate(m.eq, arena, 1, m.value, 1, all, NULL, &waves), "waves");
  RhoStatus status = RHO_NOMEM;
  for (int n = 1; status == RHO_NOMEM; n++) {
    RhoArenaFailAt(n);
    status = RhoSymbol(m.eq, RHO_PART_ALL, m.value, u, &waves, A);
    RhoArenaFailAt(0);
  }
  assert_int_equal(status, RHO_OK);
  RhoArenaDestroy(&arena);
  Unload(&m);
}

/* Property: the verdict says that it is out of memory, or is the one it is with memory. */
static void Verdicts(void **state) {
  (void)state;
  bool whole = false;
  for (int n = 1; !whole; n += 1 + n / 30) {
    Loaded m = LoadText(1, sampled);
    RhoArenaFailAt(n);
    RhoVerdict verdict = RhoVariationalTest(m.eq, m.value, 0, 0);
    RhoArenaFailAt(0);
    whole = verdict.applicable;
    if (whole) assert_int_equal(verdict.verdict, RHO_LOCAL);
    else assert_true(verdict.verdict == RHO_NOT_VARIATIONAL && verdict.reason[0]);
    Unload(&m);
  }
}

int main(void) {
  const struct CMUnitTest test[] = {cmocka_unit_test(Creating), cmocka_unit_test(Symbols), cmocka_unit_test(Verdicts)};
  return cmocka_run_group_tests(test, NULL, NULL);
}
