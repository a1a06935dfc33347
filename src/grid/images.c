/* images.c - ghost cells that are images of a rank's own cells.

   Across a periodic side stands the cell one period away; beyond a wall, cell -1-l that of cell l, the mirror image
     EVEN          w + 2 s |x_l - wall|      s the derivative along the outward normal, zero unless given
     ODD           2 v - w                   v the value at the wall
     EXTRAPOLATED  2 w_0 - w                 w_0 the line through the first two cells, at the wall
   At a wall that mirrors another dimension (velocity: v -> -v) the image has that dimension's index reversed. */
#include "grid_private.h"

/* ---- ranges ---- */

typedef struct {
  PetscInt from, to;
} Range;

/* Along e, when ghosts along d are filled: those along faster dimensions are there already. */
static Range Filled(const RhoGrid grid, int e, int d) {
  PetscInt width = grid->start[e] - grid->gstart[e];
  if (e < d) return (Range){0, grid->gcount[e]};
  return (Range){rho_halo_receives(grid, e, RHO_BELOW) ? 0 : width,
                 rho_halo_receives(grid, e, RHO_ABOVE) ? grid->gcount[e] : width + grid->count[e]};
}

/* ---- plain images ---- */

static void FillEnds(const RhoGrid grid, PetscInt nfield, PetscScalar *row) {
  const RhoLayer *layer = grid->priv->layer[0];
  for (PetscInt l = 0; l < grid->priv->nlayer[0]; l++)
    for (PetscInt c = 0; c < nfield; c++) row[layer[l].to * nfield + c] = row[layer[l].from * nfield + c];
}

static PetscErrorCode FillX(const RhoGrid grid, PetscInt nfield, PetscScalar *w) {
  PetscInt nrow = grid->gcount[0] * nfield;
  Range j = Filled(grid, 1, 0), k = Filled(grid, 2, 0);
  for (PetscInt kk = k.from; kk < k.to; kk++)
    for (PetscInt jj = j.from; jj < j.to; jj++) FillEnds(grid, nfield, &w[(kk * grid->gcount[1] + jj) * nrow]);
  return 0;
}

/* Whole rows, their ends included. */
static PetscErrorCode FillY(const RhoGrid grid, PetscInt nfield, PetscScalar *w) {
  PetscInt nrow = grid->gcount[0] * nfield;
  const RhoLayer *layer = grid->priv->layer[1];
  Range k = Filled(grid, 2, 1);
  for (PetscInt kk = k.from; kk < k.to; kk++) {
    PetscScalar *plane = &w[kk * grid->gcount[1] * nrow];
    for (PetscInt l = 0; l < grid->priv->nlayer[1]; l++)
      PetscCall(PetscArraycpy(&plane[layer[l].to * nrow], &plane[layer[l].from * nrow], nrow));
  }
  return 0;
}

static PetscErrorCode FillZ(const RhoGrid grid, PetscInt nfield, PetscScalar *w) {
  PetscInt nplane = grid->gcount[0] * grid->gcount[1] * nfield;
  const RhoLayer *layer = grid->priv->layer[2];
  for (PetscInt l = 0; l < grid->priv->nlayer[2]; l++)
    PetscCall(PetscArraycpy(&w[layer[l].to * nplane], &w[layer[l].from * nplane], nplane));
  return 0;
}

/* ---- walls with a rule, and those that mirror another dimension ---- */

/* The plane of a wall of dimension d: cells (i, j) along the other two dimensions e[0] < e[1]. */
typedef struct {
  int d, e[2];
  PetscInt stride[RHO_MAXDIM];
  Range range[2];
} Plane;

static Plane PlaneOf(const RhoGrid grid, int d) {
  Plane p = {.d = d, .e = {d == 0 ? 1 : 0, d == 2 ? 1 : 2}};
  p.stride[0] = 1;
  p.stride[1] = grid->gcount[0];
  p.stride[2] = grid->gcount[0] * grid->gcount[1];
  for (int k = 0; k < 2; k++) p.range[k] = Filled(grid, p.e[k], d);
  return p;
}

static PetscInt CellAt(const Plane *p, PetscInt layer, PetscInt i, PetscInt j) {
  return layer * p->stride[p->d] + i * p->stride[p->e[0]] + j * p->stride[p->e[1]];
}

static void Reflect(const RhoGrid grid, const Plane *p, int mirror, PetscInt nfield, RhoLayer layer, PetscScalar *w) {
  for (PetscInt j = p->range[1].from; j < p->range[1].to; j++)
    for (PetscInt i = p->range[0].from; i < p->range[0].to; i++) {
      PetscInt a = mirror == p->e[0] ? grid->gcount[mirror] - 1 - i : i,
               b = mirror == p->e[1] ? grid->gcount[mirror] - 1 - j : j;
      for (PetscInt c = 0; c < nfield; c++)
        w[CellAt(p, layer.to, i, j) * nfield + c] = w[CellAt(p, layer.from, a, b) * nfield + c];
    }
}

/* What makes a ghost of its image: ghost = sign*image + constant*value + near*(first cell) - next*(second cell). */
typedef struct {
  PetscReal sign, constant, near, next;
  PetscInt first, second; /* layers */
} Image;

static Image ImageOf(const RhoGrid grid, int d, RhoLayer layer, RhoGhostKind kind) {
  PetscInt width = grid->start[d] - grid->gstart[d], last = width + grid->count[d] - 1;
  bool below = layer.to < width, single = grid->n[d] == 1; /* the next cell may be another rank's */
  const PetscReal *x = grid->priv->x[d], wall = below ? grid->mesh.dimension[d].from : grid->mesh.dimension[d].to;
  Image image = {.sign = 1, .first = below ? width : last, .second = below ? width + !single : last - !single};
  PetscReal gap = single ? 0 : (wall - x[image.first]) / (x[image.first] - x[image.second]);
  if (kind == RHO_GHOST_EVEN) image.constant = 2 * PetscAbsReal(x[layer.from] - wall);
  if (kind == RHO_GHOST_ZERO) image.sign = 0;
  if (kind == RHO_GHOST_ODD) image.sign = -1, image.constant = 2;
  if (kind == RHO_GHOST_EXTRAPOLATED) image.sign = -1, image.near = 2 * (1 + gap), image.next = 2 * gap;
  return image;
}

static void ApplyRule(const RhoGrid grid, const Plane *p, PetscInt nfield, PetscInt c, const RhoGhostRule *rule,
                      RhoLayer layer, PetscScalar *w) {
  Image m = ImageOf(grid, p->d, layer, rule->kind);
  for (PetscInt j = p->range[1].from; j < p->range[1].to; j++)
    for (PetscInt i = p->range[0].from; i < p->range[0].to; i++) {
      PetscScalar *ghost = &w[CellAt(p, layer.to, i, j) * nfield + c];
      PetscReal value = rule->value ? rule->value[i + j * grid->gcount[p->e[0]]] : 0;
      *ghost = m.sign * *ghost + m.constant * value;
      if (rule->kind == RHO_GHOST_EXTRAPOLATED)
        *ghost +=
            m.near * w[CellAt(p, m.first, i, j) * nfield + c] - m.next * w[CellAt(p, m.second, i, j) * nfield + c];
    }
}

static void ApplyRules(const RhoGrid grid, PetscInt nfield, const RhoGhostRule *rule, int d, PetscScalar *w) {
  int mirror = grid->mesh.dimension[d].mirror - 1;
  PetscInt width = grid->start[d] - grid->gstart[d];
  Plane p = PlaneOf(grid, d);
  for (PetscInt l = 0; l < grid->priv->nlayer[d]; l++) {
    RhoLayer layer = grid->priv->layer[d][l];
    if (mirror >= 0) Reflect(grid, &p, mirror, nfield, layer, w);
    for (PetscInt c = 0; rule && c < nfield; c++) {
      const RhoGhostRule *r = &rule[(c * RHO_MAXDIM + d) * 2 + (layer.to >= width)];
      if (r->kind != RHO_GHOST_EVEN || r->value) ApplyRule(grid, &p, nfield, c, r, layer, w);
    }
  }
}

PetscErrorCode rho_images_fill(RhoGrid grid, PetscInt nfield, const RhoGhostRule *rule, int d, PetscScalar *w) {
  static PetscErrorCode (*const fill[RHO_MAXDIM])(const RhoGrid, PetscInt, PetscScalar *) = {FillX, FillY, FillZ};
  PetscFunctionBeginUser;
  PetscCall(fill[d](grid, nfield, w));
  if (d < grid->mesh.ndimension && grid->mesh.dimension[d].boundary == RHO_WALL &&
      (rule || grid->mesh.dimension[d].mirror))
    ApplyRules(grid, nfield, rule, d, w);
  PetscFunctionReturn(0);
}
