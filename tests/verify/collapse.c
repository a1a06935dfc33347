/* collapse.c - chemotactic collapse and its thresholds: models/keller_segel, adiabatic.

     linear   a uniform state is unstable to a wave q iff chi beta rho > D (Dc q^2 + k), whatever the dimension
     virial   d/dt int rho r^2 = 2 dim D M - chi beta M^2/(2 pi Dc) (1 - 2 pi int rho r^2/(M A)) in two dimensions,
              k -> 0, of rho symmetric about the middle of a square of the area A (the chemical's sources sum up to 0):
              without the last term, of an infinite plane, it is negative iff M > 8 pi D Dc/(chi beta) (Jaeger, Luckhaus
              1992; Blanchet, Dolbeault, Perthame 2006)
     runs     cases/spread (0.8 of that mass) and cases/collapse (1.2): the largest density falls for ever, or rises
              until nearly all mass is in one cell, whatever its size

   A fault that was put in once: chi halved in the model's flux (all). */
#include "../reference/rows.h"
#include "verify.h"
#include "rhoflux/uniform.h"

#define MODEL RHO_SOURCE_DIR "/models/keller_segel/adiabatic.yaml"
#define SIDE 8.0
#define WIDTH 0.5
#define CRITICAL (4 * M_PI) /* 8 pi D Dc/(chi beta) with chi = 2 */

/* ---- linear ---- */

static double Growth(Setup *s, double chi, double q) {
  const RhoSetting set = {"chi", chi, RHO_NOWHERE};
  const double rho = 0.7, *along[RHO_MAXDIM] = {&q, NULL, NULL};
  double complex rate;
  Require(s->diag, RhoEquationsBind(s->eq, 2, 1, &set, s->value), "parameters");
  assert_int_equal(RhoDispersion(s->eq, 2, s->value, &rho, 1, along, NULL, &rate, NULL), RHO_OK);
  return creal(rate);
}

/* The sensitivity at which a wave begins to grow, by bisection. */
static void test_linear(void **state) {
  Setup s;
  (void)state;
  OpenModel(MODEL, &s);
  for (double q = 0.1; q < 3; q *= 2) {
    double low = 0.1, high = 30;
    while (high - low > 1e-14 * high) {
      double middle = (low + high) / 2;
      if (middle == low || middle == high) break;
      *(Growth(&s, middle, q) > 0 ? &high : &low) = middle;
    }
    assert_true(fabs(low * 0.7 / (q * q + 1) - 1) < 1e-12);
  }
  CloseModel(&s);
}

/* ---- a drop in a plane ---- */

static void OpenDrop(Setup *s, int ncell, double k, double mass) {
  RhoMesh mesh = Line(0, SIDE, ncell, RHO_PERIODIC);
  const RhoSetting set = {"k", k, RHO_NOWHERE};
  PetscScalar *u;
  mesh.ndimension = 2;
  mesh.dimension[1] = mesh.dimension[0];
  mesh.dimension[1].name = "y";
  OpenModel(MODEL, s);
  Require(s->diag, RhoEquationsBind(s->eq, 2, 1, &set, s->value), "parameters");
  assert_true(MakeGrid(s, PETSC_COMM_SELF, &mesh));
  OK(VecGetArray(s->u, &u));
  for (PetscInt p = 0; p < s->grid->nowned; p++) {
    double x[RHO_MAXDIM];
    PlaceOf(s->grid, p, x);
    double r2 = pow(x[0] - SIDE / 2, 2) + pow(x[1] - SIDE / 2, 2);
    u[p] = mass / (2 * M_PI * WIDTH * WIDTH) * exp(-r2 / (2 * WIDTH * WIDTH));
  }
  OK(VecRestoreArray(s->u, &u));
}

static double SecondMoment(const Setup *s, Vec v) {
  const PetscScalar *u;
  double sum = 0, volume = s->grid->h[0] * s->grid->h[1];
  OK(VecGetArrayRead(v, &u));
  for (PetscInt p = 0; p < s->grid->nowned; p++) {
    double x[RHO_MAXDIM];
    PlaceOf(s->grid, p, x);
    sum += volume * u[p] * (pow(x[0] - SIDE / 2, 2) + pow(x[1] - SIDE / 2, 2));
  }
  OK(VecRestoreArrayRead(v, &u));
  return sum;
}

/* d/dt int rho r^2 over 4 D M, on a grid */
static double Spreading(int ncell, double mass) {
  Setup s;
  Vec F;
  OpenDrop(&s, ncell, 1e-6, mass);
  OK(VecDuplicate(s.u, &F));
  OK(RhoResidual(s.fm, 0, s.u, F));
  double rate = SecondMoment(&s, F) / (4 * mass);
  OK(VecDestroy(&F));
  CloseGrid(&s);
  CloseModel(&s);
  return rate;
}

static void test_virial(void **state) {
  static const double ratio[] = {0.5, 1, 1.5};
  (void)state;
  for (int k = 0; k < COUNT(ratio); k++) {
    double infinite = 1 - ratio[k], exact = 1 - ratio[k] * (1 - 2 * M_PI * 2 * WIDTH * WIDTH / (SIDE * SIDE));
    double coarse = Spreading(64, ratio[k] * CRITICAL), fine = Spreading(128, ratio[k] * CRITICAL);
    double best = fine + (fine - coarse) / 3;
    print_message("mass %.1f: %.6f, %.6f, extrapolated %.7f; %.7f, in an infinite plane %.1f\n", ratio[k], coarse, fine,
                  best, exact, infinite);
    assert_true(fabs(best - exact) < 2e-4);
    assert_true(log2((coarse - best) / (fine - best)) > 1.9);
  }
}

/* ---- runs ---- */

static double LargestAfter(int ncell, double mass, double end) {
  Setup s;
  PetscReal largest;
  OpenDrop(&s, ncell, 0.01, mass);
  (void)RunDone(&s, Until(end, 1e-4));
  OK(VecMax(s.u, NULL, &largest));
  CloseGrid(&s);
  CloseModel(&s);
  return largest;
}

static void test_runs(void **state) {
  (void)state;
  for (int ncell = 48; ncell <= 96; ncell *= 2) {
    double start = CRITICAL / (2 * M_PI * WIDTH * WIDTH), cell = pow(SIDE / ncell, 2);
    double low = LargestAfter(ncell, 0.8 * CRITICAL, 2), high = LargestAfter(ncell, 1.2 * CRITICAL, 2);
    print_message("%d^2 cells: at most %.3f of the start; %.3f of all mass in one cell\n", ncell, low / (0.8 * start),
                  high * cell / (1.2 * CRITICAL));
    assert_true(low < 0.4 * 0.8 * start);
    assert_true(high * cell > 0.85 * 1.2 * CRITICAL);
  }
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_linear), cmocka_unit_test(test_virial),
                                     cmocka_unit_test(test_runs)};
  return RunTests(argc, argv, tests, COUNT(tests));
}
