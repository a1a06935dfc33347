/* diag.c - collecting reports about source texts.

   Everything lives in the arena of the RhoDiag.  A report that finds no memory is counted but not kept, so a caller
   that asks RhoDiagErrors() never takes a wrong text for a right one.
   Invariants: reports are distinct in (id, place) and, where the place is nowhere, in the message; at most
   RHO_ERRORS_KEPT of them are errors; last is the newest report, or NULL when that one was not kept. */
#include "base_private.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  const char *text;
  RhoSeverity severity;
} IdRow;

static const IdRow id_row[] = {
#define RHO_DIAGNOSTIC(id, text, severity) {text, severity},
#include "rhoflux/diagnostics.def"
#undef RHO_DIAGNOSTIC
};

const char *RhoDiagIdText(RhoDiagId id) { return id_row[id].text; }

RhoSeverity rho_diag_severity(RhoDiagId id) { return id_row[id].severity; }

const char *rho_diag_severity_text(RhoSeverity severity) {
  static const char *const text[] = {[RHO_NOTE] = "note", [RHO_WARNING] = "warning", [RHO_ERROR] = "error"};
  return text[severity];
}

/* ---- life ---- */

RhoDiag RhoDiagCreate(void) {
  RhoDiag diag = calloc(1, sizeof *diag);
  if (!diag) return NULL;
  diag->arena = RhoArenaCreate();
  if (diag->arena) return diag;
  free(diag);
  return NULL;
}

void RhoDiagDestroy(RhoDiag *diag) {
  if (!*diag) return;
  RhoArenaDestroy(&(*diag)->arena);
  free(*diag);
  *diag = NULL;
}

/* ---- sources ---- */

int RhoDiagAddSource(RhoDiag diag, const char *name, const char *text, size_t nbyte) {
  return RhoDiagAddExcerpt(diag, name, 1, text, nbyte);
}

int RhoDiagAddExcerpt(RhoDiag diag, const char *name, int line, const char *text, size_t nbyte) {
  if (nbyte > INT_MAX || setjmp(*RhoArenaGuard(diag->arena))) return -1;
  DiagSource source = {RhoArenaString(diag->arena, name, strlen(name)), RhoArenaString(diag->arena, text, nbyte), nbyte,
                       line - 1};
  *RHO_PUSH(diag->arena, diag->source, diag->nsource, diag->sourcecapacity) = source;
  return diag->nsource - 1;
}

const char *RhoDiagSourceText(RhoDiag diag, int source, size_t *nbyte) {
  if (nbyte) *nbyte = diag->source[source].nbyte;
  return diag->source[source].text;
}

const char *RhoDiagSourceName(RhoDiag diag, int source) { return diag->source[source].name; }

/* Start of the character that the byte at offset at belongs to. */
static size_t CharacterStart(const DiagSource *source, size_t at) {
  long code;
  for (size_t back = 1; back <= 3 && back <= at; back++) {
    const char *start = source->text + at - back;
    if ((size_t)rho_utf8_next(start, source->text + source->nbyte, &code) > back) return at - back;
  }
  return at;
}

const DiagSource *rho_diag_source(RhoDiag diag, RhoPlace place, size_t *offset) {
  if (place.source < 0 || place.source >= diag->nsource) return NULL;
  const DiagSource *source = &diag->source[place.source];
  size_t at = place.offset < 0 ? 0 : (size_t)place.offset;
  *offset = at < source->nbyte ? CharacterStart(source, at) : source->nbyte;
  return source;
}

void RhoDiagLineColumn(RhoDiag diag, RhoPlace place, int *line, int *column) {
  size_t offset;
  const DiagSource *source = rho_diag_source(diag, place, &offset);
  *line = *column = 0;
  if (!source) return;
  *line = source->before + 1;
  *column = 1;
  long code;
  for (const char *at = source->text, *end = source->text + offset; at < end;) {
    bool newline = *at == '\n';
    at += rho_utf8_next(at, source->text + source->nbyte, &code);
    *line += newline;
    *column = newline ? 1 : *column + 1;
  }
}

/* ---- reports ---- */

static bool SamePlace(RhoPlace a, RhoPlace b) {
  return a.source == b.source && a.offset == b.offset && a.length == b.length;
}

static bool IsKept(RhoDiag diag, const DiagReport *report) {
  for (int i = 0; i < diag->nreport; i++) {
    const DiagReport *kept = diag->report[i];
    if (kept->id == report->id && SamePlace(kept->place, report->place) &&
        (report->place.source >= 0 || !strcmp(kept->message, report->message)))
      return true;
  }
  return false;
}

void RhoDiagReport(RhoDiag diag, RhoDiagId id, RhoPlace place, const char *format, ...) {
  bool error = rho_diag_severity(id) == RHO_ERROR;
  diag->last = NULL;
  if (setjmp(*RhoArenaGuard(diag->arena))) {
    diag->nerror += error;
    return;
  }
  va_list args;
  va_start(args, format);
  DiagReport report = {.id = id, .place = place, .message = rho_arena_vprint(diag->arena, format, args)};
  va_end(args);
  if (IsKept(diag, &report)) return;
  if (!error || diag->nerror < RHO_ERRORS_KEPT) {
    DiagReport *kept = RhoArenaAlloc(diag->arena, sizeof *kept);
    *kept = report;
    *RHO_PUSH(diag->arena, diag->report, diag->nreport, diag->reportcapacity) = kept;
    diag->last = kept;
  }
  diag->nerror += error;
}

void RhoDiagHint(RhoDiag diag, const char *format, ...) {
  DiagReport *report = diag->last;
  if (!report || setjmp(*RhoArenaGuard(diag->arena))) return;
  va_list args;
  va_start(args, format);
  const char *hint = rho_arena_vprint(diag->arena, format, args);
  va_end(args);
  *RHO_PUSH(diag->arena, report->hint, report->nhint, report->hintcapacity) = hint;
}

void RhoDiagAlso(RhoDiag diag, RhoPlace place, const char *format, ...) {
  DiagReport *report = diag->last;
  if (!report || setjmp(*RhoArenaGuard(diag->arena))) return;
  va_list args;
  va_start(args, format);
  DiagNote note = {place, rho_arena_vprint(diag->arena, format, args)};
  va_end(args);
  *RHO_PUSH(diag->arena, report->also, report->nalso, report->alsocapacity) = note;
}

int RhoDiagErrors(RhoDiag diag) { return diag->nerror; }

int RhoDiagCount(RhoDiag diag) { return diag->nreport; }

RhoDiagId RhoDiagIdAt(RhoDiag diag, int report) { return diag->report[report]->id; }

RhoPlace RhoDiagPlaceAt(RhoDiag diag, int report) { return diag->report[report]->place; }

/* ---- order ---- */

static bool IsBefore(const RhoPlace *a, const RhoPlace *b) {
  return a->source != b->source ? a->source < b->source : a->offset < b->offset;
}

/* Insertion: stable, and the list is short and nearly in order. */
DiagReport **rho_diag_sorted(RhoDiag diag) {
  DiagReport **sorted = diag->nreport ? malloc((size_t)diag->nreport * sizeof *sorted) : NULL;
  if (!sorted) return NULL;
  for (int i = 0; i < diag->nreport; i++) {
    int j = i;
    for (; j > 0 && IsBefore(&diag->report[i]->place, &sorted[j - 1]->place); j--) sorted[j] = sorted[j - 1];
    sorted[j] = diag->report[i];
  }
  return sorted;
}
