/* trace.h - roots and curves of F(x) = 0, private to the layer.

   Root: n equations in n unknowns by damped Newton.  Curve: n equations in n + 1 unknowns by continuation in the
   pseudo-arclength, from a point on it, with events where functions of the point change their sign.  Lengths and norms
   are Euclidean in x_i/scale_i: take unknowns (logarithms of densities, ...) in which the curve is as straight as can
   be and whose changes of order scale_i matter alike.  E. L. Allgower, K. Georg, Numerical Continuation Methods (1990);
   P. Deuflhard, Newton Methods for Nonlinear Problems (2004), ch. 3 and 5. */
#ifndef RHO_UNIFORM_TRACE_H
#define RHO_UNIFORM_TRACE_H
#include "rhoflux/base.h"

enum { RHO_TRACE_MAX = 24 }; /* unknowns */

/* F[n] and J[n][m] = dF_i/dx_j, exact, at x[m]; false where there is no value. */
typedef bool (*RhoSystemFn)(const double *x, double *F, double *J, void *ctx);

typedef struct {
  int n, m;            /* equations; unknowns: n for roots, n + 1 for curves */
  const double *scale; /* [m] > 0; NULL: 1 */
  RhoSystemFn fn;
  void *ctx;
} RhoSystem;

typedef struct {
  bool converged; /* the corrections stopped getting smaller, and are below 1e-8 */
  int niteration;
  double step;        /* length of the last correction: the error, up to rounding */
  double contraction; /* second correction over first; 0: the first was round-off */
} RhoNewton;

/* x[m] in: the guess, out: the last iterate.  Curves: corrections are orthogonal to direction[m]; roots: NULL.
   A step is halved until the simplified correction gets smaller (natural monotonicity). */
RhoNewton rho_newton(const RhoSystem *system, const double *direction, double *x);

/* The unit tangent (in x/scale) of the curve at x, in the sense of direction[m].  false: it has none there. */
bool rho_tangent(const RhoSystem *system, const double *direction, const double *x, double *tangent);

/* g[n] at a point of the curve with its tangent.  NaN: counts as no sign. */
typedef void (*RhoMonitorFn)(const double *x, const double *tangent, double *g, void *ctx);

typedef struct {
  RhoSystem system; /* m = n + 1 */
  int nmonitor;
  RhoMonitorFn monitor;
  unsigned ends;      /* bit k: a sign change of g[k] ends the curve; the others are passed */
  double first, most; /* lengths of steps; the shortest is 1e-10 of most */
  double angle;       /* wanted between the tangents of neighbours; 0: 0.1 */
  int npoint;         /* at most */
} RhoTraceProblem;

typedef enum {
  RHO_TRACE_EVENT,  /* a monitor with its bit in ends; the last point is there */
  RHO_TRACE_CLOSED, /* back at the start; the last point equals the first */
  RHO_TRACE_STUCK,  /* no step succeeds: the curve ends, or F has no value further on */
  RHO_TRACE_LONG    /* npoint points */
} RhoTraceEnd;

enum { RHO_TRACE_MONITORS = 16 };

/* Points of the curve in order, the first is the start.  In the arena. */
typedef struct {
  int npoint;
  double *x, *tangent; /* [npoint][m] */
  int *event;          /* [npoint] the monitor that vanishes there to round-off, or -1 */
  RhoTraceEnd end;
} RhoTrace;

/* x[m] is corrected onto the curve first; the sense is that of direction[m], which need not be tangent.  No point, when
   there is no such curve.  An event on which it starts is not seen.  Memory: the arena's guard is the caller's. */
RhoTrace rho_trace(const RhoTraceProblem *problem, RhoArena arena, const double *x, const double *direction);

#endif
