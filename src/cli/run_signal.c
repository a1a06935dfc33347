/* run_signal.c - SIGINT and SIGTERM are noted and end the run after the step; a second one ends the program at once.
   SIGUSR1 is noted each time.  SIGXFSZ is ignored: a file that may not grow makes its write fail, with a reason. */
#include "run.h"
#include <signal.h>

static volatile sig_atomic_t ending = 0, asked = 0, caught = 0;

static void Note(int number) {
  if (number == SIGUSR1) asked = 1;
  else ending = number;
}

static void Handle(int number, void (*handler)(int), int flags) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = flags | (int)SA_RESTART};
  sigemptyset(&action.sa_mask);
  sigaction(number, &action, NULL);
}

void rho_signals_catch(void) {
  if (caught++) return;
  ending = asked = 0;
  Handle(SIGINT, Note, (int)SA_RESETHAND);
  Handle(SIGTERM, Note, (int)SA_RESETHAND);
  Handle(SIGUSR1, Note, 0);
  Handle(SIGXFSZ, SIG_IGN, 0);
}

void rho_signals_release(void) {
  static const int number[] = {SIGINT, SIGTERM, SIGUSR1, SIGXFSZ};
  if (caught == 0 || --caught) return;
  for (size_t k = 0; k < sizeof number / sizeof *number; k++) Handle(number[k], SIG_DFL, 0);
}

PetscErrorCode rho_signals_seen(const RhoCli *cli, RhoSignals *signals) {
  int seen[2] = {ending, asked};
  PetscFunctionBeginUser;
  if (seen[1]) asked = 0;
  if (cli->nrank > 1) PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, seen, 2, MPI_INT, MPI_MAX, cli->comm));
  *signals = (RhoSignals){seen[0], seen[1] != 0};
  PetscFunctionReturn(0);
}
