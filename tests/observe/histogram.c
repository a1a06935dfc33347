/* histogram.c - how often densities occur, and the two phases: of states whose distribution is known. */
#include "known.h"

/* Evenly between 0 and 2; a two-phase state, 0.3 of it dense, with noise. */
static void Phases(const RhoMesh *mesh, long k, double *a, double *b) {
  size_t n = CellsOf(mesh);
  for (size_t p = 0; p < n; p++) {
    a[p] = 1 + Noise((long)p, k, 0, 0, 0);
    b[p] = (10 * p < 3 * n ? 1.8 : 0.4) + 0.05 * Gaussian(k, (long)p);
  }
}

static void test_even(void **state) {
  RhoMesh mesh = BoxOf(2, (const int[]){20, 30}, RHO_WALL);
  RhoObserveOptions options = RhoObserveDefaults();
  Scores s = {0};
  double sum = 0;
  (void)state;
  options.range[0] = 0, options.range[1] = 2.5;
  options.nbin = 25;
  Seen seen = Observe("histogram", &mesh, &options, Phases, 200, 1);
  const RhoCurve *p = CurveOf(&seen, "p(a)");
  for (int k = 0; k < 25; k++) {
    sum += p->value[k] * 0.1;
    if (k < 20) Score(&s, p->value[k], 0.5, p->error[k]);
    else Near(p->value[k], 0, 0);
  }
  Near(sum, 1, 1e-12);
  Calibrated(&s);
  assert_null(QuantityOf(&seen, "dense(a)"));
  Forget(&seen);
}

static void test_phases(void **state) {
  RhoMesh mesh = BoxOf(2, (const int[]){20, 30}, RHO_PERIODIC);
  RhoObserveOptions options = RhoObserveDefaults();
  (void)state;
  options.range[0] = 0, options.range[1] = 2.2;
  Seen seen = Observe("histogram", &mesh, &options, Phases, 200, 1);
  const RhoQuantity *dense = QuantityOf(&seen, "dense(b)"), *dilute = QuantityOf(&seen, "dilute(b)");
  assert_non_null(dense);
  assert_non_null(dilute);
  Near(dense->estimate.value, 1.8, 2e-3);
  Near(dilute->estimate.value, 0.4, 2e-3);
  assert_true(dense->estimate.error > 0 && dense->estimate.error < 1e-3);
  Forget(&seen);
  options.range[0] = 0.1, options.range[1] = 1; /* beyond it: what is said to be */
  seen = Observe("histogram", &mesh, &options, Phases, 20, 1);
  Near(QuantityOf(&seen, "outside(b)")->estimate.value, 0.3, 1e-3);
  assert_null(QuantityOf(&seen, "dense(b)"));
  Forget(&seen);
}

/* Counts of particles, five to a cell, are a comb and one phase; three quarters of cells with fewer make it two. */
static double Poisson(double mean, long state, long which) {
  double product = 0.5 * (Noise(state, which, 0, 1, 0) + 1);
  int n = 0;
  for (; product > exp(-mean); n++) product *= 0.5 * (Noise(state, which, n + 1, 1, 0) + 1);
  return n;
}

static void Counts(const RhoMesh *mesh, long k, double *a, double *b) {
  size_t n = CellsOf(mesh);
  for (size_t p = 0; p < n; p++) {
    a[p] = Poisson(5, k, (long)p);
    b[p] = Poisson(p < n / 4 ? 30 : 5, k, (long)(p + n));
  }
}

static void test_counts(void **state) {
  RhoMesh mesh = BoxOf(2, (const int[]){20, 32}, RHO_PERIODIC);
  RhoObserveOptions options = RhoObserveDefaults();
  (void)state;
  options.range[0] = 0, options.range[1] = 50;
  options.nbin = 300;
  Seen seen = Observe("histogram", &mesh, &options, Counts, 60, 1);
  assert_null(QuantityOf(&seen, "dense(a)"));
  assert_non_null(QuantityOf(&seen, "dense(b)"));
  Near(QuantityOf(&seen, "dense(b)")->estimate.value, 30, 0.02);
  Near(QuantityOf(&seen, "dilute(b)")->estimate.value, 5, 0.1); /* skewed: the peak is at 4.5 */
  Forget(&seen);
}

/* Cells count by their volumes: two cells of widths 1 and 3. */
static void Two(const RhoMesh *mesh, long k, double *a, double *b) {
  (void)mesh, (void)k;
  a[0] = b[0] = 0.25;
  a[1] = b[1] = 0.75;
}

static void test_unequal(void **state) {
  static const double edge[] = {0, 1, 4};
  RhoMesh mesh = BoxOf(1, (const int[]){2}, RHO_WALL);
  RhoObserveOptions options = RhoObserveDefaults();
  (void)state;
  mesh.dimension[0].from = 0, mesh.dimension[0].to = 4;
  mesh.dimension[0].edge = edge;
  options.range[0] = 0, options.range[1] = 1;
  options.nbin = 2;
  Seen seen = Observe("histogram", &mesh, &options, Two, 1, 1);
  Near(CurveOf(&seen, "p(a)")->value[0], 0.5, 1e-15);
  Near(CurveOf(&seen, "p(a)")->value[1], 1.5, 1e-15);
  Forget(&seen);
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(test_even), cmocka_unit_test(test_phases),
                                          cmocka_unit_test(test_counts), cmocka_unit_test(test_unequal)};
RUN(tests)
