/* evolve.c - the loop over steps and output times. */
#include "imex.h"
#include <string.h>

typedef struct {
  const char *name;
  TSARKIMEXType type;
  int order;
} Scheme;

static const Scheme schemes[] = {
#define RHO_SCHEME(name, type, order, what) {name, type, order},
#include "schemes.def"
#undef RHO_SCHEME
};

typedef struct {
  RhoFieldModel fm;
  const RhoEvolveOptions *options;
  RhoImex imex;
  TS ts;
  Vec u;
  PetscReal *total, *drift, *scale, *low, *high;
  PetscReal smallest, proposed; /* proposed: the controller's step before it was cut to meet an output time */
  PetscInt next_output, nreject;
  RhoEvolveMonitor monitor;
  void *ctx;
  RhoEvolveState state;
  RhoEvolveReason reason;
  const char *text;
  PetscBool stop;
  PetscReal last_step; /* taken; before the first one its proposal */
  PetscLogDouble told; /* when the monitor was called last */
} Run;

void RhoEvolveDefaults(RhoEvolveOptions *options) {
  *options = (RhoEvolveOptions){.scheme = "ark3", .rtol = 1e-4, .preconditioner = RHO_PC_AUTO};
}

static const Scheme *FindScheme(const char *name) {
  for (size_t k = 0; k < sizeof schemes / sizeof *schemes; k++)
    if (!strcmp(schemes[k].name, name)) return &schemes[k];
  return NULL;
}

int RhoEvolveSchemes(int n, const char **name) {
  int count = (int)(sizeof schemes / sizeof *schemes);
  for (int k = 0; k < n && k < count; k++) name[k] = schemes[k].name;
  return count;
}

/* ---- first step ---- */

/* h with |h F| about a hundredth of the state (Hairer, Norsett, Wanner, II.4), at most a thousandth of the interval */
static PetscErrorCode FirstStep(Run *run, PetscReal *step) {
  PetscReal size, rate, interval = run->options->end - run->options->start;
  PetscFunctionBegin;
  *step = run->options->fixed > 0 ? run->options->fixed : run->options->step;
  if (*step > 0) PetscFunctionReturn(0);
  PetscCall(RhoResidual(run->fm, run->options->start, run->u, run->imex.begin));
  PetscCall(VecNorm(run->u, NORM_2, &size));
  PetscCall(VecNorm(run->imex.begin, NORM_2, &rate));
  *step = 1e-3 * interval;
  if (rate > 0 && !PetscIsInfOrNanReal(rate)) *step = PetscMin(*step, 0.01 * size / rate);
  *step = PetscMax(*step, PetscMin(1e-6 * interval, 1e6 * run->smallest)); /* a state of zeros says nothing */
  PetscFunctionReturn(0);
}

/* ---- set-up ---- */

static PetscErrorCode SetAdaptivity(Run *run) {
  TSAdapt adapt;
  PetscFunctionBegin;
  PetscCall(TSGetAdapt(run->ts, &adapt));
  PetscCall(TSAdaptSetType(adapt, run->options->fixed > 0 ? TSADAPTNONE : TSADAPTBASIC));
  run->smallest =
      run->options->smallest > 0 ? run->options->smallest : 1e-14 * (run->options->end - run->options->start);
  PetscCall(TSAdaptSetStepLimits(adapt, 0.1 * run->smallest,
                                 run->options->largest > 0 ? run->options->largest : PETSC_MAX_REAL));
  PetscCall(TSSetErrorIfStepFails(run->ts, PETSC_FALSE)); /* Diverged says why */
  PetscCall(TSSetMaxSNESFailures(run->ts, -1));
  PetscCall(TSSetMaxStepRejections(run->ts, 40)); /* in one step: 4^-40 of its length */
  PetscFunctionReturn(0);
}

static PetscErrorCode CreateTS(Run *run) {
  const Scheme *scheme = FindScheme(run->options->scheme);
  PetscReal step;
  PetscFunctionBegin;
  PetscCheck(scheme, PETSC_COMM_SELF, PETSC_ERR_ARG_UNKNOWN_TYPE, "no integrator is called '%s'", run->options->scheme);
  PetscCall(TSCreate(RhoFieldGrid(run->fm)->comm, &run->ts));
  PetscCall(TSSetProblemType(run->ts, TS_NONLINEAR));
  PetscCall(TSSetType(run->ts, TSARKIMEX));
  PetscCall(TSARKIMEXSetType(run->ts, scheme->type));
  PetscCall(TSSetEquationType(run->ts, TS_EQ_EXPLICIT));
  PetscCall(rho_imex_attach(&run->imex, run->ts));
  PetscCall(TSSetExactFinalTime(run->ts, TS_EXACTFINALTIME_MATCHSTEP));
  PetscCall(TSSetMaxSteps(run->ts, PETSC_MAX_INT));
  PetscCall(SetAdaptivity(run));
  PetscCall(rho_tolerance_create(&run->imex, run->options, run->ts, run->u));
  PetscCall(FirstStep(run, &step));
  PetscCall(TSSetTime(run->ts, run->options->start));
  PetscCall(TSSetTimeStep(run->ts, step));
  PetscCall(TSSetFromOptions(run->ts));
  PetscCall(TSSetSolution(run->ts, run->u));
  run->proposed = run->last_step = step;
  PetscFunctionReturn(0);
}

static PetscErrorCode CreateRun(Run *run) {
  RhoEquations eq = RhoFieldEquations(run->fm);
  size_t nc = (size_t)eq->nconserved + 1, nf = (size_t)eq->nfield;
  PetscFunctionBegin;
  PetscCall(PetscCalloc5(nc, &run->total, nc, &run->drift, nc, &run->scale, nf, &run->low, nf, &run->high));
  PetscCall(rho_imex_create(run->fm, run->options, run->u, &run->imex));
  PetscCall(RhoTotals(run->fm, run->u, NULL, run->scale));
  PetscCall(CreateTS(run));
  PetscFunctionReturn(0);
}

static PetscErrorCode DestroyRun(Run *run) {
  PetscFunctionBegin;
  PetscCall(TSDestroy(&run->ts));
  PetscCall(rho_imex_destroy(&run->imex));
  PetscCall(PetscFree5(run->total, run->drift, run->scale, run->low, run->high));
  PetscFunctionReturn(0);
}

/* ---- what is told about a step ---- */

/* Between outputs the monitor is called about ten times a second: what it is told takes reductions.  Rank 0 has the
 * clock. */
static PetscErrorCode Due(Run *run, PetscInt output, PetscBool *due) {
  PetscLogDouble now;
  PetscMPIInt yes;
  PetscFunctionBegin;
  PetscCall(PetscTime(&now));
  yes = output >= 0 || now - run->told > 0.1;
  if (RhoFieldGrid(run->fm)->size > 1) PetscCallMPI(MPI_Bcast(&yes, 1, MPI_INT, 0, RhoFieldGrid(run->fm)->comm));
  if (yes) run->told = now;
  *due = (PetscBool)yes;
  PetscFunctionReturn(0);
}

static PetscErrorCode Observe(Run *run, PetscInt output) {
  RhoEquations eq = RhoFieldEquations(run->fm);
  RhoEvolveState *state = &run->state;
  PetscBool due;
  PetscFunctionBegin;
  PetscCall(Due(run, output, &due));
  if (!due) PetscFunctionReturn(0);
  PetscCall(RhoTotals(run->fm, run->u, run->total, NULL));
  for (int c = 0; c < eq->nconserved; c++)
    run->drift[c] = run->scale[c] > 0 ? (run->total[c] - run->imex.target[c]) / run->scale[c] : 0;
  PetscCall(RhoExtrema(run->fm, run->u, run->low, run->high));
  state->low = PETSC_MAX_REAL;
  for (int i = 0; i < eq->nfield; i++)
    if (eq->model->field[i].kind == RHO_DENSITY) state->low = PetscMin(state->low, run->low[i]);
  PetscCall(TSGetTime(run->ts, &state->time));
  state->step = run->last_step;
  state->nreject = run->nreject;
  state->nlinear = run->imex.nlinear;
  state->output = output;
  state->total = run->total;
  state->drift = run->drift;
  PetscCall(run->monitor(run->ctx, state, run->u, &run->stop));
  if (run->stop) run->reason = RHO_EVOLVE_STOPPED;
  PetscFunctionReturn(0);
}

/* ---- steps ---- */

static PetscErrorCode Fail(Run *run, RhoEvolveReason reason, const char *text) {
  PetscFunctionBegin;
  run->reason = reason;
  run->text = text;
  run->stop = PETSC_TRUE;
  PetscFunctionReturn(0);
}

static PetscErrorCode FailDomain(Run *run) {
  PetscFunctionBegin;
  PetscCall(RhoFieldExplain(run->fm, run->imex.outside_time, run->imex.outside, &run->text));
  PetscCall(Fail(run, RHO_EVOLVE_DOMAIN, run->text));
  PetscFunctionReturn(0);
}

/* Back to the beginning of the step with a shorter one. */
static PetscErrorCode Retry(Run *run, PetscReal time, PetscReal step) {
  PetscFunctionBegin;
  run->nreject++;
  PetscCall(VecCopy(run->imex.begin, run->u));
  PetscCall(TSSetTime(run->ts, time));
  PetscCall(TSSetTimeStep(run->ts, 0.25 * step));
  PetscCall(TSRestartStep(run->ts));
  run->imex.domain = PETSC_FALSE;
  PetscCall(rho_imex_residual(&run->imex, time, run->u));
  run->proposed = 0.25 * step;
  if (run->options->fixed > 0 || 0.25 * step < run->smallest) {
    PetscCall(FailDomain(run));
  }
  PetscFunctionReturn(0);
}

/* Why PETSc gave up on a step, if it did. */
static PetscErrorCode Diverged(Run *run, PetscReal time) {
  TSConvergedReason reason;
  PetscFunctionBegin;
  PetscCall(TSGetConvergedReason(run->ts, &reason));
  if (reason >= 0) PetscFunctionReturn(0);
  PetscCall(VecCopy(run->imex.begin, run->u));
  PetscCall(TSSetTime(run->ts, time));
  if (run->imex.rejected_domain) {
    PetscCall(FailDomain(run));
  } else
    PetscCall(Fail(run, reason == TS_DIVERGED_NONLINEAR_SOLVE ? RHO_EVOLVE_LINEAR : RHO_EVOLVE_STEP,
                   "no step however short was accepted"));
  PetscFunctionReturn(0);
}

/* Steps that creep up to the edge of a domain end the run, too. */
static PetscErrorCode TooSmall(Run *run, PetscReal step, PetscReal left) {
  PetscFunctionBegin;
  if (step >= run->smallest || left <= run->smallest) PetscFunctionReturn(0);
  if (run->imex.rejected_domain) PetscCall(FailDomain(run));
  else PetscCall(Fail(run, RHO_EVOLVE_STEP, "the step became too small to go on"));
  PetscFunctionReturn(0);
}

/* One accepted step, or a failure. */
static PetscErrorCode Step(Run *run, PetscReal until) {
  PetscReal before, after, step;
  PetscInt rejections, more;
  PetscFunctionBegin;
  PetscCall(TSGetTime(run->ts, &before));
  PetscCall(rho_imex_freeze(&run->imex, before, run->u));
  PetscCall(TSSetMaxTime(run->ts, until));
  PetscCall(TSGetTimeStep(run->ts, &step));
  if (before + step > until || run->options->fixed > 0)
    PetscCall(TSSetTimeStep(run->ts, PetscMin(run->options->fixed > 0 ? run->options->fixed : step, until - before)));
  PetscCall(TSGetStepRejections(run->ts, &rejections));
  PetscCall(TSSetConvergedReason(run->ts, TS_CONVERGED_ITERATING));
  PetscCall(TSStep(run->ts));
  PetscCall(TSGetStepRejections(run->ts, &more));
  run->nreject += more - rejections;
  PetscCall(Diverged(run, before));
  if (run->stop) PetscFunctionReturn(0);
  PetscCall(TSGetTime(run->ts, &after));
  run->imex.domain = PETSC_FALSE;
  PetscCall(rho_imex_residual(&run->imex, after, run->u));
  if (run->imex.domain) PetscCall(Retry(run, before, after - before));
  else {
    run->state.nstep++;
    run->last_step = after - before;
    PetscCall(TSMonitor(run->ts, run->state.nstep, after, run->u)); /* for PETSc's own options */
    PetscCall(TooSmall(run, after - before, until - after));
  }
  PetscFunctionReturn(0);
}

/* The controller's own step survives being cut to meet an output time. */
static PetscErrorCode KeepStep(Run *run, PetscBool reached) {
  PetscReal step;
  PetscFunctionBegin;
  PetscCall(TSGetTimeStep(run->ts, &step));
  if (!reached) run->proposed = step;
  else if (step < run->proposed) PetscCall(TSSetTimeStep(run->ts, run->proposed));
  PetscFunctionReturn(0);
}

static PetscErrorCode RunUntil(Run *run, PetscReal until, PetscInt output) {
  PetscReal time;
  PetscBool reached = PETSC_FALSE;
  PetscFunctionBegin;
  PetscCall(TSGetTime(run->ts, &time));
  while (!run->stop && !reached) {
    PetscCall(Step(run, until));
    if (run->stop) break;
    PetscCall(TSGetTime(run->ts, &time));
    reached =
        (PetscBool)(until - time <= 1e-12 * PetscMax(PetscAbsReal(until), run->options->end - run->options->start));
    if (reached) PetscCall(TSSetTime(run->ts, until));
    PetscCall(KeepStep(run, reached));
    PetscCall(Observe(run, reached ? output : -1));
    if (!run->stop && run->options->max_steps > 0 && run->state.nstep >= run->options->max_steps)
      PetscCall(Fail(run, RHO_EVOLVE_STEPS, "the largest number of steps was reached"));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode Loop(Run *run) {
  const RhoEvolveOptions *options = run->options;
  PetscFunctionBegin;
  for (PetscInt k = 0; k < options->noutput && !run->stop; k++) {
    if (options->output[k] <= options->start) PetscCall(Observe(run, k));
    else PetscCall(RunUntil(run, options->output[k], k));
  }
  PetscFunctionReturn(0);
}

PetscErrorCode RhoEvolve(RhoFieldModel fm, const RhoEvolveOptions *options, Vec u, RhoEvolveMonitor monitor, void *ctx,
                         RhoEvolveReason *reason, RhoEvolveState *last, const char **text) {
  Run run = {.fm = fm, .options = options, .u = u, .monitor = monitor, .ctx = ctx, .text = ""};
  PetscFunctionBegin;
  PetscCall(CreateRun(&run));
  PetscCall(rho_imex_residual(&run.imex, options->start, u));
  if (run.imex.domain) PetscCall(FailDomain(&run));
  else PetscCall(Loop(&run));
  PetscCall(TSGetTime(run.ts, &run.state.time));
  *reason = run.reason;
  *text = run.text;
  *last = run.state;
  last->total = last->drift = NULL;
  PetscCall(DestroyRun(&run));
  PetscFunctionReturn(0);
}
