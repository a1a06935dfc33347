/* dissipation.c - rates of stored series, lines of a result taken as its states.

     free_energy          dissipation = -(F(t2) - F(t1))/(t2 - t1) between neighbouring lines, and between the ends
     entropy_production   its mean: each line is the mean over the time since the line before (work.c of field)

   Errors are those of means of correlated series; that of the fall between the ends is of the rates in between. */
#include "observe_private.h"
#include <math.h>
#include <string.h>

static PetscErrorCode Create(RhoObserver o) {
  PetscFunctionBeginUser;
  PetscCall(rho_samples_create(o->nfield, true, &o->samples));
  PetscFunctionReturn(0);
}

static PetscErrorCode Destroy(RhoObserver o) {
  (void)o;
  return 0;
}

static PetscErrorCode Sample(RhoObserver o, const double *const *u, double *number) {
  PetscFunctionBeginUser;
  for (int s = 0; s < o->nfield; s++) number[s] = *u[s];
  PetscFunctionReturn(0);
}

static void AddFall(RhoArena arena, RhoObserved *found, int n, const double *t, const double *F) {
  size_t room = (size_t)n + 1;
  double *middle = RhoArenaAlloc(arena, 3 * room * sizeof *middle), *rate = middle + room, *none = rate + room;
  for (int k = 0; k + 1 < n; k++) {
    middle[k] = 0.5 * (t[k] + t[k + 1]);
    rate[k] = -(F[k + 1] - F[k]) / (t[k + 1] - t[k]);
    none[k] = NAN;
  }
  if (n < 2) return;
  rho_add_curve(arena, found, "dissipation", n - 1, middle, rate, none);
  rho_add_quantity(arena, found, "dissipation", "fall of the free energy per time, of the whole box",
                   (RhoEstimate){-(F[n - 1] - F[0]) / (t[n - 1] - t[0]), rho_estimate(n - 1, rate, NULL).error});
}

static void AddMean(RhoArena arena, RhoObserved *found, const char *name, int n, const double *t, const double *y) {
  double *none = RhoArenaAlloc(arena, ((size_t)n + 1) * sizeof *none);
  for (int k = 0; k < n; k++) none[k] = NAN;
  rho_add_curve(arena, found, name, n, t, y, none);
  rho_add_quantity(arena, found, name, "per time, of the whole box", rho_estimate(n, y, NULL));
}

static PetscErrorCode Finish(RhoObserver o, RhoArena arena, RhoObserved *found) {
  int n = (int)o->samples.nrow;
  double *y;
  PetscFunctionBeginUser;
  PetscCall(PetscMalloc1(n + 1, &y));
  found->abscissa = "t";
  for (int s = 0; s < o->nfield; s++) {
    rho_samples_series(&o->samples, s, y);
    if (!strcmp(o->field[s], "free_energy")) AddFall(arena, found, n, o->samples.time, y);
    else AddMean(arena, found, RhoArenaPrint(arena, "%s", o->field[s]), n, o->samples.time, y);
  }
  PetscCall(PetscFree(y));
  PetscFunctionReturn(0);
}

const RhoObservableFns rho_observable_dissipation = {Create, Sample, Finish, Destroy};
