/* check.h - cmocka and what the tests of layer model share: models from texts, formulas as text, random numbers. */
#ifndef RHO_TESTS_MODEL_CHECK_H
#define RHO_TESTS_MODEL_CHECK_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "rhoflux/model.h"

/* xorshift64* (Marsaglia 2003, Vigna 2016); state must not be 0.  A number from 0 to n - 1. */
static inline int Random(uint64_t *state, int n) {
  *state ^= *state >> 12;
  *state ^= *state << 25;
  *state ^= *state >> 27;
  return (int)((*state * UINT64_C(2685821657736338717) >> 33) % (uint64_t)n);
}

/* A file of its own below /tmp with this text; unlink and free the name. */
static inline char *WriteFile(const char *text, size_t nbyte) {
  char *path = strdup("/tmp/rhoflux-test-XXXXXX");
  assert_non_null(path);
  int file = mkstemp(path);
  assert_true(file >= 0);
  assert_int_equal(write(file, text, nbyte), (ssize_t)nbyte);
  close(file);
  return path;
}

static inline RhoStatus LoadBytes(const char *text, size_t nbyte, RhoDiag diag, RhoModel *model) {
  char *path = WriteFile(text, nbyte);
  RhoStatus status = RhoModelLoad(path, diag, model);
  unlink(path);
  free(path);
  return status;
}

/* The text with the head of a model before it; to be freed. */
static inline char *WithHead(const char *text) {
  size_t room = strlen(text) + 64;
  char *whole = malloc(room);
  assert_non_null(whole);
  snprintf(whole, room, "rhoflux: 1\nmodel: test\n%s", text);
  return whole;
}

/* A model that must be right. */
static inline RhoModel LoadText(RhoDiag diag, const char *text) {
  RhoModel model;
  char *whole = WithHead(text);
  RhoStatus status = LoadBytes(whole, strlen(whole), diag, &model);
  if (status != RHO_OK) RhoDiagPrint(diag, stderr);
  assert_int_equal(status, RHO_OK);
  free(whole);
  return model;
}

static inline RhoModel LoadShipped(RhoDiag diag, const char *name) {
  RhoModel model;
  char path[512];
  snprintf(path, sizeof path, RHO_SOURCE_DIR "/models/%s/model.yaml", name);
  RhoStatus status = RhoModelLoad(path, diag, &model);
  if (status != RHO_OK) RhoDiagPrint(diag, stderr);
  assert_int_equal(status, RHO_OK);
  return model;
}

/* The first error of a model that must be wrong, with everything printed in *printed (to be freed). */
static inline RhoDiagId LoadWrong(const char *text, char **printed) {
  RhoModel model;
  RhoDiag diag = RhoDiagCreate();
  char *whole = WithHead(text);
  size_t nbyte;
  assert_int_equal(LoadBytes(whole, strlen(whole), diag, &model), RHO_INPUT);
  assert_null(model);
  assert_true(RhoDiagCount(diag) > 0);
  RhoDiagId id = RhoDiagIdAt(diag, 0);
  FILE *stream = open_memstream(printed, &nbyte);
  RhoDiagPrint(diag, stream);
  fclose(stream);
  free(whole);
  RhoDiagDestroy(&diag);
  return id;
}

static inline RhoNode Node(RhoModel model, const char *text) {
  RhoNode node = RhoModelFormula(model, (RhoFormula){.text = text, .nbyte = strlen(text), .source = -1}, 0, NULL, NULL);
  if (node < 0) RhoDiagPrint(model->diag, stderr);
  assert_true(node >= 0);
  return node;
}

static inline const char *Operand(RhoOperator op, int attr, void *model) {
  RhoModel m = model;
  return op == RHO_OP_CONV ? m->kernel[attr].name : m->dimension[attr];
}

static inline const char *Printed(RhoModel model, RhoNode node) {
  if (node < 0) return "";
  RhoText text = RhoTextCreate(model->arena);
  RhoGraphPrint(model->graph, node, text, Operand, model);
  return RhoTextGet(text);
}

#endif
