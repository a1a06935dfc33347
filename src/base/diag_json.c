/* diag_json.c - reports for programs, one JSON object (RFC 8259):

     {"errors": N, "reports": [{"severity", "id", "source", "line", "column", "offset", "length", "message",
      "hints": [text], "also": [{"source", "line", "column", "offset", "length", "message"}]}]}

   line and column count from 1, offset from 0 in bytes; a report without a place has a null source and none of them. */
#include "base_private.h"
#include <stdlib.h>
#include <string.h>

static void PutCharacter(const char *at, int nbyte, long code, FILE *stream) {
  if (code == '"' || code == '\\') fprintf(stream, "\\%c", (int)code);
  else if (code < 0) fputs("\\ufffd", stream);
  else if (code < 0x20 || code == 0x7f) fprintf(stream, "\\u%04lx", (unsigned long)code);
  else fwrite(at, 1, (size_t)nbyte, stream);
}

static void PutString(const char *text, FILE *stream) {
  const char *end = text + strlen(text);
  long code;
  fputc('"', stream);
  while (text < end) {
    const char *at = text;
    text += rho_utf8_next(at, end, &code);
    PutCharacter(at, (int)(text - at), code, stream);
  }
  fputc('"', stream);
}

static void PutPlace(RhoDiag diag, RhoPlace place, FILE *stream) {
  size_t offset;
  int line, column;
  const DiagSource *source = rho_diag_source(diag, place, &offset);
  fputs("\"source\": ", stream);
  if (!source) {
    fputs("null, ", stream);
    return;
  }
  PutString(source->name, stream);
  RhoDiagLineColumn(diag, place, &line, &column);
  fprintf(stream, ", \"line\": %d, \"column\": %d, \"offset\": %zu, \"length\": %d, ", line, column, offset,
          place.length);
}

static void PutNote(RhoDiag diag, const DiagNote *note, FILE *stream) {
  fputc('{', stream);
  PutPlace(diag, note->place, stream);
  fputs("\"message\": ", stream);
  PutString(note->message, stream);
  fputc('}', stream);
}

static void PutReport(RhoDiag diag, const DiagReport *report, FILE *stream) {
  fprintf(stream, "{\"severity\": \"%s\", \"id\": \"%s\", ", rho_diag_severity_text(rho_diag_severity(report->id)),
          RhoDiagIdText(report->id));
  PutPlace(diag, report->place, stream);
  fputs("\"message\": ", stream);
  PutString(report->message, stream);
  fputs(", \"hints\": [", stream);
  for (int i = 0; i < report->nhint; i++) {
    if (i) fputs(", ", stream);
    PutString(report->hint[i], stream);
  }
  fputs("], \"also\": [", stream);
  for (int i = 0; i < report->nalso; i++) {
    if (i) fputs(", ", stream);
    PutNote(diag, &report->also[i], stream);
  }
  fputs("]}", stream);
}

void RhoDiagPrintJson(RhoDiag diag, FILE *stream) {
  DiagReport **sorted = rho_diag_sorted(diag);
  fprintf(stream, "{\"errors\": %d, \"reports\": [", diag->nerror);
  for (int i = 0; i < diag->nreport; i++) {
    fputs(i ? ",\n  " : "\n  ", stream);
    PutReport(diag, sorted ? sorted[i] : diag->report[i], stream);
  }
  fputs("]}\n", stream);
  free(sorted);
}
