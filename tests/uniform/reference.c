/* Local thermodynamics and growth rates against reference values computed independently of this program. */
#include "uniform_check.h"

/* ---- two-temperature mixture (Grosberg, Joanny) ---------------------------------------------------------------------
 */

#define TWO_HEAD                                                                                                       \
  "fields: {A: density, B: density}\n"                                                                                 \
  "parameters: {TA: 1, TB: 1, zA: 1, zB: 1, BA: 1, BB: 1, BAB: 1, KA: 0, KB: 0, KAB: 0,\n"                             \
  "  T: (zB*TA + zA*TB)/(zA + zB)}\n"
static const char two_potential[] =
    TWO_HEAD "dynamics:\n"
             "  A: {mobility: A/zA, potential: TA*log(A) + TA*BA*A + T*BAB*B - KA*lap(A) - KAB*lap(B)}\n"
             "  B: {mobility: B/zB, potential: TB*log(B) + TB*BB*B + T*BAB*A - KAB*lap(A) - KB*lap(B)}\n";
static const char two_free_energy[] =
    TWO_HEAD "free_energy: TA*A*(log(A) - 1) + TB*B*(log(B) - 1) + TA*BA*A^2/2 + TB*BB*B^2/2 + T*BAB*A*B\n"
             "  + KA*|grad(A)|^2/2 + KB*|grad(B)|^2/2 + KAB*dot(grad(A), grad(B))\n"
             "dynamics: {A: {mobility: A/zA}, B: {mobility: B/zB}}\n";

static void SetTwo(Loaded *m, const double *x, int n) {
  static const char *const name[] = {"TA", "TB", "zA", "zB", "BA", "BB", "BAB", "KA", "KB", "KAB"};
  RhoSetting setting[10];
  for (int k = 0; k < n; k++) setting[k] = (RhoSetting){name[k], x[k], RHO_NOWHERE};
  Bind(m, 1, n, setting);
}

static double MuAt(Loaded *m, int i, const double *u) {
  return RhoLocalValue(m->eq, RhoLocalPotential(m->eq, i), m->value, u);
}

static double HessianAt(Loaded *m, int i, int j, const double *u) {
  return RhoLocalValue(m->eq, RhoLocalHessian(m->eq, i, j), m->value, u);
}

static double PressureAt(Loaded *m, const double *u) {
  double p = -RhoLocalFreeEnergy(m->eq, m->value, u);
  for (int i = 0; i < m->eq->nfield; i++) p += u[i] * MuAt(m, i, u);
  return p;
}

static void TwoThermo(const double *x, void *ctx) {
  Loaded *m = ctx;
  const double *u = x + 7, *is = x + 9;
  SetTwo(m, x, 7);
  assert_near(RhoLocalFreeEnergy(m->eq, m->value, u), is[0], 1e-12, "f");
  assert_near(MuAt(m, 0, u), is[1], 1e-12, "mu A");
  assert_near(MuAt(m, 1, u), is[2], 1e-12, "mu B");
  assert_near(PressureAt(m, u), is[3], 1e-12, "p");
  assert_near(HessianAt(m, 0, 0, u), is[4], 1e-12, "f_AA");
  assert_near(HessianAt(m, 1, 1, u), is[5], 1e-12, "f_BB");
  assert_near(HessianAt(m, 0, 1, u), is[6], 1e-12, "f_AB");
  assert_near(HessianAt(m, 1, 0, u), is[6], 1e-12, "f_BA");
}

static void TwoGrowth(const double *x, void *ctx) {
  Loaded *m = ctx;
  double complex lambda[2];
  SetTwo(m, x, 10);
  ModesAt(m, 1, x + 10, x[12], lambda);
  assert_near(creal(lambda[0]), x[13], 1e-10, "faster");
  assert_near(creal(lambda[1]), x[14], 1e-10, "slower");
  assert_true(fabs(cimag(lambda[0])) <= 1e-10 * fmax(1, fabs(x[13])));
}

static void TwoTemperature(void **state) {
  (void)state;
  const char *text[2] = {two_potential, two_free_energy};
  for (int k = 0; k < 2; k++) {
    Loaded m = LoadText(1, text[k]);
    assert_int_equal(EachRow("two_temperature_thermo.txt", 16, TwoThermo, &m), 16);
    assert_true(EachRow("two_temperature_growth.txt", 15, TwoGrowth, &m) > 100);
    Unload(&m);
  }
}

/* ---- Mayer kernels --------------------------------------------------------------------------------------------------
 */

static const char mayer[] = "fields: {A: density, B: density}\n"
                            "parameters: {TA: 50, TB: 1, T: (TA + TB)/2, U0: 10, l: 0.8}\n"
                            "kernels:\n"
                            "  AA: {r: 1 - exp(-U0*exp(-r^2/(2*l^2))/TA), dim: 3}\n"
                            "  BB: {r: 1 - exp(-U0*exp(-r^2/(2*l^2))/TB), dim: 3}\n"
                            "  AB: {r: 1 - exp(-U0*exp(-r^2/(2*l^2))/T), dim: 3}\n"
                            "dynamics:\n"
                            "  A: {mobility: A, potential: 'TA*log(A) + TA*conv(AA, A) + T*conv(AB, B)'}\n"
                            "  B: {mobility: B, potential: 'TB*log(B) + TB*conv(BB, B) + T*conv(AB, A)'}\n";

static void MayerRow(const double *x, void *ctx) {
  Loaded *m = ctx;
  static const double u[2] = {0.5, 0.5};
  double complex lambda[2];
  double kernel, zero = 0, q2 = x[0] * x[0];
  for (int k = 0; k < 3; k++) {
    Require(m, RhoKernelTransform(m->model, k, 1, m->value, 1, x, &kernel), "transform");
    assert_near(kernel, x[1 + k], 1e-11, "transform");
  }
  ModesAt(m, 1, u, x[0], lambda);
  assert_near(creal(lambda[0]), -q2 * x[4], 1e-10, "growth");
  assert_near(creal(lambda[1]), -q2 * x[5], 1e-10, "growth");
  if (x[0] > 0) return;
  Require(m, RhoKernelTransform(m->model, 0, 1, m->value, 1, &zero, &kernel), "transform");
  assert_near(50 * (2 + kernel), HessianAt(m, 0, 0, u), 1e-12, "local limit");
}

static void MayerKernels(void **state) {
  (void)state;
  Loaded m = LoadText(1, mayer);
  assert_int_equal(EachRow("mayer_growth.txt", 6, MayerRow, &m), 5);
  Unload(&m);
}

/* ---- quorum sensing (Dinelli et al.) --------------------------------------------------------------------------------
 */

static void QuorumRow(const double *x, void *ctx) {
  Loaded *m = ctx;
  assert_near(RhoLocalFreeEnergy(m->eq, m->value, x), x[2], 1e-12, "f");
  assert_near(MuAt(m, 0, x), x[3], 1e-12, "mu_a");
  assert_near(MuAt(m, 1, x), x[4], 1e-12, "mu_b");
  assert_near(PressureAt(m, x), x[5], 1e-12, "p");
  for (int k = 0; k < 4; k++) assert_near(HessianAt(m, k / 2, k % 2, x), x[6 + k], 1e-12, "hessian");
}

/* f is not given: it comes from integrating mu. */
static void QuorumThermo(void **state) {
  (void)state;
  Loaded m = LoadText(1, "index: {s: [a, b]}\nfields: {'rho[s]': density}\nkernels: {K: {shape: gaussian, width: 1}}\n"
                         "define: {'n[s]': 'conv(K, rho[s])', total: 'sum(s, n[s])',\n"
                         "  'v[s]': 'exp(-tanh((n[s] - 1)/0.5) + 0.5*tanh(total - 2))'}\n"
                         "dynamics: {'rho[s]': {mobility: 'rho[s]*v[s]^2', potential: 'log(rho[s]) + log(v[s])'}}\n");
  assert_int_equal(EachRow("quorum_thermo.txt", 10, QuorumRow, &m), 4);
  Unload(&m);
}

/* At a spinodal density d mu/d rho = 0, and the growth rate over q^2 vanishes as q -> 0. */
static void SpinodalRow(const double *x, void *ctx) {
  Loaded *m = ctx;
  double complex lambda;
  assert_true(fabs(HessianAt(m, 0, 0, x)) < 1e-13);
  ModesAt(m, 1, x, 1e-6, &lambda);
  assert_true(fabs(creal(lambda)) * 1e12 < 1e-10);
}

static void Spinodal(void **state) {
  (void)state;
  Loaded m = LoadText(1, "fields: {rho: density}\nkernels: {K: {shape: bump, radius: 1}}\n"
                         "define: {v: 'exp(-tanh((conv(K, rho) - 1)/0.5))'}\n"
                         "dynamics: {rho: {flux: '-v^2*grad(rho) - v^2*rho*grad(log(v))'}}\n");
  Loaded local = LoadText(1, "fields: {rho: density}\ndefine: {v: 'exp(-tanh((rho - 1)/0.5))'}\n"
                             "dynamics: {rho: {mobility: rho*v^2, potential: log(rho*v)}}\n");
  assert_int_equal(EachRow("quorum_spinodal.txt", 1, SpinodalRow, &local), 2);
  Unload(&local);
  Unload(&m);
}

static double GrowthAt(Loaded *m, double q) {
  static const double u[2] = {1, 1};
  double complex lambda[2];
  ModesAt(m, 1, u, q, lambda);
  return creal(lambda[0]);
}

/* The largest growth rate over 0 < q <= 6: a coarse search, then golden section; 0 when none is positive. */
static double LargestGrowth(Loaded *m) {
  const double golden = 0.5 * (sqrt(5) - 1);
  double best = 0, at = 0, step = 0.1;
  for (double q = step; q < 6.05; q += step) {
    double growth = GrowthAt(m, q);
    if (growth > best) best = growth, at = q;
  }
  if (best == 0) return 0;
  double a = at - step, b = at + step, x = b - golden * (b - a), y = a + golden * (b - a);
  double fx = GrowthAt(m, x), fy = GrowthAt(m, y);
  while (b - a > 1e-7) {
    if (fx > fy) {
      b = y, y = x, fy = fx, x = b - golden * (b - a);
      fx = GrowthAt(m, x);
    } else {
      a = x, x = y, fx = fy, y = a + golden * (b - a);
      fy = GrowthAt(m, y);
    }
  }
  return fmax(fx, fy);
}

/* ks, kappa_a, kappa_b, growth, q, omega */
static void CrossRow(const double *x, void *ctx) {
  Loaded *m = ctx;
  static const double u[2] = {1, 1};
  double complex lambda[2];
  RhoSetting setting[3] = {{"ks", x[0], RHO_NOWHERE}, {"ka", x[1], RHO_NOWHERE}, {"kb", x[2], RHO_NOWHERE}};
  Bind(m, 1, 3, setting);
  assert_near(LargestGrowth(m), x[3], 1e-10, "largest growth");
  if (x[3] == 0) return;
  ModesAt(m, 1, u, x[4], lambda);
  assert_near(creal(lambda[0]), x[3], 1e-10, "growth at q*");
  assert_near(cimag(lambda[0]), x[5], 1e-10, "omega at q*");
}

static void StabilityMaps(void **state) {
  (void)state;
  Loaded m = LoadText(1, cross);
  assert_int_equal(EachRow("quorum_growth.txt", 6, CrossRow, &m), 2 * 17 * 17);
  Unload(&m);
}

/* ---- two states (Liang, Busiello, De Los Rios) ----------------------------------------------------------------------
 */

static void TwoStateRow(const double *x, void *ctx) {
  Loaded *m = ctx;
  static const double u[2] = {0.3, 0.7};
  double complex lambda[2];
  RhoSetting setting[4] = {
      {"D1", x[0], RHO_NOWHERE}, {"D2", x[1], RHO_NOWHERE}, {"k12", x[2], RHO_NOWHERE}, {"k21", x[3], RHO_NOWHERE}};
  Bind(m, 1, 4, setting);
  ModesAt(m, 1, u, x[4], lambda);
  assert_near(creal(lambda[0]), x[5], 1e-12, "slow");
  assert_near(creal(lambda[1]), x[6], 1e-12, "fast");
}

static void TwoStates(void **state) {
  (void)state;
  Loaded m = LoadText(1, "parameters: {D1: 1, D2: 1, k12: 1, k21: 1}\n"
                         "dynamics: {P1: {flux: -D1*grad(P1)}, P2: {flux: -D2*grad(P2)}}\n"
                         "exchange: [{from: P1, to: P2, rate: k21*P1, back: k12*P2}]\n");
  assert_int_equal(EachRow("two_state_growth.txt", 7, TwoStateRow, &m), 3);
  Unload(&m);
}

/* ---- closed forms ---------------------------------------------------------------------------------------------------
 */

/* Swift-Hohenberg: r - (1 - q^2)^2.  Dean-Kawasaki: -q^2 (T + rho u^(q)). */
static void ClosedForms(void **state) {
  (void)state;
  static const double zero = 0, rho = 2;
  double complex lambda;
  Loaded sh = LoadText(1, "parameters: {r: 0.3}\ndynamics: {u: {reaction: r*u - u - 2*lap(u) - lap(lap(u)) - u^3}}\n");
  Loaded dk = LoadText(1, "fields: {rho: density}\nparameters: {T: 0.7}\nkernels: {U: {q: 3*exp(-q^2/2)}}\n"
                          "dynamics: {rho: {mobility: rho, potential: 'T*log(rho) + conv(U, rho)'}}\n");
  for (int k = 0; k < 20; k++) {
    double q = 0.15 * k, q2 = q * q;
    ModesAt(&sh, 1, &zero, q, &lambda);
    assert_near(creal(lambda), 0.3 - (1 - q2) * (1 - q2), 1e-13, "Swift-Hohenberg");
    ModesAt(&dk, 1, &rho, q, &lambda);
    assert_near(creal(lambda), -q2 * (0.7 + rho * 3 * exp(-q2 / 2)), 1e-13, "Dean-Kawasaki");
  }
  Unload(&sh);
  Unload(&dk);
}

int main(void) {
  const struct CMUnitTest test[] = {cmocka_unit_test(TwoTemperature), cmocka_unit_test(MayerKernels),
                                    cmocka_unit_test(QuorumThermo),   cmocka_unit_test(Spinodal),
                                    cmocka_unit_test(StabilityMaps),  cmocka_unit_test(TwoStates),
                                    cmocka_unit_test(ClosedForms)};
  return cmocka_run_group_tests(test, NULL, NULL);
}
