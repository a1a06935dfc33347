/* Families of states in one number, through folds, to where they are known to end. */
#include "../field/check.h"
#include "rhoflux/pattern.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))
enum { N = 64, ALIVE = 4, MOST = 400 };

/* phi^4/4 - phi^2/2 with square gradient K between walls; p is the mean, or the length of the box. */
typedef struct {
  Setup s;
  double length, mean;
  bool of_length;
  int next;
  RhoGrid grid[ALIVE];
  RhoFieldModel fm[ALIVE];
  int npoint, nfold;
  double p[MOST], amplitude[MOST], slope;
} Family;

static const char cahn_hilliard[] = "dynamics: {phi: {mobility: 1, potential: phi^3 - phi - lap(phi)}}\n";

static RhoMesh Walls(double length) {
  int n = N;
  RhoMesh mesh = BoxMesh(1, &n, RHO_WALL);
  mesh.dimension[0].to = length;
  return mesh;
}

static PetscErrorCode At(void *ctx, PetscReal p, RhoFieldModel *fm, PetscReal *total) {
  Family *f = ctx;
  RhoMesh mesh = Walls(f->of_length ? p : f->length);
  int k = f->next++ % ALIVE;
  PetscFunctionBegin;
  PetscCall(RhoFieldDestroy(&f->fm[k]));
  PetscCall(RhoGridDestroy(&f->grid[k]));
  PetscCall(RhoGridCreate(PETSC_COMM_SELF, &mesh, 1, RhoFieldHalo(f->s.eq), &f->grid[k]));
  PetscCall(RhoFieldCreate(f->s.eq, f->grid[k], f->s.value, f->s.diag, &f->fm[k]));
  *fm = f->fm[k];
  if (total) total[0] = f->of_length ? f->mean * p : p * f->length;
  PetscFunctionReturn(0);
}

static PetscErrorCode Point(void *ctx, PetscReal p, PetscReal slope, PetscReal speed, Vec u, PetscBool *stop) {
  Family *f = ctx;
  PetscReal low, high;
  PetscFunctionBegin;
  PetscCall(RhoExtrema(f->fm[0], u, &low, &high));
  assert_true(speed == 0 && f->npoint < MOST);
  if (f->npoint > 0 && slope * f->slope < 0 && high - low > 0.2) f->nfold++; /* at 0 the mirror image begins */
  f->slope = slope;
  f->p[f->npoint] = p;
  f->amplitude[f->npoint++] = high - low;
  *stop = high - low < 0.05 ? PETSC_TRUE : PETSC_FALSE;
  PetscFunctionReturn(0);
}

static void FollowFrom(Family *f, double from, double to) {
  RhoFollowOptions options = {.from = from, .to = to, .step = 0.001, .most = MOST};
  RhoPatternReason reason;
  RhoMesh mesh = Walls(f->length);
  PetscScalar *u;
  assert_true(SetupText(cahn_hilliard, &mesh, &f->s));
  OK(VecGetArray(f->s.u, &u));
  for (int k = 0; k < N; k++) u[k] = f->mean - cos(M_PI * (k + 0.5) / N);
  OK(VecRestoreArray(f->s.u, &u));
  OK(RhoPatternFollow(At, Point, f, &options, f->s.u, &reason));
  assert_int_equal(reason, RHO_PATTERN_FOUND);
  for (int k = 0; k < ALIVE; k++) {
    OK(RhoFieldDestroy(&f->fm[k]));
    OK(RhoGridDestroy(&f->grid[k]));
  }
  SetupClose(&f->s);
}

/* p where the amplitude vanishes, p being linear in its square, from the last two points. */
static double End(const Family *f) {
  int last = f->npoint - 1;
  double a = pow(f->amplitude[last - 1], 2), b = pow(f->amplitude[last], 2);
  assert_true(f->amplitude[last] < 0.05);
  return f->p[last] - b * (f->p[last - 1] - f->p[last]) / (a - b);
}

static double SquareWave(double length) {
  double h = length / N, q = 2 / h * sin(M_PI * h / (2 * length));
  return q * q;
}

/* The front in a box bends back, turns into a bulge, and that ends where uniform states turn unstable against half a
   wave, 3 mean^2 - 1 + q^2 = 0; beyond it there is a fold, up to which the front survives. */
static void Mean(void **state) {
  Family f = {.length = 12};
  (void)state;
  FollowFrom(&f, 0, 1);
  double end = sqrt((1 - SquareWave(f.length)) / 3), farthest = 0;
  for (int k = 0; k < f.npoint; k++) farthest = fmax(farthest, f.p[k]);
  print_message("  %d points, %d folds, farthest %.5f, end %.6f (%.6f)\n", f.npoint, f.nfold, farthest, End(&f), end);
  assert_int_equal(f.nfold, 1);
  assert_true(fabs(End(&f) - end) < 1e-5);
  assert_true(farthest > end + 0.01);
}

/* At mean zero a front needs a box longer than pi: where the first wave gets unstable, without a fold. */
static void Length(void **state) {
  Family f = {.length = 10, .of_length = true};
  (void)state;
  FollowFrom(&f, 10, 3);
  double end = M_PI * sin(M_PI / (2 * N)) / (M_PI / (2 * N)); /* q = 1 on the grid */
  print_message("  %d points, %d folds, end %.6f (%.6f)\n", f.npoint, f.nfold, End(&f), end);
  assert_int_equal(f.nfold, 0);
  assert_true(fabs(End(&f) - end) < 1e-5);
}

int main(int argc, char **argv) {
  const struct CMUnitTest test[] = {cmocka_unit_test(Mean), cmocka_unit_test(Length)};
  return RunTests(argc, argv, test, COUNT(test));
}
