/* derived.c - what model files list under `derived:`, against independent references. */
#include "uniform_check.h"

static double Derived(Loaded *m, const char *name, const double *state) {
  for (int k = 0; k < m->model->nderived; k++)
    if (!strcmp(m->model->derived[k].name, name))
      return RhoLocalValue(m->eq, RhoHomogeneous(m->eq, m->model->derived[k].node), m->value, state);
  fail_msg("%s is not derived", name);
  return NAN;
}

static double Formula(Loaded *m, const char *text) { return RhoLocalValue(m->eq, FormulaOf(m, text), m->value, NULL); }

static void SetAll(Loaded *m, int dim, int n, const char *const *name, const double *x) {
  RhoSetting setting[8];
  for (int k = 0; k < n; k++) setting[k] = (RhoSetting){name[k], x[k], RHO_NOWHERE};
  Bind(m, dim, n, setting);
}

static const char *const mixture[] = {"T[A]", "T[B]", "zeta[A]", "zeta[B]", "U0", "l"};

static void VirialRow(const double *x, void *ctx) {
  Loaded *m = ctx;
  SetAll(m, 1, 6, mixture, x);
  assert_near(Derived(m, "B[A,A]", NULL), x[6], 1e-12, "B_AA");
  assert_near(Derived(m, "B[A,B]", NULL), x[7], 1e-12, "B_AB");
  assert_near(Derived(m, "B[B,B]", NULL), x[8], 1e-12, "B_BB");
  assert_near(Derived(m, "coupling", NULL), x[9], 1e-12, "K");
  assert_near(Derived(m, "beta", NULL), x[10], 1e-12, "beta");
}

static void PowerRow(const double *x, void *ctx) {
  Loaded *m = ctx;
  SetAll(m, 1, 6, mixture, x);
  assert_near(Formula(m, "integral(W)"), x[6], 1e-12, "integral");
  assert_near(Derived(m, "power", NULL), x[7], 1e-12, "power");
}

static void Mixture(void **state) {
  (void)state;
  Loaded m = LoadFile(RHO_SOURCE_DIR "/models/two_temperature_mayer/model.yaml", 1);
  assert_int_equal(EachRow("virials.txt", 11, VirialRow, &m), 6);
  assert_true(EachRow("dissipation.txt", 8, PowerRow, &m) >= 3);
  Unload(&m);
}

/* `drive` is 1 where d mu_i/d c_j has determinant zero, at any parameters. */
static void Drive(void **state) {
  (void)state;
  Loaded m = LoadFile(RHO_SOURCE_DIR "/models/two_temperature/model.yaml", 1);
  for (double c = 0.2; c < 3; c += 0.4) {
    double u[2] = {c, 1 / (1 + c)}, H[4];
    for (int k = 0; k < 4; k++) H[k] = RhoLocalValue(m.eq, RhoLocalHessian(m.eq, k / 2, k % 2), m.value, u);
    assert_near(Derived(&m, "drive", u), H[1] * H[2] / (H[0] * H[3]), 1e-13, "drive");
  }
  Unload(&m);
}

/* The ring of models/two_temperature_ring, with the reference's potential and length. */
static void RingRow(const double *x, void *ctx) {
  static const char *const name[] = {"T1", "T2", "zeta1", "zeta2", "U0", "l", "L"};
  Loaded *m = ctx;
  SetAll(m, 1, 7, name, x);
  assert_near(Derived(m, "free", NULL), x[7], 1e-9, "D_eff/D_0");
  assert_near(Derived(m, "D_joint", NULL), x[8], 1e-9, "D_R");
}

static void Ring(void **state) {
  (void)state;
  Loaded m = LoadText(2, "extends: " RHO_SOURCE_DIR "/models/two_temperature_ring/model.yaml\n"
                         "parameters: {U0: 1, l: 1, L: 6}\ndefine: {'u(r)': 'U0*exp(-r^2/(2*l^2))',\n"
                         "  free: 'L^2/(integral(up)*integral(down))'}\n"
                         "kernels: {up: {cutoff: L/2}, down: {cutoff: L/2}}\n");
  assert_int_equal(EachRow("joint_diffusion.txt", 9, RingRow, &m), 2);
  Unload(&m);
}

int main(void) {
  const struct CMUnitTest test[] = {cmocka_unit_test(Mixture), cmocka_unit_test(Drive), cmocka_unit_test(Ring)};
  return cmocka_run_group_tests(test, NULL, NULL);
}
