/* tableau.h - additive Runge-Kutta schemes: one implicit and one explicit table with the same c and b.  Private to
   evolve. */
#ifndef RHO_TABLEAU_H
#define RHO_TABLEAU_H
#include <petscsys.h>

enum { RHO_MAXSTAGE = 16 };

typedef struct {
  int nstage, order;                                                                    /* order of b; d has one less */
  PetscReal implicit[RHO_MAXSTAGE][RHO_MAXSTAGE], explicit[RHO_MAXSTAGE][RHO_MAXSTAGE]; /* lower; diagonal: implicit */
  PetscReal c[RHO_MAXSTAGE], b[RHO_MAXSTAGE], d[RHO_MAXSTAGE]; /* times; weights, and those of the embedded scheme */
} RhoTableau;

/* name: "2" Giraldo, Kelly, Constantinescu (2013), eq. 3.17 (ARK2(1)); "3", "4", "5" Kennedy, Carpenter (2003). */
PetscErrorCode rho_tableau(const char *name, RhoTableau *tableau);

#endif
