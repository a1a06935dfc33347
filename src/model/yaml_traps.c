/* yaml_traps.c - what a formula turns into when YAML reads it in its own way, said in terms of the formula.

   A text without quotes must not begin with | > * & ! @ ` % - or a quote, ends at ' #' and, in flow style { } [ ],
   at a comma or bracket.  Every message says: put the formula in quotes. */
#include "yaml_private.h"
#include <string.h>

#define QUOTE_HINT "put the whole formula in quotes: \"...\""

static char ByteAt(const YamlText *yaml, int at) { return at >= 0 && at < yaml->nbyte ? yaml->bytes[at] : 0; }

static RhoPlace PlaceOf(const YamlText *yaml, int at, int length) {
  if (at > yaml->nbyte) at = yaml->nbyte;
  return (RhoPlace){yaml->source, at < 0 ? 0 : at, length};
}

static int SkipBlanks(const YamlText *yaml, int at) {
  while (ByteAt(yaml, at) == ' ' || ByteAt(yaml, at) == '\t') at++;
  return at;
}

/* ---- anchors, aliases, tags ---- */

/* The properties of a node stand before it: the character that begins them. */
static int FindMark(const YamlText *yaml, const YamlEvent *event, char mark) {
  for (int at = event->begin; at < event->end; at++)
    if (ByteAt(yaml, at) == mark) return at;
  return event->begin;
}

static void ReportMark(const YamlText *yaml, RhoDiagId id, int at, const char *what) {
  RhoDiagReport(yaml->diag, id, PlaceOf(yaml, at, 1), "'%c' begins %s of YAML, which is not used here",
                ByteAt(yaml, at), what);
  RhoDiagHint(yaml->diag, "a formula that begins with '%c': " QUOTE_HINT, ByteAt(yaml, at));
}

bool rho_yaml_check_marks(const YamlText *yaml) {
  bool clean = true;
  for (int i = 0; i < yaml->events->nevent; i++) {
    const YamlEvent *event = &yaml->events->event[i];
    if (event->kind == YAML_ALIAS) ReportMark(yaml, RHO_ID_YAML_ANCHOR, event->begin, "an alias");
    else if (event->anchor) ReportMark(yaml, RHO_ID_YAML_ANCHOR, FindMark(yaml, event, '&'), "an anchor");
    else if (event->tag) ReportMark(yaml, RHO_ID_YAML_TAG, FindMark(yaml, event, '!'), "a tag");
    else continue;
    clean = false;
  }
  return clean;
}

/* ---- texts that were cut ---- */

static int Balance(const char *text, int nbyte) {
  int depth = 0;
  for (int k = 0; k < nbyte; k++) depth += (text[k] == '(' || text[k] == '[') - (text[k] == ')' || text[k] == ']');
  return depth;
}

static bool EndsInOperator(const char *text, int nbyte) {
  return nbyte > 0 && strchr("+-*/^(,<>=&|", text[nbyte - 1]) != NULL;
}

bool rho_yaml_check_cut(const YamlText *yaml, const YamlEvent *event, bool flow) {
  if (event->style != 'p') return true;
  const char *text = yaml->events->bytes + event->text;
  int depth = Balance(text, event->nbyte), after = SkipBlanks(yaml, event->end);
  if (flow && depth > 0 && ByteAt(yaml, after) == ',') {
    RhoDiagReport(yaml->diag, RHO_ID_YAML_FLOW, PlaceOf(yaml, event->begin, event->end - event->begin),
                  "'%s' is cut at a comma: inside { } and [ ] a comma ends a text without quotes", text);
    RhoDiagHint(yaml->diag, QUOTE_HINT);
    return false;
  }
  if (ByteAt(yaml, after) == '#' && (depth > 0 || EndsInOperator(text, event->nbyte))) {
    RhoDiagReport(yaml->diag, RHO_ID_YAML_COMMENT, PlaceOf(yaml, after, 1),
                  "what follows ' #' is a comment, so '%s' is cut here", text);
    RhoDiagHint(yaml->diag, QUOTE_HINT);
    return false;
  }
  return true;
}

/* ---- texts that libyaml refuses ---- */

static bool SameLine(const YamlText *yaml, int a, int b) {
  for (int at = a; at < b; at++)
    if (ByteAt(yaml, at) == '\n') return false;
  return a <= b;
}

static const YamlEvent *LastEvent(const YamlText *yaml) {
  return yaml->events->nevent ? &yaml->events->event[yaml->events->nevent - 1] : NULL;
}

/* Has a quoted text (or a list or map of flow style) ended just before, as a value and on this line? */
static bool AfterEnd(const YamlText *yaml, int at, bool quoted) {
  const YamlEvent *last = LastEvent(yaml);
  if (!last || last->end > at || !SameLine(yaml, last->end, at)) return false;
  char c = ByteAt(yaml, last->end - 1);
  if (SkipBlanks(yaml, last->end) >= yaml->nbyte || ByteAt(yaml, SkipBlanks(yaml, last->end)) == ':') return false;
  if (quoted) return last->kind == YAML_TEXT && strchr("'\"", last->style) != NULL;
  return last->kind == YAML_END && (c == ']' || c == '}');
}

static void Report(const YamlText *yaml, RhoDiagId id, int at, const char *message, const char *hint) {
  RhoDiagReport(yaml->diag, id, PlaceOf(yaml, at, 1), "%s", message);
  RhoDiagHint(yaml->diag, "%s", hint);
}

static void ReportLeading(const YamlText *yaml, int at) {
  RhoDiagReport(yaml->diag, RHO_ID_YAML_LEADING, PlaceOf(yaml, at, 1),
                "a text without quotes cannot begin with '%c': YAML gives it another meaning", ByteAt(yaml, at));
  RhoDiagHint(yaml->diag, QUOTE_HINT);
}

static bool Says(const YamlText *yaml, const char *words) { return strstr(yaml->events->message, words) != NULL; }

/* The context of libyaml's message is the beginning of the thing it could not read. */
static bool ReportContext(const YamlText *yaml) {
  int at = yaml->events->context;
  char c = ByteAt(yaml, at);
  if (at < 0 || !c || !strchr("|>*&!", c) || !SameLine(yaml, at, yaml->events->problem)) return false;
  if (c == '|' || c == '>') ReportLeading(yaml, at);
  else if (c == '!') ReportMark(yaml, RHO_ID_YAML_TAG, at, "a tag");
  else ReportMark(yaml, RHO_ID_YAML_ANCHOR, at, c == '*' ? "an alias" : "an anchor");
  return true;
}

static bool ReportTab(const YamlText *yaml, int at) {
  if (ByteAt(yaml, at) != '\t' && !Says(yaml, "tab")) return false;
  Report(yaml, RHO_ID_YAML_TAB, at, "a tab cannot indent", "indent with spaces");
  return true;
}

/* Where the list or map of flow style that ends before at has begun. */
static int FlowBegin(const YamlText *yaml) {
  int open = 0, i = yaml->events->nevent - 1;
  for (; i >= 0; i--) {
    YamlEventKind kind = yaml->events->event[i].kind;
    open += (kind == YAML_END) - (kind == YAML_LIST || kind == YAML_MAP);
    if (open == 0) break;
  }
  return i < 0 ? 0 : yaml->events->event[i].begin;
}

static bool ReportAfterEnd(const YamlText *yaml, int at) {
  if (AfterEnd(yaml, at, true)) {
    Report(yaml, RHO_ID_YAML_QUOTE, at, "the text ended at its closing quote; this is left over",
           "put the whole formula in one pair of quotes");
    return true;
  }
  if (!AfterEnd(yaml, at, false) || (ByteAt(yaml, at) && strchr("]}", ByteAt(yaml, at)))) return false;
  ReportLeading(yaml, FlowBegin(yaml));
  return true;
}

/* Plain text up to a bracket inside { } or [ ]. */
static bool ReportBracket(const YamlText *yaml, int at) {
  const YamlEvent *last = LastEvent(yaml);
  if (!last || last->kind != YAML_TEXT || last->style != 'p') return false;
  int stop = SkipBlanks(yaml, last->end);
  char c = ByteAt(yaml, stop);
  if (!c || !strchr("[{", c) || stop > at) return false;
  RhoDiagReport(yaml->diag, RHO_ID_YAML_FLOW, PlaceOf(yaml, last->begin, stop - last->begin + 1),
                "inside { } and [ ] the '%c' ends a text without quotes", c);
  RhoDiagHint(yaml->diag, "put names with an index and formulas in quotes: \"rho[s]\"");
  return true;
}

/* ---- indentation ---- */

static int LineBegin(const YamlText *yaml, int at) {
  while (at > 0 && ByteAt(yaml, at - 1) != '\n') at--;
  return at;
}

/* Where the last line above at that is neither blank nor a comment has its first character; -1: there is none. */
static int FirstAbove(const YamlText *yaml, int at) {
  for (int begin = LineBegin(yaml, at); begin > 0;) {
    begin = LineBegin(yaml, begin - 1);
    int first = SkipBlanks(yaml, begin);
    if (!strchr("#\r\n", ByteAt(yaml, first))) return first;
  }
  return -1;
}

/* A line "key:" that YAML takes for more of the text above it, since it is indented further. */
static bool ReportDeeper(const YamlText *yaml, int at) {
  int begin = LineBegin(yaml, at), first = SkipBlanks(yaml, begin), above = FirstAbove(yaml, at);
  if (above < 0 || first - begin <= above - LineBegin(yaml, above)) return false;
  for (int k = first; k < at; k++)
    if (strchr(":'\"{", ByteAt(yaml, k))) return false;
  RhoDiagReport(yaml->diag, RHO_ID_YAML_SYNTAX, PlaceOf(yaml, first, at - first),
                "this key is indented further than the one above it, which has a value already");
  RhoDiagHint(yaml->diag,
              "keys of one map begin in the same column, here %d; what belongs to a key is indented further",
              above - LineBegin(yaml, above) + 1);
  return true;
}

/* A line that begins left of the one above, in a column in which no map has its keys. */
static bool ReportShallower(const YamlText *yaml, int at) {
  int begin = LineBegin(yaml, at), above = FirstAbove(yaml, at), column = at - begin + 1;
  if (!Says(yaml, "did not find expected key") || above < 0 || SkipBlanks(yaml, begin) != at) return false;
  if (column >= above - LineBegin(yaml, above) + 1) return false;
  RhoDiagReport(yaml->diag, RHO_ID_YAML_SYNTAX, PlaceOf(yaml, at, 1),
                "this line begins in column %d, where no map above has its keys", column);
  RhoDiagHint(yaml->diag, "keys of one map begin in the same column; the line above begins in %d",
              above - LineBegin(yaml, above) + 1);
  return true;
}

/* A ':' or a character with a meaning of its own, where libyaml says it stands. */
static bool ReportProblem(const YamlText *yaml, int at) {
  const YamlEvent *last = LastEvent(yaml);
  char c = ByteAt(yaml, at);
  bool inflow =
      c == ':' && Says(yaml, "expected ','") && last && last->kind == YAML_TEXT && SameLine(yaml, last->begin, at);
  if (inflow || Says(yaml, "mapping values are not allowed")) {
    if (!inflow && ReportDeeper(yaml, at)) return true;
    Report(yaml, RHO_ID_YAML_COLON, at, "a ': ' inside a text without quotes",
           "put the text in quotes, or begin a new line after the colon");
    return true;
  }
  bool leading = (c == '-' && Says(yaml, "block sequence")) || (c && strchr("@`%", c) && Says(yaml, "cannot start")) ||
                 (c && strchr("-?", c) && Says(yaml, "expected node content"));
  if (leading) ReportLeading(yaml, at);
  return leading;
}

/* Something begun that does not end is reported where it begins. */
static bool ReportUnended(const YamlText *yaml) {
  int context = yaml->events->context;
  if (context < 0) return false;
  if (Says(yaml, "unexpected end of stream"))
    Report(yaml, RHO_ID_YAML_SYNTAX, context, "this quote is not closed", "it needs its like at the end of the text");
  else if (Says(yaml, "could not find expected ':'"))
    Report(yaml, RHO_ID_YAML_SYNTAX, context, "a key without ': '", "keys are followed by ': ' and a value");
  else return false;
  return true;
}

static void ReportBroken(const YamlText *yaml) {
  int at = yaml->events->problem, context = yaml->events->context;
  if (ReportTab(yaml, at) || ReportAfterEnd(yaml, at) || ReportContext(yaml) || ReportBracket(yaml, at) ||
      ReportProblem(yaml, at) || ReportShallower(yaml, at) || ReportUnended(yaml))
    return;
  RhoDiagReport(yaml->diag, RHO_ID_YAML_SYNTAX, PlaceOf(yaml, at, 1), "not YAML: %s", yaml->events->message);
  RhoDiagHint(yaml->diag, "keys are followed by ': ', nested maps are indented by spaces, formulas are best quoted");
  if (context >= 0 && ByteAt(yaml, context) && strchr("{[", ByteAt(yaml, context)))
    RhoDiagAlso(yaml->diag, PlaceOf(yaml, context, 1), "this is not closed");
}

void rho_yaml_report_failure(const YamlText *yaml) {
  int at = yaml->events->problem;
  switch (yaml->events->state) {
  case YAML_BROKEN: ReportBroken(yaml); break;
  case YAML_EMPTY:
    Report(yaml, RHO_ID_YAML_EMPTY, 0, "the file is empty",
           "files of models, cases and meshes begin with 'rhoflux: 1'");
    break;
  case YAML_SECOND:
    Report(yaml, RHO_ID_YAML_DOCUMENTS, at, "a second document begins here",
           "one file holds one document: remove '---'");
    break;
  case YAML_DEEP:
    Report(yaml, RHO_ID_YAML_DEPTH, at, "lists and maps are nested too deeply", "no part of the language needs this");
    break;
  case YAML_SOUND: break;
  }
}
