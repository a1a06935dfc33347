#include "formula_check.h"

/* Property: each formula reads as its fully parenthesised twin. */
static void Precedence(void **state) {
  static const char *const twin[][2] = {
      {"a + b*c", "a + (b*c)"},
      {"a - b - c", "(a - b) - c"},
      {"a/b*c", "(a/b)*c"},
      {"a/b/c", "(a/b)/c"},
      {"-a^2", "-(a^2)"},
      {"(-a)^b", "((-a))^b"},
      {"a^-2", "a^(-2)"},
      {"a^-b^c", "a^(-(b^c))"},
      {"a^b^c", "a^(b^c)"},
      {"2*-a", "2*(-a)"},
      {"-a*b", "(-a)*b"},
      {"+a", "a"},
      {"a - -b", "a - (-b)"},
      {"a < b + c", "a < (b + c)"},
      {"not a < b", "not (a < b)"},
      {"!a == b", "!(a == b)"},
      {"not not a", "not (not a)"},
      {"a and b or c and d", "(a and b) or (c and d)"},
      {"not a and b", "(not a) and b"},
      {"a && b || !c", "(a and b) or (not c)"},
      {"a > b", "b < a"},
      {"a >= b", "b <= a"},
      {"|a - b|", "abs(a - b)"},
      {"||a| - |b||", "abs(abs(a) - abs(b))"},
      {"|a|*|b|", "abs(a)*abs(b)"},
      {"2*|a|^2", "2*(abs(a)^2)"},
      {"|(a || b)|", "abs(a or b)"},
      {"|a || b|", "abs(a or b)"},
      {"|||a| - 1| - 1|", "abs(abs(abs(a) - 1) - 1)"},
      {"if(a < b, c, d)", "if((a < b), (c), (d))"},
      {"max(a, b) + exp (c)", "max((a), (b)) + exp(c)"},
      {".5*a", "0.5*a"},
      {"5.*a", "5*a"},
      {"1e3*a", "1000*a"},
      {"2.5E-1*a", "0.25*a"},
      {" \t a\n+\r\n b ", "a+b"},
      {"|grad(a)|^2", "dot(grad(a), grad(a))"},
  };
  for (size_t k = 0; k < sizeof twin / sizeof *twin; k++) AssertReads(*state, twin[k][0], twin[k][1]);
}

/* Property: names carry their indices, calls their arguments, and every node its span in the source. */
static void TreeAndPlaces(void **state) {
  Bench *bench = *state;
  const char *text = "2*K[i, 3](0, x) + rho[s]";
  RhoFormula formula = {.text = text, .nbyte = strlen(text), .source = 7, .base = 100};
  const RhoAst *sum = RhoParse(bench->arena, bench->diag, formula);
  assert_non_null(sum);
  const RhoAst *call = sum->arg[0]->arg[1], *name = sum->arg[1];
  assert_int_equal(call->kind, RHO_AST_CALL);
  assert_string_equal(call->name, "K");
  assert_int_equal(call->nindex, 2);
  assert_string_equal(call->index[0]->name, "i");
  assert_true(call->index[1]->kind == RHO_AST_NUMBER && call->index[1]->number == 3);
  assert_int_equal(call->narg, 2);
  assert_int_equal(name->kind, RHO_AST_NAME);
  assert_string_equal(name->index[0]->name, "s");
  assert_true(sum->place.source == 7 && sum->place.offset == 100 && sum->place.length == (int)strlen(text));
  assert_true(call->place.offset == 102 && call->place.length == 13);
  assert_true(name->place.offset == 118 && name->place.length == 6);
  assert_true(call->arg[1]->place.offset == 113 && call->arg[1]->place.length == 1);
}

/* Property: with a map, places are those of the bytes the map names. */
static void MappedPlaces(void **state) {
  Bench *bench = *state;
  const int map[] = {10, 11, 40, 41, 42, 43};
  const RhoAst *ast = RhoParse(bench->arena, NULL, (RhoFormula){.text = "a + b", .nbyte = 5, .source = 0, .map = map});
  assert_true(ast->arg[0]->place.offset == 10 && ast->arg[1]->place.offset == 42);
  assert_true(ast->place.offset == 10 && ast->place.length == 33);
  assert_true(ast->arg[0]->place.length == 1);
  const int folded[] = {10, 30, 31, 32};
  ast = RhoParse(bench->arena, NULL, (RhoFormula){.text = "a+b", .nbyte = 3, .source = 0, .map = folded});
  assert_true(ast->arg[0]->place.offset == 10 && ast->arg[0]->place.length == 1);
}

/* Property: every number reads as strtod reads it. */
static void Numbers(void **state) {
  Bench *bench = *state;
  uint64_t random = 11;
  for (int k = 0; k < 20000; k++) {
    char text[64];
    uint64_t bits = RandomBits(&random) >> 1;
    double value;
    memcpy(&value, &bits, sizeof value);
    if (!isfinite(value)) continue;
    snprintf(text, sizeof text, "%.*g", 1 + Random(&random, 18), value);
    if (!isfinite(strtod(text, NULL))) continue;
    const RhoAst *ast = RhoParse(bench->arena, NULL, FormulaOf(text));
    assert_true(ast && ast->kind == RHO_AST_NUMBER && Same(ast->number, strtod(text, NULL)));
  }
}

/* Property: nesting up to 200 is read, beyond it is refused, and the height of a tree is bounded. */
static void Depth(void **state) {
  Bench *bench = *state;
  char *text = malloc(100000);
  for (int n = 150; n < 260; n++) {
    memset(text, '(', (size_t)n);
    text[n] = 'a';
    memset(text + n + 1, ')', (size_t)n);
    text[2 * n + 1] = 0;
    assert_int_equal(RhoParse(bench->arena, NULL, FormulaOf(text)) != NULL, n < 200);
  }
  for (int n = 0; n < 49999; n++) memcpy(text + 2 * n, "1+", 2);
  strcpy(text + 2 * 3999, "1");
  assert_non_null(RhoParse(bench->arena, NULL, FormulaOf(text)));
  strcpy(text + 2 * 3999, "1+1+1");
  assert_null(RhoParse(bench->arena, bench->diag, FormulaOf(text)));
  assert_int_equal(RhoDiagIdAt(bench->diag, 0), RHO_ID_TOO_DEEP);
  free(text);
}

/* A formula gives a tree, or one error whose place lies in it. */
static void ParseAnything(const char *text, size_t nbyte) {
  RhoArena arena = RhoArenaCreate();
  RhoDiag diag = RhoDiagCreate();
  char *copy = malloc(nbyte + 1); /* no byte behind it for the parser to find */
  memcpy(copy, text, nbyte);
  copy = realloc(copy, nbyte ? nbyte : 1);
  int source = RhoDiagAddSource(diag, "t", copy, nbyte);
  const RhoAst *ast = RhoParse(arena, diag, (RhoFormula){.text = copy, .nbyte = nbyte, .source = source});
  assert_int_equal(RhoDiagErrors(diag), ast ? 0 : 1);
  if (!ast) {
    RhoPlace place = RhoDiagPlaceAt(diag, 0);
    assert_true(place.offset >= 0 && place.length >= 0 && (size_t)(place.offset + place.length) <= nbyte);
  }
  free(copy);
  RhoDiagDestroy(&diag);
  RhoArenaDestroy(&arena);
}

/* Property: random bytes never crash the parser. */
static void RandomText(void **state) {
  static const char usual[] = "ab12.e,()[]||+-*/^<>=!& \n\xe2\x88\x92\xcf\x81";
  uint64_t random = 3;
  (void)state;
  for (int k = 0; k < 60000; k++) {
    char text[40];
    int n = Random(&random, 40);
    bool any = Random(&random, 4) == 0;
    for (int i = 0; i < n; i++)
      text[i] = any ? (char)Random(&random, 256) : usual[Random(&random, (int)sizeof usual - 1)];
    ParseAnything(text, (size_t)n);
  }
}

/* Property: nor do good formulas with bytes changed, lost or doubled. */
static void Mutations(void **state) {
  static const char *const good[] = {
      "v0*exp(k_self*tanh((sensed[s]+self-rho_self)/w) + k_glob*tanh((total+self-rho_glob)/w))",
      "-M*grad(a*phi + b*phi^3 - kappa*lap(phi) + lambda*|grad(phi)|^2)",
      "if(x > 0 and not y <= 1.5e-3 || z != 2, max(x, -y)^2, ||x| - |y||)",
      "sum(j, conv(K[i, j], rho[j])) + K[i, 1](0)/2.5"};
  uint64_t random = 5;
  (void)state;
  for (int k = 0; k < 40000; k++) {
    char text[128];
    int n = snprintf(text, sizeof text, "%s", good[k % 4]);
    for (int times = 1 + Random(&random, 3); times > 0 && n > 2; times--) {
      int at = Random(&random, n - 1), from = Random(&random, n);
      if (Random(&random, 3) == 0) text[at] = (char)Random(&random, 256);
      else if (Random(&random, 2)) text[at] = text[from];
      else memmove(text + at, text + at + 1, (size_t)(--n - at));
    }
    ParseAnything(text, (size_t)n);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(Precedence, SetupBench, TeardownBench),
      cmocka_unit_test_setup_teardown(TreeAndPlaces, SetupBench, TeardownBench),
      cmocka_unit_test_setup_teardown(MappedPlaces, SetupBench, TeardownBench),
      cmocka_unit_test_setup_teardown(Numbers, SetupBench, TeardownBench),
      cmocka_unit_test_setup_teardown(Depth, SetupBench, TeardownBench),
      cmocka_unit_test(RandomText),
      cmocka_unit_test(Mutations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
