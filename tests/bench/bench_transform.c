/* bench_transform - what the layer adds to FFTW and to memcpy, in one run:  bench_transform [cells]
     transform: RhoTransformForward + Backward, for cells with strides 1 and 2, over the bare FFTW calls of the same
   shape ghosts:    RhoGridGlobalToLocal for 1 and 2 fields over memcpy of the owned cells, and PETSc's DMGlobalToLocal
   Best of several rounds, the compared ones taking turns.  Runs on any number of ranks that can share the cells. */
#include <fftw3-mpi.h>
#include "rhoflux/grid.h"

enum { NROUND = 25 };

typedef struct {
  RhoGrid grid;
  RhoTransform t;
  PetscScalar *cells, *copy, *spectrum;
  PetscInt stride, nfield;
  double *room, *entries;
  fftw_plan forward, backward;
  DM da;
  Vec global, local;
} Bench;

typedef PetscErrorCode (*WorkFn)(Bench *b);

static PetscErrorCode Layer(Bench *b) {
  PetscCall(RhoTransformForward(b->t, b->cells, b->stride, b->spectrum));
  PetscCall(RhoTransformBackward(b->t, b->spectrum, b->cells, b->stride));
  return 0;
}

static PetscErrorCode Bare(Bench *b) {
  fftw_execute(b->forward);
  fftw_execute(b->backward);
  return 0;
}

static PetscErrorCode Ghosts(Bench *b) { return RhoGridGlobalToLocal(b->grid, b->da, b->global, b->local); }
static PetscErrorCode PetscGhosts(Bench *b) { return DMGlobalToLocal(b->da, b->global, INSERT_VALUES, b->local); }

static PetscErrorCode Copy(Bench *b) {
  return PetscMemcpy(b->copy, b->cells, sizeof(double) * b->grid->nowned * b->nfield);
}

/* Nanoseconds per cell of each of n works, best round of the slowest rank. */
static PetscErrorCode Time(Bench *b, int n, const WorkFn *work, double *best) {
  for (int w = 0; w < n; w++) best[w] = PETSC_MAX_REAL;
  for (int round = 0; round < NROUND; round++)
    for (int w = 0; w < n; w++) {
      PetscCallMPI(MPI_Barrier(b->grid->comm));
      double time = -MPI_Wtime();
      PetscCall(work[w](b));
      time += MPI_Wtime();
      PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &time, 1, MPI_DOUBLE, MPI_MAX, b->grid->comm));
      best[w] = PetscMin(best[w], time * 1e9 / b->grid->ncell);
    }
  return 0;
}

/* Growth by 1/scale per round trip would end in infinities: begin from zero, which takes FFTW as long. */
static PetscErrorCode MakeArrays(Bench *b) {
  PetscInt n = b->grid->nowned * 2;
  PetscCall(PetscCalloc2(n, &b->cells, n, &b->copy));
  PetscCall(RhoTransformSpectrum(b->t, &b->spectrum));
  return 0;
}

static PetscErrorCode MakeBare(Bench *b, bool walls) {
  ptrdiff_t n[2] = {b->grid->n[1], b->grid->n[0]}, entry[2] = {n[0], walls ? n[1] : n[1] / 2 + 1}, a, c;
  int m[2] = {(int)n[0], (int)n[1]};
  fftw_r2r_kind there[2] = {FFTW_REDFT10, FFTW_REDFT10}, back[2] = {FFTW_REDFT01, FFTW_REDFT01};
  unsigned out = FFTW_ESTIMATE | FFTW_MPI_TRANSPOSED_OUT, in = FFTW_ESTIMATE | FFTW_MPI_TRANSPOSED_IN;
  MPI_Comm comm = b->grid->comm;
  bool one = b->grid->size == 1;
  fftw_mpi_init();
  size_t room = 2 * (size_t)fftw_mpi_local_size(2, entry, comm, &a, &c);
  b->room = fftw_alloc_real(room);
  b->entries = fftw_alloc_real(room);
  PetscCheck(b->room && b->entries, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for %zu numbers", 2 * room);
  PetscCall(PetscMemzero(b->room, room * sizeof(double)));
  PetscCall(PetscMemzero(b->entries, room * sizeof(double)));
  fftw_complex *z = (fftw_complex *)b->entries;
  if (walls) {
    b->forward = one ? fftw_plan_r2r(2, m, b->room, b->entries, there, FFTW_ESTIMATE)
                     : fftw_mpi_plan_r2r(2, n, b->room, b->entries, comm, there, out);
    b->backward = one ? fftw_plan_r2r(2, m, b->entries, b->room, back, FFTW_ESTIMATE)
                      : fftw_mpi_plan_r2r(2, n, b->entries, b->room, comm, back, in);
  } else {
    b->forward =
        one ? fftw_plan_dft_r2c(2, m, b->room, z, FFTW_ESTIMATE) : fftw_mpi_plan_dft_r2c(2, n, b->room, z, comm, out);
    b->backward =
        one ? fftw_plan_dft_c2r(2, m, z, b->room, FFTW_ESTIMATE) : fftw_mpi_plan_dft_c2r(2, n, z, b->room, comm, in);
  }
  return 0;
}

static PetscErrorCode BenchTransform(Bench *b, bool walls) {
  static const WorkFn work[] = {Bare, Layer};
  double best[2];
  PetscCall(MakeBare(b, walls));
  for (b->stride = 1; b->stride <= 2; b->stride++) {
    PetscCall(Time(b, 2, work, best));
    PetscCall(PetscPrintf(b->grid->comm, "  transform %-8s stride %d   FFTW %6.2f ns/cell   layer %6.2f   ratio %.2f\n",
                          walls ? "walls" : "periodic", (int)b->stride, best[0], best[1], best[1] / best[0]));
  }
  fftw_destroy_plan(b->forward);
  fftw_destroy_plan(b->backward);
  fftw_free(b->room);
  fftw_free(b->entries);
  return 0;
}

static PetscErrorCode BenchGhosts(Bench *b, bool walls) {
  static const WorkFn work[] = {Copy, Ghosts, PetscGhosts};
  double best[3];
  PetscCall(RhoGridCompatible(b->grid, b->nfield, &b->da));
  PetscCall(DMCreateGlobalVector(b->da, &b->global));
  PetscCall(DMCreateLocalVector(b->da, &b->local));
  PetscCall(Time(b, 3, work, best));
  PetscCall(PetscPrintf(
      b->grid->comm, "  ghosts    %-8s fields %d   memcpy %5.2f ns/cell   layer %5.2f   ratio %.2f   (PETSc %.2f)\n",
      walls ? "walls" : "periodic", (int)b->nfield, best[0], best[1], best[1] / best[0], best[2] / best[0]));
  PetscCall(VecDestroy(&b->global));
  PetscCall(VecDestroy(&b->local));
  PetscCall(DMDestroy(&b->da));
  return 0;
}

static PetscErrorCode BenchGrid(int n, bool walls) {
  Bench b = {0};
  RhoBoundary side = walls ? RHO_WALL : RHO_PERIODIC;
  RhoMesh mesh = {.ndimension = 2, .dimension = {{"x", 0, 1, n, side, true, NULL}, {"y", 0, 1, n, side, true, NULL}}};
  PetscCall(RhoGridCreate(PETSC_COMM_WORLD, &mesh, 1, 1, &b.grid));
  PetscCall(RhoTransformCreate(b.grid, RHO_PLAN_ESTIMATE, &b.t));
  PetscCall(MakeArrays(&b));
  PetscCall(BenchTransform(&b, walls));
  for (b.nfield = 1; b.nfield <= 2; b.nfield++) PetscCall(BenchGhosts(&b, walls));
  PetscCall(RhoTransformFreeSpectrum(b.t, &b.spectrum));
  PetscCall(PetscFree2(b.cells, b.copy));
  PetscCall(RhoTransformDestroy(&b.t));
  PetscCall(RhoGridDestroy(&b.grid));
  return 0;
}

int main(int argc, char **argv) {
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  int only = argc > 1 ? atoi(argv[1]) : 0, cells[] = {128, 512, 2048};
  for (int c = 0; c < 3; c++) {
    int n = only ? only : cells[c];
    PetscCall(PetscPrintf(PETSC_COMM_WORLD, "%d^2\n", n));
    for (int walls = 0; walls < 2; walls++) PetscCall(BenchGrid(n, walls));
    if (only) break;
  }
  PetscCall(PetscFinalize());
  return 0;
}
