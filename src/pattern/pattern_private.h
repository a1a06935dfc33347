/* pattern_private.h - what the files of pattern share. */
#ifndef RHO_PATTERN_PRIVATE_H
#define RHO_PATTERN_PRIVATE_H
#include "rhoflux/pattern.h"

/* The bordered linear system of one state (border.c):

     [ sigma - J - s D   -w_c   -D u ] [du]   [ F + s D u ]
     [ w_c'                          ] [  ] = [ missing   ]
     [ (D u)'                        ] [ds]   [ 0         ]

   Column-major, dense. */
typedef struct {
  RhoFieldModel fm;
  RhoGrid grid;
  RhoTangent tangent;
  PetscInt n, nkept, m; /* cells times fields; combinations; unknowns in all */
  PetscInt *kept;       /* [nkept] their numbers */
  PetscBool moves;      /* the line is periodic, and nothing on it marks a place */
  Vec v, Jv;
  PetscReal *A, *rhs; /* [m][m], [m]; the solution after Solve */
  PetscReal largest;  /* |J_ij| */
  PetscBLASInt *pivot;
} RhoBorder;

PetscErrorCode rho_border_create(RhoFieldModel fm, RhoBorder *border);
PetscErrorCode rho_border_destroy(RhoBorder *border);
/* du[n*nfield] = d_x u by differences over two cells. */
void rho_border_derivative(const RhoBorder *border, const PetscReal *u, PetscReal *du);
/* rhs <- the correction of u and of the speed, for the residual F + s D u of cells G[n] and totals that are missing. */
PetscErrorCode rho_border_solve(RhoBorder *border, PetscReal t, Vec u, PetscReal sigma, PetscReal speed,
                                const PetscReal *G, const PetscReal *missing, PetscBool *singular);
#endif
