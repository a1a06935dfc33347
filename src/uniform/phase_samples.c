/* phase_samples.c - the free energy on a grid of uniform states: its lower convex hull, which finds what phases there
   are, and its least height above a tangent plane, which tells whether they are stable against all others. */
#include "phase_private.h"
#include <float.h>
#include <libqhull_r/qhull_ra.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- the grid --------------------------------------------------------------------------------------------------- */

/* By the number of fields: equal spacings in the window, the ratio of spacings below and beyond, the least density. */
typedef struct {
  int nwindow;
  double below, beyond, least;
} Grading;
static const Grading grading[MOSTFIELDS + 1] = {
    {0, 0, 0, 0}, {600, 1.1, 1.02, 1e-12}, {56, 1.6, 1.2, 1e-9}, {13, 2.5, 1.8, 1e-6}};

static bool IsDensity(const RhoPhases *p, int i) { return p->local->logarithmic[i]; }

/* Downwards from `to`, and upwards beyond it. */
static void MakeAxis(RhoPhases *p, int i) {
  enum { MOST = 2000 };
  const Grading *g = &grading[p->n];
  RhoSamples *s = &p->samples;
  double from = p->request->from[i], to = p->request->to[i], value[MOST];
  bool density = IsDensity(p, i);
  double h = (to - (density ? 0 : from)) / g->nwindow;
  int n = 0, capacity = 0;
  if (density)
    for (double u = to; u > g->least * to && n < MOST; u = fmax(u / g->below, u - h)) value[n++] = u;
  else
    for (int k = g->nwindow; k >= 0; k--) value[n++] = from + k * h;
  while (n > 0) *RHO_PUSH(p->arena, s->axis[i], s->count[i], capacity) = value[--n];
  for (double u = to * g->beyond; density && u < RHO_PHASE_REACH * to; u *= g->beyond)
    *RHO_PUSH(p->arena, s->axis[i], s->count[i], capacity) = u;
}

static void MakePoints(RhoPhases *p) {
  RhoSamples *s = &p->samples;
  size_t n = (size_t)p->n;
  s->npoint = 1;
  for (int i = 0; i < p->n; i++) s->npoint *= s->count[i];
  size_t npoint = (size_t)s->npoint;
  s->x = RhoArenaAlloc(p->arena, sizeof(double) * npoint * (size_t)p->nx);
  s->u = RhoArenaAlloc(p->arena, sizeof(double) * npoint * n);
  s->mu = RhoArenaAlloc(p->arena, sizeof(double) * npoint * n);
  s->f = RhoArenaAlloc(p->arena, sizeof(double) * npoint);
  s->height = RhoArenaAlloc(p->arena, sizeof(double) * npoint);
  s->hidden = RhoArenaAlloc(p->arena, sizeof(double) * npoint * (size_t)p->local->nhidden + 1);
  s->inside = RhoArenaAlloc(p->arena, sizeof(bool) * npoint);
  for (int k = 0; k < s->npoint; k++) {
    s->inside[k] = true;
    for (int i = 0, rest = k; i < p->n; rest /= s->count[i++]) {
      double u = s->u[k * p->n + i] = s->axis[i][rest % s->count[i]];
      if (u < p->request->from[i] || u > p->request->to[i]) s->inside[k] = false;
    }
    RhoLocalCoordinates(p->local, s->u + k * p->n, s->x + k * p->nx);
  }
}

/* On the grid a density that is no field may be nothing but rounding: of 1 - a - b where that is zero. */
static void LeaveOutRounding(RhoPhases *p) {
  const double rounding = 1e-13;
  RhoSamples *s = &p->samples;
  int nhidden = p->local->nhidden;
  double size = 0;
  if (nhidden == 0) return;
  for (int i = 0; i < p->n; i++) size = fmax(size, fabs(p->request->to[i]));
  RhoLocalHidden(p->local, s->npoint, s->x, s->hidden);
  for (int k = 0; k < s->npoint * nhidden; k++)
    if (s->hidden[k] < rounding * size) s->f[k / nhidden] = NAN;
}

RhoStatus rho_samples_at(RhoPhases *p, double lambda) {
  RhoSamples *s = &p->samples;
  if (s->made && p->lambda == lambda) return RHO_OK;
  s->made = true;
  p->lambda = lambda;
  for (int k = 0; k < s->npoint && p->nx > p->n; k++) s->x[k * p->nx + p->n] = lambda;
  RhoLocalPotentials(p->local, 1, s->x, NULL, p->T, NULL);
  RhoLocalPotentials(p->local, s->npoint, s->x, s->mu, NULL, NULL);
  RhoStatus status = RhoLocalEnergies(p->local, s->npoint, s->x, s->f);
  for (int k = 0; k < s->npoint && !status; k++)
    for (int i = 0; i < p->n; i++)
      if (!isfinite(s->mu[k * p->n + i])) s->f[k] = NAN;
  if (!status) LeaveOutRounding(p);
  return status;
}

static void CountUndefined(RhoPhases *p) {
  RhoSamples *s = &p->samples;
  RhoPhaseDiagram *out = p->out;
  for (int k = 0; k < s->npoint; k++) {
    if (!s->inside[k]) continue;
    out->nsample++;
    if (isfinite(s->f[k])) continue;
    if (!out->nundefined++) {
      out->undefined = RhoArenaAlloc(p->arena, sizeof(double) * (size_t)p->n);
      memcpy(out->undefined, s->u + k * p->n, sizeof(double) * (size_t)p->n);
    }
  }
}

RhoStatus rho_samples_make(RhoPhases *p) {
  p->out->resolution = RhoArenaAlloc(p->arena, sizeof(double) * (size_t)p->nx);
  for (int i = 0; i < p->n; i++) {
    MakeAxis(p, i);
    p->out->resolution[i] = (p->request->to[i] - (IsDensity(p, i) ? 0 : p->request->from[i])) / grading[p->n].nwindow;
  }
  MakePoints(p);
  RhoStatus status = rho_samples_at(p, p->request->parameter_from);
  if (!status) CountUndefined(p);
  return status;
}

/* ---- the hull --------------------------------------------------------------------------------------------------- */

/* (u, f - its tangent plane at a state in the middle), of the states that are locally stable. */
static int HullPoints(RhoPhases *p, double *point, int *which) {
  const RhoSamples *s = &p->samples;
  int n = p->n, npoint = 0, middle = -1;
  for (int k = 0; k < s->npoint; k++) {
    if (!isfinite(s->f[k]) || !rho_locally_stable(p, s->x + k * p->nx)) continue;
    which[npoint++] = k;
    if (s->inside[k]) middle = k;
  }
  if (middle < 0 && npoint) middle = which[npoint / 2];
  for (int q = 0; q < npoint; q++) {
    double *row = point + q * (n + 1);
    row[n] = s->f[which[q]];
    for (int i = 0; i < n; i++) {
      row[i] = s->u[which[q] * n + i];
      row[n] -= s->mu[middle * n + i] * row[i];
    }
  }
  return npoint;
}

/* Does f lie above the chord from a to b somewhere between? */
static bool Spans(RhoPhases *p, int a, int b) {
  const RhoSamples *s = &p->samples;
  int n = p->n, apart = 0;
  for (int i = 0, ra = a, rb = b; i < n; ra /= s->count[i], rb /= s->count[i], i++)
    apart = (int)fmax(apart, abs(ra % s->count[i] - rb % s->count[i]));
  if (apart <= 1) return false;
  double x[3 * MOSTX], u[MOSTFIELDS], f[3];
  for (int k = 0; k < 3; k++) {
    for (int i = 0; i < n; i++) u[i] = s->u[a * n + i] + 0.25 * (k + 1) * (s->u[b * n + i] - s->u[a * n + i]);
    memcpy(x + k * p->nx, s->x + a * p->nx, sizeof *x * (size_t)p->nx);
    RhoLocalCoordinates(p->local, u, x + k * p->nx);
  }
  if (RhoLocalEnergies(p->local, 3, x, f)) return false;
  for (int k = 0; k < 3; k++)
    if (f[k] > s->f[a] + 0.25 * (k + 1) * (s->f[b] - s->f[a])) return true;
  return false;
}

/* Corners that are joined by edges within one phase are of one phase. */
static void GroupCorners(RhoPhases *p, RhoFacet *facet) {
  int n = p->n;
  for (int a = 0; a <= n; a++) facet->phase[a] = a;
  for (int a = 0; a <= n; a++)
    for (int b = 0; b < a; b++) {
      if (facet->phase[a] == facet->phase[b] || Spans(p, facet->corner[a], facet->corner[b])) continue;
      int from = facet->phase[a], to = facet->phase[b];
      for (int c = 0; c <= n; c++)
        if (facet->phase[c] == from) facet->phase[c] = to;
    }
  int number[MOSTX];
  for (int a = 0; a <= n; a++) number[a] = -1;
  facet->nphase = 0;
  for (int a = 0; a <= n; a++) {
    if (number[facet->phase[a]] < 0) number[facet->phase[a]] = facet->nphase++;
    facet->phase[a] = number[facet->phase[a]];
  }
}

static int ReadFacets(RhoPhases *p, qhT *qh, const int *which, RhoFacet *out) {
  facetT *facet;
  vertexT *vertex, **vertexp;
  int nfacet = 0;
  FORALLfacets {
    if (facet->upperdelaunay || !(facet->normal[p->n] < 0)) continue;
    int corner = 0;
    FOREACHvertex_(facet->vertices) if (corner <= p->n) out[nfacet].corner[corner++] =
        which[qh_pointid(qh, vertex->point)];
    if (corner == p->n + 1) nfacet++;
  }
  return nfacet;
}

static RhoStatus Hull(RhoPhases *p, double *point, int *which, int *nfacet, RhoFacet **facet) {
  int npoint = HullPoints(p, point, which), curlong, totlong;
  *nfacet = 0;
  if (npoint < p->n + 2) return RHO_OK;
  qhT *qh = malloc(sizeof *qh);
  FILE *nowhere = fopen("/dev/null", "w");
  if (!qh || !nowhere) {
    free(qh);
    if (nowhere) fclose(nowhere);
    return RHO_NOMEM;
  }
  char options[] = "qhull Qt Qbb Pp";
  qh_zero(qh, nowhere);
  if (!qh_new_qhull(qh, p->n + 1, npoint, point, False, options, nowhere, nowhere)) {
    *facet = RhoArenaAlloc(p->arena, sizeof **facet * (size_t)(qh->num_facets + 1));
    *nfacet = ReadFacets(p, qh, which, *facet);
  }
  qh_freeqhull(qh, !qh_ALL);
  qh_memfreeshort(qh, &curlong, &totlong);
  free(qh);
  fclose(nowhere);
  for (int k = 0; k < *nfacet; k++) GroupCorners(p, &(*facet)[k]);
  return RHO_OK;
}

RhoStatus rho_samples_hull(RhoPhases *p, int *nfacet, RhoFacet **facet) {
  size_t npoint = (size_t)p->samples.npoint;
  double *point = malloc(sizeof *point * npoint * (size_t)(p->n + 1));
  int *which = malloc(sizeof *which * npoint);
  RhoStatus status = point && which ? Hull(p, point, which, nfacet, facet) : RHO_NOMEM;
  free(point);
  free(which);
  return status;
}

/* ---- heights above a tangent plane ------------------------------------------------------------------------------ */

static bool LeastAround(const RhoPhases *p, int k) {
  const RhoSamples *s = &p->samples;
  for (int i = 0, stride = 1; i < p->n; stride *= s->count[i++]) {
    int at = k / stride % s->count[i];
    if (at > 0 && s->height[k - stride] < s->height[k]) return false;
    if (at + 1 < s->count[i] && s->height[k + stride] < s->height[k]) return false;
  }
  return true;
}

typedef struct {
  RhoPhases *p;
  const double *mu;
} SamePotentials;

static bool Difference(const double *y, double *F, double *J, void *ctx) {
  const SamePotentials *same = ctx;
  RhoPhases *p = same->p;
  double x[MOSTX], N[MOSTFIELDS * MOSTX];
  memcpy(x, y, sizeof *x * (size_t)p->n);
  if (p->nx > p->n) x[p->n] = p->lambda;
  RhoLocalPotentials(p->local, 1, x, F, NULL, N);
  for (int i = 0; i < p->n; i++) {
    F[i] -= same->mu[i];
    for (int j = 0; j < p->n; j++) J[i * p->n + j] = N[i * p->nx + j];
  }
  return true;
}

static bool IsPhase(const RhoPhases *p, int nphase, const double *phase, const double *x) {
  double u[MOSTFIELDS], v[MOSTFIELDS];
  RhoLocalFields(p->local, x, u);
  for (int a = 0; a < nphase; a++) {
    double off = 0;
    RhoLocalFields(p->local, phase + a * p->nx, v);
    for (int i = 0; i < p->n; i++) off = fmax(off, fabs(u[i] - v[i]) / (p->request->to[i] - p->request->from[i]));
    if (off < 1e-6) return true;
  }
  return false;
}

/* The lowest point of the height near sample k, exactly: INFINITY when it is one of the phases. */
static double Bottom(RhoPhases *p, int nphase, const double *phase, const double *mu, int k, double *x) {
  SamePotentials same = {p, mu};
  RhoSystem system = {p->n, p->n, NULL, Difference, &same};
  double start[MOSTX];
  memcpy(start, p->samples.x + k * p->nx, sizeof *start * (size_t)p->nx);
  memcpy(x, start, sizeof *x * (size_t)p->nx);
  bool found = rho_newton(&system, NULL, x).converged;
  for (int i = 0; i < p->n && found; i++)
    if (fabs(x[i] - start[i]) > 2 && p->local->logarithmic[i] && fmax(x[i], start[i]) > log(1e-6 * p->request->to[i]))
      found = false;
  if (found && IsPhase(p, nphase, phase, x)) return INFINITY;
  if (found) return -rho_pressure_difference(p, phase, x);
  memcpy(x, start, sizeof *x * (size_t)p->nx);
  return p->samples.height[k];
}

double rho_tangent_round_off(RhoPhases *p, const double *x) {
  double u[MOSTFIELDS], mu[MOSTFIELDS], size = 0;
  RhoLocalFields(p->local, x, u);
  RhoLocalPotentials(p->local, 1, x, mu, NULL, NULL);
  for (int i = 0; i < p->n; i++) size += fabs(u[i] * mu[i]) + fabs(p->T[i] * u[i]);
  return 1e-12 * size;
}

double rho_tangent_plane(RhoPhases *p, int nphase, const double *phase, double *lowest) {
  RhoSamples *s = &p->samples;
  double u[MOSTFIELDS], mu[MOSTFIELDS], f, x[MOSTX], least = INFINITY;
  int n = p->n;
  RhoLocalFields(p->local, phase, u);
  RhoLocalPotentials(p->local, 1, phase, mu, NULL, NULL);
  if (RhoLocalEnergies(p->local, 1, phase, &f)) return NAN;
  for (int k = 0; k < s->npoint; k++) {
    double height = s->f[k] - f;
    for (int i = 0; i < n; i++) height -= mu[i] * (s->u[k * n + i] - u[i]);
    s->height[k] = isnan(height) ? INFINITY : height;
  }
  for (int k = 0; k < s->npoint; k++) {
    if (isinf(s->height[k]) || !LeastAround(p, k)) continue;
    double height = Bottom(p, nphase, phase, mu, k, x);
    if (!(height < least)) continue;
    least = height;
    memcpy(lowest, x, sizeof *x * (size_t)p->nx);
  }
  return least;
}
