/* Every file of bad_case/ gives exactly the diagnostic its first line promises: "# expect: id line column "hint"",
   on as many ranks as its second line says, "# ranks: n"; read for an analysis if that is "# analysis". */
#include "program.h"
#include "../printed.h"
#include "case.h"
#include <dirent.h>

typedef struct {
  char id[64], hint[256];
  int line, column, nrank;
  RhoCasePurpose purpose;
} Expected;

static int ncomplaint = 0;

#define Complain(...) (ncomplaint++, print_error(__VA_ARGS__), print_error("\n"))

static void ReadExpected(const char *path, Expected *expected) {
  FILE *stream = fopen(path, "r");
  assert_non_null(stream);
  int n = fscanf(stream, "# expect: %63s %d %d \"%255[^\"]\"", expected->id, &expected->line, &expected->column,
                 expected->hint);
  char word[64] = "";
  if (fscanf(stream, " # %63s", word) != 1 || strcmp(word, "ranks:") || fscanf(stream, "%d", &expected->nrank) != 1)
    expected->nrank = 1;
  expected->purpose = strcmp(word, "analysis") ? RHO_CASE_FOR_RUN : RHO_CASE_FOR_ANALYSIS;
  fclose(stream);
  if (n != 4) Complain("%s: no expectation in its first line", path);
}

static void CheckReports(RhoDiag diag, const char *path, const Expected *expected) {
  int line, column;
  char *text = Printed(diag, RhoDiagPrint);
  if (RhoDiagErrors(diag) != 1 || RhoDiagCount(diag) != 1) Complain("%s: not one report:\n%s", path, text);
  if (RhoDiagCount(diag) == 0) return;
  RhoDiagLineColumn(diag, RhoDiagPlaceAt(diag, 0), &line, &column);
  if (strcmp(RhoDiagIdText(RhoDiagIdAt(diag, 0)), expected->id)) Complain("%s: not %s:\n%s", path, expected->id, text);
  if (line != expected->line || column != expected->column)
    Complain("%s: at %d:%d, not %d:%d:\n%s", path, line, column, expected->line, expected->column, text);
  if (!strstr(text, expected->hint)) Complain("%s: without '%s':\n%s", path, expected->hint, text);
  free(text);
}

static void CheckFile(const char *path) {
  RhoCli cli = {.arena = RhoArenaCreate(), .files = RhoArenaCreate(), .diag = RhoDiagCreate(), .nrank = 1};
  Expected expected;
  RhoCase c;
  ReadExpected(path, &expected);
  cli.nrank = expected.nrank;
  if (rho_case_load(&cli, path, expected.purpose, &c) != RHO_INPUT) Complain("%s: nothing found wrong", path);
  CheckReports(cli.diag, path, &expected);
  rho_case_destroy(&c);
  RhoDiagDestroy(&cli.diag);
  RhoArenaDestroy(&cli.files);
  RhoArenaDestroy(&cli.arena);
}

static void TestFiles(void **state) {
  (void)state;
  int n = 0;
  DIR *folder = opendir(RHO_TESTS "/bad_case");
  assert_non_null(folder);
  for (struct dirent *entry; (entry = readdir(folder));) {
    char path[512];
    if (entry->d_name[0] == '.') continue;
    snprintf(path, sizeof path, "%s/bad_case/%s", RHO_TESTS, entry->d_name);
    CheckFile(path);
    n++;
  }
  closedir(folder);
  assert_true(n >= 30);
  assert_int_equal(ncomplaint, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestFiles)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
