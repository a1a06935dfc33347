/* number_fluctuations.c - fluctuations of the number of particles in boxes, over the size of the boxes.

     F_ij(v) = Omega <dN_i dN_j>/sqrt(<N_i> <N_j>)/(1 - v/V),   N the integral of a density over a box of volume v.

   The whole is cut into k^d equal boxes, for each k that divides all numbers of cells, down to the cells themselves;
   dN is the deviation from the mean over the boxes of a state.  The last factor is what a closed box of volume V takes
   away: independent particles have F_ii = 1, F_ij = 0 at all v. */
#include "observe_private.h"
#include <math.h>

typedef struct {
  int nsize;
  int (*parts)[RHO_MAXDIM]; /* [nsize] boxes along each dimension */
  double *volume;           /* [nsize] of a box */
  double **number;          /* [nfield][cells]: of the boxes */
} Boxes;

static int CommonDivisor(const RhoMesh *mesh) {
  int a = mesh->dimension[0].ncell;
  for (int d = 1; d < mesh->ndimension; d++)
    for (int b = mesh->dimension[d].ncell; b;) {
      int rest = a % b;
      a = b, b = rest;
    }
  return a;
}

static double Volume(const RhoMesh *mesh) {
  double volume = 1;
  for (int d = 0; d < mesh->ndimension; d++) volume *= mesh->dimension[d].to - mesh->dimension[d].from;
  return volume;
}

static void AddSize(Boxes *b, const RhoMesh *mesh, int k) {
  double volume = Volume(mesh);
  for (int d = 0; d < RHO_MAXDIM; d++) {
    b->parts[b->nsize][d] = d >= mesh->ndimension ? 1 : k ? k : mesh->dimension[d].ncell;
    volume /= b->parts[b->nsize][d];
  }
  b->volume[b->nsize++] = volume;
}

/* Small boxes first. */
static void Sizes(Boxes *b, const RhoMesh *mesh, int divisor) {
  AddSize(b, mesh, 0);
  for (int k = divisor; k > 1; k--)
    if (divisor % k == 0) {
      AddSize(b, mesh, k);
      if (b->nsize == 2 && b->volume[1] <= b->volume[0] * (1 + 1e-12)) b->nsize = 1;
    }
}

static PetscErrorCode Create(RhoObserver o) {
  int divisor = CommonDivisor(o->mesh);
  Boxes *b;
  PetscFunctionBeginUser;
  PetscCall(PetscNew(&b));
  o->data = b;
  PetscCall(PetscMalloc2(divisor + 1, &b->parts, divisor + 1, &b->volume));
  Sizes(b, o->mesh, divisor);
  PetscCall(PetscCalloc1(o->nfield, &b->number));
  for (int f = 0; f < o->nfield; f++) PetscCall(PetscMalloc1(o->ncell, &b->number[f]));
  PetscCall(rho_samples_create((PetscInt)rho_npair(o->nfield) * b->nsize, false, &o->samples));
  PetscFunctionReturn(0);
}

static PetscErrorCode Destroy(RhoObserver o) {
  Boxes *b = o->data;
  PetscFunctionBeginUser;
  for (int f = 0; f < o->nfield; f++) PetscCall(PetscFree(b->number[f]));
  PetscCall(PetscFree(b->number));
  PetscCall(PetscFree2(b->parts, b->volume));
  PetscCall(PetscFree(b));
  PetscFunctionReturn(0);
}

/* The box that a cell is in. */
static size_t BoxOf(const RhoMesh *mesh, const int *parts, size_t cell) {
  size_t box = 0, stride = 1;
  for (int d = 0; d < mesh->ndimension; d++) {
    size_t n = (size_t)mesh->dimension[d].ncell, i = cell % n;
    box += stride * (i / (n / (size_t)parts[d]));
    stride *= (size_t)parts[d];
    cell /= n;
  }
  return box;
}

/* Sums of the cells in each box; returns how many boxes. */
static size_t Count(RhoObserver o, int size, const double *u, double *number) {
  const Boxes *b = o->data;
  const int *parts = b->parts[size];
  size_t nbox = (size_t)parts[0] * (size_t)parts[1] * (size_t)parts[2];
  double cell = Volume(o->mesh) / (double)o->ncell;
  for (size_t k = 0; k < nbox; k++) number[k] = 0;
  for (size_t p = 0; p < o->ncell; p++) number[BoxOf(o->mesh, parts, p)] += cell * u[p];
  return nbox;
}

static double Fluctuation(PetscInt n, const double *x, const double *y) {
  double xm = rho_mean(n, x), ym = rho_mean(n, y), sum = 0;
  for (PetscInt k = 0; k < n; k++) sum += (x[k] - xm) * (y[k] - ym);
  return sum / (double)n / (1 - 1 / (double)n) / sqrt(xm * ym);
}

static PetscErrorCode Sample(RhoObserver o, const double *const *u, double *number) {
  const Boxes *b = o->data;
  PetscFunctionBeginUser;
  for (int s = 0; s < b->nsize; s++) {
    size_t nbox = 0;
    int pair = 0;
    for (int f = 0; f < o->nfield; f++) nbox = Count(o, s, u[f], b->number[f]);
    for (int i = 0; i < o->nfield; i++)
      for (int j = i; j < o->nfield; j++, pair++)
        number[pair * b->nsize + s] = Fluctuation((PetscInt)nbox, b->number[i], b->number[j]);
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode Finish(RhoObserver o, RhoArena arena, RhoObserved *found) {
  const Boxes *b = o->data;
  PetscFunctionBeginUser;
  found->what =
      "F_ij(v) = omega <dN_i dN_j>/sqrt(<N_i> <N_j>)/(1 - v/V) in boxes of volume v: 1 for independent particles";
  found->abscissa = "v";
  found->scales = "loglog";
  rho_add_pairs(o, arena, found, "F", b->nsize, b->volume, o->options.omega);
  PetscFunctionReturn(0);
}

const RhoObservableFns rho_observable_number_fluctuations = {Create, Sample, Finish, Destroy};
