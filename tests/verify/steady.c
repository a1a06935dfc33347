/* steady.c - runs relax to steady states that are known independently of this program.

   The numbers are of the set "independent reference": stationary one-dimensional states by Newton's method on
   high-order collocation, residuals below 1e-13; phase equilibria by Newton's method at 40 digits.

   steady slow: the mixtures on finer grids and in longer boxes. */
#include "steady.h"

static bool slow;

/* ---- shared ---- */

typedef struct {
  double x, value[2];
} Sample;

/* fill(x, value): the start at the distance x from the middle cell, brought to these means (0: left as it is). */
static void FillLine(Setup *s, void (*fill)(double x, double *value), const double *mean) {
  PetscScalar *u;
  RhoGrid g = s->grid;
  PetscInt n = g->n[0], nf = g->nfield;
  double value[2], sum[2] = {0, 0};
  OK(VecGetArray(s->u, &u));
  for (PetscInt p = 0; p < n; p++) {
    fill((p - n / 2) * g->h[0], value);
    for (PetscInt f = 0; f < nf; f++) sum[f] += u[p * nf + f] = value[f];
  }
  for (PetscInt k = 0; k < n * nf; k++) u[k] *= mean[k % nf] * n / sum[k % nf];
  OK(VecRestoreArray(s->u, &u));
}

/* Largest difference from samples at multiples of the spacing from the middle cell. */
static double ProfileError(const Setup *s, int nsample, const Sample *sample) {
  double worst = 0;
  PetscInt n = s->grid->n[0];
  for (int k = 0; k < nsample; k++) {
    double cells = sample[k].x / s->grid->h[0];
    PetscInt p = (n / 2 + (PetscInt)lround(cells)) % n;
    assert_true(fabs(cells - lround(cells)) < 1e-9);
    for (int f = 0; f < s->grid->nfield; f++) worst = Worse(worst, Cell(s, p, f) - sample[k].value[f]);
  }
  return worst;
}

/* ---- one species that senses itself through a kernel ---- */

/* log v = -tanh((K*rho - 1)/0.5), K Gaussian of width 1, mean density 1.2 in a periodic box of length 32; distances
   from the middle of the dense phase.  The box is long: its densities differ from those of coexistence,
     0.33623136703717565, 2.1326664063272704   (for every symmetric kernel)
   by 2.6e-7 and 1.2e-6; the common tangent would give 0.3689701238767255, 2.3274011168332676. */
static const Sample droplet[] = {
    {0.0, {2.132665235134329}},    {2.0, {2.1326425987497326}},   {4.0, {2.1316971869585895}},
    {6.0, {2.094356833249256}},    {6.5, {2.0336431500651555}},   {7.0, {1.8663869368803405}},
    {7.5, {1.464089634945188}},    {8.0, {0.8997452934739997}},   {8.5, {0.5444886656933627}},
    {9.0, {0.4110808915238633}},   {10.0, {0.34745169097889067}}, {12.0, {0.3364865511114691}},
    {16.0, {0.33623162458100087}},
};

#define SENSING                                                                                                        \
  "kernels: {K: {shape: gaussian, width: 1}}\nfields: {rho: density}\n"                                                \
  "define: {v: \"exp(-tanh((conv(K, rho) - 1)/0.5))\"}\n"

static void FillDroplet(double x, double *value) { *value = 0.33 + 0.9 * (1 + tanh(7.7 - fabs(x))); }

static double KernelError(const char *text, int ncell) {
  static const double mean[] = {1.2};
  Setup s;
  RhoMesh mesh = Line(0, 32, ncell, RHO_PERIODIC);
  OpenText(text, &s);
  assert_true(OpenGrid(&s, PETSC_COMM_SELF, &mesh));
  FillLine(&s, FillDroplet, mean);
  Relax(&s, 1e-8, 2500, 100);
  double error = ProfileError(&s, COUNT(droplet), droplet), high = Cell(&s, ncell / 2, 0), low = Cell(&s, 0, 0);
  print_message(" densities %.12g, %.12g, error %.2e\n", low, high, error);
  if (error < 0.01) assert_true(fabs(low - 0.3689701238767255) > 0.03 && fabs(high - 2.3274011168332676) > 0.15);
  CloseGrid(&s);
  CloseModel(&s);
  return error;
}

/* With mu = log rho + log v the fitted flux vanishes exactly where rho v is uniform, at the cells' centres, and the
   convolution is exact for what the grid carries: the grid's steady state is a collocation solution and converges
   faster than any power of h. */
static void test_kernel_potential(void **state) {
  static const char text[] = SENSING "dynamics: {rho: {mobility: \"rho*v^2\", potential: \"log(rho) + log(v)\"}}";
  (void)state;
  assert_true(KernelError(text, 64) < 1e-4);
  assert_true(KernelError(text, 128) < 1e-8);
}

/* The same flux, -v grad(v rho), written as -(grad(v^2 rho) + v^2 grad rho)/2, vanishes on the grid up to h^2 only: the
   same densities at second order. */
static void test_kernel_flux(void **state) {
  static const char text[] = SENSING "dynamics: {rho: {flux: \"-0.5*grad(v^2*rho) - 0.5*v^2*grad(rho)\"}}";
  double error[3];
  (void)state;
  for (int k = 0; k < 3; k++) error[k] = KernelError(text, 128 << k);
  assert_second_order(3, error, "kernel, flux");
}

/* ---- two species with square gradients ---- */

/* mu_i = log c_i + c_i + 4 c_j - lap c_i (equal temperatures, K = 16), means 0.4, periodic: B-rich phase in the middle.
 */
static const Sample short_box[] = {
    {0.0, {0.12878133392607213, 0.6867308851961982}},   {3.75, {0.1288710575426826, 0.6865459257793314}},
    {7.5, {0.1302965154514702, 0.683623920210366}},     {11.25, {0.1514750764866206, 0.6433507134626145}},
    {13.125, {0.2125523531106935, 0.5480483208995771}}, {15.0, {0.3673545765153284, 0.36735457651533115}},
    {18.75, {0.6433507134626152, 0.15147507648662029}}, {22.5, {0.6836239202103673, 0.13029651545146945}},
    {30.0, {0.6867308851962022, 0.12878133392607083}},
};
static const Sample long_box[] = {
    {0.0, {0.1326943861041005, 0.6748335115434433}},   {15.0, {0.13270330519979412, 0.6748155770173051}},
    {24.0, {0.13763976757613855, 0.6650591277500919}}, {27.0, {0.17289232110085442, 0.6030833619652519}},
    {30.0, {0.3654660156927371, 0.36546601569273796}}, {33.0, {0.6030833619652484, 0.17289232110085576}},
    {36.0, {0.6650591277500905, 0.13763976757613902}}, {60.0, {0.674833511543432, 0.132694386104105}},
};

static const char mixture[] = "fields: {cA: density, cB: density}\n"
                              "free_energy: \"cA*(log(cA) - 1) + cB*(log(cB) - 1) + cA^2/2 + cB^2/2 + 4*cA*cB"
                              " + |grad(cA)|^2/2 + |grad(cB)|^2/2\"\n"
                              "dynamics:\n  cA: {mobility: cA}\n  cB: {mobility: cB}\n";

static double quarter; /* where the interfaces start */

static void FillPhases(double x, double *value) {
  double t = 0.27 * tanh((fabs(x) - quarter) / 3);
  value[0] = 0.4 + t;
  value[1] = 0.4 - t;
}

static double MixtureError(double length, double end, int ncell, int nsample, const Sample *sample) {
  static const double mean[] = {0.4, 0.4};
  Setup s;
  RhoMesh mesh = Line(0, length, ncell, RHO_PERIODIC);
  quarter = length / 4;
  OpenText(mixture, &s);
  assert_true(OpenGrid(&s, PETSC_COMM_SELF, &mesh));
  FillLine(&s, FillPhases, mean);
  Relax(&s, 1e-6, end, 20);
  double error = ProfileError(&s, nsample, sample);
  print_message(" bulk %.10g, %.10g, error %.2e\n", Cell(&s, ncell / 2, 0), Cell(&s, ncell / 2, 1), error);
  CloseGrid(&s);
  CloseModel(&s);
  return error;
}

/* Profiles and bulk densities of two coexisting phases in a box of length 60, at second order. */
static void test_mixture(void **state) {
  double error[3];
  int n = slow ? 3 : 2;
  (void)state;
  for (int k = 0; k < n; k++) error[k] = MixtureError(60, 3000, 64 << k, COUNT(short_box), short_box);
  assert_second_order(n, error, "length 60");
}

/* The same in a box of length 120, whose bulk densities are nearer to those of the common tangent (0.1365721,
   0.6634279: the interfaces take up mass). */
static void test_mixture_long(void **state) {
  double error[2];
  (void)state;
  for (int k = 0; k < 2; k++) error[k] = MixtureError(120, 9000, 120 << k, COUNT(long_box), long_box);
  assert_second_order(2, error, "length 120");
}

/* ---- Active Model B+ ---- */

/* a = -b = -1/4, K = 1, alpha = (zeta - 2 lambda)/K = -2: the two equations of the model's README by Newton's method at
   30 digits; the common tangent would be -1, 1. */
static const double phases[] = {-0.86368284500944199, 1.0955725106927741};

static double ActiveError(int ncell) {
  Setup s;
  RhoMesh mesh = Line(0, 120, ncell, RHO_PERIODIC);
  RhoEvolveOptions options = Until(1e6, 1e-8);
  options.scheme = "bdf";
  OpenModel(RHO_SOURCE_DIR "/models/active_model_b_plus/model.yaml", &s);
  assert_true(OpenGrid(&s, PETSC_COMM_SELF, &mesh));
  FillFormula(&s, 0, "-tanh((abs(x - 60) - 30)/sqrt(8))", 0);
  Outcome out = RunDone(&s, options);
  double low = Cell(&s, 0, 0), high = Cell(&s, ncell / 2, 0);
  print_message("  %4d cells, %4d steps: densities %.10f, %.10f\n", ncell, (int)out.last.nstep, low, high);
  CloseGrid(&s);
  CloseModel(&s);
  return fmax(fabs(low - phases[0]), fabs(high - phases[1]));
}

/* Coexisting densities of planar interfaces, at second order. */
static void test_active(void **state) {
  double error[2];
  (void)state;
  for (int k = 0; k < 2; k++) error[k] = ActiveError(240 << k);
  assert_second_order(2, error, "Active Model B+");
}

/* ---- two internal states in a temperature gradient ---- */

/* P1, P2 of thermophoresis_two_state on 0 < x < 1, T = 1 + 0.8 x, int P1 + P2 = 1. */
static const Sample states_A[] = {
    {0.0, {0.32342420486847, 0.70233871859007}}, {0.1, {0.32360361732608, 0.70054459401395}},
    {0.2, {0.32407394258067, 0.69584134146809}}, {0.3, {0.3247416424636, 0.68916434263875}},
    {0.4, {0.32552425731454, 0.68133819412945}}, {0.5, {0.32634941349709, 0.67308663230389}},
    {0.6, {0.32715298858822, 0.66505088139265}}, {0.7, {0.32787668633512, 0.65781390392365}},
    {0.8, {0.3284651643382, 0.65192912389284}},  {0.9, {0.32886276128556, 0.64795315441916}},
    {1.0, {0.32900978468914, 0.64648292038342}}};
static const Sample states_C[] = {
    {0.0, {0.27258056713691, 0.67939333468089}}, {0.1, {0.2778310345443, 0.67886828794015}},
    {0.2, {0.28903201750072, 0.67774818964451}}, {0.3, {0.3022399583367, 0.67642739556091}},
    {0.4, {0.31569668818202, 0.67508172257638}}, {0.5, {0.32865034909408, 0.67378635648518}},
    {0.6, {0.34077618953239, 0.67257377244135}}, {0.7, {0.35186747751839, 0.67146464364275}},
    {0.8, {0.36159699630365, 0.67049169176422}}, {0.9, {0.36916726294079, 0.66973466510051}},
    {1.0, {0.37254953783634, 0.66939643761095}}};

static const RhoSetting other[] = {{"D1", 0.1, {-1, 0, 0}}, {"D2", 1, {-1, 0, 0}}, {"k0", 10, {-1, 0, 0}}};

static double StatesError(int ncell, int nsetting, const RhoSetting *setting, int nsample, const Sample *sample) {
  Setup s;
  RhoMesh mesh = Line(0, 1, ncell, RHO_WALL);
  static const char *const field[] = {"P1", "P2"};
  double error = 0;
  OpenModel(RHO_SOURCE_DIR "/models/thermophoresis_two_state/model.yaml", &s);
  Require(s.diag, RhoEquationsBind(s.eq, 1, nsetting, setting, s.value), "settings");
  assert_true(MakeGrid(&s, PETSC_COMM_SELF, &mesh));
  OK(VecSet(s.u, 0.5));
  Relax(&s, 1e-6, 40, 1);
  for (int f = 0; f < 2; f++) {
    double *line = CellsOf(&s, field[f]);
    for (int k = 0; k < nsample; k++)
      error = Worse(error, FaceOf(line, ncell, (PetscInt)lround(sample[k].x * ncell)) - sample[k].value[f]);
    free(line);
  }
  print_message(" error %.2e\n", error);
  CloseGrid(&s);
  CloseModel(&s);
  return error;
}

/* Both states relax to the exact profiles, the wall layers included, at second order. */
static void test_states(void **state) {
  double error[3];
  (void)state;
  for (int k = 0; k < 3; k++) error[k] = StatesError(80 << k, 0, NULL, COUNT(states_A), states_A);
  assert_second_order(3, error, "D = 1, 0.1, k0 = 1");
  for (int k = 0; k < 3; k++) error[k] = StatesError(80 << k, COUNT(other), other, COUNT(states_C), states_C);
  assert_second_order(3, error, "D = 0.1, 1, k0 = 10");
}

int main(int argc, char **argv) {
  const struct CMUnitTest quick[] = {cmocka_unit_test(test_kernel_potential), cmocka_unit_test(test_kernel_flux),
                                     cmocka_unit_test(test_mixture), cmocka_unit_test(test_active),
                                     cmocka_unit_test(test_states)};
  const struct CMUnitTest lengthy[] = {cmocka_unit_test(test_mixture), cmocka_unit_test(test_mixture_long)};
  slow = argc > 1 && !strcmp(argv[1], "slow");
  return slow ? RunTests(1, argv, lengthy, COUNT(lengthy)) : RunTests(1, argv, quick, COUNT(quick));
}
