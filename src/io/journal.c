/* journal.c - records that survive a kill.

   One line each, "crc32 text", which begins with a line's end of its own: what a kill has cut short stays a line of its
   own, and a wrong checksum says so.  A record is one write to the end of the file, then brought to the disk. */
#include "io_private.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct RhoJournal_s {
  int file;
  char path[PETSC_MAX_PATH_LEN];
};

enum { SUM = 9 }; /* "0a1b2c3d " */

static unsigned Checksum(const char *text, size_t n) {
  Crc crc;
  rho_crc_begin(&crc);
  rho_crc_add(&crc, text, n);
  return rho_crc_end(&crc);
}

/* ---- writing ---- */

PetscErrorCode RhoJournalOpen(const char *path, RhoJournal *journal) {
  PetscFunctionBeginUser;
  int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  PetscCheck(file >= 0, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "cannot write '%s': %s", path, strerror(errno));
  PetscCall(PetscNew(journal));
  (*journal)->file = file;
  snprintf((*journal)->path, sizeof(*journal)->path, "%s", path);
  PetscFunctionReturn(0);
}

static bool WriteAll(int file, const char *bytes, size_t n) {
  while (n > 0) {
    ssize_t done = write(file, bytes, n);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return false;
    bytes += done;
    n -= (size_t)done;
  }
  return true;
}

PetscErrorCode RhoJournalAdd(RhoJournal journal, const char *text) {
  size_t n = strlen(text), room = n + SUM + 3;
  char *line;
  PetscFunctionBeginUser;
  PetscCheck(!strchr(text, '\n'), PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG, "a record is one line");
  PetscCall(PetscMalloc1(room, &line));
  snprintf(line, room, "\n%08x %s\n", Checksum(text, n), text);
  bool written = WriteAll(journal->file, line, strlen(line)) && fsync(journal->file) == 0;
  int reason = errno;
  PetscCall(PetscFree(line));
  PetscCheck(written, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "cannot write '%s': %s", journal->path, strerror(reason));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoJournalClose(RhoJournal *journal) {
  PetscFunctionBeginUser;
  if (!*journal) PetscFunctionReturn(0);
  close((*journal)->file);
  PetscCall(PetscFree(*journal));
  PetscFunctionReturn(0);
}

/* ---- reading ---- */

static bool IsWhole(const char *line, size_t n) {
  char *end;
  return n >= SUM && strtoul(line, &end, 16) == Checksum(line + SUM, n - SUM) && end == line + SUM - 1;
}

/* The next line of the stream in *line, without its end; its size, or -1. */
static ssize_t NextLine(FILE *stream, char **line, size_t *room) {
  ssize_t n = getline(line, room, stream);
  return n > 0 && (*line)[n - 1] == '\n' ? n - 1 : n;
}

PetscErrorCode RhoJournalRead(RhoArena arena, const char *path, int *n, const char *const **record) {
  const char **list = NULL;
  char *line = NULL;
  size_t room = 0;
  int capacity = 0;
  PetscFunctionBeginUser;
  *n = 0;
  FILE *stream = fopen(path, "r");
  PetscCheck(stream || errno == ENOENT, PETSC_COMM_SELF, PETSC_ERR_FILE_OPEN, "cannot read '%s': %s", path,
             strerror(errno));
  for (ssize_t size; stream && (size = NextLine(stream, &line, &room)) >= 0;)
    if (IsWhole(line, (size_t)size))
      *RHO_PUSH(arena, list, *n, capacity) = RhoArenaString(arena, line + SUM, (size_t)size - SUM);
  if (stream) fclose(stream);
  free(line);
  *record = list;
  PetscFunctionReturn(0);
}
