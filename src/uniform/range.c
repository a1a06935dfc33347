/* range.c - how far in q the structure of the growth rates reaches.

   Samples over six decades of q; beyond the largest q at which the growth or the size of the spectrum is not yet the
   power law with which it ends, nothing more is to be found.  The range is twice that q; for a grid it ends with the
   shortest wave that the grid has along the direction. */
#include "growth.h"
#include <math.h>

enum { DECADES = 6, PER_DECADE = 20, NSAMPLE = DECADES * PER_DECADE + 1, TAIL = PER_DECADE / 2 };
#define LOWEST 1e-3
#define SAME 0.03 /* of exponents */

static double GridTop(const double *direction, const double *spacing) {
  double top = INFINITY;
  for (int d = 0; d < RHO_MAXDIM; d++)
    if (direction[d] != 0) top = fmin(top, M_PI / (spacing[d] * fabs(direction[d])));
  return top;
}

/* The last sample before the final power law of f. */
static int LastOff(const double *f) {
  int last = NSAMPLE - 1;
  double end = log(fabs(f[last] / f[last - TAIL])) / TAIL;
  for (int k = last; k > 0; k--) {
    double here = log(fabs(f[k] / f[k - 1]));
    double step = log(10) / PER_DECADE;
    if (isfinite(here) && fabs(here - end) > SAME * step) return k;
  }
  return 0;
}

typedef struct {
  RhoEquations eq;
  int dim;
  const double *direction, *value, *state;
  RhoArena arena;
  double growth[NSAMPLE], size[NSAMPLE];
} Samples;

static RhoStatus Sample(Samples *s, double *q) {
  const double *all[RHO_MAXDIM] = {NULL};
  int n = s->eq->nfield;
  if (setjmp(*RhoArenaGuard(s->arena))) return RHO_NOMEM;
  double complex *rate = RhoArenaAlloc(s->arena, sizeof *rate * (size_t)(NSAMPLE * n));
  for (int k = 0; k < NSAMPLE; k++) q[k] = LOWEST * pow(10, (double)k / PER_DECADE);
  for (int d = 0; d < RHO_MAXDIM; d++) {
    double *along = RhoArenaAlloc(s->arena, sizeof *along * NSAMPLE);
    for (int k = 0; k < NSAMPLE; k++) along[k] = q[k] * s->direction[d];
    if (s->direction[d] != 0) all[d] = along;
  }
  RhoStatus status = RhoDispersion(s->eq, s->dim, s->value, s->state, NSAMPLE, all, NULL, rate, NULL);
  for (int k = 0; k < NSAMPLE && !status; k++) {
    s->growth[k] = creal(rate[k * n]);
    for (int i = 0; i < n; i++) s->size[k] += cabs(rate[k * n + i]);
  }
  return status;
}

RhoStatus rho_growth_range(RhoEquations eq, int dim, const double *direction, const double *spacing,
                           const double *value, const double *state, double *top) {
  Samples s = {eq, dim, direction, value, state, RhoArenaCreate(), {0}, {0}};
  double q[NSAMPLE];
  if (spacing) return RhoArenaDestroy(&s.arena), *top = GridTop(direction, spacing), RHO_OK;
  RhoStatus status = s.arena ? Sample(&s, q) : RHO_NOMEM;
  RhoArenaDestroy(&s.arena);
  if (status) return status;
  int growth = LastOff(s.growth), size = LastOff(s.size), last = growth > size ? growth : size;
  *top = last ? 2 * q[last] : 1;
  return RHO_OK;
}
