/* The fitted part of a flux is found in every spelling, and only where it is. */
#include "ops_check.h"

typedef struct {
  const char *what, *text;
} Spelling;

static int CountFitted(const Loaded *m, int field) {
  int n = 0;
  for (int k = 0; k < m->eq->equation[field].nterm; k++) n += m->eq->equation[field].term[k].kind == RHO_TERM_FITTED;
  return n;
}

static bool Proved(const Loaded *m, RhoNode a, const char *text) {
  RhoNode b = FormulaOf((Loaded *)m, text);
  return a >= 0 && RhoGraphEqual(m->eq->graph, a, b);
}

/* Every spelling of d_t rho = div(D (T grad rho + rho grad w)) with D = v^2, T = 1, w = log v (up to log's rules). */
static const Spelling quorum[] = {
    {"log(rho) + log(v)", "{mobility: rho*v^2, potential: log(rho) + log(v)}"},
    {"log(rho*v)", "{mobility: rho*v^2, potential: log(rho*v)}"},
    {"log(v*rho)", "{mobility: v^2*rho, potential: log(v*rho)}"},
    {"- log(1/v) + log(rho)", "{mobility: v*(rho*v), potential: '- log(1/v) + log(rho)'}"},
    {"through define", "{mobility: M, potential: mu}"},
    {"two gradients", "{flux: '-rho*v^2*grad(log(v)) - v^2*grad(rho)'}"},
    {"two gradients, factored", "{flux: '-v^2*(rho*grad(log(v)) + grad(rho))'}"},
    {"divided", "{flux: '-(rho/(1/v^2))*grad(log(v)) - grad(rho)*v*v'}"},
    {"one gradient", "{flux: '-rho*v^2*grad(log(rho*v))'}"},
    {"one gradient of a sum", "{flux: '-v*rho*v*grad(log(rho) + log(v))'}"},
    {"flux and drift", "{flux: '-v^2*grad(rho)', drift: '-v^2*grad(log(v))'}"},
    {"potential and drift", "{mobility: rho*v^2, potential: log(rho), drift: '-v^2*grad(log(v))'}"},
};

static Loaded LoadQuorum(const char *equation) {
  char text[2048];
  snprintf(text, sizeof text,
           "dim: 1\n"
           "fields: {rho: density}\n"
           "kernels: {K: {shape: gaussian, width: 1}}\n"
           "define: {v: 'exp(-tanh(conv(K, rho) - 1))', mu: log(v) + log(rho), M: v*v*rho}\n"
           "dynamics: {rho: %s}\n",
           equation);
  return LoadText(1, text);
}

/* Property: one fitted term with density rho, coefficient*T = v^2 and no other term. */
static void FoundInAllSpellings(void **state) {
  (void)state;
  for (int k = 0; k < COUNT(quorum); k++) {
    Loaded m = LoadQuorum(quorum[k].text);
    const RhoEquation *equation = &m.eq->equation[0];
    if (equation->nterm != 1 || equation->term[0].kind != RHO_TERM_FITTED)
      fail_msg("%s: %d terms", quorum[k].what, equation->nterm);
    const RhoTerm *term = &equation->term[0];
    RhoNode cT = RhoGraph2(m.eq->graph, RHO_FN_MUL, term->coef, term->T);
    assert_int_equal(term->density, m.model->field[0].symbol);
    if (!Proved(&m, cT, "v^2")) fail_msg("%s: coefficient", quorum[k].what);
    if (!Proved(&m, term->T, "1")) fail_msg("%s: temperature", quorum[k].what);
    Unload(&m);
  }
}

/* Property: T log c with a number, a parameter, a formula; from a potential or from a free energy. */
static void Temperature(void **state) {
  (void)state;
  static const char *const equation[] = {
      "dynamics: {c: {mobility: c/zeta, potential: T*log(c) + B*c}}",
      "dynamics: {c: {mobility: c/zeta, potential: log(c)*T + B*c + 7}}",
      "dynamics: {c: {mobility: c/zeta, potential: '(2*log(c) + 2*B*c/T)*T/2'}}",
      "free_energy: T*c*(log(c) - 1) + B*c^2/2\ndynamics: {c: {mobility: c/zeta}}",
      "free_energy: T*c*log(c) + B*c^2/2\ndynamics: {c: {mobility: c/zeta}}",
      "dynamics: {c: {flux: '-(T/zeta)*grad(c) - (c/zeta)*grad(B*c)'}}",
  };
  for (int k = 0; k < COUNT(equation); k++) {
    char text[1024];
    snprintf(text, sizeof text, "fields: {c: density}\nparameters: {T: 3, zeta: 2, B: 0.5}\n%s\n", equation[k]);
    Loaded m = LoadText(1, text);
    const RhoTerm *term = &m.eq->equation[0].term[0];
    if (CountFitted(&m, 0) != 1 || m.eq->equation[0].nterm != 1) fail_msg("not fitted: %s", equation[k]);
    if (!Proved(&m, RhoGraph2(m.eq->graph, RHO_FN_MUL, term->coef, term->T), "T/zeta"))
      fail_msg("T of: %s", equation[k]);
    Unload(&m);
  }
}

/* Property: drift and diffusion in given functions of the coordinates, in one direction or in all. */
static void GivenPotentials(void **state) {
  (void)state;
  Loaded m = LoadText(1, "dimensions: [x, q]\nfields: {P: density}\nparameters: {alpha: 2}\n"
                         "define: {U: q^4 - 3*q^2, D: alpha*(U + 2.5), T: 1 + 0.8*x}\n"
                         "dynamics: {P: {flux: {x: '-D*grad(P)', q: '-P*grad(U) - T*grad(P)'}}}\n");
  const RhoEquation *equation = &m.eq->equation[0];
  assert_int_equal(equation->nterm, 2);
  for (int k = 0; k < 2; k++) {
    const RhoTerm *term = &equation->term[k];
    assert_true((term->kind == RHO_TERM_FITTED) == (term->direction == 1));
    if (term->kind != RHO_TERM_FITTED) continue;
    assert_true(Proved(&m, term->T, "T") && Proved(&m, term->coef, "1") && Proved(&m, term->arg, "U"));
  }
  assert_true(m.eq->uses_coordinate);
  Unload(&m);
}

/* Property: T(x) log P leaves the drift -M log(P) grad T beside the fitted term, and a warning. */
static void VaryingTemperature(void **state) {
  (void)state;
  Loaded m = LoadText(1, "dimensions: [x]\nfields: {P: density}\ndefine: {T: 1 + 0.8*x}\n"
                         "dynamics: {P: {mobility: P, potential: T*log(P) + x^2}}\n");
  assert_int_equal(m.eq->equation[0].nterm, 2);
  assert_int_equal(CountFitted(&m, 0), 1);
  assert_int_equal(RhoDiagErrors(m.diag), 0);
  assert_int_equal(RhoDiagCount(m.diag), 1);
  assert_int_equal(RhoDiagIdAt(m.diag, 0), RHO_ID_TEMPERATURE_GRADIENT);
  Unload(&m);
}

/* Property: no fitted term where the temperature would depend on a field, or where there is no diffusion. */
static void NotFoundElsewhere(void **state) {
  (void)state;
  static const char *const equation[] = {
      "{mobility: 1, potential: phi^3 - phi - lap(phi)}",
      "{mobility: phi*(1 - phi), potential: phi^2}",
      "{mobility: '1 + phi^2', potential: log(phi)}",
      "{mobility: phi, potential: phi*log(phi)}",
      "{mobility: phi, potential: log(1 + phi)}",
      "{flux: '-grad(phi) - phi*(1 - phi)*grad(c)'}",
      "{flux: '-(1 + phi^2)*grad(phi) - phi*grad(c)'}",
      "{flux: '-phi*grad(c)'}",
      "{flux: '-grad(phi)'}",
      "{flux: '-grad(c) - c*grad(phi)'}",
  };
  for (int k = 0; k < COUNT(equation); k++) {
    char text[1024];
    snprintf(text, sizeof text, "fields: {phi: density, c: real}\ndynamics: {phi: %s, c: {}}\n", equation[k]);
    Loaded m = LoadText(1, text);
    if (CountFitted(&m, 0) != 0) fail_msg("fitted: %s", equation[k]);
    Unload(&m);
  }
}

/* Property: drifts that can not be in the fitted term stay beside it. */
static void OthersStay(void **state) {
  (void)state;
  Loaded m =
      LoadText(1, "fields: {rho: density, c: real}\nparameters: {D: 2, chi: 3}\n"
                  "dynamics: {rho: {flux: '-D*grad(rho) - chi*rho*grad(c) - rho*(1 - rho)*grad(c^2)'}, c: {}}\n");
  const RhoEquation *equation = &m.eq->equation[0];
  assert_int_equal(CountFitted(&m, 0), 1);
  assert_int_equal(equation->nterm, 2);
  for (int k = 0; k < 2; k++) {
    const RhoTerm *term = &equation->term[k];
    if (term->kind == RHO_TERM_FITTED) assert_true(Proved(&m, term->arg, "chi*c"));
    else assert_true(Proved(&m, term->coef, "-rho*(1 - rho)") && Proved(&m, term->arg, "c^2"));
  }
  Unload(&m);
}

/* Property: nothing is divided by what may vanish: a coordinate's function that is not a factor of the diffusion leaves
   the terms apart, and a parameter stands in no denominator. */
static void NothingVanishesBelow(void **state) {
  (void)state;
  Loaded m = LoadText(1, "dimensions: [x]\nfields: {P: density}\ndefine: {g: x - 1}\n"
                         "dynamics: {P: {flux: '-grad(P) - g*P*grad(x^2)'}}\n");
  assert_int_equal(CountFitted(&m, 0), 0);
  Unload(&m);
  m = LoadText(1, "dimensions: [x]\nfields: {P: density}\ndefine: {g: x - 1}\n"
                  "dynamics: {P: {flux: '-g*(2 + x)*grad(P) - g*P*grad(x^2)'}}\n");
  assert_int_equal(CountFitted(&m, 0), 1);
  assert_true(Proved(&m, m.eq->equation[0].term[0].T, "2 + x"));
  Unload(&m);
  m = LoadText(1, "fields: {rho: density, c: real}\nparameters: {D: 2, chi: 3}\ndefine: {v: 1 + rho^2}\n"
                  "dynamics: {rho: {flux: '-D*v*grad(rho) - chi*v*rho*grad(c)'}, c: {}}\n");
  assert_int_equal(CountFitted(&m, 0), 1);
  assert_true(Proved(&m, m.eq->equation[0].term[0].T, "D"));
  assert_true(Proved(&m, m.eq->equation[0].term[0].arg, "chi*c"));
  Unload(&m);
}

int main(void) {
  const struct CMUnitTest test[] = {cmocka_unit_test(FoundInAllSpellings), cmocka_unit_test(Temperature),
                                    cmocka_unit_test(GivenPotentials),     cmocka_unit_test(VaryingTemperature),
                                    cmocka_unit_test(NotFoundElsewhere),   cmocka_unit_test(OthersStay),
                                    cmocka_unit_test(NothingVanishesBelow)};
  return cmocka_run_group_tests(test, NULL, NULL);
}
