#include "check.h"
#include <math.h>

static const char *const names[] = {"rho[a]", "rho[b]"};

/* The cells common to two meshes: along each dimension the smaller number. */
static Shape Common(Shape a, Shape b) {
  Shape c = a;
  for (int d = 0; d < a.ndim; d++) c.n[d] = a.n[d] < b.n[d] ? a.n[d] : b.n[d];
  return c;
}

static double Share(const Shape *all, const Shape *common) {
  double n = 1;
  for (int d = 0; d < all->ndim; d++) n *= (double)all->n[d] / common->n[d];
  return 1 / n;
}

/* The cell of `common` that cell i of `all` lies in. */
static long Block(const Shape *all, const Shape *common, const PetscInt i[3]) {
  long p = 0;
  for (int d = all->ndim - 1; d >= 0; d--) p = p * common->n[d] + (long)i[d] * common->n[d] / all->n[d];
  return p;
}

/* mean[common][2] of the cells of u, or of the source's NoiseAt when u is NULL. */
static void BlockMeans(const Shape *all, const Shape *common, RhoGrid grid, Vec u, double *mean) {
  const PetscScalar *array = NULL;
  int n = 2 * common->n[0] * (common->ndim > 1 ? common->n[1] : 1) * (common->ndim > 2 ? common->n[2] : 1);
  for (int k = 0; k < n; k++) mean[k] = 0;
  if (u) OK(VecGetArrayRead(u, &array));
  FOR_OWNED(grid, i, p)
  for (int f = 0; f < 2; f++)
    mean[2 * Block(all, common, i) + f] += Share(all, common) * (u ? array[2 * p + f] : NoiseAt(i, f, 0));
  if (u) OK(VecRestoreArrayRead(u, &array));
  MPI_Allreduce(MPI_IN_PLACE, mean, n, MPI_DOUBLE, MPI_SUM, PETSC_COMM_WORLD);
}

static double Largest(double own, MPI_Op op) {
  double all;
  MPI_Allreduce(&own, &all, 1, MPI_DOUBLE, op, PETSC_COMM_WORLD);
  return all;
}

/* The first output of the result "r" on a grid. */
static Vec ReadOn(RhoGrid target) {
  RhoDiag diag = RhoDiagCreate();
  Vec u = VectorOf(target, 2);
  PetscBool ok;
  OK(RhoResultRead(target, diag, RHO_NOWHERE, InFolder("r"), PETSC_INFINITY, 2, names, u, NULL, &ok));
  assert_true(ok);
  RhoDiagDestroy(&diag);
  return u;
}

static void OnePair(Shape from, Shape to) {
  RhoGrid source = GridOf(from, 2), target = GridOf(to, 2);
  RhoResult result = Written(source, InFolder("r"), 1);
  Shape common = Common(from, to);
  double expected[1000], found[1000], error = 0;
  OK(RhoResultDestroy(&result));
  Vec u = ReadOn(target);
  BlockMeans(&from, &common, source, NULL, expected);
  BlockMeans(&to, &common, target, u, found);
  for (int k = 0; k < 2 * common.n[0]; k++) error = Worse(error, found[k] - expected[k]);
  assert_true(error < 1e-15);
  OK(VecDestroy(&u));
  OK(RhoGridDestroy(&source));
  OK(RhoGridDestroy(&target));
}

/* Property: a cell that others merge to holds their mean, cells that one is divided into have its mean; each dimension
   by its own factor, some merging while others subdivide. */
static void MergesAndSubdivides(void **state) {
  (void)state;
  static const Shape pair[][2] = {{{1, {24}}, {1, {8}}},
                                  {{1, {8}}, {1, {40}}},
                                  {{2, {12, 20}}, {2, {4, 10}}},
                                  {{2, {5, 4}}, {2, {15, 16}}},
                                  {{2, {12, 20}}, {2, {24, 4}}},
                                  {{2, {7, 4}}, {2, {7, 8}}},
                                  {{3, {6, 5, 8}}, {3, {3, 5, 4}}},
                                  {{3, {3, 10, 4}}, {3, {6, 2, 12}}}};
  for (size_t i = 0; i < sizeof pair / sizeof pair[0]; i++) OnePair(pair[i][0], pair[i][1]);
}

/* ---- any cells ---- */

static void WriteAs(Shape shape, ValueFn value) {
  RhoGrid grid = GridOf(shape, 2);
  RhoResult result;
  Vec u = VectorOf(grid, 2);
  OK(RhoResultCreate(grid, InFolder("r"), PETSC_TRUE, &two, &result));
  Fill(grid, 2, u, value, 0);
  OK(RhoResultWrite(result, 0, u, (const PetscReal[]){0, 0}));
  OK(RhoResultDestroy(&result));
  OK(VecDestroy(&u));
  OK(RhoGridDestroy(&grid));
}

static double Positive(const PetscInt i[3], int field, int output) { return fmax(0, NoiseAt(i, field, output)); }

static double Integral(RhoGrid grid, Vec u, int field, double *lowest) {
  const PetscScalar *array;
  double total = 0;
  *lowest = INFINITY;
  OK(VecGetArrayRead(u, &array));
  for (PetscInt p = 0; p < grid->nowned; p++) {
    total += array[2 * p + field] * grid->volume;
    *lowest = fmin(*lowest, array[2 * p + field]);
  }
  OK(VecRestoreArrayRead(u, &array));
  *lowest = Largest(*lowest, MPI_MIN);
  return Largest(total, MPI_SUM);
}

static const Shape any[][2] = {{{1, {24}}, {1, {37}}},           {{1, {31}}, {1, {12}}},
                               {{2, {12, 20}}, {2, {17, 9}}},    {{2, {9, 11}}, {2, {10, 27}}},
                               {{3, {6, 5, 8}}, {3, {5, 7, 9}}}, {{1, {1}}, {1, {7}}}};

static void OneAny(Shape from, Shape to) {
  RhoGrid source = GridOf((Shape){from.ndim, {from.n[0], from.n[1], from.n[2]}}, 2), target = GridOf(to, 2);
  WriteAs(from, Positive);
  Vec u = ReadOn(target), v = VectorOf(source, 2);
  Fill(source, 2, v, Positive, 0);
  for (int f = 0; f < 2; f++) {
    double lowest, before, after, total = Integral(source, v, f, &before);
    lowest = Integral(target, u, f, &after);
    assert_true(fabs(lowest - total) < 1e-13);
    assert_true(before == 0 || from.n[0] == 1);
    assert_true(after >= 0);
  }
  OK(VecDestroy(&u));
  OK(VecDestroy(&v));
  OK(RhoGridDestroy(&source));
  OK(RhoGridDestroy(&target));
}

/* Property: between any two numbers of cells integrals are kept and nothing becomes negative, though every second cell
   of the source is empty. */
static void AnyCells(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof any / sizeof any[0]; i++)
    if (any[i][0].n[0] > 1 || Largest(1, MPI_SUM) == 1) OneAny(any[i][0], any[i][1]);
}

/* Averages over cells of  sin(2 pi X + 1) (2 + exp(Y)),  X and Y along the box of MeshOf from 0 to 1; Y across walls
   and without zero slope there. */
static int smooth_n[2];
static double Smooth(const PetscInt i[3], int field, int output) {
  (void)output;
  double a = (double)i[0] / smooth_n[0], b = (double)(i[0] + 1) / smooth_n[0];
  double c = (double)i[1] / smooth_n[1], d = (double)(i[1] + 1) / smooth_n[1];
  double x = (cos(2 * M_PI * a + 1) - cos(2 * M_PI * b + 1)) / (2 * M_PI * (b - a));
  return (field ? 3 : x) * (2 + (exp(d) - exp(c)) / (d - c));
}

/* The largest error of each field on 3/2 times the cells along x and 5/4 times along y. */
static void SmoothErrors(int n, double *error) {
  const Shape from = {2, {n, 2 * n}}, to = {2, {3 * n / 2, 5 * n / 2}};
  RhoGrid target = GridOf(to, 2);
  const PetscScalar *array;
  memcpy(smooth_n, from.n, sizeof smooth_n);
  WriteAs(from, Smooth);
  Vec u = ReadOn(target);
  memcpy(smooth_n, to.n, sizeof smooth_n);
  error[0] = error[1] = 0;
  OK(VecGetArrayRead(u, &array));
  FOR_OWNED(target, i, p)
  for (int f = 0; f < 2; f++) error[f] = Worse(error[f], array[2 * p + f] - Smooth(i, f, 0));
  OK(VecRestoreArrayRead(u, &array));
  OK(VecDestroy(&u));
  OK(RhoGridDestroy(&target));
  for (int f = 0; f < 2; f++) error[f] = Largest(error[f], MPI_MAX);
}

/* Property: a smooth field is met within half its second derivatives times the square of the width in the maximum norm,
   at its extrema and at walls. */
static void SecondOrder(void **state) {
  (void)state;
  for (int n = 8; n <= 128; n *= 2) {
    double error[2], hx = 1. / n, hy = 0.5 / n;
    SmoothErrors(n, error);
    assert_true(error[0] < 0.5 * (4 * M_PI * M_PI * (2 + M_E) * hx * hx + M_E * hy * hy));
    assert_true(error[1] < 0.5 * 3 * M_E * hy * hy);
  }
}

/* ---- cells of unequal widths ---- */

static RhoDimension Stretched(const char *name, int n, double power, double *edge) {
  for (int i = 0; i <= n; i++) edge[i] = 3 * pow((double)i / n, power) - 1;
  return (RhoDimension){.name = name, .from = -1, .to = 2, .ncell = n, .boundary = RHO_WALL, .edge = edge};
}

static double Sum(const RhoMesh *mesh, const double *cells) {
  double sum = 0;
  const RhoDimension *x = &mesh->dimension[0], *y = &mesh->dimension[1];
  for (int j = 0; j < y->ncell; j++)
    for (int i = 0; i < x->ncell; i++) sum += cells[j * x->ncell + i] * RhoMeshWidth(x, i) * RhoMeshWidth(y, j);
  return sum;
}

/* Property: also between cells of unequal widths integrals are kept, nothing becomes negative, and a field linear along
   each dimension is met exactly. */
static void UnequalWidths(void **state) {
  (void)state;
  double edge[4][64], cells[3][30 * 40];
  RhoMesh from = {.ndimension = 2, .dimension = {Stretched("x", 13, 2, edge[0]), Stretched("y", 30, 0.7, edge[1])}};
  RhoMesh to = {.ndimension = 2, .dimension = {Stretched("x", 30, 1.5, edge[2]), Stretched("y", 11, 1, edge[3])}};
  to.dimension[1].edge = NULL;
  for (int k = 0; k < 13 * 30; k++) {
    double x = RhoMeshCentre(&from.dimension[0], k % 13), y = RhoMeshCentre(&from.dimension[1], k / 13);
    cells[0][k] = fmax(0, Noise(k, 0, 0, 0, 0));
    cells[1][k] = (2 * x + 1) * (3 - y);
  }
  for (int k = 0; k < 2; k++) {
    double *out = rho_regrid(&from, &to, cells[k]);
    assert_true(fabs(Sum(&to, out) - Sum(&from, cells[k])) < 1e-13);
    for (int p = 0; p < 30 * 11; p++) {
      double x = RhoMeshCentre(&to.dimension[0], p % 30), y = RhoMeshCentre(&to.dimension[1], p / 30);
      if (k == 0) assert_true(out[p] >= 0);
      else assert_true(fabs(out[p] - (2 * x + 1) * (3 - y)) < 1e-13);
    }
    free(out);
  }
  double *same = rho_regrid(&from, &from, cells[0]);
  assert_memory_equal(same, cells[0], 13 * 30 * sizeof *same);
  free(same);
}

/* The reports of reading r onto a grid that it does not fit; the cells stay. */
static void Misfit(RhoMesh mesh, int nfield, const char *const *name, const char *path, RhoDiagId id,
                   const char *part) {
  RhoGrid grid;
  RhoDiag diag = RhoDiagCreate();
  PetscBool ok;
  OK(RhoGridCreate(PETSC_COMM_WORLD, &mesh, nfield, 1, &grid));
  Vec u = VectorOf(grid, nfield);
  Fill(grid, nfield, u, NoiseAt, 9);
  OK(RhoResultRead(grid, diag, RHO_NOWHERE, InFolder(path), 0, nfield, name, u, NULL, &ok));
  assert_false(ok);
  assert_int_equal(RhoDiagCount(diag), 1);
  Reported(diag, id, part);
  assert_int_equal(Different(grid, nfield, u, NoiseAt, 9), 0);
  OK(VecDestroy(&u));
  RhoDiagDestroy(&diag);
  OK(RhoGridDestroy(&grid));
}

/* Property: each way of not fitting is reported with both sides, on all ranks, and leaves the cells alone. */
static void MisfitsAreReported(void **state) {
  (void)state;
  RhoGrid grid = GridOf(shapes[1], 2);
  RhoResult result = Written(grid, InFolder("m"), 2);
  OK(RhoResultDestroy(&result));
  OK(RhoGridDestroy(&grid));
  RhoMesh mesh = MeshOf(shapes[1]), other = mesh;
  Misfit(MeshOf(shapes[0]), 2, names, "m", RHO_ID_SHAPE_MISMATCH, "has the dimensions x, y, the mesh has x");
  other.dimension[1].name = "q";
  Misfit(other, 2, names, "m", RHO_ID_SHAPE_MISMATCH, "the mesh has x, q");
  other = mesh;
  other.dimension[0].to = 5;
  Misfit(other, 2, names, "m.d/000001.h5", RHO_ID_SHAPE_MISMATCH, "from -1 to 2 along x, the mesh from -1 to 5");
  Misfit(mesh, 2, (const char *const[]){"rho[a]", "rho[c]"}, "m", RHO_ID_NO_DATASET, "did you mean 'rho[");
  Misfit(mesh, 1, (const char *const[]){"temperature"}, "m", RHO_ID_NO_DATASET, "its fields: rho[a], rho[b]");
  Misfit(mesh, 2, names, "nothing", RHO_ID_CANNOT_READ, "nothing': No such file or directory");
  Misfit(mesh, 2, names, "m.d", RHO_ID_CANNOT_READ, "m.d': not a file");
  Misfit(mesh, 2, names, "m.xdmf", RHO_ID_CANNOT_READ, "m.xdmf': not a whole HDF5 file");
}

/* Property: an output whose snapshot is gone, or was cut short, is reported and not taken for numbers. */
static void MissingSnapshot(void **state) {
  (void)state;
  RhoGrid grid = GridOf(shapes[1], 2);
  RhoResult result = Written(grid, InFolder("m"), 2);
  OK(RhoResultDestroy(&result));
  OK(RhoGridDestroy(&grid));
  if (Rank() == 0) assert_int_equal(unlink(InFolder("m.d/000000.h5")), 0);
  Misfit(MeshOf(shapes[1]), 2, names, "m", RHO_ID_NOT_A_RESULT, "m.d/000000.h5' is missing, output 0 of");
  if (Rank() == 0) assert_int_equal(truncate(InFolder("m.d/000001.h5"), 3000), 0);
  Misfit(MeshOf(shapes[1]), 2, names, "m.d/000001.h5", RHO_ID_CANNOT_READ, "not a whole HDF5 file");
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(MergesAndSubdivides), cmocka_unit_test(AnyCells),
                                          cmocka_unit_test(SecondOrder),         cmocka_unit_test(UnequalWidths),
                                          cmocka_unit_test(MisfitsAreReported),  cmocka_unit_test(MissingSnapshot)};
RUN(tests)
