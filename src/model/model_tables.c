/* model_tables.c - columns of numbers in text files, as splines: tables: {D: {file: d.txt, columns: [1, 2]}}.

   Columns are separated by blanks or commas; '#' begins a comment. */
#include "model_private.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  RhoModel model;
  int source, nrow, xcapacity, ycapacity;
  long column[2];
  double *x, *y;
} Columns;

static void Report(const Columns *c, int offset, int length, const char *message, const char *hint) {
  RhoDiagReport(c->model->diag, RHO_ID_TABLE_FILE, (RhoPlace){c->source, offset, length}, "%s", message);
  RhoDiagHint(c->model->diag, "%s", hint);
}

static bool IsSeparator(char c) { return c == ' ' || c == '\t' || c == ',' || c == ';' || c == '\r'; }

/* The n-th word of the line [begin, end), 1-based; its bounds, false when there are fewer. */
static bool FindWord(const char *text, int begin, int end, long n, int *from, int *to) {
  *from = *to = begin;
  int at = begin;
  for (; n > 0; n--) {
    while (at < end && IsSeparator(text[at])) at++;
    *from = at;
    while (at < end && !IsSeparator(text[at])) at++;
    *to = at;
    if (*from == *to) return false;
  }
  return true;
}

static bool ReadNumber(Columns *c, const char *text, int begin, int end, long column, double *value) {
  int from, to;
  char word[64] = "", *rest;
  if (!FindWord(text, begin, end, column, &from, &to)) {
    Report(c, begin, end - begin, RhoArenaPrint(c->model->arena, "this line has no column %ld", column),
           "columns are separated by blanks or commas; comments begin with #");
    return false;
  }
  if (to - from < (int)sizeof word) memcpy(word, text + from, (size_t)(to - from));
  *value = strtod(word, &rest);
  if (*word && !*rest && isfinite(*value)) return true;
  Report(c, from, to - from, "expected a number", "columns are separated by blanks or commas; comments begin with #");
  return false;
}

static bool AddRow(Columns *c, const char *text, int begin, int end) {
  double x, y;
  if (!ReadNumber(c, text, begin, end, c->column[0], &x) || !ReadNumber(c, text, begin, end, c->column[1], &y))
    return false;
  if (c->nrow > 0 && x <= c->x[c->nrow - 1]) {
    Report(c, begin, end - begin, "the first column does not increase here", "sort the rows; each value once");
    return false;
  }
  int n = c->nrow;
  *RHO_PUSH(c->model->arena, c->x, n, c->xcapacity) = x;
  *RHO_PUSH(c->model->arena, c->y, c->nrow, c->ycapacity) = y;
  return true;
}

static bool IsEmpty(const char *text, int begin, int end) {
  while (begin < end && IsSeparator(text[begin])) begin++;
  return begin == end;
}

static bool ReadRows(Columns *c, const char *text, int nbyte) {
  for (int at = 0, end; at < nbyte; at = end + 1) {
    end = at + (int)strcspn(text + at, "\n");
    int stop = at + (int)strcspn(text + at, "#\n");
    if (!IsEmpty(text, at, stop) && !AddRow(c, text, at, stop)) return false;
  }
  if (c->nrow >= 2) return true;
  Report(c, 0, 0, "a table needs two rows at least", "one row per line");
  return false;
}

/* ---- the section ---- */

static bool ReadColumnNumbers(Columns *c, const RhoYaml *columns) {
  c->column[0] = 1;
  c->column[1] = 2;
  if (!columns) return true;
  if (!RhoYamlExpect(c->model->diag, columns, RHO_YAML_LIST, "columns")) return false;
  if (columns->n != 2) {
    RhoDiagReport(c->model->diag, RHO_ID_WRONG_LENGTH, columns->place, "columns: expected two numbers, found %d",
                  columns->n);
    RhoDiagHint(c->model->diag, "columns: [1, 2]");
    return false;
  }
  return RhoYamlInteger(c->model->diag, columns->item[0], 1, 1000, &c->column[0]) &&
         RhoYamlInteger(c->model->diag, columns->item[1], 1, 1000, &c->column[1]);
}

/* The number of the table in the graph, or -1. */
static int ReadTable(RhoModel model, const RhoYaml *value, RhoPlace place) {
  static const char *const allowed[] = {"file", "columns"};
  Columns c = {.model = model};
  if (!RhoYamlExpect(model->diag, value, RHO_YAML_MAP, "a table")) return -1;
  RhoYamlOnly(model->diag, value, "a table", 2, allowed);
  const RhoYaml *file = RhoYamlFind(value, "file");
  if (!file) {
    RhoDiagReport(model->diag, RHO_ID_MISSING_KEY, place, "a table needs the key 'file'");
    RhoDiagHint(model->diag, "{file: data.txt, columns: [1, 2]}");
    return -1;
  }
  if (!RhoYamlExpect(model->diag, file, RHO_YAML_TEXT, "file")) return -1;
  if (!ReadColumnNumbers(&c, RhoYamlFind(value, "columns"))) return -1;
  c.source = RhoDiagReadFile(model->diag, RhoYamlPath(model->arena, model->diag, file), file->place);
  if (c.source < 0) return -1;
  size_t nbyte;
  const char *text = RhoDiagSourceText(model->diag, c.source, &nbyte);
  if (!ReadRows(&c, text, (int)nbyte)) return -1;
  int number = RhoGraphAddTable(model->graph, RhoTableCreate(model->arena, c.nrow, c.x, c.y));
  while (model->priv->ntable <= number)
    *RHO_PUSH(model->arena, model->priv->table_end, model->priv->ntable, model->priv->tablecapacity) = c.x[c.nrow - 1];
  return number;
}

void rho_tables_read(RhoModel model) {
  for (int i = 0; i < model->priv->nname; i++) {
    Name *name = model->priv->name[i];
    if (name->kind != NAME_TABLE) continue;
    for (int k = 0; k < name->nentry; k++) {
      int table =
          rho_is_none(name->entry[k].value) ? -1 : ReadTable(model, name->entry[k].value, name->entry[k].key.place);
      for (int e = 0; e < name->nelement; e++)
        if (name->element[e].entry == k) name->element[e].number = table;
    }
  }
}
