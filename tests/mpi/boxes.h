/* boxes.h - the models and boxes whose messages are counted.  Small ones: what is sent follows from the shape. */
#ifndef RHO_TESTS_MPI_BOXES_H
#define RHO_TESTS_MPI_BOXES_H
#include "../verify/verify.h"
#include "model.h"

static const char *const local = RHO_SOURCE_DIR "/models/nonreciprocal_cahn_hilliard/model.yaml";
static const char *const sensing = RHO_SOURCE_DIR "/models/quorum_sensing_cross/model.yaml";

static const struct { int ndim, ncell[3]; } shapes[] = {{1, {40}}, {2, {10, 34}}, {3, {6, 5, 34}}};

static inline Box BoxOf(const Setup *s) {
  RhoGrid g = s->grid;
  int slow = g->mesh.ndimension - 1;
  bool walls = g->mesh.dimension[slow].boundary == RHO_WALL;
  Box b = {.nrank = g->size, .ncell = g->ncell, .nslow = g->n[slow], .nfield = g->nfield, .halo = g->halo};
  b.ndim = slow + 1;
  b.layer = b.ncell / b.nslow;
  b.walls = walls;
  b.width = walls ? 1 : 2;
  b.column = walls ? b.layer : b.layer / g->n[0] * (g->n[0] / 2 + 1);
  return b;
}

static inline RhoMesh BoxOfShape(int shape, RhoBoundary boundary) {
  RhoMesh mesh = BoxMesh(shapes[shape].ndim, shapes[shape].ncell, boundary);
  for (int d = 0; d < mesh.ndimension; d++) mesh.dimension[d].to = 20;
  return mesh;
}

static inline void Compare(const char *what, const Box *b, Traffic measured, Traffic model) {
  static const char *const name[] = {"messages",   "their bytes", "exchanges", "their bytes",
                                     "reductions", "their bytes", "broadcasts"};
  const long *m = (const long *)&measured, *w = (const long *)&model;
  for (size_t k = 0; k < sizeof measured / sizeof(long); k++)
    if (m[k] != w[k])
      print_message("%s of %ld cells on %ld ranks: %ld %s, not %ld\n", what, b->ncell, b->nrank, m[k], name[k], w[k]);
  assert_memory_equal(&measured, &model, sizeof model);
}

#endif
