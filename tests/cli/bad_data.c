/* Every file of bad_data/, run beside the data it names, ends with exit status 2 and the one report that its first line
   promises: "# expect: id line column "hint"". */
#include "program.h"
#include <dirent.h>
#include <hdf5_hl.h>
#include <math.h>

enum { NCELL = 12, NLONG = 7 };

static void Write(hid_t file, const char *name, hsize_t n, double first) {
  const hsize_t shape[2] = {2, n};
  double *data = malloc(sizeof(double) * 2 * n);
  for (hsize_t k = 0; k < 2 * n; k++) data[k] = k == 3 ? first : 1;
  assert_true(H5LTmake_dataset_double(file, name, 2, shape, data) >= 0);
  free(data);
}

static void MakeData(void) {
  hid_t file = H5Fcreate("data.h5", H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  Write(file, "density", NCELL, 1);
  Write(file, "nan", NCELL, NAN);
  Write(file, "negative", NCELL, -1);
  Write(file, "long", NLONG, 1);
  H5Fclose(file);
}

static void Copy(const char *from, const char *to) {
  char line[4096];
  FILE *in = fopen(from, "r"), *out = fopen(to, "w");
  assert_true(in && out);
  while (fgets(line, sizeof line, in)) fputs(line, out);
  fclose(in);
  fclose(out);
}

static void CheckFile(const char *name) {
  char path[512], id[64], hint[128], expected[256];
  int line, column;
  Run run;
  snprintf(path, sizeof path, RHO_TESTS "/bad_data/%s", name);
  FILE *stream = fopen(path, "r");
  assert_non_null(stream);
  if (fscanf(stream, "# expect: %63s %d %d \"%127[^\"]\"", id, &line, &column, hint) != 4)
    fail_msg("%s: no expectation in its first line", name);
  fclose(stream);
  Copy(path, "bad.yaml");
  RUN(&run, "run", "bad.yaml");
  if (run.status != 2) fail_msg("%s: status %d:\n%s", name, run.status, run.said);
  snprintf(expected, sizeof expected, "bad.yaml:%d:%d: error: ", line, column);
  const char *report = strstr(run.said, expected), *end = report ? strchr(report, '\n') : NULL;
  snprintf(expected, sizeof expected, "[%s]", id);
  if (!report || !strstr(report, expected) || strstr(report, expected) > end || !strstr(run.said, hint))
    fail_msg("%s: not %s at %d:%d with '%s':\n%s", name, id, line, column, hint, run.said);
  if (strstr(end, ": error: ")) fail_msg("%s: more than one report:\n%s", name, run.said);
}

static void TestFiles(void **state) {
  (void)state;
  int n = 0;
  DIR *folder = opendir(RHO_TESTS "/bad_data");
  assert_non_null(folder);
  MakeData();
  Copy(RHO_TESTS "/models/sensing.yaml", "sensing.yaml");
  for (struct dirent *entry; (entry = readdir(folder));) {
    if (entry->d_name[0] == '.') continue;
    CheckFile(entry->d_name);
    n++;
  }
  closedir(folder);
  assert_true(n >= 7);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(TestFiles)};
  return cmocka_run_group_tests(tests, EnterFolder, LeaveFolder);
}
