/* yaml.c - the YAML reader: values as texts, places of every byte, traps. */
#include "check.h"

static const RhoYaml *Read(RhoArena arena, RhoDiag diag, const char *text) {
  int source = RhoDiagAddSource(diag, "t", text, strlen(text));
  const RhoYaml *tree = RhoYamlRead(arena, diag, source);
  if (!tree) RhoDiagPrint(diag, stderr);
  assert_non_null(tree);
  return tree;
}

/* Every scalar is the text that was written: YAML's own meanings of words and numbers do not exist. */
static void TextsStayTexts(void **state) {
  (void)state;
  static const char *const word[] = {"on", "no", "1:30", "010", "~", "null", "0x1F", "1e3", ".5", "2001-01-01", "yes"};
  RhoArena arena = RhoArenaCreate();
  RhoDiag diag = RhoDiagCreate();
  for (size_t k = 0; k < sizeof word / sizeof *word; k++) {
    char text[64];
    snprintf(text, sizeof text, "a: %s\n", word[k]);
    assert_string_equal(RhoYamlText(RhoYamlFind(Read(arena, diag, text), "a")), word[k]);
  }
  RhoDiagDestroy(&diag);
  RhoArenaDestroy(&arena);
}

/* The value must be `expect`, and each byte of it that is neither blank nor a line break must stand at its place. */
static void CheckPlaces(const char *yaml, const char *expect) {
  RhoArena arena = RhoArenaCreate();
  RhoDiag diag = RhoDiagCreate();
  const RhoYaml *value = RhoYamlFind(Read(arena, diag, yaml), "f");
  assert_non_null(value);
  assert_string_equal(RhoYamlText(value), expect);
  int before = -1;
  for (size_t k = 0; k < value->text.nbyte; k++) {
    int at = value->text.map ? value->text.map[k] : value->text.base + (int)k;
    char c = value->text.text[k];
    if (c != ' ' && c != '\n') assert_int_equal(yaml[at], c);
    if (c != ' ' && c != '\n') assert_true(at > before);
    if (c != ' ' && c != '\n') before = at;
  }
  RhoDiagDestroy(&diag);
  RhoArenaDestroy(&arena);
}

/* The place of every byte, in each of YAML's five ways to write a text. */
static void PlacesOfBytes(void **state) {
  (void)state;
  CheckPlaces("f: a*x + b\n", "a*x + b");
  CheckPlaces("f: a*x   # comment\n", "a*x");
  CheckPlaces("f: a*x +\n   b*y\n   - c\ng: 1\n", "a*x + b*y - c");
  CheckPlaces("f: a*x +\n\n   b*y\n", "a*x +\nb*y");
  CheckPlaces("f: 'a*x + b'\n", "a*x + b");
  CheckPlaces("f: 'it''s'\n", "it's");
  CheckPlaces("f: 'a*x\n     + b'\n", "a*x + b");
  CheckPlaces("f: \"a*x + b\"\n", "a*x + b");
  CheckPlaces("f: \"a*x   \n     + b\"\n", "a*x + b");
  CheckPlaces("f: >\n  a*x\n  + b\n  + c\ng: 1\n", "a*x + b + c\n");
  CheckPlaces("f: >-\n  a*x\n\n  + b\n", "a*x\n+ b");
  CheckPlaces("f: >\n\n  a*x\n    + b\n  + c\n", "\na*x\n  + b\n+ c\n");
  CheckPlaces("f: |\n  a*x\n  + b\n\n   + c\n", "a*x\n+ b\n\n + c\n");
  CheckPlaces("f: |-\n   a*x\n   + b\n", "a*x\n+ b");
  CheckPlaces("f: |2\n    a*x\n  + b\n", "  a*x\n+ b\n");
  CheckPlaces("f: >+   # kept\n  a\n  b\n\n\n", "a b\n\n\n");
  CheckPlaces("{e: 1, f: a*x + b, g: 2}\n", "a*x + b");
  CheckPlaces("{e: 1, f: \"max(a, b)\", g: 2}\n", "max(a, b)");
  CheckPlaces("f: a*x +\r\n   b\r\n", "a*x + b");
  CheckPlaces("# \xcf\x81 and \xe2\x88\x87\nf: a + b # \xcf\x81\n", "a + b");
  CheckPlaces("e: \"\xcf\x81\"\nf: 'a + b'\n", "a + b");
}

/* Escapes stand at their backslash. */
static void Escapes(void **state) {
  (void)state;
  RhoArena arena = RhoArenaCreate();
  RhoDiag diag = RhoDiagCreate();
  const RhoYaml *value = RhoYamlFind(Read(arena, diag, "f: \"a\\x2bb\\u03c1c\\\n   d\"\n"), "f");
  assert_string_equal(RhoYamlText(value), "a+b\xcf\x81"
                                          "cd");
  static const int place[] = {4, 5, 9, 10, 10, 16, 22};
  for (int k = 0; k < 7; k++) assert_int_equal(value->text.map[k], place[k]);
  RhoDiagDestroy(&diag);
  RhoArenaDestroy(&arena);
}

/* Random formulas in random layouts: the value read back has each byte at its place. */
static void RandomLayouts(void **state) {
  (void)state;
  uint64_t seed = 20240607;
  static const char *const word[] = {"a", "bb", "(x", "y)", "+", "c*d", "3.5", "phi", "^2"};
  for (int round = 0; round < 3000; round++) {
    char yaml[512] = "", value[256] = "";
    int style = Random(&seed, 4), n = 1 + Random(&seed, 8);
    strcat(yaml, style == 0 ? "f: " : style == 1 ? "f: '" : style == 2 ? "f: \"" : "f: >-\n  ");
    for (int k = 0; k < n; k++) {
      const char *w = word[Random(&seed, 9)];
      bool broken = k > 0 && Random(&seed, 3) == 0;
      if (k > 0) strcat(yaml, broken ? "\n  " : " ");
      if (k > 0) strcat(value, " ");
      strcat(yaml, w);
      strcat(value, w);
    }
    strcat(yaml, style == 1 ? "'\n" : style == 2 ? "\"\n" : "\n");
    CheckPlaces(yaml, value);
  }
}

/* Numbers may be formulas without names. */
static void Numbers(void **state) {
  (void)state;
  RhoArena arena = RhoArenaCreate();
  RhoDiag diag = RhoDiagCreate();
  const RhoYaml *map = Read(arena, diag, "{a: 1e-3, b: 2*pi, c: -sqrt(2)/3, d: 0.5, e: x, f: 7, g: 7.5, h: 1/0}");
  double value;
  long integer;
  assert_true(RhoYamlNumber(arena, diag, RhoYamlFind(map, "a"), &value) && value == 1e-3);
  assert_true(RhoYamlNumber(arena, diag, RhoYamlFind(map, "b"), &value) && value == 2 * 3.14159265358979323846);
  assert_true(RhoYamlNumber(arena, diag, RhoYamlFind(map, "c"), &value));
  assert_float_equal(value, -0.47140452079103168, 1e-15);
  assert_int_equal(RhoDiagErrors(diag), 0);
  assert_false(RhoYamlNumber(arena, diag, RhoYamlFind(map, "e"), &value));
  assert_false(RhoYamlNumber(arena, diag, RhoYamlFind(map, "h"), &value));
  assert_true(RhoYamlInteger(diag, RhoYamlFind(map, "f"), 1, 10, &integer) && integer == 7);
  assert_false(RhoYamlInteger(diag, RhoYamlFind(map, "f"), 1, 6, &integer));
  assert_false(RhoYamlInteger(diag, RhoYamlFind(map, "g"), 1, 10, &integer));
  assert_int_equal(RhoDiagErrors(diag), 4);
  RhoDiagDestroy(&diag);
  RhoArenaDestroy(&arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TextsStayTexts), cmocka_unit_test(PlacesOfBytes),
                                     cmocka_unit_test(Escapes), cmocka_unit_test(RandomLayouts),
                                     cmocka_unit_test(Numbers)};
  return cmocka_run_group_tests_name("yaml", tests, NULL, NULL);
}
