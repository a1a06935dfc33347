/* phase_print.c - a phase diagram in words and numbers. */
#include "phase.h"
#include <math.h>

const char *rho_phase_stability(RhoPhaseStability stability) {
  static const char *const word[] = {"unstable", "metastable", "stable"};
  return word[stability];
}

const char *rho_phase_meaning(const RhoPhaseRun *run) {
  const RhoVerdict *verdict = &run->asked->verdict;
  switch (run->asked->construction) {
  case RHO_CONSTRUCTION_EXACT_KERNEL:
    return "exact for every symmetric kernel, however short; common tangents of a free energy that is local only are "
           "not";
  case RHO_CONSTRUCTION_PSEUDO_DENSITY:
    return "exact for planar fronts; gradient terms without a free energy move the phases";
  case RHO_CONSTRUCTION_PROFILES:
    return "each pair is on a tie line of the model; which one depends on the means and on the box";
  default: break;
  }
  if (!run->asked->request.tangents && (!verdict->applicable || verdict->verdict == RHO_NOT_VARIATIONAL))
    return "there is no free energy: no tangent construction exists, coexistence takes profiles of interfaces";
  if (!run->asked->request.tangents) return "where uniform states become unstable";
  if (verdict->verdict == RHO_FUNCTIONAL)
    return "these are the phases of the model, with interfaces of any shape between them";
  return "f is local only: with its kernels the model's own phases are not these, however short the kernels are";
}

/* nx + 1 phases: what their states span; over a parameter they are at one value of it. */
static const char *SetName(const RhoPhaseDiagram *d) {
  if (d->nx > d->nfield) return d->nfield == 2 ? "quadruple point" : "triple point";
  return d->nfield == 3 ? "tetrahedron" : "triangle";
}

const char *rho_phase_special(RhoPhaseSpecialKind kind) {
  static const char *const word[] = {"tricritical point", "cusp", "critical end point", "turning point"};
  return word[kind];
}

/* "three phases" or "critical points" */
static const char *LineName(const RhoPhaseLine *line) { return line->nphase == 1 ? "critical points" : "three phases"; }

const char *rho_phase_end(const RhoPhaseRun *run, const RhoPhaseDiagram *d, RhoPhaseEnd end) {
  RhoArena arena = run->c->cli->arena;
  switch (end.kind) {
  case RHO_PHASE_CRITICAL: return RhoArenaPrint(arena, "critical point %d", end.which + 1);
  case RHO_PHASE_TRIANGLE: return RhoArenaPrint(arena, "%s %d", SetName(d), end.which + 1);
  case RHO_PHASE_VANISHED: return RhoArenaPrint(arena, "vanishing %s", run->c->model->field[end.which].name);
  case RHO_PHASE_HIDDEN: return RhoArenaPrint(arena, "vanishing %s", d->hidden[end.which]);
  case RHO_PHASE_WINDOW: return "edge of the window";
  case RHO_PHASE_SPINODAL: return "spinodal";
  case RHO_PHASE_PARAMETER: return "end of the range";
  case RHO_PHASE_CLOSED: return "closed";
  case RHO_PHASE_COMPOSITION: return RhoArenaPrint(arena, "composition %d", end.which + 1);
  case RHO_PHASE_ISOLATED: return "one pair";
  case RHO_PHASE_SAMPLED: return "some of many";
  case RHO_PHASE_PATH: return end.which ? "end of the path" : "beginning of the path";
  case RHO_PHASE_THIRD: return "where a third phase comes first";
  case RHO_PHASE_SPECIAL:
    return RhoArenaPrint(arena, "%s %d", rho_phase_special(d->special[end.which].kind), end.which + 1);
  case RHO_PHASE_BOX: return "where the box is too small for the front";
  case RHO_PHASE_LOST: break;
  }
  return "where it could not be followed";
}

/* ---- text ---- */

static void State(const RhoPhaseRun *run, const double *state, FILE *stream) {
  fputc('(', stream);
  for (int i = 0; i < run->d.nx; i++) fprintf(stream, "%s%.8g", i ? ", " : "", state[i]);
  fputc(')', stream);
}

static void Head(const RhoPhaseRun *run, FILE *stream) {
  const RhoPhaseRequest *request = &run->asked->request;
  RhoModel model = run->c->model;
  fprintf(stream, "%s: %s\n  %s\n  ", run->c->name ? run->c->name : model->name,
          rho_construction[run->asked->construction].what, rho_phase_meaning(run));
  for (int i = 0; i < run->d.nfield; i++)
    fprintf(stream, "%s%s from %g to %g", i ? ", " : "", model->field[i].name, request->from[i], request->to[i]);
  if (request->parameter >= 0)
    fprintf(stream, ", %s from %g to %g", model->parameter[request->parameter].name, request->parameter_from,
            request->parameter_to);
  if (rho_phase_by(run->asked) == RHO_BY_PROFILES) {
    fprintf(stream, "; a box of %g, %d and %d cells\n", run->asked->length, run->asked->ncell, 2 * run->asked->ncell);
    return;
  }
  fprintf(stream, "; closed regions below");
  for (int i = 0; i < run->d.nfield; i++) fprintf(stream, "%s %.2g", i ? " x" : "", run->d.resolution[i]);
  fprintf(stream, " may be missed\n");
}

/* Of three fields, sets of three phases are some of those on the curves: their number. */
static void Sets(const RhoPhaseRun *run, FILE *stream) {
  const RhoPhaseDiagram *d = &run->d;
  int nsome = 0;
  for (int k = 0; k < d->nset; k++) {
    nsome += d->set[k].nphase <= d->nfield;
    if (d->set[k].nphase <= d->nfield) continue;
    fprintf(stream, "  %s %d %s:", SetName(d), k + 1, rho_phase_stability(d->set[k].stability));
    for (int a = 0; a < d->set[k].nphase; a++) {
      fputc(' ', stream);
      State(run, d->set[k].state + a * d->nx, stream);
    }
    fprintf(stream, "\n");
  }
  if (nsome) fprintf(stream, "  %d sets of three phases at compositions in between\n", nsome);
}

static void Points(const RhoPhaseRun *run, FILE *stream) {
  const RhoPhaseDiagram *d = &run->d;
  int nspinodal = d->nspinodal;
  if (d->nfield == 3) fprintf(stream, "  %d points of the spinodal\n", nspinodal ? d->spinodal->npoint : 0);
  else if (rho_phase_by(run->asked) != RHO_BY_PROFILES && !d->nsection)
    fprintf(stream, "  %d spinodal%s\n", nspinodal, nspinodal == 1 ? "" : "s");
  for (int k = 0; k < d->ncritical; k++) {
    fprintf(stream, "  critical point %d ", k + 1);
    State(run, d->critical[k].state, stream);
    fprintf(stream, " %s\n", rho_phase_stability(d->critical[k].stability));
  }
  Sets(run, stream);
}

/* All tie lines of a family that has errors of its own, over a parameter. */
static void Rows(const RhoPhaseRun *run, const RhoPhaseFamily *family, FILE *stream) {
  for (int k = 0; k < family->npoint; k++) {
    fputs("    ", stream);
    State(run, family->first + k * run->d.nx, stream);
    fputs(" = ", stream);
    State(run, family->second + k * run->d.nx, stream);
    fprintf(stream, "  to %.0e\n", family->error[k]);
  }
}

static void Families(const RhoPhaseRun *run, FILE *stream) {
  const RhoPhaseDiagram *d = &run->d;
  for (int k = 0; k < d->nfamily; k++) {
    const RhoPhaseFamily *family = &d->family[k];
    int last = (family->npoint - 1) * d->nx;
    if (d->nfield == 3) {
      fprintf(stream, "  %d tie lines out of many\n", family->npoint);
      continue;
    }
    fprintf(stream, "  tie lines %d %s, %s to %s:\n", k + 1, rho_phase_stability(family->stability),
            rho_phase_end(run, d, family->end[0]), rho_phase_end(run, d, family->end[1]));
    if (family->error && d->nx > d->nfield) {
      Rows(run, family, stream);
      continue;
    }
    fputs("    ", stream);
    State(run, family->first, stream);
    fprintf(stream, " = ");
    State(run, family->second, stream);
    if (last > 0) {
      fprintf(stream, " ... ");
      State(run, family->first + last, stream);
      fprintf(stream, " = ");
      State(run, family->second + last, stream);
    }
    fprintf(stream, "\n");
  }
}

static void Phases(const RhoPhaseRun *run, int nphase, const double *state, FILE *stream) {
  for (int a = 0; a < nphase; a++) {
    if (a) fprintf(stream, " = ");
    State(run, state + a * run->d.nx, stream);
  }
}

static void Special(const RhoPhaseRun *run, FILE *stream) {
  const RhoPhaseDiagram *d = &run->d;
  for (int k = 0; k < d->nspecial; k++) {
    const RhoPhaseSpecial *special = &d->special[k];
    if (special->stability == RHO_PHASE_UNSTABLE) continue;
    fprintf(stream, "  %s %d %s: ", rho_phase_special(special->kind), k + 1, rho_phase_stability(special->stability));
    Phases(run, special->nphase, special->state, stream);
    fprintf(stream, "\n");
  }
}

/* What is not stable is counted. */
static void Lines(const RhoPhaseRun *run, FILE *stream) {
  const RhoPhaseDiagram *d = &run->d;
  int nother = 0;
  for (int k = 0; k < d->nline; k++) {
    const RhoPhaseLine *line = &d->line[k];
    nother += line->stability != RHO_PHASE_STABLE;
    if (line->stability != RHO_PHASE_STABLE) continue;
    fprintf(stream, "  %s, curve %d, %s to %s:\n    ", LineName(line), k + 1, rho_phase_end(run, d, line->end[0]),
            rho_phase_end(run, d, line->end[1]));
    Phases(run, line->nphase, line->state, stream);
    fprintf(stream, " ... ");
    Phases(run, line->nphase, line->state + (line->npoint - 1) * line->nphase * d->nx, stream);
    fprintf(stream, "\n");
  }
  if (nother) fprintf(stream, "  %d curves that are not stable\n", nother);
}

static void Boundaries(const RhoPhaseRun *run, FILE *stream) {
  const RhoPhaseDiagram *d = &run->d;
  for (int k = 0; k < d->nboundary; k++) {
    const RhoPhaseBoundary *b = &d->boundary[k];
    int last = (b->npoint - 1) * d->nx;
    const char *what = b->spinodal                            ? "spinodal"
                       : b->stability == RHO_PHASE_METASTABLE ? "metastable cloud points"
                                                              : "cloud points";
    fprintf(stream, "  path %d, %s, %s to %s:\n    ", b->path + 1, what, rho_phase_end(run, d, b->end[0]),
            rho_phase_end(run, d, b->end[1]));
    State(run, b->state, stream);
    fprintf(stream, " ... ");
    State(run, b->state + last, stream);
    fprintf(stream, "\n");
  }
}

static void Sections(const RhoPhaseRun *run, FILE *stream) {
  const RhoPhaseDiagram *d = &run->d;
  const char *name = d->nsection ? run->c->model->parameter[run->asked->request.parameter].name : "";
  for (int k = 0; k < d->nsection; k++) {
    const RhoPhaseDiagram *s = &d->section[k].diagram;
    int ncritical = 0, nset = 0, nfamily = 0;
    for (int q = 0; q < s->ncritical; q++) ncritical += s->critical[q].stability == RHO_PHASE_STABLE;
    for (int q = 0; q < s->nset; q++) nset += s->set[q].stability == RHO_PHASE_STABLE;
    for (int q = 0; q < s->nfamily; q++) nfamily += s->family[q].stability == RHO_PHASE_STABLE;
    fprintf(stream, "  %s = %g: %d stable families of tie lines, %d critical points, %d triangles\n", name,
            d->section[k].parameter, nfamily, ncritical, nset);
  }
}

static void Flashes(const RhoPhaseRun *run, FILE *stream) {
  const RhoPhaseDiagram *d = &run->d;
  for (int k = 0; k < d->nflash; k++) {
    const RhoPhaseFlash *flash = &d->flash[k];
    fprintf(stream, "  composition (");
    for (int i = 0; i < d->nfield; i++) fprintf(stream, "%s%g", i ? ", " : "", flash->composition[i]);
    fprintf(stream, flash->nphase == 1 ? ") is one phase\n"
                    : flash->nphase    ? ") separates into\n"
                                       : "): no phases were found\n");
    if (flash->nphase > 1 && rho_phase_by(run->asked) == RHO_BY_PROFILES)
      fprintf(stream, "    to %.1e of their values:\n", flash->residual);
    for (int a = 0; a < flash->nphase && flash->nphase > 1; a++) {
      fprintf(stream, "    %.10f of ", flash->fraction[a]);
      State(run, flash->state + a * d->nx, stream);
      fprintf(stream, "\n");
    }
  }
}

void rho_phase_print(const RhoPhaseRun *run, FILE *stream) {
  Head(run, stream);
  Points(run, stream);
  Sections(run, stream);
  Families(run, stream);
  Special(run, stream);
  Lines(run, stream);
  Boundaries(run, stream);
  Flashes(run, stream);
  if (run->d.nx > run->d.nfield && rho_phase_by(run->asked) == RHO_BY_PROFILES &&
      run->d.nfamily < run->asked->request.nflash)
    fprintf(stream, "  through %d of %d compositions no tie line was found\n",
            run->asked->request.nflash - run->d.nfamily, run->asked->request.nflash);
  if (run->d.nunexplained)
    fprintf(stream, "  %d facets of the hull are in no region: something was not found\n", run->d.nunexplained);
  if (run->c->result) fprintf(stream, "%s.h5: %.2f s\n", run->c->result, run->seconds);
}

/* ---- JSON ---- */

static void Numbers(RhoJson *json, const char *key, int n, const double *x) {
  rho_json_open(json, key, '[');
  for (int i = 0; i < n; i++) rho_json_number(json, NULL, x[i]);
  rho_json_close(json, ']');
}

static void States(RhoJson *json, const char *key, int nstate, int n, const double *x) {
  rho_json_open(json, key, '[');
  for (int k = 0; k < nstate; k++) Numbers(json, NULL, n, x + k * n);
  rho_json_close(json, ']');
}

static void JsonPoints(const RhoPhaseRun *run, RhoJson *json) {
  const RhoPhaseDiagram *d = &run->d;
  rho_json_number(json, "spinodals", d->nspinodal);
  rho_json_open(json, "critical_points", '[');
  for (int k = 0; k < d->ncritical; k++) {
    rho_json_open(json, NULL, '{');
    Numbers(json, "state", d->nx, d->critical[k].state);
    rho_json_text(json, "stability", rho_phase_stability(d->critical[k].stability));
    rho_json_close(json, '}');
  }
  rho_json_close(json, ']');
  rho_json_open(json, "triangles", '[');
  for (int k = 0; k < d->nset; k++) {
    rho_json_open(json, NULL, '{');
    States(json, "phases", d->set[k].nphase, d->nx, d->set[k].state);
    rho_json_number(json, "residual", d->set[k].residual);
    rho_json_text(json, "stability", rho_phase_stability(d->set[k].stability));
    rho_json_close(json, '}');
  }
  rho_json_close(json, ']');
}

static void JsonFamilies(const RhoPhaseRun *run, RhoJson *json) {
  const RhoPhaseDiagram *d = &run->d;
  rho_json_open(json, "tie_lines", '[');
  for (int k = 0; k < d->nfamily; k++) {
    const RhoPhaseFamily *family = &d->family[k];
    rho_json_open(json, NULL, '{');
    rho_json_number(json, "count", family->npoint);
    rho_json_text(json, "stability", rho_phase_stability(family->stability));
    rho_json_text(json, "from", rho_phase_end(run, d, family->end[0]));
    rho_json_text(json, "to", rho_phase_end(run, d, family->end[1]));
    rho_json_close(json, '}');
  }
  rho_json_close(json, ']');
}

static void JsonLines(const RhoPhaseRun *run, RhoJson *json) {
  const RhoPhaseDiagram *d = &run->d;
  rho_json_open(json, "special_points", '[');
  for (int k = 0; k < d->nspecial; k++) {
    rho_json_open(json, NULL, '{');
    rho_json_text(json, "kind", rho_phase_special(d->special[k].kind));
    States(json, "phases", d->special[k].nphase, d->nx, d->special[k].state);
    rho_json_text(json, "stability", rho_phase_stability(d->special[k].stability));
    rho_json_close(json, '}');
  }
  rho_json_close(json, ']');
  rho_json_open(json, "curves", '[');
  for (int k = 0; k < d->nline; k++) {
    const RhoPhaseLine *line = &d->line[k];
    rho_json_open(json, NULL, '{');
    rho_json_text(json, "of", LineName(line));
    rho_json_number(json, "count", line->npoint);
    rho_json_text(json, "stability", rho_phase_stability(line->stability));
    rho_json_text(json, "from", rho_phase_end(run, d, line->end[0]));
    rho_json_text(json, "to", rho_phase_end(run, d, line->end[1]));
    rho_json_close(json, '}');
  }
  rho_json_close(json, ']');
}

static void JsonBoundaries(const RhoPhaseRun *run, RhoJson *json) {
  const RhoPhaseDiagram *d = &run->d;
  rho_json_open(json, "boundaries", '[');
  for (int k = 0; k < d->nboundary; k++) {
    const RhoPhaseBoundary *b = &d->boundary[k];
    rho_json_open(json, NULL, '{');
    rho_json_number(json, "path", b->path + 1);
    rho_json_text(json, "of", b->spinodal ? "spinodal" : "cloud points");
    rho_json_number(json, "count", b->npoint);
    rho_json_text(json, "stability", rho_phase_stability(b->stability));
    rho_json_close(json, '}');
  }
  rho_json_close(json, ']');
}

static void JsonFlashes(const RhoPhaseRun *run, RhoJson *json) {
  const RhoPhaseDiagram *d = &run->d;
  rho_json_open(json, "compositions", '[');
  for (int k = 0; k < d->nflash; k++) {
    const RhoPhaseFlash *flash = &d->flash[k];
    rho_json_open(json, NULL, '{');
    Numbers(json, "composition", d->nfield, flash->composition);
    States(json, "phases", flash->nphase, d->nx, flash->state);
    Numbers(json, "fractions", flash->nphase, flash->fraction);
    rho_json_number(json, "residual", flash->residual);
    rho_json_close(json, '}');
  }
  rho_json_close(json, ']');
}

void rho_phase_print_json(const RhoPhaseRun *run, FILE *stream) {
  RhoJson json = {stream, true};
  rho_json_open(&json, NULL, '{');
  if (run->c->result) rho_json_text(&json, "result", RhoArenaPrint(run->c->cli->arena, "%s.h5", run->c->result));
  rho_json_text(&json, "construction", rho_construction[run->asked->construction].word);
  rho_json_text(&json, "meaning", rho_phase_meaning(run));
  Numbers(&json, "resolution", run->d.nfield, run->d.resolution);
  rho_json_number(&json, "undefined", run->d.nundefined);
  rho_json_number(&json, "unexplained", run->d.nunexplained);
  JsonPoints(run, &json);
  JsonFamilies(run, &json);
  JsonLines(run, &json);
  JsonBoundaries(run, &json);
  JsonFlashes(run, &json);
  rho_json_close(&json, '}');
  fputc('\n', stream);
}
