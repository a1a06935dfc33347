/* dataset_read.c - a slice of a plain HDF5 dataset put on a grid.

     shape [index 0][index 1]...[cells], of which the leading indices are fixed or, the first, averaged over */
#include "io_private.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Rank 0's side. */
typedef struct {
  RhoGrid grid;
  const RhoDataset *what;
  hid_t file, dataset, space;
  int rank, ndimension;
  long long shape[H5S_MAX_RANK];
  long long count[RHO_MAXDIM], ncell; /* of the slice, fastest dimension of the mesh first */
  hsize_t from[RHO_MAXINDEX];         /* the fixed indices                                 */
  hsize_t until;                      /* of the first index: from[0] <= index < until      */
  double *cells;                      /* the result, on the grid */
} Slice;

/* ---- does it fit? ---- */

static void SayAbsent(const Slice *s, Outcome *outcome) {
  RhoResultInfo info = {0};
  RhoArena arena = RhoArenaCreate();
  rho_mistake(outcome, RHO_ID_NO_DATASET, "'%s' has no dataset '%s'", s->what->file, s->what->dataset);
  if (!arena || setjmp(*RhoArenaGuard(arena))) {
    RhoArenaDestroy(&arena);
    return;
  }
  rho_list_datasets(arena, s->file, &info);
  const char **name = RhoArenaAlloc(arena, ((size_t)info.ndataset + 1) * sizeof *name);
  for (int i = 0; i < info.ndataset; i++) name[i] = info.dataset[i].name;
  rho_hint_names(outcome, "its datasets", s->what->dataset, info.ndataset, name);
  RhoArenaDestroy(&arena);
}

/* Whether every part of the path is there and the last one is a dataset. */
static bool IsDataset(hid_t file, const char *path) {
  char part[1024];
  size_t n = strlen(path);
  if (!n || n >= sizeof part || path[n - 1] == '/') return false;
  for (size_t i = 1; i <= n; i++) {
    if (path[i] != '/' && path[i]) continue;
    snprintf(part, sizeof part, "%.*s", (int)i, path);
    if (H5Lexists(file, part, H5P_DEFAULT) <= 0 || H5Oexists_by_name(file, part, H5P_DEFAULT) <= 0) return false;
  }
  hid_t object = H5Oopen(file, path, H5P_DEFAULT);
  bool dataset = H5Iget_type(object) == H5I_DATASET;
  H5Oclose(object);
  return dataset;
}

static void Open(Slice *s, Outcome *outcome) {
  hsize_t shape[H5S_MAX_RANK];
  s->file = rho_hdf5_open(s->what->file, outcome);
  if (rho_bad(outcome)) return;
  if (!IsDataset(s->file, s->what->dataset)) {
    SayAbsent(s, outcome);
    return;
  }
  s->dataset = H5Dopen2(s->file, s->what->dataset, H5P_DEFAULT);
  s->space = H5Dget_space(s->dataset);
  s->rank = H5Sget_simple_extent_dims(s->space, shape, NULL);
  for (int d = 0; d < s->rank; d++) s->shape[d] = (long long)shape[d];
  rho_hdf5_unreadable(s->what->file, outcome);
}

static void CheckType(const Slice *s, Outcome *outcome) {
  if (rho_bad(outcome)) return;
  hid_t type = H5Dget_type(s->dataset);
  H5T_class_t class = H5Tget_class(type);
  H5Tclose(type);
  if (class == H5T_INTEGER || class == H5T_FLOAT) return;
  rho_mistake(outcome, RHO_ID_BAD_DATA, "the dataset '%s' of '%s' does not hold numbers", s->what->dataset,
              s->what->file);
}

static void CheckRank(Slice *s, Outcome *outcome) {
  const RhoDataset *w = s->what;
  char shape[256];
  if (rho_bad(outcome) || s->rank == w->nindex + s->ndimension) return;
  rho_mistake(outcome, RHO_ID_SHAPE_MISMATCH,
              "the dataset '%s' has the shape %s; %d fixed indices leave %d dimensions, the mesh has %d", w->dataset,
              rho_shape_text(shape, sizeof shape, s->rank, s->shape, false), w->nindex,
              s->rank - w->nindex > 0 ? s->rank - w->nindex : 0, s->ndimension);
  if (s->rank >= s->ndimension && s->rank - s->ndimension <= RHO_MAXINDEX)
    rho_hint(outcome, "fix %d leading indices", s->rank - s->ndimension);
}

static void SetIndices(Slice *s, Outcome *outcome) {
  const RhoDataset *w = s->what;
  for (int i = 0; i < w->nindex && !rho_bad(outcome); i++) {
    if (i == 0 && w->from_fraction >= 0) continue;
    long long n = s->shape[i], at = w->index[i] < 0 ? n + w->index[i] : w->index[i];
    if (at < 0 || at >= n)
      rho_mistake(outcome, RHO_ID_INDEX_RANGE, "index %d of '%s' is %d; it runs from 0 to %lld, or from -1 to %lld",
                  i + 1, w->dataset, w->index[i], n - 1, -n);
    s->from[i] = (hsize_t)at;
  }
  if (w->nindex) s->until = s->from[0] + 1;
}

/* The last part of the first index, at least one. */
static void SetAverage(Slice *s, Outcome *outcome) {
  PetscReal fraction = s->what->from_fraction;
  if (rho_bad(outcome) || fraction < 0) return;
  long long n = s->what->nindex ? s->shape[0] : 0;
  if (n < 1 || !(fraction < 1)) {
    rho_mistake(outcome, RHO_ID_INDEX_RANGE,
                n < 1 ? "nothing to average over in '%s'" : "average of '%s' from a fraction that is not below 1",
                s->what->dataset);
    return;
  }
  s->from[0] = (hsize_t)floor(fraction * (double)n);
  s->until = (hsize_t)n;
}

static void CheckCells(Slice *s, Outcome *outcome) {
  long long mesh[RHO_MAXDIM];
  char shape[256], left[96], right[96];
  int n = s->ndimension;
  if (rho_bad(outcome)) return;
  s->ncell = 1;
  for (int d = 0; d < n; d++) {
    s->count[d] = s->shape[s->what->nindex + (s->what->xfirst ? d : n - 1 - d)];
    mesh[d] = s->grid->n[d];
    s->ncell *= s->count[d];
  }
  if (rho_regrid_fits(n, s->count, mesh)) return;
  rho_mistake(outcome, RHO_ID_SHAPE_MISMATCH,
              "the dataset '%s' has the shape %s; its cells %s do not subdivide or merge to the mesh's %s",
              s->what->dataset, rho_shape_text(shape, sizeof shape, s->rank, s->shape, false),
              rho_shape_text(left, sizeof left, n, s->shape + s->what->nindex, false),
              rho_shape_text(right, sizeof right, n, mesh, !s->what->xfirst));
  rho_hint(outcome, "cells are counted %s; along each dimension one number must be a multiple of the other",
           s->what->xfirst ? "x first" : "x last");
}

/* ---- reading ---- */

static void ReadOne(Slice *s, hsize_t first, double *data) {
  hsize_t start[H5S_MAX_RANK] = {0}, count[H5S_MAX_RANK], n = (hsize_t)s->ncell;
  for (int d = 0; d < s->rank; d++) {
    bool fixed = d < s->what->nindex;
    if (fixed) start[d] = d ? s->from[d] : first;
    count[d] = fixed ? 1 : (hsize_t)s->shape[d];
  }
  hid_t memory = H5Screate_simple(1, &n, NULL);
  H5Sselect_hyperslab(s->space, H5S_SELECT_SET, start, NULL, count, NULL);
  H5Dread(s->dataset, H5T_NATIVE_DOUBLE, memory, s->space, H5P_DEFAULT, data);
  H5Sclose(memory);
}

static void ReadMean(Slice *s, double *data, double *one) {
  if (!s->what->nindex) s->until = s->from[0] + 1;
  ReadOne(s, s->from[0], data);
  if (s->until == s->from[0] + 1) return;
  for (hsize_t t = s->from[0] + 1; t < s->until; t++) {
    ReadOne(s, t, one);
    for (long long p = 0; p < s->ncell; p++) data[p] += one[p];
  }
  for (long long p = 0; p < s->ncell; p++) data[p] /= (double)(s->until - s->from[0]);
}

/* in[x][y][z] -> out[z][y][x] */
static void Turn(const Slice *s, const double *in, double *out) {
  long long n[RHO_MAXDIM] = {1, 1, 1}, p = 0;
  for (int d = 0; d < s->ndimension; d++) n[d] = s->count[d];
  for (long long i = 0; i < n[0]; i++)
    for (long long j = 0; j < n[1]; j++)
      for (long long k = 0; k < n[2]; k++) out[(k * n[1] + j) * n[0] + i] = in[p++];
}

static void ToGrid(Slice *s, double *data, double *other, Outcome *outcome) {
  const RhoMesh *mesh = &s->grid->mesh;
  RhoMesh from = *mesh;
  for (int d = 0; d < s->ndimension; d++) {
    if (s->count[d] != mesh->dimension[d].ncell) from.dimension[d].edge = NULL; /* other cells than the mesh's: equal */
    from.dimension[d].ncell = (int)s->count[d];
  }
  if (s->what->xfirst) Turn(s, data, other);
  s->cells = rho_regrid(&from, mesh, s->what->xfirst ? other : data);
  if (!s->cells) rho_fail(outcome, PETSC_ERR_MEM, "no memory for the dataset '%s'", s->what->dataset);
}

static void ReadCells(Slice *s, double *data, double *other, Outcome *outcome) {
  ReadMean(s, data, other);
  rho_hdf5_unreadable(s->what->file, outcome);
  if (!rho_bad(outcome) && rho_first_undefined(s->ncell, data) >= 0)
    rho_mistake(outcome, RHO_ID_BAD_DATA, "the dataset '%s' of '%s' has undefined values", s->what->dataset,
                s->what->file);
  if (!rho_bad(outcome)) ToGrid(s, data, other, outcome);
}

static void Read(Slice *s, Outcome *outcome) {
  if (rho_bad(outcome)) return;
  double *data = malloc((size_t)s->ncell * sizeof *data), *other = malloc((size_t)s->ncell * sizeof *other);
  if (data && other) ReadCells(s, data, other, outcome);
  else rho_fail(outcome, PETSC_ERR_MEM, "no memory for the dataset '%s'", s->what->dataset);
  free(data);
  free(other);
}

static void Job(Slice *s, Outcome *outcome) {
  Open(s, outcome);
  CheckType(s, outcome);
  CheckRank(s, outcome);
  SetIndices(s, outcome);
  SetAverage(s, outcome);
  CheckCells(s, outcome);
  Read(s, outcome);
  if (s->space >= 0) H5Sclose(s->space);
  if (s->dataset >= 0) H5Dclose(s->dataset);
  if (s->file >= 0) H5Fclose(s->file);
}

static PetscErrorCode ToCells(Slice *s, int field, Vec cells) {
  Gather gather;
  int nfield;
  PetscFunctionBeginUser;
  PetscCall(rho_unknowns(s->grid, cells, &nfield));
  PetscCheck(field >= 0 && field < nfield, s->grid->comm, PETSC_ERR_ARG_OUTOFRANGE, "unknown %d of %d", field, nfield);
  PetscCall(rho_gather_create(s->grid, &gather));
  PetscCall(rho_scatter_field(&gather, s->cells, cells, field, nfield));
  PetscCall(rho_gather_destroy(&gather));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoDatasetRead(RhoGrid grid, RhoDiag diag, const RhoDataset *dataset, int field, Vec cells,
                              PetscBool *ok) {
  Slice s = {
      .grid = grid, .what = dataset, .file = -1, .dataset = -1, .space = -1, .ndimension = grid->mesh.ndimension};
  Outcome outcome = {0};
  Hdf5Guard guard;
  PetscFunctionBeginUser;
  *ok = PETSC_FALSE;
  PetscCheck(dataset->nindex >= 0 && dataset->nindex <= RHO_MAXINDEX, grid->comm, PETSC_ERR_ARG_OUTOFRANGE,
             "%d fixed indices of a dataset", dataset->nindex);
  rho_hdf5_begin(&guard, &outcome);
  if (grid->rank == 0) Job(&s, &outcome);
  rho_hdf5_end(&guard);
  PetscCall(rho_outcome_share(grid->comm, &outcome));
  if (!rho_bad(&outcome)) PetscCall(ToCells(&s, field, cells));
  free(s.cells);
  rho_outcome_report(&outcome, diag, dataset->place);
  PetscCall(rho_outcome_raise(grid->comm, &outcome));
  *ok = (PetscBool)!outcome.mistake;
  PetscFunctionReturn(0);
}
