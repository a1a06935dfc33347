#include "check.h"
#include <math.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

static const Shape box = {2, {40, 24}};

/* The same number in all cells, so that a torn snapshot would show. */
static double Level(const PetscInt i[3], int field, int output) { return i[0] * 0 + 10. * output + field; }

/* Outputs without end, each told as one byte when its call, and with `save` that of RhoResultSave, has returned. */
_Noreturn static void WriteForever(const char *path, bool save, int tell) {
  RhoGrid grid = GridOf(box, 2);
  Vec u = VectorOf(grid, 2);
  RhoResult result;
  OK(RhoResultCreate(grid, path, PETSC_TRUE, &two, &result));
  for (int k = 0;; k++) {
    Fill(grid, 2, u, Level, k);
    OK(RhoResultWrite(result, k, u, (const PetscReal[]){k, k}));
    if (save) OK(RhoResultSave(result));
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

/* Property: a process killed at any moment leaves an index that opens, whose outputs are whole: four fifths at least of
   those whose calls had returned, all that were saved.  The result of the run before is overwritten. */
static void KilledAtAnyMoment(void **state) {
  (void)state;
  RhoGrid grid = GridOf(box, 2);
  RhoResult result = Written(grid, InFolder("killed"), 0);
  OK(RhoResultDestroy(&result));
  OK(RhoGridDestroy(&grid));
  for (int run = 0; run < 30; run++) {
    int pipes[2], n = run * 7 % 24;
    bool save = run % 2;
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (!child) WriteForever(InFolder("killed"), save, pipes[1]);
    WaitForOutputs(pipes[0], n, fabs(Noise(run, 0, 0, 0, 0)));
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    close(pipes[0]);
    close(pipes[1]);
    int found = WholeOutputs(InFolder("killed"));
    assert_true(save ? found >= n : 5 * found >= 4 * n);
  }
}

/* Property: the cost of an index, which is that of its outputs, is not paid at each output: with one index per output
   all of them together had n^2/2 outputs.  The last one has all. */
static void FewIndices(void **state) {
  enum { N = 300 };
  long long listed = 0;
  struct stat now, before = {0};
  (void)state;
  RhoGrid grid = GridOf(box, 2);
  Vec u = VectorOf(grid, 2);
  RhoResult result;
  OK(RhoResultCreate(grid, InFolder("few"), PETSC_TRUE, &two, &result));
  for (int k = 0; k < N; k++) {
    Fill(grid, 2, u, Level, k);
    OK(RhoResultWrite(result, k, u, (const PetscReal[]){k, k}));
    assert_int_equal(stat(InFolder("few.h5"), &now), 0);
    if (now.st_ino != before.st_ino) listed += k + 1;
    before = now;
  }
  OK(RhoResultDestroy(&result));
  assert_true(listed < N * N / 6);
  assert_int_equal(WholeOutputs(InFolder("few")), N);
  OK(VecDestroy(&u));
  OK(RhoGridDestroy(&grid));
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(KilledAtAnyMoment), cmocka_unit_test(FewIndices)};
RUN(tests)
