/* observe.h - observables of results: what moves, how fast, where to.
   Layer observe (uses io; FFTW).  Theory: src/README.md, "Observables".

   A result is one of a run or one made of particles: nothing here asks which. */
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

#endif
