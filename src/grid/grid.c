/* grid.c - a mesh as a PETSc DMDA: cells i (fastest), j, k on slabs of the slowest used dimension.

   Cell i of n along a dimension from a to b has its centre at x_i = ((n - i - 1/2) a + (i + 1/2) b)/n, which is
   antisymmetric to the last bit when a = -b.  Unused dimensions have one cell and no ghosts.  Everything is computed
   from the global cell number, so that no value depends on the number of ranks. */
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
             "%g unknowns with ghosts; this PETSC counts up to %" PetscInt_FMT, (double)nunknown, PETSC_MAX_INT);
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

static PetscReal Centre(const RhoGrid grid, int d, PetscInt i) {
  if (d >= grid->mesh.ndimension) return 0;
  const RhoDimension *m = &grid->mesh.dimension[d];
  return ((m->ncell - i - 0.5) * m->from + (i + 0.5) * m->to) / m->ncell;
}

static PetscErrorCode SetCoordinates(RhoGrid grid) {
  PetscFunctionBeginUser;
  for (int d = 0; d < RHO_MAXDIM; d++) {
    PetscCall(PetscMalloc1(grid->gcount[d], &grid->priv->x[d]));
    for (PetscInt i = 0; i < grid->gcount[d]; i++)
      grid->priv->x[d][i] = Centre(grid, d, rho_inside(grid, d, grid->gstart[d] + i));
  }
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
  PetscCall(SetCoordinates(g));
  PetscCall(rho_halo_create(g));
  *grid = g;
  PetscFunctionReturn(0);
}

PetscErrorCode RhoGridDestroy(RhoGrid *grid) {
  PetscFunctionBeginUser;
  if (!*grid) PetscFunctionReturn(0);
  PetscCall(rho_halo_destroy(*grid));
  for (int d = 0; d < RHO_MAXDIM; d++) PetscCall(PetscFree((*grid)->priv->x[d]));
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
