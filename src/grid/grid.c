/* grid.c - a mesh as a PETSc DMDA: cells i (fastest), j, k on slabs of the slowest used dimension.

   Unused dimensions have one cell of width 1 and no ghosts.  Everything is computed from the global cell number, so
   that no value depends on the number of ranks.  Where cells are equal, widths and distances are h to the bit. */
#include "grid_private.h"

static PetscErrorCode SetMesh(RhoGrid grid, const RhoMesh *mesh) {
  PetscFunctionBeginUser;
  grid->mesh = *mesh;
  grid->volume = 1;
  grid->ncell = 1;
  for (int d = 0; d < RHO_MAXDIM; d++) {
    bool used = d < mesh->ndimension;
    const RhoDimension *m = &mesh->dimension[d];
    grid->n[d] = used ? m->ncell : 1;
    grid->h[d] = used ? (m->to - m->from) / m->ncell : 1;
    grid->uniform[d] = !used || !m->edge;
    grid->volume *= grid->h[d];
    grid->ncell *= grid->n[d];
  }
  PetscFunctionReturn(0);
}

/* PetscInt counts the unknowns of the ghosted arrays of all ranks, with 32 bits in most builds. */
static PetscErrorCode CheckSize(MPI_Comm comm, const RhoMesh *mesh, PetscInt nfield, PetscInt halo) {
  PetscMPIInt size;
  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_size(comm, &size));
  PetscCheck(nfield >= 1, comm, PETSC_ERR_ARG_OUTOFRANGE, "%" PetscInt_FMT " fields on a grid", nfield);
  PetscReal nunknown = nfield;
  for (int d = 0; d < mesh->ndimension; d++) {
    PetscReal nslab = d == mesh->ndimension - 1 ? size : 1;
    nunknown *= mesh->dimension[d].ncell + 2 * (PetscReal)halo * nslab;
  }
  PetscCheck(nunknown < PETSC_MAX_INT, comm, PETSC_ERR_ARG_OUTOFRANGE,
             "the mesh is too large: %g numbers with ghosts; this PETSc counts up to %" PetscInt_FMT, (double)nunknown,
             PETSC_MAX_INT);
  PetscFunctionReturn(0);
}

static DMBoundaryType BoundaryType(const RhoGrid grid, int d) {
  if (d >= grid->mesh.ndimension) return DM_BOUNDARY_NONE;
  return grid->mesh.dimension[d].boundary == RHO_WALL ? DM_BOUNDARY_GHOSTED : DM_BOUNDARY_PERIODIC;
}

static PetscErrorCode SetShares(RhoGrid grid, DM da, PetscMPIInt size) {
  PetscInt nrank[RHO_MAXDIM] = {1, 1, 1}, split = grid->priv->split, *share, *shares[RHO_MAXDIM];
  PetscFunctionBeginUser;
  nrank[split] = size;
  PetscCall(PetscMalloc1(size, &share));
  for (PetscMPIInt r = 0; r < size; r++) share[r] = rho_share_count(grid->n[split], size, r);
  for (int d = 0; d < RHO_MAXDIM; d++) shares[d] = d == split ? share : &grid->n[d];
  PetscCall(DMDASetNumProcs(da, nrank[0], nrank[1], nrank[2]));
  PetscCall(DMDASetOwnershipRanges(da, shares[0], shares[1], shares[2]));
  PetscCall(PetscFree(share));
  PetscFunctionReturn(0);
}

static PetscErrorCode CreateDMDA(RhoGrid grid, MPI_Comm comm) {
  PetscMPIInt size;
  DM da;
  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_size(comm, &size));
  PetscCall(DMDACreate(comm, &da));
  PetscCall(DMSetDimension(da, grid->mesh.ndimension));
  PetscCall(DMDASetSizes(da, grid->n[0], grid->n[1], grid->n[2]));
  PetscCall(DMDASetBoundaryType(da, BoundaryType(grid, 0), BoundaryType(grid, 1), BoundaryType(grid, 2)));
  PetscCall(SetShares(grid, da, size));
  PetscCall(DMDASetDof(da, grid->nfield));
  PetscCall(DMDASetStencilType(da, DMDA_STENCIL_BOX));
  PetscCall(DMDASetStencilWidth(da, grid->halo));
  PetscCall(DMSetUp(da));
  grid->da = da;
  PetscFunctionReturn(0);
}

static PetscErrorCode SetRanges(RhoGrid grid) {
  PetscInt *s = grid->start, *c = grid->count, *gs = grid->gstart, *gc = grid->gcount;
  PetscFunctionBeginUser;
  PetscCall(DMDAGetCorners(grid->da, &s[0], &s[1], &s[2], &c[0], &c[1], &c[2]));
  PetscCall(DMDAGetGhostCorners(grid->da, &gs[0], &gs[1], &gs[2], &gc[0], &gc[1], &gc[2]));
  grid->nowned = c[0] * c[1] * c[2];
  grid->nghosted = gc[0] * gc[1] * gc[2];
  PetscFunctionReturn(0);
}

static PetscErrorCode SetCoordinates(RhoGrid grid, int d) {
  struct RhoGridPrivate_s *p = grid->priv;
  PetscInt n = grid->gcount[d];
  PetscFunctionBeginUser;
  PetscCall(PetscMalloc3(n, &p->x[d], n, &p->width[d], n, &p->distance[d]));
  for (PetscInt i = 0; i < n; i++) {
    bool used = d < grid->mesh.ndimension;
    int inside = (int)rho_inside(grid, d, grid->gstart[d] + i);
    p->x[d][i] = used ? RhoMeshCentre(&grid->mesh.dimension[d], inside) : 0;
    p->width[d][i] = used ? RhoMeshWidth(&grid->mesh.dimension[d], inside) : 1;
  }
  for (PetscInt i = 0; i < n; i++) p->distance[d][i] = 0.5 * (p->width[d][i] + p->width[d][PetscMin(i + 1, n - 1)]);
  PetscFunctionReturn(0);
}

static PetscErrorCode SetVolumes(RhoGrid grid) {
  PetscReal *const *w = grid->priv->width, *volume;
  const PetscInt *c = grid->count;
  PetscInt first[RHO_MAXDIM];
  PetscFunctionBeginUser;
  if (RhoGridUniform(grid)) PetscFunctionReturn(0);
  for (int d = 0; d < RHO_MAXDIM; d++) first[d] = grid->start[d] - grid->gstart[d];
  PetscCall(PetscMalloc1(grid->nowned, &grid->volumes));
  volume = grid->volumes;
  for (PetscInt k = 0; k < c[2]; k++)
    for (PetscInt j = 0; j < c[1]; j++)
      for (PetscInt i = 0; i < c[0]; i++) *volume++ = w[0][first[0] + i] * w[1][first[1] + j] * w[2][first[2] + k];
  PetscFunctionReturn(0);
}

PetscErrorCode RhoGridCreate(MPI_Comm comm, const RhoMesh *mesh, PetscInt nfield, PetscInt halo, RhoGrid *grid) {
  RhoGrid g;
  PetscFunctionBeginUser;
  PetscCall(rho_share_check(comm, mesh, halo));
  PetscCall(CheckSize(comm, mesh, nfield, halo));
  PetscCall(PetscNew(&g));
  PetscCall(PetscNew(&g->priv));
  PetscCall(SetMesh(g, mesh));
  g->nfield = nfield;
  g->halo = halo;
  g->priv->split = mesh->ndimension - 1;
  PetscCall(CreateDMDA(g, comm));
  g->comm = PetscObjectComm((PetscObject)g->da);
  PetscCallMPI(MPI_Comm_rank(g->comm, &g->rank));
  PetscCallMPI(MPI_Comm_size(g->comm, &g->size));
  PetscCall(SetRanges(g));
  for (int d = 0; d < RHO_MAXDIM; d++) PetscCall(SetCoordinates(g, d));
  PetscCall(SetVolumes(g));
  PetscCall(rho_halo_create(g));
  *grid = g;
  PetscFunctionReturn(0);
}

PetscErrorCode RhoGridDestroy(RhoGrid *grid) {
  PetscFunctionBeginUser;
  if (!*grid) PetscFunctionReturn(0);
  PetscCall(rho_halo_destroy(*grid));
  for (int d = 0; d < RHO_MAXDIM; d++)
    PetscCall(PetscFree3((*grid)->priv->x[d], (*grid)->priv->width[d], (*grid)->priv->distance[d]));
  PetscCall(PetscFree((*grid)->volumes));
  PetscCall(DMDestroy(&(*grid)->da));
  PetscCall(PetscFree((*grid)->priv));
  PetscCall(PetscFree(*grid));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoGridCompatible(RhoGrid grid, PetscInt nfield, DM *da) {
  PetscFunctionBeginUser;
  PetscCall(CheckSize(grid->comm, &grid->mesh, nfield, grid->halo));
  PetscCall(DMDACreateCompatibleDMDA(grid->da, nfield, da));
  PetscFunctionReturn(0);
}

const PetscReal *RhoGridCoordinate(RhoGrid grid, int d) { return grid->priv->x[d]; }
const PetscReal *RhoGridWidth(RhoGrid grid, int d) { return grid->priv->width[d]; }
const PetscReal *RhoGridDistance(RhoGrid grid, int d) { return grid->priv->distance[d]; }

bool RhoGridUniform(RhoGrid grid) {
  for (int d = 0; d < RHO_MAXDIM; d++)
    if (!grid->uniform[d]) return false;
  return true;
}
