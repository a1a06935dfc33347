/* dispersion.c - growth rates of waves: A(q) phi = lambda phi for many wavevectors. */
#include "rhoflux/uniform.h"

typedef struct {
  RhoEquations eq;
  RhoArena arena;
  int dim, n;
  const double *value, *state, *const *q, *spacing;
  double complex *eigenvalue, *vector;
} Request;

static RhoStatus Modes(const Request *r, double complex *A) {
  size_t n = (size_t)r->eq->nfield;
  for (size_t w = 0; w < (size_t)r->n; w++) {
    double complex *vector = r->vector ? r->vector + w * n * n : NULL;
    if (RhoEigenvalues((int)n, A + w * n * n, r->eigenvalue + w * n, vector) == RHO_NOMEM) return RHO_NOMEM;
  }
  return RHO_OK;
}

static RhoStatus Solve(const Request *r) {
  size_t nentry = (size_t)r->n * (size_t)r->eq->nfield * (size_t)r->eq->nfield;
  double complex *A = RhoArenaAlloc(r->arena, sizeof *A * nentry);
  RhoWaves waves;
  RhoStatus status = RhoWavesCreate(r->eq, r->arena, r->dim, r->value, r->n, r->q, r->spacing, &waves);
  if (!status) status = RhoSymbol(r->eq, RHO_PART_ALL, r->value, r->state, &waves, A);
  return status ? status : Modes(r, A);
}

static RhoStatus Guarded(const Request *r) {
  if (setjmp(*RhoArenaGuard(r->arena))) return RHO_NOMEM;
  return Solve(r);
}

RhoStatus RhoDispersion(RhoEquations eq, int dim, const double *value, const double *state, int n,
                        const double *const *q, const double *spacing, double complex *eigenvalue,
                        double complex *vector) {
  Request request = {eq, RhoArenaCreate(), dim ? dim : eq->model->dim, n, value, state, q, spacing, eigenvalue, vector};
  if (!request.arena) return RHO_NOMEM;
  RhoStatus status = Guarded(&request);
  RhoArenaDestroy(&request.arena);
  return status;
}
