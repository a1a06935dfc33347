/* model_text.h - a model written where a test uses it, for a moment in a file. */
#ifndef RHO_TESTS_MODEL_TEXT_H
#define RHO_TESTS_MODEL_TEXT_H
#include <stdio.h>
#include <stdlib.h>

#define MODEL_PATH "/tmp/rhoflux_XXXXXX"

/* path: MODEL_PATH, which becomes the file's; to be unlinked. */
static inline void WriteModel(char *path, const char *text) {
  int file = mkstemp(path);
  assert_true(file >= 0);
  FILE *stream = fdopen(file, "w");
  fprintf(stream, "rhoflux: 1\nmodel: test\n%s\n", text);
  fclose(stream);
}

#endif
