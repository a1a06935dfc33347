/* check.h - cmocka under MPI and what the tests of io share: a folder to write in, grids, numbers, plain HDF5.

   Every rank runs every test.  Files are looked at on rank 0 and what it finds is shared before it is asserted. */
#ifndef RHO_TESTS_IO_CHECK_H
#define RHO_TESTS_IO_CHECK_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "../worse.h"
#include "io_private.h"

/* A PETSc call of a test that is expected to work. */
#define OK(call) assert_int_equal((call), 0)

typedef struct {
  int ndim, n[RHO_MAXDIM];
} Shape;

/* Not square, and shared by up to four ranks. */
static const Shape shapes[] = {{1, {24}}, {2, {12, 20}}, {2, {20, 12}}, {3, {6, 5, 8}}, {3, {3, 10, 4}}};
enum { NSHAPE = sizeof shapes / sizeof shapes[0] };

static inline RhoMesh MeshOf(Shape shape) {
  static const char *const name[] = {"x", "y", "v"};
  static const double from[] = {-1, 0.5, -2}, length[] = {3, 2.5, 4};
  RhoMesh mesh = {.ndimension = shape.ndim};
  for (int d = 0; d < shape.ndim; d++)
    mesh.dimension[d] = (RhoDimension){.name = name[d],
                                       .from = from[d],
                                       .to = from[d] + length[d],
                                       .ncell = shape.n[d],
                                       .boundary = d == 1 ? RHO_WALL : RHO_PERIODIC,
                                       .spatial = d < 2};
  return mesh;
}

static inline RhoGrid GridOf(Shape shape, int nfield) {
  RhoMesh mesh = MeshOf(shape);
  RhoGrid grid;
  OK(RhoGridCreate(PETSC_COMM_WORLD, &mesh, nfield, 1, &grid));
  return grid;
}

/* Numbers in [-1, 1) of all binary digits that depend on the five integers alone (splitmix64: Steele, Lea, Flood 2014).
 */
static inline double Noise(long i, long j, long k, int field, int output) {
  uint64_t z = (uint64_t)((((i * 1009 + j) * 1013 + k) * 1019 + field) * 1021 + output + 1);
  z *= UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return (double)((z ^ z >> 31) >> 11) / (double)(UINT64_C(1) << 52) - 1;
}

/* For each owned cell p of the grid, its global numbers i[3]. */
static inline bool OwnedCell(const RhoGrid grid, PetscInt p, PetscInt i[3]) {
  i[0] = grid->start[0] + p % grid->count[0];
  i[1] = grid->start[1] + p / grid->count[0] % grid->count[1];
  i[2] = grid->start[2] + p / (grid->count[0] * grid->count[1]);
  return true;
}
#define FOR_OWNED(grid, i, p) for (PetscInt p = 0, i[3]; p < (grid)->nowned && OwnedCell((grid), p, i); p++)

/* A vector with nfield unknowns per cell, of the given numbers. */
typedef double (*ValueFn)(const PetscInt i[3], int field, int output);

static inline double NoiseAt(const PetscInt i[3], int field, int output) {
  return Noise(i[0], i[1], i[2], field, output);
}

static inline Vec VectorOf(RhoGrid grid, int nfield) {
  DM da;
  Vec u;
  OK(RhoGridCompatible(grid, nfield, &da));
  OK(DMCreateGlobalVector(da, &u));
  OK(DMDestroy(&da));
  return u;
}

static inline void Fill(RhoGrid grid, int nfield, Vec u, ValueFn value, int output) {
  PetscScalar *array;
  OK(VecGetArrayWrite(u, &array));
  FOR_OWNED(grid, i, p)
  for (int f = 0; f < nfield; f++) array[p * nfield + f] = value(i, f, output);
  OK(VecRestoreArrayWrite(u, &array));
}

/* The number of values of all ranks that are not, bit for bit, the given ones. */
static inline long Different(RhoGrid grid, int nfield, Vec u, ValueFn value, int output) {
  const PetscScalar *array;
  long own = 0, all;
  OK(VecGetArrayRead(u, &array));
  FOR_OWNED(grid, i, p)
  for (int f = 0; f < nfield; f++) own += array[p * nfield + f] != value(i, f, output);
  OK(VecRestoreArrayRead(u, &array));
  MPI_Allreduce(&own, &all, 1, MPI_LONG, MPI_SUM, PETSC_COMM_WORLD);
  return all;
}

static inline int Rank(void) {
  int rank;
  MPI_Comm_rank(PETSC_COMM_WORLD, &rank);
  return rank;
}

/* Rank 0's number, on all. */
static inline long Shared(long found) {
  OK(MPI_Bcast(&found, 1, MPI_LONG, 0, PETSC_COMM_WORLD));
  return found;
}

/* ---- a folder of this test alone ---- */

static inline const char *InFolder(const char *name) {
  static char folder[64], path[8][256];
  static int next;
  if (!folder[0]) {
    strcpy(folder, "/tmp/rhoflux-io-XXXXXX");
    if (Rank() == 0 && !mkdtemp(folder)) folder[0] = 0;
    OK(MPI_Bcast(folder, sizeof folder, MPI_CHAR, 0, PETSC_COMM_WORLD));
    assert_true(folder[0]);
  }
  next = (next + 1) % 8;
  snprintf(path[next], sizeof path[next], "%s%s%s", folder, name[0] ? "/" : "", name);
  return path[next];
}

static inline int RemoveOne(const char *path, const struct stat *status, int type, struct FTW *place) {
  (void)status, (void)type, (void)place;
  return remove(path);
}

static inline int RemoveFolder(void **state) {
  (void)state;
  MPI_Barrier(PETSC_COMM_WORLD);
  if (Rank() == 0) nftw(InFolder(""), RemoveOne, 16, FTW_DEPTH | FTW_PHYS);
  return 0;
}

/* A whole file in memory, to be freed; NULL when there is none. */
static inline char *Bytes(const char *path, size_t *nbyte) {
  FILE *stream = fopen(path, "r");
  struct stat status;
  if (!stream || fstat(fileno(stream), &status)) return NULL;
  char *bytes = malloc((size_t)status.st_size + 1);
  *nbyte = fread(bytes, 1, (size_t)status.st_size, stream);
  fclose(stream);
  return bytes;
}

static inline bool SameBytes(const char *path, const char *other) {
  size_t n = 0, m = 1;
  char *a = Bytes(path, &n), *b = Bytes(other, &m);
  bool same = a && b && n == m && !memcmp(a, b, n);
  free(a);
  free(b);
  return same;
}

/* ---- errors that are wanted ---- */

static char said[2048]; /* the message of the last PETSc error */

static inline PetscErrorCode KeepMessage(MPI_Comm comm, int line, const char *function, const char *file,
                                         PetscErrorCode code, PetscErrorType type, const char *message, void *context) {
  (void)comm, (void)line, (void)function, (void)file, (void)context;
  if (type == PETSC_ERROR_INITIAL) snprintf(said, sizeof said, "%s", message);
  return code;
}

#define FAILS(code, call)                                                                                              \
  do {                                                                                                                 \
    said[0] = 0;                                                                                                       \
    assert_int_equal(PetscPushErrorHandler(KeepMessage, NULL), 0);                                                     \
    PetscErrorCode failed_ = (call);                                                                                   \
    assert_int_equal(PetscPopErrorHandler(), 0);                                                                       \
    assert_int_equal(failed_, code);                                                                                   \
  } while (0)
static inline void Says(const char *part) {
  if (!strstr(said, part)) fail_msg("'%s' does not say '%s'", said, part);
}

/* Everything diag has to say. */
static inline const char *Reports(RhoDiag diag) {
  static char text[8192];
  FILE *stream = fmemopen(text, sizeof text, "w");
  RhoDiagPrint(diag, stream);
  fclose(stream);
  return text;
}

static inline void Reported(RhoDiag diag, RhoDiagId id, const char *part) {
  if (RhoDiagCount(diag) < 1 || RhoDiagIdAt(diag, RhoDiagCount(diag) - 1) != id || !strstr(Reports(diag), part))
    fail_msg("not reported as [%s] '%s': %s", RhoDiagIdText(id), part, Reports(diag));
}

/* Files, groups, datasets and attributes that HDF5 has open. */
static inline long OpenObjects(void) { return (long)H5Fget_obj_count(H5F_OBJ_ALL, H5F_OBJ_ALL); }

/* ---- a result with the fields rho[a], rho[b] and two series ---- */

static const RhoResultField two_fields[] = {{"rho[a]", "\\rho_{a}", PETSC_FALSE}, {"rho[b]", NULL, PETSC_FALSE}};
static const RhoSeries two_series[] = {{"total(rho[a])", "the integral of rho[a]"}, {"a/b", NULL}};
static const RhoProvenance two_texts[] = {{"rhoflux_version", "0.1.0"}, {"seed", "7"}};
static const RhoResultContent two = {2, 2, 2, two_fields, two_series, two_texts};

/* Starts it and writes outputs at times 0, 0.5, ... of NoiseAt, with lines (k, -k). */
static inline RhoResult Written(RhoGrid grid, const char *path, int noutput) {
  RhoResult result;
  Vec u = VectorOf(grid, 2);
  OK(RhoResultCreate(grid, path, PETSC_TRUE, &two, &result));
  for (int k = 0; k < noutput; k++) {
    Fill(grid, 2, u, NoiseAt, k);
    OK(RhoResultWrite(result, 0.5 * k, u, (const PetscReal[]){k, -k}));
  }
  OK(VecDestroy(&u));
  return result;
}

/* Runs the tests of a program between PetscInitialize and PetscFinalize, and removes its folder. */
#define RUN(tests)                                                                                                     \
  int main(int argc, char **argv) {                                                                                    \
    if (PetscInitialize(&argc, &argv, NULL, NULL)) return 1;                                                           \
    int nfail = cmocka_run_group_tests(tests, NULL, RemoveFolder);                                                     \
    return PetscFinalize() || nfail;                                                                                   \
  }

#endif
