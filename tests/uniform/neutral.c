/* Neutral curves against closed forms. */
#include "uniform_check.h"
#include "rhoflux/stability.h"
#include <complex.h>

enum { N = 33 };

static const int points[2] = {N, N};

typedef struct {
  RhoArena arena;
  int n;
  const RhoNeutralCurve *curve;
  RhoMapPoint map[N * N];
} Drawn;

typedef struct {
  Loaded *m;
  const char *name[2];
  double from[2], to[2];
  bool fields;     /* the axes are the first two fields, else parameters */
  double state[4]; /* else */
} Window;

/* The map and the curves over the axes of the family, waves up to `top`. */
static Drawn *DrawFamily(const Loaded *m, const RhoFamily *family, double top) {
  RhoWaveRange range = {.dim = 1, .ndimension = 1, .top = top};
  double x[2][N];
  const double *const at[] = {x[0], x[1]};
  Drawn *d = calloc(1, sizeof *d);
  for (int a = 0; a < 2; a++) {
    const RhoAxis *axis = &family->axis[a];
    for (int i = 0; i < N; i++) x[a][i] = axis->from + (axis->to - axis->from) * i / (N - 1);
  }
  d->arena = RhoArenaCreate();
  Require(m, RhoStabilityMap(family, &range, points, at, 0, 1, d->map), "map");
  Require(m, RhoNeutralCurves(family, d->arena, &range, points, at, d->map, &d->n, &d->curve), "curves");
  return d;
}

static Drawn *Draw(const Window *w, double top) {
  RhoNode state[4];
  RhoAxis axis[2];
  RhoFamily family = {w->m->eq, 0, NULL, state, 2, axis};
  for (int i = 0; i < w->m->eq->nfield; i++) state[i] = RhoGraphConstant(w->m->eq->graph, w->state[i]);
  for (int a = 0; a < 2; a++) {
    axis[a] = (RhoAxis){w->name[a], !w->fields, &w->name[a], RHO_NONE, w->from[a], w->to[a]};
    if (w->fields) axis[a].symbol = state[a] = w->m->model->field[a].symbol;
  }
  return DrawFamily(w->m, &family, top);
}

static void Free(Drawn *d) {
  RhoArenaDestroy(&d->arena);
  free(d);
}

static void Describe(const Drawn *d) {
  for (int j = N - 1; j >= 0; j -= 2) {
    for (int i = 0; i < N; i++) print_message("%d", d->map[j * N + i].class);
    print_message("\n");
  }
  for (int k = 0; k < d->n; k++) {
    const RhoNeutralCurve *c = &d->curve[k];
    print_message("  kind %d, oscillatory %d, %d points, ends %d %d, from %.15g %.15g to %.15g %.15g\n", c->kind,
                  c->oscillatory, c->npoint, c->first, c->last, c->x[0], c->x[1], c->x[2 * c->npoint - 2],
                  c->x[2 * c->npoint - 1]);
  }
}

static void HasCurves(const Drawn *d, int n) {
  if (d->n == n) return;
  Describe(d);
  fail_msg("%d curves, not %d", d->n, n);
}

/* The curve of a kind, which must be there. */
static const RhoNeutralCurve *Of(const Drawn *d, RhoNeutralKind kind, bool oscillatory) {
  for (int k = 0; k < d->n; k++)
    if (d->curve[k].kind == kind && d->curve[k].oscillatory == oscillatory) return &d->curve[k];
  Describe(d);
  fail_msg("no curve of kind %d %d", kind, oscillatory);
  return NULL;
}

/* Is one end of the curve at (x, y), of this sort? */
static bool EndsAt(const RhoNeutralCurve *c, RhoNeutralEnd end, double x, double y, double tolerance) {
  const double *a = c->x, *b = c->x + 2 * (c->npoint - 1);
  bool first = c->first == end && fabs(a[0] - x) < tolerance && fabs(a[1] - y) < tolerance;
  return first || (c->last == end && fabs(b[0] - x) < tolerance && fabs(b[1] - y) < tolerance);
}

/* Property: every point of the spinodal fulfils K phi_A phi_B = (1 + phi_A)(1 + phi_B) to 1e-12, and the curve goes
   from edge to edge. */
static void Spinodal(void **state) {
  (void)state;
  Loaded m = LoadText(1, two_temperature);
  Drawn *d = Draw(&(Window){&m, {"A", "B"}, {0.01, 0.01}, {3, 7}, true, {0}}, 0);
  HasCurves(d, 1);
  const RhoNeutralCurve *c = Of(d, RHO_NEUTRAL_LONG, false);
  assert_true(c->npoint > 50 && c->first == RHO_NEUTRAL_WINDOW && c->last == RHO_NEUTRAL_WINDOW);
  for (int k = 0; k < c->npoint; k++) {
    double A = c->x[2 * k], B = c->x[2 * k + 1];
    assert_near(B, (1 + A) / (13.005 * A - 1 - A), 1e-12, "spinodal");
  }
  double last = 7, first = (1 + last) / (13.005 * last - 1 - last);
  assert_true(EndsAt(c, RHO_NEUTRAL_WINDOW, first, 7, 1e-12));
  Free(d);
  Unload(&m);
}

/* Property: the smallest T_A/T_B at which the spinodal meets phi_A + phi_B = 1 is 17 + 12 sqrt 2, found as the turning
   point of the curve over that segment and T_A. */
static void Extremal(void **state) {
  (void)state;
  Loaded m = LoadText(1, two_temperature);
  RhoNode x = RhoGraphSymbol(m.eq->graph, RHO_SYM_PARAMETER, "place on the segment");
  RhoNode states[2] = {x, RhoGraph2(m.eq->graph, RHO_FN_SUB, RhoGraphConstant(m.eq->graph, 1), x)};
  const char *TA = "TA";
  RhoAxis axis[2] = {{"x", 0, NULL, x, 1e-3, 0.999}, {"TA", 1, &TA, RHO_NONE, 1, 80}};
  RhoFamily family = {m.eq, 0, NULL, states, 2, axis};
  Drawn *d = DrawFamily(&m, &family, 0);
  HasCurves(d, 1);
  assert_int_equal(d->curve->nmark, 1);
  assert_string_equal(d->curve->mark[0].what, "smallest TA");
  assert_near(d->curve->mark[0].x[1], 17 + 12 * sqrt(2), 1e-12, "17 + 12 sqrt 2");
  assert_near(d->curve->mark[0].x[0], 0.5, 1e-6, "in the middle");
  Free(d);
  Unload(&m);
}

/* Property: at phi_A = phi_B = 1/2 the neutral curves over friction and temperature are the condition surface in the
   contrasts, (1 - kappa tau)^2 beta^2 = 9 (1 - tau^2), for any virials; and both of its sheets are there. */
static void ConditionSurface(void **state) {
  (void)state;
  Loaded m = LoadText(1, two_temperature);
  static const RhoSetting virials[] = {
      {"BA", 0.5, RHO_NOWHERE}, {"BB", 2, RHO_NOWHERE}, {"BAB", 1.3, RHO_NOWHERE}, {"TB", 0.8, RHO_NOWHERE}};
  static const char *const name[2] = {"zA", "TA"};
  const RhoNode states[2] = {FormulaOf(&m, "1/(2*BA)"), FormulaOf(&m, "1/(2*BB)")};
  const RhoAxis axis[2] = {{"zA", 1, &name[0], RHO_NONE, 0.1, 10}, {"TA", 1, &name[1], RHO_NONE, 0.005, 100}};
  RhoFamily family = {m.eq, COUNT(virials), virials, states, 2, axis};
  double lowest = INFINITY, highest = 0;
  Drawn *d = DrawFamily(&m, &family, 0);
  for (int c = 0; c < d->n; c++)
    for (int k = 0; k < d->curve[c].npoint; k++) {
      double z = d->curve[c].x[2 * k], T = d->curve[c].x[2 * k + 1], tau = (T - 0.8) / (T + 0.8),
             kappa = (z - 1) / (z + 1);
      double beta = 1.3, lhs = pow((1 - kappa * tau) * beta, 2), rhs = 9 * (1 - tau * tau);
      assert_near(lhs / rhs, 1, 1e-11, "condition");
      lowest = fmin(lowest, T), highest = fmax(highest, T);
    }
  assert_true(d->n >= 2 && lowest < 0.8 && highest > 60);
  Free(d);
  Unload(&m);
}

static const char chase[] =
    "parameters: {x1: 1, k12: 0}\n"
    "dynamics: {a: {reaction: 'lap(x1*a + k12*b - lap(a))'}, b: {reaction: 'lap(0.5*b + a - lap(b))'}}";

/* Property: of -q^2 [[x1, k12], [1, 0.5]]: the stationary line k12 = x1/2 and the oscillatory one x1 = -1/2 end at each
   other, in (-1/2, -1/4). */
static void StationaryMeetsOscillatory(void **state) {
  (void)state;
  Loaded m = LoadText(1, chase);
  Drawn *d = Draw(&(Window){&m, {"x1", "k12"}, {-1, -1}, {1, 1}, false, {0}}, 4);
  HasCurves(d, 2);
  const RhoNeutralCurve *s = Of(d, RHO_NEUTRAL_LONG, false), *o = Of(d, RHO_NEUTRAL_LONG, true);
  for (int k = 0; k < s->npoint; k++) assert_near(s->x[2 * k + 1], s->x[2 * k] / 2, 1e-13, "stationary");
  for (int k = 0; k < o->npoint; k++) assert_near(o->x[2 * k], -0.5, 1e-13, "oscillatory");
  assert_true(EndsAt(s, RHO_NEUTRAL_TAKEN, -0.5, -0.25, 1e-12) && EndsAt(s, RHO_NEUTRAL_WINDOW, 1, 0.5, 1e-12));
  assert_true(EndsAt(o, RHO_NEUTRAL_TAKEN, -0.5, -0.25, 1e-12) && EndsAt(o, RHO_NEUTRAL_WINDOW, -0.5, -1, 1e-12));
  Free(d);
  Unload(&m);
}

/* Property: growth r - (b - q^2)^2 is neutral at r = 0, q^2 = b for b > 0 and at r = b^2, q = 0 for b < 0. */
static void FiniteMeetsUniform(void **state) {
  (void)state;
  Loaded m = LoadText(1, "parameters: {r: 0, b: 1}\n"
                         "dynamics: {u: {reaction: 'r*u - (b^2*u + 2*b*lap(u) + lap(lap(u))) - u^3'}}");
  Drawn *d = Draw(&(Window){&m, {"r", "b"}, {-0.52, -0.51}, {0.5, 0.5}, false, {0}}, 3);
  HasCurves(d, 2);
  const RhoNeutralCurve *f = Of(d, RHO_NEUTRAL_FINITE, false), *u = Of(d, RHO_NEUTRAL_UNIFORM, false);
  for (int k = 0; k < f->npoint; k++) {
    assert_near(f->x[2 * k], 0, 1e-13, "r");
    assert_near(f->q[k] * f->q[k], f->x[2 * k + 1], 1e-10, "q");
  }
  for (int k = 0; k < u->npoint; k++) assert_near(u->x[2 * k], pow(u->x[2 * k + 1], 2), 1e-13, "r");
  assert_true(EndsAt(f, RHO_NEUTRAL_WINDOW, 0, 0.5, 1e-12) && EndsAt(u, RHO_NEUTRAL_WINDOW, 0.51 * 0.51, -0.51, 1e-12));
  Free(d);
  Unload(&m);
}

/* Property: closed curves and all components: r = 0.03 - (a^2 - 0.25)^2 - b^2 vanishes on two ovals, waves of q = 1
   oscillate with w on them. */
static void Ovals(void **state) {
  (void)state;
  Loaded m = LoadText(1, "parameters: {a: 0, b: 0, w: 0.7, r: 0.03 - (a^2 - 0.25)^2 - b^2}\n"
                         "dynamics:\n"
                         "  u: {reaction: 'r*u - (u + 2*lap(u) + lap(lap(u))) - w*v'}\n"
                         "  v: {reaction: 'r*v - (v + 2*lap(v) + lap(lap(v))) + w*u'}");
  Drawn *d = Draw(&(Window){&m, {"a", "b"}, {-1, -0.5}, {1, 0.5}, false, {0}}, 0);
  HasCurves(d, 2);
  for (int c = 0; c < 2; c++) {
    const RhoNeutralCurve *o = &d->curve[c];
    assert_true(o->kind == RHO_NEUTRAL_FINITE && o->oscillatory && o->first == RHO_NEUTRAL_CLOSED);
    for (int k = 0; k < o->npoint; k++) {
      double a = o->x[2 * k], b = o->x[2 * k + 1];
      assert_near(pow(a * a - 0.25, 2) + b * b, 0.03, 1e-13, "oval");
      assert_near(o->q[k], 1, 1e-10, "q");
      assert_near(o->frequency[k], 0.7, 1e-13, "frequency");
    }
    assert_int_equal(o->nmark, 4); /* largest and smallest a and b */
    for (int k = 0; k < 4; k++)
      if (!strcmp(o->mark[k].what, "largest b")) assert_near(o->mark[k].x[1], sqrt(0.03), 1e-12, "largest b");
  }
  Free(d);
  Unload(&m);
}

/* Property: of the Brusselator, Hopf's line B = 1 + A^2 and Turing's B = (1 + A/sqrt D)^2 end at each other. */
static void TuringMeetsHopf(void **state) {
  (void)state;
  Loaded m = LoadText(1, "parameters: {A: 2, B: 4.5, D: 8}\nfields: {u: density, v: density}\n"
                         "dynamics: {u: {flux: -grad(u), reaction: 'A - (B + 1)*u + u^2*v'},\n"
                         "  v: {flux: -D*grad(v), reaction: 'B*u - u^2*v'}}");
  RhoNode states[2] = {FormulaOf(&m, "A"), FormulaOf(&m, "B/A")};
  static const char *const name[2] = {"B", "D"};
  RhoAxis axis[2] = {{"B", 1, &name[0], RHO_NONE, 1, 8}, {"D", 1, &name[1], RHO_NONE, 0.5, 12}};
  RhoFamily family = {m.eq, 0, NULL, states, 2, axis};
  double D = 4 / pow(sqrt(5) - 1, 2);
  Drawn *d = DrawFamily(&m, &family, 4);
  HasCurves(d, 2);
  const RhoNeutralCurve *hopf = Of(d, RHO_NEUTRAL_UNIFORM, true), *turing = Of(d, RHO_NEUTRAL_FINITE, false);
  for (int k = 0; k < hopf->npoint; k++) {
    assert_near(hopf->x[2 * k], 5, 1e-13, "Hopf");
    assert_near(hopf->frequency[k], 2, 1e-12, "frequency");
  }
  for (int k = 0; k < turing->npoint; k++)
    assert_near(turing->x[2 * k], pow(1 + 2 / sqrt(turing->x[2 * k + 1]), 2), 1e-12, "Turing");
  assert_true(EndsAt(hopf, RHO_NEUTRAL_TAKEN, 5, D, 1e-11) && EndsAt(turing, RHO_NEUTRAL_TAKEN, 5, D, 1e-11));
  Free(d);
  Unload(&m);
}

int main(void) {
  const struct CMUnitTest test[] = {cmocka_unit_test(Spinodal),           cmocka_unit_test(Extremal),
                                    cmocka_unit_test(ConditionSurface),   cmocka_unit_test(StationaryMeetsOscillatory),
                                    cmocka_unit_test(FiniteMeetsUniform), cmocka_unit_test(Ovals),
                                    cmocka_unit_test(TuringMeetsHopf)};
  return cmocka_run_group_tests(test, NULL, NULL);
}
