/* index.c - index sets: what is written with letters is, node for node, what is written out. */
#include "check.h"
#include <math.h>

static const char *const base =
    "index: {\"s, n\": [a, b, c], \"i, j\": 1..3}\n"
    "parameters: {\"k[s]\": [1, 2, 3], \"M[s,n]\": \"s + 10*n\", \"w[i]\": {1: 5, 2: 6, 3: 7}}\n"
    "define: {\"g[s]\": \"k[s]*rho[s]^2\", \"sig(x, p)\": \"p*tanh(x/p)\", \"h[s](x)\": \"k[s]*x\"}\n"
    "dynamics:\n  \"rho[s]\": {reaction: \"-k[s]*rho[s]\"}\n  phi: {}\n";

static RhoDiag diag;
static RhoModel model;

static int Setup(void **state) {
  (void)state;
  diag = RhoDiagCreate();
  model = LoadText(diag, base);
  return 0;
}

static int Teardown(void **state) {
  (void)state;
  RhoModelDestroy(&model);
  RhoDiagDestroy(&diag);
  return 0;
}

static void Same(const char *a, const char *b) {
  if (Node(model, a) != Node(model, b))
    fail_msg("%s is %s, %s is %s", a, Printed(model, Node(model, a)), b, Printed(model, Node(model, b)));
}

/* Sums and products over letters are the sums and products written out. */
static void SumsOverLetters(void **state) {
  (void)state;
  Same("sum(s, rho[s])", "rho[a] + rho[b] + rho[c]");
  Same("prod(s, rho[s])", "rho[a]*rho[b]*rho[c]");
  Same("sum(i, w[i]*i)", "w[1]*1 + w[2]*2 + w[3]*3");
  Same("sum(s, sum(i, w[i]*rho[s]))", "sum(i, w[i]*rho[a]) + sum(i, w[i]*rho[b]) + sum(i, w[i]*rho[c])");
  Same("sum(s, n, s < n, rho[s]*rho[n])", "rho[a]*rho[b] + rho[a]*rho[c] + rho[b]*rho[c]");
  Same("sum(n, n != 2, rho[n])", "rho[a] + rho[c]");
  Same("sum(n, n > 5, rho[n])", "0");
  Same("prod(n, n > 5, rho[n])", "1");
  Same("sum(s, grad(rho[s]))", "grad(rho[a]) + grad(rho[b]) + grad(rho[c])");
}

/* Defines and functions are what they stand for. */
static void Expansions(void **state) {
  (void)state;
  Same("g[b]", "k[b]*rho[b]^2");
  Same("sum(s, g[s])", "k[a]*rho[a]^2 + k[b]*rho[b]^2 + k[c]*rho[c]^2");
  Same("sig(rho[a] + 1, k[b])", "k[b]*tanh((rho[a] + 1)/k[b])");
  Same("sum(s, h[s](phi))", "k[a]*phi + k[b]*phi + k[c]*phi");
  Same("sig(sig(phi, 2), 3)", "3*tanh(2*tanh(phi/2)/3)");
}

/* Vectors: every way to write the same combination of gradients. */
static void Vectors(void **state) {
  (void)state;
  Same("div(grad(phi))", "lap(phi)");
  Same("div(2*grad(phi))", "2*lap(phi)");
  Same("div(-grad(phi))", "-lap(phi)");
  Same("|grad(phi)|^2", "dot(grad(phi), grad(phi))");
  Same("dot(grad(rho[a]), grad(phi))", "dot(grad(phi), grad(rho[a]))");
  Same("dot(2*grad(phi), grad(rho[a]) + grad(rho[b]))",
       "2*dot(grad(phi), grad(rho[a])) + 2*dot(grad(phi), grad(rho[b]))");
  Same("div(phi*grad(rho[a]) + rho[a]*grad(phi))", "div(phi*grad(rho[a])) + div(rho[a]*grad(phi))");
  Same("div(phi*(grad(rho[a]) + grad(rho[b])))", "div(phi*grad(rho[a])) + div(phi*grad(rho[b]))");
  Same("|-phi|", "abs(phi)");
  Same("|phi|^2", "abs(phi)^2");
  Same("div(if(phi > 0, grad(phi), 2*grad(phi)))", "div((if(phi > 0, 1, 0) + if(phi > 0, 0, 2))*grad(phi))");
}

/* Matrix parameters by formula and by list; elements in the order of the sets, the last index fastest. */
static void Matrices(void **state) {
  (void)state;
  double *value = calloc((size_t)model->nparameter + 2, sizeof *value);
  assert_int_equal(RhoModelBind(model, 1, 0, NULL, value), RHO_OK);
  static const char *const name[] = {"k[a]", "k[b]", "k[c]", "M[a,a]", "M[a,b]", "M[a,c]", "M[b,a]"};
  static const double expect[] = {1, 2, 3, 11, 21, 31, 12};
  for (int k = 0; k < 7; k++) {
    assert_string_equal(model->parameter[k].name, name[k]);
    assert_true(value[k] == expect[k]);
  }
  free(value);
}

/* A key for one member takes precedence over the key for all, in any order. */
static void Precedence(void **state) {
  (void)state;
  RhoDiag d = RhoDiagCreate();
  RhoModel m =
      LoadText(d, "index: {s: [a, b]}\nparameters: {\"k[b]\": 7, \"k[s]\": 1}\n"
                  "dynamics:\n  \"rho[s]\": {reaction: \"-rho[s]\", noise: \"k[s]\"}\n  \"rho[b]\": {noise: none}\n");
  double value[4];
  assert_int_equal(m->nparameter, 2);
  assert_int_equal(RhoModelBind(m, 1, 0, NULL, value), RHO_OK);
  assert_true(value[0] == 1 && value[1] == 7);
  assert_int_equal(m->field[0].nnoise, 1);
  assert_true(m->field[0].noise[0].flux && m->field[0].noise[0].amplitude >= 0);
  assert_int_equal(m->field[1].nnoise, 0);
  assert_true(m->field[1].reaction >= 0);
  RhoModelDestroy(&m);
  RhoDiagDestroy(&d);
}

/* Exchanges for all pairs are those written one by one. */
static void Exchanges(void **state) {
  (void)state;
  RhoDiag d = RhoDiagCreate();
  RhoModel m =
      LoadText(d, "index: {\"i, j\": 1..3}\nparameters: {\"k[i,j]\": \"i + j\"}\ndynamics: {\"P[i]\": {}, c: {}}\n"
                  "exchange:\n  - {for: \"i, j\", if: \"i < j\", from: \"P[i]\", to: \"P[j]\", rate: \"k[j,i]*P[i]\", "
                  "back: \"k[i,j]*P[j]\"}\n  - {from: \"2 c + P[1]\", to: \"3*P[2]\", rate: c^2}\n");
  static const double change[4][4] = {{-1, 1, 0, 0}, {-1, 0, 1, 0}, {0, -1, 1, 0}, {-1, 3, 0, -2}};
  static const char *const rate[] = {"k[2,1]*P[1] - k[1,2]*P[2]", "k[3,1]*P[1] - k[1,3]*P[3]",
                                     "k[3,2]*P[2] - k[2,3]*P[3]", "c^2"};
  assert_int_equal(m->nexchange, 4);
  for (int e = 0; e < 4; e++) {
    for (int f = 0; f < 4; f++) assert_true(m->exchange[e].change[f] == change[e][f]);
    assert_int_equal(m->exchange[e].rate, Node(m, rate[e]));
  }
  RhoModelDestroy(&m);
  RhoDiagDestroy(&d);
}

/* Components of a flux: grad is the derivative along the component's dimension. */
static void Components(void **state) {
  (void)state;
  RhoDiag d = RhoDiagCreate();
  RhoModel m = LoadText(d, "dimensions: [x, q]\ndefine: {U: q^4, J: \"-grad(P)\"}\ndynamics:\n  P:\n"
                           "    flux: {x: \"x*J\", q: \"-P*grad(U) - (1 + |grad(P)|^2)*grad(P) + q*P\"}\n"
                           "    drift: {x: q}\n");
  assert_int_equal(m->field[0].flux[0], Node(m, "-(x*d(P, x))"));
  assert_int_equal(m->field[0].flux[1], Node(m, "-P*d(U, q) - (1 + dot(grad(P), grad(P)))*d(P, q) + q*P"));
  assert_int_equal(m->field[0].drift[0], Node(m, "q"));
  assert_int_equal(m->field[0].drift[1], RHO_NONE);
  assert_int_equal(m->dim, 1);
  assert_true(m->internal[1] && !m->internal[0]);
  RhoModelDestroy(&m);
  RhoDiagDestroy(&d);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(SumsOverLetters), cmocka_unit_test(Expansions),
                                     cmocka_unit_test(Vectors),         cmocka_unit_test(Matrices),
                                     cmocka_unit_test(Precedence),      cmocka_unit_test(Exchanges),
                                     cmocka_unit_test(Components)};
  return cmocka_run_group_tests_name("index", tests, Setup, Teardown);
}
