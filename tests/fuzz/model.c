/* model.c - the reader of model files and what needs no mesh: equations, parameters, printing, verdicts, the model's
   own checks, growth rates. */
#include "equations.h"
#include "fuzz.h"
#include "rhoflux/uniform.h"
#include <stdlib.h>

enum { MOST_FIELDS = 8 };

static void Require(bool holds) {
  if (!holds) abort();
}

static void Print(RhoEquations eq, bool latex) {
  RhoArena arena = RhoArenaCreate();
  Require(arena);
  RhoTypeset set = rho_typeset(arena, eq, latex);
  for (int i = 0; i < set.nequation; i++) fprintf(FuzzSink(), "%s = %s\n", set.equation[i].left, set.equation[i].right);
  for (int i = 0; i < set.nwith; i++) fprintf(FuzzSink(), "%s = %s\n", set.with[i].left, set.with[i].right);
  for (int k = 0; k < eq->nconserved; k++) fprintf(FuzzSink(), "%s\n", rho_combination_text(arena, eq, k));
  RhoArenaDestroy(&arena);
}

static void Grow(RhoEquations eq, const double *value) {
  static const double wave[3] = {0, 0.5, 20}, *const q[RHO_MAXDIM] = {wave};
  double state[MOST_FIELDS];
  double complex eigenvalue[3 * MOST_FIELDS];
  for (int i = 0; i < eq->nfield; i++) state[i] = 0.25;
  (void)RhoDispersion(eq, 1, value, state, 3, q, NULL, eigenvalue, NULL);
}

static void Ignore(const RhoCheckOutcome *outcome, void *ctx) { (void)outcome, (void)ctx; }

static void Examine(RhoModel model, RhoDiag diag) {
  RhoEquations eq;
  int nfailed;
  RhoStatus status = RhoEquationsCreate(model, diag, &eq);
  Require(status == RHO_OK || (status == RHO_INPUT && RhoDiagErrors(diag) > 0));
  if (status) return;
  Print(eq, false);
  Print(eq, true);
  double *value = calloc((size_t)eq->nuniform + 1, sizeof *value);
  Require(value);
  status = RhoEquationsBind(eq, 1, 0, NULL, value);
  Require(status == RHO_OK || (status == RHO_INPUT && RhoDiagErrors(diag) > 0));
  if (status == RHO_OK && eq->nfield <= MOST_FIELDS) {
    (void)RhoVariationalTest(eq, value, 0.05, 0.95);
    Grow(eq, value);
    (void)RhoChecksRun(eq, 1, Ignore, NULL, &nfailed);
  }
  free(value);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbyte) {
  RhoModel model;
  RhoDiag diag = RhoDiagCreate();
  Require(diag);
  RhoStatus status = RhoModelLoad(FuzzFiles(bytes, nbyte), diag, &model);
  Require(status == RHO_OK || status == RHO_INPUT);
  Require((status == RHO_OK) == (RhoDiagErrors(diag) == 0));
  Require((status == RHO_OK) == (model != NULL));
  if (model) Examine(model, diag);
  RhoDiagPrint(diag, FuzzSink());
  RhoDiagPrintJson(diag, FuzzSink());
  RhoModelDestroy(&model);
  RhoDiagDestroy(&diag);
  return 0;
}
