/* wisdom.c - measured plans are kept in a file: what FFTW calls wisdom.

     $RHOFLUX_CACHE, else $XDG_CACHE_HOME/rhoflux, else $HOME/.cache/rhoflux; RHOFLUX_CACHE=off: none
       fftw-3.3.10-sse2-avx_AMD-EPYC.wisdom      FFTW's version and the processor: one file for each pair

     rhoflux wisdom 1 <crc in hex> <bytes>       the head, one line
     (fftw-3.3.10 fftw_wisdom ...)               as FFTW writes it

   Read by rank 0 and told to the others.  Written aside and renamed; what another process added meanwhile is kept.
   A file is used as a whole or not at all: it has the length and the checksum of its head, and FFTW refuses wisdom of
   other versions. */
#include "wisdom.h"
#include <ctype.h>
#include <fftw3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

enum { NPATH = 4096, NNAME = 256, LIMIT = 1 << 20 };

/* ---- where ---- */

/* "model name : AMD EPYC" of the first processor; other systems: the architecture. */
static void Processor(size_t room, char *name) {
  struct utsname machine;
  FILE *stream = fopen("/proc/cpuinfo", "r");
  char line[NNAME], *colon;
  snprintf(name, room, "%s", uname(&machine) < 0 ? "unknown" : machine.machine);
  while (stream && fgets(line, sizeof line, stream))
    if (!strncmp(line, "model name", 10) && (colon = strchr(line, ':'))) {
      snprintf(name, room, "%s", colon + 1);
      break;
    }
  if (stream) fclose(stream);
}

/* Letters, digits, dots; one - for each run of others, none at the ends. */
static void Simplify(char *name) {
  char *to = name;
  for (const char *c = name; *c; c++) {
    if (isalnum((unsigned char)*c) || *c == '.') *to++ = *c;
    else if (to > name && to[-1] != '-') *to++ = '-';
  }
  while (to > name && to[-1] == '-') to--;
  *to = '\0';
}

static bool Folder(size_t room, char *path) {
  const char *own = getenv("RHOFLUX_CACHE"), *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
  int n = 0;
  if (own) n = strcmp(own, "off") ? snprintf(path, room, "%s", own) : 0;
  else if (cache && *cache == '/') n = snprintf(path, room, "%s/rhoflux", cache);
  else if (home && *home) n = snprintf(path, room, "%s/.cache/rhoflux", home);
  return n > 0 && (size_t)n < room;
}

bool rho_wisdom_path(size_t room, char *path) {
  char folder[NPATH], processor[NNAME], version[NNAME];
  if (!Folder(sizeof folder, folder)) return false;
  Processor(sizeof processor, processor);
  Simplify(processor);
  snprintf(version, sizeof version, "%s", fftw_version);
  Simplify(version);
  int n = snprintf(path, room, "%s/%s_%s.wisdom", folder, version, processor);
  return n > 0 && (size_t)n < room;
}

/* ---- the file ---- */

/* CRC-32, polynomial 0x04c11db7 from the low bit. */
static unsigned Checksum(const char *text) {
  unsigned crc = ~0u;
  for (const char *c = text; *c; c++) {
    crc ^= (unsigned char)*c;
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
  }
  return ~crc;
}

/* The text of a whole file, malloc'ed; else NULL. */
static char *Read(const char *path) {
  unsigned crc;
  size_t n;
  FILE *stream = fopen(path, "r");
  char *text = NULL;
  if (!stream) return NULL;
  if (fscanf(stream, "rhoflux wisdom 1 %x %zu", &crc, &n) == 2 && fgetc(stream) == '\n' && n < LIMIT)
    text = calloc(n + 1, 1);
  bool whole = text && fread(text, 1, n, stream) == n && fgetc(stream) == EOF && Checksum(text) == crc;
  fclose(stream);
  if (whole) return text;
  free(text);
  return NULL;
}

static bool WriteTo(int file, const char *text) {
  size_t n = strlen(text);
  bool done = dprintf(file, "rhoflux wisdom 1 %08x %zu\n", Checksum(text), n) > 0;
  for (ssize_t m; done && n > 0; text += m, n -= (size_t)m) done = (m = write(file, text, n)) > 0;
  return close(file) == 0 && done;
}

/* All but the last part of the path. */
static void MakeFolders(char *path) {
  for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    mkdir(path, 0700);
    *slash = '/';
  }
}

static void Write(char *path, const char *text) {
  char aside[NPATH + 8];
  MakeFolders(path);
  snprintf(aside, sizeof aside, "%s.XXXXXX", path);
  int file = mkstemp(aside);
  if (file < 0) return;
  if (!WriteTo(file, text) || rename(aside, path) < 0) unlink(aside);
}

/* FFTW's wisdom and the file's as it is now: one that has become too long begins anew. */
static void Keep(void) {
  char path[NPATH];
  if (!rho_wisdom_path(sizeof path, path)) return;
  char *alone = fftw_export_wisdom_to_string(), *other = Read(path);
  if (other) fftw_import_wisdom_from_string(other);
  char *both = fftw_export_wisdom_to_string(), *text = both && strlen(both) < LIMIT ? both : alone;
  if (text && (!other || strcmp(text, other))) Write(path, text);
  free(alone);
  free(other);
  free(both);
}

/* ---- what FFTW knows ---- */

/* The text of rank `from` (NULL: none) becomes part of what every rank knows. */
static PetscErrorCode Tell(MPI_Comm comm, PetscMPIInt from, const char *text) {
  PetscMPIInt rank, n = text ? (PetscMPIInt)strlen(text) : 0;
  char *copy;
  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  PetscCallMPI(MPI_Bcast(&n, 1, MPI_INT, from, comm));
  if (n == 0) PetscFunctionReturn(0);
  PetscCall(PetscCalloc1((size_t)n + 1, &copy));
  if (rank == from) PetscCall(PetscArraycpy(copy, text, n));
  PetscCallMPI(MPI_Bcast(copy, n, MPI_CHAR, from, comm));
  fftw_import_wisdom_from_string(copy);
  PetscCall(PetscFree(copy));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_wisdom_begin(MPI_Comm comm, bool load, RhoWisdom *w) {
  PetscMPIInt rank;
  char path[NPATH];
  PetscFunctionBeginUser;
  *w = (RhoWisdom){.before = fftw_export_wisdom_to_string()};
  fftw_forget_wisdom();
  if (!load) PetscFunctionReturn(0);
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  if (rank == 0 && rho_wisdom_path(sizeof path, path)) w->known = Read(path);
  PetscCall(Tell(comm, 0, w->known));
  free(w->known);
  w->known = fftw_export_wisdom_to_string();
  PetscFunctionReturn(0);
}

PetscErrorCode rho_wisdom_share(MPI_Comm comm, PetscMPIInt from) {
  char *text = fftw_export_wisdom_to_string();
  PetscErrorCode ierr = Tell(comm, from, text);
  free(text);
  return ierr;
}

PetscErrorCode rho_wisdom_end(MPI_Comm comm, bool keep, RhoWisdom *w) {
  PetscMPIInt rank;
  char *now = fftw_export_wisdom_to_string();
  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Comm_rank(comm, &rank));
  if (keep && rank == 0 && now && w->known && strcmp(now, w->known)) Keep();
  fftw_forget_wisdom();
  if (w->before) fftw_import_wisdom_from_string(w->before);
  free(now);
  free(w->before);
  free(w->known);
  PetscFunctionReturn(0);
}
