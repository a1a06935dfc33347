/* linear.h - (shift - J) x = b and what errors are measured by: what engines share.  Private to evolve. */
#ifndef RHO_LINEAR_H
#define RHO_LINEAR_H
#include "engine.h"
#include <petscksp.h>

/* ---- linear.c ---- */

typedef struct {
  RhoProblem *problem;
  RhoTangent J, stiff; /* the operator, and what the preconditioner is made of; they may be the same.  Not owned. */
  RhoPreconditioner kind;
  RhoSymbolSolver symbol;
  Mat shell, assembled; /* shift - J, shift - stiff */
  KSP ksp;
  PetscReal shift, assembled_shift;
  PetscBool assembled_old; /* the stiff tangent was set anew since the matrix was assembled */
  PetscBool constant;      /* J is not the tangent but its symbol, coefficients averaged over space */
  PetscBool frozen;        /* the stiff tangent was set at least once */
  Vec weight, scaled;      /* residuals are measured times weight (not owned), with a work vector; NULL: as they are */
  PetscReal own_rtol;      /* as the user gave it, 0: not given */
} RhoLinear;

/* prefix: of PETSc's options. */
PetscErrorCode rho_linear_create(RhoProblem *problem, RhoTangent J, RhoTangent stiff, const char *prefix,
                                 RhoLinear *linear);
PetscErrorCode rho_linear_destroy(RhoLinear *linear);
/* Solves to a thousandth of what a step may err, relative to the values; nothing when the user said how well. */
PetscErrorCode rho_linear_tolerance(RhoLinear *linear, PetscReal rtol);
/* The stiff tangent was set about u. */
PetscErrorCode rho_linear_freeze(RhoLinear *linear, Vec u);
/* Makes the preconditioner that of this shift. */
PetscErrorCode rho_linear_prepare(RhoLinear *linear, PetscReal shift);
/* Is the operator the solver's symbol, the tangents never applied? */
PetscBool rho_linear_exact(const RhoLinear *linear);
/* J v, the operator that the solver solves for. */
PetscErrorCode rho_linear_multiply(RhoLinear *linear, Vec v, Vec Jv);
/* To a tenth, from nothing: to smooth an error.  b and x are scaled by the weights, if there are any. */
PetscErrorCode rho_linear_roughly(RhoLinear *linear, PetscReal shift, Vec b, Vec x, PetscBool *converged);
PetscErrorCode rho_linear_solve(RhoLinear *linear, PetscReal shift, Vec b, Vec x, PetscBool *converged);

/* ---- tolerance.c ---- */

typedef struct {
  RhoFieldModel fm;
  PetscReal rtol, atol; /* atol > 0: atol + rtol |u|, the user's own; nothing below is used then */
  Vec cells;            /* tolerance of every cell */
  PetscReal *field;     /* [nfield] the same */
  PetscReal finest;     /* the smallest, relative to its field's rms */
} RhoTolerance;

PetscErrorCode rho_tolerance_create(RhoProblem *problem, RhoTolerance *tolerance);
/* Follows the state; *changed: by a tenth at least, else nothing is touched. */
PetscErrorCode rho_tolerance_update(RhoTolerance *tolerance, Vec u, PetscBool *changed);
/* The same, of a state whose fields have this rms, and this about their means. */
PetscErrorCode rho_tolerance_follow(RhoTolerance *tolerance, const PetscReal *rms, const PetscReal *fluctuation,
                                    PetscBool *changed);
/* w = 1/(leeway*tolerance) of every cell, about the state u. */
PetscErrorCode rho_tolerance_weights(RhoTolerance *tolerance, PetscReal leeway, Vec u, Vec w);
/* Root mean square of e in tolerances, about the state u. */
PetscErrorCode rho_tolerance_norm(const RhoTolerance *tolerance, Vec u, Vec e, PetscReal *norm);
PetscErrorCode rho_tolerance_save(const RhoTolerance *tolerance, RhoEvolveMemory *memory);
PetscErrorCode rho_tolerance_load(RhoTolerance *tolerance, const RhoEvolveMemory *memory);
PetscErrorCode rho_tolerance_destroy(RhoTolerance *tolerance);

#endif
