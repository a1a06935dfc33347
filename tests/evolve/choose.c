/* choose.c - what `auto` stands for: etdrk4 where the stiff part hardly depends on the fields and a transform solves
   it; such a run is the run with that scheme, bit for bit, and goes on with it. */
#include "../verify/verify.h"

static const char constant[] = "fields: {c: real}\ndynamics: {c: {mobility: 1, potential: \"c^3 - c - 0.1*lap(c)\"}}";
static const char varying[] = "fields: {c: density}\ndynamics: {c: {flux: \"-c^2*grad(c)\"}}";
static const char ordered[] =
    "fields: {c: real}\ndynamics: {c: {mobility: \"1 + c^2\", potential: \"c^3 - c - 0.1*lap(c)\"}}";
static const char reacting[] = "fields: {c: density}\ndynamics: {c: {flux: \"-grad(c)\", reaction: \"c - c^2\"}}";

static const char noisy[] = "fields: {c: density}\ndynamics: {c: {flux: \"-grad(c)\", noise: \"sqrt(2*c)\"}}";

static void Open(const char *text, bool stretched, Setup *s) {
  RhoMesh mesh = Line(0, 6, 24, RHO_PERIODIC);
  if (stretched) Stretch(&mesh);
  OpenText(text, s);
  assert_true(OpenGrid(s, PETSC_COMM_SELF, &mesh));
  FillState(s, 1, 1, 0.05, s->u);
}

static void Close(Setup *s) {
  CloseGrid(s);
  CloseModel(s);
}

static void Chosen(Setup *s, const RhoEvolveOptions *options, const char *expected) {
  const char *scheme, *why;
  OK(RhoEvolveChoose(s->fm, options, s->u, &scheme, &why));
  print_message("%s: %s\n", scheme, why);
  assert_string_equal(scheme, expected);
  assert_non_null(why);
}

static void Expect(const char *text, bool stretched, const char *expected) {
  RhoEvolveOptions options = Until(1, 1e-4);
  Setup s;
  Open(text, stretched, &s);
  options.scheme = RHO_EVOLVE_AUTO;
  Chosen(&s, &options, expected);
  Close(&s);
}

static void test_choice(void **state) {
  (void)state;
  Expect(constant, false, "etdrk4");
  Expect(reacting, false, "etdrk4");
  Expect(varying, false, "ark3");
  Expect(ordered, false, "ark3");
  Expect(constant, true, "ark3");
}

/* What the user says counts. */
static void test_asked(void **state) {
  RhoEvolveOptions options = Until(1, 1e-4);
  const char *scheme, *why;
  Setup s;
  (void)state;
  Open(constant, false, &s);
  options.scheme = RHO_EVOLVE_AUTO;
  options.preconditioner = RHO_PC_LU;
  Chosen(&s, &options, "ark3");
  options.preconditioner = RHO_PC_AUTO;
  options.constant = PETSC_TRUE;
  Chosen(&s, &options, "ark3");
  options.scheme = "bdf";
  OK(RhoEvolveChoose(s.fm, &options, s.u, &scheme, &why));
  assert_string_equal(scheme, "bdf");
  assert_null(why);
  Close(&s);
}

/* With noise, what takes it; an answer that was given is not asked for again. */
static void test_noise(void **state) {
  RhoEvolveOptions options = Until(1, 1e-4);
  const char *why;
  RhoNoise noise;
  Setup s;
  (void)state;
  Open(noisy, false, &s);
  OK(RhoNoiseCreate(s.fm, 100, 1, &noise));
  options.scheme = RHO_EVOLVE_AUTO;
  options.noise = noise;
  options.fixed = 0.01;
  Chosen(&s, &options, "imex_midpoint");
  options.nonnegative = PETSC_TRUE;
  Chosen(&s, &options, "em");
  OK(RhoEvolveRefuses(s.fm, &options, s.u, &why));
  assert_null(why);
  options.chosen = "imex_midpoint";
  OK(RhoEvolveRefuses(s.fm, &options, s.u, &why));
  assert_non_null(why);
  OK(RhoNoiseDestroy(&noise));
  Close(&s);
}

static PetscErrorCode Keep(void *ctx, const RhoEvolveState *state, Vec u, PetscBool *stop) {
  (void)u, (void)stop;
  return RhoEvolveSave(state, ctx);
}

static void test_run(void **state) {
  static RhoEvolveMemory memory;
  RhoEvolveOptions options = Until(0.2, 1e-4);
  Setup s;
  Vec named;
  (void)state;
  Open(constant, false, &s);
  OK(VecDuplicate(s.u, &named));
  options.scheme = "etdrk4";
  RunDone(&s, options);
  OK(VecCopy(s.u, named));
  FillState(&s, 1, 1, 0.05, s.u);
  options.scheme = RHO_EVOLVE_AUTO;
  assert_int_equal(RunWith(&s, options, Keep, &memory).reason, RHO_EVOLVE_DONE);
  assert_true(MaxDifference(named, s.u) == 0);
  options.memory = &memory;
  options.constant = PETSC_TRUE; /* else a reason for ark3 */
  Chosen(&s, &options, "etdrk4");
  memory.anew = PETSC_TRUE;
  Chosen(&s, &options, "ark3");
  OK(VecDestroy(&named));
  Close(&s);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_choice), cmocka_unit_test(test_asked),
                                     cmocka_unit_test(test_noise), cmocka_unit_test(test_run)};
  return RunTests(argc, argv, tests, sizeof tests / sizeof *tests);
}
