/* rows.h - tables of reference values: lines of numbers, comments after #. */
#ifndef RHO_TESTS_REFERENCE_ROWS_H
#define RHO_TESTS_REFERENCE_ROWS_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

/* Calls row for every line of tests/reference/NAME that is not a comment, with its n numbers; returns how many. */
typedef void (*RowFn)(const double *x, void *ctx);
static inline int EachRow(const char *name, int n, RowFn row, void *ctx) {
  char path[4096], line[4096];
  int nrow = 0;
  snprintf(path, sizeof path, RHO_SOURCE_DIR "/tests/reference/%s", name);
  FILE *stream = fopen(path, "r");
  assert_non_null(stream);
  while (fgets(line, sizeof line, stream)) {
    double x[64];
    char *at = line, *end;
    if (*line == '#' || *line == '\n') continue;
    for (int k = 0; k < n; k++, at = end) {
      x[k] = strtod(at, &end);
      if (end == at) fail_msg("%s: %d numbers expected: %s", name, n, line);
    }
    row(x, ctx);
    nrow++;
  }
  fclose(stream);
  return nrow;
}

#endif
