/* Which combinations of fields are conserved is deduced from the reactions and exchanges. */
#include "ops_check.h"

typedef struct {
  const char *text;
  int n;
  double w[3][4]; /* every one of these is a conserved combination, and there are n independent ones */
} Case;

static const Case table[] = {
    {"dynamics: {A: {flux: -grad(A)}, B: {flux: -2*grad(B)}}", 2, {{1, 0}, {0, 1}, {1, 1}}},
    {"dynamics: {A: {flux: -grad(A)}, B: {flux: -2*grad(B)}}\nexchange: [{from: A, to: B, rate: A, back: 2*B}]",
     1,
     {{1, 1}, {2, 2}}},
    {"dynamics: {A: {flux: -grad(A)}, B: {flux: -2*grad(B)}}\nexchange: [{from: 2 A, to: B, rate: A^2, back: B}]",
     1,
     {{1, 2}}},
    {"dynamics: {A: {}, B: {}, C: {}}\nexchange: [{from: A, to: B, rate: A}, {from: B, to: C, rate: B}]",
     1,
     {{1, 1, 1}}},
    {"dynamics: {A: {}, B: {}, C: {}}\nexchange: [{from: A + B, to: C, rate: A*B, back: C}]",
     2,
     {{1, 0, 1}, {0, 1, 1}, {1, -1, 0}}},
    {"dynamics: {A: {}, B: {}, C: {}}\nexchange: [{from: 3 A, to: 2 B, rate: A}]", 2, {{2, 3, 0}, {0, 0, 1}}},
    {"dynamics: {A: {}, B: {reaction: -B}, C: {}}\nexchange: [{from: A, to: B, rate: A}]", 1, {{0, 0, 1}}},
    {"dynamics: {A: {reaction: 1 - A}, B: {flux: -grad(B)}}", 1, {{0, 1}}},
    {"dynamics: {A: {reaction: 1 + t}, B: {reaction: A}}", 1, {{1, 0}}},
    {"dynamics: {A: {}, B: {}}\nexchange: [{from: A, to: B, rate: A}, {from: B, to: A, rate: B}]", 1, {{1, 1}}},
    {"dynamics: {A: {}, B: {}}\nexchange: [{from: A, to: B, rate: A}, {from: 2 B, to: A, rate: B}]", 0, {{0}}},
};

/* Is w a combination of the conserved rows?  By least squares on their normal equations, at most three of them. */
static bool InSpan(const Loaded *m, const double *w) {
  int n = m->eq->nfield;
  double rest[4] = {0}, row[4][4], norm;
  for (int i = 0; i < n; i++) rest[i] = w[i];
  for (int b = 0; b < m->eq->nconserved; b++) {
    memcpy(row[b], m->eq->conserved[b], sizeof(double) * (size_t)n);
    for (int c = 0; c < b; c++) {
      double along = 0;
      for (int i = 0; i < n; i++) along += row[b][i] * row[c][i];
      for (int i = 0; i < n; i++) row[b][i] -= along * row[c][i];
    }
    norm = 0;
    for (int i = 0; i < n; i++) norm += row[b][i] * row[b][i];
    for (int i = 0; i < n; i++) row[b][i] /= sqrt(norm);
    double along = 0;
    for (int i = 0; i < n; i++) along += rest[i] * row[b][i];
    for (int i = 0; i < n; i++) rest[i] -= along * row[b][i];
  }
  for (int i = 0; i < n; i++)
    if (!(fabs(rest[i]) <= 1e-12)) return false;
  return true;
}

/* Property: the rows span exactly the combinations that no exchange and no reaction changes, in whole numbers. */
static void Combinations(void **state) {
  (void)state;
  for (int k = 0; k < COUNT(table); k++) {
    Loaded m = LoadText(1, table[k].text);
    if (m.eq->nconserved != table[k].n) fail_msg("%d conserved: %s", m.eq->nconserved, table[k].text);
    for (int c = 0; c < 3; c++)
      if (!InSpan(&m, table[k].w[c])) fail_msg("combination %d of: %s", c, table[k].text);
    for (int c = 0; c < m.eq->nconserved; c++)
      for (int i = 0; i < m.eq->nfield; i++) assert_true(m.eq->conserved[c][i] == round(m.eq->conserved[c][i]));
    Unload(&m);
  }
}

/* Property: A(q -> 0) of a model without reactions of its own has every conserved combination as a left null vector. */
static void LeftNullVectors(void **state) {
  (void)state;
  static const double q = 0, u[3] = {0.7, 1.3, 0.4};
  for (int k = 0; k < COUNT(table); k++) {
    Loaded m = LoadText(1, table[k].text);
    int n = m.eq->nfield;
    double complex *A = SymbolAlong(&m, RHO_PART_ALL, 1, u, 1, &q, 0);
    for (int c = 0; c < m.eq->nconserved; c++)
      for (int j = 0; j < n; j++) {
        double complex sum = 0;
        for (int i = 0; i < n; i++) sum += m.eq->conserved[c][i] * A[i * n + j];
        assert_true(cabs(sum) < 1e-14);
      }
    free(A);
    Unload(&m);
  }
}

int main(void) {
  const struct CMUnitTest test[] = {cmocka_unit_test(Combinations), cmocka_unit_test(LeftNullVectors)};
  return cmocka_run_group_tests(test, NULL, NULL);
}
