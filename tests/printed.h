/* printed.h - what is said of diagnostics, as text. */
#ifndef RHO_TESTS_PRINTED_H
#define RHO_TESTS_PRINTED_H
#include <stdio.h>
#include "rhoflux/base.h"

/* What print writes about diag, to be freed. */
static inline char *Printed(RhoDiag diag, void (*print)(RhoDiag, FILE *)) {
  char *text = NULL;
  size_t nbyte;
  FILE *stream = open_memstream(&text, &nbyte);
  assert_non_null(stream);
  print(diag, stream);
  fclose(stream);
  return text;
}

#endif
