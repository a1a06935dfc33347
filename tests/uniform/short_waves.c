/* Are growth rates bounded as waves get shorter?  Equations whose answer is known in closed form. */
#include "uniform_check.h"

typedef struct {
  const char *what, *dynamics;
  double order; /* with which the largest rate grows; 0: bounded */
} Known;

static const Known known[] = {
    {"the heat equation", "u: {flux: -grad(u)}", 0},
    {"backwards", "u: {flux: grad(u)}", 2},
    {"Cahn and Hilliard, unstable", "u: {mobility: 1, potential: -u + u^3 - 0.2*lap(u)}", 0},
    {"short unstable waves", "u: {mobility: 1, potential: -u - 1e-12*lap(u)}", 0},
    {"kappa of the wrong sign", "u: {mobility: 1, potential: u + u^3 + 0.2*lap(u)}", 4},
    {"phase field crystal", "u: {mobility: 1, potential: -0.3*u + u^3 + u + 2*lap(u) + lap(lap(u))}", 0},
    {"growth without space", "u: {reaction: u}", 0},
    {"advection", "u: {drift: {x: 2}}", 0},
    {"a pair, both backwards", "u: {flux: -grad(lap(u))}\n  w: {flux: 0.1*grad(w)}", 4},
    {"a pair of unlike orders", "u: {flux: grad(lap(u))}\n  w: {flux: 0.1*grad(w)}", 2},
    {"cross diffusion, det < 0", "u: {flux: -grad(u) - 2*grad(w)}\n  w: {flux: -grad(w) - 2*grad(u)}", 2},
    {"cross diffusion, det > 0", "u: {flux: -grad(u) - 0.5*grad(w)}\n  w: {flux: -grad(w) - 0.5*grad(u)}", 0},
    {"waves", "u: {reaction: w}\n  w: {reaction: lap(u)}", 0},
    {"attraction through a kernel", "u: {flux: \"-grad(u) + 9*grad(conv(K, u))\"}", 0},
    {"a chemical that follows at once", "u: {flux: \"-grad(u) + 9*grad(conv(C, u))\"}", 0},
    {"a kernel of all lengths", "u: {flux: \"-grad(u) + 9*grad(conv(D, u))\"}", 2},
};

static RhoShortWaves Test(const Known *k) {
  char text[600];
  double state[2] = {0.1, 0.1};
  RhoShortWaves out;
  snprintf(text, sizeof text,
           "kernels: {K: {shape: gaussian, width: 1}, C: {q: 1/(1 + q^2)}, D: {q: 1/2}}\n"
           "dynamics:\n  %s\n",
           k->dynamics);
  Loaded m = LoadText(1, text);
  Require(&m, RhoShortWavesTest(m.eq, 1, 1, m.value, state, NULL, &out), k->what);
  Unload(&m);
  return out;
}

static void KnownEquations(void **state) {
  (void)state;
  for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
    RhoShortWaves out = Test(&known[k]);
    if (out.bounded != (known[k].order == 0) || !(fabs(out.order - known[k].order) <= 0.01))
      fail_msg("%s: %s, order %g", known[k].what, out.bounded ? "bounded" : "not bounded", out.order);
  }
}

/* D(x) = cos(x): backwards where it is negative. */
static void FrozenCoefficients(void **state) {
  (void)state;
  const double u = 1, here[RHO_MAXDIM] = {0.5}, there[RHO_MAXDIM] = {3};
  RhoShortWaves out;
  Loaded m = LoadText(1, "dynamics:\n  u: {flux: -cos(x)*grad(u)}\n");
  assert_int_equal(RhoShortWavesTest(m.eq, 1, 1, m.value, &u, NULL, &out), RHO_INPUT);
  Require(&m, RhoShortWavesTest(m.eq, 1, 1, m.value, &u, here, &out), "here");
  assert_true(out.bounded);
  Require(&m, RhoShortWavesTest(m.eq, 1, 1, m.value, &u, there, &out), "there");
  assert_false(out.bounded);
  Unload(&m);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(KnownEquations), cmocka_unit_test(FrozenCoefficients)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
