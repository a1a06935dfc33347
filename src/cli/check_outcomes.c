/* check_outcomes.c - the checks that a model carries, run and kept. */
#include "check.h"
#include <string.h>

static const char *CopyText(RhoArena arena, const char *text) {
  return text ? RhoArenaString(arena, text, strlen(text)) : NULL;
}

static const double *CopyNumbers(RhoArena arena, int n, const double *number) {
  double *copy = RhoArenaAlloc(arena, (size_t)n * sizeof *copy);
  if (n > 0) memcpy(copy, number, (size_t)n * sizeof *copy);
  return copy;
}

static void Keep(const RhoCheckOutcome *outcome, void *ctx) {
  RhoCheckup *check = ctx;
  RhoArena arena = check->arena;
  RhoCheckOutcome kept = *outcome;
  kept.what = CopyText(arena, outcome->what);
  kept.found = CopyNumbers(arena, outcome->nvalue, outcome->found);
  kept.expected = CopyNumbers(arena, outcome->nvalue, outcome->expected);
  kept.found_word = CopyText(arena, outcome->found_word);
  kept.expected_word = CopyText(arena, outcome->expected_word);
  kept.reason = CopyText(arena, outcome->reason);
  *RHO_PUSH(arena, check->outcome, check->noutcome, check->outcomecapacity) = kept;
}

RhoStatus rho_check_outcomes(RhoCheckup *check) {
  return RhoChecksRun(check->c->eq, check->c->has_mesh ? check->c->dim : 0, Keep, check, &check->nfailed);
}

static void AddNumbers(RhoText text, const char *word, int n, const double *number) {
  RhoTextAdd(text, "%s", word);
  for (int k = 0; k < n; k++) RhoTextAdd(text, "%s%.15g", k ? ", " : " ", number[k]);
}

const char *rho_outcome_text(RhoArena arena, const RhoCheckOutcome *outcome) {
  RhoText text = RhoTextCreate(arena);
  if (outcome->reason && *outcome->reason) RhoTextAdd(text, "%s", outcome->reason);
  else if (outcome->nvalue > 0) {
    AddNumbers(text, "found", outcome->nvalue, outcome->found);
    AddNumbers(text, ", expected", outcome->nvalue, outcome->expected);
    RhoTextAdd(text, " (error %.2g)", outcome->error);
  } else if (outcome->found_word && outcome->expected_word) {
    RhoTextAdd(text, "found %s, expected %s", outcome->found_word, outcome->expected_word);
  }
  return RhoTextGet(text);
}
