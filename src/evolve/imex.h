/* imex.h - the split right-hand side of a run and the solver of its stages.  Private to evolve. */
#ifndef RHO_IMEX_H
#define RHO_IMEX_H
#include "linear.h"
#include "stage_flow.h"
#include <petscts.h>

typedef struct {
  RhoProblem *problem;
  RhoFieldModel fm;
  RhoTangent stiff;
  RhoLinear linear; /* shift - L */
  RhoTolerance tolerance;
  PetscReal shift;
  Vec b, F, LY;        /* stage: shift*Z; residual and L Y of the vector `known` */
  PetscObjectId known; /* ... of this vector in this state; 0: of none */
  PetscObjectState state;
  PetscBool solved;                  /* ... a stage's solution: L Y = shift Y - b, not in LY */
  PetscBool cleared;                 /* LY is zero */
  PetscBool zero;                    /* the state handed to IFunction is zero */
  PetscBool first;                   /* F is the residual of the step's beginning, not yet of a stage */
  PetscReal time;                    /* of the stage */
  PetscBool domain, rejected_domain; /* a residual was not finite: in this stage, in this step */
  PetscBool rejected_linear;         /* a stage of this step was not solved */
  Vec begin;                         /* the state of the step's beginning */
  PetscInt rejections;               /* counted so far */
  RhoStageFlow flow;
} RhoImex;

PetscErrorCode rho_imex_create(RhoProblem *problem, RhoImex *imex);
PetscErrorCode rho_imex_destroy(RhoImex *imex);
/* Freezes the coefficients at the state of a step's beginning. */
PetscErrorCode rho_imex_freeze(RhoImex *imex, PetscReal t, Vec u);
/* Hands the split to ts: IFunction, RHSFunction, the stage solver, the domain check, the tolerances. */
PetscErrorCode rho_imex_attach(RhoImex *imex, TS ts);
/* F(u) at the end of a step, for the domain check and the next step's first stage. */
PetscErrorCode rho_imex_residual(RhoImex *imex, PetscReal t, Vec u);

/* weights.c */
PetscErrorCode rho_weights(TSARKIMEXType scheme, PetscInt *nstage, PetscReal weight[RHO_MAXSTAGE]);

#endif
