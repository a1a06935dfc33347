/* samples.c - errors of means mean what they say, correlations in time included; memory stays bounded. */
#include "known.h"

enum { LENGTH = 1000, SERIES = 400 };

/* x_k = r x_(k-1) + sqrt(1 - r^2) g: the variance of the mean is (1 + r)/(1 - r)/n. */
static void Autoregressive(long series, double r, double *x) {
  double y = Gaussian(series, 0);
  for (int k = 0; k < LENGTH; k++) {
    x[k] = 3 + y;
    y = r * y + sqrt(1 - r * r) * Gaussian(series, k + 1);
  }
}

static void test_correlated(void **state) {
  static const double decay[] = {0, 0.5, 0.9};
  static double x[LENGTH];
  (void)state;
  for (int d = 0; d < 3; d++) {
    double r = decay[d], error = sqrt((1 + r) / (1 - r) / LENGTH), ratio = 0, tau, times = 0;
    Scores s = {0};
    for (long k = 0; k < SERIES; k++) {
      Autoregressive(1000 * d + k, r, x);
      RhoEstimate e = rho_estimate(LENGTH, x, &tau);
      Score(&s, e.value, 3, e.error);
      ratio += e.error / error / SERIES;
      times += tau / SERIES;
    }
    Calibrated(&s);
    Near(ratio, 1, 0.02);
    Near(times, 0.5 * (1 + r) / (1 - r), 0.03);
  }
}

/* Anticorrelation is not believed: the error is that of independent values. */
static void test_anticorrelated(void **state) {
  static double x[LENGTH];
  double ratio = 0;
  (void)state;
  for (long k = 0; k < SERIES; k++) {
    Autoregressive(9000 + k, -0.4, x);
    ratio += rho_estimate(LENGTH, x, NULL).error / sqrt(1.0 / LENGTH) / SERIES;
  }
  Near(ratio, 1, 0.02);
}

static void test_few(void **state) {
  (void)state;
  assert_true(isnan(rho_estimate(0, NULL, NULL).value));
  assert_true(isnan(rho_estimate(1, (const double[]){2}, NULL).error));
  Near(rho_estimate(1, (const double[]){2}, NULL).value, 2, 0);
  Near(rho_estimate(3, (const double[]){2, 2, 2}, NULL).error, 0, 0);
}

/* 300001 states in no more than 65536 rows, each the mean of eight successive ones, the last states counted too. */
static void test_bounded(void **state) {
  RhoSamples s;
  double *y, sum = 0;
  long n = 300001;
  (void)state;
  OK(rho_samples_create(1, false, &s));
  for (long k = 0; k < n; k++) {
    s.next[0] = (double)k;
    sum += (double)k;
    OK(rho_samples_add(&s, (double)k));
  }
  assert_true(s.nrow <= 65536 && s.nrow >= 32768);
  assert_int_equal(s.per, 8);
  assert_int_equal(s.nrow, n / 8);
  y = malloc((size_t)s.nrow * sizeof *y);
  rho_samples_series(&s, 0, y);
  for (PetscInt k = 0; k < s.nrow; k++) Near(y[k], 8.0 * k + 3.5, 1e-14);
  Near(rho_samples_mean(&s, 0), sum / (double)n, 1e-14);
  assert_int_equal(s.nsample, n);
  free(y);
  OK(rho_samples_destroy(&s));
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(test_correlated), cmocka_unit_test(test_anticorrelated),
                                          cmocka_unit_test(test_few), cmocka_unit_test(test_bounded)};
RUN(tests)
