/* Two phases of one field side by side: kernels, square gradients, with and without a free energy. */
#include "uniform_check.h"
#include "rhoflux/coexist.h"

typedef struct {
  int n;
  RhoPhasePair pair[8];
} Found;

static RhoFront FrontOf(Loaded *m, RhoConstruction construction) {
  RhoFront front;
  bool recognised;
  const char *reason;
  Require(m, RhoFrontCreate(m->eq, construction, &recognised, &front, &reason), "front");
  if (!recognised) fail_msg("%s: %s", RhoConstructionName(construction), reason);
  return front;
}

static Found PhasesOf(Loaded *m, RhoConstruction construction) {
  RhoFront front = FrontOf(m, construction);
  RhoArena arena = RhoArenaCreate();
  Found found = {0};
  const RhoPhasePair *pair;
  Require(m, RhoFrontPhases(m->eq, &front, m->value, arena, &found.n, &pair), "phases");
  assert_in_range(found.n, 0, COUNT(found.pair));
  if (found.n) memcpy(found.pair, pair, sizeof *pair * (size_t)found.n);
  RhoArenaDestroy(&arena);
  return found;
}

static void Exactly(Loaded *m, RhoConstruction construction, double low, double high, double mu, double tolerance) {
  Found found = PhasesOf(m, construction);
  assert_int_equal(found.n, 1);
  assert_near(found.pair[0].low, low, tolerance, "low phase");
  assert_near(found.pair[0].high, high, tolerance, "high phase");
  assert_true(found.pair[0].error <= 1e-13 * found.pair[0].high);
  if (isnan(mu)) assert_true(isnan(found.pair[0].mu));
  else assert_near(found.pair[0].mu, mu, tolerance, "potential");
}

/* ---- kernels --------------------------------------------------------------------------------------------------------
 */

#define SENSING(kernel)                                                                                                \
  "fields: {rho: density}\nkernels: {K: " kernel "}\ndefine: {v: 'exp(-tanh((conv(K, rho) - 1)/0.5))'}\n"

/* mean_low, mean_high, mu of the kernel, then of the common tangent */
static void BinodalRow(const double *x, void *ctx) {
  (void)ctx;
  static const char *const text[] = {
      SENSING("{shape: gaussian, width: 1}") "dynamics: {rho: {mobility: rho*v^2, potential: log(rho) + log(v)}}\n",
      SENSING("{shape: bump, radius: 0.1}") "dynamics: {rho: {flux: '-v^2*grad(rho) - v^2*rho*grad(log(v))'}}\n",
      SENSING("{shape: yukawa, length: 3}") "dynamics: {rho: {mobility: 1, potential: 2*log(rho*v)}}\n"};
  for (int k = 0; k < COUNT(text); k++) {
    Loaded m = LoadText(1, text[k]);
    double T = k == 2 ? 2 : 1;
    Exactly(&m, RHO_EXACT_KERNEL, x[0], x[1], T * x[2], 1e-13);
    if (k != 1) Exactly(&m, RHO_COMMON_TANGENT, x[3], x[4], T * x[5], 1e-13);
    Unload(&m);
  }
}

static void ExactKernel(void **state) {
  (void)state;
  assert_int_equal(EachRow("quorum_binodal.txt", 6, BinodalRow, NULL), 1);
}

/* Particle runs sense themselves: dense and dilute phase with K(0) and without, from the reference program to the
   digits given. */
static void SelfSensing(void **state) {
  (void)state;
  static const struct {
    int dim;
    double rho0, w, self, high, low, digits;
  } row[] = {{1, 200, 100, 1, 424.97, 67.14, 0.006},
             {1, 200, 100, 0, 426.53, 67.25, 0.006},
             {2, 100, 50, 1, 211.78, 33.52, 0.006}};
  Loaded m = LoadFile(RHO_SOURCE_DIR "/models/quorum_sensing/particles.yaml", 1);
  for (int k = 0; k < COUNT(row); k++) {
    RhoSetting setting[] = {
        {"rho0", row[k].rho0, RHO_NOWHERE}, {"w", row[k].w, RHO_NOWHERE}, {"sense_self", row[k].self, RHO_NOWHERE}};
    Bind(&m, row[k].dim, COUNT(setting), setting);
    Found found = PhasesOf(&m, RHO_EXACT_KERNEL);
    assert_int_equal(found.n, 1);
    assert_true(fabs(found.pair[0].low - row[k].low) < row[k].digits);
    assert_true(fabs(found.pair[0].high - row[k].high) < row[k].digits);
  }
  Unload(&m);
}

/* Phases are those of u when K^(0) is not 1 and densities have other units. */
static void UnitsOfKernels(void **state) {
  (void)state;
  Loaded m = LoadText(1, "fields: {rho: density}\nkernels: {K: {q: 2500*exp(-q^2)}}\n"
                         "define: {v: 'exp(-tanh((conv(K, rho) - 1)/0.5))'}\n"
                         "dynamics: {rho: {mobility: rho*v^2, potential: log(rho) + log(v)}}\n");
  Exactly(&m, RHO_EXACT_KERNEL, 0.33623136703717565 / 2500, 2.1326664063272704 / 2500, -0.22130962652011454 - log(2500),
          1e-13);
  Unload(&m);
}

/* ---- square gradients -----------------------------------------------------------------------------------------------
 */

/* models/active_model_b_plus/README.md: phases by Newton's method on the two closed conditions, 30 digits */
static void ActiveModelB(void **state) {
  (void)state;
  static const struct {
    double lambda, zeta, low, high;
  } row[] = {{0.5, -1, -0.863682845, 1.095572511},
             {0, 2, -1.095572511, 0.863682845},
             {-1, 0, -1.095572511, 0.863682845},
             {1.5, 3, -1, 1},
             {0, 0, -1, 1}};
  Loaded m = LoadFile(RHO_SOURCE_DIR "/models/active_model_b_plus/model.yaml", 1);
  for (int k = 0; k < COUNT(row); k++) {
    RhoSetting setting[] = {{"lambda", row[k].lambda, RHO_NOWHERE}, {"zeta", row[k].zeta, RHO_NOWHERE}};
    Bind(&m, 1, COUNT(setting), setting);
    double f = -0.25 * row[k].low + 0.25 * pow(row[k].low, 3);
    Exactly(&m, RHO_PSEUDO_DENSITY, row[k].low, row[k].high, f, 1e-9);
  }
  Unload(&m);
}

/* int_{low}^{high} (f' - mu) psi' dphi by Simpson's rule, psi' = exp(alpha phi) */
static double ClosedForm(const RhoPhasePair *pair, double alpha) {
  enum { N = 2000 };
  double sum = 0, h = (pair->high - pair->low) / N;
  for (int k = 0; k <= N; k++) {
    double phi = pair->low + k * h, f = -0.25 * phi + 0.25 * phi * phi * phi;
    sum += (k == 0 || k == N ? 1 : k % 2 ? 4 : 2) * h / 3 * (f - pair->mu) * exp(alpha * phi);
  }
  return sum;
}

/* Constant coefficients: psi = (exp(alpha phi) - 1)/alpha, alpha = (zeta - 2 lambda)/K. */
static void ClosedForms(void **state) {
  (void)state;
  Loaded m = LoadFile(RHO_SOURCE_DIR "/models/active_model_b_plus/model.yaml", 1);
  for (double lambda = -1.5; lambda < 2; lambda += 0.5) {
    RhoSetting setting[] = {{"lambda", lambda, RHO_NOWHERE}, {"zeta", 0.75, RHO_NOWHERE}, {"K", 0.8, RHO_NOWHERE}};
    Bind(&m, 1, COUNT(setting), setting);
    Found found = PhasesOf(&m, RHO_PSEUDO_DENSITY);
    assert_int_equal(found.n, 1);
    assert_true(fabs(ClosedForm(&found.pair[0], (0.75 - 2 * lambda) / 0.8)) < 1e-11);
  }
  Unload(&m);
}

/* With a free energy, f + K(u) |grad u|^2/2, gradients do not move the phases, nor does a mobility, nor the way the
   flux is written. */
static void Variational(void **state) {
  (void)state;
  static const char *const text[] = {
      "free_energy: (phi^2 - 1)^2/4 + 0.3*phi + exp(phi)*|grad(phi)|^2/2\ndynamics: {phi: {mobility: 1}}\n",
      "free_energy: (phi^2 - 1)^2/4 + exp(phi)*|grad(phi)|^2/2\ndynamics: {phi: {mobility: 2 + phi^2}}\n",
      "dynamics: {phi: {flux: '-grad(phi^3 - phi) + 3*grad(lap(phi))'}}\n",
      "dynamics: {phi: {flux: '-(1 + phi^2)*grad(phi^3) + (1 + phi^2)*grad(phi + 2*lap(phi))'}}\n",
      "dynamics: {phi: {flux: '-(3*phi^2 - 1)*grad(phi) + grad(lap(phi))'}}\n",
      "dynamics: {phi: {flux: '-grad(phi^3 - phi - div(exp(phi)*grad(phi)) + exp(phi)*|grad(phi)|^2/2)'}}\n"};
  for (int k = 0; k < COUNT(text); k++) {
    Loaded m = LoadText(1, text[k]);
    Exactly(&m, RHO_PSEUDO_DENSITY, -1, 1, k == 0 ? 0.3 : k == 4 ? NAN : 0, 1e-12);
    Unload(&m);
  }
}

/* The front's own equation, where zeta and lambda depend on phi and mu is not the same in both phases:
   K y'' = g' + 2 lambda' y + (2 lambda - K' - zeta) y',  from rest at one phase to rest at the other (RK4). */
static void Slope(double phi, const double y[2], double out[2]) {
  double K = 1 + 0.25 * sin(phi), K1 = 0.25 * cos(phi), lambda = 0.3 + 0.4 * phi, zeta = 1 + 0.5 * phi;
  out[0] = y[1];
  out[1] = (3 * phi * phi - 1 + 2 * 0.4 * y[0] + (2 * lambda - K1 - zeta) * y[1]) / K;
}

static void Shoot(double from, double to, double y[2]) {
  enum { N = 20000 };
  double h = (to - from) / N;
  for (int k = 0; k < N; k++) {
    double phi = from + k * h, a[2], b[2], c[2], d[2], z[2];
    Slope(phi, y, a);
    for (int i = 0; i < 2; i++) z[i] = y[i] + 0.5 * h * a[i];
    Slope(phi + 0.5 * h, z, b);
    for (int i = 0; i < 2; i++) z[i] = y[i] + 0.5 * h * b[i];
    Slope(phi + 0.5 * h, z, c);
    for (int i = 0; i < 2; i++) z[i] = y[i] + h * c[i];
    Slope(phi + h, z, d);
    for (int i = 0; i < 2; i++) y[i] += h / 6 * (a[i] + 2 * b[i] + 2 * c[i] + d[i]);
  }
}

static void NoPotential(void **state) {
  (void)state;
  Loaded m = LoadText(1, "define: {K: 1 + 0.25*sin(phi), la: 0.3 + 0.4*phi, ze: 1 + 0.5*phi}\n"
                         "dynamics: {phi: {flux: '-grad(phi^3 - phi + la*|grad(phi)|^2 - K*lap(phi)) "
                         "+ ze*lap(phi)*grad(phi)'}}\n");
  Found found = PhasesOf(&m, RHO_PSEUDO_DENSITY);
  assert_int_equal(found.n, 1);
  assert_true(isnan(found.pair[0].mu));
  double y[2] = {0, 0};
  Shoot(found.pair[0].low, found.pair[0].high, y);
  assert_true(fabs(y[0]) < 1e-11 && fabs(y[1]) < 1e-11);
  Unload(&m);
}

/* ---- several phases -------------------------------------------------------------------------------------------------
 */

/* f = phi^2 (phi^2 - 1)^2 + c phi^2 has wells near -1, 0, 1: for c > 0 the outer two coexist only as long as the middle
   one, which is lower, does not form. */
static void ThreeWells(void **state) {
  (void)state;
  Loaded m = LoadText(1, "parameters: {c: 0}\nfree_energy: phi^2*(phi^2 - 1)^2 + c*phi^2 + |grad(phi)|^2/2\n"
                         "dynamics: {phi: {mobility: 1}}\n");
  for (int k = 0; k < 2; k++) {
    RhoConstruction both[] = {RHO_COMMON_TANGENT, RHO_PSEUDO_DENSITY};
    Set1(&m, 1, "c", 0.05);
    Found found = PhasesOf(&m, both[k]);
    assert_int_equal(found.n, 3);
    assert_true(!found.pair[0].metastable && found.pair[1].metastable && !found.pair[2].metastable);
    assert_near(found.pair[1].low, -found.pair[1].high, 1e-12, "the outer two");
    assert_near(found.pair[0].mu, -found.pair[2].mu, 1e-12, "mu");
    Set1(&m, 1, "c", -0.05);
    found = PhasesOf(&m, both[k]);
    assert_int_equal(found.n, 3);
    assert_true(found.pair[0].metastable && !found.pair[1].metastable && found.pair[2].metastable);
  }
  Unload(&m);
}

static void Spinodals(void **state) {
  (void)state;
  const double *x;
  int n;
  Loaded m = LoadText(
      1, SENSING("{shape: gaussian, width: 1}") "dynamics: {rho: {mobility: rho*v^2, potential: log(rho) + log(v)}}\n");
  RhoArena arena = RhoArenaCreate();
  for (int k = RHO_COMMON_TANGENT; k <= RHO_EXACT_KERNEL; k++) {
    RhoFront front = FrontOf(&m, (RhoConstruction)k);
    Require(&m, RhoFrontSpinodals(m.eq, &front, m.value, arena, &n, &x), "spinodals");
    assert_int_equal(n, 2);
    assert_near(x[0], 0.701063168500669, 1e-14, "spinodal");
    assert_near(x[1], 1.5910162946000679, 1e-14, "spinodal");
  }
  RhoArenaDestroy(&arena);
  Unload(&m);
}

static void NothingToSeparate(void **state) {
  (void)state;
  Loaded m = LoadFile(RHO_SOURCE_DIR "/models/active_model_b_plus/model.yaml", 1);
  Set1(&m, 1, "a", 0.1);
  assert_int_equal(PhasesOf(&m, RHO_PSEUDO_DENSITY).n, 0);
  Unload(&m);
}

/* ---- over a parameter -----------------------------------------------------------------------------------------------
 */

typedef struct {
  Loaded *m;
  const char *name;
} Bound;

static RhoStatus BindAt(void *ctx, double p, double *value) {
  Bound *b = ctx;
  RhoSetting setting = {b->name, p, RHO_NOWHERE};
  return RhoEquationsBind(b->m->eq, 1, isnan(p) ? 0 : 1, &setting, value);
}

static RhoPhaseDiagram DiagramOver(Loaded *m, RhoConstruction construction, const char *name, double from, double to,
                                   const double *window, RhoArena arena) {
  RhoFront front = FrontOf(m, construction);
  RhoPhaseRequest request = {.from = window, .to = window + 1, .parameter_from = from, .parameter_to = to};
  RhoPhaseDiagram d;
  Bound bound = {m, name};
  Require(m, RhoFrontDiagram(m->eq, &front, &request, BindAt, &bound, arena, &d), name);
  return d;
}

/* Model B with the terms of the active one at rest: phi^2 = -a/b, spinodal phi^2 = -a/(3 b), critical at a = 0. */
static void OverLocal(void **state) {
  static const double window[] = {-3, 3};
  (void)state;
  RhoArena arena = RhoArenaCreate();
  Loaded m = LoadText(1, "parameters: {a: -1}\ndynamics: {phi: {flux: -grad(a*phi + phi^3 - lap(phi))}}\n");
  RhoPhaseDiagram d = DiagramOver(&m, RHO_PSEUDO_DENSITY, "a", -1, 0.37, window, arena);
  assert_int_equal(d.nfamily, 1);
  assert_int_equal(d.nspinodal, 2);
  assert_int_equal(d.ncritical, 1);
  assert_true(fabs(d.critical[0].state[0]) < 1e-7 && fabs(d.critical[0].state[1]) < 1e-13);
  assert_int_equal(d.family[0].end[0].kind, RHO_PHASE_PARAMETER);
  assert_int_equal(d.family[0].end[1].kind, RHO_PHASE_CRITICAL);
  for (int k = 0; k < d.family[0].npoint; k++) {
    const double *low = d.family[0].first + 2 * k, *high = d.family[0].second + 2 * k;
    assert_near(low[0], -sqrt(fmax(0, -low[1])), 1e-7, "low");
    assert_near(high[0], -low[0], 1e-7, "high");
  }
  for (int k = 0; k < d.spinodal[0].npoint; k++) {
    const double *at = d.spinodal[0].state + 2 * k;
    assert_near(at[0], -sqrt(fmax(0, -at[1] / 3)), 1e-7, "spinodal");
  }
  RhoArenaDestroy(&arena);
  Unload(&m);
}

/* The critical point of sensing: 1 + x w' = 0 = (x w')' with w = k tanh((x - 1)/0.5), by Newton's method here. */
static void OverKernel(void **state) {
  static const double window[] = {0, 5};
  (void)state;
  RhoArena arena = RhoArenaCreate();
  Loaded m = LoadText(1, "fields: {rho: density}\nparameters: {k: -1}\nkernels: {K: {shape: gaussian, width: 1}}\n"
                         "dynamics: {rho: {mobility: rho, potential: 'log(rho) + k*tanh((conv(K, rho) - 1)/0.5)'}}\n");
  RhoPhaseDiagram d = DiagramOver(&m, RHO_EXACT_KERNEL, "k", -1.5, -0.1, window, arena);
  double x = 1;
  for (int k = 0; k < 50; k++) {
    double t = tanh(2 * x - 2); /* d/dx of x sech^2 = sech^2 (1 - 4 x t) */
    x -= (1 - 4 * x * t) / (-4 * t - 8 * x * (1 - t * t));
  }
  assert_int_equal(d.ncritical, 1);
  assert_near(d.critical[0].state[0], x, 1e-6, "critical density");
  assert_near(d.critical[0].state[1], -1 / (2 * x * pow(cosh(2 * x - 2), -2)), 1e-12, "critical strength");
  assert_int_equal(d.nfamily, 1);
  assert_int_equal(d.family[0].end[1].kind, RHO_PHASE_CRITICAL);
  assert_near(d.family[0].first[1], -1.5, 0, "the beginning");
  RhoArenaDestroy(&arena);
  Unload(&m);
}

/* ---- models that do not have the form -------------------------------------------------------------------------------
 */

static void Reasons(void **state) {
  (void)state;
  static const struct {
    RhoConstruction construction;
    const char *text, *reason;
  } row[] = {
      {RHO_EXACT_KERNEL, "dynamics: {a: {flux: -grad(a)}, b: {flux: -grad(b)}}\n", "one field"},
      {RHO_PSEUDO_DENSITY, "dynamics: {a: {flux: -grad(a^3 - lap(a)), reaction: 1 - a}}\n", "not conserved"},
      {RHO_PSEUDO_DENSITY, "dynamics: {a: {flux: -(1 + x^2)*grad(a^3 - lap(a))}}\n", "depends on the place"},
      {RHO_PSEUDO_DENSITY, "dynamics: {a: {flux: -(1 + t^2)*grad(a^3 - lap(a))}}\n", "depends on time"},
      {RHO_PSEUDO_DENSITY, "dynamics: {a: {flux: -grad(a^3)}}\n", "no lap"},
      {RHO_PSEUDO_DENSITY, "dynamics: {a: {flux: -grad(a^3 - lap(a)^2)}}\n", "not linear in second derivatives"},
      {RHO_PSEUDO_DENSITY, "dynamics: {a: {flux: -grad(a^3 - lap(a)) + lap(a)*grad(lap(a))}}\n", "products"},
      {RHO_PSEUDO_DENSITY, "dynamics: {a: {flux: -grad(a^3 - lap(a) - lap(lap(a)))}}\n", "derivatives of derivatives"},
      {RHO_PSEUDO_DENSITY, "dynamics: {a: {flux: {x: '-d(a^3, x)', y: '-d(a, y)'}}}\n", "all directions"},
      {RHO_PSEUDO_DENSITY,
       "kernels: {K: {shape: gaussian, width: 1}}\n"
       "dynamics: {a: {flux: '-grad(a^3 - lap(a) + conv(K, a))'}}\n",
       "convolution"},
      {RHO_EXACT_KERNEL, "fields: {a: density}\ndynamics: {a: {mobility: a, potential: log(a) + a^2}}\n",
       "no convolution"},
      {RHO_EXACT_KERNEL, "dynamics: {a: {flux: -grad(a^3)}}\n", "its flux is not"},
      {RHO_EXACT_KERNEL,
       "fields: {a: density}\nkernels: {K: {shape: gaussian, width: 1}, M: {shape: gaussian, width: 2}}\n"
       "dynamics: {a: {mobility: a, potential: 'log(a) + conv(K, a) + conv(M, a)'}}\n",
       "several kernels"},
      {RHO_EXACT_KERNEL,
       "fields: {a: density}\nkernels: {K: {shape: gaussian, width: 1}}\n"
       "dynamics: {a: {mobility: a, potential: 'log(a) + conv(K, a^2)'}}\n",
       "more than the field"},
      {RHO_EXACT_KERNEL,
       "fields: {a: density}\nkernels: {K: {shape: gaussian, width: 1}}\n"
       "dynamics: {a: {mobility: a, potential: 'log(a) + a*conv(K, a)'}}\n",
       "outside of the kernel"},
      {RHO_COMMON_TANGENT, "dynamics: {a: {flux: -grad(a^3)}}\n", "no potential"}};
  for (int k = 0; k < COUNT(row); k++) {
    Loaded m = LoadText(1, row[k].text);
    RhoFront front;
    bool recognised;
    const char *reason;
    Require(&m, RhoFrontCreate(m.eq, row[k].construction, &recognised, &front, &reason), "front");
    if (recognised || !strstr(reason, row[k].reason)) fail_msg("%s: %s", row[k].text, reason);
    Unload(&m);
  }
}

int main(void) {
  const struct CMUnitTest test[] = {cmocka_unit_test(ExactKernel),    cmocka_unit_test(SelfSensing),
                                    cmocka_unit_test(UnitsOfKernels), cmocka_unit_test(ActiveModelB),
                                    cmocka_unit_test(ClosedForms),    cmocka_unit_test(Variational),
                                    cmocka_unit_test(NoPotential),    cmocka_unit_test(ThreeWells),
                                    cmocka_unit_test(Spinodals),      cmocka_unit_test(NothingToSeparate),
                                    cmocka_unit_test(OverLocal),      cmocka_unit_test(OverKernel),
                                    cmocka_unit_test(Reasons)};
  return cmocka_run_group_tests(test, NULL, NULL);
}
