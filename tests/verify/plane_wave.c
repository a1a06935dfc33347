/* plane_wave.c - the nonreciprocal Cahn-Hilliard model on its exact travelling waves,

     Phi = R exp(i(q.r - w t)),   R^2 = 1 - q~^2,   w = alpha q~^2,   q~^2 = sum_d (2/h_d sin(q_d h_d/2))^2 of the grid:

   |Phi|^2 is the same in all cells and lap Phi = -q~^2 Phi, so these waves solve the equations on the grid.  The
   residual is -i alpha q~^2 Phi to round-off; a run keeps amplitude and frequency at the design order of its scheme. */
#include "verify.h"

#define ALPHA 0.5

typedef struct {
  Setup s;
  double q[2], qt2, R;
} Wave;

static void Open(Wave *w, int ndim) {
  RhoMesh mesh = {.ndimension = ndim, .place = RHO_NOWHERE};
  OpenModel(RHO_SOURCE_DIR "/models/nonreciprocal_cahn_hilliard/model.yaml", &w->s);
  for (int d = 0; d < ndim; d++)
    mesh.dimension[d] = (RhoDimension){
        .name = d ? "y" : "x", .to = d ? 22 : 20, .ncell = d ? 20 : 24, .boundary = RHO_PERIODIC, .spatial = true};
  assert_true(OpenGrid(&w->s, PETSC_COMM_SELF, &mesh));
  w->qt2 = 0;
  for (int d = 0; d < ndim; d++) {
    double h = w->s.grid->h[d], half;
    w->q[d] = 2 * M_PI * (d ? -1 : 2) / mesh.dimension[d].to;
    half = 2 / h * sin(0.5 * w->q[d] * h);
    w->qt2 += half * half;
  }
  w->R = sqrt(1 - w->qt2);
}

static void Close(Wave *w) {
  CloseGrid(&w->s);
  CloseModel(&w->s);
}

/* Phi at time t, times a complex factor */
static void Fill(const Wave *w, double t, double complex factor, Vec u) {
  PetscScalar *x;
  OK(VecGetArray(u, &x));
  for (PetscInt p = 0; p < w->s.grid->nowned; p++) {
    double place[RHO_MAXDIM], phase = -ALPHA * w->qt2 * t;
    PlaceOf(w->s.grid, p, place);
    for (int d = 0; d < w->s.grid->mesh.ndimension; d++) phase += w->q[d] * place[d];
    double complex value = factor * w->R * cexp(I * phase);
    x[2 * p] = creal(value);
    x[2 * p + 1] = cimag(value);
  }
  OK(VecRestoreArray(u, &x));
}

/* F(Phi) = -i alpha q~^2 Phi, relative to the largest of the terms that cancel */
static void test_residual(void **state) {
  (void)state;
  for (int ndim = 1; ndim <= 2; ndim++) {
    Wave w;
    Vec F, expected;
    Open(&w, ndim);
    OK(VecDuplicate(w.s.u, &F));
    OK(VecDuplicate(w.s.u, &expected));
    Fill(&w, 0, 1, w.s.u);
    OK(RhoResidual(w.s.fm, 0, w.s.u, F));
    Fill(&w, 0, -I * ALPHA * w.qt2, expected);
    double size = 4 / (w.s.grid->h[0] * w.s.grid->h[0]);
    print_message("%d-D: q~^2 = %.6f, residual off by %.1e of %.1e\n", ndim, w.qt2, MaxDifference(F, expected),
                  size * size);
    assert_true(MaxDifference(F, expected) < 2e-15 * size * size);
    assert_true(NormMax(expected) > 0.05);
    OK(VecDestroy(&F));
    OK(VecDestroy(&expected));
    Close(&w);
  }
}

typedef struct {
  double amplitude, phase;
} Off;

/* How far amplitude and phase of u are from the wave's at time t: the projection on it. */
static Off Compare(const Wave *w, double t) {
  const PetscScalar *x;
  double complex sum = 0;
  OK(VecGetArrayRead(w->s.u, &x));
  for (PetscInt p = 0; p < w->s.grid->nowned; p++) {
    double place[RHO_MAXDIM], phase = -ALPHA * w->qt2 * t;
    PlaceOf(w->s.grid, p, place);
    for (int d = 0; d < w->s.grid->mesh.ndimension; d++) phase += w->q[d] * place[d];
    sum += (x[2 * p] + I * x[2 * p + 1]) * cexp(-I * phase);
  }
  OK(VecRestoreArrayRead(w->s.u, &x));
  sum /= w->s.grid->nowned;
  return (Off){fabs(cabs(sum) - w->R), fabs(carg(sum))};
}

static Off RunFixed(Wave *w, const char *scheme, double end, double step) {
  RhoEvolveOptions options = Until(end, 1e-4);
  options.scheme = scheme;
  options.fixed = step;
  options.linear_rtol = 1e-12;
  Fill(w, 0, 1, w->s.u);
  RunDone(&w->s, options);
  return Compare(w, end);
}

/* Halving the step divides the error by 2^order. */
static void test_order(void **state) {
  static const struct {
    const char *scheme;
    int order;
    double step;
  } row[] = {{"ark2", 2, 0.1}, {"ark3", 3, 0.2}, {"ark4", 4, 0.4}};
  (void)state;
  for (int k = 0; k < COUNT(row); k++) {
    Off off[3];
    Wave w;
    Open(&w, 1);
    for (int m = 0; m < 3; m++) off[m] = RunFixed(&w, row[k].scheme, 4, row[k].step / (1 << m));
    double slope = log2((off[1].phase + off[1].amplitude) / (off[2].phase + off[2].amplitude));
    print_message("%s: amplitude off by %.2e %.2e %.2e, phase by %.2e %.2e %.2e: slope %.2f\n", row[k].scheme,
                  off[0].amplitude, off[1].amplitude, off[2].amplitude, off[0].phase, off[1].phase, off[2].phase,
                  slope);
    assert_true(fabs(slope - row[k].order) < 0.25);
    Close(&w);
  }
}

/* With error control, amplitude and frequency keep to the tolerance, with every scheme. */
static void test_tolerance(void **state) {
  const char *scheme[32];
  int n = RhoEvolveSchemes(32, scheme);
  (void)state;
  for (int k = 0; k < n; k++) {
    RhoEvolveOptions options = Until(20, 1e-6);
    double more = RhoEvolveOrder(scheme[k]) == 1 ? 10 : 1; /* thousands of steps add up their errors */
    Wave w;
    Open(&w, 1);
    if (!Goes(&w.s, scheme[k])) {
      Close(&w);
      continue;
    }
    options.scheme = scheme[k];
    Fill(&w, 0, 1, w.s.u);
    Outcome out = RunDone(&w.s, options);
    Off off = Compare(&w, 20);
    print_message("%-12s %5d steps: amplitude off by %.1e, phase by %.1e of %.2f\n", scheme[k], (int)out.last.nstep,
                  off.amplitude, off.phase, ALPHA * w.qt2 * 20);
    assert_true(off.amplitude < more * 1e-4 && off.phase < more * 1e-3);
    Close(&w);
  }
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_residual), cmocka_unit_test(test_order),
                                     cmocka_unit_test(test_tolerance)};
  return RunTests(argc, argv, tests, COUNT(tests));
}
