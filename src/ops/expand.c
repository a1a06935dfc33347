/* expand.c - a form of formulas with operators in which equal ones are more often the same polynomial.

     lap f(a, ..)        = sum_k f_k lap a_k + sum_kl f_kl grad a_k . grad a_l
     grad f(a, ..) . g   = sum_k f_k grad a_k . g          d(f(a, ..), x) = sum_k f_k d(a_k, x)
     div(a grad b)       = grad a . grad b + a lap b
     conv(K, c*a + ..)   = c*conv(K, a) + ..               for uniform c; integral too

   until the differential operators stand before symbols, convolutions and each other; of a coordinate the derivatives
   are numbers.  Exact identities of smooth functions; functions with jumps or kinks stay inside.  A graph shares what
   this writes out again and again: after MOST_STEPS the rest stays as it is. */
#include "ops_private.h"
#include <string.h>

enum { MOST_STEPS = 1 << 14 };

typedef struct {
  RhoEquations eq;
  RhoGraph graph;
  const int *kernel;
  bool places; /* only operators on what depends on coordinates, */
  bool given;  /* ... and on no field */
  int nstep;
} Expansion;

/* The dimension whose coordinate the node is; -1. */
static int CoordinateOf(Expansion *x, RhoNode node) {
  RhoNodeInfo info = RhoGraphNode(x->graph, node);
  if (info.kind != RHO_SYMBOL || info.code != RHO_SYM_COORDINATE) return -1;
  for (int d = 0; d < RHO_MAXDIM; d++) {
    const char *name = x->eq->model->dimension[d];
    if (name && strcmp(name, RhoGraphSymbolName(x->graph, node)) == 0) return d;
  }
  return -1;
}

static RhoNode Minus(RhoGraph graph, RhoNode e) { return e < 0 ? RHO_NONE : RhoGraph1(graph, RHO_FN_NEG, e); }

static RhoNode Times(RhoGraph graph, RhoNode a, RhoNode b) {
  return a < 0 || b < 0 ? RHO_NONE : RhoGraphTimes(graph, a, b);
}

static bool IsSmoothCall(RhoGraph graph, RhoNode node) {
  RhoNodeInfo info = RhoGraphNode(graph, node);
  if (info.kind != RHO_CALL) return false;
  switch ((RhoFunction)info.code) {
  case RHO_FN_ABS:
  case RHO_FN_MIN:
  case RHO_FN_MAX:
  case RHO_FN_SIGN:
  case RHO_FN_STEP:
  case RHO_FN_LT:
  case RHO_FN_LE:
  case RHO_FN_EQ:
  case RHO_FN_NE:
  case RHO_FN_AND:
  case RHO_FN_OR:
  case RHO_FN_NOT:
  case RHO_FN_SELECT: return false;
  case RHO_FN_TABLE: return info.attr % 4 < 2; /* a cubic spline */
  default: return true;
  }
}

static RhoNode Raw(RhoGraph graph, RhoOperator op, int attr, RhoNode a, RhoNode b) {
  RhoNode arg[2] = {a, b};
  return RhoGraphApply(graph, op, attr, arg);
}

/* Counts a step: is node to be taken apart? */
static bool IsTakenApart(Expansion *x, RhoNode node) {
  return x->nstep < MOST_STEPS && ++x->nstep && IsSmoothCall(x->graph, node);
}

static RhoNode Derivative(Expansion *x, int dimension, RhoNode a);

static RhoNode Dot(Expansion *x, RhoNode a, RhoNode b) {
  RhoGraph graph = x->graph;
  RhoNode sum = RHO_NONE;
  if (RhoGraphUniform(graph, a) || RhoGraphUniform(graph, b)) return RHO_NONE;
  if (CoordinateOf(x, a) >= 0) return Derivative(x, CoordinateOf(x, a), b);
  if (CoordinateOf(x, b) >= 0) return Derivative(x, CoordinateOf(x, b), a);
  if (!IsTakenApart(x, a)) {
    if (!IsTakenApart(x, b)) return Raw(graph, RHO_OP_GDOT, 0, a, b);
    return Dot(x, b, a);
  }
  RhoNodeInfo info = RhoGraphNode(graph, a);
  for (int k = 0; k < info.narg; k++) {
    RhoNode more = Dot(x, info.arg[k], b);
    if (more >= 0) sum = RhoGraphPlus(graph, sum, Times(graph, rho_partial(graph, a, 1, &k), more));
  }
  return sum;
}

static RhoNode Derivative(Expansion *x, int dimension, RhoNode a) {
  RhoGraph graph = x->graph;
  RhoNode sum = RHO_NONE;
  if (RhoGraphUniform(graph, a)) return RHO_NONE;
  if (CoordinateOf(x, a) >= 0) return CoordinateOf(x, a) == dimension ? RhoGraphConstant(graph, 1) : RHO_NONE;
  if (!IsTakenApart(x, a)) return Raw(graph, RHO_OP_DIFF, dimension, a, RHO_NONE);
  RhoNodeInfo info = RhoGraphNode(graph, a);
  for (int k = 0; k < info.narg; k++) {
    RhoNode more = Derivative(x, dimension, info.arg[k]);
    if (more >= 0) sum = RhoGraphPlus(graph, sum, Times(graph, rho_partial(graph, a, 1, &k), more));
  }
  return sum;
}

static RhoNode Laplace(Expansion *x, RhoNode a) {
  RhoGraph graph = x->graph;
  RhoNode sum = RHO_NONE;
  if (RhoGraphUniform(graph, a) || CoordinateOf(x, a) >= 0) return RHO_NONE;
  if (!IsTakenApart(x, a)) return Raw(graph, RHO_OP_LAP, 0, a, RHO_NONE);
  RhoNodeInfo info = RhoGraphNode(graph, a);
  for (int k = 0; k < info.narg; k++) {
    RhoNode more = Laplace(x, info.arg[k]);
    if (more >= 0) sum = RhoGraphPlus(graph, sum, Times(graph, rho_partial(graph, a, 1, &k), more));
    for (int l = 0; l < info.narg; l++) {
      RhoNode pair = Dot(x, info.arg[k], info.arg[l]);
      if (pair >= 0) sum = RhoGraphPlus(graph, sum, Times(graph, rho_partial(graph, a, 2, (int[]){k, l}), pair));
    }
  }
  return sum;
}

static bool IsCall(RhoNodeInfo info, RhoFunction f) { return info.kind == RHO_CALL && info.code == (int)f; }

/* conv and integral: sums apart, uniform factors outside */
static RhoNode Linear(Expansion *x, RhoOperator op, int attr, RhoNode a) {
  RhoGraph graph = x->graph;
  RhoNodeInfo info = RhoGraphNode(graph, a);
  if (RhoGraphUniform(graph, a) && op == RHO_OP_CONV) return Times(graph, x->eq->kernel0[attr], a);
  if (x->nstep >= MOST_STEPS || !++x->nstep) return Raw(graph, op, attr, a, RHO_NONE);
  if (IsCall(info, RHO_FN_NEG)) return Minus(graph, Linear(x, op, attr, info.arg[0]));
  if (IsCall(info, RHO_FN_ADD) || IsCall(info, RHO_FN_SUB)) {
    RhoNode first = Linear(x, op, attr, info.arg[0]), second = Linear(x, op, attr, info.arg[1]);
    return RhoGraphPlus(graph, first, info.code == RHO_FN_SUB ? Minus(graph, second) : second);
  }
  for (int k = 0; k < 2 && IsCall(info, RHO_FN_MUL); k++)
    if (RhoGraphUniform(graph, info.arg[k])) return Times(graph, info.arg[k], Linear(x, op, attr, info.arg[1 - k]));
  if (IsCall(info, RHO_FN_DIV) && RhoGraphUniform(graph, info.arg[1])) {
    RhoNode over = Linear(x, op, attr, info.arg[0]);
    return over < 0 ? RHO_NONE : RhoGraph2(graph, RHO_FN_DIV, over, info.arg[1]);
  }
  return Raw(graph, op, attr, a, RHO_NONE);
}

static RhoNode Expanded(Expansion *x, RhoNodeInfo info, const RhoNode *arg) {
  RhoGraph graph = x->graph;
  switch ((RhoOperator)info.code) {
  case RHO_OP_LAP: return Laplace(x, arg[0]);
  case RHO_OP_DIFF: return Derivative(x, info.attr, arg[0]);
  case RHO_OP_GDOT: return Dot(x, arg[0], arg[1]);
  case RHO_OP_DIVGRAD: return RhoGraphPlus(graph, Dot(x, arg[0], arg[1]), Times(graph, arg[0], Laplace(x, arg[1])));
  case RHO_OP_CONV: return Linear(x, RHO_OP_CONV, x->kernel ? x->kernel[info.attr] : info.attr, arg[0]);
  case RHO_OP_INTEGRAL: return Linear(x, RHO_OP_INTEGRAL, info.attr, arg[0]);
  default: return Raw(graph, (RhoOperator)info.code, info.attr, arg[0], arg[1]);
  }
}

/* A flux coefficient that depends on the place leaves div(a grad b) what it is. */
static bool ActsOnPlace(const Expansion *x, RhoNodeInfo info, const RhoNode *arg) {
  RhoGraph graph = x->graph;
  for (int k = 0; x->given && k < info.narg; k++)
    if (RhoGraphDependsOnKind(graph, arg[k], RHO_SYM_FIELD)) return false;
  switch ((RhoOperator)info.code) {
  case RHO_OP_LAP:
  case RHO_OP_DIFF: return RhoGraphDependsOnKind(graph, arg[0], RHO_SYM_COORDINATE);
  case RHO_OP_DIVGRAD: return RhoGraphDependsOnKind(graph, arg[1], RHO_SYM_COORDINATE);
  case RHO_OP_GDOT:
    return RhoGraphDependsOnKind(graph, arg[0], RHO_SYM_COORDINATE) ||
           RhoGraphDependsOnKind(graph, arg[1], RHO_SYM_COORDINATE);
  default: return false;
  }
}

static RhoNode ExpandNode(RhoGraph graph, RhoNode node, const RhoNode *arg, void *ctx) {
  RhoNodeInfo info = RhoGraphNode(graph, node);
  Expansion *x = ctx;
  if (info.kind != RHO_APPLY || (x->places && !ActsOnPlace(x, info, arg))) return RHO_NONE;
  RhoNode made = Expanded(x, info, arg);
  return made < 0 ? RhoGraphConstant(graph, 0) : made;
}

RhoNode rho_expand(RhoEquations eq, RhoNode node, const int *kernel) {
  Expansion x = {.eq = eq, .graph = eq->graph, .kernel = kernel};
  return node < 0 ? RHO_NONE : RhoGraphRewrite(eq->graph, node, ExpandNode, &x);
}

RhoNode rho_expand_places(RhoEquations eq, RhoNode node, bool given) {
  Expansion x = {.eq = eq, .graph = eq->graph, .places = true, .given = given};
  return node < 0 ? RHO_NONE : RhoGraphRewrite(eq->graph, node, ExpandNode, &x);
}

typedef struct {
  RhoEquations eq;
  RhoNode node;
} Request;

static RhoStatus Guarded(void *ctx) {
  Request *request = ctx;
  request->node = rho_expand_places(request->eq, request->node, false);
  return RHO_OK;
}

RhoNode RhoCellFormula(RhoEquations eq, RhoNode node) {
  Request request = {eq, node};
  return rho_ops_guarded(eq->model->arena, Guarded, &request) == RHO_OK ? request.node : RHO_NONE;
}
