/* phi.h - the functions of exponential integrators, for numbers and small matrices.  Private to evolve.

     phi_0 = e^z,   phi_{k+1} = (phi_k - 1/k!)/z,   phi_k(0) = 1/k!

   z may be zero, defective, of complex eigenvalues. */
#ifndef RHO_PHI_H
#define RHO_PHI_H
#include "rhoflux/base.h"
#include <petscsys.h>

enum { RHO_NPHI = 4, RHO_PHI_MOST = 32 };

/* phi[k][p] of z[p], p = 0..n-1 */
void rho_phi_numbers(PetscInt n, const PetscReal *z, PetscReal *const phi[RHO_NPHI]);
/* The same of 2 z, in place. */
void rho_phi_numbers_twice(PetscInt n, PetscReal *const phi[RHO_NPHI]);
/* phi[k][n][n] of z[n][n], n <= RHO_PHI_MOST, and those of 2 z. */
void rho_phi_matrix(int n, const PetscReal *z, PetscReal *const phi[RHO_NPHI]);
void rho_phi_matrix_twice(int n, PetscReal *const phi[RHO_NPHI]);

#endif
