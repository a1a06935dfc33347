/* particle_gas.c - independent particles: profiles, fluctuations and relaxation beside those of particle runs.

   Run-and-tumble particles (speed v(x), time tau between tumbles), active Brownian ones, and Brownian ones in a
   potential V(x), all in the density's equation with its noise,

     d_t rho = d_x[D d_x rho + rho D w' + sqrt(2 D rho) xi],   w = log v, D = v^2 tau/dim;   w = V, D = 1

     profile       rho v = const, rho exp(V) = const, as a run from the uniform state ends; particles: gas_profiles.txt
     fluctuations  S(q) = rho in a uniform state, less |<rho_q>|^2/N in another, the number being fixed;
                   gas_structure.txt
     relaxation    exp(-D q^2 t); gas_relaxation.txt.  Of particles with persistence only for q v tau << 1: with the
                   orientation p as a second field, d_t rho = -v d_x p, d_t p = -v d_x rho - p/tau, at all q

   The files are those of tests/reference.

     particle_gas [runs]     without the word nothing with noise: S(q) by the equation A S + S A* + Q = 0

   Faults that were put in once: grad w halved (test_profiles), noise of D rho (test_structure), tau halved
   in both equations (test_relaxation). */
#include "../reference/rows.h"
#include "copies.h"
#include "rhoflux/fluctuations.h"
#include "rhoflux/uniform.h"

enum { NGAS = 5, NPART = 20, NMODE = 16, NCELL = 100, COPIES = 256, NOUTPUT = 24 };
#define LENGTH 20.0

#define DENSITY(w, D)                                                                                                  \
  "dimensions: [x, r]\nfields: {rho: density}\ndefine: {w: '" w "', D: '" D "'}\n"                                     \
  "dynamics: {rho: {flux: {x: '-D*grad(rho) - rho*D*grad(w)'}, noise: {flux: {x: 'sqrt(2*D*rho)'}}}}"
#define SPEED "(1 + 0.6*cos(2*pi*x/20))"

static const struct {
  const char *name, *text;
  double rho; /* mean density per length */
} gas[NGAS] = {{"rtp1d_free", DENSITY("0", "1"), 250},
               {"brown1d_free", DENSITY("0", "1"), 250},
               {"rtp1d_field", DENSITY("log" SPEED, SPEED "^2"), 400},
               {"abp2d_field", DENSITY("log" SPEED, SPEED "^2/2"), 400},
               {"brown2d_pot", DENSITY("cos(2*pi*x/20)", "1"), 250}};

/* ---- profiles ---- */

typedef struct {
  double value[NGAS][NPART], error[NGAS][NPART];
} Rows;

static void KeepRow(const double *row, void *ctx) {
  Rows *t = ctx;
  int at = (int)ceil(row[1]) - 1; /* a mode from 1 on, or the middle of a part of the length 1 */
  t->value[(int)row[0]][at] = row[2];
  t->error[(int)row[0]][at] = row[3];
}

/* Without noise, from the uniform state, as long as nothing changes any more. */
static void Relaxed(int g, int ncopy, Setup *s) {
  RhoMesh mesh = CopiesOf(LENGTH, NCELL, ncopy);
  OpenText(gas[g].text, s);
  assert_true(OpenGrid(s, PETSC_COMM_SELF, &mesh));
  OK(VecSet(s->u, gas[g].rho));
  (void)RunDone(s, Until(200, 1e-7));
}

static void test_profiles(void **state) {
  Rows particles;
  (void)state;
  assert_int_equal(EachRow("gas_profiles.txt", 4, KeepRow, &particles), NGAS * NPART);
  for (int g = 0; g < NGAS; g++) {
    const PetscScalar *u;
    double chi2 = 0, largest = 0;
    Setup s;
    Relaxed(g, 1, &s);
    OK(VecGetArrayRead(s.u, &u));
    for (int part = 0; part < NPART; part++) {
      double mean = 0, error = particles.error[g][part];
      for (int i = 0; i < NCELL / NPART; i++) mean += u[part * (NCELL / NPART) + i] * NPART / NCELL / gas[g].rho;
      chi2 += pow((particles.value[g][part] - mean) / error, 2) / NPART;
      largest = Worse(largest, fabs(particles.value[g][part] - mean) / error);
    }
    OK(VecRestoreArrayRead(s.u, &u));
    print_message("| %s | profile, %d parts | chi^2 %.2f each, at most %.1f errors |\n", gas[g].name, NPART, chi2,
                  largest);
    assert_true(chi2 < 1.6 && largest < 3.5);
    CloseGrid(&s);
    CloseModel(&s);
  }
}

/* ---- fluctuations ---- */

/* Particles over theory, averaged with the errors of both: the mean ratio's difference from 1 in its error. */
static void CompareModes(int g, const Rows *particles, const double *S, const double *error) {
  double sum = 0, weight = 0, chi2 = 0;
  for (int k = 0; k < NMODE; k++) {
    double e = hypot(particles->error[g][k], error[k]), ratio = particles->value[g][k] / S[k];
    sum += ratio * pow(S[k] / e, 2);
    weight += pow(S[k] / e, 2);
    chi2 += pow((particles->value[g][k] - S[k]) / e, 2) / NMODE;
  }
  double mean = sum / weight, sigma = 1 / sqrt(weight);
  print_message("| %s | S(q), %d waves | first: %.3f(%.3f), %.3f | ratio %.4f(%.4f), %+.1f | chi^2 %.2f each |\n",
                gas[g].name, NMODE, particles->value[g][0], particles->error[g][0], S[0], mean, sigma,
                (mean - 1) / sigma, chi2);
  assert_true(fabs(mean - 1) < 3 * sigma && chi2 < 2); /* errors from 16 blocks: 1.15 is expected */
}

/* Uniform gases: S = rho of the equation, at any q. */
static void test_structure(void **state) {
  Rows particles;
  (void)state;
  assert_int_equal(EachRow("gas_structure.txt", 4, KeepRow, &particles), NGAS * NMODE);
  for (int g = 0; g < 2; g++) {
    double q[NMODE], S[NMODE], none[NMODE] = {0};
    const double *along[RHO_MAXDIM] = {q, NULL, NULL};
    double complex covariance[NMODE];
    Setup s;
    OpenText(gas[g].text, &s);
    Require(s.diag, RhoEquationsBind(s.eq, 1, 0, NULL, s.value), "parameters");
    for (int k = 0; k < NMODE; k++) q[k] = 2 * M_PI * (k + 1) / LENGTH;
    assert_int_equal(RhoStructureFactors(s.eq, 1, s.value, &gas[g].rho, NMODE, along, NULL, covariance, NULL), RHO_OK);
    for (int k = 0; k < NMODE; k++) S[k] = creal(covariance[k]) / gas[g].rho;
    CompareModes(g, &particles, S, none);
    CloseModel(&s);
  }
}

/* ---- runs with noise ---- */

#define SETTLES 30.0 /* from the profile without fluctuations: the slowest wave's variance is 0.3 % short */

typedef struct {
  double from, profile[NCELL];
  double sum[NMODE][NOUTPUT];
  int n;
} Film;

static PetscErrorCode Watch(void *ctx, const RhoEvolveState *at, Vec u, PetscBool *stop) {
  Film *film = ctx;
  const PetscScalar *x;
  (void)stop;
  if (at->output < 0 || at->time < film->from) return 0;
  OK(VecGetArrayRead(u, &x));
  for (int k = 0; k < NMODE; k++) {
    double complex mean = CopyWave(film->profile, 1, 0, NCELL, k + 1);
    for (int c = 0; c < COPIES; c++) {
      double complex wave = CopyWave(x + (ptrdiff_t)c * NCELL, 1, 0, NCELL, k + 1) - mean;
      film->sum[k][film->n] += pow(cabs(wave), 2) / COPIES;
    }
  }
  OK(VecRestoreArrayRead(u, &x));
  film->n++;
  return 0;
}

static void KeepProfile(const Setup *s, Film *film) {
  const PetscScalar *u;
  OK(VecGetArrayRead(s->u, &u));
  for (int i = 0; i < NCELL; i++) film->profile[i] = u[i];
  OK(VecRestoreArrayRead(s->u, &u));
}

/* S over the mean density; outputs are independent but for the longest waves, whose errors are a little small. */
static void Fluctuate(int g, double *S, double *error) {
  RhoEvolveOptions options = Until(SETTLES + 5 * NOUTPUT, 1e-6);
  PetscReal output[NOUTPUT];
  Film film = {.from = SETTLES};
  Outcome out;
  Setup s;
  Relaxed(g, COPIES, &s);
  KeepProfile(&s, &film);
  for (int k = 0; k < NOUTPUT; k++) output[k] = SETTLES + 5 * (k + 1);
  options.scheme = "imex_midpoint";
  options.fixed = 0.1;
  options.noutput = NOUTPUT;
  options.output = output;
  OK(RhoNoiseCreate(s.fm, 1, 11 + g, &options.noise));
  OK(RhoEvolve(s.fm, &options, s.u, Watch, &film, &out.reason, &out.last, &out.text));
  assert_int_equal(out.reason, RHO_EVOLVE_DONE);
  assert_int_equal(film.n, NOUTPUT);
  OK(RhoNoiseDestroy(&options.noise));
  CloseGrid(&s);
  CloseModel(&s);
  for (int k = 0; k < NMODE; k++) {
    double mean = 0, square = 0, unit = LENGTH / NCELL * LENGTH / NCELL / (gas[g].rho * LENGTH);
    for (int n = 0; n < NOUTPUT; n++) mean += film.sum[k][n] / NOUTPUT, square += pow(film.sum[k][n], 2) / NOUTPUT;
    S[k] = mean * unit;
    error[k] = sqrt((square - mean * mean) / (NOUTPUT - 1)) * unit;
  }
}

static void test_runs(void **state) {
  Rows particles;
  (void)state;
  assert_int_equal(EachRow("gas_structure.txt", 4, KeepRow, &particles), NGAS * NMODE);
  for (int g = 1; g < NGAS; g++) {
    double S[NMODE], error[NMODE];
    Fluctuate(g, S, error);
    CompareModes(g, &particles, S, error);
  }
}

/* ---- relaxation ---- */

/* Correlation of a density wave after a time, from the modes of the linear equation; of two, the density starts without
   a current, f' = 0. */
static double Relaxation(Setup *s, const double *state, double q, double time) {
  const double *along[RHO_MAXDIM] = {&q, NULL, NULL};
  double complex a[2];
  assert_int_equal(RhoDispersion(s->eq, 1, s->value, state, 1, along, NULL, a, NULL), RHO_OK);
  if (s->eq->nfield == 1) return creal(cexp(a[0] * time));
  return creal((a[0] * cexp(a[1] * time) - a[1] * cexp(a[0] * time)) / (a[0] - a[1]));
}

typedef struct {
  Setup diffusive, persistent;
} Equations;

static void CompareRelaxation(const double *row, void *ctx) {
  static const double state[2] = {250, 0};
  Equations *e = ctx;
  int g = (int)row[0];
  double q = 2 * M_PI * row[1] / LENGTH, value = row[3], error = row[4];
  double slow = Relaxation(&e->diffusive, state, q, row[2]);
  double all = g ? slow : Relaxation(&e->persistent, state, q, row[2]);
  print_message("| %s | q = %.3f, t = %g | %.4f(%.4f) | %.4f, %+.1f | %.4f, %+.1f |\n", gas[g].name, q, row[2], value,
                error, slow, (value - slow) / error, all, (value - all) / error);
  assert_true(fabs(value - all) < 3 * error);
}

static void test_relaxation(void **state) {
  Equations e;
  (void)state;
  OpenText(gas[0].text, &e.diffusive);
  OpenText("dynamics: {rho: {flux: {x: p}}, p: {flux: {x: rho}, reaction: '-p'}}", &e.persistent);
  Require(e.diffusive.diag, RhoEquationsBind(e.diffusive.eq, 1, 0, NULL, e.diffusive.value), "parameters");
  Require(e.persistent.diag, RhoEquationsBind(e.persistent.eq, 1, 0, NULL, e.persistent.value), "parameters");
  assert_int_equal(EachRow("gas_relaxation.txt", 5, CompareRelaxation, &e), 8);
  CloseModel(&e.diffusive);
  CloseModel(&e.persistent);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_profiles), cmocka_unit_test(test_structure),
                                     cmocka_unit_test(test_relaxation), cmocka_unit_test(test_runs)};
  return RunTests(1, argv, tests, COUNT(tests) - (argc < 2));
}
