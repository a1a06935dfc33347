#include "check.h"

/* Where the value of cell i comes from, by the group of reflections and translations: an even function of period 2n
   between walls, of period n otherwise. */
static int Image(const RhoGrid grid, int d, int i) {
  int n = grid->n[d];
  if (grid->mesh.ndimension <= d || grid->mesh.dimension[d].boundary == RHO_PERIODIC) return (i % n + n) % n;
  int m = (i % (2 * n) + 2 * n) % (2 * n);
  return m < n ? m : 2 * n - 1 - m;
}

static double At(const RhoGrid grid, const PetscInt i[3], int field) {
  return Noise(Image(grid, 0, i[0]), Image(grid, 1, i[1]), Image(grid, 2, i[2]), field);
}

/* The largest difference of a ghosted array from the images, over all its cells. */
static double GhostError(const RhoGrid grid, int nfield, const PetscScalar *w) {
  double error = 0;
  FOR_GHOSTED(grid, i, p)
  for (int f = 0; f < nfield; f++) error = Worse(error, w[p * nfield + f] - At(grid, i, f));
  return error;
}

static double ExchangedError(RhoGrid grid, DM da, int nfield) {
  Vec u, w;
  PetscScalar *array;
  OK(DMCreateGlobalVector(da, &u));
  OK(DMCreateLocalVector(da, &w));
  OK(VecSet(w, NAN));
  OK(VecGetArray(u, &array));
  FOR_OWNED(grid, i, p)
  for (int f = 0; f < nfield; f++) array[p * nfield + f] = At(grid, i, f);
  OK(VecRestoreArray(u, &array));
  OK(RhoGridGlobalToLocal(grid, da, u, w));
  OK(VecGetArray(w, &array));
  double error = GhostError(grid, nfield, array);
  OK(VecRestoreArray(w, &array));
  OK(VecDestroy(&u));
  OK(VecDestroy(&w));
  return error;
}

/* Ghosts alone: of the owned cells none is needed but those in the outermost layers. */
static double FrameError(RhoGrid grid, int nfield) {
  Vec u, w;
  PetscScalar *array;
  double error = 0;
  OK(DMCreateGlobalVector(grid->da, &u));
  OK(DMCreateLocalVector(grid->da, &w));
  OK(VecSet(w, -7));
  OK(VecGetArray(u, &array));
  FOR_OWNED(grid, i, p)
  for (int f = 0; f < nfield; f++) array[p * nfield + f] = At(grid, i, f);
  OK(VecRestoreArray(u, &array));
  OK(RhoGridFrameBy(grid, grid->da, NULL, u, w));
  OK(VecGetArray(w, &array));
  FOR_GHOSTED(grid, i, p)
  for (int f = 0; f < nfield; f++) {
    bool inside = true;
    for (int d = 0; d < grid->mesh.ndimension; d++)
      inside = inside && i[d] >= grid->start[d] + PetscMax(2, grid->halo) &&
               i[d] < grid->start[d] + grid->count[d] - PetscMax(2, grid->halo);
    error = Worse(error, array[p * nfield + f] - (inside ? -7 : At(grid, i, f)));
  }
  OK(VecRestoreArray(w, &array));
  OK(VecDestroy(&u));
  OK(VecDestroy(&w));
  return error;
}

static double FilledError(RhoGrid grid, int nfield) {
  PetscScalar *w;
  OK(PetscMalloc1(grid->nghosted * nfield, &w));
  FOR_GHOSTED(grid, i, p)
  for (int f = 0; f < nfield; f++) {
    bool owned = true;
    for (int d = 0; d < RHO_MAXDIM; d++)
      owned = owned && i[d] >= grid->start[d] && i[d] < grid->start[d] + grid->count[d];
    w[p * nfield + f] = owned ? At(grid, i, f) : NAN;
  }
  OK(RhoGridFillGhosts(grid, nfield, w));
  double error = GhostError(grid, nfield, w);
  OK(PetscFree(w));
  return error;
}

typedef double (*CheckFn)(RhoGrid grid, int nfield);

/* check == 0 for every shape, boundary and width of the halo, with 1, 2 or 3 fields in turn. */
static void ForAllGrids(CheckFn check) {
  int ngrid = 0;
  for (int s = 0; s < NSHAPE; s++)
    for (int walls = 0; walls < 1 << shapes[s].ndim; walls++)
      for (int halo = 0; halo <= 3; halo++) {
        RhoMesh mesh = MeshOf(shapes[s], walls);
        RhoGrid grid;
        if (!Shared(shapes[s], halo)) continue;
        int nfield = 1 + ngrid++ % 3;
        OK(RhoGridCreate(PETSC_COMM_WORLD, &mesh, nfield, halo, &grid));
        assert_true(Largest(check(grid, nfield)) == 0);
        OK(RhoGridDestroy(&grid));
        assert_null(grid);
      }
  assert_true(ngrid > 150);
}

static double OwnDmda(RhoGrid grid, int nfield) { return ExchangedError(grid, grid->da, nfield); }

static double CompatibleDmda(RhoGrid grid, int nfield) {
  DM da;
  OK(RhoGridCompatible(grid, nfield + 1, &da));
  double error = ExchangedError(grid, da, nfield + 1);
  OK(DMDestroy(&da));
  return error;
}

/* Property: after RhoGridGlobalToLocal every ghost, corners too, is the image of the cell inside; NaN nowhere. */
static void GhostsAreImages(void **state) {
  (void)state;
  ForAllGrids(OwnDmda);
}

/* Property: the same through a DMDA with another number of unknowns. */
static void CompatibleGhosts(void **state) {
  (void)state;
  ForAllGrids(CompatibleDmda);
}

/* Property: the same for the ghosts alone, without a look at the cells inside. */
static void FramesAreImages(void **state) {
  (void)state;
  ForAllGrids(FrameError);
}

/* Property: the same in place, for arrays that never were vectors. */
static void FilledGhosts(void **state) {
  (void)state;
  ForAllGrids(FilledError);
}

static double CoordinateError(RhoGrid grid, int nfield) {
  (void)nfield;
  double error = 0;
  for (int d = 0; d < grid->mesh.ndimension; d++)
    for (PetscInt i = 0; i < grid->gcount[d]; i++) {
      double centre = grid->mesh.dimension[d].from + (Image(grid, d, grid->gstart[d] + i) + 0.5) * grid->h[d];
      error = Worse(error, RhoGridCoordinate(grid, d)[i] - centre);
    }
  return error < 1e-14 ? 0 : error;
}

/* Property: the coordinate of a ghost is the centre of the cell it is the image of, from + (i + 1/2) h to round-off. */
static void CoordinatesAreImages(void **state) {
  (void)state;
  ForAllGrids(CoordinateError);
}

/* Property: centres of a symmetric extent are antisymmetric to the last bit. */
static void CentresAreAntisymmetric(void **state) {
  (void)state;
  RhoMesh mesh = {.ndimension = 1, .dimension = {{"v", -0.7, 0.7, 37, RHO_WALL, false, NULL}}, .place = RHO_NOWHERE};
  RhoGrid grid;
  OK(RhoGridCreate(PETSC_COMM_SELF, &mesh, 1, 2, &grid));
  const PetscReal *v = RhoGridCoordinate(grid, 0);
  for (PetscInt i = 0; i < grid->gcount[0]; i++) assert_true(v[i] == -v[grid->gcount[0] - 1 - i]);
  OK(RhoGridDestroy(&grid));
}

/* Property: the numbers of the grid are those of the mesh, and the shares of the ranks add up to it. */
static void CountsAddUp(void **state) {
  (void)state;
  for (int s = 0; s < NSHAPE; s++) {
    if (!Shared(shapes[s], 1)) continue;
    RhoMesh mesh = MeshOf(shapes[s], 2);
    RhoGrid grid;
    double volume = 1, ncell = 1;
    OK(RhoGridCreate(PETSC_COMM_WORLD, &mesh, 1, 1, &grid));
    for (int d = 0; d < RHO_MAXDIM; d++) {
      bool used = d < shapes[s].ndim;
      assert_int_equal(grid->n[d], used ? shapes[s].n[d] : 1);
      assert_int_equal(grid->gcount[d], grid->count[d] + (used ? 2 : 0));
      volume *= used ? mesh.dimension[d].to - mesh.dimension[d].from : 1;
      ncell *= grid->n[d];
    }
    assert_true(Total((double)grid->nowned) == ncell && grid->ncell == ncell);
    assert_true(fabs(grid->volume * ncell - volume) < 1e-14 * volume);
    OK(RhoGridDestroy(&grid));
  }
}

/* A line goes on beyond walls as a line, with a layer of cells per rank too. */
static void ExtrapolatedGhosts(void **state) {
  RhoGhostRule rule[RHO_MAXDIM][2];
  PetscMPIInt size;
  (void)state;
  MPI_Comm_size(PETSC_COMM_WORLD, &size);
  for (int d = 0; d < RHO_MAXDIM; d++)
    for (int side = 0; side < 2; side++) rule[d][side] = (RhoGhostRule){RHO_GHOST_EXTRAPOLATED, NULL};
  for (int ndim = 1; ndim <= RHO_MAXDIM; ndim++) {
    RhoMesh mesh = {.ndimension = ndim, .place = RHO_NOWHERE};
    RhoGrid grid;
    PetscScalar *w;
    for (int d = 0; d < ndim; d++)
      mesh.dimension[d] = (RhoDimension){
          .name = "xyz" + d, .to = 1 + d, .ncell = d == ndim - 1 ? PetscMax(2, size) : 3, .boundary = RHO_WALL};
    OK(RhoGridCreate(PETSC_COMM_WORLD, &mesh, 1, 1, &grid));
    OK(PetscCalloc1((size_t)grid->nghosted, &w));
    for (int pass = 0; pass < 2; pass++) {
      for (PetscInt p = 0; p < grid->nghosted; p++) {
        PetscInt i[RHO_MAXDIM] = {p % grid->gcount[0], p / grid->gcount[0] % grid->gcount[1],
                                  p / grid->gcount[0] / grid->gcount[1]};
        double line = 0.3;
        bool owned = true;
        for (int d = 0; d < ndim; d++) {
          line += (1 + 0.5 * d) * (double)(grid->gstart[d] + i[d]);
          owned = owned && i[d] >= 1 && i[d] <= grid->count[d];
        }
        if (pass) assert_true(fabs(w[p] - line) < 1e-13);
        else w[p] = owned ? line : NAN;
      }
      if (!pass) OK(RhoGridFillGhostsBy(grid, 1, rule[0], w));
    }
    OK(PetscFree(w));
    OK(RhoGridDestroy(&grid));
  }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(GhostsAreImages),         cmocka_unit_test(CompatibleGhosts),
    cmocka_unit_test(FramesAreImages),         cmocka_unit_test(FilledGhosts),
    cmocka_unit_test(ExtrapolatedGhosts),      cmocka_unit_test(CoordinatesAreImages),
    cmocka_unit_test(CentresAreAntisymmetric), cmocka_unit_test(CountsAddUp)};
RUN(tests)
