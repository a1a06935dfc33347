/* The kernels of the tape, at every level of instructions this machine has. */
#include "tape_check.h"
#include <quadmath.h>

enum { NPOINT = 1 << 17, FIRST_FORM = 14 };

static double special[] = {0.0,    -0.0,    INFINITY, -INFINITY, NAN,     1,         -1,         0.5,   -0.5,   2,
                           -2,     3,       -3,       5e-324,    -5e-324, 1e-310,    -1e-310,    1e-20, -1e-20, 1e22,
                           -1e22,  1e308,   -1e308,   1000,      -1000,   709.78,    710,        711,   -708.5, -745.2,
                           0x1p53, -0x1p53, 26.6,     27.3,      -40,     1 + 1e-15, -1 - 1e-15, 0.3};
enum { NSPECIAL = sizeof special / sizeof *special };

/* ---- accuracy -------------------------------------------------------------------------------------------- */

typedef long double (*Exact1)(long double x);
typedef long double (*Exact2)(long double x, long double y);

/* The Bernoulli function and its derivatives: closed forms in quadruple precision, near 0 the series. */
static long double ExactBernoulli(long double z, int order) {
  __float128 x = order == 2 ? fabsl(z) : z, e = expm1q(x), e1 = e + 1;
  if (fabsl(z) < 1e-3L) {
    static const int k1[] = {0, 12, 720, 30240};
    long double t = z * z;
    if (order == 0) return 1 - z / 2 + t / k1[1] - t * t / k1[2];
    if (order == 1) return -0.5L + z * (2.0L / k1[1] - 4 * t / k1[2] + 6 * t * t / k1[3]);
    return 2.0L / k1[1] - 12 * t / k1[2] + 30 * t * t / k1[3];
  }
  if (x > 5000) return 0;
  if (x < -5000) return order == 0 ? -z : -1;
  if (order == 0) return (long double)(x / e);
  if (order == 1) return (long double)((e - x * e1) / (e * e));
  return (long double)(e1 * (x * (e1 + 1) - 2 * e) / (e * e * e));
}
static long double ExactBernoulli0(long double z) { return ExactBernoulli(z, 0); }
static long double ExactBernoulli1(long double z) { return ExactBernoulli(z, 1); }
static long double ExactBernoulli2(long double z) { return ExactBernoulli(z, 2); }

typedef struct {
  RhoKernelId id;
  Exact1 exact;
  double range[4][2]; /* uniform points in these, then over all magnitudes */
} Row1;

#define ROW1(id, f, ...)                                                                                               \
  {                                                                                                                    \
    RHO_K_##id, f, { __VA_ARGS__ }                                                                                     \
  }
static const Row1 row1[] = {
    ROW1(EXP, expl, {-1, 1}, {-30, 30}, {-750, 715}, {-746, -707}),
    ROW1(LOG, logl, {0, 2}, {0.9, 1.1}, {0, 1e5}, {0, 1e-300}),
    ROW1(LOG1P, log1pl, {-1, 1}, {-1e-3, 1e-3}, {-1, 100}, {0, 1e5}),
    ROW1(EXPM1, expm1l, {-1, 1}, {-1e-2, 1e-2}, {-40, 40}, {-750, 715}),
    ROW1(SQRT, sqrtl, {0, 1}, {0, 1e-300}, {0, 1e300}, {0, 1e-315}),
    ROW1(CBRT, cbrtl, {-1, 1}, {-1e-300, 1e-300}, {-1e5, 1e5}, {-1e-315, 1e-315}),
    ROW1(SIN, sinl, {-1, 1}, {-10, 10}, {-1e5, 1e5}, {-1e12, 1e12}),
    ROW1(COS, cosl, {-1, 1}, {-10, 10}, {-1e5, 1e5}, {-1e12, 1e12}),
    ROW1(TAN, tanl, {-1, 1}, {-10, 10}, {-1e5, 1e5}, {-1e12, 1e12}),
    ROW1(ASIN, asinl, {-1, 1}, {-1e-3, 1e-3}, {0.99, 1}, {0.45, 0.55}),
    ROW1(ACOS, acosl, {-1, 1}, {-1e-3, 1e-3}, {0.99, 1}, {0.45, 0.55}),
    ROW1(ATAN, atanl, {-1, 1}, {-1e-3, 1e-3}, {-100, 100}, {-1e10, 1e10}),
    ROW1(SINH, sinhl, {-1, 1}, {-1e-2, 1e-2}, {-40, 40}, {-712, 712}),
    ROW1(COSH, coshl, {-1, 1}, {-1e-2, 1e-2}, {-40, 40}, {-712, 712}),
    ROW1(TANH, tanhl, {-1, 1}, {-1e-2, 1e-2}, {-20, 20}, {0.2, 0.3}),
    ROW1(ERF, erfl, {-1, 1}, {-1e-2, 1e-2}, {-6, 6}, {0.8, 2}),
    ROW1(ERFC, erfcl, {-1, 1}, {-6, 6}, {0.8, 2}, {5, 28}),
    ROW1(BERN, ExactBernoulli0, {-1, 1}, {-40, 40}, {-760, 760}, {-1e-2, 1e-2}),
    ROW1(BERN1, ExactBernoulli1, {-3, 3}, {-40, 40}, {-760, 760}, {-1e-2, 1e-2}),
    ROW1(BERN2, ExactBernoulli2, {-3, 3}, {-40, 40}, {-760, 760}, {-1e-2, 1e-2}),
};

static const Row1 *ByKernel(RhoKernelId id) {
  for (size_t k = 0; k < sizeof row1 / sizeof *row1; k++)
    if (row1[k].id == id) return &row1[k];
  return NULL;
}

static double AnyMagnitude(uint64_t *seed) {
  double x = ldexp(Uniform(seed, -1, 1), Choice(seed, 120) - 100);
  return Choice(seed, 4) ? x : ldexp(x, Choice(seed, 1900) - 1000);
}

static double *Numbers(int n) {
  double *x = aligned_alloc(64, (size_t)n * sizeof *x);
  assert_non_null(x);
  return x;
}

static void Run1(int level, RhoKernelId id, double *r, const double *x, int n) {
  const double none = 0;
  for (int p = 0; p < n; p += RHO_BLOCK)
    RhoVectorLevel(level)->kernel[id][FIRST_FORM](r + p, x + p, &none, &none, &none, RHO_BLOCK);
}

static void Run2(int level, RhoKernelId id, double *r, const double *x, const double *y, int n) {
  const double none = 0;
  for (int p = 0; p < n; p += RHO_BLOCK)
    RhoVectorLevel(level)->kernel[id][12](r + p, x + p, y + p, &none, &none, RHO_BLOCK);
}

static void CheckAccuracy(int level, const Row1 *row, const double *x, const double *r, const long double *exact) {
  double worst = 0, at = 0;
  for (int p = 0; p < NPOINT; p++) {
    double error = UlpError(r[p], exact[p]);
    if (!(error <= worst)) worst = error, at = x[p];
  }
  if (!(worst <= 4))
    fail_msg("%s %s: %.3g ulp at %.17g", RhoVectorLevel(level)->name, RhoKernelName(row->id), worst, at);
}

static void CheckRow1(const Row1 *row, int range, uint64_t *seed) {
  double *x = Numbers(NPOINT), *r = Numbers(NPOINT);
  long double *exact = malloc(NPOINT * sizeof *exact);
  for (int p = 0; p < NPOINT; p++) {
    x[p] = range < 4 ? Uniform(seed, row->range[range][0], row->range[range][1]) : AnyMagnitude(seed);
    exact[p] = row->exact((long double)x[p]);
  }
  for (int level = 0; level < RhoVectorLevelCount(); level++) {
    Run1(level, row->id, r, x, NPOINT);
    CheckAccuracy(level, row, x, r, exact);
  }
  free(x), free(r), free(exact);
}

/* Property: every function of one argument is within 4 units in the last place of the exact value over its domain. */
static void FunctionsAreAccurate(void **state) {
  (void)state;
  uint64_t seed = 20231;
  for (size_t k = 0; k < sizeof row1 / sizeof *row1; k++)
    for (int range = 0; range <= 4; range++) CheckRow1(&row1[k], range, &seed);
}

static void Points2(RhoKernelId id, int set, double *x, double *y, uint64_t *seed) {
  switch (set) {
  case 0: *x = Uniform(seed, 0, 1), *y = Uniform(seed, -1, 1); return;
  case 1: *x = Uniform(seed, 0, 10), *y = Uniform(seed, -20, 20); return;
  case 2: *x = Uniform(seed, -10, 10), *y = id == RHO_K_POW ? Choice(seed, 40) - 20 : Uniform(seed, -10, 10); return;
  case 3: *x = 1 + Uniform(seed, -1e-6, 1e-6), *y = Uniform(seed, 0, 1e8); return;
  case 4: *x = exp(Uniform(seed, -700, 700)), *y = Uniform(seed, -760, 760) / fabs(log(*x)); return;
  default: *x = AnyMagnitude(seed), *y = AnyMagnitude(seed); return;
  }
}

static void CheckRow2(int level, RhoKernelId id, Exact2 exact, int set, uint64_t *seed) {
  double *x = Numbers(NPOINT), *y = Numbers(NPOINT), *r = Numbers(NPOINT);
  for (int p = 0; p < NPOINT; p++) Points2(id, set, &x[p], &y[p], seed);
  Run2(level, id, r, x, y, NPOINT);
  for (int p = 0; p < NPOINT; p++) {
    double error = UlpError(r[p], exact((long double)x[p], (long double)y[p]));
    if (!(error <= 4))
      fail_msg("%s %s: %.3g ulp at %.17g, %.17g", RhoVectorLevel(level)->name, RhoKernelName(id), error, x[p], y[p]);
  }
  free(x), free(y), free(r);
}

/* Property: so are pow and atan2. */
static void FunctionsOfTwoAreAccurate(void **state) {
  (void)state;
  uint64_t seed = 20232;
  for (int level = 0; level < RhoVectorLevelCount(); level++)
    for (int set = 0; set <= 5; set++) {
      CheckRow2(level, RHO_K_POW, powl, set, &seed);
      CheckRow2(level, RHO_K_ATAN2, atan2l, set, &seed);
    }
}

/* ---- special values -------------------------------------------------------------------------------------- */

static void CheckSpecial(int level, const char *name, double got, double exact, double x, double y) {
  bool same = isnan(exact) ? isnan(got) : UlpError(got, (long double)exact) <= 4 && !signbit(got) == !signbit(exact);
  if (!same) fail_msg("%s %s(%g, %g) = %g, not %g", RhoVectorLevel(level)->name, name, x, y, got, exact);
}

/* Property: at zeros of both signs, infinities, NaN, the smallest and largest numbers and outside the domain the
   functions are those of the C library (C99, annex F). */
static void SpecialValues(void **state) {
  (void)state;
  double x[RHO_BLOCK] = {0}, r[RHO_BLOCK];
  memcpy(x, special, sizeof special);
  for (int level = 0; level < RhoVectorLevelCount(); level++)
    for (size_t k = 0; k < sizeof row1 / sizeof *row1; k++) {
      Run1(level, row1[k].id, r, x, RHO_BLOCK);
      for (int p = 0; p < NSPECIAL; p++) {
        bool bernoulli = row1[k].id >= RHO_K_BERN && row1[k].id <= RHO_K_BERN2;
        double exact = (double)row1[k].exact((long double)x[p]);
        if (bernoulli && exact == 0) exact = copysign(0, row1[k].id == RHO_K_BERN1 ? -1 : 1);
        CheckSpecial(level, RhoKernelName(row1[k].id), r[p], exact, x[p], 0);
      }
    }
}

/* All pairs of special values: the y-th row against x = special[i]. */
static void FillPairs(int i, double *x, double *y) {
  for (int p = 0; p < RHO_BLOCK; p++) x[p] = special[i], y[p] = special[p % NSPECIAL];
}

/* Property: pow and atan2 at all pairs of special values are those of the C library. */
static void SpecialPairs(void **state) {
  (void)state;
  double x[RHO_BLOCK], y[RHO_BLOCK], r[RHO_BLOCK];
  for (int level = 0; level < RhoVectorLevelCount(); level++)
    for (int i = 0; i < NSPECIAL; i++) {
      FillPairs(i, x, y);
      Run2(level, RHO_K_POW, r, x, y, RHO_BLOCK);
      for (int p = 0; p < NSPECIAL; p++) CheckSpecial(level, "pow", r[p], pow(x[p], y[p]), x[p], y[p]);
      Run2(level, RHO_K_ATAN2, r, x, y, RHO_BLOCK);
      for (int p = 0; p < NSPECIAL; p++) CheckSpecial(level, "atan2", r[p], atan2(x[p], y[p]), x[p], y[p]);
    }
}

/* Property: minimum, maximum, comparisons and logic at all pairs of special values are those of functions.def. */
static void Comparisons(void **state) {
  (void)state;
#define ROW(id)                                                                                                        \
  { RHO_K_##id, RHO_FN_##id }
  static const struct {
    RhoKernelId id;
    RhoFunction f;
  } row[] = {ROW(MIN), ROW(MAX), ROW(LT),   ROW(LE),   ROW(EQ),  ROW(NE),
             ROW(AND), ROW(OR),  ROW(SIGN), ROW(STEP), ROW(NOT), ROW(ABS)};
#undef ROW
  double x[RHO_BLOCK], y[RHO_BLOCK], r[RHO_BLOCK];
  for (int level = 0; level < RhoVectorLevelCount(); level++)
    for (size_t k = 0; k < sizeof row / sizeof *row; k++)
      for (int i = 0; i < NSPECIAL; i++) {
        FillPairs(i, y, x);
        if (RhoKernelArgs(row[k].id) == 1) Run1(level, row[k].id, r, x, RHO_BLOCK);
        else Run2(level, row[k].id, r, x, y, RHO_BLOCK);
        for (int p = 0; p < NSPECIAL; p++) assert_true(Same(r[p], RhoFunctionValue(row[k].f, x[p], y[p], 0)));
      }
}

/* ---- forms ----------------------------------------------------------------------------------------------- */

static double Basic(int operation, double a, double b) {
  volatile double r = operation == 0 ? a + b : operation == 1 ? a - b : operation == 2 ? a * b : a / b;
  return r;
}

/* What an arithmetic kernel computes, operation by operation; outer: + - reversed - * / reversed /. */
static double Arithmetic(RhoKernelId id, const double *x) {
  static const int outer_operation[] = {0, 1, 1, 2, 3, 3};
  if (id == RHO_K_PRODUCTS_ADD || id == RHO_K_PRODUCTS_SUB)
    return Basic(id == RHO_K_PRODUCTS_SUB, Basic(2, x[0], x[1]), Basic(2, x[2], x[3]));
  if (id <= RHO_K_DIV) return Basic((int)id - RHO_K_ADD, x[0], x[1]);
  int triad = (int)id - RHO_K_ADD_ADD, outer = triad % 6;
  double inner = Basic(triad / 6, x[0], x[1]);
  bool reversed = outer == 2 || outer == 5;
  return reversed ? Basic(outer_operation[outer], x[2], inner) : Basic(outer_operation[outer], inner, x[2]);
}

static void CheckForm(int level, RhoKernelId id, int form, uint64_t *seed) {
  RhoKernel kernel = RhoVectorLevel(level)->kernel[id][form];
  double row[4][RHO_BLOCK], r[RHO_BLOCK];
  if (!kernel) return;
  for (int k = 0; k < 4; k++)
    for (int p = 0; p < RHO_BLOCK; p++)
      row[k][p] = Choice(seed, 20) ? AnyMagnitude(seed) : special[Choice(seed, NSPECIAL)];
  kernel(r, row[0], row[1], row[2], row[3], RHO_BLOCK);
  for (int p = 0; p < RHO_BLOCK; p++) {
    double x[4];
    for (int k = 0; k < 4; k++) x[k] = row[k][form & 1 << k ? 0 : p];
    double exact = id == RHO_K_SELECT ? (x[0] != 0 ? x[1] : x[2]) : Arithmetic(id, x);
    if (!Same(r[p], exact)) fail_msg("%s, form %d: %g, not %g", RhoKernelName(id), form, r[p], exact);
  }
}

/* Property: every form of the arithmetic kernels gives, at every level, the bits of its operations rounded one by one.
 */
static void FormsAreExact(void **state) {
  (void)state;
  uint64_t seed = 20233;
  for (int level = 0; level < RhoVectorLevelCount(); level++)
    for (int repeat = 0; repeat < 5; repeat++)
      for (int form = 0; form < RHO_FORM_COUNT; form++) {
        for (int id = RHO_K_ADD; id <= RHO_K_PRODUCTS_SUB; id++) CheckForm(level, (RhoKernelId)id, form, &seed);
        CheckForm(level, RHO_K_SELECT, form, &seed);
      }
}

/* ---- independence of the place --------------------------------------------------------------------------- */

static void CheckPlaces(int level, RhoKernelId id, const double (*x)[RHO_BLOCK]) {
  const RhoKernel *form = RhoVectorLevel(level)->kernel[id];
  double turned[4][RHO_BLOCK], r[RHO_BLOCK], s[RHO_BLOCK];
  for (int f = 0; f < RHO_FORM_COUNT; f++) {
    if (!form[f]) continue;
    form[f](r, x[0], x[1], x[2], x[3], RHO_BLOCK);
    for (int turn = 1; turn < RHO_BLOCK; turn += 1 + RHO_BLOCK / 20) {
      for (int k = 0; k < 4; k++)
        for (int p = 0; p < RHO_BLOCK; p++) turned[k][p] = f & 1 << k ? x[k][0] : x[k][(p + turn) % RHO_BLOCK];
      memcpy(s, turned[0], sizeof s); /* the result may replace an operand */
      form[f](s, f & 1 ? turned[0] : s, turned[1], turned[2], turned[3], RHO_BLOCK);
      for (int p = 0; p < RHO_BLOCK; p++)
        if (!Same(s[p], r[(p + turn) % RHO_BLOCK])) fail_msg("%s depends on the place", RhoKernelName(id));
    }
  }
}

/* Property: the bits of a result depend on the operands alone, not on where they stand nor on the company. */
static void PlaceDoesNotMatter(void **state) {
  (void)state;
  uint64_t seed = 20234;
  double x[4][RHO_BLOCK];
  for (int repeat = 0; repeat < 8; repeat++) {
    for (int k = 0; k < 4; k++)
      for (int p = 0; p < RHO_BLOCK; p++)
        x[k][p] = Choice(&seed, 10) < repeat ? AnyMagnitude(&seed) : Uniform(&seed, -2, 2);
    for (int p = 0; p < RHO_BLOCK && repeat % 2; p += 1 + Choice(&seed, 20))
      x[repeat % 3][p] = special[Choice(&seed, NSPECIAL)];
    for (int level = 0; level < RhoVectorLevelCount(); level++)
      for (int id = 0; id < RHO_K_COUNT; id++) CheckPlaces(level, (RhoKernelId)id, (const double(*)[RHO_BLOCK])x);
  }
}

/* Property: the test of accuracy fires: an argument off by 2e-15 is seen. */
static void AccuracyFires(void **state) {
  (void)state;
  const Row1 *row = ByKernel(RHO_K_TANH);
  assert_true(UlpError(tanh(0.3 * (1 + 2e-15)), row->exact(0.3L)) > 4);
  assert_true(UlpError(NAN, 1) > 4 && UlpError(1, INFINITY) > 4 && UlpError(INFINITY, 1) > 4);
}

/* Property: B(0), B'(0), B''(0) and the limits at both ends; B(-z) = B(z) + z. */
static void BernoulliLimits(void **state) {
  (void)state;
  uint64_t seed = 20235;
  assert_true(RhoBernoulli(0, 0) == 1 && RhoBernoulli(-0.0, 0) == 1 && RhoBernoulli(0, 1) == -0.5);
  assert_true(UlpError(RhoBernoulli(0, 2), 1.0L / 6) <= 1);
  assert_true(RhoBernoulli(INFINITY, 0) == 0 && RhoBernoulli(-INFINITY, 0) == INFINITY);
  assert_true(RhoBernoulli(INFINITY, 1) == 0 && RhoBernoulli(-INFINITY, 1) == -1);
  assert_true(RhoBernoulli(INFINITY, 2) == 0 && RhoBernoulli(-INFINITY, 2) == 0);
  assert_true(UlpError(RhoBernoulli(700, 0), 700 * expl(-700)) <= 4);
  for (int k = 0; k < 1000; k++) {
    double z = Uniform(&seed, -50, 50), sum = RhoBernoulli(z, 0) + z;
    assert_true(fabs(RhoBernoulli(-z, 0) - sum) <= 8e-16 * (fabs(z) + sum));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(AccuracyFires),
      cmocka_unit_test(FunctionsAreAccurate),
      cmocka_unit_test(FunctionsOfTwoAreAccurate),
      cmocka_unit_test(SpecialValues),
      cmocka_unit_test(SpecialPairs),
      cmocka_unit_test(Comparisons),
      cmocka_unit_test(FormsAreExact),
      cmocka_unit_test(PlaceDoesNotMatter),
      cmocka_unit_test(BernoulliLimits),
  };
  return cmocka_run_group_tests_name("kernels", tests, NULL, NULL);
}
