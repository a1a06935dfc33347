/* symbol_graph.c - the Fourier interpretation of the linearised graph, as a graph: the entries A_ij(q) about a uniform
   state as formulas of the state, the uniform values and the symbols of a wave.

     GRADIENT   -div(c grad e)                 ->  + c S e^          S = |q|^2, or s_d = q_d^2 for one direction
     FITTED     +div(c (T grad u + u grad w))  ->  - c S (T u^ + u0 w^)
     ADVECTIVE  -d_x c                         ->  - i t_x c^        t_d = q_d
     e^: the differential of e, read with lap -> -S, d(., x) -> i t_x, conv(K, .) -> K^, grad of the state -> 0

   What a linear node is multiplied by is read as the homogeneous interpretation says.  A formula is a pair of nodes,
   real and imaginary part, with structural zeros. */
#include "ops_private.h"
#include <string.h>

typedef struct {
  RhoNode re, im;
} Pair;

static const Pair zero = {RHO_NONE, RHO_NONE};

typedef struct {
  RhoEquations eq;
  RhoGraph graph;
  const RhoWaveSymbols *wave;
  Pair *memo; /* [node] of this column */
  char *seen; /* [node] */
  int nnode, column;
  bool bad; /* an operator without a meaning for waves */
} Reader;

RhoNode RhoTangentNode(RhoEquations eq, RhoNode node, bool frozen_conv) {
  return RhoGraphDifferential(eq->graph, node, eq->nfield, eq->priv->symbol, eq->variation,
                              frozen_conv ? 1u << RHO_OP_CONV : 0);
}

/* ---- the symbols of a wave --------------------------------------------------------------------------------------- */

static RhoNode WaveSymbol(RhoEquations eq, const char *name, int k, int order) {
  return RhoGraphSymbol(eq->graph, RHO_SYM_TRACE, RhoArenaPrint(eq->model->arena, "wave %s%d.%d", name, k, order));
}

void rho_wave_symbols(RhoEquations eq, int order, RhoWaveSymbols *wave) {
  wave->n = 0;
  wave->node = RhoArenaAlloc(eq->model->arena, sizeof(RhoNode) * (size_t)(2 * RHO_MAXDIM + 1 + eq->model->nkernel));
  for (int d = 0; d < RHO_MAXDIM; d++) wave->node[wave->n++] = WaveSymbol(eq, "t", d, order);
  for (int d = 0; d < RHO_MAXDIM; d++) wave->node[wave->n++] = WaveSymbol(eq, "s", d, order);
  wave->node[wave->n++] = WaveSymbol(eq, "S", 0, order);
  for (int k = 0; k < eq->model->nkernel; k++) wave->node[wave->n++] = WaveSymbol(eq, "K", k, order);
}

static RhoNode WaveT(const Reader *r, int d) { return r->wave->node[d]; }
static RhoNode WaveS(const Reader *r, int d) { return r->wave->node[d < 0 ? 2 * RHO_MAXDIM : RHO_MAXDIM + d]; }
static RhoNode WaveK(const Reader *r, int k) { return r->wave->node[2 * RHO_MAXDIM + 1 + k]; }

/* ---- pairs ------------------------------------------------------------------------------------------------------- */

static RhoNode Negative(RhoGraph graph, RhoNode node) {
  return node < 0 ? RHO_NONE : RhoGraph1(graph, RHO_FN_NEG, node);
}

static Pair Plus(Reader *r, Pair a, Pair b) {
  return (Pair){RhoGraphPlus(r->graph, a.re, b.re), RhoGraphPlus(r->graph, a.im, b.im)};
}

static Pair Minus(Reader *r, Pair a) { return (Pair){Negative(r->graph, a.re), Negative(r->graph, a.im)}; }

static Pair Times(Reader *r, RhoNode number, Pair a) {
  return (Pair){RhoGraphTimes(r->graph, number, a.re), RhoGraphTimes(r->graph, number, a.im)};
}

/* i number a */
static Pair TimesI(Reader *r, RhoNode number, Pair a) {
  Pair b = Times(r, number, a);
  return (Pair){Negative(r->graph, b.im), b.re};
}

static RhoNode OverNode(Reader *r, RhoNode a, RhoNode number) {
  return a < 0 ? RHO_NONE : RhoGraph2(r->graph, RHO_FN_DIV, a, number);
}

static RhoNode SelectNode(Reader *r, RhoNode condition, RhoNode a, RhoNode b) {
  if (a < 0 && b < 0) return RHO_NONE;
  RhoNode none = RhoGraphConstant(r->graph, 0);
  return RhoGraphCall(r->graph, RHO_FN_SELECT, 0, (RhoNode[]){condition, a < 0 ? none : a, b < 0 ? none : b});
}

/* ---- waves of linear nodes --------------------------------------------------------------------------------------- */

static bool Linear(Reader *r, RhoNode node) { return RhoGraphDependsOnKind(r->graph, node, RHO_SYM_VARIATION); }

static RhoNode Number(Reader *r, RhoNode node) {
  RhoNode number = node < 0 ? RHO_NONE : RhoHomogeneous(r->eq, node);
  r->bad = r->bad || (number >= 0 && RhoGraphContainsOperator(r->graph, number, -1));
  return number;
}

static Pair ReadNode(Reader *r, RhoNode node);

static Pair ReadCall(Reader *r, RhoNodeInfo n) {
  bool first = n.narg > 0 && Linear(r, n.arg[0]);
  switch ((RhoFunction)n.code) {
  case RHO_FN_ADD: return Plus(r, ReadNode(r, n.arg[0]), ReadNode(r, n.arg[1]));
  case RHO_FN_SUB: return Plus(r, ReadNode(r, n.arg[0]), Minus(r, ReadNode(r, n.arg[1])));
  case RHO_FN_NEG: return Minus(r, ReadNode(r, n.arg[0]));
  case RHO_FN_MUL: return Times(r, Number(r, n.arg[first ? 1 : 0]), ReadNode(r, n.arg[first ? 0 : 1]));
  case RHO_FN_DIV: {
    Pair a = ReadNode(r, n.arg[0]);
    RhoNode by = Number(r, n.arg[1]);
    return (Pair){OverNode(r, a.re, by), OverNode(r, a.im, by)};
  }
  case RHO_FN_SELECT: {
    Pair a = ReadNode(r, n.arg[1]), b = ReadNode(r, n.arg[2]);
    RhoNode condition = Number(r, n.arg[0]);
    return (Pair){SelectNode(r, condition, a.re, b.re), SelectNode(r, condition, a.im, b.im)};
  }
  default: r->bad = true; return zero;
  }
}

static Pair ReadOperator(Reader *r, RhoNodeInfo n) {
  switch ((RhoOperator)n.code) {
  case RHO_OP_LAP: return Minus(r, Times(r, WaveS(r, -1), ReadNode(r, n.arg[0])));
  case RHO_OP_CONV: return Times(r, WaveK(r, n.attr), ReadNode(r, n.arg[0]));
  case RHO_OP_DIFF: return TimesI(r, WaveT(r, n.attr), ReadNode(r, n.arg[0]));
  case RHO_OP_GDOT: return zero;
  case RHO_OP_DIVGRAD:
    if (Linear(r, n.arg[0])) return zero;
    return Minus(r, Times(r, Number(r, n.arg[0]), Times(r, WaveS(r, -1), ReadNode(r, n.arg[1]))));
  default: r->bad = true; return zero;
  }
}

static Pair ReadSymbol(Reader *r, RhoNode node) {
  bool one = node == r->eq->variation[r->column];
  return (Pair){one ? RhoGraphConstant(r->graph, 1) : RHO_NONE, RHO_NONE};
}

static Pair ReadNode(Reader *r, RhoNode node) {
  if (node < 0 || !Linear(r, node)) return zero;
  if (r->seen[node]) return r->memo[node];
  RhoNodeInfo info = RhoGraphNode(r->graph, node);
  r->seen[node] = 1;
  if (info.kind == RHO_SYMBOL) return r->memo[node] = ReadSymbol(r, node);
  return r->memo[node] = info.kind == RHO_CALL ? ReadCall(r, info) : ReadOperator(r, info);
}

/* ---- terms, rows, columns ---------------------------------------------------------------------------------------- */

static Pair AdvectiveTerm(Reader *r, const RhoTerm *term, const RhoTermTangent *tangent) {
  Pair sum = zero, coef = ReadNode(r, tangent->coef);
  for (int d = 0; d < RHO_MAXDIM; d++)
    if (term->direction < 0 || term->direction == d) sum = Plus(r, sum, Minus(r, TimesI(r, WaveT(r, d), coef)));
  return sum;
}

static Pair FittedTerm(Reader *r, const RhoTerm *term, const RhoTermTangent *tangent) {
  Pair ideal = Times(r, Number(r, term->T), ReadNode(r, tangent->density));
  Pair excess = Times(r, Number(r, term->density), ReadNode(r, tangent->arg));
  return Minus(r, Times(r, Number(r, term->coef), Plus(r, ideal, excess)));
}

static Pair ReadTerm(Reader *r, const RhoTerm *term, const RhoTermTangent *tangent) {
  RhoNode S = WaveS(r, term->direction);
  if (term->kind == RHO_TERM_ADVECTIVE) return AdvectiveTerm(r, term, tangent);
  if (term->kind == RHO_TERM_FITTED) return Times(r, S, FittedTerm(r, term, tangent));
  return Times(r, S, Times(r, Number(r, term->coef), ReadNode(r, tangent->arg)));
}

static Pair ReadRow(Reader *r, const RhoLinearForms *forms, int i) {
  const RhoEquation *equation = &r->eq->equation[i];
  Pair sum = ReadNode(r, forms->source[i]);
  for (int k = 0; k < equation->nterm; k++) sum = Plus(r, sum, ReadTerm(r, &equation->term[k], &forms->term[i][k]));
  for (int e = 0; e < r->eq->nexchange; e++) {
    double change = r->eq->model->exchange[e].change[i];
    if (change != 0) sum = Plus(r, sum, Times(r, RhoGraphConstant(r->graph, change), ReadNode(r, forms->rate[e])));
  }
  return sum;
}

/* entry[i][j] as re, im */
static void ReadColumns(Reader *r, const RhoLinearForms *forms, RhoNode *entry) {
  int n = r->eq->nfield;
  for (r->column = 0; r->column < n; r->column++) {
    memset(r->seen, 0, (size_t)r->nnode);
    for (int i = 0; i < n; i++) {
      Pair sum = ReadRow(r, forms, i);
      entry[2 * (i * n + r->column)] = sum.re;
      entry[2 * (i * n + r->column) + 1] = sum.im;
    }
  }
}

/* ---- once per part ----------------------------------------------------------------------------------------------- */

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

static RhoSymbolEntries *MakeEntries(RhoEquations eq, RhoPart part) {
  RhoArena arena = eq->model->arena;
  RhoSymbolEntries *made = RhoArenaAlloc(arena, sizeof *made);
  RhoWaveSymbols wave;
  const RhoLinearForms *forms = MakeForms(eq, part);
  rho_wave_symbols(eq, 0, &wave);
  Reader r = {.eq = eq, .graph = eq->graph, .wave = &wave, .nnode = RhoGraphSize(eq->graph)};
  r.memo = RhoArenaAlloc(arena, sizeof *r.memo * (size_t)r.nnode);
  r.seen = RhoArenaAlloc(arena, (size_t)r.nnode);
  made->node[0] = RhoArenaAlloc(arena, sizeof(RhoNode) * (size_t)(2 * eq->nfield * eq->nfield));
  ReadColumns(&r, forms, made->node[0]);
  made->bad = r.bad;
  return made;
}

/* The derivative of order `order` along a line in q: every symbol of a wave goes over into that of the next order. */
static void Differentiate(RhoEquations eq, int order, RhoSymbolEntries *entries) {
  RhoArena arena = eq->model->arena;
  int nentry = 2 * eq->nfield * eq->nfield, n = 0;
  RhoNode *from = RhoArenaAlloc(arena, sizeof *from * (size_t)(order * (2 * RHO_MAXDIM + 1 + eq->model->nkernel)));
  RhoNode *to = RhoArenaAlloc(arena, sizeof *to * (size_t)(order * (2 * RHO_MAXDIM + 1 + eq->model->nkernel)));
  for (int k = 0; k < order; k++) {
    RhoWaveSymbols a, b;
    rho_wave_symbols(eq, k, &a);
    rho_wave_symbols(eq, k + 1, &b);
    for (int m = 0; m < a.n; m++, n++) from[n] = a.node[m], to[n] = b.node[m];
  }
  RhoNode *made = RhoArenaAlloc(arena, sizeof *made * (size_t)nentry);
  for (int e = 0; e < nentry; e++) {
    RhoNode node = entries->node[order - 1][e];
    made[e] = node < 0 ? RHO_NONE : RhoGraphDifferential(eq->graph, node, n, from, to, 0);
  }
  entries->node[order] = made;
}

const RhoSymbolEntries *rho_symbol_entries(RhoEquations eq, RhoPart part, int order) {
  RhoSymbolEntries **entries = &eq->priv->entries[part];
  if (!*entries) *entries = MakeEntries(eq, part);
  for (int k = 1; k <= order; k++)
    if (!(*entries)->node[k]) Differentiate(eq, k, *entries);
  return *entries;
}
