/* sync.c - what of a result is on the disk, and not only with the system.

   A file that has been renamed stands there whatever happens to the process; only a failure of the machine can take it
   before it has been brought to the disk, which costs 5 to 10 ms.  So that is done for all files together, at most once
   a second: such a failure takes what was written in the last second.  There is always a checkpoint on the disk once
   there was one, because one that is there is not given up for one that is not. */
#include "io_private.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define PAUSE 1.0 /* seconds */

double rho_now(void) {
  PetscLogDouble now = 0;
  (void)PetscTime(&now);
  return now;
}

void rho_sync_begin(RhoResult r, bool goes_on) {
  r->synced = r->saved = rho_now();
  r->on_disk = r->before_on_disk = goes_on;
  r->first_pending = r->ntime;
}

bool rho_sync_due(RhoResult r, double since) { return !r->temporary && rho_now() - since >= PAUSE; }

static void SyncFile(const char *path, Outcome *outcome) {
  if (rho_bad(outcome)) return;
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0 || fsync(file))
    rho_fail(outcome, PETSC_ERR_FILE_WRITE, "cannot bring '%s' to the disk: %s", path, strerror(errno));
  if (file >= 0) close(file);
}

void rho_sync_outputs(RhoResult r, Outcome *outcome) {
  char path[PETSC_MAX_PATH_LEN];
  for (int k = r->first_pending; k < r->ntime; k++) SyncFile(rho_snapshot_path(r, k, false, path), outcome);
  if (r->index_pending) SyncFile(r->index, outcome);
  if (rho_bad(outcome)) return;
  r->index_pending = false;
  r->first_pending = r->ntime;
  r->synced = rho_now();
}

void rho_sync_checkpoint(RhoResult r, Outcome *outcome) {
  if (r->on_disk || !rho_path_exists(r->checkpoint)) return;
  SyncFile(r->checkpoint, outcome);
  r->on_disk = !rho_bad(outcome);
  r->saved = rho_now();
}

const char *rho_sync_keeps(RhoResult r) { return r->before_on_disk && !r->on_disk ? NULL : r->previous; }

void rho_sync_replaced(RhoResult r, bool on_disk) {
  if (rho_sync_keeps(r)) r->before_on_disk = r->on_disk;
  r->on_disk = on_disk;
  if (on_disk) r->saved = rho_now();
}
