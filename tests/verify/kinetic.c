/* kinetic.c - waves of the kinetic equations of run-and-tumble and active Brownian particles.

   f = f0 + small waves exp(iqx) g(theta): after the fast modes have gone, the density grows at the largest eigenvalue
   of

     -i q v cos(theta) g + tumbling or Dr g'' - i q cos(theta) f0 v' int g

   on the grid's angles, with the grid's sin(qh)/h for q, which this file computes by inverse iteration; for tumbling
   it is known in closed form as well.  For q -> 0 it must tend to -q^2 D (1 + rho v'/v), D = v^2 tau/2. */
#include "steady.h"
#include <complex.h>

enum { CELLS = 24, ANGLES = 32 };

typedef struct {
  const char *model;
  bool tumbles;
  double k; /* response of the speed: v'/v = k/w at rho = rho0 = 1, w = 1/2 */
} Kinetic;

/* ---- the eigenvalue ---- */

/* A of the angles, for v = tau = Dr = 1, f0 = 1/(2 pi) */
static void Operator(const Kinetic *kinetic, double q, double complex *A) {
  double h = 2 * M_PI / ANGLES, spread = 1 / (h * h);
  for (int i = 0; i < ANGLES; i++) {
    double cosine = cos((i + 0.5) * h);
    for (int j = 0; j < ANGLES; j++) {
      A[i * ANGLES + j] = -I * q * cosine * kinetic->k / 0.5 / ANGLES;
      if (kinetic->tumbles) A[i * ANGLES + j] += 1. / ANGLES;
    }
    A[i * ANGLES + i] += -I * q * cosine - (kinetic->tumbles ? 1 : 2 * spread);
    for (int side = -1; side <= 1 && !kinetic->tumbles; side += 2)
      A[i * ANGLES + (i + side + ANGLES) % ANGLES] += spread;
  }
}

/* x <- A^-1 x by elimination with pivots; A is overwritten. */
static void Solve(double complex *A, double complex *x) {
  enum { N = ANGLES };
  for (int c = 0; c < N; c++) {
    int pivot = c;
    for (int r = c + 1; r < N; r++)
      if (cabs(A[r * N + c]) > cabs(A[pivot * N + c])) pivot = r;
    double complex swap = x[c];
    x[c] = x[pivot], x[pivot] = swap;
    for (int k = 0; k < N; k++) swap = A[c * N + k], A[c * N + k] = A[pivot * N + k], A[pivot * N + k] = swap;
    for (int r = c + 1; r < N; r++) {
      double complex factor = A[r * N + c] / A[c * N + c];
      for (int k = c; k < N; k++) A[r * N + k] -= factor * A[c * N + k];
      x[r] -= factor * x[c];
    }
  }
  for (int r = N - 1; r >= 0; r--) {
    for (int k = r + 1; k < N; k++) x[r] -= A[r * N + k] * x[k];
    x[r] /= A[r * N + r];
  }
}

/* The eigenvalue next to guess. */
static double complex Eigenvalue(const Kinetic *kinetic, double q, double guess) {
  double complex A[ANGLES * ANGLES], x[ANGLES], lambda = guess;
  for (int i = 0; i < ANGLES; i++) x[i] = 1;
  for (int step = 0; step < 40; step++) {
    double complex before[ANGLES], along = 0;
    double norm = 0;
    memcpy(before, x, sizeof x);
    Operator(kinetic, q, A);
    for (int i = 0; i < ANGLES; i++) A[i * ANGLES + i] -= guess;
    Solve(A, x);
    for (int i = 0; i < ANGLES; i++) along += conj(before[i]) * x[i], norm += creal(x[i] * conj(x[i]));
    if (step > 0) lambda = guess + 1 / along; /* before is normalised */
    for (int i = 0; i < ANGLES; i++) x[i] /= sqrt(norm);
  }
  return lambda;
}

/* Tumbling: (1 + g)^2 (s^2 + q^2) = (1 + g s)^2, s = 1 + lambda, g = rho v'/v, the root s -> 1 for q -> 0 */
static double Tumbling(double g, double q) {
  double root = sqrt(g * g + (1 + 2 * g) * (1 - (1 + g) * (1 + g) * q * q));
  return (g + (1 + g > 0 ? root : -root)) / (1 + 2 * g) - 1;
}

/* ---- runs ---- */

static double Amplitude(Setup *s, double q) {
  double *rho = CellsOf(s, "rho"), sum = 0;
  for (int i = 0; i < CELLS; i++) sum += 2 * rho[i] / CELLS * cos(q * (i + 0.5) * s->grid->h[0]);
  free(rho);
  return sum;
}

static void Fill(Setup *s, double q) {
  PetscScalar *f;
  OK(VecGetArray(s->u, &f));
  for (int p = 0; p < CELLS * ANGLES; p++) f[p] = (1 + 1e-6 * cos(q * (p % CELLS + 0.5) * s->grid->h[0])) / (2 * M_PI);
  OK(VecRestoreArray(s->u, &f));
}

static RhoEvolveOptions Fixed(double end) {
  RhoEvolveOptions options = Until(end, 1e-12);
  options.scheme = "ark4";
  options.fixed = 0.05;
  options.linear_rtol = 1e-13;
  return options;
}

/* The rate of a wave of one period, and that the number of particles stays. */
static double RateOfRun(const Kinetic *kinetic, double length) {
  char path[1024];
  Setup s;
  double q = 2 * M_PI / length, before;
  const RhoSetting setting = {"k", kinetic->k, {-1, 0, 0}};
  RhoMesh mesh = {.ndimension = 3,
                  .dimension = {{"x", 0, length, CELLS, RHO_PERIODIC, true, NULL},
                                {"y", 0, 1, 1, RHO_PERIODIC, true, NULL},
                                {"theta", 0, 2 * M_PI, ANGLES, RHO_PERIODIC, false, NULL}},
                  .place = RHO_NOWHERE};
  snprintf(path, sizeof path, RHO_SOURCE_DIR "/models/%s/model.yaml", kinetic->model);
  setenv("RHOFLUX_MODELS", RHO_SOURCE_DIR "/models", 1);
  OpenModel(path, &s);
  Require(s.diag, RhoEquationsBind(s.eq, 2, 1, &setting, s.value), "settings");
  assert_true(MakeGrid(&s, PETSC_COMM_SELF, &mesh));
  Fill(&s, q);
  RunDone(&s, Fixed(25));
  before = Amplitude(&s, q);
  RunDone(&s, Fixed(10));
  double rate = log(Amplitude(&s, q) / before) / 10;
  assert_true(fabs(IntegralOf(&s, "f") / length - 1) < 1e-13);
  CloseGrid(&s);
  CloseModel(&s);
  return rate;
}

static const Kinetic kinetics[] = {
    {"run_and_tumble", true, 0},   {"run_and_tumble", true, -0.3},   {"run_and_tumble", true, -0.6},
    {"active_brownian", false, 0}, {"active_brownian", false, -0.6},
};

/* 1 - rate/(hydrodynamic rate) at the wavelength, after the rate of the run has been compared */
static double Departure(const Kinetic *kinetic, double length) {
  double h = length / CELLS, angle = 2 * M_PI / ANGLES, g = kinetic->k / 0.5;
  double q = sin(2 * M_PI / length * h) / h, tau = kinetic->tumbles ? 1 : angle * angle / (2 - 2 * cos(angle));
  double limit = -q * q * tau / 2 * (1 + g), rate = RateOfRun(kinetic, length);
  double complex exact = Eigenvalue(kinetic, q, limit);
  print_message("  %-16s k = %4.1f, q = %.4f: rate %.10f, off by %.1e, limit %.10f\n", kinetic->model, kinetic->k, q,
                rate, cabs(rate - exact), limit);
  assert_true(cabs(rate - exact) < 1e-9);
  if (kinetic->tumbles) assert_true(fabs(rate - Tumbling(g, q)) < 1e-9);
  return 1 - rate / limit;
}

/* Rates are those of the linear theory, and tend to the hydrodynamic limit with the square of the wavenumber. */
static void test_waves(void **state) {
  (void)state;
  for (int c = 0; c < COUNT(kinetics); c++) {
    double away[3];
    for (int k = 0; k < 3; k++) away[k] = Departure(&kinetics[c], 8 * M_PI * (1 << k));
    double order = log2(away[1] / away[2]);
    if (!(order > 1.9 && order < 2.1 && fabs(away[2]) < 0.01))
      fail_msg("%s: %g from the limit, order %.2f", kinetics[c].model, away[2], order);
  }
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_waves)};
  return RunTests(argc, argv, tests, COUNT(tests));
}
