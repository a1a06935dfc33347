/* travelling.c - waves of two species of which one runs after the other: what `track` finds in runs.

   models/quorum_sensing_cross, opposite couplings, one wavelength 4 pi, from a small wave.
     +-0.5  the travelling wave of speed 0.322574826346 (independent reference: Newton's method on Fourier collocation),
            reached at second order in the width of the cells.  Started from the reference's Fourier coefficients it has
            that speed at once: of second order in the cells, in fixed steps of the design order of each scheme, and
            the spectral discretisation of 64 points holds it to 1e-9
     +-0.8  a standing wave of half period 11.40 (the same source, from a time series, to 0.02)

   A fault that was put in once: a and b of the reference exchanged (test_reference_space). */
#include "../reference/rows.h"
#include "verify.h"
#include "rhoflux/observe.h"

#define SPEED 0.3225748263462165
#define LEAD (-0.275617) /* wavelengths, of the first mode of b, behind that of a: the same reference */
#define HALF_PERIOD 11.40

typedef struct {
  RhoResult result;
  double from;
} Film;

static PetscErrorCode Keep(void *ctx, const RhoEvolveState *state, Vec u, PetscBool *stop) {
  const Film *film = ctx;
  (void)stop;
  if (state->output >= 0 && state->time >= film->from) OK(RhoResultWrite(film->result, state->time, u, NULL));
  return 0;
}

static void Start(Setup *s, double lag) {
  PetscScalar *u;
  OK(VecGetArray(s->u, &u));
  for (PetscInt p = 0; p < s->grid->nowned; p++) {
    double x[RHO_MAXDIM];
    PlaceOf(s->grid, p, x);
    for (int f = 0; f < 2; f++) u[2 * p + f] = 1 + 0.1 * cos(x[0] / 2 - lag * f);
  }
  OK(VecRestoreArray(s->u, &u));
}

enum { NOUTPUT = 401 };

/* The run's outputs between two times, as a result at path. */
static void Run(int ncell, double coupling, double lag, double from, double end, const char *path) {
  static const RhoResultField field[] = {{"rho[a]", NULL, PETSC_FALSE}, {"rho[b]", NULL, PETSC_FALSE}};
  const RhoResultContent content = {2, 0, 0, field, NULL, NULL};
  RhoMesh mesh = Line(0, 4 * M_PI, ncell, RHO_PERIODIC);
  RhoEvolveOptions options = Until(end, 1e-6);
  PetscReal output[NOUTPUT];
  char text[512];
  Film film = {.from = from};
  Outcome out;
  Setup s;
  snprintf(text, sizeof text,
           "extends: " RHO_SOURCE_DIR "/models/quorum_sensing_cross/model.yaml\n"
           "parameters: {\"k_cross[s]\": {a: %g, b: %g}}",
           coupling, -coupling);
  OpenText(text, &s);
  assert_true(OpenGrid(&s, PETSC_COMM_WORLD, &mesh));
  Start(&s, lag);
  for (int k = 0; k < NOUTPUT; k++) output[k] = end * k / (NOUTPUT - 1);
  options.noutput = NOUTPUT;
  options.output = output;
  OK(RhoResultCreate(s.grid, path, PETSC_TRUE, &content, &film.result));
  OK(RhoEvolve(s.fm, &options, s.u, Keep, &film, &out.reason, &out.last, &out.text));
  assert_int_equal(out.reason, RHO_EVOLVE_DONE);
  OK(RhoResultDestroy(&film.result));
  CloseGrid(&s);
  CloseModel(&s);
}

typedef struct {
  RhoMotion pattern; /* without its arrays */
  double lead;       /* of b */
} Found;

static Found Tracked(int ncell, double coupling, double lag, double from, double end) {
  char folder[] = "/tmp/rhoflux-travelling-XXXXXX", path[64], command[96];
  RhoArena arena = RhoArenaCreate();
  RhoDiag diag = RhoDiagCreate();
  const RhoMotion *found = NULL;
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/film.h5", folder);
  Run(ncell, coupling, lag, from, end, path);
  assert_int_equal(RhoTrack(arena, diag, RHO_NOWHERE, path, NULL, 0, &found), RHO_OK);
  Found out = {*found, found->lead[1].value};
  RhoDiagDestroy(&diag);
  RhoArenaDestroy(&arena);
  snprintf(command, sizeof command, "rm -r %s", folder);
  assert_int_equal(system(command), 0);
  return out;
}

static void test_travelling(void **state) {
  double error[3];
  (void)state;
  for (int k = 0; k < 3; k++) {
    Found found = Tracked(32 << k, 0.5, M_PI / 2, 280, 320);
    const RhoMotion p = found.pattern;
    error[k] = fabs(p.speed.value - SPEED);
    print_message("%3d cells: %s, speed %.9f +- %.1g, off by %.2e, lead %.6f", 32 << k, RhoMotionName(p.kind),
                  p.speed.value, p.speed.error, error[k], found.lead);
    assert_int_equal(p.kind, RHO_MOTION_TRAVELLING);
    assert_true(p.velocity[0].value < 0);
    assert_true(fabs(found.lead - LEAD) < 4e-4 / (1 << 2 * k));
    if (k) {
      double order = log2(error[k - 1] / error[k]);
      print_message(", order %.2f", order);
      assert_true(order > 1.95 && order < 2.05);
    }
    print_message("\n");
  }
}

/* ---- from the reference's coefficients ---- */

static void AddMode(const double *row, void *ctx) {
  Setup *s = ctx;
  PetscScalar *u;
  OK(VecGetArray(s->u, &u));
  for (PetscInt p = 0; p < s->grid->nowned; p++) {
    double x[RHO_MAXDIM], twice = row[0] > 0 ? 2 : 1;
    PlaceOf(s->grid, p, x);
    double c = cos(row[0] * x[0] / 2), w = sin(row[0] * x[0] / 2);
    for (int f = 0; f < 2; f++) u[2 * p + f] += twice * (row[1 + 2 * f] * c - row[2 + 2 * f] * w);
  }
  OK(VecRestoreArray(s->u, &u));
}

/* The phase of exp(i x/2) in a. */
static double Phase(const Setup *s) {
  const PetscScalar *u;
  double re = 0, im = 0;
  OK(VecGetArrayRead(s->u, &u));
  for (PetscInt p = 0; p < s->grid->nowned; p++) {
    double x[RHO_MAXDIM];
    PlaceOf(s->grid, p, x);
    re += u[2 * p] * cos(x[0] / 2);
    im -= u[2 * p] * sin(x[0] / 2);
  }
  OK(VecRestoreArrayRead(s->u, &u));
  return atan2(im, re);
}

static bool OpenReference(Setup *s, int ncell, bool spectral) {
  RhoMesh mesh = Line(0, 4 * M_PI, ncell, RHO_PERIODIC);
  OpenModel(RHO_SOURCE_DIR "/models/quorum_sensing_cross/model.yaml", s);
  if (!spectral) return OpenGrid(s, PETSC_COMM_SELF, &mesh);
  BindTo(s, &mesh);
  OK(RhoGridCreate(PETSC_COMM_SELF, &mesh, s->eq->nfield, RhoFieldHalo(s->eq), &s->grid));
  OK(RhoFieldCreateSpectral(s->eq, s->grid, s->value, PETSC_FALSE, s->diag, &s->fm));
  OK(DMCreateGlobalVector(s->grid->da, &s->u));
  return true;
}

/* The mean speed from the reference's state until the options' end, in less than half a period. */
static double Speed(int ncell, bool spectral, RhoEvolveOptions options) {
  Setup s;
  assert_true(OpenReference(&s, ncell, spectral));
  OK(VecSet(s.u, 0));
  assert_true(EachRow("travelling_wave.txt", 5, AddMode, &s) > 20);
  double before = Phase(&s);
  (void)RunDone(&s, options);
  double speed = remainder(Phase(&s) - before, 2 * M_PI) / (0.5 * options.end);
  CloseGrid(&s);
  CloseModel(&s);
  return speed;
}

/* Started from the wave itself, 64 points hold its speed to 1e-9. */
static void test_spectral(void **state) {
  RhoEvolveOptions options = Until(8, 1e-9);
  (void)state;
  options.scheme = "ark5";
  double speed = Speed(64, true, options);
  print_message("spectral, 64 points: speed %.12f, off by %.1e\n", speed, speed - SPEED);
  assert_true(fabs(speed - SPEED) < 1e-9);
}

static void test_standing(void **state) {
  RhoMotion p = Tracked(64, 0.8, 0, 200, 400).pattern;
  (void)state;
  print_message("%s, half period %.5f +- %.1g, balance %.6f\n", RhoMotionName(p.kind), p.period.value / 2,
                p.period.error / 2, p.balance);
  assert_int_equal(p.kind, RHO_MOTION_STANDING);
  assert_true(fabs(p.period.value / 2 - HALF_PERIOD) < 0.03);
}

/* ---- orders ---- */

static double SpeedOn(int ncell) {
  RhoEvolveOptions options = Until(10, 1e-10);
  options.scheme = "ark5";
  return Speed(ncell, false, options);
}

static double SpeedBy(const char *scheme, double step) {
  RhoEvolveOptions options = Until(4, 1e-6);
  options.scheme = scheme;
  options.fixed = step;
  options.linear_rtol = 1e-13;
  return Speed(32, false, options);
}

/* The speed on three grids, and where it goes as the cells vanish. */
static void test_reference_space(void **state) {
  double speed[3], error = 0;
  (void)state;
  for (int k = 0; k < 3; k++) {
    double before = error;
    speed[k] = SpeedOn(64 << k);
    error = speed[k] - SPEED;
    print_message("| %d cells | %.10f | %.2e |", 64 << k, speed[k], error);
    if (k) print_message(" order %.3f |", log2(before / error));
    print_message("\n");
    if (k) assert_true(fabs(log2(before / error) - 2) < 0.05);
  }
  double limit = speed[2] + (speed[2] - speed[1]) / 3,
         best = limit + (limit - speed[1] - (speed[1] - speed[0]) / 3) / 15;
  print_message("| extrapolated | %.10f | %.2e |\n", best, best - SPEED);
  assert_true(fabs(best - SPEED) < 2e-9);
}

/* One grid, one time: how far the wave has come, in its order in the steps. */
static void test_reference_time(void **state) {
  static const struct {
    const char *scheme;
    double order, step;
  } row[] = {{"euler", 1, 0.01}, {"imex_em", 1, 0.01}, {"ark2", 2, 0.1},   {"imex_midpoint", 2, 0.1},
             {"ark3", 3, 0.025}, {"ark4", 4, 0.05},    {"ark5", 5, 0.0625}};
  double exact = SpeedBy("ark5", 0.0078125);
  (void)state;
  for (int k = 0; k < COUNT(row); k++) {
    double error[3];
    for (int n = 0; n < 3; n++) error[n] = fabs(SpeedBy(row[k].scheme, ldexp(row[k].step, -n)) - exact);
    double order = log2(error[1] / error[2]);
    print_message("| %s | steps %g, %g, %g | %.2e %.2e %.2e | order %.2f |\n", row[k].scheme, row[k].step,
                  row[k].step / 2, row[k].step / 4, error[0], error[1], error[2], order);
    assert_true(fabs(order - row[k].order) < 0.3);
  }
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_travelling), cmocka_unit_test(test_spectral),
                                     cmocka_unit_test(test_reference_space), cmocka_unit_test(test_reference_time),
                                     cmocka_unit_test(test_standing)};
  return RunTests(argc, argv, tests, sizeof tests / sizeof *tests);
}
