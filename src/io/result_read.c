/* result_read.c - fields of a result put on a grid.

   Rank 0 reads one field after the other and the outcome of each is shared before anybody moves numbers, so the ranks
   stay together and the caller's cells change only when all is well. */
#include "io_private.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Rank 0's side; empty on the others. */
typedef struct {
  RhoGrid grid;
  RhoArena arena;
  hid_t file;
  char path[PETSC_MAX_PATH_LEN];
  RhoResultInfo info;
  int output;
  double *source, *cells; /* as in the file; on the grid */
} Reader;

static const char *DimensionNames(const RhoMesh *mesh, char *text, size_t room) {
  size_t used = 0;
  for (int d = 0; d < mesh->ndimension && used + 1 < room; d++)
    used += (size_t)snprintf(text + used, room - used, "%s%s", d ? ", " : "", mesh->dimension[d].name);
  return text;
}

/* ---- does it fit? ---- */

static void CheckNames(const Reader *r, Outcome *outcome) {
  const RhoMesh *a = &r->info.mesh, *b = &r->grid->mesh;
  char left[128], right[128];
  bool same = a->ndimension == b->ndimension;
  for (int d = 0; d < a->ndimension && same; d++) same = !strcmp(a->dimension[d].name, b->dimension[d].name);
  if (same) return;
  rho_mistake(outcome, RHO_ID_SHAPE_MISMATCH, "'%s' has the dimensions %s, the mesh has %s", r->path,
              DimensionNames(a, left, sizeof left), DimensionNames(b, right, sizeof right));
}

static void CheckExtents(const Reader *r, Outcome *outcome) {
  for (int d = 0; d < r->grid->mesh.ndimension && !rho_bad(outcome); d++) {
    const RhoDimension *a = &r->info.mesh.dimension[d], *b = &r->grid->mesh.dimension[d];
    double close = 1e-9 * (b->to - b->from);
    if (fabs(a->from - b->from) > close || fabs(a->to - b->to) > close)
      rho_mistake(outcome, RHO_ID_SHAPE_MISMATCH,
                  "'%s' reaches from %.10g to %.10g along %s, the mesh from %.10g to %.10g", r->path, a->from, a->to,
                  b->name, b->from, b->to);
  }
}

static void CheckHasNames(const Reader *r, int nfield, const char *const *name, Outcome *outcome) {
  int nthere = r->info.nfield;
  const char **there = RhoArenaAlloc(r->arena, ((size_t)nthere + 1) * sizeof *there);
  for (int i = 0; i < nthere; i++) there[i] = r->info.field[i].name;
  for (int f = 0; f < nfield && !rho_bad(outcome); f++) {
    bool found = false;
    for (int i = 0; i < nthere; i++) found |= !strcmp(name[f], there[i]);
    if (found) continue;
    rho_mistake(outcome, RHO_ID_NO_DATASET, "'%s' has no field '%s'", r->path, name[f]);
    rho_hint_names(outcome, "its fields", name[f], nthere, there);
  }
}

/* ---- reading on rank 0 ---- */

static int Nearest(int n, const double *time, double wanted) {
  int best = n - 1;
  if (isinf(wanted) && wanted > 0) return best;
  for (int k = n - 1; k >= 0; k--)
    if (fabs(time[k] - wanted) < fabs(time[best] - wanted)) best = k;
  return best;
}

static void Inspect(Reader *r, double time, int nfield, const char *const *name, Outcome *outcome) {
  rho_info_read(r->arena, r->file, r->path, &r->info, outcome);
  if (rho_bad(outcome)) return;
  if (r->info.kind == RHO_FILE_OTHER || r->info.kind == RHO_FILE_TABLES) {
    rho_mistake(outcome, RHO_ID_NOT_A_RESULT, "'%s' is an HDF5 file but not a result", r->path);
    return;
  }
  if (!r->info.ntime) rho_mistake(outcome, RHO_ID_NOT_A_RESULT, "the result '%s' has no outputs", r->path);
  CheckNames(r, outcome);
  CheckExtents(r, outcome);
  CheckHasNames(r, nfield, name, outcome);
  r->output = r->info.ntime ? Nearest(r->info.ntime, r->info.time, time) : 0;
}

/* In a frame of its own: the arena jumps here when memory runs out. */
static void InspectGuarded(Reader *r, double time, int nfield, const char *const *name, Outcome *outcome) {
  r->arena = RhoArenaCreate();
  if (!r->arena || setjmp(*RhoArenaGuard(r->arena))) rho_fail(outcome, PETSC_ERR_MEM, "no memory");
  else Inspect(r, time, nfield, name, outcome);
  if (rho_bad(outcome)) return;
  r->source = malloc((size_t)rho_mesh_cells(&r->info.mesh) * sizeof *r->source);
  if (!r->source) rho_fail(outcome, PETSC_ERR_MEM, "no memory for a field of '%s'", r->path);
}

static void ReadField(Reader *r, const char *name, Outcome *outcome) {
  rho_field_read(r->file, &r->info, name, r->output, r->source, outcome);
  if (rho_bad(outcome)) return;
  if (rho_first_undefined(rho_mesh_cells(&r->info.mesh), r->source) >= 0) {
    rho_mistake(outcome, RHO_ID_BAD_DATA, "'%s' in '%s' has undefined values at t = %.10g", name, r->path,
                r->info.time[r->output]);
    if (r->info.kind == RHO_FILE_INDEX)
      rho_hint(outcome, "a snapshot file that is missing beside the index reads as undefined");
    return;
  }
  free(r->cells);
  r->cells = rho_regrid(&r->info.mesh, &r->grid->mesh, r->source);
  if (!r->cells) rho_fail(outcome, PETSC_ERR_MEM, "no memory for a field of '%s'", r->path);
}

static void Close(Reader *r) {
  if (r->file >= 0) H5Fclose(r->file);
  RhoArenaDestroy(&r->arena);
  free(r->source);
  free(r->cells);
}

/* ---- all ranks ---- */

static PetscErrorCode ReadAll(Reader *r, int nfield, const char *const *name, Vec work, Outcome *outcome) {
  Gather gather;
  PetscFunctionBeginUser;
  PetscCall(rho_gather_create(r->grid, &gather));
  for (int f = 0; f < nfield && !rho_bad(outcome); f++) {
    if (r->grid->rank == 0) ReadField(r, name[f], outcome);
    PetscCall(rho_outcome_share(r->grid->comm, outcome));
    if (!rho_bad(outcome)) PetscCall(rho_scatter_field(&gather, r->cells, work, f, nfield));
  }
  PetscCall(rho_gather_destroy(&gather));
  PetscFunctionReturn(0);
}

static PetscErrorCode ReadAndCopy(Reader *r, int nfield, const char *const *name, Vec cells, Outcome *outcome) {
  Vec work;
  PetscFunctionBeginUser;
  PetscCall(VecDuplicate(cells, &work));
  PetscCall(ReadAll(r, nfield, name, work, outcome));
  if (!rho_bad(outcome)) PetscCall(VecCopy(work, cells));
  PetscCall(VecDestroy(&work));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoResultRead(RhoGrid grid, RhoDiag diag, RhoPlace place, const char *path, PetscReal time, int nfield,
                             const char *const *name, Vec cells, PetscReal *found, PetscBool *ok) {
  Reader r = {.grid = grid, .file = H5I_INVALID_HID};
  Outcome outcome = {0};
  Hdf5Guard guard;
  int nunknown;
  PetscFunctionBeginUser;
  *ok = PETSC_FALSE;
  PetscCall(rho_unknowns(grid, cells, &nunknown));
  PetscCheck(nunknown == nfield, grid->comm, PETSC_ERR_ARG_SIZ, "%d unknowns per cell for %d fields", nunknown, nfield);
  rho_hdf5_begin(&guard, &outcome);
  if (grid->rank == 0) r.file = rho_result_open(path, r.path, &outcome);
  if (grid->rank == 0 && !rho_bad(&outcome)) InspectGuarded(&r, time, nfield, name, &outcome);
  PetscCall(rho_outcome_share(grid->comm, &outcome));
  if (!rho_bad(&outcome)) PetscCall(ReadAndCopy(&r, nfield, name, cells, &outcome));
  PetscReal at = r.info.time && r.info.ntime ? r.info.time[r.output] : 0;
  Close(&r);
  rho_hdf5_end(&guard);
  PetscCallMPI(MPI_Bcast(&at, 1, MPIU_REAL, 0, grid->comm));
  rho_outcome_report(&outcome, diag, place);
  PetscCall(rho_outcome_raise(grid->comm, &outcome));
  *ok = (PetscBool)!outcome.mistake;
  if (*ok && found) *found = at;
  PetscFunctionReturn(0);
}
