/* totals.c - integrals of the conserved combinations, and their restoration.

   Sums are compensated (two-sum, in vector lanes), rank by rank, and the rank sums are added in rank order with
   compensation: a total does not depend on the reduction tree of MPI. */
#include "field_private.h"
#include "loops.h"

typedef struct {
  PetscReal sum, lost;
} Sum;

static void Add(Sum *s, PetscReal x) {
  PetscReal t = s->sum + x;
  s->lost += PetscAbsReal(s->sum) >= PetscAbsReal(x) ? (s->sum - t) + x : (x - t) + s->sum;
  s->sum = t;
}

/* What the sums of FieldSums still lack. */
static PetscReal Unit(RhoGrid grid) { return grid->volumes ? 1 : grid->volume; }

PetscBool RhoTotalOpen(RhoFieldModel fm, int c) {
  if (fm->eq->fed[c]) return PETSC_TRUE;
  for (int i = 0; i < fm->eq->nfield; i++)
    if (fm->eq->conserved[c][i] != 0 && rho_walls_open(fm, i)) return PETSC_TRUE;
  return PETSC_FALSE;
}

PetscErrorCode RhoInflow(RhoFieldModel fm, PetscReal *rate) {
  PetscInt nf = fm->eq->nfield;
  PetscReal *mine, *all;
  PetscFunctionBegin;
  for (int c = 0; c < fm->eq->nconserved; c++) rate[c] = 0;
  if (!fm->counted) PetscFunctionReturn(0);
  PetscCall(PetscMalloc2((size_t)nf, &mine, (size_t)(nf * fm->grid->size), &all));
  for (PetscInt i = 0; i < nf; i++) mine[i] = (fm->inflow[i].sum + fm->inflow[i].lost) * Unit(fm->grid);
  PetscCallMPI(MPI_Allgather(mine, (PetscMPIInt)nf, MPIU_REAL, all, (PetscMPIInt)nf, MPIU_REAL, fm->grid->comm));
  for (int c = 0; c < fm->eq->nconserved; c++) {
    Sum s = {0, 0};
    if (!RhoTotalOpen(fm, c)) continue; /* exchanges cancel but for rounding */
    for (PetscInt k = 0; k < nf * fm->grid->size; k++) Add(&s, fm->eq->conserved[c][k % nf] * all[k]);
    rate[c] = s.sum + s.lost;
  }
  PetscCall(PetscFree2(mine, all));
  PetscFunctionReturn(0);
}

/* sum[i], size[i]: of field i and of its modulus, over all ranks, without the volume of the cells if they are equal */
static PetscErrorCode FieldSums(RhoFieldModel fm, Vec u, PetscReal *sum, PetscReal *size) {
  PetscInt nf = fm->grid->nfield, n = 3 * nf;
  PetscReal *mine, *all;
  const PetscScalar *x;
  PetscFunctionBegin;
  PetscCall(PetscCalloc2((size_t)n, &mine, (size_t)(n * fm->grid->size), &all));
  PetscCall(VecGetArrayRead(u, &x));
  for (PetscInt i = 0; i < nf; i++)
    rho_loop_sums(fm->grid->nowned, nf, fm->grid->volumes, x + i, &mine[3 * i], &mine[3 * i + 1], &mine[3 * i + 2]);
  PetscCall(VecRestoreArrayRead(u, &x));
  PetscCallMPI(MPI_Allgather(mine, (PetscMPIInt)n, MPIU_REAL, all, (PetscMPIInt)n, MPIU_REAL, fm->grid->comm));
  for (PetscInt i = 0; i < nf; i++) {
    Sum s = {0, 0}, a = {0, 0};
    for (PetscInt r = 0; r < fm->grid->size; r++) {
      for (int k = 0; k < 2; k++) Add(&s, all[r * n + 3 * i + k]);
      Add(&a, all[r * n + 3 * i + 2]);
    }
    sum[i] = s.sum + s.lost;
    size[i] = a.sum + a.lost;
  }
  PetscCall(PetscFree2(mine, all));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoTotals(RhoFieldModel fm, Vec u, PetscReal *total, PetscReal *scale) {
  RhoEquations eq = fm->eq;
  PetscReal *sum, *size;
  PetscFunctionBegin;
  PetscCall(PetscMalloc2((size_t)eq->nfield, &sum, (size_t)eq->nfield, &size));
  PetscCall(FieldSums(fm, u, sum, size));
  for (int c = 0; c < eq->nconserved; c++) {
    PetscReal t = 0, a = 0;
    for (int i = 0; i < eq->nfield; i++) {
      t += eq->conserved[c][i] * sum[i];
      a += PetscAbsReal(eq->conserved[c][i]) * size[i];
    }
    if (total) total[c] = t * Unit(fm->grid);
    if (scale) scale[c] = a * Unit(fm->grid);
  }
  PetscCall(PetscFree2(sum, size));
  PetscFunctionReturn(0);
}

/* lambda of G lambda = defect, G_cc' = sum_i w_ci w_c'i int |u_i|, by elimination; a combination without mass gets none
 */
static PetscErrorCode Multipliers(int n, PetscReal *G, const PetscReal *diagonal, PetscReal *defect) {
  PetscFunctionBegin;
  for (int c = 0; c < n; c++) {
    PetscReal pivot = G[c * n + c];
    if (PetscAbsReal(pivot) <= 1e-10 * diagonal[c]) { /* no mass of its own */
      defect[c] = 0;
      continue;
    }
    for (int r = 0; r < n; r++) {
      PetscReal f = r == c ? 0 : G[r * n + c] / pivot;
      for (int k = 0; k < n; k++) G[r * n + k] -= f * G[c * n + k];
      defect[r] -= f * defect[c];
    }
    defect[c] /= pivot;
    for (int k = 0; k < n; k++) G[c * n + k] /= pivot;
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode Correct(RhoFieldModel fm, Vec u, Vec along, const PetscReal *lambda) {
  RhoEquations eq = fm->eq;
  PetscInt nf = fm->grid->nfield;
  PetscScalar *x;
  const PetscScalar *a;
  PetscFunctionBegin;
  PetscCall(VecGetArray(u, &x));
  if (along == u) a = x;
  else PetscCall(VecGetArrayRead(along, &a));
  for (PetscInt i = 0; i < nf; i++) {
    PetscReal factor = 0;
    for (int c = 0; c < eq->nconserved; c++) factor += lambda[c] * eq->conserved[c][i];
    if (PetscAbsReal(factor) < 0.25 * PETSC_MACHINE_EPSILON) continue; /* changes no entry */
    for (PetscInt p = 0; p < fm->grid->nowned; p++) x[p * nf + i] += factor * PetscAbsReal(a[p * nf + i]);
  }
  if (along != u) PetscCall(VecRestoreArrayRead(along, &a));
  PetscCall(VecRestoreArray(u, &x));
  PetscFunctionReturn(0);
}

/* open: also of those that something may flow into */
static PetscErrorCode Restore(RhoFieldModel fm, Vec u, Vec along, const PetscReal *target, PetscBool open) {
  RhoEquations eq = fm->eq;
  int n = eq->nconserved;
  PetscReal *sum, *size, *unused, *G, *lambda, *diagonal;
  PetscFunctionBegin;
  if (n == 0) PetscFunctionReturn(0);
  PetscCall(PetscCalloc6((size_t)eq->nfield, &sum, (size_t)eq->nfield, &size, (size_t)eq->nfield, &unused,
                         (size_t)(n * n), &G, (size_t)n, &lambda, (size_t)n, &diagonal));
  if (along != u) PetscCall(FieldSums(fm, along, sum, size));
  PetscCall(FieldSums(fm, u, sum, along == u ? size : unused));
  for (int c = 0; c < n; c++) {
    lambda[c] = target[c] / Unit(fm->grid);
    for (int i = 0; i < eq->nfield; i++) {
      lambda[c] -= eq->conserved[c][i] * sum[i];
      for (int k = 0; k < n; k++) G[c * n + k] += eq->conserved[c][i] * eq->conserved[k][i] * size[i];
    }
  }
  for (int c = 0; c < n; c++) {
    diagonal[c] = G[c * n + c];
    if (!open && RhoTotalOpen(fm, c)) lambda[c] = 0; /* no change */
  }
  PetscCall(Multipliers(n, G, diagonal, lambda));
  PetscCall(Correct(fm, u, along, lambda));
  PetscCall(PetscFree6(sum, size, unused, G, lambda, diagonal));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoTotalsRestore(RhoFieldModel fm, Vec u, Vec along, const PetscReal *target) {
  PetscFunctionBegin;
  PetscCall(Restore(fm, u, along, target, PETSC_FALSE));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoTotalsRestoreAll(RhoFieldModel fm, Vec u, Vec along, const PetscReal *target) {
  PetscFunctionBegin;
  PetscCall(Restore(fm, u, along, target, PETSC_TRUE));
  PetscFunctionReturn(0);
}

/* least and most, as the largest of their negatives and of them */
static PetscErrorCode OwnExtrema(RhoGrid grid, Vec u, PetscReal *most) {
  PetscInt nf = grid->nfield;
  const PetscScalar *x;
  PetscFunctionBegin;
  for (PetscInt i = 0; i < 2 * nf; i++) most[i] = PETSC_MIN_REAL;
  PetscCall(VecGetArrayRead(u, &x));
  for (PetscInt i = 0; i < nf; i++)
    for (PetscInt p = 0; p < grid->nowned; p++) {
      most[i] = PetscMax(most[i], -x[p * nf + i]);
      most[nf + i] = PetscMax(most[nf + i], x[p * nf + i]);
    }
  PetscCall(VecRestoreArrayRead(u, &x));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoExtrema(RhoFieldModel fm, Vec u, PetscReal *low, PetscReal *high) {
  PetscInt nf = fm->grid->nfield;
  PetscReal *most;
  PetscFunctionBegin;
  PetscCall(PetscMalloc1((size_t)(2 * nf), &most));
  PetscCall(OwnExtrema(fm->grid, u, most));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, most, (PetscMPIInt)(2 * nf), MPIU_REAL, MPI_MAX, fm->grid->comm));
  for (PetscInt i = 0; i < nf; i++) {
    low[i] = -most[i];
    high[i] = most[nf + i];
  }
  PetscCall(PetscFree(most));
  PetscFunctionReturn(0);
}
