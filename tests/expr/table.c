/* Tables: cubic splines. */
#include "tape_check.h"

enum { NROW = 9 };

static const double knots[NROW] = {-2, -1.9, -1, 0.25, 0.5, 1.75, 2, 4, 4.125};

static double Cubic(double x, int order) {
  static const double c[4] = {1, -2, 0.5, 0.75};
  if (order == 0) return c[0] + x * (c[1] + x * (c[2] + x * c[3]));
  if (order == 1) return c[1] + x * (2 * c[2] + 3 * x * c[3]);
  return order == 2 ? 2 * c[2] + 6 * x * c[3] : 6 * c[3];
}

static RhoTable TableOf(RhoArena arena, int n, const double *x, double (*f)(double x, int order)) {
  double *y = calloc((size_t)n, sizeof *y);
  for (int i = 0; i < n; i++) y[i] = f(x[i], 0);
  RhoTable table = RhoTableCreate(arena, n, x, y);
  free(y);
  return table;
}

/* Property: a cubic comes back, with its derivatives, from unequally spaced points. */
static void CubicsAreExact(void **state) {
  (void)state;
  uint64_t seed = 31;
  RhoArena arena = RhoArenaCreate();
  for (int n = 4; n <= NROW; n++) {
    RhoTable table = TableOf(arena, n, knots, Cubic);
    for (int k = 0; k < 2000; k++) {
      double x = Uniform(&seed, knots[0], knots[n - 1]);
      for (int order = 0; order <= 3; order++)
        assert_true(fabs(RhoTableValue(table, x, order) - Cubic(x, order)) < 3e-12 * (order < 2 ? 1 : 100));
    }
  }
  RhoArenaDestroy(&arena);
}

static double Line(double x, int order) { return order == 0 ? 3 - 2 * x : order == 1 ? -2 : 0; }
static double Parabola(double x, int order) {
  return order == 0 ? x * x - x : order == 1 ? 2 * x - 1 : order == 2 ? 2 : 0;
}

/* Property: two points give the line, three the parabola. */
static void FewPoints(void **state) {
  (void)state;
  RhoArena arena = RhoArenaCreate();
  RhoTable two = TableOf(arena, 2, knots, Line), three = TableOf(arena, 3, knots, Parabola);
  for (int order = 0; order <= 3; order++) {
    assert_true(fabs(RhoTableValue(two, -1.96, order) - Line(-1.96, order)) < 1e-13);
    assert_true(fabs(RhoTableValue(three, -1.96, order) - Parabola(-1.96, order)) < 1e-12);
    assert_true(fabs(RhoTableValue(three, -1.3, order) - Parabola(-1.3, order)) < 1e-12);
  }
  RhoArenaDestroy(&arena);
}

/* Property: the spline passes through its points; outside of them, and at NaN, it is NaN. */
static void PointsAndOutside(void **state) {
  (void)state;
  RhoArena arena = RhoArenaCreate();
  double y[NROW];
  for (int i = 0; i < NROW; i++) y[i] = sin(7 * knots[i]);
  RhoTable table = RhoTableCreate(arena, NROW, knots, y);
  for (int i = 0; i < NROW; i++) assert_true(fabs(RhoTableValue(table, knots[i], 0) - y[i]) < 1e-13);
  for (int order = 0; order <= 3; order++) {
    assert_true(isnan(RhoTableValue(table, nextafter(knots[0], -9), order)));
    assert_true(isnan(RhoTableValue(table, nextafter(knots[NROW - 1], 9), order)));
    assert_true(isnan(RhoTableValue(table, NAN, order)) && isnan(RhoTableValue(table, INFINITY, order)));
  }
  RhoArenaDestroy(&arena);
}

static double Sine(double x, int order) { return sin(x + order * 1.57079632679489661923); }

/* The largest error over an interval of n equal steps. */
static double SineError(RhoArena arena, int n, int order) {
  double *x = RhoArenaAlloc(arena, (n + 1) * sizeof *x), error = 0;
  for (int i = 0; i <= n; i++) x[i] = 5.0 * i / n;
  RhoTable table = TableOf(arena, n + 1, x, Sine);
  for (int k = 0; k <= 20 * n; k++) {
    double at = 5.0 * k / (20 * n);
    error = RhoMax(error, fabs(RhoTableValue(table, at, order) - Sine(at, order)));
  }
  return error;
}

/* Property: the error falls with the 4th power of the spacing up to the ends, and one power less for each derivative.
 */
static void Order(void **state) {
  (void)state;
  RhoArena arena = RhoArenaCreate();
  for (int order = 0; order <= 3; order++) {
    double slope = log2(SineError(arena, 40, order) / SineError(arena, 80, order));
    assert_true(fabs(slope - (4 - order)) < 0.25);
  }
  RhoArenaDestroy(&arena);
}

/* Property: a row of a table is its values one by one, whatever stood before. */
static void RowsAreValues(void **state) {
  (void)state;
  uint64_t seed = 32;
  RhoArena arena = RhoArenaCreate();
  RhoTable table = TableOf(arena, NROW, knots, Sine);
  double x[RHO_BLOCK], r[RHO_BLOCK];
  for (int order = 0; order <= 3; order++) {
    for (int p = 0; p < RHO_BLOCK; p++) x[p] = p % 3 ? Uniform(&seed, -3, 5) : knots[p % NROW];
    RhoTableBlock(table, order, r, x, RHO_BLOCK);
    for (int p = 0; p < RHO_BLOCK; p++) assert_true(Same(r[p], RhoTableValue(table, x[p], order)));
  }
  RhoArenaDestroy(&arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(CubicsAreExact), cmocka_unit_test(FewPoints),
                                     cmocka_unit_test(PointsAndOutside), cmocka_unit_test(Order),
                                     cmocka_unit_test(RowsAreValues)};
  return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
