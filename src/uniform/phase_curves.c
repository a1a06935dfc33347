/* phase_curves.c - spinodals and families of tie lines, followed from a point on them to both ends. */
#include "phase_private.h"
#include <float.h>
#include <math.h>
#include <string.h>

#define VANISHED 1e-12 /* of the window */
#define LONGEST 0.12   /* step in the unknowns */
enum { MOSTCURVE = 1500 };

/* ---- ends ------------------------------------------------------------------------------------------------------- */

/* Largest of (u - middle)/half window - 1 over the fields, at (1 - s) u1 + s u2. */
static double Outside(const RhoPhases *p, const double *u1, const double *u2, double s) {
  double largest = -1;
  for (int i = 0; i < p->n; i++) {
    double from = p->request->from[i], to = p->request->to[i], u = (1 - s) * u1[i] + s * u2[i];
    largest = fmax(largest, fabs(2 * u - from - to) / (to - from) - 1);
  }
  return largest;
}

/* The least of that along the tie line, a convex function of s: negative when some of it is in the window. */
static double Beyond(const RhoPhases *p, const double *x1, const double *x2) {
  double u1[MOSTFIELDS], u2[MOSTFIELDS], a = 0, b = 1;
  RhoLocalFields(p->local, x1, u1);
  RhoLocalFields(p->local, x2, u2);
  for (int n = 0; n < 60; n++) {
    double left = a + (b - a) / 3, right = b - (b - a) / 3;
    if (Outside(p, u1, u2, left) < Outside(p, u1, u2, right)) b = right;
    else a = left;
  }
  return Outside(p, u1, u2, 0.5 * (a + b));
}

/* Positive as long as the field is there, in one of two states. */
static double Presence(const RhoPhases *p, int i, double x1, double x2) {
  return p->local->logarithmic[i] ? fmax(x1, x2) - log(VANISHED * p->request->to[i]) : 1;
}

static int Range(const RhoPhases *p, double lambda, double *g) {
  if (p->nx == p->n) return 0;
  g[0] = lambda - p->request->parameter_from;
  g[1] = p->request->parameter_to - lambda;
  return 2;
}

/* The order of the monitors; which is the field, or the phase. */
typedef struct {
  RhoPhaseEndKind kind;
  int which;
} Meaning;

static int TieMeanings(const RhoPhases *p, Meaning *meaning) {
  int n = 0;
  meaning[n++] = (Meaning){RHO_PHASE_CRITICAL, -1};
  meaning[n++] = (Meaning){RHO_PHASE_WINDOW, -1};
  meaning[n++] = (Meaning){RHO_PHASE_SPINODAL, 0};
  meaning[n++] = (Meaning){RHO_PHASE_SPINODAL, 1};
  for (int i = 0; i < p->n; i++) meaning[n++] = (Meaning){RHO_PHASE_VANISHED, i};
  for (int k = 0; k < 2 && p->nx > p->n; k++) meaning[n++] = (Meaning){RHO_PHASE_PARAMETER, k};
  return n;
}

static void TieMonitor(const double *y, const double *tangent, double *g, void *ctx) {
  RhoPhases *p = ((RhoTie *)ctx)->p;
  double x1[MOSTX], x2[MOSTX];
  (void)tangent;
  rho_tie_phases(p, y, x1, x2);
  g[0] = y[2 * p->n];
  g[1] = Beyond(p, x1, x2);
  g[2] = rho_stability(p, x1);
  g[3] = rho_stability(p, x2);
  for (int i = 0; i < p->n; i++) g[4 + i] = Presence(p, i, x1[i], x2[i]);
  Range(p, y[2 * p->n + 1], g + 4 + p->n);
}

/* The first monitor, that of critical points, may have either sign. */
bool rho_tie_is_inside(RhoPhases *p, const double *y) {
  RhoTie tie = {p, NULL, false};
  Meaning meaning[RHO_TRACE_MONITORS];
  double g[RHO_TRACE_MONITORS];
  int n = TieMeanings(p, meaning);
  TieMonitor(y, NULL, g, &tie);
  for (int k = 1; k < n; k++)
    if (meaning[k].kind == RHO_PHASE_WINDOW ? !(g[k] <= 0) : !(g[k] >= 0)) return false;
  return true;
}

static int SpinodalMeanings(const RhoPhases *p, Meaning *meaning) {
  int n = 0;
  meaning[n++] = (Meaning){RHO_PHASE_CRITICAL, -1};
  meaning[n++] = (Meaning){RHO_PHASE_WINDOW, -1};
  for (int i = 0; i < p->n; i++) meaning[n++] = (Meaning){RHO_PHASE_VANISHED, i};
  for (int k = 0; k < 2 && p->nx > p->n; k++) meaning[n++] = (Meaning){RHO_PHASE_PARAMETER, k};
  return n;
}

static void SpinodalMonitor(const double *y, const double *tangent, double *g, void *ctx) {
  RhoPhases *p = ((RhoSpinodal *)ctx)->p;
  double x[MOSTX], u[MOSTFIELDS];
  (void)tangent;
  memcpy(x, y, sizeof *x * (size_t)p->n);
  if (p->nx > p->n) x[p->n] = y[2 * p->n];
  RhoLocalFields(p->local, x, u);
  g[0] = rho_cubic_form(p, x, y + p->n);
  g[1] = Outside(p, u, u, 0);
  for (int i = 0; i < p->n; i++) g[2 + i] = Presence(p, i, x[i], x[i]);
  if (p->nx > p->n) Range(p, x[p->n], g + 2 + p->n);
}

/* ---- both directions -------------------------------------------------------------------------------------------- */

static RhoPhaseEnd EndOf(const RhoTrace *trace, const Meaning *meaning) {
  RhoPhaseEnd end = {RHO_PHASE_LOST, -1};
  if (trace->end == RHO_TRACE_CLOSED) end.kind = RHO_PHASE_CLOSED;
  if (trace->end != RHO_TRACE_EVENT || trace->npoint == 0) return end;
  const Meaning *m = &meaning[trace->event[trace->npoint - 1]];
  return (RhoPhaseEnd){m->kind, m->which};
}

static void Append(RhoCurve *curve, const RhoTrace *trace, int k, double sense) {
  int m = curve->m;
  memcpy(curve->y + curve->npoint * m, trace->x + k * m, sizeof(double) * (size_t)m);
  for (int i = 0; i < m; i++) curve->tangent[curve->npoint * m + i] = sense * trace->tangent[k * m + i];
  curve->npoint++;
}

/* Backward reversed, then forward; back->npoint may be 0. */
static RhoCurve Join(RhoArena arena, int m, const RhoTrace *back, const RhoTrace *forward) {
  RhoCurve curve = {0, m, NULL, NULL, {{RHO_PHASE_LOST, -1}, {RHO_PHASE_LOST, -1}}};
  size_t size = sizeof(double) * (size_t)((back->npoint + forward->npoint) * m);
  curve.y = RhoArenaAlloc(arena, size);
  curve.tangent = RhoArenaAlloc(arena, size);
  for (int k = back->npoint - 1; k > 0; k--) Append(&curve, back, k, -1);
  for (int k = 0; k < forward->npoint; k++) Append(&curve, forward, k, 1);
  return curve;
}

static RhoCurve Both(RhoPhases *p, const RhoTraceProblem *problem, const Meaning *meaning, const double *y,
                     RhoTrace *back, RhoTrace *forward) {
  int m = problem->system.m;
  double direction[RHO_TRACE_MAX];
  *back = *forward = (RhoTrace){0};
  for (int k = 0; k < m && forward->npoint < 2; k++) { /* until one is not across the curve */
    memset(direction, 0, sizeof direction);
    direction[k] = 1;
    *forward = rho_trace(problem, p->arena, y, direction);
  }
  if (forward->npoint > 0 && forward->end != RHO_TRACE_CLOSED) {
    for (int i = 0; i < m; i++) direction[i] = -forward->tangent[i];
    *back = rho_trace(problem, p->arena, forward->x, direction);
  }
  RhoCurve curve = Join(p->arena, m, back, forward);
  curve.end[1] = EndOf(forward, meaning);
  curve.end[0] = forward->end == RHO_TRACE_CLOSED ? curve.end[1] : EndOf(back, meaning);
  return curve;
}

RhoCurve rho_curve_point(RhoPhases *p, const RhoSystem *system, const double *y) {
  RhoCurve curve = {0, system->m, NULL, NULL, {{RHO_PHASE_ISOLATED, -1}, {RHO_PHASE_ISOLATED, -1}}};
  curve.y = RhoArenaAlloc(p->arena, sizeof *y * (size_t)system->m);
  curve.tangent = RhoArenaAlloc(p->arena, sizeof *y * (size_t)system->m);
  memcpy(curve.y, y, sizeof *y * (size_t)system->m);
  curve.npoint = rho_newton(system, NULL, curve.y).converged;
  return curve;
}

RhoCurve rho_curve_ties(RhoPhases *p, const double *y) {
  RhoTie tie = {p, NULL, false};
  Meaning meaning[RHO_TRACE_MONITORS];
  int nmonitor = TieMeanings(p, meaning);
  RhoTraceProblem problem = {
      rho_tie_system(&tie), nmonitor, TieMonitor, (1u << nmonitor) - 1, 1e-3, LONGEST, 0.05, MOSTCURVE};
  if (problem.system.m == problem.system.n) return rho_curve_point(p, &problem.system, y);
  RhoTrace none = {0}, forward;
  if (fabs(y[2 * p->n]) > 0) return Both(p, &problem, meaning, y, &none, &forward);
  double direction[RHO_TRACE_MAX] = {0};
  direction[2 * p->n] = 1;
  forward = rho_trace(&problem, p->arena, y, direction);
  RhoCurve curve = Join(p->arena, problem.system.m, &none, &forward);
  curve.end[0] = (RhoPhaseEnd){RHO_PHASE_CRITICAL, -1};
  curve.end[1] = EndOf(&forward, meaning);
  return curve;
}

static void CollectCritical(RhoPhases *p, const RhoTrace *trace, int m, int *ncritical, double **critical) {
  RhoSpinodal exact = {p, true};
  RhoSystem system = rho_spinodal_system(&exact);
  for (int k = 0; k < trace->npoint; k++) {
    if (trace->event[k] != 0) continue;
    double *y = RhoArenaAlloc(p->arena, sizeof *y * (size_t)(m * (*ncritical + 1)));
    if (*ncritical) memcpy(y, *critical, sizeof *y * (size_t)(m * *ncritical));
    memcpy(y + m * *ncritical, trace->x + k * m, sizeof *y * (size_t)m);
    if (rho_newton(&system, NULL, y + m * *ncritical).converged) *critical = y, ++*ncritical;
  }
}

RhoCurve rho_curve_spinodal(RhoPhases *p, const double *y, int *ncritical, double **critical) {
  RhoSpinodal spinodal = {p, false};
  Meaning meaning[RHO_TRACE_MONITORS];
  int nmonitor = SpinodalMeanings(p, meaning);
  RhoTraceProblem problem = {rho_spinodal_system(&spinodal),
                             nmonitor,
                             SpinodalMonitor,
                             ((1u << nmonitor) - 1) & ~1u,
                             1e-3,
                             LONGEST,
                             0.05,
                             MOSTCURVE};
  RhoTrace back, forward;
  RhoCurve curve = Both(p, &problem, meaning, y, &back, &forward);
  *ncritical = 0;
  CollectCritical(p, &forward, curve.m, ncritical, critical);
  CollectCritical(p, &back, curve.m, ncritical, critical);
  return curve;
}

/* ---- is a point on a curve? ----------------------------------------------------------------------------------------
 */

static double Distance(int m, const double *a, const double *b) {
  double sum = 0;
  for (int i = 0; i < m; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sqrt(sum);
}

static bool Has(const RhoSystem *system, const RhoCurve *curve, const double *y) {
  int m = curve->m, nearest = 0;
  double least = INFINITY, along = 0, x[RHO_TRACE_MAX];
  for (int k = 0; k < curve->npoint; k++) {
    double distance = Distance(m, curve->y + k * m, y);
    if (distance < least) least = distance, nearest = k;
  }
  if (system->m == system->n) return least < 1e-6;
  const double *at = curve->y + nearest * m, *tangent = curve->tangent + nearest * m;
  for (int i = 0; i < m; i++) along += (y[i] - at[i]) * tangent[i];
  for (int i = 0; i < m; i++) x[i] = at[i] + along * tangent[i];
  if (fabs(along) > LONGEST || Distance(m, x, y) > 0.2 * fabs(along) + 1e-6) return false;
  return rho_newton(system, tangent, x).converged && Distance(m, x, y) < 1e-6;
}

bool rho_curve_has(const RhoSystem *system, int n, int ncurve, const RhoCurve *curve, const double *y) {
  double mirror[RHO_TRACE_MAX];
  memcpy(mirror, y, sizeof *y * (size_t)system->m);
  for (int i = n; i < 2 * n; i++) mirror[i] = -y[i];
  for (int c = 0; c < ncurve; c++)
    if (curve[c].npoint && (Has(system, &curve[c], y) || Has(system, &curve[c], mirror))) return true;
  return false;
}

/* ---- the direction of an instability ---------------------------------------------------------------------------- */

static void Cross(const double *a, const double *b, double *c) {
  for (int i = 0; i < 3; i++) c[i] = a[(i + 1) % 3] * b[(i + 2) % 3] - a[(i + 2) % 3] * b[(i + 1) % 3];
}

static void KeepLonger(int n, const double *candidate, double *e) {
  const double zero[MOSTFIELDS] = {0};
  if (Distance(n, candidate, zero) > Distance(n, e, zero)) memcpy(e, candidate, sizeof *e * (size_t)n);
}

void rho_null_direction(RhoPhases *p, const double *x, double *e) {
  double N[MOSTFIELDS * MOSTX], row[MOSTFIELDS][MOSTFIELDS], candidate[MOSTFIELDS] = {1}, zero[MOSTFIELDS] = {0};
  int n = p->n;
  RhoLocalPotentials(p->local, 1, x, NULL, NULL, N);
  memset(e, 0, sizeof *e * (size_t)n);
  for (int i = 0; i < n; i++) memcpy(row[i], N + i * p->nx, sizeof *e * (size_t)n);
  for (int i = 0; i < n; i++) {
    if (n == 2) candidate[0] = -row[i][1], candidate[1] = row[i][0];
    if (n == 3) Cross(row[i], row[(i + 1) % 3], candidate);
    KeepLonger(n, candidate, e);
  }
  double norm = Distance(n, e, zero);
  for (int i = 0; i < n; i++) e[i] /= norm;
}
