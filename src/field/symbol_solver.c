/* symbol_solver.c - x = (shift - A)^-1 b mode by mode, A the stiff symbol of the grid (stiff_symbol.h).

   Growing modes are cut off: A - max(lambda, 0), so that shift - A is never singular. */
#include "stiff_symbol.h"

struct RhoSymbolSolver_s {
  RhoFieldModel fm;
  RhoStiffSymbol symbol;
  PetscInt nmode, width, n;
  PetscReal *A, *inverse; /* [nmode][n][n] */
  PetscReal shift;
  PetscScalar **spectrum; /* [n] */
};

/* An upper bound of the real parts of the eigenvalues: exact for n = 1, else Gershgorin by rows or by columns. */
static PetscReal GrowthBound(PetscInt n, const PetscReal *A) {
  PetscReal rows = PETSC_MIN_REAL, columns = PETSC_MIN_REAL;
  for (PetscInt i = 0; i < n; i++) {
    PetscReal row = A[i * n + i], column = A[i * n + i];
    for (PetscInt j = 0; j < n; j++) {
      if (j == i) continue;
      row += PetscAbsReal(A[i * n + j]);
      column += PetscAbsReal(A[j * n + i]);
    }
    rows = PetscMax(rows, row);
    columns = PetscMax(columns, column);
  }
  return PetscMin(rows, columns);
}

static PetscErrorCode Modes(RhoSymbolSolver s) {
  PetscFunctionBegin;
  for (PetscInt m = 0; m < s->nmode; m++) {
    PetscReal *A = s->A + m * s->n * s->n, growth;
    rho_stiff_symbol_mode(&s->symbol, m, A);
    growth = PetscMax(GrowthBound(s->n, A), 0);
    for (PetscInt i = 0; i < s->n; i++) A[i * s->n + i] -= growth;
  }
  PetscFunctionReturn(0);
}

/* Gauss-Jordan with partial pivoting: inverse[n][n] of M, which is destroyed. */
static PetscErrorCode Invert(PetscInt n, PetscReal *M, PetscReal *inverse) {
  PetscFunctionBegin;
  for (PetscInt i = 0; i < n * n; i++) inverse[i] = i % (n + 1) == 0;
  for (PetscInt c = 0; c < n; c++) {
    PetscInt best = c;
    for (PetscInt r = c + 1; r < n; r++)
      if (PetscAbsReal(M[r * n + c]) > PetscAbsReal(M[best * n + c])) best = r;
    PetscCheck(M[best * n + c] != 0, PETSC_COMM_SELF, PETSC_ERR_MAT_LU_ZRPVT, "shift - A is singular");
    for (PetscInt k = 0; k < n && best != c; k++) {
      PetscReal swap = M[c * n + k], other = inverse[c * n + k];
      M[c * n + k] = M[best * n + k];
      M[best * n + k] = swap;
      inverse[c * n + k] = inverse[best * n + k];
      inverse[best * n + k] = other;
    }
    PetscReal pivot = 1 / M[c * n + c];
    for (PetscInt k = 0; k < n; k++) {
      M[c * n + k] *= pivot;
      inverse[c * n + k] *= pivot;
    }
    for (PetscInt r = 0; r < n; r++) {
      PetscReal factor = M[r * n + c];
      if (r == c || factor == 0) continue;
      for (PetscInt k = 0; k < n; k++) {
        M[r * n + k] -= factor * M[c * n + k];
        inverse[r * n + k] -= factor * inverse[c * n + k];
      }
    }
  }
  PetscFunctionReturn(0);
}

PetscErrorCode RhoSymbolSolverShift(RhoSymbolSolver s, PetscReal shift) {
  PetscInt n = s->n, nn = n * n;
  PetscReal scale = RhoTransformScale(s->fm->transform), *M;
  PetscFunctionBegin;
  if (shift == s->shift) PetscFunctionReturn(0);
  s->shift = shift;
  if (n == 1) {
    for (PetscInt m = 0; m < s->nmode; m++) s->inverse[m] = scale / (shift - s->A[m]);
    PetscFunctionReturn(0);
  }
  PetscCall(PetscMalloc1((size_t)nn, &M));
  for (PetscInt m = 0; m < s->nmode; m++) {
    for (PetscInt e = 0; e < nn; e++) M[e] = (e % (n + 1) == 0 ? shift : 0) - s->A[m * nn + e];
    PetscCall(Invert(n, M, s->inverse + m * nn));
    for (PetscInt e = 0; e < nn; e++) s->inverse[m * nn + e] *= scale;
  }
  PetscCall(PetscFree(M));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoSymbolSolverSet(RhoSymbolSolver s, Vec u, PetscReal shift) {
  PetscFunctionBegin;
  PetscCall(rho_stiff_symbol_average(&s->symbol, u));
  PetscCall(Modes(s));
  s->shift = -1;
  PetscCall(RhoSymbolSolverShift(s, shift));
  PetscFunctionReturn(0);
}

/* spectrum_i <- scale * sum_j M_ij spectrum_j, in place, M[nmode][n][n] */
static void Multiply(RhoSymbolSolver s, const PetscReal *matrix, PetscReal scale) {
  PetscInt n = s->n, w = s->width;
  PetscScalar value[RHO_SYMBOL_MOST];
  for (PetscInt m = 0; m < s->nmode; m++) {
    const PetscReal *M = matrix + m * n * n;
    for (PetscInt c = 0; c < w; c++) {
      for (PetscInt i = 0; i < n; i++) {
        value[i] = 0;
        for (PetscInt j = 0; j < n; j++) value[i] += M[i * n + j] * s->spectrum[j][m * w + c];
      }
      for (PetscInt i = 0; i < n; i++) s->spectrum[i][m * w + c] = scale * value[i];
    }
  }
}

static PetscErrorCode Forward(RhoSymbolSolver s, Vec b) {
  const PetscScalar *from;
  PetscFunctionBegin;
  PetscCall(VecGetArrayRead(b, &from));
  PetscCall(RhoTransformForwardAll(s->fm->transform, (int)s->n, from, s->spectrum));
  PetscCall(VecRestoreArrayRead(b, &from));
  PetscFunctionReturn(0);
}

static PetscErrorCode Backward(RhoSymbolSolver s, Vec x) {
  PetscScalar *to;
  PetscFunctionBegin;
  PetscCall(VecGetArrayWrite(x, &to));
  PetscCall(RhoTransformBackwardAll(s->fm->transform, (int)s->n, s->spectrum, to));
  PetscCall(VecRestoreArrayWrite(x, &to));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoSymbolSolverApply(RhoSymbolSolver s, Vec b, Vec x) {
  PetscFunctionBegin;
  PetscCall(Forward(s, b));
  if (s->n == 1) RhoTransformScaleModes(s->fm->transform, s->inverse, s->spectrum[0], s->spectrum[0]);
  else Multiply(s, s->inverse, 1.0);
  PetscCall(Backward(s, x));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoSymbolSolverMultiply(RhoSymbolSolver s, Vec v, Vec Av) {
  PetscFunctionBegin;
  PetscCall(Forward(s, v));
  Multiply(s, s->A, RhoTransformScale(s->fm->transform));
  PetscCall(Backward(s, Av));
  PetscFunctionReturn(0);
}

/* ---- life ---- */

PetscErrorCode RhoSymbolSolverCreate(RhoTangent tangent, RhoSymbolSolver *out) {
  RhoFieldModel fm = tangent->fm;
  RhoSymbolSolver s;
  size_t nn = (size_t)(fm->eq->nfield * fm->eq->nfield);
  PetscFunctionBegin;
  PetscCheck(fm->eq->nfield <= RHO_SYMBOL_MOST, fm->grid->comm, PETSC_ERR_SUP,
             "the symbol's solver takes at most %d fields, not %d", RHO_SYMBOL_MOST, fm->eq->nfield);
  PetscCall(PetscNew(&s));
  *out = s;
  s->fm = fm;
  s->n = fm->eq->nfield;
  s->shift = -1;
  PetscCall(rho_stiff_symbol_create(fm, RhoTangentConstant(tangent), &s->symbol));
  s->nmode = s->symbol.nmode;
  s->width = s->symbol.width;
  PetscCall(PetscCalloc2((size_t)s->nmode * nn, &s->A, (size_t)s->nmode * nn, &s->inverse));
  PetscCall(PetscCalloc1((size_t)s->n, &s->spectrum));
  for (PetscInt i = 0; i < s->n; i++) PetscCall(RhoTransformSpectrum(fm->transform, &s->spectrum[i]));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoSymbolSolverDestroy(RhoSymbolSolver *out) {
  RhoSymbolSolver s = *out;
  PetscFunctionBegin;
  if (!s) PetscFunctionReturn(0);
  for (PetscInt i = 0; i < s->n; i++) PetscCall(RhoTransformFreeSpectrum(s->fm->transform, &s->spectrum[i]));
  PetscCall(rho_stiff_symbol_destroy(&s->symbol));
  PetscCall(PetscFree(s->spectrum));
  PetscCall(PetscFree2(s->A, s->inverse));
  PetscCall(PetscFree(*out));
  PetscFunctionReturn(0);
}
