/* track_modes.c - the strong waves of the outputs: one transform of every field of every output, twice over.

   a_k = (1/N) sum over cells of u exp(-i k.x).  Of k and -k one is kept: the amplitudes of real fields are conjugate.
 */
#include "track.h"
#include <fftw3.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A field that fluctuates by less than this part of its mean, or of the field that fluctuates most, is at rest: what is
   left of it is errors of the solver. */
#define SMALLEST 1e-10
#define FAINTEST 1e-8

typedef struct {
  RhoTracking *t;
  size_t ncell, nwave;
  int n[RHO_MAXDIM]; /* cells, the slowest dimension first */
  double *u;         /* [ncell] */
  fftw_complex *wave;
  fftw_plan plan;
  double *power; /* [nfield][nwave] sums over outputs */
  double *sum, *square;
} Transform;

static void Shape(Transform *x) {
  const RhoMesh *mesh = &x->t->info->mesh;
  int d = mesh->ndimension;
  x->ncell = x->nwave = 1;
  for (int k = 0; k < d; k++) x->n[k] = mesh->dimension[d - 1 - k].ncell;
  for (int k = 0; k < d; k++) x->ncell *= (size_t)x->n[k];
  for (int k = 0; k < d; k++) x->nwave *= (size_t)(k == d - 1 ? x->n[k] / 2 + 1 : x->n[k]);
}

static bool Create(Transform *x) {
  size_t nf = (size_t)x->t->nfield;
  Shape(x);
  x->u = fftw_malloc(x->ncell * sizeof *x->u);
  x->wave = fftw_malloc(x->nwave * sizeof *x->wave);
  x->power = calloc(nf * x->nwave, sizeof *x->power);
  x->sum = calloc(2 * nf, sizeof *x->sum);
  x->square = x->sum ? x->sum + nf : NULL;
  if (!x->u || !x->wave || !x->power || !x->sum) return false;
  x->plan = fftw_plan_dft_r2c(x->t->ndim, x->n, x->u, x->wave, FFTW_ESTIMATE);
  return x->plan != NULL;
}

static void Destroy(Transform *x) {
  if (x->plan) fftw_destroy_plan(x->plan);
  fftw_free(x->u);
  fftw_free(x->wave);
  free(x->power);
  free(x->sum);
}

/* The number of periods along each dimension of the wave at this place; false: it is a conjugate, or k = 0. */
static bool ModeAt(const Transform *x, size_t place, int *mode) {
  int d = x->t->ndim;
  for (int k = d - 1; k >= 0; k--) {
    size_t width = (size_t)(k == d - 1 ? x->n[k] / 2 + 1 : x->n[k]);
    int m = (int)(place % width);
    mode[d - 1 - k] = m > x->n[k] / 2 ? m - x->n[k] : m;
    place /= width;
  }
  for (int k = 0; k < d; k++)
    if (mode[k] != 0) return mode[k] > 0;
  return false;
}

/* ---- the first reading ------------------------------------------------------------------------------------------- */

static void AddMoments(Transform *x, int f, int k) {
  double low = x->u[0], high = x->u[0];
  for (size_t p = 0; p < x->ncell; p++) {
    low = fmin(low, x->u[p]);
    high = fmax(high, x->u[p]);
    x->sum[f] += x->u[p];
  }
  x->t->height[(size_t)k * (size_t)x->t->nfield + (size_t)f] = 0.5 * (high - low);
}

/* Variances by Parseval's sum, in which a mean does not hide a small wave. */
static void AddPower(Transform *x, int f) {
  double *power = x->power + (size_t)f * x->nwave, scale = 1 / (double)x->ncell;
  int mode[RHO_MAXDIM];
  for (size_t w = 0; w < x->nwave; w++) {
    double complex a = x->wave[w] * scale;
    double a2 = creal(a * conj(a));
    power[w] += a2;
    if (ModeAt(x, w, mode)) x->square[f] += 2 * a2;
  }
}

static void Weigh(Transform *x) {
  RhoTracking *t = x->t;
  double largest = 0;
  for (int f = 0; f < t->nfield; f++) largest = fmax(largest, sqrt(x->square[f] / t->nt));
  for (int f = 0; f < t->nfield; f++) {
    double variance = x->square[f] / t->nt, least;
    t->mean[f] = x->sum[f] / ((double)x->ncell * t->nt);
    least = fmax(SMALLEST * fabs(t->mean[f]), FAINTEST * largest);
    t->weight[f] = variance > least * least ? 1 / variance : 0;
  }
}

static RhoStatus Look(Transform *x, RhoDiag diag) {
  RhoTracking *t = x->t;
  for (int k = 0; k < t->nt; k++)
    for (int f = 0; f < t->nfield; f++) {
      RhoStatus status = RhoFramesRead(t->frames, diag, t->field[f], t->first + k, x->u);
      if (status) return status;
      AddMoments(x, f, k);
      fftw_execute(x->plan);
      AddPower(x, f);
    }
  Weigh(x);
  return RHO_OK;
}

/* ---- the strongest waves ----------------------------------------------------------------------------------------- */

static double ShareAt(const Transform *x, size_t w) {
  double share = 0;
  int n = 0;
  for (int f = 0; f < x->t->nfield; f++) {
    share += 2 * x->t->weight[f] * x->power[(size_t)f * x->nwave + w] / x->t->nt;
    n += x->t->weight[f] > 0;
  }
  return n ? share / n : 0;
}

static void Insert(RhoTracking *t, const RhoTrackMode *mode) {
  int k = t->nmode < RHO_TRACK_MODES ? t->nmode++ : t->nmode - 1;
  while (k > 0 && t->mode[k - 1].share < mode->share) {
    t->mode[k] = t->mode[k - 1];
    k--;
  }
  t->mode[k] = *mode;
}

static void Choose(Transform *x) {
  RhoTracking *t = x->t;
  t->mode = RhoArenaAlloc(t->arena, RHO_TRACK_MODES * sizeof *t->mode);
  for (size_t w = 0; w < x->nwave; w++) {
    RhoTrackMode mode = {.share = 0};
    if (!ModeAt(x, w, mode.mode)) continue;
    mode.share = ShareAt(x, w);
    if (!(mode.share > 0) || (t->nmode == RHO_TRACK_MODES && mode.share <= t->mode[t->nmode - 1].share)) continue;
    for (int d = 0; d < t->ndim; d++) {
      const RhoDimension *along = &t->info->mesh.dimension[d];
      mode.k[d] = 2 * M_PI * mode.mode[d] / (along->to - along->from);
    }
    Insert(t, &mode);
  }
}

/* ---- the second reading ------------------------------------------------------------------------------------------ */

static size_t PlaceOf(const Transform *x, const int *mode) {
  size_t place = 0;
  int d = x->t->ndim;
  for (int k = 0; k < d; k++) {
    int m = mode[d - 1 - k], width = k == d - 1 ? x->n[k] / 2 + 1 : x->n[k];
    place = place * (size_t)width + (size_t)(m < 0 ? m + x->n[k] : m);
  }
  return place;
}

static RhoStatus Follow(Transform *x, RhoDiag diag) {
  RhoTracking *t = x->t;
  t->amplitude = RhoArenaAlloc(t->arena, sizeof(double complex) * (size_t)t->nmode * (size_t)t->nfield * (size_t)t->nt);
  for (int k = 0; k < t->nt; k++)
    for (int f = 0; f < t->nfield; f++) {
      RhoStatus status = RhoFramesRead(t->frames, diag, t->field[f], t->first + k, x->u);
      if (status) return status;
      fftw_execute(x->plan);
      for (int m = 0; m < t->nmode; m++)
        rho_track_series(t, m, f)[k] = x->wave[PlaceOf(x, t->mode[m].mode)] / (double)x->ncell;
    }
  return RHO_OK;
}

RhoStatus rho_track_modes(RhoTracking *t, RhoDiag diag) {
  Transform x = {.t = t};
  size_t nf = (size_t)t->nfield;
  t->mean = RhoArenaAlloc(t->arena, nf * sizeof *t->mean);
  t->weight = RhoArenaAlloc(t->arena, nf * sizeof *t->weight);
  t->height = RhoArenaAlloc(t->arena, nf * (size_t)t->nt * sizeof *t->height);
  RhoStatus status = Create(&x) ? Look(&x, diag) : RHO_NOMEM;
  if (!status) Choose(&x);
  if (!status) status = Follow(&x, diag);
  Destroy(&x);
  return status;
}
