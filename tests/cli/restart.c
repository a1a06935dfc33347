/* `rhoflux run --restart`: interrupted runs end as if they had not been; what can not be gone on from says why. */
#include "same.h"
#include <errno.h>
#include <signal.h>

#define CASE RHO_TESTS "/case.yaml"

/* ---- the same result ---- */

typedef struct {
  const char *name, *model, *mesh, *rest;
} Example;

/* A factorised matrix in 1-D, Krylov with the symbol in 2-D, one transform; convolutions, reactions, walls; formulas
   beside; coefficients that depend on the time; outputs that are not equidistant. */
static const Example examples[] = {
    {"wells", "models/cahn_hilliard/model.yaml", "{x: {length: 20, cells: 16}, y: {length: 15, cells: 12}}",
     "initial: {formulas: {phi: 0.1*cos(2*pi*x/Lx) + 0.1*sin(2*pi*y/Ly)}, random: {phi: 0.1}}\n"
     "time: {end: 8, at: [0.5, 2, 2.5]}\n"},
    {"sensing", "models/quorum_sensing/model.yaml", "{x: {from: -6, to: 6, cells: 48}}",
     "initial: {formulas: {rho: 1 + 0.2*sin(2*pi*x/Lx)}, random: {rho: 0.1}}\ntime: {end: 30, outputs: 4}\n"},
    {"dimers", "tests/models/dimers.yaml", "{x: {length: 3, cells: 20}, y: {length: 2, cells: 8}}",
     "initial: {formulas: {c1: 1 + 0.3*cos(2*pi*x/Lx), c2: 0.5}}\ntime: {end: 3, outputs: 3}\n"},
    {"driven", "driven.yaml", "{x: {length: 4, cells: 24}}",
     "initial: {formulas: {u: 1 + 0.5*cos(2*pi*x/Lx)}}\ntime: {end: 2, outputs: 3}\n"
     "output: {derived: {slope: \"d(u, x)\", \"log u\": log(u)}}\n"},
    {"open", "driven.yaml", "{x: {length: 4, cells: 24, spacing: {ratio: 3}}}",
     "boundary: {u: {x: {from: {inflow: \"0.3 + 0.2*sin(5*t)\"}, to: {value: 1}}}}\n"
     "initial: {formulas: {u: 1}}\ntime: {end: 2, outputs: 3}\n"},
    {"followed", "tests/models/followed.yaml", "{x: {length: 8, cells: 32}}",
     "protocol: {chi: {at: [[0, 0.3], [0.7, 0.5], [0.7, 0.1], [1.5, 0.3]], between: linear}}\n"
     "initial: {formulas: {u: 1 + 0.1*cos(2*pi*x/Lx), v: 0.5}}\ntime: {end: 2, outputs: 3}\n"}};

static void WriteExample(const Example *e, const char *boundary) {
  char text[2048], mesh[512], *out = mesh;
  const char *folder = strchr(e->model, '/') ? RHO_SOURCE_DIR "/" : "";
  for (const char *c = e->mesh; *c; c++) { /* each dimension gets the boundary */
    if (!strncmp(c, "cells:", 6)) out += sprintf(out, "boundary: %s, ", boundary);
    *out++ = *c;
  }
  *out = 0;
  snprintf(text, sizeof text, "rhoflux: 1\ncase: %s\nmodel: %s%s\nmesh: %s\n%s", e->name, folder, e->model, mesh,
           e->rest);
  WriteText("example.yaml", text);
}

static void WriteDriven(void) {
  WriteText("driven.yaml", "rhoflux: 1\nmodel: driven\nfields: {u: density}\ndynamics:\n"
                           "  u: {flux: \"-(1 + 0.5*sin(3*t))*u*grad(u)\", reaction: \"u*(1 - u)*cos(t)\"}\n");
}

/* Runs that take a few steps each, their number drawn anew, until one reaches the end. */
static void RunInPieces(const char *result, int seed) {
  Run run;
  int piece = 0;
  RUN(&run, "run", "example.yaml", "--output", result, "--set", "solver.max_steps=1", "--quiet");
  while (run.status != 0 && piece < 200) {
    char steps[64];
    assert_status(&run, 1);
    assert_says(&run, "the largest number of steps was reached");
    snprintf(steps, sizeof steps, "solver.max_steps=%d", (int)(RandomOf((uint64_t)(seed * 1000 + piece++)) % 12) + 1);
    RUN(&run, "run", "example.yaml", "--output", result, "--set", steps, "--restart", "--quiet");
  }
  assert_status(&run, 0);
  assert_true(piece > 2);
}

static void Interrupted(const Example *e, const char *boundary, int seed) {
  Run run;
  WriteExample(e, boundary);
  RUN(&run, "run", "example.yaml", "--output", "whole", "--overwrite", "--quiet");
  assert_status(&run, 0);
  RunInPieces("pieces", seed);
  assert_same_results("whole.h5", "pieces.h5", 0);
  assert_int_equal(system("rm -rf pieces.*"), 0);
}

/* Property: a run that is interrupted after any steps, again and again, and goes on each time ends with the result of
   one that was not, bit for bit. */
static void TestSameBits(void **state) {
  (void)state;
  WriteDriven();
  for (size_t k = 0; k < sizeof examples / sizeof *examples; k++)
    Interrupted(&examples[k], k % 2 == 1 || k == 4 ? "wall" : "periodic", (int)k);
  Interrupted(&examples[1], "periodic", 7);
}

static void Pause(double seconds) {
  nanosleep(&(struct timespec){(long)seconds, (long)(1e9 * fmod(seconds, 1))}, NULL);
}

/* A run that takes some seconds. */
static const Example slow = {
    "slow", "models/quorum_sensing/model.yaml", "{x: {from: -12, to: 12, cells: 256}}",
    "initial: {formulas: {rho: 1 + 0.2*sin(2*pi*x/Lx)}}\ntime: {end: 400, every: 100, largest_step: 0.3}\n"};

static bool IsRunning(pid_t child) {
  siginfo_t info = {0};
  return waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0;
}

/* Starts it and waits until it has begun to write. */
static pid_t StartWriting(const char *const *argv, const char *checkpoint, const char *index, int *from) {
  struct stat before = {0}, now;
  (void)stat(index, &before);
  pid_t child = Start(argv, from);
  while (IsRunning(child) && (!Exists(checkpoint) || stat(index, &now) || now.st_ino == before.st_ino)) Pause(0.001);
  return child;
}

/* Property: the same when signals interrupt it, each of them leaving status 1, a checkpoint and the command line. */
static void TestSignals(void **state) {
  const char *first[] = {RHO_PROGRAM, "run", "example.yaml", "--output", "signals", "--quiet", NULL};
  const char *next[] = {RHO_PROGRAM, "run", "example.yaml", "--output", "signals", "--restart", "--quiet", NULL};
  Run run;
  int n = 0, from;
  (void)state;
  WriteExample(&slow, "periodic");
  RUN(&run, "run", "example.yaml", "--output", "whole", "--overwrite", "--quiet");
  assert_status(&run, 0);
  for (; n < 10; n++) {
    pid_t child = StartWriting(n ? next : first, "signals.checkpoint.h5", "signals.h5", &from);
    Pause(0.01 * (double)(RandomOf((uint64_t)n) % 5));
    kill(child, n % 2 ? SIGTERM : SIGINT);
    Finish(child, from, &run);
    if (run.status != 1) break;
    assert_says(&run, n % 2 ? "ended from outside (SIGTERM)" : "interrupted (SIGINT)");
    assert_says(&run, "to go on from it: rhoflux run example.yaml --output signals ");
    assert_says(&run, "--restart");
  }
  if (run.status) RUN(&run, "run", "example.yaml", "--output", "signals", "--restart", "--quiet");
  assert_status(&run, 0);
  assert_true(n >= 2);
  assert_same_results("whole.h5", "signals.h5", 0);
}

/* Property: a second Ctrl-C ends the program at once, and what was written stays good. */
static void TestSecondInterrupt(void **state) {
  const char *const argv[] = {RHO_PROGRAM, "run", "example.yaml", "--output", "twice", "--set", "time.end=1e6", NULL};
  Run run;
  int from, n = 0;
  (void)state;
  WriteExample(&slow, "periodic");
  do { /* between two looks at the signals, a tenth of a second apart */
    pid_t child = Start(argv, &from);
    for (int k = 0; k < 1000 && !Exists("twice.checkpoint.h5"); k++) Pause(0.01);
    kill(child, SIGINT);
    Pause(0.003);
    kill(child, SIGINT);
    Finish(child, from, &run);
    if (run.status == 1) assert_int_equal(system("rm -rf twice.*"), 0);
  } while (run.status == 1 && n++ < 20);
  assert_status(&run, 128 + SIGINT);
  RUN(&run, "run", "example.yaml", "--output", "twice", "--restart", "--set", "time.end=100", "--set",
      "time.every=100");
  assert_status(&run, 0);
}

/* Property: SIGUSR1 makes a checkpoint between outputs, each time, and the run goes on. */
static void TestAskedForCheckpoints(void **state) {
  const char *const argv[] = {RHO_PROGRAM, "run",          "example.yaml", "--output",       "asked",
                              "--set",     "time.end=1e6", "--set",        "time.every=1e6", NULL};
  struct stat before, after;
  Run run;
  int from;
  (void)state;
  WriteExample(&slow, "periodic");
  pid_t child = StartWriting(argv, "asked.checkpoint.h5", "asked.h5", &from);
  for (int asked = 0; asked < 2; asked++) {
    assert_int_equal(stat("asked.checkpoint.h5", &before), 0);
    after = before;
    Pause(0.15);
    kill(child, SIGUSR1);
    for (int k = 0; k < 3000 && after.st_mtim.tv_nsec == before.st_mtim.tv_nsec; k++) {
      Pause(0.01);
      (void)stat("asked.checkpoint.h5", &after);
    }
    assert_true(after.st_mtim.tv_nsec != before.st_mtim.tv_nsec && IsRunning(child));
  }
  kill(child, SIGKILL); /* so that no other checkpoint follows */
  Finish(child, from, &run);
  RUN(&run, "run", "example.yaml", "--output", "asked", "--restart", "--set", "time.end=1e6", "--set", "time.every=1e6",
      "--set", "solver.max_steps=1");
  assert_status(&run, 1);
  assert_says(&run, "going on from asked.checkpoint.h5 at t = ");
  assert_null(strstr(run.said, "at t = 0\n"));
}

/* Property: checkpoints by the clock change nothing in the result. */
static void TestTimedCheckpoints(void **state) {
  Run run;
  (void)state;
  WriteExample(&slow, "periodic");
  assert_int_equal(RUN(&run, "run", "example.yaml", "--output", "whole", "--overwrite", "--set", "time.every=400"), 0);
  RUN(&run, "run", "example.yaml", "--output", "timed", "--set", "time.every=400", "--set", "output.checkpoint=0.01");
  assert_status(&run, 0);
  assert_same_results("whole.h5", "timed.h5", 0);
  RUN(&run, "info", "timed.checkpoint.old.h5"); /* not the one of the start: the clock has asked for some */
  assert_status(&run, 0);
  assert_null(strstr(run.said, "at t = 0\n"));
}

/* Property: a result that is being written is neither gone on with nor replaced by another process. */
static void TestTwoAtOnce(void **state) {
  const char *const argv[] = {RHO_PROGRAM, "run", "example.yaml", "--output", "busy", "--set", "time.end=1e6", NULL};
  Run run;
  int from;
  (void)state;
  WriteExample(&slow, "periodic");
  pid_t child = Start(argv, &from);
  for (int k = 0; k < 1000 && !Exists("busy.checkpoint.h5"); k++) Pause(0.01);
  for (int k = 0; k < 2; k++) {
    RUN(&run, "run", "example.yaml", "--output", "busy", "--set", "time.end=1e6", k ? "--overwrite" : "--restart");
    assert_status(&run, 2);
    assert_says(&run, "another process is writing 'busy.h5'");
  }
  kill(child, SIGTERM);
  Finish(child, from, &run);
  assert_status(&run, 1);
  assert_says(&run, "to go on from it");
}

static void TestMaxSeconds(void **state) {
  Run run;
  (void)state;
  WriteExample(&slow, "periodic");
  RUN(&run, "run", "example.yaml", "--output", "short", "--set", "solver.max_seconds=0.3", "--set", "time.end=1e6");
  assert_status(&run, 1);
  assert_says(&run, "the largest number of seconds has passed");
  RUN(&run, "run", "example.yaml", "--output", "short", "--set", "solver.max_seconds=0.3", "--set", "time.end=1e6",
      "--restart");
  assert_status(&run, 1);
  assert_says(&run, "going on from short.checkpoint.h5 at t = ");
  assert_says(&run, "the largest number of seconds has passed");
}

/* ---- on other ranks and other meshes ---- */

/* Property: written on two ranks and continued on one and on four it agrees with the run on two within ten times the
   tolerance of a step; it does so by far. */
static void TestOtherRanks(void **state) {
  Run run;
  (void)state;
  WriteExample(&examples[0], "wall");
  MPIRUN(&run, "2", "run", "example.yaml", "--output", "whole", "--overwrite", "--quiet");
  assert_status(&run, 0);
  static const char *const rank[] = {"1", "4", "2"};
  for (int k = 0; k < 3; k++) {
    MPIRUN(&run, "2", "run", "example.yaml", "--output", "ranks", "--overwrite", "--set", "solver.max_steps=9");
    assert_status(&run, 1);
    assert_says(&run, "to go on from it: mpirun -n 2 rhoflux run");
    MPIRUN(&run, rank[k], "run", "example.yaml", "--output", "ranks", "--restart", "--quiet");
    assert_status(&run, 0);
    assert_same_results("whole.h5", "ranks.h5", k == 2 ? 0 : 1e-3);
    assert_same_results("whole.h5", "ranks.h5", 1e-8);
  }
}

/* Property: a killed rank leaves a result that opens, and a restart that ends as if nothing had been. */
static void TestKilledRank(void **state) {
  const char *const argv[] = {
      RHO_MPIEXEC,    "--oversubscribe", "--bind-to", "none",  "-n",           "2",     RHO_PROGRAM,      "run",
      "example.yaml", "--output",        "rank",      "--set", "time.end=1e6", "--set", "time.step=0.01", NULL};
  char command[256];
  Run run;
  int from;
  (void)state;
  WriteExample(&slow, "periodic");
  pid_t child = Start(argv, &from);
  for (int k = 0; k < 3000 && !Exists("rank.checkpoint.h5"); k++) Pause(0.01);
  assert_true(Exists("rank.checkpoint.h5"));
  snprintf(command, sizeof command, "kill -KILL $(ps -o pid= --ppid %d | tail -1)", (int)child);
  assert_int_equal(system(command), 0);
  Finish(child, from, &run);
  assert_true(run.status != 0);
  RUN(&run, "info", "rank");
  assert_status(&run, 0);
  RUN(&run, "run", "example.yaml", "--output", "rank", "--restart", "--set", "time.end=800", "--set", "time.step=0.01");
  assert_status(&run, 0);
  RUN(&run, "run", "example.yaml", "--output", "whole", "--overwrite", "--set", "time.end=800", "--set",
      "time.step=0.01");
  assert_status(&run, 0);
  assert_same_results("whole.h5", "rank.h5", 1e-8);
}

static double First(const char *file, const char *series) {
  size_t n;
  hid_t h = H5Fopen(file, H5F_ACC_RDONLY, H5P_DEFAULT), group = H5Gopen2(h, "series", H5P_DEFAULT);
  double *x = Numbers(group, series, &n), first = x[0];
  free(x);
  H5Gclose(group);
  H5Fclose(h);
  return first;
}

static double Last(const char *file, const char *series) {
  size_t n;
  hid_t h = H5Fopen(file, H5F_ACC_RDONLY, H5P_DEFAULT), group = H5Gopen2(h, "series", H5P_DEFAULT);
  double *x = Numbers(group, series, &n), last = x[n - 1];
  free(x);
  H5Gclose(group);
  H5Fclose(h);
  return last;
}

/* Property: on another mesh the run goes on in a new result with the same totals, to round-off; the old one stays, and
   is not continued on another mesh. */
static void TestOtherMesh(void **state) {
  Run run;
  (void)state;
  WriteText("other.yaml", "rhoflux: 1\nx: {length: 8, cells: 17, boundary: periodic}\n"
                          "y: {length: 12, cells: 33, boundary: wall, spacing: {ratio: 3}}\n");
  RUN(&run, "run", CASE, "--output", "coarse", "--quiet");
  assert_status(&run, 0);
  RUN(&run, "run", CASE, "--output", "coarse", "--restart", "--mesh", "other.yaml");
  assert_status(&run, 2);
  assert_says(&run, "'coarse.checkpoint.h5' is on another mesh");
  assert_says(&run, "--output NAME goes on in a new result");
  RUN(&run, "run", CASE, "--restart", "coarse", "--mesh", "other.yaml", "--output", "fine", "--set", "time.end=0.04");
  assert_status(&run, 0);
  assert_says(&run, "from other cells");
  double was = Last("coarse.h5", "total(rho[a])");
  assert_true(fabs(First("fine.h5", "total(rho[a])") / was - 1) < 1e-14);
  assert_true(fabs(Last("fine.h5", "total(rho[a])") / was - 1) < 1e-13);
  assert_true(First("fine.h5", "time") == Last("coarse.h5", "time"));
  assert_true(First("fine.h5", "min(rho[a])") > 0);
  assert_true(First("fine.h5", "steps") == Last("coarse.h5", "steps"));
  RUN(&run, "run", CASE, "--output", "fine", "--mesh", "other.yaml", "--restart", "--set", "time.end=0.05", "--quiet");
  assert_status(&run, 0);
}

/* ---- longer, and with other numbers ---- */

/* Property: a run to an earlier end that goes on to the later one is the run to the later end, when the times of
   outputs do not depend on the end. */
static void TestLongerEnd(void **state) {
  Run run;
  (void)state;
  WriteExample(&slow, "wall");
  RUN(&run, "run", "example.yaml", "--output", "whole", "--overwrite", "--quiet", "--set", "time.end=300", "--set",
      "time.step=0.01");
  assert_status(&run, 0);
  RUN(&run, "run", "example.yaml", "--output", "longer", "--quiet", "--set", "time.end=200", "--set", "time.step=0.01");
  assert_status(&run, 0);
  RUN(&run, "run", "example.yaml", "--output", "longer", "--restart", "--set", "time.end=300", "--quiet");
  assert_status(&run, 0);
  assert_same_results("whole.h5", "longer.h5", 0);
  RUN(&run, "run", "example.yaml", "--output", "longer", "--restart", "--set", "time.end=300");
  assert_status(&run, 0);
  assert_says(&run, "nothing is left to do: 'longer.checkpoint.h5' is at its end, t = 300");
  RUN(&run, "run", "example.yaml", "--output", "longer", "--restart", "--set", "time.end=250");
  assert_status(&run, 2);
  assert_says(&run, "'longer.checkpoint.h5' is at t = 300, the end is 250");
}

#define REFUSED(said, ...)                                                                                             \
  do {                                                                                                                 \
    Run run_;                                                                                                          \
    RUN(&run_, __VA_ARGS__);                                                                                           \
    assert_status(&run_, 2);                                                                                           \
    assert_says(&run_, said);                                                                                          \
  } while (0)

/* Property: other parameters and another seed are refused unless they are set on this command line, and are then said
   and kept. */
static void TestOtherNumbers(void **state) {
  Run run;
  (void)state;
  RUN(&run, "run", CASE, "--output", "numbers", "--set", "chi=2.5", "--seed", "3", "--set", "solver.max_steps=3");
  assert_status(&run, 1);
  REFUSED("chi was 2.5 and is 3 [other-run]", "run", CASE, "--output", "numbers", "--restart", "--seed", "3");
  REFUSED("the run was: rhoflux run " CASE " --output numbers --set chi=2.5 --seed 3", "run", CASE, "--output",
          "numbers", "--restart", "--seed", "3");
  REFUSED("seed was 3 and is 0 [other-run]", "run", CASE, "--output", "numbers", "--restart", "--set", "chi=2.5");
  REFUSED("began at t = 0, not at 0.001", "run", CASE, "--output", "numbers", "--restart", "--set", "chi=2.5", "--seed",
          "3", "--set", "time.start=1e-3");
  RUN(&run, "run", CASE, "--output", "numbers", "--restart", "--seed", "3", "--set", "chi=2", "--set",
      "solver.rtol=1e-5");
  assert_status(&run, 0);
  assert_says(&run, "note: chi was 2.5 and is 2 [case-changed]");
  assert_says(&run, "note: the solver's settings changed since the checkpoint [case-changed]");
  RUN(&run, "info", "numbers", "--json");
  assert_says(&run, "step 3, from numbers.checkpoint.h5 on 1 rank: rhoflux run");
  assert_says(&run, "; chi was 2.5 and is 2; the solver's settings changed");
}

/* ---- what can not be gone on from ---- */

static void Cut(const char *path, off_t nbyte) { assert_int_equal(truncate(path, nbyte), 0); }

static void Spoil(const char *path) {
  FILE *stream = fopen(path, "r+");
  assert_non_null(stream);
  assert_int_equal(fseek(stream, 3000, SEEK_SET), 0);
  int byte = fgetc(stream);
  assert_int_equal(fseek(stream, 3000, SEEK_SET), 0);
  fputc(byte ^ 1, stream);
  assert_int_equal(fclose(stream), 0);
}

/* Property: with the last checkpoint damaged the one before is taken, with a warning, and the run ends the same; with
   both damaged the run is refused. */
static void TestDamaged(void **state) {
  Run run;
  (void)state;
  assert_int_equal(RUN(&run, "run", CASE, "--output", "whole", "--overwrite"), 0);
  for (int k = 0; k < 2; k++) {
    RUN(&run, "run", CASE, "--output", "damaged", "--overwrite", "--set", "solver.max_steps=4");
    assert_status(&run, 1);
    k ? Cut("damaged.checkpoint.h5", 2000) : Spoil("damaged.checkpoint.h5");
    RUN(&run, "run", CASE, "--output", "damaged", "--restart");
    assert_status(&run, 0);
    assert_says(&run, k ? "warning: 'damaged.checkpoint.h5' is cut short: it has 2000 of "
                        : "warning: 'damaged.checkpoint.h5' is damaged: its checksum is ");
    assert_says(&run, "the one before is taken, 'damaged.checkpoint.old.h5'");
    assert_same_results("whole.h5", "damaged.h5", 0);
  }
  Cut("damaged.checkpoint.h5", 100);
  Spoil("damaged.checkpoint.old.h5");
  REFUSED("error: 'damaged.checkpoint.h5' is cut short: it ends within its head [bad-checkpoint]", "run", CASE,
          "--output", "damaged", "--restart");
}

static void TestNonsense(void **state) {
  Run run;
  (void)state;
  assert_int_equal(RUN(&run, "run", CASE, "--output", "sense"), 0);
  REFUSED("there is no checkpoint 'nothing.checkpoint.h5' [no-checkpoint]", "run", CASE, "--restart", "nothing");
  REFUSED("there is no checkpoint 'nothing.checkpoint.h5'", "run", CASE, "--restart", "nothing", "--output", "new");
  REFUSED("there is no checkpoint 'case.checkpoint.h5'", "run", "--restart", CASE);
  REFUSED("one argument too many: '" CASE "'", "run", "--restart", "sense", CASE);
  REFUSED("--restart is given twice", "run", CASE, "--restart", "sense", "--restart");
  REFUSED("--restart goes on with 'sense.h5', --overwrite replaces it", "run", CASE, "--restart", "sense",
          "--overwrite");
  REFUSED("there is a result 'sense.h5' already", "run", CASE, "--restart", "nothing", "--output", "sense");
  WriteText("text.checkpoint.h5", "not this one\n");
  REFUSED("'text.checkpoint.h5' is not a checkpoint [not-a-checkpoint]", "run", CASE, "--restart", "text");
  assert_int_equal(system("cp sense.d/000001.h5 snapshot.checkpoint.h5"), 0);
  REFUSED("'snapshot.checkpoint.h5' is not a checkpoint", "run", CASE, "--restart", "snapshot");
  assert_int_equal(system("cp sense.checkpoint.h5 alone.checkpoint.h5"), 0);
  REFUSED("'alone.h5': No such file or directory", "run", CASE, "--restart", "alone", "--set", "time.end=1");
  WriteDriven();
  WriteExample(&examples[3], "periodic");
  REFUSED("has the fields rho[a], rho[b]; the model has u [other-run]", "run", "example.yaml", "--restart", "sense");
  WriteText("derived.yaml", "rhoflux: 1\ncase: derived\nmodel: " RHO_TESTS "/models/pair.yaml\n"
                            "mesh: {x: {length: 8, cells: 12, boundary: periodic},"
                            " y: {length: 12, cells: 20, boundary: wall}}\n"
                            "initial: {state: mixed}\ntime: {end: 1}\noutput: {derived: {sum: \"rho[a] + rho[b]\"}}\n");
  REFUSED("'sense.h5' has no 'sum', which this run writes", "run", "derived.yaml", "--restart", "sense");
  REFUSED("checkpoint is -1", "run", CASE, "--set", "output.checkpoint=-1");
}

/* ---- runs that fail ---- */

/* u' = -1 from u = 1 leaves the domain of sqrt(u) at t = 1: the last good state is kept, and fails again. */
static void TestFailedRun(void **state) {
  Run run;
  (void)state;
  WriteText("vanishing.yaml", "rhoflux: 1\ncase: vanishing\nmodel: " RHO_TESTS "/models/vanishing.yaml\n"
                              "mesh: {x: {length: 8, cells: 12, boundary: periodic}}\n"
                              "initial: {state: one}\ntime: {end: 2, outputs: 4}\n");
  RUN(&run, "run", "vanishing.yaml");
  assert_status(&run, 1);
  assert_says(&run, "sqrt");
  assert_says(&run, "the last checkpoint is at t = 1; to go on from it: rhoflux run vanishing.yaml --restart");
  RUN(&run, "info", "vanishing.checkpoint.h5");
  assert_status(&run, 0);
  assert_null(strstr(run.said, "  nan"));
  RUN(&run, "run", "vanishing.yaml", "--restart");
  assert_status(&run, 1);
  assert_says(&run, "sqrt");
}

static int Limited(Run *run, const char *blocks, const char *arguments) {
  char command[1024];
  snprintf(command, sizeof command, "ulimit -f %s; exec %s %s", blocks, RHO_PROGRAM, arguments);
  return RunProgram(run, (const char *const[]){"sh", "-c", command, NULL});
}

/* Property: files that may not grow (as on a full disk) end the run with the file, the reason and the way to go on;
   the last good checkpoint and outputs stay, no half file is left, and the restart ends as if nothing had been. */
static void TestNoRoom(void **state) {
  char word[16];
  Run run;
  int late = 0;
  (void)state;
  assert_int_equal(RUN(&run, "run", CASE, "--output", "whole", "--overwrite", "--set", "time.outputs=40"), 0);
  for (int blocks = 20; blocks <= 100; blocks += 16) { /* of 512 bytes; the index grows with the outputs */
    assert_int_equal(system("rm -rf room.*"), 0);
    snprintf(word, sizeof word, "%d", blocks);
    if (Limited(&run, word, "run " CASE " --output room --set time.outputs=40") == 0) break;
    assert_status(&run, 1);
    assert_says(&run, "rhoflux: cannot write 'room.");
    assert_says(&run, strerror(EFBIG));
    assert_int_equal(system("ls room.*.part room.d/*.part 2> /dev/null | grep -q ."), 256);
    if (!Exists("room.checkpoint.h5")) continue;
    late++;
    assert_says(&run, "to go on from it: rhoflux run " CASE " --output room --set time.outputs=40 --restart");
    RUN(&run, "info", "room");
    assert_status(&run, 0);
    RUN(&run, "run", CASE, "--output", "room", "--set", "time.outputs=40", "--restart", "--quiet");
    assert_status(&run, 0);
    assert_string_equal(run.said, "");
    assert_same_results("whole.h5", "room.h5", 0);
  }
  assert_true(late >= 3);
}

/* Property: a folder that takes no files is refused before the run begins, with status 2 and the reason. */
static void TestUnwritableFolder(void **state) {
  Run run;
  (void)state;
  assert_int_equal(mkdir("closed", 0555), 0);
  assert_int_equal(chmod(".", 0755), 0);
  if (geteuid() == 0)
    RunProgram(&run, (const char *const[]){"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", RHO_PROGRAM,
                                           "run", CASE, "--output", "closed/r", NULL});
  else RUN(&run, "run", CASE, "--output", "closed/r");
  assert_status(&run, 2);
  assert_says(&run, "closed/r.h5");
  assert_says(&run, strerror(EACCES));
  REFUSED("there is no folder 'absent/'", "run", CASE, "--output", "absent/r");
}

/* Property: a run has the same bits twice, though when its files are written depends on the clock: steps with a history
   begin anew at every output. */
static void TestSameTwice(void **state) {
  static const char run[] =
      "rhoflux: 1\ncase: twice\nmodel: " RHO_SOURCE_DIR "/models/cahn_hilliard/model.yaml\n"
      "mesh: {x: {length: 128, cells: 128, boundary: periodic}, y: {length: 128, cells: 128, boundary: periodic}}\n"
      "initial: {formulas: {phi: 0}, random: {phi: 0.2}}\nseed: 4\ntime: {end: 6, outputs: 300}\n"
      "solver: {scheme: sbdf2}\n";
  static const char *const name[] = {"one", "two"};
  (void)state;
  WriteText("twice.yaml", run);
  for (int k = 0; k < 2; k++) {
    Run done;
    RUN(&done, "run", "twice.yaml", "--output", name[k], "--overwrite", "--quiet");
    assert_status(&done, 0);
  }
  assert_same_results("one.h5", "two.h5", 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestSameBits),
                                     cmocka_unit_test(TestSameTwice),
                                     cmocka_unit_test(TestSignals),
                                     cmocka_unit_test(TestSecondInterrupt),
                                     cmocka_unit_test(TestAskedForCheckpoints),
                                     cmocka_unit_test(TestTimedCheckpoints),
                                     cmocka_unit_test(TestMaxSeconds),
                                     cmocka_unit_test(TestTwoAtOnce),
                                     cmocka_unit_test(TestOtherRanks),
                                     cmocka_unit_test(TestKilledRank),
                                     cmocka_unit_test(TestOtherMesh),
                                     cmocka_unit_test(TestLongerEnd),
                                     cmocka_unit_test(TestOtherNumbers),
                                     cmocka_unit_test(TestDamaged),
                                     cmocka_unit_test(TestNonsense),
                                     cmocka_unit_test(TestFailedRun),
                                     cmocka_unit_test(TestNoRoom),
                                     cmocka_unit_test(TestUnwritableFolder)};
  return cmocka_run_group_tests(tests, EnterFolder, LeaveFolder);
}
