/* symbol_solver.c - x = (shift - A)^-1 b mode by mode, A the stiff symbol of the grid.

     A(mode) = sum_p l^p (C_p + sum_d s_d C_dp),  l = sum_d s_d,  s_d = (2/h_d sin(q_d h_d/2))^2

   Where cells are stretched, h_d is their mean width and waves run in the numbers of the cells: no longer the inverse,
   but near it as long as the widths are.

   The C are n x n and come from the symbol at four values of l, averaged over sample cells of the state (with constant
   coefficients any cell will do).  Growing modes are cut off: A - max(lambda, 0), so that shift - A is never singular.
 */
#include "field_private.h"

#define NPOWER 4
#define NPART (RHO_MAXDIM + 1) /* without s_d, and with each s_d */
#define NSAMPLE 64

struct RhoSymbolSolver_s {
  RhoTangent tangent;
  RhoFieldModel fm;
  RhoSymbolProgram program; /* of the stiff part */
  PetscInt nmode, width, n;
  PetscReal *s[RHO_MAXDIM], *l; /* [nmode] */
  PetscReal top;                /* largest l of the grid: the scale of the interpolation */
  PetscReal *C;                 /* [NPART][NPOWER][n][n] in the scaled variable 3 l/top */
  PetscReal *A, *inverse;       /* [nmode][n][n] */
  PetscReal shift;
  PetscScalar **spectrum; /* [n] */
};

/* ---- the coefficients ---- */

static void SampleWaves(const PetscReal *l, int part, const double *one, RhoWaves *waves) {
  *waves = (RhoWaves){.n = NPOWER, .laplace = l};
  for (int d = 0; d < RHO_MAXDIM; d++) waves->s[d] = d == part - 1 ? one : NULL;
}

/* values at l = 0, 1, 2, 3 -> coefficients of 1, l, l^2, l^3 */
static void Interpolate(const PetscReal v[NPOWER], PetscReal c[NPOWER]) {
  PetscReal d1 = v[1] - v[0], d2 = v[2] - 2 * v[1] + v[0], d3 = v[3] - 3 * v[2] + 3 * v[1] - v[0];
  c[0] = v[0];
  c[1] = d1 - d2 / 2 + d3 / 3;
  c[2] = d2 / 2 - d3 / 2;
  c[3] = d3 / 6;
}

static PetscErrorCode AddSample(RhoSymbolSolver s, const double *state, const double *place, const double *width,
                                PetscReal *C) {
  PetscInt nn = s->n * s->n;
  const PetscReal l[NPOWER] = {0, s->top / 3, 2 * s->top / 3, s->top};
  const double one[NPOWER] = {1, 1, 1, 1};
  double complex *A[2];
  PetscFunctionBegin;
  PetscCall(PetscMalloc2((size_t)(NPOWER * nn), &A[0], (size_t)(NPOWER * nn), &A[1]));
  PetscCheck(!RhoSymbolProgramBind(s->program, s->fm->value, state, place, width), PETSC_COMM_SELF, PETSC_ERR_PLIB,
             "the stiff part has no symbol here");
  for (int part = 0; part < NPART; part++) {
    RhoWaves waves;
    SampleWaves(l, part, one, &waves);
    PetscCheck(!RhoSymbolProgramEval(s->program, &waves, A[part > 0]), PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory");
    for (PetscInt e = 0; e < nn; e++) {
      PetscReal v[NPOWER], c[NPOWER];
      for (int p = 0; p < NPOWER; p++) v[p] = creal(A[part > 0][p * nn + e]) - (part ? creal(A[0][p * nn + e]) : 0);
      Interpolate(v, c);
      for (int p = 0; p < NPOWER; p++) C[(part * NPOWER + p) * nn + e] += c[p];
    }
  }
  PetscCall(PetscFree2(A[0], A[1]));
  PetscFunctionReturn(0);
}

static void PlaceOf(RhoGrid grid, PetscInt cell, double *place, double *width) {
  for (int d = 0; d < RHO_MAXDIM; d++) {
    PetscInt i = cell % grid->count[d];
    cell /= grid->count[d];
    place[d] = d < grid->mesh.ndimension ? RhoGridCoordinate(grid, d)[i + grid->halo] : 0;
    width[d] = d < grid->mesh.ndimension ? RhoGridWidth(grid, d)[i + grid->halo] : 1;
  }
}

/* The mean over sample cells, the same ones on any number of ranks. */
static PetscErrorCode Average(RhoSymbolSolver s, Vec u) {
  RhoGrid grid = s->fm->grid;
  PetscInt count = NPART * NPOWER * s->n * s->n,
           nsample = RhoTangentConstant(s->tangent) ? 1 : PetscMin(NSAMPLE, grid->ncell);
  PetscInt slow = s->fm->slow,
           first = grid->start[slow] * (grid->nowned / grid->count[slow]); /* slabs: numbers in a row */
  const PetscScalar *state;
  PetscFunctionBegin;
  PetscCall(PetscArrayzero(s->C, count));
  PetscCall(VecGetArrayRead(u, &state));
  for (PetscInt k = 0; k < nsample; k++) {
    PetscInt cell = (PetscInt)((2 * k + 1) * (PetscInt64)grid->ncell / (2 * nsample)) - first;
    double place[RHO_MAXDIM], width[RHO_MAXDIM];
    if (cell < 0 || cell >= grid->nowned) continue;
    PlaceOf(grid, cell, place, width);
    PetscCall(AddSample(s, state + cell * s->n, place, width, s->C));
  }
  PetscCall(VecRestoreArrayRead(u, &state));
  if (grid->size > 1)
    PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, s->C, (PetscMPIInt)count, MPIU_REAL, MPI_SUM, grid->comm));
  for (PetscInt e = 0; e < count; e++) s->C[e] /= (PetscReal)nsample;
  PetscFunctionReturn(0);
}

/* ---- modes ---- */

static void ModeMatrix(const struct RhoSymbolSolver_s *s, PetscInt m, PetscReal *A) {
  PetscInt nn = s->n * s->n;
  PetscReal l = 3 * s->l[m] / s->top;
  for (PetscInt e = 0; e < nn; e++) {
    PetscReal sum = 0;
    for (int part = 0; part < NPART; part++) {
      const PetscReal *c = s->C + part * NPOWER * nn + e;
      PetscReal value = ((c[3 * nn] * l + c[2 * nn]) * l + c[nn]) * l + c[0];
      sum += part ? s->s[part - 1][m] * value : value;
    }
    A[e] = sum;
  }
}

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
    ModeMatrix(s, m, A);
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
  PetscCall(Average(s, u));
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
  for (PetscInt i = 0; i < s->n; i++) PetscCall(RhoTransformForward(s->fm->transform, from + i, s->n, s->spectrum[i]));
  PetscCall(VecRestoreArrayRead(b, &from));
  PetscFunctionReturn(0);
}

static PetscErrorCode Backward(RhoSymbolSolver s, Vec x) {
  PetscScalar *to;
  PetscFunctionBegin;
  PetscCall(VecGetArrayWrite(x, &to));
  for (PetscInt i = 0; i < s->n; i++) PetscCall(RhoTransformBackward(s->fm->transform, s->spectrum[i], to + i, s->n));
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

static PetscErrorCode Wavenumbers(RhoSymbolSolver s) {
  const PetscReal *q[RHO_MAXDIM];
  RhoGrid grid = s->fm->grid;
  PetscFunctionBegin;
  PetscCall(RhoTransformModes(s->fm->transform, &s->nmode, &s->width, &q[0], &q[1], &q[2]));
  PetscCall(PetscCalloc4((size_t)s->nmode, &s->s[0], (size_t)s->nmode, &s->s[1], (size_t)s->nmode, &s->s[2],
                         (size_t)s->nmode, &s->l));
  for (int d = 0; d < grid->mesh.ndimension; d++) {
    PetscReal h = grid->h[d];
    s->top += 4 / (h * h);
    for (PetscInt m = 0; m < s->nmode; m++) {
      PetscReal half = 2 / h * PetscSinReal(0.5 * q[d][m] * h);
      s->s[d][m] = half * half;
      s->l[m] += s->s[d][m];
    }
  }
  PetscFunctionReturn(0);
}

PetscErrorCode RhoSymbolSolverCreate(RhoTangent tangent, RhoSymbolSolver *out) {
  RhoSymbolSolver s;
  size_t nn;
  PetscFunctionBegin;
  PetscCall(PetscNew(&s));
  *out = s;
  s->tangent = tangent;
  s->fm = rho_tangent_field(tangent);
  s->n = s->fm->eq->nfield;
  s->shift = -1;
  PetscCheck(s->n <= RHO_SYMBOL_MOST, s->fm->grid->comm, PETSC_ERR_SUP,
             "the symbol's solver takes at most %d fields, not %d", RHO_SYMBOL_MOST, (int)s->n);
  RhoStatus status = RhoSymbolProgramCreate(s->fm->eq, RHO_PART_STIFF, 0, &s->program);
  PetscCheck(status != RHO_NOMEM, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory");
  PetscCheck(!status, PETSC_COMM_SELF, PETSC_ERR_PLIB, "the stiff part has no symbol");
  PetscCall(rho_fv_transform(s->fm));
  PetscCall(Wavenumbers(s));
  nn = (size_t)(s->n * s->n);
  PetscCall(PetscCalloc3(NPART * NPOWER * nn, &s->C, (size_t)s->nmode * nn, &s->A, (size_t)s->nmode * nn, &s->inverse));
  PetscCall(PetscCalloc1((size_t)s->n, &s->spectrum));
  for (PetscInt i = 0; i < s->n; i++) PetscCall(RhoTransformSpectrum(s->fm->transform, &s->spectrum[i]));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoSymbolSolverDestroy(RhoSymbolSolver *out) {
  RhoSymbolSolver s = *out;
  PetscFunctionBegin;
  if (!s) PetscFunctionReturn(0);
  for (PetscInt i = 0; i < s->n; i++) PetscCall(RhoTransformFreeSpectrum(s->fm->transform, &s->spectrum[i]));
  RhoSymbolProgramDestroy(&s->program);
  PetscCall(PetscFree(s->spectrum));
  PetscCall(PetscFree3(s->C, s->A, s->inverse));
  PetscCall(PetscFree4(s->s[0], s->s[1], s->s[2], s->l));
  PetscCall(PetscFree(*out));
  PetscFunctionReturn(0);
}
