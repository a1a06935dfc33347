/* newton_totals.c - the totals of an iterate that Newton's method corrects.

   y is the iterate, x its correction.  Sums of J x vanish for closed combinations, whose totals are those that the run
   keeps.  The total S of an open one obeys the same formula as y, with the rate r of what flows in,

     S(y + x) = S(a) + s S(b) + gamma r(y + x),   r(y + x) = r(y) + S(J x) + ...,

   a + s b what the integrator knows of earlier steps.  One number per combination, times |y|, brings the totals there.
 */
#include "newton.h"
#include <petscblaslapack.h>

static int Count(const RhoNewton *newton) { return RhoFieldEquations(newton->problem->fm)->nconserved; }

/* ---- what they ought to be ---- */

/* wanted = S(a) + s S(b) for open combinations, the totals to keep for closed ones */
static PetscErrorCode Wanted(RhoNewton *newton, const RhoNewtonSystem *system) {
  RhoProblem *problem = newton->problem;
  PetscReal *b;
  PetscFunctionBegin;
  if (problem->open) {
    PetscCall(PetscMalloc1((size_t)Count(newton), &b));
    PetscCall(RhoTotals(problem->fm, N_VGetVector_Petsc(system->a), newton->wanted, NULL));
    PetscCall(RhoTotals(problem->fm, N_VGetVector_Petsc(system->b), b, NULL));
    for (int c = 0; c < Count(newton); c++) newton->wanted[c] += system->factor * b[c];
    PetscCall(PetscFree(b));
  }
  for (int c = 0; c < Count(newton); c++)
    if (!RhoTotalOpen(problem->fm, c)) newton->wanted[c] = problem->target[c];
  PetscFunctionReturn(0);
}

/* missing = wanted + gamma r - S(y), r the rates of the last residual, zero for closed combinations */
static PetscErrorCode Missing(RhoNewton *newton, PetscReal gamma, Vec y) {
  PetscReal *now;
  PetscFunctionBegin;
  PetscCall(PetscMalloc1((size_t)Count(newton) + 1, &now));
  PetscCall(RhoTotals(newton->problem->fm, y, now, NULL));
  for (int c = 0; c < Count(newton); c++)
    newton->missing[c] = newton->wanted[c] + gamma * newton->problem->inflow[c] - now[c];
  PetscCall(PetscFree(now));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_newton_missing(RhoNewton *newton, PetscReal t, Vec y) {
  RhoNewtonSystem system;
  PetscFunctionBegin;
  PetscCallExternal(newton->system, newton->integrator, &system);
  PetscCall(Wanted(newton, &system));
  PetscCall(Missing(newton, system.gamma, y));
  newton->time = t;
  newton->now = y;
  PetscFunctionReturn(0);
}

/* ---- open combinations ---- */

/* v_i = sum_c lambda_c w_ci |y_i| */
static PetscErrorCode Along(RhoNewton *newton, const PetscReal *lambda, Vec v) {
  RhoEquations eq = RhoFieldEquations(newton->problem->fm);
  RhoGrid grid = RhoFieldGrid(newton->problem->fm);
  const PetscScalar *y;
  PetscScalar *x;
  PetscFunctionBegin;
  PetscCall(VecGetArrayRead(newton->now, &y));
  PetscCall(VecGetArrayWrite(v, &x));
  for (PetscInt i = 0; i < grid->nfield; i++) {
    PetscReal factor = 0;
    for (int c = 0; c < eq->nconserved; c++) factor += lambda[c] * eq->conserved[c][i];
    for (PetscInt p = i; p < grid->nowned * grid->nfield; p += grid->nfield) x[p] = factor * PetscAbsReal(y[p]);
  }
  PetscCall(VecRestoreArrayWrite(v, &x));
  PetscCall(VecRestoreArrayRead(newton->now, &y));
  PetscFunctionReturn(0);
}

/* S(v - gamma J v), J v left out for closed combinations, where it is zero */
static PetscErrorCode Effect(RhoNewton *newton, PetscReal gamma, Vec v, Vec Jv, PetscReal *effect) {
  RhoFieldModel fm = newton->problem->fm;
  PetscReal *flow;
  PetscFunctionBegin;
  PetscCall(PetscMalloc1((size_t)Count(newton), &flow));
  PetscCall(RhoTangentApply(newton->full, v, Jv));
  PetscCall(RhoTotals(fm, v, effect, NULL));
  PetscCall(RhoTotals(fm, Jv, flow, NULL));
  for (int c = 0; c < Count(newton); c++)
    if (RhoTotalOpen(fm, c)) effect[c] -= gamma * flow[c];
  PetscCall(PetscFree(flow));
  PetscFunctionReturn(0);
}

/* M lambda = missing; a combination without mass gets none */
static PetscErrorCode SolveSmall(int count, PetscReal *M, PetscReal *lambda) {
  PetscBLASInt n = count, one = 1, info, *pivot;
  PetscFunctionBegin;
  for (int c = 0; c < count; c++) {
    if (M[c * count + c] != 0) continue;
    M[c * count + c] = 1;
    lambda[c] = 0;
  }
  PetscCall(PetscMalloc1((size_t)count, &pivot));
  PetscCallBLAS("LAPACKgesv", LAPACKgesv_(&n, &one, M, &n, pivot, lambda, &n, &info));
  if (info)
    for (int c = 0; c < count; c++) lambda[c] = 0;
  PetscCall(PetscFree(pivot));
  PetscFunctionReturn(0);
}

/* M_cc' = effect on combination c of |y| times the weights of c', by columns. */
static PetscErrorCode Matrix(RhoNewton *newton, PetscReal gamma, Vec v, Vec Jv, PetscReal *M) {
  int n = Count(newton);
  PetscReal *unit;
  PetscFunctionBegin;
  PetscCall(PetscCalloc1((size_t)n, &unit));
  for (int c = 0; c < n; c++) {
    unit[c] = 1;
    PetscCall(Along(newton, unit, v));
    PetscCall(Effect(newton, gamma, v, Jv, M + c * n));
    unit[c] = 0;
  }
  PetscCall(PetscFree(unit));
  PetscFunctionReturn(0);
}

/* x += lambda |y| with M lambda = defect; M is kept. */
static PetscErrorCode CorrectBy(RhoNewton *newton, const PetscReal *M, PetscReal *defect, Vec v, Vec x) {
  int n = Count(newton);
  PetscReal *copy;
  PetscFunctionBegin;
  PetscCall(PetscMalloc1((size_t)(n * n), &copy));
  PetscCall(PetscArraycpy(copy, M, n * n));
  PetscCall(SolveSmall(n, copy, defect));
  PetscCall(Along(newton, defect, v));
  PetscCall(VecAXPY(x, 1.0, v));
  PetscCall(PetscFree(copy));
  PetscFunctionReturn(0);
}

/* Twice: with r(y) + S(J x), then with r(y + x). */
static PetscErrorCode Restore(RhoNewton *newton, PetscReal gamma, Vec x, Vec v, Vec Jv, PetscReal *M) {
  PetscReal *effect;
  PetscBool left;
  PetscFunctionBegin;
  PetscCall(PetscMalloc1((size_t)Count(newton), &effect));
  PetscCall(Matrix(newton, gamma, v, Jv, M));
  PetscCall(Effect(newton, gamma, x, Jv, effect));
  for (int c = 0; c < Count(newton); c++) newton->missing[c] -= effect[c];
  PetscCall(CorrectBy(newton, M, newton->missing, v, x));
  PetscCall(VecWAXPY(v, 1.0, x, newton->now));
  PetscCall(rho_problem_residual(newton->problem, newton->time, v, Jv, &left));
  PetscCall(Missing(newton, gamma, v));
  if (!left) PetscCall(CorrectBy(newton, M, newton->missing, v, x));
  PetscCall(PetscFree(effect));
  PetscFunctionReturn(0);
}

static PetscErrorCode RestoreOpen(RhoNewton *newton, PetscReal gamma, Vec x) {
  RhoGrid grid = RhoFieldGrid(newton->problem->fm);
  PetscReal *M;
  Vec v, Jv;
  PetscFunctionBegin;
  PetscCall(PetscMalloc1((size_t)(Count(newton) * Count(newton)), &M));
  PetscCall(DMGetGlobalVector(grid->da, &v));
  PetscCall(DMGetGlobalVector(grid->da, &Jv));
  PetscCall(Restore(newton, gamma, x, v, Jv, M));
  PetscCall(DMRestoreGlobalVector(grid->da, &Jv));
  PetscCall(DMRestoreGlobalVector(grid->da, &v));
  PetscCall(PetscFree(M));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_newton_restore(RhoNewton *newton, PetscReal gamma, Vec x) {
  PetscFunctionBegin;
  if (newton->problem->open) PetscCall(RestoreOpen(newton, gamma, x));
  else PetscCall(RhoTotalsRestore(newton->problem->fm, x, newton->now, newton->missing));
  PetscFunctionReturn(0);
}
