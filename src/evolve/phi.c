/* phi.c - see phi.h.

   Near zero by the series of phi_3 and  phi_k = z phi_{k+1} + 1/k!,  elsewhere by the definition; from z to 2 z

     phi_k(2 z) = 2^-k (e^z phi_k + sum_{j=1..k} phi_j/(k - j)!)

   Matrices of two rows have f(z) = f(b) + f[a, b] (z - b), a and b the eigenvalues, with divided differences by the
   same recursion, phi_{k+1}[a, b] = (phi_k[a, b] - phi_{k+1}(b))/a.  Larger ones are halved until they are small and
   doubled again, e^z - 1 in place of e^z, so that slow eigenvalues beside fast ones keep their digits. */
#include "phi.h"
#include <complex.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#define NTERM 16
static const PetscReal inverse_factorial[NTERM + 4] = {1.0,
                                                       1.0,
                                                       1.0 / 2,
                                                       1.0 / 6,
                                                       1.0 / 24,
                                                       1.0 / 120,
                                                       1.0 / 720,
                                                       1.0 / 5040,
                                                       1.0 / 40320,
                                                       1.0 / 362880,
                                                       1.0 / 3628800,
                                                       1.0 / 39916800,
                                                       1.0 / 479001600,
                                                       1.0 / 6227020800,
                                                       1.0 / 87178291200,
                                                       1.0 / 1307674368000,
                                                       1.0 / 20922789888000,
                                                       1.0 / 355687428096000,
                                                       1.0 / 6402373705728000,
                                                       1.0 / 121645100408832000};

/* ---- numbers ---- */

#define LARGEST 700.0 /* its exponential is a number still */
#define ROUNDER 0x1.8p52
#define LOG2_HIGH 0x1.62e42feep-1
#define LOG2_LOW 0x1.a39ef35793c76p-33

/* e^x = 2^k e^r, |r| <= log(2)/2, within about an ulp; x is brought between -LARGEST and LARGEST. */
static inline PetscReal Exponential(PetscReal x) {
  PetscReal rounded, k, r, sum = inverse_factorial[13];
  int64_t power;
  x = x > LARGEST ? LARGEST : x;
  x = x < -LARGEST ? -LARGEST : x;
  rounded = x * 1.4426950408889634 + ROUNDER;
  k = rounded - ROUNDER;
  r = (x - k * LOG2_HIGH) - k * LOG2_LOW;
  for (int j = 12; j >= 0; j--) sum = sum * r + inverse_factorial[j];
  memcpy(&power, &rounded, sizeof power);
  power = (int64_t)((uint64_t)(power + 1023) << 52);
  memcpy(&k, &power, sizeof k);
  return sum * k;
}

static inline void Number(PetscReal z, PetscReal *phi0, PetscReal *phi1, PetscReal *phi2, PetscReal *phi3) {
  PetscBool small = (PetscBool)(z < 1 && z > -1);
  PetscReal x = small ? z : 0, y = small ? 1 : z, e = Exponential(z), near = inverse_factorial[NTERM + 2], a, b, c;
  for (int j = NTERM + 1; j >= 3; j--) near = near * x + inverse_factorial[j];
  a = (e - 1) / y;
  b = (a - 1) / y;
  c = (b - 0.5) / y;
  *phi3 = small ? near : c;
  near = near * x + 0.5;
  *phi2 = small ? near : b;
  near = near * x + 1;
  *phi1 = small ? near : a;
  *phi0 = e;
}

RHO_VECTOR_LEVELS static void Numbers(PetscInt n, const PetscReal *restrict z, PetscReal *restrict phi0,
                                      PetscReal *restrict phi1, PetscReal *restrict phi2, PetscReal *restrict phi3) {
  for (PetscInt p = 0; p < n; p++) Number(z[p], phi0 + p, phi1 + p, phi2 + p, phi3 + p);
}

RHO_VECTOR_LEVELS static void Twice(PetscInt n, PetscReal *restrict phi0, PetscReal *restrict phi1,
                                    PetscReal *restrict phi2, PetscReal *restrict phi3) {
  for (PetscInt p = 0; p < n; p++) {
    PetscReal e = phi0[p];
    phi3[p] = 0.125 * (e * phi3[p] + 0.5 * phi1[p] + phi2[p] + phi3[p]);
    phi2[p] = 0.25 * (e * phi2[p] + phi1[p] + phi2[p]);
    phi1[p] = 0.5 * (e * phi1[p] + phi1[p]);
    phi0[p] = e * e;
  }
}

void rho_phi_numbers(PetscInt n, const PetscReal *z, PetscReal *const phi[RHO_NPHI]) {
  Numbers(n, z, phi[0], phi[1], phi[2], phi[3]);
}

void rho_phi_numbers_twice(PetscInt n, PetscReal *const phi[RHO_NPHI]) { Twice(n, phi[0], phi[1], phi[2], phi[3]); }

/* ---- two rows ---- */

/* phi_k = z phi_{k+1} + 1/k!, down to phi_0 */
static void FromThird(int n, const PetscReal *z, PetscReal *const phi[RHO_NPHI]) {
  for (int k = 2; k >= 0; k--)
    for (int i = 0; i < n; i++)
      for (int j = 0; j < n; j++) {
        PetscReal sum = i == j ? inverse_factorial[k] : 0;
        for (int l = 0; l < n; l++) sum += z[i * n + l] * phi[k + 1][l * n + j];
        phi[k][i * n + j] = sum;
      }
}

/* Both eigenvalues within the unit circle: z^k = h_{k-1} z - h_{k-2} det z,  h_k = h_{k-1} tr z - h_{k-2} det z. */
static void SmallPair(const PetscReal *z, PetscReal *const phi[RHO_NPHI]) {
  PetscReal trace = z[0] + z[3], det = z[0] * z[3] - z[1] * z[2], before = 0, h = 1, one = inverse_factorial[3], by = 0;
  for (int k = 1; k < NTERM; k++) {
    PetscReal next = trace * h - det * before;
    by += inverse_factorial[k + 3] * h;
    one -= inverse_factorial[k + 3] * det * before;
    before = h;
    h = next;
  }
  for (int e = 0; e < 4; e++) phi[3][e] = by * z[e] + (e % 3 == 0 ? one : 0);
  FromThird(2, z, phi);
}

/* f(z) = centre + difference (z - b) */
static void Newton(const PetscReal *z, PetscReal b, PetscReal centre, PetscReal difference, PetscReal *f) {
  f[0] = centre + difference * (z[0] - b);
  f[1] = difference * z[1];
  f[2] = difference * z[2];
  f[3] = centre + difference * (z[3] - b);
}

/* Eigenvalues a, b; |a| >= 1, |b|. */
static void RealPair(const PetscReal *z, PetscReal a, PetscReal b, PetscReal *const phi[RHO_NPHI]) {
  PetscReal at_a[RHO_NPHI], at_b[RHO_NPHI], d = a - b, low = PetscMin(a, b), gap = PetscAbsReal(d), difference;
  PetscBool near = (PetscBool)(gap < 1);
  Number(a, &at_a[0], &at_a[1], &at_a[2], &at_a[3]);
  Number(b, &at_b[0], &at_b[1], &at_b[2], &at_b[3]);
  difference = near ? Exponential(low) * (gap > 0 ? expm1(gap) / gap : 1) : (at_a[0] - at_b[0]) / d;
  for (int k = 0; k < RHO_NPHI; k++) {
    if (k > 0) difference = near ? (difference - at_b[k]) / a : (at_a[k] - at_b[k]) / d;
    Newton(z, b, at_b[k], difference, phi[k]);
  }
}

/* Eigenvalues a +- i b, b > 0, outside the unit circle.  Imaginary parts are as good relative to b as real ones to 1.
 */
static void ComplexPair(const PetscReal *z, PetscReal a, PetscReal b, PetscReal *const phi[RHO_NPHI]) {
  double complex w = a + b * I, f = Exponential(a) * (cos(b) + I * sin(b));
  for (int k = 0; k < RHO_NPHI; k++) {
    if (k > 0) f = (f - inverse_factorial[k - 1]) / w;
    Newton(z, a, creal(f), cimag(f) / b, phi[k]);
  }
}

static void Pair(const PetscReal *z, PetscReal *const phi[RHO_NPHI]) {
  PetscReal middle = 0.5 * (z[0] + z[3]), half = 0.5 * (z[0] - z[3]), square = half * half + z[1] * z[2];
  PetscReal root = sqrt(fabs(square)), a = middle >= 0 ? middle + root : middle - root;
  PetscReal size = square >= 0 ? fabs(a) : hypot(middle, root);
  if (size < 1) SmallPair(z, phi);
  else if (square >= 0) RealPair(z, a, 2 * middle - a, phi);
  else ComplexPair(z, middle, root, phi);
}

/* ---- more rows ---- */

static void Multiply(int n, const PetscReal *a, const PetscReal *b, PetscReal *ab) {
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      PetscReal sum = 0;
      for (int k = 0; k < n; k++) sum += a[i * n + k] * b[k * n + j];
      ab[i * n + j] = sum;
    }
}

static PetscReal RowNorm(int n, const PetscReal *a) {
  PetscReal norm = 0;
  for (int i = 0; i < n; i++) {
    PetscReal row = 0;
    for (int j = 0; j < n; j++) row += PetscAbsReal(a[i * n + j]);
    norm = PetscMax(norm, row);
  }
  return norm;
}

/* ... with e^z - 1 in the place of e^z */
static void TwiceLess(int n, PetscReal *const phi[RHO_NPHI]) {
  PetscReal product[RHO_PHI_MOST * RHO_PHI_MOST];
  Multiply(n, phi[0], phi[3], product);
  for (int e = 0; e < n * n; e++) phi[3][e] = 0.125 * (product[e] + 0.5 * phi[1][e] + phi[2][e] + 2 * phi[3][e]);
  Multiply(n, phi[0], phi[2], product);
  for (int e = 0; e < n * n; e++) phi[2][e] = 0.25 * (product[e] + phi[1][e] + 2 * phi[2][e]);
  Multiply(n, phi[0], phi[1], product);
  for (int e = 0; e < n * n; e++) phi[1][e] = 0.5 * (product[e] + 2 * phi[1][e]);
  Multiply(n, phi[0], phi[0], product);
  for (int e = 0; e < n * n; e++) phi[0][e] = product[e] + 2 * phi[0][e];
}

static void Series(int n, const PetscReal *x, PetscReal *phi3) {
  PetscReal product[RHO_PHI_MOST * RHO_PHI_MOST];
  for (int e = 0; e < n * n; e++) phi3[e] = e % (n + 1) == 0 ? inverse_factorial[NTERM] : 0;
  for (int k = NTERM - 1; k >= 3; k--) {
    Multiply(n, x, phi3, product);
    for (int e = 0; e < n * n; e++) phi3[e] = product[e] + (e % (n + 1) == 0 ? inverse_factorial[k] : 0);
  }
}

static void Halved(int n, const PetscReal *z, PetscReal *const phi[RHO_NPHI]) {
  PetscReal x[RHO_PHI_MOST * RHO_PHI_MOST], norm = RowNorm(n, z);
  int halvings = 0;
  for (; norm > 0.5 && halvings < 1000; norm *= 0.5) halvings++;
  for (int e = 0; e < n * n; e++) x[e] = ldexp(z[e], -halvings);
  Series(n, x, phi[3]);
  FromThird(n, x, phi);
  Multiply(n, x, phi[1], phi[0]);
  for (int k = 0; k < halvings; k++) TwiceLess(n, phi);
  for (int i = 0; i < n; i++) phi[0][i * (n + 1)] += 1;
}

void rho_phi_matrix(int n, const PetscReal *z, PetscReal *const phi[RHO_NPHI]) {
  if (n == 1) Number(z[0], phi[0], phi[1], phi[2], phi[3]);
  else if (n == 2) Pair(z, phi);
  else Halved(n, z, phi);
}

void rho_phi_matrix_twice(int n, PetscReal *const phi[RHO_NPHI]) {
  for (int i = 0; i < n; i++) phi[0][i * (n + 1)] -= 1;
  TwiceLess(n, phi);
  for (int i = 0; i < n; i++) phi[0][i * (n + 1)] += 1;
}
