/* ref.h - hand-written kernels beside which the benchmarks measure: one fused loop each, with the flags of the
   program's own loops (src/expr/CMakeLists.txt) and the same vector forms of exp, log and tanh.  n is the number of
   points; arrays are contiguous and do not overlap. */
#ifndef RHO_TESTS_BENCH_REF_H
#define RHO_TESTS_BENCH_REF_H
#include <math.h>

#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__)
#define REF_LEVELS __attribute__((target_clones("avx512f", "avx2", "default")))
#ifdef RHO_HAVE_LIBMVEC
double exp(double x) __attribute__((simd("notinbranch")));
double log(double x) __attribute__((simd("notinbranch")));
double tanh(double x) __attribute__((simd("notinbranch")));
#endif
#else
#define REF_LEVELS
#endif

/* STREAM's triad: out = a + s b. */
void RefTriad(long n, double s, const double *restrict a, const double *restrict b, double *restrict out);

/* mu = phi^3 - phi - m. */
void RefQuartic(long n, double m, const double *restrict phi, double *restrict mu);

/* v = v0 exp(k1 tanh((r - a)/w) + k2 tanh((s - b)/w)), logrho = log(rho); number[] = v0, k1, k2, a, b, w. */
void RefQuorum(long n, const double *number, const double *restrict r, const double *restrict s,
               const double *restrict rho, double *restrict v, double *restrict logrho);

/* mu_A = T_A (log c_A + B_A c_A) + T B_AB c_B, mu_B likewise; number[] = T_A, T_B, B_A, B_B, T B_AB. */
void RefTwoTemperature(long n, const double *number, const double *restrict ca, const double *restrict cb,
                       double *restrict mua, double *restrict mub);

/* F = M lap(phi^3 - phi - kappa lap phi), n x n cells, periodic, spacing h, one fused sweep.  n is a multiple of 8;
   phi, F and ring[REF_RING], a workspace, are aligned to 64 bytes. */
enum { REF_TILE = 1024, REF_RING = 7 * (REF_TILE + 16) };
void RefCahnHilliard(long n, double M, double kappa, double h, const double *phi, double *F, double *ring);

/* Two species of quorum sensors with fitted fluxes, n x n cells, periodic, spacing h: number[] = k_self, k_ab, k_ba; R,
   S the sensed densities, rho and F interleaved, room[9 (n + 8)] a workspace. */
void RefQuorumFlux(long n, double h, const double *number, const double *R, const double *S, const double *rho,
                   double *F, double *room);

#endif
