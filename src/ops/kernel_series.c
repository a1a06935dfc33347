/* kernel_series.c - K^(q) on 0 <= q <= Q with its derivatives, by Chebyshev polynomials on panels.

   A panel is halved until the last coefficients are negligible (|c_k| < 1e-15 max |K^|, or below the accuracy of the
   transform where that is coarser); the transforms of kernels of finite range are entire functions, so that a few
   panels do.  Values then are as good as those of the transform; each derivative loses about the factor
   degree^2/panel, 1e-12 and 1e-9 of max |K^|/panel^k.  A kernel with a corner in q keeps the smallest panels there. */
#include "ops_private.h"
#include <math.h>
#include <string.h>

enum { NODES = 20, DEEPEST = 10, FIRST = 4 };

typedef struct {
  double from, to, c[NODES];
} Panel;

struct RhoKernelSeries_s {
  int n, capacity;
  Panel *panel;
  double top; /* max |K^| */
};

typedef struct {
  RhoEquations eq;
  RhoArena arena;
  int kernel, dim;
  const double *value;
  RhoKernelSeries series;
} Making;

/* x_k = cos(pi (k + 1/2)/NODES) on [-1, 1], mapped to the panel. */
static double Node(double from, double to, int k) {
  return 0.5 * (from + to) + 0.5 * (to - from) * cos(M_PI * (k + 0.5) / NODES);
}

static void Coefficients(const double *f, double *c) {
  for (int j = 0; j < NODES; j++) {
    double sum = 0;
    for (int k = 0; k < NODES; k++) sum += f[k] * cos(M_PI * j * (k + 0.5) / NODES);
    c[j] = (j ? 2.0 : 1.0) / NODES * sum;
  }
}

static bool Resolved(const Making *m, const double *c) {
  double tail = fmax(fabs(c[NODES - 1]), fmax(fabs(c[NODES - 2]), fabs(c[NODES - 3])));
  return tail <= 2e-15 * m->series->top;
}

/* n panels between edge[0] .. edge[n], halved where they are not resolved; in ascending order. */
static RhoStatus AddPanels(Making *m, int n, const double *edge, int depth) {
  double *q = RhoArenaAlloc(m->arena, sizeof *q * (size_t)(n * NODES)),
         *f = RhoArenaAlloc(m->arena, sizeof *f * (size_t)(n * NODES));
  for (int p = 0; p < n; p++)
    for (int k = 0; k < NODES; k++) q[p * NODES + k] = Node(edge[p], edge[p + 1], k);
  RhoStatus status = RhoKernelTransform(m->eq->model, m->kernel, m->dim, m->value, n * NODES, q, f);
  for (int k = 0; k < n * NODES && !status; k++) m->series->top = fmax(m->series->top, fabs(f[k]));
  for (int p = 0; p < n && !status; p++) {
    Panel made = {edge[p], edge[p + 1], {0}};
    Coefficients(f + p * NODES, made.c);
    if (Resolved(m, made.c) || depth == DEEPEST) {
      RhoKernelSeries s = m->series;
      *RHO_PUSH(m->arena, s->panel, s->n, s->capacity) = made;
    } else {
      double half[3] = {edge[p], 0.5 * (edge[p] + edge[p + 1]), edge[p + 1]};
      status = AddPanels(m, 2, half, depth + 1);
    }
  }
  return status;
}

RhoStatus RhoKernelSeriesCreate(RhoEquations eq, RhoArena arena, int kernel, int dim, const double *value, double top,
                                RhoKernelSeries *series) {
  double edge[FIRST + 1];
  Making m = {eq, arena, kernel, dim, value, RhoArenaAlloc(arena, sizeof **series)};
  *m.series = (struct RhoKernelSeries_s){0};
  for (int p = 0; p <= FIRST; p++) edge[p] = top * p / FIRST;
  *series = m.series;
  return AddPanels(&m, FIRST, edge, 0);
}

/* The panel q lies in, by halving. */
static const Panel *Find(RhoKernelSeries s, double q) {
  int low = 0, high = s->n - 1;
  while (low < high) {
    int middle = (low + high) / 2;
    if (q > s->panel[middle].to) low = middle + 1;
    else high = middle;
  }
  return &s->panel[low];
}

/* Clenshaw's recurrence for the sum and its first two derivatives in x. */
static void Sum(const double *c, double x, double sum[3]) {
  double b[3][2] = {{0}};
  for (int k = NODES - 1; k > 0; k--) {
    double b0 = c[k] + 2 * x * b[0][0] - b[0][1];
    double b1 = 2 * b[0][0] + 2 * x * b[1][0] - b[1][1];
    double b2 = 4 * b[1][0] + 2 * x * b[2][0] - b[2][1];
    b[0][1] = b[0][0], b[0][0] = b0;
    b[1][1] = b[1][0], b[1][0] = b1;
    b[2][1] = b[2][0], b[2][0] = b2;
  }
  sum[0] = c[0] + x * b[0][0] - b[0][1];
  sum[1] = b[0][0] + x * b[1][0] - b[1][1];
  sum[2] = 2 * b[1][0] + x * b[2][0] - b[2][1];
}

void RhoKernelSeriesEval(RhoKernelSeries s, double q, double hat[3]) {
  const Panel *panel = Find(s, q);
  double half = 0.5 * (panel->to - panel->from);
  Sum(panel->c, (q - 0.5 * (panel->from + panel->to)) / half, hat);
  hat[1] /= half;
  hat[2] /= half * half;
}
