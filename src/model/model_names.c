/* model_names.c - the names of a model: parameters, tables, kernels, defines, fields, in one name space.

   A name may be given by several keys, "T[i]" for all and "T[A]" for one: of those that cover an element the most
   specific holds.  Invariant after rho_names_finish: nelement is the product of the sets of the name's slots, and
   element e has the members (e / stride_k) % nmember_k, the last index running fastest. */
#include "model_private.h"
#include <string.h>

static const char *const builtin[] = {"pi", "dim", "t", "inf"};
static const char *const form[] = {"sum", "prod",     "grad",      "div",   "lap", "dot", "conv",
                                   "d",   "integral", "corrector", "table", "if",  "zone"};
static const char *const function_name[] = {
#define RHO_FUNCTION(id, name, narg, value, d0, d1, dual0, dual1) name,
#include "rhoflux/functions.def"
#undef RHO_FUNCTION
};

static bool Contains(size_t n, const char *const *list, const char *name) {
  for (size_t i = 0; i < n; i++)
    if (*list[i] && strcmp(list[i], name) == 0) return true;
  return false;
}

bool rho_is_builtin(const char *name) { return Contains(sizeof builtin / sizeof *builtin, builtin, name); }

bool rho_is_function_name(const char *name) {
  return Contains(sizeof form / sizeof *form, form, name) ||
         Contains(sizeof function_name / sizeof *function_name, function_name, name);
}

const char *rho_kind_word(NameKind kind) {
  static const char *const word[] = {"a parameter", "a table", "a kernel", "a define", "a field"};
  return word[kind];
}

/* ---- look-up ---- */

static unsigned Hash(const char *name) {
  unsigned hash = 2166136261u;
  for (; *name; name++) hash = (hash ^ (unsigned char)*name) * 16777619u;
  return hash % NHASH;
}

Name *rho_names_find(RhoModel model, const char *name) {
  Name *at = model->priv->hash[Hash(name)];
  while (at && strcmp(at->name, name) != 0) at = at->next;
  return at;
}

int rho_names_element(RhoModel model, const Name *name, const char *const *member, int *bad) {
  int element = 0;
  for (int k = 0; k < name->nindex; k++) {
    int m = rho_index_member(model, name->set[k], member[k]);
    *bad = k;
    if (m < 0) return -1;
    element = element * model->priv->set[name->set[k]].nmember + m;
  }
  return element;
}

void rho_names_members(RhoModel model, const Name *name, int element, const char **member) {
  for (int k = name->nindex - 1; k >= 0; k--) {
    const IndexSet *set = &model->priv->set[name->set[k]];
    member[k] = set->member[element % set->nmember];
    element /= set->nmember;
  }
}

static const char *LetterOfSet(RhoModel model, int set, int skip) {
  for (int i = 0; i < model->priv->nletter; i++)
    if (model->priv->letter[i].set == set && skip-- == 0) return model->priv->letter[i].name;
  return "...";
}

const char *rho_names_pattern(RhoModel model, const Name *name) {
  RhoText text = RhoTextCreate(model->arena);
  RhoTextAdd(text, "%s", name->name);
  for (int k = 0; k < name->nindex; k++) {
    int before = 0;
    for (int l = 0; l < k; l++) before += name->set[l] == name->set[k];
    RhoTextAdd(text, "%s%s", k ? ", " : "[", LetterOfSet(model, name->set[k], before));
  }
  if (name->nindex) RhoTextAdd(text, "]");
  return RhoTextGet(text);
}

const char *rho_names_suggest(RhoModel model, const char *name, const Binding *binding, unsigned kinds) {
  const char **candidate = NULL;
  int n = 0, capacity = 0;
  for (int i = 0; i < model->priv->nname; i++)
    if (kinds & 1u << model->priv->name[i]->kind)
      *RHO_PUSH(model->arena, candidate, n, capacity) = model->priv->name[i]->name;
  for (; binding; binding = binding->up) *RHO_PUSH(model->arena, candidate, n, capacity) = binding->name;
  return RhoSuggest(name, n, candidate);
}

/* ---- registration ---- */

static bool IsReserved(RhoModel model, const Key *key) {
  const char *name = key->name;
  bool coordinate = false;
  for (int d = 0; d < RHO_MAXDIM; d++) coordinate = coordinate || strcmp(model->dimension[d], name) == 0;
  bool extent = name[0] == 'L' && name[1];
  for (int d = 0; extent && d <= RHO_MAXDIM; d++)
    if (d == RHO_MAXDIM) extent = false;
    else if (strcmp(model->dimension[d], name + 1) == 0) break;
  bool letter = rho_index_letter(model, name) >= 0;
  if (!coordinate && !extent && !letter && !rho_is_builtin(name) && !rho_is_function_name(name)) return false;
  RhoDiagReport(model->diag, RHO_ID_SHADOWS_BUILTIN, key->place, "'%s' has a meaning of its own in formulas: it is %s",
                name,
                coordinate ? "a coordinate"
                : extent   ? "the extent of a dimension"
                : letter   ? "an index letter"
                           : "built in");
  RhoDiagHint(model->diag, "choose another name, such as '%s0' or '%s_'", name, name);
  return true;
}

static Name *NewName(RhoModel model, NameKind kind, const Key *key) {
  Name *name = RhoArenaAlloc(model->arena, sizeof *name);
  Name **slot = &model->priv->hash[Hash(key->name)];
  *name = (Name){.kind = kind, .name = key->name, .nindex = key->nslot, .function = key->arg != NULL};
  name->place = key->place;
  name->next = *slot;
  *slot = name;
  *RHO_PUSH(model->arena, model->priv->name, model->priv->nname, model->priv->namecapacity) = name;
  return name;
}

static bool Agrees(RhoModel model, const Name *name, NameKind kind, const Key *key) {
  if (name->kind == kind && name->nindex == key->nslot && name->function == (key->arg != NULL)) return true;
  if (name->kind != kind)
    RhoDiagReport(model->diag, RHO_ID_DEFINED_TWICE, key->place, "'%s' is already %s", key->name,
                  rho_kind_word(name->kind));
  else RhoDiagReport(model->diag, RHO_ID_DEFINED_TWICE, key->place, "'%s' is already given in another form", key->name);
  RhoDiagAlso(model->diag, name->place, "first given here");
  RhoDiagHint(model->diag, "parameters, kernels, defines, tables and fields share their names: rename one");
  return false;
}

static void AddEntry(RhoModel model, NameKind kind, const Key *key, const RhoYaml *value) {
  Name *name = rho_names_find(model, key->name);
  if (name && !Agrees(model, name, kind, key)) return;
  if (!name && IsReserved(model, key)) return;
  if (!name) name = NewName(model, kind, key);
  Entry entry = {.key = *key, .value = value};
  *RHO_PUSH(model->arena, name->entry, name->nentry, name->entrycapacity) = entry;
}

static bool IsFunctionAllowed(RhoModel model, NameKind kind, const Key *key) {
  if (!key->arg || kind == NAME_DEFINE) return true;
  RhoDiagReport(model->diag, RHO_ID_BAD_NAME, key->place, "%s has no arguments", rho_kind_word(kind));
  RhoDiagHint(model->diag, "functions are defined under 'define'; an index is written in brackets: %s[i]", key->name);
  return false;
}

/* "d_t u", "du/dt": the key of an equation is the field alone. */
static bool IsDerivative(RhoModel model, NameKind kind, const RhoYaml *key) {
  static const char *const before[] = {"d_t ", "dt ", "d/dt ", "\xe2\x88\x82t ", "\xe2\x88\x82_t "};
  const char *text = key->text.text, *name = NULL;
  for (size_t k = 0; kind == NAME_FIELD && k < sizeof before / sizeof *before; k++)
    if (strncmp(text, before[k], strlen(before[k])) == 0) name = text + strlen(before[k]);
  if (!name) return false;
  RhoDiagReport(model->diag, RHO_ID_BAD_NAME, key->place, "'%s' is no name of a field", text);
  RhoDiagHint(model->diag, "an equation is written below the name of its field alone: %s", name);
  return true;
}

/* Is there a value for some element?  Otherwise `none` has taken away all of the name, and it is free again. */
static bool IsGiven(const RhoYaml *map, const Key *key, const char *name) {
  for (int i = 0; i < map->n; i++)
    if (key[i].name && !rho_is_none(map->item[i]) && strcmp(key[i].name, name) == 0) return true;
  return false;
}

void rho_names_add(RhoModel model, NameKind kind, const RhoYaml *map, const char *what) {
  if (!map || rho_is_none(map) || !RhoYamlExpect(model->diag, map, RHO_YAML_MAP, what)) return;
  Key *key = RhoArenaAlloc(model->arena, ((size_t)map->n + 1) * sizeof *key);
  for (int i = 0; i < map->n; i++)
    if (IsDerivative(model, kind, map->key[i]) || !rho_key_read(model, map->key[i], &key[i]) ||
        !IsFunctionAllowed(model, kind, &key[i]))
      key[i] = (Key){.name = NULL};
  for (int i = 0; i < map->n; i++)
    if (key[i].name && IsGiven(map, key, key[i].name)) AddEntry(model, kind, &key[i], map->item[i]);
}

/* ---- sets and elements ---- */

static int SetOfLetters(RhoModel model, const Name *name, int slot) {
  for (int i = 0; i < name->nentry; i++)
    if (name->entry[i].key.slot[slot].letter >= 0) return model->priv->letter[name->entry[i].key.slot[slot].letter].set;
  return -1;
}

static bool HoldsAllMembers(RhoModel model, const Name *name, int slot, int set) {
  for (int i = 0; i < name->nentry; i++)
    if (name->entry[i].key.slot[slot].letter < 0 &&
        rho_index_member(model, set, name->entry[i].key.slot[slot].member) < 0)
      return false;
  return true;
}

/* The set of the slot's letter; without one the first set that holds all members named there. */
static int FindSet(RhoModel model, const Name *name, int slot) {
  int set = SetOfLetters(model, name, slot);
  for (int s = 0; set < 0 && s < model->priv->nset; s++)
    if (HoldsAllMembers(model, name, slot, s)) set = s;
  return set;
}

static void ReportSlot(RhoModel model, const KeySlot *slot, const char *list) {
  RhoDiagReport(model->diag, RHO_ID_NOT_A_MEMBER, slot->place, "'%s' does not run over the set of this index, {%s}",
                slot->member, list);
  RhoDiagHint(model->diag, "all keys of one name use the same sets");
}

static bool CheckSlot(RhoModel model, const Name *name, int slot, int set) {
  for (int i = 0; i < name->nentry; i++) {
    const KeySlot *s = &name->entry[i].key.slot[slot];
    bool fits = s->letter >= 0 ? model->priv->letter[s->letter].set == set
                               : set >= 0 && rho_index_member(model, set, s->member) >= 0;
    if (fits) continue;
    ReportSlot(model, s, set >= 0 ? rho_index_list(model, set) : "");
    return false;
  }
  return true;
}

static bool FindSets(RhoModel model, Name *name) {
  name->nelement = 1;
  for (int k = 0; k < name->nindex; k++) {
    name->set[k] = FindSet(model, name, k);
    if (!CheckSlot(model, name, k, name->set[k])) return false;
    name->nelement *= model->priv->set[name->set[k]].nmember;
    if (name->nelement <= MAX_ELEMENTS) continue;
    RhoDiagReport(model->diag, RHO_ID_TOO_LARGE, name->place, "'%s' has more than %d elements", name->name,
                  MAX_ELEMENTS);
    return false;
  }
  return true;
}

static const char *Label(RhoModel model, const Name *name, const char *const *member) {
  RhoText text = RhoTextCreate(model->arena);
  RhoTextAdd(text, "%s", name->name);
  for (int k = 0; k < name->nindex; k++) RhoTextAdd(text, "%c%s", k ? ',' : '[', member[k]);
  if (name->nindex) RhoTextAdd(text, "]");
  return RhoTextGet(text);
}

static void ReportTie(RhoModel model, const Name *name, const Entry *a, const Entry *b, const char *label) {
  RhoDiagReport(model->diag, RHO_ID_DEFINED_TWICE, b->key.place, "'%s' is given twice", label);
  RhoDiagAlso(model->diag, a->key.place, "first given here");
  if (name->nindex > 0)
    RhoDiagHint(model->diag, "a key with a member, such as \"%s[%s]\", takes precedence over one with a letter",
                name->name, model->priv->set[name->set[0]].member[0]);
}

static int MostSpecific(RhoModel model, const Name *name, const char *const *member, const char *label) {
  int best = -1;
  for (int i = 0; i < name->nentry; i++) {
    if (!rho_key_covers(&name->entry[i].key, member)) continue;
    int more = best < 0 ? 1 : rho_key_members(&name->entry[i].key) - rho_key_members(&name->entry[best].key);
    if (more == 0) ReportTie(model, name, &name->entry[best], &name->entry[i], label);
    if (more > 0) best = i;
  }
  return best >= 0 && rho_is_none(name->entry[best].value) ? -1 : best;
}

static void FillElement(RhoModel model, const Name *name, int e) {
  const char *member[MAX_INDEX];
  Element *element = &name->element[e];
  rho_names_members(model, name, e, member);
  element->label = Label(model, name, member);
  element->entry = MostSpecific(model, name, member, element->label);
  element->node = RHO_NONE;
  element->number = -1;
}

void rho_names_finish(RhoModel model) {
  for (int i = 0; i < model->priv->nname; i++) {
    Name *name = model->priv->name[i];
    if (!FindSets(model, name)) {
      name->nelement = 0;
      continue;
    }
    name->element = RhoArenaAlloc(model->arena, (size_t)name->nelement * sizeof *name->element);
    for (int e = 0; e < name->nelement; e++) FillElement(model, name, e);
  }
}
