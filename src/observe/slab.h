/* slab.h - a band between two fronts, or one front, fitted to a profile.  Private to observe.

     u(x) = outer + (inner - outer) [T((x - x1)/w) - T((x - x2)/w)]/2          between x1 and x2: inner
     u(x) = outer + (inner - outer) [1 + T((x - x1)/w)]/2                      beyond x1: inner

   T the average of tanh over a cell, so that the fit is exact for cell averages of fronts that do not overlap. */
#ifndef RHO_SLAB_H
#define RHO_SLAB_H
#include "observe_private.h"

typedef struct {
  int n;
  double h;        /* width of a cell; cell k has its centre at (k + 1/2) h */
  const double *u; /* [n] */
  bool band;       /* two fronts */
} RhoProfile;

typedef struct {
  bool found;
  double inner, outer, front[2], width;
  double misfit; /* root of the mean square of what is left over, in units of |inner - outer| */
} RhoSlabFit;

PetscErrorCode rho_slab_fit(const RhoProfile *profile, RhoSlabFit *fit);

#endif
