/* model_settings.c - numbers for parameters or fields from a map: {"T[i]": [50, 1], "T[A]": 2, k: 2*pi}.
   Used by checks and by case files. */
#include "model_private.h"
#include <string.h>

typedef struct {
  RhoModel model;
  NameKind kind;
  const char *what;
  PutFn put;
  void *ctx;
} Reader;

Name *rho_settings_name(RhoModel model, NameKind kind, const Key *key) {
  Name *name = rho_names_find(model, key->name);
  if (name && name->kind == kind && name->nindex == key->nslot) return name;
  if (name && name->kind == kind) {
    RhoDiagReport(model->diag, key->nslot ? RHO_ID_WRONG_INDICES : RHO_ID_NEEDS_INDEX, key->place,
                  "'%s' has %d ind%s in the model", key->name, name->nindex, name->nindex == 1 ? "ex" : "ices");
    if (name->nindex)
      RhoDiagHint(model->diag, "write \"%s\" for all of them, with a member for one", rho_names_pattern(model, name));
    else RhoDiagHint(model->diag, "write %s", name->name);
    return NULL;
  }
  RhoDiagReport(model->diag, kind == NAME_FIELD ? RHO_ID_UNKNOWN_FIELD : RHO_ID_UNKNOWN_PARAMETER, key->place,
                "'%s' is not %s of this model", key->name, rho_kind_word(kind));
  const char *near = rho_names_suggest(model, key->name, NULL, 1u << kind);
  if (near) RhoDiagHint(model->diag, "did you mean '%s'?", near);
  else if (name) RhoDiagHint(model->diag, "it is %s", rho_kind_word(name->kind));
  else RhoDiagHint(model->diag, "see the model file for its names");
  return NULL;
}

static bool PutElement(Reader *reader, const Name *name, int e, const Key *key, const RhoYaml *value) {
  RhoModel model = reader->model;
  const char *member[MAX_INDEX], *own[MAX_INDEX];
  int set[MAX_INDEX];
  double number;
  rho_names_members(model, name, e, member);
  if (name->element[e].number < 0 || !rho_key_covers(key, member)) return true;
  int nletter = rho_key_letters(model, key, member, set, own);
  const RhoYaml *text = rho_leaf(model, value, nletter, set, own, reader->what);
  if (!text || !RhoYamlNumber(model->arena, model->diag, text, &number)) return false;
  reader->put(reader->ctx, name->element[e].number, name->element[e].label, number, text->place);
  return true;
}

/* The entries with nmember single members in their key. */
static bool PutEntries(Reader *reader, const RhoYaml *map, int nmember) {
  bool sound = true;
  for (int i = 0; i < map->n; i++) {
    Key key;
    if (!rho_key_read(reader->model, map->key[i], &key)) return false;
    if (rho_key_members(&key) != nmember) continue;
    const Name *name = rho_settings_name(reader->model, reader->kind, &key);
    sound = sound && name;
    for (int e = 0; name && e < name->nelement; e++)
      if (!PutElement(reader, name, e, &key, map->item[i])) sound = false;
  }
  return sound;
}

bool rho_settings_read(RhoModel model, const RhoYaml *map, NameKind kind, const char *what, PutFn put, void *ctx) {
  Reader reader = {model, kind, what, put, ctx};
  if (!RhoYamlExpect(model->diag, map, RHO_YAML_MAP, what)) return false;
  bool sound = true;
  for (int nmember = 0; nmember <= MAX_INDEX; nmember++)
    if (!PutEntries(&reader, map, nmember)) sound = false; /* the more specific later, and over the others */
  return sound;
}

/* ---- for case files ---- */

typedef struct {
  RhoModel model;
  const RhoYaml *map;
  int n, capacity;
  RhoSetting *setting;
  double *state;
  bool *given;
} Settings;

static void PutSetting(void *ctx, int number, const char *label, double value, RhoPlace place) {
  Settings *s = ctx;
  (void)number;
  *RHO_PUSH(s->model->arena, s->setting, s->n, s->capacity) = (RhoSetting){label, value, place};
}

static RhoStatus ReadSettings(void *ctx) {
  Settings *s = ctx;
  return rho_settings_read(s->model, s->map, NAME_PARAMETER, "parameters", PutSetting, s) ? RHO_OK : RHO_INPUT;
}

RhoStatus RhoModelSettings(RhoModel model, const RhoYaml *map, int *nsetting, const RhoSetting **setting) {
  Settings s = {.model = model, .map = map};
  RhoStatus status = rho_guarded(model->arena, ReadSettings, &s);
  *nsetting = s.n;
  *setting = s.setting;
  return status;
}

static void PutState(void *ctx, int number, const char *label, double value, RhoPlace place) {
  Settings *s = ctx;
  (void)label, (void)place;
  s->state[number] = value;
  s->given[number] = true;
}

bool rho_state_read(RhoModel model, const RhoYaml *map, double *state) {
  Settings s = {.model = model, .state = state};
  s.given = RhoArenaAlloc(model->arena, (size_t)model->nfield + 1);
  if (!rho_settings_read(model, map, NAME_FIELD, "a state", PutState, &s)) return false;
  for (int i = 0; i < model->nfield; i++) {
    if (s.given[i]) continue;
    RhoDiagReport(model->diag, RHO_ID_MISSING_KEY, map->place, "the state has no value for '%s'", model->field[i].name);
    RhoDiagHint(model->diag, "a uniform state gives every field a number");
    return false;
  }
  return true;
}

static RhoStatus ReadState(void *ctx) {
  Settings *s = ctx;
  return rho_state_read(s->model, s->map, s->state) ? RHO_OK : RHO_INPUT;
}

RhoStatus RhoModelState(RhoModel model, const RhoYaml *map, double *state) {
  Settings s = {.model = model, .map = map, .state = state};
  return rho_guarded(model->arena, ReadState, &s);
}
