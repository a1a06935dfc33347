/* factor.c - products as lists of factors with integer exponents.

     a*b/c^2  ->  a^1 b^1 c^-2,  times a number

   Used where a formula is taken apart (mobility/density, derived potentials); nowhere on what the user's formula is
   evaluated by, so cancelling hides none of its domain errors. */
#include "ops_private.h"

typedef struct {
  RhoNode node;
  int exponent;
} Factor;

typedef struct {
  RhoGraph graph;
  double number;
  int n;
  bool full;
  Factor factor[64];
} Product;

static void Multiply(Product *p, RhoNode node, int exponent) {
  for (int k = 0; k < p->n; k++) {
    if (p->factor[k].node == node) {
      p->factor[k].exponent += exponent;
      return;
    }
  }
  if (p->n == 64) p->full = true;
  else p->factor[p->n++] = (Factor){node, exponent};
}

static void Flatten(Product *p, RhoNode node, int exponent) {
  RhoNodeInfo info = RhoGraphNode(p->graph, node);
  if (info.kind == RHO_CONSTANT && info.value != 0) {
    p->number *= RhoPowi(info.value, exponent);
  } else if (info.kind == RHO_CALL && (info.code == RHO_FN_MUL || info.code == RHO_FN_DIV)) {
    Flatten(p, info.arg[0], exponent);
    Flatten(p, info.arg[1], info.code == RHO_FN_MUL ? exponent : -exponent);
  } else if (info.kind == RHO_CALL && info.code == RHO_FN_NEG) {
    if (exponent % 2) p->number = -p->number;
    Flatten(p, info.arg[0], exponent);
  } else if (info.kind == RHO_CALL && info.code == RHO_FN_POWI) {
    Flatten(p, info.arg[0], exponent * (int)RhoGraphNode(p->graph, info.arg[1]).value);
  } else {
    Multiply(p, node, exponent);
  }
}

static RhoNode Power(RhoGraph graph, RhoNode x, int n) {
  return n == 1 ? x : RhoGraphPower(graph, x, RhoGraphConstant(graph, n));
}

static RhoNode Rebuild(Product *p) {
  RhoGraph graph = p->graph;
  RhoNode up = RHO_NONE, down = RHO_NONE;
  for (int k = 0; k < p->n; k++) {
    int n = p->factor[k].exponent;
    if (n > 0)
      up = up < 0 ? Power(graph, p->factor[k].node, n)
                  : RhoGraph2(graph, RHO_FN_MUL, up, Power(graph, p->factor[k].node, n));
    if (n < 0)
      down = down < 0 ? Power(graph, p->factor[k].node, -n)
                      : RhoGraph2(graph, RHO_FN_MUL, down, Power(graph, p->factor[k].node, -n));
  }
  if (up < 0) up = RhoGraphConstant(graph, p->number);
  else if (p->number == -1) up = RhoGraph1(graph, RHO_FN_NEG, up);
  else if (p->number != 1) up = RhoGraph2(graph, RHO_FN_MUL, RhoGraphConstant(graph, p->number), up);
  return down < 0 ? up : RhoGraph2(graph, RHO_FN_DIV, up, down);
}

static RhoNode DivideProduct(RhoGraph graph, RhoNode node, RhoNode x) {
  Product p = {.graph = graph, .number = 1};
  Flatten(&p, node, 1);
  if (p.full) return RHO_NONE;
  for (int k = 0; k < p.n; k++) {
    if (p.factor[k].node != x || p.factor[k].exponent < 1) continue;
    p.factor[k].exponent--;
    return Rebuild(&p);
  }
  return RHO_NONE;
}

RhoNode RhoFactorDivide(RhoGraph graph, RhoNode node, RhoNode x) {
  RhoNodeInfo info = RhoGraphNode(graph, node);
  if (info.kind == RHO_CALL && (info.code == RHO_FN_ADD || info.code == RHO_FN_SUB)) {
    RhoNode a = RhoFactorDivide(graph, info.arg[0], x), b = a < 0 ? RHO_NONE : RhoFactorDivide(graph, info.arg[1], x);
    return b < 0 ? RHO_NONE : RhoGraph2(graph, (RhoFunction)info.code, a, b);
  }
  return DivideProduct(graph, node, x);
}

static RhoNode CancelNode(RhoGraph graph, RhoNode node, const RhoNode *arg, void *ctx) {
  RhoNodeInfo info = RhoGraphNode(graph, node);
  Product p = {.graph = graph, .number = 1};
  bool cancels = false;
  (void)ctx;
  if (info.kind != RHO_CALL || (info.code != RHO_FN_MUL && info.code != RHO_FN_DIV)) return RHO_NONE;
  Flatten(&p, arg[0], 1);
  Flatten(&p, arg[1], info.code == RHO_FN_MUL ? 1 : -1);
  for (int k = 0; k < p.n; k++) cancels = cancels || p.factor[k].exponent == 0;
  return cancels && !p.full ? Rebuild(&p) : RHO_NONE;
}

RhoNode RhoFactorCancel(RhoGraph graph, RhoNode node) { return RhoGraphRewrite(graph, node, CancelNode, NULL); }
