/* What is derived from a free energy is written as one would write it. */
#include "ops_check.h"

static const char head[] = "parameters: {a: -1, b: 1, kappa: 1, T: 1}\nkernels: {K: {shape: gaussian, width: 1}}\n"
                           "define: {n: \"a + phi^2\", h: \"(a + b)/(T + b)\"}\nfields: {phi: density}\n"
                           "dynamics: {phi: {mobility: phi}}\nfree_energy: ";

static Loaded LoadEnergy(const char *energy) {
  char text[1024];
  snprintf(text, sizeof text, "%s\"%s\"", head, energy);
  return LoadText(1, text);
}

static const char *TextOf(const Loaded *m, RhoNode node) {
  RhoText text = RhoTextCreate(m->model->arena);
  RhoGraphPrint(m->eq->graph, node, text, RhoOperandName, m->eq);
  return RhoTextGet(text);
}

/* Property: the potentials of known free energies are the formulas of the textbooks. */
static void Potentials(void **state) {
  static const char *const pair[][2] = {
      {"a/2*phi^2 + b/4*phi^4 + kappa/2*|grad(phi)|^2", "a*phi + b*phi^3 - kappa*lap(phi)"},
      {"T*phi*(log(phi) - 1) + b*phi^2/2", "T*log(phi) + b*phi"},
      {"T*(phi*log(phi) + (1 - phi)*log(1 - phi)) + a*phi*(1 - phi)", "a + T*log(phi) - T*log(1 - phi) - 2*a*phi"},
      {"(phi^2 - 1)^2/4", "phi^3 - phi"},
      {"phi*conv(K, phi)/2", "conv(K, phi)"},
      {"phi^2/2 + phi*lap(phi) + lap(phi)^2/2", "phi + 2*lap(phi) + lap(lap(phi))"},
      {"(1 + phi^2)*|grad(phi)|^2/2", "phi*|grad(phi)|^2 - div((phi^2 + 1)*grad(phi))"},
  };
  (void)state;
  for (int k = 0; k < COUNT(pair); k++) {
    Loaded m = LoadEnergy(pair[k][0]);
    assert_string_equal(TextOf(&m, m.eq->equation[0].potential), pair[k][1]);
    Unload(&m);
  }
}

/* Property: definitions stay in them, so that they are computed once and printed by name. */
static void Definitions(void **state) {
  static const char *const pair[][2] = {{"b*n^2", "a + phi^2"}, {"h*phi^2", "(a + b)/(T + b)"}};
  (void)state;
  for (int k = 0; k < COUNT(pair); k++) {
    Loaded m = LoadEnergy(pair[k][0]);
    RhoNode definition = FormulaOf(&m, pair[k][1]);
    assert_true(RhoGraphDependsOn(m.eq->graph, m.eq->equation[0].potential, 1, &definition));
    Unload(&m);
  }
}

/* Property: the ideal part T*(phi log phi - phi) of a free energy leaves no trace in the excess, and the flux is
 * fitted. */
static void IdealPart(void **state) {
  static const char *const pair[][2] = {{"T*phi*(log(phi) - 1)", NULL},
                                        {"phi*T*log(phi) - T*phi", NULL},
                                        {"T*phi*(log(phi) - 1) + b*phi^2", "2*b*phi"},
                                        {"T*phi*log(phi/kappa) + b*phi^2", "T*(1 + log(1/kappa)) + 2*b*phi"}};
  (void)state;
  for (int k = 0; k < COUNT(pair); k++) {
    Loaded m = LoadEnergy(pair[k][0]);
    RhoNode T, excess, expected = pair[k][1] ? FormulaOf(&m, pair[k][1]) : RHO_NONE;
    assert_true(RhoPotentialSplit(m.eq, 0, &T, &excess));
    assert_int_equal(T, FormulaOf(&m, "T"));
    assert_true(RhoGraphEqual(m.eq->graph, excess, expected));
    if (!pair[k][1]) assert_int_equal(excess, RHO_NONE);
    assert_int_equal(m.eq->equation[0].nterm, 1);
    assert_int_equal(m.eq->equation[0].term[0].kind, RHO_TERM_FITTED);
    Unload(&m);
  }
}

/* Property: a potential that the user gave stays as it was given, domain errors and all. */
static void GivenStays(void **state) {
  (void)state;
  Loaded m = LoadText(1, "parameters: {T: 1}\nfields: {phi: density}\n"
                         "dynamics: {phi: {mobility: phi, potential: \"T*log(phi) + phi*(1/phi) + T - T\"}}");
  RhoNode T, excess, phi = m.model->field[0].symbol, inverse = FormulaOf(&m, "1/phi");
  assert_true(RhoPotentialSplit(m.eq, 0, &T, &excess));
  assert_true(RhoGraphDependsOn(m.eq->graph, excess, 1, &inverse));
  assert_true(RhoGraphDependsOn(m.eq->graph, m.eq->equation[0].potential, 1, &phi));
  Unload(&m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(Potentials),
      cmocka_unit_test(Definitions),
      cmocka_unit_test(IdealPart),
      cmocka_unit_test(GivenStays),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
