/* ops.h - a model's equations as a term graph, and its interpretations that need no grid.
   Layer ops (uses model, expr).  Theory: src/README.md, "The term graph".

   The equations are  d_t u_i = -div J_i + R_i + sum_e change_ei r_e,  each J_i a short list of terms.  Linearise first,
   then interpret: RhoGraphDifferential of a node is a node, and every interpretation reads nodes.

   Nodes are made in the arena of the model.  What returns a status or a verdict sets that arena's guard for itself and
   puts back the one before; what returns a node or a number uses the guard of its caller. */
#ifndef RHOFLUX_OPS_H
#define RHOFLUX_OPS_H
#include "rhoflux/model.h"
#include <complex.h>

typedef enum {
  RHO_TERM_GRADIENT, /* J += coef * grad(arg)                                                                       */
  RHO_TERM_FITTED,   /* J += -coef * (T*grad(density) + density*grad(arg)): ideal + excess, exponentially fitted    */
  RHO_TERM_ADVECTIVE /* J += coef along its direction                                                               */
} RhoTermKind;

/* Nodes are scalars of the cell: fields, coordinates, operators.  direction: a named dimension, or -1: every one. */
typedef struct {
  RhoTermKind kind;
  int direction;
  RhoNode coef, arg;
  RhoNode T, density; /* FITTED only; coef is mobility/density */
  RhoPlace place;
  bool logarithm; /* FITTED: the formula has log(density), which the term has not: a negative density leaves its domain
                   */
} RhoTerm;

typedef struct {
  int nterm;
  RhoTerm *term;
  RhoNode source;    /* reaction, without exchanges, with given functions of coordinates differentiated; RHO_NONE */
  RhoNode potential; /* given, or from the free energy; RHO_NONE */
} RhoEquation;

typedef enum { RHO_NOT_VARIATIONAL, RHO_LOCAL, RHO_FUNCTIONAL } RhoVariational;

/* Verdict on "is there a free energy", with how it was reached. */
typedef struct {
  RhoVariational verdict;
  bool applicable;   /* false: some equation has no potential (reason says which)     */
  bool given;        /* the model file gives free_energy                             */
  bool local_proved; /* by algebra; otherwise by sampling                             */
  bool functional_proved;
  int witness[2];   /* fields i, j of the largest asymmetry found; -1                */
  double asymmetry; /* relative, largest over the samples                            */
  int nsample;
  double from, to; /* the window sampled (densities; real fields in [-2, 2])        */
  const char *reason;
} RhoVerdict;

/* Read only for other layers; owned by the model's arena. */
typedef struct RhoEquations_s *RhoEquations;
struct RhoEquations_s {
  RhoModel model;
  RhoGraph graph;
  int nfield;
  RhoEquation *equation;
  int nexchange; /* = model->nexchange; changes are there */
  RhoNode *rate; /* [nexchange] */
  int nconserved;
  double **conserved;   /* [nconserved][nfield]: sum_i w_i u_i changes only through the boundary, and by sources
                           that depend on no field; small integers where possible */
  bool *fed;            /* [nconserved]: there are such sources */
  RhoNode *variation;   /* [nfield]: the symbols v_i of tangents */
  RhoNode *kernel0;     /* [nkernel]: the uniform symbols K^(0) */
  bool uses_coordinate; /* some coefficient of the linearised equations depends on a coordinate: no n x n symbol */
  bool uses_time;
  int nuniform; /* uniform nodes: parameters, dim, t, then kernel0 */
  const RhoNode *uniform;
  struct RhoEquationsPrivate_s *priv;
};

/* Terms, ideal parts, conservation.  RHO_INPUT after reports (a flux not affine in its gradients, ...). */
RhoStatus RhoEquationsCreate(RhoModel model, RhoDiag diag, RhoEquations *equations);

/* All uniform values: RhoModelBind's, then K^(0) of each kernel; value[nuniform]. */
RhoStatus RhoEquationsBind(RhoEquations eq, int dim, int nsetting, const RhoSetting *setting, double *value);

/* Times between from and to, ascending, at which the equations may have a corner or a jump: where what depends on t
   alone, affinely, is compared with something (t < 10, max(t - 5, 0), abs, step, sign).  time[n] in the model's arena.
 */
RhoStatus RhoBreakpoints(RhoEquations eq, const double *value, double from, double to, int *n, const double **time);

/* Uniform fields: operators vanish, conv(K, e) -> K^(0)*e. */
RhoNode RhoHomogeneous(RhoEquations eq, RhoNode node);
/* delta F/delta u_i for the functional int density dr: the operators' adjoints, exact. */
RhoNode RhoVariationalDerivative(RhoEquations eq, RhoNode density, RhoNode field);
/* mu_i = T*log(u_i) + excess with T free of fields; false when there is no such part.  *excess: RHO_NONE, zero. */
bool RhoPotentialSplit(RhoEquations eq, int i, RhoNode *T, RhoNode *excess);
/* mu_i of uniform fields; RHO_NONE without potential. */
RhoNode RhoLocalPotential(RhoEquations eq, int i);
/* d mu_i/d u_j of uniform fields; RHO_NONE when zero. */
RhoNode RhoLocalHessian(RhoEquations eq, int i, int j);
/* f of uniform fields with df/du_i = mu_i: given, or by integration of mu along u(s) = s*u (ideal parts in closed form,
   the rest by Gauss-Legendre to round-off); only if RhoVariationalTest says at least LOCAL.  p = sum_i u_i mu_i - f. */
double RhoLocalFreeEnergy(RhoEquations eq, const double *value, const double *state);
double RhoLocalValue(RhoEquations eq, RhoNode homogeneous, const double *value, const double *state);
/* A field that something else moves than mobility and potential, so that a free energy need not fall; -1: there is
 *none. what: "a flux", "a reaction", "an exchange". */
int RhoMovedOtherwise(RhoEquations eq, const char **what);
/* mu[nfield] with J_i = -M_i grad mu_i + g_i xi, M_i = g_i^2/2 the strength of its own noise, for all fields (0: it
   does not move), on meshes of so many dimensions.  false, and *why in words: some field's flux and noise are not so,
   or it changes otherwise. */
bool RhoForcePotentials(RhoEquations eq, int ndimension, const double *value, RhoNode *mu, const char **why);
RhoVerdict RhoVariationalTest(RhoEquations eq, const double *value, double from, double to);

/* ---- many uniform states ----------------------------------------------------------------------------------------- */

/* Local thermodynamics as tapes, in coordinates x in which it is regular down to vanishing densities:
     x_i = log u_i where mu_i = T_i log u_i + excess, else x_i = u_i;
   with a parameter besides, x_n is that parameter.  mu_i(x) is given as a whole; its derivatives are
     N_ij = d mu_i/d x_j,  N1_ij = sum_k e_k d N_ij/d x_k,  N2_ij = sum_k e_k d N1_ij/d x_k,   i < n, j < nx,
   exact.  All by points: x[p][nx], mu[p][n], N[p][n][nx].  At most 7 fields. */
typedef struct RhoLocal_s *RhoLocal;
struct RhoLocal_s {
  int n, nx;         /* fields; coordinates: n, or n + 1 with a parameter */
  bool *logarithmic; /* [n] x_i = log u_i */
  int nhidden; /* densities that are no fields: what logarithms in the potentials are of, as a solvent 1 - a - b */
  const char **hidden; /* [nhidden] the names of definitions, or formulas */
  struct RhoLocalPrivate_s *priv;
};

/* parameter: number of one that varies, with those that are formulas of it, or -1.  Every field has a potential.
   RHO_INPUT: the integral of a kernel depends on the parameter in a way that is no formula; more than 7 fields. */
RhoStatus RhoLocalCreate(RhoEquations eq, int parameter, RhoLocal *local);
void RhoLocalDestroy(RhoLocal *local);
void RhoLocalBind(RhoLocal local, const double *value);               /* [nuniform] */
void RhoLocalCoordinates(RhoLocal local, const double *u, double *x); /* one state; x_n stays */
void RhoLocalFields(RhoLocal local, const double *x, double *u);
/* NULL: not asked for.  T[p][n] is the factor of x_i in mu_i, 0 where x_i is u_i. */
void RhoLocalPotentials(RhoLocal local, long npoint, const double *x, double *mu, double *T, double *N);
/* along e[p][nx] */
void RhoLocalPath(RhoLocal local, long npoint, const double *x, const double *e, double *N, double *N1, double *N2);
/* The fourth derivatives of mu(x) along e[p][nx]: fourth[p][n]. */
void RhoLocalFourth(RhoLocal local, long npoint, const double *x, const double *e, double *fourth);
void RhoLocalHidden(RhoLocal local, long npoint, const double *x, double *value); /* value[p][nhidden] */
/* f as RhoLocalFreeEnergy has it, its integrals by Gauss-Legendre with panels halved until that changes round-off only.
   RHO_NOMEM */
RhoStatus RhoLocalEnergies(RhoLocal local, long npoint, const double *x, double *f);

/* The node as the cells of a grid should read it: with operators on what depends on coordinates carried out, so that
   given functions are differentiated exactly up to walls.  For formulas that are evaluated beside the equations, whose
   own are made so.  RHO_NONE without memory. */
RhoNode RhoCellFormula(RhoEquations eq, RhoNode node);

/* ---- the symbol ------------------------------------------------------------------------------------------------ */

/* What the operators do to a wave exp(iq.r), at n wavevectors.  Continuum: s[d] = q_d^2, t[d] = q_d.  A grid of spacing
   h: s[d] = (2/h sin(q_d h/2))^2, t[d] = sin(q_d h)/h.  lap, and div grad in all directions: s[0]+s[1]+s[2] unless
   laplace is given. */
typedef struct {
  int n;
  const double *s[RHO_MAXDIM], *t[RHO_MAXDIM]; /* NULL: zero */
  const double *laplace;                       /* NULL: the sum of s */
  const double *place; /* [RHO_MAXDIM] where coefficients are taken that vary in space; NULL: such models are refused */
  const double *width; /* [RHO_MAXDIM] of the cell there, for zones; NULL: so narrow that it lies within or without */
  const double *const *kernel; /* [nkernel][n]: K^(|q|) */
} RhoWaves;

typedef enum {
  RHO_PART_ALL,
  RHO_PART_STIFF /* what the implicit step takes: gradients' arguments without convolutions, coefficients frozen,
                    reactions */
} RhoPart;

/* A[w][i][j], d_t u_i = sum_j A_ij u_j about the uniform state[nfield]; value[nuniform] from RhoEquationsBind.
   RHO_INPUT when a coefficient depends on a coordinate and waves->place does not say where. */
RhoStatus RhoSymbol(RhoEquations eq, RhoPart part, const double *value, const double *state, const RhoWaves *waves,
                    double complex *A);

/* The same for many states: the formulas of A compiled once, in memory of its own (the equations must live as long). */
typedef struct RhoSymbolProgram_s *RhoSymbolProgram;
enum { RHO_SYMBOL_ORDERS = 3 }; /* A and its first two derivatives along a line in q */
/* order: of the highest derivative.  RHO_INPUT: an operator has no meaning for waves. */
RhoStatus RhoSymbolProgramCreate(RhoEquations eq, RhoPart part, int order, RhoSymbolProgram *program);
void RhoSymbolProgramDestroy(RhoSymbolProgram *program);
/* Does A depend on dimension d by itself, not only through |q|? */
bool RhoSymbolProgramUses(RhoSymbolProgram program, int d);
/* The state from now on; place, width as in RhoWaves. */
RhoStatus RhoSymbolProgramBind(RhoSymbolProgram program, const double *value, const double *state, const double *place,
                               const double *width);
/* A[order + 1][n][nfield][nfield] at waves[0], and its derivatives along a line: waves[k] has the k-th derivatives of
   s, t, laplace and K^ with respect to the parameter of the line.  RHO_NOMEM. */
RhoStatus RhoSymbolProgramEval(RhoSymbolProgram program, const RhoWaves *waves, double complex *A);

/* K^(q), 0 <= q <= top, and its first two derivatives, for many q: Chebyshev polynomials on panels, in the arena
   (kernel_series.c).  hat[3]: K^, K^', K^''. */
typedef struct RhoKernelSeries_s *RhoKernelSeries;
RhoStatus RhoKernelSeriesCreate(RhoEquations eq, RhoArena arena, int kernel, int dim, const double *value, double top,
                                RhoKernelSeries *series);
void RhoKernelSeriesEval(RhoKernelSeries series, double q, double hat[3]);
/* Room in the arena for n waves along a direction and their derivatives by q up to `order`, waves[order + 1]; then they
   are set to q[n]*direction, of the continuum or a grid (spacing as below), as often as one likes.  Only those
   components are set that were not 0 when the room was made.  series[nkernel] must reach as far as |direction| q in the
   dimensions of space.
 */
void RhoWavesLine(RhoEquations eq, RhoArena arena, const double *direction, int n, int order, RhoWaves *waves);
void RhoWavesLineSet(RhoEquations eq, const RhoKernelSeries *series, const double *direction, const double *q,
                     const double *spacing, int order, RhoWaves *waves);

/* Continuum waves along the vector q[d] (all wavevectors share the direction unless given one by one): fills s, t,
   kernel in the arena.  q[d][n], NULL: zero.  spacing[d] > 0: the grid's own. */
RhoStatus RhoWavesCreate(RhoEquations eq, RhoArena arena, int dim, const double *value, int n, const double *const *q,
                         const double *spacing, RhoWaves *waves);

/* ---- linear forms for the grid interpretations ------------------------------------------------------------------ */

/* Differential of a cell node in the direction of the variations; frozen_conv: convolutions count as constants. */
RhoNode RhoTangentNode(RhoEquations eq, RhoNode node, bool frozen_conv);

/* The differentials of a term's nodes; RHO_NONE: zero or, for the stiff part, left to the explicit step (stiff.c). */
typedef struct {
  RhoNode coef, arg, T, density;
} RhoTermTangent;
RhoTermTangent RhoTermTangents(RhoEquations eq, RhoPart part, int field, const RhoTerm *term);
RhoNode RhoSourceTangent(RhoEquations eq, RhoPart part, RhoNode source);
/* Is the right-hand side its own stiff part, with the state for the variations?  So it is for fitted fluxes with linear
   reactions.  true is a proof. */
bool RhoStiffWhole(RhoEquations eq);

/* Operators, dimensions and kernels by name, for printing. */
const char *RhoOperandName(RhoOperator op, int attr, void *equations);

#endif
