/* `rhoflux run` as a user meets it: results, refusals, failures, signals, provenance. */
#include "same.h"
#include <math.h>
#include <signal.h>
#include "rhoflux/io.h"

#define CASE RHO_TESTS "/case.yaml"

static const RhoResultInfo *Info(RhoArena arena, const char *path) {
  RhoDiag diag = RhoDiagCreate();
  const RhoResultInfo *info = NULL;
  RhoStatus status = RhoResultInfoRead(arena, diag, RHO_NOWHERE, path, true, &info);
  RhoDiagPrint(diag, stderr);
  assert_int_equal(status, RHO_OK);
  RhoDiagDestroy(&diag);
  return info;
}

static const char *Provenance(const RhoResultInfo *info, const char *name) {
  for (int k = 0; k < info->nprovenance; k++)
    if (!strcmp(info->provenance[k].name, name)) return info->provenance[k].what;
  fail_msg("no provenance '%s'", name);
  return NULL;
}

static void TestResultHoldsWhatTheCaseSays(void **state) {
  RhoArena arena = RhoArenaCreate();
  Run run;
  (void)state;
  RUN(&run, "run", CASE, "--set", "chi=2.5", "--output", "held", "--seed", "9");
  assert_status(&run, 0);
  assert_says(&run, "deterministic: the noise terms are left out");
  const RhoResultInfo *info = Info(arena, "held.h5");
  assert_int_equal(info->ntime, 3);
  assert_int_equal(info->nfield, 3);
  assert_string_equal(info->field[2].name, "difference");
  assert_true(info->field[2].derived);
  assert_non_null(strstr(Provenance(info, "parameters"), "chi = 2.5\n"));
  assert_non_null(strstr(Provenance(info, "model_text"), "model: pair"));
  assert_non_null(strstr(Provenance(info, "case_text"), "case: case"));
  assert_string_equal(Provenance(info, "seed"), "9");
  assert_non_null(strstr(Provenance(info, "command_line"), "--seed 9"));
  RhoArenaDestroy(&arena);
}

static void TestTotalsAreConserved(void **state) {
  RhoArena arena = RhoArenaCreate();
  Run run;
  int n = 0;
  (void)state;
  RUN(&run, "run", CASE, "--output", "conserved", "--quiet");
  assert_status(&run, 0);
  assert_string_equal(run.said, "");
  const RhoResultInfo *info = Info(arena, "conserved");
  for (int k = 0; k < info->nseries; k++) {
    if (strncmp(info->series[k].name, "drift(", 6)) continue;
    assert_true(info->series[k].last < 1e-13 && info->series[k].last > -1e-13);
    n++;
  }
  assert_int_equal(n, 2);
  RhoArenaDestroy(&arena);
}

static double LastOf(RhoArena arena, const char *path, const char *series) {
  const RhoResultInfo *info = Info(arena, path);
  for (int k = 0; k < info->nseries; k++)
    if (!strcmp(info->series[k].name, series)) return info->series[k].last;
  fail_msg("%s has no series '%s'", path, series);
  return NAN;
}

#define NOISY "--set", "noise.omega=100", "--set", "time.fixed_step=0.0005"

/* With noise: the same from the same seed, also in two parts; another from another. */
static void TestNoise(void **state) {
  RhoArena arena = RhoArenaCreate();
  Run run;
  (void)state;
  RUN(&run, "run", CASE, NOISY, "--output", "noisy");
  assert_status(&run, 0);
  assert_says(&run, "with noise: omega = 100, seed 0, steps of 0.0005 by imex_midpoint");
  RUN(&run, "run", CASE, NOISY, "--output", "parts", "--set", "solver.max_steps=13");
  assert_status(&run, 1);
  RUN(&run, "run", CASE, NOISY, "--output", "parts", "--restart");
  assert_status(&run, 0);
  RUN(&run, "run", CASE, NOISY, "--output", "other", "--seed", "1");
  assert_status(&run, 0);
  double highest = LastOf(arena, "noisy", "max(rho[a])");
  assert_true(LastOf(arena, "parts", "max(rho[a])") == highest);
  assert_true(LastOf(arena, "other", "max(rho[a])") != highest);
  assert_true(LastOf(arena, "noisy", "clipped") == 0 && LastOf(arena, "noisy", "negative") == 0);
  assert_true(fabs(LastOf(arena, "noisy", "drift(rho[a])")) < 1e-14);
  RhoArenaDestroy(&arena);
}

static void WriteFew(const char *nonnegative) {
  FILE *stream = fopen("few.yaml", "w");
  assert_non_null(stream);
  fprintf(stream,
          "rhoflux: 1\ncase: few\nmodel: " RHO_TESTS "/models/pair.yaml\n"
          "mesh: {x: {length: 8, cells: 12, boundary: periodic}}\ninitial: {state: mixed}\n"
          "time: {end: 0.02, fixed_step: 0.0005}\nnoise: {omega: 100, nonnegative: %s}\n",
          nonnegative);
  fclose(stream);
}

/* A result says by which scheme its noise went, and whether that took no more than there was. */
static void TestNoiseIsSaid(void **state) {
  RhoArena arena = RhoArenaCreate();
  Run run;
  (void)state;
  for (int k = 0; k < 2; k++) {
    WriteFew(k ? "yes" : "no");
    RUN(&run, "run", "few.yaml", "--overwrite");
    assert_status(&run, 0);
    assert_string_equal(Provenance(Info(arena, "few.h5"), "scheme"), k ? "em" : "imex_midpoint");
    assert_int_equal(strstr(Provenance(Info(arena, "few.h5"), "solver"), "nonnegative = yes\n") != NULL, k);
  }
  RUN(&run, "run", "few.yaml", "--overwrite", "--set", "solver.max_steps=13");
  assert_status(&run, 1);
  WriteFew("no");
  RUN(&run, "run", "few.yaml", "--restart");
  assert_says(&run, "the solver's settings changed since the checkpoint");
  RhoArenaDestroy(&arena);
}

static void TestResultIsNotReplacedUnasked(void **state) {
  Run run;
  (void)state;
  assert_int_equal(RUN(&run, "run", CASE, "--output", "twice"), 0);
  assert_int_equal(RUN(&run, "run", CASE, "--output", "twice"), 2);
  assert_says(&run, "--overwrite");
  assert_int_equal(RUN(&run, "run", CASE, "--output", "twice", "--overwrite", "--json"), 0);
  assert_says(&run, "\"done\": true");
}

static void TestNameAndFolders(void **state) {
  Run run;
  (void)state;
  assert_int_equal(RUN(&run, "run", CASE, "--output", "no/such/folder/a"), 2);
  assert_says(&run, "there is no folder 'no/such/folder/'");
  assert_int_equal(RUN(&run, "run", CASE), 0);
  assert_true(Exists("case.h5") && Exists("case.xdmf"));
}

/* A result is an initial state: the totals go on from it. */
static void TestRunFromAResult(void **state) {
  Run run;
  (void)state;
  assert_int_equal(RUN(&run, "run", CASE, "--output", "before"), 0);
  WriteText("after.yaml", "rhoflux: 1\ncase: after\nmodel: " RHO_TESTS "/models/pair.yaml\n"
                          "mesh: {x: {length: 8, cells: 12, boundary: periodic},"
                          " y: {length: 12, cells: 20, boundary: wall}}\n"
                          "initial: {result: before.h5, time: 0.01}\ntime: {start: 0.01, end: 0.02, outputs: 1}\n");
  RUN(&run, "run", "after.yaml");
  assert_status(&run, 0);
  WriteText("lost.yaml", "rhoflux: 1\ncase: lost\nmodel: " RHO_TESTS "/models/pair.yaml\n"
                         "mesh: {x: {length: 8, cells: 12, boundary: periodic}}\n"
                         "initial: {result: nowhere.h5}\ntime: {end: 1}\n");
  assert_int_equal(RUN(&run, "run", "lost.yaml"), 2);
  assert_says(&run, "nowhere.h5");
}

static void CheckRefused(const char *initial, const char *said) {
  char text[1024];
  Run run;
  snprintf(text, sizeof text,
           "rhoflux: 1\ncase: refused\nmodel: %s/models/pair.yaml\n"
           "mesh: {x: {length: 8, cells: 12, boundary: periodic}}\ninitial: %s\ntime: {end: 1}\n",
           RHO_TESTS, initial);
  WriteText("refused.yaml", text);
  RUN(&run, "run", "refused.yaml");
  assert_status(&run, 2);
  assert_says(&run, "[case-state-value]");
  assert_says(&run, said);
  assert_false(Exists("refused.h5"));
}

static void TestBadStatesAreRefused(void **state) {
  (void)state;
  CheckRefused("{state: mixed, random: {rho: 3}}", "refused.yaml:5:39:"); /* the amplitude */
  CheckRefused("{state: mixed, random: {rho: 3}}", "smaller amplitude");
  CheckRefused("{formulas: {rho: 1 + 2*cos(2*pi*x/Lx)}, random: {rho: 0.1}}", "refused.yaml:5:10:"); /* the state */
  CheckRefused("{formulas: {rho: 10 + log(x - 4)}}", "not finite");
}

/* u' = -1 from u = 1 leaves the domain of sqrt(u) at t = 1. */
static void TestFailureKeepsTheLastState(void **state) {
  RhoArena arena = RhoArenaCreate();
  Run run;
  (void)state;
  WriteText("vanishing.yaml", "rhoflux: 1\ncase: vanishing\nmodel: " RHO_TESTS "/models/vanishing.yaml\n"
                              "mesh: {x: {length: 8, cells: 12, boundary: periodic}}\n"
                              "initial: {state: one}\ntime: {end: 2, outputs: 4}\n");
  assert_int_equal(RUN(&run, "run", "vanishing.yaml"), 1);
  assert_says(&run, "the last state is in vanishing.h5");
  const RhoResultInfo *info = Info(arena, "vanishing.h5");
  assert_true(info->ntime >= 3);
  double last = info->time[info->ntime - 1];
  assert_true(last > 0.9 && last < 1.0 + 1e-6);
  RhoArenaDestroy(&arena);
}

static void TestSignalKeepsTheLastState(void **state) {
  const char *const argv[] = {
      RHO_PROGRAM, "run", CASE, "--output", "ended", "--set", "time.end=1e9", "--set", "time.largest_step=1e-3", NULL};
  const struct timespec pause = {0, 20000000};
  RhoArena arena = RhoArenaCreate();
  Run run;
  int from;
  (void)state;
  pid_t child = Start(argv, &from);
  for (int k = 0; k < 500 && !Exists("ended.d/000000.h5"); k++) nanosleep(&pause, NULL);
  nanosleep(&pause, NULL);
  kill(child, SIGTERM);
  Finish(child, from, &run);
  assert_status(&run, 1);
  assert_says(&run, "SIGTERM");
  const RhoResultInfo *info = Info(arena, "ended");
  assert_true(info->ntime >= 1); /* a signal before the first step leaves the state at the start */
  RhoArenaDestroy(&arena);
}

/* With measured plans: the same to round-off, a result that says so, and a file for the next run. */
static void TestMeasuredTransforms(void **state) {
  static const char text[] = "rhoflux: 1\ncase: measured\nmodel: " RHO_TESTS "/models/pair.yaml\n"
                             "mesh:\n  x: {length: 8, cells: 12, boundary: periodic}\n"
                             "  y: {length: 12, cells: 20, boundary: wall}\n"
                             "initial: {state: mixed, random: {\"rho[a]\": 0.1, \"rho[b]\": 0.1}}\n"
                             "time: {end: 0.02, outputs: 2}\nsolver: {plans: %s, linear_rtol: 1e-12}\n";
  RhoArena arena = RhoArenaCreate();
  Run run;
  (void)state;
  setenv("RHOFLUX_CACHE", "cache", 1);
  for (int k = 0; k < 2; k++) {
    FILE *stream = fopen("measured.yaml", "w");
    assert_non_null(stream);
    fprintf(stream, text, k ? "measured" : "estimated");
    fclose(stream);
    RUN(&run, "run", "measured.yaml", "--output", k ? "measured" : "estimated", "--set", "time.fixed_step=0.001");
    assert_status(&run, 0);
    assert_int_equal(access("cache", F_OK), k ? 0 : -1);
  }
  setenv("RHOFLUX_CACHE", "off", 1);
  assert_same_results("estimated.h5", "measured.h5", 1e-10);
  assert_non_null(strstr(Provenance(Info(arena, "measured.h5"), "solver"), "plans = measured\n"));
  assert_null(strstr(Provenance(Info(arena, "estimated.h5"), "solver"), "plans"));
  RhoArenaDestroy(&arena);
}

static void TestPetscOptions(void **state) {
  Run run;
  (void)state;
  assert_int_equal(RUN(&run, "run", CASE, "--output", "options", "--", "-no_such_option", "1"), 0);
  assert_says(&run, "no solver has used the option -no_such_option");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestResultHoldsWhatTheCaseSays),
                                     cmocka_unit_test(TestTotalsAreConserved),
                                     cmocka_unit_test(TestNoise),
                                     cmocka_unit_test(TestNoiseIsSaid),
                                     cmocka_unit_test(TestResultIsNotReplacedUnasked),
                                     cmocka_unit_test(TestNameAndFolders),
                                     cmocka_unit_test(TestRunFromAResult),
                                     cmocka_unit_test(TestBadStatesAreRefused),
                                     cmocka_unit_test(TestFailureKeepsTheLastState),
                                     cmocka_unit_test(TestSignalKeepsTheLastState),
                                     cmocka_unit_test(TestPetscOptions),
                                     cmocka_unit_test(TestMeasuredTransforms)};
  return cmocka_run_group_tests(tests, EnterFolder, LeaveFolder);
}
