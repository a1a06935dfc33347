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
  RhoPhaseStability stability;
  RhoPhaseEnd end[2];
} RhoPhaseFamily;

typedef struct {
  double *state;     /* [nx] */
  double *direction; /* [nfield] unit vector along which the phases separate */
  RhoPhaseStability stability;
} RhoPhasePoint;

/* nfield + 1 coexisting phases: a triangle for two fields, a tetrahedron for three, of which there are sets of three
   phases besides, some of the curves of them. */
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

typedef struct {
  int nfield, nx;
  int nspinodal, ncritical, nfamily, nset, nflash;
  RhoPhaseCurve *spinodal;
  RhoPhasePoint *critical;
  RhoPhaseFamily *family;
  RhoPhaseSet *set;
  RhoPhaseFlash *flash;
  double *resolution;      /* [nx] the widest spacing of samples in the window: smaller closed regions may be missed */
  int nsample, nundefined; /* in the window; where f or mu is no number */
  double *undefined;       /* [nfield] one of those */
  int nunexplained;        /* samples' facets across phases that no region accounts for */
} RhoPhaseDiagram;

/* All in the arena, whose guard the call sets and puts back.  value[nuniform] from RhoEquationsBind.  RHO_INPUT: some
   field has no potential, more than three fields, or a kernel's integral depends on the parameter. */
RhoStatus RhoPhaseDiagramMake(RhoEquations eq, const double *value, const RhoPhaseRequest *request, RhoArena arena,
                              RhoPhaseDiagram *out);

#endif
