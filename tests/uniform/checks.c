/* A model's own checks: what is right passes, what is wrong fails and says by how much. */
#include "../ops/each_model.h"
#include "rhoflux/uniform.h"

typedef struct {
  int n;
  bool passed[64];
  double error[64];
  char found[64][32], reason[64][128], what[64][128];
} Record;

static void Keep(const RhoCheckOutcome *outcome, void *ctx) {
  Record *r = ctx;
  assert_true(r->n < 64 && outcome->what[0]);
  r->passed[r->n] = outcome->passed;
  r->error[r->n] = outcome->error;
  snprintf(r->found[r->n], sizeof *r->found, "%s", outcome->found_word);
  snprintf(r->what[r->n], sizeof *r->what, "%s", outcome->what);
  snprintf(r->reason[r->n++], sizeof *r->reason, "%s", outcome->reason);
}

#define MODEL                                                                                                          \
  "fields: {A: density, B: density}\nparameters: {k: 2}\n"                                                             \
  "define: {twice: 2*A}\n"                                                                                             \
  "dynamics: {A: {mobility: A, potential: log(A) + k*B}, B: {mobility: B, potential: log(B) + k*A}}\n"                 \
  "exchange: [{from: 2 A, to: B, rate: A^2, back: B}]\n"

static const struct {
  const char *text;
  bool passes;
} entry[] = {
    {"{reciprocal: functional}", true},
    {"{reciprocal: local}", false},
    {"{reciprocal: none}", false},
    {"{conserved: A + 2*B}", true},
    {"{conserved: 3*(A + 2*B)}", true},
    {"{conserved: A + B}", false},
    {"{conserved: A}", false},
    {"{value: twice, at: {A: 3, B: 1}, is: 6, source: arithmetic}", true},
    {"{value: twice, at: {A: 3, B: 1}, is: 6.001, source: arithmetic}", false},
    {"{value: twice, at: {A: 3, B: 1}, is: 6.001, tolerance: 1e-3, source: arithmetic}", true},
    {"{value: mu, of: A, at: {A: 1, B: 3}, is: 6, source: arithmetic}", true},
    {"{value: mu, of: A, at: {A: 1, B: 3}, parameters: {k: 5}, is: 15, source: arithmetic}", true},
    {"{value: hessian, of: [A, B], at: {A: 1, B: 3}, is: 2, source: arithmetic}", true},
    {"{value: hessian, of: [B, B], at: {A: 1, B: 4}, is: 0.25, source: arithmetic}", true},
    {"{value: f, at: {A: 1, B: 1}, is: 0, source: 'A(log A - 1) + B(log B - 1) + k A B'}", true},
    {"{value: p, at: {A: 1, B: 1}, is: 4, source: A + B + k A B}", true},
    {"{value: p, at: {A: 1, B: 1}, is: 4.1, source: wrong}", false},
    {"{growth: [0, -5], at: {A: 1, B: 1}, q: 0, source: '-(4 A + 1)'}", true},
    {"{growth: 0, at: {A: 1, B: 1}, q: 0, source: the conserved one}", true},
    {"{growth: 0.1, at: {A: 1, B: 1}, q: 0, source: wrong}", false},
};

/* Property: right entries pass and wrong ones fail, each by itself. */
static void RightAndWrong(void **state) {
  (void)state;
  char text[8192] = MODEL "checks:\n";
  for (int k = 0; k < COUNT(entry); k++) {
    strcat(text, "  - ");
    strcat(strcat(text, entry[k].text), "\n");
  }
  Loaded m = LoadText(1, text);
  Record record = {0};
  int nfailed, nwrong = 0;
  Require(&m, RhoChecksRun(m.eq, 1, Keep, &record, &nfailed), "checks");
  assert_int_equal(record.n, COUNT(entry));
  for (int k = 0; k < COUNT(entry); k++) {
    if (record.passed[k] != entry[k].passes) fail_msg("%s: %s", record.passed[k] ? "passed" : "failed", entry[k].text);
    nwrong += !entry[k].passes;
  }
  assert_int_equal(nfailed, nwrong);
  assert_string_equal(record.found[1], "functional");
  assert_string_equal(record.what[7], "twice at A = 3, B = 1");
  assert_near(record.error[8], 0.001 / 6.001, 1e-10, "error");
  Unload(&m);
}

/* Property: what can not be evaluated has failed, with a reason. */
static void CannotBeEvaluated(void **state) {
  (void)state;
  Loaded m = LoadText(1, "dimensions: [x]\ndynamics: {A: {flux: '-(1 + x)*grad(A)'}}\nchecks:\n"
                         "  - {value: mu, of: A, at: {A: 1}, is: 0, source: none}\n"
                         "  - {value: f, at: {A: 1}, is: 0, source: none}\n"
                         "  - {reciprocal: none}\n"
                         "  - {growth: 0, at: {A: 1}, q: 1, source: none}\n");
  Record record = {0};
  int nfailed;
  Require(&m, RhoChecksRun(m.eq, 1, Keep, &record, &nfailed), "checks");
  assert_int_equal(nfailed, 4);
  for (int k = 0; k < 4; k++) assert_true(record.reason[k][0] != 0);
  Unload(&m);
}

static void PrintFailure(const RhoCheckOutcome *outcome, void *ctx) {
  if (outcome->passed) return;
  fprintf(stderr, "%s: %s: found", (const char *)ctx, outcome->what);
  for (int k = 0; k < outcome->nvalue; k++) fprintf(stderr, " %.15g (%.15g)", outcome->found[k], outcome->expected[k]);
  fprintf(stderr, " %s (%s) %s [%s]\n", outcome->found_word, outcome->expected_word, outcome->reason,
          outcome->check->source ? outcome->check->source : "");
}

static void CheckModel(Loaded *m, const char *name) {
  int nfailed;
  Require(m, RhoChecksRun(m->eq, 0, PrintFailure, (void *)name, &nfailed), name);
  if (nfailed) fail_msg("%s: %d of %d checks failed", name, nfailed, m->model->ncheck);
}

/* Property: every model of the repository passes its own checks. */
static void OwnChecks(void **state) {
  (void)state;
  assert_true(EachModel(CheckModel) > 0);
}

int main(void) {
  const struct CMUnitTest test[] = {cmocka_unit_test(RightAndWrong), cmocka_unit_test(CannotBeEvaluated),
                                    cmocka_unit_test(OwnChecks)};
  return cmocka_run_group_tests(test, NULL, NULL);
}
