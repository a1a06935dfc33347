/* model_boundary.c - what holds at the walls, field by field:

     boundary:
       "rho[s]": {x: {from: {value: 1 + 0.1*sin(t)}, to: {flux: 0}}, y: {slope: 0.2}}       y: both sides alike

   value: of the field; slope: derivative along the outward normal; flux: component of J along the dimension; inflow:
   the same, counted inwards.  A side that is mentioned gets just what is said of it there; without a word, or with
   no_flux, nothing flows and normal derivatives vanish. */
#include "model_private.h"
#include <string.h>

typedef struct {
  RhoModel model;
  const Key *key;
  const char *const *member; /* of the element */
  int field;
} Reader;

static RhoNode Formula(const Reader *reader, const RhoYaml *text, unsigned more, const char *what) {
  Binding binding[MAX_INDEX];
  Scope scope = rho_scope(reader->model, MAY_COORDINATE | MAY_TIME | MAY_EXTENT | more, what,
                          rho_key_bind(reader->model, reader->key, reader->member, binding));
  return rho_elaborate_rank(&scope, text, 0, what);
}

static bool Exclusive(const Reader *reader, const RhoYaml *map, const char *one, const char *other, const char *hint) {
  const RhoYaml *a = RhoYamlFind(map, one), *b = RhoYamlFind(map, other);
  if (!a || !b) return true;
  RhoDiagReport(reader->model->diag, RHO_ID_BOUNDARY_CONFLICT, b->place, "both '%s' and '%s' at one wall", one, other);
  RhoDiagAlso(reader->model->diag, a->place, "the other is here");
  RhoDiagHint(reader->model->diag, "%s", hint);
  return false;
}

static bool CheckKeys(const Reader *reader, const RhoYaml *map) {
  static const char *const keys[] = {"value", "slope", "flux", "inflow"};
  int nerror = RhoDiagErrors(reader->model->diag);
  RhoYamlOnly(reader->model->diag, map, "a wall", sizeof keys / sizeof *keys, keys);
  return Exclusive(reader, map, "value", "slope", "the field's value at the wall, or its normal derivative") &&
         Exclusive(reader, map, "flux", "inflow", "inflow is the flux counted inwards: one of the two") &&
         RhoDiagErrors(reader->model->diag) == nerror;
}

static RhoNode Flux(const Reader *reader, const RhoYaml *map, int side) {
  const RhoYaml *flux = RhoYamlFind(map, "flux"), *inflow = RhoYamlFind(map, "inflow");
  RhoNode node = flux ? Formula(reader, flux, MAY_FIELD, "a flux at a wall") : RHO_NONE;
  if (!inflow) return node;
  node = Formula(reader, inflow, MAY_FIELD, "an inflow");
  return node >= 0 && side == 1 ? RhoGraph1(reader->model->graph, RHO_FN_NEG, node) : node;
}

static void ReadSide(const Reader *reader, int d, int side, const RhoYaml *value) {
  RhoCondition *condition = RHO_CONDITION(reader->model, reader->field, d, side);
  const RhoYaml *v, *s;
  *condition = (RhoCondition){RHO_NONE, RHO_NONE, RHO_NONE, RHO_NOWHERE};
  if (rho_is_none(value) || (RhoYamlText(value) && !strcmp(RhoYamlText(value), "no_flux"))) return;
  if (!RhoYamlExpect(reader->model->diag, value, RHO_YAML_MAP, "a wall") || !CheckKeys(reader, value)) return;
  v = RhoYamlFind(value, "value");
  s = RhoYamlFind(value, "slope");
  condition->value = v ? Formula(reader, v, 0, "a value at a wall") : RHO_NONE;
  condition->slope = s ? Formula(reader, s, 0, "a slope at a wall") : RHO_NONE;
  condition->flux = Flux(reader, value, side);
  condition->place = value->place;
}

/* {from: ..., to: ...}, or one for both sides */
static void ReadWalls(const Reader *reader, int d, const RhoYaml *value) {
  static const char *const side_key[] = {"from", "to"};
  const RhoYaml *side[2] = {RhoYamlFind(value, "from"), RhoYamlFind(value, "to")};
  bool apart = value->kind == RHO_YAML_MAP && (side[0] || side[1]);
  if (apart) RhoYamlOnly(reader->model->diag, value, "the walls of a dimension", 2, side_key);
  for (int k = 0; k < 2; k++)
    if (!apart || side[k]) ReadSide(reader, d, k, apart ? side[k] : value);
}

static void ReadElement(const Reader *reader, const RhoYaml *map) {
  for (int d = 0; d < RHO_MAXDIM && rho_is_none(map); d++) ReadWalls(reader, d, map);
  if (rho_is_none(map)) return;
  if (!RhoYamlExpect(reader->model->diag, map, RHO_YAML_MAP, "the walls of a field")) return;
  for (int i = 0; i < map->n; i++) {
    Scope scope = rho_scope(reader->model, MAY_COORDINATE, "a boundary", NULL);
    const RhoAst name = {.kind = RHO_AST_NAME, .name = map->key[i]->text.text, .place = map->key[i]->place};
    int d = rho_scope_dimension(&scope, &name);
    if (d >= 0) ReadWalls(reader, d, map->item[i]);
  }
}

/* none of a name that is no field is what inheritance leaves of one that was taken out */
static void ReadEntry(RhoModel model, const Key *key, const RhoYaml *map) {
  bool gone = rho_is_none(map) && !rho_names_find(model, key->name);
  const Name *name = gone ? NULL : rho_field_key(model, key);
  int nerror = RhoDiagErrors(model->diag);
  for (int e = 0; name && e < name->nelement && RhoDiagErrors(model->diag) == nerror; e++) {
    const char *member[MAX_INDEX];
    rho_names_members(model, name, e, member);
    if (name->element[e].number < 0 || !rho_key_covers(key, member)) continue;
    Reader reader = {model, key, member, name->element[e].number};
    ReadElement(&reader, map);
  }
}

void rho_boundary_read(RhoModel model, const RhoYaml *map) {
  if (!map || rho_is_none(map) || !RhoYamlExpect(model->diag, map, RHO_YAML_MAP, "boundary")) return;
  for (int nmember = 0; nmember <= MAX_INDEX; nmember++) /* keys with members go before those with letters */
    for (int i = 0; i < map->n; i++) {
      Key key;
      if (!rho_key_read(model, map->key[i], &key)) continue;
      if (rho_key_members(&key) == nmember) ReadEntry(model, &key, map->item[i]);
    }
}

void rho_boundary_create(RhoModel model) {
  size_t n = (size_t)model->nfield * RHO_MAXDIM * 2;
  model->condition = RhoArenaAlloc(model->arena, (n + 1) * sizeof *model->condition);
  for (size_t k = 0; k < n; k++) model->condition[k] = (RhoCondition){RHO_NONE, RHO_NONE, RHO_NONE, RHO_NOWHERE};
}

/* ---- for cases ---- */

typedef struct {
  RhoModel model;
  const RhoYaml *map;
} Given;

static RhoStatus ReadGuarded(void *ctx) {
  Given *given = ctx;
  int nerror = RhoDiagErrors(given->model->diag);
  rho_boundary_read(given->model, given->map);
  return RhoDiagErrors(given->model->diag) > nerror ? RHO_INPUT : RHO_OK;
}

RhoStatus RhoModelBoundary(RhoModel model, const RhoYaml *map) {
  Given given = {model, map};
  return rho_guarded(model->arena, ReadGuarded, &given);
}
