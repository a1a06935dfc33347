/* stops.c - when a run ends before its time: a steady state, a fixed step that can not be taken. */
#include "../verify/verify.h"

#define CELLS 32
#define LENGTH 8.0

static const char heat[] = "dynamics:\n  u: {flux: \"-grad(u)\"}";

/* 1 + a cos(2 pi x/L): decays with lambda = (2/h sin(pi h/L))^2, the rate of change is lambda a exp(-lambda t) <|cos|>
 */
static void FillWave(Setup *s, double a) {
  PetscScalar *u;
  OK(VecGetArray(s->u, &u));
  for (PetscInt p = 0; p < s->grid->nowned; p++) {
    double x[RHO_MAXDIM];
    PlaceOf(s->grid, p, x);
    u[p] = 1 + a * cos(2 * M_PI * x[0] / LENGTH);
  }
  OK(VecRestoreArray(s->u, &u));
}

static double RateAt(double t) {
  double h = LENGTH / CELLS, root = 2 / h * sin(M_PI * h / LENGTH), lambda = root * root, mean = 0;
  for (int k = 0; k < CELLS; k++) mean += fabs(cos(2 * M_PI * (k + 0.5) / CELLS)) / CELLS;
  return lambda * 0.5 * exp(-lambda * t) * mean;
}

/* The run ends after the first step that brings the rate below the limit. */
static void Steady(const char *scheme, double atol) {
  const double limit = 1e-4;
  RhoEvolveOptions options = Until(1000, 1e-6);
  Setup s;
  OpenOnLine(heat, LENGTH, CELLS, &s);
  FillWave(&s, 0.5);
  options.scheme = scheme;
  options.steady = limit;
  options.atol = atol;
  Outcome out = RunWith(&s, options, NULL, NULL);
  double before = RateAt(out.last.time - out.last.step), after = RateAt(out.last.time);
  if (s.grid->rank == 0)
    print_message("%-8s t = %.6g, rate %.3e, %.3e a step before: %s\n", scheme, out.last.time, after, before, out.text);
  assert_int_equal(out.reason, RHO_EVOLVE_STEADY);
  assert_true(after < 1.02 * limit && before > 0.98 * limit);
  SetupClose(&s);
}

static void test_steady(void **state) {
  (void)state;
  Steady("ark3", 1e-7);
  Steady("bdf", 1e-7);
  Steady("arkode3", 1e-7);
  Steady("dirk4", 1e-7);
  Steady("euler", 1e-7);
  Steady("etdrk4", 1e-7);
  Steady("sbdf2", 1e-7);
  Steady("sbdf2", 0);
}

/* A solver that is not given its iterations ends a run with a fixed step, at the state before; with free steps the run
   tries shorter ones. */
static void test_fixed(void **state) {
  static const char stiff[] = "fields: {u: density}\n"
                              "dynamics:\n  u: {mobility: \"u*(1 + x)\", potential: \"log(u) + u^2 - lap(u)\"}";
  RhoEvolveOptions options = Until(1, 1e-3);
  Setup s;
  Vec before;
  (void)state;
  OpenOnLine(stiff, LENGTH, CELLS, &s);
  FillWave(&s, 0.5);
  OK(VecDuplicate(s.u, &before));
  OK(VecCopy(s.u, before));
  OK(PetscOptionsSetValue(NULL, "-stage_ksp_max_it", "1"));
  options.preconditioner = RHO_PC_SYMBOL;
  options.fixed = 0.25;
  Outcome out = RunWith(&s, options, NULL, NULL);
  OK(PetscOptionsClearValue(NULL, "-stage_ksp_max_it"));
  if (s.grid->rank == 0) print_message("%s\n", out.text);
  assert_int_equal(out.reason, RHO_EVOLVE_LINEAR);
  assert_int_equal(out.last.nstep, 0);
  assert_true(MaxDifference(before, s.u) == 0);
  OK(VecDestroy(&before));
  SetupClose(&s);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_steady), cmocka_unit_test(test_fixed)};
  return RunTests(argc, argv, tests, sizeof tests / sizeof *tests);
}
