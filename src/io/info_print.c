/* info_print.c - what a file holds, for the eye and for programs.

   JSON, one object:
     {"path", "kind": "result" | "snapshot" | "checkpoint" | "tables" | "other", "analysis": text,
      "dimensions": [{"name", "from", "to", "cells", "boundary", "spatial"}], "times": [number],
      "fields": [{"name", "derived", "lowest", "highest", "mean", "undefined"}], "lines": number,
      "series": [{"name", "what", "first", "last"}], "provenance": {name: text},
      "datasets": [{"name", "type", "shape": [number], "what"}]}                                               */
#include "io_private.h"
#include <math.h>
#include <string.h>

static const char *const kind_text[] = {"result", "snapshot", "checkpoint", "tables", "other"}; /* RhoFileKind */

static const char *BoundaryText(RhoBoundary boundary) { return boundary == RHO_WALL ? "wall" : "periodic"; }

/* ---- text ---- */

static int Widest(int width, const char *name) {
  int n = 0;
  for (; *name; name++) n += (*name & 0xc0) != 0x80; /* characters of UTF-8 */
  return n > width ? n : width;
}

static void PutName(const char *head, const char *name, int width, FILE *out) {
  fprintf(out, "  %-11s %s%*s", head, name, width - Widest(0, name) + 2, "");
}

static void Widths(const RhoDimension *m, double *least, double *most) {
  *least = *most = RhoMeshWidth(m, 0);
  for (int i = 1; i < m->ncell; i++) {
    *least = fmin(*least, RhoMeshWidth(m, i));
    *most = fmax(*most, RhoMeshWidth(m, i));
  }
}

static void PutWidths(const RhoDimension *m, FILE *out) {
  double least, most;
  Widths(m, &least, &most);
  if (m->edge) fprintf(out, ", of widths from %.4g to %.4g", least, most);
  fputc('\n', out);
}

static void PutMesh(const RhoResultInfo *info, FILE *out) {
  int width = 0;
  for (int d = 0; d < info->mesh.ndimension; d++) width = Widest(width, info->mesh.dimension[d].name);
  for (int d = 0; d < info->mesh.ndimension; d++) {
    const RhoDimension *m = &info->mesh.dimension[d];
    PutName(d ? "" : "mesh", m->name, width, out);
    fprintf(out, "%.10g to %.10g, %d cells, %s%s", m->from, m->to, m->ncell, BoundaryText(m->boundary),
            m->spatial ? "" : ", internal");
    PutWidths(m, out);
  }
}

static void PutFields(const RhoResultInfo *info, FILE *out) {
  int width = 0;
  for (int f = 0; f < info->nfield; f++) width = Widest(width, info->field[f].name);
  for (int f = 0; f < info->nfield; f++) {
    const RhoFieldInfo *field = &info->field[f];
    PutName(f ? "" : "fields", field->name, width, out);
    if (isfinite(field->lowest)) fprintf(out, "%.6g to %.6g, mean %.10g", field->lowest, field->highest, field->mean);
    if (field->nundefined)
      fprintf(out, "%sundefined in %lld cells", isfinite(field->lowest) ? ", " : "", field->nundefined);
    fputs(field->derived ? " (derived)\n" : "\n", out);
  }
  if (info->nfield && isfinite(info->field[0].lowest)) fprintf(out, "  %-11s (at the last output)\n", "");
}

static void PutSeries(const RhoResultInfo *info, FILE *out) {
  int width = 0;
  for (int s = 0; s < info->nseries; s++) width = Widest(width, info->series[s].name);
  for (int s = 0; s < info->nseries; s++) {
    const RhoSeriesInfo *series = &info->series[s];
    PutName(s ? "" : "series", series->name, width, out);
    if (info->nline) fprintf(out, "%.10g -> %.10g", series->first, series->last);
    fprintf(out, "%s%s\n", series->what[0] ? "  " : "", series->what);
  }
  if (info->nseries) fprintf(out, "  %-11s (%d lines)\n", "", info->nline);
}

static void PutProvenance(const RhoResultInfo *info, FILE *out) {
  int width = 0;
  for (int i = 0; i < info->nprovenance; i++) width = Widest(width, info->provenance[i].name);
  for (int i = 0; i < info->nprovenance; i++) {
    const RhoProvenance *p = &info->provenance[i];
    PutName(i ? "" : info->kind == RHO_FILE_OTHER ? "attributes" : "provenance", p->name, width, out);
    if (strlen(p->what) > 80 || strchr(p->what, '\n')) fprintf(out, "(%zu bytes)\n", strlen(p->what));
    else fprintf(out, "%s\n", p->what);
  }
}

static void PutDatasets(const RhoResultInfo *info, FILE *out) {
  char shape[256];
  int width = 0;
  for (int i = 0; i < info->ndataset; i++) width = Widest(width, info->dataset[i].name);
  for (int i = 0; i < info->ndataset; i++) {
    const RhoDatasetInfo *d = &info->dataset[i];
    PutName(i ? "" : "datasets", d->name, width, out);
    fprintf(out, "%s %s%s%s\n", d->type, rho_shape_text(shape, sizeof shape, d->rank, d->shape, false),
            d->what[0] ? "  " : "", d->what);
  }
}

static void PutHead(const RhoResultInfo *info, FILE *out) {
  if (info->kind == RHO_FILE_OTHER) fprintf(out, "%s: HDF5 file\n", info->path);
  else if (info->kind == RHO_FILE_TABLES) fprintf(out, "%s: tables, %s\n", info->path, info->analysis);
  else if (info->kind != RHO_FILE_INDEX)
    fprintf(out, "%s: %s at t = %.10g\n", info->path, kind_text[info->kind], info->time[0]);
  else if (!info->ntime) fprintf(out, "%s: result without outputs\n", info->path);
  else
    fprintf(out, "%s: result, %d output%s, t = %.10g to %.10g\n", info->path, info->ntime, info->ntime > 1 ? "s" : "",
            info->time[0], info->time[info->ntime - 1]);
}

void RhoResultInfoPrint(const RhoResultInfo *info, FILE *stream) {
  PutHead(info, stream);
  PutMesh(info, stream);
  PutFields(info, stream);
  PutSeries(info, stream);
  PutDatasets(info, stream);
  PutProvenance(info, stream);
}

/* ---- JSON ---- */

static void JsonText(const char *text, FILE *out) {
  fputc('"', out);
  for (; *text; text++) {
    if (*text == '"' || *text == '\\') fprintf(out, "\\%c", *text);
    else if ((unsigned char)*text < 0x20 || *text == 0x7f) fprintf(out, "\\u%04x", (unsigned)*text);
    else fputc(*text, out);
  }
  fputc('"', out);
}

static void JsonKeyText(const char *key, const char *text, FILE *out) {
  fprintf(out, "\"%s\": ", key);
  JsonText(text, out);
}

static void JsonNumber(double value, FILE *out) {
  if (isfinite(value)) fprintf(out, "%.17g", value);
  else fputs("null", out);
}

static void JsonKeyNumber(const char *key, double value, FILE *out) {
  fprintf(out, ", \"%s\": ", key);
  JsonNumber(value, out);
}

static void JsonDimension(const RhoResultInfo *info, int i, FILE *out) {
  const RhoDimension *m = &info->mesh.dimension[i];
  JsonKeyText("name", m->name, out);
  JsonKeyNumber("from", m->from, out);
  JsonKeyNumber("to", m->to, out);
  fprintf(out, ", \"cells\": %d, \"boundary\": \"%s\", \"spatial\": %s", m->ncell, BoundaryText(m->boundary),
          m->spatial ? "true" : "false");
  if (!m->edge) return;
  double least, most;
  Widths(m, &least, &most);
  JsonKeyNumber("least_width", least, out);
  JsonKeyNumber("largest_width", most, out);
}

static void JsonField(const RhoResultInfo *info, int i, FILE *out) {
  const RhoFieldInfo *field = &info->field[i];
  JsonKeyText("name", field->name, out);
  fprintf(out, ", \"derived\": %s", field->derived ? "true" : "false");
  JsonKeyNumber("lowest", field->lowest, out);
  JsonKeyNumber("highest", field->highest, out);
  JsonKeyNumber("mean", field->mean, out);
  JsonKeyNumber("undefined", (double)field->nundefined, out);
}

static void JsonSeries(const RhoResultInfo *info, int i, FILE *out) {
  const RhoSeriesInfo *series = &info->series[i];
  JsonKeyText("name", series->name, out);
  fputs(", ", out);
  JsonKeyText("what", series->what, out);
  JsonKeyNumber("first", series->first, out);
  JsonKeyNumber("last", series->last, out);
}

static void JsonDataset(const RhoResultInfo *info, int i, FILE *out) {
  const RhoDatasetInfo *d = &info->dataset[i];
  char shape[1024];
  JsonKeyText("name", d->name, out);
  fprintf(out, ", \"type\": \"%s\", \"shape\": %s", d->type,
          rho_shape_text(shape, sizeof shape, d->rank, d->shape, false));
  if (d->what[0]) fputs(", ", out), JsonKeyText("what", d->what, out);
}

/* , "key": [{item}, ...] */
static void JsonList(const char *key, int n, void (*item)(const RhoResultInfo *, int, FILE *),
                     const RhoResultInfo *info, FILE *out) {
  fprintf(out, ",\n  \"%s\": [", key);
  for (int i = 0; i < n; i++) {
    fputs(i ? ",\n    {" : "\n    {", out);
    item(info, i, out);
    fputc('}', out);
  }
  fputc(']', out);
}

static void JsonTimes(const RhoResultInfo *info, FILE *out) {
  fputs(",\n  \"times\": [", out);
  for (int i = 0; i < info->ntime; i++) {
    if (i) fputs(", ", out);
    JsonNumber(info->time[i], out);
  }
  fputc(']', out);
}

static void JsonProvenance(const RhoResultInfo *info, FILE *out) {
  fputs(",\n  \"provenance\": {", out);
  for (int i = 0; i < info->nprovenance; i++) {
    fputs(i ? ",\n    " : "\n    ", out);
    JsonText(info->provenance[i].name, out);
    fputs(": ", out);
    JsonText(info->provenance[i].what, out);
  }
  fputc('}', out);
}

void RhoResultInfoPrintJson(const RhoResultInfo *info, FILE *stream) {
  fputs("{\n  ", stream);
  JsonKeyText("path", info->path, stream);
  fprintf(stream, ", \"kind\": \"%s\"", kind_text[info->kind]);
  if (info->kind == RHO_FILE_TABLES) fputs(", ", stream), JsonKeyText("analysis", info->analysis, stream);
  JsonList("dimensions", info->mesh.ndimension, JsonDimension, info, stream);
  JsonTimes(info, stream);
  JsonList("fields", info->nfield, JsonField, info, stream);
  fprintf(stream, ",\n  \"lines\": %d", info->nline);
  JsonList("series", info->nseries, JsonSeries, info, stream);
  JsonProvenance(info, stream);
  JsonList("datasets", info->ndataset, JsonDataset, info, stream);
  fputs("\n}\n", stream);
}
