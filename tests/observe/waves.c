/* waves.c - correlations in space and time, fluctuations of numbers, lengths: of states of which they are known. */
#include "known.h"

/* ---- correlation: a wave is exact; C(0) of white noise ---- */

static void Wave(const RhoMesh *mesh, long k, double *a, double *b) {
  const RhoDimension *d = &mesh->dimension[0];
  for (int i = 0; i < d->ncell; i++) {
    double phase = 2 * M_PI * 3 * i / d->ncell - 0.3 * (double)k;
    a[i] = 2 + 0.4 * cos(phase);
    b[i] = 4 + 0.6 * cos(phase + 0.5);
  }
}

static void test_correlation(void **state) {
  RhoMesh mesh = BoxOf(1, (const int[]){64}, RHO_PERIODIC);
  RhoObserveOptions options = RhoObserveDefaults();
  (void)state;
  Seen seen = Observe("correlation", &mesh, &options, Wave, 4, 1);
  const RhoCurve *aa = CurveOf(&seen, "C(a,a)"), *ab_ = CurveOf(&seen, "C(a,b)"), *g = CurveOf(&seen, "g(a,b)");
  assert_int_equal(aa->n, 33);
  for (int k = 0; k < aa->n; k++) {
    double c = cos(2 * M_PI * 3 * k / 64.0);
    Near(aa->x[k], 0.5 * k, 1e-12);
    Near(aa->value[k], 0.08 * c, 1e-12);
    Near(ab_->value[k], 0.12 * c * cos(0.5), 1e-12); /* of r and -r */
    if (k) Near(g->value[k - 1], 1 + 0.12 * c * cos(0.5) / 8, 1e-12);
  }
  Forget(&seen);
}

/* Cells of independent values: C = s^2 (delta - 1/cells) at every distance of a box with unequal sides. */
static void Independent(const RhoMesh *mesh, long k, double *a, double *b) {
  for (size_t p = 0; p < CellsOf(mesh); p++) {
    a[p] = 1 + 0.3 * Gaussian(k, (long)p);
    b[p] = 1 + 0.5 * (a[p] - 1);
  }
}

static void test_independent(void **state) {
  RhoMesh mesh = BoxOf(2, (const int[]){16, 12}, RHO_PERIODIC);
  RhoObserveOptions options = RhoObserveDefaults();
  Scores s = {0};
  (void)state;
  mesh.dimension[1].to += 3; /* cells of 0.5 by 0.75 */
  Seen seen = Observe("correlation", &mesh, &options, Independent, 400, 1);
  const RhoCurve *aa = CurveOf(&seen, "C(a,a)");
  for (int k = 0; k < aa->n; k++) Score(&s, aa->value[k], 0.09 * ((k == 0) - 1 / 192.0), aa->error[k]);
  Calibrated(&s);
  Near(CurveOf(&seen, "C(a,b)")->value[3], 0.5 * aa->value[3], 1e-10);
  Near(CurveOf(&seen, "C(b,b)")->value[0], 0.25 * aa->value[0], 1e-10);
  Forget(&seen);
}

/* ---- intermediate scattering: independent Ornstein-Uhlenbeck waves; a wave that travels ---- */

#define DECAY 0.8

static void Relaxing(const RhoMesh *mesh, long k, double *a, double *b) {
  static double e[256];
  for (int p = 0; p < mesh->dimension[0].ncell; p++) {
    double x = Gaussian(k, p);
    e[p] = k ? DECAY * e[p] + sqrt(1 - DECAY * DECAY) * x : x;
    a[p] = e[p];
    b[p] = 2 * e[p];
  }
}

static void test_relaxing(void **state) {
  RhoMesh mesh = BoxOf(1, (const int[]){40}, RHO_PERIODIC);
  RhoObserveOptions options = RhoObserveDefaults();
  Scores s = {0};
  (void)state;
  options.omega = 3;
  Seen seen = Observe("intermediate_scattering", &mesh, &options, Relaxing, 800, 0.1);
  assert_int_equal(seen.observed.ncurve, 36);
  for (int c = 0; c < 36; c++) {
    const RhoCurve *F = &seen.observed.curve[c];
    double S = 3 * 0.5 * (c < 12 ? 1 : c < 24 ? 2 : 4);
    Near(F->x[5], 0.5, 1e-12);
    for (int lag = 0; lag < 12; lag += 4) /* neighbours are not independent, nor are the pairs of fields */
      if (c < 12) Score(&s, F->value[lag], S * pow(DECAY, lag), F->error[lag]);
      else Near(F->value[lag], S / 1.5 * seen.observed.curve[c % 12].value[lag], 1e-12);
  }
  Calibrated(&s);
  Forget(&seen);
}

static void test_travelling(void **state) {
  RhoMesh mesh = BoxOf(1, (const int[]){64}, RHO_PERIODIC);
  RhoObserveOptions options = RhoObserveDefaults();
  (void)state;
  Seen seen = Observe("intermediate_scattering", &mesh, &options, Wave, 40, 1);
  const RhoCurve *F = &seen.observed.curve[2]; /* three periods */
  for (int lag = 0; lag < F->n; lag++) Near(F->value[lag], 32 * 0.16 / 4 * cos(0.3 * lag), 1e-10);
  Forget(&seen);
}

/* ---- numbers in boxes: N independent particles in a closed box have F = 1 at all sizes ---- */

static void Particles(const RhoMesh *mesh, long k, double *a, double *b) {
  size_t n = CellsOf(mesh);
  for (size_t p = 0; p < n; p++) a[p] = b[p] = 0;
  for (long i = 0; i < 400; i++) {
    size_t at = (size_t)(0.5 * (Noise(i, k, 0, 0, 0) + 1) * (double)n),
           other = (size_t)(0.5 * (Noise(i, k, 1, 0, 0) + 1) * (double)n);
    a[at] += 4; /* one particle in a cell of 1/4 */
    b[other] += 4;
  }
}

static void test_numbers(void **state) {
  RhoMesh mesh = BoxOf(2, (const int[]){24, 16}, RHO_PERIODIC);
  RhoObserveOptions options = RhoObserveDefaults();
  Scores same = {0}, cross = {0};
  (void)state;
  Seen seen = Observe("number_fluctuations", &mesh, &options, Particles, 400, 1);
  const RhoCurve *aa = CurveOf(&seen, "F(a,a)"), *ab_ = CurveOf(&seen, "F(a,b)");
  assert_int_equal(aa->n, 4); /* cells, 8 x 8, 4 x 4 and 2 x 2 boxes */
  Near(aa->x[0], 0.25, 1e-12);
  Near(aa->x[3], 24, 1e-12);
  for (int k = 0; k < aa->n; k++) {
    Score(&same, aa->value[k], 1, aa->error[k]);
    Score(&cross, ab_->value[k], 0, ab_->error[k]);
  }
  Calibrated(&same);
  Calibrated(&cross);
  Forget(&seen);
}

/* ---- coarsening: two waves in such shares that l = 9 t^(1/3) ---- */

static double LengthAt(double t) { return 9 * cbrt(t); }

static void Growing(const RhoMesh *mesh, long k, double *a, double *b) {
  const RhoDimension *d = &mesh->dimension[0];
  double q[2] = {2 * M_PI / (d->to - d->from), 2 * M_PI * 12 / (d->to - d->from)};
  double mean = 2 * M_PI / LengthAt((double)(k ? k : 1)), share = (q[1] - mean) / (q[1] - q[0]);
  for (int i = 0; i < d->ncell; i++) {
    double x = RhoMeshCentre(d, i);
    a[i] = sqrt(share) * cos(q[0] * x) + sqrt(1 - share) * cos(q[1] * x);
    b[i] = cos(q[1] * x);
  }
}

static void test_coarsening(void **state) {
  RhoMesh mesh = BoxOf(1, (const int[]){200}, RHO_PERIODIC);
  RhoObserveOptions options = RhoObserveDefaults();
  (void)state;
  Seen seen = Observe("coarsening", &mesh, &options, Growing, 60, 1);
  const RhoCurve *l = CurveOf(&seen, "l(a)");
  for (int k = 1; k < l->n; k++) Near(l->value[k], LengthAt(k), 1e-10);
  Near(CurveOf(&seen, "l(b)")->value[7], 100 / 12.0, 1e-10);
  Near(QuantityOf(&seen, "exponent(a)")->estimate.value, 1 / 3.0, 1e-10);
  assert_true(QuantityOf(&seen, "exponent(a)")->estimate.error < 1e-10);
  Near(QuantityOf(&seen, "exponent(b)")->estimate.value, 0, 1e-10);
  Forget(&seen);
}

/* The error of a slope through correlated scatter. */
static void test_slope(void **state) {
  enum { LENGTH = 300 };
  static double x[LENGTH], y[LENGTH];
  Scores s = {0};
  (void)state;
  for (long series = 0; series < 300; series++) {
    double e = Gaussian(series, 0);
    for (int k = 0; k < LENGTH; k++) {
      x[k] = log(10 + k);
      y[k] = 0.3 * x[k] + 0.1 * e;
      e = 0.6 * e + 0.8 * Gaussian(series, k + 1);
    }
    RhoEstimate slope = rho_slope(LENGTH, x, y);
    Score(&s, slope.value, 0.3, slope.error);
  }
  Calibrated(&s);
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(test_correlation), cmocka_unit_test(test_independent),
                                          cmocka_unit_test(test_relaxing),    cmocka_unit_test(test_travelling),
                                          cmocka_unit_test(test_numbers),     cmocka_unit_test(test_coarsening),
                                          cmocka_unit_test(test_slope)};
RUN(tests)
