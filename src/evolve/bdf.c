/* bdf.c - the engine of CVODE: backward differences of variable order 1 to 5 and variable step on the whole F, Newton's
   systems in newton.c.

   Steps end where the error control wants them, only breakpoints and the end are met exactly; outputs between are taken
   from the polynomial through the last states, which has their totals.  A state that has left a formula's domain by the
   end of a step is taken back, and the history begins anew.

   CVODE estimates the error six times as large as it is when it chooses a step (its "biases"); half of that is given
   back by tolerances three times as wide, which keeps errors at what the other engines leave for the same tolerance. */
#include "newton.h"
#include <cvode/cvode.h>

#define LEEWAY 3

typedef struct {
  RhoProblem *problem;
  RhoNewton newton;
  void *cvode;
  Vec begin, F;      /* the state before the step; the residual after it */
  PetscReal reached; /* by the integrator: problem->time or later */
  long int nfail;    /* steps given up, as counted so far */
} Bdf;

/* ---- life ---- */

static PetscErrorCode SetLimits(Bdf *bdf) {
  const RhoEvolveOptions *options = bdf->problem->options;
  PetscFunctionBegin;
  PetscCallExternal(CVodeSetMaxNumSteps, bdf->cvode, -1);
  PetscCallExternal(CVodeSetMaxErrTestFails, bdf->cvode, 20);
  PetscCallExternal(CVodeSetMaxConvFails, bdf->cvode, 40);
  PetscCallExternal(CVodeSetMaxHnilWarns, bdf->cvode, -1);
  PetscCallExternal(CVodeSetMinStep, bdf->cvode, bdf->problem->smallest);
  if (options->largest > 0) PetscCallExternal(CVodeSetMaxStep, bdf->cvode, options->largest);
  if (options->step > 0) PetscCallExternal(CVodeSetInitStep, bdf->cvode, options->step);
  PetscFunctionReturn(0);
}

static PetscErrorCode CreateCVode(Bdf *bdf) {
  RhoNewton *newton = &bdf->newton;
  PetscFunctionBegin;
  bdf->cvode = newton->integrator = CVodeCreate(CV_BDF, newton->context);
  PetscCheck(bdf->cvode, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for CVODE");
  PetscCallExternal(CVodeSetErrHandlerFn, bdf->cvode, rho_newton_say, newton);
  PetscCallExternal(CVodeSetUserData, bdf->cvode, newton);
  PetscCallExternal(CVodeInit, bdf->cvode, rho_newton_residual, bdf->problem->time, newton->u);
  PetscCallExternal(CVodeWFtolerances, bdf->cvode, rho_newton_weights);
  PetscCallExternal(CVodeSetLinearSolver, bdf->cvode, newton->solver, NULL);
  PetscCallExternal(CVodeSetPreconditioner, bdf->cvode, rho_newton_prepare, rho_newton_precondition);
  PetscCallExternal(CVodeSetJacTimes, bdf->cvode, rho_newton_about, rho_newton_times);
  PetscCall(SetLimits(bdf));
  PetscFunctionReturn(0);
}

static PetscErrorCode Create(RhoProblem *problem, void **engine) {
  Bdf *bdf;
  PetscFunctionBegin;
  PetscCheck(!(problem->options->fixed > 0), PETSC_COMM_SELF, PETSC_ERR_SUP, "bdf chooses its steps itself");
  PetscCall(PetscNew(&bdf));
  *engine = bdf;
  bdf->problem = problem;
  bdf->reached = problem->time;
  PetscCall(VecDuplicate(problem->u, &bdf->begin));
  PetscCall(VecDuplicate(problem->u, &bdf->F));
  PetscCall(rho_newton_create(problem, CVodeGetCurrentGamma, LEEWAY, &bdf->newton));
  PetscCall(CreateCVode(bdf));
  PetscFunctionReturn(0);
}

static PetscErrorCode Destroy(void **engine) {
  Bdf *bdf = *engine;
  PetscFunctionBegin;
  CVodeFree(&bdf->cvode);
  PetscCall(rho_newton_destroy(&bdf->newton));
  PetscCall(VecDestroy(&bdf->begin));
  PetscCall(VecDestroy(&bdf->F));
  PetscCall(PetscFree(*engine));
  PetscFunctionReturn(0);
}

/* ---- the controller ---- */

static PetscErrorCode Reset(void *engine) {
  Bdf *bdf = engine;
  PetscFunctionBegin;
  PetscCallExternal(CVodeReInit, bdf->cvode, bdf->problem->time, bdf->newton.u);
  PetscCallExternal(CVodeSetInitStep, bdf->cvode, 0);
  bdf->reached = bdf->problem->time;
  bdf->nfail = 0;
  PetscFunctionReturn(0);
}

/* After a reset; otherwise the history knows better. */
static PetscErrorCode SetStep(void *engine, PetscReal step) {
  Bdf *bdf = engine;
  long int nstep;
  PetscFunctionBegin;
  PetscCallExternal(CVodeGetNumSteps, bdf->cvode, &nstep);
  if (nstep == 0) PetscCallExternal(CVodeSetInitStep, bdf->cvode, step);
  PetscFunctionReturn(0);
}

static PetscErrorCode GetStep(void *engine, PetscReal *step) {
  PetscFunctionBegin;
  PetscCallExternal(CVodeGetCurrentStep, ((Bdf *)engine)->cvode, step);
  PetscFunctionReturn(0);
}

/* The history is not among what is saved: a run that goes on begins at order one. */
static PetscErrorCode Save(void *engine, RhoEvolveMemory *memory) {
  PetscFunctionBegin;
  (void)engine, (void)memory;
  PetscFunctionReturn(0);
}

static PetscErrorCode Load(void *engine, const RhoEvolveMemory *memory) {
  PetscFunctionBegin;
  (void)memory;
  PetscCall(Reset(engine));
  PetscFunctionReturn(0);
}

/* ---- a step ---- */

static PetscErrorCode CountFailures(Bdf *bdf) {
  long int error = 0, solve = 0;
  PetscFunctionBegin;
  PetscCallExternal(CVodeGetNumErrTestFails, bdf->cvode, &error);
  PetscCallExternal(CVodeGetNumStepSolveFails, bdf->cvode, &solve);
  bdf->problem->nreject += (PetscInt)(error + solve - bdf->nfail);
  bdf->nfail = error + solve;
  PetscFunctionReturn(0);
}

static void Fail(RhoStep *step, RhoEvolveReason reason, const char *text) {
  step->reason = reason;
  step->text = text;
}

static PetscErrorCode Back(Bdf *bdf) {
  PetscFunctionBegin;
  PetscCall(VecCopy(bdf->begin, bdf->problem->u));
  PetscFunctionReturn(0);
}

/* CVODE gave up. */
static PetscErrorCode Diverged(Bdf *bdf, int code, RhoStep *step) {
  PetscFunctionBegin;
  PetscCall(bdf->newton.error);
  PetscCall(Back(bdf));
  if (bdf->newton.domain) Fail(step, RHO_EVOLVE_DOMAIN, NULL);
  else if (code == CV_CONV_FAILURE) Fail(step, RHO_EVOLVE_LINEAR, "no step however short could be solved");
  else if (code == CV_ERR_FAILURE || code == CV_TOO_MUCH_ACC)
    Fail(step, RHO_EVOLVE_STEP, "no step however short was accepted");
  else SETERRQ(PETSC_COMM_SELF, PETSC_ERR_LIB, "CVODE: %s", bdf->newton.said);
  PetscFunctionReturn(0);
}

/* The step ended outside a formula's domain: back, and on from there with a shorter one. */
static PetscErrorCode Retry(Bdf *bdf, PetscReal length, RhoStep *step) {
  PetscFunctionBegin;
  PetscCall(Back(bdf));
  PetscCall(Reset(bdf));
  PetscCall(SetStep(bdf, 0.25 * length));
  bdf->problem->nreject++;
  if (0.25 * length < bdf->problem->smallest) Fail(step, RHO_EVOLVE_DOMAIN, NULL);
  PetscFunctionReturn(0);
}

/* The state at until, when the integrator has reached or passed it. */
static PetscErrorCode Interpolate(Bdf *bdf, PetscReal until) {
  PetscFunctionBegin;
  bdf->problem->time = bdf->reached;
  if (bdf->reached < until && !rho_problem_reached(bdf->problem, until)) PetscFunctionReturn(0);
  PetscCallExternal(CVodeGetDky, bdf->cvode, PetscMin(until, bdf->reached), 0, bdf->newton.u);
  bdf->problem->time = until;
  PetscFunctionReturn(0);
}

static PetscErrorCode Attempt(Bdf *bdf, RhoStep *step) {
  RhoProblem *problem = bdf->problem;
  PetscReal stop = PetscMin(problem->to, problem->options->end), length, reached;
  PetscBool left;
  int code;
  PetscFunctionBegin;
  PetscCall(VecCopy(problem->u, bdf->begin));
  bdf->newton.domain = PETSC_FALSE;
  PetscCallExternal(CVodeSetStopTime, bdf->cvode, stop);
  code = CVode(bdf->cvode, stop, bdf->newton.u, &reached, CV_ONE_STEP);
  PetscCall(CountFailures(bdf));
  if (code < 0) {
    PetscCall(Diverged(bdf, code, step));
    PetscFunctionReturn(0);
  }
  PetscCallExternal(CVodeGetLastStep, bdf->cvode, &length);
  PetscCall(rho_problem_residual(problem, reached, problem->u, bdf->F, &left));
  if (left) {
    PetscCall(Retry(bdf, length, step));
    PetscFunctionReturn(0);
  }
  bdf->reached = reached;
  step->length = length;
  PetscFunctionReturn(0);
}

static PetscErrorCode Step(void *engine, PetscReal until, RhoStep *step) {
  Bdf *bdf = engine;
  PetscFunctionBegin;
  if (bdf->reached < until)
    while (step->length == 0 && !step->reason) PetscCall(Attempt(bdf, step));
  if (!step->reason) PetscCall(Interpolate(bdf, until));
  PetscFunctionReturn(0);
}

const RhoEngine rho_engine_bdf = {.create = Create,
                                  .destroy = Destroy,
                                  .set_step = SetStep,
                                  .get_step = GetStep,
                                  .step = Step,
                                  .reset = Reset,
                                  .save = Save,
                                  .load = Load};
