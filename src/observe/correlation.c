/* correlation.c - correlations over the distance, on periodic grids.

     C_ij(r) = <drho_i(x + r) drho_j(x)>,   g_ij(r) = 1 + C_ij(r)/(<rho_i> <rho_j>),

   averaged over x and over the directions of r, drho the deviation from the mean over the box, so that the integral of
   C is 0.  C_ii at r = 0 has what a particle shares with itself; g begins at the next distance.  By the transform of
   drho_i(q) drho_j(q)*. */
#include "observe_private.h"
#include <math.h>

typedef struct {
  RhoWaveBins bins;
  int nr, *at;       /* [cells] bin of the distance; -1: beyond half of the shortest side */
  double *r, *count; /* [nr] */
  PetscScalar *product;
  double *C; /* [cells] */
} Correlation;

/* ---- distances ---- */

static double Spacing(const RhoDimension *d) { return (d->to - d->from) / d->ncell; }

static double DistanceOf(const RhoMesh *mesh, size_t cell) {
  double square = 0;
  for (int d = 0; d < mesh->ndimension; d++) {
    int n = mesh->dimension[d].ncell, i = (int)(cell % (size_t)n);
    double x = Spacing(&mesh->dimension[d]) * (2 * i > n ? n - i : i);
    square += x * x;
    cell /= (size_t)n;
  }
  return sqrt(square);
}

static void Distances(RhoObserver o, Correlation *c) {
  double width = INFINITY, reach = INFINITY;
  for (int d = 0; d < o->mesh->ndimension; d++) {
    width = fmin(width, Spacing(&o->mesh->dimension[d]));
    reach = fmin(reach, 0.5 * (o->mesh->dimension[d].to - o->mesh->dimension[d].from));
  }
  c->nr = (int)floor(reach / width + 0.5 + 1e-9) + 1;
  for (size_t p = 0; p < o->ncell; p++) {
    double r = DistanceOf(o->mesh, p);
    c->at[p] = r > reach * (1 + 1e-9) ? -1 : (int)floor(r / width + 0.5 + 1e-9);
  }
}

/* Mean distances; bins that have no cell, of grids whose cells are not cubes, go to the one below. */
static void Average(RhoObserver o, Correlation *c) {
  for (size_t p = 0; p < o->ncell; p++) {
    if (c->at[p] < 0) continue;
    c->count[c->at[p]]++;
    c->r[c->at[p]] += DistanceOf(o->mesh, p);
  }
  while (c->nr > 1 && !(c->count[c->nr - 1] > 0)) c->nr--;
  for (int k = 0; k < c->nr; k++) c->r[k] /= c->count[k];
}

/* ---- an observer ---- */

static PetscErrorCode Create(RhoObserver o) {
  Correlation *c;
  PetscFunctionBeginUser;
  PetscCall(PetscNew(&c));
  o->data = c;
  PetscCall(rho_bins_create(o, &c->bins));
  PetscCall(PetscMalloc2(o->ncell, &c->at, o->ncell, &c->C));
  Distances(o, c);
  PetscCall(PetscCalloc2(c->nr, &c->r, c->nr, &c->count));
  Average(o, c);
  PetscCall(RhoTransformSpectrum(c->bins.transform, &c->product));
  PetscCall(rho_samples_create((PetscInt)(rho_npair(o->nfield) * c->nr + o->nfield), false, &o->samples));
  PetscFunctionReturn(0);
}

static PetscErrorCode Destroy(RhoObserver o) {
  Correlation *c = o->data;
  PetscFunctionBeginUser;
  PetscCall(RhoTransformFreeSpectrum(c->bins.transform, &c->product));
  PetscCall(PetscFree2(c->at, c->C));
  PetscCall(PetscFree2(c->r, c->count));
  PetscCall(rho_bins_destroy(&c->bins));
  PetscCall(PetscFree(c));
  PetscFunctionReturn(0);
}

/* (1/cells) sum over x of drho_i(x + r) drho_j(x). */
static PetscErrorCode Pair(RhoObserver o, int i, int j) {
  Correlation *c = o->data;
  const RhoWaveBins *b = &c->bins;
  double scale = RhoTransformScale(b->transform) / (double)o->ncell;
  PetscFunctionBeginUser;
  for (PetscInt m = 0; m < b->nmode; m++) {
    const PetscScalar *U = b->spectrum[i] + 2 * m, *V = b->spectrum[j] + 2 * m;
    double factor = b->share[m] > 0 ? scale : 0;
    c->product[2 * m] = factor * (U[0] * V[0] + U[1] * V[1]);
    c->product[2 * m + 1] = factor * (U[1] * V[0] - U[0] * V[1]);
  }
  PetscCall(RhoTransformBackward(b->transform, c->product, c->C, 1));
  PetscFunctionReturn(0);
}

static PetscErrorCode Sample(RhoObserver o, const double *const *u, double *number) {
  Correlation *c = o->data;
  PetscFunctionBeginUser;
  PetscCall(rho_bins_transform(&c->bins, u));
  for (int i = 0; i < o->nfield; i++)
    for (int j = i; j < o->nfield; j++, number += c->nr) {
      PetscCall(Pair(o, i, j));
      for (size_t p = 0; p < o->ncell; p++)
        if (c->at[p] >= 0) number[c->at[p]] += c->C[p] / c->count[c->at[p]];
    }
  for (int f = 0; f < o->nfield; f++)
    for (size_t p = 0; p < o->ncell; p++) number[f] += u[f][p] / (double)o->ncell;
  PetscFunctionReturn(0);
}

static void AddG(RhoArena arena, RhoObserved *found, const char *name, const RhoCurve *C, double product) {
  double *value = RhoArenaAlloc(arena, 2 * (size_t)C->n * sizeof *value), *error = value + C->n;
  for (int k = 0; k < C->n; k++) {
    value[k] = 1 + C->value[k] / product;
    error[k] = C->error[k] / fabs(product);
  }
  rho_add_curve(arena, found, name, C->n - 1, C->x + 1, value + 1, error + 1);
}

static PetscErrorCode Finish(RhoObserver o, RhoArena arena, RhoObserved *found) {
  const Correlation *c = o->data;
  PetscInt means = (PetscInt)rho_npair(o->nfield) * c->nr;
  PetscFunctionBeginUser;
  found->what = "C_ij(r) = <drho_i(x + r) drho_j(x)> about the mean over the box, g_ij = 1 + C_ij/(<rho_i> <rho_j>)";
  found->abscissa = "r";
  found->scales = "linear";
  rho_add_pairs(o, arena, found, "C", c->nr, c->r, 1);
  for (int k = 0, i, j; k < rho_npair(o->nfield); k++) {
    const char *name = rho_pair_name(o, arena, "g", k, &i, &j);
    double product = rho_samples_mean(&o->samples, means + i) * rho_samples_mean(&o->samples, means + j);
    AddG(arena, found, name, &found->curve[k], product);
  }
  PetscFunctionReturn(0);
}

const RhoObservableFns rho_observable_correlation = {Create, Sample, Finish, Destroy};
