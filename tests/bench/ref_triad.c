#include "ref.h"

REF_LEVELS void RefTriad(long n, double s, const double *restrict a, const double *restrict b, double *restrict out) {
  for (long i = 0; i < n; i++) out[i] = a[i] + s * b[i];
}
