/* bench_field.c - the finite-volume residual, its stiff tangent and a transform-solved IMEX stage beside what limits
   them, in one run: a fused hand-written stencil, the bare transforms, STREAM's triad.

   Usage: bench_field [models/cahn_hilliard/model.yaml].  ns per cell, the least of several repetitions. */
#include "ref.h"
#include "rhoflux/evolve.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef struct {
  RhoDiag diag;
  RhoModel model;
  RhoEquations eq;
  RhoGrid grid;
  RhoFieldModel fm;
  RhoTangent stiff;
  RhoTransform transform;
  Vec u, F, local;
  long n;
  double *value, *ring, *copy, *other;
  PetscScalar *spectrum;
  double M, kappa;
} Bench;

static double Now(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* of this process: the machine may be shared */
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

typedef PetscErrorCode (*Work)(Bench *b);

/* ns per cell: the least of repetitions that fill about half a second */
static double TimeOf(Bench *b, Work work) {
  double best = 1e9, begin = Now();
  for (int k = 0; k < 3 || Now() - begin < 0.5; k++) {
    double t = Now();
    PetscCallAbort(PETSC_COMM_SELF, work(b));
    t = Now() - t;
    if (t < best) best = t;
  }
  return best / (double)(b->n * b->n) * 1e9;
}

static PetscErrorCode Residual(Bench *b) { return RhoResidual(b->fm, 0, b->u, b->F); }
static PetscErrorCode Stiff(Bench *b) { return RhoTangentApply(b->stiff, b->u, b->F); }

static PetscErrorCode Ghosts(Bench *b) { return RhoGridGlobalToLocal(b->grid, b->grid->da, b->u, b->local); }

static PetscErrorCode Fused(Bench *b) {
  const PetscScalar *u;
  PetscScalar *F;
  PetscFunctionBegin;
  PetscCall(VecGetArrayRead(b->u, &u));
  PetscCall(VecGetArray(b->F, &F));
  RefCahnHilliard(b->n, b->M, b->kappa, b->grid->h[0], u, F, b->ring);
  PetscCall(VecRestoreArray(b->F, &F));
  PetscCall(VecRestoreArrayRead(b->u, &u));
  PetscFunctionReturn(0);
}

static PetscErrorCode Triad(Bench *b) {
  const PetscScalar *u;
  PetscFunctionBegin;
  PetscCall(VecGetArrayRead(b->u, &u));
  RefTriad(b->n * b->n, 0.5, u, b->copy, b->other);
  PetscCall(VecRestoreArrayRead(b->u, &u));
  PetscFunctionReturn(0);
}

static PetscErrorCode Transforms(Bench *b) {
  const PetscScalar *u;
  PetscFunctionBegin;
  PetscCall(VecGetArrayRead(b->u, &u));
  PetscCall(RhoTransformForward(b->transform, u, 1, b->spectrum));
  PetscCall(RhoTransformBackward(b->transform, b->spectrum, b->other, 1));
  PetscCall(VecRestoreArrayRead(b->u, &u));
  PetscFunctionReturn(0);
}

static PetscErrorCode Quiet(void *ctx, const RhoEvolveState *state, Vec u, PetscBool *stop) {
  PetscFunctionBegin;
  (void)ctx, (void)state, (void)u, (void)stop;
  PetscFunctionReturn(0);
}

static double StepsTime(Bench *b, int nstep) {
  PetscReal output[1] = {1e-3 * nstep};
  RhoEvolveOptions options;
  RhoEvolveState last;
  RhoEvolveReason reason;
  const char *text;
  double t = Now();
  RhoEvolveDefaults(&options);
  options.fixed = 1e-3;
  options.end = output[0];
  options.noutput = 1;
  options.output = output;
  PetscCallAbort(PETSC_COMM_SELF, RhoEvolve(b->fm, &options, b->u, Quiet, NULL, &reason, &last, &text));
  return Now() - t;
}

/* ns per cell and solved stage (three in a step of ark3), everything that a step does counted in; the set-up drops out
 */
static double StageTime(Bench *b) {
  double best = 1e9;
  for (int k = 0; k < (b->n > 1000 ? 2 : 5); k++) {
    double t = -StepsTime(b, 4);
    t += StepsTime(b, 24);
    if (t < best) best = t;
  }
  return best / (20 * 3) / (double)(b->n * b->n) * 1e9;
}

static PetscErrorCode Open(Bench *b, const char *path, long n) {
  RhoMesh mesh = {.ndimension = 2, .place = RHO_NOWHERE};
  PetscScalar *u;
  size_t ncell = (size_t)(n * n);
  PetscFunctionBegin;
  *b = (Bench){.diag = RhoDiagCreate(), .n = n, .M = 1, .kappa = 1};
  for (int d = 0; d < 2; d++)
    mesh.dimension[d] = (RhoDimension){
        .name = d ? "y" : "x", .to = (double)n, .ncell = (int)n, .boundary = RHO_PERIODIC, .spatial = true};
  if (RhoModelLoad(path, b->diag, &b->model) || RhoEquationsCreate(b->model, b->diag, &b->eq))
    RhoDiagPrint(b->diag, stderr);
  PetscCheck(b->eq, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG, "the model does not load");
  b->value = calloc((size_t)b->eq->nuniform, sizeof(double));
  PetscCheck(!RhoEquationsBind(b->eq, 2, 0, NULL, b->value), PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG, "parameters");
  PetscCall(RhoGridCreate(PETSC_COMM_WORLD, &mesh, 1, RhoFieldHalo(b->eq), &b->grid));
  PetscCall(RhoFieldCreate(b->eq, b->grid, b->value, b->diag, &b->fm));
  PetscCall(RhoTangentCreate(b->fm, RHO_PART_STIFF, &b->stiff));
  PetscCall(RhoTransformCreate(b->grid, RHO_PLAN_ESTIMATE, &b->transform));
  PetscCall(RhoTransformSpectrum(b->transform, &b->spectrum));
  PetscCall(DMCreateGlobalVector(b->grid->da, &b->u));
  PetscCall(VecDuplicate(b->u, &b->F));
  PetscCall(DMCreateLocalVector(b->grid->da, &b->local));
  PetscCall(VecGetArray(b->u, &u));
  for (size_t p = 0; p < ncell; p++) u[p] = 0.1 * sin(0.01 * (double)(p % 977));
  PetscCall(VecRestoreArray(b->u, &u));
  b->ring = calloc((size_t)(3 * n + 64), sizeof(double));
  b->copy = calloc(ncell, sizeof(double));
  b->other = calloc(ncell, sizeof(double));
  PetscCall(RhoTangentSet(b->stiff, 0, b->u));
  PetscFunctionReturn(0);
}

static PetscErrorCode Close(Bench *b) {
  PetscFunctionBegin;
  PetscCall(RhoTransformFreeSpectrum(b->transform, &b->spectrum));
  PetscCall(RhoTransformDestroy(&b->transform));
  PetscCall(RhoTangentDestroy(&b->stiff));
  PetscCall(RhoFieldDestroy(&b->fm));
  PetscCall(VecDestroy(&b->u));
  PetscCall(VecDestroy(&b->F));
  PetscCall(VecDestroy(&b->local));
  PetscCall(RhoGridDestroy(&b->grid));
  RhoModelDestroy(&b->model);
  RhoDiagDestroy(&b->diag);
  free(b->value);
  free(b->ring);
  free(b->copy);
  free(b->other);
  PetscFunctionReturn(0);
}

static PetscErrorCode Table(const char *path, long n) {
  Bench b;
  PetscFunctionBegin;
  PetscCall(Open(&b, path, n));
  double triad = TimeOf(&b, Triad), fused = TimeOf(&b, Fused), ghosts = TimeOf(&b, Ghosts),
         residual = TimeOf(&b, Residual), stiff = TimeOf(&b, Stiff), transforms = TimeOf(&b, Transforms),
         stage = StageTime(&b);
  printf("%ld x %ld, Cahn-Hilliard                ns/cell    GB/s   ratio\n", n, n);
  printf("  triad                              %8.2f %8.1f\n", triad, 24 / triad);
  printf("  fused stencil                      %8.2f %8.1f   %.2f of the triad's bandwidth\n", fused, 16 / fused,
         16 / fused / (24 / triad));
  printf("  ghosts                             %8.2f %8.1f\n", ghosts, 16 / ghosts);
  printf("  residual                           %8.2f %8.1f   %.2f of the fused stencil\n", residual, 16 / residual,
         residual / fused);
  printf("  stiff tangent, applied             %8.2f\n", stiff);
  printf("  transforms (forward, backward)     %8.2f\n", transforms);
  printf("  IMEX stage, transform-solved       %8.2f            %.2f of transforms + residual\n", stage,
         stage / (transforms + residual));
  PetscCall(Close(&b));
  PetscFunctionReturn(0);
}

int main(int argc, char **argv) {
  const char *path = argc > 1 ? argv[1] : RHO_SOURCE_DIR "/models/cahn_hilliard/model.yaml";
  int none = 1;
  setenv("OMPI_MCA_ess_singleton_isolated", "1", 0);
  PetscCall(PetscInitialize(&none, &argv, NULL, NULL));
  PetscCall(Table(path, 128));
  PetscCall(Table(path, 512));
  PetscCall(Table(path, 2048));
  PetscCall(PetscFinalize());
  return 0;
}
