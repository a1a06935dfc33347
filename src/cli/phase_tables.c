/* phase_tables.c - a phase diagram as a result (models/CASES.md, "Phase diagrams"):

     window [field][2], resolution [field]            texts: construction, meaning, fields, latex, parameter
     spinodal/K/state [point][nx]                     texts first_end, last_end
     tie_lines/K/{first, second} [point][nx], mu [point][field], p [point]   texts stability, first_end, last_end
                                                      by profiles: error [point], share [point]
     sections/K/{spinodal, tie_lines, critical, triangles}/...   number parameter; as the others, without the parameter
     critical_lines/K/state [point][nx], three_phases/K/state [point][phase][nx]   texts stability, first_end, last_end
     special/K/state [phase][nx]                      texts kind, stability
     boundaries/K/{s [point], state, other [point][nx]}   number path, texts kind, stability, first_end, last_end
     critical/{state [point][nx], direction [point][field], stability [point]}   0 unstable, 1 metastable, 2 stable
     triangles/K/{state [phase][nx], mu [field]}      text stability, numbers p, residual
     compositions/K/{composition [field], state [phase][nx], fraction [phase]}   number residual, height
     compositions/K/profile [cell][1 + field]          by profiles: x, then the fields of the front

   nx: the fields, then the parameter if there is one. */
#include "phase.h"

/* A diagram, and where its tables are: below `at`, "" or "sections/K/". */
typedef struct {
  const RhoPhaseRun *run;
  const RhoPhaseDiagram *d;
  const char *at;
} Place;

static const char *Path(const Place *place, const char *group, int k, const char *name) {
  return RhoArenaPrint(place->run->c->cli->arena, "%s%s/%d%s%s", place->at, group, k, *name ? "/" : "", name);
}

static void Ends(const Place *place, RhoTables t, const char *group, const RhoPhaseEnd *end) {
  RhoTablesText(t, group, "first_end", rho_phase_end(place->run, place->d, end[0]));
  RhoTablesText(t, group, "last_end", rho_phase_end(place->run, place->d, end[1]));
}

static void Matrix(RhoTables t, const char *path, const char *what, int nrow, int ncolumn, const double *data) {
  const long long shape[2] = {nrow, ncolumn};
  RhoTablesArray(t, path, what, 2, shape, data);
}

static void Row(RhoTables t, const char *path, const char *what, int n, const double *data) {
  const long long shape[1] = {n};
  RhoTablesArray(t, path, what, 1, shape, data);
}

static void Head(const RhoPhaseRun *run, RhoTables t) {
  RhoArena arena = run->c->cli->arena;
  RhoModel model = run->c->model;
  const RhoPhaseRequest *request = &run->asked->request;
  int n = run->d.nfield;
  const char **name = RhoArenaAlloc(arena, sizeof *name * (size_t)(n + 1));
  const char **latex = RhoArenaAlloc(arena, sizeof *latex * (size_t)(n + 1));
  double *window = RhoArenaAlloc(arena, sizeof *window * 2 * (size_t)n);
  for (int i = 0; i < n; i++) {
    name[i] = model->field[i].name;
    latex[i] = model->field[i].latex;
    window[2 * i] = request->from[i];
    window[2 * i + 1] = request->to[i];
  }
  RhoTablesText(t, "", "construction", rho_construction[run->asked->construction].word);
  RhoTablesText(t, "", "construction_is", rho_construction[run->asked->construction].what);
  RhoTablesText(t, "", "meaning", rho_phase_meaning(run));
  RhoTablesTexts(t, "", "fields", n, name);
  RhoTablesTexts(t, "", "latex", n, latex);
  if (request->parameter >= 0) {
    double range[2] = {request->parameter_from, request->parameter_to};
    const char *parameter = model->parameter[request->parameter].name;
    RhoTablesText(t, "", "parameter", parameter);
    RhoTablesText(t, "", "parameter_latex", RhoModelLatex(parameter, model));
    Row(t, "range", "of the parameter", 2, range);
  }
  Matrix(t, "window", "from and to, field by field", n, 2, window);
  Row(t, "resolution", "closed regions that are smaller may be missed", n, run->d.resolution);
  RhoTablesNumber(t, "", "unexplained", run->d.nunexplained);
}

static void Spinodals(const Place *place, RhoTables t) {
  for (int k = 0; k < place->d->nspinodal; k++) {
    const RhoPhaseCurve *curve = &place->d->spinodal[k];
    const char *state = Path(place, "spinodal", k, "state");
    Matrix(t, state, "states on the curve", curve->npoint, place->d->nx, curve->state);
    Ends(place, t, Path(place, "spinodal", k, ""), curve->end);
  }
}

static void Families(const Place *place, RhoTables t) {
  int n = place->d->nfield, nx = place->d->nx;
  for (int k = 0; k < place->d->nfamily; k++) {
    const RhoPhaseFamily *family = &place->d->family[k];
    const char *group = Path(place, "tie_lines", k, "");
    Matrix(t, Path(place, "tie_lines", k, "first"), "one phase of each tie line", family->npoint, nx, family->first);
    Matrix(t, Path(place, "tie_lines", k, "second"), "the other phase", family->npoint, nx, family->second);
    Matrix(t, Path(place, "tie_lines", k, "mu"), "chemical potentials", family->npoint, n, family->mu);
    Row(t, Path(place, "tie_lines", k, "p"), "pressure", family->npoint, family->p);
    if (family->error)
      Row(t, Path(place, "tie_lines", k, "error"), "of the phases, relative", family->npoint, family->error);
    if (family->share)
      Row(t, Path(place, "tie_lines", k, "share"), "of the first phase in the composition", family->npoint,
          family->share);
    RhoTablesText(t, group, "stability", rho_phase_stability(family->stability));
    Ends(place, t, group, family->end);
  }
}

static void Critical(const Place *place, RhoTables t) {
  const RhoPhaseDiagram *d = place->d;
  RhoArena arena = place->run->c->cli->arena;
  double *state = RhoArenaAlloc(arena, sizeof *state * (size_t)(d->ncritical * d->nx + 1));
  double *direction = RhoArenaAlloc(arena, sizeof *state * (size_t)(d->ncritical * d->nfield + 1));
  double *stability = RhoArenaAlloc(arena, sizeof *state * (size_t)(d->ncritical + 1));
  for (int k = 0; k < d->ncritical; k++) {
    for (int i = 0; i < d->nx; i++) state[k * d->nx + i] = d->critical[k].state[i];
    for (int i = 0; i < d->nfield; i++) direction[k * d->nfield + i] = d->critical[k].direction[i];
    stability[k] = d->critical[k].stability;
  }
  Matrix(t, RhoArenaPrint(arena, "%scritical/state", place->at), "critical points", d->ncritical, d->nx, state);
  Matrix(t, RhoArenaPrint(arena, "%scritical/direction", place->at), "unit vectors along which the phases part",
         d->ncritical, d->nfield, direction);
  Row(t, RhoArenaPrint(arena, "%scritical/stability", place->at), "0 unstable, 1 metastable, 2 stable", d->ncritical,
      stability);
}

static void Triangles(const Place *place, RhoTables t) {
  for (int k = 0; k < place->d->nset; k++) {
    const RhoPhaseSet *set = &place->d->set[k];
    const char *group = Path(place, "triangles", k, "");
    Matrix(t, Path(place, "triangles", k, "state"), "coexisting phases", set->nphase, place->d->nx, set->state);
    Row(t, Path(place, "triangles", k, "mu"), "chemical potentials", place->d->nfield, set->mu);
    RhoTablesNumber(t, group, "p", set->p);
    RhoTablesNumber(t, group, "residual", set->residual);
    RhoTablesText(t, group, "stability", rho_phase_stability(set->stability));
  }
}

static void Lines(const Place *place, RhoTables t) {
  int ncritical = 0, nthree = 0, nx = place->d->nx;
  for (int k = 0; k < place->d->nline; k++) {
    const RhoPhaseLine *line = &place->d->line[k];
    bool critical = line->nphase == 1;
    const char *kind = critical ? "critical_lines" : "three_phases";
    int number = critical ? ncritical++ : nthree++;
    const long long shape[3] = {line->npoint, critical ? nx : line->nphase, nx};
    RhoTablesArray(t, Path(place, kind, number, "state"), critical ? "critical points" : "coexisting phases",
                   critical ? 2 : 3, shape, line->state);
    RhoTablesText(t, Path(place, kind, number, ""), "stability", rho_phase_stability(line->stability));
    Ends(place, t, Path(place, kind, number, ""), line->end);
  }
}

static void Special(const Place *place, RhoTables t) {
  for (int k = 0; k < place->d->nspecial; k++) {
    const RhoPhaseSpecial *special = &place->d->special[k];
    Matrix(t, Path(place, "special", k, "state"), "the phases there", special->nphase, place->d->nx, special->state);
    RhoTablesText(t, Path(place, "special", k, ""), "kind", rho_phase_special(special->kind));
    RhoTablesText(t, Path(place, "special", k, ""), "stability", rho_phase_stability(special->stability));
  }
}

static void Boundaries(const Place *place, RhoTables t) {
  int nx = place->d->nx;
  for (int k = 0; k < place->d->nboundary; k++) {
    const RhoPhaseBoundary *b = &place->d->boundary[k];
    const char *group = Path(place, "boundaries", k, "");
    Row(t, Path(place, "boundaries", k, "s"), "place on the path, 0 to 1", b->npoint, b->s);
    Matrix(t, Path(place, "boundaries", k, "state"), "composition", b->npoint, nx, b->state);
    Matrix(t, Path(place, "boundaries", k, "other"), "the phase that appears", b->npoint, nx, b->other);
    RhoTablesNumber(t, group, "path", b->path);
    RhoTablesText(t, group, "kind", b->spinodal ? "spinodal" : "cloud points");
    RhoTablesText(t, group, "stability", rho_phase_stability(b->stability));
    Ends(place, t, group, b->end);
  }
}

static void Diagram(const Place *place, RhoTables t) {
  Spinodals(place, t);
  Families(place, t);
  Critical(place, t);
  Triangles(place, t);
  Lines(place, t);
  Special(place, t);
  Boundaries(place, t);
}

static void Sections(const Place *place, RhoTables t) {
  for (int k = 0; k < place->d->nsection; k++) {
    const char *at = Path(place, "sections", k, "");
    Place section = {place->run, &place->d->section[k].diagram, RhoArenaPrint(place->run->c->cli->arena, "%s/", at)};
    RhoTablesNumber(t, at, "parameter", place->d->section[k].parameter);
    Diagram(&section, t);
  }
}

static void Compositions(const Place *place, RhoTables t) {
  const RhoPhaseRun *run = place->run;
  for (int k = 0; k < run->d.nflash; k++) {
    const RhoPhaseFlash *flash = &run->d.flash[k];
    const char *group = Path(place, "compositions", k, "");
    Row(t, Path(place, "compositions", k, "composition"), "given", run->d.nfield, flash->composition);
    Matrix(t, Path(place, "compositions", k, "state"), "its phases", flash->nphase, run->d.nx, flash->state);
    Row(t, Path(place, "compositions", k, "fraction"), "of the volume", flash->nphase, flash->fraction);
    RhoTablesNumber(t, group, "residual", flash->residual);
    RhoTablesNumber(t, group, "height", flash->height);
    if (run->profile && run->profile[k])
      Matrix(t, Path(place, "compositions", k, "profile"), "x and the fields across the front", 2 * run->asked->ncell,
             1 + run->d.nfield, run->profile[k]);
  }
}

RhoTables rho_phase_tables(const RhoPhaseRun *run) {
  RhoTables t = RhoTablesCreate(run->c->cli->arena, "phase_diagram");
  Place place = {run, &run->d, ""};
  Head(run, t);
  Diagram(&place, t);
  Sections(&place, t);
  Compositions(&place, t);
  return t;
}
