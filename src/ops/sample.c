/* sample.c - a numeric interpretation of the graph on a small periodic grid, for answers that algebra does not give.

     u(x_p), x_p = p L/n along each dimension;   d = D, the derivative of the trigonometric interpolant (its highest
     mode dropped): D_jk = (pi/L) (-1)^(j-k) cot(pi (j-k)/n)
     lap = sum D D,  dot(a, b) = sum (D a)(D b),  div(a, b) = sum D (a D b),  conv = multiplication by K^(|q|)

   D is antisymmetric and the others are built from it, so that every adjoint of adjoint.c is the exact transpose here,
   whatever the resolution. */
#include "ops_private.h"
#include <math.h>
#include <string.h>

struct RhoSample_s {
  RhoEquations eq;
  RhoGraph graph;
  RhoArena arena;
  const double *value; /* [nuniform] */
  int ndim, n, npoint;
  double length;
  double *D;       /* [n][n] */
  double **kernel; /* [nkernel][npoint] weights of conv between points at that distance, periodic */
  int nset, mostset;
  RhoNode *set_symbol; /* [nset] */
  const double **set_value;
  int nmemo;
  const double **memo; /* [nmemo] values of the nodes of this state */
};

double rho_random(uint64_t *seed) {
  uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

static double *Array(RhoSample s) { return RhoArenaAlloc(s->arena, sizeof(double) * (size_t)s->npoint); }

/* ---- the grid -------------------------------------------------------------------------------------------------------
 */

static void FillDerivative(RhoSample s) {
  for (int j = 0; j < s->n; j++)
    for (int k = 0; k < s->n; k++)
      if (j != k) s->D[j * s->n + k] = M_PI / s->length * ((j - k) % 2 ? -1 : 1) / tan(M_PI * (j - k) / s->n);
}

static int Wavenumber(int n, int k) { return k <= n / 2 ? k : k - n; }

static double Modulus(RhoSample s, int p) {
  int kx = Wavenumber(s->n, p % s->n), ky = s->ndim > 1 ? Wavenumber(s->n, p / s->n) : 0;
  return 2 * M_PI / s->length * sqrt((double)kx * kx + (double)ky * ky);
}

/* K^(|q|) at every mode; the transform is asked once per distinct |q|. */
static RhoStatus Transform(RhoSample s, int k, int dim, double *hat) {
  double *q = Array(s), *at = Array(s);
  int *which = RhoArenaAlloc(s->arena, sizeof(int) * (size_t)s->npoint), nq = 0;
  for (int p = 0; p < s->npoint; p++) {
    double modulus = Modulus(s, p);
    for (which[p] = 0; which[p] < nq && q[which[p]] != modulus;) which[p]++;
    if (which[p] == nq) q[nq++] = modulus;
  }
  RhoStatus status = RhoKernelTransform(s->eq->model, k, dim, s->value, nq, q, at);
  for (int p = 0; !status && p < s->npoint; p++) hat[p] = at[which[p]];
  return status;
}

/* h_r = (1/npoint) sum_q K^(q) cos(q r), one dimension after the other */
static void BackTransform(RhoSample s, const double *hat, double *h) {
  double *half = Array(s);
  int n = s->n, ny = s->npoint / n;
  for (int y = 0; y < ny; y++)
    for (int x = 0; x < n; x++)
      for (int k = 0; k < n; k++) half[y * n + x] += hat[y * n + k] * cos(2 * M_PI * x * k / n) / n;
  memset(h, 0, sizeof(double) * (size_t)s->npoint);
  for (int y = 0; y < ny; y++)
    for (int k = 0; k < ny; k++)
      for (int x = 0; x < n; x++) h[y * n + x] += half[k * n + x] * cos(2 * M_PI * y * k / ny) / ny;
}

static RhoStatus FillKernels(RhoSample s) {
  RhoModel model = s->eq->model;
  double *hat = Array(s);
  RhoStatus status = RHO_OK;
  s->kernel = RhoArenaAlloc(s->arena, sizeof *s->kernel * (size_t)model->nkernel);
  for (int k = 0; !status && k < model->nkernel; k++) {
    s->kernel[k] = Array(s);
    status = Transform(s, k, (int)s->value[model->nparameter], hat);
    if (!status) BackTransform(s, hat, s->kernel[k]);
  }
  return status;
}

RhoStatus rho_sample_create(RhoEquations eq, RhoArena arena, const double *value, int ndim, int n, double length,
                            RhoSample *sample) {
  RhoSample s = *sample = RhoArenaAlloc(arena, sizeof *s);
  *s = (struct RhoSample_s){
      .eq = eq, .graph = eq->graph, .arena = arena, .value = value, .ndim = ndim, .n = n, .length = length};
  s->npoint = ndim > 1 ? n * n : n;
  s->mostset = eq->nfield + RHO_MAXDIM + 8;
  s->set_symbol = RhoArenaAlloc(arena, sizeof(RhoNode) * (size_t)s->mostset);
  s->set_value = RhoArenaAlloc(arena, sizeof *s->set_value * (size_t)s->mostset);
  s->D = RhoArenaAlloc(arena, sizeof(double) * (size_t)(n * n));
  FillDerivative(s);
  return FillKernels(s);
}

void rho_sample_begin(RhoSample sample, RhoArena arena) {
  sample->arena = arena;
  sample->nset = sample->nmemo = 0;
}

int rho_sample_points(RhoSample sample) { return sample->npoint; }

/* q where K^ has fallen to half of K^(0); by steps of a factor sqrt(2) upwards, 0: never or not finite */
static RhoStatus HalfWidth(RhoEquations eq, const double *value, int dim, int kernel, double *q) {
  enum { NQ = 41 };
  double at[NQ], hat[NQ];
  *q = 0;
  for (int k = 1; k < NQ; k++) at[k] = pow(2, 0.5 * k - 10);
  at[0] = 0;
  RhoStatus status = RhoKernelTransform(eq->model, kernel, dim, value, NQ, at, hat);
  for (int k = 1; !status && k < NQ && *q == 0; k++)
    if (fabs(hat[k]) < 0.5 * fabs(hat[0])) *q = at[k];
  return status;
}

RhoStatus rho_sample_length(RhoEquations eq, const double *value, int dim, double *length) {
  double least = 0, q;
  for (int k = 0; k < eq->model->nkernel; k++) {
    RhoStatus status = HalfWidth(eq, value, dim, k, &q);
    if (status) return status;
    if (q > 0 && (least == 0 || q < least)) least = q;
  }
  *length = least > 0 ? 2 * M_PI / least : 2 * M_PI;
  return RHO_OK;
}

/* ---- states ---------------------------------------------------------------------------------------------------------
 */

void rho_sample_set(RhoSample s, RhoNode symbol, const double *at) {
  int k = 0;
  while (k < s->nset && s->set_symbol[k] != symbol) k++;
  if (k == s->mostset) return;
  if (k == s->nset) s->nset++;
  s->set_symbol[k] = symbol;
  s->set_value[k] = at;
  s->nmemo = 0;
}

enum { NWAVE = 8 };

double *rho_sample_coordinate(RhoSample s, int d) {
  double *out = Array(s);
  for (int p = 0; d < s->ndim && p < s->npoint; p++) out[p] = s->length / s->n * (d == 0 ? p % s->n : p / s->n);
  return out;
}

double *rho_sample_width(RhoSample s) {
  double *out = Array(s);
  for (int p = 0; p < s->npoint; p++) out[p] = s->length / s->n;
  return out;
}

/* s(x) = sum of the waves (kx, ky) with 0 <= kx, ky <= 2 at random phases, at most 1 in modulus */
double *rho_sample_wave(RhoSample s, uint64_t *seed, double base, double ripple, bool relative) {
  double *out = Array(s), amplitude[NWAVE], phase[NWAVE], total = 0;
  for (int k = 0; k < NWAVE; k++) {
    amplitude[k] = rho_random(seed);
    phase[k] = 2 * M_PI * rho_random(seed);
    total += amplitude[k];
  }
  for (int p = 0; p < s->npoint; p++) {
    double sum = 0, x = (double)(p % s->n) / s->n, y = (double)(p / s->n) / s->n;
    for (int k = 0; k < NWAVE; k++)
      sum += amplitude[k] / total * cos(2 * M_PI * ((k + 1) % 3 * x + (k + 1) / 3 * y) + phase[k]);
    out[p] = base + (relative ? base : 1) * ripple * sum;
  }
  return out;
}

double rho_sample_product(RhoSample s, const double *a, const double *b) {
  double sum = 0;
  for (int p = 0; p < s->npoint; p++) sum += a[p] * b[p];
  return sum * pow(s->length / s->n, s->ndim);
}

/* ---- operators ------------------------------------------------------------------------------------------------------
 */

/* out += sign * D a along dimension d; nothing along dimensions the grid does not have */
static void AddDerivative(RhoSample s, int d, double sign, const double *a, double *out) {
  int n = s->n, stride = d == 0 ? 1 : n;
  if (d >= s->ndim) return;
  for (int p = 0; p < s->npoint; p++) {
    int j = p / stride % n, first = p - j * stride;
    for (int k = 0; k < n; k++) out[p] += sign * s->D[j * n + k] * a[first + k * stride];
  }
}

static double *Derivative(RhoSample s, int d, const double *a) {
  double *out = Array(s);
  AddDerivative(s, d, 1, a, out);
  return out;
}

/* sum over dimensions of D (c D a); c NULL: 1 */
static double *Divergence(RhoSample s, const double *c, const double *a) {
  double *out = Array(s);
  for (int d = 0; d < s->ndim; d++) {
    double *flux = Derivative(s, d, a);
    for (int p = 0; c && p < s->npoint; p++) flux[p] *= c[p];
    AddDerivative(s, d, 1, flux, out);
  }
  return out;
}

static double *Dot(RhoSample s, const double *a, const double *b) {
  double *out = Array(s);
  for (int d = 0; d < s->ndim; d++) {
    const double *da = Derivative(s, d, a), *db = Derivative(s, d, b);
    for (int p = 0; p < s->npoint; p++) out[p] += da[p] * db[p];
  }
  return out;
}

static double *Convolution(RhoSample s, const double *h, const double *a) {
  double *out = Array(s);
  int n = s->n, ny = s->npoint / n;
  for (int p = 0; p < s->npoint; p++)
    for (int r = 0; r < s->npoint; r++) out[p] += h[(p / n - r / n + ny) % ny * n + (p % n - r % n + n) % n] * a[r];
  return out;
}

static double *Integral(RhoSample s, int d, const double *a) {
  double *out = Array(s);
  int n = s->n, stride = d == 0 ? 1 : n;
  for (int p = 0; p < s->npoint; p++) {
    int first = p - p / stride % n * stride;
    if (d >= s->ndim) out[p] = a[p] * s->length;
    for (int k = 0; d < s->ndim && k < n; k++) out[p] += a[first + k * stride] * s->length / n;
  }
  return out;
}

/* ---- nodes ----------------------------------------------------------------------------------------------------------
 */

static const double *Values(RhoSample s, RhoNode node);

static const double *OperatorValues(RhoSample s, RhoNodeInfo n) {
  const double *a = Values(s, n.arg[0]), *b = n.narg > 1 ? Values(s, n.arg[1]) : a;
  if (!a || !b) return NULL;
  switch ((RhoOperator)n.code) {
  case RHO_OP_LAP: return Divergence(s, NULL, a);
  case RHO_OP_DIVGRAD: return Divergence(s, a, b);
  case RHO_OP_GDOT: return Dot(s, a, b);
  case RHO_OP_DIFF: return Derivative(s, n.attr, a);
  case RHO_OP_CONV: return Convolution(s, s->kernel[n.attr], a);
  case RHO_OP_INTEGRAL: return Integral(s, n.attr, a);
  default: return NULL;
  }
}

static const double *SymbolValues(RhoSample s, RhoNode node) {
  for (int k = 0; k < s->nset; k++)
    if (s->set_symbol[k] == node) return s->set_value[k];
  return NULL;
}

enum { MOST_INPUTS = 256 };

typedef struct {
  RhoSample sample;
  int n;
  RhoNode node[MOST_INPUTS];
  const double *at[MOST_INPUTS];
  char *seen;
  bool complete;
} Inputs;

static bool IsUniformSymbol(RhoSample s, RhoNode node) {
  for (int k = 0; k < s->eq->nuniform; k++)
    if (s->eq->uniform[k] == node) return true;
  return false;
}

/* The outermost operators and the symbols below node, with their values. */
static void Gather(Inputs *in, RhoNode node) {
  RhoSample s = in->sample;
  RhoNodeInfo info = RhoGraphNode(s->graph, node);
  if (in->seen[node]) return;
  in->seen[node] = 1;
  if (info.kind == RHO_CALL)
    for (int k = 0; k < info.narg; k++) Gather(in, info.arg[k]);
  if (info.kind == RHO_CALL || info.kind == RHO_CONSTANT) return;
  if (info.kind == RHO_SYMBOL && IsUniformSymbol(s, node)) return;
  const double *at = info.kind == RHO_APPLY ? Values(s, node) : SymbolValues(s, node);
  if (!at || in->n == MOST_INPUTS) {
    in->complete = false;
    return;
  }
  in->node[in->n] = node;
  in->at[in->n++] = at;
}

static const double *CallValues(RhoSample s, RhoNode node) {
  Inputs *in = RhoArenaAlloc(s->arena, sizeof *in);
  double *out = Array(s);
  RhoNode missing;
  in->sample = s;
  in->complete = true;
  in->seen = RhoArenaAlloc(s->arena, (size_t)node + 1);
  Gather(in, node);
  if (!in->complete) return NULL;
  RhoTape tape = RhoTapeCreate(s->graph, 1, &node, in->n, in->node, s->eq->nuniform, s->eq->uniform, &missing);
  if (!tape) return NULL;
  RhoTapeBind(tape, s->value);
  RhoTapeEval(tape, s->npoint, in->at, NULL, &out, NULL);
  RhoTapeDestroy(&tape);
  return out;
}

static void SizeMemo(RhoSample s) {
  if (s->nmemo == RhoGraphSize(s->graph)) return;
  s->nmemo = RhoGraphSize(s->graph);
  s->memo = RhoArenaAlloc(s->arena, sizeof *s->memo * (size_t)s->nmemo);
}

static const double *Values(RhoSample s, RhoNode node) {
  if (s->memo[node]) return s->memo[node];
  RhoNodeInfo info = RhoGraphNode(s->graph, node);
  const double *at = info.kind == RHO_APPLY ? OperatorValues(s, info) : CallValues(s, node);
  return s->memo[node] = at;
}

const double *rho_sample_values(RhoSample s, RhoNode node) {
  if (node < 0) return Array(s);
  SizeMemo(s);
  return Values(s, node);
}
