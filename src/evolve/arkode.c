/* arkode.c - the engines of SUNDIALS' ARKStep: additive Runge-Kutta with the split of ark.c, the independent witness
   of order and splitting, and diagonally implicit Runge-Kutta on the whole F.

   Each step is one call from a reset integrator, so that nothing is remembered but the next step's length.

   split     stages  (1/gamma - L) Y = Z/gamma  are solved here; ARKStep deduces L Y := (Y - Z)/gamma from the solution,
   and the explicit part is F(Y) less the same, so that both add up to F(Y) whatever the linear solver does. implicit
   stages by Newton's method (sundials.c, newton.c), F deduced from the solution likewise. */
#include "sundials.h"
#include "stage_flow.h"
#include <arkode/arkode_arkstep.h>
#include <math.h>
#include <string.h>
#include <sundials/sundials_nonlinearsolver.h>

typedef struct {
  const char *name;
  ARKODE_DIRKTableID implicit;
  ARKODE_ERKTableID explicit;
} Table;

static const Table tables[] = {{"split 3", ARKODE_ARK324L2SA_DIRK_4_2_3, ARKODE_ARK324L2SA_ERK_4_2_3},
                               {"split 4", ARKODE_ARK436L2SA_DIRK_6_3_4, ARKODE_ARK436L2SA_ERK_6_3_4},
                               {"split 5", ARKODE_ARK548L2SA_DIRK_8_4_5, ARKODE_ARK548L2SA_ERK_8_4_5},
                               {"implicit 4", ARKODE_ESDIRK437L2SA_7_3_4, ARKODE_ERK_NONE}};

typedef struct {
  RhoProblem *problem;
  RhoSundials sundials;
  const Table *table;
  void *arkode;
  SUNNonlinearSolver stages; /* of the split */
  RhoTangent stiff;
  RhoLinear linear;
  RhoStageFlow flow;
  Vec begin;                /* the state of the step's beginning */
  Vec b, LY;                /* split: Z/gamma; L Y of the stage or of the step's beginning */
  PetscBool known;          /* sundials.f and LY are of the stage that was solved last */
  PetscBool first;          /* sundials.f is of the step's beginning */
  PetscBool linear_failed;  /* a stage was not solved */
  int idle;                 /* calls that ARKStep makes before a step and that count for nothing */
  PetscReal next, proposed; /* the step to be tried; the same before it was cut to meet a time */
  long int nfail;           /* attempts given up, as counted so far */
} Arkode;

static PetscBool Splits(const Arkode *a) { return (PetscBool)(a->table->explicit != ARKODE_ERK_NONE); }

static Vec Residual(const Arkode *a) { return N_VGetVector_Petsc(a->sundials.f); }

static int Failed(Arkode *a, PetscErrorCode error) {
  if (error && !a->sundials.error) a->sundials.error = error;
  return error ? -1 : 0;
}

/* ---- the split: its parts ---- */

static PetscErrorCode LookAtBeginning(Arkode *a, PetscReal t, Vec u) {
  PetscBool left;
  PetscFunctionBegin;
  if (!a->first) PetscCall(rho_problem_residual(a->problem, t, u, Residual(a), &left));
  a->first = PETSC_TRUE;
  a->flow.stage = 0;
  PetscFunctionReturn(0);
}

static PetscErrorCode Explicit(Arkode *a, PetscReal t, Vec y, Vec out) {
  PetscFunctionBegin;
  if (!a->known) PetscCall(LookAtBeginning(a, t, y));
  rho_stage_flow_note(&a->flow);
  PetscCall(VecWAXPY(out, -1.0, a->LY, Residual(a)));
  a->known = PETSC_FALSE;
  PetscFunctionReturn(0);
}

static int ExplicitPart(realtype t, N_Vector y, N_Vector out, void *ctx) {
  Arkode *a = ctx;
  if (a->idle > 0) {
    a->idle--;
    N_VConst(0, out);
    return 0;
  }
  return Failed(a, Explicit(a, t, N_VGetVector_Petsc(y), N_VGetVector_Petsc(out)));
}

/* Asked for at the step's beginning only: that of solved stages is deduced. */
static PetscErrorCode Implicit(Arkode *a, Vec y, Vec out) {
  PetscFunctionBegin;
  PetscCall(rho_linear_multiply(&a->linear, y, a->LY));
  PetscCall(VecCopy(a->LY, out));
  PetscFunctionReturn(0);
}

static int ImplicitPart(realtype t, N_Vector y, N_Vector out, void *ctx) {
  Arkode *a = ctx;
  (void)t;
  if (a->idle > 0) {
    a->idle--;
    N_VConst(0, out);
    return 0;
  }
  return Failed(a, Implicit(a, N_VGetVector_Petsc(y), N_VGetVector_Petsc(out)));
}

/* ---- the split: its stages ---- */

/* Y, from the prediction, to the solution; b = (prediction + known)/gamma */
static PetscErrorCode SolveStage(Arkode *a, PetscReal t, PetscReal gamma, Vec prediction, Vec known, Vec Y,
                                 PetscBool *solved) {
  PetscBool left;
  PetscFunctionBegin;
  a->first = PETSC_FALSE;
  PetscCall(VecWAXPY(a->b, 1.0, prediction, known));
  PetscCall(VecScale(a->b, 1 / gamma));
  PetscCall(VecCopy(prediction, Y));
  PetscCall(rho_linear_prepare(&a->linear, 1 / gamma));
  PetscCall(rho_linear_solve(&a->linear, 1 / gamma, a->b, Y, solved));
  a->linear_failed = (PetscBool)(a->linear_failed || !*solved);
  if (!*solved) PetscFunctionReturn(0);
  PetscCall(RhoTotalsRestore(a->problem->fm, Y, Y, a->problem->target));
  PetscCall(VecCopy(Y, a->LY));
  PetscCall(VecAXPBY(a->LY, -1.0, 1 / gamma, a->b));
  PetscCall(rho_problem_residual(a->problem, t, Y, Residual(a), &left));
  a->sundials.domain = (PetscBool)(a->sundials.domain || left);
  a->known = (PetscBool)!left;
  *solved = a->known;
  PetscFunctionReturn(0);
}

static PetscErrorCode Stage(Arkode *a, N_Vector correction, PetscBool *solved) {
  realtype t, gamma;
  N_Vector prediction, y, F, known;
  void *user;
  Vec Y = N_VGetVector_Petsc(correction);
  PetscFunctionBegin;
  PetscCallExternal(ARKStepGetNonlinearSystemData, a->arkode, &t, &prediction, &y, &F, &gamma, &known, &user);
  PetscCall(SolveStage(a, t, gamma, N_VGetVector_Petsc(prediction), N_VGetVector_Petsc(known), Y, solved));
  PetscCall(VecAXPY(Y, -1.0, N_VGetVector_Petsc(prediction)));
  PetscFunctionReturn(0);
}

static SUNNonlinearSolver_Type StageType(SUNNonlinearSolver solver) {
  (void)solver;
  return SUNNONLINEARSOLVER_ROOTFIND;
}

static int StageSystem(SUNNonlinearSolver solver, SUNNonlinSolSysFn system) {
  (void)solver, (void)system;
  return SUN_NLS_SUCCESS;
}

static int StageSolve(SUNNonlinearSolver solver, N_Vector guess, N_Vector correction, N_Vector w, realtype tol,
                      booleantype setup, void *arkode) {
  Arkode *a = solver->content;
  PetscBool solved = PETSC_FALSE;
  (void)guess, (void)w, (void)tol, (void)setup, (void)arkode;
  if (Failed(a, Stage(a, correction, &solved))) return SUN_NLS_EXT_FAIL;
  return solved ? SUN_NLS_SUCCESS : SUN_NLS_CONV_RECVR;
}

static PetscErrorCode CreateStages(Arkode *a) {
  PetscFunctionBegin;
  a->stages = SUNNonlinSolNewEmpty(a->sundials.context);
  PetscCheck(a->stages, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for a solver of stages");
  a->stages->content = a;
  a->stages->ops->gettype = StageType;
  a->stages->ops->setsysfn = StageSystem;
  a->stages->ops->solve = StageSolve;
  PetscFunctionReturn(0);
}

/* ---- implicit ---- */

static int Whole(realtype t, N_Vector y, N_Vector out, void *ctx) {
  Arkode *a = ctx;
  if (a->idle > 0) {
    a->idle--;
    N_VConst(0, out);
    return 0;
  }
  return rho_sundials_residual(t, y, out, &a->sundials);
}

static PetscErrorCode NoteStage(Arkode *a, PetscReal t, Vec y) {
  PetscBool left;
  PetscFunctionBegin;
  if (t == a->problem->time) a->flow.stage = 0;
  PetscCall(rho_problem_residual(a->problem, t, y, Residual(a), &left));
  rho_stage_flow_note(&a->flow);
  PetscFunctionReturn(0);
}

/* After each stage, where there is inflow to be noted. */
static int AfterStage(realtype t, N_Vector y, void *ctx) {
  return Failed(ctx, NoteStage(ctx, t, N_VGetVector_Petsc(y)));
}

static int System(void *arkode, RhoSundialsSystem *system) {
  realtype t;
  N_Vector y, F;
  void *user;
  system->factor = 1;
  return ARKStepGetNonlinearSystemData(arkode, &t, &system->a, &y, &F, &system->gamma, &system->b, &user);
}

/* The functions of sundials.c, with what is theirs. */
static int Prepare(realtype t, N_Vector y, N_Vector fy, booleantype keep, booleantype *current, realtype gamma,
                   void *ctx) {
  return rho_sundials_prepare(t, y, fy, keep, current, gamma, &((Arkode *)ctx)->sundials);
}

static int Precondition(realtype t, N_Vector y, N_Vector fy, N_Vector r, N_Vector z, realtype gamma, realtype delta,
                        int side, void *ctx) {
  return rho_sundials_precondition(t, y, fy, r, z, gamma, delta, side, &((Arkode *)ctx)->sundials);
}

static int About(realtype t, N_Vector y, N_Vector fy, void *ctx) {
  return rho_sundials_about(t, y, fy, &((Arkode *)ctx)->sundials);
}

static int Times(N_Vector v, N_Vector Jv, realtype t, N_Vector y, N_Vector fy, void *ctx, N_Vector work) {
  return rho_sundials_times(v, Jv, t, y, fy, &((Arkode *)ctx)->sundials, work);
}

static int Weights(N_Vector y, N_Vector w, void *ctx) { return rho_sundials_weights(y, w, &((Arkode *)ctx)->sundials); }

/* ---- life ---- */

/* The next step follows from the last error alone. */
static int Adapt(N_Vector y, realtype t, realtype h1, realtype h2, realtype h3, realtype e1, realtype e2, realtype e3,
                 int q, int p, realtype *next, void *ctx) {
  (void)y, (void)t, (void)h2, (void)h3, (void)e2, (void)e3, (void)q, (void)ctx;
  *next = h1 * pow(fmax(e1, 1e-10), -1.0 / (p + 1));
  return 0;
}

static PetscErrorCode SetControl(Arkode *a) {
  const RhoEvolveOptions *options = a->problem->options;
  PetscFunctionBegin;
  PetscCallExternal(ARKStepWFtolerances, a->arkode, Weights);
  PetscCallExternal(ARKStepSetAdaptivityFn, a->arkode, Adapt, NULL);
  PetscCallExternal(ARKStepSetErrorBias, a->arkode, 1.0);
  PetscCallExternal(ARKStepSetSafetyFactor, a->arkode, 0.9);
  PetscCallExternal(ARKStepSetMaxGrowth, a->arkode, 10.0);
  PetscCallExternal(ARKStepSetMaxFirstGrowth, a->arkode, 10.0);
  PetscCallExternal(ARKStepSetFixedStepBounds, a->arkode, 1.0, 1.0);
  PetscCallExternal(ARKStepSetMaxNumSteps, a->arkode, -1);
  PetscCallExternal(ARKStepSetMaxErrTestFails, a->arkode, 40);
  PetscCallExternal(ARKStepSetMaxConvFails, a->arkode, 40);
  PetscCallExternal(ARKStepSetMaxHnilWarns, a->arkode, -1);
  PetscCallExternal(ARKStepSetMinStep, a->arkode, a->problem->smallest);
  if (options->largest > 0) PetscCallExternal(ARKStepSetMaxStep, a->arkode, options->largest);
  PetscFunctionReturn(0);
}

static PetscErrorCode SetSolvers(Arkode *a) {
  PetscFunctionBegin;
  PetscCallExternal(ARKStepSetDeduceImplicitRhs, a->arkode, SUNTRUE);
  if (Splits(a)) {
    PetscCallExternal(ARKStepSetNonlinearSolver, a->arkode, a->stages);
    PetscFunctionReturn(0);
  }
  PetscCallExternal(ARKStepSetLinearSolver, a->arkode, a->sundials.solver, NULL);
  PetscCallExternal(ARKStepSetPreconditioner, a->arkode, Prepare, Precondition);
  PetscCallExternal(ARKStepSetEpsLin, a->arkode, RHO_SUNDIALS_EPSLIN);
  PetscCallExternal(ARKStepSetJacTimes, a->arkode, About, Times);
  PetscCallExternal(ARKStepSetMaxNonlinIters, a->arkode, 6);
  if (a->problem->open) PetscCallExternal(ARKStepSetPostprocessStageFn, a->arkode, AfterStage);
  PetscFunctionReturn(0);
}

static PetscErrorCode CreateArkode(Arkode *a) {
  PetscFunctionBegin;
  a->arkode = ARKStepCreate(Splits(a) ? ExplicitPart : NULL, Splits(a) ? ImplicitPart : Whole, a->problem->time,
                            a->sundials.u, a->sundials.context);
  PetscCheck(a->arkode, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for ARKODE");
  a->sundials.integrator = a->arkode;
  PetscCallExternal(ARKStepSetErrHandlerFn, a->arkode, rho_sundials_say, &a->sundials);
  PetscCallExternal(ARKStepSetUserData, a->arkode, a);
  PetscCallExternal(ARKStepSetTableNum, a->arkode, a->table->implicit, a->table->explicit);
  PetscCallExternal(ARKStepSetInterpolantType, a->arkode, ARK_INTERP_LAGRANGE);
  PetscCallExternal(ARKStepSetInterpolantDegree, a->arkode, 0);
  PetscCall(SetControl(a));
  PetscCall(SetSolvers(a));
  PetscFunctionReturn(0);
}

static PetscErrorCode CreateSplit(Arkode *a) {
  RhoProblem *problem = a->problem;
  PetscFunctionBegin;
  PetscCall(RhoTangentCreate(problem->fm, RHO_PART_STIFF, &a->stiff));
  PetscCall(rho_linear_create(problem, a->stiff, a->stiff, "stage_", &a->linear));
  PetscCall(VecDuplicate(problem->u, &a->b));
  PetscCall(VecDuplicate(problem->u, &a->LY));
  PetscCall(CreateStages(a));
  PetscFunctionReturn(0);
}

static PetscErrorCode SetWeights(Arkode *a) {
  ARKodeButcherTable table = ARKodeButcherTable_LoadDIRK(a->table->implicit);
  PetscFunctionBegin;
  PetscCheck(table && table->stages <= RHO_MAXSTAGE, PETSC_COMM_SELF, PETSC_ERR_PLIB, "a scheme of too many stages");
  a->flow.nstage = table->stages;
  for (int k = 0; k < table->stages; k++) a->flow.weight[k] = table->b[k];
  ARKodeButcherTable_Free(table);
  PetscFunctionReturn(0);
}

static PetscErrorCode Create(RhoProblem *problem, void **engine) {
  Arkode *a;
  PetscFunctionBegin;
  PetscCall(PetscNew(&a));
  *engine = a;
  a->problem = problem;
  a->next = a->proposed = problem->first;
  for (size_t k = 0; k < sizeof tables / sizeof *tables; k++)
    if (!strcmp(tables[k].name, problem->variant)) a->table = &tables[k];
  PetscCheck(a->table, PETSC_COMM_SELF, PETSC_ERR_PLIB, "ARKODE has no table '%s'", problem->variant);
  PetscCall(VecDuplicate(problem->u, &a->begin));
  PetscCall(rho_sundials_create(problem, Splits(a) ? NULL : System, 1, &a->sundials));
  if (Splits(a)) PetscCall(CreateSplit(a));
  PetscCall(rho_stage_flow_create(problem, &a->flow));
  PetscCall(SetWeights(a));
  PetscCall(CreateArkode(a));
  PetscFunctionReturn(0);
}

static PetscErrorCode DestroySplit(Arkode *a) {
  PetscFunctionBegin;
  if (!Splits(a)) PetscFunctionReturn(0);
  SUNNonlinSolFreeEmpty(a->stages);
  PetscCall(rho_linear_destroy(&a->linear));
  PetscCall(RhoTangentDestroy(&a->stiff));
  PetscCall(VecDestroy(&a->b));
  PetscCall(VecDestroy(&a->LY));
  PetscFunctionReturn(0);
}

static PetscErrorCode Destroy(void **engine) {
  Arkode *a = *engine;
  PetscFunctionBegin;
  ARKStepFree(&a->arkode);
  PetscCall(DestroySplit(a));
  PetscCall(rho_stage_flow_destroy(&a->flow));
  PetscCall(rho_sundials_destroy(&a->sundials));
  PetscCall(VecDestroy(&a->begin));
  PetscCall(PetscFree(*engine));
  PetscFunctionReturn(0);
}

/* ---- the controller ---- */

static PetscErrorCode SetStep(void *engine, PetscReal step) {
  Arkode *a = engine;
  PetscFunctionBegin;
  a->next = a->proposed = step;
  PetscFunctionReturn(0);
}

static PetscErrorCode GetStep(void *engine, PetscReal *step) {
  PetscFunctionBegin;
  *step = ((Arkode *)engine)->next;
  PetscFunctionReturn(0);
}

static PetscErrorCode Reset(void *engine) {
  PetscFunctionBegin;
  ((Arkode *)engine)->first = PETSC_FALSE;
  PetscFunctionReturn(0);
}

static PetscErrorCode Save(void *engine, RhoEvolveMemory *memory) {
  Arkode *a = engine;
  PetscFunctionBegin;
  PetscCall(rho_memory_put(memory, "next_step", a->next));
  PetscCall(rho_memory_put(memory, "proposed_step", a->proposed));
  PetscCall(rho_tolerance_save(&a->sundials.tolerance, memory));
  PetscFunctionReturn(0);
}

static PetscErrorCode Load(void *engine, const RhoEvolveMemory *memory) {
  Arkode *a = engine;
  PetscFunctionBegin;
  PetscCall(rho_memory_get(memory, "next_step", &a->next));
  PetscCall(rho_memory_get(memory, "proposed_step", &a->proposed));
  PetscCall(rho_tolerance_load(&a->sundials.tolerance, memory));
  PetscFunctionReturn(0);
}

/* ---- a step ---- */

static PetscErrorCode CountFailures(Arkode *a) {
  long int error = 0, solve = 0;
  PetscFunctionBegin;
  PetscCallExternal(ARKStepGetNumErrTestFails, a->arkode, &error);
  PetscCallExternal(ARKStepGetNumStepSolveFails, a->arkode, &solve);
  a->problem->nreject += (PetscInt)(error + solve - a->nfail);
  a->nfail = error + solve;
  PetscFunctionReturn(0);
}

static PetscErrorCode Freeze(Arkode *a) {
  RhoProblem *problem = a->problem;
  PetscBool changed;
  PetscFunctionBegin;
  PetscCall(VecCopy(problem->u, a->begin));
  a->known = a->linear_failed = a->sundials.domain = PETSC_FALSE;
  if (!Splits(a)) PetscFunctionReturn(0);
  PetscCall(rho_tolerance_update(&a->sundials.tolerance, problem->u, &changed));
  if (a->sundials.tolerance.cells) PetscCall(rho_linear_tolerance(&a->linear, a->sundials.tolerance.finest));
  PetscCall(RhoTangentSet(a->stiff, rho_problem_inside(problem, problem->time), problem->u));
  PetscCall(rho_linear_freeze(&a->linear, problem->u));
  PetscFunctionReturn(0);
}

static PetscErrorCode Evolve(Arkode *a, PetscReal h, PetscReal until, PetscReal *reached, int *code) {
  PetscBool fixed = (PetscBool)(a->problem->options->fixed > 0);
  PetscFunctionBegin;
  PetscCallExternal(ARKStepReset, a->arkode, a->problem->time, a->sundials.u);
  if (fixed) PetscCallExternal(ARKStepSetFixedStep, a->arkode, h);
  PetscCallExternal(ARKStepSetInitStep, a->arkode, h);
  a->idle = Splits(a) ? 2 : 1;
  *code = ARKStepEvolve(a->arkode, until, a->sundials.u, reached, ARK_ONE_STEP);
  PetscCall(CountFailures(a));
  PetscFunctionReturn(0);
}

static PetscErrorCode Back(Arkode *a) {
  PetscFunctionBegin;
  PetscCall(VecCopy(a->begin, a->problem->u));
  a->first = PETSC_FALSE;
  PetscFunctionReturn(0);
}

static PetscErrorCode Diverged(Arkode *a, int code, RhoStep *step) {
  PetscFunctionBegin;
  PetscCall(a->sundials.error);
  PetscCall(Back(a));
  if (a->sundials.domain) rho_step_fail(step, RHO_EVOLVE_DOMAIN, NULL);
  else if (a->linear_failed || code == ARK_CONV_FAILURE)
    rho_step_fail(step, RHO_EVOLVE_LINEAR,
                  a->problem->options->fixed > 0 ? "a stage of the fixed step could not be solved"
                                                 : "no step however short could be solved");
  else if (code == ARK_ERR_FAILURE || code == ARK_TOO_MUCH_ACC)
    rho_step_fail(step, RHO_EVOLVE_STEP, "no step however short was accepted");
  else SETERRQ(PETSC_COMM_SELF, PETSC_ERR_LIB, "ARKODE: %s", a->sundials.said);
  PetscFunctionReturn(0);
}

/* The step ended outside a formula's domain: back, and on with a shorter one. */
static PetscErrorCode Retry(Arkode *a, PetscReal length, RhoStep *step) {
  PetscFunctionBegin;
  PetscCall(Back(a));
  a->problem->nreject++;
  a->next = a->proposed = 0.25 * length;
  if (a->problem->options->fixed > 0 || a->next < a->problem->smallest) rho_step_fail(step, RHO_EVOLVE_DOMAIN, NULL);
  PetscFunctionReturn(0);
}

/* Steps that creep up to the edge of a domain end the run, too. */
static void TooSmall(const Arkode *a, PetscReal left, RhoStep *step) {
  if (step->length > 1.01 * a->problem->smallest || left <= a->problem->smallest) return;
  if (a->sundials.domain) rho_step_fail(step, RHO_EVOLVE_DOMAIN, NULL);
  else rho_step_fail(step, RHO_EVOLVE_STEP, "the step became too small to go on");
}

static PetscErrorCode Accept(Arkode *a, PetscReal length, PetscReal until, RhoStep *step) {
  RhoProblem *problem = a->problem;
  PetscReal next;
  PetscBool reached;
  PetscFunctionBegin;
  PetscCallExternal(ARKStepGetCurrentStep, a->arkode, &next);
  PetscCall(rho_stage_flow_accept(&a->flow, length));
  problem->time += length;
  problem->F = Residual(a);
  a->first = PETSC_TRUE;
  step->length = length;
  TooSmall(a, until - problem->time, step);
  reached = rho_problem_reached(problem, until);
  if (reached) problem->time = until;
  a->next = reached ? PetscMax(next, a->proposed) : next;
  if (!reached) a->proposed = next;
  PetscFunctionReturn(0);
}

static PetscErrorCode Attempt(Arkode *a, PetscReal until, RhoStep *step) {
  RhoProblem *problem = a->problem;
  PetscReal h = problem->options->fixed > 0 ? problem->options->fixed : a->next, reached;
  PetscBool left;
  int code = 0;
  PetscFunctionBegin;
  PetscCall(Freeze(a));
  PetscCall(Evolve(a, PetscMin(h, until - problem->time), until, &reached, &code));
  if (code < 0) {
    PetscCall(Diverged(a, code, step));
    PetscFunctionReturn(0);
  }
  if (!problem->open) PetscCall(RhoTotalsRestore(problem->fm, problem->u, problem->u, problem->target));
  PetscCall(rho_stage_flow_balance(&a->flow, reached - problem->time, problem->u));
  PetscCall(rho_problem_residual(problem, reached, problem->u, Residual(a), &left));
  if (left) PetscCall(Retry(a, reached - problem->time, step));
  else PetscCall(Accept(a, reached - problem->time, until, step));
  PetscFunctionReturn(0);
}

static PetscErrorCode Step(void *engine, PetscReal until, RhoStep *step) {
  PetscFunctionBegin;
  while (step->length == 0 && !step->reason) PetscCall(Attempt(engine, until, step));
  PetscFunctionReturn(0);
}

const RhoEngine rho_engine_arkode = {.create = Create,
                                     .destroy = Destroy,
                                     .set_step = SetStep,
                                     .get_step = GetStep,
                                     .step = Step,
                                     .reset = Reset,
                                     .save = Save,
                                     .load = Load};
