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
