/* domain.c - what happens when a state leaves a formula's domain: too long a step is taken back, a model that must
   leave ends the run with the place, the formula and the values. */
#include "../verify/verify.h"

#define CELLS 32
#define LENGTH 8.0

/* mean + ripple*cos(2 pi (x - x0)/L), its minimum at x0 + L/2 */
static void Ripple(Setup *s, double mean, double ripple, double x0) {
  PetscScalar *u;
  OK(VecGetArray(s->u, &u));
  for (PetscInt p = 0; p < s->grid->nowned; p++) {
    double x[RHO_MAXDIM];
    PlaceOf(s->grid, p, x);
    u[p] = mean + ripple * cos(2 * M_PI * (x[0] - x0) / LENGTH);
  }
  OK(VecRestoreArray(s->u, &u));
}

static void assert_finite(Vec u) {
  PetscReal sum;
  OK(VecNorm(u, NORM_1, &sum));
  assert_true(isfinite(sum));
}

/* The largest value over all ranks. */
static double Highest(Vec u) {
  PetscReal high;
  OK(VecMax(u, NULL, &high));
  return high;
}

/* ---- a step that is too long ---- */

static const char gas[] =
    "fields: {rho: density}\n"
    "dynamics:\n"
    "  rho: {mobility: \"rho*(1 - rho)\", potential: \"log(rho) - log(1 - rho) - 9*rho - lap(rho)\"}";

static const char *const schemes[] = {"ark3", "arkode3", "dirk4", "bdf", "euler", "etdrk4"};

/* With a tolerance that refuses nothing every step taken back left the domain 0 < rho < 1; the run goes on with shorter
   steps and reaches its end inside. */
static void TooLong(const char *scheme) {
  Setup s;
  RhoEvolveOptions options = Until(2, 1e6);
  options.scheme = scheme;
  OpenOnLine(gas, LENGTH, CELLS, &s);
  Ripple(&s, 0.5, 0.4, 1);
  options.step = 2;
  options.linear_rtol = 1e-10;
  Outcome out = RunDone(&s, options);
  print_message("%s: %d steps, %d taken back\n", scheme, (int)out.last.nstep, (int)out.last.nreject);
  assert_true(out.last.nreject > 0);
  assert_finite(s.u);
  assert_true(Highest(s.u) < 1);
  SetupClose(&s);
}

static void test_too_long(void **state) {
  (void)state;
  for (int k = 0; k < COUNT(schemes); k++) TooLong(schemes[k]);
}

/* A fixed step is not shortened: the run ends, with the state that it had. */
static void test_fixed(void **state) {
  Setup s;
  RhoEvolveOptions options = Until(2, 1e-3);
  Vec before;
  (void)state;
  OpenOnLine(gas, LENGTH, CELLS, &s);
  Ripple(&s, 0.5, 0.4, 1);
  OK(VecDuplicate(s.u, &before));
  OK(VecCopy(s.u, before));
  options.fixed = 1;
  Outcome out = RunWith(&s, options, NULL, NULL);
  print_message("%s\n", out.text);
  assert_int_equal(out.reason, RHO_EVOLVE_DOMAIN);
  assert_true(MaxDifference(before, s.u) == 0);
  assert_non_null(strstr(out.text, "log(1 - rho)"));
  OK(VecDestroy(&before));
  SetupClose(&s);
}

/* ---- a model that must leave ---- */

static const char falling[] = "dynamics:\n"
                              "  u:\n"
                              "    reaction: \"log(u) - 3\"";

/* d_t u = log(u) - 3 from u = 1 reaches zero at t = e^3 E1(3) = 0.262083740... (Abramowitz and Stegun, 5.1); the ripple
   makes the cell at x = 5.125 the first.  The text names the formula's place in the file, the cell and the value. */
static void MustLeave(const char *scheme) {
  Setup s;
  RhoEvolveOptions options = Until(1, 1e-6);
  options.scheme = scheme;
  if (strncmp(scheme, "etd", 3)) /* of a model that is nothing but a reaction: exact */
    options.preconditioner = RHO_PC_JACOBI;
  OpenOnLine(falling, LENGTH, CELLS, &s);
  Ripple(&s, 1.01, 0.01, 1.125);
  Outcome out = RunWith(&s, options, NULL, NULL);
  print_message("%s: t = %.9g: %s\n", scheme, out.last.time, out.text);
  assert_int_equal(out.reason, RHO_EVOLVE_DOMAIN);
  assert_true(fabs(out.last.time - 0.26208374) < 1e-4);
  assert_finite(s.u);
  assert_non_null(strstr(out.text, ":5:16: log(u) is nan at x = 5.125: u = -")); /* two lines stand before the text */
  SetupClose(&s);
}

static void test_must_leave(void **state) {
  (void)state;
  for (int k = 0; k < COUNT(schemes); k++) MustLeave(schemes[k]);
}

/* A start outside the domain is refused at once. */
static void test_start(void **state) {
  Setup s;
  (void)state;
  OpenOnLine(falling, LENGTH, CELLS, &s);
  Ripple(&s, 0.1, 0.2, 1.125);
  Outcome out = RunWith(&s, Until(1, 1e-6), NULL, NULL);
  print_message("%s\n", out.text);
  assert_int_equal(out.reason, RHO_EVOLVE_DOMAIN);
  assert_int_equal(out.last.nstep, 0);
  assert_non_null(strstr(out.text, "log(u)"));
  SetupClose(&s);
}

/* ---- logarithms that fitted fluxes do without ---- */

static Outcome Fitted(const char *text) {
  Setup s;
  OpenOnLine(text, LENGTH, CELLS, &s);
  Ripple(&s, 0.1, 0.2, 1.125);
  Outcome out = RunWith(&s, Until(1e-3, 1e-6), NULL, NULL);
  SetupClose(&s);
  return out;
}

/* The flux of a logarithm of a negative number is none, however it is computed; a diffusion with a drift has no
   logarithm, and of a density, which its user says is not negative, nothing is asked. */
static void test_logarithms(void **state) {
  static const char *const leaving[] = {
      "dynamics:\n  u: {mobility: u, potential: log(u) + u^2}",
      "dynamics:\n  u: {mobility: u, potential: 2*log(3*u)}",
      "dynamics:\n  u: {flux: -u*grad(log(u) + u^2)}",
      "dynamics:\n  u: {mobility: u, potential: log(u), drift: cos(2*pi*x/8)*grad(x)}",
      "free_energy: u*log(u)\ndynamics:\n  u: {mobility: u}",
  };
  static const char *const staying[] = {
      "dynamics:\n  u: {flux: -grad(u) - u*grad(u^2)}",
      "fields: {u: density}\ndynamics:\n  u: {mobility: u, potential: log(u) + u^2}",
  };
  (void)state;
  for (size_t k = 0; k < sizeof leaving / sizeof *leaving; k++) {
    Outcome out = Fitted(leaving[k]);
    if (out.reason != RHO_EVOLVE_DOMAIN) fail_msg("%s: reason %d", leaving[k], (int)out.reason);
  }
  for (size_t k = 0; k < sizeof staying / sizeof *staying; k++)
    assert_int_equal(Fitted(staying[k]).reason, RHO_EVOLVE_DONE);
}

static void test_logarithm_explained(void **state) {
  Setup s;
  (void)state;
  OpenOnLine("dynamics:\n  u: {mobility: u, potential: log(u) + u^2}", LENGTH, CELLS, &s);
  Ripple(&s, 0.1, 0.2, 1.125);
  Outcome out = RunWith(&s, Until(1, 1e-6), NULL, NULL);
  assert_non_null(strstr(out.text, ":4:31: log(u) is nan at x = "));
  assert_non_null(strstr(out.text, "best declared density"));
  SetupClose(&s);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_too_long),   cmocka_unit_test(test_fixed),
                                     cmocka_unit_test(test_must_leave), cmocka_unit_test(test_start),
                                     cmocka_unit_test(test_logarithms), cmocka_unit_test(test_logarithm_explained)};
  return RunTests(argc, argv, tests, sizeof tests / sizeof *tests);
}
