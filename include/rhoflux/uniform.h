/* uniform.h - homogeneous states: growth rates of waves, and the checks a model file carries.
   Layer uniform (uses ops; LAPACK).  Theory: src/README.md, "Uniform states".

   About a uniform state u, waves exp(iq.r) grow as exp(lambda t), lambda the eigenvalues of the symbol A(q) (ops.h). */
#ifndef RHOFLUX_UNIFORM_H
#define RHOFLUX_UNIFORM_H
#include "rhoflux/ops.h"

/* The modes of n wavevectors.
     dim [in]         of the mesh; 0: the model's
     value [in]       [nuniform] from RhoEquationsBind
     state [in]       [nfield]
     q [in]           q[d][n] for the named dimensions, q[RHO_MAXDIM]; NULL: zero
     spacing [in]     [RHO_MAXDIM] or NULL.  spacing[d] > 0: the waves of a grid, else of the continuum
     eigenvalue [out] [n][nfield], by descending real part, then descending imaginary part       [1/time]
     vector [out]     NULL or [n][nfield][nfield]: vector[w][k][i] is field i in mode k; norm 1, the component largest
                      in modulus real and positive
   NaN at waves where the symbol is not finite.  RHO_INPUT when a coefficient depends on a coordinate, or a kernel has
   no transform. */
RhoStatus RhoDispersion(RhoEquations eq, int dim, const double *value, const double *state, int n,
                        const double *const *q, const double *spacing, double complex *eigenvalue,
                        double complex *vector);

/* The eigenvalues (and right eigenvectors) of one matrix A[n][n], ordered and normalised like those of RhoDispersion.
   A is destroyed.  RHO_INPUT: A is not finite, or LAPACK did not converge; the output is NaN then. */
RhoStatus RhoEigenvalues(int n, double complex *A, double complex *eigenvalue, double complex *vector);

/* Do the growth rates about a uniform state stay below a bound as waves get shorter? */
typedef struct {
  bool bounded;
  int direction; /* else a dimension along which they rise as q^order */
  double order;
} RhoShortWaves;

/* dim, value, state as for RhoDispersion; waves along each of the first ndimension dimensions.  place[RHO_MAXDIM]:
   where coefficients that depend on coordinates are frozen; NULL: RHO_INPUT for those.  Rates that can not be told from
   rounding errors count as bounded, kernels given in r as smooth (short_waves.c). */
RhoStatus RhoShortWavesTest(RhoEquations eq, int dim, int ndimension, const double *value, const double *state,
                            const double *place, RhoShortWaves *out);

/* What came of one entry of `checks:`. */
typedef struct {
  const RhoCheck *check;
  bool passed;
  const char *what;                       /* "mu[c_A] at c_A = 0.1, c_B = 0.2" */
  int nvalue;                             /* value: 1, growth: as many as the file gives, otherwise 0 */
  const double *found, *expected;         /* [nvalue] */
  double error;                           /* largest |found - expected|/max(1, |expected|) */
  const char *found_word, *expected_word; /* reciprocal, conserved: "functional" */
  const char *reason;                     /* why it could not be evaluated, "" */
} RhoCheckOutcome;

/* Valid during the call. */
typedef void (*RhoCheckFn)(const RhoCheckOutcome *outcome, void *ctx);

/* Runs the model's own checks in the order of the file, each with its own parameter values; *nfailed counts.  What can
   not be evaluated has failed.  dim: for models and checks that do not say theirs (0: 1). */
RhoStatus RhoChecksRun(RhoEquations eq, int dim, RhoCheckFn report, void *ctx, int *nfailed);

#endif
