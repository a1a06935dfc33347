/* bad.c - each file of tests/cli/bad is refused with the report its first line names:
     # expect: id line column "part of the hint"
   and each diagnostic of this layer has one file of its own name (variants are named id.what.yaml). */
#include "check.h"
#include <dirent.h>

#define FOLDER RHO_SOURCE_DIR "/tests/cli/bad"

typedef struct {
  char id[64], hint[128];
  int line, column;
} Expectation;

static int seen[RHO_ID_COUNT];

static Expectation ReadExpectation(const char *path) {
  Expectation e;
  FILE *file = fopen(path, "r");
  assert_non_null(file);
  e.hint[0] = 0;
  int n = fscanf(file, "# expect: %63s %d %d \"%127[^\"]\"", e.id, &e.line, &e.column, e.hint);
  fclose(file);
  if (n < 3) fail_msg("%s: no expectation in its first line", path);
  return e;
}

static void CheckReport(RhoDiag diag, const char *file, const Expectation *e) {
  int line, column;
  char *printed;
  size_t nbyte;
  FILE *stream = open_memstream(&printed, &nbyte);
  RhoDiagPrint(diag, stream);
  fclose(stream);
  RhoDiagLineColumn(diag, RhoDiagPlaceAt(diag, 0), &line, &column);
  bool right = RhoDiagCount(diag) == 1 && !strcmp(RhoDiagIdText(RhoDiagIdAt(diag, 0)), e->id) && line == e->line &&
               column == e->column && strstr(printed, e->hint);
  if (!right)
    fail_msg("%s: expected one report %s at %d:%d with '%s', got:\n%s", file, e->id, e->line, e->column, e->hint,
             printed);
  free(printed);
}

/* Refused with exactly the report that is expected, and with no other. */
static void CheckFile(const char *file) {
  char path[512];
  snprintf(path, sizeof path, "%s/%s", FOLDER, file);
  Expectation e = ReadExpectation(path);
  RhoModel model;
  RhoDiag diag = RhoDiagCreate();
  assert_int_equal(RhoModelLoad(path, diag, &model), RHO_INPUT);
  assert_null(model);
  CheckReport(diag, file, &e);
  if (strncmp(file, e.id, strlen(e.id)) != 0) fail_msg("%s: named after another diagnostic than %s", file, e.id);
  if (strcmp(file + strlen(e.id), ".yaml") == 0) seen[RhoDiagIdAt(diag, 0)]++;
  RhoDiagDestroy(&diag);
}

static void EveryFileIsRefused(void **state) {
  (void)state;
  int n = 0;
  DIR *folder = opendir(FOLDER);
  assert_non_null(folder);
  setenv("RHOFLUX_MODELS", RHO_SOURCE_DIR "/models", 1);
  for (struct dirent *entry; (entry = readdir(folder));)
    if (strstr(entry->d_name, ".yaml")) CheckFile(entry->d_name), n++;
  closedir(folder);
  assert_true(n >= 30);
}

static void EveryDiagnosticHasAFile(void **state) {
  (void)state;
  static const struct {
    RhoDiagId id;
    const char *reason;
  } excluded[] = {{RHO_ID_DIM_NEEDED, "met only when a model is bound without a mesh (test bind)"}};
  for (int id = RHO_ID_YAML_SYNTAX; id <= RHO_ID_BAD_CHECK; id++) {
    bool skip = false;
    for (size_t k = 0; k < sizeof excluded / sizeof *excluded; k++)
      if ((int)excluded[k].id == id) {
        printf("no file for %s: %s\n", RhoDiagIdText(id), excluded[k].reason);
        skip = true;
      }
    if (!skip && seen[id] != 1) fail_msg("%d files for the diagnostic %s", seen[id], RhoDiagIdText(id));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(EveryFileIsRefused), cmocka_unit_test(EveryDiagnosticHasAFile)};
  return cmocka_run_group_tests_name("bad", tests, NULL, NULL);
}
