/* descent.h - local minima of smooth functions of up to three numbers under constraints; private to the layer. */
#ifndef RHO_UNIFORM_DESCENT_H
#define RHO_UNIFORM_DESCENT_H
#include "rhoflux/base.h"

enum { RHO_DESCENT_MOST = 3, RHO_DESCENT_BOUNDS = 8 }; /* numbers; constraints but those of the window */

/* f[1 + nbound] at x[n]: what is to be small, and what is not to be negative.  false: no value there. */
typedef bool (*RhoDescentFn)(const double *x, double *f, void *ctx);

typedef struct {
  int n, nbound;
  const double *from, *to; /* [n] the window */
  const double *cell;      /* [n] > 0: the first steps, and less than what f varies over */
  RhoDescentFn fn;         /* of order 1 in all of its values; may be asked beyond the window */
  void *ctx;
} RhoDescent;

/* x[n] in: a point within window and bounds, out: the minimum.  false: no minimum to round-off was reached (no values
   on the way, a kink); x is the lowest point then.  *flat: it is one of a line or more of equal ones. */
bool rho_descend(const RhoDescent *descent, double *x, bool *flat);
#endif
