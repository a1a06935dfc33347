/* stability.h - linear stability of uniform states: the wave that grows fastest, bands, classes, exceptional points,
   maps over some numbers, neutral curves, extremes.
   Layer uniform (uses ops; LAPACK).  Theory: src/README.md, "Stability of uniform states".

   About a uniform state waves exp(iq.r) grow as exp(lambda t), lambda the eigenvalues of the symbol A(q) (ops.h), along
   lines q*direction, 0 <= q <= q_top.  M. C. Cross, P. C. Hohenberg, Rev. Mod. Phys. 65 (1993) 851 for the classes.

   Functions return RHO_INPUT when there is no symbol (a coefficient depends on a coordinate, more than 12 fields) and
   RHO_NOMEM; arenas hold what is returned. */
#ifndef RHOFLUX_STABILITY_H
#define RHOFLUX_STABILITY_H
#include "rhoflux/uniform.h"

/* Classes: stable, or the kind of the band of unstable waves in which the fastest one is, stationary or oscillatory.
     uniform      from q = 0 on, where growth is positive (what nothing conserves)                   [type III]
     long waves   from q = 0 on, where growth vanishes (a conserved combination)                      [type II]
     finite       away from q = 0: a wavelength of its own                                            [type I]  */
typedef enum {
  RHO_CLASS_STABLE,
  RHO_CLASS_LONG_STATIONARY,
  RHO_CLASS_LONG_OSCILLATORY,
  RHO_CLASS_FINITE_STATIONARY,
  RHO_CLASS_FINITE_OSCILLATORY,
  RHO_CLASS_UNIFORM_STATIONARY,
  RHO_CLASS_UNIFORM_OSCILLATORY,
  RHO_CLASS_UNDEFINED, /* A is not finite there: the state is outside of a formula's domain */
  RHO_CLASS_COUNT
} RhoStabilityClass;

/* "long waves, oscillatory" */
const char *RhoStabilityClassText(RhoStabilityClass class);

/* Lines along which waves are looked at. */
typedef struct {
  int dim;                      /* of space; 0: the model's */
  int ndimension;               /* named dimensions that waves can run along, 1 to RHO_MAXDIM */
  bool given;                   /* direction is; else all are tried where the symbol tells them apart */
  double direction[RHO_MAXDIM]; /* of length 1 */
  const double *spacing;        /* [RHO_MAXDIM] > 0: the waves of a grid; NULL: the continuum */
  double top;                   /* largest q; 0: a range that has all of the structure (range.c) */
} RhoWaveRange;

typedef struct {
  double from, to;     /* of q; from 0: at the origin; to may be the end of the range */
  double q;            /* where growth is largest */
  double complex rate; /* there */
} RhoBand;

/* Waves about one state. */
typedef struct {
  RhoStabilityClass class; /* by the fastest mode of all */
  RhoStabilityClass limit; /* by the limit q -> 0 alone: stable, long or uniform */
  double q;                /* of the fastest mode; 0: at the origin (then, in a stable state, nothing grows)         */
  double complex rate;     /* of it [1/time]: growth and frequency                                                   */
  bool edge;               /* growth still rises at the end of the range */
  double direction[RHO_MAXDIM];
  bool anisotropic;           /* the symbol tells directions apart: the fastest was searched among them */
  int nfast, nslow;           /* modes at q = 0 that nothing conserves, and conserved ones              */
  const double complex *fast; /* [nfast] their rates at q = 0, fastest first                            */
  const double complex *slow; /* [nslow] D of lambda = i speed q + D q^2, largest real part first       */
  const double *speed;        /* [nslow]                                                                */
  int nband;
  const RhoBand *band; /* [nband], ascending in q: where growth is positive along the direction             */
  int nexceptional;
  const double *exceptional; /* [nexceptional] q > 0 at which two of the eigenvalues that grow fastest meet in one
                                eigenvector and turn from real into a pair: exceptional points */
  double top;                /* largest q looked at */
} RhoStability;

RhoStatus RhoStabilityAt(RhoEquations eq, RhoArena arena, const RhoWaveRange *range, const double *value,
                         const double *state, RhoStability *out);

/* All branches along the direction of out: at q[n], ascending, curves that go on into each other (branches.c).
     rate [out]   [nfield][n]
     vector [out] NULL or [nfield][n][nfield]: the modes, normalised as those of RhoDispersion */
RhoStatus RhoStabilityBranches(RhoEquations eq, const RhoWaveRange *range, const double *direction, const double *value,
                               const double *state, int n, const double *q, double complex *rate,
                               double complex *vector);

/* Does the symbol tell directions apart? */
bool RhoStabilityAnisotropic(RhoEquations eq);

enum { RHO_FAMILY_MOST = 4 }; /* axes of maps and extremes */

/* ---- families of states ------------------------------------------------------------------------------------------ */

/* A number on which a uniform state depends: parameters, fields, or one used in the formulas of the state alone. */
typedef struct {
  const char *name;
  int nsetting;
  const char *const *setting; /* [nsetting] parameters that have its value */
  RhoNode symbol;             /* in the formulas of the state; RHO_NONE */
  double from, to;
} RhoAxis;

typedef struct {
  RhoEquations eq;
  int nsetting;
  const RhoSetting *setting; /* parameters for all states */
  const RhoNode *state;      /* [nfield] formulas of the parameters and of the axes' symbols */
  int naxis;
  const RhoAxis *axis; /* [naxis] */
} RhoFamily;

/* The numbers of one state: value[nuniform], state[nfield]. */
RhoStatus RhoFamilyAt(const RhoFamily *family, int dim, const double *x, double *value, double *state);

/* ---- maps -------------------------------------------------------------------------------------------------------- */

/* One point of a map. */
typedef struct {
  double growth, frequency, q; /* of the fastest wave, |frequency| */
  double limit;                /* the larger of the growth at q = 0 and of D as q -> 0; tells how near the limit is */
  signed char class, limit_class;
} RhoMapPoint;

/* The points of a family with 2 to RHO_FAMILY_MOST axes at x[axis][n[axis]]: of the last axis those at first, first +
   step, ... alone, one after the other, point[(slice*n1 + j)*n0 + i], the first axis fastest.  Along the given
   direction, else the first dimension; the numbers do not depend on how the last axis is shared. */
RhoStatus RhoStabilityMap(const RhoFamily *family, const RhoWaveRange *range, const int *n, const double *const *x,
                          int first, int step, RhoMapPoint *point);

/* ---- neutral curves ---------------------------------------------------------------------------------------------- */

typedef enum { RHO_NEUTRAL_LONG, RHO_NEUTRAL_FINITE, RHO_NEUTRAL_UNIFORM } RhoNeutralKind;

/* How a curve ends: at the edge of the window, closed, where another instability takes over (it goes on within the
   unstable states), or where it can not be followed. */
typedef enum { RHO_NEUTRAL_WINDOW, RHO_NEUTRAL_CLOSED, RHO_NEUTRAL_TAKEN, RHO_NEUTRAL_LOST } RhoNeutralEnd;

/* A point of a curve that has a name. */
typedef struct {
  const char *what; /* "largest T[A]", "smallest ...", "another instability takes over", "the wavelength diverges" */
  int at;           /* point */
  double x[2];
} RhoNeutralMark;

typedef struct {
  RhoNeutralKind kind;
  bool oscillatory;
  int npoint;
  const double *x; /* [npoint][2] */
  const double *q; /* [npoint]: of the neutral wave; 0: long or uniform */
  const double *frequency;
  RhoNeutralEnd first, last;
  int nmark;
  const RhoNeutralMark *mark;
} RhoNeutralCurve;

/* The curves between stable and unstable states in the window of a family with two axes: where the largest growth
   vanishes.  Curves are found where they pass between neighbours of the map of n0 x n1 points, and followed to the
   window's edges or closed, each point to round-off; where a wavelength diverges they end at q = 0.002 of the range.
   For models that tell directions apart: along the given direction, else the first dimension. */
RhoStatus RhoNeutralCurves(const RhoFamily *family, RhoArena arena, const RhoWaveRange *range, const int *n,
                           const double *const *x, const RhoMapPoint *map, int *ncurve, const RhoNeutralCurve **curve);

/* ---- extremes ---------------------------------------------------------------------------------------------------- */

/* A number from which on, or up to which, a state of a region is unstable: a local extreme of the first axis over the
   unstable states of the region. */
typedef struct {
  bool largest; /* else smallest */
  bool best;    /* of all of its sense */
  bool window;  /* the states are unstable up to the window's edge of the first axis: x is the fastest of the samples */
  bool exact;   /* to round-off; else to the distance of the samples, where the surface has no derivatives */
  bool flat;    /* one of a line or more of states with the same number: those are listed once */
  RhoNeutralKind kind;
  bool oscillatory;
  double x[RHO_FAMILY_MOST], q, frequency;
  unsigned edges; /* bit 2a: axis a is at its from; bit 2a + 1: at its to */
  unsigned on;    /* bit k: bound k holds as an equation */
} RhoExtreme;

/* The local extremes of the first axis, smallest and largest, at which states within the window and the bounds are
   neutral, by what they are worth.
     bound [in]     [nbound] formulas like those of the states (axes' symbols, parameters), without the first axis:
                    none is negative in the region
     n, x, map [in] points of RhoStabilityMap, all of them
     edge [out]     NULL or [2][n1*n2*...]: the smallest and the largest first number at which each state is unstable
   edge is known to a thousandth of the samples' distance, NaN outside of the bounds and where there is no such number,
   and the window's edge where instability reaches that.  A region of instability between the points of the map is not
   found; each extreme is that of a set that has some of them. */
RhoStatus RhoExtremes(const RhoFamily *family, RhoArena arena, const RhoWaveRange *range, int nbound,
                      const RhoNode *bound, const int *n, const double *const *x, const RhoMapPoint *map, int *nextreme,
                      const RhoExtreme **extreme, double *edge);

#endif
