/* structure.c - S_ij(q) of states with a known spectrum: exact for waves, within errors that mean what they say for
   noise; with walls, in every dimension, of the grid's vectors one by one. */
#include "known.h"

#define V(mesh) ((mesh)->dimension[0].to - (mesh)->dimension[0].from)

/* ---- white noise: S_ij = h C_ij, whatever the boundaries; C = {{1, 0.6}, {0.6, 1}} 0.09 ---- */

static void White(const RhoMesh *mesh, long k, double *a, double *b) {
  size_t n = CellsOf(mesh);
  for (size_t p = 0; p < n; p++) {
    double x = Gaussian(k, 2 * (long)p), y = Gaussian(k, 2 * (long)p + 1);
    a[p] = 2 + 0.3 * x;
    b[p] = 1 + 0.3 * (0.6 * x + 0.8 * y);
  }
}

static void ScoreCurve(Scores *s, const RhoCurve *curve, double expected) {
  for (int k = 0; k < curve->n; k++) Score(s, curve->value[k], expected, curve->error[k]);
}

static void test_white(void **state) {
  static const struct {
    int ndim, n[3];
    RhoBoundary boundary;
  } box[] = {{1, {60}, RHO_PERIODIC},
             {1, {61}, RHO_WALL},
             {2, {12, 20}, RHO_PERIODIC},
             {2, {20, 11}, RHO_WALL},
             {3, {6, 5, 8}, RHO_PERIODIC}};
  RhoObserveOptions options = RhoObserveDefaults();
  Scores same = {0}, cross = {0};
  (void)state;
  options.omega = 10;
  for (size_t k = 0; k < sizeof box / sizeof *box; k++) {
    RhoMesh mesh = BoxOf(box[k].ndim, box[k].n, box[k].boundary);
    Seen seen = Observe("structure_factor", &mesh, &options, White, 300, 1);
    double S = 10 * 0.09 * pow(0.5, box[k].ndim);
    ScoreCurve(&same, CurveOf(&seen, "S(a,a)"), S);
    ScoreCurve(&same, CurveOf(&seen, "S(b,b)"), S);
    ScoreCurve(&cross, CurveOf(&seen, "S(a,b)"), 0.6 * S);
    Forget(&seen);
  }
  Calibrated(&same);
  Calibrated(&cross);
}

/* Walls and periodic sides mixed. */
static void test_mixed(void **state) {
  RhoMesh mesh = BoxOf(2, (const int[]){16, 10}, RHO_PERIODIC);
  RhoObserveOptions options = RhoObserveDefaults();
  Scores s = {0};
  (void)state;
  mesh.dimension[1].boundary = RHO_WALL;
  Seen seen = Observe("structure_factor", &mesh, &options, White, 400, 1);
  ScoreCurve(&s, CurveOf(&seen, "S(a,a)"), 0.09 * 0.25);
  ScoreCurve(&s, CurveOf(&seen, "S(a,b)"), 0.6 * 0.09 * 0.25);
  Calibrated(&s);
  Forget(&seen);
}

/* ---- coloured noise, correlated in time: u_p = e_p + r e_(p+1), S = h (1 + r^2 + 2 r cos(q h)), e an AR(1) series
 * ---- */

#define R 0.7
#define DECAY 0.8

static void Coloured(const RhoMesh *mesh, long k, double *a, double *b) {
  static double e[256];
  int n = mesh->dimension[0].ncell;
  for (int p = 0; p < n; p++) {
    double x = Gaussian(k, p);
    e[p] = k ? DECAY * e[p] + sqrt(1 - DECAY * DECAY) * x : x;
  }
  for (int p = 0; p < n; p++) {
    a[p] = e[p] + R * e[(p + 1) % n];
    b[p] = -a[p];
  }
}

static void test_coloured(void **state) {
  RhoMesh mesh = BoxOf(1, (const int[]){200}, RHO_PERIODIC);
  RhoObserveOptions options = RhoObserveDefaults();
  Scores s = {0}, opposite = {0};
  (void)state;
  Seen seen = Observe("structure_factor", &mesh, &options, Coloured, 3000, 1);
  const RhoCurve *aa = CurveOf(&seen, "S(a,a)"), *ab_ = CurveOf(&seen, "S(a,b)");
  assert_int_equal(aa->n, 100);
  for (int k = 0; k < aa->n - 1; k++) {
    double S = 0.5 * (1 + R * R + 2 * R * cos(0.5 * aa->x[k]));
    Near(aa->x[k], 2 * M_PI * (k + 1) / 100, 1e-12);
    Score(&s, aa->value[k], S, aa->error[k]);
    Score(&opposite, ab_->value[k], -S, ab_->error[k]);
  }
  Calibrated(&s);
  Calibrated(&opposite);
  Forget(&seen);
}

/* ---- plane waves: exact ---- */

#define PHASE 0.7

static void Waves(const RhoMesh *mesh, long k, double *a, double *b) {
  const RhoDimension *x = &mesh->dimension[0], *y = &mesh->dimension[1];
  for (int j = 0; j < y->ncell; j++)
    for (int i = 0; i < x->ncell; i++) {
      double phase = 2 * M_PI * (3.0 * i / x->ncell - 2.0 * j / y->ncell) + 0.1 * (double)k;
      a[j * x->ncell + i] = 1 + 0.4 * cos(phase);
      b[j * x->ncell + i] = 2 + 0.6 * cos(phase + PHASE);
    }
}

static void test_bins(void **state) {
  RhoMesh mesh = BoxOf(2, (const int[]){24, 16}, RHO_PERIODIC);
  RhoObserveOptions options = RhoObserveDefaults();
  double q = hypot(2 * M_PI * 3 / 12, 2 * M_PI * 2 / 8), volume = 96, sum = 0;
  (void)state;
  Seen seen = Observe("structure_factor", &mesh, &options, Waves, 5, 1);
  const RhoCurve *aa = CurveOf(&seen, "S(a,a)"), *ab_ = CurveOf(&seen, "S(a,b)"), *bb = CurveOf(&seen, "S(b,b)");
  int hit = 0;
  for (int k = 0; k < aa->n; k++) {
    if (fabs(aa->x[k] - q) > 0.5 * M_PI / 6 || aa->value[k] < 1e-10) continue;
    hit++;
    Near(bb->value[k] / aa->value[k], 0.36 / 0.16, 1e-10);
    Near(ab_->value[k] / aa->value[k], 1.5 * cos(PHASE), 1e-10);
    Near(aa->error[k], 0, 1e-10);
    sum = aa->value[k];
  }
  assert_int_equal(hit, 1);
  /* two waves of V A^2/4 among those of the bin; there is a whole number of them */
  double count = 2 * volume * 0.16 / 4 / sum;
  Near(count, round(count), 1e-9);
  Forget(&seen);
}

static double At(const RhoMap *map, int y, int x) { return map->value[y * map->axis[1].n + x]; }

static void test_map(void **state) {
  RhoMesh mesh = BoxOf(2, (const int[]){24, 16}, RHO_PERIODIC);
  RhoObserveOptions options = RhoObserveDefaults();
  (void)state;
  Seen seen = Observe("structure_factor_map", &mesh, &options, Waves, 5, 1);
  const RhoMap *aa = &seen.observed.map[0], *real = &seen.observed.map[1], *imaginary = &seen.observed.map[2];
  assert_int_equal(seen.observed.nmap, 4);
  assert_string_equal(imaginary->name, "Im S(a,b)");
  assert_int_equal(aa->axis[0].n, 16);
  double S = 96 * 0.24 / 4, total = 0;
  Near(aa->axis[1].x[12 + 3], 2 * M_PI * 3 / 12, 1e-12);
  Near(At(aa, 8 - 2, 12 + 3), 96 * 0.16 / 4, 1e-12);
  Near(At(aa, 8 + 2, 12 - 3), 96 * 0.16 / 4, 1e-12);
  Near(At(real, 8 - 2, 12 + 3), S * cos(PHASE), 1e-12);
  Near(At(imaginary, 8 - 2, 12 + 3), -S * sin(PHASE), 1e-12); /* a conj(b) ~ exp(-i phase) */
  Near(At(imaginary, 8 + 2, 12 - 3), S * sin(PHASE), 1e-12);
  for (int k = 0; k < 24 * 16; k++) total += aa->value[k];
  Near(total, 2 * 96 * 0.16 / 4, 1e-12);
  Forget(&seen);
}

/* ---- refused ---- */

static void test_refused(void **state) {
  RhoMesh mesh = BoxOf(1, (const int[]){16}, RHO_WALL);
  RhoObserveOptions options = RhoObserveDefaults();
  RhoDiag diag = RhoDiagCreate();
  RhoObserver observer;
  (void)state;
  OK(RhoObserverCreate("structure_factr", &mesh, 2, ab, &options, diag, RHO_NOWHERE, &observer));
  assert_null(observer);
  Reported(diag, RHO_ID_UNKNOWN_WORD, "did you mean 'structure_factor'?");
  OK(RhoObserverCreate("structure_factor_map", &mesh, 2, ab, &options, diag, RHO_NOWHERE, &observer));
  assert_null(observer);
  Reported(diag, RHO_ID_NOT_OBSERVED, "dimension 'x' has walls");
  mesh.dimension[0].spatial = false;
  OK(RhoObserverCreate("structure_factor", &mesh, 2, ab, &options, diag, RHO_NOWHERE, &observer));
  Reported(diag, RHO_ID_NOT_OBSERVED, "is no dimension of space");
  OK(RhoObserverCreate("histogram", &mesh, 2, ab, &options, diag, RHO_NOWHERE, &observer));
  Reported(diag, RHO_ID_NOT_OBSERVED, "between which densities?");
  RhoDiagDestroy(&diag);
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(test_white),    cmocka_unit_test(test_mixed),
                                          cmocka_unit_test(test_coloured), cmocka_unit_test(test_bins),
                                          cmocka_unit_test(test_map),      cmocka_unit_test(test_refused)};
RUN(tests)
