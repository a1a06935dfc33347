/* graph_value.c - the value of a formula at one point, in plain libm: the meaning that all else is measured against.

   Every node below the root is computed once, arguments first; operators are leaves, asked from the caller.  A branch
   of if() that is not taken does not count when looking for the first NaN or infinity. */
#include "graph_private.h"
#include <math.h>

double RhoFunctionValue(RhoFunction f, double x, double y, double z) {
  switch (f) {
#define RHO_FUNCTION(id, name, narg, value, d0, d1, dual0, dual1)                                                      \
  case RHO_FN_##id:                                                                                                    \
    return value;
#include "rhoflux/functions.def"
#undef RHO_FUNCTION
  default: return (void)y, (void)z, NAN;
  }
}

double RhoGraphCallValue(RhoGraph graph, RhoFunction f, int attr, const double *x) {
  int narg = RhoFunctionArgs(f);
  if (f == RHO_FN_TABLE) return RhoTableValue(RhoGraphTable(graph, attr / 4), x[0], attr % 4);
  return RhoFunctionValue(f, x[0], narg > 1 ? x[1] : 0, narg > 2 ? x[2] : 0);
}

static bool IsOperator(RhoGraph graph, RhoNode node, void *ctx) {
  (void)ctx;
  return graph->node[node].kind == RHO_APPLY;
}

static double ValueOf(RhoGraph graph, RhoNode node, const double *value, RhoValueFn fn, void *ctx) {
  RhoNodeInfo info = graph->node[node];
  double x[3] = {0, 0, 0};
  if (info.kind == RHO_CONSTANT) return info.value;
  if (info.kind != RHO_CALL) return fn(graph, node, ctx);
  for (int k = 0; k < info.narg; k++) x[k] = value[info.arg[k]];
  return RhoGraphCallValue(graph, (RhoFunction)info.code, info.attr, x);
}

/* used[i] = 1 for the nodes of list[n] that the value of the last one depends on. */
static void MarkUsed(RhoGraph graph, int n, const RhoNode *list, const double *value, int *used) {
  for (int k = 0; k < n; k++) used[list[k]] = 0;
  used[list[n - 1]] = 1;
  for (int k = n - 1; k >= 0; k--) {
    RhoNodeInfo info = graph->node[list[k]];
    if (!used[list[k]] || info.kind == RHO_APPLY) continue;
    bool select = info.kind == RHO_CALL && info.code == RHO_FN_SELECT;
    int unused = !select ? -1 : value[info.arg[0]] != 0 ? 2 : 1;
    for (int j = 0; j < info.narg; j++)
      if (j != unused) used[info.arg[j]] = 1;
  }
}

static bool IsOrigin(RhoGraph graph, RhoNode node, const double *value) {
  RhoNodeInfo info = graph->node[node];
  if (isfinite(value[node])) return false;
  for (int k = 0; k < info.narg && info.kind == RHO_CALL; k++)
    if (!isfinite(value[info.arg[k]])) return false;
  return true;
}

static RhoNode FirstBad(RhoGraph graph, int n, const RhoNode *list, const double *value) {
  int *used = RhoGraphTake(graph, list[n - 1] + 1);
  RhoNode bad = RHO_NONE;
  MarkUsed(graph, n, list, value, used);
  for (int k = 0; k < n && bad == RHO_NONE; k++)
    if (used[list[k]] && IsOrigin(graph, list[k], value)) bad = list[k];
  RhoGraphGive(graph);
  return bad;
}

double RhoGraphValue(RhoGraph graph, RhoNode node, RhoValueFn fn, void *ctx, RhoNode *bad) {
  RhoNode *list = RhoGraphTake(graph, node + 1);
  double *value = (double *)(void *)RhoGraphTake(graph, 2 * (node + 1));
  int n = RhoGraphReach(graph, node, IsOperator, NULL, list);
  for (int k = 0; k < n; k++) value[list[k]] = ValueOf(graph, list[k], value, fn, ctx);
  if (bad) *bad = FirstBad(graph, n, list, value);
  double result = value[node];
  RhoGraphGive(graph);
  RhoGraphGive(graph);
  return result;
}
