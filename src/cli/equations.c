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

static bool HasName(RhoGraph graph, RhoNode node, void *ctx) {
  (void)graph;
  return Meant(ctx, node) >= 0;
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

/* ---- forms of a formula ---- */

static bool IsCall(RhoGraph graph, RhoNode node, RhoFunction f) {
  RhoNodeInfo info = RhoGraphNode(graph, node);
  return info.kind == RHO_CALL && info.code == (int)f;
}

/* Is it a product, or a sum, all of minus signs?  They could as well stand before its divergence. */
static bool IsNegative(RhoGraph graph, RhoNode node) {
  RhoNodeInfo info = RhoGraphNode(graph, node);
  RhoNode first = info.arg[0];
  if (info.kind == RHO_CONSTANT) return info.value < 0;
  if (IsCall(graph, node, RHO_FN_MUL)) first = RhoGraphNode(graph, first).kind == RHO_CONSTANT ? first : info.arg[1];
  if (IsCall(graph, node, RHO_FN_MUL) && RhoGraphNode(graph, first).kind != RHO_CONSTANT) return false;
  if (IsCall(graph, node, RHO_FN_NEG)) return true;
  if (info.kind != RHO_CALL || info.code > RHO_FN_DIV || info.code == RHO_FN_ADD) return false;
  return IsNegative(graph, first);
}

/* -node of such a one, without the signs */
static RhoNode WithoutSigns(RhoGraph graph, RhoNode node) {
  RhoNodeInfo info = RhoGraphNode(graph, node);
  if (!IsCall(graph, node, RHO_FN_SUB)) return RhoGraph1(graph, RHO_FN_NEG, node);
  return RhoGraph2(graph, RHO_FN_ADD, WithoutSigns(graph, info.arg[0]), info.arg[1]);
}

static const char *Node(Setter *s, RhoNode node) {
  RhoText text = RhoTextCreate(s->arena);
  RhoNode renamed = RhoGraphRewrite(s->graph, RhoGraphArrange(s->graph, node, HasName, s), Rename, s);
  (void)RhoGraphRewrite(s->graph, renamed, NoteUse, s);
  if (s->latex) RhoGraphPrintLatex(s->graph, renamed, text, SymbolLatex, OperandText, s);
  else RhoGraphPrint(s->graph, renamed, text, OperandText, s);
  return RhoTextGet(text);
}

/* Is it neither a symbol nor a definition? */
static bool NeedsName(const Setter *s, RhoNode node) {
  return RhoGraphNode(s->graph, node).kind != RHO_SYMBOL && !(node < s->nnode && s->meant[node]);
}

static const char *PotentialName(const Setter *s, int i) {
  return RhoArenaPrint(s->arena, "mu_%s", s->eq->model->field[i].name);
}

static const char *SymbolText(Setter *s, const char *name) { return s->latex ? SymbolLatex(name, s) : name; }

const char *rho_typeset_node(RhoArena arena, RhoEquations eq, RhoNode node, bool latex) {
  Setter s = MakeSetter(arena, eq, latex);
  for (int i = 0; i < eq->nfield; i++)
    if (eq->equation[i].potential == node && NeedsName(&s, node)) return SymbolText(&s, PotentialName(&s, i));
  return Node(&s, node);
}

static void With(Setter *s, const char *left, const char *right) {
  *RHO_PUSH(s->arena, s->with, s->nwith, s->withcapacity) = (RhoFormulaLine){left, right};
}

/* ---- terms of a right-hand side ---- */

/* The potential's name, with a line that says what it is; itself where it has a name already. */
static RhoNode NamedPotential(Setter *s, int i) {
  RhoNode potential = s->eq->equation[i].potential;
  if (!NeedsName(s, potential)) return potential;
  const char *name = PotentialName(s, i);
  With(s, SymbolText(s, name), Node(s, potential));
  return RhoGraphSymbol(s->graph, RHO_SYM_TRACE, name);
}

/* Adds "+ text" or "- text"; a sum that begins with a minus sign may go on from it. */
static void Add(RhoText sum, const char *sign, const char *text) {
  bool first = RhoTextLength(sum) == 0, minus = *text == '-' && *sign == '+';
  if (minus) sign = "-", text++;
  if (first) RhoTextAdd(sum, "%s%s", *sign == '-' ? "-" : "", text);
  else RhoTextAdd(sum, " %s %s", sign, text);
}

/* div(vector), lap(a) where the vector is grad(a) */
static void AddDivergence(Setter *s, RhoText sum, const char *sign, RhoNode vector) {
  const char *format = s->latex ? "\\nabla \\cdot \\left(%s\\right)" : "div(%s)";
  if (IsNegative(s->graph, vector)) {
    sign = *sign == '-' ? "+" : "-";
    vector = WithoutSigns(s->graph, vector);
  }
  RhoNodeInfo info = RhoGraphNode(s->graph, vector);
  if (info.kind != RHO_APPLY || info.code != RHO_OP_GRAD)
    Add(sum, sign, RhoArenaPrint(s->arena, format, Node(s, vector)));
  else Add(sum, sign, Node(s, RhoGraphApply(s->graph, RHO_OP_LAP, 0, info.arg)));
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
  if (s->eq->equation[i].potential == RHO_NONE) return;
  RhoNode arg[2] = {field->mobility, NamedPotential(s, i)};
  RhoNodeInfo mobility = RhoGraphNode(s->graph, field->mobility);
  bool one = mobility.kind == RHO_CONSTANT && mobility.value == 1;
  Add(sum, "+", Node(s, RhoGraphApply(s->graph, one ? RHO_OP_LAP : RHO_OP_DIVGRAD, 0, one ? arg + 1 : arg)));
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

/* xi_NAME of a flux, eta_NAME of a reaction; what has no name of its own is called after the field. */
static RhoNode WhiteNoise(Setter *s, const RhoField *field, int k) {
  const RhoNoiseTerm *noise = &field->noise[k];
  const char *name = noise->name ? noise->name : field->name, *mark = "";
  for (int l = 0; l < k && !noise->name; l++)
    if (!field->noise[l].name && field->noise[l].flux == noise->flux) mark = RhoArenaPrint(s->arena, "%s'", mark);
  return RhoGraphSymbol(s->graph, RHO_SYM_VARIATION,
                        RhoArenaPrint(s->arena, "%s%s_%s", noise->flux ? "xi" : "eta", mark, name));
}

static void AddNoise(Setter *s, RhoText sum, int i) {
  const RhoField *field = &s->eq->model->field[i];
  for (int k = 0; k < field->nnoise; k++) {
    const RhoNoiseTerm *noise = &field->noise[k];
    RhoNode term = Times(s, noise->amplitude, WhiteNoise(s, field, k));
    const char *sense = !noise->stratonovich ? "" : s->latex ? "\\ \\text{(Stratonovich)}" : " (Stratonovich)";
    if (!noise->flux) Add(sum, "+", RhoArenaPrint(s->arena, "%s%s", Node(s, term), sense));
    else if (noise->direction < 0) AddDivergence(s, sum, "+", term);
    else Add(sum, "+", Node(s, RhoGraphApply(s->graph, RHO_OP_DIFF, noise->direction, &term)));
  }
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

/* A definition as it was given; what is uniform, in a shorter form if there is one: (T*a + T*a)/(a + a) as T. */
static const char *Definition(Setter *s, RhoNode node) {
  const char *given = Node(s, node);
  if (RhoGraphDependsOnKind(s->graph, node, RHO_SYM_FIELD) || RhoGraphDependsOnKind(s->graph, node, RHO_SYM_COORDINATE))
    return given;
  const char *collected = Node(s, RhoGraphCollect(s->graph, node, HasName, s));
  return strlen(collected) < strlen(given) ? collected : given;
}

/* The definitions used so far, and those that they use, in the order of the file. */
static void AddDefinitions(Setter *s) {
  const char **right = RhoArenaAlloc(s->arena, (size_t)s->ndefine * sizeof *right);
  for (bool more = true; more;) {
    more = false;
    for (int k = 0; k < s->ndefine; k++) {
      if (!s->used[k] || right[k]) continue;
      s->self = k;
      right[k] = Definition(s, s->eq->model->define[k].node);
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
