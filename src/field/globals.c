/* globals.c - the operators that need every cell: convolutions in transform space, integrals over a dimension.

     conv(K, e)       forward transform of e once, times K^(|q|), backward; kernels on the same argument share the
                      forward transform
     integral(v, e)   sum over v times the widths along v, the same in all cells along v */
#include "fv.h"
#include <string.h>

/* |q| of the spatial dimensions for every mode */
static PetscErrorCode Modulus(RhoFieldModel fm, PetscInt nmode, PetscReal *modulus) {
  const PetscReal *q[RHO_MAXDIM];
  PetscFunctionBegin;
  for (int d = 0; d < fm->grid->mesh.ndimension; d++)
    PetscCheck(fm->grid->uniform[d] || !fm->grid->mesh.dimension[d].spatial, fm->grid->comm, PETSC_ERR_SUP,
               "convolutions need cells of equal widths along '%s'", fm->grid->mesh.dimension[d].name);
  PetscCall(RhoTransformModes(fm->transform, NULL, NULL, &q[0], &q[1], &q[2]));
  for (PetscInt m = 0; m < nmode; m++) {
    PetscReal sum = 0;
    for (int d = 0; d < fm->grid->mesh.ndimension; d++)
      if (fm->grid->mesh.dimension[d].spatial) sum += q[d][m] * q[d][m];
    modulus[m] = PetscSqrtReal(sum);
  }
  PetscFunctionReturn(0);
}

/* K^ times the transform's scale: evaluated once for each distinct |q| */
static PetscErrorCode KernelFactors(RhoFieldModel fm, int kernel, PetscInt nmode, const PetscReal *modulus,
                                    PetscReal *factor) {
  PetscReal *distinct, *hat, scale = RhoTransformScale(fm->transform);
  PetscInt n = nmode, dim = (PetscInt)fm->value[fm->eq->model->nparameter];
  RhoStatus status;
  PetscFunctionBegin;
  PetscCall(PetscMalloc2((size_t)nmode, &distinct, (size_t)nmode, &hat));
  PetscCall(PetscArraycpy(distinct, modulus, nmode));
  PetscCall(PetscSortRemoveDupsReal(&n, distinct));
  status = RhoKernelTransform(fm->eq->model, kernel, (int)dim, fm->value, (int)n, distinct, hat);
  PetscCheck(!status, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG, "kernel '%s' has no transform",
             fm->eq->model->kernel[kernel].name);
  for (PetscInt m = 0; m < nmode; m++) {
    PetscInt at;
    PetscCall(PetscFindReal(modulus[m], n, distinct, 0.0, &at));
    factor[m] = hat[at < 0 ? -at - 1 : at] * scale;
  }
  PetscCall(PetscFree2(distinct, hat));
  PetscFunctionReturn(0);
}

/* The transform and its buffers, once. */
PetscErrorCode rho_fv_transform(RhoFieldModel fm) {
  PetscFunctionBegin;
  if (fm->transform) PetscFunctionReturn(0);
  PetscCall(RhoTransformCreate(fm->grid, fm->grid->planning, &fm->transform));
  PetscCall(RhoTransformSpectrum(fm->transform, &fm->spectrum));
  PetscCall(RhoTransformSpectrum(fm->transform, &fm->product));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_fv_kernel(RhoFieldModel fm, int kernel, const PetscReal **factor) {
  PetscFunctionBegin;
  if (!fm->kernel[kernel]) {
    PetscInt nmode;
    PetscReal *modulus;
    PetscCall(RhoTransformModes(fm->transform, &nmode, NULL, NULL, NULL, NULL));
    PetscCall(PetscMalloc1((size_t)nmode + 1, &modulus));
    PetscCall(PetscMalloc1((size_t)nmode + 1, &fm->kernel[kernel]));
    PetscCall(Modulus(fm, nmode, modulus));
    PetscCall(KernelFactors(fm, kernel, nmode, modulus, fm->kernel[kernel]));
    PetscCall(PetscFree(modulus));
  }
  *factor = fm->kernel[kernel];
  PetscFunctionReturn(0);
}

static PetscErrorCode Convolve(RhoFieldModel fm, FvPhase *phase, int argument, PetscScalar *out) {
  PetscBool forward = PETSC_FALSE;
  PetscFunctionBegin;
  for (int g = 0; g < phase->nglobal; g++) {
    const PetscReal *factor = NULL;
    if (phase->global[g].op != RHO_OP_CONV || phase->global[g].forward != argument) continue;
    PetscCall(rho_fv_transform(fm));
    PetscCall(rho_fv_kernel(fm, phase->global[g].attr, &factor));
    if (!forward)
      PetscCall(
          RhoTransformForward(fm->transform, fm->cells + (size_t)argument * (size_t)fm->grid->nowned, 1, fm->spectrum));
    forward = PETSC_TRUE;
    RhoTransformScaleModes(fm->transform, factor, fm->spectrum, fm->product);
    PetscCall(RhoTransformBackward(fm->transform, fm->product, out + g, phase->nglobal));
  }
  PetscFunctionReturn(0);
}

/* Sums along dimension d; the slowest dimension is shared by the ranks. */
static PetscErrorCode Integrate(RhoFieldModel fm, int d, const PetscScalar *e, PetscScalar *out, PetscInt stride) {
  RhoGrid grid = fm->grid;
  PetscInt below = 1, n = grid->count[d], above;
  const PetscReal *width = RhoGridWidth(grid, d) + (grid->start[d] - grid->gstart[d]);
  PetscReal *sum;
  PetscFunctionBegin;
  for (int k = 0; k < d; k++) below *= grid->count[k];
  above = grid->nowned / (below * n);
  PetscCall(PetscCalloc1((size_t)(below * above), &sum));
  for (PetscInt a = 0; a < above; a++)
    for (PetscInt k = 0; k < n; k++)
      for (PetscInt b = 0; b < below; b++) sum[a * below + b] += width[k] * e[(a * n + k) * below + b];
  if (d == fm->slow && grid->size > 1)
    PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, sum, (PetscMPIInt)(below * above), MPIU_REAL, MPI_SUM, grid->comm));
  for (PetscInt a = 0; a < above; a++)
    for (PetscInt k = 0; k < n; k++)
      for (PetscInt b = 0; b < below; b++) out[((a * n + k) * below + b) * stride] = sum[a * below + b];
  PetscCall(PetscFree(sum));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_fv_globals(RhoFieldModel fm, FvProgram *program, FvPhase *phase) {
  PetscScalar *out;
  PetscFunctionBegin;
  (void)program;
  PetscCall(VecGetArrayWrite(phase->owned, &out));
  for (int k = 0; k < phase->nargument; k++) PetscCall(Convolve(fm, phase, k, out));
  for (int g = 0; g < phase->nglobal; g++) {
    const FvGlobal *global = &phase->global[g];
    if (global->op != RHO_OP_INTEGRAL) continue;
    PetscCall(Integrate(fm, global->attr, fm->cells + (size_t)global->forward * (size_t)fm->grid->nowned, out + g,
                        phase->nglobal));
  }
  PetscCall(VecRestoreArrayWrite(phase->owned, &out));
  PetscCall(RhoGridGlobalToLocal(fm->grid, phase->da, phase->owned, phase->ghosted));
  PetscFunctionReturn(0);
}
