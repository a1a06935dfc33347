/* stiff_symbol.c - see stiff_symbol.h. */
#include "stiff_symbol.h"

#define NPOWER 4
#define NPART (RHO_MAXDIM + 1) /* without s_d, and with each s_d */
#define NSAMPLE 64

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

static PetscErrorCode AddSample(RhoStiffSymbol *s, const double *state, const double *place, const double *width,
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

PetscErrorCode rho_stiff_symbol_average(RhoStiffSymbol *s, Vec u) {
  RhoGrid grid = s->fm->grid;
  PetscInt count = NPART * NPOWER * s->n * s->n, nsample = s->constant ? 1 : PetscMin(NSAMPLE, grid->ncell);
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

void rho_stiff_symbol_mode(const RhoStiffSymbol *s, PetscInt m, PetscReal *A) {
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

/* ---- life ---- */

static PetscErrorCode Wavenumbers(RhoStiffSymbol *s) {
  const PetscReal *q[RHO_MAXDIM];
  RhoGrid grid = s->fm->grid;
  PetscFunctionBegin;
  PetscCall(RhoTransformModes(s->fm->transform, &s->nmode, &s->width, &q[0], &q[1], &q[2]));
  PetscCall(PetscCalloc4((size_t)s->nmode, &s->s[0], (size_t)s->nmode, &s->s[1], (size_t)s->nmode, &s->s[2],
                         (size_t)s->nmode, &s->l));
  for (int d = 0; d < grid->mesh.ndimension; d++) {
    PetscReal h = grid->h[d];
    s->top += s->fm->spectral ? PETSC_PI * PETSC_PI / (h * h) : 4 / (h * h);
    for (PetscInt m = 0; m < s->nmode; m++) {
      PetscReal half = s->fm->spectral ? q[d][m] : 2 / h * PetscSinReal(0.5 * q[d][m] * h);
      s->s[d][m] = half * half;
      s->l[m] += s->s[d][m];
    }
  }
  PetscFunctionReturn(0);
}

PetscErrorCode rho_stiff_symbol_create(RhoFieldModel fm, PetscBool constant, RhoStiffSymbol *s) {
  PetscFunctionBegin;
  *s = (RhoStiffSymbol){.fm = fm, .constant = constant, .n = fm->eq->nfield};
  RhoStatus status = RhoSymbolProgramCreate(fm->eq, RHO_PART_STIFF, 0, &s->program);
  PetscCheck(status != RHO_NOMEM, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory");
  PetscCheck(!status, PETSC_COMM_SELF, PETSC_ERR_PLIB, "the stiff part has no symbol");
  PetscCall(rho_fv_transform(fm));
  PetscCall(Wavenumbers(s));
  PetscCall(PetscCalloc1((size_t)(NPART * NPOWER * s->n * s->n), &s->C));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_stiff_symbol_destroy(RhoStiffSymbol *s) {
  PetscFunctionBegin;
  RhoSymbolProgramDestroy(&s->program);
  PetscCall(PetscFree(s->C));
  PetscCall(PetscFree4(s->s[0], s->s[1], s->s[2], s->l));
  PetscFunctionReturn(0);
}
