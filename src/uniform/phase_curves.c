/* phase_curves.c - spinodals, families of tie lines, and where there is one more variable critical points and sets of
   three phases, followed from a point on them to both ends. */
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

#define HIDDEN 1e-4 /* of the window: what vanishes by its rounding does not get much further */

RhoPhaseEnd rho_named_end(const RhoPhases *p, RhoPhaseEnd end, int nphase, const double *x) {
  double most[8] = {0}, value[8], size = 0;
  if (end.kind != RHO_PHASE_LOST || p->local->nhidden > 8) return end;
  for (int i = 0; i < p->n; i++) size = fmax(size, fabs(p->request->to[i]));
  for (int a = 0; a < nphase; a++) {
    RhoLocalHidden(p->local, 1, x + a * p->nx, value);
    for (int h = 0; h < p->local->nhidden; h++) most[h] = fmax(most[h], value[h]);
  }
  for (int h = 0; h < p->local->nhidden; h++)
    if (most[h] < HIDDEN * size) return (RhoPhaseEnd){RHO_PHASE_HIDDEN, h};
  return end;
}

void rho_name_hidden(RhoPhases *p) {
  RhoPhaseDiagram *out = p->out;
  out->nhidden = p->local->nhidden;
  out->hidden = RhoArenaAlloc(p->arena, sizeof *out->hidden * (size_t)(out->nhidden + 1));
  for (int h = 0; h < out->nhidden; h++) out->hidden[h] = RhoArenaPrint(p->arena, "%s", p->local->hidden[h]);
}

/* The order of the monitors is that of their meanings; which is the field, or the phase. */
static int Limits(const RhoPhases *p, RhoPhaseEnd *meaning, int n) {
  for (int i = 0; i < p->n; i++) meaning[n++] = (RhoPhaseEnd){RHO_PHASE_VANISHED, i};
  for (int k = 0; k < 2 && p->nx > p->n; k++) meaning[n++] = (RhoPhaseEnd){RHO_PHASE_PARAMETER, k};
  return n;
}

/* Of curves of states that are one phase, behind what is theirs: the window, and the limits. */
static void StateMonitor(const RhoPhases *p, const double *x, double *g) {
  double u[MOSTFIELDS];
  RhoLocalFields(p->local, x, u);
  g[0] = Outside(p, u, u, 0);
  for (int i = 0; i < p->n; i++) g[1 + i] = Presence(p, i, x[i], x[i]);
  if (p->nx > p->n) Range(p, x[p->n], g + 1 + p->n);
}

static int TieMeanings(const RhoPhases *p, RhoPhaseEnd *meaning) {
  int n = 0;
  meaning[n++] = (RhoPhaseEnd){RHO_PHASE_CRITICAL, -1};
  meaning[n++] = (RhoPhaseEnd){RHO_PHASE_WINDOW, -1};
  meaning[n++] = (RhoPhaseEnd){RHO_PHASE_SPINODAL, 0};
  meaning[n++] = (RhoPhaseEnd){RHO_PHASE_SPINODAL, 1};
  return Limits(p, meaning, n);
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
  RhoPhaseEnd meaning[RHO_TRACE_MONITORS];
  double g[RHO_TRACE_MONITORS];
  int n = TieMeanings(p, meaning);
  TieMonitor(y, NULL, g, &tie);
  for (int k = 1; k < n; k++)
    if (meaning[k].kind == RHO_PHASE_WINDOW ? !(g[k] <= 0) : !(g[k] >= 0)) return false;
  return true;
}

static int SpinodalMeanings(const RhoPhases *p, RhoPhaseEnd *meaning) {
  int n = 0;
  meaning[n++] = (RhoPhaseEnd){RHO_PHASE_CRITICAL, -1};
  meaning[n++] = (RhoPhaseEnd){RHO_PHASE_WINDOW, -1};
  return Limits(p, meaning, n);
}

static void SpinodalMonitor(const double *y, const double *tangent, double *g, void *ctx) {
  RhoPhases *p = ((RhoSpinodal *)ctx)->p;
  double x[MOSTX];
  (void)tangent;
  rho_spinodal_state(p, y, x);
  g[0] = rho_cubic_form(p, x, y + p->n);
  StateMonitor(p, x, g + 1);
}

/* ---- both directions -------------------------------------------------------------------------------------------- */

static RhoPhaseEnd EndOf(const RhoTrace *trace, const RhoPhaseEnd *meaning) {
  RhoPhaseEnd end = {RHO_PHASE_LOST, -1};
  if (trace->end == RHO_TRACE_CLOSED) end.kind = RHO_PHASE_CLOSED;
  if (trace->end != RHO_TRACE_EVENT || trace->npoint == 0) return end;
  return meaning[trace->event[trace->npoint - 1]];
}

static void Append(RhoCurve *curve, const RhoTrace *trace, int k, double sense) {
  int m = curve->m;
  memcpy(curve->y + curve->npoint * m, trace->x + k * m, sizeof(double) * (size_t)m);
  for (int i = 0; i < m; i++) curve->tangent[curve->npoint * m + i] = sense * trace->tangent[k * m + i];
  curve->event[curve->npoint] = trace->event[k];
  curve->npoint++;
}

/* Backward reversed, then forward; back->npoint may be 0. */
static RhoCurve Join(RhoArena arena, int m, const RhoTrace *back, const RhoTrace *forward) {
  RhoCurve curve = {0, m, NULL, NULL, NULL, {{RHO_PHASE_LOST, -1}, {RHO_PHASE_LOST, -1}}};
  size_t npoint = (size_t)(back->npoint + forward->npoint), size = sizeof(double) * npoint * (size_t)m;
  curve.event = RhoArenaAlloc(arena, sizeof *curve.event * npoint);
  curve.y = RhoArenaAlloc(arena, size);
  curve.tangent = RhoArenaAlloc(arena, size);
  for (int k = back->npoint - 1; k > 0; k--) Append(&curve, back, k, -1);
  for (int k = 0; k < forward->npoint; k++) Append(&curve, forward, k, 1);
  return curve;
}

/* The tangent of the curve at y, from the unknown that is least across it.  false: there is none. */
static bool Along(const RhoSystem *system, const double *y, double *tangent) {
  double best = 0, trial[RHO_TRACE_MAX];
  for (int k = 0; k < system->m; k++) {
    double direction[RHO_TRACE_MAX] = {0};
    direction[k] = 1;
    if (!rho_tangent(system, direction, y, trial) || !(fabs(trial[k]) > best)) continue;
    best = fabs(trial[k]);
    memcpy(tangent, trial, sizeof *tangent * (size_t)system->m);
  }
  return best > 0;
}

static RhoCurve Both(RhoPhases *p, const RhoTraceProblem *problem, const RhoPhaseEnd *meaning, const double *y,
                     RhoTrace *back, RhoTrace *forward) {
  int m = problem->system.m;
  double direction[RHO_TRACE_MAX];
  *back = *forward = (RhoTrace){0};
  if (!Along(&problem->system, y, direction)) return Join(p->arena, m, back, forward);
  *forward = rho_trace(problem, p->arena, y, direction);
  if (forward->npoint > 0 && forward->end != RHO_TRACE_CLOSED) {
    for (int i = 0; i < m; i++) direction[i] = -forward->tangent[i];
    *back = rho_trace(problem, p->arena, forward->x, direction);
  }
  RhoCurve curve = Join(p->arena, m, back, forward);
  curve.end[1] = EndOf(forward, meaning);
  curve.end[0] = forward->end == RHO_TRACE_CLOSED ? curve.end[1] : EndOf(back, meaning);
  return curve;
}

RhoCurve rho_curve_both(RhoPhases *p, const RhoTraceProblem *problem, const RhoPhaseEnd *meaning, const double *y) {
  RhoTrace back, forward;
  return Both(p, problem, meaning, y, &back, &forward);
}

RhoCurve rho_curve_point(RhoPhases *p, const RhoSystem *system, const double *y) {
  RhoCurve curve = {0, system->m, NULL, NULL, NULL, {{RHO_PHASE_ISOLATED, -1}, {RHO_PHASE_ISOLATED, -1}}};
  curve.event = RhoArenaAlloc(p->arena, sizeof *curve.event);
  *curve.event = -1;
  curve.y = RhoArenaAlloc(p->arena, sizeof *y * (size_t)system->m);
  curve.tangent = RhoArenaAlloc(p->arena, sizeof *y * (size_t)system->m);
  memcpy(curve.y, y, sizeof *y * (size_t)system->m);
  curve.npoint = rho_newton(system, NULL, curve.y).converged;
  return curve;
}

RhoCurve rho_curve_ties(RhoPhases *p, const double *y) {
  RhoTie tie = {p, NULL, false};
  RhoPhaseEnd meaning[RHO_TRACE_MONITORS];
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
  RhoPhaseEnd meaning[RHO_TRACE_MONITORS];
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

/* ---- critical points as a curve -----------------------------------------------------------------------------------
 */

static int CriticalMeanings(const RhoPhases *p, RhoPhaseEnd *meaning) {
  int n = 0;
  meaning[n++] = (RhoPhaseEnd){RHO_PHASE_SPECIAL, -1}; /* RHO_EVENT_QUARTIC */
  meaning[n++] = (RhoPhaseEnd){RHO_PHASE_LOST, -1};    /* RHO_EVENT_TURN */
  meaning[n++] = (RhoPhaseEnd){RHO_PHASE_WINDOW, -1};
  return Limits(p, meaning, n);
}

static void CriticalMonitor(const double *y, const double *tangent, double *g, void *ctx) {
  RhoPhases *p = ((RhoSpinodal *)ctx)->p;
  double x[MOSTX], w[MOSTFIELDS];
  rho_spinodal_state(p, y, x);
  g[RHO_EVENT_QUARTIC] = rho_quartic_form(p, x, y + p->n, w) * rho_other_eigenvalues(p, x);
  g[RHO_EVENT_TURN] = p->nx > p->n ? tangent[2 * p->n] : 1;
  StateMonitor(p, x, g + 2);
}

/* ---- three phases as a curve ----------------------------------------------------------------------------------------
 */

#define MERGED 2e-3 /* half the distance of three phases that count as becoming one */
enum { REPACK = -2, MOSTPIECES = 12 };

static int ThreeMeanings(const RhoPhases *p, RhoPhaseEnd *meaning) {
  int n = 0;
  meaning[n++] = (RhoPhaseEnd){RHO_PHASE_CRITICAL, 0}; /* two of them become one */
  meaning[n++] = (RhoPhaseEnd){RHO_PHASE_CRITICAL, 1};
  meaning[n++] = (RhoPhaseEnd){RHO_PHASE_CRITICAL, -1}; /* all three do */
  meaning[n++] = (RhoPhaseEnd){RHO_PHASE_LOST, REPACK};
  for (int a = 0; a < 3; a++) meaning[n++] = (RhoPhaseEnd){RHO_PHASE_SPINODAL, a};
  meaning[n++] = (RhoPhaseEnd){RHO_PHASE_WINDOW, -1};
  return Limits(p, meaning, n);
}

static const int in_order[3] = {0, 1, 2};

static void ThreeMonitor(const double *y, const double *tangent, double *g, void *ctx) {
  RhoChain *chain = ctx;
  RhoPhases *p = chain->p;
  int n = p->n, nx = p->nx;
  double x[3 * MOSTX], r[2] = {fabs(y[2 * n]), fabs(y[4 * n + 1])}, across = 0;
  (void)tangent;
  rho_chain_phases(chain, y, in_order, x);
  for (int i = 0; i < n; i++) across += pow(x[2 * nx + i] - x[i], 2);
  g[0] = y[2 * n];
  g[1] = y[4 * n + 1];
  g[2] = fmax(r[0], r[1]) - MERGED;
  g[3] = sqrt(across) - 1.6 * fmax(r[0], r[1]);
  for (int a = 0; a < 3; a++) g[4 + a] = rho_stability(p, x + a * nx);
  g[7] = fmin(Beyond(p, x, x + nx), fmin(Beyond(p, x + nx, x + 2 * nx), Beyond(p, x, x + 2 * nx)));
  for (int i = 0; i < n; i++) g[8 + i] = fmax(Presence(p, i, x[i], x[nx + i]), Presence(p, i, x[i], x[2 * nx + i]));
  Range(p, x[n], g + 8 + n);
}

/* One piece of a curve of three phases, all packed in the same order. */
typedef struct {
  RhoTrace trace;
  int order[3];
} Piece;

typedef struct {
  int n;
  Piece piece[MOSTPIECES];
  RhoPhaseEnd end;
} Pieces;

static void AddPiece(RhoPhases *p, const double *y, const int *order, const double *direction, Pieces *pieces) {
  RhoPhaseEnd meaning[RHO_TRACE_MONITORS];
  int nmonitor = ThreeMeanings(p, meaning);
  RhoChain chain = {p, 3, NULL};
  RhoTraceProblem problem = {
      rho_chain_system(&chain), nmonitor, ThreeMonitor, (1u << nmonitor) - 1, 1e-3, LONGEST, 0.05, MOSTCURVE};
  Piece *piece = &pieces->piece[pieces->n];
  piece->trace = rho_trace(&problem, p->arena, y, direction);
  memcpy(piece->order, order, sizeof piece->order);
  pieces->end = EndOf(&piece->trace, meaning);
  pieces->n += piece->trace.npoint > 0;
}

/* Where the last piece ends, in the order that suits its phases there, and which way it goes on. */
static void Repack(RhoPhases *p, const Pieces *pieces, double *y, int *order, double *direction) {
  const Piece *last = &pieces->piece[pieces->n - 1];
  RhoChain chain = {p, 3, NULL};
  int m = rho_chain_system(&chain).m, end = last->trace.npoint - 1;
  double x[3 * MOSTX], before[3 * MOSTX];
  rho_chain_phases(&chain, last->trace.x + end * m, last->order, x);
  rho_chain_phases(&chain, last->trace.x + (end - 1) * m, last->order, before);
  rho_chain_order(&chain, x, order);
  rho_chain_pack(&chain, x, order, y);
  rho_chain_pack(&chain, before, order, direction);
  for (int i = 0; i < m; i++) direction[i] = y[i] - direction[i];
}

static void FollowPieces(RhoPhases *p, Pieces *pieces) {
  double y[RHO_TRACE_MAX], direction[RHO_TRACE_MAX];
  int order[3];
  while (pieces->n < MOSTPIECES && pieces->end.kind == RHO_PHASE_LOST && pieces->end.which == REPACK) {
    int before = pieces->n;
    Repack(p, pieces, y, order, direction);
    AddPiece(p, y, order, direction, pieces);
    if (pieces->n == before || pieces->piece[before].trace.npoint < 2) return;
  }
}

static void AppendThree(RhoThree *three, const Piece *piece, int k, double sense) {
  memcpy(three->order[three->curve.npoint], piece->order, sizeof piece->order);
  Append(&three->curve, &piece->trace, k, sense);
}

static RhoThree JoinPieces(RhoPhases *p, const Pieces *back, const Pieces *forward) {
  RhoChain chain = {p, 3, NULL};
  RhoThree three = {.curve = {.m = rho_chain_system(&chain).m, .end = {back->end, forward->end}}};
  size_t npoint = 0, m = (size_t)three.curve.m;
  for (int k = 0; k < back->n; k++) npoint += (size_t)back->piece[k].trace.npoint;
  for (int k = 0; k < forward->n; k++) npoint += (size_t)forward->piece[k].trace.npoint;
  three.curve.y = RhoArenaAlloc(p->arena, sizeof(double) * npoint * m);
  three.curve.tangent = RhoArenaAlloc(p->arena, sizeof(double) * npoint * m);
  three.curve.event = RhoArenaAlloc(p->arena, sizeof(int) * npoint);
  three.order = RhoArenaAlloc(p->arena, sizeof *three.order * npoint);
  for (int q = back->n - 1; q >= 0; q--)
    for (int k = back->piece[q].trace.npoint - 1; k > 0; k--) AppendThree(&three, &back->piece[q], k, -1);
  for (int q = 0; q < forward->n; q++)
    for (int k = q > 0; k < forward->piece[q].trace.npoint; k++) AppendThree(&three, &forward->piece[q], k, 1);
  return three;
}

/* From where two of them are one. */
static bool StartsMerged(const RhoPhases *p, const double *y, int *which) {
  for (*which = 0; *which < 2; ++*which)
    if (fabs(y[2 * p->n + *which * (2 * p->n + 1)]) < 1e-12) return true;
  return false;
}

RhoThree rho_curve_three(RhoPhases *p, const double *y, const int *order) {
  Pieces back = {.end = {RHO_PHASE_LOST, -1}}, forward = back;
  double direction[RHO_TRACE_MAX] = {0};
  RhoChain chain = {p, 3, NULL};
  int m = rho_chain_system(&chain).m, merged;
  if (StartsMerged(p, y, &merged)) {
    direction[2 * p->n + merged * (2 * p->n + 1)] = 1;
    AddPiece(p, y, order, direction, &forward);
    back.end = (RhoPhaseEnd){RHO_PHASE_CRITICAL, merged};
  } else {
    RhoSystem system = rho_chain_system(&chain);
    if (Along(&system, y, direction)) AddPiece(p, y, order, direction, &forward);
    if (forward.n && forward.end.kind != RHO_PHASE_CLOSED) {
      for (int i = 0; i < m; i++) direction[i] = -forward.piece[0].trace.tangent[i];
      AddPiece(p, forward.piece[0].trace.x, order, direction, &back);
    }
  }
  if (forward.n) FollowPieces(p, &forward);
  if (back.n) FollowPieces(p, &back);
  if (forward.n && forward.end.kind == RHO_PHASE_CLOSED) back.end = forward.end;
  return JoinPieces(p, &back, &forward);
}

/* ---- is a point on a curve? ----------------------------------------------------------------------------------------
 */

static double Distance(int m, const double *a, const double *b) {
  double sum = 0;
  for (int i = 0; i < m; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sqrt(sum);
}

static bool Has(const RhoSystem *system, const RhoCurve *curve, const double *y, int *near) {
  int m = curve->m, nearest = 0;
  double least = INFINITY, along = 0, x[RHO_TRACE_MAX];
  for (int k = 0; k < curve->npoint; k++) {
    double distance = Distance(m, curve->y + k * m, y);
    if (distance < least) least = distance, nearest = k;
  }
  *near = nearest;
  if (system->m == system->n) return least < 1e-6;
  const double *at = curve->y + nearest * m, *tangent = curve->tangent + nearest * m;
  for (int i = 0; i < m; i++) along += (y[i] - at[i]) * tangent[i];
  for (int i = 0; i < m; i++) x[i] = at[i] + along * tangent[i];
  if (fabs(along) > LONGEST || Distance(m, x, y) > 0.2 * fabs(along) + 1e-6) return false;
  return rho_newton(system, tangent, x).converged && Distance(m, x, y) < 1e-6;
}

bool rho_curve_passes(const RhoSystem *system, const RhoCurve *curve, const double *y) {
  int near;
  return curve->npoint > 0 && Has(system, curve, y, &near);
}

bool rho_curve_has(const RhoSystem *system, int n, int ncurve, const RhoCurve *curve, const double *y) {
  double mirror[RHO_TRACE_MAX];
  memcpy(mirror, y, sizeof *y * (size_t)system->m);
  for (int i = n; i < 2 * n; i++) mirror[i] = -y[i];
  for (int c = 0; c < ncurve; c++)
    if (rho_curve_passes(system, &curve[c], y) || rho_curve_passes(system, &curve[c], mirror)) return true;
  return false;
}

bool rho_three_has(RhoPhases *p, const RhoThree *three, const double *x) {
  static const int order[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
  RhoChain chain = {p, 3, NULL};
  RhoSystem system = rho_chain_system(&chain);
  double y[RHO_TRACE_MAX];
  for (int k = 0; k < 6; k++) {
    rho_chain_pack(&chain, x, order[k], y);
    if (rho_curve_passes(&system, &three->curve, y)) return true;
  }
  return false;
}

/* ---- critical points as a curve: followed ---------------------------------------------------------------------- */

/* A closed curve of critical points on which e comes back as -e was followed around twice: once will do. */
static void OnceAround(const RhoPhases *p, const RhoSystem *system, RhoCurve *curve) {
  int n = p->n, m = curve->m, nearest;
  double *mirror = curve->y + (curve->npoint - 1) * m, y[RHO_TRACE_MAX], ahead = 0;
  memcpy(y, mirror, sizeof *y * (size_t)m);
  for (int i = n; i < 2 * n; i++) y[i] = -y[i];
  if (!Has(system, curve, y, &nearest)) return;
  for (int i = 0; i < m; i++) ahead += (y[i] - curve->y[nearest * m + i]) * curve->tangent[nearest * m + i];
  curve->npoint = nearest + (ahead > 0) + 1;
  memcpy(curve->y + (curve->npoint - 1) * m, y, sizeof *y * (size_t)m);
}

RhoCurve rho_curve_critical(RhoPhases *p, const double *y) {
  RhoSpinodal critical = {p, true};
  RhoPhaseEnd meaning[RHO_TRACE_MONITORS];
  int nmonitor = CriticalMeanings(p, meaning);
  RhoTraceProblem problem = {rho_spinodal_system(&critical),
                             nmonitor,
                             CriticalMonitor,
                             ((1u << nmonitor) - 1) & ~(1u << RHO_EVENT_TURN),
                             1e-3,
                             LONGEST,
                             0.05,
                             MOSTCURVE};
  RhoTrace back, forward;
  RhoCurve curve = Both(p, &problem, meaning, y, &back, &forward);
  if (curve.end[0].kind == RHO_PHASE_CLOSED) OnceAround(p, &problem.system, &curve);
  return curve;
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
