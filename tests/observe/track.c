/* track.c - patterns of which everything is known: speed, wavelength, period, amplitude, lag, kind. */
#include "../io/check.h"
#include "rhoflux/observe.h"
#include <math.h>

#define LENGTH 6.0
#define PERIOD (2 * M_PI / LENGTH) /* wavenumber of one period in the box */

typedef double (*FieldFn)(int f, const double *x, double t);
typedef struct {
  int ndim, ncell, nt;
  double dt;
  RhoBoundary boundary;
  FieldFn value;
} Film;

static RhoMesh MeshOfFilm(const Film *film) {
  static const char *const name[] = {"x", "y", "z"};
  RhoMesh mesh = {.ndimension = film->ndim};
  for (int d = 0; d < film->ndim; d++)
    mesh.dimension[d] = (RhoDimension){.name = name[d],
                                       .from = 1,
                                       .to = 1 + LENGTH * (d + 1),
                                       .ncell = film->ncell + 2 * d,
                                       .boundary = film->boundary,
                                       .spatial = true};
  return mesh;
}

/* Two fields as a result. */
static void Make(const Film *film, const char *path) {
  RhoMesh mesh = MeshOfFilm(film);
  const RhoResultContent content = {2, 0, 0, two_fields, NULL, NULL};
  RhoGrid grid;
  RhoResult result;
  OK(RhoGridCreate(PETSC_COMM_WORLD, &mesh, 2, 1, &grid));
  Vec u = VectorOf(grid, 2);
  OK(RhoResultCreate(grid, path, PETSC_TRUE, &content, &result));
  for (int k = 0; k < film->nt; k++) {
    PetscScalar *array;
    OK(VecGetArrayWrite(u, &array));
    FOR_OWNED(grid, i, p) {
      double x[RHO_MAXDIM] = {0};
      for (int d = 0; d < film->ndim; d++) x[d] = RhoMeshCentre(&mesh.dimension[d], (int)i[d]);
      for (int f = 0; f < 2; f++) array[2 * p + f] = film->value(f, x, k * film->dt);
    }
    OK(VecRestoreArrayWrite(u, &array));
    OK(RhoResultWrite(result, k * film->dt, u, NULL));
  }
  OK(RhoResultDestroy(&result));
  OK(VecDestroy(&u));
  OK(RhoGridDestroy(&grid));
}

typedef struct {
  RhoArena arena;
  RhoDiag diag;
  const RhoMotion *pattern;
} Looked;

static RhoStatus Look(const Film *film, const char *field, double from, Looked *look) {
  const char *path = InFolder("film.h5");
  Make(film, path);
  *look = (Looked){RhoArenaCreate(), RhoDiagCreate(), NULL};
  return RhoTrack(look->arena, look->diag, RHO_NOWHERE, path, field, from, &look->pattern);
}

static void Forget(Looked *look) {
  RhoDiagDestroy(&look->diag);
  RhoArenaDestroy(&look->arena);
}

static void Near(double found, double expected, double tolerance) {
  if (!(fabs(found - expected) <= tolerance * fmax(1, fabs(expected))))
    fail_msg("%.15g instead of %.15g", found, expected);
}

/* ---- one pattern that moves ---- */

#define SPEED 0.37
#define AHEAD 0.15 /* wavelengths that field 1 is ahead of field 0 */

/* A steep profile with all harmonics: 1/(1.2 - cos). */
static double Steep(double phase) { return 1 / (1.2 - cos(phase)); }

static double Travelling(int f, const double *x, double t) {
  double phase = PERIOD * (x[0] - SPEED * t) - 2 * M_PI * AHEAD * f;
  return 3 + (1 + f) * Steep(phase);
}
static double Backwards(int f, const double *x, double t) { return Travelling(f, x, -t); }

/* The speed is exact, since the wave's phase turns evenly; so are wavelength, period, lag. */
static void test_travelling(void **state) {
  const Film film[] = {{1, 64, 40, 0.9, RHO_PERIODIC, Travelling}, {1, 64, 40, 0.9, RHO_PERIODIC, Backwards}};
  (void)state;
  for (int k = 0; k < 2; k++) {
    Looked look;
    assert_int_equal(Look(&film[k], NULL, 0, &look), RHO_OK);
    const RhoMotion *p = look.pattern;
    double sense = k ? -1 : 1;
    assert_int_equal(p->kind, RHO_MOTION_TRAVELLING);
    assert_int_equal(p->noutput, 40);
    assert_int_equal(p->mode[0], (int)sense);
    Near(p->velocity[0].value, sense * SPEED, 1e-12);
    Near(p->speed.value, SPEED, 1e-12);
    assert_true(p->speed.error < 1e-12);
    Near(p->wavelength, LENGTH, 1e-12);
    Near(p->period.value, LENGTH / SPEED, 1e-11);
    Near(p->coherence, 1, 1e-12);
    Near(p->lead[1].value, sense * AHEAD, 1e-12);
    Near(p->displacement[p->noutput - 1], SPEED * 0.9 * 39 / LENGTH, 1e-12);
    Near(p->mean[0], 3 + 1 / sqrt(1.2 * 1.2 - 1), 1e-6);
    Near(p->amplitude[1].value, 5 - 1 / 2.2, 0.05);
    Forget(&look);
  }
}

/* Stripes at an angle move along k; spots move anywhere. */
static double Stripes(int f, const double *x, double t) {
  double k[2] = {2 * PERIOD, -PERIOD / 2};
  return cos(k[0] * x[0] + k[1] * x[1] - 0.3 * t + f);
}
static double Spots(int f, const double *x, double t) {
  return 1 + exp(cos(PERIOD * (x[0] - 0.2 * t)) + 0.8 * cos(0.5 * PERIOD * (x[1] + 0.4 * t))) + f;
}

static void test_plane(void **state) {
  const Film stripes = {2, 24, 30, 0.5, RHO_PERIODIC, Stripes}, spots = {2, 24, 30, 0.5, RHO_PERIODIC, Spots};
  const double k2 = 4.25 * PERIOD * PERIOD;
  Looked look;
  (void)state;
  assert_int_equal(Look(&stripes, NULL, 0, &look), RHO_OK);
  assert_int_equal(look.pattern->kind, RHO_MOTION_TRAVELLING);
  assert_int_equal(look.pattern->mode[0], 2);
  assert_int_equal(look.pattern->mode[1], -1);
  Near(look.pattern->velocity[0].value, 0.3 * 2 * PERIOD / k2, 1e-12);
  Near(look.pattern->velocity[1].value, -0.3 * 0.5 * PERIOD / k2, 1e-12);
  Forget(&look);
  assert_int_equal(Look(&spots, NULL, 0, &look), RHO_OK);
  assert_int_equal(look.pattern->kind, RHO_MOTION_TRAVELLING);
  Near(look.pattern->velocity[0].value, 0.2, 1e-12);
  Near(look.pattern->velocity[1].value, -0.4, 1e-12);
  Near(look.pattern->coherence, 1, 1e-12);
  Forget(&look);
}

/* ---- others ---- */

static double Still(int f, const double *x, double t) { return Travelling(f, x, 0 * t); }
static double Flat(int f, const double *x, double t) {
  (void)x, (void)t;
  return 1 + f;
}
static double Standing(int f, const double *x, double t) {
  return 2 + cos(PERIOD * x[0] + 0.4 * f) * (0.1 * f + cos(0.6 * t + f));
}
/* At rest, but still growing: half of an oscillation fits it. */
static double Growing(int f, const double *x, double t) { return 2 + f + tanh(0.03 * t - 0.5) * cos(PERIOD * x[0]); }
/* Drifts by less than it changes. */
static double Changing(int f, const double *x, double t) {
  return 2 + f + cos(PERIOD * x[0] - 0.0025 * t) + 0.007 * t * cos(3 * PERIOD * x[0]);
}
/* Waves of many lengths, each with a period of its own. */
static double Irregular(int f, const double *x, double t) {
  double sum = 0;
  for (int k = 1; k < 9; k++) sum += cos(k * PERIOD * x[0] + 3 * sin(sqrt(k) * t + k * f));
  return sum;
}
/* A wave at rest beside a field of no mean that has decayed to the errors of a solver: they are not looked at. */
static double Decayed(int f, const double *x, double t) { return f ? 1e-10 * Irregular(f, x, t) : cos(PERIOD * x[0]); }
/* Moves by steps of random length: the error counts. */
static double Diffusing(int f, const double *x, double t) {
  double shift = SPEED * t;
  for (int k = 0; k < (int)(t / 0.9 + 0.5); k++) shift += 0.3 * Noise(k, 0, 0, 0, 0);
  return Travelling(f, x, shift / SPEED);
}

static void Kind(FieldFn value, RhoMotionKind kind) {
  const Film film = {1, 48, 80, 0.9, RHO_PERIODIC, value};
  Looked look;
  assert_int_equal(Look(&film, NULL, 0, &look), RHO_OK);
  if (look.pattern->kind != kind) fail_msg("%s instead of %s", RhoMotionName(look.pattern->kind), RhoMotionName(kind));
  if (kind == RHO_MOTION_STANDING) {
    Near(look.pattern->period.value, 2 * M_PI / 0.6, 1e-6);
    Near(look.pattern->balance, 1, 1e-6);
    Near(look.pattern->oscillation, 1, 1e-9);
  }
  Forget(&look);
}

static void test_kinds(void **state) {
  (void)state;
  Kind(Still, RHO_MOTION_STATIONARY);
  Kind(Flat, RHO_MOTION_UNIFORM);
  Kind(Standing, RHO_MOTION_STANDING);
  Kind(Irregular, RHO_MOTION_IRREGULAR);
  Kind(Growing, RHO_MOTION_IRREGULAR);
  Kind(Decayed, RHO_MOTION_STATIONARY);
  Kind(Changing, RHO_MOTION_STATIONARY);
}

/* Motion with noise: within three errors, and the error is of the right size, that of a random walk. */
static void test_error(void **state) {
  const Film film = {1, 48, 200, 0.9, RHO_PERIODIC, Diffusing};
  const double walk = 0.3 / sqrt(3) / 0.9 / sqrt(200);
  Looked look;
  (void)state;
  assert_int_equal(Look(&film, NULL, 0, &look), RHO_OK);
  RhoEstimate v = look.pattern->velocity[0];
  print_message("speed %g +- %g, a random walk's error %g\n", v.value, v.error, walk);
  assert_int_equal(look.pattern->kind, RHO_MOTION_TRAVELLING);
  assert_true(fabs(v.value - SPEED) < 3 * v.error);
  assert_true(v.error > 0.4 * walk && v.error < 2.5 * walk);
  Forget(&look);
}

/* ---- what is asked for ---- */

/* Without a time the later half; one field alone. */
static void test_choice(void **state) {
  const Film film = {1, 32, 40, 0.9, RHO_PERIODIC, Travelling};
  Looked look;
  (void)state;
  assert_int_equal(Look(&film, two_fields[1].name, NAN, &look), RHO_OK);
  assert_int_equal(look.pattern->noutput, 20);
  assert_int_equal(look.pattern->nfield, 1);
  assert_string_equal(look.pattern->name[0], two_fields[1].name);
  Near(look.pattern->velocity[0].value, SPEED, 1e-12);
  Forget(&look);
}

static void Refused(const Film *film, const char *field, double from, const char *says) {
  Looked look;
  assert_int_equal(Look(film, field, from, &look), RHO_INPUT);
  assert_null(look.pattern);
  Reported(look.diag, RHO_ID_NOT_TRACKED, says);
  Forget(&look);
}

static void test_refused(void **state) {
  const Film film = {1, 32, 10, 0.9, RHO_PERIODIC, Travelling}, walls = {1, 32, 10, 0.9, RHO_WALL, Travelling};
  (void)state;
  Refused(&film, "nothing", 0, "has no field 'nothing'");
  Refused(&film, NULL, 8, "it takes 4");
  Refused(&walls, NULL, 0, "has walls");
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_travelling), cmocka_unit_test(test_plane),
                                     cmocka_unit_test(test_kinds),      cmocka_unit_test(test_error),
                                     cmocka_unit_test(test_choice),     cmocka_unit_test(test_refused)};
  if (PetscInitialize(&argc, &argv, NULL, NULL)) return 1;
  int failed = cmocka_run_group_tests(tests, NULL, RemoveFolder);
  PetscFinalize();
  return failed;
}
