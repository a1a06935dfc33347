/* graph_simplify.c - the simpler node that f(arg...) equals in every IEEE value.

   What is allowed: the same number, the same infinity, NaN where there was NaN, the same sign of zero, for all
   arguments.  So 0*x, x - x and x/x stay as they are, x + 0 stays (it makes +0 of -0) but x + (-0) does not, and a
   constant is folded only into a finite constant.  Signs move outwards, (-x)*y = -(x*y), until a sum or a constant
   takes them: there is one node for each of a - b, 2*x - y, and sums and products do not know the order of two terms.
   What is gained by more (factors collected, terms cancelled) is left to RhoGraphEqual, which only answers. */
#include "graph_private.h"
#include <math.h>

static bool IsNumber(RhoGraph graph, RhoNode node, double number) {
  double value;
  return RhoGraphIsConstant(graph, node, &value) && value == number && !signbit(value) == !signbit(number);
}

static bool IsNegativeConstant(RhoGraph graph, RhoNode node) {
  double value;
  return RhoGraphIsConstant(graph, node, &value) && signbit(value) && !isnan(value);
}

static RhoNode Fold(RhoGraph graph, RhoFunction f, int attr, const RhoNode *arg) {
  double x[3] = {0, 0, 0};
  for (int k = 0; k < RhoFunctionArgs(f); k++)
    if (!RhoGraphIsConstant(graph, arg[k], &x[k])) return RHO_NONE;
  double value = RhoGraphCallValue(graph, f, attr, x);
  return isfinite(value) ? RhoGraphConstant(graph, value) : RHO_NONE;
}

/* -x without a sign in front, where x is -y, a negative constant c, c*y or c/y. */
static RhoNode WithoutSign(RhoGraph graph, RhoNode x) {
  RhoNodeInfo info = graph->node[x];
  if (info.kind == RHO_CONSTANT) return IsNegativeConstant(graph, x) ? RhoGraphConstant(graph, -info.value) : RHO_NONE;
  if (info.kind != RHO_CALL) return RHO_NONE;
  if (info.code == RHO_FN_NEG) return info.arg[0];
  if (info.code != RHO_FN_MUL && info.code != RHO_FN_DIV) return RHO_NONE;
  for (int k = 0; k < (info.code == RHO_FN_MUL ? 2 : 1); k++) {
    if (!IsNegativeConstant(graph, info.arg[k])) continue;
    info.arg[k] = RhoGraphConstant(graph, -graph->node[info.arg[k]].value);
    return RhoGraphCall(graph, (RhoFunction)info.code, 0, info.arg);
  }
  return RHO_NONE;
}

static RhoNode Negative(RhoGraph graph, RhoNode x) { return RhoGraph1(graph, RHO_FN_NEG, x); }

static RhoNode SimplifyAdd(RhoGraph graph, RhoNode x, RhoNode y) {
  RhoNode plain;
  if (IsNumber(graph, x, -0.0)) return y;
  if (IsNumber(graph, y, -0.0)) return x;
  if (x > y) return RhoGraph2(graph, RHO_FN_ADD, y, x); /* first, so that -x - y has one form */
  if ((plain = WithoutSign(graph, y)) != RHO_NONE) return RhoGraph2(graph, RHO_FN_SUB, x, plain);
  if ((plain = WithoutSign(graph, x)) != RHO_NONE) return RhoGraph2(graph, RHO_FN_SUB, y, plain);
  return RHO_NONE;
}

static RhoNode SimplifySub(RhoGraph graph, RhoNode x, RhoNode y) {
  if (IsNumber(graph, y, 0)) return x;
  if (IsNumber(graph, x, -0.0)) return Negative(graph, y);
  RhoNode plain = WithoutSign(graph, y);
  if (plain != RHO_NONE) return RhoGraph2(graph, RHO_FN_ADD, x, plain);
  plain = WithoutSign(graph, x); /* -a - b = -b - a */
  return plain <= y ? RHO_NONE : RhoGraph2(graph, RHO_FN_SUB, Negative(graph, y), plain);
}

/* The signs of the factors go outwards; those of constants stay. */
static RhoNode SimplifySigns(RhoGraph graph, RhoFunction f, RhoNode x, RhoNode y) {
  RhoNode plainx = graph->node[x].kind == RHO_CONSTANT ? RHO_NONE : WithoutSign(graph, x);
  RhoNode plainy = graph->node[y].kind == RHO_CONSTANT ? RHO_NONE : WithoutSign(graph, y);
  bool xneg = plainx != RHO_NONE, yneg = plainy != RHO_NONE;
  if (!xneg && !yneg) return RHO_NONE;
  RhoNode plain = RhoGraph2(graph, f, xneg ? plainx : x, yneg ? plainy : y);
  return xneg && yneg ? plain : Negative(graph, plain);
}

static RhoNode SimplifyMul(RhoGraph graph, RhoNode x, RhoNode y) {
  if (IsNumber(graph, x, 1)) return y;
  if (IsNumber(graph, y, 1)) return x;
  if (IsNumber(graph, x, -1)) return Negative(graph, y);
  if (IsNumber(graph, y, -1)) return Negative(graph, x);
  RhoNode made = SimplifySigns(graph, RHO_FN_MUL, x, y);
  if (made != RHO_NONE) return made;
  return x <= y ? RHO_NONE : RhoGraph2(graph, RHO_FN_MUL, y, x);
}

static RhoNode SimplifyDiv(RhoGraph graph, RhoNode x, RhoNode y) {
  if (IsNumber(graph, y, 1)) return x;
  if (IsNegativeConstant(graph, y)) return Negative(graph, RhoGraph2(graph, RHO_FN_DIV, x, WithoutSign(graph, y)));
  return SimplifySigns(graph, RHO_FN_DIV, x, y);
}

/* -(-y), -(c*y), -(c/y); a sum keeps its sign outside, for -(x - y) is not y - x when x = y. */
static RhoNode SimplifyNeg(RhoGraph graph, RhoNode x) {
  RhoNodeInfo info = graph->node[x];
  if (info.kind != RHO_CALL) return RHO_NONE;
  if (info.code == RHO_FN_NEG) return info.arg[0];
  if (info.code != RHO_FN_MUL && info.code != RHO_FN_DIV) return RHO_NONE;
  for (int k = 0; k < (info.code == RHO_FN_MUL ? 2 : 1); k++) {
    double c;
    if (!RhoGraphIsConstant(graph, info.arg[k], &c) || isnan(c)) continue;
    info.arg[k] = RhoGraphConstant(graph, -c);
    return RhoGraphCall(graph, (RhoFunction)info.code, 0, info.arg);
  }
  return RHO_NONE;
}

static RhoNode SimplifySelect(RhoGraph graph, const RhoNode *arg) {
  double c;
  if (RhoGraphIsConstant(graph, arg[0], &c)) return c != 0 ? arg[1] : arg[2];
  return arg[1] == arg[2] ? arg[1] : RHO_NONE;
}

/* x^0 = 1 and x^1 = x hold for every x, NaN included (C11 F.10.4.4). */
static RhoNode SimplifyPower(RhoGraph graph, RhoNode x, RhoNode y) {
  double n;
  if (!RhoGraphIsConstant(graph, y, &n)) return RHO_NONE;
  if (n == 0) return RhoGraphConstant(graph, 1);
  return n == 1 ? x : RHO_NONE;
}

static RhoNode SimplifyAbs(RhoGraph graph, RhoNode x) {
  if (RhoGraphIsCall(graph, x, RHO_FN_ABS)) return x;
  return RhoGraphIsCall(graph, x, RHO_FN_NEG) ? RhoGraph1(graph, RHO_FN_ABS, graph->node[x].arg[0]) : RHO_NONE;
}

static RhoNode Ordered(RhoGraph graph, RhoFunction f, RhoNode x, RhoNode y) {
  return x <= y ? RHO_NONE : RhoGraph2(graph, f, y, x);
}

RhoNode RhoGraphSimplify(RhoGraph graph, RhoFunction f, int attr, const RhoNode *arg) {
  RhoNode folded = f == RHO_FN_SELECT ? RHO_NONE : Fold(graph, f, attr, arg);
  if (folded != RHO_NONE) return folded;
  switch (f) {
  case RHO_FN_ADD: return SimplifyAdd(graph, arg[0], arg[1]);
  case RHO_FN_SUB: return SimplifySub(graph, arg[0], arg[1]);
  case RHO_FN_MUL: return SimplifyMul(graph, arg[0], arg[1]);
  case RHO_FN_DIV: return SimplifyDiv(graph, arg[0], arg[1]);
  case RHO_FN_NEG: return SimplifyNeg(graph, arg[0]);
  case RHO_FN_POWI:
  case RHO_FN_POW: return SimplifyPower(graph, arg[0], arg[1]);
  case RHO_FN_ABS: return SimplifyAbs(graph, arg[0]);
  case RHO_FN_SELECT: return SimplifySelect(graph, arg);
  case RHO_FN_EQ:
  case RHO_FN_NE:
  case RHO_FN_AND:
  case RHO_FN_OR: return Ordered(graph, f, arg[0], arg[1]);
  default: return RHO_NONE;
  }
}
