/* kernels.c - kernels on a mesh: whether each has its range within the box, and a transform at every wavenumber of it.
 */
#include "fv.h"
#include <math.h>

static bool IsUsed(RhoEquations eq, const int *reached, int kernel) {
  for (RhoNode n = 0; n < RhoGraphSize(eq->graph); n++) {
    RhoNodeInfo info = RhoGraphNode(eq->graph, n);
    if (reached[n] >= 0 && info.kind == RHO_APPLY && info.code == RHO_OP_CONV && info.attr == kernel) return true;
  }
  return false;
}

static bool CheckRange(RhoEquations eq, const RhoMesh *mesh, int d, int kernel, double range, RhoDiag diag) {
  const RhoDimension *dimension = &mesh->dimension[d];
  bool periodic = dimension->boundary == RHO_PERIODIC;
  double room = (dimension->to - dimension->from) / (periodic ? 2 : 1);
  if (!dimension->spatial || !isfinite(range) || range <= room * (1 + 1e-12)) return true;
  RhoPlace here = mesh->place.source < 0 ? mesh->place : mesh->at[d];
  RhoDiagReport(diag, RHO_ID_KERNEL_TOO_WIDE, here, "the kernel '%s' reaches over %g, more than %s, %g",
                eq->model->kernel[kernel].name, range,
                periodic ? "half the period of this dimension" : "the distance of its walls", room);
  RhoDiagAlso(diag, eq->model->kernel[kernel].place, "the kernel is given here");
  RhoDiagHint(diag, "a longer mesh, or leave '%s' out of the mesh if nothing depends on it", dimension->name);
  return false;
}

/* The corner of the mesh's wavenumbers. */
static double LargestWave(const RhoMesh *mesh) {
  double sum = 0;
  for (int d = 0; d < mesh->ndimension; d++) {
    const RhoDimension *dimension = &mesh->dimension[d];
    double h = (dimension->to - dimension->from) / dimension->ncell;
    if (dimension->spatial) sum += M_PI * M_PI / (h * h);
  }
  return sqrt(sum);
}

bool RhoKernelsFit(RhoEquations eq, const RhoMesh *mesh, const double *value, RhoDiag diag) {
  int *reached = rho_fv_reached(eq);
  bool fit = true;
  double q = LargestWave(mesh), hat;
  for (int k = 0; k < eq->model->nkernel; k++) {
    if (!IsUsed(eq, reached, k)) continue;
    double range = RhoKernelSupport(eq->model, k, value);
    for (int d = 0; d < mesh->ndimension; d++) fit = CheckRange(eq, mesh, d, k, range, diag) && fit;
    if (RhoKernelTransform(eq->model, k, RhoMeshSpatial(mesh), value, 1, &q, &hat)) fit = false;
  }
  return fit;
}
