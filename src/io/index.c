/* index.c - the index of a result: the snapshots as arrays over time, the series, where it all comes from.

   Every field is one virtual dataset [nt, ...] with a source per snapshot, named relative to the index; a snapshot
   that is missing reads as NaN.  An index is made anew as a whole, which costs 15 us and 90 bytes per output and field.
   So outputs wait for it: until they are a quarter of those it has (the sum over all indices is then at most five times
   the last one) or until it is ten times as long ago as it took (a tenth of the time at most).  Both keep the cost
   proportional to the outputs, and what a kill takes small. */
#include "io_private.h"
#include <hdf5_hl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_ATTRIBUTE = 1000, ROOM_PER_SOURCE = 128 };

/* HDF5 reads % in the names of sources as the start of a format. */
static const char *Escape(const char *name, char *buffer, size_t room) {
  size_t n = 0;
  for (; *name && n + 3 < room; name++) {
    buffer[n++] = *name;
    if (*name == '%') buffer[n++] = '%';
  }
  buffer[n] = 0;
  return buffer;
}

static void AddSource(RhoResult result, int k, const char *field, hid_t create, hid_t all, hid_t one) {
  char path[PETSC_MAX_PATH_LEN], link[RHO_LINK_ROOM];
  char source[2 * sizeof path], dataset[2 * sizeof link];
  hsize_t start[RHO_MAXDIM + 1] = {(hsize_t)k}, count[RHO_MAXDIM + 1] = {1};
  rho_shape(&result->grid->mesh, count + 1);
  H5Sselect_hyperslab(all, H5S_SELECT_SET, start, NULL, count, NULL);
  Escape(rho_snapshot_path(result, k, true, path), source, sizeof source);
  Escape(rho_link_name(link, field), dataset, sizeof dataset);
  H5Pset_virtual(create, all, source, dataset, one);
}

static hid_t SourcesCreate(RhoResult result, const char *field, const hsize_t *shape) {
  int rank = result->grid->mesh.ndimension + 1;
  const double undefined = NAN;
  hid_t create = rho_array_properties();
  hid_t all = H5Screate_simple(rank, shape, NULL), one = H5Screate_simple(rank - 1, shape + 1, NULL);
  H5Pset_fill_value(create, H5T_NATIVE_DOUBLE, &undefined);
  for (int k = 0; k < result->ntime; k++) AddSource(result, k, field, create, all, one);
  H5Sclose(all);
  H5Sclose(one);
  return create;
}

static void AddField(hid_t file, RhoResult result, const RhoResultField *field) {
  hsize_t shape[RHO_MAXDIM + 1] = {(hsize_t)result->ntime};
  rho_shape(&result->grid->mesh, shape + 1);
  hid_t create = SourcesCreate(result, field->name, shape);
  hid_t dataset = rho_array_create(file, field->name, result->grid->mesh.ndimension + 1, shape, create, NULL);
  rho_scale_attach(file, "time", dataset, 0);
  rho_scales_attach(file, &result->grid->mesh, dataset, 1);
  rho_field_attributes(dataset, field);
  H5Dclose(dataset);
  H5Pclose(create);
}

static void AddTime(hid_t at, int n, const double *time) {
  hsize_t count = (hsize_t)n;
  hid_t scale = rho_array_create(at, "time", 1, &count, H5P_DEFAULT, n ? time : NULL);
  H5DSset_scale(scale, "time");
  H5Dclose(scale);
}

/* Column c of the lines. */
static const double *Column(RhoResult result, int c, double *column) {
  int width = 1 + result->content.nseries;
  for (int i = 0; i < result->nline; i++) column[i] = result->line[(size_t)i * (size_t)width + (size_t)c];
  return column;
}

static void AddOneSeries(hid_t group, RhoResult result, int s, double *column) {
  const RhoSeries *series = &result->content.series[s];
  hsize_t count = (hsize_t)result->nline;
  const double *data = result->nline ? Column(result, s + 1, column) : NULL;
  hid_t dataset = rho_array_create(group, series->name, 1, &count, H5P_DEFAULT, data);
  rho_scale_attach(group, "time", dataset, 0);
  if (series->what) rho_set_text(dataset, "what", series->what);
  H5Dclose(dataset);
}

static void AddSeries(hid_t file, RhoResult result, Outcome *outcome) {
  const RhoResultContent *content = &result->content;
  double *column = malloc(((size_t)result->nline + 1) * sizeof *column);
  hid_t group = rho_group_create(file, "series");
  if (!column) rho_fail(outcome, PETSC_ERR_MEM, "no memory for %d lines of series", result->nline);
  if (column) AddTime(group, result->nline, Column(result, 0, column));
  for (int s = 0; column && s < content->nseries; s++) AddOneSeries(group, result, s, column);
  for (int s = 0; s < content->nseries; s++) result->list[s] = content->series[s].name;
  rho_set_texts(group, "names", content->nseries, result->list);
  H5Gclose(group);
  free(column);
}

void rho_provenance_write(hid_t file, int n, const RhoProvenance *provenance) {
  hid_t group = rho_group_create(file, "provenance");
  for (int i = 0; i < n; i++) {
    const RhoProvenance *p = &provenance[i];
    if (strlen(p->what) <= LONGEST_ATTRIBUTE) rho_set_text(file, p->name, p->what);
    else rho_text_create(group, p->name, p->what);
  }
  H5Gclose(group);
}

static size_t ExpectedSize(RhoResult result) {
  const RhoResultContent *content = &result->content;
  size_t sources = (size_t)result->ntime * (size_t)content->nfield * ROOM_PER_SOURCE;
  return sources + 8 * (size_t)result->nline * (1 + (size_t)content->nseries);
}

static void Write(RhoResult result, Outcome *outcome) {
  Hdf5Guard guard;
  rho_hdf5_begin(&guard, outcome);
  hid_t file = rho_image_create(0, ExpectedSize(result));
  rho_mark(file, result, result->content.nfield, result->all);
  AddTime(file, result->ntime, result->time);
  rho_scales_create(file, &result->grid->mesh);
  for (int f = 0; f < result->content.nfield; f++) AddField(file, result, &result->content.field[f]);
  AddSeries(file, result, outcome);
  rho_provenance_write(file, result->content.nprovenance, result->content.provenance);
  rho_image_save(file, result->index, true, outcome);
  rho_hdf5_end(&guard);
}

void rho_index_write(RhoResult result, Outcome *outcome) {
  double began = rho_now();
  if (rho_bad(outcome)) return;
  Write(result, outcome);
  result->index_pending = true;
  result->indexed = rho_now();
  result->index_took = result->indexed - began;
  if (rho_bad(outcome)) return;
  result->nindexed = result->ntime;
  result->unsaved = false;
}

bool rho_index_due(RhoResult result) {
  return 4 * (result->ntime - result->nindexed) > result->nindexed ||
         rho_now() - result->indexed >= 10 * result->index_took;
}
