/* estimate.c - the error of the mean of a correlated series.

   sigma^2 = (Gamma(0) + 2 sum_{t=1}^{W} Gamma(t))/n, Gamma(t) the estimated autocovariance, which is raised by
   sigma^2 itself for having been taken about the estimated mean.  The window W ends where the two errors of the sum,
   that of being cut and that of noise, are equal, for correlations that decay within S times the correlation time.
   Correlations that would make sigma smaller than that of independent values are not believed.
   U. Wolff, Comput. Phys. Commun. 156, 143 (2004), Secs. 3.1-3.3. */
#include "observe_private.h"
#include <math.h>
#include <stdlib.h>

#define S 1.5

double rho_mean(PetscInt n, const double *y) {
  double sum = 0;
  for (PetscInt k = 0; k < n; k++) sum += y[k];
  return sum / (double)n;
}

RhoEstimate rho_block_estimate(double value, PetscInt n, const double *y) {
  double square = 0;
  for (PetscInt k = 0; k < n; k++) square += (y[k] - value) * (y[k] - value);
  return (RhoEstimate){value, n > 1 ? sqrt(square / (double)(n * (n - 1))) : NAN};
}

static double Covariance(PetscInt n, const double *y, double mean, PetscInt lag) {
  double sum = 0;
  for (PetscInt k = 0; k + lag < n; k++) sum += (y[k] - mean) * (y[k + lag] - mean);
  return sum / (double)(n - lag);
}

/* Is the window W wide enough for a correlation time tau (Wolff, Eq. 52)? */
static bool Enough(PetscInt n, PetscInt W, double tau) {
  double decay = tau <= 0.5 ? 1e-9 : S / log((2 * tau + 1) / (2 * tau - 1));
  return exp(-(double)W / decay) - decay / sqrt((double)W * (double)n) < 0;
}

RhoEstimate rho_estimate(PetscInt n, const double *y, double *tau) {
  double mean = 0, none;
  if (!tau) tau = &none;
  *tau = 0.5;
  for (PetscInt k = 0; k < n; k++) mean += y[k] / (double)n;
  if (n < 2) return (RhoEstimate){n ? mean : NAN, NAN};
  double variance = Covariance(n, y, mean, 0), sum = 0.5 * variance;
  if (!(variance > 0)) return (RhoEstimate){mean, 0};
  PetscInt W = 0;
  do {
    W++;
    sum += Covariance(n, y, mean, W);
    *tau = sum / variance;
  } while (W < n / 2 && !Enough(n, W, *tau));
  sum = fmax(sum, 0.5 * variance);
  double spread = 2 * sum * (1 + (2 * (double)W + 1) / (double)n) / (double)n;
  *tau = 0.5 * spread * (double)n / (variance + spread);
  return (RhoEstimate){mean, sqrt(spread)};
}

/* The slope is sum (x - <x>) y/sum (x - <x>)^2: its error is that of independent leftovers times sqrt(2 tau). */
RhoEstimate rho_slope(PetscInt n, const double *x, const double *y) {
  double xm = rho_mean(n, x), ym = rho_mean(n, y), xx = 0, xy = 0, tau;
  double *left = malloc(((size_t)n + 1) * sizeof *left);
  if (n < 3 || !left) {
    free(left);
    return (RhoEstimate){NAN, NAN};
  }
  for (PetscInt k = 0; k < n; k++) xx += (x[k] - xm) * (x[k] - xm);
  for (PetscInt k = 0; k < n; k++) xy += (x[k] - xm) * (y[k] - ym);
  for (PetscInt k = 0; k < n; k++) left[k] = y[k] - ym - xy / xx * (x[k] - xm);
  rho_estimate(n, left, &tau);
  double variance = Covariance(n, left, 0, 0) * (double)n / (double)(n - 2);
  free(left);
  return (RhoEstimate){xy / xx, sqrt(2 * tau * variance / xx)};
}
