/* `rhoflux observe` and `rhoflux compare` as a user runs them, on runs of independent particles: S(q) is their density.
 */
#include "program.h"
#include <math.h>

#define LENGTH 8.0
enum { NPARTICLE = 1500, NFRAME = 64 };

/* A third of them of type 2. */
static void WriteGas(const char *path, uint64_t random, int nparticle) {
  FILE *stream = fopen(path, "w");
  assert_non_null(stream);
  for (int k = 0; k < NFRAME; k++) {
    fprintf(stream, "ITEM: TIMESTEP\n%d\nITEM: NUMBER OF ATOMS\n%d\nITEM: BOX BOUNDS pp pp pp\n", k, nparticle);
    fprintf(stream, "-4 4\n0 3\n0 1\nITEM: ATOMS type x y\n");
    for (int i = 0; i < nparticle; i++)
      fprintf(stream, "%d %.9f %.6f\n", i % 3 ? 1 : 2, LENGTH * (Uniform(&random) - 0.5), 3 * Uniform(&random));
  }
  fclose(stream);
}

/* The numbers of the array behind key behind part. */
static int Array(const Run *run, const char *part, const char *key, double *x) {
  const char *at = strstr(run->said, part);
  int n = 0, used = 0;
  at = at ? strstr(at, key) : NULL;
  if (!at) fail_msg("no %s of %s in:\n%s", key, part, run->said);
  for (at = strchr(at, '[') + 1; sscanf(at, "%lf%n", &x[n], &used) == 1; n++) at += used + strspn(at + used, ", ");
  return n;
}

static void TestGas(void **state) {
  static const char *const pair[] = {"\"S(rho[A],rho[A])\"", "\"S(rho[A],rho[B])\"", "\"S(rho[B],rho[B])\""};
  const double expected[] = {1000 / LENGTH, 0, 500 / LENGTH};
  Run run;
  (void)state;
  RUN(&run, "observe", "gas", "--observable", "structure_factor,histogram", "--from", "0", "--json");
  assert_status(&run, 0);
  assert_says(&run, "\"states\": 64");
  for (int k = 0; k < 3; k++) {
    double value[64], error[64], square = 0;
    int n = Array(&run, pair[k], "\"value\"", value);
    assert_int_equal(n, 20);
    assert_int_equal(Array(&run, pair[k], "\"error\"", error), 20);
    for (int q = 0; q < n; q++) square += pow((value[q] - expected[k]) / error[q], 2);
    if (square < 5 || square > 45) fail_msg("%s: chi^2 of 20 is %g", pair[k], square); /* 1e-3 on both sides */
  }
  assert_true(Exists("gas-observe.h5"));
}

static void TestWords(void **state) {
  Run run;
  (void)state;
  RUN(&run, "observe", "gas.h5", "--observable", "structure_factor", "--field", "rho[B]", "--from", "0", "--to", "9",
      "--output", "mine", "--omega", "2", "--bins", "5");
  assert_status(&run, 0);
  assert_says(&run, "10 states from t = 0 to 9");
  assert_says(&run, "S(rho[B],rho[B])");
  assert_says(&run, "tables in mine.h5");
  assert_null(strstr(run.said, "rho[A]"));
  RUN(&run, "observe", "gas", "--observable", "histogram", "--bins", "20000", "--quiet", "--output", "many");
  assert_status(&run, 0); /* before the alarm of a run: peaks of so many bins are no work without end */
  RUN(&run, "info", "mine");
  assert_says(&run, "structure_factor/S(rho[B],rho[B])/value");
}

static void TestRefused(void **state) {
  Run run;
  (void)state;
  const struct {
    const char *argument[6], *says;
  } wrong[] = {
      {{"gas"}, "needs --observable NAME"},
      {{"gas", "--observable", "histogramm"}, "did you mean 'histogram'?"},
      {{"gas", "--observable", "histogram,histogram"}, "'histogram' twice"},
      {{"gas", "--observable", "histogram", "--field", "rho[C]"}, "has no field 'rho[C]'"},
      {{"gas", "--observable", "histogram", "--field", "rho[A],rho[A]"}, "'rho[A]' is asked for twice"},
      {{"gas", "--observable", "histogram,"}, "a name is missing in 'histogram,'"},
      {{"gas", "--observable", "structure_factor", "--q", "1e-9"}, "no wave has q up to 1e-09"},
      {{"gas", "--observable", "histogram", "--from", "1e9"}, "no output between these times"},
      {{"gas", "--observable", "histogram", "--from", "soon"}, "--from: 'soon' is not a time"},
      {{"gas", "--observable", "histogram", "--bins", "1"}, "--bins: '1' is not a whole number from 2 to 1000000"},
      {{"gas", "--observable", "histogram", "--window", "3:1"}, "--window: '3:1'"},
      {{"no_such_result", "--observable", "histogram"}, "no_such_result"},
      {{"gas", "--observable", "histogram", "--output", "nowhere/gas"}, "there is no folder 'nowhere/'"},
      {{"gas", "--observable", "histogram", "--output", "gas"}, "something else: it is not replaced"},
  };
  for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
    const char *argv[9] = {RHO_PROGRAM, "observe"};
    for (int a = 0; a < 6 && wrong[k].argument[a]; a++) argv[2 + a] = wrong[k].argument[a];
    RunProgram(&run, argv);
    assert_status(&run, 2);
    assert_says(&run, wrong[k].says);
  }
}

/* The chi^2 of curve `part` and how many scores it has. */
static double Squares(const Run *run, const char *part, int *n) {
  const char *at = strstr(run->said, part), *end = at ? strstr(at, "}]") : NULL;
  double sum = 0;
  if (!end) fail_msg("no %s in:\n%s", part, run->said);
  for (*n = 0; (at = strstr(at, "\"score\": ")) && at < end; ++*n)
    sum += pow(strtod(at += strlen("\"score\": "), NULL), 2);
  return sum;
}

/* Two gases of the same densities, on other cells and under other names, agree; one of other densities does not. */
static void TestCompare(void **state) {
  Run run;
  int n;
  (void)state;
  RUN(&run, "compare", "gas", "other", "--observable", "structure_factor", "--from", "0", "--map", "rho[A]=rho[C]",
      "--map", "rho[B]=rho[D]", "--json");
  assert_status(&run, 0);
  double chi2 = Squares(&run, "\"S(rho[A],rho[A])\"", &n);
  assert_int_equal(n, 16); /* what both grids have */
  if (chi2 < 3 || chi2 > 40) fail_msg("chi^2 of 16 is %g", chi2);
  assert_true(Exists("gas-compare.h5"));
  RUN(&run, "compare", "gas", "other", "--observable", "structure_factor,histogram", "--from", "0", "--map",
      "rho[A]=rho[D]", "--field", "rho[A]", "--json", "--output", "apart");
  assert_status(&run, 0);
  chi2 = Squares(&run, "\"S(rho[A],rho[A])\"", &n);
  if (chi2 < 200) fail_msg("chi^2 of densities 125 and 62.5 is %g", chi2);
  RUN(&run, "compare", "gas", "other", "--observable", "histogram", "--from", "0", "--output", "apart");
  assert_status(&run, 2);
  assert_says(&run, "has no field 'rho[A]'");
  assert_says(&run, "--map A=B");
  RUN(&run, "compare", "gas", "other", "--observable", "histogram", "--map", "rho[A]");
  assert_status(&run, 2);
  assert_says(&run, "is not A=B");
  RUN(&run, "compare", "gas", "gas", "--observable", "slab", "--from", "0", "--quiet");
  assert_status(&run, 0);
}

/* What would compare nothing, or not what was meant. */
static void TestNotCompared(void **state) {
  static const struct {
    const char *argument[6], *says;
  } wrong[] = {
      {{"histogram", "--map", "rho[A]=rho[C]", "--map", "rho[B]=rho[C]"}, "name a field twice"},
      {{"histogram", "--map", "rho[A]=rho[C]", "--map", "rho[A]=rho[D]"}, "name a field twice"},
      {{"histogram", "--map", "rho[X]=rho[C]"}, "'rho[X]' is no field that is looked at in 'gas'"},
      {{"structure_factor_map", "--map", "rho[A]=rho[C]", "--map", "rho[B]=rho[D]"}, "nothing to compare"},
  };
  Run run;
  (void)state;
  for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
    const char *argv[14] = {RHO_PROGRAM, "compare", "gas", "other", "--from", "0", "--observable"};
    for (int a = 0; a < 6 && wrong[k].argument[a]; a++) argv[7 + a] = wrong[k].argument[a];
    RunProgram(&run, argv);
    assert_status(&run, 2);
    assert_says(&run, wrong[k].says);
  }
}

static int Enter(void **state) {
  Run run;
  int failed = EnterFolder(state);
  if (failed) return failed;
  WriteGas("gas.lammpstrj", 7, NPARTICLE);
  WriteGas("other.lammpstrj", 8, NPARTICLE);
  WriteText("line.yaml", "rhoflux: 1\nx: {from: -4, to: 4, cells: 40, boundary: periodic}\n");
  WriteText("coarse.yaml", "rhoflux: 1\nx: {from: -4, to: 4, cells: 32, boundary: periodic}\n");
  RUN(&run, "coarsen", "gas.lammpstrj", "--mesh", "line.yaml", "--species", "A=1", "--species", "B=2", "--output",
      "gas", "--quiet");
  assert_status(&run, 0);
  RUN(&run, "coarsen", "other.lammpstrj", "--mesh", "coarse.yaml", "--species", "C=1", "--species", "D=2", "--output",
      "other", "--quiet");
  assert_status(&run, 0);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestGas), cmocka_unit_test(TestWords),
                                     cmocka_unit_test(TestCompare), cmocka_unit_test(TestNotCompared),
                                     cmocka_unit_test(TestRefused)};
  return cmocka_run_group_tests(tests, Enter, LeaveFolder);
}
