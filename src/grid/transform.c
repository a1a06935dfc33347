/* transform.c - cells -> spectrum -> cells, and what each entry of the spectrum is.

   The entries of a spectrum are numbered by three axes, slowest first.  On one rank and in 1-D these are z, y, x; on
   several ranks FFTW's transposed order: x, y in 2-D and y, z, x in 3-D, of which the first is shared by the ranks.
   Along an axis entry i has the wavenumber number
     k = min(i, n - i)   periodic: i = 0..n/2 is all there is on the x axis of a complex spectrum,
                         i > n/2 are the sines of a halfcomplex axis and the negative k of a complex one,
     k = i               between walls (cos pi k (i + 1/2)/n);
   q = 2 pi k/L or pi k/L.

   Between the cells, which may have a stride, and FFTW's array there is at most one pass; none for stride 1 on one
   rank, when the caller's array is aligned as the plan wants it. */
#include "grid_private.h"
#include "fft.h"

_Static_assert(sizeof(PetscScalar) == sizeof(double), "the transforms need a PETSc with real double precision scalars");

typedef enum {
  HALF,        /* k = 0..n/2, complex            */
  FULL,        /* k = 0..n-1, complex            */
  HALFCOMPLEX, /* r0 r1 ... r_{n/2} ... i2 i1    */
  COSINE
} AxisKind;

typedef struct {
  int dimension;
  AxisKind kind;
  PetscInt n, start, count; /* cells; entries on this rank */
  PetscReal length;
} Axis;

struct RhoTransform_s {
  RhoGrid grid; /* not owned */
  RhoFftShape shape;
  RhoFftLayout layout;
  const RhoFft *fft;
  fftw_plan forward, backward;
  bool replicated;
  PetscInt width, nmode;
  Axis axis[RHO_MAXDIM];
  PetscReal scale;
  PetscReal *q[RHO_MAXDIM], *k[RHO_MAXDIM], *weight; /* [nmode], made when first asked for */
  PetscScalar *work;                                 /* [layout.nroom] */
  PetscMPIInt *count, *start;                        /* [size]: cells of each rank, when replicated */
};

/* ---- shape ---- */

static bool Wall(const RhoGrid grid, int d) {
  return d < grid->mesh.ndimension && grid->mesh.dimension[d].boundary == RHO_WALL;
}

static void SetShape(RhoTransform t, RhoPlanning planning) {
  RhoGrid grid = t->grid;
  RhoFftShape *s = &t->shape;
  s->ndim = grid->mesh.ndimension;
  s->distributed = grid->size > 1 && s->ndim > 1;
  s->periodic = !Wall(grid, 0) && !Wall(grid, 1) && !Wall(grid, 2);
  s->comm = grid->comm;
  s->flags = planning == RHO_PLAN_MEASURE ? FFTW_MEASURE : FFTW_ESTIMATE;
  for (int d = 0; d < s->ndim; d++) {
    s->n[s->ndim - 1 - d] = grid->n[d];
    s->wall[s->ndim - 1 - d] = Wall(grid, d);
  }
  t->replicated = grid->size > 1 && s->ndim == 1;
  t->width = s->periodic ? 2 : 1;
  t->scale = 1.0 / grid->ncell;
  for (int d = 0; d < s->ndim; d++)
    if (Wall(grid, d)) t->scale /= 2;
}

static Axis AxisOf(const RhoTransform t, int d) {
  AxisKind kind = Wall(t->grid, d) ? COSINE : !t->shape.periodic ? HALFCOMPLEX : d == 0 ? HALF : FULL;
  PetscInt n = t->grid->n[d];
  return (Axis){d, kind, n, 0, kind == HALF ? n / 2 + 1 : n, n * t->grid->h[d]};
}

static void SetAxes(RhoTransform t) {
  static const int plain[] = {2, 1, 0}, transposed[][3] = {{2, 0, 1}, {1, 2, 0}};
  const int *order = t->shape.distributed ? transposed[t->shape.ndim - 2] : plain;
  for (int a = 0; a < RHO_MAXDIM; a++) t->axis[a] = AxisOf(t, order[a]);
  if (t->shape.distributed) {
    Axis *shared = &t->axis[t->shape.ndim == 2 ? 1 : 0];
    shared->start = t->layout.start1;
    shared->count = t->layout.count1;
  }
  t->nmode = t->axis[0].count * t->axis[1].count * t->axis[2].count;
}

static PetscErrorCode SetReplication(RhoTransform t) {
  PetscMPIInt count, start;
  PetscFunctionBeginUser;
  if (!t->replicated) PetscFunctionReturn(0);
  PetscCall(PetscMPIIntCast(t->grid->count[0], &count));
  PetscCall(PetscMPIIntCast(t->grid->start[0], &start));
  PetscCall(PetscMalloc2(t->grid->size, &t->count, t->grid->size, &t->start));
  PetscCallMPI(MPI_Allgather(&count, 1, MPI_INT, t->count, 1, MPI_INT, t->grid->comm));
  PetscCallMPI(MPI_Allgather(&start, 1, MPI_INT, t->start, 1, MPI_INT, t->grid->comm));
  PetscFunctionReturn(0);
}

static PetscErrorCode Allocate(const RhoTransform t, PetscScalar **array) {
  PetscFunctionBeginUser;
  *array = fftw_alloc_real((size_t)PetscMax(1, t->layout.nroom));
  PetscCheck(*array, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for a spectrum of %td numbers", t->layout.nroom);
  PetscCall(PetscArrayzero(*array, t->layout.nroom));
  PetscFunctionReturn(0);
}

/* Measured planning overwrites the arrays. */
static PetscErrorCode SetPlans(RhoTransform t) {
  PetscScalar *spectrum;
  const PetscInt *n = t->grid->n;
  PetscFunctionBeginUser;
  PetscCall(Allocate(t, &t->work));
  PetscCall(Allocate(t, &spectrum));
  t->forward = t->fft->plan_forward(&t->shape, t->work, spectrum);
  t->backward = t->fft->plan_backward(&t->shape, t->work, spectrum);
  fftw_free(spectrum);
  PetscCheck(t->forward && t->backward, t->grid->comm, PETSC_ERR_LIB,
             "FFTW has no plan for %" PetscInt_FMT " x %" PetscInt_FMT " x %" PetscInt_FMT " cells on %d ranks", n[0],
             n[1], n[2], t->grid->size);
  PetscFunctionReturn(0);
}

/* The slabs of FFTW must be those of the grid; they are, being ceil(n/size) in both. */
static PetscErrorCode CheckLayout(const RhoTransform t) {
  int split = t->shape.ndim - 1;
  PetscInt start = t->grid->start[split], count = t->grid->count[split];
  PetscFunctionBeginUser;
  PetscCheck(t->replicated || (t->layout.start0 == start && t->layout.count0 == count), PETSC_COMM_SELF, PETSC_ERR_PLIB,
             "FFTW has cells %td + %td along dimension %d on this rank, the grid %" PetscInt_FMT " + %" PetscInt_FMT,
             t->layout.start0, t->layout.count0, split, start, count);
  PetscFunctionReturn(0);
}

PetscErrorCode RhoTransformCreate(RhoGrid grid, RhoPlanning planning, RhoTransform *transform) {
  RhoTransform t;
  PetscFunctionBeginUser;
  PetscCall(PetscNew(&t));
  t->grid = grid;
  SetShape(t, planning);
  if (t->shape.distributed) fftw_mpi_init();
  t->fft = rho_fft(&t->shape);
  rho_fft_layout(&t->shape, &t->layout);
  SetAxes(t);
  PetscCall(CheckLayout(t));
  PetscCall(SetReplication(t));
  PetscCall(SetPlans(t));
  *transform = t;
  PetscFunctionReturn(0);
}

PetscErrorCode RhoTransformDestroy(RhoTransform *transform) {
  RhoTransform t = *transform;
  PetscFunctionBeginUser;
  if (!t) PetscFunctionReturn(0);
  fftw_destroy_plan(t->forward);
  fftw_destroy_plan(t->backward);
  fftw_free(t->work);
  PetscCall(PetscFree2(t->count, t->start));
  for (int d = 0; d < RHO_MAXDIM; d++) {
    PetscCall(PetscFree(t->q[d]));
    PetscCall(PetscFree(t->k[d]));
  }
  PetscCall(PetscFree(t->weight));
  PetscCall(PetscFree(*transform));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoTransformSpectrum(RhoTransform t, PetscScalar **spectrum) { return Allocate(t, spectrum); }

PetscErrorCode RhoTransformFreeSpectrum(RhoTransform t, PetscScalar **spectrum) {
  (void)t;
  fftw_free(*spectrum);
  *spectrum = NULL;
  return 0;
}

/* ---- tables of the entries ---- */

typedef PetscReal (*AxisFn)(const Axis *axis, PetscInt i);

static PetscReal Wavenumber(const Axis *axis, PetscInt i) {
  if (axis->kind == COSINE) return i * (PETSC_PI / axis->length);
  return PetscMin(i, axis->n - i) * (2 * PETSC_PI / axis->length);
}

static PetscReal SignedWavenumber(const Axis *axis, PetscInt i) {
  if (2 * i == axis->n) return 0;
  return 2 * i < axis->n ? Wavenumber(axis, i) : -Wavenumber(axis, i);
}

/* How many waves the entry stands for; see RhoTransformWeight. */
static PetscReal Multiplicity(const Axis *axis, PetscInt i) {
  if (axis->kind == FULL) return 1;
  if (axis->kind == COSINE) return i == 0 ? 0.5 : 1;
  return i == 0 || 2 * i == axis->n ? 1 : 2;
}

/* table[m] = product of fn over the axes of dimension d (d < 0: over all), made once. */
static PetscErrorCode Tabulate(RhoTransform t, AxisFn fn, int d, PetscReal **table) {
  const Axis *axis = t->axis;
  PetscReal *factor[RHO_MAXDIM];
  PetscFunctionBeginUser;
  if (*table) PetscFunctionReturn(0);
  PetscCall(PetscMalloc1(PetscMax(1, t->nmode), table));
  for (int a = 0; a < RHO_MAXDIM; a++) {
    PetscCall(PetscMalloc1(PetscMax(1, axis[a].count), &factor[a]));
    for (PetscInt i = 0; i < axis[a].count; i++)
      factor[a][i] = d < 0 || axis[a].dimension == d ? fn(&axis[a], axis[a].start + i) : 1;
  }
  PetscReal *out = *table;
  for (PetscInt i = 0; i < axis[0].count; i++)
    for (PetscInt j = 0; j < axis[1].count; j++)
      for (PetscInt k = 0; k < axis[2].count; k++) *out++ = factor[0][i] * factor[1][j] * factor[2][k];
  for (int a = 0; a < RHO_MAXDIM; a++) PetscCall(PetscFree(factor[a]));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoTransformModes(RhoTransform t, PetscInt *nmode, PetscInt *width, const PetscReal **qx,
                                 const PetscReal **qy, const PetscReal **qz) {
  const PetscReal **q[RHO_MAXDIM] = {qx, qy, qz};
  PetscFunctionBeginUser;
  if (nmode) *nmode = t->nmode;
  if (width) *width = t->width;
  for (int d = 0; d < RHO_MAXDIM; d++) {
    if (!q[d]) continue;
    PetscCall(Tabulate(t, Wavenumber, d, &t->q[d]));
    *q[d] = t->q[d];
  }
  PetscFunctionReturn(0);
}

PetscErrorCode RhoTransformSigned(RhoTransform t, int d, const PetscReal **k) {
  PetscFunctionBeginUser;
  PetscCheck(t->shape.periodic, t->grid->comm, PETSC_ERR_SUP, "signed wavenumbers along dimension %d between walls", d);
  PetscCall(Tabulate(t, SignedWavenumber, d, &t->k[d]));
  *k = t->k[d];
  PetscFunctionReturn(0);
}

PetscErrorCode RhoTransformWeight(RhoTransform t, const PetscReal **weight) {
  PetscFunctionBeginUser;
  bool made = t->weight;
  PetscCall(Tabulate(t, Multiplicity, -1, &t->weight));
  if (!made && t->replicated && t->grid->rank > 0) PetscCall(PetscArrayzero(t->weight, t->nmode));
  *weight = t->weight;
  PetscFunctionReturn(0);
}

PetscReal RhoTransformScale(RhoTransform t) { return t->scale; }

/* ---- transforms ---- */

static PetscInt RowLength(const RhoTransform t) { return t->grid->count[0]; }
static PetscInt RowCount(const RhoTransform t) { return t->grid->count[1] * t->grid->count[2]; }
static PetscScalar *OwnPart(const RhoTransform t) { return t->work + (t->replicated ? t->grid->start[0] : 0); }

static void Pack(const RhoTransform t, const PetscScalar *cells, PetscInt stride) {
  PetscInt n = RowLength(t), nrow = RowCount(t);
  PetscScalar *row = OwnPart(t);
  for (PetscInt r = 0; r < nrow; r++, row += t->layout.pitch, cells += n * stride)
    for (PetscInt i = 0; i < n; i++) row[i] = cells[i * stride];
}

static void Unpack(const RhoTransform t, PetscScalar *cells, PetscInt stride) {
  PetscInt n = RowLength(t), nrow = RowCount(t);
  const PetscScalar *row = OwnPart(t);
  for (PetscInt r = 0; r < nrow; r++, row += t->layout.pitch, cells += n * stride)
    for (PetscInt i = 0; i < n; i++) cells[i * stride] = row[i];
}

static bool Direct(const RhoTransform t, const PetscScalar *cells, PetscInt stride) {
  return stride == 1 && t->grid->size == 1 && fftw_alignment_of((double *)cells) == fftw_alignment_of(t->work);
}

PetscErrorCode RhoTransformForward(RhoTransform t, const PetscScalar *cells, PetscInt stride, PetscScalar *spectrum) {
  PetscFunctionBeginUser;
  if (Direct(t, cells, stride)) {
    t->fft->forward(t->forward, (double *)cells, spectrum); /* reads them only: FFTW_PRESERVE_INPUT */
    PetscFunctionReturn(0);
  }
  Pack(t, cells, stride);
  if (t->replicated)
    PetscCallMPI(
        MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, t->work, t->count, t->start, MPIU_SCALAR, t->grid->comm));
  t->fft->forward(t->forward, t->work, spectrum);
  PetscFunctionReturn(0);
}

PetscErrorCode RhoTransformBackward(RhoTransform t, PetscScalar *spectrum, PetscScalar *cells, PetscInt stride) {
  PetscFunctionBeginUser;
  bool direct = Direct(t, cells, stride);
  t->fft->backward(t->backward, spectrum, direct ? cells : t->work);
  if (!direct) Unpack(t, cells, stride);
  PetscFunctionReturn(0);
}

void RhoTransformScaleModes(RhoTransform t, const PetscReal *factor, const PetscScalar *spectrum,
                            PetscScalar *product) {
  if (t->width == 1)
    for (PetscInt m = 0; m < t->nmode; m++) product[m] = factor[m] * spectrum[m];
  else
    for (PetscInt m = 0; m < t->nmode; m++) {
      product[2 * m] = factor[m] * spectrum[2 * m];
      product[2 * m + 1] = factor[m] * spectrum[2 * m + 1];
    }
}
