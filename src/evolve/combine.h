/* combine.h - linear combinations of many arrays in one sweep.  Private to evolve. */
#ifndef RHO_COMBINE_H
#define RHO_COMBINE_H
#include "rhoflux/base.h"
#include <petscsys.h>

/* to[p] = sum_k c[k] from[k][p], summed in this order, p = 0..n-1; to overlaps none of them.  m >= 1. */
void rho_combine(PetscInt n, int m, const PetscReal *c, const PetscScalar *const *from, PetscScalar *to);
/* x[p] = s y[p] - x[p] */
void rho_combine_less(PetscInt n, PetscReal s, const PetscScalar *y, PetscScalar *x);

#endif
