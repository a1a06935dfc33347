/* quadrature.c - Gauss-Legendre on [0, 1], exact for polynomials of degree 2 n - 1.

   Points are (1 + x)/2 with P_n(x) = 0, weights 1/((1 - x^2) P_n'(x)^2); M. Abramowitz, I. A. Stegun (1964), 25.4. */
#include "rhoflux/expr.h"
#include <math.h>

double RhoLegendre(int n, double x, double *slope) {
  double p = 1, before = 0;
  for (int k = 1; k <= n; k++) {
    double next = ((2 * k - 1) * x * p - (k - 1) * before) / k;
    before = p;
    p = next;
  }
  if (slope) *slope = n * (x * p - before) / (x * x - 1);
  return p;
}

void RhoGaussRule(int n, double *point, double *weight) {
  for (int i = 0; i < n; i++) {
    double x = -cos(M_PI * (i + 0.75) / (n + 0.5)), slope;
    for (int step = 0; step < 8; step++) x -= RhoLegendre(n, x, &slope) / slope;
    RhoLegendre(n, x, &slope);
    point[i] = 0.5 * (1 + x);
    weight[i] = 1 / ((1 - x * x) * slope * slope);
  }
}

double RhoGaussPoint(int k, double *weight) {
  static const double x[8] = {0.0950125098376374402, 0.2816035507792589132, 0.4580167776572273863,
                              0.6178762444026437484, 0.7554044083550030339, 0.8656312023878317439,
                              0.9445750230732325761, 0.9894009349916499326};
  static const double w[8] = {0.1894506104550684963, 0.1826034150449235889, 0.1691565193950025382,
                              0.1495959888165767321, 0.1246289712555338721, 0.0951585116824927848,
                              0.0622535239386478929, 0.0271524594117540949};
  *weight = 0.5 * w[k / 2];
  return 0.5 + (k % 2 ? 0.5 : -0.5) * x[k / 2];
}
