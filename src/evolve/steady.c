/* steady.c - how fast a state changes: for each field  int |F_i| dV / int |u_i| dV,  the fastest counts. */
#include "engine.h"

static void AddModuli(RhoGrid grid, const PetscScalar *x, PetscReal *sum) {
  for (PetscInt p = 0; p < grid->nowned; p++) {
    PetscReal volume = grid->volumes ? grid->volumes[p] : grid->volume;
    for (PetscInt i = 0; i < grid->nfield; i++) sum[i] += volume * PetscAbsReal(x[p * grid->nfield + i]);
  }
}

/* sum[nfield], of this rank */
static PetscErrorCode Moduli(RhoGrid grid, Vec x, PetscReal *sum) {
  const PetscScalar *value;
  PetscFunctionBegin;
  PetscCall(PetscArrayzero(sum, grid->nfield));
  PetscCall(VecGetArrayRead(x, &value));
  AddModuli(grid, value, sum);
  PetscCall(VecRestoreArrayRead(x, &value));
  PetscFunctionReturn(0);
}

/* A field that is zero and stays so does not change. */
static PetscErrorCode Fastest(RhoGrid grid, Vec F, Vec u, PetscReal *rate) {
  PetscReal *change, *size;
  PetscFunctionBegin;
  PetscCall(PetscMalloc1((size_t)(2 * grid->nfield), &change));
  size = change + grid->nfield;
  PetscCall(Moduli(grid, F, change));
  PetscCall(Moduli(grid, u, size));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, change, (PetscMPIInt)(2 * grid->nfield), MPIU_REAL, MPI_SUM, grid->comm));
  *rate = 0;
  for (PetscInt i = 0; i < grid->nfield; i++)
    if (change[i] > 0) *rate = PetscMax(*rate, size[i] > 0 ? change[i] / size[i] : PETSC_MAX_REAL);
  PetscCall(PetscFree(change));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_problem_rate(RhoProblem *problem, PetscReal *rate) {
  RhoGrid grid = RhoFieldGrid(problem->fm);
  PetscBool left;
  Vec F = problem->F;
  PetscFunctionBegin;
  if (!F) {
    PetscCall(DMGetGlobalVector(grid->da, &F));
    PetscCall(rho_problem_residual(problem, problem->time, problem->u, F, &left));
  }
  PetscCall(Fastest(grid, F, problem->u, rate));
  if (!problem->F) PetscCall(DMRestoreGlobalVector(grid->da, &F));
  PetscFunctionReturn(0);
}
