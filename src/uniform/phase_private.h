/* phase_private.h - what the files of the phase diagram share.

   Coordinates x of uniform states are those of RhoLocal: logarithms of densities where there is an ideal part. */
#ifndef RHO_PHASE_PRIVATE_H
#define RHO_PHASE_PRIVATE_H
#include "rhoflux/phase.h"
#include "trace.h"

enum { MOSTFIELDS = 3, MOSTX = MOSTFIELDS + 1, MOSTPHASES = MOSTFIELDS + 1 };

/* Uniform states on a tensor grid in the fields, finer in geometric progression towards vanishing densities, and beyond
   the window in another as far as RHO_PHASE_REACH windows. */
typedef struct {
  int count[MOSTFIELDS];    /* points along each field */
  double *axis[MOSTFIELDS]; /* [count] values of the field */
  int npoint;
  bool made;      /* for some value of the parameter */
  double *x;      /* [npoint][nx] */
  double *u;      /* [npoint][n] */
  double *f, *mu; /* [npoint], [npoint][n]; NaN where undefined */
  double *height; /* [npoint] scratch */
  bool *inside;   /* [npoint] in the window */
} RhoSamples;

typedef struct {
  RhoLocal local;
  int n, nx; /* nx = n + 1: with a parameter */
  RhoArena arena;
  const RhoPhaseRequest *request;
  double T[MOSTFIELDS]; /* ideal parts, at the parameter's value of now */
  double lambda;        /* the parameter's value of now */
  RhoSamples samples;
  double *work; /* of the quadratures */
  RhoPhaseDiagram *out;
} RhoPhases;

/* ---- equations (phase_equations.c) ------------------------------------------------------------------------------ */

/* A tie line: phases c - r e and c + r e in x, |e| = 1.  y = c[n], e[n], r, then the parameter if nx > n, then the
   fraction t of the second phase if there is a composition.  n + 2 equations (+ n). */
typedef struct {
  RhoPhases *p;
  const double *composition; /* [n] u, or NULL */
  bool fixed;                /* the parameter is no unknown */
} RhoTie;
RhoSystem rho_tie_system(RhoTie *tie);
void rho_tie_pack(const RhoPhases *p, const double *x1, const double *x2, double *y);
void rho_tie_phases(const RhoPhases *p, const double *y, double *x1, double *x2); /* [nx] */

/* k phases: y = x^1[n] ... x^k[n], then the fractions of phases 2 ... k if there is a composition, or the parameter. */
typedef struct {
  RhoPhases *p;
  int k;
  const double *composition;
} RhoMany;
RhoSystem rho_many_system(RhoMany *many);

/* Spinodal: N e = 0, |e| = 1, in y = x[n], e[n] (, parameter); critical: and the cubic form is zero. */
typedef struct {
  RhoPhases *p;
  bool critical;
} RhoSpinodal;
RhoSystem rho_spinodal_system(RhoSpinodal *spinodal);
/* sum_i u_i e_i d^2 mu_i along e: zero at critical points. */
double rho_cubic_form(RhoPhases *p, const double *x, const double *e);
/* Are the potentials numbers?  Their derivatives may be so beyond the end of the domain: of log(1 - u) at u > 1. */
bool rho_is_defined(const RhoPhases *p, const double *x);
/* The sign of the Hessian's determinant with its size; NaN where undefined. */
double rho_stability(RhoPhases *p, const double *x);
/* Is the Hessian positive definite? */
bool rho_locally_stable(RhoPhases *p, const double *x);
/* p(x2) - p(x1), exact to round-off of its value. */
double rho_pressure_difference(RhoPhases *p, const double *x1, const double *x2);

/* ---- samples (phase_samples.c) ---------------------------------------------------------------------------------- */

RhoStatus rho_samples_make(RhoPhases *p);
/* The samples, and T, at another value of the parameter. */
RhoStatus rho_samples_at(RhoPhases *p, double lambda);
/* A facet of the lower convex hull of (u, f): its corners, each with the number of its phase 0 ... nphase - 1. */
typedef struct {
  int corner[MOSTX], phase[MOSTX], nphase;
} RhoFacet;
RhoStatus rho_samples_hull(RhoPhases *p, int *nfacet, RhoFacet **facet);
/* How far f at the lowest state that is none of the phases, which share mu, lies above their tangent plane; negative:
   they are not globally stable.  lowest[nx] is that state.  INFINITY: there is none. */
double rho_tangent_plane(RhoPhases *p, int nphase, const double *x, double *lowest);
/* Heights closer to zero than this are round-off, at these phases. */
double rho_tangent_round_off(RhoPhases *p, const double *x);

/* ---- curves (phase_curves.c) ------------------------------------------------------------------------------------ */

/* A curve in the unknowns y of its system, in both directions from where it was found. */
typedef struct {
  int npoint, m;
  double *y, *tangent; /* [npoint][m] */
  RhoPhaseEnd end[2];
} RhoCurve;

/* Is the point y, or its mirror image with -e, on one of the curves? */
bool rho_curve_has(const RhoSystem *system, int n, int ncurve, const RhoCurve *curve, const double *y);
/* Is some of the tie line in the window, with both phases stable by themselves? */
bool rho_tie_is_inside(RhoPhases *p, const double *y);
/* The root near y as a curve of one point: of a system that has no curves. */
RhoCurve rho_curve_point(RhoPhases *p, const RhoSystem *system, const double *y);
/* The curve of tie lines through y, whose phases in a critical point (r = 0) or not; npoint = 0: there is none. */
RhoCurve rho_curve_ties(RhoPhases *p, const double *y);
/* The spinodal through y, and in *ncritical, critical[][m] the points on it whose cubic form is zero. */
RhoCurve rho_curve_spinodal(RhoPhases *p, const double *y, int *ncritical, double **critical);
/* The direction that N maps to (nearly) nothing. */
void rho_null_direction(RhoPhases *p, const double *x, double *e);

/* ---- families of tie lines (phase_families.c) ------------------------------------------------------------------- */

typedef struct {
  RhoCurve curve;
  double *x[2], *u[2]; /* [npoint][nx], [npoint][n] the two phases */
  RhoPhaseStability *stability;
  int *edge; /* [npoint] the triangle with an edge here, or -1 */
} RhoTies;

typedef struct {
  RhoPhases *p;
  int nties, ntiescapacity;
  RhoTies *ties;
  int nset, nsetcapacity;
  RhoPhaseSet *set;
} RhoFamilies;

/* Follows the tie lines through y to both ends, unless they are known; says which of them are stable; finds the
   triangles where that changes.  false: there is no such curve. */
bool rho_families_add(RhoFamilies *families, const double *y, bool critical);
/* Takes the edges of the stable triangles into the families that they are tie lines of. */
void rho_families_cut(RhoFamilies *families);
/* The tie line that the composition z is on, at the parameter's value of now: y of the curves, and the fraction of the
   second phase.  any: of any stability.  -1 or the number of the family. */
int rho_families_find(const RhoFamilies *families, const double *z, bool any, double *y, double *fraction);
/* The triangle that contains z, with the fractions of its corners; -1: none. */
int rho_families_set(const RhoFamilies *families, const double *z, double *fraction);
/* The families of the result: cut where the stability changes, with potentials and pressures. */
void rho_families_result(RhoFamilies *families);

/* ---- what a composition separates into (phase_flash.c) ---------------------------------------------------------- */

void rho_flash(RhoFamilies *families, int nfacet, const RhoFacet *facet, RhoPhaseFlash *out);
/* The barycentric coordinates of z in the simplex of the n + 1 states u[n + 1][n]; false: it is flat. */
bool rho_barycentric(int n, const double *u, const double *z, double *weight);
/* Solves for the k phases x[k][nx] with fractions t[k] that make up the composition; *residual: the largest
   difference of mu and p, relative. */
bool rho_phases_solve(RhoPhases *p, int k, const double *composition, double *x, double *t);
double rho_phases_residual(RhoPhases *p, int k, const double *x);
double rho_pressure(RhoPhases *p, const double *x);

#endif
