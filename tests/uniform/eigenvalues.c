/* Eigenvalues and right eigenvectors of small complex matrices. */
#include "uniform_check.h"

enum { MOST = 12 };

static void Fill(uint64_t *seed, int n, double complex *A) {
  for (int k = 0; k < n * n; k++) A[k] = Uniformly(seed, -1, 1) + I * Uniformly(seed, -1, 1);
}

/* Property: A v = lambda v, |v| = 1, real parts descend, the traces of A and A^2 are the sums of lambda and lambda^2.
 */
static void RandomMatrices(void **state) {
  (void)state;
  uint64_t seed = 7;
  for (int k = 0; k < 200; k++) {
    int n = 1 + k % MOST;
    double complex A[MOST * MOST], B[MOST * MOST], lambda[MOST], v[MOST * MOST], trace = 0, trace2 = 0;
    Fill(&seed, n, A);
    memcpy(B, A, sizeof B);
    assert_int_equal(RhoEigenvalues(n, B, lambda, v), RHO_OK);
    for (int m = 0; m < n; m++) {
      double norm = 0;
      for (int i = 0; i < n; i++) {
        double complex sum = -lambda[m] * v[m * n + i];
        for (int j = 0; j < n; j++) sum += A[i * n + j] * v[m * n + j];
        assert_true(cabs(sum) < 1e-12);
        norm += creal(v[m * n + i] * conj(v[m * n + i]));
      }
      assert_true(fabs(norm - 1) < 1e-14);
      if (m) assert_true(creal(lambda[m]) <= creal(lambda[m - 1]) + 1e-12);
      trace += lambda[m] - A[m * n + m];
      trace2 += lambda[m] * lambda[m];
    }
    for (int i = 0; i < n; i++)
      for (int j = 0; j < n; j++) trace2 -= A[i * n + j] * A[j * n + i];
    assert_true(cabs(trace) < 1e-12 && cabs(trace2) < 1e-11);
  }
}

/* Property: with and without eigenvectors the same eigenvalues, to round-off. */
static void WithoutVectors(void **state) {
  (void)state;
  uint64_t seed = 8;
  double complex A[25], B[25], C[25], lambda[5], other[5], v[25];
  Fill(&seed, 5, A);
  memcpy(B, A, sizeof A);
  memcpy(C, A, sizeof A);
  assert_int_equal(RhoEigenvalues(5, B, lambda, v) | RhoEigenvalues(5, C, other, NULL), RHO_OK);
  for (int k = 0; k < 5; k++) assert_true(cabs(lambda[k] - other[k]) < 1e-13);
}

/* Property: of a pair the one with positive frequency comes first; real parts are compared up to round-off. */
static void OrderOfPairs(void **state) {
  (void)state;
  double complex A[9] = {-1, 2, 0, -2, -1, 0, 0, 0, -3}, lambda[3], v[9];
  assert_int_equal(RhoEigenvalues(3, A, lambda, v), RHO_OK);
  assert_true(cabs(lambda[0] - (-1 + 2 * I)) < 1e-14 && cabs(lambda[1] - (-1 - 2 * I)) < 1e-14);
  assert_true(cabs(lambda[2] + 3) < 1e-14 && cabs(v[8] - 1) < 1e-14);
}

/* Property: a matrix that is not finite gives NaN and says so. */
static void NotFinite(void **state) {
  (void)state;
  double complex A[4] = {1, NAN, 0, 1}, lambda[2], v[4];
  assert_int_equal(RhoEigenvalues(2, A, lambda, v), RHO_INPUT);
  assert_true(isnan(creal(lambda[0])) && isnan(creal(lambda[1])) && isnan(creal(v[3])));
}

/* Property: many wavevectors at once are what they are one by one, in any direction of an isotropic model. */
static void ManyWavevectors(void **state) {
  (void)state;
  enum { N = 9 };
  static const double u[2] = {0.7, 1.2};
  Loaded m = LoadText(3, "fields: {a: density, b: density}\nkernels: {K: {shape: gaussian, width: 1}}\n"
                         "dynamics: {a: {mobility: a, potential: 'log(a) + conv(K, b)'},\n"
                         "  b: {mobility: b, potential: 'log(b) - 0.5*conv(K, a) - lap(b)'}}\n");
  double qx[N], qy[N], qz[N];
  double complex lambda[2 * N], v[4 * N], one[2];
  const double *q[RHO_MAXDIM] = {qx, qy, qz};
  for (int w = 0; w < N; w++) qx[w] = 0.3 * w, qy[w] = 0.1 * w - 0.4, qz[w] = 0.2;
  Require(&m, RhoDispersion(m.eq, 3, m.value, u, N, q, NULL, lambda, v), "dispersion");
  for (int w = 0; w < N; w++) {
    ModesAt(&m, 3, u, sqrt(qx[w] * qx[w] + qy[w] * qy[w] + qz[w] * qz[w]), one);
    for (int k = 0; k < 2; k++) assert_true(cabs(lambda[2 * w + k] - one[k]) < 1e-12 * fmax(1, cabs(one[k])));
  }
  Unload(&m);
}

int main(void) {
  const struct CMUnitTest test[] = {cmocka_unit_test(RandomMatrices), cmocka_unit_test(WithoutVectors),
                                    cmocka_unit_test(OrderOfPairs), cmocka_unit_test(NotFinite),
                                    cmocka_unit_test(ManyWavevectors)};
  return cmocka_run_group_tests(test, NULL, NULL);
}
