/* samples.c - errors of means mean what they say, correlations in time included; memory stays bounded. */
#include "known.h"

enum { LENGTH = 1000, SERIES = 400 };

/* x_k = r x_(k-1) + sqrt(1 - r^2) g: the variance of the mean is (1 + r)/(1 - r)/n. */
static void Autoregressive(long series, double r, double *x) {
  double y = Gaussian(series, 0);
  for (int k = 0; k < LENGTH; k++) {
    x[k] = 3 + y;
    y = r * y + sqrt(1 - r * r) * Gaussian(series, k + 1);
  }
}

static void test_correlated(void **state) {
  static const double decay[] = {0, 0.5, 0.9};
  static double x[LENGTH];
  (void)state;
  for (int d = 0; d < 3; d++) {
    double r = decay[d], error = sqrt((1 + r) / (1 - r) / LENGTH), ratio = 0, tau, times = 0;
    Scores s = {0};
    for (long k = 0; k < SERIES; k++) {
      Autoregressive(1000 * d + k, r, x);
      RhoEstimate e = rho_estimate(LENGTH, x, &tau);
      Score(&s, e.value, 3, e.error);
      ratio += e.error / error / SERIES;
      times += tau / SERIES;
    }
    Calibrated(&s);
    Near(ratio, 1, 0.02);
    Near(times, 0.5 * (1 + r) / (1 - r), 0.03);
  }
}

/* Anticorrelation is not believed: the error is that of independent values. */
static void test_anticorrelated(void **state) {
  static double x[LENGTH];
  double ratio = 0;
  (void)state;
  for (long k = 0; k < SERIES; k++) {
    Autoregressive(9000 + k, -0.4, x);
    ratio += rho_estimate(LENGTH, x, NULL).error / sqrt(1.0 / LENGTH) / SERIES;
  }
  Near(ratio, 1, 0.02);
}

static void test_few(void **state) {
  (void)state;
  assert_true(isnan(rho_estimate(0, NULL, NULL).value));
  assert_true(isnan(rho_estimate(1, (const double[]){2}, NULL).error));
  Near(rho_estimate(1, (const double[]){2}, NULL).value, 2, 0);
  Near(rho_estimate(3, (const double[]){2, 2, 2}, NULL).error, 0, 0);
}

/* 300001 states in no more than 65536 rows, each the mean of eight successive ones, the last states counted too. */
static void test_bounded(void **state) {
  RhoSamples s;
  double *y, sum = 0;
  long n = 300001;
  (void)state;
  OK(rho_samples_create(1, false, &s));
  for (long k = 0; k < n; k++) {
    s.next[0] = (double)k;
    sum += (double)k;
    OK(rho_samples_add(&s, (double)k));
  }
  assert_true(s.nrow <= 65536 && s.nrow >= 32768);
  assert_int_equal(s.per, 8);
  assert_int_equal(s.nrow, n / 8);
  y = malloc((size_t)s.nrow * sizeof *y);
  rho_samples_series(&s, 0, y);
  for (PetscInt k = 0; k < s.nrow; k++) Near(y[k], 8.0 * k + 3.5, 1e-14);
  Near(rho_samples_mean(&s, 0), sum / (double)n, 1e-14);
  assert_int_equal(s.nsample, n);
  free(y);
  OK(rho_samples_destroy(&s));
}

/* Property: what is packed and unpacked goes on as if it had not been, to the bit; other numbers are refused. */
static void test_packed(void **state) {
  RhoSamples s, other, third;
  PetscInt n;
  double *data;
  bool ok;
  (void)state;
  OK(rho_samples_create(2, false, &s));
  OK(rho_samples_create(2, false, &other));
  OK(rho_samples_create(3, false, &third));
  s.most = other.most = 64; /* so that rows are merged, and one is unfinished */
  for (long k = 0; k < 401; k++) {
    s.next[0] = Gaussian(1, k), s.next[1] = Gaussian(2, k);
    OK(rho_samples_add(&s, 0.1 * (double)k));
  }
  assert_true(s.per > 1 && s.left > 0);
  OK(rho_samples_pack(&s, &n, &data));
  OK(rho_samples_unpack(&third, n, data, &ok));
  assert_false(ok);
  OK(rho_samples_unpack(&other, n - 1, data, &ok));
  assert_false(ok);
  OK(rho_samples_unpack(&other, n, data, &ok));
  assert_true(ok);
  OK(PetscFree(data));
  for (long k = 401; k < 900; k++) {
    s.next[0] = other.next[0] = Gaussian(1, k), s.next[1] = other.next[1] = Gaussian(2, k);
    OK(rho_samples_add(&s, 0.1 * (double)k));
    OK(rho_samples_add(&other, 0.1 * (double)k));
  }
  assert_int_equal(s.nrow, other.nrow);
  assert_true(s.nsample == other.nsample && s.first == other.first && s.last == other.last);
  assert_memory_equal(s.row, other.row, (size_t)(s.nrow * 2) * sizeof *s.row);
  assert_memory_equal(s.time, other.time, (size_t)s.nrow * sizeof *s.time);
  assert_true(rho_samples_mean(&s, 1) == rho_samples_mean(&other, 1));
  OK(rho_samples_destroy(&s));
  OK(rho_samples_destroy(&other));
  OK(rho_samples_destroy(&third));
}

/* What run `run` of three has found: a curve as long as its number allows, a quantity, another one not in all, a map.
 */
static void Found(RhoArena arena, int run, RhoObserved *o) {
  const double x[] = {1, 2.0 + run, 7, 8}, y[] = {run, 2 * run, 5, 6}, e[] = {1, 2, 2, 2};
  *o = (RhoObserved){.observable = "o", .what = "", .abscissa = "x", .scales = "linear", .nsample = 10 + run};
  o->from = 3 - run;
  o->to = 9 + run;
  rho_add_curve(arena, o, "c", 4 - run, x, y, e);
  if (run != 1) rho_add_quantity(arena, o, "some", "", (RhoEstimate){1, 1});
  rho_add_quantity(arena, o, "all", "", (RhoEstimate){run * run, NAN});
  RhoMap *map = rho_add_map(arena, o, "m");
  double *axis = RhoArenaAlloc(arena, 2 * sizeof *axis), *value = RhoArenaAlloc(arena, 4 * sizeof *value);
  axis[0] = 0, axis[1] = 1;
  for (int k = 0; k < 4; k++) value[k] = run == 2 && k == 3 ? NAN : k;
  map->rank = 2;
  for (int d = 0; d < 2; d++) map->axis[d].name = d ? "b" : "a", map->axis[d].n = 2, map->axis[d].x = axis;
  map->value = map->error = value;
}

/* Means and scatter by hand, of what all runs have, nothing of which has to stay. */
static void test_members(void **state) {
  RhoArena arena = RhoArenaCreate();
  RhoMembers members = RhoMembersCreate(arena);
  RhoObserved one, mean;
  (void)state;
  for (int run = 0; run < 3; run++) {
    RhoArena own = RhoArenaCreate();
    Found(own, run, &one);
    RhoMembersAdd(members, &one);
    RhoArenaDestroy(&own);
  }
  RhoMembersMean(members, &mean);
  assert_true(mean.nmember == 3 && mean.nsample == 33 && mean.from == 1 && mean.to == 11);
  assert_true(mean.ncurve == 1 && mean.nquantity == 1 && mean.nmap == 1);
  const RhoCurve *c = mean.curve;
  assert_true(c->n == 2 && c->x[0] == 1);
  Near(c->error[0], sqrt(2.0 / 6), 1e-15);
  const double at[] = {0, 1.5, 2 + 2.0 / 3}, mean1 = (at[0] + at[1] + at[2]) / 3;
  double square = 0;
  for (int run = 0; run < 3; run++) square += (at[run] - mean1) * (at[run] - mean1);
  Near(c->x[1], 2, 1e-15);
  Near(c->value[1], mean1, 1e-15);
  Near(c->error[1], sqrt(square / 6), 1e-15);
  Near(c->within[1], sqrt(4 + 1.5 * 1.5 + 16.0 / 9) / 3, 1e-15);
  assert_string_equal(mean.quantity[0].name, "all");
  Near(mean.quantity[0].estimate.value, 5.0 / 3, 1e-15);
  Near(mean.quantity[0].estimate.error, sqrt((25 + 4 + 49) / 9.0 / 6), 1e-15);
  assert_true(isnan(mean.quantity[0].within));
  const RhoMap *map = mean.map;
  assert_true(map->rank == 2 && map->axis[1].x[1] == 1 && !strcmp(map->axis[0].name, "a"));
  assert_true(map->value[2] == 2 && map->error[2] == 0 && isnan(map->value[3]) && isnan(map->error[3]));
  Near(map->within[2], sqrt(12.0) / 3, 1e-15);
  RhoArenaDestroy(&arena);
}

/* One line y = 3 - 2 x, seen at other points and between other ends by each run, has the mean y without scatter, where
   all of them are.  Maps of other shapes have no mean. */
static void test_members_elsewhere(void **state) {
  static const struct {
    int n, side;
    double x[6];
  } seen[] = {{6, 2, {0, 1, 2, 3, 4, 5}}, {4, 3, {0.5, 1.7, 3.9, 4.2}}, {6, 2, {0.25, 0.5, 1, 1.5, 2.125, 8}}};
  static const double error[9] = {0};
  RhoArena arena = RhoArenaCreate();
  RhoMembers members = RhoMembersCreate(arena);
  RhoObserved mean;
  (void)state;
  for (int run = 0; run < 3; run++) {
    RhoObserved one = {.observable = "o", .what = "", .abscissa = "t", .scales = "linear"};
    double y[6];
    for (int k = 0; k < 6; k++) y[k] = 3 - 2 * seen[run].x[k];
    rho_add_curve(arena, &one, "c", seen[run].n, seen[run].x, y, error);
    RhoMap *map = rho_add_map(arena, &one, "m");
    map->rank = 1;
    map->axis[0].name = "a", map->axis[0].n = seen[run].side, map->axis[0].x = seen[0].x;
    map->value = map->error = error;
    RhoMembersAdd(members, &one);
  }
  RhoMembersMean(members, &mean);
  const RhoCurve *c = mean.curve;
  assert_true(mean.ncurve == 1 && mean.nmap == 0);
  assert_true(c->n == 4 && c->x[0] == 1 && c->x[3] == 4);
  for (int k = 0; k < c->n; k++) {
    Near(c->value[k], 3 - 2 * c->x[k], 1e-14);
    Near(c->error[k], 0, 1e-14);
  }
  RhoArenaDestroy(&arena);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_correlated),       cmocka_unit_test(test_anticorrelated), cmocka_unit_test(test_few),
    cmocka_unit_test(test_bounded),          cmocka_unit_test(test_packed),         cmocka_unit_test(test_members),
    cmocka_unit_test(test_members_elsewhere)};
RUN(tests)
