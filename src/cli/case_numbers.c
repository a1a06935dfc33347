/* case_numbers.c - the numbers of a case by the table case_numbers.def, from the file and from --set. */
#include "case.h"
#include <math.h>
#include <string.h>

typedef enum { REAL, POSITIVE, COUNT, INTEGER } NumberKind;

typedef struct {
  const char *section, *key;
  NumberKind kind;
  double value;
} NumberRow;

static const NumberRow number_row[RHO_CASE_NUMBER_COUNT] = {
#define RHO_CASE_NUMBER(id, section, key, kind, value) {section, key, kind, value},
#include "case_numbers.def"
#undef RHO_CASE_NUMBER
};

/* The largest integer that a double can not have from another one by rounding is far above what is written by hand. */
#define LARGEST_INTEGER 9007199254740991.0

static bool IsAllowed(NumberKind kind, double value) {
  switch (kind) {
  case REAL: return true;
  case POSITIVE: return value > 0;
  case COUNT: return value >= 1 && value <= LARGEST_INTEGER && value == floor(value);
  case INTEGER: return value >= 0 && value <= LARGEST_INTEGER && value == floor(value);
  }
  return false;
}

static void Set(RhoCase *c, int id, const RhoYaml *node) {
  static const char *const expected[] = {"a number", "a positive number", "an integer from 1 on",
                                         "an integer from 0 on"};
  const NumberRow *row = &number_row[id];
  RhoCaseNumber *number = &c->number[id];
  number->given = true;
  number->place = node->place;
  if (!RhoYamlNumber(c->cli->files, c->cli->diag, node, &number->value)) return;
  if (IsAllowed(row->kind, number->value)) return;
  RhoDiagReport(c->cli->diag, RHO_ID_CASE_RANGE, node->place, "%s is %s", row->key, node->text.text);
  RhoDiagHint(c->cli->diag, "%s is %s", row->key, expected[row->kind]);
}

static const RhoYaml *Section(const RhoCase *c, const char *section) {
  return *section ? RhoYamlFind(c->root, section) : c->root;
}

void rho_case_numbers_read(RhoCase *c) {
  for (int id = 0; id < RHO_CASE_NUMBER_COUNT; id++) {
    c->number[id] = (RhoCaseNumber){number_row[id].value, false, RHO_NOWHERE};
    const RhoYaml *node = RhoYamlFind(Section(c, number_row[id].section), number_row[id].key);
    if (node) Set(c, id, node);
  }
}

bool rho_case_number_set(RhoCase *c, const char *name, const RhoYaml *value) {
  for (int id = 0; id < RHO_CASE_NUMBER_COUNT; id++) {
    size_t n = strlen(number_row[id].section);
    bool section = !n || (!strncmp(name, number_row[id].section, n) && name[n] == '.');
    if (!section || strcmp(name + (n ? n + 1 : 0), number_row[id].key)) continue;
    Set(c, id, value);
    return true;
  }
  return false;
}

int rho_case_number_keys(RhoCase *c, const char *section, int nmore, const char *const *more, const char ***keys) {
  int n = 0;
  *keys = RhoArenaAlloc(c->cli->arena, ((size_t)nmore + RHO_CASE_NUMBER_COUNT) * sizeof **keys);
  for (int k = 0; k < nmore; k++) (*keys)[n++] = more[k];
  for (int id = 0; id < RHO_CASE_NUMBER_COUNT; id++)
    if (!strcmp(number_row[id].section, section)) (*keys)[n++] = number_row[id].key;
  return n;
}
