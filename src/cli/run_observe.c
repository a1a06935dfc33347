/* run_observe.c - observables of a run as it goes on.

   Rank 0 has the observers and gets the fields of the states that are due: with `every` the first one at or behind each
   of its multiples since `from`, else the outputs.  What they have seen goes with every checkpoint, so that a run that
   is gone on with has counted what one that was never interrupted has; what it says goes to NAME-insitu.h5, tables like
   those of `rhoflux observe`, with the outputs and at the end. */
#include "run.h"
#include <math.h>
#include <string.h>

#define SECONDS 10 /* between two writings of the tables */

struct RhoRunObserving_s {
  int n;
  RhoObserver *observer; /* [n] on rank 0 */
  RhoArray *kept;        /* [n] on rank 0 */
  double *turn;          /* [n] multiples of `every` that have passed; -1: none */
  const double **u;      /* [fields of the model] room */
  RhoGather gather;
  double written; /* of the clock */
};

/* ---- beginning ---- */

PetscErrorCode rho_run_observer(const RhoCase *c, int k, RhoObserver *observer) {
  const RhoCaseObserve *o = &c->observe[k];
  const char **name = RhoArenaAlloc(c->cli->arena, (size_t)o->nfield * sizeof *name);
  PetscFunctionBeginUser;
  for (int f = 0; f < o->nfield; f++) name[f] = c->model->field[o->field[f]].name;
  PetscCall(RhoObserverCreate(o->name, &c->mesh, o->nfield, name, &o->options, c->cli->diag, o->place, observer));
  PetscCheck(*observer, PETSC_COMM_SELF, PETSC_ERR_PLIB, "'%s' can not be observed", o->name);
  PetscFunctionReturn(0);
}

static double TurnAt(const RhoCase *c, const RhoCaseObserve *o, double time) {
  double from = isnan(o->options.from) ? c->number[RHO_CASE_START].value : o->options.from;
  return o->every > 0 ? floor((time - from) / o->every + 1e-9) : -1;
}

static void RefuseKept(RhoRun *run, const RhoCaseObserve *o) {
  RhoDiagReport(run->c->cli->diag, RHO_ID_OTHER_RUN, o->place, "'%s' was not observed so up to the checkpoint '%s'",
                o->name, run->restart.checkpoint.path);
  RhoDiagHint(run->c->cli->diag, "--restart %s --output NAME goes on in a new result and begins to observe there",
              run->restart.from);
}

/* A run that goes on in its place has what it has seen. */
static PetscErrorCode Load(RhoRun *run, int k) {
  const RhoCaseObserve *o = &run->c->observe[k];
  RhoArena arena = RhoArenaCreate();
  PetscBool fits = PETSC_FALSE;
  int n = 0;
  PetscFunctionBeginUser;
  PetscCheck(arena, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory");
  const double *data = RhoCheckpointArray(arena, &run->restart.checkpoint, o->name, &n);
  if (data) PetscCall(RhoObserverLoad(run->observing->observer[k], n, data, &fits));
  if (!fits) RefuseKept(run, o);
  RhoArenaDestroy(&arena);
  PetscFunctionReturn(0);
}

PetscErrorCode rho_run_observe_begin(RhoRun *run, bool *ok) {
  const RhoCase *c = run->c;
  RhoArena arena = c->cli->arena;
  bool first = run->grid->rank == 0;
  size_t n = (size_t)c->nobserve;
  PetscFunctionBeginUser;
  *ok = true;
  if (!n) PetscFunctionReturn(0);
  RhoRunObserving s = run->observing = RhoArenaAlloc(arena, sizeof *s);
  *s = (struct RhoRunObserving_s){.n = c->nobserve, .written = rho_clock()};
  s->observer = RhoArenaAlloc(arena, n * sizeof *s->observer);
  s->kept = RhoArenaAlloc(arena, n * sizeof *s->kept);
  s->turn = RhoArenaAlloc(arena, n * sizeof *s->turn);
  s->u = RhoArenaAlloc(arena, (size_t)c->model->nfield * sizeof *s->u);
  PetscCall(RhoGatherCreate(run->grid, c->model->nfield, &s->gather));
  for (int k = 0; k < s->n; k++) {
    s->observer[k] = NULL;
    s->turn[k] = run->restart.in_place ? TurnAt(c, &c->observe[k], run->restart.checkpoint.time) : -1;
    if (first) PetscCall(rho_run_observer(c, k, &s->observer[k]));
    if (first && run->restart.in_place) PetscCall(Load(run, k));
  }
  *ok = rho_agree(c->cli, RhoDiagErrors(c->cli->diag) ? RHO_EXIT_INPUT : RHO_EXIT_DONE) == RHO_EXIT_DONE;
  PetscFunctionReturn(0);
}

/* ---- while it runs ---- */

static bool IsWithin(const RhoCaseObserve *o, double time) {
  double nothing = 1e-9 * fmax(1, fabs(time));
  return !(time < o->options.from - nothing || time > o->options.to + nothing);
}

/* The same on all ranks. */
static bool IsTimeOf(const RhoRun *run, int k, double time) {
  const RhoCaseObserve *o = &run->c->observe[k];
  return o->every > 0 && IsWithin(o, time) && TurnAt(run->c, o, time) > run->observing->turn[k];
}

bool rho_run_observe_wants(const RhoRun *run, double time) {
  for (int k = 0; run->observing && k < run->observing->n; k++)
    if (IsTimeOf(run, k, time)) return true;
  return false;
}

static bool IsDue(RhoRun *run, int k, const RhoEvolveState *state) {
  const RhoCaseObserve *o = &run->c->observe[k];
  if (!(o->every > 0)) return IsWithin(o, state->time) && state->output >= 0;
  if (!IsTimeOf(run, k, state->time)) return false;
  run->observing->turn[k] = TurnAt(run->c, o, state->time);
  return true;
}

static PetscErrorCode Add(RhoRun *run, int k, double time, const double *const *all) {
  const RhoCaseObserve *o = &run->c->observe[k];
  RhoRunObserving s = run->observing;
  PetscFunctionBeginUser;
  for (int f = 0; f < o->nfield; f++) s->u[f] = all[o->field[f]];
  PetscCall(RhoObserverAdd(s->observer[k], time, s->u));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_run_observe(RhoRun *run, const RhoEvolveState *state, Vec u) {
  RhoRunObserving s = run->observing;
  const double *const *all = NULL;
  bool gathered = false;
  PetscFunctionBeginUser;
  for (int k = 0; s && k < s->n; k++) {
    if (!IsDue(run, k, state)) continue;
    if (!gathered) PetscCall(RhoGatherFields(s->gather, u, &all));
    gathered = true;
    if (all) PetscCall(Add(run, k, state->time, all));
  }
  if (s && state->output >= 0 && run->grid->rank == 0 && rho_clock() - s->written > SECONDS)
    PetscCall(rho_run_observe_write(run));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_run_observe_keep(RhoRun *run) {
  RhoRunObserving s = run->observing;
  PetscFunctionBeginUser;
  if (!s || run->grid->rank) PetscFunctionReturn(0);
  for (int k = 0; k < s->n; k++) {
    s->kept[k].name = run->c->observe[k].name;
    PetscCall(RhoObserverSave(s->observer[k], &s->kept[k].n, &s->kept[k].data));
  }
  RhoResultKeep(run->result, s->n, s->kept);
  PetscFunctionReturn(0);
}

/* ---- what it says ---- */

const char *rho_run_observe_path(const RhoCase *c) {
  const char *path = rho_result_path(c->cli, c->result);
  return RhoArenaPrint(c->cli->arena, "%.*s-insitu", (int)strlen(path) - 3, path);
}

/* Rank 0. */
PetscErrorCode rho_run_observe_write(RhoRun *run) {
  RhoRunObserving s = run->observing;
  RhoArena arena = RhoArenaCreate();
  const RhoProvenance *provenance;
  PetscFunctionBeginUser;
  PetscCheck(arena, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory");
  int n = rho_run_provenance(run, &provenance);
  RhoTables tables = RhoTablesCreate(arena, "observe");
  RhoTablesText(tables, "", "result", rho_result_path(run->c->cli, run->c->result));
  for (int k = 0; k < s->n; k++) {
    RhoObserved observed;
    PetscCall(RhoObserverFinish(s->observer[k], arena, &observed));
    RhoObservedTables(tables, &observed);
  }
  PetscCall(RhoTablesWrite(PETSC_COMM_SELF, tables, rho_run_observe_path(run->c), PETSC_TRUE, n, provenance));
  s->written = rho_clock();
  RhoArenaDestroy(&arena);
  PetscFunctionReturn(0);
}

PetscErrorCode rho_run_observe_end(RhoRun *run) {
  RhoRunObserving s = run->observing;
  PetscFunctionBeginUser;
  if (!s) PetscFunctionReturn(0);
  run->observing = NULL;
  for (int k = 0; k < s->n; k++) PetscCall(RhoObserverDestroy(&s->observer[k]));
  PetscCall(RhoGatherDestroy(&s->gather));
  PetscFunctionReturn(0);
}
