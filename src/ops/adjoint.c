/* adjoint.c - the variational derivative of a functional, by reverse accumulation over the graph.

     F[u] = int f dr,   dF = int sum_n a_n dn dr,   a_f = 1;   a_arg += a_n * (adjoint of n with respect to arg)

   Pointwise functions contribute their partial derivative.  Operators contribute their adjoint (boundary terms vanish
   on periodic grids and at walls without normal derivative): lap e: lap a      conv(K, e): conv(K, a) (K even) d(e, x):
   -d(a, x)      integral(v, e): integral(v, a) dot(e1, e2) = grad e1 . grad e2:  -div(a grad e2) to e1, -div(a grad e1)
   to e2 div(c grad e):  -dot(a, c ... ) = -grad a . grad e to c,  div(c grad a) to e */
#include "ops_private.h"

static RhoNode Apply1(RhoGraph graph, RhoOperator op, int attr, RhoNode e) {
  return RhoGraphApply(graph, op, attr, &e);
}

static RhoNode Apply2(RhoGraph graph, RhoOperator op, RhoNode a, RhoNode b) {
  RhoNode arg[2] = {a, b};
  return RhoGraphApply(graph, op, 0, arg);
}

static RhoNode Minus(RhoGraph graph, RhoNode e) { return RhoGraph1(graph, RHO_FN_NEG, e); }

/* the adjoint that flows from operator node n with adjoint a to its argument number k */
static RhoNode OperatorAdjoint(RhoGraph graph, RhoNodeInfo n, RhoNode a, int k) {
  switch ((RhoOperator)n.code) {
  case RHO_OP_LAP:
  case RHO_OP_CONV:
  case RHO_OP_INTEGRAL: return Apply1(graph, (RhoOperator)n.code, n.attr, a);
  case RHO_OP_DIFF: return Minus(graph, Apply1(graph, RHO_OP_DIFF, n.attr, a));
  case RHO_OP_GDOT: return Minus(graph, Apply2(graph, RHO_OP_DIVGRAD, a, n.arg[1 - k]));
  case RHO_OP_DIVGRAD:
    return k == 0 ? Minus(graph, Apply2(graph, RHO_OP_GDOT, a, n.arg[1])) : Apply2(graph, RHO_OP_DIVGRAD, n.arg[0], a);
  default: return RHO_NONE; /* a bare grad is no scalar and can not stand in a functional */
  }
}

/* d node/d arg k as a node: the differential with the argument replaced by a symbol of its own */
static RhoNode Partial(RhoGraph graph, RhoNodeInfo n, int k) {
  static const char *const name[3] = {"partial:0", "partial:1", "partial:2"};
  RhoNode symbol[3], f, one = RhoGraphConstant(graph, 1), d;
  if (n.code == RHO_FN_POWI && k == 1) return RHO_NONE;
  for (int j = 0; j < n.narg; j++) symbol[j] = RhoGraphSymbol(graph, RHO_SYM_TRACE, name[j]);
  if (n.code == RHO_FN_POWI) symbol[1] = n.arg[1];
  f = RhoGraphCall(graph, (RhoFunction)n.code, n.attr, symbol);
  d = RhoGraphDifferential(graph, f, 1, &symbol[k], &one, 0);
  return d;
}

typedef struct {
  int n;
  const RhoNode *from, *to;
} Renaming;

static RhoNode Rename(RhoGraph graph, RhoNode node, const RhoNode *arg, void *ctx) {
  Renaming *r = ctx;
  (void)graph;
  (void)arg;
  for (int k = 0; k < r->n; k++)
    if (node == r->from[k]) return r->to[k];
  return RHO_NONE;
}

static RhoNode CallAdjoint(RhoGraph graph, RhoNodeInfo n, RhoNode a, int k) {
  RhoNode d = Partial(graph, n, k), from[3];
  static const char *const name[3] = {"partial:0", "partial:1", "partial:2"};
  if (d < 0) return RHO_NONE;
  for (int j = 0; j < n.narg; j++) from[j] = RhoGraphSymbol(graph, RHO_SYM_TRACE, name[j]);
  Renaming renaming = {n.narg, from, n.arg};
  return RhoGraphTimes(graph, a, RhoGraphRewrite(graph, d, Rename, &renaming));
}

RhoNode RhoVariationalDerivative(RhoEquations eq, RhoNode density, RhoNode field) {
  RhoGraph graph = eq->graph;
  RhoNode *adjoint = RhoArenaAlloc(eq->model->arena, sizeof(RhoNode) * (size_t)(density + 1));
  for (int k = 0; k <= density; k++) adjoint[k] = RHO_NONE;
  adjoint[density] = RhoGraphConstant(graph, 1);
  for (RhoNode n = density; n > field; n--) {
    if (adjoint[n] < 0 || !RhoGraphDependsOn(graph, n, 1, &field)) continue;
    RhoNodeInfo info = RhoGraphNode(graph, n);
    for (int k = 0; k < info.narg; k++) {
      if (!RhoGraphDependsOn(graph, info.arg[k], 1, &field)) continue;
      RhoNode more = info.kind == RHO_APPLY ? OperatorAdjoint(graph, info, adjoint[n], k)
                                            : CallAdjoint(graph, info, adjoint[n], k);
      adjoint[info.arg[k]] = RhoGraphPlus(graph, adjoint[info.arg[k]], more);
    }
  }
  return adjoint[field] < 0 ? RhoGraphConstant(graph, 0) : RhoFactorCancel(graph, adjoint[field]);
}
