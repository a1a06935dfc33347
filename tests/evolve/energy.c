/* energy.c - with the scheme energy_stable the free energy never rises, however long the steps; schemes that control
   the error alone let it rise. */
#include "../verify/verify.h"

typedef struct {
  double last, rise, scale; /* rise: the largest from one call to the next */
  int nseen;
} Watch;

static Setup *watched;

static double Energy(Setup *s, double t, Vec u, double *rounding) {
  PetscBool exists;
  PetscReal E;
  OK(RhoFreeEnergy(s->fm, t, u, &exists, &E));
  OK(RhoFreeEnergyRounding(s->fm, rounding));
  assert_true(exists);
  return E;
}

static PetscErrorCode Look(void *ctx, const RhoEvolveState *state, Vec u, PetscBool *stop) {
  Watch *watch = ctx;
  double rounding, E = Energy(watched, state->time, u, &rounding);
  (void)stop;
  assert_true(isfinite(E));
  if (watch->nseen++) watch->rise = fmax(watch->rise, E - watch->last - 2 * rounding);
  else watch->scale = fabs(E);
  watch->last = E;
  return 0;
}

typedef struct {
  const char *path;
  double ripple, end;
} Model;

static const Model models[] = {{RHO_SOURCE_DIR "/models/cahn_hilliard/model.yaml", 0.3, 200},
                               {RHO_SOURCE_DIR "/models/two_temperature/model.yaml", 0.1, 50},
                               {RHO_SOURCE_DIR "/tests/models/phase_field_crystal.yaml", 0.3, 20},
                               {RHO_SOURCE_DIR "/tests/models/dean_kawasaki.yaml", 0.1, 20}};

#define NOUTPUT 40

/* The largest rise between outputs, relative to |E| at the start; 0: none beyond rounding. */
static double Rise(const Model *model, const char *scheme, double fixed, double rtol, RhoBoundary boundary, int ndim) {
  int ncell[2] = {24, 16};
  double from[2] = {0, 0}, to[2] = {20, 14};
  RhoEvolveOptions options = Until(model->end, rtol);
  PetscReal output[NOUTPUT];
  RhoMesh mesh;
  Outcome out;
  Watch watch = {0};
  Setup s;
  OpenModel(model->path, &s);
  if (!ModelBox(&s, ndim, ncell, from, to, boundary, &mesh) || !OpenGrid(&s, PETSC_COMM_WORLD, &mesh))
    fail_msg("%s has no such box", model->path);
  FillState(&s, 3, 1, model->ripple, s.u);
  watched = &s;
  for (int k = 0; k < NOUTPUT; k++) output[k] = model->end * pow((double)k / (NOUTPUT - 1), 3);
  options.scheme = scheme;
  options.fixed = fixed;
  options.noutput = NOUTPUT;
  options.output = output;
  OK(RhoEvolve(s.fm, &options, s.u, Look, &watch, &out.reason, &out.last, &out.text));
  if (s.grid->rank == 0)
    print_message("%-28s %-14s %d-D: rise %.1e, %d steps (%d rejected), %d Newton iterations%s%s\n", s.model->name,
                  scheme, ndim, watch.rise, (int)out.last.nstep, (int)out.last.nreject, (int)out.last.nnewton,
                  *out.text ? ": " : "", out.text);
  if (fixed == 0) assert_int_equal(out.reason, RHO_EVOLVE_DONE);
  CloseGrid(&s);
  CloseModel(&s);
  return watch.rise / watch.scale;
}

static void test_never(void **state) {
  (void)state;
  for (int m = 0; m < COUNT(models); m++) {
    assert_true(Rise(&models[m], "energy_stable", 0, 1e-2, RHO_PERIODIC, 1) == 0);
    assert_true(Rise(&models[m], "energy_stable", 0, 10, RHO_WALL, 2) == 0); /* judged by the energy alone */
  }
}

/* The measure can fail: fixed steps beyond the stability of the explicit part. */
static void test_others(void **state) {
  (void)state;
  assert_true(Rise(&models[0], "ark2", 1, 1, RHO_PERIODIC, 1) > 1e-6);
}

/* At rest the change of the free energy is rounding: the run goes on to its end. */
static void test_rest(void **state) {
  RhoEvolveOptions options = Until(100, 1e-3);
  RhoMesh mesh = Line(0, 7, 12, RHO_WALL);
  Setup s;
  (void)state;
  options.scheme = "energy_stable";
  options.largest = 0.1;
  OpenText("fields: {rho: density}\nkernels: {u: {shape: gaussian, width: 0.6, integral: 3}}\n"
           "dynamics:\n  rho: {mobility: rho, potential: \"0.7*log(rho) + conv(u, rho)\"}",
           &s);
  mesh.ndimension = 2;
  mesh.dimension[1] = mesh.dimension[0];
  mesh.dimension[1].name = "y";
  mesh.dimension[1].to = 5.5;
  mesh.dimension[1].ncell = 10;
  assert_true(OpenGrid(&s, PETSC_COMM_WORLD, &mesh));
  FillState(&s, 1, 1, 0.08, s.u);
  Outcome out = RunDone(&s, options);
  assert_true(out.last.nstep >= 1000);
  CloseGrid(&s);
  CloseModel(&s);
}

/* Why a model does not go with the scheme. */
static void Refused(const char *text, const char *reason) {
  const char *why;
  RhoEvolveOptions options = Until(1, 1e-3);
  RhoMesh mesh = Line(0, 1, 8, RHO_WALL);
  Setup s;
  options.scheme = "energy_stable";
  OpenText(text, &s);
  assert_true(OpenGrid(&s, PETSC_COMM_WORLD, &mesh));
  OK(RhoEvolveRefuses(s.fm, &options, s.u, &why));
  assert_non_null(strstr(why, reason));
  CloseGrid(&s);
  CloseModel(&s);
}

static void test_refused(void **state) {
  (void)state;
  Refused("dynamics:\n  u: {mobility: 1, potential: \"u + u^3\"}\nboundary: {u: {x: {from: {value: 1}}}}", "walls");
  Refused("dynamics:\n  u: {flux: \"-(1 + u)*grad(u)\"}", "free energy, which the model does not have");
  Refused("dynamics:\n  u: {mobility: 1, potential: \"u + u^3\", flux: \"-u*grad(u)\"}", "changes without a potential");
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_never), cmocka_unit_test(test_others),
                                     cmocka_unit_test(test_rest), cmocka_unit_test(test_refused)};
  return RunTests(argc, argv, tests, sizeof tests / sizeof *tests);
}
