/* loops.c - the stencil loops (loops.h). */
#include "loops.h"
#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define VECTOR_LEVELS __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define VECTOR_LEVELS
#endif

#define SECOND(a, j) (((a)[p + (j)] - (a)[p]) - ((a)[p] - (a)[p - (j)]))

VECTOR_LEVELS void rho_loop_laplacian(PetscInt n, int ndim, const PetscInt *stride, const PetscReal *w,
                                      const PetscScalar *a, PetscScalar *restrict out) {
  const PetscInt i = stride[0], j = stride[1], k = stride[2];
  const PetscReal u = w[0], v = w[1], t = w[2];
  if (ndim == 1)
    for (PetscInt p = 0; p < n; p++) out[p] = u * SECOND(a, i);
  else if (ndim == 2)
    for (PetscInt p = 0; p < n; p++) out[p] = u * SECOND(a, i) + v * SECOND(a, j);
  else
    for (PetscInt p = 0; p < n; p++) out[p] = u * SECOND(a, i) + v * SECOND(a, j) + t * SECOND(a, k);
}

VECTOR_LEVELS static void AddContiguous(PetscInt n, int ndim, const PetscInt *stride, const PetscReal *w,
                                        const PetscScalar *a, PetscScalar *restrict out) {
  const PetscInt i = stride[0], j = stride[1], k = stride[2];
  const PetscReal u = w[0], v = w[1], t = w[2];
  if (ndim == 1)
    for (PetscInt p = 0; p < n; p++) out[p] += u * SECOND(a, i);
  else if (ndim == 2)
    for (PetscInt p = 0; p < n; p++) out[p] += u * SECOND(a, i) + v * SECOND(a, j);
  else
    for (PetscInt p = 0; p < n; p++) out[p] += u * SECOND(a, i) + v * SECOND(a, j) + t * SECOND(a, k);
}

VECTOR_LEVELS static void AddStrided(PetscInt n, PetscInt j, PetscReal w, const PetscScalar *a, PetscInt s,
                                     PetscScalar *restrict out) {
  for (PetscInt p = 0; p < n; p++) out[p] += w * ((a[p * s + j] - a[p * s]) - (a[p * s] - a[p * s - j]));
}

void rho_loop_add_laplacian(PetscInt n, int ndim, const PetscInt *stride, const PetscReal *w, const PetscScalar *a,
                            PetscInt s, PetscBool first, PetscScalar *out) {
  if (s == 1 && first) rho_loop_laplacian(n, ndim, stride, w, a, out);
  else if (s == 1) AddContiguous(n, ndim, stride, w, a, out);
  else {
    if (first) memset(out, 0, sizeof *out * (size_t)n);
    for (int d = 0; d < ndim; d++) AddStrided(n, stride[d] * s, w[d], a, s, out);
  }
}

VECTOR_LEVELS void rho_loop_divgrad(PetscInt n, PetscReal w, const PetscScalar *a, PetscInt ja, PetscInt sa,
                                    const PetscScalar *b, PetscInt jb, PetscInt sb, PetscBool first,
                                    PetscScalar *restrict out) {
  for (PetscInt p = 0; p < n; p++) {
    const PetscScalar *x = a + p * sa, *y = b + p * sb;
    PetscReal term = w * ((x[0] + x[ja]) * (y[jb] - y[0]) - (x[0] + x[-ja]) * (y[0] - y[-jb]));
    out[p] = first ? term : out[p] + term;
  }
}

VECTOR_LEVELS void rho_loop_gdot(PetscInt n, PetscReal w, const PetscScalar *a, PetscInt ja, PetscInt sa,
                                 const PetscScalar *b, PetscInt jb, PetscInt sb, PetscBool first,
                                 PetscScalar *restrict out) {
  for (PetscInt p = 0; p < n; p++) {
    const PetscScalar *x = a + p * sa, *y = b + p * sb;
    PetscReal term = w * ((x[ja] - x[0]) * (y[jb] - y[0]) + (x[0] - x[-ja]) * (y[0] - y[-jb]));
    out[p] = first ? term : out[p] + term;
  }
}

VECTOR_LEVELS void rho_loop_stretched_laplacian(PetscInt n, PetscReal factor, RhoStretched w, const PetscScalar *a,
                                                PetscInt j, PetscInt s, PetscBool first, PetscScalar *restrict out) {
  for (PetscInt p = 0; p < n; p++) {
    const PetscScalar *x = a + p * s;
    PetscReal term = factor * w.inside[p] * (w.right[p] * (x[j] - x[0]) - w.left[p] * (x[0] - x[-j]));
    out[p] = first ? term : out[p] + term;
  }
}

VECTOR_LEVELS void rho_loop_stretched_divgrad(PetscInt n, RhoStretched w, const PetscScalar *a, PetscInt ja,
                                              PetscInt sa, const PetscScalar *b, PetscInt jb, PetscInt sb,
                                              PetscBool first, PetscScalar *restrict out) {
  for (PetscInt p = 0; p < n; p++) {
    const PetscScalar *x = a + p * sa, *y = b + p * sb;
    PetscReal right = w.right[p] * (x[0] + x[ja]) * (y[jb] - y[0]),
              left = w.left[p] * (x[0] + x[-ja]) * (y[0] - y[-jb]);
    PetscReal term = 0.5 * w.inside[p] * (right - left);
    out[p] = first ? term : out[p] + term;
  }
}

VECTOR_LEVELS void rho_loop_stretched_gdot(PetscInt n, RhoStretched w, const PetscScalar *a, PetscInt ja, PetscInt sa,
                                           const PetscScalar *b, PetscInt jb, PetscInt sb, PetscBool first,
                                           PetscScalar *restrict out) {
  for (PetscInt p = 0; p < n; p++) {
    const PetscScalar *x = a + p * sa, *y = b + p * sb;
    PetscReal right = w.right[p] * (x[ja] - x[0]) * (y[jb] - y[0]),
              left = w.left[p] * (x[0] - x[-ja]) * (y[0] - y[-jb]);
    PetscReal term = 0.5 * w.inside[p] * (right + left);
    out[p] = first ? term : out[p] + term;
  }
}

VECTOR_LEVELS void rho_loop_stretched_difference(PetscInt n, const PetscScalar *inside, const PetscScalar *J,
                                                 const PetscScalar *K, PetscScalar *restrict out) {
  for (PetscInt p = 0; p < n; p++) out[p] -= inside[p] * (J[p] - K[p]);
}

VECTOR_LEVELS void rho_loop_difference(PetscInt n, const PetscScalar *J, const PetscScalar *K,
                                       PetscScalar *restrict out) {
  for (PetscInt p = 0; p < n; p++) out[p] -= J[p] - K[p];
}

VECTOR_LEVELS static void Interleave2(PetscInt n, const PetscScalar *a, const PetscScalar *b,
                                      PetscScalar *restrict out) {
  for (PetscInt p = 0; p < n; p++) {
    out[2 * p] = a[p];
    out[2 * p + 1] = b[p];
  }
}

#define NLANE 8

/* how many are NaN or too large for squares to be formed of them */
VECTOR_LEVELS static PetscReal Infinite(PetscInt n, const PetscScalar *x) {
  PetscReal lane[NLANE] = {0};
  PetscInt p = 0;
  for (; p + NLANE <= n; p += NLANE)
    for (int k = 0; k < NLANE; k++) lane[k] += PetscAbsReal(x[p + k]) <= RHO_LARGEST_RATE ? 0.0 : 1.0;
  for (; p < n; p++) lane[0] += PetscAbsReal(x[p]) <= RHO_LARGEST_RATE ? 0.0 : 1.0;
  for (int k = 1; k < NLANE; k++) lane[0] += lane[k];
  return lane[0];
}

PetscReal rho_loop_interleave(PetscInt n, PetscInt nf, const PetscScalar *in, PetscInt distance, PetscScalar *out) {
  PetscReal bad = 0;
  for (PetscInt f = 0; f < nf; f++) bad += Infinite(n, in + f * distance);
  if (in == out) return bad; /* one field, in place already */
  if (nf == 2) Interleave2(n, in, in + distance, out);
  else
    for (PetscInt f = 0; f < nf; f++)
      for (PetscInt p = 0; p < n; p++) out[p * nf + f] = in[f * distance + p];
  return bad;
}

/* s, e <- s + x exactly (Knuth's two-sum), without a branch */
#define TWO_SUM(s, e, x)                                                                                               \
  do {                                                                                                                 \
    PetscReal t_ = (s) + (x), b_ = t_ - (s);                                                                           \
    (e) += ((s) - (t_ - b_)) + ((x)-b_);                                                                               \
    (s) = t_;                                                                                                          \
  } while (0)

/* weight: NULL for ones; inlined for both */
static inline __attribute__((always_inline)) void Sums(PetscInt n, PetscInt s, const PetscReal *weight,
                                                       const PetscScalar *x, PetscReal *sum, PetscReal *lost,
                                                       PetscReal *size) {
  PetscReal total[NLANE] = {0}, rest[NLANE] = {0}, modulus[NLANE] = {0};
  PetscInt p = 0;
  for (; p + NLANE <= n; p += NLANE)
    for (int k = 0; k < NLANE; k++) {
      PetscReal v = weight ? weight[p + k] * x[(p + k) * s] : x[(p + k) * s];
      TWO_SUM(total[k], rest[k], v);
      modulus[k] += PetscAbsReal(v);
    }
  for (; p < n; p++) {
    PetscReal v = weight ? weight[p] * x[p * s] : x[p * s];
    TWO_SUM(total[0], rest[0], v);
    modulus[0] += PetscAbsReal(v);
  }
  *sum = *lost = *size = 0;
  for (int k = 0; k < NLANE; k++) {
    TWO_SUM(*sum, *lost, total[k]);
    *lost += rest[k];
    *size += modulus[k];
  }
}

VECTOR_LEVELS static void PlainSums(PetscInt n, PetscInt s, const PetscScalar *x, PetscReal *sum, PetscReal *lost,
                                    PetscReal *size) {
  Sums(n, s, NULL, x, sum, lost, size);
}

VECTOR_LEVELS static void WeightedSums(PetscInt n, PetscInt s, const PetscReal *weight, const PetscScalar *x,
                                       PetscReal *sum, PetscReal *lost, PetscReal *size) {
  Sums(n, s, weight, x, sum, lost, size);
}

void rho_loop_sums(PetscInt n, PetscInt s, const PetscReal *weight, const PetscScalar *x, PetscReal *sum,
                   PetscReal *lost, PetscReal *size) {
  if (weight) WeightedSums(n, s, weight, x, sum, lost, size);
  else PlainSums(n, s, x, sum, lost, size);
}
