/* symbol.c - the Fourier interpretation of the linearised graph: A(q) about a uniform state.

     GRADIENT   -div(c grad e)                 ->  + c S e^          S = |q|^2, or q_d^2 for one direction
     FITTED     +div(c (T grad u + u grad w))  ->  - c S (T u^ + u0 w^)
     ADVECTIVE  -d_x c                         ->  - i q_d c^
     e^: the differential of e, read with lap -> -|q|^2, d(., x) -> i q_x, conv(K, .) -> K^(q), grad of the state -> 0

   Coefficients that depend on a coordinate have no such form; with waves->place they are frozen where that is.

   A linear node is an array over the wavevectors; everything it is multiplied by is a number of the uniform state. */
#include "ops_private.h"
#include <math.h>
#include <string.h>

typedef double complex Wave;

typedef struct {
  RhoEquations eq;
  const double *value, *state;
  const RhoWaves *waves;
  const double *spread; /* |q|^2 */
  RhoArena arena;
  Wave **memo; /* [node] the wave of a linear node, NULL: zero or not visited */
  double *number;
  char *seen; /* [node] bits SEEN_WAVE, SEEN_NUMBER */
  int column; /* v_column = 1, the others 0 */
  bool bad;   /* an operator without a meaning for waves */
} Reader;

enum { SEEN_WAVE = 1, SEEN_NUMBER = 2 };
#define NARROW 1e-9

RhoNode RhoTangentNode(RhoEquations eq, RhoNode node, bool frozen_conv) {
  return RhoGraphDifferential(eq->graph, node, eq->nfield, eq->priv->symbol, eq->variation,
                              frozen_conv ? 1u << RHO_OP_CONV : 0);
}

/* ---- numbers of the uniform state -------------------------------------------------------------------------------- */

static double Number(Reader *r, RhoNode node);

/* Symbols and operators: what the homogeneous interpretation says. */
static double LeafNumber(RhoGraph graph, RhoNode node, void *ctx) {
  Reader *r = ctx;
  RhoNodeInfo info = RhoGraphNode(graph, node);
  if (info.kind == RHO_APPLY && info.code == RHO_OP_CONV)
    return r->value[r->eq->nuniform - r->eq->model->nkernel + info.attr] * Number(r, info.arg[0]);
  if (info.kind == RHO_APPLY) {
    r->bad = r->bad || info.code == RHO_OP_INTEGRAL;
    return 0;
  }
  for (int i = 0; i < r->eq->nfield; i++)
    if (r->eq->priv->symbol[i] == node) return r->state[i];
  for (int k = 0; k < r->eq->nuniform; k++)
    if (r->eq->uniform[k] == node) return r->value[k];
  for (int d = 0; r->waves->place && d < RHO_MAXDIM; d++) {
    if (r->eq->model->coordinate[d] == node || r->eq->model->centre[d] == node) return r->waves->place[d];
    if (r->eq->model->width[d] == node) return r->waves->width ? r->waves->width[d] : NARROW;
  }
  return NAN;
}

static double Number(Reader *r, RhoNode node) {
  if (r->seen[node] & SEEN_NUMBER) return r->number[node];
  r->seen[node] |= SEEN_NUMBER;
  return r->number[node] = RhoGraphValue(r->eq->graph, node, LeafNumber, r, NULL);
}

/* ---- waves of linear nodes -----------------------------------------------------------------------------------------
 */

static bool Linear(Reader *r, RhoNode node) { return RhoGraphDependsOnKind(r->eq->graph, node, RHO_SYM_VARIATION); }

static Wave *NewWave(Reader *r) { return RhoArenaAlloc(r->arena, sizeof(Wave) * (size_t)r->waves->n); }

static Wave *ReadNode(Reader *r, RhoNode node);

static Wave *Scaled(Reader *r, double number, const Wave *wave) {
  if (!wave) return NULL;
  Wave *out = NewWave(r);
  for (int w = 0; w < r->waves->n; w++) out[w] = number * wave[w];
  return out;
}

static Wave *Multiplied(Reader *r, const double *factor, Wave by, const Wave *wave) {
  if (!wave || !factor) return NULL;
  Wave *out = NewWave(r);
  for (int w = 0; w < r->waves->n; w++) out[w] = by * factor[w] * wave[w];
  return out;
}

static Wave *Sum(Reader *r, Wave *a, Wave *b, double sign) {
  if (!b) return a;
  Wave *out = NewWave(r);
  for (int w = 0; w < r->waves->n; w++) out[w] = (a ? a[w] : 0) + sign * b[w];
  return out;
}

static Wave *ReadSymbol(Reader *r, RhoNode node) {
  if (node != r->eq->variation[r->column]) return NULL;
  Wave *out = NewWave(r);
  for (int w = 0; w < r->waves->n; w++) out[w] = 1;
  return out;
}

static Wave *ReadCall(Reader *r, RhoNodeInfo n) {
  bool first = n.narg > 0 && Linear(r, n.arg[0]);
  switch ((RhoFunction)n.code) {
  case RHO_FN_ADD: return Sum(r, ReadNode(r, n.arg[0]), ReadNode(r, n.arg[1]), 1);
  case RHO_FN_SUB: return Sum(r, ReadNode(r, n.arg[0]), ReadNode(r, n.arg[1]), -1);
  case RHO_FN_NEG: return Scaled(r, -1, ReadNode(r, n.arg[0]));
  case RHO_FN_MUL: return Scaled(r, Number(r, n.arg[first ? 1 : 0]), ReadNode(r, n.arg[first ? 0 : 1]));
  case RHO_FN_DIV: return Scaled(r, 1 / Number(r, n.arg[1]), ReadNode(r, n.arg[0]));
  case RHO_FN_SELECT: return ReadNode(r, n.arg[Number(r, n.arg[0]) != 0 ? 1 : 2]);
  default: r->bad = true; return NULL;
  }
}

static Wave *ReadOperator(Reader *r, RhoNodeInfo n) {
  switch ((RhoOperator)n.code) {
  case RHO_OP_LAP: return Multiplied(r, r->spread, -1, ReadNode(r, n.arg[0]));
  case RHO_OP_CONV: return Multiplied(r, r->waves->kernel[n.attr], 1, ReadNode(r, n.arg[0]));
  case RHO_OP_DIFF: return Multiplied(r, r->waves->t[n.attr], I, ReadNode(r, n.arg[0]));
  case RHO_OP_GDOT: return NULL;
  case RHO_OP_DIVGRAD:
    if (Linear(r, n.arg[0])) return NULL;
    return Scaled(r, Number(r, n.arg[0]), Multiplied(r, r->spread, -1, ReadNode(r, n.arg[1])));
  default: r->bad = true; return NULL;
  }
}

static Wave *ReadNode(Reader *r, RhoNode node) {
  if (node < 0 || !Linear(r, node)) return NULL;
  if (r->seen[node] & SEEN_WAVE) return r->memo[node];
  RhoNodeInfo info = RhoGraphNode(r->eq->graph, node);
  r->seen[node] |= SEEN_WAVE;
  if (info.kind == RHO_SYMBOL) return r->memo[node] = ReadSymbol(r, node);
  return r->memo[node] = info.kind == RHO_CALL ? ReadCall(r, info) : ReadOperator(r, info);
}

/* ---- terms, rows, columns ------------------------------------------------------------------------------------------
 */

static void Add(Reader *r, Wave *sum, const double *factor, Wave by, const Wave *wave) {
  if (!wave) return;
  for (int w = 0; w < r->waves->n; w++) sum[w] += by * (factor ? factor[w] : 1.0) * wave[w];
}

static void AddAdvective(Reader *r, const RhoTerm *term, const RhoTermTangent *tangent, Wave *sum) {
  for (int d = 0; d < RHO_MAXDIM; d++)
    if (r->waves->t[d] && (term->direction < 0 || term->direction == d))
      Add(r, sum, r->waves->t[d], -I, ReadNode(r, tangent->coef));
}

static void AddTerm(Reader *r, const RhoTerm *term, const RhoTermTangent *tangent, Wave *sum) {
  const double *S = term->direction < 0 ? r->spread : r->waves->s[term->direction];
  if (term->kind == RHO_TERM_ADVECTIVE) AddAdvective(r, term, tangent, sum);
  if (term->kind == RHO_TERM_GRADIENT && S) Add(r, sum, S, Number(r, term->coef), ReadNode(r, tangent->arg));
  if (term->kind == RHO_TERM_FITTED && S) {
    double m = Number(r, term->coef);
    Add(r, sum, S, -m * Number(r, term->T), ReadNode(r, tangent->density));
    Add(r, sum, S, -m * Number(r, term->density), ReadNode(r, tangent->arg));
  }
}

static void Row(Reader *r, const RhoLinearForms *forms, int i, Wave *sum) {
  const RhoEquation *equation = &r->eq->equation[i];
  for (int k = 0; k < equation->nterm; k++) AddTerm(r, &equation->term[k], &forms->term[i][k], sum);
  Add(r, sum, NULL, 1, ReadNode(r, forms->source[i]));
  for (int e = 0; e < r->eq->nexchange; e++) {
    double change = r->eq->model->exchange[e].change[i];
    if (change != 0) Add(r, sum, NULL, change, ReadNode(r, forms->rate[e]));
  }
}

static void Columns(Reader *r, const RhoLinearForms *forms, double complex *A) {
  int n = r->eq->nfield, nw = r->waves->n, nnode = RhoGraphSize(r->eq->graph);
  for (r->column = 0; r->column < n; r->column++) {
    for (int k = 0; k < nnode; k++) r->seen[k] &= ~SEEN_WAVE;
    for (int i = 0; i < n; i++) {
      Wave *sum = NewWave(r);
      Row(r, forms, i, sum);
      for (int w = 0; w < nw; w++) A[((size_t)w * (size_t)n + (size_t)i) * (size_t)n + (size_t)r->column] = sum[w];
    }
  }
}

/* ---- the differentials, once per part -------------------------------------------------------------------------------
 */

static RhoLinearForms *MakeForms(RhoEquations eq, RhoPart part) {
  RhoArena arena = eq->model->arena;
  RhoLinearForms *forms = RhoArenaAlloc(arena, sizeof *forms);
  forms->term = RhoArenaAlloc(arena, sizeof *forms->term * (size_t)eq->nfield);
  forms->source = RhoArenaAlloc(arena, sizeof(RhoNode) * (size_t)eq->nfield);
  forms->rate = RhoArenaAlloc(arena, sizeof(RhoNode) * (size_t)eq->nexchange);
  for (int i = 0; i < eq->nfield; i++) {
    const RhoEquation *equation = &eq->equation[i];
    forms->term[i] = RhoArenaAlloc(arena, sizeof **forms->term * (size_t)equation->nterm);
    for (int k = 0; k < equation->nterm; k++) forms->term[i][k] = RhoTermTangents(eq, part, i, &equation->term[k]);
    forms->source[i] = RhoSourceTangent(eq, part, equation->source);
  }
  for (int e = 0; e < eq->nexchange; e++) forms->rate[e] = RhoSourceTangent(eq, part, eq->rate[e]);
  return forms;
}

static const double *Spread(RhoArena arena, const RhoWaves *waves) {
  double *sum = RhoArenaAlloc(arena, sizeof(double) * (size_t)waves->n);
  if (waves->laplace) return waves->laplace;
  for (int d = 0; d < RHO_MAXDIM; d++)
    for (int w = 0; waves->s[d] && w < waves->n; w++) sum[w] += waves->s[d][w];
  return sum;
}

typedef struct {
  Reader reader;
  RhoPart part;
  double complex *A;
} Request;

/* Reading makes no nodes. */
static RhoStatus Read(void *ctx) {
  Request *request = ctx;
  Reader *r = &request->reader;
  RhoLinearForms **forms = &r->eq->priv->forms[request->part];
  if (!*forms) *forms = MakeForms(r->eq, request->part);
  size_t nnode = (size_t)RhoGraphSize(r->eq->graph);
  r->spread = Spread(r->arena, r->waves);
  r->memo = RhoArenaAlloc(r->arena, sizeof(Wave *) * nnode);
  r->number = RhoArenaAlloc(r->arena, sizeof(double) * nnode);
  r->seen = RhoArenaAlloc(r->arena, nnode);
  Columns(r, *forms, request->A);
  return r->bad ? RHO_INPUT : RHO_OK;
}

/* The nodes are in the model's arena, the work in one of its own: both may run out. */
static RhoStatus ReadInModel(void *ctx) {
  Request *request = ctx;
  return rho_ops_guarded(request->reader.eq->model->arena, Read, request);
}

RhoStatus RhoSymbol(RhoEquations eq, RhoPart part, const double *value, const double *state, const RhoWaves *waves,
                    double complex *A) {
  Request request = {{.eq = eq, .value = value, .state = state, .waves = waves}, part, A};
  if (eq->uses_coordinate && !waves->place) return RHO_INPUT;
  request.reader.arena = RhoArenaCreate();
  if (!request.reader.arena) return RHO_NOMEM;
  RhoStatus status = rho_ops_guarded(request.reader.arena, ReadInModel, &request);
  RhoArenaDestroy(&request.reader.arena);
  return status;
}
