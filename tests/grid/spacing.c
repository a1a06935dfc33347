#include "check.h"
#include <stdio.h>
#include <string.h>

typedef struct {
  RhoArena arena;
  RhoDiag diag;
  RhoMesh mesh;
} Read;

static Read ReadText(const char *text) {
  Read r = {.arena = RhoArenaCreate(), .diag = RhoDiagCreate()};
  const RhoYaml *map = RhoYamlRead(r.arena, r.diag, RhoDiagAddSource(r.diag, "t", text, strlen(text)));
  assert_non_null(map);
  if (RhoMeshRead(r.arena, r.diag, map, &r.mesh)) {
    RhoDiagPrint(r.diag, stderr);
    fail_msg("%s", text);
  }
  return r;
}

/* A dimension from -2.3 to 2.3 with this spacing. */
static Read ReadSpacing(int ncell, const char *spacing) {
  char text[512];
  snprintf(text, sizeof text, "x: {from: -2.3, to: 2.3, cells: %d, boundary: wall, spacing: %s}", ncell, spacing);
  return ReadText(text);
}

static void End(Read *r) {
  RhoDiagDestroy(&r->diag);
  RhoArenaDestroy(&r->arena);
}

static const char *const all[] = {"{ratio: 1}",
                                  "{ratio: 7}",
                                  "{ratio: 0.01}",
                                  "{ratio: 1e6}",
                                  "{cluster: both, strength: 2}",
                                  "{cluster: middle, strength: 3}",
                                  "{cluster: from, strength: 1.5}",
                                  "{cluster: to, strength: 1.5}",
                                  "{formula: s^2/2 + s/2}",
                                  "{formula: s + 0.3*sin(2*pi*s)/(2*pi)}",
                                  "uniform"};
enum { NALL = sizeof all / sizeof *all };

/* Property: edges increase from the one end to the other, to the bit, and widths and centres belong to them. */
static void EdgesIncrease(void **state) {
  (void)state;
  for (int k = 0; k < NALL; k++) {
    Read r = ReadSpacing(37, all[k]);
    const RhoDimension *d = &r.mesh.dimension[0];
    double width = 0;
    assert_true(RhoMeshEdge(d, 0) == -2.3 && RhoMeshEdge(d, d->ncell) == 2.3);
    for (int i = 0; i < d->ncell; i++) {
      double left = RhoMeshEdge(d, i), right = RhoMeshEdge(d, i + 1);
      assert_true(left < right);
      assert_true(fabs(RhoMeshWidth(d, i) - (right - left)) < 1e-14);
      assert_true(fabs(RhoMeshCentre(d, i) - 0.5 * (right + left)) < 1e-14);
      width += RhoMeshWidth(d, i);
    }
    assert_true(fabs(width - 4.6) < 1e-13);
    End(&r);
  }
}

/* Property: the mean over the volume of x is the middle of the extent whatever the cells are, and cells without a
   number have no part in it: then it is the middle of the rest. */
static void MeansAreOverTheVolume(void **state) {
  (void)state;
  for (int k = 0; k < NALL; k++) {
    double x[37];
    Read r = ReadSpacing(37, all[k]);
    const RhoDimension *d = &r.mesh.dimension[0];
    for (int i = 0; i < 37; i++) x[i] = RhoMeshCentre(d, i);
    assert_true(fabs(RhoMeshMean(&r.mesh, x)) < 1e-14);
    x[36] = NAN;
    assert_true(fabs(RhoMeshMean(&r.mesh, x) - 0.5 * (RhoMeshEdge(d, 0) + RhoMeshEdge(d, 36))) < 1e-14);
    End(&r);
  }
}

/* Property: edges and centres of symmetric spacings on a symmetric extent are antisymmetric to the last bit. */
static void SymmetricToTheBit(void **state) {
  (void)state;
  static const int symmetric[] = {0, 4, 5, 9, 10};
  for (int k = 0; k < 5; k++)
    for (int n = 36; n <= 37; n++) {
      Read r = ReadSpacing(n, all[symmetric[k]]);
      const RhoDimension *d = &r.mesh.dimension[0];
      for (int i = 0; i <= n; i++) assert_true(RhoMeshEdge(d, i) == -RhoMeshEdge(d, n - i));
      for (int i = 0; i < n; i++) assert_true(RhoMeshCentre(d, i) == -RhoMeshCentre(d, n - 1 - i));
      End(&r);
    }
}

/* Property: with a ratio r neighbours' widths are in one proportion and the last is r times the first; r and 1/r are
   mirror images. */
static void RatioIsGeometric(void **state) {
  (void)state;
  static const double ratio[] = {7, 0.01, 1, 1.0000001};
  for (int k = 0; k < 4; k++) {
    char text[2][64];
    for (int m = 0; m < 2; m++) snprintf(text[m], sizeof text[m], "{ratio: %.17g}", m ? 1 / ratio[k] : ratio[k]);
    Read r = ReadSpacing(29, text[0]), mirror = ReadSpacing(29, text[1]);
    const RhoDimension *d = &r.mesh.dimension[0], *m = &mirror.mesh.dimension[0];
    double g = pow(ratio[k], 1.0 / 28);
    for (int i = 0; i < 28; i++) assert_true(fabs(RhoMeshWidth(d, i + 1) / RhoMeshWidth(d, i) - g) < 1e-10);
    assert_true(fabs(RhoMeshWidth(d, 28) / RhoMeshWidth(d, 0) - ratio[k]) < 1e-10 * ratio[k]);
    for (int i = 0; i <= 29; i++) assert_true(fabs(RhoMeshEdge(d, i) + RhoMeshEdge(m, 29 - i)) < 1e-14);
    End(&r);
    End(&mirror);
  }
}

/* Property: a formula's edges lie where it says, and clusters have their narrow cells where they say. */
static void MapsAreTheirs(void **state) {
  (void)state;
  Read r = ReadSpacing(40, "{formula: s^2/2 + s/2}");
  for (int i = 0; i <= 40; i++) {
    double s = i / 40.0;
    assert_true(fabs(RhoMeshEdge(&r.mesh.dimension[0], i) - (-2.3 + 4.6 * (s * s + s) / 2)) < 1e-14);
  }
  End(&r);
  static const struct { int spacing, narrow; } row[] = {{4, 0}, {4, 39}, {5, 20}, {6, 0}, {7, 39}};
  for (int k = 0; k < 5; k++) {
    Read c = ReadSpacing(40, all[row[k].spacing]);
    double narrow = RhoMeshWidth(&c.mesh.dimension[0], row[k].narrow);
    for (int i = 0; i < 40; i++) assert_true(RhoMeshWidth(&c.mesh.dimension[0], i) >= narrow * (1 - 1e-12));
    assert_true(narrow < 0.5 * 4.6 / 40);
    End(&c);
  }
}

/* Property: edges are taken to the bit, from a list and from a file with comments, and say what the extent is. */
static void EdgesAreTaken(void **state) {
  (void)state;
  static const double edge[] = {-1, -0.3, 0.1, 0.7, 2};
  char path[] = "/tmp/rhoflux_edges_XXXXXX", text[256];
  FILE *stream = fdopen(mkstemp(path), "w");
  assert_non_null(stream);
  fputs("# five\n-1, -0.3 # and\n\t0.1\r\n0.7;2", stream);
  fclose(stream);
  for (int k = 0; k < 3; k++) {
    if (k == 0) snprintf(text, sizeof text, "x: {boundary: wall, spacing: {edges: [-1, -0.3, 0.1, 0.7, 2]}}");
    if (k == 1) snprintf(text, sizeof text, "x: {boundary: wall, spacing: {edges: %s}}", path);
    if (k == 2)
      snprintf(text, sizeof text, "x: {from: -1, length: 3, cells: 4, boundary: wall, spacing: {edges: %s}}", path);
    Read r = ReadText(text);
    const RhoDimension *d = &r.mesh.dimension[0];
    assert_true(d->ncell == 4 && d->from == -1 && d->to == 2);
    for (int i = 0; i <= 4; i++) assert_true(RhoMeshEdge(d, i) == edge[i]);
    End(&r);
  }
  remove(path);
}

/* Property: these are refused, with one report that carries a hint. */
static void EachIsRefused(void **state) {
  (void)state;
  static const char *const text[] = {"[1, 2]",
                                     "{}",
                                     "{strength: 2}",
                                     "{ratio: 2, edges: [0, 1]}",
                                     "{ratio: 2, strength: 1}",
                                     "{ratio: 0}",
                                     "{ratio: 1e300}",
                                     "{ratio: a}",
                                     "{cluster: both}",
                                     "{cluster: left, strength: 1}",
                                     "{cluster: both, strength: -1}",
                                     "{cluster: both, strength: 80}",
                                     "{cluster: [both], strength: 1}",
                                     "{formula: 1 - s}",
                                     "{formula: s + x}",
                                     "{formula: log(s)}",
                                     "{formula: s +}",
                                     "{edges: [0, 1, 1, 2]}",
                                     "{edges: [0]}",
                                     "{edges: [0, 1, inf]}",
                                     "{edges: /nowhere/at.all}",
                                     "{edges: {a: 1}}",
                                     "{edges: [0, 1, 2, 3, 5]}"};
  for (size_t k = 0; k < sizeof text / sizeof *text; k++) {
    char whole[256];
    Read r = {.arena = RhoArenaCreate(), .diag = RhoDiagCreate()};
    snprintf(whole, sizeof whole, "x: {length: 4, cells: 4, boundary: wall, spacing: %s}", text[k]);
    const RhoYaml *map = RhoYamlRead(r.arena, r.diag, RhoDiagAddSource(r.diag, "t", whole, strlen(whole)));
    assert_non_null(map);
    RhoStatus status = RhoMeshRead(r.arena, r.diag, map, &r.mesh);
    if (status != RHO_INPUT || RhoDiagCount(r.diag) != 1) {
      RhoDiagPrint(r.diag, stderr);
      fail_msg("%s: %d reports", text[k], RhoDiagCount(r.diag));
    }
    End(&r);
  }
}

/* Property: a wall mirrors another dimension only if its cells are symmetric. */
static void MirrorsAreSymmetric(void **state) {
  (void)state;
  static const char *const spacing[] = {"{cluster: both, strength: 2}", "{ratio: 2}"};
  for (int k = 0; k < 2; k++) {
    char text[256];
    Read r = {.arena = RhoArenaCreate(), .diag = RhoDiagCreate()};
    snprintf(text, sizeof text,
             "v: {from: -1, to: 1, cells: 8, boundary: wall, spacing: %s}\n"
             "x: {length: 1, cells: 4, boundary: {mirror: v}}\n",
             spacing[k]);
    const RhoYaml *map = RhoYamlRead(r.arena, r.diag, RhoDiagAddSource(r.diag, "t", text, strlen(text)));
    assert_int_equal(RhoMeshRead(r.arena, r.diag, map, &r.mesh), k ? RHO_INPUT : RHO_OK);
    if (k) assert_int_equal(RhoDiagIdAt(r.diag, 0), RHO_ID_MESH_MIRROR);
    End(&r);
  }
}

/* ---- on a grid ---- */

static PetscInt Image(const RhoGrid grid, int d, PetscInt i) {
  PetscInt n = grid->n[d];
  if (grid->mesh.dimension[d].boundary == RHO_PERIODIC) return (i % n + n) % n;
  return i < 0 ? -1 - i : i >= n ? 2 * n - 1 - i : i;
}

/* Property: widths of ghosts are those of their images, distances lie between centres, and volumes add up to the box,
   on any number of ranks. */
static void GridHasTheWidths(void **state) {
  (void)state;
  static const char text[] = "x: {from: -1, to: 2, cells: 11, boundary: periodic, spacing: {ratio: 4}}\n"
                             "y: {length: 3, cells: 5, boundary: periodic}\n"
                             "z: {length: 5, cells: 13, boundary: wall, spacing: {cluster: both, strength: 2}}\n";
  Read r = ReadText(text);
  RhoGrid grid;
  double volume = 0;
  OK(RhoGridCreate(PETSC_COMM_WORLD, &r.mesh, 1, 2, &grid));
  assert_true(!grid->uniform[0] && grid->uniform[1] && !grid->uniform[2] && !RhoGridUniform(grid));
  for (int d = 0; d < RHO_MAXDIM; d++)
    for (PetscInt p = 0; p < grid->gcount[d]; p++) {
      const RhoDimension *m = &r.mesh.dimension[d];
      int i = (int)Image(grid, d, grid->gstart[d] + p);
      assert_true(RhoGridWidth(grid, d)[p] == RhoMeshWidth(m, i));
      assert_true(RhoGridCoordinate(grid, d)[p] == RhoMeshCentre(m, i));
      if (p + 1 < grid->gcount[d]) {
        double next = RhoMeshWidth(m, (int)Image(grid, d, grid->gstart[d] + p + 1));
        assert_true(fabs(RhoGridDistance(grid, d)[p] - (RhoMeshWidth(m, i) + next) / 2) < 1e-15);
      }
    }
  FOR_OWNED(grid, i, p) {
    double product = 1;
    for (int d = 0; d < RHO_MAXDIM; d++) product *= RhoMeshWidth(&r.mesh.dimension[d], (int)i[d]);
    assert_true(fabs(grid->volumes[p] - product) < 1e-15);
    volume += grid->volumes[p];
  }
  assert_true(fabs(Total(volume) - 45) < 1e-12);
  OK(RhoGridDestroy(&grid));
  End(&r);
}

/* Property: without stretching every width and distance is h to the bit. */
static void UniformIsToTheBit(void **state) {
  (void)state;
  for (int s = 0; s < NSHAPE; s++) {
    RhoMesh mesh = MeshOf(shapes[s], 2);
    RhoGrid grid;
    if (!Shared(shapes[s], 2)) continue;
    OK(RhoGridCreate(PETSC_COMM_WORLD, &mesh, 1, 2, &grid));
    assert_true(RhoGridUniform(grid) && !grid->volumes);
    for (int d = 0; d < RHO_MAXDIM; d++)
      for (PetscInt p = 0; p < grid->gcount[d]; p++)
        assert_true(RhoGridWidth(grid, d)[p] == grid->h[d] && RhoGridDistance(grid, d)[p] == grid->h[d]);
    OK(RhoGridDestroy(&grid));
  }
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(EdgesIncrease),     cmocka_unit_test(MeansAreOverTheVolume),
                                          cmocka_unit_test(SymmetricToTheBit), cmocka_unit_test(RatioIsGeometric),
                                          cmocka_unit_test(MapsAreTheirs),     cmocka_unit_test(EdgesAreTaken),
                                          cmocka_unit_test(EachIsRefused),     cmocka_unit_test(MirrorsAreSymmetric),
                                          cmocka_unit_test(GridHasTheWidths),  cmocka_unit_test(UniformIsToTheBit)};
RUN(tests)
