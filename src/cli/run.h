/* run.h - what the files of a run share: its result, its progress, what became of it. */
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

/* What came from outside since it was asked last. */
typedef struct {
  int end; /* SIGINT, SIGTERM, or 0 */
  bool checkpoint;
} RhoSignals;

/* Going on from a checkpoint. */
typedef struct {
  const char *from, *into; /* names of results; from NULL: a run from its beginning */
  bool in_place;           /* they are the same one */
  RhoCheckpoint checkpoint;
  RhoEvolveMemory memory;
  const char *command; /* the command line that began the result when in_place, NULL: ours */
  const char *history; /* provenance "restarts" */
} RhoRestart;

/* What became of a run; texts live in the arena of its command line. */
typedef struct {
  bool ended, done;       /* it was evolved, whatever ended it; to its end, or nothing was left to do */
  int signal;             /* that ended it, or 0 */
  const char *name;       /* of the case; NULL: it was not read */
  const char *text;       /* what ended it; "": it is at its end */
  const char *result;     /* path of the index */
  const char *checkpoint; /* of the last one; NULL: there is none */
  double saved_at;        /* its time */
  const char *go_on;      /* the command that goes on from it */
  double time, lowest, seconds;
  long noutput, nstep, nreject, nnewton, nlinear;
  int ndrift;
  const double *drift; /* [ndrift] of the conserved totals */
} RhoRunOutcome;

typedef struct RhoRunObserving_s *RhoRunObserving;

typedef struct {
  RhoCase *c;
  RhoRunOutcome *outcome;
  RhoRestart restart;
  RhoGrid grid;
  RhoFieldModel fm;
  RhoNoise noise; /* NULL: the run is deterministic */
  RhoWork work;   /* of its forces; NULL: not asked for */
  RhoResult result;
  RhoCellFormulas formulas; /* the fields, then the derived formulas */
  DM da;
  Vec cells;
  PetscInt nseries;
  PetscReal *line; /* [nseries]: of the output now written */
  bool has_energy;
  PetscReal *total, *drift; /* [nconserved]: of the last state */
  PetscReal written;        /* time of the last output */
  PetscInt noutput;
  bool unsaved;       /* there are outputs since the last checkpoint */
  bool saved;         /* there is a checkpoint to go on from */
  PetscReal saved_at; /* its time */
  double clock;       /* seconds when it was written or the run began */
  bool late;          /* max_seconds have passed */
  int signal;         /* that ends the run, or 0 */
  RhoProgress progress;
  RhoRunObserving observing; /* NULL: nothing is observed */
} RhoRun;

/* ---- run_case.c ---- */

/* Runs the case that the command line names on the ranks of cli->run, which call it together.  Returns the exit status;
   what is wrong has been said on cli->err then. */
int rho_run_case(RhoCli *cli, RhoRunOutcome *outcome);

/* ---- run_output.c ---- */

/* Starts or continues the result; u: the state at hand, which decides whether there is a free energy.  *ok false after
   reports in the diagnostics. */
PetscErrorCode rho_run_open(RhoRun *run, Vec u, bool *ok);
PetscErrorCode rho_run_write(RhoRun *run, const RhoEvolveState *state, Vec u);
PetscErrorCode rho_run_close(RhoRun *run);

/* ---- run_observe.c ---- */

/* *ok false after reports on rank 0: the checkpoint has not what goes on.  Collective, as the next one. */
PetscErrorCode rho_run_observe_begin(RhoRun *run, bool *ok);
/* Is a state of this time to be looked at, between outputs? */
bool rho_run_observe_wants(const RhoRun *run, double time);
/* Inside the monitor. */
PetscErrorCode rho_run_observe(RhoRun *run, const RhoEvolveState *state, Vec u);
/* What the next checkpoint is to carry. */
PetscErrorCode rho_run_observe_keep(RhoRun *run);
/* Writes the tables; on rank 0, of a run that observes. */
PetscErrorCode rho_run_observe_write(RhoRun *run);
PetscErrorCode rho_run_observe_end(RhoRun *run);

/* What the case asks for in observe[k], as it is before a state was seen. */
PetscErrorCode rho_run_observer(const RhoCase *c, int k, RhoObserver *observer);
/* Where the tables are. */
const char *rho_run_observe_path(const RhoCase *c);

/* ---- run_checkpoint.c ---- */

/* Collective: whether outputs or the clock ask for a checkpoint (or, in run->late, for the end). */
PetscErrorCode rho_checkpoint_due(RhoRun *run, const RhoEvolveState *state, bool *due);
/* Inside the monitor. */
PetscErrorCode rho_checkpoint_write(RhoRun *run, const RhoEvolveState *state, Vec u);
/* The command that goes on with this run. */
const char *rho_checkpoint_command(const RhoRun *run);

/* ---- run_restart.c ---- */

/* From where to where, by the command line; the case's result becomes `into`. */
void rho_restart_names(RhoCase *c, RhoRestart *restart);
/* Sets u and the memory.  *ok false after reports in the diagnostics; what has changed is reported as a note. */
PetscErrorCode rho_restart_read(RhoRun *run, Vec u, bool *ok);
/* The state gone on from, as the monitor would be told of it. */
RhoEvolveState rho_restart_state(const RhoRun *run);

/* ---- run_provenance.c ---- */

int rho_run_provenance(const RhoRun *run, const RhoProvenance **provenance);
/* "k = 0.5" line by line: the values the run has, wherever they come from. */
const char *rho_run_parameters(RhoCase *c, const double *value);
/* What parameter k is: the number, or the formula that it follows by a protocol. */
const char *rho_run_parameter(RhoCase *c, int k, double value);
/* Scheme, tolerances and what else makes a step, line by line. */
const char *rho_run_solver(RhoCase *c);
/* The arguments as a shell would take them, without --overwrite; restart: with a bare --restart in place of any. */
const char *rho_run_command(const RhoCli *cli, bool restart);

/* ---- run_progress.c ---- */

/* Seconds since some time before the run. */
double rho_clock(void);
void rho_progress_begin(RhoProgress *progress, const RhoRun *run);
void rho_progress_step(RhoProgress *progress, const RhoEvolveState *state, int nconserved);
/* The same for other work, where it starts; is something to be said, on a terminal now and then, else with each output;
 * says it. */
void rho_progress_start(RhoProgress *progress, const RhoCli *cli);
bool rho_progress_due(const RhoProgress *progress, bool output);
void rho_progress_say(RhoProgress *progress, const char *text, int n);
void rho_progress_end(RhoProgress *progress);
double rho_progress_seconds(const RhoProgress *progress);
/* "1 min 15 s"; returns its length. */
int rho_progress_duration(char *text, size_t room, double seconds);

/* ---- run_signal.c: SIGINT and SIGTERM end the run after the step, SIGUSR1 asks for a checkpoint ---- */

/* Pairs may stand inside each other: from the first catch to the last release. */
void rho_signals_catch(void);
void rho_signals_release(void);
/* What came on any rank.  Collective. */
PetscErrorCode rho_signals_seen(const RhoCli *cli, RhoSignals *signals);

#endif
