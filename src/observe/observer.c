/* observer.c - one observable of states as they come; what it finds. */
#include "observe_private.h"
#include <math.h>
#include <string.h>

#define RHO_OBSERVABLE(name, needs, summary) extern const RhoObservableFns rho_observable_##name;
#include "rhoflux/observables.def"
#undef RHO_OBSERVABLE

static const RhoObservableInfo observable[] = {
#define RHO_OBSERVABLE(name, needs, summary) {#name, summary, needs},
#include "rhoflux/observables.def"
#undef RHO_OBSERVABLE
};
static const RhoObservableFns *const functions[] = {
#define RHO_OBSERVABLE(name, needs, summary) &rho_observable_##name,
#include "rhoflux/observables.def"
#undef RHO_OBSERVABLE
};
enum { NOBSERVABLE = sizeof observable / sizeof *observable };

int RhoObservables(const RhoObservableInfo **list) {
  *list = observable;
  return NOBSERVABLE;
}

RhoObserveOptions RhoObserveDefaults(void) {
  return (RhoObserveOptions){.from = NAN, .to = NAN, .range = {NAN, NAN}, .top = NAN, .omega = 1};
}

/* ---- can it be observed? ---- */

static int Position(const char *name, RhoDiag diag, RhoPlace place) {
  const char *known[NOBSERVABLE];
  for (int k = 0; k < NOBSERVABLE; k++) {
    known[k] = observable[k].name;
    if (!strcmp(known[k], name)) return k;
  }
  const char *near = RhoSuggest(name, NOBSERVABLE, known);
  RhoDiagReport(diag, RHO_ID_UNKNOWN_WORD, place, "there is no observable '%s'", name);
  if (near) RhoDiagHint(diag, "did you mean '%s'?", near);
  for (int k = 0; k < NOBSERVABLE && !near; k++) RhoDiagHint(diag, "%s: %s", known[k], observable[k].summary);
  return -1;
}

/* The longest waves are of the first bin, to its middle. */
static bool HasWaves(const RhoObservableInfo *info, const RhoMesh *mesh, const RhoObserveOptions *o, RhoDiag diag,
                     RhoPlace place) {
  double least = rho_smallest_wavenumber(mesh);
  if (!(info->needs & RHO_NEEDS_WAVES) || !(o->top < least * (1 - 1e-9))) return true;
  RhoDiagReport(diag, RHO_ID_NOT_OBSERVED, place, "%s: no wave has q up to %.10g, the longest has %.10g", info->name,
                o->top, least);
  return false;
}

static bool Fits(const RhoObservableInfo *info, const RhoMesh *mesh, const RhoObserveOptions *o, RhoDiag diag,
                 RhoPlace place) {
  for (int d = 0; d < mesh->ndimension; d++) {
    const char *why = rho_not_waves(&mesh->dimension[d], info->needs);
    if (!why) continue;
    RhoDiagReport(diag, RHO_ID_NOT_OBSERVED, place, "%s: dimension '%s' %s", info->name, mesh->dimension[d].name, why);
    return false;
  }
  if (!HasWaves(info, mesh, o, diag, place)) return false;
  if (!(info->needs & RHO_NEEDS_RANGE) || o->range[0] < o->range[1]) return true;
  RhoDiagReport(diag, RHO_ID_NOT_OBSERVED, place, "%s: between which densities?", info->name);
  RhoDiagHint(diag, "range: [0, 3], or --window 0:3");
  return false;
}

bool RhoObserverFits(const char *name, const RhoMesh *mesh, const RhoObserveOptions *options, RhoDiag diag,
                     RhoPlace place) {
  int row = Position(name, diag, place);
  if (row >= 0 && observable[row].needs & RHO_NEEDS_LINES) {
    RhoDiagReport(diag, RHO_ID_NOT_OBSERVED, place, "%s: of the series that a run has stored", name);
    RhoDiagHint(diag, "rhoflux observe RESULT --observable %s, afterwards", name);
    return false;
  }
  return row >= 0 && Fits(&observable[row], mesh, options, diag, place);
}

/* ---- an observer ---- */

static const char *NewName(const RhoObserveOptions *o, const char *name) {
  for (int k = 0; k < o->nmap; k++)
    if (!strcmp(o->old[k], name)) return o->new[k];
  return name;
}

static void Fill(RhoObserver o, const RhoMesh *mesh, int nfield, const char *const *field) {
  o->mesh = mesh;
  o->ncell = 1;
  o->nfield = nfield;
  o->field = RhoArenaAlloc(o->arena, (size_t)nfield * sizeof *o->field);
  for (int d = 0; d < mesh->ndimension; d++) o->ncell *= (size_t)mesh->dimension[d].ncell;
  for (int f = 0; f < nfield; f++) {
    const char *name = NewName(&o->options, field[f]);
    o->field[f] = RhoArenaString(o->arena, name, strlen(name));
  }
}

PetscErrorCode RhoObserverCreate(const char *name, const RhoMesh *mesh, int nfield, const char *const *field,
                                 const RhoObserveOptions *options, RhoDiag diag, RhoPlace place,
                                 RhoObserver *observer) {
  int row = Position(name, diag, place);
  RhoObserver o;
  PetscFunctionBeginUser;
  *observer = NULL;
  if (row < 0 || !Fits(&observable[row], mesh, options, diag, place)) PetscFunctionReturn(0);
  PetscCall(PetscNew(&o));
  o->info = &observable[row];
  o->fns = functions[row];
  o->options = *options;
  o->arena = RhoArenaCreate();
  PetscCheck(o->arena, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory");
  Fill(o, mesh, nfield, field);
  PetscCall(o->fns->create(o));
  *observer = o;
  PetscFunctionReturn(0);
}

PetscErrorCode RhoObserverAdd(RhoObserver o, double time, const double *const *u) {
  PetscFunctionBeginUser;
  PetscCall(PetscArrayzero(o->samples.next, o->samples.nnumber));
  PetscCall(o->fns->sample(o, u, o->samples.next));
  PetscCall(rho_samples_add(&o->samples, time));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoObserverSave(RhoObserver o, int *n, const double **data) {
  PetscInt nnumber;
  PetscFunctionBeginUser;
  PetscCall(PetscFree(o->packed));
  PetscCall(rho_samples_pack(&o->samples, &nnumber, &o->packed));
  *n = (int)nnumber;
  *data = o->packed;
  PetscFunctionReturn(0);
}

PetscErrorCode RhoObserverLoad(RhoObserver o, int n, const double *data, PetscBool *ok) {
  bool fits;
  PetscFunctionBeginUser;
  PetscCall(rho_samples_unpack(&o->samples, n, data, &fits));
  *ok = (PetscBool)fits;
  PetscFunctionReturn(0);
}

static const char *const *Names(RhoObserver o, RhoArena arena) {
  const char **name = RhoArenaAlloc(arena, (size_t)o->nfield * sizeof *name);
  for (int f = 0; f < o->nfield; f++) name[f] = RhoArenaString(arena, o->field[f], strlen(o->field[f]));
  return name;
}

PetscErrorCode RhoObserverFinish(RhoObserver o, RhoArena arena, RhoObserved *found) {
  PetscFunctionBeginUser;
  *found = (RhoObserved){.observable = o->info->name, .what = o->info->summary, .abscissa = "x", .scales = "linear"};
  found->nfield = o->nfield;
  found->field = Names(o, arena);
  found->nsample = o->samples.nsample;
  found->from = o->samples.first;
  found->to = o->samples.last;
  if (found->nsample) PetscCall(o->fns->finish(o, arena, found));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoObserverDestroy(RhoObserver *observer) {
  RhoObserver o = *observer;
  PetscFunctionBeginUser;
  if (!o) PetscFunctionReturn(0);
  PetscCall(o->fns->destroy(o));
  PetscCall(rho_samples_destroy(&o->samples));
  PetscCall(PetscFree(o->packed));
  RhoArenaDestroy(&o->arena);
  PetscCall(PetscFree(*observer));
  PetscFunctionReturn(0);
}

/* ---- what is found ---- */

const char *rho_pair_name(RhoObserver o, RhoArena arena, const char *symbol, int k, int *i, int *j) {
  *i = 0;
  while (k >= o->nfield - *i) k -= o->nfield - (*i)++;
  *j = *i + k;
  return RhoArenaPrint(arena, "%s(%s,%s)", symbol, o->field[*i], o->field[*j]);
}

static const double *Copy(RhoArena arena, int n, const double *x) {
  double *copy = RhoArenaAlloc(arena, (size_t)(n + 1) * sizeof *copy);
  if (n) memcpy(copy, x, (size_t)n * sizeof *copy);
  return copy;
}

void rho_add_curve(RhoArena arena, RhoObserved *found, const char *name, int n, const double *x, const double *value,
                   const double *error) {
  *RHO_PUSH(arena, found->curve, found->ncurve, found->curves) =
      (RhoCurve){name, n, Copy(arena, n, x), Copy(arena, n, value), Copy(arena, n, error), NULL};
}

void rho_add_quantity(RhoArena arena, RhoObserved *found, const char *name, const char *what, RhoEstimate estimate) {
  *RHO_PUSH(arena, found->quantity, found->nquantity, found->quantities) = (RhoQuantity){name, what, estimate, 0};
}

RhoMap *rho_add_map(RhoArena arena, RhoObserved *found, const char *name) {
  RhoMap *map = RHO_PUSH(arena, found->map, found->nmap, found->maps);
  *map = (RhoMap){.name = name};
  return map;
}

void rho_add_samples(RhoObserver o, RhoArena arena, RhoObserved *found, const char *name, PetscInt first, int n,
                     const double *x, double factor) {
  size_t rows = (size_t)o->samples.nrow + 1;
  double *value = RhoArenaAlloc(arena, (2 * (size_t)n + rows) * sizeof *value), *error = value + n;
  for (int k = 0; k < n; k++) {
    RhoEstimate e = rho_samples_estimate(&o->samples, first + k, error + n);
    value[k] = factor * e.value;
    error[k] = fabs(factor) * e.error;
  }
  rho_add_curve(arena, found, name, n, x, value, error);
}

void rho_add_pairs(RhoObserver o, RhoArena arena, RhoObserved *found, const char *symbol, int n, const double *x,
                   double factor) {
  for (int k = 0, i, j; k < rho_npair(o->nfield); k++)
    rho_add_samples(o, arena, found, rho_pair_name(o, arena, symbol, k, &i, &j), (PetscInt)k * n, n, x, factor);
}

/* ---- as tables ---- */

#define WITHIN "error_within"
#define WITHIN_WHAT "the error of the mean that the runs' own errors make"

static void AddCurve(RhoTables tables, const RhoObserved *found, const RhoCurve *curve, const char *group) {
  const char *const name[] = {found->abscissa, "value", "error", WITHIN};
  const char *const what[] = {NULL, NULL, "standard error", WITHIN_WHAT};
  const double *const data[] = {curve->x, curve->value, curve->error, curve->within};
  const long long n = curve->n;
  char path[4][512];
  for (int k = 0; k < 4 && data[k]; k++) {
    snprintf(path[k], sizeof path[k], "%s/%s/%s", group, curve->name, name[k]);
    RhoTablesArray(tables, path[k], what[k], 1, &n, data[k]);
    if (k) RhoTablesScale(tables, path[k], 0, path[0]);
  }
}

static void AddMap(RhoTables tables, const RhoMap *map, const char *group) {
  const char *const name[] = {"value", "error", WITHIN};
  const double *const data[] = {map->value, map->error, map->within};
  long long shape[RHO_MAXDIM];
  char path[512], axis[512];
  for (int d = 0; d < map->rank; d++) shape[d] = map->axis[d].n;
  for (int d = 0; d < map->rank; d++) {
    snprintf(axis, sizeof axis, "%s/%s/%s", group, map->name, map->axis[d].name);
    RhoTablesArray(tables, axis, NULL, 1, &shape[d], map->axis[d].x);
  }
  for (int k = 0; k < 3 && data[k]; k++) {
    snprintf(path, sizeof path, "%s/%s/%s", group, map->name, name[k]);
    RhoTablesArray(tables, path, NULL, map->rank, shape, data[k]);
    for (int d = 0; d < map->rank; d++) {
      snprintf(axis, sizeof axis, "%s/%s/%s", group, map->name, map->axis[d].name);
      RhoTablesScale(tables, path, d, axis);
    }
  }
}

static void AddQuantity(RhoTables tables, const RhoObserved *found, const RhoQuantity *quantity, const char *group) {
  char name[256];
  snprintf(name, sizeof name, "%s_error", quantity->name);
  RhoTablesNumber(tables, group, quantity->name, quantity->estimate.value);
  RhoTablesNumber(tables, group, name, quantity->estimate.error);
  snprintf(name, sizeof name, "%s_" WITHIN, quantity->name);
  if (found->nmember) RhoTablesNumber(tables, group, name, quantity->within);
}

void RhoObservedTables(RhoTables tables, const RhoObserved *found) {
  const char *group = found->observable;
  RhoTablesText(tables, group, "what", found->what);
  RhoTablesText(tables, group, "abscissa", found->abscissa);
  RhoTablesText(tables, group, "scales", found->scales);
  if (found->nmember) RhoTablesNumber(tables, group, "runs", found->nmember);
  RhoTablesNumber(tables, group, "states", (double)found->nsample);
  RhoTablesNumber(tables, group, "from", found->from);
  RhoTablesNumber(tables, group, "to", found->to);
  for (int k = 0; k < found->ncurve; k++) AddCurve(tables, found, &found->curve[k], group);
  for (int k = 0; k < found->nmap; k++) AddMap(tables, &found->map[k], group);
  for (int k = 0; k < found->nquantity; k++) AddQuantity(tables, found, &found->quantity[k], group);
}
