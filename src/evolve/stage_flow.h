/* stage_flow.h - what flows into open totals during a Runge-Kutta step, by the weights of its stages.  Private to
 * evolve.
 */
#ifndef RHO_STAGE_FLOW_H
#define RHO_STAGE_FLOW_H
#include "engine.h"
#include "tableau.h"

typedef struct {
  RhoProblem *problem;
  PetscInt nstage, stage; /* of the scheme; those of this attempt whose rates are known, 0 before an attempt */
  PetscReal weight[RHO_MAXSTAGE], *rate; /* rate[RHO_MAXSTAGE][nconserved]: inflow at the stages */
} RhoStageFlow;

/* nstage and weight are to be set then; without open totals nothing is ever done. */
PetscErrorCode rho_stage_flow_create(RhoProblem *problem, RhoStageFlow *flow);
PetscErrorCode rho_stage_flow_destroy(RhoStageFlow *flow);
/* The rates of the last residual are those of the next stage. */
void rho_stage_flow_note(RhoStageFlow *flow);
/* amount[nconserved]: what flowed in during a step of this length, when the rates of all stages are known */
PetscErrorCode rho_stage_flow_amounts(const RhoStageFlow *flow, PetscReal length, PetscReal *amount);
/* Before an attempt of this length is accepted: takes rounding out of the open totals of u, its result; more than
   rounding is left to be seen as drift. */
PetscErrorCode rho_stage_flow_balance(RhoStageFlow *flow, PetscReal length, Vec u);
/* It was accepted: what flowed in is counted. */
PetscErrorCode rho_stage_flow_accept(RhoStageFlow *flow, PetscReal length);

#endif
