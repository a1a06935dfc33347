#include "check.h"
#include <math.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

static const Shape box = {2, {40, 24}};

/* The same number in all cells, so that a torn snapshot would show. */
static double Level(const PetscInt i[3], int field, int output) { return i[0] * 0 + 10. * output + field; }

_Noreturn static void WriteForever(const char *path) {
  RhoGrid grid = GridOf(box, 2);
  Vec u = VectorOf(grid, 2);
  RhoResult result;
  OK(RhoResultCreate(grid, path, PETSC_TRUE, &two, &result));
  for (int k = 0;; k++) {
    Fill(grid, 2, u, Level, k);
    OK(RhoResultWrite(result, k, u, (const PetscReal[]){k, k}));
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

static void Wait(long microseconds) { nanosleep(&(struct timespec){0, microseconds * 1000}, NULL); }

/* Property: a process killed at any moment of writing outputs leaves an index that opens and whose outputs are whole.
   The moments are spread over the first outputs; the result of the run before is overwritten. */
static void KilledAtAnyMoment(void **state) {
  (void)state;
  int noutput = 0;
  RhoGrid grid = GridOf(box, 2);
  RhoResult result = Written(grid, InFolder("killed"), 0);
  OK(RhoResultDestroy(&result));
  OK(RhoGridDestroy(&grid));
  for (int run = 0; run < 30; run++) {
    pid_t child = fork();
    assert_true(child >= 0);
    if (!child) WriteForever(InFolder("killed"));
    Wait(1000 + (long)(40000 * fabs(Noise(run, 0, 0, 0, 0))));
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    noutput += WholeOutputs(InFolder("killed"));
  }
  assert_true(noutput > 30); /* else nothing was tested */
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(KilledAtAnyMoment)};
RUN(tests)
