/* share.c - which rank gets which cells: slabs of the slowest used dimension, as equal as can be.

   n cells on P ranks: n/P each, and one more for the first n mod P.  The DMDA wants at least as many on every rank as
   the halo is wide, and along every dimension. */
#include "grid_private.h"

PetscInt rho_share_count(PetscInt n, PetscInt nrank, PetscInt rank) { return n / nrank + (rank < n % nrank); }

static PetscErrorCode CheckHalo(MPI_Comm comm, const RhoDimension *d, PetscInt halo) {
  PetscFunctionBeginUser;
  PetscCheck(d->ncell >= PetscMax(1, halo), comm, PETSC_ERR_ARG_SIZ,
             "%d cells along %s: stencils that reach %" PetscInt_FMT " cells need at least %" PetscInt_FMT, d->ncell,
             d->name, halo, PetscMax(1, halo));
  PetscFunctionReturn(0);
}

static PetscErrorCode CheckSplit(MPI_Comm comm, const RhoDimension *d, PetscInt halo) {
  PetscMPIInt size;
  PetscInt least = PetscMax(1, halo);
  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_size(comm, &size));
  PetscCheck(d->ncell / size >= least, comm, PETSC_ERR_ARG_SIZ,
             "%d cells along %s can not be shared by %d ranks: each needs at least %" PetscInt_FMT
             "; use at most %" PetscInt_FMT " ranks, or at least %" PetscInt_FMT " cells",
             d->ncell, d->name, size, least, d->ncell / least, size * least);
  PetscFunctionReturn(0);
}

PetscErrorCode rho_share_check(MPI_Comm comm, const RhoMesh *mesh, PetscInt halo) {
  PetscFunctionBeginUser;
  PetscCheck(halo >= 0, comm, PETSC_ERR_ARG_OUTOFRANGE, "a halo of %" PetscInt_FMT " cells", halo);
  PetscCheck(mesh->ndimension >= 1 && mesh->ndimension <= RHO_MAXDIM, comm, PETSC_ERR_ARG_OUTOFRANGE,
             "a mesh of %d dimensions, not 1 to %d", mesh->ndimension, RHO_MAXDIM);
  for (int d = 0; d < mesh->ndimension; d++) PetscCall(CheckHalo(comm, &mesh->dimension[d], halo));
  PetscCall(CheckSplit(comm, &mesh->dimension[mesh->ndimension - 1], halo));
  PetscFunctionReturn(0);
}

bool RhoMeshShared(const RhoMesh *mesh, int nrank, int halo, RhoDiag diag) {
  const RhoDimension *slow = &mesh->dimension[mesh->ndimension - 1];
  int least = halo > 1 ? halo : 1;
  if (slow->ncell / nrank >= least) return true;
  RhoDiagReport(diag, RHO_ID_MESH_RANKS, mesh->place.source < 0 ? mesh->place : mesh->at[mesh->ndimension - 1],
                "%d cells along '%s' can not be shared by %d ranks: each needs at least %d", slow->ncell, slow->name,
                nrank, least);
  RhoDiagHint(diag, "at most %d ranks, or at least %d cells; the last dimension of a mesh is shared",
              slow->ncell / least > 0 ? slow->ncell / least : 1, nrank * least);
  return false;
}
