/* evolve.h - time evolution, with noise or without: engines of one step behind one loop over outputs and breakpoints.
   Layer evolve (uses field, io).  Theory: src/README.md, "Time".

   d_t u = F(u) = L u + (F(u) - L u):  L the stiff local part with coefficients frozen at the beginning of each step,
   implicit; the rest explicit. */
#ifndef RHOFLUX_EVOLVE_H
#define RHOFLUX_EVOLVE_H
#include "rhoflux/field.h"

typedef enum { RHO_PC_AUTO, RHO_PC_SYMBOL, RHO_PC_LU, RHO_PC_MULTIGRID, RHO_PC_JACOBI, RHO_PC_NONE } RhoPreconditioner;

/* What a run goes on with beside its state: numbers by name, to be written and read back bit for bit. */
#define RHO_EVOLVE_NAME 40
#define RHO_EVOLVE_MOST_NUMBERS 4096
typedef struct {
  PetscBool anew; /* the solver is not what it was: leaves out the numbers of the engine, whose first step is as long as
                     the last one */
  PetscInt n;
  char name[RHO_EVOLVE_MOST_NUMBERS][RHO_EVOLVE_NAME];
  PetscReal value[RHO_EVOLVE_MOST_NUMBERS];
} RhoEvolveMemory;

typedef struct {
  const char *scheme; /* a row of schemes.def, or RHO_EVOLVE_AUTO; ark3 by default */
  const char *chosen; /* what RhoEvolveChoose has answered to these options; NULL: it is asked where that is needed */
  PetscReal start, end;
  PetscReal step;     /* first step; 0: chosen from the residual                     */
  PetscReal fixed;    /* > 0: fixed steps of this length, no error control            */
  PetscReal smallest; /* give up below; 0: 1e-14 of the interval                      */
  PetscReal largest;  /* 0: none                                                       */
  PetscReal rtol,
      atol; /* error per step (rms): rtol times the field's fluctuation about its mean; atol > 0: atol + rtol |u| */
  PetscReal linear_rtol; /* of the stage solves                                           */
  PetscInt max_steps;    /* of this call, 0: none */
  PetscReal steady; /* > 0: ends when int |F_i| dV / int |u_i| dV of every field is below it after a step [1/time] */
  RhoPreconditioner preconditioner;
  PetscBool constant;    /* split schemes: L has the coefficients of the step's beginning averaged over space, so that a
                            stage is one transform */
  RhoNoise noise;        /* NULL: none; else a scheme that takes it, and fixed steps.  Not owned. */
  PetscBool nonnegative; /* noise takes from no cell more of a density than the step without it leaves there: em, on
                            finite volumes */
  RhoWork work;          /* NULL: it is not measured; else by a scheme that takes noise.  Not owned. */
  PetscInt noutput;      /* times at which monitor is called, ascending, start and end included */
  const PetscReal *output;
  bool (*wants)(void *ctx, PetscReal time); /* is the monitor, whose ctx this is, to be told of a step to this time?
                                               The same on all ranks; NULL: at outputs and now and then */
  PetscInt nbreak; /* times that are met exactly and where F may jump, ascending: F is taken on the side of the step */
  const PetscReal *breakpoint;
  const RhoEvolveMemory *memory; /* of a run to go on with from the state it was saved with; NULL: from start */
} RhoEvolveOptions;

/* The names of schemes.def into name[n]; returns how many there are. */
int RhoEvolveSchemes(int n, const char **name);
/* Does this one take noise?  Those that do ask for fixed steps, with noise or without. */
bool RhoEvolveTakesNoise(const char *scheme);
/* Does it keep noise from taking more of a density than there is, on finite volumes? */
bool RhoEvolveLimitsNoise(const char *scheme);
/* The order of one of them (the largest, where it varies); 0: there is none of this name. */
int RhoEvolveOrder(const char *scheme);
/* *why: what of the options does not go with the scheme, or the scheme with the model; NULL: all does.  Collective. */
PetscErrorCode RhoEvolveRefuses(RhoFieldModel fm, const RhoEvolveOptions *options, Vec u, const char **why);
/* What RHO_EVOLVE_AUTO stands for in a run from u, and why; of another scheme that one and NULL.  A run that is gone on
   with keeps its own.  src/evolve/choose.c.  Collective. */
#define RHO_EVOLVE_AUTO "auto"
PetscErrorCode RhoEvolveChoose(RhoFieldModel fm, const RhoEvolveOptions *options, Vec u, const char **scheme,
                               const char **why);
/* The defaults: ark3, rtol 1e-4. */
void RhoEvolveDefaults(RhoEvolveOptions *options);

typedef enum {
  RHO_EVOLVE_DONE = 0,
  RHO_EVOLVE_DOMAIN,  /* a formula left its domain however small the step */
  RHO_EVOLVE_STEP,    /* the step fell below the smallest one             */
  RHO_EVOLVE_LINEAR,  /* a stage solve failed however small the step      */
  RHO_EVOLVE_STEPS,   /* max_steps reached                                */
  RHO_EVOLVE_STOPPED, /* the monitor asked to stop                       */
  RHO_EVOLVE_STEADY   /* nothing changes any more, which is no failure   */
} RhoEvolveReason;

typedef struct RhoEvolution_s *RhoEvolution; /* a run under way */

typedef struct {
  RhoEvolution run;
  PetscReal time, step;           /* step: the last one taken */
  PetscInt nstep, nreject;        /* steps taken, rejected */
  PetscInt nnewton, nlinear;      /* iterations of Newton's method, linear ones, in all */
  PetscInt output;                /* index of the output now reached, -1 between      */
  const PetscReal *total, *drift; /* [nconserved]: now; change since the start relative to int |u| */
  PetscReal low;                  /* smallest value of the density fields             */
  RhoEvolveReason failed;         /* why this is the last state; RHO_EVOLVE_DONE: it is not, as far as is known */
} RhoEvolveState;

/* Called at each output time, after a step that options->wants to be told, else about ten times a second, and with the
   last good state when a run that had begun fails or is steady; *stop ends the run. */
typedef PetscErrorCode (*RhoEvolveMonitor)(void *ctx, const RhoEvolveState *state, Vec u, PetscBool *stop);

/* Inside the monitor: the numbers that, with u, go on where the run is.  With the same options but `memory` and u as it
   is now, RhoEvolve takes the very steps that this run takes, bit for bit, on as many ranks; `memory` holds the time
   and the totals since the start.  Schemes that remember earlier states (bdf) begin anew with a small step instead. */
PetscErrorCode RhoEvolveSave(const RhoEvolveState *state, RhoEvolveMemory *memory);

/* Change of totals since the start of the run that is remembered, relative to its int |u|: drift[nconserved]. */
PetscErrorCode RhoEvolveDrift(const RhoEvolveMemory *memory, PetscInt nconserved, const PetscReal *total,
                              PetscReal *drift);

/* Integrates u from options->start in place, after RhoFieldRepresent where a run begins.  Collective.  text: in words
 * why it ended (static or owned by fm). */
PetscErrorCode RhoEvolve(RhoFieldModel fm, const RhoEvolveOptions *options, Vec u, RhoEvolveMonitor monitor, void *ctx,
                         RhoEvolveReason *reason, RhoEvolveState *last, const char **text);

#endif
