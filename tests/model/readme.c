/* readme.c - the examples of models/README.md are YAML as this program reads it, and whole models among them load. */
#include "check.h"

static char *ReadReadme(void) {
  char *text = calloc(1, 1 << 17);
  FILE *file = fopen(RHO_SOURCE_DIR "/models/README.md", "r");
  assert_non_null(file);
  assert_true(fread(text, 1, (1 << 17) - 1, file) > 0);
  fclose(file);
  return text;
}

static void CheckExample(const char *text, size_t nbyte) {
  RhoArena arena = RhoArenaCreate();
  RhoDiag diag = RhoDiagCreate();
  RhoModel model;
  const RhoYaml *tree = RhoYamlRead(arena, diag, RhoDiagAddSource(diag, "example", text, nbyte));
  if (tree && !strncmp(text, "rhoflux:", 8)) {
    assert_int_equal(LoadBytes(text, nbyte, diag, &model), RHO_OK);
    RhoModelDestroy(&model);
  }
  if (!tree || RhoDiagErrors(diag)) RhoDiagPrint(diag, stderr);
  assert_non_null(tree);
  RhoDiagDestroy(&diag);
  RhoArenaDestroy(&arena);
}

static void Examples(void **state) {
  (void)state;
  int n = 0;
  setenv("RHOFLUX_MODELS", RHO_SOURCE_DIR "/models", 1);
  char *text = ReadReadme();
  for (char *at = text; (at = strstr(at, "```yaml\n")); n++) {
    char *begin = at + 8, *end = strstr(begin, "```");
    assert_non_null(end);
    CheckExample(begin, (size_t)(end - begin));
    at = end + 3;
  }
  assert_true(n > 15);
  free(text);
}

/* Every diagnostic of the layer is in the table. */
static void Diagnostics(void **state) {
  (void)state;
  char *text = ReadReadme(), quoted[80];
  for (int id = RHO_ID_YAML_SYNTAX; id <= RHO_ID_BAD_CHECK; id++) {
    snprintf(quoted, sizeof quoted, "`%s`", RhoDiagIdText((RhoDiagId)id));
    if (!strstr(text, quoted)) fail_msg("%s is not explained", quoted);
  }
  free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(Examples), cmocka_unit_test(Diagnostics)};
  return cmocka_run_group_tests_name("readme", tests, NULL, NULL);
}
