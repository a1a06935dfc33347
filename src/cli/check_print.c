/* check_print.c - what `rhoflux check` found out, for people. */
#include "check.h"
#include <math.h>

static void PrintHead(const RhoCheckup *check, FILE *stream) {
  const RhoModel model = check->c->model;
  bool titled = model->title && *model->title;
  fprintf(stream, "%s%s%s\n", model->name, titled ? ": " : "", titled ? model->title : "");
  if (model->source && *model->source) fprintf(stream, "  source: %s\n", model->source);
}

/* A real field that must be positive for its potential. */
static bool IsUnderLogarithm(const RhoCheckup *check, int i) {
  const RhoEquation *equation = &check->c->eq->equation[i];
  bool any = false;
  for (int k = 0; k < equation->nterm; k++) any = any || equation->term[k].logarithm;
  return any && check->c->model->field[i].kind != RHO_DENSITY;
}

static void PrintFields(const RhoCheckup *check, FILE *stream) {
  const RhoModel model = check->c->model;
  fprintf(stream, "\nfields\n");
  for (int i = 0; i < model->nfield; i++)
    fprintf(stream, "  %-12s %s\n", model->field[i].name,
            model->field[i].kind == RHO_DENSITY ? "density: may not be negative"
            : IsUnderLogarithm(check, i)        ? "real, but under a logarithm: declare it density"
                                                : "real");
  fprintf(stream, "\nconserved\n");
  for (int k = 0; k < check->c->eq->nconserved; k++)
    fprintf(stream, "  %s%s\n", check->conserved[k], check->c->eq->fed[k] ? ", but for its given source" : "");
  if (check->c->eq->nconserved == 0) fprintf(stream, "  nothing\n");
}

static void PrintParameters(const RhoCheckup *check, FILE *stream) {
  const RhoModel model = check->c->model;
  bool any = false;
  for (int k = 0; k < model->nparameter; k++) {
    if (!isfinite(check->c->value[k]) || model->parameter[k].varies) continue;
    fprintf(stream, "%s  %-12s %.10g\n", any ? "" : "\nparameters\n", model->parameter[k].name, check->c->value[k]);
    any = true;
  }
}

static void PrintLines(int n, const RhoFormulaLine *line, FILE *stream) {
  for (int k = 0; k < n; k++) fprintf(stream, "  %s = %s\n", line[k].left, line[k].right);
}

static void PrintEquations(const RhoCheckup *check, FILE *stream) {
  const RhoTypeset *set = &check->typeset;
  fprintf(stream, "\nequations\n");
  PrintLines(set->nequation, set->equation, stream);
  if (set->nwith > 0) fprintf(stream, "with\n");
  PrintLines(set->nwith, set->with, stream);
}

/* Nothing but LaTeX, to be put into a paper that uses amsmath. */
static void PrintLatex(const RhoCheckup *check, FILE *stream) {
  const RhoTypeset *set = &check->typeset;
  int n = set->nequation + set->nwith;
  fprintf(stream, "%% %s\n\\begin{align}\n", check->c->model->name);
  for (int k = 0; k < n; k++) {
    const RhoFormulaLine *line = k < set->nequation ? &set->equation[k] : &set->with[k - set->nequation];
    fprintf(stream, "  %s &= %s%s\n", line->left, line->right, k < n - 1 ? " \\\\" : "");
  }
  fprintf(stream, "\\end{align}\n");
}

static void PrintFluxes(const RhoCheckup *check, FILE *stream) {
  fprintf(stream, "\nflux through a face\n");
  for (int i = 0; i < check->c->model->nfield; i++) {
    if (check->nflux[i] == 0) fprintf(stream, "  %-12s none\n", check->c->model->field[i].name);
    for (int k = 0; k < check->nflux[i]; k++)
      fprintf(stream, "  %-12s %s\n", k ? "" : check->c->model->field[i].name, check->flux[i][k]);
  }
}

static void PrintAnalyses(const RhoCheckup *check, FILE *stream) {
  fprintf(stream, "\nfree energy\n  %s\n\nwhat can be done\n", rho_verdict_text(check));
  for (int k = 0; k < check->nanalysis; k++) {
    const RhoAnalysis *a = &check->analysis[k];
    fprintf(stream, "  %-15s %-4s %s\n", a->name, a->available ? "yes" : "no", a->why ? a->why : a->what);
  }
}

static void PrintOutcome(const RhoCheckup *check, const RhoCheckOutcome *outcome, FILE *stream) {
  const char *source = outcome->check->source && *outcome->check->source ? outcome->check->source : NULL;
  fprintf(stream, "  %-5s %s: %s%s%s%s\n", outcome->passed ? "ok" : "FAIL", outcome->what,
          rho_outcome_text(check->arena, outcome), source ? " [" : "", source ? source : "", source ? "]" : "");
}

/* Of a report that is about something else. */
static void PrintFailures(const RhoCheckup *check, FILE *stream) {
  if (check->nfailed) fprintf(stream, "\nchecks\n");
  for (int k = 0; k < check->noutcome; k++)
    if (!check->outcome[k].passed) PrintOutcome(check, &check->outcome[k], stream);
}

static void PrintOutcomes(const RhoCheckup *check, FILE *stream) {
  fprintf(stream, "\nchecks\n");
  for (int k = 0; k < check->noutcome; k++) PrintOutcome(check, &check->outcome[k], stream);
  if (check->noutcome == 0) fprintf(stream, "  the model carries none\n");
}

static void PrintMesh(const RhoMesh *mesh, FILE *stream) {
  fprintf(stream, "  mesh   ");
  for (int d = 0; d < mesh->ndimension; d++) {
    const RhoDimension *dimension = &mesh->dimension[d];
    fprintf(stream, "%s%s from %g to %g, %d cells, %s", d ? "; " : "", dimension->name, dimension->from, dimension->to,
            dimension->ncell, dimension->boundary == RHO_PERIODIC ? "periodic" : "walls");
    if (dimension->mirror) fprintf(stream, " that reverse %s", mesh->dimension[dimension->mirror - 1].name);
    if (dimension->edge) fprintf(stream, ", the widest %.3g times the narrowest", RhoMeshStretch(dimension));
  }
  fputc('\n', stream);
}

/* Cases of an analysis may have no mesh and no times. */
static void PrintCase(const RhoCheckup *check, FILE *stream) {
  const RhoCase *c = check->c;
  if (c->source < 0) return;
  fprintf(stream, "\ncase %s%s%s\n", c->name, c->title ? ": " : "", c->title ? c->title : "");
  if (c->has_mesh) PrintMesh(&c->mesh, stream);
  rho_check_print_walls(check, stream);
  if (c->noutput)
    fprintf(stream, "  time   from %g to %g, %d outputs\n", c->output[0], c->output[c->noutput - 1], c->noutput);
  if (c->phase) fprintf(stream, "  phase_diagram: rhoflux phase-diagram %s\n", c->path);
  for (int k = 0; k < c->nbreak; k++)
    fprintf(stream, "%s%.10g%s", k ? ", " : "  breakpoints at t = ", c->breakpoint[k], k + 1 < c->nbreak ? "" : "\n");
  rho_check_print_waves(check, stream);
}

/* What was asked for: the waves about a state, the equations for a paper, or everything. */
void rho_check_print(const RhoCheckup *check, FILE *stream) {
  if (rho_given(check->c->cli, RHO_OPT_LATEX)) {
    PrintLatex(check, stream);
    return;
  }
  PrintHead(check, stream);
  if (check->growth.made) {
    rho_check_print_growth(check, false, stream);
    PrintFailures(check, stream);
    return;
  }
  PrintFields(check, stream);
  PrintParameters(check, stream);
  rho_check_print_derived(check, stream);
  PrintEquations(check, stream);
  PrintFluxes(check, stream);
  PrintAnalyses(check, stream);
  PrintOutcomes(check, stream);
  PrintCase(check, stream);
}
