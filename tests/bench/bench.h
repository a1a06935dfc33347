/* bench.h - what the benchmarks share: a clock, works that take turns, a model on a periodic box, steps of a scheme. */
#ifndef RHO_TESTS_BENCH_H
#define RHO_TESTS_BENCH_H
#include "../worse.h"
#include "ref.h"
#include "rhoflux/evolve.h"
#include <fftw3.h>

typedef struct {
  int ndim, n; /* n cells along each */
} BenchShape;

typedef struct Bench_s Bench;
typedef PetscErrorCode (*BenchWork)(Bench *b);

/* What a row measures on a grid; limits.c, works.c make and use the parts they need. */
struct Bench_s {
  BenchShape shape;
  const char *scheme; /* of Steps */
  int nstep;
  bool constant, spectral;
  PetscInt nfield, ncell;
  RhoDiag diag;
  RhoModel model;
  RhoEquations eq;
  RhoGrid grid;
  RhoFieldModel fm;
  RhoTransform transform;
  RhoTangent stiff;
  RhoNoise noise;
  Vec u, F, local;
  RhoEvolveState last;          /* of the last Steps */
  double *value;                /* [nuniform] */
  double *cells, *copy, *other; /* [ncell], aligned to 64 bytes */
  double *sensed[2], *rate;     /* [ncell], [2*ncell] */
  double *ring;                 /* workspace of the fused stencils */
  double *factor;               /* [entries of a bare spectrum] K^ over the number of cells */
  PetscScalar **spectrum;       /* [nfield] */
  fftw_complex *entries;
  fftw_plan forward, backward; /* bare, measured, cells to entries and back */
  fftw_plan apart;             /* of one of two interleaved fields */
  RhoTape normal;              /* pairs of uniform numbers to a normal one */
};

/* Processor time of the process in seconds: on a quiet machine wall clock, on a busy one the only thing to look at. */
double BenchNow(void);
/* Seconds of each of n works that take turns: the least of the rounds that fill so many seconds, five at least. */
PetscErrorCode BenchTurns(Bench *b, double seconds, int n, const BenchWork *work, double *best);

/* path: a model file of models/, or, with a line break in it, the text of one.  The box has length n along each
   dimension; u is smooth, about 1 for densities.  Released by BenchClose, with all that rows have made. */
PetscErrorCode BenchOpen(MPI_Comm comm, const char *model, BenchShape shape, bool spectral, Bench *b);
PetscErrorCode BenchClose(Bench *b);
/* As if it were another state, whose ghosts are not known. */
PetscErrorCode BenchTouch(Vec u);
/* n numbers, aligned and written: an untouched page would be read from one page of zeros. */
double *BenchRoom(size_t n);
/* b->nstep steps of b->scheme from u, fixed where the scheme allows it; b->last tells what they took. */
PetscErrorCode BenchSteps(Bench *b);

/* ---- limits.c: what nothing of the kind can do without; prepared by the first call that is not timed ---- */

PetscErrorCode BenchTriad(Bench *b);   /* STREAM's over the cells, 24 bytes each */
PetscErrorCode BenchCopy(Bench *b);    /* memcpy of the cells                     */
PetscErrorCode BenchStencil(Bench *b); /* fused Cahn-Hilliard in 2-D, else the triad */
PetscErrorCode BenchPair(Bench *b);    /* FFTW's best real-to-complex transform of one field, there and back */
PetscErrorCode BenchNumbers(Bench *b); /* normal numbers, one for each dimension and cell */
PetscErrorCode BenchQuorum(Bench *b);  /* the residual of quorum_sensing_cross in 2-D, written by hand */
PetscErrorCode BenchFreeLimits(Bench *b);

#endif
