/* make FOLDER: results of all numbers of dimensions, and what info says of them, for open.py.  Their values say where
   they belong: i + 100 j + 10^4 k + 10^6 field + 10^7 output. */
#include "check.h"

static double Code(const PetscInt i[3], int field, int output) {
  return i[0] + 100. * i[1] + 1e4 * i[2] + 1e6 * field + 1e7 * output;
}

/* 2-D with cells of widths 1, 3, 5, ... along y, in units of open.py. */
static RhoGrid StretchedGrid(Shape shape) {
  static double edge[64];
  RhoMesh mesh = MeshOf(shape);
  RhoDimension *y = &mesh.dimension[1];
  RhoGrid grid;
  for (int i = 0; i <= y->ncell; i++) edge[i] = y->from + (y->to - y->from) * i * i / (y->ncell * y->ncell);
  y->edge = edge;
  OK(RhoGridCreate(PETSC_COMM_WORLD, &mesh, 3, 1, &grid));
  return grid;
}

static void Make(Shape shape, bool stretched, const char *path) {
  static char text[3000];
  memset(text, 'm', sizeof text - 1);
  const RhoProvenance texts[] = {{"rhoflux_version", "0.1.0"}, {"model_text", text}};
  const RhoResultField fields[] = {two_fields[0], two_fields[1], {"a/b <&>", NULL, PETSC_TRUE}};
  const RhoResultContent content = {3, 2, 2, fields, two_series, texts};
  RhoGrid grid = stretched ? StretchedGrid(shape) : GridOf(shape, 3);
  Vec u = VectorOf(grid, 3);
  RhoResult result;
  OK(RhoResultCreate(grid, path, PETSC_FALSE, &content, &result));
  for (int k = 0; k < 3; k++) {
    Fill(grid, 3, u, Code, k);
    OK(RhoResultWrite(result, 0.1 * k, u, (const PetscReal[]){k, -k}));
    OK(RhoResultSeries(result, 0.1 * k + 0.05, (const PetscReal[]){k + 0.5, -k - 0.5}));
  }
  OK(RhoResultDestroy(&result));
  OK(VecDestroy(&u));
  OK(RhoGridDestroy(&grid));
}

/* What `info` says, for open.py to read. */
static void MakeInfo(const char *path) {
  char name[4200];
  RhoArena arena = RhoArenaCreate();
  RhoDiag diag = RhoDiagCreate();
  const RhoResultInfo *info;
  assert_int_equal(RhoResultInfoRead(arena, diag, RHO_NOWHERE, path, true, &info), RHO_OK);
  snprintf(name, sizeof name, "%s.json", path);
  FILE *stream = fopen(name, "w");
  RhoResultInfoPrintJson(info, stream);
  fclose(stream);
  RhoDiagDestroy(&diag);
  RhoArenaDestroy(&arena);
}

int main(int argc, char **argv) {
  char path[4096];
  if (argc != 2 || PetscInitialize(&argc, &argv, NULL, NULL)) return 1;
  for (int s = 0; s < NSHAPE; s++) {
    snprintf(path, sizeof path, "%s/r%d.h5", argv[1], s);
    Make(shapes[s], false, path);
    MakeInfo(path);
  }
  snprintf(path, sizeof path, "%s/stretched.h5", argv[1]);
  Make(shapes[1], true, path);
  MakeInfo(path);
  return PetscFinalize();
}
