/* Maps of linear stability: 201 x 201 states, each with its fastest wave to round-off; processor time.
     over two densities             nothing but the state is bound anew
     over two parameters, a kernel  parameters are evaluated anew, K^ stays
     neutral curves of the first */
#include "rhoflux/stability.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { N = 201 };

typedef struct {
  const char *model, *name[2];
  double from, to;
  bool fields;
} Row;

static double Seconds(clock_t from) { return (double)(clock() - from) / CLOCKS_PER_SEC; }

static void Fail(RhoDiag diag, const char *what) {
  RhoDiagPrint(diag, stderr);
  fprintf(stderr, "bench_stability: %s\n", what);
  exit(1);
}

/* What the busiest of so many ranks has to do, in parts of the whole: 1/ranks is linear speed-up. */
static double Busiest(const RhoFamily *family, const RhoWaveRange *range, const int *n, const double *const *axes,
                      int nrank, RhoMapPoint *point) {
  double most = 0, whole = 0;
  for (int r = 0; r < nrank; r++) {
    clock_t start = clock();
    RhoStabilityMap(family, range, n, axes, r, nrank, point);
    double share = Seconds(start);
    whole += share;
    if (share > most) most = share;
  }
  return most / whole;
}

static void Bench(const Row *row) {
  RhoDiag diag = RhoDiagCreate();
  RhoArena arena = RhoArenaCreate();
  RhoModel model;
  RhoEquations eq;
  RhoNode state[8];
  RhoAxis axis[2];
  double *x = malloc(sizeof *x * N);
  RhoMapPoint *point = malloc(sizeof *point * N * N);
  char path[4096];
  snprintf(path, sizeof path, RHO_SOURCE_DIR "/models/%s/model.yaml", row->model);
  if (RhoModelLoad(path, diag, &model) || RhoEquationsCreate(model, diag, &eq)) Fail(diag, row->model);
  for (int i = 0; i < eq->nfield; i++) state[i] = RhoGraphConstant(eq->graph, 1);
  for (int i = 0; i < N; i++) x[i] = row->from + (row->to - row->from) * i / (N - 1);
  for (int a = 0; a < 2; a++) {
    axis[a] = (RhoAxis){row->name[a], !row->fields, &row->name[a], RHO_NONE, row->from, row->to};
    if (row->fields) axis[a].symbol = state[a] = model->field[a].symbol;
  }
  const int n[2] = {N, N};
  const double *const axes[2] = {x, x};
  RhoFamily family = {eq, 0, NULL, state, 2, axis};
  RhoWaveRange range = {.dim = 1, .ndimension = 1, .top = 6};
  const RhoNeutralCurve *curve;
  int ncurve;
  clock_t start = clock();
  if (RhoStabilityMap(&family, &range, n, axes, 0, 1, point)) Fail(diag, "no map");
  printf("%-24s over %-12s %-12s %6.2f s, %5.1f us a state", row->model, row->name[0], row->name[1], Seconds(start),
         1e6 * Seconds(start) / (N * N));
  start = clock();
  if (RhoNeutralCurves(&family, arena, &range, n, axes, point, &ncurve, &curve)) Fail(diag, "no curves");
  printf("; %d neutral curve%s %.2f s", ncurve, ncurve == 1 ? "" : "s", Seconds(start));
  printf("; the busiest of 2 and 8 ranks has %.2f and %.3f of the map\n", Busiest(&family, &range, n, axes, 2, point),
         Busiest(&family, &range, n, axes, 8, point));
  free(x);
  free(point);
  RhoModelDestroy(&model);
  RhoArenaDestroy(&arena);
  RhoDiagDestroy(&diag);
}

int main(void) {
  static const Row row[] = {
      {"two_temperature", {"c[A]", "c[B]"}, 0.01, 3, true},
      {"quorum_sensing_cross", {"rho[a]", "rho[b]"}, 0.1, 2, true},
      {"quorum_sensing_cross", {"k_cross[a]", "k_cross[b]"}, -1, 1, false},
      {"gray_scott", {"u", "v"}, 0.01, 1, true},
  };
  for (size_t k = 0; k < sizeof row / sizeof *row; k++) Bench(&row[k]);
  return 0;
}
