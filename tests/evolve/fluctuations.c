/* fluctuations.c - covariances of small fluctuations after n steps are those of the discrete-time theory, mode by mode.

   A ring of N cells along x, R copies of it along an internal dimension r in which nothing flows: R independent runs in
   one.  With A the symbol on the grid, L its stiff part, Q the strength of the noise, one step is x' = G x + noise,

     em             G = 1 + h A                                C = h Q
     imex_em        G = 1 + P h A, P = (1 - h L)^-1            C = P h Q P'
     imex_midpoint  G = 1 + P h (A + (A - L) P h A/2),         C = (B Q B' + P Q P') h/2,  B = P + P h (A - L) P
                    P = (1 - h L/2)^-1

   and S_{n+1} = G S_n G' + C from S_0 = 0.  Fluctuations are measured in units of that: w = x* S^-1 x has the mean 1
   per field at every mode, of R (N/2 - 1) independent ones with their conjugates, so the error of its mean is known.

   Faults that were put in once, and the tests that went red:
     noise on cells, its mean taken out; a factor sqrt(2)       test_single, test_two, test_few
     harmonic mean at faces                                     test_few
     logarithmic mean at faces                                  test_few, test_single, test_two
     only the first stage's noise, the same xi in both stages   test_single, test_two
     n_1 left out of the midpoint's state                       test_two
     F(u) in the place of F(m)                                  test_single, test_two */
#include "../reference/rows.h"
#include "../verify/verify.h"
#include <complex.h>

/* R of the short runs; FACTOR from the command line multiplies it, and narrows what is asked for. */
static int factor = 1;

/* ---- 2 x 2 matrices (of one field: 1 x 1 in the corner) ---- */

typedef struct {
  double complex m[2][2];
} Mat2;

static const Mat2 one2 = {{{1, 0}, {0, 1}}};

static Mat2 Sum(Mat2 a, double s, Mat2 b) {
  for (int i = 0; i < 2; i++)
    for (int j = 0; j < 2; j++) a.m[i][j] += s * b.m[i][j];
  return a;
}

static Mat2 Times(Mat2 a, Mat2 b) {
  Mat2 c = {{{0}}};
  for (int i = 0; i < 2; i++)
    for (int j = 0; j < 2; j++)
      for (int k = 0; k < 2; k++) c.m[i][j] += a.m[i][k] * b.m[k][j];
  return c;
}

static Mat2 Inverse(Mat2 a) {
  double complex det = a.m[0][0] * a.m[1][1] - a.m[0][1] * a.m[1][0];
  return (Mat2){{{a.m[1][1] / det, -a.m[0][1] / det}, {-a.m[1][0] / det, a.m[0][0] / det}}};
}

static Mat2 Between(Mat2 a, Mat2 S) { /* a S a* */
  Mat2 t;
  for (int i = 0; i < 2; i++)
    for (int j = 0; j < 2; j++) t.m[i][j] = conj(a.m[j][i]);
  return Times(Times(a, S), t);
}

/* ---- theory ---- */

typedef struct {
  Mat2 A, L, Q;
} Mode;

static void OneStep(const char *scheme, double h, const Mode *q, Mat2 *G, Mat2 *C) {
  bool midpoint = !strcmp(scheme, "imex_midpoint");
  Mat2 P = Inverse(Sum(one2, midpoint ? -0.5 * h : -h, q->L)), N = Sum(q->A, -1, q->L), zero = {{{0}}};
  if (!strcmp(scheme, "em")) P = one2;
  if (!midpoint) {
    *G = Sum(one2, h, Times(P, q->A));
    *C = Sum(zero, h, Between(P, q->Q));
    return;
  }
  *G = Sum(one2, h, Times(P, Sum(q->A, 0.5 * h, Times(N, Times(P, q->A)))));
  *C = Sum(zero, 0.5 * h, Between(Sum(P, h, Times(P, Times(N, P))), q->Q));
  *C = Sum(*C, 0.5 * h, Between(P, q->Q));
}

static Mat2 Covariance(const char *scheme, double h, int nstep, const Mode *q) {
  Mat2 G, C, S = {{{0}}};
  OneStep(scheme, h, q, &G, &C);
  for (int n = 0; n < nstep; n++) S = Sum(Between(G, S), 1, C);
  return S;
}

/* ---- models ---- */

typedef struct {
  const char *text;
  double rho[2], N[2]; /* the uniform state; mobilities, so that Q = 2 q^2 N */
  int nfield, ncell;
  double length;
} Model;

static const Model single = {"dimensions: [x, r]\nfields: {rho: density}\n"
                             "dynamics: {rho: {flux: {x: \"-0.7*grad(rho)\"}, noise: {flux: {x: \"sqrt(1.4*rho)\"}}}}",
                             {3, 0},
                             {2.1, 0},
                             1,
                             16,
                             8};

#define TWO(sensing, logv)                                                                                             \
  "dimensions: [x, r]\nindex: {\"s, n\": [a, b]}\nfields: {\"rho[s]\": density}\n"                                     \
  "kernels: {K: {shape: gaussian, width: 1}}\n" logv "define:\n  \"near[s]\": \"" sensing                              \
  "\"\n  \"v[s]\": \"exp(logv[s])\"\n  \"D[s]\": \"alpha[s]*v[s]^2\"\n"
#define FLUXES                                                                                                         \
  "dynamics:\n  \"rho[s]\": {flux: {x: \"-D[s]*grad(rho[s]) - rho[s]*D[s]*grad(logv[s])\"}, "                          \
  "noise: {flux: {x: \"sqrt(2*rho[s]*D[s])\"}}}\n"
#define SET1                                                                                                           \
  "parameters: {\"k[s]\": [-0.8, -0.6], \"l[s]\": [0, 0.3], \"alpha[s]\": [1, 0.5], \"c[s]\": [1, 1.2], "              \
  "\"w[s]\": [0.5, 0.6]}\n"
#define LOGV1 "  \"logv[s]\": \"l[s] + k[s]*tanh((near[s] - c[s])/w[s]) + 0.5*tanh((near[a] + near[b] - 2)/1)\"\n"
#define SET2                                                                                                           \
  "parameters: {\"k[s]\": [-0.3, -0.2], \"l[s]\": [0, 0.2], \"alpha[s]\": [1, 0.5], \"c[s]\": [1, 1.1], "              \
  "\"w[s]\": [0.5, 0.6], \"kc[s]\": [0.6, -0.5], \"cc[s]\": [0.9, 1], \"wc[s]\": [0.5, 0.7]}\n"
#define LOGV2                                                                                                          \
  "  \"logv[s]\": \"l[s] + k[s]*tanh((near[s] - c[s])/w[s]) + kc[s]*tanh((sum(n, n != s, near[n]) - cc[s])/wc[s])\"\n"
#define STATE1 {0.4, 0.6}, {0.7089023319379664, 0.6365744034648025}, 2, 32, 16
#define STATE2 {0.8, 1.1}, {1.5852856005923273, 1.0836646477069785}, 2, 32, 16

/* [set][sensing] */
static const Model pairs[2][2] = {
    {{TWO("rho[s]", SET1) LOGV1 FLUXES, STATE1}, {TWO("conv(K, rho[s])", SET1) LOGV1 FLUXES, STATE1}},
    {{TWO("rho[s]", SET2) LOGV2 FLUXES, STATE2}, {TWO("conv(K, rho[s])", SET2) LOGV2 FLUXES, STATE2}}};

static RhoMesh Copies(const Model *model, int ncopy) {
  RhoMesh mesh = Line(0, model->length, model->ncell, RHO_PERIODIC);
  mesh.ndimension = 2;
  mesh.dimension[1] =
      (RhoDimension){.name = "r", .to = ncopy, .ncell = ncopy, .boundary = RHO_PERIODIC, .spatial = false};
  return mesh;
}

/* The symbols on the grid at mode k; of one field in the corner, the other one at rest. */
static Mode ModeOf(const Setup *s, const Model *model, int k) {
  double q = 2 * M_PI * k / model->length, h = model->length / model->ncell, spacing[RHO_MAXDIM] = {h, 1, 1};
  const double *at[RHO_MAXDIM] = {&q, NULL, NULL};
  double complex A[4], L[4];
  Mode mode = {{{{0}}}, {{{0}}}, {{{0}}}};
  RhoWaves waves;
  assert_int_equal(RhoWavesCreate(s->eq, s->model->arena, 1, s->value, 1, at, spacing, &waves), RHO_OK);
  assert_int_equal(RhoSymbol(s->eq, RHO_PART_ALL, s->value, model->rho, &waves, A), RHO_OK);
  assert_int_equal(RhoSymbol(s->eq, RHO_PART_STIFF, s->value, model->rho, &waves, L), RHO_OK);
  for (int i = 0; i < model->nfield; i++) {
    mode.Q.m[i][i] = 2 * pow(2 / h * sin(q * h / 2), 2) * model->N[i];
    for (int j = 0; j < model->nfield; j++) {
      mode.A.m[i][j] = A[i * model->nfield + j];
      mode.L.m[i][j] = L[i * model->nfield + j];
    }
  }
  if (model->nfield == 1) mode.Q.m[1][1] = 1; /* anything but 0 */
  return mode;
}

/* ---- measurement ---- */

/* Sum over copies of x* S^-1 x of mode k, S the covariance in units of 1/omega. */
static double Whitened(const Setup *s, const Model *model, int k, Mat2 S, double omega, const PetscScalar *u) {
  RhoGrid g = s->grid;
  double h = g->h[0], sum = 0;
  Mat2 inverse = Inverse(S);
  for (PetscInt r = 0; r < g->count[1]; r++) {
    double complex x[2] = {0};
    for (PetscInt i = 0; i < g->n[0]; i++) {
      double complex wave = cexp(-I * 2 * M_PI * k * (double)i / g->n[0]);
      for (int f = 0; f < model->nfield; f++) x[f] += (u[(r * g->n[0] + i) * model->nfield + f] - model->rho[f]) * wave;
    }
    for (int a = 0; a < model->nfield; a++)
      for (int b = 0; b < model->nfield; b++) sum += creal(conj(x[a]) * inverse.m[a][b] * x[b]) * h * omega / g->n[0];
  }
  return sum;
}

typedef struct {
  const char *scheme;
  double h, omega;
  int nstep, ncopy;
  bool constant;
  PetscInt64 seed;
} Run;

static void Fill(const Setup *s, const Model *model) {
  PetscScalar *u;
  OK(VecGetArray(s->u, &u));
  for (PetscInt k = 0; k < s->grid->nowned * model->nfield; k++) u[k] = model->rho[k % model->nfield];
  OK(VecRestoreArray(s->u, &u));
}

/* The mean of w per field over modes and copies; *worst: largest deviation of one mode in its standard errors.
 *shares: of clipped faces and negative cells. */
static double MeanRatio(const Model *model, Run run, double *worst, double shares[2]) {
  RhoMesh mesh = Copies(model, run.ncopy);
  RhoEvolveOptions options = Until(run.h * run.nstep, 1e-6);
  const PetscScalar *u;
  double sum = 0;
  int nmode = model->ncell / 2 - 1;
  Setup s;
  OpenText(model->text, &s);
  assert_true(OpenGrid(&s, PETSC_COMM_SELF, &mesh));
  Fill(&s, model);
  options.scheme = run.scheme;
  options.fixed = run.h;
  options.constant = (PetscBool)run.constant;
  OK(RhoNoiseCreate(s.fm, run.omega, run.seed, &options.noise));
  Outcome out = RunDone(&s, options);
  assert_int_equal(out.last.nstep, run.nstep);
  OK(RhoNoiseShares(options.noise, &shares[0], &shares[1]));
  OK(VecGetArrayRead(s.u, &u));
  *worst = 0;
  for (int k = 1; k <= nmode; k++) {
    Mode mode = ModeOf(&s, model, k);
    Mat2 S = Covariance(run.scheme, run.h, run.nstep, &mode);
    double w = Whitened(&s, model, k, S, run.omega, u) / (run.ncopy * model->nfield);
    double deviation = (w - 1) * sqrt((double)run.ncopy * model->nfield);
    if (fabs(deviation) > fabs(*worst)) *worst = deviation;
    sum += w / nmode;
  }
  OK(VecRestoreArrayRead(s.u, &u));
  OK(RhoNoiseDestroy(&options.noise));
  CloseGrid(&s);
  CloseModel(&s);
  return sum;
}

/* Within 4 standard errors of the mean, 5 at any mode; the long runs within 0.5 %. */
static void Agrees(const char *what, const Model *model, Run run) {
  double worst, shares[2];
  run.ncopy *= factor;
  double mean = MeanRatio(model, run, &worst, shares);
  double error = 1 / sqrt((double)run.ncopy * model->nfield * (model->ncell / 2 - 1));
  print_message("%-26s %-14s h = %-5g %4d steps: %.5f, standard error %.5f; at any mode %.1f of its own\n", what,
                run.scheme, run.h, run.nstep, mean, error, worst);
  assert_true(fabs(mean - 1) < 4 * error && fabs(worst) < 5);
  if (factor > 1) assert_true(fabs(mean - 1) < 0.005);
}

static void test_single(void **state) {
  (void)state;
  Agrees("independent particles", &single, (Run){"em", 0.08, 1000, 100, 8192, false, 1});
  Agrees("independent particles", &single, (Run){"imex_em", 0.2, 1000, 40, 8192, false, 2});
  Agrees("independent particles", &single, (Run){"imex_midpoint", 0.2, 1000, 40, 8192, false, 3});
}

static void test_two(void **state) {
  (void)state;
  for (int set = 0; set < 2; set++) {
    Agrees(set ? "set 2, local" : "set 1, local", &pairs[set][0], (Run){"em", 0.02, 4000, 60, 1024, false, 4});
    Agrees(set ? "set 2, kernel" : "set 1, kernel", &pairs[set][1], (Run){"em", 0.02, 4000, 60, 1024, false, 5});
    Agrees(set ? "set 2, kernel" : "set 1, kernel", &pairs[set][1], (Run){"imex_em", 0.1, 4000, 20, 1024, true, 6});
    Agrees(set ? "set 2, kernel" : "set 1, kernel", &pairs[set][1],
           (Run){"imex_midpoint", 0.1, 4000, 20, 1024, true, 7});
    Agrees(set ? "set 2, local" : "set 1, local", &pairs[set][0],
           (Run){"imex_midpoint", 0.1, 4000, 20, 1024, false, 8});
  }
}

/* ---- two dimensions ---- */

enum { NX = 8, NY = 6 };

static const char plane[] = "dimensions: [x, y, r]\nfields: {rho: density}\n"
                            "dynamics: {rho: {flux: {x: \"-0.7*grad(rho)\", y: \"-0.7*grad(rho)\"}, "
                            "noise: {flux: {x: \"sqrt(1.4*rho)\", y: \"sqrt(1.4*rho)\"}}}}";

static double GridSquare(int k, int n, double length) { return pow(2 * n / length * sin(M_PI * k / n), 2); }

/* |rho(q)|^2/S of wave (kx, ky), summed over the copies */
static double WhitenedPlane(const Setup *s, int kx, int ky, double S, double omega, const PetscScalar *u) {
  double complex wave[NX * NY];
  double sum = 0, volume = s->grid->h[0] * s->grid->h[1];
  for (int p = 0; p < NX * NY; p++)
    wave[p] = cexp(-I * 2 * M_PI * (kx * (double)(p % NX) / NX + ky * (double)(p / NX) / NY));
  for (PetscInt r = 0; r < s->grid->count[2]; r++) {
    double complex x = 0;
    for (int p = 0; p < NX * NY; p++) x += (u[r * NX * NY + p] - 3) * wave[p];
    sum += creal(x * conj(x)) * volume * omega / (NX * NY * S);
  }
  return sum;
}

/* One of each pair of opposite waves, those that are their own left out. */
static double PlaneRatio(const Setup *s, const char *scheme, double h, int nstep, double omega, int *nmode) {
  const PetscScalar *u;
  double sum = 0;
  *nmode = 0;
  OK(VecGetArrayRead(s->u, &u));
  for (int kx = 0; kx < NX / 2; kx++)
    for (int ky = kx ? 0 : 1; ky < (kx ? NY : NY / 2); ky++) {
      double q2 = GridSquare(kx, NX, 4) + GridSquare(ky, NY, 4.5);
      Mode mode = {.A = {{{-0.7 * q2, 0}, {0, -1}}}, .L = {{{-0.7 * q2, 0}, {0, -1}}}, .Q = {{{4.2 * q2, 0}, {0, 1}}}};
      Mat2 S = Covariance(scheme, h, nstep, &mode);
      sum += WhitenedPlane(s, kx, ky, creal(S.m[0][0]), omega, u);
      ++*nmode;
    }
  OK(VecRestoreArrayRead(s->u, &u));
  return sum / *nmode;
}

static void Plane(const char *scheme, double h, int nstep) {
  static const char *const name[] = {"x", "y", "r"};
  int ncopy = 4096 * factor, n[3] = {NX, NY, ncopy}, nmode;
  double to[3] = {4, 4.5, ncopy};
  RhoMesh mesh = {.ndimension = 3, .place = RHO_NOWHERE};
  RhoEvolveOptions options = Until(h * nstep, 1e-6);
  Setup s;
  for (int d = 0; d < 3; d++)
    mesh.dimension[d] =
        (RhoDimension){.name = name[d], .to = to[d], .ncell = n[d], .boundary = RHO_PERIODIC, .spatial = d < 2};
  OpenText(plane, &s);
  assert_true(OpenGrid(&s, PETSC_COMM_SELF, &mesh));
  OK(VecSet(s.u, 3));
  options.scheme = scheme;
  options.fixed = h;
  options.constant = (PetscBool)(strcmp(scheme, "em") != 0);
  OK(RhoNoiseCreate(s.fm, 1000, 21, &options.noise));
  (void)RunDone(&s, options);
  double mean = PlaneRatio(&s, scheme, h, nstep, 1000, &nmode) / ncopy, error = 1 / sqrt((double)ncopy * nmode);
  print_message("%-26s %-14s h = %-5g %4d steps: %.5f, standard error %.5f\n", "in the plane", scheme, h, nstep, mean,
                error);
  assert_true(fabs(mean - 1) < 4 * error);
  OK(RhoNoiseDestroy(&options.noise));
  CloseGrid(&s);
  CloseModel(&s);
}

static void test_plane(void **state) {
  (void)state;
  Plane("em", 0.05, 40);
  Plane("imex_em", 0.2, 20);
  Plane("imex_midpoint", 0.2, 20);
}

/* ---- few particles ---- */

/* Independent particles, 1.5 and 5 in a cell: within 1 %. */
static void Few(double each) {
  Model model = single;
  Run run = {"em", 0.05, each / 1.5, 160, 16384 * factor, false, 11};
  double worst, shares[2];
  model.rho[0] = 3, model.N[0] = 2.1; /* cells of width 1/2 */
  double mean = MeanRatio(&model, run, &worst, shares);
  double error = 1 / sqrt((double)run.ncopy * (model.ncell / 2 - 1));
  print_message("%g in a cell: %.4f, standard error %.4f; %.2g of the faces, %.2g of the cells below zero\n", each,
                mean, error, shares[0], shares[1]);
  assert_true(fabs(mean - 1) < 0.01);
}

static void test_few(void **state) {
  (void)state;
  Few(1.5);
  Few(5);
}

/* ---- the theory itself ---- */

/* The recursion at its end about the state of a reference's row (set, sensing, mode). */
static Mat2 AtItsEnd(const double *row, const char *scheme, double h, int nstep) {
  const Model *model = &pairs[(int)row[0]][(int)row[1]];
  RhoMesh mesh = Copies(model, 8);
  Setup s;
  OpenText(model->text, &s);
  BindTo(&s, &mesh);
  Mode mode = ModeOf(&s, model, (int)row[2]);
  CloseModel(&s);
  return Covariance(scheme, h, nstep, &mode);
}

static double Differs(Mat2 S, const double *aa_ab_bb) {
  return fabs(creal(S.m[0][0]) - aa_ab_bb[0]) + fabs(creal(S.m[0][1]) - aa_ab_bb[1]) +
         fabs(creal(S.m[1][1]) - aa_ab_bb[2]);
}

static void CompareRow(const double *row, void *ctx) {
  double *worst = ctx;
  *worst = fmax(*worst, Differs(AtItsEnd(row, "em", 0.02, 20000), row + 6));
}

/* S of explicit steps is the reference's. */
static void test_reference(void **state) {
  double worst = 0;
  (void)state;
  assert_int_equal(EachRow("structure_factors.txt", 9, CompareRow, &worst), 24);
  print_message("explicit steps: differs by %.1e\n", worst);
  assert_true(worst < 1e-9);
}

typedef struct {
  const char *scheme;
  double error[2];
} Errors;

static void AddErrors(const double *row, void *ctx) {
  Errors *e = ctx;
  for (int half = 0; half < 2; half++)
    e->error[half] += Differs(AtItsEnd(row, e->scheme, 0.008 / (1 + half), 8000 * (1 + half)), row + 3);
}

/* Errors of S against the reference's S of continuous time: of the order claimed. */
static void Order(const char *scheme, int order) {
  Errors e = {scheme, {0, 0}};
  assert_int_equal(EachRow("structure_factors.txt", 9, AddErrors, &e), 24);
  double found = log2(e.error[0] / e.error[1]);
  print_message("%-14s errors %.2e, %.2e: order %.2f\n", scheme, e.error[0], e.error[1], found);
  assert_true(fabs(found - order) < 0.15);
}

static void test_order(void **state) {
  (void)state;
  Order("em", 1);
  Order("imex_em", 1);
  Order("imex_midpoint", 2);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_reference), cmocka_unit_test(test_order),
                                     cmocka_unit_test(test_single),    cmocka_unit_test(test_two),
                                     cmocka_unit_test(test_plane),     cmocka_unit_test(test_few)};
  if (argc > 1) factor = atoi(argv[1]);
  return RunTests(argc, argv, tests, sizeof tests / sizeof *tests);
}
