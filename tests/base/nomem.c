/* Out of memory at every allocation in turn.  Run under valgrind or the address sanitizer this also shows no leak. */
#include "check.h"

enum { NCALL = 200 };

static void UseArena(RhoArena arena) {
  int *item = NULL, nitem = 0, capacity = 0;
  RhoText text = RhoTextCreate(arena);
  for (int i = 0; i < NCALL; i++) {
    *RHO_PUSH(arena, item, nitem, capacity) = i;
    RhoTextAdd(text, "%s", RhoArenaPrint(arena, "item %d", i));
  }
}

/* Whether the guard is reached when the n-th allocation fails. */
static bool Reaches(RhoArena arena, int n) {
  if (setjmp(*RhoArenaGuard(arena))) return true;
  RhoArenaFailAt(n);
  UseArena(arena);
  RhoArenaFailAt(0);
  return false;
}

/* Property: an allocation that fails at the n-th call, for every n, reaches the guard, and what was made stays whole.
 */
static void GuardIsReached(void **state) {
  (void)state;
  bool reached = true;
  int n = 0;
  while (reached) {
    RhoArena arena = RhoArenaCreate();
    const char *first = RhoArenaString(arena, "first", 5);
    reached = Reaches(arena, ++n);
    assert_string_equal(first, "first");
    assert_non_null(RhoArenaAlloc(arena, 100));
    RhoArenaDestroy(&arena);
  }
  assert_true(n > NCALL);
}

/* Reports, hints and notes as a parser makes them. */
static int Collect(RhoDiag diag) {
  int source = RhoDiagAddSource(diag, "t", "some text", 9);
  for (int i = 0; i < 9; i++) {
    RhoDiagReport(diag, RHO_ID_SYNTAX, (RhoPlace){source, i, 1}, "report %d", i);
    RhoDiagHint(diag, "hint %d", i);
    RhoDiagAlso(diag, (RhoPlace){source, 0, 1}, "note %d", i);
  }
  return source;
}

/* Property: whichever allocation fails, every error is counted, and what was kept can be printed. */
static void ErrorsAreCounted(void **state) {
  (void)state;
  for (int n = 1; n < 60; n++) {
    RhoDiag diag = RhoDiagCreate();
    RhoArenaFailAt(n);
    int source = Collect(diag);
    RhoArenaFailAt(0);
    assert_int_equal(RhoDiagErrors(diag), 9);
    assert_true(RhoDiagCount(diag) >= 8);
    assert_true(source >= 0 || n <= 3);
    free(Printed(diag, RhoDiagPrint));
    free(Printed(diag, RhoDiagPrintJson));
    RhoDiagDestroy(&diag);
  }
}

/* Property: a file that finds no memory is an error, not an empty text. */
static void FileWithoutMemory(void **state) {
  (void)state;
  for (int n = 1; n <= 3; n++) {
    RhoDiag diag = RhoDiagCreate();
    RhoArenaFailAt(n);
    assert_int_equal(RhoDiagReadFile(diag, RHO_SOURCE_DIR "/tests/base/nomem.c", RHO_NOWHERE), -1);
    RhoArenaFailAt(0);
    assert_int_equal(RhoDiagErrors(diag), 1);
    RhoDiagDestroy(&diag);
  }
}

int main(void) {
  const struct CMUnitTest test[] = {cmocka_unit_test(GuardIsReached), cmocka_unit_test(ErrorsAreCounted),
                                    cmocka_unit_test(FileWithoutMemory)};
  return cmocka_run_group_tests(test, NULL, NULL);
}
