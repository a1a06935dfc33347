/* checkpoint.c - what a run goes on from, written.

   A snapshot of the state with its provenance, whose group has the numbers of the run as attributes, behind a head of
   text that HDF5 skips as its user block:

     rhoflux checkpoint 1
     crc32 0a1b2c3d of the 123456 bytes from byte 512 on

   so that a file which was cut short, or of which a bit has changed, is known before HDF5 sees it. */
#include "io_private.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void AddNumbers(hid_t file, RhoResult result, int n, const RhoNumber *number) {
  hid_t group = H5Gopen2(file, "provenance", H5P_DEFAULT);
  rho_set_double(group, RHO_CHECKPOINT_OUTPUTS, result->ntime);
  rho_set_double(group, RHO_CHECKPOINT_LINES, result->nline);
  rho_set_double(group, RHO_CHECKPOINT_WRITTEN, result->ntime ? result->time[result->ntime - 1] : -INFINITY);
  for (int k = 0; k < n; k++) rho_set_double(group, number[k].name, number[k].value);
  H5Gclose(group);
}

static void AddArrays(hid_t file, const RhoResult result) {
  if (!result->narray) return;
  hid_t group = rho_group_create(file, RHO_CHECKPOINT_ARRAYS);
  for (int k = 0; k < result->narray; k++) {
    const hsize_t n = (hsize_t)result->array[k].n;
    H5Dclose(rho_array_create(group, result->array[k].name, 1, &n, H5P_DEFAULT, n ? result->array[k].data : NULL));
  }
  H5Gclose(group);
}

void RhoResultKeep(RhoResult result, int narray, const RhoArray *array) {
  result->narray = narray;
  result->array = array;
}

void rho_checkpoint_head(char *text, int version, unsigned crc, unsigned long long nbyte) {
  memset(text, 0, RHO_CHECKPOINT_HEAD);
  snprintf(text, RHO_CHECKPOINT_HEAD, RHO_CHECKPOINT_MARK "%d\ncrc32 %08x of the %llu bytes from byte %d on\n", version,
           crc, nbyte, RHO_CHECKPOINT_HEAD);
}

/* bytes: room for the head, then what HDF5 has made. */
static void SetHead(char *bytes, size_t nbyte) {
  Crc crc;
  rho_crc_begin(&crc);
  rho_crc_add(&crc, bytes + RHO_CHECKPOINT_HEAD, nbyte - RHO_CHECKPOINT_HEAD);
  rho_checkpoint_head(bytes, RHO_CHECKPOINT_VERSION, rho_crc_end(&crc), nbyte - RHO_CHECKPOINT_HEAD);
}

/* One for the disk goes there after the outputs it counts, and before it has its name. */
static void Save(RhoResult result, hid_t file, Outcome *outcome) {
  bool on_disk = rho_sync_due(result, result->saved);
  Aside aside;
  size_t nbyte;
  if (on_disk) rho_sync_outputs(result, outcome);
  char *bytes = rho_image_bytes(file, result->checkpoint, &nbyte, outcome);
  if (bytes) SetHead(bytes, nbyte);
  rho_aside_open(&aside, result->checkpoint, outcome);
  aside.keep = rho_sync_keeps(result);
  aside.lax = !on_disk;
  rho_aside_bytes(&aside, bytes, nbyte, outcome);
  rho_aside_commit(&aside, outcome);
  if (!rho_bad(outcome)) rho_sync_replaced(result, on_disk);
}

static PetscErrorCode Write(RhoResult result, double time, Vec cells, int n, const RhoNumber *number,
                            Outcome *outcome) {
  Hdf5Guard guard;
  hid_t file;
  PetscFunctionBeginUser;
  rho_hdf5_begin(&guard, outcome);
  PetscCall(rho_snapshot_make(result, RHO_CHECKPOINT_HEAD, time, result->nstate, result->state, cells, &file));
  if (result->grid->rank == 0) {
    rho_provenance_write(file, result->content.nprovenance, result->content.provenance);
    AddNumbers(file, result, n, number);
    AddArrays(file, result);
    Save(result, file, outcome);
    H5Fclose(file);
  }
  rho_hdf5_end(&guard);
  PetscFunctionReturn(0);
}

PetscErrorCode RhoResultCheckpoint(RhoResult result, PetscReal time, Vec cells, int nnumber, const RhoNumber *number) {
  Outcome outcome = {0};
  int nunknown;
  PetscFunctionBeginUser;
  if (result->temporary) PetscFunctionReturn(0);
  PetscCall(rho_unknowns(result->grid, cells, &nunknown));
  PetscCheck(nunknown == result->nstate && isfinite(time), result->grid->comm, PETSC_ERR_ARG_SIZ,
             "%d unknowns per cell at t = %g for %d fields of '%s'", nunknown, (double)time, result->nstate,
             result->checkpoint);
  PetscCall(rho_state_check(result, nunknown, result->state, cells));
  PetscCall(RhoResultSave(result)); /* the index must have the outputs and lines that the checkpoint counts */
  PetscCall(Write(result, time, cells, nnumber, number, &outcome));
  PetscCall(rho_outcome_share(result->grid->comm, &outcome));
  PetscCall(rho_outcome_raise(result->grid->comm, &outcome));
  PetscFunctionReturn(0);
}
