/* verb_observe.c - `rhoflux observe RESULT --observable NAME,...`: statistics with errors, in words, as JSON, and as
   tables beside the result. */
#include "observing.h"
#include <math.h>

int rho_verb_observe(RhoCli *cli);

typedef struct {
  RhoCli *cli;
  RhoObserveOptions options;
  int n;
  const char **name;
  RhoObserved *observed;
} Job;

/* ---- in words ---------------------------------------------------------------------------------------------------- */

/* Curves over the same abscissae stand beside each other: how many from curve k on. */
static int Beside(const RhoObserved *o, int k) {
  int n = 1;
  while (n < 4 && k + n < o->ncurve && o->curve[k + n].n == o->curve[k].n && o->curve[k + n].x[0] == o->curve[k].x[0] &&
         o->curve[k + n].x[o->curve[k].n - 1] == o->curve[k].x[o->curve[k].n - 1])
    n++;
  return n;
}

static void PrintCurves(RhoArena arena, const RhoObserved *o, int k, int n) {
  int all = o->curve[k].n, step = rho_curve_step(all);
  printf("  %-12s", o->abscissa);
  for (int c = k; c < k + n; c++) printf(" %-26s", o->curve[c].name);
  printf("\n");
  for (int p = 0; p < all; p += step) {
    printf("  %-12.6g", o->curve[k].x[p]);
    for (int c = k; c < k + n; c++)
      printf(" %-26s", rho_estimate_text(arena, (RhoEstimate){o->curve[c].value[p], o->curve[c].error[p]}));
    printf("\n");
  }
}

static void Print(RhoArena arena, const RhoObserved *o) {
  printf("%s: %s\n  %lld states from t = %.6g to %.6g\n", o->observable, o->what, o->nsample, o->from, o->to);
  for (int k = 0; k < o->nquantity; k++)
    printf("  %-26s %-26s %s\n", o->quantity[k].name, rho_estimate_text(arena, o->quantity[k].estimate),
           o->quantity[k].what);
  for (int k = 0, n; k < o->ncurve; k += n) {
    n = Beside(o, k);
    PrintCurves(arena, o, k, n);
  }
}

/* ---- for programs ------------------------------------------------------------------------------------------------ */

static void JsonArray(RhoJson *json, const char *key, int n, const double *x) {
  rho_json_open(json, key, '[');
  for (int k = 0; k < n; k++) rho_json_number(json, NULL, x[k]);
  rho_json_close(json, ']');
}

static void JsonCurve(RhoJson *json, const char *abscissa, const RhoCurve *curve) {
  rho_json_open(json, curve->name, '{');
  JsonArray(json, abscissa, curve->n, curve->x);
  JsonArray(json, "value", curve->n, curve->value);
  JsonArray(json, "error", curve->n, curve->error);
  rho_json_close(json, '}');
}

static void JsonQuantity(RhoJson *json, const RhoQuantity *quantity) {
  rho_json_open(json, quantity->name, '{');
  rho_json_number(json, "value", quantity->estimate.value);
  rho_json_number(json, "error", quantity->estimate.error);
  rho_json_close(json, '}');
}

static void JsonObserved(RhoJson *json, const RhoObserved *o) {
  rho_json_open(json, o->observable, '{');
  rho_json_text(json, "what", o->what);
  rho_json_number(json, "states", (double)o->nsample);
  rho_json_number(json, "from", o->from);
  rho_json_number(json, "to", o->to);
  rho_json_open(json, "quantities", '{');
  for (int k = 0; k < o->nquantity; k++) JsonQuantity(json, &o->quantity[k]);
  rho_json_close(json, '}');
  rho_json_open(json, "curves", '{');
  for (int k = 0; k < o->ncurve; k++) JsonCurve(json, o->abscissa, &o->curve[k]);
  rho_json_close(json, '}');
  rho_json_close(json, '}');
}

static void PrintJson(const Job *job) {
  RhoJson json = {stdout, true};
  rho_json_open(&json, NULL, '{');
  rho_json_text(&json, "result", job->cli->argument[0]);
  for (int k = 0; k < job->n; k++) JsonObserved(&json, &job->observed[k]);
  rho_json_close(&json, '}');
  printf("\n");
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

static int Write(const Job *job) {
  RhoCli *cli = job->cli;
  RhoTables tables = RhoTablesCreate(cli->arena, "observe");
  RhoTablesText(tables, "", "result", cli->argument[0]);
  for (int k = 0; k < job->n; k++) RhoObservedTables(tables, &job->observed[k]);
  return rho_tables_write(cli, tables, rho_tables_beside(cli, cli->argument[0], "observe"));
}

static int Run(Job *job) {
  RhoCli *cli = job->cli;
  PetscBool ok = PETSC_FALSE;
  job->observed = RhoArenaAlloc(cli->arena, (size_t)job->n * sizeof *job->observed);
  if (RhoObserve(cli->arena, cli->diag, RHO_NOWHERE, cli->argument[0], job->n, job->name, &job->options, job->observed,
                 &ok))
    return rho_petsc_failed(cli, RHO_EXIT_FAILED);
  if (rho_report(cli) || !ok) return RHO_EXIT_INPUT;
  if (rho_given(cli, RHO_OPT_JSON)) PrintJson(job);
  for (int k = 0; k < job->n && rho_speaks(cli); k++) Print(cli->arena, &job->observed[k]);
  return Write(job);
}

int rho_verb_observe(RhoCli *cli) {
  Job job = {.cli = cli};
  int status = RHO_EXIT_DONE;
  if (!rho_observe_options(cli, &job.options)) return RHO_EXIT_INPUT;
  job.n = rho_observe_names(cli, &job.name);
  if (!job.n || rho_tables_place(cli)) return RHO_EXIT_INPUT;
  status = rho_start(cli);
  if (!status && cli->rank == 0) status = Run(&job);
  return rho_finish(cli, rho_agree(cli, status));
}
