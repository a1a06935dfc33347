/* observe_private.h - what observables share: samples and their errors, waves, names.  Private to observe. */
#ifndef RHO_OBSERVE_PRIVATE_H
#define RHO_OBSERVE_PRIVATE_H
#include "rhoflux/observe.h"

/* ---- estimate.c ---- */

/* Mean of a series in time and its standard error, the correlation in time included; error NaN for n < 2.
     tau [out]  integrated correlation time in steps of the series, 1/2 without correlation; may be NULL */
RhoEstimate rho_estimate(PetscInt n, const double *y, double *tau);
double rho_mean(PetscInt n, const double *y);
/* The value with the error of the mean of n independent estimates y of it; NaN for n < 2. */
RhoEstimate rho_block_estimate(double value, PetscInt n, const double *y);
/* Slope of y over x by least squares; its error from what is left over, with the correlation of that. */
RhoEstimate rho_slope(PetscInt n, const double *x, const double *y);

/* ---- samples.c: one row of numbers per state; when there are too many rows, neighbours become one ---- */

typedef struct {
  PetscInt nnumber, nrow, room, most; /* nrow full rows; rows of memory; rows at which neighbours are merged */
  PetscInt64 per, left, nsample;      /* states per full row; states in the row behind them; all states */
  double *row;                        /* [room][nnumber] sums */
  double *time;                       /* [room] sums */
  double *next;                       /* [nnumber]: for the state that comes */
  double first, last;
} RhoSamples;

PetscErrorCode rho_samples_create(PetscInt nnumber, bool series, RhoSamples *samples);
PetscErrorCode rho_samples_add(RhoSamples *samples, double time); /* what stands in next */
PetscErrorCode rho_samples_destroy(RhoSamples *samples);
/* As numbers one behind the other, in memory to be freed by PetscFree; and back. */
PetscErrorCode rho_samples_pack(const RhoSamples *samples, PetscInt *n, double **data);
PetscErrorCode rho_samples_unpack(RhoSamples *samples, PetscInt n, const double *data, bool *ok);
/* Means of number j over each full row; y[nrow]. */
void rho_samples_series(const RhoSamples *samples, PetscInt j, double *y);
double rho_samples_mean(const RhoSamples *samples, PetscInt j);
/* Mean of all states, error from the rows; work[nrow]. */
RhoEstimate rho_samples_estimate(const RhoSamples *samples, PetscInt j, double *work);

/* ---- an observer, and the functions of an observable ---- */

typedef struct {
  /* Fills observer->data and calls rho_samples_create. */
  PetscErrorCode (*create)(RhoObserver observer);
  PetscErrorCode (*sample)(RhoObserver observer, const double *const *u, double *number);
  PetscErrorCode (*finish)(RhoObserver observer, RhoArena arena, RhoObserved *observed);
  PetscErrorCode (*destroy)(RhoObserver observer);
} RhoObservableFns;

struct RhoObserver_s {
  const RhoObservableInfo *info;
  const RhoObservableFns *fns;
  RhoArena arena;
  const RhoMesh *mesh;
  size_t ncell;
  int nfield;
  const char **field;
  RhoObserveOptions options;
  RhoSamples samples;
  double *packed; /* by RhoObserverSave */
  void *data;
};

/* Pairs i <= j: (0,0), (0,1), ..., (1,1), ... */
static inline int rho_npair(int n) { return n * (n + 1) / 2; }
/* "S(rho[a],rho[b])" of pair k, *i and *j set. */
const char *rho_pair_name(RhoObserver observer, RhoArena arena, const char *symbol, int k, int *i, int *j);

/* To what is found; arrays of the arena. */
void rho_add_curve(RhoArena arena, RhoObserved *observed, const char *name, int n, const double *x, const double *value,
                   const double *error);
void rho_add_quantity(RhoArena arena, RhoObserved *observed, const char *name, const char *what, RhoEstimate estimate);
RhoMap *rho_add_map(RhoArena arena, RhoObserved *observed, const char *name);
/* A curve of the means and errors of n numbers from `first` on, times a factor. */
void rho_add_samples(RhoObserver observer, RhoArena arena, RhoObserved *observed, const char *name, PetscInt first,
                     int n, const double *x, double factor);
/* The same for each pair of fields: n numbers each, one pair behind the other. */
void rho_add_pairs(RhoObserver observer, RhoArena arena, RhoObserved *observed, const char *symbol, int n,
                   const double *x, double factor);

/* ---- compare.c: x between points k and next of a curve, a share t of the way on; false: beyond its ends ---- */

bool rho_curve_at(const RhoCurve *curve, double x, int *k, int *next, double *t);
/* On the line from a to b; one of them alone at its ends, where the other may be NaN. */
static inline double rho_between(double t, double a, double b) { return t == 0 ? a : t == 1 ? b : (1 - t) * a + t * b; }

/* ---- choose.c: fields and outputs by what was asked for; id: of the report ---- */

typedef struct {
  RhoArena arena;
  RhoDiag diag;
  RhoPlace place;
  RhoDiagId id;
} RhoChooser;
/* field[*n] of info->field: those of these names, without names all that are not derived. */
RhoStatus rho_choose_fields(const RhoChooser *c, const RhoResultInfo *info, int nname, const char *const *name, int *n,
                            int **field);
/* What keeps waves from being looked at along dimension d: "has walls"; NULL: nothing. */
const char *rho_not_waves(const RhoDimension *along, unsigned needs);
/* Of the longest wave that the mesh has. */
double rho_smallest_wavenumber(const RhoMesh *mesh);

/* ---- modes.c: waves of states ---- */

/* Entry m of a spectrum stands for dof[m] real waves, orthonormal over the volume, and share[m] Re(U_m conj V_m) is the
   sum of V u v over them; that of q = 0 is 0.  Bins of |q| have the mean q of their waves; none is empty. */
typedef struct {
  RhoGrid grid;
  RhoTransform transform;
  PetscInt nmode, width;
  int nfield, nbin;
  const PetscReal *q[RHO_MAXDIM];
  double *share, *dof;    /* [nmode] */
  int *bin;               /* [nmode]; -1: q = 0, or beyond the last bin */
  double *centre, *count; /* [nbin] mean of |q|; number of waves */
  PetscScalar **spectrum; /* [nfield] */
} RhoWaveBins;

PetscErrorCode rho_bins_create(RhoObserver observer, RhoWaveBins *bins);
PetscErrorCode rho_bins_destroy(RhoWaveBins *bins);
/* For an observer that needs nothing else: observer->data are its bins; and away with them. */
PetscErrorCode rho_bins_observe(RhoObserver observer, RhoWaveBins **bins);
PetscErrorCode rho_bins_forget(RhoObserver observer);
PetscErrorCode rho_bins_transform(RhoWaveBins *bins, const double *const *u);
/* The mean of V <u_i u_j*> over the waves of each bin; S[nbin]. */
void rho_bins_pair(const RhoWaveBins *bins, int i, int j, double *S);

#endif
