/* diag_print.c - reports as a compiler prints them:

     model.yaml:14:23: error: unknown name 'ph1' [unknown-name]
         mu: log(ph1)
                 ^~~
       hint: did you mean 'phi'?

   The line under the source keeps its tabs and has a space for every other column, so that the caret stands under its
   character whatever the width of a tab.  Of very long lines the part around the place is shown, with "..." where it
   was cut. */
#include "base_private.h"
#include <stdlib.h>
#include <string.h>

enum { MOST_BEFORE = 200, MOST_BEHIND = 300 }; /* bytes of a line around a place */

typedef struct {
  const char *begin, *end; /* the line, without its end, or the part of it that is shown */
  bool cut_before, cut_behind;
  const char *mark; /* the character meant, begin <= mark <= end */
} Line;

static bool IsInsideCharacter(const char *at) { return ((unsigned char)*at & 0xc0) == 0x80; }

static Line Shortened(Line line) {
  line.cut_before = line.mark - line.begin > MOST_BEFORE;
  line.cut_behind = line.end - line.mark > MOST_BEHIND;
  if (line.cut_before) line.begin = line.mark - MOST_BEFORE;
  if (line.cut_behind) line.end = line.mark + MOST_BEHIND;
  while (line.cut_before && line.begin < line.mark && IsInsideCharacter(line.begin)) line.begin++;
  while (line.cut_behind && line.end > line.mark && IsInsideCharacter(line.end)) line.end--;
  return line;
}

static Line LineAt(const DiagSource *source, size_t offset) {
  const char *text = source->text, *last = text + source->nbyte;
  Line line = {.begin = text + offset, .end = text + offset, .mark = text + offset};
  while (line.begin > text && line.begin[-1] != '\n') line.begin--;
  while (line.end < last && *line.end != '\n') line.end++;
  if (line.end > line.begin && line.end[-1] == '\r') line.end--;
  if (line.mark > line.end) line.mark = line.end;
  return Shortened(line);
}

/* The line as it is, but nothing that would move the cursor or be no character. */
static void PrintLine(const Line *line, FILE *stream) {
  long code;
  int nbyte;
  if (line->cut_before) fputs("...", stream);
  for (const char *at = line->begin; at < line->end; at += nbyte) {
    nbyte = rho_utf8_next(at, line->end, &code);
    bool printable = code == '\t' || (code >= 0x20 && code != 0x7f && !(code >= 0x80 && code < 0xa0));
    if (printable) fwrite(at, 1, (size_t)nbyte, stream);
    else fputc('?', stream);
  }
  fputs(line->cut_behind ? "...\n" : "\n", stream);
}

/* Columns from at to end. */
static int Width(const char *at, const char *end) {
  int width = 0;
  long code;
  while (at < end) {
    at += rho_utf8_next(at, end, &code);
    width += rho_utf8_width(code);
  }
  return width;
}

static void PrintCaret(const Line *line, int length, FILE *stream) {
  long code;
  if (line->cut_before) fputs("   ", stream);
  for (const char *at = line->begin; at < line->mark;) {
    at += rho_utf8_next(at, line->end, &code);
    if (code == '\t') fputc('\t', stream);
    else fprintf(stream, "%*s", rho_utf8_width(code), "");
  }
  const char *end = length > line->end - line->mark ? line->end : line->mark + (length > 0 ? length : 0);
  fputc('^', stream);
  for (int i = Width(line->mark, end); i > 1; i--) fputc('~', stream);
  fputc('\n', stream);
}

/* name:line:column: kind: message [id], and the marked line where there is one. */
static void PrintMessage(RhoDiag diag, RhoPlace place, const char *kind, const char *message, const char *id,
                         FILE *stream) {
  size_t offset;
  int line, column;
  const DiagSource *source = rho_diag_source(diag, place, &offset);
  RhoDiagLineColumn(diag, place, &line, &column);
  if (source) fprintf(stream, "%s:%d:%d: ", source->name, line, column);
  fprintf(stream, "%s: %s", kind, message);
  if (id) fprintf(stream, " [%s]", id);
  fputc('\n', stream);
  if (!source) return;
  Line marked = LineAt(source, offset);
  PrintLine(&marked, stream);
  PrintCaret(&marked, place.length, stream);
}

static void PrintReport(RhoDiag diag, const DiagReport *report, FILE *stream) {
  PrintMessage(diag, report->place, rho_diag_severity_text(rho_diag_severity(report->id)), report->message,
               RhoDiagIdText(report->id), stream);
  for (int i = 0; i < report->nhint; i++) fprintf(stream, "  hint: %s\n", report->hint[i]);
  for (int i = 0; i < report->nalso; i++)
    PrintMessage(diag, report->also[i].place, "note", report->also[i].message, NULL, stream);
}

static int ErrorsKept(RhoDiag diag) {
  int n = 0;
  for (int i = 0; i < diag->nreport; i++) n += rho_diag_severity(diag->report[i]->id) == RHO_ERROR;
  return n;
}

void RhoDiagPrint(RhoDiag diag, FILE *stream) {
  DiagReport **sorted = rho_diag_sorted(diag);
  for (int i = 0; i < diag->nreport; i++) PrintReport(diag, sorted ? sorted[i] : diag->report[i], stream);
  free(sorted);
  int more = diag->nerror - ErrorsKept(diag);
  if (more) fprintf(stream, "%d more error%s not shown\n", more, more == 1 ? "" : "s");
}
