/* check.h - a model on a grid for the tests of field and evolve: every model found, random smooth states in its domain.
 */
#ifndef RHO_TESTS_FIELD_CHECK_H
#define RHO_TESTS_FIELD_CHECK_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../model_text.h"
#include "../worse.h"
#include "rhoflux/field.h"

typedef struct {
  RhoDiag diag;
  RhoModel model;
  RhoEquations eq;
  RhoGrid grid;
  RhoFieldModel fm;
  double *value;
  Vec u;
} Setup;

#define OK(call) assert_int_equal((call), 0)

static inline RhoMesh BoxMesh(int ndim, const int *n, RhoBoundary boundary) {
  static const char *const name[] = {"x", "y", "z"};
  static const double length[] = {3, 2.5, 2};
  RhoMesh mesh = {.ndimension = ndim, .place = RHO_NOWHERE};
  for (int d = 0; d < ndim; d++)
    mesh.dimension[d] =
        (RhoDimension){.name = name[d], .to = length[d], .ncell = n[d], .boundary = boundary, .spatial = true};
  return mesh;
}

/* Unequal cells along every dimension, by a smooth and periodic map; with a shift it has no symmetry, and the widths
   have a slope at walls.  The edges stay until the next mesh is stretched. */
static inline void StretchBy(RhoMesh *mesh, double shift) {
  static double *store[RHO_MAXDIM];
  for (int d = 0; d < mesh->ndimension; d++) {
    RhoDimension *m = &mesh->dimension[d];
    double c = shift * (1 + d);
    store[d] = realloc(store[d], sizeof(double) * (size_t)(m->ncell + 1));
    for (int i = 0; i <= m->ncell; i++) {
      double s = (double)i / m->ncell, S = s + 0.4 * (sin(2 * M_PI * s + c) - sin(c)) / (2 * M_PI);
      store[d][i] = i == 0 ? m->from : i == m->ncell ? m->to : m->from + (m->to - m->from) * S;
    }
    m->edge = store[d];
  }
}

static inline void Stretch(RhoMesh *mesh) { StretchBy(mesh, 1); }

typedef enum { VOLUMES, SPECTRAL } Reading;

/* false: the model does not go with this mesh (other dimensions, walls) */
static inline bool SetupOpenAs(const char *path, const RhoMesh *mesh, Reading reading, Setup *s) {
  int dim;
  *s = (Setup){.diag = RhoDiagCreate()};
  if (RhoModelLoad(path, s->diag, &s->model) || RhoEquationsCreate(s->model, s->diag, &s->eq)) {
    RhoDiagPrint(s->diag, stderr);
    fail_msg("%s does not load", path);
  }
  dim = s->model->dim ? s->model->dim : RhoMeshSpatial(mesh);
  s->value = calloc((size_t)s->eq->nuniform, sizeof(double));
  assert_int_equal(RhoEquationsBind(s->eq, dim, 0, NULL, s->value), RHO_OK);
  OK(RhoGridCreate(PETSC_COMM_WORLD, mesh, s->eq->nfield, RhoFieldHalo(s->eq), &s->grid));
  if (reading == VOLUMES) OK(RhoFieldCreate(s->eq, s->grid, s->value, s->diag, &s->fm));
  else OK(RhoFieldCreateSpectral(s->eq, s->grid, s->value, PETSC_FALSE, s->diag, &s->fm));
  if (!s->fm) return false;
  OK(DMCreateGlobalVector(s->grid->da, &s->u));
  return true;
}

static inline bool SetupOpen(const char *path, const RhoMesh *mesh, Setup *s) {
  return SetupOpenAs(path, mesh, VOLUMES, s);
}

/* A model of the text, written where it is used. */
static inline bool SetupTextAs(const char *text, const RhoMesh *mesh, Reading reading, Setup *s) {
  char path[] = MODEL_PATH;
  WriteModel(path, text);
  bool fits = SetupOpenAs(path, mesh, reading, s);
  unlink(path);
  return fits;
}

static inline bool SetupText(const char *text, const RhoMesh *mesh, Setup *s) {
  return SetupTextAs(text, mesh, VOLUMES, s);
}

static inline void SetupClose(Setup *s) {
  OK(VecDestroy(&s->u));
  OK(RhoFieldDestroy(&s->fm));
  OK(RhoGridDestroy(&s->grid));
  RhoModelDestroy(&s->model);
  RhoDiagDestroy(&s->diag);
  free(s->value);
}

/* A number in [-1, 1] from three whole numbers: the same on any ranks. */
static inline double Hash(unsigned a, unsigned b, unsigned c) {
  uint64_t x =
      a * 0x9E3779B97F4A7C15ull + b * 0xC2B2AE3D27D4EB4Full + c * 0x165667B19E3779F9ull + 0x27D4EB2F165667C5ull;
  for (int k = 0; k < 3; k++) x = (x ^ (x >> 29)) * 0xBF58476D1CE4E5B9ull;
  return (double)(x >> 11) / 4503599627370496.0 - 1.0;
}

static inline double BaseOf(const Setup *s, int field) {
  return s->model->field[field].kind == RHO_DENSITY ? 0.8 + 0.3 * Hash(7, (unsigned)field, 3)
                                                    : 0.3 * Hash(5, (unsigned)field, 1);
}

/* base + ripple * (smooth, no symmetry, the same for every grid of the box); `which` chooses another one */
static inline void FillState(const Setup *s, unsigned which, double base, double ripple, Vec u) {
  PetscScalar *x;
  RhoGrid g = s->grid;
  OK(VecGetArray(u, &x));
  for (PetscInt p = 0; p < g->nowned; p++) {
    PetscInt r = p;
    double phase[RHO_MAXDIM] = {0};
    for (int d = 0; d < RHO_MAXDIM; d++) {
      PetscInt i = r % g->count[d];
      r /= g->count[d];
      if (d < g->mesh.ndimension) phase[d] = 2 * M_PI * (g->start[d] + i + 0.5) / g->n[d];
    }
    for (int f = 0; f < g->nfield; f++) {
      double sum = 0;
      for (unsigned k = 0; k < 4; k++) {
        double a = 6 * Hash(which, (unsigned)f, k);
        sum += Hash(k, which, (unsigned)f) * cos((k % 2 + 1) * phase[0] + (k / 2) * phase[1] + (k % 3) * phase[2] + a);
      }
      x[p * g->nfield + f] = base * BaseOf(s, f) + ripple * sum;
    }
  }
  OK(VecRestoreArray(u, &x));
}

static inline double NormMax(Vec v) {
  PetscReal n;
  OK(VecNorm(v, NORM_INFINITY, &n));
  return n;
}

/* |(F(u + e v) - F(u - e v))/(2e) - F'(u) v| relative to |F' v|, Lv = F'(u) v at the time t */
static inline double QuotientError(Setup *s, double t, Vec v, Vec Lv, double e) {
  Vec part[2], w;
  double error;
  OK(VecDuplicate(s->u, &w));
  for (int k = 0; k < 2; k++) {
    OK(VecDuplicate(s->u, &part[k]));
    OK(VecWAXPY(w, k ? -e : e, v, s->u));
    OK(RhoResidual(s->fm, t, w, part[k]));
  }
  OK(VecAXPY(part[0], -1, part[1]));
  OK(VecScale(part[0], 0.5 / e));
  OK(VecAXPY(part[0], -1, Lv));
  error = NormMax(part[0]) / fmax(NormMax(Lv), 1e-300);
  for (int k = 0; k < 2; k++) OK(VecDestroy(&part[k]));
  OK(VecDestroy(&w));
  return error;
}

/* Conserved combinations: the residual sums to zero relative to the sum of its modulus, volumes counted. */
static inline void CheckSums(Setup *s, const char *path) {
  Vec F;
  PetscReal total[16], scale[16];
  OK(VecDuplicate(s->u, &F));
  FillState(s, 3, 1, 0.1, s->u);
  OK(RhoResidual(s->fm, 0, s->u, F));
  OK(RhoTotals(s->fm, F, total, scale));
  for (int c = 0; c < s->eq->nconserved; c++)
    if (!(fabs(total[c]) <= 1e-14 * scale[c]))
      fail_msg("%s: total %d of the residual is %g of %g", path, c, total[c], scale[c]);
  OK(VecDestroy(&F));
}

/* Every *.yaml of tests/models and every models/NAME/model*.yaml: fn(path). */
static inline void EachModel(void (*fn)(const char *path)) {
  const char *const folder[2] = {RHO_SOURCE_DIR "/tests/models", RHO_SOURCE_DIR "/models"};
  int found = 0;
  for (int k = 0; k < 2; k++) {
    DIR *dir = opendir(folder[k]);
    assert_non_null(dir);
    for (struct dirent *e; (e = readdir(dir));) {
      char path[1024];
      FILE *file;
      if (e->d_name[0] == '.') continue;
      snprintf(path, sizeof path, k ? "%s/%s/model.yaml" : "%s/%s", folder[k], e->d_name);
      if (!strstr(path, ".yaml") || !(file = fopen(path, "r"))) continue;
      fclose(file);
      fn(path);
      found++;
    }
    closedir(dir);
  }
  assert_true(found >= 10);
}

static inline int RunTests(int argc, char **argv, const struct CMUnitTest *tests, size_t n) {
  int failed;
  setenv("OMPI_MCA_ess_singleton_isolated", "1", 0);
  if (PetscInitialize(&argc, &argv, NULL, NULL)) return 99;
  PetscPushErrorHandler(PetscTraceBackErrorHandler, NULL);
  failed = _cmocka_run_group_tests("field", tests, n, NULL, NULL);
  PetscFinalize();
  return failed;
}
#endif
