/* ideal.c - the ideal part of a potential.

     potential = sum_k T_k log(a_k) + rest,  a_k = density^n_k*b_k
       ->  T = sum_k n_k T_k,  excess = rest + sum_k T_k log(b_k)

   with T free of every field.  log(a b) = log a + log b holds for the positive factors of a density's logarithm. */
#include "ops_private.h"

static bool IsOwnLog(RhoGraph graph, RhoNode node, void *density) {
  RhoNodeInfo info = RhoGraphNode(graph, node);
  return info.kind == RHO_CALL && info.code == RHO_FN_LOG &&
         rho_factor_divide(graph, info.arg[0], *(RhoNode *)density) >= 0;
}

/* T*log(a) = n*T*log(density) + T*log(b): adds n*T to *sum and returns T*log(b), RHO_NONE when b is 1. */
static RhoNode Split(RhoGraph graph, RhoNode T, RhoNode logarithm, RhoNode density, RhoNode *sum) {
  RhoNode b = RhoGraphNode(graph, logarithm).arg[0], next;
  while ((next = rho_factor_divide(graph, b, density)) >= 0) {
    *sum = RhoGraphPlus(graph, *sum, T);
    b = next;
  }
  RhoNodeInfo info = RhoGraphNode(graph, b);
  if (info.kind == RHO_CONSTANT && info.value == 1) return RHO_NONE;
  return RhoGraphTimes(graph, T, RhoGraph1(graph, RHO_FN_LOG, b));
}

bool rho_ideal_part(RhoGraph graph, RhoNode potential, RhoNode density, RhoNode *T, RhoNode *excess) {
  int n;
  RhoNode *coef, *atom, bad;
  if (potential < 0 || !RhoGraphAffine(graph, potential, IsOwnLog, &density, &n, &coef, &atom, excess, &bad))
    return false;
  *T = RHO_NONE;
  for (int k = 0; k < n; k++) {
    if (RhoGraphDependsOnKind(graph, coef[k], RHO_SYM_FIELD)) return false;
    *excess = RhoGraphPlus(graph, *excess, Split(graph, coef[k], atom[k], density, T));
  }
  return *T >= 0;
}

static RhoNode Collected(RhoEquations eq, RhoNode node) {
  RhoNode made = rho_collect(eq, node);
  RhoNodeInfo info = made < 0 ? (RhoNodeInfo){0} : RhoGraphNode(eq->graph, made);
  return made >= 0 && info.kind == RHO_CONSTANT && info.value == 0 ? RHO_NONE : made;
}

/* What is left of a potential that the user gave stays as it was given. */
bool RhoPotentialSplit(RhoEquations eq, int i, RhoNode *T, RhoNode *excess) {
  const RhoField *field = &eq->model->field[i];
  RhoNode mu = eq->equation[i].potential;
  if (mu < 0 || !rho_ideal_part(eq->graph, mu, field->symbol, T, excess)) return false;
  if (field->potential < 0) *excess = Collected(eq, *excess);
  return true;
}
