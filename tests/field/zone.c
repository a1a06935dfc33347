/* A zone is the share of each cell that lies in it, to round-off, on any mesh. */
#include "check.h"

/* Overlap of [a, b] with the cell over its width, found as the integral of an indicator between sorted ends. */
static double Share(double left, double right, double a, double b) {
  if (b <= left || a >= right) return 0;
  return ((b < right ? b : right) - (a > left ? a : left)) / (right - left);
}

static RhoMesh Line(int n, const double *edge, RhoBoundary boundary) {
  RhoMesh mesh = {.ndimension = 1, .place = RHO_NOWHERE};
  mesh.dimension[0] =
      (RhoDimension){.name = "x", .from = 0, .to = 3, .ncell = n, .boundary = boundary, .spatial = true, .edge = edge};
  return mesh;
}

static void CheckCells(const RhoMesh *mesh, double a, double b) {
  char text[512];
  const PetscScalar *f;
  double length = 0;
  Setup s;
  Vec F;
  snprintf(text, sizeof text, "dimensions: [x]\nparameters: {a: %.17g}\ndynamics: {e: {reaction: 'zone(x, a, %.17g)'}}",
           a, b);
  assert_true(SetupText(text, mesh, &s));
  OK(VecSet(s.u, 0));
  OK(VecDuplicate(s.u, &F));
  OK(RhoResidual(s.fm, 0, s.u, F));
  OK(VecGetArrayRead(F, &f));
  for (int i = 0; i < mesh->dimension[0].ncell; i++) {
    const RhoDimension *d = &mesh->dimension[0];
    double left = RhoMeshEdge(d, i), right = RhoMeshEdge(d, i + 1), expected = Share(left, right, a, b);
    if (!(fabs(f[i] - expected) < 1e-14))
      fail_msg("cell %d from %g to %g: %.17g, not %.17g", i, left, right, f[i], expected);
    length += f[i] * (right - left);
  }
  OK(VecRestoreArrayRead(F, &f));
  double inside = fmin(b, 3) - fmax(a, 0);
  if (!(fabs(length - inside) < 1e-14)) fail_msg("the length of [%g, %g] is %.17g", a, b, length);
  OK(VecDestroy(&F));
  SetupClose(&s);
}

/* Property: cells get their shares, and the zone its length, with ends inside cells, on edges, in one cell, beyond the
   mesh; on equal cells and on stretched ones. */
static void Shares(void **state) {
  (void)state;
  static const double edge[] = {0, 0.1, 0.25, 0.3, 0.9, 1.0, 1.7, 2.4, 2.9, 3.0};
  static const double zone[][2] = {{0.37, 2.21}, {0.25, 0.9}, {0.41, 0.44}, {-1, 0.2}, {1.1, 7}};
  for (size_t k = 0; k < sizeof zone / sizeof *zone; k++) {
    RhoMesh fine = Line(20, NULL, RHO_PERIODIC), coarse = Line(7, NULL, RHO_WALL), stretched = Line(9, edge, RHO_WALL);
    CheckCells(&fine, zone[k][0], zone[k][1]);
    CheckCells(&coarse, zone[k][0], zone[k][1]);
    CheckCells(&stretched, zone[k][0], zone[k][1]);
  }
}

/* Property: sources of equal strength in two zones of equal length add up to nothing, to round-off. */
static void Balance(void **state) {
  (void)state;
  RhoMesh mesh = Line(23, NULL, RHO_PERIODIC);
  PetscReal total;
  Setup s;
  Vec F;
  assert_true(SetupText("dimensions: [x]\ndynamics: {e: {reaction: '7*(zone(x, 0.37, 0.81) - zone(x, 2.2, 2.64))'}}",
                        &mesh, &s));
  OK(VecDuplicate(s.u, &F));
  OK(VecSet(s.u, 0));
  OK(RhoResidual(s.fm, 0, s.u, F));
  OK(VecSum(F, &total));
  if (!(fabs(total) < 1e-13)) fail_msg("the sources add up to %g", total);
  OK(VecDestroy(&F));
  SetupClose(&s);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(Shares), cmocka_unit_test(Balance)};
  return RunTests(argc, argv, tests, sizeof tests / sizeof *tests);
}
