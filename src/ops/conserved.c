/* conserved.c - which linear combinations of the fields change only through the boundary, known from the structure:

     w with  w_i = 0 where field i has a reaction of its own,  sum_i w_i change_ei = 0 for every exchange e.

   The left null space of the changes by Gauss-Jordan elimination in whole numbers over a common denominator; the basis
   rows are scaled to small integers (P1 + P2, c1 + 2 c2). */
#include "ops_private.h"
#include <math.h>

typedef struct {
  int nrow, ncol;
  double *a;  /* [nrow][ncol] */
  int *pivot; /* column of each pivot row */
  int npivot;
} Matrix;

static void Eliminate(Matrix *m) {
  for (int col = 0; col < m->ncol && m->npivot < m->nrow; col++) {
    int best = m->npivot;
    for (int r = m->npivot; r < m->nrow; r++)
      if (fabs(m->a[r * m->ncol + col]) > fabs(m->a[best * m->ncol + col])) best = r;
    if (fabs(m->a[best * m->ncol + col]) < 1e-9) continue;
    for (int c = 0; c < m->ncol; c++) {
      double swap = m->a[best * m->ncol + c];
      m->a[best * m->ncol + c] = m->a[m->npivot * m->ncol + c];
      m->a[m->npivot * m->ncol + c] = swap;
    }
    double pivot = m->a[m->npivot * m->ncol + col];
    for (int c = 0; c < m->ncol; c++) m->a[m->npivot * m->ncol + c] /= pivot;
    for (int r = 0; r < m->nrow; r++) {
      double factor = m->a[r * m->ncol + col];
      if (r == m->npivot || factor == 0) continue;
      for (int c = 0; c < m->ncol; c++) m->a[r * m->ncol + c] -= factor * m->a[m->npivot * m->ncol + c];
    }
    m->pivot[m->npivot++] = col;
  }
}

/* smallest multiple up to 64 that makes every weight a whole number, first nonzero weight positive */
static void ScaleToIntegers(int n, double *w) {
  for (int k = 1; k <= 64; k++) {
    bool whole = true;
    for (int i = 0; i < n; i++) whole = whole && fabs(k * w[i] - round(k * w[i])) < 1e-9;
    if (!whole) continue;
    double sign = 1;
    for (int i = n - 1; i >= 0; i--)
      if (w[i] != 0) sign = w[i] > 0 ? 1 : -1;
    for (int i = 0; i < n; i++) w[i] = w[i] == 0 ? 0 : sign * round(k * w[i]);
    return;
  }
}

void rho_conserved_find(RhoEquations eq) {
  RhoArena arena = eq->model->arena;
  int n = eq->nfield, nrow = eq->nexchange + n;
  Matrix m = {nrow, n, RhoArenaAlloc(arena, sizeof(double) * (size_t)(nrow * n)),
              RhoArenaAlloc(arena, sizeof(int) * (size_t)nrow), 0};
  for (int e = 0; e < eq->nexchange; e++)
    for (int i = 0; i < n; i++) m.a[e * n + i] = eq->model->exchange[e].change[i];
  for (int i = 0; i < n; i++)
    if (eq->equation[i].source >= 0) m.a[(eq->nexchange + i) * n + i] = 1;
  Eliminate(&m);
  bool *pivoted = RhoArenaAlloc(arena, sizeof(bool) * (size_t)n);
  for (int p = 0; p < m.npivot; p++) pivoted[m.pivot[p]] = true;
  eq->nconserved = n - m.npivot;
  eq->conserved = RhoArenaAlloc(arena, sizeof(double *) * (size_t)(eq->nconserved + 1));
  for (int free_column = 0, k = 0; free_column < n; free_column++) {
    if (pivoted[free_column]) continue;
    double *w = RhoArenaAlloc(arena, sizeof(double) * (size_t)n);
    w[free_column] = 1;
    for (int p = 0; p < m.npivot; p++) w[m.pivot[p]] = -m.a[p * n + free_column];
    for (int i = 0; i < n; i++)
      if (fabs(w[i]) < 1e-12) w[i] = 0;
    ScaleToIntegers(n, w);
    eq->conserved[k++] = w;
  }
}
