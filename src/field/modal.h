/* modal.h - the equations in transform space: what its kinds share.  Private to field.

   A kind says what A is and what the residual of a state is; modal.c has the transforms, and N^ = F^ - A u^. */
#ifndef RHO_MODAL_H
#define RHO_MODAL_H
#include "stiff_symbol.h"

typedef struct {
  /* Creates data; A, and B if there is one, have the room they need behind that. */
  PetscErrorCode (*create)(RhoModal modal);
  PetscErrorCode (*destroy)(RhoModal modal);
  /* A, B about this state. */
  PetscErrorCode (*set)(RhoModal modal, PetscReal t, Vec u);
  /* N = F^(u) - A u^.  u NULL: it is made of half, hat's copy. */
  PetscErrorCode (*rest)(RhoModal modal, PetscReal t, Vec u, PetscScalar **hat, PetscScalar **half, PetscScalar **N);
} RhoModalKind;

extern const RhoModalKind rho_modal_spectral; /* spectral_modal.c */

struct RhoModal_s {
  const RhoModalKind *kind;
  RhoFieldModel fm;
  RhoTransform transform; /* not owned */
  RhoModes modes;
  PetscReal *A, *B;
  PetscBool *back, *linear;
  PetscReal *shift; /* [nfield][nfield] of rows with a factor: shift times a field's transform is in what Rest gives */
  PetscScalar **work; /* [nfield] spectra on their way back */
  void *data;         /* of the kind */
};

#endif
