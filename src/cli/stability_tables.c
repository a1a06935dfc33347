/* stability_tables.c - what `rhoflux stability` writes.

   One state: state [nfield]; fastest/vector_real, vector_imaginary [nfield], attributes q, growth, frequency, class,
   limit, direction; branches/q [n], growth, frequency [nfield][n], vector_real, vector_imaginary [nfield][n][nfield];
   bands [nband][4]; exceptional [n]. A map: map/x, y; map/growth, frequency, q, limit, class, limit_class [ny][nx];
   neutral/0/x, y, q, frequency [n], attributes kind, oscillatory, first, last, what, and mark [nmark][2].  Extremes:
   extremes.c. */
#include "stability.h"
#include <math.h>

static void Line(RhoTables t, const char *path, const char *what, int n, const double *data) {
  const long long shape[] = {n};
  RhoTablesArray(t, path, what, 1, shape, data);
}

/* ---- one state ---- */

static void AddVector(const RhoStabilityRun *run, RhoTables t) {
  const RhoCase *c = run->c;
  int n = c->model->nfield;
  double component[RHO_MAXDIM], *part = RhoArenaAlloc(c->cli->arena, sizeof *part * (size_t)n);
  const double *q[RHO_MAXDIM] = {NULL};
  double complex *rate = RhoArenaAlloc(c->cli->arena, sizeof *rate * (size_t)n);
  double complex *vector = RhoArenaAlloc(c->cli->arena, sizeof *vector * (size_t)(n * n));
  for (int d = 0; d < RHO_MAXDIM; d++) {
    component[d] = run->found.q * run->found.direction[d];
    if (run->found.direction[d] != 0) q[d] = &component[d];
  }
  if (RhoDispersion(c->eq, c->dim, c->value, run->state, 1, q, run->asked->range.spacing, rate, vector)) return;
  for (int i = 0; i < n; i++) part[i] = creal(vector[i]);
  Line(t, "fastest/vector_real", "the fastest mode, of length 1, its largest component real", n, part);
  for (int i = 0; i < n; i++) part[i] = cimag(vector[i]);
  Line(t, "fastest/vector_imaginary", NULL, n, part);
}

static void AddFastest(const RhoStabilityRun *run, RhoTables t) {
  const RhoStability *s = &run->found;
  AddVector(run, t);
  RhoTablesNumber(t, "fastest", "q", s->q);
  RhoTablesNumber(t, "fastest", "growth", creal(s->rate));
  RhoTablesNumber(t, "fastest", "frequency", fabs(cimag(s->rate)));
  RhoTablesNumber(t, "fastest", "at_the_end_of_the_range", s->edge);
  RhoTablesText(t, "fastest", "class", RhoStabilityClassText(s->class));
  RhoTablesText(t, "fastest", "limit", RhoStabilityClassText(s->limit));
  Line(t, "fastest/direction", "of the wavevector", RHO_MAXDIM, s->direction);
}

static void AddVectors(const RhoStabilityRun *run, RhoTables t) {
  int n = run->c->model->nfield, size = n * n * RHO_STABILITY_CURVE;
  const long long shape[] = {n, RHO_STABILITY_CURVE, n};
  double *part = RhoArenaAlloc(run->c->cli->arena, sizeof *part * (size_t)size);
  for (int k = 0; k < size; k++) part[k] = creal(run->vector[k]);
  RhoTablesArray(t, "branches/vector_real", "modes of each branch, of length 1, the largest component real", 3, shape,
                 part);
  for (int k = 0; k < size; k++) part[k] = cimag(run->vector[k]);
  RhoTablesArray(t, "branches/vector_imaginary", NULL, 3, shape, part);
}

static void AddBranches(const RhoStabilityRun *run, RhoTables t) {
  enum { N = RHO_STABILITY_CURVE };
  int n = run->c->model->nfield;
  const long long shape[] = {n, N};
  double *part = RhoArenaAlloc(run->c->cli->arena, sizeof *part * (size_t)(n * N));
  Line(t, "branches/q", "wavenumber [1/length]", N, run->q);
  for (int k = 0; k < n * N; k++) part[k] = creal(run->rate[k]);
  RhoTablesArray(t, "branches/growth", "Re lambda of each branch [1/time]", 2, shape, part);
  for (int k = 0; k < n * N; k++) part[k] = cimag(run->rate[k]);
  RhoTablesArray(t, "branches/frequency", "Im lambda of each branch [1/time]", 2, shape, part);
  AddVectors(run, t);
  RhoTablesScale(t, "branches/growth", 1, "branches/q");
  RhoTablesScale(t, "branches/frequency", 1, "branches/q");
}

static void AddState(const RhoStabilityRun *run, RhoTables t) {
  const RhoStability *s = &run->found;
  const long long shape[] = {s->nband, 4};
  double *band = RhoArenaAlloc(run->c->cli->arena, sizeof *band * (size_t)(4 * s->nband + 1));
  for (int k = 0; k < s->nband; k++) {
    band[4 * k] = s->band[k].from, band[4 * k + 1] = s->band[k].to;
    band[4 * k + 2] = s->band[k].q, band[4 * k + 3] = creal(s->band[k].rate);
  }
  Line(t, "state", "the uniform state", run->c->model->nfield, run->state);
  AddFastest(run, t);
  AddBranches(run, t);
  RhoTablesArray(t, "bands", "from, to, q and growth of the fastest wave, of each band of growing waves", 2, shape,
                 band);
  Line(t, "exceptional", "q at which two real rates become a pair", s->nexceptional, s->exceptional);
}

/* ---- a map ---- */

typedef double (*PointFn)(const RhoMapPoint *point);
static double Growth(const RhoMapPoint *p) { return p->growth; }
static double Frequency(const RhoMapPoint *p) { return p->frequency; }
static double Wavenumber(const RhoMapPoint *p) { return p->q; }
static double Limit(const RhoMapPoint *p) { return p->limit; }
static double Class(const RhoMapPoint *p) { return p->class; }
static double LimitClass(const RhoMapPoint *p) { return p->limit_class; }

static void AddMap(const RhoStabilityRun *run, RhoTables t) {
  static const struct {
    const char *path, *what;
    PointFn value;
  } row[] = {{"map/growth", "growth of the fastest wave [1/time]; 0: of q = 0, nothing grows", Growth},
             {"map/frequency", "its frequency [1/time]", Frequency},
             {"map/q", "its wavenumber [1/length]", Wavenumber},
             {"map/limit", "as q -> 0: D of growth = D q^2, or growth at q = 0", Limit},
             {"map/class", "number in the attribute `classes` of map", Class},
             {"map/limit_class", "the same of the limit q -> 0", LimitClass}};
  const RhoCaseStability *s = run->asked;
  const char *class[RHO_CLASS_COUNT];
  const long long shape[] = {s->npoint[1], s->npoint[0]};
  double *part = RhoArenaAlloc(run->c->cli->arena, sizeof *part * run->npoint);
  for (int k = 0; k < RHO_CLASS_COUNT; k++) class[k] = RhoStabilityClassText((RhoStabilityClass)k);
  Line(t, "map/x", s->axis[0].name, s->npoint[0], run->x[0]);
  Line(t, "map/y", s->axis[1].name, s->npoint[1], run->x[1]);
  RhoTablesTexts(t, "map", "classes", RHO_CLASS_COUNT, class);
  RhoTablesTexts(t, "map", "axes", 2, (const char *const[]){s->axis[0].name, s->axis[1].name});
  RhoTablesNumber(t, "map", "largest_q", run->top);
  for (size_t k = 0; k < sizeof row / sizeof *row; k++) {
    for (size_t p = 0; p < run->npoint; p++) part[p] = row[k].value(&run->point[p]);
    RhoTablesArray(t, row[k].path, row[k].what, 2, shape, part);
    RhoTablesScale(t, row[k].path, 0, "map/y");
    RhoTablesScale(t, row[k].path, 1, "map/x");
  }
}

static void AddMarks(const RhoStabilityRun *run, RhoTables t, const char *group, const RhoNeutralCurve *curve) {
  RhoArena arena = run->c->cli->arena;
  const long long shape[] = {curve->nmark, 2};
  double *x = RhoArenaAlloc(arena, sizeof *x * (size_t)(2 * curve->nmark + 1));
  const char **what = RhoArenaAlloc(arena, sizeof *what * (size_t)(curve->nmark + 1));
  for (int k = 0; k < curve->nmark; k++) {
    x[2 * k] = curve->mark[k].x[0], x[2 * k + 1] = curve->mark[k].x[1];
    what[k] = curve->mark[k].what;
  }
  RhoTablesArray(t, RhoArenaPrint(arena, "%s/mark", group), "points with a name: attribute `marks`", 2, shape, x);
  RhoTablesTexts(t, group, "marks", curve->nmark, what);
}

static void AddCurve(const RhoStabilityRun *run, RhoTables t, int k) {
  static const char *const kind[] = {"long waves", "finite wavelength", "uniform"};
  static const char *const end[] = {"window", "closed", "another instability", "lost"};
  RhoArena arena = run->c->cli->arena;
  const RhoNeutralCurve *curve = &run->curve[k];
  const char *group = RhoArenaPrint(arena, "neutral/%d", k);
  double *x = RhoArenaAlloc(arena, sizeof *x * (size_t)(2 * curve->npoint)), *y = x + curve->npoint;
  for (int i = 0; i < curve->npoint; i++) x[i] = curve->x[2 * i], y[i] = curve->x[2 * i + 1];
  Line(t, RhoArenaPrint(arena, "%s/x", group), run->asked->axis[0].name, curve->npoint, x);
  Line(t, RhoArenaPrint(arena, "%s/y", group), run->asked->axis[1].name, curve->npoint, y);
  Line(t, RhoArenaPrint(arena, "%s/q", group), "wavenumber of the neutral wave; 0: the limit", curve->npoint, curve->q);
  Line(t, RhoArenaPrint(arena, "%s/frequency", group), "its frequency [1/time]", curve->npoint, curve->frequency);
  RhoTablesText(t, group, "kind", kind[curve->kind]);
  RhoTablesNumber(t, group, "oscillatory", curve->oscillatory);
  RhoTablesText(t, group, "first", end[curve->first]);
  RhoTablesText(t, group, "last", end[curve->last]);
  AddMarks(run, t, group, curve);
}

/* ---- all of it ---- */

RhoTables rho_stability_tables(const RhoStabilityRun *run) {
  const RhoModel model = run->c->model;
  RhoTables t = RhoTablesCreate(run->c->cli->arena, "stability");
  const char **name = RhoArenaAlloc(run->c->cli->arena, sizeof *name * (size_t)(2 * model->nfield)), **latex;
  latex = name + model->nfield;
  for (int i = 0; i < model->nfield; i++)
    name[i] = model->field[i].name, latex[i] = model->field[i].latex ? model->field[i].latex : model->field[i].name;
  RhoTablesTexts(t, "", "fields", model->nfield, name);
  RhoTablesTexts(t, "", "latex", model->nfield, latex);
  if (run->asked->extremes) rho_extremes_tables(run, t);
  else if (!run->asked->naxis) AddState(run, t);
  else AddMap(run, t);
  for (int k = 0; k < run->ncurve; k++) AddCurve(run, t, k);
  return t;
}
