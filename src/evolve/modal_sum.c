/* modal_sum.c - see modal_sum.h.

   A chunk of modes at a time goes through all that is to be done, and what stands between the steps stays in registers:
   each array is read and written once, all of them side by side.  Chunks are whole, since all arrays have room for it;
   what stands behind the modes has weight, tables and A zero. */
#include "modal_sum.h"
#include "modal_solve.h"
#include <stdbool.h>

#define INLINE static inline __attribute__((always_inline))
enum { CHUNK = RHO_MODE_CHUNK, LANES = 8, MOST = 2 * CHUNK / LANES };

typedef double Eight __attribute__((vector_size(64)));
typedef double Any __attribute__((vector_size(64), aligned(8), may_alias));
typedef double AnyFour __attribute__((vector_size(32), aligned(8), may_alias));

_Static_assert(CHUNK % LANES == 0, "chunks are whole vectors");

/* ---- one chunk, of w numbers for each mode, w*CHUNK/LANES vectors ---- */

/* The numbers of a table that vector v of an array is multiplied by. */
#define TABLE(w, a, v)                                                                                                 \
  ((w) == 1 ? (Eight) * (const Any *)((a) + LANES * (v))                                                               \
            : __builtin_shufflevector(*(const AnyFour *)((a) + LANES / 2 * (v)),                                       \
                                      *(const AnyFour *)((a) + LANES / 2 * (v)), 0, 0, 1, 1, 2, 2, 3, 3))
#define EACH(v, w) _Pragma("GCC unroll 8") for (int v = 0; v < (w)*CHUNK / LANES; v++)

INLINE void Load(int w, const double *x, Eight *to) { EACH(v, w) to[v] = *(const Any *)(x + LANES * v); }

INLINE void Store(int w, const Eight *from, double *x) {
  EACH(v, w) {
    Any *to = (Any *)(x + LANES * v);
    *to = from[v];
  }
}

INLINE void Combine(int w, const RhoModalPart *part, PetscInt at, Eight *sum) {
  const double *first = part->x[0] + at;
  EACH(v, w) sum[v] = part->c[0] * *(const Any *)(first + LANES * v);
  for (int s = 1; s < part->nsource; s++) {
    const double *x = part->x[s] + at, c = part->c[s];
    EACH(v, w) sum[v] += c * *(const Any *)(x + LANES * v);
  }
}

/* out += a x */
INLINE void AddTimes(int w, const double *a, const Eight *x, Eight *out) { EACH(v, w) out[v] += TABLE(w, a, v) * x[v]; }

/* out += i b x */
INLINE void AddTurned(const double *b, const Eight *x, Eight *out) {
  const Eight sign = {-1, 1, -1, 1, -1, 1, -1, 1};
  EACH(v, 2) out[v] += sign * TABLE(2, b, v) * __builtin_shufflevector(x[v], x[v], 1, 0, 3, 2, 5, 4, 7, 6);
}

INLINE void AddPart(int w, int n, const RhoModalPart *part, PetscInt m, Eight (*out)[MOST]) {
  Eight sum[MOST];
  Combine(w, part, w * m, sum);
  for (int i = 0; i < n; i++) {
    bool own = i == part->field;
    if (part->plane) {
      PetscReal *const *plane = part->plane + (i * n + part->field) * part->parts;
      AddTimes(w, plane[0] + m, sum, out[i]);
      if (w == 2 && part->parts == 2) AddTurned(plane[1] + m, sum, out[i]);
    } else if (own && part->factor) AddTimes(w, part->factor + m, sum, out[i]);
    else if (own) EACH(v, w) out[i][v] += sum[v];
  }
}

INLINE void SolveOne(int w, double shift, const double *A, Eight *x) { EACH(v, w) x[v] /= shift - TABLE(w, A, v); }

INLINE void SolveTwo(int w, double shift, PetscInt pitch, const double *A, Eight *x, Eight *y) {
  EACH(v, w) {
    Eight a = shift - TABLE(w, A, v), b = -TABLE(w, A + pitch, v), c = -TABLE(w, A + 2 * pitch, v);
    Eight d = shift - TABLE(w, A + 3 * pitch, v), inverse = 1 / (a * d - b * c), p = x[v], q = y[v];
    x[v] = inverse * (d * p - b * q);
    y[v] = inverse * (a * q - c * p);
  }
}

INLINE void Solve(int w, int n, const RhoModalRun *run, PetscInt m, Eight (*out)[MOST]) {
  const double *A = run->A + m;
  if (n == 1 && !run->B) SolveOne(w, run->shift, A, out[0]);
  else if (n == 2 && !run->B) SolveTwo(w, run->shift, run->pitch, A, out[0], out[1]);
  else {
    double x[RHO_MODAL_FIELDS][2 * CHUNK];
    for (int i = 0; i < n; i++) Store(w, out[i], x[i]);
    rho_modal_solve(CHUNK, w, n, run->shift, run->pitch, A, run->B ? run->B + m : NULL, 2 * CHUNK, x[0]);
    for (int i = 0; i < n; i++) Load(w, x[i], out[i]);
  }
}

INLINE void Chunk(int w, int n, const RhoModalRun *run, PetscInt m, Eight *square) {
  Eight out[RHO_MODAL_FIELDS][MOST];
  for (int i = 0; i < n; i++) {
    if (run->onto) Load(w, run->out[i] + w * m, out[i]);
    else EACH(v, w) out[i][v] = (Eight){0};
  }
  for (int p = 0; p < run->npart; p++) AddPart(w, n, &run->part[p], m, out);
  if (run->shift != 0) Solve(w, n, run, m, out);
  for (int i = 0; i < n; i++) {
    if (run->square) EACH(v, w) square[i] += TABLE(w, run->weight + m, v) * out[i][v] * out[i][v];
    if (run->out) Store(w, out[i], run->out[i] + w * m);
    if (run->copy && run->copy[i]) Store(w, out[i], run->copy[i] + w * m);
  }
}

/* ---- all modes ---- */

/* All chunks, by loops for w numbers, n fields. */
#define CHUNKS(name, w, n)                                                                                             \
  RHO_VECTOR_LEVELS static void name(const RhoModalRun *run, Eight *square) {                                          \
    for (PetscInt m = 0; m < run->nmode; m += CHUNK) Chunk(w, n, run, m, square);                                      \
  }

CHUNKS(OneComplex, 2, 1)
CHUNKS(TwoComplex, 2, 2)
CHUNKS(Complex, 2, (int)run->n)
CHUNKS(Real, 1, (int)run->n)

void rho_modal_run(const RhoModalRun *run) {
  Eight square[RHO_MODAL_FIELDS] = {{0}};
  if (run->width == 1) Real(run, square);
  else if (run->n == 1) OneComplex(run, square);
  else if (run->n == 2) TwoComplex(run, square);
  else Complex(run, square);
  for (PetscInt i = 0; i < run->n && run->square; i++) {
    run->square[i] = 0;
    for (int lane = 0; lane < LANES; lane++) run->square[i] += square[i][lane];
  }
}
