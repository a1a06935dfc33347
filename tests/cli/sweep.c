/* Sweeps: what a table says is what single runs do; a sweep that is killed goes on as if nothing had been; runs that
   fail are passed over; what is wrong is said before anything runs. */
#include "same.h"
#include <math.h>
#include <signal.h>

enum { CELLS = 32 };
static const char example[] =
    "rhoflux: 1\ncase: wave\nmodel: " RHO_SOURCE_DIR "/models/nonreciprocal_cahn_hilliard/model.yaml\n"
    "mesh: {x: {length: 8*pi, cells: 32, boundary: periodic}}\n"
    "initial: {formulas: {phi1: \"0.6*cos(x/2)\", phi2: \"0.5*sin(x/2)\"}}\n"
    "time: {end: 30, outputs: 30}\n"
    "solver: {rtol: 1e-5}\n"
    "output: {derived: {R2: \"modulus2\"}}\n";

/* ---- tables ---- */

static char *Text(const char *path) {
  FILE *stream = fopen(path, "r");
  if (!stream) fail_msg("there is no %s", path);
  char *text = calloc(1, 1 << 20);
  assert_true(fread(text, 1, (1 << 20) - 1, stream) > 0);
  fclose(stream);
  return text;
}

/* The piece of a line between tabs, with its end; NULL: there are not so many. */
static const char *Piece(const char *line, int k, size_t *n) {
  *n = 0;
  for (; k > 0; k--) {
    line += strcspn(line, "\t\n");
    if (*line++ != '\t') return NULL;
  }
  *n = strcspn(line, "\t\n");
  return line;
}

static int ColumnOf(const char *table, const char *name) {
  size_t n = 0;
  const char *piece;
  for (int k = 0; (piece = Piece(table, k, &n)); k++)
    if (n == strlen(name) && !strncmp(piece, name, n)) return k;
  fail_msg("no column %s", name);
  return -1;
}

/* Of run k; in a buffer that the next call uses again. */
static const char *Entry(const char *table, int k, const char *name) {
  static char buffer[512];
  const char *line = table;
  size_t n = 0;
  for (int i = 0; i <= k; i++) line = strchr(line, '\n') + 1;
  const char *piece = Piece(line, ColumnOf(table, name), &n);
  assert_non_null(piece);
  snprintf(buffer, sizeof buffer, "%.*s", (int)n, piece);
  return buffer;
}

static double NumberAt(const char *table, int k, const char *name) { return strtod(Entry(table, k, name), NULL); }

/* The tables are the same but for the seconds. */
static void assert_same_tables(const char *a, const char *b) {
  char *x = Text(a), *y = Text(b);
  int seconds = ColumnOf(x, "seconds");
  for (const char *p = x, *q = y; *p || *q; p = strchr(p, '\n') + 1, q = strchr(q, '\n') + 1) {
    size_t n = 0, m = 0;
    for (int k = 0;; k++) {
      const char *u = Piece(p, k, &n), *v = Piece(q, k, &m);
      if (!u && !v) break;
      assert_true(u && v);
      if (k != seconds && (n != m || strncmp(u, v, n))) fail_msg("%.*s in %s, %.*s in %s", (int)n, u, a, (int)m, v, b);
    }
  }
  free(x);
  free(y);
}

/* ---- what a sweep says ---- */

/* About the O(2) model a wave of wavenumber q moves with the speed alpha Q^2/q, Q^2 = (2 - 2 cos qh)/h^2 on the grid.
 */
static void TestSpeedOfWaves(void **state) {
  Run run;
  double q = 0.5, h = 8 * M_PI / CELLS, speed = (2 - 2 * cos(q * h)) / (h * h) / q;
  (void)state;
  WriteText("wave.yaml", example);
  RUN(&run, "sweep", "wave.yaml", "--over", "alpha=0:1:5");
  assert_status(&run, 0);
  assert_says(&run, "1 stationary, 4 travelling");
  char *table = Text("wave-sweep.tsv");
  for (int k = 0; k < 5; k++) {
    assert_true(NumberAt(table, k, "alpha") == 0.25 * k);
    assert_true(fabs(NumberAt(table, k, "speed") - 0.25 * k * speed) < 2e-4);
    assert_string_equal(Entry(table, k, "pattern"), k ? "travelling" : "stationary");
    assert_true(fabs(NumberAt(table, k, "wavelength") - 4 * M_PI) < 1e-10);
  }
  free(table);
}

/* Linear theory: q^2 (1 - q^2) -+ i alpha q^2, fastest at q^2 = 1/2. */
static void TestLinear(void **state) {
  Run run;
  (void)state;
  RUN(&run, "sweep", "wave.yaml", "--over", "alpha=0,0.5", "--set", "time.end=0.1", "--observable", "linear",
      "--output", "linear", "--quiet");
  assert_status(&run, 0);
  char *table = Text("linear.tsv");
  for (int k = 0; k < 2; k++) {
    assert_true(fabs(NumberAt(table, k, "linear_growth") - 0.25) < 1e-11);
    assert_true(fabs(NumberAt(table, k, "linear_frequency") - 0.25 * k) < 1e-11);
    assert_true(fabs(NumberAt(table, k, "linear_q") - sqrt(0.5)) <
                1e-8); /* where a maximum is: its root of round-off */
    assert_string_equal(Entry(table, k, "linear"), k ? "long waves, oscillatory" : "long waves, stationary");
  }
  free(table);
}

/* What a table has of a run is what `rhoflux run` and its result say. */
static void TestAsOneRun(void **state) {
  Run run;
  size_t n = 0;
  (void)state;
  RUN(&run, "run", "wave.yaml", "--set", "alpha=0.75", "--output", "one", "--quiet");
  assert_status(&run, 0);
  hid_t file = H5Fopen("one.h5", H5F_ACC_RDONLY, H5P_DEFAULT);
  char *table = Text("wave-sweep.tsv");
  double *r2 = Numbers(file, "R2", &n), *high = Numbers(file, "series/max(phi1)", &n), mean = 0, average = 0;
  size_t nt = n;
  assert_int_equal(nt, 31);
  for (int i = 0; i < CELLS; i++) mean += r2[(nt - 1) * CELLS + (size_t)i] / CELLS;
  for (size_t i = nt / 2 * CELLS; i < nt * CELLS; i++) average += r2[i] / (CELLS * (double)(nt - nt / 2));
  assert_true(fabs(NumberAt(table, 3, "max(phi1)") - high[nt - 1]) < 1e-11);
  assert_true(fabs(NumberAt(table, 3, "mean(R2)") - mean) < 1e-11);
  assert_true(fabs(NumberAt(table, 3, "average(R2)") - average) < 1e-11);
  assert_true(NumberAt(table, 3, "time") == 30);
  free(r2);
  free(high);
  free(table);
  H5Fclose(file);
}

/* Averages are over the outputs from --from to --to, both included, without --from over the later half of those up to
   --to; where there is none the table says so. */
static void TestAverage(void **state) {
  Run run;
  size_t n, nt;
  (void)state;
  RUN(&run, "sweep", "wave.yaml", "--over", "alpha=0.5", "--observable", "average", "--from", "3", "--to", "5",
      "--output", "averages");
  assert_status(&run, 0);
  char *table = Text("averages.tsv");
  double average = NumberAt(table, 0, "average(R2)"), sum = 0;
  free(table);
  assert_int_equal(RUN(&run, "run", "wave.yaml", "--set", "alpha=0.5", "--output", "averaged"), 0);
  hid_t file = H5Fopen("averaged.h5", H5F_ACC_RDONLY, H5P_DEFAULT);
  double *r2 = Numbers(file, "R2", &n), *time = Numbers(file, "time", &nt), early = 0;
  for (size_t k = 0; k < nt; k++)
    for (size_t i = 0; i < CELLS && time[k] >= 3 && time[k] <= 5; i++) sum += r2[k * CELLS + i] / (3 * CELLS);
  for (size_t i = 5 * CELLS; i < 10 * CELLS; i++) early += r2[i] / (5 * CELLS);
  assert_true(nt == 31 && time[9] == 9);
  free(r2), free(time);
  H5Fclose(file);
  assert_true(fabs(sum - average) < 1e-12);
  RUN(&run, "sweep", "wave.yaml", "--over", "alpha=0.5", "--observable", "average", "--to", "9", "--output", "early");
  table = Text("early.tsv");
  assert_true(fabs(NumberAt(table, 0, "average(R2)") - early) < 1e-12);
  free(table);
  RUN(&run, "sweep", "wave.yaml", "--over", "alpha=0.5", "--observable", "average", "--from", "31", "--output", "late");
  table = Text("late.tsv");
  assert_true(strstr(Entry(table, 0, "message"), "no output to average between these times") != NULL);
  free(table);
}

/* Arrays over the axes in the order of --over, the words numbered. */
static void TestArrays(void **state) {
  Run run;
  size_t n = 0;
  (void)state;
  RUN(&run, "sweep", "wave.yaml", "--over", "alpha=0,0.5", "--over", "time.end=1:4:3:log", "--observable", "final",
      "--output", "array", "--quiet");
  assert_status(&run, 0);
  assert_string_equal(run.said, "");
  hid_t file = H5Fopen("array.h5", H5F_ACC_RDONLY, H5P_DEFAULT), data = H5Dopen2(file, "outcome/time", H5P_DEFAULT);
  hid_t space = H5Dget_space(data);
  hsize_t shape[2];
  assert_int_equal(H5Sget_simple_extent_dims(space, shape, NULL), 2);
  assert_true(shape[0] == 2 && shape[1] == 3);
  double *time = Numbers(file, "outcome/time", &n), *end = Numbers(file, "over/time.end", &n);
  for (int k = 0; k < 6; k++) assert_true(time[k] == end[k % 3]);
  assert_true(end[0] == 1 && fabs(end[1] - 2) < 1e-14 && end[2] == 4);
  free(time);
  free(end);
  H5Sclose(space);
  H5Dclose(data);
  H5Fclose(file);
}

/* ---- interrupted ---- */

#define GRID "--over", "alpha=0:1:5", "--over", "solver.rtol=1e-6:1e-4:5:log"

static int Records(const char *folder) {
  char path[128];
  int n = 0;
  for (int group = 0; group < 2; group++) {
    snprintf(path, sizeof path, "%s/journal-%d", folder, group);
    FILE *stream = fopen(path, "r");
    for (int c; stream && (c = fgetc(stream)) != EOF;) n += c == '\n';
    if (stream) fclose(stream);
  }
  return n / 2;
}

/* Sends the signal when some runs are recorded; returns how many are then. */
static int Interrupt(const char *output, int number, int after, Run *run) {
  const char *const argv[] = {RHO_PROGRAM, "sweep", "wave.yaml", GRID, "--output", output, NULL};
  char folder[64];
  int from;
  snprintf(folder, sizeof folder, "%s.d", output);
  pid_t child = Start(argv, &from);
  for (int wait = 0; wait < 60000 && Records(folder) < after; wait++) nanosleep(&(struct timespec){0, 1000000}, NULL);
  kill(child, number);
  Finish(child, from, run);
  return Records(folder);
}

static void TestKilled(void **state) {
  Run run;
  (void)state;
  RUN(&run, "sweep", "wave.yaml", GRID, "--output", "whole");
  assert_status(&run, 0);
  int n = Interrupt("killed", SIGKILL, 7, &run);
  assert_int_equal(run.status, 128 + SIGKILL);
  assert_in_range(n, 7, 24);
  assert_false(Exists("killed.h5"));
  RUN(&run, "sweep", "wave.yaml", GRID, "--output", "killed");
  assert_status(&run, 2);
  assert_says(&run, "--restart goes on with it");
  RUN(&run, "sweep", "wave.yaml", GRID, "--output", "killed", "--restart");
  assert_status(&run, 0);
  assert_int_equal(Records("killed.d"), 25);
  assert_same_tables("whole.tsv", "killed.tsv");
  assert_false(Exists("killed.d/group-0.h5") || Exists("killed.d/group-0.d"));
}

static void TestInterrupted(void **state) {
  Run run;
  (void)state;
  int n = Interrupt("ended", SIGINT, 5, &run);
  assert_status(&run, 1);
  assert_in_range(n, 5, 24);
  assert_says(&run, "runs are left; to go on: rhoflux sweep wave.yaml");
  char *table = Text("ended.tsv");
  assert_string_equal(Entry(table, 24, "speed"), "nan");
  free(table);
  RUN(&run, "sweep", "wave.yaml", GRID, "--output", "ended", "--restart");
  assert_status(&run, 0);
  assert_same_tables("whole.tsv", "ended.tsv");
}

/* A record that a kill has cut short, or of which a bit has changed, counts as none: its run is done anew. */
static void TestDamagedRecords(void **state) {
  Run run;
  (void)state;
  char *journal = Text("ended.d/journal-0");
  size_t n = strlen(journal);
  journal[n / 2] = (char)(journal[n / 2] == '3' ? '4' : '3');
  journal[n - 20] = 0;
  WriteText("ended.d/journal-0", journal);
  free(journal);
  RUN(&run, "sweep", "wave.yaml", GRID, "--output", "ended", "--restart");
  assert_status(&run, 0);
  journal = Text("ended.d/journal-0");
  n = 0;
  for (const char *p = journal; (p = strstr(p, " run\t")); p++) n++;
  assert_int_equal(n, 25 + 2);
  free(journal);
  assert_same_tables("whole.tsv", "ended.tsv");
}

/* A sweep goes on with what it was begun with only. */
static void TestAnotherSweep(void **state) {
  Run run;
  (void)state;
  RUN(&run, "sweep", "wave.yaml", "--over", "alpha=0:1:6", "--output", "ended", "--restart");
  assert_status(&run, 2);
  assert_says(&run, "another --over");
  RUN(&run, "sweep", "wave.yaml", GRID, "--output", "ended", "--restart", "--set", "time.end=20");
  assert_status(&run, 2);
  assert_says(&run, "another --set");
  RUN(&run, "sweep", "wave.yaml", GRID, "--output", "ended", "--restart", "--", "-ksp_rtol", "1e-3");
  assert_status(&run, 2);
  assert_says(&run, "another list of PETSc's options");
  RUN(&run, "sweep", "wave.yaml", GRID, "--output", "one", "--overwrite");
  assert_status(&run, 2);
  assert_says(&run, "something else than a sweep");
}

/* ---- ranks ---- */

static void TestRanks(void **state) {
  Run run;
  (void)state;
  MPIRUN(&run, "2", "sweep", "wave.yaml", GRID, "--output", "two");
  assert_status(&run, 0);
  assert_same_tables("whole.tsv", "two.tsv");
  MPIRUN(&run, "2", "sweep", "wave.yaml", "--over", "alpha=1", "--ranks-per-run", "3", "--output", "three");
  assert_status(&run, 2);
  assert_says(&run, "--ranks-per-run 3 does not divide the 2 ranks");
}

/* ---- runs that fail ---- */

static void TestFailuresArePassedOver(void **state) {
  Run run;
  (void)state;
  RUN(&run, "sweep", "wave.yaml", "--over", "solver.max_steps=5,1000,6", "--output", "some");
  assert_status(&run, 0);
  assert_says(&run, "run 0 (solver.max_steps=5): the largest number of steps was reached");
  assert_says(&run, "1 done, 2 failed");
  char *table = Text("some.tsv");
  assert_string_equal(Entry(table, 0, "status"), "failed");
  assert_string_equal(Entry(table, 1, "status"), "done");
  assert_true(strstr(Entry(table, 2, "message"), "the largest number of steps was reached at t = ") != NULL);
  assert_string_equal(Entry(table, 2, "speed"), "nan");
  free(table);
  RUN(&run, "sweep", "wave.yaml", "--over", "solver.max_steps=5:7:3", "--output", "none");
  assert_status(&run, 1);
}

/* ---- mistakes: said before anything runs, with their place ---- */

static void TestMistakes(void **state) {
  static const struct {
    const char *option, *value, *says;
  } wrong[] = {
      {"--over", "alpa=0:1:3", "--over:1:1: error: 'alpa' is not a parameter"},
      {"--over", "alpha", "'alpha' is not NAME=VALUES"},
      {"--over", "alpha=0:1", "--over:1:7: error: 'alpha' goes over FROM:TO:N"},
      {"--over", "alpha=0:1:2.5", "--over:1:11: error: '2.5' is no number of values"},
      {"--over", "alpha=1:1:3", "has no extent"},
      {"--over", "alpha=-1:1:3:log", "reaches or crosses 0"},
      {"--over", "alpha=1,x", "--over:1:9: error: expected a number, found 'x'"},
      {"--over", "time.en=1,2", "a case has no number 'time.en'"},
      {"--over", "solver.rtol=-1,1", "--over:1:13: error: rtol is -1"},
      {"--observable", "trak", "did you mean 'track'?"},
      {"--observable", "final,,track", "a name is missing in 'final,,track'"},
      {"--observable", "dissipation,dissipation", "'dissipation' twice"},
      {"--field", "phi3", "has no field 'phi3'"},
      {"--restart", NULL, "there is no sweep 'wrong' to go on with"},
  };
  Run run;
  (void)state;
  for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
    bool over = !strcmp(wrong[k].option, "--over");
    RUN(&run, "sweep", "wave.yaml", "--output", "wrong", wrong[k].option, wrong[k].value ? wrong[k].value : "--quiet",
        over ? NULL : "--over", "alpha=0,1");
    assert_status(&run, 2);
    assert_says(&run, wrong[k].says);
  }
  RUN(&run, "sweep", "wave.yaml", "--output", "wrong");
  assert_status(&run, 2);
  assert_says(&run, "nothing to sweep over");
  RUN(&run, "sweep", "wave.yaml", "--output", "wrong", "--over", "alpha=0,1", "--over", "alpha=0,1");
  assert_status(&run, 2);
  assert_says(&run, "'alpha' is swept over twice");
  RUN(&run, "sweep", "wave.yaml", "--output", "wrong", "--over", "alpha=0,1", "--set", "alpha=2");
  assert_status(&run, 2);
  assert_says(&run, "--over:1:1: error: 'alpha' is set and swept over");
  RUN(&run, "sweep", "wave.yaml", "--output", "wrong", "--over", "seed=0,1", "--seed", "2");
  assert_status(&run, 2);
  assert_says(&run, "'seed' is set and swept over");
  RUN(&run, "sweep", "wave.yaml", "--output", "wrong", "--over", "alpha=0,1", "--observable", "track", "--to", "3");
  assert_status(&run, 2);
  assert_says(&run, "without --to");
  assert_false(Exists("wrong.d") || Exists("wrong.h5"));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestSpeedOfWaves),
                                     cmocka_unit_test(TestLinear),
                                     cmocka_unit_test(TestAsOneRun),
                                     cmocka_unit_test(TestAverage),
                                     cmocka_unit_test(TestArrays),
                                     cmocka_unit_test(TestKilled),
                                     cmocka_unit_test(TestInterrupted),
                                     cmocka_unit_test(TestDamagedRecords),
                                     cmocka_unit_test(TestAnotherSweep),
                                     cmocka_unit_test(TestRanks),
                                     cmocka_unit_test(TestFailuresArePassedOver),
                                     cmocka_unit_test(TestMistakes)};
  return cmocka_run_group_tests(tests, EnterFolder, LeaveFolder);
}
