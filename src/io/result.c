/* result.c - a result being written: its life, its outputs, its series.

   Order of writing: snapshots, XDMF, index, then a checkpoint that counts them, each whole before the next.  So
   whatever the index names is there, and the index has all outputs that a checkpoint counts.  Snapshots may wait for
   their index (index.c); one without (the process ended in between, or the disk was full) is written over by the next
   output of that number. */
#include "io_private.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- names and content ---- */

static PetscErrorCode SetPaths(RhoResult r, MPI_Comm comm, const char *path) {
  size_t n = strlen(path);
  if (n > 3 && !strcmp(path + n - 3, ".h5")) n -= 3;
  const char *name = RhoArenaString(r->arena, path, n), *slash = strrchr(name, '/');
  PetscFunctionBeginUser;
  r->base = slash ? slash + 1 : name;
  PetscCheck(r->base[0], comm, PETSC_ERR_FILE_OPEN, "'%s' is not the name of a result", path);
  PetscCheck(n + 32 < PETSC_MAX_PATH_LEN, comm, PETSC_ERR_FILE_OPEN, "the path '%.60s...' is too long", path);
  r->index = RhoArenaPrint(r->arena, "%s.h5", name);
  r->folder = RhoArenaPrint(r->arena, "%s.d", name);
  r->xdmf = RhoArenaPrint(r->arena, "%s.xdmf", name);
  r->checkpoint = RhoArenaPrint(r->arena, "%s.checkpoint.h5", name);
  r->previous = RhoArenaPrint(r->arena, "%s.checkpoint.old.h5", name);
  PetscFunctionReturn(0);
}

static const char *Copy(RhoArena arena, const char *text) {
  return text ? RhoArenaString(arena, text, strlen(text)) : NULL;
}

static void CopyContent(RhoResult r, const RhoResultContent *from) {
  RhoResultField *field = RhoArenaAlloc(r->arena, (size_t)from->nfield * sizeof *field);
  RhoSeries *series = RhoArenaAlloc(r->arena, (size_t)from->nseries * sizeof *series);
  RhoProvenance *provenance = RhoArenaAlloc(r->arena, (size_t)from->nprovenance * sizeof *provenance);
  for (int i = 0; i < from->nfield; i++)
    field[i] = (RhoResultField){Copy(r->arena, from->field[i].name), Copy(r->arena, from->field[i].latex),
                                from->field[i].derived};
  for (int i = 0; i < from->nseries; i++)
    series[i] = (RhoSeries){Copy(r->arena, from->series[i].name), Copy(r->arena, from->series[i].what)};
  for (int i = 0; i < from->nprovenance; i++)
    provenance[i] = (RhoProvenance){Copy(r->arena, from->provenance[i].name), Copy(r->arena, from->provenance[i].what)};
  r->content = (RhoResultContent){from->nfield, from->nseries, from->nprovenance, field, series, provenance};
  r->list = RhoArenaAlloc(r->arena, (size_t)(from->nfield + from->nseries) * sizeof *r->list);
  r->all = RhoArenaAlloc(r->arena, (size_t)from->nfield * sizeof *r->all);
  r->state = RhoArenaAlloc(r->arena, (size_t)from->nfield * sizeof *r->state);
  (void)rho_fields_list(&r->content, true, r->all);
  r->nstate = rho_fields_list(&r->content, false, r->state);
}

static PetscErrorCode SetUp(RhoResult r, const char *path, const RhoResultContent *content) {
  PetscFunctionBeginUser;
  r->arena = RhoArenaCreate();
  if (!r->arena || setjmp(*RhoArenaGuard(r->arena))) SETERRQ(PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for a result");
  CopyContent(r, content);
  PetscCall(SetPaths(r, r->grid->comm, path));
  PetscCall(rho_gather_create(r->grid, &r->gather));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_result_free(RhoResult *result) {
  RhoResult r = *result;
  PetscFunctionBeginUser;
  PetscCall(rho_gather_destroy(&r->gather));
  if (r->lock) close(r->lock - 1);
  RhoArenaDestroy(&r->arena);
  PetscCall(PetscFree(r->time));
  PetscCall(PetscFree(r->line));
  PetscCall(PetscFree(*result));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_result_make(RhoGrid grid, const char *path, const RhoResultContent *content, RhoResult *result) {
  PetscErrorCode error;
  PetscFunctionBeginUser;
  PetscCall(PetscNew(result));
  (*result)->grid = grid;
  error = SetUp(*result, path, content);
  if (error) PetscCall(rho_result_free(result));
  PetscCall(error);
  PetscFunctionReturn(0);
}

/* ---- what was there before ---- */

/* 000000.h5, 000000.h5.part: a snapshot, whole or not. */
static bool IsSnapshot(const char *name) {
  size_t digits = strspn(name, "0123456789");
  return digits >= 6 && (!strcmp(name + digits, ".h5") || !strcmp(name + digits, ".h5.part"));
}

static void Remove(const char *path, Outcome *outcome) {
  if (!rho_bad(outcome) && unlink(path) && errno != ENOENT)
    rho_fail(outcome, PETSC_ERR_FILE_WRITE, "cannot remove '%s': %s", path, strerror(errno));
}

/* Calls back for every snapshot in the folder; stops at, and returns, the first false. */
static bool EachSnapshot(RhoResult r, bool (*act)(RhoResult r, const char *name, void *ctx), void *ctx) {
  DIR *folder = opendir(r->folder);
  bool on = true;
  if (!folder) return true;
  for (struct dirent *entry; on && (entry = readdir(folder));)
    if (IsSnapshot(entry->d_name)) on = act(r, entry->d_name, ctx);
  closedir(folder);
  return on;
}

static bool Stop(RhoResult r, const char *name, void *ctx) {
  (void)r, (void)name, (void)ctx;
  return false;
}

typedef struct {
  int from;
  Outcome *outcome;
} Removal;

static bool RemoveSnapshot(RhoResult r, const char *name, void *ctx) {
  const Removal *removal = ctx;
  char path[PETSC_MAX_PATH_LEN + 256];
  snprintf(path, sizeof path, "%s/%s", r->folder, name);
  if (strtol(name, NULL, 10) >= removal->from) Remove(path, removal->outcome);
  return !rho_bad(removal->outcome);
}

void rho_snapshots_remove(RhoResult r, int from, Outcome *outcome) {
  Removal removal = {from, outcome};
  if (!rho_bad(outcome)) EachSnapshot(r, RemoveSnapshot, &removal);
}

static void CheckAbsent(RhoResult r, Outcome *outcome) {
  const char *const path[] = {r->index, r->xdmf, r->checkpoint, r->previous};
  const char *there = NULL;
  for (size_t k = 0; k < PETSC_STATIC_ARRAY_LENGTH(path) && !there; k++)
    if (rho_path_exists(path[k])) there = path[k];
  if (!there && !EachSnapshot(r, Stop, NULL)) there = r->folder;
  if (there) rho_fail(outcome, PETSC_ERR_FILE_OPEN, "'%s' is there already and not to be overwritten", there);
}

static void MakeFolder(RhoResult r, bool *made, Outcome *outcome) {
  struct stat status;
  if (rho_bad(outcome)) return;
  *made = mkdir(r->folder, 0777) == 0;
  if (*made || (errno == EEXIST && stat(r->folder, &status) == 0 && S_ISDIR(status.st_mode))) return;
  rho_fail(outcome, PETSC_ERR_FILE_OPEN, "cannot create folder '%s': %s", r->folder, strerror(errno));
}

/* The kernel lets go of the lock when the process ends, however it does; a file system without locks has none. */
void rho_result_lock(RhoResult r, Outcome *outcome) {
  if (rho_bad(outcome)) return;
  int folder = open(r->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0 && flock(folder, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK)
    rho_fail(outcome, PETSC_ERR_FILE_OPEN, "another process is writing '%s'", r->index);
  r->lock = folder + 1;
}

/* What belongs to the old result goes only when the new index stands: until then the old one is whole. */
static void Begin(RhoResult r, bool overwrite, Outcome *outcome) {
  bool made = false;
  rho_content_check(&r->grid->mesh, &r->content, outcome);
  if (!overwrite && !rho_bad(outcome)) CheckAbsent(r, outcome);
  MakeFolder(r, &made, outcome);
  rho_result_lock(r, outcome);
  rho_sync_begin(r, false);
  rho_index_write(r, outcome);
  Remove(r->checkpoint, outcome);
  Remove(r->previous, outcome);
  rho_snapshots_remove(r, 0, outcome);
  Remove(r->xdmf, outcome);
  if (rho_bad(outcome) && made) rmdir(r->folder);
}

/* The index goes first: what is left of a removal that was cut short is no result. */
PetscErrorCode RhoResultRemove(const char *path) {
  Outcome outcome = {0};
  PetscFunctionBeginUser;
  struct RhoResult_s r = {.arena = RhoArenaCreate()};
  PetscCheck(r.arena, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory to remove a result");
  PetscErrorCode error = SetPaths(&r, PETSC_COMM_SELF, path);
  if (!error) {
    const char *const file[] = {r.index, r.xdmf, r.checkpoint, r.previous};
    for (size_t k = 0; k < PETSC_STATIC_ARRAY_LENGTH(file); k++) Remove(file[k], &outcome);
    rho_snapshots_remove(&r, 0, &outcome);
    rmdir(r.folder);
  }
  RhoArenaDestroy(&r.arena);
  PetscCall(error);
  PetscCall(rho_outcome_raise(PETSC_COMM_SELF, &outcome));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoResultCreate(RhoGrid grid, const char *path, PetscBool overwrite, const RhoResultContent *content,
                               RhoResult *result) {
  Outcome outcome = {0};
  PetscFunctionBeginUser;
  PetscCall(rho_result_make(grid, path, content, result));
  if (grid->rank == 0) Begin(*result, overwrite, &outcome);
  PetscCall(rho_outcome_share(grid->comm, &outcome));
  if (rho_bad(&outcome)) PetscCall(rho_result_free(result));
  PetscCall(rho_outcome_raise(grid->comm, &outcome));
  PetscFunctionReturn(0);
}

/* ---- outputs and series ---- */

PetscErrorCode rho_result_room(int n, int *capacity, size_t nbyte, double **records) {
  PetscFunctionBeginUser;
  if (n < *capacity) PetscFunctionReturn(0);
  int wanted = *capacity ? 2 * *capacity : 64;
  PetscCall(PetscRealloc((size_t)wanted * nbyte, records));
  *capacity = wanted;
  PetscFunctionReturn(0);
}

static PetscErrorCode AddLine(RhoResult r, double time, const double *value) {
  size_t width = 1 + (size_t)r->content.nseries;
  PetscFunctionBeginUser;
  if (r->content.nseries == 0 || r->grid->rank) PetscFunctionReturn(0);
  PetscCall(rho_result_room(r->nline, &r->linecapacity, width * sizeof(double), &r->line));
  if (!r->nline || r->line[(size_t)(r->nline - 1) * width] != time) r->nline++;
  double *line = r->line + (size_t)(r->nline - 1) * width;
  line[0] = time;
  memcpy(line + 1, value, (width - 1) * sizeof *value);
  PetscFunctionReturn(0);
}

PetscErrorCode RhoResultSeries(RhoResult result, PetscReal time, const PetscReal *value) {
  PetscFunctionBeginUser;
  PetscCheck(isfinite(time), result->grid->comm, PETSC_ERR_FP, "time %g in '%s'", (double)time, result->index);
  PetscCall(AddLine(result, time, value));
  result->unsaved = true;
  PetscFunctionReturn(0);
}

static PetscErrorCode CheckCells(RhoResult r, PetscReal time, Vec cells) {
  int nfield;
  PetscFunctionBeginUser;
  PetscCall(rho_unknowns(r->grid, cells, &nfield));
  PetscCheck(nfield == r->content.nfield, r->grid->comm, PETSC_ERR_ARG_SIZ,
             "%d unknowns per cell for %d fields of '%s'", nfield, r->content.nfield, r->index);
  PetscCheck(isfinite(time), r->grid->comm, PETSC_ERR_FP, "time %g in '%s'", (double)time, r->index);
  PetscCall(rho_state_check(r, nfield, r->all, cells));
  PetscFunctionReturn(0);
}

static void WriteIndex(RhoResult r, Outcome *outcome) {
  if (!r->temporary && r->ntime != r->nindexed) rho_xdmf_write(r, outcome);
  rho_index_write(r, outcome);
}

static void List(RhoResult r, double time, Outcome *outcome) {
  r->time[r->ntime++] = time;
  if (!r->temporary && rho_index_due(r)) WriteIndex(r, outcome);
  if (rho_bad(outcome)) r->ntime--;
  else if (rho_sync_due(r, r->synced)) rho_sync_outputs(r, outcome);
}

void RhoResultTemporary(RhoResult result) { result->temporary = true; }

PetscErrorCode RhoResultWrite(RhoResult result, PetscReal time, Vec cells, const PetscReal *value) {
  Outcome outcome = {0};
  PetscFunctionBeginUser;
  PetscCall(CheckCells(result, time, cells));
  PetscCall(AddLine(result, time, value));
  result->unsaved = true;
  PetscCall(rho_result_room(result->ntime, &result->timecapacity, sizeof(double), &result->time));
  PetscCall(rho_snapshot_write(result, result->ntime, time, cells, &outcome));
  if (result->grid->rank == 0 && !rho_bad(&outcome)) List(result, time, &outcome);
  PetscCall(rho_outcome_share(result->grid->comm, &outcome));
  PetscCall(rho_outcome_raise(result->grid->comm, &outcome));
  PetscFunctionReturn(0);
}

const char *RhoResultPath(RhoResult result) { return result->index; }

const char *RhoResultCheckpointPath(RhoResult result) { return result->checkpoint; }

PetscErrorCode RhoResultSave(RhoResult result) {
  Outcome outcome = {0};
  PetscFunctionBeginUser;
  if (result->unsaved && result->grid->rank == 0) WriteIndex(result, &outcome);
  PetscCall(rho_outcome_share(result->grid->comm, &outcome));
  PetscCall(rho_outcome_raise(result->grid->comm, &outcome));
  PetscFunctionReturn(0);
}

PetscBool RhoResultWaits(RhoResult result) {
  return (PetscBool)(result->grid->rank == 0 && result->ntime > result->nindexed && !rho_index_due(result));
}

/* What has not been brought to the disk when that is due. */
static PetscErrorCode Settle(RhoResult r) {
  Outcome outcome = {0};
  PetscFunctionBeginUser;
  PetscCall(RhoResultSave(r));
  if (r->grid->rank == 0 && rho_sync_due(r, r->synced)) rho_sync_outputs(r, &outcome);
  if (r->grid->rank == 0 && rho_sync_due(r, r->saved)) rho_sync_checkpoint(r, &outcome);
  PetscCall(rho_outcome_share(r->grid->comm, &outcome));
  PetscCall(rho_outcome_raise(r->grid->comm, &outcome));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoResultDestroy(RhoResult *result) {
  PetscErrorCode error;
  PetscFunctionBeginUser;
  if (!*result) PetscFunctionReturn(0);
  error = Settle(*result);
  PetscCall(rho_result_free(result));
  PetscCall(error);
  PetscFunctionReturn(0);
}
