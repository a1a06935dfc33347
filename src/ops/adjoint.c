/* adjoint.c - the variational derivative of a functional, by reverse accumulation over the graph.

     F[u] = int f dr,   dF = int sum_n a_n dn dr,   a_f = 1;   a_arg += a_n * (adjoint of n with respect to arg)

   Pointwise functions contribute their partial derivative.  Operators contribute their adjoint (boundary terms vanish
   on periodic grids and at walls without normal derivative):

     lap e           lap a               conv(K, e)       conv(K, a)   (K even)
     d(e, x)         -d(a, x)            integral(e, v)   integral(a, v)
     dot(e1, e2)     -div(a grad e2) to e1, -div(a grad e1) to e2
     div(c grad e)   -grad a . grad e to c,  div(c grad a) to e

   The sum is then collected (collect.c): T*(log(c) - 1) + T*c*(1/c) is T*log(c). */
#include "ops_private.h"

static RhoNode Apply1(RhoGraph graph, RhoOperator op, int attr, RhoNode e) {
  return RhoGraphApply(graph, op, attr, &e);
}

/* op(a, b) with the gradients of uniform nodes left out and div(a grad b) = a lap b for uniform a */
static RhoNode Apply2(RhoGraph graph, RhoOperator op, RhoNode a, RhoNode b) {
  RhoNode arg[2] = {a, b};
  bool flat = RhoGraphUniform(graph, a);
  if (RhoGraphUniform(graph, b) || (flat && op == RHO_OP_GDOT)) return RHO_NONE;
  if (flat) return RhoGraphTimes(graph, a, Apply1(graph, RHO_OP_LAP, 0, b));
  return RhoGraphApply(graph, op, 0, arg);
}

static RhoNode Minus(RhoGraph graph, RhoNode e) { return e < 0 ? RHO_NONE : RhoGraph1(graph, RHO_FN_NEG, e); }

/* the adjoint that flows from operator node n with adjoint a to its argument number k */
static RhoNode OperatorAdjoint(RhoGraph graph, RhoNodeInfo n, RhoNode a, int k) {
  bool flat = RhoGraphUniform(graph, a);
  switch ((RhoOperator)n.code) {
  case RHO_OP_LAP: return flat ? RHO_NONE : Apply1(graph, RHO_OP_LAP, n.attr, a);
  case RHO_OP_CONV:
  case RHO_OP_INTEGRAL: return Apply1(graph, (RhoOperator)n.code, n.attr, a);
  case RHO_OP_DIFF: return flat ? RHO_NONE : Minus(graph, Apply1(graph, RHO_OP_DIFF, n.attr, a));
  case RHO_OP_GDOT: return Minus(graph, Apply2(graph, RHO_OP_DIVGRAD, a, n.arg[1 - k]));
  case RHO_OP_DIVGRAD:
    return k == 0 ? Minus(graph, Apply2(graph, RHO_OP_GDOT, a, n.arg[1])) : Apply2(graph, RHO_OP_DIVGRAD, n.arg[0], a);
  default: return RHO_NONE; /* a bare grad is no scalar and can not stand in a functional */
  }
}

static RhoNode AdjointOf(RhoGraph graph, RhoNode node, RhoNode a, int k) {
  RhoNodeInfo info = RhoGraphNode(graph, node);
  if (info.kind == RHO_APPLY) return OperatorAdjoint(graph, info, a, k);
  RhoNode partial = rho_partial(graph, node, 1, &k);
  return partial < 0 ? RHO_NONE : RhoGraphTimes(graph, a, partial);
}

/* Hands the adjoint of node n on to those of its arguments that depend on the field. */
static void Propagate(RhoGraph graph, RhoNode n, RhoNode field, RhoNode *adjoint) {
  RhoNodeInfo info = RhoGraphNode(graph, n);
  for (int k = 0; k < info.narg; k++) {
    if (!RhoGraphDependsOn(graph, info.arg[k], 1, &field)) continue;
    RhoNode more = AdjointOf(graph, n, adjoint[n], k);
    adjoint[info.arg[k]] = RhoGraphPlus(graph, adjoint[info.arg[k]], more);
  }
}

/* Nodes above density come into being meanwhile; none of them needs an adjoint. */
RhoNode RhoVariationalDerivative(RhoEquations eq, RhoNode density, RhoNode field) {
  RhoGraph graph = eq->graph;
  RhoNode *adjoint = RhoArenaAlloc(eq->model->arena, sizeof(RhoNode) * (size_t)(density + 1));
  for (int k = 0; k <= density; k++) adjoint[k] = RHO_NONE;
  adjoint[density] = RhoGraphConstant(graph, 1);
  for (RhoNode n = density; n > field; n--)
    if (adjoint[n] >= 0) Propagate(graph, n, field, adjoint);
  if (field > density || adjoint[field] < 0) return RhoGraphConstant(graph, 0);
  RhoNode collected = rho_collect(eq, adjoint[field]);
  return collected == adjoint[field] ? rho_factor_cancel(graph, collected) : collected;
}
