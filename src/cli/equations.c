/* equations.c - d_t u = -div J + R as it is read aloud: mobility and potential, fluxes, drifts, reactions, exchanges,
   noise; nodes that are definitions appear under their names, and the definitions used are listed. */
#include "equations.h"
#include <string.h>

typedef struct {
  RhoArena arena;
  RhoEquations eq;
  RhoGraph graph;
  bool latex;
  int ndefine;
  RhoNode *name; /* [ndefine]: the symbol that stands for it; RHO_NONE: too simple for one */
  int nnode;     /* of the graph at first */
  int *meant;    /* [nnode]: 1 + the definition that a node is, or that its symbol stands for; 0: none */
  bool *used;    /* [ndefine] */
  int self;      /* the definition that is now written out, or -1 */
  int nwith, withcapacity;
  RhoFormulaLine *with;
} Setter;

/* ---- nodes under the names of definitions ---- */

/* A definition that is a name or number itself, or repeats an earlier one, gets no symbol. */
static bool IsWorthAName(const Setter *s, int k) {
  RhoNode node = s->eq->model->define[k].node;
  if (node == RHO_NONE || s->meant[node]) return false;
  return RhoGraphNode(s->graph, node).kind != RHO_SYMBOL && RhoGraphNode(s->graph, node).kind != RHO_CONSTANT;
}

static Setter MakeSetter(RhoArena arena, RhoEquations eq, bool latex) {
  Setter s = {.arena = arena, .eq = eq, .graph = eq->graph, .latex = latex, .ndefine = eq->model->ndefine, .self = -1};
  s.nnode = RhoGraphSize(s.graph) + s.ndefine;
  s.name = RhoArenaAlloc(arena, (size_t)s.ndefine * sizeof *s.name);
  s.used = RhoArenaAlloc(arena, (size_t)s.ndefine * sizeof *s.used);
  s.meant = RhoArenaAlloc(arena, (size_t)s.nnode * sizeof *s.meant);
  for (int k = 0; k < s.ndefine; k++) {
    s.name[k] = RHO_NONE;
    if (!IsWorthAName(&s, k)) continue;
    s.name[k] = RhoGraphSymbol(s.graph, RHO_SYM_TRACE, eq->model->define[k].name);
    s.meant[eq->model->define[k].node] = s.meant[s.name[k]] = k + 1;
  }
  return s;
}

/* The definition that a node is; -1: none, or the one that is written out. */
static int Meant(const Setter *s, RhoNode node) {
  int k = node < s->nnode ? s->meant[node] - 1 : -1;
  return k == s->self ? -1 : k;
}

static RhoNode Rename(RhoGraph graph, RhoNode node, const RhoNode *arg, void *ctx) {
  const Setter *s = ctx;
  (void)graph, (void)arg;
  return Meant(s, node) < 0 ? RHO_NONE : s->name[Meant(s, node)];
}

/* Asked for every node of a formula as it is written. */
static RhoNode NoteUse(RhoGraph graph, RhoNode node, const RhoNode *arg, void *ctx) {
  Setter *s = ctx;
  (void)graph, (void)arg;
  if (Meant(s, node) >= 0) s->used[Meant(s, node)] = true;
  return RHO_NONE;
}

static const char *OperandText(RhoOperator op, int attr, void *ctx) {
  const Setter *s = ctx;
  const char *name = RhoOperandName(op, attr, s->eq);
  return s->latex && name ? RhoModelLatex(name, s->eq->model) : name;
}

static const char *SymbolLatex(const char *name, void *ctx) {
  const Setter *s = ctx;
  return RhoModelLatex(name, s->eq->model);
}

static const char *Node(Setter *s, RhoNode node) {
  RhoText text = RhoTextCreate(s->arena);
  RhoNode renamed = RhoGraphRewrite(s->graph, node, Rename, s);
  (void)RhoGraphRewrite(s->graph, renamed, NoteUse, s);
  if (s->latex) RhoGraphPrintLatex(s->graph, renamed, text, SymbolLatex, OperandText, s);
  else RhoGraphPrint(s->graph, renamed, text, OperandText, s);
  return RhoTextGet(text);
}

const char *rho_typeset_node(RhoArena arena, RhoEquations eq, RhoNode node, bool latex) {
  Setter s = MakeSetter(arena, eq, latex);
  return Node(&s, node);
}

static const char *SymbolText(Setter *s, const char *name) { return s->latex ? SymbolLatex(name, s) : name; }

static void With(Setter *s, const char *left, const char *right) {
  *RHO_PUSH(s->arena, s->with, s->nwith, s->withcapacity) = (RhoFormulaLine){left, right};
}

/* ---- terms of a right-hand side ---- */

/* A name that stands for node, with a line that says so; the node itself where it has a name already. */
static RhoNode Named(Setter *s, const char *pattern, const char *of, RhoNode node) {
  if (node < s->nnode && s->meant[node]) return node;
  if (RhoGraphNode(s->graph, node).kind == RHO_SYMBOL) return node;
  const char *name = RhoArenaPrint(s->arena, pattern, of);
  With(s, SymbolText(s, name), Node(s, node));
  return RhoGraphSymbol(s->graph, RHO_SYM_TRACE, name);
}

/* Adds "+ text" or "- text"; a sum that begins with a minus sign may go on from it. */
static void Add(RhoText sum, const char *sign, const char *text) {
  bool first = RhoTextLength(sum) == 0, minus = *text == '-' && *sign == '+';
  if (minus) sign = "-", text++;
  if (first) RhoTextAdd(sum, "%s%s", *sign == '-' ? "-" : "", text);
  else RhoTextAdd(sum, " %s %s", sign, text);
}

static void AddDivergence(Setter *s, RhoText sum, const char *sign, RhoNode vector) {
  const char *format = s->latex ? "\\nabla \\cdot \\left(%s\\right)" : "div(%s)";
  Add(sum, sign, RhoArenaPrint(s->arena, format, Node(s, vector)));
}

static void AddDerivative(Setter *s, RhoText sum, RhoNode component, int d) {
  if (component != RHO_NONE) Add(sum, "-", Node(s, RhoGraphApply(s->graph, RHO_OP_DIFF, d, &component)));
}

static RhoNode Times(Setter *s, RhoNode a, RhoNode b) {
  return b == RHO_NONE ? b : RhoGraph2(s->graph, RHO_FN_MUL, a, b);
}

static void AddPotential(Setter *s, RhoText sum, int i) {
  const RhoField *field = &s->eq->model->field[i];
  if (field->mobility == RHO_NONE) return;
  RhoNode potential = field->potential != RHO_NONE ? field->potential : s->eq->equation[i].potential;
  if (potential == RHO_NONE) return;
  RhoNode arg[2] = {field->mobility, Named(s, "mu_%s", field->name, potential)};
  Add(sum, "+", Node(s, RhoGraphApply(s->graph, RHO_OP_DIVGRAD, 0, arg)));
}

static void AddFluxes(Setter *s, RhoText sum, int i) {
  const RhoField *field = &s->eq->model->field[i];
  if (field->flux_all != RHO_NONE) AddDivergence(s, sum, "-", field->flux_all);
  for (int d = 0; d < RHO_MAXDIM; d++) AddDerivative(s, sum, field->flux[d], d);
  if (field->drift_all != RHO_NONE) AddDivergence(s, sum, "-", Times(s, field->symbol, field->drift_all));
  for (int d = 0; d < RHO_MAXDIM; d++) AddDerivative(s, sum, Times(s, field->symbol, field->drift[d]), d);
}

static void AddExchanges(Setter *s, RhoText sum, int i) {
  for (int e = 0; e < s->eq->model->nexchange; e++) {
    const RhoExchange *exchange = &s->eq->model->exchange[e];
    double change = exchange->change[i];
    if (change == 0) continue;
    RhoNode rate = RhoGraphSymbol(s->graph, RHO_SYM_TRACE, RhoArenaPrint(s->arena, "rate[%d]", e + 1));
    if (change != 1 && change != -1) rate = Times(s, RhoGraphConstant(s->graph, change < 0 ? -change : change), rate);
    Add(sum, change < 0 ? "-" : "+", Node(s, rate));
  }
}

static void AddNoise(Setter *s, RhoText sum, int i) {
  const RhoField *field = &s->eq->model->field[i];
  RhoNode xi = RhoGraphSymbol(s->graph, RHO_SYM_TRACE, RhoArenaPrint(s->arena, "xi_%s", field->name));
  RhoNode eta = RhoGraphSymbol(s->graph, RHO_SYM_TRACE, RhoArenaPrint(s->arena, "eta_%s", field->name));
  if (field->noise_flux != RHO_NONE) AddDivergence(s, sum, "+", Times(s, field->noise_flux, xi));
  if (field->noise_reaction != RHO_NONE) Add(sum, "+", Node(s, Times(s, field->noise_reaction, eta)));
}

static RhoFormulaLine Equation(Setter *s, int i) {
  const RhoField *field = &s->eq->model->field[i];
  RhoText sum = RhoTextCreate(s->arena);
  AddPotential(s, sum, i);
  AddFluxes(s, sum, i);
  if (field->reaction != RHO_NONE) Add(sum, "+", Node(s, field->reaction));
  AddExchanges(s, sum, i);
  AddNoise(s, sum, i);
  if (RhoTextLength(sum) == 0) RhoTextAdd(sum, "0");
  const char *left = RhoArenaPrint(s->arena, s->latex ? "\\partial_t %s" : "d_t %s", SymbolText(s, field->name));
  return (RhoFormulaLine){left, RhoTextGet(sum)};
}

/* ---- all of it ---- */

static void AddRates(Setter *s) {
  for (int e = 0; e < s->eq->model->nexchange; e++) {
    const char *name = RhoArenaPrint(s->arena, "rate[%d]", e + 1);
    With(s, SymbolText(s, name), Node(s, s->eq->model->exchange[e].rate));
  }
}

/* The definitions used so far, and those that they use, in the order of the file. */
static void AddDefinitions(Setter *s) {
  const char **right = RhoArenaAlloc(s->arena, (size_t)s->ndefine * sizeof *right);
  for (bool more = true; more;) {
    more = false;
    for (int k = 0; k < s->ndefine; k++) {
      if (!s->used[k] || right[k]) continue;
      s->self = k;
      right[k] = Node(s, s->eq->model->define[k].node);
      more = true;
    }
  }
  s->self = -1;
  for (int k = 0; k < s->ndefine; k++)
    if (right[k]) With(s, SymbolText(s, s->eq->model->define[k].name), right[k]);
}

RhoTypeset rho_typeset(RhoArena arena, RhoEquations eq, bool latex) {
  Setter s = MakeSetter(arena, eq, latex);
  RhoTypeset set = {.nequation = eq->nfield};
  set.equation = RhoArenaAlloc(arena, (size_t)eq->nfield * sizeof *set.equation);
  for (int i = 0; i < eq->nfield; i++) set.equation[i] = Equation(&s, i);
  if (eq->model->free_energy != RHO_NONE) With(&s, "f", Node(&s, eq->model->free_energy));
  AddRates(&s);
  AddDefinitions(&s);
  set.nwith = s.nwith;
  set.with = s.with;
  return set;
}
