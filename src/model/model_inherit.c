/* model_inherit.c - one tree from a model file and the ones it extends.

   Maps merge entry by entry, and inside an entry key by key; lists, texts and the index sets are replaced when given;
   checks are not inherited.  `none` as a value hides what would be inherited: it is kept here and read as "not given".
 */
#include "model_private.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ANCESTORS = 16 };

typedef struct {
  RhoArena arena;
  RhoDiag diag;
  const char *chain[MOST_ANCESTORS + 1]; /* real paths */
  const char *name[MOST_ANCESTORS + 1];  /* as printed */
  int nchain;
} Descent;

static const char *const merged_section[] = {"parameters", "kernels", "define",   "fields", "dynamics",
                                             "initial",    "tables",  "boundary", "derived"};
static const char *const own_key[] = {"checks", "extends", "model", "rhoflux"};

static bool IsIn(const char *key, size_t n, const char *const *list) {
  for (size_t i = 0; i < n; i++)
    if (strcmp(key, list[i]) == 0) return true;
  return false;
}

/* ---- merging ---- */

/* "T[i, j]" is "T[i,j]"; of functions the name alone counts. */
static bool SameKey(const char *a, const char *b) {
  for (;; a++, b++) {
    while (*a == ' ') a++;
    while (*b == ' ') b++;
    if (*a != *b) return false;
    if (!*a || *a == '(') return true;
  }
}

static int FindKey(const RhoYaml *map, const char *key) {
  for (int i = 0; i < map->n; i++)
    if (SameKey(map->key[i]->text.text, key)) return i;
  return -1;
}

/* A kernel of another form has other keys: nothing of the old one stays. */
static bool NamesForm(const RhoYaml *entry) {
  static const char *const form[] = {"shape", "r", "q", "table"};
  for (size_t i = 0; i < sizeof form / sizeof *form; i++)
    if (RhoYamlFind(entry, form[i])) return true;
  return false;
}

/* The entries of parent in their order, replaced or merged (depth levels deep), then those that are new. */
static const RhoYaml *Merge(Descent *d, const RhoYaml *parent, const RhoYaml *child, int depth, bool kernels) {
  if (depth == 0 || parent->kind != RHO_YAML_MAP || child->kind != RHO_YAML_MAP) return child;
  if (kernels && depth == 1 && NamesForm(child)) return child;
  RhoYaml *merged = RhoArenaAlloc(d->arena, sizeof *merged);
  *merged = *child;
  merged->n = 0;
  merged->key = RhoArenaAlloc(d->arena, (size_t)(parent->n + child->n + 1) * sizeof *merged->key);
  merged->item = RhoArenaAlloc(d->arena, (size_t)(parent->n + child->n + 1) * sizeof *merged->item);
  for (int i = 0; i < parent->n; i++) {
    int k = FindKey(child, parent->key[i]->text.text);
    merged->key[merged->n] = k < 0 ? parent->key[i] : child->key[k];
    merged->item[merged->n++] = k < 0 ? parent->item[i] : Merge(d, parent->item[i], child->item[k], depth - 1, kernels);
  }
  for (int k = 0; k < child->n; k++) {
    if (FindKey(parent, child->key[k]->text.text) >= 0) continue;
    merged->key[merged->n] = child->key[k];
    merged->item[merged->n++] = child->item[k];
  }
  return merged;
}

static const RhoYaml *MergeSection(Descent *d, const char *key, const RhoYaml *parent, const RhoYaml *child) {
  if (!IsIn(key, sizeof merged_section / sizeof *merged_section, merged_section)) return child;
  return Merge(d, parent, child, 2, strcmp(key, "kernels") == 0);
}

static const RhoYaml *MergeTops(Descent *d, const RhoYaml *parent, const RhoYaml *child) {
  RhoYaml *top = RhoArenaAlloc(d->arena, sizeof *top);
  *top = *child;
  top->n = 0;
  top->key = RhoArenaAlloc(d->arena, (size_t)(parent->n + child->n + 1) * sizeof *top->key);
  top->item = RhoArenaAlloc(d->arena, (size_t)(parent->n + child->n + 1) * sizeof *top->item);
  for (int k = 0; k < child->n; k++) {
    const RhoYaml *inherited = RhoYamlFind(parent, child->key[k]->text.text);
    top->key[top->n] = child->key[k];
    top->item[top->n++] =
        inherited ? MergeSection(d, child->key[k]->text.text, inherited, child->item[k]) : child->item[k];
  }
  for (int i = 0; i < parent->n; i++) {
    const char *key = parent->key[i]->text.text;
    if (RhoYamlFind(child, key) || IsIn(key, sizeof own_key / sizeof *own_key, own_key)) continue;
    top->key[top->n] = parent->key[i];
    top->item[top->n++] = parent->item[i];
  }
  return top;
}

/* ---- files ---- */

static bool CheckVersion(RhoDiag diag, const RhoYaml *top) {
  const RhoYaml *version = RhoYamlFind(top, "rhoflux");
  if (!version) {
    RhoDiagReport(diag, RHO_ID_MISSING_KEY, top->place, "a model file needs the key 'rhoflux'");
    RhoDiagHint(diag, "begin with the version of the language: rhoflux: 1");
    return false;
  }
  const char *text = RhoYamlText(version);
  if (text && strcmp(text, "1") == 0) return true;
  RhoDiagReport(diag, RHO_ID_VERSION, version->place, "version '%.40s' of the model language is not known",
                text ? text : "...");
  RhoDiagHint(diag, "this program reads version 1: rhoflux: 1");
  return false;
}

/* False, after a report, when the file is one of those that extend it. */
static bool Enter(Descent *d, const char *path, RhoPlace from) {
  char real[PATH_MAX];
  const char *name = realpath(path, real) ? RhoArenaString(d->arena, real, strlen(real)) : path;
  for (int i = 0; i < d->nchain; i++)
    if (strcmp(d->chain[i], name) == 0) {
      rho_report_circle(d->arena, d->diag, from, "models extend each other", d->nchain - i, &d->name[i], d->name[i]);
      return false;
    }
  if (d->nchain == MOST_ANCESTORS) {
    RhoDiagReport(d->diag, RHO_ID_TOO_DEEP, from, "more than %d models extend each other", MOST_ANCESTORS);
    return false;
  }
  d->chain[d->nchain] = name;
  d->name[d->nchain++] = path;
  return true;
}

static const RhoYaml *Load(Descent *d, const char *path, RhoPlace from) {
  if (!Enter(d, path, from)) return NULL;
  int source = RhoDiagReadFile(d->diag, path, from);
  const RhoYaml *top = source < 0 ? NULL : RhoYamlRead(d->arena, d->diag, source);
  if (!top || !RhoYamlExpect(d->diag, top, RHO_YAML_MAP, "a model file") || !CheckVersion(d->diag, top)) return NULL;
  const RhoYaml *extends = RhoYamlFind(top, "extends");
  if (!extends || rho_is_none(extends)) return top;
  if (!RhoYamlExpect(d->diag, extends, RHO_YAML_TEXT, "extends")) return NULL;
  const char *ancestor = rho_find_model(d->arena, d->diag, extends->text.text, path, extends->place);
  const RhoYaml *parent = ancestor ? Load(d, ancestor, extends->place) : NULL;
  return parent ? MergeTops(d, parent, top) : NULL;
}

const RhoYaml *rho_inherit(RhoArena arena, RhoDiag diag, const char *path, RhoPlace from) {
  Descent descent = {.arena = arena, .diag = diag};
  return Load(&descent, path, from);
}
