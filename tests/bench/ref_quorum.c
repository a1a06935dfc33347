#include "ref.h"

REF_LEVELS void RefQuorum(long n, const double *number, const double *restrict r, const double *restrict s,
                          const double *restrict rho, double *restrict v, double *restrict logrho) {
  const double v0 = number[0], k1 = number[1], k2 = number[2], a = number[3], b = number[4], w = number[5];
  for (long i = 0; i < n; i++) {
    v[i] = v0 * exp(k1 * tanh((r[i] - a) / w) + k2 * tanh((s[i] - b) / w));
    logrho[i] = log(rho[i]);
  }
}
