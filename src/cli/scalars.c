/* scalars.c - numbers and words by name; one line of text: "name<tab>value<tab>name<tab>value", words behind a quote.
 */
#include "farm.h"
#include <stdlib.h>
#include <string.h>

static RhoScalar *Add(RhoScalars *s, const char *name) {
  RhoScalar *made = RHO_PUSH(s->arena, s->scalar, s->n, s->capacity);
  *made = (RhoScalar){.name = RhoArenaString(s->arena, name, strlen(name))};
  return made;
}

void rho_scalars_number(RhoScalars *s, const char *name, double number) { Add(s, name)->number = number; }

void rho_scalars_word(RhoScalars *s, const char *name, const char *word) {
  Add(s, name)->word = RhoArenaString(s->arena, word, strlen(word));
}

const RhoScalar *rho_scalars_find(const RhoScalars *s, const char *name) {
  for (int k = 0; k < s->n; k++)
    if (!strcmp(s->scalar[k].name, name)) return &s->scalar[k];
  return NULL;
}

/* ---- lines ---- */

static const char special[] = "\\\t\n", letter[] = "\\tn";

static void Escape(RhoText text, const char *from) {
  for (size_t n; *from; from += n) {
    n = strcspn(from, special);
    if (n) RhoTextAddN(text, from, n);
    else RhoTextAdd(text, "\\%c", letter[strchr(special, from[n++]) - special]);
  }
}

const char *rho_scalars_line(const RhoScalars *s) {
  RhoText text = RhoTextCreate(s->arena);
  for (int k = 0; k < s->n; k++) {
    if (k) RhoTextAdd(text, "\t");
    Escape(text, s->scalar[k].name);
    if (!s->scalar[k].word) RhoTextAdd(text, "\t%.17g", s->scalar[k].number);
    else RhoTextAdd(text, "\t'");
    if (s->scalar[k].word) Escape(text, s->scalar[k].word);
  }
  return RhoTextGet(text);
}

/* The text before the next tab; *line goes behind it, to NULL at the end. */
static char *Piece(RhoArena arena, const char **line) {
  size_t n = strcspn(*line, "\t"), m = 0;
  char *piece = RhoArenaString(arena, *line, n);
  *line = (*line)[n] ? *line + n + 1 : NULL;
  for (size_t k = 0; k < n; k++) {
    const char *escaped = piece[k] == '\\' && k + 1 < n ? strchr(letter, piece[k + 1]) : NULL;
    piece[m++] = escaped ? special[escaped - letter] : piece[k];
    k += escaped != NULL;
  }
  piece[m] = 0;
  return piece;
}

void rho_scalars_read(RhoScalars *s, const char *line) {
  while (line && *line) {
    const char *name = Piece(s->arena, &line), *value = line ? Piece(s->arena, &line) : "";
    if (*value == '\'') rho_scalars_word(s, name, value + 1);
    else rho_scalars_number(s, name, strtod(value, NULL));
  }
}
