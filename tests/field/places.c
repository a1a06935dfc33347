/* Operators on given functions of the coordinates are their derivatives, up to the walls, where a mirror image would be
   wrong by as much as the function's slope. */
#include "check.h"

static void Residual(Setup *s, double *F) {
  const PetscScalar *f;
  Vec out;
  OK(VecDuplicate(s->u, &out));
  OK(RhoResidual(s->fm, 0.5, s->u, out));
  OK(VecGetArrayRead(out, &f));
  for (PetscInt p = 0; p < s->grid->nowned * s->grid->nfield; p++) F[p] = f[p];
  OK(VecRestoreArrayRead(out, &f));
  OK(VecDestroy(&out));
}

static void Place(const Setup *s, PetscInt p, double *x, double *y) {
  *x = s->grid->h[0] * ((double)(p % s->grid->n[0]) + 0.5);
  *y = s->grid->h[1] * ((double)(p / s->grid->n[0]) + 0.5);
}

/* ---- functions of the coordinates alone ---- */

typedef struct {
  const char *text;
  double (*value)(double x, double y);
} Known;

static double A(double x, double y) { return 3 * x * x + 0 * y; }
static double B(double x, double y) { return -sin(x) * y; }
static double C(double x, double y) { return y * exp(x); }
static double D(double x, double y) { return 2 * x * y; }
static double E(double x, double y) { return 0.5 * cos(x) * x + y; }

static const Known known[] = {{"d(x^3, x)", A},
                              {"lap(sin(x)*y)", B},
                              {"dot(grad(x*y), grad(exp(x)))", C},
                              {"div(x^2*grad(x*y))", D},
                              {"d(x*sin(x*t/t), x)*t - 0.5*sin(x) + d(x*y, x)", E}};

/* Property: to round-off, in every cell of a box with walls. */
static void Given(void **state) {
  static const int cells[3] = {7, 5, 1};
  RhoMesh mesh = BoxMesh(2, cells, RHO_WALL);
  (void)state;
  for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
    char text[256];
    double F[35], x, y;
    Setup s;
    snprintf(text, sizeof text, "dynamics: {u: {reaction: '%s'}}", known[k].text);
    assert_true(SetupText(text, &mesh, &s));
    FillState(&s, 1, 1, 0.1, s.u);
    Residual(&s, F);
    for (PetscInt p = 0; p < 35; p++) {
      Place(&s, p, &x, &y);
      double expected = known[k].value(x, y);
      if (!(fabs(F[p] - expected) < 1e-12 * (1 + fabs(expected))))
        fail_msg("%s at %g, %g: %.15g, not %.15g", known[k].text, x, y, F[p], expected);
    }
    SetupClose(&s);
  }
}

/* Property: so it is in the coefficients of fluxes and inside their arguments. */
static void InFluxes(void **state) {
  static const int cells[3] = {7, 5, 1};
  static const char *const pair[][2] = {{"-lap(x^2)*grad(u)", "-2*grad(u)"},
                                        {"-grad(u + lap(x^3))", "-grad(u + 6*x)"},
                                        {"-d(x^2, x)*u*grad(x^2)", "-2*x*u*grad(x^2)"}};
  RhoMesh mesh = BoxMesh(2, cells, RHO_WALL);
  (void)state;
  for (size_t k = 0; k < sizeof pair / sizeof *pair; k++) {
    double F[2][35];
    for (int m = 0; m < 2; m++) {
      char text[256];
      Setup s;
      snprintf(text, sizeof text, "dynamics: {u: {flux: '%s'}}", pair[k][m]);
      assert_true(SetupText(text, &mesh, &s));
      FillState(&s, 1, 1, 0.1, s.u);
      Residual(&s, F[m]);
      SetupClose(&s);
    }
    for (int p = 0; p < 35; p++)
      if (!(fabs(F[0][p] - F[1][p]) < 1e-11 * (1 + fabs(F[1][p]))))
        fail_msg("%s in cell %d: %g, not %g", pair[k][0], p, F[0][p], F[1][p]);
  }
}

/* ---- with fields ---- */

/* Of u = cos(pi x/3), which is even at the walls. */
static double U(double x, int order) {
  double q = M_PI / 3;
  return order == 0 ? cos(q * x) : order == 1 ? -q * sin(q * x) : -q * q * cos(q * x);
}
static double P(double x, double y) { return U(x, 0) + x * U(x, 1) + 0 * y; }
static double Q(double x, double y) { return x * x * U(x, 2) + 4 * x * U(x, 1) + 2 * U(x, 0) + 0 * y; }
static double R(double x, double y) { return 3 * x * x * U(x, 1) + 6 * x * U(x, 0) + 0 * y; }
static double S(double x, double y) { return 2 * x * U(x, 1) + 0 * y; }

static const Known mixed[] = {
    {"d(u*x, x)", P}, {"lap(u*x^2)", Q}, {"div(u*grad(x^3))", R}, {"dot(grad(u), grad(x^2))", S}};

static double MixedError(const Known *formula, int n) {
  const int cells[3] = {n, 1, 1};
  RhoMesh mesh = BoxMesh(1, cells, RHO_WALL);
  double *F = malloc((size_t)n * sizeof *F), error = 0, h = 3.0 / n;
  char text[256];
  PetscScalar *u;
  Setup s;
  snprintf(text, sizeof text, "dynamics: {u: {reaction: '%s'}}", formula->text);
  assert_true(SetupText(text, &mesh, &s));
  OK(VecGetArray(s.u, &u));
  for (int p = 0; p < n; p++) u[p] = U((p + 0.5) * h, 0);
  OK(VecRestoreArray(s.u, &u));
  Residual(&s, F);
  for (int p = 0; p < n; p++) error = Worse(error, F[p] - formula->value((p + 0.5) * h, 0));
  SetupClose(&s);
  free(F);
  return error;
}

/* Property: of second order in every cell, those at the walls included. */
static void WithFields(void **state) {
  (void)state;
  for (size_t k = 0; k < sizeof mixed / sizeof *mixed; k++) {
    double coarse = MixedError(&mixed[k], 40), fine = MixedError(&mixed[k], 80), slope = log2(coarse / fine);
    if (!(slope > 1.8)) fail_msg("%s: errors %g, %g", mixed[k].text, coarse, fine);
  }
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(Given), cmocka_unit_test(InFluxes), cmocka_unit_test(WithFields)};
  return RunTests(argc, argv, tests, sizeof tests / sizeof *tests);
}
