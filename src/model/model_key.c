/* model_key.c - keys such as "rho[s]", "K[A, j]", "sig(x, k)": a name, what it is indexed by, its arguments. */
#include "model_private.h"
#include <string.h>

RhoFormula rho_formula_part(RhoFormula whole, int begin, int end) {
  RhoFormula part = whole;
  part.text += begin;
  part.nbyte = (size_t)(end - begin);
  part.base += begin;
  if (part.map) part.map += begin;
  return part;
}

bool rho_is_identifier(const char *text) {
  if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_", *text) || !*text) return false;
  return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") == strlen(text);
}

bool rho_is_none(const RhoYaml *value) {
  const char *text = RhoYamlText(value);
  return text && strcmp(text, "none") == 0;
}

const RhoYaml *rho_without_none(RhoModel model, const RhoYaml *map) {
  RhoYaml *given = RhoArenaAlloc(model->arena, sizeof *given);
  *given = *map;
  given->n = 0;
  given->key = RhoArenaAlloc(model->arena, ((size_t)map->n + 1) * sizeof *given->key);
  given->item = RhoArenaAlloc(model->arena, ((size_t)map->n + 1) * sizeof *given->item);
  for (int k = 0; k < map->n; k++) {
    if (rho_is_none(map->item[k])) continue;
    given->key[given->n] = map->key[k];
    given->item[given->n++] = map->item[k];
  }
  return given;
}

int rho_key_members(const Key *key) {
  int n = 0;
  for (int k = 0; k < key->nslot; k++) n += key->slot[k].letter < 0;
  return n;
}

/* ---- brackets ---- */

static bool IsMemberOfAny(RhoModel model, const char *member) {
  for (int set = 0; set < model->priv->nset; set++)
    if (rho_index_member(model, set, member) >= 0) return true;
  return false;
}

static void ReportSlot(RhoModel model, const RhoAst *ast) {
  Private p = model->priv;
  const char **letter = RhoArenaAlloc(model->arena, ((size_t)p->nletter + 1) * sizeof *letter);
  for (int i = 0; i < p->nletter; i++) letter[i] = p->letter[i].name;
  RhoDiagReport(model->diag, RHO_ID_UNKNOWN_LETTER, ast->place, "'%s' is neither an index letter nor a member of a set",
                ast->name);
  const char *near = RhoSuggest(ast->name, p->nletter, letter);
  if (near) RhoDiagHint(model->diag, "did you mean '%s'?", near);
  else if (rho_is_identifier(ast->name))
    RhoDiagHint(model->diag, "index sets are declared at the top: index: {%s: [a, b]}", ast->name);
  else RhoDiagHint(model->diag, "index sets are declared at the top: index: {i: 1..%s}", ast->name);
}

static bool ReadSlot(RhoModel model, const RhoAst *ast, KeySlot *slot) {
  *slot = (KeySlot){.letter = rho_index_letter(model, ast->name), .member = ast->name, .place = ast->place};
  if (slot->letter >= 0 || IsMemberOfAny(model, ast->name)) return true;
  ReportSlot(model, ast);
  return false;
}

static bool RepeatsLetter(RhoModel model, const Key *key) {
  const KeySlot *last = &key->slot[key->nslot - 1];
  for (int k = 0; k + 1 < key->nslot; k++) {
    if (last->letter < 0 || key->slot[k].letter != last->letter) continue;
    RhoDiagReport(model->diag, RHO_ID_INDEX_SHADOWED, last->place, "the index letter '%s' appears twice in one key",
                  last->member);
    RhoDiagHint(model->diag, "give the set a second letter: index: {\"%s, %s2\": [...]}", last->member, last->member);
    return true;
  }
  return false;
}

static bool ReadSlots(RhoModel model, const RhoAst *ast, Key *key) {
  if (ast->nindex > MAX_INDEX) {
    RhoDiagReport(model->diag, RHO_ID_TOO_LARGE, ast->place, "at most %d indices", MAX_INDEX);
    RhoDiagHint(model->diag, "two indices make a matrix");
    return false;
  }
  for (int k = 0; k < ast->nindex; k++) {
    if (!ReadSlot(model, ast->index[k], &key->slot[key->nslot++])) return false;
    if (RepeatsLetter(model, key)) return false;
  }
  return true;
}

/* ---- arguments ---- */

static bool ReportArgument(RhoModel model, const RhoAst *arg, const char *why) {
  RhoDiagReport(model->diag, RHO_ID_BAD_NAME, arg->place, "an argument of a function %s", why);
  RhoDiagHint(model->diag, "a function is defined like \"sig(x, k)\": \"1/(1 + exp(-k*x))\"");
  return false;
}

static bool ReadArgument(RhoModel model, const RhoAst *arg, Key *key) {
  if (arg->kind != RHO_AST_NAME || arg->nindex > 0) return ReportArgument(model, arg, "is a plain name");
  if (rho_is_builtin(arg->name) || rho_index_letter(model, arg->name) >= 0)
    return ReportArgument(model, arg, "cannot be a built-in name or an index letter");
  for (int k = 0; k < key->narg; k++)
    if (strcmp(key->arg[k], arg->name) == 0) return ReportArgument(model, arg, "is named twice");
  key->arg[key->narg++] = arg->name;
  return true;
}

static bool ReadArguments(RhoModel model, const RhoAst *ast, Key *key) {
  key->arg = RhoArenaAlloc(model->arena, ((size_t)ast->narg + 1) * sizeof *key->arg);
  for (int k = 0; k < ast->narg; k++)
    if (!ReadArgument(model, ast->arg[k], key)) return false;
  return true;
}

bool rho_key_read_formula(RhoModel model, RhoFormula text, Key *key) {
  const RhoAst *ast = RhoParse(model->arena, model->diag, text);
  if (!ast) return false;
  if (ast->kind != RHO_AST_NAME && ast->kind != RHO_AST_CALL) {
    RhoDiagReport(model->diag, RHO_ID_BAD_NAME, ast->place, "expected a name, found a formula");
    RhoDiagHint(model->diag, "names are phi, rho_0, \"rho[s]\", and of functions \"sig(x, k)\"");
    return false;
  }
  *key = (Key){.name = ast->name, .place = ast->place};
  return ReadSlots(model, ast, key) && (ast->kind == RHO_AST_NAME || ReadArguments(model, ast, key));
}

bool rho_key_read(RhoModel model, const RhoYaml *text, Key *key) {
  return rho_key_read_formula(model, text->text, key);
}

/* ---- keys and elements ---- */

bool rho_key_covers(const Key *key, const char *const *member) {
  for (int k = 0; k < key->nslot; k++)
    if (key->slot[k].letter < 0 && strcmp(key->slot[k].member, member[k]) != 0) return false;
  return true;
}

const Binding *rho_key_bind(RhoModel model, const Key *key, const char *const *member, Binding *binding) {
  const Binding *up = NULL;
  for (int k = 0; k < key->nslot; k++) {
    if (key->slot[k].letter < 0) continue;
    const IndexLetter *letter = &model->priv->letter[key->slot[k].letter];
    binding[k] = (Binding){letter->name, letter->set, rho_index_member(model, letter->set, member[k]), RHO_NONE, up};
    up = &binding[k];
  }
  return up;
}

int rho_key_letters(RhoModel model, const Key *key, const char *const *member, int *set, const char **letter_member) {
  int n = 0;
  for (int k = 0; k < key->nslot; k++) {
    if (key->slot[k].letter < 0) continue;
    set[n] = model->priv->letter[key->slot[k].letter].set;
    letter_member[n++] = member[k];
  }
  return n;
}

/* ---- values by element ---- */

static bool CheckMembers(RhoModel model, const RhoYaml *map, int set) {
  bool sound = true;
  for (int i = 0; i < map->n; i++) {
    if (rho_index_member(model, set, map->key[i]->text.text) >= 0) continue;
    RhoDiagReport(model->diag, RHO_ID_NOT_A_MEMBER, map->key[i]->place, "'%s' is not a member of the set {%s}",
                  map->key[i]->text.text, rho_index_list(model, set));
    const IndexSet *s = &model->priv->set[set];
    const char *near = RhoSuggest(map->key[i]->text.text, s->nmember, s->member);
    if (near) RhoDiagHint(model->diag, "did you mean '%s'?", near);
    else RhoDiagHint(model->diag, "give one value for each member");
    sound = false;
  }
  return sound;
}

static const RhoYaml *MapLeaf(RhoModel model, const RhoYaml *map, int set, const char *member, const char *what) {
  if (!CheckMembers(model, map, set)) return NULL;
  const RhoYaml *item = RhoYamlFind(map, member);
  if (item) return item;
  RhoDiagReport(model->diag, RHO_ID_MISSING_KEY, map->place, "%s: no value for '%s'", what, member);
  RhoDiagHint(model->diag, "the set is {%s}", rho_index_list(model, set));
  return NULL;
}

static const RhoYaml *ListLeaf(RhoModel model, const RhoYaml *list, int set, const char *member, const char *what) {
  int nmember = model->priv->set[set].nmember;
  if (list->n == nmember) return list->item[rho_index_member(model, set, member)];
  RhoDiagReport(model->diag, RHO_ID_WRONG_LENGTH, list->place, "%s: %d values, but the set {%s} has %d members", what,
                list->n, rho_index_list(model, set), nmember);
  RhoDiagHint(model->diag, "one value for each member, or one text for all");
  return NULL;
}

const RhoYaml *rho_leaf(RhoModel model, const RhoYaml *value, int nletter, const int *set, const char *const *member,
                        const char *what) {
  for (int k = 0; k < nletter && value && value->kind != RHO_YAML_TEXT; k++)
    value = value->kind == RHO_YAML_MAP ? MapLeaf(model, value, set[k], member[k], what)
                                        : ListLeaf(model, value, set[k], member[k], what);
  return value && RhoYamlExpect(model->diag, value, RHO_YAML_TEXT, what) ? value : NULL;
}
