/* stage_flow.c - see stage_flow.h. */
#include "stage_flow.h"

static int Count(const RhoStageFlow *flow) { return RhoFieldEquations(flow->problem->fm)->nconserved; }

PetscErrorCode rho_stage_flow_create(RhoProblem *problem, RhoStageFlow *flow) {
  PetscFunctionBegin;
  *flow = (RhoStageFlow){.problem = problem};
  if (problem->open) PetscCall(PetscCalloc1((size_t)(RHO_MAXSTAGE * Count(flow)), &flow->rate));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_stage_flow_destroy(RhoStageFlow *flow) {
  PetscFunctionBegin;
  PetscCall(PetscFree(flow->rate));
  PetscFunctionReturn(0);
}

void rho_stage_flow_note(RhoStageFlow *flow) {
  int n = Count(flow);
  if (!flow->problem->open || flow->stage >= flow->nstage) return;
  for (int c = 0; c < n; c++) flow->rate[flow->stage * n + c] = flow->problem->inflow[c];
  flow->stage++;
}

PetscErrorCode rho_stage_flow_amounts(const RhoStageFlow *flow, PetscReal length, PetscReal *amount) {
  int n = Count(flow);
  PetscFunctionBegin;
  PetscCheck(flow->stage == flow->nstage, PETSC_COMM_SELF, PETSC_ERR_PLIB, "inflow of %d stages of %d",
             (int)flow->stage, (int)flow->nstage);
  for (int c = 0; c < n; c++) {
    amount[c] = 0;
    for (PetscInt k = 0; k < flow->nstage; k++) amount[c] += length * flow->weight[k] * flow->rate[k * n + c];
  }
  PetscFunctionReturn(0);
}

PetscErrorCode rho_stage_flow_accept(RhoStageFlow *flow, PetscReal length) {
  PetscReal *amount;
  PetscFunctionBegin;
  if (!flow->problem->open) PetscFunctionReturn(0);
  PetscCall(PetscCalloc1((size_t)Count(flow), &amount));
  PetscCall(rho_stage_flow_amounts(flow, length, amount));
  rho_problem_flowed(flow->problem, amount);
  PetscCall(PetscFree(amount));
  PetscFunctionReturn(0);
}

#define MOST_ROUNDING 1e-11 /* of int |u| */

PetscErrorCode rho_stage_flow_balance(RhoStageFlow *flow, PetscReal length, Vec u) {
  RhoProblem *problem = flow->problem;
  int n = Count(flow);
  PetscReal *target, *total, *scale;
  PetscBool rounding = PETSC_TRUE;
  PetscFunctionBegin;
  if (!problem->open) PetscFunctionReturn(0);
  PetscCall(PetscCalloc3((size_t)n, &target, (size_t)n, &total, (size_t)n, &scale));
  PetscCall(rho_stage_flow_amounts(flow, length, target));
  PetscCall(RhoTotals(problem->fm, u, total, scale));
  for (int c = 0; c < n; c++) {
    target[c] = problem->target[c] + (target[c] - problem->lost[c]);
    if (!(PetscAbsReal(total[c] - target[c]) <= MOST_ROUNDING * scale[c])) rounding = PETSC_FALSE;
  }
  if (rounding) PetscCall(RhoTotalsRestoreAll(problem->fm, u, u, target));
  PetscCall(PetscFree3(target, total, scale));
  PetscFunctionReturn(0);
}
