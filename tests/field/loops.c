/* The stencil loops against the sums they are short for, to the bit. */
#include "check.h"
#include "loops.h"

enum { ROOM = 400, ROW = 11, PLANE = 47, MOST = 70 };

static double Second(const double *a, PetscInt p, PetscInt j) { return (a[p + j] - a[p]) - (a[p] - a[p - j]); }

/* in the order of the dimensions, and added to what there is */
static double Expected(int ndim, const PetscInt *stride, const PetscReal *w, const double *a, PetscInt p,
                       const double *before) {
  double sum = w[0] * Second(a, p, stride[0]);
  for (int d = 1; d < ndim; d++) sum += w[d] * Second(a, p, stride[d]);
  return before ? *before + sum : sum;
}

/* Nothing but n cells is written, nothing but they and their neighbours is read. */
static void Compare(int ndim, PetscInt n, bool first, const double *around) {
  const PetscInt stride[] = {1, ROW, PLANE};
  const PetscReal w[] = {0.7, 1.3, 0.9};
  double a[ROOM], out[MOST + 2], before[MOST + 2], *cell = a + ROOM / 2;
  for (int k = 0; k < ROOM; k++) a[k] = NAN;
  for (PetscInt p = 0; p < n; p++)
    for (int d = 0; d < ndim; d++)
      for (int side = -1; side <= 1; side++) cell[p + side * stride[d]] = around[p + side * stride[d] + ROOM / 2];
  for (int k = 0; k < MOST + 2; k++) out[k] = before[k] = around[k];
  assert_false(rho_loop_add_laplacian(n, ndim, stride, w, cell, 1, (PetscBool)first, out + 1));
  for (PetscInt p = 0; p < n; p++)
    assert_true(out[p + 1] == Expected(ndim, stride, w, cell, p, first ? NULL : &before[p + 1]));
  assert_true(out[0] == before[0] && out[n + 1] == before[n + 1]);
}

/* Property: in rows of any length, one to three dimensions, a laplacian is the sum of its second differences. */
static void Laplacians(void **state) {
  (void)state;
  double around[ROOM];
  for (int k = 0; k < ROOM; k++) around[k] = sin(1 + 0.37 * k * k);
  for (int ndim = 1; ndim <= 3; ndim++)
    for (PetscInt n = 0; n <= MOST; n++) {
      Compare(ndim, n, true, around);
      Compare(ndim, n, false, around);
    }
}

/* Is x seen at cell p of n by every loop that a residual can end with? */
static void Seen(PetscInt n, PetscInt p, double x, bool bad) {
  const PetscInt stride[] = {1, 0, 0};
  const PetscReal w[] = {1, 0, 0};
  double a[MOST + 2] = {0}, zero[MOST + 4] = {0}, out[MOST] = {0}, ones[MOST + 2];
  RhoStretched equal = {ones + 1, ones, ones + 1};
  for (int k = 0; k < MOST + 2; k++) ones[k] = 1;
  out[p] = x;
  assert_int_equal(rho_loop_excess(n, out), bad);
  assert_int_equal(rho_loop_difference(n, a + 1, a, out), bad);
  assert_int_equal(rho_loop_stretched_difference(n, ones, a + 1, a, out), bad);
  assert_int_equal(rho_loop_add_laplacian(n, 1, stride, w, zero + 1, 1, PETSC_FALSE, out), bad);
  assert_int_equal(rho_loop_add_laplacian(n / 2, 1, stride, w, zero + 2, 2, PETSC_FALSE, out), bad && p < n / 2);
  assert_int_equal(rho_loop_stretched_laplacian(n, 1, equal, zero + 1, 1, 1, PETSC_FALSE, out), bad);
  assert_int_equal(rho_loop_add_laplacian(n, 1, stride, w, zero + 1, 1, PETSC_TRUE, out), false);
}

/* Property: infinite, undefined and huge rates are noticed wherever they stand, others never. */
static void Excesses(void **state) {
  (void)state;
  static const double bad[] = {NAN, -NAN, INFINITY, -INFINITY, 1.001e100, -1.001e100};
  static const double good[] = {0, -0.0, 1, -1, 1e100, -1e100, 1e-310, -1e-310};
  for (PetscInt n = 1; n <= MOST; n += n < 20 ? 1 : 7)
    for (PetscInt p = 0; p < n; p++) {
      for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) Seen(n, p, bad[k], true);
      for (size_t k = 0; k < sizeof good / sizeof *good; k++) Seen(n, p, good[k], false);
    }
}

int main(void) {
  static const struct CMUnitTest tests[] = {cmocka_unit_test(Laplacians), cmocka_unit_test(Excesses)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
