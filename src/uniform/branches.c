/* branches.c - the eigenvalues along a line as curves.

   From one q to the next the modes keep their places by their rates, each predicted by the parabola through the three
   before: of all assignments, pair by pair, the one of least distance (greedy: exact but where curves nearly touch).
   The first two points keep the order of the rates. */
#include "line.h"
#include <math.h>
#include <string.h>

typedef double complex Complex;

/* order[k]: which of rate[n] goes on the curve that should be at expected[k]. */
static void Assign(int n, const Complex *expected, const Complex *rate, int *order) {
  bool used[RHO_LINE_MOST] = {false}, done[RHO_LINE_MOST] = {false};
  for (int m = 0; m < n; m++) {
    int best[2] = {-1, -1};
    double least = INFINITY;
    for (int k = 0; k < n; k++)
      for (int j = 0; j < n; j++) {
        double distance = cabs(expected[k] - rate[j]);
        if (done[k] || used[j] || !(distance < least)) continue;
        least = distance, best[0] = k, best[1] = j;
      }
    for (int k = 0; best[0] < 0 && k < n; k++)
      if (!done[k])
        for (int j = 0; j < n; j++)
          if (!used[j]) best[0] = k, best[1] = j;
    done[best[0]] = used[best[1]] = true;
    order[best[0]] = best[1];
  }
}

/* The polynomial through the last points of curve[0 .. w - 1], three at most, at q[w]. */
static Complex Predict(int w, const double *q, const Complex *curve) {
  Complex sum = 0;
  int first = w > 3 ? w - 3 : 0;
  for (int i = first; i < w; i++) {
    double weight = 1;
    for (int j = first; j < w; j++)
      if (j != i) weight *= (q[w] - q[j]) / (q[i] - q[j]);
    sum += weight * curve[i];
  }
  return sum;
}

RhoStatus RhoStabilityBranches(RhoEquations eq, const RhoWaveRange *range, const double *direction, const double *value,
                               const double *state, int n, const double *q, Complex *rate, Complex *vector) {
  const double *along[RHO_MAXDIM] = {NULL};
  int nf = eq->nfield, order[RHO_LINE_MOST];
  if (eq->uses_coordinate || nf > RHO_LINE_MOST) return RHO_INPUT;
  RhoArena arena = RhoArenaCreate();
  if (!arena) return RHO_NOMEM;
  if (setjmp(*RhoArenaGuard(arena))) return RhoArenaDestroy(&arena), RHO_NOMEM;
  Complex *found = RhoArenaAlloc(arena, sizeof *found * (size_t)(n * nf)), expected[RHO_LINE_MOST];
  Complex *mode = vector ? RhoArenaAlloc(arena, sizeof *mode * (size_t)(n * nf * nf)) : NULL;
  for (int d = 0; d < RHO_MAXDIM; d++) {
    double *part = RhoArenaAlloc(arena, sizeof *part * (size_t)n);
    for (int w = 0; w < n; w++) part[w] = direction[d] * q[w];
    if (direction[d] != 0) along[d] = part;
  }
  RhoStatus status = RhoDispersion(eq, range->dim, value, state, n, along, range->spacing, found, mode);
  for (int w = 0; w < n && !status; w++) {
    for (int k = 0; k < nf; k++) expected[k] = w > 1 ? Predict(w, q, rate + k * n) : found[w * nf + k];
    Assign(nf, expected, found + w * nf, order);
    for (int k = 0; k < nf; k++) {
      rate[k * n + w] = found[w * nf + order[k]];
      if (vector) memcpy(vector + (k * n + w) * nf, mode + (w * nf + order[k]) * nf, sizeof *mode * (size_t)nf);
    }
  }
  RhoArenaDestroy(&arena);
  return status;
}
