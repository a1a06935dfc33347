#include "check.h"
#include "../printed.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- reading a text ---- */

typedef struct {
  RhoArena arena;
  RhoDiag diag;
  RhoMesh mesh;
  RhoStatus status;
} Read;

static Read Begin(void) { return (Read){.arena = RhoArenaCreate(), .diag = RhoDiagCreate()}; }

static void End(Read *r) {
  RhoDiagDestroy(&r->diag);
  RhoArenaDestroy(&r->arena);
}

static Read ReadText(const char *text) {
  Read r = Begin();
  const RhoYaml *map = RhoYamlRead(r.arena, r.diag, RhoDiagAddSource(r.diag, "t", text, strlen(text)));
  assert_non_null(map);
  r.status = RhoMeshRead(r.arena, r.diag, map, &r.mesh);
  return r;
}

/* ---- meshes that are right ---- */

/* Property: what is written is what is read, in the order written; from is 0 when not given. */
static void WhatIsWrittenIsRead(void **state) {
  (void)state;
  Read r = ReadText("v: {from: -2*pi, to: 2*pi, cells: 33, boundary: no_flux}\n"
                    "x1: {length: 8, cells: 16777216, boundary: periodic}\n"
                    "x: {from: 1, length: 0.5, cells: 1, boundary: wall}\n");
  const RhoDimension *d = r.mesh.dimension;
  assert_int_equal(r.status, RHO_OK);
  assert_int_equal(RhoDiagCount(r.diag), 0);
  assert_int_equal(r.mesh.ndimension, 3);
  assert_string_equal(d[0].name, "v");
  assert_string_equal(d[1].name, "x1");
  assert_string_equal(d[2].name, "x");
  assert_true(d[0].from == -2 * M_PI && d[0].to == 2 * M_PI && d[0].ncell == 33 && d[0].boundary == RHO_WALL);
  assert_true(d[1].from == 0 && d[1].to == 8 && d[1].ncell == 16777216 && d[1].boundary == RHO_PERIODIC);
  assert_true(d[2].from == 1 && d[2].to == 1.5 && d[2].ncell == 1 && d[2].boundary == RHO_WALL);
  End(&r);
}

/* Property: x, y, z, x1, x2, ... count in dim, other names do not. */
static void SpatialNames(void **state) {
  (void)state;
  static const struct {
    const char *name;
    bool spatial;
  } row[] = {{"x", 1}, {"y", 1},     {"z", 1}, {"x1", 1}, {"x12", 1},
             {"v", 0}, {"theta", 0}, {"q", 0}, {"y1", 0}, {"xa", 0}};
  for (size_t k = 0; k < sizeof row / sizeof *row; k++) {
    char text[128];
    snprintf(text, sizeof text, "%s: {length: 1, cells: 4, boundary: wall}\n", row[k].name);
    Read r = ReadText(text);
    assert_int_equal(r.status, RHO_OK);
    assert_int_equal(r.mesh.dimension[0].spatial, row[k].spatial);
    assert_int_equal(RhoMeshSpatial(&r.mesh), row[k].spatial);
    End(&r);
  }
}

/* Property: a file of its own holds the same map beside its version. */
static void FileIsTheMap(void **state) {
  (void)state;
  char path[] = "/tmp/rhoflux_mesh_XXXXXX";
  int file = mkstemp(path);
  FILE *stream = fdopen(file, "w");
  assert_non_null(stream);
  fputs("x: {length: 3, cells: 5, boundary: wall}\nrhoflux: 1\ny: {length: 2, cells: 7, boundary: periodic}\n", stream);
  fclose(stream);
  Read r = Begin();
  r.status = RhoMeshLoad(r.arena, r.diag, path, &r.mesh);
  remove(path);
  assert_int_equal(r.status, RHO_OK);
  assert_int_equal(r.mesh.ndimension, 2);
  assert_int_equal(r.mesh.dimension[1].ncell, 7);
  End(&r);
}

/* ---- meshes that are wrong ---- */

/* Property: every mistake is reported in one go, and the mesh is left empty. */
static void AllMistakesAtOnce(void **state) {
  (void)state;
  Read r = ReadText("x: {lenght: 3, cells: 1.5, boundary: open}\ny: {length: 0, cells: 0}\n2: {}\n");
  static const RhoDiagId id[] = {RHO_ID_UNKNOWN_KEY, RHO_ID_MESH_MISSING, RHO_ID_MESH_CELLS,   RHO_ID_MESH_BOUNDARY,
                                 RHO_ID_MESH_LENGTH, RHO_ID_MESH_CELLS,   RHO_ID_MESH_MISSING, RHO_ID_MESH_NAME};
  int n = sizeof id / sizeof *id;
  assert_int_equal(r.status, RHO_INPUT);
  assert_int_equal(r.mesh.ndimension, 0);
  assert_int_equal(RhoDiagCount(r.diag), n);
  for (int k = 0; k < n; k++) assert_int_equal(RhoDiagIdAt(r.diag, k), id[k]);
  End(&r);
}

/* Property: these are refused, each with one report that carries a hint. */
static void EachIsRefused(void **state) {
  (void)state;
  static const char *const text[] = {
      "[x, y]",
      "x: 12",
      "x: [1, 2]",
      "x: {length: {}, cells: 4, boundary: wall}",
      "x: {length: a, cells: 4, boundary: wall}",
      "x: {length: 1/0, cells: 4, boundary: wall}",
      "x: {from: 1e308, to: -1e308, cells: 4, boundary: wall}",
      "x: {from: -1e308, to: 1e308, cells: 4, boundary: wall}",
      "x: {from: 1e30, length: 1, cells: 4, boundary: wall}",
      "x: {length: 1, cells: -4, boundary: wall}",
      "x: {length: 1, cells: 4.0, boundary: wall}",
      "x: {length: 1, cells: 99999999999999999999, boundary: wall}",
      "x: {length: 1, cells: [4], boundary: wall}",
      "x: {length: 1, cells: 4, boundary: [wall, wall]}",
      "x: {length: 1, cells: 4, boundary: wall, spacing: 1}",
      "exp: {length: 1, cells: 4, boundary: wall}",
      "grad: {length: 1, cells: 4, boundary: wall}",
      "x y: {length: 1, cells: 4, boundary: wall}",
      "a: {length: 1, cells: 4, boundary: wall}\nb: {length: 1, cells: 4, boundary: wall}\n"
      "c: {length: 1, cells: 4, boundary: wall}\nd1: {length: 1, cells: 4, boundary: wall}\n"};
  for (size_t k = 0; k < sizeof text / sizeof *text; k++) {
    Read r = ReadText(text[k]);
    char *printed = Printed(r.diag, RhoDiagPrint);
    if (r.status != RHO_INPUT || RhoDiagCount(r.diag) != 1 || !strstr(printed, "hint"))
      fail_msg("%s\n%d reports:\n%s", text[k], RhoDiagCount(r.diag), printed);
    free(printed);
    End(&r);
  }
}

/* ---- the files of bad_mesh ---- */

typedef struct {
  char id[64], hint[128];
  int line, column;
} Expected;

static void CheckFile(const char *path, const Expected *expected) {
  Read r = Begin();
  int line, column;
  r.status = RhoMeshLoad(r.arena, r.diag, path, &r.mesh);
  char *printed = Printed(r.diag, RhoDiagPrint);
  assert_int_equal(r.status, RHO_INPUT);
  if (RhoDiagCount(r.diag) != 1) fail_msg("%s: not one report:\n%s", path, printed);
  RhoDiagLineColumn(r.diag, RhoDiagPlaceAt(r.diag, 0), &line, &column);
  if (strcmp(RhoDiagIdText(RhoDiagIdAt(r.diag, 0)), expected->id) || line != expected->line ||
      column != expected->column || !strstr(printed, expected->hint))
    fail_msg("%s: not %s at %d:%d with '%s':\n%s", path, expected->id, expected->line, expected->column, expected->hint,
             printed);
  free(printed);
  End(&r);
}

static int IdOf(const char *text) {
  for (int id = 0; id < RHO_ID_COUNT; id++)
    if (strcmp(RhoDiagIdText((RhoDiagId)id), text) == 0) return id;
  fail_msg("there is no diagnostic %s", text);
  return -1;
}

/* Property: every file gives the one report its first line promises, and every diagnostic of meshes (mesh-version to
   mesh-boundary of the table) has a file. */
static void BadFiles(void **state) {
  (void)state;
  static const char folder[] = RHO_SOURCE_DIR "/tests/cli/bad_mesh";
  int nfile[RHO_ID_COUNT] = {0};
  DIR *list = opendir(folder);
  assert_non_null(list);
  for (struct dirent *entry; (entry = readdir(list));) {
    char path[512];
    Expected expected;
    if (entry->d_name[0] == '.') continue;
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    FILE *stream = fopen(path, "r");
    assert_non_null(stream);
    int n = fscanf(stream, "# expect: %63s %d %d \"%127[^\"]\"", expected.id, &expected.line, &expected.column,
                   expected.hint);
    fclose(stream);
    if (n != 4) fail_msg("%s: no expectation in its first line", path);
    CheckFile(path, &expected);
    nfile[IdOf(expected.id)]++;
  }
  closedir(list);
  for (int id = 0; id < RHO_ID_COUNT; id++)
    assert_int_equal(nfile[id] > 0, id >= RHO_ID_MESH_VERSION && id <= RHO_ID_MESH_BOUNDARY);
}

/* ---- no memory ---- */

/* What reading a mesh comes to when its n-th allocation fails. */
static RhoStatus StatusWithout(int n) {
  static const char text[] = "x: {from: 0, to: 2*pi, cells: 4, boundary: wall}\n";
  Read r = Begin();
  const RhoYaml *map = RhoYamlRead(r.arena, r.diag, RhoDiagAddSource(r.diag, "t", text, strlen(text)));
  if (setjmp(*RhoArenaGuard(r.arena))) fail_msg("the jump went past RhoMeshRead");
  RhoArenaFailAt(n);
  RhoStatus status = RhoMeshRead(r.arena, r.diag, map, &r.mesh);
  RhoArenaFailAt(0);
  assert_int_equal(r.mesh.ndimension, status == RHO_OK);
  End(&r);
  return status;
}

/* Property: with the n-th allocation failing a mesh is refused with RHO_NOMEM, and the arena's own guard is back. */
static void NoMemory(void **state) {
  (void)state;
  int n = 1;
  while (StatusWithout(n) == RHO_NOMEM) n++;
  assert_int_equal(StatusWithout(n), RHO_OK);
  assert_true(n > 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(WhatIsWrittenIsRead),
                                     cmocka_unit_test(SpatialNames),
                                     cmocka_unit_test(FileIsTheMap),
                                     cmocka_unit_test(AllMistakesAtOnce),
                                     cmocka_unit_test(EachIsRefused),
                                     cmocka_unit_test(BadFiles),
                                     cmocka_unit_test(NoMemory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
