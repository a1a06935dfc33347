/* neutral.c - curves in a plane of two numbers on which the largest growth of a uniform state vanishes.

   Which function vanishes depends on the instability, so that each is smooth along its curve and beyond its ends:

                stationary                    oscillatory                unknowns
     long       det M2 = 0                    Re mu = 0, mu of M2        x0, x1        (M2, F: long_waves.c)
     uniform    det F = 0                     Re lambda = 0, of F        x0, x1
     finite     det A(q) = d det A/dq = 0     Re lambda = Re lambda' = 0  x0, x1, q

   Seeds are where the edges of the map's mesh go from a stable to an unstable state, by bisection; the curve through
   each is followed both ways (trace.c) to the window's edge, back to its start, or to where another mode has grown
   already: other(x) > 0, the largest growth that is not the curve's own.  Those ends are the points of codimension two.
   Residuals are exact and so is every point to round-off; the Jacobians, which only steer, are central differences.
   Curves that pass between no two neighbours of the map are not found. */
#include "survey.h"
#include "trace.h"
#include <float.h>
#include <math.h>
#include <string.h>

typedef double complex Complex;
enum { NPOINT = 4000, BISECTIONS = 48, OTHER = 4, LENGTH = 5, NMONITOR = 6 };
#define DIFFERENCE 1e-6
#define SHORTEST 2e-3 /* q of a finite wave, in parts of the range: below it counts as the limit q -> 0 */

typedef struct {
  Survey *survey;
  RhoNeutralKind kind;
  bool oscillatory;
  double from[2], to[2], scale[3];
} Neutral;

/* ---- what vanishes ----------------------------------------------------------------------------------------------- */

static RhoStatus BindAt(Neutral *c, const double *x) {
  RhoStatus status = rho_family_at(&c->survey->state, x);
  return status ? status : rho_line_bind(&c->survey->growth.line, c->survey->state.value, c->survey->state.state);
}

static bool IsReal(int n, const Complex *A) {
  for (int k = 0; k < n * n; k++)
    if (cimag(A[k]) != 0) return false;
  return true;
}

/* d det: one column after the other from D. */
static double DeterminantSlope(int n, const Complex *M, const Complex *D) {
  Complex copy[RHO_LINE_MOST * RHO_LINE_MOST], sum = 0;
  for (int j = 0; j < n; j++) {
    memcpy(copy, M, sizeof *M * (size_t)(n * n));
    for (int i = 0; i < n; i++) copy[i * n + j] = D[i * n + j];
    sum += rho_determinant(n, copy);
  }
  return creal(sum);
}

/* The residual of a matrix at the limit q -> 0. */
static bool LimitResidual(Neutral *c, double *F) {
  LongWaves limit;
  if (rho_long_waves(&c->survey->growth.line, &limit)) return false;
  bool slow = c->kind == RHO_NEUTRAL_LONG;
  int n = slow ? limit.nslow : limit.nfast;
  const Complex *M = slow ? limit.M : limit.F, *rate = slow ? limit.slow : limit.fast;
  bool pair = n > 1 && !(slow && limit.speed[0] != 0);
  if (!c->oscillatory) F[0] = creal(rho_determinant(n, M));
  else F[0] = pair ? 0.5 * creal(rate[0] + rate[1]) : creal(rate[0]);
  return isfinite(F[0]);
}

/* The largest real part of A(q) and its slope, or the determinant and its slope. */
static bool FiniteResidual(Neutral *c, double q, double *F) {
  Complex A[3 * RHO_LINE_MOST * RHO_LINE_MOST], rate[RHO_LINE_MOST][3];
  int n = c->survey->growth.line.n;
  if (!(q > 0) || rho_line_at(&c->survey->growth.line, q, A)) return false;
  if (c->oscillatory || !IsReal(n, A)) {
    if (rho_mode_slopes(n, A, rate)) return false;
    int partner = n > 1 && IsReal(n, A); /* the mean of a pair is smooth, also where the pair has become two */
    F[0] = 0.5 * creal(rate[0][0] + rate[partner][0]);
    F[1] = 0.5 * creal(rate[0][1] + rate[partner][1]);
  } else {
    F[0] = creal(rho_determinant(n, A));
    F[1] = DeterminantSlope(n, A, A + n * n);
  }
  return isfinite(F[0]) && isfinite(F[1]);
}

static bool Residual(Neutral *c, const double *x, double *F) {
  if (BindAt(c, x)) return false;
  return c->kind == RHO_NEUTRAL_FINITE ? FiniteResidual(c, x[2], F) : LimitResidual(c, F);
}

static bool System(const double *x, double *F, double *J, void *ctx) {
  Neutral *c = ctx;
  int n = c->kind == RHO_NEUTRAL_FINITE ? 2 : 1, m = n + 1;
  double up[2], down[2], at[3];
  if (!Residual(c, x, F)) return false;
  for (int j = 0; j < m; j++) {
    memcpy(at, x, sizeof *at * (size_t)m);
    at[j] = x[j] + DIFFERENCE * c->scale[j];
    if (!Residual(c, at, up)) return false;
    at[j] = x[j] - DIFFERENCE * c->scale[j];
    if (!Residual(c, at, down)) return false;
    for (int i = 0; i < n; i++) J[i * m + j] = (up[i] - down[i]) / (2 * DIFFERENCE * c->scale[j]);
  }
  return true;
}

/* ---- what else grows --------------------------------------------------------------------------------------------- */

/* The largest real part of n rates but the neutral ones.  A neutral pair must be one: else its squared half distance.
 */
static double OtherRates(int n, const Complex *rate, bool oscillatory) {
  double most = -INFINITY;
  int own = 0;
  if (n == 2 && !oscillatory) return creal(rate[0] + rate[1]); /* one vanishes: the trace is smooth where both do */
  for (int k = 1; k < n && !oscillatory; k++)
    if (cabs(rate[k]) < cabs(rate[own])) own = k;
  for (int k = 0; k < n; k++)
    if (oscillatory ? k > 1 : k != own) most = fmax(most, creal(rate[k]));
  if (oscillatory && n > 1) most = fmax(most, creal(0.25 * (rate[0] - rate[1]) * (rate[0] - rate[1])));
  return most;
}

/* The largest maximum of the growth over q but the one at q itself, and away from the origin. */
static double OtherWaves(Growth *g, double q) {
  double most = -INFINITY;
  for (int k = 0; k < g->scan.n; k++) {
    Peak peak;
    if (g->scan.q[k] < SHORTEST * g->line.top || !rho_growth_peaks(g, k) || rho_growth_refine(g, k, &peak)) continue;
    if (fabs(peak.q - q) > 1e-3 * q) most = fmax(most, creal(peak.rate));
  }
  return most;
}

static double Other(Neutral *c, const double *x) {
  Growth *g = &c->survey->growth;
  Complex A[3 * RHO_LINE_MOST * RHO_LINE_MOST], rate[RHO_LINE_MOST];
  if (rho_survey_at(c->survey, x)) return NAN;
  const LongWaves *l = &g->limit;
  double q = c->kind == RHO_NEUTRAL_FINITE ? x[2] : 0, most = OtherWaves(g, q);
  if (c->kind == RHO_NEUTRAL_FINITE) {
    if (rho_line_at(&g->line, q, A) || rho_rates(g->line.n, A, rate)) return NAN;
    if (IsReal(g->line.n, A)) most = fmax(most, OtherRates(g->line.n, rate, c->oscillatory));
  }
  if (c->kind == RHO_NEUTRAL_LONG) most = fmax(most, OtherRates(l->nslow, l->slow, c->oscillatory));
  else if (l->nslow) most = fmax(most, creal(l->slow[0]));
  if (c->kind == RHO_NEUTRAL_UNIFORM) most = fmax(most, OtherRates(l->nfast, l->fast, c->oscillatory));
  else if (l->nfast) most = fmax(most, creal(l->fast[0]));
  return most;
}

static void Monitor(const double *x, const double *tangent, double *g, void *ctx) {
  Neutral *c = ctx;
  (void)tangent;
  for (int d = 0; d < 2; d++) {
    g[2 * d] = x[d] - c->from[d];
    g[2 * d + 1] = c->to[d] - x[d];
  }
  double other = Other(c, x);
  g[OTHER] = other > 0 ? 1 : other <= 0 ? -1 : NAN; /* growth of orders that differ: by its sign alone, bisected */
  g[LENGTH] = c->kind == RHO_NEUTRAL_FINITE ? x[2] - SHORTEST * c->survey->growth.line.top : 1;
}

/* ---- one curve --------------------------------------------------------------------------------------------------- */

static RhoTrace Follow(Neutral *c, RhoArena arena, const double *x, double sense) {
  int n = c->kind == RHO_NEUTRAL_FINITE ? 2 : 1;
  /* any sense will do that is not orthogonal to the tangent: J gives the tangent itself */
  double F[2], J[6], tangent[3] = {0};
  if (System(x, F, J, c)) {
    for (int j = 0; j < 2; j++) tangent[j] = J[j] * c->scale[j];
    double swap = tangent[0];
    tangent[0] = -tangent[1] * sense, tangent[1] = swap * sense;
  }
  RhoTraceProblem problem = {.system = {n, n + 1, c->scale, System, c},
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

/* Frequency of the neutral mode. */
static double FrequencyAt(Neutral *c, const double *x) {
  Complex A[3 * RHO_LINE_MOST * RHO_LINE_MOST], rate[RHO_LINE_MOST];
  LongWaves limit;
  if (!c->oscillatory || BindAt(c, x)) return 0;
  if (c->kind == RHO_NEUTRAL_FINITE) {
    bool found = !rho_line_at(&c->survey->growth.line, x[2], A) && !rho_rates(c->survey->growth.line.n, A, rate);
    return found ? fabs(cimag(rate[0])) : NAN;
  }
  if (rho_long_waves(&c->survey->growth.line, &limit)) return NAN;
  return c->kind == RHO_NEUTRAL_UNIFORM ? fabs(cimag(limit.fast[0])) : 0;
}

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
static bool Extreme(Neutral *c, const RhoTrace *t, int k, int d, double *x) {
  int n = c->kind == RHO_NEUTRAL_FINITE ? 2 : 1, m = n + 1;
  const RhoSystem system = {n, m, c->scale, System, c};
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
static void AddExtremes(Curves *curves, Neutral *c, const RhoTrace *t, int k, Points *p) {
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

static void AddPoints(Curves *curves, Neutral *c, const RhoTrace *t, bool backwards, Points *p) {
  int m = c->kind == RHO_NEUTRAL_FINITE ? 3 : 2;
  for (int i = 0; i < t->npoint; i++) {
    int k = backwards ? t->npoint - 1 - i : i;
    const double *x = t->x + k * m;
    if (!backwards && k == 0 && p->n > 0) continue; /* the seed, which is there */
    p->x[2 * p->n] = x[0], p->x[2 * p->n + 1] = x[1];
    p->q[p->n] = m == 3 ? x[2] : 0;
    p->frequency[p->n++] = FrequencyAt(c, x);
    const char *what = t->event[k] >= 0 ? EventText(t->event[k]) : NULL;
    if (what) AddMark(curves, p, what, x);
    if (k + 1 < t->npoint) AddExtremes(curves, c, t, k, p);
  }
}

static void AddCurve(Curves *curves, Neutral *c, const double *seed) {
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

typedef struct {
  double x[2];
  Peak peak;
  RhoStabilityClass class;
} State;

static RhoStatus Look(Neutral *c, State *s) {
  RhoStatus status = rho_survey_at(c->survey, s->x);
  s->class = RHO_CLASS_UNDEFINED;
  if (status || !rho_growth_defined(&c->survey->growth)) return status;
  status = rho_growth_largest(&c->survey->growth, &s->peak);
  s->class = rho_growth_class(&c->survey->growth, &s->peak);
  return status;
}

/* Between a stable and an unstable state: *on becomes the unstable one nearest to the curve. */
static RhoStatus Bisect(Neutral *c, const double *stable, const double *unstable, State *on) {
  double a[2] = {stable[0], stable[1]}, b[2] = {unstable[0], unstable[1]};
  State middle;
  RhoStatus status = RHO_OK;
  memcpy(on->x, b, sizeof b);
  status = Look(c, on);
  for (int k = 0; k < BISECTIONS && !status; k++) {
    for (int d = 0; d < 2; d++) middle.x[d] = 0.5 * (a[d] + b[d]);
    if ((middle.x[0] == a[0] || middle.x[0] == b[0]) && (middle.x[1] == a[1] || middle.x[1] == b[1])) break;
    status = Look(c, &middle);
    if (middle.class == RHO_CLASS_STABLE || middle.class == RHO_CLASS_UNDEFINED) memcpy(a, middle.x, sizeof a);
    else memcpy(b, middle.x, sizeof b), *on = middle;
  }
  return status;
}

/* By the mode next to threshold; what is that of q -> 0 but for rounding counts as such. */
static void SetKind(Neutral *c, const State *on) {
  static const RhoNeutralKind kind[RHO_CLASS_COUNT] = {[RHO_CLASS_FINITE_STATIONARY] = RHO_NEUTRAL_FINITE,
                                                       [RHO_CLASS_FINITE_OSCILLATORY] = RHO_NEUTRAL_FINITE,
                                                       [RHO_CLASS_UNIFORM_STATIONARY] = RHO_NEUTRAL_UNIFORM,
                                                       [RHO_CLASS_UNIFORM_OSCILLATORY] = RHO_NEUTRAL_UNIFORM};
  c->kind = kind[on->class];
  c->oscillatory = on->class == RHO_CLASS_LONG_OSCILLATORY || on->class == RHO_CLASS_FINITE_OSCILLATORY ||
                   on->class == RHO_CLASS_UNIFORM_OSCILLATORY;
  c->scale[2] = on->peak.q > 0 ? on->peak.q : 1;
  if (c->kind != RHO_NEUTRAL_FINITE || on->peak.q > SHORTEST * c->survey->growth.line.top) return;
  c->kind = c->survey->growth.limit.nslow ? RHO_NEUTRAL_LONG : RHO_NEUTRAL_UNIFORM;
}

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

static bool Grows(const RhoMapPoint *p) { return p->class != RHO_CLASS_STABLE && p->class != RHO_CLASS_UNDEFINED; }

static RhoStatus TryEdge(Curves *curves, Neutral *c, const RhoMapPoint *p, const double *x, const RhoMapPoint *q,
                         const double *y, const double *cell) {
  State on;
  if (p->class == RHO_CLASS_UNDEFINED || q->class == RHO_CLASS_UNDEFINED || Grows(p) == Grows(q)) return RHO_OK;
  if (IsCrossed(curves, x, y)) return RHO_OK;
  RhoStatus status = Grows(q) ? Bisect(c, x, y, &on) : Bisect(c, y, x, &on);
  if (status || IsOn(curves, on.x, cell)) return status;
  SetKind(c, &on);
  const double seed[3] = {on.x[0], on.x[1], on.peak.q};
  AddCurve(curves, c, seed);
  return RHO_OK;
}

static RhoStatus TryEdges(Curves *curves, Neutral *c, int n0, const double *x0, int n1, const double *x1,
                          const RhoMapPoint *map) {
  const double cell[2] = {(c->to[0] - c->from[0]) / (n0 - 1), (c->to[1] - c->from[1]) / (n1 - 1)};
  RhoStatus status = RHO_OK;
  for (int j = 0; j < n1 && !status; j++)
    for (int i = 0; i < n0 && !status; i++) {
      const RhoMapPoint *p = &map[(size_t)j * (size_t)n0 + (size_t)i];
      const double x[2] = {x0[i], x1[j]};
      /* not along the window's edge: a curve must start within */
      if (i + 1 < n0 && j > 0 && j + 1 < n1)
        status = TryEdge(curves, c, p, x, p + 1, (const double[]){x0[i + 1], x1[j]}, cell);
      if (j + 1 < n1 && i > 0 && i + 1 < n0 && !status)
        status = TryEdge(curves, c, p, x, p + n0, (const double[]){x0[i], x1[j + 1]}, cell);
    }
  return status;
}

RhoStatus RhoNeutralCurves(const RhoFamily *family, RhoArena arena, const RhoWaveRange *range, int n0, const double *x0,
                           int n1, const double *x1, const RhoMapPoint *map, int *ncurve,
                           const RhoNeutralCurve **curve) {
  Survey survey = {.top = 0};
  Curves curves = {.arena = arena, .family = family};
  Neutral c = {.survey = &survey, .scale = {0, 0, 1}};
  *ncurve = 0;
  *curve = NULL;
  if (setjmp(*RhoArenaGuard(arena))) return RHO_NOMEM;
  for (int d = 0; d < 2; d++) {
    c.from[d] = family->axis[d].from, c.to[d] = family->axis[d].to;
    c.scale[d] = c.to[d] - c.from[d];
  }
  RhoStatus status = rho_survey_create(family, range, arena, &survey);
  if (!status) status = TryEdges(&curves, &c, n0, x0, n1, x1, map);
  rho_survey_destroy(&survey);
  *ncurve = curves.n;
  *curve = curves.curve;
  return status;
}
