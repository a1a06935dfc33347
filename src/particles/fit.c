/* fit.c - does a frame fit the mesh?  Along periodic dimensions the box must be periodic and of the mesh's length, in
   every frame, wherever it begins; along walls particles must be inside, and the box does not matter. */
#include "particles_private.h"
#include <math.h>
#include <string.h>

/* Boxes are written with few digits. */
#define LENGTH_TOLERANCE 1e-5
/* Lengths of the box that a particle may have gone: what is left of its place has seven digits. */
#define FARTHEST 1e9

int rho_coordinate_of(const RhoDimension *dimension) {
  for (int c = 0; c < COORDINATES; c++)
    if (!strcmp(dimension->name, rho_coordinate[c])) return c;
  return -1;
}

RhoStatus rho_mesh_fits(RhoParticles p, RhoDiag diag, RhoPlace place) {
  for (int d = 0; d < p->mesh->ndimension; d++) {
    int c = rho_coordinate_of(&p->mesh->dimension[d]);
    if (c < 0) {
      const char *name = p->mesh->dimension[d].name;
      RhoDiagReport(diag, RHO_ID_PARTICLE_COLUMNS, place, "particles have no coordinate '%s'", name);
      RhoDiagHint(diag, "the mesh has dimensions of x, y, z; the coordinates that it leaves out are integrated out");
      return RHO_INPUT;
    }
    p->coordinate[d] = c;
    p->wanted[c] = true;
  }
  return RHO_OK;
}

static RhoStatus ReportBoxAt(RhoParticles p, RhoDiag diag, RhoPlace place, const char *message) {
  if (place.source >= 0) RhoDiagReport(diag, RHO_ID_PARTICLE_BOX, place, "%s", message);
  else RhoDiagReport(diag, RHO_ID_PARTICLE_BOX, place, "%s, frame %d: %s", p->path, p->nframe, message);
  return RHO_INPUT;
}

static RhoStatus ReportBox(RhoParticles p, RhoDiag diag, const char *message) {
  return ReportBoxAt(p, diag, RhoParticlesHeadPlace(p, diag), message);
}

RhoStatus rho_box_sheared(RhoParticles p, RhoDiag diag, RhoPlace place) {
  RhoStatus status = ReportBoxAt(p, diag, place, "a sheared (triclinic) box");
  RhoDiagHint(diag, "boxes must have right angles along the axes");
  return status;
}

static bool Same(double a, double b, double scale) { return fabs(a - b) <= LENGTH_TOLERANCE * scale; }

static RhoStatus FitsAlong(RhoParticles p, RhoDiag diag, int dimension) {
  char message[256];
  int c = p->coordinate[dimension];
  const RhoDimension *d = &p->mesh->dimension[dimension];
  const RhoParticleFrame *frame = &p->frame, *first = &p->first;
  double length = d->to - d->from;
  bool periodic = d->boundary == RHO_PERIODIC;
  if (periodic != frame->periodic[c]) {
    snprintf(message, sizeof message, "the box is %speriodic along %s, the mesh %s", frame->periodic[c] ? "" : "not ",
             d->name, periodic ? "is" : "has walls");
    return ReportBox(p, diag, message);
  }
  if (!periodic) return RHO_OK;
  if (!Same(frame->to[c] - frame->from[c], length, length)) {
    snprintf(message, sizeof message, "the box%s has the length %.10g along %s, the mesh %.10g",
             p->nframe > 1 ? " changes: it" : "", frame->to[c] - frame->from[c], d->name, length);
    RhoStatus status = ReportBox(p, diag, message);
    if (p->nframe > 1) RhoDiagHint(diag, "all frames share one mesh: runs at constant volume, without a barostat");
    return status;
  }
  if (Same(frame->from[c], first->from[c], length)) return RHO_OK;
  snprintf(message, sizeof message, "the box moves along %s: it begins at %.10g, not %.10g", d->name, frame->from[c],
           first->from[c]);
  return ReportBox(p, diag, message);
}

RhoStatus rho_frame_fits(RhoParticles p, RhoDiag diag) {
  RhoStatus status = RHO_OK;
  if (p->nframe == 1) p->first = p->frame;
  for (int d = 0; d < p->mesh->ndimension && !status; d++) status = FitsAlong(p, diag, d);
  return status;
}

static RhoStatus ReportOutside(RhoParticles p, RhoDiag diag, const RhoDimension *dimension, double along,
                               const char *what) {
  RhoDiagReport(diag, RHO_ID_PARTICLE_OUTSIDE, p->line ? rho_line_place(p, diag, p->line, p->length) : RHO_NOWHERE,
                "a particle of frame %d at %s = %.10g is %s, from %.10g to %.10g", p->nframe, dimension->name, along,
                what, dimension->from, dimension->to);
  return RHO_INPUT;
}

RhoStatus rho_position_fits(RhoParticles p, RhoDiag diag, const double x[COORDINATES]) {
  for (int d = 0; d < p->mesh->ndimension; d++) {
    const RhoDimension *dimension = &p->mesh->dimension[d];
    double along = x[p->coordinate[d]], length = dimension->to - dimension->from;
    if (dimension->boundary != RHO_PERIODIC) {
      if (along >= dimension->from && along <= dimension->to) continue;
      RhoStatus status = ReportOutside(p, diag, dimension, along, "outside the mesh");
      RhoDiagHint(diag, "walls must hold all particles; periodic dimensions take them wherever they are");
      return status;
    }
    if (fabs(along - dimension->from) < FARTHEST * length) continue;
    return ReportOutside(p, diag, dimension, along, "so far from the mesh that rounding hides its place in it");
  }
  return RHO_OK;
}
