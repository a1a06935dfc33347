#include "check.h"

/* Property: a text is the concatenation of what was added, and its length is theirs. */
static void Concatenates(void **state) {
  (void)state;
  RhoArena arena = RhoArenaCreate();
  RhoText text = RhoTextCreate(arena);
  char *expected = calloc(1, 200000), *end = expected;
  uint64_t random = 7;
  assert_string_equal(RhoTextGet(text), "");
  for (int i = 0; i < 2000; i++) {
    int width = Random(&random, 90);
    if (i % 2) {
      end += sprintf(end, "%*d", width, i);
      RhoTextAdd(text, "%*d", width, i);
    } else {
      memset(end, 'x', (size_t)width);
      RhoTextAddN(text, end, (size_t)width);
      end += width;
    }
    assert_int_equal(RhoTextLength(text), end - expected);
  }
  assert_string_equal(RhoTextGet(text), expected);
  free(expected);
  RhoArenaDestroy(&arena);
}

/* Property: the text is terminated after every addition, at every length across a growth, inside its own memory: the
   allocations that follow it stay as they were. */
static void Terminated(void **state) {
  (void)state;
  enum { N = 1000 };
  RhoArena arena = RhoArenaCreate();
  RhoText text = RhoTextCreate(arena);
  const char *neighbour[N];
  for (int n = 0; n < N; n++) {
    neighbour[n] = RhoArenaString(arena, "x", 1);
    RhoTextAddN(text, "abc" + n % 3, 1);
    assert_int_equal(strlen(RhoTextGet(text)), n + 1);
  }
  for (int n = 0; n < N; n++) assert_string_equal(neighbour[n], "x");
  RhoArenaDestroy(&arena);
}

int main(void) {
  const struct CMUnitTest test[] = {cmocka_unit_test(Concatenates), cmocka_unit_test(Terminated)};
  return cmocka_run_group_tests(test, NULL, NULL);
}
