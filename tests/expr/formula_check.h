/* formula_check.h - cmocka and what the tests of formulas share: reading a formula with operators, random numbers,
   random formulas, values at random points. */
#ifndef RHO_TESTS_EXPR_FORMULA_CHECK_H
#define RHO_TESTS_EXPR_FORMULA_CHECK_H
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "graph_private.h"

/* ---- random numbers ---------------------------------------------------------------------------------------------- */

/* xorshift64* (Marsaglia 2003, Vigna 2016); state must not be 0. */
static inline uint64_t RandomBits(uint64_t *state) {
  *state ^= *state >> 12;
  *state ^= *state << 25;
  *state ^= *state >> 27;
  return *state * UINT64_C(2685821657736338717);
}

static inline int Random(uint64_t *state, int n) { return (int)((RandomBits(state) >> 33) % (uint64_t)n); }

static inline double Uniform(uint64_t *state, double low, double high) {
  return low + (high - low) * (double)(RandomBits(state) >> 11) * 0x1p-53;
}

/* Equal bits, or NaN both. */
static inline bool Same(double a, double b) { return (isnan(a) && isnan(b)) || memcmp(&a, &b, sizeof a) == 0; }

/* ---- a graph and its texts --------------------------------------------------------------------------------------- */

typedef struct {
  RhoArena arena;
  RhoDiag diag;
  RhoGraph graph;
} Bench;

static inline int SetupBench(void **state) {
  Bench *bench = calloc(1, sizeof *bench);
  if (!bench || !(bench->arena = RhoArenaCreate()) || !(bench->diag = RhoDiagCreate())) return -1;
  bench->graph = RhoGraphCreate(bench->arena);
  *state = bench;
  return 0;
}

static inline int TeardownBench(void **state) {
  Bench *bench = *state;
  RhoDiagDestroy(&bench->diag);
  RhoArenaDestroy(&bench->arena);
  free(bench);
  return 0;
}

static inline RhoFormula FormulaOf(const char *text) {
  return (RhoFormula){.text = text, .nbyte = strlen(text), .source = -1};
}

/* Names beginning with k, m or T are parameters, t is time, r a coordinate, v and w are variations; others fields. */
static inline RhoNode NamedSymbol(RhoGraph graph, const char *name) {
  RhoSymbolKind kind = RHO_SYM_FIELD;
  if (strchr("kmT", name[0])) kind = RHO_SYM_PARAMETER;
  if (strcmp(name, "t") == 0) kind = RHO_SYM_TIME;
  if (strcmp(name, "r") == 0) kind = RHO_SYM_COORDINATE;
  if (strchr("vw", name[0])) kind = RHO_SYM_VARIATION;
  return RhoGraphSymbol(graph, kind, name);
}

static inline bool IsGradient(RhoGraph graph, RhoNode node, void *ctx) {
  (void)ctx;
  RhoNodeInfo info = RhoGraphNode(graph, node);
  return info.kind == RHO_APPLY && info.code == RHO_OP_GRAD;
}

/* div(a*grad(b)) */
static inline RhoNode Divergence(RhoGraph graph, RhoNode flux) {
  int nterm;
  RhoNode *coef, *atom, rest, bad;
  if (!RhoGraphAffine(graph, flux, IsGradient, NULL, &nterm, &coef, &atom, &rest, &bad) || nterm != 1) return RHO_NONE;
  return RhoGraphApply(graph, RHO_OP_DIVGRAD, 0, (RhoNode[]){coef[0], RhoGraphNode(graph, atom[0]).arg[0]});
}

static inline RhoNode OperatorCall(RhoGraph graph, const RhoAst *ast, RhoLookupFn lookup) {
  RhoNode arg[2] = {RHO_NONE, RHO_NONE};
  const char *name = ast->name;
  bool second = strcmp(name, "conv") == 0 || strcmp(name, "integral") == 0;
  for (int k = 0; k < ast->narg && k < 2; k++) arg[k] = RhoGraphFromAst(graph, ast->arg[k], lookup, NULL);
  if (strcmp(name, "grad") == 0) return RhoGraphApply(graph, RHO_OP_GRAD, 0, arg);
  if (strcmp(name, "lap") == 0) return RhoGraphApply(graph, RHO_OP_LAP, 0, arg);
  if (strcmp(name, "d") == 0) return RhoGraphApply(graph, RHO_OP_DIFF, 0, arg);
  if (second) return RhoGraphApply(graph, *name == 'c' ? RHO_OP_CONV : RHO_OP_INTEGRAL, 0, arg + 1);
  if (strcmp(name, "div") == 0) return Divergence(graph, arg[0]);
  if (strcmp(name, "dot") != 0) return RHO_NONE;
  for (int k = 0; k < 2; k++) arg[k] = RhoGraphNode(graph, arg[k]).arg[0];
  return RhoGraphApply(graph, RHO_OP_GDOT, 0, arg);
}

static inline RhoNode LookUp(RhoGraph graph, const RhoAst *ast, void *ctx) {
  (void)ctx;
  return ast->kind == RHO_AST_CALL ? OperatorCall(graph, ast, LookUp) : NamedSymbol(graph, ast->name);
}

/* |grad(a)|^2 */
static inline RhoNode SquaredGradient(RhoGraph graph, RhoNode node, const RhoNode *arg, void *ctx) {
  double n;
  if (!RhoGraphIsCall(graph, node, RHO_FN_POWI) || !RhoGraphIsConstant(graph, arg[1], &n) || n != 2) return RHO_NONE;
  if (!RhoGraphIsCall(graph, arg[0], RHO_FN_ABS)) return RHO_NONE;
  RhoNode inside = RhoGraphNode(graph, arg[0]).arg[0];
  if (!IsGradient(graph, inside, ctx)) return RHO_NONE;
  inside = RhoGraphNode(graph, inside).arg[0];
  return RhoGraphApply(graph, RHO_OP_GDOT, 0, (RhoNode[]){inside, inside});
}

/* The node of a formula; RHO_NONE when it does not parse. */
static inline RhoNode Read(Bench *bench, const char *text) {
  const RhoAst *ast = RhoParse(bench->arena, NULL, FormulaOf(text));
  RhoNode node = ast ? RhoGraphFromAst(bench->graph, ast, LookUp, NULL) : RHO_NONE;
  return node == RHO_NONE ? RHO_NONE : RhoGraphRewrite(bench->graph, node, SquaredGradient, NULL);
}

static inline const char *OperandName(RhoOperator op, int attr, void *ctx) {
  (void)attr, (void)ctx;
  return op == RHO_OP_CONV ? "K" : "r";
}

static inline const char *Printed(Bench *bench, RhoNode node) {
  RhoText text = RhoTextCreate(bench->arena);
  RhoGraphPrint(bench->graph, node, text, OperandName, NULL);
  return RhoTextGet(text);
}

static inline void AssertSameNode(Bench *bench, RhoNode a, RhoNode b) {
  if (a != b) fail_msg("node %d, %s, is not node %d, %s", a, Printed(bench, a), b, Printed(bench, b));
}

static inline void AssertReads(Bench *bench, const char *text, const char *same) {
  RhoNode a = Read(bench, text), b = Read(bench, same);
  assert_int_not_equal(a, RHO_NONE);
  if (a != b) fail_msg("%s gives %s, not %s", text, Printed(bench, a), Printed(bench, b));
}

/* ---- values ------------------------------------------------------------------------------------------------------ */

/* A value for each symbol and operator node, by its number. */
typedef struct {
  const double *value; /* [nvalue] */
  int nvalue;
} Point;

static inline double ValueAt(RhoGraph graph, RhoNode node, void *ctx) {
  const Point *point = ctx;
  (void)graph;
  assert_true(node < point->nvalue);
  return point->value[node];
}

static inline double Value(Bench *bench, RhoNode node, const double *value, int nvalue) {
  Point point = {value, nvalue};
  return node == RHO_NONE ? 0 : RhoGraphValue(bench->graph, node, ValueAt, &point, NULL);
}

/* ---- random formulas --------------------------------------------------------------------------------------------- */

/* A random node over the leaves, made of the functions given, ncall calls. */
static inline RhoNode RandomNode(Bench *bench, uint64_t *state, int nleaf, const RhoNode *leaf, int nfunction,
                                 const RhoFunction *function, int ncall) {
  RhoNode pool[64];
  int npool = 0;
  for (int k = 0; k < nleaf; k++) pool[npool++] = leaf[k];
  for (int k = 0; k < ncall && npool < 64; k++) {
    RhoFunction f = function[Random(state, nfunction)];
    RhoNode arg[3];
    for (int j = 0; j < 3; j++)
      arg[j] = Random(state, 6) ? pool[npool - 1 - Random(state, npool < 7 ? npool : 7)]
                                : RhoGraphConstant(bench->graph, Random(state, 33) / 4.0 - 4);
    if (f == RHO_FN_POWI)
      pool[npool++] = RhoGraphPower(bench->graph, arg[0], RhoGraphConstant(bench->graph, Random(state, 6) - 1));
    else pool[npool++] = RhoGraphCall(bench->graph, f, 0, arg);
  }
  return pool[npool - 1];
}

/* For RhoGraphMap: one node becomes another one. */
typedef struct {
  RhoNode from, to;
} Swap;

static inline RhoNode Replace(RhoGraph graph, RhoNode node, const RhoNode *arg, void *ctx) {
  const Swap *swap = ctx;
  (void)graph, (void)arg;
  return node == swap->from ? swap->to : RHO_NONE;
}

#endif
