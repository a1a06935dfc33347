/* phase_tables.c - a phase diagram as a result (models/CASES.md, "Phase diagrams"):

     window [field][2], resolution [field]            texts: construction, meaning, fields, latex, parameter
     spinodal/K/state [point][nx]                     texts first_end, last_end
     tie_lines/K/{first, second} [point][nx], mu [point][field], p [point]   texts stability, first_end, last_end
     critical/{state [point][nx], direction [point][field], stability [point]}   0 unstable, 1 metastable, 2 stable
     triangles/K/{state [phase][nx], mu [field]}      text stability, numbers p, residual
     compositions/K/{composition [field], state [phase][nx], fraction [phase]}   number residual, height
     compositions/K/profile [cell][1 + field]          by profiles: x, then the fields of the front

   nx: the fields, then the parameter if there is one. */
#include "phase.h"

static const char *Path(const RhoPhaseRun *run, const char *group, int k, const char *name) {
  return RhoArenaPrint(run->c->cli->arena, "%s/%d%s%s", group, k, *name ? "/" : "", name);
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

static void Spinodals(const RhoPhaseRun *run, RhoTables t) {
  for (int k = 0; k < run->d.nspinodal; k++) {
    const RhoPhaseCurve *curve = &run->d.spinodal[k];
    Matrix(t, Path(run, "spinodal", k, "state"), "states on the curve", curve->npoint, run->d.nx, curve->state);
    RhoTablesText(t, Path(run, "spinodal", k, ""), "first_end", rho_phase_end(run, curve->end[0]));
    RhoTablesText(t, Path(run, "spinodal", k, ""), "last_end", rho_phase_end(run, curve->end[1]));
  }
}

static void Families(const RhoPhaseRun *run, RhoTables t) {
  int n = run->d.nfield, nx = run->d.nx;
  for (int k = 0; k < run->d.nfamily; k++) {
    const RhoPhaseFamily *family = &run->d.family[k];
    const char *group = Path(run, "tie_lines", k, "");
    Matrix(t, Path(run, "tie_lines", k, "first"), "one phase of each tie line", family->npoint, nx, family->first);
    Matrix(t, Path(run, "tie_lines", k, "second"), "the other phase", family->npoint, nx, family->second);
    Matrix(t, Path(run, "tie_lines", k, "mu"), "chemical potentials", family->npoint, n, family->mu);
    Row(t, Path(run, "tie_lines", k, "p"), "pressure", family->npoint, family->p);
    RhoTablesText(t, group, "stability", rho_phase_stability(family->stability));
    RhoTablesText(t, group, "first_end", rho_phase_end(run, family->end[0]));
    RhoTablesText(t, group, "last_end", rho_phase_end(run, family->end[1]));
  }
}

static void Critical(const RhoPhaseRun *run, RhoTables t) {
  const RhoPhaseDiagram *d = &run->d;
  RhoArena arena = run->c->cli->arena;
  double *state = RhoArenaAlloc(arena, sizeof *state * (size_t)(d->ncritical * d->nx + 1));
  double *direction = RhoArenaAlloc(arena, sizeof *state * (size_t)(d->ncritical * d->nfield + 1));
  double *stability = RhoArenaAlloc(arena, sizeof *state * (size_t)(d->ncritical + 1));
  for (int k = 0; k < d->ncritical; k++) {
    for (int i = 0; i < d->nx; i++) state[k * d->nx + i] = d->critical[k].state[i];
    for (int i = 0; i < d->nfield; i++) direction[k * d->nfield + i] = d->critical[k].direction[i];
    stability[k] = d->critical[k].stability;
  }
  Matrix(t, "critical/state", "critical points", d->ncritical, d->nx, state);
  Matrix(t, "critical/direction", "unit vectors along which the phases part", d->ncritical, d->nfield, direction);
  Row(t, "critical/stability", "0 unstable, 1 metastable, 2 stable", d->ncritical, stability);
}

static void Triangles(const RhoPhaseRun *run, RhoTables t) {
  for (int k = 0; k < run->d.nset; k++) {
    const RhoPhaseSet *set = &run->d.set[k];
    const char *group = Path(run, "triangles", k, "");
    Matrix(t, Path(run, "triangles", k, "state"), "coexisting phases", set->nphase, run->d.nx, set->state);
    Row(t, Path(run, "triangles", k, "mu"), "chemical potentials", run->d.nfield, set->mu);
    RhoTablesNumber(t, group, "p", set->p);
    RhoTablesNumber(t, group, "residual", set->residual);
    RhoTablesText(t, group, "stability", rho_phase_stability(set->stability));
  }
}

static void Compositions(const RhoPhaseRun *run, RhoTables t) {
  for (int k = 0; k < run->d.nflash; k++) {
    const RhoPhaseFlash *flash = &run->d.flash[k];
    const char *group = Path(run, "compositions", k, "");
    Row(t, Path(run, "compositions", k, "composition"), "given", run->d.nfield, flash->composition);
    Matrix(t, Path(run, "compositions", k, "state"), "its phases", flash->nphase, run->d.nx, flash->state);
    Row(t, Path(run, "compositions", k, "fraction"), "of the volume", flash->nphase, flash->fraction);
    RhoTablesNumber(t, group, "residual", flash->residual);
    RhoTablesNumber(t, group, "height", flash->height);
    if (run->profile && run->profile[k])
      Matrix(t, Path(run, "compositions", k, "profile"), "x and the fields across the front", 2 * run->asked->ncell,
             1 + run->d.nfield, run->profile[k]);
  }
}

RhoTables rho_phase_tables(const RhoPhaseRun *run) {
  RhoTables t = RhoTablesCreate(run->c->cli->arena, "phase_diagram");
  Head(run, t);
  Spinodals(run, t);
  Families(run, t);
  Critical(run, t);
  Triangles(run, t);
  Compositions(run, t);
  return t;
}
