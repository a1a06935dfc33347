#include "check.h"
#include <sys/stat.h>
#include <unistd.h>

/* Each test runs with an empty folder as *state and reads the file "f" in it. */
static int Setup(void **state) {
  char name[] = "/tmp/rhoflux-XXXXXX";
  if (!mkdtemp(name)) return -1;
  *state = strdup(name);
  return *state ? 0 : -1;
}

static void PathIn(const char *folder, char *path) { sprintf(path, "%s/f", folder); }

static int Teardown(void **state) {
  char path[100];
  PathIn(*state, path);
  remove(path);
  rmdir(*state);
  free(*state);
  return 0;
}

static void Write(const char *path, const char *bytes, size_t nbyte) {
  FILE *stream = fopen(path, "wb");
  assert_non_null(stream);
  assert_int_equal(fwrite(bytes, 1, nbyte, stream), nbyte);
  fclose(stream);
}

/* Reads bytes back from a file: the source, with the printed reports in *printed (to be freed). */
static int ReadBack(const char *folder, const char *bytes, size_t nbyte, RhoDiag diag, char **printed) {
  char path[100];
  PathIn(folder, path);
  Write(path, bytes, nbyte);
  int source = RhoDiagReadFile(diag, path, RHO_NOWHERE);
  *printed = Printed(diag, RhoDiagPrint);
  return source;
}

/* Property: a file is read as it is, at the lengths around the sizes of the buffers. */
static void ReadsWhole(void **state) {
  const size_t length[] = {0, 1, 4095, 4096, 4097, 8192, 100000};
  char *bytes = malloc(100000), *printed;
  for (int i = 0; i < 100000; i++) bytes[i] = "abc\n"[i % 4];
  for (size_t i = 0; i < sizeof length / sizeof *length; i++) {
    RhoDiag diag = RhoDiagCreate();
    int source = ReadBack(*state, bytes, length[i], diag, &printed);
    size_t nbyte;
    assert_true(source >= 0);
    assert_memory_equal(RhoDiagSourceText(diag, source, &nbyte), bytes, length[i]);
    assert_int_equal(nbyte, length[i]);
    assert_string_equal(printed, "");
    free(printed);
    RhoDiagDestroy(&diag);
  }
  free(bytes);
}

/* Property: a byte order mark is no part of the text. */
static void SkipsByteOrderMark(void **state) {
  RhoDiag diag = RhoDiagCreate();
  char *printed;
  size_t nbyte;
  int source = ReadBack(*state, "\xef\xbb\xbfrhoflux: 1\n", 14, diag, &printed);
  assert_true(source >= 0);
  assert_string_equal(RhoDiagSourceText(diag, source, &nbyte), "rhoflux: 1\n");
  assert_int_equal(nbyte, 11);
  free(printed);
  RhoDiagDestroy(&diag);
}

/* Property: a byte that is no text is reported at its own line and column. */
static void BadByteHasAPlace(void **state) {
  const char *const bad[] = {"ab\nc\xff", "ab\nc\0d", "ab\nc\xc3"};
  const size_t nbyte[] = {5, 6, 5};
  for (int i = 0; i < 3; i++) {
    char *printed;
    RhoDiag diag = RhoDiagCreate();
    assert_int_equal(ReadBack(*state, bad[i], nbyte[i], diag, &printed), -1);
    assert_non_null(strstr(printed, "/f:2:2: error: byte 0x"));
    assert_int_equal(RhoDiagIdAt(diag, 0), RHO_ID_NOT_UTF8);
    free(printed);
    RhoDiagDestroy(&diag);
  }
}

/* Property: a file that is not there, or is a folder, is reported where it is named, with the system's reason. */
static void CannotRead(void **state) {
  char path[100];
  PathIn(*state, path);
  RhoDiag diag = RhoDiagCreate();
  RhoPlace from = {AddText(diag, "mesh: f"), 6, 1};
  assert_int_equal(RhoDiagReadFile(diag, path, from), -1);
  assert_int_equal(RhoDiagReadFile(diag, *state, RHO_NOWHERE), -1);
  assert_int_equal(RhoDiagIdAt(diag, 0), RHO_ID_CANNOT_READ);
  assert_int_equal(RhoDiagPlaceAt(diag, 0).offset, 6);
  char *printed = Printed(diag, RhoDiagPrint);
  assert_non_null(strstr(printed, "/f': No such file or directory"));
  assert_non_null(strstr(printed, "': Is a directory"));
  free(printed);
  RhoDiagDestroy(&diag);
}

/* Property: 16 MiB are read, one byte more is refused. */
static void LargestFile(void **state) {
  char path[100];
  PathIn(*state, path);
  size_t largest = (size_t)16 << 20;
  char *bytes = malloc(largest + 1);
  memset(bytes, 'x', largest + 1);
  RhoDiag diag = RhoDiagCreate();
  Write(path, bytes, largest);
  assert_true(RhoDiagReadFile(diag, path, RHO_NOWHERE) >= 0);
  Write(path, bytes, largest + 1);
  assert_int_equal(RhoDiagReadFile(diag, path, RHO_NOWHERE), -1);
  assert_int_equal(RhoDiagErrors(diag), 1);
  RhoDiagDestroy(&diag);
  free(bytes);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, Setup, Teardown)

int main(void) {
  const struct CMUnitTest test[] = {IN_FOLDER(ReadsWhole), IN_FOLDER(SkipsByteOrderMark), IN_FOLDER(BadByteHasAPlace),
                                    IN_FOLDER(CannotRead), IN_FOLDER(LargestFile)};
  return cmocka_run_group_tests(test, NULL, NULL);
}
