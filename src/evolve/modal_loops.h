/* modal_loops.h - loops over modes.  Private to evolve; modal_loops.c is compiled for the vector units there are.

   Arrays of modes have `width` numbers each, 2: complex, 1: real; factors one number per mode. */
#ifndef RHO_MODAL_LOOPS_H
#define RHO_MODAL_LOOPS_H
#include "rhoflux/base.h"
#include <petscsys.h>

/* out (first: = else +=) (a + i b) x; b NULL: none (width 2) */
void rho_modal_multiply(PetscInt nmode, PetscInt width, const PetscReal *a, const PetscReal *b, const PetscScalar *x,
                        PetscBool first, PetscScalar *out);
/* sum of weight |x|^2 */
PetscReal rho_modal_square(PetscInt nmode, PetscInt width, const PetscReal *weight, const PetscScalar *x);

/* x of (shift - A - i B) x = b in place, x[n] arrays of modes, A[nmode][n][n], B NULL: none. */
void rho_modal_solve(PetscInt nmode, PetscInt width, PetscInt n, PetscReal shift, const PetscReal *A,
                     const PetscReal *B, PetscScalar *const *x);

#endif
