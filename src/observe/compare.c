/* compare.c - the same observable of two results; see observe.h. */
#include "observe_private.h"
#include <math.h>
#include <string.h>

static double ScoreOf(RhoCompared *c, RhoEstimate a, RhoEstimate b) {
  double score = (b.value - a.value) / hypot(a.error, b.error);
  if (!isfinite(score)) return NAN;
  c->nscore++;
  c->chi2 += score * score;
  c->most = fmax(c->most, fabs(score));
  return score;
}

bool rho_curve_at(const RhoCurve *curve, double x, int *k, int *next, double *t) {
  double nothing = 1e-9 * fabs(x);
  *k = *next = 0, *t = 0;
  if (!curve->n || x < curve->x[0] - nothing || x > curve->x[curve->n - 1] + nothing) return false;
  for (int end = curve->n - 1; *k + 1 < end;) {
    int middle = *k + (end - *k) / 2;
    if (curve->x[middle] <= x) *k = middle;
    else end = middle;
  }
  *next = *k + 1 < curve->n ? *k + 1 : *k;
  double width = curve->x[*next] - curve->x[*k];
  *t = width > 0 ? (x - curve->x[*k]) / width : 0;
  if (fabs(*t) < 1e-9) *t = 0;
  if (fabs(*t - 1) < 1e-9) *t = 1;
  return true;
}

/* On the line between two neighbours of the curve, whose errors are independent; false: x is beyond its ends. */
static bool Interpolate(const RhoCurve *curve, double x, RhoEstimate *y) {
  int k, next;
  double t;
  if (!rho_curve_at(curve, x, &k, &next, &t)) return false;
  y->value = rho_between(t, curve->value[k], curve->value[next]);
  y->error = t == 0   ? curve->error[k]
             : t == 1 ? curve->error[next]
                      : hypot((1 - t) * curve->error[k], t * curve->error[next]);
  return true;
}

static void AddCurve(RhoArena arena, const RhoCurve *a, const RhoCurve *b, RhoCompared *c) {
  RhoComparedCurve *to = &c->curve[c->ncurve++];
  size_t n = (size_t)a->n + 1;
  double *x = RhoArenaAlloc(arena, n * sizeof *x);
  *to = (RhoComparedCurve){.name = a->name, .x = x};
  to->a = RhoArenaAlloc(arena, n * sizeof *to->a);
  to->b = RhoArenaAlloc(arena, n * sizeof *to->b);
  to->score = RhoArenaAlloc(arena, n * sizeof *to->score);
  for (int k = 0; k < a->n; k++) {
    if (!Interpolate(b, a->x[k], &to->b[to->n])) continue;
    x[to->n] = a->x[k];
    to->a[to->n] = (RhoEstimate){a->value[k], a->error[k]};
    to->score[to->n] = ScoreOf(c, to->a[to->n], to->b[to->n]);
    to->n++;
  }
}

void RhoCompare(RhoArena arena, const RhoObserved *a, const RhoObserved *b, RhoCompared *c) {
  *c = (RhoCompared){.a = a, .b = b};
  c->curve = RhoArenaAlloc(arena, ((size_t)a->ncurve + 1) * sizeof *c->curve);
  c->quantity = RhoArenaAlloc(arena, ((size_t)a->nquantity + 1) * sizeof *c->quantity);
  for (int k = 0; k < a->ncurve; k++)
    for (int j = 0; j < b->ncurve; j++)
      if (!strcmp(a->curve[k].name, b->curve[j].name)) AddCurve(arena, &a->curve[k], &b->curve[j], c);
  for (int k = 0; k < a->nquantity; k++)
    for (int j = 0; j < b->nquantity; j++) {
      const RhoQuantity *p = &a->quantity[k], *q = &b->quantity[j];
      if (strcmp(p->name, q->name) != 0) continue;
      c->quantity[c->nquantity++] =
          (RhoComparedQuantity){p->name, p->what, p->estimate, q->estimate, ScoreOf(c, p->estimate, q->estimate)};
    }
}

/* ---- as tables ---- */

static void Put(RhoTables tables, const char *group, const char *curve, const char *name, int n, const double *x) {
  char path[512];
  const long long shape = n;
  snprintf(path, sizeof path, "%s/%s/%s", group, curve, name);
  RhoTablesArray(tables, path, NULL, 1, &shape, x);
}

static void CurveTables(RhoArena arena, RhoTables tables, const RhoCompared *c, const RhoComparedCurve *curve) {
  static const char *const name[] = {"a", "a_error", "b", "b_error"};
  size_t n = (size_t)curve->n;
  double *column = RhoArenaAlloc(arena, (4 * n + 1) * sizeof *column);
  for (size_t k = 0; k < n; k++) {
    column[k] = curve->a[k].value;
    column[n + k] = curve->a[k].error;
    column[2 * n + k] = curve->b[k].value;
    column[3 * n + k] = curve->b[k].error;
  }
  Put(tables, c->a->observable, curve->name, c->a->abscissa, curve->n, curve->x);
  for (size_t k = 0; k < 4; k++) Put(tables, c->a->observable, curve->name, name[k], curve->n, column + k * n);
  Put(tables, c->a->observable, curve->name, "score", curve->n, curve->score);
}

static void QuantityTables(RhoTables tables, const char *group, const RhoComparedQuantity *q) {
  const struct {
    const char *name;
    double value;
  } row[] = {
      {"a", q->a.value}, {"a_error", q->a.error}, {"b", q->b.value}, {"b_error", q->b.error}, {"score", q->score}};
  char path[512];
  snprintf(path, sizeof path, "%s/quantities/%s", group, q->name);
  for (size_t k = 0; k < sizeof row / sizeof *row; k++) RhoTablesNumber(tables, path, row[k].name, row[k].value);
}

void RhoComparedTables(RhoTables tables, const RhoCompared *c) {
  const char *group = c->a->observable;
  RhoArena arena = RhoArenaCreate();
  if (!arena) return;
  RhoTablesText(tables, group, "what", c->a->what);
  RhoTablesText(tables, group, "abscissa", c->a->abscissa);
  RhoTablesText(tables, group, "scales", c->a->scales);
  RhoTablesNumber(tables, group, "scores", c->nscore);
  RhoTablesNumber(tables, group, "chi2", c->chi2);
  RhoTablesNumber(tables, group, "largest_score", c->most);
  for (int k = 0; k < c->ncurve; k++) CurveTables(arena, tables, c, &c->curve[k]);
  for (int k = 0; k < c->nquantity; k++) QuantityTables(tables, group, &c->quantity[k]);
  RhoArenaDestroy(&arena);
}
