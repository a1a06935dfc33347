/* structure_factor.c - how strongly waves fluctuate.

     S_ij(q) = (Omega/V) <drho_i(q) drho_j(q)*>,   drho(q) = integral of drho exp(-i q.x),

   so that independent particles, Omega rho of them per volume, have S = rho (fluctuations.h has the same convention for
   Omega = 1).  The average over directions takes q with -q, which makes it real; between walls waves are cosines.  The
   fields are the averages of cells: no factor of the cells' shape is taken out.  Nothing but q = 0 is subtracted: a
   pattern at rest is in S. */
#include "observe_private.h"

static PetscErrorCode Create(RhoObserver o) {
  RhoWaveBins *bins;
  PetscFunctionBeginUser;
  PetscCall(rho_bins_observe(o, &bins));
  PetscCall(rho_samples_create((PetscInt)rho_npair(o->nfield) * bins->nbin, false, &o->samples));
  PetscFunctionReturn(0);
}

static PetscErrorCode Sample(RhoObserver o, const double *const *u, double *number) {
  RhoWaveBins *bins = o->data;
  PetscFunctionBeginUser;
  PetscCall(rho_bins_transform(bins, u));
  for (int i = 0; i < o->nfield; i++)
    for (int j = i; j < o->nfield; j++, number += bins->nbin) rho_bins_pair(bins, i, j, number);
  PetscFunctionReturn(0);
}

static PetscErrorCode Finish(RhoObserver o, RhoArena arena, RhoObserved *found) {
  const RhoWaveBins *bins = o->data;
  PetscFunctionBeginUser;
  found->what = "S_ij(q) = (omega/V) <drho_i(q) drho_j(q)*>, averaged over directions: rho for independent particles";
  found->abscissa = "q";
  found->scales = "loglog";
  rho_add_pairs(o, arena, found, "S", bins->nbin, bins->centre, o->options.omega);
  PetscFunctionReturn(0);
}

const RhoObservableFns rho_observable_structure_factor = {Create, Sample, Finish, rho_bins_forget};
