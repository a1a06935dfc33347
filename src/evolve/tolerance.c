/* tolerance.c - what an error is measured by: the field's own fluctuation.

     |error of field i| (rms)  <=  rtol * max(rms(u_i - <u_i>), 1e-4 rms(u_i))   per step, at the step's beginning

   A tolerance relative to the value itself would let steps jump over the growth of a small wave on a large background.
 */
#include "imex.h"

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

PetscErrorCode rho_tolerance_create(RhoImex *imex, const RhoEvolveOptions *options, TS ts, Vec u) {
  PetscFunctionBegin;
  imex->rtol = options->rtol;
  if (options->atol > 0) {
    PetscCall(TSSetTolerances(ts, options->atol, NULL, options->rtol, NULL));
    PetscFunctionReturn(0);
  }
  PetscCall(VecDuplicate(u, &imex->atol));
  PetscCall(PetscCalloc1((size_t)RhoFieldGrid(imex->fm)->nfield, &imex->tolerance));
  PetscCall(TSSetTolerances(ts, PETSC_DECIDE, imex->atol, 0.0, NULL));
  PetscCall(rho_tolerance_update(imex, u));
  PetscFunctionReturn(0);
}

/* Follows the state; the cells are filled anew only when a tolerance changed by a tenth. */
PetscErrorCode rho_tolerance_update(RhoImex *imex, Vec u) {
  RhoGrid grid = RhoFieldGrid(imex->fm);
  PetscReal *rms, *fluctuation, finest = imex->rtol;
  PetscBool changed = PETSC_FALSE;
  PetscFunctionBegin;
  if (!imex->atol) PetscFunctionReturn(0);
  PetscCall(PetscMalloc2((size_t)grid->nfield, &rms, (size_t)grid->nfield, &fluctuation));
  PetscCall(Moments(grid, u, rms, fluctuation));
  for (PetscInt f = 0; f < grid->nfield; f++) {
    PetscReal size = PetscMax(fluctuation[f], SMALLEST_FLUCTUATION * rms[f]), now = imex->rtol * (size > 0 ? size : 1);
    if (rms[f] > 0) finest = PetscMin(finest, now / rms[f]);
    if (PetscAbsReal(now - imex->tolerance[f]) <= 0.1 * imex->tolerance[f]) continue;
    imex->tolerance[f] = now;
    changed = PETSC_TRUE;
  }
  if (changed) {
    PetscCall(Fill(grid, imex->tolerance, imex->atol));
    PetscCall(rho_linear_tolerance(imex, finest));
  }
  PetscCall(PetscFree2(rms, fluctuation));
  PetscFunctionReturn(0);
}

/* The tolerances in use and that of the stage solves. */
PetscErrorCode rho_tolerance_save(const RhoImex *imex, RhoEvolveMemory *memory) {
  PetscReal linear;
  PetscFunctionBegin;
  if (!imex->atol) PetscFunctionReturn(0);
  PetscCall(KSPGetTolerances(imex->ksp, &linear, NULL, NULL, NULL));
  PetscCall(rho_memory_put(memory, "linear_rtol", linear));
  PetscCall(rho_memory_put_all(memory, "tolerance", (int)RhoFieldGrid(imex->fm)->nfield, imex->tolerance));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_tolerance_load(RhoImex *imex, const RhoEvolveMemory *memory) {
  RhoGrid grid = RhoFieldGrid(imex->fm);
  PetscReal linear;
  PetscFunctionBegin;
  if (!imex->atol) PetscFunctionReturn(0);
  PetscCall(rho_memory_get(memory, "linear_rtol", &linear));
  PetscCall(KSPSetTolerances(imex->ksp, linear, PETSC_DEFAULT, PETSC_DEFAULT, PETSC_DEFAULT));
  PetscCall(rho_memory_get_all(memory, "tolerance", (int)grid->nfield, imex->tolerance));
  PetscCall(Fill(grid, imex->tolerance, imex->atol));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_tolerance_destroy(RhoImex *imex) {
  PetscFunctionBegin;
  PetscCall(VecDestroy(&imex->atol));
  PetscCall(PetscFree(imex->tolerance));
  PetscFunctionReturn(0);
}
