/* lines.c - 1-D transforms along the lines of an array.

   FFTW transforms real lines to n/2 + 1 complex numbers V_k and complex lines to complex ones; the two kinds of real
   entries are made from V_k, faster than by FFTW's own r2r plans:
     halfcomplex   y_k = Re V_k,  y_{n-k} = -Im V_k
     cosines       y_k = 2 sum_j x_j cos(pi k (j + 1/2)/n), by Makhoul (1980): V is the transform of
                   x_0 x_2 x_4 ... x_5 x_3 x_1,  and  y_k - i y_{n-k} = 2 exp(-i pi k/2n) V_k
   Both are  y_k = f (c_k Re V_k + s_k Im V_k),  y_{n-k} = f (s_k Re V_k - c_k Im V_k)  with c_k + i s_k = exp(i pi
   k/2n), f = 2 or 1, f = 1; backward is the same without f.

   Columns are brought into a buffer of BLOCK contiguous lines and back: reading BLOCK neighbouring columns uses whole
   cache lines, and the buffer's pitch keeps them from falling on each other in the cache.  FFTW's estimated plans for
   arrays of several dimensions walk the columns one by one, which takes several times as long where the number of
   columns is a power of two.

   The bits of a transformed line depend on nothing but the line: not on where it stands or on how many ranks share the
   array.  So there is one plan for all lines, and for complex lines, which go in blocks, unused ones are set to 0. */
#include "lines.h"
#include <fftw3.h>
#include <string.h>

enum { BLOCK = 8, PAD = 8, UNROLL = 4 };

typedef struct {
  double re, im;
} Pair;

struct RhoLines_s {
  RhoLineKind kind;
  int n, unit;      /* cells; doubles per element of a column */
  int pitch;        /* doubles from line to line of a buffer */
  double *in, *out; /* [BLOCK][pitch] for columns, one line for rows */
  double factor;    /* f */
  Pair *turn;       /* [n/2 + 1]: c_k, s_k */
  int *place;       /* [n]: where cell i stands in the line that is transformed */
  fftw_plan forward, backward;
};

/* ---- set-up ---- */

/* Forward keeps its input, which may be the caller's own. */
static void MakePlans(RhoLines l, unsigned flags) {
  fftw_complex *in = (fftw_complex *)l->in, *out = (fftw_complex *)l->out;
  unsigned there = flags | FFTW_PRESERVE_INPUT, back = flags | FFTW_DESTROY_INPUT;
  int step = l->pitch / 2;
  if (l->kind == RHO_LINE_FULL) {
    l->forward = fftw_plan_many_dft(1, &l->n, BLOCK, in, NULL, 1, step, out, NULL, 1, step, FFTW_FORWARD, there);
    l->backward = fftw_plan_many_dft(1, &l->n, BLOCK, out, NULL, 1, step, in, NULL, 1, step, FFTW_BACKWARD, back);
  } else {
    l->forward = fftw_plan_dft_r2c_1d(l->n, l->in, out, there);
    l->backward = fftw_plan_dft_c2r_1d(l->n, out, l->in, back);
  }
}

static void SetTables(RhoLines l) {
  bool cosine = l->kind == RHO_LINE_COSINE;
  l->factor = cosine ? 2 : 1;
  for (int k = 0; k <= l->n / 2; k++) {
    PetscReal angle = cosine ? PETSC_PI * k / (2.0 * l->n) : 0;
    l->turn[k] = (Pair){PetscCosReal(angle), PetscSinReal(angle)};
  }
  for (int i = 0; i < l->n; i++) l->place[i] = !cosine ? i : i % 2 == 0 ? i / 2 : l->n - 1 - i / 2;
}

static PetscErrorCode Create(RhoLineKind kind, PetscInt n, int unit, int nline, unsigned flags, RhoLines *lines) {
  RhoLines l;
  PetscFunctionBeginUser;
  PetscCall(PetscNew(&l));
  l->kind = kind;
  l->n = (int)n;
  l->unit = unit;
  l->pitch = 2 * ((int)n * unit / 2 + 1) + PAD;
  PetscCall(PetscMalloc2(n / 2 + 1, &l->turn, n, &l->place));
  l->in = fftw_alloc_real((size_t)(nline * l->pitch));
  l->out = fftw_alloc_real((size_t)(nline * l->pitch));
  PetscCheck(l->in && l->out, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for lines of %d cells", l->n);
  MakePlans(l, flags);
  PetscCheck(l->forward && l->backward, PETSC_COMM_SELF, PETSC_ERR_LIB, "FFTW has no plan for lines of %d cells", l->n);
  SetTables(l);
  *lines = l;
  PetscFunctionReturn(0);
}

PetscErrorCode rho_rows_create(RhoLineKind kind, PetscInt n, unsigned flags, RhoLines *lines) {
  return Create(kind, n, 1, 1, flags, lines);
}

PetscErrorCode rho_columns_create(RhoLineKind kind, PetscInt n, unsigned flags, RhoLines *lines) {
  return Create(kind, n, kind == RHO_LINE_FULL ? 2 : 1, BLOCK, flags, lines);
}

PetscErrorCode rho_lines_destroy(RhoLines *lines) {
  RhoLines l = *lines;
  PetscFunctionBeginUser;
  if (!l) PetscFunctionReturn(0);
  fftw_destroy_plan(l->forward);
  fftw_destroy_plan(l->backward);
  fftw_free(l->in);
  fftw_free(l->out);
  PetscCall(PetscFree2(l->turn, l->place));
  PetscCall(PetscFree(*lines));
  PetscFunctionReturn(0);
}

/* ---- one line ---- */

static void RunForward(const RhoLines l, const double *cells, void *entries) {
  fftw_execute_dft_r2c(l->forward, (double *)cells, (fftw_complex *)entries);
}

static void RunBackward(const RhoLines l, void *entries, double *cells) {
  fftw_execute_dft_c2r(l->backward, (fftw_complex *)entries, cells);
}

/* y from V; see above. */
static void Turn(const RhoLines l, const Pair *restrict v, double *restrict y) {
  int n = l->n;
  double f = l->factor;
  const Pair *restrict turn = l->turn;
  y[0] = f * v[0].re;
  for (int k = 1; k <= (n - 1) / 2; k++) {
    y[k] = f * (turn[k].re * v[k].re + turn[k].im * v[k].im);
    y[n - k] = f * (turn[k].im * v[k].re - turn[k].re * v[k].im);
  }
  if (n % 2 == 0) y[n / 2] = f * turn[n / 2].re * v[n / 2].re;
}

/* V from y, so that the c2r transform of it is 2n times the cells for cosines, n times for halfcomplex lines. */
static void TurnBack(const RhoLines l, const double *restrict y, Pair *restrict v) {
  int n = l->n;
  const Pair *restrict turn = l->turn;
  v[0] = (Pair){y[0], 0};
  for (int k = 1; k <= (n - 1) / 2; k++) {
    v[k].re = turn[k].re * y[k] + turn[k].im * y[n - k];
    v[k].im = turn[k].im * y[k] - turn[k].re * y[n - k];
  }
  if (n % 2 == 0) v[n / 2] = (Pair){(turn[n / 2].re + turn[n / 2].im) * y[n / 2], 0};
}

/* ---- rows ---- */

PetscInt rho_rows_entries(RhoLines l) { return l->kind == RHO_LINE_HALF ? 2 * (l->n / 2 + 1) : l->n; }

/* Where a row stands, if the plan can work there; else the buffer. */
static double *Fitting(const double *row, double *buffer) {
  bool fits = fftw_alignment_of((double *)row) == fftw_alignment_of(buffer);
  return fits ? (double *)row : buffer;
}

static void Fetch(const RhoLines l, const double *restrict cells, PetscInt stride) {
  double *restrict in = l->in;
  if (l->kind == RHO_LINE_COSINE)
    for (int i = 0; i < l->n; i++) in[l->place[i]] = cells[i * stride];
  else
    for (int i = 0; i < l->n; i++) in[i] = cells[i * stride];
}

static void Store(const RhoLines l, double *restrict cells, PetscInt stride) {
  const double *restrict in = l->in;
  if (l->kind == RHO_LINE_COSINE)
    for (int i = 0; i < l->n; i++) cells[i * stride] = in[l->place[i]];
  else
    for (int i = 0; i < l->n; i++) cells[i * stride] = in[i];
}

static void RowForward(const RhoLines l, const double *cells, PetscInt stride, double *entries) {
  bool half = l->kind == RHO_LINE_HALF, asis = stride == 1 && l->kind != RHO_LINE_COSINE;
  double *in = asis ? Fitting(cells, l->in) : l->in, *out = half ? Fitting(entries, l->out) : l->out;
  if (in == l->in) Fetch(l, cells, stride);
  RunForward(l, in, out);
  if (!half) Turn(l, (const Pair *)out, entries);
  else if (out == l->out) memcpy(entries, out, sizeof(double) * (size_t)rho_rows_entries(l));
}

static void RowBackward(const RhoLines l, double *entries, double *cells, PetscInt stride) {
  bool half = l->kind == RHO_LINE_HALF, asis = stride == 1 && l->kind != RHO_LINE_COSINE;
  double *in = asis ? Fitting(cells, l->in) : l->in, *out = half ? Fitting(entries, l->out) : l->out;
  if (!half) TurnBack(l, entries, (Pair *)out);
  else if (out == l->out) memcpy(out, entries, sizeof(double) * (size_t)rho_rows_entries(l));
  RunBackward(l, out, in);
  if (in == l->in) Store(l, cells, stride);
}

void rho_rows_forward(RhoLines l, PetscInt nrow, const double *cells, PetscInt stride, double *entries) {
  PetscInt nentry = rho_rows_entries(l);
  for (PetscInt r = 0; r < nrow; r++) RowForward(l, cells + r * l->n * stride, stride, entries + r * nentry);
}

void rho_rows_backward(RhoLines l, PetscInt nrow, double *entries, double *cells, PetscInt stride) {
  PetscInt nentry = rho_rows_entries(l);
  for (PetscInt r = 0; r < nrow; r++) RowBackward(l, entries + r * nentry, cells + r * l->n * stride, stride);
}

/* ---- columns ---- */

/* b[c][i] = a[i][c] for nc columns of elements of unit doubles, rows from .. to - 1; where given, place[i] is where i
   stands in b.  unit and place are constants at each call, so that the compiler makes one version for each. */
static inline void GatherRows(int unit, const RhoLines l, const int *place, int from, int to, int nc, PetscInt nline,
                              const double *restrict a, double *restrict b) {
  for (int c = 0; c < nc; c++)
    for (int i = from; i < to; i++)
      for (int u = 0; u < unit; u++)
        b[c * l->pitch + (place ? place[i] : i) * unit + u] = a[(i * nline + c) * unit + u];
}

static inline void ScatterRows(int unit, const RhoLines l, const int *place, int from, int to, int nc, PetscInt nline,
                               double *restrict a, const double *restrict b) {
  for (int i = from; i < to; i++)
    for (int c = 0; c < nc; c++)
      for (int u = 0; u < unit; u++)
        a[(i * nline + c) * unit + u] = b[c * l->pitch + (place ? place[i] : i) * unit + u];
}

/* All rows, in tiles that stay in the registers. */
static inline void Gather(int unit, const RhoLines l, const int *place, int nc, PetscInt nline, const double *a,
                          double *b) {
  int i = 0;
  for (; i + UNROLL <= l->n; i += UNROLL) GatherRows(unit, l, place, i, i + UNROLL, nc, nline, a, b);
  GatherRows(unit, l, place, i, l->n, nc, nline, a, b);
}

static inline void Scatter(int unit, const RhoLines l, const int *place, int nc, PetscInt nline, double *a,
                           const double *b) {
  int i = 0;
  for (; i + UNROLL <= l->n; i += UNROLL) ScatterRows(unit, l, place, i, i + UNROLL, nc, nline, a, b);
  ScatterRows(unit, l, place, i, l->n, nc, nline, a, b);
}

static void ComplexColumns(const RhoLines l, int nc, PetscInt nline, double *array, bool back) {
  double *from = back ? l->out : l->in, *to = back ? l->in : l->out;
  Gather(2, l, NULL, nc, nline, array, from);
  for (int i = nc * l->pitch; i < BLOCK * l->pitch; i++) from[i] = 0;
  fftw_execute(back ? l->backward : l->forward);
  Scatter(2, l, NULL, nc, nline, array, to);
}

static void RealForward(const RhoLines l, int nc, PetscInt nline, double *array) {
  Gather(1, l, l->place, nc, nline, array, l->in);
  for (int c = 0; c < nc; c++) {
    RunForward(l, l->in + c * l->pitch, l->out);
    Turn(l, (const Pair *)l->out, l->in + c * l->pitch);
  }
  Scatter(1, l, NULL, nc, nline, array, l->in);
}

static void RealBackward(const RhoLines l, int nc, PetscInt nline, double *array) {
  Gather(1, l, NULL, nc, nline, array, l->in);
  for (int c = 0; c < nc; c++) {
    TurnBack(l, l->in + c * l->pitch, (Pair *)l->out);
    RunBackward(l, l->out, l->in + c * l->pitch);
  }
  Scatter(1, l, l->place, nc, nline, array, l->in);
}

void rho_columns_forward(RhoLines l, PetscInt nline, double *array) {
  for (PetscInt c = 0; c < nline; c += BLOCK, array += BLOCK * l->unit) {
    int nc = (int)PetscMin(BLOCK, nline - c);
    if (l->unit == 2) ComplexColumns(l, nc, nline, array, false);
    else RealForward(l, nc, nline, array);
  }
}

void rho_columns_backward(RhoLines l, PetscInt nline, double *array) {
  for (PetscInt c = 0; c < nline; c += BLOCK, array += BLOCK * l->unit) {
    int nc = (int)PetscMin(BLOCK, nline - c);
    if (l->unit == 2) ComplexColumns(l, nc, nline, array, true);
    else RealBackward(l, nc, nline, array);
  }
}
