/* The variational derivative of a functional against difference quotients of its value on the sample grid. */
#include "random_formula.h"
#include "ops_private.h"

enum { NFORMULA = 150 };

typedef struct {
  Loaded m;
  RhoSample grid;
  RhoArena arena;
  double *u[2], *v[2], *moved[2], *one;
} Bench;

static Bench Open(int ndim, int n) {
  Bench b = {.m = LoadText(2, random_model), .arena = RhoArenaCreate()};
  uint64_t seed = 5;
  Require(&b.m, rho_sample_create(b.m.eq, b.arena, b.m.value, ndim, n, 3, &b.grid), "grid");
  for (int i = 0; i < 2; i++) {
    b.u[i] = rho_sample_wave(b.grid, &seed, 0.3, 0.8, false);
    b.v[i] = rho_sample_wave(b.grid, &seed, 0.5, 1, false);
    b.moved[i] = rho_sample_wave(b.grid, &seed, 0, 0, false);
  }
  b.one = rho_sample_wave(b.grid, &seed, 1, 0, false);
  return b;
}

static void Close(Bench *b) {
  RhoArenaDestroy(&b->arena);
  Unload(&b->m);
}

/* int density dr at u + s v; everything computed is forgotten again. */
static double Functional(Bench *b, RhoNode density, double s) {
  RhoArena work = RhoArenaCreate();
  rho_sample_begin(b->grid, work);
  for (int i = 0; i < 2; i++) {
    for (int p = 0; p < rho_sample_points(b->grid); p++) b->moved[i][p] = b->u[i][p] + s * b->v[i][p];
    rho_sample_set(b->grid, b->m.model->field[i].symbol, b->moved[i]);
  }
  const double *f = rho_sample_values(b->grid, density);
  assert_non_null(f);
  double value = rho_sample_product(b->grid, f, b->one);
  RhoArenaDestroy(&work);
  return value;
}

/* Central differences with one extrapolation: fourth order. */
static double Quotient(Bench *b, RhoNode density) {
  double h = 2e-3;
  double coarse = (Functional(b, density, h) - Functional(b, density, -h)) / (2 * h);
  double fine = (Functional(b, density, h / 2) - Functional(b, density, -h / 2)) / h;
  return fine + (fine - coarse) / 3;
}

/* sum_i int v_i delta F/delta u_i; size gets the sum of the moduli. */
static double Directional(Bench *b, RhoNode density, double *size) {
  RhoArena work = RhoArenaCreate();
  double sum = 0;
  RhoNode derivative[2];
  for (int i = 0; i < 2; i++) derivative[i] = RhoVariationalDerivative(b->m.eq, density, b->m.model->field[i].symbol);
  rho_sample_begin(b->grid, work);
  for (int i = 0; i < 2; i++) rho_sample_set(b->grid, b->m.model->field[i].symbol, b->u[i]);
  *size = 1e-3;
  for (int i = 0; i < 2; i++) {
    const double *values = rho_sample_values(b->grid, derivative[i]);
    assert_non_null(values);
    sum += rho_sample_product(b->grid, values, b->v[i]);
    *size += sqrt(rho_sample_product(b->grid, values, values) * rho_sample_product(b->grid, b->v[i], b->v[i]));
  }
  RhoArenaDestroy(&work);
  return sum;
}

static void Compare(Bench *b, const char *text) {
  double size;
  RhoNode density = FormulaOf(&b->m, text);
  double exact = Directional(b, density, &size), quotient = Quotient(b, density);
  if (!(fabs(exact - quotient) <= 2e-8 * size)) fail_msg("%.15g against %.15g: %s", exact, quotient, text);
}

/* Property: <delta F/delta u, v> = d/ds F[u + s v] for random functionals, in one and two dimensions. */
static void RandomFunctionals(void **state) {
  (void)state;
  for (int ndim = 1; ndim <= 2; ndim++) {
    Bench b = Open(ndim, ndim == 1 ? 24 : 8);
    uint64_t seed = 11;
    for (int k = 0; k < NFORMULA; k++) {
      char text[8192];
      RandomFormula(&seed, 1 + k % 3, text, sizeof text);
      Compare(&b, text);
    }
    Close(&b);
  }
}

/* Property: the same for the free energies people write. */
static void KnownFunctionals(void **state) {
  (void)state;
  static const char *const text[] = {
      "a^4/4 - a^2/2 + k*|grad(a)|^2/2", "(1 + a^2)*|grad(a)|^2/2", "k*dot(grad(a), grad(b)) + p*a*b",
      "a*conv(K, b)/2 + b*conv(Y, a)",   "lap(a)^2/2 + a*lap(b)",   "exp(a)*(a - 1) + p*log(1 + a^2)*b",
  };
  Bench b = Open(2, 10);
  for (int k = 0; k < COUNT(text); k++) Compare(&b, text[k]);
  Close(&b);
}

/* Property: delta/delta phi of (1/2)k|grad phi|^2 + f(phi) is f' - k lap phi, by algebra. */
static void SquareGradient(void **state) {
  (void)state;
  Loaded m = LoadText(1, random_model);
  RhoNode density = FormulaOf(&m, "a^4/4 - a^2/2 + k*|grad(a)|^2/2"), mu = FormulaOf(&m, "a^3 - a - k*lap(a)");
  assert_true(RhoGraphEqual(m.eq->graph, RhoVariationalDerivative(m.eq, density, m.model->field[0].symbol), mu));
  Unload(&m);
}

/* Property: no log of a density is divided by it: c log c - c gives log c, free of c/c. */
static void NoQuotients(void **state) {
  (void)state;
  Loaded m = LoadText(1, random_model);
  RhoNode density = FormulaOf(&m, "p*a*(log(a) - 1)");
  RhoNode mu = RhoVariationalDerivative(m.eq, density, m.model->field[0].symbol);
  double state0[2] = {0, 0}, state1[2] = {2, 0};
  assert_true(isinf(RhoLocalValue(m.eq, mu, m.value, state0)));
  assert_near(RhoLocalValue(m.eq, mu, m.value, state1), 0.7 * log(2), 1e-15, "p log a");
  Unload(&m);
}

/* Property: the homogeneous limit of a variational derivative is the derivative of the homogeneous limit. */
static void LimitsCommute(void **state) {
  (void)state;
  Loaded m = LoadText(2, random_model);
  uint64_t seed = 3;
  RhoNode one = RhoGraphConstant(m.eq->graph, 1);
  for (int k = 0; k < 200; k++) {
    char text[8192];
    RandomFormula(&seed, 1 + k % 3, text, sizeof text);
    RhoNode density = FormulaOf(&m, text), field = m.model->field[k % 2].symbol;
    RhoNode first = RhoHomogeneous(m.eq, RhoVariationalDerivative(m.eq, density, field));
    RhoNode second = RhoGraphDifferential(m.eq->graph, RhoHomogeneous(m.eq, density), 1, &field, &one, 0);
    double u[2] = {Uniformly(&seed, -1, 1), Uniformly(&seed, -1, 1)};
    assert_near(RhoLocalValue(m.eq, first, m.value, u), RhoLocalValue(m.eq, second, m.value, u), 1e-12, text);
  }
  Unload(&m);
}

int main(void) {
  const struct CMUnitTest test[] = {cmocka_unit_test(RandomFunctionals), cmocka_unit_test(KnownFunctionals),
                                    cmocka_unit_test(SquareGradient), cmocka_unit_test(NoQuotients),
                                    cmocka_unit_test(LimitsCommute)};
  return cmocka_run_group_tests(test, NULL, NULL);
}
