/* evolve.c - the loop over outputs and breakpoints; an engine takes the steps. */
#include "engine.h"
#include <math.h>
#include <string.h>

enum { FIXED = 1, ENERGY = 2, SPLIT = 4, NOISE = 8, MODAL = 16, LIMIT = 32 };

typedef struct {
  const char *name;
  const RhoEngine *engine;
  const char *variant;
  int order, flags;
} Scheme;

static const Scheme schemes[] = {
#define RHO_SCHEME(name, engine, variant, order, flags, what) {name, &rho_engine_##engine, variant, order, flags},
#include "schemes.def"
#undef RHO_SCHEME
};

struct RhoEvolution_s {
  RhoProblem problem;
  const char *scheme;
  const RhoEngine *engine;
  void *state_of_engine;
  PetscReal *total, *drift, *scale, *size, *low, *high;
  RhoEvolveMonitor monitor;
  void *ctx;
  RhoEvolveState state;
  RhoEvolveReason reason;
  const char *text;
  PetscBool stop;
  PetscInt before;     /* steps of the run that is gone on with */
  PetscLogDouble told; /* when the monitor was called last */
};

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

bool RhoEvolveTakesNoise(const char *name) {
  const Scheme *scheme = FindScheme(name);
  return scheme && scheme->flags & NOISE;
}

bool RhoEvolveLimitsNoise(const char *name) {
  const Scheme *scheme = FindScheme(name);
  return scheme && scheme->flags & LIMIT;
}

int RhoEvolveOrder(const char *name) {
  const Scheme *scheme = FindScheme(name);
  return scheme ? scheme->order : 0;
}

static bool IsMatrixFree(RhoPreconditioner preconditioner) {
  return preconditioner == RHO_PC_AUTO || preconditioner == RHO_PC_SYMBOL || preconditioner == RHO_PC_NONE;
}

/* What options ask for that the scheme does not offer; NULL: nothing. */
static const char *Unoffered(RhoFieldModel fm, const RhoEvolveOptions *options, const Scheme *scheme) {
  RhoGrid grid = RhoFieldGrid(fm);
  if (!scheme) return "there is no scheme of this name";
  if (RhoFieldIsSpectral(fm) && !IsMatrixFree(options->preconditioner))
    return "the spectral discretisation has no matrix to precondition with: symbol or none";
  if (options->fixed > 0 && !(scheme->flags & FIXED)) return "this scheme chooses its steps itself: no fixed step";
  if (options->noise && !(scheme->flags & NOISE)) return "this scheme takes no noise: em, imex_em, imex_midpoint do";
  if ((scheme->flags & NOISE) && !(options->fixed > 0))
    return "its steps can not be rejected, and so not be found by trial: it needs a fixed step";
  if ((scheme->flags & MODAL) && options->preconditioner != RHO_PC_AUTO && options->preconditioner != RHO_PC_NONE)
    return "in transform space a step has no system to solve: there is nothing to precondition";
  if ((scheme->flags & MODAL) && RhoModalRefuses(fm)) return RhoModalRefuses(fm);
  if (options->nonnegative && !(scheme->flags & LIMIT)) return "only em keeps noise from taking more than there is";
  if (options->nonnegative && RhoFieldIsSpectral(fm))
    return "noise is kept from taking more between finite volumes only";
  if (!options->constant) return NULL;
  if (!(scheme->flags & SPLIT))
    return "this scheme has no split: constant coefficients are for ark..., arkode3 to arkode5, imex_...";
  if (options->preconditioner != RHO_PC_AUTO && options->preconditioner != RHO_PC_SYMBOL)
    return "with constant coefficients a transform solves the stages: there is nothing to precondition";
  if (grid->nfield > RHO_SYMBOL_MOST) return "constant coefficients are for 16 fields at most";
  for (int d = 0; d < grid->mesh.ndimension; d++)
    if (!grid->uniform[d]) return "constant coefficients need equal cells: no transform solves the stages on others";
  return NULL;
}

static PetscErrorCode Refuses(RhoFieldModel fm, const RhoEvolveOptions *options, const Scheme *scheme, Vec u,
                              const char **why) {
  PetscBool exists, open = PETSC_FALSE;
  const char *what;
  PetscReal F;
  PetscFunctionBegin;
  *why = Unoffered(fm, options, scheme);
  for (int c = 0; c < RhoFieldEquations(fm)->nconserved; c++) open = (PetscBool)(open || RhoTotalOpen(fm, c));
  if (!*why && scheme->flags & NOISE && options->constant && open)
    *why = "with constant coefficients this scheme does not know what flows through walls: nothing may";
  if (*why || !(scheme->flags & ENERGY)) PetscFunctionReturn(0);
  PetscCall(RhoFreeEnergy(fm, options->start, u, &exists, &F));
  if (!exists) *why = "this scheme needs a free energy, which the model does not have";
  else if (PetscIsInfOrNanReal(F)) *why = "the free energy of the initial state has no value";
  else if (RhoMovedOtherwise(RhoFieldEquations(fm), &what) >= 0)
    *why = "this scheme needs a free energy that can only fall: the model has changes without a potential";
  else if (open) *why = "this scheme needs a free energy that can only fall: nothing may flow through walls or be fed";
  PetscFunctionReturn(0);
}

PetscErrorCode RhoEvolveRefuses(RhoFieldModel fm, const RhoEvolveOptions *options, Vec u, const char **why) {
  const char *name;
  PetscFunctionBegin;
  PetscCall(rho_choice(fm, options, u, &name));
  PetscCall(Refuses(fm, options, FindScheme(name), u, why));
  PetscFunctionReturn(0);
}

/* ---- first step ---- */

/* h with |h F| about a hundredth of the state (Hairer, Norsett, Wanner, II.4), at most a thousandth of the interval */
static PetscErrorCode StepFromRate(const RhoProblem *problem, Vec F, PetscReal *step) {
  PetscReal size, rate, interval = problem->options->end - problem->options->start;
  PetscFunctionBegin;
  PetscCall(VecNorm(problem->u, NORM_2, &size));
  PetscCall(VecNorm(F, NORM_2, &rate));
  *step = 1e-3 * interval;
  if (rate > 0 && !PetscIsInfOrNanReal(rate)) *step = PetscMin(*step, 0.01 * size / rate);
  *step = PetscMax(*step, PetscMin(1e-6 * interval, 1e6 * problem->smallest)); /* a state of zeros says nothing */
  PetscFunctionReturn(0);
}

/* Looks at F of the state at hand: whether it is one to start from, and with which step. */
static PetscErrorCode LookAtStart(RhoEvolution run, PetscBool *left, PetscReal *step) {
  RhoProblem *problem = &run->problem;
  PetscReal given = problem->options->fixed > 0 ? problem->options->fixed : problem->options->step;
  Vec F;
  PetscFunctionBegin;
  PetscCall(VecDuplicate(problem->u, &F));
  PetscCall(rho_problem_residual(problem, problem->time, problem->u, F, left));
  PetscCall(StepFromRate(problem, F, step));
  if (given > 0) *step = given;
  PetscCall(VecDestroy(&F));
  PetscFunctionReturn(0);
}

/* ---- set-up ---- */

static int CountTotals(const struct RhoEvolution_s *run) { return RhoFieldEquations(run->problem.fm)->nconserved; }

static PetscErrorCode CreateRun(RhoEvolution run) {
  RhoProblem *problem = &run->problem;
  const RhoEvolveOptions *options = problem->options;
  size_t nc = (size_t)CountTotals(run) + 1, nf = (size_t)RhoFieldEquations(problem->fm)->nfield;
  PetscFunctionBegin;
  PetscCall(PetscCalloc5(nc, &run->total, nc, &run->drift, nc, &run->scale, nf, &run->low, nf, &run->high));
  PetscCall(PetscCalloc4(nc, &problem->target, nc, &problem->lost, nc, &problem->inflow, nc, &run->size));
  for (int c = 0; c < CountTotals(run); c++) problem->open = (PetscBool)(problem->open || RhoTotalOpen(problem->fm, c));
  PetscCall(RhoTotals(problem->fm, problem->u, problem->target, run->scale));
  problem->time = options->start;
  problem->from = -INFINITY;
  problem->to = INFINITY;
  problem->smallest = options->smallest > 0 ? options->smallest : 1e-14 * (options->end - options->start);
  PetscFunctionReturn(0);
}

static PetscErrorCode DestroyRun(RhoEvolution run) {
  PetscFunctionBegin;
  if (run->state_of_engine) PetscCall(run->engine->destroy(&run->state_of_engine));
  PetscCall(VecDestroy(&run->problem.outside));
  PetscCall(PetscFree5(run->total, run->drift, run->scale, run->low, run->high));
  PetscCall(PetscFree4(run->problem.target, run->problem.lost, run->problem.inflow, run->size));
  PetscFunctionReturn(0);
}

/* ---- memory ---- */

static PetscErrorCode Anew(RhoEvolution run) {
  PetscFunctionBegin;
  if (run->engine->anew) PetscCall(run->engine->anew(run->state_of_engine));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoEvolveSave(const RhoEvolveState *state, RhoEvolveMemory *memory) {
  RhoEvolution run = state->run;
  PetscFunctionBegin;
  memory->n = 0;
  memory->anew = PETSC_FALSE;
  PetscCall(rho_memory_put(memory, "time", run->problem.time));
  PetscCall(rho_memory_put(memory, "last_step", run->state.step));
  PetscCall(rho_memory_put(memory, "steps", (PetscReal)run->state.nstep));
  PetscCall(rho_memory_put(memory, "rejected", (PetscReal)run->problem.nreject));
  PetscCall(rho_memory_put(memory, "newton", (PetscReal)run->problem.nnewton));
  PetscCall(rho_memory_put(memory, "iterations", (PetscReal)run->problem.nlinear));
  PetscCall(rho_memory_put_all(memory, "total", CountTotals(run), run->problem.target));
  PetscCall(rho_memory_put_all(memory, "lost", CountTotals(run), run->problem.lost));
  PetscCall(rho_memory_put_all(memory, "scale", CountTotals(run), run->scale));
  PetscCall(rho_choice_save(run->problem.options, run->scheme, memory));
  PetscCall(run->engine->save(run->state_of_engine, memory));
  PetscCall(Anew(run));
  PetscFunctionReturn(0);
}

static PetscErrorCode GetCount(const RhoEvolveMemory *memory, const char *name, PetscInt *count) {
  PetscReal value;
  PetscFunctionBegin;
  PetscCall(rho_memory_get(memory, name, &value));
  *count = (PetscInt)value;
  PetscFunctionReturn(0);
}

/* What the loop itself remembers; the engine's part is read when it is there. */
static PetscErrorCode Remember(RhoEvolution run, const RhoEvolveMemory *memory) {
  PetscFunctionBegin;
  PetscCall(rho_memory_get(memory, "time", &run->problem.time));
  PetscCall(rho_memory_get(memory, "last_step", &run->state.step));
  PetscCall(GetCount(memory, "steps", &run->state.nstep));
  run->problem.nstep = run->state.nstep;
  PetscCall(GetCount(memory, "rejected", &run->problem.nreject));
  PetscCall(GetCount(memory, "newton", &run->problem.nnewton));
  PetscCall(GetCount(memory, "iterations", &run->problem.nlinear));
  PetscCall(rho_memory_get_all(memory, "total", CountTotals(run), run->problem.target));
  PetscCall(rho_memory_get_all(memory, "lost", CountTotals(run), run->problem.lost));
  PetscCall(rho_memory_get_all(memory, "scale", CountTotals(run), run->scale));
  PetscFunctionReturn(0);
}

/* ---- what is told about a step ---- */

/* Between outputs the monitor is called when it wants to, else about ten times a second: what it is told takes
 * reductions.  Rank 0 has the clock. */
static PetscErrorCode Due(RhoEvolution run, PetscInt output, PetscBool *due) {
  RhoGrid grid = RhoFieldGrid(run->problem.fm);
  const RhoEvolveOptions *o = run->problem.options;
  PetscLogDouble now;
  PetscMPIInt yes;
  PetscFunctionBegin;
  PetscCall(PetscTime(&now));
  yes = output >= 0 || (o->wants && o->wants(run->ctx, run->problem.time)) || now - run->told > 0.1;
  if (grid->size > 1) PetscCallMPI(MPI_Bcast(&yes, 1, MPI_INT, 0, grid->comm));
  if (yes) run->told = now;
  *due = (PetscBool)yes;
  PetscFunctionReturn(0);
}

static void Drift(int n, const PetscReal *total, const PetscReal *target, const PetscReal *scale, PetscReal *drift) {
  for (int c = 0; c < n; c++) drift[c] = scale[c] > 0 ? (total[c] - target[c]) / scale[c] : 0;
}

PetscErrorCode RhoEvolveDrift(const RhoEvolveMemory *memory, PetscInt nconserved, const PetscReal *total,
                              PetscReal *drift) {
  PetscReal *target, *scale;
  PetscFunctionBegin;
  PetscCall(PetscMalloc2(nconserved, &target, nconserved, &scale));
  PetscCall(rho_memory_get_all(memory, "total", (int)nconserved, target));
  PetscCall(rho_memory_get_all(memory, "scale", (int)nconserved, scale));
  Drift((int)nconserved, total, target, scale, drift);
  PetscCall(PetscFree2(target, scale));
  PetscFunctionReturn(0);
}

static PetscErrorCode Measure(RhoEvolution run, PetscBool at_output) {
  RhoProblem *problem = &run->problem;
  RhoEquations eq = RhoFieldEquations(problem->fm);
  PetscFunctionBegin;
  PetscCall(RhoTotals(problem->fm, problem->u, run->total, run->size));
  for (int c = 0; c < eq->nconserved && problem->open && at_output; c++) /* a box may fill; the clock has no say */
    run->scale[c] = PetscMax(run->scale[c], run->size[c]);
  Drift(eq->nconserved, run->total, problem->target, run->scale, run->drift);
  PetscCall(RhoExtrema(problem->fm, problem->u, run->low, run->high));
  run->state.low = PETSC_MAX_REAL;
  for (int i = 0; i < eq->nfield; i++)
    if (eq->model->field[i].kind == RHO_DENSITY) run->state.low = PetscMin(run->state.low, run->low[i]);
  PetscFunctionReturn(0);
}

static void Counts(RhoEvolution run) {
  run->state.time = run->problem.time;
  run->state.nreject = run->problem.nreject;
  run->state.nnewton = run->problem.nnewton;
  run->state.nlinear = run->problem.nlinear;
}

static PetscErrorCode Show(RhoEvolution run) {
  PetscFunctionBegin;
  if (run->engine->show) PetscCall(run->engine->show(run->state_of_engine));
  PetscFunctionReturn(0);
}

static PetscErrorCode Tell(RhoEvolution run, PetscInt output, PetscBool *stop) {
  PetscFunctionBegin;
  PetscCall(Show(run));
  PetscCall(Measure(run, (PetscBool)(output >= 0)));
  Counts(run);
  run->state.run = run;
  run->state.output = output;
  run->state.total = run->total;
  run->state.drift = run->drift;
  PetscCall(run->monitor(run->ctx, &run->state, run->problem.u, stop));
  PetscFunctionReturn(0);
}

/* A run goes on from an output as from a checkpoint, whether somebody saves one there or not. */
static PetscErrorCode Observe(RhoEvolution run, PetscInt output) {
  PetscBool due;
  PetscFunctionBegin;
  PetscCall(Due(run, output, &due));
  if (!due) PetscFunctionReturn(0);
  PetscCall(Tell(run, output, &run->stop));
  if (output >= 0) PetscCall(Anew(run));
  if (run->stop) run->reason = RHO_EVOLVE_STOPPED;
  PetscFunctionReturn(0);
}

/* The state with which a run that had begun ends early: the beginning of the step that could not be taken. */
static PetscErrorCode TellFailure(RhoEvolution run) {
  PetscBool stop = PETSC_TRUE;
  PetscFunctionBegin;
  if (run->reason == RHO_EVOLVE_DONE || run->reason == RHO_EVOLVE_STOPPED) PetscFunctionReturn(0);
  run->state.failed = run->reason;
  PetscCall(Tell(run, -1, &stop));
  PetscFunctionReturn(0);
}

/* ---- why it ends ---- */

static void Fail(RhoEvolution run, RhoEvolveReason reason, const char *text) {
  run->reason = reason;
  run->text = text;
  run->stop = PETSC_TRUE;
}

static PetscErrorCode FailDomain(RhoEvolution run) {
  const char *text;
  PetscFunctionBegin;
  PetscCall(RhoFieldExplain(run->problem.fm, run->problem.outside_time, run->problem.outside, &text));
  Fail(run, RHO_EVOLVE_DOMAIN, text);
  PetscFunctionReturn(0);
}

static PetscErrorCode CheckSteady(RhoEvolution run) {
  PetscReal limit = run->problem.options->steady, rate;
  PetscFunctionBegin;
  if (run->stop || !(limit > 0)) PetscFunctionReturn(0);
  PetscCall(Show(run));
  PetscCall(rho_problem_rate(&run->problem, &rate));
  if (rate < limit) Fail(run, RHO_EVOLVE_STEADY, "the state is steady");
  PetscFunctionReturn(0);
}

static void CheckLimits(RhoEvolution run) {
  const RhoEvolveOptions *options = run->problem.options;
  if (!run->stop && options->max_steps > 0 && run->state.nstep - run->before >= options->max_steps)
    Fail(run, RHO_EVOLVE_STEPS, "the largest number of steps was reached");
}

/* ---- steps ---- */

/* The breakpoints on both sides of the next step. */
static void FindBreakpoints(RhoProblem *problem) {
  const RhoEvolveOptions *options = problem->options;
  problem->from = -INFINITY;
  problem->to = INFINITY;
  for (PetscInt k = 0; k < options->nbreak; k++) {
    PetscReal t = options->breakpoint[k];
    if (t <= problem->time) problem->from = PetscMax(problem->from, t);
    else problem->to = PetscMin(problem->to, t);
  }
}

/* At a breakpoint: nothing that came before counts, and the first step is no longer than the new rate of change allows.
 */
static PetscErrorCode PassBreakpoint(RhoEvolution run) {
  PetscReal step, proposed;
  PetscBool left;
  PetscFunctionBegin;
  FindBreakpoints(&run->problem);
  PetscCall(run->engine->get_step(run->state_of_engine, &proposed));
  PetscCall(Show(run));
  PetscCall(LookAtStart(run, &left, &step));
  if (left) {
    PetscCall(FailDomain(run));
    PetscFunctionReturn(0);
  }
  PetscCall(run->engine->reset(run->state_of_engine));
  PetscCall(run->engine->set_step(run->state_of_engine, PetscMin(step, proposed)));
  PetscFunctionReturn(0);
}

/* *between: the state is one interpolated within a step. */
static PetscErrorCode Step(RhoEvolution run, PetscReal until, PetscBool *between) {
  RhoStep step = {.text = ""};
  PetscFunctionBegin;
  PetscCall(run->engine->step(run->state_of_engine, until, &step));
  if (step.length > 0) {
    run->problem.nstep = ++run->state.nstep;
    run->state.step = step.length;
  }
  if (step.reason == RHO_EVOLVE_DOMAIN && !(step.text && *step.text)) PetscCall(FailDomain(run));
  else if (step.reason) Fail(run, step.reason, step.text);
  *between = step.between;
  PetscFunctionReturn(0);
}

static PetscErrorCode RunUntil(RhoEvolution run, PetscReal output_time, PetscInt output) {
  RhoProblem *problem = &run->problem;
  PetscBool reached = PETSC_FALSE, between = PETSC_FALSE;
  PetscFunctionBegin;
  while (!run->stop && !reached) {
    PetscCall(Step(run, PetscMin(output_time, problem->to), &between));
    if (run->stop) break;
    reached = (PetscBool)(problem->time == output_time);
    if (problem->time == problem->to) PetscCall(PassBreakpoint(run));
    PetscCall(Observe(run, reached ? output : -1));
    if (!between) PetscCall(CheckSteady(run));
    CheckLimits(run);
  }
  PetscFunctionReturn(0);
}

/* Outputs before the time at hand were written by the run that is gone on with. */
static PetscErrorCode Loop(RhoEvolution run) {
  const RhoEvolveOptions *options = run->problem.options;
  PetscReal began = run->problem.time;
  PetscFunctionBegin;
  for (PetscInt k = 0; k < options->noutput && !run->stop; k++) {
    if (options->output[k] > began) PetscCall(RunUntil(run, options->output[k], k));
    else if (!options->memory) PetscCall(Observe(run, k));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode Start(RhoEvolution run) {
  RhoProblem *problem = &run->problem;
  const RhoEvolveMemory *memory = problem->options->memory;
  PetscBool left;
  PetscFunctionBegin;
  if (memory) PetscCall(Remember(run, memory));
  run->before = run->state.nstep;
  FindBreakpoints(problem);
  PetscCall(LookAtStart(run, &left, &problem->first));
  if (left) {
    PetscCall(FailDomain(run));
    PetscFunctionReturn(0);
  }
  if (!memory) run->state.step = problem->first;
  else problem->first = run->state.step;
  PetscCall(run->engine->create(problem, &run->state_of_engine));
  if (memory && !memory->anew) PetscCall(run->engine->load(run->state_of_engine, memory));
  PetscCall(Loop(run));
  PetscCall(TellFailure(run));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoEvolve(RhoFieldModel fm, const RhoEvolveOptions *options, Vec u, RhoEvolveMonitor monitor, void *ctx,
                         RhoEvolveReason *reason, RhoEvolveState *last, const char **text) {
  const Scheme *scheme;
  struct RhoEvolution_s run = {
      .problem = {.fm = fm, .options = options, .u = u}, .monitor = monitor, .ctx = ctx, .text = ""};
  const char *why;
  PetscFunctionBegin;
  PetscCall(rho_choice(fm, options, u, &run.scheme));
  scheme = FindScheme(run.scheme);
  PetscCall(Refuses(fm, options, scheme, u, &why));
  PetscCheck(!why, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG, "scheme '%s': %s", run.scheme, why);
  run.engine = scheme->engine;
  run.problem.variant = scheme->variant;
  if (!options->memory || options->memory->anew) PetscCall(RhoFieldRepresent(fm, u));
  PetscCall(CreateRun(&run));
  PetscCall(Start(&run));
  Counts(&run);
  *reason = run.reason;
  *text = run.text;
  *last = run.state;
  last->total = last->drift = NULL;
  last->run = NULL;
  PetscCall(DestroyRun(&run));
  PetscFunctionReturn(0);
}
