/* outcomes.c - the scalars of a result: a row of outcomes.def and a function each.

     final     every series at its end; mean, lowest and highest value of each field and output formula
               in the last output
     average   mean over the cells and over the outputs of the later half (--from, --to)
               of each field and output formula
     track     the kind of motion of the pattern with its numbers
     linear    the fastest wave about the uniform state that is the mean of the start, in linear theory */
#include "check.h"
#include "farm.h"
#include "rhoflux/stability.h"
#include "track.h"
#include <complex.h>
#include <math.h>
#include <string.h>

static const char *Of(RhoScalars *to, const char *what, const char *field) {
  return RhoArenaPrint(to->arena, "%s(%s)", what, field);
}

/* ---- final ---- */

static void AddField(RhoScalars *to, const RhoFieldInfo *field) {
  rho_scalars_number(to, Of(to, "mean", field->name), field->mean);
  if (!field->derived) return; /* the series have them */
  rho_scalars_number(to, Of(to, "min", field->name), field->lowest);
  rho_scalars_number(to, Of(to, "max", field->name), field->highest);
}

static RhoStatus Final(RhoMember *m, const RhoOutcomes *asked, RhoScalars *to) {
  (void)asked;
  const RhoResultInfo *info;
  RhoStatus status = RhoResultInfoRead(m->cli.files, m->cli.diag, RHO_NOWHERE, m->outcome.result, true, &info);
  if (status) return status;
  for (int k = 0; k < info->nseries; k++)
    if (!rho_scalars_find(to, info->series[k].name)) rho_scalars_number(to, info->series[k].name, info->series[k].last);
  for (int f = 0; f < info->nfield; f++) AddField(to, &info->field[f]);
  return RHO_OK;
}

/* ---- average ---- */

static bool Outputs(RhoDiag diag, const RhoObserveOptions *asked, const RhoResultInfo *info, int *first, int *end) {
  RhoObserveOutputs(info, asked->from, asked->to, first, end);
  if (*first < *end) return true;
  RhoDiagReport(diag, RHO_ID_NOT_OBSERVED, RHO_NOWHERE, "there is no output to average between these times");
  return false;
}

static RhoStatus AverageField(RhoDiag diag, RhoFrames frames, const RhoResultInfo *info, int f, int first, int end,
                              double *data, double *average) {
  *average = 0;
  for (int k = first; k < end; k++) {
    RhoStatus status = RhoFramesRead(frames, diag, f, k, data);
    if (status) return status;
    *average += RhoMeshMean(&info->mesh, data) / (end - first);
  }
  return RHO_OK;
}

static RhoStatus Average(RhoMember *m, const RhoOutcomes *asked, RhoScalars *to) {
  const RhoResultInfo *info;
  RhoFrames frames;
  RhoStatus status = RhoFramesOpen(m->cli.files, m->cli.diag, RHO_NOWHERE, m->outcome.result, &frames, &info);
  if (status) return status;
  size_t ncell = 1;
  for (int d = 0; d < info->mesh.ndimension; d++) ncell *= (size_t)info->mesh.dimension[d].ncell;
  double *data = RhoArenaAlloc(m->cli.arena, ncell * sizeof *data);
  int first, end;
  if (!Outputs(m->cli.diag, &asked->options, info, &first, &end)) status = RHO_INPUT;
  for (int f = 0; f < info->nfield && !status; f++) {
    double average;
    status = AverageField(m->cli.diag, frames, info, f, first, end, data, &average);
    if (!status) rho_scalars_number(to, Of(to, "average", info->field[f].name), average);
  }
  RhoFramesClose(&frames);
  return status;
}

/* ---- track ---- */

static const char *NotTracked(const RhoCase *c) {
  if (rho_given(c->cli, RHO_OPT_TO)) return "it looks at outputs up to the last one, without --to";
  for (int d = 0; d < c->mesh.ndimension; d++) {
    const RhoDimension *x = &c->mesh.dimension[d];
    if (x->boundary != RHO_PERIODIC || !x->spatial || x->edge)
      return "it is for periodic grids of equal cells in space";
  }
  return c->noutput < 8 ? "it needs eight outputs" : NULL;
}

static RhoStatus Track(RhoMember *m, const RhoOutcomes *asked, RhoScalars *to) {
  const RhoMotion *p;
  const RhoResultInfo *info;
  RhoNumber row[RHO_TRACK_ROWS];
  RhoDiag diag = m->cli.diag;
  const char *field = asked->options.nfield == 1 ? asked->options.field[0] : NULL;
  RhoStatus status = RhoTrack(m->cli.files, diag, RHO_NOWHERE, m->outcome.result, field, asked->options.from, &p);
  if (!status) status = RhoResultInfoRead(m->cli.files, diag, RHO_NOWHERE, m->outcome.result, false, &info);
  if (status) return status;
  rho_scalars_word(to, "pattern", RhoMotionName(p->kind));
  int n = rho_track_rows(to->arena, p, &info->mesh, row);
  for (int k = 0; k < n; k++) rho_scalars_number(to, row[k].name, row[k].value);
  for (int f = 0; f < p->nfield; f++) {
    n = rho_track_field_rows(p, f, row);
    for (int k = 1; k < n; k++) rho_scalars_number(to, Of(to, row[k].name, p->name[f]), row[k].value);
  }
  return RHO_OK;
}

/* ---- linear ---- */

static const char *NotLinear(const RhoCase *c) {
  if (c->eq->uses_coordinate) return "a coefficient depends on a coordinate";
  return c->initial.kind != RHO_INITIAL_FORMULAS ? "the start has no formulas of which to take the mean" : NULL;
}

static RhoStatus FastestWave(RhoMember *m, RhoCase *c, RhoStability *found) {
  RhoCheckup check = {.c = c, .arena = m->cli.arena};
  const RhoWaveRange range = {.dim = c->dim, .ndimension = c->mesh.ndimension};
  rho_check_state(&check);
  return check.state ? RhoStabilityAt(c->eq, m->cli.files, &range, c->value, check.state, found) : RHO_INPUT;
}

/* The run is over and its model gone: the case is read once more. */
static RhoStatus Linear(RhoMember *m, const RhoOutcomes *asked, RhoScalars *to) {
  RhoCase c;
  RhoStability found;
  (void)asked;
  RhoStatus status = rho_case_load(&m->cli, m->cli.argument[0], RHO_CASE_FOR_RUN, &c);
  if (!status) status = FastestWave(m, &c, &found);
  rho_case_destroy(&c);
  if (status) return status;
  rho_scalars_word(to, "linear", RhoStabilityClassText(found.class));
  rho_scalars_number(to, "linear_growth", creal(found.rate));
  rho_scalars_number(to, "linear_frequency", fabs(cimag(found.rate)));
  rho_scalars_number(to, "linear_q", found.q);
  return RHO_OK;
}

/* ---- the table ---- */

static const struct {
  const char *name;
  bool by_default;
  const char *(*why_not)(const RhoCase *c);
  RhoStatus (*read)(RhoMember *m, const RhoOutcomes *asked, RhoScalars *to);
} row[] = {
#define RHO_OUTCOME(name, by_default, why_not, read) {name, by_default, why_not, read},
#include "outcomes.def"
#undef RHO_OUTCOME
};
enum { NROW = sizeof row / sizeof *row };

static const char *WhyNot(const RhoCase *c, int k) { return row[k].why_not ? row[k].why_not(c) : NULL; }

static int FindRow(const char *name) {
  for (int k = 0; k < NROW; k++)
    if (!strcmp(row[k].name, name)) return k;
  return -1;
}

static void RefuseName(const RhoCli *cli, const char *name, int nobservable, const RhoObservableInfo *observable) {
  const char **known = RhoArenaAlloc(cli->arena, (size_t)(NROW + nobservable) * sizeof *known);
  RhoText list = RhoTextCreate(cli->arena);
  int n = 0;
  for (int k = 0; k < NROW; k++) known[n++] = row[k].name;
  for (int k = 0; k < nobservable; k++) known[n++] = observable[k].name;
  for (int k = 0; k < n; k++) RhoTextAdd(list, "%s%s", k ? ", " : "", known[k]);
  const char *near = RhoSuggest(name, n, known);
  rho_refuse(cli, "--observable: there is no '%s'%s%s%s; there are: %s", name, near ? ", did you mean '" : "",
             near ? near : "", near ? "'?" : "", RhoTextGet(list));
}

/* A row, or else an observable. */
static bool AskName(const RhoCase *c, const char *name, RhoOutcomes *asked) {
  const RhoObservableInfo *list;
  int n = RhoObservables(&list), k = FindRow(name);
  if (k >= 0 && WhyNot(c, k)) {
    rho_refuse(c->cli, "--observable %s: %s", name, WhyNot(c, k));
    return false;
  }
  if (k >= 0) asked->rows |= 1u << k;
  for (int i = 0; i < n && k < 0; i++)
    if (!strcmp(list[i].name, name)) asked->observable[asked->nobservable++] = name, k = i;
  if (k < 0) RefuseName(c->cli, name, n, list);
  return k >= 0;
}

static bool AskNames(const RhoCase *c, RhoOutcomes *asked) {
  const char **name;
  int n = 0;
  if (!rho_option_names(c->cli, RHO_OPT_OBSERVABLE, &n, &name)) return false;
  asked->observable = RhoArenaAlloc(c->cli->arena, ((size_t)n + 1) * sizeof *asked->observable);
  for (int k = 0; k < n; k++)
    if (!AskName(c, name[k], asked)) return false;
  for (int k = 0; k < NROW && !n; k++)
    if (row[k].by_default && !WhyNot(c, k)) asked->rows |= 1u << k;
  return true;
}

/* The names of the model's fields. */
static const char **Fields(const RhoCase *c) {
  const char **name = RhoArenaAlloc(c->cli->arena, ((size_t)c->model->nfield + 1) * sizeof *name);
  for (int i = 0; i < c->model->nfield; i++) name[i] = c->model->field[i].name;
  return name;
}

static bool CheckField(const RhoCase *c, const char *name) {
  const char **known = Fields(c);
  for (int i = 0; i < c->model->nfield; i++)
    if (!strcmp(known[i], name)) return true;
  const char *near = RhoSuggest(name, c->model->nfield, known);
  rho_refuse(c->cli, "--field: '%s' has no field '%s'%s%s%s", c->model->name, name, near ? ", did you mean '" : "",
             near ? near : "", near ? "'?" : "");
  return false;
}

/* On the mesh of the first run. */
static bool CheckObservable(const RhoCase *c, const RhoOutcomes *asked, const char *name) {
  RhoObserver observer = NULL;
  PetscErrorCode error = RhoObserverCreate(name, &c->mesh, c->model->nfield, Fields(c), &asked->options, c->cli->diag,
                                           RHO_NOWHERE, &observer);
  bool made = !error && observer;
  if (observer) error = RhoObserverDestroy(&observer);
  if (!made) (void)rho_report(c->cli);
  return made && !error;
}

bool rho_outcomes_asked(const RhoCase *c, RhoOutcomes *asked) {
  *asked = (RhoOutcomes){0};
  bool ok = rho_observe_options(c->cli, &asked->options) && AskNames(c, asked);
  for (int k = 0; ok && k < asked->options.nfield; k++) ok = CheckField(c, asked->options.field[k]);
  for (int k = 0; ok && k < asked->nobservable; k++) ok = CheckObservable(c, asked, asked->observable[k]);
  return ok;
}

const char *rho_outcomes_text(RhoArena arena, const RhoOutcomes *asked) {
  RhoText text = RhoTextCreate(arena);
  for (int k = 0; k < NROW; k++)
    if (asked->rows & 1u << k) RhoTextAdd(text, "%s%s", RhoTextLength(text) ? "," : "", row[k].name);
  for (int k = 0; k < asked->nobservable; k++)
    RhoTextAdd(text, "%s%s", RhoTextLength(text) ? "," : "", asked->observable[k]);
  return RhoTextGet(text);
}

/* ---- observables ---- */

static void AddQuantity(RhoScalars *to, const RhoObserved *o, const RhoQuantity *quantity) {
  const char *name = RhoArenaPrint(to->arena, "%s %s", o->observable, quantity->name);
  rho_scalars_number(to, name, quantity->estimate.value);
  rho_scalars_number(to, RhoArenaPrint(to->arena, "%s error", name), quantity->estimate.error);
}

static bool Observe(RhoMember *m, const RhoOutcomes *asked, RhoScalars *to) {
  int n = asked->nobservable;
  RhoObserved *observed = RhoArenaAlloc(m->cli.arena, ((size_t)n + 1) * sizeof *observed);
  PetscBool ok = PETSC_TRUE;
  if (n > 0 && RhoObserve(m->cli.arena, m->cli.diag, RHO_NOWHERE, m->outcome.result, n, asked->observable,
                          &asked->options, observed, &ok))
    return false;
  for (int k = 0; k < n && ok; k++)
    for (int i = 0; i < observed[k].nquantity; i++) AddQuantity(to, &observed[k], &observed[k].quantity[i]);
  return ok;
}

/* ---- all of it ---- */

void rho_outcomes_read(RhoMember *m, const RhoOutcomes *asked, RhoScalars *to) {
  RhoText missing = RhoTextCreate(m->cli.arena);
  for (int k = 0; k < NROW; k++)
    if (asked->rows & 1u << k && row[k].read(m, asked, to))
      RhoTextAdd(missing, "%s%s", RhoTextLength(missing) ? ", " : "no ", row[k].name);
  if (!Observe(m, asked, to)) RhoTextAdd(missing, "%sobservables", RhoTextLength(missing) ? ", " : "no ");
  if (!RhoTextLength(missing)) return;
  (void)rho_report(&m->cli);
  fflush(m->cli.err);
  const char *why = strstr(m->said, "error: ");
  if (why) RhoTextAdd(missing, ": %.*s", (int)strcspn(why + 7, "\n"), why + 7);
  rho_scalars_word(to, "message", RhoTextGet(missing));
}
