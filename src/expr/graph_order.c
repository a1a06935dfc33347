/* graph_order.c - the order in which people write the factors of a product and the terms of a sum.

     2*a*phi^2*(1 - phi)*exp(phi)*lap(phi),   mu0 + T*log(phi) + a*phi + b*phi^3 + tanh(phi) - lap(phi) + 1 */
#include "graph_private.h"
#include <limits.h>
#include <stdlib.h>

#define MAX_DEPTH 200   /* of products in products; beyond it the order is as it comes */
#define MAX_ADDENDS 500 /* of a sum that is arranged */

static bool Varies(RhoGraph graph, RhoNode node) {
  unsigned varying = RhoHasKind(RHO_SYM_FIELD) | RhoHasKind(RHO_SYM_COORDINATE) | RhoHasKind(RHO_SYM_VARIATION) |
                     RhoHasKind(RHO_SYM_TRACE) | RHO_HAS_ANY_OPERATOR;
  return (graph->has[node] & varying) != 0;
}

bool RhoGraphIsUniform(RhoGraph graph, RhoNode node) { return !Varies(graph, node); }

typedef enum {
  F_NUMBER,
  F_PARAMETER,
  F_NAMED,
  F_UNIFORM_SUM,
  F_FIELD,
  F_SUM,
  F_FUNCTION,
  F_OPERATOR,
  F_VARIATION
} FactorClass;

static FactorClass SymbolClass(const RhoNodeInfo *info) {
  switch (info->code) {
  case RHO_SYM_PARAMETER:
  case RHO_SYM_TIME: return F_PARAMETER;
  case RHO_SYM_TRACE: return F_NAMED;
  case RHO_SYM_VARIATION: return F_VARIATION;
  default: return F_FIELD;
  }
}

int RhoFactorOrder(RhoGraph graph, RhoNode node) {
  RhoNodeInfo info = graph->node[node];
  while (info.kind == RHO_CALL && (info.code == RHO_FN_POWI || info.code == RHO_FN_POW))
    info = graph->node[node = info.arg[0]];
  if (info.kind == RHO_CONSTANT) return F_NUMBER;
  if (info.kind == RHO_SYMBOL) return SymbolClass(&info);
  if (info.kind == RHO_APPLY) return F_OPERATOR;
  if (info.code == RHO_FN_ADD || info.code == RHO_FN_SUB) return Varies(graph, node) ? F_SUM : F_UNIFORM_SUM;
  return Varies(graph, node) ? F_FUNCTION : F_NAMED;
}

/* Of a factor that is a symbol, or goes by a name. */
int RhoNamedOrder(RhoGraph graph, RhoNode node) {
  return graph->node[node].kind == RHO_SYMBOL ? RhoFactorOrder(graph, node) : (int)F_NAMED;
}

typedef enum { T_UNIFORM, T_IDEAL, T_POLYNOMIAL, T_FUNCTION, T_NONLOCAL, T_GRADIENT, T_NUMBER } TermClass;

typedef struct {
  bool log, function;
  int degree;
  RhoNode first; /* the lowest field or coordinate met; INT_MAX: none */
} Shape;

/* The symbol at the bottom of what is no product. */
static void LookDown(RhoGraph graph, RhoNode node, Shape *shape) {
  while (graph->node[node].narg > 0) node = graph->node[node].arg[0];
  int kind = graph->node[node].code;
  if (graph->node[node].kind != RHO_SYMBOL || (kind != RHO_SYM_FIELD && kind != RHO_SYM_COORDINATE)) return;
  if (node < shape->first) shape->first = node;
}

static bool IsLog(RhoGraph graph, RhoNode node) {
  return RhoGraphIsCall(graph, node, RHO_FN_LOG) && Varies(graph, node);
}

/* A sum as a factor; log(x) - 1 counts as a logarithm. */
static void LookAtSum(RhoGraph graph, RhoNode node, int power, Shape *shape) {
  RhoNodeInfo info = graph->node[node];
  shape->log = shape->log || IsLog(graph, info.arg[0]) || IsLog(graph, info.arg[1]);
  shape->degree += Varies(graph, node) ? power : 0;
  LookDown(graph, node, shape);
}

static void LookAtLeaf(RhoGraph graph, RhoNode node, int power, Shape *shape) {
  LookDown(graph, node, shape);
  for (; graph->node[node].kind == RHO_APPLY; node = graph->node[node].arg[graph->node[node].narg - 1])
    shape->degree += power;
  if (graph->node[node].kind == RHO_SYMBOL && Varies(graph, node)) shape->degree += power;
}

static void Look(RhoGraph graph, RhoNode node, int power, int depth, Shape *shape) {
  RhoNodeInfo info = graph->node[node];
  if (info.kind != RHO_CALL) LookAtLeaf(graph, node, power, shape);
  if (info.kind != RHO_CALL || depth > MAX_DEPTH) return;
  switch (info.code) {
  case RHO_FN_MUL: Look(graph, info.arg[1], power, depth + 1, shape); /* fall through */
  case RHO_FN_NEG:
  case RHO_FN_DIV: Look(graph, info.arg[0], power, depth + 1, shape); break;
  case RHO_FN_POWI: Look(graph, info.arg[0], (int)graph->node[info.arg[1]].value, depth + 1, shape); break;
  case RHO_FN_ADD:
  case RHO_FN_SUB: LookAtSum(graph, node, power, shape); break;
  default:
    shape->function = shape->function || Varies(graph, node);
    shape->log = shape->log || IsLog(graph, node);
    if (IsLog(graph, node)) LookDown(graph, node, shape);
  }
}

static TermClass ClassOf(RhoGraph graph, RhoNode node, const Shape *shape) {
  unsigned local = RhoHasOperator(RHO_OP_CONV) | RhoHasOperator(RHO_OP_INTEGRAL);
  if (graph->node[node].kind == RHO_CONSTANT) return T_NUMBER;
  if (!Varies(graph, node)) return T_UNIFORM;
  if (graph->has[node] & RHO_HAS_ANY_OPERATOR & ~local) return T_GRADIENT;
  if (graph->has[node] & local) return T_NONLOCAL;
  if (shape->log) return T_IDEAL;
  return shape->function ? T_FUNCTION : T_POLYNOMIAL;
}

/* By class, then degree, then the fields in the order of the model. */
long long RhoTermOrder(RhoGraph graph, RhoNode node) {
  Shape shape = {false, false, 0, INT_MAX};
  Look(graph, node, 1, 0, &shape);
  int degree = abs(shape.degree) < 999 ? abs(shape.degree) : 999;
  return ((1000LL * (int)ClassOf(graph, node, &shape) + degree) << 32) + shape.first;
}

/* ---- sums -------------------------------------------------------------------------------------------------------- */

static int CompareAddends(const void *a, const void *b) {
  const RhoAddend *x = a, *y = b;
  int order = (x->order > y->order) - (x->order < y->order);
  if (order == 0) order = (x->key > y->key) - (x->key < y->key);
  return order ? order : (x->node > y->node) - (x->node < y->node);
}

RhoNode RhoGraphSum(RhoGraph graph, int n, RhoAddend *addend) {
  int first = 0;
  for (int k = 0; k < n; k++) addend[k].order = RhoTermOrder(graph, addend[k].node);
  qsort(addend, (size_t)n, sizeof *addend, CompareAddends);
  while (first < n && addend[first].negative) first++;
  if (first == n) first = 0;
  RhoNode sum = addend[first].negative ? RhoGraph1(graph, RHO_FN_NEG, addend[first].node) : addend[first].node;
  for (int k = 0; k < n; k++)
    if (k != first) sum = RhoGraph2(graph, addend[k].negative ? RHO_FN_SUB : RHO_FN_ADD, sum, addend[k].node);
  return sum;
}

typedef struct {
  RhoGraph graph;
  RhoAtomFn whole;
  void *ctx;
  int n;
  RhoAddend addend[MAX_ADDENDS];
} Arrangement;

static bool IsSum(const Arrangement *a, RhoNode node) {
  RhoNodeInfo info = a->graph->node[node];
  if (info.kind != RHO_CALL || (info.code != RHO_FN_ADD && info.code != RHO_FN_SUB && info.code != RHO_FN_NEG))
    return false;
  return !a->whole || !a->whole(a->graph, node, a->ctx);
}

/* Lists the addends of node, those of sums first; those beyond MAX_ADDENDS are only counted. */
static void List(Arrangement *a, RhoNode node, bool negative) {
  RhoNodeInfo info = a->graph->node[node];
  if (a->n >= MAX_ADDENDS || !IsSum(a, node)) {
    if (a->n < MAX_ADDENDS) a->addend[a->n] = (RhoAddend){.negative = negative, .node = node, .key = a->n};
    a->n++;
    return;
  }
  bool minus = info.code == RHO_FN_ADD ? negative : !negative;
  bool late = info.code == RHO_FN_ADD && IsSum(a, info.arg[1]) && !IsSum(a, info.arg[0]);
  if (info.code != RHO_FN_NEG) List(a, info.arg[late], negative);
  List(a, info.code == RHO_FN_NEG ? info.arg[0] : info.arg[!late], minus);
}

RhoNode RhoGraphArrange(RhoGraph graph, RhoNode node, RhoAtomFn whole, void *ctx) {
  Arrangement a = {.graph = graph, .whole = whole, .ctx = ctx};
  if (!RhoGraphIsCall(graph, node, RHO_FN_ADD) && !RhoGraphIsCall(graph, node, RHO_FN_SUB)) return node;
  List(&a, node, false);
  return a.n > MAX_ADDENDS ? node : RhoGraphSum(graph, a.n, a.addend);
}
