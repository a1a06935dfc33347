/* Every file of bad_particles/, without its first line, ends `rhoflux coarsen` with exit status 2 and the one report
   that this line promises: "# expect: id line column "text""; line 0: without a place. */
#include "program.h"
#include <dirent.h>

static void CopyData(FILE *from) {
  char line[4096];
  FILE *to = fopen("bad.data", "w");
  assert_non_null(to);
  assert_non_null(fgets(line, sizeof line, from));
  while (fgets(line, sizeof line, from)) fputs(line, to);
  fclose(to);
}

static void CheckFile(const char *name) {
  char path[512], id[64], text[128], place[64] = "error: ", expected[80];
  int line, column;
  Run run;
  snprintf(path, sizeof path, RHO_TESTS "/bad_particles/%s", name);
  FILE *stream = fopen(path, "r");
  assert_non_null(stream);
  if (fscanf(stream, "# expect: %63s %d %d \"%127[^\"]\"", id, &line, &column, text) != 4)
    fail_msg("%s: no expectation in its first line", name);
  CopyData(stream);
  fclose(stream);
  RUN(&run, "coarsen", "bad.data", "--mesh", "mesh.yaml", "--species", "A=1", "--species=B=2", "--overwrite");
  if (run.status != 2) fail_msg("%s: status %d:\n%s", name, run.status, run.said);
  if (line) snprintf(place, sizeof place, "bad.data:%d:%d: error: ", line, column);
  snprintf(expected, sizeof expected, "[%s]\n", id);
  const char *end = strchr(run.said, '\n'), *said = strstr(run.said, expected);
  if (strncmp(run.said, place, strlen(place)) || !said || said > end || !strstr(run.said, text))
    fail_msg("%s: not %s at %d:%d with '%s':\n%s", name, id, line, column, text, run.said);
  if (strstr(end, ": error: ")) fail_msg("%s: more than one report:\n%s", name, run.said);
}

static void TestFiles(void **state) {
  (void)state;
  int n = 0;
  DIR *folder = opendir(RHO_TESTS "/bad_particles");
  assert_non_null(folder);
  WriteText("mesh.yaml", "rhoflux: 1\nx: {length: 4, cells: 4, boundary: periodic}\n"
                         "y: {length: 2, cells: 2, boundary: wall}\n");
  for (struct dirent *entry; (entry = readdir(folder));) {
    if (entry->d_name[0] == '.') continue;
    CheckFile(entry->d_name);
    n++;
  }
  closedir(folder);
  assert_true(n >= 20);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestFiles)};
  return cmocka_run_group_tests(tests, EnterFolder, LeaveFolder);
}
