/* run_checkpoint.c - when a run writes its checkpoint, and what is in it beside the state. */
#include "run.h"

/* Rank 0 has the clock.  Outputs get their checkpoint with the index, at an output, which they may wait for but at the
   end. */
PetscErrorCode rho_checkpoint_due(RhoRun *run, const RhoEvolveState *state, bool *due) {
  const RhoCaseNumber *number = run->c->number;
  double limit = number[RHO_CASE_MAX_SECONDS].value;
  bool ready = state->output >= 0 && run->unsaved;
  bool outputs = ready && (state->time >= number[RHO_CASE_END].value || !RhoResultWaits(run->result));
  int yes[2] = {outputs || rho_clock() - run->clock >= number[RHO_CASE_CHECKPOINT].value,
                limit > 0 && rho_progress_seconds(&run->progress) >= limit};
  PetscFunctionBeginUser;
  if (run->c->cli->nrank > 1) PetscCallMPI(MPI_Bcast(yes, 2, MPI_INT, 0, run->c->cli->comm));
  *due = yes[0];
  run->late = yes[1];
  PetscFunctionReturn(0);
}

PetscErrorCode rho_checkpoint_write(RhoRun *run, const RhoEvolveState *state, Vec u) {
  RhoEvolveMemory *memory;
  RhoNumber *number;
  PetscFunctionBeginUser;
  PetscCall(PetscMalloc2(1, &memory, RHO_EVOLVE_MOST_NUMBERS + 1, &number));
  PetscCall(RhoEvolveSave(state, memory));
  for (PetscInt k = 0; k < memory->n; k++) number[k] = (RhoNumber){memory->name[k], memory->value[k]};
  number[memory->n] = (RhoNumber){"case.start", run->c->number[RHO_CASE_START].value};
  PetscCall(rho_run_observe_keep(run));
  PetscCall(RhoResultCheckpoint(run->result, state->time, u, (int)memory->n + 1, number));
  PetscCall(PetscFree2(memory, number));
  run->saved = true;
  run->unsaved = false;
  run->saved_at = state->time;
  run->clock = rho_clock();
  PetscFunctionReturn(0);
}

const char *rho_checkpoint_command(const RhoRun *run) {
  const RhoCli *cli = run->c->cli;
  const char *command = rho_run_command(cli, !run->restart.in_place);
  return cli->nrank > 1 ? RhoArenaPrint(cli->arena, "mpirun -n %d %s", (int)cli->nrank, command) : command;
}
