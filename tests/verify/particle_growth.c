/* particle_growth.c - quorum-sensing particles that leave the uniform state: covariances beside theory and runs.

   40 runs of 9600 + 9600 run-and-tumble particles (tests/reference/particle_growth.txt) begin as a Poisson gas, S =
   rho, whose waves oscillate and grow.  Beside them, with nothing fitted,

     linear theory   d_t S = A S + S A* + Q from the symbol (RhoStructureFactorsGrown)
     runs with noise of the nonlinear equation, COPIES of them along a dimension in which nothing flows

   Compared are P_a, P_b, sums of S_aa and S_bb over the 16 waves, and X, those of S_ab, in combined standard errors;
   and chi^2 of all waves one by one.  An error of theory is that of 40 runs of Gaussian waves, S sqrt(1/40).  Linear
   theory ends where the speeds' tanh saturates: at t = 4 densities vary by 19 % (rms), what is sensed by 0.3 w, the
   mean slope of tanh is 8 % lower and the growth, a difference, a quarter: the power is 25 % below linear theory, in
   the particles and in the runs alike.

     particle_growth [runs]      without the word, linear theory alone

   Faults that were put in once: half of the noise (both tests), one coupling's sign, half of the kernel's range, a
   start without fluctuations of b (test_linear). */
#include "../reference/rows.h"
#include "copies.h"
#include "rhoflux/fluctuations.h"

enum { NMODE = 16, NTIME = 11, NRUN = 40, NCELL = 192, COPIES = 512 };
#define LENGTH 24.0
#define RHO0 400.0
#define LINEAR 2.5 /* until then the pattern is small */
#define ALONE 4.5  /* until then the waves are independent of each other, as chi^2 supposes */

#define PARTICLES                                                                                                      \
  "extends: " RHO_SOURCE_DIR "/models/quorum_sensing_cross/particles.yaml\n"                                           \
  "parameters: {rho0: 400, w: 200, 'tau[s]': 0.05, 'k_self[s]': -1, 'k_cross[s]': {a: 0.4, b: -0.4}}\n"

static const char copies[] =
    PARTICLES "dimensions: [x, r]\ninitial: {antiphase: none, plateaus: none, wave: none}\nchecks: none\n"
              "dynamics:\n  'rho[s]': {mobility: none, potential: none, noise: {flux: {x: 'sqrt(2*rho[s]*D[s])'}},\n"
              "    flux: {x: '-D[s]*grad(rho[s]) - rho[s]*D[s]*grad(logv[s])'}}\n";

/* S_aa, S_bb, Re S_ab, Im S_ab of a wave, and their standard errors */
typedef struct {
  double value[4], error[4];
} Covariance;

typedef struct {
  double time[NTIME];
  Covariance wave[NTIME][NMODE];
  int n;
} Table;

static void KeepRow(const double *row, void *ctx) {
  Table *t = ctx;
  int mode = (int)row[1] - 1, k = t->n / NMODE;
  assert_int_equal(mode, t->n++ % NMODE);
  t->time[k] = row[0];
  for (int i = 0; i < 4; i++) {
    t->wave[k][mode].value[i] = row[2 + 2 * i];
    t->wave[k][mode].error[i] = row[3 + 2 * i];
  }
}

static void ReadParticles(Table *t) {
  *t = (Table){.n = 0};
  assert_int_equal(EachRow("particle_growth.txt", 10, KeepRow, t), NTIME * NMODE);
}

/* ---- comparison ---- */

static double Squares(double a, double b) { return a * a + b * b; }

/* Sums over all waves, independent of each other. */
static Covariance Sum(const Covariance *wave) {
  Covariance sum = {{0}, {0}};
  for (int m = 0; m < NMODE; m++)
    for (int i = 0; i < 4; i++) {
      sum.value[i] += wave[m].value[i];
      sum.error[i] += pow(wave[m].error[i], 2);
    }
  for (int i = 0; i < 4; i++) sum.error[i] = sqrt(sum.error[i]);
  return sum;
}

/* a of the particles, b of the continuum with the errors to take; chi^2 over its number, *worst: of the four sums. */
static double Compare(double time, const Covariance *a, const Covariance *b, double *worst) {
  static const char *const name[] = {"P_a", "P_b", "Re X", "Im X"};
  const Covariance A = Sum(a), B = Sum(b);
  double chi2 = 0;
  *worst = 0;
  for (int m = 0; m < NMODE; m++)
    for (int i = 0; i < 4; i++) chi2 += pow((a[m].value[i] - b[m].value[i]) / b[m].error[i], 2) / (4 * NMODE);
  for (int i = 0; i < 4; i++) {
    double difference = (A.value[i] - B.value[i]) / B.error[i];
    if (!(fabs(difference) <= fabs(*worst)) && !isnan(*worst)) *worst = difference; /* a NaN stays */
    print_message("| %-4g | %-4s | %.0f(%.0f) | %.0f | %+.1f |\n", time, name[i], A.value[i], A.error[i], B.value[i],
                  difference);
  }
  print_message("| %-4g | chi^2/%d | | | %.2f |\n", time, 4 * NMODE, chi2);
  return chi2;
}

/* ---- linear theory ---- */

static void Predict(const Setup *s, double time, Covariance *wave) {
  const double state[2] = {RHO0, RHO0};
  double q[NMODE];
  const double *along[RHO_MAXDIM] = {q, NULL, NULL};
  double complex S[NMODE][4], start[NMODE][4] = {{0}};
  for (int m = 0; m < NMODE; m++) q[m] = 2 * M_PI * (m + 1) / LENGTH, start[m][0] = start[m][3] = RHO0;
  assert_int_equal(RhoStructureFactorsGrown(s->eq, 1, s->value, state, NMODE, along, NULL, time, start[0], S[0]),
                   RHO_OK);
  for (int m = 0; m < NMODE; m++) {
    double aa = creal(S[m][0]), bb = creal(S[m][3]), cross = sqrt((aa * bb) / 2 / NRUN);
    wave[m] = (Covariance){{aa, bb, creal(S[m][1]), cimag(S[m][1])}, {aa / sqrt(NRUN), bb / sqrt(NRUN), cross, cross}};
  }
}

static void test_linear(void **state) {
  Table particles;
  Covariance theory[NMODE];
  Setup s;
  (void)state;
  ReadParticles(&particles);
  OpenText(PARTICLES, &s);
  Require(s.diag, RhoEquationsBind(s.eq, 1, 0, NULL, s.value), "parameters");
  for (int k = 0; k < NTIME && particles.time[k] < 5; k++) {
    double worst, time = particles.time[k];
    Predict(&s, time, theory);
    double chi2 = Compare(time, particles.wave[k], theory, &worst);
    if (time < LINEAR) assert_true(fabs(worst) < 3 && chi2 < 1.5);
    if (time > 3.5) assert_true(worst < -3); /* the nonlinear effect is there */
  }
  CloseModel(&s);
}

/* ---- runs with noise ---- */

static uint64_t random_state = 12345;

/* Normal numbers: xorshift64* (Vigna 2016), Box and Muller. */
static double Uniformly(void) {
  random_state ^= random_state >> 12, random_state ^= random_state << 25, random_state ^= random_state >> 27;
  return ((double)((random_state * UINT64_C(2685821657736338717)) >> 11) + 0.5) * 0x1p-53;
}
static double Normal(void) { return sqrt(-2 * log(Uniformly())) * cos(2 * M_PI * Uniformly()); }

/* Counts of independent particles, their number fixed: at 50 in a cell as good as Gaussian. */
static void FillGas(Setup *s) {
  PetscScalar *u;
  double size = sqrt(RHO0 * NCELL / LENGTH);
  OK(VecGetArray(s->u, &u));
  for (int c = 0; c < 2 * COPIES; c++) {
    PetscScalar *copy = u + (ptrdiff_t)(c / 2) * 2 * NCELL + c % 2;
    double mean = 0;
    for (int i = 0; i < NCELL; i++) mean += (copy[2 * i] = size * Normal()) / NCELL;
    for (int i = 0; i < NCELL; i++) copy[2 * i] += RHO0 - mean;
  }
  OK(VecRestoreArray(s->u, &u));
}

/* The four numbers of one wave of one copy. */
static void Measure(const PetscScalar *copy, int mode, double *value) {
  double complex x[2];
  for (int f = 0; f < 2; f++) x[f] = CopyWave(copy, 2, f, NCELL, mode) * LENGTH / NCELL;
  double complex cross = x[0] * conj(x[1]) / LENGTH;
  value[0] = Squares(creal(x[0]), cimag(x[0])) / LENGTH;
  value[1] = Squares(creal(x[1]), cimag(x[1])) / LENGTH;
  value[2] = creal(cross), value[3] = cimag(cross);
}

static void Average(const PetscScalar *u, int mode, Covariance *wave) {
  *wave = (Covariance){{0}, {0}};
  for (int c = 0; c < COPIES; c++) {
    double value[4];
    Measure(u + (ptrdiff_t)c * 2 * NCELL, mode, value);
    for (int i = 0; i < 4; i++) {
      wave->value[i] += value[i] / COPIES;
      wave->error[i] += value[i] * value[i] / COPIES;
    }
  }
  /* the spread of one copy is that of one particle run */
  for (int i = 0; i < 4; i++)
    wave->error[i] = sqrt((wave->error[i] - pow(wave->value[i], 2)) * (1.0 / COPIES + 1.0 / NRUN));
}

static PetscErrorCode Watch(void *ctx, const RhoEvolveState *at, Vec u, PetscBool *stop) {
  Table *m = ctx;
  const PetscScalar *x;
  (void)stop;
  if (at->output < 0) return 0;
  OK(VecGetArrayRead(u, &x));
  for (int k = 0; k < NMODE; k++) Average(x, k + 1, &m->wave[at->output][k]);
  OK(VecRestoreArrayRead(u, &x));
  m->time[at->output] = at->time;
  m->n++;
  return 0;
}

static void RunCopies(const Table *particles, Table *m) {
  RhoEvolveOptions options = Until(particles->time[NTIME - 1], 1e-6);
  RhoMesh mesh = CopiesOf(LENGTH, NCELL, COPIES);
  Outcome out;
  Setup s;
  OpenText(copies, &s);
  assert_true(OpenGrid(&s, PETSC_COMM_SELF, &mesh));
  FillGas(&s);
  options.scheme = "imex_midpoint";
  options.fixed = 0.02;
  options.noutput = NTIME;
  options.output = particles->time;
  OK(RhoNoiseCreate(s.fm, 1, 7, &options.noise));
  OK(RhoEvolve(s.fm, &options, s.u, Watch, m, &out.reason, &out.last, &out.text));
  assert_int_equal(out.reason, RHO_EVOLVE_DONE);
  OK(RhoNoiseDestroy(&options.noise));
  CloseGrid(&s);
  CloseModel(&s);
}

/* Into the pattern: within 3 errors at all times. */
static void test_runs(void **state) {
  Table particles;
  Table m = {.n = 0};
  (void)state;
  ReadParticles(&particles);
  RunCopies(&particles, &m);
  assert_int_equal(m.n, NTIME);
  for (int k = 0; k < NTIME; k++) {
    double worst, chi2 = Compare(particles.time[k], particles.wave[k], m.wave[k], &worst);
    assert_true(fabs(m.time[k] - particles.time[k]) < 1e-9);
    assert_true(fabs(worst) < 3 && (particles.time[k] > ALONE || chi2 < 1.5));
  }
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_linear), cmocka_unit_test(test_runs)};
  return RunTests(1, argv, tests, argc > 1 ? 2 : 1);
}
