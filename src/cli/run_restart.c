/* run_restart.c - going on from a checkpoint: of which result, whether it is of this case, and what has changed.

   The fields must be those of the model.  A parameter or seed that is not what it was is refused unless the command
   line changes it, by itself or through the parameters it is a formula of; then it is said.  So nothing goes on with
   other numbers because a --set was forgotten. */
#include "run.h"
#include "equations.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- names ---- */

static const char *WithoutEnd(RhoArena arena, const char *name, const char *end) {
  size_t n = strlen(name), m = strlen(end);
  return n > m && !strcmp(name + n - m, end) ? RhoArenaString(arena, name, n - m) : name;
}

/* The result that NAME, NAME.h5, NAME.checkpoint.h5 and NAME.checkpoint.old.h5 belong to. */
static const char *ResultOf(RhoArena arena, const char *name) {
  name = WithoutEnd(arena, name, ".h5");
  return WithoutEnd(arena, WithoutEnd(arena, name, ".checkpoint.old"), ".checkpoint");
}

void rho_restart_names(RhoCase *c, RhoRestart *r) {
  RhoArena arena = c->cli->arena;
  const char *name = c->cli->value[RHO_OPT_RESTART];
  if (!name) return;
  r->from = *name ? name : c->result;
  r->into = *name && !rho_given(c->cli, RHO_OPT_OUTPUT) ? ResultOf(arena, name) : c->result;
  r->in_place = !strcmp(ResultOf(arena, r->from), ResultOf(arena, r->into));
  c->result = r->into;
}

/* ---- what the checkpoint says ---- */

static const char *Text(const RhoCheckpoint *checkpoint, const char *name) {
  for (int k = 0; k < checkpoint->nprovenance; k++)
    if (!strcmp(checkpoint->provenance[k].name, name)) return checkpoint->provenance[k].what;
  return "";
}

/* The value behind "name = " at the beginning of a line; NULL: no such line. */
static const char *Line(const char *text, const char *name) {
  size_t n = strlen(name);
  for (const char *line = text; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
    if (!strncmp(line, name, n) && !strncmp(line + n, " = ", 3)) return line + n + 3;
  return NULL;
}

static const double *Number(const RhoCheckpoint *checkpoint, const char *name) {
  for (int k = 0; k < checkpoint->nnumber; k++)
    if (!strcmp(checkpoint->number[k].name, name)) return &checkpoint->number[k].value;
  return NULL;
}

/* ---- is it of this case? ---- */

/* The last line of a text whose lines all end. */
static const char *LastLine(RhoArena arena, const char *text) {
  size_t end = strlen(text), begin = end ? --end : 0;
  while (begin > 0 && text[begin - 1] != '\n') begin--;
  return RhoArenaString(arena, text + begin, end - begin);
}

static void Refuse(RhoRun *run, RhoPlace place, const char *message) {
  const char *began = Text(&run->restart.checkpoint, "command_line");
  const char *last = LastLine(run->c->cli->arena, Text(&run->restart.checkpoint, "restarts"));
  RhoDiagReport(run->c->cli->diag, RHO_ID_OTHER_RUN, place, "%s", message);
  if (*began) RhoDiagHint(run->c->cli->diag, "the run was: %s", began);
  if (*last) RhoDiagHint(run->c->cli->diag, "gone on with at %s", last);
}

static void CheckMesh(RhoRun *run) {
  const RhoRestart *r = &run->restart;
  if (!r->in_place || r->checkpoint.same_mesh) return;
  RhoDiagReport(run->c->cli->diag, RHO_ID_OTHER_RUN, RHO_NOWHERE, "'%s' is on another mesh", r->checkpoint.path);
  RhoDiagHint(run->c->cli->diag, "--restart %s --output NAME goes on in a new result", r->from);
}

static void CheckTimes(RhoRun *run) {
  const RhoCaseNumber *number = run->c->number;
  const RhoCheckpoint *checkpoint = &run->restart.checkpoint;
  const double *start = Number(checkpoint, "case.start");
  RhoArena arena = run->c->cli->arena;
  if (checkpoint->time > number[RHO_CASE_END].value)
    Refuse(run, number[RHO_CASE_END].place,
           RhoArenaPrint(arena, "'%s' is at t = %.10g, the end is %.10g", checkpoint->path, checkpoint->time,
                         number[RHO_CASE_END].value));
  if (start && *start != number[RHO_CASE_START].value)
    Refuse(run, number[RHO_CASE_START].place,
           RhoArenaPrint(arena, "the run of '%s' began at t = %.10g, not at %.10g", checkpoint->path, *start,
                         number[RHO_CASE_START].value));
}

/* Whether the command line has a part in parameter k: without it the value is plain[k]. */
static bool IsSet(const RhoCase *c, int k, const double *plain) {
  for (int s = c->nfile_setting; s < c->nsetting; s++)
    if (!strcmp(c->setting[s].name, c->model->parameter[k].name)) return true;
  return c->value[k] != plain[k];
}

static void Differs(RhoRun *run, const char *name, const char *was, const char *is, bool allowed, RhoText changes) {
  RhoCase *c = run->c;
  const char *text = was ? RhoArenaPrint(c->cli->arena, "%s was %.*s and is %s", name, (int)strcspn(was, "\n"), was, is)
                         : RhoArenaPrint(c->cli->arena, "%s, which is %s, was not there", name, is);
  if (allowed) RhoDiagReport(c->cli->diag, RHO_ID_CASE_CHANGED, RHO_NOWHERE, "%s", text);
  else {
    Refuse(run, RHO_NOWHERE, text);
    RhoDiagHint(c->cli->diag, "--set '%s=%s' goes on with another value", name, is);
  }
  RhoTextAdd(changes, "; %s", text);
}

/* The same text, or two spellings of one number. */
static bool IsSame(const char *was, const char *is) {
  size_t n = strcspn(was, "\n");
  char *end_was, *end_is;
  double a = strtod(was, &end_was), b = strtod(is, &end_is);
  return (strlen(is) == n && !strncmp(was, is, n)) || (end_was == was + n && !*end_is && a == b);
}

static void CheckParameters(RhoRun *run, RhoText changes) {
  RhoCase *c = run->c;
  const char *before = Text(&run->restart.checkpoint, "parameters");
  double *plain = RhoArenaAlloc(c->cli->arena, ((size_t)c->eq->nuniform + 1) * sizeof *plain);
  (void)RhoModelBind(c->model, c->dim, c->nfile_setting, c->setting, plain);
  for (int k = 0; k < c->model->nparameter; k++) {
    const char *name = c->model->parameter[k].name, *was = Line(before, name);
    const char *is = rho_run_parameter(c, k, c->value[k]);
    if (!isfinite(c->value[k]) || (was && IsSame(was, is))) continue;
    Differs(run, name, was, is, IsSet(c, k, plain), changes);
  }
}

static void CheckSeed(RhoRun *run, RhoText changes) {
  const RhoCaseNumber *seed = &run->c->number[RHO_CASE_SEED];
  const char *was = Text(&run->restart.checkpoint, "seed");
  bool set = seed->given && seed->place.source != run->c->source;
  if (*was && strtod(was, NULL) != seed->value)
    Differs(run, "seed", was, RhoArenaPrint(run->c->cli->arena, "%.0f", seed->value), set, changes);
}

/* As many conserved totals, or the equations are others. */
static void CheckTotals(RhoRun *run) {
  RhoArena arena = run->c->cli->arena;
  int n = 0;
  while (Number(&run->restart.checkpoint, RhoArenaPrint(arena, "total[%d]", n))) n++;
  if (n != run->c->eq->nconserved)
    Refuse(run, RHO_NOWHERE,
           RhoArenaPrint(arena, "'%s' is of a model with %d conserved totals, this one has %d",
                         run->restart.checkpoint.path, n, run->c->eq->nconserved));
}

static void CompareTexts(RhoRun *run, RhoText changes) {
  static const char *const name[] = {"model_text", "case_text", "solver"};
  static const char *const what[] = {"the model file", "the case file", "the solver's settings"};
  const RhoProvenance *now;
  int n = rho_run_provenance(run, &now);
  for (size_t k = 0; k < sizeof name / sizeof *name; k++)
    for (int i = 0; i < n; i++) {
      if (strcmp(now[i].name, name[k]) || !strcmp(now[i].what, Text(&run->restart.checkpoint, name[k]))) continue;
      RhoDiagReport(run->c->cli->diag, RHO_ID_CASE_CHANGED, RHO_NOWHERE, "%s changed since the checkpoint", what[k]);
      RhoTextAdd(changes, "; %s changed", what[k]);
    }
}

/* ---- reading ---- */

/* The numbers of the evolution; those of the case have a dot in their names. */
static void Remember(RhoRestart *r, const char *solver) {
  const RhoCheckpoint *checkpoint = &r->checkpoint;
  r->memory.n = 0;
  r->memory.anew = (PetscBool)strcmp(solver, Text(checkpoint, "solver"));
  for (int k = 0; k < checkpoint->nnumber && r->memory.n < RHO_EVOLVE_MOST_NUMBERS; k++) {
    const RhoNumber *number = &checkpoint->number[k];
    if (strchr(number->name, '.') || strlen(number->name) >= RHO_EVOLVE_NAME) continue;
    strcpy(r->memory.name[r->memory.n], number->name);
    r->memory.value[r->memory.n++] = number->value;
  }
}

static void WriteHistory(RhoRun *run, const char *changes) {
  RhoRestart *r = &run->restart;
  const RhoCli *cli = run->c->cli;
  const char *earlier = r->in_place ? Text(&r->checkpoint, "restarts") : "";
  RhoEvolveState state = rho_restart_state(run);
  r->history = RhoArenaPrint(cli->arena, "%st = %.17g, step %d, from %s on %d rank%s: %s%s\n", earlier, state.time,
                             (int)state.nstep, r->checkpoint.path, (int)cli->nrank, cli->nrank > 1 ? "s" : "",
                             rho_run_command(cli, false), changes);
  r->command = r->in_place ? Text(&r->checkpoint, "command_line") : NULL;
}

static void Check(RhoRun *run) {
  RhoText changes = RhoTextCreate(run->c->cli->arena);
  CheckMesh(run);
  CheckTimes(run);
  CheckTotals(run);
  CheckParameters(run, changes);
  CheckSeed(run, changes);
  CompareTexts(run, changes);
  Remember(&run->restart, rho_run_solver(run->c));
  WriteHistory(run, RhoTextGet(changes));
}

PetscErrorCode rho_restart_read(RhoRun *run, Vec u, bool *ok) {
  RhoCase *c = run->c;
  RhoRestart *r = &run->restart;
  const char **name = RhoArenaAlloc(c->cli->arena, (size_t)c->model->nfield * sizeof *name);
  PetscBool read;
  PetscFunctionBeginUser;
  for (int i = 0; i < c->model->nfield; i++) name[i] = c->model->field[i].name;
  PetscCall(RhoCheckpointRead(run->grid, c->cli->files, c->cli->diag, r->from, c->model->nfield, name, u,
                              &r->checkpoint, &read));
  if (read) Check(run);
  *ok = read && RhoDiagErrors(c->cli->diag) == 0;
  run->saved = *ok && r->in_place;
  run->saved_at = r->checkpoint.time;
  PetscFunctionReturn(0);
}

static double Known(const RhoRun *run, const char *name) {
  const double *value = Number(&run->restart.checkpoint, name);
  return value ? *value : 0;
}

RhoEvolveState rho_restart_state(const RhoRun *run) {
  return (RhoEvolveState){.time = run->restart.checkpoint.time,
                          .step = Known(run, "last_step"),
                          .nstep = (PetscInt)Known(run, "steps"),
                          .nreject = (PetscInt)Known(run, "rejected"),
                          .nlinear = (PetscInt)Known(run, "iterations"),
                          .output = 0,
                          .total = run->total,
                          .drift = run->drift};
}
