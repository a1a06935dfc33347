#include "check.h"

/* A strict reader of the JSON grammar (RFC 8259, sections 2 to 7), independent of the writer: returns the end of the
   value, or NULL. */
static const char *Value(const char *at);

static const char *Space(const char *at) { return at + strspn(at, " \t\n\r"); }

static const char *String(const char *at) {
  if (*at++ != '"') return NULL;
  for (; *at != '"'; at++) {
    if ((unsigned char)*at < 0x20) return NULL;
    if (*at != '\\') continue;
    if (!*++at || !strchr("\"\\/bfnrtu", *at)) return NULL;
    if (*at == 'u' && strspn(at + 1, "0123456789abcdefABCDEF") < 4) return NULL;
  }
  return at + 1;
}

/* The members of an object or the items of an array, from the opening bracket. */
static const char *Members(const char *at, bool object, char close) {
  at = Space(at + 1);
  if (*at == close) return at + 1;
  for (;; at++) {
    if (object) {
      at = String(Space(at));
      if (!at || *(at = Space(at)) != ':') return NULL;
      at++;
    }
    if (!(at = Value(at))) return NULL;
    at = Space(at);
    if (*at == close) return at + 1;
    if (*at != ',') return NULL;
  }
}

static const char *Value(const char *at) {
  char *end;
  at = Space(at);
  if (*at == '{') return Members(at, true, '}');
  if (*at == '[') return Members(at, false, ']');
  if (*at == '"') return String(at);
  if (!strncmp(at, "null", 4)) return at + 4;
  strtod(at, &end);
  return end == at ? NULL : end;
}

static void AssertJson(const char *text) {
  const char *end = Value(text);
  assert_non_null(end);
  assert_string_equal(end, "\n");
}

/* Property: no reports are an empty list. */
static void Empty(void **state) {
  (void)state;
  RhoDiag diag = RhoDiagCreate();
  char *printed = Printed(diag, RhoDiagPrintJson);
  assert_string_equal(printed, "{\"errors\": 0, \"reports\": []}\n");
  free(printed);
  RhoDiagDestroy(&diag);
}

/* Property: any bytes in names, messages, hints and notes still make valid JSON in valid UTF-8. */
static void AnyBytes(void **state) {
  (void)state;
  uint64_t random = 23;
  for (int trial = 0; trial < 300; trial++) {
    char bytes[40];
    for (int i = 0; i < 39; i++) bytes[i] = (char)(1 + Random(&random, 255));
    bytes[39] = 0;
    RhoDiag diag = RhoDiagCreate();
    int source = RhoDiagAddSource(diag, bytes, bytes, 39);
    RhoPlace place = {source, Random(&random, 50) - 5, Random(&random, 9)};
    RhoDiagReport(diag, RHO_ID_SYNTAX, place, "%s", bytes);
    RhoDiagHint(diag, "%s", bytes);
    RhoDiagHint(diag, "%s", bytes + 20);
    RhoDiagAlso(diag, place, "%s", bytes);
    RhoDiagAlso(diag, RHO_NOWHERE, "%s", bytes);
    RhoDiagReport(diag, RHO_ID_CANNOT_READ, RHO_NOWHERE, "%s", bytes);
    char *printed = Printed(diag, RhoDiagPrintJson);
    AssertJson(printed);
    long code;
    for (const char *at = printed, *end = at + strlen(at); at < end;) {
      at += rho_utf8_next(at, end, &code);
      assert_true(code >= 0);
    }
    free(printed);
    RhoDiagDestroy(&diag);
  }
}

/* Property: quotes, backslashes, newlines and characters beyond ASCII are written as RFC 8259, section 7, says. */
static void Escapes(void **state) {
  (void)state;
  RhoDiag diag = RhoDiagCreate();
  RhoDiagReport(diag, RHO_ID_SYNTAX, RHO_NOWHERE, "\"\\\n\x01\xcf\x81");
  char *printed = Printed(diag, RhoDiagPrintJson);
  assert_non_null(strstr(printed, "\"source\": null, \"message\": \"\\\"\\\\\\u000a\\u0001\xcf\x81\""));
  free(printed);
  RhoDiagDestroy(&diag);
}

/* Property: place, severity and id are there under their names. */
static void NamedMembers(void **state) {
  (void)state;
  RhoDiag diag = RhoDiagCreate();
  RhoDiagReport(diag, RHO_ID_SYNTAX, (RhoPlace){AddText(diag, "a\n\xcf\x81 b"), 5, 1}, "m");
  char *printed = Printed(diag, RhoDiagPrintJson);
  assert_non_null(strstr(printed, "\"severity\": \"error\", \"id\": \"syntax\", \"source\": \"t\", \"line\": 2, "
                                  "\"column\": 3, \"offset\": 5, \"length\": 1, \"message\": \"m\""));
  free(printed);
  RhoDiagDestroy(&diag);
}

/* Property: the reader of this test refuses what is not JSON. */
static void ReaderRefuses(void **state) {
  (void)state;
  const char *const bad[] = {"{", "[1,]", "{\"a\" 1}", "\"\n\"", "\"\\x\"", "\"\\u12g4\"", "[1 2]", ""};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_null(Value(bad[i]));
}

int main(void) {
  const struct CMUnitTest test[] = {cmocka_unit_test(Empty), cmocka_unit_test(AnyBytes), cmocka_unit_test(Escapes),
                                    cmocka_unit_test(NamedMembers), cmocka_unit_test(ReaderRefuses)};
  return cmocka_run_group_tests(test, NULL, NULL);
}
