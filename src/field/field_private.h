/* field_private.h - what the files of field share besides the programs of fv.h. */
#ifndef RHO_FIELD_PRIVATE_H
#define RHO_FIELD_PRIVATE_H
#include "fv.h"

/* The fields (or variations) of a ghosted interleaved vector as inputs of a plan, appended. */
PetscErrorCode RhoFvInputs(RhoFieldModel fm, Vec local, const RhoNode *symbol, int *ninput, FvArray *input);
const RhoNode *RhoFvFieldSymbols(RhoFieldModel fm);
/* The cell nodes that face formulas read through their L and R symbols: distinct among target[first..], margin 1. */
void RhoFvTraces(RhoFieldModel fm, int nface, const RhoNode *face, int first, int *ntarget, RhoNode *target,
                 int *margin);
RhoFieldModel RhoTangentField(RhoTangent tangent);
RhoPart RhoTangentPart(RhoTangent tangent);

#endif
