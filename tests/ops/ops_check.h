/* ops_check.h - cmocka and what the tests of ops and uniform share: small models written where they are used. */
#ifndef RHO_TESTS_OPS_CHECK_H
#define RHO_TESTS_OPS_CHECK_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <math.h>
#include <cmocka.h>
#include "../model_text.h"
#include "../worse.h"
#include "rhoflux/ops.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

typedef struct {
  RhoDiag diag;
  RhoModel model;
  RhoEquations eq;
  double *value; /* [nuniform] */
} Loaded;

/* xorshift64* (Marsaglia 2003, Vigna 2016); state must not be 0.  A number from a to b. */
static inline double Uniformly(uint64_t *state, double a, double b) {
  *state ^= *state >> 12;
  *state ^= *state << 25;
  *state ^= *state >> 27;
  return a + (b - a) * (double)((*state * UINT64_C(2685821657736338717)) >> 11) * 0x1p-53;
}

static inline int Choose(uint64_t *state, int n) { return (int)Uniformly(state, 0, n); }

static inline void Require(const Loaded *m, RhoStatus status, const char *text) {
  if (status == RHO_OK) return;
  RhoDiagPrint(m->diag, stderr);
  fail_msg("status %d of: %s", (int)status, text);
}

static inline void Bind(Loaded *m, int dim, int n, const RhoSetting *setting) {
  Require(m, RhoEquationsBind(m->eq, dim, n, setting, m->value), "parameters");
}

/* dim 0: the model's, or 2 when it leaves that to the mesh. */
static inline Loaded LoadFile(const char *path, int dim) {
  Loaded m = {.diag = RhoDiagCreate()};
  Require(&m, RhoModelLoad(path, m.diag, &m.model), path);
  Require(&m, RhoEquationsCreate(m.model, m.diag, &m.eq), path);
  m.value = calloc((size_t)m.eq->nuniform, sizeof(double));
  Bind(&m, dim ? dim : m.model->dim ? m.model->dim : 2, 0, NULL);
  return m;
}

/* A model of the text, in `dim` dimensions. */
static inline Loaded LoadText(int dim, const char *text) {
  char path[] = MODEL_PATH;
  WriteModel(path, text);
  Loaded m = LoadFile(path, dim);
  unlink(path);
  return m;
}

static inline void Unload(Loaded *m) {
  free(m->value);
  RhoModelDestroy(&m->model);
  RhoDiagDestroy(&m->diag);
}

static inline RhoNode FormulaOf(Loaded *m, const char *text) {
  int source = RhoDiagAddSource(m->diag, "formula", text, strlen(text));
  RhoFormula formula = {.text = text, .nbyte = strlen(text), .source = source};
  RhoNode node = RhoModelFormula(m->model, formula, 0, NULL, NULL);
  if (node < 0) Require(m, RHO_INPUT, text);
  return node;
}

/* Sets one parameter, the others as in the file. */
static inline void Set1(Loaded *m, int dim, const char *name, double value) {
  RhoSetting setting = {name, value, RHO_NOWHERE};
  Bind(m, dim, 1, &setting);
}

static inline void assert_near(double a, double b, double tolerance, const char *what) {
  if (fabs(a - b) <= tolerance * fmax(1, fabs(b))) return;
  fail_msg("%s: %.17g against %.17g", what, a, b);
}

/* A[n][i][j] at wavenumbers along x, of the continuum or a grid of spacing h > 0. */
static inline double complex *SymbolAlong(Loaded *m, RhoPart part, int dim, const double *state, int n, const double *q,
                                          double h) {
  RhoArena arena = RhoArenaCreate();
  RhoWaves waves;
  const double *all[RHO_MAXDIM] = {q, NULL, NULL};
  double spacing[RHO_MAXDIM] = {h, h, h};
  size_t nfield = (size_t)m->eq->nfield;
  double complex *A = calloc((size_t)n * nfield * nfield, sizeof *A);
  Require(m, RhoWavesCreate(m->eq, arena, dim, m->value, n, all, h > 0 ? spacing : NULL, &waves), "waves");
  Require(m, RhoSymbol(m->eq, part, m->value, state, &waves, A), "symbol");
  RhoArenaDestroy(&arena);
  return A;
}

#endif
