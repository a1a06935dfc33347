/* kernels.c - K^(q) and K(0) against closed forms and against independent quadratures.

   "reference" in the names of tests: values computed by an independent quadrature with 40 digits. */
#include "check.h"
#include <math.h>
#include <time.h>

typedef struct {
  RhoDiag diag;
  RhoModel model;
  double value[16];
} Case;

/* A model with the kernel K of this entry, in dim dimensions, and parameters a, T. */
static Case Open(const char *kernel, int dim) {
  Case c = {.diag = RhoDiagCreate()};
  char text[1000];
  snprintf(text, sizeof text, "parameters: {a: 1, T: 1}\nkernels: {K: %s}\ndynamics: {phi: {}}\n", kernel);
  c.model = LoadText(c.diag, text);
  assert_int_equal(RhoModelBind(c.model, dim, 0, NULL, c.value), RHO_OK);
  return c;
}

static void Set(Case *c, double a, double T) {
  const RhoSetting setting[] = {{"a", a, RHO_NOWHERE}, {"T", T, RHO_NOWHERE}};
  assert_int_equal(RhoModelBind(c->model, 1, 2, setting, c->value), RHO_OK);
}

static void Close(Case *c) {
  RhoModelDestroy(&c->model);
  RhoDiagDestroy(&c->diag);
}

static double Transform(Case *c, int dim, double q) {
  double out;
  RhoStatus status = RhoKernelTransform(c->model, 0, dim, c->value, 1, &q, &out);
  if (status != RHO_OK) RhoDiagPrint(c->diag, stderr);
  assert_int_equal(status, RHO_OK);
  return out;
}

static void Near(double got, double expect, double tolerance) {
  if (!(fabs(got - expect) <= tolerance)) fail_msg("%.17g instead of %.17g (%.1e)", got, expect, got - expect);
}

static const double wavenumber[] = {0, 1e-9, 1e-3, 0.1, 0.5, 1, 2, 3.7, 10, 31, 100, 1000};
enum { NWAVE = sizeof wavenumber / sizeof *wavenumber };

typedef double (*ClosedFn)(int dim, double q);

static void Compare(const char *kernel, ClosedFn closed, double tolerance) {
  for (int dim = 1; dim <= 3; dim++) {
    Case c = Open(kernel, dim);
    for (int k = 0; k < NWAVE; k++) {
      double expect = closed(dim, wavenumber[k]);
      if (!isnan(expect)) Near(Transform(&c, dim, wavenumber[k]), expect, tolerance * fabs(closed(dim, 0)));
    }
    Close(&c);
  }
}

/* ---- closed forms ---- */

static double Gaussian(int dim, double q) { return pow(2 * M_PI, 0.5 * dim) * exp(-q * q / 2); }
static double GaussianShape(int dim, double q) { return (void)dim, 3 * exp(-q * q * 4 / 2); }

static double Exponential(int dim, double q) {
  double total = dim == 1 ? 2 : dim == 2 ? 2 * M_PI : 8 * M_PI;
  return total * pow(1 + q * q, -0.5 * (dim + 1));
}
static double ExponentialShape(int dim, double q) { return Exponential(dim, q) / Exponential(dim, 0); }

static double Yukawa3(int dim, double q) { return dim == 3 ? 4 * M_PI / (1 + q * q) : NAN; }
static double YukawaShape(int dim, double q) { return (void)dim, 1 / (1 + 0.25 * q * q); }

/* The ball of radius 1; for small q by its series. */
static double Ball(int dim, double q) {
  if (dim == 1) return q < 1e-6 ? 2 : 2 * sin(q) / q;
  if (dim == 2) return q < 1e-6 ? M_PI : 2 * M_PI * j1(q) / q;
  if (q < 0.2) return 4 * M_PI / 3 * (1 - q * q / 10 * (1 - q * q / 28 * (1 - q * q / 54)));
  return 4 * M_PI * (sin(q) - q * cos(q)) / (q * q * q);
}
static double BallShape(int dim, double q) { return Ball(dim, q) / Ball(dim, 0); }

/* 1/sqrt(r) exp(-r) on a line: an integrable singularity.  int_0^inf x^(-1/2) e^(-x) cos(qx) dx, Gradshteyn 3.944. */
static double Singular(int dim, double q) {
  return dim == 1 ? 2 * sqrt(M_PI) * pow(1 + q * q, -0.25) * cos(0.5 * atan(q)) : NAN;
}

static void OfR(void **state) {
  (void)state;
  Compare("{r: \"exp(-r^2/2)\"}", Gaussian, 1e-13);
  Compare("{r: \"exp(-r)\"}", Exponential, 1e-13);
  Compare("{r: \"exp(-r)\", integral: 1}", ExponentialShape, 1e-13);
  Compare("{r: \"1\", cutoff: 1}", Ball, 1e-13);
  Compare("{r: \"exp(-r)/sqrt(r)\", dim: 1}", Singular, 1e-12);
  Compare("{r: \"exp(-r)/r\", dim: 3}", Yukawa3, 1e-13);
}

/* A jump at no special place, with and without a cutoff beyond it. */
static void Jumps(void **state) {
  (void)state;
  Compare("{r: \"if(r < 1, 1, 0)\"}", Ball, 1e-13);
  Compare("{r: \"step(1 - r)\", cutoff: 1.7}", Ball, 1e-13);
}

/* A hard core: u is infinite inside, and exp(-inf) = 0. */
static void HardCore(void **state) {
  (void)state;
  Compare("{r: \"1 - exp(-if(r < 1, inf, 0)/T)\"}", Ball, 1e-13);
}

static void Shapes(void **state) {
  (void)state;
  Compare("{shape: gaussian, width: 2, integral: 3}", GaussianShape, 1e-14);
  Compare("{shape: exponential, length: a}", ExponentialShape, 1e-14);
  Compare("{shape: yukawa, length: a/2}", YukawaShape, 1e-14);
  Compare("{shape: tophat, radius: a}", BallShape, 1e-13);
  Compare("{q: \"1/(1 + (q/2)^2)\"}", YukawaShape, 1e-14);
}

/* A shape given in q and the same kernel in r: K(0) belongs to K^. */
static void ValuesAtZero(void **state) {
  (void)state;
  static const struct {
    const char *shape, *formula;
  } pair[] = {{"{shape: gaussian, width: 0.7, integral: 2}", "{r: \"exp(-r^2/(2*0.7^2))\", integral: 2}"},
              {"{shape: exponential, length: 0.3}", "{r: \"exp(-r/0.3)\", integral: 1}"},
              {"{shape: tophat, radius: 3}", "{r: \"1\", cutoff: 3, integral: 1}"},
              {"{shape: bump, radius: 3}", "{r: \"exp(-9/(9 - r^2))\", cutoff: 3, integral: 1}"}};
  for (size_t k = 0; k < sizeof pair / sizeof *pair; k++)
    for (int dim = 1; dim <= 3; dim++) {
      Case a = Open(pair[k].shape, dim), b = Open(pair[k].formula, dim);
      double at_a, at_b;
      assert_int_equal(RhoKernelAt(a.model, 0, dim, a.value, 0, &at_a), RHO_OK);
      assert_int_equal(RhoKernelAt(b.model, 0, dim, b.value, 0, &at_b), RHO_OK);
      Near(at_a, at_b, 1e-13 * fabs(at_b));
      for (int i = 0; i < NWAVE; i++) Near(Transform(&a, dim, wavenumber[i]), Transform(&b, dim, wavenumber[i]), 4e-13);
      Close(&a);
      Close(&b);
    }
}

/* ---- scales, tables, many wavenumbers ---- */

/* Lengths from nanometres to kilometres. */
static void Scales(void **state) {
  (void)state;
  Case c = Open("{r: \"exp(-r/a)\", dim: 3}", 3);
  for (int power = -12; power <= 12; power += 3) {
    double a = pow(10, power);
    Set(&c, a, 1);
    Near(Transform(&c, 3, 1 / a) / (8 * M_PI * a * a * a), 0.25, 1e-13);
  }
  Close(&c);
}

/* 10^5 wavenumbers at once, in well under a second, are those one by one. */
static void ManyWavenumbers(void **state) {
  (void)state;
  enum { N = 100000 };
  double *q = malloc(N * sizeof *q), *out = malloc(N * sizeof *out);
  for (int dim = 1; dim <= 3; dim++) {
    Case c = Open("{shape: bump, radius: 1}", dim);
    for (int k = 0; k < N; k++) q[k] = 200. * k / (N - 1);
    clock_t start = clock();
    assert_int_equal(RhoKernelTransform(c.model, 0, dim, c.value, N, q, out), RHO_OK);
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    if (seconds > 2) fail_msg("%g s for %d wavenumbers", seconds, N);
    for (int k = 0; k < N; k += 997) Near(out[k], Transform(&c, dim, q[k]), 1e-13);
    Close(&c);
  }
  free(q);
  free(out);
}

/* A table of a kernel on a fine grid is the kernel, to the error of its spline. */
static void Tables(void **state) {
  (void)state;
  char rows[60000] = "# r K\n", kernel[200];
  for (int k = 0; k <= 800; k++) snprintf(rows + strlen(rows), 60, "%.17g, %.17g\n", k * 0.01, exp(-k * k * 5e-5));
  char *path = WriteFile(rows, strlen(rows));
  for (int of = 0; of < 2; of++) {
    RhoDiag diag = RhoDiagCreate();
    double value[4], q = 1.3, out;
    snprintf(kernel, sizeof kernel,
             "tables: {D: {file: %s, columns: [1, 2]}}\nkernels: {K: {table: D, of: %s}}\ndynamics: {phi: {}}\n", path,
             of ? "q" : "r");
    RhoModel model = LoadText(diag, kernel);
    assert_int_equal(RhoModelBind(model, 1, 0, NULL, value), RHO_OK);
    assert_int_equal(RhoKernelTransform(model, 0, 1, value, 1, &q, &out), RHO_OK);
    Near(out, of ? exp(-q * q / 2) : sqrt(2 * M_PI) * exp(-q * q / 2), 1e-9);
    q = 9;
    assert_int_equal(RhoKernelTransform(model, 0, 1, value, 1, &q, &out), of ? RHO_INPUT : RHO_OK);
    RhoModelDestroy(&model);
    RhoDiagDestroy(&diag);
  }
  unlink(path);
  free(path);
}

/* K^(q) of exp(-x^2/2), 0 <= x <= 8, given in r or q by n rows; of: "r" or "q". */
static double OfTable(const char *of, int n, int dim, double q) {
  char *rows = malloc(60 * (size_t)(n + 1)), kernel[300];
  size_t nbyte = 0;
  double value[4], out;
  for (int k = 0; k <= n; k++) {
    double x = 8.0 * k / n;
    nbyte += (size_t)sprintf(rows + nbyte, "%.17g %.17g\n", x, exp(-x * x / 2));
  }
  char *path = WriteFile(rows, nbyte);
  RhoDiag diag = RhoDiagCreate();
  snprintf(kernel, sizeof kernel, "tables: {D: {file: %s}}\nkernels: {K: {table: D, of: %s}}\ndynamics: {phi: {}}\n",
           path, of);
  RhoModel model = LoadText(diag, kernel);
  assert_int_equal(RhoModelBind(model, dim, 0, NULL, value), RHO_OK);
  assert_int_equal(RhoKernelTransform(model, 0, dim, value, 1, &q, &out), RHO_OK);
  RhoModelDestroy(&model);
  RhoDiagDestroy(&diag);
  unlink(path);
  free(path);
  free(rows);
  return out;
}

/* The exact transform of a Gaussian given as a table: the error falls with the fourth power of the rows' distance, the
   order of a cubic spline, in every dimension. */
static void OrderOfTables(void **state) {
  (void)state;
  const double q = 1.37;
  for (int dim = 1; dim <= 3; dim++)
    for (int of_q = 0; of_q < 2; of_q++) {
      double expect = exp(-q * q / 2) * (of_q ? 1 : pow(2 * M_PI, 0.5 * dim)), error[3];
      for (int k = 0; k < 3; k++) error[k] = fabs(OfTable(of_q ? "q" : "r", 20 << k, dim, q) - expect);
      double slope = log2(error[0] / error[2]) / 2;
      if (!(slope > 3.6 && error[2] < 2e-5))
        fail_msg("of %s in %d-D: errors %g, %g, %g", of_q ? "q" : "r", dim, error[0], error[1], error[2]);
    }
}

/* ---- reference: independent quadrature, 40 digits ---- */

/* Z of the unnormalised bump exp(-1/(1 - r^2)), and its normalised transform. */
static void BumpReference(void **state) {
  (void)state;
  static const double row[][3] = {/* q r0, 1-D, 2-D */
                                  {0.0, 1.0, 1.0},
                                  {0.25, 0.9950675643936143, 0.9959232442431715},
                                  {0.5, 0.9803732695714834, 0.9837675141628972},
                                  {1.0, 0.9231190108179052, 0.936248109724288},
                                  {1.5, 0.8329403999359996, 0.8608616865960506},
                                  {2.0, 0.7171155729542379, 0.7629402087155045},
                                  {3.0, 0.4457337594319646, 0.5272113366413175},
                                  {4.0, 0.18611540173892932, 0.2881871272913368},
                                  {6.0, -0.08850924592465363, -0.019982357919710474},
                                  {8.0, -0.04576152708137053, -0.052453601428689156}};
  for (int dim = 1; dim <= 2; dim++) {
    Case raw = Open("{r: \"if(r < 1, exp(-1/(1 - r^2)), 0)\"}", dim), bump = Open("{shape: bump, radius: a}", dim);
    Near(Transform(&raw, dim, 0), dim == 1 ? 0.44399381616807937 : 0.46651239317833004, 1e-13);
    for (size_t k = 0; k < sizeof row / sizeof *row; k++) Near(Transform(&bump, dim, row[k][0]), row[k][dim], 2e-14);
    Set(&bump, 3, 1);
    for (size_t k = 0; k < sizeof row / sizeof *row; k++)
      Near(Transform(&bump, dim, row[k][0] / 3), row[k][dim], 2e-14);
    Close(&raw);
    Close(&bump);
  }
}

/* B = int 1 - exp(-u/T) d^3r and its transform at q = 1, 2 for u = U0 exp(-r^2/(2 l^2)). */
static void GaussianPairReference(void **state) {
  (void)state;
  static const double row[][6] = {/* U0, l, T, B, q = 1, q = 2 */
                                  {2, 1, 50, 0.6255618574470145, 0.37866274106622194, 0.08363681082815078},
                                  {2, 1, 1, 23.38972265081725, 12.96357138080753, 1.641756925920201},
                                  {0.5, 1, 25.5, 0.3077492568466532, 0.18647586875036862, 0.04140184691981377},
                                  {10, 0.8, 50, 1.5577442291797035, 1.1243147495423644, 0.41964457224416785},
                                  {10, 0.8, 1, 31.76094459135267, 19.227997239488467, 2.435957118909588},
                                  {10, 0.8, 25.5, 2.9577108983005074, 2.122627166780639, 0.7731367822346695},
                                  {10, 0.8, 5, 11.975537997218433, 8.234558086176742, 2.4571039330283426}};
  for (size_t k = 0; k < sizeof row / sizeof *row; k++) {
    char kernel[200];
    snprintf(kernel, sizeof kernel, "{r: \"1 - exp(-%g*exp(-r^2/(2*%g^2))/T)\", dim: 3}", row[k][0], row[k][1]);
    Case c = Open(kernel, 1);
    Set(&c, 1, row[k][2]);
    for (int q = 0; q < 3; q++) Near(Transform(&c, 1, q), row[k][3 + q], 1e-13 * row[k][3]);
    Close(&c);
  }
}

/* The soft repulsion (eps/2)(1 - r)^2, r < 1, has a kink in its second derivative. */
static void SoftPairReference(void **state) {
  (void)state;
  static const double row[][3] = {/* eps, T, B */ {5, 50, 0.020795383687066984},
                                  {5, 1, 0.7711474902911882},
                                  {100, 50, 0.36640286456118776},
                                  {100, 1, 2.84940701255561},
                                  {100, 25.5, 0.6412116856279249}};
  Case c = Open("{r: \"1 - exp(-if(r < 1, a/2*(1 - r)^2, 0)/T)\", dim: 3}", 1);
  for (size_t k = 0; k < sizeof row / sizeof *row; k++) {
    Set(&c, row[k][0], row[k][1]);
    Near(Transform(&c, 1, 0), row[k][2], 1e-13 * row[k][2]);
  }
  Close(&c);
}

/* Lennard-Jones, cut and shifted at 2.5: infinite at r = 0. */
static void LennardJonesReference(void **state) {
  (void)state;
  static const double row[][2] = {
      {50, 2.1714913669208946}, {1, -8.343741655587147}, {25.5, 2.296234583440379}, {5, 1.44282506841808}};
  Case c = Open("{r: \"1 - exp(-(4*(r^-12 - r^-6) - 4*(2.5^-12 - 2.5^-6))/T)\", cutoff: 2.5, dim: 3}", 1);
  for (size_t k = 0; k < sizeof row / sizeof *row; k++) {
    Set(&c, 1, row[k][0]);
    Near(Transform(&c, 1, 0), row[k][1], 1e-12 * fabs(row[k][1]));
  }
  Close(&c);
}

/* Dispersion of the two-temperature mixture with Mayer kernels: the shipped model's kernels. */
static void MayerReference(void **state) {
  (void)state;
  static const double row[][4] = {/* q, AA, BB, AB */
                                  {0.0, 1.5577442291797035, 31.76094459135267, 2.9577108983005074},
                                  {0.5, 1.4359319690733232, 28.130847809735368, 2.7227878476868996},
                                  {1.0, 1.1243147495423644, 19.227997239488467, 2.122627166780639},
                                  {2.0, 0.41964457224416785, 2.435957118909588, 0.7731367822346695},
                                  {4.0, 0.005587478458552843, -0.06725681153264175, 0.004524315242425487}};
  RhoDiag diag = RhoDiagCreate();
  RhoModel model = LoadShipped(diag, "two_temperature_mayer");
  double value[32], out;
  assert_int_equal(RhoModelBind(model, 1, 0, NULL, value), RHO_OK);
  static const char *const name[] = {"M[A,A]", "M[B,B]", "M[A,B]"};
  assert_int_equal(RhoModelFindKernel(model, "M[A,B]"), RhoModelFindKernel(model, "M[B,A]"));
  for (size_t k = 0; k < sizeof row / sizeof *row; k++)
    for (int pair = 0; pair < 3; pair++) {
      int kernel = RhoModelFindKernel(model, name[pair]);
      assert_int_equal(RhoKernelTransform(model, kernel, 1, value, 1, &row[k][0], &out), RHO_OK);
      Near(out, row[k][1 + pair], 1e-13 * row[0][1 + pair]);
    }
  RhoModelDestroy(&model);
  RhoDiagDestroy(&diag);
}

/* ---- numbers of kernels in formulas ---- */

static double Corrector(const char *kernel, int dim) {
  Case c = Open(kernel, dim);
  double out;
  RhoStatus status = RhoKernelCorrector(c.model, 0, dim, c.value, &out);
  if (status != RHO_OK) RhoDiagPrint(c.diag, stderr);
  assert_int_equal(status, RHO_OK);
  Close(&c);
  return out;
}

static double Surface(int dim) { return dim == 1 ? 2 : dim == 2 ? 2 * M_PI : 4 * M_PI; }

/* g = G within r < 1, 1 outside: Laplace's equation on both sides, Q = S_d [(1 - G)/(G + d - 1) - (1 - G)/d]; hard
   cores have half of their second virial integral in three dimensions, all of it in two. */
static void CorrectorOfSteps(void **state) {
  (void)state;
  for (int dim = 1; dim <= 3; dim++)
    for (double G = dim == 1 ? 0.25 : 0; G < 3; G += 0.25) {
      char kernel[80];
      snprintf(kernel, sizeof kernel, "{r: \"if(r < 1, 1 - %g, 0)\"}", G);
      double expect = Surface(dim) * (1 - G) * (1 / (G + dim - 1) - 1. / dim);
      Near(Corrector(kernel, dim), expect, 1e-11);
    }
  double core = Corrector("{r: \"1 - exp(-if(r < 0.7, inf, 0)/T)\"}", 3);
  Near(core, 2 * M_PI / 3 * 0.343, 1e-11);
}

/* In one dimension Q = int (1 - g)^2/g. */
static void CorrectorOfLines(void **state) {
  static const char *const u[] = {"exp(-r^2/2)", "-exp(-r^2/2)", "3*exp(-r^4)", "1/(1 + r^2)^8"};
  (void)state;
  for (int k = 0; k < 4; k++) {
    char kernel[100], square[200];
    snprintf(kernel, sizeof kernel, "{r: \"1 - exp(-(%s)/1.25)\"}", u[k]);
    snprintf(square, sizeof square, "{r: \"(1 - exp(-(%s)/1.25))^2*exp((%s)/1.25)\"}", u[k], u[k]);
    Case c = Open(square, 1);
    Near(Corrector(kernel, 1), Transform(&c, 1, 0), 1e-11);
    Close(&c);
  }
}

/* For small K = e exp(-r^2/2) the response is linear: Q = int K^2/d = e^2 pi^(d/2)/d. */
static void CorrectorOfSoft(void **state) {
  (void)state;
  for (int dim = 1; dim <= 3; dim++) {
    double plus = Corrector("{r: \"1e-3*exp(-r^2/2)\"}", dim), minus = Corrector("{r: \"-1e-3*exp(-r^2/2)\"}", dim);
    Near(0.5e6 * (plus + minus), pow(M_PI, 0.5 * dim) / dim, 3e-6);
  }
}

/* int of the n-th powers of exp(-r^2/2) in the series of exp: a term x^n/n! sqrt(2 pi/n) */
static double Series(double x, int first, int every) {
  double sum = 0, term = 1;
  for (int n = 1; n < 40; n++) {
    term *= x / n;
    if (n >= first && (n - first) % every == 0) sum += term * sqrt(2 * M_PI / n);
  }
  return sum;
}

/* integral(K), corrector(K) and K(0) as parameters, of kernels that depend on parameters, of united ones, and in
   formulas made later. */
static void Numbers(void **state) {
  (void)state;
  double value[40];
  RhoDiag diag = RhoDiagCreate();
  RhoModel model = LoadText(diag, "index: {\"i, j\": [A, B]}\n"
                                  "parameters: {\"T[i]\": [2, 0.5], \"B[i,j]\": \"integral(M[i,j])\",\n"
                                  "  Q: \"corrector(M[A,B])\", F: \"2*M[A,B](0)\"}\n"
                                  "define: {\"Tbar[i,j]\": \"(T[i] + T[j])/2\"}\n"
                                  "kernels: {\"M[i,j]\": {r: \"1 - exp(-exp(-r^2/2)/Tbar[i,j])\", dim: 1}}\n"
                                  "dynamics: {phi: {}}\n");
  const char *text = "integral(M[B,B])";
  assert_int_equal(RhoModelBind(model, 0, 0, NULL, value), RHO_OK);
  for (int k = 0; k < model->nparameter; k++) {
    const char *name = model->parameter[k].name;
    if (!strcmp(name, "B[A,B]") || !strcmp(name, "B[B,A]")) Near(value[k], -Series(-0.8, 1, 1), 1e-13);
    if (!strcmp(name, "Q")) Near(value[k], 2 * Series(0.8, 2, 2), 1e-11);
    if (!strcmp(name, "F")) Near(value[k], 2 - 2 * exp(-1 / 1.25), 1e-14);
    if (!strcmp(name, "corrector(M[B,B])")) assert_true(isnan(value[k]));
  }
  RhoNode node = RhoModelFormula(model, (RhoFormula){.text = text, .nbyte = strlen(text), .source = -1}, 0, NULL, NULL);
  assert_true(node >= 0);
  RhoModelDestroy(&model);
  RhoDiagDestroy(&diag);
}

static void NoCorrector(void **state) {
  (void)state;
  static const char *const kernel[] = {"{shape: gaussian, width: 1}", "{q: \"exp(-q^2)\"}", "{r: \"2*exp(-r^2)\"}",
                                       "{r: \"0.5*exp(-r^2)\", integral: 0.1}"};
  for (int k = 0; k < 4; k++) {
    Case c = Open(kernel[k], 3);
    double out;
    assert_int_equal(RhoKernelCorrector(c.model, 0, 3, c.value, &out), RHO_INPUT);
    assert_int_equal(RhoDiagIdAt(c.diag, 0), RHO_ID_KERNEL_NO_VALUE);
    Close(&c);
  }
}

/* ---- what has no transform ---- */

static RhoStatus StatusOf(const char *kernel, int dim, RhoDiagId *id) {
  Case c = Open(kernel, dim);
  double q = 1, out;
  RhoStatus status = RhoKernelTransform(c.model, 0, dim, c.value, 1, &q, &out);
  *id = RhoDiagCount(c.diag) ? RhoDiagIdAt(c.diag, 0) : RHO_ID_COUNT;
  Close(&c);
  return status;
}

static void Refused(void **state) {
  (void)state;
  static const struct {
    const char *kernel;
    int dim;
    RhoDiagId id;
  } row[] = {{"{r: \"1/r^3\", cutoff: 1}", 3, RHO_ID_KERNEL_DIVERGES},
             {"{r: \"1/r\", cutoff: 1}", 1, RHO_ID_KERNEL_DIVERGES},
             {"{r: \"1/r^2\"}", 2, RHO_ID_KERNEL_DIVERGES},
             {"{r: \"1\"}", 1, RHO_ID_KERNEL_DIVERGES},
             {"{r: \"exp(r)\"}", 1, RHO_ID_KERNEL_DIVERGES},
             {"{r: \"sqrt(1 - r)\", cutoff: 1.5}", 1, RHO_ID_KERNEL_NOT_A_NUMBER},
             {"{q: \"1/(q - 1)\"}", 2, RHO_ID_KERNEL_NOT_A_NUMBER},
             {"{r: \"1\", cutoff: -a}", 1, RHO_ID_KERNEL_NOT_A_NUMBER},
             {"{q: \"log(1 - q)\"}", 1, RHO_ID_KERNEL_NOT_A_NUMBER},
             {"{r: \"(1 - r^2)*exp(-r^2/2)\", integral: 1}", 1, RHO_ID_KERNEL_INTEGRAL}};
  for (size_t k = 0; k < sizeof row / sizeof *row; k++) {
    RhoDiagId id;
    RhoStatus status = StatusOf(row[k].kernel, row[k].dim, &id);
    if (status != RHO_INPUT || id != row[k].id)
      fail_msg("%s: %s", row[k].kernel, status == RHO_OK ? "taken" : RhoDiagIdText(id));
  }
}

static void NoValueAtZero(void **state) {
  (void)state;
  static const char *const kernel[] = {"{shape: yukawa, length: 1}", "{q: \"exp(-q)\"}", "{r: \"exp(-r)/r\"}"};
  for (int k = 0; k < 3; k++) {
    Case c = Open(kernel[k], 3);
    double out;
    assert_int_equal(RhoKernelAt(c.model, 0, 3, c.value, 0, &out), RHO_INPUT);
    assert_int_equal(RhoDiagIdAt(c.diag, 0), RHO_ID_KERNEL_NO_VALUE);
    Close(&c);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(OfR),
      cmocka_unit_test(Jumps),
      cmocka_unit_test(HardCore),
      cmocka_unit_test(Shapes),
      cmocka_unit_test(ValuesAtZero),
      cmocka_unit_test(Scales),
      cmocka_unit_test(ManyWavenumbers),
      cmocka_unit_test(Tables),
      cmocka_unit_test(OrderOfTables),
      cmocka_unit_test(BumpReference),
      cmocka_unit_test(GaussianPairReference),
      cmocka_unit_test(SoftPairReference),
      cmocka_unit_test(LennardJonesReference),
      cmocka_unit_test(MayerReference),
      cmocka_unit_test(CorrectorOfSteps),
      cmocka_unit_test(CorrectorOfLines),
      cmocka_unit_test(CorrectorOfSoft),
      cmocka_unit_test(Numbers),
      cmocka_unit_test(NoCorrector),
      cmocka_unit_test(Refused),
      cmocka_unit_test(NoValueAtZero),
  };
  return cmocka_run_group_tests_name("kernels", tests, NULL, NULL);
}
