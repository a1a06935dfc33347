/* run_signal.c - SIGINT and SIGTERM are noted and end the run after the step; a second one ends the program at once. */
#include "run.h"
#include <signal.h>

static volatile sig_atomic_t seen = 0;

static void Note(int number) { seen = number; }

static void Handle(void (*handler)(int)) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = (int)(SA_RESETHAND | SA_RESTART)};
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
}

void rho_signals_catch(void) {
  seen = 0;
  Handle(Note);
}

void rho_signals_release(void) { Handle(SIG_DFL); }

PetscErrorCode rho_signals_seen(const RhoCli *cli, int *number) {
  PetscFunctionBeginUser;
  *number = seen;
  if (cli->nrank > 1) PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, number, 1, MPI_INT, MPI_MAX, cli->comm));
  PetscFunctionReturn(0);
}
