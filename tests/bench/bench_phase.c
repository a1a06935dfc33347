/* bench_phase - seconds for a whole phase diagram on one core: two fields with one family of tie lines, two fields with
   two triangles, three fields. */
#include "rhoflux/phase.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double Clock(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void Measure(const char *path, double window) {
  RhoDiag diag = RhoDiagCreate();
  RhoArena arena = RhoArenaCreate();
  RhoModel model = NULL;
  RhoEquations eq = NULL;
  RhoPhaseDiagram d;
  double from[3] = {0}, to[3] = {window, window, window};
  if (RhoModelLoad(path, diag, &model) || RhoEquationsCreate(model, diag, &eq)) {
    RhoDiagPrint(diag, stderr);
    exit(1);
  }
  double *value = calloc((size_t)eq->nuniform, sizeof *value), began = Clock();
  RhoPhaseRequest request = {.from = from, .to = to, .parameter = -1, .tangents = true};
  if (RhoEquationsBind(eq, 1, 0, NULL, value) || RhoPhaseDiagramMake(eq, value, &request, arena, &d)) exit(1);
  printf("%-60s %7.3f s  %d samples, %d families, %d sets\n", path, Clock() - began, d.nsample, d.nfamily, d.nset);
  free(value);
  RhoModelDestroy(&model);
  RhoArenaDestroy(&arena);
  RhoDiagDestroy(&diag);
}

int main(void) {
  Measure(RHO_SOURCE_DIR "/models/two_temperature/model.yaml", 2);
  Measure(RHO_SOURCE_DIR "/models/quorum_sensing/model.yaml", 4);
  Measure(RHO_SOURCE_DIR "/models/quorum_sensing/three.yaml", 4);
  return 0;
}
