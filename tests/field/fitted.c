/* The fitted flux is right for every temperature down to none, where it is the upwind flux; and where the coefficients
   of drift or diffusion vanish. */
#include "check.h"

static const int cells[3] = {24, 1, 1};

static Setup Open(const char *text) {
  RhoMesh mesh = BoxMesh(1, cells, RHO_PERIODIC);
  Setup s;
  assert_true(SetupText(text, &mesh, &s));
  FillState(&s, 1, 1, 0.1, s.u);
  return s;
}

static Setup Cold(double T) {
  char text[512];
  snprintf(text, sizeof text,
           "dimensions: [x]\nparameters: {T: %.17g}\nfields: {rho: density}\ndefine: {U: 'sin(2*pi*x/3)'}\n"
           "dynamics: {rho: {flux: '-T*grad(rho) - rho*grad(U)'}}",
           T);
  return Open(text);
}

static void Residual(Setup *s, double *F) {
  const PetscScalar *f;
  Vec out;
  OK(VecDuplicate(s->u, &out));
  OK(RhoResidual(s->fm, 0, s->u, out));
  OK(VecGetArrayRead(out, &f));
  for (int p = 0; p < cells[0]; p++) F[p] = f[p];
  OK(VecRestoreArrayRead(out, &f));
  OK(VecDestroy(&out));
}

/* ---- no temperature ---- */

static double U(const Setup *s, int p) { return sin(2 * M_PI / 3 * ((p % cells[0]) + 0.5) * s->grid->h[0]); }

/* J over h from cell p to the next, taken from the cell that it comes from. */
static double Upwind(const Setup *s, const double *u, int p) {
  double h = s->grid->h[0], jump = U(s, p + 1) - U(s, p);
  return (fmax(-jump, 0) * u[p % cells[0]] - fmax(jump, 0) * u[(p + 1) % cells[0]]) / (h * h);
}

/* Property: without temperature the flux is the upwind one, to round-off. */
static void NoTemperature(void **state) {
  (void)state;
  Setup s = Cold(0);
  double F[24];
  const PetscScalar *u;
  Residual(&s, F);
  OK(VecGetArrayRead(s.u, &u));
  for (int p = 0; p < cells[0]; p++) {
    double expected = Upwind(&s, u, p + cells[0] - 1) - Upwind(&s, u, p);
    if (!(fabs(F[p] - expected) <= 1e-13 * (fabs(expected) + 1))) fail_msg("cell %d: %g, not %g", p, F[p], expected);
  }
  OK(VecRestoreArrayRead(s.u, &u));
  SetupClose(&s);
}

/* Property: the residual goes to that without a jump. */
static void TowardsIt(void **state) {
  (void)state;
  double none[24];
  Setup s = Cold(0);
  Residual(&s, none);
  SetupClose(&s);
  for (double T = 1e-2; T > 1e-320; T *= 1e-6) {
    double F[24], error = 0;
    s = Cold(T);
    Residual(&s, F);
    SetupClose(&s);
    for (int p = 0; p < cells[0]; p++) error = Worse(error, F[p] - none[p]);
    if (!(error <= 1e-12 + 300 * T)) fail_msg("T = %g: off by %g", T, error);
  }
}

/* Property: the tangent is finite there, and the derivative: the flux is linear in the density. */
static void TangentOfIt(void **state) {
  (void)state;
  Setup s = Cold(0);
  RhoTangent tangent;
  double F[24];
  Vec Lu;
  const PetscScalar *l;
  OK(VecDuplicate(s.u, &Lu));
  OK(RhoTangentCreate(s.fm, RHO_PART_ALL, &tangent));
  OK(RhoTangentSet(tangent, 0, s.u));
  OK(RhoTangentApply(tangent, s.u, Lu));
  Residual(&s, F);
  OK(VecGetArrayRead(Lu, &l));
  for (int p = 0; p < cells[0]; p++)
    if (!(fabs(l[p] - F[p]) <= 1e-13 * (fabs(F[p]) + 1))) fail_msg("cell %d: %g, not %g", p, l[p], F[p]);
  OK(VecRestoreArrayRead(Lu, &l));
  OK(RhoTangentDestroy(&tangent));
  OK(VecDestroy(&Lu));
  SetupClose(&s);
}

/* ---- coefficients that vanish ---- */

/* Property: a drift or a diffusion whose coefficient is zero, everywhere or in a cell, leaves the residual finite. */
static void VanishingCoefficients(void **state) {
  (void)state;
  static const char *const flux[] = {
      "-v*grad(rho) - chi*v*rho*grad(c)",     "-chi*v*grad(rho) - v*rho*grad(c)",
      "-chi*grad(rho) - chi*rho*grad(c)",     "-grad(rho) - (x - 0.1875)*rho*grad(c)",
      "-grad(rho) - chi*(x - 1)*rho*grad(c)", "-(x - 0.1875)^2*grad(rho) - (x - 0.1875)*rho*grad(c)",
  };
  for (size_t k = 0; k < sizeof flux / sizeof *flux; k++) {
    char text[512];
    double F[24];
    snprintf(text, sizeof text,
             "dimensions: [x]\nparameters: {chi: 0}\nfields: {rho: density}\n"
             "define: {c: 'cos(2*pi*x/3)', v: '1 + rho^2'}\ndynamics: {rho: {flux: '%s'}}",
             flux[k]);
    Setup s = Open(text);
    Residual(&s, F);
    for (int p = 0; p < cells[0]; p++)
      if (!isfinite(F[p])) fail_msg("%s: %g in cell %d", flux[k], F[p], p);
    SetupClose(&s);
  }
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(NoTemperature), cmocka_unit_test(TowardsIt),
                                     cmocka_unit_test(TangentOfIt), cmocka_unit_test(VanishingCoefficients)};
  return RunTests(argc, argv, tests, sizeof tests / sizeof *tests);
}
