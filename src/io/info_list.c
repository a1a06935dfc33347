/* info_list.c - lists of what stands in an HDF5 file: datasets, provenance. */
#include "io_private.h"
#include <stdlib.h>
#include <string.h>

enum { DEEPEST = 16 };

typedef struct {
  RhoArena arena;
  RhoDatasetInfo *item;
  int n, capacity;
  bool ours; /* the group of the provenance is listed as such */
} List;

static const char *TypeName(H5T_class_t class, size_t size, bool sign) {
  if (class == H5T_FLOAT) return size == 8 ? "float64" : size == 4 ? "float32" : "float";
  if (class == H5T_STRING) return "text";
  if (class != H5T_INTEGER) return "other";
  static const char *const name[2][4] = {{"uint8", "uint16", "uint32", "uint64"}, {"int8", "int16", "int32", "int64"}};
  int at = size == 1 ? 0 : size == 2 ? 1 : size == 4 ? 2 : size == 8 ? 3 : -1;
  return at < 0 ? "integer" : name[sign][at];
}

const char *rho_type_text(hid_t dataset) {
  hid_t type = H5Dget_type(dataset);
  H5T_class_t class = H5Tget_class(type);
  const char *text = TypeName(class, H5Tget_size(type), class == H5T_INTEGER && H5Tget_sign(type) == H5T_SGN_2);
  H5Tclose(type);
  return text;
}

static void AddDataset(List *list, hid_t dataset, const char *name) {
  hsize_t shape[H5S_MAX_RANK];
  hid_t space = H5Dget_space(dataset);
  int rank = H5Sget_simple_extent_dims(space, shape, NULL);
  const char *what = rho_get_text(list->arena, dataset, "what");
  RhoDatasetInfo info = {name, .rank = rank < 0 ? 0 : rank, .type = rho_type_text(dataset), .what = what ? what : ""};
  for (int d = 0; d < rank; d++) info.shape[d] = (long long)shape[d];
  H5Sclose(space);
  RHO_PUSH(list->arena, list->item, list->n, list->capacity);
  list->item[list->n - 1] = info;
}

static hsize_t LinkCount(hid_t group) {
  H5G_info_t info = {0};
  H5Gget_info(group, &info);
  return info.nlinks;
}

/* The name of link i by name; "" when it leads nowhere. */
static const char *LinkName(RhoArena arena, hid_t group, hsize_t i) {
  ssize_t n = H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, i, NULL, 0, H5P_DEFAULT);
  if (n <= 0) return "";
  char *name = RhoArenaAlloc(arena, (size_t)n + 1);
  H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, i, name, (size_t)n + 1, H5P_DEFAULT);
  return H5Oexists_by_name(group, name, H5P_DEFAULT) > 0 ? name : "";
}

static void Visit(List *list, hid_t group, const char *prefix, int depth) {
  for (hsize_t i = 0; i < LinkCount(group); i++) {
    const char *name = LinkName(list->arena, group, i);
    if (!name[0] || (list->ours && depth == 0 && !strcmp(name, "provenance"))) continue;
    hid_t object = H5Oopen(group, name, H5P_DEFAULT);
    H5I_type_t type = H5Iget_type(object);
    const char *path = RhoArenaPrint(list->arena, "%s%s", prefix, name);
    if (type == H5I_DATASET) AddDataset(list, object, path);
    if (type == H5I_GROUP && depth < DEEPEST) Visit(list, object, RhoArenaPrint(list->arena, "%s/", path), depth + 1);
    H5Oclose(object);
  }
}

void rho_list_datasets(RhoArena arena, hid_t file, RhoResultInfo *info) {
  List list = {.arena = arena, .ours = info->kind == RHO_FILE_TABLES};
  Visit(&list, file, "", 0);
  info->dataset = list.item;
  info->ndataset = list.n;
}

/* ---- provenance ---- */

static int ByName(const void *a, const void *b) {
  return strcmp(((const RhoProvenance *)a)->name, ((const RhoProvenance *)b)->name);
}

const char *rho_attribute_name(RhoArena arena, hid_t object, hsize_t i) {
  hid_t attribute = H5Aopen_by_idx(object, ".", H5_INDEX_NAME, H5_ITER_INC, i, H5P_DEFAULT, H5P_DEFAULT);
  ssize_t n = H5Aget_name(attribute, 0, NULL);
  char *name = RhoArenaAlloc(arena, (size_t)(n > 0 ? n : 0) + 1);
  if (n > 0) H5Aget_name(attribute, (size_t)n + 1, name);
  H5Aclose(attribute);
  return name;
}

static int AttributeCount(hid_t file) {
  hid_t root = H5Gopen2(file, "/", H5P_DEFAULT);
  int n = H5Aget_num_attrs(root);
  H5Gclose(root);
  return n < 0 ? 0 : n;
}

/* A text, or one number as text; NULL for anything else. */
static const char *AttributeText(RhoArena arena, hid_t file, const char *name) {
  hid_t attribute = H5Aopen(file, name, H5P_DEFAULT), type = H5Aget_type(attribute), space = H5Aget_space(attribute);
  H5T_class_t class = H5Tget_class(type);
  bool number = (class == H5T_INTEGER || class == H5T_FLOAT) && H5Sget_simple_extent_npoints(space) == 1;
  H5Sclose(space);
  H5Tclose(type);
  H5Aclose(attribute);
  return number ? RhoArenaPrint(arena, "%.15g", rho_get_double(file, name, 0)) : rho_get_text(arena, file, name);
}

static void AddText(const char *name, const char *text, RhoResultInfo *info, RhoProvenance *item) {
  if (text && !rho_is_own_attribute(name)) item[info->nprovenance++] = (RhoProvenance){name, text};
}

void rho_list_provenance(RhoArena arena, hid_t file, RhoResultInfo *info) {
  bool texts = H5Lexists(file, "provenance", H5P_DEFAULT) > 0;
  hid_t group = texts ? H5Gopen2(file, "provenance", H5P_DEFAULT) : H5I_INVALID_HID;
  hsize_t nattribute = (hsize_t)AttributeCount(file), nlink = texts ? LinkCount(group) : 0;
  RhoProvenance *item = RhoArenaAlloc(arena, (nattribute + nlink + 1) * sizeof *item);
  for (hsize_t i = 0; i < nattribute; i++) {
    const char *name = rho_attribute_name(arena, file, i);
    AddText(name, AttributeText(arena, file, name), info, item);
  }
  for (hsize_t i = 0; i < nlink; i++) {
    const char *name = LinkName(arena, group, i);
    if (name[0]) AddText(name, rho_text_read(arena, group, name), info, item);
  }
  if (texts) H5Gclose(group);
  qsort(item, (size_t)info->nprovenance, sizeof *item, ByName);
  info->provenance = item;
}
