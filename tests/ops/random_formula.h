/* random_formula.h - random formulas of two fields a, b with every operator that has an adjoint. */
#ifndef RHO_TESTS_OPS_RANDOM_FORMULA_H
#define RHO_TESTS_OPS_RANDOM_FORMULA_H
#include "ops_check.h"

#define RANDOM_HEAD                                                                                                    \
  "kernels: {K: {shape: gaussian, width: 0.8}, Y: {shape: yukawa, length: 0.5}}\n"                                     \
  "parameters: {p: 0.7, k: 1.3}\n"                                                                                     \
  "dimensions: [x, y]\n"

static const char random_model[] = RANDOM_HEAD "dynamics: {a: {}, b: {}}\n";

/* A scalar formula of that depth; values stay moderate, derivatives smooth. */
static inline void RandomFormula(uint64_t *seed, int depth, char *text, size_t room) {
  static const char *const leaf[] = {"a", "b", "p", "0.5", "(a - b)", "k*a"};
  static const char *const one[] = {"conv(K, %s)", "conv(Y, %s)", "0.2*lap(%s)",  "0.5*d(%s, x)", "0.5*d(%s, y)",
                                    "tanh(%s)",    "sin(%s)",     "exp(-(%s)^2)", "(%s)^2",       "(0.3*(%s))^3"};
  static const char *const two[] = {
      "(%s + %s)",        "(%s - %s)", "(%s)*(%s)", "0.3*dot(grad(%s), grad(%s))", "0.2*div((%s)*grad(%s))",
      "(%s)/(2 + (%s)^2)"};
  char first[1024], second[1024];
  if (depth == 0) {
    snprintf(text, room, "%s", leaf[Choose(seed, COUNT(leaf))]);
    return;
  }
  RandomFormula(seed, depth - 1, first, sizeof first);
  if (Choose(seed, 2)) {
    snprintf(text, room, one[Choose(seed, COUNT(one))], first);
    return;
  }
  RandomFormula(seed, depth - 1, second, sizeof second);
  snprintf(text, room, two[Choose(seed, COUNT(two))], first, second);
}

#endif
