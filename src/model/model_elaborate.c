/* model_elaborate.c - a formula's syntax tree as a node of the model's graph.

   Ranks: numbers, parameters and fields are scalars; grad makes a vector; vectors are added, negated, multiplied and
   divided by scalars, and nothing else, so that every vector is a linear combination of gradients. */
#include "model_private.h"
#include <string.h>

int rho_rank(RhoModel model, RhoNode node) { return RhoGraphNode(model->graph, node).rank; }

/* ---- ranks ---- */

bool rho_expect_scalar(Scope *scope, RhoNode node, RhoPlace place, const char *what) {
  if (rho_rank(scope->model, node) == 0) return true;
  RhoDiagReport(scope->model->diag, RHO_ID_VECTOR, place, "%s must be a scalar, not a vector", what);
  RhoDiagHint(scope->model->diag, "scalars made of gradients are dot(grad(a), grad(b)), |grad(a)|^2, div(...), lap(a)");
  return false;
}

static RhoNode ReportProduct(Scope *scope, const RhoAst *ast, const char *message, const char *hint) {
  RhoDiagReport(scope->model->diag, RHO_ID_VECTOR_PRODUCT, ast->place, "%s", message);
  RhoDiagHint(scope->model->diag, "%s", hint);
  return RHO_NONE;
}

static RhoNode ReportSum(Scope *scope, const RhoAst *ast) {
  RhoDiagReport(scope->model->diag, RHO_ID_VECTOR_SUM, ast->place,
                "a vector and a scalar cannot be added or subtracted");
  RhoDiagHint(scope->model->diag,
              "a vector is (scalar)*grad(scalar); in a flux given per dimension everything is a scalar");
  return RHO_NONE;
}

/* ---- signs ---- */

static RhoNode Arithmetic(Scope *scope, const RhoAst *ast, RhoNode x, RhoNode y) {
  RhoModel model = scope->model;
  int rx = rho_rank(model, x), ry = rho_rank(model, y);
  RhoGraphSetPlace(model->graph, ast->place);
  switch (ast->op) {
  case '+':
  case '-':
    if (rx != ry) return ReportSum(scope, ast);
    return RhoGraph2(model->graph, ast->op == '+' ? RHO_FN_ADD : RHO_FN_SUB, x, y);
  case '*':
    if (rx && ry)
      return ReportProduct(scope, ast, "two vectors cannot be multiplied by *",
                           "write dot(a, b) for their scalar product");
    return RhoGraph2(model->graph, RHO_FN_MUL, x, y);
  default:
    if (ry) return ReportProduct(scope, ast, "nothing can be divided by a vector", "divide by |v|^2 or by a component");
    return RhoGraph2(model->graph, RHO_FN_DIV, x, y);
  }
}

static RhoNode Compare(Scope *scope, const RhoAst *ast, RhoNode x, RhoNode y) {
  RhoGraph graph = scope->model->graph;
  if (!rho_expect_scalar(scope, x, ast->arg[0]->place, "what is compared") ||
      !rho_expect_scalar(scope, y, ast->arg[1]->place, "what is compared"))
    return RHO_NONE;
  RhoGraphSetPlace(graph, ast->place);
  switch (ast->op) {
  case '<': return RhoGraph2(graph, RHO_FN_LT, x, y);
  case '>': return RhoGraph2(graph, RHO_FN_LT, y, x);
  case 'l': return RhoGraph2(graph, RHO_FN_LE, x, y);
  case 'g': return RhoGraph2(graph, RHO_FN_LE, y, x);
  case '=': return RhoGraph2(graph, RHO_FN_EQ, x, y);
  case 'n': return RhoGraph2(graph, RHO_FN_NE, x, y);
  case '&': return RhoGraph2(graph, RHO_FN_AND, x, y);
  default: return RhoGraph2(graph, RHO_FN_OR, x, y);
  }
}

/* |V|^2 is dot(V, V); of scalars |x| is abs(x). */
static RhoNode Bars(Scope *scope, const RhoAst *ast, RhoNode inside, bool squared) {
  RhoGraphSetPlace(scope->model->graph, ast->place);
  if (rho_rank(scope->model, inside) == 0) return RhoGraph1(scope->model->graph, RHO_FN_ABS, inside);
  if (squared) return rho_vector_dot(scope, inside, inside);
  RhoDiagReport(scope->model->diag, RHO_ID_NORM_WITHOUT_SQUARE, ast->place, "|v| of a vector is known only as |v|^2");
  RhoDiagHint(scope->model->diag, "write sqrt(|v|^2), or sqrt(|v|^2 + eps) where v may vanish");
  return RHO_NONE;
}

static bool IsTwo(const RhoAst *ast) { return ast->kind == RHO_AST_NUMBER && ast->number == 2; }
static bool IsBars(const RhoAst *ast) { return ast->kind == RHO_AST_UNARY && ast->op == '|'; }

/* Vectors live outside flux components; grad inside | | is one even there. */
static RhoNode ElaborateVector(Scope *scope, const RhoAst *ast) {
  Scope inner = *scope;
  inner.component = -1;
  return rho_elaborate(&inner, ast);
}

static RhoNode SquaredBars(Scope *scope, const RhoAst *ast) {
  const RhoAst *bars = ast->arg[0];
  RhoNode inside = ElaborateVector(scope, bars->arg[0]);
  if (inside < 0) return RHO_NONE;
  bool vector = rho_rank(scope->model, inside) == 1;
  RhoNode node = Bars(scope, bars, inside, true);
  if (vector || node < 0) return node;
  RhoGraphSetPlace(scope->model->graph, ast->place);
  return RhoGraphPower(scope->model->graph, node, RhoGraphConstant(scope->model->graph, 2));
}

static RhoNode Power(Scope *scope, const RhoAst *ast) {
  if (IsBars(ast->arg[0]) && IsTwo(ast->arg[1])) return SquaredBars(scope, ast);
  RhoNode x = rho_elaborate(scope, ast->arg[0]);
  RhoNode y = rho_elaborate(scope, ast->arg[1]);
  if (x < 0 || y < 0) return RHO_NONE;
  if (rho_rank(scope->model, x))
    return ReportProduct(scope, ast, "a vector has no powers", "write |v|^2 for its square");
  if (!rho_expect_scalar(scope, y, ast->arg[1]->place, "an exponent")) return RHO_NONE;
  RhoGraphSetPlace(scope->model->graph, ast->place);
  return RhoGraphPower(scope->model->graph, x, y);
}

static RhoNode Binary(Scope *scope, const RhoAst *ast) {
  if (ast->op == '^') return Power(scope, ast);
  RhoNode x = rho_elaborate(scope, ast->arg[0]);
  RhoNode y = rho_elaborate(scope, ast->arg[1]);
  if (x < 0 || y < 0) return RHO_NONE;
  return strchr("+-*/", ast->op) ? Arithmetic(scope, ast, x, y) : Compare(scope, ast, x, y);
}

static RhoNode Unary(Scope *scope, const RhoAst *ast) {
  RhoNode x = ast->op == '|' ? ElaborateVector(scope, ast->arg[0]) : rho_elaborate(scope, ast->arg[0]);
  if (x < 0) return RHO_NONE;
  if (ast->op == '|') return Bars(scope, ast, x, false);
  if (ast->op == '!' && !rho_expect_scalar(scope, x, ast->arg[0]->place, "a condition")) return RHO_NONE;
  RhoGraphSetPlace(scope->model->graph, ast->place);
  return RhoGraph1(scope->model->graph, ast->op == '!' ? RHO_FN_NOT : RHO_FN_NEG, x);
}

/* ---- formulas ---- */

static RhoNode Dispatch(Scope *scope, const RhoAst *ast) {
  RhoGraphSetPlace(scope->model->graph, ast->place);
  switch (ast->kind) {
  case RHO_AST_NUMBER: return RhoGraphConstant(scope->model->graph, ast->number);
  case RHO_AST_NAME: return rho_scope_name(scope, ast);
  case RHO_AST_CALL: return rho_call(scope, ast);
  case RHO_AST_UNARY: return Unary(scope, ast);
  default: return Binary(scope, ast);
  }
}

static bool Enter(Scope *scope, const RhoAst *ast) {
  Private p = scope->model->priv;
  if (p->nstep > MAX_STEPS) return false; /* reported */
  if (++p->nstep > MAX_STEPS) {
    RhoDiagReport(scope->model->diag, RHO_ID_TOO_LARGE, ast->place, "the formulas of this model are too many");
    RhoDiagHint(scope->model->diag, "sums over large index sets, or functions of functions, multiply");
    return false;
  }
  if (p->depth < MAX_DEPTH) return true;
  RhoDiagReport(scope->model->diag, RHO_ID_TOO_DEEP, ast->place, "formulas are nested too deeply here");
  RhoDiagHint(scope->model->diag, "too many defines that use each other in a chain");
  return false;
}

RhoNode rho_elaborate(Scope *scope, const RhoAst *ast) {
  if (!Enter(scope, ast)) return RHO_NONE;
  scope->model->priv->depth++;
  RhoNode node = Dispatch(scope, ast);
  scope->model->priv->depth--;
  return node;
}

RhoNode rho_elaborate_text(Scope *scope, const RhoYaml *text) {
  if (!RhoYamlExpect(scope->model->diag, text, RHO_YAML_TEXT, scope->what)) return RHO_NONE;
  const RhoAst *ast = RhoParse(scope->model->arena, scope->model->diag, text->text);
  return ast ? rho_elaborate(scope, ast) : RHO_NONE;
}

RhoNode rho_elaborate_rank(Scope *scope, const RhoYaml *text, int rank, const char *what) {
  RhoNode node = rho_elaborate_text(scope, text);
  if (node < 0 || rho_rank(scope->model, node) == rank) return node;
  if (rank == 0) {
    rho_expect_scalar(scope, node, text->place, what);
    return RHO_NONE;
  }
  RhoDiagReport(scope->model->diag, RHO_ID_SCALAR, text->place, "%s for all directions must be a vector, not a scalar",
                what);
  RhoDiagHint(scope->model->diag, "write ...*grad(...); or one scalar per dimension: {x: ..., y: ...}");
  return RHO_NONE;
}

/* ---- defines and functions ---- */

void rho_report_circle(RhoArena arena, RhoDiag diag, RhoPlace place, const char *what, int nchain,
                       const char *const *chain, const char *again) {
  RhoText text = RhoTextCreate(arena);
  for (int i = 0; i < nchain; i++) RhoTextAdd(text, "%s -> ", chain[i]);
  RhoDiagReport(diag, RHO_ID_CYCLE, place, "%s in a circle: %s%s", what, RhoTextGet(text), again);
  RhoDiagHint(diag, "one of them must not use the next");
}

/* The chain of definitions is closed by again. */
static RhoNode ReportCycle(RhoModel model, RhoPlace place, const char *again) {
  Private p = model->priv;
  int first = p->nchain - 1;
  while (first > 0 && strcmp(p->chain[first], again) != 0) first--;
  rho_report_circle(model->arena, model->diag, place, "definitions use each other", p->nchain - first, p->chain + first,
                    again);
  return RHO_NONE;
}

static void Push(RhoModel model, const char *label) {
  Private p = model->priv;
  *RHO_PUSH(model->arena, p->chain, p->nchain, p->chaincapacity) = label;
}

/* The formula of an entry, parsed once. */
static const RhoAst *EntryFormula(RhoModel model, Entry *entry) {
  if (entry->ast || entry->state == STATE_FAILED) return entry->ast;
  if (RhoYamlExpect(model->diag, entry->value, RHO_YAML_TEXT, "a define"))
    entry->ast = RhoParse(model->arena, model->diag, entry->value->text);
  if (!entry->ast) entry->state = STATE_FAILED;
  return entry->ast;
}

static RhoNode ElaborateDefine(RhoModel model, Name *name, int e) {
  const char *member[MAX_INDEX];
  Binding binding[MAX_INDEX];
  Entry *entry = &name->entry[name->element[e].entry];
  const RhoAst *ast = EntryFormula(model, entry);
  if (!ast) return RHO_NONE;
  rho_names_members(model, name, e, member);
  Scope scope = rho_scope(model, MAY_ALL, "a define", rho_key_bind(model, &entry->key, member, binding));
  return rho_elaborate(&scope, ast);
}

RhoNode rho_define_node(RhoModel model, Name *name, int e, RhoPlace use) {
  Element *element = &name->element[e];
  if (element->state == STATE_DONE || element->state == STATE_FAILED) return element->node;
  if (element->state == STATE_ACTIVE) return ReportCycle(model, use, element->label);
  element->state = STATE_ACTIVE;
  Push(model, element->label);
  element->node = ElaborateDefine(model, name, e);
  model->priv->nchain--;
  element->state = element->node < 0 ? STATE_FAILED : STATE_DONE;
  return element->node;
}

static bool ElaborateArguments(Scope *scope, const RhoAst *ast, const Key *key, Binding *binding, const Binding *up) {
  for (int k = 0; k < ast->narg; k++) {
    RhoNode node = rho_elaborate(scope, ast->arg[k]);
    if (node < 0) return false;
    binding[k] = (Binding){key->arg[k], -1, 0, node, k ? &binding[k - 1] : up};
  }
  return true;
}

static RhoNode Expand(Scope *scope, Entry *entry, const Binding *binding) {
  RhoModel model = scope->model;
  const RhoAst *body = EntryFormula(model, entry);
  if (!body) return RHO_NONE;
  Scope inner = rho_scope(model, scope->may, scope->what, binding);
  entry->state = STATE_ACTIVE;
  Push(model, entry->key.name);
  RhoNode node = rho_elaborate(&inner, body);
  model->priv->nchain--;
  entry->state = STATE_DONE;
  if (node >= 0 && scope->component >= 0 && rho_rank(model, node) == 1)
    return rho_vector_component(scope, node, scope->component);
  return node;
}

static RhoNode ReportArguments(Scope *scope, const Entry *entry, const RhoAst *ast) {
  RhoDiagReport(scope->model->diag, RHO_ID_WRONG_ARGUMENTS, ast->place, "'%s' has %d argument%s, not %d", ast->name,
                entry->key.narg, entry->key.narg == 1 ? "" : "s", ast->narg);
  RhoDiagAlso(scope->model->diag, entry->key.place, "defined here");
  return RHO_NONE;
}

RhoNode rho_function_call(Scope *scope, Name *name, const RhoAst *ast) {
  RhoModel model = scope->model;
  const char *member[MAX_INDEX];
  int e = rho_scope_element(scope, name, ast);
  if (e < 0) return RHO_NONE;
  Entry *entry = &name->entry[name->element[e].entry];
  entry->used = true;
  if (ast->narg != entry->key.narg) return ReportArguments(scope, entry, ast);
  if (entry->state == STATE_ACTIVE) return ReportCycle(model, ast->place, name->name);
  rho_names_members(model, name, e, member);
  Binding *binding = RhoArenaAlloc(model->arena, (MAX_INDEX + (size_t)ast->narg) * sizeof *binding);
  const Binding *letters = rho_key_bind(model, &entry->key, member, binding);
  if (!ElaborateArguments(scope, ast, &entry->key, binding + MAX_INDEX, letters)) return RHO_NONE;
  return Expand(scope, entry, ast->narg ? &binding[MAX_INDEX + ast->narg - 1] : letters);
}
