/* conv(K, u) on a grid is the integral of K times u, continued as the box says: periodically, or by its mirror image at
   walls; for kernels of every kind, and for those of more dimensions than the mesh. */
#include "check.h"

enum { N = 48 };
static const double length = 3;

/* ---- the integral ---- */

/* periodic with the period, and even about both ends of half of it: a wall's mirror image is itself */
static double U(double x, double period) { return exp(cos(2 * M_PI * x / period)); }

typedef double (*KernelFn)(double r);

/* int_-range^range K(|s|) u(x + s) ds by Gauss rules of 4 points on 4000 pieces, half of them on each side of 0 */
static double Integral(KernelFn K, double range, double x, double period) {
  static const double point[2] = {0.33998104358485626, 0.86113631159405258},
                      weight[2] = {0.65214515486254614, 0.34785484513745386};
  double sum = 0, h = range / 2000;
  for (int k = -2000; k < 2000; k++)
    for (int g = 0; g < 4; g++) {
      double s = (k + 0.5 + 0.5 * (g < 2 ? -1 : 1) * point[g % 2]) * h;
      sum += 0.5 * h * weight[g % 2] * K(fabs(s)) * U(x + s, period);
    }
  return sum;
}

static double Gaussian(double r) { return exp(-r * r / 0.18) / sqrt(0.18 * M_PI); } /* width 0.3 */
static double Tophat(double r) { return r < 0.7 ? 1 / 1.4 : 0; }
static double Bump(double r) { return r < 0.7 ? exp(-1 / (1 - r * r / 0.49)) : 0; } /* times its norm, below */
static double Cut(double r) { return r < 0.9 ? cos(r) : 0; }
static double Screened(double r) { return exp(-r / 0.2) / 0.4; } /* 1/(1 + (0.2 q)^2) in one dimension */
/* of three dimensions, seen in planes: int K(sqrt(x^2 + s^2)) 2 pi s ds */
static double PlanarGaussian(double r) { return 5 * exp(-r * r / 0.18) / sqrt(0.18 * M_PI); }
static double PlanarCut(double r) { return r < 0.8 ? M_PI * (0.64 - r * r) : 0; } /* the ball of radius 0.8 */

/* ---- on the grid ---- */

static double Error(const char *kernel, KernelFn K, double range, RhoBoundary boundary) {
  const int cells[3] = {N, 1, 1};
  RhoMesh mesh = BoxMesh(1, cells, boundary);
  double period = boundary == RHO_PERIODIC ? length : 2 * length, error = 0, scale = 1;
  char text[512];
  const PetscScalar *f;
  PetscScalar *u;
  Setup s;
  Vec F;
  snprintf(text, sizeof text, "dimensions: [x]\nkernels: {K: %s}\ndynamics: {u: {reaction: 'conv(K, u)'}}", kernel);
  assert_true(SetupText(text, &mesh, &s));
  assert_true(RhoKernelsFit(s.eq, &mesh, s.value, s.diag));
  OK(VecDuplicate(s.u, &F));
  OK(VecGetArray(s.u, &u));
  for (int p = 0; p < N; p++) u[p] = U((p + 0.5) * length / N, period);
  OK(VecRestoreArray(s.u, &u));
  OK(RhoResidual(s.fm, 0, s.u, F));
  if (K == Bump) scale = 1 / (Integral(Bump, 0.7, 0, INFINITY) / exp(1));
  OK(VecGetArrayRead(F, &f));
  for (int p = 0; p < N; p++) error = Worse(error, f[p] - scale * Integral(K, range, (p + 0.5) * length / N, period));
  OK(VecRestoreArrayRead(F, &f));
  OK(VecDestroy(&F));
  SetupClose(&s);
  return error;
}

/* Property: to the accuracy of the test's quadrature; u is band-limited to rounding on this grid. */
static void IsTheIntegral(void **state) {
  (void)state;
  static const struct {
    const char *kernel;
    KernelFn K;
    double range, tolerance;
  } row[] = {{"{shape: gaussian, width: 0.3}", Gaussian, 3, 1e-12},
             {"{r: 'exp(-r^2/0.18)/sqrt(0.18*pi)'}", Gaussian, 3, 1e-12},
             {"{q: 'exp(-(0.3*q)^2/2)'}", Gaussian, 3, 1e-12},
             {"{shape: tophat, radius: 0.7}", Tophat, 0.7, 1e-12},
             {"{shape: bump, radius: 0.7}", Bump, 0.7, 1e-12},
             {"{r: cos(r), cutoff: 0.9}", Cut, 0.9, 1e-12},
             {"{shape: yukawa, length: 0.2}", Screened, 8, 1e-12},
             {"{shape: gaussian, width: 0.3, integral: 5, dim: 3}", PlanarGaussian, 3, 1e-11},
             {"{r: '1', cutoff: 0.8, dim: 3}", PlanarCut, 0.8, 1e-11}};
  for (size_t k = 0; k < sizeof row / sizeof *row; k++)
    for (int b = 0; b < 2; b++) {
      double error = Error(row[k].kernel, row[k].K, row[k].range, b ? RHO_WALL : RHO_PERIODIC);
      if (!(error < row[k].tolerance)) fail_msg("%s, %s: error %g", row[k].kernel, b ? "walls" : "periodic", error);
    }
}

/* ---- tables ---- */

static char *WriteTable(int n, double end, double (*f)(double)) {
  char *path = strdup("/tmp/rhoflux_table_XXXXXX");
  int file = mkstemp(path);
  assert_true(file >= 0);
  FILE *stream = fdopen(file, "w");
  for (int k = 0; k <= n; k++) fprintf(stream, "%.17g %.17g\n", end * k / n, f(end * k / n));
  fclose(stream);
  return path;
}

static double TableError(const char *of, int n, double end, double (*f)(double), RhoBoundary boundary) {
  const int cells[3] = {N, 1, 1};
  RhoMesh mesh = BoxMesh(1, cells, boundary);
  double period = boundary == RHO_PERIODIC ? length : 2 * length, error = 0;
  char text[512], *path = WriteTable(n, end, f);
  const PetscScalar *g;
  PetscScalar *u;
  Setup s;
  Vec F;
  snprintf(text, sizeof text,
           "dimensions: [x]\ntables: {D: {file: %s}}\nkernels: {K: {table: D, of: %s}}\n"
           "dynamics: {u: {reaction: 'conv(K, u)'}}",
           path, of);
  assert_true(SetupText(text, &mesh, &s));
  OK(VecDuplicate(s.u, &F));
  OK(VecGetArray(s.u, &u));
  for (int p = 0; p < N; p++) u[p] = U((p + 0.5) * length / N, period);
  OK(VecRestoreArray(s.u, &u));
  OK(RhoResidual(s.fm, 0, s.u, F));
  OK(VecGetArrayRead(F, &g));
  for (int p = 0; p < N; p++) error = Worse(error, g[p] - Integral(Gaussian, 3, (p + 0.5) * length / N, period));
  OK(VecRestoreArrayRead(F, &g));
  OK(VecDestroy(&F));
  SetupClose(&s);
  unlink(path);
  free(path);
  return error;
}

static double GaussianHat(double q) { return exp(-0.045 * q * q); }

/* Property: a table in r or in q, periodic or between walls, is the kernel within h^4 of its rows. */
static void Tables(void **state) {
  (void)state;
  for (int b = 0; b < 2; b++)
    for (int q = 0; q < 2; q++) {
      RhoBoundary boundary = b ? RHO_WALL : RHO_PERIODIC;
      double end = q ? 60 : 2.9;
      double coarse = TableError(q ? "q" : "r", 40, end, q ? GaussianHat : Gaussian, boundary);
      double fine = TableError(q ? "q" : "r", 160, end, q ? GaussianHat : Gaussian, boundary);
      if (!(log2(coarse / fine) / 2 > 3.6 && fine < 1e-5))
        fail_msg("of %s, %s: errors %g, %g", q ? "q" : "r", b ? "walls" : "periodic", coarse, fine);
    }
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(IsTheIntegral), cmocka_unit_test(Tables)};
  return RunTests(argc, argv, tests, sizeof tests / sizeof *tests);
}
