#include "check.h"
#include <hdf5_hl.h>
#include <math.h>

static const double numbers[] = {1, 0.1, NAN, -0.0, 1e-300, 5};

/* Tables of two groups with everything tables can have. */
static RhoTables Filled(RhoArena arena) {
  RhoTables t = RhoTablesCreate(arena, "stability");
  RhoTablesArray(t, "map/growth", "largest Re lambda [1/time]", 2, (const long long[]){2, 3}, numbers);
  RhoTablesArray(t, "map/x", NULL, 1, (const long long[]){3}, numbers);
  RhoTablesArray(t, "curves/0/point", NULL, 2, (const long long[]){0, 3}, NULL);
  RhoTablesArray(t, "here", "one number", 0, NULL, numbers + 1);
  RhoTablesScale(t, "map/growth", 1, "map/x");
  RhoTablesText(t, "curves/0", "end", "window");
  RhoTablesText(t, "map/growth", "latex", "\\lambda");
  RhoTablesTexts(t, "", "fields", 2, (const char *const[]){"c[A]", "c[B]"});
  RhoTablesNumber(t, "map", "q_largest", 6);
  return t;
}

static const RhoProvenance provenance[] = {{"model", "two"}, {"model_text", "rhoflux: 1\nmodel: two\n"}};

static PetscErrorCode Write(RhoTables t, const char *name, PetscBool overwrite) {
  return RhoTablesWrite(PETSC_COMM_WORLD, t, InFolder(name), overwrite, 2, provenance);
}

/* Do the numbers, the scale and the attributes stand in the file as they were given, bit for bit? */
static bool Stands(const char *path) {
  double data[6], q = 0;
  hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
  hid_t growth = H5Dopen2(file, "map/growth", H5P_DEFAULT), x = H5Dopen2(file, "map/x", H5P_DEFAULT);
  bool good = H5LTread_dataset_double(file, "map/growth", data) >= 0 && !memcmp(data, numbers, sizeof data);
  good &= H5DSis_attached(growth, x, 1) > 0 && H5DSis_attached(growth, x, 0) == 0;
  good &= H5LTget_attribute_double(file, "map", "q_largest", &q) >= 0 && q == 6;
  good &= H5Aexists(growth, "what") > 0 && H5Aexists(x, "what") == 0;
  good &= H5LTread_dataset_double(file, "here", data) >= 0 && data[0] == 0.1;
  H5Dclose(growth);
  H5Dclose(x);
  H5Fclose(file);
  return good;
}

/* Property: what is given stands in the file; the same tables make the same bytes. */
static void AsGiven(void **state) {
  (void)state;
  RhoArena arena = RhoArenaCreate();
  OK(Write(Rank() ? NULL : Filled(arena), "given", PETSC_FALSE));
  OK(Write(Rank() ? NULL : Filled(arena), "again.h5", PETSC_FALSE));
  assert_true(Shared(Rank() || Stands(InFolder("given.h5"))));
  assert_true(Shared(Rank() || SameBytes(InFolder("given.h5"), InFolder("again.h5"))));
  assert_true(Shared(access(InFolder("given.h5.part"), F_OK) != 0));
  RhoArenaDestroy(&arena);
}

/* Property: info lists the arrays with shapes and sentences, the analysis, and provenance as such. */
static void Listed(void **state) {
  (void)state;
  RhoArena arena = RhoArenaCreate();
  RhoDiag diag = RhoDiagCreate();
  const RhoResultInfo *info;
  OK(Write(Filled(arena), "listed", PETSC_FALSE));
  MPI_Barrier(PETSC_COMM_WORLD);
  assert_int_equal(RhoResultInfoRead(arena, diag, RHO_NOWHERE, InFolder("listed"), true, &info), RHO_OK);
  assert_int_equal(info->kind, RHO_FILE_TABLES);
  assert_string_equal(info->analysis, "stability");
  assert_int_equal(info->ndataset, 4);
  assert_string_equal(info->dataset[2].name, "map/growth");
  assert_string_equal(info->dataset[2].what, "largest Re lambda [1/time]");
  assert_true(info->dataset[2].rank == 2 && info->dataset[2].shape[0] == 2 && info->dataset[2].shape[1] == 3);
  assert_int_equal(info->dataset[0].shape[0], 0);
  assert_int_equal(info->nprovenance, 2);
  RhoDiagDestroy(&diag);
  RhoArenaDestroy(&arena);
}

/* Property: tables are replaced only when asked, anything else never, and what was there stays. */
static void NotReplaced(void **state) {
  (void)state;
  RhoArena arena = RhoArenaCreate();
  RhoTables t = Filled(arena);
  OK(Write(t, "old", PETSC_FALSE));
  FAILS(PETSC_ERR_FILE_OPEN, Write(t, "old", PETSC_FALSE));
  Says("is there already and not to be overwritten");
  OK(Write(t, "old", PETSC_TRUE));
  RhoGrid grid = GridOf(shapes[1], 2);
  RhoResult run = Written(grid, InFolder("run"), 1);
  OK(RhoResultDestroy(&run));
  OK(RhoGridDestroy(&grid));
  FAILS(PETSC_ERR_FILE_OPEN, Write(t, "run", PETSC_TRUE));
  Says("something else: it is not replaced");
  FAILS(PETSC_ERR_FILE_OPEN, Write(t, "no/folder", PETSC_FALSE));
  Says("No such file or directory");
  FAILS(PETSC_ERR_FILE_OPEN, Write(t, ".h5/", PETSC_FALSE));
  RhoArenaDestroy(&arena);
}

static void AddTwice(RhoTables t) { RhoTablesArray(t, "here", NULL, 0, NULL, numbers); }
static void AddBelow(RhoTables t) { RhoTablesArray(t, "map/x/y", NULL, 0, NULL, numbers); }
static void AddOwn(RhoTables t) { RhoTablesArray(t, "provenance/model", NULL, 0, NULL, numbers); }
static void NoScale(RhoTables t) { RhoTablesScale(t, "map/growth", 0, "map/y"); }
static void LongScale(RhoTables t) { RhoTablesScale(t, "map/growth", 0, "map/x"); }
static void NoAxis(RhoTables t) { RhoTablesScale(t, "map/growth", 2, "map/x"); }

/* Property: what can not stand in one file is refused before anything is written. */
static void Refused(void **state) {
  (void)state;
  void (*const spoil[])(RhoTables) = {AddTwice, AddBelow, AddOwn, NoScale, LongScale, NoAxis};
  for (size_t i = 0; i < sizeof spoil / sizeof spoil[0]; i++) {
    RhoArena arena = RhoArenaCreate();
    RhoTables t = Filled(arena);
    spoil[i](t);
    FAILS(PETSC_ERR_ARG_WRONG, Write(t, "refused", PETSC_FALSE));
    assert_true(Shared(access(InFolder("refused.h5"), F_OK) != 0));
    RhoArenaDestroy(&arena);
  }
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(AsGiven), cmocka_unit_test(Listed),
                                          cmocka_unit_test(NotReplaced), cmocka_unit_test(Refused)};

RUN(tests)
