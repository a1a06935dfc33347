/* factor.c - products as lists of factors with integer exponents.

     a*b/c^2  ->  a^1 b^1 c^-2,  times a number

   Used where a formula is taken apart (mobility/density, derived potentials); nowhere on what the user's formula is
   evaluated by, so cancelling hides none of its domain errors.  A graph shares what this writes out again and again
   (x^2 of x^2 of ...): a product of more than MOST_STEPS factors, or with an exponent beyond MOST_EXPONENT, is left
   alone. */
#include "ops_private.h"
#include <stdlib.h>

enum { MOST_STEPS = 4096, MOST_EXPONENT = 1 << 16, MOST_FACTORS = 64 };

typedef struct {
  RhoNode node;
  int exponent;
} Factor;

typedef struct {
  RhoGraph graph;
  double number;
  int n, nstep;
  bool full; /* too long: not to be used */
  Factor factor[MOST_FACTORS];
} Product;

static void Multiply(Product *p, RhoNode node, int exponent) {
  for (int k = 0; k < p->n; k++) {
    if (p->factor[k].node == node) {
      p->factor[k].exponent += exponent;
      return;
    }
  }
  if (p->n == MOST_FACTORS) p->full = true;
  else p->factor[p->n++] = (Factor){node, exponent};
}

static bool IsCall(RhoNodeInfo info, RhoFunction f) { return info.kind == RHO_CALL && info.code == (int)f; }

static void Flatten(Product *p, RhoNode node, int exponent);

/* x - y and y - x are one factor. */
static void FlattenDifference(Product *p, RhoNode node, RhoNodeInfo info, int exponent) {
  if (info.arg[0] > info.arg[1]) {
    if (exponent % 2) p->number = -p->number;
    node = RhoGraph2(p->graph, RHO_FN_SUB, info.arg[1], info.arg[0]);
  }
  Multiply(p, node, exponent);
}

static void Flatten(Product *p, RhoNode node, int exponent) {
  RhoNodeInfo info = RhoGraphNode(p->graph, node);
  if (p->full || ++p->nstep > MOST_STEPS || abs(exponent) > MOST_EXPONENT) {
    p->full = true;
  } else if (info.kind == RHO_CONSTANT && info.value != 0) {
    p->number *= RhoPowi(info.value, exponent);
  } else if (IsCall(info, RHO_FN_MUL) || IsCall(info, RHO_FN_DIV)) {
    Flatten(p, info.arg[0], exponent);
    Flatten(p, info.arg[1], info.code == RHO_FN_MUL ? exponent : -exponent);
  } else if (IsCall(info, RHO_FN_NEG)) {
    if (exponent % 2) p->number = -p->number;
    Flatten(p, info.arg[0], exponent);
  } else if (IsCall(info, RHO_FN_POWI)) {
    Flatten(p, info.arg[0], exponent * (int)RhoGraphNode(p->graph, info.arg[1]).value);
  } else if (IsCall(info, RHO_FN_SUB)) {
    FlattenDifference(p, node, info, exponent);
  } else {
    Multiply(p, node, exponent);
  }
}

static Product Flat(RhoGraph graph, RhoNode node) {
  Product p = {.graph = graph, .number = 1};
  Flatten(&p, node, 1);
  return p;
}

/* The product of the factors whose exponents have this sign; RHO_NONE: none. */
static RhoNode Side(const Product *p, int sign) {
  RhoNode side = RHO_NONE;
  for (int k = 0; k < p->n; k++) {
    int n = sign * p->factor[k].exponent;
    if (n <= 0) continue;
    RhoNode power = RhoGraphPower(p->graph, p->factor[k].node, RhoGraphConstant(p->graph, n));
    side = side < 0 ? power : RhoGraph2(p->graph, RHO_FN_MUL, side, power);
  }
  return side;
}

static RhoNode Rebuild(const Product *p) {
  RhoNode up = Side(p, 1), down = Side(p, -1), number = RhoGraphConstant(p->graph, p->number);
  up = up < 0 ? number : RhoGraph2(p->graph, RHO_FN_MUL, number, up);
  return down < 0 ? up : RhoGraph2(p->graph, RHO_FN_DIV, up, down);
}

static RhoNode Divide(RhoGraph graph, RhoNode node, RhoNode x, int *nstep);

/* One factor x taken off the product, or off one factor that is a sum. */
static RhoNode DivideProduct(RhoGraph graph, RhoNode node, RhoNode x, int *nstep) {
  Product p = Flat(graph, node);
  if (p.full) return RHO_NONE;
  for (int k = 0; k < p.n; k++) {
    if (p.factor[k].node != x || p.factor[k].exponent < 1) continue;
    p.factor[k].exponent--;
    return Rebuild(&p);
  }
  for (int k = 0; k < p.n; k++) {
    RhoNode sum = p.factor[k].node;
    RhoNode part = sum != node && p.factor[k].exponent > 0 ? Divide(graph, sum, x, nstep) : RHO_NONE;
    if (part < 0) continue;
    p.factor[k].exponent--;
    Multiply(&p, part, 1);
    return p.full ? RHO_NONE : Rebuild(&p);
  }
  return RHO_NONE;
}

static RhoNode Divide(RhoGraph graph, RhoNode node, RhoNode x, int *nstep) {
  RhoNodeInfo info = RhoGraphNode(graph, node);
  if (++*nstep > MOST_STEPS || !RhoGraphDependsOn(graph, node, 1, &x)) return RHO_NONE;
  if (!IsCall(info, RHO_FN_ADD) && !IsCall(info, RHO_FN_SUB)) return DivideProduct(graph, node, x, nstep);
  RhoNode a = Divide(graph, info.arg[0], x, nstep);
  RhoNode b = a < 0 ? RHO_NONE : Divide(graph, info.arg[1], x, nstep);
  return b < 0 ? RHO_NONE : RhoGraph2(graph, (RhoFunction)info.code, a, b);
}

RhoNode rho_factor_divide(RhoGraph graph, RhoNode node, RhoNode x) {
  int nstep = 0;
  return Divide(graph, node, x, &nstep);
}

RhoNode rho_factor_varying(RhoGraph graph, RhoNode node) {
  Product p = Flat(graph, node);
  int n = 0;
  if (p.full) return node;
  for (int k = 0; k < p.n; k++)
    if (!RhoGraphUniform(graph, p.factor[k].node)) p.factor[n++] = p.factor[k];
  p.n = n;
  p.number = 1;
  return n ? Rebuild(&p) : RHO_NONE;
}

/* Has the product every varying factor of x as often as x has it? */
static bool Divides(RhoGraph graph, RhoNode x, RhoNode product) {
  Product whole = Flat(graph, product), part = Flat(graph, x);
  if (whole.full || part.full) return false;
  for (int k = 0; k < part.n; k++) {
    int have = 0;
    if (part.factor[k].exponent <= 0 || RhoGraphUniform(graph, part.factor[k].node)) continue;
    for (int l = 0; l < whole.n; l++)
      if (whole.factor[l].node == part.factor[k].node) have = whole.factor[l].exponent;
    if (have < part.factor[k].exponent) return false;
  }
  return true;
}

static bool DividesAddends(RhoGraph graph, RhoNode x, RhoNode node, int *nstep) {
  RhoNodeInfo info = RhoGraphNode(graph, node);
  if (++*nstep > MOST_STEPS) return false;
  if (Divides(graph, x, node)) return true;
  if (!IsCall(info, RHO_FN_ADD) && !IsCall(info, RHO_FN_SUB)) return false;
  return DividesAddends(graph, x, info.arg[0], nstep) && DividesAddends(graph, x, info.arg[1], nstep);
}

bool rho_factor_divides(RhoGraph graph, RhoNode x, RhoNode node) {
  int nstep = 0;
  return DividesAddends(graph, x, node, &nstep);
}

static RhoNode QuotientOf(RhoGraph graph, RhoNode a, RhoNode b, int *nstep) {
  RhoNodeInfo info = RhoGraphNode(graph, a);
  Product p = Flat(graph, a);
  bool sum = IsCall(info, RHO_FN_ADD) || IsCall(info, RHO_FN_SUB);
  Flatten(&p, b, -1);
  if (p.full || ++*nstep > MOST_STEPS) return RhoGraph2(graph, RHO_FN_DIV, a, b);
  if (!sum || Divides(graph, b, a)) return Rebuild(&p);
  RhoNode first = QuotientOf(graph, info.arg[0], b, nstep), second = QuotientOf(graph, info.arg[1], b, nstep);
  return RhoGraph2(graph, (RhoFunction)info.code, first, second);
}

RhoNode rho_factor_quotient(RhoGraph graph, RhoNode a, RhoNode b) {
  int nstep = 0;
  return QuotientOf(graph, a, b, &nstep);
}

static RhoNode CancelNode(RhoGraph graph, RhoNode node, const RhoNode *arg, void *ctx) {
  RhoNodeInfo info = RhoGraphNode(graph, node);
  Product p = {.graph = graph, .number = 1};
  bool cancels = false;
  (void)ctx;
  if (!IsCall(info, RHO_FN_MUL) && !IsCall(info, RHO_FN_DIV)) return RHO_NONE;
  Flatten(&p, arg[0], 1);
  Flatten(&p, arg[1], info.code == RHO_FN_MUL ? 1 : -1);
  for (int k = 0; k < p.n; k++) cancels = cancels || p.factor[k].exponent == 0;
  return cancels && !p.full ? Rebuild(&p) : RHO_NONE;
}

RhoNode rho_factor_cancel(RhoGraph graph, RhoNode node) { return RhoGraphRewrite(graph, node, CancelNode, NULL); }
