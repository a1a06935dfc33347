#include "check.h"
#include <stdio.h>
#include <string.h>

typedef struct {
  PetscErrorCode code;
  char message[512];
} Caught;

static PetscErrorCode Catch(MPI_Comm comm, int line, const char *function, const char *file, PetscErrorCode code,
                            PetscErrorType type, const char *message, void *ctx) {
  (void)comm, (void)line, (void)function, (void)file;
  Caught *caught = ctx;
  if (type == PETSC_ERROR_INITIAL) {
    caught->code = code;
    snprintf(caught->message, sizeof caught->message, "%s", message);
  }
  return code;
}

/* The error of making this grid; its message in caught. */
static PetscErrorCode Refusal(MPI_Comm comm, Shape shape, int nfield, int halo, Caught *caught) {
  RhoMesh mesh = MeshOf(shape, 2);
  RhoGrid grid = NULL;
  *caught = (Caught){0, ""};
  OK(PetscPushErrorHandler(Catch, caught));
  PetscErrorCode error = RhoGridCreate(comm, &mesh, nfield, halo, &grid);
  OK(PetscPopErrorHandler());
  if (!error) OK(RhoGridDestroy(&grid));
  return error;
}

/* Property: the shares of n cells add up to n and differ by at most one, whatever the number of ranks. */
static void SharesAddUp(void **state) {
  (void)state;
  for (int n = 1; n <= 40; n++)
    for (int size = 1; size <= n; size++) {
      PetscInt sum = 0;
      for (int rank = 0; rank < size; rank++) {
        PetscInt share = rho_share_count(n, size, rank);
        assert_true(share == n / size || share == n / size + 1);
        sum += share;
      }
      assert_int_equal(sum, n);
    }
}

/* Property: a grid is made exactly when every slab exists and is as wide as the halo. */
static void RefusedExactlyWhenTooThin(void **state) {
  (void)state;
  Caught caught;
  for (int n = 1; n <= 14; n++)
    for (int halo = 0; halo <= 3; halo++)
      for (int ndim = 1; ndim <= 2; ndim++) {
        Shape shape = {ndim, {ndim == 1 ? n : 5, n}};
        PetscErrorCode error = Refusal(PETSC_COMM_WORLD, shape, 1, halo, &caught);
        assert_int_equal(error, Shared(shape, halo) ? 0 : PETSC_ERR_ARG_SIZ);
      }
}

/* Property: the smallest number of cells that a message names is accepted, and one less is not. */
static void NamedSmallestWorks(void **state) {
  (void)state;
  Caught caught;
  int least = 0;
  assert_int_equal(Refusal(PETSC_COMM_SELF, (Shape){2, {2, 20}}, 1, 3, &caught), PETSC_ERR_ARG_SIZ);
  assert_int_equal(sscanf(caught.message, "2 cells along x: stencils that reach 3 cells need at least %d", &least), 1);
  assert_int_equal(Refusal(PETSC_COMM_SELF, (Shape){2, {least, 20}}, 1, 3, &caught), 0);
  assert_int_equal(Refusal(PETSC_COMM_SELF, (Shape){2, {least - 1, 20}}, 1, 3, &caught), PETSC_ERR_ARG_SIZ);
}

/* Property: with the number of ranks, or of cells, that a message names the grid is made, and with one worse it is not.
 */
static void NamedRanksWork(void **state) {
  (void)state;
  Caught caught;
  int size = Ranks(), nrank, ncell, n = 2 * size - 1;
  if (size == 1) return;
  assert_int_equal(Refusal(PETSC_COMM_WORLD, (Shape){2, {5, n}}, 1, 2, &caught), PETSC_ERR_ARG_SIZ);
  const char *advice = strstr(caught.message, "use at most");
  assert_non_null(advice);
  assert_int_equal(sscanf(advice, "use at most %d ranks, or at least %d cells", &nrank, &ncell), 2);
  assert_true(n / nrank >= 2 && n / (nrank + 1) < 2);
  assert_int_equal(Refusal(PETSC_COMM_WORLD, (Shape){2, {5, ncell}}, 1, 2, &caught), 0);
  assert_int_equal(Refusal(PETSC_COMM_WORLD, (Shape){2, {5, ncell - 1}}, 1, 2, &caught), PETSC_ERR_ARG_SIZ);
}

/* Property: what can not be counted or makes no sense is refused before anything is allocated. */
static void NonsenseIsRefused(void **state) {
  (void)state;
  Caught caught;
  Shape shape = {2, {12, 20}}, huge = {3, {1 << 12, 1 << 12, 1 << 12}};
  assert_int_equal(Refusal(PETSC_COMM_WORLD, shape, 0, 1, &caught), PETSC_ERR_ARG_OUTOFRANGE);
  assert_int_equal(Refusal(PETSC_COMM_WORLD, shape, 1, -1, &caught), PETSC_ERR_ARG_OUTOFRANGE);
  assert_int_equal(Refusal(PETSC_COMM_WORLD, (Shape){0, {0}}, 1, 1, &caught), PETSC_ERR_ARG_OUTOFRANGE);
  if (sizeof(PetscInt) == 4) assert_int_equal(Refusal(PETSC_COMM_WORLD, huge, 1, 1, &caught), PETSC_ERR_ARG_OUTOFRANGE);
}

/* Property: vectors of another size than the grid's are refused with the sizes. */
static void OtherVectorsAreRefused(void **state) {
  (void)state;
  Caught caught = {0, ""};
  RhoMesh mesh = MeshOf((Shape){1, {12}}, 0);
  RhoGrid grid;
  Vec u;
  OK(RhoGridCreate(PETSC_COMM_SELF, &mesh, 2, 1, &grid));
  OK(DMCreateGlobalVector(grid->da, &u));
  OK(PetscPushErrorHandler(Catch, &caught));
  assert_int_equal(RhoGridGlobalToLocal(grid, grid->da, u, u), PETSC_ERR_ARG_SIZ);
  OK(PetscPopErrorHandler());
  assert_non_null(strstr(caught.message, "vectors of 24 and 24 entries for 2 fields on 12 cells, 14 with ghosts"));
  OK(VecDestroy(&u));
  OK(RhoGridDestroy(&grid));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(SharesAddUp),        cmocka_unit_test(RefusedExactlyWhenTooThin),
    cmocka_unit_test(NamedSmallestWorks), cmocka_unit_test(NamedRanksWork),
    cmocka_unit_test(NonsenseIsRefused),  cmocka_unit_test(OtherVectorsAreRefused)};
RUN(tests)
