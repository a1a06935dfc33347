/* weak.c - weak orders of the steppers: stationary moments of nonlinear equations in cells that know nothing of each
   other, against the exact ones.

     additive         da = -a^3 dt + sqrt(2) dW            P ~ exp(-a^4/4),  <a^2> = 2 Gamma(3/4)/Gamma(1/4)
     multiplicative   da = -2 a dt + sqrt(1 + a^2/2) dW    <a^2> = 2/7 (Ito)

   Additive: errors of steps h and h/2 fall as the order claimed says, or faster, 2 for imex_midpoint, 1 otherwise.
   Multiplicative: moments of the steppers are those of their recursions, which are of order 1.  Snapshots are a unit
   of time apart. */
#include "../verify/verify.h"

enum { N = 192, SNAPSHOTS = 24, FIRST = 4 };

typedef struct {
  double value, error;
} Estimate;

typedef struct {
  int n;
  double sum, square; /* of <a^2> of the snapshots */
} Moments;

static PetscErrorCode Look(void *ctx, const RhoEvolveState *state, Vec u, PetscBool *stop) {
  Moments *m = ctx;
  PetscReal norm;
  (void)stop;
  if (state->output < FIRST) return 0;
  OK(VecNorm(u, NORM_2, &norm));
  double mean = norm * norm / (N * N);
  m->n++;
  m->sum += mean;
  m->square += mean * mean;
  return 0;
}

static Estimate Moment(const char *equation, const char *scheme, double h, PetscInt64 seed) {
  RhoMesh mesh = BoxMesh(2, (int[]){N, N}, RHO_PERIODIC);
  RhoEvolveOptions options = Until(SNAPSHOTS, 1e-6);
  PetscReal output[SNAPSHOTS + 1];
  RhoEvolveReason reason;
  RhoEvolveState last;
  const char *why;
  Moments m = {0};
  Setup s;
  OpenText(equation, &s);
  assert_true(OpenGrid(&s, PETSC_COMM_SELF, &mesh));
  OK(VecSet(s.u, 0.5));
  for (int k = 0; k <= SNAPSHOTS; k++) output[k] = k;
  options.scheme = scheme;
  options.fixed = h;
  options.preconditioner = RHO_PC_JACOBI; /* exact: cells know nothing of each other */
  options.noutput = SNAPSHOTS + 1;
  options.output = output;
  OK(RhoNoiseCreate(s.fm, 1 / s.grid->volume, seed, &options.noise));
  OK(RhoEvolve(s.fm, &options, s.u, Look, &m, &reason, &last, &why));
  if (reason != RHO_EVOLVE_DONE) fail_msg("%s", why);
  OK(RhoNoiseDestroy(&options.noise));
  CloseGrid(&s);
  CloseModel(&s);
  double mean = m.sum / m.n;
  return (Estimate){mean, sqrt((m.square / m.n - mean * mean) / (m.n - 1))};
}

/* The ratio of the errors of h and h/2 is 2^order. */
static void Order(const char *equation, double exact, const char *scheme, double h, int order) {
  Estimate coarse = Moment(equation, scheme, h, 1), fine = Moment(equation, scheme, h / 2, 2);
  double ratio = (coarse.value - exact) / (fine.value - exact);
  double error = fabs(ratio) * hypot(coarse.error / (coarse.value - exact), fine.error / (fine.value - exact));
  print_message("%-14s h = %g: %.5f +- %.5f, half of it %.5f +- %.5f (%.5f): ratio %.2f +- %.2f\n", scheme, h,
                coarse.value, coarse.error, fine.value, fine.error, exact, ratio, error);
  assert_true(ratio > pow(2, order - 0.35));
}

#define ADDITIVE "dynamics: {a: {reaction: \"-a^3\", noise: {reaction: \"sqrt(2)\"}}}"
#define MULTIPLICATIVE "dynamics: {a: {reaction: \"-2*a\", noise: {reaction: \"sqrt(1 + 0.5*a^2)\"}}}"

static void test_additive(void **state) {
  double exact = 2 * tgamma(0.75) / tgamma(0.25);
  (void)state;
  Order(ADDITIVE, exact, "em", 0.1, 1);
  Order(ADDITIVE, exact, "imex_em", 0.1, 1);
  Order(ADDITIVE, exact, "imex_midpoint", 0.5, 2);
}

/* <a^2> of steps of length h, from the recursions of the schemes for this equation. */
static double OfSteps(const char *scheme, double h) {
  double square = (1 + h) * (1 + h);
  if (!strcmp(scheme, "em")) return 2 / (7 - 8 * h);
  if (!strcmp(scheme, "imex_em")) return 2 / (7 + 8 * h);
  return (1 + 0.5 * h / square) / (3.75 - 0.25 * (1 - h + h * h) / square);
}

/* Within 4 standard errors; and what the recursion says is of the first order. */
static void Steps(const char *scheme, double h) {
  Estimate found = Moment(MULTIPLICATIVE, scheme, h, 1);
  double order = log2((OfSteps(scheme, 2e-3) - 2.0 / 7) / (OfSteps(scheme, 1e-3) - 2.0 / 7));
  print_message("%-14s h = %g: %.5f +- %.5f, %.5f of its recursion, of order %.2f\n", scheme, h, found.value,
                found.error, OfSteps(scheme, h), order);
  assert_true(fabs(found.value - OfSteps(scheme, h)) < 4 * found.error);
  assert_true(fabs(order - 1) < 0.02);
}

static void test_multiplicative(void **state) {
  (void)state;
  Steps("em", 0.1);
  Steps("imex_em", 0.2);
  Steps("imex_midpoint", 0.5);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_additive), cmocka_unit_test(test_multiplicative)};
  return RunTests(argc, argv, tests, sizeof tests / sizeof *tests);
}
