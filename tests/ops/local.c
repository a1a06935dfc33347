/* Local thermodynamics of many states in coordinates: against the values of single states, and against differences. */
#include "ops_check.h"

enum { NSTATE = 40, MOST = 4 };

typedef struct {
  Loaded m;
  RhoLocal local;
  double u[NSTATE * MOST], x[NSTATE * MOST];
} Case;

static const char *const names[] = {"two_temperature", "quorum_sensing", "cahn_hilliard", "dean_kawasaki",
                                    "chemotaxis_adiabatic"};

static Case MakeCase(const char *name, const char *parameter) {
  Case c = {.m = LoadFile(name, 1)};
  uint64_t seed = 11;
  int number = -1;
  for (int k = 0; parameter && k < c.m.model->nparameter; k++)
    if (strcmp(c.m.model->parameter[k].name, parameter) == 0) number = k;
  Require(&c.m, RhoLocalCreate(c.m.eq, number, &c.local), name);
  RhoLocalBind(c.local, c.m.value);
  for (int k = 0; k < NSTATE; k++) {
    double *u = c.u + k * c.local->n, *x = c.x + k * c.local->nx;
    for (int i = 0; i < c.local->n; i++) u[i] = Uniformly(&seed, 0.05, 3);
    RhoLocalCoordinates(c.local, u, x);
    if (number >= 0) x[c.local->n] = c.m.value[number];
  }
  return c;
}

static void FreeCase(Case *c) {
  RhoLocalDestroy(&c->local);
  Unload(&c->m);
}

/* Property: mu, f and d mu/d x = (d mu/d u)(d u/d x) of many states are those of single ones; coordinates go back. */
static void LikeSingleStates(void **state) {
  (void)state;
  for (int q = 0; q < COUNT(names); q++) {
    Case c = MakeCase(names[q], NULL);
    int n = c.local->n;
    double mu[NSTATE * MOST], N[NSTATE * MOST * MOST], f[NSTATE], back[MOST];
    RhoLocalPotentials(c.local, NSTATE, c.x, mu, NULL, N);
    assert_int_equal(RhoLocalEnergies(c.local, NSTATE, c.x, f), RHO_OK);
    for (int k = 0; k < NSTATE; k++) {
      const double *u = c.u + k * n;
      assert_near(f[k], RhoLocalFreeEnergy(c.m.eq, c.m.value, u), 1e-13, "f");
      RhoLocalFields(c.local, c.x + k * n, back);
      for (int i = 0; i < n; i++) {
        assert_near(back[i], u[i], 1e-14, "u");
        assert_near(mu[k * n + i], RhoLocalValue(c.m.eq, RhoLocalPotential(c.m.eq, i), c.m.value, u), 1e-12, "mu");
        for (int j = 0; j < n; j++) {
          double slope = c.local->logarithmic[j] ? u[j] : 1;
          double is = RhoLocalValue(c.m.eq, RhoLocalHessian(c.m.eq, i, j), c.m.value, u) * slope;
          assert_near(N[(k * n + i) * n + j], is, 1e-12, "N");
        }
      }
    }
    FreeCase(&c);
  }
}

/* Central differences over all of N[npoint][n*nx] of what moves by +-h e. */
static void Differences(Case *c, const double *e, double h, double *first, double *second) {
  int n = c->local->n, nx = c->local->nx, nN = n * nx;
  double x[3][NSTATE * MOST], N[3][NSTATE * MOST * MOST];
  for (int side = 0; side < 3; side++) {
    for (int k = 0; k < NSTATE * nx; k++) x[side][k] = c->x[k] + (side - 1) * h * e[k];
    RhoLocalPotentials(c->local, NSTATE, x[side], NULL, NULL, N[side]);
  }
  for (int k = 0; k < NSTATE * nN; k++) {
    first[k] = (N[2][k] - N[0][k]) / (2 * h);
    second[k] = (N[2][k] - 2 * N[1][k] + N[0][k]) / (h * h);
  }
}

/* Property: N1 and N2 are the derivatives of N along a line, the column of the parameter included. */
static void AlongALine(void **state) {
  (void)state;
  static const char *const parameter[] = {"T[A]", "k_glob", "a", NULL, NULL};
  for (int q = 0; q < COUNT(names); q++) {
    Case c = MakeCase(names[q], parameter[q]);
    int n = c.local->n, nx = c.local->nx, nN = n * nx;
    static double e[NSTATE * MOST], N[NSTATE * MOST * MOST], N1[NSTATE * MOST * MOST], N2[NSTATE * MOST * MOST],
        first[NSTATE * MOST * MOST], second[NSTATE * MOST * MOST];
    uint64_t seed = 5;
    for (int k = 0; k < NSTATE * nx; k++) e[k] = k % nx < n ? Uniformly(&seed, -1, 1) : 0;
    RhoLocalPath(c.local, NSTATE, c.x, e, N, N1, N2);
    Differences(&c, e, 1e-4, first, second);
    for (int k = 0; k < NSTATE * nN; k++) {
      assert_near(N1[k], first[k], 1e-5, "N1");
      assert_near(N2[k], second[k], 1e-4, "N2");
    }
    FreeCase(&c);
  }
}

/* Property: the column of a parameter is the difference between two bound values, those that follow from it included.
 */
static void AlongAParameter(void **state) {
  (void)state;
  Case c = MakeCase("two_temperature", "T[A]");
  double mu[2][NSTATE * MOST], N[NSTATE * MOST * MOST], x[NSTATE * MOST], h = 1e-3;
  RhoLocalPotentials(c.local, NSTATE, c.x, NULL, NULL, N);
  for (int side = 0; side < 2; side++) {
    memcpy(x, c.x, sizeof x);
    for (int k = 0; k < NSTATE; k++) x[3 * k + 2] += (2 * side - 1) * h;
    RhoLocalPotentials(c.local, NSTATE, x, mu[side], NULL, NULL);
  }
  for (int k = 0; k < NSTATE; k++)
    for (int i = 0; i < 2; i++)
      assert_near(N[(2 * k + i) * 3 + 2], (mu[1][2 * k + i] - mu[0][2 * k + i]) / (2 * h), 1e-9, "d mu/d T");
  Loaded changed = LoadFile("two_temperature", 1);
  Set1(&changed, 1, "T[A]", c.x[2] + h);
  double is = RhoLocalValue(changed.eq, RhoLocalPotential(changed.eq, 0), changed.value, c.u);
  assert_near(mu[1][0], is, 1e-12, "mu at another T");
  Unload(&changed);
  FreeCase(&c);
}

/* Property: nothing is lost at vanishing densities: mu - T log u goes to its limit. */
static void VanishingDensities(void **state) {
  (void)state;
  Case c = MakeCase("quorum_sensing", NULL);
  double x[2] = {-690, 0}, mu[2], N[4], limit;
  RhoLocalPotentials(c.local, 1, x, mu, NULL, N);
  limit = -tanh(-2) + 0.5 * tanh(-1);
  assert_near(mu[0] + 690, limit, 1e-12, "excess");
  assert_near(N[0], 1, 1e-15, "N");
  x[0] = -1e4;
  RhoLocalPotentials(c.local, 1, x, mu, NULL, N);
  assert_near(mu[0], -1e4 + limit, 1e-15, "mu");
  FreeCase(&c);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(LikeSingleStates), cmocka_unit_test(AlongALine),
                                     cmocka_unit_test(AlongAParameter), cmocka_unit_test(VanishingDensities)};
  setenv("RHOFLUX_MODELS", RHO_SOURCE_DIR "/models", 1);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
