/* newton.c - Newton's systems with the exact tangent, preconditioned by the stiff part.

   An iterative solver leaves its tolerance in the totals of x; they are put right (step_totals.c).  What integrators
   make of such iterates by linear combination keeps them to round-off. */
#include "newton.h"

PetscErrorCode rho_newton_weigh(RhoNewton *newton, Vec u, Vec w) {
  PetscFunctionBegin;
  newton->linear.weight = w;
  PetscCall(rho_tolerance_weights(newton->tolerance, newton->leeway, u, w));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_newton_prepare(RhoNewton *newton, PetscReal t, Vec u, PetscBool keep, PetscReal gamma) {
  PetscFunctionBegin;
  if (!keep) {
    PetscCall(RhoTangentSet(newton->stiff, rho_problem_inside(newton->problem, t), u));
    PetscCall(rho_linear_freeze(&newton->linear, u));
  }
  PetscCall(rho_linear_prepare(&newton->linear, 1 / gamma));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_newton_about(RhoNewton *newton, PetscReal t, Vec y, PetscReal gamma, Vec a, PetscReal s, Vec b) {
  PetscFunctionBegin;
  PetscCall(RhoTangentSet(newton->full, rho_problem_inside(newton->problem, t), y));
  PetscCall(rho_step_totals_want(&newton->totals, a, s, b));
  PetscCall(rho_step_totals_miss(&newton->totals, t, gamma, y));
  PetscFunctionReturn(0);
}

/* W (1/gamma - J) W^-1 (W x) = W b/gamma.  A right-hand side that is within the tolerance already is the solution. */
PetscErrorCode rho_newton_solve(RhoNewton *newton, Vec b, Vec x, PetscReal gamma, PetscReal tol, PetscBool *converged) {
  RhoLinear *linear = &newton->linear;
  PetscInt n;
  PetscFunctionBegin;
  PetscCall(VecPointwiseMult(newton->b, b, linear->weight));
  PetscCall(VecScale(newton->b, 1 / gamma));
  PetscCall(KSPSetTolerances(linear->ksp, linear->own_rtol > 0 ? linear->own_rtol : 1e-14,
                             linear->own_rtol > 0 ? 0 : tol / gamma, PETSC_DEFAULT, PETSC_DEFAULT));
  newton->problem->nnewton++;
  PetscCall(rho_linear_solve(linear, 1 / gamma, newton->b, x, converged));
  PetscCall(KSPGetIterationNumber(linear->ksp, &n));
  if (n == 0) PetscCall(VecCopy(b, x));
  else PetscCall(VecPointwiseDivide(x, x, linear->weight));
  if (*converged) PetscCall(rho_step_totals_restore(&newton->totals, x));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_newton_smooth(RhoNewton *newton, Vec e, PetscReal gamma) {
  PetscBool converged;
  PetscFunctionBegin;
  PetscCall(VecPointwiseMult(newton->b, e, newton->linear.weight));
  PetscCall(VecScale(newton->b, 1 / gamma));
  PetscCall(rho_linear_roughly(&newton->linear, 1 / gamma, newton->b, e, &converged));
  PetscCall(VecPointwiseDivide(e, e, newton->linear.weight));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_newton_create(RhoProblem *problem, RhoTolerance *tolerance, PetscReal leeway, RhoNewton *newton) {
  PetscFunctionBegin;
  *newton = (RhoNewton){.problem = problem, .tolerance = tolerance, .leeway = leeway};
  PetscCall(RhoTangentCreate(problem->fm, RHO_PART_ALL, &newton->full));
  PetscCall(RhoTangentCreate(problem->fm, RHO_PART_STIFF, &newton->stiff));
  PetscCall(rho_linear_create(problem, newton->full, newton->stiff, "newton_", &newton->linear));
  PetscCall(KSPSetInitialGuessNonzero(newton->linear.ksp, PETSC_FALSE));
  PetscCall(rho_step_totals_create(problem, newton->full, PETSC_FALSE, &newton->totals));
  PetscCall(VecDuplicate(problem->u, &newton->linear.scaled));
  PetscCall(VecDuplicate(problem->u, &newton->b));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_newton_destroy(RhoNewton *newton) {
  PetscFunctionBegin;
  PetscCall(rho_linear_destroy(&newton->linear));
  PetscCall(rho_step_totals_destroy(&newton->totals));
  PetscCall(RhoTangentDestroy(&newton->full));
  PetscCall(RhoTangentDestroy(&newton->stiff));
  PetscCall(VecDestroy(&newton->b));
  PetscFunctionReturn(0);
}
