/* model_dynamics.c - fields and their equations: the sections fields, free_energy, dynamics.

     d_t u = -div J + R,  J = -mobility*grad(potential) + flux + u*drift + noise */
#include "model_private.h"
#include <string.h>

typedef struct {
  RhoModel model;
  Name *name;
  int element;
  const char *member[MAX_INDEX];
  RhoField *field;
  Binding binding[MAX_INDEX];
} Reader;

/* ---- fields ---- */

static void AddField(RhoModel model, Name *name, Element *element) {
  RhoField field = {.name = element->label, .place = name->entry[element->entry].key.place};
  field.latex = rho_latex(model->arena, element->label);
  field.symbol = element->node = RhoGraphSymbol(model->graph, RHO_SYM_FIELD, element->label);
  field.mobility = field.potential = field.flux_all = field.drift_all = RHO_NONE;
  field.reaction = RHO_NONE;
  for (int d = 0; d < RHO_MAXDIM; d++) field.flux[d] = field.drift[d] = RHO_NONE;
  element->number = model->nfield;
  *RHO_PUSH(model->arena, model->field, model->nfield, model->priv->fieldcapacity) = field;
}

void rho_fields_add(RhoModel model) {
  for (int i = 0; i < model->priv->nname; i++) {
    Name *name = model->priv->name[i];
    for (int e = 0; name->kind == NAME_FIELD && e < name->nelement; e++)
      if (name->element[e].entry >= 0) AddField(model, name, &name->element[e]);
  }
}

static bool ReadKind(RhoModel model, const RhoYaml *word, RhoFieldKind *kind) {
  static const char *const name[] = {"real", "density"};
  if (!RhoYamlExpect(model->diag, word, RHO_YAML_TEXT, "the kind of a field")) return false;
  for (int k = 0; k < 2; k++) {
    if (strcmp(word->text.text, name[k]) != 0) continue;
    *kind = k == 0 ? RHO_REAL : RHO_DENSITY;
    return true;
  }
  RhoDiagReport(model->diag, RHO_ID_UNKNOWN_WORD, word->place, "'%s' is not a kind of field", word->text.text);
  RhoDiagHint(model->diag, "density (what may not be negative) or real");
  return false;
}

static bool ReadDescription(RhoModel model, const RhoYaml *value, RhoFieldKind *kind, const char **latex) {
  static const char *const allowed[] = {"kind", "latex"};
  if (value->kind != RHO_YAML_MAP) return ReadKind(model, value, kind);
  value = rho_without_none(model, value);
  RhoYamlOnly(model->diag, value, "a field", 2, allowed);
  const RhoYaml *word = RhoYamlFind(value, "kind"), *text = RhoYamlFind(value, "latex");
  if (text && RhoYamlExpect(model->diag, text, RHO_YAML_TEXT, "latex")) *latex = text->text.text;
  return !word || ReadKind(model, word, kind);
}

static const Name *FieldName(RhoModel model, const Key *key) {
  const Name *name = rho_names_find(model, key->name);
  if (name && name->kind == NAME_FIELD && name->nindex == key->nslot) return name;
  RhoDiagReport(model->diag, RHO_ID_FIELD_WITHOUT_DYNAMICS, key->place, "'%s' has no entry under dynamics", key->name);
  const char *near = rho_names_suggest(model, key->name, NULL, 1u << NAME_FIELD);
  if (name && name->kind == NAME_FIELD) RhoDiagHint(model->diag, "it is '%s' there", rho_names_pattern(model, name));
  else if (near) RhoDiagHint(model->diag, "did you mean '%s'?", near);
  else RhoDiagHint(model->diag, "a field that does not change is written  dynamics: {%s: {}}", key->name);
  return NULL;
}

static void ReadFieldEntry(RhoModel model, const RhoYaml *text, const RhoYaml *value) {
  Key key;
  RhoFieldKind kind = RHO_REAL;
  const char *latex = NULL, *member[MAX_INDEX];
  if (rho_is_none(value) || !rho_key_read(model, text, &key)) return;
  const Name *name = FieldName(model, &key);
  if (!name || !ReadDescription(model, value, &kind, &latex)) return;
  for (int e = 0; e < name->nelement; e++) {
    rho_names_members(model, name, e, member);
    if (name->element[e].number < 0 || !rho_key_covers(&key, member)) continue;
    model->field[name->element[e].number].kind = kind;
    if (latex) model->field[name->element[e].number].latex = latex;
  }
}

void rho_fields_read(RhoModel model, const RhoYaml *fields) {
  if (!fields || rho_is_none(fields) || !RhoYamlExpect(model->diag, fields, RHO_YAML_MAP, "fields")) return;
  for (int i = 0; i < fields->n; i++) ReadFieldEntry(model, fields->key[i], fields->item[i]);
}

/* ---- the terms of one field ---- */

/* The value of a term, from the most specific entry that has it; entry gets whose.  NULL: not given. */
static const RhoYaml *Term(Reader *reader, const char *key, const Entry **entry) {
  const RhoYaml *best = NULL;
  for (int i = 0; i < reader->name->nentry; i++) {
    Entry *candidate = &reader->name->entry[i];
    const RhoYaml *value = RhoYamlFind(candidate->value, key);
    if (!value || !rho_key_covers(&candidate->key, reader->member)) continue;
    if (best && rho_key_members(&candidate->key) < rho_key_members(&(*entry)->key)) continue;
    best = value;
    *entry = candidate;
  }
  return best && !rho_is_none(best) ? best : NULL;
}

static const char *Of(Reader *reader, const char *key) {
  return RhoArenaPrint(reader->model->arena, "the %s of '%s'", key, reader->field->name);
}

static Scope TermScope(Reader *reader, const Entry *entry) {
  return rho_scope(reader->model, MAY_ALL, "an equation",
                   rho_key_bind(reader->model, &entry->key, reader->member, reader->binding));
}

static RhoNode ScalarTerm(Reader *reader, const char *key) {
  const Entry *entry = NULL;
  const RhoYaml *text = Term(reader, key, &entry);
  if (!text) return RHO_NONE;
  Scope scope = TermScope(reader, entry);
  return rho_elaborate_rank(&scope, text, 0, Of(reader, key));
}

static int DimensionOfKey(Scope *scope, const RhoYaml *key) {
  const RhoAst ast = {.kind = RHO_AST_NAME, .name = key->text.text, .place = key->place};
  return rho_scope_dimension(scope, &ast);
}

static void ReadComponent(Scope *scope, const RhoYaml *map, int i, const char *what, RhoNode *component) {
  int d = DimensionOfKey(scope, map->key[i]);
  if (d < 0 || rho_is_none(map->item[i])) return;
  scope->component = d;
  RhoNode node = rho_elaborate_rank(scope, map->item[i], 0, what);
  scope->component = -1;
  if (node >= 0 && rho_vector_check_component(scope, node, d, map->item[i]->place, what)) component[d] = node;
}

/* A vector for all directions, or a map dimension -> scalar. */
static void VectorTerm(Reader *reader, const char *key, RhoNode *all, RhoNode *component) {
  const Entry *entry = NULL;
  const RhoYaml *value = Term(reader, key, &entry);
  if (!value) return;
  Scope scope = TermScope(reader, entry);
  if (value->kind == RHO_YAML_MAP) {
    for (int i = 0; i < value->n; i++) ReadComponent(&scope, value, i, Of(reader, key), component);
  } else {
    *all = rho_elaborate_rank(&scope, value, 1, Of(reader, key));
  }
}

static void ReadNoise(Reader *reader) {
  const Entry *entry = NULL;
  const RhoYaml *value = Term(reader, "noise", &entry);
  if (!value) return;
  const Binding *binding = rho_key_bind(reader->model, &entry->key, reader->member, reader->binding);
  rho_noise_read(reader->model, reader->field, binding, value, Of(reader, "noise"));
}

/* mobility and potential come together, or the potential from the free energy. */
static void CheckPair(Reader *reader, bool free_energy) {
  const Entry *entry = NULL;
  RhoDiag diag = reader->model->diag;
  const RhoYaml *mobility = Term(reader, "mobility", &entry), *potential = Term(reader, "potential", &entry);
  if (potential && !mobility) {
    RhoDiagReport(diag, RHO_ID_POTENTIAL_WITHOUT_MOBILITY, potential->place, "'%s' has a potential but no mobility",
                  reader->field->name);
    RhoDiagHint(diag, "the flux is -mobility*grad(potential): write the mobility beside it");
  }
  if (mobility && !potential && !free_energy) {
    RhoDiagReport(diag, RHO_ID_FREE_ENERGY_MISSING, mobility->place, "'%s' has a mobility but no potential",
                  reader->field->name);
    RhoDiagHint(diag, "write the potential beside it, or free_energy: at the top, from which it follows");
  }
}

static void ReadField(RhoModel model, Name *name, int e, bool free_energy) {
  Reader reader = {.model = model, .name = name, .element = e, .field = &model->field[name->element[e].number]};
  rho_names_members(model, name, e, reader.member);
  CheckPair(&reader, free_energy);
  reader.field->mobility = ScalarTerm(&reader, "mobility");
  reader.field->potential = ScalarTerm(&reader, "potential");
  VectorTerm(&reader, "flux", &reader.field->flux_all, reader.field->flux);
  VectorTerm(&reader, "drift", &reader.field->drift_all, reader.field->drift);
  reader.field->reaction = ScalarTerm(&reader, "reaction");
  ReadNoise(&reader);
}

/* ---- the section ---- */

/* A formula where a map of terms belongs: which of them is it? */
static bool RefuseText(RhoModel model, const char *name, const RhoYaml *text, int nterm, const char *const *term) {
  RhoDiag diag = model->diag;
  bool is_term = false;
  for (int k = 0; k < nterm; k++) is_term = is_term || strcmp(term[k], name) == 0;
  RhoDiagReport(diag, RHO_ID_WRONG_KIND, text->place, "the equation of '%s' says of no term what it is", name);
  if (is_term) RhoDiagHint(diag, "'%s' is a term of an equation: indent it below the name of its field", name);
  else {
    RhoDiagHint(diag, "d_t %s = R is written  %s: {reaction: \"R\"}", name, name);
    RhoDiagHint(diag, "d_t %s = -div J, which conserves it,  %s: {flux: \"J\"} or {mobility: ..., potential: ...}",
                name, name);
  }
  return false;
}

static void CheckTerms(RhoModel model, const RhoYaml *map, const char *what, int nterm, const char *const *term) {
  RhoYamlOnly(model->diag, map, what, nterm, term);
  if (RhoYamlFind(map, "free_energy"))
    RhoDiagHint(model->diag, "free_energy stands at the top of the file, once for all fields");
}

static bool CheckEntries(RhoModel model, const Name *name) {
  static const char *const allowed[] = {"mobility", "potential", "flux", "drift", "reaction", "noise"};
  bool sound = true;
  for (int i = 0; i < name->nentry; i++) {
    const RhoYaml *value = name->entry[i].value;
    const char *what = RhoArenaPrint(model->arena, "the equation of '%s'", name->name);
    if (rho_is_none(value)) continue;
    if (value->kind == RHO_YAML_TEXT && *value->text.text) sound = RefuseText(model, name->name, value, 6, allowed);
    else if (RhoYamlExpect(model->diag, value, RHO_YAML_MAP, what)) CheckTerms(model, value, what, 6, allowed);
    else sound = false;
  }
  return sound;
}

void rho_dynamics_read(RhoModel model, const RhoYaml *top) {
  const RhoYaml *energy = RhoYamlFind(top, "free_energy");
  bool given = energy && !rho_is_none(energy);
  if (given) {
    Scope scope = rho_scope(model, MAY_ALL, "the free energy", NULL);
    model->free_energy = rho_elaborate_rank(&scope, energy, 0, "the free energy");
  }
  for (int i = 0; i < model->priv->nname; i++) {
    Name *name = model->priv->name[i];
    if (name->kind != NAME_FIELD || !CheckEntries(model, name)) continue;
    for (int e = 0; e < name->nelement; e++)
      if (name->element[e].number >= 0) ReadField(model, name, e, given);
  }
}
