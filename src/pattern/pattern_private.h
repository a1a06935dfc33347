/* pattern_private.h - what the files of pattern share. */
#ifndef RHO_PATTERN_PRIVATE_H
#define RHO_PATTERN_PRIVATE_H
#include "rhoflux/pattern.h"

/* The bordered linear system of one state (border.c):

     [ sigma - J - s D   -w_c   -D u ] [du]   [ F + s D u ]
     [ w_c'                          ] [  ] = [ missing   ]
     [ (D u)'                        ] [ds]   [ 0         ]

   and, along a family of such systems in a number p, one more column and row: the derivative by p, and what the step
   has to be along the tangent of the family.  Column-major, dense. */
typedef struct {
  RhoFieldModel fm;
  RhoGrid grid;
  RhoTangent tangent;
  PetscInt n, nkept, m; /* cells times fields; combinations; unknowns in all */
  PetscInt *kept;       /* [nkept] their numbers */
  PetscBool moves;      /* the line is periodic, and nothing on it marks a place */
  Vec v, Jv;
  PetscReal *A, *rhs;             /* [m][m], [m]; the solution after Solve */
  PetscReal *column, *row, ahead; /* [m] of p and of the step, and the latter's right-hand side; NULL: no p */
  PetscReal largest;              /* |J_ij| */
  PetscBLASInt *pivot;
} RhoBorder;

/* family: with room for p. */
PetscErrorCode rho_border_create(RhoFieldModel fm, PetscBool family, RhoBorder *border);
PetscErrorCode rho_border_destroy(RhoBorder *border);
/* du[n*nfield] = d_x u by differences over two cells. */
void rho_border_derivative(const RhoBorder *border, const PetscReal *u, PetscReal *du);
/* rhs <- the correction of u and of the speed, for the residual F + s D u of cells G[n] and totals that are missing. */
PetscErrorCode rho_border_solve(RhoBorder *border, PetscReal t, Vec u, PetscReal sigma, PetscReal speed,
                                const PetscReal *G, const PetscReal *missing, PetscBool *singular);
/* range[nf]: largest minus smallest value of each field; where nothing varies the size of the values, or 1. */
void rho_pattern_ranges(PetscInt ncell, PetscInt nf, const PetscScalar *u, PetscReal *range);
#endif
