/* case_noise.c - the section `noise` of a case: on, off, or {omega: 1000, entropy_production: yes}, which is on. */
#include "case.h"
#include "equations.h"
#include <string.h>

#define ENTROPY "entropy_production"
#define NONNEGATIVE "nonnegative"

static void Report(RhoCase *c, RhoPlace place, const char *what, const char *hint) {
  RhoDiagReport(c->cli->diag, RHO_ID_CASE_NOISE, place, "%s", what);
  RhoDiagHint(c->cli->diag, "%s", hint);
}

static bool IsYes(RhoCase *c, const RhoYaml *map, const char *key) {
  static const char *const no_yes[] = {"no", "yes"};
  const RhoYaml *node = RhoYamlFind(map, key);
  return node && rho_case_word(c, node, key, 2, no_yes) == 1;
}

static bool IsOn(RhoCase *c, const RhoYaml *node) {
  static const char *const word[] = {"off", "on"}, *const more[] = {ENTROPY, NONNEGATIVE};
  const char **keys;
  int nkey = rho_case_number_keys(c, "noise", 2, more, &keys);
  if (node->kind == RHO_YAML_TEXT) return rho_case_word(c, node, "noise", 2, word) == 1;
  const RhoYaml *map = rho_case_map(c, c->root, "noise", nkey, keys);
  c->nonnegative = IsYes(c, map, NONNEGATIVE);
  c->work = IsYes(c, map, ENTROPY);
  if (c->work) c->work_place = RhoYamlFind(map, ENTROPY)->place;
  return map != NULL;
}

void rho_case_noise_read(RhoCase *c) {
  const RhoYaml *node = RhoYamlFind(c->root, "noise");
  const char *name = c->model->name;
  RhoArena arena = c->cli->arena;
  c->noise = node ? IsOn(c, node) : c->number[RHO_CASE_OMEGA].given;
  if (!c->noise) return;
  RhoPlace place = node ? node->place : c->number[RHO_CASE_OMEGA].place;
  if (!c->scheme) c->scheme = RHO_EVOLVE_AUTO;
  bool chosen = strcmp(c->scheme, RHO_EVOLVE_AUTO) != 0;
  if (!rho_has_noise(c->model))
    Report(c, place, RhoArenaPrint(arena, "model '%s' has no noise", name),
           "a model says it in its equations, dynamics: {rho: {noise: \"sqrt(2*D*rho)\"}}");
  else if (chosen && !RhoEvolveTakesNoise(c->scheme))
    Report(c, place, RhoArenaPrint(arena, "scheme '%s' takes no noise", c->scheme),
           "solver: {scheme: imex_midpoint}, imex_em or em; or noise: off");
  else if (chosen && c->nonnegative && !RhoEvolveLimitsNoise(c->scheme))
    Report(c, place, RhoArenaPrint(arena, "scheme '%s' can not keep noise from taking more than there is", c->scheme),
           "solver: {scheme: em}; or without nonnegative");
  else if (c->nonnegative && c->discretization != RHO_CASE_VOLUMES)
    Report(c, place, "the spectral discretisation can not keep noise from taking more than there is",
           "finite volumes, discretization: finite_volumes; or without nonnegative");
  else if (!c->number[RHO_CASE_FIXED_STEP].given)
    Report(c, place, "steps with noise can not be rejected, and so not be found by trial",
           "their length is to be given, time: {fixed_step: 0.01}");
}

void rho_case_work_check(RhoCase *c) {
  RhoNode *mu = RhoArenaAlloc(c->cli->arena, (size_t)c->eq->nfield * sizeof *mu);
  const char *why;
  if (RhoForcePotentials(c->eq, c->has_mesh ? c->mesh.ndimension : c->dim, c->value, mu, &why)) return;
  Report(c, c->work_place,
         RhoArenaPrint(c->cli->arena, "the entropy production of '%s' is not measured: %s", c->model->name, why),
         "it takes fluxes -M*grad(mu) with noise sqrt(2*M*T), and no other changes");
}
