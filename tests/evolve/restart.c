/* restart.c - a run that is saved and gone on with takes the very steps of the run that was not interrupted, bit for
   bit; breakpoints are met and what stands on their two sides does not mix. */
#include "../verify/verify.h"

#define NOUTPUT 6

typedef struct {
  PetscInt at;            /* the output that is kept */
  Vec u;                  /* the state there ... */
  RhoEvolveMemory memory; /* ... and the numbers */
  PetscInt nseen;
} Kept;

static PetscErrorCode Keep(void *ctx, const RhoEvolveState *state, Vec u, PetscBool *stop) {
  Kept *kept = ctx;
  (void)stop;
  if (state->output < 0) return 0;
  kept->nseen++;
  if (state->output != kept->at) return 0;
  OK(VecCopy(u, kept->u));
  OK(RhoEvolveSave(state, &kept->memory));
  return 0;
}

static Outcome Run(Setup *s, RhoEvolveOptions options, Kept *kept) {
  PetscReal output[NOUTPUT];
  Outcome out;
  for (int k = 0; k < NOUTPUT; k++) output[k] = options.start + k * (options.end - options.start) / (NOUTPUT - 1);
  options.noutput = NOUTPUT;
  options.output = output;
  OK(RhoEvolve(s->fm, &options, s->u, Keep, kept, &out.reason, &out.last, &out.text));
  if (out.reason != RHO_EVOLVE_DONE) fail_msg("%s", out.text);
  return out;
}

static void Same(const char *what, Vec a, Vec b, const Outcome *one, const Outcome *two) {
  double difference = MaxDifference(a, b);
  print_message("%-44s %d steps, %d rejected, %d iterations; differs by %g\n", what, (int)one->last.nstep,
                (int)one->last.nreject, (int)one->last.nlinear, difference);
  assert_true(difference == 0);
  assert_int_equal(one->last.nstep, two->last.nstep);
  assert_int_equal(one->last.nreject, two->last.nreject);
  assert_int_equal(one->last.nlinear, two->last.nlinear);
  assert_true(one->last.step == two->last.step && one->last.time == two->last.time);
}

/* At every second output but the last; how many of them. */
static int Interrupt(Setup *s, RhoEvolveOptions options) {
  int ntried = 0;
  Vec end;
  Kept kept;
  OK(VecDuplicate(s->u, &end));
  OK(VecDuplicate(s->u, &kept.u));
  for (kept.at = 0; Goes(s, options.scheme) && kept.at < NOUTPUT - 1; kept.at += 2, ntried++) {
    kept.nseen = 0;
    FillState(s, 1, 1, 0.1, s->u);
    options.memory = NULL;
    Outcome whole = Run(s, options, &kept);
    assert_int_equal(kept.nseen, NOUTPUT);
    OK(VecCopy(s->u, end));
    OK(VecCopy(kept.u, s->u));
    Kept rest = {.at = -1};
    options.memory = &kept.memory;
    Outcome part = Run(s, options, &rest);
    assert_int_equal(rest.nseen, NOUTPUT - 1 - kept.at);
    Same(s->model->name, end, s->u, &whole, &part);
  }
  OK(VecDestroy(&end));
  OK(VecDestroy(&kept.u));
  return ntried;
}

static int Continue(const char *path, RhoBoundary boundary, RhoEvolveOptions options) {
  Setup s;
  int ntried = 0, ncell[2] = {12, 10};
  double from[2] = {0, 0}, to[2] = {7, 5.5};
  RhoMesh mesh;
  OpenModel(path, &s);
  if (ModelBox(&s, 2, ncell, from, to, boundary, &mesh) && OpenGrid(&s, PETSC_COMM_WORLD, &mesh)) {
    ntried = Interrupt(&s, options);
    CloseGrid(&s);
  }
  CloseModel(&s);
  return ntried;
}

static const char *const schemes[] = {"ark2",          "ark3",   "ark4",   "arkode3", "dirk4", "euler",
                                      "energy_stable", "etdrk4", "etdrk2", "sbdf2",   "sbdf3"};

/* How many of the schemes go with the model. */
static int EachScheme(const char *path) {
  int ngo = 0;
  for (int k = 0; k < COUNT(schemes); k++) {
    RhoEvolveOptions options = Until(1, 1e-4);
    options.scheme = schemes[k];
    options.start = 0.25;
    ngo += Continue(path, k % 2 ? RHO_WALL : RHO_PERIODIC, options) > 0;
  }
  return ngo;
}

static void test_restart(void **state) {
  (void)state;
  assert_int_equal(EachScheme(RHO_SOURCE_DIR "/models/cahn_hilliard/model.yaml"), COUNT(schemes));
  assert_int_equal(EachScheme(RHO_SOURCE_DIR "/models/quorum_sensing/model.yaml"), COUNT(schemes) - 1);
  assert_int_equal(EachScheme(RHO_SOURCE_DIR "/tests/models/dimers.yaml"), COUNT(schemes) - 1);
}

/* The same of the spectral discretisation. */
static void test_spectral(void **state) {
  static const char *const scheme[] = {"etdrk4", "sbdf3", "ark3"};
  const int ncell[2] = {12, 10};
  RhoMesh mesh = BoxMesh(2, ncell, RHO_PERIODIC);
  (void)state;
  for (int k = 0; k < COUNT(scheme); k++) {
    RhoEvolveOptions options = Until(1, 1e-4);
    Setup s;
    options.scheme = scheme[k];
    assert_true(SetupOpenAs(RHO_SOURCE_DIR "/models/quorum_sensing/model.yaml", &mesh, SPECTRAL, &s));
    assert_int_equal(Interrupt(&s, options), NOUTPUT / 2);
    SetupClose(&s);
  }
}

/* Every field is conserved, and remembered with its total. */
static void test_many(void **state) {
  RhoMesh mesh = Line(0, 1, 4, RHO_PERIODIC);
  RhoEvolveOptions options = Until(0.01, 1e-3);
  Kept kept = {.at = 2};
  Setup s;
  (void)state;
  OpenText("index: {i: 1..90}\ndynamics: {\"c[i]\": {flux: \"-grad(c[i])\"}}", &s);
  assert_true(OpenGrid(&s, PETSC_COMM_SELF, &mesh));
  OK(VecDuplicate(s.u, &kept.u));
  FillState(&s, 1, 1, 0.1, s.u);
  options.preconditioner = RHO_PC_NONE;
  (void)Run(&s, options, &kept);
  assert_true(kept.memory.n > 4 * 90);
  OK(VecDestroy(&kept.u));
  CloseGrid(&s);
  CloseModel(&s);
}

/* ---- breakpoints ---- */

/* d_t u = s(t) on two cells, s a step function: the integral is exact when steps end at its jumps and take each side's
   value, whatever the formula says at the jump itself. */
static void Jumps(const char *scheme, const char *reaction) {
  char text[200];
  const PetscReal jump[] = {0.3, 0.7};
  RhoMesh mesh = Line(0, 1, 2, RHO_PERIODIC);
  RhoEvolveOptions options = Until(1, 1e-3);
  PetscScalar *u;
  Setup s;
  snprintf(text, sizeof text, "fields: {u: real}\ndynamics:\n  u: {reaction: \"%s\"}", reaction);
  OpenText(text, &s);
  assert_true(OpenGrid(&s, PETSC_COMM_SELF, &mesh));
  options.scheme = scheme;
  options.nbreak = COUNT(jump);
  options.breakpoint = jump;
  OK(VecSet(s.u, 1));
  Outcome out = RunDone(&s, options);
  OK(VecGetArray(s.u, &u));
  print_message("%-6s %-44s %d steps, %d rejected; error %.1e\n", scheme, reaction, (int)out.last.nstep,
                (int)out.last.nreject, u[0] - (1 + 0.3 * 1 + 0.4 * 50 - 0.3 * 2));
  assert_true(fabs(u[0] - (1 + 0.3 * 1 + 0.4 * 50 - 0.3 * 2)) < 1e-11);
  OK(VecRestoreArray(s.u, &u));
  CloseGrid(&s);
  CloseModel(&s);
}

static const char *const breaking[] = {"ark3",   "arkode4", "dirk4", "bdf",  "euler",
                                       "etdrk4", "etdrk2",  "sbdf2", "sbdf3"};

static void test_jumps(void **state) {
  (void)state;
  for (int k = 0; k < COUNT(breaking); k++) {
    Jumps(breaking[k], "if(t < 0.3, 1, if(t < 0.7, 50, -2))");
    Jumps(breaking[k], "if(t <= 0.3, 1, if(t <= 0.7, 50, -2))");
  }
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_restart), cmocka_unit_test(test_spectral),
                                     cmocka_unit_test(test_many), cmocka_unit_test(test_jumps)};
  return RunTests(argc, argv, tests, sizeof tests / sizeof *tests);
}
