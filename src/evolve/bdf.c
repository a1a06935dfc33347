/* bdf.c - the engine of CVODES: backward differences of variable order 1 to 5 and variable step on the whole F,
   Newton's systems in sundials.c, newton.c.

   Steps end where the error control wants them, only breakpoints and the end are met exactly; outputs between are taken
   from the polynomial through the last states, which has their totals.  A state that has left a formula's domain by the
   end of a step is taken back, and the history begins anew.

   What flows in through walls is a quadrature of CVODES, so that it is counted with the weights of the steps.

   CVODES estimates the error six times as large as it is when it chooses a step (its "biases"); half of that is given
   back by tolerances three times as wide, which keeps errors at what the other engines leave for the same tolerance. */
#include "sundials.h"
#include <cvodes/cvodes.h>
#include <nvector/nvector_serial.h>

#define LEEWAY 3

typedef struct {
  RhoProblem *problem;
  RhoSundials sundials;
  void *cvode;
  Vec begin;         /* the state before the step */
  PetscReal reached; /* by the integrator: problem->time or later */
  long int nfail;    /* steps given up, as counted so far */
  N_Vector inflow;   /* [nconserved] since the history began; NULL: all walls are closed */
  PetscReal *before; /* [nconserved] of it, up to problem->time */
} Bdf;

/* ---- inflow ---- */

static int CountTotals(const Bdf *bdf) { return RhoFieldEquations(bdf->problem->fm)->nconserved; }

static int InflowRate(realtype t, N_Vector y, N_Vector rate, void *ctx) {
  RhoSundials *sundials = ctx;
  int status = rho_sundials_residual(t, y, sundials->f, sundials);
  realtype *r = N_VGetArrayPointer(rate);
  for (int c = 0; c < RhoFieldEquations(sundials->problem->fm)->nconserved; c++) r[c] = sundials->problem->inflow[c];
  return status;
}

static PetscErrorCode CreateInflow(Bdf *bdf) {
  int n = CountTotals(bdf);
  PetscFunctionBegin;
  PetscCall(PetscCalloc1((size_t)n + 1, &bdf->before));
  if (!bdf->problem->open) PetscFunctionReturn(0);
  bdf->inflow = N_VNew_Serial(n, bdf->sundials.context);
  PetscCheck(bdf->inflow, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for a vector");
  N_VConst(0, bdf->inflow);
  PetscCallExternal(CVodeQuadInit, bdf->cvode, InflowRate, bdf->inflow);
  /* without control of its error, however lax, CVODES 6.4 leaves a quadrature behind when the order rises */
  PetscCallExternal(CVodeQuadSStolerances, bdf->cvode, 0, 1e100);
  PetscCallExternal(CVodeSetQuadErrCon, bdf->cvode, SUNTRUE);
  PetscFunctionReturn(0);
}

static PetscErrorCode ResetInflow(Bdf *bdf) {
  PetscFunctionBegin;
  if (!bdf->inflow) PetscFunctionReturn(0);
  N_VConst(0, bdf->inflow);
  PetscCall(PetscArrayzero(bdf->before, CountTotals(bdf)));
  PetscCallExternal(CVodeQuadReInit, bdf->cvode, bdf->inflow);
  PetscFunctionReturn(0);
}

/* What came in since the last call, up to time t. */
static PetscErrorCode NoteInflow(Bdf *bdf, PetscReal t) {
  int n = CountTotals(bdf);
  PetscReal *amount;
  PetscFunctionBegin;
  if (!bdf->inflow) PetscFunctionReturn(0);
  PetscCall(PetscMalloc1((size_t)n, &amount));
  PetscCallExternal(CVodeGetQuadDky, bdf->cvode, t, 0, bdf->inflow);
  for (int c = 0; c < n; c++) {
    PetscReal now = N_VGetArrayPointer(bdf->inflow)[c];
    amount[c] = now - bdf->before[c];
    bdf->before[c] = now;
  }
  rho_problem_flowed(bdf->problem, amount);
  PetscCall(PetscFree(amount));
  PetscFunctionReturn(0);
}

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

static int System(void *cvode, RhoSundialsSystem *system) {
  realtype t, rl1;
  N_Vector y, f;
  void *user;
  int status = CVodeGetNonlinearSystemData(cvode, &t, &system->a, &y, &f, &system->gamma, &rl1, &system->b, &user);
  system->factor = -rl1;
  return status;
}

static PetscErrorCode CreateCVode(Bdf *bdf) {
  RhoSundials *sundials = &bdf->sundials;
  PetscFunctionBegin;
  bdf->cvode = sundials->integrator = CVodeCreate(CV_BDF, sundials->context);
  PetscCheck(bdf->cvode, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for CVODE");
  PetscCallExternal(CVodeSetErrHandlerFn, bdf->cvode, rho_sundials_say, sundials);
  PetscCallExternal(CVodeSetUserData, bdf->cvode, sundials);
  PetscCallExternal(CVodeInit, bdf->cvode, rho_sundials_residual, bdf->problem->time, sundials->u);
  PetscCallExternal(CVodeWFtolerances, bdf->cvode, rho_sundials_weights);
  PetscCallExternal(CVodeSetLinearSolver, bdf->cvode, sundials->solver, NULL);
  PetscCallExternal(CVodeSetPreconditioner, bdf->cvode, rho_sundials_prepare, rho_sundials_precondition);
  PetscCallExternal(CVodeSetEpsLin, bdf->cvode, RHO_SUNDIALS_EPSLIN);
  PetscCallExternal(CVodeSetJacTimes, bdf->cvode, rho_sundials_about, rho_sundials_times);
  PetscCall(SetLimits(bdf));
  PetscCall(CreateInflow(bdf));
  PetscFunctionReturn(0);
}

static PetscErrorCode Create(RhoProblem *problem, void **engine) {
  Bdf *bdf;
  PetscFunctionBegin;
  PetscCall(PetscNew(&bdf));
  *engine = bdf;
  bdf->problem = problem;
  bdf->reached = problem->time;
  PetscCall(VecDuplicate(problem->u, &bdf->begin));
  PetscCall(rho_sundials_create(problem, System, LEEWAY, &bdf->sundials));
  PetscCall(CreateCVode(bdf));
  PetscFunctionReturn(0);
}

static PetscErrorCode Destroy(void **engine) {
  Bdf *bdf = *engine;
  PetscFunctionBegin;
  CVodeFree(&bdf->cvode);
  if (bdf->inflow) N_VDestroy(bdf->inflow);
  PetscCall(PetscFree(bdf->before));
  PetscCall(rho_sundials_destroy(&bdf->sundials));
  PetscCall(VecDestroy(&bdf->begin));
  PetscCall(PetscFree(*engine));
  PetscFunctionReturn(0);
}

/* ---- the controller ---- */

static PetscErrorCode Reset(void *engine) {
  Bdf *bdf = engine;
  PetscFunctionBegin;
  PetscCallExternal(CVodeReInit, bdf->cvode, bdf->problem->time, bdf->sundials.u);
  PetscCallExternal(CVodeSetInitStep, bdf->cvode, 0);
  PetscCall(ResetInflow(bdf));
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

static PetscErrorCode Back(Bdf *bdf) {
  PetscFunctionBegin;
  PetscCall(VecCopy(bdf->begin, bdf->problem->u));
  PetscFunctionReturn(0);
}

/* CVODE gave up. */
static PetscErrorCode Diverged(Bdf *bdf, int code, RhoStep *step) {
  PetscFunctionBegin;
  PetscCall(bdf->sundials.error);
  PetscCall(Back(bdf));
  if (bdf->sundials.domain) rho_step_fail(step, RHO_EVOLVE_DOMAIN, NULL);
  else if (code == CV_CONV_FAILURE) rho_step_fail(step, RHO_EVOLVE_LINEAR, "no step however short could be solved");
  else if (code == CV_ERR_FAILURE || code == CV_TOO_MUCH_ACC)
    rho_step_fail(step, RHO_EVOLVE_STEP, "no step however short was accepted");
  else SETERRQ(PETSC_COMM_SELF, PETSC_ERR_LIB, "CVODE: %s", bdf->sundials.said);
  PetscFunctionReturn(0);
}

/* The step ended outside a formula's domain: back, and on from there with a shorter one. */
static PetscErrorCode Retry(Bdf *bdf, PetscReal length, RhoStep *step) {
  PetscFunctionBegin;
  PetscCall(Back(bdf));
  PetscCall(Reset(bdf));
  PetscCall(SetStep(bdf, 0.25 * length));
  bdf->problem->nreject++;
  if (0.25 * length < bdf->problem->smallest) rho_step_fail(step, RHO_EVOLVE_DOMAIN, NULL);
  PetscFunctionReturn(0);
}

/* The state at `at`, not beyond what the integrator has reached. */
static PetscErrorCode Interpolate(Bdf *bdf, PetscReal at) {
  PetscFunctionBegin;
  PetscCallExternal(CVodeGetDky, bdf->cvode, at, 0, bdf->sundials.u);
  PetscCall(NoteInflow(bdf, at));
  bdf->problem->time = at;
  bdf->problem->F = at == bdf->reached ? N_VGetVector_Petsc(bdf->sundials.f) : NULL;
  PetscFunctionReturn(0);
}

static PetscErrorCode Attempt(Bdf *bdf, RhoStep *step) {
  RhoProblem *problem = bdf->problem;
  PetscReal stop = PetscMin(problem->to, problem->options->end), length, reached;
  PetscBool left;
  int code;
  PetscFunctionBegin;
  PetscCall(VecCopy(problem->u, bdf->begin));
  bdf->sundials.domain = PETSC_FALSE;
  PetscCallExternal(CVodeSetStopTime, bdf->cvode, stop);
  code = CVode(bdf->cvode, stop, bdf->sundials.u, &reached, CV_ONE_STEP);
  PetscCall(CountFailures(bdf));
  if (code < 0) {
    PetscCall(Diverged(bdf, code, step));
    PetscFunctionReturn(0);
  }
  PetscCallExternal(CVodeGetLastStep, bdf->cvode, &length);
  PetscCall(rho_problem_residual(problem, reached, problem->u, N_VGetVector_Petsc(bdf->sundials.f), &left));
  if (left) {
    PetscCall(Retry(bdf, length, step));
    PetscFunctionReturn(0);
  }
  bdf->reached = reached;
  step->length = length;
  PetscFunctionReturn(0);
}

/* The end of each step is handed out, and until, when it lies before. */
static PetscErrorCode Step(void *engine, PetscReal until, RhoStep *step) {
  Bdf *bdf = engine;
  PetscFunctionBegin;
  while (bdf->reached == bdf->problem->time && !step->reason) PetscCall(Attempt(bdf, step));
  if (step->reason) PetscFunctionReturn(0);
  PetscCall(Interpolate(bdf, PetscMin(until, bdf->reached)));
  step->between = (PetscBool)(bdf->problem->time < bdf->reached);
  if (rho_problem_reached(bdf->problem, until)) bdf->problem->time = until;
  if (!step->between) bdf->reached = bdf->problem->time;
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
