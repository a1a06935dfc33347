/* split.c - 2m real numbers x as m complex ones, z_j = x_{2j} + i x_{2j+1}, with the transform Z:

     X_k = (S + e_k D)/2,       X_{m-k} = conj(S - e_k D)/2,      S, D = Z_k +- conj Z_{m-k},  e_k = -i exp(-i pi k/m)
     2 Z_k = S + conj(e_k) D,   2 Z_{m-k} = conj(S - conj(e_k) D),  of S and D made of the X

   One loop over pairs of entries from both ends, four at a time; which are made four at a time depends on m alone.
   FFTW's own estimated plans of real lines take up to twice as long. */
#include "split.h"
#include "rhoflux/base.h"
#include <math.h>

int rho_split_room(int m) { return 2 * (m / 2 + 1); }

void rho_split_set(RhoSplit *s) {
  for (int k = 0; k <= s->m / 2; k++) {
    double angle = M_PI * k / s->m;
    s->real[2 * k] = s->real[2 * k + 1] = -sin(angle);
    s->turned[2 * k] = cos(angle);
    s->turned[2 * k + 1] = -cos(angle);
  }
}

/* Entries k and m - k: f (S + e D), with e_k or, sign = -1, its conjugate. */
static inline __attribute__((always_inline)) void One(const RhoSplit *s, int k, double f, double sign, double *a) {
  double *low = a + 2 * k, *high = a + 2 * (s->m - k), er = s->real[2 * k], ei = sign * s->turned[2 * k + 1];
  double sr = low[0] + high[0], si = low[1] - high[1], dr = low[0] - high[0], di = low[1] + high[1];
  double tr = er * dr - ei * di, ti = er * di + ei * dr;
  low[0] = f * (sr + tr);
  low[1] = f * (si + ti);
  high[0] = f * (sr - tr);
  high[1] = f * (ti - si);
}

#ifdef RHO_VECTORS
enum { PAIRS = 4 };
typedef double Pairs __attribute__((vector_size(16 * PAIRS)));
typedef double AnyPairs __attribute__((vector_size(16 * PAIRS), aligned(8), may_alias));
typedef long long Places __attribute__((vector_size(16 * PAIRS)));

/* The same for entries k .. k + PAIRS - 1, as long as they do not meet their partners; the first that is left. */
static inline __attribute__((always_inline)) int Several(const RhoSplit *s, double f, double sign, double *a) {
  const Places back = {6, 7, 4, 5, 2, 3, 0, 1}, swap = {1, 0, 3, 2, 5, 4, 7, 6};
  const Pairs conj = {1, -1, 1, -1, 1, -1, 1, -1};
  int k = 1;
  for (; k + PAIRS - 1 < s->m - (k + PAIRS - 1); k += PAIRS) {
    AnyPairs *low = (AnyPairs *)(a + 2 * k), *high = (AnyPairs *)(a + 2 * (s->m - k - PAIRS + 1));
    Pairs x = *low, y = conj * __builtin_shuffle((Pairs)*high, back);
    Pairs sum = x + y, difference = x - y;
    Pairs turned = *(const AnyPairs *)(s->real + 2 * k) * difference +
                   sign * *(const AnyPairs *)(s->turned + 2 * k) * __builtin_shuffle(difference, swap);
    *low = f * (sum + turned);
    *high = __builtin_shuffle(f * conj * (sum - turned), back);
  }
  return k;
}
#else
static inline int Several(const RhoSplit *s, double f, double sign, double *a) {
  (void)s, (void)f, (void)sign, (void)a;
  return 1;
}
#endif

RHO_VECTOR_LEVELS void rho_split_forward(const RhoSplit *s, double *a) {
  double *last = a + 2 * s->m, first = a[0];
  for (int k = Several(s, 0.5, 1, a); k <= s->m - k; k++) One(s, k, 0.5, 1, a);
  last[0] = first - a[1];
  a[0] = first + a[1];
  last[1] = a[1] = 0;
}

RHO_VECTOR_LEVELS void rho_split_backward(const RhoSplit *s, double scale, double *a) {
  double first = a[0], last = a[2 * s->m];
  for (int k = Several(s, scale, -1, a); k <= s->m - k; k++) One(s, k, scale, -1, a);
  a[0] = scale * (first + last);
  a[1] = scale * (first - last);
}
