/* slab_fit.c - see slab.h.

   The two densities enter linearly: for given fronts they are solved for.  The fronts and log w are found by the method
   of Levenberg and Marquardt, from where the profile crosses the middle of its extremes. */
#include "slab.h"
#include <math.h>

enum { MOST_STEPS = 200, NUNKNOWN = 3 };

typedef struct {
  const RhoProfile *profile;
  int nunknown;         /* x1, log w, and of a band x2 */
  double *shape;        /* [n] */
  double *left, *trial; /* [n] what is left over */
  double *slope[NUNKNOWN];
  double inner, outer;
} Fit;

/* log cosh without overflow */
static double LogCosh(double x) { return fabs(x) + log1p(exp(-2 * fabs(x))) - M_LN2; }

/* The average of tanh((x - front)/w) over the cell with centre x. */
static double Average(double x, double front, double w, double h) {
  return w / h * (LogCosh((x + 0.5 * h - front) / w) - LogCosh((x - 0.5 * h - front) / w));
}

static void Shape(Fit *f, const double *unknown) {
  const RhoProfile *p = f->profile;
  double w = exp(unknown[1]);
  for (int k = 0; k < p->n; k++) {
    double x = (k + 0.5) * p->h, far = p->band ? -Average(x, unknown[2], w, p->h) : 1;
    f->shape[k] = 0.5 * (Average(x, unknown[0], w, p->h) + far);
  }
}

/* The best densities for these fronts; returns the sum of squares left over. */
static double Leave(Fit *f, const double *unknown, double *left) {
  const RhoProfile *p = f->profile;
  double s = 0, ss = 0, u = 0, su = 0, sum = 0;
  Shape(f, unknown);
  for (int k = 0; k < p->n; k++) {
    s += f->shape[k];
    ss += f->shape[k] * f->shape[k];
    u += p->u[k];
    su += f->shape[k] * p->u[k];
  }
  double difference = (p->n * su - s * u) / (p->n * ss - s * s);
  f->outer = (u - difference * s) / p->n;
  f->inner = f->outer + difference;
  for (int k = 0; k < p->n; k++) {
    left[k] = p->u[k] - f->outer - difference * f->shape[k];
    sum += left[k] * left[k];
  }
  return isfinite(sum) ? sum : INFINITY;
}

static void Slopes(Fit *f, const double *unknown) {
  for (int i = 0; i < f->nunknown; i++) {
    double near[NUNKNOWN] = {unknown[0], unknown[1], unknown[2]}, step = 1e-5 * (i == 1 ? 1 : f->profile->h);
    near[i] += step;
    Leave(f, near, f->slope[i]);
    for (int k = 0; k < f->profile->n; k++) f->slope[i][k] = (f->slope[i][k] - f->left[k]) / step;
  }
}

/* (J^T J + damping diag) d = -J^T left by Gauss's elimination; the matrix is positive. */
static void Step(const Fit *f, double damping, double *d) {
  double A[NUNKNOWN][NUNKNOWN + 1];
  int n = f->nunknown;
  for (int i = 0; i < n; i++) {
    for (int j = 0; j <= n; j++) {
      const double *other = j < n ? f->slope[j] : f->left;
      A[i][j] = 0;
      for (int k = 0; k < f->profile->n; k++) A[i][j] += (j < n ? 1 : -1) * f->slope[i][k] * other[k];
    }
    A[i][i] = A[i][i] * (1 + damping) + 1e-300;
  }
  for (int c = 0; c < n; c++)
    for (int i = c + 1; i < n; i++)
      for (int j = n; j >= c; j--) A[i][j] -= A[i][c] / A[c][c] * A[c][j];
  for (int i = n - 1; i >= 0; i--) {
    d[i] = A[i][n];
    for (int j = i + 1; j < n; j++) d[i] -= A[i][j] * d[j];
    d[i] /= A[i][i];
  }
}

/* One step down from `sum`, with as much damping as it takes; false: there is none. */
static bool Descend(Fit *f, double *unknown, double *sum, double *damping) {
  Slopes(f, unknown);
  for (; *damping < 1e12; *damping *= 10) {
    double d[NUNKNOWN] = {0}, next[NUNKNOWN];
    Step(f, *damping, d);
    for (int i = 0; i < NUNKNOWN; i++) next[i] = unknown[i] + d[i];
    double found = Leave(f, next, f->trial);
    if (!(found < *sum)) continue;
    for (int i = 0; i < NUNKNOWN; i++) unknown[i] = next[i];
    for (int k = 0; k < f->profile->n; k++) f->left[k] = f->trial[k];
    *sum = found;
    *damping = fmax(*damping / 10, 1e-12);
    return true;
  }
  return false;
}

/* ---- where it begins ---- */

static void Extremes(const RhoProfile *p, double *low, double *high) {
  *low = *high = p->u[0];
  for (int k = 0; k < p->n; k++) {
    *low = fmin(*low, p->u[k]);
    *high = fmax(*high, p->u[k]);
  }
}

/* The first and the last crossing of the middle. */
static bool Crossings(const RhoProfile *p, double middle, double *first, double *last) {
  int n = 0;
  for (int k = 0; k + 1 < p->n; k++) {
    double a = p->u[k] - middle, b = p->u[k + 1] - middle;
    if (a * b > 0 || a == b) continue;
    *last = (k + 0.5 + a / (a - b)) * p->h;
    if (n++ == 0) *first = *last;
  }
  return n > 1 || (n == 1 && !p->band);
}

/* The width of a front as steep as the steepest place. */
static double Steepest(const RhoProfile *p, double height) {
  double slope = 0;
  for (int k = 0; k + 1 < p->n; k++) slope = fmax(slope, fabs(p->u[k + 1] - p->u[k]) / p->h);
  return fmax(0.5 * height / slope, 0.2 * p->h);
}

/* Fronts that overlap are none: a wave, or noise that was recentred. */
static bool AreApart(const RhoProfile *p, const RhoSlabFit *fit) {
  double length = p->n * p->h, inner = p->band ? fit->front[1] - fit->front[0] : length - fit->front[0];
  return fmin(inner, length - inner) > 4 * fit->width;
}

static PetscErrorCode Search(Fit *f, RhoSlabFit *fit) {
  double low, high, unknown[NUNKNOWN] = {0}, damping = 1e-3, last = 0;
  PetscFunctionBeginUser;
  Extremes(f->profile, &low, &high);
  if (!(high > low) || !Crossings(f->profile, 0.5 * (low + high), &unknown[0], &last)) PetscFunctionReturn(0);
  unknown[1] = log(Steepest(f->profile, high - low));
  unknown[2] = last;
  double sum = Leave(f, unknown, f->left), before = INFINITY;
  for (int k = 0; k < MOST_STEPS && before - sum > 1e-14 * sum; k++) {
    before = sum;
    if (!Descend(f, unknown, &sum, &damping)) break;
  }
  Leave(f, unknown, f->left);
  *fit = (RhoSlabFit){true, f->inner, f->outer, {unknown[0], unknown[2]}, exp(unknown[1]), 0};
  fit->misfit = sqrt(sum / f->profile->n) / fabs(f->inner - f->outer);
  fit->found = isfinite(fit->misfit) && AreApart(f->profile, fit);
  PetscFunctionReturn(0);
}

PetscErrorCode rho_slab_fit(const RhoProfile *profile, RhoSlabFit *fit) {
  Fit f = {.profile = profile, .nunknown = profile->band ? 3 : 2};
  PetscInt n = profile->n;
  PetscFunctionBeginUser;
  *fit = (RhoSlabFit){.found = false};
  PetscCall(PetscMalloc6(n, &f.shape, n, &f.left, n, &f.trial, n, &f.slope[0], n, &f.slope[1], n, &f.slope[2]));
  PetscCall(Search(&f, fit));
  PetscCall(PetscFree6(f.shape, f.left, f.trial, f.slope[0], f.slope[1], f.slope[2]));
  PetscFunctionReturn(0);
}
