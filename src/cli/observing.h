/* observing.h - what the verbs share that look at results: track, observe, compare. */
#ifndef RHO_OBSERVING_H
#define RHO_OBSERVING_H
#include "cli_private.h"
#include "rhoflux/observe.h"

/* "0.123 +- 0.004"; "-" of NaN. */
const char *rho_estimate_text(RhoArena arena, RhoEstimate x);
/* Every so many points of a curve of n are printed; all are in the tables. */
int rho_curve_step(int n);
/* --output, or NAME-WORD beside NAME.h5 at path. */
const char *rho_tables_beside(const RhoCli *cli, const char *path, const char *word);
/* Whether there can be a file of the name of --output; the exit status. */
int rho_tables_place(const RhoCli *cli);
/* Writes the tables, with the versions, and says so.  Returns the exit status. */
int rho_tables_write(RhoCli *cli, RhoTables tables, const char *path);
/* What the command line says of fields, times, bins, ranges.  False after rho_refuse. */
bool rho_observe_options(const RhoCli *cli, RhoObserveOptions *options);
/* Names of --observable; 0 after refusing. */
int rho_observe_names(const RhoCli *cli, const char ***name);

#endif
