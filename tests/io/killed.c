#include "check.h"
#include <math.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

static const Shape box = {2, {40, 24}};

/* The same number in all cells, so that a torn snapshot would show. */
static double Level(const PetscInt i[3], int field, int output) { return i[0] * 0 + 10. * output + field; }

/* Outputs without end, each told as one byte when its call has returned. */
_Noreturn static void WriteForever(const char *path, int tell) {
  RhoGrid grid = GridOf(box, 2);
  Vec u = VectorOf(grid, 2);
  RhoResult result;
  OK(RhoResultCreate(grid, path, PETSC_TRUE, &two, &result));
  for (int k = 0;; k++) {
    Fill(grid, 2, u, Level, k);
    OK(RhoResultWrite(result, k, u, (const PetscReal[]){k, k}));
    assert_int_equal(write(tell, "", 1), 1);
  }
}

/* Outputs of the result; asserts that each is whole and is the one of its time. */
static int WholeOutputs(const char *path) {
  RhoArena arena = RhoArenaCreate();
  RhoDiag diag = RhoDiagCreate();
  const RhoResultInfo *info;
  RhoGrid grid = GridOf(box, 2);
  Vec u = VectorOf(grid, 2);
  const char *const names[] = {"rho[a]", "rho[b]"};
  assert_int_equal(RhoResultInfoRead(arena, diag, RHO_NOWHERE, path, true, &info), RHO_OK);
  assert_int_equal(info->nline, info->ntime);
  for (int k = 0; k < info->ntime; k++) {
    PetscReal found;
    PetscBool ok;
    OK(RhoResultRead(grid, diag, RHO_NOWHERE, path, k, 2, names, u, &found, &ok));
    assert_true(ok && found == k);
    assert_int_equal(Different(grid, 2, u, Level, k), 0);
  }
  int n = info->ntime;
  OK(VecDestroy(&u));
  OK(RhoGridDestroy(&grid));
  RhoDiagDestroy(&diag);
  RhoArenaDestroy(&arena);
  return n;
}

static double Now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void Wait(double seconds) { nanosleep(&(struct timespec){0, (long)(1e9 * fmin(seconds, 0.9))}, NULL); }

/* Waits for n outputs and then for a part of the time the next two take, from none to all. */
static void WaitForOutputs(int hear, int n, double part) {
  char byte;
  double begin = 0, each = 0.01;
  for (int k = 0; k < n; k++) {
    assert_int_equal(read(hear, &byte, 1), 1);
    if (k == 0) begin = Now();
    else each = (Now() - begin) / k;
  }
  Wait(2 * part * each);
}

/* Property: a process killed at any moment leaves an index that opens, whose outputs are whole, and among them every
   output whose call had returned.  The result of the run before is overwritten. */
static void KilledAtAnyMoment(void **state) {
  (void)state;
  RhoGrid grid = GridOf(box, 2);
  RhoResult result = Written(grid, InFolder("killed"), 0);
  OK(RhoResultDestroy(&result));
  OK(RhoGridDestroy(&grid));
  for (int run = 0; run < 30; run++) {
    int pipes[2], n = run % 6;
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (!child) WriteForever(InFolder("killed"), pipes[1]);
    WaitForOutputs(pipes[0], n, fabs(Noise(run, 0, 0, 0, 0)));
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    close(pipes[0]);
    close(pipes[1]);
    assert_true(WholeOutputs(InFolder("killed")) >= n);
  }
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(KilledAtAnyMoment)};
RUN(tests)
