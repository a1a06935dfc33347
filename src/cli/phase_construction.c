/* phase_construction.c - by which construction the phases of a case are found, and what stands in the way of one that
   is asked for. */
#include "phase.h"
#include <math.h>

const RhoConstructionRow rho_construction[RHO_CONSTRUCTION_COUNT] = {
#define RHO_CONSTRUCTION(id, word, by, what) {word, what, RHO_BY_##by},
#include "constructions.def"
#undef RHO_CONSTRUCTION
};

RhoConstructionBy rho_phase_by(const RhoCasePhase *phase) { return rho_construction[phase->construction].by; }

/* ---- a free energy --------------------------------------------------------------------------------------------------
 */

static void RefuseTangents(RhoCase *c, RhoPlace place, const char *reason) {
  RhoDiagReport(c->cli->diag, RHO_ID_NO_FREE_ENERGY, place, "there is no free energy to take tangents of: %s", reason);
  RhoDiagHint(c->cli->diag, "construction: spinodal, or auto, gives what there is; rhoflux check says why");
}

static const char *WhyNone(RhoCase *c, const RhoVerdict *verdict) {
  if (!verdict->applicable) return verdict->reason;
  const char *a = c->model->field[verdict->witness[0]].name, *b = c->model->field[verdict->witness[1]].name;
  return RhoArenaPrint(c->cli->arena, "d mu[%s]/d %s differs from d mu[%s]/d %s", a, b, b, a);
}

static bool HasEnergy(const RhoVerdict *verdict) {
  return verdict->applicable && verdict->verdict != RHO_NOT_VARIATIONAL;
}

static bool HasPotentials(RhoCase *c) {
  for (int i = 0; i < c->eq->nfield; i++) {
    if (c->eq->equation[i].potential >= 0) continue;
    RhoDiagReport(c->cli->diag, RHO_ID_NO_FREE_ENERGY, c->phase->place,
                  "a phase diagram needs potentials, and '%s' has none", c->model->field[i].name);
    RhoDiagHint(c->cli->diag, "a potential and a mobility in the place of the flux, or a free energy");
    return false;
  }
  if (c->eq->nfield <= 3) return true;
  RhoDiagReport(c->cli->diag, RHO_ID_CASE_RANGE, c->phase->place,
                "the model '%s' has too many fields for a phase diagram", c->model->name);
  RhoDiagHint(c->cli->diag, "at most three fields");
  return false;
}

/* ---- fronts ---------------------------------------------------------------------------------------------------------
 */

/* The row's word is that of the construction of the library. */
static RhoConstruction OfLibrary(RhoConstructionId id) {
  return id == RHO_CONSTRUCTION_EXACT_KERNEL ? RHO_EXACT_KERNEL : RHO_PSEUDO_DENSITY;
}

static bool IsFront(RhoCase *c, RhoConstructionId id, const char **reason) {
  bool recognised = false;
  (void)RhoFrontCreate(c->eq, OfLibrary(id), &recognised, &c->phase->front, reason);
  return recognised;
}

/* ---- profiles -------------------------------------------------------------------------------------------------------
 */

static void ReadFront(RhoCase *c, const RhoYaml *section) {
  static const char *const keys[] = {"length", "cells", "between"};
  const RhoYaml *map = rho_case_map(c, section, "front", 3, keys);
  const RhoYaml *length = map ? RhoYamlFind(map, "length") : NULL, *cells = map ? RhoYamlFind(map, "cells") : NULL;
  long ncell = 128, nbetween = c->phase->request.parameter < 0 ? 0 : 20;
  if (!length)
    rho_case_missing(c, map ? map : section, "phase_diagram by profiles", map ? "length" : "front",
                     "the box of a front: front: {length: 16, cells: 128}");
  if (!c->phase->request.nflash)
    rho_case_missing(c, section, "phase_diagram by profiles", "compositions",
                     "the means at which fronts are looked for, compositions: [{\"rho[s]\": 1}]");
  if (!length || !rho_case_value(c, length, &c->phase->length)) return;
  if (cells && !RhoYamlInteger(c->cli->diag, cells, 8, RHO_PATTERN_MOST / (2 * c->eq->nfield), &ncell)) return;
  const RhoYaml *between = RhoYamlFind(map, "between");
  if (between && !RhoYamlInteger(c->cli->diag, between, 0, 1000, &nbetween)) return;
  c->phase->ncell = (int)ncell;
  c->phase->nbetween = (int)nbetween;
  if (c->phase->length > 0) return;
  RhoDiagReport(c->cli->diag, RHO_ID_CASE_RANGE, length->place, "the box of a front has the length %g",
                c->phase->length);
  RhoDiagHint(c->cli->diag, "a positive length, several times the width of a front");
}

/* ---- the choice -----------------------------------------------------------------------------------------------------
 */

static RhoConstructionId Choose(RhoCase *c, const RhoYaml *section) {
  const char *reason;
  if (HasEnergy(&c->phase->verdict) && c->phase->verdict.verdict == RHO_FUNCTIONAL)
    return RHO_CONSTRUCTION_COMMON_TANGENT;
  if (RhoYamlFind(section, "front")) return RHO_CONSTRUCTION_PROFILES;
  for (int k = 0; k < RHO_CONSTRUCTION_COUNT; k++)
    if (rho_construction[k].by == RHO_BY_FRONT && IsFront(c, (RhoConstructionId)k, &reason))
      return (RhoConstructionId)k;
  return HasEnergy(&c->phase->verdict) ? RHO_CONSTRUCTION_COMMON_TANGENT : RHO_CONSTRUCTION_SPINODAL;
}

/* What is of profiles alone would be passed over. */
static void CheckNoFront(RhoCase *c, const RhoYaml *section) {
  const RhoYaml *front = RhoYamlFind(section, "front");
  if (!front || rho_phase_by(c->phase) == RHO_BY_PROFILES) return;
  RhoDiagReport(c->cli->diag, RHO_ID_CASE_CONFLICT, front->place, "a front is of profiles, and this diagram is by '%s'",
                rho_construction[c->phase->construction].word);
  RhoDiagHint(c->cli->diag, "construction: profiles, or leave `front` out");
}

static void Check(RhoCase *c, const RhoYaml *section, const RhoYaml *node) {
  RhoCasePhase *phase = c->phase;
  const char *reason = "";
  CheckNoFront(c, section);
  switch (rho_phase_by(phase)) {
  case RHO_BY_TANGENTS:
    if (HasPotentials(c) && !HasEnergy(&phase->verdict)) RefuseTangents(c, node->place, WhyNone(c, &phase->verdict));
    break;
  case RHO_BY_SPINODAL: (void)HasPotentials(c); break;
  case RHO_BY_PROFILES: ReadFront(c, section); break;
  case RHO_BY_FRONT:
    if (IsFront(c, phase->construction, &reason)) break;
    RhoDiagReport(c->cli->diag, RHO_ID_NO_CONSTRUCTION, node->place, "'%s' does not have the form that '%s' is for: %s",
                  c->model->name, rho_construction[phase->construction].word, reason);
    RhoDiagHint(c->cli->diag, "construction: auto, or profiles, which takes any model");
  }
}

void rho_phase_construction_read(RhoCase *c, const RhoYaml *section) {
  const char *word[RHO_CONSTRUCTION_COUNT + 1] = {"auto"};
  const RhoYaml *node = RhoYamlFind(section, "construction");
  RhoCasePhase *phase = c->phase;
  double to = 0;
  for (int k = 0; k < RHO_CONSTRUCTION_COUNT; k++) word[k + 1] = rho_construction[k].word;
  int chosen = node ? rho_case_word(c, node, "construction", RHO_CONSTRUCTION_COUNT + 1, word) : 0;
  if (chosen < 0) return;
  for (int i = 0; i < c->eq->nfield; i++) to = fmax(to, phase->request.to[i]);
  phase->verdict = RhoVariationalTest(c->eq, c->value, 1e-3 * to, to);
  phase->construction = chosen > 0 ? (RhoConstructionId)(chosen - 1) : Choose(c, section);
  phase->request.tangents = rho_phase_by(phase) == RHO_BY_TANGENTS;
  Check(c, section, node ? node : section);
}
