/* check_analyses.c - which analyses a model allows, and in one line why one does not. */
#include "check.h"
#include "rhoflux/coexist.h"

/* ---- is there a free energy ---- */

static const char *How(const RhoCheckup *check, bool proved) {
  const RhoVerdict *v = &check->verdict;
  if (v->given) return "given by the model";
  if (proved) return "proved by algebra";
  return RhoArenaPrint(check->arena, "by %d samples, densities from %g to %g", v->nsample, v->from, v->to);
}

static const char *Witness(const RhoCheckup *check) {
  const RhoVerdict *v = &check->verdict;
  if (v->reason && *v->reason) return v->reason;
  if (v->witness[0] < 0 || v->witness[1] < 0) return "its potentials are not derivatives of one functional";
  const char *a = check->c->model->field[v->witness[0]].name, *b = check->c->model->field[v->witness[1]].name;
  return RhoArenaPrint(check->arena, "d mu_%s/d %s differs from d mu_%s/d %s (by %.2g, relative)", a, b, b, a,
                       v->asymmetry);
}

const char *rho_verdict_text(const RhoCheckup *check) {
  const RhoVerdict *v = &check->verdict;
  if (!v->applicable) return RhoArenaPrint(check->arena, "none: %s", Witness(check));
  if (v->verdict == RHO_FUNCTIONAL)
    return RhoArenaPrint(check->arena, "functional (%s)", How(check, v->functional_proved));
  if (v->verdict == RHO_LOCAL)
    return RhoArenaPrint(check->arena, "local: of uniform states only (%s)", How(check, v->local_proved));
  return RhoArenaPrint(check->arena, "none: %s", Witness(check));
}

/* ---- analyses ---- */

/* What else moves a field than the potential: the free energy need not fall by it.  NULL: nothing. */
static const char *WithoutPotential(const RhoCheckup *check) {
  const char *what;
  int i = RhoMovedOtherwise(check->c->eq, &what);
  if (i < 0) return NULL;
  return RhoArenaPrint(check->arena, "its series in time; '%s' also changes by %s, which need not lower it",
                       check->c->model->field[i].name, what);
}

static void Add(RhoCheckup *check, const char *name, const char *what, bool available, const char *why) {
  check->analysis[check->nanalysis++] = (RhoAnalysis){name, what, available, why};
}

/* The construction of phases that `auto` takes, NULL: common tangents. */
static const char *Phases(const RhoCheckup *check, RhoVariational verdict) {
  static const RhoConstruction front[] = {RHO_EXACT_KERNEL, RHO_PSEUDO_DENSITY};
  const char *reason;
  for (int k = 0; k < 2 && verdict != RHO_FUNCTIONAL; k++) {
    RhoFront made;
    bool recognised = false;
    (void)RhoFrontCreate(check->c->eq, front[k], &recognised, &made, &reason);
    if (recognised)
      return RhoArenaPrint(check->arena, "coexisting phases by %s: rhoflux phase-diagram",
                           RhoConstructionName(front[k]));
  }
  if (verdict == RHO_FUNCTIONAL) return NULL;
  if (verdict == RHO_LOCAL)
    return "of the local free energy: rhoflux phase-diagram; the model's own phases from profiles";
  return RhoArenaPrint(check->arena, "from profiles of fronts alone, rhoflux phase-diagram: %s", Witness(check));
}

void rho_check_analyses(RhoCheckup *check) {
  RhoEquations eq = check->c->eq;
  RhoVariational verdict = check->verdict.applicable ? check->verdict.verdict : RHO_NOT_VARIATIONAL;
  check->analysis = RhoArenaAlloc(check->arena, 5 * sizeof *check->analysis);
  Add(check, "time evolution", "run", true, eq->uses_time ? "coefficients depend on t" : NULL);
  Add(check, "stability", "growth rates of plane waves about uniform states: rhoflux stability", !eq->uses_coordinate,
      eq->uses_coordinate ? "a coefficient depends on a coordinate: there is no n x n symbol" : NULL);
  Add(check, "phase diagram", "coexisting phases from the local free energy: rhoflux phase-diagram", true,
      Phases(check, verdict));
  Add(check, "free energy", "its series in time, which falls", verdict == RHO_FUNCTIONAL,
      verdict == RHO_FUNCTIONAL ? WithoutPotential(check)
      : verdict == RHO_LOCAL    ? "the free energy is that of uniform states only"
                                : "there is no free energy");
  Add(check, "noise", "fluctuating runs, noise: on in a case", rho_has_noise(check->c->model),
      rho_has_noise(check->c->model) ? NULL : "the model has no noise terms");
}
