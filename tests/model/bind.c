/* bind.c - values of parameters: formulas of others in any order, settings, dim, K(0). */
#include "check.h"
#include <math.h>

static double ValueOf(RhoModel model, const double *value, const char *name) {
  for (int k = 0; k < model->nparameter; k++)
    if (!strcmp(model->parameter[k].name, name)) return value[k];
  fail_msg("no parameter %s", name);
  return NAN;
}

/* Each parameter needs only earlier ones, however the file orders them. */
static void Order(void **state) {
  (void)state;
  uint64_t seed = 7;
  for (int round = 0; round < 50; round++) {
    char text[2000] = "parameters:\n";
    int order[10];
    for (int k = 0; k < 10; k++) order[k] = k;
    for (int k = 9; k > 0; k--) {
      int other = Random(&seed, k + 1), keep = order[k];
      order[k] = order[other];
      order[other] = keep;
    }
    for (int k = 0; k < 10; k++) {
      char line[80];
      if (order[k] == 0) snprintf(line, sizeof line, "  p0: 1\n");
      else snprintf(line, sizeof line, "  p%d: \"p%d + p%d\"\n", order[k], order[k] - 1, Random(&seed, order[k]));
      strcat(text, line);
    }
    strcat(text, "dynamics: {phi: {}}\n");
    RhoDiag diag = RhoDiagCreate();
    RhoModel model = LoadText(diag, text);
    for (int k = 0; k < model->nparameter; k++)
      for (int l = k; l < model->nparameter; l++)
        assert_false(RhoGraphDependsOn(model->graph, model->parameter[k].formula, 1, &model->parameter[l].symbol));
    RhoModelDestroy(&model);
    RhoDiagDestroy(&diag);
  }
}

/* A setting replaces a number or a formula; formulas of others follow it; the last setting holds. */
static void Settings(void **state) {
  (void)state;
  RhoDiag diag = RhoDiagCreate();
  RhoModel model =
      LoadText(diag, "index: {i: [A, B]}\nparameters: {a: 2, b: \"3*a\", \"T[i]\": \"b + i\", c: \"T[B]\"}\n"
                     "dynamics: {phi: {}}\n");
  double value[8];
  const RhoSetting setting[] = {{"a", 1, RHO_NOWHERE}, {"a", 5, RHO_NOWHERE}, {"T[ B ]", 0.25, RHO_NOWHERE}};
  assert_int_equal(RhoModelBind(model, 2, 3, setting, value), RHO_OK);
  assert_true(ValueOf(model, value, "b") == 15);
  assert_true(ValueOf(model, value, "T[A]") == 16);
  assert_true(ValueOf(model, value, "T[B]") == 0.25);
  assert_true(ValueOf(model, value, "c") == 0.25);
  assert_true(value[model->nparameter] == 2 && value[model->nparameter + 1] == 0);
  const RhoSetting wrong[] = {{"aa", 1, RHO_NOWHERE}, {"T", 1, RHO_NOWHERE}, {"b", NAN, RHO_NOWHERE}};
  assert_int_equal(RhoModelBind(model, 2, 3, wrong, value), RHO_INPUT);
  assert_int_equal(RhoDiagErrors(diag), 3);
  RhoModelDestroy(&model);
  RhoDiagDestroy(&diag);
}

/* Settings and states from a map, elements by list, map and key. */
static void Maps(void **state) {
  (void)state;
  RhoDiag diag = RhoDiagCreate();
  RhoModel model = LoadText(diag, "index: {\"i, j\": [A, B]}\nparameters: {k: 1, \"T[i]\": 1, \"M[i,j]\": 0}\n"
                                  "dynamics: {\"c[i]\": {}, phi: {}}\n");
  const char *text = "{p: {\"T[A]\": 7, \"T[i]\": [1, 2], k: 2*pi, \"M[i,j]\": {A: [1, 2], B: {A: 3, B: 4}}}, "
                     "u: {\"c[i]\": {A: 0.1, B: 0.2}, phi: -1}, v: {phi: 1}}";
  const RhoYaml *tree = RhoYamlRead(model->arena, diag, RhoDiagAddSource(diag, "case", text, strlen(text)));
  const RhoSetting *setting;
  int n;
  double value[16], u[3];
  assert_int_equal(RhoModelSettings(model, RhoYamlFind(tree, "p"), &n, &setting), RHO_OK);
  assert_int_equal(RhoModelBind(model, 1, n, setting, value), RHO_OK);
  assert_true(ValueOf(model, value, "T[A]") == 7 && ValueOf(model, value, "T[B]") == 2);
  assert_true(ValueOf(model, value, "M[A,B]") == 2 && ValueOf(model, value, "M[B,A]") == 3);
  assert_true(ValueOf(model, value, "k") == 2 * M_PI);
  assert_int_equal(RhoModelState(model, RhoYamlFind(tree, "u"), u), RHO_OK);
  assert_true(u[0] == 0.1 && u[1] == 0.2 && u[2] == -1);
  assert_int_equal(RhoModelState(model, RhoYamlFind(tree, "v"), u), RHO_INPUT);
  assert_int_equal(RhoDiagIdAt(diag, 0), RHO_ID_MISSING_KEY);
  RhoModelDestroy(&model);
  RhoDiagDestroy(&diag);
}

/* dim: the model's own, else its spatial dimensions, else the mesh's; needed only where it is used. */
static void Dim(void **state) {
  (void)state;
  double value[4];
  RhoDiag diag = RhoDiagCreate();
  RhoModel model = LoadText(diag, "parameters: {a: \"1/dim\"}\ndynamics: {phi: {}}\n");
  assert_true(model->uses_dim);
  assert_int_equal(RhoModelBind(model, 3, 0, NULL, value), RHO_OK);
  assert_true(value[0] == 1. / 3);
  assert_int_equal(RhoModelBind(model, 0, 0, NULL, value), RHO_INPUT);
  assert_int_equal(RhoDiagIdAt(diag, 0), RHO_ID_DIM_NEEDED);
  RhoModelDestroy(&model);
  model = LoadText(diag, "dim: 2\nparameters: {a: \"1/dim\"}\ndynamics: {phi: {}}\n");
  assert_int_equal(RhoModelBind(model, 1, 0, NULL, value), RHO_OK);
  assert_true(value[0] == 0.5);
  RhoModelDestroy(&model);
  model = LoadText(diag, "dimensions: [x1, v, x2]\nparameters: {a: \"1/dim\"}\ndynamics: {phi: {}}\n");
  assert_int_equal(model->dim, 2);
  RhoModelDestroy(&model);
  model = LoadText(diag, "parameters: {a: 1}\ndynamics: {phi: {}}\n");
  assert_int_equal(RhoModelBind(model, 0, 0, NULL, value), RHO_OK);
  RhoModelDestroy(&model);
  RhoDiagDestroy(&diag);
}

/* K(0) in parameters: exp(-1)/Z of the bump.  Z1: reference: independent quadrature, 40 digits. */
static void KernelAtZero(void **state) {
  (void)state;
  double value[16];
  RhoDiag diag = RhoDiagCreate();
  RhoModel model = LoadText(diag, "parameters: {self: \"on*K(0)/Omega\", on: 1, Omega: 4, l: 2}\n"
                                  "kernels: {K: {shape: bump, radius: l}}\ndynamics: {phi: {}}\n");
  assert_int_equal(RhoModelBind(model, 1, 0, NULL, value), RHO_OK);
  assert_float_equal(ValueOf(model, value, "self"), exp(-1) / (2 * 0.44399381616807937) / 4, 1e-12);
  const RhoSetting setting = {"l", 1, RHO_NOWHERE};
  assert_int_equal(RhoModelBind(model, 1, 1, &setting, value), RHO_OK);
  assert_float_equal(ValueOf(model, value, "self"), exp(-1) / 0.44399381616807937 / 4, 1e-12);
  RhoModelDestroy(&model);
  RhoDiagDestroy(&diag);
}

/* Names of the caller come first; extents are symbols of their own; checks hold what the file says. */
static void Formulas(void **state) {
  (void)state;
  RhoDiag diag = RhoDiagCreate();
  RhoModel model = LoadShipped(diag, "two_temperature");
  RhoNode own = RhoGraphSymbol(model->graph, RHO_SYM_TRACE, "own");
  const char *name = "c";
  RhoFormula text = {.text = "2*c", .nbyte = 3, .source = -1};
  RhoNode node = RhoModelFormula(model, text, 1, &name, &own);
  assert_true(RhoGraphDependsOn(model->graph, node, 1, &own));
  Node(model, "sum(i, c[i]*x/Lx)");
  assert_true(model->extent[0] >= 0 && model->extent[1] < 0);
  assert_int_equal(model->check[3].kind, RHO_CHECK_VALUE);
  assert_true(model->check[3].state[0] == 0.1 && model->check[3].state[1] == 0.2);
  assert_int_equal(model->check[9].nset, 4);
  assert_string_equal(model->check[9].set_name[3], "zeta[B]");
  assert_true(model->check[9].set_value[3] == 2 && model->check[9].q[0] == 1);
  assert_string_equal(RhoModelLatex("c[A]", model), "c_{A}");
  assert_string_equal(RhoModelLatex("rho_0", model), "\\rho_{0}");
  assert_string_equal(RhoModelLatex("k21", model), "k_{21}");
  assert_string_equal(RhoModelLatex("alpha_eff", model), "\\alpha_{\\mathrm{eff}}");
  assert_string_equal(RhoModelLatex("Tbar[A,B]", model), "\\bar{T}_{A,B}");
  assert_string_equal(RhoModelLatex("rhohat", model), "\\hat{\\rho}");
  assert_string_equal(RhoModelLatex("bar", model), "\\mathrm{bar}");
  assert_string_equal(RhoModelLatex("crossbar", model), "\\mathrm{crossbar}");
  RhoModelDestroy(&model);
  RhoDiagDestroy(&diag);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(Order),        cmocka_unit_test(Settings),
                                     cmocka_unit_test(Maps),         cmocka_unit_test(Dim),
                                     cmocka_unit_test(KernelAtZero), cmocka_unit_test(Formulas)};
  return cmocka_run_group_tests_name("bind", tests, NULL, NULL);
}
