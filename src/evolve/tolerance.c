/* tolerance.c - what an error is measured by: the field's own fluctuation.

     |error of field i| (rms)  <=  rtol * max(rms(u_i - <u_i>), 1e-4 rms(u_i))   per step, at the step's beginning

   A tolerance relative to the value itself would let steps jump over the growth of a small wave on a large background.
 */
#include "linear.h"

#define SMALLEST_FLUCTUATION 1e-4 /* of the rms: below it errors are not resolved against the wave */

/* rms of each field, and rms about its mean; two passes, since the difference of large squares would lose a small wave
 */
static PetscErrorCode Moments(RhoGrid grid, Vec u, PetscReal *rms, PetscReal *fluctuation) {
  PetscInt nf = grid->nfield;
  PetscReal *mean;
  const PetscScalar *x;
  PetscFunctionBegin;
  PetscCall(PetscCalloc1((size_t)nf, &mean));
  PetscCall(VecGetArrayRead(u, &x));
  for (PetscInt p = 0; p < grid->nowned; p++)
    for (PetscInt f = 0; f < nf; f++) mean[f] += x[p * nf + f];
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, mean, (PetscMPIInt)nf, MPIU_REAL, MPI_SUM, grid->comm));
  for (PetscInt f = 0; f < nf; f++) {
    mean[f] /= grid->ncell;
    fluctuation[f] = 0;
  }
  for (PetscInt p = 0; p < grid->nowned; p++)
    for (PetscInt f = 0; f < nf; f++) fluctuation[f] += (x[p * nf + f] - mean[f]) * (x[p * nf + f] - mean[f]);
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, fluctuation, (PetscMPIInt)nf, MPIU_REAL, MPI_SUM, grid->comm));
  for (PetscInt f = 0; f < nf; f++) {
    fluctuation[f] /= grid->ncell;
    rms[f] = PetscSqrtReal(fluctuation[f] + mean[f] * mean[f]);
    fluctuation[f] = PetscSqrtReal(fluctuation[f]);
  }
  PetscCall(VecRestoreArrayRead(u, &x));
  PetscCall(PetscFree(mean));
  PetscFunctionReturn(0);
}

/* The same tolerance in every cell, field by field. */
static PetscErrorCode Fill(RhoGrid grid, const PetscReal *tolerance, Vec atol) {
  PetscInt nf = grid->nfield;
  PetscScalar *a;
  PetscFunctionBegin;
  PetscCall(VecGetArrayWrite(atol, &a));
  for (PetscInt p = 0; p < grid->nowned; p++)
    for (PetscInt f = 0; f < nf; f++) a[p * nf + f] = tolerance[f];
  PetscCall(VecRestoreArrayWrite(atol, &a));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_tolerance_create(RhoProblem *problem, RhoTolerance *tolerance) {
  const RhoEvolveOptions *options = problem->options;
  PetscBool changed;
  PetscFunctionBegin;
  *tolerance = (RhoTolerance){.fm = problem->fm, .rtol = options->rtol, .atol = options->atol, .finest = options->rtol};
  if (options->atol > 0) PetscFunctionReturn(0);
  PetscCall(VecDuplicate(problem->u, &tolerance->cells));
  PetscCall(PetscCalloc1((size_t)RhoFieldGrid(problem->fm)->nfield, &tolerance->field));
  PetscCall(rho_tolerance_update(tolerance, problem->u, &changed));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_tolerance_update(RhoTolerance *tolerance, Vec u, PetscBool *changed) {
  RhoGrid grid = RhoFieldGrid(tolerance->fm);
  PetscReal *rms, *fluctuation, finest = tolerance->rtol;
  PetscFunctionBegin;
  *changed = PETSC_FALSE;
  if (!tolerance->cells) PetscFunctionReturn(0);
  PetscCall(PetscMalloc2((size_t)grid->nfield, &rms, (size_t)grid->nfield, &fluctuation));
  PetscCall(Moments(grid, u, rms, fluctuation));
  for (PetscInt f = 0; f < grid->nfield; f++) {
    PetscReal size = PetscMax(fluctuation[f], SMALLEST_FLUCTUATION * rms[f]);
    PetscReal now = tolerance->rtol * (size > 0 ? size : 1);
    if (rms[f] > 0) finest = PetscMin(finest, now / rms[f]);
    if (PetscAbsReal(now - tolerance->field[f]) <= 0.1 * tolerance->field[f]) continue;
    tolerance->field[f] = now;
    *changed = PETSC_TRUE;
  }
  if (*changed) {
    PetscCall(Fill(grid, tolerance->field, tolerance->cells));
    tolerance->finest = finest;
  }
  PetscCall(PetscFree2(rms, fluctuation));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_tolerance_save(const RhoTolerance *tolerance, RhoEvolveMemory *memory) {
  PetscFunctionBegin;
  if (!tolerance->cells) PetscFunctionReturn(0);
  PetscCall(rho_memory_put(memory, "finest_tolerance", tolerance->finest));
  PetscCall(rho_memory_put_all(memory, "tolerance", (int)RhoFieldGrid(tolerance->fm)->nfield, tolerance->field));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_tolerance_load(RhoTolerance *tolerance, const RhoEvolveMemory *memory) {
  RhoGrid grid = RhoFieldGrid(tolerance->fm);
  PetscFunctionBegin;
  if (!tolerance->cells) PetscFunctionReturn(0);
  PetscCall(rho_memory_get(memory, "finest_tolerance", &tolerance->finest));
  PetscCall(rho_memory_get_all(memory, "tolerance", (int)grid->nfield, tolerance->field));
  PetscCall(Fill(grid, tolerance->field, tolerance->cells));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_tolerance_destroy(RhoTolerance *tolerance) {
  PetscFunctionBegin;
  PetscCall(VecDestroy(&tolerance->cells));
  PetscCall(PetscFree(tolerance->field));
  PetscFunctionReturn(0);
}
