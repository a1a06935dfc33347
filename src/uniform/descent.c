/* descent.c - minimum of f(x) with c_k(x) >= 0 in a box, x of up to three numbers, by sequential quadratic programs.

   In y = x/cell a step s minimises  g s + s (H - sum lambda_k H_k) s/2  with  c_k + dc_k s >= 0, |s_i| <= radius and
   the box.  The program is solved by enumeration: its minimum, convex or not, is a stationary point of one set of at
   most n constraints taken as equations.  R. Fletcher, Practical Methods of Optimization (1987), ch. 12.

   Derivatives are differences of sixth order, one-sided where f ends, over the width at which two of them agree best:
   1e-12 for functions known to round-off, so that f of the minimum is, too. */
#include "descent.h"
#include "line.h"
#include <complex.h>
#include <math.h>
#include <string.h>

enum { MOST = RHO_DESCENT_MOST, VALUES = 1 + RHO_DESCENT_BOUNDS, WIDTHS = 6, STEPS = 100 };
enum { ROWS = 2 * MOST + RHO_DESCENT_BOUNDS, UNKNOWNS = 2 * MOST };

/* Values at x with first and second derivatives in y. */
typedef struct {
  double f[VALUES], g[VALUES][MOST], H[VALUES][MOST][MOST];
} Local;

/* ---- derivatives ------------------------------------------------------------------------------------------------- */

static const double first_weight[2][7] = {{-1. / 60, 3. / 20, -3. / 4, 0, 3. / 4, -3. / 20, 1. / 60},
                                          {-49. / 20, 6, -15. / 2, 20. / 3, -15. / 4, 6. / 5, -1. / 6}};
static const double second_weight[2][7] = {{1. / 90, -3. / 20, 3. / 2, -49. / 18, 3. / 2, -3. / 20, 1. / 90},
                                           {203. / 45, -87. / 5, 117. / 4, -254. / 9, 33. / 2, -27. / 5, 137. / 180}};

/* f at x with some numbers moved by parts of their cells. */
static bool Moved(const RhoDescent *d, const double *x, int i, double by, int j, double also, double *f) {
  double at[MOST];
  memcpy(at, x, sizeof *at * (size_t)d->n);
  at[i] += by * d->cell[i];
  at[j] += also * d->cell[j];
  return d->fn(at, f, d->ctx);
}

/* One width: central, else to one side.  *side: 0, or that side. */
static bool Along(const RhoDescent *d, const double *x, int i, double width, int *side, double (*slope)[2]) {
  static const int sides[] = {0, 1, -1};
  double f[VALUES];
  for (int k = 0; k < 3; k++) {
    int one = sides[k] != 0, sign = one ? sides[k] : 1;
    bool defined = true;
    memset(slope, 0, sizeof *slope * VALUES);
    for (int p = 0; p < 7 && defined; p++) {
      defined = Moved(d, x, i, sign * (one ? p : p - 3) * width, i, 0, f);
      for (int v = 0; v <= d->nbound && defined; v++) {
        slope[v][0] += sign * first_weight[one][p] * f[v] / width;
        slope[v][1] += second_weight[one][p] * f[v] / (width * width);
      }
    }
    *side = sides[k];
    if (defined) return true;
  }
  return false;
}

/* The width at which the slopes change least when it is made smaller. */
static bool BestAlong(const RhoDescent *d, const double *x, int i, Local *l, int *side) {
  double slope[WIDTHS][VALUES][2], width = 0.2, least = INFINITY;
  int side_of[WIDTHS];
  bool before = false, found = false;
  for (int w = 0; w < WIDTHS; w++, width *= 0.25) {
    bool here = Along(d, x, i, width, &side_of[w], slope[w]);
    double change = 0;
    for (int v = 0; v <= d->nbound && here && before; v++)
      change = fmax(change, fabs(slope[w][v][0] - slope[w - 1][v][0]));
    if (here && before && change < least) {
      least = change;
      *side = side_of[w];
      found = true;
      for (int v = 0; v <= d->nbound; v++) l->g[v][i] = slope[w - 1][v][0], l->H[v][i][i] = slope[w - 1][v][1];
    }
    before = here;
  }
  return found;
}

/* Mixed second derivatives, between -width or 0 and width, on the sides on which there are values. */
static bool Mixed(const RhoDescent *d, const double *x, int i, int side_i, int j, int side_j, Local *l) {
  const double width = 1e-3;
  double a[2] = {side_i > 0 ? 0 : -width, side_i < 0 ? 0 : width},
         b[2] = {side_j > 0 ? 0 : -width, side_j < 0 ? 0 : width};
  double f[2][2][VALUES], area = (a[1] - a[0]) * (b[1] - b[0]);
  for (int k = 0; k < 4; k++)
    if (!Moved(d, x, i, a[k / 2], j, b[k % 2], f[k / 2][k % 2])) return false;
  for (int v = 0; v <= d->nbound; v++)
    l->H[v][i][j] = l->H[v][j][i] = (f[1][1][v] - f[1][0][v] - f[0][1][v] + f[0][0][v]) / area;
  return true;
}

static bool Differentiate(const RhoDescent *d, const double *x, Local *l) {
  int side[MOST];
  if (!d->fn(x, l->f, d->ctx)) return false;
  for (int i = 0; i < d->n; i++)
    if (!BestAlong(d, x, i, l, &side[i])) return false;
  for (int i = 0; i < d->n; i++)
    for (int j = 0; j < i; j++)
      if (!Mixed(d, x, i, side[i], j, side[j], l)) return false;
  return true;
}

/* ---- the quadratic program --------------------------------------------------------------------------------------- */

/* minimise g s + s W s/2 with row[r] s >= least[r] */
typedef struct {
  int n, nrow;
  double g[MOST], W[MOST][MOST], row[ROWS][MOST], least[ROWS];
} Program;

static double Dot(int n, const double *a, const double *b) {
  double sum = 0;
  for (int i = 0; i < n; i++) sum += a[i] * b[i];
  return sum;
}

static double Model(const Program *p, const double *s) {
  double sum = Dot(p->n, p->g, s);
  for (int i = 0; i < p->n; i++) sum += 0.5 * s[i] * Dot(p->n, p->W[i], s);
  return sum;
}

static bool Feasible(const Program *p, const double *s) {
  for (int r = 0; r < p->nrow; r++)
    if (Dot(p->n, p->row[r], s) < p->least[r] - 1e-12) return false;
  return true;
}

/* The stationary point with the rows active[k] as equations; multipliers behind it. */
static bool Stationary(const Program *p, int k, const int *active, double *s) {
  int n = p->n, m = n + k;
  double complex M[UNKNOWNS * UNKNOWNS] = {0}, b[UNKNOWNS];
  for (int i = 0; i < n; i++) {
    for (int j = 0; j < n; j++) M[i * m + j] = p->W[i][j];
    for (int j = 0; j < k; j++) M[i * m + n + j] = -p->row[active[j]][i], M[(n + j) * m + i] = p->row[active[j]][i];
    b[i] = -p->g[i];
  }
  for (int j = 0; j < k; j++) b[n + j] = p->least[active[j]];
  if (!rho_solve(m, 1, M, b)) return false;
  for (int i = 0; i < m; i++) s[i] = creal(b[i]);
  for (int i = 0; i < m; i++)
    if (!isfinite(s[i])) return false;
  return true;
}

/* The next set of at most n of the rows, in the order of bits. */
static int Chosen(const Program *p, unsigned set, int *active) {
  int k = 0;
  for (int r = 0; r < p->nrow; r++)
    if (set >> r & 1) {
      if (k == p->n) return -1;
      active[k++] = r;
    }
  return k;
}

/* s[n], multiplier[nrow]; false: there is no such point. */
static bool SolveProgram(const Program *p, double *s, double *multiplier) {
  double lowest = INFINITY, at[UNKNOWNS];
  int active[MOST];
  for (unsigned set = 0; set < 1u << p->nrow; set++) {
    int k = Chosen(p, set, active);
    if (k < 0 || !Stationary(p, k, active, at) || !Feasible(p, at) || Model(p, at) >= lowest) continue;
    lowest = Model(p, at);
    memcpy(s, at, sizeof *s * (size_t)p->n);
    memset(multiplier, 0, sizeof *multiplier * ROWS);
    for (int j = 0; j < k; j++) multiplier[active[j]] = at[p->n + j];
  }
  return isfinite(lowest);
}

/* ---- steps ------------------------------------------------------------------------------------------------------- */

typedef struct {
  const RhoDescent *d;
  Local local;
  double lambda[RHO_DESCENT_BOUNDS], radius;
} Search;

static void AddRow(Program *p, int i, double sign, double least) {
  p->row[p->nrow][i] = sign;
  p->least[p->nrow++] = least;
}

static void MakeProgram(const Search *w, const double *x, Program *p) {
  const RhoDescent *d = w->d;
  *p = (Program){.n = d->n};
  for (int i = 0; i < d->n; i++) {
    p->g[i] = w->local.g[0][i];
    for (int j = 0; j < d->n; j++) {
      p->W[i][j] = w->local.H[0][i][j];
      for (int k = 0; k < d->nbound; k++) p->W[i][j] -= w->lambda[k] * w->local.H[1 + k][i][j];
    }
    AddRow(p, i, 1, fmax(-w->radius, (d->from[i] - x[i]) / d->cell[i]));
    AddRow(p, i, -1, -fmin(w->radius, (d->to[i] - x[i]) / d->cell[i]));
  }
  for (int k = 0; k < d->nbound; k++) {
    memcpy(p->row[p->nrow], w->local.g[1 + k], sizeof p->row[0]);
    p->least[p->nrow++] = -w->local.f[1 + k];
  }
}

static double Merit(const Search *w, const double *f) {
  double sum = f[0];
  for (int k = 0; k < w->d->nbound; k++) sum += 2 * (1 + fabs(w->lambda[k])) * fmax(0, -f[1 + k]);
  return sum;
}

/* One step; *done when it was the last one. */
static bool Step(Search *w, double *x, bool *done) {
  const RhoDescent *d = w->d;
  Program p;
  double s[MOST], multiplier[ROWS], at[MOST], f[VALUES], length = 0;
  MakeProgram(w, x, &p);
  if (!SolveProgram(&p, s, multiplier)) return false;
  for (int k = 0; k < d->nbound; k++) w->lambda[k] = multiplier[2 * d->n + k];
  for (int i = 0; i < d->n; i++) {
    at[i] = fmin(d->to[i], fmax(d->from[i], x[i] + s[i] * d->cell[i]));
    length = fmax(length, fabs(s[i]));
  }
  double before = Merit(w, w->local.f), expected = before - w->local.f[0] - Model(&p, s);
  bool last = expected < 1e-15 * (1 + fabs(before)) && length < 1e-3;
  bool defined = d->fn(at, f, d->ctx);
  if (last && !defined) return *done = true;
  if (last ? Merit(w, f) <= before + 1e-13 : defined && before - Merit(w, f) >= 0.1 * expected) {
    memcpy(x, at, sizeof *x * (size_t)d->n);
    if (length > 0.9 * w->radius) w->radius = fmin(4, 2 * w->radius);
    *done = last;
    return last || Differentiate(d, x, &w->local);
  }
  *done = last;
  w->radius = 0.25 * fmin(w->radius, length);
  return last || w->radius > 1e-6;
}

/* ---- is it isolated? --------------------------------------------------------------------------------------------- */

/* W without what is along row. */
static void TakeOut(Program *p, const double *row) {
  double size = Dot(p->n, row, row), along[MOST], twice;
  if (!(size > 0)) return;
  for (int i = 0; i < p->n; i++) along[i] = Dot(p->n, p->W[i], row) / size;
  twice = Dot(p->n, along, row) / size;
  for (int i = 0; i < p->n; i++)
    for (int j = 0; j < p->n; j++) p->W[i][j] += twice * row[i] * row[j] - along[i] * row[j] - row[i] * along[j];
}

/* Does W bend less than 1e-4 of its most along some direction in which one can go?  Each row that holds has one that
   does not bend, its own; rows are taken out one after the other, which for rows that are not orthogonal is more than
   it. */
static bool IsFlat(const Search *w, const double *x) {
  Program p;
  int nheld = 0;
  double complex A[MOST * MOST], rate[MOST];
  MakeProgram(w, x, &p);
  double most = 0;
  for (int i = 0; i < p.n * p.n; i++) most = fmax(most, fabs(p.W[i / p.n][i % p.n]));
  for (int r = 0; r < p.nrow; r++)
    if (fabs(p.least[r]) < 1e-9) TakeOut(&p, p.row[r]), nheld++;
  for (int i = 0; i < p.n * p.n; i++) A[i] = p.W[i / p.n][i % p.n];
  if (nheld >= p.n || rho_rates(p.n, A, rate)) return false;
  int nflat = 0;
  for (int i = 0; i < p.n; i++) nflat += cabs(rate[i]) < 1e-4 * most;
  return nflat > nheld;
}

bool rho_descend(const RhoDescent *d, double *x, bool *flat) {
  Search w = {.d = d, .radius = 1};
  bool done = false;
  *flat = false;
  if (!Differentiate(d, x, &w.local)) return false;
  for (int k = 0; k < STEPS && !done; k++)
    if (!Step(&w, x, &done)) return false;
  *flat = done && Differentiate(d, x, &w.local) && IsFlat(&w, x);
  return done;
}
