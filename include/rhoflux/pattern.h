/* pattern.h - nonuniform states on a line that stay as they are or move on unchanged, by Newton's method on the
   tangent. Layer pattern (uses field; LAPACK).  Theory: src/README.md, "Profiles".

     0 = F(u) + s d_x u,   int w_c u = what it was,   int d_x u . du = 0

   s the speed, with the last condition, along a periodic line; w_c the conserved combinations that nothing feeds. */
#ifndef RHOFLUX_PATTERN_H
#define RHOFLUX_PATTERN_H
#include "rhoflux/field.h"

typedef enum {
  RHO_PATTERN_FOUND,
  RHO_PATTERN_UNIFORM, /* found, but nothing varies: below 1e-6 of the largest value */
  RHO_PATTERN_DOMAIN,  /* a formula left its domain however small the step */
  RHO_PATTERN_SINGULAR,
  RHO_PATTERN_SLOW /* not found in `most` iterations */
} RhoPatternReason;

/* "", "the state found is uniform", ... */
const char *RhoPatternText(RhoPatternReason reason);

typedef struct {
  RhoPatternReason reason;
  PetscInt niteration;
  PetscReal residual; /* largest |F + s d_x u| of a cell                                       [field/time] */
  PetscReal error;    /* the last correction over the range of its field, largest: the error, but for round-off */
  PetscReal speed;    /* 0 between walls                                                        [length/time] */
} RhoPatternOutcome;

typedef struct {
  PetscReal time;
  PetscReal speed;  /* at the start */
  PetscInt most;    /* iterations; 0: 400 */
  PetscBool nearby; /* the start is near: Newton's method alone.  Else through damped steps of pseudo-time, which lead
                       to stable states */
} RhoPatternOptions;

enum { RHO_PATTERN_MOST = 4096 }; /* cells times fields: a dense matrix */

/* u [in] a state near the one wanted, with the totals wanted; [out] the state.  The grid has one dimension and one rank
   (PETSC_ERR_SUP).  Kelley, Keyes, SIAM J. Numer. Anal. 35, 508 (1998): pseudo-transient continuation. */
PetscErrorCode RhoPatternSolve(RhoFieldModel fm, const RhoPatternOptions *options, Vec u, RhoPatternOutcome *outcome);

/* ---- families of states ----------------------------------------------------------------------------------------- */

/* The problem at p (a parameter, the length of the line, a mean).  *fm stays the family's, and valid until it was asked
   for three more.  total[nconserved]: of the start on entry, at p on return; NULL: not wanted. */
typedef PetscErrorCode (*RhoFamilyFn)(void *ctx, PetscReal p, RhoFieldModel *fm, PetscReal *total);

/* A point of the family, in order; *stop ends it.  slope: dp over the length of the step, which changes its sign at a
   fold. */
typedef PetscErrorCode (*RhoFamilyPointFn)(void *ctx, PetscReal p, PetscReal slope, PetscReal speed, Vec u,
                                           PetscBool *stop);

typedef struct {
  PetscReal from, to; /* begins at from, in the sense of to; ends when p has left this range on either side */
  PetscReal step; /* first, and 1/10 of the longest, in the length sqrt(sum (du/range)^2/ncell + (dp/(to - from))^2);
                     0: 0.01 */
  PetscInt most;  /* points; 0: 200 */
} RhoFollowOptions;

/* u: a state near that at from.  Continuation in the pseudo-arclength: p may turn.  reason: of the first point, or why
   the family could not be followed further (RHO_PATTERN_SLOW). */
PetscErrorCode RhoPatternFollow(RhoFamilyFn family, RhoFamilyPointFn point, void *ctx, const RhoFollowOptions *options,
                                Vec u, RhoPatternReason *reason);

/* ---- two phases beside each other ---------------------------------------------------------------------------------
 */

/* One front between two walls. */
typedef struct RhoProfile_s *RhoProfile;

/* Values at the walls: phase 0 at the left.  error: two resolutions, extrapolated (second order), and how far the
   plateaus are from flat. */
typedef struct {
  RhoPatternReason reason;
  PetscReal *phase[2], *error[2]; /* [nfield], owned by the profile, until its next solution */
  PetscReal position;             /* of the front, as the share of phase 0 in the box */
} RhoProfilePhases;

/* On `length` with ncell and 2 ncell cells, for any equations that depend on one named dimension at most.
   value[nuniform] from RhoEquationsBind, kept by copy; *out NULL after reports (kernels wider than the box, ...). */
PetscErrorCode RhoProfileCreate(RhoEquations eq, const double *value, PetscReal length, PetscInt ncell, RhoDiag diag,
                                RhoProfile *out);
/* Other values of the parameters, with the last solution kept as a start.  *fits false after reports; the lines have
   old values or new ones then. */
PetscErrorCode RhoProfileBind(RhoProfile profile, const double *value, RhoDiag diag, PetscBool *fits);
PetscErrorCode RhoProfileDestroy(RhoProfile *profile);
/* The front at these means[nfield].  phase0, phase1[nfield]: a guess of the phases, roughly; NULL: starts from the
   solution found last. */
PetscErrorCode RhoProfileSolve(RhoProfile profile, const PetscReal *mean, const PetscReal *phase0,
                               const PetscReal *phase1, RhoProfilePhases *phases);
/* The finer solution: x, the centres [2 ncell], and u[2 ncell][nfield]; owned by the profile. */
PetscErrorCode RhoProfileCells(RhoProfile profile, PetscInt *ncell, const PetscReal **x, const PetscReal **u);

#endif
