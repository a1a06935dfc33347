/* model_initial.c - suggested initial states: initial: {name: {field: formula of coordinates, extents, parameters}}. */
#include "model_private.h"
#include <string.h>

typedef struct {
  RhoModel model;
  const RhoYaml *map;
  int nkey;
  Key *key; /* [nkey], of the entries that could be read */
  const RhoYaml **value;
} Reader;

const Name *rho_field_key(RhoModel model, const Key *key) {
  const Name *name = rho_names_find(model, key->name);
  if (name && name->kind == NAME_FIELD && name->nindex == key->nslot) return name;
  RhoDiagReport(model->diag, RHO_ID_UNKNOWN_FIELD, key->place, "'%s' is not a field%s", key->name,
                name && name->kind == NAME_FIELD ? " with these indices" : "");
  const char *near = rho_names_suggest(model, key->name, NULL, 1u << NAME_FIELD);
  if (name && name->kind == NAME_FIELD) RhoDiagHint(model->diag, "write %s", rho_names_pattern(model, name));
  else if (near) RhoDiagHint(model->diag, "did you mean '%s'?", near);
  else RhoDiagHint(model->diag, "fields have entries under dynamics");
  return NULL;
}

static void ReadKeys(Reader *reader) {
  size_t n = (size_t)reader->map->n + 1;
  reader->key = RhoArenaAlloc(reader->model->arena, n * sizeof *reader->key);
  reader->value = RhoArenaAlloc(reader->model->arena, n * sizeof *reader->value);
  for (int i = 0; i < reader->map->n; i++) {
    Key *key = &reader->key[reader->nkey];
    if (!rho_key_read(reader->model, reader->map->key[i], key) || !rho_field_key(reader->model, key)) continue;
    reader->value[reader->nkey++] = reader->map->item[i];
  }
}

/* The most specific entry for an element; -1: none. */
static int EntryFor(const Reader *reader, const Name *name, const char *const *member) {
  int best = -1;
  for (int i = 0; i < reader->nkey; i++) {
    if (strcmp(reader->key[i].name, name->name) != 0 || !rho_key_covers(&reader->key[i], member)) continue;
    if (best < 0 || rho_key_members(&reader->key[i]) > rho_key_members(&reader->key[best])) best = i;
  }
  return best;
}

static RhoNode FieldFormula(Reader *reader, const Name *name, int e, const char *state, RhoPlace place) {
  RhoModel model = reader->model;
  const char *member[MAX_INDEX];
  Binding binding[MAX_INDEX];
  rho_names_members(model, name, e, member);
  int i = EntryFor(reader, name, member);
  if (i < 0) {
    RhoDiagReport(model->diag, RHO_ID_MISSING_KEY, place, "the initial state '%s' says nothing of '%s'", state,
                  name->element[e].label);
    RhoDiagHint(model->diag, "every field needs a formula, if only 0");
    return RHO_NONE;
  }
  Scope scope = rho_scope(model, MAY_COORDINATE | MAY_EXTENT, "an initial state",
                          rho_key_bind(model, &reader->key[i], member, binding));
  return rho_elaborate_rank(&scope, reader->value[i], 0, "an initial state");
}

static void ReadState(RhoModel model, const RhoYaml *key, const RhoYaml *map, RhoInitial *initial) {
  Reader reader = {.model = model};
  const char *name = key->text.text;
  *initial = (RhoInitial){.name = name, .place = key->place};
  initial->formula = RhoArenaAlloc(model->arena, ((size_t)model->nfield + 1) * sizeof *initial->formula);
  if (!RhoYamlExpect(model->diag, map, RHO_YAML_MAP, "an initial state")) {
    RhoDiagHint(model->diag, "states have names: initial: {mixed: {%s: 1}}", name);
    return;
  }
  reader.map = rho_without_none(model, map);
  int errors = RhoDiagErrors(model->diag);
  ReadKeys(&reader);
  if (RhoDiagErrors(model->diag) > errors) return;
  for (int i = 0; i < model->priv->nname; i++) {
    const Name *field = model->priv->name[i];
    for (int e = 0; field->kind == NAME_FIELD && e < field->nelement; e++)
      if (field->element[e].number >= 0)
        initial->formula[field->element[e].number] = FieldFormula(&reader, field, e, name, key->place);
  }
}

void rho_initial_read(RhoModel model, const RhoYaml *map) {
  if (!map || rho_is_none(map) || !RhoYamlExpect(model->diag, map, RHO_YAML_MAP, "initial")) return;
  model->initial = RhoArenaAlloc(model->arena, ((size_t)map->n + 1) * sizeof *model->initial);
  for (int i = 0; i < map->n; i++)
    if (!rho_is_none(map->item[i])) ReadState(model, map->key[i], map->item[i], &model->initial[model->ninitial++]);
}
