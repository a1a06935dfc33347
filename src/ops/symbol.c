/* symbol.c - the Fourier interpretation of the linearised graph: A(q) about a uniform state.

     GRADIENT   -div(c grad e)                 ->  + c S e^          S = |q|^2, or q_d^2 for one direction
     FITTED     +div(c (T grad u + u grad w))  ->  - c S (T u^ + u0 w^)
     ADVECTIVE  -d_x c                         ->  - i q_d c^
     e^: the differential of e, read with  lap -> -|q|^2,  d(., x) -> i q_x,  conv(K, .) -> K^(q),  grad of the state ->
   0

   A linear node is an array over the wavevectors; everything it is multiplied by is a number of the uniform state. */
#include "ops_private.h"
#include <string.h>

typedef double complex Wave;

typedef struct {
  RhoEquations eq;
  const double *value, *state;
  const RhoWaves *waves;
  const double *laplace; /* |q|^2 */
  RhoArena arena;
  Wave **memo; /* [nmemo] wave of each linear node, NULL: zero or not visited */
  char *seen;
  int nmemo, column; /* v_column = 1, the others 0 */
  bool bad;          /* an operator without a meaning for waves */
} Reader;

RhoNode RhoTangentNode(RhoEquations eq, RhoNode node, bool frozen_conv) {
  RhoNode symbol[256];
  if (node < 0) return RHO_NONE;
  for (int i = 0; i < eq->nfield; i++) symbol[i] = eq->model->field[i].symbol;
  return RhoGraphDifferential(eq->graph, node, eq->nfield, symbol, eq->variation, frozen_conv ? 1u << RHO_OP_CONV : 0);
}

static bool Linear(Reader *r, RhoNode node) {
  return RhoGraphDependsOn(r->eq->graph, node, r->eq->nfield, r->eq->variation);
}

static double Number(Reader *r, RhoNode node) {
  return RhoLocalValue(r->eq, RhoHomogeneous(r->eq, node), r->value, r->state);
}

static Wave *NewWave(Reader *r) { return RhoArenaAlloc(r->arena, sizeof(Wave) * (size_t)r->waves->n); }

static Wave *ReadNode(Reader *r, RhoNode node);

/* number * wave */
static Wave *Scaled(Reader *r, double number, const Wave *wave) {
  Wave *out = NewWave(r);
  if (!wave) return NULL;
  for (int w = 0; w < r->waves->n; w++) out[w] = number * wave[w];
  return out;
}

static Wave *Multiplied(Reader *r, const double *factor, Wave by, const Wave *wave) {
  Wave *out = NewWave(r);
  if (!wave || !factor) return NULL;
  for (int w = 0; w < r->waves->n; w++) out[w] = by * factor[w] * wave[w];
  return out;
}

static Wave *Sum(Reader *r, Wave *a, Wave *b, double sign) {
  Wave *out = NewWave(r);
  if (!b) return a;
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
  case RHO_OP_LAP: return Multiplied(r, r->laplace, -1, ReadNode(r, n.arg[0]));
  case RHO_OP_CONV: return Multiplied(r, r->waves->kernel[n.attr], 1, ReadNode(r, n.arg[0]));
  case RHO_OP_DIFF: return Multiplied(r, r->waves->t[n.attr], I, ReadNode(r, n.arg[0]));
  case RHO_OP_GDOT: return NULL;
  case RHO_OP_DIVGRAD:
    if (Linear(r, n.arg[0])) return NULL;
    return Scaled(r, Number(r, n.arg[0]), Multiplied(r, r->laplace, -1, ReadNode(r, n.arg[1])));
  default: r->bad = true; return NULL;
  }
}

static Wave *ReadNode(Reader *r, RhoNode node) {
  if (node < 0 || !Linear(r, node)) return NULL;
  if (r->seen[node]) return r->memo[node];
  RhoNodeInfo info = RhoGraphNode(r->eq->graph, node);
  r->seen[node] = 1;
  if (info.kind == RHO_SYMBOL) return r->memo[node] = ReadSymbol(r, node);
  return r->memo[node] = info.kind == RHO_CALL ? ReadCall(r, info) : ReadOperator(r, info);
}

/* S of a term's direction */
static const double *Spread(const Reader *r, int direction) {
  return direction < 0 ? r->laplace : r->waves->s[direction];
}

static void Add(Reader *r, Wave *sum, const double *factor, Wave by, const Wave *wave) {
  if (!wave) return;
  for (int w = 0; w < r->waves->n; w++) sum[w] += by * (factor ? factor[w] : 1.0) * wave[w];
}

static void AddTerm(Reader *r, const RhoTerm *term, const RhoTermTangent *tangent, Wave *sum) {
  const double *S = Spread(r, term->direction);
  if (term->kind == RHO_TERM_GRADIENT && S) Add(r, sum, S, Number(r, term->coef), ReadNode(r, tangent->arg));
  if (term->kind == RHO_TERM_FITTED && S) {
    double m = Number(r, term->coef);
    Add(r, sum, S, -m * Number(r, term->T), ReadNode(r, tangent->density));
    Add(r, sum, S, -m * Number(r, term->density), ReadNode(r, tangent->arg));
  }
  if (term->kind == RHO_TERM_ADVECTIVE && r->waves->t[term->direction])
    Add(r, sum, r->waves->t[term->direction], -I, ReadNode(r, tangent->coef));
}

static void Row(Reader *r, RhoPart part, int i, Wave *sum) {
  RhoEquation *equation = &r->eq->equation[i];
  for (int k = 0; k < equation->nterm; k++) {
    RhoTermTangent tangent = RhoTermTangents(r->eq, part, i, &equation->term[k]);
    AddTerm(r, &equation->term[k], &tangent, sum);
  }
  Add(r, sum, NULL, 1, ReadNode(r, RhoSourceTangent(r->eq, part, equation->source)));
  for (int e = 0; e < r->eq->nexchange; e++) {
    const RhoExchange *exchange = &r->eq->model->exchange[e];
    if (exchange->change[i] != 0) Add(r, sum, NULL, exchange->change[i], ReadNode(r, RhoSourceTangent(r->eq, part, exchange->rate)));
  }
}

/* All nodes a column needs exist before the memo is sized: build them once. */
static void Prepare(RhoEquations eq, RhoPart part) {
  for (int i = 0; i < eq->nfield; i++) {
    for (int k = 0; k < eq->equation[i].nterm; k++) (void)RhoTermTangents(eq, part, i, &eq->equation[i].term[k]);
    (void)RhoSourceTangent(eq, part, eq->equation[i].source);
  }
  for (int e = 0; e < eq->nexchange; e++) (void)RhoSourceTangent(eq, part, eq->model->exchange[e].rate);
}

static const double *Laplace(RhoArena arena, const RhoWaves *waves) {
  double *sum = RhoArenaAlloc(arena, sizeof(double) * (size_t)waves->n);
  if (waves->laplace) return waves->laplace;
  for (int d = 0; d < RHO_MAXDIM; d++)
    for (int w = 0; waves->s[d] && w < waves->n; w++) sum[w] += waves->s[d][w];
  return sum;
}

static void Columns(Reader *r, RhoPart part, double complex *A) {
  int n = r->eq->nfield, nw = r->waves->n;
  for (r->column = 0; r->column < n; r->column++) {
    memset(r->seen, 0, (size_t)r->nmemo);
    for (int i = 0; i < n; i++) {
      Wave *sum = NewWave(r);
      Row(r, part, i, sum);
      for (int w = 0; w < nw; w++) A[((size_t)w * (size_t)n + (size_t)i) * (size_t)n + (size_t)r->column] = sum[w];
    }
  }
}

RhoStatus RhoSymbol(RhoEquations eq, RhoPart part, const double *value, const double *state, const RhoWaves *waves,
                    double complex *A) {
  Reader r = {.eq = eq, .value = value, .state = state, .waves = waves};
  RhoArena arena = RhoArenaCreate();
  if (!arena) return RHO_NOMEM;
  if (eq->uses_coordinate || setjmp(*RhoArenaGuard(arena))) {
    RhoArenaDestroy(&arena);
    return eq->uses_coordinate ? RHO_INPUT : RHO_NOMEM;
  }
  Prepare(eq, part);
  r.arena = arena;
  r.laplace = Laplace(arena, waves);
  r.nmemo = 4 * RhoGraphSize(eq->graph) + 4096; /* homogeneous limits of the numbers still grow the graph */
  r.memo = RhoArenaAlloc(arena, sizeof(Wave *) * (size_t)r.nmemo);
  r.seen = RhoArenaAlloc(arena, (size_t)r.nmemo);
  Columns(&r, part, A);
  RhoArenaDestroy(&arena);
  return r.bad ? RHO_INPUT : RHO_OK;
}
