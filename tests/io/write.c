#include "check.h"
#include <math.h>

static const char *const names[] = {"rho[a]", "rho[b]"};

/* Property: what was written is read back bit for bit, from the index at every time and from each snapshot, in 1-D, 2-D
   and 3-D on grids that are not square. */
static void RoundTrip(void **state) {
  (void)state;
  for (int s = 0; s < NSHAPE; s++) {
    RhoGrid grid = GridOf(shapes[s], 2);
    RhoResult result = Written(grid, InFolder("round"), 4);
    RhoDiag diag = RhoDiagCreate();
    Vec u = VectorOf(grid, 2);
    for (int k = 0; k < 8; k++) {
      PetscReal found = -1;
      PetscBool ok;
      char path[64];
      snprintf(path, sizeof path, "round.d/%06d.h5", k / 2);
      OK(VecSet(u, 0));
      OK(RhoResultRead(grid, diag, RHO_NOWHERE, InFolder(k % 2 ? "round" : path), 0.5 * (k / 2) + 0.1, 2, names, u,
                       &found, &ok));
      assert_true(ok && found == 0.5 * (k / 2));
      assert_int_equal(Different(grid, 2, u, NoiseAt, k / 2), 0);
    }
    assert_int_equal(RhoDiagCount(diag), 0);
    RhoDiagDestroy(&diag);
    OK(VecDestroy(&u));
    OK(RhoResultDestroy(&result));
    OK(RhoGridDestroy(&grid));
  }
}

/* The array of a field of an HDF5 file as HDF5 gives it, compared with the numbers it must hold, x fastest: the number
   of wrong ones, negative when its shape is wrong. */
static long Wrong(const char *path, const char *field, Shape shape, int noutput, int f) {
  hsize_t found[8];
  long n = 1, wrong = 0, p = 0;
  int nx = shape.n[0], ny = shape.ndim > 1 ? shape.n[1] : 1, nz = shape.ndim > 2 ? shape.n[2] : 1;
  hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT), dataset = H5Dopen2(file, field, H5P_DEFAULT);
  hid_t space = H5Dget_space(dataset);
  int lead = noutput > 1, rank = H5Sget_simple_extent_dims(space, found, NULL);
  for (int d = 0; d < rank; d++) n *= (long)found[d];
  bool fits = rank == shape.ndim + lead && n == (long)noutput * nx * ny * nz && found[rank - 1] == (hsize_t)nx;
  double *data = malloc((size_t)n * sizeof *data);
  H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, data);
  for (int t = 0; t < noutput && fits; t++)
    for (int k = 0; k < nz; k++)
      for (int j = 0; j < ny; j++)
        for (int i = 0; i < nx; i++) wrong += data[p++] != Noise(i, j, k, f, lead ? t : 0);
  free(data);
  H5Sclose(space);
  H5Dclose(dataset);
  H5Fclose(file);
  return fits ? wrong : -1;
}

/* Property: in the files the values stand in the order [time, z, y, x] whatever the number of ranks. */
static void OrderInFiles(void **state) {
  (void)state;
  for (int s = 0; s < NSHAPE; s++) {
    RhoGrid grid = GridOf(shapes[s], 2);
    RhoResult result = Written(grid, InFolder("order"), 3);
    for (int f = 0; f < 2; f++) {
      long wrong = Rank() ? 0 : Wrong(InFolder("order.h5"), names[f], shapes[s], 3, f);
      assert_int_equal(Shared(wrong), 0);
      wrong = Rank() ? 0 : Wrong(InFolder("order.d/000000.h5"), names[f], shapes[s], 1, f);
      assert_int_equal(Shared(wrong), 0);
    }
    OK(RhoResultDestroy(&result));
    OK(RhoGridDestroy(&grid));
  }
}

/* Property: the same calls make the same bytes. */
static void SameCallsSameBytes(void **state) {
  (void)state;
  RhoGrid grid = GridOf(shapes[1], 2);
  for (int i = 0; i < 2; i++) {
    if (Rank() == 0) assert_int_equal(mkdir(InFolder(i ? "second" : "first"), 0777), 0);
    MPI_Barrier(PETSC_COMM_WORLD);
    RhoResult result = Written(grid, InFolder(i ? "second/r" : "first/r"), 3);
    OK(RhoResultDestroy(&result));
    if (Rank() == 0 && i == 0) sleep(1); /* so that time stamps would differ */
  }
  assert_true(Shared(SameBytes(InFolder("first/r.h5"), InFolder("second/r.h5"))));
  assert_true(Shared(SameBytes(InFolder("first/r.xdmf"), InFolder("second/r.xdmf"))));
  assert_true(Shared(SameBytes(InFolder("first/r.d/000002.h5"), InFolder("second/r.d/000002.h5"))));
  OK(RhoGridDestroy(&grid));
}

static const RhoResultInfo *InfoOf(RhoArena arena, const char *path) {
  RhoDiag diag = RhoDiagCreate();
  const RhoResultInfo *info;
  assert_int_equal(RhoResultInfoRead(arena, diag, RHO_NOWHERE, path, true, &info), RHO_OK);
  RhoDiagDestroy(&diag);
  return info;
}

/* Property: the mesh read from a result is the mesh it was written on. */
static void MeshIsKept(void **state) {
  (void)state;
  for (int s = 0; s < NSHAPE; s++) {
    RhoGrid grid = GridOf(shapes[s], 2);
    RhoResult result = Written(grid, InFolder("mesh"), 1);
    RhoMesh mesh = MeshOf(shapes[s]);
    for (int i = 0; i < 2; i++) {
      RhoArena arena = RhoArenaCreate();
      const RhoResultInfo *info = InfoOf(arena, InFolder(i ? "mesh" : "mesh.d/000000.h5"));
      assert_int_equal(info->kind, i ? RHO_FILE_INDEX : RHO_FILE_SNAPSHOT);
      assert_int_equal(info->mesh.ndimension, mesh.ndimension);
      for (int d = 0; d < mesh.ndimension; d++) {
        const RhoDimension *a = &mesh.dimension[d], *b = &info->mesh.dimension[d];
        assert_string_equal(a->name, b->name);
        assert_true(a->from == b->from && a->to == b->to && a->ncell == b->ncell);
        assert_true(a->boundary == b->boundary && a->spatial == b->spatial);
      }
      RhoArenaDestroy(&arena);
    }
    OK(RhoResultDestroy(&result));
    OK(RhoGridDestroy(&grid));
  }
}

/* Property: so are the edges of unequal cells, and the other dimensions stay without. */
static void EdgesAreKept(void **state) {
  (void)state;
  double edge[64];
  RhoMesh mesh = MeshOf(shapes[1]);
  RhoDimension *y = &mesh.dimension[1];
  for (int i = 0; i <= y->ncell; i++)
    edge[i] = i == y->ncell ? y->to : y->from + (y->to - y->from) * pow((double)i / y->ncell, 1.3);
  y->edge = edge;
  RhoGrid grid;
  OK(RhoGridCreate(PETSC_COMM_WORLD, &mesh, 2, 1, &grid));
  RhoResult result = Written(grid, InFolder("edges"), 1);
  for (int i = 0; i < 2; i++) {
    RhoArena arena = RhoArenaCreate();
    const RhoResultInfo *info = InfoOf(arena, InFolder(i ? "edges" : "edges.d/000000.h5"));
    assert_null(info->mesh.dimension[0].edge);
    assert_non_null(info->mesh.dimension[1].edge);
    for (int k = 0; k <= y->ncell; k++) assert_true(info->mesh.dimension[1].edge[k] == edge[k]);
    RhoArenaDestroy(&arena);
  }
  OK(RhoResultDestroy(&result));
  OK(RhoGridDestroy(&grid));
}

/* Property: every line of the series is there once, in order; the line of an output replaces one of the same time, and
   lines after the last output are there after the end. */
static void SeriesLines(void **state) {
  (void)state;
  RhoGrid grid = GridOf(shapes[0], 2);
  RhoResult result = Written(grid, InFolder("series"), 1);
  Vec u = VectorOf(grid, 2);
  Fill(grid, 2, u, NoiseAt, 0);
  for (int i = 1; i <= 300; i++) OK(RhoResultSeries(result, 0.01 * i, (const PetscReal[]){i, 1. / i}));
  OK(RhoResultWrite(result, 0.01 * 300, u, (const PetscReal[]){-1, -2}));
  OK(RhoResultSeries(result, 4, (const PetscReal[]){NAN, 5}));
  OK(RhoResultDestroy(&result));
  RhoArena arena = RhoArenaCreate();
  const RhoResultInfo *info = InfoOf(arena, InFolder("series"));
  assert_int_equal(info->nline, 302);
  assert_int_equal(info->ntime, 2);
  assert_string_equal(info->series[1].name, "a/b");
  assert_true(info->series[0].first == 0 && isnan(info->series[0].last) && info->series[1].last == 5);
  int n;
  hid_t file = H5Fopen(InFolder("series.h5"), H5F_ACC_RDONLY, H5P_DEFAULT);
  hid_t group = H5Gopen2(file, "series", H5P_DEFAULT);
  const double *line = rho_line_read(arena, group, "a/b", &n);
  assert_int_equal(n, 302);
  for (int i = 1; i < 300; i++) assert_true(line[i] == 1. / i);
  assert_true(line[300] == -2);
  H5Gclose(group);
  H5Fclose(file);
  RhoArenaDestroy(&arena);
  OK(VecDestroy(&u));
  OK(RhoGridDestroy(&grid));
}

/* Property: texts of provenance come back as they were, short, long, empty and not English. */
static void ProvenanceIsKept(void **state) {
  (void)state;
  static char longest[200000];
  memset(longest, 'm', sizeof longest - 1);
  const RhoProvenance texts[] = {{"b", ""}, {"c", longest}, {"a", "\xcf\x81 = \xe2\x88\x87\xc2\xb2\n\"quoted\""}};
  RhoResultContent content = two;
  content.provenance = texts;
  content.nprovenance = 3;
  RhoGrid grid = GridOf(shapes[0], 2);
  RhoResult result;
  OK(RhoResultCreate(grid, InFolder("from.h5"), PETSC_FALSE, &content, &result));
  OK(RhoResultDestroy(&result));
  RhoArena arena = RhoArenaCreate();
  const RhoResultInfo *info = InfoOf(arena, InFolder("from"));
  assert_int_equal(info->nprovenance, 3);
  assert_int_equal(info->ntime, 0);
  for (int i = 0; i < 3; i++) {
    assert_string_equal(info->provenance[i].name, texts[(i + 2) % 3].name);
    assert_string_equal(info->provenance[i].what, texts[(i + 2) % 3].what);
  }
  RhoArenaDestroy(&arena);
  OK(RhoGridDestroy(&grid));
}

/* Property: a result is replaced only when asked, and then none of the old outputs stays. */
static void Overwriting(void **state) {
  (void)state;
  RhoGrid grid = GridOf(shapes[0], 2);
  RhoResult result = Written(grid, InFolder("over"), 3), other;
  OK(RhoResultDestroy(&result));
  FAILS(PETSC_ERR_FILE_OPEN, RhoResultCreate(grid, InFolder("over"), PETSC_FALSE, &two, &other));
  Says("over.h5' is there already");
  assert_null(other);
  assert_true(Shared(access(InFolder("over.d/000002.h5"), R_OK) == 0));
  result = Written(grid, InFolder("over"), 1);
  OK(RhoResultDestroy(&result));
  assert_true(Shared(access(InFolder("over.d/000000.h5"), R_OK) == 0));
  assert_true(Shared(access(InFolder("over.d/000001.h5"), R_OK) != 0));
  OK(RhoGridDestroy(&grid));
}

/* Property: names with slashes, per cent signs and other letters are read back under the same names. */
static void StrangeNames(void **state) {
  (void)state;
  const RhoResultField fields[] = {{"a/b%b", NULL, PETSC_FALSE}, {"\xcf\x86[<&>]", NULL, PETSC_FALSE}};
  const char *const strange[] = {"a/b%b", "\xcf\x86[<&>]"};
  const RhoResultContent content = {.nfield = 2, .field = fields};
  RhoGrid grid = GridOf(shapes[1], 2);
  RhoResult result;
  Vec u = VectorOf(grid, 2);
  PetscBool ok;
  RhoDiag diag = RhoDiagCreate();
  Fill(grid, 2, u, NoiseAt, 0);
  OK(RhoResultCreate(grid, InFolder("100%b & more"), PETSC_FALSE, &content, &result));
  OK(RhoResultWrite(result, 0, u, NULL));
  OK(RhoResultDestroy(&result));
  OK(VecSet(u, 0));
  OK(RhoResultRead(grid, diag, RHO_NOWHERE, InFolder("100%b & more.h5"), PETSC_INFINITY, 2, strange, u, NULL, &ok));
  assert_true(ok);
  assert_int_equal(Different(grid, 2, u, NoiseAt, 0), 0);
  RhoDiagDestroy(&diag);
  OK(VecDestroy(&u));
  OK(RhoGridDestroy(&grid));
}

/* Property: a result that nobody needs later has an index in the end, and nothing for other programs. */
static void TemporaryOnes(void **state) {
  (void)state;
  RhoGrid grid = GridOf(shapes[1], 2);
  const RhoResultField fields[] = {{names[0], NULL, PETSC_FALSE}, {names[1], NULL, PETSC_FALSE}};
  const RhoResultContent content = {.nfield = 2, .field = fields};
  Vec u = VectorOf(grid, 2);
  for (int temporary = 0; temporary < 2; temporary++) {
    RhoResult result;
    const char *path = temporary ? "temporary" : "kept";
    char xdmf[32];
    snprintf(xdmf, sizeof xdmf, "%s.xdmf", path);
    Fill(grid, 2, u, NoiseAt, 0);
    OK(RhoResultCreate(grid, InFolder(path), PETSC_FALSE, &content, &result));
    if (temporary) RhoResultTemporary(result);
    OK(RhoResultWrite(result, 0, u, NULL));
    OK(RhoResultDestroy(&result));
    assert_true(Shared((access(InFolder(xdmf), F_OK) == 0) == !temporary));
    RhoArena arena = RhoArenaCreate();
    assert_int_equal(InfoOf(arena, InFolder(path))->ntime, 1);
    RhoArenaDestroy(&arena);
  }
  OK(VecDestroy(&u));
  OK(RhoGridDestroy(&grid));
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(RoundTrip),          cmocka_unit_test(OrderInFiles),
                                          cmocka_unit_test(SameCallsSameBytes), cmocka_unit_test(MeshIsKept),
                                          cmocka_unit_test(EdgesAreKept),       cmocka_unit_test(SeriesLines),
                                          cmocka_unit_test(ProvenanceIsKept),   cmocka_unit_test(Overwriting),
                                          cmocka_unit_test(StrangeNames),       cmocka_unit_test(TemporaryOnes)};
RUN(tests)
