/* frames.c - the fields of a result, one output after the other, in the calling process. */
#include "io_private.h"
#include <stdlib.h>
#include <string.h>

struct RhoFrames_s {
  hid_t file;
  char path[PETSC_MAX_PATH_LEN];
  RhoPlace place;
  const RhoResultInfo *info;
};

/* In a frame of its own: the arena jumps here when memory runs out. */
static void Inspect(RhoArena arena, RhoFrames frames, Outcome *outcome) {
  if (setjmp(*RhoArenaGuard(arena))) {
    rho_fail(outcome, PETSC_ERR_MEM, "no memory");
    return;
  }
  RhoResultInfo *info = RhoArenaAlloc(arena, sizeof *info);
  rho_info_read(arena, frames->file, RhoArenaString(arena, frames->path, strlen(frames->path)), info, outcome);
  if (rho_bad(outcome)) return;
  if (info->kind != RHO_FILE_INDEX && info->kind != RHO_FILE_SNAPSHOT)
    rho_mistake(outcome, RHO_ID_NOT_A_RESULT, "'%s' has no outputs of fields", frames->path);
  frames->info = info;
}

static RhoStatus Status(const Outcome *outcome) {
  if (!rho_bad(outcome)) return RHO_OK;
  return outcome->code ? RHO_NOMEM : RHO_INPUT;
}

RhoStatus RhoFramesOpen(RhoArena arena, RhoDiag diag, RhoPlace place, const char *path, RhoFrames *frames,
                        const RhoResultInfo **info) {
  Outcome outcome = {0};
  Hdf5Guard guard;
  RhoFrames f = calloc(1, sizeof *f);
  *frames = NULL;
  *info = NULL;
  if (!f) return RHO_NOMEM;
  f->place = place;
  rho_hdf5_begin(&guard, &outcome);
  f->file = rho_result_open(path, f->path, &outcome);
  if (!rho_bad(&outcome)) Inspect(arena, f, &outcome);
  rho_hdf5_end(&guard);
  rho_outcome_report(&outcome, diag, place);
  *info = f->info;
  if (rho_bad(&outcome)) RhoFramesClose(&f);
  *frames = f;
  return Status(&outcome);
}

RhoStatus RhoFramesRead(RhoFrames frames, RhoDiag diag, int field, int output, double *data) {
  const RhoResultInfo *info = frames->info;
  Outcome outcome = {0};
  Hdf5Guard guard;
  rho_hdf5_begin(&guard, &outcome);
  rho_field_read(frames->file, info, info->field[field].name, output, data, &outcome);
  rho_hdf5_unreadable(frames->path, &outcome);
  rho_hdf5_end(&guard);
  if (!rho_bad(&outcome) && rho_first_undefined(rho_mesh_cells(&info->mesh), data) >= 0) {
    rho_mistake(&outcome, RHO_ID_BAD_DATA, "'%s' in '%s' has undefined values at t = %.10g", info->field[field].name,
                frames->path, info->time[output]);
    if (info->field[field].derived) rho_hint(&outcome, "its formula has no value in some cells");
    else if (info->kind == RHO_FILE_INDEX)
      rho_hint(&outcome, "a snapshot file that is missing beside the index reads as undefined");
  }
  rho_outcome_report(&outcome, diag, frames->place);
  return Status(&outcome);
}

const double *RhoFramesSeries(RhoFrames frames, RhoArena arena, const char *name, int *n) {
  Outcome outcome = {0};
  Hdf5Guard guard;
  const double *series = NULL;
  rho_hdf5_begin(&guard, &outcome);
  if (H5Lexists(frames->file, "series", H5P_DEFAULT) > 0) {
    hid_t group = H5Gopen2(frames->file, "series", H5P_DEFAULT);
    series = rho_line_read(arena, group, name, n);
    H5Gclose(group);
  }
  rho_hdf5_end(&guard);
  return series;
}

void RhoFramesClose(RhoFrames *frames) {
  if (!*frames) return;
  if ((*frames)->file >= 0) H5Fclose((*frames)->file);
  free(*frames);
  *frames = NULL;
}
