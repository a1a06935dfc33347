/* energy.c - implicit Euler on the whole F,  u - u_n - h F(u) = 0,  by Newton's method; a step in which the free energy
   rises is not taken.

   The identity dF/dt <= 0 holds for the equations in time; implicit Euler keeps it where F is convex, or h is short
   against the growth that the concave part drives.  So each step is measured: beyond what rounding may do to the sum, F
   does not rise.  It may seem to while the equations are not solved well: they are solved better before the step is
   shortened. */
#include "newton.h"
#include "onestep.h"

#define NEARLY 1e-2 /* a correction so small, in tolerances, ends Newton's method */
#define BEST 1e-9
#define ROUNDINGS 10 /* of the state: a correction can not be told from these */
#define MOST_ITERATIONS 15

typedef struct {
  RhoNewton newton;
  Vec weight, G, x;
  PetscReal before;  /* the free energy at the step's beginning */
  PetscReal nearly;  /* see above, of this step */
  PetscBool current; /* the preconditioner is of this step's beginning */
} Energy;

static PetscErrorCode CreateEnergy(RhoOneStep *one) {
  Energy *energy;
  Vec u = one->problem->u;
  PetscFunctionBegin;
  PetscCall(PetscNew(&energy));
  one->data = energy;
  PetscCall(rho_newton_create(one->problem, &one->tolerance, 1, &energy->newton));
  PetscCall(VecDuplicate(u, &energy->weight));
  PetscCall(VecDuplicate(u, &energy->G));
  PetscCall(VecDuplicate(u, &energy->x));
  PetscFunctionReturn(0);
}

static PetscErrorCode DestroyEnergy(RhoOneStep *one) {
  Energy *energy = one->data;
  PetscFunctionBegin;
  PetscCall(rho_newton_destroy(&energy->newton));
  PetscCall(VecDestroy(&energy->weight));
  PetscCall(VecDestroy(&energy->G));
  PetscCall(VecDestroy(&energy->x));
  PetscCall(PetscFree(one->data));
  PetscFunctionReturn(0);
}

static PetscErrorCode Begin(RhoOneStep *one) {
  Energy *energy = one->data;
  PetscFunctionBegin;
  PetscCall(rho_newton_weigh(&energy->newton, one->begin, energy->weight));
  energy->nearly = NEARLY;
  energy->current = PETSC_FALSE;
  PetscFunctionReturn(0);
}

/* G = u_n + h F(u) - u */
static PetscErrorCode Defect(RhoOneStep *one, PetscReal h, Vec u) {
  Energy *energy = one->data;
  PetscFunctionBegin;
  PetscCall(rho_problem_residual(one->problem, one->problem->time + h, u, energy->G, &one->domain));
  PetscCall(VecAXPBYPCZ(energy->G, 1.0, -1.0, h, one->begin, u));
  PetscFunctionReturn(0);
}

/* u += x; size: of x in tolerances */
static PetscErrorCode Iterate(RhoOneStep *one, PetscReal h, Vec u, PetscReal *size, PetscBool *solved) {
  Energy *energy = one->data;
  PetscReal rms =
      PetscSqrtReal((PetscReal)RhoFieldGrid(one->problem->fm)->ncell * RhoFieldGrid(one->problem->fm)->nfield);
  PetscFunctionBegin;
  PetscCall(Defect(one, h, u));
  *solved = (PetscBool)!one->domain;
  if (!*solved) PetscFunctionReturn(0);
  PetscCall(rho_newton_about(&energy->newton, one->problem->time + h, u, h, one->begin, 0, NULL));
  PetscCall(rho_newton_solve(&energy->newton, energy->G, energy->x, h, 0.1 * energy->nearly * rms, solved));
  if (!*solved) PetscFunctionReturn(0);
  PetscCall(VecAXPY(u, 1.0, energy->x));
  PetscCall(VecPointwiseMult(energy->x, energy->x, energy->weight));
  PetscCall(VecNorm(energy->x, NORM_2, size));
  *size /= rms;
  PetscFunctionReturn(0);
}

/* Convergence is quadratic, but for the linear tolerance: a correction stands for the error before it. */
static PetscErrorCode Solve(RhoOneStep *one, PetscReal h, Vec u, PetscBool *solved) {
  Energy *energy = one->data;
  PetscReal size = PETSC_MAX_REAL;
  PetscFunctionBegin;
  *solved = PETSC_TRUE;
  PetscCall(rho_newton_prepare(&energy->newton, one->problem->time, one->begin, energy->current, h));
  energy->current = PETSC_TRUE;
  for (int k = 0; k < MOST_ITERATIONS && *solved && size > energy->nearly; k++)
    PetscCall(Iterate(one, h, u, &size, solved));
  *solved = (PetscBool)(*solved && size <= energy->nearly);
  PetscFunctionReturn(0);
}

static PetscErrorCode Smooth(RhoOneStep *one, PetscReal h, Vec e) {
  Energy *energy = one->data;
  PetscFunctionBegin;
  PetscCall(rho_newton_smooth(&energy->newton, e, h));
  PetscFunctionReturn(0);
}

/* Both at the end's time: what a protocol does to F is not the step's. */
static PetscErrorCode Rises(RhoOneStep *one, PetscReal h, Vec u, PetscBool *rises) {
  PetscReal t = one->problem->time + h, before, after, rounding;
  PetscBool exists;
  PetscFunctionBegin;
  PetscCall(RhoFreeEnergy(one->problem->fm, t, one->begin, &exists, &before));
  PetscCall(RhoFreeEnergy(one->problem->fm, t, u, &exists, &after));
  PetscCall(RhoFreeEnergyRounding(one->problem->fm, &rounding));
  *rises = (PetscBool) !(after <= before + rounding);
  PetscFunctionReturn(0);
}

static PetscErrorCode Judge(RhoOneStep *one, PetscReal h, Vec u, PetscBool *fine) {
  Energy *energy = one->data;
  PetscReal best = PetscMax(BEST, ROUNDINGS * PETSC_MACHINE_EPSILON / one->tolerance.finest);
  PetscBool rises, solved = PETSC_TRUE;
  PetscFunctionBegin;
  PetscCall(Rises(one, h, u, &rises));
  while (rises && solved && energy->nearly > best) {
    energy->nearly = PetscMax(1e-3 * energy->nearly, best);
    PetscCall(Solve(one, h, u, &solved));
    if (solved) PetscCall(Rises(one, h, u, &rises));
  }
  if (!rises) PetscCall(rho_problem_residual(one->problem, one->problem->time + h, u, one->after, &rises));
  *fine = (PetscBool)!rises;
  energy->nearly = NEARLY;
  PetscFunctionReturn(0);
}

static const RhoOneStepMethod energy_method = {.create = CreateEnergy,
                                               .destroy = DestroyEnergy,
                                               .begin = Begin,
                                               .solve = Solve,
                                               .smooth = Smooth,
                                               .judge = Judge,
                                               .refused = "the free energy rises in every step however short"};

static PetscErrorCode Create(RhoProblem *problem, void **engine) {
  PetscFunctionBegin;
  PetscCall(rho_onestep_create(problem, &energy_method, engine));
  PetscFunctionReturn(0);
}

const RhoEngine rho_engine_energy = RHO_ONESTEP_ENGINE(Create);
