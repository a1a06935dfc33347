/* ensemble_merge.c - means and standard errors of the runs of an ensemble, output by output.

   With M runs, x_k their values:  mean = sum x_k/M,  stderr = sqrt(sum (x_k - mean)^2/(M (M - 1))),  by Welford's
   recursion.  Each result is opened, read and closed for every output, so that any number of runs takes the memory of
   one.  Where a run has no value (a formula that is undefined) neither mean nor error have one. */
#include "ensemble.h"
#include <math.h>
#include <string.h>

typedef struct {
  double mean, square; /* square: sum of (x - mean)^2 */
} Moment;

typedef struct {
  RhoEnsemble *e;
  RhoArena arena; /* of the first run, which says what there is */
  const RhoResultInfo *info;
  int nmember, nfield;
  long ncell;
  double *data;           /* [ncell] of one run */
  Moment *field, *series; /* [ncell][nfield], [nseries] */
  RhoGrid grid;
  DM da;
  Vec cells;
  PetscReal *line;
  int nprovenance;
  const RhoProvenance *provenance;
  RhoResult result;
} Merge;

static void Add(Moment *m, int n, double x) {
  double before = x - m->mean;
  m->mean += before / n;
  m->square += before * (x - m->mean);
}

static double Error(const Moment *m, int n) { return sqrt(m->square / ((double)n * (n - 1))); }

/* ---- what there is ---- */

static PetscErrorCode OpenMember(Merge *m, RhoArena arena, int k, RhoFrames *frames, const RhoResultInfo **info) {
  const char *path = rho_ensemble_result(m->e, m->e->cli->arena, k);
  PetscFunctionBeginUser;
  RhoStatus status = RhoFramesOpen(arena, m->e->cli->diag, RHO_NOWHERE, path, frames, info);
  if (status) (void)rho_report(m->e->cli);
  PetscCheck(!status, PETSC_COMM_SELF, PETSC_ERR_FILE_READ, "'%s' cannot be read", path);
  PetscFunctionReturn(0);
}

static int First(const RhoEnsemble *e) {
  int k = 0;
  while (e->state[k] != RHO_MEMBER_DONE) k++;
  return k;
}

static const char *Latex(const RhoModel model, const char *name) {
  for (int i = 0; i < model->nfield; i++)
    if (!strcmp(model->field[i].name, name)) return model->field[i].latex;
  return NULL;
}

static int Fields(const Merge *m, const RhoResultField **list) {
  RhoArena arena = m->e->cli->arena;
  RhoResultField *field = RhoArenaAlloc(arena, 2 * (size_t)m->nfield * sizeof *field);
  for (int f = 0; f < m->nfield; f++) {
    const RhoFieldInfo *info = &m->info->field[f];
    field[f] = (RhoResultField){info->name, Latex(m->e->c.model, info->name), info->derived};
    field[m->nfield + f] = (RhoResultField){RhoArenaPrint(arena, "stderr(%s)", info->name), NULL, PETSC_TRUE};
  }
  *list = field;
  return 2 * m->nfield;
}

static int Series(const Merge *m, const RhoSeries **list) {
  RhoArena arena = m->e->cli->arena;
  RhoSeries *series = RhoArenaAlloc(arena, (2 * (size_t)m->info->nseries + 1) * sizeof *series);
  for (int s = 0; s < m->info->nseries; s++) {
    const RhoSeriesInfo *info = &m->info->series[s];
    series[2 * s] = (RhoSeries){info->name, info->what};
    series[2 * s + 1] = (RhoSeries){RhoArenaPrint(arena, "stderr(%s)", info->name), "standard error over the runs"};
  }
  *list = series;
  return 2 * m->info->nseries;
}

static const char *Summary(const RhoEnsemble *e) {
  double seed = e->c.number[RHO_CASE_SEED].value;
  return RhoArenaPrint(e->cli->arena, "%d runs, seeds %.0f to %.0f", e->nrun, seed, seed + e->nrun - 1);
}

static const char *Failed(const RhoEnsemble *e) {
  RhoText text = RhoTextCreate(e->cli->arena);
  int n = 0;
  for (int k = 0; k < e->nrun; k++)
    if (e->state[k] == RHO_MEMBER_FAILED) RhoTextAdd(text, "%s%d", n++ ? ", " : "", k);
  return n ? RhoTextGet(text) : "none";
}

/* As of the first run, but for what is of the ensemble. */
static int Provenance(const Merge *m, const RhoProvenance **list) {
  RhoProvenance *provenance = RhoArenaAlloc(m->e->cli->arena, ((size_t)m->info->nprovenance + 2) * sizeof *provenance);
  int n = 0;
  for (int k = 0; k < m->info->nprovenance; k++) {
    RhoProvenance p = m->info->provenance[k];
    if (!strcmp(p.name, "restarts")) continue;
    if (!strcmp(p.name, "command_line")) p.what = rho_run_command(m->e->cli, false);
    provenance[n++] = p;
  }
  provenance[n++] = (RhoProvenance){"ensemble", Summary(m->e)};
  provenance[n++] = (RhoProvenance){"ensemble_failed", Failed(m->e)};
  *list = provenance;
  return n;
}

/* ---- opening and closing ---- */

static PetscErrorCode Open(Merge *m) {
  RhoFrames frames;
  RhoResultContent content = {0};
  PetscBool replace = PETSC_TRUE; /* what stands there was seen to before */
  PetscFunctionBeginUser;
  PetscCall(OpenMember(m, m->arena, First(m->e), &frames, &m->info));
  RhoFramesClose(&frames);
  m->nfield = m->info->nfield;
  PetscCall(RhoGridCreate(PETSC_COMM_SELF, &m->info->mesh, 2 * m->nfield, 1, &m->grid));
  m->ncell = (long)m->grid->ncell;
  PetscCall(RhoGridCompatible(m->grid, 2 * m->nfield, &m->da));
  PetscCall(DMCreateGlobalVector(m->da, &m->cells));
  PetscCall(PetscMalloc1(m->ncell, &m->data));
  PetscCall(PetscMalloc1(m->ncell * m->nfield, &m->field));
  PetscCall(PetscMalloc1(m->info->nseries + 1, &m->series));
  PetscCall(PetscMalloc1(2 * m->info->nseries + 1, &m->line));
  content.nfield = Fields(m, &content.field);
  content.nseries = Series(m, &content.series);
  content.nprovenance = m->nprovenance = Provenance(m, &content.provenance);
  m->provenance = content.provenance;
  PetscCall(RhoResultCreate(m->grid, m->e->c.result, replace, &content, &m->result));
  PetscFunctionReturn(0);
}

static PetscErrorCode Close(Merge *m) {
  PetscFunctionBeginUser;
  if (m->result) PetscCall(RhoResultDestroy(&m->result));
  PetscCall(PetscFree(m->data));
  PetscCall(PetscFree(m->field));
  PetscCall(PetscFree(m->series));
  PetscCall(PetscFree(m->line));
  PetscCall(VecDestroy(&m->cells));
  PetscCall(DMDestroy(&m->da));
  if (m->grid) PetscCall(RhoGridDestroy(&m->grid));
  RhoArenaDestroy(&m->arena);
  PetscFunctionReturn(0);
}

/* ---- an output ---- */

static PetscErrorCode AddFields(Merge *m, RhoFrames frames, int output) {
  PetscFunctionBeginUser;
  for (int f = 0; f < m->nfield; f++) {
    RhoDiag diag = RhoDiagCreate();
    RhoStatus status = RhoFramesRead(frames, diag, f, output, m->data);
    RhoDiagDestroy(&diag);
    PetscCheck(!status || m->info->field[f].derived, PETSC_COMM_SELF, PETSC_ERR_FILE_READ,
               "a run of the ensemble has no '%s' at output %d", m->info->field[f].name, output);
    for (long p = 0; p < m->ncell; p++) Add(&m->field[p * m->nfield + f], m->nmember, m->data[p]);
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode AddMember(Merge *m, int k, int output) {
  RhoArena arena = RhoArenaCreate();
  const RhoResultInfo *info;
  RhoFrames frames;
  PetscFunctionBeginUser;
  PetscCheck(arena, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for a run of the ensemble");
  PetscCall(OpenMember(m, arena, k, &frames, &info));
  bool alike = info->ntime == m->info->ntime && info->nfield == m->nfield && info->nseries == m->info->nseries &&
               info->nline == m->info->nline && info->time[output] == m->info->time[output];
  PetscCheck(alike, PETSC_COMM_SELF, PETSC_ERR_FILE_READ, "run %d of the ensemble has other outputs than the first", k);
  m->nmember++;
  PetscCall(AddFields(m, frames, output));
  for (int s = 0; s < info->nseries; s++) Add(&m->series[s], m->nmember, info->series[s].value[output]);
  RhoFramesClose(&frames);
  RhoArenaDestroy(&arena);
  PetscFunctionReturn(0);
}

static PetscErrorCode Fill(Merge *m) {
  int n = m->nmember;
  PetscScalar *x;
  PetscFunctionBeginUser;
  PetscCall(VecGetArrayWrite(m->cells, &x));
  for (long p = 0; p < m->ncell; p++)
    for (int f = 0; f < m->nfield; f++) {
      const Moment *moment = &m->field[p * m->nfield + f];
      x[2 * m->nfield * p + f] = moment->mean;
      x[2 * m->nfield * p + m->nfield + f] = Error(moment, n);
    }
  PetscCall(VecRestoreArrayWrite(m->cells, &x));
  for (int s = 0; s < m->info->nseries; s++) {
    m->line[2 * s] = m->series[s].mean;
    m->line[2 * s + 1] = Error(&m->series[s], n);
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode Output(Merge *m, int output) {
  PetscFunctionBeginUser;
  m->nmember = 0;
  PetscCall(PetscArrayzero(m->field, m->ncell * m->nfield));
  PetscCall(PetscArrayzero(m->series, m->info->nseries));
  for (int k = 0; k < m->e->nrun; k++)
    if (m->e->state[k] == RHO_MEMBER_DONE) PetscCall(AddMember(m, k, output));
  PetscCall(Fill(m));
  PetscCall(RhoResultWrite(m->result, m->info->time[output], m->cells, m->line));
  PetscFunctionReturn(0);
}

/* Nothing is replaced before all that was observed has been seen to fit. */
static PetscErrorCode All(Merge *m) {
  RhoTables observed;
  PetscFunctionBeginUser;
  PetscCall(rho_ensemble_observed(m->e, m->arena, &observed));
  PetscCall(Open(m));
  for (int t = 0; t < m->info->ntime; t++) PetscCall(Output(m, t));
  PetscCall(RhoResultSave(m->result));
  PetscCall(rho_ensemble_observe(m->e, observed, m->nprovenance, m->provenance));
  PetscFunctionReturn(0);
}

/* After an error too: the index gets the outputs that wait. */
PetscErrorCode rho_ensemble_merge(RhoEnsemble *e) {
  Merge m = {.e = e, .arena = RhoArenaCreate()};
  PetscErrorCode error;
  PetscFunctionBeginUser;
  PetscCheck(m.arena, PETSC_COMM_SELF, PETSC_ERR_MEM, "no memory for an ensemble");
  error = All(&m);
  PetscCall(Close(&m));
  PetscCall(error);
  PetscFunctionReturn(0);
}
