/* loops.c - the stencil loops (loops.h). */
#include "loops.h"
#include <stdint.h>
#include <string.h>

#define SECOND(a, j) (((a)[p + (j)] - (a)[p]) - ((a)[p] - (a)[p - (j)]))

static int64_t Bits(PetscReal x) {
  int64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits & INT64_MAX;
}

/* Negative when x is NaN or too large for squares to be formed of it: the bits of moduli are ordered as these, then
   come those of infinity, then NaN. */
static int64_t Excess(PetscReal x) { return (int64_t)((uint64_t)Bits(x) + (INT64_MAX - Bits(RHO_LARGEST_RATE))); }

RHO_VECTOR_LEVELS bool rho_loop_excess(PetscInt n, const PetscScalar *x) {
  int64_t excess = 0;
  for (PetscInt p = 0; p < n; p++) excess |= Excess(x[p]);
  return excess < 0;
}

/* term of cell p; add: to out, else instead of it.  A number of dimensions that is known where this is inlined. */
#define SUM(a, X) (ndim == 1 ? X(a, i, u) : ndim == 2 ? X(a, i, u) + X(a, j, v) : X(a, i, u) + X(a, j, v) + X(a, k, t))
#define TERM(a, j, w) ((w)*SECOND(a, j))

static inline __attribute__((always_inline)) bool Plain(PetscInt p, PetscInt n, int ndim, bool add,
                                                        const PetscInt *stride, const PetscReal *w,
                                                        const PetscScalar *a, PetscScalar *restrict out) {
  const PetscInt i = stride[0], j = stride[1], k = stride[2];
  const PetscReal u = w[0], v = w[1], t = w[2];
  int64_t excess = 0;
  for (; p < n; p++) {
    PetscReal sum = add ? out[p] + SUM(a, TERM) : SUM(a, TERM);
    out[p] = sum;
    excess |= Excess(sum);
  }
  return excess < 0;
}

#ifdef RHO_VECTORS
typedef double Cells __attribute__((vector_size(64)));
typedef double AnyCells __attribute__((vector_size(64), aligned(8), may_alias));
typedef long Places __attribute__((vector_size(64)));
typedef uint64_t Whole __attribute__((vector_size(64)));
#define AT(a) (*(const AnyCells *)(a))
#define ACROSS(a, j, w) ((w) * ((AT((a) + p + (j)) - here) - (here - AT((a) + p - (j)))))
#define ALONG(a, j, w) ((w) * ((right - here) - (here - left)))
#define BOTH(a)                                                                                                        \
  (ndim == 1   ? ALONG(a, i, u)                                                                                        \
   : ndim == 2 ? ALONG(a, i, u) + ACROSS(a, j, v)                                                                      \
               : ALONG(a, i, u) + ACROSS(a, j, v) + ACROSS(a, k, t))

/* Stride 1 along the first dimension: neighbours there are shifted together from vectors that are in registers, since
   loads across lines of the cache take twice as long.  The same operations as above. */
static inline __attribute__((always_inline, target("avx512f"))) bool Shifted(PetscInt n, int ndim, bool add,
                                                                             const PetscInt *stride, const PetscReal *w,
                                                                             const PetscScalar *a,
                                                                             PetscScalar *restrict out) {
  const Places before = {7, 8, 9, 10, 11, 12, 13, 14}, after = {1, 2, 3, 4, 5, 6, 7, 8};
  const PetscInt j = stride[1], k = stride[2];
  const PetscReal u = w[0], v = w[1], t = w[2];
  Cells last = {0}, here, next;
  Whole excess = {0}, most = (Whole){0} + (INT64_MAX - Bits(RHO_LARGEST_RATE)), modulus = (Whole){0} + INT64_MAX;
  PetscInt p = 0;
  if (n >= 8) {
    last[7] = a[-1];
    here = AT(a);
  }
  for (; p + 8 <= n; p += 8) {
    if (p + 16 <= n) next = AT(a + p + 8);
    else next = (Cells){a[p + 8]};
    Cells left = __builtin_shuffle(last, here, before), right = __builtin_shuffle(here, next, after), sum = BOTH(a);
    if (add) sum = AT(out + p) + sum;
    *(AnyCells *)(out + p) = sum;
    excess |= ((Whole)sum & modulus) + most;
    last = here;
    here = next;
  }
  bool bad = Plain(p, n, ndim, add, stride, w, a, out);
  for (int lane = 0; lane < 8; lane++) bad |= (int64_t)excess[lane] < 0;
  return bad;
}

__attribute__((target("avx512f"))) static bool Shifts(PetscInt n, int ndim, bool add, const PetscInt *stride,
                                                      const PetscReal *w, const PetscScalar *a,
                                                      PetscScalar *restrict out) {
  if (ndim == 2 && !add) return Shifted(n, 2, false, stride, w, a, out);
  if (ndim == 2) return Shifted(n, 2, true, stride, w, a, out);
  if (ndim == 3 && !add) return Shifted(n, 3, false, stride, w, a, out);
  if (ndim == 3) return Shifted(n, 3, true, stride, w, a, out);
  return Shifted(n, 1, add, stride, w, a, out);
}
#endif

RHO_VECTOR_LEVELS static bool Loads(PetscInt n, int ndim, bool add, const PetscInt *stride, const PetscReal *w,
                                    const PetscScalar *a, PetscScalar *restrict out) {
  if (ndim == 1 && !add) return Plain(0, n, 1, false, stride, w, a, out);
  if (ndim == 1) return Plain(0, n, 1, true, stride, w, a, out);
  if (ndim == 2 && !add) return Plain(0, n, 2, false, stride, w, a, out);
  if (ndim == 2) return Plain(0, n, 2, true, stride, w, a, out);
  if (!add) return Plain(0, n, 3, false, stride, w, a, out);
  return Plain(0, n, 3, true, stride, w, a, out);
}

static bool AddContiguous(PetscInt n, int ndim, bool add, const PetscInt *stride, const PetscReal *w,
                          const PetscScalar *a, PetscScalar *out) {
#ifdef RHO_VECTORS
  if (stride[0] == 1 && __builtin_cpu_supports("avx512f")) return Shifts(n, ndim, add, stride, w, a, out);
#endif
  return Loads(n, ndim, add, stride, w, a, out);
}

RHO_VECTOR_LEVELS static void AddStrided(PetscInt n, PetscInt j, PetscReal w, const PetscScalar *a, PetscInt s,
                                         PetscScalar *restrict out) {
  for (PetscInt p = 0; p < n; p++) out[p] += w * ((a[p * s + j] - a[p * s]) - (a[p * s] - a[p * s - j]));
}

bool rho_loop_add_laplacian(PetscInt n, int ndim, const PetscInt *stride, const PetscReal *w, const PetscScalar *a,
                            PetscInt s, PetscBool first, PetscScalar *out) {
  if (s == 1) return AddContiguous(n, ndim, !first, stride, w, a, out);
  if (first) memset(out, 0, sizeof *out * (size_t)n);
  for (int d = 0; d < ndim; d++) AddStrided(n, stride[d] * s, w[d], a, s, out);
  return rho_loop_excess(n, out);
}

RHO_VECTOR_LEVELS void rho_loop_divgrad(PetscInt n, PetscReal w, const PetscScalar *a, PetscInt ja, PetscInt sa,
                                        const PetscScalar *b, PetscInt jb, PetscInt sb, PetscBool first,
                                        PetscScalar *restrict out) {
  for (PetscInt p = 0; p < n; p++) {
    const PetscScalar *x = a + p * sa, *y = b + p * sb;
    PetscReal term = w * ((x[0] + x[ja]) * (y[jb] - y[0]) - (x[0] + x[-ja]) * (y[0] - y[-jb]));
    out[p] = first ? term : out[p] + term;
  }
}

RHO_VECTOR_LEVELS void rho_loop_gdot(PetscInt n, PetscReal w, const PetscScalar *a, PetscInt ja, PetscInt sa,
                                     const PetscScalar *b, PetscInt jb, PetscInt sb, PetscBool first,
                                     PetscScalar *restrict out) {
  for (PetscInt p = 0; p < n; p++) {
    const PetscScalar *x = a + p * sa, *y = b + p * sb;
    PetscReal term = w * ((x[ja] - x[0]) * (y[jb] - y[0]) + (x[0] - x[-ja]) * (y[0] - y[-jb]));
    out[p] = first ? term : out[p] + term;
  }
}

RHO_VECTOR_LEVELS bool rho_loop_stretched_laplacian(PetscInt n, PetscReal factor, RhoStretched w, const PetscScalar *a,
                                                    PetscInt j, PetscInt s, PetscBool first,
                                                    PetscScalar *restrict out) {
  int64_t excess = 0;
  for (PetscInt p = 0; p < n; p++) {
    const PetscScalar *x = a + p * s;
    PetscReal term = factor * w.inside[p] * (w.right[p] * (x[j] - x[0]) - w.left[p] * (x[0] - x[-j]));
    out[p] = first ? term : out[p] + term;
    excess |= Excess(out[p]);
  }
  return excess < 0;
}

RHO_VECTOR_LEVELS void rho_loop_stretched_divgrad(PetscInt n, RhoStretched w, const PetscScalar *a, PetscInt ja,
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

RHO_VECTOR_LEVELS void rho_loop_stretched_gdot(PetscInt n, RhoStretched w, const PetscScalar *a, PetscInt ja,
                                               PetscInt sa, const PetscScalar *b, PetscInt jb, PetscInt sb,
                                               PetscBool first, PetscScalar *restrict out) {
  for (PetscInt p = 0; p < n; p++) {
    const PetscScalar *x = a + p * sa, *y = b + p * sb;
    PetscReal right = w.right[p] * (x[ja] - x[0]) * (y[jb] - y[0]),
              left = w.left[p] * (x[0] - x[-ja]) * (y[0] - y[-jb]);
    PetscReal term = 0.5 * w.inside[p] * (right + left);
    out[p] = first ? term : out[p] + term;
  }
}

RHO_VECTOR_LEVELS bool rho_loop_stretched_difference(PetscInt n, const PetscScalar *inside, const PetscScalar *J,
                                                     const PetscScalar *K, PetscScalar *restrict out) {
  int64_t excess = 0;
  for (PetscInt p = 0; p < n; p++) {
    out[p] -= inside[p] * (J[p] - K[p]);
    excess |= Excess(out[p]);
  }
  return excess < 0;
}

RHO_VECTOR_LEVELS bool rho_loop_difference(PetscInt n, const PetscScalar *J, const PetscScalar *K,
                                           PetscScalar *restrict out) {
  int64_t excess = 0;
  for (PetscInt p = 0; p < n; p++) {
    out[p] -= J[p] - K[p];
    excess |= Excess(out[p]);
  }
  return excess < 0;
}

RHO_VECTOR_LEVELS static void EveryOther(PetscInt n, const PetscScalar *in, PetscScalar *restrict out) {
  for (PetscInt p = 0; p < n; p++) out[p] = in[2 * p];
}

void rho_loop_column(PetscInt n, PetscInt s, const PetscScalar *in, PetscScalar *out) {
  if (s == 1) memcpy(out, in, sizeof *out * (size_t)n);
  else if (s == 2) EveryOther(n, in, out);
  else
    for (PetscInt p = 0; p < n; p++) out[p] = in[p * s];
}

RHO_VECTOR_LEVELS static void Interleave2(PetscInt n, const PetscScalar *a, const PetscScalar *b,
                                          PetscScalar *restrict out) {
  for (PetscInt p = 0; p < n; p++) {
    out[2 * p] = a[p];
    out[2 * p + 1] = b[p];
  }
}

#define NLANE 8

void rho_loop_interleave(PetscInt n, PetscInt nf, const PetscScalar *in, PetscInt distance, PetscScalar *out) {
  if (in == out) return; /* one field, in place already */
  if (nf == 2) Interleave2(n, in, in + distance, out);
  else
    for (PetscInt f = 0; f < nf; f++)
      for (PetscInt p = 0; p < n; p++) out[p * nf + f] = in[f * distance + p];
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

RHO_VECTOR_LEVELS static void PlainSums(PetscInt n, PetscInt s, const PetscScalar *x, PetscReal *sum, PetscReal *lost,
                                        PetscReal *size) {
  Sums(n, s, NULL, x, sum, lost, size);
}

RHO_VECTOR_LEVELS static void WeightedSums(PetscInt n, PetscInt s, const PetscReal *weight, const PetscScalar *x,
                                           PetscReal *sum, PetscReal *lost, PetscReal *size) {
  Sums(n, s, weight, x, sum, lost, size);
}

void rho_loop_sums(PetscInt n, PetscInt s, const PetscReal *weight, const PetscScalar *x, PetscReal *sum,
                   PetscReal *lost, PetscReal *size) {
  if (weight) WeightedSums(n, s, weight, x, sum, lost, size);
  else PlainSums(n, s, x, sum, lost, size);
}

/* ---- modes ---- */

RHO_VECTOR_LEVELS void rho_loop_add_modes(PetscInt n, PetscReal sign, const PetscReal *restrict factor,
                                          const PetscScalar *restrict x, bool first, PetscScalar *restrict out) {
  if (first)
    for (PetscInt m = 0; m < n; m++) {
      PetscReal f = sign * factor[m];
      out[2 * m] = f * x[2 * m];
      out[2 * m + 1] = f * x[2 * m + 1];
    }
  else
    for (PetscInt m = 0; m < n; m++) {
      PetscReal f = sign * factor[m];
      out[2 * m] += f * x[2 * m];
      out[2 * m + 1] += f * x[2 * m + 1];
    }
}

RHO_VECTOR_LEVELS void rho_loop_add_two_modes(PetscInt n, const PetscReal sign[2], const PetscReal *restrict f,
                                              const PetscScalar *restrict x, const PetscReal *restrict g,
                                              const PetscScalar *restrict y, bool first, PetscScalar *restrict out) {
  const PetscReal s = sign[0], t = sign[1];
  if (first)
    for (PetscInt m = 0; m < n; m++) {
      PetscReal a = s * f[m], b = t * g[m];
      out[2 * m] = a * x[2 * m] + b * y[2 * m];
      out[2 * m + 1] = a * x[2 * m + 1] + b * y[2 * m + 1];
    }
  else
    for (PetscInt m = 0; m < n; m++) {
      PetscReal a = s * f[m], b = t * g[m];
      out[2 * m] += a * x[2 * m] + b * y[2 * m];
      out[2 * m + 1] += a * x[2 * m + 1] + b * y[2 * m + 1];
    }
}

RHO_VECTOR_LEVELS void rho_loop_add_turned(PetscInt n, PetscReal sign, const PetscReal *restrict factor,
                                           const PetscScalar *restrict x, bool first, PetscScalar *restrict out) {
  if (first)
    for (PetscInt m = 0; m < n; m++) {
      PetscReal f = sign * factor[m];
      out[2 * m] = -f * x[2 * m + 1];
      out[2 * m + 1] = f * x[2 * m];
    }
  else
    for (PetscInt m = 0; m < n; m++) {
      PetscReal f = sign * factor[m];
      out[2 * m] -= f * x[2 * m + 1];
      out[2 * m + 1] += f * x[2 * m];
    }
}

RHO_VECTOR_LEVELS void rho_loop_scale_modes(PetscInt n, PetscReal sign, const PetscReal *restrict factor,
                                            PetscScalar *restrict out) {
  for (PetscInt m = 0; m < n; m++) {
    PetscReal f = sign * factor[m];
    out[2 * m] *= f;
    out[2 * m + 1] *= f;
  }
}

RHO_VECTOR_LEVELS void rho_loop_add_scaled(PetscInt n, PetscReal c, const PetscScalar *restrict x, PetscInt s,
                                           PetscScalar *restrict out) {
  if (s == 1)
    for (PetscInt p = 0; p < n; p++) out[p] += c * x[p];
  else
    for (PetscInt p = 0; p < n; p++) out[p] += c * x[p * s];
}
