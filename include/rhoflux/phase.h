/* phase.h - phase diagrams of models with a local free energy, by common tangents.
   Layer uniform (uses ops; LAPACK, Qhull).  Theory: src/README.md, "Phase diagrams".

   Phases coexist when all mu_i and p = sum_i u_i mu_i - f are equal.  For models with a local free energy that is no
   functional (kernels) this construction is not the coexistence of the model's own fields: it says which states have
   a common tangent, and RhoVerdict tells which case it is. */
#ifndef RHOFLUX_PHASE_H
#define RHOFLUX_PHASE_H
#include "rhoflux/ops.h"

#define RHO_PHASE_REACH 16 /* phases of tie lines are looked for up to so many windows above zero */

/* What is asked for. */
typedef struct {
  const double *from, *to; /* [nfield] window, field by field; densities: from = 0 */
  int parameter;           /* number of one over which a diagram of one field is made, or -1 */
  double parameter_from, parameter_to;
  int nflash;
  const double *flash; /* [nflash][nfield] compositions */
  bool tangents;       /* false: the spinodal alone */
  int nsection;        /* RhoPhaseDiagramOver: diagrams at these values of the parameter; 0: at evenly spaced ones */
  const double *section;
  int npath;          /* RhoPhaseDiagramOver: boundaries along straight lines of compositions */
  const double *path; /* [npath][2][nfield] from, to */
} RhoPhaseRequest;

typedef enum { RHO_PHASE_UNSTABLE, RHO_PHASE_METASTABLE, RHO_PHASE_STABLE } RhoPhaseStability;

/* How a curve ends. */
typedef enum {
  RHO_PHASE_CRITICAL,  /* in a critical point, which  */
  RHO_PHASE_TRIANGLE,  /* on an edge of a triangle, which */
  RHO_PHASE_VANISHED,  /* the density of field `which` is below 1e-12 of its window in both phases */
  RHO_PHASE_WINDOW,    /* at the edge of the window: no point of the tie line is inside */
  RHO_PHASE_SPINODAL,  /* a phase, metastable, reaches the spinodal */
  RHO_PHASE_PARAMETER, /* at an end of the parameter's range */
  RHO_PHASE_CLOSED,
  RHO_PHASE_SAMPLED,     /* no curve: three fields, points of a surface, or tie lines of a volume */
  RHO_PHASE_COMPOSITION, /* at the composition `which` */
  RHO_PHASE_ISOLATED,    /* a single point: one field without a parameter */
  RHO_PHASE_HIDDEN,      /* as VANISHED, of the density hidden[which], which is no field */
  RHO_PHASE_PATH,        /* at an end of the line of compositions, which: 0 or 1 */
  RHO_PHASE_THIRD,       /* where another phase comes before */
  RHO_PHASE_SPECIAL,     /* in the special point `which` */
  RHO_PHASE_BOX,         /* the box of a profile is too small for its front, or the phases meet */
  RHO_PHASE_LOST         /* the curve could not be followed: the free energy ends there, or too many points */
} RhoPhaseEndKind;

typedef struct {
  RhoPhaseEndKind kind;
  int which;
} RhoPhaseEnd;

/* States are [nx] = fields, then the parameter if there is one. */
typedef struct {
  int npoint;
  double *state; /* [npoint][nx] */
  RhoPhaseEnd end[2];
} RhoPhaseCurve;

/* A family of tie lines, all of one stability; of three fields, some of all tie lines, spread evenly. */
typedef struct {
  int npoint;
  double *first, *second; /* [npoint][nx] the two phases */
  double *mu, *p;         /* [npoint][nfield], [npoint] */
  double *error, *share; /* [npoint] of the phases, relative; of the first phase in the composition the line is through,
                            beyond 0 and 1 where that is one phase.  NULL: round-off; no such composition */
  RhoPhaseStability stability;
  RhoPhaseEnd end[2];
} RhoPhaseFamily;

typedef struct {
  double *state;     /* [nx] */
  double *direction; /* [nfield] unit vector along which the phases separate */
  RhoPhaseStability stability;
} RhoPhasePoint;

/* nx + 1 coexisting phases: a triangle for two fields, a tetrahedron for three, a triple or quadruple point over a
   parameter.  Of three fields there are sets of three phases besides, some of the curves of them. */
typedef struct {
  int nphase;
  double *state; /* [nphase][nx] */
  double *mu, p;
  double residual; /* largest difference of mu and p, relative */
  RhoPhaseStability stability;
} RhoPhaseSet;

/* What a composition separates into. */
typedef struct {
  const double *composition;
  int nphase; /* 0: not found */
  double *state, *fraction;
  double *mu, p;
  double residual, height; /* of the mixture's f above that of the phases */
} RhoPhaseFlash;

/* Where nx = 3 critical points and sets of three phases are curves.  One of them, all of one stability, cut where
   another phase comes in or curves meet. */
typedef struct {
  int nphase, npoint; /* 1: critical points; 3: phases */
  double *state;      /* [npoint][nphase][nx] */
  RhoPhaseStability stability;
  RhoPhaseEnd end[2];
} RhoPhaseLine;

typedef enum {
  RHO_PHASE_TRICRITICAL,  /* three phases become one: the quartic form vanishes, and the curve goes on, unstable */
  RHO_PHASE_CUSP,         /* the quartic form vanishes as the curve turns: stable and unstable critical points meet */
  RHO_PHASE_CRITICAL_END, /* a critical phase beside another one */
  RHO_PHASE_TURN          /* the parameter is the least or largest of the critical points around */
} RhoPhaseSpecialKind;

typedef struct {
  RhoPhaseSpecialKind kind;
  int nphase;    /* 2 of critical end points: the critical phase, then the other one; else 1 */
  double *state; /* [nphase][nx] */
  RhoPhaseStability stability;
} RhoPhaseSpecial;

/* Along the line of compositions `path`, over the parameter: cloud points, where a composition starts to separate, all
   of one stability, or where it gets unstable by itself. */
typedef struct {
  int path;
  bool spinodal;
  int npoint;
  RhoPhaseStability stability; /* metastable: another phase separates from it before */
  double *s;                   /* [npoint] the place on the line, 0 to 1 */
  double *state, *other;       /* [npoint][nx] the composition, and the phase that appears beside it */
  RhoPhaseEnd end[2];
} RhoPhaseBoundary;

typedef struct RhoPhaseSection_s RhoPhaseSection;

typedef struct {
  int nfield, nx;
  int nspinodal, ncritical, nfamily, nset, nflash;
  RhoPhaseCurve *spinodal;
  RhoPhasePoint *critical;
  RhoPhaseFamily *family;
  RhoPhaseSet *set;
  RhoPhaseFlash *flash;
  int nline, nspecial, nsection, nboundary;
  RhoPhaseLine *line;
  RhoPhaseSpecial *special;
  RhoPhaseSection *section; /* of two fields over a parameter: spinodals, tie lines, triangles are in these */
  RhoPhaseBoundary *boundary;
  int nhidden;
  const char **hidden;     /* [nhidden] what logarithms in the potentials are of besides fields: 1 - a - b */
  double *resolution;      /* [nx] the widest spacing of samples in the window: smaller closed regions may be missed */
  int nsample, nundefined; /* in the window; where f or mu is no number */
  double *undefined;       /* [nfield] one of those */
  int nunexplained;        /* samples' facets across phases that no region accounts for */
} RhoPhaseDiagram;

struct RhoPhaseSection_s {
  double parameter;
  RhoPhaseDiagram diagram; /* without parameter: nx = nfield */
};

/* All in the arena, whose guard the call sets and puts back.  value[nuniform] from RhoEquationsBind.  RHO_INPUT: some
   field has no potential, more than three fields, or a kernel's integral depends on the parameter. */
RhoStatus RhoPhaseDiagramMake(RhoEquations eq, const double *value, const RhoPhaseRequest *request, RhoArena arena,
                              RhoPhaseDiagram *out);

/* value[nuniform] with the parameter of the request at p; NaN: as the case has it. */
typedef RhoStatus (*RhoBindFn)(void *ctx, double p, double *value);

/* Of two fields over a parameter: diagrams at values of it, and the curves of critical points and of three phases,
   which are followed from what is found in those. */
RhoStatus RhoPhaseDiagramOver(RhoEquations eq, const RhoPhaseRequest *request, RhoBindFn bind, void *ctx,
                              RhoArena arena, RhoPhaseDiagram *out);

#endif
