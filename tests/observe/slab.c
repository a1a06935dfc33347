/* slab.c - profiles of tanh fronts: densities and width are exact wherever the band is, in every dimension, between
   walls; noise changes them within their errors. */
#include "known.h"

#define DENSE 1.7
#define DILUTE 0.2
#define WIDTH 0.9

static double LogCosh(double x) { return fabs(x) + log1p(exp(-2 * fabs(x))) - M_LN2; }
/* The average of tanh(x/w) over the cell about x. */
static double Tanh(double x, double w, double h) {
  return w / h * (LogCosh((x + h / 2) / w) - LogCosh((x - h / 2) / w));
}

/* Cell average of a band of the width b about the middle c of a ring of length L. */
static double Band(double x, double c, double b, double L, double w, double h) {
  double u = 0;
  for (int k = -2; k <= 2; k++) u += 0.5 * (Tanh(x - c - k * L + b / 2, w, h) - Tanh(x - c - k * L - b / 2, w, h));
  return u;
}

static double noise = 0;

/* Field b is where a is not, half a period less a quarter of its band away, and wider fronts. */
static void Bands(const RhoMesh *mesh, long k, double *a, double *b) {
  int along = mesh->ndimension - 1;
  const RhoDimension *d = &mesh->dimension[along];
  size_t stride = CellsOf(mesh) / (size_t)d->ncell;
  double L = d->to - d->from, h = L / d->ncell;
  for (size_t p = 0; p < CellsOf(mesh); p++) {
    double x = (double)(p / stride) * h, c = 3.3 + 0.77 * (double)k;
    a[p] = DILUTE + (DENSE - DILUTE) * Band(x, c, 0.4 * L, L, WIDTH, h) + noise * Gaussian(k, (long)p);
    b[p] = 1 - 0.5 * Band(x, c + 0.3 * L, 0.5 * L, L, 1.5 * WIDTH, h);
  }
}

static double Found(const Seen *seen, const char *name) {
  const RhoQuantity *q = QuantityOf(seen, name);
  if (!q) fail_msg("no %s", name);
  return q->estimate.value;
}

static void test_band(void **state) {
  static const int n[][3] = {{160}, {8, 120}, {4, 3, 96}};
  RhoObserveOptions options = RhoObserveDefaults();
  (void)state;
  for (int d = 1; d <= 3; d++) {
    RhoMesh mesh = BoxOf(d, n[d - 1], RHO_PERIODIC);
    Seen seen = Observe("slab", &mesh, &options, Bands, 10, 1);
    /* what a shift by fractions of a cell does to waves beyond the grid's, exp(-pi^2 w/(2 h)) = 1e-4 of the front */
    Near(Found(&seen, "fitted dense(a)"), DENSE, 1e-6);
    Near(Found(&seen, "fitted dilute(a)"), DILUTE, 1e-6);
    Near(Found(&seen, "width(a)"), WIDTH, 1e-5);
    Near(Found(&seen, "fitted dense(b)"), 1, 1e-5);
    Near(Found(&seen, "fitted dilute(b)"), 0.5, 1e-5);
    Near(Found(&seen, "width(b)"), 1.5 * WIDTH, 1e-5);
    Near(Found(&seen, "dense(a)"), DENSE, 2 * exp(-8));
    Near(Found(&seen, "dilute(a)"), DILUTE, 2 * exp(-8));
    assert_true(Found(&seen, "misfit(a)") < 1e-4);
    const RhoCurve *profile = CurveOf(&seen, "profile(a)"); /* recentred: symmetric about the middle */
    for (int k = 0; k < profile->n; k++) Near(profile->value[k], profile->value[profile->n - 1 - k], 1e-5);
    Near(profile->value[profile->n / 2], DENSE, 1e-5);
    Forget(&seen);
  }
}

/* Errors: the scatter of the noise. */
static void test_noise(void **state) {
  RhoMesh mesh = BoxOf(2, (const int[]){6, 120}, RHO_PERIODIC);
  RhoObserveOptions options = RhoObserveDefaults();
  static const char *const name[] = {"fitted dense(a)", "fitted dilute(a)", "width(a)", "dense(a)"};
  const double expected[] = {DENSE, DILUTE, WIDTH, DENSE};
  (void)state;
  noise = 0.1;
  Seen seen = Observe("slab", &mesh, &options, Bands, 80, 1);
  noise = 0;
  for (int k = 0; k < 4; k++) {
    const RhoQuantity *q = QuantityOf(&seen, name[k]);
    assert_true(q->estimate.error > 0 && q->estimate.error < 0.01);
    if (!(fabs(q->estimate.value - expected[k]) <= 4 * q->estimate.error + 2e-3))
      fail_msg("%s: %g +- %g", name[k], q->estimate.value, q->estimate.error);
  }
  Forget(&seen);
}

/* Between walls: one front; a band away from both. */
static void Fronts(const RhoMesh *mesh, long k, double *a, double *b) {
  const RhoDimension *d = &mesh->dimension[0];
  double L = d->to - d->from, h = L / d->ncell;
  (void)k;
  for (int i = 0; i < d->ncell; i++) {
    double x = (i + 0.5) * h;
    a[i] = DILUTE + (DENSE - DILUTE) * 0.5 * (1 - Tanh(x - 0.37 * L, WIDTH, h));
    b[i] = Band(x, 0.45 * L, 0.4 * L, 100 * L, WIDTH, h);
  }
}

static void test_walls(void **state) {
  RhoMesh mesh = BoxOf(1, (const int[]){100}, RHO_WALL);
  RhoObserveOptions options = RhoObserveDefaults();
  (void)state;
  Seen seen = Observe("slab", &mesh, &options, Fronts, 1, 1);
  Near(Found(&seen, "fitted dense(a)"), DENSE, 1e-9);
  Near(Found(&seen, "fitted dilute(a)"), DILUTE, 1e-9);
  Near(Found(&seen, "width(a)"), WIDTH, 1e-8);
  Near(Found(&seen, "fitted dense(b)"), 1, 1e-6);
  Near(Found(&seen, "width(b)"), WIDTH, 1e-6);
  assert_true(isnan(QuantityOf(&seen, "width(a)")->estimate.error)); /* of one state */
  Forget(&seen);
}

/* A uniform state has no fronts, with noise, whose longest wave is recentred, neither. */
static void Flat(const RhoMesh *mesh, long k, double *a, double *b) {
  (void)k;
  for (size_t p = 0; p < CellsOf(mesh); p++) a[p] = b[p] = 1;
}

static void Noisy(const RhoMesh *mesh, long k, double *a, double *b) {
  for (size_t p = 0; p < CellsOf(mesh); p++) a[p] = b[p] = 1 + 0.1 * Gaussian(k, (long)p);
}

static void test_flat(void **state) {
  RhoMesh mesh = BoxOf(1, (const int[]){50}, RHO_PERIODIC);
  RhoObserveOptions options = RhoObserveDefaults();
  (void)state;
  Seen noisy = Observe("slab", &mesh, &options, Noisy, 200, 1);
  assert_true(isnan(Found(&noisy, "width(a)")) && isnan(Found(&noisy, "dense(a)")));
  Forget(&noisy);
  Seen seen = Observe("slab", &mesh, &options, Flat, 3, 1);
  assert_true(isnan(Found(&seen, "width(a)")));
  Forget(&seen);
}

static void Number(const RhoMesh *mesh, long k, double *a, double *b) {
  for (size_t p = 0; p < CellsOf(mesh); p++) a[p] = b[p] = (double)(k + (long)p);
}

/* One cell, or two, have no wave that tells where a crest is: they stay what they are, or change places. */
static void test_few(void **state) {
  RhoObserveOptions options = RhoObserveDefaults();
  (void)state;
  for (int n = 1; n <= 2; n++) {
    RhoMesh mesh = BoxOf(1, &n, RHO_PERIODIC);
    Seen seen = Observe("slab", &mesh, &options, Number, 3, 1);
    const RhoCurve *profile = CurveOf(&seen, "profile(b)");
    assert_int_equal(profile->n, n);
    Near(profile->value[0] + profile->value[n - 1], n == 1 ? 2 : 3, 1e-15);
    assert_true(isnan(Found(&seen, "width(a)")));
    Forget(&seen);
  }
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(test_band), cmocka_unit_test(test_noise),
                                          cmocka_unit_test(test_walls), cmocka_unit_test(test_flat),
                                          cmocka_unit_test(test_few)};
RUN(tests)
