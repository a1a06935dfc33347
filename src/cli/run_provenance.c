/* run_provenance.c - the texts in a result that say where it comes from. */
#include "run.h"
#include <math.h>
#include <string.h>

enum { MOST = 13 + RHO_VERSIONS };

/* Files read one after another, each under its name when there are several. */
static const char *Sources(RhoCase *c, RhoSourceRange range) {
  RhoText text = RhoTextCreate(c->cli->arena);
  for (int k = range.first; k < range.end; k++) {
    size_t nbyte;
    const char *bytes = RhoDiagSourceText(c->cli->diag, k, &nbyte);
    if (nbyte == 0) continue;
    if (range.end - range.first > 1) RhoTextAdd(text, "# file: %s\n", RhoDiagSourceName(c->cli->diag, k));
    RhoTextAddN(text, bytes, nbyte);
  }
  return RhoTextGet(text);
}

const char *rho_run_parameter(RhoCase *c, int k, double value) {
  const RhoParameter *parameter = &c->model->parameter[k];
  RhoText text = RhoTextCreate(c->cli->arena);
  if (parameter->varies) RhoGraphPrint(c->model->graph, parameter->formula, text, NULL, NULL);
  else RhoTextAdd(text, "%.17g", value);
  return RhoTextGet(text);
}

const char *rho_run_parameters(RhoCase *c, const double *value) {
  RhoText text = RhoTextCreate(c->cli->arena);
  for (int k = 0; k < c->model->nparameter; k++)
    if (isfinite(value[k]))
      RhoTextAdd(text, "%s = %s\n", c->model->parameter[k].name, rho_run_parameter(c, k, value[k]));
  return RhoTextGet(text);
}

const char *rho_run_solver(RhoCase *c) {
  static const struct {
    RhoCaseNumberId id;
    const char *name;
  } row[] = {{RHO_CASE_RTOL, "rtol"},
             {RHO_CASE_ATOL, "atol"},
             {RHO_CASE_LINEAR_RTOL, "linear_rtol"},
             {RHO_CASE_FIXED_STEP, "fixed_step"},
             {RHO_CASE_LARGEST_STEP, "largest_step"}};
  RhoText text = RhoTextCreate(c->cli->arena);
  RhoTextAdd(text, "scheme = %s\npreconditioner = %d\n", c->scheme ? c->scheme : "default", (int)c->preconditioner);
  if (c->constant) RhoTextAdd(text, "coefficients = constant\n");
  if (c->planning == RHO_PLAN_MEASURE) RhoTextAdd(text, "plans = measured\n");
  if (c->discretization != RHO_CASE_VOLUMES)
    RhoTextAdd(text, "discretization = %s\n", c->discretization == RHO_CASE_SPECTRAL ? "spectral" : "dealiased");
  if (c->noise && c->nonnegative) RhoTextAdd(text, "nonnegative = yes\n");
  if (c->noise) RhoTextAdd(text, "omega = %.17g\n", c->number[RHO_CASE_OMEGA].value);
  for (size_t k = 0; k < sizeof row / sizeof *row; k++)
    if (c->number[row[k].id].value > 0) RhoTextAdd(text, "%s = %.17g\n", row[k].name, c->number[row[k].id].value);
  return RhoTextGet(text);
}

static void AddArgument(RhoText text, const char *argument) {
  bool plain = *argument && !strpbrk(argument, " \t\n*?[]$&|;<>()\"'\\`~#!");
  RhoTextAdd(text, plain ? " %s" : " '%s'", argument);
}

/* Whether argument k is --restart; *value: its NAME is the next one. */
static bool IsRestart(const RhoCli *cli, int k, bool *value) {
  const char *name = rho_option[RHO_OPT_RESTART].name, *given = cli->value[RHO_OPT_RESTART];
  size_t n = strlen(name);
  if (strncmp(cli->argv[k], name, n) || (cli->argv[k][n] && cli->argv[k][n] != '=')) return false;
  *value = !cli->argv[k][n] && given && *given;
  return true;
}

const char *rho_run_command(const RhoCli *cli, bool restart) {
  RhoText text = RhoTextCreate(cli->arena);
  bool value, rest = false;
  RhoTextAdd(text, "rhoflux");
  for (int k = 1; k < cli->argc; k++) {
    if (!rest && !strcmp(cli->argv[k], "--")) {
      rest = true;
      if (restart) AddArgument(text, rho_option[RHO_OPT_RESTART].name);
    }
    if (restart && !rest && !strcmp(cli->argv[k], rho_option[RHO_OPT_OVERWRITE].name)) continue;
    if (restart && !rest && IsRestart(cli, k, &value)) k += value;
    else AddArgument(text, cli->argv[k]);
  }
  if (restart && !rest) AddArgument(text, rho_option[RHO_OPT_RESTART].name);
  return RhoTextGet(text);
}

/* By which scheme it goes where the case leaves that to the program; with noise no state is looked at for that. */
static const char *Scheme(const RhoRun *run) {
  RhoEvolveOptions options;
  const char *scheme, *why;
  RhoEvolveDefaults(&options);
  if (run->c->scheme) options.scheme = run->c->scheme;
  options.noise = run->noise;
  options.nonnegative = (PetscBool)run->c->nonnegative;
  return RhoEvolveChoose(run->fm, &options, NULL, &scheme, &why) ? options.scheme : scheme;
}

int rho_run_provenance(const RhoRun *run, const RhoProvenance **provenance) {
  RhoCase *c = run->c;
  RhoArena arena = c->cli->arena;
  const RhoRestart *restart = &run->restart;
  RhoProvenance *list = RhoArenaAlloc(arena, MOST * sizeof *list);
  int n = 0;
  list[n++] = (RhoProvenance){"model", c->model->name};
  list[n++] = (RhoProvenance){"model_text", Sources(c, c->model_source)};
  if (c->source >= 0) {
    list[n++] = (RhoProvenance){"case", c->name};
    list[n++] = (RhoProvenance){"case_text", RhoDiagSourceText(c->cli->diag, c->source, NULL)};
  }
  if (*Sources(c, c->mesh_source)) list[n++] = (RhoProvenance){"mesh_text", Sources(c, c->mesh_source)};
  list[n++] = (RhoProvenance){"parameters", rho_run_parameters(c, c->value)};
  list[n++] = (RhoProvenance){"solver", rho_run_solver(c)};
  if (run->noise) list[n++] = (RhoProvenance){"scheme", Scheme(run)};
  list[n++] = (RhoProvenance){"seed", RhoArenaPrint(arena, "%.0f", c->number[RHO_CASE_SEED].value)};
  list[n++] = (RhoProvenance){"command_line", restart->command ? restart->command : rho_run_command(c->cli, false)};
  if (restart->history) list[n++] = (RhoProvenance){"restarts", restart->history};
  *provenance = list;
  return n + rho_versions_provenance(arena, list + n);
}
