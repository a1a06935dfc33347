/* problem.c - the residual as engines see it: on this side of breakpoints, and with a note of the state that left a
   formula's domain. */
#include "engine.h"
#include <math.h>

/* Room for a state outside at time t. */
static PetscErrorCode Outside(RhoProblem *problem, PetscReal t) {
  PetscFunctionBegin;
  if (!problem->outside) PetscCall(VecDuplicate(problem->u, &problem->outside));
  problem->outside_time = t;
  PetscFunctionReturn(0);
}

/* a few units in the last place, and a little at t = 0 */
static PetscReal Rounding(PetscReal t) { return PetscMax(4 * PETSC_MACHINE_EPSILON * PetscAbsReal(t), 1e-300); }

PetscReal rho_problem_inside(const RhoProblem *problem, PetscReal t) {
  if (isfinite(problem->from)) t = PetscMax(t, problem->from + Rounding(problem->from));
  if (isfinite(problem->to)) t = PetscMin(t, problem->to - Rounding(problem->to));
  return t;
}

/* What is to be known of a state besides its residual, which was computed last. */
static PetscErrorCode Note(RhoProblem *problem, PetscBool *left) {
  PetscFunctionBegin;
  PetscCall(RhoFieldDomain(problem->fm, left));
  if (problem->open) PetscCall(RhoInflow(problem->fm, problem->inflow));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_problem_residual(RhoProblem *problem, PetscReal t, Vec Y, Vec F, PetscBool *left) {
  PetscFunctionBegin;
  t = rho_problem_inside(problem, t);
  PetscCall(RhoResidual(problem->fm, t, Y, F));
  PetscCall(Note(problem, left));
  if (!*left) PetscFunctionReturn(0);
  PetscCall(Outside(problem, t));
  PetscCall(VecCopy(Y, problem->outside));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_problem_rest(RhoProblem *problem, RhoModal modal, PetscReal t, Vec Y, PetscScalar **hat,
                                PetscScalar **half, PetscScalar **N, PetscBool *left) {
  PetscFunctionBegin;
  t = rho_problem_inside(problem, t);
  if (Y) PetscCall(RhoModalRest(modal, t, Y, hat, N));
  else PetscCall(RhoModalRestOf(modal, t, hat, half, N));
  PetscCall(Note(problem, left));
  if (!*left) PetscFunctionReturn(0);
  PetscCall(Outside(problem, t));
  PetscCall(RhoModalBackward(modal, hat, problem->outside));
  PetscFunctionReturn(0);
}

void rho_problem_flowed(RhoProblem *problem, const PetscReal *amount) {
  for (int c = 0; c < RhoFieldEquations(problem->fm)->nconserved; c++) {
    PetscReal more = amount[c] - problem->lost[c], sum = problem->target[c] + more;
    problem->lost[c] = (sum - problem->target[c]) - more;
    problem->target[c] = sum;
  }
}

PetscBool rho_problem_reached(const RhoProblem *problem, PetscReal t) {
  const RhoEvolveOptions *options = problem->options;
  return (PetscBool)(t - problem->time <= 1e-12 * PetscMax(PetscAbsReal(t), options->end - options->start));
}

void rho_step_fail(RhoStep *step, RhoEvolveReason reason, const char *text) {
  step->reason = reason;
  step->text = text;
}
