#include "check.h"

static const char *const piece[] = {"a", " ", "\t", "\n", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};

/* A random text of whole characters; start[i] is the offset of character i, start[n] the length.  Returns n. */
static int RandomText(uint64_t *random, char *text, int *start) {
  int n = Random(random, 60), nbyte = 0;
  for (int i = 0; i < n; i++) {
    const char *next = piece[Random(random, 7)];
    start[i] = nbyte;
    nbyte += (int)strlen(strcpy(text + nbyte, next));
  }
  start[n] = nbyte;
  text[nbyte] = 0;
  return n;
}

/* Property: line and column are one more than the newlines before the place and the characters since the last one. */
static void LineColumnIsACount(void **state) {
  (void)state;
  uint64_t random = 5;
  RhoDiag diag = RhoDiagCreate();
  for (int trial = 0; trial < 300; trial++) {
    char text[300];
    int start[61], n = RandomText(&random, text, start), source = AddText(diag, text), line = 1, column = 1;
    for (int i = 0; i <= n; i++) {
      int l, c;
      RhoDiagLineColumn(diag, (RhoPlace){source, start[i], 1}, &l, &c);
      assert_int_equal(l, line);
      assert_int_equal(c, column);
      column = text[start[i]] == '\n' ? 1 : column + 1;
      line += text[start[i]] == '\n';
    }
  }
  RhoDiagDestroy(&diag);
}

/* Property: a place inside a character is the place of the character. */
static void InsideACharacter(void **state) {
  (void)state;
  uint64_t random = 6;
  RhoDiag diag = RhoDiagCreate();
  for (int trial = 0; trial < 300; trial++) {
    char text[300];
    int start[61], n = RandomText(&random, text, start), source = AddText(diag, text), l0, c0, l, c;
    for (int i = 0; i < n; i++)
      for (int offset = start[i]; offset < start[i + 1]; offset++) {
        RhoDiagLineColumn(diag, (RhoPlace){source, start[i], 1}, &l0, &c0);
        RhoDiagLineColumn(diag, (RhoPlace){source, offset, 1}, &l, &c);
        assert_int_equal(l, l0);
        assert_int_equal(c, c0);
      }
  }
  RhoDiagDestroy(&diag);
}

/* Property: an offset outside the text is the nearest end of it; no place is line 0, column 0. */
static void Outside(void **state) {
  (void)state;
  RhoDiag diag = RhoDiagCreate();
  int source = AddText(diag, "ab\ncd"), line, column;
  RhoDiagLineColumn(diag, (RhoPlace){source, 1000, 1}, &line, &column);
  assert_int_equal(10 * line + column, 23);
  RhoDiagLineColumn(diag, (RhoPlace){source, -5, 1}, &line, &column);
  assert_int_equal(10 * line + column, 11);
  RhoDiagLineColumn(diag, RHO_NOWHERE, &line, &column);
  assert_int_equal(10 * line + column, 0);
  RhoDiagDestroy(&diag);
}

/* Property: a source keeps its own copy of name and text, NUL bytes too. */
static void SourceIsACopy(void **state) {
  (void)state;
  RhoDiag diag = RhoDiagCreate();
  char name[] = "n", text[] = "a\0b";
  size_t nbyte;
  int source = RhoDiagAddSource(diag, name, text, 3);
  name[0] = text[0] = 'z';
  assert_string_equal(RhoDiagSourceName(diag, source), "n");
  assert_memory_equal(RhoDiagSourceText(diag, source, &nbyte), "a\0b", 4);
  assert_int_equal(nbyte, 3);
  RhoDiagDestroy(&diag);
}

int main(void) {
  const struct CMUnitTest test[] = {cmocka_unit_test(LineColumnIsACount), cmocka_unit_test(InsideACharacter),
                                    cmocka_unit_test(Outside), cmocka_unit_test(SourceIsACopy)};
  return cmocka_run_group_tests(test, NULL, NULL);
}
