/* growth.c - the largest growth g(q) = max Re lambda along a line, for one state after the other.

   The scan has SCAN_LOG points equidistant in log q over SCAN_DECADES decades below the end of the range and SCAN_EVEN
   equidistant ones, so that no two neighbours are farther apart than a 64th of the range or 16 % of q.  Each local
   maximum of the scan is brought to g' = 0 by Newton's method on the exact derivative, within its bracket: a band is
   found by the maximum it has, however narrow it is and whether or not a point of the scan lies in it.  What could be
   missed is a second maximum between two neighbours; A would have to vary on that scale, and A is made of
   powers of q and of transforms of kernels, which vary over 1/(range of the kernel). */
#include "growth.h"
#include <float.h>
#include <math.h>
#include <stdlib.h>

enum { SCAN_LOG = 64, SCAN_EVEN = 64, SCAN_DECADES = 4, NEWTON_MOST = 60 };

/* ---- life ---- */

static int ByValue(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void MakeScan(Growth *g) {
  int n = 0;
  double *q = RhoArenaAlloc(g->line.arena, sizeof *q * (SCAN_LOG + SCAN_EVEN)), top = g->line.top;
  for (int k = 0; k < SCAN_LOG; k++) q[n++] = top * pow(10, -SCAN_DECADES * (1 - (k + 0.5) / SCAN_LOG));
  for (int k = 1; k <= SCAN_EVEN; k++) q[n++] = top * k / SCAN_EVEN;
  qsort(q, (size_t)n, sizeof *q, ByValue);
  g->scan = (Scan){.n = n, .q = q};
  rho_line_scan(&g->line, &g->scan);
  g->growth = RhoArenaAlloc(g->line.arena, sizeof(double) * (size_t)n);
  g->frequency = RhoArenaAlloc(g->line.arena, sizeof(double) * (size_t)n);
}

RhoStatus rho_growth_create(RhoEquations eq, int dim, const double *direction, const double *spacing, double top,
                            Growth *g) {
  *g = (Growth){.set = false};
  RhoStatus status = rho_line_create(eq, dim, direction, spacing, top, &g->line);
  if (status) return status;
  if (setjmp(*RhoArenaGuard(g->line.arena))) return RHO_NOMEM;
  MakeScan(g);
  return RHO_OK;
}

void rho_growth_destroy(Growth *g) { rho_line_destroy(&g->line); }

void rho_growth_turn(Growth *g, const double *direction) {
  rho_line_turn(&g->line, direction);
  g->set = false;
}

/* ---- one state ---- */

RhoStatus rho_growth_bind(Growth *g, const double *value, const double *state) {
  Line *line = &g->line;
  double complex lambda[RHO_LINE_MOST];
  const RhoKernelSeries *series = line->series;
  RhoStatus status = rho_line_bind(line, value, state);
  if (status) return status;
  status = rho_line_fill(line, &g->scan, !g->set || series != line->series);
  g->set = true;
  for (int k = 0; k < g->scan.n && !status; k++) {
    status = rho_rates(line->n, g->scan.A + k * line->n * line->n, lambda);
    g->growth[k] = creal(lambda[0]);
    g->frequency[k] = cimag(lambda[0]);
  }
  return status ? status : rho_long_waves(line, &g->limit);
}

bool rho_growth_defined(const Growth *g) {
  if (!g->line.inside) return false;
  for (int k = 0; k < g->scan.n; k++)
    if (!isfinite(g->growth[k])) return false;
  return true;
}

double rho_growth_at(Growth *g, double q, double complex *rate) {
  double complex A[3 * RHO_LINE_MOST * RHO_LINE_MOST], lambda[RHO_LINE_MOST];
  if (rho_line_at(&g->line, q, A) || rho_rates(g->line.n, A, lambda)) return NAN;
  if (rate) *rate = lambda[0];
  return creal(lambda[0]);
}

/* ---- maxima ---- */

static RhoStatus Slopes(Growth *g, double q, double complex fastest[3]) {
  double complex A[3 * RHO_LINE_MOST * RHO_LINE_MOST], rate[RHO_LINE_MOST][3];
  RhoStatus status = rho_line_at(&g->line, q, A);
  if (!status) status = rho_mode_slopes(g->line.n, A, rate);
  for (int k = 0; k < 3 && !status; k++) fastest[k] = rate[0][k];
  return status;
}

/* The zero of g' between a (g' > 0) and b (g' < 0). */
static RhoStatus Top(Growth *g, double a, double b, double q, Peak *peak) {
  double complex f[3];
  RhoStatus status = RHO_OK;
  for (int k = 0; k < NEWTON_MOST && !status; k++) {
    status = Slopes(g, q, f);
    peak->q = q;
    peak->rate = f[0];
    double slope = creal(f[1]), bend = creal(f[2]), last = q;
    if (isnan(slope)) peak->rate = NAN;
    if (slope == 0 || isnan(slope)) break;
    if (slope > 0) a = q;
    else b = q;
    q = q - slope / bend;
    if (!(bend < 0) || !(q > a) || !(q < b)) q = 0.5 * (a + b);
    if (fabs(q - last) <= 2 * DBL_EPSILON * q) break;
  }
  return status;
}

/* The same by values alone, where there is no derivative to go by: equal eigenvalues all along the line, or in a cusp.
   sense -1: the lowest. */
static void TopByValues(Growth *g, double a, double b, double sense, Peak *peak) {
  const double ratio = 0.5 * (sqrt(5) - 1);
  double x = b - ratio * (b - a), y = a + ratio * (b - a);
  double fx = sense * rho_growth_at(g, x, NULL), fy = sense * rho_growth_at(g, y, NULL);
  for (int k = 0; k < NEWTON_MOST; k++) {
    if (fx >= fy) {
      b = y, y = x, fy = fx, x = b - ratio * (b - a);
      fx = sense * rho_growth_at(g, x, NULL);
    } else {
      a = x, x = y, fx = fy, y = a + ratio * (b - a);
      fy = sense * rho_growth_at(g, y, NULL);
    }
  }
  peak->q = 0.5 * (a + b);
  (void)rho_growth_at(g, peak->q, &peak->rate);
}

bool rho_growth_peaks(const Growth *g, int k) {
  int last = g->scan.n - 1;
  bool left = k == 0 || g->growth[k] >= g->growth[k - 1], right = k == last || g->growth[k] > g->growth[k + 1];
  return left && right;
}

RhoStatus rho_growth_refine(Growth *g, int k, Peak *peak) {
  int last = g->scan.n - 1;
  double from = k ? g->scan.q[k - 1] : 0, to = k < last ? g->scan.q[k + 1] : g->scan.q[last];
  double complex f[3];
  *peak = (Peak){g->scan.q[k], g->growth[k] + I * g->frequency[k], false};
  RhoStatus status = Slopes(g, g->scan.q[k], f);
  if (status) return status;
  if (k == last && creal(f[1]) >= 0) return peak->edge = true, RHO_OK;
  if (k == 0 && !(creal(f[1]) > 0)) { /* below the first point: a maximum of its own, or the origin */
    double complex near[3];
    status = Slopes(g, 1e-3 * g->scan.q[0], near);
    if (status || !(creal(near[1]) > 0)) return status;
    from = 1e-3 * g->scan.q[0];
  }
  status = Top(g, from, to, g->scan.q[k], peak);
  if (!status && !(creal(peak->rate) >= g->growth[k] - rho_growth_tolerance(g, peak->q)))
    TopByValues(g, from, to, 1, peak);
  return status;
}

/* Could the maximum next to point k be higher than best?  By the parabola through three points, doubled. */
static bool MayExceed(const Growth *g, int k, double best) {
  if (k == 0 || k == g->scan.n - 1) return true;
  double left = g->growth[k] - g->growth[k - 1], right = g->growth[k] - g->growth[k + 1];
  return g->growth[k] + fmin(left, right) + 0.25 * fmax(left, right) >= best;
}

RhoStatus rho_growth_largest(Growth *g, Peak *peak) {
  int first = 0;
  RhoStatus status = RHO_OK;
  Peak here;
  for (int k = 1; k < g->scan.n; k++)
    if (g->growth[k] > g->growth[first]) first = k;
  status = rho_growth_refine(g, first, peak);
  for (int k = 0; k < g->scan.n && !status; k++) {
    if (k == first || !rho_growth_peaks(g, k) || !MayExceed(g, k, creal(peak->rate))) continue;
    status = rho_growth_refine(g, k, &here);
    if (creal(here.rate) > creal(peak->rate)) *peak = here;
  }
  const LongWaves *limit = &g->limit;
  double complex origin = limit->nfast ? limit->fast[0] : 0;
  if (limit->nslow && creal(origin) < 0) origin = 0;
  if (creal(origin) >= creal(peak->rate)) *peak = (Peak){0, origin, false};
  return status;
}

/* ---- classes ---- */

bool rho_oscillates(double complex rate, double scale) { return fabs(cimag(rate)) > 1e-11 * scale; }

double rho_growth_tolerance(const Growth *g, double q) {
  const Scan *scan = &g->scan;
  int n = g->line.n, k = 0;
  while (k < scan->n - 1 && scan->q[k] < q) k++;
  return 16 * DBL_EPSILON * rho_norm(n, scan->A + k * n * n);
}

static bool FastGrows(const LongWaves *l) { return l->nfast && creal(l->fast[0]) > 16 * DBL_EPSILON * l->fast_scale; }

static bool SlowGrows(const LongWaves *l) { return l->nslow && creal(l->slow[0]) > 16 * DBL_EPSILON * l->slow_scale; }

RhoStabilityClass rho_growth_limit(const Growth *g) {
  const LongWaves *l = &g->limit;
  if (FastGrows(l))
    return rho_oscillates(l->fast[0], l->fast_scale) ? RHO_CLASS_UNIFORM_OSCILLATORY : RHO_CLASS_UNIFORM_STATIONARY;
  if (!SlowGrows(l)) return RHO_CLASS_STABLE;
  bool moves = l->speed[0] != 0 || rho_oscillates(l->slow[0], l->slow_scale);
  return moves ? RHO_CLASS_LONG_OSCILLATORY : RHO_CLASS_LONG_STATIONARY;
}

double rho_growth_limit_value(const Growth *g) {
  const LongWaves *l = &g->limit;
  double fast = l->nfast ? creal(l->fast[0]) : -INFINITY, slow = l->nslow ? creal(l->slow[0]) : -INFINITY;
  return l->nslow && !FastGrows(l) ? slow : fast;
}

/* Does the band of the peak reach down to q = 0? */
static bool ReachesOrigin(Growth *g, double q) {
  const double *f = g->growth;
  if (!FastGrows(&g->limit) && !SlowGrows(&g->limit)) return false;
  for (int k = 0; k < g->scan.n && g->scan.q[k] < q; k++)
    if (!(f[k] > 0)) return false;
  for (int k = 1; k + 1 < g->scan.n && g->scan.q[k] < q; k++) { /* gaps between points of the scan */
    Peak lowest;
    if (f[k] > f[k - 1] || f[k] > f[k + 1]) continue;
    TopByValues(g, g->scan.q[k - 1], g->scan.q[k + 1], -1, &lowest);
    if (!(creal(lowest.rate) > 0)) return false;
  }
  return true;
}

RhoStabilityClass rho_growth_class(Growth *g, const Peak *peak) {
  if (!rho_growth_defined(g)) return RHO_CLASS_UNDEFINED;
  RhoStabilityClass limit = rho_growth_limit(g);
  if (peak->q == 0) return limit;
  if (!(creal(peak->rate) > rho_growth_tolerance(g, peak->q))) return limit;
  double scale = rho_growth_tolerance(g, peak->q) / (16 * DBL_EPSILON);
  bool moves = rho_oscillates(peak->rate, scale);
  if (!ReachesOrigin(g, peak->q)) return moves ? RHO_CLASS_FINITE_OSCILLATORY : RHO_CLASS_FINITE_STATIONARY;
  if (FastGrows(&g->limit)) return moves ? RHO_CLASS_UNIFORM_OSCILLATORY : RHO_CLASS_UNIFORM_STATIONARY;
  return moves ? RHO_CLASS_LONG_OSCILLATORY : RHO_CLASS_LONG_STATIONARY;
}

const char *RhoStabilityClassText(RhoStabilityClass class) {
  static const char *const text[RHO_CLASS_COUNT] = {"stable",
                                                    "long waves, stationary",
                                                    "long waves, oscillatory",
                                                    "finite wavelength, stationary",
                                                    "finite wavelength, oscillatory",
                                                    "uniform, stationary",
                                                    "uniform, oscillatory",
                                                    "undefined"};
  return text[class];
}
