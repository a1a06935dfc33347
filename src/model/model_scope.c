/* model_scope.c - what a name means where it stands.

   Looked up in this order: index letters, arguments and kernel variables bound around the formula; built-in names;
   names of the model; coordinates; extents.  A scope also says what kind of things its formula may depend on. */
#include "model_private.h"
#include <math.h>
#include <string.h>

Scope rho_scope(RhoModel model, unsigned may, const char *what, const Binding *binding) {
  return (Scope){model, binding, may, what, -1, model->dim_symbol};
}

const Binding *rho_scope_find(const Scope *scope, const char *name) {
  const Binding *at = scope->binding;
  while (at && strcmp(at->name, name) != 0) at = at->up;
  return at;
}

/* ---- indices ---- */

static void ReportUnbound(Scope *scope, const RhoAst *index) {
  RhoDiagReport(scope->model->diag, RHO_ID_UNKNOWN_LETTER, index->place, "the index letter '%s' is not bound here",
                index->name);
  RhoDiagHint(scope->model->diag, "bind it by the key, \"name[%s]\", or by sum(%s, ...)", index->name, index->name);
}

static void ReportNoMember(Scope *scope, const Name *name, int slot, const RhoAst *index, const char *member) {
  RhoModel model = scope->model;
  const IndexSet *set = &model->priv->set[name->set[slot]];
  if (strcmp(index->name, member) == 0)
    RhoDiagReport(model->diag, RHO_ID_NOT_A_MEMBER, index->place, "'%s' is not a member of the set {%s} of '%s'",
                  member, rho_index_list(model, name->set[slot]), rho_names_pattern(model, name));
  else
    RhoDiagReport(model->diag, RHO_ID_NOT_A_MEMBER, index->place,
                  "'%s' takes the value '%s' here, not a member of the set {%s} of '%s'", index->name, member,
                  rho_index_list(model, name->set[slot]), rho_names_pattern(model, name));
  const char *near = RhoSuggest(member, set->nmember, set->member);
  if (near) RhoDiagHint(model->diag, "did you mean '%s'?", near);
}

/* The member that an index stands for; NULL after a report. */
static const char *IndexMember(Scope *scope, const Name *name, int slot, const RhoAst *index) {
  const Binding *binding = rho_scope_find(scope, index->name);
  const char *member = index->name;
  if (binding && binding->set >= 0) {
    member = scope->model->priv->set[binding->set].member[binding->member];
  } else if (rho_index_letter(scope->model, index->name) >= 0) {
    ReportUnbound(scope, index);
    return NULL;
  }
  if (rho_index_member(scope->model, name->set[slot], member) >= 0) return member;
  ReportNoMember(scope, name, slot, index, member);
  return NULL;
}

static void ReportIndices(Scope *scope, const Name *name, const RhoAst *ast) {
  RhoDiag diag = scope->model->diag;
  const char *pattern = rho_names_pattern(scope->model, name);
  if (ast->nindex == 0)
    RhoDiagReport(diag, RHO_ID_NEEDS_INDEX, ast->place, "'%s' needs %s", name->name,
                  name->nindex > 1 ? "indices" : "an index");
  else if (name->nindex == 0) RhoDiagReport(diag, RHO_ID_WRONG_INDICES, ast->place, "'%s' has no index", name->name);
  else
    RhoDiagReport(diag, RHO_ID_WRONG_INDICES, ast->place, "'%s' has %d %s, not %d", name->name, name->nindex,
                  name->nindex > 1 ? "indices" : "index", ast->nindex);
  RhoDiagHint(diag, name->nindex > 0 ? "write %s" : "write %s without brackets", pattern);
}

int rho_scope_element(Scope *scope, const Name *name, const RhoAst *ast) {
  const char *member[MAX_INDEX];
  if (name->nelement == 0) return -1; /* its keys were reported */
  if (ast->nindex != name->nindex) {
    ReportIndices(scope, name, ast);
    return -1;
  }
  for (int k = 0; k < name->nindex; k++)
    if (!(member[k] = IndexMember(scope, name, k, ast->index[k]))) return -1;
  int bad, element = rho_names_element(scope->model, name, member, &bad);
  if (name->element[element].entry >= 0) return element;
  RhoDiagReport(scope->model->diag, RHO_ID_NO_ELEMENT, ast->place, "'%s' is not given", name->element[element].label);
  RhoDiagAlso(scope->model->diag, name->place, "'%s' is given here", name->name);
  RhoDiagHint(scope->model->diag, "give it for all members, or for this one");
  return -1;
}

/* ---- what is allowed ---- */

static bool Refuse(Scope *scope, RhoDiagId id, RhoPlace place, const char *name, const char *why, const char *hint) {
  RhoDiagReport(scope->model->diag, id, place, "%s cannot use '%s': %s", scope->what, name, why);
  RhoDiagHint(scope->model->diag, "%s", hint);
  return false;
}

bool rho_scope_allows(Scope *scope, RhoNode node, RhoPlace place, const char *name) {
  RhoGraph graph = scope->model->graph;
  if (!(scope->may & MAY_FIELD) && RhoGraphDependsOnKind(graph, node, RHO_SYM_FIELD))
    return Refuse(scope, RHO_ID_FIELD_NOT_ALLOWED, place, name, "it is a field, or depends on one",
                  "what depends on fields belongs under 'define'");
  if (!(scope->may & MAY_TIME) && RhoGraphDependsOnKind(graph, node, RHO_SYM_TIME))
    return Refuse(scope, RHO_ID_TIME_NOT_ALLOWED, place, name, "it depends on the time",
                  "what depends on t belongs under 'define'");
  if (!(scope->may & MAY_COORDINATE) && RhoGraphDependsOnKind(graph, node, RHO_SYM_COORDINATE))
    return Refuse(scope, RHO_ID_COORDINATE_NOT_ALLOWED, place, name, "it is a coordinate, or depends on one",
                  "what varies in space belongs under 'define'");
  if (!(scope->may & MAY_OPERATOR) && RhoGraphContainsOperator(graph, node, -1))
    return Refuse(scope, RHO_ID_OPERATOR_NOT_ALLOWED, place, name, "operators act on fields",
                  "grad, div, lap, dot, conv, d and integral are for the equations");
  return true;
}

/* ---- coordinates ---- */

RhoNode rho_scope_coordinate(RhoModel model, int d) {
  if (model->coordinate[d] < 0)
    model->coordinate[d] = RhoGraphSymbol(model->graph, RHO_SYM_COORDINATE, model->dimension[d]);
  return model->coordinate[d];
}

static RhoNode Extent(RhoModel model, int d) {
  if (model->extent[d] < 0)
    model->extent[d] =
        RhoGraphSymbol(model->graph, RHO_SYM_PARAMETER, RhoArenaPrint(model->arena, "L%s", model->dimension[d]));
  return model->extent[d];
}

static int FindDimension(RhoModel model, const char *name) {
  for (int d = 0; d < (model->ndimension ? model->ndimension : RHO_MAXDIM); d++)
    if (strcmp(model->dimension[d], name) == 0) return d;
  return -1;
}

static const char *DimensionList(RhoModel model) {
  RhoText text = RhoTextCreate(model->arena);
  for (int d = 0; d < (model->ndimension ? model->ndimension : RHO_MAXDIM); d++)
    RhoTextAdd(text, "%s%s", d ? ", " : "", model->dimension[d]);
  return RhoTextGet(text);
}

int rho_scope_dimension(Scope *scope, const RhoAst *ast) {
  RhoModel model = scope->model;
  int d = ast->kind == RHO_AST_NAME && ast->nindex == 0 ? FindDimension(model, ast->name) : -1;
  if (d >= 0) return d;
  if (ast->kind == RHO_AST_NAME)
    RhoDiagReport(model->diag, RHO_ID_UNKNOWN_DIMENSION, ast->place, "'%s' is not a dimension; there are %s", ast->name,
                  DimensionList(model));
  else
    RhoDiagReport(model->diag, RHO_ID_UNKNOWN_DIMENSION, ast->place, "expected the name of a dimension: %s",
                  DimensionList(model));
  RhoDiagHint(model->diag, "dimensions are declared at the top: dimensions: [x, q]; d(e, x), integral(q, e)");
  return -1;
}

/* ---- names ---- */

static RhoNode BuiltIn(Scope *scope, const char *name) {
  RhoModel model = scope->model;
  if (strcmp(name, "pi") == 0) return RhoGraphConstant(model->graph, M_PI);
  if (strcmp(name, "inf") == 0) return RhoGraphConstant(model->graph, INFINITY);
  if (strcmp(name, "t") == 0) return model->time;
  if (scope->dim == model->dim_symbol) model->uses_dim = true;
  return scope->dim;
}

static RhoNode NoIndex(Scope *scope, const RhoAst *ast, RhoNode node) {
  if (ast->nindex == 0) return node;
  RhoDiagReport(scope->model->diag, RHO_ID_WRONG_INDICES, ast->place, "'%s' has no index", ast->name);
  RhoDiagHint(scope->model->diag, "write %s without brackets", ast->name);
  return RHO_NONE;
}

static RhoNode Bound(Scope *scope, const Binding *binding, const RhoAst *ast) {
  RhoNode node = binding->set >= 0 ? RhoGraphConstant(scope->model->graph, binding->member + 1) : binding->node;
  return NoIndex(scope, ast, node);
}

static RhoNode NotAValue(Scope *scope, const Name *name, const RhoAst *ast) {
  const char *pattern = rho_names_pattern(scope->model, name);
  RhoDiagReport(scope->model->diag, RHO_ID_NOT_A_VALUE, ast->place, "'%s' is %s, not a number", name->name,
                name->function ? "a function" : rho_kind_word(name->kind));
  if (name->kind == NAME_KERNEL) RhoDiagHint(scope->model->diag, "conv(%s, e) or %s(0)", pattern, pattern);
  else
    RhoDiagHint(scope->model->diag, name->kind == NAME_TABLE ? "table(%s, e)" : "%s(...) with its arguments", pattern);
  return RHO_NONE;
}

static RhoNode OfModel(Scope *scope, Name *name, const RhoAst *ast) {
  if (name->function || name->kind == NAME_KERNEL || name->kind == NAME_TABLE) return NotAValue(scope, name, ast);
  int element = rho_scope_element(scope, name, ast);
  if (element < 0) return RHO_NONE;
  if (name->kind != NAME_DEFINE) return name->element[element].node;
  RhoNode node = rho_define_node(scope->model, name, element, ast->place);
  if (node >= 0 && scope->component >= 0 && rho_rank(scope->model, node) == 1)
    return rho_vector_component(scope, node, scope->component);
  return node;
}

/* du, dx: of "du/dx" */
static bool IsDifferential(RhoModel model, const char *name) {
  if (name[0] != 'd' || !name[1]) return false;
  const Name *of = rho_names_find(model, name + 1);
  return FindDimension(model, name + 1) >= 0 || (of && of->kind == NAME_FIELD);
}

static RhoNode Unknown(Scope *scope, const RhoAst *ast) {
  RhoModel model = scope->model;
  const char *name = ast->name;
  if (rho_index_letter(model, name) >= 0) {
    ReportUnbound(scope, ast);
    return RHO_NONE;
  }
  if (model->ndimension && strlen(name) == 1 && strchr("xyz", *name)) {
    RhoDiagReport(model->diag, RHO_ID_UNKNOWN_DIMENSION, ast->place, "there is no dimension '%s'; there are %s", name,
                  DimensionList(model));
    RhoDiagHint(model->diag, "dimensions are declared at the top: dimensions: [x, y]");
    return RHO_NONE;
  }
  RhoDiagReport(model->diag, RHO_ID_UNKNOWN_NAME, ast->place, "unknown name '%s'", name);
  const char *near = rho_names_suggest(model, name, scope->binding, ~0u);
  if (IsDifferential(model, name))
    RhoDiagHint(model->diag, "a derivative along x is written d(u, x), a gradient grad(u)");
  else if (near) RhoDiagHint(model->diag, "did you mean '%s'?", near);
  else if (!strcmp(name, "nabla")) RhoDiagHint(model->diag, "write grad(f), div(a*grad(b)) or lap(f)");
  else if (rho_is_function_name(name)) RhoDiagHint(model->diag, "'%s' is a function: write %s(...)", name, name);
  else if ((scope->may & MAY_EXTENT) && *name == 'L')
    RhoDiagHint(model->diag, "the lengths of the mesh are called L%s, L%s, ...", model->dimension[0],
                model->ndimension == 1 ? "..." : model->dimension[1]);
  else RhoDiagHint(model->diag, "numbers are declared under 'parameters', formulas under 'define'");
  return RHO_NONE;
}

RhoNode rho_scope_name(Scope *scope, const RhoAst *ast) {
  RhoModel model = scope->model;
  const Binding *binding = rho_scope_find(scope, ast->name);
  if (binding) return Bound(scope, binding, ast);
  RhoNode node = RHO_NONE;
  Name *name = rho_names_find(model, ast->name);
  int d = FindDimension(model, ast->name);
  int extent = (scope->may & MAY_EXTENT) && ast->name[0] == 'L' ? FindDimension(model, ast->name + 1) : -1;
  if (rho_is_builtin(ast->name)) node = NoIndex(scope, ast, BuiltIn(scope, ast->name));
  else if (name) node = OfModel(scope, name, ast);
  else if (d >= 0) node = NoIndex(scope, ast, rho_scope_coordinate(model, d));
  else if (extent >= 0) node = NoIndex(scope, ast, Extent(model, extent));
  else return Unknown(scope, ast);
  return node >= 0 && rho_scope_allows(scope, node, ast->place, ast->name) ? node : RHO_NONE;
}
