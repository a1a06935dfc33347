#include "ref.h"

REF_LEVELS void RefTwoTemperature(long n, const double *number, const double *restrict ca, const double *restrict cb,
                                  double *restrict mua, double *restrict mub) {
  const double ta = number[0], tb = number[1], ba = number[2], bb = number[3], cross = number[4];
  for (long i = 0; i < n; i++) {
    mua[i] = ta * (log(ca[i]) + ba * ca[i]) + cross * cb[i];
    mub[i] = tb * (log(cb[i]) + bb * cb[i]) + cross * ca[i];
  }
}
