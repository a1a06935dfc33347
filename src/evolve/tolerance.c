/* tolerance.c - what an error is measured by: the field's own fluctuation.

     |error of field i| (rms)  <=  rtol * max(rms(u_i - <u_i>), 1e-4 rms(u_i))   per step, at the step's beginning

   A tolerance relative to the value itself would let steps jump over the growth of a small wave on a large background.
 */
#include "linear.h"

#define SMALLEST_FLUCTUATION 1e-4 /* of the rms: below it errors are not resolved against the wave */

#define NLANE 32

/* sum[] and square[] += those of x - shift, n blocks of width numbers, lane by lane */
static void AddLanes(PetscInt n, PetscInt width, const PetscScalar *x, const PetscReal *restrict shift,
                     PetscReal *restrict sum, PetscReal *restrict square) {
  for (PetscInt p = 0; p < n; p++, x += width)
    for (PetscInt k = 0; k < width; k++) {
      PetscReal d = x[k] - shift[k];
      sum[k] += d;
      square[k] += d * d;
    }
}

/* moment[0..nf) and [nf..2nf): sums over the rank's cells of u - u0 and of its square, u0[nf] */
static PetscErrorCode Sums(RhoGrid grid, const PetscScalar *x, const PetscScalar *u0, PetscReal *moment) {
  PetscInt nf = grid->nfield, width = NLANE * nf, n = grid->nowned / NLANE, rest = grid->nowned % NLANE;
  PetscReal *shift, *sum, *square;
  PetscFunctionBegin;
  PetscCall(PetscCalloc3((size_t)width, &shift, (size_t)width, &sum, (size_t)width, &square));
  for (PetscInt k = 0; k < width; k++) shift[k] = u0[k % nf];
  AddLanes(n, width, x, shift, sum, square);
  AddLanes(1, rest * nf, x + n * width, shift, sum, square);
  PetscCall(PetscArrayzero(moment, 2 * nf));
  for (PetscInt k = 0; k < width; k++) {
    moment[k % nf] += sum[k];
    moment[nf + k % nf] += square[k];
  }
  PetscCall(PetscFree3(shift, sum, square));
  PetscFunctionReturn(0);
}

/* rms of each field, and rms about its mean, in one pass.  Differences from u0, the state of the first cell of all,
   are summed: of the values themselves the difference of large squares would lose a small wave.  Any cell will do: the
   square of its distance from the mean is at most the number of cells times the variance, so that the variance is right
   to that many roundings. */
static PetscErrorCode Moments(RhoGrid grid, Vec u, PetscReal *rms, PetscReal *fluctuation) {
  PetscInt nf = grid->nfield;
  PetscReal *moment;
  PetscScalar *u0;
  const PetscScalar *x;
  PetscFunctionBegin;
  PetscCall(PetscMalloc2((size_t)(2 * nf), &moment, (size_t)nf, &u0));
  PetscCall(VecGetArrayRead(u, &x));
  PetscCall(PetscArraycpy(u0, x, nf));
  PetscCallMPI(MPI_Bcast(u0, (PetscMPIInt)nf, MPIU_SCALAR, 0, grid->comm));
  PetscCall(Sums(grid, x, u0, moment));
  PetscCall(VecRestoreArrayRead(u, &x));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, moment, (PetscMPIInt)(2 * nf), MPIU_REAL, MPI_SUM, grid->comm));
  for (PetscInt f = 0; f < nf; f++) {
    PetscReal offset = moment[f] / grid->ncell, mean = u0[f] + offset,
              variance = PetscMax(moment[nf + f] / grid->ncell - offset * offset, 0);
    rms[f] = PetscSqrtReal(variance + mean * mean);
    fluctuation[f] = PetscSqrtReal(variance);
  }
  PetscCall(PetscFree2(moment, u0));
  PetscFunctionReturn(0);
}

/* The same tolerance in every cell, field by field. */
static PetscErrorCode Fill(RhoGrid grid, const PetscReal *tolerance, Vec atol) {
  PetscInt nf = grid->nfield;
  PetscScalar *a;
  PetscFunctionBegin;
  PetscCall(VecGetArrayWrite(atol, &a));
  for (PetscInt p = 0; p < grid->nowned; p++)
    for (PetscInt f = 0; f < nf; f++) a[p * nf + f] = tolerance[f];
  PetscCall(VecRestoreArrayWrite(atol, &a));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_tolerance_create(RhoProblem *problem, RhoTolerance *tolerance) {
  const RhoEvolveOptions *options = problem->options;
  PetscBool changed;
  PetscFunctionBegin;
  *tolerance = (RhoTolerance){.fm = problem->fm, .rtol = options->rtol, .atol = options->atol, .finest = options->rtol};
  if (options->atol > 0) PetscFunctionReturn(0);
  PetscCall(VecDuplicate(problem->u, &tolerance->cells));
  PetscCall(PetscCalloc1((size_t)RhoFieldGrid(problem->fm)->nfield, &tolerance->field));
  PetscCall(rho_tolerance_update(tolerance, problem->u, &changed));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_tolerance_follow(RhoTolerance *tolerance, const PetscReal *rms, const PetscReal *fluctuation,
                                    PetscBool *changed) {
  RhoGrid grid = RhoFieldGrid(tolerance->fm);
  PetscReal finest = tolerance->rtol;
  PetscFunctionBegin;
  *changed = PETSC_FALSE;
  for (PetscInt f = 0; f < grid->nfield; f++) {
    PetscReal size = PetscMax(fluctuation[f], SMALLEST_FLUCTUATION * rms[f]);
    PetscReal now = tolerance->rtol * (size > 0 ? size : 1);
    if (rms[f] > 0) finest = PetscMin(finest, now / rms[f]);
    if (PetscAbsReal(now - tolerance->field[f]) <= 0.1 * tolerance->field[f]) continue;
    tolerance->field[f] = now;
    *changed = PETSC_TRUE;
  }
  if (*changed) {
    PetscCall(Fill(grid, tolerance->field, tolerance->cells));
    tolerance->finest = finest;
  }
  PetscFunctionReturn(0);
}

PetscErrorCode rho_tolerance_update(RhoTolerance *tolerance, Vec u, PetscBool *changed) {
  RhoGrid grid = RhoFieldGrid(tolerance->fm);
  PetscReal *rms, *fluctuation;
  PetscFunctionBegin;
  *changed = PETSC_FALSE;
  if (!tolerance->cells) PetscFunctionReturn(0);
  PetscCall(PetscMalloc2((size_t)grid->nfield, &rms, (size_t)grid->nfield, &fluctuation));
  PetscCall(Moments(grid, u, rms, fluctuation));
  PetscCall(rho_tolerance_follow(tolerance, rms, fluctuation, changed));
  PetscCall(PetscFree2(rms, fluctuation));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_tolerance_weights(RhoTolerance *tolerance, PetscReal leeway, Vec u, Vec w) {
  PetscBool changed;
  PetscFunctionBegin;
  PetscCall(rho_tolerance_update(tolerance, u, &changed));
  if (tolerance->cells) PetscCall(VecCopy(tolerance->cells, w));
  else {
    PetscCall(VecCopy(u, w));
    PetscCall(VecAbs(w));
    PetscCall(VecScale(w, tolerance->rtol));
    PetscCall(VecShift(w, tolerance->atol));
  }
  PetscCall(VecScale(w, leeway));
  PetscCall(VecReciprocal(w));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_tolerance_norm(const RhoTolerance *tolerance, Vec u, Vec e, PetscReal *norm) {
  const PetscScalar *x, *error, *cell = NULL;
  PetscReal sum = 0, count = (PetscReal)RhoFieldGrid(tolerance->fm)->ncell * RhoFieldGrid(tolerance->fm)->nfield;
  PetscInt n;
  PetscFunctionBegin;
  PetscCall(VecGetLocalSize(e, &n));
  PetscCall(VecGetArrayRead(e, &error));
  PetscCall(VecGetArrayRead(u, &x));
  if (tolerance->cells) PetscCall(VecGetArrayRead(tolerance->cells, &cell));
  for (PetscInt p = 0; p < n; p++) {
    PetscReal r = error[p] / (cell ? cell[p] : tolerance->atol + tolerance->rtol * PetscAbsReal(x[p]));
    sum += r * r;
  }
  if (tolerance->cells) PetscCall(VecRestoreArrayRead(tolerance->cells, &cell));
  PetscCall(VecRestoreArrayRead(u, &x));
  PetscCall(VecRestoreArrayRead(e, &error));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPIU_REAL, MPI_SUM, RhoFieldGrid(tolerance->fm)->comm));
  *norm = PetscSqrtReal(sum / count);
  PetscFunctionReturn(0);
}

PetscErrorCode rho_tolerance_save(const RhoTolerance *tolerance, RhoEvolveMemory *memory) {
  PetscFunctionBegin;
  if (!tolerance->cells) PetscFunctionReturn(0);
  PetscCall(rho_memory_put(memory, "finest_tolerance", tolerance->finest));
  PetscCall(rho_memory_put_all(memory, "tolerance", (int)RhoFieldGrid(tolerance->fm)->nfield, tolerance->field));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_tolerance_load(RhoTolerance *tolerance, const RhoEvolveMemory *memory) {
  RhoGrid grid = RhoFieldGrid(tolerance->fm);
  PetscFunctionBegin;
  if (!tolerance->cells) PetscFunctionReturn(0);
  PetscCall(rho_memory_get(memory, "finest_tolerance", &tolerance->finest));
  PetscCall(rho_memory_get_all(memory, "tolerance", (int)grid->nfield, tolerance->field));
  PetscCall(Fill(grid, tolerance->field, tolerance->cells));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_tolerance_destroy(RhoTolerance *tolerance) {
  PetscFunctionBegin;
  PetscCall(VecDestroy(&tolerance->cells));
  PetscCall(PetscFree(tolerance->field));
  PetscFunctionReturn(0);
}
