/* outcome.c - what became of rank 0's work on files, told to all ranks.

   Invariant: an outcome holds the first failure or mistake; what is said later is dropped. */
#include "io_private.h"
#include <string.h>

static void Say(char *text, size_t room, const char *format, va_list args) {
  size_t used = strlen(text);
  vsnprintf(text + used, room - used, format, args);
}

void rho_fail(Outcome *outcome, PetscErrorCode code, const char *format, ...) {
  va_list args;
  if (rho_bad(outcome)) return;
  outcome->code = code;
  va_start(args, format);
  Say(outcome->message, sizeof outcome->message, format, args);
  va_end(args);
}

void rho_mistake(Outcome *outcome, RhoDiagId id, const char *format, ...) {
  va_list args;
  if (rho_bad(outcome)) return;
  outcome->mistake = true;
  outcome->id = id;
  va_start(args, format);
  Say(outcome->message, sizeof outcome->message, format, args);
  va_end(args);
}

void rho_hint(Outcome *outcome, const char *format, ...) {
  va_list args;
  va_start(args, format);
  Say(outcome->hint, sizeof outcome->hint, format, args);
  va_end(args);
}

void rho_hint_names(Outcome *outcome, const char *what, const char *name, int n, const char *const *candidate) {
  if (outcome->hint[0]) return;
  const char *near = RhoSuggest(name, n, candidate);
  if (near) rho_hint(outcome, "did you mean '%s'? ", near);
  rho_hint(outcome, n ? "%s: " : "there are no %s", what);
  for (int i = 0; i < n; i++) rho_hint(outcome, "%s%s", i ? ", " : "", candidate[i]);
}

PetscErrorCode rho_outcome_share(MPI_Comm comm, Outcome *outcome) {
  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Bcast(outcome, sizeof *outcome, MPI_BYTE, 0, comm));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_outcome_raise(MPI_Comm comm, const Outcome *outcome) {
  PetscFunctionBeginUser;
  PetscCheck(!outcome->code, comm, outcome->code, "%s", outcome->message);
  PetscFunctionReturn(0);
}

void rho_outcome_report(const Outcome *outcome, RhoDiag diag, RhoPlace place) {
  if (!outcome->mistake) return;
  RhoDiagReport(diag, outcome->id, place, "%s", outcome->message);
  if (outcome->hint[0]) RhoDiagHint(diag, "%s", outcome->hint);
}
