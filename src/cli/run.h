/* run.h - what the files of the verb `run` share: a run, its result, its progress. */
#ifndef RHO_RUN_H
#define RHO_RUN_H
#include "case.h"

/* What is said while it runs, on standard error. */
typedef struct {
  bool speaks, line;  /* at all; on one line of a terminal, rewritten */
  bool density;       /* the model has one: its lowest value is said */
  double start, end;  /* of the time evolved */
  double began, said; /* of the clock, in seconds */
  int ncolumn;        /* width of the line that stands there */
} RhoProgress;

typedef struct {
  RhoCase *c;
  RhoGrid grid;
  RhoFieldModel fm;
  RhoResult result;
  RhoCellFormulas formulas; /* the fields, then the derived formulas */
  DM da;
  Vec cells;
  PetscInt nseries;
  PetscReal *line; /* [nseries]: of the output now written */
  bool has_energy;
  PetscReal *total, *drift; /* [nconserved]: of the last state               */
  PetscReal *start, *scale; /* [nconserved]: at the start: totals, int |u| dV */
  PetscReal written;        /* time of the last output */
  PetscInt noutput;
  RhoProgress progress;
} RhoRun;

/* ---- run_output.c ---- */

/* Starts the result; u: the initial state, which decides whether there is a free energy. */
PetscErrorCode rho_run_open(RhoRun *run, Vec u);
/* Totals and drift of the state at the end, which outlive the evolution. */
PetscErrorCode rho_run_totals(RhoRun *run, Vec u, RhoEvolveState *last);
PetscErrorCode rho_run_write(RhoRun *run, const RhoEvolveState *state, Vec u);
PetscErrorCode rho_run_close(RhoRun *run);

/* ---- run_provenance.c ---- */

int rho_run_provenance(RhoCase *c, const RhoProvenance **provenance);

/* ---- run_progress.c ---- */

void rho_progress_begin(RhoProgress *progress, const RhoRun *run);
void rho_progress_step(RhoProgress *progress, const RhoEvolveState *state, int nconserved);
void rho_progress_end(RhoProgress *progress);
double rho_progress_seconds(const RhoProgress *progress);

/* ---- run_signal.c: SIGINT and SIGTERM end the run after the step ---- */

void rho_signals_catch(void);
void rho_signals_release(void);
/* The signal that came on any rank, or 0.  Collective. */
PetscErrorCode rho_signals_seen(const RhoCli *cli, int *number);

#endif
