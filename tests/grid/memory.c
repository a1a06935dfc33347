#include "check.h"

/* Everything the layer does, once, on a small grid: run under valgrind, which sees what is lost or never set. */
static void Everything(Shape shape, int walls, RhoPlanning planning) {
  RhoMesh mesh = MeshOf(shape, walls);
  RhoGrid grid;
  RhoTransform t;
  Vec u, w;
  DM da;
  PetscScalar *array, *spectrum, sum = 0;
  const PetscReal *q[RHO_MAXDIM], *weight;
  PetscInt nmode, width;
  OK(RhoGridCreate(PETSC_COMM_WORLD, &mesh, 1, 2, &grid));
  OK(RhoGridCompatible(grid, 2, &da));
  OK(DMCreateGlobalVector(da, &u));
  OK(DMCreateLocalVector(da, &w));
  OK(VecGetArray(u, &array));
  FOR_OWNED(grid, i, p) array[2 * p] = array[2 * p + 1] = Noise(i[0], i[1], i[2], 0);
  OK(RhoTransformCreate(grid, planning, &t));
  OK(RhoTransformModes(t, &nmode, &width, &q[0], &q[1], &q[2]));
  OK(RhoTransformWeight(t, &weight));
  OK(RhoTransformSpectrum(t, &spectrum));
  OK(RhoTransformForward(t, array + 1, 2, spectrum));
  for (PetscInt m = 0; m < nmode; m++) sum += weight[m] * (q[0][m] + q[1][m] + q[2][m]) * spectrum[m * width];
  OK(RhoTransformBackward(t, spectrum, array, 2));
  OK(VecRestoreArray(u, &array));
  OK(RhoGridGlobalToLocal(grid, da, u, w));
  OK(VecGetArray(w, &array));
  FOR_GHOSTED(grid, i, p) sum += array[2 * p] * i[0];
  assert_true(isfinite(sum)); /* a jump that depends on every ghost and entry */
  OK(VecRestoreArray(w, &array));
  OK(RhoTransformFreeSpectrum(t, &spectrum));
  OK(RhoTransformDestroy(&t));
  OK(VecDestroy(&u));
  OK(VecDestroy(&w));
  OK(DMDestroy(&da));
  OK(RhoGridDestroy(&grid));
}

/* Property: no memory is lost, none read before it is set or beyond its end. */
static void NothingIsLost(void **state) {
  (void)state;
  static const Shape small[] = {{1, {9}}, {2, {5, 6}}, {3, {3, 4, 5}}};
  for (int s = 0; s < 3; s++)
    for (int walls = 0; walls < 1 << small[s].ndim; walls++)
      for (int planning = 0; planning < 3; planning++) Everything(small[s], walls, (RhoPlanning)planning);
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(NothingIsLost)};
RUN(tests)
