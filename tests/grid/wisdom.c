#include "check.h"
#include "wisdom.h"
#include <fftw3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A cache of the test's own, the same on all ranks. */
typedef struct {
  char folder[64], path[4096];
} Cache;

static Cache Fresh(void) {
  Cache c = {.folder = "/tmp/rhoflux_cache_XXXXXX"};
  PetscMPIInt rank;
  MPI_Comm_rank(PETSC_COMM_WORLD, &rank);
  if (rank == 0) assert_non_null(mkdtemp(c.folder));
  MPI_Bcast(c.folder, sizeof c.folder, MPI_CHAR, 0, PETSC_COMM_WORLD);
  setenv("RHOFLUX_CACHE", c.folder, 1);
  assert_true(rho_wisdom_path(sizeof c.path, c.path));
  return c;
}

static void Remove(const Cache *c) {
  MPI_Barrier(PETSC_COMM_WORLD);
  unlink(c->path);
  rmdir(c->folder);
  setenv("RHOFLUX_CACHE", "off", 1);
}

/* What a transform of that shape gets when asked for this; out, if given, the spectrum of noise. */
static RhoPlanning Got(Shape shape, RhoPlanning planning, PetscInt *n, PetscScalar **out) {
  RhoMesh mesh = MeshOf(shape, 0);
  RhoGrid grid;
  RhoTransform t;
  PetscScalar *cells, *spectrum;
  PetscInt nmode;
  OK(RhoGridCreate(PETSC_COMM_WORLD, &mesh, 1, 1, &grid));
  OK(RhoTransformCreate(grid, planning, &t));
  OK(RhoTransformSpectrum(t, &spectrum));
  OK(PetscMalloc1(grid->nowned, &cells));
  FOR_OWNED(grid, i, p) cells[p] = Noise(i[0], i[1], i[2], 0);
  OK(RhoTransformForward(t, cells, 1, spectrum));
  OK(RhoTransformModes(t, &nmode, NULL, NULL, NULL, NULL));
  if (out) {
    *n = 2 * nmode;
    OK(PetscMalloc1(*n, out));
    OK(PetscArraycpy(*out, spectrum, *n));
  }
  RhoPlanning got = RhoTransformPlanning(t);
  OK(PetscFree(cells));
  OK(RhoTransformFreeSpectrum(t, &spectrum));
  OK(RhoTransformDestroy(&t));
  OK(RhoGridDestroy(&grid));
  return got;
}

static const Shape small = {2, {20, 12}}, other = {2, {14, 18}};

/* Property: what was measured is known afterwards, and another shape is not; a second shape does not drive out the
   first. */
static void MeasuredIsKnown(void **state) {
  (void)state;
  Cache c = Fresh();
  assert_int_equal(Got(small, RHO_PLAN_KNOWN, NULL, NULL), RHO_PLAN_ESTIMATE);
  assert_int_equal(Got(small, RHO_PLAN_MEASURE, NULL, NULL), RHO_PLAN_MEASURE);
  assert_int_equal(Got(small, RHO_PLAN_KNOWN, NULL, NULL), RHO_PLAN_MEASURE);
  assert_int_equal(Got(other, RHO_PLAN_KNOWN, NULL, NULL), RHO_PLAN_ESTIMATE);
  assert_int_equal(Got(other, RHO_PLAN_MEASURE, NULL, NULL), RHO_PLAN_MEASURE);
  assert_int_equal(Got(small, RHO_PLAN_KNOWN, NULL, NULL), RHO_PLAN_MEASURE);
  Remove(&c);
}

/* Does every line of a stand in b? */
static bool Within(const char *a, const char *b) {
  while (*a) {
    const char *at = b;
    size_t n = strcspn(a, "\n");
    while (*at && (strcspn(at, "\n") != n || strncmp(at, a, n))) {
      at += strcspn(at, "\n");
      at += *at == '\n';
    }
    if (!*at && n > 0) return false;
    a += n + (a[n] == '\n');
  }
  return true;
}

/* Property: an estimated plan is the same to the last bit whatever was measured before, by this process or another;
   and what the process itself had told FFTW is still there. */
static void EstimatesForgetMeasurements(void **state) {
  (void)state;
  Cache c = Fresh();
  PetscInt n;
  PetscScalar *before, *after;
  double error = 0;
  fftw_complex *array = fftw_alloc_complex(60);
  fftw_destroy_plan(fftw_plan_dft_1d(60, array, array, FFTW_FORWARD, FFTW_MEASURE));
  char *own = fftw_export_wisdom_to_string();
  assert_int_equal(Got(small, RHO_PLAN_ESTIMATE, &n, &before), RHO_PLAN_ESTIMATE);
  assert_int_equal(Got(small, RHO_PLAN_MEASURE, NULL, NULL), RHO_PLAN_MEASURE);
  assert_int_equal(Got(small, RHO_PLAN_ESTIMATE, &n, &after), RHO_PLAN_ESTIMATE);
  for (PetscInt m = 0; m < n; m++) error = Worse(error, after[m] - before[m]);
  assert_true(Largest(error) == 0);
  char *still = fftw_export_wisdom_to_string();
  double lost = Within(own, still) && Within(still, own) ? 0 : 1; /* in whatever order */
  assert_true(Largest(lost) == 0);
  free(own);
  free(still);
  fftw_free(array);
  OK(PetscFree(before));
  OK(PetscFree(after));
  Remove(&c);
}

static void Overwrite(const char *path, long at, char byte) {
  PetscMPIInt rank;
  MPI_Comm_rank(PETSC_COMM_WORLD, &rank);
  FILE *stream = rank == 0 ? fopen(path, "r+") : NULL;
  if (stream) {
    fseek(stream, at, at < 0 ? SEEK_END : SEEK_SET);
    fputc(byte, stream);
    fclose(stream);
  }
  MPI_Barrier(PETSC_COMM_WORLD);
}

/* Property: a file with one wrong byte, in its head or its body, is as good as none, be it one that FFTW would not
   mind, and the next measurement puts a good one in its place. */
static void DamagedFilesDoNotCount(void **state) {
  (void)state;
  if (Ranks() > 1) return;
  static const long place[] = {3, 20, 200, -1};
  for (int k = 0; k < 4; k++) {
    Cache c = Fresh();
    assert_int_equal(Got(small, RHO_PLAN_MEASURE, NULL, NULL), RHO_PLAN_MEASURE);
    Overwrite(c.path, place[k], place[k] < 0 ? ' ' : '#');
    assert_int_equal(Got(small, RHO_PLAN_KNOWN, NULL, NULL), RHO_PLAN_ESTIMATE);
    assert_int_equal(Got(small, RHO_PLAN_MEASURE, NULL, NULL), RHO_PLAN_MEASURE);
    assert_int_equal(Got(small, RHO_PLAN_KNOWN, NULL, NULL), RHO_PLAN_MEASURE);
    Remove(&c);
  }
}

/* Property: where nothing can be written, or nothing may be, plans are measured all the same. */
static void NoCacheIsNoError(void **state) {
  (void)state;
  Cache c = Fresh();
  setenv("RHOFLUX_CACHE", "/dev/null/nowhere", 1);
  assert_int_equal(Got(small, RHO_PLAN_MEASURE, NULL, NULL), RHO_PLAN_MEASURE);
  assert_int_equal(Got(small, RHO_PLAN_KNOWN, NULL, NULL), RHO_PLAN_ESTIMATE);
  setenv("RHOFLUX_CACHE", "off", 1);
  char path[4096];
  assert_false(rho_wisdom_path(sizeof path, path));
  assert_int_equal(Got(small, RHO_PLAN_MEASURE, NULL, NULL), RHO_PLAN_MEASURE);
  assert_int_not_equal(access(c.path, F_OK), 0);
  Remove(&c);
}

/* Property: the folder is RHOFLUX_CACHE, else one of XDG_CACHE_HOME if that is absolute, else one of HOME. */
static void FoldersHaveAnOrder(void **state) {
  (void)state;
  char path[4096];
  setenv("XDG_CACHE_HOME", "/a", 1);
  setenv("HOME", "/b", 1);
  setenv("RHOFLUX_CACHE", "/c", 1);
  assert_true(rho_wisdom_path(sizeof path, path) && !strncmp(path, "/c/fftw-3", 9));
  unsetenv("RHOFLUX_CACHE");
  assert_true(rho_wisdom_path(sizeof path, path) && !strncmp(path, "/a/rhoflux/fftw-3", 17));
  setenv("XDG_CACHE_HOME", "relative", 1);
  assert_true(rho_wisdom_path(sizeof path, path) && !strncmp(path, "/b/.cache/rhoflux/fftw-3", 24));
  assert_null(strchr(strrchr(path, '/'), ' '));
  setenv("RHOFLUX_CACHE", "off", 1);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(MeasuredIsKnown), cmocka_unit_test(EstimatesForgetMeasurements),
    cmocka_unit_test(DamagedFilesDoNotCount), cmocka_unit_test(NoCacheIsNoError), cmocka_unit_test(FoldersHaveAnOrder)};
RUN(tests)
