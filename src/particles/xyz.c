/* xyz.c - extended XYZ, frame after frame:

     N
     Lattice="ax ay az bx by bz cx cy cz" Properties=species:S:1:pos:R:3 pbc="T T F" Origin="0 0 0" Time=0.5 Step=10
     N lines of the columns that Properties lists, species x y z when it lists none

   Lattice must be along the axes; without pbc it is periodic, without Lattice there is no box.  Values are bare words,
   or in "", '' or {}.  The documentation of libAtoms/extxyz, and of ASE and OVITO for Time, Step and Origin. */
#include "particles_private.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>

typedef struct {
  int species, position, last; /* columns, from 0; -1: none */
  int ncoordinate;             /* columns of the position   */
} Columns;

enum { MANY = 1000000 }; /* columns: no line has so many, and what is said of more is that they are missing */

/* A value of the comment line. */
typedef struct {
  const char *at;
  size_t n;
} Value;

static bool Is(const char *head, size_t nbyte) {
  size_t k = 0, first;
  while (k < nbyte && (head[k] == ' ' || head[k] == '\t')) k++;
  for (first = k; k < nbyte && isdigit((unsigned char)head[k]);) k++;
  bool digits = k > first;
  while (k < nbyte && strchr(" \t\r", head[k])) k++;
  return digits && k < nbyte && head[k] == '\n';
}

static RhoStatus Open(RhoParticles p, RhoDiag diag) {
  (void)diag;
  p->own = RhoArenaAlloc(p->arena, sizeof(Columns));
  return RHO_OK;
}

/* ---- the comment line ---- */

/* The value behind `key=`, to the end of the word or of the quotes, and past it. */
static Value Quoted(const char **at) {
  static const char open[] = "\"'{", close[] = "\"'}";
  const char *quote = **at ? strchr(open, **at) : NULL;
  Value value = {*at, strcspn(*at, " \t")};
  if (quote) {
    value.at++;
    const char *end = strchr(value.at, close[quote - open]);
    value.n = end ? (size_t)(end - value.at) : strlen(value.at);
  }
  *at = value.at + value.n;
  if (quote && **at) (*at)++;
  return value;
}

/* Keys are told apart whatever their case. */
static bool Find(RhoParticles p, const char *key, Value *value) {
  for (const char *at = p->line; *at;) {
    at += strspn(at, " \t");
    size_t n = strcspn(at, "= \t");
    bool is = n == strlen(key) && !strncasecmp(at, key, n) && at[n] == '=';
    at += n;
    if (*at != '=') continue;
    at++;
    *value = Quoted(&at);
    if (is) return true;
  }
  return false;
}

/* Exactly n numbers. */
static RhoStatus Numbers(RhoParticles p, RhoDiag diag, Value value, int n, double *number) {
  const char *at = value.at, *end = value.at + value.n;
  for (int k = 0; k < n; k++) {
    size_t length;
    const char *word = rho_word(&at, &length);
    if (word > end) word = end;
    if (word + length > end) length = (size_t)(end - word);
    RhoStatus status = rho_word_number(p, diag, word, length, &number[k]);
    if (status) return status;
    at = word + length;
  }
  return RHO_OK;
}

static RhoStatus ReadLattice(RhoParticles p, RhoDiag diag, Value value) {
  double edge[COORDINATES * COORDINATES], origin[COORDINATES] = {0};
  Value begin;
  RhoStatus status = Numbers(p, diag, value, COORDINATES * COORDINATES, edge);
  if (!status && Find(p, "Origin", &begin)) status = Numbers(p, diag, begin, COORDINATES, origin);
  for (int k = 0; k < COORDINATES * COORDINATES && !status; k++)
    if (k % (COORDINATES + 1) != 0 && edge[k] != 0)
      return rho_box_sheared(p, diag, rho_line_place(p, diag, value.at, value.n));
  for (int c = 0; c < COORDINATES && !status; c++) {
    p->frame.periodic[c] = true;
    p->frame.from[c] = origin[c];
    p->frame.to[c] = origin[c] + edge[c * (COORDINATES + 1)];
  }
  return status;
}

static void ReadSides(RhoParticles p, Value value) {
  const char *at = value.at;
  for (int c = 0; c < COORDINATES; c++) {
    size_t n;
    const char *word = rho_word(&at, &n);
    if (n && word < value.at + value.n) p->frame.periodic[c] = strchr("Tt1", *word) != NULL;
  }
}

/* name:type:count:... */
static RhoStatus ReadProperties(RhoParticles p, RhoDiag diag, Columns *columns, Value value) {
  const char *at = value.at, *end = value.at + value.n;
  int column = 0;
  columns->species = columns->position = -1;
  while (at < end) {
    const char *part[3];
    size_t length[3];
    long long n;
    for (int k = 0; k < 3; k++) {
      part[k] = at;
      length[k] = strcspn(at, ": \t\"'}");
      at += length[k] + (at[length[k]] == ':');
    }
    RhoStatus status = rho_word_whole(p, diag, part[2], length[2], &n);
    if (status) return status;
    int count = n < MANY - column ? (int)n : MANY - column;
    if (rho_word_is(part[0], length[0], "species")) columns->species = column;
    if (rho_word_is(part[0], length[0], "pos")) {
      columns->position = column;
      columns->ncoordinate = count;
    }
    column += count;
  }
  return RHO_OK;
}

/* NULL: nothing. */
static const char *Missing(RhoParticles p) {
  static const char *const without[COORDINATES] = {"x in pos", "y in pos", "z in pos"};
  const Columns *columns = p->own;
  if (columns->position < 0) return "pos";
  for (int c = columns->ncoordinate; c < COORDINATES; c++)
    if (p->wanted[c]) return without[c];
  return p->species && columns->species < 0 ? "species" : NULL;
}

static RhoStatus FindColumns(RhoParticles p, RhoDiag diag) {
  Columns *columns = p->own;
  Value value;
  *columns = (Columns){0, 1, -1, COORDINATES};
  RhoStatus status = Find(p, "Properties", &value) ? ReadProperties(p, diag, columns, value) : RHO_OK;
  if (status) return status;
  const char *missing = Missing(p);
  if (missing) {
    RhoPlace place = rho_line_place(p, diag, p->line, p->length);
    RhoDiagReport(diag, RHO_ID_PARTICLE_COLUMNS, place, "the Properties have no %s", missing);
    RhoDiagHint(diag, "Properties=species:S:1:pos:R:3");
    return RHO_INPUT;
  }
  if (!p->species) columns->species = -1;
  for (int c = 0; c < COORDINATES; c++)
    if (p->wanted[c]) columns->last = columns->position + c;
  if (columns->species > columns->last) columns->last = columns->species;
  return RHO_OK;
}

static RhoStatus ReadComment(RhoParticles p, RhoDiag diag) {
  Value value;
  double step;
  RhoStatus status = rho_line_need(p, diag);
  if (status) return status;
  rho_line_keep(p);
  if (Find(p, "Lattice", &value)) status = ReadLattice(p, diag, value);
  if (!status && Find(p, "pbc", &value)) ReadSides(p, value);
  if (!status && Find(p, "Time", &value)) status = Numbers(p, diag, value, 1, &p->frame.time);
  if (!status && Find(p, "Step", &value)) {
    status = Numbers(p, diag, value, 1, &step);
    p->frame.step = step >= 0 && step < 1e18 ? (long long)step : -1;
  }
  return status ? status : FindColumns(p, diag);
}

/* ---- frames and particles ---- */

/* Empty lines may follow the last frame. */
static RhoStatus Next(RhoParticles p, RhoDiag diag, bool *more) {
  size_t n;
  do *more = rho_line_next(p);
  while (*more && !p->line[strspn(p->line, " \t")]);
  if (!*more) return RHO_OK;
  const char *at = p->line, *word = rho_word(&at, &n);
  if (at[strspn(at, " \t")]) n = p->length - (size_t)(word - p->line); /* a line with more words is no count */
  RhoStatus status = rho_word_whole(p, diag, word, n, &p->frame.nparticle);
  if (status) RhoDiagHint(diag, "a frame begins with its number of particles, which is that of its lines");
  return status ? status : ReadComment(p, diag);
}

static RhoStatus Read(RhoParticles p, RhoDiag diag, RawParticle *raw) {
  const Columns *columns = p->own;
  size_t n;
  RhoStatus status = rho_line_need(p, diag);
  const char *at = p->line;
  for (int column = 0; column <= columns->last && !status; column++) {
    const char *word = rho_word(&at, &n);
    int c = column - columns->position;
    if (!n) return rho_line_short(p, diag, column, columns->last + 1);
    if (column == columns->species) {
      raw->type = word;
      raw->ntype = n;
    } else if (c >= 0 && c < COORDINATES && p->wanted[c]) status = rho_word_number(p, diag, word, n, &raw->x[c]);
  }
  return status;
}

const Format rho_format_xyz = {Is, Open, Next, Read, NULL};
