/* check.h - cmocka under MPI and what the tests of grid share.

   Every rank runs every test.  An assertion that fails on one rank alone would leave the others waiting, so errors are
   reduced over the ranks first and asserted on all of them. */
#ifndef RHO_TESTS_GRID_CHECK_H
#define RHO_TESTS_GRID_CHECK_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "../worse.h"
#include "grid_private.h"

enum { NRANK_MOST = 4 };

typedef struct {
  int ndim, n[RHO_MAXDIM];
} Shape;

/* Sizes even, odd, prime, not square; each on 1, 2 and 4 ranks where those can share it. */
static const Shape shapes[] = {{1, {12}},       {1, {17}},       {1, {64}},       {2, {12, 20}},
                               {2, {20, 12}},   {2, {13, 17}},   {2, {5, 16}},    {2, {7, 8}},
                               {2, {16, 13}},   {3, {4, 6, 12}}, {2, {5, 130}},   {2, {260, 8}},
                               {3, {5, 3, 13}}, {3, {3, 7, 16}}, {3, {12, 5, 4}}, {3, {4, 4, 8}}};
enum { NSHAPE = sizeof shapes / sizeof shapes[0] };

/* Bit d of walls: walls along dimension d.  Extents differ, and do not begin at 0. */
static inline RhoMesh MeshOf(Shape shape, int walls) {
  static const char *const name[] = {"x", "y", "z"};
  static const double from[] = {-1, 0.5, 2}, length[] = {3, 2.5, 1.75};
  RhoMesh mesh = {.ndimension = shape.ndim};
  for (int d = 0; d < shape.ndim; d++)
    mesh.dimension[d] = (RhoDimension){.name = name[d],
                                       .from = from[d],
                                       .to = from[d] + length[d],
                                       .ncell = shape.n[d],
                                       .boundary = walls >> d & 1 ? RHO_WALL : RHO_PERIODIC,
                                       .spatial = true};
  return mesh;
}

static inline int Ranks(void) {
  int size;
  MPI_Comm_size(PETSC_COMM_WORLD, &size);
  return size;
}

/* Can the ranks share the shape, with at least so many cells for each, and in every dimension? */
static inline bool Shared(Shape shape, int least) {
  least = least > 1 ? least : 1;
  for (int d = 0; d < shape.ndim; d++)
    if (shape.n[d] < (d == shape.ndim - 1 ? least * Ranks() : least)) return false;
  return true;
}

/* Numbers in [-1, 1) that depend on the four integers alone (splitmix64: Steele, Lea and Flood 2014). */
static inline double Noise(int i, int j, int k, int field) {
  uint64_t z = ((((uint64_t)i * 1009 + (uint64_t)j) * 1013 + (uint64_t)k) * 1019 + (uint64_t)field + 1) *
               UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return (double)((z ^ z >> 31) >> 11) / (double)(UINT64_C(1) << 52) - 1;
}

static inline double Largest(double x) {
  double all;
  MPI_Allreduce(&x, &all, 1, MPI_DOUBLE, MPI_MAX, PETSC_COMM_WORLD);
  return all;
}

static inline double Total(double x) {
  double all;
  MPI_Allreduce(&x, &all, 1, MPI_DOUBLE, MPI_SUM, PETSC_COMM_WORLD);
  return all;
}

/* For each owned cell p of grid, its global numbers i[3]. */
#define FOR_OWNED(grid, i, p) for (PetscInt p = 0, i[3]; p < (grid)->nowned && OwnedCell((grid), p, i); p++)

static inline bool OwnedCell(const RhoGrid grid, PetscInt p, PetscInt i[3]) {
  i[0] = grid->start[0] + p % grid->count[0];
  i[1] = grid->start[1] + p / grid->count[0] % grid->count[1];
  i[2] = grid->start[2] + p / (grid->count[0] * grid->count[1]);
  return true;
}

static inline bool GhostedCell(const RhoGrid grid, PetscInt p, PetscInt i[3]) {
  i[0] = grid->gstart[0] + p % grid->gcount[0];
  i[1] = grid->gstart[1] + p / grid->gcount[0] % grid->gcount[1];
  i[2] = grid->gstart[2] + p / (grid->gcount[0] * grid->gcount[1]);
  return true;
}
#define FOR_GHOSTED(grid, i, p) for (PetscInt p = 0, i[3]; p < (grid)->nghosted && GhostedCell((grid), p, i); p++)

/* A PETSc call of a test that is expected to work. */
#define OK(call) assert_int_equal((call), 0)

/* Runs the tests of a program between PetscInitialize and PetscFinalize. */
#define RUN(tests)                                                                                                     \
  int main(int argc, char **argv) {                                                                                    \
    if (PetscInitialize(&argc, &argv, NULL, NULL)) return 1;                                                           \
    int nfail = cmocka_run_group_tests(tests, NULL, NULL);                                                             \
    return PetscFinalize() || nfail;                                                                                   \
  }

#endif
