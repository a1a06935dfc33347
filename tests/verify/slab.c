/* slab.c - heat and mass between hot and cold zones (models/lennard_jones_slab) against steady profiles and decay rates
   known independently of this program (tests/reference/slab_*.txt), and its totals.

   With 10*(2 m + 1) cells the ends of the zones are cell centres: half a cell is heated there, and where a temperature
   is fixed, it is fixed at the end itself. */
#include "verify.h"
#include "../reference/rows.h"

#define LENGTH 30.0
#define FIXED_RATE 1e7

static Setup Slab(const char *file, int ncell, int nsetting, const RhoSetting *setting) {
  RhoMesh mesh = Line(0, LENGTH, ncell, RHO_PERIODIC);
  char path[1024];
  Setup s;
  mesh.dimension[0].name = "z";
  snprintf(path, sizeof path, "%s/models/lennard_jones_slab/%s", RHO_SOURCE_DIR, file);
  OpenModel(path, &s);
  Require(s.diag, RhoEquationsBind(s.eq, 1, nsetting, setting, s.value), "parameters");
  assert_true(MakeGrid(&s, PETSC_COMM_SELF, &mesh));
  return s;
}

static void Close(Setup *s) {
  CloseGrid(s);
  CloseModel(s);
}

/* ---- states: x1 and T, stored as x1 and e = rho c T ---- */

static const double rho = 0.8, c0 = 3;

static void Fill(Setup *s, double c1, double x1, double T, double n, double ax, double aT) {
  PetscScalar *u;
  OK(VecGetArray(s->u, &u));
  for (PetscInt p = 0; p < s->grid->nowned; p++) {
    double wave = cos(2 * M_PI * n * (p + 0.5) / (double)s->grid->nowned);
    u[2 * p] = x1 + ax * wave;
    u[2 * p + 1] = rho * (c0 + c1 * u[2 * p]) * (T + aT * wave);
  }
  OK(VecRestoreArray(s->u, &u));
}

/* field 0: x1, 1: T (c1 = 0) at the place z, by the cubic through the four cells around it. */
static double At(const Setup *s, double z, int field) {
  const PetscScalar *u;
  double h = s->grid->h[0], value = 0, at = z / h - 0.5;
  int first = (int)floor(at) - 1;
  OK(VecGetArrayRead(s->u, &u));
  for (int a = 0; a < 4; a++) {
    double weight = 1;
    for (int b = 0; b < 4; b++)
      if (b != a) weight *= (at - first - b) / (a - b);
    value += weight * u[2 * (first + a) + field] / (field ? rho * c0 : 1);
  }
  OK(VecRestoreArrayRead(s->u, &u));
  return value;
}

/* ---- steady profiles ---- */

typedef struct {
  const Setup *s;
  int variant;
  double error[2]; /* of x1, T */
} Profile;

/* Away from the ends of the zones, where the profiles have corners. */
static void CompareRow(const double *row, void *ctx) {
  Profile *profile = ctx;
  if ((int)row[0] != profile->variant || row[1] < 3 || row[1] > 12) return;
  profile->error[0] = Worse(profile->error[0], At(profile->s, row[1], 0) - row[3]);
  profile->error[1] = Worse(profile->error[1], At(profile->s, row[1], 1) - row[2]);
}

static Profile Steady(int variant, int ncell) {
  static const RhoSetting rate = {"k", FIXED_RATE, RHO_NOWHERE};
  Setup s = Slab(variant ? "fixed.yaml" : "model.yaml", ncell, variant, &rate);
  Profile profile = {&s, variant, {0, 0}};
  /* the mean temperature for which T = 0.62 at z = 7.5, by integrating the reference's equations */
  Fill(&s, 0, 0.5, variant ? 0.62 : 0.6200260503730128, 0, 0, 0);
  (void)RunDone(&s, Until(6000, 1e-8));
  assert_int_equal(EachRow("slab_profiles.txt", 4, CompareRow, &profile), 38);
  print_message("  variant %d, %3d cells: x1 %.2e, T %.2e\n", variant, ncell, profile.error[0], profile.error[1]);
  Close(&s);
  return profile;
}

/* Property: sources in the zones: second order towards the reference. */
static void Source(void **state) {
  (void)state;
  Profile coarse = Steady(0, 30), fine = Steady(0, 90);
  for (int k = 0; k < 2; k++) {
    double ratio = coarse.error[k] / fine.error[k];
    if (!(ratio > 8 && fine.error[k] < 1e-8)) fail_msg("errors %g, %g", coarse.error[k], fine.error[k]);
  }
}

/* Property: temperatures fixed in the zones: the composition is of second order, the temperature off by no more than
   the finite rate allows, 2 J0/(h k rho c) at the end of a zone. */
static void Fixed(void **state) {
  (void)state;
  Profile coarse = Steady(1, 30), fine = Steady(1, 90);
  double allowed = 2 * 0.0213878251328 / (LENGTH / 90 * FIXED_RATE * rho * c0);
  if (!(coarse.error[0] / fine.error[0] > 8 && fine.error[0] < 4e-7))
    fail_msg("errors of x1 %g, %g", coarse.error[0], fine.error[0]);
  if (!(fine.error[1] < allowed + 2e-9)) fail_msg("error of T %g, %g from the rate", fine.error[1], allowed);
}

/* ---- relaxation ---- */

/* exp(-m t) v of a 2 x 2 matrix with real eigenvalues a, b */
static void Decay(const double *m, double a, double b, double t, const double *v, double *out) {
  double ea = exp(-a * t), eb = exp(-b * t), f = (ea - eb) / (a - b), g = (a * eb - b * ea) / (a - b);
  out[0] = f * (m[0] * v[0] + m[1] * v[1]) + g * v[0];
  out[1] = f * (m[2] * v[0] + m[3] * v[1]) + g * v[1];
}

static void CheckDecay(const double *row, void *ctx) {
  static const RhoSetting none = {"J0", 0, RHO_NOWHERE};
  const double start[2] = {1e-4, -2e-4}, t = 0.7 / row[6];
  double expected[2], found[2], *error = ctx;
  Setup s = Slab("model.yaml", 240, 1, &none);
  Fill(&s, 0, 0.5, 0.62, row[0], start[0], start[1]);
  (void)RunDone(&s, Until(t, 1e-9));
  Decay(row + 1, row[5], row[6], t, start, expected);
  found[0] = 0.5 - At(&s, LENGTH / (2 * row[0]), 0); /* at a trough */
  found[1] = 0.62 - At(&s, LENGTH / (2 * row[0]), 1);
  for (int k = 0; k < 2; k++) *error = Worse(*error, fabs(found[k] - expected[k]) / start[0]);
  print_message("  wave %g: x1 %.6e, T %.6e, expected %.6e, %.6e\n", row[0], found[0], found[1], expected[0],
                expected[1]);
  Close(&s);
}

/* Property: waves of composition and temperature, coupled, decay as the reference says, within the grid's h^2. */
static void Relaxation(void **state) {
  (void)state;
  double error = 0;
  assert_int_equal(EachRow("slab_rates.txt", 7, CheckDecay, &error), 3);
  if (!(error < 5e-4)) fail_msg("relative error %g", error);
}

/* ---- totals ---- */

/* Property: the totals of x1 and of the energy stay to round-off, though the heat capacity depends on the composition
   and heat flows through the zones. */
static void Totals(void **state) {
  (void)state;
  static const RhoSetting setting[] = {{"c1", 2, RHO_NOWHERE}, {"J0", 0.3, RHO_NOWHERE}, {"q1", 0.5, RHO_NOWHERE}};
  static const double weight[2][2] = {{1, 0}, {0, 1}};
  Setup s = Slab("model.yaml", 64, 3, setting);
  double before[2], size[2];
  Fill(&s, 2, 0.5, 0.9, 1, 0.2, 0.1);
  for (int k = 0; k < 2; k++) before[k] = OwnTotal(&s, weight[k], s.u, &size[k]);
  Outcome out = RunDone(&s, Until(30, 1e-6));
  for (int k = 0; k < 2; k++) {
    double change = OwnTotal(&s, weight[k], s.u, NULL) - before[k];
    print_message("  total %d: %.1e of %g in %d steps\n", k, change, size[k], (int)out.last.nstep);
    if (!(fabs(change) < 1e-14 * size[k])) fail_msg("total %d changes by %g", k, change);
  }
  Close(&s);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(Source), cmocka_unit_test(Fixed), cmocka_unit_test(Relaxation),
                                     cmocka_unit_test(Totals)};
  return RunTests(argc, argv, tests, sizeof tests / sizeof *tests);
}
