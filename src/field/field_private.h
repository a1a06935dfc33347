/* field_private.h - what the files of field share besides the programs of fv.h. */
#ifndef RHO_FIELD_PRIVATE_H
#define RHO_FIELD_PRIVATE_H
#include "fv.h"

/* The fields (or variations), whose ghosts are in an interleaved local vector, as inputs of a plan, appended. */
PetscErrorCode rho_fv_inputs(RhoFieldModel fm, Vec local, const RhoNode *symbol, int *ninput, FvArray *input);
const RhoNode *rho_fv_field_symbols(RhoFieldModel fm);
/* The cell nodes that face formulas read through their L and R symbols: distinct among target[first..], margin 1. */
void rho_fv_traces(RhoFieldModel fm, int nface, const RhoNode *face, int first, int *ntarget, RhoNode *target,
                   int *margin);
void rho_fv_laplacian_traces(int nlaplacian, const FvLaplacian *laplacian, int first, int *ntarget, RhoNode *target,
                             int *margin);
/* ---- tangents ---- */

struct RhoTangent_s {
  RhoFieldModel fm;
  RhoPart part;
  PetscBool whole; /* F(u) = L(u) u */
  void *own;       /* of the discretisation */
};

/* ---- finite volumes: reading.h ---- */

PetscErrorCode rho_fv_residual_create(RhoFieldModel fm);
PetscErrorCode rho_fv_residual_destroy(RhoFieldModel fm);
PetscErrorCode rho_fv_residual(RhoFieldModel fm, PetscReal t, Vec u, Vec F);
PetscErrorCode rho_fv_formulas_create(RhoFieldModel fm, PetscInt n, const RhoNode *node, void **formulas);
PetscErrorCode rho_fv_formulas_destroy(void **formulas);
PetscErrorCode rho_fv_formulas_eval(void *formulas, PetscReal t, Vec u, Vec out);
PetscErrorCode rho_fv_tangent_create(RhoFieldModel fm, RhoPart part, void **tangent);
PetscErrorCode rho_fv_tangent_destroy(void **tangent);
PetscErrorCode rho_fv_tangent_set(void *tangent, PetscReal t, Vec u);
PetscErrorCode rho_fv_tangent_apply(void *tangent, Vec v, Vec Lv);
PetscBool rho_fv_tangent_constant(void *tangent);
/* Leaves out what a mirror wall brings from another place, for matrices; PETSC_FALSE: as before. */
void rho_fv_tangent_local(void *tangent, PetscBool local);

PetscErrorCode rho_free_energy_destroy(RhoFieldModel fm);

#endif
