/* verb_run.c - `rhoflux run CASE`: case -> grid -> field -> initial state -> time evolution -> result. */
#include "run.h"
#include "equations.h"
#include <math.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

int rho_verb_run(RhoCli *cli);

/* ---- before ---- */

/* Replacing a result needs to be asked for; said before anything is computed. */
static int CheckResult(const RhoCase *c) {
  const char *name = c->result, *end = strrchr(name, '.');
  const char *suffix = end && !strcmp(end, ".h5") ? "" : ".h5";
  const char *path = RhoArenaPrint(c->cli->arena, "%s%s", name, suffix);
  const char *folder = rho_path_folder(c->cli->arena, path);
  if (*folder && !rho_path_is_folder(folder))
    return rho_refuse(c->cli, "the result can not be written to '%s': there is no folder '%s'", path, folder);
  if (access(*folder ? folder : ".", W_OK))
    return rho_refuse(c->cli, "the result can not be written to '%s': %s", path, strerror(errno));
  if (rho_given(c->cli, RHO_OPT_OVERWRITE) || !rho_path_is_file(path)) return RHO_EXIT_DONE;
  return rho_refuse(c->cli, "there is a result '%s' already; --overwrite replaces it, --output gives another name",
                    path);
}

static void Announce(const RhoCase *c) {
  const RhoMesh *mesh = &c->mesh;
  if (!rho_speaks(c->cli)) return;
  fprintf(stderr, "%s: %s on ", c->name, c->model->name);
  for (int d = 0; d < mesh->ndimension; d++) fprintf(stderr, "%s%d", d ? " x " : "", mesh->dimension[d].ncell);
  fprintf(stderr, " cells\n");
  if (rho_has_noise(c->model)) fprintf(stderr, "deterministic: the noise terms are left out\n");
}

static RhoEvolveOptions Options(const RhoCase *c) {
  RhoEvolveOptions o;
  RhoEvolveDefaults(&o);
  const RhoCaseNumber *number = c->number;
  if (c->scheme) o.scheme = c->scheme;
  o.preconditioner = c->preconditioner;
  o.start = number[RHO_CASE_START].value;
  o.end = number[RHO_CASE_END].value;
  o.step = number[RHO_CASE_STEP].value;
  o.fixed = number[RHO_CASE_FIXED_STEP].value;
  o.largest = number[RHO_CASE_LARGEST_STEP].value;
  o.max_steps = (PetscInt)number[RHO_CASE_MAX_STEPS].value;
  if (number[RHO_CASE_RTOL].given) o.rtol = number[RHO_CASE_RTOL].value;
  if (number[RHO_CASE_ATOL].given) o.atol = number[RHO_CASE_ATOL].value;
  if (number[RHO_CASE_LINEAR_RTOL].given) o.linear_rtol = number[RHO_CASE_LINEAR_RTOL].value;
  o.noutput = c->noutput;
  o.output = c->output;
  return o;
}

/* ---- during ---- */

static PetscErrorCode Monitor(void *ctx, const RhoEvolveState *state, Vec u, PetscBool *stop) {
  RhoRun *run = ctx;
  int number;
  PetscFunctionBeginUser;
  if (state->output >= 0) PetscCall(rho_run_write(run, state, u));
  rho_progress_step(&run->progress, state, run->c->eq->nconserved);
  PetscCall(rho_signals_seen(run->c->cli, &number));
  if (number) *stop = PETSC_TRUE;
  PetscFunctionReturn(0);
}

/* ---- after ---- */

static void PrintJson(const RhoRun *run, const RhoEvolveState *last, RhoEvolveReason reason, const char *text) {
  RhoJson json = {stdout, true};
  rho_json_open(&json, NULL, '{');
  rho_json_text(&json, "case", run->c->name);
  rho_json_text(&json, "result", RhoResultPath(run->result));
  rho_json_bool(&json, "done", reason == RHO_EVOLVE_DONE);
  rho_json_text(&json, "reason", text);
  rho_json_number(&json, "time", last->time);
  rho_json_number(&json, "outputs", (double)run->noutput);
  rho_json_number(&json, "steps", (double)last->nstep);
  rho_json_number(&json, "rejected", (double)last->nreject);
  rho_json_number(&json, "iterations", (double)last->nlinear);
  rho_json_open(&json, "drift", '[');
  for (int k = 0; k < run->c->eq->nconserved; k++) rho_json_number(&json, NULL, last->drift[k]);
  rho_json_close(&json, ']');
  rho_json_number(&json, "lowest", run->progress.density ? last->low : NAN);
  rho_json_number(&json, "seconds", rho_progress_seconds(&run->progress));
  rho_json_close(&json, '}');
  fputc('\n', stdout);
}

static void Conclude(const RhoRun *run, const RhoEvolveState *last, RhoEvolveReason reason, const char *text,
                     int number) {
  const RhoCli *cli = run->c->cli;
  if (cli->rank != 0) return;
  if (number) text = number == SIGINT ? "interrupted (SIGINT)" : "ended from outside (SIGTERM)";
  if (rho_given(cli, RHO_OPT_JSON)) PrintJson(run, last, reason, text);
  if (reason != RHO_EVOLVE_DONE)
    fprintf(stderr, "rhoflux: %s at t = %.6g; the last state is in %s\n", text, last->time, RhoResultPath(run->result));
  else if (rho_speaks(cli))
    fprintf(stderr, "done: %d steps (%d rejected), %d linear iterations, %.2f s; %d outputs in %s\n", (int)last->nstep,
            (int)last->nreject, (int)last->nlinear, rho_progress_seconds(&run->progress), (int)run->noutput,
            RhoResultPath(run->result));
}

/* ---- all of it ---- */

static PetscErrorCode Evolve(RhoRun *run, Vec u, int *status) {
  RhoEvolveOptions options = Options(run->c);
  RhoEvolveReason reason;
  RhoEvolveState last;
  const char *text = "";
  int number;
  PetscFunctionBeginUser;
  Announce(run->c);
  PetscCall(rho_run_open(run, u));
  rho_progress_begin(&run->progress, run);
  rho_signals_catch();
  PetscCall(RhoEvolve(run->fm, &options, u, Monitor, run, &reason, &last, &text));
  PetscCall(rho_signals_seen(run->c->cli, &number));
  rho_signals_release();
  rho_progress_end(&run->progress);
  PetscCall(rho_run_totals(run, u, &last));
  if (reason != RHO_EVOLVE_DONE && last.time > run->written) PetscCall(rho_run_write(run, &last, u));
  Conclude(run, &last, reason, text, reason == RHO_EVOLVE_STOPPED ? number : 0);
  PetscCall(rho_run_close(run));
  *status = reason == RHO_EVOLVE_DONE ? RHO_EXIT_DONE : RHO_EXIT_FAILED;
  PetscFunctionReturn(0);
}

/* A grid that so many ranks can not share is a mistake in the input. */
static PetscErrorCode MakeGrid(RhoRun *run, int *status) {
  RhoCase *c = run->c;
  PetscErrorCode code;
  PetscFunctionBeginUser;
  code = RhoGridCreate(PETSC_COMM_WORLD, &c->mesh, c->model->nfield, c->halo, &run->grid);
  if (code == PETSC_ERR_ARG_SIZ) *status = RHO_EXIT_INPUT;
  PetscCall(code);
  PetscFunctionReturn(0);
}

static PetscErrorCode Run(RhoCase *c, int *status) {
  RhoRun run = {.c = c};
  bool ok = false;
  Vec u = NULL;
  PetscFunctionBeginUser;
  PetscCall(MakeGrid(&run, status));
  PetscCall(RhoFieldCreate(c->eq, run.grid, c->value, c->cli->diag, &run.fm));
  PetscCall(DMCreateGlobalVector(run.grid->da, &u));
  if (run.fm) PetscCall(rho_initial_set(c, run.fm, u, &ok));
  *status = rho_agree(c->cli, rho_report(c->cli));
  if (*status == RHO_EXIT_DONE && !ok) *status = RHO_EXIT_INPUT;
  if (*status == RHO_EXIT_DONE) PetscCall(Evolve(&run, u, status));
  PetscCall(VecDestroy(&u));
  if (run.fm) PetscCall(RhoFieldDestroy(&run.fm));
  PetscCall(RhoGridDestroy(&run.grid));
  PetscFunctionReturn(0);
}

/* Reading reports its mistakes; what it only warns of is said together with the mistakes of the initial state. */
static int Read(RhoCli *cli, RhoCase *c) {
  int status = rho_case_load(cli, cli->argument[0], false, c) ? RHO_EXIT_INPUT : RHO_EXIT_DONE;
  if (status) rho_report(cli);
  else status = CheckResult(c);
  return rho_agree(cli, status);
}

int rho_verb_run(RhoCli *cli) {
  RhoCase c;
  int status = Read(cli, &c);
  if (!status) status = rho_start(cli);
  if (!status) {
    int failed = RHO_EXIT_FAILED;
    if (Run(&c, &failed)) status = rho_petsc_failed(cli, failed ? failed : RHO_EXIT_FAILED);
    else status = failed;
  }
  rho_case_destroy(&c);
  return status;
}
