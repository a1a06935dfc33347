/* sweep_tables.c - the records of a sweep as tables: one array over all axes for each outcome, and one row for each
   run. */
#include "sweep.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- columns ---- */

typedef struct {
  RhoArena arena;
  int nrun, n, capacity;
  RhoColumn *column;
} Columns;

static RhoColumn *Column(Columns *c, const char *name) {
  for (int k = 0; k < c->n; k++)
    if (!strcmp(c->column[k].name, name)) return &c->column[k];
  RhoColumn *made = RHO_PUSH(c->arena, c->column, c->n, c->capacity);
  *made = (RhoColumn){.name = name, .number = RhoArenaAlloc(c->arena, ((size_t)c->nrun + 1) * sizeof(double))};
  for (int i = 0; i < c->nrun; i++) made->number[i] = NAN;
  return made;
}

static int Word(const RhoColumn *column, const char *word) {
  for (int k = 0; k < column->nword; k++)
    if (!strcmp(column->word[k], word)) return k;
  return -1;
}

static int ByName(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

static void CollectWords(Columns *c, const RhoScalars *record) {
  for (int i = 0; i < c->nrun; i++)
    for (int k = 0; k < record[i].n; k++) {
      const RhoScalar *x = &record[i].scalar[k];
      if (!strcmp(x->name, "run")) continue;
      RhoColumn *column = Column(c, x->name);
      if (x->word && Word(column, x->word) < 0)
        *RHO_PUSH(c->arena, column->word, column->nword, column->room) = x->word;
    }
  for (int k = 0; k < c->n; k++)
    if (c->column[k].nword) qsort(c->column[k].word, (size_t)c->column[k].nword, sizeof(char *), ByName);
}

int rho_sweep_columns(const RhoSweep *s, RhoArena arena, const RhoScalars *record, RhoColumn **column) {
  Columns c = {.arena = arena, .nrun = s->nrun};
  CollectWords(&c, record);
  for (int i = 0; i < s->nrun; i++)
    for (int k = 0; k < record[i].n; k++) {
      const RhoScalar *x = &record[i].scalar[k];
      if (!strcmp(x->name, "run")) continue;
      RhoColumn *to = Column(&c, x->name);
      to->number[i] = x->word ? Word(to, x->word) : x->number;
    }
  *column = c.column;
  return c.n;
}

/* ---- HDF5 ---- */

/* As a name within a group of the file: with U+2215 for a slash. */
static const char *Path(RhoArena arena, const char *group, const char *name) {
  RhoText text = RhoTextCreate(arena);
  RhoTextAdd(text, "%s/", group);
  for (; *name; name++) RhoTextAdd(text, *name == '/' ? "\u2215" : "%c", *name);
  return RhoTextGet(text);
}

/* An attribute holds so much; the whole is in NAME.tsv. */
enum { MOST_WORDS = 100, LONGEST_WORD = 500 };

static void AddWords(RhoArena arena, RhoTables t, const char *path, const RhoColumn *column) {
  const char *word[MOST_WORDS];
  int n = column->nword < MOST_WORDS ? column->nword : MOST_WORDS;
  for (int k = 0; k < n; k++) word[k] = RhoArenaPrint(arena, "%.*s", LONGEST_WORD, column->word[k]);
  RhoTablesTexts(t, path, "classes", n, word);
}

static RhoTables Tables(const RhoSweep *s, RhoArena arena, int ncolumn, const RhoColumn *column) {
  RhoTables t = RhoTablesCreate(arena, "sweep");
  const char *name[RHO_SWEEP_AXES], *scale[RHO_SWEEP_AXES];
  long long shape[RHO_SWEEP_AXES];
  int naxis = s->c.naxis;
  for (int a = 0; a < naxis; a++) {
    name[a] = s->c.axis[a].name;
    shape[a] = s->c.axis[a].n;
    scale[a] = Path(arena, "over", name[a]);
    RhoTablesArray(t, scale[a], NULL, 1, &shape[a], s->c.axis[a].number);
  }
  RhoTablesTexts(t, "", "axes", naxis, name);
  for (int k = 0; k < ncolumn; k++) {
    const char *path = Path(arena, "outcome", column[k].name);
    RhoTablesArray(t, path, NULL, naxis, shape, column[k].number);
    RhoTablesText(t, path, "name", column[k].name);
    for (int a = 0; a < naxis; a++) RhoTablesScale(t, path, a, scale[a]);
    if (column[k].nword) AddWords(arena, t, path, &column[k]);
  }
  return t;
}

/* ---- text ---- */

static void AddValue(RhoText text, const RhoColumn *column, int k) {
  double x = column->number[k];
  if (isnan(x)) RhoTextAdd(text, "\t%s", column->nword ? "" : "nan");
  else if (!column->nword) RhoTextAdd(text, "\t%.12g", x);
  else RhoTextAdd(text, "\t%s", column->word[(int)x]);
}

static const char *Rows(const RhoSweep *s, RhoArena arena, int ncolumn, const RhoColumn *column) {
  RhoText text = RhoTextCreate(arena);
  RhoTextAdd(text, "run");
  for (int a = 0; a < s->c.naxis; a++) RhoTextAdd(text, "\t%s", s->c.axis[a].name);
  for (int i = 0; i < ncolumn; i++) RhoTextAdd(text, "\t%s", column[i].name);
  for (int k = 0; k < s->nrun; k++) {
    RhoTextAdd(text, "\n%d", k);
    for (int a = 0; a < s->c.naxis; a++) RhoTextAdd(text, "\t%s", s->c.axis[a].value[rho_sweep_position(s, k, a)]);
    for (int i = 0; i < ncolumn; i++) AddValue(text, &column[i], k);
  }
  RhoTextAdd(text, "\n");
  return RhoTextGet(text);
}

PetscErrorCode rho_sweep_write(const RhoSweep *s, RhoArena arena, int ncolumn, const RhoColumn *column) {
  RhoCase c = s->c;
  const RhoRun run = {.c = &c};
  const RhoProvenance *provenance;
  int n = rho_run_provenance(&run, &provenance);
  PetscFunctionBeginUser;
  PetscCall(RhoTextSave(RhoArenaPrint(arena, "%s.tsv", s->name), Rows(s, arena, ncolumn, column)));
  PetscCall(RhoTablesWrite(PETSC_COMM_SELF, Tables(s, arena, ncolumn, column), s->name, PETSC_TRUE, n, provenance));
  PetscFunctionReturn(0);
}
