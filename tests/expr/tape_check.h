/* tape_check.h - cmocka and what the tests of tapes share: random numbers, errors in units of the last place, random
   formulas and their values with an error bound. */
#ifndef RHO_TESTS_EXPR_TAPE_CHECK_H
#define RHO_TESTS_EXPR_TAPE_CHECK_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "tape_private.h"

/* xorshift64* (Marsaglia 2003, Vigna 2016); state must not be 0. */
static inline uint64_t RandomBits(uint64_t *state) {
  *state ^= *state >> 12;
  *state ^= *state << 25;
  *state ^= *state >> 27;
  return *state * UINT64_C(2685821657736338717);
}

static inline double Uniform(uint64_t *state, double low, double high) {
  return low + (high - low) * (double)(RandomBits(state) >> 11) * 0x1p-53;
}

static inline int Choice(uint64_t *state, int n) { return (int)((RandomBits(state) >> 33) % (uint64_t)n); }

/* Equal bits, or NaN both. */
static inline bool Same(double a, double b) { return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0; }

/* One unit in the last place of a number of the size of x. */
static inline double Ulp(double x) {
  int e;
  if (!isfinite(x)) return INFINITY;
  frexp(x, &e);
  return ldexp(1, (x == 0 || e < -1021 ? -1021 : e) - 53);
}

/* |x - exact| in units of the last place of exact; infinity when one is NaN, or infinite where the other is far. */
static inline double UlpError(double x, long double exact) {
  double near = (double)exact;
  if (isnan(x) || isnan(near)) return isnan(x) && isnan(near) ? 0 : INFINITY;
  if (x == near) return 0;
  if (isinf(near)) return (long double)fabs(x) >= (long double)0x1.ffffffffffffcp1023 ? 1 : INFINITY;
  if (isinf(x)) return fabs(near) >= 0x1.ffffffffffffcp1023 ? 1 : INFINITY;
  return (double)(fabsl((long double)x - exact) / (long double)Ulp(near));
}

/* ---- random formulas ------------------------------------------------------------------------------------- */

enum { NFIELD = 3, NPARAMETER = 2, NLEAF = NFIELD + NPARAMETER };

/* Two fields, an operator's result, two parameters; then constants and calls of these and of one another. */
typedef struct {
  RhoArena arena;
  RhoGraph graph;
  RhoNode leaf[NLEAF];
  int npool;
  RhoNode pool[200];
} Formula;

static inline Formula NewFormula(void) {
  Formula f = {.arena = RhoArenaCreate()};
  f.graph = RhoGraphCreate(f.arena);
  f.leaf[0] = RhoGraphSymbol(f.graph, RHO_SYM_FIELD, "u");
  f.leaf[1] = RhoGraphSymbol(f.graph, RHO_SYM_FIELD, "v");
  f.leaf[2] = RhoGraphApply(f.graph, RHO_OP_LAP, 0, &f.leaf[0]);
  f.leaf[3] = RhoGraphSymbol(f.graph, RHO_SYM_PARAMETER, "p");
  f.leaf[4] = RhoGraphSymbol(f.graph, RHO_SYM_TIME, "t");
  for (int k = 0; k < NLEAF; k++) f.pool[f.npool++] = f.leaf[k];
  return f;
}

static inline void AddTable(Formula *f) {
  double x[12], y[12];
  for (int i = 0; i < 12; i++) x[i] = -3 + 0.6 * i, y[i] = cos(x[i]);
  RhoGraphAddTable(f->graph, RhoTableCreate(f->arena, 12, x, y));
}

/* Adds n calls of the nfunction functions. */
static inline void Grow(Formula *f, uint64_t *state, int n, int nfunction, const RhoFunction *function) {
  for (int k = 0; k < n; k++) {
    RhoFunction fn = function[Choice(state, nfunction)];
    RhoNode arg[3];
    for (int j = 0; j < 3; j++) {
      arg[j] = f->pool[Choice(state, f->npool)];
      if (Choice(state, 8) == 0) arg[j] = RhoGraphConstant(f->graph, Uniform(state, -2, 2));
    }
    int attr = fn == RHO_FN_TABLE ? Choice(state, 4) : 0;
    f->pool[f->npool++] = fn == RHO_FN_POWI
                              ? RhoGraphPower(f->graph, arg[0], RhoGraphConstant(f->graph, Choice(state, 25) - 12))
                              : RhoGraphCall(f->graph, fn, attr, arg);
  }
}

static inline RhoTape TapeOf(const Formula *f, int nout, const RhoNode *out) {
  RhoNode missing;
  RhoTape tape = RhoTapeCreate(f->graph, nout, out, NFIELD, f->leaf, NPARAMETER, &f->leaf[NFIELD], &missing);
  assert_non_null(tape);
  assert_int_equal(missing, RHO_NONE);
  return tape;
}

/* A value and a bound of what rounding in each function (4 units in the last place) can make of it. */
typedef struct {
  double value, error;
} Bounded;

static inline double CallOf(RhoGraph graph, const RhoNodeInfo *info, const double *x) {
  return RhoGraphCallValue(graph, (RhoFunction)info->code, info->attr, x);
}

static inline Bounded BoundedCall(RhoGraph graph, const RhoNodeInfo *info, const Bounded *all) {
  double x[3] = {0, 0, 0};
  for (int k = 0; k < info->narg; k++) x[k] = all[info->arg[k]].value;
  Bounded r = {CallOf(graph, info, x), 0};
  r.error = 4 * Ulp(r.value);
  for (int k = 0; k < info->narg; k++) {
    double at = x[k], spread = 0;
    for (int side = -1; side <= 1; side += 2) {
      x[k] = at + side * 2 * all[info->arg[k]].error;
      spread = RhoMax(spread, fabs(CallOf(graph, info, x) - r.value));
    }
    x[k] = at;
    r.error += all[info->arg[k]].error == 0 ? 0 : spread;
  }
  return r;
}

/* The values of all nodes where the nodes leaf[nleaf] have the values x[nleaf], to be freed. */
static inline Bounded *BoundedValues(RhoGraph graph, int nleaf, const RhoNode *leaf, const double *x) {
  int n = RhoGraphSize(graph);
  Bounded *all = calloc((size_t)n, sizeof *all);
  for (RhoNode i = 0; i < n; i++) {
    RhoNodeInfo info = RhoGraphNode(graph, i);
    if (info.kind == RHO_CONSTANT) all[i].value = info.value;
    if (info.kind == RHO_CALL) all[i] = BoundedCall(graph, &info, all);
    for (int k = 0; k < nleaf; k++)
      if (i == leaf[k]) all[i] = (Bounded){x[k], 0};
  }
  return all;
}

#endif
