/* nomem.c - whichever allocation fails, the call says so and leaves nothing behind (see it with valgrind or asan). */
#include "check.h"

static const char *const text =
    "index: {\"i, j\": [A, B]}\nparameters: {\"T[i]\": [1, 2], l: 1, self: \"K(0)\"}\n"
    "kernels: {K: {shape: bump, radius: l}, \"M[i,j]\": {r: \"1 - exp(-u(r)/T[i])\", dim: 3}}\n"
    "define: {\"u(r)\": \"exp(-r^2)\", \"s[i]\": \"conv(K, c[i]) + self\"}\n"
    "fields: {\"c[i]\": density}\nfree_energy: \"sum(i, T[i]*c[i]*log(c[i])) + |grad(c[A])|^2\"\n"
    "dim: 1\ndynamics:\n  \"c[i]\":\n    mobility: >\n      c[i]\n      *s[i]\n"
    "exchange:\n  - {for: \"i, j\", if: \"i < j\", from: \"c[i]\", to: \"2 c[j]\", rate: \"c[i]\"}\n"
    "initial: {flat: {\"c[i]\": \"1 + x/Lx\"}}\n"
    "checks:\n  - {value: mu, of: \"c[A]\", at: {\"c[i]\": 1}, is: 1, parameters: {l: 2}, source: s}\n";

static char *path;

static int Setup(void **state) {
  (void)state;
  char *whole = WithHead(text);
  path = WriteFile(whole, strlen(whole));
  free(whole);
  return 0;
}

static int Teardown(void **state) {
  (void)state;
  unlink(path);
  free(path);
  return 0;
}

/* Without memory for the text itself the diagnostics say so. */
static bool CouldNotRead(RhoDiag diag) {
  return RhoDiagErrors(diag) == 1 && (RhoDiagCount(diag) == 0 || RhoDiagIdAt(diag, 0) == RHO_ID_CANNOT_READ);
}

static void Loading(void **state) {
  (void)state;
  long n = 1;
  for (;; n++) {
    RhoModel model;
    RhoDiag diag = RhoDiagCreate();
    RhoArenaFailAt(n);
    RhoStatus status = RhoModelLoad(path, diag, &model);
    RhoArenaFailAt(0);
    assert_true(status == RHO_NOMEM || status == RHO_OK || (status == RHO_INPUT && CouldNotRead(diag)));
    assert_true((status == RHO_OK) == (model != NULL));
    RhoModelDestroy(&model);
    RhoDiagDestroy(&diag);
    if (status == RHO_OK) break;
  }
  assert_true(n > 300);
}

typedef RhoStatus (*CallFn)(RhoModel model, double *value);

static RhoStatus Bind(RhoModel model, double *value) {
  const RhoSetting setting = {"l", 2, RHO_NOWHERE};
  return RhoModelBind(model, 1, 1, &setting, value);
}

static RhoStatus Transform(RhoModel model, double *value) {
  double q[200], out[200];
  for (int k = 0; k < 200; k++) q[k] = 0.1 * k;
  return RhoKernelTransform(model, 0, 1, value, 200, q, out);
}

static RhoStatus Formula(RhoModel model, double *value) {
  (void)value;
  const char *formula = "sum(i, c[i]*exp(c[i]))";
  return RhoModelFormula(model, (RhoFormula){.text = formula, .nbyte = strlen(formula), .source = -1}, 0, NULL, NULL) <
                 0
             ? RHO_NOMEM
             : RHO_OK;
}

static void Calling(void **state) {
  (void)state;
  static const CallFn call[] = {Bind, Transform, Formula};
  for (int k = 0; k < 3; k++)
    for (long n = 1;; n++) {
      RhoModel model;
      double value[16];
      RhoDiag diag = RhoDiagCreate();
      assert_int_equal(RhoModelLoad(path, diag, &model), RHO_OK);
      assert_int_equal(RhoModelBind(model, 1, 0, NULL, value), RHO_OK);
      RhoArenaFailAt(n);
      RhoStatus status = call[k](model, value);
      RhoArenaFailAt(0);
      assert_true(status == RHO_NOMEM || status == RHO_OK);
      RhoModelDestroy(&model);
      RhoDiagDestroy(&diag);
      if (status == RHO_OK) break;
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(Loading), cmocka_unit_test(Calling)};
  return cmocka_run_group_tests_name("nomem", tests, Setup, Teardown);
}
