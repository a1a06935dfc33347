/* suggest.c - "did you mean": the nearest of a list of names.

   Distance is the restricted Damerau-Levenshtein distance (optimal string alignment) of the characters,
     d(i,j) = min{ d(i-1,j) + 1, d(i,j-1) + 1, d(i-1,j-1) + [a_i /= b_j], d(i-2,j-2) + 1 if a_i a_{i-1} = b_{j-1} b_j }.
   Damerau (1964); it is symmetric and 0 for equal names only, but does not obey the triangle inequality.
   When no name is near, the shortest one that the given one may abbreviate (the same letters in order, some left out).
 */
#include "base_private.h"
#include <string.h>

enum { LONGEST = 64, SHORTEST = 4 };

typedef struct {
  long code[LONGEST];
  int n;
} Characters;

static bool Decode(const char *name, Characters *c) {
  const char *end = name + strlen(name);
  for (c->n = 0; name < end; c->n++) {
    if (c->n == LONGEST) return false;
    const char *at = name;
    name += rho_utf8_next(at, end, &c->code[c->n]);
    if (c->code[c->n] < 0) c->code[c->n] = -1 - (unsigned char)*at; /* different bytes stay different */
  }
  return true;
}

static int Min(int a, int b) { return a < b ? a : b; }

static int Distance(const Characters *a, const Characters *b) {
  int d[LONGEST + 1][LONGEST + 1];
  for (int i = 0; i <= a->n; i++) d[i][0] = i;
  for (int j = 0; j <= b->n; j++) d[0][j] = j;
  for (int i = 1; i <= a->n; i++)
    for (int j = 1; j <= b->n; j++) {
      long x = a->code[i - 1], y = b->code[j - 1];
      d[i][j] = Min(Min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + (x != y));
      if (i > 1 && j > 1 && x == b->code[j - 2] && y == a->code[i - 2]) d[i][j] = Min(d[i][j], d[i - 2][j - 2] + 1);
    }
  return d[a->n][b->n];
}

int rho_edit_distance(const char *a, const char *b) {
  Characters ca, cb;
  return Decode(a, &ca) && Decode(b, &cb) ? Distance(&ca, &cb) : -1;
}

static void FoldCase(Characters *c) {
  for (int i = 0; i < c->n; i++)
    if (c->code[i] >= 'A' && c->code[i] <= 'Z') c->code[i] += 'a' - 'A';
}

/* Edits that still make a misspelling of one name rather than another name: a third of the longer one, and none for
   one or two letters, where every other name would be near. */
static int Tolerance(const Characters *a, const Characters *b) { return (a->n > b->n ? a->n : b->n) / 3; }

/* Twice the distance without regard to case, plus one when only the case tells them apart; -1: too far. */
static int Nearness(const Characters *name, const char *candidate) {
  Characters a = *name, b;
  if (!Decode(candidate, &b)) return -1;
  bool same = Distance(&a, &b) == 0;
  FoldCase(&a);
  FoldCase(&b);
  int distance = Distance(&a, &b);
  return distance > Tolerance(&a, &b) ? -1 : 2 * distance + (distance == 0 && !same);
}

/* Is name the longer one with letters left out, as params of parameters or init of initial? */
static bool Abbreviates(const Characters *name, const Characters *longer) {
  int i = 0;
  if (name->n < SHORTEST || longer->n > 3 * name->n || name->code[0] != longer->code[0]) return false;
  for (int j = 0; j < longer->n && i < name->n; j++) i += name->code[i] == longer->code[j];
  return i == name->n;
}

static const char *Abbreviated(const Characters *name, int ncandidate, const char *const *candidate) {
  const char *best = NULL;
  int length = LONGEST + 1;
  Characters a = *name, b;
  FoldCase(&a);
  for (int i = 0; i < ncandidate; i++) {
    if (!Decode(candidate[i], &b) || b.n >= length) continue;
    FoldCase(&b);
    if (!Abbreviates(&a, &b)) continue;
    best = candidate[i];
    length = b.n;
  }
  return best;
}

const char *RhoSuggest(const char *name, int ncandidate, const char *const *candidate) {
  Characters characters;
  const char *best = NULL;
  int least = 0;
  if (!Decode(name, &characters)) return NULL;
  for (int i = 0; i < ncandidate; i++) {
    int nearness = Nearness(&characters, candidate[i]);
    if (nearness < 0 || (best && nearness >= least)) continue;
    best = candidate[i];
    least = nearness;
  }
  return best ? best : Abbreviated(&characters, ncandidate, candidate);
}
