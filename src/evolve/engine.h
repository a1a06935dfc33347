/* engine.h - the seam between the loop over times (evolve.c) and what takes a step.  Private to evolve.

   An engine is one file with a table of functions and rows of schemes.def.  The loop owns the problem: state, time,
   totals to keep, the interval between breakpoints; the engine owns everything that makes a step. */
#ifndef RHO_ENGINE_H
#define RHO_ENGINE_H
#include "rhoflux/evolve.h"

/* ---- what a run gives to its engine: problem.c ---- */

typedef struct {
  RhoFieldModel fm;
  const RhoEvolveOptions *options;
  const char *variant; /* of the engine, from schemes.def */
  Vec u;               /* the state at `time`; a step replaces both, the state when the engine shows it */
  PetscInt nstep;      /* steps taken since the start, by a run that is gone on with, too */
  PetscReal time;      /* exactly the one asked for when it is reached */
  Vec F;               /* the residual there, not owned; NULL: the engine does not have it */
  PetscReal first;     /* the step to begin with */
  PetscReal from, to;  /* breakpoints before and after the step; -infinity, infinity: none */
  PetscReal smallest;  /* no step below */
  PetscReal *target;   /* [nconserved] what the totals ought to be: at the start, and what flowed in since */
  PetscReal *lost;     /* [nconserved] rounding of target */
  PetscReal *inflow;   /* [nconserved] rates of the last residual */
  PetscBool open;      /* there is inflow to count */
  PetscInt nreject, nnewton, nlinear; /* counted by the engine: steps rejected, iterations */
  Vec outside;                        /* the last state outside a formula's domain, NULL: none yet */
  PetscReal outside_time;
} RhoProblem;

/* t itself, but at a breakpoint a time just on this side of it: formulas may jump there. */
PetscReal rho_problem_inside(const RhoProblem *problem, PetscReal t);
/* F of Y at that time.  *left: Y is outside a formula's domain, and is kept for the explanation. */
PetscErrorCode rho_problem_residual(RhoProblem *problem, PetscReal t, Vec Y, Vec F, PetscBool *left);
/* N in transform space (RhoModalRest) of Y, hat = Forward(Y); Y NULL: of hat, and half (RhoModalRestOf); else the same.
 */
PetscErrorCode rho_problem_rest(RhoProblem *problem, RhoModal modal, PetscReal t, Vec Y, PetscScalar **hat,
                                PetscScalar **half, PetscScalar **N, PetscBool *left);
/* target += amount[nconserved], compensated: what an accepted step brought in, by its own weights from the rates at its
   stages. */
void rho_problem_flowed(RhoProblem *problem, const PetscReal *amount);
/* How fast the state changes, relative to itself: steady.c. */
PetscErrorCode rho_problem_rate(RhoProblem *problem, PetscReal *rate);
/* Is it time t, but for rounding? */
PetscBool rho_problem_reached(const RhoProblem *problem, PetscReal t);

/* ---- a step ---- */

typedef struct {
  PetscReal length;       /* of the accepted step; 0: none was needed or possible */
  PetscBool between;      /* the state is one within a step, not at its end */
  RhoEvolveReason reason; /* RHO_EVOLVE_DONE: all is well */
  const char *text;       /* why not; NULL or "" of RHO_EVOLVE_DOMAIN: the loop finds it */
} RhoStep;
void rho_step_fail(RhoStep *step, RhoEvolveReason reason, const char *text);

typedef struct {
  /* The state is set, and F of it is finite. */
  PetscErrorCode (*create)(RhoProblem *problem, void **engine);
  PetscErrorCode (*destroy)(void **engine);
  /* The step that is tried next. */
  PetscErrorCode (*set_step)(void *engine, PetscReal step);
  PetscErrorCode (*get_step)(void *engine, PetscReal *step);
  /* One accepted step from problem->time to at most until. */
  PetscErrorCode (*step)(void *engine, PetscReal until, RhoStep *step);
  /* problem->u becomes the state, which the engine may have in another form.  NULL: it always is. */
  PetscErrorCode (*show)(void *engine);
  /* What comes next comes from the state that is shown and from what `save` keeps alone.  NULL: it does so always. */
  PetscErrorCode (*anew)(void *engine);
  /* The state was changed or a breakpoint reached: what is remembered of earlier steps is void. */
  PetscErrorCode (*reset)(void *engine);
  /* The controller's numbers: with the state they make the next step what it would have been. */
  PetscErrorCode (*save)(void *engine, RhoEvolveMemory *memory);
  PetscErrorCode (*load)(void *engine, const RhoEvolveMemory *memory);
} RhoEngine;

extern const RhoEngine rho_engine_ark, rho_engine_arkode, rho_engine_bdf, rho_engine_euler, rho_engine_energy,
    rho_engine_stochastic, rho_engine_exponential, rho_engine_multistep;

/* ---- choose.c ---- */

/* The scheme of the options: options->chosen where that is set. */
PetscErrorCode rho_choice(RhoFieldModel fm, const RhoEvolveOptions *options, Vec u, const char **scheme);
/* What `auto` stood for, where that is no matter of the options alone. */
PetscErrorCode rho_choice_save(const RhoEvolveOptions *options, const char *scheme, RhoEvolveMemory *memory);

/* ---- memory.c ---- */

PetscErrorCode rho_memory_put(RhoEvolveMemory *memory, const char *name, PetscReal value);
PetscBool rho_memory_has(const RhoEvolveMemory *memory, const char *name);
PetscErrorCode rho_memory_get(const RhoEvolveMemory *memory, const char *name, PetscReal *value);
/* name[0] .. name[n - 1] */
PetscErrorCode rho_memory_put_all(RhoEvolveMemory *memory, const char *name, int n, const PetscReal *value);
PetscErrorCode rho_memory_get_all(const RhoEvolveMemory *memory, const char *name, int n, PetscReal *value);

#endif
