/* modes.c - spectra of states, and bins of their wavenumbers.

   On periodic grids waves are exp(i q.x), an entry of the transform stands for two of them or for a real one; between
   walls they are cosines.  By Parseval's sum (grid.h) an entry's share of the integral of u v is
   h scale weight Re(U conj V), h the volume of a cell, which divided by its number of real waves is V <u v> per wave,
   whatever the boundaries.

   Bin b has the waves with (b + 1/2) dq <= |q| < (b + 3/2) dq, the first one those below, too. */
#include "observe_private.h"
#include <math.h>

/* The largest wavenumber along a dimension. */
static double Nyquist(const RhoDimension *d) { return M_PI * d->ncell / (d->to - d->from); }

static void Layout(const RhoMesh *mesh, const RhoObserveOptions *o, double *dq, int *nbin) {
  double top = 0;
  for (int d = 0; d < mesh->ndimension; d++) top = fmax(top, Nyquist(&mesh->dimension[d]));
  *dq = rho_smallest_wavenumber(mesh);
  if (!isnan(o->top)) top = fmin(top, o->top);
  if (o->nbin) *dq = top / (o->nbin + 0.5);
  *nbin = (int)fmax(1, floor(top / *dq + 1e-9));
}

static double Magnitude(const RhoWaveBins *b, PetscInt m) {
  return sqrt(b->q[0][m] * b->q[0][m] + b->q[1][m] * b->q[1][m] + b->q[2][m] * b->q[2][m]);
}

/* Bins without waves are left out. */
static void Close(RhoWaveBins *b, int *to) {
  int n = 0;
  for (int k = 0; k < b->nbin; k++) {
    to[k] = n;
    if (!(b->count[k] > 0)) continue;
    b->centre[n] = b->centre[k] / b->count[k];
    b->count[n++] = b->count[k];
  }
  b->nbin = n;
  for (PetscInt m = 0; m < b->nmode; m++) b->bin[m] = b->bin[m] < 0 ? -1 : to[b->bin[m]];
}

static PetscErrorCode Fill(RhoWaveBins *b, const PetscReal *weight, double dq) {
  double norm = b->grid->volume * RhoTransformScale(b->transform);
  int *to;
  PetscFunctionBeginUser;
  for (PetscInt m = 0; m < b->nmode; m++) {
    double q = Magnitude(b, m), at = floor(q / dq + 0.5 + 1e-9);
    b->dof[m] = b->width == 2 && weight[m] > 1 ? 2 : 1;
    b->share[m] = q > 0 ? norm * weight[m] : 0;
    b->bin[m] = !(q > 0) || at > b->nbin ? -1 : at < 1 ? 0 : (int)at - 1;
    if (b->bin[m] < 0) continue;
    b->count[b->bin[m]] += b->dof[m];
    b->centre[b->bin[m]] += b->dof[m] * q;
  }
  PetscCall(PetscMalloc1(b->nbin, &to));
  Close(b, to);
  PetscCall(PetscFree(to));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_bins_create(RhoObserver o, RhoWaveBins *b) {
  const PetscReal *weight;
  double dq;
  PetscFunctionBeginUser;
  *b = (RhoWaveBins){.nfield = o->nfield};
  Layout(o->mesh, &o->options, &dq, &b->nbin);
  PetscCall(RhoGridCreate(PETSC_COMM_SELF, o->mesh, 1, 0, &b->grid));
  PetscCall(RhoTransformCreate(b->grid, RHO_PLAN_ESTIMATE, &b->transform));
  PetscCall(RhoTransformModes(b->transform, &b->nmode, &b->width, &b->q[0], &b->q[1], &b->q[2]));
  PetscCall(RhoTransformWeight(b->transform, &weight));
  PetscCall(PetscMalloc3(b->nmode, &b->share, b->nmode, &b->dof, b->nmode, &b->bin));
  PetscCall(PetscCalloc2(b->nbin, &b->centre, b->nbin, &b->count));
  PetscCall(PetscCalloc1(b->nfield, &b->spectrum));
  for (int f = 0; f < b->nfield; f++) PetscCall(RhoTransformSpectrum(b->transform, &b->spectrum[f]));
  PetscCall(Fill(b, weight, dq));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_bins_destroy(RhoWaveBins *b) {
  PetscFunctionBeginUser;
  for (int f = 0; f < b->nfield; f++) PetscCall(RhoTransformFreeSpectrum(b->transform, &b->spectrum[f]));
  PetscCall(PetscFree(b->spectrum));
  PetscCall(PetscFree2(b->centre, b->count));
  PetscCall(PetscFree3(b->share, b->dof, b->bin));
  PetscCall(RhoTransformDestroy(&b->transform));
  PetscCall(RhoGridDestroy(&b->grid));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_bins_observe(RhoObserver o, RhoWaveBins **bins) {
  PetscFunctionBeginUser;
  PetscCall(PetscNew(bins));
  o->data = *bins;
  PetscCall(rho_bins_create(o, *bins));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_bins_forget(RhoObserver o) {
  RhoWaveBins *bins = o->data;
  PetscFunctionBeginUser;
  PetscCall(rho_bins_destroy(bins));
  PetscCall(PetscFree(bins));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_bins_transform(RhoWaveBins *b, const double *const *u) {
  PetscFunctionBeginUser;
  for (int f = 0; f < b->nfield; f++) PetscCall(RhoTransformForward(b->transform, u[f], 1, b->spectrum[f]));
  PetscFunctionReturn(0);
}

void rho_bins_pair(const RhoWaveBins *b, int i, int j, double *S) {
  const PetscScalar *U = b->spectrum[i], *V = b->spectrum[j];
  for (int k = 0; k < b->nbin; k++) S[k] = 0;
  for (PetscInt m = 0; m < b->nmode; m++) {
    double product = 0;
    if (b->bin[m] < 0) continue;
    for (PetscInt w = 0; w < b->width; w++) product += U[m * b->width + w] * V[m * b->width + w];
    S[b->bin[m]] += b->share[m] * product;
  }
  for (int k = 0; k < b->nbin; k++) S[k] /= b->count[k];
}
