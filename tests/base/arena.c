#include "check.h"
#include <stdalign.h>

static int Setup(void **state) { return (*state = RhoArenaCreate()) ? 0 : -1; }

static int Teardown(void **state) {
  RhoArenaDestroy((RhoArena *)state);
  return 0;
}

/* Property: allocations of every size are aligned for any type. */
static void Aligned(void **state) {
  for (size_t nbyte = 0; nbyte < 3000; nbyte++)
    assert_int_equal((uintptr_t)RhoArenaAlloc(*state, nbyte) % alignof(max_align_t), 0);
}

/* Property: allocations are zeroed and do not overlap, whatever their sizes (a few larger than any block). */
static void DisjointAndZero(void **state) {
  enum { N = 400 };
  unsigned char *bytes[N];
  size_t nbyte[N];
  uint64_t random = 1;
  for (int i = 0; i < N; i++) {
    nbyte[i] = (size_t)Random(&random, i % 50 ? 3000 : 3000000);
    bytes[i] = RhoArenaAlloc(*state, nbyte[i]);
    for (size_t b = 0; b < nbyte[i]; b++) assert_int_equal(bytes[i][b], 0);
    memset(bytes[i], i % 255 + 1, nbyte[i]);
  }
  for (int i = 0; i < N; i++)
    for (size_t b = 0; b < nbyte[i]; b++)
      if (bytes[i][b] != i % 255 + 1) fail_msg("allocation %d was overwritten at byte %zu", i, b);
}

/* Property: an array grown by RHO_PUSH keeps its items in order. */
static void GrowthKeepsContents(void **state) {
  long *item = NULL;
  int n = 0, capacity = 0;
  for (long i = 0; i < 100000; i++) *RHO_PUSH((RhoArena)*state, item, n, capacity) = 3 * i + 1;
  assert_int_equal(n, 100000);
  assert_true(capacity >= n);
  for (long i = 0; i < n; i++) assert_int_equal(item[i], 3 * i + 1);
}

/* Property: RhoArenaGrow at least doubles, and the new part is zero. */
static void GrowthDoubles(void **state) {
  int capacity = 0;
  unsigned char *bytes = NULL;
  for (int before = 0; before < 5000; before = capacity) {
    bytes = RhoArenaGrow(*state, bytes, &capacity, 1);
    assert_true(capacity > before && capacity >= 2 * before);
    for (int i = before; i < capacity; i++) assert_int_equal(bytes[i], 0);
    memset(bytes, 0xff, (size_t)capacity);
  }
}

/* Property: RhoArenaString copies exactly nbyte bytes, NUL bytes too, and terminates them. */
static void StringIsACopy(void **state) {
  const char text[] = "a\0b and more";
  char *copy = RhoArenaString(*state, text, 5);
  assert_memory_equal(copy, "a\0b a", 6);
  assert_string_equal(RhoArenaString(*state, NULL, 0), "");
}

/* Property: RhoArenaPrint gives what snprintf gives, at any length. */
static void PrintIsSnprintf(void **state) {
  char expected[600];
  for (int width = 0; width < 500; width += 7) {
    snprintf(expected, sizeof expected, "%*d|%s", width, width, "x");
    assert_string_equal(RhoArenaPrint(*state, "%*d|%s", width, width, "x"), expected);
  }
}

/* Property: a size no memory can hold reaches the guard, and the arena is usable afterwards. */
static void ImpossibleSizeReachesGuard(void **state) {
  volatile int jumps = 0;
  if (setjmp(*RhoArenaGuard(*state))) {
    jumps++;
  } else {
    RhoArenaAlloc(*state, SIZE_MAX - 8);
  }
  assert_int_equal(jumps, 1);
  assert_non_null(RhoArenaAlloc(*state, 10));
}

/* How many of 30 allocations succeed before one reaches the guard. */
static int Succeed(RhoArena arena, int n) {
  volatile int done = 0;
  RhoArenaFailAt(n);
  if (!setjmp(*RhoArenaGuard(arena)))
    for (; done < 30; done++) RhoArenaAlloc(arena, 1);
  return done;
}

/* Property: from RhoArenaFailAt(n) on the n-th allocation fails, and no other; with n = 0 none. */
static void FailsAtN(void **state) {
  for (int n = 1; n < 20; n++) {
    assert_int_equal(Succeed(*state, n), n - 1);
    for (int i = 0; i < 30; i++) assert_non_null(RhoArenaAlloc(*state, 1));
  }
  assert_int_equal(Succeed(*state, 0), 30);
}

/* Property: destroying sets the handle to NULL, and destroying nothing does nothing. */
static void DestroyTwice(void **state) {
  (void)state;
  RhoArena arena = RhoArenaCreate();
  RhoArenaAlloc(arena, 100);
  RhoArenaDestroy(&arena);
  assert_null(arena);
  RhoArenaDestroy(&arena);
}

#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, Setup, Teardown)

int main(void) {
  const struct CMUnitTest test[] = {
      WITH_ARENA(Aligned),
      WITH_ARENA(DisjointAndZero),
      WITH_ARENA(GrowthKeepsContents),
      WITH_ARENA(GrowthDoubles),
      WITH_ARENA(StringIsACopy),
      WITH_ARENA(PrintIsSnprintf),
      WITH_ARENA(FailsAtN),
      WITH_ARENA(ImpossibleSizeReachesGuard),
      cmocka_unit_test(DestroyTwice),
  };
  return cmocka_run_group_tests(test, NULL, NULL);
}
