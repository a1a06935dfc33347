/* model_noise.c - the noise of a field, independent white noises with an amplitude each:

     noise: "g"                                            of the flux, in all directions
     noise: {flux: "g" | {x: "g"}, reaction: "h", name: common, sense: ito | stratonovich}
     noise: [{...}, {for: j, flux: "G[i,j]", name: "eta[j]"}]

   Fields that call a noise by the same name share it, so that amplitudes may be a matrix; one without a name is the
   field's own.  The flux and the reaction of one entry are independent. */
#include "model_private.h"
#include <string.h>

typedef struct {
  RhoModel model;
  RhoField *field;
  const Binding *outer; /* letters of the field's key */
  const char *what;
  int capacity;
  const RhoYaml *map; /* the entry */
  bool stratonovich;  /* its sense */
  int nletter, letter[MAX_INDEX];
  Binding binding[MAX_INDEX];
} Reader;

static Scope ScopeOf(const Reader *reader) {
  return rho_scope(reader->model, MAY_ALL, "an equation",
                   reader->nletter ? &reader->binding[reader->nletter - 1] : reader->outer);
}

/* ---- names ---- */

static const char *IndexText(const Reader *reader, const Scope *scope, const RhoAst *index) {
  const Binding *binding = index->kind == RHO_AST_NAME ? rho_scope_find(scope, index->name) : NULL;
  if (index->kind == RHO_AST_NUMBER) return RhoArenaPrint(reader->model->arena, "%g", index->number);
  if (index->kind != RHO_AST_NAME) return NULL;
  return binding && binding->set >= 0 ? reader->model->priv->set[binding->set].member[binding->member] : index->name;
}

/* "eta[j]" with the members that the letters stand for; NULL: it is no name. */
static const char *Label(const Reader *reader, const RhoAst *ast) {
  RhoArena arena = reader->model->arena;
  Scope scope = ScopeOf(reader);
  if (ast->kind != RHO_AST_NAME) return NULL;
  const char *label = ast->name;
  for (int k = 0; k < ast->nindex; k++) {
    const char *index = IndexText(reader, &scope, ast->index[k]);
    if (!index) return NULL;
    label = RhoArenaPrint(arena, "%s%s%s", label, k ? "," : "[", index);
  }
  return ast->nindex ? RhoArenaPrint(arena, "%s]", label) : label;
}

/* False after a report; *name NULL: the noise is the field's own. */
static bool ReadName(const Reader *reader, const char **name) {
  RhoDiag diag = reader->model->diag;
  const RhoYaml *text = RhoYamlFind(reader->map, "name");
  *name = NULL;
  if (!text || rho_is_none(text)) return true;
  if (!RhoYamlExpect(diag, text, RHO_YAML_TEXT, "the name of a noise")) return false;
  const RhoAst *ast = RhoParse(reader->model->arena, diag, text->text);
  if (!ast) return false;
  *name = Label(reader, ast);
  if (*name) return true;
  RhoDiagReport(diag, RHO_ID_NOISE_NAME, text->place, "'%s' is not the name of a noise", text->text.text);
  RhoDiagHint(diag, "a name, perhaps with letters that for: binds, \"eta[j]\"; fields share what they call the same");
  return false;
}

/* ---- amplitudes ---- */

static void Add(Reader *reader, const char *name, bool flux, int direction, const RhoYaml *text) {
  Scope scope = ScopeOf(reader);
  if (!text || rho_is_none(text)) return;
  RhoNode amplitude = rho_elaborate_rank(&scope, text, 0, reader->what);
  if (amplitude < 0) return;
  *RHO_PUSH(reader->model->arena, reader->field->noise, reader->field->nnoise, reader->capacity) =
      (RhoNoiseTerm){name, flux, direction, reader->stratonovich, amplitude, text->place};
}

static void AddFlux(Reader *reader, const char *name, const RhoYaml *flux) {
  Scope scope = ScopeOf(reader);
  if (!flux || flux->kind != RHO_YAML_MAP) {
    Add(reader, name, true, -1, flux);
    return;
  }
  for (int k = 0; k < flux->n; k++) {
    const RhoAst ast = {.kind = RHO_AST_NAME, .name = flux->key[k]->text.text, .place = flux->key[k]->place};
    int d = rho_scope_dimension(&scope, &ast);
    if (d >= 0) Add(reader, name, true, d, flux->item[k]);
  }
}

/* ---- entries ---- */

/* False after a report. */
static bool ReadSense(Reader *reader) {
  const RhoYaml *word = RhoYamlFind(reader->map, "sense");
  RhoDiag diag = reader->model->diag;
  reader->stratonovich = false;
  if (!word || rho_is_none(word)) return true;
  if (!RhoYamlExpect(diag, word, RHO_YAML_TEXT, "the sense of a noise")) return false;
  reader->stratonovich = strcmp(word->text.text, "stratonovich") == 0;
  if (reader->stratonovich || strcmp(word->text.text, "ito") == 0) return true;
  RhoDiagReport(diag, RHO_ID_UNKNOWN_WORD, word->place, "'%s' is not a sense of a noise", word->text.text);
  RhoDiagHint(diag, "ito or stratonovich");
  return false;
}

static void AddOne(Reader *reader) {
  const char *name;
  const RhoYaml *condition = RhoYamlFind(reader->map, "if");
  if (condition) {
    bool holds = false;
    Scope scope = ScopeOf(reader);
    if (!RhoYamlExpect(reader->model->diag, condition, RHO_YAML_TEXT, "if")) return;
    const RhoAst *ast = RhoParse(reader->model->arena, reader->model->diag, condition->text);
    if (!ast || !rho_condition(&scope, ast, &holds) || !holds) return;
  }
  if (!ReadName(reader, &name) || !ReadSense(reader)) return;
  AddFlux(reader, name, RhoYamlFind(reader->map, "flux"));
  Add(reader, name, false, -1, RhoYamlFind(reader->map, "reaction"));
}

static void ForAll(Reader *reader, int k) {
  Private p = reader->model->priv;
  if (k >= reader->nletter || k >= MAX_INDEX) {
    AddOne(reader);
    return;
  }
  const IndexLetter *letter = &p->letter[reader->letter[k]];
  for (int m = 0; m < p->set[letter->set].nmember; m++) {
    const Binding *up = k ? &reader->binding[k - 1] : reader->outer;
    reader->binding[k] = (Binding){letter->name, letter->set, m, RHO_NONE, up};
    ForAll(reader, k + 1);
  }
}

static void ReadEntry(Reader *reader, const RhoYaml *entry) {
  static const char *const allowed[] = {"flux", "reaction", "name", "sense", "for", "if"};
  RhoModel model = reader->model;
  reader->nletter = 0;
  reader->stratonovich = false;
  if (entry->kind == RHO_YAML_TEXT) {
    Add(reader, NULL, true, -1, entry);
    return;
  }
  if (!RhoYamlExpect(model->diag, entry, RHO_YAML_MAP, "noise")) return;
  RhoYamlOnly(model->diag, entry, "noise", 6, allowed);
  reader->map = entry;
  const RhoYaml *letters = RhoYamlFind(entry, "for");
  if (letters) {
    if (!RhoYamlExpect(model->diag, letters, RHO_YAML_TEXT, "for")) return;
    reader->nletter = rho_index_letters(model, letters->text, MAX_INDEX, reader->letter);
  }
  if (reader->nletter >= 0) ForAll(reader, 0);
}

void rho_noise_read(RhoModel model, RhoField *field, const Binding *binding, const RhoYaml *value, const char *what) {
  Reader reader = {.model = model, .field = field, .outer = binding, .what = what};
  if (value->kind != RHO_YAML_LIST) {
    ReadEntry(&reader, value);
    return;
  }
  for (int k = 0; k < value->n; k++) ReadEntry(&reader, value->item[k]);
}
