/* model_derived.c - derived: {name: text}, which definitions and parameters are worth knowing and what they mean. */
#include "model_private.h"

static const Name *FindName(RhoModel model, const Key *key) {
  const Name *name = rho_names_find(model, key->name);
  unsigned kinds = 1u << NAME_DEFINE | 1u << NAME_PARAMETER;
  bool kind = name && (kinds & 1u << name->kind) && !name->function;
  if (kind && (key->nslot == 0 || key->nslot == name->nindex)) return name;
  RhoDiagReport(model->diag, RHO_ID_UNKNOWN_NAME, key->place, "'%s' is not a definition or parameter%s", key->name,
                kind ? " with these indices" : "");
  const char *near = rho_names_suggest(model, key->name, NULL, kinds);
  if (kind) RhoDiagHint(model->diag, "write %s", rho_names_pattern(model, name));
  else if (near) RhoDiagHint(model->diag, "did you mean '%s'?", near);
  else RhoDiagHint(model->diag, "the formula stands under define, what it means under derived");
  return NULL;
}

static void AddElement(RhoModel model, const Name *name, int e, const Key *key, const char *what) {
  const char *member[MAX_INDEX];
  const Element *element = &name->element[e];
  rho_names_members(model, name, e, member);
  if (element->entry < 0 || element->node < 0 || (key->nslot > 0 && !rho_key_covers(key, member))) return;
  if (rho_rank(model, element->node) != 0) {
    RhoDiagReport(model->diag, RHO_ID_VECTOR, key->place, "'%s' is a vector: it has no value", element->label);
    RhoDiagHint(model->diag, "dot(V, V), or a component");
    return;
  }
  *RHO_PUSH(model->arena, model->derived, model->nderived, model->priv->derivedcapacity) =
      (RhoDerived){element->label, element->node, what, key->place};
}

static void ReadEntry(RhoModel model, const RhoYaml *key_text, const RhoYaml *what) {
  Key key;
  if (rho_is_none(what) || !RhoYamlExpect(model->diag, what, RHO_YAML_TEXT, "what a derived quantity means")) return;
  if (!rho_key_read(model, key_text, &key)) return;
  const Name *name = FindName(model, &key);
  for (int e = 0; name && e < name->nelement; e++) AddElement(model, name, e, &key, what->text.text);
}

void rho_derived_read(RhoModel model, const RhoYaml *map) {
  if (!map || rho_is_none(map) || !RhoYamlExpect(model->diag, map, RHO_YAML_MAP, "derived")) return;
  for (int i = 0; i < map->n; i++) ReadEntry(model, map->key[i], map->item[i]);
}
