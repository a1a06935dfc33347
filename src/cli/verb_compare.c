/* verb_compare.c - `rhoflux compare A B --observable NAME,...`: the same statistics of two results, and how far they
   are apart in units of the error of the difference. */
#include "observing.h"
#include <math.h>
#include <string.h>

int rho_verb_compare(RhoCli *cli);

typedef struct {
  RhoCli *cli;
  RhoObserveOptions options[2];
  int n;
  const char **name;
  RhoObserved *observed[2]; /* [n] each */
  RhoCompared *compared;
} Job;

/* ---- the command line -------------------------------------------------------------------------------------------- */

/* --map A=B: field B of the second result is called A. */
static bool ReadMap(const RhoCli *cli, RhoObserveOptions *o) {
  const RhoGiven *given = &cli->given[RHO_OPT_MAP];
  const char **old = RhoArenaAlloc(cli->arena, ((size_t)given->n + 1) * sizeof *old);
  const char **new = RhoArenaAlloc(cli->arena, ((size_t)given->n + 1) * sizeof *new);
  for (int k = 0; k < given->n; k++) {
    const char *equal = strchr(given->value[k], '=');
    if (!equal || equal == given->value[k] || !equal[1]) {
      rho_refuse(cli, "--map: '%s' is not A=B, two names of fields", given->value[k]);
      return false;
    }
    new[k] = RhoArenaString(cli->arena, given->value[k], (size_t)(equal - given->value[k]));
    old[k] = equal + 1;
    for (int j = 0; j < k; j++)
      if (!strcmp(new[j], new[k]) || !strcmp(old[j], old[k])) {
        rho_refuse(cli, "--map: '%s' and '%s' name a field twice", given->value[j], given->value[k]);
        return false;
      }
  }
  o->nmap = given->n;
  o->old = old;
  o->new = new;
  return true;
}

/* What the field called name here is called in the second result. */
static const char *NameThere(const RhoObserveOptions *o, const char *name) {
  for (int k = 0; k < o->nmap; k++)
    if (!strcmp(o->new[k], name)) return o->old[k];
  return name;
}

/* ---- looking ----------------------------------------------------------------------------------------------------- */

static unsigned NeedsOf(const Job *job, int k) {
  const RhoObservableInfo *list;
  int n = RhoObservables(&list);
  for (int j = 0; j < n; j++)
    if (!strcmp(job->name[k], list[j].name)) return list[j].needs;
  return 0;
}

static bool NeedsRange(const Job *job) {
  for (int k = 0; k < job->n; k++)
    if (NeedsOf(job, k) & RHO_NEEDS_RANGE) return true;
  return false;
}

/* What was found in fields of the first result; NULL: nothing but in its series. */
static const RhoObserved *OfFields(const Job *job) {
  for (int k = 0; k < job->n; k++)
    if (!(NeedsOf(job, k) & RHO_NEEDS_LINES)) return &job->observed[0][k];
  return NULL;
}

static bool Has(const RhoObserved *observed, const char *field) {
  for (int f = 0; f < observed->nfield; f++)
    if (!strcmp(observed->field[f], field)) return true;
  return false;
}

/* Of fields and densities, what the first has and both need; false after refusing. */
static bool TakeFields(Job *job) {
  RhoObserveOptions *o = &job->options[1];
  const RhoObserved *first = OfFields(job);
  if (!first) return true;
  for (int k = 0; k < o->nmap; k++)
    if (!Has(first, o->new[k])) {
      rho_refuse(job->cli, "--map %s=%s: '%s' is no field that is looked at in '%s'", o->new[k], o->old[k], o->new[k],
                 job->cli->argument[0]);
      return false;
    }
  const char **field = RhoArenaAlloc(job->cli->arena, ((size_t)first->nfield + 1) * sizeof *field);
  for (int f = 0; f < first->nfield; f++) field[f] = NameThere(o, first->field[f]);
  o->nfield = first->nfield;
  o->field = field;
  return true;
}

/* The densities that occur in either; the fields of the second one are those of all names when none are given. */
static PetscErrorCode CommonRange(Job *job, PetscBool *ok) {
  double range[2][2];
  RhoCli *cli = job->cli;
  PetscFunctionBeginUser;
  *ok = PETSC_TRUE;
  for (int r = 0; r < 2 && *ok; r++)
    PetscCall(RhoObserveRange(cli->diag, RHO_NOWHERE, cli->argument[r], &job->options[r], range[r], ok));
  for (int r = 0; r < 2 && *ok; r++) {
    job->options[r].range[0] = fmin(range[0][0], range[1][0]);
    job->options[r].range[1] = fmax(range[0][1], range[1][1]);
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode Observe(Job *job, int r, PetscBool *ok) {
  RhoCli *cli = job->cli;
  PetscFunctionBeginUser;
  job->observed[r] = RhoArenaAlloc(cli->arena, (size_t)job->n * sizeof *job->observed[r]);
  PetscCall(RhoObserve(cli->arena, cli->diag, RHO_NOWHERE, cli->argument[r], job->n, job->name, &job->options[r],
                       job->observed[r], ok));
  PetscFunctionReturn(0);
}

static PetscErrorCode Look(Job *job, PetscBool *ok) {
  PetscFunctionBeginUser;
  *ok = PETSC_TRUE;
  if (NeedsRange(job) && isnan(job->options[0].range[0])) PetscCall(CommonRange(job, ok));
  if (*ok) PetscCall(Observe(job, 0, ok));
  if (!*ok) PetscFunctionReturn(0);
  *ok = (PetscBool)TakeFields(job);
  if (*ok) PetscCall(Observe(job, 1, ok));
  if (RhoDiagErrors(job->cli->diag))
    RhoDiagHint(job->cli->diag, "--field: the fields that both have; --map A=B: A here is B there");
  PetscFunctionReturn(0);
}

/* ---- in words ---------------------------------------------------------------------------------------------------- */

static void PrintRow(RhoArena arena, const char *head, RhoEstimate a, RhoEstimate b, double score) {
  printf("  %-24s %-26s %-26s %s\n", head, rho_estimate_text(arena, a), rho_estimate_text(arena, b),
         isnan(score) ? "-" : RhoArenaPrint(arena, "%+.2f", score));
}

static void PrintCurve(RhoArena arena, const RhoCompared *c, const RhoComparedCurve *curve) {
  int step = rho_curve_step(curve->n);
  printf("  %s over %s, at %d places that both have\n", curve->name, c->a->abscissa, curve->n);
  for (int k = 0; k < curve->n; k += step)
    PrintRow(arena, RhoArenaPrint(arena, "%.6g", curve->x[k]), curve->a[k], curve->b[k], curve->score[k]);
}

static void Print(RhoArena arena, const RhoCompared *c, const char *const *path) {
  printf("%s: %s\n  a: %s, %lld states; b: %s, %lld states\n", c->a->observable, c->a->what, path[0], c->a->nsample,
         path[1], c->b->nsample);
  printf("  %-24s %-26s %-26s %s\n", "", "a", "b", "(b - a)/error");
  for (int k = 0; k < c->nquantity; k++)
    PrintRow(arena, c->quantity[k].name, c->quantity[k].a, c->quantity[k].b, c->quantity[k].score);
  for (int k = 0; k < c->ncurve; k++) PrintCurve(arena, c, &c->curve[k]);
  printf("  %d differences: chi^2 = %.4g, the largest %.3g errors\n", c->nscore, c->chi2, c->most);
}

/* ---- for programs ------------------------------------------------------------------------------------------------ */

static void JsonPoint(RhoJson *json, const char *key, double x, RhoEstimate a, RhoEstimate b, double score) {
  rho_json_open(json, key, '{');
  if (!key) rho_json_number(json, "x", x);
  rho_json_number(json, "a", a.value);
  rho_json_number(json, "a_error", a.error);
  rho_json_number(json, "b", b.value);
  rho_json_number(json, "b_error", b.error);
  rho_json_number(json, "score", score);
  rho_json_close(json, '}');
}

static void JsonCompared(RhoJson *json, const RhoCompared *c) {
  rho_json_open(json, c->a->observable, '{');
  rho_json_number(json, "scores", c->nscore);
  rho_json_number(json, "chi2", c->chi2);
  rho_json_number(json, "largest_score", c->most);
  rho_json_open(json, "quantities", '{');
  for (int k = 0; k < c->nquantity; k++)
    JsonPoint(json, c->quantity[k].name, NAN, c->quantity[k].a, c->quantity[k].b, c->quantity[k].score);
  rho_json_close(json, '}');
  rho_json_open(json, "curves", '{');
  for (int k = 0; k < c->ncurve; k++) {
    const RhoComparedCurve *curve = &c->curve[k];
    rho_json_open(json, curve->name, '[');
    for (int p = 0; p < curve->n; p++) JsonPoint(json, NULL, curve->x[p], curve->a[p], curve->b[p], curve->score[p]);
    rho_json_close(json, ']');
  }
  rho_json_close(json, '}');
  rho_json_close(json, '}');
}

static void PrintJson(const Job *job) {
  RhoJson json = {stdout, true};
  rho_json_open(&json, NULL, '{');
  rho_json_text(&json, "a", job->cli->argument[0]);
  rho_json_text(&json, "b", job->cli->argument[1]);
  for (int k = 0; k < job->n; k++) JsonCompared(&json, &job->compared[k]);
  rho_json_close(&json, '}');
  printf("\n");
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

static int Write(const Job *job) {
  RhoCli *cli = job->cli;
  RhoTables tables = RhoTablesCreate(cli->arena, "compare");
  RhoTablesText(tables, "", "a", cli->argument[0]);
  RhoTablesText(tables, "", "b", cli->argument[1]);
  for (int k = 0; k < job->n; k++) RhoComparedTables(tables, &job->compared[k]);
  return rho_tables_write(cli, tables, rho_tables_beside(cli, cli->argument[0], "compare"));
}

/* Curves and quantities are compared; of maps alone, and of curves side by side, nothing would be said. */
static bool HasCommon(const Job *job, const RhoCompared *c) {
  int n = c->nquantity;
  for (int k = 0; k < c->ncurve; k++) n += c->curve[k].n;
  if (n) return true;
  rho_refuse(job->cli, "%s: there is nothing to compare, no number and no curve of both", c->a->observable);
  return false;
}

static int Run(Job *job) {
  RhoCli *cli = job->cli;
  PetscBool ok = PETSC_FALSE;
  if (Look(job, &ok)) return rho_petsc_failed(cli, RHO_EXIT_FAILED);
  if (rho_report(cli) || !ok) return RHO_EXIT_INPUT;
  job->compared = RhoArenaAlloc(cli->arena, (size_t)job->n * sizeof *job->compared);
  for (int k = 0; k < job->n; k++)
    RhoCompare(cli->arena, &job->observed[0][k], &job->observed[1][k], &job->compared[k]);
  for (int k = 0; k < job->n; k++)
    if (!HasCommon(job, &job->compared[k])) return RHO_EXIT_INPUT;
  if (rho_given(cli, RHO_OPT_JSON)) PrintJson(job);
  for (int k = 0; k < job->n && rho_speaks(cli); k++) Print(cli->arena, &job->compared[k], cli->argument);
  return Write(job);
}

int rho_verb_compare(RhoCli *cli) {
  Job job = {.cli = cli};
  int status = RHO_EXIT_DONE;
  if (!rho_observe_options(cli, &job.options[0])) return RHO_EXIT_INPUT;
  job.options[1] = job.options[0];
  job.n = rho_observe_names(cli, &job.name);
  if (!job.n || !ReadMap(cli, &job.options[1]) || rho_tables_place(cli)) return RHO_EXIT_INPUT;
  const char **field = RhoArenaAlloc(cli->arena, ((size_t)job.options[0].nfield + 1) * sizeof *field);
  for (int f = 0; f < job.options[0].nfield; f++) field[f] = NameThere(&job.options[1], job.options[0].field[f]);
  job.options[1].field = field;
  status = rho_start(cli);
  if (!status && cli->rank == 0) status = Run(&job);
  return rho_finish(cli, rho_agree(cli, status));
}
