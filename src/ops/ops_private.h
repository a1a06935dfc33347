/* ops_private.h - what the files of ops share. */
#ifndef RHO_OPS_PRIVATE_H
#define RHO_OPS_PRIVATE_H
#include "rhoflux/ops.h"
#include <stdint.h>

/* ---- what equations keep for themselves ---------------------------------------------------------------------- */

/* The differentials of a part of the equations, in the order of the equations; NONE: zero. */
typedef struct {
  RhoTermTangent **term; /* [nfield][nterm] */
  RhoNode *source;       /* [nfield] */
  RhoNode *rate;         /* [nexchange] */
} RhoLinearForms;

/* The symbols of a wave, of the order-th derivative along a line: t[RHO_MAXDIM], s[RHO_MAXDIM], S, K^[nkernel]. */
typedef struct {
  int n;
  RhoNode *node;
} RhoWaveSymbols;

/* node[order][nfield][nfield][2]: real and imaginary parts of A_ij and of its derivatives along a line, NULL as long as
   nobody has asked; NONE: zero. */
typedef struct {
  RhoNode *node[RHO_SYMBOL_ORDERS];
  bool bad; /* an operator has no meaning for waves */
} RhoSymbolEntries;

/* mu = T log(u) + excess of uniform fields; without ideal part T is NONE and excess is mu. */
typedef struct {
  RhoNode mu, T, excess;
} RhoLocalParts;

struct RhoEquationsPrivate_s {
  RhoNode *symbol;              /* [nfield] the fields' symbols */
  RhoSymbolEntries *entries[2]; /* by RhoPart, made when first asked for */
  RhoLocalParts *local;         /* [nfield], made when first asked for */
  double *at;                   /* [nfield] a state on the way, beside local */
  int ndefined;
  RhoNode *defined; /* [ndefined] the nodes of the definitions, sorted; made when first asked for */
};

/* Runs body(ctx) so that running out of the arena's memory returns RHO_NOMEM; the guard set before stays set. */
typedef RhoStatus (*RhoGuardedFn)(void *ctx);
RhoStatus rho_ops_guarded(RhoArena arena, RhoGuardedFn body, void *ctx);

/* symbol_graph.c */
void rho_wave_symbols(RhoEquations eq, int order, RhoWaveSymbols *wave);
const RhoSymbolEntries *rho_symbol_entries(RhoEquations eq, RhoPart part, int order);

/* ---- formulas ---------------------------------------------------------------------------------------------------- */

/* node/x when x is a factor of every addend of node, else RHO_NONE (factor.c). */
RhoNode rho_factor_divide(RhoGraph graph, RhoNode node, RhoNode x);
/* node without its number and its factors that are uniform in space; RHO_NONE: nothing else. */
RhoNode rho_factor_varying(RhoGraph graph, RhoNode node);
/* Is every addend of node a product that has the varying factors of x, so that node/x is nowhere singular for x = 0?
   False when that is too long to see. */
bool rho_factor_divides(RhoGraph graph, RhoNode x, RhoNode node);
/* a/b, addend by addend of a, with common factors cancelled. */
RhoNode rho_factor_quotient(RhoGraph graph, RhoNode a, RhoNode b);
/* node with equal factors of products cancelled: c*(1/c) -> 1.  For potentials derived from a free energy, where
   such quotients are removable singularities of the derivation and not of the model. */
RhoNode rho_factor_cancel(RhoGraph graph, RhoNode node);
/* A derived node, collected (RhoGraphCollect), with the model's definitions kept as they stand (collect.c). */
RhoNode rho_collect(RhoEquations eq, RhoNode node);
/* potential = T*log(density) + excess with T free of fields; false when there is no such part (ideal.c). */
bool rho_ideal_part(RhoGraph graph, RhoNode potential, RhoNode density, RhoNode *T, RhoNode *excess);
/* The derivative of the call node by its arguments number k[0] .. k[n-1]; RHO_NONE: zero (partial.c). */
RhoNode rho_partial(RhoGraph graph, RhoNode call, int n, const int *k);
/* node in a form in which equal linear forms are equal more often: operators stand before symbols and operators only,
   numbers and uniform factors before operators (expand.c).  kernel[nkernel]: the number to write for each, or NULL. */
RhoNode rho_expand(RhoEquations eq, RhoNode node, const int *kernel);
/* The same for differential operators on what depends on coordinates, and nothing else: given functions are
   differentiated exactly.  On a grid they would be continued beyond walls by their mirror image.  given: only where no
   field is involved. */
RhoNode rho_expand_places(RhoEquations eq, RhoNode node, bool given);

/* ---- steps of RhoEquationsCreate -------------------------------------------------------------------------------- */

/* The terms of one field's flux, appended to its equation (terms.c). */
RhoStatus rho_terms_of_field(RhoEquations eq, RhoDiag diag, int field);
/* One more term, empty, at the end of the list. */
RhoTerm *rho_term_add(RhoEquations eq, RhoEquation *equation);
/* J += coef*grad(arg); nothing when arg is uniform. */
void rho_term_gradient(RhoEquations eq, RhoEquation *equation, int direction, RhoNode coef, RhoNode arg,
                       RhoPlace place);
/* Fits -D grad(u) - u*g*grad(w) pairs of an equation (fit.c). */
void rho_terms_fit(RhoEquations eq, int field);
void rho_conserved_find(RhoEquations eq);

/* ---- the sample grid (sample.c) -----------------------------------------------------------------------------------
 */

/* A periodic grid of n points along each of ndim dimensions of the same length, where every operator is a matrix:
   d by trigonometric interpolation, lap = sum of d d, dot = sum of d . d, div = sum of d (a d), conv by K^(q).
   So summation by parts, and with it every adjoint, is exact on it; the product rule is not. */
typedef struct RhoSample_s *RhoSample;
RhoStatus rho_sample_create(RhoEquations eq, RhoArena arena, const double *value, int ndim, int n, double length,
                            RhoSample *sample);
int rho_sample_points(RhoSample sample);
/* A new state: nothing is set, and what is computed for it lives in this arena. */
void rho_sample_begin(RhoSample sample, RhoArena arena);
/* The values of a symbol, [npoint], kept by reference; forgets what was computed. */
void rho_sample_set(RhoSample sample, RhoNode symbol, const double *at);
/* base*(1 + ripple*s) or base + ripple*s (relative or not), s a random combination of waves of the lowest two orders;
   the same for every n. */
double *rho_sample_wave(RhoSample sample, uint64_t *seed, double base, double ripple, bool relative);
double *rho_sample_coordinate(RhoSample sample, int d);
double *rho_sample_width(RhoSample sample); /* from point to point */
/* The values of a scalar node, [npoint], in the sample's arena; NULL when it has none (unknown symbol). */
const double *rho_sample_values(RhoSample sample, RhoNode node);
/* sum over the points of a*b times the cell volume */
double rho_sample_product(RhoSample sample, const double *a, const double *b);
/* A length at which K^ of the kernels has fallen to about one half for the longest wave; 2 pi without kernels. */
RhoStatus rho_sample_length(RhoEquations eq, const double *value, int dim, double *length);

/* uniform in [0, 1); splitmix64 */
double rho_random(uint64_t *seed);
#endif
