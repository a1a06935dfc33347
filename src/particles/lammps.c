/* lammps.c - text dumps of LAMMPS (dump atom, dump custom): sections that begin with ITEM:

     ITEM: TIMESTEP, ITEM: TIME, ITEM: UNITS    one line each
     ITEM: NUMBER OF ATOMS                      N
     ITEM: BOX BOUNDS pp pp pp                  three lines "from to"; "xy xz yz", "abc origin": a sheared box
     ITEM: ATOMS id type x y z ...              N lines of these columns, in any order

   A coordinate is a column x, xu (not wrapped), xs or xsu (in units of the box).  LAMMPS manual, "dump". */
#include "particles_private.h"
#include <math.h>
#include <string.h>

typedef struct {
  int at[COORDINATES];   /* columns, from 0; -1: none */
  int kind[COORDINATES]; /* of ending[], the earlier the better */
  int type, last;        /* last: of those that are read */
  bool has_count, has_box;
} Columns;

static bool Is(const char *head, size_t nbyte) { return nbyte >= 5 && !memcmp(head, "ITEM:", 5); }

static RhoStatus Open(RhoParticles p, RhoDiag diag) {
  (void)diag;
  p->own = RhoArenaAlloc(p->arena, sizeof(Columns));
  return RHO_OK;
}

/* Behind this title of a section; NULL: another one. */
static const char *Section(RhoParticles p, const char *title) {
  size_t n = strlen(title);
  if (strncmp(p->line, "ITEM: ", 6) || strncmp(p->line + 6, title, n)) return NULL;
  const char *rest = p->line + 6 + n;
  return *rest == 0 || *rest == ' ' ? rest : NULL;
}

/* ---- the head ---- */

static RhoStatus ReadWhole(RhoParticles p, RhoDiag diag, long long *value) {
  size_t n;
  RhoStatus status = rho_line_need(p, diag);
  if (status) return status;
  const char *at = p->line, *word = rho_word(&at, &n);
  return rho_word_whole(p, diag, word, n, value);
}

static RhoStatus ReadTime(RhoParticles p, RhoDiag diag) {
  size_t n;
  RhoStatus status = rho_line_need(p, diag);
  if (status) return status;
  const char *at = p->line, *word = rho_word(&at, &n);
  return rho_word_number(p, diag, word, n, &p->frame.time);
}

/* Dumps without letters for the sides come from versions whose boxes were periodic unless said otherwise. */
static RhoStatus ReadSides(RhoParticles p, RhoDiag diag, const char *rest) {
  for (int c = 0; c < COORDINATES; c++) {
    size_t n;
    const char *word = rho_word(&rest, &n);
    if (n == 2 && strchr("xyza", word[0]) && strchr("yzb", word[1])) n = 3;
    if (n > 2) return rho_box_sheared(p, diag, rho_line_place(p, diag, word, 2));
    p->frame.periodic[c] = n == 0 || word[0] == 'p';
  }
  return RHO_OK;
}

static RhoStatus ReadBox(RhoParticles p, RhoDiag diag, const char *rest) {
  Columns *columns = p->own;
  size_t n;
  RhoStatus status = ReadSides(p, diag, rest);
  rho_line_keep(p);
  for (int c = 0; c < COORDINATES && !status; c++) {
    status = rho_line_need(p, diag);
    if (status) break;
    const char *at = p->line, *word = rho_word(&at, &n);
    status = rho_word_number(p, diag, word, n, &p->frame.from[c]);
    if (status) break;
    word = rho_word(&at, &n);
    status = rho_word_number(p, diag, word, n, &p->frame.to[c]);
  }
  columns->has_box = true;
  return status;
}

enum { SCALED = 2, NKIND = 4 }; /* from SCALED on in units of the box */
static const char *const ending[NKIND] = {"", "u", "s", "su"};

static void FindCoordinate(Columns *columns, int c, const char *word, size_t n, int column) {
  if (*word != *rho_coordinate[c]) return;
  for (int k = 0; k < NKIND; k++)
    if (rho_word_is(word + 1, n - 1, ending[k]) && (columns->at[c] < 0 || k < columns->kind[c])) {
      columns->at[c] = column;
      columns->kind[c] = k;
    }
}

static RhoStatus ReportMissing(RhoParticles p, RhoDiag diag, const char *what, const char *hint) {
  RhoPlace place = rho_line_place(p, diag, p->line, p->length);
  RhoDiagReport(diag, RHO_ID_PARTICLE_COLUMNS, place, "the dump has no column for %s", what);
  RhoDiagHint(diag, "%s", hint);
  return RHO_INPUT;
}

static RhoStatus ReadColumns(RhoParticles p, RhoDiag diag, const char *rest) {
  Columns *columns = p->own;
  size_t n;
  for (int c = 0; c < COORDINATES; c++) columns->at[c] = -1;
  columns->type = columns->last = -1;
  for (int column = 0;; column++) {
    const char *word = rho_word(&rest, &n);
    if (!n) break;
    for (int c = 0; c < COORDINATES; c++) FindCoordinate(columns, c, word, n, column);
    if (rho_word_is(word, n, "type") || (columns->type < 0 && rho_word_is(word, n, "element"))) columns->type = column;
  }
  for (int c = 0; c < COORDINATES; c++) {
    if (!p->wanted[c]) continue;
    if (columns->at[c] < 0) return ReportMissing(p, diag, rho_coordinate[c], "x, xu, xs or xsu, and so for y and z");
    if (columns->at[c] > columns->last) columns->last = columns->at[c];
  }
  if (!p->species) columns->type = -1;
  else if (columns->type < 0) return ReportMissing(p, diag, "types", "without --species all particles make one field");
  if (columns->type > columns->last) columns->last = columns->type;
  return RHO_OK;
}

static RhoStatus ReportIncomplete(RhoParticles p, RhoDiag diag, const char *what) {
  RhoDiagReport(diag, RHO_ID_PARTICLE_FORMAT, rho_line_place(p, diag, p->line, p->length),
                "the frame has no 'ITEM: %s' before this", what);
  return RHO_INPUT;
}

static RhoStatus ReadSection(RhoParticles p, RhoDiag diag, bool *done) {
  Columns *columns = p->own;
  const char *rest;
  if (Section(p, "TIMESTEP")) return ReadWhole(p, diag, &p->frame.step);
  if (Section(p, "TIME")) return ReadTime(p, diag);
  if (Section(p, "UNITS")) return rho_line_need(p, diag);
  if (Section(p, "NUMBER OF ATOMS")) {
    columns->has_count = true;
    return ReadWhole(p, diag, &p->frame.nparticle);
  }
  if ((rest = Section(p, "BOX BOUNDS")) != NULL) return ReadBox(p, diag, rest);
  if ((rest = Section(p, "ATOMS")) != NULL) {
    *done = true;
    if (!columns->has_count) return ReportIncomplete(p, diag, "NUMBER OF ATOMS");
    if (!columns->has_box) return ReportIncomplete(p, diag, "BOX BOUNDS");
    return ReadColumns(p, diag, rest);
  }
  RhoDiagReport(diag, RHO_ID_PARTICLE_FORMAT, rho_line_place(p, diag, p->line, p->length),
                "not the beginning of a section of a dump");
  RhoDiagHint(diag, "a frame has as many lines of particles as ITEM: NUMBER OF ATOMS says");
  return RHO_INPUT;
}

static RhoStatus Next(RhoParticles p, RhoDiag diag, bool *more) {
  Columns *columns = p->own;
  bool done = false;
  RhoStatus status = RHO_OK;
  columns->has_count = columns->has_box = false;
  *more = rho_line_next(p);
  while (*more && !done && !status) {
    status = p->whole ? ReadSection(p, diag, &done) : rho_truncated(p, diag);
    if (!status && !done) status = rho_line_need(p, diag);
  }
  return status;
}

/* ---- particles ---- */

static RhoStatus ReportShort(RhoParticles p, RhoDiag diag, int ncolumn) {
  if (Is(p->line, p->length)) {
    RhoDiagReport(diag, RHO_ID_PARTICLE_TRUNCATED, rho_line_place(p, diag, p->line, p->length),
                  "frame %d ends after %lld of its %lld particles", p->nframe, p->nread, p->frame.nparticle);
    return RHO_INPUT;
  }
  const Columns *columns = p->own;
  return rho_line_short(p, diag, ncolumn, columns->last + 1);
}

static RhoStatus ReadOne(RhoParticles p, RhoDiag diag, int column, const char *word, size_t n, RawParticle *raw) {
  const Columns *columns = p->own;
  if (column == columns->type) {
    raw->type = word;
    raw->ntype = n;
  }
  for (int c = 0; c < COORDINATES; c++) {
    if (!p->wanted[c] || columns->at[c] != column) continue;
    RhoStatus status = rho_word_number(p, diag, word, n, &raw->x[c]);
    if (status) return status;
    if (columns->kind[c] >= SCALED) raw->x[c] = p->frame.from[c] + raw->x[c] * (p->frame.to[c] - p->frame.from[c]);
  }
  return RHO_OK;
}

static RhoStatus Read(RhoParticles p, RhoDiag diag, RawParticle *raw) {
  const Columns *columns = p->own;
  size_t n;
  RhoStatus status = rho_line_need(p, diag);
  const char *at = p->line;
  for (int column = 0; column <= columns->last && !status; column++) {
    const char *word = rho_word(&at, &n);
    if (!n || (column == 0 && Is(word, n))) return ReportShort(p, diag, column);
    status = ReadOne(p, diag, column, word, n, raw);
  }
  return status;
}

const Format rho_format_lammps = {Is, Open, Next, Read, NULL};
