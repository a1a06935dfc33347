/* deposit.c - densities of single particles: exact shares, sums, moments. */
#include "../io/check.h"
#include "rhoflux/particles.h"
#include <math.h>

typedef struct {
  RhoGrid grid;
  RhoDeposit deposit;
  Vec u;
} Bed;

static Bed BedOf(const RhoMesh *mesh, const char *method) {
  Bed bed;
  RhoDepositMethod kind;
  double width;
  assert_true(RhoDepositParse(method, &kind, &width));
  OK(RhoGridCreate(PETSC_COMM_WORLD, mesh, 2, 1, &bed.grid));
  OK(RhoDepositCreate(bed.grid, kind, width, &bed.deposit));
  bed.u = VectorOf(bed.grid, 2);
  OK(VecSet(bed.u, 0));
  return bed;
}

static void Add(Bed *bed, double weight, const double *x) {
  PetscScalar *cells;
  OK(VecGetArray(bed->u, &cells));
  RhoDepositAdd(bed->deposit, weight, x, 2, 1, cells);
  OK(VecRestoreArray(bed->u, &cells));
}

static void Remove(Bed *bed) {
  OK(VecDestroy(&bed->u));
  OK(RhoDepositDestroy(&bed->deposit));
  OK(RhoGridDestroy(&bed->grid));
}

/* The integral of unknown f times (x_d - about)^power. */
static double Moment(const Bed *bed, int f, int d, double about, int power) {
  const PetscScalar *cells;
  double own = 0, all;
  OK(VecGetArrayRead(bed->u, &cells));
  FOR_OWNED(bed->grid, i, p) {
    double volume = bed->grid->volumes ? bed->grid->volumes[p] : bed->grid->volume;
    own += cells[2 * p + f] * volume * pow(RhoMeshCentre(&bed->grid->mesh.dimension[d], (int)i[d]) - about, power);
  }
  OK(VecRestoreArrayRead(bed->u, &cells));
  MPI_Allreduce(&own, &all, 1, MPI_DOUBLE, MPI_SUM, PETSC_COMM_WORLD);
  return all;
}

static void Near(double found, double expected, double tolerance) {
  if (!(fabs(found - expected) <= tolerance)) fail_msg("%.17g instead of %.17g", found, expected);
}

static double At(const Bed *bed, int cell) {
  const PetscScalar *cells;
  double own = 0, all;
  OK(VecGetArrayRead(bed->u, &cells));
  FOR_OWNED(bed->grid, i, p) if (i[0] == cell) own = cells[2 * p + 1];
  OK(VecRestoreArrayRead(bed->u, &cells));
  MPI_Allreduce(&own, &all, 1, MPI_DOUBLE, MPI_SUM, PETSC_COMM_WORLD);
  return all;
}

static RhoMesh Line(RhoBoundary boundary) {
  return (RhoMesh){
      .ndimension = 1,
      .dimension = {{.name = "x", .from = -1, .to = 3, .ncell = 8, .boundary = boundary, .spatial = true}}};
}

/* Numbers by hand, on cells of width 1/2 from -1 on. */
static void test_by_hand(void **state) {
  static const struct {
    const char *method;
    RhoBoundary boundary;
    double x;
    int cell[2];
    double density[2];
  } row[] = {{"count", RHO_PERIODIC, -0.3, {1, 2}, {2, 0}},
             {"count", RHO_PERIODIC, -0.5, {1, 0}, {2, 0}},
             {"count", RHO_PERIODIC, 3, {0, 7}, {2, 0}},
             {"count", RHO_PERIODIC, -1.25, {7, 0}, {2, 0}},
             {"count", RHO_WALL, 3, {7, 0}, {2, 0}},
             {"cic", RHO_PERIODIC, -0.25, {1, 2}, {2, 0}},
             {"cic", RHO_PERIODIC, -0.125, {1, 2}, {1.5, 0.5}},
             {"cic", RHO_PERIODIC, -0.875, {0, 7}, {1.5, 0.5}},
             {"cic", RHO_PERIODIC, 2.9375, {7, 0}, {1.25, 0.75}},
             {"cic", RHO_WALL, 2.9375, {7, 0}, {2, 0}},
             {"cic", RHO_WALL, -0.9, {0, 7}, {2, 0}}};
  (void)state;
  for (size_t k = 0; k < sizeof row / sizeof *row; k++) {
    RhoMesh mesh = Line(row[k].boundary);
    Bed bed = BedOf(&mesh, row[k].method);
    Add(&bed, 1, &row[k].x);
    for (int c = 0; c < 2; c++) Near(At(&bed, row[k].cell[c]), row[k].density[c], 1e-14);
    Remove(&bed);
  }
}

static const char *const methods[] = {"count", "cic", "kernel:1.5", "gaussian:1.4"};
static const double edges[] = {-1, -0.8, -0.5, 0, 0.3, 0.5, 1.2, 2};

static RhoMesh AnyMesh(int k) {
  RhoMesh mesh = MeshOf(shapes[k % NSHAPE]);
  if (k < NSHAPE) return mesh;
  mesh.dimension[0].ncell = 7;
  mesh.dimension[0].edge = edges;
  return mesh;
}

/* Each particle adds its weight to the integral, anywhere, by every method, on equal and unequal cells. */
static void test_sum(void **state) {
  (void)state;
  for (int k = 0; k < 2 * NSHAPE; k++)
    for (int m = 0; m < 4; m++) {
      RhoMesh mesh = AnyMesh(k);
      Bed bed = BedOf(&mesh, methods[m]);
      double weight = 0;
      for (int n = 0; n < 40; n++) {
        double x[RHO_MAXDIM], one = 1 + Noise(n, 0, 0, 7, 0);
        for (int d = 0; d < mesh.ndimension; d++) {
          const RhoDimension *along = &mesh.dimension[d];
          double reach = along->boundary == RHO_PERIODIC ? 3 : 0.5;
          x[d] = 0.5 * (along->from + along->to) + reach * (along->to - along->from) * Noise(n, d, 1, 7, 0);
        }
        Add(&bed, one, x);
        weight += one;
      }
      Near(Moment(&bed, 1, 0, 0, 0), weight, 1e-13 * weight);
      Near(Moment(&bed, 0, 0, 0, 0), 0, 0);
      Remove(&bed);
    }
}

/* Mean and mean square of the bump exp(-1/(1 - r^2)), r < 1, in 2-D along one direction, by a fine sum of its own. */
static double BumpVariance(void) {
  enum { N = 4000 };
  double sum = 0, square = 0;
  for (int i = 1; i < N; i++) {
    double r = (double)i / N, k = exp(-1 / (1 - r * r)) * r;
    sum += k;
    square += 0.5 * r * r * k;
  }
  return square / sum;
}

static void CheckMoments(const char *method, double variance, double tolerance) {
  const RhoMesh mesh = {
      .ndimension = 2,
      .dimension = {{.name = "x", .from = 0, .to = 16, .ncell = 64, .boundary = RHO_PERIODIC, .spatial = true},
                    {.name = "y", .from = 0, .to = 15, .ncell = 75, .boundary = RHO_PERIODIC, .spatial = true}}};
  const double x[2] = {8.07, 7.34};
  Bed bed = BedOf(&mesh, method);
  Add(&bed, 3, x);
  for (int d = 0; d < 2; d++) {
    Near(Moment(&bed, 1, d, x[d], 1), 0, tolerance);
    if (variance > 0) Near(Moment(&bed, 1, d, x[d], 2), 3 * variance, tolerance);
  }
  Remove(&bed);
}

/* A cloud keeps the centre of mass; kernels have centre and width of their continuous form as far as the grid lets
 * them. */
static void test_moments(void **state) {
  (void)state;
  CheckMoments("cic", 0, 1e-12);
  CheckMoments("gaussian:0.9", 0.81, 1e-5);
  CheckMoments("kernel:3", 9 * BumpVariance(), 1e-3);
}

/* On unequal cells too, where sums over centres without the cells' widths would be off by 0.1. */
static void test_unequal(void **state) {
  enum { N = 64 };
  double edge[N + 1], x = 4.1;
  (void)state;
  for (int i = 0; i <= N; i++) edge[i] = 0.25 * i + 0.8 * sin(2 * M_PI * i / N);
  edge[0] = 0;
  edge[N] = 16;
  const RhoMesh mesh = {
      .ndimension = 1,
      .dimension = {
          {.name = "x", .from = 0, .to = 16, .ncell = N, .boundary = RHO_PERIODIC, .spatial = true, .edge = edge}}};
  Bed bed = BedOf(&mesh, "gaussian:0.9");
  Add(&bed, 1, &x);
  Near(Moment(&bed, 1, 0, x, 1), 0, 2e-3);
  Near(Moment(&bed, 1, 0, x, 2), 0.81, 0.01);
  Remove(&bed);
}

/* A width below that of a cell is refused. */
static void test_narrow(void **state) {
  RhoMesh mesh = Line(RHO_PERIODIC);
  RhoGrid grid;
  RhoDeposit deposit;
  (void)state;
  OK(RhoGridCreate(PETSC_COMM_WORLD, &mesh, 1, 1, &grid));
  FAILS(PETSC_ERR_ARG_OUTOFRANGE, RhoDepositCreate(grid, RHO_DEPOSIT_BUMP, 0.4, &deposit));
  Says("smaller than the largest cell along x");
  OK(RhoGridDestroy(&grid));
}

static void test_wide(void **state) {
  RhoMesh mesh = Line(RHO_PERIODIC);
  RhoGrid grid;
  RhoDeposit deposit;
  (void)state;
  mesh.ndimension = 2;
  mesh.dimension[1] = mesh.dimension[0];
  mesh.dimension[1].name = "y";
  OK(RhoGridCreate(PETSC_COMM_WORLD, &mesh, 1, 1, &grid));
  FAILS(PETSC_ERR_ARG_OUTOFRANGE, RhoDepositCreate(grid, RHO_DEPOSIT_GAUSSIAN, 1e4, &deposit));
  Says("share more than 1e+08 cells");
  OK(RhoGridDestroy(&grid));
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(test_by_hand), cmocka_unit_test(test_sum),
                                          cmocka_unit_test(test_moments), cmocka_unit_test(test_unequal),
                                          cmocka_unit_test(test_narrow),  cmocka_unit_test(test_wide)};
RUN(tests)
