/* onestep.h - engines of one step, from a method that solves it: control of the error, of domains, of time.  Private to
   evolve.

   A method may give an estimate of its error with its step.  If it does not it is one of first order: with F_n at the
   step's beginning and F at its end the state is compared with the one of second order,

     e = u - u_n - h/2 (F_n + F),   smoothed by about (1 - h L)^-1, so that stiff modes do not count for what they are
   not,

   and |e| is to stay within the tolerance; the next step follows from the last error alone. */
#ifndef RHO_ONESTEP_H
#define RHO_ONESTEP_H
#include "linear.h"

typedef struct RhoOneStep_s RhoOneStep;

/* What a state is, before and after a step: vectors of cells, unless a method has another way. */
typedef struct {
  PetscErrorCode (*create)(RhoOneStep *one);
  PetscErrorCode (*destroy)(RhoOneStep *one);
  /* The state is a new one: what F is there. */
  PetscErrorCode (*look)(RhoOneStep *one);
  /* Keeps the state before a step, and lets the tolerance follow it; back to it. */
  PetscErrorCode (*keep)(RhoOneStep *one);
  PetscErrorCode (*back)(RhoOneStep *one);
  /* F of the state after h, or one->domain. */
  PetscErrorCode (*arrive)(RhoOneStep *one, PetscReal h);
  /* The error of that step, in tolerances. */
  PetscErrorCode (*measure)(RhoOneStep *one, PetscReal h, PetscReal *error);
  /* F there is that of the next step. */
  PetscErrorCode (*pass)(RhoOneStep *one);
  /* problem->u becomes the state.  NULL: it always is. */
  PetscErrorCode (*show)(RhoOneStep *one);
  /* The next step begins from problem->u alone.  NULL: it does so always. */
  PetscErrorCode (*anew)(RhoOneStep *one);
} RhoOneStepState;

typedef struct {
  const RhoOneStepState *state; /* NULL: vectors of cells */
  PetscBool steady;             /* a change of the step's length is dear: it waits until it is worth it */
  PetscReal most;               /* a step is at most so many times the one before; 0: five times */
  PetscErrorCode (*create)(RhoOneStep *one);
  PetscErrorCode (*destroy)(RhoOneStep *one);
  /* Freezes what is taken from one->begin, the state of the step's beginning, where F is one->F.  NULL: nothing. */
  PetscErrorCode (*begin)(RhoOneStep *one);
  /* u, which is one->begin, becomes the state after h, unless the state has another form.  A state outside a domain
     counts as not solved, and is told in one->domain. */
  PetscErrorCode (*solve)(RhoOneStep *one, PetscReal h, Vec u, PetscBool *solved);
  /* NULL: the estimate is one->e when a step is solved. */
  PetscErrorCode (*smooth)(RhoOneStep *one, PetscReal h, Vec e);
  /* May the step be taken?  NULL: always. */
  PetscErrorCode (*judge)(RhoOneStep *one, PetscReal h, Vec u, PetscBool *fine);
  /* The step to u is taken.  NULL: nothing to do. */
  PetscErrorCode (*accept)(RhoOneStep *one, PetscReal h, Vec u);
  const char *refused; /* why there is no step, when judge refuses them all */
} RhoOneStepMethod;

struct RhoOneStep_s {
  RhoProblem *problem;
  const RhoOneStepMethod *method;
  const RhoOneStepState *state;
  void *data;                    /* of the method */
  struct RhoModalState_s *modal; /* of states in transform space (modal_state.h) */
  int order;                     /* the error of a step is of this order in h: 2 unless the method's create says so */
  RhoTolerance tolerance;
  PetscBool untold;         /* nothing asks for tolerances: fixed steps whose solver has none */
  Vec begin, F, after, e;   /* vectors of cells: the state before the step; the residuals there and after it; work */
  PetscReal *rate;          /* [nconserved] inflow where F is */
  PetscReal next, proposed; /* the step to be tried; the same before it was cut to meet a time */
  PetscBool domain, left;   /* the last attempt, some attempt of this step left a formula's domain */
};

PetscErrorCode rho_onestep_create(RhoProblem *problem, const RhoOneStepMethod *method, void **engine);
PetscErrorCode rho_onestep_destroy(void **engine);
PetscErrorCode rho_onestep_set_step(void *engine, PetscReal step);
PetscErrorCode rho_onestep_get_step(void *engine, PetscReal *step);
PetscErrorCode rho_onestep_step(void *engine, PetscReal until, RhoStep *step);
PetscErrorCode rho_onestep_show(void *engine);
PetscErrorCode rho_onestep_anew(void *engine);
PetscErrorCode rho_onestep_reset(void *engine);
PetscErrorCode rho_onestep_save(void *engine, RhoEvolveMemory *memory);
PetscErrorCode rho_onestep_load(void *engine, const RhoEvolveMemory *memory);

#define RHO_ONESTEP_ENGINE(create_)                                                                                    \
  {                                                                                                                    \
    .create = create_, .destroy = rho_onestep_destroy, .set_step = rho_onestep_set_step,                               \
    .get_step = rho_onestep_get_step, .step = rho_onestep_step, .show = rho_onestep_show, .anew = rho_onestep_anew,    \
    .reset = rho_onestep_reset, .save = rho_onestep_save, .load = rho_onestep_load                                     \
  }

#endif
