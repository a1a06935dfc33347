/* thermophoresis.c - models of thermophoresis relax to steady states that are known independently of this program, at
   second order: tests/reference/thermophoresis_*.txt, lines of  case x value ... */
#include "../reference/rows.h"
#include "steady.h"

enum { MOST = 5 };

typedef struct {
  const char *model, *text; /* a model of models/, or one written here */
  const char *file;         /* of tests/reference */
  double which;             /* the case in the file */
  double layer; /* where walls have layers that the grids do not resolve, so far from them nothing is compared */
  int nvalue;
  const char *value[MOST]; /* formulas of the columns */
  int nsetting;
  RhoSetting setting[MOST];
} Steady;

static void OpenSteady(const Steady *steady, const RhoMesh *mesh, Setup *s) {
  char path[1024];
  snprintf(path, sizeof path, RHO_SOURCE_DIR "/models/%s/model.yaml", steady->model);
  if (steady->text) OpenText(steady->text, s);
  else OpenModel(path, s);
  Require(s->diag, RhoEquationsBind(s->eq, 1, steady->nsetting, steady->setting, s->value), "settings");
  assert_true(MakeGrid(s, PETSC_COMM_SELF, mesh));
}

/* ---- errors ---- */

typedef struct {
  const Steady *steady;
  PetscInt n;
  double *line[MOST];
  int nrow;
  double error;
} Profile;

static void Row(const double *x, void *ctx) {
  Profile *profile = ctx;
  double layer = profile->steady->layer;
  if (x[0] != profile->steady->which || x[1] < layer || x[1] > 1 - layer) return;
  PetscInt face = (PetscInt)lround(x[1] * profile->n);
  profile->nrow++;
  for (int k = 0; k < profile->steady->nvalue; k++)
    profile->error = Worse(profile->error, FaceOf(profile->line[k], profile->n, face) - x[2 + k]);
}

/* The largest difference from the rows of the file, at the faces where x is. */
static double ErrorOf(Setup *s, const Steady *steady) {
  Profile profile = {.steady = steady, .n = s->grid->n[0]};
  for (int k = 0; k < steady->nvalue; k++) profile.line[k] = CellsOf(s, steady->value[k]);
  EachRow(steady->file, 2 + steady->nvalue, Row, &profile);
  assert_int_equal(profile.nrow, steady->layer > 0 ? 7 : 11);
  for (int k = 0; k < steady->nvalue; k++) free(profile.line[k]);
  return profile.error;
}

/* From equal parts of the mass 1 in all fields, on a line of 0 < x < 1. */
static double LineError(const Steady *steady, int ncell, double end, double *dissipated) {
  Setup s;
  RhoMesh mesh = Line(0, 1, ncell, RHO_WALL);
  OpenSteady(steady, &mesh, &s);
  OK(VecSet(s.u, 1. / (s.eq->nfield)));
  Relax(&s, 1e-6, end, 1);
  double error = ErrorOf(&s, steady);
  print_message(" error %.2e\n", error);
  if (dissipated) {
    dissipated[0] = IntegralOf(&s, "entropy_production");
    dissipated[1] = IntegralOf(&s, "-heat_flux*d(T, x)/T^2");
  }
  CloseGrid(&s);
  CloseModel(&s);
  return error;
}

/* ---- networks ---- */

#define FIVE .nvalue = 5, .value = {"P[1]", "P[2]", "P[3]", "P[4]", "P[5]"}
#define SET(name, value)                                                                                               \
  {                                                                                                                    \
    name, value, { -1, 0, 0 }                                                                                          \
  }
static const Steady networks[] = {
    {.model = "thermophoresis_network", .file = "thermophoresis_states.txt", .which = 0, FIVE},
    {.model = "thermophoresis_network",
     .file = "thermophoresis_states.txt",
     .which = 1,
     FIVE,
     .nsetting = 5,
     .setting = {SET("D[1]", 1), SET("D[2]", 0.8), SET("D[3]", 0.6), SET("D[4]", 0.4), SET("D[5]", 0.2)}},
    {.text = "extends: " RHO_SOURCE_DIR "/models/thermophoresis_network/model.yaml\nindex: {\"i, j\": 1..2}\n"
             "parameters: {\"D[i]\": [0.01, 0.001], \"E[i]\": [1, 0], \"B[i,j]\": 1, k0: 1, T0: 0.2, dT: 0.2}\n",
     .file = "thermophoresis_two_states.txt",
     .nvalue = 2,
     .value = {"P[1]", "P[2]"}},
};
static const double dissipation[] = {0.027441697932224, 0.024930518789721, 0.0010404898177053};

/* Every state of networks of five and of two states, and the entropy production, once from currents and reactions, once
   from the heat carried. */
static void test_networks(void **state) {
  (void)state;
  for (int c = 0; c < COUNT(networks); c++) {
    double error[3], found[2], off[2][3];
    for (int k = 0; k < 3; k++) {
      error[k] = LineError(&networks[c], 40 << k, c == 2 ? 4000 : 40, found);
      for (int way = 0; way < 2; way++) off[way][k] = fabs(found[way] - dissipation[c]);
    }
    assert_second_order(3, error, "network");
    assert_second_order(3, off[0], "entropy production, currents and reactions");
    assert_second_order(3, off[1], "entropy production, heat");
  }
}

/* ---- dimers ---- */

#define DIMERS .model = "thermophoresis_dimers", .file = "thermophoresis_dimers.txt", .nvalue = 2, .value = {"c1", "c2"}
static const Steady dimers[] = {
    {DIMERS, .which = 0},
    {DIMERS, .which = 1, .nsetting = 2, .setting = {SET("Kd0", 0.05), SET("Ed", -2)}},
};

static double DimersError(const Steady *steady, int ncell) {
  Setup s;
  RhoMesh mesh = Line(0, 1, ncell, RHO_WALL);
  OpenSteady(steady, &mesh, &s);
  FillFormula(&s, 0, "0.5", 0);
  FillFormula(&s, 1, "0.25", 0);
  Relax(&s, 1e-6, 10, 1);
  double error = ErrorOf(&s, steady), *current = CellsOf(&s, "D1*c1 + 2*D2*c2"), worst = 0;
  for (int p = 0; p < ncell; p++) worst = Worse(worst, current[p] - current[0]);
  print_message(" error %.2e, D1 c1 + 2 D2 c2 varies by %.1e\n", error, worst);
  assert_true(worst < 1e-10); /* exact on the grid, too: the discrete laplacian of it vanishes */
  free(current);
  CloseGrid(&s);
  CloseModel(&s);
  return error;
}

static void test_dimers(void **state) {
  (void)state;
  for (int c = 0; c < COUNT(dimers); c++) {
    double error[3];
    for (int k = 0; k < 3; k++) error[k] = DimersError(&dimers[c], 40 << k);
    assert_second_order(3, error, "dimers");
  }
}

/* ---- a continuous internal state ---- */

#define CONTINUOUS(alpha)                                                                                              \
  .model = "thermophoresis_continuous", .file = "thermophoresis_continuous.txt", .which = alpha, .nvalue = 2,          \
  .value = {"Ptot", "integral(q, U*P)"}, .nsetting = 1, .setting = {SET("alpha", alpha)}
/* At 0.01 the layers are sqrt(D/U'') = 0.014 wide. */
static const Steady continuous[] = {{CONTINUOUS(1)}, {CONTINUOUS(10)}, {CONTINUOUS(0.01), .layer = 0.15}};

static RhoMesh Plane(int nx, int nq) {
  return (RhoMesh){.ndimension = 2,
                   .dimension = {{"x", 0, 1, nx, RHO_WALL, true}, {"q", -3, 3, nq, RHO_WALL, false}},
                   .place = RHO_NOWHERE};
}

static double ContinuousError(const Steady *steady, int n) {
  Setup s;
  RhoMesh mesh = Plane(20 * n, 30 * n);
  OpenSteady(steady, &mesh, &s);
  FillFormula(&s, 0, "exp(-U/T)", 1);
  RelaxBy(&s, RHO_PC_LU, 1e-5, 10 + 10 / steady->which, 0.1);
  double error = ErrorOf(&s, steady);
  print_message(" error %.2e\n", error);
  CloseGrid(&s);
  CloseModel(&s);
  return error;
}

static void test_continuous(void **state) {
  (void)state;
  for (int c = 0; c < COUNT(continuous); c++) {
    double error[3];
    for (int k = 0; k < 3; k++) error[k] = ContinuousError(&continuous[c], 1 << k);
    assert_second_order(3, error, "continuous");
  }
}

/* At equal temperatures exp(-U/T) is steady to round-off: neither direction has a flux. */
static void test_equal_temperatures(void **state) {
  static const Steady cold = {.model = "thermophoresis_continuous", .nsetting = 1, .setting = {SET("dT", 0)}};
  Setup s;
  Vec F;
  RhoMesh mesh = Plane(8, 90);
  (void)state;
  OpenSteady(&cold, &mesh, &s);
  FillFormula(&s, 0, "exp(-U/T0)", 1);
  OK(VecDuplicate(s.u, &F));
  OK(RhoResidual(s.fm, 0, s.u, F));
  print_message("  Boltzmann state: rate %.1e\n", NormMax(F));
  assert_true(NormMax(F) < 1e-11); /* of 1e4: P U'' and P/h^2 */
  OK(VecDestroy(&F));
  CloseGrid(&s);
  CloseModel(&s);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_networks), cmocka_unit_test(test_dimers),
                                     cmocka_unit_test(test_continuous), cmocka_unit_test(test_equal_temperatures)};
  return RunTests(argc, argv, tests, COUNT(tests));
}
