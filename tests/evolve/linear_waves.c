/* linear_waves.c - linear equations whose solution is known, with complex matrices A: exponential steps are exact
   whatever their length, multistep ones of their order.

     u_t = D u_xx - v u_x + w s - a u,   s_t = D s_xx - v s_x - w u - a s :
     waves that decay with D k^2 + a, move with v and turn from u into s with w. */
#include "../verify/verify.h"

#define CELLS 24
#define LENGTH 5.0
#define NWAVE 3

static const double D = 0.05, v = 0.7, w = 1.3, a = 0.1;
static const struct {
  int k;
  double amplitude, phase;
} waves[NWAVE] = {{1, 0.3, 0.4}, {3, 0.2, 1.1}, {7, 0.1, 2.3}};

static const char one[] =
    "fields: {u: real}\ndynamics: {u: {flux: \"-0.05*grad(u)\", drift: {x: \"0.7\"}, reaction: \"-0.1*u\"}}";
static const char two[] = "fields: {u: real, s: real}\ndynamics:\n"
                          "  u: {flux: \"-0.05*grad(u)\", drift: {x: \"0.7\"}, reaction: \"1.3*s - 0.1*u\"}\n"
                          "  s: {flux: \"-0.05*grad(s)\", drift: {x: \"0.7\"}, reaction: \"-1.3*u - 0.1*s\"}";

static void Open(const char *text, Setup *s) {
  RhoMesh mesh = Line(0, LENGTH, CELLS, RHO_PERIODIC);
  OpenText(text, s);
  BindTo(s, &mesh);
  OK(RhoGridCreate(PETSC_COMM_SELF, &mesh, s->eq->nfield, RhoFieldHalo(s->eq), &s->grid));
  OK(RhoFieldCreateSpectral(s->eq, s->grid, s->value, PETSC_FALSE, s->diag, &s->fm));
  assert_non_null(s->fm);
  OK(DMCreateGlobalVector(s->grid->da, &s->u));
}

static void Exact(Setup *s, double t, Vec u) {
  PetscScalar *x;
  int n = s->eq->nfield;
  OK(VecGetArray(u, &x));
  for (int p = 0; p < CELLS; p++) {
    double sum = 0.8 * exp(-a * t), place = (p + 0.5) * LENGTH / CELLS, turn = n == 2 ? w * t : 0;
    for (int k = 0; k < NWAVE; k++) {
      double q = 2 * M_PI * waves[k].k / LENGTH;
      sum += waves[k].amplitude * exp(-(D * q * q + a) * t) * cos(q * (place - v * t) + waves[k].phase);
    }
    x[p * n] = sum * cos(turn);
    if (n == 2) x[p * n + 1] = -sum * sin(turn);
  }
  OK(VecRestoreArray(u, &x));
}

/* largest error after nstep equal steps to t = 1 */
static double Error(Setup *s, const char *scheme, int nstep) {
  RhoEvolveOptions options = Until(1, 1e-4);
  Vec exact;
  double error;
  OK(VecDuplicate(s->u, &exact));
  options.scheme = scheme;
  options.fixed = 1.0 / nstep;
  Exact(s, 0, s->u);
  assert_int_equal(RunDone(s, options).last.nstep, nstep);
  Exact(s, 1, exact);
  error = MaxDifference(exact, s->u);
  OK(VecDestroy(&exact));
  return error;
}

static void test_exponential(void **state) {
  static const char *const text[] = {one, two}, *const scheme[] = {"etdrk4", "etdrk2"};
  (void)state;
  for (int k = 0; k < 4; k++) {
    Setup s;
    Open(text[k / 2], &s);
    double error = Error(&s, scheme[k % 2], 2);
    print_message("%d fields, %s: %.1e after two steps\n", s.eq->nfield, scheme[k % 2], error);
    assert_true(error < 1e-13);
    CloseGrid(&s);
    CloseModel(&s);
  }
}

static void test_multistep(void **state) {
  static const char *const text[] = {one, two}, *const scheme[] = {"sbdf2", "sbdf3"};
  (void)state;
  for (int k = 0; k < 4; k++) {
    Setup s;
    Open(text[k / 2], &s);
    double coarse = Error(&s, scheme[k % 2], 400), fine = Error(&s, scheme[k % 2], 800), order = log2(coarse / fine);
    print_message("%d fields, %s: %.1e, %.1e, order %.2f\n", s.eq->nfield, scheme[k % 2], coarse, fine, order);
    assert_true(order > 1.7 + k % 2 && order < 2.3 + k % 2);
    CloseGrid(&s);
    CloseModel(&s);
  }
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_exponential), cmocka_unit_test(test_multistep)};
  return RunTests(argc, argv, tests, sizeof tests / sizeof *tests);
}
