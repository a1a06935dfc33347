/* modal_state.h - states in transform space, which the methods of exponential.c and multistep.c share.  Private to
   evolve.

   The state is kept as its transform from step to step; u is made of it when somebody wants to see it.  Errors and
   fluctuations are sums over modes (Parseval); conserved totals are in the mode of the mean, where one number per
   combination brings them to what they ought to be.  Whatever was saved, u alone, is what the next step begins from. */
#ifndef RHO_MODAL_STATE_H
#define RHO_MODAL_STATE_H
#include "modal_sum.h"
#include "onestep.h"
#include "stage_flow.h"

/* Registers: the state and those before it, the one a step leads to; N^ there; one more. */
enum {
  RHO_MODAL_U,
  RHO_MODAL_U1,
  RHO_MODAL_U2,
  RHO_MODAL_NEXT,
  RHO_MODAL_N,
  RHO_MODAL_N1,
  RHO_MODAL_N2,
  RHO_MODAL_AFTER,
  RHO_MODAL_MORE,
  RHO_MODAL_ERROR, /* where tolerances differ from cell to cell */
  RHO_MODAL_REGISTERS
};
enum { RHO_MODAL_NONE = -1, RHO_MODAL_TERMS = 3, RHO_MODAL_TABLES = 8 };

/* sum over terms of table * sum_k c[k] x[k], the x being registers; with a shift (shift - A)^-1 of that.  A table that
   multiplies registers of N^ has the factors of that (RhoModes) in it. */
typedef struct {
  int nterm;
  struct {
    int table; /* RHO_MODAL_NONE: 1 */
    PetscReal c[RHO_MODAL_REGISTERS];
  } term[RHO_MODAL_TERMS];
  PetscReal shift; /* 0: none */
} RhoModalSum;

typedef struct RhoModalState_s {
  RhoModal modal;
  const RhoModes *modes;
  PetscInt n;                            /* fields */
  PetscScalar **x[RHO_MODAL_REGISTERS];  /* NULL: not used */
  PetscReal **plane[RHO_MODAL_TABLES];   /* [n*n (*2, imaginary parts)][pitch] */
  int ntable, most, npast;               /* states kept with N^ there, at most and now */
  PetscReal time[4];                     /* [1 + k] of state k before; [0] of the one that a step led to */
  PetscReal *weight, *every;             /* [pitch] of the modes, 0 of the mean; with the mean */
  PetscReal mean_weight;                 /* of that mode, on every rank that has it: in 1-D all of them do */
  PetscReal *square, *rms, *fluctuation; /* [n] sums of weight |u^|^2 on this rank; what follows from them */
  PetscReal *moment;                     /* [2 n] sums over all ranks, of the state that a step led to */
  RhoModalRun run;                       /* the last sum */
  PetscScalar *copy[RHO_MODAL_FIELDS];   /* RhoModalHalf of the fields that come back, else NULL */
  int copied;      /* the register that RhoModalHalf is a copy of, but for the mode of the mean; or NONE */
  PetscBool shown; /* u is the state */
  PetscBool fresh; /* u^ and N^ are those of u */
  PetscBool known; /* square is that of u^ */
  PetscBool sized; /* rms and fluctuation are, too */
  PetscBool ahead; /* moment is known */
  PetscBool set;   /* A was set since the tables were made */
  PetscInt age;    /* steps since A was set */
  RhoStageFlow flow;
  RhoModalSum error;      /* of the step that is tried */
  RhoModalSum low, whole; /* nterm 0: none.  An error of one order less, and the change it is a small part of */
} RhoModalState;

extern const RhoOneStepState rho_modal_state;

/* Room for registers, by their bits, and for tables, at create. */
PetscErrorCode rho_modal_state_room(RhoModalState *s, unsigned registers, int ntable);
/* x[to] (onto: +=, else =) the sum; to RHO_MODAL_NONE: nowhere.  square[n]: sums of weight[pitch] |.|^2 of this
   rank, or NULL, and weight is not read. */
PetscErrorCode rho_modal_state_sum(RhoModalState *s, const RhoModalSum *sum, int to, PetscBool onto,
                                   const PetscReal *weight, PetscReal *square);
/* Where the last sum of a step leaves its squares; NULL: steps are fixed, and nobody asks. */
PetscReal *rho_modal_state_squares(const RhoOneStep *one);
/* N^ of register `of` at time t into register `into`; *solved: it has one. */
PetscErrorCode rho_modal_state_rest(RhoOneStep *one, PetscReal t, int of, int into, PetscBool *solved);
/* A about the state, and N^ of all states with it. */
PetscErrorCode rho_modal_state_set(RhoOneStep *one);
/* Brings the totals of the state that the step leads to to what they ought to be when amount[nconserved] has flowed in
   since; where one is open and lacks more than rounding it stays as it is. */
PetscErrorCode rho_modal_state_restore(RhoOneStep *one, const PetscReal *amount);

#endif
