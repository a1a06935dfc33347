/* Cells of unequal widths: sums vanish, the tangent is the derivative, Boltzmann states stand still, edges at equal
   distances are equal cells. */
#include "check.h"

static const int cells[3] = {12, 20, 10};

/* false, after closing: the model has a convolution along a dimension of space, or other dimensions */
static bool OpenStretched(const char *path, int ndim, RhoBoundary boundary, Setup *s) {
  RhoMesh mesh = BoxMesh(ndim, cells, boundary);
  Stretch(&mesh);
  if (SetupOpen(path, &mesh, s)) return true;
  SetupClose(s);
  return false;
}

/* ---- sums ---- */

static int ntried;

static void SumsOf(const char *path) {
  for (int k = 0; k < 6; k++) {
    Setup s;
    if (!OpenStretched(path, k / 2 + 1, k % 2 ? RHO_WALL : RHO_PERIODIC, &s)) continue;
    CheckSums(&s, path);
    ntried += s.eq->nconserved;
    SetupClose(&s);
  }
}

/* Conserved combinations: the residual sums to zero, with the volumes of the cells. */
static void test_sums(void **state) {
  (void)state;
  EachModel(SumsOf);
  assert_true(ntried > 30);
}

/* ---- totals ---- */

/* The total of a linear field is its value at the centre of the box times the volume, and restoring finds it. */
static void test_totals(void **state) {
  (void)state;
  for (int ndim = 1; ndim <= 3; ndim++) {
    RhoMesh mesh = BoxMesh(ndim, cells, RHO_WALL);
    Setup s;
    PetscScalar *x;
    PetscReal total, scale, exact = 1, target;
    Stretch(&mesh);
    assert_true(SetupText("dynamics:\n  c: {flux: \"-grad(c)\"}", &mesh, &s));
    OK(VecGetArray(s.u, &x));
    for (PetscInt p = 0; p < s.grid->nowned; p++) {
      PetscInt r = p;
      x[p] = 1;
      for (int d = 0; d < ndim; r /= s.grid->count[d++])
        x[p] += RhoGridCoordinate(s.grid, d)[r % s.grid->count[d] + s.grid->halo];
    }
    OK(VecRestoreArray(s.u, &x));
    for (int d = 0; d < ndim; d++) exact += 0.5 * (mesh.dimension[d].from + mesh.dimension[d].to);
    for (int d = 0; d < ndim; d++) exact *= mesh.dimension[d].to - mesh.dimension[d].from;
    OK(RhoTotals(s.fm, s.u, &total, &scale));
    assert_true(fabs(total - exact) < 1e-13 * exact && fabs(scale - exact) < 1e-13 * exact);
    target = 1.1 * exact;
    OK(RhoTotalsRestore(s.fm, s.u, s.u, &target));
    OK(RhoTotals(s.fm, s.u, &total, NULL));
    assert_true(fabs(total - target) < 1e-13 * exact);
    SetupClose(&s);
  }
}

/* ---- the tangent ---- */

static void QuotientsOf(const char *path) {
  for (int k = 0; k < 6; k++) {
    Setup s;
    RhoTangent tangent;
    Vec v, Lv;
    if (!OpenStretched(path, k / 2 + 1, k % 2 ? RHO_WALL : RHO_PERIODIC, &s)) continue;
    OK(VecDuplicate(s.u, &v));
    OK(VecDuplicate(s.u, &Lv));
    FillState(&s, 1, 1, 0.08, s.u);
    FillState(&s, 2, 0, 1, v);
    OK(RhoTangentCreate(s.fm, RHO_PART_ALL, &tangent));
    assert_false(RhoTangentConstant(tangent));
    OK(RhoTangentSet(tangent, 0, s.u));
    OK(RhoTangentApply(tangent, v, Lv));
    double coarse = QuotientError(&s, 0, v, Lv, 4e-3), fine = QuotientError(&s, 0, v, Lv, 1e-3);
    if (!(fine < 1e-9 || (coarse / fine > 13 && coarse / fine < 19 && fine < 1e-3)))
      fail_msg("%s, case %d: quotient errors %g, %g", path, k, coarse, fine);
    OK(RhoTangentDestroy(&tangent));
    OK(VecDestroy(&v));
    OK(VecDestroy(&Lv));
    SetupClose(&s);
  }
}

/* The exact tangent agrees with difference quotients of the residual at slope 2; it is never constant. */
static void test_quotient(void **state) {
  (void)state;
  EachModel(QuotientsOf);
}

/* ---- derivatives ---- */

/* int (a d(b, y) + b d(a, y)) of periodic fields is zero to rounding. */
static void test_skew(void **state) {
  (void)state;
  RhoMesh mesh = BoxMesh(2, cells, RHO_PERIODIC);
  RhoCellFormulas formulas;
  RhoNode node;
  Setup s;
  Vec sum;
  PetscReal total[2] = {0, 0};
  const PetscScalar *x;
  DM da;
  Stretch(&mesh);
  assert_true(SetupText("define: {e: \"a*d(b, y) + b*d(a, y)\"}\n"
                        "dynamics:\n  a: {flux: \"-grad(a)\", reaction: e}\n  b: {flux: \"-grad(b)\"}",
                        &mesh, &s));
  node = s.eq->equation[0].source;
  FillState(&s, 1, 1, 0.3, s.u);
  OK(RhoCellFormulasCreate(s.fm, 1, &node, &formulas));
  OK(RhoGridCompatible(s.grid, 1, &da));
  OK(DMCreateGlobalVector(da, &sum));
  OK(RhoCellFormulasEval(formulas, 0, s.u, sum));
  OK(VecGetArrayRead(sum, &x));
  for (PetscInt p = 0; p < s.grid->nowned; p++) {
    total[0] += s.grid->volumes[p] * x[p];
    total[1] += s.grid->volumes[p] * fabs(x[p]);
  }
  OK(VecRestoreArrayRead(sum, &x));
  MPI_Allreduce(MPI_IN_PLACE, total, 2, MPI_DOUBLE, MPI_SUM, PETSC_COMM_WORLD);
  if (!(total[1] > 0.1 && fabs(total[0]) < 1e-14 * total[1])) fail_msg("d is not skew: %g of %g", total[0], total[1]);
  OK(RhoCellFormulasDestroy(&formulas));
  OK(VecDestroy(&sum));
  OK(DMDestroy(&da));
  SetupClose(&s);
}

/* ---- Boltzmann states ---- */

/* rho = exp(-w) in the potential w of the model stands still to rounding, whatever its mobility does. */
static void test_boltzmann(void **state) {
  (void)state;
  static const char text[] =
      "fields: {rho: density}\ndefine: {w: \"3*cos(x) + 2*sin(y)*x\"}\n"
      "dynamics:\n  rho: {mobility: \"rho*(1 + x^2)*exp(rho)\", potential: \"0.7*log(rho) + w\"}";
  for (int boundary = 0; boundary < 2; boundary++) {
    RhoMesh mesh = BoxMesh(2, cells, boundary ? RHO_WALL : RHO_PERIODIC);
    Setup s;
    Vec F;
    PetscScalar *u;
    double size;
    Stretch(&mesh);
    assert_true(SetupText(text, &mesh, &s));
    OK(VecDuplicate(s.u, &F));
    OK(VecSet(s.u, 1));
    OK(RhoResidual(s.fm, 0, s.u, F));
    size = NormMax(F);
    OK(VecGetArray(s.u, &u));
    for (PetscInt p = 0; p < s.grid->nowned; p++) {
      double x = RhoGridCoordinate(s.grid, 0)[p % s.grid->count[0] + s.grid->halo];
      double y = RhoGridCoordinate(s.grid, 1)[p / s.grid->count[0] + s.grid->halo];
      u[p] = exp(-(3 * cos(x) + 2 * sin(y) * x) / 0.7) / 100;
    }
    OK(VecRestoreArray(s.u, &u));
    OK(RhoResidual(s.fm, 0, s.u, F));
    if (!(size > 1 && NormMax(F) < 1e-13 * size)) fail_msg("Boltzmann: %g of %g", NormMax(F), size);
    OK(VecDestroy(&F));
    SetupClose(&s);
  }
}

/* ---- edges at equal distances ---- */

static double Relative(Vec a, Vec b) {
  double size = NormMax(a);
  OK(VecAXPY(b, -1, a));
  return NormMax(b) / size;
}

/* Residual and tangent of a state, its free energy (0: none) and its first total. */
static void Results(Setup *s, Vec F, Vec Lv, PetscReal number[2]) {
  RhoTangent tangent;
  PetscBool exists;
  PetscReal total[16] = {0};
  Vec v;
  OK(VecDuplicate(s->u, &v));
  FillState(s, 1, 1, 0.08, s->u);
  FillState(s, 2, 0, 1, v);
  OK(RhoResidual(s->fm, 0, s->u, F));
  OK(RhoTangentCreate(s->fm, RHO_PART_ALL, &tangent));
  OK(RhoTangentSet(tangent, 0, s->u));
  OK(RhoTangentApply(tangent, v, Lv));
  OK(RhoTangentDestroy(&tangent));
  OK(RhoFreeEnergy(s->fm, 0, s->u, &exists, &number[0]));
  OK(RhoTotals(s->fm, s->u, total, NULL));
  number[1] = total[0];
  OK(VecDestroy(&v));
}

static void EqualOf(const char *path) {
  for (int ndim = 1; ndim <= 3; ndim++) {
    RhoMesh mesh = BoxMesh(ndim, cells, ndim == 2 ? RHO_PERIODIC : RHO_WALL), edged = mesh;
    double edge[RHO_MAXDIM][32];
    PetscReal number[2][2];
    Setup s[2];
    Vec F[2], Lv[2];
    for (int d = 0; d < ndim; d++) {
      for (int i = 0; i <= cells[d]; i++) edge[d][i] = RhoMeshEdge(&mesh.dimension[d], i);
      edged.dimension[d].edge = edge[d];
    }
    bool fits[2] = {SetupOpen(path, &mesh, &s[0]), SetupOpen(path, &edged, &s[1])};
    for (int k = 0; k < 2 && fits[0] && fits[1]; k++) {
      OK(VecDuplicate(s[k].u, &F[k]));
      OK(VecDuplicate(s[k].u, &Lv[k]));
      Results(&s[k], F[k], Lv[k], number[k]);
    }
    if (fits[0] && fits[1]) {
      double f = Relative(F[0], F[1]), l = Relative(Lv[0], Lv[1]);
      if (!(f < 1e-11 && l < 1e-11)) fail_msg("%s, %d-D: %g, %g", path, ndim, f, l);
      for (int i = 0; i < 2; i++) assert_true(fabs(number[0][i] - number[1][i]) <= 1e-12 * (1 + fabs(number[0][i])));
      for (int k = 0; k < 2; k++) {
        OK(VecDestroy(&F[k]));
        OK(VecDestroy(&Lv[k]));
      }
    }
    for (int k = 0; k < 2; k++) SetupClose(&s[k]);
  }
}

/* The same residual, tangent, free energy and totals as without edges, to rounding. */
static void test_equal(void **state) {
  (void)state;
  EachModel(EqualOf);
}

/* ---- convolutions ---- */

/* Kernels are refused along stretched dimensions of space, and not along others. */
static void test_kernel(void **state) {
  (void)state;
  static const char text[] = "dimensions: [x, v]\nkernels: {K: {shape: gaussian, width: 0.3}}\n"
                             "dynamics:\n  c: {flux: \"-grad(c + conv(K, c))\"}";
  for (int d = 0; d < 2; d++) {
    RhoMesh mesh = BoxMesh(2, cells, RHO_PERIODIC), stretched = mesh;
    Setup s;
    mesh.dimension[1].name = "v";
    mesh.dimension[1].spatial = false;
    Stretch(&stretched);
    mesh.dimension[d].edge = stretched.dimension[d].edge;
    bool fits = SetupText(text, &mesh, &s);
    assert_true(fits == (d == 1));
    if (!fits) assert_int_equal(RhoDiagIdAt(s.diag, RhoDiagCount(s.diag) - 1), RHO_ID_MESH_KERNEL);
    SetupClose(&s);
  }
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_sums),      cmocka_unit_test(test_totals),
                                     cmocka_unit_test(test_quotient),  cmocka_unit_test(test_skew),
                                     cmocka_unit_test(test_boltzmann), cmocka_unit_test(test_equal),
                                     cmocka_unit_test(test_kernel)};
  return RunTests(argc, argv, tests, sizeof tests / sizeof *tests);
}
