/* Linear stability of uniform states against closed forms and reference values. */
#include "uniform_check.h"
#include "../ops/each_model.h"
#include "rhoflux/stability.h"
#include <complex.h>

typedef struct {
  RhoArena arena;
  RhoStability s;
} Found;

static Found FindIn(Loaded *m, RhoWaveRange range, const double *u) {
  Found f = {.arena = RhoArenaCreate()};
  Require(m, RhoStabilityAt(m->eq, f.arena, &range, m->value, u, &f.s), "stability");
  return f;
}

static Found Find(Loaded *m, double top, const double *u) {
  return FindIn(m, (RhoWaveRange){.dim = 1, .ndimension = 1, .top = top}, u);
}

static void Free(Found *f) { RhoArenaDestroy(&f->arena); }

static void HasClass(const Found *f, RhoStabilityClass class) {
  if (f->s.class != class)
    fail_msg("%s, not %s (q = %g, %g)", RhoStabilityClassText(f->s.class), RhoStabilityClassText(class), f->s.q,
             creal(f->s.rate));
}

static const char swift[] =
    "parameters: {r: 0.1}\ndynamics: {u: {reaction: 'r*u - (u + 2*lap(u) + lap(lap(u))) - u^3'}}";

/* Property: growth r - (1 - q^2)^2: the fastest wave, its band and its class, for bands down to a width of 1e-6, in a
   range that was given or found. */
static void SwiftHohenberg(void **state) {
  (void)state;
  static const double u[1] = {0}, r[] = {0.9, 0.1, 1e-3, 1e-6, 1e-12}, top[] = {0, 3, 17.3, 1e3};
  Loaded m = LoadText(1, swift);
  for (int k = 0; k < COUNT(r); k++)
    for (int t = 0; t < COUNT(top); t++) {
      Set1(&m, 1, "r", r[k]);
      Found f = Find(&m, top[t], u);
      HasClass(&f, RHO_CLASS_FINITE_STATIONARY);
      assert_near(f.s.q, 1, 1e-14, "q");
      assert_near(creal(f.s.rate), r[k], 2e-15, "growth");
      assert_int_equal(f.s.nband, 1);
      assert_near(f.s.band[0].from, sqrt(1 - sqrt(r[k])), 1e-9, "lower edge");
      assert_near(f.s.band[0].to, sqrt(1 + sqrt(r[k])), 1e-9, "upper edge");
      assert_int_equal(f.s.limit, RHO_CLASS_STABLE);
      Free(&f);
    }
  Set1(&m, 1, "r", -1e-6);
  Found f = Find(&m, 0, u);
  HasClass(&f, RHO_CLASS_STABLE);
  assert_near(f.s.q, 1, 1e-14, "slowest decay");
  Free(&f);
  Set1(&m, 1, "r", 1.5);
  f = Find(&m, 0, u);
  HasClass(&f, RHO_CLASS_UNIFORM_STATIONARY);
  assert_true(f.s.nband == 1 && f.s.band[0].from == 0);
  Free(&f);
  Unload(&m);
}

/* Property: Cahn-Hilliard, growth q^2 (a - k q^2): q^2 = a/(2 k), band up to a/k, D = a. */
static void CahnHilliard(void **state) {
  (void)state;
  static const double u[1] = {0};
  Loaded m = LoadText(1, "parameters: {k: 0.3}\ndynamics: {c: {mobility: 1, potential: 'c^3 - c - k*lap(c)'}}");
  for (double k = 1e-4; k < 2e4; k *= 100) {
    Set1(&m, 1, "k", k);
    Found f = Find(&m, 0, u);
    HasClass(&f, RHO_CLASS_LONG_STATIONARY);
    assert_near(f.s.q * sqrt(2 * k), 1, 1e-14, "q");
    assert_near(creal(f.s.rate) * 4 * k, 1, 1e-14, "growth");
    assert_near(f.s.band[0].to * sqrt(k), 1, 1e-13, "edge");
    assert_true(f.s.band[0].from == 0 && f.s.nslow == 1 && f.s.nfast == 0);
    assert_near(creal(f.s.slow[0]), 1, 1e-15, "D");
    Free(&f);
  }
  Unload(&m);
}

static const char chase[] =
    "parameters: {x1: 1, x2: 1, g1: 1, g2: 1, k12: 0, k21: 0}\n"
    "dynamics: {a: {reaction: 'lap(x1*a + k12*b - g1*lap(a))'}, b: {reaction: 'lap(x2*b + k21*a - g2*lap(b))'}}";

/* Property: -q^2 [[x1 + g1 q^2, k12], [k21, x2 + g2 q^2]] oscillates iff k12 k21 + ((x1 - x2 + (g1 - g2) q^2)/2)^2 < 0,
   and the exceptional points are where that vanishes. */
static void Nonreciprocal(void **state) {
  (void)state;
  static const double u[2] = {0, 0};
  uint64_t seed = 5;
  int noscillatory = 0, nexceptional = 0;
  Loaded m = LoadText(1, chase);
  for (int trial = 0; trial < 200; trial++) {
    double x1 = Uniformly(&seed, -2, 0), x2 = Uniformly(&seed, -2, 0), g1 = Uniformly(&seed, 0.3, 2);
    double g2 = Uniformly(&seed, 0.3, 2), k12 = Uniformly(&seed, -1, 1), k21 = Uniformly(&seed, -1, 1);
    RhoSetting set[] = {{"x1", x1, RHO_NOWHERE}, {"x2", x2, RHO_NOWHERE},   {"g1", g1, RHO_NOWHERE},
                        {"g2", g2, RHO_NOWHERE}, {"k12", k12, RHO_NOWHERE}, {"k21", k21, RHO_NOWHERE}};
    Bind(&m, 1, 6, set);
    Found f = Find(&m, 4, u);
    double q2 = f.s.q * f.s.q, half = (x1 - x2 + (g1 - g2) * q2) / 2, D = k12 * k21 + half * half;
    bool oscillates = D < 0;
    if (f.s.q > 0 && fabs(D) > 1e-6) {
      double mean = -q2 * (x1 + x2 + (g1 + g2) * q2) / 2;
      assert_near(creal(f.s.rate), mean + (oscillates ? 0 : q2 * sqrt(D)), 1e-12, "growth");
      assert_near(fabs(cimag(f.s.rate)), oscillates ? q2 * sqrt(-D) : 0, 1e-12, "frequency");
      if (f.s.class != RHO_CLASS_STABLE)
        assert_int_equal(oscillates,
                         f.s.class == RHO_CLASS_LONG_OSCILLATORY || f.s.class == RHO_CLASS_FINITE_OSCILLATORY);
      noscillatory += oscillates;
    }
    for (int k = 0; k < f.s.nexceptional; k++, nexceptional++) {
      double q = f.s.exceptional[k], h = (x1 - x2 + (g1 - g2) * q * q) / 2;
      assert_near(k12 * k21 + h * h, 0, 1e-12, "exceptional point");
    }
    double expected = 0; /* how many there are in the range */
    for (int sign = -1; sign <= 1 && k12 * k21 < 0; sign += 2) {
      double square = (2 * sign * sqrt(-k12 * k21) - (x1 - x2)) / (g1 - g2);
      expected += square > 0 && square < 16;
    }
    assert_int_equal(f.s.nexceptional, (int)expected);
    Free(&f);
  }
  assert_true(noscillatory > 20 && nexceptional > 20);
  Unload(&m);
}

/* Property: the branches of the same matrix are curves: each point is an eigenvalue with its eigenvector, of length 1
   and with its largest component positive, and where two real ones cross, which those of k12 = k21 = 0 do, each goes on
   along its own parabola. */
static void Branches(void **state) {
  enum { NQ = 400 };
  (void)state;
  static const double u[2] = {0, 0}, x[RHO_MAXDIM] = {1, 0, 0};
  double q[NQ];
  double complex rate[2 * NQ], vector[4 * NQ];
  RhoWaveRange range = {.dim = 1, .ndimension = 1, .top = 3};
  Loaded m = LoadText(1, chase);
  for (int k = 0; k < NQ; k++) q[k] = 0.01 + 2.99 * k / (NQ - 1);
  for (int trial = 0; trial < 3; trial++) {
    double x1 = -2, x2 = -1, g1 = 1, g2 = 0.4, k12 = 0.7 * (trial > 0), k21 = (trial == 2 ? -0.5 : 0.5) * (trial > 0);
    RhoSetting set[] = {{"x1", x1, RHO_NOWHERE}, {"x2", x2, RHO_NOWHERE},   {"g1", g1, RHO_NOWHERE},
                        {"g2", g2, RHO_NOWHERE}, {"k12", k12, RHO_NOWHERE}, {"k21", k21, RHO_NOWHERE}};
    Bind(&m, 1, 6, set);
    Require(&m, RhoStabilityBranches(m.eq, &range, x, m.value, u, NQ, q, rate, vector), "branches");
    for (int k = 0; k < 2 * NQ; k++) {
      double s = q[k % NQ] * q[k % NQ], a = -s * (x1 + g1 * s), d = -s * (x2 + g2 * s);
      const double complex *v = vector + 2 * k;
      int largest = cabs(v[1]) > cabs(v[0]) * (1 + 1e-12);
      assert_true(cabs((a - rate[k]) * v[0] - s * k12 * v[1]) < 1e-12 &&
                  cabs((d - rate[k]) * v[1] - s * k21 * v[0]) < 1e-12);
      assert_near(cabs(v[0]) * cabs(v[0]) + cabs(v[1]) * cabs(v[1]), 1, 1e-13, "length");
      assert_true(fabs(cimag(v[largest])) < 1e-13 && creal(v[largest]) > 0);
      if (trial == 0) assert_near(creal(rate[k]), (cabs(v[0]) > 0.5) ? a : d, 1e-12, "parabola");
      if (trial == 0 && k % NQ) assert_true((cabs(v[0]) > 0.5) == (cabs(v[-2]) > 0.5));
    }
  }
  Unload(&m);
}

/* Property: Keller-Segel is unstable at long waves iff chi beta rho > D k; D of the slow mode is chi beta rho/k - D. */
static void KellerSegel(void **state) {
  (void)state;
  Loaded m =
      LoadText(1, "fields: {rho: density, c: density}\nparameters: {D: 1.3, chi: 2, Dc: 0.7, k: 1.7, beta: 0.6}\n"
                  "dynamics: {rho: {flux: '-D*grad(rho) + chi*rho*grad(c)'},\n"
                  "  c: {flux: '-Dc*grad(c)', reaction: 'beta*rho - k*c'}}");
  double threshold = 1.3 * 1.7 / (2 * 0.6);
  for (int k = -1; k <= 1; k += 2) {
    double rho = threshold * (1 + 1e-9 * k), u[2] = {rho, 0.6 * rho / 1.7};
    Found f = Find(&m, 0, u);
    HasClass(&f, k > 0 ? RHO_CLASS_LONG_STATIONARY : RHO_CLASS_STABLE);
    assert_true(f.s.nslow == 1 && f.s.nfast == 1);
    assert_near(creal(f.s.slow[0]), 2 * 0.6 * rho / 1.7 - 1.3, 1e-14, "D");
    assert_near(creal(f.s.fast[0]), -1.7, 1e-14, "rate of c");
    Free(&f);
  }
  Unload(&m);
}

/* Property: with a drift, lambda = i speed q + D q^2; here exactly, by two coupled drifts that mix fast. */
static void Drift(void **state) {
  (void)state;
  static const double u[2] = {1, 1};
  Loaded m = LoadText(1, "dimensions: [x]\nparameters: {v: 0.8, w: -0.3, k: 2, D: 0.1}\n"
                         "dynamics: {a: {flux: {x: 'v*a - D*grad(a)'}}, b: {flux: {x: 'w*b - D*grad(b)'}}}\n"
                         "exchange: [{from: a, to: b, rate: k*a, back: k*b}]");
  Found f = Find(&m, 2, u);
  double mean = (0.8 - 0.3) / 2, spread = (0.8 + 0.3) / 2; /* Taylor dispersion: D + spread^2/(2 k) */
  assert_true(f.s.nslow == 1 && f.s.nfast == 1);
  assert_near(f.s.speed[0], -mean, 1e-14, "speed");
  assert_near(creal(f.s.slow[0]), -(0.1 + spread * spread / 4), 1e-14, "dispersion");
  HasClass(&f, RHO_CLASS_STABLE);
  Free(&f);
  Unload(&m);
}

/* Property: a model that tells directions apart: the fastest wave is found in its direction, exactly where that is a
   dimension; a given direction is kept. */
static void Directions(void **state) {
  (void)state;
  static const double u[1] = {0};
  Loaded m = LoadText(2, "dimensions: [x, y]\nparameters: {e: 0.5}\n"
                         "dynamics: {c: {reaction: '-d(d(c, x), x) - e*d(d(c, y), y) - lap(lap(c))'}}");
  for (int k = 0; k < 3; k++) {
    double e = k == 0 ? 0.5 : k == 1 ? 2 : -1;
    Set1(&m, 2, "e", e);
    Found f = FindIn(&m, (RhoWaveRange){.dim = 2, .ndimension = 2, .top = 3}, u);
    double a = fmax(1, e);
    assert_true(f.s.anisotropic);
    assert_near(creal(f.s.rate), a * a / 4, 1e-13, "growth");
    assert_near(fabs(f.s.direction[k == 1]), 1, 1e-14, "direction");
    Free(&f);
    f = FindIn(&m, (RhoWaveRange){.dim = 2, .ndimension = 2, .top = 3, .given = true, .direction = {0.6, 0.8}}, u);
    a = fmax(0, 0.36 + 0.64 * e);
    assert_near(creal(f.s.rate), a * a / 4, 1e-13, "growth along it");
    Free(&f);
  }
  Unload(&m);
}

/* Property: oblique directions, by rotation: growth (n.q)^2 - q^4 - (p.q)^2, n = (cos, sin), p orthogonal. */
static void Oblique(void **state) {
  (void)state;
  static const double u[1] = {0};
  Loaded m = LoadText(2, "dimensions: [x, y]\nparameters: {a: 0.5, C: cos(a), S: sin(a)}\n"
                         "define: {n: 'C*d(c, x) + S*d(c, y)', p: 'C*d(c, y) - S*d(c, x)'}\n"
                         "dynamics: {c: {reaction: '-C*d(n, x) - S*d(n, y) + C*d(p, y) - S*d(p, x) - lap(lap(c))'}}");
  for (double a = 0.1; a < 3; a += 0.37) {
    Set1(&m, 2, "a", a);
    Found f = FindIn(&m, (RhoWaveRange){.dim = 2, .ndimension = 2, .top = 3}, u);
    assert_near(creal(f.s.rate), 0.25, 1e-13, "growth");
    assert_near(fabs(f.s.direction[0] * cos(a) + f.s.direction[1] * sin(a)), 1, 1e-13, "direction");
    Free(&f);
  }
  Unload(&m);
}

/* Property: on a grid of spacing h the fastest wave of Cahn-Hilliard has (2/h sin(q h/2))^2 = a/(2 k). */
static void OnGrid(void **state) {
  (void)state;
  static const double u[1] = {0}, h[RHO_MAXDIM] = {0.9, 0.9, 0.9};
  Loaded m = LoadText(1, "dynamics: {c: {mobility: 1, potential: 'c^3 - c - 0.3*lap(c)'}}");
  Found f = FindIn(&m, (RhoWaveRange){.dim = 1, .ndimension = 1, .spacing = h}, u);
  assert_near(pow(2 / h[0] * sin(f.s.q * h[0] / 2), 2), 1 / 0.6, 1e-13, "q");
  assert_near(f.s.top, M_PI / 0.9, 1e-15, "range");
  Free(&f);
  Unload(&m);
}

/* Property: a Turing system, its band at q^2 from tr and det. */
static void Turing(void **state) {
  (void)state;
  static const double u[2] = {1, 1};
  Loaded m = LoadText(1, "parameters: {a: 1, b: -2, c: 3, e: -4, D: 20}\n"
                         "dynamics: {p: {flux: -grad(p), reaction: 'a*(p - 1) + b*(s - 1)'},\n"
                         "  s: {flux: -D*grad(s), reaction: 'c*(p - 1) + e*(s - 1)'}}");
  Found f = Find(&m, 0, u);
  /* det(q) = D q^4 - (a D + e) q^2 + a e - b c */
  double B = 20 - 4, C = -4 + 6, root = sqrt(B * B - 4 * 20 * C);
  HasClass(&f, RHO_CLASS_FINITE_STATIONARY);
  assert_near(f.s.band[0].from, sqrt((B - root) / 40), 1e-13, "lower edge");
  assert_near(f.s.band[0].to, sqrt((B + root) / 40), 1e-13, "upper edge");
  Free(&f);
  Unload(&m);
}

/* ks, kappa_a, kappa_b, growth, q, omega */
static void CrossRow(const double *x, void *ctx) {
  Loaded *m = ctx;
  static const double u[2] = {1, 1};
  RhoSetting setting[3] = {{"ks", x[0], RHO_NOWHERE}, {"ka", x[1], RHO_NOWHERE}, {"kb", x[2], RHO_NOWHERE}};
  Bind(m, 1, 3, setting);
  Found f = Find(m, 6, u);
  if (x[3] == 0) {
    HasClass(&f, RHO_CLASS_STABLE);
    assert_true(creal(f.s.rate) == 0 && f.s.nband == 0);
  } else {
    HasClass(&f, x[5] == 0 ? RHO_CLASS_LONG_STATIONARY : RHO_CLASS_LONG_OSCILLATORY);
    assert_near(creal(f.s.rate), x[3], 1e-12, "growth");
    /* the reference's q is that of a search by values, good to 1e-8 */
    assert_near(fabs(cimag(f.s.rate)), fabs(x[5]), 1e-7, "frequency");
    assert_near(f.s.q, x[4], 1e-7, "q");
  }
  Free(&f);
}

/* Property: growth, q, frequency and class of quorum sensing, against the reference's maps. */
static void QuorumSensing(void **state) {
  (void)state;
  Loaded m = LoadText(1, cross);
  assert_int_equal(EachRow("quorum_growth.txt", 6, CrossRow, &m), 2 * 17 * 17);
  Unload(&m);
}

/* T_A, T_B, zeta_A, zeta_B, B_A, B_B, B_AB, c_A, c_B */
static void SpinodalRow(const double *x, void *ctx) {
  static const char *const name[] = {"TA", "TB", "zA", "zB", "BA", "BB", "BAB"};
  Loaded *m = ctx;
  RhoSetting setting[7];
  for (int k = 0; k < 7; k++) setting[k] = (RhoSetting){name[k], x[k], RHO_NOWHERE};
  Bind(m, 1, 7, setting);
  for (int side = -1; side <= 1; side += 2) {
    double u[2] = {x[7], x[8] * (1 + 1e-12 * side)};
    Found f = Find(m, 0, u);
    if ((creal(f.s.slow[0]) > 0) != (side > 0)) fail_msg("D = %g beside c = (%g, %g)", creal(f.s.slow[0]), u[0], u[1]);
    Free(&f);
  }
}

/* Property: D changes its sign at the reference's points of the spinodal, to 1e-12. */
static void Spinodal(void **state) {
  (void)state;
  Loaded m = LoadText(1, two_temperature);
  assert_int_equal(EachRow("two_temperature_spinodal.txt", 9, SpinodalRow, &m), 28);
  Unload(&m);
}

/* Property: beyond the domain of a formula nothing is said, also where its derivatives have values. */
static void Domain(void **state) {
  (void)state;
  Loaded m = LoadText(1, "fields: {phi: density}\n"
                         "dynamics: {phi: {mobility: phi, potential: 'log(phi) - log(1 - phi) - 6*phi - lap(phi)'}}");
  for (int k = 0; k < 3; k++) {
    const double u[1] = {k == 0 ? 0 : k == 1 ? 0.5 : 1.2};
    Found f = Find(&m, 2, u);
    HasClass(&f, k == 0 ? RHO_CLASS_STABLE : k == 1 ? RHO_CLASS_LONG_STATIONARY : RHO_CLASS_UNDEFINED);
    Free(&f);
  }
  Unload(&m);
}

static int nstate = 0, nunstable = 0;

/* The largest growth among n wavenumbers up to top along a direction. */
static double LargestSample(Loaded *m, const double *u, const RhoStability *s, int n) {
  double *q = calloc((size_t)(3 * n), sizeof *q), largest = -INFINITY;
  const double *all[RHO_MAXDIM] = {q, q + n, q + 2 * n};
  double complex *rate = calloc((size_t)(n * m->eq->nfield), sizeof *rate);
  for (int d = 0; d < RHO_MAXDIM; d++)
    for (int k = 0; k < n; k++) q[d * n + k] = s->direction[d] * s->top * (k + 1) / n;
  Require(m, RhoDispersion(m->eq, 0, m->value, u, n, all, NULL, rate, NULL), "samples");
  for (int k = 0; k < n; k++) largest = fmax(largest, creal(rate[k * m->eq->nfield]));
  free(q);
  free(rate);
  return largest;
}

static void StatesOfModel(Loaded *m, const char *name) {
  uint64_t seed = 77;
  double u[32];
  if (m->eq->uses_coordinate || m->eq->nfield > 12) return;
  for (int trial = 0; trial < 12; trial++) {
    RhoWaveRange range = {.dim = 0, .ndimension = 1};
    for (int i = 0; i < m->eq->nfield; i++) u[i] = Uniformly(&seed, 0.05, 1.5);
    range.dim = (int)m->value[m->model->nparameter];
    Found f = FindIn(m, range, u);
    if (f.s.class != RHO_CLASS_UNDEFINED) {
      double sample = LargestSample(m, u, &f.s, 4000), found = creal(f.s.rate), size = fmax(1, fabs(found));
      if (sample > found + 1e-11 * size) fail_msg("%s: growth %.15g, but a sample has %.15g", name, found, sample);
      nstate++;
      nunstable += f.s.class != RHO_CLASS_STABLE;
    }
    Free(&f);
  }
}

/* Property: of no model and no state do 4000 samples have a growth above the one that is found. */
static void NothingIsMissed(void **state) {
  (void)state;
  assert_true(EachModel(StatesOfModel) > 0);
  assert_true(nstate > 100 && nunstable > 20);
}

/* Property: a point of a map is what its state is by itself. */
static void MapIsStates(void **state) {
  (void)state;
  static const double x[2][2] = {{-0.6, 0.7}, {-0.9, 0.35}};
  static const char *const name[2] = {"ka", "kb"};
  Loaded m = LoadText(1, cross);
  RhoNode one = RhoGraphConstant(m.eq->graph, 1), states[2] = {one, one};
  RhoAxis axis[2] = {{"ka", 1, &name[0], RHO_NONE, -1, 1}, {"kb", 1, &name[1], RHO_NONE, -1, 1}};
  RhoFamily family = {m.eq, 0, NULL, states, 2, axis};
  RhoMapPoint point[4];
  RhoWaveRange range = {.dim = 1, .ndimension = 1, .top = 6};
  Require(&m, RhoStabilityMap(&family, &range, (const int[]){2, 2}, (const double *const[]){x[0], x[1]}, 0, 1, point),
          "map");
  for (int k = 0; k < 4; k++) {
    static const double u[2] = {1, 1};
    RhoSetting set[2] = {{"ka", x[0][k % 2], RHO_NOWHERE}, {"kb", x[1][k / 2], RHO_NOWHERE}};
    Bind(&m, 1, 2, set);
    Found f = Find(&m, 6, u);
    assert_int_equal(point[k].class, f.s.class);
    assert_true(point[k].growth == creal(f.s.rate) && point[k].q == f.s.q);
    Free(&f);
  }
  Unload(&m);
}

int main(void) {
  const struct CMUnitTest test[] = {
      cmocka_unit_test(SwiftHohenberg),  cmocka_unit_test(CahnHilliard),  cmocka_unit_test(Nonreciprocal),
      cmocka_unit_test(Branches),        cmocka_unit_test(KellerSegel),   cmocka_unit_test(Drift),
      cmocka_unit_test(Directions),      cmocka_unit_test(Oblique),       cmocka_unit_test(OnGrid),
      cmocka_unit_test(Turing),          cmocka_unit_test(QuorumSensing), cmocka_unit_test(Spinodal),
      cmocka_unit_test(NothingIsMissed), cmocka_unit_test(MapIsStates),   cmocka_unit_test(Domain)};
  return cmocka_run_group_tests(test, NULL, NULL);
}
