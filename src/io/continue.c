/* continue.c - an interrupted result opened again, with the outputs and lines that it had at a checkpoint.

   The index is written anew at once, without what came after: so no index ever names a snapshot that is not its own,
   also when the snapshots behind are written over one after the other. */
#include "io_private.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  RhoResult result;
  const RhoCheckpoint *checkpoint;
  RhoArena arena;
  RhoResultInfo info;
} Old;

/* ---- does it fit? ---- */

static bool HasField(const RhoResultInfo *info, const RhoResultField *field) {
  for (int i = 0; i < info->nfield; i++)
    if (!strcmp(info->field[i].name, field->name)) return info->field[i].derived == field->derived;
  return false;
}

static bool HasSeries(const RhoResultInfo *info, const char *name) {
  for (int i = 0; i < info->nseries; i++)
    if (!strcmp(info->series[i].name, name)) return true;
  return false;
}

static void CheckContent(const Old *old, Outcome *outcome) {
  const RhoResultContent *content = &old->result->content;
  const RhoResultInfo *info = &old->info;
  for (int f = 0; f < content->nfield; f++)
    if (!HasField(info, &content->field[f]))
      rho_mistake(outcome, RHO_ID_OTHER_RUN, "'%s' has no '%s', which this run writes", info->path,
                  content->field[f].name);
  for (int s = 0; s < content->nseries; s++)
    if (!HasSeries(info, content->series[s].name))
      rho_mistake(outcome, RHO_ID_OTHER_RUN, "'%s' has no series '%s', which this run writes", info->path,
                  content->series[s].name);
  if (info->nfield > content->nfield || info->nseries > content->nseries)
    rho_mistake(outcome, RHO_ID_OTHER_RUN, "'%s' has %d arrays and %d series, this run writes %d and %d", info->path,
                info->nfield, info->nseries, content->nfield, content->nseries);
}

static void CheckCounts(const Old *old, Outcome *outcome) {
  const RhoCheckpoint *c = old->checkpoint;
  const RhoResultInfo *info = &old->info;
  bool fits = c->noutput <= info->ntime && c->nline <= info->nline;
  if (!rho_bad(outcome) && fits && c->noutput > 0) fits = info->time[c->noutput - 1] <= c->time;
  if (!fits)
    rho_mistake(outcome, RHO_ID_OTHER_RUN,
                "'%s' is not the result that '%s' was written for, which had %d outputs until t = %.10g", info->path,
                c->path, c->noutput, c->time);
}

static void CheckMesh(const Old *old, Outcome *outcome) {
  const RhoMesh *a = &old->info.mesh, *b = &old->result->grid->mesh;
  bool same = a->ndimension == b->ndimension;
  for (int d = 0; d < a->ndimension && same; d++) same = rho_same_cells(&a->dimension[d], &b->dimension[d]);
  if (!same) rho_mistake(outcome, RHO_ID_OTHER_RUN, "'%s' is on another mesh", old->info.path);
}

/* ---- what it had ---- */

static PetscErrorCode Allocate(RhoResult r, const RhoCheckpoint *c) {
  PetscFunctionBeginUser;
  r->timecapacity = c->noutput + 1;
  r->linecapacity = c->nline + 1;
  PetscCall(PetscMalloc1((size_t)r->timecapacity, &r->time));
  PetscCall(PetscMalloc1((size_t)r->linecapacity * (1 + (size_t)r->content.nseries), &r->line));
  PetscFunctionReturn(0);
}

static void TakeColumn(Old *old, hid_t group, const char *name, int column, Outcome *outcome) {
  RhoResult r = old->result;
  int n, width = 1 + r->content.nseries;
  const double *value = rho_line_read(old->arena, group, name, &n);
  if (!value || n < old->checkpoint->nline)
    rho_mistake(outcome, RHO_ID_BAD_DATA, "the series '%s' of '%s' is too short", name, old->info.path);
  for (int i = 0; !rho_bad(outcome) && i < old->checkpoint->nline; i++)
    r->line[(size_t)i * (size_t)width + (size_t)column] = value[i];
}

static void Take(Old *old, hid_t file, Outcome *outcome) {
  RhoResult r = old->result;
  hid_t group = H5Gopen2(file, "series", H5P_DEFAULT);
  r->ntime = old->checkpoint->noutput;
  r->nline = old->checkpoint->nline;
  for (int k = 0; k < r->ntime; k++) r->time[k] = old->info.time[k];
  if (r->nline) TakeColumn(old, group, "time", 0, outcome);
  for (int s = 0; r->nline && s < r->content.nseries; s++)
    TakeColumn(old, group, r->content.series[s].name, s + 1, outcome);
  H5Gclose(group);
  rho_hdf5_unreadable(old->info.path, outcome);
}

static void Read(Old *old, hid_t file, Outcome *outcome) {
  rho_info_read(old->arena, file, old->result->index, &old->info, outcome);
  if (!rho_bad(outcome) && old->info.kind != RHO_FILE_INDEX)
    rho_mistake(outcome, RHO_ID_NOT_A_RESULT, "'%s' is an HDF5 file but not a result", old->info.path);
  if (rho_bad(outcome)) return;
  CheckMesh(old, outcome);
  CheckContent(old, outcome);
  CheckCounts(old, outcome);
  if (!rho_bad(outcome)) Take(old, file, outcome);
}

/* In a frame of its own: the arena jumps here when memory runs out. */
static void ReadGuarded(Old *old, Outcome *outcome) {
  Hdf5Guard guard;
  rho_hdf5_begin(&guard, outcome);
  hid_t file = rho_hdf5_open(old->result->index, outcome);
  old->arena = RhoArenaCreate();
  if (!old->arena || setjmp(*RhoArenaGuard(old->arena))) rho_fail(outcome, PETSC_ERR_MEM, "no memory");
  else if (!rho_bad(outcome)) Read(old, file, outcome);
  RhoArenaDestroy(&old->arena);
  if (file >= 0) H5Fclose(file);
  rho_hdf5_end(&guard);
}

/* ---- on the disk ---- */

/* A damaged last checkpoint must not push the one before away when the next is written. */
static void KeepWhole(Old *old, Outcome *outcome) {
  RhoResult r = old->result;
  if (rho_bad(outcome) || strcmp(old->checkpoint->path, r->previous)) return;
  if (rename(r->previous, r->checkpoint))
    rho_fail(outcome, PETSC_ERR_FILE_WRITE, "cannot rename to '%s': %s", r->checkpoint, strerror(errno));
}

static void Begin(Old *old, Outcome *outcome) {
  rho_content_check(&old->result->grid->mesh, &old->result->content, outcome);
  rho_result_lock(old->result, outcome);
  if (!rho_bad(outcome)) ReadGuarded(old, outcome);
  KeepWhole(old, outcome);
  if (rho_bad(outcome)) return;
  rho_sync_begin(old->result, true);
  rho_index_write(old->result, outcome);
  rho_xdmf_write(old->result, outcome);
  rho_snapshots_remove(old->result, old->result->ntime, outcome);
}

PetscErrorCode RhoResultContinue(RhoGrid grid, RhoDiag diag, const char *path, const RhoResultContent *content,
                                 const RhoCheckpoint *checkpoint, RhoResult *result) {
  Old old = {.checkpoint = checkpoint};
  Outcome outcome = {0};
  PetscFunctionBeginUser;
  PetscCall(rho_result_make(grid, path, content, result));
  old.result = *result;
  if (grid->rank == 0) PetscCall(Allocate(*result, checkpoint));
  if (grid->rank == 0) Begin(&old, &outcome);
  PetscCall(rho_outcome_share(grid->comm, &outcome));
  if (rho_bad(&outcome)) PetscCall(rho_result_free(result));
  rho_outcome_report(&outcome, diag, RHO_NOWHERE);
  PetscCall(rho_outcome_raise(grid->comm, &outcome));
  PetscFunctionReturn(0);
}
