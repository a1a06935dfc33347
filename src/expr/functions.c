/* functions.c - the scalar functions that functions.def uses besides those of the C library. */
#include "tape_private.h"
#include "bernoulli.h"

/* x^n by squaring, in the order in which the tape lays out its products. */
static double Product(double x, int n) {
  if (n == 1) return x;
  double rest = Product(x, n % 2 ? n - 1 : n / 2);
  return n % 2 ? rest * x : rest * rest;
}

double RhoPowi(double x, int n) {
  if (n == 0 || n > RHO_LARGEST_PRODUCT || n < -RHO_LARGEST_PRODUCT) return pow(x, n);
  return n > 0 ? Product(x, n) : 1.0 / Product(x, -n);
}

double RhoMin(double x, double y) { return x <= y ? x : x > y ? y : x + y; }

double RhoMax(double x, double y) { return x >= y ? x : x < y ? y : x + y; }

double RhoSign(double x) { return x > 0 ? 1.0 : x < 0 ? -1.0 : x; }

double RhoBernoulli(double z, int order) {
  return order == 0 ? RhoBernoulliValue(z) : order == 1 ? RhoBernoulliSlope(z) : RhoBernoulliCurvature(z);
}
