/* threshold.h - where the states of a family become unstable; private to the layer. */
#ifndef RHO_UNIFORM_THRESHOLD_H
#define RHO_UNIFORM_THRESHOLD_H
#include "survey.h"

#define RHO_SHORTEST 2e-3 /* q of a finite wave, in parts of the range: below it counts as the limit q -> 0 */

/* The surface F(x) = 0, or F(x, q) = 0 of two equations, of one kind of instability. */
typedef struct {
  Survey *survey;
  int naxis;
  RhoNeutralKind kind;
  bool oscillatory;
  double from[RHO_FAMILY_MOST], to[RHO_FAMILY_MOST], scale[RHO_FAMILY_MOST + 1];
} Threshold;

/* One state of the family and its fastest wave. */
typedef struct {
  double x[RHO_FAMILY_MOST];
  Peak peak;
  RhoStabilityClass class;
} State;

/* The window of the survey's family; no kind yet. */
void rho_threshold_begin(Survey *survey, Threshold *t);
/* Equations: 2 where the wavelength is finite, else 1; and q is an unknown then. */
int rho_threshold_equations(const Threshold *t);
/* F at x[naxis (+ 1)], and the columns column[ncolumn] of dF/dx in J[equations][ncolumn]; false: F has no value. */
bool rho_threshold_slopes(Threshold *t, const double *x, int ncolumn, const int *column, double *F, double *J);
/* A RhoSystemFn: F and all of dF/dx. */
bool rho_threshold_system(const double *x, double *F, double *J, void *threshold);
/* The largest growth that is not the surface's own: positive, where something else grows already. */
double rho_threshold_other(Threshold *t, const double *x);
/* |frequency| of the neutral mode. */
double rho_threshold_frequency(Threshold *t, const double *x);
/* The state s->x. */
RhoStatus rho_threshold_look(Threshold *t, State *s);
/* Between a stable and an unstable state: *on becomes the unstable one nearest to the surface,
   after nstep halvings, 0: to round-off. */
RhoStatus rho_threshold_bisect(Threshold *t, const double *stable, const double *unstable, int nstep, State *on);
/* By the mode next to threshold; what is that of q -> 0 but for rounding counts as such. */
void rho_threshold_set_kind(Threshold *t, const State *on);
bool rho_class_grows(int class);
#endif
