/* kernel_private.h - the numbers of one kernel for bound parameters: what kernel.c and kernel_quadrature.c share. */
#ifndef RHOFLUX_KERNEL_PRIVATE_H
#define RHOFLUX_KERNEL_PRIVATE_H
#include "model_private.h"

enum { RULE = 16 }; /* Gauss-Legendre points of a panel: exact to degree 31 */

typedef struct {
  double x[RULE], w[RULE];  /* on [0, 1] */
  double legendre[4][RULE]; /* the last four Legendre coefficients of values at x */
} Rule;

/* [a, a + h] with K at the rule's points. */
typedef struct {
  double a, h, k[RULE];
} Panel;

/* int K(r) phi(q r) d^dr = sum_j weight_j phi(q r_j), for q <= qmax. */
typedef struct {
  long n;
  double *r, *weight;
  double absolute; /* sum |weight| */
  double qmax;
} Nodes;

typedef struct {
  RhoModel model;
  const RhoKernel *kernel;
  const double *value; /* of the caller */
  const double *bound; /* the same with `dim` the kernel's own */
  int dim;
  double cutoff, integral; /* INFINITY, NAN: not given */
  RhoTape tape;            /* formula(variable) */
  RhoTape real;            /* real(real_variable), or NULL */
  RhoArena arena;          /* work arrays, for one call */
  Rule rule;
  double range; /* K is negligible beyond */
  int npanel, capacity;
  Panel *panel; /* that resolve K */
} Kernel;

void rho_kernel_rule(Rule *rule);
/* Panels on which K is a polynomial to round-off.  RHO_INPUT after a report: no integral. */
RhoStatus rho_kernel_resolve(Kernel *kernel);
/* The panels again, narrow enough for waves up to qmax. */
RhoStatus rho_kernel_nodes(Kernel *kernel, double qmax, Nodes *nodes);
/* out[n] = sum_j weight_j phi(q_i r_j) */
void rho_kernel_sum(const Kernel *kernel, const Nodes *nodes, int n, const double *q, double *out);
/* The corrector coefficient of g = 1 - K, the kernel being resolved (kernel_corrector.c). */
RhoStatus rho_kernel_corrector(Kernel *kernel, double *out);
RhoStatus rho_kernel_report(const Kernel *kernel, RhoDiagId id, const char *message, double at, const char *hint);

#endif
