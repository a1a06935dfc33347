#include "check.h"

/* The print of one error at offset, length of text.  Not inlined: gcc 12 takes the stream's buffer for dangling. */
__attribute__((noinline)) static char *PrintOne(const char *text, int offset, int length) {
  RhoDiag diag = RhoDiagCreate();
  RhoDiagReport(diag, RHO_ID_SYNTAX, (RhoPlace){AddText(diag, text), offset, length}, "m");
  char *printed = Printed(diag, RhoDiagPrint);
  RhoDiagDestroy(&diag);
  return printed;
}

static void AssertPrint(const char *text, int offset, int length, const char *expected) {
  char *printed = PrintOne(text, offset, length);
  assert_string_equal(printed, expected);
  free(printed);
}

/* Property: the whole form, as documented in base.h. */
static void WholeForm(void **state) {
  (void)state;
  RhoDiag diag = RhoDiagCreate();
  const char *text = "fields: [phi]\nmu: log(ph1)\n";
  int source = RhoDiagAddSource(diag, "model.yaml", text, strlen(text));
  RhoDiagReport(diag, RHO_ID_SYNTAX, (RhoPlace){source, 22, 3}, "unknown name '%s'", "ph1");
  RhoDiagHint(diag, "did you mean '%s'?", "phi");
  RhoDiagAlso(diag, (RhoPlace){source, 9, 3}, "defined here");
  char *printed = Printed(diag, RhoDiagPrint);
  assert_string_equal(printed, "model.yaml:2:9: error: unknown name 'ph1' [syntax]\n"
                               "mu: log(ph1)\n"
                               "        ^~~\n"
                               "  hint: did you mean 'phi'?\n"
                               "model.yaml:1:10: note: defined here\n"
                               "fields: [phi]\n"
                               "         ^~~\n");
  free(printed);
  RhoDiagDestroy(&diag);
}

/* Property: a tab before the place is a tab before the caret. */
static void TabsAreKept(void **state) {
  (void)state;
  AssertPrint("\ta\tbc d", 3, 2, "t:1:4: error: m [syntax]\n\ta\tbc d\n\t \t^~\n");
}

/* Property: a character of several bytes is one column; a combining one is none, a wide one two. */
static void WidthOfCharacters(void **state) {
  (void)state;
  AssertPrint("\xcf\x81+\xe2\x82\xac*b", 6, 1, "t:1:4: error: m [syntax]\n\xcf\x81+\xe2\x82\xac*b\n   ^\n");
  AssertPrint("\xcf\x81\xcc\x84+b", 5, 1, "t:1:4: error: m [syntax]\n\xcf\x81\xcc\x84+b\n  ^\n");
  AssertPrint("\xe5\xaf\x86+b", 4, 1, "t:1:3: error: m [syntax]\n\xe5\xaf\x86+b\n   ^\n");
  AssertPrint("a\xcf\x81\xcf\x81", 1, 4, "t:1:2: error: m [syntax]\na\xcf\x81\xcf\x81\n ^~\n");
}

/* Property: over random lines without tabs or wide characters, the caret is in the column that is reported. */
static void CaretIsInItsColumn(void **state) {
  (void)state;
  static const char *const piece[] = {"a", " ", "\xc3\xa9", "\xe2\x82\xac"};
  uint64_t random = 17;
  for (int trial = 0; trial < 500; trial++) {
    char text[200] = "";
    int n = Random(&random, 40), place = Random(&random, n + 1), offset = 0;
    for (int i = 0; i < n; i++) {
      if (i == place) offset = (int)strlen(text);
      strcat(text, piece[Random(&random, 4)]);
    }
    if (place == n) offset = (int)strlen(text);
    char *printed = PrintOne(text, offset, 1), expected[300];
    sprintf(expected, "t:1:%d: error: m [syntax]\n%s\n%*s^\n", place + 1, text, place, "");
    assert_string_equal(printed, expected);
    free(printed);
  }
}

/* Property: a span ends with its line; an empty one is a caret alone, at the end of the text too. */
static void SpanIsClipped(void **state) {
  (void)state;
  AssertPrint("abc\ndef", 1, 1000, "t:1:2: error: m [syntax]\nabc\n ^~\n");
  AssertPrint("abc\ndef", 5, 0, "t:2:2: error: m [syntax]\ndef\n ^\n");
  AssertPrint("abc\ndef", 7, 1, "t:2:4: error: m [syntax]\ndef\n   ^\n");
  AssertPrint("abc\n", 3, 1, "t:1:4: error: m [syntax]\nabc\n   ^\n");
  AssertPrint("", 0, 0, "t:1:1: error: m [syntax]\n\n^\n");
}

/* Property: of a very long line some hundred bytes are shown, whole characters, with the caret under its own. */
static void LongLinesAreCut(void **state) {
  (void)state;
  enum { N = 5000, AT = 2 * 1700 };
  char text[2 * N + 1] = "";
  for (int i = 0; i < N; i++) memcpy(text + 2 * i, i == AT / 2 ? " X" : "\xc3\xa9", 3);
  for (int place = AT; place <= AT + 1; place++) {
    char *printed = PrintOne(text, place, 1), *line = strchr(printed, '\n') + 1, *caret = strchr(line, '\n') + 1;
    assert_true(caret - line < 600);
    assert_memory_equal(line, "...\xc3\xa9", 5);
    assert_memory_equal(caret - 6, "\xc3\xa9...\n", 6);
    ptrdiff_t byte = strstr(line, " X") - line, column = 3 + (byte - 3) / 2;
    assert_int_equal(strcspn(caret, "^"), column + (place > AT));
    free(printed);
  }
}

/* Property: the end of a line written on another system is not shown. */
static void CarriageReturn(void **state) {
  (void)state;
  AssertPrint("ab\r\ncd\r\n", 5, 1, "t:2:2: error: m [syntax]\ncd\n ^\n");
}

/* Property: control characters and bytes that are no characters reach the terminal as question marks. */
static void NothingMovesTheCursor(void **state) {
  (void)state;
  AssertPrint("a\x1b[2J\xff\x7f\xc2\x9b"
              "b",
              0, 1, "t:1:1: error: m [syntax]\na?[2J???b\n^\n");
}

/* Property: reports come out by source and place, those without a place first, equal places in order of arrival. */
static void Sorted(void **state) {
  (void)state;
  RhoDiag diag = RhoDiagCreate();
  int a = AddText(diag, "xyz"), b = AddText(diag, "xyz");
  const RhoPlace place[] = {{b, 1, 1}, {a, 2, 1}, {a, 0, 2}, {a, 0, 1}, {b, 0, 1}, RHO_NOWHERE};
  for (int i = 0; i < 6; i++) RhoDiagReport(diag, RHO_ID_SYNTAX, place[i], "<%d>", i);
  char *printed = Printed(diag, RhoDiagPrint), order[7] = "";
  for (const char *at = printed; (at = strchr(at, '<')); at++) strncat(order, at + 1, 1);
  assert_string_equal(order, "523140");
  assert_int_equal(strncmp(printed, "error: <5> [syntax]\nt:", 22), 0);
  free(printed);
  RhoDiagDestroy(&diag);
}

int main(void) {
  const struct CMUnitTest test[] = {
      cmocka_unit_test(WholeForm),      cmocka_unit_test(TabsAreKept),     cmocka_unit_test(WidthOfCharacters),
      cmocka_unit_test(SpanIsClipped),  cmocka_unit_test(LongLinesAreCut), cmocka_unit_test(CaretIsInItsColumn),
      cmocka_unit_test(CarriageReturn), cmocka_unit_test(Sorted),          cmocka_unit_test(NothingMovesTheCursor),
  };
  return cmocka_run_group_tests(test, NULL, NULL);
}
