/* spectra.c - noise is right: S(q) of long runs is that of the theory in discrete time, for every stepper.

   R runs in one box start from Gaussian numbers that have the stationary covariance S of the stepper (runs.h), and
   after so long that all but the slowest waves have forgotten it, S is what is measured.  For one of each pair q, -q:

     y = sqrt(2) L^-1 x(q),  L L' = S;   real and imaginary parts of all fields are independent with variance 1
     W = sum over the runs of y y'       Wishart: <W_aa> = R with variance 2 R, <W_ab> = 0 with variance R

   Two numbers p for each row: of the mean of y^2, and of the sum over q and a <= b of these deviations squared, which
   has a chi^2 distribution.  With m numbers p in the table each must exceed 0.01/m.  The linear theory is that of an
   infinite system size; OMEGA is so large that it matters no more, test_size shows how it is approached, and
   test_few has few particles per cell, where S of independent ones is still exact.

   Faults that turn these tests red: faults/list.txt.

   Arguments: how many times as many runs as in the default test; 16 and more also ask for 0.5 % (1 %). */
#include "runs.h"

#define OMEGA 1e6
#define SIGNIFICANCE 0.01

static int factor = 1;

/* ---- the end ---- */

static void Measure(const Box *box, const Job *job) {
  RhoGrid g = box->s.grid;
  int nf = job->model->nfield, nx = (int)(box->nwave * job->ncopy * nf);
  const PetscScalar *u;
  memset(box->x, 0, sizeof *box->x * (size_t)nx);
  OK(VecGetArrayRead(box->s.u, &u));
  for (PetscInt q = 0; q < g->nowned / g->n[0]; q++)
    for (int k = 0; k < box->nwave; k++) {
      PetscInt i = q % g->count[1] + g->start[1], j = q / g->count[1] + g->start[2];
      double complex e = conj(Factor(box, &box->wave[k], (int)(j * g->n[1] + i)));
      double complex *x = box->x + (size_t)(k * job->ncopy * nf);
      for (PetscInt m = 0; m < job->ncopy * nf; m++) x[m] += e * (u[q * job->ncopy * nf + m] - job->model->rho[m % nf]);
    }
  OK(VecRestoreArrayRead(box->s.u, &u));
  OK(MPI_Allreduce(MPI_IN_PLACE, box->x, 2 * nx, MPI_DOUBLE, MPI_SUM, g->comm));
}

/* y of one run: real and imaginary part of each field, one after the other */
static void Whiten(const Box *box, const Wave *w, int nf, const double complex *x, double y[4]) {
  double complex z = x[0] / w->root.m[0][0];
  double size = sqrt(2 / box->unit);
  y[0] = size * creal(z), y[1] = size * cimag(z);
  if (nf == 1) return;
  z = (x[1] - w->root.m[1][0] * z) / w->root.m[1][1];
  y[2] = size * creal(z), y[3] = size * cimag(z);
}

typedef struct {
  double mean, error, chi2; /* of y^2 and its standard error; of the covariances */
  int dof;
  double clipped, negative;
} Found;

/* Adds what the runs [from, to) have of one wave. */
static void AddWave(const Box *box, const Job *job, int number, int from, int to, Found *found) {
  int nf = job->model->nfield, n = 2 * nf, R = to - from;
  double W[4][4] = {{0}};
  for (int r = from; r < to; r++) {
    double y[4];
    Whiten(box, &box->wave[number], nf, box->x + (size_t)((number * job->ncopy + r) * nf), y);
    for (int a = 0; a < n; a++)
      for (int b = 0; b <= a; b++) W[a][b] += y[a] * y[b];
  }
  for (int a = 0; a < n; a++) {
    found->mean += W[a][a];
    found->chi2 += pow(W[a][a] - R, 2) / (2 * R);
    for (int b = 0; b < a; b++) found->chi2 += pow(W[a][b], 2) / R;
  }
  found->dof += n * (n + 1) / 2;
}

static Found Sums(const Box *box, const Job *job, int from, int to) {
  Found found = {0};
  double count = 0;
  for (int k = 0; k < box->nwave; k++) {
    if (box->wave[k].own) continue;
    AddWave(box, job, k, from, to, &found);
    count += 2 * job->model->nfield * (double)(to - from);
  }
  found.mean /= count;
  found.error = sqrt(2 / count);
  return found;
}

/* ---- a run ---- */

static void Run(Box *box, const Job *job, Found *shares) {
  Open(box, job);
  Start(box, job);
  RhoEvolveOptions options = OptionsOf(box, job);
  Outcome out = RunDone(&box->s, options);
  assert_int_equal(out.last.nstep, job->nstep);
  OK(RhoNoiseShares(options.noise, &shares->clipped, &shares->negative));
  OK(RhoNoiseDestroy(&options.noise));
  Measure(box, job);
}

static Found Result(const Job *job) {
  Box box;
  Found found, shares;
  Run(&box, job, &shares);
  found = Sums(&box, job, 0, job->ncopy);
  found.clipped = shares.clipped, found.negative = shares.negative;
  Close(&box);
  return found;
}

/* ---- numbers p ---- */

/* Of a normal deviation, both sides. */
static double Normal(double z) { return erfc(fabs(z) / sqrt(2)); }

/* Of chi^2, both sides: the incomplete gamma function by its series. */
static double ChiSquare(double chi2, int dof) {
  double a = 0.5 * dof, x = 0.5 * chi2, term = 1 / a, sum = term;
  for (int k = 1; k < 100000 && term > 1e-17 * sum; k++) {
    term *= x / (a + k);
    sum += term;
  }
  double below = sum * exp(a * log(x) - x - lgamma(a));
  return 2 * fmin(below, fmax(1 - below, 0));
}

static void Check(const Job *job, int ntest) {
  Found f = Result(job);
  double p[2] = {Normal((f.mean - 1) / f.error), ChiSquare(f.chi2, f.dof)};
  if (Speaks())
    print_message("| %s | %s | %d-D | %d | %g | %d | %d | %.5f | %.5f | %.3f | %.3f |\n", job->model->name, job->scheme,
                  job->dim, Ranks(), job->h, job->nstep, job->ncopy, f.mean, f.error, p[0], p[1]);
  assert_true(p[0] > SIGNIFICANCE / ntest && p[1] > SIGNIFICANCE / ntest);
  if (factor >= 16) assert_true(f.error < 0.002 && fabs(f.mean - 1) < 0.005);
}

/* ---- the table ---- */

/* Steps that are not small: S of the steppers differs by several per cent from that of continuous time. */
static void Table(const Model *model, double explicit_step, double implicit_step, double time, int ncopy, int seed) {
  for (int k = 0; k < 6; k++) {
    double h = k % 3 ? implicit_step : explicit_step;
    Job job = {model, schemes[k % 3], 1 + k / 3, h, (int)lround(time / h), ncopy * factor, seed + k, OMEGA, VOLUMES};
    Check(&job, 2 * 5 * 6);
  }
}

static void test_particles(void **state) {
  (void)state;
  Table(&single, 0.05, 0.2, 4, 1024, 100);
}

/* What does not look at the ranks is left to the test on one, but for the long runs. */
static bool Brief(void) { return Ranks() > 1 && factor < 16; }

static void test_reciprocal(void **state) {
  (void)state;
  if (!Brief()) Table(&pairs[0][0], 0.02, 0.1, 3, 256, 200);
  Table(&pairs[0][1], 0.02, 0.1, 3, 256, 300);
}

static void test_nonreciprocal(void **state) {
  (void)state;
  if (!Brief()) Table(&pairs[1][0], 0.02, 0.1, 3, 256, 400);
  Table(&pairs[1][1], 0.02, 0.1, 3, 256, 500);
}

/* ---- few particles ---- */

/* Independent particles, 1.5 and 5 in a cell: within 1 %, whatever the stepper. */
static void Few(double each, int k) {
  double h = k % 3 ? 0.1 : 0.05, volume = k < 3 ? 0.5 : 0.375;
  int ncopy = 4096 * (factor < 8 ? 1 : factor / 8);
  Job job = {&single, schemes[k % 3], 1 + k / 3, h, (int)lround(3 / h), ncopy, 600 + k, each / (3 * volume), VOLUMES};
  Found f = Result(&job);
  if (Speaks())
    print_message("| %g | %s | %d-D | %g | %d | %.4f | %.4f | %.1e | %.1e |\n", each, job.scheme, job.dim, h, job.ncopy,
                  f.mean, f.error, f.clipped, f.negative);
  assert_true(fabs(f.mean - 1) < (factor >= 16 ? 0.01 : 0.01 + 2 * f.error));
}

static void test_few(void **state) {
  (void)state;
  for (int k = 0; k < 6 && !Brief(); k++) {
    Few(1.5, k);
    Few(5, k);
  }
}

/* ---- the system size ---- */

enum { BLOCKS = 16 };

typedef struct {
  double value, error;
} Estimate;

/* Means of y^2 of the blocks of runs. */
static void Blocks(const Job *job, double mean[BLOCKS]) {
  Box box;
  Found shares;
  Run(&box, job, &shares);
  for (int b = 0; b < BLOCKS; b++)
    mean[b] = Sums(&box, job, b * job->ncopy / BLOCKS, (b + 1) * job->ncopy / BLOCKS).mean;
  Close(&box);
}

/* The mean of omega (mean - that of hardly any noise) over the blocks, the same random numbers in both, which makes it
   much more precise than each of them. */
static Estimate Excess(Job job, double omega) {
  double weak[BLOCKS], strong[BLOCKS], sum = 0, square = 0;
  job.omega = 1e9;
  Blocks(&job, weak);
  job.omega = omega;
  Blocks(&job, strong);
  for (int b = 0; b < BLOCKS; b++) {
    sum += omega * (strong[b] - weak[b]) / BLOCKS;
    square += pow(omega * (strong[b] - weak[b]), 2) / BLOCKS;
  }
  return (Estimate){sum, sqrt((square - sum * sum) / (BLOCKS - 1))};
}

/* What S of the nonlinear equations has beyond the linear theory falls as 1/omega, or faster. */
static void Size(const Model *model, const char *scheme, double h) {
  int ncopy = 512 * (factor < 8 ? 1 : factor / 8);
  Job job = {model, scheme, 1, h, (int)lround(3 / h), ncopy, 700, 0, VOLUMES};
  Estimate strong = Excess(job, 250), weak = Excess(job, 1000);
  if (Speaks())
    print_message("| %s | %s | %g | %.2f +- %.2f | %.2f +- %.2f |\n", model->name, scheme, h, strong.value,
                  strong.error, weak.value, weak.error);
  assert_true(fabs(weak.value) < fabs(strong.value) + 3 * hypot(strong.error, weak.error));
  if (model == &pairs[0][0] || model == &pairs[1][0]) assert_true(fabs(strong.value) > 4 * strong.error);
  else assert_true(fabs(strong.value) < 2);
}

static void test_size(void **state) {
  (void)state;
  if (Brief()) return;
  Size(&pairs[0][0], "imex_em", 0.1);
  Size(&pairs[1][0], "imex_em", 0.1);
  for (int k = 0; k < 3 && factor >= 16; k++)
    for (int set = 0; set < 2; set++)
      for (int kernel = 0; kernel < 2; kernel++)
        if (kernel || k != 1) Size(&pairs[set][kernel], schemes[k], k ? 0.1 : 0.02);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_particles), cmocka_unit_test(test_reciprocal),
                                     cmocka_unit_test(test_nonreciprocal), cmocka_unit_test(test_few),
                                     cmocka_unit_test(test_size)};
  if (argc > 1) factor = atoi(argv[1]);
  return RunTests(argc, argv, tests, sizeof tests / sizeof *tests);
}
