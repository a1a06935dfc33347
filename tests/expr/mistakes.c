#include "formula_check.h"

typedef struct {
  const char *text;
  RhoDiagId id;
  int column, length; /* in characters, in bytes */
  const char *message, *hint;
} Mistake;

static const Mistake mistake[] = {
    /* characters */
    {"x**2", RHO_ID_BAD_CHARACTER, 2, 2, "'**'", "powers are written x^2"},
    {"a & b", RHO_ID_BAD_CHARACTER, 3, 1, "'&'", "write 'and'"},
    {"a = b", RHO_ID_BAD_CHARACTER, 3, 1, "'='", "comparison is written =="},
    {"a =< b", RHO_ID_BAD_CHARACTER, 3, 1, "'='", "comparison"},
    {"5 % 2", RHO_ID_BAD_CHARACTER, 3, 1, "'%'", "no remainder"},
    {"~a", RHO_ID_BAD_CHARACTER, 1, 1, "'~'", "write 'not'"},
    {"a > 0 ? b : c", RHO_ID_BAD_CHARACTER, 7, 1, "'?'", "if(condition, then, else)"},
    {"a : b", RHO_ID_BAD_CHARACTER, 3, 1, "':'", "if(condition, then, else)"},
    {"{a}", RHO_ID_BAD_CHARACTER, 1, 1, "'{'", "group with ( )"},
    {"\\frac12", RHO_ID_BAD_CHARACTER, 1, 1, "'\\'", "not LaTeX"},
    {"a; b", RHO_ID_BAD_CHARACTER, 2, 1, "';'", "one formula at a time"},
    {"\"a\"", RHO_ID_BAD_CHARACTER, 1, 1, "a quote", "without quotes"},
    {"f'(x)", RHO_ID_BAD_CHARACTER, 2, 1, "an apostrophe", "d(f, x)"},
    {"a.b", RHO_ID_BAD_CHARACTER, 2, 1, "'.'", "a number needs a digit"},
    {"a \xe2\x88\x92 b", RHO_ID_BAD_CHARACTER, 3, 3, "the minus sign U+2212", "write the hyphen '-'"},
    {"a \xe2\x80\x93 b", RHO_ID_BAD_CHARACTER, 3, 3, "a dash", "write the hyphen '-'"},
    {"2\xc3\x97x", RHO_ID_BAD_CHARACTER, 2, 2, "the multiplication sign", "written with *"},
    {"2\xc2\xb7x", RHO_ID_BAD_CHARACTER, 2, 2, "the multiplication dot", "written with *"},
    {"x\xc2\xb2", RHO_ID_BAD_CHARACTER, 2, 2, "a superscript", "x^2"},
    {"a \xe2\x89\xa4 b", RHO_ID_BAD_CHARACTER, 3, 3, "U+2264", "write <="},
    {"\xe2\x88\xab f", RHO_ID_BAD_CHARACTER, 1, 3, "the integral sign", "integral(x, f)"},
    {"\xe2\x88\x87x", RHO_ID_BAD_CHARACTER, 1, 3, "nabla", "grad(f)"},
    {"\xcf\x81 + 1", RHO_ID_BAD_CHARACTER, 1, 2, "the letter rho", "plain letters only: rho"},
    {"\xce\xb1 + 1", RHO_ID_BAD_CHARACTER, 1, 2, "a Greek letter", "plain letters only"},
    {"1 +\xc2\xa0x", RHO_ID_BAD_CHARACTER, 4, 2, "a no-break space", "write a plain space"},
    {"a # b", RHO_ID_BAD_CHARACTER, 3, 1, "'#'", NULL},
    {"a \x01 b", RHO_ID_BAD_CHARACTER, 3, 1, "the control character 01", "formulas have"},
    {"a ` b", RHO_ID_BAD_CHARACTER, 3, 1, "'`'", "formulas have"},
    {"a \xe2\x98\x83", RHO_ID_BAD_CHARACTER, 3, 3, "\xe2\x98\x83", "formulas have"},
    /* numbers */
    {"1.2.3", RHO_ID_BAD_NUMBER, 1, 4, "two decimal points", NULL},
    {"1 + 2e", RHO_ID_BAD_NUMBER, 5, 2, "no digits", "write 2e3 for a number, 2*e for a product"},
    {"1e999", RHO_ID_BAD_NUMBER, 1, 5, "too large", "1.79e308"},
    /* operands and operators */
    {"", RHO_ID_SYNTAX, 1, 0, "the formula is empty", "0"},
    {"a +", RHO_ID_SYNTAX, 3, 1, "an operand is missing after '+'", "ends here"},
    {"a * / b", RHO_ID_SYNTAX, 5, 1, "an operand is missing before '/'", "can stand here"},
    {"max(a,)", RHO_ID_SYNTAX, 7, 1, "an operand is missing before ')'", "can stand here"},
    {"f()", RHO_ID_SYNTAX, 3, 1, "nothing stands between the parentheses", "f(x)"},
    {"2*not a", RHO_ID_SYNTAX, 3, 3, "'not' inside arithmetic", "2*(not x)"},
    {"2x", RHO_ID_SYNTAX, 1, 2, "between '2' and 'x'", "write 2*x"},
    {"2 x", RHO_ID_SYNTAX, 1, 3, "between '2' and 'x'", "write 2*x"},
    {"a b", RHO_ID_SYNTAX, 1, 3, "between 'a' and 'b'", "write a*b"},
    {"(a)(b)", RHO_ID_SYNTAX, 3, 2, "between ')' and '('", "products are written with *"},
    {"2(a)", RHO_ID_SYNTAX, 1, 2, "between '2' and '('", "products are written with *"},
    {"1 000", RHO_ID_SYNTAX, 1, 5, "between '1' and '000'", "without spaces"},
    {"log u", RHO_ID_SYNTAX, 1, 5, "between 'log' and 'u'", "write log(u)"},
    {"k*lap u", RHO_ID_SYNTAX, 3, 5, "between 'lap' and 'u'", "write lap(u)"},
    {"f(a b)", RHO_ID_SYNTAX, 3, 3, "between 'a' and 'b'", "write a*b"},
    {"(2 u)", RHO_ID_SYNTAX, 2, 3, "between '2' and 'u'", "write 2*u"},
    {"if a > 0", RHO_ID_SYNTAX, 1, 4, "between 'if' and 'a'", "if(condition, then, else)"},
    {"a not b", RHO_ID_SYNTAX, 1, 5, "between 'a' and 'not'", "and not"},
    {"n!", RHO_ID_SYNTAX, 2, 1, "'!' after an operand", "before its operand"},
    {"a < b < c", RHO_ID_SYNTAX, 7, 1, "comparisons do not chain", "a < b and b < c"},
    {"1,5", RHO_ID_SYNTAX, 2, 1, "a ','", "with a point: 1.5"},
    {"(a, b)", RHO_ID_SYNTAX, 3, 1, "a ','", "max(a, b)"},
    {"2[i]", RHO_ID_SYNTAX, 2, 1, "belongs to no name", "a[i, j]"},
    {"a[i][j]", RHO_ID_SYNTAX, 5, 1, "belongs to no name", "a[i, j]"},
    {"a[i + 1]", RHO_ID_SYNTAX, 5, 1, "a name or an integer", "rho[s]"},
    {"a[]", RHO_ID_SYNTAX, 3, 1, "a name or an integer", "rho[s]"},
    {"a[0.5]", RHO_ID_SYNTAX, 3, 3, "a name or an integer", "rho[s]"},
    /* parentheses */
    {"2*(a + b", RHO_ID_UNBALANCED, 3, 1, "this '(' is not closed", "it needs a ')'"},
    {"f(a", RHO_ID_UNBALANCED, 2, 1, "this '(' is not closed", "it needs a ')'"},
    {"a[i", RHO_ID_UNBALANCED, 2, 1, "this '[' is not closed", "it needs a ']'"},
    {"|a + b", RHO_ID_UNBALANCED, 1, 1, "this '|' is not closed", "it needs a '|'"},
    {"(a + |b)", RHO_ID_UNBALANCED, 6, 1, "this '|' is not closed before ')'", "it needs a '|'"},
    {"(a]", RHO_ID_UNBALANCED, 1, 1, "this '(' is not closed before ']'", "it needs a ')'"},
    {"a)", RHO_ID_UNBALANCED, 2, 1, "this ')' closes nothing", "remove it"},
    {"a|b", RHO_ID_UNBALANCED, 2, 1, "this '|' closes nothing", "written 'or'"},
};

static char *PrintedReports(RhoDiag diag) {
  char *text = NULL;
  size_t nbyte;
  FILE *stream = open_memstream(&text, &nbyte);
  RhoDiagPrint(diag, stream);
  fclose(stream);
  return text;
}

static void CheckMistake(const Mistake *m) {
  RhoArena arena = RhoArenaCreate();
  RhoDiag diag = RhoDiagCreate();
  char source[128];
  int before = snprintf(source, sizeof source, "first: 1\nf: %s\nlast: 2\n", m->text), line, column;
  int id = RhoDiagAddSource(diag, "model.yaml", source, (size_t)before);
  RhoFormula formula = {.text = source + 12, .nbyte = strlen(m->text), .source = id, .base = 12};
  if (RhoParse(arena, diag, formula)) fail_msg("'%s' was accepted", m->text);
  assert_int_equal(RhoDiagCount(diag), 1);
  RhoDiagLineColumn(diag, RhoDiagPlaceAt(diag, 0), &line, &column);
  char *printed = PrintedReports(diag);
  bool good = RhoDiagIdAt(diag, 0) == m->id && line == 2 && column == m->column + 3;
  good = good && RhoDiagPlaceAt(diag, 0).length == m->length && strstr(printed, m->message);
  good = good && (m->hint ? strstr(printed, m->hint) != NULL : strstr(printed, "hint") == NULL);
  if (!good)
    fail_msg("'%s' reports at column %d, length %d:\n%s", m->text, column - 3, RhoDiagPlaceAt(diag, 0).length, printed);
  free(printed);
  RhoDiagDestroy(&diag);
  RhoArenaDestroy(&arena);
}

/* Property: each mistake has its report, at its place in the file, with its hint. */
static void Reports(void **state) {
  (void)state;
  for (size_t k = 0; k < sizeof mistake / sizeof *mistake; k++) CheckMistake(&mistake[k]);
}

/* Property: what is nested too deeply says so where the limit is passed. */
static void TooDeep(void **state) {
  Bench *bench = *state;
  char text[600];
  memset(text, '-', 500);
  strcpy(text + 500, "a");
  assert_null(RhoParse(bench->arena, bench->diag, (RhoFormula){.text = text, .nbyte = 501, .source = 0}));
  assert_int_equal(RhoDiagIdAt(bench->diag, 0), RHO_ID_TOO_DEEP);
  assert_in_range(RhoDiagPlaceAt(bench->diag, 0).offset, 190, 210);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(Reports),
      cmocka_unit_test_setup_teardown(TooDeep, SetupBench, TeardownBench),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
