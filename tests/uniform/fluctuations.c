/* fluctuations.c - covariances and entropy production of small fluctuations against independent values.

   Faults that were put in once, and the test that went red: sigma without its factor 2, EntropyProduction; a shared
   noise taken as two, Shared; a direction left out, Direction; one doubling less, A for A* in the series, Grown. */
#include "uniform_check.h"
#include "rhoflux/fluctuations.h"
#include <complex.h>

/* ---- two species that sense each other (Dinelli et al. 2023, eqs. 10 and 14) ---- */

#define HEAD "index: {'s, n': [a, b]}\nfields: {'rho[s]': density}\nkernels: {K: {shape: gaussian, width: 1}}\n"
#define BODY(sensing)                                                                                                  \
  "  'near[s]': '" sensing "'\n  'D[s]': 'alpha[s]*exp(2*logv[s])'\ndynamics:\n"                                       \
  "  'rho[s]': {mobility: 'rho[s]*D[s]', potential: 'log(rho[s]) + logv[s]', noise: 'sqrt(2*rho[s]*D[s])'}\n"
#define SET1                                                                                                           \
  HEAD "parameters: {'k[s]': [-0.8, -0.6], 'l[s]': [0, 0.3], 'alpha[s]': [1, 0.5], 'c[s]': [1, 1.2], "                 \
       "'w[s]': [0.5, 0.6]}\ndefine:\n"                                                                                \
       "  'logv[s]': 'l[s] + k[s]*tanh((near[s] - c[s])/w[s]) + 0.5*tanh(near[a] + near[b] - 2)'\n"
#define SET2                                                                                                           \
  HEAD                                                                                                                 \
      "parameters: {'k[s]': [-0.3, -0.2], 'l[s]': [0, 0.2], 'alpha[s]': [1, 0.5], 'c[s]': [1, 1.1], "                  \
      "'w[s]': [0.5, 0.6], 'kc[s]': [0.6, -0.5], 'cc[s]': [0.9, 1], 'wc[s]': [0.5, 0.7]}\ndefine:\n"                   \
      "  'logv[s]': 'l[s] + k[s]*tanh((near[s] - c[s])/w[s]) + kc[s]*tanh((sum(n, n != s, near[n]) - cc[s])/wc[s])'\n"

static const char *const text[2][2] = {{SET1 BODY("rho[s]"), SET1 BODY("conv(K, rho[s])")},
                                       {SET2 BODY("rho[s]"), SET2 BODY("conv(K, rho[s])")}};
static const double rho[2][2] = {{0.4, 0.6}, {0.8, 1.1}};

static void CompareRow(const double *row, void *ctx) {
  int set = (int)row[0], sensing = (int)row[1];
  Loaded m = LoadText(1, text[set][sensing]);
  double q = 2 * M_PI * row[2] / 16, spacing[RHO_MAXDIM] = {0.5, 1, 1}, *worst = ctx;
  const double *along[RHO_MAXDIM] = {&q, NULL, NULL};
  double complex S[4];
  Require(&m, RhoStructureFactors(m.eq, 1, m.value, rho[set], 1, along, spacing, S, NULL), "structure factors");
  *worst = Worse(*worst, fabs(creal(S[0]) - row[3]) + fabs(creal(S[1]) - row[4]) + fabs(creal(S[3]) - row[5]));
  for (int k = 0; k < 4; k++) *worst = Worse(*worst, cimag(S[k]));
  Unload(&m);
}

/* S of the reference, on its grid. */
static void StructureFactors(void **state) {
  double worst = 0;
  (void)state;
  assert_int_equal(EachRow("structure_factors.txt", 9, CompareRow, &worst), 24);
  print_message("differs by %.1e\n", worst);
  assert_true(worst < 1e-11);
}

static void Produces(int set, int dim, double value, double tolerance) {
  Loaded m = LoadText(dim, text[set][1]);
  double sigma;
  Require(&m, RhoEntropyProduction(m.eq, dim, m.value, rho[set], INFINITY, &sigma), "entropy production");
  print_message("set %d, %d-D: %.14g, %.14g\n", set + 1, dim, sigma, value);
  assert_true(fabs(sigma - value) < tolerance);
  Unload(&m);
}

/* Zero where the couplings are reciprocal; the reference's densities of the rate in one and two dimensions. */
static void EntropyProduction(void **state) {
  (void)state;
  Produces(0, 1, 0, 1e-14);
  Produces(1, 1, 0.30028321661802887, 3e-11);
  Produces(0, 2, 0, 1e-14);
  Produces(1, 2, 0.16095010607298324, 2e-11);
}

/* With local sensing it grows without bound with the largest wavenumber. */
static void Diverges(void **state) {
  Loaded m = LoadText(1, text[1][0]);
  double sigma, twice;
  (void)state;
  Require(&m, RhoEntropyProduction(m.eq, 1, m.value, rho[1], INFINITY, &sigma), "entropy production");
  assert_true(isinf(sigma));
  Require(&m, RhoEntropyProduction(m.eq, 1, m.value, rho[1], 10, &sigma), "entropy production");
  Require(&m, RhoEntropyProduction(m.eq, 1, m.value, rho[1], 20, &twice), "entropy production");
  assert_true(fabs(twice / sigma - 8) < 1e-10);
  Unload(&m);
}

/* ---- one field ---- */

static double complex SOf(const char *model, int dim, const double *u, double qx, double qy, int at) {
  Loaded m = LoadText(dim, model);
  const double *along[RHO_MAXDIM] = {&qx, &qy, NULL};
  double complex S[4];
  Require(&m, RhoStructureFactors(m.eq, dim, m.value, u, 1, along, NULL, S, NULL), model);
  Unload(&m);
  return S[at];
}

/* T/(a + kappa q^2) of Model B above its critical point; NaN below, at waves that grow. */
static void ModelB(void **state) {
  static const char model[] = "parameters: {a: 1, M: 3, T: 0.7}\n"
                              "free_energy: 'a/2*phi^2 + phi^4/4 + 2/2*|grad(phi)|^2'\n"
                              "dynamics: {phi: {mobility: M, noise: 'sqrt(2*M*T)'}}";
  static const char below[] = "free_energy: '-phi^2/2 + phi^4/4 + |grad(phi)|^2/2'\n"
                              "dynamics: {phi: {mobility: 1, noise: 1}}";
  double u = 0;
  (void)state;
  for (double q = 0.1; q < 5; q *= 1.7) assert_true(cabs(SOf(model, 1, &u, q, 0, 0) - 0.7 / (1 + 2 * q * q)) < 1e-13);
  assert_true(isnan(creal(SOf(below, 1, &u, 0.5, 0, 0))) && !isnan(creal(SOf(below, 1, &u, 1.5, 0, 0))));
}

/* Noise along y alone: S = q_y^2/q^2 of what it is for both. */
static void Direction(void **state) {
  static const char model[] = "dynamics: {u: {flux: '-grad(u)', noise: {flux: {y: 2}}}}";
  double u = 0;
  (void)state;
  assert_true(cabs(SOf(model, 2, &u, 3, 4, 0) - 2 * 16.0 / 25) < 1e-13);
}

/* A reaction's noise that two fields share: full correlation, S_ab = -h^2/2k. */
static void Shared(void **state) {
  static const char model[] = "dynamics: {a: {reaction: '-3*a', noise: {reaction: 2, name: r}}, "
                              "b: {reaction: '-3*b', noise: {reaction: -2, name: r}}}";
  double u[2] = {0, 0};
  (void)state;
  assert_true(cabs(SOf(model, 1, u, 1, 0, 0) - 4.0 / 6) < 1e-13);
  assert_true(cabs(SOf(model, 1, u, 1, 0, 1) + 4.0 / 6) < 1e-13);
}

/* ---- growth ---- */

static void GrownAt(const Loaded *m, const double *u, double q, double time, const double complex *start,
                    double complex *S) {
  const double *along[RHO_MAXDIM] = {&q, NULL, NULL};
  Require(m, RhoStructureFactorsGrown(m->eq, 1, m->value, u, 1, along, NULL, time, start, S), "growth");
}

static double Difference(int n, const double complex *a, const double complex *b) {
  double largest = 0;
  for (int k = 0; k < n; k++) largest = Worse(largest, cabs(a[k] - b[k]));
  return largest;
}

/* One field at the rate lambda: s e^(2 lambda t) + Q (e^(2 lambda t) - 1)/(2 lambda), growing or not; nothing at once.
 */
static void Grown(void **state) {
  static const char model[] = "parameters: {D: 1}\ndynamics: {u: {flux: '-D*grad(u)', noise: {flux: 2}}}";
  Loaded m = LoadText(1, model);
  double u = 0;
  double complex S, s = 3;
  (void)state;
  for (int sign = -1; sign <= 1; sign += 2) {
    RhoSetting D = {"D", -sign, RHO_NOWHERE};
    Bind(&m, 1, 1, &D);
    for (double t = 0; t < 8; t = 2.3 * t + 0.01) {
      double lambda = sign * 1.5 * 1.5, Q = 4 * 1.5 * 1.5, e = exp(2 * lambda * t);
      double exact = 3 * e + Q * (e - 1) / (2 * lambda);
      GrownAt(&m, &u, 1.5, t, &s, &S);
      assert_true(cabs(S - exact) < 1e-13 * exact);
    }
  }
  Unload(&m);
}

/* Two species: in two steps what it is in one, and in the end what the Lyapunov equation says, of which it knows
 * nothing. */
static void GrownTwo(void **state) {
  Loaded m = LoadText(1, text[1][1]);
  const double q = 0.9, *along[RHO_MAXDIM] = {&q, NULL, NULL};
  double complex a[4], b[4], end[4], start[4] = {2, 0.3 + 0.4 * I, 0.3 - 0.4 * I, 1};
  (void)state;
  GrownAt(&m, rho[1], q, 0.7, start, a);
  GrownAt(&m, rho[1], q, 1.1, a, b);
  GrownAt(&m, rho[1], q, 1.8, start, a);
  assert_true(Difference(4, a, b) < 1e-14);
  GrownAt(&m, rho[1], q, 300, start, a);
  GrownAt(&m, rho[1], q, 300, NULL, b);
  Require(&m, RhoStructureFactors(m.eq, 1, m.value, rho[1], 1, along, NULL, end, NULL), "end");
  assert_true(Difference(4, a, end) < 1e-13 && Difference(4, b, end) < 1e-13);
  Unload(&m);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(StructureFactors),
                                     cmocka_unit_test(EntropyProduction),
                                     cmocka_unit_test(Diverges),
                                     cmocka_unit_test(ModelB),
                                     cmocka_unit_test(Direction),
                                     cmocka_unit_test(Shared),
                                     cmocka_unit_test(Grown),
                                     cmocka_unit_test(GrownTwo)};
  return cmocka_run_group_tests_name("fluctuations", tests, NULL, NULL);
}
