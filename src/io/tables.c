/* tables.c - results that are not fields on a grid: arrays in groups, kept in memory and written as one file. */
#include "io_private.h"
#include <hdf5_hl.h>
#include <string.h>

enum { MAXRANK = 8 };

typedef struct {
  const char *path, *what;
  int rank;
  hsize_t shape[MAXRANK];
  const double *data;
} Array;

typedef struct {
  const char *path, *scale;
  int axis;
} Scale;

/* n < 0: a number; 0: a text, text[0]; else a list. */
typedef struct {
  const char *path, *name, **text;
  int n;
  double number;
} Attribute;

struct RhoTables_s {
  RhoArena arena;
  const char *analysis;
  int narray, nscale, nattribute, arrays, scales, attributes; /* used, room */
  Array *array;
  Scale *scale;
  Attribute *attribute;
};

/* ---- filling --------------------------------------------------------------------------------------------------- */

static const char *Copy(RhoTables t, const char *text) {
  return text ? RhoArenaString(t->arena, text, strlen(text)) : NULL;
}

RhoTables RhoTablesCreate(RhoArena arena, const char *analysis) {
  RhoTables t = RhoArenaAlloc(arena, sizeof *t);
  *t = (struct RhoTables_s){.arena = arena};
  t->analysis = Copy(t, analysis);
  return t;
}

static size_t Size(const Array *array) {
  size_t n = 1;
  for (int d = 0; d < array->rank; d++) n *= (size_t)array->shape[d];
  return n;
}

void RhoTablesArray(RhoTables t, const char *path, const char *what, int rank, const long long *shape,
                    const double *data) {
  Array array = {Copy(t, path), Copy(t, what), rank < MAXRANK ? rank : MAXRANK, {0}, NULL};
  for (int d = 0; d < array.rank; d++) array.shape[d] = (hsize_t)shape[d];
  double *copy = RhoArenaAlloc(t->arena, (Size(&array) + 1) * sizeof *copy);
  if (Size(&array)) memcpy(copy, data, Size(&array) * sizeof *copy);
  array.data = copy;
  *RHO_PUSH(t->arena, t->array, t->narray, t->arrays) = array;
}

void RhoTablesScale(RhoTables t, const char *path, int axis, const char *scale) {
  Scale made = {Copy(t, path), Copy(t, scale), axis};
  *RHO_PUSH(t->arena, t->scale, t->nscale, t->scales) = made;
}

static void AddAttribute(RhoTables t, const char *path, const char *name, int n, const char *const *text, double x) {
  Attribute made = {Copy(t, path), Copy(t, name), NULL, n, x};
  int ntext = n < 0 ? 0 : n ? n : 1;
  made.text = RhoArenaAlloc(t->arena, ((size_t)ntext + 1) * sizeof *made.text);
  for (int i = 0; i < ntext; i++) made.text[i] = Copy(t, text[i]);
  *RHO_PUSH(t->arena, t->attribute, t->nattribute, t->attributes) = made;
}

void RhoTablesText(RhoTables t, const char *path, const char *name, const char *text) {
  AddAttribute(t, path, name, 0, &text, 0);
}

void RhoTablesTexts(RhoTables t, const char *path, const char *name, int n, const char *const *text) {
  if (n > 0) AddAttribute(t, path, name, n, text, 0);
}

void RhoTablesNumber(RhoTables t, const char *path, const char *name, double value) {
  AddAttribute(t, path, name, -1, NULL, value);
}

/* ---- can it stand in one file? --------------------------------------------------------------------------------- */

static const Array *Find(RhoTables t, const char *path) {
  for (int i = 0; i < t->narray; i++)
    if (!strcmp(t->array[i].path, path)) return &t->array[i];
  return NULL;
}

/* Is what stands at path below the dataset `at`? */
static bool Below(const char *path, const char *at) {
  size_t n = strlen(at);
  return !strncmp(path, at, n) && path[n] == '/';
}

static void CheckPaths(RhoTables t, Outcome *outcome) {
  for (int i = 0; i < t->narray; i++) {
    const char *path = t->array[i].path;
    if (!path[0] || Below(path, "provenance") || !strcmp(path, "provenance"))
      rho_fail(outcome, PETSC_ERR_ARG_WRONG, "tables can not have a dataset '%s'", path);
    for (int j = 0; j < t->narray; j++)
      if (j != i && (!strcmp(path, t->array[j].path) || Below(path, t->array[j].path)))
        rho_fail(outcome, PETSC_ERR_ARG_WRONG, "'%s' twice in tables", t->array[j].path);
  }
}

static void CheckScales(RhoTables t, Outcome *outcome) {
  for (int i = 0; i < t->nscale; i++) {
    const Scale *s = &t->scale[i];
    const Array *array = Find(t, s->path), *scale = Find(t, s->scale);
    bool fits = array && scale && scale->rank == 1 && s->axis >= 0 && s->axis < array->rank &&
                scale->shape[0] == array->shape[s->axis];
    if (!fits)
      rho_fail(outcome, PETSC_ERR_ARG_WRONG, "'%s' does not fit axis %d of '%s' in tables", s->scale, s->axis, s->path);
  }
}

/* ---- writing --------------------------------------------------------------------------------------------------- */

/* The group of this path, made where it is missing, its parts from the file on; to be closed. */
static hid_t GroupOpen(hid_t file, const char *path, size_t nbyte) {
  char part[RHO_LINK_ROOM];
  hid_t at = H5Gopen2(file, "/", H5P_DEFAULT);
  for (size_t k = 0; k < nbyte;) {
    size_t n = strcspn(path + k, "/");
    if (n > nbyte - k) n = nbyte - k;
    snprintf(part, sizeof part, "%.*s", (int)n, path + k);
    bool there = H5Lexists(at, part, H5P_DEFAULT) > 0;
    hid_t next = there ? H5Gopen2(at, part, H5P_DEFAULT) : rho_group_create(at, part);
    H5Gclose(at);
    at = next;
    k += n + 1;
  }
  return at;
}

static void WriteArray(hid_t file, const Array *array) {
  const char *slash = strrchr(array->path, '/'), *name = slash ? slash + 1 : array->path;
  hid_t group = GroupOpen(file, array->path, slash ? (size_t)(slash - array->path) : 0);
  hid_t dataset =
      rho_array_create(group, name, array->rank, array->shape, H5P_DEFAULT, Size(array) ? array->data : NULL);
  if (array->what) rho_set_text(dataset, "what", array->what);
  H5Dclose(dataset);
  H5Gclose(group);
}

/* A scale is made one when first attached. */
static void WriteScale(hid_t file, const Scale *s) {
  const char *slash = strrchr(s->scale, '/');
  hid_t scale = H5Dopen2(file, s->scale, H5P_DEFAULT), dataset = H5Dopen2(file, s->path, H5P_DEFAULT);
  if (H5DSis_scale(scale) <= 0) H5DSset_scale(scale, slash ? slash + 1 : s->scale);
  H5DSattach_scale(dataset, scale, (unsigned)s->axis);
  H5Dclose(dataset);
  H5Dclose(scale);
}

static void WriteAttribute(RhoTables t, hid_t file, const Attribute *a) {
  hid_t object = Find(t, a->path) ? H5Dopen2(file, a->path, H5P_DEFAULT) : GroupOpen(file, a->path, strlen(a->path));
  if (a->n < 0) rho_set_double(object, a->name, a->number);
  else if (a->n == 0) rho_set_text(object, a->name, a->text[0]);
  else rho_set_texts(object, a->name, a->n, a->text);
  H5Oclose(object);
}

static size_t Expected(RhoTables t) {
  size_t n = 0;
  for (int i = 0; i < t->narray; i++) n += Size(&t->array[i]) * sizeof(double) + 512;
  return n;
}

static void WriteFile(RhoTables t, const char *path, int nprovenance, const RhoProvenance *provenance,
                      Outcome *outcome) {
  Hdf5Guard guard;
  if (rho_bad(outcome)) return;
  rho_hdf5_begin(&guard, outcome);
  hid_t file = rho_image_create(0, Expected(t));
  rho_set_int(file, RHO_TABLES_MARK, RHO_TABLES_VERSION);
  rho_set_text(file, "analysis", t->analysis);
  for (int i = 0; i < t->narray; i++) WriteArray(file, &t->array[i]);
  for (int i = 0; i < t->nscale; i++) WriteScale(file, &t->scale[i]);
  for (int i = 0; i < t->nattribute; i++) WriteAttribute(t, file, &t->attribute[i]);
  rho_provenance_write(file, nprovenance, provenance);
  rho_image_save(file, path, false, outcome);
  rho_hdf5_end(&guard);
}

static bool AreTables(const char *path) {
  Outcome ignored = {0};
  Hdf5Guard guard;
  rho_hdf5_begin(&guard, &ignored);
  hid_t file = rho_hdf5_open(path, &ignored);
  bool are = file >= 0 && rho_get_double(file, RHO_TABLES_MARK, 0) > 0;
  if (file >= 0) H5Fclose(file);
  rho_hdf5_end(&guard);
  return are;
}

static void CheckAbsent(const char *path, bool overwrite, Outcome *outcome) {
  if (!rho_path_exists(path)) return;
  if (!overwrite) rho_fail(outcome, PETSC_ERR_FILE_OPEN, "'%s' is there already and not to be overwritten", path);
  else if (!AreTables(path))
    rho_fail(outcome, PETSC_ERR_FILE_OPEN, "'%s' is there already and something else: it is not replaced", path);
}

static void FilePath(const char *path, char *file, Outcome *outcome) {
  size_t n = strlen(path);
  if (n > 3 && !strcmp(path + n - 3, ".h5")) n -= 3;
  if (!n || path[n - 1] == '/') rho_fail(outcome, PETSC_ERR_FILE_OPEN, "'%s' is not the name of a result", path);
  if (n + 16 > PETSC_MAX_PATH_LEN) rho_fail(outcome, PETSC_ERR_FILE_OPEN, "the path '%.60s...' is too long", path);
  if (!rho_bad(outcome)) snprintf(file, PETSC_MAX_PATH_LEN, "%.*s.h5", (int)n, path);
}

static void Job(RhoTables t, const char *path, bool overwrite, int nprovenance, const RhoProvenance *provenance,
                Outcome *outcome) {
  char file[PETSC_MAX_PATH_LEN] = "";
  FilePath(path, file, outcome);
  CheckPaths(t, outcome);
  CheckScales(t, outcome);
  CheckAbsent(file, overwrite, outcome);
  WriteFile(t, file, nprovenance, provenance, outcome);
}

PetscErrorCode RhoTablesWrite(MPI_Comm comm, RhoTables tables, const char *path, PetscBool overwrite, int nprovenance,
                              const RhoProvenance *provenance) {
  Outcome outcome = {0};
  PetscMPIInt rank;
  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  if (rank == 0) Job(tables, path, overwrite, nprovenance, provenance, &outcome);
  PetscCall(rho_outcome_share(comm, &outcome));
  PetscCall(rho_outcome_raise(comm, &outcome));
  PetscFunctionReturn(0);
}
