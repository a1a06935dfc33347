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
  double *hidden; /* [npoint][nhidden] scratch */
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

/* d u_i/d x_i at the coordinate x. */
double rho_field_slope(const RhoPhases *p, int i, double x);
/* Room for the quadratures. */
void rho_phases_reserve(RhoPhases *p);

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

/* Several phases one after the other: tie lines y = c, e, r, c, e, r, ... (, parameter), the second phase of one the
   first of the next.  Regular where two neighbours become one, r = 0.  As many equations as unknowns for nx + 1 phases,
   one less for nx.  order[nphase]: which of the phases x[nphase][nx] are first, second, .... */
typedef struct {
  RhoPhases *p;
  int nphase;
  const double
      *composition; /* [n] u, without a parameter: then the fractions of all but the first are unknowns behind */
} RhoChain;
RhoSystem rho_chain_system(RhoChain *chain);
void rho_chain_pack(const RhoChain *chain, const double *x, const int *order, double *y);
void rho_chain_phases(const RhoChain *chain, const double *y, const int *order, double *x);
/* One of the two that are farthest apart first, the others as far as they are from it. */
void rho_chain_order(const RhoChain *chain, const double *x, int *order);

/* Spinodal: N e = 0, |e| = 1, in y = x[n], e[n] (, parameter); critical: and the cubic form is zero. */
typedef struct {
  RhoPhases *p;
  bool critical;
} RhoSpinodal;
RhoSystem rho_spinodal_system(RhoSpinodal *spinodal);
/* The state of y: x[nx]. */
void rho_spinodal_state(const RhoPhases *p, const double *y, double *x);
/* sum_i u_i e_i d^2 mu_i along e: zero at critical points. */
double rho_cubic_form(RhoPhases *p, const double *x, const double *e);
/* The eigenvalues of N, which is similar to the Hessian with both sides times sqrt(d u/d x), so that they are real and
   have the same signs: the sum of their products in pairs, and of themselves. */
double rho_minors(RhoPhases *p, const double *x, double *trace);
/* The product of the eigenvalues of N but the one that vanishes on the spinodal. */
double rho_other_eigenvalues(RhoPhases *p, const double *x);
/* Are the potentials numbers?  Their derivatives may be so beyond the end of the domain: of log(1 - u) at u > 1. */
bool rho_is_defined(const RhoPhases *p, const double *x);
/* The sign of the Hessian's determinant with its size; NaN where undefined. */
double rho_stability(RhoPhases *p, const double *x);
/* Is the Hessian positive definite? */
bool rho_locally_stable(RhoPhases *p, const double *x);
/* p(x2) - p(x1), exact to round-off of its value. */
double rho_pressure_difference(RhoPhases *p, const double *x1, const double *x2);

/* ---- critical points beyond the third order (phase_forms.c) ------------------------------------------------------ */

/* The fourth derivative of f along the path of least change of mu, x + s e + s^2 w/2: at critical points the sign of it
   says on which side of it phases separate.  NaN: there is none. */
double rho_quartic_form(RhoPhases *p, const double *x, const double *e, double *w);
/* Is f convex at a critical point, up to the null direction, along which the quartic form is positive? */
bool rho_critical_is_stable(RhoPhases *p, const double *x, const double *e);
/* The tricritical point near y, unknowns as of rho_spinodal_system; false: there is none. */
bool rho_tricritical(RhoPhases *p, double *y);

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
  int *event;          /* [npoint] RHO_EVENT_... that is there, or -1 */
  RhoPhaseEnd end[2];
} RhoCurve;

/* The end of a curve of nphase phases at x[nphase][nx]: where it could not be followed since a density that is no field
   vanishes in all of them, by rounding, that. */
RhoPhaseEnd rho_named_end(const RhoPhases *p, RhoPhaseEnd end, int nphase, const double *x);
/* In the arena: the names of those densities. */
void rho_name_hidden(RhoPhases *p);
/* A curve by its problem, in both directions; meaning of its monitors. */
RhoCurve rho_curve_both(RhoPhases *p, const RhoTraceProblem *problem, const RhoPhaseEnd *meaning, const double *y);
/* Is the point y on the curve? */
bool rho_curve_passes(const RhoSystem *system, const RhoCurve *curve, const double *y);
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
/* Events of curves of critical points. */
enum { RHO_EVENT_QUARTIC, RHO_EVENT_TURN };
/* The curve of critical points through y of rho_spinodal_system; there is one where nx = 3. */
RhoCurve rho_curve_critical(RhoPhases *p, const double *y);
/* A curve of three phases; order: how y is packed, point by point.  An end of the kind critical: of the tie line
   `which`, 0 or 1, or of both, -1, where all three are about to become one. */
typedef struct {
  RhoCurve curve;
  int (*order)[3]; /* [npoint] */
} RhoThree;
/* The curve through y of rho_chain_system, there is one where nx = 3; npoint = 0: none.  From a y with r = 0 to one
 * side. */
RhoThree rho_curve_three(RhoPhases *p, const double *y, const int *order);
/* Are the three phases x[3][nx] on the curve? */
bool rho_three_has(RhoPhases *p, const RhoThree *three, const double *x);
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

/* The set of nphase phases near x[nphase][nx], kept with its stability: its number, or -1. */
int rho_families_set_near(RhoFamilies *families, int nphase, double *x);
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

/* ---- curves of critical points and of three phases, nx = 3 (phase_lines.c) --------------------------------------- */

typedef struct RhoLines_s *RhoLines;
RhoLines rho_lines_create(RhoPhases *p); /* in the arena */
/* What is to be followed: a critical point y of rho_spinodal_system; three phases x[3][nx]. */
void rho_lines_critical(RhoLines lines, const double *y);
void rho_lines_three(RhoLines lines, const double *x);
/* Follows it, and all that is found on the way. */
void rho_lines_follow(RhoLines lines);
/* A set of four phases that is known already. */
void rho_lines_know(RhoLines lines, const RhoPhaseSet *set);
/* The sets of four phases that were found on them: their number. */
int rho_lines_sets(RhoLines lines, const RhoPhaseSet **set);
/* line and special of the result. */
void rho_lines_result(RhoLines lines);

/* ---- along lines of compositions (phase_paths.c) ----------------------------------------------------------------- */

/* The boundaries of the result, of two fields over a parameter. */
void rho_paths(RhoPhases *p);

/* ---- what a composition separates into (phase_flash.c) ---------------------------------------------------------- */

void rho_flash(RhoFamilies *families, int nfacet, const RhoFacet *facet, RhoPhaseFlash *out);
/* A few linear equations a[n][n + 1], the last column the right-hand side, there the solution; false: singular. */
bool rho_eliminate(int n, double *a);
/* The barycentric coordinates of z in the simplex of the n + 1 states u[n + 1][n]; false: it is flat. */
bool rho_barycentric(int n, const double *u, const double *z, double *weight);
/* Solves for the k phases x[k][nx] with fractions t[k] that make up the composition; *residual: the largest
   difference of mu and p, relative. */
bool rho_phases_solve(RhoPhases *p, int k, const double *composition, double *x, double *t);
double rho_phases_residual(RhoPhases *p, int k, const double *x);
double rho_pressure(RhoPhases *p, const double *x);

#endif
