/* killed [N]: a run that writes all the time is killed (SIGKILL) N times at random moments and goes on each time.

   Property: whatever it was doing, a whole checkpoint is there, of the index or of the one before, which had four
   fifths of the outputs before its last one; what goes on from it ends, bit for bit, as the run that was not killed.  A
   kill was inside a write when a file that was being written aside is left. */
#include "same.h"
#include <dirent.h>
#include <signal.h>

/* More than half of the time goes into files: twenty arrays of 160 kB in each snapshot, one in each checkpoint. */
static const char example[] =
    "rhoflux: 1\ncase: killed\nmodel: " RHO_SOURCE_DIR "/models/cahn_hilliard/model.yaml\n"
    "mesh: {x: {length: 144, cells: 144, boundary: periodic}, y: {length: 144, cells: 144, boundary: periodic}}\n"
    "initial: {formulas: {phi: 0.1*cos(2*pi*x/Lx)}, random: {phi: 0.2}}\nseed: 4\n"
    "time: {end: 3, outputs: 120}\n"
    "output: {derived: {a: phi^2, b: phi^3, c: 1 - phi, d: 2*phi, e: 3*phi, f: 4*phi, g: 5*phi, h: 6*phi, i: 7*phi,\n"
    "  j: 8*phi, k: 9*phi, l: 10*phi, m: 11*phi,\n"
    "  n: 12*phi, o: 13*phi, p: 14*phi, q: 15*phi, r: 16*phi, s: 17*phi}}\n";

typedef struct {
  int kills, inside, between, fallen_back, fresh, complete;
} Count;

static void Pause(double seconds) {
  nanosleep(&(struct timespec){(long)seconds, (long)(1e9 * fmod(seconds, 1))}, NULL);
}

/* ---- what is left ---- */

/* A file written aside, and written to since then. */
static bool HasPart(const char *folder, const struct timespec *since) {
  DIR *entries = opendir(folder);
  bool found = false;
  if (!entries) return false;
  for (struct dirent *e; (e = readdir(entries));) {
    struct stat status;
    if (strlen(e->d_name) < 5 || strcmp(e->d_name + strlen(e->d_name) - 5, ".part")) continue;
    assert_int_equal(fstatat(dirfd(entries), e->d_name, &status, 0), 0);
    found |= status.st_mtim.tv_sec > since->tv_sec ||
             (status.st_mtim.tv_sec == since->tv_sec && status.st_mtim.tv_nsec > since->tv_nsec);
  }
  closedir(entries);
  return found;
}

/* The time of the last output of the index before this one, at the earliest; -1: that may have had none. */
static double TimeBefore(void) {
  size_t n = 0;
  if (!Exists("killed.h5")) return -1;
  hid_t file = H5Fopen("killed.h5", H5F_ACC_RDONLY, H5P_DEFAULT);
  assert_true(file >= 0);
  double *time = Numbers(file, "time", &n), found = n > 1 ? time[(4 * (n - 1) + 4) / 5 - 1] : -1;
  free(time);
  H5Fclose(file);
  return found;
}

static double CheckpointTime(const char *path) {
  size_t n;
  hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  assert_true(file >= 0);
  double *time = Numbers(file, "time", &n), found = time[0];
  free(time);
  H5Fclose(file);
  return found;
}

/* The newest whole one is there, and no older than the index before. */
static bool LookAtCheckpoint(Count *count) {
  bool last = Exists("killed.checkpoint.h5"), before = Exists("killed.checkpoint.old.h5");
  if (!last && !before) {
    assert_true(TimeBefore() < 0); /* killed before the first checkpoint, after at most one output */
    return false;
  }
  count->between += !last;
  double time = CheckpointTime(last ? "killed.checkpoint.h5" : "killed.checkpoint.old.h5");
  if (time < TimeBefore()) fail_msg("lost: the checkpoint is at %g, the index before went to %g", time, TimeBefore());
  return true;
}

/* ---- runs ---- */

static void CountFallBack(const Run *run, Count *count) {
  count->fallen_back += strstr(run->said, "[old-checkpoint]") != NULL;
}

static bool IsRunning(pid_t child) {
  siginfo_t info = {0};
  return waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0;
}

/* Until it has begun to write. */
static void WaitForIndex(pid_t child, const struct stat *before) {
  struct stat now;
  while (IsRunning(child) && (stat("killed.h5", &now) || now.st_ino == before->st_ino)) Pause(0.001);
}

/* Kills it some time after that; whether it was still running. */
static bool Killed(const char *restart, double delay, Count *count) {
  const char *const argv[] = {RHO_PROGRAM, "run", "killed.yaml", restart, NULL};
  struct stat before = {0};
  struct timespec began;
  Run run;
  int from;
  (void)stat("killed.h5", &before);
  clock_gettime(CLOCK_REALTIME, &began);
  pid_t child = Start(argv, &from);
  WaitForIndex(child, &before);
  Pause(delay);
  kill(child, SIGKILL);
  Finish(child, from, &run);
  CountFallBack(&run, count);
  if (run.status != 128 + SIGKILL) {
    assert_status(&run, 0);
    return false;
  }
  count->kills++;
  count->inside += HasPart(".", &began) || HasPart("killed.d", &began);
  return true;
}

/* It is whole and the same as the one that was not killed; away with it. */
static void Complete(Count *count) {
  assert_same_results("whole.h5", "killed.h5", 0);
  assert_int_equal(system("rm -rf killed.h5 killed.d killed.xdmf killed.checkpoint.*"), 0);
  count->complete++;
}

static int kills = 6;

static void TestKilledAtAnyMoment(void **state) {
  Count count = {0};
  Run run;
  (void)state;
  WriteText("killed.yaml", example);
  assert_int_equal(RUN(&run, "run", "killed.yaml", "--output", "whole"), 0);
  bool restart = false;
  for (uint64_t k = 0; count.kills < kills; k++) {
    assert_true(k < 10 * (uint64_t)kills);
    if (!Killed(restart ? "--restart" : "--overwrite", 0.25 * InUnit(RandomOf(k)), &count)) {
      Complete(&count);
      restart = false;
      continue;
    }
    restart = LookAtCheckpoint(&count);
    count.fresh += !restart;
  }
  RUN(&run, "run", "killed.yaml", restart ? "--restart" : "--overwrite");
  assert_status(&run, 0);
  CountFallBack(&run, &count);
  Complete(&count);
  print_message(
      "%d kills: %d inside a write, %d of them between two renamings, %d before the first checkpoint; lost: 0; "
      "%d results completed\n",
      count.kills, count.inside, count.between, count.fresh, count.complete);
  assert_int_equal(count.fallen_back, count.between);
  assert_true(count.kills < 50 || count.inside >= 10);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestKilledAtAnyMoment)};
  if (argc > 1) kills = atoi(argv[1]);
  return cmocka_run_group_tests(tests, EnterFolder, LeaveFolder);
}
