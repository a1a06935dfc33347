/* phi.c - the functions of exponential steps against their series in extended precision: numbers from far below zero to
   far above, matrices that vanish, are defective, have complex eigenvalues, slow ones beside fast ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include "../worse.h"
#include "phi.h"

enum { MOST = 4 };
typedef long double Matrix[MOST][MOST];

/* ---- in extended precision ---- */

static void Times(int n, Matrix a, Matrix b, Matrix ab) {
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      ab[i][j] = 0;
      for (int k = 0; k < n; k++) ab[i][j] += a[i][k] * b[k][j];
    }
}

/* sum_j x^j/(j + k)! */
static void Series(int n, Matrix x, int k, Matrix out) {
  Matrix power = {{0}}, next;
  long double factorial = 1;
  for (int j = 2; j <= k; j++) factorial *= j;
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) power[i][j] = out[i][j] = i == j ? 1 / factorial : 0;
  for (int j = 1; j < 40; j++) {
    Times(n, power, x, next);
    for (int e = 0; e < n * n; e++) {
      power[e / n][e % n] = next[e / n][e % n] / (j + k);
      out[e / n][e % n] += power[e / n][e % n];
    }
  }
}

/* phi_k(2 x) of phi_k(x), e[0] being e^x - 1 */
static void Doubled(int n, Matrix *f) {
  Matrix product[RHO_NPHI];
  for (int k = 0; k < RHO_NPHI; k++) Times(n, f[0], f[k], product[k]);
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      f[3][i][j] = (product[3][i][j] + f[1][i][j] / 2 + f[2][i][j] + 2 * f[3][i][j]) / 8;
      f[2][i][j] = (product[2][i][j] + f[1][i][j] + 2 * f[2][i][j]) / 4;
      f[1][i][j] = (product[1][i][j] + 2 * f[1][i][j]) / 2;
      f[0][i][j] = product[0][i][j] + 2 * f[0][i][j];
    }
}

static void Exact(int n, const double *z, Matrix *f) {
  Matrix x, first;
  long double largest = 0;
  int halvings = 0;
  for (int e = 0; e < n * n; e++) largest = fmaxl(largest, fabsl((long double)z[e]));
  while (largest > 0.3L && halvings < 60) largest /= 2, halvings++;
  for (int e = 0; e < n * n; e++) x[e / n][e % n] = ldexpl((long double)z[e], -halvings);
  for (int k = 1; k < RHO_NPHI; k++) Series(n, x, k, f[k]);
  Series(n, x, 1, first);
  Times(n, x, first, f[0]);
  for (int k = 0; k < halvings; k++) Doubled(n, f);
  for (int i = 0; i < n; i++) f[0][i][i] += 1;
}

/* ---- comparison ---- */

/* Largest difference relative to the largest entry, over phi_0 .. phi_3; of decaying exponentials (of what remains from
   1) to 1. */
static double Error(int n, Matrix *exact, double *const *phi) {
  double worst = 0;
  for (int k = 0; k < RHO_NPHI; k++) {
    long double size = k == 0 && n > 1 ? 1 : 0, difference = 0;
    for (int e = 0; e < n * n; e++) {
      size = fmaxl(size, fabsl(exact[k][e / n][e % n]));
      difference = fmaxl(difference, fabsl(exact[k][e / n][e % n] - phi[k][e]));
    }
    if (size > 1e-300L) worst = Worse(worst, (double)(difference / size));
  }
  return worst;
}

static double ErrorOf(int n, const double *z, int twice) {
  double room[RHO_NPHI][MOST * MOST], *phi[RHO_NPHI] = {room[0], room[1], room[2], room[3]}, of[MOST * MOST];
  Matrix exact[RHO_NPHI];
  rho_phi_matrix(n, z, phi);
  if (twice) rho_phi_matrix_twice(n, phi);
  for (int e = 0; e < n * n; e++) of[e] = twice ? 2 * z[e] : z[e];
  Exact(n, of, exact);
  return Error(n, exact, phi);
}

static void test_numbers(void **state) {
  enum { N = 4001 };
  static double z[N], room[RHO_NPHI][N];
  double *phi[RHO_NPHI] = {room[0], room[1], room[2], room[3]}, worst[2] = {0, 0};
  (void)state;
  for (int p = 0; p < N; p++) z[p] = p == 0 ? 0 : (p % 2 ? -1 : 0.02) * exp(-20 + 27.0 * p / N);
  for (int twice = 0; twice < 2; twice++) {
    if (!twice) rho_phi_numbers(N, z, phi);
    else rho_phi_numbers_twice(N, phi);
    for (int p = 0; p < N; p++) {
      double one[RHO_NPHI] = {phi[0][p], phi[1][p], phi[2][p], phi[3][p]}, of = twice ? 2 * z[p] : z[p],
             *each[RHO_NPHI] = {&one[0], &one[1], &one[2], &one[3]};
      Matrix exact[RHO_NPHI];
      if (of < -600) continue;
      Exact(1, &of, exact);
      exact[0][0][0] = expl((long double)of);
      worst[twice] = Worse(worst[twice], Error(1, exact, each));
    }
  }
  print_message("numbers from %g to %g: %.1e, doubled %.1e\n", -exp(7), 0.02 * exp(7), worst[0], worst[1]);
  assert_true(worst[0] < 5e-15 && worst[1] < 5e-15);
}

static const struct {
  const char *what;
  int n;
  double z[MOST * MOST];
} matrices[] = {{"zero", 2, {0}},
                {"zero, three rows", 3, {0}},
                {"nilpotent", 2, {0, 1, 0, 0}},
                {"defective", 2, {-3, 1, 0, -3}},
                {"defective, not triangular", 2, {-5, 1, -1, -3}},
                {"nearly defective", 2, {-4, 1, 1e-9, -4}},
                {"small, defective", 2, {0.3, 1, 0, 0.3}},
                {"turning", 2, {0, 7, -7, 0}},
                {"turning, slow decay", 2, {-0.1, 2, -3, -0.2}},
                {"turning, fast decay", 2, {-50, 3, -4, -51}},
                {"nearly real", 2, {-2, 1e-5, -1e-5, -2}},
                {"nearly real, not normal", 2, {-2, 1, -1e-10, -2}},
                {"growing and decaying", 2, {3, 1, 2, -40}},
                {"slow and fast", 2, {-1e-3, 0.2, 0.1, -900}},
                {"conserved sum", 2, {-30, 20, 30, -20}},
                {"equal", 2, {-2, 0, 0, -2}},
                {"four rows", 4, {-3, 1, 0, 0, -1, -3, 0, 1, 0, 0.5, -2, 2, 0.1, 0, -2, -2}},
                {"three rows, defective", 3, {-20, 1, 0, 0, -20, 1, 0, 0, -20}},
                {"exchange of three", 3, {-3, 1, 2, 2, -5, 1, 1, 4, -3}},
                {"three rows, fast", 3, {-400, 10, 3, 2, -300, 5, 1, 2, -350}}};

static void test_matrices(void **state) {
  (void)state;
  for (size_t k = 0; k < sizeof matrices / sizeof *matrices; k++)
    for (int twice = 0; twice < 2; twice++) {
      double error = ErrorOf(matrices[k].n, matrices[k].z, twice);
      print_message("%-28s%s %.1e\n", matrices[k].what, twice ? " doubled" : "        ", error);
      assert_true(error < 1e-14);
    }
}

static double Random(unsigned *seed) {
  *seed = *seed * 1664525u + 1013904223u;
  return *seed / 2147483648.0 - 1;
}

/* Random ones of two and three rows, of all sizes. */
static void test_random(void **state) {
  unsigned seed = 1;
  double worst[MOST] = {0};
  (void)state;
  for (int k = 0; k < 6000; k++) {
    int n = 2 + k % 2;
    double z[MOST * MOST], size = exp(3 * Random(&seed));
    for (int e = 0; e < n * n; e++) z[e] = size * (Random(&seed) - (e % (n + 1) == 0 ? 2 : 0));
    worst[n] = Worse(worst[n], ErrorOf(n, z, 0));
  }
  print_message("random: two rows %.1e, three %.1e\n", worst[2], worst[3]);
  assert_true(worst[2] < 1e-14 && worst[3] < 1e-14);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_numbers), cmocka_unit_test(test_matrices),
                                     cmocka_unit_test(test_random)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
