/* newton.h - Newton's linear systems (1 - gamma J) x = b, J the exact tangent about the iterate.  Private to evolve. */
#ifndef RHO_NEWTON_H
#define RHO_NEWTON_H
#include "linear.h"
#include "step_totals.h"

typedef struct {
  RhoProblem *problem;
  RhoTolerance *tolerance; /* not owned */
  PetscReal leeway;
  RhoTangent full, stiff; /* of the operator, about each iterate; of the preconditioner, kept */
  RhoLinear linear;
  RhoStepTotals totals;
  Vec b; /* right-hand side times weights */
} RhoNewton;

/* leeway: tolerances are so many times those of the run. */
PetscErrorCode rho_newton_create(RhoProblem *problem, RhoTolerance *tolerance, PetscReal leeway, RhoNewton *newton);
PetscErrorCode rho_newton_destroy(RhoNewton *newton);
/* w = 1/tolerance of every cell, by which residuals are weighed from now on; w is kept by reference. */
PetscErrorCode rho_newton_weigh(RhoNewton *newton, Vec u, Vec w);
/* The preconditioner for gamma, from the state u unless it is to be kept. */
PetscErrorCode rho_newton_prepare(RhoNewton *newton, PetscReal t, Vec u, PetscBool keep, PetscReal gamma);
/* The tangent about the iterate y of y = a + s b + gamma F(y), after its residual was computed. */
PetscErrorCode rho_newton_about(RhoNewton *newton, PetscReal t, Vec y, PetscReal gamma, Vec a, PetscReal s, Vec b);
/* x, with a residual below tol in the weighted 2-norm, and with the totals that y + x ought to have. */
PetscErrorCode rho_newton_solve(RhoNewton *newton, Vec b, Vec x, PetscReal gamma, PetscReal tol, PetscBool *converged);
/* e <- about (1 - gamma J)^-1 e. */
PetscErrorCode rho_newton_smooth(RhoNewton *newton, Vec e, PetscReal gamma);

#endif
