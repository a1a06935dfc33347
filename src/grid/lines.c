/* lines.c - 1-D transforms along the lines of an array.

   FFTW transforms complex lines; real ones become n/2 + 1 complex numbers V_k through half as many complex cells
   (split.c), by FFTW's r2c where n is odd or larger than LONG.  The two kinds of real entries are made from V_k, faster
   than by FFTW's own r2r plans:

     halfcomplex   y_k = Re V_k,  y_{n-k} = -Im V_k

     cosines       y_k = 2 sum_j x_j cos(pi k (j + 1/2)/n), by Makhoul (1980): V is the transform of x_0 x_2 x_4 ... x_5
                   x_3 x_1,  and  y_k - i y_{n-k} = 2 exp(-i pi k/2n) V_k

   Both are  y_k = f (c_k Re V_k + s_k Im V_k),  y_{n-k} = f (s_k Re V_k - c_k Im V_k)  with  c_k + i s_k = exp(i pi
   k/2n) or 1,  f = 2 or 1;  backward is the same without f.

   Columns are brought into a buffer of BLOCK contiguous lines and back: reading BLOCK neighbouring columns uses whole
   cache lines, and the buffer's pitch keeps them from falling on each other in the cache.  FFTW's estimated plans for
   arrays of several dimensions walk the columns one by one, which takes several times as long where the number of
   columns is a power of two.  Short complex columns, n <= SHORT, stay beside each other in the buffer: pieces of rows
   are copied and FFTW transforms with a stride of BLOCK.

   The bits of a transformed line depend on nothing but the line: not on where it stands or on how many ranks share the
   array.  So there is one plan for all lines, and for complex lines, which go in blocks, unused ones are set to 0.

   Short rows go in groups of GROUP, since a call of FFTW takes as long as 50 cells; missing ones of the last group are
   set to 0.

   Measured plans promise no bits, and where complex columns as a whole lie in the second cache they are transformed
   where they stand, all by one plan: FFTW's choice is then faster than the buffer. */
#include "lines.h"
#include "rhoflux/base.h"
#include "split.h"
#include <fftw3.h>
#include <string.h>

enum { BLOCK = 16, PAD = 8, UNROLL = 4, SHORT = 128, GROUP = 8, LONG = 8192, NEAR = 1 << 20 };

typedef struct {
  double re, im;
} Pair;

struct RhoLines_s {
  RhoLineKind kind;
  int n, unit;      /* cells; doubles per element of a column */
  int pitch;        /* doubles from line to line of a buffer */
  int group;        /* lines of one call: of columns with complex cells BLOCK */
  double *in, *out; /* [BLOCK][pitch] for columns; rows: group lines without gaps */
  double factor;    /* f */
  Pair *turn;       /* [n/2 + 1]: c_k, s_k */
  int *place;       /* [n]: where cell i stands in the line that is transformed */
  PetscInt nline;   /* columns */
  bool direct;      /* the plans are those of all columns in place */
  RhoSplit split;   /* of real lines, n even: the plans are complex ones of n/2 */
  fftw_plan forward, backward;
};

/* ---- set-up ---- */

static bool IsShort(const RhoLines l) { return l->kind == RHO_LINE_FULL && l->n <= SHORT; }

static void MakeDirect(RhoLines l, unsigned flags) {
  int n = (int)l->nline;
  fftw_complex *all = fftw_alloc_complex((size_t)(l->n * l->nline));
  if (!all) return;
  l->forward = fftw_plan_many_dft(1, &l->n, n, all, NULL, n, 1, all, NULL, n, 1, FFTW_FORWARD, flags);
  l->backward = fftw_plan_many_dft(1, &l->n, n, all, NULL, n, 1, all, NULL, n, 1, FFTW_BACKWARD, flags);
  fftw_free(all);
}

/* Forward keeps its input, which may be the caller's own. */
static void MakePlans(RhoLines l, unsigned flags) {
  fftw_complex *in = (fftw_complex *)l->in, *out = (fftw_complex *)l->out;
  unsigned there = flags | FFTW_PRESERVE_INPUT, back = flags | FFTW_DESTROY_INPUT;
  int stride = IsShort(l) ? BLOCK : 1, step = IsShort(l) ? 1 : l->pitch / 2, m = l->split.m, g = l->group;
  if (l->direct) {
    MakeDirect(l, flags);
  } else if (l->split.m) {
    l->forward = fftw_plan_many_dft(1, &m, g, in, NULL, 1, m, out, NULL, 1, m + 1, FFTW_FORWARD, there);
    l->backward = fftw_plan_many_dft(1, &m, g, out, NULL, 1, m + 1, in, NULL, 1, m, FFTW_BACKWARD, back);
  } else if (l->kind == RHO_LINE_FULL) {
    l->forward =
        fftw_plan_many_dft(1, &l->n, BLOCK, in, NULL, stride, step, out, NULL, stride, step, FFTW_FORWARD, there);
    l->backward =
        fftw_plan_many_dft(1, &l->n, BLOCK, out, NULL, stride, step, in, NULL, stride, step, FFTW_BACKWARD, back);
  } else {
    l->forward = fftw_plan_many_dft_r2c(1, &l->n, g, l->in, NULL, 1, l->n, out, NULL, 1, l->n / 2 + 1, there);
    l->backward = fftw_plan_many_dft_c2r(1, &l->n, g, out, NULL, 1, l->n / 2 + 1, l->in, NULL, 1, l->n, back);
  }
}

static void SetTables(RhoLines l) {
  if (l->split.m) rho_split_set(&l->split);
  bool cosine = l->kind == RHO_LINE_COSINE;
  l->factor = cosine ? 2 : 1;
  for (int k = 0; k <= l->n / 2; k++) {
    PetscReal angle = cosine ? PETSC_PI * k / (2.0 * l->n) : 0;
    l->turn[k] = (Pair){PetscCosReal(angle), PetscSinReal(angle)};
  }
  for (int i = 0; i < l->n; i++) l->place[i] = !cosine ? i : i % 2 == 0 ? i / 2 : l->n - 1 - i / 2;
}

static bool IsDirect(const RhoLines l, unsigned flags) {
  bool near = (double)l->n * (double)l->nline * sizeof(fftw_complex) <= NEAR;
  return l->kind == RHO_LINE_FULL && !(flags & FFTW_ESTIMATE) && l->nline > 0 && near;
}

/* group: of rows; 0: columns */
static PetscErrorCode Create(RhoLineKind kind, PetscInt n, PetscInt nline, int group, unsigned flags, RhoLines *lines) {
  RhoLines l;
  int unit = kind == RHO_LINE_FULL ? 2 : 1, nbuffer = group ? group : BLOCK;
  PetscFunctionBeginUser;
  PetscCall(PetscNew(&l));
  l->kind = kind;
  l->nline = nline;
  l->group = group ? group : 1;
  l->n = (int)n;
  l->unit = unit;
  l->pitch = 2 * ((int)n * unit / 2 + 1) + PAD;
  PetscCall(PetscMalloc2(n / 2 + 1, &l->turn, n, &l->place));
  l->in = fftw_alloc_real((size_t)(nbuffer * l->pitch));
  l->out = fftw_alloc_real((size_t)(nbuffer * l->pitch));
  PetscCheck(l->in && l->out, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for lines of %d cells", l->n);
  l->direct = IsDirect(l, flags);
  l->split.m = l->kind != RHO_LINE_FULL && n % 2 == 0 && n <= LONG ? (int)n / 2 : 0;
  PetscCall(PetscMalloc2(rho_split_room(l->split.m), &l->split.real, rho_split_room(l->split.m), &l->split.turned));
  MakePlans(l, flags);
  PetscCheck(rho_lines_planned(l) || flags & FFTW_WISDOM_ONLY, PETSC_COMM_SELF, PETSC_ERR_LIB,
             "FFTW has no plan for lines of %d cells", l->n);
  SetTables(l);
  *lines = l;
  PetscFunctionReturn(0);
}

PetscErrorCode rho_rows_create(RhoLineKind kind, PetscInt n, PetscInt nrow, unsigned flags, RhoLines *lines) {
  return Create(kind, n, 0, nrow >= GROUP && n <= 2 * SHORT ? GROUP : 1, flags, lines);
}

PetscErrorCode rho_columns_create(RhoLineKind kind, PetscInt n, PetscInt nline, unsigned flags, RhoLines *lines) {
  return Create(kind, n, nline, 0, flags, lines);
}

bool rho_lines_planned(RhoLines l) { return l->forward && l->backward; }

PetscErrorCode rho_lines_destroy(RhoLines *lines) {
  RhoLines l = *lines;
  PetscFunctionBeginUser;
  if (!l) PetscFunctionReturn(0);
  fftw_destroy_plan(l->forward);
  fftw_destroy_plan(l->backward);
  fftw_free(l->in);
  fftw_free(l->out);
  PetscCall(PetscFree2(l->turn, l->place));
  PetscCall(PetscFree2(l->split.real, l->split.turned));
  PetscCall(PetscFree(*lines));
  PetscFunctionReturn(0);
}

/* ---- one line ---- */

/* Doubles of n/2 + 1 complex numbers. */
static PetscInt Half(const RhoLines l) { return 2 * (l->n / 2 + 1); }

/* One line, or a group of them without gaps. */
static void RunForward(const RhoLines l, const double *cells, double *entries) {
  if (l->split.m) {
    fftw_execute_dft(l->forward, (fftw_complex *)cells, (fftw_complex *)entries);
    for (int g = 0; g < l->group; g++) rho_split_forward(&l->split, entries + g * (l->n + 2));
  } else fftw_execute_dft_r2c(l->forward, (double *)cells, (fftw_complex *)entries);
}

/* times the scale */
static void RunBackward(const RhoLines l, double scale, double *entries, double *cells) {
  if (l->split.m) {
    for (int g = 0; g < l->group; g++) rho_split_backward(&l->split, scale, entries + g * (l->n + 2));
    fftw_execute_dft(l->backward, (fftw_complex *)entries, (fftw_complex *)cells);
  } else {
    for (PetscInt k = 0; k < l->group * Half(l) && scale != 1; k++) entries[k] *= scale;
    fftw_execute_dft_c2r(l->backward, (fftw_complex *)entries, cells);
  }
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

PetscInt rho_rows_group(RhoLines l) { return l->group; }

PetscInt rho_rows_entries(RhoLines l) { return l->kind == RHO_LINE_HALF ? 2 * (l->n / 2 + 1) : l->n; }

/* Where a row stands, if the plan can work there; else the buffer. */
static double *Fitting(const double *row, double *buffer) {
  bool fits = fftw_alignment_of((double *)row) == fftw_alignment_of(buffer);
  return fits ? (double *)row : buffer;
}

static void Fetch(const RhoLines l, const double *restrict cells, PetscInt stride, double *restrict in) {
  if (l->kind == RHO_LINE_COSINE)
    for (int i = 0; i < l->n; i++) in[l->place[i]] = cells[i * stride];
  else
    for (int i = 0; i < l->n; i++) in[i] = cells[i * stride];
}

static void Store(const RhoLines l, const double *restrict in, double *restrict cells, PetscInt stride) {
  if (l->kind == RHO_LINE_COSINE)
    for (int i = 0; i < l->n; i++) cells[i * stride] = in[l->place[i]];
  else
    for (int i = 0; i < l->n; i++) cells[i * stride] = in[i];
}

/* Can a group be transformed from or to where its cells stand? */
static bool AsIs(const RhoLines l, int nr, PetscInt stride) {
  return nr == l->group && stride == 1 && l->kind != RHO_LINE_COSINE;
}

/* Lines that are missing in the last group. */
static void Clear(double *lines, PetscInt length, int from, int to) {
  if (from < to) memset(lines + from * length, 0, sizeof(double) * (size_t)((to - from) * length));
}

/* nr rows, a group or what is left of the last one. */
static void RowsForward(const RhoLines l, int nr, const double *cells, PetscInt stride, double *entries) {
  bool half = l->kind == RHO_LINE_HALF;
  double *in = AsIs(l, nr, stride) ? Fitting(cells, l->in) : l->in;
  double *out = half && nr == l->group ? Fitting(entries, l->out) : l->out;
  if (in == l->in) {
    for (int r = 0; r < nr; r++) Fetch(l, cells + r * l->n * stride, stride, in + r * l->n);
    Clear(in, l->n, nr, l->group);
  }
  RunForward(l, in, out);
  for (int r = 0; r < nr && !half; r++) Turn(l, (const Pair *)(out + r * Half(l)), entries + r * l->n);
  if (half && out == l->out) memcpy(entries, out, sizeof(double) * (size_t)(nr * Half(l)));
}

static void RowsBackward(const RhoLines l, int nr, double scale, double *entries, double *cells, PetscInt stride) {
  bool half = l->kind == RHO_LINE_HALF;
  double *in = AsIs(l, nr, stride) ? Fitting(cells, l->in) : l->in;
  double *out = half && nr == l->group ? Fitting(entries, l->out) : l->out;
  for (int r = 0; r < nr && !half; r++) TurnBack(l, entries + r * l->n, (Pair *)(out + r * Half(l)));
  if (half && out == l->out) memcpy(out, entries, sizeof(double) * (size_t)(nr * Half(l)));
  if (out == l->out) Clear(out, Half(l), nr, l->group);
  RunBackward(l, scale, out, in);
  for (int r = 0; r < nr && in == l->in; r++) Store(l, in + r * l->n, cells + r * l->n * stride, stride);
}

void rho_rows_forward(RhoLines l, PetscInt first, PetscInt nrow, int nfield, const double *cells, PetscInt stride,
                      double *const *entries) {
  PetscInt nentry = rho_rows_entries(l);
  for (PetscInt r = 0; r < nrow; r += l->group)
    for (int f = 0; f < nfield; f++) {
      int nr = (int)PetscMin(l->group, nrow - r);
      RowsForward(l, nr, cells + r * l->n * stride + f, stride, entries[f] + (first + r) * nentry);
    }
}

void rho_rows_backward(RhoLines l, PetscInt first, PetscInt nrow, int nfield, double scale, double *const *entries,
                       double *cells, PetscInt stride) {
  PetscInt nentry = rho_rows_entries(l);
  for (PetscInt r = 0; r < nrow; r += l->group)
    for (int f = 0; f < nfield; f++) {
      int nr = (int)PetscMin(l->group, nrow - r);
      RowsBackward(l, nr, scale, entries[f] + (first + r) * nentry, cells + r * l->n * stride + f, stride);
    }
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

/* Short columns: a piece of nc complex numbers of each row to b[i*BLOCK ..] and back. */
static inline __attribute__((always_inline)) void GatherPieces(int n, int nc, PetscInt nline, const double *restrict a,
                                                               double *restrict b) {
  for (int i = 0; i < n; i++)
    for (int u = 0; u < 2 * nc; u++) b[i * 2 * BLOCK + u] = a[i * 2 * nline + u];
}

/* Whole pieces, some moves of vectors each. */
RHO_VECTOR_LEVELS static void GatherWhole(int n, PetscInt nline, const double *restrict a, double *restrict b) {
  GatherPieces(n, BLOCK, nline, a, b);
}

RHO_VECTOR_LEVELS static void ScatterWhole(int n, PetscInt nline, double *restrict a, const double *restrict b) {
  for (int i = 0; i < n; i++)
    for (int u = 0; u < 2 * BLOCK; u++) a[i * 2 * nline + u] = b[i * 2 * BLOCK + u];
}

static void ScatterPieces(int n, int nc, PetscInt nline, double *restrict a, const double *restrict b) {
  for (int i = 0; i < n; i++) memcpy(a + i * 2 * nline, b + i * 2 * BLOCK, sizeof(fftw_complex) * (size_t)nc);
}

static void ShortColumns(const RhoLines l, int nc, PetscInt nline, double *array, bool back) {
  double *from = back ? l->out : l->in, *to = back ? l->in : l->out;
  if (nc < BLOCK) memset(from, 0, sizeof(fftw_complex) * BLOCK * (size_t)l->n);
  if (nc < BLOCK) GatherPieces(l->n, nc, nline, array, from);
  else GatherWhole(l->n, nline, array, from);
  fftw_execute(back ? l->backward : l->forward);
  if (nc < BLOCK) ScatterPieces(l->n, nc, nline, array, to);
  else ScatterWhole(l->n, nline, array, to);
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
    RunBackward(l, 1, l->out, l->in + c * l->pitch);
  }
  Scatter(1, l, l->place, nc, nline, array, l->in);
}

static void Columns(const RhoLines l, double *array, bool back) {
  for (PetscInt c = 0; c < l->nline; c += BLOCK, array += BLOCK * l->unit) {
    int nc = (int)PetscMin(BLOCK, l->nline - c);
    if (IsShort(l)) ShortColumns(l, nc, l->nline, array, back);
    else if (l->unit == 2) ComplexColumns(l, nc, l->nline, array, back);
    else if (back) RealBackward(l, nc, l->nline, array);
    else RealForward(l, nc, l->nline, array);
  }
}

static void DirectColumns(fftw_plan plan, double *array) {
  fftw_execute_dft(plan, (fftw_complex *)array, (fftw_complex *)array);
}

void rho_columns_forward(RhoLines l, double *array) {
  if (l->direct) DirectColumns(l->forward, array);
  else Columns(l, array, false);
}

void rho_columns_backward(RhoLines l, double *array) {
  if (l->direct) DirectColumns(l->backward, array);
  else Columns(l, array, true);
}
