#include "check.h"
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <sys/resource.h>

/* The bytes of the files of a result, to see whether they change. */
typedef struct {
  char *index, *xdmf, *snapshot;
  size_t nindex, nxdmf, nsnapshot;
} Kept;

static Kept Keep(const char *name) {
  Kept k = {0};
  char path[128];
  snprintf(path, sizeof path, "%s.h5", name);
  k.index = Bytes(InFolder(path), &k.nindex);
  snprintf(path, sizeof path, "%s.xdmf", name);
  k.xdmf = Bytes(InFolder(path), &k.nxdmf);
  snprintf(path, sizeof path, "%s.d/000000.h5", name);
  k.snapshot = Bytes(InFolder(path), &k.nsnapshot);
  return k;
}

static bool Same(const char *a, size_t n, const char *b, size_t m) { return a && b && n == m && !memcmp(a, b, n); }

static void Untouched(Kept *a, const char *name) {
  Kept b = Keep(name);
  bool same = Same(a->index, a->nindex, b.index, b.nindex) && Same(a->xdmf, a->nxdmf, b.xdmf, b.nxdmf) &&
              Same(a->snapshot, a->nsnapshot, b.snapshot, b.nsnapshot);
  free(a->index), free(a->xdmf), free(a->snapshot);
  free(b.index), free(b.xdmf), free(b.snapshot);
  assert_true(Shared(same));
}

static double Bad(const PetscInt i[3], int field, int output) {
  bool here = i[0] == 3 && i[1] == 7 && field == 1;
  return !here ? 0.5 : output == 0 ? NAN : output == 1 ? INFINITY : -INFINITY;
}

/* Property: a state with NaN or infinity is refused on all ranks with its first cell, before anything is written; the
   same numbers in a derived field are written. */
static void NotFinite(void **state) {
  (void)state;
  RhoGrid grid = GridOf(shapes[1], 2);
  RhoResult result = Written(grid, InFolder("nan"), 1);
  Kept kept = Keep("nan");
  Vec u = VectorOf(grid, 2);
  for (int i = 0; i < 3; i++) {
    Fill(grid, 2, u, Bad, i);
    FAILS(PETSC_ERR_FP, RhoResultWrite(result, 1, u, (const PetscReal[]){0, 0}));
    Says("'rho[b]' is not finite at cell (3, 7)");
  }
  Fill(grid, 2, u, NoiseAt, 0);
  FAILS(PETSC_ERR_FP, RhoResultWrite(result, NAN, u, (const PetscReal[]){0, 0}));
  Untouched(&kept, "nan");
  assert_true(Shared(access(InFolder("nan.d/000001.h5"), F_OK) != 0));
  OK(RhoResultDestroy(&result));

  const RhoResultField fields[] = {two_fields[0], {"log(rho)", NULL, PETSC_TRUE}};
  const RhoResultContent derived = {.nfield = 2, .field = fields};
  OK(RhoResultCreate(grid, InFolder("derived"), PETSC_FALSE, &derived, &result));
  Fill(grid, 2, u, Bad, 0);
  OK(RhoResultWrite(result, 1, u, NULL));
  OK(RhoResultDestroy(&result));
  OK(VecDestroy(&u));
  OK(RhoGridDestroy(&grid));
}

/* Property: the places no file can be written at are refused with the path and the system's reason, on all ranks. */
static void Unwritable(void **state) {
  (void)state;
  RhoGrid grid = GridOf(shapes[1], 2);
  RhoResult result;
  if (Rank() == 0) {
    FILE *stream = fopen(InFolder("file"), "w");
    fclose(stream);
    stream = fopen(InFolder("taken.d"), "w");
    fclose(stream);
    mkdir(InFolder("index.h5"), 0777);
  }
  MPI_Barrier(PETSC_COMM_WORLD);
  FAILS(PETSC_ERR_FILE_OPEN, RhoResultCreate(grid, InFolder("file/r"), PETSC_FALSE, &two, &result));
  Says("file/r.d': Not a directory");
  assert_null(result);
  FAILS(PETSC_ERR_FILE_OPEN, RhoResultCreate(grid, InFolder("absent/r.h5"), PETSC_FALSE, &two, &result));
  Says("absent/r.d': No such file or directory");
  FAILS(PETSC_ERR_FILE_OPEN, RhoResultCreate(grid, InFolder("taken"), PETSC_FALSE, &two, &result));
  Says("taken.d': File exists");
  FAILS(PETSC_ERR_FILE_WRITE, RhoResultCreate(grid, InFolder("index"), PETSC_TRUE, &two, &result));
  Says("index.h5': Is a directory");
  assert_true(Shared(access(InFolder("index.d"), F_OK) != 0));
  FAILS(PETSC_ERR_FILE_OPEN, RhoResultCreate(grid, InFolder("file/"), PETSC_FALSE, &two, &result));
  FAILS(PETSC_ERR_FILE_OPEN, RhoResultCreate(grid, "", PETSC_FALSE, &two, &result));
  OK(RhoGridDestroy(&grid));
}

/* Property: names that can not stand together in one file are refused. */
static void Names(void **state) {
  (void)state;
  static const char *const bad[][2] = {{"a", "a"}, {"", "a"}, {"x", "a"}, {"time", "a"}, {"a", "series"}, {".", "a"}};
  RhoGrid grid = GridOf(shapes[0], 2);
  RhoResult result;
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    const RhoResultField fields[] = {{bad[i][0], NULL, PETSC_FALSE}, {bad[i][1], NULL, PETSC_FALSE}};
    const RhoResultContent content = {.nfield = 2, .field = fields};
    FAILS(PETSC_ERR_ARG_WRONG, RhoResultCreate(grid, InFolder("names"), PETSC_FALSE, &content, &result));
  }
  const RhoSeries time = {"time", NULL};
  const RhoResultContent content = {.nfield = 2, .field = two_fields, .nseries = 1, .series = &time};
  FAILS(PETSC_ERR_ARG_WRONG, RhoResultCreate(grid, InFolder("names"), PETSC_FALSE, &content, &result));
  assert_true(Shared(access(InFolder("names.d"), F_OK) != 0));
  OK(RhoGridDestroy(&grid));
}

/* No file of this process grows beyond nbyte; a write beyond is an error, not a signal. */
static void LimitFiles(rlim_t nbyte) {
  struct rlimit limit;
  getrlimit(RLIMIT_FSIZE, &limit);
  limit.rlim_cur = nbyte;
  setrlimit(RLIMIT_FSIZE, &limit);
  signal(SIGXFSZ, nbyte == RLIM_INFINITY ? SIG_DFL : SIG_IGN);
}

/* Property: when the disk takes no more (a limit on the size of files stands for it) the output fails on all ranks with
   the reason, what was there stays, nothing half-written is left, and the output succeeds when there is room again. */
static void NoRoom(void **state) {
  (void)state;
  static const rlim_t room[] = {0, 100, 4096, 30000};
  RhoGrid grid = GridOf(shapes[1], 2);
  Vec u = VectorOf(grid, 2);
  Fill(grid, 2, u, NoiseAt, 1);
  RhoResult result = Written(grid, InFolder("full"), 1), other;
  for (size_t i = 0; i < sizeof room / sizeof room[0]; i++) {
    /* at the last size the snapshot fits and the index, with its many lines, does not */
    for (int k = 1; room[i] > 20000 && k < 3000; k++) OK(RhoResultSeries(result, 1e-5 * k, (const PetscReal[]){k, k}));
    Kept kept = Keep("full");
    LimitFiles(room[i]);
    FAILS(PETSC_ERR_FILE_WRITE, RhoResultWrite(result, 0.5, u, (const PetscReal[]){1, -1}));
    LimitFiles(RLIM_INFINITY);
    Says("cannot write '");
    Says(strerror(EFBIG));
    assert_true(Shared(access(InFolder("full.h5.part"), F_OK) != 0));
    assert_true(Shared(access(InFolder("full.d/000001.h5.part"), F_OK) != 0));
    if (room[i] < 20000) Untouched(&kept, "full");
    else free(kept.index), free(kept.xdmf), free(kept.snapshot);
  }
  LimitFiles(100);
  FAILS(PETSC_ERR_FILE_WRITE, RhoResultCreate(grid, InFolder("other"), PETSC_FALSE, &two, &other));
  LimitFiles(RLIM_INFINITY);
  OK(RhoResultWrite(result, 0.5, u, (const PetscReal[]){1, -1}));
  OK(RhoResultDestroy(&result));

  RhoDiag diag = RhoDiagCreate();
  const char *const names[] = {"rho[a]", "rho[b]"};
  for (int k = 0; k < 2; k++) {
    PetscReal found;
    PetscBool ok;
    OK(RhoResultRead(grid, diag, RHO_NOWHERE, InFolder("full"), 0.5 * k, 2, names, u, &found, &ok));
    assert_true(ok && found == 0.5 * k);
    assert_int_equal(Different(grid, 2, u, NoiseAt, k), 0);
  }
  RhoArena arena = RhoArenaCreate();
  const RhoResultInfo *info;
  assert_int_equal(RhoResultInfoRead(arena, diag, RHO_NOWHERE, InFolder("full"), false, &info), RHO_OK);
  assert_int_equal(info->ntime, 2);
  RhoArenaDestroy(&arena);
  RhoDiagDestroy(&diag);
  OK(VecDestroy(&u));
  OK(RhoGridDestroy(&grid));
}

/* Property: HDF5 has nothing open after a result, and after outputs and readings that failed. */
static void NothingStaysOpen(void **state) {
  (void)state;
  RhoGrid grid = GridOf(shapes[1], 2);
  RhoDiag diag = RhoDiagCreate();
  Vec u = VectorOf(grid, 2);
  PetscBool ok;
  long before = OpenObjects();
  for (int i = 0; i < 3; i++) {
    const char *const names[] = {"rho[a]", i == 0 ? "rho[b]" : "rho"};
    RhoDataset dataset = {.file = InFolder("open.h5"), .dataset = i ? "rho[a]" : "rho", .from_fraction = -1};
    RhoResult result = Written(grid, InFolder("open"), 2), other;
    LimitFiles(i == 2 ? 3000 : RLIM_INFINITY);
    FAILS(i == 2 ? PETSC_ERR_FILE_WRITE : 0, RhoResultWrite(result, 5, u, (const PetscReal[]){0, 0}));
    LimitFiles(RLIM_INFINITY);
    FAILS(PETSC_ERR_FILE_OPEN, RhoResultCreate(grid, InFolder("open"), PETSC_FALSE, &two, &other));
    OK(RhoResultRead(grid, diag, RHO_NOWHERE, InFolder("open"), 0, 2, names, u, NULL, &ok));
    assert_int_equal(ok, i == 0);
    OK(RhoDatasetRead(grid, diag, &dataset, 0, u, &ok));
    dataset.nindex = 1;
    OK(RhoDatasetRead(grid, diag, &dataset, 0, u, &ok));
    assert_int_equal(ok, i > 0);
    OK(RhoResultDestroy(&result));
  }
  assert_int_equal(OpenObjects(), before);
  RhoDiagDestroy(&diag);
  OK(VecDestroy(&u));
  OK(RhoGridDestroy(&grid));
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(NotFinite), cmocka_unit_test(Unwritable),
                                          cmocka_unit_test(Names), cmocka_unit_test(NoRoom),
                                          cmocka_unit_test(NothingStaysOpen)};
RUN(tests)
