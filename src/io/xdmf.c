/* xdmf.c - the description of a result for ParaView (XDMF 3): a temporal collection of uniform grids of cells whose
   values lie in the snapshot files.

   A 1-D result is one row of cells of height 1.  Lists in XDMF run from the slowest dimension to the fastest. */
#include "io_private.h"

/* Numbers of a mesh seen as at least two-dimensional. */
typedef struct {
  int rank;
  long ncell[RHO_MAXDIM]; /* slowest first */
  double origin[RHO_MAXDIM], spacing[RHO_MAXDIM];
} Box;

static Box BoxOf(const RhoMesh *mesh) {
  int n = mesh->ndimension;
  Box box = {.rank = n < 2 ? 2 : n, .ncell = {1}, .spacing = {1}};
  for (int d = 0; d < n; d++) {
    const RhoDimension *m = &mesh->dimension[d];
    int at = box.rank - 1 - d;
    box.ncell[at] = m->ncell;
    box.origin[at] = m->from;
    box.spacing[at] = (m->to - m->from) / m->ncell;
  }
  return box;
}

static void PutEscaped(const char *text, FILE *out) {
  for (; *text; text++) {
    if (*text == '&') fputs("&amp;", out);
    else if (*text == '<') fputs("&lt;", out);
    else if (*text == '>') fputs("&gt;", out);
    else if (*text == '"') fputs("&quot;", out);
    else fputc(*text, out);
  }
}

static void PutMesh(const Box *box, FILE *out) {
  fprintf(out, "        <Topology TopologyType=\"%dDCoRectMesh\" Dimensions=\"", box->rank);
  for (int d = 0; d < box->rank; d++) fprintf(out, "%s%ld", d ? " " : "", box->ncell[d] + 1);
  fprintf(out, "\"/>\n        <Geometry GeometryType=\"%s\">\n", box->rank == 2 ? "ORIGIN_DXDY" : "ORIGIN_DXDYDZ");
  for (int what = 0; what < 2; what++) {
    const double *value = what ? box->spacing : box->origin;
    fprintf(out, "          <DataItem Format=\"XML\" NumberType=\"Float\" Precision=\"8\" Dimensions=\"%d\">",
            box->rank);
    for (int d = 0; d < box->rank; d++) fprintf(out, "%s%.17g", d ? " " : "", value[d]);
    fputs("</DataItem>\n", out);
  }
  fputs("        </Geometry>\n", out);
}

static void PutField(RhoResult result, const char *name, int k, FILE *out) {
  char buffer[PETSC_MAX_PATH_LEN], link[RHO_LINK_ROOM];
  const RhoMesh *mesh = &result->grid->mesh;
  fputs("        <Attribute Name=\"", out);
  PutEscaped(name, out);
  fputs("\" AttributeType=\"Scalar\" Center=\"Cell\">\n          <DataItem Format=\"HDF\" NumberType=\"Float\""
        " Precision=\"8\" Dimensions=\"",
        out);
  for (int d = mesh->ndimension; d-- > 0;) fprintf(out, "%d%s", mesh->dimension[d].ncell, d ? " " : "\">");
  PutEscaped(rho_snapshot_path(result, k, true, buffer), out);
  fputs(":/", out);
  PutEscaped(rho_link_name(link, name), out);
  fputs("</DataItem>\n        </Attribute>\n", out);
}

static void PutOutput(RhoResult result, const Box *box, int k, FILE *out) {
  fprintf(out, "      <Grid Name=\"%06d\" GridType=\"Uniform\">\n        <Time Value=\"%.17g\"/>\n", k,
          result->time[k]);
  PutMesh(box, out);
  for (int f = 0; f < result->content.nfield; f++) PutField(result, result->content.field[f].name, k, out);
  fputs("      </Grid>\n", out);
}

void rho_xdmf_write(RhoResult result, Outcome *outcome) {
  Aside aside;
  Box box = BoxOf(&result->grid->mesh);
  rho_aside_open(&aside, result->xdmf, outcome);
  FILE *out = aside.stream;
  if (!out) return;
  fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Xdmf Version=\"3.0\">\n  <Domain>\n"
        "    <Grid Name=\"outputs\" GridType=\"Collection\" CollectionType=\"Temporal\">\n",
        out);
  for (int k = 0; k < result->ntime; k++) PutOutput(result, &box, k, out);
  fputs("    </Grid>\n  </Domain>\n</Xdmf>\n", out);
  rho_aside_commit(&aside, outcome);
}
