/* ark.c - additive Runge-Kutta,  F = L u + (F - L u),  L the stiff part about the step's beginning u_n.

     stage    shift (Y_i - Z_i) = L Y_i,   shift = 1/(h a^I_ii),
              Z_i = u_n + h sum_{j<i} [(a^I_ij - a^E_ij) L_j + a^E_ij F_j]
     step     u = u_n + h sum_j b_j F_j
     error    h sum_j (b_j - d_j) F_j

   The solver returns some Y_i; we take  L_i := shift Y_i - shift Z_i,  so that implicit and explicit parts of a stage
   add up to F_i = F(Y_i) to round-off whatever the solver does: since sums of F vanish, so does the drift of every
   conserved combination.  Besides, Y_i is brought to the exact totals.

   F of a stage is computed when the stage is solved: a state outside a formula's domain rejects the step before
   anything is made of it.  shift Z_i and L_i share their room, and all that is known makes the next shift Z_i in one
   sweep. */
#include "combine.h"
#include "onestep.h"
#include "stage_flow.h"
#include "tableau.h"

typedef struct {
  RhoTableau tableau;
  RhoTangent stiff;
  RhoLinear linear;
  RhoStageFlow flow;
  Vec F[RHO_MAXSTAGE], L[RHO_MAXSTAGE]; /* F[0] is the step's */
  PetscLogEvent begin, solve;
} Ark;

/* ---- life ---- */

static PetscErrorCode Event(const char *name, PetscLogEvent *event) {
  PetscFunctionBegin;
  PetscCall(PetscLogEventGetId(name, event));
  if (*event < 0) PetscCall(PetscLogEventRegister(name, PETSC_OBJECT_CLASSID, event));
  PetscFunctionReturn(0);
}

static PetscErrorCode CreateArk(RhoOneStep *one) {
  RhoProblem *problem = one->problem;
  Ark *ark;
  PetscFunctionBegin;
  PetscCall(PetscNew(&ark));
  one->data = ark;
  PetscCall(rho_tableau(problem->variant, &ark->tableau));
  one->order = ark->tableau.order;
  PetscCall(RhoTangentCreate(problem->fm, RHO_PART_STIFF, &ark->stiff));
  PetscCall(rho_linear_create(problem, ark->stiff, ark->stiff, "stage_", &ark->linear));
  one->untold = (PetscBool)(problem->options->fixed > 0 && rho_linear_exact(&ark->linear));
  PetscCall(rho_stage_flow_create(problem, &ark->flow));
  ark->flow.nstage = ark->tableau.nstage;
  PetscCall(PetscArraycpy(ark->flow.weight, ark->tableau.b, ark->tableau.nstage));
  for (int i = 0; i < ark->tableau.nstage; i++) {
    if (i > 0) PetscCall(VecDuplicate(problem->u, &ark->F[i]));
    if (i < ark->tableau.nstage) PetscCall(VecDuplicate(problem->u, &ark->L[i]));
  }
  PetscCall(Event("RhoArkBegin", &ark->begin));
  PetscCall(Event("RhoArkSolve", &ark->solve));
  PetscFunctionReturn(0);
}

static PetscErrorCode DestroyArk(RhoOneStep *one) {
  Ark *ark = one->data;
  PetscFunctionBegin;
  PetscCall(rho_linear_destroy(&ark->linear));
  PetscCall(rho_stage_flow_destroy(&ark->flow));
  PetscCall(RhoTangentDestroy(&ark->stiff));
  for (int i = 0; i < ark->tableau.nstage; i++) {
    PetscCall(VecDestroy(&ark->F[i]));
    PetscCall(VecDestroy(&ark->L[i]));
  }
  PetscCall(PetscFree(one->data));
  PetscFunctionReturn(0);
}

static PetscErrorCode BeginArk(RhoOneStep *one) {
  Ark *ark = one->data;
  PetscFunctionBegin;
  PetscCall(PetscLogEventBegin(ark->begin, 0, 0, 0, 0));
  if (!rho_linear_exact(&ark->linear)) /* its coefficients may take convolutions */
    PetscCall(RhoTangentSet(ark->stiff, rho_problem_inside(one->problem, one->problem->time), one->problem->u));
  PetscCall(rho_linear_tolerance(&ark->linear, one->tolerance.finest));
  PetscCall(rho_linear_freeze(&ark->linear, one->begin));
  PetscCall(rho_linear_multiply(&ark->linear, one->begin, ark->L[0]));
  PetscCall(PetscLogEventEnd(ark->begin, 0, 0, 0, 0));
  PetscFunctionReturn(0);
}

/* ---- sums ---- */

#define BLOCK 512 /* cells whose numbers of all stages stay in the cache */

typedef struct {
  int n;
  PetscReal c[2 * RHO_MAXSTAGE];
  Vec v[2 * RHO_MAXSTAGE];
  const PetscScalar *x[2 * RHO_MAXSTAGE];
} Sum;

static void Add(Sum *sum, PetscReal c, Vec v) {
  if (c == 0) return;
  sum->c[sum->n] = c;
  sum->v[sum->n++] = v;
}

static PetscErrorCode Open(Sum *sum) {
  PetscFunctionBegin;
  for (int k = 0; k < sum->n; k++) PetscCall(VecGetArrayRead(sum->v[k], &sum->x[k]));
  PetscFunctionReturn(0);
}

static PetscErrorCode Close(Sum *sum) {
  PetscFunctionBegin;
  for (int k = 0; k < sum->n; k++) PetscCall(VecRestoreArrayRead(sum->v[k], &sum->x[k]));
  PetscFunctionReturn(0);
}

/* cells [p, p + n) */
static void Combine(const Sum *sum, PetscInt p, PetscInt n, PetscScalar *to) {
  const PetscScalar *from[2 * RHO_MAXSTAGE];
  for (int k = 0; k < sum->n; k++) from[k] = sum->x[k] + p;
  rho_combine(n, sum->n, sum->c, from, to + p);
}

static Vec RateOf(const RhoOneStep *one, int j) { return j == 0 ? one->F : ((Ark *)one->data)->F[j]; }

/* L[i] = shift Z_i, and before it, in the same sweep, L[i - 1] from shift Z_(i-1) to shift Y - shift Z_(i-1). */
static PetscErrorCode StageData(RhoOneStep *one, int i, PetscReal h, Vec Y) {
  Ark *ark = one->data;
  const RhoTableau *t = &ark->tableau;
  PetscReal shift = 1 / (h * t->implicit[i][i]);
  const PetscScalar *y;
  PetscScalar *before = NULL, *to;
  Sum sum = {.n = 0};
  PetscInt n;
  PetscFunctionBegin;
  Add(&sum, shift, one->begin);
  for (int j = 0; j < i; j++) {
    Add(&sum, shift * h * (t->implicit[i][j] - t->explicit[i][j]), ark->L[j]);
    Add(&sum, shift * h * t->explicit[i][j], RateOf(one, j));
  }
  PetscCall(VecGetLocalSize(Y, &n));
  if (i > 1) PetscCall(VecGetArray(ark->L[i - 1], &before));
  PetscCall(Open(&sum));
  PetscCall(VecGetArrayRead(Y, &y));
  PetscCall(VecGetArrayWrite(ark->L[i], &to));
  for (PetscInt p = 0; p < n; p += BLOCK) {
    PetscInt m = PetscMin(BLOCK, n - p);
    if (before) rho_combine_less(m, 1 / (h * t->implicit[i - 1][i - 1]), y + p, before + p);
    Combine(&sum, p, m, to);
  }
  PetscCall(VecRestoreArrayWrite(ark->L[i], &to));
  PetscCall(VecRestoreArrayRead(Y, &y));
  PetscCall(Close(&sum));
  if (i > 1) PetscCall(VecRestoreArray(ark->L[i - 1], &before));
  PetscFunctionReturn(0);
}

/* u and the error. */
static PetscErrorCode Finish(RhoOneStep *one, PetscReal h, Vec u) {
  const RhoTableau *t = &((Ark *)one->data)->tableau;
  Sum sum = {.n = 0}, error = {.n = 0};
  PetscScalar *to, *e;
  PetscInt n;
  PetscFunctionBegin;
  Add(&sum, 1, one->begin);
  for (int j = 0; j < t->nstage; j++) {
    Add(&sum, h * t->b[j], RateOf(one, j));
    Add(&error, h * (t->b[j] - t->d[j]), RateOf(one, j));
  }
  PetscCall(VecGetLocalSize(u, &n));
  PetscCall(Open(&sum));
  PetscCall(Open(&error));
  PetscCall(VecGetArrayWrite(u, &to));
  PetscCall(VecGetArrayWrite(one->e, &e));
  for (PetscInt p = 0; p < n; p += BLOCK) {
    Combine(&sum, p, PetscMin(BLOCK, n - p), to);
    Combine(&error, p, PetscMin(BLOCK, n - p), e);
  }
  PetscCall(VecRestoreArrayWrite(one->e, &e));
  PetscCall(VecRestoreArrayWrite(u, &to));
  PetscCall(Close(&error));
  PetscCall(Close(&sum));
  PetscFunctionReturn(0);
}

/* ---- a step ---- */

/* Y from the stage before to that of stage i, and F there. */
static PetscErrorCode SolveStage(RhoOneStep *one, int i, PetscReal h, Vec Y, PetscBool *solved) {
  Ark *ark = one->data;
  RhoProblem *problem = one->problem;
  PetscReal shift = 1 / (h * ark->tableau.implicit[i][i]);
  PetscFunctionBegin;
  PetscCall(StageData(one, i, h, Y));
  PetscCall(PetscLogEventBegin(ark->solve, 0, 0, 0, 0));
  PetscCall(rho_linear_prepare(&ark->linear, shift));
  PetscCall(rho_linear_solve(&ark->linear, shift, ark->L[i], Y, solved));
  PetscCall(PetscLogEventEnd(ark->solve, 0, 0, 0, 0));
  if (!*solved) PetscFunctionReturn(0);
  PetscCall(RhoTotalsRestore(problem->fm, Y, Y, problem->target));
  PetscCall(rho_problem_residual(problem, problem->time + ark->tableau.c[i] * h, Y, ark->F[i], &one->domain));
  rho_stage_flow_note(&ark->flow);
  *solved = (PetscBool)!one->domain;
  PetscFunctionReturn(0);
}

static PetscErrorCode SolveArk(RhoOneStep *one, PetscReal h, Vec u, PetscBool *solved) {
  Ark *ark = one->data;
  RhoProblem *problem = one->problem;
  PetscFunctionBegin;
  PetscCall(PetscArraycpy(problem->inflow, one->rate, RhoFieldEquations(problem->fm)->nconserved));
  ark->flow.stage = 0;
  rho_stage_flow_note(&ark->flow);
  *solved = PETSC_TRUE;
  for (int i = 1; i < ark->tableau.nstage && *solved; i++) PetscCall(SolveStage(one, i, h, u, solved));
  if (!*solved) PetscFunctionReturn(0);
  PetscCall(Finish(one, h, u));
  PetscCall(rho_stage_flow_balance(&ark->flow, h, u));
  PetscFunctionReturn(0);
}

static PetscErrorCode AcceptArk(RhoOneStep *one, PetscReal h, Vec u) {
  PetscFunctionBegin;
  (void)u;
  PetscCall(rho_stage_flow_accept(&((Ark *)one->data)->flow, h));
  PetscFunctionReturn(0);
}

static const RhoOneStepMethod ark_method = {
    .create = CreateArk, .destroy = DestroyArk, .begin = BeginArk, .solve = SolveArk, .accept = AcceptArk};

static PetscErrorCode Create(RhoProblem *problem, void **engine) {
  PetscFunctionBegin;
  PetscCall(rho_onestep_create(problem, &ark_method, engine));
  PetscFunctionReturn(0);
}

const RhoEngine rho_engine_ark = RHO_ONESTEP_ENGINE(Create);
