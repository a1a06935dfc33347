/* run_output.c - the result of a run: its fields, its derived formulas, its series. */
#include "run.h"
#include "equations.h"
#include <math.h>

/* ---- what it holds ---- */

static const char *Print(RhoRun *run, const char *format, const char *name) {
  return RhoArenaPrint(run->c->cli->arena, format, name);
}

static int Fields(RhoRun *run, const RhoResultField **field) {
  RhoCase *c = run->c;
  int n = c->model->nfield + c->nderived;
  RhoResultField *list = RhoArenaAlloc(c->cli->arena, (size_t)n * sizeof *list);
  for (int i = 0; i < c->model->nfield; i++)
    list[i] = (RhoResultField){c->model->field[i].name, c->model->field[i].latex, PETSC_FALSE};
  for (int k = 0; k < c->nderived; k++)
    list[c->model->nfield + k] = (RhoResultField){c->derived_name[k], NULL, PETSC_TRUE};
  *field = list;
  return n;
}

/* In the order in which rho_run_write fills the line. */
static int Series(RhoRun *run, const RhoSeries **series) {
  RhoCase *c = run->c;
  RhoSeries *list =
      RhoArenaAlloc(c->cli->arena, (2 * (size_t)c->eq->nconserved + 2 * (size_t)c->model->nfield + 9) * sizeof *list);
  int n = 0;
  for (int k = 0; k < c->eq->nconserved; k++) {
    const char *name = rho_combination_text(c->cli->arena, c->eq, k);
    list[n++] = (RhoSeries){Print(run, "total(%s)", name), "integral over the mesh, conserved but for the walls"};
    list[n++] = (RhoSeries){Print(run, "drift(%s)", name), "change of the total since the start, relative to int |u|"};
  }
  for (int i = 0; i < c->model->nfield; i++) {
    list[n++] = (RhoSeries){Print(run, "min(%s)", c->model->field[i].name), "lowest cell average"};
    list[n++] = (RhoSeries){Print(run, "max(%s)", c->model->field[i].name), "highest cell average"};
  }
  if (run->has_energy) list[n++] = (RhoSeries){"free_energy", "the model's functional of the state"};
  list[n++] = (RhoSeries){"step", "length of the last time step"};
  list[n++] = (RhoSeries){"steps", "steps taken since the start"};
  list[n++] = (RhoSeries){"rejected", "steps rejected since the start"};
  list[n++] = (RhoSeries){"iterations", "linear iterations since the start"};
  if (run->noise) {
    list[n++] =
        (RhoSeries){"clipped", "share of faces where the mean of a density was below zero, since the last output"};
    list[n++] = (RhoSeries){"negative", "share of a density's cells below zero, since the last output"};
  }
  if (run->noise && run->c->nonnegative)
    list[n++] = (RhoSeries){"limited", "share of a density's cells from which noise took less than drawn, since then"};
  if (run->work)
    list[n++] =
        (RhoSeries){"entropy_production", "work of the forces per time since the last output, of the whole box"};
  *series = list;
  return n;
}

/* ---- opening ---- */

static PetscErrorCode MakeFormulas(RhoRun *run) {
  RhoCase *c = run->c;
  PetscInt nfield = c->model->nfield, n = nfield + c->nderived;
  RhoNode *node = RhoArenaAlloc(c->cli->arena, (size_t)n * sizeof *node);
  PetscFunctionBeginUser;
  for (PetscInt i = 0; i < n; i++) node[i] = i < nfield ? c->model->field[i].symbol : c->derived[i - nfield];
  PetscCall(RhoCellFormulasCreate(run->fm, n, node, &run->formulas));
  PetscCall(RhoGridCompatible(run->grid, n, &run->da));
  PetscCall(DMCreateGlobalVector(run->da, &run->cells));
  PetscFunctionReturn(0);
}

/* What the first output must know that no monitor has told. */
static PetscErrorCode StartTotals(RhoRun *run, Vec u) {
  const RhoEvolveMemory *memory = &run->restart.memory;
  PetscInt n = run->c->eq->nconserved;
  PetscFunctionBeginUser;
  PetscCall(PetscCalloc2(n, &run->total, n, &run->drift));
  PetscCall(RhoTotals(run->fm, u, run->total, NULL));
  if (run->restart.from) PetscCall(RhoEvolveDrift(memory, n, run->total, run->drift));
  PetscFunctionReturn(0);
}

static PetscErrorCode Create(RhoRun *run, const RhoResultContent *content, bool *ok) {
  const RhoCli *cli = run->c->cli;
  PetscFunctionBeginUser;
  PetscCall(RhoResultCreate(run->grid, run->c->result, rho_given(cli, RHO_OPT_OVERWRITE), content, &run->result));
  *ok = true;
  PetscFunctionReturn(0);
}

static PetscErrorCode Continue(RhoRun *run, const RhoResultContent *content, bool *ok) {
  RhoDiag diag = run->c->cli->diag;
  PetscFunctionBeginUser;
  PetscCall(RhoResultContinue(run->grid, diag, run->restart.into, content, &run->restart.checkpoint, &run->result));
  *ok = run->result != NULL;
  if (!*ok) RhoDiagHint(diag, "--restart %s --output NAME goes on in a new result", run->restart.from);
  run->written = run->restart.checkpoint.written;
  run->noutput = run->restart.checkpoint.noutput;
  PetscFunctionReturn(0);
}

PetscErrorCode rho_run_open(RhoRun *run, Vec u, bool *ok) {
  RhoResultContent content = {0};
  PetscBool exists;
  PetscReal energy, now = run->restart.from ? run->restart.checkpoint.time : run->c->number[RHO_CASE_START].value;
  PetscFunctionBeginUser;
  run->written = -INFINITY;
  PetscCall(RhoFreeEnergy(run->fm, now, u, &exists, &energy));
  run->has_energy = exists;
  content.nfield = Fields(run, &content.field);
  content.nseries = Series(run, &content.series);
  content.nprovenance = rho_run_provenance(run, &content.provenance);
  run->nseries = content.nseries;
  PetscCall(MakeFormulas(run));
  PetscCall(PetscMalloc1(run->nseries, &run->line));
  PetscCall(StartTotals(run, u));
  PetscCall((run->restart.in_place ? Continue : Create)(run, &content, ok));
  if (*ok && run->c->cli->temporary) RhoResultTemporary(run->result);
  PetscFunctionReturn(0);
}

/* ---- writing ---- */

static PetscErrorCode FillLine(RhoRun *run, const RhoEvolveState *state, Vec u) {
  PetscInt nfield = run->c->model->nfield, n = 0;
  PetscReal *low, *high, energy;
  PetscBool exists;
  PetscFunctionBeginUser;
  for (int k = 0; k < run->c->eq->nconserved; k++) {
    run->line[n++] = state->total[k];
    run->line[n++] = state->drift[k];
  }
  PetscCall(PetscMalloc2(nfield, &low, nfield, &high));
  PetscCall(RhoExtrema(run->fm, u, low, high));
  for (PetscInt i = 0; i < nfield; i++) {
    run->line[n++] = low[i];
    run->line[n++] = high[i];
  }
  PetscCall(PetscFree2(low, high));
  if (run->has_energy) {
    PetscCall(RhoFreeEnergy(run->fm, state->time, u, &exists, &energy));
    run->line[n++] = exists ? energy : NAN;
  }
  run->line[n++] = state->step;
  run->line[n++] = (PetscReal)state->nstep;
  run->line[n++] = (PetscReal)state->nreject;
  run->line[n++] = (PetscReal)state->nlinear;
  if (run->noise) PetscCall(RhoNoiseShares(run->noise, &run->line[n], &run->line[n + 1]));
  n += 2;
  if (run->noise && run->c->nonnegative) PetscCall(RhoNoiseLimited(run->noise, &run->line[n++]));
  if (run->work) run->line[n] = RhoWorkRate(run->work);
  PetscFunctionReturn(0);
}

PetscErrorCode rho_run_write(RhoRun *run, const RhoEvolveState *state, Vec u) {
  PetscFunctionBeginUser;
  PetscCall(FillLine(run, state, u));
  PetscCall(RhoCellFormulasEval(run->formulas, state->time, u, run->cells));
  PetscCall(RhoResultWrite(run->result, state->time, run->cells, run->line));
  run->written = state->time;
  run->noutput++;
  run->unsaved = true;
  PetscFunctionReturn(0);
}

PetscErrorCode rho_run_close(RhoRun *run) {
  PetscFunctionBeginUser;
  PetscCall(rho_run_observe_end(run));
  if (run->result) PetscCall(RhoResultDestroy(&run->result));
  if (run->formulas) PetscCall(RhoCellFormulasDestroy(&run->formulas));
  PetscCall(VecDestroy(&run->cells));
  PetscCall(DMDestroy(&run->da));
  PetscCall(PetscFree(run->line));
  PetscCall(PetscFree2(run->total, run->drift));
  PetscFunctionReturn(0);
}
