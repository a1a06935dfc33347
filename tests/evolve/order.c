/* order.c - the design order in time of every integrator, and an error that follows the tolerance.

   Fixed steps on a fixed grid that resolves the solution; the reference is ark5 with steps eight times shorter than the
   shortest here, which ark4 with the same steps must confirm.  The implicit part is frozen at the beginning of each
   step, coefficients and all: one-step methods keep their order.  Steps are short against the stiffest modes of these
   small grids, so that no order is lost to stiffness. */
#include "../verify/verify.h"

#define NSTEPS 5
#define CELLS 24
#define FLOOR 2e-13 /* errors below are of rounding */

typedef struct {
  const char *name, *text; /* a file of tests/models or models, or a model's text */
  double start, end;
  int first; /* number of the longest steps */
} Problem;

static const Problem problems[] = {
    {"variable_gradient", NULL, 0, 2, 20},
    {"nonreciprocal_cahn_hilliard", NULL, 0, 2, 20},
    {"dean_kawasaki", NULL, 0, 2, 20},
    {"dimers", NULL, 0, 2, 20},
    {"time",
     "fields: {c: density, w: real}\ndynamics:\n"
     "  c: {mobility: \"c*(1 + 0.5*sin(9*t))\", potential: \"(2 + cos(5*t))*log(c) + sin(3*t)*c^2\"}\n"
     "  w: {flux: \"-(1 + 0.5*sin(9*t))*grad(w)\", reaction: \"-cos(7*t)*w^2\"}",
     0.3, 1.3, 20},
};

static void Open(const Problem *problem, Setup *s) {
  RhoMesh mesh = Line(0, 20, CELLS, RHO_PERIODIC);
  char path[1024];
  snprintf(path, sizeof path, "%s/tests/models/%s.yaml", RHO_SOURCE_DIR, problem->name);
  if (problem->text) OpenText(problem->text, s);
  else OpenModel(path, s);
  assert_true(OpenGrid(s, PETSC_COMM_SELF, &mesh));
}

static void Close(Setup *s) {
  CloseGrid(s);
  CloseModel(s);
}

/* Fixed steps have no error to control, but Newton's method ends by the tolerance. */
static double NewtonTolerance(const char *scheme) { return strncmp(scheme, "dirk", 4) ? 1e-6 : 1e-12; }

/* u at the end by nstep equal steps */
static void Steps(Setup *s, const Problem *problem, const char *scheme, int nstep, Vec u) {
  RhoEvolveOptions options = Until(problem->end, NewtonTolerance(scheme));
  Outcome out;
  SetScheme(&options, scheme);
  options.start = problem->start;
  options.fixed = (problem->end - problem->start) / nstep;
  options.linear_rtol = 1e-13;
  FillState(s, 1, 1, 0.1, s->u);
  out = RunDone(s, options);
  assert_int_equal(out.last.nstep, nstep);
  OK(VecCopy(s->u, u));
}

/* ---- order ---- */

static void Order(Setup *s, const Problem *problem, const char *scheme, int order, Vec reference) {
  double error[NSTEPS], slope = 0;
  Vec u;
  OK(VecDuplicate(s->u, &u));
  print_message("%-28s %s", problem->name, scheme);
  for (int k = 0; k < NSTEPS; k++) {
    Steps(s, problem, scheme, problem->first << k, u);
    error[k] = MaxDifference(u, reference);
    print_message("  %.2e", error[k]);
    if (k == 0 || error[k] < FLOOR) continue;
    slope = log2(error[k - 1] / error[k]);
    print_message(" (%.2f)", slope);
  }
  print_message("\n");
  OK(VecDestroy(&u));
  double more = strncmp(scheme, "dirk", 4) ? 0.35 : 1; /* so small an error of its order that the next one shows */
  if (!(slope > order - 0.35 && slope < order + more)) fail_msg("%s: slope %.2f of %s", problem->name, slope, scheme);
}

static const struct {
  const char *name;
  int order;
} schemes[] = {
    {"ark2", 2},    {"ark3", 3},  {"ark4", 4},          {"ark5", 5},          {"arkode3", 3},         {"arkode4", 4},
    {"arkode5", 5}, {"dirk4", 4}, {"euler", 1},         {"energy_stable", 1}, {"etdrk2", 2},          {"etdrk4", 4},
    {"sbdf2", 2},   {"sbdf3", 3}, {"ark3 constant", 3}, {"ark4 constant", 4}, {"arkode5 constant", 5}};

static void Problem1(const Problem *problem) {
  Setup s;
  Vec reference, witness;
  Open(problem, &s);
  OK(VecDuplicate(s.u, &reference));
  OK(VecDuplicate(s.u, &witness));
  Steps(&s, problem, "ark5", problem->first << (NSTEPS + 2), reference);
  Steps(&s, problem, "ark4", problem->first << (NSTEPS + 2), witness);
  assert_true(MaxDifference(reference, witness) < 1e-12);
  for (int k = 0; k < COUNT(schemes); k++)
    if (Goes(&s, schemes[k].name)) Order(&s, problem, schemes[k].name, schemes[k].order, reference);
  OK(VecDestroy(&reference));
  OK(VecDestroy(&witness));
  Close(&s);
}

/* Halving the steps lowers the error by two to the design order. */
static void test_order(void **state) {
  (void)state;
  for (int k = 0; k < COUNT(problems); k++) Problem1(&problems[k]);
}

/* ---- error control ---- */

#define NTOL 12

static double Controlled(Setup *s, const Problem *problem, const char *scheme, double rtol, Vec reference) {
  RhoEvolveOptions options = Until(problem->end, rtol);
  SetScheme(&options, scheme);
  options.start = problem->start;
  FillState(s, 1, 1, 0.1, s->u);
  RunDone(s, options);
  return MaxDifference(s->u, reference);
}

/* The slope of log(error) against log(tolerance), by least squares. */
static double Slope(int n, const double *tolerance, const double *error) {
  double x = 0, y = 0, xx = 0, xy = 0;
  for (int k = 0; k < n; k++) {
    double a = log(tolerance[k]), b = log(error[k]);
    x += a, y += b, xx += a * a, xy += a * b;
  }
  return (n * xy - x * y) / (n * xx - x * x);
}

static void Control(Setup *s, const Problem *problem, const char *scheme, Vec reference) {
  double rtol[NTOL], error[NTOL], slope;
  print_message("%-28s %s", problem->name, scheme);
  for (int k = 0; k < NTOL; k++) {
    rtol[k] = 1e-4 * pow(0.5, k);
    error[k] = Controlled(s, problem, scheme, rtol[k], reference);
    print_message("  %.1e", error[k] / rtol[k]);
    if (!(error[k] < 5 * rtol[k])) fail_msg("error %g at rtol %g", error[k], rtol[k]);
  }
  slope = Slope(NTOL, rtol, error);
  print_message("  slope %.2f\n", slope);
  if (strncmp(scheme, "dirk", 4) && !(slope > 0.6 && slope < 1.25)) /* its steps are limited by the interval */
    fail_msg("%s: the error follows the tolerance with slope %.2f", scheme, slope);
}

static void ControlOf(const Problem *problem) {
  Setup s;
  Vec reference;
  Open(problem, &s);
  OK(VecDuplicate(s.u, &reference));
  Steps(&s, problem, "ark5", problem->first << (NSTEPS + 1), reference);
  Control(&s, problem, "ark3", reference);
  Control(&s, problem, "ark4", reference);
  Control(&s, problem, "ark3 constant", reference);
  Control(&s, problem, "bdf", reference);
  Control(&s, problem, "etdrk4", reference);
  Control(&s, problem, "etdrk2", reference);
  Control(&s, problem, "sbdf2", reference);
  Control(&s, problem, "sbdf3", reference);
  Control(&s, problem, "arkode4", reference);
  Control(&s, problem, "dirk4", reference);
  OK(VecDestroy(&reference));
  Close(&s);
}

/* Halving the tolerance lowers the error by two, and keeps it within a few tolerances (printed: error/tolerance). */
static void test_control(void **state) {
  (void)state;
  for (int k = 0; k < COUNT(problems); k++) ControlOf(&problems[k]);
}

/* ---- two engines ---- */

static void Same(const Problem *problem, const char *one, const char *other) {
  Setup s;
  Vec a, b;
  double fixed, controlled;
  RhoEvolveOptions options = Until(problem->end, 1e-11);
  Open(problem, &s);
  OK(VecDuplicate(s.u, &a));
  OK(VecDuplicate(s.u, &b));
  Steps(&s, problem, one, 4 * problem->first, a);
  Steps(&s, problem, other, 4 * problem->first, b);
  fixed = MaxDifference(a, b) / NormMax(a);
  options.start = problem->start;
  options.linear_rtol = 1e-13;
  SetScheme(&options, one);
  FillState(&s, 1, 1, 0.1, s.u);
  RunDone(&s, options);
  OK(VecCopy(s.u, a));
  SetScheme(&options, other);
  FillState(&s, 1, 1, 0.1, s.u);
  RunDone(&s, options);
  controlled = MaxDifference(a, s.u) / NormMax(a);
  print_message("%-28s %s and %s: fixed steps differ by %.1e, free ones by %.1e\n", problem->name, one, other, fixed,
                controlled);
  assert_true(fixed < 1e-11);
  assert_true(controlled < 1e-9);
  OK(VecDestroy(&a));
  OK(VecDestroy(&b));
  Close(&s);
}

/* Our loop over the stages and ARKODE's take the same steps with the same split; with error control they reach the same
 * end. */
static void test_engines(void **state) {
  (void)state;
  for (int k = 0; k < COUNT(problems); k++) {
    Same(&problems[k], "ark3", "arkode3");
    Same(&problems[k], "ark4", "arkode4");
    Same(&problems[k], "ark4 constant", "arkode4 constant");
    Same(&problems[k], "ark5", "arkode5");
  }
}

static void FreeRun(Setup *s, const Problem *problem, const char *scheme, double rtol) {
  RhoEvolveOptions options = Until(problem->end, rtol);
  options.start = problem->start;
  options.linear_rtol = 1e-13;
  SetScheme(&options, scheme);
  FillState(s, 1, 1, 0.1, s->u);
  RunDone(s, options);
}

/* Exponential steps in transform space and ARKODE's, each with its own control, reach the same end. */
static void test_exponential(void **state) {
  (void)state;
  for (int k = 0; k < COUNT(problems); k++) {
    Setup s;
    Vec a;
    Open(&problems[k], &s);
    OK(VecDuplicate(s.u, &a));
    FreeRun(&s, &problems[k], "arkode5", 1e-11);
    OK(VecCopy(s.u, a));
    FreeRun(&s, &problems[k], "etdrk4", 1e-10);
    double difference = MaxDifference(a, s.u) / NormMax(a);
    print_message("%-28s etdrk4 and arkode5: free ones differ by %.1e\n", problems[k].name, difference);
    assert_true(difference < 1e-10);
    OK(VecDestroy(&a));
    Close(&s);
  }
}

/* ---- coefficients that depend on time ---- */

/* |(F(u + e v) - F(u - e v))/(2e) - F'(u) v| relative to |F' v|, at time t */
static double QuotientAt(Setup *s, double t, double e) {
  RhoTangent tangent;
  Vec v, w, Lv, plus, minus;
  double error;
  Vec *const all[] = {&v, &w, &Lv, &plus, &minus};
  for (int k = 0; k < COUNT(all); k++) OK(VecDuplicate(s->u, all[k]));
  FillState(s, 1, 1, 0.1, s->u);
  FillState(s, 2, 0, 1, v);
  OK(RhoTangentCreate(s->fm, RHO_PART_ALL, &tangent));
  OK(RhoTangentSet(tangent, t, s->u));
  OK(RhoTangentApply(tangent, v, Lv));
  OK(VecWAXPY(w, e, v, s->u));
  OK(RhoResidual(s->fm, t, w, plus));
  OK(VecWAXPY(w, -e, v, s->u));
  OK(RhoResidual(s->fm, t, w, minus));
  OK(VecAXPY(plus, -1, minus));
  OK(VecScale(plus, 0.5 / e));
  error = MaxDifference(plus, Lv) / NormMax(Lv);
  OK(RhoTangentDestroy(&tangent));
  for (int k = 0; k < COUNT(all); k++) OK(VecDestroy(all[k]));
  return error;
}

/* The tangent set at time t is the derivative of the residual at time t. */
static void test_tangent_at(void **state) {
  Setup s;
  (void)state;
  Open(&problems[COUNT(problems) - 1], &s);
  double coarse = QuotientAt(&s, 0.3, 4e-3), fine = QuotientAt(&s, 0.3, 1e-3);
  print_message("quotient errors %.2e, %.2e\n", coarse, fine);
  assert_true(fine < 1e-3 && coarse / fine > 13 && coarse / fine < 19);
  Close(&s);
}

/* A diffusion that is uniform in space and oscillates in time, from a start other than 0: design order all the same. */
static void test_uniform_in_space(void **state) {
  static const Problem problem = {"pulse", "dynamics:\n  w: {flux: \"-(1 + 0.9*sin(9*t))*grad(w)\"}", 0.3, 1.3, 20};
  (void)state;
  Problem1(&problem);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_order),      cmocka_unit_test(test_control),
                                     cmocka_unit_test(test_engines),    cmocka_unit_test(test_exponential),
                                     cmocka_unit_test(test_tangent_at), cmocka_unit_test(test_uniform_in_space)};
  return RunTests(argc, argv, tests, sizeof tests / sizeof *tests);
}
