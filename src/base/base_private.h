/* base_private.h - what the files of layer base share: characters, the insides of a RhoDiag. */
#ifndef RHO_BASE_PRIVATE_H
#define RHO_BASE_PRIVATE_H
#include "rhoflux/base.h"

/* ---- arena ---- */

char *rho_arena_vprint(RhoArena arena, const char *format, va_list args) RHO_PRINTF(2, 0);

/* ---- characters ---- */

/* Bytes of the character at text (text < end); *code is its number, or -1 for one byte that is not UTF-8. */
int rho_utf8_next(const char *text, const char *end, long *code);
/* Columns the character takes on a terminal: 0 (combining), 1 or 2; a byte that is not UTF-8 takes 1. */
int rho_utf8_width(long code);

/* ---- names ---- */

/* Least number of insertions, deletions, substitutions and exchanges of neighbours that make b from a, no character
   edited twice; -1 when either has more than 64 characters. */
int rho_edit_distance(const char *a, const char *b);

/* ---- diagnostics ---- */

typedef struct {
  const char *name, *text;
  size_t nbyte;
  int before; /* lines of the file before the text */
} DiagSource;

typedef struct {
  RhoPlace place;
  const char *message;
} DiagNote;

typedef struct {
  RhoDiagId id;
  RhoPlace place;
  const char *message;
  const char **hint;
  DiagNote *also;
  int nhint, hintcapacity, nalso, alsocapacity;
} DiagReport;

struct RhoDiag_s {
  RhoArena arena;
  DiagSource *source;
  int nsource, sourcecapacity;
  DiagReport **report;
  int nreport, reportcapacity;
  DiagReport *last; /* where hints go; NULL when the last report was not kept */
  int nerror;       /* kept or not */
};

#define RHO_ERRORS_KEPT 50

RhoSeverity rho_diag_severity(RhoDiagId id);
const char *rho_diag_severity_text(RhoSeverity severity);
/* The reports by source, then offset, then order of arrival; free() it.  NULL: no reports, or no memory. */
DiagReport **rho_diag_sorted(RhoDiag diag);
/* The source of the place, or NULL.  *offset: the place's, moved into the text and to the start of its character. */
const DiagSource *rho_diag_source(RhoDiag diag, RhoPlace place, size_t *offset);

#endif
