/* observe.h - observables of results: what moves, how fast, where to.
   Layer observe (uses io; FFTW).  Theory: src/README.md, "Observables".

   A result is one of a run or one made of particles: nothing here asks which.

   An observable is a row of observables.def: numbers made of one state, and what a series of such numbers says, with
   errors.  The same code looks at the outputs of a result and at the states of a run that goes on. */
#ifndef RHOFLUX_OBSERVE_H
#define RHOFLUX_OBSERVE_H
#include "rhoflux/io.h"

/* A number with its standard error; NaN where there is none. */
typedef struct {
  double value, error;
} RhoEstimate;

typedef enum {
  RHO_MOTION_UNIFORM,    /* no pattern */
  RHO_MOTION_STATIONARY, /* one pattern at rest */
  RHO_MOTION_TRAVELLING, /* one pattern that moves as a whole: u(x, t) = U(x - s(t)) */
  RHO_MOTION_STANDING,   /* a wave that swells and ebbs in place: two waves of opposite directions */
  RHO_MOTION_IRREGULAR   /* none of these */
} RhoMotionKind;
const char *RhoMotionName(RhoMotionKind kind);

/* What the outputs of a result between two times show.  Waves are exp(i k.x); f counts the info->nfield fields of the
   result that are not derived. */
typedef struct {
  RhoMotionKind kind;
  int noutput;
  double from, to;               /* times of the first and the last output taken */
  int ndim, mode[RHO_MAXDIM];    /* periods of the strongest wave along each dimension, in the sense it moves in */
  double wavevector[RHO_MAXDIM]; /* k                                                               [1/length] */
  double wavelength;             /* 2 pi/|k| */
  double share;                  /* of the strongest wave in the fluctuation */
  double coherence;              /* share of the fluctuation that moves as one: 1 for U(x - s(t)) */
  double oscillation, balance;   /* the strongest wave: share of A e^(-i w t) + B e^(i w t) in its change in time, and
                                    min(|A|, |B|)/max(|A|, |B|): 0 travelling, 1 standing; NaN: not looked at */
  RhoEstimate velocity[RHO_MAXDIM]; /* of the pattern; along k alone when it is one of stripes      [length/time] */
  RhoEstimate speed;                /* |velocity| */
  RhoEstimate frequency, period;    /* angular, of the strongest wave at a fixed place               [1/time] */
  double step;                      /* largest turn of the strongest wave between two outputs, in periods: near a half
                                       or beyond, the sense of the motion is not known */
  int nfield;
  const char *const *name; /* [nfield] */
  double *mean;            /* [nfield] */
  RhoEstimate *amplitude;  /* [nfield] half of the difference between maximum and minimum, over outputs */
  RhoEstimate *lead;       /* [nfield] how far the field's strongest wave is ahead of the first field's, in wavelengths
                              along k, between -1/2 and 1/2 */
  const double *time, *displacement; /* [noutput] of the strongest wave, along k, in wavelengths, since `from` */
} RhoMotion;

/* Looks at the outputs from `from` on (NaN: the later half) of the field of this name, NULL: of all that are not
   derived. Calling process alone; everything lives in the arena.  RHO_INPUT: reported at place: not a periodic grid of
   equal cells in space, fewer than 4 outputs, no such field, undefined values. */
RhoStatus RhoTrack(RhoArena arena, RhoDiag diag, RhoPlace place, const char *path, const char *field, double from,
                   const RhoMotion **pattern);

/* ---- observables ------------------------------------------------------------------------------------------------- */

enum {
  RHO_NEEDS_WAVES = 1,    /* a grid of equal cells in space */
  RHO_NEEDS_PERIODIC = 2, /* without walls */
  RHO_NEEDS_RANGE = 4,    /* the densities between which it looks: options.range, or one more reading of a result */
  RHO_NEEDS_SERIES = 8, /* keeps the numbers of every state; others keep means of growing blocks, memory is constant */
  RHO_NEEDS_START = 16, /* looks at all times when nothing else is said, not at the later half */
  RHO_NEEDS_LINES = 32  /* takes lines of the series free_energy, entropy_production of a result for its states */
};

typedef struct {
  const char *name, *summary;
  unsigned needs;
} RhoObservableInfo;
int RhoObservables(const RhoObservableInfo **list);

enum { RHO_BINS_MOST = 1000000 };

typedef struct {
  int nfield;                          /* of the fields looked at, */
  const char *const *field;            /* by name; 0: all that are not derived */
  int nmap;                            /* fields that are called otherwise in what is found: */
  const char *const *old, *const *new; /* [nmap] */
  double from, to;                     /* times; NaN: see above, and the last */
  int nbin;                            /* 2 to RHO_BINS_MOST; 0: the observable's own number */
  double range[2];                     /* densities; NaN: those that occur */
  double top;                          /* largest wavenumber; NaN: that of the grid along its finest dimension */
  double omega;                        /* particles per unit volume of density: S is multiplied by it */
} RhoObserveOptions;
RhoObserveOptions RhoObserveDefaults(void);

/* Outputs [*first, *end) between two times.  to NaN: up to the last; from NaN: of those up to `to` the later half, or
   all where there are at most 8. */
void RhoObserveOutputs(const RhoResultInfo *info, double from, double to, int *first, int *end);

/* y(x) with standard errors, NaN where there are none.  within, of a mean over runs: the error that their own errors
   make, sqrt(sum error^2)/runs; NULL, and of a quantity 0, where there is one run. */
typedef struct {
  const char *name; /* "S(rho[a],rho[b])" */
  int n;
  const double *x, *value, *error, *within; /* [n] */
} RhoCurve;

typedef struct {
  const char *name, *what;
  RhoEstimate estimate;
  double within;
} RhoQuantity;

/* Numbers on a grid, slowest index first: value and error [axis[0].n]...[axis[rank - 1].n]. */
typedef struct {
  const char *name;
  int rank;
  struct {
    const char *name;
    int n;
    const double *x;
  } axis[RHO_MAXDIM];
  const double *value, *error, *within;
} RhoMap;

typedef struct {
  const char *observable, *what; /* a sentence: the definition, with the unit */
  const char *abscissa;          /* of the curves: "q" */
  const char *scales;            /* "linear", "log" (ordinate), "loglog" */
  int nmember;                   /* runs that this is the mean of; 0: it is of one */
  long long nsample;             /* states looked at */
  double from, to;               /* times of the first and the last */
  int nfield;
  const char *const *field; /* [nfield] as they are called here */
  int ncurve, nquantity, nmap, curves, quantities, maps;
  RhoCurve *curve;
  RhoQuantity *quantity;
  RhoMap *map;
} RhoObserved;

/* ---- one observable of states as they come: in a run, or read from a result ---- */

typedef struct RhoObserver_s *RhoObserver;

/* mesh, which must live longer, with nfield fields of these names.  In the calling process alone, as all of these.
 *observer is NULL after reports at place: no such observable, a mesh on which it is not defined, no range. */
PetscErrorCode RhoObserverCreate(const char *name, const RhoMesh *mesh, int nfield, const char *const *field,
                                 const RhoObserveOptions *options, RhoDiag diag, RhoPlace place, RhoObserver *observer);
/* Is the observable defined on the mesh, with what it needs said?  Reports. */
bool RhoObserverFits(const char *name, const RhoMesh *mesh, const RhoObserveOptions *options, RhoDiag diag,
                     RhoPlace place);
/* u[nfield][cells], the first dimension fastest; times grow. */
PetscErrorCode RhoObserverAdd(RhoObserver observer, double time, const double *const *u);
/* What has been seen so far, in the arena.  It can go on afterwards. */
PetscErrorCode RhoObserverFinish(RhoObserver observer, RhoArena arena, RhoObserved *observed);
/* All it has seen, as numbers that another one, made alike, goes on from to the bit: data[*n], until the next call. */
PetscErrorCode RhoObserverSave(RhoObserver observer, int *n, const double **data);
/* *ok false, with nothing changed: these are not of one made alike. */
PetscErrorCode RhoObserverLoad(RhoObserver observer, int n, const double *data, PetscBool *ok);
PetscErrorCode RhoObserverDestroy(RhoObserver *observer);

/* ---- of several runs of one case, which are independent ----

   With M of them and x_k what is found in each:  mean = sum x_k/M,  error = sqrt(sum (x_k - mean)^2/(M (M - 1))).
   Quantities, curves, and maps of the same shape, that all of them have; curves at the first one's abscissae, as far as
   all go, the others' points interpolated linearly. */
typedef struct RhoMembers_s *RhoMembers;
/* In the arena, as all that is kept. */
RhoMembers RhoMembersCreate(RhoArena arena);
/* Of the same observable on the same grid as those before; nothing of it is kept. */
void RhoMembersAdd(RhoMembers members, const RhoObserved *observed);
/* NaN errors of a single one. */
void RhoMembersMean(RhoMembers members, RhoObserved *mean);

/* ---- of a result: outputs are read one after the other, each once for all observables together ---- */

/* observed [out] [n], in the arena.  *ok false after reports at place: not such a result, no such field, no output
   between the times. */
PetscErrorCode RhoObserve(RhoArena arena, RhoDiag diag, RhoPlace place, const char *path, int n,
                          const char *const *name, const RhoObserveOptions *options, RhoObserved *observed,
                          PetscBool *ok);

/* range [out] the densities that occur at the times and in the fields of the options. */
PetscErrorCode RhoObserveRange(RhoDiag diag, RhoPlace place, const char *path, const RhoObserveOptions *options,
                               double range[2], PetscBool *ok);

/* As tables of the analysis "observe": a group per observable, in it a group per curve with the datasets ABSCISSA,
   value, error (and error_within, of several runs), and per map; quantities are attributes NAME, NAME_error. */
void RhoObservedTables(RhoTables tables, const RhoObserved *observed);

/* ---- two results -------------------------------------------------------------------------------------------------

   Curves and quantities of the same names, the points of b's curves interpolated linearly at a's abscissae, without
   those beyond b's.  score: (b - a)/sqrt(error_a^2 + error_b^2), NaN without errors. */
typedef struct {
  const char *name;
  int n;
  const double *x;    /* [n] */
  RhoEstimate *a, *b; /* [n] */
  double *score;      /* [n] */
} RhoComparedCurve;

typedef struct {
  const char *name, *what;
  RhoEstimate a, b;
  double score;
} RhoComparedQuantity;

typedef struct {
  const RhoObserved *a, *b;
  int ncurve, nquantity;
  RhoComparedCurve *curve;
  RhoComparedQuantity *quantity;
  int nscore;        /* those that are defined */
  double chi2, most; /* sum of their squares; the largest of their magnitudes */
} RhoCompared;

/* Of one observable; a and b must live as long. */
void RhoCompare(RhoArena arena, const RhoObserved *a, const RhoObserved *b, RhoCompared *compared);
/* As tables of the analysis "compare": as above, with the datasets a, a_error, b, b_error, score. */
void RhoComparedTables(RhoTables tables, const RhoCompared *compared);

#endif
