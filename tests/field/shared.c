/* What is asked of a model's graph takes time by its size, not by the number of paths through it. */
#include "check.h"

enum { DEPTH = 60 };

/* Property: definitions that use each other twice, 60 deep with an operator in each, have their halo and their
   dimensions found; by paths that would be 2^60 visits.  (Exceeding the test's time limit is the failure.) */
static void ManyPaths(void **state) {
  (void)state;
  static char text[1 << 14];
  const int cells[3] = {DEPTH + 12, 1, 1};
  RhoMesh mesh = BoxMesh(1, cells, RHO_WALL);
  RhoDiag diag = RhoDiagCreate();
  RhoModel model;
  RhoEquations eq;
  char path[] = "/tmp/rhoflux_XXXXXX";
  int n = snprintf(text, sizeof text, "rhoflux: 1\nmodel: test\ndefine:\n  a0: phi\n");
  for (int k = 1; k <= DEPTH; k++)
    n += snprintf(text + n, sizeof text - (size_t)n, "  a%d: 'sin(a%d) + d(a%d, x)'\n", k, k - 1, k - 1);
  snprintf(text + n, sizeof text - (size_t)n, "dynamics: {phi: {flux: '-a%d*grad(phi)', reaction: a%d}}\n", DEPTH,
           DEPTH);
  int file = mkstemp(path);
  assert_int_equal(write(file, text, strlen(text)), strlen(text));
  close(file);
  assert_int_equal(RhoModelLoad(path, diag, &model), RHO_OK);
  assert_int_equal(RhoEquationsCreate(model, diag, &eq), RHO_OK);
  assert_int_equal(RhoFieldHalo(eq), DEPTH + 1);
  assert_int_equal(RhoFormulasHalo(eq, 1, &eq->equation[0].source), DEPTH);
  assert_true(RhoFieldFits(eq, &mesh, RhoFieldHalo(eq), diag));
  mesh.dimension[0].name = "z";
  RhoModelDestroy(&model);
  RhoDiagDestroy(&diag);
  unlink(path);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(ManyPaths)};
  return RunTests(argc, argv, tests, sizeof tests / sizeof *tests);
}
