/* diag_file.c - reading a text file into a RhoDiag: whole, at most 16 MiB, valid UTF-8 without NUL bytes. */
#include "base_private.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LARGEST = 16 << 20 };

/* All bytes of the stream, to be freed; NULL with errno set when it cannot be read (EFBIG: more than LARGEST). */
static char *ReadAll(FILE *stream, size_t *nbyte) {
  char *bytes = NULL;
  size_t room = 4096;
  for (*nbyte = 0;; room *= 2) {
    char *larger = realloc(bytes, room);
    if (!larger) break;
    bytes = larger;
    *nbyte += fread(bytes + *nbyte, 1, room - *nbyte, stream);
    if (ferror(stream)) break;
    if (*nbyte > LARGEST) {
      errno = EFBIG;
      break;
    }
    if (*nbyte < room) return bytes;
  }
  free(bytes);
  return NULL;
}

/* As ReadAll.  A directory opens like a file and would fail only when read. */
static char *ReadPath(const char *path, size_t *nbyte) {
  struct stat status;
  if (stat(path, &status)) return NULL;
  if (S_ISDIR(status.st_mode)) {
    errno = EISDIR;
    return NULL;
  }
  FILE *stream = fopen(path, "rb");
  if (!stream) return NULL;
  char *bytes = ReadAll(stream, nbyte);
  int reason = errno;
  fclose(stream);
  errno = reason;
  return bytes;
}

/* Offset of the first byte that is no part of a text; nbyte when there is none. */
static size_t FirstBadByte(const char *text, size_t nbyte) {
  const char *end = text + nbyte;
  long code = 1;
  for (const char *at = text; at < end;) {
    int length = rho_utf8_next(at, end, &code);
    if (code <= 0) return (size_t)(at - text);
    at += length;
  }
  return nbyte;
}

static void ReportUnreadable(RhoDiag diag, const char *path, RhoPlace from, int reason) {
  if (reason == EFBIG) {
    RhoDiagReport(diag, RHO_ID_CANNOT_READ, from, "cannot read '%s': larger than 16 MiB", path);
    RhoDiagHint(diag, "this does not look like a file written by hand");
  } else {
    RhoDiagReport(diag, RHO_ID_CANNOT_READ, from, "cannot read '%s': %s", path, strerror(reason));
  }
}

static bool CheckText(RhoDiag diag, int source, RhoPlace from) {
  size_t nbyte;
  const char *text = RhoDiagSourceText(diag, source, &nbyte);
  size_t bad = FirstBadByte(text, nbyte);
  if (bad == nbyte) return true;
  RhoDiagReport(diag, RHO_ID_NOT_UTF8, (RhoPlace){source, (int)bad, 1}, "byte 0x%02x is not UTF-8 text",
                (unsigned)(unsigned char)text[bad]);
  bool hdf5 = nbyte > 4 && memcmp(text, "\x89HDF", 4) == 0;
  RhoDiagHint(diag,
              hdf5 ? "this is an HDF5 file: rhoflux info and rhoflux plot read results" : "save the file as UTF-8");
  if (from.source >= 0) RhoDiagAlso(diag, from, "the file is named here");
  return false;
}

int RhoDiagReadFile(RhoDiag diag, const char *path, RhoPlace from) {
  size_t nbyte;
  char *bytes = ReadPath(path, &nbyte);
  if (!bytes) {
    ReportUnreadable(diag, path, from, errno);
    return -1;
  }
  static const char mark[] = "\xef\xbb\xbf"; /* the byte order mark of some editors is no part of the text */
  size_t skip = nbyte >= 3 && memcmp(bytes, mark, 3) == 0 ? 3 : 0;
  int source = RhoDiagAddSource(diag, path, bytes + skip, nbyte - skip);
  free(bytes);
  if (source < 0) {
    ReportUnreadable(diag, path, from, ENOMEM);
    return -1;
  }
  return CheckText(diag, source, from) ? source : -1;
}
