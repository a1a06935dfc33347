/* case.c - `rhoflux check` in this process, on a case with its model and mesh or on a model: everything the program
   reads and prints before it computes in time. */
#include "fuzz.h"
#include "rhoflux/cli.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbyte) {
  char path[128], *argv[] = {"rhoflux", "check", path, NULL};
  snprintf(path, sizeof path, "%s", FuzzFiles(bytes, nbyte));
  int status = RhoCliMain(3, argv);
  if (status < 0 || status > 2) abort();
  return 0;
}
