/* structure_factor_map.c - S_ij(q) = (Omega/V) <drho_i(q) drho_j(q)*> of every wavevector of a periodic grid; see
   structure_factor.c.  Off the diagonal S is complex, S(-q) = conj S(q): its imaginary part is a map of its own. */
#include "observe_private.h"
#include <math.h>

typedef struct {
  RhoWaveBins bins;
  size_t nwave;
  PetscInt *at; /* [nwave] entry of the spectrum; -1 - entry: its conjugate */
} Map;

/* The whole number of periods in the box, from the Nyquist wave's negative one on. */
static int Lowest(int ncell) { return -(ncell / 2); }

/* Where the wave of these numbers stands in the map. */
static size_t Place(const RhoMesh *mesh, const int *wave) {
  size_t place = 0;
  for (int d = mesh->ndimension - 1; d >= 0; d--) {
    int n = mesh->dimension[d].ncell, at = wave[d] - Lowest(n);
    place = place * (size_t)n + (size_t)((at % n + n) % n);
  }
  return place;
}

/* Numbers of periods of entry m; a Nyquist wave is its own opposite along its dimension. */
static void WaveOf(const RhoMesh *mesh, const PetscReal *const *q, const PetscReal *const *k, PetscInt m, int *wave) {
  for (int d = 0; d < mesh->ndimension; d++) {
    double unit = 2 * M_PI / (mesh->dimension[d].to - mesh->dimension[d].from);
    wave[d] = (int)lround((k[d][m] < 0 ? -1 : 1) * q[d][m] / unit);
  }
}

static PetscErrorCode Locate(RhoObserver o, Map *map) {
  const PetscReal *k[RHO_MAXDIM] = {NULL};
  int wave[RHO_MAXDIM], opposite[RHO_MAXDIM];
  PetscFunctionBeginUser;
  for (int d = 0; d < o->mesh->ndimension; d++) PetscCall(RhoTransformSigned(map->bins.transform, d, &k[d]));
  for (PetscInt m = 0; m < map->bins.nmode; m++) {
    WaveOf(o->mesh, map->bins.q, k, m, wave);
    for (int d = 0; d < o->mesh->ndimension; d++) opposite[d] = -wave[d];
    map->at[Place(o->mesh, opposite)] = -1 - m;
  }
  for (PetscInt m = 0; m < map->bins.nmode; m++) {
    WaveOf(o->mesh, map->bins.q, k, m, wave);
    map->at[Place(o->mesh, wave)] = m;
  }
  PetscFunctionReturn(0);
}

/* Real parts of the pairs, imaginary parts of those off the diagonal: so many numbers for each entry. */
static int Parts(RhoObserver o) { return o->nfield * o->nfield; }

static PetscErrorCode Create(RhoObserver o) {
  Map *map;
  PetscFunctionBeginUser;
  PetscCall(PetscNew(&map));
  o->data = map;
  map->nwave = o->ncell;
  PetscCall(PetscMalloc1(map->nwave, &map->at));
  PetscCall(rho_bins_create(o, &map->bins));
  PetscCall(Locate(o, map));
  PetscCall(rho_samples_create((PetscInt)Parts(o) * map->bins.nmode, false, &o->samples));
  PetscFunctionReturn(0);
}

static PetscErrorCode Destroy(RhoObserver o) {
  Map *map = o->data;
  PetscFunctionBeginUser;
  PetscCall(rho_bins_destroy(&map->bins));
  PetscCall(PetscFree(map->at));
  PetscCall(PetscFree(map));
  PetscFunctionReturn(0);
}

static void Products(const RhoWaveBins *b, int i, int j, double *real, double *imaginary) {
  for (PetscInt m = 0; m < b->nmode; m++) {
    const PetscScalar *U = b->spectrum[i] + 2 * m, *V = b->spectrum[j] + 2 * m;
    double factor = b->share[m] / b->dof[m];
    real[m] = factor * (U[0] * V[0] + U[1] * V[1]);
    if (imaginary) imaginary[m] = factor * (U[1] * V[0] - U[0] * V[1]);
  }
}

static PetscErrorCode Sample(RhoObserver o, const double *const *u, double *number) {
  Map *map = o->data;
  PetscInt n = map->bins.nmode;
  PetscFunctionBeginUser;
  PetscCall(rho_bins_transform(&map->bins, u));
  for (int i = 0; i < o->nfield; i++)
    for (int j = i; j < o->nfield; j++) {
      Products(&map->bins, i, j, number, i < j ? number + n : NULL);
      number += (i < j ? 2 : 1) * n;
    }
  PetscFunctionReturn(0);
}

static const double *Wavenumbers(RhoArena arena, const RhoDimension *d) {
  double *q = RhoArenaAlloc(arena, (size_t)d->ncell * sizeof *q);
  for (int k = 0; k < d->ncell; k++) q[k] = 2 * M_PI * (k + Lowest(d->ncell)) / (d->to - d->from);
  return q;
}

/* One map of the numbers from `first` on; odd: conjugate waves have the other sign. */
static PetscErrorCode AddMap(RhoObserver o, RhoArena arena, RhoObserved *found, const char *name, PetscInt first,
                             bool odd) {
  const Map *map = o->data;
  RhoMap *to = rho_add_map(arena, found, name);
  double *value = RhoArenaAlloc(arena, 2 * map->nwave * sizeof *value), *error = value + map->nwave, *work;
  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(o->samples.nrow + 1, &work));
  to->rank = o->mesh->ndimension;
  for (int d = 0; d < to->rank; d++) {
    const RhoDimension *along = &o->mesh->dimension[to->rank - 1 - d];
    to->axis[d].name = RhoArenaPrint(arena, "q_%s", along->name);
    to->axis[d].n = along->ncell;
    to->axis[d].x = Wavenumbers(arena, along);
  }
  for (size_t w = 0; w < map->nwave; w++) {
    PetscInt m = map->at[w] < 0 ? -1 - map->at[w] : map->at[w];
    RhoEstimate e = rho_samples_estimate(&o->samples, first + m, work);
    value[w] = (odd && map->at[w] < 0 ? -1 : 1) * o->options.omega * e.value;
    error[w] = o->options.omega * e.error;
  }
  to->value = value;
  to->error = error;
  PetscCall(PetscFree(work));
  PetscFunctionReturn(0);
}

static PetscErrorCode Finish(RhoObserver o, RhoArena arena, RhoObserved *found) {
  PetscInt first = 0, n = ((Map *)o->data)->bins.nmode;
  PetscFunctionBeginUser;
  found->what = "S_ij(q) = (omega/V) <drho_i(q) drho_j(q)*>, S(-q) = conj S(q): rho for independent particles";
  for (int k = 0, i, j; k < rho_npair(o->nfield); k++) {
    const char *name = rho_pair_name(o, arena, "S", k, &i, &j);
    PetscCall(AddMap(o, arena, found, name, first, false));
    first += n;
    if (i == j) continue;
    PetscCall(AddMap(o, arena, found, rho_pair_name(o, arena, "Im S", k, &i, &j), first, true));
    first += n;
  }
  PetscFunctionReturn(0);
}

const RhoObservableFns rho_observable_structure_factor_map = {Create, Sample, Finish, Destroy};
