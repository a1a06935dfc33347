/* short_waves.c - do growth rates stay below a bound as waves get shorter?

   A(q) is a polynomial in q apart from the kernels.  Those given by a formula in q are taken at their word, the
   others count as smooth, K^ -> 0.  The largest Re lambda is followed over decades of q as far as rounding in A lets it
   be seen
   (|A| eps above it); where it ends positive and growing as a power of q, no time step and no mesh make the equations
   a well-posed initial value problem (Hadamard). */
#include "rhoflux/uniform.h"
#include <float.h>
#include <math.h>

enum { NDECADE = 13 }; /* q = 1 ... 1e12 */
#define LEAST_ORDER 0.5

typedef struct {
  RhoEquations eq;
  RhoArena arena;
  int dim, ndimension;
  const double *value, *state, *place;
  RhoShortWaves *out;
} Request;

/* Waves along dimension d. */
static RhoStatus MakeWaves(const Request *r, int d, const double *q, RhoWaves *waves) {
  int nkernel = r->eq->model->nkernel;
  const double **kernel = RhoArenaAlloc(r->arena, sizeof(double *) * ((size_t)nkernel + 1));
  double *squared = RhoArenaAlloc(r->arena, sizeof(double) * NDECADE);
  for (int k = 0; k < NDECADE; k++) squared[k] = q[k] * q[k];
  *waves = (RhoWaves){.n = NDECADE, .kernel = kernel, .place = r->place};
  waves->s[d] = squared;
  waves->t[d] = q;
  for (int k = 0; k < nkernel; k++) {
    double *hat = RhoArenaAlloc(r->arena, sizeof(double) * NDECADE);
    bool asked = r->eq->model->kernel[k].form == RHO_KERNEL_OF_Q && !r->eq->model->internal[d];
    RhoStatus status = asked ? RhoKernelTransform(r->eq->model, k, r->dim, r->value, NDECADE, q, hat) : RHO_OK;
    if (status) return status;
    kernel[k] = hat;
  }
  return RHO_OK;
}

static double Norm(int n, const double complex *A) {
  double sum = 0;
  for (int k = 0; k < n * n; k++) sum += creal(A[k] * conj(A[k]));
  return sqrt(sum);
}

/* rate[k] is NaN where rounding hides it. */
static RhoStatus Rates(const Request *r, const RhoWaves *waves, double *rate) {
  int n = r->eq->nfield;
  double complex *A = RhoArenaAlloc(r->arena, sizeof *A * (size_t)(NDECADE * n * n));
  double complex *lambda = RhoArenaAlloc(r->arena, sizeof *lambda * (size_t)n);
  RhoStatus status = RhoSymbol(r->eq, RHO_PART_ALL, r->value, r->state, waves, A);
  for (int k = 0; k < NDECADE && !status; k++) {
    double floor = 1e4 * DBL_EPSILON * Norm(n, A + k * n * n);
    status = RhoEigenvalues(n, A + k * n * n, lambda, NULL) == RHO_NOMEM ? RHO_NOMEM : RHO_OK;
    rate[k] = fabs(creal(lambda[0])) > floor ? creal(lambda[0]) : NAN;
  }
  return status;
}

/* The power of q with which the rates end, 0 when they do not end growing. */
static double Order(const double *rate) {
  int last = NDECADE - 1;
  while (last > 0 && isnan(rate[last])) last--;
  if (last < 2 || !(rate[last] > 0) || !(rate[last - 1] > 0) || !(rate[last - 2] > 0)) return 0;
  double order = log10(rate[last] / rate[last - 1]), before = log10(rate[last - 1] / rate[last - 2]);
  return order > LEAST_ORDER && before > LEAST_ORDER ? order : 0;
}

static RhoStatus Solve(const Request *r) {
  double *q = RhoArenaAlloc(r->arena, sizeof(double) * NDECADE), rate[NDECADE];
  for (int k = 0; k < NDECADE; k++) q[k] = pow(10, k);
  for (int d = 0; d < r->ndimension; d++) {
    RhoWaves waves;
    RhoStatus status = MakeWaves(r, d, q, &waves);
    if (!status) status = Rates(r, &waves, rate);
    if (status) return status;
    double order = Order(rate);
    if (order > r->out->order) *r->out = (RhoShortWaves){false, d, order};
  }
  return RHO_OK;
}

static RhoStatus Guarded(const Request *r) {
  if (setjmp(*RhoArenaGuard(r->arena))) return RHO_NOMEM;
  return Solve(r);
}

RhoStatus RhoShortWavesTest(RhoEquations eq, int dim, int ndimension, const double *value, const double *state,
                            const double *place, RhoShortWaves *out) {
  Request request = {eq, RhoArenaCreate(), dim ? dim : eq->model->dim, ndimension, value, state, place, out};
  *out = (RhoShortWaves){true, -1, 0};
  if (!request.arena) return RHO_NOMEM;
  RhoStatus status = Guarded(&request);
  RhoArenaDestroy(&request.arena);
  return status;
}
