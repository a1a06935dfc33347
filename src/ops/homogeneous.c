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

RhoNode RhoLocalPotential(RhoEquations eq, int i) { return RhoHomogeneous(eq, eq->equation[i].potential); }

RhoNode RhoLocalHessian(RhoEquations eq, int i, int j) {
  RhoNode one = RhoGraphConstant(eq->graph, 1);
  return RhoGraphDifferential(eq->graph, RhoLocalPotential(eq, i), 1, &eq->priv->symbol[j], &one, 0);
}

typedef struct {
  RhoEquations eq;
  const double *value, *state;
} Uniform;

static double SymbolValue(RhoGraph graph, RhoNode symbol, void *ctx) {
  const Uniform *u = ctx;
  (void)graph;
  for (int i = 0; i < u->eq->nfield; i++)
    if (u->eq->priv->symbol[i] == symbol) return u->state[i];
  for (int k = 0; k < u->eq->nuniform; k++)
    if (u->eq->uniform[k] == symbol) return u->value[k];
  return NAN;
}

double RhoLocalValue(RhoEquations eq, RhoNode homogeneous, const double *value, const double *state) {
  Uniform u = {eq, value, state};
  return homogeneous < 0 ? 0 : RhoGraphValue(eq->graph, homogeneous, SymbolValue, &u, NULL);
}

/* ---- f by integration along u(s) = s u ----------------------------------------------------------------------------
 */

static const RhoLocalParts *LocalParts(RhoEquations eq) {
  if (eq->priv->local) return eq->priv->local;
  RhoLocalParts *parts = RhoArenaAlloc(eq->model->arena, sizeof *parts * (size_t)eq->nfield);
  for (int i = 0; i < eq->nfield; i++) {
    RhoNode mu = RhoLocalPotential(eq, i);
    parts[i] = (RhoLocalParts){mu, RHO_NONE, mu};
    RhoNode T, excess;
    if (rho_ideal_part(eq->graph, mu, eq->priv->symbol[i], &T, &excess)) parts[i] = (RhoLocalParts){mu, T, excess};
  }
  eq->priv->at = RhoArenaAlloc(eq->model->arena, sizeof(double) * (size_t)eq->nfield);
  return eq->priv->local = parts;
}

typedef struct {
  RhoEquations eq;
  const double *value, *state;
  double *at; /* [nfield] */
  const RhoLocalParts *parts;
  double scale; /* sup of the integrand met so far */
} Path;

/* sum_i u_i mu_ex,i(s u) */
static double Integrand(Path *path, double s) {
  double sum = 0;
  for (int i = 0; i < path->eq->nfield; i++) path->at[i] = s * path->state[i];
  for (int i = 0; i < path->eq->nfield; i++)
    sum += path->state[i] * RhoLocalValue(path->eq, path->parts[i].excess, path->value, path->at);
  if (fabs(sum) > path->scale) path->scale = fabs(sum);
  return sum;
}

static double Gauss(Path *path, double a, double b) {
  double sum = 0, weight;
  for (int k = 0; k < RHO_GAUSS; k++) {
    double s = RhoGaussPoint(k, &weight);
    sum += weight * Integrand(path, a + (b - a) * s);
  }
  return (b - a) * sum;
}

/* Halves the interval until that changes nothing but round-off. */
static double Integrate(Path *path, double a, double b, double whole, int depth) {
  double middle = 0.5 * (a + b), left = Gauss(path, a, middle), right = Gauss(path, middle, b);
  double change = fabs(left + right - whole);
  if (change <= 1e-15 * path->scale || depth == 0 || isnan(change)) return left + right;
  return Integrate(path, a, middle, left, depth - 1) + Integrate(path, middle, b, right, depth - 1);
}

/* int_0^1 T u log(s u) ds = T u (log u - 1) */
static double IdealFreeEnergy(const Path *path) {
  double f = 0;
  for (int i = 0; i < path->eq->nfield; i++) {
    double u = path->state[i], T = RhoLocalValue(path->eq, path->parts[i].T, path->value, path->state);
    if (T != 0 && u != 0) f += T * u * (log(u) - 1);
  }
  return f;
}

double RhoLocalFreeEnergy(RhoEquations eq, const double *value, const double *state) {
  if (eq->model->free_energy >= 0) return RhoLocalValue(eq, RhoHomogeneous(eq, eq->model->free_energy), value, state);
  const RhoLocalParts *parts = LocalParts(eq);
  Path path = {eq, value, state, eq->priv->at, parts, 0};
  return IdealFreeEnergy(&path) + Integrate(&path, 0, 1, Gauss(&path, 0, 1), 40);
}
