/* transform.c - cells -> spectrum -> cells.

   The dimensions are transformed one after the other, x first.  Of an array of N0 slow, N1 middle, N2 fast cells (3-D:
   z, y, x; 2-D: y, -, x; 1-D: -, -, x) a rank owns m0 of N0 slabs.  Forward,
     1. rows:     cells [m0][N1][N2] -> entries [m0][N1][E],  E = N2/2 + 1 complex, or N2 real
     2. columns   along N1 of each slab
     3. transpose on several ranks: [m0][C] -> [N0][m], every rank getting m of the C = N1 E columns along N0
     4. columns   along N0
   and backward the same in reverse.  The work is shared evenly by any number of ranks, and since a line's transform
   depends on nothing but the line (lines.c), spectra are the same to the last bit on any number of ranks.

   1-D on several ranks: every rank collects all cells and transforms them all. */
#define _GNU_SOURCE /* madvise */
#include "transform_private.h"
#include "wisdom.h"
#include <fftw3.h>
#include <stdlib.h>
#include <sys/mman.h>

_Static_assert(sizeof(PetscScalar) == sizeof(double), "the transforms need a PETSc with real double precision scalars");

/* ---- set-up ---- */

static bool Wall(const RhoGrid grid, int d) {
  return d < grid->mesh.ndimension && grid->mesh.dimension[d].boundary == RHO_WALL;
}

static RhoLineKind KindOf(const RhoTransform t, int d) {
  if (Wall(t->grid, d)) return RHO_LINE_COSINE;
  return t->width == 1 ? RHO_LINE_HALFCOMPLEX : d == 0 ? RHO_LINE_HALF : RHO_LINE_FULL;
}

static void SetAxes(RhoTransform t) {
  static const int order[RHO_MAXDIM][RHO_MAXDIM] = {{2, 1, 0}, {1, 2, 0}, {2, 1, 0}};
  const RhoGrid grid = t->grid;
  t->width = Wall(grid, 0) || Wall(grid, 1) || Wall(grid, 2) ? 1 : 2;
  t->scale = 1.0 / grid->ncell;
  for (int a = 0; a < RHO_MAXDIM; a++) {
    int d = order[grid->mesh.ndimension - 1][a];
    RhoLineKind kind = KindOf(t, d);
    PetscInt n = grid->n[d];
    t->axis[a] = (RhoAxis){d, kind, n, kind == RHO_LINE_HALF ? n / 2 + 1 : n, n * grid->h[d]};
    if (kind == RHO_LINE_COSINE) t->scale /= 2;
  }
}

/* The part of n for each rank. */
static PetscErrorCode SetParts(PetscMPIInt size, PetscInt n, RhoParts *parts) {
  PetscFunctionBeginUser;
  PetscCall(PetscMalloc2(size, &parts->count, size, &parts->start));
  for (PetscMPIInt r = 0, sum = 0; r < size; r++) {
    parts->start[r] = sum;
    PetscCall(PetscMPIIntCast(rho_share_count(n, size, r), &parts->count[r]));
    sum += parts->count[r];
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode ScaleParts(PetscMPIInt size, PetscInt factor, const RhoParts *parts, RhoParts *scaled) {
  PetscFunctionBeginUser;
  PetscCall(PetscMalloc2(size, &scaled->count, size, &scaled->start));
  for (PetscMPIInt r = 0; r < size; r++) {
    PetscCall(PetscMPIIntCast(factor * parts->count[r], &scaled->count[r]));
    PetscCall(PetscMPIIntCast(factor * parts->start[r], &scaled->start[r]));
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode FreeParts(RhoParts *parts) { return PetscFree2(parts->count, parts->start); }

/* Who has which slabs before and which columns after the transposition. */
static PetscErrorCode SetShares(RhoTransform t) {
  const RhoAxis *axis = t->axis;
  PetscMPIInt size = t->grid->size, rank = t->grid->rank;
  PetscFunctionBeginUser;
  t->replicated = size > 1 && t->grid->mesh.ndimension == 1;
  t->nslab = axis[0].n;
  t->ncolumn = t->mcolumn = axis[1].nentry * axis[2].nentry;
  PetscCheck((PetscReal)t->ncolumn * axis[0].n * t->width < PETSC_MAX_INT, t->grid->comm, PETSC_ERR_ARG_OUTOFRANGE,
             "a spectrum of %" PetscInt_FMT " x %" PetscInt_FMT " entries; this PETSC counts up to %" PetscInt_FMT
             " numbers",
             axis[0].n, t->ncolumn, PETSC_MAX_INT);
  if (size > 1) {
    PetscCall(SetParts(size, t->replicated ? axis[2].n : axis[0].n, &t->slabs));
    PetscCall(SetParts(size, t->ncolumn, &t->columns));
  }
  if (size > 1 && !t->replicated) {
    t->nslab = t->slabs.count[rank];
    t->mcolumn = t->columns.count[rank];
    t->column0 = t->columns.start[rank];
    PetscCall(ScaleParts(size, t->nslab * t->width, &t->columns, &t->across));
    PetscCall(ScaleParts(size, t->mcolumn * t->width, &t->slabs, &t->along));
  }
  t->nmode = axis[0].n * t->mcolumn;
  t->nroom = t->width * PetscMax(t->nslab * t->ncolumn, RhoModesPitch(t->nmode));
  PetscFunctionReturn(0);
}

static PetscErrorCode SetLines(RhoTransform t, unsigned flags) {
  const RhoAxis *axis = t->axis;
  PetscInt ncolumn[2] = {t->mcolumn, axis[2].nentry};
  PetscFunctionBeginUser;
  PetscCall(rho_rows_create(axis[2].kind, axis[2].n, axis[0].n * axis[1].n, flags, &t->rows));
  for (int a = 0; a < 2; a++)
    if (axis[a].n > 1 || axis[a].kind == RHO_LINE_COSINE)
      PetscCall(rho_columns_create(axis[a].kind, axis[a].n, ncolumn[a], flags, &t->lines[a]));
  PetscFunctionReturn(0);
}

static PetscErrorCode FreeLines(RhoTransform t) {
  PetscFunctionBeginUser;
  PetscCall(rho_lines_destroy(&t->rows));
  for (int a = 0; a < 2; a++) PetscCall(rho_lines_destroy(&t->lines[a]));
  PetscFunctionReturn(0);
}

/* On all ranks? */
static PetscErrorCode Planned(RhoTransform t, bool *planned) {
  int all = rho_lines_planned(t->rows);
  PetscFunctionBeginUser;
  for (int a = 0; a < 2; a++) all = all && (!t->lines[a] || rho_lines_planned(t->lines[a]));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &all, 1, MPI_INT, MPI_MIN, t->grid->comm));
  *planned = all;
  PetscFunctionReturn(0);
}

/* The first rank measures, then the last one, which may have a column less; the others know all they need. */
static PetscErrorCode Measure(RhoTransform t, unsigned flags, bool *planned) {
  RhoWisdom wisdom;
  PetscMPIInt rank = t->grid->rank, last = t->grid->size - 1;
  PetscFunctionBeginUser;
  PetscCall(rho_wisdom_begin(t->grid->comm, true, &wisdom));
  for (int turn = 0; turn < 3; turn++) {
    bool mine = turn == (rank == 0 ? 0 : rank == last ? 1 : 2);
    if (mine) PetscCall(SetLines(t, FFTW_MEASURE | flags));
    if (last > 0 && turn < 2) PetscCall(rho_wisdom_share(t->grid->comm, turn == 0 ? 0 : last));
  }
  PetscCall(rho_wisdom_end(t->grid->comm, !(flags & FFTW_WISDOM_ONLY), &wisdom));
  PetscCall(Planned(t, planned));
  if (!*planned) PetscCall(FreeLines(t));
  PetscFunctionReturn(0);
}

static PetscErrorCode Estimate(RhoTransform t) {
  RhoWisdom wisdom;
  PetscFunctionBeginUser;
  PetscCall(rho_wisdom_begin(t->grid->comm, false, &wisdom));
  PetscCall(SetLines(t, FFTW_ESTIMATE));
  PetscCall(rho_wisdom_end(t->grid->comm, false, &wisdom));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoTransformCreate(RhoGrid grid, RhoPlanning planning, RhoTransform *transform) {
  RhoTransform t;
  bool measured = false;
  PetscFunctionBeginUser;
  PetscCall(PetscNew(&t));
  t->grid = grid;
  SetAxes(t);
  PetscCall(SetShares(t));
  if (planning != RHO_PLAN_ESTIMATE)
    PetscCall(Measure(t, planning == RHO_PLAN_KNOWN ? FFTW_WISDOM_ONLY : 0, &measured));
  if (!measured) PetscCall(Estimate(t));
  t->planning = measured ? RHO_PLAN_MEASURE : RHO_PLAN_ESTIMATE;
  if (grid->size > 1) PetscCall(RhoTransformSpectrum(t, &t->work));
  *transform = t;
  PetscFunctionReturn(0);
}

RhoPlanning RhoTransformPlanning(RhoTransform t) { return t->planning; }

PetscErrorCode RhoTransformDestroy(RhoTransform *transform) {
  RhoTransform t = *transform;
  PetscFunctionBeginUser;
  if (!t) PetscFunctionReturn(0);
  PetscCall(FreeLines(t));
  PetscCall(FreeParts(&t->slabs));
  PetscCall(FreeParts(&t->columns));
  PetscCall(FreeParts(&t->across));
  PetscCall(FreeParts(&t->along));
  PetscCall(RhoTransformFreeSpectrum(t, &t->work));
  for (int d = 0; d < RHO_MAXDIM; d++) {
    PetscCall(PetscFree(t->q[d]));
    PetscCall(PetscFree(t->k[d]));
  }
  PetscCall(PetscFree(t->weight));
  PetscCall(PetscFree(*transform));
  PetscFunctionReturn(0);
}

enum { LINE = 64, LARGE_PAGE = 1 << 21 };

/* Columns of a large array are in a page for each of their entries: large pages save about a tenth of a step out of
   the cache. */
static void *Room(size_t bytes) {
  bool large = bytes >= LARGE_PAGE;
  void *room;
  if (posix_memalign(&room, large ? LARGE_PAGE : LINE, bytes)) return NULL;
#ifdef MADV_HUGEPAGE
  if (large) (void)madvise(room, bytes, MADV_HUGEPAGE);
#endif
  return room;
}

PetscErrorCode RhoTransformSpectrum(RhoTransform t, PetscScalar **spectrum) {
  PetscFunctionBeginUser;
  *spectrum = Room(sizeof(PetscScalar) * (size_t)PetscMax(1, t->nroom));
  PetscCheck(*spectrum, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for a spectrum of %" PetscInt_FMT " numbers",
             t->nroom);
  PetscCall(PetscArrayzero(*spectrum, t->nroom));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoTransformFreeSpectrum(RhoTransform t, PetscScalar **spectrum) {
  (void)t;
  free(*spectrum);
  *spectrum = NULL;
  return 0;
}

/* ---- transposition ---- */

/* Between rows of C entries and, for each rank, the block of its columns: message[r][slab][column]. */
static PetscErrorCode PackColumns(const RhoTransform t, const PetscScalar *slabs, PetscScalar *message) {
  for (PetscMPIInt r = 0; r < t->grid->size; r++) {
    PetscInt first = t->columns.start[r] * t->width, n = t->columns.count[r] * t->width;
    for (PetscInt s = 0; s < t->nslab; s++, message += n)
      PetscCall(PetscArraycpy(message, &slabs[s * t->ncolumn * t->width + first], n));
  }
  return 0;
}

static PetscErrorCode UnpackColumns(const RhoTransform t, const PetscScalar *message, PetscScalar *slabs) {
  for (PetscMPIInt r = 0; r < t->grid->size; r++) {
    PetscInt first = t->columns.start[r] * t->width, n = t->columns.count[r] * t->width;
    for (PetscInt s = 0; s < t->nslab; s++, message += n)
      PetscCall(PetscArraycpy(&slabs[s * t->ncolumn * t->width + first], message, n));
  }
  return 0;
}

/* Blocks arrive in the order of the ranks, which is the order of the slabs: as columns nothing needs unpacking. */
static PetscErrorCode ToColumns(const RhoTransform t, PetscScalar *spectrum) {
  PetscFunctionBeginUser;
  PetscCall(PackColumns(t, spectrum, t->work));
  PetscCallMPI(MPI_Alltoallv(t->work, t->across.count, t->across.start, MPIU_SCALAR, spectrum, t->along.count,
                             t->along.start, MPIU_SCALAR, t->grid->comm));
  PetscFunctionReturn(0);
}

static PetscErrorCode ToSlabs(const RhoTransform t, PetscScalar *spectrum) {
  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Alltoallv(spectrum, t->along.count, t->along.start, MPIU_SCALAR, t->work, t->across.count,
                             t->across.start, MPIU_SCALAR, t->grid->comm));
  PetscCall(UnpackColumns(t, t->work, spectrum));
  PetscFunctionReturn(0);
}

/* ---- transforms ---- */

enum { FEW = 2048 }; /* cells at a time, with what is made of them, lie in the second cache */

void RhoTransformSlabs(RhoTransform t, PetscInt *nslab, PetscInt *ncell, PetscInt *few) {
  PetscInt group = rho_rows_group(t->rows);
  *nslab = t->replicated ? 1 : t->nslab;
  *ncell = t->replicated ? t->grid->nowned : t->axis[1].n * t->axis[2].n;
  *few = (FEW + *ncell - 1) / *ncell;
  if (t->axis[1].n == 1) *few = (*few + group - 1) / group * group;
}

static PetscErrorCode ForwardReplicated(RhoTransform t, const PetscScalar *cells, PetscInt stride,
                                        PetscScalar *spectrum) {
  PetscScalar *own = t->work + t->grid->start[0];
  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < t->grid->nowned; i++) own[i] = cells[i * stride];
  PetscCallMPI(MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, t->work, t->slabs.count, t->slabs.start, MPIU_SCALAR,
                              t->grid->comm));
  rho_rows_forward(t->rows, 0, 1, 1, t->work, 1, &spectrum);
  PetscFunctionReturn(0);
}

static void BackwardReplicated(RhoTransform t, PetscReal scale, PetscScalar *spectrum, PetscScalar *cells,
                               PetscInt stride) {
  const PetscScalar *own = t->work + t->grid->start[0];
  rho_rows_backward(t->rows, 0, 1, 1, scale, &spectrum, t->work, 1);
  for (PetscInt i = 0; i < t->grid->nowned; i++) cells[i * stride] = own[i];
}

/* Of n slabs from first on, fields at cells[f + p*stride]. */
static PetscErrorCode ForwardWithin(RhoTransform t, PetscInt first, PetscInt n, int nfield, const PetscScalar *cells,
                                    PetscInt stride, PetscScalar *const *half) {
  PetscFunctionBeginUser;
  for (int f = 0; f < nfield && t->replicated; f++) PetscCall(ForwardReplicated(t, cells + f, stride, half[f]));
  if (t->replicated) PetscFunctionReturn(0);
  rho_rows_forward(t->rows, first * t->axis[1].n, n * t->axis[1].n, nfield, cells, stride, half);
  for (int f = 0; f < nfield && t->lines[1]; f++)
    for (PetscInt s = first; s < first + n; s++) rho_columns_forward(t->lines[1], half[f] + s * t->ncolumn * t->width);
  PetscFunctionReturn(0);
}

static void BackwardWithin(RhoTransform t, PetscInt first, PetscInt n, int nfield, PetscReal scale,
                           PetscScalar *const *half, PetscScalar *cells, PetscInt stride) {
  for (int f = 0; f < nfield && t->replicated; f++) BackwardReplicated(t, scale, half[f], cells + f, stride);
  if (t->replicated) return;
  for (int f = 0; f < nfield && t->lines[1]; f++)
    for (PetscInt s = first; s < first + n; s++) rho_columns_backward(t->lines[1], half[f] + s * t->ncolumn * t->width);
  rho_rows_backward(t->rows, first * t->axis[1].n, n * t->axis[1].n, nfield, scale, half, cells, stride);
}

PetscErrorCode RhoTransformForwardWithin(RhoTransform t, PetscInt first, PetscInt n, int nfield,
                                         const PetscScalar *cells, PetscScalar *const *half) {
  return ForwardWithin(t, first, n, nfield, cells, nfield, half);
}

PetscErrorCode RhoTransformBackwardWithin(RhoTransform t, PetscInt first, PetscInt n, int nfield, PetscReal scale,
                                          PetscScalar *const *half, PetscScalar *cells) {
  BackwardWithin(t, first, n, nfield, scale, half, cells, nfield);
  return 0;
}

PetscErrorCode RhoTransformForwardAcross(RhoTransform t, PetscScalar *half) {
  PetscFunctionBeginUser;
  if (t->grid->size > 1 && !t->replicated) PetscCall(ToColumns(t, half));
  if (t->lines[0]) rho_columns_forward(t->lines[0], half);
  PetscFunctionReturn(0);
}

PetscErrorCode RhoTransformBackwardAcross(RhoTransform t, PetscScalar *spectrum) {
  PetscFunctionBeginUser;
  if (t->lines[0]) rho_columns_backward(t->lines[0], spectrum);
  if (t->grid->size > 1 && !t->replicated) PetscCall(ToSlabs(t, spectrum));
  PetscFunctionReturn(0);
}

/* Fields at cells[f + p*stride]. */
static PetscErrorCode Forward(RhoTransform t, int nfield, const PetscScalar *cells, PetscInt stride,
                              PetscScalar *const *spectrum) {
  PetscFunctionBeginUser;
  PetscCall(ForwardWithin(t, 0, t->nslab, nfield, cells, stride, spectrum));
  for (int f = 0; f < nfield; f++) PetscCall(RhoTransformForwardAcross(t, spectrum[f]));
  PetscFunctionReturn(0);
}

static PetscErrorCode Backward(RhoTransform t, int nfield, PetscScalar *const *spectrum, PetscScalar *cells,
                               PetscInt stride) {
  PetscFunctionBeginUser;
  for (int f = 0; f < nfield; f++) PetscCall(RhoTransformBackwardAcross(t, spectrum[f]));
  BackwardWithin(t, 0, t->nslab, nfield, 1, spectrum, cells, stride);
  PetscFunctionReturn(0);
}

PetscErrorCode RhoTransformForward(RhoTransform t, const PetscScalar *cells, PetscInt stride, PetscScalar *spectrum) {
  return Forward(t, 1, cells, stride, &spectrum);
}

PetscErrorCode RhoTransformBackward(RhoTransform t, PetscScalar *spectrum, PetscScalar *cells, PetscInt stride) {
  return Backward(t, 1, &spectrum, cells, stride);
}

PetscErrorCode RhoTransformForwardAll(RhoTransform t, int nfield, const PetscScalar *cells,
                                      PetscScalar *const *spectrum) {
  return Forward(t, nfield, cells, nfield, spectrum);
}

PetscErrorCode RhoTransformBackwardAll(RhoTransform t, int nfield, PetscScalar *const *spectrum, PetscScalar *cells) {
  return Backward(t, nfield, spectrum, cells, nfield);
}

PetscReal RhoTransformScale(RhoTransform t) { return t->scale; }

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
