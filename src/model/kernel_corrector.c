/* kernel_corrector.c - the corrector coefficient Q of a pair function g(r) = 1 - K(r): div(g grad(Psi)) = d_x g,
   Q = -int Psi d_x g.

   Phi = Psi - x obeys div(g grad Phi) = 0, Phi = phi(r) x/r.  The flux ratio y = g r phi'/phi is smooth where g jumps
   and stays finite where g vanishes:

     dy/d(log r) = (d - 1) g - (d - 2) y - y^2/g,   y = g at r -> 0

   Beyond the range of K phi is proportional to r + b r^(1-d), b = r^d (1 - y)/(y + d - 1), and by Green's identity

     Q = S_d b - int K d^dr

   Integrated panel by panel of the quadrature, which end where K has jumps, by the pairs of Dormand and Prince (1980)
   with steps of relative error 1e-14 each. */
#include "kernel_private.h"
#include <math.h>
#include <stdlib.h>

typedef struct {
  const Kernel *kernel;
  double d;
  bool failed; /* K > 1 */
} Flow;

static double G(Flow *flow, double r) {
  double K;
  RhoTapeEval(flow->kernel->tape, 1, (const double *[]){&r}, NULL, (double *[]){&K}, NULL);
  if (K > 1 + 1e-12) flow->failed = true;
  return fmax(0, 1 - K);
}

/* dy/dr */
static double Slope(Flow *flow, double r, double y) {
  double g = G(flow, r), quotient = y > 0 ? y * y / fmax(g, 1e-290) : 0;
  return ((flow->d - 1) * g - (flow->d - 2) * y - quotient) / r;
}

/* One step of order 5; *error: the difference from order 4. */
static double Step(Flow *flow, double r, double y, double h, double *error) {
  static const double c[] = {0, 1. / 5, 3. / 10, 4. / 5, 8. / 9, 1, 1};
  static const double a[7][6] = {{0},
                                 {1. / 5},
                                 {3. / 40, 9. / 40},
                                 {44. / 45, -56. / 15, 32. / 9},
                                 {19372. / 6561, -25360. / 2187, 64448. / 6561, -212. / 729},
                                 {9017. / 3168, -355. / 33, 46732. / 5247, 49. / 176, -5103. / 18656},
                                 {35. / 384, 0, 500. / 1113, 125. / 192, -2187. / 6784, 11. / 84}};
  static const double e[] = {71. / 57600, 0, -71. / 16695, 71. / 1920, -17253. / 339200, 22. / 525, -1. / 40};
  double k[7], at = y;
  *error = 0;
  for (int i = 0; i < 7; i++) {
    at = y;
    for (int j = 0; j < i; j++) at += h * a[i][j] * k[j];
    k[i] = Slope(flow, r + c[i] * h, at);
    *error += h * e[i] * k[i];
  }
  return at;
}

/* Over a panel, with steps as long as the tolerance lets them be; *h goes on from panel to panel. */
static double Cross(Flow *flow, double from, double to, double y, double *h) {
  double r = from, error;
  for (long k = 0; r < to && k < 1000000 && !flow->failed; k++) {
    double step = fmin(*h, to - r), next = Step(flow, r, y, step, &error);
    double off = fabs(error) / (1e-14 * fmax(fabs(y), 1e-3) + 1e-300);
    bool taken = off <= 1 || step < 1e-14 * r;
    if (taken) {
      r = step == to - r ? to : r + step;
      y = fmax(0, next);
    }
    double factor = fmin(4, fmax(0.1, 0.9 * pow(fmax(off, 1e-10), -0.2)));
    if (!taken || step == *h || factor < 1) *h = isfinite(factor) ? step * factor : 0.1 * step;
  }
  return y;
}

static int ByPlace(const void *a, const void *b) {
  double x = ((const Panel *)a)->a, y = ((const Panel *)b)->a;
  return (x > y) - (x < y);
}

/* y at the end of the range, from so near 0 that the start does not matter: its trace decays as r^-d. */
static double Outside(Flow *flow, Panel *panel, int n) {
  double start = 1e-6 * flow->kernel->range, h = start, y = G(flow, start);
  for (int p = 0; p < n && !flow->failed; p++) {
    double from = fmax(start, panel[p].a), to = panel[p].a + panel[p].h;
    if (to > from) y = Cross(flow, from, to, y, &h);
  }
  return y;
}

RhoStatus rho_kernel_corrector(Kernel *kernel, double *out) {
  static const double zero = 0, surface[] = {0, 2, 2 * M_PI, 4 * M_PI};
  Flow flow = {kernel, kernel->dim, false};
  Nodes nodes;
  double integral;
  RhoStatus status = rho_kernel_nodes(kernel, 0, &nodes);
  if (status) return status;
  rho_kernel_sum(kernel, &nodes, 1, &zero, &integral);
  qsort(kernel->panel, (size_t)kernel->npanel, sizeof *kernel->panel, ByPlace);
  double y = Outside(&flow, kernel->panel, kernel->npanel);
  double b = pow(kernel->range, flow.d) * (1 - y) / (y + flow.d - 1);
  *out = surface[kernel->dim] * b - integral;
  if (!flow.failed && isfinite(*out)) return RHO_OK;
  return rho_kernel_report(kernel, RHO_ID_KERNEL_NO_VALUE, "the kernel '%s' has no corrector%.0s", 0,
                           "it is written as 1 - g with a pair function g that is nowhere negative");
}
