/* modal_solve.h - one small system of equations for each mode.  Private to evolve. */
#ifndef RHO_MODAL_SOLVE_H
#define RHO_MODAL_SOLVE_H
#include <petscsys.h>

/* x of (shift - A - i B) x = b in place, nmode modes of `width` numbers (2: complex, 1: real) of each of n fields,
   field i from x[i*pitch] on; A[n][n][.] with `plane` numbers each, B as well or NULL: none (width 2). */
void rho_modal_solve(PetscInt nmode, PetscInt width, PetscInt n, PetscReal shift, PetscInt plane, const PetscReal *A,
                     const PetscReal *B, PetscInt pitch, PetscScalar *x);

#endif
