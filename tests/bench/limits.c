/* limits.c - what nothing of the kind can do without, as bare as it can be written. */
#include "bench.h"
#include "noise_random.h"
#include <stdlib.h>
#include <string.h>

enum { PIECE = 1024 };

static PetscErrorCode Room(Bench *b) {
  PetscFunctionBegin;
  if (b->cells) PetscFunctionReturn(0);
  b->cells = BenchRoom((size_t)b->ncell);
  b->copy = BenchRoom((size_t)b->ncell);
  b->other = BenchRoom((size_t)b->ncell);
  b->ring = BenchRoom(PetscMax((size_t)REF_RING, 9 * ((size_t)b->shape.n + 8)));
  PetscFunctionReturn(0);
}

PetscErrorCode BenchTriad(Bench *b) {
  PetscFunctionBegin;
  PetscCall(Room(b));
  RefTriad(b->ncell, 0.5, b->cells, b->copy, b->other);
  PetscFunctionReturn(0);
}

PetscErrorCode BenchCopy(Bench *b) {
  PetscFunctionBegin;
  PetscCall(Room(b));
  memcpy(b->copy, b->cells, sizeof(double) * (size_t)b->ncell);
  PetscFunctionReturn(0);
}

PetscErrorCode BenchStencil(Bench *b) {
  PetscFunctionBegin;
  PetscCall(Room(b));
  if (b->shape.ndim == 2) RefCahnHilliard(b->shape.n, 1, 1, 1, b->cells, b->other, b->ring);
  else PetscCall(BenchTriad(b));
  PetscFunctionReturn(0);
}

/* ---- transforms ---- */

static PetscErrorCode MakePair(Bench *b) {
  int n[RHO_MAXDIM] = {b->shape.n, b->shape.n, b->shape.n}, dim = b->shape.ndim;
  size_t nentry = (size_t)b->ncell / (size_t)b->shape.n * (size_t)(b->shape.n / 2 + 1);
  PetscFunctionBegin;
  PetscCall(Room(b));
  b->entries = fftw_alloc_complex(nentry);
  b->forward = fftw_plan_dft_r2c(dim, n, b->other, b->entries, FFTW_MEASURE);
  b->backward = fftw_plan_dft_c2r(dim, n, b->entries, b->other, FFTW_MEASURE);
  PetscCheck(b->forward && b->backward, PETSC_COMM_SELF, PETSC_ERR_LIB, "FFTW has no plan");
  memset(b->entries, 0, nentry * sizeof *b->entries);
  memset(b->other, 0, (size_t)b->ncell * sizeof *b->other);
  PetscFunctionReturn(0);
}

PetscErrorCode BenchPair(Bench *b) {
  PetscFunctionBegin;
  if (!b->forward) PetscCall(MakePair(b));
  fftw_execute_dft_r2c(b->forward, b->cells, b->entries);
  fftw_execute_dft_c2r(b->backward, b->entries, b->other);
  PetscFunctionReturn(0);
}

/* ---- random numbers ---- */

static PetscErrorCode MakeNormal(Bench *b) {
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

PetscErrorCode BenchNumbers(Bench *b) {
  static uint32_t x[PIECE];
  static double one[PIECE], two[PIECE], out[PIECE];
  const double *in[2] = {one, two};
  double *to[1] = {out};
  PetscFunctionBegin;
  if (!b->normal) PetscCall(MakeNormal(b));
  for (PetscInt p = 0; p < PIECE; p++) x[p] = (uint32_t)p;
  for (uint32_t kind = 0; kind < (uint32_t)b->shape.ndim; kind++)
    for (PetscInt p = 0; p < b->ncell; p += PIECE) {
      RhoNoiseCounter counter = {.kind = kind, .row = (uint32_t)p};
      rho_noise_uniforms(&counter, PIECE, x, one, two);
      RhoTapeEval(b->normal, PIECE, in, NULL, to, NULL);
    }
  PetscFunctionReturn(0);
}

/* ---- quorum sensing ---- */

/* K^(|q|) over the number of cells, for the entries of a bare 2-D spectrum. */
static PetscErrorCode MakeFactor(Bench *b) {
  int n = b->shape.n, half = n / 2 + 1;
  double *q = BenchRoom((size_t)(n * half)), step = 2 * M_PI / n;
  PetscFunctionBegin;
  b->factor = BenchRoom((size_t)(n * half));
  for (int j = 0; j < n; j++)
    for (int i = 0; i < half; i++) q[j * half + i] = step * hypot(i, PetscMin(j, n - j));
  PetscCheck(!RhoKernelTransform(b->model, 0, 2, b->value, n * half, q, b->factor), PETSC_COMM_SELF,
             PETSC_ERR_ARG_WRONG, "the kernel has no transform");
  for (int m = 0; m < n * half; m++) b->factor[m] /= (double)n * n;
  free(q);
  PetscFunctionReturn(0);
}

static PetscErrorCode MakeQuorum(Bench *b) {
  int n[2] = {b->shape.n, b->shape.n}, half[2] = {n[0], n[0] / 2 + 1};
  PetscFunctionBegin;
  PetscCall(Room(b));
  PetscCall(MakeFactor(b));
  b->rate = BenchRoom(2 * (size_t)b->ncell);
  b->entries = fftw_alloc_complex(2 * (size_t)(half[0] * half[1]));
  for (int s = 0; s < 2; s++) b->sensed[s] = BenchRoom((size_t)b->ncell);
  b->apart = fftw_plan_many_dft_r2c(2, n, 1, b->rate, n, 2, 1, b->entries, half, 1, 1, FFTW_MEASURE | FFTW_UNALIGNED);
  b->backward = fftw_plan_dft_c2r(2, n, b->entries, b->sensed[0], FFTW_MEASURE);
  PetscCheck(b->apart && b->backward, PETSC_COMM_SELF, PETSC_ERR_LIB, "FFTW has no plan");
  PetscFunctionReturn(0);
}

PetscErrorCode BenchQuorum(Bench *b) {
  static const double number[3] = {-0.75, 0.5, -0.5};
  const PetscScalar *u;
  int nentry = b->shape.n * (b->shape.n / 2 + 1);
  PetscFunctionBegin;
  if (!b->apart) PetscCall(MakeQuorum(b));
  PetscCall(VecGetArrayRead(b->u, &u));
  for (int s = 0; s < 2; s++) {
    double *e = (double *)b->entries;
    fftw_execute_dft_r2c(b->apart, (double *)u + s, b->entries);
    for (int m = 0; m < nentry; m++) e[2 * m] *= b->factor[m], e[2 * m + 1] *= b->factor[m];
    fftw_execute_dft_c2r(b->backward, b->entries, b->sensed[s]);
  }
  RefQuorumFlux(b->shape.n, 1, number, b->sensed[0], b->sensed[1], u, b->rate, b->ring);
  PetscCall(VecRestoreArrayRead(b->u, &u));
  PetscFunctionReturn(0);
}

PetscErrorCode BenchFreeLimits(Bench *b) {
  double *room[] = {b->cells, b->copy, b->other, b->ring, b->factor, b->rate, b->sensed[0], b->sensed[1]};
  fftw_plan plan[] = {b->forward, b->backward, b->apart};
  for (size_t k = 0; k < sizeof room / sizeof *room; k++) free(room[k]);
  for (size_t k = 0; k < sizeof plan / sizeof *plan; k++)
    if (plan[k]) fftw_destroy_plan(plan[k]);
  if (b->entries) fftw_free(b->entries);
  RhoTapeDestroy(&b->normal);
  return 0;
}
