/* model_check.c - the checks a model file makes of itself: read here, computed by the layers above. */
#include "model_private.h"
#include <math.h>
#include <string.h>

typedef struct {
  RhoModel model;
  const RhoYaml *map;
  RhoCheck *check;
} Reader;

static bool Fail(Reader *reader, RhoPlace place, const char *message, const char *hint) {
  RhoDiagReport(reader->model->diag, RHO_ID_BAD_CHECK, place, "%s", message);
  RhoDiagHint(reader->model->diag, "%s", hint);
  return false;
}

static const RhoYaml *Need(Reader *reader, const char *key) {
  const RhoYaml *value = RhoYamlFind(reader->map, key);
  if (value) return value;
  RhoDiagReport(reader->model->diag, RHO_ID_MISSING_KEY, reader->check->place, "this check needs the key '%s'", key);
  RhoDiagHint(reader->model->diag, strcmp(key, "source") == 0
                                       ? "every number names where it comes from: source: ..."
                                       : "a check says at which state, and what comes out: at:, is:");
  return NULL;
}

/* ---- common keys ---- */

static void PutOverride(void *ctx, int number, const char *label, double value, RhoPlace place) {
  Reader *reader = ctx;
  RhoCheck *check = reader->check;
  (void)number, (void)place;
  for (int k = 0; k < check->nset; k++)
    if (strcmp(check->set_name[k], label) == 0) {
      check->set_value[k] = value;
      return;
    }
  check->set_name[check->nset] = label;
  check->set_value[check->nset++] = value;
}

static bool ReadOverrides(Reader *reader) {
  RhoModel model = reader->model;
  const RhoYaml *map = RhoYamlFind(reader->map, "parameters");
  if (!map) return true;
  reader->check->set_name = RhoArenaAlloc(model->arena, ((size_t)model->nparameter + 1) * sizeof(char *));
  reader->check->set_value = RhoArenaAlloc(model->arena, ((size_t)model->nparameter + 1) * sizeof(double));
  return rho_settings_read(model, map, NAME_PARAMETER, "parameters", PutOverride, reader);
}

static bool ReadTolerance(Reader *reader, double otherwise) {
  const RhoYaml *text = RhoYamlFind(reader->map, "tolerance");
  reader->check->tolerance = otherwise;
  if (!text) return true;
  if (!RhoYamlNumber(reader->model->arena, reader->model->diag, text, &reader->check->tolerance)) return false;
  if (reader->check->tolerance > 0) return true;
  return Fail(reader, text->place, "a tolerance must be positive", "relative to max(1, |value|): 1e-10");
}

static bool ReadDim(Reader *reader) {
  const RhoYaml *text = RhoYamlFind(reader->map, "dim");
  long dim = 0;
  if (text && !RhoYamlInteger(reader->model->diag, text, 1, 3, &dim)) return false;
  reader->check->dim = (int)dim;
  return true;
}

static bool ReadSource(Reader *reader) {
  const RhoYaml *text = Need(reader, "source");
  if (!text || !RhoYamlExpect(reader->model->diag, text, RHO_YAML_TEXT, "source")) return false;
  reader->check->source = text->text.text;
  return true;
}

static bool ReadState(Reader *reader, bool needed) {
  RhoModel model = reader->model;
  reader->check->state = RhoArenaAlloc(model->arena, ((size_t)model->nfield + 1) * sizeof(double));
  const RhoYaml *at = needed ? Need(reader, "at") : RhoYamlFind(reader->map, "at");
  return at ? rho_state_read(model, at, reader->check->state) : !needed;
}

static bool ReadNumbers(Reader *reader, const RhoYaml *value) {
  RhoModel model = reader->model;
  bool list = value->kind == RHO_YAML_LIST;
  int n = list ? value->n : 1;
  if (n == 0 || n > model->nfield)
    return Fail(reader, value->place, RhoArenaPrint(model->arena, "expected from 1 to %d growth rates", model->nfield),
                "there are as many modes as fields; the first ones are compared, fastest first");
  reader->check->value = RhoArenaAlloc(model->arena, (size_t)n * sizeof(double));
  reader->check->nvalue = n;
  for (int k = 0; k < n; k++)
    if (!RhoYamlNumber(model->arena, model->diag, list ? value->item[k] : value, &reader->check->value[k]))
      return false;
  for (int k = 1; k < n; k++)
    if (reader->check->value[k] > reader->check->value[k - 1])
      return Fail(reader, value->item[k]->place, "growth rates are listed from the largest down", "sort them");
  return true;
}

/* ---- kinds ---- */

static bool ReadReciprocal(Reader *reader, const RhoYaml *word) {
  static const char *const allowed[] = {"reciprocal", "parameters", "dim"};
  RhoYamlOnly(reader->model->diag, reader->map, "a check of reciprocity", 3, allowed);
  reader->check->word = RhoYamlText(word);
  if (reader->check->word && (!strcmp(reader->check->word, "local") || !strcmp(reader->check->word, "functional") ||
                              !strcmp(reader->check->word, "none")))
    return true;
  RhoDiagReport(reader->model->diag, RHO_ID_UNKNOWN_WORD, word->place, "reciprocal is local, functional or none");
  RhoDiagHint(reader->model->diag, "local: for uniform fields; functional: kernels and gradients included");
  return false;
}

static bool IsField(RhoGraph graph, RhoNode node, void *ctx) {
  (void)ctx;
  RhoNodeInfo info = RhoGraphNode(graph, node);
  return info.kind == RHO_SYMBOL && info.code == RHO_SYM_FIELD;
}

static bool IsLinear(RhoModel model, RhoNode node) {
  RhoNode *coef, *atom, rest, bad;
  int n;
  if (!RhoGraphAffine(model->graph, node, IsField, NULL, &n, &coef, &atom, &rest, &bad) || n == 0) return false;
  if (rest >= 0 && RhoGraphNode(model->graph, rest).kind != RHO_CONSTANT) return false;
  for (int k = 0; k < n; k++)
    if (RhoGraphDependsOnKind(model->graph, coef[k], RHO_SYM_FIELD)) return false;
  return rest < 0 || RhoGraphNode(model->graph, rest).value == 0;
}

static bool ReadConserved(Reader *reader, const RhoYaml *text) {
  static const char *const allowed[] = {"conserved"};
  RhoYamlOnly(reader->model->diag, reader->map, "a check of conservation", 1, allowed);
  Scope scope = rho_scope(reader->model, MAY_FIELD, "a conserved combination", NULL);
  reader->check->node = rho_elaborate_rank(&scope, text, 0, "a conserved combination");
  reader->check->word = RhoYamlText(text);
  if (reader->check->node < 0) return false;
  if (IsLinear(reader->model, reader->check->node)) return true;
  return Fail(reader, text->place, "what is conserved is a linear combination of fields", "c1 + 2*c2");
}

static bool ReadOneField(Reader *reader, const RhoYaml *text, int *field) {
  RhoModel model = reader->model;
  if (!RhoYamlExpect(model->diag, text, RHO_YAML_TEXT, "of")) return false;
  const RhoAst *ast = RhoParse(model->arena, model->diag, text->text);
  if (!ast) return false;
  const Name *name = ast->kind == RHO_AST_NAME ? rho_names_find(model, ast->name) : NULL;
  Scope scope = rho_scope(model, MAY_FIELD, "a check", NULL);
  if (!name || name->kind != NAME_FIELD) {
    RhoDiagReport(model->diag, RHO_ID_UNKNOWN_FIELD, ast->place, "'%.60s' is not a field", text->text.text);
    const char *near = ast->name ? rho_names_suggest(model, ast->name, NULL, 1u << NAME_FIELD) : NULL;
    if (near) RhoDiagHint(model->diag, "did you mean '%s'?", near);
    else RhoDiagHint(model->diag, "fields have entries under dynamics");
    return false;
  }
  int e = rho_scope_element(&scope, name, ast);
  if (e >= 0) *field = name->element[e].number;
  return e >= 0;
}

static bool ReadFields(Reader *reader, int n) {
  const RhoYaml *of = n ? Need(reader, "of") : NULL;
  if (!of) return n == 0;
  if (n == 1 && of->kind == RHO_YAML_TEXT) return ReadOneField(reader, of, &reader->check->of[0]);
  if (of->kind != RHO_YAML_LIST || of->n != n)
    return Fail(reader, of->place, n == 1 ? "mu is of one field" : "hessian is of two fields",
                n == 1 ? "{value: mu, of: phi, ...}" : "{value: hessian, of: [a, b], ...}");
  for (int k = 0; k < n; k++)
    if (!ReadOneField(reader, of->item[k], &reader->check->of[k])) return false;
  return true;
}

/* mu, f, p and hessian are derived from the model, unless the model itself has such a name; with `of` they always are.
 */
static bool IsDerived(Reader *reader, const char *word) {
  static const char *const derived[] = {"mu", "f", "p", "hessian"};
  for (int k = 0; k < 4; k++)
    if (strcmp(word, derived[k]) == 0) return RhoYamlFind(reader->map, "of") || !rho_names_find(reader->model, word);
  return false;
}

static bool ReadWhat(Reader *reader, const RhoYaml *text) {
  RhoCheck *check = reader->check;
  if (!RhoYamlExpect(reader->model->diag, text, RHO_YAML_TEXT, "value")) return false;
  if (IsDerived(reader, text->text.text)) {
    check->word = text->text.text;
    return ReadFields(reader, strcmp(check->word, "mu") == 0 ? 1 : strcmp(check->word, "hessian") == 0 ? 2 : 0);
  }
  if (RhoYamlFind(reader->map, "of"))
    return Fail(reader, RhoYamlFind(reader->map, "of")->place, "'of' belongs to mu and hessian", "remove it");
  Scope scope = rho_scope(reader->model, MAY_ALL, "a check", NULL);
  check->word = "formula";
  check->text = text->text.text;
  check->node = rho_elaborate_rank(&scope, text, 0, "a check");
  return check->node >= 0;
}

static bool ReadValue(Reader *reader, const RhoYaml *text) {
  static const char *const allowed[] = {"value", "of", "at", "is", "tolerance", "dim", "parameters", "source"};
  RhoCheck *check = reader->check;
  RhoYamlOnly(reader->model->diag, reader->map, "a check of a value", 8, allowed);
  if (!ReadWhat(reader, text)) return false;
  bool fields = check->node < 0 || RhoGraphDependsOnKind(reader->model->graph, check->node, RHO_SYM_FIELD);
  const RhoYaml *is = Need(reader, "is");
  check->value = RhoArenaAlloc(reader->model->arena, sizeof *check->value);
  check->nvalue = 1;
  return is && RhoYamlNumber(reader->model->arena, reader->model->diag, is, check->value) &&
         ReadState(reader, fields) && ReadTolerance(reader, 1e-12) && ReadSource(reader);
}

static bool ReadWavevector(Reader *reader) {
  RhoModel model = reader->model;
  const RhoYaml *q = Need(reader, "q");
  if (!q) return false;
  if (q->kind != RHO_YAML_MAP) return RhoYamlNumber(model->arena, model->diag, q, &reader->check->q[0]);
  Scope scope = rho_scope(model, 0, "a check", NULL);
  for (int i = 0; i < q->n; i++) {
    const RhoAst ast = {.kind = RHO_AST_NAME, .name = q->key[i]->text.text, .place = q->key[i]->place};
    int d = rho_scope_dimension(&scope, &ast);
    if (d < 0 || !RhoYamlNumber(model->arena, model->diag, q->item[i], &reader->check->q[d])) return false;
  }
  return true;
}

static bool ReadGrowth(Reader *reader, const RhoYaml *value) {
  static const char *const allowed[] = {"growth", "at", "q", "tolerance", "dim", "parameters", "source"};
  RhoYamlOnly(reader->model->diag, reader->map, "a check of growth", 7, allowed);
  return ReadNumbers(reader, value) && ReadState(reader, true) && ReadWavevector(reader) &&
         ReadTolerance(reader, 1e-10) && ReadSource(reader);
}

/* ---- the section ---- */

static const struct {
  const char *key;
  RhoCheckKind kind;
  bool (*read)(Reader *, const RhoYaml *);
} kind_row[] = {{"reciprocal", RHO_CHECK_RECIPROCAL, ReadReciprocal},
                {"conserved", RHO_CHECK_CONSERVED, ReadConserved},
                {"value", RHO_CHECK_VALUE, ReadValue},
                {"growth", RHO_CHECK_GROWTH, ReadGrowth}};

static void ReadCheck(Reader *reader) {
  for (size_t k = 0; k < sizeof kind_row / sizeof *kind_row; k++) {
    const RhoYaml *value = RhoYamlFind(reader->map, kind_row[k].key);
    if (!value) continue;
    reader->check->kind = kind_row[k].kind;
    reader->check->place = value->place;
    if (ReadOverrides(reader) && ReadDim(reader)) kind_row[k].read(reader, value);
    return;
  }
  Fail(reader, reader->map->place, "this check says nothing that could be checked",
       "a check has one of the keys reciprocal, conserved, value, growth");
}

void rho_checks_read(RhoModel model, const RhoYaml *list) {
  if (!list || rho_is_none(list) || !RhoYamlExpect(model->diag, list, RHO_YAML_LIST, "checks")) return;
  model->check = RhoArenaAlloc(model->arena, ((size_t)list->n + 1) * sizeof *model->check);
  for (int i = 0; i < list->n; i++) {
    RhoCheck *check = &model->check[model->ncheck];
    *check = (RhoCheck){.of = {-1, -1}, .node = RHO_NONE, .word = "", .place = list->item[i]->place};
    Reader reader = {model, list->item[i], check};
    if (!RhoYamlExpect(model->diag, list->item[i], RHO_YAML_MAP, "a check")) continue;
    ReadCheck(&reader);
    model->ncheck++;
  }
}
