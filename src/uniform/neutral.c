/* neutral.c - curves in a plane of two numbers on which the largest growth of a uniform state vanishes.

   threshold.c has the functions that vanish, smooth along their curves and beyond their ends.

   Seeds are where the edges of the map's mesh go from a stable to an unstable state, by bisection; the curve through
   each is followed both ways (trace.c) to the window's edge, back to its start, or to where another mode has grown
   already: other(x) > 0, the largest growth that is not the curve's own.  Those ends are the points of codimension two.
   Every point is exact to round-off.
   Curves that pass between no two neighbours of the map are not found. */
#include "threshold.h"
#include "trace.h"
#include <math.h>
#include <string.h>

enum { NPOINT = 4000, BISECTIONS = 48, OTHER = 4, LENGTH = 5, NMONITOR = 6 };

static void Monitor(const double *x, const double *tangent, double *g, void *ctx) {
  Threshold *c = ctx;
  (void)tangent;
  for (int d = 0; d < 2; d++) {
    g[2 * d] = x[d] - c->from[d];
    g[2 * d + 1] = c->to[d] - x[d];
  }
  double other = rho_threshold_other(c, x);
  g[OTHER] = other > 0 ? 1 : other <= 0 ? -1 : NAN; /* growth of orders that differ: by its sign alone, bisected */
  g[LENGTH] = c->kind == RHO_NEUTRAL_FINITE ? x[2] - RHO_SHORTEST * c->survey->growth.line.top : 1;
}

/* ---- one curve --------------------------------------------------------------------------------------------------- */

static RhoTrace Follow(Threshold *c, RhoArena arena, const double *x, double sense) {
  int n = rho_threshold_equations(c);
  /* any sense will do that is not orthogonal to the tangent: J gives the tangent itself */
  double F[2], J[6], tangent[3] = {0};
  if (rho_threshold_system(x, F, J, c)) {
    for (int j = 0; j < 2; j++) tangent[j] = J[j] * c->scale[j];
    double swap = tangent[0];
    tangent[0] = -tangent[1] * sense, tangent[1] = swap * sense;
  }
  RhoTraceProblem problem = {.system = {n, n + 1, c->scale, rho_threshold_system, c},
                             .nmonitor = NMONITOR,
                             .monitor = Monitor,
                             .ends = (1u << NMONITOR) - 1,
                             .first = 1e-6,
                             .most = 0.02,
                             .angle = 0.05,
                             .npoint = NPOINT};
  if (n == 1) return rho_trace(&problem, arena, x, tangent);
  const double along[3] = {sense * 0.6, sense * 0.7, sense * 0.3}; /* oblique: not orthogonal but by accident */
  return rho_trace(&problem, arena, x, along);
}

static RhoNeutralEnd EndOf(const RhoTrace *t) {
  if (t->end == RHO_TRACE_CLOSED) return RHO_NEUTRAL_CLOSED;
  if (t->end != RHO_TRACE_EVENT) return RHO_NEUTRAL_LOST;
  return t->event[t->npoint - 1] >= OTHER ? RHO_NEUTRAL_TAKEN : RHO_NEUTRAL_WINDOW;
}

typedef struct {
  RhoArena arena;
  const RhoFamily *family;
  RhoNeutralCurve *curve;
  int n, capacity;
} Curves;

typedef struct {
  double *x, *q, *frequency;
  int n;
  RhoNeutralMark *mark;
  int nmark, marks;
} Points;

static void AddMark(Curves *curves, Points *p, const char *what, const double *x) {
  RhoNeutralMark mark = {what, p->n - 1, {x[0], x[1]}};
  *RHO_PUSH(curves->arena, p->mark, p->nmark, p->marks) = mark;
}

static const char *EventText(int event) {
  if (event == OTHER) return "another instability takes over";
  return event == LENGTH ? "the wavelength diverges" : NULL;
}

/* Points from a to b of the trace, corrected onto the curve: the one at which the tangent has no component along d. */
static bool Extreme(Threshold *c, const RhoTrace *t, int k, int d, double *x) {
  int n = rho_threshold_equations(c), m = n + 1;
  const RhoSystem system = {n, m, c->scale, rho_threshold_system, c};
  const double *a = t->x + k * m, *b = a + m, *direction = t->tangent + k * m;
  double low = 0, high = 1, sign = direction[d], tangent[3];
  for (int step = 0; step < BISECTIONS; step++) {
    double part = 0.5 * (low + high);
    for (int j = 0; j < m; j++) x[j] = a[j] + part * (b[j] - a[j]);
    if (!rho_newton(&system, direction, x).converged || !rho_tangent(&system, direction, x, tangent)) return false;
    if (tangent[d] * sign > 0) low = part;
    else high = part;
  }
  return true;
}

/* Where the curve is farthest along an axis, between its points k and k + 1. */
static void AddExtremes(Curves *curves, Threshold *c, const RhoTrace *t, int k, Points *p) {
  int m = c->kind == RHO_NEUTRAL_FINITE ? 3 : 2;
  const double *here = t->tangent + k * m, *next = here + m;
  for (int d = 0; d < 2; d++) {
    double x[3];
    if (!(here[d] * next[d] < 0) || fmin(fabs(here[d]), fabs(next[d])) < 1e-7 || !Extreme(c, t, k, d, x)) continue;
    AddMark(curves, p,
            RhoArenaPrint(curves->arena, "%s %s", here[d] > 0 ? "largest" : "smallest", curves->family->axis[d].name),
            x);
  }
}

static void AddPoints(Curves *curves, Threshold *c, const RhoTrace *t, bool backwards, Points *p) {
  int m = c->kind == RHO_NEUTRAL_FINITE ? 3 : 2;
  for (int i = 0; i < t->npoint; i++) {
    int k = backwards ? t->npoint - 1 - i : i;
    const double *x = t->x + k * m;
    if (!backwards && k == 0 && p->n > 0) continue; /* the seed, which is there */
    p->x[2 * p->n] = x[0], p->x[2 * p->n + 1] = x[1];
    p->q[p->n] = m == 3 ? x[2] : 0;
    p->frequency[p->n++] = rho_threshold_frequency(c, x);
    const char *what = t->event[k] >= 0 ? EventText(t->event[k]) : NULL;
    if (what) AddMark(curves, p, what, x);
    if (k + 1 < t->npoint) AddExtremes(curves, c, t, k, p);
  }
}

static void AddCurve(Curves *curves, Threshold *c, const double *seed) {
  RhoTrace on = Follow(c, curves->arena, seed, 1), back = {0};
  if (on.npoint < 2) return;
  bool closed = on.end == RHO_TRACE_CLOSED;
  if (!closed) back = Follow(c, curves->arena, seed, -1);
  size_t n = (size_t)(on.npoint + back.npoint);
  Points p = {RhoArenaAlloc(curves->arena, 2 * n * sizeof(double)),
              RhoArenaAlloc(curves->arena, n * sizeof(double)),
              RhoArenaAlloc(curves->arena, n * sizeof(double)),
              0,
              NULL,
              0,
              0};
  if (!closed) AddPoints(curves, c, &back, true, &p);
  AddPoints(curves, c, &on, false, &p);
  RhoNeutralCurve made = {.kind = c->kind,
                          .oscillatory = c->oscillatory,
                          .npoint = p.n,
                          .x = p.x,
                          .q = p.q,
                          .frequency = p.frequency,
                          .first = closed        ? RHO_NEUTRAL_CLOSED
                                   : back.npoint ? EndOf(&back)
                                                 : RHO_NEUTRAL_LOST,
                          .last = EndOf(&on),
                          .nmark = p.nmark,
                          .mark = p.mark};
  *RHO_PUSH(curves->arena, curves->curve, curves->n, curves->capacity) = made;
}

/* ---- seeds ------------------------------------------------------------------------------------------------------- */

/* Does some curve pass within a fifth of a cell? */
static bool IsOn(const Curves *curves, const double *x, const double *cell) {
  for (int k = 0; k < curves->n; k++)
    for (int i = 0; i + 1 < curves->curve[k].npoint; i++) {
      const double *a = curves->curve[k].x + 2 * i;
      double u[2], v[2], uu = 0, uv = 0, vv = 0;
      for (int d = 0; d < 2; d++) {
        u[d] = (a[2 + d] - a[d]) / cell[d], v[d] = (x[d] - a[d]) / cell[d];
        uu += u[d] * u[d], uv += u[d] * v[d], vv += v[d] * v[d];
      }
      double t = uu > 0 ? fmin(1, fmax(0, uv / uu)) : 0;
      if (vv - 2 * t * uv + t * t * uu < 0.04) return true;
    }
  return false;
}

/* Does some curve cross the edge from a to b? */
static bool IsCrossed(const Curves *curves, const double *a, const double *b) {
  for (int k = 0; k < curves->n; k++)
    for (int i = 0; i + 1 < curves->curve[k].npoint; i++) {
      const double *p = curves->curve[k].x + 2 * i, *q = p + 2;
      double one = (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]);
      double two = (b[0] - a[0]) * (q[1] - a[1]) - (b[1] - a[1]) * (q[0] - a[0]);
      double three = (q[0] - p[0]) * (a[1] - p[1]) - (q[1] - p[1]) * (a[0] - p[0]);
      double four = (q[0] - p[0]) * (b[1] - p[1]) - (q[1] - p[1]) * (b[0] - p[0]);
      if (one * two <= 0 && three * four <= 0) return true;
    }
  return false;
}

static RhoStatus TryEdge(Curves *curves, Threshold *c, const RhoMapPoint *p, const double *x, const RhoMapPoint *q,
                         const double *y, const double *cell) {
  State on;
  if (p->class == RHO_CLASS_UNDEFINED || q->class == RHO_CLASS_UNDEFINED ||
      rho_class_grows(p->class) == rho_class_grows(q->class))
    return RHO_OK;
  if (IsCrossed(curves, x, y)) return RHO_OK;
  RhoStatus status =
      rho_class_grows(q->class) ? rho_threshold_bisect(c, x, y, 0, &on) : rho_threshold_bisect(c, y, x, 0, &on);
  if (status || IsOn(curves, on.x, cell)) return status;
  rho_threshold_set_kind(c, &on);
  const double seed[3] = {on.x[0], on.x[1], on.peak.q};
  AddCurve(curves, c, seed);
  return RHO_OK;
}

static RhoStatus TryEdges(Curves *curves, Threshold *c, const int *n, const double *const *x, const RhoMapPoint *map) {
  const double cell[2] = {c->scale[0] / (n[0] - 1), c->scale[1] / (n[1] - 1)};
  RhoStatus status = RHO_OK;
  for (int j = 0; j < n[1] && !status; j++)
    for (int i = 0; i < n[0] && !status; i++) {
      const RhoMapPoint *p = &map[(size_t)j * (size_t)n[0] + (size_t)i];
      const double at[2] = {x[0][i], x[1][j]};
      /* not along the window's edge: a curve must start within */
      if (i + 1 < n[0] && j > 0 && j + 1 < n[1])
        status = TryEdge(curves, c, p, at, p + 1, (const double[]){x[0][i + 1], x[1][j]}, cell);
      if (j + 1 < n[1] && i > 0 && i + 1 < n[0] && !status)
        status = TryEdge(curves, c, p, at, p + n[0], (const double[]){x[0][i], x[1][j + 1]}, cell);
    }
  return status;
}

RhoStatus RhoNeutralCurves(const RhoFamily *family, RhoArena arena, const RhoWaveRange *range, const int *n,
                           const double *const *x, const RhoMapPoint *map, int *ncurve, const RhoNeutralCurve **curve) {
  Survey survey = {.top = 0};
  Curves curves = {.arena = arena, .family = family};
  Threshold c;
  *ncurve = 0;
  *curve = NULL;
  if (family->naxis != 2) return RHO_INPUT;
  if (setjmp(*RhoArenaGuard(arena))) return RHO_NOMEM;
  RhoStatus status = rho_survey_create(family, range, arena, &survey);
  rho_threshold_begin(&survey, &c);
  if (!status) status = TryEdges(&curves, &c, n, x, map);
  rho_survey_destroy(&survey);
  *ncurve = curves.n;
  *curve = curves.curve;
  return status;
}
