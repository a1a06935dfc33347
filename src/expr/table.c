/* table.c - cubic splines through given points.

   On x[i] <= x <= x[i+1], with u = x - x[i]:  y = c0 + u (c1 + u (c2 + u c3)); value, slope and curvature are
   continuous. The slopes s[i] at the points solve a tridiagonal system (de Boor, A Practical Guide to Splines, 1978,
   ch. IV) h[i] s[i-1] + 2 (h[i-1] + h[i]) s[i] + h[i-1] s[i+1] = 3 (h[i] m[i-1] + h[i-1] m[i]),   h widths, m chord
   slopes, whose end rows ask the third derivative to be continuous at the first and last inner point ("not a knot"), so
   a cubic comes back exactly.  Two points give a line, three the parabola. */
#include "tape_private.h"
#include <math.h>

typedef struct {
  double c[4];
} Cubic;

struct RhoTable_s {
  int n;
  double *x;    /* [n] */
  Cubic *cubic; /* [n - 1] */
};

/* One row: below*s[i-1] + diagonal*s[i] + above*s[i+1] = right. */
typedef struct {
  double below, diagonal, above, right;
} Row;

static Row InnerRow(double h0, double h1, double m0, double m1) {
  return (Row){.below = h1, .diagonal = 2 * (h0 + h1), .above = h0, .right = 3 * (h1 * m0 + h0 * m1)};
}

/* The row of an end: h0, m0 of the outermost interval, h1, m1 of the next. */
static Row EndRow(double h0, double h1, double m0, double m1) {
  double coupling = h0 + h1;
  return (Row){.below = coupling,
               .diagonal = h1,
               .above = coupling,
               .right = ((h0 + 2 * coupling) * h1 * m0 + h0 * h0 * m1) / coupling};
}

/* Gauss elimination in place; the solution is left in right. */
static void SolveRows(int n, Row *row) {
  for (int i = 1; i < n; i++) {
    double factor = row[i].below / row[i - 1].diagonal;
    row[i].diagonal -= factor * row[i - 1].above;
    row[i].right -= factor * row[i - 1].right;
  }
  row[n - 1].right /= row[n - 1].diagonal;
  for (int i = n - 2; i >= 0; i--) row[i].right = (row[i].right - row[i].above * row[i + 1].right) / row[i].diagonal;
}

/* The slopes at n > 3 points, in row[i].right. */
static void FindSlopes(int n, const double *h, const double *m, Row *row) {
  row[0] = EndRow(h[0], h[1], m[0], m[1]);
  for (int i = 1; i < n - 1; i++) row[i] = InnerRow(h[i - 1], h[i], m[i - 1], m[i]);
  row[n - 1] = EndRow(h[n - 2], h[n - 3], m[n - 2], m[n - 3]);
  SolveRows(n, row);
}

/* The slopes of the line or parabola through 2 or 3 points. */
static void FewSlopes(int n, const double *h, const double *m, Row *row) {
  double bend = n == 3 ? (m[1] - m[0]) / (h[0] + h[1]) : 0;
  row[0].right = m[0] - bend * h[0];
  for (int i = 1; i < n; i++) row[i].right = m[i - 1] + bend * h[i - 1];
}

static Cubic CubicOf(double y, double h, double m, double s0, double s1) {
  return (Cubic){{y, s0, (3 * m - 2 * s0 - s1) / h, (s0 + s1 - 2 * m) / (h * h)}};
}

RhoTable RhoTableCreate(RhoArena arena, int n, const double *x, const double *y) {
  RhoTable table = RhoArenaAlloc(arena, sizeof *table);
  double *h = RhoArenaAlloc(arena, n * sizeof *h), *m = RhoArenaAlloc(arena, n * sizeof *m);
  Row *row = RhoArenaAlloc(arena, n * sizeof *row);
  table->n = n;
  table->x = RhoArenaAlloc(arena, n * sizeof *table->x);
  table->cubic = RhoArenaAlloc(arena, n * sizeof *table->cubic);
  for (int i = 0; i < n; i++) table->x[i] = x[i];
  for (int i = 0; i < n - 1; i++) h[i] = x[i + 1] - x[i], m[i] = (y[i + 1] - y[i]) / h[i];
  (n > 3 ? FindSlopes : FewSlopes)(n, h, m, row);
  for (int i = 0; i < n - 1; i++) table->cubic[i] = CubicOf(y[i], h[i], m[i], row[i].right, row[i + 1].right);
  return table;
}

/* The interval of x, x[i] <= x < x[i+1] but for the last point; inside the table. */
static int FindInterval(RhoTable table, double x) {
  int low = 0, high = table->n - 1;
  while (high - low > 1) {
    int middle = low + (high - low) / 2;
    if (x < table->x[middle]) high = middle;
    else low = middle;
  }
  return low;
}

static double CubicValue(const double *c, double u, int order) {
  switch (order) {
  case 0: return c[0] + u * (c[1] + u * (c[2] + u * c[3]));
  case 1: return c[1] + u * (2 * c[2] + u * (3 * c[3]));
  case 2: return 2 * c[2] + u * (6 * c[3]);
  case 3: return 6 * c[3];
  default: return 0;
  }
}

static bool Inside(RhoTable table, double x) { return x >= table->x[0] && x <= table->x[table->n - 1]; }

double RhoTableValue(RhoTable table, double x, int order) {
  if (!Inside(table, x)) return NAN;
  int i = FindInterval(table, x);
  return CubicValue(table->cubic[i].c, x - table->x[i], order);
}

/* Neighbours in an array often share an interval: it is tried before the search. */
void RhoTableBlock(RhoTable table, int order, double *r, const double *a, int n) {
  int i = 0;
  for (int p = 0; p < n; p++) {
    double x = a[p];
    if (!Inside(table, x)) {
      r[p] = NAN;
      continue;
    }
    if (!(x >= table->x[i] && x < table->x[i + 1])) i = FindInterval(table, x);
    r[p] = CubicValue(table->cubic[i].c, x - table->x[i], order);
  }
}
