#include "check.h"
#include <math.h>

static const char *const names[] = {"rho[a]", "rho[b]"};

static double Cell(const Shape *s, const long i[3], int field) {
  long j[3] = {0, 0, 0};
  for (int d = 0; d < s->ndim; d++) j[d] = i[d];
  return Noise(j[0], j[1], j[2], field, 0);
}

/* The mean of the source's cells in cell i of the target, or the source's cell that it lies in. */
static double Expected(const Shape *from, const Shape *to, const PetscInt i[3], int field) {
  long first[3] = {0, 0, 0}, n[3] = {1, 1, 1}, at[3];
  double sum = 0;
  for (int d = 0; d < from->ndim; d++) {
    first[d] = (long)i[d] * from->n[d] / to->n[d];
    n[d] = from->n[d] > to->n[d] ? from->n[d] / to->n[d] : 1;
  }
  for (at[2] = first[2]; at[2] < first[2] + n[2]; at[2]++)
    for (at[1] = first[1]; at[1] < first[1] + n[1]; at[1]++)
      for (at[0] = first[0]; at[0] < first[0] + n[0]; at[0]++) sum += Cell(from, at, field);
  return sum / (double)(n[0] * n[1] * n[2]);
}

static double SourceTotal(const Shape *s, int field) {
  double total = 0;
  for (long k = 0; k < (s->ndim > 2 ? s->n[2] : 1); k++)
    for (long j = 0; j < (s->ndim > 1 ? s->n[1] : 1); j++)
      for (long i = 0; i < s->n[0]; i++) total += Noise(i, j, k, field, 0);
  return total;
}

static double Largest(double own, MPI_Op op) {
  double all;
  MPI_Allreduce(&own, &all, 1, MPI_DOUBLE, op, PETSC_COMM_WORLD);
  return all;
}

static void OnePair(Shape from, Shape to) {
  RhoGrid source = GridOf(from, 2), target = GridOf(to, 2);
  RhoResult result = Written(source, InFolder("r"), 1);
  RhoDiag diag = RhoDiagCreate();
  Vec u = VectorOf(target, 2);
  const PetscScalar *array;
  PetscBool ok;
  double error = 0, total[2] = {0, 0};
  OK(RhoResultDestroy(&result));
  OK(RhoResultRead(target, diag, RHO_NOWHERE, InFolder("r"), PETSC_INFINITY, 2, names, u, NULL, &ok));
  assert_true(ok);
  OK(VecGetArrayRead(u, &array));
  FOR_OWNED(target, i, p)
  for (int f = 0; f < 2; f++) {
    error = fmax(error, fabs(array[2 * p + f] - Expected(&from, &to, i, f)));
    total[f] += array[2 * p + f] * target->volume;
  }
  OK(VecRestoreArrayRead(u, &array));
  assert_true(Largest(error, MPI_MAX) < 1e-15);
  for (int f = 0; f < 2; f++)
    assert_true(fabs(Largest(total[f], MPI_SUM) - SourceTotal(&from, f) * source->volume) < 1e-13);
  OK(VecDestroy(&u));
  RhoDiagDestroy(&diag);
  OK(RhoGridDestroy(&source));
  OK(RhoGridDestroy(&target));
}

/* Property: a cell of the new grid holds the mean of the cells it covers, or the value of the cell it is part of, and
   the integral of every field stays; each dimension by its own factor, some merging while others subdivide. */
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
  Misfit(MeshOf((Shape){2, {18, 20}}), 2, names, "m", RHO_ID_SHAPE_MISMATCH, "[12, 20] along x, y");
  Misfit(MeshOf((Shape){2, {18, 20}}), 2, names, "m", RHO_ID_SHAPE_MISMATCH, "the mesh's [18, 20]");
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
  Misfit(MeshOf(shapes[1]), 2, names, "m", RHO_ID_BAD_DATA, "'rho[a]' in");
  if (Rank() == 0) assert_int_equal(truncate(InFolder("m.d/000001.h5"), 3000), 0);
  Misfit(MeshOf(shapes[1]), 2, names, "m.d/000001.h5", RHO_ID_CANNOT_READ, "not a whole HDF5 file");
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(MergesAndSubdivides), cmocka_unit_test(MisfitsAreReported),
                                          cmocka_unit_test(MissingSnapshot)};
RUN(tests)
