#include "check.h"

static void Error(RhoDiag diag, int source, int offset) {
  RhoDiagReport(diag, RHO_ID_SYNTAX, (RhoPlace){source, offset, 1}, "at %d", offset);
}

static int Occurrences(const char *text, const char *word) {
  int n = 0;
  for (; (text = strstr(text, word)); text++) n++;
  return n;
}

/* Property: of 51 errors 50 are kept and printed, all are counted, and the print says how many are missing. */
static void FiftyFirstIsCounted(void **state) {
  (void)state;
  RhoDiag diag = RhoDiagCreate();
  char text[200];
  memset(text, 'x', sizeof text);
  int source = RhoDiagAddSource(diag, "t", text, sizeof text);
  for (int i = 0; i < 51; i++) Error(diag, source, i);
  assert_int_equal(RhoDiagErrors(diag), 51);
  assert_int_equal(RhoDiagCount(diag), 50);
  char *printed = Printed(diag, RhoDiagPrint);
  assert_int_equal(Occurrences(printed, "error: at "), 50);
  assert_null(strstr(printed, "at 50"));
  assert_non_null(strstr(printed, "\n1 more error not shown\n"));
  free(printed);
  RhoDiagDestroy(&diag);
}

/* Property: the hint of a report that was not kept goes nowhere. */
static void HintOfALostReport(void **state) {
  (void)state;
  RhoDiag diag = RhoDiagCreate();
  int source = AddText(diag, "x");
  RhoDiagHint(diag, "lost");
  for (int i = 0; i < 2; i++) {
    Error(diag, source, 0);
    RhoDiagHint(diag, "kept");
    RhoDiagAlso(diag, (RhoPlace){source, 0, 1}, "also");
  }
  char *printed = Printed(diag, RhoDiagPrint);
  assert_int_equal(Occurrences(printed, "hint: kept"), 1);
  assert_int_equal(Occurrences(printed, "note: also"), 1);
  assert_null(strstr(printed, "lost"));
  free(printed);
  RhoDiagDestroy(&diag);
}

/* Property: the same id at the same place is kept and counted once; another id, offset, length or source is another. */
static void DistinctReports(void **state) {
  (void)state;
  RhoDiag diag = RhoDiagCreate();
  int a = AddText(diag, "xyz"), b = AddText(diag, "xyz");
  const RhoPlace place[] = {{a, 0, 1}, {a, 0, 1}, {a, 1, 1}, {a, 0, 2}, {b, 0, 1}, {b, 0, 1}};
  for (int i = 0; i < 6; i++) RhoDiagReport(diag, RHO_ID_SYNTAX, place[i], "%d", i);
  RhoDiagReport(diag, RHO_ID_BAD_NUMBER, place[0], "number");
  assert_int_equal(RhoDiagCount(diag), 5);
  assert_int_equal(RhoDiagErrors(diag), 5);
  RhoDiagDestroy(&diag);
}

/* Property: without a place, reports are told apart by their message. */
static void DistinctNowhere(void **state) {
  (void)state;
  RhoDiag diag = RhoDiagCreate();
  const char *const path[] = {"a", "b", "a"};
  for (int i = 0; i < 3; i++) RhoDiagReport(diag, RHO_ID_CANNOT_READ, RHO_NOWHERE, "cannot read %s", path[i]);
  assert_int_equal(RhoDiagCount(diag), 2);
  RhoDiagDestroy(&diag);
}

/* Property: reports keep their id and place in order of arrival. */
static void KeepsIdAndPlace(void **state) {
  (void)state;
  RhoDiag diag = RhoDiagCreate();
  int source = AddText(diag, "xyz");
  RhoDiagReport(diag, RHO_ID_UNBALANCED, (RhoPlace){source, 2, 1}, "b");
  RhoDiagReport(diag, RHO_ID_SYNTAX, (RhoPlace){source, 0, 3}, "a");
  assert_int_equal(RhoDiagIdAt(diag, 0), RHO_ID_UNBALANCED);
  assert_int_equal(RhoDiagIdAt(diag, 1), RHO_ID_SYNTAX);
  assert_int_equal(RhoDiagPlaceAt(diag, 1).length, 3);
  assert_string_equal(RhoDiagIdText(RHO_ID_UNBALANCED), "unbalanced");
  RhoDiagDestroy(&diag);
}

/* Property: the printed ids are distinct and made of small letters, digits and hyphens. */
static void IdsAreDistinct(void **state) {
  (void)state;
  for (int i = 0; i < RHO_ID_COUNT; i++) {
    const char *text = RhoDiagIdText((RhoDiagId)i);
    assert_int_equal(strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-"), strlen(text));
    for (int j = 0; j < i; j++) assert_string_not_equal(text, RhoDiagIdText((RhoDiagId)j));
  }
}

int main(void) {
  const struct CMUnitTest test[] = {
      cmocka_unit_test(FiftyFirstIsCounted), cmocka_unit_test(HintOfALostReport), cmocka_unit_test(DistinctReports),
      cmocka_unit_test(DistinctNowhere),     cmocka_unit_test(KeepsIdAndPlace),   cmocka_unit_test(IdsAreDistinct),
  };
  return cmocka_run_group_tests(test, NULL, NULL);
}
