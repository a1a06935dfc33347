/* share.c - which rank gets which cells.

   The slowest used dimension is cut into slabs.  FFTW knows only slabs of one size b with a smaller last one, and the
   DMDA wants cells on every rank, at least as many as the halo is wide.  So n cells on P ranks are cut into
     b = ceil(n/P), the last slab having n - (P-1) b >= max(1, halo),
   which some P do not fulfil (12 on 5: 3 3 3 3 0).  1-D transforms are replicated, and any balanced cut will do. */
#include "grid_private.h"

static PetscInt Ceiling(PetscInt n, PetscInt m) { return (n + m - 1) / m; }

PetscInt rho_share_count(PetscInt ncell, PetscInt nrank, PetscInt rank, bool balanced) {
  if (balanced) return ncell / nrank + (rank < ncell % nrank);
  PetscInt block = Ceiling(ncell, nrank);
  return PetscMax(0, PetscMin(block, ncell - rank * block));
}

static bool Works(PetscInt ncell, PetscInt nrank, PetscInt least, bool balanced) {
  return rho_share_count(ncell, nrank, nrank - 1, balanced) >= least;
}

/* The nearest number of ranks that works, from nrank in steps of one; 0: none. */
static PetscInt Nearest(PetscInt ncell, PetscInt nrank, PetscInt step, PetscInt least, bool balanced) {
  while (nrank > 0 && nrank <= ncell && !Works(ncell, nrank, least, balanced)) nrank += step;
  return nrank <= ncell ? nrank : 0;
}

static PetscErrorCode CheckSplit(MPI_Comm comm, const RhoDimension *d, PetscInt least, bool balanced) {
  PetscMPIInt size;
  PetscCallMPI(MPI_Comm_size(comm, &size));
  if (Works(d->ncell, size, least, balanced)) return 0;
  PetscInt fewer = Nearest(d->ncell, PetscMin(size, d->ncell), -1, least, balanced);
  PetscInt more = Nearest(d->ncell, size, 1, least, balanced);
  char also[32] = "";
  if (more) PetscCall(PetscSNPrintf(also, sizeof also, " and %" PetscInt_FMT, more));
  SETERRQ(comm, PETSC_ERR_ARG_SIZ,
          "%d cells along %s can not be shared by %d ranks: the last one would get %" PetscInt_FMT
          " and needs %" PetscInt_FMT "; the nearest numbers of ranks that work are %" PetscInt_FMT "%s",
          d->ncell, d->name, size, rho_share_count(d->ncell, size, size - 1, balanced), least, fewer, also);
}

PetscErrorCode rho_share_check(MPI_Comm comm, const RhoMesh *mesh, PetscInt halo) {
  PetscFunctionBeginUser;
  PetscInt least = PetscMax(1, halo);
  PetscCheck(halo >= 0, comm, PETSC_ERR_ARG_OUTOFRANGE, "a halo of %" PetscInt_FMT " cells", halo);
  PetscCheck(mesh->ndimension >= 1 && mesh->ndimension <= RHO_MAXDIM, comm, PETSC_ERR_ARG_OUTOFRANGE,
             "a mesh of %d dimensions, not 1 to %d", mesh->ndimension, RHO_MAXDIM);
  for (int d = 0; d < mesh->ndimension; d++)
    PetscCheck(mesh->dimension[d].ncell >= least, comm, PETSC_ERR_ARG_SIZ,
               "%d cells along %s: stencils that reach %" PetscInt_FMT " cells need at least %" PetscInt_FMT,
               mesh->dimension[d].ncell, mesh->dimension[d].name, halo, least);
  PetscCall(CheckSplit(comm, &mesh->dimension[mesh->ndimension - 1], least, mesh->ndimension == 1));
  PetscFunctionReturn(0);
}
