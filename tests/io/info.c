#include "check.h"
#include <hdf5_hl.h>
#include <math.h>

typedef struct {
  RhoArena arena;
  RhoDiag diag;
  const RhoResultInfo *info;
  RhoStatus status;
} Look;

static Look LookAt(const char *path) {
  Look look = {.arena = RhoArenaCreate(), .diag = RhoDiagCreate()};
  look.status = RhoResultInfoRead(look.arena, look.diag, RHO_NOWHERE, path, true, &look.info);
  return look;
}

static void Close(Look *look) {
  RhoDiagDestroy(&look->diag);
  RhoArenaDestroy(&look->arena);
}

static char *Printed(const RhoResultInfo *info, void (*print)(const RhoResultInfo *, FILE *)) {
  char *text = NULL;
  size_t nbyte;
  FILE *stream = open_memstream(&text, &nbyte);
  print(info, stream);
  fclose(stream);
  return text;
}

/* Property: of an HDF5 file that is no result, every dataset of every group is listed with its type and shape. */
static void AnyFile(void **state) {
  (void)state;
  const hsize_t shape[] = {2, 3, 4};
  double data[24] = {0};
  int number[24] = {0};
  hid_t file = H5Fcreate(InFolder("any.h5"), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  hid_t group = H5Gcreate2(file, "a", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  H5LTmake_dataset_double(group, "b", 3, shape, data);
  H5LTmake_dataset_int(group, "c", 1, shape, number);
  H5LTmake_dataset_string(file, "z", "text");
  H5Lcreate_soft("/nowhere", file, "y", H5P_DEFAULT, H5P_DEFAULT);
  H5Lcreate_soft("/", group, "d", H5P_DEFAULT, H5P_DEFAULT); /* a circle: it must end */
  H5LTset_attribute_string(file, "/", "author", "nobody");
  H5LTset_attribute_double(file, "/", "kappa", (const double[]){0.25}, 1);
  H5LTset_attribute_double(file, "/", "list", data, 2);
  H5Gclose(group);
  H5Fclose(file);
  Look look = LookAt(InFolder("any.h5"));
  assert_int_equal(look.status, RHO_OK);
  assert_int_equal(look.info->kind, RHO_FILE_OTHER);
  char *text = Printed(look.info, RhoResultInfoPrint);
  assert_non_null(strstr(text, "any.h5: HDF5 file\n"));
  assert_string_equal(look.info->dataset[0].name, "a/b");
  assert_string_equal(look.info->dataset[0].type, "float64");
  assert_int_equal(look.info->dataset[0].shape[1], 3);
  assert_string_equal(look.info->dataset[1].type, "int32");
  assert_string_equal(look.info->dataset[look.info->ndataset - 1].name, "z");
  assert_int_equal(look.info->nprovenance, 2);
  assert_string_equal(look.info->provenance[0].what, "nobody");
  assert_string_equal(look.info->provenance[1].what, "0.25");
  free(text);
  Close(&look);
}

/* Makes a result and spoils it. */
static Look Spoiled(const char *name, void (*spoil)(hid_t file)) {
  RhoGrid grid = GridOf(shapes[1], 2);
  char path[64];
  snprintf(path, sizeof path, "%s.h5", name);
  RhoResult result = Written(grid, InFolder(name), 2);
  OK(RhoResultDestroy(&result));
  OK(RhoGridDestroy(&grid));
  hid_t file = H5Fopen(InFolder(path), H5F_ACC_RDWR, H5P_DEFAULT);
  spoil(file);
  H5Fclose(file);
  return LookAt(InFolder(path));
}

static void NoTime(hid_t file) { H5Ldelete(file, "time", H5P_DEFAULT); }
static void NoScale(hid_t file) { H5Ldelete(file, "y", H5P_DEFAULT); }
static void NoExtent(hid_t file) { H5Adelete_by_name(file, "x", "to", H5P_DEFAULT); }
static void NoField(hid_t file) { H5Ldelete(file, "rho[b]", H5P_DEFAULT); }
static void NoDimensions(hid_t file) { H5Adelete(file, "dimensions"); }
static void NewVersion(hid_t file) { H5LTset_attribute_int(file, "/", RHO_RESULT_MARK, (const int[]){99}, 1); }

static void OtherShape(hid_t file) {
  H5Ldelete(file, "rho[b]", H5P_DEFAULT);
  H5LTmake_dataset_double(file, "rho[b]", 1, (const hsize_t[]){1}, (const double[]){1});
}

/* Property: a file marked as a result that lacks a part is reported, with what it lacks. */
static void SpoiledResults(void **state) {
  (void)state;
  static const struct {
    void (*spoil)(hid_t file);
    const char *part;
  } way[] = {{NoTime, "its times or its mesh"},
             {NoScale, "its times or its mesh"},
             {NoExtent, "its times or its mesh"},
             {NoDimensions, "its times or its mesh"},
             {NoField, "says it has 'rho[b]' and has not"},
             {OtherShape, "'rho[b]' in"},
             {NewVersion, "version 99"}};
  for (size_t i = 0; i < sizeof way / sizeof way[0]; i++) {
    Look look = Spoiled("spoiled", way[i].spoil);
    assert_int_equal(look.status, RHO_INPUT);
    assert_null(look.info);
    Reported(look.diag, RHO_ID_NOT_A_RESULT, way[i].part);
    Close(&look);
  }
}

static void Remove(const char *format, const char *name) {
  char path[64];
  snprintf(path, sizeof path, format, name);
  assert_int_equal(remove(InFolder(path)), 0);
}

static Look Looted(const char *name, const char *first, const char *second) {
  RhoGrid grid = GridOf(shapes[1], 2);
  RhoResult result = Written(grid, InFolder(name), 2);
  OK(RhoResultDestroy(&result));
  OK(RhoGridDestroy(&grid));
  Remove("%s.d/000001.h5", name);
  if (first) Remove(first, name);
  if (second) Remove(second, name);
  return LookAt(InFolder(name));
}

/* Property: an index without the files it names is reported with the one that is missing, whatever its name. */
static void MissingSnapshots(void **state) {
  (void)state;
  Look look = Looted("50%", NULL, NULL);
  Reported(look.diag, RHO_ID_NOT_A_RESULT, "50%.d/000001.h5' is missing, output 1 of");
  assert_null(look.info);
  Close(&look);
  look = Looted("alone", "%s.d/000000.h5", "%s.d");
  Reported(look.diag, RHO_ID_NOT_A_RESULT, "alone.d' is missing, which holds the outputs of");
  Close(&look);
}

/* Property: lowest, highest and mean are those of the finite cells, and the others are counted. */
static void UndefinedCells(void **state) {
  (void)state;
  const double data[] = {1, NAN, 4, INFINITY}, none[] = {NAN, NAN, NAN, NAN};
  const RhoResultField field[] = {{"u", NULL, PETSC_FALSE}, {"part", NULL, PETSC_TRUE}, {"none", NULL, PETSC_TRUE}};
  const RhoResultContent content = {.nfield = 3, .field = field};
  RhoGrid grid = GridOf((Shape){1, {4}}, 3);
  RhoResult result;
  Vec cells;
  PetscScalar *a;
  OK(DMCreateGlobalVector(grid->da, &cells));
  OK(VecGetArray(cells, &a));
  for (int i = 0; i < 4; i++) a[3 * i] = 2, a[3 * i + 1] = data[i], a[3 * i + 2] = none[i];
  OK(VecRestoreArray(cells, &a));
  OK(RhoResultCreate(grid, InFolder("undefined"), PETSC_TRUE, &content, &result));
  OK(RhoResultWrite(result, 0, cells, NULL));
  OK(RhoResultDestroy(&result));
  OK(VecDestroy(&cells));
  OK(RhoGridDestroy(&grid));
  Look look = LookAt(InFolder("undefined"));
  assert_int_equal(look.status, RHO_OK);
  assert_int_equal(look.info->field[0].nundefined, 0);
  assert_true(look.info->field[1].mean == 2.5 && look.info->field[1].nundefined == 2);
  char *text = Printed(look.info, RhoResultInfoPrint);
  assert_non_null(strstr(text, "1 to 4, mean 2.5, undefined in 2 cells (derived)"));
  assert_non_null(strstr(text, "  undefined in 4 cells (derived)"));
  assert_null(strstr(text, "nan"));
  free(text);
  Close(&look);
}

/* Property: a failing allocation anywhere is RHO_NOMEM and leaves HDF5 usable. */
static void NoMemory(void **state) {
  (void)state;
  RhoGrid grid = GridOf(shapes[1], 2);
  RhoResult result = Written(grid, InFolder("memory"), 2);
  OK(RhoResultDestroy(&result));
  OK(RhoGridDestroy(&grid));
  int nfail = 0;
  for (long n = 1;; n++) {
    RhoArena arena = RhoArenaCreate();
    RhoDiag diag = RhoDiagCreate();
    const RhoResultInfo *info;
    RhoArenaFailAt(n);
    RhoStatus status = RhoResultInfoRead(arena, diag, RHO_NOWHERE, InFolder("memory"), true, &info);
    RhoArenaFailAt(0);
    assert_true(status == RHO_OK || status == RHO_NOMEM);
    nfail += status == RHO_NOMEM;
    RhoDiagDestroy(&diag);
    RhoArenaDestroy(&arena);
    if (status == RHO_OK) break;
  }
  assert_true(nfail > 20);
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(AnyFile), cmocka_unit_test(SpoiledResults),
                                          cmocka_unit_test(MissingSnapshots), cmocka_unit_test(UndefinedCells),
                                          cmocka_unit_test(NoMemory)};
RUN(tests)
