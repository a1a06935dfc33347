/* pair.c - two particles at different temperatures relax to stationary states that are known independently of this
   program (tests/reference/pair_*.txt): moments, heat, entropy production, densities and currents at points, drift on a
   ring.

   pair slow: all cases, finer grids. */
#include "../reference/rows.h"
#include "steady.h"

static bool slow;

#define SET(name, value)                                                                                               \
  {                                                                                                                    \
    name, value, { -1, 0, 0 }                                                                                          \
  }
#define MEAN(formula) "integral(x1, integral(x2, P*(" formula ")))"

/* ---- grids ---- */

static void OpenPlane(const char *file, int nsetting, const RhoSetting *setting, const RhoMesh *mesh, Setup *s) {
  char path[1024];
  setenv("RHOFLUX_MODELS", RHO_SOURCE_DIR "/models", 1); /* for `extends` */
  snprintf(path, sizeof path, RHO_SOURCE_DIR "/models/%s.yaml", file);
  OpenModel(path, s);
  Require(s->diag, RhoEquationsBind(s->eq, 2, nsetting, setting, s->value), "settings");
  assert_true(MakeGrid(s, PETSC_COMM_SELF, mesh));
  FillFormula(s, 0, "exp(-W/((T1 + T2)/2))", 1);
}

static RhoMesh Square(double from, double to, int n, RhoBoundary boundary) {
  return (RhoMesh){.ndimension = 2,
                   .dimension = {{"x1", from, to, n, boundary, true}, {"x2", from, to, n, boundary, true}},
                   .place = RHO_NOWHERE};
}

static void Close(Setup *s) {
  CloseGrid(s);
  CloseModel(s);
}

static double Number1(Setup *s, const char *formula) {
  double *cells = CellsOf(s, formula), value = cells[0];
  free(cells);
  return value;
}

enum { NSTENCIL = 6 };

/* weight[NSTENCIL] of the cells from *first on for the polynomial through them at the place y, in cells */
static void Lagrange(double y, double *weight, PetscInt *first) {
  *first = (PetscInt)floor(y) - (NSTENCIL / 2 - 1);
  for (int k = 0; k < NSTENCIL; k++) {
    weight[k] = 1;
    for (int j = 0; j < NSTENCIL; j++)
      if (j != k) weight[k] *= (y - (double)*first - j) / (k - j);
  }
}

/* Between the cells by polynomials of degree 5 along both dimensions. */
static double AtPoint(const Setup *s, const double *cells, double x1, double x2) {
  const double at[2] = {x1, x2};
  double weight[2][NSTENCIL], sum = 0;
  PetscInt first[2];
  for (int d = 0; d < 2; d++)
    Lagrange((at[d] - s->grid->mesh.dimension[d].from) / s->grid->h[d] - 0.5, weight[d], &first[d]);
  for (int j = 0; j < NSTENCIL; j++)
    for (int i = 0; i < NSTENCIL; i++)
      sum += weight[0][i] * weight[1][j] * cells[(first[1] + j) * s->grid->n[0] + first[0] + i];
  return sum;
}

/* ---- in a trap ---- */

typedef struct {
  const char *file;
  int which; /* in the tables */
  double half;
  int ncell; /* on the coarsest grid */
  int nsetting;
  RhoSetting setting[4];
  bool kink;      /* of u at contact */
  double highest; /* order accepted: of P and J at single points it can be higher than 2 */
} Pair;

enum { NQUANTITY = 8 }; /* five moments, then P, J1, J2 */

typedef struct {
  Setup *s;
  const Pair *pair;
  int nrow;
  double *cells[3];
  double error[NQUANTITY];
} Errors;

static void Moments(const double *x, void *ctx) {
  static const char *const formula[] = {MEAN("x1^2"), MEAN("x2^2"), MEAN("x1*x2"), "integral(x1, integral(x2, heat))",
                                        "integral(x1, integral(x2, entropy_production))"};
  Errors *e = ctx;
  if (x[0] != e->pair->which) return;
  e->nrow++;
  for (int k = 0; k < 5; k++) e->error[k] = fabs(Number1(e->s, formula[k]) - x[1 + k]);
}

static void Points(const double *x, void *ctx) {
  Errors *e = ctx;
  if (x[0] != e->pair->which) return;
  e->nrow++;
  for (int k = 0; k < 3; k++)
    e->error[5 + k] = Worse(e->error[5 + k], AtPoint(e->s, e->cells[k], x[1], x[2]) - x[3 + k]);
}

static void PairErrors(const Pair *pair, int n, double *error) {
  static const char *const formula[] = {"P", "J1", "J2"};
  Setup s;
  RhoMesh mesh = Square(-pair->half, pair->half, n, RHO_WALL);
  Errors e = {.s = &s, .pair = pair};
  OpenPlane(pair->file, pair->nsetting, pair->setting, &mesh, &s);
  RelaxBy(&s, RHO_PC_LU, 1e-5, 40, 0.1);
  for (int k = 0; k < 3; k++) e.cells[k] = CellsOf(&s, formula[k]);
  EachRow("pair_moments.txt", 6, Moments, &e);
  EachRow("pair_points.txt", 6, Points, &e);
  assert_true(e.nrow >= 1);
  for (int k = 0; k < 3; k++) free(e.cells[k]);
  memcpy(error, e.error, sizeof e.error);
  for (int k = 0; k < NQUANTITY; k++) print_message(" %.1e", error[k]);
  print_message("\n");
  Close(&s);
}

static const char *const quantity[] = {"x1^2", "x2^2", "x1 x2", "heat", "entropy production", "P", "J1", "J2"};

/* Where u has a kink, currents times its slope are of first order only; everything else is of second. */
static void AssertOrder(const Pair *pair, int q, double h, double coarse, double fine) {
  bool first = pair->kink && (q == 3 || q == 4);
  double order = log2(coarse / fine);
  if (first && !(fine < 0.6 * h)) fail_msg("%s, %s: error %g", pair->file, quantity[q], fine);
  if (first || fine < 1e-9) return; /* no points, or nothing at equal temperatures */
  if (!(order > 1.8 && order < pair->highest)) fail_msg("%s, %s: order %.2f", pair->file, quantity[q], order);
}

static void Converges(const Pair *pair) {
  double error[3][NQUANTITY];
  int n = slow ? 3 : 2, ncell = 0;
  for (int k = 0; k < n; k++) PairErrors(pair, ncell = pair->ncell << k, error[k]);
  for (int q = 0; q < NQUANTITY; q++) AssertOrder(pair, q, 2 * pair->half / ncell, error[n - 2][q], error[n - 1][q]);
}

#define HARMONIC(number) .file = "two_temperature_pair/model", .which = number, .highest = 2.7
#define SOFT(number) .file = "two_temperature_pair/soft", .which = number, .kink = true
static const Pair pairs[] = {
    {HARMONIC(0), .half = 6.5, .ncell = 40},
    {SOFT(3), .half = 7, .ncell = 80, .highest = 2.7},
    {.file = "two_temperature_pair/quartic", .which = 5, .half = 4, .ncell = 40, .highest = 2.2},
    {HARMONIC(1), .half = 7, .ncell = 56, .nsetting = 2, .setting = {SET("T1", 4), SET("k", 5)}},
    {HARMONIC(2), .half = 6.5, .ncell = 40, .nsetting = 4,
     .setting = {SET("T1", 1), SET("T2", 3), SET("k", 0.5), SET("lambda", 2)}},
    /* exact but for what the cells miss of the normalisation */
    {SOFT(4), .half = 6, .ncell = 48, .nsetting = 2, .setting = {SET("T1", 1), SET("T2", 1)}, .highest = 6},
};

/* Moments, heat, entropy production, densities and currents. */
static void test_trap(void **state) {
  (void)state;
  for (int k = 0; k < (slow ? COUNT(pairs) : 3); k++) Converges(&pairs[k]);
}

/* ---- on a ring ---- */

typedef struct {
  double kappa, T1, T2, error[5]; /* v1, v2, heat, entropy production, cos r */
  int ncell;
  bool found;
} Ring;

static void RingErrors(const double *x, void *ctx) {
  static const char *const formula[] = {"v1", "v2", "integral(x1, integral(x2, heat))",
                                        "integral(x1, integral(x2, entropy_production))", MEAN("cos(x1 - x2)")};
  Ring *ring = ctx;
  const RhoSetting setting[] = {SET("kappa", ring->kappa), SET("T1", ring->T1), SET("T2", ring->T2)};
  RhoMesh mesh = Square(0, 2 * M_PI, ring->ncell, RHO_PERIODIC);
  Setup s;
  if (x[0] != ring->kappa || x[1] != ring->T1 || x[2] != ring->T2) return;
  ring->found = true;
  OpenPlane("two_temperature_ring/model", 3, setting, &mesh, &s);
  RelaxBy(&s, RHO_PC_LU, 1e-5, 1e5, 0.1);
  for (int k = 0; k < 5; k++) {
    ring->error[k] = fabs(Number1(&s, formula[k]) - x[3 + k]);
    print_message(" %.1e", ring->error[k]);
  }
  print_message("\n");
  Close(&s);
}

static void RingConverges(double kappa, double T1, double T2) {
  static const char *const what[] = {"v1", "v2", "heat", "entropy production", "cos r"};
  Ring ring[3];
  int n = slow ? 3 : 2;
  for (int k = 0; k < n; k++) {
    ring[k] = (Ring){.kappa = kappa, .T1 = T1, .T2 = T2, .ncell = 24 << k};
    assert_true(EachRow("pair_ring.txt", 8, RingErrors, &ring[k]) == 8 && ring[k].found);
  }
  for (int q = 0; q < 5; q++) {
    double fine = ring[n - 1].error[q], order = log2(ring[n - 2].error[q] / fine);
    bool right = T1 == T2 ? fine < 1e-10 : order > 1.7 && order < 3;
    if (!right) fail_msg("kappa = %g, T = %g, %g: %s: error %g, order %.2f", kappa, T1, T2, what[q], fine, order);
  }
}

/* Speeds, heat and entropy production at second order; nothing moves at equal temperatures, to round-off. */
static void test_ring(void **state) {
  static const double ring[][3] = {{1, 2, 1},   {1, 0.5, 1}, {1, 1, 1},  {1, 0.25, 1},
                                   {1, 0.1, 1}, {1, 4, 1},   {1, 10, 1}, {5, 0.25, 0.5}};
  (void)state;
  for (int k = 0; k < (slow ? COUNT(ring) : 3); k++) RingConverges(ring[k][0], ring[k][1], ring[k][2]);
}

/* ---- at equal temperatures ---- */

static void Rests(const char *file, const RhoMesh *mesh) {
  const RhoSetting setting[] = {SET("T1", 0.7), SET("T2", 0.7), SET("zeta2", 3)};
  Setup s;
  Vec F;
  OpenPlane(file, 3, setting, mesh, &s);
  OK(VecDuplicate(s.u, &F));
  OK(RhoResidual(s.fm, 0, s.u, F));
  print_message("  %s: rate %.1e of %.1e\n", file, NormMax(F), NormMax(s.u) / (s.grid->h[0] * s.grid->h[0]));
  assert_true(NormMax(F) < 1e-14 * NormMax(s.u) / (s.grid->h[0] * s.grid->h[0]));
  OK(VecDestroy(&F));
  Close(&s);
}

/* exp(-W/T) is steady to round-off, whatever the frictions; kinks do not matter. */
static void test_equal_temperatures(void **state) {
  RhoMesh trap = Square(-4, 4, 50, RHO_WALL), ring = Square(0, 2 * M_PI, 50, RHO_PERIODIC);
  (void)state;
  Rests("two_temperature_pair/model", &trap);
  Rests("two_temperature_pair/soft", &trap);
  Rests("two_temperature_pair/quartic", &trap);
  Rests("two_temperature_ring/model", &ring);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_trap), cmocka_unit_test(test_ring),
                                     cmocka_unit_test(test_equal_temperatures)};
  slow = argc > 1 && !strcmp(argv[1], "slow");
  return RunTests(1, argv, tests, COUNT(tests));
}
