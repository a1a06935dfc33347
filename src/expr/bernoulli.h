/* bernoulli.h - B(z) = z/(e^z - 1) and its first two derivatives, without branches, for scalars and vector loops alike.

   With a = |z|, E = e^-a and M = 1 - E (formed without cancellation), every case is a product of positive terms:
     B(-a) = a/M,                    B(a)   = (a/M) E
     B'(-a) = -(1 - B(a))/M,         B'(a)  = -((a - M)/M^2) E
     B''(a) = B''(-a) = (2 B(a) + a - 2) E/M^2
   The derivatives' differences cancel near 0; for a < 2 and a < 2.5 they come from the even part B(z) + z/2, as
   polynomials in z^2 interpolated at Chebyshev nodes (relative error below 3e-16; the nearest pole is at z^2 = -4
   pi^2). E = (1 + p) 2^k is kept in factors, so that results down to the smallest number come out rounded once. The
   exponent is taken from the bits of k + 1.5 * 2^52, which holds k in its low bits. */
#ifndef RHOFLUX_BERNOULLI_H
#define RHOFLUX_BERNOULLI_H
#include <math.h>
#include <stdint.h>

#define RHO_ROUNDER 0x1.8p52    /* adding it rounds to an integer */
#define RHO_LARGEST_DECAY 760.0 /* beyond it 760 e^-760 = 0 */
#define RHO_SLOPE_RANGE 2.0     /* |z| below it: by the polynomial */
#define RHO_CURVATURE_RANGE 2.5

typedef struct {
  double mantissa, scale1, scale2; /* e^-a = mantissa * scale1 * scale2 */
  double rest;                     /* 1 - e^-a */
} RhoDecay;

/* 2^k from k + RHO_ROUNDER, -1022 <= k <= 1023. */
static inline double RhoPowerOfTwo(double rounded) {
  union {
    double value;
    uint64_t bits;
  } u = {rounded};
  u.bits = (u.bits + 1023) << 52;
  return u.value;
}

/* (e^r - 1)/r - 1 for |r| <= ln(2)/2. */
static inline double RhoExpTail(double r) {
  double s = 1.0 / 6227020800;
  s = s * r + 1.0 / 479001600;
  s = s * r + 1.0 / 39916800;
  s = s * r + 1.0 / 3628800;
  s = s * r + 1.0 / 362880;
  s = s * r + 1.0 / 40320;
  s = s * r + 1.0 / 5040;
  s = s * r + 1.0 / 720;
  s = s * r + 1.0 / 120;
  s = s * r + 1.0 / 24;
  s = s * r + 1.0 / 6;
  s = s * r + 1.0 / 2;
  return s * r;
}

/* For 0 <= a <= RHO_LARGEST_DECAY, or NaN. */
static inline RhoDecay RhoDecayOf(double a) {
  const double ln2_high = 6.93147180369123816490e-01, ln2_low = 1.90821492927058770002e-10;
  double rounded = a * -1.44269504088896340736 + RHO_ROUNDER;
  double k = rounded - RHO_ROUNDER;
  double r = (-a - k * ln2_high) - k * ln2_low;
  double p = r + r * RhoExpTail(r);
  double half = k * 0.5 + RHO_ROUNDER;
  double other = (k - (half - RHO_ROUNDER)) + RHO_ROUNDER;
  RhoDecay e = {.mantissa = 1.0 + p, .scale1 = RhoPowerOfTwo(half), .scale2 = RhoPowerOfTwo(other)};
  double scale = e.scale1 * e.scale2;
  e.rest = (1.0 - scale) - scale * p;
  return e;
}

static inline double RhoTimesDecay(double x, RhoDecay e) { return x * e.mantissa * e.scale1 * e.scale2; }

static inline double RhoBernoulliValue(double z) {
  double a = fabs(z), near = a > RHO_LARGEST_DECAY ? RHO_LARGEST_DECAY : a;
  RhoDecay e = RhoDecayOf(near);
  double rest = a == 0 ? 1.0 : e.rest;
  double minus = (a == 0 ? 1.0 : a) / rest;
  double plus = RhoTimesDecay(a > near ? near : minus, e);
  return z > 0 ? plus : minus;
}

static inline double RhoBernoulliSlope(double z) {
  double t = z * z, a = fabs(z), near = a > RHO_LARGEST_DECAY ? RHO_LARGEST_DECAY : a;
  RhoDecay e = RhoDecayOf(near);
  double plus = RhoTimesDecay(near / e.rest, e);
  double top = z > 0 ? near - e.rest : 1.0 - plus, bottom = z > 0 ? e.rest * e.rest : e.rest;
  double quotient = top / bottom, far = -(z > 0 ? RhoTimesDecay(quotient, e) : quotient);
  double s = -0x1.0618755ce75c6p-59;
  s = s * t + 0x1.eba431c6b0948p-54;
  s = s * t + -0x1.3378d93d01d52p-48;
  s = s * t + 0x1.5b53aa5738e09p-43;
  s = s * t + -0x1.7d9752a9159b9p-38;
  s = s * t + 0x1.9bff12db3cc80p-33;
  s = s * t + -0x1.b3c085eba8328p-28;
  s = s * t + 0x1.c0532f4ce2d71p-23;
  s = s * t + -0x1.bbd77932dd5bbp-18;
  s = s * t + 0x1.a01a01a0193fap-13;
  s = s * t + -0x1.6c16c16c16c0fp-8;
  s = s * t + 0x1.5555555555555p-3;
  return a < RHO_SLOPE_RANGE ? -0.5 + z * s : far;
}

static inline double RhoBernoulliCurvature(double z) {
  double t = z * z, a = fabs(z), near = a > RHO_LARGEST_DECAY ? RHO_LARGEST_DECAY : a;
  RhoDecay e = RhoDecayOf(near);
  double plus = RhoTimesDecay(near / e.rest, e);
  double far = RhoTimesDecay((2.0 * plus + (near - 2.0)) / (e.rest * e.rest), e);
  double s = 0x1.b6a726f674f7ep-61;
  s = s * t + -0x1.f8ee04470736ap-55;
  s = s * t + 0x1.50da3f07bcac3p-49;
  s = s * t + -0x1.6e4cf17f060a0p-44;
  s = s * t + 0x1.70f6022250a5ap-39;
  s = s * t + -0x1.65b71494aea8ap-34;
  s = s * t + 0x1.4ebe8afca29ccp-29;
  s = s * t + -0x1.2b9451eae1202p-24;
  s = s * t + 0x1.f85d948be0dcep-20;
  s = s * t + -0x1.845c8a09584d0p-15;
  s = s * t + 0x1.04104104083a1p-10;
  s = s * t + -0x1.111111111102cp-6;
  s = s * t + 0x1.5555555555555p-3;
  return a < RHO_CURVATURE_RANGE ? s : far;
}

#endif
