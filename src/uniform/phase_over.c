/* phase_over.c - two fields over a parameter: diagrams at values of it, each by itself, and the curves of critical
   points and of three phases that pass through them. */
#include "phase_private.h"
#include <math.h>
#include <string.h>

enum { SECTIONS = 9 }; /* if no values are given */

typedef struct {
  RhoEquations eq;
  RhoBindFn bind;
  void *ctx;
  RhoPhases p;
} Over;

/* ---- sections --------------------------------------------------------------------------------------------------- */

static RhoStatus MakeSection(Over *over, double at, RhoPhaseSection *section) {
  double *value = RhoArenaAlloc(over->p.arena, sizeof *value * (size_t)(over->eq->nuniform + 1));
  RhoPhaseRequest request = *over->p.request;
  request.parameter = -1;
  request.nflash = request.npath = 0;
  section->parameter = at;
  RhoStatus status = over->bind(over->ctx, at, value);
  return status ? status : RhoPhaseDiagramMake(over->eq, value, &request, over->p.arena, &section->diagram);
}

static RhoStatus MakeSections(Over *over) {
  const RhoPhaseRequest *r = over->p.request;
  RhoPhaseDiagram *out = over->p.out;
  RhoStatus status = RHO_OK;
  int n = r->nsection ? r->nsection : SECTIONS;
  out->section = RhoArenaAlloc(over->p.arena, sizeof *out->section * (size_t)n);
  for (int k = 0; k < n && !status; k++) {
    double even = r->parameter_from + (r->parameter_to - r->parameter_from) * (k + 0.5) / n;
    status = MakeSection(over, r->nsection ? r->section[k] : even, &out->section[k]);
    out->nunexplained += out->section[k].diagram.nunexplained;
    out->nsection += !status;
  }
  return status;
}

/* ---- curves through them ---------------------------------------------------------------------------------------- */

static void SeedCritical(Over *over, RhoLines lines, const RhoPhasePoint *point, double at) {
  const RhoPhases *p = &over->p;
  double y[RHO_TRACE_MAX], norm = 0;
  RhoLocalCoordinates(p->local, point->state, y);
  for (int i = 0; i < p->n; i++) {
    y[p->n + i] = point->direction[i] / (p->local->logarithmic[i] ? point->state[i] : 1);
    norm += y[p->n + i] * y[p->n + i];
  }
  for (int i = 0; i < p->n; i++) y[p->n + i] /= sqrt(norm);
  y[2 * p->n] = at;
  rho_lines_critical(lines, y);
}

static void SeedThree(Over *over, RhoLines lines, const RhoPhaseSet *set, double at) {
  const RhoPhases *p = &over->p;
  double x[3 * MOSTX];
  for (int a = 0; a < 3; a++) {
    RhoLocalCoordinates(p->local, set->state + a * p->n, x + a * p->nx);
    x[a * p->nx + p->n] = at;
  }
  rho_lines_three(lines, x);
}

static void MakeLines(Over *over) {
  RhoPhaseDiagram *out = over->p.out;
  RhoLines lines = rho_lines_create(&over->p);
  for (int s = 0; s < out->nsection; s++) {
    const RhoPhaseSection *section = &out->section[s];
    for (int k = 0; k < section->diagram.ncritical; k++)
      SeedCritical(over, lines, &section->diagram.critical[k], section->parameter);
    for (int k = 0; k < section->diagram.nset; k++)
      SeedThree(over, lines, &section->diagram.set[k], section->parameter);
  }
  rho_lines_follow(lines);
  const RhoPhaseSet *set;
  out->nset = rho_lines_sets(lines, &set);
  out->set = (RhoPhaseSet *)set;
  rho_lines_result(lines);
}

/* ---- all of it -------------------------------------------------------------------------------------------------- */

static RhoStatus MakeOver(Over *over) {
  RhoPhases *p = &over->p;
  double *value = RhoArenaAlloc(p->arena, sizeof *value * (size_t)(over->eq->nuniform + 1));
  RhoStatus status = over->bind(over->ctx, p->request->parameter_from, value);
  if (status) return status;
  RhoLocalBind(p->local, value);
  status = rho_samples_make(p);
  rho_phases_reserve(p);
  rho_name_hidden(p);
  if (!status) status = MakeSections(over);
  if (!status && p->request->tangents) {
    MakeLines(over);
    rho_paths(p);
  }
  return status;
}

static RhoStatus Guarded(Over *over) {
  if (setjmp(*RhoArenaGuard(over->p.arena))) return RHO_NOMEM;
  return MakeOver(over);
}

RhoStatus RhoPhaseDiagramOver(RhoEquations eq, const RhoPhaseRequest *request, RhoBindFn bind, void *ctx,
                              RhoArena arena, RhoPhaseDiagram *out) {
  RhoLocal local;
  jmp_buf outer;
  if (eq->nfield != 2 || request->parameter < 0) return RHO_INPUT;
  RhoStatus status = RhoLocalCreate(eq, request->parameter, &local);
  if (status) return status;
  Over over = {eq, bind, ctx, {.local = local, .n = local->n, .nx = local->nx, .arena = arena, .request = request}};
  *out = (RhoPhaseDiagram){.nfield = eq->nfield, .nx = local->nx};
  over.p.out = out;
  memcpy(&outer, RhoArenaGuard(arena), sizeof outer);
  status = Guarded(&over);
  memcpy(RhoArenaGuard(arena), &outer, sizeof outer);
  RhoLocalDestroy(&local);
  return status;
}
