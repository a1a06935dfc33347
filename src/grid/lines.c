/* lines.c - 1-D transforms along the lines of an array, BLOCK lines at a time.

   Rows are transformed where they stand when the caller's array allows it.  Columns are brought into a buffer of BLOCK
   contiguous lines and back: reading BLOCK neighbouring columns uses whole cache lines, and the buffer's pitch keeps
   them from falling on each other in the cache.  FFTW's own estimated plans for arrays of several dimensions walk the
   columns one by one, which for 512^2 cells takes 2.5 times as long for cosines and 5 times for halfcomplex lines.

   Every line goes through a plan of BLOCK lines, unused ones being zero, so that the bits of a transformed line depend
   on nothing but the line: not on where it stands or on how many ranks share the array. */
#include "lines.h"
#include <fftw3.h>

enum { BLOCK = 8, PAD = 8, UNROLL = 4 };

struct RhoLines_s {
  RhoLineKind kind;
  int n, unit;      /* cells; doubles per element of a column */
  int block;        /* lines of a plan */
  int nin, nout;    /* doubles from line to line in the buffers, before and after the forward transform */
  double *in, *out; /* [block][nin], [block][nout] */
  fftw_plan forward, backward;
};

/* ---- plans ---- */

static fftw_plan PlanReal(const RhoLines l, fftw_r2r_kind kind, bool back, unsigned flags) {
  if (back)
    return fftw_plan_many_r2r(1, &l->n, l->block, l->out, NULL, 1, l->nout, l->in, NULL, 1, l->nin, &kind, flags);
  return fftw_plan_many_r2r(1, &l->n, l->block, l->in, NULL, 1, l->nin, l->out, NULL, 1, l->nout, &kind, flags);
}

static fftw_plan PlanFull(const RhoLines l, bool back, unsigned flags) {
  fftw_complex *in = (fftw_complex *)l->in, *out = (fftw_complex *)l->out;
  int nin = l->nin / 2, nout = l->nout / 2;
  if (back) return fftw_plan_many_dft(1, &l->n, l->block, out, NULL, 1, nout, in, NULL, 1, nin, FFTW_BACKWARD, flags);
  return fftw_plan_many_dft(1, &l->n, l->block, in, NULL, 1, nin, out, NULL, 1, nout, FFTW_FORWARD, flags);
}

static fftw_plan PlanHalf(const RhoLines l, bool back, unsigned flags) {
  fftw_complex *out = (fftw_complex *)l->out;
  int nout = l->nout / 2;
  if (back) return fftw_plan_many_dft_c2r(1, &l->n, l->block, out, NULL, 1, nout, l->in, NULL, 1, l->nin, flags);
  return fftw_plan_many_dft_r2c(1, &l->n, l->block, l->in, NULL, 1, l->nin, out, NULL, 1, nout, flags);
}

/* Forward keeps its input, which may be the caller's own. */
static fftw_plan Plan(const RhoLines l, bool back, unsigned flags) {
  flags |= back ? FFTW_DESTROY_INPUT : FFTW_PRESERVE_INPUT;
  switch (l->kind) {
  case RHO_LINE_HALF: return PlanHalf(l, back, flags);
  case RHO_LINE_FULL: return PlanFull(l, back, flags);
  case RHO_LINE_HALFCOMPLEX: return PlanReal(l, back ? FFTW_HC2R : FFTW_R2HC, back, flags);
  case RHO_LINE_COSINE: return PlanReal(l, back ? FFTW_REDFT01 : FFTW_REDFT10, back, flags);
  }
  return NULL;
}

static PetscErrorCode Buffer(PetscInt n, double **buffer) {
  PetscFunctionBeginUser;
  *buffer = fftw_alloc_real((size_t)n);
  PetscCheck(*buffer, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for %" PetscInt_FMT " numbers", n);
  PetscFunctionReturn(0);
}

/* Measured planning overwrites the buffers, so they are cleared after it. */
static PetscErrorCode Create(const struct RhoLines_s *what, unsigned flags, RhoLines *lines) {
  RhoLines l;
  PetscFunctionBeginUser;
  PetscCall(PetscNew(&l));
  *l = *what;
  PetscCall(Buffer(l->block * l->nin, &l->in));
  PetscCall(Buffer(l->block * l->nout, &l->out));
  l->forward = Plan(l, false, flags);
  l->backward = Plan(l, true, flags);
  PetscCheck(l->forward && l->backward, PETSC_COMM_SELF, PETSC_ERR_LIB, "FFTW has no plan for lines of %d cells", l->n);
  PetscCall(PetscArrayzero(l->in, l->block * l->nin));
  PetscCall(PetscArrayzero(l->out, l->block * l->nout));
  *lines = l;
  PetscFunctionReturn(0);
}

PetscErrorCode rho_rows_create(RhoLineKind kind, PetscInt n, PetscInt nline, unsigned flags, RhoLines *lines) {
  int ncell = (int)n, nentry = kind == RHO_LINE_HALF ? 2 * (ncell / 2 + 1) : ncell;
  int block = kind == RHO_LINE_HALF ? 1 : (int)PetscMin(nline, BLOCK); /* measured: FFTW's r2c is best row by row */
  struct RhoLines_s l = {kind, ncell, 1, block, ncell, nentry, NULL, NULL, NULL, NULL};
  return Create(&l, flags, lines);
}

PetscErrorCode rho_columns_create(RhoLineKind kind, PetscInt n, unsigned flags, RhoLines *lines) {
  int unit = kind == RHO_LINE_FULL ? 2 : 1, pitch = unit * (int)n + PAD;
  struct RhoLines_s l = {kind, (int)n, unit, BLOCK, pitch, pitch, NULL, NULL, NULL, NULL};
  return Create(&l, flags, lines);
}

PetscErrorCode rho_lines_destroy(RhoLines *lines) {
  RhoLines l = *lines;
  PetscFunctionBeginUser;
  if (!l) PetscFunctionReturn(0);
  fftw_destroy_plan(l->forward);
  fftw_destroy_plan(l->backward);
  fftw_free(l->in);
  fftw_free(l->out);
  PetscCall(PetscFree(*lines));
  PetscFunctionReturn(0);
}

/* ---- rows ---- */

PetscInt rho_rows_entries(RhoLines lines) { return lines->nout; }

static void RunForward(const RhoLines l, double *in, double *out) {
  if (l->kind == RHO_LINE_HALF) fftw_execute_dft_r2c(l->forward, in, (fftw_complex *)out);
  else fftw_execute_r2r(l->forward, in, out);
}

static void RunBackward(const RhoLines l, double *out, double *in) {
  if (l->kind == RHO_LINE_HALF) fftw_execute_dft_c2r(l->backward, (fftw_complex *)out, in);
  else fftw_execute_r2r(l->backward, out, in);
}

/* n numbers from x to y; what is left of the buffer y of room numbers becomes 0. */
static void Fetch(PetscInt n, const double *x, PetscInt stride, double *y, PetscInt room) {
  for (PetscInt i = 0; i < n; i++) y[i] = x[i * stride];
  for (PetscInt i = n; i < room; i++) y[i] = 0;
}

static void Store(PetscInt n, const double *x, double *y, PetscInt stride) {
  for (PetscInt i = 0; i < n; i++) y[i * stride] = x[i];
}

/* A block of rows where it stands, when it is whole and aligned as the plan wants it; else the buffer. */
static double *Place(const RhoLines l, PetscInt nrow, const double *array, double *buffer) {
  bool fits = nrow == l->block && fftw_alignment_of((double *)array) == fftw_alignment_of(buffer);
  return fits ? (double *)array : buffer;
}

void rho_rows_forward(RhoLines l, PetscInt nrow, const double *cells, PetscInt stride, double *entries) {
  for (PetscInt r = 0; r < nrow; r += l->block, entries += l->block * l->nout, cells += l->block * l->nin * stride) {
    PetscInt nr = PetscMin(l->block, nrow - r);
    double *in = stride == 1 ? Place(l, nr, cells, l->in) : l->in, *out = Place(l, nr, entries, l->out);
    if (in == l->in) Fetch(nr * l->nin, cells, stride, in, l->block * l->nin);
    RunForward(l, in, out);
    if (out == l->out) Store(nr * l->nout, out, entries, 1);
  }
}

void rho_rows_backward(RhoLines l, PetscInt nrow, double *entries, double *cells, PetscInt stride) {
  for (PetscInt r = 0; r < nrow; r += l->block, entries += l->block * l->nout, cells += l->block * l->nin * stride) {
    PetscInt nr = PetscMin(l->block, nrow - r);
    double *in = stride == 1 ? Place(l, nr, cells, l->in) : l->in, *out = Place(l, nr, entries, l->out);
    if (out == l->out) Fetch(nr * l->nout, entries, 1, out, l->block * l->nout);
    RunBackward(l, out, in);
    if (in == l->in) Store(nr * l->nin, in, cells, stride);
  }
}

/* ---- columns ---- */

/* b[c][i] = a[i][c] for nc columns of elements of unit doubles, in tiles of UNROLL rows.  unit is a constant at each
   call, so that the compiler makes one version for reals and one for complex numbers. */
static inline void Gather(int unit, int n, int nc, PetscInt nline, const double *restrict a, int pitch,
                          double *restrict b) {
  int i = 0, ntiled = n - n % UNROLL;
  for (; i < ntiled; i += UNROLL)
    for (int c = 0; c < nc; c++)
      for (int k = i; k < i + UNROLL; k++)
        for (int u = 0; u < unit; u++) b[c * pitch + k * unit + u] = a[(k * nline + c) * unit + u];
  for (; i < n; i++)
    for (int c = 0; c < nc; c++)
      for (int u = 0; u < unit; u++) b[c * pitch + i * unit + u] = a[(i * nline + c) * unit + u];
}

static inline void Scatter(int unit, int n, int nc, PetscInt nline, double *restrict a, int pitch,
                           const double *restrict b) {
  int i = 0, ntiled = n - n % UNROLL;
  for (; i < ntiled; i += UNROLL)
    for (int k = i; k < i + UNROLL; k++)
      for (int c = 0; c < nc; c++)
        for (int u = 0; u < unit; u++) a[(k * nline + c) * unit + u] = b[c * pitch + k * unit + u];
  for (; i < n; i++)
    for (int c = 0; c < nc; c++)
      for (int u = 0; u < unit; u++) a[(i * nline + c) * unit + u] = b[c * pitch + i * unit + u];
}

static void Take(const RhoLines l, int nc, PetscInt nline, const double *array, double *buffer) {
  if (l->unit == 1) Gather(1, l->n, nc, nline, array, l->nin, buffer);
  else Gather(2, l->n, nc, nline, array, l->nin, buffer);
  for (int i = nc * l->nin; i < l->block * l->nin; i++) buffer[i] = 0;
}

static void Put(const RhoLines l, int nc, PetscInt nline, double *array, const double *buffer) {
  if (l->unit == 1) Scatter(1, l->n, nc, nline, array, l->nin, buffer);
  else Scatter(2, l->n, nc, nline, array, l->nin, buffer);
}

static void Columns(const RhoLines l, PetscInt nline, double *array, fftw_plan plan, double *from, double *to) {
  for (PetscInt c = 0; c < nline; c += BLOCK, array += BLOCK * l->unit) {
    int nc = (int)PetscMin(BLOCK, nline - c);
    Take(l, nc, nline, array, from);
    fftw_execute(plan);
    Put(l, nc, nline, array, to);
  }
}

void rho_columns_forward(RhoLines l, PetscInt nline, double *array) {
  Columns(l, nline, array, l->forward, l->in, l->out);
}
void rho_columns_backward(RhoLines l, PetscInt nline, double *array) {
  Columns(l, nline, array, l->backward, l->out, l->in);
}
