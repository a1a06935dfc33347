/* random.c - the random part of an initial state.

     u[p] += amplitude * (r[p] - mean of r),   r[p] = (k[p] + 1/2) / 2^31,   -2^31 <= k[p] < 2^31

   The mean is over the volume.  k[p] is a word of Philox 4x32-10 (Salmon et al. 2011) at the counter (global cell p,
   field, purpose) and the key seed: the same on any number of ranks.  The k are integers, so their sum is exact in any
   order, and so is the mean.
 */
#include "case.h"
#include <Random123/philox.h>
#include <stdint.h>

enum { PURPOSE_INITIAL = 1 };

static int32_t Word(philox4x32_key_t key, int64_t cell, int field) {
  philox4x32_ctr_t counter = {
      {(uint32_t)cell, (uint32_t)((uint64_t)cell >> 32), (uint32_t)field, (uint32_t)PURPOSE_INITIAL}};
  uint32_t word = philox4x32(counter, key).v[0];
  return (int32_t)((int64_t)word - 2147483648LL);
}

/* The number of the owned cell p in the whole grid, x fastest. */
static int64_t GlobalCell(RhoGrid grid, PetscInt p) {
  PetscInt i = p % grid->count[0], j = p / grid->count[0] % grid->count[1], k = p / grid->count[0] / grid->count[1];
  return grid->start[0] + i + (int64_t)grid->n[0] * (grid->start[1] + j + (int64_t)grid->n[1] * (grid->start[2] + k));
}

static PetscErrorCode EqualMean(RhoGrid grid, philox4x32_key_t key, int field, double *mean) {
  int64_t sum = 0;
  PetscFunctionBeginUser;
  for (PetscInt p = 0; p < grid->nowned; p++) sum += Word(key, GlobalCell(grid, p), field);
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_INT64_T, MPI_SUM, grid->comm));
  *mean = (double)sum / (double)grid->ncell;
  PetscFunctionReturn(0);
}

/* Of cells with unequal volumes: every rank goes through all cells, so that the sum has one order. */
static double StretchedMean(RhoGrid grid, philox4x32_key_t key, int field) {
  double sum = 0, volume = 0;
  for (PetscInt p = 0; p < grid->ncell; p++) {
    double part = 1;
    PetscInt rest = p;
    for (int d = 0; d < grid->mesh.ndimension; rest /= grid->n[d++])
      part *= RhoMeshWidth(&grid->mesh.dimension[d], (int)(rest % grid->n[d]));
    sum += part * Word(key, p, field);
    volume += part;
  }
  return sum / volume;
}

PetscErrorCode rho_random_add(RhoGrid grid, unsigned long long seed, int field, double amplitude, Vec u) {
  philox4x32_key_t key = {{(uint32_t)seed, (uint32_t)(seed >> 32)}};
  double mean;
  PetscScalar *cell;
  PetscFunctionBeginUser;
  if (RhoGridUniform(grid)) PetscCall(EqualMean(grid, key, field, &mean));
  else mean = StretchedMean(grid, key, field);
  PetscCall(VecGetArray(u, &cell));
  for (PetscInt p = 0; p < grid->nowned; p++)
    cell[p * grid->nfield + field] += amplitude * ((Word(key, GlobalCell(grid, p), field) - mean) / 2147483648.0);
  PetscCall(VecRestoreArray(u, &cell));
  PetscFunctionReturn(0);
}
