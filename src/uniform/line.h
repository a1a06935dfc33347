/* line.h - the symbol along a line of wavevectors q*direction, for many states; private to the layer. */
#ifndef RHO_UNIFORM_LINE_H
#define RHO_UNIFORM_LINE_H
#include "rhoflux/stability.h"

enum { RHO_LINE_MOST = 12 }; /* fields */

typedef struct {
  RhoEquations eq;
  int dim, n; /* n = nfield */
  double direction[RHO_MAXDIM], spacing[RHO_MAXDIM];
  double top; /* largest q */
  RhoArena arena, hats;
  RhoKernelSeries *series;  /* [nkernel], in hats, for the values `made` */
  double *made;             /* [nuniform] */
  bool *matters, is_made;   /* [nuniform]: a kernel depends on it */
  RhoSymbolProgram program; /* A and two derivatives along the line */
  RhoSymbolProgram plain;   /* A alone */
  RhoWaves one[RHO_SYMBOL_ORDERS];
  RhoTape domain; /* potentials and reactions of the uniform state, [ndomain] */
  int ndomain;
  bool inside;               /* of the domain of all of them: none is NaN */
  bool still[RHO_LINE_MOST]; /* the row of A vanishes at q = 0 whatever the state: the field only moves */
} Line;

/* Which of the uniform values some kernel depends on, [nuniform]; whether those agree. */
bool *rho_kernel_matters(RhoEquations eq, RhoArena arena);
bool rho_kernels_same(RhoEquations eq, const bool *matters, const double *a, const double *b);

/* q's at which A is wanted for many states. */
typedef struct {
  int n;
  const double *q;
  RhoWaves waves;
  double complex *A; /* [n][nfield][nfield] */
} Scan;

/* spacing NULL: the continuum.  To be destroyed in any case.  The line's arena has the caller's guard. */
RhoStatus rho_line_create(RhoEquations eq, int dim, const double *direction, const double *spacing, double top,
                          Line *line);
void rho_line_destroy(Line *line);
void rho_line_turn(Line *line, const double *direction);
/* The uniform state from now on. */
RhoStatus rho_line_bind(Line *line, const double *value, const double *state);
/* A[3][n][n]: A, A', A'' at q. */
RhoStatus rho_line_at(Line *line, double q, double complex *A);
/* scan->n and q are given; room is in the line's arena. */
void rho_line_scan(Line *line, Scan *scan);
/* Fills scan->A for the state; after rho_line_turn and new kernels the waves are set anew. */
RhoStatus rho_line_fill(Line *line, Scan *scan, bool set);

/* ---- modes.c ---- */

/* The eigenvalues of A[n][n] alone, by descending real part. */
RhoStatus rho_rates(int n, const double complex *A, double complex *lambda);
/* All modes of A[0] with derivatives along the line, from A[3][n][n]: rate[k][3].  Where two eigenvalues are equal the
   derivatives are not finite. */
RhoStatus rho_mode_slopes(int n, const double complex *A, double complex (*rate)[3]);
/* M x = b in place, M[n][n], b[n][m]; false when M is singular. */
bool rho_solve(int n, int m, double complex *M, double complex *b);
double complex rho_determinant(int n, const double complex *M);
double rho_norm(int n, const double complex *M);

/* ---- long_waves.c ---- */

/* The modes as q -> 0: lambda(0) of those that nothing conserves, and lambda = i speed q + D q^2 of the others. */
typedef struct {
  int nfast, nslow;
  double complex fast[RHO_LINE_MOST], slow[RHO_LINE_MOST]; /* lambda(0); D; by descending real part */
  double speed[RHO_LINE_MOST];                             /* of slow */
  double complex F[RHO_LINE_MOST * RHO_LINE_MOST], M[RHO_LINE_MOST * RHO_LINE_MOST]; /* of which they are eigenvalues */
  double fast_scale, slow_scale; /* |A(0)|, |A''(0)/2|: what the rates are small against */
} LongWaves;

RhoStatus rho_long_waves(Line *line, LongWaves *out);
#endif
