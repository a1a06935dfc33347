/* ref_cahn_hilliard.c - F = M lap(phi^3 - phi - kappa lap phi) on an n x n periodic box in one fused sweep: mu of row j
   + 1 is made in a ring of three rows while row j of lap(mu) is written. */
#include "ref.h"
#include <stdlib.h>

/* mu of one row between its neighbours; mu[-1] and mu[n] hold the periodic images */
REF_LEVELS static void ChemicalRow(long n, double k, const double *restrict low, const double *restrict row,
                                   const double *restrict high, double *restrict mu) {
  mu[0] = row[0] * row[0] * row[0] - row[0] - k * (row[n - 1] + row[1] + low[0] + high[0] - 4 * row[0]);
  for (long i = 1; i < n - 1; i++)
    mu[i] = row[i] * row[i] * row[i] - row[i] - k * (row[i - 1] + row[i + 1] + low[i] + high[i] - 4 * row[i]);
  mu[n - 1] = row[n - 1] * row[n - 1] * row[n - 1] - row[n - 1] -
              k * (row[n - 2] + row[0] + low[n - 1] + high[n - 1] - 4 * row[n - 1]);
  mu[-1] = mu[n - 1];
  mu[n] = mu[0];
}

REF_LEVELS static void LaplaceRow(long n, double w, const double *restrict low, const double *restrict mu,
                                  const double *restrict high, double *restrict F) {
  for (long i = 0; i < n; i++) F[i] = w * (mu[i - 1] + mu[i + 1] + low[i] + high[i] - 4 * mu[i]);
}

void RefCahnHilliard(long n, double M, double kappa, double h, const double *phi, double *F, double *ring) {
  const double k = kappa / (h * h), w = M / (h * h);
  double *mu[3] = {ring + 8, ring + n + 24, ring + 2 * n + 40};
  for (long j = -1; j <= 0; j++) {
    long r = (j + n) % n;
    ChemicalRow(n, k, phi + (r + n - 1) % n * n, phi + r * n, phi + (r + 1) % n * n, mu[(j + 3) % 3]);
  }
  for (long j = 0; j < n; j++) {
    long r = (j + 1) % n;
    ChemicalRow(n, k, phi + j * n, phi + r * n, phi + (r + 1) % n * n, mu[(j + 1) % 3]);
    LaplaceRow(n, w, mu[(j + 2) % 3], mu[j % 3], mu[(j + 1) % 3], F + j * n);
  }
}
