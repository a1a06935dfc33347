/* Initial states: cell averages of polynomials are exact, discontinuities apart; the random part has zero mean, stays
   within its amplitude, differs between fields and seeds, and is the same on any number of ranks. */
#include "program.h"
#include "case.h"
#include <math.h>

enum { NX = 12, NY = 7, NFIELD = 2 };

static RhoGrid MakeGrid(MPI_Comm comm) {
  RhoGrid grid;
  RhoMesh mesh = {.ndimension = 2,
                  .dimension = {{"x", -1, 2, NX, RHO_WALL, true, NULL}, {"y", 0, 2, NY, RHO_PERIODIC, true, NULL}},
                  .place = RHO_NOWHERE};
  assert_int_equal(RhoGridCreate(comm, &mesh, NFIELD, 1, &grid), 0);
  return grid;
}

static Vec RandomState(RhoGrid grid, unsigned long long seed) {
  Vec u;
  assert_int_equal(DMCreateGlobalVector(grid->da, &u), 0);
  for (int i = 0; i < NFIELD; i++) assert_int_equal(rho_random_add(grid, seed, i, 0.5, u), 0);
  return u;
}

static void TestSameOnAnyRanks(void **state) {
  RhoGrid whole = MakeGrid(PETSC_COMM_SELF), shared = MakeGrid(PETSC_COMM_WORLD);
  Vec alone = RandomState(whole, 42), together = RandomState(shared, 42);
  const PetscScalar *a, *b;
  (void)state;
  VecGetArrayRead(alone, &a);
  VecGetArrayRead(together, &b);
  for (PetscInt j = 0; j < shared->count[1]; j++)
    for (PetscInt i = 0; i < shared->count[0] * NFIELD; i++)
      assert_true(b[j * shared->count[0] * NFIELD + i] == a[(shared->start[1] + j) * NX * NFIELD + i]);
  VecRestoreArrayRead(alone, &a);
  VecRestoreArrayRead(together, &b);
  VecDestroy(&alone);
  VecDestroy(&together);
  RhoGridDestroy(&whole);
  RhoGridDestroy(&shared);
}

static void TestZeroMeanWithinAmplitude(void **state) {
  RhoGrid grid = MakeGrid(PETSC_COMM_SELF);
  Vec u = RandomState(grid, 7), v = RandomState(grid, 8);
  const PetscScalar *a, *b;
  double sum[NFIELD] = {0}, square = 0, other = 0, product = 0;
  (void)state;
  VecGetArrayRead(u, &a);
  VecGetArrayRead(v, &b);
  for (int p = 0; p < NX * NY; p++) {
    for (int i = 0; i < NFIELD; i++) {
      sum[i] += a[p * NFIELD + i];
      assert_true(fabs(a[p * NFIELD + i]) < 0.75); /* the amplitude, and a mean of at most half of it */
    }
    square += a[p * NFIELD] * a[p * NFIELD];
    other += a[p * NFIELD] * b[p * NFIELD];
    product += a[p * NFIELD] * a[p * NFIELD + 1];
  }
  for (int i = 0; i < NFIELD; i++) assert_true(fabs(sum[i]) < 1e-13);
  assert_true(fabs(square / (NX * NY) - 0.25 / 3) < 0.03); /* the variance of a uniform distribution */
  assert_true(fabs(other) < 0.5 * square && fabs(product) < 0.5 * square);
  VecRestoreArrayRead(u, &a);
  VecRestoreArrayRead(v, &b);
  VecDestroy(&u);
  VecDestroy(&v);
  RhoGridDestroy(&grid);
}

/* ---- formulas ---- */

static const char text[] =
    "rhoflux: 1\ncase: averages\nmodel: " RHO_TESTS "/models/pair.yaml\n"
    "mesh: {x: {from: -1, to: 2, cells: 12, boundary: wall}, y: {length: 2, cells: 7, boundary: periodic}}\n"
    "initial: {formulas: {\"rho[a]\": 2 + x^5*y^4, \"rho[b]\": '1 + chi*Lx + Ly*y + zone(x, -0.4, 0.93)*zone(y, 0.3, "
    "0.4)'}}\n"
    "time: {end: 1}\n";

/* The average of x^n over [a, a + h] */
static double Average(double a, double h, int n) { return (pow(a + h, n + 1) - pow(a, n + 1)) / (n + 1) / h; }

/* The share of [a, a + h] that lies in [from, to] */
static double Share(double a, double h, double from, double to) { return fmax(0, fmin(to, a + h) - fmax(from, a)) / h; }

static void CheckAverages(const RhoGrid grid, Vec u) {
  const PetscScalar *cell;
  VecGetArrayRead(u, &cell);
  for (PetscInt p = 0; p < grid->nowned; p++) {
    double x = -1 + grid->h[0] * (double)(p % grid->count[0]);
    double y = grid->h[1] * (double)(grid->start[1] + p / grid->count[0]);
    double a = 2 + Average(x, grid->h[0], 5) * Average(y, grid->h[1], 4), b = 1 + 3 * 3 + 2 * Average(y, grid->h[1], 1);
    b += Share(x, grid->h[0], -0.4, 0.93) * Share(y, grid->h[1], 0.3, 0.4);
    assert_true(fabs(cell[2 * p] - a) < 1e-12 * (1 + fabs(a)));
    assert_true(fabs(cell[2 * p + 1] - b) < 1e-12 * b);
  }
  VecRestoreArrayRead(u, &cell);
}

static void TestCellAveragesAreExact(void **state) {
  RhoCli cli = {.arena = RhoArenaCreate(), .files = RhoArenaCreate(), .diag = RhoDiagCreate(), .nrank = 1};
  RhoCase c;
  RhoGrid grid;
  RhoFieldModel fm;
  Vec u;
  bool ok;
  char path[64];
  PetscMPIInt rank;
  (void)state;
  MPI_Comm_rank(PETSC_COMM_WORLD, &rank);
  snprintf(path, sizeof path, "averages%d.yaml", rank);
  WriteText(path, text);
  RhoStatus status = rho_case_load(&cli, path, RHO_CASE_FOR_RUN, &c);
  RhoDiagPrint(cli.diag, stderr);
  assert_int_equal(status, RHO_OK);
  assert_int_equal(RhoGridCreate(PETSC_COMM_WORLD, &c.mesh, 2, RhoFieldHalo(c.eq), &grid), 0);
  assert_int_equal(RhoFieldCreate(c.eq, grid, c.value, cli.diag, &fm), 0);
  assert_int_equal(DMCreateGlobalVector(grid->da, &u), 0);
  assert_int_equal(rho_initial_set(&c, fm, u, &ok), 0);
  RhoDiagPrint(cli.diag, stderr);
  assert_false(ok); /* 2 + x^5 y^4 is negative at the left wall */
  assert_true(RhoDiagErrors(cli.diag) == 1 && RhoDiagIdAt(cli.diag, 0) == RHO_ID_CASE_STATE_VALUE);
  CheckAverages(grid, u);
  VecDestroy(&u);
  RhoFieldDestroy(&fm);
  RhoGridDestroy(&grid);
  rho_case_destroy(&c);
  RhoDiagDestroy(&cli.diag);
  RhoArenaDestroy(&cli.files);
  RhoArenaDestroy(&cli.arena);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestSameOnAnyRanks),
                                     cmocka_unit_test(TestZeroMeanWithinAmplitude),
                                     cmocka_unit_test(TestCellAveragesAreExact)};
  if (PetscInitialize(&argc, &argv, NULL, NULL)) return 1;
  int failed = cmocka_run_group_tests(tests, EnterFolder, LeaveFolder);
  return PetscFinalize() || failed;
}
