/* replay.c - every file of the folders (or the files) named, through the function that the fuzzer calls. */
#include "fuzz.h"
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

static int nfile;

static void ReplayFile(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file || fseek(file, 0, SEEK_END)) exit(2);
  long nbyte = ftell(file);
  rewind(file);
  uint8_t *bytes = malloc((size_t)nbyte + 1);
  if (!bytes || fread(bytes, 1, (size_t)nbyte, file) != (size_t)nbyte) exit(2);
  fclose(file);
  LLVMFuzzerTestOneInput(bytes, (size_t)nbyte);
  free(bytes);
  nfile++;
}

static void Replay(const char *path) {
  DIR *stream = opendir(path);
  if (!stream) {
    ReplayFile(path);
    return;
  }
  for (struct dirent *entry; (entry = readdir(stream));) {
    char name[1024];
    snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
    if (entry->d_name[0] != '.') ReplayFile(name);
  }
  closedir(stream);
}

int main(int argc, char **argv) {
  for (int k = 1; k < argc; k++) Replay(argv[k]);
  printf("%d inputs\n", nfile);
  return nfile > 0 ? 0 : 1;
}
