/* stiff_symbol.h - the symbol of the stiff part on the grid, coefficients averaged over cells.  Private to field.

     A(mode) = sum_p l^p (C_p + sum_d s_d C_dp),  l = sum_d s_d,  s_d = (2/h_d sin(q_d h_d/2))^2, spectral: q_d^2

   Where cells are stretched, h_d is their mean width and waves run in the numbers of the cells.  The C are n x n and
   come from the symbol at four values of l, averaged over sample cells of the state (with constant coefficients any
   cell will do). */
#ifndef RHO_STIFF_SYMBOL_H
#define RHO_STIFF_SYMBOL_H
#include "field_private.h"

typedef struct {
  RhoFieldModel fm;
  PetscBool constant;       /* one sample cell says it all */
  RhoSymbolProgram program; /* of the stiff part */
  PetscInt nmode, width, n; /* of the model's transform; fields */
  PetscReal *s[RHO_MAXDIM]; /* [nmode] */
  PetscReal *l, top;        /* [nmode]; the largest of the grid: the scale of the interpolation */
  PetscReal *C;             /* [NPART][NPOWER][n][n] in the scaled variable 3 l/top */
} RhoStiffSymbol;

PetscErrorCode rho_stiff_symbol_create(RhoFieldModel fm, PetscBool constant, RhoStiffSymbol *symbol);
PetscErrorCode rho_stiff_symbol_destroy(RhoStiffSymbol *symbol);
/* Averages over sample cells of the state, the same ones on any number of ranks.  Collective. */
PetscErrorCode rho_stiff_symbol_average(RhoStiffSymbol *symbol, Vec u);
/* A[n][n] of mode m. */
void rho_stiff_symbol_mode(const RhoStiffSymbol *symbol, PetscInt m, PetscReal *A);

#endif
