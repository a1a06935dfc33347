/* model_index.c - index sets: letters and the members they run over.

     index: {s: [a, b], "i, j": [A, B], k: 1..5}

   Invariants: no letter is a member; members of a set are distinct; letters are distinct. */
#include "model_private.h"
#include <stdlib.h>
#include <string.h>

int rho_index_letter(RhoModel model, const char *name) {
  for (int i = 0; i < model->priv->nletter; i++)
    if (strcmp(model->priv->letter[i].name, name) == 0) return i;
  return -1;
}

int rho_index_member(RhoModel model, int set, const char *member) {
  const IndexSet *s = &model->priv->set[set];
  for (int i = 0; i < s->nmember; i++)
    if (strcmp(s->member[i], member) == 0) return i;
  return -1;
}

const char *rho_index_list(RhoModel model, int set) {
  const IndexSet *s = &model->priv->set[set];
  RhoText text = RhoTextCreate(model->arena);
  for (int i = 0; i < s->nmember && i < 12; i++) RhoTextAdd(text, "%s%s", i ? ", " : "", s->member[i]);
  if (s->nmember > 12) RhoTextAdd(text, ", ...");
  return RhoTextGet(text);
}

static void Report(RhoModel model, RhoPlace place, const char *message, const char *what) {
  RhoDiagReport(model->diag, RHO_ID_BAD_INDEX, place, message, what);
  RhoDiagHint(model->diag, "an index set is written  s: [a, b]  or  \"i, j\": 1..5");
}

/* ---- letters ---- */

static bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n'; }

/* The next name of a list "i, j" from *at on; its bounds, false at the end. */
static bool NextWord(RhoFormula list, int *at, int *begin, int *end) {
  int n = (int)list.nbyte;
  if (*at > n) return false;
  int stop = *at;
  while (stop < n && list.text[stop] != ',') stop++;
  *begin = *at;
  *end = stop;
  *at = stop + 1;
  while (*begin < *end && IsSpace(list.text[*begin])) ++*begin;
  while (*end > *begin && IsSpace(list.text[*end - 1])) --*end;
  return true;
}

static RhoPlace PartPlace(RhoFormula text, int begin, int end) {
  int from = text.map ? text.map[begin] : text.base + begin;
  int to = end > begin ? (text.map ? text.map[end - 1] : text.base + end - 1) + 1 : from;
  return (RhoPlace){text.source, from, to - from};
}

static bool IsTakenLetter(RhoModel model, const char *name, RhoPlace place) {
  int old = rho_index_letter(model, name);
  if (old >= 0) {
    RhoDiagReport(model->diag, RHO_ID_DEFINED_TWICE, place, "the index letter '%s' is declared twice", name);
    RhoDiagAlso(model->diag, model->priv->letter[old].place, "first declared here");
  } else if (rho_is_builtin(name) || rho_is_function_name(name)) {
    RhoDiagReport(model->diag, RHO_ID_SHADOWS_BUILTIN, place, "'%s' has a meaning of its own in formulas", name);
    RhoDiagHint(model->diag, "choose another index letter");
  } else {
    return false;
  }
  return true;
}

static void AddLetter(RhoModel model, int set, RhoFormula list, int begin, int end) {
  const char *name = RhoArenaString(model->arena, list.text + begin, (size_t)(end - begin));
  RhoPlace place = PartPlace(list, begin, end);
  if (!rho_is_identifier(name)) Report(model, place, "'%s' is not a name for an index", name);
  else if (!IsTakenLetter(model, name, place))
    *RHO_PUSH(model->arena, model->priv->letter, model->priv->nletter, model->priv->lettercapacity) =
        (IndexLetter){name, set, place};
}

int rho_index_letters(RhoModel model, RhoFormula list, int most, int *letter) {
  int n = 0;
  for (int at = 0, begin, end; NextWord(list, &at, &begin, &end);) {
    const char *name = RhoArenaString(model->arena, list.text + begin, (size_t)(end - begin));
    int found = rho_index_letter(model, name);
    if (found < 0 || n == most) {
      RhoDiagReport(model->diag, RHO_ID_UNKNOWN_LETTER, PartPlace(list, begin, end),
                    found < 0 ? "'%s' is not an index letter" : "more index letters than expected at '%s'", name);
      RhoDiagHint(model->diag, "letters are declared at the top: index: {i: [A, B]}");
      return -1;
    }
    letter[n++] = found;
  }
  return n;
}

/* ---- members ---- */

static bool IsInteger(const char *text) { return *text && strspn(text, "0123456789") == strlen(text); }

static bool AddMember(RhoModel model, IndexSet *set, int *capacity, const char *name, RhoPlace place) {
  if (!rho_is_identifier(name) && !IsInteger(name)) {
    Report(model, place, "'%s' is not a name or an integer", name);
    return false;
  }
  for (int i = 0; i < set->nmember; i++) {
    if (strcmp(set->member[i], name) != 0) continue;
    RhoDiagReport(model->diag, RHO_ID_DEFINED_TWICE, place, "'%s' is twice in one index set", name);
    RhoDiagHint(model->diag, "members of a set are distinct");
    return false;
  }
  if (set->nmember == MAX_MEMBERS) {
    RhoDiagReport(model->diag, RHO_ID_TOO_LARGE, place, "an index set has at most %d members", MAX_MEMBERS);
    return false;
  }
  *RHO_PUSH(model->arena, set->member, set->nmember, *capacity) = name;
  return true;
}

/* "1..5" */
static void ReadRange(RhoModel model, IndexSet *set, const RhoYaml *range) {
  long from, to;
  char rest;
  int capacity = 0;
  if (sscanf(range->text.text, "%9ld..%9ld%c", &from, &to, &rest) != 2 || from < 0 || to < from) {
    Report(model, range->place, "'%s' is not a range of integers such as 1..5", range->text.text);
    return;
  }
  for (long k = from; k <= to; k++)
    if (!AddMember(model, set, &capacity, RhoArenaPrint(model->arena, "%ld", k), range->place)) return;
}

static void ReadMembers(RhoModel model, IndexSet *set, const RhoYaml *value) {
  int capacity = 0;
  if (value->kind == RHO_YAML_TEXT) {
    ReadRange(model, set, value);
    return;
  }
  if (!RhoYamlExpect(model->diag, value, RHO_YAML_LIST, "the members of an index")) return;
  if (value->n == 0) Report(model, value->place, "an index set needs a member%s", "");
  for (int i = 0; i < value->n; i++)
    if (RhoYamlExpect(model->diag, value->item[i], RHO_YAML_TEXT, "a member of an index"))
      AddMember(model, set, &capacity, value->item[i]->text.text, value->item[i]->place);
}

/* ---- the section ---- */

static void ReadSet(RhoModel model, const RhoYaml *letters, const RhoYaml *members) {
  IndexSet set = {0};
  ReadMembers(model, &set, members);
  int number = model->priv->nset;
  *RHO_PUSH(model->arena, model->priv->set, model->priv->nset, model->priv->setcapacity) = set;
  for (int at = 0, begin, end; NextWord(letters->text, &at, &begin, &end);)
    AddLetter(model, number, letters->text, begin, end);
}

static void CheckLettersAndMembers(RhoModel model) {
  for (int i = 0; i < model->priv->nletter; i++) {
    const IndexLetter *letter = &model->priv->letter[i];
    for (int set = 0; set < model->priv->nset; set++) {
      if (rho_index_member(model, set, letter->name) < 0) continue;
      RhoDiagReport(model->diag, RHO_ID_DEFINED_TWICE, letter->place, "'%s' is an index letter and a member of a set",
                    letter->name);
      RhoDiagHint(model->diag, "in [%s] nobody could tell which is meant: rename one", letter->name);
    }
  }
}

void rho_index_read(RhoModel model, const RhoYaml *index) {
  if (!index || rho_is_none(index) || !RhoYamlExpect(model->diag, index, RHO_YAML_MAP, "index")) return;
  for (int i = 0; i < index->n; i++) ReadSet(model, index->key[i], index->item[i]);
  CheckLettersAndMembers(model);
}
