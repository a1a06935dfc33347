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
RhoFieldModel rho_tangent_field(RhoTangent tangent);
RhoPart rho_tangent_part(RhoTangent tangent);
/* Leaves out what a mirror wall brings from another place, for matrices; PETSC_FALSE: as before. */
void rho_tangent_local(RhoTangent tangent, PetscBool local);
PetscErrorCode rho_free_energy_destroy(RhoFieldModel fm);

#endif
