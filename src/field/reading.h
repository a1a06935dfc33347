/* reading.h - the seam between a model on a grid and the discretisation it is read with.  Private to field.

   A discretisation is a table of functions and a row of RhoDiscretization.  Whoever uses a field model does not know
   which it is. */
#ifndef RHO_READING_H
#define RHO_READING_H
#include "rhoflux/field.h"

typedef struct {
  /* The residual's program; the guard of the model's arena is set. */
  PetscErrorCode (*create)(RhoFieldModel fm);
  PetscErrorCode (*destroy)(RhoFieldModel fm);
  /* As RhoResidual; sets fm->bad, and fm->inflow where something is fed. */
  PetscErrorCode (*residual)(RhoFieldModel fm, PetscReal t, Vec u, Vec F);
  PetscErrorCode (*formulas_create)(RhoFieldModel fm, PetscInt n, const RhoNode *node, void **formulas);
  PetscErrorCode (*formulas_destroy)(void **formulas);
  PetscErrorCode (*formulas_eval)(void *formulas, PetscReal t, Vec u, Vec out);
  PetscErrorCode (*tangent_create)(RhoFieldModel fm, RhoPart part, void **tangent);
  PetscErrorCode (*tangent_destroy)(void **tangent);
  PetscErrorCode (*tangent_set)(void *tangent, PetscReal t, Vec u);
  PetscErrorCode (*tangent_apply)(void *tangent, Vec v, Vec Lv);
  PetscBool (*tangent_constant)(void *tangent); /* no coefficient depends on the state, the place or the time */
} RhoReading;

extern const RhoReading rho_finite_volumes, rho_spectral;

#endif
