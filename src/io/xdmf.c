/* xdmf.c - the description of a result for ParaView (XDMF 3): a temporal collection of uniform grids of cells whose
   values lie in the snapshot files.

   Every mesh is described as three-dimensional, with one cell along the dimensions it has not: ParaView would put a
   2DCoRectMesh into the plane of y and z, and its older reader takes arrays of as many dimensions as the mesh only.
   Lists in XDMF run from the slowest dimension to the fastest; the edges of unequal cells, which are in the snapshot
   files, come x first. */
#include "io_private.h"

#define THICKNESS 0.1 /* of the missing dimensions, in extents of the first one */

typedef struct {
  int ncell[RHO_MAXDIM]; /* slowest first */
  double origin[RHO_MAXDIM], spacing[RHO_MAXDIM];
} Box;

static Box BoxOf(const RhoMesh *mesh) {
  const RhoDimension *x = &mesh->dimension[0];
  Box box;
  for (int d = 0; d < RHO_MAXDIM; d++) {
    const RhoDimension none = {.to = THICKNESS * (x->to - x->from), .ncell = 1};
    const RhoDimension *m = d < mesh->ndimension ? &mesh->dimension[d] : &none;
    int at = RHO_MAXDIM - 1 - d;
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

static void PutNumbers(const double *value, FILE *out) {
  fprintf(out,
          "          <DataItem Format=\"XML\" NumberType=\"Float\" Precision=\"8\" Dimensions=\"3\">%.17g %.17g %.17g"
          "</DataItem>\n",
          value[0], value[1], value[2]);
}

/* The edges of dimension d. */
static void PutEdges(RhoResult result, const Box *box, int d, int k, FILE *out) {
  const RhoMesh *mesh = &result->grid->mesh;
  char buffer[PETSC_MAX_PATH_LEN], name[RHO_LINK_ROOM], link[RHO_LINK_ROOM];
  bool used = d < mesh->ndimension;
  fprintf(out, "          <DataItem Format=\"%s\" NumberType=\"Float\" Precision=\"8\" Dimensions=\"%d\">",
          used ? "HDF" : "XML", box->ncell[RHO_MAXDIM - 1 - d] + 1);
  if (used) {
    PutEscaped(rho_snapshot_path(result, k, true, buffer), out);
    fputs(":/", out);
    PutEscaped(rho_link_name(link, rho_edges_name(name, &mesh->dimension[d])), out);
  } else {
    fprintf(out, "0 %.17g", box->spacing[RHO_MAXDIM - 1 - d]);
  }
  fputs("</DataItem>\n", out);
}

static void PutStretchedMesh(RhoResult result, const Box *box, int k, FILE *out) {
  const int *n = box->ncell;
  fprintf(out, "        <Topology TopologyType=\"3DRectMesh\" Dimensions=\"%d %d %d\"/>\n", n[0] + 1, n[1] + 1,
          n[2] + 1);
  fputs("        <Geometry GeometryType=\"VXVYVZ\">\n", out);
  for (int d = 0; d < RHO_MAXDIM; d++) PutEdges(result, box, d, k, out);
  fputs("        </Geometry>\n", out);
}

static void PutMesh(const Box *box, FILE *out) {
  const int *n = box->ncell;
  fprintf(out, "        <Topology TopologyType=\"3DCoRectMesh\" Dimensions=\"%d %d %d\"/>\n", n[0] + 1, n[1] + 1,
          n[2] + 1);
  fputs("        <Geometry GeometryType=\"ORIGIN_DXDYDZ\">\n", out);
  PutNumbers(box->origin, out);
  PutNumbers(box->spacing, out);
  fputs("        </Geometry>\n", out);
}

static void PutField(RhoResult result, const Box *box, const char *name, int k, FILE *out) {
  char buffer[PETSC_MAX_PATH_LEN], link[RHO_LINK_ROOM];
  const int *n = box->ncell;
  fputs("        <Attribute Name=\"", out);
  PutEscaped(name, out);
  fputs("\" AttributeType=\"Scalar\" Center=\"Cell\">\n          <DataItem Format=\"HDF\" NumberType=\"Float\"", out);
  fprintf(out, " Precision=\"8\" Dimensions=\"%d %d %d\">", n[0], n[1], n[2]);
  PutEscaped(rho_snapshot_path(result, k, true, buffer), out);
  fputs(":/", out);
  PutEscaped(rho_link_name(link, name), out);
  fputs("</DataItem>\n        </Attribute>\n", out);
}

static void PutOutput(RhoResult result, const Box *box, int k, FILE *out) {
  fprintf(out, "      <Grid Name=\"%06d\" GridType=\"Uniform\">\n        <Time Value=\"%.17g\"/>\n", k,
          result->time[k]);
  if (rho_mesh_stretched(&result->grid->mesh)) PutStretchedMesh(result, box, k, out);
  else PutMesh(box, out);
  for (int f = 0; f < result->content.nfield; f++) PutField(result, box, result->content.field[f].name, k, out);
  fputs("      </Grid>\n", out);
}

void rho_xdmf_write(RhoResult result, Outcome *outcome) {
  Aside aside;
  Box box = BoxOf(&result->grid->mesh);
  rho_aside_open(&aside, result->xdmf, outcome);
  aside.lax = true;
  FILE *out = aside.stream;
  if (!out) return;
  fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Xdmf Version=\"3.0\">\n  <Domain>\n"
        "    <Grid Name=\"outputs\" GridType=\"Collection\" CollectionType=\"Temporal\">\n",
        out);
  for (int k = 0; k < result->ntime; k++) PutOutput(result, &box, k, out);
  fputs("    </Grid>\n  </Domain>\n</Xdmf>\n", out);
  rho_aside_commit(&aside, outcome);
}
