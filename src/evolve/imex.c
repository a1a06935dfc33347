/* imex.c - F = L u + (F - L u) for PETSc's ARKIMEX, with stages that conserve whatever the linear solver does.

   A stage is  shift (Y - Z) = L Y,  Z known.  The solver returns some Y; we take  L Y := shift Y - shift Z, what the
   integrator itself will use, so that implicit and explicit parts add up to F(Y) to round-off: since sums of F vanish,
   so does the drift of every conserved combination, for schemes whose two weight rows agree (all of schemes.def).
   Besides, Y is brought to the exact totals.

   The residual of every stage is computed when the stage is solved: a state outside a formula's domain rejects the step
   before anything is made of it. */
#include "imex.h"
#include <petsc/private/petscimpl.h> /* PetscObjectStateGet */

static PetscErrorCode Remember(RhoImex *imex, Vec Y) {
  PetscFunctionBegin;
  PetscCall(PetscObjectGetId((PetscObject)Y, &imex->known));
  PetscCall(PetscObjectStateGet((PetscObject)Y, &imex->state));
  PetscFunctionReturn(0);
}

static PetscErrorCode Known(RhoImex *imex, Vec Y, PetscBool *known) {
  PetscObjectId id;
  PetscObjectState state;
  PetscFunctionBegin;
  PetscCall(PetscObjectGetId((PetscObject)Y, &id));
  PetscCall(PetscObjectStateGet((PetscObject)Y, &state));
  *known = (PetscBool)(imex->known != 0 && imex->known == id && imex->state == state);
  PetscFunctionReturn(0);
}

static PetscErrorCode Residual(RhoImex *imex, PetscReal t, Vec Y) {
  PetscBool left;
  PetscFunctionBegin;
  PetscCall(rho_problem_residual(imex->problem, t, Y, imex->F, &left));
  imex->domain = (PetscBool)(imex->domain || left);
  PetscFunctionReturn(0);
}

/* F and L Y of U, unless they are at hand: of the stage solved last, or (F) of the state at the step's beginning. */
static PetscErrorCode Evaluate(RhoImex *imex, PetscReal t, Vec U) {
  PetscBool known = PETSC_FALSE;
  PetscFunctionBegin;
  PetscCall(Known(imex, U, &known));
  if (known) PetscFunctionReturn(0);
  imex->solved = imex->cleared = PETSC_FALSE;
  PetscCall(rho_linear_multiply(&imex->linear, U, imex->LY));
  if (!imex->first) PetscCall(Residual(imex, t, U));
  PetscCall(Remember(imex, U));
  PetscFunctionReturn(0);
}

/* With L Y = shift Y - b of a stage's solution, in one sweep:  out = v - L Y. */
static PetscErrorCode LessDerivative(RhoImex *imex, Vec Y, Vec v, Vec out) {
  const PetscScalar *y, *b, *from;
  PetscScalar *to;
  PetscInt n;
  PetscFunctionBegin;
  PetscCall(VecGetLocalSize(Y, &n));
  PetscCall(VecGetArrayRead(Y, &y));
  PetscCall(VecGetArrayRead(imex->b, &b));
  PetscCall(VecGetArrayRead(v, &from));
  PetscCall(VecGetArrayWrite(out, &to));
  for (PetscInt p = 0; p < n; p++) to[p] = from[p] - (imex->shift * y[p] - b[p]);
  PetscCall(VecRestoreArrayWrite(out, &to));
  PetscCall(VecRestoreArrayRead(v, &from));
  PetscCall(VecRestoreArrayRead(imex->b, &b));
  PetscCall(VecRestoreArrayRead(Y, &y));
  PetscFunctionReturn(0);
}

/* out = v - L U */
static PetscErrorCode Less(RhoImex *imex, Vec U, Vec v, Vec out) {
  PetscFunctionBegin;
  if (imex->solved) PetscCall(LessDerivative(imex, U, v, out));
  else PetscCall(VecWAXPY(out, -1.0, imex->LY, v));
  PetscFunctionReturn(0);
}

/* Udot - L U; for the stage solver (U = 0) minus that, which is shift*Z, so that nothing needs to change its sign. */
static PetscErrorCode IFunction(TS ts, PetscReal t, Vec U, Vec Udot, Vec out, void *ctx) {
  RhoImex *imex = ctx;
  PetscFunctionBegin;
  (void)ts;
  imex->time = t;
  if (imex->zero) {
    PetscCall(VecAXPBY(out, -1.0, 0.0, Udot));
    PetscFunctionReturn(0);
  }
  PetscCall(Evaluate(imex, t, U));
  PetscCall(Less(imex, U, Udot, out));
  PetscFunctionReturn(0);
}

static PetscErrorCode IJacobian(TS ts, PetscReal t, Vec U, Vec Udot, PetscReal shift, Mat A, Mat P, void *ctx) {
  PetscFunctionBegin;
  (void)ts, (void)t, (void)U, (void)Udot, (void)A, (void)P;
  ((RhoImex *)ctx)->shift = shift;
  PetscFunctionReturn(0);
}

static PetscErrorCode RHSFunction(TS ts, PetscReal t, Vec U, Vec G, void *ctx) {
  RhoImex *imex = ctx;
  PetscFunctionBegin;
  (void)ts;
  PetscCall(Evaluate(imex, t, U));
  rho_stage_flow_note(&imex->flow);
  PetscCall(Less(imex, U, imex->F, G));
  PetscFunctionReturn(0);
}

/* b = shift*Z, from the function at Y = 0.  LY serves as the zero vector: of stages it is never formed. */
static PetscErrorCode StageData(RhoImex *imex, SNES snes, Vec Y) {
  PetscFunctionBegin;
  imex->known = 0;
  imex->first = PETSC_FALSE;
  imex->zero = PETSC_TRUE;
  if (!imex->cleared) PetscCall(VecSet(imex->LY, 0.0));
  imex->cleared = PETSC_TRUE;
  PetscCall(SNESComputeFunction(snes, imex->LY, imex->b));
  imex->zero = PETSC_FALSE;
  PetscCall(SNESComputeJacobian(snes, Y, imex->linear.shell, imex->linear.shell));
  PetscFunctionReturn(0);
}

static PetscErrorCode SolveStage(SNES snes, Vec Y) {
  RhoImex *imex;
  PetscBool converged;
  PetscFunctionBegin;
  PetscCall(SNESShellGetContext(snes, &imex));
  PetscCall(StageData(imex, snes, Y));
  PetscCall(rho_linear_prepare(&imex->linear, imex->shift));
  PetscCall(rho_linear_solve(&imex->linear, imex->shift, imex->b, Y, &converged));
  PetscCall(SNESSetConvergedReason(snes, converged ? SNES_CONVERGED_ITS : SNES_DIVERGED_LINEAR_SOLVE));
  imex->rejected_linear = (PetscBool)(imex->rejected_linear || !converged);
  if (!converged) PetscFunctionReturn(0);
  PetscCall(RhoTotalsRestore(imex->fm, Y, Y, imex->problem->target));
  imex->solved = PETSC_TRUE;
  PetscCall(Residual(imex, imex->time, Y));
  PetscCall(Remember(imex, Y));
  PetscFunctionReturn(0);
}

/* Before a stage: after a rejected attempt PETSc has taken its increment off again, which restores the state but for
   rounding, and not at all from a huge one.  The state of the step's beginning is put back as it was. */
static PetscErrorCode PreStage(TS ts, PetscReal t) {
  RhoImex *imex;
  PetscInt rejections;
  Vec u;
  PetscFunctionBegin;
  (void)t;
  PetscCall(TSGetApplicationContext(ts, &imex));
  PetscCall(TSGetStepRejections(ts, &rejections));
  if (rejections == imex->rejections) PetscFunctionReturn(0);
  imex->rejections = rejections;
  imex->flow.stage = 0;
  PetscCall(TSGetSolution(ts, &u));
  PetscCall(VecCopy(imex->begin, u));
  PetscFunctionReturn(0);
}

static PetscErrorCode DomainError(TS ts, PetscReal t, Vec Y, PetscBool *accept) {
  RhoImex *imex;
  PetscFunctionBegin;
  (void)t, (void)Y;
  PetscCall(TSGetApplicationContext(ts, &imex));
  *accept = (PetscBool)!imex->domain;
  imex->rejected_domain = (PetscBool)(imex->rejected_domain || imex->domain);
  imex->domain = PETSC_FALSE;
  PetscFunctionReturn(0);
}

PetscErrorCode rho_imex_residual(RhoImex *imex, PetscReal t, Vec u) {
  PetscFunctionBegin;
  PetscCall(Residual(imex, t, u));
  imex->known = 0;
  imex->first = PETSC_TRUE;
  PetscFunctionReturn(0);
}

PetscErrorCode rho_imex_freeze(RhoImex *imex, PetscReal t, Vec u) {
  PetscBool changed;
  PetscFunctionBegin;
  imex->flow.stage = 0;
  PetscCall(VecCopy(u, imex->begin));
  PetscCall(RhoTangentSet(imex->stiff, rho_problem_inside(imex->problem, t), u));
  imex->known = 0;
  imex->domain = imex->rejected_domain = imex->rejected_linear = PETSC_FALSE;
  PetscCall(rho_tolerance_update(&imex->tolerance, u, &changed));
  if (changed) PetscCall(rho_linear_tolerance(&imex->linear, imex->tolerance.finest));
  PetscCall(rho_linear_freeze(&imex->linear, u));
  PetscFunctionReturn(0);
}

static PetscErrorCode SetTolerances(RhoImex *imex, TS ts) {
  const RhoTolerance *tolerance = &imex->tolerance;
  PetscFunctionBegin;
  if (tolerance->cells) PetscCall(TSSetTolerances(ts, PETSC_DECIDE, tolerance->cells, 0.0, NULL));
  else PetscCall(TSSetTolerances(ts, tolerance->atol, NULL, tolerance->rtol, NULL));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_imex_attach(RhoImex *imex, TS ts) {
  SNES snes;
  PetscFunctionBegin;
  PetscCall(TSSetApplicationContext(ts, imex));
  PetscCall(TSSetIFunction(ts, NULL, IFunction, imex));
  PetscCall(TSSetRHSFunction(ts, NULL, RHSFunction, imex));
  PetscCall(TSSetIJacobian(ts, imex->linear.shell, imex->linear.shell, IJacobian, imex));
  PetscCall(TSSetFunctionDomainError(ts, DomainError));
  PetscCall(TSSetPreStage(ts, PreStage));
  PetscCall(SetTolerances(imex, ts));
  PetscCall(TSGetSNES(ts, &snes));
  PetscCall(SNESSetType(snes, SNESSHELL));
  PetscCall(SNESShellSetContext(snes, imex));
  PetscCall(SNESShellSetSolve(snes, SolveStage));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_imex_create(RhoProblem *problem, RhoImex *imex) {
  Vec u = problem->u;
  PetscFunctionBegin;
  *imex = (RhoImex){.problem = problem, .fm = problem->fm};
  PetscCall(RhoTangentCreate(imex->fm, RHO_PART_STIFF, &imex->stiff));
  PetscCall(VecDuplicate(u, &imex->b));
  PetscCall(VecDuplicate(u, &imex->F));
  PetscCall(VecDuplicate(u, &imex->LY));
  PetscCall(VecDuplicate(u, &imex->begin));
  PetscCall(rho_linear_create(problem, imex->stiff, imex->stiff, "stage_", &imex->linear));
  PetscCall(rho_tolerance_create(problem, &imex->tolerance));
  if (imex->tolerance.cells) PetscCall(rho_linear_tolerance(&imex->linear, imex->tolerance.finest));
  PetscCall(rho_stage_flow_create(problem, &imex->flow));
  if (problem->open) PetscCall(rho_weights(problem->variant, &imex->flow.nstage, imex->flow.weight));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_imex_destroy(RhoImex *imex) {
  PetscFunctionBegin;
  PetscCall(rho_linear_destroy(&imex->linear));
  PetscCall(rho_tolerance_destroy(&imex->tolerance));
  PetscCall(RhoTangentDestroy(&imex->stiff));
  PetscCall(VecDestroy(&imex->b));
  PetscCall(VecDestroy(&imex->F));
  PetscCall(VecDestroy(&imex->LY));
  PetscCall(VecDestroy(&imex->begin));
  PetscCall(rho_stage_flow_destroy(&imex->flow));
  PetscFunctionReturn(0);
}
