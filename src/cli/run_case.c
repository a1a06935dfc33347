/* run_case.c - one run, from a case to a result: case -> grid -> field -> initial state -> time evolution -> result.

   It belongs to no process: the ranks of cli->run share it, what is wrong is said on cli->err, and what became of it is
   an outcome, for the caller to print or to keep. */
#include "run.h"
#include "equations.h"
#include <math.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* ---- before ---- */

/* Replacing a result needs to be asked for; said before anything is computed. */
static int CheckResult(const RhoCase *c, const RhoRestart *restart) {
  if (restart->in_place && rho_given(c->cli, RHO_OPT_OVERWRITE))
    return rho_refuse(c->cli, "--restart goes on with '%s', --overwrite replaces it: one of the two",
                      rho_result_path(c->cli, c->result));
  return rho_result_place(c->cli, c->result, restart->in_place, restart->from ? "" : ", --restart goes on with it");
}

/* why: of a scheme that the case leaves to the program. */
static void Announce(const RhoRun *run, const char *scheme, const char *why) {
  const RhoCase *c = run->c;
  const RhoMesh *mesh = &c->mesh;
  if (!rho_speaks(c->cli)) return;
  fprintf(stderr, "%s: %s on ", c->name, c->model->name);
  for (int d = 0; d < mesh->ndimension; d++) fprintf(stderr, "%s%d", d ? " x " : "", mesh->dimension[d].ncell);
  fprintf(stderr, " cells\n");
  if (run->restart.from)
    fprintf(stderr, "going on from %s at t = %.6g%s\n", run->restart.checkpoint.path, run->restart.checkpoint.time,
            run->restart.checkpoint.same_mesh ? "" : ", from other cells");
  if (run->noise)
    fprintf(stderr, "with noise: omega = %g, seed %.0f, steps of %g by %s\n", c->number[RHO_CASE_OMEGA].value,
            c->number[RHO_CASE_SEED].value, c->number[RHO_CASE_FIXED_STEP].value, scheme);
  else if (rho_has_noise(c->model))
    fprintf(stderr, "deterministic: the noise terms are left out (noise: on in the case brings them in)\n");
  if (why && !run->noise) fprintf(stderr, "scheme %s: %s\n", scheme, why);
}

static bool Wants(void *ctx, PetscReal time) { return rho_run_observe_wants(ctx, time); }

static RhoEvolveOptions Options(const RhoRun *run) {
  const RhoCase *c = run->c;
  RhoEvolveOptions o;
  RhoEvolveDefaults(&o);
  const RhoCaseNumber *number = c->number;
  if (c->scheme) o.scheme = c->scheme;
  o.noise = run->noise;
  o.work = run->work;
  o.nonnegative = (PetscBool)run->c->nonnegative;
  o.preconditioner = c->preconditioner;
  o.constant = (PetscBool)c->constant;
  o.start = number[RHO_CASE_START].value;
  o.end = number[RHO_CASE_END].value;
  o.step = number[RHO_CASE_STEP].value;
  o.fixed = number[RHO_CASE_FIXED_STEP].value;
  o.steady = number[RHO_CASE_STEADY].value;
  o.largest = number[RHO_CASE_LARGEST_STEP].value;
  o.max_steps = (PetscInt)number[RHO_CASE_MAX_STEPS].value;
  if (number[RHO_CASE_RTOL].given) o.rtol = number[RHO_CASE_RTOL].value;
  if (number[RHO_CASE_ATOL].given) o.atol = number[RHO_CASE_ATOL].value;
  if (number[RHO_CASE_LINEAR_RTOL].given) o.linear_rtol = number[RHO_CASE_LINEAR_RTOL].value;
  o.noutput = c->noutput;
  o.output = c->output;
  o.nbreak = c->nbreak;
  o.breakpoint = c->breakpoint;
  o.memory = run->restart.from ? &run->restart.memory : NULL;
  o.wants = Wants;
  return o;
}

/* ---- during ---- */

static PetscErrorCode Monitor(void *ctx, const RhoEvolveState *state, Vec u, PetscBool *stop) {
  RhoRun *run = ctx;
  PetscInt nconserved = run->c->eq->nconserved;
  RhoSignals signals;
  bool due;
  PetscFunctionBeginUser;
  PetscCall(PetscArraycpy(run->total, state->total, nconserved));
  PetscCall(PetscArraycpy(run->drift, state->drift, nconserved));
  if (state->output >= 0) PetscCall(rho_run_write(run, state, u));
  if (!state->failed) PetscCall(rho_run_observe(run, state, u));
  rho_progress_step(&run->progress, state, nconserved);
  PetscCall(rho_signals_seen(run->c->cli, &signals));
  PetscCall(rho_checkpoint_due(run, state, &due));
  run->signal = signals.end;
  *stop = (PetscBool)((run->signal || run->late) && state->time < run->c->number[RHO_CASE_END].value);
  if (state->failed || signals.checkpoint || due || *stop) PetscCall(rho_checkpoint_write(run, state, u));
  PetscFunctionReturn(0);
}

/* ---- after ---- */

static bool IsDone(RhoEvolveReason reason) { return reason == RHO_EVOLVE_DONE || reason == RHO_EVOLVE_STEADY; }

/* What stopped the run, when it was not the evolution itself. */
static const char *Why(const RhoRun *run, RhoEvolveReason reason, const char *text) {
  if (reason != RHO_EVOLVE_STOPPED) return text;
  if (!run->signal) return "the largest number of seconds has passed";
  return run->signal == SIGINT ? "interrupted (SIGINT)" : "ended from outside (SIGTERM)";
}

/* Texts of the run's own memory go with it. */
static const char *Copy(const RhoRun *run, const char *text) {
  return RhoArenaString(run->c->cli->arena, text, strlen(text));
}

static void KeepOutcome(RhoRun *run, const RhoEvolveState *last, RhoEvolveReason reason, const char *text) {
  RhoRunOutcome *o = run->outcome;
  int n = run->c->eq->nconserved;
  double *drift = RhoArenaAlloc(run->c->cli->arena, ((size_t)n + 1) * sizeof *drift);
  for (int k = 0; k < n; k++) drift[k] = last->drift[k];
  o->ended = true;
  o->done = IsDone(reason);
  o->signal = run->signal;
  o->text = Copy(run, Why(run, reason, text));
  o->result = Copy(run, RhoResultPath(run->result));
  o->time = last->time;
  o->noutput = (long)run->noutput;
  o->nstep = (long)last->nstep;
  o->nreject = (long)last->nreject;
  o->nnewton = (long)last->nnewton;
  o->nlinear = (long)last->nlinear;
  o->ndrift = n;
  o->drift = drift;
  o->lowest = run->progress.density ? last->low : NAN;
  o->seconds = rho_progress_seconds(&run->progress);
}

/* Whatever ends the run. */
static void KeepCheckpoint(RhoRun *run) {
  RhoRunOutcome *o = run->outcome;
  if (!run->saved) return;
  o->checkpoint = run->result ? Copy(run, RhoResultCheckpointPath(run->result)) : "";
  o->saved_at = run->saved_at;
  o->go_on = rho_checkpoint_command(run);
}

/* ---- all of it ---- */

static PetscErrorCode Evolve(RhoRun *run, const RhoEvolveOptions *options, Vec u, int *status) {
  RhoEvolveReason reason;
  RhoEvolveState last = rho_restart_state(run);
  const char *text = "";
  PetscFunctionBeginUser;
  rho_progress_begin(&run->progress, run);
  run->clock = rho_clock();
  if (run->restart.from && !run->restart.in_place) PetscCall(rho_run_write(run, &last, u));
  PetscCall(RhoEvolve(run->fm, options, u, Monitor, run, &reason, &last, &text));
  last.total = run->total;
  last.drift = run->drift;
  rho_progress_end(&run->progress);
  if (reason != RHO_EVOLVE_DONE && last.time > run->written) PetscCall(rho_run_write(run, &last, u));
  if (run->observing && run->grid->rank == 0) PetscCall(rho_run_observe_write(run));
  KeepOutcome(run, &last, reason, text);
  *status = IsDone(reason) ? RHO_EXIT_DONE : RHO_EXIT_FAILED;
  PetscFunctionReturn(0);
}

/* A result that is at its end stays as it is. */
static bool IsAtItsEnd(const RhoRun *run) {
  const RhoRestart *r = &run->restart;
  return r->in_place && r->checkpoint.time >= run->c->number[RHO_CASE_END].value;
}

static void NothingIsLeft(const RhoRun *run) {
  RhoRunOutcome *o = run->outcome;
  o->done = true;
  o->time = run->restart.checkpoint.time;
  o->text = RhoArenaPrint(run->c->cli->arena,
                          "nothing is left to do: '%s' is at its end, t = %.10g; --set time.end=... goes on",
                          run->restart.checkpoint.path, run->restart.checkpoint.time);
}

/* A result that can not be opened is a mistake in the input. */
static PetscErrorCode Open(RhoRun *run, Vec u, bool *ok, int *status) {
  PetscErrorCode code;
  PetscFunctionBeginUser;
  code = rho_run_open(run, u, ok);
  if (code == PETSC_ERR_FILE_OPEN) *status = RHO_EXIT_INPUT;
  PetscCall(code);
  PetscFunctionReturn(0);
}

static PetscErrorCode OpenAndEvolve(RhoRun *run, Vec u, int *status) {
  RhoEvolveOptions options = Options(run);
  const char *why, *against;
  bool ok;
  PetscFunctionBeginUser;
  PetscCall(RhoEvolveChoose(run->fm, &options, u, &options.chosen, &why));
  PetscCall(RhoEvolveRefuses(run->fm, &options, u, &against));
  if (against) {
    *status = rho_refuse(run->c->cli, "scheme '%s': %s", options.chosen, against);
    PetscFunctionReturn(0);
  }
  PetscCall(rho_run_observe_begin(run, &ok));
  if (ok) PetscCall(Open(run, u, &ok, status));
  if (!ok) *status = rho_agree(run->c->cli, rho_report(run->c->cli));
  else {
    Announce(run, options.chosen, why);
    PetscCall(Evolve(run, &options, u, status));
  }
  KeepCheckpoint(run);
  PetscCall(rho_run_close(run));
  PetscFunctionReturn(0);
}

/* A grid that so many ranks can not share, or that is too large to be counted, is a mistake in the input. */
static PetscErrorCode MakeGrid(RhoRun *run, int *status) {
  RhoCase *c = run->c;
  PetscErrorCode code;
  PetscFunctionBeginUser;
  code = RhoGridCreate(c->cli->run, &c->mesh, c->model->nfield, c->halo, &run->grid);
  if (code == PETSC_ERR_ARG_SIZ || code == PETSC_ERR_ARG_OUTOFRANGE) *status = RHO_EXIT_INPUT;
  PetscCall(code);
  PetscFunctionReturn(0);
}

static PetscErrorCode MakeField(RhoRun *run) {
  const RhoCase *c = run->c;
  PetscBool dealias = (PetscBool)(c->discretization == RHO_CASE_DEALIASED);
  PetscFunctionBeginUser;
  run->grid->planning = c->planning;
  if (c->discretization == RHO_CASE_VOLUMES)
    PetscCall(RhoFieldCreate(c->eq, run->grid, c->value, c->cli->diag, &run->fm));
  else PetscCall(RhoFieldCreateSpectral(c->eq, run->grid, c->value, dealias, c->cli->diag, &run->fm));
  PetscFunctionReturn(0);
}

static PetscErrorCode MakeNoise(RhoRun *run) {
  const RhoCaseNumber *number = run->c->number;
  PetscFunctionBeginUser;
  if (run->fm && run->c->noise)
    PetscCall(
        RhoNoiseCreate(run->fm, number[RHO_CASE_OMEGA].value, (PetscInt64)number[RHO_CASE_SEED].value, &run->noise));
  PetscFunctionReturn(0);
}

static PetscErrorCode MakeWork(RhoRun *run) {
  RhoCase *c = run->c;
  const char *why;
  PetscFunctionBeginUser;
  if (!run->noise || !c->work) PetscFunctionReturn(0);
  PetscCall(RhoWorkCreate(run->fm, c->number[RHO_CASE_OMEGA].value, &why, &run->work));
  PetscFunctionReturn(0);
}

static PetscErrorCode Run(RhoRun *run, int *status) {
  RhoCase *c = run->c;
  bool ok = false;
  Vec u = NULL;
  PetscFunctionBeginUser;
  PetscCall(MakeGrid(run, status));
  PetscCall(MakeField(run));
  PetscCall(MakeNoise(run));
  PetscCall(MakeWork(run));
  PetscCall(DMCreateGlobalVector(run->grid->da, &u));
  if (run->fm && run->restart.from) PetscCall(rho_restart_read(run, u, &ok));
  else if (run->fm) PetscCall(rho_initial_set(c, run->fm, u, &ok));
  *status = rho_agree(c->cli, rho_report(c->cli));
  if (*status == RHO_EXIT_DONE && !ok) *status = RHO_EXIT_INPUT;
  if (*status == RHO_EXIT_DONE && IsAtItsEnd(run)) NothingIsLeft(run);
  else if (*status == RHO_EXIT_DONE) PetscCall(OpenAndEvolve(run, u, status));
  PetscCall(VecDestroy(&u));
  PetscCall(RhoWorkDestroy(&run->work));
  PetscCall(RhoNoiseDestroy(&run->noise));
  if (run->fm) PetscCall(RhoFieldDestroy(&run->fm));
  PetscCall(RhoGridDestroy(&run->grid));
  PetscFunctionReturn(0);
}

/* Reading reports its mistakes; what it only warns of is said together with the mistakes of the initial state. */
static int Read(RhoCli *cli, RhoRun *run) {
  int status = rho_case_load(cli, cli->argument[0], RHO_CASE_FOR_RUN, run->c) ? RHO_EXIT_INPUT : RHO_EXIT_DONE;
  if (status) {
    rho_report(cli);
    return rho_agree(cli, status);
  }
  rho_restart_names(run->c, &run->restart);
  return rho_agree(cli, CheckResult(run->c, &run->restart));
}

/* A call of PETSc has failed: a full disk, say. */
static int Failed(RhoRun *run, int status) {
  rho_progress_end(&run->progress);
  KeepCheckpoint(run);
  status = rho_petsc_failed(run->c->cli, status ? status : RHO_EXIT_FAILED);
  (void)rho_run_close(run); /* another run may want to write there */
  return status;
}

int rho_run_case(RhoCli *cli, RhoRunOutcome *outcome) {
  RhoCase c;
  RhoRun run = {.c = &c, .outcome = outcome};
  *outcome = (RhoRunOutcome){.text = ""};
  int status = Read(cli, &run), failed = RHO_EXIT_FAILED;
  outcome->name = c.name;
  if (!status) status = rho_start(cli);
  rho_signals_catch();
  if (!status) status = Run(&run, &failed) ? Failed(&run, failed) : failed;
  rho_signals_release();
  rho_case_destroy(&c);
  return status;
}
