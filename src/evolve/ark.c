/* ark.c - the engine of PETSc's ARKIMEX: additive Runge-Kutta, its split and stages in imex.c, its error control
   TSAdapt's, from step to step a function of the last error and step alone. */
#include "imex.h"
#include <petsc/private/tsimpl.h> /* the controller's counter */

typedef struct {
  RhoProblem *problem;
  RhoImex imex;
  TS ts;
  PetscReal proposed; /* the controller's step before it was cut to meet a time */
  PetscInt nstep;
} Ark;

/* ---- life ---- */

static PetscErrorCode SetAdaptivity(Ark *ark) {
  const RhoEvolveOptions *options = ark->problem->options;
  TSAdapt adapt;
  PetscFunctionBegin;
  PetscCall(TSGetAdapt(ark->ts, &adapt));
  PetscCall(TSAdaptSetType(adapt, options->fixed > 0 ? TSADAPTNONE : TSADAPTBASIC));
  PetscCall(TSAdaptSetStepLimits(adapt, 0.1 * ark->problem->smallest,
                                 options->largest > 0 ? options->largest : PETSC_MAX_REAL));
  PetscCall(TSSetErrorIfStepFails(ark->ts, PETSC_FALSE)); /* Diverged says why */
  PetscCall(TSSetMaxSNESFailures(ark->ts, -1));
  PetscCall(TSSetMaxStepRejections(ark->ts, options->fixed > 0 ? 0 : 40)); /* in one step: 4^-40 of its length */
  PetscFunctionReturn(0);
}

static PetscErrorCode CreateTS(Ark *ark) {
  RhoProblem *problem = ark->problem;
  PetscFunctionBegin;
  PetscCall(TSCreate(RhoFieldGrid(problem->fm)->comm, &ark->ts));
  PetscCall(TSSetProblemType(ark->ts, TS_NONLINEAR));
  PetscCall(TSSetType(ark->ts, TSARKIMEX));
  PetscCall(TSARKIMEXSetType(ark->ts, problem->variant));
  PetscCall(TSSetEquationType(ark->ts, TS_EQ_EXPLICIT));
  PetscCall(rho_imex_attach(&ark->imex, ark->ts));
  PetscCall(TSSetExactFinalTime(ark->ts, TS_EXACTFINALTIME_MATCHSTEP));
  PetscCall(TSSetMaxSteps(ark->ts, PETSC_MAX_INT));
  PetscCall(SetAdaptivity(ark));
  PetscCall(TSSetTime(ark->ts, problem->time));
  PetscCall(TSSetTimeStep(ark->ts, problem->first));
  PetscCall(TSSetFromOptions(ark->ts));
  PetscCall(TSSetSolution(ark->ts, problem->u));
  PetscCall(TSGetTimeStep(ark->ts, &ark->proposed));
  PetscFunctionReturn(0);
}

static PetscErrorCode Create(RhoProblem *problem, void **engine) {
  Ark *ark;
  PetscFunctionBegin;
  PetscCall(PetscNew(&ark));
  *engine = ark;
  ark->problem = problem;
  PetscCall(rho_imex_create(problem, &ark->imex));
  PetscCall(CreateTS(ark));
  PetscCall(rho_imex_residual(&ark->imex, problem->time, problem->u));
  problem->F = ark->imex.F;
  PetscFunctionReturn(0);
}

static PetscErrorCode Destroy(void **engine) {
  Ark *ark = *engine;
  PetscFunctionBegin;
  PetscCall(TSDestroy(&ark->ts));
  PetscCall(rho_imex_destroy(&ark->imex));
  PetscCall(PetscFree(*engine));
  PetscFunctionReturn(0);
}

/* ---- the controller ---- */

static PetscErrorCode SetStep(void *engine, PetscReal step) {
  Ark *ark = engine;
  PetscFunctionBegin;
  PetscCall(TSSetTimeStep(ark->ts, step));
  ark->proposed = step;
  PetscFunctionReturn(0);
}

static PetscErrorCode GetStep(void *engine, PetscReal *step) {
  PetscFunctionBegin;
  PetscCall(TSGetTimeStep(((Ark *)engine)->ts, step));
  PetscFunctionReturn(0);
}

static PetscErrorCode Reset(void *engine) {
  Ark *ark = engine;
  PetscFunctionBegin;
  PetscCall(TSSetTime(ark->ts, ark->problem->time));
  PetscCall(TSRestartStep(ark->ts));
  PetscCall(rho_imex_residual(&ark->imex, ark->problem->time, ark->problem->u));
  PetscFunctionReturn(0);
}

static PetscErrorCode Save(void *engine, RhoEvolveMemory *memory) {
  Ark *ark = engine;
  PetscReal step;
  TSAdapt adapt;
  PetscFunctionBegin;
  PetscCall(TSGetAdapt(ark->ts, &adapt));
  PetscCall(TSGetTimeStep(ark->ts, &step));
  PetscCall(rho_memory_put(memory, "next_step", step));
  PetscCall(rho_memory_put(memory, "proposed_step", ark->proposed));
  PetscCall(rho_memory_put(memory, "just_decreased", (PetscReal)adapt->timestepjustdecreased));
  PetscCall(rho_tolerance_save(&ark->imex.tolerance, memory));
  PetscFunctionReturn(0);
}

static PetscErrorCode Load(void *engine, const RhoEvolveMemory *memory) {
  Ark *ark = engine;
  PetscReal step, decreased;
  TSAdapt adapt;
  PetscFunctionBegin;
  PetscCall(TSGetAdapt(ark->ts, &adapt));
  PetscCall(rho_memory_get(memory, "next_step", &step));
  PetscCall(TSSetTimeStep(ark->ts, step));
  PetscCall(rho_memory_get(memory, "proposed_step", &ark->proposed));
  PetscCall(rho_memory_get(memory, "just_decreased", &decreased));
  adapt->timestepjustdecreased = (PetscInt)decreased;
  PetscCall(rho_tolerance_load(&ark->imex.tolerance, memory));
  if (ark->imex.tolerance.cells) PetscCall(rho_linear_tolerance(&ark->imex.linear, ark->imex.tolerance.finest));
  PetscFunctionReturn(0);
}

/* ---- a step ---- */

static PetscErrorCode Back(Ark *ark) {
  PetscFunctionBegin;
  PetscCall(VecCopy(ark->imex.begin, ark->problem->u));
  PetscCall(TSSetTime(ark->ts, ark->problem->time));
  PetscFunctionReturn(0);
}

static void Fail(RhoStep *step, RhoEvolveReason reason, const char *text) {
  step->reason = reason;
  step->text = text;
}

/* The step ended outside a formula's domain: back to its beginning, with a shorter one. */
static PetscErrorCode Retry(Ark *ark, PetscReal length, RhoStep *step) {
  PetscFunctionBegin;
  ark->problem->nreject++;
  PetscCall(Back(ark));
  PetscCall(SetStep(ark, 0.25 * length));
  PetscCall(Reset(ark));
  if (ark->problem->options->fixed > 0 || 0.25 * length < ark->problem->smallest) Fail(step, RHO_EVOLVE_DOMAIN, NULL);
  PetscFunctionReturn(0);
}

/* Why PETSc gave up on a step, if it did. */
static PetscErrorCode Diverged(Ark *ark, RhoStep *step) {
  TSConvergedReason reason;
  PetscBool fixed = (PetscBool)(ark->problem->options->fixed > 0);
  PetscFunctionBegin;
  PetscCall(TSGetConvergedReason(ark->ts, &reason));
  if (reason >= 0) PetscFunctionReturn(0);
  PetscCall(Back(ark));
  if (ark->imex.rejected_domain) Fail(step, RHO_EVOLVE_DOMAIN, NULL);
  else if (ark->imex.rejected_linear)
    Fail(step, RHO_EVOLVE_LINEAR,
         fixed ? "a stage of the fixed step could not be solved" : "no step however short was accepted");
  else Fail(step, RHO_EVOLVE_STEP, "no step however short was accepted");
  PetscFunctionReturn(0);
}

/* Steps that creep up to the edge of a domain end the run, too. */
static void TooSmall(const Ark *ark, PetscReal left, RhoStep *step) {
  if (step->length >= ark->problem->smallest || left <= ark->problem->smallest) return;
  if (ark->imex.rejected_domain) Fail(step, RHO_EVOLVE_DOMAIN, NULL);
  else Fail(step, RHO_EVOLVE_STEP, "the step became too small to go on");
}

static PetscErrorCode CutStep(Ark *ark, PetscReal until) {
  PetscReal before = ark->problem->time, fixed = ark->problem->options->fixed, step;
  PetscFunctionBegin;
  PetscCall(TSSetMaxTime(ark->ts, until));
  PetscCall(TSGetTimeStep(ark->ts, &step));
  if (before + step > until || fixed > 0)
    PetscCall(TSSetTimeStep(ark->ts, PetscMin(fixed > 0 ? fixed : step, until - before)));
  PetscFunctionReturn(0);
}

/* The controller's own step survives being cut to meet a time. */
static PetscErrorCode KeepStep(Ark *ark, PetscBool reached) {
  PetscReal step;
  PetscFunctionBegin;
  PetscCall(TSGetTimeStep(ark->ts, &step));
  if (!reached) ark->proposed = step;
  else if (step < ark->proposed) PetscCall(TSSetTimeStep(ark->ts, ark->proposed));
  PetscFunctionReturn(0);
}

static PetscErrorCode Accept(Ark *ark, PetscReal until, RhoStep *step) {
  PetscReal before = ark->problem->time;
  PetscBool reached;
  PetscFunctionBegin;
  PetscCall(TSGetTime(ark->ts, &ark->problem->time));
  step->length = ark->problem->time - before;
  PetscCall(rho_stage_flow_accept(&ark->imex.flow, step->length));
  PetscCall(TSMonitor(ark->ts, ++ark->nstep, ark->problem->time, ark->problem->u)); /* for PETSc's own options */
  TooSmall(ark, until - ark->problem->time, step);
  reached = rho_problem_reached(ark->problem, until);
  if (reached) ark->problem->time = until;
  PetscCall(TSSetTime(ark->ts, ark->problem->time));
  PetscCall(KeepStep(ark, reached));
  PetscFunctionReturn(0);
}

static PetscErrorCode Attempt(Ark *ark, PetscReal until, RhoStep *step) {
  PetscReal before = ark->problem->time, after;
  PetscInt rejections, more;
  PetscFunctionBegin;
  PetscCall(rho_imex_freeze(&ark->imex, before, ark->problem->u));
  PetscCall(CutStep(ark, until));
  PetscCall(TSGetStepRejections(ark->ts, &rejections));
  PetscCall(TSSetConvergedReason(ark->ts, TS_CONVERGED_ITERATING));
  PetscCall(TSStep(ark->ts));
  PetscCall(TSGetStepRejections(ark->ts, &more));
  ark->problem->nreject += more - rejections;
  PetscCall(Diverged(ark, step));
  if (step->reason) PetscFunctionReturn(0);
  PetscCall(TSGetTime(ark->ts, &after));
  PetscCall(rho_stage_flow_balance(&ark->imex.flow, after - ark->problem->time, ark->problem->u));
  ark->imex.domain = PETSC_FALSE;
  PetscCall(rho_imex_residual(&ark->imex, after, ark->problem->u));
  if (ark->imex.domain) PetscCall(Retry(ark, after - before, step));
  else PetscCall(Accept(ark, until, step));
  PetscFunctionReturn(0);
}

static PetscErrorCode Step(void *engine, PetscReal until, RhoStep *step) {
  Ark *ark = engine;
  PetscFunctionBegin;
  while (step->length == 0 && !step->reason) PetscCall(Attempt(ark, until, step));
  PetscFunctionReturn(0);
}

const RhoEngine rho_engine_ark = {.create = Create,
                                  .destroy = Destroy,
                                  .set_step = SetStep,
                                  .get_step = GetStep,
                                  .step = Step,
                                  .reset = Reset,
                                  .save = Save,
                                  .load = Load};
