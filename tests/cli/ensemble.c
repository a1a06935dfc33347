/* Ensembles: the result is the mean and the standard error of single runs with the seeds in order; one that was cut
   short goes on; runs that fail are left out and told of; what is wrong is said before anything runs. */
#include "same.h"
#include "../worse.h"

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

/* Does MERGED have at name the mean of the runs' (pattern: of their files, numbered from 3), and its error at the other
   one? */
static void CompareWith(const char *pattern, const char *merged, const char *name, const char *error_name) {
  size_t n, m;
  double *x[RUNS], *mean = Read(merged, name, &n), *error = Read(merged, error_name, &m), worst = 0, largest = 0;
  assert_true(n > 0 && n == m);
  for (int k = 0; k < RUNS; k++) {
    char path[32];
    snprintf(path, sizeof path, "%s-%d.h5", pattern, 3 + k);
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
    worst = Worse(Worse(worst, sum - mean[p]), expected - error[p]);
    largest = fmax(largest, fabs(sum));
  }
  print_message("%-28s %.1e of %.3g\n", name, worst, largest);
  assert_true(largest > 0 && worst <= 1e-14 * largest);
  for (int k = 0; k < RUNS; k++) free(x[k]);
  free(mean);
  free(error);
}

static void Compare(const char *merged, const char *name, const char *error_name) {
  CompareWith("single", merged, name, error_name);
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
  RUN(&run, "run", "many.yaml", "--ensemble", "2", "--seed", "11", "--output", "seeds");
  assert_status(&run, 0);
  assert_says(&run, "2 runs, seeds 11 to 12, 2 done, 0 failed");
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

/* ---- what they observe ---- */

static const char linear[] = "rhoflux: 1\nmodel: linear\nfields: {c: real}\n"
                             "dynamics: {c: {flux: \"-grad(c)\", reaction: -c, noise: \"sqrt(2)\"}}\n";
static const char waves[] = "rhoflux: 1\ncase: waves\nmodel: linear.yaml\n"
                            "mesh: {x: {length: 16, cells: 32, boundary: periodic}}\ninitial: {formulas: {c: 0}}\n"
                            "time: {end: 45, outputs: 90, fixed_step: 0.1}\nnoise: {omega: 7}\nseed: 3\n"
                            "observe:\n  - {name: structure_factor, from: 5, omega: 7}\n"
                            "  - {name: structure_factor_map, every: 5, omega: 7}\n"
                            "  - {name: histogram, range: [-9, 9], every: 1, from: 5}\n";

#define CURVE "structure_factor/S(c,c)/"

/* As of what `observe` finds in the outputs of each. */
static void TestObserved(void **state) {
  Run run;
  (void)state;
  WriteText("linear.yaml", linear);
  WriteText("waves.yaml", waves);
  RUN(&run, "run", "waves.yaml", "--ensemble", "5", "--quiet");
  assert_status(&run, 0);
  for (int k = 0; k < RUNS; k++) {
    char result[64], tables[64];
    snprintf(result, sizeof result, "waves.runs/run-%04d", k);
    snprintf(tables, sizeof tables, "seen-%d", 3 + k);
    RUN(&run, "observe", result, "--observable", "structure_factor", "--from", "5", "--omega", "7", "--output", tables,
        "--quiet");
    assert_status(&run, 0);
  }
  CompareWith("seen", "waves-insitu.h5", CURVE "value", CURVE "error");
}

/* S = k^2/(1 + k^2), k^2 of the second difference, within errors by the scatter of runs, which are as large as those
   that the runs state themselves. */
static void TestExact(void **state) {
  enum { MEMBERS = 12 };
  double chi2 = 0, ratio = 0;
  size_t n;
  Run run;
  (void)state;
  RUN(&run, "run", "waves.yaml", "--ensemble", "12", "--restart", "--quiet");
  assert_status(&run, 0);
  double *q = Read("waves-insitu.h5", CURVE "q", &n), *S = Read("waves-insitu.h5", CURVE "value", &n);
  double *error = Read("waves-insitu.h5", CURVE "error", &n),
         *within = Read("waves-insitu.h5", CURVE "error_within", &n);
  for (size_t k = 0; k < n; k++) {
    double square = pow(2 * sin(0.25 * q[k]) / 0.5, 2);
    chi2 += pow((S[k] - square / (1 + square)) / error[k], 2);
    ratio += pow(error[k] / within[k], 2) / (double)n;
  }
  print_message("chi^2 of %zu waves %.3g, errors by scatter and by blocks %.3g\n", n, chi2, ratio);
  assert_int_equal(n, 16);
  assert_true(chi2 > 0.2 * 16 && chi2 < 61); /* t^2 of 11 degrees of freedom: 20 +- 8.3 */
  assert_true(ratio > 0.5 && ratio < 2);
  free(q), free(S), free(error), free(within);
}

/* A list that is not that of the runs: what there is stays. */
static void TestOtherList(void **state) {
  Run run;
  char text[1024];
  size_t n, after;
  (void)state;
  free(Read("waves.h5", "time", &n));
  snprintf(text, sizeof text, "%s  - {name: correlation}\n", waves);
  WriteText("waves.yaml", text);
  RUN(&run, "run", "waves.yaml", "--ensemble", "12", "--restart");
  assert_status(&run, 1);
  assert_says(&run, "run 0 has not observed 'correlation' so");
  free(Read("waves.h5", "time", &after));
  assert_int_equal(n, 91);
  assert_int_equal(after, n);
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
  assert_int_equal(RUN(&run, "run", "many.yaml", "--ranks-per-run", "1", "--output", "a"), 2);
  assert_says(&run, "one run takes all ranks");
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
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestMean),     cmocka_unit_test(TestRestart),
                                     cmocka_unit_test(TestFailed),   cmocka_unit_test(TestRefused),
                                     cmocka_unit_test(TestObserved), cmocka_unit_test(TestExact),
                                     cmocka_unit_test(TestOtherList)};
  return cmocka_run_group_tests(tests, Enter, LeaveFolder);
}
