/* intermediate_scattering.c - how waves lose their memory.

     F_ij(q, t) = (Omega/V) <drho_i(q, s + t) drho_j(q, s)*>,   F_ij(q, 0) = S_ij(q),

   averaged over the directions of q and over s.  The amplitudes of some waves of the first bins of q are kept for all
   states.  Lags are whole numbers of the mean time between states, up to a quarter of all.  The error at each lag is
   that of the mean over s. */
#include "observe_private.h"
#include <math.h>

enum { WAVES_OF_BIN = 16, FIRST_BINS = 12, MOST_LAGS = 400 };

typedef struct {
  RhoWaveBins bins;
  int nbin, nwave; /* kept */
  PetscInt *wave;  /* [nwave] entries of the spectrum, bin after bin */
  int *begin;      /* [nbin + 1] */
  double *scale;   /* [nwave] sqrt(share/dof) */
} Scattering;

/* ---- which waves ---- */

/* Some of the entries of bin k, evenly spread among them. */
static void ChooseWaves(Scattering *s, int k) {
  const RhoWaveBins *b = &s->bins;
  int n = 0, seen = 0;
  for (PetscInt m = 0; m < b->nmode; m++) n += b->bin[m] == k && b->share[m] > 0;
  int take = n < WAVES_OF_BIN ? n : WAVES_OF_BIN;
  for (PetscInt m = 0; m < b->nmode; m++) {
    if (b->bin[m] != k || !(b->share[m] > 0)) continue;
    if ((seen + 1) * take / n > seen * take / n) {
      s->scale[s->nwave] = sqrt(b->share[m] / b->dof[m]);
      s->wave[s->nwave++] = m;
    }
    seen++;
  }
}

static PetscErrorCode Create(RhoObserver o) {
  Scattering *s;
  PetscFunctionBeginUser;
  PetscCall(PetscNew(&s));
  o->data = s;
  PetscCall(rho_bins_create(o, &s->bins));
  s->nbin = o->options.nbin || !isnan(o->options.top) || s->bins.nbin < FIRST_BINS ? s->bins.nbin : FIRST_BINS;
  PetscCall(PetscMalloc3(s->nbin * WAVES_OF_BIN, &s->wave, s->nbin * WAVES_OF_BIN, &s->scale, s->nbin + 1, &s->begin));
  for (int k = 0; k < s->nbin; k++) {
    s->begin[k] = s->nwave;
    ChooseWaves(s, k);
  }
  s->begin[s->nbin] = s->nwave;
  PetscCall(rho_samples_create((PetscInt)o->nfield * s->nwave * s->bins.width, true, &o->samples));
  PetscFunctionReturn(0);
}

static PetscErrorCode Destroy(RhoObserver o) {
  Scattering *s = o->data;
  PetscFunctionBeginUser;
  PetscCall(PetscFree3(s->wave, s->scale, s->begin));
  PetscCall(rho_bins_destroy(&s->bins));
  PetscCall(PetscFree(s));
  PetscFunctionReturn(0);
}

static PetscErrorCode Sample(RhoObserver o, const double *const *u, double *number) {
  Scattering *s = o->data;
  PetscInt width = s->bins.width;
  PetscFunctionBeginUser;
  PetscCall(rho_bins_transform(&s->bins, u));
  for (int f = 0; f < o->nfield; f++)
    for (int k = 0; k < s->nwave; k++)
      for (PetscInt w = 0; w < width; w++) *number++ = s->scale[k] * s->bins.spectrum[f][s->wave[k] * width + w];
  PetscFunctionReturn(0);
}

/* ---- correlations in time ---- */

static double LagTime(const RhoSamples *s) { return s->nrow > 1 ? (s->last - s->first) / (double)(s->nrow - 1) : 1; }

/* The mean over the waves of bin b of a_i(state to) a_j(state from)*; symmetric in i and j as the average over q and -q
   and over stationary states is. */
static double Product(RhoObserver o, int b, int i, int j, PetscInt from, PetscInt to) {
  const Scattering *s = o->data;
  PetscInt width = s->bins.width, field = s->nwave * width;
  const double *x = o->samples.row + to * o->samples.nnumber + i * field;
  const double *y = o->samples.row + from * o->samples.nnumber + j * field;
  double sum = 0;
  for (PetscInt k = s->begin[b] * width; k < s->begin[b + 1] * width; k++) sum += x[k] * y[k];
  return sum / (s->begin[b + 1] - s->begin[b]);
}

/* The state whose time is nearest to that of `from` plus the lag: no earlier than the one found before. */
static PetscInt Later(const RhoSamples *s, PetscInt from, double lag, PetscInt at) {
  double t = s->time[from] + lag;
  while (at + 1 < s->nrow && fabs(s->time[at + 1] - t) <= fabs(s->time[at] - t)) at++;
  return at;
}

static RhoEstimate AtLag(RhoObserver o, int b, int i, int j, int lag, double *work) {
  const RhoSamples *s = &o->samples;
  double dt = LagTime(s);
  PetscInt n = 0;
  for (PetscInt from = 0, to = 0; from < s->nrow; from++) {
    to = Later(s, from, lag * dt, to < from ? from : to);
    if (fabs(s->time[to] - s->time[from] - lag * dt) < 0.5 * dt) work[n++] = Product(o, b, i, j, from, to);
  }
  return rho_estimate(n, work, NULL);
}

static PetscErrorCode AddBin(RhoObserver o, RhoArena arena, RhoObserved *found, int k, int b, int nlag) {
  const Scattering *s = o->data;
  double *t = RhoArenaAlloc(arena, 3 * (size_t)nlag * sizeof *t), *value = t + nlag, *error = value + nlag, *work;
  int i, j;
  const char *pair = rho_pair_name(o, arena, "F", k, &i, &j);
  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(o->samples.nrow + 1, &work));
  for (int lag = 0; lag < nlag; lag++) {
    RhoEstimate e = AtLag(o, b, i, j, lag, work);
    t[lag] = lag * LagTime(&o->samples);
    value[lag] = o->options.omega * e.value;
    error[lag] = o->options.omega * e.error;
  }
  rho_add_curve(arena, found, RhoArenaPrint(arena, "%s q=%.6g", pair, s->bins.centre[b]), nlag, t, value, error);
  PetscCall(PetscFree(work));
  PetscFunctionReturn(0);
}

static PetscErrorCode Finish(RhoObserver o, RhoArena arena, RhoObserved *found) {
  const Scattering *s = o->data;
  PetscInt quarter = o->samples.nrow / 4 + 1;
  int nlag = quarter < MOST_LAGS ? (int)quarter : MOST_LAGS;
  PetscFunctionBeginUser;
  found->what = "F_ij(q,t) = (omega/V) <drho_i(q,s + t) drho_j(q,s)*>, averaged over directions and s";
  found->abscissa = "t";
  found->scales = "log";
  for (int k = 0; k < rho_npair(o->nfield); k++)
    for (int b = 0; b < s->nbin; b++) PetscCall(AddBin(o, arena, found, k, b, nlag));
  PetscFunctionReturn(0);
}

const RhoObservableFns rho_observable_intermediate_scattering = {Create, Sample, Finish, Destroy};
