/* exponential.h - exponential steps, for exponential.c and for the first steps of multistep.c.  Private to evolve. */
#ifndef RHO_EXPONENTIAL_H
#define RHO_EXPONENTIAL_H
#include "modal_state.h"

typedef struct {
  const struct RhoExponentialScheme_s *scheme;
  PetscReal length; /* of the tables; 0: there are none */
} RhoExponential;

/* variant: "2", "4".  registers: bits of those that are needed besides. */
PetscErrorCode rho_exponential_create(RhoOneStep *one, const char *variant, unsigned registers,
                                      RhoExponential *exponential);
/* The step from the state: to RHO_MODAL_NEXT, with what errors are measured by. */
PetscErrorCode rho_exponential_solve(RhoOneStep *one, RhoExponential *exponential, PetscReal h, PetscBool *solved);

#endif
