/* copies.h - many independent runs in one: copies of a line along a dimension r in which nothing flows. */
#ifndef RHO_TESTS_COPIES_H
#define RHO_TESTS_COPIES_H
#include "verify.h"
#include <complex.h>

static inline RhoMesh CopiesOf(double length, int ncell, int ncopy) {
  RhoMesh mesh = Line(0, length, ncell, RHO_PERIODIC);
  mesh.ndimension = 2;
  mesh.dimension[1] =
      (RhoDimension){.name = "r", .to = ncopy, .ncell = ncopy, .boundary = RHO_PERIODIC, .spatial = false};
  return mesh;
}

/* sum_i u_i exp(-2 pi i mode i/ncell) of field f of one copy. */
static inline double complex CopyWave(const PetscScalar *copy, int nfield, int f, int ncell, int mode) {
  double complex sum = 0;
  for (int i = 0; i < ncell; i++)
    sum += copy[nfield * i + f] * cexp(-I * 2 * M_PI * (double)(mode * i % ncell) / ncell);
  return sum;
}

#endif
