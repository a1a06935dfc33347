/* members.c - what several runs have found together: see observe.h.

   Welford's recursion, so that a run may go when it was added:  mean' = mean + d/M, square' = square + d (x - mean'),
   d = x - mean. */
#include "observe_private.h"
#include <math.h>
#include <string.h>

/* The numbers of a curve, a map or a quantity. */
typedef struct {
  int n, nmember; /* nmember: runs that have it */
  double *x, *mean, *square, *within;
} Column;

struct RhoMembers_s {
  RhoArena arena;
  RhoObserved first; /* its names, not its numbers */
  Column *curve, *quantity, *map;
};

RhoMembers RhoMembersCreate(RhoArena arena) {
  RhoMembers m = RhoArenaAlloc(arena, sizeof *m);
  *m = (struct RhoMembers_s){.arena = arena};
  return m;
}

/* ---- the first one ---- */

static const char *Text(RhoMembers m, const char *text) { return RhoArenaString(m->arena, text, strlen(text)); }

static Column NewColumn(RhoMembers m, int n) {
  size_t room = (size_t)n + 1;
  double *x = RhoArenaAlloc(m->arena, 4 * room * sizeof *x);
  memset(x, 0, 4 * room * sizeof *x);
  return (Column){.n = n, .x = x, .mean = x + room, .square = x + 2 * room, .within = x + 3 * room};
}

static int Size(const RhoMap *map) {
  int n = 1;
  for (int d = 0; d < map->rank; d++) n *= map->axis[d].n;
  return n;
}

static void KeepMap(RhoMembers m, const RhoMap *from) {
  RhoMap *to = rho_add_map(m->arena, &m->first, Text(m, from->name));
  to->rank = from->rank;
  for (int d = 0; d < from->rank; d++) {
    double *x = RhoArenaAlloc(m->arena, ((size_t)from->axis[d].n + 1) * sizeof *x);
    memcpy(x, from->axis[d].x, (size_t)from->axis[d].n * sizeof *x);
    to->axis[d].name = Text(m, from->axis[d].name);
    to->axis[d].n = from->axis[d].n;
    to->axis[d].x = x;
  }
}

/* Its names, and columns of nothing for its numbers. */
static void Begin(RhoMembers m, const RhoObserved *o) {
  const char **field = RhoArenaAlloc(m->arena, ((size_t)o->nfield + 1) * sizeof *field);
  for (int f = 0; f < o->nfield; f++) field[f] = Text(m, o->field[f]);
  m->first = (RhoObserved){.observable = Text(m, o->observable), .from = INFINITY, .to = -INFINITY};
  m->first.what = Text(m, o->what);
  m->first.abscissa = Text(m, o->abscissa);
  m->first.scales = Text(m, o->scales);
  m->first.nfield = o->nfield;
  m->first.field = field;
  m->curve = RhoArenaAlloc(m->arena, ((size_t)o->ncurve + 1) * sizeof *m->curve);
  m->quantity = RhoArenaAlloc(m->arena, ((size_t)o->nquantity + 1) * sizeof *m->quantity);
  m->map = RhoArenaAlloc(m->arena, ((size_t)o->nmap + 1) * sizeof *m->map);
  for (int k = 0; k < o->ncurve; k++) {
    m->curve[k] = NewColumn(m, o->curve[k].n);
    rho_add_curve(m->arena, &m->first, Text(m, o->curve[k].name), 0, NULL, NULL, NULL);
  }
  for (int k = 0; k < o->nquantity; k++) {
    const RhoQuantity *q = &o->quantity[k];
    m->quantity[k] = NewColumn(m, 1);
    rho_add_quantity(m->arena, &m->first, Text(m, q->name), Text(m, q->what), q->estimate);
  }
  for (int k = 0; k < o->nmap; k++) {
    m->map[k] = NewColumn(m, Size(&o->map[k]));
    KeepMap(m, &o->map[k]);
  }
}

/* ---- each one ---- */

static void AddNumber(Column *c, int k, double value, double error) {
  double before = value - c->mean[k];
  c->mean[k] += before / c->nmember;
  c->square[k] += before * (value - c->mean[k]);
  c->within[k] += error * error;
}

static void Add(Column *c, const double *value, const double *error) {
  c->nmember++;
  for (int k = 0; k < c->n; k++) AddNumber(c, k, value[k], error[k]);
}

/* Points beyond the ends of the curve are dropped. */
static void Cut(Column *c, const RhoCurve *curve) {
  int k, next;
  double t;
  while (c->n && !rho_curve_at(curve, c->x[c->n - 1], &k, &next, &t)) c->n--;
  for (; c->n && !rho_curve_at(curve, c->x[0], &k, &next, &t); c->n--) c->x++, c->mean++, c->square++, c->within++;
}

/* At the abscissae of the first one: runs with steps of their own have been looked at at other times.  Neighbours of a
   curve over time are correlated, so their errors are on a line as well. */
static void AddPoints(Column *c, const RhoCurve *curve) {
  int at, next;
  double t;
  if (c->nmember++ == 0 && c->n) memcpy(c->x, curve->x, (size_t)c->n * sizeof *c->x);
  Cut(c, curve);
  for (int k = 0; k < c->n; k++) {
    if (k < curve->n && curve->x[k] == c->x[k]) at = next = k, t = 0;
    else rho_curve_at(curve, c->x[k], &at, &next, &t);
    AddNumber(c, k, rho_between(t, curve->value[at], curve->value[next]),
              rho_between(t, curve->error[at], curve->error[next]));
  }
}

static void AddCurve(RhoMembers m, const RhoCurve *curve) {
  for (int k = 0; k < m->first.ncurve; k++)
    if (!strcmp(m->first.curve[k].name, curve->name)) AddPoints(&m->curve[k], curve);
}

static void AddQuantity(RhoMembers m, const RhoQuantity *q) {
  for (int k = 0; k < m->first.nquantity; k++)
    if (!strcmp(m->first.quantity[k].name, q->name)) Add(&m->quantity[k], &q->estimate.value, &q->estimate.error);
}

static bool SameShape(const RhoMap *a, const RhoMap *b) {
  bool same = a->rank == b->rank;
  for (int d = 0; same && d < a->rank; d++) same = a->axis[d].n == b->axis[d].n;
  return same;
}

static void AddMap(RhoMembers m, const RhoMap *map) {
  for (int k = 0; k < m->first.nmap; k++)
    if (!strcmp(m->first.map[k].name, map->name) && SameShape(&m->first.map[k], map))
      Add(&m->map[k], map->value, map->error);
}

void RhoMembersAdd(RhoMembers m, const RhoObserved *o) {
  if (m->first.nmember == 0) Begin(m, o);
  m->first.nmember++;
  m->first.nsample += o->nsample;
  m->first.from = fmin(m->first.from, o->from);
  m->first.to = fmax(m->first.to, o->to);
  for (int k = 0; k < o->ncurve; k++) AddCurve(m, &o->curve[k]);
  for (int k = 0; k < o->nquantity; k++) AddQuantity(m, &o->quantity[k]);
  for (int k = 0; k < o->nmap; k++) AddMap(m, &o->map[k]);
}

/* ---- all together ---- */

/* Sums of squares become errors. */
static bool Conclude(const RhoMembers m, Column *c) {
  double M = m->first.nmember;
  for (int k = 0; k < c->n; k++) {
    c->square[k] = M > 1 ? sqrt(c->square[k] / (M * (M - 1))) : NAN;
    c->within[k] = sqrt(c->within[k]) / M;
  }
  return c->nmember == m->first.nmember;
}

void RhoMembersMean(RhoMembers m, RhoObserved *mean) {
  *mean = m->first;
  mean->ncurve = mean->nquantity = mean->nmap = 0;
  for (int k = 0; k < m->first.ncurve; k++) {
    const Column *c = &m->curve[k];
    if (Conclude(m, &m->curve[k]))
      mean->curve[mean->ncurve++] = (RhoCurve){mean->curve[k].name, c->n, c->x, c->mean, c->square, c->within};
  }
  for (int k = 0; k < m->first.nquantity; k++) {
    const Column *c = &m->quantity[k];
    const RhoQuantity *q = &mean->quantity[k];
    if (Conclude(m, &m->quantity[k]))
      mean->quantity[mean->nquantity++] = (RhoQuantity){q->name, q->what, {c->mean[0], c->square[0]}, c->within[0]};
  }
  for (int k = 0; k < m->first.nmap; k++) {
    RhoMap map = mean->map[k];
    map.value = m->map[k].mean;
    map.error = m->map[k].square;
    map.within = m->map[k].within;
    if (Conclude(m, &m->map[k])) mean->map[mean->nmap++] = map;
  }
}
