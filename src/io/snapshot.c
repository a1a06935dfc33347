/* snapshot.c - one output as a file of its own: /time, the scales, one array per field. */
#include "io_private.h"

const char *rho_snapshot_path(RhoResult result, int k, bool relative, char *buffer) {
  const char *folder = relative ? result->base : result->folder;
  snprintf(buffer, PETSC_MAX_PATH_LEN, relative ? "%s.d/%06d.h5" : "%s/%06d.h5", folder, k);
  return buffer;
}

static size_t ExpectedSize(RhoResult result, int n) {
  size_t coordinates = 0;
  for (int d = 0; d < result->grid->mesh.ndimension; d++) coordinates += (size_t)result->grid->n[d];
  return 8 * ((size_t)result->grid->ncell * (size_t)n + coordinates);
}

static hid_t Begin(RhoResult result, size_t nhead, double time, int n, const int *field) {
  hid_t file = rho_image_create(nhead, ExpectedSize(result, n));
  rho_mark(file, result, n, field);
  H5Dclose(rho_array_create(file, "time", 0, NULL, H5P_DEFAULT, &time));
  rho_scales_create(file, &result->grid->mesh);
  return file;
}

static void AddField(hid_t file, RhoResult result, int f, const double *data) {
  const RhoResultField *field = &result->content.field[f];
  hsize_t shape[RHO_MAXDIM];
  rho_shape(&result->grid->mesh, shape);
  hid_t dataset = rho_array_create(file, field->name, result->grid->mesh.ndimension, shape, H5P_DEFAULT, data);
  rho_scales_attach(file, &result->grid->mesh, dataset, 0);
  rho_field_attributes(dataset, field);
  H5Dclose(dataset);
}

PetscErrorCode rho_snapshot_make(RhoResult result, size_t nhead, double time, int n, const int *field, Vec cells,
                                 hid_t *file) {
  bool writes = result->grid->rank == 0;
  const double *data;
  PetscFunctionBeginUser;
  *file = writes ? Begin(result, nhead, time, n, field) : H5I_INVALID_HID;
  for (int k = 0; k < n; k++) {
    PetscCall(rho_gather_field(&result->gather, cells, k, n, &data));
    if (writes) AddField(*file, result, field[k], data);
  }
  PetscFunctionReturn(0);
}

PetscErrorCode rho_snapshot_write(RhoResult result, int k, double time, Vec cells, Outcome *outcome) {
  char path[PETSC_MAX_PATH_LEN];
  Hdf5Guard guard;
  hid_t file;
  PetscFunctionBeginUser;
  rho_hdf5_begin(&guard, outcome);
  PetscCall(rho_snapshot_make(result, 0, time, result->content.nfield, result->all, cells, &file));
  if (result->grid->rank == 0) rho_image_save(file, rho_snapshot_path(result, k, false, path), true, outcome);
  rho_hdf5_end(&guard);
  PetscFunctionReturn(0);
}
