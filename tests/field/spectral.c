/* The spectral discretisation: errors fall faster than any power of the points, modes that are left out stay out, what
   products alias is taken away on request, places without a value are found. */
#include "check.h"

/* ---- convergence ---- */

enum { SMALLEST = 8, NSIZE = 3 }; /* points along a line: 8, 16, 32; each beside three times as many */

static int nfallen;

/* F of the smooth state of FillState on n points a side */
static bool Residual(const char *path, int ndim, int n, Setup *s, Vec *F) {
  const int cells[3] = {n, n, n};
  RhoMesh mesh = BoxMesh(ndim, cells, RHO_PERIODIC);
  if (!SetupOpenAs(path, &mesh, SPECTRAL, s)) return false;
  OK(VecDuplicate(s->u, F));
  FillState(s, 1, 1, 0.05, s->u);
  OK(RhoResidual(s->fm, 0.3, s->u, *F));
  return true;
}

/* largest difference at the points they have in common, cell i and cell 3 i + 1, relative to the largest value */
static double Difference(const Setup *a, Vec Fa, Vec Fb) {
  const PetscScalar *x, *y;
  double most = 0, size = 1e-300;
  PetscInt nf = a->grid->nfield, nx = a->grid->n[0];
  OK(VecGetArrayRead(Fa, &x));
  OK(VecGetArrayRead(Fb, &y));
  for (PetscInt p = 0; p < a->grid->nowned; p++) {
    PetscInt i = p % nx, j = p / nx, q = 3 * i + 1 + (a->grid->mesh.ndimension > 1 ? (3 * j + 1) * 3 * nx : 0);
    for (PetscInt f = 0; f < nf; f++) {
      most = Worse(most, x[p * nf + f] - y[q * nf + f]);
      size = fmax(size, fabs(y[q * nf + f]));
    }
  }
  OK(VecRestoreArrayRead(Fa, &x));
  OK(VecRestoreArrayRead(Fb, &y));
  return most / size;
}

/* Zones and tables have corners. */
static bool HasCorner(RhoGraph graph, RhoNode node) {
  if (node < 0) return false;
  RhoNodeInfo info = RhoGraphNode(graph, node);
  if (info.kind == RHO_CALL && (info.code == RHO_FN_ABS || info.code == RHO_FN_MAX || info.code == RHO_FN_MIN ||
                                info.code == RHO_FN_STEP || info.code == RHO_FN_SIGN || info.code == RHO_FN_TABLE))
    return true;
  for (int k = 0; k < info.narg; k++)
    if (HasCorner(graph, info.arg[k])) return true;
  return false;
}

static bool IsSmooth(const Setup *s) {
  RhoGraph graph = s->eq->graph;
  bool corner = s->eq->uses_coordinate;
  for (int e = 0; e < s->eq->nexchange; e++) corner = corner || HasCorner(graph, s->eq->rate[e]);
  for (int i = 0; i < s->eq->nfield; i++) {
    const RhoEquation *equation = &s->eq->equation[i];
    corner = corner || HasCorner(graph, equation->source);
    for (int k = 0; k < equation->nterm; k++)
      corner = corner || HasCorner(graph, equation->term[k].coef) || HasCorner(graph, equation->term[k].arg);
  }
  return !corner;
}

static void FallsFor(const char *path, int ndim) {
  double error[NSIZE];
  for (int k = 0; k < NSIZE; k++) {
    Setup coarse, fine = {0};
    Vec F, G;
    bool fits = Residual(path, ndim, SMALLEST << k, &coarse, &F), smooth = fits && IsSmooth(&coarse);
    if (!smooth) {
      print_message("left out: %s in %d-D (%s)\n", path, ndim, fits ? "corners, places" : "dimensions");
      if (fits) OK(VecDestroy(&F));
      SetupClose(&coarse);
      return;
    }
    assert_true(Residual(path, ndim, 3 * (SMALLEST << k), &fine, &G));
    error[k] = Difference(&coarse, F, G);
    OK(VecDestroy(&F));
    OK(VecDestroy(&G));
    SetupClose(&coarse);
    SetupClose(&fine);
  }
  print_message("%-60s %d-D  %.1e %.1e %.1e\n", strstr(path, "models/") + 7, ndim, error[0], error[1], error[2]);
  bool falls = fmin(error[1], error[2]) < 1e-8 && (error[1] < 1e-9 || error[1] < error[0] / 64);
  if (!falls) fail_msg("%s in %d-D: errors %g, %g, %g", path, ndim, error[0], error[1], error[2]);
  nfallen++;
}

static void Falls(const char *path) {
  FallsFor(path, 1);
  if (!strstr(path, "/tests/")) FallsFor(path, 2);
}

/* With the points doubled the error of a smooth state's residual falls by far more than any low order would make it,
   to rounding, which operators of sixth order raise again on the finest grid. */
static void test_convergence(void **state) {
  (void)state;
  EachModel(Falls);
  assert_true(nfallen >= 20);
}

/* ---- modes ---- */

/* The saw tooth +-1 is at the edge of an even grid: a state is without it, and so is the residual. */
static void test_edge(void **state) {
  const int cells[3] = {16, 1, 1};
  RhoMesh mesh = BoxMesh(1, cells, RHO_PERIODIC);
  Setup s;
  Vec F;
  PetscScalar *x, before[16];
  double saw = 0, most = 0;
  (void)state;
  assert_true(SetupOpenAs(RHO_SOURCE_DIR "/models/cahn_hilliard/model.yaml", &mesh, SPECTRAL, &s));
  OK(VecDuplicate(s.u, &F));
  FillState(&s, 1, 1, 0.3, s.u);
  OK(RhoFieldRepresent(s.fm, s.u));
  OK(VecGetArray(s.u, &x));
  for (int i = 0; i < 16; i++) {
    before[i] = x[i];
    x[i] += i % 2 ? 0.1 : -0.1;
  }
  OK(VecRestoreArray(s.u, &x));
  OK(RhoFieldRepresent(s.fm, s.u));
  OK(VecGetArray(s.u, &x));
  for (int i = 0; i < 16; i++) most = Worse(most, x[i] - before[i]);
  OK(VecRestoreArray(s.u, &x));
  OK(RhoResidual(s.fm, 0, s.u, F));
  OK(VecGetArray(F, &x));
  for (int i = 0; i < 16; i++) saw += i % 2 ? x[i] : -x[i];
  OK(VecRestoreArray(F, &x));
  assert_true(most < 1e-15);
  assert_true(fabs(saw) < 1e-11 * NormMax(F));
  OK(VecDestroy(&F));
  SetupClose(&s);
}

/* u = cos(5 k x): u^2 = 1/2 + cos(10 k x)/2, which 18 points take for -cos(8 k x)/2; without the modes from 6 on
   nothing is taken for another. */
static void test_dealiased(void **state) {
  const int cells[3] = {18, 1, 1};
  RhoMesh mesh = BoxMesh(1, cells, RHO_PERIODIC);
  (void)state;
  for (int dealias = 0; dealias < 2; dealias++) {
    Setup s;
    Vec F;
    PetscScalar *x;
    RhoFieldModel fm;
    double wrong = 0;
    assert_true(SetupText("dynamics: {u: {reaction: \"u^2\"}}", &mesh, &s));
    OK(RhoFieldCreateSpectral(s.eq, s.grid, s.value, (PetscBool)dealias, s.diag, &fm));
    OK(VecDuplicate(s.u, &F));
    OK(VecGetArray(s.u, &x));
    for (int i = 0; i < 18; i++) x[i] = cos(2 * M_PI * 5 * (i + 0.5) / 18);
    OK(VecRestoreArray(s.u, &x));
    OK(RhoFieldRepresent(fm, s.u));
    OK(RhoResidual(fm, 0, s.u, F));
    OK(VecGetArray(F, &x));
    for (int i = 0; i < 18; i++) wrong += 2.0 / 18 * x[i] * cos(2 * M_PI * 8 * (i + 0.5) / 18);
    OK(VecRestoreArray(F, &x));
    print_message("dealias %d: amplitude at 8: %g\n", dealias, wrong);
    assert_true(fabs(wrong + (dealias ? 0 : 0.5)) < 1e-14);
    OK(VecDestroy(&F));
    OK(RhoFieldDestroy(&fm));
    SetupClose(&s);
  }
}

/* ---- places without a value ---- */

static void test_explained(void **state) {
  const int cells[3] = {16, 12, 1};
  RhoMesh mesh = BoxMesh(2, cells, RHO_PERIODIC);
  Setup s;
  Vec F;
  PetscScalar *x;
  PetscBool left;
  const char *text;
  (void)state;
  assert_true(SetupTextAs("dynamics: {u: {reaction: \"lap(log(u + lap(u)*0))\"}}", &mesh, SPECTRAL, &s));
  OK(VecDuplicate(s.u, &F));
  OK(VecSet(s.u, 1));
  OK(RhoResidual(s.fm, 0, s.u, F));
  OK(RhoFieldDomain(s.fm, &left));
  assert_false(left);
  OK(VecGetArray(s.u, &x));
  if (s.grid->rank == s.grid->size - 1) x[s.grid->nowned - 3] = -2;
  OK(VecRestoreArray(s.u, &x));
  OK(RhoResidual(s.fm, 0, s.u, F));
  OK(RhoFieldDomain(s.fm, &left));
  assert_true(left);
  OK(RhoFieldExplain(s.fm, 0, s.u, &text));
  print_message("%s\n", text);
  assert_non_null(strstr(text, "log("));
  assert_non_null(strstr(text, "x = 2.53125"));
  assert_non_null(strstr(text, "= -2"));
  OK(VecDestroy(&F));
  SetupClose(&s);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_convergence), cmocka_unit_test(test_edge),
                                     cmocka_unit_test(test_dealiased), cmocka_unit_test(test_explained)};
  return RunTests(argc, argv, tests, sizeof tests / sizeof *tests);
}
