/* Diagnostics have files: of bad/, bad_case/, bad_mesh/, bad_data/ and bad_particles/, whose own tests see that each
   file gives just the report of its first line, one is the file of an id: the only one, or the one that is named after
   it. */
#include "program.h"
#include "rhoflux/base.h"
#include <dirent.h>

static int nfile[RHO_ID_COUNT], nnamed[RHO_ID_COUNT];

static const struct {
  const char *name, *ending;
} folder[] = {
    {"bad", ".yaml"}, {"bad_case", ".yaml"}, {"bad_mesh", ".yaml"}, {"bad_data", ".yaml"}, {"bad_particles", ".dump"}};

/* "case-range" of case-range.yaml and case_range.yaml, not of case-range.other.yaml */
static bool IsNamedAfter(const char *file, const char *id, const char *ending) {
  size_t n = strlen(id);
  for (size_t k = 0; k < n; k++)
    if (file[k] != id[k] && !(file[k] == '_' && id[k] == '-')) return false;
  return strcmp(file + n, ending) == 0;
}

static void Count(const char *name, const char *ending, const char *file) {
  char path[512], id[64];
  snprintf(path, sizeof path, RHO_TESTS "/%s/%s", name, file);
  FILE *stream = fopen(path, "r");
  assert_non_null(stream);
  int n = fscanf(stream, "# expect: %63s", id);
  fclose(stream);
  if (n != 1) fail_msg("%s: no expectation in its first line", path);
  for (int k = 0; k < RHO_ID_COUNT; k++) {
    if (strcmp(RhoDiagIdText((RhoDiagId)k), id) != 0) continue;
    nfile[k]++;
    nnamed[k] += IsNamedAfter(file, id, ending);
    return;
  }
  fail_msg("%s: there is no diagnostic %s", path, id);
}

static void EachFile(const char *name, const char *ending) {
  char path[512];
  snprintf(path, sizeof path, RHO_TESTS "/%s", name);
  DIR *list = opendir(path);
  assert_non_null(list);
  for (struct dirent *entry; (entry = readdir(list));)
    if (strstr(entry->d_name, ending)) Count(name, ending, entry->d_name);
  closedir(list);
}

static void TestCount(void **state) {
  int n = 0;
  (void)state;
  for (size_t k = 0; k < sizeof folder / sizeof *folder; k++) EachFile(folder[k].name, folder[k].ending);
  for (int k = 0; k < RHO_ID_COUNT; k++) {
    bool own = nfile[k] == 1 || nnamed[k] == 1;
    if (!own) printf("no file of its own: %s (%d)\n", RhoDiagIdText((RhoDiagId)k), nfile[k]);
    n += own;
  }
  printf("%d of %d diagnostics have a file of their own\n", n, RHO_ID_COUNT);
  assert_true(n >= 100);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestCount)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
