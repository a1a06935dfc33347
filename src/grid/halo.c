/* halo.c - ghost cells: from the neighbouring ranks, and the images of a rank's own cells (images.c).  Ranks hold slabs
   of the slowest used dimension, so that slabs of whole rows go to at most two neighbours and all other ghosts are
   images of cells of the same rank.  They are filled dimension by dimension, x first, each time with the ghosts of the
   dimensions before: corners come out right.

   PETSc's own exchange moves every cell through an index list; the copy of rows here costs little more than memcpy. */
#include "grid_private.h"

PetscInt rho_inside(const RhoGrid grid, int d, PetscInt i) {
  PetscInt n = grid->n[d];
  if (i >= 0 && i < n) return i;
  if (grid->mesh.dimension[d].boundary == RHO_PERIODIC) return i < 0 ? i + n : i - n;
  return i < 0 ? -1 - i : 2 * n - 1 - i;
}

/* ---- set-up ---- */

bool rho_halo_receives(const RhoGrid grid, int d, RhoSide side) {
  return d == grid->priv->split && grid->priv->neighbour[side] != MPI_PROC_NULL;
}

static void SetNeighbours(RhoGrid grid) {
  struct RhoGridPrivate_s *p = grid->priv;
  bool wraps = grid->size > 1 && grid->mesh.dimension[p->split].boundary == RHO_PERIODIC;
  PetscMPIInt last = grid->size - 1, rank = grid->rank;
  p->neighbour[RHO_BELOW] = rank > 0 ? rank - 1 : wraps ? last : MPI_PROC_NULL;
  p->neighbour[RHO_ABOVE] = rank < last ? rank + 1 : wraps ? 0 : MPI_PROC_NULL;
}

/* The layers of ghosts along d that are images of this rank's cells. */
static PetscErrorCode SetLayers(RhoGrid grid, int d) {
  struct RhoGridPrivate_s *p = grid->priv;
  PetscInt width = grid->start[d] - grid->gstart[d];
  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(2 * width, &p->layer[d]));
  for (PetscInt i = 0; i < grid->gcount[d]; i++) {
    RhoSide side = i < width ? RHO_BELOW : RHO_ABOVE;
    if ((i >= width && i < width + grid->count[d]) || rho_halo_receives(grid, d, side)) continue;
    PetscInt from = rho_inside(grid, d, grid->gstart[d] + i) - grid->gstart[d];
    p->layer[d][p->nlayer[d]++] = (RhoLayer){i, from};
  }
  PetscFunctionReturn(0);
}

PetscErrorCode rho_halo_create(RhoGrid grid) {
  PetscFunctionBeginUser;
  SetNeighbours(grid);
  for (int side = 0; side < 2; side++) PetscCall(PetscObjectGetNewTag((PetscObject)grid->da, &grid->priv->tag[side]));
  for (int d = 0; d < RHO_MAXDIM; d++) PetscCall(SetLayers(grid, d));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_halo_destroy(RhoGrid grid) {
  PetscFunctionBeginUser;
  for (RhoSlabs slabs = grid->priv->slabs, next; slabs; slabs = next) {
    next = slabs->next;
    for (int side = 0; side < 2; side++) {
      PetscCallMPI(MPI_Type_free(&slabs->send[side]));
      PetscCallMPI(MPI_Type_free(&slabs->receive[side]));
    }
    PetscCall(PetscFree(slabs));
  }
  for (int d = 0; d < RHO_MAXDIM; d++) PetscCall(PetscFree(grid->priv->layer[d]));
  PetscFunctionReturn(0);
}

/* ---- exchange with the neighbours ---- */

/* The slab of `halo` layers from layer `first` of the split dimension on, owned cells in the others. */
static PetscErrorCode SlabType(const RhoGrid grid, PetscInt nfield, PetscInt first, MPI_Datatype *type) {
  PetscMPIInt size[RHO_MAXDIM], sub[RHO_MAXDIM], start[RHO_MAXDIM];
  PetscFunctionBeginUser;
  for (int d = 0; d < RHO_MAXDIM; d++) {
    int c = RHO_MAXDIM - 1 - d; /* slowest first */
    bool split = d == grid->priv->split;
    PetscInt unit = d == 0 ? nfield : 1;
    PetscCall(PetscMPIIntCast(unit * grid->gcount[d], &size[c]));
    PetscCall(PetscMPIIntCast(unit * (split ? grid->halo : grid->count[d]), &sub[c]));
    PetscCall(PetscMPIIntCast(unit * (split ? first : grid->start[d] - grid->gstart[d]), &start[c]));
  }
  PetscCallMPI(MPI_Type_create_subarray(RHO_MAXDIM, size, sub, start, MPI_ORDER_C, MPIU_SCALAR, type));
  PetscCallMPI(MPI_Type_commit(type));
  PetscFunctionReturn(0);
}

/* Made when arrays of so many fields are first exchanged, kept with the grid. */
static PetscErrorCode FindSlabs(RhoGrid grid, PetscInt nfield, RhoSlabs *slabs) {
  PetscInt halo = grid->halo, count = grid->count[grid->priv->split];
  RhoSlabs s = grid->priv->slabs;
  PetscFunctionBeginUser;
  while (s && s->nfield != nfield) s = s->next;
  if (!s) {
    PetscCall(PetscNew(&s));
    s->nfield = nfield;
    PetscCall(SlabType(grid, nfield, 0, &s->receive[RHO_BELOW]));
    PetscCall(SlabType(grid, nfield, halo, &s->send[RHO_BELOW]));
    PetscCall(SlabType(grid, nfield, count, &s->send[RHO_ABOVE]));
    PetscCall(SlabType(grid, nfield, halo + count, &s->receive[RHO_ABOVE]));
    s->next = grid->priv->slabs;
    grid->priv->slabs = s;
  }
  *slabs = s;
  PetscFunctionReturn(0);
}

static PetscErrorCode Exchange(RhoGrid grid, PetscInt nfield, PetscScalar *w) {
  const struct RhoGridPrivate_s *p = grid->priv;
  MPI_Request request[4];
  RhoSlabs slabs = NULL;
  PetscFunctionBeginUser;
  if (grid->size == 1 || grid->halo == 0) PetscFunctionReturn(0);
  PetscCall(FindSlabs(grid, nfield, &slabs));
  for (int side = 0; side < 2; side++) /* what comes from below was sent upwards */
    PetscCallMPI(
        MPI_Irecv(w, 1, slabs->receive[side], p->neighbour[side], p->tag[1 - side], grid->comm, &request[side]));
  for (int side = 0; side < 2; side++)
    PetscCallMPI(MPI_Isend(w, 1, slabs->send[side], p->neighbour[side], p->tag[side], grid->comm, &request[2 + side]));
  PetscCallMPI(MPI_Waitall(4, request, MPI_STATUSES_IGNORE));
  PetscFunctionReturn(0);
}

/* ---- all of them ---- */

PetscErrorCode RhoGridFillGhostsBy(RhoGrid grid, PetscInt nfield, const RhoGhostRule *rule, PetscScalar *w) {
  PetscFunctionBeginUser;
  PetscCall(Exchange(grid, nfield, w));
  for (int d = 0; d < RHO_MAXDIM; d++) PetscCall(rho_images_fill(grid, nfield, rule, d, w));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoGridFillGhosts(RhoGrid grid, PetscInt nfield, PetscScalar *w) {
  PetscFunctionBeginUser;
  PetscCall(RhoGridFillGhostsBy(grid, nfield, NULL, w));
  PetscFunctionReturn(0);
}

/* The first and last `width` of n numbers. */
static PetscErrorCode CopyEnds(PetscInt width, PetscInt n, const PetscScalar *u, PetscScalar *w) {
  for (PetscInt p = 0; p < width; p++) w[p] = u[p];
  for (PetscInt p = n - width; p < n; p++) w[p] = u[p];
  return 0;
}

/* Is owned row j or plane k among the outermost `width`? */
static bool Outermost(const RhoGrid grid, int d, PetscInt j, PetscInt width) {
  return d < grid->mesh.ndimension && (j < width || j >= grid->count[d] - width);
}

/* The owned cells in the outermost `width` layers along some dimension. */
static PetscErrorCode CopyOwned(const RhoGrid grid, PetscInt nfield, PetscInt width, const PetscScalar *u,
                                PetscScalar *w) {
  PetscInt nrow = grid->count[0] * nfield, pitch = grid->gcount[0] * nfield;
  PetscInt i = grid->start[0] - grid->gstart[0], j = grid->start[1] - grid->gstart[1],
           k = grid->start[2] - grid->gstart[2];
  for (PetscInt kk = 0; kk < grid->count[2]; kk++)
    for (PetscInt jj = 0; jj < grid->count[1]; jj++, u += nrow) {
      PetscScalar *row = &w[((k + kk) * grid->gcount[1] + j + jj) * pitch + i * nfield];
      bool whole = Outermost(grid, 1, jj, width) || Outermost(grid, 2, kk, width) || 2 * width >= grid->count[0];
      PetscCall(whole ? PetscArraycpy(row, u, nrow) : CopyEnds(width * nfield, nrow, u, row));
    }
  return 0;
}

static PetscErrorCode CheckSizes(RhoGrid grid, PetscInt nfield, Vec global, Vec local) {
  PetscInt nglobal, nlocal;
  PetscFunctionBeginUser;
  PetscCall(VecGetLocalSize(global, &nglobal));
  PetscCall(VecGetLocalSize(local, &nlocal));
  PetscCheck(nglobal == nfield * grid->nowned && nlocal == nfield * grid->nghosted, PETSC_COMM_SELF, PETSC_ERR_ARG_SIZ,
             "vectors of %" PetscInt_FMT " and %" PetscInt_FMT " entries for %" PetscInt_FMT " fields on %" PetscInt_FMT
             " cells, %" PetscInt_FMT " with ghosts",
             nglobal, nlocal, nfield, grid->nowned, grid->nghosted);
  PetscFunctionReturn(0);
}

static PetscErrorCode ToLocal(RhoGrid grid, DM da, const RhoGhostRule *rule, PetscInt width, Vec global, Vec local) {
  const PetscScalar *u;
  PetscScalar *w;
  PetscInt nfield;
  PetscFunctionBeginUser;
  PetscCall(DMDAGetDof(da, &nfield));
  PetscCall(CheckSizes(grid, nfield, global, local));
  PetscCall(VecGetArrayRead(global, &u));
  PetscCall(VecGetArrayWrite(local, &w));
  PetscCall(CopyOwned(grid, nfield, width, u, w));
  PetscCall(RhoGridFillGhostsBy(grid, nfield, rule, w));
  PetscCall(VecRestoreArrayWrite(local, &w));
  PetscCall(VecRestoreArrayRead(global, &u));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoGridGlobalToLocalBy(RhoGrid grid, DM da, const RhoGhostRule *rule, Vec global, Vec local) {
  PetscFunctionBeginUser;
  PetscCall(ToLocal(grid, da, rule, grid->count[0], global, local));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoGridFrameBy(RhoGrid grid, DM da, const RhoGhostRule *rule, Vec global, Vec local) {
  PetscFunctionBeginUser;
  PetscCall(ToLocal(grid, da, rule, PetscMax(2, grid->halo), global, local));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoGridGlobalToLocal(RhoGrid grid, DM da, Vec global, Vec local) {
  PetscFunctionBeginUser;
  PetscCall(RhoGridGlobalToLocalBy(grid, da, NULL, global, local));
  PetscFunctionReturn(0);
}
