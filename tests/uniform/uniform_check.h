/* uniform_check.h - growth rates of a loaded model. */
#ifndef RHO_TESTS_UNIFORM_CHECK_H
#define RHO_TESTS_UNIFORM_CHECK_H
#include "../ops/ops_check.h"
#include "../reference/rows.h"
#include "rhoflux/uniform.h"

/* The modes at wavenumber q along x: lambda[nfield]. */
static inline void ModesAt(Loaded *m, int dim, const double *state, double q, double complex *lambda) {
  const double *all[RHO_MAXDIM] = {&q, NULL, NULL};
  Require(m, RhoDispersion(m->eq, dim, m->value, state, 1, all, NULL, lambda, NULL), "dispersion");
}

#endif
