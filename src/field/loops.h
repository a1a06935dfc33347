/* loops.h - the stencil loops of finite volumes over contiguous arrays.  Private to field; loops.c is compiled for the
   vector units there are.

   l, r: the arrays one neighbour distance to the left and right; w: 1/h^2 and the like.  n cells; nothing overlaps but
   l, a, r. */
#ifndef RHO_FV_LOOPS_H
#define RHO_FV_LOOPS_H
#include "rhoflux/base.h"
#include <petscsys.h>
#include <stdbool.h>

/* A residual beyond this is a blow-up, treated like one that is not finite. */
#define RHO_LARGEST_RATE 1e100

/* out (+)= sum_d w[d] ((a[p+j] - a[p]) - (a[p] - a[p-j])), j = stride[d], ndim 1 to 3, in an array a of stride s, in
   which neighbour distances are s*stride[d]; first: = instead of += */
bool rho_loop_add_laplacian(PetscInt n, int ndim, const PetscInt *stride, const PetscReal *w, const PetscScalar *a,
                            PetscInt s, PetscBool first, PetscScalar *out);
/* out (+)= w ((a + a_r)(b_r - b) - (a + a_l)(b - b_l)): one dimension of div(a grad b); first: = instead of += */
void rho_loop_divgrad(PetscInt n, PetscReal w, const PetscScalar *a, PetscInt ja, PetscInt sa, const PetscScalar *b,
                      PetscInt jb, PetscInt sb, PetscBool first, PetscScalar *out);
/* out (+)= w ((a_r - a)(b_r - b) + (a - a_l)(b - b_l)): one dimension of grad a . grad b */
void rho_loop_gdot(PetscInt n, PetscReal w, const PetscScalar *a, PetscInt ja, PetscInt sa, const PetscScalar *b,
                   PetscInt jb, PetscInt sb, PetscBool first, PetscScalar *out);
/* out -= J - K */
bool rho_loop_difference(PetscInt n, const PetscScalar *J, const PetscScalar *K, PetscScalar *out);
/* out[k] = in[k*s] */
void rho_loop_column(PetscInt n, PetscInt s, const PetscScalar *in, PetscScalar *out);
/* out[k*nf + f] = in[f][k] */
void rho_loop_interleave(PetscInt n, PetscInt nf, const PetscScalar *in, PetscInt distance, PetscScalar *out);
/* Is any not finite, or beyond RHO_LARGEST_RATE? */
bool rho_loop_excess(PetscInt n, const PetscScalar *x);
/* compensated sum (sum + *lost) and sum of moduli of weight[k] x[k*s]; weight NULL: ones */
void rho_loop_sums(PetscInt n, PetscInt s, const PetscReal *weight, const PetscScalar *x, PetscReal *sum,
                   PetscReal *lost, PetscReal *size);

/* ---- cells of unequal widths along one dimension ---- */

/* Of the n cells: 1/width, and 1/distance of the centres to those of the cells left and right. */
typedef struct {
  const PetscScalar *inside, *left, *right;
} RhoStretched;

/* out (+)= factor/width ((a_r - a)/right - (a - a_l)/left) */
bool rho_loop_stretched_laplacian(PetscInt n, PetscReal factor, RhoStretched w, const PetscScalar *a, PetscInt j,
                                  PetscInt s, PetscBool first, PetscScalar *out);
/* The same as rho_loop_divgrad, rho_loop_gdot and rho_loop_difference there; gdot is the mean of the two faces with the
   shares right/(2 width) and left/(2 width), distances, so that its variation is -div(. grad .) as discretised. */
void rho_loop_stretched_divgrad(PetscInt n, RhoStretched w, const PetscScalar *a, PetscInt ja, PetscInt sa,
                                const PetscScalar *b, PetscInt jb, PetscInt sb, PetscBool first, PetscScalar *out);
void rho_loop_stretched_gdot(PetscInt n, RhoStretched w, const PetscScalar *a, PetscInt ja, PetscInt sa,
                             const PetscScalar *b, PetscInt jb, PetscInt sb, PetscBool first, PetscScalar *out);
bool rho_loop_stretched_difference(PetscInt n, const PetscScalar *inside, const PetscScalar *J, const PetscScalar *K,
                                   PetscScalar *out);

/* ---- modes of a transform ---- */

/* out (+)= sign factor x, and out (+)= sign i factor x, of n complex numbers; first: = instead of += */
void rho_loop_add_modes(PetscInt n, PetscReal sign, const PetscReal *factor, const PetscScalar *x, bool first,
                        PetscScalar *out);
/* out (+)= sign[0] f x + sign[1] g y */
void rho_loop_add_two_modes(PetscInt n, const PetscReal sign[2], const PetscReal *f, const PetscScalar *x,
                            const PetscReal *g, const PetscScalar *y, bool first, PetscScalar *out);
void rho_loop_add_turned(PetscInt n, PetscReal sign, const PetscReal *factor, const PetscScalar *x, bool first,
                         PetscScalar *out);

/* out[m] *= sign factor[m] */
void rho_loop_scale_modes(PetscInt n, PetscReal sign, const PetscReal *factor, PetscScalar *out);
/* out[p] += c x[p*s] */
void rho_loop_add_scaled(PetscInt n, PetscReal c, const PetscScalar *x, PetscInt s, PetscScalar *out);

#endif
