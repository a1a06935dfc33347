/* step_totals.c - see step_totals.h. */
#include "step_totals.h"
#include <petscblaslapack.h>

static int Count(const RhoStepTotals *totals) { return RhoFieldEquations(totals->problem->fm)->nconserved; }

/* ---- what they ought to be ---- */

PetscErrorCode rho_step_totals_want(RhoStepTotals *totals, Vec a, PetscReal s, Vec b) {
  RhoProblem *problem = totals->problem;
  PetscReal *more;
  PetscFunctionBegin;
  if (problem->open) {
    PetscCall(PetscCalloc1((size_t)Count(totals), &more));
    PetscCall(RhoTotals(problem->fm, a, totals->wanted, NULL));
    if (b) PetscCall(RhoTotals(problem->fm, b, more, NULL));
    for (int c = 0; c < Count(totals); c++) totals->wanted[c] += s * more[c];
    PetscCall(PetscFree(more));
  }
  for (int c = 0; c < Count(totals); c++)
    if (!RhoTotalOpen(problem->fm, c)) totals->wanted[c] = problem->target[c];
  PetscFunctionReturn(0);
}

/* missing = wanted + gamma r - S(y), r the rates of the last residual, zero for closed combinations */
static PetscErrorCode Missing(RhoStepTotals *totals, Vec y) {
  PetscReal *now;
  PetscFunctionBegin;
  PetscCall(PetscMalloc1((size_t)Count(totals) + 1, &now));
  PetscCall(RhoTotals(totals->problem->fm, y, now, NULL));
  for (int c = 0; c < Count(totals); c++)
    totals->missing[c] = totals->wanted[c] + totals->gamma * totals->problem->inflow[c] - now[c];
  PetscCall(PetscFree(now));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_step_totals_miss(RhoStepTotals *totals, PetscReal t, PetscReal gamma, Vec y) {
  PetscFunctionBegin;
  totals->time = t;
  totals->gamma = gamma;
  totals->now = y;
  PetscCall(Missing(totals, y));
  PetscFunctionReturn(0);
}

/* ---- open combinations ---- */

/* v_i = sum_c lambda_c w_ci |y_i| */
static PetscErrorCode Along(RhoStepTotals *totals, const PetscReal *lambda, Vec v) {
  RhoEquations eq = RhoFieldEquations(totals->problem->fm);
  RhoGrid grid = RhoFieldGrid(totals->problem->fm);
  const PetscScalar *y;
  PetscScalar *x;
  PetscFunctionBegin;
  PetscCall(VecGetArrayRead(totals->now, &y));
  PetscCall(VecGetArrayWrite(v, &x));
  for (PetscInt i = 0; i < grid->nfield; i++) {
    PetscReal factor = 0;
    for (int c = 0; c < eq->nconserved; c++) factor += lambda[c] * eq->conserved[c][i];
    for (PetscInt p = i; p < grid->nowned * grid->nfield; p += grid->nfield) x[p] = factor * PetscAbsReal(y[p]);
  }
  PetscCall(VecRestoreArrayWrite(v, &x));
  PetscCall(VecRestoreArrayRead(totals->now, &y));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_step_totals_flow(RhoStepTotals *totals, Vec x, Vec work, PetscReal *flow) {
  RhoFieldModel fm = totals->problem->fm;
  PetscFunctionBegin;
  PetscCall(RhoTangentApply(totals->J, x, work));
  PetscCall(RhoTotals(fm, work, flow, NULL));
  for (int c = 0; c < Count(totals); c++)
    if (!RhoTotalOpen(fm, c)) flow[c] = 0;
  PetscFunctionReturn(0);
}

/* S(v) - gamma S(J v) */
static PetscErrorCode Effect(RhoStepTotals *totals, Vec v, Vec Jv, PetscReal *effect) {
  PetscReal *flow;
  PetscFunctionBegin;
  PetscCall(PetscMalloc1((size_t)Count(totals), &flow));
  PetscCall(RhoTotals(totals->problem->fm, v, effect, NULL));
  PetscCall(rho_step_totals_flow(totals, v, Jv, flow));
  for (int c = 0; c < Count(totals); c++) effect[c] -= totals->gamma * flow[c];
  PetscCall(PetscFree(flow));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_step_totals_solve(int count, PetscReal *M, PetscReal *lambda) {
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
static PetscErrorCode Matrix(RhoStepTotals *totals, Vec v, Vec Jv, PetscReal *M) {
  int n = Count(totals);
  PetscReal *unit;
  PetscFunctionBegin;
  PetscCall(PetscCalloc1((size_t)n, &unit));
  for (int c = 0; c < n; c++) {
    unit[c] = 1;
    PetscCall(Along(totals, unit, v));
    PetscCall(Effect(totals, v, Jv, M + c * n));
    unit[c] = 0;
  }
  PetscCall(PetscFree(unit));
  PetscFunctionReturn(0);
}

/* x += lambda |y| with M lambda = defect; M is kept. */
static PetscErrorCode CorrectBy(RhoStepTotals *totals, const PetscReal *M, PetscReal *defect, Vec v, Vec x) {
  int n = Count(totals);
  PetscReal *copy;
  PetscFunctionBegin;
  PetscCall(PetscMalloc1((size_t)(n * n), &copy));
  PetscCall(PetscArraycpy(copy, M, n * n));
  PetscCall(rho_step_totals_solve(n, copy, defect));
  PetscCall(Along(totals, defect, v));
  PetscCall(VecAXPY(x, 1.0, v));
  PetscCall(PetscFree(copy));
  PetscFunctionReturn(0);
}

/* With r(y) + S(J x), then with r(y + x). */
static PetscErrorCode Restore(RhoStepTotals *totals, Vec x, Vec v, Vec Jv, PetscReal *M) {
  PetscReal *effect;
  PetscBool left = PETSC_TRUE;
  PetscFunctionBegin;
  PetscCall(PetscMalloc1((size_t)Count(totals), &effect));
  PetscCall(Matrix(totals, v, Jv, M));
  PetscCall(Effect(totals, x, Jv, effect));
  for (int c = 0; c < Count(totals); c++) totals->missing[c] -= effect[c];
  PetscCall(CorrectBy(totals, M, totals->missing, v, x));
  if (!totals->linear) {
    PetscCall(VecWAXPY(v, 1.0, x, totals->now));
    PetscCall(rho_problem_residual(totals->problem, totals->time, v, Jv, &left));
    PetscCall(Missing(totals, v));
  }
  if (!left) PetscCall(CorrectBy(totals, M, totals->missing, v, x));
  PetscCall(PetscFree(effect));
  PetscFunctionReturn(0);
}

static PetscErrorCode RestoreOpen(RhoStepTotals *totals, Vec x) {
  RhoGrid grid = RhoFieldGrid(totals->problem->fm);
  PetscReal *M;
  Vec v, Jv;
  PetscFunctionBegin;
  PetscCall(PetscMalloc1((size_t)(Count(totals) * Count(totals)), &M));
  PetscCall(DMGetGlobalVector(grid->da, &v));
  PetscCall(DMGetGlobalVector(grid->da, &Jv));
  PetscCall(Restore(totals, x, v, Jv, M));
  PetscCall(DMRestoreGlobalVector(grid->da, &Jv));
  PetscCall(DMRestoreGlobalVector(grid->da, &v));
  PetscCall(PetscFree(M));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_step_totals_restore(RhoStepTotals *totals, Vec x) {
  PetscFunctionBegin;
  if (totals->problem->open) PetscCall(RestoreOpen(totals, x));
  else PetscCall(RhoTotalsRestore(totals->problem->fm, x, totals->now, totals->missing));
  PetscFunctionReturn(0);
}

/* ---- life ---- */

PetscErrorCode rho_step_totals_create(RhoProblem *problem, RhoTangent J, PetscBool linear, RhoStepTotals *totals) {
  PetscFunctionBegin;
  *totals = (RhoStepTotals){.problem = problem, .J = J, .linear = linear};
  PetscCall(PetscCalloc2((size_t)Count(totals) + 1, &totals->wanted, (size_t)Count(totals) + 1, &totals->missing));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_step_totals_destroy(RhoStepTotals *totals) {
  PetscFunctionBegin;
  PetscCall(PetscFree2(totals->wanted, totals->missing));
  PetscFunctionReturn(0);
}
