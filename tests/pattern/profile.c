/* Stationary profiles and the phases they join, against references that are independent of this program. */
#include "../field/check.h"
#include "rhoflux/pattern.h"
#include <petscsys.h>

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

/* ---- shared ---- */

static void Load(const char *path, int dim, int nsetting, const RhoSetting *setting, Setup *s) {
  *s = (Setup){.diag = RhoDiagCreate()};
  if (RhoModelLoad(path, s->diag, &s->model) || RhoEquationsCreate(s->model, s->diag, &s->eq)) {
    RhoDiagPrint(s->diag, stderr);
    fail_msg("%s does not load", path);
  }
  s->value = calloc((size_t)s->eq->nuniform, sizeof(double));
  assert_int_equal(RhoEquationsBind(s->eq, dim, nsetting, setting, s->value), RHO_OK);
}

static void LoadText(const char *text, int dim, Setup *s) {
  char path[] = MODEL_PATH;
  WriteModel(path, text);
  Load(path, dim, 0, NULL, s);
  unlink(path);
}

static void assert_within(double found, double is, double tolerance, const char *what) {
  if (!(fabs(found - is) <= tolerance)) fail_msg("%s: %.15g against %.15g", what, found, is);
}

/* The phases at these means: where[2][nfield] in the order of the guess, and at least as exact as stated. */
static void Phases(Setup *s, double length, int ncell, const double *mean, const double *guess, const double *is,
                   double tolerance) {
  RhoProfile profile;
  RhoProfilePhases found;
  int nf = s->eq->nfield;
  OK(RhoProfileCreate(s->eq, s->value, length, ncell, s->diag, &profile));
  assert_non_null(profile);
  OK(RhoProfileSolve(profile, mean, guess, guess + nf, &found));
  if (found.reason) fail_msg("%s", RhoPatternText(found.reason));
  for (int k = 0; k < 2 * nf; k++) {
    double phase = found.phase[k / nf][k % nf], error = found.error[k / nf][k % nf];
    print_message("  %.12g +- %.1e (%.1e)", phase, error, fabs(phase - is[k]));
    assert_within(phase, is[k], fmin(tolerance, error + 1e-11 * fabs(phase)), "phase");
  }
  print_message("\n");
  OK(RhoProfileDestroy(&profile));
}

/* ---- one species that senses itself through a kernel ---- */

#define SENSING                                                                                                        \
  "kernels: {K: {shape: gaussian, width: 1}}\nfields: {rho: density}\n"                                                \
  "define: {v: \"exp(-tanh((conv(K, rho) - 1)/0.5))\"}\n"                                                              \
  "dynamics: {rho: {mobility: \"rho*v^2\", potential: \"log(rho) + log(v)\"}}\n"

/* Not those of the common tangent, 0.36897 and 2.32740. */
static void KernelPhases(void **state) {
  static const double mean[] = {1.2}, guess[] = {0.5, 2}, is[] = {0.33623136703717565, 2.1326664063272704};
  Setup s;
  (void)state;
  LoadText(SENSING, 1, &s);
  Phases(&s, 32, 128, mean, guess, is, 1e-10);
  SetupClose(&s);
}

/* Largest and smallest value in periodic boxes of length 16 and 32, by collocation elsewhere. */
static void KernelBoxes(void **state) {
  static const struct {
    double length, low, high;
  } box[] = {{16, 0.3369195615620725, 2.1312039818979938}, {32, 0.33623162458100087, 2.132665235134329}};
  (void)state;
  for (int k = 0; k < COUNT(box); k++) {
    RhoPatternOptions options = {0};
    RhoPatternOutcome outcome;
    PetscScalar *u;
    Setup s;
    int n = (int)(8 * box[k].length);
    RhoMesh mesh = BoxMesh(1, &n, RHO_PERIODIC);
    mesh.dimension[0].to = box[k].length;
    assert_true(SetupText(SENSING, &mesh, &s));
    OK(VecGetArray(s.u, &u));
    for (int p = 0; p < n; p++) u[p] = 1.2 + cos(2 * M_PI * p / n);
    OK(VecRestoreArray(s.u, &u));
    OK(RhoPatternSolve(s.fm, &options, s.u, &outcome));
    if (outcome.reason) fail_msg("%s", RhoPatternText(outcome.reason));
    double low, high, total, scale;
    OK(RhoExtrema(s.fm, s.u, &low, &high));
    OK(RhoTotals(s.fm, s.u, &total, &scale));
    print_message("  %d iterations, residual %.1e, error %.1e, speed %.1e\n", (int)outcome.niteration, outcome.residual,
                  outcome.error, outcome.speed);
    assert_within(low, box[k].low, 1e-11, "low");
    assert_within(high, box[k].high, 1e-11, "high");
    assert_within(total / box[k].length, 1.2, 1e-13, "mean");
    assert_within(outcome.speed, 0, 1e-11, "speed");
    SetupClose(&s);
  }
}

/* ---- square gradients ---- */

/* The pseudo-density construction, 30 digits. */
static void ActiveModelB(void **state) {
  static const double mean[] = {0.1}, guess[] = {-1, 1}, is[] = {-0.863682845, 1.095572511};
  Setup s;
  (void)state;
  Load(RHO_SOURCE_DIR "/models/active_model_b_plus/model.yaml", 1, 0, NULL, &s);
  Phases(&s, 64, 256, mean, guess, is, 1e-7);
  SetupClose(&s);
}

static const char mixture[] = "fields: {cA: density, cB: density}\n"
                              "free_energy: \"cA*(log(cA) - 1) + cB*(log(cB) - 1) + cA^2/2 + cB^2/2 + 4*cA*cB"
                              " + |grad(cA)|^2/2 + |grad(cB)|^2/2\"\n"
                              "dynamics:\n  cA: {mobility: cA}\n  cB: {mobility: cB}\n";

/* Two species: the values in the middles of the phases in half of the reference's periodic boxes; which tie line it is
   depends on the length of the box. */
static void Mixture(void **state) {
  static const double mean[] = {0.4, 0.4}, guess[] = {0.15, 0.65, 0.65, 0.15};
  static const double is[] = {0.1326943861041005, 0.6748335115434433, 0.674833511543432, 0.132694386104105};
  Setup s;
  (void)state;
  LoadText(mixture, 1, &s);
  Phases(&s, 60, 120, mean, guess, is, 1e-5);
  SetupClose(&s);
}

/* ---- two species with kernels, without a free energy ---- */

/* The bands of models/quorum_sensing_cross/cases/demix2d_*: particles have 156.3(8) and 48.0(2), averages over
   plateaus, of which mean field is known to be 1.3 % lower in the dilute phase.  Both fields and phases are mirror
   images. */
static void Demixing(void **state) {
  static const double mean[] = {100, 100}, guess[] = {130, 70, 70, 130};
  RhoSetting setting[] = {{"rho0", 100, RHO_NOWHERE}, {"w", 50, RHO_NOWHERE}};
  RhoProfile profile;
  RhoProfilePhases found;
  Setup s;
  (void)state;
  Load(RHO_SOURCE_DIR "/models/quorum_sensing_cross/particles.yaml", 2, 2, setting, &s);
  OK(RhoProfileCreate(s.eq, s.value, 8, 32, s.diag, &profile));
  OK(RhoProfileSolve(profile, mean, guess, guess + 2, &found));
  assert_int_equal(found.reason, RHO_PATTERN_FOUND);
  assert_within(found.phase[0][1], 0.987 * 48.0, 0.2, "dilute");
  assert_within(found.phase[0][0], 156.3, 0.8, "dense");
  assert_within(found.phase[0][0], found.phase[1][1], 1e-9, "mirror image");
  assert_within(found.phase[0][1], found.phase[1][0], 1e-9, "mirror image");
  OK(RhoProfileDestroy(&profile));
  SetupClose(&s);
}

/* ---- waves ---- */

static double SpeedOn(int n) {
  RhoPatternOptions options = {.speed = -0.3, .nearby = PETSC_FALSE};
  RhoPatternOutcome outcome;
  PetscScalar *u;
  Setup s;
  RhoMesh mesh = BoxMesh(1, &n, RHO_PERIODIC);
  mesh.dimension[0].to = 4 * M_PI;
  assert_true(SetupOpen(RHO_SOURCE_DIR "/models/quorum_sensing_cross/model.yaml", &mesh, &s));
  OK(VecGetArray(s.u, &u));
  for (int p = 0; p < n; p++) {
    u[2 * p] = 1 + 0.4 * cos(2 * M_PI * p / n);
    u[2 * p + 1] = 1 + 0.4 * cos(2 * M_PI * p / n - M_PI / 2);
  }
  OK(VecRestoreArray(s.u, &u));
  OK(RhoPatternSolve(s.fm, &options, s.u, &outcome));
  if (outcome.reason) fail_msg("%s", RhoPatternText(outcome.reason));
  SetupClose(&s);
  return outcome.speed;
}

/* Species b chases species a: the speed at second order, extrapolated. */
static void Travelling(void **state) {
  static const double is = -0.322574826346217;
  double speed[3];
  (void)state;
  for (int k = 0; k < 3; k++) speed[k] = SpeedOn(48 << k);
  double order = log2((speed[0] - is) / (speed[1] - is)), best = (4 * speed[2] - speed[1]) / 3;
  print_message("  %.10f %.10f %.10f: order %.3f, extrapolated %.10f\n", speed[0], speed[1], speed[2], order, best);
  assert_within(order, 2, 0.1, "order");
  assert_within(best, is, 1e-6, "speed");
}

/* ---- what can not be found ---- */

static void Reasons(void **state) {
  static const double mean[] = {1}, guess[] = {0.5, 1.5};
  RhoProfile profile;
  RhoProfilePhases found;
  Setup s;
  (void)state;
  LoadText("fields: {rho: density}\ndynamics: {rho: {mobility: rho, potential: log(rho) + rho - lap(rho)}}\n", 1, &s);
  OK(RhoProfileCreate(s.eq, s.value, 10, 32, s.diag, &profile));
  OK(RhoProfileSolve(profile, mean, guess, guess + 1, &found));
  assert_int_equal(found.reason, RHO_PATTERN_UNIFORM);
  OK(RhoProfileDestroy(&profile));
  SetupClose(&s);
  LoadText("kernels: {K: {shape: bump, radius: 20}}\nfields: {rho: density}\n"
           "dynamics: {rho: {mobility: rho, potential: 'log(rho) - conv(K, rho)'}}\n",
           1, &s);
  OK(RhoProfileCreate(s.eq, s.value, 10, 32, s.diag, &profile));
  assert_null(profile);
  assert_int_equal(RhoDiagIdAt(s.diag, 0), RHO_ID_KERNEL_TOO_WIDE);
  SetupClose(&s);
}

int main(int argc, char **argv) {
  const struct CMUnitTest test[] = {cmocka_unit_test(KernelPhases), cmocka_unit_test(KernelBoxes),
                                    cmocka_unit_test(ActiveModelB), cmocka_unit_test(Mixture),
                                    cmocka_unit_test(Demixing),     cmocka_unit_test(Travelling),
                                    cmocka_unit_test(Reasons)};
  return RunTests(argc, argv, test, COUNT(test));
}
