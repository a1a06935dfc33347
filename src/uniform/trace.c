/* trace.c - damped Newton, and continuation in the pseudo-arclength.

   Unknowns are y = x/scale.  The tangent t solves [J; d] t = (0, 1), a step predicts y + h t and corrects orthogonally
   to t, so that a step is the curve as a function of h and an event is a root in h, found by regula falsi.
   h follows the contraction of Newton's corrections (wanted 1/8; rejected above 1/2) and the angle between tangents. */
#include "trace.h"
#include <float.h>
#include <math.h>
#include <string.h>

#define CONTRACTION 0.125
#define SMALL 1e-8    /* corrections that count as converged once they stop getting smaller, */
#define NOTHING 1e-19 /* or are so small: those of unknowns that are zero may get smaller forever */

void dgetrf_(const int *m, const int *n, double *a, const int *lda, int *pivot, int *info);
void dgetrs_(const char *trans, const int *n, const int *nrhs, const double *a, const int *lda, const int *pivot,
             double *b, const int *ldb, int *info);

/* [J; d] with its rows brought to size 1, factorised (transposed, as LAPACK stores by columns). */
typedef struct {
  int m, pivot[RHO_TRACE_MAX];
  double lu[RHO_TRACE_MAX * RHO_TRACE_MAX], row[RHO_TRACE_MAX];
} Matrix;

static double Norm(int m, const double *y) {
  double sum = 0;
  for (int i = 0; i < m; i++) sum += y[i] * y[i];
  return sqrt(sum);
}

static double Dot(int m, const double *a, const double *b) {
  double sum = 0;
  for (int i = 0; i < m; i++) sum += a[i] * b[i];
  return sum;
}

static double Scale(const RhoSystem *s, int i) { return s->scale ? s->scale[i] : 1; }

static bool Finite(int n, const double *a) {
  for (int i = 0; i < n; i++)
    if (!isfinite(a[i])) return false;
  return true;
}

/* F and dF/dy */
static bool Evaluate(const RhoSystem *s, const double *x, double *F, double *J) {
  if (!s->fn(x, F, J, s->ctx) || !Finite(s->n, F) || !Finite(s->n * s->m, J)) return false;
  for (int i = 0; i < s->n; i++)
    for (int j = 0; j < s->m; j++) J[i * s->m + j] *= Scale(s, j);
  return true;
}

static bool Factorise(const RhoSystem *s, const double *J, const double *direction, Matrix *A) {
  int m = A->m = s->m, info = 0;
  memcpy(A->lu, J, sizeof *J * (size_t)(s->n * m));
  if (m > s->n) memcpy(&A->lu[s->n * m], direction, sizeof *J * (size_t)m);
  for (int i = 0; i < m; i++) {
    double largest = 0;
    for (int j = 0; j < m; j++) largest = fmax(largest, fabs(A->lu[i * m + j]));
    if (!(largest > 0)) return false;
    A->row[i] = 1 / largest;
    for (int j = 0; j < m; j++) A->lu[i * m + j] *= A->row[i];
  }
  dgetrf_(&m, &m, A->lu, &m, A->pivot, &info);
  return info == 0;
}

/* b = A^-1 b */
static bool Solve(const Matrix *A, double *b) {
  int one = 1, info = 0;
  for (int i = 0; i < A->m; i++) b[i] *= A->row[i];
  dgetrs_("T", &A->m, &one, A->lu, &A->m, A->pivot, b, &A->m, &info);
  return info == 0 && Finite(A->m, b);
}

/* ---- Newton ----------------------------------------------------------------------------------------------------- */

typedef struct {
  const RhoSystem *s;
  Matrix A;
  double J[RHO_TRACE_MAX * RHO_TRACE_MAX];
} Iteration;

/* dy = -A^-1 (F, 0) */
static bool Correction(Iteration *it, const double *F, double *dy) {
  for (int i = 0; i < it->s->m; i++) dy[i] = i < it->s->n ? -F[i] : 0;
  return Solve(&it->A, dy);
}

static void Move(const RhoSystem *s, const double *x, double lambda, const double *dy, double *to) {
  for (int i = 0; i < s->m; i++) to[i] = x[i] + lambda * Scale(s, i) * dy[i];
}

/* x += lambda dy, lambda halved until the simplified correction is the smaller one, *next its length; F and J follow.
    false: no lambda will do. */
static bool Damped(Iteration *it, double *x, double *F, const double *dy, double length, double *next) {
  double trial[RHO_TRACE_MAX], bar[RHO_TRACE_MAX];
  for (double lambda = 1; lambda > 1e-4; lambda *= 0.5) {
    Move(it->s, x, lambda, dy, trial);
    if (!Evaluate(it->s, trial, F, it->J) || !Correction(it, F, bar)) continue;
    *next = Norm(it->s->m, bar);
    if (*next > (1 - 0.5 * lambda) * length && length > SMALL) continue;
    memcpy(x, trial, sizeof *x * (size_t)it->s->m);
    return true;
  }
  return false;
}

RhoNewton rho_newton(const RhoSystem *s, const double *direction, double *x) {
  enum { MOST = 60 };
  Iteration it = {.s = s};
  RhoNewton out = {.step = INFINITY};
  double F[RHO_TRACE_MAX], dy[RHO_TRACE_MAX], next;
  if (s->m > RHO_TRACE_MAX || !Evaluate(s, x, F, it.J)) return out;
  for (; out.niteration < MOST; out.niteration++) {
    if (!Factorise(s, it.J, direction, &it.A) || !Correction(&it, F, dy)) return out;
    double length = Norm(s->m, dy);
    out.converged = length <= NOTHING || (length <= SMALL && length >= 0.5 * out.step);
    out.step = length;
    if (out.converged) return out;
    if (!Damped(&it, x, F, dy, length, &next)) return out;
    if (out.niteration == 0 && length > SMALL) out.contraction = next / length;
  }
  return out;
}

/* ---- curves ----------------------------------------------------------------------------------------------------- */

bool rho_tangent(const RhoSystem *s, const double *direction, const double *x, double *tangent) {
  double F[RHO_TRACE_MAX], J[RHO_TRACE_MAX * RHO_TRACE_MAX];
  Matrix A;
  if (!Evaluate(s, x, F, J) || !Factorise(s, J, direction, &A)) return false;
  for (int i = 0; i < s->m; i++) tangent[i] = i == s->n;
  if (!Solve(&A, tangent)) return false;
  double norm = Norm(s->m, tangent);
  for (int i = 0; i < s->m; i++) tangent[i] /= norm;
  return norm > 0;
}

typedef struct {
  double x[RHO_TRACE_MAX], tangent[RHO_TRACE_MAX], g[RHO_TRACE_MONITORS + 1]; /* the last g: Ahead */
} Point;

typedef struct {
  const RhoTraceProblem *p;
  RhoArena arena;
  RhoTrace out;
  int capacity[3];
  Point start;
} Tracer;

static void Keep(Tracer *t, const Point *point, int event) {
  int m = t->p->system.m, n = t->out.npoint;
  while ((n + 1) * m > t->capacity[0]) t->out.x = RhoArenaGrow(t->arena, t->out.x, &t->capacity[0], sizeof(double));
  while ((n + 1) * m > t->capacity[1])
    t->out.tangent = RhoArenaGrow(t->arena, t->out.tangent, &t->capacity[1], sizeof(double));
  while (n + 1 > t->capacity[2]) t->out.event = RhoArenaGrow(t->arena, t->out.event, &t->capacity[2], sizeof(int));
  memcpy(&t->out.x[n * m], point->x, sizeof(double) * (size_t)m);
  memcpy(&t->out.tangent[n * m], point->tangent, sizeof(double) * (size_t)m);
  t->out.event[n] = event;
  t->out.npoint++;
}

/* How far x is in front of the plane through the start that is orthogonal to the curve there. */
static double Ahead(const Tracer *t, const double *x) {
  double sum = 0;
  for (int i = 0; i < t->p->system.m; i++)
    sum += (x[i] - t->start.x[i]) / Scale(&t->p->system, i) * t->start.tangent[i];
  return sum;
}

static void Watch(const Tracer *t, Point *point) {
  if (t->p->nmonitor) t->p->monitor(point->x, point->tangent, point->g, t->p->system.ctx);
  point->g[t->p->nmonitor] = Ahead(t, point->x);
}

/* The point of the curve at h along the tangent of `from`. */
static bool StepTo(const Tracer *t, const Point *from, double h, Point *to, RhoNewton *newton) {
  const RhoSystem *s = &t->p->system;
  Move(s, from->x, h, from->tangent, to->x);
  *newton = rho_newton(s, from->tangent, to->x);
  if (!newton->converged || !rho_tangent(s, from->tangent, to->x, to->tangent)) return false;
  Watch(t, to);
  return true;
}

static bool Crossed(double a, double b) { return (a < 0 && b >= 0) || (a > 0 && b <= 0); }

/* The root in h of g[k] between from (h = 0) and *at (h = length), by the Illinois variant of regula falsi; returns h.
   Where the curve has no point on the way, *at stays the nearest one behind the event. */
static double Locate(const Tracer *t, const Point *from, double length, int k, Point *at) {
  double a = 0, b = length, ga = from->g[k], gb = at->g[k];
  RhoNewton newton;
  for (int n = 0; n < 100 && gb != 0 && fabs(b - a) > 4 * DBL_EPSILON * length; n++) {
    Point between;
    double h = b - gb * (b - a) / (gb - ga);
    if (!(h > fmin(a, b) && h < fmax(a, b))) h = 0.5 * (a + b);
    if (h == a || h == b || !StepTo(t, from, h, &between, &newton) || isnan(between.g[k])) break;
    if (Crossed(between.g[k], gb)) a = b, ga = gb;
    else ga *= 0.5;
    b = h;
    gb = between.g[k];
    *at = between;
  }
  return b;
}

static bool IsStart(const Tracer *t, const Point *point) {
  double off = 0;
  for (int i = 0; i < t->p->system.m; i++) off = fmax(off, fabs(point->x[i] - t->start.x[i]) / Scale(&t->p->system, i));
  return off < 1e-6 && Dot(t->p->system.m, point->tangent, t->start.tangent) > 0;
}

/* Keeps the events between from and to in their order; true when one of them ends the curve. */
static bool Events(Tracer *t, const Point *from, const Point *to, double length) {
  Point at[RHO_TRACE_MONITORS + 1];
  double where[RHO_TRACE_MONITORS + 1];
  int order[RHO_TRACE_MONITORS + 1], n = 0, closing = t->p->nmonitor;
  for (int k = 0; k <= closing; k++) {
    if (!Crossed(from->g[k], to->g[k])) continue;
    at[k] = *to;
    where[k] = Locate(t, from, length, k, &at[k]);
    if (k == closing && !IsStart(t, &at[k])) continue;
    if (t->out.npoint == 1 && where[k] <= 1e-4 * length) continue; /* the event on which the curve starts */
    int place = n++;
    for (; place > 0 && where[order[place - 1]] > where[k]; place--) order[place] = order[place - 1];
    order[place] = k;
  }
  for (int e = 0; e < n; e++) {
    int k = order[e];
    Keep(t, k == closing ? &t->start : &at[k], k == closing ? -1 : k);
    t->out.end = k == closing ? RHO_TRACE_CLOSED : RHO_TRACE_EVENT;
    if (k == closing || (t->p->ends >> k & 1)) return true;
  }
  return false;
}

static double Angle(int m, const double *a, const double *b) {
  double sum = 0;
  for (int i = 0; i < m; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return 2 * asin(fmin(1, 0.5 * sqrt(sum)));
}

/* One step of at most *h, shortened until it succeeds, and the next *h; false: none does.  *length is the step's. */
static bool Step(const Tracer *t, const Point *from, double *h, Point *to, double *length) {
  const RhoTraceProblem *p = t->p;
  double wanted = p->angle > 0 ? p->angle : 0.1;
  for (; *h > 1e-10 * p->most; *h *= 0.5) {
    RhoNewton newton;
    if (!StepTo(t, from, *h, to, &newton) || newton.contraction > 0.5) continue;
    double angle = Angle(p->system.m, from->tangent, to->tangent);
    if (angle > 3 * wanted) continue;
    double factor = fmin(wanted / fmax(angle, 1e-6), sqrt(CONTRACTION / fmax(newton.contraction, 1e-6)));
    *length = *h;
    *h = fmin(p->most, *h * fmin(2, fmax(0.3, factor)));
    return true;
  }
  return false;
}

static void Follow(Tracer *t) {
  const RhoTraceProblem *p = t->p;
  double h = fmin(p->first, p->most), length;
  Point from = t->start, to;
  for (t->out.end = RHO_TRACE_LONG; t->out.npoint < p->npoint;) {
    if (!Step(t, &from, &h, &to, &length)) {
      t->out.end = RHO_TRACE_STUCK;
      return;
    }
    if (Events(t, &from, &to, length)) return;
    t->out.end = RHO_TRACE_LONG;
    Keep(t, &to, -1);
    from = to;
  }
}

RhoTrace rho_trace(const RhoTraceProblem *problem, RhoArena arena, const double *x, const double *direction) {
  Tracer t = {.p = problem, .arena = arena, .out = {.end = RHO_TRACE_STUCK}};
  const RhoSystem *s = &problem->system;
  memcpy(t.start.x, x, sizeof *x * (size_t)s->m);
  if (!rho_newton(s, direction, t.start.x).converged) return t.out;
  if (!rho_tangent(s, direction, t.start.x, t.start.tangent)) return t.out;
  Watch(&t, &t.start);
  Keep(&t, &t.start, -1);
  Follow(&t);
  return t.out;
}
