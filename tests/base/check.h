/* check.h - cmocka and what the tests of base share: a reproducible generator and a stream read back as text. */
#ifndef RHO_TESTS_BASE_CHECK_H
#define RHO_TESTS_BASE_CHECK_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "../printed.h"
#include "base_private.h"

/* xorshift64* (Marsaglia 2003, Vigna 2016); state must not be 0.  A number from 0 to n - 1. */
static inline int Random(uint64_t *state, int n) {
  *state ^= *state >> 12;
  *state ^= *state << 25;
  *state ^= *state >> 27;
  return (int)((*state * UINT64_C(2685821657736338717) >> 33) % (uint64_t)n);
}

static inline int AddText(RhoDiag diag, const char *text) { return RhoDiagAddSource(diag, "t", text, strlen(text)); }

#endif
