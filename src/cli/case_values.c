/* case_values.c - taking texts, maps, words, field names and formulas out of a case file. */
#include "case.h"
#include <math.h>
#include <string.h>

bool rho_case_missing(RhoCase *c, const RhoYaml *map, const char *what, const char *key, const char *hint) {
  RhoDiagReport(c->cli->diag, RHO_ID_CASE_MISSING, map->place, "%s needs the key '%s'", what, key);
  RhoDiagHint(c->cli->diag, "%s", hint);
  return false;
}

bool rho_case_filled(RhoCase *c, const RhoYaml *node, const char *key) {
  if (*node->text.text) return true;
  RhoDiagReport(c->cli->diag, RHO_ID_CASE_MISSING, node->place, "'%s' has no value", key);
  RhoDiagHint(c->cli->diag, "it stands behind the colon, on the same line; leave the key out if there is none");
  return false;
}

const char *rho_case_text(RhoCase *c, const RhoYaml *map, const char *key) {
  const RhoYaml *node = RhoYamlFind(map, key);
  if (!node || !RhoYamlExpect(c->cli->diag, node, RHO_YAML_TEXT, key)) return NULL;
  return rho_case_filled(c, node, key) ? node->text.text : NULL;
}

/* A word or number where a section belongs: the key that it is most likely meant for. */
static void HintSection(RhoCase *c, const char *section, const char *text) {
  static const char *const likely[][2] = {
      {"initial", "state"}, {"time", "end"}, {"solver", "scheme"}, {"output", "name"}};
  for (size_t k = 0; k < sizeof likely / sizeof *likely; k++)
    if (*text && !strcmp(section, likely[k][0]))
      RhoDiagHint(c->cli->diag, "%s: {%s: %s}?", section, likely[k][1], text);
}

const RhoYaml *rho_case_map(RhoCase *c, const RhoYaml *map, const char *key, int nallowed, const char *const *allowed) {
  const RhoYaml *node = RhoYamlFind(map, key);
  if (!node) return NULL;
  if (!RhoYamlExpect(c->cli->diag, node, RHO_YAML_MAP, key)) {
    if (node->kind == RHO_YAML_TEXT) HintSection(c, key, node->text.text);
    return NULL;
  }
  RhoYamlOnly(c->cli->diag, node, key, nallowed, allowed);
  return node;
}

int rho_case_word(RhoCase *c, const RhoYaml *node, const char *what, int nword, const char *const *word) {
  RhoDiag diag = c->cli->diag;
  if (!RhoYamlExpect(diag, node, RHO_YAML_TEXT, what)) return -1;
  for (int k = 0; k < nword; k++)
    if (!strcmp(node->text.text, word[k])) return k;
  RhoDiagReport(diag, RHO_ID_CASE_WORD, node->place, "%s can not be '%s'", what, node->text.text);
  const char *near = RhoSuggest(node->text.text, nword, word);
  if (near) RhoDiagHint(diag, "did you mean '%s'?", near);
  RhoText list = RhoTextCreate(c->cli->arena);
  for (int k = 0; k < nword; k++) RhoTextAdd(list, "%s%s", k ? ", " : "", word[k]);
  RhoDiagHint(diag, "possible: %s", RhoTextGet(list));
  return -1;
}

/* ---- fields ---- */

/* Is name[...] the field's name? */
static bool IsElementOf(const char *field, const char *name) {
  size_t n = strlen(name);
  return !strncmp(field, name, n) && field[n] == '[';
}

static void RefuseField(RhoCase *c, const RhoYaml *key) {
  RhoModel model = c->model;
  const char **name = RhoArenaAlloc(c->cli->arena, (size_t)model->nfield * sizeof *name);
  RhoText list = RhoTextCreate(c->cli->arena);
  for (int i = 0; i < model->nfield; i++) {
    name[i] = model->field[i].name;
    RhoTextAdd(list, "%s%s", i ? ", " : "", name[i]);
  }
  RhoDiagReport(c->cli->diag, RHO_ID_CASE_FIELD, key->place, "the model has no field '%s'", key->text.text);
  const char *near = RhoSuggest(key->text.text, model->nfield, name);
  if (near) RhoDiagHint(c->cli->diag, "did you mean '%s'?", near);
  RhoDiagHint(c->cli->diag, "its fields: %s", RhoTextGet(list));
}

int rho_case_fields(RhoCase *c, const RhoYaml *key, int *field) {
  int n = 0;
  for (int i = 0; i < c->model->nfield; i++) {
    const char *name = c->model->field[i].name;
    if (!strcmp(name, key->text.text) || IsElementOf(name, key->text.text)) field[n++] = i;
  }
  if (n == 0) RefuseField(c, key);
  return n;
}

/* ---- formulas ---- */

RhoNode rho_case_extent(const RhoCase *c, int d) {
  const char *name = RhoArenaPrint(c->cli->arena, "L%s", c->mesh.dimension[d].name);
  return RhoGraphSymbol(c->model->graph, RHO_SYM_PARAMETER, name);
}

RhoNode rho_case_coordinate(const RhoCase *c, int d) {
  return RhoGraphSymbol(c->model->graph, RHO_SYM_COORDINATE, c->mesh.dimension[d].name);
}

double rho_case_symbol(const RhoCase *c, RhoNode symbol) {
  for (int k = 0; k < c->eq->nuniform; k++)
    if (c->eq->uniform[k] == symbol) return c->value[k];
  for (int d = 0; d < c->mesh.ndimension; d++)
    if (rho_case_extent(c, d) == symbol) return c->mesh.dimension[d].to - c->mesh.dimension[d].from;
  return NAN;
}

static double Symbol(RhoGraph graph, RhoNode node, void *ctx) {
  (void)graph;
  return rho_case_symbol(ctx, node);
}

bool rho_case_value(RhoCase *c, const RhoYaml *node, double *value) {
  RhoNode bad, formula = rho_case_formula(c, node);
  if (formula == RHO_NONE) return false;
  *value = RhoGraphValue(c->model->graph, formula, Symbol, c, &bad);
  if (isfinite(*value)) return true;
  RhoDiagReport(c->cli->diag, RHO_ID_NUMBER_EXPECTED, node->place, "this is not a finite number");
  RhoDiagHint(c->cli->diag, "a formula of numbers and parameters of the model: 0.5, 2*pi, chi/2");
  return false;
}

static bool IsParameter(const RhoCase *c, const char *name) {
  for (int k = 0; k < c->model->nparameter; k++)
    if (!strcmp(c->model->parameter[k].name, name)) return true;
  return false;
}

/* What the mesh adds to the model's names.  A parameter of the model keeps its name. */
static int MeshNames(RhoCase *c, const char **name, RhoNode *symbol) {
  int n = 0;
  for (int d = 0; d < c->mesh.ndimension; d++) {
    const char *coordinate = c->mesh.dimension[d].name;
    const char *extent = RhoArenaPrint(c->cli->arena, "L%s", coordinate);
    if (!IsParameter(c, coordinate)) {
      symbol[n] = rho_case_coordinate(c, d);
      name[n++] = coordinate;
    }
    if (!IsParameter(c, extent)) {
      symbol[n] = rho_case_extent(c, d);
      name[n++] = extent;
    }
  }
  return n;
}

static bool HasDimension(const RhoCase *c, const char *name) {
  for (int d = 0; d < c->mesh.ndimension; d++)
    if (!strcmp(c->mesh.dimension[d].name, name)) return true;
  return false;
}

bool rho_case_on_mesh(RhoCase *c, RhoNode formula, RhoPlace place) {
  RhoModel model = c->model;
  for (int d = 0; d < RHO_MAXDIM; d++) {
    const RhoNode symbol[3] = {model->coordinate[d], model->extent[d], model->centre[d]};
    if (!c->has_mesh || !model->dimension[d] || HasDimension(c, model->dimension[d])) continue;
    for (int k = 0; k < 3; k++) {
      if (symbol[k] == RHO_NONE || !RhoGraphDependsOn(model->graph, formula, 1, &symbol[k])) continue;
      const char *name = k == 2 ? model->dimension[d] : RhoGraphSymbolName(model->graph, symbol[k]);
      RhoDiagReport(c->cli->diag, RHO_ID_CASE_FORMULA, place, "the formula needs '%s', which the mesh does not have",
                    name);
      RhoDiagHint(c->cli->diag, "give the mesh the dimension '%s'", model->dimension[d]);
      return false;
    }
  }
  return true;
}

RhoNode rho_case_formula(RhoCase *c, const RhoYaml *node) {
  const char *name[2 * RHO_MAXDIM];
  RhoNode symbol[2 * RHO_MAXDIM];
  if (!RhoYamlExpect(c->cli->diag, node, RHO_YAML_TEXT, "a formula")) return RHO_NONE;
  int n = MeshNames(c, name, symbol);
  RhoNode formula = RhoModelFormula(c->model, node->text, n, name, symbol);
  if (formula == RHO_NONE || !rho_case_on_mesh(c, formula, node->place)) return RHO_NONE;
  if (RhoGraphNode(c->model->graph, formula).rank == 0) return formula;
  RhoDiagReport(c->cli->diag, RHO_ID_CASE_FORMULA, node->place, "this formula is a vector");
  RhoDiagHint(c->cli->diag, "a scalar is needed: |grad(a)|^2, dot(a, b), d(a, x)");
  return RHO_NONE;
}
