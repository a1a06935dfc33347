/* case_output.c - what a result is called and which formulas it holds besides the fields. */
#include "case.h"
#include <string.h>

static bool IsField(const RhoCase *c, const char *name) {
  for (int i = 0; i < c->model->nfield; i++)
    if (!strcmp(c->model->field[i].name, name)) return true;
  return false;
}

/* A result has names of its own: those of its times, its series and the mesh's dimensions. */
static bool IsFree(RhoCase *c, const char *name, RhoPlace place) {
  bool word = *name && strcmp(name, ".") && !strchr(name, '/');
  if (word && !(c->has_mesh && RhoResultTakes(&c->mesh, name))) return true;
  RhoDiagReport(c->cli->diag, RHO_ID_CASE_NAME, place,
                word ? "'%s' has a meaning of its own in a result" : "'%s' is no name for what a result holds", name);
  RhoDiagHint(c->cli->diag, "choose another name; time, series, provenance, kept and the mesh's dimensions are taken");
  return false;
}

static void AddDerived(RhoCase *c, const RhoYaml *key, const RhoYaml *formula) {
  if (!IsFree(c, key->text.text, key->place)) return;
  if (IsField(c, key->text.text)) {
    RhoDiagReport(c->cli->diag, RHO_ID_CASE_CONFLICT, key->place, "'%s' is a field", key->text.text);
    RhoDiagHint(c->cli->diag, "fields are always written; give the formula a name of its own");
    return;
  }
  RhoNode node = rho_case_formula(c, formula);
  if (node != RHO_NONE) node = RhoCellFormula(c->eq, node);
  if (node == RHO_NONE) return;
  c->derived_name[c->nderived] = key->text.text;
  c->derived[c->nderived++] = node;
}

static void ReadDerived(RhoCase *c, const RhoYaml *map) {
  if (!map || !RhoYamlExpect(c->cli->diag, map, RHO_YAML_MAP, "derived")) return;
  c->derived_name = RhoArenaAlloc(c->cli->arena, (size_t)map->n * sizeof *c->derived_name);
  c->derived = RhoArenaAlloc(c->cli->arena, (size_t)map->n * sizeof *c->derived);
  for (int k = 0; k < map->n; k++) AddDerived(c, map->key[k], map->item[k]);
}

void rho_case_output_read(RhoCase *c) {
  static const char *const more[] = {"name", "derived"};
  const char **keys;
  int nkey = rho_case_number_keys(c, "output", 2, more, &keys);
  const RhoYaml *output = rho_case_map(c, c->root, "output", nkey, keys);
  const char *name = rho_case_text(c, output, "name"), *option = c->cli->value[RHO_OPT_OUTPUT];
  c->result = option ? option : name ? name : c->name;
  for (int i = 0; i < c->model->nfield; i++) (void)IsFree(c, c->model->field[i].name, c->model->field[i].place);
  ReadDerived(c, RhoYamlFind(output, "derived"));
}
