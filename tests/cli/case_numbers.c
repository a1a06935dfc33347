/* Numbers and times of a case: defaults, the three ways to give output times, and --set over the file. */
#include "program.h"
#include "case.h"
#include <math.h>

static const char head[] = "rhoflux: 1\ncase: numbers\nmodel: " RHO_TESTS "/models/pair.yaml\n"
                           "mesh: {x: {length: 8, cells: 12, boundary: periodic}}\ninitial: {state: mixed}\n";

typedef struct {
  RhoCli cli;
  RhoCase c;
} Loaded;

/* The case with `time` and what else is in text, and these --set. */
static void Load(Loaded *loaded, const char *text, int nset, const char **set) {
  char whole[2048];
  snprintf(whole, sizeof whole, "%s%s\n", head, text);
  WriteText("numbers.yaml", whole);
  loaded->cli = (RhoCli){.arena = RhoArenaCreate(), .files = RhoArenaCreate(), .diag = RhoDiagCreate(), .nrank = 1};
  loaded->cli.given[RHO_OPT_SET] = (RhoGiven){.n = nset, .value = set};
  RhoStatus status = rho_case_load(&loaded->cli, "numbers.yaml", RHO_CASE_FOR_RUN, &loaded->c);
  RhoDiagPrint(loaded->cli.diag, stderr);
  assert_int_equal(status, RHO_OK);
}

static void Unload(Loaded *loaded) {
  rho_case_destroy(&loaded->c);
  RhoDiagDestroy(&loaded->cli.diag);
  RhoArenaDestroy(&loaded->cli.files);
  RhoArenaDestroy(&loaded->cli.arena);
}

static void CheckTimes(const char *text, int n, const double *time) {
  Loaded loaded;
  Load(&loaded, text, 0, NULL);
  assert_int_equal(loaded.c.noutput, n);
  for (int k = 0; k < n; k++) assert_true(fabs(loaded.c.output[k] - time[k]) < 1e-14);
  assert_true(loaded.c.output[n - 1] == loaded.c.number[RHO_CASE_END].value);
  Unload(&loaded);
}

static void TestOutputTimes(void **state) {
  (void)state;
  CheckTimes("time: {start: 1, end: 3, outputs: 4}", 5, (const double[]){1, 1.5, 2, 2.5, 3});
  CheckTimes("time: {end: 1, every: 0.4}", 4, (const double[]){0, 0.4, 0.8, 1});
  CheckTimes("time: {end: 0.3, every: 0.1}", 4, (const double[]){0, 0.1, 0.2, 0.3});
  CheckTimes("time: {end: 1, every: 5}", 2, (const double[]){0, 1});
  CheckTimes("time: {end: 2, at: [0, 0.5, 2]}", 3, (const double[]){0, 0.5, 2});
  CheckTimes("time: {end: 2*pi, at: []}", 2, (const double[]){0, 6.283185307179586});
}

static void TestSetGoesBeforeTheFile(void **state) {
  const char *set[] = {"time.end=8", "seed=5", "chi=1", "chi=4", "T[b]=9", "solver.rtol=1e-7"};
  Loaded loaded;
  (void)state;
  Load(&loaded, "time: {end: 1, outputs: 2}\nseed: 3\nparameters: {chi: 2, \"T[s]\": [10, 20]}", 6, set);
  assert_true(loaded.c.output[2] == 8 && loaded.c.noutput == 3);
  assert_true(loaded.c.number[RHO_CASE_SEED].value == 5 && loaded.c.number[RHO_CASE_RTOL].value == 1e-7);
  for (int k = 0; k < loaded.c.model->nparameter; k++) {
    const char *name = loaded.c.model->parameter[k].name;
    double value = loaded.c.value[k];
    if (!strcmp(name, "chi")) assert_true(value == 4);
    if (!strcmp(name, "T[a]")) assert_true(value == 10);
    if (!strcmp(name, "T[b]")) assert_true(value == 9);
  }
  Unload(&loaded);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestOutputTimes), cmocka_unit_test(TestSetGoesBeforeTheFile)};
  return cmocka_run_group_tests(tests, EnterFolder, LeaveFolder);
}
