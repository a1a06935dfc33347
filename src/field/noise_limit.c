/* noise_limit.c - noise that takes from no cell more of a density than it has.

   With J the noise flux through a face in a step, V the volume of the cell, A the area of the face, h the noise of the
   cell, and stock what the cell has otherwise at the end of the step,

     O = sum over faces of A max(J out of the cell, 0)/V + max(-h, 0),   s = min(1, max(stock, 0)/O)

   and what leaves the cell is multiplied by s: a flux by the s of the cell it comes from.  What moves is still exactly
   what was there.  It is a bias: large steps out of nearly empty cells are missing, and fluctuations with few
   particles in a cell are smaller than they ought to be (tests/evolve/limit.c says by how much). */
#include "noise.h"

#define ROUNDING 1e-12 /* stays, so that sums of what leaves do not round below zero */

static PetscScalar Total(const Kind *kind, int field, PetscInt p) {
  PetscScalar sum = 0;
  for (int k = 0; k < kind->n; k++)
    if (kind->amplitude[k].field == field) sum += kind->amplitude[k].value[p];
  return sum;
}

static void Scale(const Kind *kind, int field, PetscInt p, PetscScalar factor) {
  for (int k = 0; k < kind->n; k++)
    if (kind->amplitude[k].field == field) kind->amplitude[k].value[p] *= factor;
}

/* What leaves the ghosted cell p. */
static PetscReal Outflow(RhoNoise noise, int field, PetscInt p) {
  RhoFieldModel fm = noise->fm;
  PetscReal sum = PetscMax(-Total(&noise->kind[RHO_NOISE_CELL], field, p), 0);
  for (int d = 0; d < fm->grid->mesh.ndimension; d++) {
    PetscReal inverse = fm->stretch[d].inside ? fm->stretch[d].inside[p] : 1 / fm->grid->h[d];
    sum += inverse * PetscMax(-Total(&noise->kind[d], field, p), 0);
    sum += inverse * PetscMax(Total(&noise->kind[d], field, p - fm->stride[d]), 0);
  }
  return sum;
}

/* s of the owned cells. */
static void Shares(RhoNoise noise, int field, const PetscScalar *stock) {
  RhoFieldModel fm = noise->fm;
  PetscInt nf = fm->grid->nfield, first, cell;
  for (PetscInt row = 0; rho_noise_row(fm, row, &first, &cell); row++)
    for (PetscInt i = 0; i < fm->grid->count[0]; i++) {
      PetscReal has = (1 - ROUNDING) * PetscMax(stock[(cell + i) * nf + field], 0);
      PetscReal out = Outflow(noise, field, first + i);
      noise->share[first + i] = out > has ? has / out : 1;
      noise->limited += out > has;
      noise->looked++;
    }
}

static void ScaleFaces(RhoNoise noise, int field, int d, PetscInt from, PetscInt to) {
  PetscInt stride = noise->fm->stride[d];
  for (PetscInt p = from; p < to; p++) {
    PetscScalar s = noise->share[Total(&noise->kind[d], field, p) > 0 ? p + stride : p];
    if (s < 1) Scale(&noise->kind[d], field, p, s);
  }
}

static void ScaleCells(RhoNoise noise, int field) {
  const Kind *cells = &noise->kind[RHO_NOISE_CELL];
  PetscInt first, cell;
  for (PetscInt row = 0; cells->n > 0 && rho_noise_row(noise->fm, row, &first, &cell); row++)
    for (PetscInt p = first; p < first + noise->fm->grid->count[0]; p++)
      if (noise->share[p] < 1 && Total(cells, field, p) < 0) Scale(cells, field, p, noise->share[p]);
}

static PetscErrorCode LimitField(RhoNoise noise, int field, const PetscScalar *stock) {
  RhoGrid grid = noise->fm->grid;
  PetscFunctionBegin;
  Shares(noise, field, stock);
  PetscCall(RhoGridFillGhosts(grid, 1, noise->share));
  for (int d = 0; d < grid->mesh.ndimension; d++) {
    PetscInt from, to;
    rho_noise_range(noise, d, &from, &to);
    if (noise->kind[d].n > 0) ScaleFaces(noise, field, d, from, to);
  }
  ScaleCells(noise, field);
  PetscFunctionReturn(0);
}

PetscErrorCode rho_noise_limit(RhoNoise noise) {
  RhoEquations eq = noise->fm->eq;
  const PetscScalar *stock;
  PetscFunctionBegin;
  if (!noise->stock) PetscFunctionReturn(0);
  if (!noise->share) PetscCall(PetscMalloc1(noise->fm->grid->nghosted, &noise->share));
  PetscCall(VecGetArrayRead(noise->stock, &stock));
  for (int i = 0; i < eq->nfield; i++)
    if (eq->model->field[i].kind == RHO_DENSITY && eq->model->field[i].nnoise > 0)
      PetscCall(LimitField(noise, i, stock));
  PetscCall(VecRestoreArrayRead(noise->stock, &stock));
  noise->stock = NULL;
  PetscFunctionReturn(0);
}

PetscErrorCode RhoNoiseLimit(RhoNoise noise, Vec stock) {
  PetscFunctionBegin;
  PetscCheck(!noise->fm->spectral, noise->fm->grid->comm, PETSC_ERR_SUP, "noise is limited between cells only");
  noise->stock = stock;
  PetscFunctionReturn(0);
}

PetscErrorCode RhoNoiseLimited(RhoNoise noise, PetscReal *share) {
  PetscInt64 count[2] = {noise->limited, noise->looked};
  PetscFunctionBegin;
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, count, 2, MPIU_INT64, MPI_SUM, noise->fm->grid->comm));
  *share = count[1] > 0 ? (PetscReal)count[0] / (PetscReal)count[1] : 0;
  noise->limited = noise->looked = 0;
  PetscFunctionReturn(0);
}
