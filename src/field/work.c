/* work.c - entropy production of a noisy run, measured by the work that the deterministic forces do.

   Where the flux of each field is a mobility times a force, and its noise has the strength that goes with it,

     J_i = -M_i grad mu_i + g_i xi,   M_i = sum over its white noises of g_i^2/2,

   the probability of a path over that of the reversed one is exp(work), the work in Stratonovich's sense being

     W = -Omega sum_i int dr int mu_i o d u_i
       = -Omega sum over steps, cells, i of  V (mu_i(u) + mu_i(u'))/2 (u'_i - u_i)

   (Seifert 2012; Dinelli et al. 2023 for these equations).  <dW/dt> is the rate of entropy production of a stationary
   state: a total differential, hence 0 in the mean, where mu is the variation of one functional, also in discrete time.
   mu_i is what RhoForcePotentials reads off the flux. */
#include "field_private.h"
#include <math.h>

struct RhoWork_s {
  RhoFieldModel fm;
  PetscReal omega;
  RhoCellFormulas potential; /* of every field; 0 where nothing moves */
  Vec before, after;         /* mu at the beginning and the end of a step */
  PetscReal sum, since, now; /* work since that time; the time of the last state */
};

/* ---- life ---- */

PetscErrorCode RhoWorkCreate(RhoFieldModel fm, PetscReal omega, const char **why, RhoWork *out) {
  RhoNode *node;
  RhoWork work;
  PetscFunctionBegin;
  *out = NULL;
  PetscCall(PetscMalloc1(fm->eq->nfield, &node));
  if (RhoForcePotentials(fm->eq, fm->grid->mesh.ndimension, fm->value, node, why)) {
    PetscCall(PetscNew(&work));
    *out = work;
    work->fm = fm;
    work->omega = omega;
    PetscCall(RhoCellFormulasCreate(fm, fm->eq->nfield, node, &work->potential));
    PetscCall(DMCreateGlobalVector(fm->grid->da, &work->before));
    PetscCall(DMCreateGlobalVector(fm->grid->da, &work->after));
  }
  PetscCall(PetscFree(node));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoWorkDestroy(RhoWork *out) {
  RhoWork work = *out;
  PetscFunctionBegin;
  if (!work) PetscFunctionReturn(0);
  PetscCall(RhoCellFormulasDestroy(&work->potential));
  PetscCall(VecDestroy(&work->before));
  PetscCall(VecDestroy(&work->after));
  PetscCall(PetscFree(*out));
  PetscFunctionReturn(0);
}

/* ---- along a run ---- */

PetscErrorCode RhoWorkLook(RhoWork work, PetscReal t, Vec u) {
  PetscFunctionBegin;
  PetscCall(RhoCellFormulasEval(work->potential, t, u, work->after));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoWorkBegin(RhoWork work, PetscReal t, Vec u) {
  PetscFunctionBegin;
  PetscCall(RhoWorkLook(work, t, u));
  work->sum = 0;
  work->since = work->now = t;
  PetscFunctionReturn(0);
}

/* sum over the owned cells of V (mu + mu') (u' - u)/2 */
static PetscErrorCode Sum(RhoWork work, Vec before, Vec after, PetscReal *sum) {
  RhoGrid grid = work->fm->grid;
  const PetscScalar *mu[2], *u[2];
  PetscFunctionBegin;
  PetscCall(VecGetArrayRead(work->before, &mu[0]));
  PetscCall(VecGetArrayRead(work->after, &mu[1]));
  PetscCall(VecGetArrayRead(before, &u[0]));
  PetscCall(VecGetArrayRead(after, &u[1]));
  *sum = 0;
  for (PetscInt p = 0, k = 0; p < grid->nowned; p++) {
    PetscReal volume = grid->volumes ? grid->volumes[p] : grid->volume, cell = 0;
    for (PetscInt i = 0; i < grid->nfield; i++, k++) cell += (mu[0][k] + mu[1][k]) * (u[1][k] - u[0][k]);
    *sum += 0.5 * volume * cell;
  }
  PetscCall(VecRestoreArrayRead(work->before, &mu[0]));
  PetscCall(VecRestoreArrayRead(work->after, &mu[1]));
  PetscCall(VecRestoreArrayRead(before, &u[0]));
  PetscCall(VecRestoreArrayRead(after, &u[1]));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, sum, 1, MPIU_REAL, MPI_SUM, grid->comm));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoWorkStep(RhoWork work, Vec before, PetscReal t, Vec after) {
  Vec swap = work->before;
  PetscReal sum;
  PetscFunctionBegin;
  work->before = work->after;
  work->after = swap;
  PetscCall(RhoCellFormulasEval(work->potential, t, after, work->after));
  PetscCall(Sum(work, before, after, &sum));
  work->sum -= work->omega * sum;
  work->now = t;
  PetscFunctionReturn(0);
}

PetscReal RhoWorkRate(RhoWork work) {
  PetscReal rate = work->now > work->since ? work->sum / (work->now - work->since) : NAN;
  work->sum = 0;
  work->since = work->now;
  return rate;
}

void RhoWorkSave(RhoWork work, PetscReal number[RHO_WORK_NUMBERS]) {
  number[0] = work->sum;
  number[1] = work->since;
}

void RhoWorkLoad(RhoWork work, const PetscReal number[RHO_WORK_NUMBERS]) {
  work->sum = number[0];
  work->since = number[1];
}
