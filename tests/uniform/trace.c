/* Roots and curves of small systems whose solutions are known in closed form. */
#include "trace.h"
#include "uniform_check.h"

/* ---- roots ------------------------------------------------------------------------------------------------------ */

/* log x + log y = 0, x - y = 1.5: x = 2, y = 1/2; undefined for x, y <= 0 */
static bool Logarithms(const double *x, double *F, double *J, void *ctx) {
  (void)ctx;
  if (x[0] <= 0 || x[1] <= 0) return false;
  F[0] = log(x[0]) + log(x[1]);
  F[1] = x[0] - x[1] - 1.5;
  J[0] = 1 / x[0], J[1] = 1 / x[1], J[2] = 1, J[3] = -1;
  return true;
}

/* Property: from far away, and from where full steps leave the domain, the root to round-off. */
static void Root(void **state) {
  (void)state;
  const double guess[][2] = {{3, 2}, {100, 1e-3}, {1, 1e-3}, {0.1, 30}};
  for (int k = 0; k < 4; k++) {
    RhoSystem system = {2, 2, NULL, Logarithms, NULL};
    double x[2] = {guess[k][0], guess[k][1]};
    RhoNewton newton = rho_newton(&system, NULL, x);
    assert_true(newton.converged);
    assert_true(fabs(x[0] - 2) < 1e-15 * 4 && fabs(x[1] - 0.5) < 1e-15 * 4);
  }
}

/* x^2 + 1 */
static bool NoRoot(const double *x, double *F, double *J, void *ctx) {
  (void)ctx;
  F[0] = x[0] * x[0] + 1;
  J[0] = 2 * x[0];
  return true;
}

/* Property: what has no root does not converge. */
static void WithoutRoot(void **state) {
  (void)state;
  RhoSystem system = {1, 1, NULL, NoRoot, NULL};
  for (int k = -5; k < 5; k++) {
    double x = 0.37 * k;
    assert_false(rho_newton(&system, NULL, &x).converged);
  }
}

/* x_i^3 + sum_j x_j/n = i + mean of cbrt(i): n coupled equations with the solution cbrt(i) */
static bool Many(const double *x, double *F, double *J, void *ctx) {
  int n = *(int *)ctx;
  for (int i = 0; i < n; i++) {
    F[i] = x[i] * x[i] * x[i] - (i + 1);
    for (int j = 0; j < n; j++) {
      F[i] += (x[j] - cbrt(j + 1)) / n;
      J[i * n + j] = 1.0 / n + (i == j ? 3 * x[i] * x[i] : 0);
    }
  }
  return true;
}

/* Property: up to RHO_TRACE_MAX unknowns; more are refused. */
static void ManyUnknowns(void **state) {
  (void)state;
  for (int n = 1; n <= RHO_TRACE_MAX + 1; n++) {
    RhoSystem system = {n, n, NULL, Many, &n};
    double x[RHO_TRACE_MAX + 1];
    for (int i = 0; i < n; i++) x[i] = 4;
    assert_int_equal(rho_newton(&system, NULL, x).converged, n <= RHO_TRACE_MAX);
    for (int i = 0; i < n && n <= RHO_TRACE_MAX; i++) assert_true(fabs(x[i] - cbrt(i + 1)) < 2e-15);
  }
}

/* ---- curves ----------------------------------------------------------------------------------------------------- */

/* (x/a)^2 + (y/b)^2 = 1 */
static bool Ellipse(const double *x, double *F, double *J, void *ctx) {
  const double *axis = ctx;
  F[0] = x[0] * x[0] / (axis[0] * axis[0]) + x[1] * x[1] / (axis[1] * axis[1]) - 1;
  J[0] = 2 * x[0] / (axis[0] * axis[0]);
  J[1] = 2 * x[1] / (axis[1] * axis[1]);
  return true;
}

static void Axes(const double *x, const double *tangent, double *g, void *ctx) {
  (void)tangent, (void)ctx;
  g[0] = x[0];
  g[1] = x[1];
}

static void Loop(double *axis, bool scaled, double phase) {
  RhoArena arena = RhoArenaCreate();
  RhoTraceProblem problem = {{1, 2, scaled ? axis : NULL, Ellipse, axis}, 2, Axes, 0, 1e-3, 0.5, 0, 4000};
  double x[2] = {axis[0] * cos(phase), axis[1] * sin(phase)}, forward[2] = {0.3, 1};
  assert_int_equal(setjmp(*RhoArenaGuard(arena)), 0);
  RhoTrace trace = rho_trace(&problem, arena, x, forward);
  int crossings[2] = {0};
  assert_int_equal(trace.end, RHO_TRACE_CLOSED);
  assert_true(trace.npoint > 12 && (!scaled || trace.npoint < 120));
  for (int k = 0; k < trace.npoint; k++) {
    const double *p = &trace.x[2 * k];
    assert_true(fabs(p[0] * p[0] / (axis[0] * axis[0]) + p[1] * p[1] / (axis[1] * axis[1]) - 1) < 1e-14);
    if (trace.event[k] < 0) continue;
    crossings[trace.event[k]]++;
    assert_true(fabs(p[trace.event[k]]) < 1e-15);
  }
  assert_int_equal(crossings[0], 2);
  assert_int_equal(crossings[1], 2);
  RhoArenaDestroy(&arena);
}

/* Property: an ellipse closes from any start, all points on it, every axis crossed twice and exactly; with the scale of
   its axes it is a circle in few steps. */
static void ClosedLoop(void **state) {
  (void)state;
  double axis[2] = {3, 0.01};
  for (int k = 0; k < 20; k++) Loop(axis, k % 2, 0.05 + 0.3 * k);
}

/* x = y^3 - y */
static bool Cubic(const double *x, double *F, double *J, void *ctx) {
  (void)ctx;
  F[0] = x[1] * x[1] * x[1] - x[1] - x[0];
  J[0] = -1;
  J[1] = 3 * x[1] * x[1] - 1;
  return true;
}

static void Folds(const double *x, const double *tangent, double *g, void *ctx) {
  (void)ctx;
  g[0] = tangent[0];
  g[1] = x[0] - 5;
}

/* Property: through two folds, each an event at y = -+1/sqrt(3), to the end at x = 5. */
static void ThroughFolds(void **state) {
  (void)state;
  RhoArena arena = RhoArenaCreate();
  RhoTraceProblem problem = {{1, 2, NULL, Cubic, NULL}, 2, Folds, 2, 0.01, 0.5, 0, 1000};
  double x[2] = {-6, -2}, forward[2] = {1, 0}, fold[2] = {-sqrt(1.0 / 3), sqrt(1.0 / 3)};
  int n = 0;
  assert_int_equal(setjmp(*RhoArenaGuard(arena)), 0);
  RhoTrace trace = rho_trace(&problem, arena, x, forward);
  assert_int_equal(trace.end, RHO_TRACE_EVENT);
  for (int k = 0; k < trace.npoint; k++)
    if (trace.event[k] == 0) assert_true(n < 2 && fabs(trace.x[2 * k + 1] - fold[n++]) < 1e-14);
  assert_int_equal(n, 2);
  assert_int_equal(trace.event[trace.npoint - 1], 1);
  assert_true(fabs(trace.x[2 * trace.npoint - 2] - 5) < 1e-14);
  RhoArenaDestroy(&arena);
}

/* y = x log(1 - x), which stops at x = 1 */
static bool EndsAtOne(const double *x, double *F, double *J, void *ctx) {
  (void)ctx;
  if (x[0] >= 1) return false;
  F[0] = x[1] - x[0] * log(1 - x[0]);
  J[0] = -log(1 - x[0]) + x[0] / (1 - x[0]);
  J[1] = 1;
  return true;
}

/* Property: where the functions end, and where there is no curve, the trace says so. */
static void Stuck(void **state) {
  (void)state;
  RhoArena arena = RhoArenaCreate();
  RhoTraceProblem problem = {{1, 2, NULL, EndsAtOne, NULL}, 0, NULL, 0, 0.01, 0.5, 0, 200};
  double x[2] = {0, 0}, forward[2] = {1, 0}, beyond[2] = {2, 0};
  assert_int_equal(setjmp(*RhoArenaGuard(arena)), 0);
  RhoTrace trace = rho_trace(&problem, arena, x, forward);
  assert_true(trace.end == RHO_TRACE_STUCK || trace.end == RHO_TRACE_LONG);
  assert_true(trace.x[2 * trace.npoint - 2] > 1 - 1e-8 && trace.x[2 * trace.npoint - 2] < 1);
  assert_int_equal(rho_trace(&problem, arena, beyond, forward).npoint, 0);
  RhoArenaDestroy(&arena);
}

static void FromStart(double *axis, const double *start, bool within) {
  RhoArena arena = RhoArenaCreate();
  RhoTraceProblem problem = {{1, 2, NULL, Ellipse, axis}, 2, Axes, 2, 0.01, 0.1, 0, 1000};
  double forward[2] = {0, 1};
  assert_int_equal(setjmp(*RhoArenaGuard(arena)), 0);
  RhoTrace trace = rho_trace(&problem, arena, start, forward);
  assert_int_equal(trace.end, RHO_TRACE_EVENT);
  assert_int_equal(trace.npoint == 2, within);
  RhoArenaDestroy(&arena);
}

/* Property: an event in the first step is seen, one on which the curve starts is not, whatever round-off makes of it.
 */
static void FirstStep(void **state) {
  (void)state;
  double axis[2] = {1, 1}, start[3][2] = {{1, 0}, {1, 1e-17}, {1, -1e-4}};
  for (int k = 0; k < 3; k++) FromStart(axis, start[k], k == 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(Root),       cmocka_unit_test(WithoutRoot),  cmocka_unit_test(ManyUnknowns),
      cmocka_unit_test(ClosedLoop), cmocka_unit_test(ThroughFolds), cmocka_unit_test(Stuck),
      cmocka_unit_test(FirstStep),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
