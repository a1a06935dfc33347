/* Ensembles: the result is the mean and the standard error of single runs with the seeds in order; one that was cut
   short goes on; runs that fail are left out and told of; what is wrong is said before anything runs. */
#include "same.h"
#include <math.h>

#define MPIRUN(run, n, ...)                                                                                            \
  RunProgram(run, (const char *const[]){RHO_MPIEXEC, "--oversubscribe", "--bind-to", "none", "-n", n, RHO_PROGRAM,     \
                                        __VA_ARGS__, NULL})

enum { RUNS = 5 };
static const char example[] =
    "rhoflux: 1\ncase: many\nmodel: " RHO_SOURCE_DIR "/models/quorum_sensing_cross/model.yaml\n"
    "mesh: {x: {length: 16, cells: 24, boundary: periodic}}\n"
    "initial: {state: uniform}\n"
    "time: {end: 0.5, outputs: 2, fixed_step: 0.05}\n"
    "noise: {omega: 1000, entropy_production: yes}\n"
    "output: {derived: {sum: \"rho[a] + rho[b]\", wrong: \"log(rho[a] - 1)\"}}\n"
    "seed: 3\n";

static double *Read(const char *path, const char *name, size_t *n) {
  hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  if (file < 0) fail_msg("no %s", path);
  double *data = Numbers(file, name, n);
  H5Fclose(file);
  return data;
}

/* Does MERGED have at name the mean of the runs' (single-4.h5, ...), and its error at the other one? */
static void Compare(const char *merged, const char *name, const char *error_name) {
  size_t n, m;
  double *x[RUNS], *mean = Read(merged, name, &n), *error = Read(merged, error_name, &m), worst = 0, largest = 0;
  assert_true(n > 0 && n == m);
  for (int k = 0; k < RUNS; k++) {
    char path[32];
    snprintf(path, sizeof path, "single-%d.h5", 3 + k);
    x[k] = Read(path, name, &m);
    assert_true(n == m);
  }
  for (size_t p = 0; p < n; p++) {
    double sum = 0, square = 0;
    for (int k = 0; k < RUNS; k++) sum += x[k][p] / RUNS;
    for (int k = 0; k < RUNS; k++) square += pow(x[k][p] - sum, 2);
    double expected = sqrt(square / (RUNS * (RUNS - 1)));
    assert_true(isnan(sum) == isnan(mean[p]) && isnan(sum) == isnan(error[p]));
    if (isnan(sum)) continue;
    worst = fmax(worst, fmax(fabs(sum - mean[p]), fabs(expected - error[p])));
    largest = fmax(largest, fabs(sum));
  }
  print_message("%-28s %.1e of %.3g\n", name, worst, largest);
  assert_true(worst <= 1e-14 * largest);
  for (int k = 0; k < RUNS; k++) free(x[k]);
  free(mean);
  free(error);
}

/* The same as of runs one by one, in whatever order ranks do them. */
static void TestMean(void **state) {
  Run run;
  (void)state;
  for (int k = 0; k < RUNS; k++) {
    char seed[16], name[32];
    snprintf(seed, sizeof seed, "%d", 3 + k);
    snprintf(name, sizeof name, "single-%d", 3 + k);
    assert_int_equal(RUN(&run, "run", "many.yaml", "--seed", seed, "--output", name), 0);
  }
  RUN(&run, "run", "many.yaml", "--ensemble", "5");
  assert_status(&run, 0);
  assert_says(&run, "5 runs, seeds 3 to 7, 5 done, 0 failed");
  Compare("many.h5", "rho[a]", "stderr(rho[a])");
  Compare("many.h5", "rho[b]", "stderr(rho[b])");
  Compare("many.h5", "sum", "stderr(sum)");
  Compare("many.h5", "series/max(rho[a])", "series/stderr(max(rho[a]))");
  Compare("many.h5", "series/entropy_production", "series/stderr(entropy_production)");
  MPIRUN(&run, "2", "run", "many.yaml", "--ensemble", "5", "--output", "ranks");
  assert_status(&run, 0);
  assert_same_results("many.h5", "ranks.h5", 0);
}

/* Runs that were not begun, or not ended, are done; others are not done again. */
static void TestRestart(void **state) {
  const char *const away[] = {"rm", "-r", "many.h5", "many.runs/run-0001.h5", "many.runs/run-0001.d", NULL};
  struct stat before, after;
  Run run;
  (void)state;
  assert_int_equal(rename("many.h5", "whole.h5"), 0);
  assert_int_equal(rename("many.d", "whole.d"), 0);
  RUN(&run, "run", "many.yaml", "--ensemble", "5", "--overwrite", "--set", "time.end=0.25", "--set", "time.every=0.25");
  assert_status(&run, 0);
  assert_int_equal(RunProgram(&run, away), 0);
  RUN(&run, "run", "many.yaml", "--ensemble", "5", "--restart");
  assert_status(&run, 0);
  assert_int_equal(RunProgram(&run, (const char *const[]){"cp", "many.h5", "gone-on.h5", NULL}), 0);
  assert_int_equal(stat("many.runs/run-0000.h5", &before), 0);
  assert_int_equal(RUN(&run, "run", "many.yaml", "--ensemble", "5", "--restart", "--json"), 0);
  assert_says(&run, "\"done\": 5");
  assert_int_equal(stat("many.runs/run-0000.h5", &after), 0);
  assert_true(before.st_mtim.tv_sec == after.st_mtim.tv_sec && before.st_mtim.tv_nsec == after.st_mtim.tv_nsec);
  Compare("many.h5", "series/max(rho[a])", "series/stderr(max(rho[a]))");
  Compare("many.h5", "rho[b]", "stderr(rho[b])");
}

/* Some paths leave the domain of the amplitude. */
static void TestFailed(void **state) {
  Run run;
  (void)state;
  WriteText("risk.model.yaml",
            "rhoflux: 1\nmodel: risk\ndynamics: {a: {reaction: -a, noise: {reaction: \"sqrt(1 - a^2)\"}}}\n");
  WriteText("risk.yaml", "rhoflux: 1\ncase: risk\nmodel: risk.model.yaml\n"
                         "mesh: {x: {length: 4, cells: 4, boundary: periodic}}\ninitial: {formulas: {a: 0.6}}\n"
                         "time: {end: 0.5, outputs: 2, fixed_step: 0.05}\nnoise: {omega: 1}\n");
  RUN(&run, "run", "risk.yaml", "--ensemble", "12");
  assert_status(&run, 1);
  assert_says(&run, "the noise of 'a' has no value");
  assert_says(&run, "means and standard errors in risk.h5");
  assert_int_equal(RUN(&run, "info", "risk.h5"), 0);
  assert_says(&run, "12 runs, seeds 0 to 11");
  assert_says(&run, "ensemble_failed  0, 1, 2, 4, 5, 6, 9, 10");
}

static void TestRefused(void **state) {
  Run run;
  (void)state;
  assert_int_equal(RUN(&run, "run", "many.yaml", "--ensemble", "1", "--output", "a"), 2);
  assert_says(&run, "'1' is not a whole number from 2 to 9999");
  assert_int_equal(RUN(&run, "run", "many.yaml", "--ensemble", "x", "--output", "a"), 2);
  assert_int_equal(RUN(&run, "run", "many.yaml", "--ensemble", "5"), 2);
  assert_says(&run, "--restart goes on with them");
  assert_int_equal(RUN(&run, "run", "many.yaml", "--ensemble", "5", "--restart", "--overwrite"), 2);
  assert_int_equal(RUN(&run, "run", "many.yaml", "--ensemble", "5", "--restart", "other"), 2);
  assert_says(&run, "without a name");
  assert_int_equal(RUN(&run, "run", "many.yaml", "--ensemble", "5", "--ranks-per-run", "2", "--output", "a"), 2);
  assert_says(&run, "does not divide");
  WriteText("still.yaml", "rhoflux: 1\ncase: still\nmodel: cahn_hilliard\n"
                          "mesh: {x: {length: 4, cells: 8, boundary: periodic}}\ninitial: {formulas: {phi: 0}}\n"
                          "time: {end: 1}\n");
  assert_int_equal(RUN(&run, "run", "still.yaml", "--ensemble", "5"), 2);
  assert_says(&run, "nothing depends on the seed");
}

static int Enter(void **state) {
  if (EnterFolder(state)) return -1;
  WriteText("many.yaml", example);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestMean), cmocka_unit_test(TestRestart),
                                     cmocka_unit_test(TestFailed), cmocka_unit_test(TestRefused)};
  return cmocka_run_group_tests(tests, Enter, LeaveFolder);
}
