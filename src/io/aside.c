/* aside.c - files that are there whole or not at all.

   Written to PATH.part, brought to the disk unless lax, then renamed: under PATH stands what was there before or the
   whole new file, whenever the process ends.  With KEEP, what was there becomes KEEP first: between the two renamings
   the newest whole file is KEEP. */
#include "io_private.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool rho_path_exists(const char *path) {
  struct stat status;
  return lstat(path, &status) == 0;
}

void rho_aside_open(Aside *aside, const char *path, Outcome *outcome) {
  *aside = (Aside){.path = path};
  if (rho_bad(outcome)) return;
  snprintf(aside->part, sizeof aside->part, "%s.part", path);
  aside->stream = fopen(aside->part, "w");
  if (!aside->stream) rho_fail(outcome, PETSC_ERR_FILE_OPEN, "cannot create '%s': %s", path, strerror(errno));
}

void rho_aside_bytes(Aside *aside, const void *bytes, size_t nbyte, Outcome *outcome) {
  if (!aside->stream || fwrite(bytes, 1, nbyte, aside->stream) == nbyte) return;
  rho_fail(outcome, PETSC_ERR_FILE_WRITE, "cannot write '%s': %s", aside->path, strerror(errno));
}

static bool ToDisk(FILE *stream, bool lax) {
  return fflush(stream) == 0 && !ferror(stream) && (lax || fsync(fileno(stream)) == 0);
}

static void Rename(const char *from, const char *to, bool may_be_absent, Outcome *outcome) {
  if (rho_bad(outcome) || !rename(from, to) || (may_be_absent && errno == ENOENT)) return;
  rho_fail(outcome, PETSC_ERR_FILE_WRITE, "cannot rename to '%s': %s", to, strerror(errno));
}

void rho_aside_commit(Aside *aside, Outcome *outcome) {
  if (!aside->stream) return;
  errno = 0;
  bool written = ToDisk(aside->stream, aside->lax);
  int reason = errno;
  if (fclose(aside->stream) && written) {
    written = false;
    reason = errno;
  }
  aside->stream = NULL;
  if (!written)
    rho_fail(outcome, PETSC_ERR_FILE_WRITE, "cannot write '%s': %s", aside->path,
             reason ? strerror(reason) : "write error");
  if (aside->keep) Rename(aside->path, aside->keep, true, outcome);
  Rename(aside->part, aside->path, false, outcome);
  if (rho_bad(outcome)) unlink(aside->part);
}

PetscErrorCode RhoTextSave(const char *path, const char *text) {
  Outcome outcome = {0};
  Aside aside;
  PetscFunctionBeginUser;
  rho_aside_open(&aside, path, &outcome);
  rho_aside_bytes(&aside, text, strlen(text), &outcome);
  rho_aside_commit(&aside, &outcome);
  PetscCall(rho_outcome_raise(PETSC_COMM_SELF, &outcome));
  PetscFunctionReturn(0);
}
