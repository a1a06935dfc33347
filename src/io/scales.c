/* scales.c - the coordinates of a mesh as HDF5 dimension scales, and the attributes that make a file a result.

   Each scale also carries the extent, the boundary and the spacing, so that the mesh can be made again from it.  Where
   some cells are unequal, the edges of all dimensions are datasets of their own, x_edges beside x. */
#include "io_private.h"
#include <hdf5_hl.h>
#include <stdlib.h>

void rho_shape(const RhoMesh *mesh, hsize_t *shape) {
  int n = mesh->ndimension;
  for (int d = 0; d < n; d++) shape[n - 1 - d] = (hsize_t)mesh->dimension[d].ncell;
}

static void ScaleAttributes(hid_t scale, const RhoDimension *m) {
  rho_set_double(scale, "from", m->from);
  rho_set_double(scale, "to", m->to);
  rho_set_text(scale, "boundary", m->boundary == RHO_WALL ? "wall" : "periodic");
  rho_set_int(scale, "spatial", m->spatial);
  rho_set_text(scale, "spacing", m->edge ? "stretched" : "uniform");
}

const char *rho_edges_name(char *buffer, const RhoDimension *m) {
  snprintf(buffer, RHO_LINK_ROOM, "%s_edges", m->name);
  return buffer;
}

bool rho_mesh_stretched(const RhoMesh *mesh) {
  for (int d = 0; d < mesh->ndimension; d++)
    if (mesh->dimension[d].edge) return true;
  return false;
}

/* value(m, i), i = 0 .. n - 1 */
static hid_t NumbersCreate(hid_t file, const char *name, const RhoDimension *m, int n,
                           double (*value)(const RhoDimension *, int)) {
  hsize_t shape = (hsize_t)n;
  hid_t dataset = rho_array_create(file, name, 1, &shape, H5P_DEFAULT, NULL);
  double *x = malloc((size_t)n * sizeof *x);
  if (!x) H5Dclose(H5I_INVALID_HID); /* recorded as a failure */
  for (int i = 0; x && i < n; i++) x[i] = value(m, i);
  if (x) H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, x);
  free(x);
  return dataset;
}

static void ScaleCreate(hid_t file, const RhoDimension *m, bool edges) {
  char name[RHO_LINK_ROOM];
  hid_t scale = NumbersCreate(file, m->name, m, m->ncell, RhoMeshCentre);
  H5DSset_scale(scale, m->name);
  ScaleAttributes(scale, m);
  H5Dclose(scale);
  if (edges) H5Dclose(NumbersCreate(file, rho_edges_name(name, m), m, m->ncell + 1, RhoMeshEdge));
}

void rho_scales_create(hid_t file, const RhoMesh *mesh) {
  for (int d = 0; d < mesh->ndimension; d++) ScaleCreate(file, &mesh->dimension[d], rho_mesh_stretched(mesh));
}

void rho_scale_attach(hid_t at, const char *name, hid_t dataset, unsigned axis) {
  hid_t scale = H5Dopen2(at, name, H5P_DEFAULT);
  H5DSattach_scale(dataset, scale, axis);
  H5Dclose(scale);
}

void rho_scales_attach(hid_t file, const RhoMesh *mesh, hid_t field, unsigned first) {
  for (int d = mesh->ndimension; d-- > 0; first++) rho_scale_attach(file, mesh->dimension[d].name, field, first);
}

void rho_field_attributes(hid_t dataset, const RhoResultField *field) {
  if (field->latex) rho_set_text(dataset, "latex", field->latex);
}

static void MarkFields(hid_t file, const char *attribute, RhoResult result, int n, const int *field,
                       PetscBool derived) {
  const RhoResultField *all = result->content.field;
  int m = 0;
  for (int k = 0; k < n; k++)
    if (all[field[k]].derived == derived) result->list[m++] = all[field[k]].name;
  rho_set_texts(file, attribute, m, result->list);
}

void rho_mark(hid_t file, RhoResult result, int n, const int *field) {
  const RhoMesh *mesh = &result->grid->mesh;
  const char *dimension[RHO_MAXDIM];
  for (int d = 0; d < mesh->ndimension; d++) dimension[d] = mesh->dimension[d].name;
  rho_set_int(file, RHO_RESULT_MARK, RHO_RESULT_VERSION);
  rho_set_texts(file, "dimensions", mesh->ndimension, dimension);
  MarkFields(file, "fields", result, n, field, PETSC_FALSE);
  MarkFields(file, "derived", result, n, field, PETSC_TRUE);
}
