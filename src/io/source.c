/* source.c - is the snapshot there that an index takes an output from?  HDF5 would read a missing one as NaN. */
#include "io_private.h"
#include <string.h>

/* "%%" of a source's name is one '%' of the file's (index.c). */
static void Unescape(char *name) {
  char *to = name;
  for (; *name; name++) {
    if (*name == '%' && name[1] == '%') name++;
    *to++ = *name;
  }
  *to = 0;
}

/* The file of output k, from where the index is; false when the dataset holds its numbers itself. */
static bool SourcePath(hid_t dataset, const char *index, int k, char *path, size_t room) {
  const char *slash = strrchr(index, '/');
  size_t folder = slash ? (size_t)(slash - index) + 1 : 0;
  hid_t create = H5Dget_create_plist(dataset);
  bool has_source = folder < room && H5Pget_layout(create) == H5D_VIRTUAL;
  if (has_source) {
    memcpy(path, index, folder);
    has_source = H5Pget_virtual_filename(create, (size_t)k, path + folder, room - folder) > 0;
    path[room - 1] = 0;
    if (has_source) Unescape(path + folder);
  }
  H5Pclose(create);
  return has_source;
}

void rho_source_check(hid_t dataset, const char *index, int k, Outcome *outcome) {
  char path[2 * PETSC_MAX_PATH_LEN], *slash;
  if (rho_bad(outcome) || !SourcePath(dataset, index, k, path, sizeof path) || rho_path_exists(path)) return;
  slash = strrchr(path, '/');
  if (slash) *slash = 0;
  if (slash && !rho_path_exists(path)) {
    rho_mistake(outcome, RHO_ID_NOT_A_RESULT, "the folder '%s' is missing, which holds the outputs of '%s'", path,
                index);
    rho_hint(outcome, "a result is the file and the folder together: put '%s' beside it under its old name",
             strrchr(path, '/') ? strrchr(path, '/') + 1 : path);
    return;
  }
  if (slash) *slash = '/';
  rho_mistake(outcome, RHO_ID_NOT_A_RESULT, "'%s' is missing, output %d of '%s'", path, k, index);
  rho_hint(outcome, "a result is the file and all of the folder");
}
