/* Gauss-Legendre rules. */
#include "formula_check.h"

/* Property: n points integrate x^k over [0, 1] exactly up to k = 2 n - 1, and no further. */
static void Exactness(void **state) {
  (void)state;
  for (int n = 1; n <= 24; n++) {
    double x[24], w[24];
    RhoGaussRule(n, x, w);
    for (int k = 0; k <= 2 * n; k++) {
      double sum = 0;
      for (int i = 0; i < n; i++) sum += w[i] * pow(x[i], k);
      double off = fabs(sum * (k + 1) - 1);
      assert_true(off < 1e-13 || k == 2 * n);
      if (k == 2 * n && n < 8) assert_true(off > 1e-10);
    }
    for (int i = 1; i < n; i++) assert_true(x[i] > x[i - 1]);
  }
}

/* Property: the table is the rule of its number of points. */
static void Table(void **state) {
  double x[RHO_GAUSS], w[RHO_GAUSS], weight;
  (void)state;
  RhoGaussRule(RHO_GAUSS, x, w);
  for (int k = 0; k < RHO_GAUSS; k++) {
    double point = RhoGaussPoint(k, &weight), least = 1;
    for (int i = 0; i < RHO_GAUSS; i++)
      if (fabs(x[i] - point) < 1e-15) least = fabs(w[i] - weight);
    assert_true(least < 1e-15);
  }
}

/* Property: P_n has P_n(1) = 1, and the slope is the derivative. */
static void Polynomials(void **state) {
  (void)state;
  for (int n = 0; n < 20; n++) {
    double slope, h = 1e-6, x = 0.3;
    assert_true(fabs(RhoLegendre(n, 1, NULL) - 1) < 1e-14);
    RhoLegendre(n, x, &slope);
    assert_true(fabs(slope - (RhoLegendre(n, x + h, NULL) - RhoLegendre(n, x - h, NULL)) / (2 * h)) <
                1e-7 * (1 + n * n));
  }
}

int main(void) {
  const struct CMUnitTest test[] = {cmocka_unit_test(Exactness), cmocka_unit_test(Table),
                                    cmocka_unit_test(Polynomials)};
  return cmocka_run_group_tests(test, NULL, NULL);
}
