/* noise_spectral.c - the noise of the spectral discretisation.  About a density u(x) of independent particles

     <du^_q du^_q'*> = dt q q' 2 D [u]^_(q - q')/(Omega V),   flat in 2 D u q^2 where u is uniform,

   in every direction, and nothing at q = 0 or at the wavenumber n/2.

   Faults that were put in once, and the tests that went red:  q of the finite volumes, a factor sqrt(2), noise drawn
   once for both dimensions: all of test_spectrum's but the mean; no i before q: test_correlation. */
#include "../verify/verify.h"
#include <complex.h>

enum { NX = 12, NY = 10 };
#define OMEGA 40.0
#define DT 0.01

static const char model[] =
    "fields: {rho: density}\ndynamics: {rho: {flux: \"-0.7*grad(rho)\", noise: \"sqrt(2*0.7*rho)\"}}";

/* The part of a wave that this rank has. */
static double complex Part(const RhoGrid g, const PetscScalar *x, const int k[2]) {
  double complex sum = 0;
  for (PetscInt p = 0; p < g->nowned; p++) {
    double i = (double)(g->start[0] + p % g->count[0]), j = (double)(g->start[1] + p / g->count[0]);
    sum += x[p] * cexp(-I * 2 * M_PI * (k[0] * (i + 0.5) / NX + k[1] * (j + 0.5) / NY));
  }
  return sum;
}

/* amplitude[n] of the waves k[n]: one reduction. */
static void Amplitudes(const RhoGrid g, Vec u, int n, const int (*k)[2], double complex *amplitude) {
  const PetscScalar *x;
  OK(VecGetArrayRead(u, &x));
  for (int m = 0; m < n; m++) amplitude[m] = Part(g, x, k[m]);
  OK(VecRestoreArrayRead(u, &x));
  MPI_Allreduce(MPI_IN_PLACE, amplitude, n, MPI_C_DOUBLE_COMPLEX, MPI_SUM, PETSC_COMM_WORLD);
}

static double Square(double complex a) { return creal(a * conj(a)); }

/* Fewer on several ranks, where every draw is reduced. */
static int Few(int many, int few) {
  int size;
  MPI_Comm_size(PETSC_COMM_WORLD, &size);
  return size > 1 ? few : many;
}

typedef struct {
  Setup s;
  RhoNoise noise;
  Vec du;
} Draws;

static void Open(Draws *d, double ripple) {
  const int cells[3] = {NX, NY, 1};
  RhoMesh mesh = BoxMesh(2, cells, RHO_PERIODIC);
  PetscScalar *u;
  assert_true(SetupTextAs(model, &mesh, SPECTRAL, &d->s));
  OK(RhoNoiseCreate(d->s.fm, OMEGA, 7, &d->noise));
  OK(VecDuplicate(d->s.u, &d->du));
  OK(VecGetArray(d->s.u, &u));
  for (PetscInt p = 0; p < d->s.grid->nowned; p++) {
    double i = (double)(d->s.grid->start[0] + p % d->s.grid->count[0]);
    u[p] = 2 + ripple * cos(2 * M_PI * (i + 0.5) / NX);
  }
  OK(VecRestoreArray(d->s.u, &u));
}

static void Close(Draws *d) {
  OK(RhoNoiseDestroy(&d->noise));
  OK(VecDestroy(&d->du));
  SetupClose(&d->s);
}

static double Q(const Draws *d, int k, int axis) { return 2 * M_PI * k / (d->s.grid->n[axis] * d->s.grid->h[axis]); }

/* Expected variance of a mode where the density is 2. */
static double Variance(const Draws *d, int kx, int ky) {
  double q2 = Q(d, kx, 0) * Q(d, kx, 0) + Q(d, ky, 1) * Q(d, ky, 1);
  return DT * q2 * 2 * 0.7 * 2 * NX * NY / (OMEGA * d->s.grid->volume);
}

/* Mean of |mode|^2 over the draws and all modes that are kept, each over what it should be: 1 within 4 standard errors.
 */
static void test_spectrum(void **state) {
  enum { NKEPT = 6, MEAN = NKEPT, EDGE };
  static const int mode[][2] = {{1, 0}, {0, 1}, {3, 2}, {5, 4}, {-2, 3}, {4, -1}, [MEAN] = {0, 0}, {NX / 2, 1}};
  double sum[NKEPT] = {0}, total = 0, mean = 0, edge = 0, size = 0;
  double complex a[EDGE + 1];
  const int ndraw = Few(10000, 1000);
  Draws d;
  (void)state;
  Open(&d, 0);
  for (int n = 0; n < ndraw; n++) {
    OK(RhoNoiseApply(d.noise, 0, d.s.u, n, 0, DT, d.du));
    Amplitudes(d.s.grid, d.du, EDGE + 1, mode, a);
    for (int k = 0; k < NKEPT; k++) sum[k] += Square(a[k]) / Variance(&d, mode[k][0], mode[k][1]);
    mean = Worse(mean, cabs(a[MEAN]));
    edge = Worse(edge, cabs(a[EDGE]));
    size = fmax(size, NormMax(d.du));
  }
  for (int k = 0; k < NKEPT; k++) {
    print_message("mode %2d %2d: %.4f\n", mode[k][0], mode[k][1], sum[k] / ndraw);
    assert_true(fabs(sum[k] / ndraw - 1) < 4 / sqrt(ndraw));
    total += sum[k] / ndraw / NKEPT;
  }
  print_message("all of them %.4f, mean %.1e, edge %.1e of %.1e\n", total, mean, edge, size);
  assert_true(fabs(total - 1) < 4 / sqrt(1.0 * NKEPT * ndraw));
  assert_true(mean < 1e-12 * size && edge < 1e-12 * size);
  Close(&d);
}

/* Modes k and k + 1 along x are correlated by a density 2 + cos: with the factor 1/4 of the mean of both variances'
   roots, real and positive as i q before both is. */
static void test_correlation(void **state) {
  static const int mode[2][2] = {{3, 0}, {2, 0}};
  double complex a[2], sum = 0;
  const int ndraw = Few(10000, 4000);
  Draws d;
  (void)state;
  Open(&d, 1);
  for (int n = 0; n < ndraw; n++) {
    OK(RhoNoiseApply(d.noise, 0, d.s.u, n, 0, DT, d.du));
    Amplitudes(d.s.grid, d.du, 2, mode, a);
    sum += a[0] * conj(a[1]);
  }
  sum /= ndraw * sqrt(Variance(&d, 3, 0) * Variance(&d, 2, 0));
  print_message("correlation %.4f %+.4f i, expected 0.25\n", creal(sum), cimag(sum));
  assert_true(cabs(sum - 0.25) < 4 / sqrt(ndraw));
  Close(&d);
}

/* The waves below half the number of points, one of each pair q, -q. */
enum { NWAVE = ((NX - 1) * (NY - 1) - 1) / 2 };
static void Waves(int k[NWAVE][2]) {
  int n = 0;
  for (int y = 1 - NY / 2; y < NY / 2; y++)
    for (int x = 0; x < NX / 2; x++)
      if (x > 0 || y > 0) k[n][0] = x, k[n++][1] = y;
  assert_int_equal(n, NWAVE);
}

/* S(q) of a run with the midpoint rule: rho for every mode, as the discrete-time theory has it. */
static void test_stationary(void **state) {
  RhoEvolveOptions options;
  double sum = 0;
  static int mode[NWAVE][2];
  double complex a[NWAVE];
  const int nrun = Few(600, 20);
  (void)state;
  Waves(mode);
  for (int n = 0; n < nrun; n++) {
    Draws d;
    Open(&d, 0);
    OK(RhoNoiseDestroy(&d.noise));
    OK(RhoNoiseCreate(d.s.fm, OMEGA, 1000 + n, &d.noise));
    options = Until(2, 1e-4);
    options.scheme = "imex_midpoint";
    options.fixed = 0.05;
    options.noise = d.noise;
    (void)RunDone(&d.s, options);
    Amplitudes(d.s.grid, d.s.u, NWAVE, (const int(*)[2])mode, a);
    for (int k = 0; k < NWAVE; k++) sum += Square(a[k]) / (2.0 * NX * NY / (OMEGA * d.s.grid->volume)) / (NWAVE * nrun);
    Close(&d);
  }
  double error = 1 / sqrt(1.0 * NWAVE * nrun);
  print_message("S/rho %.4f, standard error %.4f\n", sum, error);
  assert_true(fabs(sum - 1) < 4 * error);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_spectrum), cmocka_unit_test(test_correlation),
                                     cmocka_unit_test(test_stationary)};
  return RunTests(argc, argv, tests, sizeof tests / sizeof *tests);
}
