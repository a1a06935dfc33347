/* bench.c - see bench.h. */
#include "bench.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

double BenchNow(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The first call of each makes what is made once. */
PetscErrorCode BenchTurns(Bench *b, double seconds, int n, const BenchWork *work, double *best) {
  double begin;
  PetscFunctionBegin;
  for (int w = 0; w < n; w++) PetscCall(work[w](b));
  for (int w = 0; w < n; w++) best[w] = PETSC_MAX_REAL;
  begin = BenchNow();
  for (int k = 0; k < 5 || BenchNow() - begin < seconds; k++)
    for (int w = 0; w < n; w++) {
      double t = -BenchNow();
      PetscCall(work[w](b));
      best[w] = PetscMin(best[w], t + BenchNow());
    }
  PetscFunctionReturn(0);
}

double *BenchRoom(size_t n) {
  double *a = aligned_alloc(64, (n * sizeof *a + 63) / 64 * 64);
  PetscCheckAbort(a, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for %zu numbers", n);
  for (size_t p = 0; p < n; p++) a[p] = 0.1 * sin(0.01 * (double)(p % 977));
  return a;
}

/* ---- a model on a box ---- */

static PetscErrorCode Load(const char *model, Bench *b) {
  char path[4096] = "/tmp/rhoflux_XXXXXX";
  bool text = strchr(model, '\n');
  FILE *stream = text ? fdopen(mkstemp(path), "w") : NULL;
  PetscFunctionBegin;
  if (stream) fputs(model, stream);
  if (stream) fclose(stream);
  else snprintf(path, sizeof path, RHO_SOURCE_DIR "/models/%s/model.yaml", model);
  if (RhoModelLoad(path, b->diag, &b->model) || RhoEquationsCreate(b->model, b->diag, &b->eq))
    RhoDiagPrint(b->diag, stderr);
  if (text) unlink(path);
  PetscCheck(b->eq, PETSC_COMM_SELF, PETSC_ERR_ARG_WRONG, "the model %s does not load", model);
  PetscFunctionReturn(0);
}

static PetscErrorCode Fill(Bench *b) {
  PetscScalar *x;
  PetscFunctionBegin;
  PetscCall(VecGetArray(b->u, &x));
  for (PetscInt p = 0; p < b->ncell * b->nfield; p++)
    x[p] = (b->nfield > 1 ? 1 : 0) + 0.1 * sin(2 * M_PI * (double)(p % 4096) / 4096);
  PetscCall(VecRestoreArray(b->u, &x));
  PetscFunctionReturn(0);
}

PetscErrorCode BenchOpen(MPI_Comm comm, const char *model, BenchShape shape, bool spectral, Bench *b) {
  static const char *const name[] = {"x", "y", "z"};
  RhoMesh mesh = {.ndimension = shape.ndim, .place = RHO_NOWHERE};
  PetscFunctionBegin;
  *b = (Bench){.diag = RhoDiagCreate(), .shape = shape, .spectral = spectral};
  PetscCall(Load(model, b));
  b->value = calloc((size_t)b->eq->nuniform, sizeof(double));
  PetscCheck(!RhoEquationsBind(b->eq, shape.ndim, 0, NULL, b->value), comm, PETSC_ERR_ARG_WRONG, "parameters");
  for (int d = 0; d < shape.ndim; d++)
    mesh.dimension[d] = (RhoDimension){.name = name[d], .to = shape.n, .ncell = shape.n, .spatial = true};
  PetscCall(RhoGridCreate(comm, &mesh, b->eq->nfield, RhoFieldHalo(b->eq), &b->grid));
  if (spectral) PetscCall(RhoFieldCreateSpectral(b->eq, b->grid, b->value, PETSC_FALSE, b->diag, &b->fm));
  else PetscCall(RhoFieldCreate(b->eq, b->grid, b->value, b->diag, &b->fm));
  if (!b->fm) RhoDiagPrint(b->diag, stderr);
  PetscCheck(b->fm, comm, PETSC_ERR_ARG_WRONG, "the model %s does not go with the box", model);
  b->nfield = b->eq->nfield;
  b->ncell = b->grid->nowned;
  PetscCall(DMCreateGlobalVector(b->grid->da, &b->u));
  PetscCall(VecDuplicate(b->u, &b->F));
  PetscCall(Fill(b));
  PetscFunctionReturn(0);
}

PetscErrorCode BenchTouch(Vec u) {
  PetscScalar *x;
  PetscFunctionBegin;
  PetscCall(VecGetArray(u, &x));
  PetscCall(VecRestoreArray(u, &x));
  PetscFunctionReturn(0);
}

PetscErrorCode BenchClose(Bench *b) {
  PetscFunctionBegin;
  PetscCall(BenchFreeLimits(b));
  for (PetscInt f = 0; b->spectrum && f < b->nfield; f++)
    PetscCall(RhoTransformFreeSpectrum(b->transform, &b->spectrum[f]));
  PetscCall(PetscFree(b->spectrum));
  PetscCall(RhoTransformDestroy(&b->transform));
  PetscCall(RhoTangentDestroy(&b->stiff));
  PetscCall(RhoNoiseDestroy(&b->noise));
  PetscCall(VecDestroy(&b->u));
  PetscCall(VecDestroy(&b->F));
  PetscCall(VecDestroy(&b->local));
  PetscCall(RhoFieldDestroy(&b->fm));
  PetscCall(RhoGridDestroy(&b->grid));
  RhoModelDestroy(&b->model);
  RhoDiagDestroy(&b->diag);
  free(b->value);
  PetscFunctionReturn(0);
}

/* ---- steps ---- */

static PetscErrorCode Quiet(void *ctx, const RhoEvolveState *state, Vec u, PetscBool *stop) {
  (void)ctx, (void)state, (void)u, (void)stop;
  return 0;
}

PetscErrorCode BenchSteps(Bench *b) {
  PetscReal h = 1e-3, output[1] = {h * b->nstep};
  RhoEvolveOptions options;
  RhoEvolveReason reason;
  const char *why;
  PetscFunctionBegin;
  RhoEvolveDefaults(&options);
  options.scheme = b->scheme;
  if (strcmp(b->scheme, "bdf")) options.fixed = h;
  else options.step = options.largest = h;
  options.constant = (PetscBool)b->constant;
  options.end = output[0];
  options.noutput = 1;
  options.output = output;
  options.noise = b->noise;
  PetscCall(RhoEvolve(b->fm, &options, b->u, Quiet, NULL, &reason, &b->last, &why));
  PetscCheck(reason == RHO_EVOLVE_DONE, PETSC_COMM_SELF, PETSC_ERR_PLIB, "%s: %s", b->scheme, why);
  PetscFunctionReturn(0);
}
