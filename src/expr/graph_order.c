/* graph_order.c - the order in which people write the factors of a product and the terms of a sum.

   2*a*T*phi^2*(1 - phi)*exp(phi)*lap(phi);   mu0 + T*log(phi) + a*phi + b*phi^3 + tanh(phi) + conv(K, phi) - lap(phi) +
   1
 */
#include "graph_private.h"
#include <stdlib.h>

#define MAX_DEPTH 200 /* of products in products; beyond it the order is as it comes */

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
} Shape;

static void Look(RhoGraph graph, RhoNode node, int power, int depth, Shape *shape) {
  RhoNodeInfo info = graph->node[node];
  for (; info.kind == RHO_APPLY; info = graph->node[info.arg[info.narg - 1]]) shape->degree += power;
  if (info.kind == RHO_SYMBOL && Varies(graph, node)) shape->degree += power;
  if (graph->node[node].kind != RHO_CALL) return;
  if (depth > MAX_DEPTH) return;
  switch (info.code) {
  case RHO_FN_NEG: Look(graph, info.arg[0], power, depth + 1, shape); break;
  case RHO_FN_MUL:
    Look(graph, info.arg[0], power, depth + 1, shape);
    Look(graph, info.arg[1], power, depth + 1, shape);
    break;
  case RHO_FN_DIV: Look(graph, info.arg[0], power, depth + 1, shape); break;
  case RHO_FN_POWI: Look(graph, info.arg[0], (int)graph->node[info.arg[1]].value, depth + 1, shape); break;
  case RHO_FN_ADD:
  case RHO_FN_SUB: shape->degree += power; break;
  default:
    shape->function = shape->function || Varies(graph, node);
    shape->log = shape->log || (info.code == RHO_FN_LOG && Varies(graph, node));
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

int RhoTermOrder(RhoGraph graph, RhoNode node) {
  Shape shape = {false, false, 0};
  Look(graph, node, 1, 0, &shape);
  int degree = abs(shape.degree) < 999 ? abs(shape.degree) : 999;
  return 1000 * (int)ClassOf(graph, node, &shape) + degree;
}
