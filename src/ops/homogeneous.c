/* homogeneous.c - the interpretation "uniform fields": every gradient vanishes, conv(K, e) = K^(0) e.

   What it gives: mu_i(u), d mu_i/d u_j, f and p of a uniform state: local thermodynamics. */
#include "ops_private.h"
#include <math.h>

static RhoNode HomogeneousNode(RhoGraph graph, RhoNode node, const RhoNode *arg, void *ctx) {
  RhoEquations eq = ctx;
  RhoNodeInfo info = RhoGraphNode(graph, node);
  if (info.kind != RHO_APPLY) return RHO_NONE;
  if (info.code == RHO_OP_CONV) return RhoGraph2(graph, RHO_FN_MUL, eq->kernel0[info.attr], arg[0]);
  if (info.code == RHO_OP_INTEGRAL) return RHO_NONE; /* stays: its value depends on the extent */
  return RhoGraphConstant(graph, 0);
}

RhoNode RhoHomogeneous(RhoEquations eq, RhoNode node) { return RhoGraphRewrite(eq->graph, node, HomogeneousNode, eq); }

RhoNode RhoLocalPotential(RhoEquations eq, int i) {
  return eq->equation[i].potential < 0 ? RHO_NONE : RhoHomogeneous(eq, eq->equation[i].potential);
}

RhoNode RhoLocalHessian(RhoEquations eq, int i, int j) {
  RhoNode mu = RhoLocalPotential(eq, i), one = RhoGraphConstant(eq->graph, 1);
  return mu < 0 ? RHO_NONE : RhoGraphDifferential(eq->graph, mu, 1, &eq->model->field[j].symbol, &one, 0);
}

typedef struct {
  RhoEquations eq;
  const double *value, *state;
} Uniform;

static double SymbolValue(RhoGraph graph, RhoNode symbol, void *ctx) {
  Uniform *u = ctx;
  (void)graph;
  for (int i = 0; i < u->eq->nfield; i++)
    if (u->eq->model->field[i].symbol == symbol) return u->state[i];
  for (int k = 0; k < u->eq->nuniform; k++)
    if (u->eq->uniform[k] == symbol) return u->value[k];
  return NAN;
}

double RhoLocalValue(RhoEquations eq, RhoNode homogeneous, const double *value, const double *state) {
  Uniform u = {eq, value, state};
  RhoNode bad;
  return homogeneous < 0 ? 0 : RhoGraphValue(eq->graph, homogeneous, SymbolValue, &u, &bad);
}

/* mu_i without its ideal part at state s*u, and T_i; T = 0 when there is none */
static double Excess(RhoEquations eq, int i, const double *value, const double *state, double *T) {
  RhoNode mu = RhoLocalPotential(eq, i), Tnode, excess;
  *T = 0;
  if (!RhoIdealPart(eq->graph, mu, eq->model->field[i].symbol, &Tnode, &excess))
    return RhoLocalValue(eq, mu, value, state);
  *T = RhoLocalValue(eq, Tnode, value, state);
  return RhoLocalValue(eq, excess, value, state);
}

/* f(u) = sum_i T_i u_i (log u_i - 1) + int_0^1 sum_i u_i mu_ex,i(s u) ds; 4 panels of 16 Gauss points on [0, 1] */
static double IntegratedFreeEnergy(RhoEquations eq, const double *value, const double *state) {
  static const double x[8] = {0.0950125098376374402, 0.2816035507792589132, 0.4580167776572273863,
                              0.6178762444026437484, 0.7554044083550030339, 0.8656312023878317439,
                              0.9445750230732325761, 0.9894009349916499326};
  static const double w[8] = {0.1894506104550684963, 0.1826034150449235889, 0.1691565193950025382,
                              0.1495959888165767321, 0.1246289712555338721, 0.0951585116824927848,
                              0.0622535239386478929, 0.0271524594117540949};
  const int npanel = 16;
  double f = 0, T, *at = RhoArenaAlloc(eq->model->arena, sizeof(double) * (size_t)eq->nfield);
  for (int p = 0; p < npanel * 16; p++) {
    int k = p % 8;
    double s = (p / 16 + 0.5 + (p % 16 < 8 ? 0.5 : -0.5) * x[k]) / npanel;
    for (int i = 0; i < eq->nfield; i++) at[i] = s * state[i];
    for (int i = 0; i < eq->nfield; i++) f += 0.5 * w[k] / npanel * state[i] * Excess(eq, i, value, at, &T);
  }
  for (int i = 0; i < eq->nfield; i++) {
    (void)Excess(eq, i, value, state, &T);
    if (T != 0 && state[i] > 0) f += T * state[i] * (log(state[i]) - 1);
  }
  return f;
}

double RhoLocalFreeEnergy(RhoEquations eq, const double *value, const double *state) {
  if (eq->model->free_energy >= 0) return RhoLocalValue(eq, RhoHomogeneous(eq, eq->model->free_energy), value, state);
  return IntegratedFreeEnergy(eq, value, state);
}
