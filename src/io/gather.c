/* gather.c - one unknown of all cells, between the ranks and rank 0.

     cells[p][field] of each rank's own cells p  ->  one[p]  ->  rank 0

   and back.  Ranks have slabs, so that what they have one after the other is in the order of the cells.  Rank 0 needs
   room for one field at a time. */
#include "io_private.h"

PetscErrorCode rho_gather_create(RhoGrid grid, Gather *gather) {
  PetscFunctionBeginUser;
  *gather = (Gather){.grid = grid};
  PetscCall(VecCreateMPI(grid->comm, grid->nowned, grid->ncell, &gather->one));
  if (grid->size == 1) PetscFunctionReturn(0);
  PetscCall(VecScatterCreateToZero(gather->one, &gather->to_zero, &gather->zero));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_gather_destroy(Gather *gather) {
  PetscFunctionBeginUser;
  PetscCall(VecScatterDestroy(&gather->to_zero));
  PetscCall(VecDestroy(&gather->zero));
  PetscCall(VecDestroy(&gather->one));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_unknowns(RhoGrid grid, Vec cells, int *nfield) {
  PetscInt nlocal;
  PetscFunctionBeginUser;
  PetscCall(VecGetLocalSize(cells, &nlocal));
  PetscCheck(nlocal % grid->nowned == 0, PETSC_COMM_SELF, PETSC_ERR_ARG_SIZ,
             "vector with %" PetscInt_FMT " entries on %" PetscInt_FMT " cells", nlocal, grid->nowned);
  *nfield = (int)(nlocal / grid->nowned);
  PetscFunctionReturn(0);
}

static PetscErrorCode Pick(Gather *gather, Vec cells, int field, int nfield) {
  const PetscScalar *from;
  PetscScalar *to;
  PetscFunctionBeginUser;
  PetscCall(VecGetArrayRead(cells, &from));
  PetscCall(VecGetArrayWrite(gather->one, &to));
  for (PetscInt p = 0; p < gather->grid->nowned; p++) to[p] = from[p * nfield + field];
  PetscCall(VecRestoreArrayWrite(gather->one, &to));
  PetscCall(VecRestoreArrayRead(cells, &from));
  PetscFunctionReturn(0);
}

static PetscErrorCode Put(Gather *gather, Vec cells, int field, int nfield) {
  const PetscScalar *from;
  PetscScalar *to;
  PetscFunctionBeginUser;
  PetscCall(VecGetArrayRead(gather->one, &from));
  PetscCall(VecGetArray(cells, &to));
  for (PetscInt p = 0; p < gather->grid->nowned; p++) to[p * nfield + field] = from[p];
  PetscCall(VecRestoreArray(cells, &to));
  PetscCall(VecRestoreArrayRead(gather->one, &from));
  PetscFunctionReturn(0);
}

/* The array behind a vector: rank 0 reads it outside PETSc until the next gather. */
static PetscErrorCode Look(Vec vec, const double **data) {
  const PetscScalar *array;
  PetscFunctionBeginUser;
  PetscCall(VecGetArrayRead(vec, &array));
  *data = array;
  PetscCall(VecRestoreArrayRead(vec, &array));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_gather_field(Gather *gather, Vec cells, int field, int nfield, const double **data) {
  PetscFunctionBeginUser;
  PetscCall(Pick(gather, cells, field, nfield));
  *data = NULL;
  if (gather->grid->size > 1) {
    PetscCall(VecScatterBegin(gather->to_zero, gather->one, gather->zero, INSERT_VALUES, SCATTER_FORWARD));
    PetscCall(VecScatterEnd(gather->to_zero, gather->one, gather->zero, INSERT_VALUES, SCATTER_FORWARD));
  }
  if (gather->grid->rank == 0) PetscCall(Look(gather->grid->size > 1 ? gather->zero : gather->one, data));
  PetscFunctionReturn(0);
}

static PetscErrorCode Fill(Gather *gather, const double *data) {
  Vec vec = gather->grid->size > 1 ? gather->zero : gather->one;
  PetscScalar *to;
  PetscFunctionBeginUser;
  if (gather->grid->rank) PetscFunctionReturn(0);
  PetscCall(VecGetArrayWrite(vec, &to));
  PetscCall(PetscArraycpy(to, data, gather->grid->ncell));
  PetscCall(VecRestoreArrayWrite(vec, &to));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_scatter_field(Gather *gather, const double *data, Vec cells, int field, int nfield) {
  PetscFunctionBeginUser;
  PetscCall(Fill(gather, data));
  if (gather->grid->size > 1) {
    PetscCall(VecScatterBegin(gather->to_zero, gather->zero, gather->one, INSERT_VALUES, SCATTER_REVERSE));
    PetscCall(VecScatterEnd(gather->to_zero, gather->zero, gather->one, INSERT_VALUES, SCATTER_REVERSE));
  }
  PetscCall(Put(gather, cells, field, nfield));
  PetscFunctionReturn(0);
}

/* ---- all fields of a state ---- */

struct RhoGather_s {
  Gather gather;
  int nfield;
  double **u; /* rank 0: [nfield][cells] */
};

PetscErrorCode RhoGatherCreate(RhoGrid grid, int nfield, RhoGather *gather) {
  RhoGather g;
  PetscFunctionBeginUser;
  PetscCall(PetscNew(&g));
  g->nfield = nfield;
  PetscCall(rho_gather_create(grid, &g->gather));
  if (grid->rank == 0) PetscCall(PetscCalloc1(nfield, &g->u));
  for (int f = 0; f < nfield && g->u; f++) PetscCall(PetscMalloc1(grid->ncell, &g->u[f]));
  *gather = g;
  PetscFunctionReturn(0);
}

PetscErrorCode RhoGatherFields(RhoGather g, Vec cells, const double *const **u) {
  const double *data;
  PetscFunctionBeginUser;
  for (int f = 0; f < g->nfield; f++) {
    PetscCall(rho_gather_field(&g->gather, cells, f, g->nfield, &data));
    if (data) PetscCall(PetscArraycpy(g->u[f], data, g->gather.grid->ncell));
  }
  *u = (const double *const *)g->u;
  PetscFunctionReturn(0);
}

PetscErrorCode RhoGatherDestroy(RhoGather *gather) {
  RhoGather g = *gather;
  PetscFunctionBeginUser;
  if (!g) PetscFunctionReturn(0);
  for (int f = 0; f < g->nfield && g->u; f++) PetscCall(PetscFree(g->u[f]));
  PetscCall(PetscFree(g->u));
  PetscCall(rho_gather_destroy(&g->gather));
  PetscCall(PetscFree(*gather));
  PetscFunctionReturn(0);
}
