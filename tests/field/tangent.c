/* The tangent is the derivative of the residual; on waves it is the grid's symbol; sums of conserved combinations
 * vanish. */
#include "check.h"

static const int cells[3] = {12, 20, 10};

/* ---- difference quotients ---- */

/* Without any smoothness: on fine grids operators of high order would leave of a smooth one what rounding leaves. */
static void FillRough(Vec v) {
  PetscInt first, end;
  PetscScalar *x;
  OK(VecGetOwnershipRange(v, &first, &end));
  OK(VecGetArray(v, &x));
  for (PetscInt k = first; k < end; k++) x[k - first] = Hash(11, (unsigned)k, 2);
  OK(VecRestoreArray(v, &x));
}

static void Quotient(const char *path, int ndim, const int *ncell, RhoBoundary boundary, Reading reading) {
  RhoMesh mesh = BoxMesh(ndim, ncell, boundary);
  RhoTangent tangent;
  Setup s;
  Vec v, Lv;
  if (!SetupOpenAs(path, &mesh, reading, &s)) {
    print_message("left out: %s in %d-D (dimensions)\n", path, ndim);
    SetupClose(&s);
    return;
  }
  OK(VecDuplicate(s.u, &v));
  OK(VecDuplicate(s.u, &Lv));
  FillState(&s, 1, 1, 0.08, s.u);
  if (ncell == cells) FillState(&s, 2, 0, 1, v);
  else FillRough(v);
  OK(RhoTangentCreate(s.fm, RHO_PART_ALL, &tangent));
  OK(RhoTangentSet(tangent, 0, s.u));
  OK(RhoTangentApply(tangent, v, Lv));
  double e = ncell == cells ? 1e-3 : 2e-6, coarse = QuotientError(&s, 0, v, Lv, 4 * e),
         fine = QuotientError(&s, 0, v, Lv, e);
  /* slope 2, or round-off when the residual is of low degree */
  if (!(fine < 1e-12 / e || (coarse / fine > 13 && coarse / fine < 19 && fine < 1e-3)))
    fail_msg("%s in %d-D, boundary %d, %s: quotient errors %g, %g", path, ndim, boundary,
             reading == SPECTRAL ? "spectral" : "volumes", coarse, fine);
  OK(RhoTangentDestroy(&tangent));
  OK(VecDestroy(&v));
  OK(VecDestroy(&Lv));
  SetupClose(&s);
}

static void QuotientsOf(const char *path) {
  for (int ndim = 1; ndim <= 3; ndim++) {
    Quotient(path, ndim, cells, RHO_PERIODIC, VOLUMES);
    Quotient(path, ndim, cells, RHO_WALL, VOLUMES);
    Quotient(path, ndim, cells, RHO_PERIODIC, SPECTRAL);
  }
}

static void LargeQuotientsOf(const char *path) {
  static const int many[3] = {128, 131, 1};
  Quotient(path, 2, many, RHO_PERIODIC, VOLUMES);
  Quotient(path, 2, many, RHO_WALL, VOLUMES);
}

/* The exact tangent agrees with difference quotients of the residual at slope 2. */
static void test_quotient(void **state) {
  (void)state;
  EachModel(QuotientsOf);
}

/* The same on grids of several chunks. */
static void test_quotient_of_chunks(void **state) {
  (void)state;
  EachModel(LargeQuotientsOf);
}

/* ---- waves ---- */

static void FillWave(const Setup *s, int field, const double *q, bool sine, Vec v) {
  PetscScalar *x;
  RhoGrid g = s->grid;
  OK(VecSet(v, 0));
  OK(VecGetArray(v, &x));
  for (PetscInt p = 0; p < g->nowned; p++) {
    PetscInt r = p;
    double phase = 0;
    for (int d = 0; d < g->mesh.ndimension; d++) {
      phase += q[d] * (g->start[d] + r % g->count[d] + 0.5) * g->h[d];
      r /= g->count[d];
    }
    x[p * g->nfield + field] = sine ? sin(phase) : cos(phase);
  }
  OK(VecRestoreArray(v, &x));
}

/* largest |L wave - Re(A wave)| over both waves, relative to |A| */
static double WaveError(Setup *s, RhoTangent tangent, int j, const double *q, const double complex *A) {
  int n = s->eq->nfield;
  double error = 0, size = 1e-12;
  Vec v, w, Lv;
  OK(VecDuplicate(s->u, &v));
  OK(VecDuplicate(s->u, &w));
  OK(VecDuplicate(s->u, &Lv));
  for (int sine = 0; sine < 2; sine++) {
    const PetscScalar *c, *t;
    FillWave(s, j, q, sine, v);
    OK(RhoTangentApply(tangent, v, Lv));
    OK(VecGetArrayRead(Lv, &t));
    for (int i = 0; i < n; i++) {
      double complex a = A[i * n + j];
      FillWave(s, i, q, false, v);
      FillWave(s, i, q, true, w);
      const PetscScalar *si;
      OK(VecGetArrayRead(v, &c));
      OK(VecGetArrayRead(w, &si));
      for (PetscInt p = 0; p < s->grid->nowned; p++) {
        double expected = sine ? creal(a) * si[p * n + i] + cimag(a) * c[p * n + i]
                               : creal(a) * c[p * n + i] - cimag(a) * si[p * n + i];
        error = Worse(error, t[p * n + i] - expected);
      }
      size = fmax(size, cabs(a));
      OK(VecRestoreArrayRead(v, &c));
      OK(VecRestoreArrayRead(w, &si));
    }
    OK(VecRestoreArrayRead(Lv, &t));
  }
  OK(VecDestroy(&v));
  OK(VecDestroy(&w));
  OK(VecDestroy(&Lv));
  return error / size;
}

static void Wave(Setup *s, RhoPart part, const double *mode) {
  int n = s->eq->nfield, ndim = s->grid->mesh.ndimension;
  double q[RHO_MAXDIM] = {0}, state[16];
  const double *qp[RHO_MAXDIM] = {NULL};
  double complex A[256];
  RhoArena arena = RhoArenaCreate();
  RhoWaves waves;
  RhoTangent tangent;
  assert_int_equal(setjmp(*RhoArenaGuard(arena)), 0);
  for (int d = 0; d < ndim; d++) {
    q[d] = 2 * M_PI * mode[d] / (s->grid->n[d] * s->grid->h[d]);
    qp[d] = &q[d];
  }
  for (int i = 0; i < n; i++) state[i] = BaseOf(s, i);
  assert_int_equal(RhoWavesCreate(s->eq, arena, (int)s->value[s->model->nparameter], s->value, 1, qp,
                                  RhoFieldIsSpectral(s->fm) ? NULL : s->grid->h, &waves),
                   RHO_OK);
  if (RhoSymbol(s->eq, part, s->value, state, &waves, A)) {
    print_message("left out: %s has no symbol\n", s->model->name);
    RhoArenaDestroy(&arena);
    return;
  }
  FillState(s, 1, 1, 0, s->u);
  OK(RhoTangentCreate(s->fm, part, &tangent));
  OK(RhoTangentSet(tangent, 0, s->u));
  for (int j = 0; j < n; j++) {
    double error = WaveError(s, tangent, j, q, A);
    if (!(error < 2e-11))
      fail_msg("%s, part %d, %d-D, field %d%s: tangent and symbol differ by %g", s->model->name, part, ndim, j,
               RhoFieldIsSpectral(s->fm) ? ", spectral" : "", error);
  }
  OK(RhoTangentDestroy(&tangent));
  RhoArenaDestroy(&arena);
}

static void WavesOf(const char *path) {
  static const double mode[2][RHO_MAXDIM] = {{1, -2, 3}, {3, 5, 1}};
  for (int k = 0; k < 6; k++) {
    RhoMesh mesh = BoxMesh(k % 3 + 1, cells, RHO_PERIODIC);
    Setup s;
    if (SetupOpenAs(path, &mesh, k < 3 ? VOLUMES : SPECTRAL, &s))
      for (int m = 0; m < 2; m++) {
        Wave(&s, RHO_PART_ALL, mode[m]);
        Wave(&s, RHO_PART_STIFF, mode[m]);
      }
    SetupClose(&s);
  }
}

/* Applied to cosine and sine waves about a uniform state the tangent is the grid's symbol, to round-off. */
static void test_wave(void **state) {
  (void)state;
  EachModel(WavesOf);
}

/* ---- sums ---- */

static void SumsOf(const char *path) {
  for (int k = 0; k < 6; k++) {
    RhoMesh mesh = BoxMesh(k % 2 + 1, cells, k / 2 == 1 ? RHO_WALL : RHO_PERIODIC);
    Setup s;
    if (SetupOpenAs(path, &mesh, k < 4 ? VOLUMES : SPECTRAL, &s)) CheckSums(&s, path);
    SetupClose(&s);
  }
}

/* Conserved combinations: the residual sums to zero relative to the sum of its modulus. */
static void test_sums(void **state) {
  (void)state;
  EachModel(SumsOf);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_quotient), cmocka_unit_test(test_quotient_of_chunks),
                                     cmocka_unit_test(test_wave), cmocka_unit_test(test_sums)};
  return RunTests(argc, argv, tests, sizeof tests / sizeof *tests);
}
