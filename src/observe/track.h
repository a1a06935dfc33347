/* track.h - the parts of tracking: waves of the outputs, and what their amplitudes say.  Private to observe. */
#ifndef RHO_TRACK_H
#define RHO_TRACK_H
#include "rhoflux/observe.h"
#include <complex.h>

enum { RHO_TRACK_MODES = 24 }; /* waves that are followed, the strongest ones */

typedef struct {
  int mode[RHO_MAXDIM]; /* periods along each dimension */
  double k[RHO_MAXDIM];
  double share; /* of the fluctuation, each field in units of its own */
} RhoTrackMode;

/* What is followed. */
typedef struct {
  RhoArena arena;
  RhoFrames frames;
  const RhoResultInfo *info;
  int ndim, nfield, *field; /* of info->field */
  int first, nt;            /* outputs */
  const double *time;       /* [nt] */
  double *mean, *weight;    /* [nfield] over cells and outputs; 1/variance, 0 for a field without fluctuation */
  double *height;           /* [nt][nfield] half of maximum less minimum */
  int nmode;
  RhoTrackMode *mode;        /* [nmode], by falling share */
  double complex *amplitude; /* [nmode][nfield][nt] */
} RhoTracking;

static inline double complex *rho_track_series(const RhoTracking *t, int m, int f) {
  return t->amplitude + ((size_t)m * (size_t)t->nfield + (size_t)f) * (size_t)t->nt;
}

/* Reads the outputs twice: which waves are strong, and their amplitudes.  With info, field, first, nt, time set. */
RhoStatus rho_track_modes(RhoTracking *t, RhoDiag diag);

/* ---- track_fit.c ---- */

/* Turns of wave m from output to output, all fields together: phase[nt], unwrapped from 0.  Returns the largest step.
 */
double rho_track_phase(const RhoTracking *t, int m, double *phase);
/* The slope of y[n] over x[n] by least squares, with the error from the scatter of the slopes of blocks. */
RhoEstimate rho_track_slope(int n, const double *x, const double *y);
/* Share of the fluctuation of the waves followed that is one pattern displaced by s[nt][ndim]. */
double rho_track_coherence(const RhoTracking *t, const double *s);
/* Wave m as C + A exp(-i w t) + B exp(i w t), the same w in all fields: the best w, its share in the change of the wave
   in time, and min(|A|, |B|)/max(|A|, |B|).  w is NaN with fewer than 8 outputs. */
typedef struct {
  RhoEstimate frequency;
  double share, balance;
} RhoOscillation;
RhoOscillation rho_track_oscillation(const RhoTracking *t, int m);
/* Mean and its error of y[n] by blocks. */
RhoEstimate rho_track_mean(int n, const double *y);

#endif
