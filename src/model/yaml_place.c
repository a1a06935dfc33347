/* yaml_place.c - where each byte of a YAML text's value stands in the file.

   The value is read against the source of the text: what is equal is copied, a fold of lines takes the place of its
   line break, an escape the place of its backslash.  A value that cannot be followed so (exotic escapes across lines)
   gets the place of the text's first byte throughout: a report is then less exact, never wrong in its line of the key.
 */
#include "yaml_private.h"
#include <stdlib.h>
#include <string.h>

typedef struct {
  const char *source, *value;
  int at, end;     /* in the source */
  int done, nbyte; /* in the value */
  int *map;
} Walk;

static bool IsBlank(char c) { return c == ' ' || c == '\t'; }
static bool IsBreak(char c) { return c == '\n' || c == '\r'; }

static void Place(Walk *walk, int at) { walk->map[walk->done++] = at; }

/* Copies one byte that stands in both; false when it does not. */
static bool Copy(Walk *walk) {
  if (walk->done >= walk->nbyte || walk->source[walk->at] != walk->value[walk->done]) return false;
  Place(walk, walk->at++);
  return true;
}

/* Are there only blanks from here to a line break? */
static bool AtFold(const Walk *walk) {
  int at = walk->at;
  while (at < walk->end && IsBlank(walk->source[at])) at++;
  return at < walk->end && IsBreak(walk->source[at]);
}

/* A fold: any number of line breaks is one ' ', or one '\n' for each but the first. */
static void Fold(Walk *walk) {
  int at = walk->at;
  while (walk->at < walk->end && (IsBlank(walk->source[walk->at]) || IsBreak(walk->source[walk->at]))) walk->at++;
  if (walk->done < walk->nbyte && walk->value[walk->done] == ' ') Place(walk, at);
  else
    while (walk->done < walk->nbyte && walk->value[walk->done] == '\n') Place(walk, at);
}

/* ---- double quotes ---- */

/* Bytes of UTF-8 that the escape with this letter and number stands for. */
static int EscapeBytes(char letter, long code) {
  if (letter == 'N' || letter == '_') return 2;
  if (letter == 'L' || letter == 'P') return 3;
  if (!strchr("xuU", letter)) return 1;
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

static bool Escape(Walk *walk) {
  char letter = walk->at + 1 < walk->end ? walk->source[walk->at + 1] : 0;
  int ndigit = letter == 'x' ? 2 : letter == 'u' ? 4 : letter == 'U' ? 8 : 0;
  if (IsBreak(letter)) {
    walk->at++;
    while (walk->at < walk->end && (IsBlank(walk->source[walk->at]) || IsBreak(walk->source[walk->at]))) walk->at++;
    return true;
  }
  char digits[9] = {0};
  if (walk->at + 2 + ndigit > walk->end) return false;
  memcpy(digits, walk->source + walk->at + 2, (size_t)ndigit);
  int n = EscapeBytes(letter, strtol(digits, NULL, 16));
  if (walk->done + n > walk->nbyte) return false;
  for (int k = 0; k < n; k++) Place(walk, walk->at);
  walk->at += 2 + ndigit;
  return true;
}

/* Plain and quoted texts differ in their escapes only. */
static bool FollowLine(Walk *walk, char style) {
  while (walk->at < walk->end) {
    if (AtFold(walk)) {
      Fold(walk);
    } else if (style == '"' && walk->source[walk->at] == '\\') {
      if (!Escape(walk)) return false;
    } else {
      if (!Copy(walk)) return false;
      walk->at += style == '\'' && walk->source[walk->at - 1] == '\''; /* '' is one quote */
    }
  }
  return true;
}

/* ---- blocks ---- */

static int LineEnd(const Walk *walk, int at) {
  while (at < walk->end && !IsBreak(walk->source[at])) at++;
  return at;
}

static int NextLine(const Walk *walk, int at) {
  at = LineEnd(walk, at);
  if (at + 1 < walk->end && walk->source[at] == '\r' && walk->source[at + 1] == '\n') at++;
  return at < walk->end ? at + 1 : at;
}

static int LeadingBlanks(const char *text, int begin, int end) {
  int n = 0;
  while (begin + n < end && text[begin + n] == ' ') n++;
  return n;
}

static bool IsBlankLine(const Walk *walk, int at) {
  for (int end = LineEnd(walk, at); at < end; at++)
    if (!IsBlank(walk->source[at])) return false;
  return true;
}

/* Indentation of the block: that of the first line with something in it, less what the value keeps of it. */
static int BlockIndent(const Walk *walk) {
  int at = walk->at, done = 0;
  while (at < walk->end && IsBlankLine(walk, at)) at = NextLine(walk, at);
  while (done < walk->nbyte && walk->value[done] == '\n') done++;
  int indent = LeadingBlanks(walk->source, at, walk->end) - LeadingBlanks(walk->value, done, walk->nbyte);
  return indent > 0 ? indent : 0;
}

/* One line of the block, then what the value has for the breaks after it. */
static bool FollowBlockLine(Walk *walk, int indent) {
  int begin = walk->at, stop = LineEnd(walk, begin);
  walk->at = begin + indent < stop ? begin + indent : stop;
  while (walk->at < stop)
    if (!Copy(walk)) return false;
  int next = NextLine(walk, stop);
  while (next < walk->end && IsBlankLine(walk, next) && LineEnd(walk, next) - next <= indent)
    next = NextLine(walk, next);
  if (walk->done < walk->nbyte && walk->value[walk->done] == ' ') Place(walk, stop);
  else
    while (walk->done < walk->nbyte && walk->value[walk->done] == '\n') Place(walk, stop);
  walk->at = next;
  return true;
}

static bool FollowBlock(Walk *walk) {
  walk->at = NextLine(walk, walk->at);
  int indent = BlockIndent(walk);
  while (walk->done < walk->nbyte && walk->value[walk->done] == '\n') Place(walk, walk->at); /* leading empty lines */
  while (walk->at < walk->end && IsBlankLine(walk, walk->at) && walk->done < walk->nbyte)
    walk->at = NextLine(walk, walk->at);
  while (walk->done < walk->nbyte && walk->at < walk->end)
    if (!FollowBlockLine(walk, indent)) return false;
  return true;
}

/* ---- maps ---- */

static bool Follow(Walk *walk, char style) {
  if (style == '|' || style == '>') return FollowBlock(walk) && walk->done == walk->nbyte;
  if (style != 'p') {
    walk->at++;
    walk->end--;
  }
  return FollowLine(walk, style) && walk->done == walk->nbyte;
}

static bool StandsInOnePiece(const Walk *walk) {
  for (int k = 1; k < walk->nbyte; k++)
    if (walk->map[k] != walk->map[0] + k) return false;
  return true;
}

const int *rho_yaml_map(RhoArena arena, const char *source, const YamlEvent *event, const char *value, int *base) {
  Walk walk = {.source = source, .value = value, .at = event->begin, .end = event->end, .nbyte = event->nbyte};
  walk.map = RhoArenaAlloc(arena, ((size_t)event->nbyte + 1) * sizeof *walk.map);
  *base = event->begin;
  if (!Follow(&walk, event->style))
    for (int k = 0; k < walk.nbyte; k++) walk.map[k] = event->begin;
  else if (walk.nbyte && StandsInOnePiece(&walk)) {
    *base = walk.map[0];
    return NULL;
  }
  walk.map[walk.nbyte] = walk.nbyte ? walk.map[walk.nbyte - 1] + 1 : event->begin;
  return walk.map;
}
