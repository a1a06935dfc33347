/* modes.c - eigenvalues of small complex matrices with their derivatives along a line.

   With V the right eigenvectors as columns and W = V^-1, B' = W A' V:
     lambda_k'  = B'_kk
     lambda_k'' = (W A'' V)_kk + 2 sum_m B'_km B'_mk/(lambda_k - lambda_m)
   (second-order perturbation theory).  Matrices of one and two rows are done by hand: maps need some million. */
#include "line.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef double complex Complex;

double rho_norm(int n, const Complex *M) {
  double sum = 0;
  for (int k = 0; k < n * n; k++) sum += creal(M[k]) * creal(M[k]) + cimag(M[k]) * cimag(M[k]);
  return sqrt(sum);
}

/* ---- linear systems ---- */

static void SwapRows(int n, int m, int a, int b, Complex *M, Complex *rhs) {
  for (int j = 0; j < n; j++) {
    Complex swap = M[a * n + j];
    M[a * n + j] = M[b * n + j], M[b * n + j] = swap;
  }
  for (int j = 0; j < m; j++) {
    Complex swap = rhs[a * m + j];
    rhs[a * m + j] = rhs[b * m + j], rhs[b * m + j] = swap;
  }
}

/* Gauss-Jordan with partial pivoting; the determinant, 0 as soon as there is no pivot. */
static Complex Eliminate(int n, int m, Complex *M, Complex *rhs) {
  Complex determinant = 1;
  for (int c = 0; c < n; c++) {
    int best = c;
    for (int r = c + 1; r < n; r++)
      if (cabs(M[r * n + c]) > cabs(M[best * n + c])) best = r;
    if (M[best * n + c] == 0) return 0;
    if (best != c) SwapRows(n, m, c, best, M, rhs), determinant = -determinant;
    Complex pivot = M[c * n + c];
    determinant *= pivot;
    for (int j = 0; j < n; j++) M[c * n + j] /= pivot;
    for (int j = 0; j < m; j++) rhs[c * m + j] /= pivot;
    for (int r = 0; r < n; r++) {
      Complex factor = M[r * n + c];
      if (r == c || factor == 0) continue;
      for (int j = 0; j < n; j++) M[r * n + j] -= factor * M[c * n + j];
      for (int j = 0; j < m; j++) rhs[r * m + j] -= factor * rhs[c * m + j];
    }
  }
  return determinant;
}

bool rho_solve(int n, int m, Complex *M, Complex *b) { return Eliminate(n, m, M, b) != 0 || n == 0; }

Complex rho_determinant(int n, const Complex *M) {
  Complex copy[RHO_LINE_MOST * RHO_LINE_MOST];
  if (n == 0) return 1;
  if (n == 1) return M[0];
  if (n == 2) return M[0] * M[3] - M[1] * M[2];
  memcpy(copy, M, sizeof *M * (size_t)(n * n));
  return Eliminate(n, 0, copy, NULL);
}

/* ---- two by two ---- */

static bool Real2(const Complex *A) {
  return cimag(A[0]) == 0 && cimag(A[1]) == 0 && cimag(A[2]) == 0 && cimag(A[3]) == 0;
}

/* The root of smaller modulus is the determinant over the other: else it would be lost in the other's rounding. */
static void Rates2(const Complex *A, Complex *lambda) {
  Complex mean = 0.5 * (A[0] + A[3]), half = 0.5 * (A[0] - A[3]), square = half * half + A[1] * A[2];
  if (Real2(A)) square = creal(half) * creal(half) + creal(A[1]) * creal(A[2]);
  Complex root = Real2(A) ? (creal(square) >= 0 ? sqrt(creal(square)) : I * sqrt(-creal(square))) : csqrt(square);
  Complex plus = mean + root, minus = mean - root;
  Complex determinant = A[0] * A[3] - A[1] * A[2];
  if (Real2(A)) determinant = creal(A[0]) * creal(A[3]) - creal(A[1]) * creal(A[2]);
  if (cabs(plus) > 4 * cabs(minus)) minus = determinant / plus;
  else if (cabs(minus) > 4 * cabs(plus)) plus = determinant / minus;
  bool first = creal(plus) > creal(minus) || (creal(plus) == creal(minus) && cimag(plus) >= cimag(minus));
  lambda[0] = first ? plus : minus;
  lambda[1] = first ? minus : plus;
}

RhoStatus rho_rates(int n, const Complex *A, Complex *lambda) {
  Complex copy[RHO_LINE_MOST * RHO_LINE_MOST];
  if (n == 0) return RHO_OK;
  if (n == 1) return lambda[0] = A[0], RHO_OK;
  if (n == 2) return Rates2(A, lambda), RHO_OK;
  memcpy(copy, A, sizeof *A * (size_t)(n * n));
  return RhoEigenvalues(n, copy, lambda, NULL) == RHO_NOMEM ? RHO_NOMEM : RHO_OK;
}

/* ---- derivatives ---- */

/* lambda[n] and V[k][i], mode by mode. */
static RhoStatus Modes(int n, const Complex *A, Complex *lambda, Complex *mode) {
  Complex copy[RHO_LINE_MOST * RHO_LINE_MOST];
  if (n == 1) return lambda[0] = A[0], mode[0] = 1, RHO_OK;
  memcpy(copy, A, sizeof *A * (size_t)(n * n));
  return RhoEigenvalues(n, copy, lambda, mode) == RHO_NOMEM ? RHO_NOMEM : RHO_OK;
}

/* out = D V with V[i][k] = mode[k][i] */
static void TimesModes(int n, const Complex *D, const Complex *mode, Complex *out) {
  for (int i = 0; i < n; i++)
    for (int k = 0; k < n; k++) {
      Complex sum = 0;
      for (int j = 0; j < n; j++) sum += D[i * n + j] * mode[k * n + j];
      out[i * n + k] = sum;
    }
}

/* B = V^-1 D V */
static bool InModes(int n, const Complex *D, const Complex *mode, Complex *B) {
  Complex V[RHO_LINE_MOST * RHO_LINE_MOST];
  for (int i = 0; i < n; i++)
    for (int k = 0; k < n; k++) V[i * n + k] = mode[k * n + i];
  TimesModes(n, D, mode, B);
  return rho_solve(n, n, V, B);
}

/* lambda = mean +- sqrt(D), each with two derivatives; a D that vanishes with its derivative does so everywhere. */
static void Slopes2(const Complex *A, Complex (*rate)[3]) {
  const Complex *B = A + 4, *C = A + 8;
  Complex half = 0.5 * (A[0] - A[3]), half1 = 0.5 * (B[0] - B[3]), half2 = 0.5 * (C[0] - C[3]), lambda[2];
  Complex D1 = 2 * half * half1 + B[1] * A[2] + A[1] * B[2];
  Complex D2 = 2 * (half1 * half1 + half * half2 + B[1] * B[2]) + C[1] * A[2] + A[1] * C[2];
  Rates2(A, lambda);
  Complex root = 0.5 * (lambda[0] - lambda[1]), root1 = D1 / (2 * root), root2 = (D2 - 2 * root1 * root1) / (2 * root);
  if (root == 0 && D1 == 0) root1 = root2 = 0;
  for (int k = 0; k < 2; k++) {
    rate[k][0] = lambda[k];
    rate[k][1] = 0.5 * (B[0] + B[3]) + (k ? -root1 : root1);
    rate[k][2] = 0.5 * (C[0] + C[3]) + (k ? -root2 : root2);
  }
}

RhoStatus rho_mode_slopes(int n, const Complex *A, Complex (*rate)[3]) {
  Complex lambda[RHO_LINE_MOST], mode[RHO_LINE_MOST * RHO_LINE_MOST];
  Complex B[RHO_LINE_MOST * RHO_LINE_MOST], C[RHO_LINE_MOST * RHO_LINE_MOST];
  if (n == 2) return Slopes2(A, rate), RHO_OK;
  RhoStatus status = Modes(n, A, lambda, mode);
  if (status) return status;
  bool regular = InModes(n, A + n * n, mode, B) && InModes(n, A + 2 * n * n, mode, C);
  for (int k = 0; k < n; k++) {
    Complex second = C[k * n + k];
    for (int m = 0; m < n; m++)
      if (m != k && B[k * n + m] != 0 && B[m * n + k] != 0)
        second += 2 * B[k * n + m] * B[m * n + k] / (lambda[k] - lambda[m]);
    rate[k][0] = lambda[k];
    rate[k][1] = regular ? B[k * n + k] : NAN;
    rate[k][2] = regular ? second : NAN;
  }
  return RHO_OK;
}
