/* known.h - random states of which everything is known, and observers of them. */
#ifndef RHO_TESTS_OBSERVE_KNOWN_H
#define RHO_TESTS_OBSERVE_KNOWN_H
#include "../io/check.h"
#include "observe_private.h"
#include <math.h>

static inline void Near(double found, double expected, double tolerance) {
  if (!(fabs(found - expected) <= tolerance * fmax(1, fabs(expected))))
    fail_msg("%.15g instead of %.15g", found, expected);
}

/* A standard normal number of two integers. */
static inline double Gaussian(long state, long which) {
  double u = 0.5 * (Noise(state, which, 1, 0, 0) + 1), v = M_PI * Noise(state, which, 2, 0, 0);
  return sqrt(-2 * log(u + 1e-300)) * cos(v);
}

enum { MOST_CELLS = 1 << 16 };

/* Box of cells with lengths 1.5 n^(...) that differ. */
static inline RhoMesh BoxOf(int ndim, const int *n, RhoBoundary boundary) {
  static const char *const name[] = {"x", "y", "z"};
  RhoMesh mesh = {.ndimension = ndim};
  for (int d = 0; d < ndim; d++)
    mesh.dimension[d] = (RhoDimension){
        .name = name[d], .from = -1, .to = -1 + 0.5 * n[d], .ncell = n[d], .boundary = boundary, .spatial = true};
  return mesh;
}

static const char *const ab[] = {"a", "b"};

/* u[2][cells] of state number k. */
typedef void (*StateFn)(const RhoMesh *mesh, long k, double *a, double *b);

static inline size_t CellsOf(const RhoMesh *mesh) {
  size_t n = 1;
  for (int d = 0; d < mesh->ndimension; d++) n *= (size_t)mesh->dimension[d].ncell;
  return n;
}

typedef struct {
  RhoArena arena;
  RhoObserved observed;
} Seen;

/* What the observable finds in states 0 .. n - 1 at times 0, dt, ... */
static inline Seen Observe(const char *name, const RhoMesh *mesh, const RhoObserveOptions *options, StateFn state,
                           long n, double dt) {
  size_t ncell = CellsOf(mesh);
  double *a = malloc(2 * ncell * sizeof *a), *b = a + ncell;
  Seen seen = {.arena = RhoArenaCreate()};
  RhoDiag diag = RhoDiagCreate();
  RhoObserver observer;
  OK(RhoObserverCreate(name, mesh, 2, ab, options, diag, RHO_NOWHERE, &observer));
  if (!observer) fail_msg("%s", Reports(diag));
  for (long k = 0; k < n; k++) {
    state(mesh, k, a, b);
    OK(RhoObserverAdd(observer, (double)k * dt, (const double *const[]){a, b}));
  }
  OK(RhoObserverFinish(observer, seen.arena, &seen.observed));
  OK(RhoObserverDestroy(&observer));
  RhoDiagDestroy(&diag);
  free(a);
  return seen;
}

static inline void Forget(Seen *seen) { RhoArenaDestroy(&seen->arena); }

static inline const RhoCurve *CurveOf(const Seen *seen, const char *name) {
  for (int k = 0; k < seen->observed.ncurve; k++)
    if (!strcmp(seen->observed.curve[k].name, name)) return &seen->observed.curve[k];
  fail_msg("no curve %s", name);
  return NULL;
}

static inline const RhoQuantity *QuantityOf(const Seen *seen, const char *name) {
  for (int k = 0; k < seen->observed.nquantity; k++)
    if (!strcmp(seen->observed.quantity[k].name, name)) return &seen->observed.quantity[k];
  return NULL;
}

/* Deviations in units of their errors: mean 0, variance 1, within 4 of their own errors for n of them; the variance is
   allowed 10 % for errors of errors. */
typedef struct {
  double sum, square, most;
  int n;
} Scores;

static inline void Score(Scores *s, double value, double expected, double error) {
  double z = (value - expected) / error;
  s->sum += z;
  s->square += z * z;
  s->most = Worse(s->most, z);
  s->n++;
}

static inline void Calibrated(const Scores *s) {
  double mean = s->sum / s->n, variance = s->square / s->n, spread = 0.1 + 4 * sqrt(2.0 / s->n);
  if (!(fabs(mean) <= 4 / sqrt(s->n) && fabs(variance - 1) <= spread && s->most <= 5)) /* nor a NaN, nor none */
    fail_msg("%d scores of mean %g, variance %g, largest %g", s->n, mean, variance, s->most);
}

#endif
