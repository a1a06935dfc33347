/* Runs whose parameters follow a protocol: jumps and corners cost no order, since steps begin and end at them. */
#include "../verify/verify.h"

static const char protocol[] = "{k: {at: [[0.3, 1], [0.3, 3], [0.811, 3], [0.811, 0.5], [1.7, 2]]}, "
                               "s: 'if(t < 1.2345, 0, 2) + max(t - 0.5, 0)'}";

/* int_0^t k, int_0^t s for t = 2 */
static double IntegralOfK(void) { return 0.3 + 3 * (0.811 - 0.3) + (1.7 - 0.811) * (0.5 + 2) / 2 + 2 * 0.3; }
static double IntegralOfS(void) { return 2 * (2 - 1.2345) + 1.5 * 1.5 / 2; }

static void Open(Setup *s) {
  RhoMesh mesh = Line(0, 1, 3, RHO_PERIODIC);
  OpenText("parameters: {k: 1, s: 1}\ndynamics: {u: {reaction: '-k*u'}, w: {reaction: s}}", s);
  int source = RhoDiagAddSource(s->diag, "protocol", protocol, strlen(protocol));
  const RhoYaml *map = RhoYamlRead(s->model->arena, s->diag, source);
  Require(s->diag, map ? RHO_OK : RHO_INPUT, "the protocol");
  Require(s->diag, RhoModelFollow(s->model, map, 0, NULL), "the protocol");
  Require(s->diag, RhoEquationsCreate(s->model, s->diag, &s->eq), "the equations");
  s->value = realloc(s->value, (size_t)s->eq->nuniform * sizeof *s->value);
  Require(s->diag, RhoEquationsBind(s->eq, 1, 0, NULL, s->value), "the parameters");
  assert_true(OpenGrid(s, PETSC_COMM_SELF, &mesh));
}

static double Error(Setup *s, RhoEvolveOptions options) {
  const PetscScalar *u;
  int n;
  const double *time;
  OK(VecSet(s->u, 1));
  assert_int_equal(RhoBreakpoints(s->eq, s->value, 0, 2, &n, &time), RHO_OK);
  assert_int_equal(n, 5);
  options.nbreak = n;
  options.breakpoint = time;
  (void)RunDone(s, options);
  OK(VecGetArrayRead(s->u, &u));
  double error = fmax(fabs(u[0] - exp(-IntegralOfK())), fabs(u[1] - 1 - IntegralOfS()));
  OK(VecRestoreArrayRead(s->u, &u));
  return error;
}

static const char *const schemes[] = {"ark4", "etdrk4"};
enum { NSCHEME = sizeof schemes / sizeof *schemes };

static double Slope(Setup *s, const char *scheme) {
  double error[3];
  for (int k = 0; k < 3; k++) {
    RhoEvolveOptions options = Until(2, 1e-6);
    options.scheme = scheme;
    options.fixed = 0.1 / (1 << k);
    error[k] = Error(s, options);
    print_message("  %s, step %g: %.2e\n", scheme, (double)options.fixed, error[k]);
  }
  return log2(error[0] / error[2]) / 2;
}

/* Property: with fixed steps that fall on no corner the error falls with the order of the scheme. */
static void OrderIsKept(void **state) {
  (void)state;
  Setup s;
  Open(&s);
  for (int k = 0; k < NSCHEME; k++) {
    double slope = Slope(&s, schemes[k]);
    if (!(slope > 3.5)) fail_msg("slope %.2f of a scheme of order 4", slope);
  }
  CloseGrid(&s);
  CloseModel(&s);
}

/* Property: the error of adaptive steps follows the tolerance. */
static void ToleranceIsKept(void **state) {
  (void)state;
  Setup s;
  Open(&s);
  for (int k = 0; k < NSCHEME; k++)
    for (double rtol = 1e-4; rtol > 1e-9; rtol /= 100) {
      RhoEvolveOptions options = Until(2, rtol);
      options.scheme = schemes[k];
      double error = Error(&s, options);
      print_message("  %s, rtol %g: %.2e\n", schemes[k], rtol, error);
      if (!(error < 30 * rtol)) fail_msg("rtol %g: error %g", rtol, error);
    }
  CloseGrid(&s);
  CloseModel(&s);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(OrderIsKept), cmocka_unit_test(ToleranceIsKept)};
  return RunTests(argc, argv, tests, sizeof tests / sizeof *tests);
}
