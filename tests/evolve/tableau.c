/* The tables of additive Runge-Kutta schemes against the order conditions, one for every rooted tree with its edges in
   two colours (implicit, explicit):  sum_i b_i phi_i(tree) = 1/gamma(tree);  Kennedy, Carpenter (2003), section 2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>
#include "../worse.h"
#include "tableau.h"

enum { MOST = 5 };

/* A tree with its nodes numbered from the root on: parent[k] < k. */
typedef struct {
  int n, parent[MOST];
  unsigned colour; /* bit k: the edge above node k is explicit */
} Tree;

/* 1/gamma: the product of 1/(size of the subtree) over all nodes */
static double Density(const Tree *tree) {
  int size[MOST];
  double density = 1;
  for (int k = 0; k < tree->n; k++) size[k] = 1;
  for (int k = tree->n - 1; k >= 0; k--) {
    density /= size[k];
    if (k > 0) size[tree->parent[k]] += size[k];
  }
  return density;
}

static double Weight(const RhoTableau *t, const double *b, const Tree *tree) {
  double phi[MOST][RHO_MAXSTAGE], sum = 0;
  for (int k = 0; k < tree->n; k++)
    for (int i = 0; i < t->nstage; i++) phi[k][i] = 1;
  for (int k = tree->n - 1; k > 0; k--)
    for (int i = 0; i < t->nstage; i++) {
      double along = 0;
      for (int j = 0; j < t->nstage; j++)
        along += (tree->colour >> k & 1 ? t->explicit : t->implicit)[i][j] * phi[k][j];
      phi[tree->parent[k]][i] *= along;
    }
  for (int i = 0; i < t->nstage; i++) sum += b[i] * phi[0][i];
  return sum;
}

/* Largest violation of the conditions up to an order. */
static double Violation(const RhoTableau *t, const double *b, int order) {
  double worst = 0;
  for (int n = 1; n <= order; n++) {
    int ntree = 1;
    for (int k = 2; k < n; k++) ntree *= k; /* parent[k] < k */
    for (int number = 0; number < ntree; number++)
      for (unsigned colour = 0; colour < 1u << n; colour += 2) {
        Tree tree = {.n = n, .colour = colour};
        for (int k = 1, rest = number; k < n; rest /= k, k++) tree.parent[k] = rest % k;
        worst = Worse(worst, Weight(t, b, &tree) - Density(&tree));
      }
  }
  return worst;
}

static const char *const names[] = {"2", "3", "4", "5"};
#define COUNT (sizeof names / sizeof *names)

/* Property: weights are of the scheme's order, the embedded ones of one less, and of no higher one. */
static void Orders(void **state) {
  (void)state;
  for (size_t k = 0; k < COUNT; k++) {
    RhoTableau t;
    assert_int_equal(rho_tableau(names[k], &t), 0);
    assert_int_equal(t.order, (int)k + 2);
    print_message("%s: %.1e, embedded %.1e\n", names[k], Violation(&t, t.b, t.order), Violation(&t, t.d, t.order - 1));
    assert_true(Violation(&t, t.b, t.order) < 1e-12);
    assert_true(Violation(&t, t.d, t.order - 1) < 1e-12);
    assert_true(Violation(&t, t.d, t.order) > 1e-5);
    if (t.order < MOST) assert_true(Violation(&t, t.b, t.order + 1) > 1e-5);
  }
}

/* Property: stages are at c by either table; the implicit one has one diagonal after an explicit stage, and ends with
   the weights (with a diagonal that is not zero: L-stable). */
static void Shapes(void **state) {
  (void)state;
  for (size_t k = 0; k < COUNT; k++) {
    RhoTableau t;
    assert_int_equal(rho_tableau(names[k], &t), 0);
    for (int i = 0; i < t.nstage; i++) {
      double implicit = 0, explicit = 0;
      for (int j = 0; j < t.nstage; j++) {
        implicit += t.implicit[i][j];
        explicit += t.explicit[i][j];
        if (j >= i) assert_true(t.explicit[i][j] == 0 && (j == i || t.implicit[i][j] == 0));
      }
      assert_true(fabs(implicit - t.c[i]) < 1e-13 && fabs(explicit - t.c[i]) < 1e-13);
      assert_true(t.implicit[i][i] == (i ? t.implicit[1][1] : 0));
      assert_true(fabs(t.implicit[t.nstage - 1][i] - t.b[i]) < 1e-13);
    }
    assert_true(t.implicit[1][1] > 0);
  }
}

/* The conditions notice a change of 1e-6 in any entry of a stage that counts. */
static void Noticed(void **state) {
  (void)state;
  for (size_t k = 0; k < COUNT; k++) {
    RhoTableau t;
    assert_int_equal(rho_tableau(names[k], &t), 0);
    for (int i = 0; i < t.nstage; i++)
      for (int j = 0; j <= i; j++)
        for (int table = 0; table < 2; table++) {
          double *entry = table ? &t.explicit[i][j] : &t.implicit[i][j], before = *entry;
          *entry += 1e-6;
          if (before != 0 && t.b[i] != 0) assert_true(Violation(&t, t.b, t.order) > 1e-12);
          *entry = before;
        }
  }
}

int main(void) {
  static const struct CMUnitTest tests[] = {cmocka_unit_test(Orders), cmocka_unit_test(Shapes),
                                            cmocka_unit_test(Noticed)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
