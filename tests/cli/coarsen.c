/* `rhoflux coarsen` as a user runs it: the result of a particle run is one that info and track take. */
#include "fields.h"
#include <math.h>
#include <sys/resource.h>

#define LENGTH 8.0
#define SPEED 0.37
enum { NPARTICLE = 3000, NFRAME = 24, EVERY_STEPS = 50 };

/* The same frame again and again. */
static void WriteGas(const char *path, int nparticle, int nframe) {
  FILE *stream = fopen(path, "w");
  assert_non_null(stream);
  for (int k = 0; k < nframe; k++) {
    uint64_t random = 1;
    fprintf(stream, "ITEM: TIMESTEP\n%d\nITEM: NUMBER OF ATOMS\n%d\nITEM: BOX BOUNDS pp pp pp\n", k, nparticle);
    fprintf(stream, "-4 4\n0 3\n0 1\nITEM: ATOMS type xu yu\n");
    for (int i = 0; i < nparticle; i++) fprintf(stream, "1 %.4f 1\n", LENGTH * Uniform(&random) - 4);
  }
  fclose(stream);
}

/* kB, the largest of all that were run. */
static long MemoryFor(int nparticle, int nframe) {
  struct rusage usage;
  char every[16];
  Run run;
  WriteGas("gas.lammpstrj", nparticle, nframe);
  snprintf(every, sizeof every, "%d", nframe);
  RUN(&run, "coarsen", "gas.lammpstrj", "--mesh", "line.yaml", "--every", every, "--output", "gas", "--overwrite");
  assert_status(&run, 0);
  assert_int_equal(getrusage(RUSAGE_CHILDREN, &usage), 0);
  return usage.ru_maxrss;
}

/* Memory knows neither the number of particles of a frame nor that of frames: a hundred times as many of either. Faults
   that were put in once: a number of 8 bytes kept of each line; a frame's head kept.  This test is the first, since all
   that ran before would count. */
static void TestMemory(void **state) {
  (void)state;
  long few = MemoryFor(1000, 10), particles = MemoryFor(100000, 10), frames = MemoryFor(100, 5000);
  print_message("%ld kB, of 100 times as many particles %ld kB, of 500 times as many frames %ld kB\n", few, particles,
                frames);
  assert_true(particles - few < 500 && frames - few < 500);
}

/* A band of the width 2 that moves with SPEED through a gas at rest, half of it of type 2, unwrapped coordinates. */
static void WriteBand(const char *path) {
  FILE *stream = fopen(path, "w");
  assert_non_null(stream);
  for (int k = 0; k < NFRAME; k++) {
    uint64_t random = 1;
    fprintf(stream, "ITEM: TIMESTEP\n%d\nITEM: NUMBER OF ATOMS\n%d\nITEM: BOX BOUNDS pp pp pp\n",
            1000 + EVERY_STEPS * k, NPARTICLE);
    fprintf(stream, "-4 4\n0 3\n0 1\nITEM: ATOMS type yu xu\n");
    for (int i = 0; i < NPARTICLE; i++) {
      bool gas = i % 3 == 0;
      double x = gas ? LENGTH * Uniform(&random) : 2 * Uniform(&random) + SPEED * 0.01 * EVERY_STEPS * k;
      fprintf(stream, "%d %.6f %.9f\n", 1 + i % 2, 3 * Uniform(&random), x - LENGTH / 2);
    }
  }
  fclose(stream);
}

static void CoarsenBand(const char *method, const char *output) {
  Run run;
  RUN(&run, "coarsen", "band.lammpstrj", "--mesh", "line.yaml", "--species", "A=1", "--species", "B=2", "--method",
      method, "--time-step", "0.01", "--output", output, "--json");
  assert_status(&run, 0);
  assert_says(&run, "\"frames\": 24, \"outputs\": 24, \"from\": 10, \"to\": 21.5");
}

/* The speed that the particles were given is found within its error, which is small; total and names are right. */
static void TestTrack(void **state) {
  static const char *const method[] = {"count", "kernel:0.5"};
  (void)state;
  for (int k = 0; k < 2; k++) {
    char output[16];
    Run run;
    snprintf(output, sizeof output, "band%d", k);
    CoarsenBand(method[k], output);
    RUN(&run, "track", output, "--from", "0", "--json");
    assert_status(&run, 0);
    double speed = NumberIn(&run, "\"velocity_x\": "), error = NumberIn(&run, "\"velocity_x_error\": ");
    assert_true(error < 0.003);
    if (!(fabs(speed - SPEED) < 3 * error + 1e-4)) fail_msg("%s: %g +- %g", method[k], speed, error);
    assert_true(fabs(NumberIn(&run, "\"wavelength\": ") - LENGTH) < 1e-9);
    RUN(&run, "info", output);
    assert_says(&run, "total(rho[A])  1500 -> 1500");
    assert_says(&run, "total(rho[B])  1500 -> 1500");
  }
}

/* An output of N frames is the mean of N outputs, at their mean time; densities are per omega. */
static void TestEvery(void **state) {
  enum { NCELL = 32, EVERY = 7, NOUT = NFRAME / EVERY };
  static double all[NFRAME * NCELL], mean[NOUT * NCELL], time[NOUT];
  Run run;
  (void)state;
  CoarsenBand("cic", "all");
  RUN(&run, "coarsen", "band.lammpstrj", "--mesh", "line.yaml", "--species", "none=2", "--species", "A=1", "--species",
      "C=Ar", "--method", "cic", "--every", "7", "--omega", "2.5", "--time-step", "0.01", "--output", "mean");
  assert_status(&run, 0);
  assert_says(&run, "24 frames, 3 outputs");
  assert_says(&run, "the last 3 frames do not fill an output");
  assert_says(&run, "there are no particles of rho[C]");
  ReadFields("all.h5", "rho[A]", NFRAME * NCELL, all);
  ReadFields("mean.h5", "rho[A]", NOUT * NCELL, mean);
  ReadFields("mean.h5", "time", NOUT, time);
  for (int k = 0; k < NOUT; k++) {
    assert_true(fabs(time[k] - (10 + 0.5 * (EVERY * k + 3))) < 1e-12);
    for (int i = 0; i < NCELL; i++) {
      double sum = 0;
      for (int j = 0; j < EVERY; j++) sum += all[(EVERY * k + j) * NCELL + i];
      assert_true(fabs(mean[k * NCELL + i] - sum / EVERY / 2.5) < 1e-12 * (1 + fabs(sum)));
    }
  }
}

static bool SameBytes(const char *a, const char *b) {
  const char *const argv[] = {"cmp", "-s", a, b, NULL};
  Run run;
  return RunProgram(&run, argv) == 0;
}

/* Two ranks make the same bytes as one; their mistakes end them together. */
static void TestRanks(void **state) {
  Run run;
  (void)state;
  WriteText("square.yaml", "rhoflux: 1\nx: {length: 8, cells: 16, boundary: periodic}\n"
                           "y: {length: 3, cells: 6, boundary: periodic}\n");
  RUN(&run, "coarsen", "band.lammpstrj", "--mesh", "square.yaml", "--method", "gaussian:0.6", "--every", "12",
      "--output", "one");
  assert_status(&run, 0);
  MPIRUN(&run, "2", "coarsen", "band.lammpstrj", "--mesh", "square.yaml", "--method", "gaussian:0.6", "--every", "12",
         "--output", "two");
  assert_status(&run, 0);
  assert_true(SameBytes("one.d/000000.h5", "two.d/000000.h5"));
  assert_true(SameBytes("one.d/000001.h5", "two.d/000001.h5"));
  assert_false(SameBytes("one.d/000000.h5", "two.d/000001.h5"));
  MPIRUN(&run, "2", "coarsen", "band.lammpstrj", "--mesh", "square.yaml", "--species", "A=1", "--output", "three");
  assert_status(&run, 2);
  assert_says(&run, "[particle-species]");
}

/* What is wrong on the command line is said before anything is read. */
static void TestCommand(void **state) {
  static const struct {
    const char *option, *says;
  } bad[] = {{"--method=bump", "none of count, cic, kernel:W"},
             {"--method=kernel", "W a width"},
             {"--method=kernel:-1", "W a width"},
             {"--method=cic:1", "none of count"},
             {"--method=kernel:0.1", "smaller than the largest cell"},
             {"--every=0", "not a whole number from 1 to "},
             {"--every=1.5", "not a whole number from 1 to "},
             {"--omega=0", "not a number above 0"},
             {"--time-step=x", "not a number above 0"},
             {"--species=A", "NAME=TYPE"},
             {"--species=A=1,,2", "a type is missing"},
             {"--species=A=1,1", "given twice"},
             {"--species=none=1", "all particles are left out"},
             {"--every=100", "fewer than one output"}};
  Run run;
  (void)state;
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
    RUN(&run, "coarsen", "band.lammpstrj", "--mesh", "line.yaml", bad[k].option, "--output", "bad");
    assert_status(&run, 2);
    assert_says(&run, bad[k].says);
    assert_false(Exists("bad.h5"));
  }
  RUN(&run, "coarsen", "band.lammpstrj");
  assert_status(&run, 2);
  assert_says(&run, "--mesh FILE");
  WriteBand("whole.h5");
  RUN(&run, "coarsen", "whole.h5", "--mesh", "line.yaml", "--output", "whole", "--overwrite");
  assert_status(&run, 2);
  assert_says(&run, "would replace 'whole.h5'");
  WriteText("angle.yaml", "rhoflux: 1\nx: {length: 8, cells: 8, boundary: periodic}\n"
                          "theta: {length: 2*pi, cells: 8, boundary: periodic}\n");
  RUN(&run, "coarsen", "band.lammpstrj", "--mesh", "angle.yaml");
  assert_status(&run, 2);
  assert_says(&run, "no coordinate 'theta'");
}

static int Enter(void **state) {
  int failed = EnterFolder(state);
  if (failed) return failed;
  WriteBand("band.lammpstrj");
  WriteText("line.yaml", "rhoflux: 1\nx: {length: 8, cells: 32, boundary: periodic}\n");
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestMemory), cmocka_unit_test(TestTrack),
                                     cmocka_unit_test(TestEvery), cmocka_unit_test(TestRanks),
                                     cmocka_unit_test(TestCommand)};
  return cmocka_run_group_tests(tests, Enter, LeaveFolder);
}
