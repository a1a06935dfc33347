/* phase_paths.c - two fields over a parameter, along straight lines of compositions z(s) = (1 - s) from + s to: where
   one phase stops to be alone.

     cloud points  a tie line with z(s) as one of its phases: the equations of tie lines with c = x(z) + r e,
                   in the unknowns e, r, s and the parameter; r = 0 in a critical point, through which the curve goes
     spinodal      N e = 0 at x(z), in the unknowns e, s and the parameter

   Both are found on a grid of s and the parameter, by the sign of the least height of f above the tangent plane of z
   and by that of the Hessian's determinant, and followed to their ends. */
#include "phase_private.h"
#include <math.h>
#include <string.h>

enum { NGRID = 25, MOSTCURVE = 1500 };

typedef struct {
  RhoPhases *p;
  const double *from, *to;
  bool spinodal;
} Path;

typedef struct {
  RhoPhases *p;
  int nboundary, capacity;
  RhoPhaseBoundary *boundary;
  int ncurve, ncurvecapacity;
  RhoCurve *curve; /* of the path of now */
} Paths;

/* ---- equations -------------------------------------------------------------------------------------------------- */

/* x(z(s)) and its derivative by s. */
static void PlaceAt(const Path *path, double s, double *x, double *slope) {
  const RhoPhases *p = path->p;
  double z[MOSTFIELDS];
  for (int i = 0; i < p->n; i++) z[i] = (1 - s) * path->from[i] + s * path->to[i];
  RhoLocalCoordinates(p->local, z, x);
  for (int i = 0; i < p->n; i++) slope[i] = (path->to[i] - path->from[i]) / (p->local->logarithmic[i] ? z[i] : 1);
}

/* From the unknowns e, r, s, parameter to those of a tie line, or from e, s, parameter to those of the spinodal. */
static void FullUnknowns(const Path *path, const double *y, double *full, double *slope) {
  const RhoPhases *p = path->p;
  int n = p->n, at = path->spinodal ? n : n + 1;
  PlaceAt(path, y[at], full, slope);
  memcpy(full + n, y, sizeof *y * (size_t)n);
  if (path->spinodal) {
    full[2 * n] = y[n + 1];
    return;
  }
  for (int i = 0; i < n; i++) full[i] += y[n] * y[i];
  full[2 * n] = y[n];
  full[2 * n + 1] = y[n + 2];
}

static bool PathEquations(const double *y, double *F, double *J, void *ctx) {
  const Path *path = ctx;
  RhoPhases *p = path->p;
  RhoTie tie = {p, NULL, false};
  RhoSpinodal spinodal = {p, false};
  RhoSystem full = path->spinodal ? rho_spinodal_system(&spinodal) : rho_tie_system(&tie);
  int n = p->n, m = full.n + 1, at = path->spinodal ? n : n + 1;
  double x[RHO_TRACE_MAX], slope[MOSTFIELDS], by[RHO_TRACE_MAX * RHO_TRACE_MAX];
  FullUnknowns(path, y, x, slope);
  if (!full.fn(x, F, by, full.ctx)) return false;
  for (int k = 0; k < full.n; k++) {
    const double *row = by + k * full.m;
    double *to = J + k * m;
    for (int j = 0; j < n; j++) to[j] = row[n + j];
    if (!path->spinodal) to[n] = row[2 * n];
    to[at] = 0;
    to[at + 1] = row[full.m - 1];
    for (int j = 0; j < n; j++) {
      to[at] += row[j] * slope[j];
      if (path->spinodal) continue;
      to[j] += y[n] * row[j];
      to[n] += y[j] * row[j];
    }
  }
  return true;
}

static RhoSystem PathSystem(Path *path) {
  int n = path->p->n + (path->spinodal ? 1 : 2);
  return (RhoSystem){n, n + 1, NULL, PathEquations, path};
}

/* The composition, and what appears beside it. */
static void States(const Path *path, const double *y, double *x1, double *x2) {
  const RhoPhases *p = path->p;
  double slope[MOSTFIELDS];
  int n = p->n, at = path->spinodal ? n : n + 1;
  PlaceAt(path, y[at], x1, slope);
  x1[n] = x2[n] = y[at + 1];
  for (int i = 0; i < n; i++) x2[i] = x1[i] + (path->spinodal ? 0 : 2 * y[n] * y[i]);
}

/* ---- curves ----------------------------------------------------------------------------------------------------- */

static const RhoPhaseEnd meaning[] = {{RHO_PHASE_PATH, 0},      {RHO_PHASE_PATH, 1},     {RHO_PHASE_PARAMETER, 0},
                                      {RHO_PHASE_PARAMETER, 1}, {RHO_PHASE_SPINODAL, 0}, {RHO_PHASE_SPINODAL, 1}};

static void Monitor(const double *y, const double *tangent, double *g, void *ctx) {
  const Path *path = ctx;
  RhoPhases *p = path->p;
  int at = path->spinodal ? p->n : p->n + 1;
  double x1[MOSTX], x2[MOSTX];
  (void)tangent;
  g[0] = y[at];
  g[1] = 1 - y[at];
  g[2] = y[at + 1] - p->request->parameter_from;
  g[3] = p->request->parameter_to - y[at + 1];
  if (path->spinodal) return;
  States(path, y, x1, x2);
  g[4] = rho_stability(p, x1);
  g[5] = rho_stability(p, x2);
}

static RhoCurve Follow(Path *path, const double *y) {
  int nmonitor = path->spinodal ? 4 : 6;
  RhoTraceProblem problem = {PathSystem(path), nmonitor, Monitor, (1u << nmonitor) - 1, 1e-3, 0.05, 0.05, MOSTCURVE};
  return rho_curve_both(path->p, &problem, meaning, y);
}

static bool IsKnown(const Paths *paths, const RhoSystem *system, const Path *path, const double *y) {
  double mirror[RHO_TRACE_MAX];
  int n = path->p->n + (path->spinodal ? 0 : 1);
  memcpy(mirror, y, sizeof *y * (size_t)system->m);
  for (int i = 0; i < n; i++) mirror[i] = -y[i]; /* the same state */
  for (int c = 0; c < paths->ncurve; c++)
    if (paths->curve[c].m == system->m &&
        (rho_curve_passes(system, &paths->curve[c], y) || rho_curve_passes(system, &paths->curve[c], mirror)))
      return true;
  return false;
}

/* end: at a spinodal, where one of the phases is about to be none. */
static RhoPhaseStability StabilityAt(const Path *path, const double *y, bool end, double *lowest) {
  RhoPhases *p = path->p;
  double x[2 * MOSTX];
  States(path, y, x, x + p->nx);
  bool one = fabs(y[p->n]) < 1e-6; /* in a critical point, or almost */
  if (!one && !end && !(rho_locally_stable(p, x) && rho_locally_stable(p, x + p->nx))) return RHO_PHASE_UNSTABLE;
  if (rho_samples_at(p, x[p->n])) return RHO_PHASE_UNSTABLE;
  double height = rho_tangent_plane(p, one ? 1 : 2, x, lowest);
  return height < -rho_tangent_round_off(p, x) ? RHO_PHASE_METASTABLE : RHO_PHASE_STABLE;
}

/* Three phases, of which the first is a composition of the path: a chain, in which it is number `at`, and s. */
typedef struct {
  Path *path;
  RhoChain chain;
  int at;
} Third;

static bool ThirdEquations(const double *y, double *F, double *J, void *ctx) {
  Third *third = ctx;
  RhoSystem chain = rho_chain_system(&third->chain);
  int n = third->path->p->n, m = chain.m + 1, side = third->at > 0 ? 1 : -1;
  int tie = (third->at > 0 ? third->at - 1 : 0) * (2 * n + 1);
  double by[RHO_TRACE_MAX * RHO_TRACE_MAX], x[MOSTX], slope[MOSTFIELDS];
  memset(J, 0, sizeof *J * (size_t)(m * m));
  if (!chain.fn(y, F, by, chain.ctx)) return false;
  for (int k = 0; k < chain.n; k++) memcpy(J + k * m, by + k * chain.m, sizeof *J * (size_t)chain.m);
  PlaceAt(third->path, y[chain.m], x, slope);
  for (int i = 0; i < n; i++) {
    double *row = J + (chain.n + i) * m, r = side * y[tie + 2 * n];
    F[chain.n + i] = y[tie + i] + r * y[tie + n + i] - x[i];
    row[tie + i] = 1;
    row[tie + n + i] = r;
    row[tie + 2 * n] = side * y[tie + n + i];
    row[chain.m] = -slope[i];
  }
  return true;
}

/* The cloud point near y at which the phase `lowest` takes over; its other phase is the one of y. */
static bool SolveThird(Path *path, const double *y, const double *lowest, double *exact) {
  RhoPhases *p = path->p;
  Third third = {path, {p, 3, NULL}, 0};
  int n = p->n, nx = p->nx, order[3], m = rho_chain_system(&third.chain).m;
  double x[3 * MOSTX], chain[RHO_TRACE_MAX], norm = 0;
  States(path, y, x, x + nx);
  memcpy(x + 2 * nx, lowest, sizeof *x * (size_t)nx);
  rho_chain_order(&third.chain, x, order);
  while (order[third.at] != 0) third.at++;
  rho_chain_pack(&third.chain, x, order, chain);
  chain[m] = y[n + 1];
  RhoSystem system = {m + 1, m + 1, NULL, ThirdEquations, &third};
  if (!rho_newton(&system, NULL, chain).converged) return false;
  rho_chain_phases(&third.chain, chain, order, x);
  for (int i = 0; i < n; i++) {
    exact[i] = 0.5 * (x[nx + i] - x[i]);
    norm += exact[i] * exact[i];
  }
  exact[n] = copysign(sqrt(norm), y[n]);
  for (int i = 0; i < n; i++) exact[i] /= exact[n];
  exact[n + 1] = chain[m];
  exact[n + 2] = x[n];
  return fabs(exact[n + 1] - y[n + 1]) < 0.1 && norm > 0;
}

static void KeepPoint(const Path *path, RhoPhaseBoundary *out, const double *y) {
  RhoPhases *p = path->p;
  double x1[MOSTX], x2[MOSTX], *u = out->state + out->npoint * p->nx, *v = out->other + out->npoint * p->nx;
  States(path, y, x1, x2);
  RhoLocalFields(p->local, x1, u);
  RhoLocalFields(p->local, x2, v);
  u[p->n] = v[p->n] = x1[p->n];
  out->s[out->npoint++] = y[path->spinodal ? p->n : p->n + 1];
}

/* Points first ... last of the curve, between the point before them and the one behind, or NULL. */
static void KeepPiece(Paths *paths, const Path *path, int number, const RhoCurve *curve, int first, int last,
                      const double *before, const double *behind, RhoPhaseStability stability) {
  RhoPhases *p = paths->p;
  size_t npoint = (size_t)(last - first + 3), nx = (size_t)p->nx;
  const RhoPhaseEnd third = {RHO_PHASE_THIRD, -1};
  if ((last == first && !before && !behind) || (!path->spinodal && stability == RHO_PHASE_UNSTABLE)) return;
  RhoPhaseBoundary *out = RHO_PUSH(p->arena, paths->boundary, paths->nboundary, paths->capacity);
  *out = (RhoPhaseBoundary){.path = number, .spinodal = path->spinodal, .stability = stability};
  out->s = RhoArenaAlloc(p->arena, sizeof(double) * npoint);
  out->state = RhoArenaAlloc(p->arena, sizeof(double) * npoint * nx);
  out->other = RhoArenaAlloc(p->arena, sizeof(double) * npoint * nx);
  if (before) KeepPoint(path, out, before);
  for (int k = first; k <= last; k++) KeepPoint(path, out, curve->y + k * curve->m);
  if (behind) KeepPoint(path, out, behind);
  out->end[0] = first == 0 ? curve->end[0] : third;
  out->end[1] = last == curve->npoint - 1 ? curve->end[1] : third;
}

/* The same from either of two neighbours, of which one is stable. */
static bool SolveBetween(Path *path, const double *stable, const double *other, const double *lowest, double *exact) {
  return SolveThird(path, stable, lowest, exact) || SolveThird(path, other, lowest, exact);
}

/* Stability of all points; at a spinodal not above that beside it. */
static void Stabilities(const Path *path, const RhoCurve *curve, RhoPhaseStability *stability,
                        double (*lowest)[MOSTX]) {
  int n = curve->npoint;
  bool end[2] = {curve->end[0].kind == RHO_PHASE_SPINODAL, curve->end[1].kind == RHO_PHASE_SPINODAL};
  for (int k = 0; k < n; k++)
    stability[k] = StabilityAt(path, curve->y + k * curve->m, (k == 0 && end[0]) || (k == n - 1 && end[1]), lowest[k]);
  if (end[0] && stability[1] < stability[0]) stability[0] = stability[1];
  if (end[1] && stability[n - 2] < stability[n - 1]) stability[n - 1] = stability[n - 2];
}

/* Cloud points in pieces of one stability. */
static void KeepCloud(Paths *paths, Path *path, int number, const RhoCurve *curve) {
  RhoArena arena = paths->p->arena;
  RhoPhaseStability *stability = RhoArenaAlloc(arena, sizeof *stability * (size_t)curve->npoint);
  double(*lowest)[MOSTX] = RhoArenaAlloc(arena, sizeof *lowest * (size_t)curve->npoint);
  double exact[2][RHO_TRACE_MAX], *before = NULL;
  int first = 0, last = curve->npoint - 1, m = curve->m;
  Stabilities(path, curve, stability, lowest);
  for (int k = 1; k <= last; k++) {
    if (stability[k] == stability[k - 1]) continue;
    int stable = stability[k] == RHO_PHASE_STABLE ? k : k - 1, other = 2 * k - 1 - stable;
    double *behind = exact[before == exact[0]];
    bool both = stability[k] != RHO_PHASE_UNSTABLE && stability[k - 1] != RHO_PHASE_UNSTABLE;
    if (!both || !SolveBetween(path, curve->y + stable * m, curve->y + other * m, lowest[other], behind)) behind = NULL;
    KeepPiece(paths, path, number, curve, first, k - 1, before, behind, stability[k - 1]);
    before = behind;
    first = k;
  }
  KeepPiece(paths, path, number, curve, first, last, before, NULL, stability[last]);
}

/* ---- where they are --------------------------------------------------------------------------------------------- */

typedef struct {
  double s, parameter, height, stability;
  double lowest[MOSTX];
} Site;

static void MakeSite(const Path *path, Site *site) {
  RhoPhases *p = path->p;
  double x[MOSTX], slope[MOSTFIELDS];
  PlaceAt(path, site->s, x, slope);
  x[p->n] = site->parameter;
  site->height = site->stability = NAN;
  if (!rho_is_defined(p, x) || rho_samples_at(p, site->parameter)) return;
  site->stability = rho_stability(p, x);
  bool stable = rho_locally_stable(p, x);
  site->height = rho_tangent_plane(p, 1, x, site->lowest);
  if (site->height > -rho_tangent_round_off(p, x)) site->height = stable ? 1 : -1;
}

/* A curve between two sites, of which one is of one phase: y stays on the line between them. */
static void Between(Paths *paths, Path *path, int number, const Site *a, const Site *b) {
  RhoPhases *p = path->p;
  int n = p->n, at = path->spinodal ? n : n + 1;
  double y[RHO_TRACE_MAX], fixed[RHO_TRACE_MAX] = {0}, x[MOSTX], slope[MOSTFIELDS], norm = 0;
  const Site *one = path->spinodal || a->height > 0 ? a : b, *two = one == a ? b : a;
  RhoSystem system = PathSystem(path);
  PlaceAt(path, one->s, x, slope);
  x[n] = one->parameter;
  if (path->spinodal) rho_null_direction(p, x, y);
  for (int i = 0; i < n && !path->spinodal; i++) {
    y[i] = 0.5 * (two->lowest[i] - x[i]);
    norm += y[i] * y[i];
  }
  for (int i = 0; i < n && !path->spinodal; i++) y[i] /= sqrt(norm);
  if (!path->spinodal) y[n] = sqrt(norm);
  y[at] = one->s;
  y[at + 1] = one->parameter;
  fixed[a->s == b->s ? at : at + 1] = 1;
  if (!rho_newton(&system, fixed, y).converged || IsKnown(paths, &system, path, y)) return;
  if (y[at] < -1e-9 || y[at] > 1 + 1e-9) return;
  RhoCurve curve = Follow(path, y);
  if (curve.npoint < 2) return;
  *RHO_PUSH(p->arena, paths->curve, paths->ncurve, paths->ncurvecapacity) = curve;
  if (path->spinodal) KeepPiece(paths, path, number, &curve, 0, curve.npoint - 1, NULL, NULL, RHO_PHASE_UNSTABLE);
  else KeepCloud(paths, path, number, &curve);
}

static void Search(Paths *paths, Path *path, int number, const Site *site, bool spinodal) {
  path->spinodal = spinodal;
  for (int l = 0; l < NGRID; l++)
    for (int k = 0; k < NGRID; k++)
      for (int way = 0; way < 2; way++) {
        if ((way ? l : k) + 1 >= NGRID) continue;
        const Site *a = &site[l * NGRID + k], *b = a + (way ? NGRID : 1);
        double ga = spinodal ? a->stability : a->height, gb = spinodal ? b->stability : b->height;
        if ((ga > 0 && gb < 0) || (ga < 0 && gb > 0)) Between(paths, path, number, a, b);
      }
}

static void MakePath(Paths *paths, const double *ends, int number) {
  RhoPhases *p = paths->p;
  const RhoPhaseRequest *r = p->request;
  Path path = {p, ends, ends + p->n, false};
  Site *site = RhoArenaAlloc(p->arena, sizeof *site * NGRID * NGRID);
  for (int l = 0; l < NGRID; l++)
    for (int k = 0; k < NGRID; k++) {
      Site *here = &site[l * NGRID + k];
      here->s = (k + 0.5) / NGRID;
      here->parameter = r->parameter_from + (r->parameter_to - r->parameter_from) * (l + 0.5) / NGRID;
      MakeSite(&path, here);
    }
  paths->ncurve = 0;
  Search(paths, &path, number, site, true);
  Search(paths, &path, number, site, false);
}

void rho_paths(RhoPhases *p) {
  Paths paths = {.p = p};
  for (int k = 0; k < p->request->npath; k++) MakePath(&paths, p->request->path + 2 * k * p->n, k);
  p->out->nboundary = paths.nboundary;
  p->out->boundary = paths.boundary;
}
