/* threshold.c - where a state becomes unstable: what vanishes there, and what else grows.

   Which function vanishes depends on the instability, so that each is smooth along its surface and beyond its ends:

                stationary                    oscillatory                unknowns
     long       det M2 = 0                    Re mu = 0, mu of M2        x            (M2, F: long_waves.c)
     uniform    det F = 0                     Re lambda = 0, of F        x
     finite     det A(q) = d det A/dq = 0     Re lambda = Re lambda' = 0  x, q

   x the numbers of the family.  Residuals are exact; the Jacobians, which only steer, are central differences. */
#include "threshold.h"
#include <math.h>
#include <string.h>

typedef double complex Complex;
enum { BISECTIONS = 48 };
#define DIFFERENCE 1e-6

void rho_threshold_begin(Survey *survey, Threshold *t) {
  const RhoFamily *family = survey->state.family;
  *t = (Threshold){.survey = survey, .naxis = family->naxis};
  for (int a = 0; a < t->naxis; a++) {
    t->from[a] = family->axis[a].from, t->to[a] = family->axis[a].to;
    t->scale[a] = t->to[a] - t->from[a];
  }
  t->scale[t->naxis] = 1;
}

int rho_threshold_equations(const Threshold *t) { return t->kind == RHO_NEUTRAL_FINITE ? 2 : 1; }

static RhoStatus BindAt(Threshold *t, const double *x) {
  RhoStatus status = rho_family_at(&t->survey->state, x);
  return status ? status : rho_line_bind(&t->survey->growth.line, t->survey->state.value, t->survey->state.state);
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
static bool LimitResidual(Threshold *t, double *F) {
  LongWaves limit;
  if (rho_long_waves(&t->survey->growth.line, &limit)) return false;
  bool slow = t->kind == RHO_NEUTRAL_LONG;
  int n = slow ? limit.nslow : limit.nfast;
  const Complex *M = slow ? limit.M : limit.F, *rate = slow ? limit.slow : limit.fast;
  bool pair = n > 1 && !(slow && limit.speed[0] != 0);
  if (!t->oscillatory) F[0] = creal(rho_determinant(n, M));
  else F[0] = pair ? 0.5 * creal(rate[0] + rate[1]) : creal(rate[0]);
  return isfinite(F[0]);
}

/* The largest real part of A(q) and its slope, or the determinant and its slope. */
static bool FiniteResidual(Threshold *t, double q, double *F) {
  Complex A[3 * RHO_LINE_MOST * RHO_LINE_MOST], rate[RHO_LINE_MOST][3];
  int n = t->survey->growth.line.n;
  if (!(q > 0) || rho_line_at(&t->survey->growth.line, q, A)) return false;
  if (t->oscillatory || !IsReal(n, A)) {
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

static bool Residual(Threshold *t, const double *x, double *F) {
  if (BindAt(t, x) || !t->survey->growth.line.inside) return false;
  return t->kind == RHO_NEUTRAL_FINITE ? FiniteResidual(t, x[t->naxis], F) : LimitResidual(t, F);
}

/* dF/dx_j in J[n][stride], a column of it. */
static bool Slope(Threshold *t, const double *x, int j, int stride, double *J) {
  int n = rho_threshold_equations(t);
  double up[2], down[2], at[RHO_FAMILY_MOST + 1], step = DIFFERENCE * t->scale[j];
  memcpy(at, x, sizeof *at * (size_t)(n + t->naxis - 1));
  at[j] = x[j] + step;
  if (!Residual(t, at, up)) return false;
  at[j] = x[j] - step;
  if (!Residual(t, at, down)) return false;
  for (int i = 0; i < n; i++) J[i * stride] = (up[i] - down[i]) / (2 * step);
  return true;
}

bool rho_threshold_slopes(Threshold *t, const double *x, int ncolumn, const int *column, double *F, double *J) {
  if (!Residual(t, x, F)) return false;
  for (int k = 0; k < ncolumn; k++)
    if (!Slope(t, x, column[k], ncolumn, J + k)) return false;
  return true;
}

bool rho_threshold_system(const double *x, double *F, double *J, void *threshold) {
  Threshold *t = threshold;
  int all[RHO_FAMILY_MOST + 1], m = rho_threshold_equations(t) + t->naxis - 1;
  for (int j = 0; j < m; j++) all[j] = j;
  return rho_threshold_slopes(t, x, m, all, F, J);
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
    if (g->scan.q[k] < RHO_SHORTEST * g->line.top || !rho_growth_peaks(g, k) || rho_growth_refine(g, k, &peak))
      continue;
    if (fabs(peak.q - q) > 1e-3 * q) most = fmax(most, creal(peak.rate));
  }
  return most;
}

double rho_threshold_other(Threshold *t, const double *x) {
  Growth *g = &t->survey->growth;
  Complex A[3 * RHO_LINE_MOST * RHO_LINE_MOST], rate[RHO_LINE_MOST];
  if (rho_survey_at(t->survey, x)) return NAN;
  const LongWaves *l = &g->limit;
  double q = t->kind == RHO_NEUTRAL_FINITE ? x[t->naxis] : 0, most = OtherWaves(g, q);
  if (t->kind == RHO_NEUTRAL_FINITE) {
    if (rho_line_at(&g->line, q, A) || rho_rates(g->line.n, A, rate)) return NAN;
    if (IsReal(g->line.n, A)) most = fmax(most, OtherRates(g->line.n, rate, t->oscillatory));
  }
  if (t->kind == RHO_NEUTRAL_LONG) most = fmax(most, OtherRates(l->nslow, l->slow, t->oscillatory));
  else if (l->nslow) most = fmax(most, creal(l->slow[0]));
  if (t->kind == RHO_NEUTRAL_UNIFORM) most = fmax(most, OtherRates(l->nfast, l->fast, t->oscillatory));
  else if (l->nfast) most = fmax(most, creal(l->fast[0]));
  return most;
}

double rho_threshold_frequency(Threshold *t, const double *x) {
  Complex A[3 * RHO_LINE_MOST * RHO_LINE_MOST], rate[RHO_LINE_MOST];
  LongWaves limit;
  if (!t->oscillatory || BindAt(t, x)) return 0;
  if (t->kind == RHO_NEUTRAL_FINITE) {
    bool found = !rho_line_at(&t->survey->growth.line, x[t->naxis], A) && !rho_rates(t->survey->growth.line.n, A, rate);
    return found ? fabs(cimag(rate[0])) : NAN;
  }
  if (rho_long_waves(&t->survey->growth.line, &limit)) return NAN;
  return t->kind == RHO_NEUTRAL_UNIFORM ? fabs(cimag(limit.fast[0])) : 0;
}

/* ---- one state --------------------------------------------------------------------------------------------------- */

bool rho_class_grows(int class) { return class != RHO_CLASS_STABLE && class != RHO_CLASS_UNDEFINED; }

RhoStatus rho_threshold_look(Threshold *t, State *s) {
  RhoStatus status = rho_survey_at(t->survey, s->x);
  s->class = RHO_CLASS_UNDEFINED;
  if (status || !rho_growth_defined(&t->survey->growth)) return status;
  status = rho_growth_largest(&t->survey->growth, &s->peak);
  s->class = rho_growth_class(&t->survey->growth, &s->peak);
  return status;
}

RhoStatus rho_threshold_bisect(Threshold *t, const double *stable, const double *unstable, int nstep, State *on) {
  double a[RHO_FAMILY_MOST], b[RHO_FAMILY_MOST];
  size_t size = sizeof *a * (size_t)t->naxis;
  State middle;
  memcpy(a, stable, size);
  memcpy(b, unstable, size);
  memcpy(on->x, b, size);
  RhoStatus status = rho_threshold_look(t, on);
  for (int k = 0; k < (nstep ? nstep : BISECTIONS) && !status; k++) {
    bool apart = false;
    for (int d = 0; d < t->naxis; d++) {
      middle.x[d] = 0.5 * (a[d] + b[d]);
      apart |= middle.x[d] != a[d] && middle.x[d] != b[d];
    }
    if (!apart) break;
    status = rho_threshold_look(t, &middle);
    if (rho_class_grows(middle.class)) memcpy(b, middle.x, size), *on = middle;
    else memcpy(a, middle.x, size);
  }
  return status;
}

void rho_threshold_set_kind(Threshold *t, const State *on) {
  static const RhoNeutralKind kind[RHO_CLASS_COUNT] = {[RHO_CLASS_FINITE_STATIONARY] = RHO_NEUTRAL_FINITE,
                                                       [RHO_CLASS_FINITE_OSCILLATORY] = RHO_NEUTRAL_FINITE,
                                                       [RHO_CLASS_UNIFORM_STATIONARY] = RHO_NEUTRAL_UNIFORM,
                                                       [RHO_CLASS_UNIFORM_OSCILLATORY] = RHO_NEUTRAL_UNIFORM};
  t->kind = kind[on->class];
  t->oscillatory = on->class == RHO_CLASS_LONG_OSCILLATORY || on->class == RHO_CLASS_FINITE_OSCILLATORY ||
                   on->class == RHO_CLASS_UNIFORM_OSCILLATORY;
  t->scale[t->naxis] = on->peak.q > 0 ? on->peak.q : 1;
  if (t->kind != RHO_NEUTRAL_FINITE || on->peak.q > RHO_SHORTEST * t->survey->growth.line.top) return;
  t->kind = t->survey->growth.limit.nslow ? RHO_NEUTRAL_LONG : RHO_NEUTRAL_UNIFORM;
}
