/* modal_solve.c - see modal_solve.h. */
#include "modal_solve.h"

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
static void SolveMode(PetscInt width, PetscInt n, PetscReal shift, PetscInt plane, const PetscReal *A,
                      const PetscReal *B, PetscInt m, PetscInt pitch, PetscScalar *x) {
  PetscReal M[MOST][MOST + 2];
  int rows = (int)(B ? 2 * n : n), columns = rows + (int)(B ? 1 : width);
  for (PetscInt i = 0; i < n; i++) {
    for (PetscInt j = 0; j < n; j++) {
      PetscInt e = (i * n + j) * plane + m;
      M[i][j] = (i == j ? shift : 0) - A[e];
      if (!B) continue;
      M[n + i][n + j] = M[i][j];
      M[n + i][j] = -B[e];
      M[i][n + j] = B[e];
    }
    for (PetscInt k = 0; k < width; k++) *(B ? &M[i + k * n][rows] : &M[i][rows + k]) = x[i * pitch + m * width + k];
  }
  Eliminate(rows, columns, M);
  for (PetscInt i = 0; i < n; i++)
    for (PetscInt k = 0; k < width; k++) x[i * pitch + m * width + k] = B ? M[i + k * n][rows] : M[i][rows + k];
}

void rho_modal_solve(PetscInt nmode, PetscInt width, PetscInt n, PetscReal shift, PetscInt plane, const PetscReal *A,
                     const PetscReal *B, PetscInt pitch, PetscScalar *x) {
  for (PetscInt m = 0; m < nmode; m++) SolveMode(width, n, shift, plane, A, B, m, pitch, x);
}
