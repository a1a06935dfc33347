/* bench_field.c - the finite-volume residual, its stiff tangent and the transform-solved stages of a step beside what
   limits them, in one run: a fused hand-written stencil, the bare transforms, STREAM's triad.

   Usage: bench_field [cpu].  Wall clock (cpu: processor time of the process, for a machine that others use, too), ns
   per cell; those compared take turns, and the least of many repetitions counts.  README.md here defines what is
   printed. */
#include "ref.h"
#include "rhoflux/evolve.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { NWORK = 6, NROUND = 400 };

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
  double *value, *ring, *phi, *rate, *copy, *other; /* phi and rate are the arrays of u and F */
  PetscScalar *spectrum;
  double M, kappa;
} Bench;

static clockid_t now = CLOCK_MONOTONIC;

static double Now(void) {
  struct timespec t;
  clock_gettime(now, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

typedef PetscErrorCode (*Work)(Bench *b);

/* ns per cell of each work: the least of the rounds that fill about a second */
static void TimeWorks(Bench *b, const Work work[NWORK], double time[NWORK]) {
  double begin = Now();
  for (int w = 0; w < NWORK; w++) time[w] = PETSC_MAX_REAL;
  for (int k = 0; k < NROUND && (k < 7 || Now() - begin < 1.0); k++)
    for (int w = 0; w < NWORK; w++) {
      double t = -Now();
      PetscCallAbort(PETSC_COMM_SELF, work[w](b));
      t += Now();
      time[w] = PetscMin(time[w], t / (double)(b->n * b->n) * 1e9);
    }
}

static PetscErrorCode Residual(Bench *b) { return RhoResidual(b->fm, 0, b->u, b->F); }
static PetscErrorCode Stiff(Bench *b) { return RhoTangentApply(b->stiff, b->u, b->F); }

static PetscErrorCode Ghosts(Bench *b) { return RhoGridGlobalToLocal(b->grid, b->grid->da, b->u, b->local); }

static PetscErrorCode Fused(Bench *b) {
  RefCahnHilliard(b->n, b->M, b->kappa, b->grid->h[0], b->phi, b->rate, b->ring);
  return 0;
}

static PetscErrorCode Triad(Bench *b) {
  RefTriad(b->n * b->n, 0.5, b->phi, b->copy, b->other);
  return 0;
}

static PetscErrorCode Transforms(Bench *b) {
  PetscCall(RhoTransformForward(b->transform, b->phi, 1, b->spectrum));
  PetscCall(RhoTransformBackward(b->transform, b->spectrum, b->other, 1));
  return 0;
}

/* ---- a step ---- */

static PetscErrorCode Quiet(void *ctx, const RhoEvolveState *state, Vec u, PetscBool *stop) {
  PetscFunctionBegin;
  (void)ctx, (void)state, (void)u, (void)stop;
  PetscFunctionReturn(0);
}

/* What the log of PETSc tells: from the end of a stage's solve to the end of the next one lies the work of one stage,
   whatever it consists of; from the beginning of a step to the beginning of the next one, that of a step. */
static struct {
  PetscLogEvent solve, step;
  double solved, begun; /* when a solve ended last, if in this step (else 0); when the last step began, 0: none */
  double stage, whole;  /* the least times */
} watch;

static PetscErrorCode Begins(PetscLogEvent event, int t, PetscObject a, PetscObject b, PetscObject c, PetscObject d) {
  double time = Now();
  (void)t, (void)a, (void)b, (void)c, (void)d;
  if (event != watch.step) return 0;
  if (watch.begun > 0) watch.whole = PetscMin(watch.whole, time - watch.begun);
  watch.begun = time;
  watch.solved = 0;
  return 0;
}

static PetscErrorCode Ends(PetscLogEvent event, int t, PetscObject a, PetscObject b, PetscObject c, PetscObject d) {
  double time = Now();
  (void)t, (void)a, (void)b, (void)c, (void)d;
  if (event != watch.solve) return 0;
  if (watch.solved > 0) watch.stage = PetscMin(watch.stage, time - watch.solved);
  watch.solved = time;
  return 0;
}

static PetscErrorCode Steps(Bench *b, const char *scheme, int nstep) {
  PetscReal output[1] = {1e-3 * nstep};
  RhoEvolveOptions options;
  RhoEvolveState last;
  RhoEvolveReason reason;
  const char *text;
  PetscFunctionBegin;
  RhoEvolveDefaults(&options);
  options.scheme = scheme;
  options.step = options.largest = 1e-3; /* adaptive, with all that belongs to it, but never longer */
  options.end = output[0];
  options.noutput = 1;
  options.output = output;
  watch.begun = watch.solved = 0;
  PetscCall(RhoEvolve(b->fm, &options, b->u, Quiet, NULL, &reason, &last, &text));
  PetscCheck(last.nstep >= nstep && last.nlinear == 0, PETSC_COMM_SELF, PETSC_ERR_PLIB, "not solved by transforms");
  PetscFunctionReturn(0);
}

/* ns per cell of a stage of ark3 and of a whole step */
static PetscErrorCode StepTime(Bench *b, double *stage, double *whole) {
  double ncell = (double)(b->n * b->n), begin = Now();
  PetscFunctionBegin;
  PetscCall(Steps(b, "ark3", 2)); /* registers the events */
  PetscCall(PetscLogEventGetId("RhoArkSolve", &watch.solve));
  PetscCall(PetscLogEventGetId("RhoArkBegin", &watch.step));
  watch.stage = watch.whole = PETSC_MAX_REAL;
  PetscCall(PetscLogSet(Begins, Ends));
  for (int k = 0; k < NROUND && (k < 2 || Now() - begin < 2.0); k++) PetscCall(Steps(b, "ark3", 6));
  PetscCall(PetscLogSet(NULL, NULL));
  *stage = watch.stage / ncell * 1e9;
  *whole = watch.whole / ncell * 1e9;
  PetscFunctionReturn(0);
}

/* ns per cell of a step of etdrk4 once its tables are made: the difference between runs of two lengths. */
static PetscErrorCode ExponentialTime(Bench *b, double *step) {
  const int nstep[2] = {4, 24};
  double least[2] = {PETSC_MAX_REAL, PETSC_MAX_REAL}, begin = Now();
  PetscFunctionBegin;
  for (int k = 0; k < NROUND && (k < 3 || Now() - begin < 2.0); k++)
    for (int w = 0; w < 2; w++) {
      double t = -Now();
      PetscCall(Steps(b, "etdrk4", nstep[w]));
      least[w] = PetscMin(least[w], t + Now());
    }
  *step = (least[1] - least[0]) / (nstep[1] - nstep[0]) / (double)(b->n * b->n) * 1e9;
  PetscFunctionReturn(0);
}

/* ---- set-up ---- */

/* Aligned as the reference kernels want it, and written: an untouched page would be read from one page of zeros. */
static double *Room(size_t n) {
  double *a = aligned_alloc(64, n * sizeof *a);
  PetscCheckAbort(a, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for %zu numbers", n);
  for (size_t p = 0; p < n; p++) a[p] = 0.1 * sin(0.01 * (double)(p % 977));
  return a;
}

static PetscErrorCode Open(Bench *b, const char *path, long n) {
  RhoMesh mesh = {.ndimension = 2, .place = RHO_NOWHERE};
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
  b->phi = Room(ncell);
  b->rate = Room(ncell);
  b->copy = Room(ncell);
  b->other = Room(ncell);
  b->ring = Room(REF_RING);
  PetscCall(VecPlaceArray(b->u, b->phi));
  PetscCall(VecPlaceArray(b->F, b->rate));
  PetscCall(RhoTangentSet(b->stiff, 0, b->u));
  PetscFunctionReturn(0);
}

static PetscErrorCode Close(Bench *b) {
  PetscFunctionBegin;
  PetscCall(RhoTransformFreeSpectrum(b->transform, &b->spectrum));
  PetscCall(RhoTransformDestroy(&b->transform));
  PetscCall(RhoTangentDestroy(&b->stiff));
  PetscCall(RhoFieldDestroy(&b->fm));
  PetscCall(VecResetArray(b->u));
  PetscCall(VecResetArray(b->F));
  PetscCall(VecDestroy(&b->u));
  PetscCall(VecDestroy(&b->F));
  PetscCall(VecDestroy(&b->local));
  PetscCall(RhoGridDestroy(&b->grid));
  RhoModelDestroy(&b->model);
  RhoDiagDestroy(&b->diag);
  free(b->value);
  free(b->ring);
  free(b->phi);
  free(b->rate);
  free(b->copy);
  free(b->other);
  PetscFunctionReturn(0);
}

/* of the stencil's values from the residual's, over the largest of these */
static PetscErrorCode Difference(Bench *b, double *difference) {
  double largest = 0;
  PetscFunctionBegin;
  *difference = 0;
  PetscCall(Fused(b));
  for (long p = 0; p < b->n * b->n; p++) b->other[p] = b->rate[p];
  PetscCall(Residual(b));
  for (long p = 0; p < b->n * b->n; p++) {
    *difference = PetscMax(*difference, PetscAbsReal(b->other[p] - b->rate[p]));
    largest = PetscMax(largest, PetscAbsReal(b->rate[p]));
  }
  *difference /= largest;
  PetscFunctionReturn(0);
}

static PetscErrorCode Table(const char *path, long n) {
  static const Work work[NWORK] = {Triad, Fused, Ghosts, Residual, Stiff, Transforms};
  double time[NWORK], stage = 0, whole = 0, exponential = 0, difference = 0;
  Bench b;
  PetscFunctionBegin;
  PetscCall(Open(&b, path, n));
  PetscCall(Difference(&b, &difference));
  TimeWorks(&b, work, time);
  PetscCall(StepTime(&b, &stage, &whole));
  PetscCall(ExponentialTime(&b, &exponential));
  double triad = 24 / time[0], residual = time[3], transforms = time[5], parts = transforms + residual;
  printf("%ld x %ld, Cahn-Hilliard%*sns/cell    GB/s   ratio\n", n, n, n < 1000 ? 16 : 14, "");
  printf("  triad                              %8.2f %8.1f\n", time[0], triad);
  printf("  fused stencil                      %8.2f %8.1f   %.2f of the triad's bandwidth; differs by %.0e\n", time[1],
         16 / time[1], 16 / time[1] / triad, difference);
  printf("  ghosts                             %8.2f %8.1f\n", time[2], 16 / time[2]);
  printf("  residual                           %8.2f %8.1f   %.2f of the fused stencil (2.5)\n", residual,
         16 / residual, residual / time[1]);
  printf("  stiff tangent, applied             %8.2f\n", time[4]);
  printf("  transforms (forward, backward)     %8.2f\n", transforms);
  printf("  stage, transform-solved            %8.2f            %.2f of transforms + residual (1.5)\n", stage,
         stage / parts);
  printf("  step but for three such stages     %8.2f            %.2f\n", whole - 3 * stage,
         (whole - 3 * stage) / parts);
  printf("  step                               %8.2f            %.2f of four transforms + residuals\n", whole,
         whole / (4 * parts));
  printf("  step of etdrk4                     %8.2f            %.2f of these\n", exponential,
         exponential / (4 * parts));
  PetscCall(Close(&b));
  PetscFunctionReturn(0);
}

int main(int argc, char **argv) {
  const char *path = RHO_SOURCE_DIR "/models/cahn_hilliard/model.yaml";
  int none = 1;
  if (argc > 1 && !strcmp(argv[1], "cpu")) now = CLOCK_PROCESS_CPUTIME_ID;
  setenv("OMPI_MCA_ess_singleton_isolated", "1", 0);
  PetscCall(PetscInitialize(&none, &argv, NULL, NULL));
  PetscCall(Table(path, 128));
  PetscCall(Table(path, 512));
  PetscCall(Table(path, 2048));
  PetscCall(PetscFinalize());
  return 0;
}
