/* model_exchange.c - reactions that move amounts from fields to fields:
     {from: "2 c1", to: c2, rate: "k*c1^2", back: "kb*c2"}   or, for all members,   {for: "i, j", if: "i < j", ...}

   change_k = (stoichiometry in `to`) - (in `from`); the rate is rate - back. */
#include "model_private.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  RhoModel model;
  const RhoYaml *map;
  int nletter, letter[MAX_INDEX];
  Binding binding[MAX_INDEX];
  int capacity;
} Reader;

static const Binding *Bindings(const Reader *reader) {
  return reader->nletter ? &reader->binding[reader->nletter - 1] : NULL;
}

/* ---- stoichiometry ---- */

static RhoPlace PlaceOf(RhoFormula text) {
  int at = text.map ? text.map[0] : text.base;
  return (RhoPlace){text.source, at, (int)text.nbyte};
}

static bool ReportSide(Reader *reader, RhoFormula term, const char *what) {
  RhoDiagReport(reader->model->diag, RHO_ID_BAD_STOICHIOMETRY, PlaceOf(term), "%s", what);
  RhoDiagHint(reader->model->diag, "a side of an exchange is a sum of fields with numbers before them: c1 + 2 c2");
  return false;
}

/* The number before the field, 1 without one; *at moves behind it and a '*'. */
static double Multiplicity(RhoFormula term, size_t *at) {
  char word[32] = "", *end;
  while (*at < term.nbyte && strchr(" \t\n", term.text[*at])) ++*at;
  size_t n = strspn(term.text + *at, "0123456789.");
  if (n > term.nbyte - *at) n = term.nbyte - *at;
  if (n == 0) return 1;
  memcpy(word, term.text + *at, n < sizeof word ? n : sizeof word - 1);
  *at += n;
  while (*at < term.nbyte && strchr(" \t\n*", term.text[*at])) ++*at;
  double value = strtod(word, &end);
  return *end || n >= sizeof word ? NAN : value;
}

static int FieldOf(Reader *reader, const RhoAst *ast) {
  RhoModel model = reader->model;
  const Name *name = ast->kind == RHO_AST_NAME ? rho_names_find(model, ast->name) : NULL;
  Scope scope = rho_scope(model, MAY_ALL, "an exchange", Bindings(reader));
  if (name && name->kind == NAME_FIELD) {
    int e = rho_scope_element(&scope, name, ast);
    return e < 0 ? -1 : name->element[e].number;
  }
  RhoDiagReport(model->diag, RHO_ID_UNKNOWN_FIELD, ast->place, "'%s' is not a field", ast->name ? ast->name : "this");
  const char *near = ast->name ? rho_names_suggest(model, ast->name, NULL, 1u << NAME_FIELD) : NULL;
  if (near) RhoDiagHint(model->diag, "did you mean '%s'?", near);
  else RhoDiagHint(model->diag, "fields have entries under dynamics");
  return -1;
}

static bool ReadTerm(Reader *reader, RhoFormula term, double sign, double *change) {
  size_t at = 0;
  double n = Multiplicity(term, &at);
  if (at == term.nbyte) return ReportSide(reader, term, "a field is missing in this side of the exchange");
  if (!(n > 0) || !isfinite(n)) return ReportSide(reader, term, "the number before a field must be positive");
  const RhoAst *ast =
      RhoParse(reader->model->arena, reader->model->diag, rho_formula_part(term, (int)at, (int)term.nbyte));
  int field = ast ? FieldOf(reader, ast) : -1;
  if (field < 0) return false;
  change[field] += sign * n;
  return true;
}

static bool ReadSide(Reader *reader, const RhoYaml *text, double sign, double *change) {
  int n = (int)text->text.nbyte, begin = 0;
  for (int end = 0; end <= n; end++) {
    if (end < n && text->text.text[end] != '+') continue;
    if (!ReadTerm(reader, rho_formula_part(text->text, begin, end), sign, change)) return false;
    begin = end + 1;
  }
  return true;
}

/* ---- one exchange ---- */

static const RhoYaml *Need(Reader *reader, const char *key) {
  const RhoYaml *value = RhoYamlFind(reader->map, key);
  if (!value) {
    RhoDiagReport(reader->model->diag, RHO_ID_MISSING_KEY, reader->map->place, "an exchange needs the key '%s'", key);
    RhoDiagHint(reader->model->diag, "{from: A, to: B, rate: \"k*A\"}");
    return NULL;
  }
  return RhoYamlExpect(reader->model->diag, value, RHO_YAML_TEXT, key) ? value : NULL;
}

static RhoNode Rate(Reader *reader, const RhoYaml *rate) {
  RhoGraph graph = reader->model->graph;
  Scope scope = rho_scope(reader->model, MAY_ALL, "a rate", Bindings(reader));
  RhoNode node = rho_elaborate_rank(&scope, rate, 0, "a rate");
  const RhoYaml *back = RhoYamlFind(reader->map, "back");
  if (node < 0 || !back || rho_is_none(back)) return node;
  RhoNode reverse = rho_elaborate_rank(&scope, back, 0, "a rate");
  RhoGraphSetPlace(graph, rate->place);
  return reverse < 0 ? RHO_NONE : RhoGraph2(graph, RHO_FN_SUB, node, reverse);
}

static bool ChangesSomething(const RhoModel model, const double *change) {
  for (int i = 0; i < model->nfield; i++)
    if (change[i] != 0) return true;
  return false;
}

/* Every exchange knows the change of every field. */
static bool HaveRoom(RhoModel model, RhoPlace place) {
  if ((long)(model->nexchange + 1) * model->nfield <= MAX_CHANGES) return true;
  RhoDiagReport(model->diag, RHO_ID_TOO_LARGE, place, "%d exchanges between %d fields are too many",
                model->nexchange + 1, model->nfield);
  RhoDiagHint(model->diag, "conditions such as if: \"i < j\" leave some out");
  return false;
}

static bool AddExchange(Reader *reader, const RhoYaml *from, const RhoYaml *to, const RhoYaml *rate) {
  RhoModel model = reader->model;
  if (!HaveRoom(model, rate->place)) return false;
  RhoExchange exchange = {.place = rate->place};
  exchange.change = RhoArenaAlloc(model->arena, ((size_t)model->nfield + 1) * sizeof *exchange.change);
  if (!ReadSide(reader, from, -1, exchange.change) || !ReadSide(reader, to, 1, exchange.change)) return false;
  if (!ChangesSomething(model, exchange.change))
    return ReportSide(reader, from->text, "this exchange changes nothing: both sides are equal");
  exchange.rate = Rate(reader, rate);
  if (exchange.rate < 0) return false;
  *RHO_PUSH(model->arena, model->exchange, model->nexchange, reader->capacity) = exchange;
  return true;
}

/* ---- for all members ---- */

/* Is the condition true?  -1 after a report. */
static int Holds(Reader *reader) {
  const RhoYaml *text = RhoYamlFind(reader->map, "if");
  if (!text) return 1;
  if (!RhoYamlExpect(reader->model->diag, text, RHO_YAML_TEXT, "if")) return -1;
  const RhoAst *ast = RhoParse(reader->model->arena, reader->model->diag, text->text);
  Scope scope = rho_scope(reader->model, 0, "a condition", Bindings(reader));
  bool holds;
  return ast && rho_condition(&scope, ast, &holds) ? holds : -1;
}

static bool ForAll(Reader *reader, int k, const RhoYaml *from, const RhoYaml *to, const RhoYaml *rate) {
  Private p = reader->model->priv;
  if (k >= reader->nletter || k >= MAX_INDEX) {
    int holds = Holds(reader);
    return holds < 0 ? false : holds == 0 || AddExchange(reader, from, to, rate);
  }
  const IndexLetter *letter = &p->letter[reader->letter[k]];
  for (int m = 0; m < p->set[letter->set].nmember; m++) {
    reader->binding[k] = (Binding){letter->name, letter->set, m, RHO_NONE, k ? &reader->binding[k - 1] : NULL};
    if (!ForAll(reader, k + 1, from, to, rate)) return false;
  }
  return true;
}

static bool ReadLetters(Reader *reader) {
  const RhoYaml *letters = RhoYamlFind(reader->map, "for");
  reader->nletter = 0;
  if (!letters) return true;
  if (!RhoYamlExpect(reader->model->diag, letters, RHO_YAML_TEXT, "for")) return false;
  reader->nletter = rho_index_letters(reader->model, letters->text, MAX_INDEX, reader->letter);
  return reader->nletter >= 0;
}

static void ReadExchange(Reader *reader) {
  static const char *const allowed[] = {"from", "to", "rate", "back", "for", "if"};
  RhoDiag diag = reader->model->diag;
  if (!RhoYamlExpect(diag, reader->map, RHO_YAML_MAP, "an exchange")) return;
  RhoYamlOnly(diag, reader->map, "an exchange", 6, allowed);
  const RhoYaml *from = Need(reader, "from"), *to = Need(reader, "to"), *rate = Need(reader, "rate");
  if (from && to && rate && ReadLetters(reader)) ForAll(reader, 0, from, to, rate);
}

void rho_exchange_read(RhoModel model, const RhoYaml *list) {
  if (!list || rho_is_none(list) || !RhoYamlExpect(model->diag, list, RHO_YAML_LIST, "exchange")) return;
  Reader *reader = RhoArenaAlloc(model->arena, sizeof *reader);
  reader->model = model;
  for (int i = 0; i < list->n; i++) {
    reader->map = list->item[i];
    ReadExchange(reader);
  }
}
