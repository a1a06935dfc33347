#include "ref.h"

REF_LEVELS void RefQuartic(long n, double m, const double *restrict phi, double *restrict mu) {
  for (long i = 0; i < n; i++) mu[i] = phi[i] * phi[i] * phi[i] - phi[i] - m;
}
