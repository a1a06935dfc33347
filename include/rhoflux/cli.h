/* cli.h - the program `rhoflux` as a function.
   Layer cli (uses all others).  The verbs: src/cli/verbs.def; what a case file holds: models/CASES.md. */
#ifndef RHOFLUX_CLI_H
#define RHOFLUX_CLI_H

/* Runs the program with the arguments of main.  Starts and ends MPI and PETSc itself, for the verbs that need them.
   Returns the exit status: 0 done, 1 the computation failed, 2 the input was wrong. */
int RhoCliMain(int argc, char **argv);

#endif
