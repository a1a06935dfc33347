/* verb_stability.c - `rhoflux stability MODEL|CASE`: the waves about one uniform state, a map with neutral curves, or
   the extremes of a number over the unstable states of a region.

   The points of a map are shared by the ranks; curves and extremes are found by the first one, which prints and writes.
 */
#include "stability.h"
#include "run.h"
#include <math.h>
#include <string.h>

int rho_verb_stability(RhoCli *cli);

/* ---- what is asked without a section `stability:` ---- */

static bool ReadTop(RhoCase *c, RhoWaveRange *range) {
  const char *text = c->cli->value[RHO_OPT_Q];
  int source = text ? RhoDiagAddSource(c->cli->diag, "--q", text, strlen(text)) : -1;
  if (source < 0) return true;
  const RhoYaml *q = rho_case_piece(c, source, text, 0, strlen(text));
  if (!rho_case_value(c, q, &range->top)) return false;
  if (range->top > 0) return true;
  RhoDiagReport(c->cli->diag, RHO_ID_OPTION, q->place, "the largest wavenumber is not positive");
  RhoDiagHint(c->cli->diag, "--q 6 looks at waves from 0 to 6");
  return false;
}

/* The state of --at, or the mean of the case's start. */
static const RhoCaseStability *FromCommandLine(RhoCase *c) {
  RhoCheckup check = {.c = c, .arena = c->cli->arena};
  RhoCaseStability *s = RhoArenaAlloc(c->cli->arena, sizeof *s);
  RhoNode *state = RhoArenaAlloc(c->cli->arena, sizeof *state * (size_t)c->model->nfield);
  *s = (RhoCaseStability){.place = RHO_NOWHERE, .state = state};
  rho_check_state(&check);
  if (!check.state) {
    if (RhoDiagErrors(c->cli->diag)) return NULL;
    RhoDiagReport(c->cli->diag, RHO_ID_OPTION, RHO_NOWHERE, "there is no uniform state to look at");
    RhoDiagHint(c->cli->diag, "--at \"%s=1\", and so for every field, or a case with `stability: {state: ...}`",
                c->model->field[0].name);
    return NULL;
  }
  for (int i = 0; i < c->model->nfield; i++) state[i] = RhoGraphConstant(c->model->graph, check.state[i]);
  s->range.dim = c->dim;
  s->range.ndimension = c->has_mesh ? c->mesh.ndimension : c->model->ndimension ? c->model->ndimension : c->dim;
  return ReadTop(c, &s->range) ? s : NULL;
}

static bool HasSymbol(RhoCase *c) {
  if (!c->eq->uses_coordinate) return true;
  RhoDiagReport(c->cli->diag, RHO_ID_NO_SYMBOL, RHO_NOWHERE,
                "a coefficient of '%s' depends on a coordinate: it has no growth rates", c->model->name);
  RhoDiagHint(c->cli->diag, "plane waves grow by themselves only where the coefficients are uniform");
  return false;
}

/* What is given on the command line goes before the section. */
static RhoStatus Ask(RhoStabilityRun *run) {
  RhoCase *c = run->c;
  if (!HasSymbol(c)) return RHO_INPUT;
  run->asked = c->stability && !rho_given(c->cli, RHO_OPT_AT) ? c->stability : FromCommandLine(c);
  return run->asked ? RHO_OK : RHO_INPUT;
}

static RhoFamily Family(const RhoStabilityRun *run) {
  const RhoCase *c = run->c;
  return (RhoFamily){c->eq, c->nsetting, c->setting, run->asked->state, run->asked->naxis, run->asked->axis};
}

/* ---- one state ---- */

/* From 0 to somewhat beyond where something grows. */
static double CurveTop(const RhoStabilityRun *run) {
  const RhoStability *s = &run->found;
  double top = s->q;
  for (int k = 0; k < s->nband; k++) top = fmax(top, s->band[k].to);
  return run->asked->range.top > 0 || !(top > 0) ? s->top : fmin(s->top, 1.5 * top);
}

static RhoStatus OneState(RhoStabilityRun *run) {
  enum { N = RHO_STABILITY_CURVE };
  RhoCase *c = run->c;
  RhoFamily family = Family(run);
  double *state = RhoArenaAlloc(c->cli->arena, sizeof *state * (size_t)c->model->nfield);
  RhoStatus status = RhoFamilyAt(&family, c->dim, NULL, c->value, state);
  run->state = state;
  if (!status) status = RhoStabilityAt(c->eq, c->cli->files, &run->asked->range, c->value, state, &run->found);
  if (status) return status;
  if (run->found.class == RHO_CLASS_UNDEFINED) {
    RhoDiagReport(c->cli->diag, RHO_ID_UNDEFINED_STATE, run->asked->state_place,
                  "there are no growth rates about %s = %g", c->model->field[0].name, state[0]);
    RhoDiagHint(c->cli->diag, "a formula of the model has no value there (log of 0, 1/0)");
    return RHO_INPUT;
  }
  run->q = RhoArenaAlloc(c->cli->arena, sizeof *run->q * N);
  run->rate = RhoArenaAlloc(c->cli->arena, sizeof *run->rate * (size_t)(c->model->nfield * N));
  run->vector = RhoArenaAlloc(c->cli->arena, sizeof *run->vector * (size_t)(c->model->nfield * c->model->nfield * N));
  for (int k = 0; k < N; k++) run->q[k] = CurveTop(run) * k / (N - 1);
  return RhoStabilityBranches(c->eq, &run->asked->range, run->found.direction, c->value, state, N, run->q, run->rate,
                              run->vector);
}

/* ---- a map ---- */

static void MakeAxes(RhoStabilityRun *run) {
  const RhoCaseStability *s = run->asked;
  run->npoint = 1;
  for (int a = 0; a < s->naxis; a++) {
    run->npoint *= (size_t)s->npoint[a];
    run->x[a] = RhoArenaAlloc(run->c->cli->arena, sizeof(double) * (size_t)s->npoint[a]);
    for (int i = 0; i < s->npoint[a]; i++)
      run->x[a][i] = s->axis[a].from + (s->axis[a].to - s->axis[a].from) * i / (s->npoint[a] - 1);
  }
}

/* What the ranks share, dealt like cards: the points of the last axis, each with a slice of all others. */
static int Slices(const RhoStabilityRun *run) { return run->asked->npoint[run->asked->naxis - 1]; }

static size_t PerSlice(const RhoStabilityRun *run) { return run->npoint / (size_t)Slices(run); }

static int SlicesOf(const RhoStabilityRun *run, int rank) {
  return (Slices(run) - rank + run->c->cli->nrank - 1) / run->c->cli->nrank;
}

/* All slices on the first rank, in their order. */
static PetscErrorCode Gather(RhoStabilityRun *run, const RhoMapPoint *own) {
  const RhoCli *cli = run->c->cli;
  int slice = (int)(PerSlice(run) * sizeof *own);
  PetscMPIInt *count, *at;
  char *dealt = NULL;
  PetscFunctionBeginUser;
  PetscCall(PetscMalloc2((size_t)cli->nrank, &count, (size_t)cli->nrank, &at));
  for (int r = 0; r < cli->nrank; r++) {
    count[r] = SlicesOf(run, r) * slice;
    at[r] = r ? at[r - 1] + count[r - 1] : 0;
  }
  if (cli->rank == 0) PetscCall(PetscMalloc1(run->npoint * sizeof *own, &dealt));
  PetscCallMPI(MPI_Gatherv(own, count[cli->rank], MPI_BYTE, dealt, count, at, MPI_BYTE, 0, cli->comm));
  for (int k = 0; k < Slices(run) && cli->rank == 0; k++)
    memcpy(run->point + (size_t)k * PerSlice(run), dealt + at[k % cli->nrank] + k / cli->nrank * slice, (size_t)slice);
  PetscCall(PetscFree(dealt));
  PetscCall(PetscFree2(count, at));
  PetscFunctionReturn(0);
}

static RhoStatus OwnSlices(RhoStabilityRun *run, RhoMapPoint **own) {
  const RhoCli *cli = run->c->cli;
  const RhoCaseStability *s = run->asked;
  RhoFamily family = Family(run);
  MakeAxes(run);
  *own = RhoArenaAlloc(cli->arena, sizeof **own * (PerSlice(run) * (size_t)SlicesOf(run, cli->rank) + 1));
  run->point = *own;
  if (cli->nrank > 1 && cli->rank == 0) run->point = RhoArenaAlloc(cli->arena, sizeof **own * run->npoint);
  return RhoStabilityMap(&family, &s->range, s->npoint, (const double *const *)run->x, cli->rank, cli->nrank, *own);
}

static RhoStatus Extremes(RhoStabilityRun *run) {
  const RhoCaseStability *s = run->asked;
  RhoFamily family = Family(run);
  run->edge = RhoArenaAlloc(run->c->cli->arena, sizeof *run->edge * 2 * (run->npoint / (size_t)s->npoint[0]));
  return RhoExtremes(&family, run->c->cli->files, &s->range, s->nbound, s->bound, s->npoint,
                     (const double *const *)run->x, run->point, &run->nextreme, &run->extreme, run->edge);
}

static RhoStatus Curves(RhoStabilityRun *run) {
  const RhoCaseStability *s = run->asked;
  RhoFamily family = Family(run);
  if (run->c->cli->rank) return RHO_OK;
  if (s->extremes) return Extremes(run);
  if (!s->neutral) return RHO_OK;
  return RhoNeutralCurves(&family, run->c->cli->files, &s->range, s->npoint, (const double *const *)run->x, run->point,
                          &run->ncurve, &run->curve);
}

static int Map(RhoStabilityRun *run) {
  RhoCli *cli = run->c->cli;
  RhoMapPoint *own;
  int status = rho_agree(cli, OwnSlices(run, &own) ? RHO_EXIT_FAILED : RHO_EXIT_DONE);
  if (!status && cli->nrank > 1 && Gather(run, own)) status = rho_petsc_failed(cli, RHO_EXIT_FAILED);
  if (!status) status = rho_agree(cli, Curves(run) ? RHO_EXIT_FAILED : RHO_EXIT_DONE);
  return status;
}

/* ---- all of it ---- */

static PetscErrorCode Write(RhoStabilityRun *run) {
  const RhoCli *cli = run->c->cli;
  RhoRun provenance = {.c = run->c};
  const RhoProvenance *list;
  PetscFunctionBeginUser;
  int n = rho_run_provenance(&provenance, &list);
  PetscCall(RhoTablesWrite(run->c->cli->run, cli->rank ? NULL : rho_stability_tables(run), run->c->result,
                           (PetscBool)rho_given(cli, RHO_OPT_OVERWRITE), n, list));
  PetscFunctionReturn(0);
}

static void Print(const RhoStabilityRun *run) {
  const RhoCli *cli = run->c->cli;
  if (cli->rank != 0) return;
  if (rho_given(cli, RHO_OPT_JSON)) rho_stability_print_json(run, stdout);
  else if (rho_speaks(cli)) rho_stability_print(run, stdout);
}

/* A case that asks for it writes a result, under another name than that of its runs; others only where --output says
   so. */
static int CheckPlace(RhoCase *c) {
  const char *given = c->cli->value[RHO_OPT_OUTPUT];
  if (given || !c->stability) c->result = given;
  else if (RhoYamlFind(c->root, "time")) c->result = RhoArenaPrint(c->cli->arena, "%s-stability", c->result);
  return c->result ? rho_result_place(c->cli, c->result, false, "") : RHO_EXIT_DONE;
}

static int Analyse(RhoStabilityRun *run) {
  RhoCli *cli = run->c->cli;
  double began = rho_clock();
  int status = RHO_EXIT_DONE;
  if (run->asked->naxis) {
    status = rho_start(cli);
    if (!status) status = Map(run);
  } else if (OneState(run)) {
    status = RHO_EXIT_FAILED;
  }
  run->seconds = rho_clock() - began;
  int reported = rho_report(cli);
  return rho_agree(cli, reported ? reported : status);
}

static int Stability(RhoCli *cli, RhoStabilityRun *run) {
  RhoStatus loaded = rho_case_load(cli, cli->argument[0], RHO_CASE_FOR_CHECK, run->c);
  if (!loaded) loaded = Ask(run);
  int status = rho_report(cli);
  if (!status && loaded) status = RHO_EXIT_FAILED;
  if (!status) status = CheckPlace(run->c);
  if (!status) status = Analyse(run);
  if (!status && run->c->result) status = rho_start(cli);
  PetscErrorCode code = !status && run->c->result ? Write(run) : 0;
  if (code) status = rho_write_failed(cli, code);
  if (!status) Print(run);
  return status;
}

int rho_verb_stability(RhoCli *cli) {
  RhoCase c = {.cli = cli};
  RhoStabilityRun run = {.c = &c};
  int status = Stability(cli, &run);
  rho_case_destroy(&c);
  return status;
}
