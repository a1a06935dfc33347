/* ensemble.h - what the files of `run --ensemble N` share.

   An ensemble NAME of N runs with the seeds s, s + 1, ... is
     NAME.runs/run-0000.h5   the result of each, with its own checkpoint
     NAME.h5                 the result of all that came to their ends: the mean of each field and series under its own
                             name, and its standard error as stderr(...)
     NAME-insitu.h5          the same of what they observe as they go on */
#ifndef RHO_ENSEMBLE_H
#define RHO_ENSEMBLE_H
#include "farm.h"

enum { RHO_ENSEMBLE_MOST = 9999 };

typedef enum { RHO_MEMBER_LEFT, RHO_MEMBER_DONE, RHO_MEMBER_FAILED } RhoMemberState;

typedef struct {
  RhoCli *cli;
  RhoCase c;
  int nrun, nrank; /* runs; ranks of each */
  const char *folder;
  int *state; /* [nrun] RhoMemberState; of this rank's runs, then of all */
  RhoProgress progress;
} RhoEnsemble;

int rho_ensemble_run(RhoCli *cli);

/* The result of run k, without its ending. */
const char *rho_ensemble_result(const RhoEnsemble *e, RhoArena arena, int k);
/* ensemble_merge.c: writes the result of all runs that are done, two at least.  By rank 0 alone. */
PetscErrorCode rho_ensemble_merge(RhoEnsemble *e);
/* ensemble_observe.c: the tables of what they have observed, in arena; an error after reports where that is not the
   same.  Writes nothing.  By rank 0 alone. */
PetscErrorCode rho_ensemble_observed(const RhoEnsemble *e, RhoArena arena, RhoTables *tables);
/* Writes them, if there is anything to observe. */
PetscErrorCode rho_ensemble_observe(const RhoEnsemble *e, RhoTables tables, int nprovenance,
                                    const RhoProvenance *provenance);

#endif
