/* verb_phase_diagram.c - `rhoflux phase-diagram MODEL|CASE`: spinodals, phases that coexist, what compositions separate
 * into.
 */
#include "phase.h"
#include "run.h"
#include <math.h>

int rho_verb_phase_diagram(RhoCli *cli);

static void ReportUndefined(const RhoPhaseRun *run) {
  const RhoPhaseDiagram *d = &run->d;
  RhoText at = RhoTextCreate(run->c->cli->arena);
  for (int i = 0; i < d->nfield && d->nundefined; i++)
    RhoTextAdd(at, "%s%s = %g", i ? ", " : "", run->c->model->field[i].name, d->undefined[i]);
  if (d->nundefined == 0) return;
  RhoDiagReport(run->c->cli->diag, RHO_ID_NO_FREE_ENERGY_HERE, run->asked->window,
                "f or its potentials are no numbers in %.0f %% of the window, so at %s",
                100.0 * d->nundefined / d->nsample, RhoTextGet(at));
  RhoDiagHint(run->c->cli->diag,
              "the diagram is that of the rest; a window in which all formulas are defined has none");
}

RhoStatus rho_phase_bind(void *ctx, double p, double *value) {
  RhoCase *c = ctx;
  RhoSetting *setting = RhoArenaAlloc(c->cli->arena, sizeof *setting * (size_t)(c->nsetting + 1));
  int n = c->nsetting;
  for (int k = 0; k < n; k++) setting[k] = c->setting[k];
  if (isfinite(p))
    setting[n++] = (RhoSetting){c->model->parameter[c->phase->request.parameter].name, p, c->phase->place};
  return RhoEquationsBind(c->eq, c->dim, n, setting, value);
}

static RhoStatus MakeTangents(RhoPhaseRun *run) {
  RhoCase *c = run->c;
  const RhoPhaseRequest *request = &run->asked->request;
  bool sections = c->eq->nfield == 2 && request->parameter >= 0;
  RhoStatus status = sections ? RhoPhaseDiagramOver(c->eq, request, rho_phase_bind, c, c->cli->files, &run->d)
                              : RhoPhaseDiagramMake(c->eq, c->value, request, c->cli->files, &run->d);
  if (status == RHO_INPUT) {
    RhoDiagReport(c->cli->diag, RHO_ID_CASE_RANGE, run->asked->place,
                  "the diagram can not be made over this parameter: the integral of a kernel depends on it");
    RhoDiagHint(c->cli->diag, "another parameter, or a kernel with a stated integral");
  }
  if (!status) ReportUndefined(run);
  return status;
}

/* What needs no PETSc. */
static RhoStatus Make(RhoPhaseRun *run) {
  RhoCase *c = run->c;
  double began = rho_clock();
  RhoConstructionBy by = rho_phase_by(run->asked);
  RhoStatus status = RHO_OK;
  if (by == RHO_BY_FRONT)
    status =
        RhoFrontDiagram(c->eq, &run->asked->front, &run->asked->request, rho_phase_bind, c, c->cli->files, &run->d);
  else if (by != RHO_BY_PROFILES) status = MakeTangents(run);
  run->seconds = rho_clock() - began;
  return status;
}

/* What does. */
static int MakeProfiles(RhoPhaseRun *run) {
  RhoCli *cli = run->c->cli;
  RhoStatus status = RHO_OK;
  if (rho_phase_by(run->asked) != RHO_BY_PROFILES) return RHO_EXIT_DONE;
  if (rho_phase_profiles(run, &status)) return rho_petsc_failed(cli, RHO_EXIT_FAILED);
  int exit = rho_report(cli);
  return exit || !status ? exit : RHO_EXIT_FAILED;
}

static PetscErrorCode Write(RhoPhaseRun *run) {
  RhoRun provenance = {.c = run->c};
  const RhoProvenance *list;
  PetscFunctionBeginUser;
  int n = rho_run_provenance(&provenance, &list);
  PetscCall(RhoTablesWrite(run->c->cli->run, rho_phase_tables(run), run->c->result,
                           (PetscBool)rho_given(run->c->cli, RHO_OPT_OVERWRITE), n, list));
  PetscFunctionReturn(0);
}

static void Print(const RhoPhaseRun *run) {
  const RhoCli *cli = run->c->cli;
  if (cli->rank != 0) return;
  if (rho_given(cli, RHO_OPT_JSON)) rho_phase_print_json(run, stdout);
  else if (rho_speaks(cli)) rho_phase_print(run, stdout);
}

/* What is asked for: the section of the case, or the window of the command line alone. */
static RhoStatus Ask(RhoPhaseRun *run) {
  RhoCase *c = run->c;
  const char *text = c->cli->value[RHO_OPT_WINDOW];
  double from, to;
  char rest;
  if (text && c->phase)
    return (void)rho_refuse(c->cli, "the case has a window of its own; leave out --window"), RHO_INPUT;
  if (text && sscanf(text, "%lf:%lf%c", &from, &to, &rest) != 2)
    return (void)rho_refuse(c->cli, "--window is FROM:TO, of all fields, not '%s'", text), RHO_INPUT;
  if (text) rho_case_phase_window(c, from, to);
  else if (!c->phase && c->source < 0)
    return (void)rho_refuse(c->cli, "a model has no window: --window 0:4, or a case with phase_diagram: {window: ...}"),
           RHO_INPUT;
  else if (!c->phase)
    rho_case_missing(c, c->root, "a case for a phase diagram", "phase_diagram",
                     "phase_diagram: {window: {\"rho[s]\": 4}}");
  run->asked = c->phase;
  return RhoDiagErrors(c->cli->diag) ? RHO_INPUT : RHO_OK;
}

/* Of a model only with --output there is a result. */
static int CheckPlace(RhoCase *c) {
  if (c->source < 0) c->result = c->cli->value[RHO_OPT_OUTPUT];
  return c->result ? rho_result_place(c->cli, c->result, false, "") : RHO_EXIT_DONE;
}

static int Diagram(RhoCli *cli, RhoPhaseRun *run) {
  RhoStatus status = rho_case_load(cli, cli->argument[0], RHO_CASE_FOR_ANALYSIS, run->c);
  if (!status && Ask(run)) {
    (void)rho_report(cli);
    return rho_agree(cli, RHO_EXIT_INPUT);
  }
  if (!status && CheckPlace(run->c)) return rho_agree(cli, RHO_EXIT_INPUT);
  if (!status) status = Make(run);
  int exit = rho_report(cli);
  if (!exit && status) exit = RHO_EXIT_FAILED;
  exit = rho_agree(cli, exit);
  if (!exit && (run->c->result || rho_phase_by(run->asked) == RHO_BY_PROFILES)) exit = rho_start(cli);
  if (!exit) exit = MakeProfiles(run);
  PetscErrorCode code = !exit && run->c->result ? Write(run) : 0;
  if (code) exit = rho_write_failed(cli, code);
  if (!exit) Print(run);
  return exit;
}

int rho_verb_phase_diagram(RhoCli *cli) {
  RhoCase c = {.cli = cli};
  RhoPhaseRun run = {.c = &c};
  int status = Diagram(cli, &run);
  rho_case_destroy(&c);
  return status;
}
