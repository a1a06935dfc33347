/* farm.c - numbers handed out to groups of ranks.

   A counter on rank 0 is read and raised by one-sided calls, so that no rank has to wait for questions.  All ranks skip
   the numbers that are done, so that what is handed out is the position in one list. */
#include "farm.h"
#include <stdlib.h>

typedef struct {
  MPI_Win window; /* of several ranks */
  int *next;      /* rank 0's, or the only one's */
} Counter;

static PetscErrorCode CounterCreate(RhoCli *cli, Counter *counter) {
  PetscFunctionBeginUser;
  if (cli->nrank == 1) {
    PetscCall(PetscCalloc1(1, &counter->next));
    PetscFunctionReturn(0);
  }
  MPI_Aint nbyte = cli->rank == 0 ? (MPI_Aint)sizeof(int) : 0;
  PetscCallMPI(
      MPI_Win_allocate(nbyte, (int)sizeof(int), MPI_INFO_NULL, cli->comm, (void *)&counter->next, &counter->window));
  if (cli->rank == 0) {
    PetscCallMPI(MPI_Win_lock(MPI_LOCK_EXCLUSIVE, 0, 0, counter->window));
    *counter->next = 0;
    PetscCallMPI(MPI_Win_unlock(0, counter->window));
  }
  PetscCallMPI(MPI_Barrier(cli->comm));
  PetscFunctionReturn(0);
}

static PetscErrorCode CounterTake(const RhoCli *cli, Counter *counter, int *number) {
  const int one = 1;
  PetscFunctionBeginUser;
  if (cli->nrank == 1) {
    *number = (*counter->next)++;
    PetscFunctionReturn(0);
  }
  PetscCallMPI(MPI_Win_lock(MPI_LOCK_SHARED, 0, 0, counter->window));
  PetscCallMPI(MPI_Fetch_and_op(&one, number, MPI_INT, 0, 0, MPI_SUM, counter->window));
  PetscCallMPI(MPI_Win_unlock(0, counter->window));
  PetscFunctionReturn(0);
}

static PetscErrorCode CounterDestroy(const RhoCli *cli, Counter *counter) {
  PetscFunctionBeginUser;
  if (cli->nrank == 1) PetscCall(PetscFree(counter->next));
  else PetscCallMPI(MPI_Win_free(&counter->window));
  PetscFunctionReturn(0);
}

static PetscErrorCode GroupCreate(const RhoCli *cli, int nrank, RhoCli *group) {
  PetscFunctionBeginUser;
  *group = *cli;
  PetscCallMPI(MPI_Comm_split(cli->run, (int)cli->rank / nrank, (int)cli->rank, &group->run));
  PetscCallMPI(MPI_Comm_dup(group->run, &group->comm));
  PetscCallMPI(MPI_Comm_rank(group->run, &group->rank));
  PetscCallMPI(MPI_Comm_size(group->run, &group->nrank));
  PetscFunctionReturn(0);
}

static PetscErrorCode GroupDestroy(RhoCli *group) {
  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_free(&group->comm));
  PetscCallMPI(MPI_Comm_free(&group->run));
  PetscFunctionReturn(0);
}

/* The position of the next number for the group; -1 after a signal. */
static PetscErrorCode Next(const RhoCli *cli, const RhoCli *group, Counter *counter, int *position) {
  RhoSignals signals;
  PetscFunctionBeginUser;
  PetscCall(rho_signals_seen(group, &signals));
  *position = -1;
  if (!signals.end && group->rank == 0) PetscCall(CounterTake(cli, counter, position));
  if (group->nrank > 1) PetscCallMPI(MPI_Bcast(position, 1, MPI_INT, 0, group->comm));
  PetscFunctionReturn(0);
}

static PetscErrorCode Work(RhoCli *cli, int nrank, int ntodo, const int *todo, RhoFarmJob job, void *ctx, int *status) {
  Counter counter = {0};
  RhoCli group;
  int position;
  PetscFunctionBeginUser;
  PetscCall(CounterCreate(cli, &counter));
  PetscCall(GroupCreate(cli, nrank, &group));
  PetscCall(Next(cli, &group, &counter, &position));
  while (!*status && position >= 0 && position < ntodo) {
    *status = job(ctx, &group, todo[position]);
    if (!*status) PetscCall(Next(cli, &group, &counter, &position));
  }
  *status = rho_agree(cli, *status);
  PetscCall(GroupDestroy(&group));
  PetscCall(CounterDestroy(cli, &counter));
  PetscFunctionReturn(0);
}

int rho_farm_ranks(const RhoCli *cli, int *nrank) {
  const char *text = cli->value[RHO_OPT_RANKS_PER_RUN];
  char *end;
  long n = text ? strtol(text, &end, 10) : 1;
  if (text && (!*text || *end || n < 1)) return rho_refuse(cli, "--ranks-per-run: '%s' is no number of ranks", text);
  if (n > cli->nrank || cli->nrank % n)
    return rho_refuse(cli, "--ranks-per-run %ld does not divide the %d ranks of mpirun", n, (int)cli->nrank);
  *nrank = (int)n;
  return RHO_EXIT_DONE;
}

int rho_farm(RhoCli *cli, int nrank, int n, const bool *done, RhoFarmJob job, void *ctx) {
  int ntodo = 0, status = RHO_EXIT_DONE;
  int *todo = RhoArenaAlloc(cli->arena, ((size_t)n + 1) * sizeof *todo);
  for (int k = 0; k < n; k++)
    if (!done || !done[k]) todo[ntodo++] = k;
  rho_signals_catch();
  bool failed = Work(cli, nrank, ntodo, todo, job, ctx, &status) != 0;
  rho_signals_release();
  return failed ? rho_petsc_failed(cli, RHO_EXIT_FAILED) : status;
}

void rho_farm_say_left(const RhoCli *cli, int left, int n) {
  if (!left) return;
  fprintf(stderr, "rhoflux: %d of %d runs are left; to go on: %s%s\n", left, n,
          cli->nrank > 1 ? RhoArenaPrint(cli->arena, "mpirun -n %d ", (int)cli->nrank) : "",
          rho_run_command(cli, true));
}
