/* local.c - local thermodynamics of many states at once, as tapes in coordinates that are logarithms of densities.

   mu_i(u) = T_i log u_i + excess_i(u)  ->  mu_i(x) = T_i x_i + excess_i(exp x): no pole is left, and neither the
   potentials nor their derivatives by x know how small a density is.  A parameter is one more coordinate; those that
   are formulas of it are written out first. */
#include "ops_private.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOSTFIELDS = 7, MOSTHIDDEN = 8, MOSTROWS = 3 * MOSTFIELDS * (MOSTFIELDS + 1) };
typedef enum { POTENTIALS, EXCESS, PATH, FOURTH, HIDDEN, ENERGY, NTAPE } Which;

struct RhoLocalPrivate_s {
  RhoEquations eq;
  RhoArena arena;
  int parameter;
  RhoNode *from, *to; /* [nfrom] what is written for fields, parameters and kernels */
  int nfrom;
  RhoNode *x;               /* [nx] */
  RhoNode *mu, *T, *excess; /* [n] in x */
  RhoNode hidden[MOSTHIDDEN];
  int nuniform, *uniform; /* [nuniform] of the equations' that are no coordinates, */
  double *value;          /* [nuniform] and what they are */
  RhoTape tape[NTAPE];    /* ENERGY: NULL without formula */
};

/* ---- formulas in x ---------------------------------------------------------------------------------------------- */

static RhoNode Substitute(RhoGraph graph, RhoNode node, const RhoNode *arg, void *ctx) {
  const struct RhoLocalPrivate_s *p = ctx;
  (void)arg;
  if (RhoGraphNode(graph, node).kind != RHO_SYMBOL) return RHO_NONE;
  for (int k = 0; k < p->nfrom; k++)
    if (p->from[k] == node) return p->to[k];
  return RHO_NONE;
}

static RhoNode InX(RhoLocal local, RhoNode node) {
  return node < 0 ? node : RhoGraphRewrite(local->priv->eq->graph, node, Substitute, local->priv);
}

static void Write(RhoLocal local, RhoNode from, RhoNode to) {
  struct RhoLocalPrivate_s *p = local->priv;
  p->from[p->nfrom] = from;
  p->to[p->nfrom++] = to;
}

/* The parameters that are formulas of the one that varies, and the integrals of kernels, by what they are made of. */
static RhoStatus WriteParameters(RhoLocal local) {
  struct RhoLocalPrivate_s *p = local->priv;
  RhoModel model = p->eq->model;
  for (int k = 0; k < model->nparameter && p->parameter >= 0; k++) {
    RhoNode formula = model->parameter[k].formula;
    if (k == p->parameter || formula < 0 || InX(local, formula) == formula) continue;
    Write(local, model->parameter[k].symbol, InX(local, formula));
  }
  for (int k = 0; k < model->nkernel && p->parameter >= 0; k++) {
    const RhoKernel *kernel = &model->kernel[k];
    if (kernel->integral >= 0) Write(local, p->eq->kernel0[k], InX(local, kernel->integral));
    else if (InX(local, kernel->formula) != kernel->formula || InX(local, kernel->cutoff) != kernel->cutoff)
      return RHO_INPUT;
  }
  return RHO_OK;
}

static RhoNode Coordinate(RhoGraph graph, RhoArena arena, const char *name) {
  return RhoGraphSymbol(graph, RHO_SYM_TRACE, RhoArenaPrint(arena, "coordinate of %s", name));
}

/* ---- densities that are no fields ------------------------------------------------------------------------------- */

static const char *NameOf(RhoLocal local, RhoNode node) {
  RhoModel model = local->priv->eq->model;
  for (int k = 0; k < model->ndefine; k++)
    if (model->define[k].node == node) return model->define[k].name;
  RhoText text = RhoTextCreate(local->priv->arena);
  RhoGraphPrint(local->priv->eq->graph, node, text, NULL, NULL);
  return RhoTextGet(text);
}

/* Is node a logarithm in some potential of a sum or difference that depends on the fields, 1 - a - b? */
static bool IsHidden(RhoLocal local, RhoNode node) {
  struct RhoLocalPrivate_s *p = local->priv;
  RhoGraph graph = p->eq->graph;
  RhoNodeInfo info = RhoGraphNode(graph, node);
  if (info.kind != RHO_CALL || info.code != RHO_FN_LOG) return false;
  RhoNodeInfo of = RhoGraphNode(graph, info.arg[0]);
  if (of.kind != RHO_CALL || (of.code != RHO_FN_ADD && of.code != RHO_FN_SUB)) return false;
  if (!RhoGraphDependsOn(graph, info.arg[0], local->n, p->eq->priv->symbol)) return false;
  for (int i = 0; i < local->n; i++)
    if (RhoGraphDependsOn(graph, p->excess[i], 1, &node)) return true;
  return false;
}

/* Before the potentials are written in x. */
static void FindHidden(RhoLocal local) {
  struct RhoLocalPrivate_s *p = local->priv;
  int size = RhoGraphSize(p->eq->graph);
  local->hidden = RhoArenaAlloc(p->arena, sizeof *local->hidden * MOSTHIDDEN);
  for (RhoNode node = 0; node < size && local->nhidden < MOSTHIDDEN; node++) {
    if (!IsHidden(local, node)) continue;
    p->hidden[local->nhidden] = RhoGraphNode(p->eq->graph, node).arg[0];
    local->hidden[local->nhidden] = NameOf(local, p->hidden[local->nhidden]);
    local->nhidden++;
  }
}

static RhoStatus MakeFormulas(RhoLocal local) {
  struct RhoLocalPrivate_s *p = local->priv;
  RhoEquations eq = p->eq;
  RhoGraph graph = eq->graph;
  RhoNode own = RHO_NONE;
  for (int i = 0; i < local->n; i++) {
    RhoNode mu = RhoLocalPotential(eq, i);
    p->excess[i] = mu;
    local->logarithmic[i] = rho_ideal_part(graph, mu, eq->priv->symbol[i], &p->T[i], &p->excess[i]);
    if (!local->logarithmic[i]) p->T[i] = RHO_NONE, p->excess[i] = mu;
    p->x[i] = Coordinate(graph, eq->model->arena, eq->model->field[i].name);
    own = local->logarithmic[i] ? RhoGraph1(graph, RHO_FN_EXP, p->x[i]) : p->x[i];
    Write(local, eq->priv->symbol[i], own);
  }
  if (p->parameter >= 0) {
    p->x[local->n] = Coordinate(graph, eq->model->arena, eq->model->parameter[p->parameter].name);
    Write(local, eq->model->parameter[p->parameter].symbol, p->x[local->n]);
  }
  RhoStatus status = WriteParameters(local);
  FindHidden(local);
  for (int k = 0; k < local->nhidden; k++) p->hidden[k] = InX(local, p->hidden[k]);
  for (int i = 0; i < local->n; i++) {
    p->T[i] = InX(local, p->T[i]);
    p->excess[i] = InX(local, p->excess[i]);
    p->mu[i] = RhoGraphPlus(graph, RhoGraphTimes(graph, p->T[i], p->x[i]), p->excess[i]);
  }
  return status;
}

/* ---- tapes ------------------------------------------------------------------------------------------------------ */

static RhoStatus MakeTape(RhoLocal local, Which which, int nout, const RhoNode *out, bool direction) {
  struct RhoLocalPrivate_s *p = local->priv;
  int nx = local->nx;
  RhoNode *in = RhoArenaAlloc(p->arena, sizeof *in * 2 * (size_t)nx);
  RhoNode *uniform = RhoArenaAlloc(p->arena, sizeof *uniform * (size_t)p->nuniform), missing;
  for (int k = 0; k < p->nuniform; k++) uniform[k] = p->eq->uniform[p->uniform[k]];
  memcpy(in, p->x, sizeof *in * (size_t)nx);
  memcpy(in + nx, p->eq->variation, sizeof *in * (size_t)local->n);
  int nin = nx + (direction ? local->n : 0);
  p->tape[which] = RhoTapeCreate(p->eq->graph, nout, out, nin, in, p->nuniform, uniform, &missing);
  return p->tape[which] ? RHO_OK : missing >= 0 ? RHO_INPUT : RHO_NOMEM;
}

/* d node/d x_j */
static RhoNode Slope(RhoLocal local, RhoNode node, int j) {
  RhoNode one = RhoGraphConstant(local->priv->eq->graph, 1);
  return node < 0 ? node : RhoGraphDifferential(local->priv->eq->graph, node, 1, &local->priv->x[j], &one, 0);
}

/* along the variations */
static RhoNode Along(RhoLocal local, RhoNode node) {
  struct RhoLocalPrivate_s *p = local->priv;
  return node < 0 ? node : RhoGraphDifferential(p->eq->graph, node, local->n, p->x, p->eq->variation, 0);
}

static RhoStatus MakeTapes(RhoLocal local) {
  struct RhoLocalPrivate_s *p = local->priv;
  int n = local->n, nx = local->nx, nN = n * nx;
  RhoNode *out = RhoArenaAlloc(p->arena, sizeof *out * (size_t)(3 * nN + 2 * n));
  for (int i = 0; i < n; i++) out[i] = p->mu[i], out[n + i] = p->T[i];
  for (int k = 0; k < nN; k++) out[2 * n + k] = Slope(local, p->mu[k / nx], k % nx);
  RhoStatus status = MakeTape(local, POTENTIALS, 2 * n + nN, out, false);
  if (!status) status = MakeTape(local, EXCESS, n, p->excess, false);
  for (int k = 0; k < nN; k++) {
    out[k] = Slope(local, p->mu[k / nx], k % nx);
    out[nN + k] = Along(local, out[k]);
    out[2 * nN + k] = Along(local, out[nN + k]);
  }
  if (!status) status = MakeTape(local, PATH, 3 * nN, out, true);
  for (int i = 0; i < n; i++) {
    out[i] = p->mu[i];
    for (int order = 0; order < 4; order++) out[i] = Along(local, out[i]);
  }
  if (!status) status = MakeTape(local, FOURTH, n, out, true);
  if (!status && local->nhidden) status = MakeTape(local, HIDDEN, local->nhidden, p->hidden, false);
  RhoNode energy = p->eq->model->free_energy;
  if (status || energy < 0) return status;
  energy = InX(local, RhoHomogeneous(p->eq, energy));
  return MakeTape(local, ENERGY, 1, &energy, false);
}

static void ListUniform(RhoLocal local) {
  struct RhoLocalPrivate_s *p = local->priv;
  p->uniform = RhoArenaAlloc(p->arena, sizeof *p->uniform * (size_t)p->eq->nuniform);
  p->value = RhoArenaAlloc(p->arena, sizeof *p->value * (size_t)p->eq->nuniform);
  for (int k = 0; k < p->eq->nuniform; k++)
    if (k != p->parameter) p->uniform[p->nuniform++] = k;
}

static RhoStatus Make(void *ctx) {
  RhoLocal local = ctx;
  struct RhoLocalPrivate_s *p = local->priv;
  size_t n = (size_t)local->n, nfrom = n + 1 + (size_t)(p->eq->model->nparameter + p->eq->model->nkernel);
  local->logarithmic = RhoArenaAlloc(p->arena, n * sizeof *local->logarithmic);
  p->from = RhoArenaAlloc(p->arena, nfrom * sizeof *p->from);
  p->to = RhoArenaAlloc(p->arena, nfrom * sizeof *p->to);
  p->x = RhoArenaAlloc(p->arena, (n + 1) * sizeof *p->x);
  p->mu = RhoArenaAlloc(p->arena, n * sizeof *p->mu);
  p->T = RhoArenaAlloc(p->arena, n * sizeof *p->T);
  p->excess = RhoArenaAlloc(p->arena, n * sizeof *p->excess);
  ListUniform(local);
  RhoStatus status = MakeFormulas(local);
  return status ? status : MakeTapes(local);
}

static RhoStatus MakeInOwnArena(RhoEquations eq, int parameter, RhoArena arena, RhoLocal *made) {
  if (setjmp(*RhoArenaGuard(arena))) return RHO_NOMEM;
  RhoLocal local = *made = RhoArenaAlloc(arena, sizeof *local);
  local->n = eq->nfield;
  local->nx = eq->nfield + (parameter >= 0);
  local->priv = RhoArenaAlloc(arena, sizeof *local->priv);
  local->priv->eq = eq;
  local->priv->arena = arena;
  local->priv->parameter = parameter;
  return rho_ops_guarded(eq->model->arena, Make, local);
}

RhoStatus RhoLocalCreate(RhoEquations eq, int parameter, RhoLocal *local) {
  *local = NULL;
  if (eq->nfield > MOSTFIELDS) return RHO_INPUT;
  RhoArena arena = RhoArenaCreate();
  if (!arena) return RHO_NOMEM;
  RhoStatus status = MakeInOwnArena(eq, parameter, arena, local);
  if (status && !*local) RhoArenaDestroy(&arena);
  if (status) RhoLocalDestroy(local);
  return status;
}

void RhoLocalDestroy(RhoLocal *local) {
  if (!*local) return;
  RhoArena arena = (*local)->priv->arena;
  for (int t = 0; t < NTAPE; t++)
    if ((*local)->priv->tape[t]) RhoTapeDestroy(&(*local)->priv->tape[t]);
  RhoArenaDestroy(&arena);
  *local = NULL;
}

void RhoLocalBind(RhoLocal local, const double *value) {
  struct RhoLocalPrivate_s *p = local->priv;
  for (int k = 0; k < p->nuniform; k++) p->value[k] = value[p->uniform[k]];
  for (int t = 0; t < NTAPE; t++)
    if (p->tape[t]) RhoTapeBind(p->tape[t], p->value);
}

/* ---- values ----------------------------------------------------------------------------------------------------- */

void RhoLocalCoordinates(RhoLocal local, const double *u, double *x) {
  for (int i = 0; i < local->n; i++) x[i] = local->logarithmic[i] ? log(u[i]) : u[i];
}

void RhoLocalFields(RhoLocal local, const double *x, double *u) {
  for (int i = 0; i < local->n; i++) u[i] = local->logarithmic[i] ? exp(x[i]) : x[i];
}

/* Rows of a point-major array[npoint][n] as columns for a tape. */
static int Columns(const double *array, int n, int at, const double **column, long *stride) {
  for (int i = 0; i < n; i++) column[at + i] = array + i, stride[at + i] = n;
  return at + n;
}

/* Outputs that nobody asked for go to a number of their own. */
static int Results(double *array, int n, int at, double **column, long *stride, double *nowhere) {
  for (int i = 0; i < n; i++) {
    column[at + i] = array ? array + i : nowhere + at + i;
    stride[at + i] = array ? n : 0;
  }
  return at + n;
}

void RhoLocalPotentials(RhoLocal local, long npoint, const double *x, double *mu, double *T, double *N) {
  const double *in[16];
  double *out[MOSTROWS], nowhere[MOSTROWS];
  long istride[16], ostride[MOSTROWS];
  Columns(x, local->nx, 0, in, istride);
  int nout = Results(mu, local->n, 0, out, ostride, nowhere);
  nout = Results(T, local->n, nout, out, ostride, nowhere);
  Results(N, local->n * local->nx, nout, out, ostride, nowhere);
  RhoTapeEval(local->priv->tape[POTENTIALS], npoint, in, istride, out, ostride);
}

void RhoLocalPath(RhoLocal local, long npoint, const double *x, const double *e, double *N, double *N1, double *N2) {
  const double *in[16];
  double *out[MOSTROWS], nowhere[MOSTROWS];
  long istride[16], ostride[MOSTROWS];
  int nN = local->n * local->nx, nin = Columns(x, local->nx, 0, in, istride);
  for (int i = 0; i < local->n; i++) in[nin + i] = e + i, istride[nin + i] = local->nx;
  int nout = Results(N, nN, 0, out, ostride, nowhere);
  nout = Results(N1, nN, nout, out, ostride, nowhere);
  Results(N2, nN, nout, out, ostride, nowhere);
  RhoTapeEval(local->priv->tape[PATH], npoint, in, istride, out, ostride);
}

void RhoLocalFourth(RhoLocal local, long npoint, const double *x, const double *e, double *fourth) {
  const double *in[16];
  double *out[MOSTFIELDS];
  long istride[16], ostride[MOSTFIELDS];
  int nin = Columns(x, local->nx, 0, in, istride);
  for (int i = 0; i < local->n; i++) in[nin + i] = e + i, istride[nin + i] = local->nx;
  Results(fourth, local->n, 0, out, ostride, NULL);
  RhoTapeEval(local->priv->tape[FOURTH], npoint, in, istride, out, ostride);
}

void RhoLocalHidden(RhoLocal local, long npoint, const double *x, double *value) {
  const double *in[16];
  double *out[MOSTHIDDEN];
  long istride[16], ostride[MOSTHIDDEN];
  if (local->nhidden == 0) return;
  Columns(x, local->nx, 0, in, istride);
  Results(value, local->nhidden, 0, out, ostride, NULL);
  RhoTapeEval(local->priv->tape[HIDDEN], npoint, in, istride, out, ostride);
}

/* ---- f ---------------------------------------------------------------------------------------------------------- */

enum { NGAUSS = RHO_GAUSS, MOSTPANELS = 64 };

typedef struct {
  RhoLocal local;
  const double *x;
  double *at, *mu; /* [NGAUSS*npanel][nx], [NGAUSS*npanel][n] */
  double scale;
} Ray;

/* int_0^1 sum_i u_i excess_i(s u) ds with npanel panels */
static double Excess(Ray *ray, int npanel) {
  RhoLocal local = ray->local;
  int n = local->n, nx = local->nx, npoint = NGAUSS * npanel;
  double sum = 0, weight;
  for (int k = 0; k < npoint; k++) {
    double s = (k / NGAUSS + RhoGaussPoint(k % NGAUSS, &weight)) / npanel;
    for (int i = 0; i < nx; i++) {
      bool logarithmic = i < n && local->logarithmic[i];
      ray->at[k * nx + i] = i == n ? ray->x[i] : logarithmic ? ray->x[i] + log(s) : s * ray->x[i];
    }
  }
  const double *in[16];
  double *out[16];
  long istride[16], ostride[16];
  Columns(ray->at, nx, 0, in, istride);
  Results(ray->mu, n, 0, out, ostride, NULL);
  RhoTapeEval(local->priv->tape[EXCESS], npoint, in, istride, out, ostride);
  for (int i = 0; i < n; i++) {
    double u = local->logarithmic[i] ? exp(ray->x[i]) : ray->x[i];
    for (int k = 0; k < npoint; k++) {
      RhoGaussPoint(k % NGAUSS, &weight);
      double term = u * ray->mu[k * n + i];
      ray->scale = fmax(ray->scale, fabs(term));
      sum += weight / npanel * term;
    }
  }
  return sum;
}

/* sum_i T_i u_i (log u_i - 1) + the integral */
static double RayEnergy(Ray *ray) {
  RhoLocal local = ray->local;
  double T[16], f = 0, integral = Excess(ray, 1);
  for (int npanel = 2; npanel <= MOSTPANELS; npanel *= 2) {
    double before = integral;
    integral = Excess(ray, npanel);
    if (!(fabs(integral - before) > 1e-13 * ray->scale)) break; /* the error is of a higher order than the change */
  }
  RhoLocalPotentials(local, 1, ray->x, NULL, T, NULL);
  for (int i = 0; i < local->n; i++)
    if (local->logarithmic[i]) f += T[i] * exp(ray->x[i]) * (ray->x[i] - 1);
  return f + integral;
}

RhoStatus RhoLocalEnergies(RhoLocal local, long npoint, const double *x, double *f) {
  if (local->priv->tape[ENERGY]) {
    const double *in[16];
    long istride[16], one = 1;
    Columns(x, local->nx, 0, in, istride);
    RhoTapeEval(local->priv->tape[ENERGY], npoint, in, istride, &f, &one);
    return RHO_OK;
  }
  double *work = malloc(sizeof *work * (size_t)(NGAUSS * MOSTPANELS * (local->nx + local->n)));
  if (!work) return RHO_NOMEM;
  for (long p = 0; p < npoint; p++) {
    Ray ray = {local, x + p * local->nx, work, work + NGAUSS * MOSTPANELS * local->nx, 0};
    f[p] = RayEnergy(&ray);
  }
  free(work);
  return RHO_OK;
}
