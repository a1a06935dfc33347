/* files.c - where the fuzzers put their inputs: a folder in memory, one for each process. */
#include "fuzz.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64], input[80], beside[80];

static void Remove(void) {
  unlink(input);
  unlink(beside);
  rmdir(folder);
}

static void MakeFolder(void) {
  struct stat status;
  snprintf(folder, sizeof folder, "%s/rhoflux-fuzz-XXXXXX", stat("/dev/shm", &status) == 0 ? "/dev/shm" : "/tmp");
  if (!mkdtemp(folder)) abort();
  snprintf(input, sizeof input, "%s/input.yaml", folder);
  snprintf(beside, sizeof beside, "%s/beside", folder);
  atexit(Remove);
}

static void Write(const char *path, const uint8_t *bytes, size_t nbyte) {
  int file = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
  if (file < 0 || write(file, bytes, nbyte) != (ssize_t)nbyte) abort();
  close(file);
}

/* The bytes before the line "%%"; all when there is none. */
static size_t FirstPart(const uint8_t *bytes, size_t nbyte) {
  for (size_t i = 0; i + 4 <= nbyte; i++)
    if (memcmp(bytes + i, "\n%%\n", 4) == 0) return i + 1;
  return nbyte;
}

const char *FuzzFiles(const uint8_t *bytes, size_t nbyte) {
  if (!*folder) MakeFolder();
  size_t n = FirstPart(bytes, nbyte);
  Write(input, bytes, n);
  unlink(beside);
  if (n < nbyte) Write(beside, bytes + n + 3, nbyte - n - 3);
  return input;
}

FILE *FuzzSink(void) {
  static FILE *sink;
  if (!sink && !(sink = fopen("/dev/null", "w"))) abort();
  return sink;
}
