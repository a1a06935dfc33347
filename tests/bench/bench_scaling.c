/* bench_scaling.c - what more ranks gain, beside what the bare thing gains from them in the same run.

     mpirun -n P bench_scaling        on 1, 2, 4 ... P ranks of one box of 512 x 512 cells

   Rows are those of check.py with the unit "scaling": T(1)/T(P) of ours, of the bare one, and the share of ours in it.
     transform      RhoTransformForward and Backward, measured      FFTW's own MPI transforms, measured, same shape
     step_spectral  a step of etdrk4, spectral                      the same
     residual       RhoResidual of cahn_hilliard                    STREAM's triad on each rank's share
   Wall clock, the slowest rank, the least of NROUND rounds; ranks that have nothing to do sleep. */
#include "bench.h"
#include <fftw3-mpi.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { N = 512, NROUND = 10, NTRIAD = 4, NWORK = 6 };

typedef struct {
  Bench b, spectral;
  RhoTransform t;
  PetscScalar *spectrum, *cells;
  double *room;
  fftw_complex *entries;
  fftw_plan forward, backward;
} Scaling;

static PetscErrorCode BareTransform(Scaling *s) {
  fftw_execute(s->forward);
  fftw_execute(s->backward);
  return 0;
}

static PetscErrorCode Transform(Scaling *s) {
  PetscFunctionBegin;
  PetscCall(RhoTransformForward(s->t, s->cells, 1, s->spectrum));
  PetscCall(RhoTransformBackward(s->t, s->spectrum, s->cells, 1));
  PetscFunctionReturn(0);
}

static PetscErrorCode Triad(Scaling *s) {
  PetscFunctionBegin;
  for (int k = 0; k < NTRIAD; k++) PetscCall(BenchTriad(&s->b));
  PetscFunctionReturn(0);
}

static PetscErrorCode Residual(Scaling *s) {
  PetscFunctionBegin;
  for (int k = 0; k < NTRIAD; k++) {
    PetscCall(BenchTouch(s->b.u));
    PetscCall(RhoResidual(s->b.fm, 0, s->b.u, s->b.F));
  }
  PetscFunctionReturn(0);
}

enum { FEW = 4, MORE = 16 };

static PetscErrorCode FewSteps(Scaling *s) {
  PetscFunctionBegin;
  s->spectral.nstep = FEW;
  PetscCall(BenchSteps(&s->spectral));
  PetscFunctionReturn(0);
}

static PetscErrorCode MoreSteps(Scaling *s) {
  PetscFunctionBegin;
  s->spectral.nstep = MORE;
  PetscCall(BenchSteps(&s->spectral));
  PetscFunctionReturn(0);
}

static PetscErrorCode (*const work[NWORK])(Scaling *) = {BareTransform, Triad,    Transform,
                                                         MoreSteps,     Residual, FewSteps};

/* ---- set-up ---- */

static PetscErrorCode Open(MPI_Comm comm, Scaling *s) {
  ptrdiff_t n[2] = {N, N}, mine, first;
  size_t room = (size_t)fftw_mpi_local_size_2d(N, N / 2 + 1, comm, &mine, &first);
  PetscFunctionBegin;
  PetscCall(BenchOpen(comm, "cahn_hilliard", (BenchShape){2, N}, false, &s->b));
  PetscCall(BenchOpen(comm, "cahn_hilliard", (BenchShape){2, N}, true, &s->spectral));
  s->spectral.scheme = "etdrk4";
  PetscCall(RhoTransformCreate(s->b.grid, RHO_PLAN_MEASURE, &s->t));
  PetscCall(RhoTransformSpectrum(s->t, &s->spectrum));
  PetscCall(PetscCalloc1(s->b.ncell, &s->cells));
  s->room = fftw_alloc_real(2 * room);
  s->entries = fftw_alloc_complex(room);
  s->forward = fftw_mpi_plan_dft_r2c(2, n, s->room, s->entries, comm, FFTW_MEASURE | FFTW_MPI_TRANSPOSED_OUT);
  s->backward = fftw_mpi_plan_dft_c2r(2, n, s->entries, s->room, comm, FFTW_MEASURE | FFTW_MPI_TRANSPOSED_IN);
  PetscCheck(s->forward && s->backward, comm, PETSC_ERR_LIB, "FFTW has no plan");
  memset(s->room, 0, 2 * room * sizeof *s->room);
  PetscFunctionReturn(0);
}

static PetscErrorCode Close(Scaling *s) {
  PetscFunctionBegin;
  fftw_destroy_plan(s->forward);
  fftw_destroy_plan(s->backward);
  fftw_free(s->room);
  fftw_free(s->entries);
  PetscCall(PetscFree(s->cells));
  PetscCall(RhoTransformFreeSpectrum(s->t, &s->spectrum));
  PetscCall(RhoTransformDestroy(&s->t));
  PetscCall(BenchClose(&s->b));
  PetscCall(BenchClose(&s->spectral));
  PetscFunctionReturn(0);
}

static PetscErrorCode Time(MPI_Comm comm, Scaling *s, double *best) {
  PetscFunctionBegin;
  for (int w = 0; w < NWORK; w++) best[w] = PETSC_MAX_REAL;
  for (int k = 0; k <= NROUND; k++) /* the first makes what is made once */
    for (int w = 0; w < NWORK; w++) {
      PetscCallMPI(MPI_Barrier(comm));
      double t = -MPI_Wtime();
      PetscCall(work[w](s));
      t += MPI_Wtime();
      PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &t, 1, MPI_DOUBLE, MPI_MAX, comm));
      if (k > 0) best[w] = PetscMin(best[w], t);
    }
  PetscFunctionReturn(0);
}

/* ---- the table ---- */

static PetscErrorCode Measure(PetscMPIInt nrank, double *best) {
  PetscMPIInt rank, done = 0;
  MPI_Comm comm;
  MPI_Request request;
  const struct timespec nap = {0, 20000000};
  PetscFunctionBegin;
  PetscCallMPI(MPI_Comm_rank(PETSC_COMM_WORLD, &rank));
  PetscCallMPI(MPI_Comm_split(PETSC_COMM_WORLD, rank < nrank, rank, &comm));
  if (rank < nrank) {
    Scaling s;
    PetscCall(Open(comm, &s));
    PetscCall(Time(comm, &s, best));
    PetscCall(Close(&s));
  }
  PetscCallMPI(MPI_Ibarrier(PETSC_COMM_WORLD, &request));
  while (!done) {
    PetscCallMPI(MPI_Test(&request, &done, MPI_STATUS_IGNORE));
    if (!done) nanosleep(&nap, NULL);
  }
  PetscCallMPI(MPI_Comm_free(&comm));
  PetscFunctionReturn(0);
}

static void Row(const char *name, int nrank, double one, double many, double bare, const char *words) {
  double ours = one / many;
  PetscPrintf(PETSC_COMM_WORLD, "%-26s %-8d %-9s %10.3f %10.3f %8.2f %7s  %s\n", name, nrank, "scaling", ours, bare,
              ours / bare, "-", words);
}

int main(int argc, char **argv) {
  double one[NWORK], best[NWORK];
  PetscMPIInt size;
  PetscCall(PetscInitialize(&argc, &argv, NULL, NULL));
  fftw_mpi_init();
  PetscCallMPI(MPI_Comm_size(PETSC_COMM_WORLD, &size));
  for (PetscMPIInt n = 1; n <= size; n *= 2) {
    PetscCall(Measure(n, best));
    if (n == 1) memcpy(one, best, sizeof one);
    double transform = one[0] / best[0], triad = one[1] / best[1];
    if (n > 1) {
      Row("scaling_transform", n, one[2], best[2], transform, "fftw_mpi");
      Row("scaling_step_spectral", n, one[3] - one[5], best[3] - best[5], transform, "fftw_mpi");
      Row("scaling_residual", n, one[4], best[4], triad, "triad");
    }
  }
  PetscCall(PetscFinalize());
  return 0;
}
