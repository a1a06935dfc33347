/* noise_run.c - runs with noise: totals, going on bit for bit, the order without noise, what ends a run.

   Faults that were put in once, and the test that went red:
     the steps of the first part not counted                         test_restart
     the noise of cells left out of what the totals ought to be      test_totals
     inflow of L (m - u) not taken out of the midpoint rule          test_order
     h/2 F(u) in the place of h F(m)                                 test_order */
#include "../verify/verify.h"

static const char *const schemes[] = {"em", "imex_em", "imex_midpoint"};

static RhoEvolveOptions Fixed(const char *scheme, double end, int nstep) {
  RhoEvolveOptions options = Until(end, 1e-6);
  options.scheme = scheme;
  options.fixed = end / nstep;
  return options;
}

/* ---- totals ---- */

typedef struct {
  double drift, moved;
  PetscReal first[8];
  bool seen;
} Watch;

static PetscErrorCode Look(void *ctx, const RhoEvolveState *state, Vec u, PetscBool *stop) {
  Watch *watch = ctx;
  (void)u, (void)stop;
  watch->drift = Worse(watch->drift, state->drift[0]);
  if (!watch->seen) watch->first[0] = state->total[0];
  watch->seen = true;
  watch->moved = fabs(state->total[0] - watch->first[0]);
  return 0;
}

/* moves: the total itself changes, by inflow or by noise of the cells, and is accounted for. */
static void Totals(const char *text, RhoBoundary boundary, const char *scheme, bool moves) {
  RhoMesh mesh = BoxMesh(2, (int[]){12, 9}, boundary);
  RhoEvolveOptions options = Fixed(scheme, 0.02, 50);
  PetscReal output[6];
  RhoEvolveReason reason;
  RhoEvolveState last;
  const char *why;
  Watch watch = {0};
  Setup s;
  OpenText(text, &s);
  assert_true(OpenGrid(&s, PETSC_COMM_WORLD, &mesh));
  FillState(&s, 1, 1, 0.1, s.u);
  OK(RhoNoiseCreate(s.fm, 200, 3, &options.noise));
  for (int k = 0; k < 6; k++) output[k] = 0.004 * k;
  options.output = output;
  options.noutput = 6;
  OK(RhoEvolve(s.fm, &options, s.u, Look, &watch, &reason, &last, &why));
  if (reason != RHO_EVOLVE_DONE) fail_msg("%s", why);
  if (s.grid->rank == 0)
    print_message("%-14s %-9s total moves by %.1e, drift %.1e\n", scheme, boundary == RHO_WALL ? "walls" : "periodic",
                  watch.moved, watch.drift);
  assert_true(watch.drift < 1e-14);
  assert_true(moves ? watch.moved > 1e-4 : watch.moved < 1e-13);
  OK(RhoNoiseDestroy(&options.noise));
  CloseGrid(&s);
  CloseModel(&s);
}

#define FLOW "fields: {a: density}\ndynamics: {a: {flux: \"-(1 + a)*grad(a)\", noise: \"sqrt(2*a)\"}}\n"
#define CELLS                                                                                                          \
  "fields: {a: density}\ndynamics: {a: {flux: \"-(1 + a)*grad(a)\", noise: {flux: \"sqrt(2*a)\", reaction: a}}}\n"
#define LET_IN "boundary: {a: {x: {from: {value: 1.5}, to: {inflow: 0.3}}}}\n"

static void test_totals(void **state) {
  (void)state;
  for (int k = 0; k < COUNT(schemes); k++) {
    Totals(FLOW, RHO_PERIODIC, schemes[k], false);
    Totals(FLOW, RHO_WALL, schemes[k], false);
    Totals(CELLS, RHO_PERIODIC, schemes[k], true);
    Totals(FLOW LET_IN, RHO_WALL, schemes[k], true);
  }
}

/* ---- going on ---- */

#define NOUTPUT 5

typedef struct {
  PetscInt at;
  Vec u;
  RhoEvolveMemory memory;
} Kept;

static PetscErrorCode Keep(void *ctx, const RhoEvolveState *state, Vec u, PetscBool *stop) {
  Kept *kept = ctx;
  (void)stop;
  if (!kept || state->output != kept->at) return 0;
  OK(VecCopy(u, kept->u));
  OK(RhoEvolveSave(state, &kept->memory));
  return 0;
}

static void RunAll(Setup *s, RhoEvolveOptions options, Kept *kept) {
  PetscReal output[NOUTPUT];
  RhoEvolveReason reason;
  RhoEvolveState last;
  const char *text;
  for (int k = 0; k < NOUTPUT; k++) output[k] = k * options.end / (NOUTPUT - 1);
  options.noutput = NOUTPUT;
  options.output = output;
  OK(RhoEvolve(s->fm, &options, s->u, Keep, kept, &reason, &last, &text));
  if (reason != RHO_EVOLVE_DONE) fail_msg("%s", text);
}

static void Continue(const char *path, const char *scheme) {
  RhoMesh mesh = BoxMesh(2, (int[]){12, 10}, RHO_PERIODIC);
  RhoEvolveOptions options = Fixed(scheme, 0.02, 46); /* outputs cut steps */
  Kept kept = {.at = 2};
  Setup s;
  Vec end, other;
  OpenModel(path, &s);
  assert_true(OpenGrid(&s, PETSC_COMM_WORLD, &mesh));
  OK(VecDuplicate(s.u, &end));
  OK(VecDuplicate(s.u, &other));
  OK(VecDuplicate(s.u, &kept.u));
  OK(RhoNoiseCreate(s.fm, 100, 9, &options.noise));
  FillState(&s, 1, 1, 0.1, s.u);
  RunAll(&s, options, &kept);
  OK(VecCopy(s.u, end));
  OK(VecCopy(kept.u, s.u));
  options.memory = &kept.memory;
  RunAll(&s, options, NULL);
  double difference = MaxDifference(end, s.u);
  OK(RhoNoiseDestroy(&options.noise));
  OK(RhoNoiseCreate(s.fm, 100, 10, &options.noise));
  OK(VecCopy(kept.u, s.u));
  RunAll(&s, options, NULL);
  if (s.grid->rank == 0) print_message("%-20s %-14s differs by %g\n", s.model->name, scheme, difference);
  assert_true(difference == 0);
  assert_true(MaxDifference(end, s.u) > 1e-3); /* another seed */
  OK(RhoNoiseDestroy(&options.noise));
  OK(VecDestroy(&end));
  OK(VecDestroy(&other));
  OK(VecDestroy(&kept.u));
  CloseGrid(&s);
  CloseModel(&s);
}

static void test_restart(void **state) {
  (void)state;
  for (int k = 0; k < COUNT(schemes); k++) {
    Continue(RHO_SOURCE_DIR "/models/quorum_sensing/model.yaml", schemes[k]);
    Continue(RHO_SOURCE_DIR "/models/dean_kawasaki/model.yaml", schemes[k]);
  }
}

typedef struct {
  PetscReal clipped, negative, limited;
} Shares;

/* From u and, if there is one, a memory to the end by noise that begins to count. */
static Shares SharesOf(Setup *s, RhoEvolveOptions options, Kept *kept) {
  Shares shares;
  OK(RhoNoiseCreate(s->fm, 5, 9, &options.noise));
  RunAll(s, options, kept);
  OK(RhoNoiseShares(options.noise, &shares.clipped, &shares.negative));
  OK(RhoNoiseLimited(options.noise, &shares.limited));
  OK(RhoNoiseDestroy(&options.noise));
  return shares;
}

/* What was counted before goes on to be counted. */
static void Counts(bool nonnegative) {
  RhoMesh mesh = BoxMesh(2, (int[]){12, 10}, RHO_PERIODIC);
  RhoEvolveOptions options = Fixed("em", 0.02, 40);
  Kept kept = {.at = 2};
  Setup s;
  options.nonnegative = (PetscBool)nonnegative;
  OpenText(FLOW, &s);
  assert_true(OpenGrid(&s, PETSC_COMM_WORLD, &mesh));
  OK(VecDuplicate(s.u, &kept.u));
  OK(VecSet(s.u, 0.1));
  Shares whole = SharesOf(&s, options, &kept);
  OK(VecCopy(kept.u, s.u));
  options.memory = &kept.memory;
  Shares on = SharesOf(&s, options, NULL);
  if (s.grid->rank == 0)
    print_message("clipped %g, gone on %g; negative %g, %g; limited %g, %g\n", whole.clipped, on.clipped,
                  whole.negative, on.negative, whole.limited, on.limited);
  assert_true(nonnegative ? whole.limited > 0 : whole.clipped > 0 && whole.negative > 0);
  assert_true(on.clipped == whole.clipped && on.negative == whole.negative && on.limited == whole.limited);
  OK(VecDestroy(&kept.u));
  CloseGrid(&s);
  CloseModel(&s);
}

static void test_counts(void **state) {
  (void)state;
  Counts(false);
  Counts(true);
}

/* ---- without noise ---- */

static void EndOf(Setup *s, RhoEvolveOptions options, Vec end) {
  FillState(s, 1, 1, 0.2, s->u);
  (void)RunDone(s, options);
  OK(VecCopy(s->u, end));
}

static void Orders(Setup *s) {
  Vec exact, end;
  OK(VecDuplicate(s->u, &exact));
  OK(VecDuplicate(s->u, &end));
  RhoEvolveOptions fine = Fixed("ark4", 0.02, 64);
  fine.linear_rtol = 1e-13;
  EndOf(s, fine, exact);
  for (int k = 0; k < COUNT(schemes); k++) {
    double error[2];
    for (int half = 0; half < 2; half++) {
      RhoEvolveOptions options = Fixed(schemes[k], 0.02, 32 << half);
      options.linear_rtol = 1e-13;
      EndOf(s, options, end);
      error[half] = MaxDifference(exact, end);
    }
    double order = log2(error[0] / error[1]);
    if (s->grid->rank == 0)
      print_message("%-16s %-14s %.2e %.2e: order %.2f\n", s->model->name, schemes[k], error[0], error[1], order);
    assert_true(fabs(order - RhoEvolveOrder(schemes[k])) < 0.2);
  }
  OK(VecDestroy(&exact));
  OK(VecDestroy(&end));
}

/* Without noise errors fall with the order that the scheme has; also where the totals, brought to what the step makes
   of the inflow, would show a wrong one. */
static void test_order(void **state) {
  RhoMesh ring = BoxMesh(2, (int[]){12, 10}, RHO_PERIODIC), box = BoxMesh(2, (int[]){12, 9}, RHO_WALL);
  Setup s;
  (void)state;
  OpenModel(RHO_SOURCE_DIR "/models/quorum_sensing/model.yaml", &s);
  assert_true(OpenGrid(&s, PETSC_COMM_WORLD, &ring));
  Orders(&s);
  CloseGrid(&s);
  CloseModel(&s);
  OpenText("fields: {a: density}\ndynamics: {a: {flux: \"-(1 + a)*grad(a)\", reaction: 0.5}}\n"
           "boundary: {a: {x: {to: {inflow: \"1 - a\"}}}}\n",
           &s);
  assert_true(OpenGrid(&s, PETSC_COMM_WORLD, &box));
  Orders(&s);
  CloseGrid(&s);
  CloseModel(&s);
}

/* ---- what ends a run, and what is refused ---- */

/* A noise that has no value, a formula that has none, say so; the last state is one from before. */
static void Ends(const char *text, const char *words) {
  RhoMesh mesh = BoxMesh(1, (int[]){16}, RHO_PERIODIC);
  for (int k = 0; k < COUNT(schemes); k++) {
    RhoEvolveOptions options = Fixed(schemes[k], 5, 500);
    Setup s;
    OpenText(text, &s);
    assert_true(OpenGrid(&s, PETSC_COMM_WORLD, &mesh));
    OK(VecSet(s.u, 0.9));
    OK(RhoNoiseCreate(s.fm, 1, 3, &options.noise));
    Outcome out = RunWith(&s, options, NULL, NULL);
    if (s.grid->rank == 0) print_message("%-14s t = %g: %s\n", schemes[k], out.last.time, out.text);
    assert_int_equal(out.reason, RHO_EVOLVE_DOMAIN);
    assert_non_null(strstr(out.text, words));
    assert_true(isfinite(NormMax(s.u)));
    OK(RhoNoiseDestroy(&options.noise));
    CloseGrid(&s);
    CloseModel(&s);
  }
}

static void test_domain(void **state) {
  (void)state;
  Ends("dynamics: {a: {reaction: -a, noise: {reaction: \"sqrt(1 - a^2)\"}}}", "the noise of 'a' has no value at x = ");
  Ends("dynamics: {a: {reaction: \"-a + 0*log(a)\", noise: {reaction: 1}}}", "log(a) is");
}

static const char *Refused(RhoEvolveOptions options) {
  static const char *why;
  RhoMesh mesh = BoxMesh(1, (int[]){16}, RHO_PERIODIC);
  Setup s;
  OpenText(FLOW, &s);
  assert_true(OpenGrid(&s, PETSC_COMM_WORLD, &mesh));
  OK(RhoNoiseCreate(s.fm, 1, 3, &options.noise));
  OK(RhoEvolveRefuses(s.fm, &options, s.u, &why));
  OK(RhoNoiseDestroy(&options.noise));
  CloseGrid(&s);
  CloseModel(&s);
  return why;
}

static void test_refused(void **state) {
  (void)state;
  assert_non_null(strstr(Refused(Fixed("ark3", 1, 10)), "takes no noise"));
  RhoEvolveOptions options = Until(1, 1e-3);
  options.scheme = "imex_em";
  assert_non_null(strstr(Refused(options), "fixed step"));
  assert_null(Refused(Fixed("imex_em", 1, 10)));
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_totals), cmocka_unit_test(test_restart),
                                     cmocka_unit_test(test_counts), cmocka_unit_test(test_order),
                                     cmocka_unit_test(test_domain), cmocka_unit_test(test_refused)};
  return RunTests(argc, argv, tests, sizeof tests / sizeof *tests);
}
