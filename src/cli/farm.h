/* farm.h - many runs in one program: groups of ranks that take one after another, runs told by their command lines,
   numbers and words by name. */
#ifndef RHO_FARM_H
#define RHO_FARM_H
#include "observing.h"
#include "run.h"

/* ---- farm.c ---- */

/* Does number k on the ranks of a group: `group` is the program's command line, with their communicators in place of
   all ranks'.  Called by all of them together.  A status other than 0 ends the work of this group. */
typedef int (*RhoFarmJob)(void *ctx, const RhoCli *group, int k);

/* --ranks-per-run, 1 when not given; an exit status, said. */
int rho_farm_ranks(const RhoCli *cli, int *nrank);
/* Does each k of 0..n - 1 with done[k] false (NULL: all) once, in order, whichever group is free.  Groups are nrank of
   consecutive ranks, which divides the number of all.  A signal ends it after the jobs at hand.  Returns the largest
   status.  Collective; PETSc is up. */
int rho_farm(RhoCli *cli, int nrank, int n, const bool *done, RhoFarmJob job, void *ctx);

/* That `left` of n are, and the command line that goes on; of none nothing. */
void rho_farm_say_left(const RhoCli *cli, int left, int n);

/* ---- member.c: one run of many ---- */

typedef struct {
  RhoCli cli; /* its own: arenas, diagnostics, arguments */
  RhoRunOutcome outcome;
  int status;
  char *said; /* what was said to be wrong, as it would have been printed; "" */
  size_t nsaid;
} RhoMember;

/* The command line of "rhoflux run": the case and the options of cli that a run takes, then more[nmore], which holds
   over them.  In the arena, terminated by NULL. */
char **rho_member_arguments(RhoArena arena, const RhoCli *cli, const char *result, int nmore, const char *const *more,
                            int *argc);
/* Runs "rhoflux run ..." by argv (terminated by NULL) on the ranks of the group, and tells nobody. */
/* temporary: nobody needs its result before it ends. */
void rho_member_run(RhoMember *member, const RhoCli *group, bool temporary, int argc, char **argv);
/* In one line why it did not come to its end; "" when it did. */
const char *rho_member_message(const RhoMember *member);
void rho_member_destroy(RhoMember *member);

/* ---- scalars.c: numbers and words by name, and as one line of text ---- */

typedef struct {
  const char *name;
  double number;
  const char *word; /* NULL: it is a number */
} RhoScalar;

typedef struct {
  RhoArena arena;
  int n, capacity;
  RhoScalar *scalar;
} RhoScalars;

void rho_scalars_number(RhoScalars *scalars, const char *name, double number);
void rho_scalars_word(RhoScalars *scalars, const char *name, const char *word);
const RhoScalar *rho_scalars_find(const RhoScalars *scalars, const char *name);
/* The line keeps every bit of every number; line ends and tabs within texts are escaped.  Reading takes what it can. */
const char *rho_scalars_line(const RhoScalars *scalars);
void rho_scalars_read(RhoScalars *scalars, const char *line);

/* ---- outcomes.c: the scalars of a result, by the rows of outcomes.def and the observables of layer observe ---- */

typedef struct {
  unsigned rows; /* a bit for each row */
  int nobservable;
  const char **observable; /* [nobservable] */
  RhoObserveOptions options;
} RhoOutcomes;

/* By --observable (without it all rows that the case allows), --from, --to and --field.  False after saying what is
   wrong.  PETSc is up. */
bool rho_outcomes_asked(const RhoCase *c, RhoOutcomes *asked);
/* Their names, with commas between. */
const char *rho_outcomes_text(RhoArena arena, const RhoOutcomes *asked);
/* Adds what the result shows; calling process alone.  What can not be had is told in "message". */
void rho_outcomes_read(RhoMember *member, const RhoOutcomes *asked, RhoScalars *to);

#endif
