/* What is observed while a case runs: the same, to the bit, as of its outputs afterwards, in one piece or gone on with;
   of independent particles S(q) is their density. */
#include "program.h"
#include <hdf5.h>
#include <math.h>

static const char gas[] = "rhoflux: 1\nmodel: gas\nfields: {u: density, v: density}\ndynamics:\n"
                          "  u: {flux: \"-grad(u)\", noise: \"sqrt(2*u)\"}\n"
                          "  v: {flux: \"-2*grad(v)\", noise: \"sqrt(4*v)\"}\n";

static void WriteCase(const char *time, const char *observe) {
  char text[2048];
  snprintf(
      text, sizeof text,
      "rhoflux: 1\ncase: gas\nmodel: gas.yaml\nmesh: {x: {length: 8, cells: 16, boundary: periodic}, y: {length: 6, "
      "cells: 10, boundary: wall}}\ninitial: {formulas: {u: 2, v: 3}}\n"
      "time: {end: 12, fixed_step: 0.02, %s}\nnoise: {omega: 50}\nseed: 5\nobserve:\n%s",
      time, observe);
  WriteText("case.yaml", text);
}

enum { MOST = 4096 };

/* A dataset of a file; how many numbers. */
static int Numbers(const char *path, const char *name, double *x) {
  hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  if (file < 0) fail_msg("no %s", path);
  hid_t set = H5Dopen2(file, name, H5P_DEFAULT);
  if (set < 0) fail_msg("no %s in %s", name, path);
  hid_t space = H5Dget_space(set);
  int n = (int)H5Sget_simple_extent_npoints(space);
  assert_true(n <= MOST);
  assert_true(H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, x) >= 0);
  H5Sclose(space);
  H5Dclose(set);
  H5Fclose(file);
  return n;
}

static double Attribute(const char *path, const char *group, const char *name) {
  double value = 0;
  hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  hid_t attribute = H5Aopen_by_name(file, group, name, H5P_DEFAULT, H5P_DEFAULT);
  assert_true(attribute >= 0 && H5Aread(attribute, H5T_NATIVE_DOUBLE, &value) >= 0);
  H5Aclose(attribute);
  H5Fclose(file);
  return value;
}

static void Same(const char *path, const char *other, const char *name, double tolerance) {
  static double a[MOST], b[MOST];
  int n = Numbers(path, name, a);
  assert_int_equal(n, Numbers(other, name, b));
  assert_true(n > 1);
  for (int k = 0; k < n; k++) {
    bool same = a[k] == b[k] || (isnan(a[k]) && isnan(b[k])) || fabs(a[k] - b[k]) <= tolerance * fabs(a[k]);
    if (!same) fail_msg("%s: number %d is %.17g in %s and %.17g in %s", name, k, a[k], path, b[k], other);
  }
}

static const char *const looked_at[] = {
    "structure_factor/S(u,u)/value", "structure_factor/S(u,v)/error",    "histogram/p(v)/value",
    "histogram/p(v)/error",          "number_fluctuations/F(u,v)/value", "slab/profile(u)/value"};
enum { NLOOKED = sizeof looked_at / sizeof *looked_at };

/* At the outputs, as afterwards. */
static void TestOutputs(void **state) {
  Run run;
  (void)state;
  WriteCase("outputs: 60",
            "  - {name: structure_factor, from: 2, omega: 50}\n  - {name: histogram, range: [0, 6], from: 2}\n"
            "  - {name: number_fluctuations, from: 2, omega: 50}\n  - {name: slab, from: 2}\n");
  RUN(&run, "run", "case.yaml", "--quiet", "--overwrite");
  assert_status(&run, 0);
  RUN(&run, "observe", "gas", "--observable", "structure_factor,histogram,number_fluctuations,slab", "--from", "2",
      "--omega", "50", "--window", "0:6", "--quiet");
  assert_status(&run, 0);
  for (int k = 0; k < NLOOKED; k++) Same("gas-insitu.h5", "gas-observe.h5", looked_at[k], 0);
}

static const char often[] = "  - {name: structure_factor, every: 0.1, from: 1, omega: 50}\n"
                            "  - {name: histogram, every: 0.2, range: [0, 6], fields: [v]}\n"
                            "  - {name: intermediate_scattering, every: 0.1, from: 1, q: 2, omega: 50}\n";
static const char *const counted[] = {"structure_factor/S(u,u)/value", "structure_factor/S(u,v)/error",
                                      "histogram/p(v)/value"};

/* Without fields: in pieces as in one. */
static void TestPieces(void **state) {
  Run run;
  char steps[64];
  int piece = 0;
  (void)state;
  WriteCase("outputs: 1", often);
  RUN(&run, "run", "case.yaml", "--quiet", "--output", "whole");
  assert_status(&run, 0);
  assert_true(Exists("whole-insitu.h5"));
  RUN(&run, "run", "case.yaml", "--quiet", "--output", "pieces", "--set", "solver.max_steps=77");
  for (; run.status == 1 && piece < 20; piece++) {
    snprintf(steps, sizeof steps, "solver.max_steps=%d", 53 + 29 * piece);
    RUN(&run, "run", "case.yaml", "--quiet", "--output", "pieces", "--restart", "--set", steps);
  }
  assert_status(&run, 0);
  assert_true(piece > 2);
  for (size_t k = 0; k < sizeof counted / sizeof *counted; k++)
    Same("whole-insitu.h5", "pieces-insitu.h5", counted[k], 0);
  assert_true(Attribute("whole-insitu.h5", "structure_factor", "states") == 111); /* 1, 1.1, ..., 12 */
  assert_true(Attribute("whole-insitu.h5", "histogram", "states") == 61);
  assert_true(fabs(Attribute("whole-insitu.h5", "structure_factor", "from") - 1) < 1e-9);
  RUN(&run, "info", "whole-insitu.h5");
  assert_says(&run, "intermediate_scattering/F(u,v) q=");
}

/* S(q) = 2 and 3, nothing across, on this grid at any time step to first order in it. */
static void TestGas(void **state) {
  static double value[MOST], error[MOST];
  const struct {
    const char *name;
    double S;
  } pair[] = {{"S(u,u)", 2}, {"S(v,v)", 3}, {"S(u,v)", 0}};
  (void)state;
  for (int k = 0; k < 3; k++) {
    char path[128];
    double chi2 = 0;
    snprintf(path, sizeof path, "structure_factor/%s/value", pair[k].name);
    int n = Numbers("whole-insitu.h5", path, value);
    snprintf(path, sizeof path, "structure_factor/%s/error", pair[k].name);
    assert_int_equal(n, Numbers("whole-insitu.h5", path, error));
    for (int q = 0; q < n; q++) chi2 += pow((value[q] - pair[k].S) / error[q], 2);
    if (!(chi2 < n + 5 * sqrt(2.0 * n) && chi2 > 0.2 * n)) fail_msg("%s: chi^2 of %d is %g", pair[k].name, n, chi2);
  }
}

/* On two ranks as on one. */
static void TestRanks(void **state) {
  Run run;
  (void)state;
  RUN(&run, "run", "case.yaml", "--quiet", "--output", "one", "--set", "time.end=2");
  assert_status(&run, 0);
  MPIRUN(&run, "2", "run", "case.yaml", "--quiet", "--output", "ranks", "--set", "time.end=2");
  assert_status(&run, 0);
  Same("one-insitu.h5", "ranks-insitu.h5", "structure_factor/S(u,u)/value", 1e-6);
  Same("one-insitu.h5", "ranks-insitu.h5", "structure_factor/S(u,v)/error", 1e-6);
}

/* What was not observed from the beginning can not be gone on with. */
static void TestRefused(void **state) {
  Run run;
  (void)state;
  WriteCase("outputs: 1", "  - {name: histogram, range: [0, 6], every: 0.2, bins: 30, fields: [v]}\n");
  RUN(&run, "run", "case.yaml", "--quiet", "--output", "whole", "--restart", "--set", "time.end=13");
  assert_status(&run, 2);
  assert_says(&run, "'histogram' was not observed so up to the checkpoint");
  assert_says(&run, "--restart whole --output NAME");
}

/* Nothing to be seen is said, and is no mistake. */
static void TestNothing(void **state) {
  Run run;
  (void)state;
  WriteCase("outputs: 1", "  - {name: slab, from: 0.1}\n  - {name: histogram, range: [0, 6], from: 5}\n");
  RUN(&run, "run", "case.yaml", "--output", "none", "--set", "time.end=0.2");
  assert_status(&run, 0);
  assert_says(&run, "'histogram' is observed from t = 5 on, the run ends at 0.2 [observes-nothing]");
  assert_true(!strstr(run.said, "'slab'"));
  assert_true(Attribute("none-insitu.h5", "histogram", "states") == 0);
}

static int Enter(void **state) {
  int failed = EnterFolder(state);
  if (!failed) WriteText("gas.yaml", gas);
  return failed;
}

/* Of the series of a result: what is told of the free energy is its fall between the ends. */
static void TestDissipation(void **state) {
  static double F[MOST], t[MOST];
  Run run;
  (void)state;
  WriteText("wells.yaml", "rhoflux: 1\ncase: wells\nmodel: cahn_hilliard\nmesh: {x: {length: 20, cells: 32, boundary: "
                          "periodic}}\ninitial: {formulas: {phi: 0.3*cos(2*pi*x/Lx)}}\ntime: {end: 4, outputs: 20}\n");
  RUN(&run, "run", "wells.yaml", "--quiet");
  assert_status(&run, 0);
  RUN(&run, "observe", "wells", "--observable", "dissipation,coarsening", "--from", "1", "--quiet");
  assert_status(&run, 0);
  int n = Numbers("wells.h5", "series/free_energy", F), first = 0;
  assert_int_equal(n, Numbers("wells.h5", "series/time", t));
  while (t[first] < 1) first++;
  double rate = -(F[n - 1] - F[first]) / (t[n - 1] - t[first]);
  assert_true(rate > 0);
  assert_true(fabs(Attribute("wells-observe.h5", "dissipation", "dissipation") / rate - 1) < 1e-12);
  RUN(&run, "observe", "gas", "--observable", "dissipation");
  assert_status(&run, 2);
  assert_says(&run, "has neither the series free_energy nor entropy_production");
  WriteCase("outputs: 1", "  - {name: dissipation}\n");
  RUN(&run, "run", "case.yaml", "--quiet", "--output", "other");
  assert_status(&run, 2);
  assert_says(&run, "of the series that a run has stored");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestOutputs),    cmocka_unit_test(TestPieces),
                                     cmocka_unit_test(TestGas),        cmocka_unit_test(TestRanks),
                                     cmocka_unit_test(TestRefused),    cmocka_unit_test(TestNothing),
                                     cmocka_unit_test(TestDissipation)};
  return cmocka_run_group_tests(tests, Enter, LeaveFolder);
}
