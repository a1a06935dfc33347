/* euler.c - linearly implicit Euler:  (1 - h L) u = u_n + h (F_n - L u_n),  L the stiff part about u_n.

   Where F is its own stiff part (fitted fluxes with linear reactions: RhoTangentWhole) there is no remainder on the
   right, and 1 - h L is an M-matrix: its off-diagonal entries are not positive, its columns add up to more than zero.
   Elimination without exchange of rows keeps these signs, so that with a factorisation nonnegative states stay
   nonnegative, exactly, and zeros stay zeros where nothing comes from.  Totals are brought to what they ought to be by
   factors near one.

   Iterative solvers are given the increment,  (1 - h L) (u - u_n) = h F_n,  so that their tolerance is one of the
   change and not of the state, which hardly changes in a short step. */
#include "onestep.h"
#include "step_totals.h"

typedef struct {
  RhoTangent stiff;
  RhoLinear linear;
  RhoStepTotals totals;
  PetscBool direct;
  Vec b, rest; /* right-hand side; for the factorisation F_n - L u_n, NULL: nothing */
  Vec flow;    /* work, where walls are open */
} Euler;

static PetscErrorCode CreateEuler(RhoOneStep *one) {
  RhoProblem *problem = one->problem;
  Euler *euler;
  PetscFunctionBegin;
  PetscCall(PetscNew(&euler));
  one->data = euler;
  PetscCall(RhoTangentCreate(problem->fm, RHO_PART_STIFF, &euler->stiff));
  PetscCall(rho_linear_create(problem, euler->stiff, euler->stiff, "stage_", &euler->linear));
  euler->direct = (PetscBool)(euler->linear.kind == RHO_PC_LU);
  if (euler->direct) PetscCall(KSPSetType(euler->linear.ksp, KSPPREONLY));
  PetscCall(KSPSetInitialGuessNonzero(euler->linear.ksp, PETSC_FALSE));
  PetscCall(rho_step_totals_create(problem, euler->stiff, PETSC_TRUE, &euler->totals));
  PetscCall(VecDuplicate(problem->u, &euler->b));
  if (euler->direct && !RhoTangentWhole(euler->stiff)) PetscCall(VecDuplicate(problem->u, &euler->rest));
  if (problem->open) PetscCall(VecDuplicate(problem->u, &euler->flow));
  PetscFunctionReturn(0);
}

static PetscErrorCode DestroyEuler(RhoOneStep *one) {
  Euler *euler = one->data;
  PetscFunctionBegin;
  PetscCall(rho_linear_destroy(&euler->linear));
  PetscCall(rho_step_totals_destroy(&euler->totals));
  PetscCall(RhoTangentDestroy(&euler->stiff));
  PetscCall(VecDestroy(&euler->b));
  PetscCall(VecDestroy(&euler->rest));
  PetscCall(VecDestroy(&euler->flow));
  PetscCall(PetscFree(one->data));
  PetscFunctionReturn(0);
}

static PetscErrorCode Begin(RhoOneStep *one) {
  Euler *euler = one->data;
  PetscFunctionBegin;
  PetscCall(RhoTangentSet(euler->stiff, rho_problem_inside(one->problem, one->problem->time), one->problem->u));
  PetscCall(rho_linear_tolerance(&euler->linear, one->tolerance.finest));
  PetscCall(rho_linear_freeze(&euler->linear, one->begin));
  if (!euler->rest) PetscFunctionReturn(0);
  PetscCall(rho_linear_multiply(&euler->linear, one->begin, euler->rest));
  PetscCall(VecAYPX(euler->rest, -1.0, one->F));
  PetscFunctionReturn(0);
}

/* Closed totals to those kept; open ones to  S(u_n) + h (r_n + S(L (u - u_n))). */
static PetscErrorCode Restore(RhoOneStep *one, PetscReal h, Vec u) {
  Euler *euler = one->data;
  RhoProblem *problem = one->problem;
  PetscFunctionBegin;
  if (!problem->open) {
    PetscCall(RhoTotalsRestore(problem->fm, u, u, problem->target));
    PetscFunctionReturn(0);
  }
  PetscCall(PetscArraycpy(problem->inflow, one->rate, RhoFieldEquations(problem->fm)->nconserved));
  PetscCall(rho_step_totals_want(&euler->totals, one->begin, 0, NULL));
  PetscCall(rho_step_totals_miss(&euler->totals, problem->time, h, one->begin));
  PetscCall(VecAXPY(u, -1.0, one->begin));
  PetscCall(rho_step_totals_restore(&euler->totals, u));
  PetscCall(VecAXPY(u, 1.0, one->begin));
  PetscFunctionReturn(0);
}

static PetscErrorCode SolveDirect(RhoOneStep *one, PetscReal h, Vec u, PetscBool *solved) {
  Euler *euler = one->data;
  PetscFunctionBegin;
  PetscCall(VecCopy(one->begin, euler->b));
  PetscCall(VecScale(euler->b, 1 / h));
  if (euler->rest) PetscCall(VecAXPY(euler->b, 1.0, euler->rest));
  PetscCall(rho_linear_solve(&euler->linear, 1 / h, euler->b, u, solved));
  PetscFunctionReturn(0);
}

static PetscErrorCode Solve(RhoOneStep *one, PetscReal h, Vec u, PetscBool *solved) {
  Euler *euler = one->data;
  PetscFunctionBegin;
  PetscCall(rho_linear_prepare(&euler->linear, 1 / h));
  if (euler->direct) PetscCall(SolveDirect(one, h, u, solved));
  else {
    PetscCall(rho_linear_solve(&euler->linear, 1 / h, one->F, u, solved));
    PetscCall(VecAXPY(u, 1.0, one->begin));
  }
  if (*solved) PetscCall(Restore(one, h, u));
  PetscFunctionReturn(0);
}

static PetscErrorCode Smooth(RhoOneStep *one, PetscReal h, Vec e) {
  Euler *euler = one->data;
  PetscBool solved;
  PetscFunctionBegin;
  PetscCall(VecCopy(e, euler->b));
  PetscCall(VecScale(euler->b, 1 / h));
  PetscCall(rho_linear_roughly(&euler->linear, 1 / h, euler->b, e, &solved));
  PetscFunctionReturn(0);
}

/* What came in: h (r_n + S(L (u - u_n))). */
static PetscErrorCode AcceptEuler(RhoOneStep *one, PetscReal h, Vec u) {
  Euler *euler = one->data;
  int n = RhoFieldEquations(one->problem->fm)->nconserved;
  PetscReal *amount;
  PetscFunctionBegin;
  if (!one->problem->open) PetscFunctionReturn(0);
  PetscCall(PetscMalloc1((size_t)n, &amount));
  PetscCall(VecWAXPY(euler->b, -1.0, one->begin, u));
  PetscCall(rho_step_totals_flow(&euler->totals, euler->b, euler->flow, amount));
  for (int c = 0; c < n; c++) amount[c] = h * (one->rate[c] + amount[c]);
  rho_problem_flowed(one->problem, amount);
  PetscCall(PetscFree(amount));
  PetscFunctionReturn(0);
}

static const RhoOneStepMethod euler_method = {.create = CreateEuler,
                                              .destroy = DestroyEuler,
                                              .begin = Begin,
                                              .solve = Solve,
                                              .smooth = Smooth,
                                              .accept = AcceptEuler};

static PetscErrorCode Create(RhoProblem *problem, void **engine) {
  PetscFunctionBegin;
  PetscCall(rho_onestep_create(problem, &euler_method, engine));
  PetscFunctionReturn(0);
}

const RhoEngine rho_engine_euler = RHO_ONESTEP_ENGINE(Create);
