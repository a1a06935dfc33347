/* bench_noise.c - a step with conserved multiplicative noise beside what it can not do without: its random numbers, the
   transforms of its stage, one residual.

   Usage: bench_noise [cpu].  Cahn-Hilliard with noise sqrt(2 + phi^2), imex_em with one transform per stage; one normal
   number for each of two faces per cell.  Wall clock (cpu: processor time), ns per cell; those compared take turns, and
   the least of many repetitions counts. */
#include "noise_random.h"
#include "rhoflux/evolve.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { NROUND = 60, PIECE = 1024 };

static const char text[] = "rhoflux: 1\nmodel: bench\nfree_energy: \"-phi^2/2 + phi^4/4 + |grad(phi)|^2/2\"\n"
                           "dynamics: {phi: {mobility: 1, noise: \"sqrt(2 + phi^2)\"}}\n";

typedef struct {
  RhoDiag diag;
  RhoModel model;
  RhoEquations eq;
  RhoGrid grid;
  RhoFieldModel fm;
  RhoTransform transform;
  RhoTape normal;
  RhoNoise noise;
  Vec u, F;
  PetscScalar *spectrum, *cells;
  double *value;
} Bench;

static clockid_t now = CLOCK_MONOTONIC;

static double Now(void) {
  struct timespec t;
  clock_gettime(now, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- what a step can not do without ---- */

static PetscErrorCode Residual(Bench *b) { return RhoResidual(b->fm, 0, b->u, b->F); }
static PetscErrorCode Noise(Bench *b) { return RhoNoiseApply(b->noise, 0, b->u, 1, 0, 1e-3, b->F); }

static PetscErrorCode Transforms(Bench *b) {
  PetscFunctionBegin;
  PetscCall(RhoTransformForward(b->transform, b->cells, 1, b->spectrum));
  PetscCall(RhoTransformBackward(b->transform, b->spectrum, b->cells, 1));
  PetscFunctionReturn(0);
}

/* Two numbers for each cell, by the program's own functions. */
static PetscErrorCode Numbers(Bench *b) {
  static uint32_t x[PIECE];
  static double one[PIECE], two[PIECE], out[PIECE];
  const double *in[2] = {one, two};
  double *to[1] = {out};
  PetscFunctionBegin;
  for (PetscInt p = 0; p < PIECE; p++) x[p] = (uint32_t)p;
  for (uint32_t kind = 0; kind < 2; kind++)
    for (PetscInt p = 0; p < b->grid->ncell; p += PIECE) {
      RhoNoiseCounter counter = {.kind = kind, .row = (uint32_t)p};
      rho_noise_uniforms(&counter, PIECE, x, one, two);
      RhoTapeEval(b->normal, PIECE, in, NULL, to, NULL);
    }
  PetscFunctionReturn(0);
}

/* ---- steps ---- */

static PetscErrorCode Quiet(void *ctx, const RhoEvolveState *state, Vec u, PetscBool *stop) {
  (void)ctx, (void)state, (void)u, (void)stop;
  return 0;
}

static PetscErrorCode Steps(Bench *b, const char *scheme, int nstep) {
  RhoEvolveOptions options;
  PetscReal output[1] = {1e-3 * nstep};
  RhoEvolveState last;
  RhoEvolveReason reason;
  const char *why;
  PetscFunctionBegin;
  RhoEvolveDefaults(&options);
  options.scheme = scheme;
  options.fixed = 1e-3;
  options.constant = (PetscBool)(strcmp(scheme, "em") != 0);
  options.end = output[0];
  options.noutput = 1;
  options.output = output;
  options.noise = b->noise;
  PetscCall(RhoEvolve(b->fm, &options, b->u, Quiet, NULL, &reason, &last, &why));
  PetscCheck(reason == RHO_EVOLVE_DONE, PETSC_COMM_SELF, PETSC_ERR_PLIB, "%s", why);
  PetscFunctionReturn(0);
}

static PetscErrorCode Euler4(Bench *b) { return Steps(b, "imex_em", 4); }
static PetscErrorCode Euler12(Bench *b) { return Steps(b, "imex_em", 12); }
static PetscErrorCode Midpoint4(Bench *b) { return Steps(b, "imex_midpoint", 4); }
static PetscErrorCode Midpoint12(Bench *b) { return Steps(b, "imex_midpoint", 12); }

/* ---- set-up ---- */

static PetscErrorCode NormalNumbers(Bench *b) {
  RhoGraph g = b->eq->graph;
  RhoNode missing, in[2] = {RhoGraphSymbol(g, RHO_SYM_TRACE, "u"), RhoGraphSymbol(g, RHO_SYM_TRACE, "v")};
  RhoNode square = RhoGraph2(g, RHO_FN_MUL, RhoGraphConstant(g, -2), RhoGraph1(g, RHO_FN_LOG, in[0]));
  RhoNode angle = RhoGraph2(g, RHO_FN_MUL, RhoGraphConstant(g, 2 * M_PI), in[1]);
  RhoNode out = RhoGraph2(g, RHO_FN_MUL, RhoGraph1(g, RHO_FN_SQRT, square), RhoGraph1(g, RHO_FN_COS, angle));
  PetscFunctionBegin;
  b->normal = RhoTapeCreate(g, 1, &out, 2, in, 0, NULL, &missing);
  PetscCheck(b->normal, PETSC_COMM_SELF, PETSC_ERR_MEM, "no tape");
  RhoTapeBind(b->normal, b->value);
  PetscFunctionReturn(0);
}

static PetscErrorCode Load(Bench *b) {
  char path[] = "/tmp/rhoflux_XXXXXX";
  int file = mkstemp(path);
  ssize_t n = write(file, text, strlen(text));
  PetscFunctionBegin;
  close(file);
  *b = (Bench){.diag = RhoDiagCreate()};
  if (n < 0 || RhoModelLoad(path, b->diag, &b->model) || RhoEquationsCreate(b->model, b->diag, &b->eq))
    RhoDiagPrint(b->diag, stderr);
  unlink(path);
  PetscCheck(b->eq, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG, "the model does not load");
  b->value = calloc((size_t)b->eq->nuniform, sizeof(double));
  PetscCheck(!RhoEquationsBind(b->eq, 2, 0, NULL, b->value), PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG, "parameters");
  PetscFunctionReturn(0);
}

static PetscErrorCode Open(Bench *b, int n) {
  RhoMesh mesh = {.ndimension = 2, .place = RHO_NOWHERE};
  PetscFunctionBegin;
  PetscCall(Load(b));
  for (int d = 0; d < 2; d++)
    mesh.dimension[d] =
        (RhoDimension){.name = d ? "y" : "x", .to = n, .ncell = n, .boundary = RHO_PERIODIC, .spatial = true};
  PetscCall(RhoGridCreate(PETSC_COMM_WORLD, &mesh, 1, RhoFieldHalo(b->eq), &b->grid));
  PetscCall(RhoFieldCreate(b->eq, b->grid, b->value, b->diag, &b->fm));
  PetscCall(RhoNoiseCreate(b->fm, 1e4, 1, &b->noise));
  PetscCall(RhoTransformCreate(b->grid, RHO_PLAN_ESTIMATE, &b->transform));
  PetscCall(RhoTransformSpectrum(b->transform, &b->spectrum));
  PetscCall(PetscCalloc1((size_t)b->grid->ncell, &b->cells));
  PetscCall(DMCreateGlobalVector(b->grid->da, &b->u));
  PetscCall(VecDuplicate(b->u, &b->F));
  PetscCall(NormalNumbers(b));
  PetscFunctionReturn(0);
}

static PetscErrorCode Close(Bench *b) {
  PetscFunctionBegin;
  PetscCall(PetscFree(b->cells));
  PetscCall(RhoTransformFreeSpectrum(b->transform, &b->spectrum));
  PetscCall(RhoTransformDestroy(&b->transform));
  PetscCall(RhoNoiseDestroy(&b->noise));
  PetscCall(VecDestroy(&b->u));
  PetscCall(VecDestroy(&b->F));
  PetscCall(RhoFieldDestroy(&b->fm));
  PetscCall(RhoGridDestroy(&b->grid));
  RhoTapeDestroy(&b->normal);
  RhoModelDestroy(&b->model);
  RhoDiagDestroy(&b->diag);
  free(b->value);
  PetscFunctionReturn(0);
}

/* ---- the table ---- */

static PetscErrorCode Table(int n) {
  PetscErrorCode (*const work[])(Bench *) = {Numbers, Transforms, Residual,  Noise,
                                             Euler4,  Euler12,    Midpoint4, Midpoint12};
  enum { NWORK = sizeof work / sizeof *work };
  double time[NWORK], begin = Now();
  Bench b;
  PetscFunctionBegin;
  PetscCall(Open(&b, n));
  for (int w = 0; w < NWORK; w++) time[w] = PETSC_MAX_REAL;
  for (int k = 0; k < NROUND && (k < 5 || Now() - begin < 4); k++)
    for (int w = 0; w < NWORK; w++) {
      double t = -Now();
      PetscCall(work[w](&b));
      time[w] = PetscMin(time[w], (t + Now()) / b.grid->ncell * 1e9);
    }
  double parts = time[0] + time[1] + time[2], euler = (time[5] - time[4]) / 8, midpoint = (time[7] - time[6]) / 8;
  printf("%d x %d, conserved multiplicative noise    ns/cell   ratio\n", n, n);
  printf("  random numbers (two)               %8.2f\n", time[0]);
  printf("  transforms (forward, backward)     %8.2f\n", time[1]);
  printf("  residual                           %8.2f\n", time[2]);
  printf("  noise, all of it                   %8.2f   %.2f of its random numbers\n", time[3], time[3] / time[0]);
  printf("  step of imex_em                    %8.2f   %.2f of the first three (2)\n", euler, euler / parts);
  printf("  step of imex_midpoint              %8.2f   %.2f of twice the first three\n", midpoint,
         midpoint / (2 * parts));
  PetscCall(Close(&b));
  PetscFunctionReturn(0);
}

int main(int argc, char **argv) {
  int none = 1;
  if (argc > 1 && !strcmp(argv[1], "cpu")) now = CLOCK_PROCESS_CPUTIME_ID;
  setenv("OMPI_MCA_ess_singleton_isolated", "1", 0);
  PetscCall(PetscInitialize(&none, &argv, NULL, NULL));
  PetscCall(Table(128));
  PetscCall(Table(512));
  PetscCall(PetscFinalize());
  return 0;
}
