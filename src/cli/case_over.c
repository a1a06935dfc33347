/* case_over.c - what a sweep goes over: `--over NAME=...` on the command line.

     NAME=FROM:TO:N        N values in even steps, both ends included
     NAME=FROM:TO:N:log    in even ratios
     NAME=A,B,C            these values

   NAME as in --set; the case is read with the first value of each. */
#include "case.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 1000000 };

static void Refuse(RhoCase *c, RhoPlace place, const char *message, const char *name) {
  RhoDiagReport(c->cli->diag, RHO_ID_OPTION, place, message, name);
  RhoDiagHint(c->cli->diag, "as in --over k=0:1:11, --over k=1e-3:1:7:log, --over 'T[A]=1,2,5'");
}

/* The shortest text that reads as this number. */
static const char *Shortest(RhoArena arena, double x) {
  char text[32];
  for (int digits = 15; digits <= 17; digits++) {
    snprintf(text, sizeof text, "%.*g", digits, x);
    if (strtod(text, NULL) == x) break;
  }
  return RhoArenaString(arena, text, strlen(text));
}

/* ---- values ---- */

/* At most `most` pieces of text[offset ...] between separators; returns how many there are. */
static int Pieces(RhoCase *c, int source, const char *text, size_t offset, char separator, int most,
                  const RhoYaml **piece) {
  const char between[] = {separator, 0};
  for (int n = 0;; n++) {
    size_t size = strcspn(text + offset, between);
    if (n < most) piece[n] = rho_case_piece(c, source, text, offset, size);
    if (!text[offset + size]) return n + 1;
    offset += size + 1;
  }
}

static bool Number(RhoCase *c, const RhoYaml *piece, double *number) {
  return RhoYamlNumber(c->cli->files, c->cli->diag, piece, number);
}

static void FillRange(RhoCase *c, RhoCaseAxis *axis, double from, double to, bool log) {
  axis->value = RhoArenaAlloc(c->cli->arena, sizeof *axis->value * (size_t)axis->n);
  axis->number = RhoArenaAlloc(c->cli->arena, sizeof *axis->number * (size_t)axis->n);
  for (int k = 0; k < axis->n; k++) {
    double part = axis->n > 1 ? (double)k / (axis->n - 1) : 0;
    double x = log ? from * pow(to / from, part) : from + (to - from) * part;
    axis->number[k] = k + 1 == axis->n && k ? to : x;
    axis->value[k] = Shortest(c->cli->arena, axis->number[k]);
  }
}

static void ReadRange(RhoCase *c, const RhoYaml *const *piece, int n, RhoPlace place, RhoCaseAxis *axis) {
  double number[3];
  bool log = n == 4 && !strcmp(piece[3]->text.text, "log");
  if (n < 3 || n > 4 || (n == 4 && !log)) {
    Refuse(c, place, "'%s' goes over FROM:TO:N", axis->name);
    return;
  }
  for (int k = 0; k < 3; k++)
    if (!Number(c, piece[k], &number[k])) return;
  if (number[2] < 1 || number[2] > MOST || number[2] != floor(number[2]))
    Refuse(c, piece[2]->place, "'%s' is no number of values", piece[2]->text.text);
  else if (number[2] > 1 && !(isfinite(number[0]) && isfinite(number[1]) && number[0] != number[1]))
    Refuse(c, place, "the range of '%s' has no extent", axis->name);
  else if (log && !(number[0] * number[1] > 0))
    Refuse(c, place, "the range of '%s' in even ratios reaches or crosses 0", axis->name);
  else {
    axis->n = (int)number[2];
    FillRange(c, axis, number[0], number[1], log);
  }
}

static void ReadList(RhoCase *c, int source, const char *text, size_t offset, RhoCaseAxis *axis) {
  int n = Pieces(c, source, text, offset, ',', 0, NULL);
  const RhoYaml **piece = RhoArenaAlloc(c->cli->arena, sizeof *piece * (size_t)n);
  Pieces(c, source, text, offset, ',', n, piece);
  axis->value = RhoArenaAlloc(c->cli->arena, sizeof *axis->value * (size_t)n);
  axis->number = RhoArenaAlloc(c->cli->arena, sizeof *axis->number * (size_t)n);
  for (int k = 0; k < n; k++) {
    if (!Number(c, piece[k], &axis->number[k])) return;
    axis->value[k] = piece[k]->text.text;
  }
  axis->n = n;
}

/* ---- axes ---- */

/* Is it given a value by --set or --seed, which each run is told as well? */
static bool IsSet(const RhoCase *c, const char *name) {
  const RhoGiven *set = &c->cli->given[RHO_OPT_SET];
  size_t n = strlen(name);
  for (int k = 0; k < set->n; k++)
    if (!strncmp(set->value[k], name, n) && set->value[k][n] == '=') return true;
  return c->cli->value[RHO_OPT_SEED] && !strcmp(name, "seed");
}

static void CheckTwice(RhoCase *c, const RhoYaml *name) {
  if (IsSet(c, name->text.text)) Refuse(c, name->place, "'%s' is set and swept over", name->text.text);
  for (int a = 0; a + 1 < c->naxis; a++)
    if (!strcmp(c->axis[a].name, name->text.text)) Refuse(c, name->place, "'%s' is swept over twice", name->text.text);
}

static void ReadAxis(RhoCase *c, const char *text) {
  size_t nbyte = strlen(text), n = strcspn(text, "=");
  int source = RhoDiagAddSource(c->cli->diag, "--over", text, nbyte);
  if (source < 0) return;
  if (n == 0 || n + 1 >= nbyte) {
    Refuse(c, (RhoPlace){source, 0, (int)nbyte}, "'%s' is not NAME=VALUES", text);
    return;
  }
  const RhoYaml *piece[5], *name = rho_case_piece(c, source, text, 0, n);
  RhoCaseAxis *axis = RHO_PUSH(c->cli->arena, c->axis, c->naxis, c->axiscapacity);
  *axis = (RhoCaseAxis){.name = name->text.text};
  CheckTwice(c, name);
  RhoPlace place = {source, (int)n + 1, (int)(nbyte - n - 1)};
  int npiece = Pieces(c, source, text, n + 1, ':', 5, piece);
  if (npiece > 1) ReadRange(c, piece, npiece, place, axis);
  else ReadList(c, source, text, n + 1, axis);
  if (axis->n == 0) return;
  RhoYaml *first = RhoArenaAlloc(c->cli->arena, sizeof *first);
  *first = *piece[0];
  first->text.text = axis->value[0];
  first->text.nbyte = strlen(axis->value[0]);
  rho_case_set(c, name, first);
}

void rho_case_over_read(RhoCase *c) {
  const RhoGiven *over = &c->cli->given[RHO_OPT_OVER];
  for (int k = 0; k < over->n; k++) ReadAxis(c, over->value[k]);
}
