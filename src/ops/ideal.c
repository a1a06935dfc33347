/* ideal.c - the ideal part of a potential.

     potential = sum_k T_k log(a_k) + rest,  a_k = density*b_k  ->  T = sum_k T_k,  excess = rest + sum_k T_k log(b_k)

   with T free of every field.  log(a b) = log a + log b holds for the positive factors of a density's logarithm. */
#include "ops_private.h"

typedef struct {
  RhoNode density;
} Own;

static bool IsOwnLog(RhoGraph graph, RhoNode node, void *ctx) {
  RhoNodeInfo info = RhoGraphNode(graph, node);
  return info.kind == RHO_CALL && info.code == RHO_FN_LOG &&
         RhoFactorDivide(graph, info.arg[0], ((Own *)ctx)->density) >= 0;
}

/* T_k*log(b_k), or NONE when b_k = 1 */
static RhoNode Remainder(RhoGraph graph, RhoNode T, RhoNode logarithm, RhoNode density) {
  RhoNode b = RhoFactorDivide(graph, RhoGraphNode(graph, logarithm).arg[0], density);
  RhoNodeInfo info = RhoGraphNode(graph, b);
  if (info.kind == RHO_CONSTANT && info.value == 1) return RHO_NONE;
  return RhoGraphTimes(graph, T, RhoGraph1(graph, RHO_FN_LOG, b));
}

bool RhoIdealPart(RhoGraph graph, RhoNode potential, RhoNode density, RhoNode *T, RhoNode *excess) {
  Own own = {density};
  int n;
  RhoNode *coef, *atom, rest, bad;
  if (!RhoGraphAffine(graph, potential, IsOwnLog, &own, &n, &coef, &atom, &rest, &bad) || n == 0) return false;
  *T = RHO_NONE;
  for (int k = 0; k < n; k++) {
    if (RhoGraphDependsOnKind(graph, coef[k], RHO_SYM_FIELD)) return false;
    *T = RhoGraphPlus(graph, *T, coef[k]);
    rest = RhoGraphPlus(graph, rest, Remainder(graph, coef[k], atom[k], density));
  }
  *excess = rest;
  return true;
}
