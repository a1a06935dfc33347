/* observe.c - observables of a result: every output is read once for all of them together, one in memory at a time. */
#include "observe_private.h"
#include <math.h>
#include <string.h>

typedef struct {
  RhoArena arena; /* of what lasts while the result is read */
  RhoDiag diag;
  RhoPlace place;
  const RhoObserveOptions *options;
  RhoFrames frames;
  const RhoResultInfo *info;
  int nfield, *at; /* of info->field */
  const char **field;
  size_t ncell;
  double **u; /* [nfield][ncell] */
  int nobserver, last;
  int *first;      /* [nobserver]: outputs first .. last - 1 */
  unsigned *needs; /* [nobserver] */
  int nseries;     /* of those that are looked at, the ones that there are */
  const char *series[2];
  RhoObserver *observer;
} Reading;

/* ---- what is to be read ---- */

static void ChooseOutputs(Reading *r) {
  const RhoObserveOptions *o = r->options;
  for (int k = 0; k < r->nobserver; k++) {
    bool all = isnan(o->from) && r->needs[k] & RHO_NEEDS_START;
    RhoObserveOutputs(r->info, all ? -INFINITY : o->from, o->to, &r->first[k], &r->last);
  }
}

static bool HasOutputs(const Reading *r) {
  for (int k = 0; k < r->nobserver; k++)
    if (r->first[k] >= r->last) {
      RhoDiagReport(r->diag, RHO_ID_NOT_OBSERVED, r->place, "'%s' has no output between these times", r->info->path);
      if (r->info->ntime)
        RhoDiagHint(r->diag, "its %d outputs are from t = %.10g to %.10g", r->info->ntime, r->info->time[0],
                    r->info->time[r->info->ntime - 1]);
      return false;
    }
  return true;
}

static bool ChooseFields(Reading *r) {
  const RhoChooser c = {r->arena, r->diag, r->place, RHO_ID_NOT_OBSERVED};
  if (rho_choose_fields(&c, r->info, r->options->nfield, r->options->field, &r->nfield, &r->at)) return false;
  r->field = RhoArenaAlloc(r->arena, (size_t)r->nfield * sizeof *r->field);
  for (int f = 0; f < r->nfield; f++) r->field[f] = r->info->field[r->at[f]].name;
  return true;
}

static PetscErrorCode MakeRoom(Reading *r) {
  PetscFunctionBeginUser;
  r->ncell = 1;
  for (int d = 0; d < r->info->mesh.ndimension; d++) r->ncell *= (size_t)r->info->mesh.dimension[d].ncell;
  PetscCall(PetscCalloc1(r->nfield, &r->u));
  for (int f = 0; f < r->nfield; f++) PetscCall(PetscMalloc1(r->ncell, &r->u[f]));
  PetscFunctionReturn(0);
}

/* ---- reading ---- */

static bool ReadOutput(Reading *r, int output) {
  for (int f = 0; f < r->nfield; f++)
    if (RhoFramesRead(r->frames, r->diag, r->at[f], output, r->u[f])) return false;
  return true;
}

static int Earliest(const Reading *r) {
  int first = r->last;
  for (int k = 0; k < r->nobserver; k++)
    if (!(r->needs[k] & RHO_NEEDS_LINES) && r->first[k] < first) first = r->first[k];
  return first;
}

/* The densities that occur. */
static bool FindRange(Reading *r, double *range) {
  range[0] = INFINITY;
  range[1] = -INFINITY;
  for (int k = Earliest(r); k < r->last; k++) {
    if (!ReadOutput(r, k)) return false;
    for (int f = 0; f < r->nfield; f++)
      for (size_t p = 0; p < r->ncell; p++) {
        range[0] = fmin(range[0], r->u[f][p]);
        range[1] = fmax(range[1], r->u[f][p]);
      }
  }
  if (!(range[0] < range[1])) range[1] = range[0] + fmax(1, fabs(range[0]));
  return true;
}

static bool FindSeries(Reading *r) {
  static const char *const known[] = {"free_energy", "entropy_production"};
  for (size_t k = 0; k < sizeof known / sizeof *known; k++)
    for (int i = 0; i < r->info->nseries; i++)
      if (!strcmp(r->info->series[i].name, known[k])) r->series[r->nseries++] = known[k];
  if (r->nseries) return true;
  RhoDiagReport(r->diag, RHO_ID_NOT_OBSERVED, r->place,
                "'%s' has neither the series free_energy nor entropy_production", r->info->path);
  RhoDiagHint(r->diag, "runs have them of models with a free energy, and with noise: {entropy_production: yes}");
  return false;
}

static PetscErrorCode MakeObserver(Reading *r, int k, const char *name, const RhoObserveOptions *o, bool *ok) {
  bool lines = r->needs[k] & RHO_NEEDS_LINES;
  PetscFunctionBeginUser;
  *ok = !lines || r->nseries || FindSeries(r);
  if (!*ok) PetscFunctionReturn(0);
  PetscCall(RhoObserverCreate(name, &r->info->mesh, lines ? r->nseries : r->nfield, lines ? r->series : r->field, o,
                              r->diag, r->place, &r->observer[k]));
  *ok = r->observer[k] != NULL;
  PetscFunctionReturn(0);
}

static PetscErrorCode MakeObservers(Reading *r, const char *const *name, RhoObserveOptions *o, bool ranged, bool *ok) {
  PetscFunctionBeginUser;
  *ok = !ranged || !isnan(o->range[0]) || FindRange(r, o->range);
  for (int k = 0; k < r->nobserver && *ok; k++) PetscCall(MakeObserver(r, k, name[k], o, ok));
  PetscFunctionReturn(0);
}

static PetscErrorCode ReadAll(Reading *r, bool *ok) {
  PetscFunctionBeginUser;
  for (int k = Earliest(r); k < r->last && *ok; k++) {
    *ok = ReadOutput(r, k);
    for (int n = 0; n < r->nobserver && *ok; n++)
      if (!(r->needs[n] & RHO_NEEDS_LINES) && k >= r->first[n])
        PetscCall(RhoObserverAdd(r->observer[n], r->info->time[k], (const double *const *)r->u));
  }
  PetscFunctionReturn(0);
}

/* The lines of the outputs' times. */
static PetscErrorCode ReadLines(Reading *r, int k) {
  const double *line[2] = {NULL}, *u[2], from = r->info->time[r->first[k]], to = r->info->time[r->last - 1];
  RhoArena arena = RhoArenaCreate();
  int n = 0;
  PetscFunctionBeginUser;
  PetscCheck(arena, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory");
  const double *time = RhoFramesSeries(r->frames, arena, "time", &n);
  for (int s = 0; s < r->nseries; s++) line[s] = RhoFramesSeries(r->frames, arena, r->series[s], &n);
  for (int i = 0; i < n && time && line[0]; i++) {
    for (int s = 0; s < r->nseries; s++) u[s] = &line[s][i];
    if (time[i] >= from && time[i] <= to) PetscCall(RhoObserverAdd(r->observer[k], time[i], u));
  }
  RhoArenaDestroy(&arena);
  PetscFunctionReturn(0);
}

/* ---- all of it ---- */

static unsigned NeedsOf(const char *name) {
  const RhoObservableInfo *list;
  int n = RhoObservables(&list);
  for (int k = 0; k < n; k++)
    if (!strcmp(list[k].name, name)) return list[k].needs;
  return 0;
}

static PetscErrorCode Look(Reading *r, const char *const *name, RhoArena arena, RhoObserved *observed, bool *ok) {
  RhoObserveOptions o = *r->options;
  unsigned all = 0;
  PetscFunctionBeginUser;
  for (int k = 0; k < r->nobserver; k++) all |= r->needs[k] = NeedsOf(name[k]);
  ChooseOutputs(r);
  *ok = HasOutputs(r) && ChooseFields(r);
  if (!*ok) PetscFunctionReturn(0);
  PetscCall(MakeRoom(r));
  PetscCall(MakeObservers(r, name, &o, all & RHO_NEEDS_RANGE, ok));
  if (*ok) PetscCall(ReadAll(r, ok));
  for (int k = 0; k < r->nobserver && *ok; k++)
    if (r->needs[k] & RHO_NEEDS_LINES) PetscCall(ReadLines(r, k));
  for (int k = 0; k < r->nobserver && *ok; k++) PetscCall(RhoObserverFinish(r->observer[k], arena, &observed[k]));
  PetscFunctionReturn(0);
}

static PetscErrorCode Close(Reading *r) {
  PetscFunctionBeginUser;
  for (int k = 0; k < r->nobserver; k++) PetscCall(RhoObserverDestroy(&r->observer[k]));
  for (int f = 0; f < r->nfield && r->u; f++) PetscCall(PetscFree(r->u[f]));
  PetscCall(PetscFree(r->u));
  RhoFramesClose(&r->frames);
  RhoArenaDestroy(&r->arena);
  PetscFunctionReturn(0);
}

/* head: of what the result says of itself; RhoFramesOpen takes its guard. */
static PetscErrorCode Open(Reading *r, RhoArena head, const char *path, bool *ok) {
  PetscFunctionBeginUser;
  PetscCheck(r->arena && head, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory");
  r->first = RhoArenaAlloc(r->arena, (size_t)r->nobserver * sizeof *r->first);
  r->observer = RhoArenaAlloc(r->arena, (size_t)r->nobserver * sizeof *r->observer);
  r->needs = RhoArenaAlloc(r->arena, (size_t)r->nobserver * sizeof *r->needs);
  for (int k = 0; k < r->nobserver; k++) {
    r->observer[k] = NULL;
    r->needs[k] = 0;
  }
  *ok = RhoFramesOpen(head, r->diag, r->place, path, &r->frames, &r->info) == RHO_OK;
  PetscFunctionReturn(0);
}

PetscErrorCode RhoObserve(RhoArena arena, RhoDiag diag, RhoPlace place, const char *path, int n,
                          const char *const *name, const RhoObserveOptions *options, RhoObserved *observed,
                          PetscBool *ok) {
  Reading r = {.arena = RhoArenaCreate(), .diag = diag, .place = place, .options = options, .nobserver = n};
  RhoArena head = RhoArenaCreate();
  bool well;
  PetscFunctionBeginUser;
  PetscCall(Open(&r, head, path, &well));
  if (well) PetscCall(Look(&r, name, arena, observed, &well));
  PetscCall(Close(&r));
  RhoArenaDestroy(&head);
  *ok = (PetscBool)well;
  PetscFunctionReturn(0);
}

PetscErrorCode RhoObserveRange(RhoDiag diag, RhoPlace place, const char *path, const RhoObserveOptions *options,
                               double range[2], PetscBool *ok) {
  Reading r = {.arena = RhoArenaCreate(), .diag = diag, .place = place, .options = options, .nobserver = 1};
  RhoArena head = RhoArenaCreate();
  bool well;
  PetscFunctionBeginUser;
  PetscCall(Open(&r, head, path, &well));
  if (well) ChooseOutputs(&r);
  well = well && HasOutputs(&r) && ChooseFields(&r);
  if (well) PetscCall(MakeRoom(&r));
  well = well && FindRange(&r, range);
  PetscCall(Close(&r));
  RhoArenaDestroy(&head);
  *ok = (PetscBool)well;
  PetscFunctionReturn(0);
}
