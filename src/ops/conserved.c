/* conserved.c - which linear combinations of the fields change only through the boundary and by given sources, known
   from the structure:

     w with  w_i = 0 where field i has a reaction of its own that depends on fields,  sum_i w_i change_ei = 0 for every
   exchange e.

   The left null space of the changes: their reduced row echelon form, built row by row, so that only the pivot rows
   are kept however many exchanges there are; the basis rows are scaled to small integers (P1 + P2, c1 + 2 c2). */
#include "ops_private.h"
#include <math.h>
#include <string.h>

typedef struct {
  int n;        /* columns */
  double **row; /* [n]: the row with its leading 1 in this column, or NULL */
  double *work; /* [n] */
} Echelon;

static void Subtract(int n, double *row, double factor, const double *pivot) {
  for (int c = 0; c < n; c++) {
    row[c] -= factor * pivot[c];
    if (fabs(row[c]) < 1e-9) row[c] = 0;
  }
}

/* Takes what the rows so far say off the new one; what is left leads a row of its own. */
static void AddRow(Echelon *m, RhoArena arena, const double *change) {
  int lead = 0, n = m->n;
  memcpy(m->work, change, sizeof(double) * (size_t)n);
  for (int c = 0; c < n; c++)
    if (m->row[c] && m->work[c] != 0) Subtract(n, m->work, m->work[c], m->row[c]);
  while (lead < n && fabs(m->work[lead]) < 1e-9) lead++;
  if (lead == n) return;
  double *row = m->row[lead] = RhoArenaAlloc(arena, sizeof(double) * (size_t)n);
  for (int c = lead; c < n; c++) row[c] = m->work[c] / m->work[lead];
  for (int c = 0; c < lead; c++)
    if (m->row[c] && m->row[c][lead] != 0) Subtract(n, m->row[c], m->row[c][lead], row);
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

/* The combination in which the field of a column without a leading 1 has weight 1. */
static double *Combination(const Echelon *m, RhoArena arena, int column) {
  double *w = RhoArenaAlloc(arena, sizeof(double) * (size_t)m->n);
  w[column] = 1;
  for (int c = 0; c < m->n; c++)
    if (m->row[c]) w[c] = -m->row[c][column];
  for (int i = 0; i < m->n; i++)
    if (fabs(w[i]) < 1e-12) w[i] = 0;
  ScaleToIntegers(m->n, w);
  return w;
}

void rho_conserved_find(RhoEquations eq) {
  RhoArena arena = eq->model->arena;
  int n = eq->nfield;
  double *unit = RhoArenaAlloc(arena, sizeof(double) * (size_t)n);
  Echelon m = {n, RhoArenaAlloc(arena, sizeof(double *) * (size_t)n), RhoArenaAlloc(arena, sizeof(double) * (size_t)n)};
  for (int e = 0; e < eq->nexchange; e++) AddRow(&m, arena, eq->model->exchange[e].change);
  for (int i = 0; i < n; i++) {
    if (!RhoGraphDependsOnKind(eq->graph, eq->equation[i].source, RHO_SYM_FIELD)) continue;
    unit[i] = 1;
    AddRow(&m, arena, unit);
    unit[i] = 0;
  }
  eq->conserved = RhoArenaAlloc(arena, sizeof(double *) * (size_t)(n + 1));
  for (int c = 0; c < n; c++)
    if (!m.row[c]) eq->conserved[eq->nconserved++] = Combination(&m, arena, c);
  eq->fed = RhoArenaAlloc(arena, sizeof(bool) * (size_t)(n + 1));
  for (int c = 0; c < eq->nconserved; c++)
    for (int i = 0; i < n; i++) eq->fed[c] = eq->fed[c] || (eq->conserved[c][i] != 0 && eq->equation[i].source >= 0);
}
