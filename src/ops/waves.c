/* waves.c - the numbers that stand for the operators on waves: of the continuum, or of a grid of given spacing. */
#include "ops_private.h"
#include <math.h>

static double Squared(double q, double h) {
  double s = h > 0 ? 2 / h * sin(0.5 * q * h) : q;
  return s * s;
}

static double Central(double q, double h) { return h > 0 ? sin(q * h) / h : q; }

/* |q| over the dimensions of space: kernels do not see internal ones. */
static const double *Modulus(RhoModel model, RhoArena arena, int n, const double *const *q) {
  double *modulus = RhoArenaAlloc(arena, sizeof(double) * (size_t)n);
  for (int w = 0; w < n; w++) {
    double sum = 0;
    for (int d = 0; d < RHO_MAXDIM; d++)
      if (q[d] && !model->internal[d]) sum += q[d][w] * q[d][w];
    modulus[w] = sqrt(sum);
  }
  return modulus;
}

static void Dimension(RhoArena arena, int d, const double *q, double h, RhoWaves *waves) {
  double *s = RhoArenaAlloc(arena, sizeof(double) * (size_t)waves->n);
  double *t = RhoArenaAlloc(arena, sizeof(double) * (size_t)waves->n);
  for (int w = 0; w < waves->n; w++) {
    s[w] = Squared(q[w], h);
    t[w] = Central(q[w], h);
  }
  waves->s[d] = s;
  waves->t[d] = t;
}

RhoStatus RhoWavesCreate(RhoEquations eq, RhoArena arena, int dim, const double *value, int n, const double *const *q,
                         const double *spacing, RhoWaves *waves) {
  int nkernel = eq->model->nkernel;
  const double *modulus = Modulus(eq->model, arena, n, q);
  const double **kernel = RhoArenaAlloc(arena, sizeof(double *) * (size_t)(nkernel + 1));
  *waves = (RhoWaves){.n = n, .kernel = kernel};
  for (int d = 0; d < RHO_MAXDIM; d++)
    if (q[d]) Dimension(arena, d, q[d], spacing ? spacing[d] : 0, waves);
  for (int k = 0; k < nkernel; k++) {
    double *hat = RhoArenaAlloc(arena, sizeof(double) * (size_t)n);
    RhoStatus status = RhoKernelTransform(eq->model, k, dim, value, n, modulus, hat);
    if (status) return status;
    kernel[k] = hat;
  }
  return RHO_OK;
}

/* ---- along a line, with derivatives ------------------------------------------------------------------------------ */

/* d^k/dq^k of t_d and s_d at q times the component n of the direction. */
static void LineDimension(double n, double h, double q, double t[3], double s[3]) {
  double p = n * q;
  t[0] = Central(p, h);
  t[1] = h > 0 ? n * cos(p * h) : n;
  t[2] = h > 0 ? -n * n * h * sin(p * h) : 0;
  s[0] = Squared(p, h);
  s[1] = 2 * n * t[0];
  s[2] = 2 * n * t[1];
}

static double Space(RhoModel model, const double *direction) {
  double sum = 0;
  for (int d = 0; d < RHO_MAXDIM; d++)
    if (!model->internal[d]) sum += direction[d] * direction[d];
  return sqrt(sum);
}

static double *Part(RhoArena arena, int n) { return RhoArenaAlloc(arena, sizeof(double) * (size_t)n); }

void RhoWavesLine(RhoEquations eq, RhoArena arena, const double *direction, int n, int order, RhoWaves *waves) {
  int nkernel = eq->model->nkernel;
  for (int k = 0; k <= order; k++) {
    const double **kernel = RhoArenaAlloc(arena, sizeof *kernel * (size_t)(nkernel + 1));
    for (int m = 0; m < nkernel; m++) kernel[m] = Part(arena, n);
    waves[k] = (RhoWaves){.n = n, .kernel = kernel};
    for (int d = 0; d < RHO_MAXDIM; d++) {
      if (direction[d] == 0) continue;
      waves[k].t[d] = Part(arena, n);
      waves[k].s[d] = Part(arena, n);
    }
  }
}

/* Waves of a line own what they point to. */
static void Write(const double *array, int w, double value) { ((double *)(size_t)array)[w] = value; }

void RhoWavesLineSet(RhoEquations eq, const RhoKernelSeries *series, const double *direction, const double *q,
                     const double *spacing, int order, RhoWaves *waves) {
  double scale = Space(eq->model, direction), t[3], s[3], hat[3];
  const double power[3] = {1, scale, scale * scale};
  for (int w = 0; w < waves->n; w++) {
    for (int m = 0; m < eq->model->nkernel; m++) {
      RhoKernelSeriesEval(series[m], scale * q[w], hat);
      for (int k = 0; k <= order; k++) Write(waves[k].kernel[m], w, hat[k] * power[k]);
    }
    for (int d = 0; d < RHO_MAXDIM; d++) {
      if (!waves->t[d]) continue;
      LineDimension(direction[d], spacing ? spacing[d] : 0, q[w], t, s);
      for (int k = 0; k <= order; k++) Write(waves[k].t[d], w, t[k]), Write(waves[k].s[d], w, s[k]);
    }
  }
}
