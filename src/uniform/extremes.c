/* extremes.c - the smallest and largest value of one number at which a state of a region is unstable.

   The region is a window of up to three other numbers with bounds b_k(x) >= 0.  Over each sample of it the intervals of
   the first number p in which the state is unstable are made exact at their ends by bisection; an end below (above)
   which no neighbour is unstable is a local extreme of the samples.  From there p(x), the root of the neutral equations
   at fixed x (threshold.c), goes down to its minimum within the region (descent.c), inside or on its boundary.  Where
   another kind of instability has gone further the search goes on with that one: of the smallest of several smooth
   functions the minimum is a minimum of one of them. */
#include "descent.h"
#include "threshold.h"
#include "trace.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COARSE = 12, ROUNDS = 6 };

typedef struct {
  Threshold t;
  RhoArena arena;
  int nbound;
  const RhoNode *bound;
  const int *n;
  const double *const *x;
  const RhoMapPoint *map;
  long long ncolumn;
  double sense;        /* 1: the smallest, -1: the largest */
  double guess[2];     /* p and q of the root found last */
  signed char *inside; /* [ncolumn] */
  RhoExtreme *extreme;
  int nextreme, capacity;
} Search;

/* ---- columns of samples ------------------------------------------------------------------------------------------ */

static double BoundAt(Search *s, int k, const double *x) {
  FamilyState *f = &s->t.survey->state;
  return rho_family_at(f, x) ? NAN : rho_family_formula(f, x, s->bound[k]);
}

static void PlaceOf(const Search *s, long long column, double *x) {
  for (int a = 1; a < s->t.naxis; column /= s->n[a++]) x[a] = s->x[a][column % s->n[a]];
}

static void FindInside(Search *s) {
  s->inside = RhoArenaAlloc(s->arena, (size_t)s->ncolumn);
  for (long long c = 0; c < s->ncolumn; c++) {
    double x[RHO_FAMILY_MOST] = {s->t.from[0]};
    PlaceOf(s, c, x);
    s->inside[c] = 1;
    for (int k = 0; k < s->nbound; k++) s->inside[c] &= BoundAt(s, k, x) >= -1e-12;
  }
}

static const RhoMapPoint *Sample(const Search *s, long long column, int j) { return &s->map[column * s->n[0] + j]; }

static bool Grows(const Search *s, long long column, int j) { return rho_class_grows(Sample(s, column, j)->class); }

/* The sample before j, on the side from which p is approached. */
static int Before(const Search *s, int j) { return s->sense > 0 ? j - 1 : j + 1; }

static bool Exists(const Search *s, int j) { return j >= 0 && j < s->n[0]; }

/* An unstable sample next to a stable one: an end of an interval that can be made exact. */
static bool IsEnd(const Search *s, long long column, int j) {
  int before = Before(s, j);
  return Grows(s, column, j) && Exists(s, before) && Sample(s, column, before)->class == RHO_CLASS_STABLE;
}

/* The neutral state between samples of a column. */
static RhoStatus EndAt(Search *s, long long column, int j, int nstep, State *on) {
  double stable[RHO_FAMILY_MOST], unstable[RHO_FAMILY_MOST];
  PlaceOf(s, column, stable);
  PlaceOf(s, column, unstable);
  stable[0] = s->x[0][Before(s, j)];
  unstable[0] = s->x[0][j];
  return rho_threshold_bisect(&s->t, stable, unstable, nstep, on);
}

/* ---- local extremes of the samples ------------------------------------------------------------------------------- */

/* The ends of one sense, [ncolumn][n0]; where there is none, or none that can be made exact, the sample itself. */
static RhoStatus FindEnds(Search *s, double *end) {
  RhoStatus status = RHO_OK;
  for (long long c = 0; c < s->ncolumn && !status; c++)
    for (int j = 0; j < s->n[0] && !status; j++) {
      State on = {.x = {s->x[0][j]}};
      if (s->inside[c] && IsEnd(s, c, j)) status = EndAt(s, c, j, COARSE, &on);
      end[c * s->n[0] + j] = on.x[0];
    }
  return status;
}

/* Is a state of the column unstable at p or before, next to it? */
static bool ReachesBeyond(const Search *s, const double *end, long long column, int j, double p) {
  int at[] = {Before(s, j), j, Before(s, j) + 2 * (j - Before(s, j))};
  for (int k = 0; k < 3; k++) {
    if (!Exists(s, at[k]) || !Grows(s, column, at[k])) continue;
    if (s->sense * end[column * s->n[0] + at[k]] < s->sense * p) return true;
  }
  return false;
}

/* The column next to another one by step[axis] in -1, 0, 1; -1: there is none. */
static long long Neighbour(const Search *s, long long column, const int *step) {
  long long stride = 1, to = 0;
  for (int a = 1; a < s->t.naxis; stride *= s->n[a++]) {
    int at = (int)(column / stride % s->n[a]) + step[a];
    if (at < 0 || at >= s->n[a]) return -1;
    to += at * stride;
  }
  return to;
}

static bool IsLowest(const Search *s, const double *end, long long column, int j) {
  int step[RHO_FAMILY_MOST], nneighbour = (int)pow(3, s->t.naxis - 1);
  for (int k = 0; k < nneighbour; k++) {
    for (int a = 1, rest = k; a < s->t.naxis; a++, rest /= 3) step[a] = rest % 3 - 1;
    long long to = Neighbour(s, column, step);
    if (to < 0 || to == column || !s->inside[to]) continue;
    double p = end[column * s->n[0] + j];
    if (ReachesBeyond(s, end, to, j, p)) return false;
    if (to < column && end[to * s->n[0] + j] == p && IsEnd(s, to, j)) return false; /* one of equal ones */
  }
  return true;
}

/* ---- one extreme ------------------------------------------------------------------------------------------------- */

/* A RhoSystemFn: the neutral equations in p and q; the others stand in full[]. */
typedef struct {
  Threshold *t;
  double *full;
} AtPlace;

static bool RootSystem(const double *u, double *F, double *J, void *ctx) {
  AtPlace *at = ctx;
  const int column[] = {0, at->t->naxis};
  int n = rho_threshold_equations(at->t);
  for (int k = 0; k < n; k++) at->full[column[k]] = u[k];
  return rho_threshold_slopes(at->t, at->full, n, column, F, J);
}

/* x[1 ..] given, p = x[0] and q = x[naxis] from the guess. */
static bool Root(Search *s, double *x) {
  Threshold *t = &s->t;
  int n = rho_threshold_equations(t);
  AtPlace at = {t, x};
  const double scale[2] = {t->scale[0], t->scale[t->naxis]};
  double u[2] = {s->guess[0], s->guess[1]};
  const RhoSystem system = {n, n, scale, RootSystem, &at};
  if (!rho_newton(&system, NULL, u).converged) return false;
  if (!(fabs(u[0] - s->guess[0]) < 0.2 * scale[0])) return false; /* another sheet */
  if (n > 1 && !(u[1] > RHO_SHORTEST * t->survey->growth.line.top)) return false;
  x[0] = s->guess[0] = u[0];
  x[t->naxis] = s->guess[1] = n > 1 ? u[1] : s->guess[1];
  return true;
}

/* A RhoDescentFn of x[1 ..]. */
static bool Worth(const double *x, double *f, void *ctx) {
  Search *s = ctx;
  double full[RHO_FAMILY_MOST + 1];
  memcpy(full + 1, x, sizeof *x * (size_t)(s->t.naxis - 1));
  if (!Root(s, full)) return false;
  f[0] = s->sense * full[0] / s->t.scale[0];
  for (int k = 0; k < s->nbound; k++) {
    f[1 + k] = BoundAt(s, k, full);
    if (!isfinite(f[1 + k])) return false;
  }
  return true;
}

/* A descent that ends nowhere, or higher than it began, has lost its sheet: then the state stays where it was. */
static bool Descend(Search *s, State *on, bool *flat) {
  double cell[RHO_FAMILY_MOST];
  Threshold *t = &s->t;
  for (int a = 1; a < t->naxis; a++) cell[a] = t->scale[a] / (s->n[a] - 1);
  const RhoDescent d = {t->naxis - 1, s->nbound, t->from + 1, t->to + 1, cell + 1, Worth, s};
  const State from = *on;
  s->guess[0] = on->x[0], s->guess[1] = on->peak.q;
  bool exact = rho_descend(&d, on->x + 1, flat);
  double full[RHO_FAMILY_MOST + 1];
  memcpy(full, on->x, sizeof on->x);
  if (!Root(s, full) || s->sense * (full[0] - from.x[0]) > 1e-9 * t->scale[0]) return *on = from, *flat = false, false;
  on->x[0] = full[0];
  on->peak.q = rho_threshold_equations(t) > 1 ? full[t->naxis] : 0;
  return exact;
}

/* Whether more is unstable beyond the state; then the neutral one farthest on, from samples of p on this line. */
static bool GoesOn(Search *s, const State *from, State *on) {
  State at = *from, unstable = *from;
  double full[RHO_FAMILY_MOST + 1];
  memcpy(full, from->x, sizeof from->x);
  full[s->t.naxis] = from->peak.q;
  if (!(rho_threshold_other(&s->t, full) > 0)) return false;
  for (int k = 0; k < s->n[0]; k++) {
    int j = s->sense > 0 ? s->n[0] - 1 - k : k;
    at.x[0] = s->x[0][j];
    if (s->sense * at.x[0] >= s->sense * from->x[0]) continue;
    if (rho_threshold_look(&s->t, &at)) return false;
    if (!rho_class_grows(at.class)) return !rho_threshold_bisect(&s->t, at.x, unstable.x, 0, on);
    unstable = at;
  }
  return false;
}

static unsigned EdgesOf(const Search *s, const double *x) {
  unsigned edges = 0;
  for (int a = 1; a < s->t.naxis; a++) {
    if (fabs(x[a] - s->t.from[a]) < 1e-9 * s->t.scale[a]) edges |= 1u << 2 * a;
    if (fabs(x[a] - s->t.to[a]) < 1e-9 * s->t.scale[a]) edges |= 2u << 2 * a;
  }
  return edges;
}

static bool IsKnown(const Search *s, const RhoExtreme *made) {
  for (int k = 0; k < s->nextreme; k++) {
    double off = 0, apart = fabs(made->x[0] - s->extreme[k].x[0]) / s->t.scale[0];
    if (s->extreme[k].largest != made->largest || s->extreme[k].window) continue;
    if (s->extreme[k].flat && made->flat && apart < 1e-9) return true;
    for (int a = 0; a < s->t.naxis; a++) off = fmax(off, fabs(made->x[a] - s->extreme[k].x[a]) / s->t.scale[a]);
    if (off < 1e-5) return true;
  }
  return false;
}

/* Beyond the window of p, on the side that is searched. */
static bool IsBeyond(const Search *s, double p) { return s->sense > 0 ? p < s->t.from[0] : p > s->t.to[0]; }

static void KeepWindow(Search *s, const double *x, double q, double frequency) {
  RhoExtreme made = {.largest = s->sense < 0, .window = true, .exact = true, .q = q, .frequency = frequency};
  for (int k = 0; k < s->nextreme; k++)
    if (s->extreme[k].window && s->extreme[k].largest == made.largest) return;
  memcpy(made.x, x, sizeof made.x);
  made.x[0] = s->sense > 0 ? s->t.from[0] : s->t.to[0];
  made.edges = EdgesOf(s, x) | (s->sense > 0 ? 1u : 2u);
  *RHO_PUSH(s->arena, s->extreme, s->nextreme, s->capacity) = made;
}

static void Keep(Search *s, const State *on, bool exact, bool flat) {
  RhoExtreme made = {
      .largest = s->sense < 0, .exact = exact, .flat = flat, .kind = s->t.kind, .oscillatory = s->t.oscillatory};
  double full[RHO_FAMILY_MOST + 1];
  memcpy(made.x, on->x, sizeof made.x);
  memcpy(full, on->x, sizeof on->x);
  full[s->t.naxis] = made.q = on->peak.q;
  if (IsKnown(s, &made)) return;
  made.frequency = rho_threshold_frequency(&s->t, full);
  if (IsBeyond(s, on->x[0])) {
    KeepWindow(s, on->x, made.q, made.frequency);
    return;
  }
  made.edges = EdgesOf(s, on->x);
  for (int k = 0; k < s->nbound; k++)
    if (BoundAt(s, k, on->x) < 1e-9) made.on |= 1u << k;
  *RHO_PUSH(s->arena, s->extreme, s->nextreme, s->capacity) = made;
}

static RhoStatus FromSample(Search *s, long long column, int j) {
  State on, next;
  RhoStatus status = EndAt(s, column, j, 0, &on);
  if (status) return status;
  for (int round = 1;; round++) {
    rho_threshold_set_kind(&s->t, &on);
    bool flat, exact = Descend(s, &on, &flat);
    bool more = GoesOn(s, &on, &next) && s->sense * (on.x[0] - next.x[0]) > 1e-9 * s->t.scale[0];
    if (!more || round == ROUNDS) return Keep(s, &on, exact && !more, flat), RHO_OK;
    on = next;
  }
}

/* ---- all of them ------------------------------------------------------------------------------------------------- */

/* States are unstable where the window of p begins (ends): the fastest of them. */
static void FindWindow(Search *s) {
  int j = s->sense > 0 ? 0 : s->n[0] - 1;
  long long best = -1;
  for (long long c = 0; c < s->ncolumn; c++)
    if (s->inside[c] && Grows(s, c, j) && (best < 0 || Sample(s, c, j)->growth > Sample(s, best, j)->growth)) best = c;
  if (best < 0) return;
  double x[RHO_FAMILY_MOST];
  PlaceOf(s, best, x);
  KeepWindow(s, x, Sample(s, best, j)->q, Sample(s, best, j)->frequency);
}

static RhoStatus FindOf(Search *s, double sense, double *end) {
  s->sense = sense;
  FindWindow(s);
  RhoStatus status = FindEnds(s, end);
  for (long long c = 0; c < s->ncolumn && !status; c++)
    for (int j = 0; j < s->n[0] && !status; j++)
      if (s->inside[c] && IsEnd(s, c, j) && IsLowest(s, end, c, j)) status = FromSample(s, c, j);
  return status;
}

/* Smallest first, in order; then the largest. */
static int ByWorth(const void *a, const void *b) {
  const RhoExtreme *x = a, *y = b;
  if (x->largest != y->largest) return x->largest - y->largest;
  double d = (x->x[0] - y->x[0]) * (x->largest ? -1 : 1);
  return (d > 0) - (d < 0);
}

static void Rank(Search *s) {
  if (s->nextreme) qsort(s->extreme, (size_t)s->nextreme, sizeof *s->extreme, ByWorth);
  for (int k = 0; k < s->nextreme; k++)
    s->extreme[k].best = k == 0 || s->extreme[k].largest != s->extreme[k - 1].largest;
}

/* Of each column the number farthest on at which it is unstable. */
static void CopyEdge(const Search *s, const double *end, double *edge) {
  for (long long c = 0; c < s->ncolumn; c++) {
    edge[c] = NAN;
    for (int k = 0; k < s->n[0] && s->inside[c] && isnan(edge[c]); k++) {
      int j = s->sense > 0 ? k : s->n[0] - 1 - k;
      if (Grows(s, c, j)) edge[c] = end[c * s->n[0] + j];
    }
  }
}

static RhoStatus FindAll(Search *s, double *edge) {
  RhoStatus status = RHO_OK;
  s->ncolumn = 1;
  for (int a = 1; a < s->t.naxis; a++) s->ncolumn *= s->n[a];
  double *end = RhoArenaAlloc(s->arena, sizeof *end * (size_t)(s->ncolumn * s->n[0]));
  FindInside(s);
  for (int k = 0; k < 2 && !status; k++) {
    status = FindOf(s, k ? -1 : 1, end);
    if (!status && edge) CopyEdge(s, end, edge + k * s->ncolumn);
  }
  Rank(s);
  return status;
}

RhoStatus RhoExtremes(const RhoFamily *family, RhoArena arena, const RhoWaveRange *range, int nbound,
                      const RhoNode *bound, const int *n, const double *const *x, const RhoMapPoint *map, int *nextreme,
                      const RhoExtreme **extreme, double *edge) {
  Survey survey = {.top = 0};
  Search s = {.arena = arena, .nbound = nbound, .bound = bound, .n = n, .x = x, .map = map};
  *nextreme = 0;
  *extreme = NULL;
  if (family->naxis < 2 || family->naxis > RHO_FAMILY_MOST || nbound > RHO_DESCENT_BOUNDS) return RHO_INPUT;
  if (setjmp(*RhoArenaGuard(arena))) return RHO_NOMEM;
  RhoStatus status = rho_survey_create(family, range, arena, &survey);
  rho_threshold_begin(&survey, &s.t);
  if (!status) status = FindAll(&s, edge);
  rho_survey_destroy(&survey);
  *nextreme = s.nextreme;
  *extreme = s.extreme;
  return status;
}
