/* Extremes of a number over the unstable states of a region, against closed forms. */
#include "uniform_check.h"
#include "rhoflux/stability.h"
#include <complex.h>

enum { MOST = RHO_FAMILY_MOST, POINTS = 40000 };

/* The first axis is a parameter, the others are the first fields. */
typedef struct {
  const char *parameter;
  double from[MOST], to[MOST];
  int n[MOST], naxis;
  const char *bound; /* not negative; NULL: the window alone */
  double top;
} Question;

typedef struct {
  RhoArena arena;
  int n;
  const RhoExtreme *found;
  double edge[2 * POINTS];
} Answer;

static const double *Points(RhoArena arena, double from, double to, int n) {
  double *x = RhoArenaAlloc(arena, sizeof *x * (size_t)n);
  for (int i = 0; i < n; i++) x[i] = from + (to - from) * i / (n - 1);
  return x;
}

static Answer *Ask(Loaded *m, const Question *question) {
  static RhoMapPoint map[POINTS];
  Answer *a = calloc(1, sizeof *a);
  RhoNode state[16], bound = question->bound ? FormulaOf(m, question->bound) : RHO_NONE;
  RhoAxis axis[MOST];
  const double *x[MOST];
  RhoFamily family = {m->eq, 0, NULL, state, question->naxis, axis};
  RhoWaveRange range = {.dim = 1, .ndimension = 1, .top = question->top};
  a->arena = RhoArenaCreate();
  for (int k = 0; k < question->naxis; k++) {
    axis[k] = (RhoAxis){question->parameter, !k, &question->parameter, RHO_NONE, question->from[k], question->to[k]};
    if (k) axis[k].symbol = state[k - 1] = m->model->field[k - 1].symbol;
    x[k] = Points(a->arena, question->from[k], question->to[k], question->n[k]);
  }
  for (int i = question->naxis - 1; i < m->eq->nfield; i++) state[i] = RhoGraphConstant(m->eq->graph, 0);
  Require(m, RhoStabilityMap(&family, &range, question->n, x, 0, 1, map), "map");
  Require(m, RhoExtremes(&family, a->arena, &range, bound >= 0, &bound, question->n, x, map, &a->n, &a->found, a->edge),
          "extremes");
  return a;
}

static void Free(Answer *a) {
  RhoArenaDestroy(&a->arena);
  free(a);
}

static void Describe(const Answer *a) {
  for (int k = 0; k < a->n; k++) {
    const RhoExtreme *e = &a->found[k];
    print_message("  %s%s %.16g at %.16g %.16g %.16g, q %.12g, kind %d %d, edges %x, on %x%s%s\n",
                  e->best ? "the " : "", e->largest ? "largest" : "smallest", e->x[0], e->x[1], e->x[2], e->x[3], e->q,
                  e->kind, e->oscillatory, e->edges, e->on, e->window ? ", window" : "", e->exact ? "" : ", not exact");
  }
}

static void Has(const Answer *a, int n) {
  if (a->n == n) return;
  Describe(a);
  fail_msg("%d extremes, not %d", a->n, n);
}

/* The extreme k is there, to 1e-13 in the number and 1e-8 in its place. */
static void IsAt(const Answer *a, int k, bool largest, double p, int nplace, const double *place) {
  const RhoExtreme *e = &a->found[k];
  bool right = e->exact && e->largest == largest && fabs(e->x[0] - p) < 1e-13 * fmax(1, fabs(p));
  for (int i = 0; i < nplace; i++) right &= fabs(e->x[1 + i] - place[i]) < 1e-8;
  if (right) return;
  Describe(a);
  fail_msg("extreme %d is not at %.16g", k, p);
}

/* Property: some state of the triangle phi_A + phi_B <= 1 is unstable from T_A/T_B = 17 + 12 sqrt 2 on, in the middle
   of its edge (Grosberg, Joanny 2015, eq. 14), and none of many random states below. */
static void Triangle(void **state) {
  (void)state;
  Loaded m = LoadText(1, two_temperature);
  Answer *a = Ask(&m, &(Question){"TA", {1, 0.01, 0.01}, {80, 1, 1}, {17, 14, 17}, 3, "1 - A - B", 0});
  double least = 17 + 12 * sqrt(2);
  uint64_t random = 7;
  Has(a, 2);
  IsAt(a, 0, false, least, 2, (const double[]){0.5, 0.5});
  assert_true(a->found[0].best && a->found[0].on == 1 && a->found[0].edges == 0);
  assert_true(a->found[1].window && a->found[1].x[0] == 80);
  for (int k = 0; k < 300; k++) {
    double A = Uniformly(&random, 1e-3, 1), B = Uniformly(&random, 1e-3, 1), TA = Uniformly(&random, 1, least), rate[2];
    double complex lambda[2];
    if (A + B > 1) continue;
    Bind(&m, 1, 1, &(RhoSetting){"TA", TA, RHO_NOWHERE});
    ModesAt(&m, 1, (const double[]){A, B}, 1e-3, lambda);
    rate[0] = creal(lambda[0]);
    assert_true(rate[0] < 0);
  }
  Free(a);
  Unload(&m);
}

/* Property: with any virials and frictions the threshold within B_A A + B_B B <= 1 is K = 9, at phi_A = phi_B = 1/2. */
static void UnequalTriangle(void **state) {
  (void)state;
  Loaded m = LoadText(
      1, "fields: {A: density, B: density}\n"
         "parameters: {TA: 50, TB: 1.2, zA: 1, zB: 1.7, BA: 0.5, BB: 2, BAB: 1.3, T: (zB*TA + zA*TB)/(zA + zB)}\n"
         "dynamics:\n"
         "  A: {mobility: A/zA, potential: TA*log(A) + TA*BA*A + T*BAB*B - 0.3*lap(A)}\n"
         "  B: {mobility: B/zB, potential: TB*log(B) + TB*BB*B + T*BAB*A - 0.2*lap(B)}\n");
  Answer *a = Ask(&m, &(Question){"TA", {1.2, 0.02, 0.005}, {60, 2, 0.5}, {17, 14, 17}, 3, "1 - BA*A - BB*B", 0});
  double s = 3 * sqrt(0.5 * 2) / 1.3, b = 1.7 / 2.7, c = 1 / 2.7; /* T = b TA + c TB = s sqrt(TA TB), for sqrt(TA) */
  double root = (s + sqrt(s * s - 4 * b * c)) / (2 * b), TA = 1.2 * root * root;
  Has(a, 2);
  IsAt(a, 0, false, TA, 2, (const double[]){1, 0.25});
  Free(a);
  Unload(&m);
}

/* Property: without the bound the extreme of a box is in its corner (m, m): Tbar = (1 + 1/m) sqrt(T_A T_B). */
static void Corner(void **state) {
  (void)state;
  Loaded m = LoadText(1, two_temperature);
  Answer *a = Ask(&m, &(Question){"TA", {1, 0.01, 0.01}, {80, 2, 2}, {17, 9, 11}, 3, NULL, 0});
  double s = 2 * (1 + 0.5), root = 0.5 * (s + sqrt(s * s - 4));
  Has(a, 2);
  IsAt(a, 0, false, root * root, 2, (const double[]){2, 2});
  assert_int_equal(a->found[0].edges, 2u << 2 | 2u << 4);
  Free(a);
  Unload(&m);
}

static const char wells[] = "parameters: {p: 0}\n"
                            "dynamics:\n"
                            "  a: {flux: '-(1 + (a^2 - 0.25)^2 + 0.1*a + (b - 0.2*a)^2 - p)*grad(a) + grad(lap(a))'}\n"
                            "  b: {flux: '-grad(b)'}\n";

/* A root of 4 a (a^2 - 1/4) + 0.1 near a. */
static double Well(double a) {
  for (int k = 0; k < 50; k++) a -= (4 * a * (a * a - 0.25) + 0.1) / (12 * a * a - 1);
  return a;
}

/* Property: all local extremes are found: of p = 1 + (a^2 - 1/4)^2 + 0.1 a + (b - 0.2 a)^2 both minima, the lower one
   first, on grids of any parity. */
static void TwoWells(void **state) {
  (void)state;
  Loaded m = LoadText(1, wells);
  for (int n = 10; n < 24; n += 3) {
    Answer *a = Ask(&m, &(Question){"p", {0, -1, -1}, {3, 1, 1.1}, {n, n, n + 2}, 3, NULL, 3});
    Has(a, 3);
    for (int k = 0; k < 2; k++) {
      double x = Well(k ? 0.45 : -0.55);
      IsAt(a, k, false, 1 + pow(x * x - 0.25, 2) + 0.1 * x, 2, (const double[]){x, 0.2 * x});
      assert_true(a->found[k].best == !k && a->found[k].edges == 0 && a->found[k].kind == RHO_NEUTRAL_LONG);
    }
    Free(a);
  }
  Unload(&m);
}

/* Property: on a curved bound, b >= a^2 + 0.5, the extreme is where Lagrange's equations say: of p = 1 + (a - 0.3)^2 +
 * b^2 with b = a^2 + 0.5, 2 (a - 0.3) + 4 a (a^2 + 0.5) = 0. */
static void CurvedBound(void **state) {
  (void)state;
  Loaded m = LoadText(
      1, "parameters: {p: 0}\n"
         "dynamics: {a: {flux: '-(1 + (a - 0.3)^2 + b^2 - p)*grad(a) + grad(lap(a))'}, b: {flux: '-grad(b)'}}");
  Answer *a = Ask(&m, &(Question){"p", {0, -1, -1}, {3, 1, 1}, {13, 12, 13}, 3, "b - a^2 - 0.5", 3});
  double x = 0.2;
  for (int k = 0; k < 50; k++) x -= (2 * (x - 0.3) + 4 * x * (x * x + 0.5)) / (2 + 12 * x * x + 2);
  Has(a, 2);
  IsAt(a, 0, false, 1 + pow(x - 0.3, 2) + pow(x * x + 0.5, 2), 2, (const double[]){x, x * x + 0.5});
  assert_int_equal(a->found[0].on, 1);
  Free(a);
  Unload(&m);
}

/* Property: kinds of instability are told apart and the lowest one holds: waves of q = 1 that oscillate with w from
   p = 0.5 + (a - 0.3)^2 + b^2 on, uniform growth from p = 0.7 + (a + 0.4)^2 + 2 b^2 on;
   both up to p = 6 - a^2 - b^2. */
static void Kinds(void **state) {
  (void)state;
  Loaded m = LoadText(
      1, "parameters: {p: 0, w: 0.7}\n"
         "dynamics:\n"
         "  a: {flux: '-grad(a)'}\n"
         "  b: {flux: '-grad(b)'}\n"
         "  u: {reaction: '(p - 0.5 - (a - 0.3)^2 - b^2)*(6 - a^2 - b^2 - p)*u - (u + 2*lap(u) + lap(lap(u))) - w*v'}\n"
         "  v: {reaction: '(p - 0.5 - (a - 0.3)^2 - b^2)*(6 - a^2 - b^2 - p)*v - (v + 2*lap(v) + lap(lap(v))) + w*u'}\n"
         "  s: {reaction: '(p - 0.7 - (a + 0.4)^2 - 2*b^2)*(6 - a^2 - b^2 - p)*s + lap(s)'}\n");
  Answer *a = Ask(&m, &(Question){"p", {0, -0.9, -0.6}, {7, 0.9, 0.6}, {13, 14, 7}, 3, NULL, 3});
  Has(a, 3);
  IsAt(a, 0, false, 0.5, 2, (const double[]){0.3, 0});
  assert_true(a->found[0].kind == RHO_NEUTRAL_FINITE && a->found[0].oscillatory);
  assert_near(a->found[0].q, 1, 1e-8, "q");
  assert_near(a->found[0].frequency, 0.7, 1e-12, "frequency");
  IsAt(a, 1, false, 0.7, 2, (const double[]){-0.4, 0});
  assert_true(a->found[1].kind == RHO_NEUTRAL_UNIFORM && !a->found[1].oscillatory);
  IsAt(a, 2, true, 6, 2, (const double[]){0, 0});
  Free(a);
  Unload(&m);
}

/* Property: over three densities, p = 1 + |x - c|^2 + x y/2 with x + y + z <= 1.2 beyond c = (0.5, 0.6, 0.7): the
   minimum with one equation of Lagrange more. */
static void ThreeDensities(void **state) {
  (void)state;
  Loaded m =
      LoadText(1, "parameters: {p: 0}\nfields: {a: density, b: density, c: density}\n"
                  "dynamics:\n"
                  "  a: {flux: '-(1 + (a - 0.5)^2 + (b - 0.6)^2 + (c - 0.7)^2 + a*b/2 - p)*grad(a) + grad(lap(a))'}\n"
                  "  b: {flux: '-grad(b)'}\n  c: {flux: '-grad(c)'}\n");
  Answer *a = Ask(&m, &(Question){"p", {0, 0, 0, 0}, {3, 1, 1, 1}, {9, 8, 9, 8}, 4, "1.2 - a - b - c", 3});
  /* by elimination: 2 (x - 0.5) + y/2 = 2 (y - 0.6) + x/2 = 2 (z - 0.7); y = x + d, d = 0.2/1.5; z = 1.2 - 2 x - d; 2
   * (x - 0.5) + (x + d)/2 = 2 (0.5 - 2 x - d) */
  double d = 0.2 / 1.5, x = (2 - 2.5 * d) / 6.5, y = x + d, z = 1.2 - x - y;
  Has(a, 2);
  IsAt(a, 0, false, 1 + pow(x - 0.5, 2) + pow(y - 0.6, 2) + pow(z - 0.7, 2) + x * y / 2, 3, (const double[]){x, y, z});
  Free(a);
  Unload(&m);
}

/* Property: the least number of each state is that of the closed form, the largest the window's; outside of the bounds
   and where nothing is unstable there is none. */
static void Edge(void **state) {
  (void)state;
  Loaded m = LoadText(1, wells);
  Answer *a = Ask(&m, &(Question){"p", {0, -1, -1}, {1.5, 1, 1}, {21, 9, 9}, 3, "0.6 - a - b", 3});
  for (int j = 0; j < 9; j++)
    for (int i = 0; i < 9; i++) {
      double x = -1 + 0.25 * i, y = -1 + 0.25 * j;
      double p = 1 + pow(x * x - 0.25, 2) + 0.1 * x + pow(y - 0.2 * x, 2);
      if (x + y > 0.6 || p > 1.5) assert_true(isnan(a->edge[9 * j + i]));
      else assert_near(a->edge[9 * j + i], p, 1e-4, "edge");
      if (x + y < 0.6 && p < 1.5) assert_near(a->edge[81 + 9 * j + i], 1.5, 0, "the window's edge");
    }
  Free(a);
  Unload(&m);
}

/* Property: where everything is unstable from the window's edge on, the answer says so. */
static void AtTheWindow(void **state) {
  (void)state;
  Loaded m = LoadText(1, wells);
  Answer *a = Ask(&m, &(Question){"p", {1.2, -1, -1}, {3, 1, 1}, {13, 9, 9}, 3, NULL, 3});
  assert_true(a->n > 0 && a->found[0].window && a->found[0].best && a->found[0].x[0] == 1.2);
  for (int k = 1; k < a->n; k++) assert_true(a->found[k].largest);
  Free(a);
  Unload(&m);
}

/* Property: on a ring of states with the same number one of them stands for all: p = (1 - 3 m)(m - 1) of m = a^2 + b^2
   is largest, 1/3, at m = 2/3; and equal extremes that are isolated are told apart: a^2 = b^2 = 1/4. */
static void Ring(void **state) {
  (void)state;
  Loaded m = LoadText(1, "parameters: {p: 0}\n"
                         "dynamics: {a: {flux: '-(p - (1 - 3*(a^2 + b^2))*(a^2 + b^2 - 1))*grad(a) + grad(lap(a))'},\n"
                         "  b: {flux: '-grad(b)'}}");
  Answer *a = Ask(&m, &(Question){"p", {-1, -1, -1}, {1, 1, 1}, {13, 14, 15}, 3, "a^2 + b^2 - 0.2", 3});
  int nflat = 0;
  for (int k = 0; k < a->n; k++) {
    const RhoExtreme *e = &a->found[k];
    if (!e->flat || e->window) continue;
    nflat += e->largest && e->exact;
    assert_near(e->x[1] * e->x[1] + e->x[2] * e->x[2], 2.0 / 3, 1e-8, "ring");
    assert_near(e->x[0], 1.0 / 3, 1e-13, "number");
  }
  if (nflat != 1) Describe(a);
  assert_int_equal(nflat, 1);
  Free(a);
  Unload(&m);
  m = LoadText(1, "parameters: {p: 0}\n"
                  "dynamics: {a: {flux: '-(1 + (a^2 - 0.25)^2 + (b^2 - 0.25)^2 - p)*grad(a) + grad(lap(a))'},\n"
                  "  b: {flux: '-grad(b)'}}");
  a = Ask(&m, &(Question){"p", {0, -1, -1}, {3, 1, 1}, {13, 12, 15}, 3, NULL, 3});
  Has(a, 5);
  for (int k = 0; k < 4; k++) assert_true(!a->found[k].flat && fabs(a->found[k].x[0] - 1) < 1e-13);
  Free(a);
  Unload(&m);
}

/* Property: a search that is given up is no extreme lost: where nine instabilities take over from each other within
   one cell of samples, each i at p = 1 - 2.3 i h^2 + (a - a_i)^2, a_i = 0.05 + i h, an unstable state lower than the
   first minimum is kept, and said not to be exact. */
static void TooMany(void **state) {
  char model[4096];
  int used = snprintf(model, sizeof model, "parameters: {p: 0}\ndynamics:\n  a: {flux: '-grad(a)'}\n");
  (void)state;
  for (int i = 0; i < 9; i++)
    used += snprintf(model + used, sizeof model - (size_t)used,
                     "  v%d: {reaction: '(p - 1 + %.5f - (a - %.2f)^2)*v%d + lap(v%d)'}\n", i, 0.01472 * i,
                     0.05 + 0.08 * i, i, i);
  Loaded m = LoadText(1, model);
  Answer *a = Ask(&m, &(Question){"p", {0, 0}, {2, 2}, {13, 2}, 2, NULL, 3});
  Has(a, 2);
  assert_true(!a->found[0].largest && !a->found[0].window && a->found[0].best && a->found[1].window);
  assert_true(!a->found[0].exact && a->found[0].x[0] < 1 && a->found[0].x[0] > 1 - 8.1 * 0.01472);
  Free(a);
  Unload(&m);
}

int main(void) {
  const struct CMUnitTest test[] = {cmocka_unit_test(Triangle),       cmocka_unit_test(UnequalTriangle),
                                    cmocka_unit_test(Corner),         cmocka_unit_test(TwoWells),
                                    cmocka_unit_test(CurvedBound),    cmocka_unit_test(Kinds),
                                    cmocka_unit_test(ThreeDensities), cmocka_unit_test(Edge),
                                    cmocka_unit_test(Ring),           cmocka_unit_test(AtTheWindow),
                                    cmocka_unit_test(TooMany)};
  return cmocka_run_group_tests(test, NULL, NULL);
}
