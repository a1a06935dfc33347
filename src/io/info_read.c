/* info_read.c - a result or any other HDF5 file, as data.

   A file with the mark of a result is held to it: what is then missing or out of shape is a mistake of the file. */
#include "io_private.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

hid_t rho_result_open(const char *path, char *found, Outcome *outcome) {
  struct stat status;
  snprintf(found, PETSC_MAX_PATH_LEN, "%s", path);
  if (stat(path, &status) || S_ISDIR(status.st_mode)) {
    snprintf(found, PETSC_MAX_PATH_LEN, "%s.h5", path);
    if (stat(found, &status)) snprintf(found, PETSC_MAX_PATH_LEN, "%s", path);
  }
  return rho_hdf5_open(found, outcome);
}

void rho_hdf5_unreadable(const char *path, Outcome *outcome) {
  if (outcome->hdf5[0]) rho_mistake(outcome, RHO_ID_CANNOT_READ, "cannot read '%s': HDF5: %s", path, outcome->hdf5);
}

long long rho_mesh_cells(const RhoMesh *mesh) {
  long long n = 1;
  for (int d = 0; d < mesh->ndimension; d++) n *= mesh->dimension[d].ncell;
  return n;
}

long long rho_first_undefined(long long n, const double *data) {
  for (long long i = 0; i < n; i++)
    if (!isfinite(data[i])) return i;
  return -1;
}

/* ---- the mesh ---- */

/* Edges that are not there or do not increase leave from = to = NAN, which no mesh has. */
static void EdgesRead(RhoArena arena, hid_t file, RhoDimension *m) {
  char name[RHO_LINK_ROOM];
  int n;
  const double *edge = rho_line_read(arena, file, rho_edges_name(name, m), &n);
  bool sound = edge && n == m->ncell + 1 && edge[0] == m->from && edge[m->ncell] == m->to;
  for (int i = 0; sound && i < m->ncell; i++) sound = edge[i] < edge[i + 1];
  if (sound) m->edge = edge;
  else m->from = m->to = NAN;
}

static RhoDimension DimensionRead(RhoArena arena, hid_t file, const char *name) {
  RhoDimension m = {.name = name, .boundary = RHO_PERIODIC};
  int n;
  const double *x = rho_line_read(arena, file, name, &n);
  if (!x || n < 1) return m;
  hid_t scale = H5Dopen2(file, name, H5P_DEFAULT);
  const char *boundary = rho_get_text(arena, scale, "boundary");
  m.ncell = n;
  m.from = rho_get_double(scale, "from", NAN);
  m.to = rho_get_double(scale, "to", NAN);
  m.spatial = rho_get_double(scale, "spatial", 1) != 0;
  const char *spacing = rho_get_text(arena, scale, "spacing");
  if (boundary && !strcmp(boundary, "wall")) m.boundary = RHO_WALL;
  H5Dclose(scale);
  if (spacing && !strcmp(spacing, "stretched")) EdgesRead(arena, file, &m);
  return m;
}

static bool MeshRead(RhoArena arena, hid_t file, RhoMesh *mesh) {
  const char **name;
  int n = rho_get_texts(arena, file, "dimensions", &name);
  *mesh = (RhoMesh){.place = RHO_NOWHERE};
  if (n < 1 || n > RHO_MAXDIM) return false;
  mesh->ndimension = n;
  for (int d = 0; d < n; d++) {
    mesh->dimension[d] = DimensionRead(arena, file, name[d]);
    if (!(mesh->dimension[d].from < mesh->dimension[d].to)) return false;
  }
  return true;
}

/* ---- fields and series ---- */

static void FieldsRead(RhoArena arena, hid_t file, RhoResultInfo *info) {
  const char **state, **derived;
  int nstate = rho_get_texts(arena, file, "fields", &state);
  int nderived = rho_get_texts(arena, file, "derived", &derived);
  RhoFieldInfo *field = RhoArenaAlloc(arena, (size_t)(nstate + nderived + 1) * sizeof *field);
  for (int i = 0; i < nstate + nderived; i++) {
    bool is_state = i < nstate;
    field[i] = (RhoFieldInfo){
        is_state ? state[i] : derived[i - nstate], is_state ? PETSC_FALSE : PETSC_TRUE, NAN, NAN, NAN, 0};
  }
  info->nfield = nstate + nderived;
  info->field = field;
}

static const char *SeriesWhat(RhoArena arena, hid_t group, const char *name) {
  char buffer[RHO_LINK_ROOM];
  hid_t dataset = H5Dopen2(group, rho_link_name(buffer, name), H5P_DEFAULT);
  const char *what = rho_get_text(arena, dataset, "what");
  H5Dclose(dataset);
  return what ? what : "";
}

static RhoSeriesInfo OneSeriesRead(RhoArena arena, hid_t group, const char *name) {
  RhoSeriesInfo series = {name, "", NAN, NAN, NULL};
  int n;
  const double *value = rho_line_read(arena, group, name, &n);
  if (n >= 0) series.what = SeriesWhat(arena, group, name);
  if (n > 0) {
    series.value = value;
    series.first = value[0];
    series.last = value[n - 1];
  }
  return series;
}

static void SeriesRead(RhoArena arena, hid_t file, RhoResultInfo *info) {
  const char **name;
  if (H5Lexists(file, "series", H5P_DEFAULT) <= 0) return;
  hid_t group = H5Gopen2(file, "series", H5P_DEFAULT);
  int n = rho_get_texts(arena, group, "names", &name);
  RhoSeriesInfo *series = RhoArenaAlloc(arena, (size_t)(n + 1) * sizeof *series);
  rho_line_read(arena, group, "time", &info->nline);
  if (info->nline < 0) info->nline = 0;
  for (int i = 0; i < n; i++) series[i] = OneSeriesRead(arena, group, name[i]);
  info->nseries = n;
  info->series = series;
  H5Gclose(group);
}

/* ---- one field ---- */

/* The space of the dataset with output k selected; invalid when the dataset has not the mesh's shape. */
static hid_t Select(hid_t dataset, const RhoResultInfo *info, int k) {
  int lead = info->kind == RHO_FILE_INDEX, rank = info->mesh.ndimension + lead;
  hsize_t start[RHO_MAXDIM + 1] = {(hsize_t)k * (hsize_t)lead}, count[RHO_MAXDIM + 1] = {1}, shape[H5S_MAX_RANK];
  hid_t space = H5Dget_space(dataset);
  bool fits = H5Sget_simple_extent_dims(space, shape, NULL) == rank;
  rho_shape(&info->mesh, count + lead);
  for (int d = 0; d < rank && fits; d++) fits = d < lead ? shape[d] > (hsize_t)k : shape[d] == count[d];
  if (fits) H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL);
  if (fits) return space;
  H5Sclose(space);
  return H5I_INVALID_HID;
}

void rho_field_read(hid_t file, const RhoResultInfo *info, const char *name, int k, double *data, Outcome *outcome) {
  char link[RHO_LINK_ROOM];
  hsize_t n = (hsize_t)rho_mesh_cells(&info->mesh);
  if (rho_bad(outcome)) return;
  if (H5Lexists(file, rho_link_name(link, name), H5P_DEFAULT) <= 0) {
    rho_mistake(outcome, RHO_ID_NOT_A_RESULT, "'%s' says it has '%s' and has not", info->path, name);
    return;
  }
  hid_t dataset = H5Dopen2(file, link, H5P_DEFAULT), space = Select(dataset, info, k);
  if (space < 0)
    rho_mistake(outcome, RHO_ID_NOT_A_RESULT, "'%s' in '%s' has not the shape of its mesh", name, info->path);
  else {
    hid_t memory = H5Screate_simple(1, &n, NULL);
    if (info->kind == RHO_FILE_INDEX) rho_source_check(dataset, info->path, k, outcome);
    H5Dread(dataset, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, data);
    H5Sclose(memory);
    H5Sclose(space);
  }
  H5Dclose(dataset);
  rho_hdf5_unreadable(info->path, outcome);
}

static void Statistics(const RhoMesh *mesh, const double *data, RhoFieldInfo *field) {
  double lowest = INFINITY, highest = -INFINITY;
  long long n = rho_mesh_cells(mesh);
  field->nundefined = 0;
  for (long long i = 0; i < n; i++) {
    if (!isfinite(data[i])) {
      field->nundefined++;
      continue;
    }
    lowest = fmin(lowest, data[i]);
    highest = fmax(highest, data[i]);
  }
  if (lowest > highest) return;
  field->lowest = lowest;
  field->highest = highest;
  field->mean = RhoMeshMean(mesh, data);
  if (fabs(field->mean) < 1e-15 * fmax(fabs(lowest), fabs(highest))) field->mean = 0; /* what rounding leaves of zero */
}

static void StatisticsRead(RhoArena arena, hid_t file, RhoResultInfo *info, Outcome *outcome) {
  long long n = rho_mesh_cells(&info->mesh);
  RhoFieldInfo *field = RhoArenaAlloc(arena, (size_t)(info->nfield + 1) * sizeof *field);
  double *data = RhoArenaAlloc(arena, (size_t)n * sizeof *data);
  for (int i = 0; i < info->nfield && info->ntime; i++) {
    field[i] = info->field[i];
    rho_field_read(file, info, field[i].name, info->ntime - 1, data, outcome);
    if (!rho_bad(outcome)) Statistics(&info->mesh, data, &field[i]);
  }
  if (info->ntime) info->field = field;
}

/* ---- the file ---- */

static bool IsScalar(hid_t file, const char *name) {
  hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT), space = H5Dget_space(dataset);
  bool scalar = H5Sget_simple_extent_ndims(space) == 0;
  H5Sclose(space);
  H5Dclose(dataset);
  return scalar;
}

static void ResultRead(RhoArena arena, hid_t file, RhoResultInfo *info, Outcome *outcome) {
  info->time = rho_line_read(arena, file, "time", &info->ntime);
  if (!info->time || !MeshRead(arena, file, &info->mesh)) {
    rho_hdf5_unreadable(info->path, outcome);
    rho_mistake(outcome, RHO_ID_NOT_A_RESULT, "'%s' is marked as a result but its times or its mesh are missing",
                info->path);
    return;
  }
  info->kind = !IsScalar(file, "time")   ? RHO_FILE_INDEX
               : rho_is_checkpoint(file) ? RHO_FILE_CHECKPOINT
                                         : RHO_FILE_SNAPSHOT;
  FieldsRead(arena, file, info);
  SeriesRead(arena, file, info);
  rho_list_provenance(arena, file, info);
}

void rho_info_read(RhoArena arena, hid_t file, const char *path, RhoResultInfo *info, Outcome *outcome) {
  if (rho_bad(outcome)) return;
  *info = (RhoResultInfo){.path = path, .kind = RHO_FILE_OTHER, .analysis = "", .mesh.place = RHO_NOWHERE};
  double version = rho_get_double(file, RHO_RESULT_MARK, 0);
  if (version > RHO_RESULT_VERSION)
    rho_mistake(outcome, RHO_ID_NOT_A_RESULT, "'%s' is of version %g of the results; this program reads up to %d", path,
                version, RHO_RESULT_VERSION);
  else if (version > 0) ResultRead(arena, file, info, outcome);
  else {
    const char *analysis = rho_get_text(arena, file, "analysis");
    if (rho_get_double(file, RHO_TABLES_MARK, 0) > 0) info->kind = RHO_FILE_TABLES;
    if (info->kind == RHO_FILE_TABLES && analysis) info->analysis = analysis;
    rho_list_datasets(arena, file, info);
    rho_list_provenance(arena, file, info);
  }
  rho_hdf5_unreadable(path, outcome);
}

typedef struct {
  hid_t file;
  bool statistics;
  char path[PETSC_MAX_PATH_LEN];
} Job;

/* In a frame of its own: the arena jumps here when memory runs out. */
static const RhoResultInfo *ReadGuarded(RhoArena arena, const Job *job, Outcome *outcome) {
  if (setjmp(*RhoArenaGuard(arena))) {
    rho_fail(outcome, PETSC_ERR_MEM, "no memory");
    return NULL;
  }
  RhoResultInfo *info = RhoArenaAlloc(arena, sizeof *info);
  rho_info_read(arena, job->file, RhoArenaString(arena, job->path, strlen(job->path)), info, outcome);
  if (!rho_bad(outcome) && job->statistics && info->nfield) StatisticsRead(arena, job->file, info, outcome);
  return info;
}

RhoStatus RhoResultInfoRead(RhoArena arena, RhoDiag diag, RhoPlace place, const char *path, bool statistics,
                            const RhoResultInfo **info) {
  Outcome outcome = {0};
  Hdf5Guard guard;
  Job job = {.statistics = statistics};
  *info = NULL;
  rho_hdf5_begin(&guard, &outcome);
  job.file = rho_result_open(path, job.path, &outcome);
  const RhoResultInfo *made = rho_bad(&outcome) ? NULL : ReadGuarded(arena, &job, &outcome);
  if (job.file >= 0) H5Fclose(job.file);
  rho_hdf5_end(&guard);
  rho_outcome_report(&outcome, diag, place);
  if (rho_bad(&outcome)) return outcome.code ? RHO_NOMEM : RHO_INPUT;
  *info = made;
  return RHO_OK;
}
