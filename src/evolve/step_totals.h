/* step_totals.h - the totals of an iterate that is corrected by a linear system.  Private to evolve.

   y is the iterate of  y = a + s b + gamma F(y),  x its correction, J the derivative that the system is made with. Sums
   of J x vanish for closed combinations, whose totals are those that the run keeps.  The total S of an open one obeys
   the same equation as y, with the rate r of what flows in,

     S(y + x) = S(a) + s S(b) + gamma r(y + x),   r(y + x) = r(y) + S(J x) + ...,

   One number per combination, times |y|, brings the totals of y + x there: with the linear r, and where r is not linear
   once more with r itself. */
#ifndef RHO_STEP_TOTALS_H
#define RHO_STEP_TOTALS_H
#include "engine.h"

typedef struct {
  RhoProblem *problem;
  RhoTangent J;                /* not owned */
  PetscBool linear;            /* r(y + x) is r(y) + S(J x) */
  PetscReal time, gamma;       /* of the iterate */
  Vec now;                     /* that iterate, not owned */
  PetscReal *wanted, *missing; /* [nconserved] its totals without the inflow of the stage, and what they lack */
} RhoStepTotals;

PetscErrorCode rho_step_totals_create(RhoProblem *problem, RhoTangent J, PetscBool linear, RhoStepTotals *totals);
PetscErrorCode rho_step_totals_destroy(RhoStepTotals *totals);
/* What the totals ought to be: from a + s b, b may be NULL. */
PetscErrorCode rho_step_totals_want(RhoStepTotals *totals, Vec a, PetscReal s, Vec b);
/* What the totals of the iterate y lack, problem->inflow being the rates there. */
PetscErrorCode rho_step_totals_miss(RhoStepTotals *totals, PetscReal t, PetscReal gamma, Vec y);
/* Brings the totals of y + x to what they ought to be. */
PetscErrorCode rho_step_totals_restore(RhoStepTotals *totals, Vec x);
/* lambda of M lambda = missing, by columns, in place of missing; a combination without mass gets none.  M is lost. */
PetscErrorCode rho_step_totals_solve(int count, PetscReal *M, PetscReal *missing);
/* flow[nconserved] = S(J x) for open combinations, 0 for closed ones.  work is overwritten. */
PetscErrorCode rho_step_totals_flow(RhoStepTotals *totals, Vec x, Vec work, PetscReal *flow);

#endif
