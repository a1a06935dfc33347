/* ref_cahn_hilliard.c - F = M lap(phi^3 - phi - kappa lap phi) on an n x n periodic box in one fused sweep.

   Tiles of columns, so narrow that three rows of phi and two of mu lie in the first cache.  A row of phi is fetched
   from memory once, into a ring of four rows with its periodic images.  Then one loop makes mu of row j + 1, with it
   F of row j, and puts the new mu where mu of row j - 1 was.  Vectors of eight cells; their left and right neighbours
   are shifted together from vectors that are in registers.  With w = M/h^2, k = kappa/h^2, kept is

     w mu = phi (w phi^2 + w (4 k - 1)) - w k (sum of the four neighbours)

   so that F is the sum of four neighbours less four times itself.

   Traffic out of the cache: 8 bytes read and 8 written for each cell.  There F is written past the cache and rows are
   asked for one ahead, which processors do not do of themselves with as many streams as here. */
#include "ref.h"
#include <string.h>
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#include <immintrin.h>
#define HAVE_STREAM 1
#endif

typedef double Cells __attribute__((vector_size(64)));
typedef long Places __attribute__((vector_size(64)));

typedef struct {
  const double *low, *row, *high, *mu; /* rows j, j + 1, j + 2 of phi; row j of mu */
  double *old, *F;                     /* mu of row j - 1, becomes that of j + 1; row j */
  const double *ahead;                 /* a row of phi to be asked for */
  double w, wk, c;
} Row;

#define AT(a, i) (*(const Cells *)((a) + (i)))
#define STORE(a, x) *(Cells *)(a) = (x)
#define STREAM(a, x) _mm512_stream_pd(a, (__m512d)(x))

/* Cells 0 to n - 1; rows have eight more cells on either side, of which one counts. */
/* clang-format off */
#define SWEEP(WRITE)                                                                                                   \
  {                                                                                                                    \
    const Places left = {7, 8, 9, 10, 11, 12, 13, 14}, right = {1, 2, 3, 4, 5, 6, 7, 8};                               \
    const double *low = r->low, *row = r->row, *high = r->high, *mu = r->mu, *ahead = r->ahead;                        \
    const double w = r->w, wk = r->wk, c = r->c;                                                                       \
    double *old = r->old, *F = r->F;                                                                                   \
    Cells before = AT(row, -8), here = AT(row, 0), mu_before = {0}, mu_here = AT(mu, 0);                               \
    mu_before[7] = mu[-1]; /* written alone a moment ago: to be had as part of a vector only later */                  \
    for (long i = 0; i < n; i += 8) {                                                                                  \
      __builtin_prefetch(ahead + i);                                                                                   \
      Cells after = AT(row, i + 8), mu_after = AT(mu, i + 8);                                                          \
      Cells sides = __builtin_shuffle(before, here, left) + __builtin_shuffle(here, after, right);                     \
      Cells made = here * (w * (here * here) + c) - wk * (sides + (AT(low, i) + AT(high, i)));                         \
      Cells mu_sides = __builtin_shuffle(mu_before, mu_here, left) + __builtin_shuffle(mu_here, mu_after, right);      \
      Cells result = mu_sides + (AT(old, i) + made) - 4 * mu_here;                                                     \
      STORE(old + i, made);                                                                                            \
      WRITE(F + i, result);                                                                                            \
      before = here;                                                                                                   \
      here = after;                                                                                                    \
      mu_before = mu_here;                                                                                             \
      mu_here = mu_after;                                                                                              \
    }                                                                                                                  \
  }

REF_LEVELS static void Sweep(long n, const Row *r) SWEEP(STORE)

#ifdef HAVE_STREAM
__attribute__((target("avx512f"))) static void SweepPast(long n, const Row *r) SWEEP(STREAM)
#else
#define SweepPast Sweep
#endif
    /* clang-format on */

    /* more than the last cache is likely to hold? */
    static int PastCache(long n) {
#ifdef HAVE_STREAM
  return n * n * 16 > 32l << 20 && __builtin_cpu_supports("avx512f");
#else
  return 0 * (int)n;
#endif
}

/* mu of a cell beside the tile */
static double One(const Row *r, long i) {
  double x = r->row[i];
  return x * (r->w * (x * x) + r->c) - r->wk * ((r->row[i - 1] + r->row[i + 1]) + (r->low[i] + r->high[i]));
}

static long Wrap(long i, long n) { return i < 0 ? i + n : i < n ? i : i - n; }

/* Cells x0 to x0 + m - 1 of a row and two more on either side. */
static void Fetch(long n, long x0, long m, const double *from, double *to) {
  long left = Wrap(x0 - 2, n), right = Wrap(x0 + m, n);
  memcpy(to, from + x0, (size_t)m * sizeof *to);
  to[-2] = from[left];
  to[-1] = from[left + 1];
  to[m] = from[right];
  to[m + 1] = from[right + 1];
}

void RefCahnHilliard(long n, double M, double kappa, double h, const double *phi, double *F, double *ring) {
  const double k = kappa / (h * h), w = M / (h * h);
  const long s = REF_TILE + 16;
  double *mu = ring + 8, *unused = ring + 2 * s + 8, *row = ring + 3 * s + 8;
  int past = PastCache(n);
  for (long x0 = 0; x0 < n; x0 += REF_TILE) {
    long m = n - x0 < REF_TILE ? n - x0 : REF_TILE;
    for (long j = -4; j < n; j++) {
      Fetch(n, x0, m, phi + Wrap(j + 2, n) * n, row + (j + 6) % 4 * s);
      if (j < -2) continue;
      Row r = {.low = row + (j + 4) % 4 * s, .row = row + (j + 5) % 4 * s, .high = row + (j + 6) % 4 * s};
      r.mu = mu + (j + 3) % 2 * s;
      r.old = mu + (j + 2) % 2 * s;
      r.F = j < 0 ? unused : F + j * n + x0;
      r.ahead = phi + Wrap(j + 3, n) * n + x0;
      r.w = w, r.wk = w * k, r.c = w * (4 * k - 1);
      if (past) SweepPast(m, &r);
      else Sweep(m, &r);
      r.old[-1] = One(&r, -1);
      r.old[m] = One(&r, m);
    }
  }
}
