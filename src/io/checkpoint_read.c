/* checkpoint_read.c - the last whole checkpoint of a result, found, verified and read.

   Rank 0 looks at NAME.checkpoint.h5, then at NAME.checkpoint.old.h5.  A file is taken when its head is that of a
   checkpoint, it has the length the head says and the bytes have its checksum: what HDF5 then opens is what was
   written.  The state is read like that of any snapshot. */
#include "io_private.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct {
  RhoGrid grid;
  RhoArena arena;
  char last[PETSC_MAX_PATH_LEN], before[PETSC_MAX_PATH_LEN]; /* before: "" when it is not to be looked at */
  RhoResultInfo info;
  RhoCheckpoint *to;
} Reader;

/* ---- names ---- */

static bool CutEnd(char *name, const char *end) {
  size_t n = strlen(name), m = strlen(end);
  if (n <= m || strcmp(name + n - m, end)) return false;
  name[n - m] = 0;
  return true;
}

/* NAME, NAME.h5 and NAME.checkpoint.h5 mean the last whole one; NAME.checkpoint.old.h5 means itself. */
static void SetPaths(Reader *r, const char *name) {
  char base[PETSC_MAX_PATH_LEN - 32];
  snprintf(base, sizeof base, "%s", name);
  CutEnd(base, ".h5");
  bool old = CutEnd(base, ".checkpoint.old");
  if (!old) CutEnd(base, ".checkpoint");
  snprintf(r->last, sizeof r->last, "%s.checkpoint%s.h5", base, old ? ".old" : "");
  if (!old) snprintf(r->before, sizeof r->before, "%s.checkpoint.old.h5", base);
}

/* ---- is it whole? ---- */

typedef struct {
  int version;
  unsigned crc;
  unsigned long long nbyte;
} Head;

/* Whether the text is, to the last byte, the head that the numbers read from it make. */
static bool Scan(const char *text, Head *head) {
  char again[RHO_CHECKPOINT_HEAD] = {0};
  if (sscanf(text + strlen(RHO_CHECKPOINT_MARK), "%d\ncrc32 %8x of the %llu", &head->version, &head->crc,
             &head->nbyte) != 3)
    return false;
  rho_checkpoint_head(again, head->version, head->crc, head->nbyte);
  return !memcmp(text, again, sizeof again);
}

static bool ReadHead(const char *path, FILE *stream, Head *head, Outcome *outcome) {
  char text[RHO_CHECKPOINT_HEAD + 1] = {0};
  size_t n = fread(text, 1, RHO_CHECKPOINT_HEAD, stream), mark = strlen(RHO_CHECKPOINT_MARK);
  if (ferror(stream)) rho_mistake(outcome, RHO_ID_CANNOT_READ, "cannot read '%s': %s", path, strerror(errno));
  else if (memcmp(text, RHO_CHECKPOINT_MARK, n < mark ? n : mark))
    rho_mistake(outcome, RHO_ID_NOT_A_CHECKPOINT, "'%s' is not a checkpoint", path);
  else if (n < RHO_CHECKPOINT_HEAD)
    rho_mistake(outcome, RHO_ID_BAD_CHECKPOINT, "'%s' is cut short: it ends within its head", path);
  else if (!Scan(text, head))
    rho_mistake(outcome, RHO_ID_BAD_CHECKPOINT, "'%s' is damaged: its head does not read", path);
  return !rho_bad(outcome);
}

static void CheckLength(const char *path, FILE *stream, const Head *head, Outcome *outcome) {
  struct stat status;
  if (fstat(fileno(stream), &status)) return;
  unsigned long long has = (unsigned long long)status.st_size, wants = head->nbyte + RHO_CHECKPOINT_HEAD;
  if (has != wants)
    rho_mistake(outcome, RHO_ID_BAD_CHECKPOINT, "'%s' is %s: it has %llu of %llu bytes", path,
                has < wants ? "cut short" : "damaged", has, wants);
}

static void CheckSum(const char *path, FILE *stream, const Head *head, Outcome *outcome) {
  enum { ROOM = 1 << 16 };
  char *bytes = malloc(ROOM);
  Crc crc;
  if (!bytes) rho_fail(outcome, PETSC_ERR_MEM, "no memory to read '%s'", path);
  if (rho_bad(outcome)) {
    free(bytes);
    return;
  }
  rho_crc_begin(&crc);
  for (size_t n; (n = fread(bytes, 1, ROOM, stream)) > 0;) rho_crc_add(&crc, bytes, n);
  free(bytes);
  if (ferror(stream)) rho_mistake(outcome, RHO_ID_CANNOT_READ, "cannot read '%s': %s", path, strerror(errno));
  else if (rho_crc_end(&crc) != head->crc)
    rho_mistake(outcome, RHO_ID_BAD_CHECKPOINT, "'%s' is damaged: its checksum is %08x, not %08x", path,
                (unsigned)rho_crc_end(&crc), head->crc);
}

static void CheckVersion(const char *path, const Head *head, Outcome *outcome) {
  if (head->version != RHO_CHECKPOINT_VERSION)
    rho_mistake(outcome, RHO_ID_NOT_A_CHECKPOINT, "'%s' is of version %d of the checkpoints; this program reads %d",
                path, head->version, RHO_CHECKPOINT_VERSION);
}

static void Verify(const char *path, Outcome *outcome) {
  Head head;
  FILE *stream = fopen(path, "r");
  if (!stream && errno == ENOENT) rho_mistake(outcome, RHO_ID_NO_CHECKPOINT, "there is no checkpoint '%s'", path);
  else if (!stream) rho_mistake(outcome, RHO_ID_CANNOT_READ, "cannot read '%s': %s", path, strerror(errno));
  if (!stream) return;
  if (ReadHead(path, stream, &head, outcome)) {
    CheckVersion(path, &head, outcome);
    CheckLength(path, stream, &head, outcome);
    CheckSum(path, stream, &head, outcome);
  }
  fclose(stream);
}

/* Sets r->to->path to the file to take; what is wrong with the last one becomes a warning when the one before is whole,
   and is the mistake otherwise. */
static void Choose(Reader *r, Outcome *outcome, Outcome *warning) {
  Outcome second = {0};
  r->to->path = r->last;
  Verify(r->last, outcome);
  if (!outcome->mistake || !r->before[0]) return;
  Verify(r->before, &second);
  if (rho_bad(&second)) {
    if (outcome->id == RHO_ID_NO_CHECKPOINT && second.id != RHO_ID_NO_CHECKPOINT) *outcome = second;
    return;
  }
  *warning = *outcome;
  warning->id = RHO_ID_OLD_CHECKPOINT;
  snprintf(warning->hint, sizeof warning->hint, "the one before is taken, '%.500s'", r->before);
  *outcome = (Outcome){0};
  r->to->path = r->before;
  r->to->previous = PETSC_TRUE;
}

/* ---- what it holds beside the state ---- */

bool rho_is_checkpoint(hid_t file) {
  return H5Lexists(file, "provenance", H5P_DEFAULT) > 0 &&
         H5Aexists_by_name(file, "provenance", RHO_CHECKPOINT_OUTPUTS, H5P_DEFAULT) > 0;
}

static bool IsOwn(const char *name) {
  return !strcmp(name, RHO_CHECKPOINT_OUTPUTS) || !strcmp(name, RHO_CHECKPOINT_LINES) ||
         !strcmp(name, RHO_CHECKPOINT_WRITTEN);
}

static void ReadNumbers(Reader *r, hid_t file) {
  hid_t group = H5Gopen2(file, "provenance", H5P_DEFAULT);
  int n = H5Aget_num_attrs(group);
  RhoNumber *number = RhoArenaAlloc(r->arena, (size_t)(n > 0 ? n : 1) * sizeof *number);
  for (int k = 0; k < n; k++) {
    const char *name = rho_attribute_name(r->arena, group, (hsize_t)k);
    if (!IsOwn(name)) number[r->to->nnumber++] = (RhoNumber){name, rho_get_double(group, name, NAN)};
  }
  r->to->noutput = (int)rho_get_double(group, RHO_CHECKPOINT_OUTPUTS, 0);
  r->to->nline = (int)rho_get_double(group, RHO_CHECKPOINT_LINES, 0);
  r->to->written = rho_get_double(group, RHO_CHECKPOINT_WRITTEN, -INFINITY);
  r->to->number = number;
  H5Gclose(group);
}

static bool SameMesh(const RhoMesh *a, const RhoMesh *b) {
  bool same = a->ndimension == b->ndimension;
  for (int d = 0; d < a->ndimension && same; d++) {
    const RhoDimension *p = &a->dimension[d], *q = &b->dimension[d];
    same = !strcmp(p->name, q->name) && p->boundary == q->boundary && p->from == q->from && p->to == q->to &&
           rho_same_cells(p, q);
  }
  return same;
}

static const char *Names(RhoArena arena, int n, const RhoFieldInfo *info, const char *const *name) {
  RhoText text = RhoTextCreate(arena);
  for (int i = 0; i < n; i++) RhoTextAdd(text, "%s%s", i ? ", " : "", info ? info[i].name : name[i]);
  return RhoTextGet(text);
}

/* Fields that are missing are said by the reading of the state. */
static void CheckFields(const Reader *r, int nfield, const char *const *field, Outcome *outcome) {
  if (rho_bad(outcome) || r->info.nfield == nfield) return;
  rho_mistake(outcome, RHO_ID_OTHER_RUN, "'%s' has the fields %s; the model has %s", r->to->path,
              Names(r->arena, r->info.nfield, r->info.field, NULL), Names(r->arena, nfield, NULL, field));
}

static void ReadHeader(Reader *r, hid_t file, int nfield, const char *const *field, Outcome *outcome) {
  rho_info_read(r->arena, file, r->to->path, &r->info, outcome);
  if (rho_bad(outcome)) return;
  if (r->info.kind != RHO_FILE_CHECKPOINT) {
    rho_mistake(outcome, RHO_ID_NOT_A_CHECKPOINT, "'%s' is not a checkpoint", r->to->path);
    return;
  }
  CheckFields(r, nfield, field, outcome);
  ReadNumbers(r, file);
  r->to->time = r->info.time[0];
  r->to->same_mesh = (PetscBool)SameMesh(&r->info.mesh, &r->grid->mesh);
  r->to->nprovenance = r->info.nprovenance;
  r->to->provenance = r->info.provenance;
  rho_hdf5_unreadable(r->to->path, outcome);
}

/* In a frame of its own: the arena jumps here when memory runs out. */
static void Inspect(Reader *r, int nfield, const char *const *field, Outcome *outcome) {
  hid_t file = rho_hdf5_open(r->to->path, outcome);
  if (rho_bad(outcome)) return;
  if (setjmp(*RhoArenaGuard(r->arena))) rho_fail(outcome, PETSC_ERR_MEM, "no memory to read '%s'", r->to->path);
  else ReadHeader(r, file, nfield, field, outcome);
  H5Fclose(file);
}

/* ---- all ranks ---- */

static PetscErrorCode ShareText(Reader *r, const char **text) {
  int n = *text ? (int)strlen(*text) : 0;
  PetscFunctionBeginUser;
  PetscCallMPI(MPI_Bcast(&n, 1, MPI_INT, 0, r->grid->comm));
  char *copy = RhoArenaAlloc(r->arena, (size_t)n + 1);
  if (*text) memcpy(copy, *text, (size_t)n);
  PetscCallMPI(MPI_Bcast(copy, n, MPI_CHAR, 0, r->grid->comm));
  *text = copy;
  PetscFunctionReturn(0);
}

/* Everybody gets rank 0's header. */
static PetscErrorCode Share(Reader *r) {
  RhoCheckpoint *to = r->to;
  PetscFunctionBeginUser;
  if (setjmp(*RhoArenaGuard(r->arena))) SETERRQ(PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for a checkpoint");
  RhoNumber *number = (RhoNumber *)(uintptr_t)to->number;
  RhoProvenance *provenance = (RhoProvenance *)(uintptr_t)to->provenance;
  PetscCallMPI(MPI_Bcast(to, sizeof *to, MPI_BYTE, 0, r->grid->comm));
  if (r->grid->rank) {
    number = RhoArenaAlloc(r->arena, ((size_t)to->nnumber + 1) * sizeof *number);
    provenance = RhoArenaAlloc(r->arena, ((size_t)to->nprovenance + 1) * sizeof *provenance);
    to->path = NULL;
  }
  PetscCall(ShareText(r, &to->path));
  for (int k = 0; k < to->nnumber; k++) {
    PetscCall(ShareText(r, &number[k].name));
    PetscCallMPI(MPI_Bcast(&number[k].value, 1, MPI_DOUBLE, 0, r->grid->comm));
  }
  for (int k = 0; k < to->nprovenance; k++) {
    PetscCall(ShareText(r, &provenance[k].name));
    PetscCall(ShareText(r, &provenance[k].what));
  }
  to->number = number;
  to->provenance = provenance;
  PetscFunctionReturn(0);
}

PetscErrorCode RhoCheckpointRead(RhoGrid grid, RhoArena arena, RhoDiag diag, const char *name, int nfield,
                                 const char *const *field, Vec cells, RhoCheckpoint *checkpoint, PetscBool *ok) {
  Reader r = {.grid = grid, .arena = arena, .to = checkpoint};
  Outcome outcome = {0}, warning = {0};
  Hdf5Guard guard;
  PetscFunctionBeginUser;
  *ok = PETSC_FALSE;
  *checkpoint = (RhoCheckpoint){0};
  SetPaths(&r, name);
  rho_hdf5_begin(&guard, &outcome);
  if (grid->rank == 0) Choose(&r, &outcome, &warning);
  if (grid->rank == 0 && !rho_bad(&outcome)) Inspect(&r, nfield, field, &outcome);
  rho_hdf5_end(&guard);
  PetscCall(rho_outcome_share(grid->comm, &outcome));
  PetscCall(rho_outcome_share(grid->comm, &warning));
  rho_outcome_report(&warning, diag, RHO_NOWHERE);
  rho_outcome_report(&outcome, diag, RHO_NOWHERE);
  PetscCall(rho_outcome_raise(grid->comm, &outcome));
  if (outcome.mistake) PetscFunctionReturn(0);
  PetscCall(Share(&r));
  PetscCall(RhoResultRead(grid, diag, RHO_NOWHERE, checkpoint->path, PETSC_INFINITY, nfield, field, cells, NULL, ok));
  PetscFunctionReturn(0);
}

const double *RhoCheckpointArray(RhoArena arena, const RhoCheckpoint *checkpoint, const char *name, int *n) {
  Outcome outcome = {0};
  Hdf5Guard guard;
  const double *data = NULL;
  rho_hdf5_begin(&guard, &outcome);
  hid_t file = rho_hdf5_open(checkpoint->path, &outcome);
  if (file >= 0 && H5Lexists(file, RHO_CHECKPOINT_ARRAYS, H5P_DEFAULT) > 0) {
    hid_t group = H5Gopen2(file, RHO_CHECKPOINT_ARRAYS, H5P_DEFAULT);
    data = rho_line_read(arena, group, name, n);
    H5Gclose(group);
  }
  if (file >= 0) H5Fclose(file);
  rho_hdf5_end(&guard);
  return data;
}
