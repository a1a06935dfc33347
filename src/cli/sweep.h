/* sweep.h - what the files of the verb `sweep` share.

   A sweep NAME is
     NAME.d/plan         what is swept over and with what, so that only the same sweep goes on
     NAME.d/journal-G    one record for each run that ended, by the group G of ranks that did it (RhoJournal)
     NAME.d/group-G.h5   the result of the run at hand; with --keep NAME.d/run-K.h5
     NAME.h5, NAME.tsv   the tables, made of the records alone
   Runs are numbered with the last --over as the fastest. */
#ifndef RHO_SWEEP_H
#define RHO_SWEEP_H
#include "farm.h"

enum { RHO_SWEEP_AXES = 8, RHO_SWEEP_RUNS = 1000000 };

typedef struct {
  RhoCli *cli;
  RhoCase c;       /* the first run */
  int nrun, nrank; /* runs; ranks of each */
  RhoOutcomes asked;
  const char *name, *folder; /* NAME, NAME.d */
  int lock;                  /* descriptor of the plan, + 1; rank 0 */
  bool *done;                /* [nrun] before this program began, */
  int ndone;                 /* so many                           */
  RhoJournal journal;        /* of the first rank of a group */
  int nfailed;               /* of this rank's records */
  RhoProgress progress;
} RhoSweep;

/* ---- sweep_plan.c ---- */

/* The position of run k along axis a. */
int rho_sweep_position(const RhoSweep *s, int k, int a);
/* "alpha=0.5, beta=1" of run k. */
const char *rho_sweep_point(const RhoSweep *s, RhoArena arena, int k);
/* The arguments of `rhoflux run` for run k, in the arena; result: the name of its result. */
char **rho_sweep_arguments(const RhoSweep *s, RhoArena arena, int k, const char *result, int *argc);
/* Rank 0: makes the folder and the plan, or sees that they are those of this sweep.  An exit status, said. */
int rho_sweep_begin(RhoSweep *s);
/* What is left of the runs at hand goes. */
PetscErrorCode rho_sweep_clean(const RhoSweep *s);

/* ---- sweep_records.c ---- */

/* record[nrun] in the arena, of all groups; without scalars where a run has not ended. */
PetscErrorCode rho_sweep_records(const RhoSweep *s, RhoArena arena, RhoScalars **record);
/* Adds what became of run k to the journal. */
PetscErrorCode rho_sweep_record(RhoSweep *s, RhoArena arena, int k, RhoMember *member);

/* ---- sweep_tables.c ---- */

/* A column of the table: what one outcome is in all runs. */
typedef struct {
  const char *name;
  double *number;    /* [nrun]; of words their place among `word`; NaN: the run has none */
  int nword, room;   /* 0: numbers */
  const char **word; /* [nword] in alphabetical order */
} RhoColumn;

int rho_sweep_columns(const RhoSweep *s, RhoArena arena, const RhoScalars *record, RhoColumn **column);
/* Writes NAME.h5 and NAME.tsv. */
PetscErrorCode rho_sweep_write(const RhoSweep *s, RhoArena arena, int ncolumn, const RhoColumn *column);

#endif
