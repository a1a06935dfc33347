/* hdf5.c - HDF5 in straight lines: errors kept in an outcome, files made in memory, attributes and small arrays.

   A file is made with HDF5's core driver and written by ourselves: HDF5 1.10 that fails to write on closing a file
   keeps an id to what it has freed.  No object carries a time stamp, so equal calls make equal bytes. */
#include "io_private.h"
#include <hdf5_hl.h>
#include <errno.h>
#include <string.h>

/* ---- errors ---- */

static herr_t KeepInnermost(unsigned n, const H5E_error2_t *error, void *outcome) {
  Outcome *o = outcome;
  (void)n;
  if (!o->hdf5[0] && error->desc) snprintf(o->hdf5, sizeof o->hdf5, "%s", error->desc);
  return 0;
}

static herr_t Keep(hid_t stack, void *outcome) {
  Outcome *o = outcome;
  if (o->hdf5[0]) return 0;
  H5Ewalk2(stack, H5E_WALK_UPWARD, KeepInnermost, outcome);
  if (!o->hdf5[0]) strcpy(o->hdf5, "unknown reason");
  return 0;
}

void rho_hdf5_begin(Hdf5Guard *guard, Outcome *outcome) {
  H5Eget_auto2(H5E_DEFAULT, &guard->print, &guard->data);
  H5Eset_auto2(H5E_DEFAULT, Keep, outcome);
}

void rho_hdf5_end(Hdf5Guard *guard) { H5Eset_auto2(H5E_DEFAULT, guard->print, guard->data); }

void rho_hdf5_check(Outcome *outcome, PetscErrorCode code, const char *format, ...) {
  char what[1024];
  va_list args;
  if (!outcome->hdf5[0]) return;
  va_start(args, format);
  vsnprintf(what, sizeof what, format, args);
  va_end(args);
  rho_fail(outcome, code, "%s: HDF5: %s", what, outcome->hdf5);
}

/* ---- files ---- */

hid_t rho_image_create(size_t nhead, size_t nbyte_expected) {
  hid_t access = H5Pcreate(H5P_FILE_ACCESS), create = H5Pcreate(H5P_FILE_CREATE);
  H5Pset_fapl_core(access, nbyte_expected + (1 << 14), false);
  H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
  H5Pset_obj_track_times(create, false);
  H5Pset_userblock(create, nhead);
  hid_t file = H5Fcreate("rhoflux", H5F_ACC_TRUNC, create, access);
  H5Pclose(access);
  H5Pclose(create);
  return file;
}

char *rho_image_bytes(hid_t file, const char *path, size_t *nbyte, Outcome *outcome) {
  void *handle = NULL; /* of the core driver: the address of the pointer to its bytes */
  hsize_t size = 0;
  H5Fflush(file, H5F_SCOPE_GLOBAL);
  H5Fget_filesize(file, &size);
  H5Fget_vfd_handle(file, H5P_DEFAULT, &handle);
  rho_hdf5_check(outcome, PETSC_ERR_LIB, "cannot make '%s'", path);
  *nbyte = (size_t)size;
  return rho_bad(outcome) ? NULL : *(char **)handle;
}

void rho_image_save(hid_t file, const char *path, bool lax, Outcome *outcome) {
  Aside aside;
  size_t nbyte;
  const char *bytes = rho_image_bytes(file, path, &nbyte, outcome);
  rho_aside_open(&aside, path, outcome);
  aside.lax = lax;
  rho_aside_bytes(&aside, bytes, nbyte, outcome);
  rho_aside_commit(&aside, outcome);
  H5Fclose(file);
}

static void SayCannotRead(const char *path, const char *reason, Outcome *outcome) {
  rho_mistake(outcome, RHO_ID_CANNOT_READ, "cannot read '%s': %s", path, reason);
}

hid_t rho_hdf5_open(const char *path, Outcome *outcome) {
  FILE *stream = fopen(path, "r");
  if (!stream || fgetc(stream) == EOF) {
    SayCannotRead(path, !stream ? strerror(errno) : ferror(stream) ? "not a file" : "empty", outcome);
    if (stream) fclose(stream);
    return H5I_INVALID_HID;
  }
  fclose(stream);
  hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  if (file >= 0) return file;
  char reason[sizeof outcome->hdf5 + 32];
  snprintf(reason, sizeof reason, "not a whole HDF5 file (%s)", outcome->hdf5);
  SayCannotRead(path, reason, outcome);
  return file;
}

/* ---- groups and datasets ---- */

const char *rho_link_name(char *buffer, const char *name) {
  static const char slash[] = "\xe2\x88\x95"; /* U+2215 division slash */
  size_t n = 0;
  for (; *name && n + sizeof slash < RHO_LINK_ROOM; name++) {
    if (*name != '/') buffer[n++] = *name;
    else n += (size_t)snprintf(buffer + n, sizeof slash, "%s", slash);
  }
  buffer[n] = 0;
  return buffer;
}

static hid_t LinkUtf8(void) {
  hid_t link = H5Pcreate(H5P_LINK_CREATE);
  H5Pset_char_encoding(link, H5T_CSET_UTF8);
  return link;
}

hid_t rho_group_create(hid_t at, const char *name) {
  hid_t create = H5Pcreate(H5P_GROUP_CREATE), link = LinkUtf8();
  H5Pset_obj_track_times(create, false);
  hid_t group = H5Gcreate2(at, name, link, create, H5P_DEFAULT);
  H5Pclose(create);
  H5Pclose(link);
  return group;
}

hid_t rho_array_properties(void) {
  hid_t create = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_obj_track_times(create, false);
  return create;
}

/* A dataset of the space; takes the space. */
static hid_t DatasetCreate(hid_t at, const char *name, hid_t type, hid_t space, hid_t create) {
  char buffer[RHO_LINK_ROOM];
  hid_t link = LinkUtf8();
  hid_t dataset = H5Dcreate2(at, rho_link_name(buffer, name), type, space, link, create, H5P_DEFAULT);
  H5Sclose(space);
  H5Pclose(link);
  return dataset;
}

hid_t rho_array_create(hid_t at, const char *name, int rank, const hsize_t *shape, hid_t create, const double *data) {
  hid_t properties = create == H5P_DEFAULT ? rho_array_properties() : create;
  hid_t space = rank ? H5Screate_simple(rank, shape, NULL) : H5Screate(H5S_SCALAR);
  hid_t dataset = DatasetCreate(at, name, H5T_IEEE_F64LE, space, properties);
  if (data) H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, data);
  if (create == H5P_DEFAULT) H5Pclose(properties);
  return dataset;
}

/* ---- texts and attributes ---- */

static hid_t TextType(void) {
  hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, H5T_VARIABLE);
  H5Tset_cset(type, H5T_CSET_UTF8);
  return type;
}

/* A text is converted in a buffer that is cleared before, of 1 MB unless told. */
void rho_text_create(hid_t at, const char *name, const char *text) {
  hid_t type = TextType(), create = rho_array_properties(), transfer = H5Pcreate(H5P_DATASET_XFER);
  hid_t dataset = DatasetCreate(at, name, type, H5Screate(H5S_SCALAR), create);
  H5Pset_buffer(transfer, 256, NULL, NULL);
  H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, transfer, &text);
  H5Pclose(transfer);
  H5Dclose(dataset);
  H5Pclose(create);
  H5Tclose(type);
}

/* Takes the space. */
static void SetAttribute(hid_t object, const char *name, hid_t type, hid_t space, const void *value) {
  hid_t create = H5Pcreate(H5P_ATTRIBUTE_CREATE);
  H5Pset_char_encoding(create, H5T_CSET_UTF8);
  hid_t attribute = H5Acreate2(object, name, type, space, create, H5P_DEFAULT);
  H5Awrite(attribute, type, value);
  H5Aclose(attribute);
  H5Pclose(create);
  H5Sclose(space);
}

void rho_set_text(hid_t object, const char *name, const char *text) {
  hid_t type = TextType();
  SetAttribute(object, name, type, H5Screate(H5S_SCALAR), &text);
  H5Tclose(type);
}

void rho_set_texts(hid_t object, const char *name, int n, const char *const *text) {
  hid_t type = TextType();
  hsize_t count = (hsize_t)n;
  if (n) SetAttribute(object, name, type, H5Screate_simple(1, &count, NULL), text);
  H5Tclose(type);
}

void rho_set_double(hid_t object, const char *name, double value) {
  SetAttribute(object, name, H5T_NATIVE_DOUBLE, H5Screate(H5S_SCALAR), &value);
}

void rho_set_int(hid_t object, const char *name, int value) {
  SetAttribute(object, name, H5T_NATIVE_INT, H5Screate(H5S_SCALAR), &value);
}

/* ---- reading ---- */

/* Strings of an attribute or dataset: what H5Aread and H5Dread have in common. */
typedef struct {
  hid_t object, type, space;
  bool attribute;
} Strings;

static herr_t StringsRead(const Strings *s, hid_t type, void *to) {
  return s->attribute ? H5Aread(s->object, type, to) : H5Dread(s->object, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, to);
}

static const char *CopyVariable(RhoArena arena, const Strings *s, hssize_t n, const char **text) {
  char **raw = RhoArenaAlloc(arena, (size_t)n * sizeof *raw);
  hid_t type = H5Tcopy(H5T_C_S1);
  H5Tset_size(type, H5T_VARIABLE);
  H5Tset_cset(type, H5Tget_cset(s->type));
  if (StringsRead(s, type, raw) >= 0) {
    for (hssize_t i = 0; i < n; i++) text[i] = raw[i] ? RhoArenaString(arena, raw[i], strlen(raw[i])) : "";
    H5Dvlen_reclaim(type, s->space, H5P_DEFAULT, raw);
  }
  H5Tclose(type);
  return text[0];
}

static const char *CopyFixed(RhoArena arena, const Strings *s, hssize_t n, const char **text) {
  size_t room = H5Tget_size(s->type);
  char *raw = RhoArenaAlloc(arena, (size_t)n * room);
  if (StringsRead(s, s->type, raw) >= 0)
    for (hssize_t i = 0; i < n; i++)
      text[i] = RhoArenaString(arena, raw + (size_t)i * room, strnlen(raw + (size_t)i * room, room));
  return text[0];
}

/* *text = the strings; returns how many, 0 when they are not strings. */
static int StringsCopy(RhoArena arena, const Strings *s, const char ***text) {
  hssize_t n = H5Sget_simple_extent_npoints(s->space);
  *text = NULL;
  if (n < 1 || n > 1 << 20 || H5Tget_class(s->type) != H5T_STRING) return 0;
  *text = RhoArenaAlloc(arena, (size_t)n * sizeof **text);
  const char *first =
      H5Tis_variable_str(s->type) > 0 ? CopyVariable(arena, s, n, *text) : CopyFixed(arena, s, n, *text);
  return first ? (int)n : 0;
}

int rho_get_texts(RhoArena arena, hid_t object, const char *name, const char ***text) {
  *text = NULL;
  if (H5Aexists(object, name) <= 0) return 0;
  Strings s = {.object = H5Aopen(object, name, H5P_DEFAULT), .attribute = true};
  s.type = H5Aget_type(s.object);
  s.space = H5Aget_space(s.object);
  int n = StringsCopy(arena, &s, text);
  H5Sclose(s.space);
  H5Tclose(s.type);
  H5Aclose(s.object);
  return n;
}

const char *rho_get_text(RhoArena arena, hid_t object, const char *name) {
  const char **text;
  return rho_get_texts(arena, object, name, &text) == 1 ? text[0] : NULL;
}

double rho_get_double(hid_t object, const char *name, double absent) {
  double value = absent;
  if (H5Aexists(object, name) <= 0) return absent;
  hid_t attribute = H5Aopen(object, name, H5P_DEFAULT), space = H5Aget_space(attribute);
  if (H5Sget_simple_extent_npoints(space) == 1) H5Aread(attribute, H5T_NATIVE_DOUBLE, &value);
  H5Sclose(space);
  H5Aclose(attribute);
  return value;
}

const char *rho_text_read(RhoArena arena, hid_t at, const char *name) {
  const char **text;
  Strings s = {.object = H5Dopen2(at, name, H5P_DEFAULT)};
  s.type = H5Dget_type(s.object);
  s.space = H5Dget_space(s.object);
  int n = StringsCopy(arena, &s, &text);
  H5Sclose(s.space);
  H5Tclose(s.type);
  H5Dclose(s.object);
  return n == 1 ? text[0] : NULL;
}

const double *rho_line_read(RhoArena arena, hid_t at, const char *name, int *n) {
  char buffer[RHO_LINK_ROOM];
  *n = -1;
  rho_link_name(buffer, name);
  if (H5LTpath_valid(at, buffer, true) <= 0) return NULL;
  hid_t dataset = H5Dopen2(at, buffer, H5P_DEFAULT), space = H5Dget_space(dataset);
  hssize_t count = H5Sget_simple_extent_npoints(space);
  bool line = H5Sget_simple_extent_ndims(space) <= 1 && count >= 0 && count < INT_MAX;
  double *data = line ? RhoArenaAlloc(arena, (size_t)(count + 1) * sizeof *data) : NULL;
  if (line && count) H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, data);
  if (line) *n = (int)count;
  H5Sclose(space);
  H5Dclose(dataset);
  return data;
}
