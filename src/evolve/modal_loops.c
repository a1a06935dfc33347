/* modal_loops.c - see modal_loops.h. */
#include "modal_loops.h"

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

RHO_VECTOR_LEVELS static void SetReal(PetscInt nmode, PetscInt width, const PetscReal *a, const PetscScalar *x,
                                      PetscScalar *out) {
  Real(nmode, width, a, x, 1, out);
}

RHO_VECTOR_LEVELS static void AddReal(PetscInt nmode, PetscInt width, const PetscReal *a, const PetscScalar *x,
                                      PetscScalar *out) {
  Real(nmode, width, a, x, 0, out);
}

/* out += i b x */
RHO_VECTOR_LEVELS static void AddTurned(PetscInt nmode, const PetscReal *restrict b, const PetscScalar *restrict x,
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
RHO_VECTOR_LEVELS static void Squares(PetscInt nblock, PetscInt width, const PetscReal *restrict weight,
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

/* ---- systems ---- */

RHO_VECTOR_LEVELS static void SolveOne(PetscInt nmode, PetscInt width, PetscReal shift, const PetscReal *restrict A,
                                       PetscScalar *restrict x) {
  if (width == 1)
    for (PetscInt m = 0; m < nmode; m++) x[m] /= shift - A[m];
  else
    for (PetscInt m = 0; m < nmode; m++) {
      PetscReal inverse = 1 / (shift - A[m]);
      x[2 * m] *= inverse;
      x[2 * m + 1] *= inverse;
    }
}

RHO_VECTOR_LEVELS static void SolveTwo(PetscInt nmode, PetscInt width, PetscReal shift, const PetscReal *restrict A,
                                       PetscScalar *restrict x, PetscScalar *restrict y) {
  for (PetscInt m = 0; m < nmode; m++) {
    PetscReal a = shift - A[4 * m], b = -A[4 * m + 1], c = -A[4 * m + 2], d = shift - A[4 * m + 3];
    PetscReal inverse = 1 / (a * d - b * c);
    for (PetscInt k = m * width; k < (m + 1) * width; k++) {
      PetscScalar p = x[k], q = y[k];
      x[k] = inverse * (d * p - b * q);
      y[k] = inverse * (a * q - c * p);
    }
  }
}

enum { MOST = 32 }; /* rows: complex ones are two */

static void Swap(int n, PetscReal *a, PetscReal *b) {
  for (int k = 0; k < n; k++) {
    PetscReal keep = a[k];
    a[k] = b[k];
    b[k] = keep;
  }
}

/* M z = right-hand sides, the columns from n on, which z replaces; by elimination, the largest pivot of a column. */
static void Eliminate(int n, int ncolumn, PetscReal M[][MOST + 2]) {
  for (int c = 0; c < n; c++) {
    int best = c;
    for (int r = c + 1; r < n; r++)
      if (PetscAbsReal(M[r][c]) > PetscAbsReal(M[best][c])) best = r;
    Swap(ncolumn, M[c], M[best]);
    for (int r = 0; r < n; r++) {
      PetscReal factor = M[r][c] / M[c][c];
      for (int k = c; k < ncolumn && r != c; k++) M[r][k] -= factor * M[c][k];
    }
  }
  for (int r = 0; r < n; r++)
    for (int k = n; k < ncolumn; k++) M[r][k] /= M[r][r];
}

/* One mode: real matrices have `width` right-hand sides, complex ones are  ((a, -b), (b, a)). */
static void SolveMode(PetscInt width, PetscInt n, PetscReal shift, const PetscReal *A, const PetscReal *B, PetscInt m,
                      PetscScalar *const *x) {
  PetscReal M[MOST][MOST + 2];
  int rows = (int)(B ? 2 * n : n), columns = rows + (int)(B ? 1 : width);
  for (PetscInt i = 0; i < n; i++) {
    for (PetscInt j = 0; j < n; j++) {
      M[i][j] = (i == j ? shift : 0) - A[i * n + j];
      if (!B) continue;
      M[n + i][n + j] = M[i][j];
      M[n + i][j] = -B[i * n + j];
      M[i][n + j] = B[i * n + j];
    }
    for (PetscInt k = 0; k < width; k++) *(B ? &M[i + k * n][rows] : &M[i][rows + k]) = x[i][m * width + k];
  }
  Eliminate(rows, columns, M);
  for (PetscInt i = 0; i < n; i++)
    for (PetscInt k = 0; k < width; k++) x[i][m * width + k] = B ? M[i + k * n][rows] : M[i][rows + k];
}

void rho_modal_solve(PetscInt nmode, PetscInt width, PetscInt n, PetscReal shift, const PetscReal *A,
                     const PetscReal *B, PetscScalar *const *x) {
  if (n == 1 && !B) SolveOne(nmode, width, shift, A, x[0]);
  else if (n == 2 && !B) SolveTwo(nmode, width, shift, A, x[0], x[1]);
  else
    for (PetscInt m = 0; m < nmode; m++) SolveMode(width, n, shift, A + m * n * n, B ? B + m * n * n : NULL, m, x);
}
