/* phase_diagram.c - the whole diagram: first globally, by samples and their lower convex hull, then exactly.

     spinodals        where the Hessian's determinant changes its sign between samples, followed to their ends
     critical points  where the cubic form vanishes on them
     tie lines        families from every critical point that is stable, and from every facet of the hull that reaches
                      across phases and is explained by no family yet
     triangles        where a family stops to be stable against all other samples */
#include "phase_private.h"
#include <float.h>
#include <math.h>
#include <string.h>

enum { NSECTION = 33, MOSTSEEDS = 400 };

typedef struct {
  RhoPhases p;
  RhoFamilies families;
  int nspinodal, nspinodalcapacity;
  RhoCurve *spinodal;
  int ncritical, ncriticalcapacity, nfollowed; /* followed: the first ones, from which tie lines were */
  double (*critical)[2 * MOSTX];               /* y of rho_spinodal_system */
  int nsurface, nsurfacecapacity;
  double (*surface)[MOSTX]; /* of three fields */
  int nfacet;
  RhoFacet *facet;
} Diagram;

/* ---- spinodals -------------------------------------------------------------------------------------------------- */

static double SpinodalLambda(const RhoPhases *p, const double *y) { return p->nx > p->n ? y[2 * p->n] : 0; }

static bool SameCritical(const Diagram *d, const double *y) {
  int m = d->p.n + d->p.nx;
  for (int k = 0; k < d->ncritical; k++) {
    double off = 0;
    for (int i = 0; i < m; i++)
      if (i < d->p.n || i >= 2 * d->p.n) off = fmax(off, fabs(d->critical[k][i] - y[i]));
    if (off < 1e-8) return true;
  }
  return false;
}

static void AddCritical(Diagram *d, const double *y) {
  if (SameCritical(d, y)) return;
  double *kept = *RHO_PUSH(d->p.arena, d->critical, d->ncritical, d->ncriticalcapacity);
  memcpy(kept, y, sizeof *y * (size_t)(d->p.n + d->p.nx));
}

/* Do the potentials end beside x, along field i? */
static bool IsAtEdge(const RhoPhases *p, const double *x, int i) {
  const double beside = 1e-6;
  double near[MOSTX];
  memcpy(near, x, sizeof *x * (size_t)p->n);
  if (p->nx > p->n) near[p->n] = SpinodalLambda(p, x);
  for (int side = -1; side <= 1; side += 2) {
    near[i] = x[i] + side * beside;
    if (!rho_is_defined(p, near)) return true;
  }
  return false;
}

/* x: on a grid line along field i. */
static void AddSpinodal(Diagram *d, const double *x, int i) {
  RhoPhases *p = &d->p;
  RhoSpinodal spinodal = {p, false};
  RhoSystem system = rho_spinodal_system(&spinodal);
  double y[RHO_TRACE_MAX], *critical;
  int ncritical, m = system.m;
  memcpy(y, x, sizeof *y * (size_t)p->n);
  rho_null_direction(p, x, y + p->n);
  if (p->nx > p->n) y[2 * p->n] = x[p->n];
  RhoCurve curve;
  if (system.m > system.n) {
    double across[RHO_TRACE_MAX] = {0};
    across[p->n == 2 ? 1 - i : m - 1] = 1; /* stays on the grid line */
    if (!rho_newton(&system, across, y).converged) return;
    if (rho_curve_has(&system, p->n, d->nspinodal, d->spinodal, y)) return;
    if (IsAtEdge(p, y, i)) return; /* there a determinant may change its sign as well */
    curve = rho_curve_spinodal(p, y, &ncritical, &critical);
    if (curve.npoint < 2) return;
    for (int k = 0; k < ncritical && p->request->tangents; k++) AddCritical(d, critical + k * m);
  } else curve = rho_curve_point(p, &system, y);
  if (curve.npoint) *RHO_PUSH(p->arena, d->spinodal, d->nspinodal, d->nspinodalcapacity) = curve;
}

/* Three fields: the spinodal is a surface, kept as points on the grid lines, all in one list. */
static void AddSpinodalPoint(Diagram *d, const double *x) {
  double *y = *RHO_PUSH(d->p.arena, d->surface, d->nsurface, d->nsurfacecapacity);
  memcpy(y, x, sizeof *x * (size_t)d->p.nx);
}

/* The zero of the determinant between two samples, by bisection. */
static void SpinodalBetween(Diagram *d, int a, int b, int i, double sa) {
  RhoPhases *p = &d->p;
  double xa[MOSTX], xb[MOSTX], x[MOSTX];
  memcpy(xa, p->samples.x + a * p->nx, sizeof *xa * (size_t)p->nx);
  memcpy(xb, p->samples.x + b * p->nx, sizeof *xb * (size_t)p->nx);
  for (int step = 0; step < 55; step++) {
    for (int j = 0; j < p->nx; j++) x[j] = 0.5 * (xa[j] + xb[j]);
    double s = rho_stability(p, x);
    if (isnan(s)) return;
    memcpy((s > 0) == (sa > 0) ? xa : xb, x, sizeof *x * (size_t)p->nx);
  }
  if (p->n == 3) AddSpinodalPoint(d, x);
  else AddSpinodal(d, x, i);
}

/* Is the grid line along field i through sample k at the edge of the window, where a curve from it may lead out of? */
static bool OnEdge(const RhoPhases *p, int k, int i) {
  for (int j = 0; j < p->n; j++) {
    double u = p->samples.u[k * p->n + j], off = fmin(fabs(u - p->request->from[j]), fabs(u - p->request->to[j]));
    if (j != i && off < 1e-9 * (p->request->to[j] - p->request->from[j])) return true;
  }
  return false;
}

static void FindSpinodals(Diagram *d) {
  RhoPhases *p = &d->p;
  const RhoSamples *s = &p->samples;
  for (int k = 0; k < s->npoint; k++) {
    if (!s->inside[k]) continue;
    double here = rho_stability(p, s->x + k * p->nx);
    for (int i = 0, stride = 1; i < p->n; stride *= s->count[i++]) {
      if (k / stride % s->count[i] + 1 >= s->count[i] || !s->inside[k + stride] || OnEdge(p, k, i)) continue;
      double next = rho_stability(p, s->x + (k + stride) * p->nx);
      if (isfinite(here) && isfinite(next) && (here > 0) != (next > 0)) SpinodalBetween(d, k, k + stride, i, here);
    }
  }
}

/* ---- tie lines -------------------------------------------------------------------------------------------------- */

/* Tie lines begin in the critical point when neighbouring ones have stable phases. */
static void TiesFromCritical(Diagram *d, const double *critical) {
  RhoPhases *p = &d->p;
  RhoTie tie = {p, NULL, false};
  RhoSystem system = rho_tie_system(&tie);
  double y[RHO_TRACE_MAX] = {0}, direction[RHO_TRACE_MAX] = {0}, x1[MOSTX], x2[MOSTX];
  if (system.m != system.n + 1) return;
  memcpy(y, critical, sizeof *y * 2 * (size_t)p->n);
  if (p->nx > p->n) y[2 * p->n + 1] = SpinodalLambda(p, critical);
  direction[2 * p->n] = 1;
  double near[RHO_TRACE_MAX];
  memcpy(near, y, sizeof near);
  near[2 * p->n] = 0.01;
  if (!rho_newton(&system, direction, near).converged) return;
  rho_tie_phases(p, near, x1, x2);
  if (rho_locally_stable(p, x1) && rho_locally_stable(p, x2)) rho_families_add(&d->families, y, true);
}

static void Mean(const RhoPhases *p, const RhoFacet *facet, int phase, double *u, int *count) {
  memset(u, 0, sizeof *u * (size_t)p->n);
  *count = 0;
  for (int a = 0; a <= p->n; a++) {
    if (phase >= 0 && facet->phase[a] != phase) continue;
    for (int i = 0; i < p->n; i++) u[i] += p->samples.u[facet->corner[a] * p->n + i];
    ++*count;
  }
  for (int i = 0; i < p->n; i++) u[i] /= *count;
}

/* The tie line between two phases of a facet, through the middle of the facet or, of three phases, of its edge. */
static bool TieOfFacet(RhoPhases *p, const RhoFacet *facet, int a, int b, double *y) {
  double u[2][MOSTFIELDS], z[MOSTFIELDS], x[2 * MOSTX], t[2];
  int count[2];
  Mean(p, facet, a, u[0], &count[0]);
  Mean(p, facet, b, u[1], &count[1]);
  t[1] = (double)count[1] / (count[0] + count[1]);
  for (int i = 0; i < p->n; i++) z[i] = (1 - t[1]) * u[0][i] + t[1] * u[1][i];
  x[p->n] = x[p->nx + p->n] = p->lambda;
  RhoLocalCoordinates(p->local, u[0], x);
  RhoLocalCoordinates(p->local, u[1], x + p->nx);
  if (!rho_phases_solve(p, 2, z, x, t)) return false;
  rho_tie_pack(p, x, x + p->nx, y);
  return true;
}

static bool Explained(Diagram *d, const double *z) {
  double y[RHO_TRACE_MAX], fraction[MOSTPHASES];
  return rho_families_find(&d->families, z, false, y, fraction) >= 0 ||
         rho_families_set(&d->families, z, fraction) >= 0;
}

static bool InWindow(const RhoPhases *p, const double *u) {
  for (int i = 0; i < p->n; i++)
    if (u[i] < p->request->from[i] || u[i] > p->request->to[i]) return false;
  return true;
}

static void TiesFromFacets(Diagram *d) {
  RhoPhases *p = &d->p;
  double z[MOSTFIELDS], y[RHO_TRACE_MAX];
  int count, nseed = 0;
  for (int k = 0; k < d->nfacet; k++) {
    const RhoFacet *facet = &d->facet[k];
    if (facet->nphase < 2) continue;
    Mean(p, facet, -1, z, &count);
    if (!InWindow(p, z) || Explained(d, z) || nseed > MOSTSEEDS) continue;
    for (int a = 0; a < facet->nphase; a++)
      for (int b = 0; b < a; b++, nseed++)
        if (TieOfFacet(p, facet, a, b, y)) rho_families_add(&d->families, y, false);
  }
}

/* ---- three fields ----

   Tie lines fill a volume: some of them, spread evenly over the facets, are solved for, and so are sets of three
   phases, of which there are curves, and of four, which are points. */

enum { MOSTSPLITS = 300 };

static bool SameStates(const RhoPhases *p, const double *a, const double *b) {
  for (int i = 0; i < p->n; i++)
    if (fabs(a[i] - b[i]) > 1e-7 * p->request->to[i]) return false;
  return true;
}

static bool Among(const RhoPhases *p, const double *state, const RhoPhaseSet *set) {
  for (int a = 0; a < set->nphase; a++)
    if (SameStates(p, state, set->state + a * p->nx)) return true;
  return false;
}

/* Sets of as many phases as there can be are found from many facets. */
static bool IsKnown(const RhoPhases *p, const RhoPhaseFlash *flash) {
  for (int k = 0; k < p->out->nset; k++) {
    const RhoPhaseSet *set = &p->out->set[k];
    bool same = set->nphase == flash->nphase;
    for (int a = 0; a < flash->nphase && same; a++) same = Among(p, flash->state + a * p->nx, set);
    if (same) return true;
  }
  return false;
}

static void KeepSplit(RhoPhases *p, const RhoPhaseFlash *flash, int *capacity) {
  RhoPhaseFamily *ties = p->out->family;
  if (flash->nphase == 2 && ties->npoint < MOSTSPLITS) {
    size_t size = sizeof(double) * (size_t)p->n;
    int k = ties->npoint++;
    memcpy(ties->first + k * p->n, flash->state, size);
    memcpy(ties->second + k * p->n, flash->state + p->n, size);
    memcpy(ties->mu + k * p->n, flash->mu, size);
    ties->p[k] = flash->p;
  } else if (flash->nphase > 2 && !IsKnown(p, flash)) {
    RhoPhaseSet *set = RHO_PUSH(p->arena, p->out->set, p->out->nset, *capacity);
    *set = (RhoPhaseSet){flash->nphase, flash->state, flash->mu, flash->p, flash->residual, RHO_PHASE_STABLE};
  }
}

/* Of the facets across nphase phases in the window, at most MOSTSPLITS, evenly. */
static void SplitFacetsOf(Diagram *d, int nphase, int *capacity) {
  RhoPhases *p = &d->p;
  double *z = RhoArenaAlloc(p->arena, sizeof *z * (size_t)(p->n * (d->nfacet + 1)));
  int count, nz = 0;
  for (int k = 0; k < d->nfacet; k++) {
    Mean(p, &d->facet[k], -1, z + nz * p->n, &count);
    nz += d->facet[k].nphase == nphase && InWindow(p, z + nz * p->n);
  }
  for (int k = 0; k < nz && k < MOSTSPLITS; k++) {
    RhoPhaseFlash flash = {.composition = z + (nz <= MOSTSPLITS ? k : (int)((double)k * nz / MOSTSPLITS)) * p->n};
    rho_flash(&d->families, d->nfacet, d->facet, &flash);
    KeepSplit(p, &flash, capacity);
    p->out->nunexplained += flash.nphase == 0;
  }
}

static void SplitFacets(Diagram *d) {
  RhoPhases *p = &d->p;
  RhoPhaseDiagram *out = p->out;
  size_t size = sizeof(double) * MOSTSPLITS * (size_t)p->n;
  int capacity = 0;
  RhoPhaseFamily *ties = out->family = RhoArenaAlloc(p->arena, sizeof *ties);
  *ties = (RhoPhaseFamily){.stability = RHO_PHASE_STABLE};
  ties->end[0] = ties->end[1] = (RhoPhaseEnd){RHO_PHASE_SAMPLED, -1};
  ties->first = RhoArenaAlloc(p->arena, size);
  ties->second = RhoArenaAlloc(p->arena, size);
  ties->mu = RhoArenaAlloc(p->arena, size);
  ties->p = RhoArenaAlloc(p->arena, size);
  for (int nphase = p->n + 1; nphase > 1; nphase--) SplitFacetsOf(d, nphase, &capacity);
  out->nfamily = ties->npoint > 0;
}

static void KeepSurface(Diagram *d) {
  RhoPhases *p = &d->p;
  RhoPhaseCurve *curve = RhoArenaAlloc(p->arena, sizeof *curve);
  *curve = (RhoPhaseCurve){d->nsurface, NULL, {{RHO_PHASE_SAMPLED, -1}, {RHO_PHASE_SAMPLED, -1}}};
  curve->state = RhoArenaAlloc(p->arena, sizeof(double) * (size_t)(d->nsurface * p->n));
  for (int k = 0; k < d->nsurface; k++) RhoLocalFields(p->local, d->surface[k], curve->state + k * p->n);
  p->out->spinodal = curve;
  p->out->nspinodal = d->nsurface > 0;
}

/* ---- three fields: curves of critical points and of three phases ----

   Critical points are where the cubic form changes its sign on the surface of the spinodal. */

typedef struct {
  double x[MOSTX], e[MOSTX], cubic;
} OnSurface;

static double Square(int n, const double *a, const double *b) {
  double sum = 0;
  for (int i = 0; i < n; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

/* The nearest points of the surface to number k. */
enum { NNEAR = 6 };
static void Neighbours(int n, const OnSurface *point, int k, int *near) {
  double distance[NNEAR];
  for (int a = 0; a < NNEAR; a++) distance[a] = INFINITY, near[a] = -1;
  for (int q = 0; q < n; q++) {
    double off = Square(3, point[q].x, point[k].x);
    if (q == k || off >= distance[NNEAR - 1]) continue;
    int place = NNEAR - 1;
    for (; place > 0 && distance[place - 1] > off; place--)
      distance[place] = distance[place - 1], near[place] = near[place - 1];
    distance[place] = off;
    near[place] = q;
  }
}

/* A critical point between two points of the surface with cubic forms of opposite signs. */
static void SeedBetween(RhoPhases *p, RhoLines lines, const OnSurface *a, const OnSurface *b) {
  RhoSpinodal critical = {p, true};
  RhoSystem system = rho_spinodal_system(&critical);
  int n = p->n;
  double sense = 0, y[RHO_TRACE_MAX], start[RHO_TRACE_MAX];
  for (int i = 0; i < n; i++) sense += a->e[i] * b->e[i];
  sense = copysign(1, sense); /* e and the cubic form have either sign */
  if (!(a->cubic * sense * b->cubic < 0)) return;
  double s = a->cubic / (a->cubic - sense * b->cubic), most = 4 * Square(n, a->x, b->x);
  for (int i = 0; i < n; i++) {
    start[i] = (1 - s) * a->x[i] + s * b->x[i];
    start[n + i] = (1 - s) * a->e[i] + s * sense * b->e[i];
  }
  for (int axis = 0; axis < n; axis++) {
    double across[RHO_TRACE_MAX] = {0};
    across[axis] = 1;
    memcpy(y, start, sizeof *y * (size_t)system.m);
    if (!rho_newton(&system, across, y).converged || Square(n, y, start) > most) continue;
    rho_lines_critical(lines, y);
    return;
  }
}

static void SeedCriticalCurves(Diagram *d, RhoLines lines) {
  RhoPhases *p = &d->p;
  OnSurface *point = RhoArenaAlloc(p->arena, sizeof *point * (size_t)(d->nsurface + 1));
  int near[NNEAR];
  for (int k = 0; k < d->nsurface; k++) {
    memcpy(point[k].x, d->surface[k], sizeof point[k].x);
    rho_null_direction(p, point[k].x, point[k].e);
    point[k].cubic = rho_cubic_form(p, point[k].x, point[k].e);
  }
  for (int k = 0; k < d->nsurface; k++) {
    Neighbours(d->nsurface, point, k, near);
    for (int a = 0; a < NNEAR; a++)
      if (near[a] > k) SeedBetween(p, lines, &point[k], &point[near[a]]);
  }
}

/* Three of the phases of each set. */
static void SeedThreePhases(RhoPhases *p, RhoLines lines) {
  double x[MOSTPHASES * MOSTX], three[3 * MOSTX];
  for (int k = 0; k < p->out->nset; k++) {
    const RhoPhaseSet *set = &p->out->set[k];
    for (int a = 0; a < set->nphase; a++) RhoLocalCoordinates(p->local, set->state + a * p->nx, x + a * p->nx);
    for (int without = set->nphase == 3 ? 3 : 0; without < 4; without++) {
      for (int a = 0, to = 0; a < set->nphase; a++)
        if (a != without) memcpy(three + p->nx * to++, x + a * p->nx, sizeof *x * (size_t)p->nx);
      rho_lines_three(lines, three);
    }
  }
}

/* Those of the curves first, to which their ends refer. */
static void KeepSets(RhoPhases *p, RhoLines lines) {
  RhoPhaseDiagram *out = p->out;
  const RhoPhaseSet *four;
  int nfour = rho_lines_sets(lines, &four), n = 0;
  RhoPhaseSet *set = RhoArenaAlloc(p->arena, sizeof *set * (size_t)(nfour + out->nset + 1));
  for (int k = 0; k < nfour; k++) set[n++] = four[k];
  for (int k = 0; k < out->nset; k++)
    if (out->set[k].nphase == 3) set[n++] = out->set[k];
  out->set = set;
  out->nset = n;
}

static void FollowLines(Diagram *d) {
  RhoPhases *p = &d->p;
  RhoLines lines = rho_lines_create(p);
  for (int k = 0; k < p->out->nset; k++)
    if (p->out->set[k].nphase == 4) rho_lines_know(lines, &p->out->set[k]);
  SeedCriticalCurves(d, lines);
  SeedThreePhases(p, lines);
  rho_lines_follow(lines);
  KeepSets(p, lines);
  rho_lines_result(lines);
}

static void CountUnexplained(Diagram *d) {
  double z[MOSTFIELDS];
  int count;
  for (int k = 0; k < d->nfacet; k++) {
    Mean(&d->p, &d->facet[k], -1, z, &count);
    if (d->facet[k].nphase > 1 && InWindow(&d->p, z) && !Explained(d, z)) d->p.out->nunexplained++;
  }
}

/* ---- the result ------------------------------------------------------------------------------------------------- */

static void KeepSpinodals(Diagram *d) {
  RhoPhases *p = &d->p;
  RhoPhaseDiagram *out = p->out;
  out->nspinodal = d->nspinodal;
  out->spinodal = RhoArenaAlloc(p->arena, sizeof *out->spinodal * (size_t)d->nspinodal);
  for (int c = 0; c < d->nspinodal; c++) {
    const RhoCurve *curve = &d->spinodal[c];
    RhoPhaseCurve *kept = &out->spinodal[c];
    *kept = (RhoPhaseCurve){curve->npoint, NULL, {curve->end[0], curve->end[1]}};
    kept->state = RhoArenaAlloc(p->arena, sizeof(double) * (size_t)(curve->npoint * p->nx));
    for (int k = 0; k < curve->npoint; k++) {
      const double *y = curve->y + k * curve->m;
      double x[MOSTX];
      RhoLocalFields(p->local, y, kept->state + k * p->nx);
      if (p->nx > p->n) kept->state[k * p->nx + p->n] = SpinodalLambda(p, y);
      memcpy(x, y, sizeof *x * (size_t)p->n);
      if (p->nx > p->n) x[p->n] = SpinodalLambda(p, y);
      if (k == 0) kept->end[0] = rho_named_end(p, kept->end[0], 1, x);
      if (k == curve->npoint - 1) kept->end[1] = rho_named_end(p, kept->end[1], 1, x);
    }
  }
}

/* Its own family is stable there: so is the point; metastable when that is; else unstable. */
static RhoPhaseStability CriticalStability(const Diagram *d, int k, int *family) {
  const RhoPhases *p = &d->p;
  *family = -1;
  for (int c = 0; c < d->families.nties; c++) {
    const RhoTies *ties = &d->families.ties[c];
    for (int side = 0; side < 2; side++) {
      int at = side ? ties->curve.npoint - 1 : 0;
      if (ties->curve.end[side].kind != RHO_PHASE_CRITICAL) continue;
      double off = 0;
      for (int i = 0; i < p->n; i++) off = fmax(off, fabs(ties->curve.y[at * ties->curve.m + i] - d->critical[k][i]));
      if (off > 1e-6) continue;
      *family = 2 * c + side;
      return ties->stability[side ? at - 1 : at + 1];
    }
  }
  return RHO_PHASE_UNSTABLE;
}

static void KeepCritical(Diagram *d) {
  RhoPhases *p = &d->p;
  RhoPhaseDiagram *out = p->out;
  int family;
  out->ncritical = d->ncritical;
  out->critical = RhoArenaAlloc(p->arena, sizeof *out->critical * (size_t)d->ncritical);
  for (int k = 0; k < d->ncritical; k++) {
    RhoPhasePoint *point = &out->critical[k];
    point->state = RhoArenaAlloc(p->arena, sizeof(double) * (size_t)p->nx);
    point->direction = RhoArenaAlloc(p->arena, sizeof(double) * (size_t)p->n);
    RhoLocalFields(p->local, d->critical[k], point->state);
    if (p->nx > p->n) point->state[p->n] = SpinodalLambda(p, d->critical[k]);
    double norm = 0;
    for (int i = 0; i < p->n; i++) {
      point->direction[i] = d->critical[k][p->n + i] * (p->local->logarithmic[i] ? point->state[i] : 1);
      norm += point->direction[i] * point->direction[i];
    }
    for (int i = 0; i < p->n; i++) point->direction[i] /= sqrt(norm);
    point->stability = CriticalStability(d, k, &family);
    if (family >= 0) d->families.ties[family / 2].curve.end[family % 2].which = k;
  }
}

/* ---- all of it -------------------------------------------------------------------------------------------------- */

static RhoStatus Section(Diagram *d, double lambda) {
  RhoPhases *p = &d->p;
  RhoStatus status = rho_samples_at(p, lambda);
  if (status) return status;
  FindSpinodals(d);
  if (!p->request->tangents) return RHO_OK;
  for (; d->nfollowed < d->ncritical && !status; d->nfollowed++) {
    const double *critical = d->critical[d->nfollowed];
    status = rho_samples_at(p, SpinodalLambda(p, critical));
    TiesFromCritical(d, critical);
  }
  if (!status) status = rho_samples_at(p, lambda);
  if (!status) status = rho_samples_hull(p, &d->nfacet, &d->facet);
  if (!status && p->n < 3) TiesFromFacets(d);
  return status;
}

static void MakeFlashes(Diagram *d) {
  RhoPhases *p = &d->p;
  RhoPhaseDiagram *out = p->out;
  out->nflash = p->request->nflash;
  out->flash = RhoArenaAlloc(p->arena, sizeof *out->flash * (size_t)out->nflash);
  for (int k = 0; k < out->nflash; k++) {
    out->flash[k].composition = p->request->flash + k * p->n;
    rho_flash(&d->families, d->nfacet, d->facet, &out->flash[k]);
  }
}

static RhoStatus MakeDiagram(Diagram *d) {
  RhoPhases *p = &d->p;
  const RhoPhaseRequest *r = p->request;
  int nsection = p->nx > p->n ? NSECTION : 1;
  RhoStatus status = rho_samples_make(p);
  rho_phases_reserve(p);
  rho_name_hidden(p);
  for (int k = 0; k < nsection && !status; k++)
    status = Section(d, r->parameter_from + (r->parameter_to - r->parameter_from) * (k + 0.5) / nsection);
  if (status) return status;
  if (p->n == 3) {
    KeepSurface(d);
    if (r->tangents) {
      SplitFacets(d);
      FollowLines(d);
    }
  } else {
    rho_families_cut(&d->families);
    KeepSpinodals(d);
    KeepCritical(d);
    rho_families_result(&d->families);
    if (p->nx == p->n) CountUnexplained(d);
  }
  MakeFlashes(d);
  return RHO_OK;
}

static RhoStatus Guarded(RhoEquations eq, const double *value, const RhoPhaseRequest *request, RhoArena arena,
                         RhoLocal local, RhoPhaseDiagram *out) {
  if (setjmp(*RhoArenaGuard(arena))) return RHO_NOMEM;
  Diagram *d = RhoArenaAlloc(arena, sizeof *d);
  d->p = (RhoPhases){.local = local, .n = local->n, .nx = local->nx, .arena = arena, .request = request, .out = out};
  d->families.p = &d->p;
  *out = (RhoPhaseDiagram){.nfield = eq->nfield, .nx = local->nx};
  RhoLocalBind(local, value);
  return MakeDiagram(d);
}

RhoStatus RhoPhaseDiagramMake(RhoEquations eq, const double *value, const RhoPhaseRequest *request, RhoArena arena,
                              RhoPhaseDiagram *out) {
  RhoLocal local;
  jmp_buf outer;
  if (eq->nfield > MOSTFIELDS) return RHO_INPUT;
  for (int i = 0; i < eq->nfield; i++)
    if (eq->equation[i].potential < 0) return RHO_INPUT;
  RhoStatus status = RhoLocalCreate(eq, request->parameter, &local);
  if (status) return status;
  memcpy(&outer, RhoArenaGuard(arena), sizeof outer);
  status = Guarded(eq, value, request, arena, local, out);
  memcpy(RhoArenaGuard(arena), &outer, sizeof outer);
  RhoLocalDestroy(&local);
  return status;
}
