/* coarsening.c - the length of a pattern that coarsens, and the exponent of its growth.

     l(t) = 2 pi sum_q |drho(q)|^2/sum_q |q| |drho(q)|^2,    l ~ t^exponent over the times looked at

   Noise adds to the sums at all q: options.top leaves out what is far beyond the pattern's q. */
#include "observe_private.h"
#include <math.h>

static PetscErrorCode Create(RhoObserver o) {
  RhoWaveBins *bins;
  PetscFunctionBeginUser;
  PetscCall(rho_bins_observe(o, &bins));
  PetscCall(rho_samples_create(o->nfield, true, &o->samples));
  PetscFunctionReturn(0);
}

static PetscErrorCode Sample(RhoObserver o, const double *const *u, double *number) {
  RhoWaveBins *bins = o->data;
  double *S;
  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(bins->nbin, &S));
  PetscCall(rho_bins_transform(bins, u));
  for (int f = 0; f < o->nfield; f++) {
    double sum = 0, moment = 0;
    rho_bins_pair(bins, f, f, S);
    for (int k = 0; k < bins->nbin; k++) {
      sum += bins->count[k] * S[k];
      moment += bins->count[k] * bins->centre[k] * S[k];
    }
    number[f] = 2 * M_PI * sum / moment;
  }
  PetscCall(PetscFree(S));
  PetscFunctionReturn(0);
}

/* Of log l over log t, from the times above 0. */
static RhoEstimate Exponent(const RhoCurve *curve, double *x, double *y) {
  int n = 0;
  for (int k = 0; k < curve->n; k++) {
    if (!(curve->x[k] > 0 && curve->value[k] > 0)) continue;
    x[n] = log(curve->x[k]);
    y[n++] = log(curve->value[k]);
  }
  return rho_slope(n, x, y);
}

static PetscErrorCode Finish(RhoObserver o, RhoArena arena, RhoObserved *found) {
  int n = (int)o->samples.nrow;
  double *x, *y, *none;
  PetscFunctionBeginUser;
  PetscCall(PetscMalloc3(n, &x, n, &y, n, &none));
  found->what = "l = 2 pi sum S/sum q S, the length of a pattern; l ~ t^exponent";
  found->abscissa = "t";
  found->scales = "loglog";
  for (int k = 0; k < n; k++) none[k] = NAN;
  for (int f = 0; f < o->nfield; f++) {
    rho_samples_series(&o->samples, f, y);
    rho_add_curve(arena, found, RhoArenaPrint(arena, "l(%s)", o->field[f]), n, o->samples.time, y, none);
    rho_add_quantity(arena, found, RhoArenaPrint(arena, "exponent(%s)", o->field[f]), "of the growth of l in time",
                     Exponent(&found->curve[found->ncurve - 1], x, y));
  }
  PetscCall(PetscFree3(x, y, none));
  PetscFunctionReturn(0);
}

const RhoObservableFns rho_observable_coarsening = {Create, Sample, Finish, rho_bins_forget};
