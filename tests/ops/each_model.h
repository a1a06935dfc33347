/* each_model.h - the model files of the repository, found by listing its folder. */
#ifndef RHO_TESTS_OPS_EACH_MODEL_H
#define RHO_TESTS_OPS_EACH_MODEL_H
#include "ops_check.h"
#include <dirent.h>

typedef void (*ModelFn)(Loaded *m, const char *name);

static int IsModel(const struct dirent *entry) {
  char path[4096];
  snprintf(path, sizeof path, RHO_SOURCE_DIR "/models/%s/model.yaml", entry->d_name);
  return entry->d_name[0] != '.' && access(path, R_OK) == 0;
}

/* Calls test for every model in alphabetical order; returns how many there are. */
static inline int EachModel(ModelFn test) {
  struct dirent **entry;
  int n = scandir(RHO_SOURCE_DIR "/models", &entry, IsModel, alphasort);
  for (int k = 0; k < n; k++) {
    char path[4096];
    snprintf(path, sizeof path, RHO_SOURCE_DIR "/models/%s/model.yaml", entry[k]->d_name);
    Loaded m = LoadFile(path, 0);
    test(&m, entry[k]->d_name);
    Unload(&m);
    free(entry[k]);
  }
  if (n >= 0) free(entry);
  return n;
}

#endif
