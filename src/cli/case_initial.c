/* case_initial.c - `initial:` of a case: one of state, formulas, result, dataset, and a random part. */
#include "case.h"
#include <math.h>
#include <string.h>

static void *PerField(RhoCase *c, size_t itemsize) {
  return RhoArenaAlloc(c->cli->arena, (size_t)c->model->nfield * itemsize);
}

/* Every field needs an entry in `initial.what`. */
static void CheckComplete(RhoCase *c, const RhoYaml *map, const char *what, const bool *seen) {
  for (int i = 0; i < c->model->nfield; i++)
    if (!seen[i]) {
      RhoDiagReport(c->cli->diag, RHO_ID_CASE_MISSING, map->place, "%s has no entry for the field '%s'", what,
                    c->model->field[i].name);
      RhoDiagHint(c->cli->diag, "every field of the model needs one");
      return;
    }
}

/* Calls set for every field that each key names; each field once. */
typedef void (*SetFn)(RhoCase *c, int field, const RhoYaml *item, void *ctx);

static void ForFields(RhoCase *c, const RhoYaml *map, bool *seen, SetFn set, void *ctx) {
  int *field = PerField(c, sizeof *field);
  for (int k = 0; k < map->n; k++) {
    int n = rho_case_fields(c, map->key[k], field);
    for (int m = 0; m < n; m++) {
      if (seen[field[m]]) {
        RhoDiagReport(c->cli->diag, RHO_ID_CASE_CONFLICT, map->key[k]->place, "'%s' is given twice",
                      c->model->field[field[m]].name);
        RhoDiagHint(c->cli->diag, "once by its own name, once with all of its kind?");
      }
      seen[field[m]] = true;
      set(c, field[m], map->item[k], ctx);
    }
  }
}

/* ---- formulas and suggested states ---- */

static void SetFormula(RhoCase *c, int field, const RhoYaml *item, void *ctx) {
  (void)ctx;
  RhoGraph graph = c->model->graph;
  RhoNode node = c->initial.formula[field] = rho_case_formula(c, item);
  if (node == RHO_NONE) return;
  if (!RhoGraphDependsOnKind(graph, node, RHO_SYM_FIELD) && !RhoGraphContainsOperator(graph, node, -1)) return;
  RhoDiagReport(c->cli->diag, RHO_ID_CASE_FORMULA, item->place, "an initial state can not depend on the fields");
  RhoDiagHint(c->cli->diag, "it is a formula of the coordinates, the parameters and the extents Lx, Ly, ...");
}

static void ReadFormulas(RhoCase *c, const RhoYaml *map) {
  bool *seen = PerField(c, sizeof *seen);
  c->initial.kind = RHO_INITIAL_FORMULAS;
  c->initial.formula = PerField(c, sizeof *c->initial.formula);
  if (!RhoYamlExpect(c->cli->diag, map, RHO_YAML_MAP, "formulas")) return;
  ForFields(c, map, seen, SetFormula, NULL);
  CheckComplete(c, map, "formulas", seen);
}

static void RefuseState(RhoCase *c, const RhoYaml *node) {
  int n = c->model->ninitial;
  const char **name = RhoArenaAlloc(c->cli->arena, (size_t)n * sizeof *name);
  RhoText list = RhoTextCreate(c->cli->arena);
  for (int k = 0; k < n; k++) {
    name[k] = c->model->initial[k].name;
    RhoTextAdd(list, "%s%s", k ? ", " : "", name[k]);
  }
  RhoDiagReport(c->cli->diag, RHO_ID_CASE_STATE, node->place, "the model suggests no initial state '%s'",
                node->text.text);
  const char *near = RhoSuggest(node->text.text, n, name);
  if (near) RhoDiagHint(c->cli->diag, "did you mean '%s'?", near);
  RhoDiagHint(c->cli->diag, n ? "it suggests: %s" : "it suggests none%s; give formulas:", RhoTextGet(list));
}

static void ReadState(RhoCase *c, const RhoYaml *node) {
  c->initial.kind = RHO_INITIAL_FORMULAS;
  if (!RhoYamlExpect(c->cli->diag, node, RHO_YAML_TEXT, "state")) return;
  for (int k = 0; k < c->model->ninitial; k++)
    if (!strcmp(c->model->initial[k].name, node->text.text)) {
      c->initial.formula = c->model->initial[k].formula;
      for (int i = 0; i < c->model->nfield; i++)
        if (c->initial.formula[i] != RHO_NONE && !rho_case_on_mesh(c, c->initial.formula[i], node->place)) return;
      return;
    }
  RefuseState(c, node);
}

/* ---- files ---- */

static void ReadResult(RhoCase *c, const RhoYaml *node) {
  const RhoYaml *time = RhoYamlFind(RhoYamlFind(c->root, "initial"), "time");
  c->initial.kind = RHO_INITIAL_RESULT;
  c->initial.place = node->place;
  c->initial.time = PETSC_INFINITY;
  if (RhoYamlExpect(c->cli->diag, node, RHO_YAML_TEXT, "result"))
    c->initial.result = rho_path_join(c->cli->arena, c->folder, node->text.text);
  if (!time || (time->kind == RHO_YAML_TEXT && !strcmp(time->text.text, "last"))) return;
  (void)RhoYamlNumber(c->cli->files, c->cli->diag, time, &c->initial.time);
}

/* {index: [-1, 0]}: the leading indices of one field */
static void SetIndices(RhoCase *c, int field, const RhoYaml *item, void *ctx) {
  static const char *const keys[] = {"index"};
  RhoDataset *dataset = &c->initial.dataset[field];
  *dataset = *(const RhoDataset *)ctx;
  dataset->place = item->place;
  if (!RhoYamlExpect(c->cli->diag, item, RHO_YAML_MAP, "a field of a dataset")) return;
  RhoYamlOnly(c->cli->diag, item, "a field of a dataset", 1, keys);
  const RhoYaml *list = RhoYamlFind(item, "index");
  if (!list || !RhoYamlExpect(c->cli->diag, list, RHO_YAML_LIST, "index")) return;
  if (list->n > RHO_MAXINDEX) {
    RhoDiagReport(c->cli->diag, RHO_ID_CASE_RANGE, list->place, "%d indices", list->n);
    RhoDiagHint(c->cli->diag, "at most %d indices stand before the cells", RHO_MAXINDEX);
    return;
  }
  for (int k = 0; k < list->n; k++) {
    long value = 0;
    if (RhoYamlInteger(c->cli->diag, list->item[k], -1000000000, 1000000000, &value)) dataset->index[k] = (int)value;
  }
  dataset->nindex = list->n;
}

static void ReadFraction(RhoCase *c, const RhoYaml *node, RhoDataset *dataset) {
  double value;
  if (!node || !RhoYamlNumber(c->cli->files, c->cli->diag, node, &value)) return;
  dataset->from_fraction = value;
  if (value >= 0 && value < 1) return;
  RhoDiagReport(c->cli->diag, RHO_ID_CASE_RANGE, node->place, "average_from is %s", node->text.text);
  RhoDiagHint(c->cli->diag, "a fraction of the outputs from 0 to 1: 0.5 averages over the second half");
}

static void ReadDataset(RhoCase *c, const RhoYaml *initial) {
  static const char *const keys[] = {"file", "name", "fields", "average_from", "x_first"};
  static const char *const no_yes[] = {"no", "yes"};
  const RhoYaml *map = rho_case_map(c, initial, "dataset", 5, keys), *fields = RhoYamlFind(map, "fields");
  RhoDataset dataset = {.from_fraction = -1};
  bool *seen = PerField(c, sizeof *seen);
  c->initial.kind = RHO_INITIAL_DATASET;
  c->initial.dataset = PerField(c, sizeof *c->initial.dataset);
  if (!map) return;
  dataset.file = rho_case_text(c, map, "file");
  dataset.dataset = rho_case_text(c, map, "name");
  if (!RhoYamlFind(map, "file")) rho_case_missing(c, map, "dataset", "file", "the path of an HDF5 file");
  if (!RhoYamlFind(map, "name")) rho_case_missing(c, map, "dataset", "name", "the name of the dataset in the file");
  if (!fields) rho_case_missing(c, map, "dataset", "fields", "fields: {\"rho[a]\": {index: [-1, 0]}}");
  if (dataset.file) dataset.file = rho_path_join(c->cli->arena, c->folder, dataset.file);
  ReadFraction(c, RhoYamlFind(map, "average_from"), &dataset);
  if (RhoYamlFind(map, "x_first"))
    dataset.xfirst = rho_case_word(c, RhoYamlFind(map, "x_first"), "x_first", 2, no_yes) == 1;
  if (!fields || !RhoYamlExpect(c->cli->diag, fields, RHO_YAML_MAP, "fields")) return;
  ForFields(c, fields, seen, SetIndices, &dataset);
  CheckComplete(c, fields, "fields", seen);
}

/* ---- the random part, and the choice ---- */

static void SetRandom(RhoCase *c, int field, const RhoYaml *item, void *ctx) {
  (void)ctx;
  c->initial.random_at[field] = item->place;
  if (!RhoYamlNumber(c->cli->files, c->cli->diag, item, &c->initial.random[field])) return;
  if (c->initial.random[field] >= 0) return;
  RhoDiagReport(c->cli->diag, RHO_ID_CASE_RANGE, item->place, "an amplitude of %s", item->text.text);
  RhoDiagHint(c->cli->diag, "the random part is uniform between -amplitude and amplitude, which is not negative");
}

static void ReadRandom(RhoCase *c, const RhoYaml *map) {
  bool *seen = PerField(c, sizeof *seen);
  if (RhoYamlExpect(c->cli->diag, map, RHO_YAML_MAP, "random")) ForFields(c, map, seen, SetRandom, NULL);
}

/* The one of the four that is there; reports none and several. */
static const RhoYaml *Choice(RhoCase *c, const RhoYaml *initial, int *which) {
  static const char *const choice[] = {"state", "formulas", "result", "dataset"};
  const RhoYaml *found = NULL;
  for (int k = 0; k < 4; k++) {
    const RhoYaml *node = RhoYamlFind(initial, choice[k]);
    if (!node) continue;
    if (found) {
      RhoDiagReport(c->cli->diag, RHO_ID_CASE_CONFLICT, node->place, "the initial state is given twice");
      RhoDiagHint(c->cli->diag, "'%s' or '%s', not both", choice[*which], choice[k]);
      return NULL;
    }
    found = node;
    *which = k;
  }
  if (!found) rho_case_missing(c, initial, "initial", "formulas", "or one of state, result, dataset");
  return found;
}

void rho_case_initial_read(RhoCase *c) {
  static const char *const keys[] = {"state", "formulas", "result", "time", "dataset", "random"};
  const RhoYaml *initial = rho_case_map(c, c->root, "initial", 6, keys);
  int which = 0;
  c->initial.random = PerField(c, sizeof *c->initial.random);
  c->initial.random_at = PerField(c, sizeof *c->initial.random_at);
  if (!RhoYamlFind(c->root, "initial") && c->evolves)
    rho_case_missing(c, c->root, "a case", "initial", "initial: {formulas: {...}}, or one of state, result, dataset");
  if (!initial) return;
  c->initial.place = initial->place;
  const RhoYaml *chosen = Choice(c, initial, &which);
  if (chosen && which == 0) ReadState(c, chosen);
  if (chosen && which == 1) ReadFormulas(c, chosen);
  if (chosen && which == 2) ReadResult(c, chosen);
  if (chosen && which == 3) ReadDataset(c, initial);
  if (RhoYamlFind(initial, "random")) ReadRandom(c, RhoYamlFind(initial, "random"));
}
