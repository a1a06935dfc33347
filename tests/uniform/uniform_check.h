/* uniform_check.h - growth rates of a loaded model. */
#ifndef RHO_TESTS_UNIFORM_CHECK_H
#define RHO_TESTS_UNIFORM_CHECK_H
#include "../ops/ops_check.h"
#include "../reference/rows.h"
#include "rhoflux/uniform.h"

/* Grosberg, Joanny 2015, with square gradients; two species whose speeds depend on the densities of both. */
static const char two_temperature[] =
    "fields: {A: density, B: density}\n"
    "parameters: {TA: 50, TB: 1, zA: 1, zB: 1, BA: 1, BB: 1, BAB: 1, T: (zB*TA + zA*TB)/(zA + zB)}\n"
    "dynamics:\n"
    "  A: {mobility: A/zA, potential: TA*log(A) + TA*BA*A + T*BAB*B - 0.3*lap(A)}\n"
    "  B: {mobility: B/zB, potential: TB*log(B) + TB*BB*B + T*BAB*A - 0.2*lap(B)}\n";

static const char cross[] = "fields: {a: density, b: density}\n"
                            "parameters: {ks: -0.75, ka: 0, kb: 0}\n"
                            "kernels: {K: {shape: gaussian, width: 1}}\n"
                            "define:\n"
                            "  va: exp(ks*tanh((conv(K, a) - 1)/0.5) + ka*tanh((conv(K, b) - 1)/0.5))\n"
                            "  vb: exp(ks*tanh((conv(K, b) - 1)/0.5) + kb*tanh((conv(K, a) - 1)/0.5))\n"
                            "dynamics:\n"
                            "  a: {mobility: a*va^2, potential: log(a) + log(va)}\n"
                            "  b: {mobility: b*vb^2, potential: log(b) + log(vb)}\n";

/* The modes at wavenumber q along x: lambda[nfield]. */
static inline void ModesAt(Loaded *m, int dim, const double *state, double q, double complex *lambda) {
  const double *all[RHO_MAXDIM] = {&q, NULL, NULL};
  Require(m, RhoDispersion(m->eq, dim, m->value, state, 1, all, NULL, lambda, NULL), "dispersion");
}

#endif
