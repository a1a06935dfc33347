/* fluctuations.h - small fluctuations about a uniform state: covariances and entropy production, mode by mode.
   Layer uniform (uses ops; LAPACK).  Theory: src/README.md, "Small fluctuations".

   Linearised, d_t x = A(q) x + noise, <noise noise*> = Q(q) delta(t - t'): A the symbol, Q_ij = sum over white noises
   of (sum_d s_d g_ik g_jk + h_ik h_jk), g amplitudes of fluxes, h of reactions, s_d the square of the wavenumber.  The
   stationary covariance S = <x x*>/V, for a system size of 1, and the rate of entropy production of the mode, which
   does not depend on the system size, are

     A S + S A* + Q = 0,     sigma = tr(2 Q^-1 A S A*) + Re tr A = 0 iff Q^-1 A is Hermitian.

   Dinelli et al. 2023, Sec. "Fluctuations": with Q = 2 q^2 diag(N), q and -q counted both, its sum over q is theirs. */
#ifndef RHOFLUX_FLUCTUATIONS_H
#define RHOFLUX_FLUCTUATIONS_H
#include "rhoflux/ops.h"

/* dim, value, state, n, q, spacing as for RhoDispersion (uniform.h).
     S [out]      [n][nfield][nfield], or NULL; NaN where the state is not stable
     sigma [out]  [n], or NULL; NaN as well, and where Q is singular                              [1/time]
   RHO_INPUT: as RhoDispersion, and a model without noise, or amplitudes that depend on a coordinate. */
RhoStatus RhoStructureFactors(RhoEquations eq, int dim, const double *value, const double *state, int n,
                              const double *const *q, const double *spacing, double complex *S, double *sigma);

/* What a time makes of the covariances `start` of a state that need not be stable: d_t S = A S + S A* + Q, S(0) = start
   ([n][nfield][nfield], of a system size of 1 like S; NULL: none).  Independent particles of density rho have start =
   rho on the diagonal.  S [out] [n][nfield][nfield].  Round-off as long as |A| time is moderate; S grows without bound
   where a wave does, and linear theory with it.  RHO_INPUT: as above. */
RhoStatus RhoStructureFactorsGrown(RhoEquations eq, int dim, const double *value, const double *state, int n,
                                   const double *const *q, const double *spacing, double time,
                                   const double complex *start, double complex *S);

/* Entropy production per volume of an infinite system in dim dimensions of space, where it depends on |q| alone:
     int sigma(q) d^dim q/(2 pi)^dim  over |q| <= top;  top INFINITY: all q, *density INFINITY where that diverges.
   Relative error about 1e-12. */
RhoStatus RhoEntropyProduction(RhoEquations eq, int dim, const double *value, const double *state, double top,
                               double *density);

#endif
