/* modal_loops.c - see modal_loops.h. */
#include "modal_loops.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define VECTOR_LEVELS __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define VECTOR_LEVELS
#endif

/* The compiler makes loops of their own for both values of first. */
static inline void Real(PetscInt nmode, PetscInt width, const PetscReal *restrict a, const PetscScalar *restrict x,
                        int first, PetscScalar *restrict out) {
  if (width == 1)
    for (PetscInt m = 0; m < nmode; m++) out[m] = a[m] * x[m] + (first ? 0 : out[m]);
  else
    for (PetscInt m = 0; m < nmode; m++) {
      out[2 * m] = a[m] * x[2 * m] + (first ? 0 : out[2 * m]);
      out[2 * m + 1] = a[m] * x[2 * m + 1] + (first ? 0 : out[2 * m + 1]);
    }
}

VECTOR_LEVELS static void SetReal(PetscInt nmode, PetscInt width, const PetscReal *a, const PetscScalar *x,
                                  PetscScalar *out) {
  Real(nmode, width, a, x, 1, out);
}

VECTOR_LEVELS static void AddReal(PetscInt nmode, PetscInt width, const PetscReal *a, const PetscScalar *x,
                                  PetscScalar *out) {
  Real(nmode, width, a, x, 0, out);
}

/* out += i b x */
VECTOR_LEVELS static void AddTurned(PetscInt nmode, const PetscReal *restrict b, const PetscScalar *restrict x,
                                    PetscScalar *restrict out) {
  for (PetscInt m = 0; m < nmode; m++) {
    out[2 * m] -= b[m] * x[2 * m + 1];
    out[2 * m + 1] += b[m] * x[2 * m];
  }
}

void rho_modal_multiply(PetscInt nmode, PetscInt width, const PetscReal *a, const PetscReal *b, const PetscScalar *x,
                        PetscBool first, PetscScalar *out) {
  if (first) SetReal(nmode, width, a, x, out);
  else AddReal(nmode, width, a, x, out);
  if (b) AddTurned(nmode, b, x, out);
}

#define LANES 8

/* sum[LANES] += */
VECTOR_LEVELS static void Squares(PetscInt nblock, PetscInt width, const PetscReal *restrict weight,
                                  const PetscScalar *restrict x, PetscReal *restrict sum) {
  for (PetscInt p = 0; p < nblock; p++)
    for (PetscInt k = 0; k < LANES; k++) {
      PetscInt m = p * LANES + k;
      PetscReal re = x[width * m], im = width == 2 ? x[2 * m + 1] : 0;
      sum[k] += weight[m] * (re * re + im * im);
    }
}

PetscReal rho_modal_square(PetscInt nmode, PetscInt width, const PetscReal *weight, const PetscScalar *x) {
  PetscReal sum[LANES] = {0}, total = 0;
  PetscInt nblock = nmode / LANES;
  Squares(nblock, width, weight, x, sum);
  for (PetscInt k = 0; k < LANES; k++) total += sum[k];
  for (PetscInt k = nblock * LANES * width; k < nmode * width; k++) total += weight[k / width] * x[k] * x[k];
  return total;
}
