/* histogram.c - how often each density occurs: the share of the volume in which a field is within a bin, per width of
   the bin, p(u) of integral 1.

   Two phases are two peaks.  The histogram is smoothed until no more than two maxima are left and then as much again,
   for counts of particles are a comb; they are phases when the valley between them is deeper than its error.  A phase's
   density is the mean about its peak with the weight max(p/p_peak - 1/2, 0), its error that of the means in blocks of
   the states. */
#include "observe_private.h"
#include <math.h>

enum { BINS = 100, BLOCKS = 8, PEAK_BINS = 1000 };
#define SIGNIFICANT 4 /* errors by which a valley is below both peaks */

typedef struct {
  int nbin;
  double low, width;
  double *volume; /* [ncell] shares of the cells; NULL: all the same */
} Histogram;

/* ---- counting ---- */

static double CellShare(const RhoMesh *mesh, size_t cell) {
  double share = 1;
  for (int d = 0; d < mesh->ndimension; d++) {
    const RhoDimension *along = &mesh->dimension[d];
    share *= RhoMeshWidth(along, (int)(cell % (size_t)along->ncell)) / (along->to - along->from);
    cell /= (size_t)along->ncell;
  }
  return share;
}

static bool HasEqualCells(const RhoMesh *mesh) {
  for (int d = 0; d < mesh->ndimension; d++)
    if (mesh->dimension[d].edge) return false;
  return true;
}

/* Of each field: shares of the bins, of what is below and above them; then the integrals of u over these. */
static PetscErrorCode Create(RhoObserver o) {
  Histogram *h;
  PetscFunctionBeginUser;
  PetscCall(PetscNew(&h));
  o->data = h;
  h->nbin = o->options.nbin ? o->options.nbin : BINS;
  h->low = o->options.range[0];
  h->width = (o->options.range[1] - h->low) / h->nbin;
  if (!HasEqualCells(o->mesh)) {
    PetscCall(PetscMalloc1(o->ncell, &h->volume));
    for (size_t p = 0; p < o->ncell; p++) h->volume[p] = CellShare(o->mesh, p);
  }
  PetscCall(rho_samples_create((PetscInt)(2 * o->nfield * (h->nbin + 2)), false, &o->samples));
  PetscFunctionReturn(0);
}

static PetscErrorCode Destroy(RhoObserver o) {
  Histogram *h = o->data;
  PetscFunctionBeginUser;
  PetscCall(PetscFree(h->volume));
  PetscCall(PetscFree(h));
  PetscFunctionReturn(0);
}

/* The upper end of the range belongs to the last bin. */
static int BinOf(const Histogram *h, double u) {
  double at = (u - h->low) / h->width;
  if (at < 0) return h->nbin;
  if (at > h->nbin * (1 + 1e-12)) return h->nbin + 1;
  return at < h->nbin ? (int)at : h->nbin - 1;
}

static PetscErrorCode Sample(RhoObserver o, const double *const *u, double *number) {
  const Histogram *h = o->data;
  PetscFunctionBeginUser;
  for (int f = 0; f < o->nfield; f++, number += 2 * (h->nbin + 2))
    for (size_t p = 0; p < o->ncell; p++) {
      double share = h->volume ? h->volume[p] : 1 / (double)o->ncell;
      int bin = BinOf(h, u[f][p]);
      number[bin] += share;
      number[h->nbin + 2 + bin] += share * u[f][p];
    }
  PetscFunctionReturn(0);
}

/* ---- two peaks ---- */

static void Smooth(int n, double *p) {
  double before = p[0];
  for (int k = 0; k < n; k++) {
    double here = p[k], after = k + 1 < n ? p[k + 1] : here;
    p[k] = 0.25 * before + 0.5 * here + 0.25 * after;
    before = here;
  }
}

/* Positions of maxima, at most three of them; how many. */
static int Maxima(int n, const double *p, int *at) {
  int nmax = 0;
  for (int k = 0; k < n && nmax < 3; k++) {
    int end = k;
    while (end + 1 < n && p[end + 1] == p[k]) end++;
    if (p[k] > 0 && (k == 0 || p[k - 1] < p[k]) && (end == n - 1 || p[end + 1] < p[k])) at[nmax++] = (k + end) / 2;
    k = end;
  }
  return nmax;
}

/* The part of p above half of the peak's height between bins `from` and `to`; 0 beyond where it first is below. */
static void Weigh(int n, const double *p, int from, int peak, int to, double *weight) {
  for (int k = 0; k < n; k++) weight[k] = 0;
  for (int k = peak; k <= to && p[k] > 0.5 * p[peak]; k++) weight[k] = p[k] / p[peak] - 0.5;
  for (int k = peak; k >= from && p[k] > 0.5 * p[peak]; k--) weight[k] = p[k] / p[peak] - 0.5;
}

/* The bin with the least between the peaks. */
static int Valley(const double *p, const int *peak) {
  int valley = peak[0];
  for (int k = peak[0]; k < peak[1]; k++)
    if (p[k] < p[valley]) valley = k;
  return valley;
}

/* Is it lower than both by more than errors? */
static bool IsDeep(const double *p, const double *error, const int *peak, int valley) {
  for (int s = 0; s < 2; s++) {
    double e = isnan(error[valley]) ? 0 : SIGNIFICANT * hypot(error[peak[s]], error[valley]);
    if (!(p[peak[s]] - p[valley] > e) || p[valley] > 0.9 * p[peak[s]]) return false;
  }
  return true;
}

/* How often it is smoothed. */
static int SmoothToTwo(int n, double *p) {
  int at[3], nsmooth = 0;
  for (; Maxima(n, p, at) > 2; nsmooth++) Smooth(n, p);
  for (int k = 0; k < nsmooth; k++) Smooth(n, p);
  return 2 * nsmooth;
}

/* Means of each `group` neighbours of value[n], the last ones of what is left. */
static void Group(int n, int group, const double *value, double *mean) {
  for (int k = 0; k < n; k += group) {
    int members = n - k < group ? n - k : group;
    mean[k / group] = 0;
    for (int j = k; j < k + members; j++) mean[k / group] += value[j] / members;
  }
}

/* weight[2][n]; errors are smoothed like the histogram, as if they were all of one sign. */
static void WeighPeaks(int n, double *p, double *e, double *weight, bool *two) {
  int at[3];
  for (int k = SmoothToTwo(n, p); k > 0; k--) Smooth(n, e);
  *two = Maxima(n, p, at) == 2;
  int valley = *two ? Valley(p, at) : 0;
  *two = *two && IsDeep(p, e, at, valley);
  if (*two) Weigh(n, p, 0, at[0], valley, weight);
  if (*two) Weigh(n, p, valley, at[1], n - 1, weight + n);
}

/* weight[2][n], of bins that are taken together where they are so many that they would be smoothed without end. */
static PetscErrorCode FindPeaks(int n, const double *value, const double *error, double *weight, bool *two) {
  double *p, *e, *w;
  int group = (n + PEAK_BINS - 1) / PEAK_BINS, m = (n + group - 1) / group;
  PetscFunctionBeginUser;
  PetscCall(PetscMalloc3(m, &p, m, &e, 2 * m, &w));
  Group(n, group, value, p);
  Group(n, group, error, e);
  WeighPeaks(m, p, e, w, two);
  for (int k = 0; k < n && *two; k++) weight[k] = w[k / group], weight[n + k] = w[m + k / group];
  PetscCall(PetscFree3(p, e, w));
  PetscFunctionReturn(0);
}

/* Mean density of field f with these weights of the bins, for rows first .. last - 1. */
static double WeightedMean(RhoObserver o, int f, const double *weight, PetscInt first, PetscInt last) {
  const Histogram *h = o->data;
  const RhoSamples *s = &o->samples;
  double share = 0, integral = 0;
  for (PetscInt k = first; k < last; k++) {
    const double *number = s->row + k * s->nnumber + 2 * f * (h->nbin + 2);
    for (int b = 0; b < h->nbin; b++) {
      share += weight[b] * number[b];
      integral += weight[b] * number[h->nbin + 2 + b];
    }
  }
  return integral / share;
}

static RhoEstimate PeakDensity(RhoObserver o, int f, const double *weight) {
  PetscInt n = o->samples.nrow, nblock = n < 2 * BLOCKS ? n : BLOCKS;
  double y[2 * BLOCKS];
  double mean = WeightedMean(o, f, weight, 0, n + (o->samples.left > 0));
  for (PetscInt b = 0; b < nblock; b++) y[b] = WeightedMean(o, f, weight, b * n / nblock, (b + 1) * n / nblock);
  return rho_block_estimate(mean, nblock, y);
}

static PetscErrorCode AddPhases(RhoObserver o, RhoArena arena, RhoObserved *found, int f, const RhoCurve *curve) {
  static const char *const side[] = {"dilute", "dense"};
  double *weight;
  bool two = false;
  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(2 * curve->n, &weight));
  PetscCall(FindPeaks(curve->n, curve->value, curve->error, weight, &two));
  for (int s = 0; s < 2 && two; s++)
    rho_add_quantity(arena, found, RhoArenaPrint(arena, "%s(%s)", side[s], o->field[f]),
                     "density of a phase: mean about the peak of the histogram",
                     PeakDensity(o, f, weight + s * curve->n));
  PetscCall(PetscFree(weight));
  PetscFunctionReturn(0);
}

/* ---- all ---- */

static PetscErrorCode AddOutside(RhoObserver o, RhoArena arena, RhoObserved *found, int f) {
  const Histogram *h = o->data;
  PetscInt below = (PetscInt)(2 * f * (h->nbin + 2) + h->nbin);
  double outside = rho_samples_mean(&o->samples, below) + rho_samples_mean(&o->samples, below + 1);
  PetscFunctionBeginUser;
  if (outside > 0)
    rho_add_quantity(arena, found, RhoArenaPrint(arena, "outside(%s)", o->field[f]),
                     "share of the volume beyond the bins", (RhoEstimate){outside, NAN});
  PetscFunctionReturn(0);
}

static PetscErrorCode Finish(RhoObserver o, RhoArena arena, RhoObserved *found) {
  const Histogram *h = o->data;
  double *x = RhoArenaAlloc(arena, (size_t)h->nbin * sizeof *x);
  PetscFunctionBeginUser;
  found->what = "p(u): share of the volume per density";
  found->abscissa = "u";
  found->scales = "linear";
  for (int k = 0; k < h->nbin; k++) x[k] = h->low + (k + 0.5) * h->width;
  for (int f = 0; f < o->nfield; f++) {
    rho_add_samples(o, arena, found, RhoArenaPrint(arena, "p(%s)", o->field[f]), (PetscInt)(2 * f * (h->nbin + 2)),
                    h->nbin, x, 1 / h->width);
    PetscCall(AddPhases(o, arena, found, f, &found->curve[found->ncurve - 1]));
    PetscCall(AddOutside(o, arena, found, f));
  }
  PetscFunctionReturn(0);
}

const RhoObservableFns rho_observable_histogram = {Create, Sample, Finish, Destroy};
