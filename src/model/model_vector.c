/* model_vector.c - vectors: linear combinations of gradients, sum_k coef_k grad(arg_k).

     div(V)     sum_k div(coef_k grad arg_k)               dot(V, W)  sum_kl coef_k coef'_l grad arg_k . grad arg'_l
     V along x  sum_k coef_k d(arg_k)/dx                   if(c, V, W)  sum_k if(c, coef_k, 0) grad arg_k + ... */
#include "model_private.h"

typedef struct {
  int n;
  RhoNode *coef, *arg;
} Combination;

static bool IsGradient(RhoGraph graph, RhoNode node, void *ctx) {
  (void)ctx;
  RhoNodeInfo info = RhoGraphNode(graph, node);
  return info.kind == RHO_APPLY && info.code == RHO_OP_GRAD;
}

static Combination Combine(RhoGraph graph, RhoNode v) {
  Combination c = {0};
  RhoNode rest, bad, *atom;
  if (!RhoGraphAffine(graph, v, IsGradient, NULL, &c.n, &c.coef, &atom, &rest, &bad)) c.n = 0; /* cannot be: ranks */
  c.arg = atom;
  for (int k = 0; k < c.n; k++) c.arg[k] = RhoGraphNode(graph, atom[k]).arg[0];
  return c;
}

static RhoNode OrZero(RhoGraph graph, RhoNode node) { return node < 0 ? RhoGraphConstant(graph, 0) : node; }

RhoNode rho_vector_div(Scope *scope, RhoNode v) {
  RhoGraph graph = scope->model->graph;
  Combination c = Combine(graph, v);
  RhoNode sum = RHO_NONE;
  for (int k = 0; k < c.n; k++) {
    bool constant = RhoGraphNode(graph, c.coef[k]).kind == RHO_CONSTANT;
    RhoNode term = constant ? RhoGraphTimes(graph, c.coef[k], RhoGraphApply(graph, RHO_OP_LAP, 0, &c.arg[k]))
                            : RhoGraphApply(graph, RHO_OP_DIVGRAD, 0, (RhoNode[]){c.coef[k], c.arg[k]});
    sum = RhoGraphPlus(graph, sum, term);
  }
  return OrZero(graph, sum);
}

RhoNode rho_vector_dot(Scope *scope, RhoNode v, RhoNode w) {
  RhoGraph graph = scope->model->graph;
  Combination a = Combine(graph, v), b = Combine(graph, w);
  RhoNode sum = RHO_NONE;
  for (int k = 0; k < a.n; k++)
    for (int l = 0; l < b.n; l++) {
      RhoNode coef = RhoGraphTimes(graph, a.coef[k], b.coef[l]);
      RhoNode product = RhoGraphApply(graph, RHO_OP_GDOT, 0, (RhoNode[]){a.arg[k], b.arg[l]});
      sum = RhoGraphPlus(graph, sum, RhoGraphTimes(graph, coef, product));
    }
  return OrZero(graph, sum);
}

RhoNode rho_vector_component(Scope *scope, RhoNode v, int dimension) {
  RhoGraph graph = scope->model->graph;
  Combination c = Combine(graph, v);
  RhoNode sum = RHO_NONE;
  for (int k = 0; k < c.n; k++)
    sum = RhoGraphPlus(graph, sum,
                       RhoGraphTimes(graph, c.coef[k], RhoGraphApply(graph, RHO_OP_DIFF, dimension, &c.arg[k])));
  return OrZero(graph, sum);
}

/* sum_k if(condition, coef_k, 0) grad arg_k, or if(condition, 0, coef_k). */
static RhoNode Half(RhoGraph graph, RhoNode condition, RhoNode v, bool then, RhoNode sum) {
  Combination c = Combine(graph, v);
  RhoNode zero = RhoGraphConstant(graph, 0);
  for (int k = 0; k < c.n; k++) {
    RhoNode choice[] = {condition, then ? c.coef[k] : zero, then ? zero : c.coef[k]};
    RhoNode coef = RhoGraphCall(graph, RHO_FN_SELECT, 0, choice);
    sum = RhoGraphPlus(graph, sum, RhoGraphTimes(graph, coef, RhoGraphApply(graph, RHO_OP_GRAD, 0, &c.arg[k])));
  }
  return sum;
}

RhoNode rho_vector_select(Scope *scope, RhoNode condition, RhoNode v, RhoNode w) {
  RhoGraph graph = scope->model->graph;
  RhoNode sum = Half(graph, condition, w, false, Half(graph, condition, v, true, RHO_NONE));
  return sum < 0 ? v : sum;
}

/* ---- components of a flux ---- */

static bool IsDerivativeAlong(RhoGraph graph, RhoNode node, void *ctx) {
  RhoNodeInfo info = RhoGraphNode(graph, node);
  return info.kind == RHO_APPLY && info.code == RHO_OP_DIFF && info.attr == *(int *)ctx;
}

bool rho_vector_check_component(Scope *scope, RhoNode node, int dimension, RhoPlace place, const char *what) {
  RhoNode *coef, *atom, rest, bad;
  int n;
  if (RhoGraphAffine(scope->model->graph, node, IsDerivativeAlong, &dimension, &n, &coef, &atom, &rest, &bad))
    return true;
  RhoDiagReport(scope->model->diag, RHO_ID_FLUX_NOT_AFFINE, place, "%s is not affine in its outermost gradients", what);
  RhoDiagHint(scope->model->diag, "a flux is a sum of (cell scalar)*grad(cell scalar); inside a coefficient use "
                                  "|grad(a)|^2, dot(grad(a), grad(b)) or lap(a)");
  return false;
}
