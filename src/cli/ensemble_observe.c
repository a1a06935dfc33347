/* ensemble_observe.c - what the runs of an ensemble have observed, together.

   What a run has counted is in its checkpoint; observers made alike say what that is, run after run, and all of them
   the mean with its error by their scatter. */
#include "ensemble.h"

static void RefuseRun(const RhoEnsemble *e, int k, const RhoCaseObserve *o) {
  RhoDiagReport(e->cli->diag, RHO_ID_OTHER_RUN, o->place, "run %d has not observed '%s' so: '%s'", k, o->name,
                rho_ensemble_result(e, e->cli->arena, k));
  RhoDiagHint(e->cli->diag, "--overwrite does all runs anew");
}

/* What run k has found, in an arena that goes; *ok false after a report. */
static PetscErrorCode AddRun(const RhoEnsemble *e, int k, int which, RhoMembers members, bool *ok) {
  const RhoCaseObserve *o = &e->c.observe[which];
  RhoArena arena = RhoArenaCreate();
  RhoObserver observer;
  RhoObserved found;
  PetscBool fits = PETSC_FALSE;
  int n = 0;
  PetscFunctionBeginUser;
  PetscCheck(arena, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for a run of the ensemble");
  const char *result = rho_ensemble_result(e, e->cli->arena, k);
  const RhoCheckpoint checkpoint = {.path = RhoArenaPrint(e->cli->arena, "%s.checkpoint.h5", result)};
  PetscCall(rho_run_observer(&e->c, which, &observer));
  const double *data = RhoCheckpointArray(arena, &checkpoint, o->name, &n);
  if (data) PetscCall(RhoObserverLoad(observer, n, data, &fits));
  if (fits) {
    PetscCall(RhoObserverFinish(observer, arena, &found));
    RhoMembersAdd(members, &found);
  } else RefuseRun(e, k, o);
  *ok = fits;
  PetscCall(RhoObserverDestroy(&observer));
  RhoArenaDestroy(&arena);
  PetscFunctionReturn(0);
}

static PetscErrorCode AddTables(const RhoEnsemble *e, int which, RhoArena arena, RhoTables tables, bool *ok) {
  RhoMembers members = RhoMembersCreate(arena);
  RhoObserved mean;
  PetscFunctionBeginUser;
  for (int k = 0; k < e->nrun && *ok; k++)
    if (e->state[k] == RHO_MEMBER_DONE) PetscCall(AddRun(e, k, which, members, ok));
  if (!*ok) PetscFunctionReturn(0);
  RhoMembersMean(members, &mean);
  RhoObservedTables(tables, &mean);
  PetscFunctionReturn(0);
}

PetscErrorCode rho_ensemble_observed(const RhoEnsemble *e, RhoArena arena, RhoTables *tables) {
  bool ok = true;
  PetscFunctionBeginUser;
  *tables = RhoTablesCreate(arena, "observe");
  RhoTablesText(*tables, "", "result", rho_result_path(e->cli, e->c.result));
  for (int which = 0; which < e->c.nobserve && ok; which++) PetscCall(AddTables(e, which, arena, *tables, &ok));
  (void)rho_report(e->cli);
  PetscCheck(ok, PETSC_COMM_SELF, PETSC_ERR_FILE_READ, "the runs of the ensemble have not observed the same");
  PetscFunctionReturn(0);
}

PetscErrorCode rho_ensemble_observe(const RhoEnsemble *e, RhoTables tables, int nprovenance,
                                    const RhoProvenance *provenance) {
  PetscFunctionBeginUser;
  if (e->c.nobserve)
    PetscCall(
        RhoTablesWrite(PETSC_COMM_SELF, tables, rho_run_observe_path(&e->c), PETSC_TRUE, nprovenance, provenance));
  PetscFunctionReturn(0);
}
