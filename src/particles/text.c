/* text.c - lines and words of files that are too large to be held: reports quote a copy of their line. */
#include "particles_private.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool rho_line_next(RhoParticles p) {
  ssize_t n = getline(&p->line, &p->room, p->stream);
  if (n < 0) return false;
  p->length = (size_t)n;
  p->whole = n > 0 && p->line[n - 1] == '\n';
  while (p->length > 0 && strchr("\r\n", p->line[p->length - 1])) p->length--;
  p->line[p->length] = 0;
  p->nline++;
  return true;
}

RhoPlace rho_line_place(RhoParticles p, RhoDiag diag, const char *at, size_t n) {
  if (!p->line) return RHO_NOWHERE;
  int source = RhoDiagAddExcerpt(diag, p->path, p->nline > 0 ? p->nline : 1, p->line, p->length);
  return (RhoPlace){source, (int)(at - p->line), (int)n};
}

void rho_line_keep(RhoParticles p) {
  p->head_nline = p->nline;
  snprintf(p->head, sizeof p->head, "%s", p->line);
}

RhoStatus rho_truncated(RhoParticles p, RhoDiag diag) {
  RhoPlace place = p->line ? rho_line_place(p, diag, p->line + p->length, 0) : RHO_NOWHERE;
  RhoDiagReport(diag, RHO_ID_PARTICLE_TRUNCATED, place, "the file ends inside frame %d, after %lld of its particles",
                p->nframe, p->nread);
  if (p->line && !p->whole) RhoDiagHint(diag, "if the last line is whole, end it with a newline");
  return RHO_INPUT;
}

RhoStatus rho_line_need(RhoParticles p, RhoDiag diag) {
  return rho_line_next(p) && p->whole ? RHO_OK : rho_truncated(p, diag);
}

RhoStatus rho_line_short(RhoParticles p, RhoDiag diag, int ncolumn, int wanted) {
  RhoDiagReport(diag, RHO_ID_PARTICLE_COLUMNS, rho_line_place(p, diag, p->line, p->length),
                "%d columns where at least %d are wanted", ncolumn, wanted);
  return RHO_INPUT;
}

const char *rho_word(const char **at, size_t *n) {
  const char *word = *at + strspn(*at, " \t");
  *n = strcspn(word, " \t");
  *at = word + *n;
  return word;
}

bool rho_word_is(const char *word, size_t n, const char *text) { return strlen(text) == n && !memcmp(word, text, n); }

static RhoStatus ReportValue(RhoParticles p, RhoDiag diag, const char *word, size_t n, const char *expected) {
  RhoPlace place = rho_line_place(p, diag, word, n);
  if (n) RhoDiagReport(diag, RHO_ID_PARTICLE_VALUE, place, "'%.*s' is not %s", (int)n, word, expected);
  else RhoDiagReport(diag, RHO_ID_PARTICLE_VALUE, place, "%s is missing", expected);
  return RHO_INPUT;
}

RhoStatus rho_word_number(RhoParticles p, RhoDiag diag, const char *word, size_t n, double *value) {
  char *end;
  *value = strtod(word, &end);
  if (n > 0 && end == word + n && isfinite(*value)) return RHO_OK;
  return ReportValue(p, diag, word, n, "a finite number");
}

RhoStatus rho_word_whole(RhoParticles p, RhoDiag diag, const char *word, size_t n, long long *value) {
  char *end;
  errno = 0;
  *value = strtoll(word, &end, 10);
  if (n > 0 && end == word + n && !errno && *value >= 0) return RHO_OK;
  return ReportValue(p, diag, word, n, "a whole number from 0 on");
}
