#include "formula_check.h"

static const RhoFunction writable[] = {
    RHO_FN_ADD, RHO_FN_SUB, RHO_FN_MUL,  RHO_FN_DIV,  RHO_FN_NEG,  RHO_FN_POWI,  RHO_FN_POW, RHO_FN_ADD, RHO_FN_MUL,
    RHO_FN_EXP, RHO_FN_LOG, RHO_FN_ABS,  RHO_FN_MAX,  RHO_FN_LT,   RHO_FN_LE,    RHO_FN_EQ,  RHO_FN_NE,  RHO_FN_AND,
    RHO_FN_OR,  RHO_FN_NOT, RHO_FN_TANH, RHO_FN_STEP, RHO_FN_BERN, RHO_FN_ATAN2, RHO_FN_SUB, RHO_FN_NEG, RHO_FN_SELECT};

/* x^2.0 made as POW, not by RhoGraphPower, has no text of its own. */
static bool HasOddPower(RhoGraph graph) {
  for (RhoNode i = 0; i < RhoGraphSize(graph); i++) {
    double n;
    RhoNodeInfo info = RhoGraphNode(graph, i);
    if (RhoGraphIsCall(graph, i, RHO_FN_POW) && RhoGraphIsConstant(graph, info.arg[1], &n) && n == rint(n)) return true;
  }
  return false;
}

/* Property: the text of a formula reads back to the same node. */
static void RoundTrip(void **state) {
  uint64_t random = 17;
  int nread = 0;
  for (int k = 0; k < 20000; k++) {
    Bench bench = {.arena = RhoArenaCreate()};
    bench.graph = RhoGraphCreate(bench.arena);
    RhoNode leaf[6] = {Read(&bench, "x"),      Read(&bench, "k"),           Read(&bench, "-1.5"),
                       Read(&bench, "lap(x)"), Read(&bench, "|grad(x)|^2"), Read(&bench, "div(k*grad(y))")};
    RhoNode node = RandomNode(&bench, &random, 6, leaf, sizeof writable / sizeof *writable, writable, 2 + k % 12);
    if (!HasOddPower(bench.graph)) {
      const char *text = Printed(&bench, node);
      RhoNode again = Read(&bench, text);
      if (again != node) fail_msg("%s reads as %s", text, again == RHO_NONE ? "a mistake" : Printed(&bench, again));
      nread++;
    }
    RhoArenaDestroy(&bench.arena);
  }
  assert_true(nread > 15000);
  (void)state;
}

/* Property: these texts are as short as they can be, so they print as they are written. */
static void AsWritten(void **state) {
  static const char *const text[] = {"a + b - c",
                                     "a - (b - c)",
                                     "a*b/c",
                                     "a/(b*c)",
                                     "-a*b",
                                     "-a^2",
                                     "(-a)^2",
                                     "a^(-2)",
                                     "(a^b)^c",
                                     "a^b^c",
                                     "-2*a",
                                     "2*a + 3*b - 4",
                                     "c*(a + b)",
                                     "exp(-a^2)",
                                     "a and not b",
                                     "not (a and b)",
                                     "a or b and c",
                                     "if(a < b, a, b)",
                                     "c*(a < b)",
                                     "a*b*2",
                                     "1e-07*a",
                                     "0.1*a",
                                     "1e+22*a",
                                     "a - b*c",
                                     "-a - b",
                                     "-(a + b)",
                                     "-M*grad(mu)",
                                     "lap(a + b)",
                                     "div(a*b*grad(c))",
                                     "|grad(a)|^2",
                                     "dot(grad(a), grad(b))",
                                     "conv(K, a)",
                                     "d(a, r)",
                                     "integral(r, a)",
                                     "k*(a - b)^3/m"};
  for (size_t k = 0; k < sizeof text / sizeof *text; k++)
    assert_string_equal(Printed(*state, Read(*state, text[k])), text[k]);
}

/* Property: every number prints so that it reads back to the last bit. */
static void Numbers(void **state) {
  Bench *bench = *state;
  uint64_t random = 23;
  for (int k = 0; k < 3000; k++) {
    uint64_t bits = RandomBits(&random);
    double value;
    memcpy(&value, &bits, sizeof value);
    if (!isfinite(value)) continue;
    RhoNode node = RhoGraphConstant(bench->graph, value);
    AssertSameNode(bench, Read(bench, Printed(bench, node)), node);
  }
}

static const char *GreekName(const char *name, void *ctx) {
  (void)ctx;
  return strcmp(name, "phi") == 0 ? "\\phi" : NULL;
}

/* Property: LaTeX as in a paper. */
static void Latex(void **state) {
  static const char *const pair[][2] = {
      {"-M*grad(phi)", "-M \\, \\nabla \\phi"},
      {"phi^3 - phi - k*lap(phi)", "\\phi^{3} - \\phi - k \\, \\nabla^{2} \\phi"},
      {"(a + b)/(2*c)", "\\frac{a + b}{2 \\, c}"},
      {"exp(-a)*sqrt(b)", "\\exp\\left(-a\\right) \\, \\sqrt{b}"},
      {"1.5e-7*a", "1.5 \\times 10^{-7} \\, a"},
      {"1e20*a", "10^{20} \\, a"},
      {"lap(a + b)", "\\nabla^{2} \\left(a + b\\right)"},
      {"|grad(phi)|^2", "\\left|\\nabla \\phi\\right|^{2}"},
      {"div(a*grad(b))", "\\nabla \\cdot \\left(a \\, \\nabla b\\right)"},
      {"(a + b)^2", "\\left(a + b\\right)^{2}"},
      {"|a|", "\\left|a\\right|"},
      {"if(a <= b, 1, c)", "\\begin{cases} 1 & a \\le b \\\\ c & \\text{otherwise} \\end{cases}"},
  };
  Bench *bench = *state;
  for (size_t k = 0; k < sizeof pair / sizeof *pair; k++) {
    RhoText text = RhoTextCreate(bench->arena);
    RhoGraphPrintLatex(bench->graph, Read(bench, pair[k][0]), text, GreekName, OperandName, NULL);
    assert_string_equal(RhoTextGet(text), pair[k][1]);
  }
}

/* Property: a small graph with an enormous text prints a bounded one. */
static void Bounded(void **state) {
  Bench *bench = *state;
  RhoNode node = Read(bench, "x");
  for (int k = 0; k < 200; k++)
    node = RhoGraph2(bench->graph, RHO_FN_MUL, node, RhoGraph1(bench->graph, RHO_FN_EXP, node));
  assert_in_range(strlen(Printed(bench, node)), 1000, 3 << 20);
  node = Read(bench, "x");
  for (int k = 0; k < 100000; k++) node = RhoGraph1(bench->graph, k % 2 ? RHO_FN_SIN : RHO_FN_COS, node);
  assert_non_null(strstr(Printed(bench, node), "..."));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(RoundTrip),
      cmocka_unit_test_setup_teardown(AsWritten, SetupBench, TeardownBench),
      cmocka_unit_test_setup_teardown(Numbers, SetupBench, TeardownBench),
      cmocka_unit_test_setup_teardown(Latex, SetupBench, TeardownBench),
      cmocka_unit_test_setup_teardown(Bounded, SetupBench, TeardownBench),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
