/* growth.h - the largest growth along a line: scan, maxima, class; private to the layer. */
#ifndef RHO_UNIFORM_GROWTH_H
#define RHO_UNIFORM_GROWTH_H
#include "line.h"

/* A line with the points of its scan, and the state it is at. */
typedef struct {
  Line line;
  Scan scan;
  double *growth, *frequency; /* [scan.n] of the fastest mode */
  LongWaves limit;
  bool set; /* the scan's waves are those of the line's direction and kernels */
} Growth;

/* A local maximum of the growth over q. */
typedef struct {
  double q;
  double complex rate;
  bool edge;
} Peak;

RhoStatus rho_growth_create(RhoEquations eq, int dim, const double *direction, const double *spacing, double top,
                            Growth *growth);
void rho_growth_destroy(Growth *growth);
void rho_growth_turn(Growth *growth, const double *direction);
/* The state from now on: its scan and its limit q -> 0. */
RhoStatus rho_growth_bind(Growth *growth, const double *value, const double *state);
/* Whether the formulas have values, and A is finite at all points of the scan. */
bool rho_growth_defined(const Growth *growth);
/* The largest growth of all q, 0 included; peak->q = 0 for the origin. */
RhoStatus rho_growth_largest(Growth *growth, Peak *peak);
/* The local maximum next to point k of the scan, to round-off. */
RhoStatus rho_growth_refine(Growth *growth, int k, Peak *peak);
/* Growth at one q. */
double rho_growth_at(Growth *growth, double q, double complex *rate);
/* Is the maximum at point k one that could exceed `best`? */
bool rho_growth_peaks(const Growth *growth, int k);
RhoStabilityClass rho_growth_limit(const Growth *growth);
RhoStabilityClass rho_growth_class(Growth *growth, const Peak *peak);
double rho_growth_tolerance(const Growth *growth, double q);
/* Real parts of the limit: the larger of lambda(0) of the fast modes and of D. */
double rho_growth_limit_value(const Growth *growth);
bool rho_oscillates(double complex rate, double scale);
/* A range of q that has all of the structure, for one state (range.c). */
RhoStatus rho_growth_range(RhoEquations eq, int dim, const double *direction, const double *spacing,
                           const double *value, const double *state, double *top);
#endif
