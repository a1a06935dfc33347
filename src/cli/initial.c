/* initial.c - the initial state of a case on a grid.

   A formula gives cell averages by the three-point Gauss rule along every dimension: exact for polynomials of degree 5,
   else within O(h^6); a zone is the cell's share at every point.  The spectral discretisation takes values at the
   centres.  Then comes the random part. */
#include "case.h"
#include <math.h>
#include <string.h>

enum { NGAUSS = 3 };
static const double gauss_x[NGAUSS] = {-0.77459666924148337704, 0, 0.77459666924148337704}; /* of (-1, 1) */
static const double gauss_w[NGAUSS] = {5.0 / 18, 8.0 / 18, 5.0 / 18};                       /* of sum 1  */

/* The points of a cell along one dimension. */
typedef struct {
  int n;
  const double *x, *w;
} Points;
static const Points averages = {NGAUSS, gauss_x, gauss_w};
static const Points centres = {1, (const double[]){0}, (const double[]){1}};

typedef struct {
  RhoCase *c;
  RhoGrid grid;
  const Points *points;
  RhoTape tape;
  double *x;              /* [count[0]]: the points of a row along the first dimension */
  double *centre, *width; /* [count[0]]: of its cells */
  double **out;           /* [nfield][count[0]]: what the formulas give there */
  double at[RHO_MAXDIM], centre_at[RHO_MAXDIM], width_at[RHO_MAXDIM]; /* along the others */
} Sampler;

/* ---- the tape ---- */

static bool IsIn(RhoNode node, int n, const RhoNode *list) {
  for (int k = 0; k < n; k++)
    if (list[k] == node) return true;
  return false;
}

/* Of the coordinates, with parameters and extents bound.  Reading has seen to it that nothing else is needed: NULL is
   for want of memory. */
static RhoTape MakeTape(RhoCase *c) {
  int n = c->eq->nuniform, ndimension = c->mesh.ndimension;
  RhoNode *uniform = RhoArenaAlloc(c->cli->arena, ((size_t)n + RHO_MAXDIM) * sizeof *uniform);
  double *value = RhoArenaAlloc(c->cli->arena, ((size_t)n + RHO_MAXDIM) * sizeof *value);
  RhoNode in[3 * RHO_MAXDIM], missing = RHO_NONE;
  memcpy(uniform, c->eq->uniform, (size_t)n * sizeof *uniform);
  memcpy(value, c->value, (size_t)n * sizeof *value);
  for (int d = 0; d < ndimension; d++) {
    in[d] = rho_case_coordinate(c, d);
    in[ndimension + d] = RhoCellCentre(c->model->graph, c->mesh.dimension[d].name);
    in[2 * ndimension + d] = RhoCellWidth(c->model->graph, c->mesh.dimension[d].name);
    RhoNode extent = rho_case_extent(c, d);
    if (IsIn(extent, n, uniform)) continue; /* a parameter of this name */
    uniform[n] = extent;
    value[n++] = c->mesh.dimension[d].to - c->mesh.dimension[d].from;
  }
  RhoTape tape =
      RhoTapeCreate(c->model->graph, c->model->nfield, c->initial.formula, 3 * ndimension, in, n, uniform, &missing);
  if (tape) RhoTapeBind(tape, value);
  return tape;
}

/* ---- cell averages ---- */

/* Adds weight times the formulas at the points x, at[1], at[2] to the row of cells. */
static void AddPoints(Sampler *s, double weight, PetscScalar *row) {
  int nfield = s->c->model->nfield, nd = s->grid->mesh.ndimension;
  PetscInt n = s->grid->count[0];
  const double *in[3 * RHO_MAXDIM];
  long istride[3 * RHO_MAXDIM];
  for (int d = 0; d < nd; d++) {
    in[d] = d ? &s->at[d] : s->x;
    in[nd + d] = d ? &s->centre_at[d] : s->centre;
    in[2 * nd + d] = d ? &s->width_at[d] : s->width;
    istride[d] = istride[nd + d] = istride[2 * nd + d] = d ? 0 : 1;
  }
  RhoTapeEval(s->tape, n, in, istride, s->out, NULL);
  for (PetscInt p = 0; p < n; p++)
    for (int i = 0; i < nfield; i++) row[p * nfield + i] += weight * s->out[i][p];
}

/* The row of cells j, k. */
static void FillRow(Sampler *s, PetscInt j, PetscInt k, PetscScalar *row) {
  const RhoGrid grid = s->grid;
  const RhoDimension *dimension = grid->mesh.dimension;
  const int cell[RHO_MAXDIM] = {0, (int)j, (int)k};
  int npoint[RHO_MAXDIM], ndimension = grid->mesh.ndimension;
  for (int d = 0; d < RHO_MAXDIM; d++) npoint[d] = d < ndimension ? s->points->n : 1;
  for (int d = 1; d < ndimension; d++) {
    s->centre_at[d] = RhoMeshCentre(&dimension[d], cell[d]);
    s->width_at[d] = RhoMeshWidth(&dimension[d], cell[d]);
  }
  for (int q = 0; q < npoint[0] * npoint[1] * npoint[2]; q++) {
    const int g[RHO_MAXDIM] = {q % npoint[0], q / npoint[0] % npoint[1], q / npoint[0] / npoint[1]};
    double weight = 1;
    for (int d = 0; d < ndimension; d++) weight *= s->points->w[g[d]];
    for (int d = 1; d < ndimension; d++) s->at[d] = s->centre_at[d] + 0.5 * s->width_at[d] * s->points->x[g[d]];
    for (PetscInt p = 0; p < grid->count[0]; p++) s->x[p] = s->centre[p] + 0.5 * s->width[p] * s->points->x[g[0]];
    AddPoints(s, weight, row);
  }
}

static PetscErrorCode FillFormulas(Sampler *s, Vec u) {
  const RhoGrid grid = s->grid;
  PetscInt n = grid->count[0];
  PetscScalar *cell;
  double *out;
  PetscFunctionBeginUser;
  PetscCall(VecZeroEntries(u));
  PetscCall(PetscMalloc5(n, &s->x, n, &s->centre, n, &s->width, grid->nfield, &s->out, n * grid->nfield, &out));
  for (PetscInt i = 0; i < grid->nfield; i++) s->out[i] = out + i * n;
  for (PetscInt p = 0; p < n; p++) {
    s->centre[p] = RhoMeshCentre(&grid->mesh.dimension[0], (int)(grid->start[0] + p));
    s->width[p] = RhoMeshWidth(&grid->mesh.dimension[0], (int)(grid->start[0] + p));
  }
  PetscCall(VecGetArray(u, &cell));
  for (PetscInt row = 0; row < grid->count[1] * grid->count[2]; row++)
    FillRow(s, grid->start[1] + row % grid->count[1], grid->start[2] + row / grid->count[1],
            cell + row * n * grid->nfield);
  PetscCall(VecRestoreArray(u, &cell));
  PetscCall(PetscFree5(s->x, s->centre, s->width, s->out, out));
  PetscFunctionReturn(0);
}

static PetscErrorCode SetFormulas(RhoCase *c, RhoFieldModel fm, Vec u) {
  RhoGrid grid = RhoFieldGrid(fm);
  Sampler sampler = {
      .c = c, .grid = grid, .points = RhoFieldIsSpectral(fm) ? &centres : &averages, .tape = MakeTape(c)};
  PetscFunctionBeginUser;
  PetscCheck(sampler.tape, grid->comm, PETSC_ERR_MEM, "no tape for the initial state");
  PetscCall(FillFormulas(&sampler, u));
  RhoTapeDestroy(&sampler.tape);
  PetscFunctionReturn(0);
}

/* ---- files ---- */

static PetscErrorCode SetResult(RhoCase *c, RhoGrid grid, Vec u, bool *ok) {
  const char **name = RhoArenaAlloc(c->cli->arena, (size_t)c->model->nfield * sizeof *name);
  PetscBool read;
  PetscFunctionBeginUser;
  for (int i = 0; i < c->model->nfield; i++) name[i] = c->model->field[i].name;
  PetscCall(RhoResultRead(grid, c->cli->diag, c->initial.place, c->initial.result, c->initial.time, c->model->nfield,
                          name, u, NULL, &read));
  *ok = read;
  PetscFunctionReturn(0);
}

static PetscErrorCode SetDataset(RhoCase *c, RhoGrid grid, Vec u, bool *ok) {
  PetscFunctionBeginUser;
  for (int i = 0; i < c->model->nfield; i++) {
    PetscBool read;
    PetscCall(RhoDatasetRead(grid, c->cli->diag, &c->initial.dataset[i], i, u, &read));
    *ok = *ok && read;
  }
  PetscFunctionReturn(0);
}

/* ---- what every state must be ---- */

static void CheckField(RhoCase *c, int i, bool finite, double low, bool noisy, bool *ok) {
  const RhoField *field = &c->model->field[i];
  RhoDiag diag = c->cli->diag;
  if (!finite) {
    RhoDiagReport(diag, RHO_ID_CASE_STATE_VALUE, c->initial.place, "'%s' is not finite at the start", field->name);
    RhoDiagHint(diag, "some formula or data set gives a NaN or infinity inside the mesh");
  } else if (field->kind == RHO_DENSITY && low < 0) {
    RhoPlace place = noisy ? c->initial.random_at[i] : c->initial.place;
    RhoDiagReport(diag, RHO_ID_CASE_STATE_VALUE, place, "the density '%s' is %g somewhere at the start", field->name,
                  low);
    if (noisy) RhoDiagHint(diag, "densities are not negative; without the random part it is: take a smaller amplitude");
    else RhoDiagHint(diag, "densities are not negative; a field that may be is real");
  } else {
    return;
  }
  *ok = false;
}

/* strange[nfield]: 1 where a cell of any rank is NaN or infinite */
static PetscErrorCode FindStrange(RhoGrid grid, Vec u, int *strange) {
  const PetscScalar *cell;
  PetscFunctionBeginUser;
  PetscCall(VecGetArrayRead(u, &cell));
  for (PetscInt p = 0; p < grid->nowned * grid->nfield; p++)
    if (!isfinite(cell[p])) strange[p % grid->nfield] = 1;
  PetscCall(VecRestoreArrayRead(u, &cell));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, strange, (int)grid->nfield, MPI_INT, MPI_MAX, grid->comm));
  PetscFunctionReturn(0);
}

/* noisy: the random part has been added to a state that was sound. */
static PetscErrorCode CheckState(RhoCase *c, RhoFieldModel fm, Vec u, bool noisy, bool *ok) {
  PetscReal *low, *high;
  int n = c->model->nfield, *strange;
  PetscFunctionBeginUser;
  PetscCall(PetscCalloc3(n, &low, n, &high, n, &strange));
  PetscCall(FindStrange(RhoFieldGrid(fm), u, strange));
  PetscCall(RhoExtrema(fm, u, low, high));
  for (int i = 0; i < n; i++) CheckField(c, i, !strange[i], low[i], noisy, ok);
  PetscCall(PetscFree3(low, high, strange));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_initial_set(RhoCase *c, RhoFieldModel fm, Vec u, bool *ok) {
  RhoGrid grid = RhoFieldGrid(fm);
  PetscFunctionBeginUser;
  *ok = true;
  if (c->initial.kind == RHO_INITIAL_FORMULAS) PetscCall(SetFormulas(c, fm, u));
  if (c->initial.kind == RHO_INITIAL_RESULT) PetscCall(SetResult(c, grid, u, ok));
  if (c->initial.kind == RHO_INITIAL_DATASET) PetscCall(SetDataset(c, grid, u, ok));
  if (*ok) PetscCall(CheckState(c, fm, u, false, ok));
  if (!*ok) PetscFunctionReturn(0);
  for (int i = 0; i < c->model->nfield; i++)
    if (c->initial.random[i] > 0)
      PetscCall(rho_random_add(grid, (unsigned long long)c->number[RHO_CASE_SEED].value, i, c->initial.random[i], u));
  PetscCall(CheckState(c, fm, u, true, ok));
  PetscFunctionReturn(0);
}
