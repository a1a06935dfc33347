/* profile.c - one front between two walls, on n and 2 n cells, and the phases on its two sides.

   The start is a step of width L/20 from guess to guess at the place that the means ask for, shifted to the means
   exactly. Phases are the values at the walls, extrapolated in the square of the cells' width: (4 u_2n - u_n)/3.  What
   differs from u_2n is one part of the error; the other is what the plateau would still change in a longer box. */
#include "pattern_private.h"
#include <string.h>

typedef struct {
  RhoGrid grid;
  RhoFieldModel fm;
  Vec u;
} Line;

struct RhoProfile_s {
  RhoEquations eq;
  PetscReal length;
  PetscInt ncell, nf;
  Line line[2];         /* coarse, fine */
  Vec last;             /* the coarse solution found last */
  PetscReal *number;    /* [4][nf] phases and errors */
  PetscReal *x, *cells; /* of the fine line */
};

/* ---- lines ----------------------------------------------------------------------------------------------------------
 */

static RhoMesh MeshOf(RhoEquations eq, PetscReal length, PetscInt ncell) {
  RhoModel model = eq->model;
  RhoDimension x = {.name = model->ndimension ? model->dimension[0] : "x", .to = length, .ncell = (int)ncell};
  x.boundary = RHO_WALL;
  x.spatial = !(model->ndimension && model->internal[0]);
  return (RhoMesh){.ndimension = 1, .dimension = {x}, .place = RHO_NOWHERE};
}

static PetscErrorCode OpenLine(RhoProfile p, const double *value, PetscInt ncell, RhoDiag diag, Line *line) {
  RhoMesh mesh = MeshOf(p->eq, p->length, ncell);
  PetscInt halo = RhoFieldHalo(p->eq);
  PetscFunctionBegin;
  if (!RhoFieldFits(p->eq, &mesh, halo, diag) || !RhoKernelsFit(p->eq, &mesh, value, diag)) PetscFunctionReturn(0);
  PetscCall(RhoGridCreate(PETSC_COMM_SELF, &mesh, p->nf, halo, &line->grid));
  PetscCall(RhoFieldCreate(p->eq, line->grid, value, diag, &line->fm));
  if (line->fm) PetscCall(DMCreateGlobalVector(line->grid->da, &line->u));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoProfileCreate(RhoEquations eq, const double *value, PetscReal length, PetscInt ncell, RhoDiag diag,
                                RhoProfile *out) {
  RhoProfile p;
  PetscFunctionBegin;
  PetscCheck(2 * ncell * eq->nfield <= RHO_PATTERN_MOST, PETSC_COMM_SELF, PETSC_ERR_SUP,
             "2 * %d cells of %d fields are more than %d unknowns", (int)ncell, eq->nfield, RHO_PATTERN_MOST);
  PetscCall(PetscNew(&p));
  p->eq = eq;
  p->length = length;
  p->ncell = ncell;
  p->nf = eq->nfield;
  for (int k = 0; k < 2; k++) PetscCall(OpenLine(p, value, ncell << k, diag, &p->line[k]));
  PetscCall(PetscCalloc3((size_t)(4 * p->nf), &p->number, (size_t)(2 * ncell), &p->x, (size_t)(2 * ncell * p->nf),
                         &p->cells));
  for (PetscInt i = 0; i < 2 * ncell; i++) p->x[i] = (i + 0.5) * length / (2 * ncell);
  if (p->line[0].u) PetscCall(VecDuplicate(p->line[0].u, &p->last));
  if (!p->line[0].fm || !p->line[1].fm) PetscCall(RhoProfileDestroy(&p));
  *out = p;
  PetscFunctionReturn(0);
}

PetscErrorCode RhoProfileBind(RhoProfile p, const double *value, RhoDiag diag, PetscBool *fits) {
  PetscFunctionBegin;
  *fits = PETSC_TRUE;
  for (int k = 0; k < 2 && *fits; k++) {
    RhoFieldModel fm = NULL;
    RhoMesh mesh = MeshOf(p->eq, p->length, p->ncell << k);
    if (RhoKernelsFit(p->eq, &mesh, value, diag)) PetscCall(RhoFieldCreate(p->eq, p->line[k].grid, value, diag, &fm));
    *fits = (PetscBool)(fm != NULL);
    if (!fm) break;
    PetscCall(RhoFieldDestroy(&p->line[k].fm));
    p->line[k].fm = fm;
  }
  PetscFunctionReturn(0);
}

PetscErrorCode RhoProfileDestroy(RhoProfile *profile) {
  RhoProfile p = *profile;
  PetscFunctionBegin;
  if (!p) PetscFunctionReturn(0);
  PetscCall(VecDestroy(&p->last));
  for (int k = 0; k < 2; k++) {
    PetscCall(VecDestroy(&p->line[k].u));
    PetscCall(RhoFieldDestroy(&p->line[k].fm));
    PetscCall(RhoGridDestroy(&p->line[k].grid));
  }
  PetscCall(PetscFree3(p->number, p->x, p->cells));
  PetscCall(PetscFree(*profile));
  PetscFunctionReturn(0);
}

/* ---- starts ---------------------------------------------------------------------------------------------------------
 */

/* The share of phase a for which a mixture comes nearest to the means, each field by its own range. */
static PetscReal Position(PetscInt nf, const PetscReal *mean, const PetscReal *a, const PetscReal *b) {
  PetscReal along = 0, size = 0;
  for (PetscInt i = 0; i < nf; i++) {
    PetscReal range = a[i] - b[i];
    if (range == 0) continue;
    along += (mean[i] - b[i]) / range;
    size += 1;
  }
  return size > 0 ? PetscMin(0.8, PetscMax(0.2, along / size)) : 0.5;
}

static void FillStep(PetscInt nf, PetscInt ncell, PetscReal position, const PetscReal *a, const PetscReal *b,
                     PetscScalar *u) {
  for (PetscInt p = 0; p < ncell; p++) {
    PetscReal share = 0.5 * (1 - tanh(20 * ((p + 0.5) / ncell - position)));
    for (PetscInt i = 0; i < nf; i++) u[p * nf + i] = b[i] + share * (a[i] - b[i]);
  }
}

/* Densities by a factor, so that they stay positive; others by a shift. */
static void BringToMean(RhoModel model, PetscInt ncell, const PetscReal *mean, PetscScalar *u) {
  PetscInt nf = model->nfield;
  for (PetscInt i = 0; i < nf; i++) {
    PetscReal sum = 0;
    for (PetscInt p = 0; p < ncell; p++) sum += u[p * nf + i];
    for (PetscInt p = 0; p < ncell; p++) {
      if (model->field[i].kind == RHO_DENSITY && sum > 0) u[p * nf + i] *= mean[i] * ncell / sum;
      else u[p * nf + i] += mean[i] - sum / ncell;
    }
  }
}

static PetscErrorCode Start(RhoProfile p, const PetscReal *mean, const PetscReal *a, const PetscReal *b) {
  PetscScalar *u;
  PetscFunctionBegin;
  PetscCall(VecGetArray(p->line[0].u, &u));
  if (a && b) FillStep(p->nf, p->ncell, Position(p->nf, mean, a, b), a, b, u);
  BringToMean(p->eq->model, p->ncell, mean, u);
  PetscCall(VecRestoreArray(p->line[0].u, &u));
  PetscFunctionReturn(0);
}

/* u[2n] from u[n] by parabolas that keep the means of cells, mirrored at the walls. */
static void Finer(PetscInt nf, PetscInt n, const PetscScalar *coarse, PetscScalar *fine) {
  for (PetscInt p = 0; p < n; p++)
    for (PetscInt i = 0; i < nf; i++) {
      PetscReal left = coarse[(p > 0 ? p - 1 : p) * nf + i], right = coarse[(p < n - 1 ? p + 1 : p) * nf + i];
      fine[2 * p * nf + i] = coarse[p * nf + i] - (right - left) / 8;
      fine[(2 * p + 1) * nf + i] = coarse[p * nf + i] + (right - left) / 8;
    }
}

static PetscErrorCode Refine(RhoProfile p) {
  const PetscScalar *coarse;
  PetscScalar *fine;
  PetscFunctionBegin;
  PetscCall(VecGetArrayRead(p->line[0].u, &coarse));
  PetscCall(VecGetArray(p->line[1].u, &fine));
  Finer(p->nf, p->ncell, coarse, fine);
  PetscCall(VecRestoreArray(p->line[1].u, &fine));
  PetscCall(VecRestoreArrayRead(p->line[0].u, &coarse));
  PetscFunctionReturn(0);
}

/* ---- phases ---------------------------------------------------------------------------------------------------------
 */

/* How far a plateau is from where it goes in a longer box, from what it has changed a sixteenth and an eighth of the
   box from the wall: near a wall u = u_inf + A cosh(kappa x).  Where that is no growth of one kind, twenty times the
   first. */
static PetscReal Unsettled(PetscReal sixteenth, PetscReal eighth) {
  PetscReal c = sixteenth != 0 ? eighth / sixteenth / 2 - 2 : 1; /* cosh(kappa L/16) - 1 */
  return PetscAbsReal(sixteenth) / PetscMin(1, PetscMax(c, 0.05));
}

static void Measure(RhoProfile p, const PetscScalar *coarse, RhoProfilePhases *out) {
  PetscInt nf = p->nf, n = p->ncell, inside = PetscMax(1, n / 8); /* of the fine line: a sixteenth */
  for (int side = 0; side < 2; side++)
    for (PetscInt i = 0; i < nf; i++) {
      PetscInt wall = side ? 2 * n - 1 : 0, step = side ? -inside : inside;
      PetscReal at_coarse = coarse[(side ? n - 1 : 0) * nf + i], at_fine = p->cells[wall * nf + i];
      PetscReal sixteenth = p->cells[(wall + step) * nf + i] - at_fine;
      PetscReal eighth = p->cells[(wall + 2 * step) * nf + i] - at_fine;
      out->phase[side][i] = at_fine + (at_fine - at_coarse) / 3;
      out->error[side][i] = PetscAbsReal(at_fine - at_coarse) / 3 + Unsettled(sixteenth, eighth);
    }
}

static void Place(RhoProfile p, RhoProfilePhases *out) {
  PetscInt nf = p->nf, widest = 0, n = 2 * p->ncell;
  PetscReal sum = 0, *a = out->phase[0], *b = out->phase[1];
  for (PetscInt i = 0; i < nf; i++)
    if (PetscAbsReal(a[i] - b[i]) > PetscAbsReal(a[widest] - b[widest])) widest = i;
  for (PetscInt c = 0; c < n; c++) sum += p->cells[c * nf + widest] / n;
  out->position = (sum - b[widest]) / (a[widest] - b[widest]);
}

static PetscErrorCode Report(RhoProfile p, RhoProfilePhases *out) {
  const PetscScalar *u;
  PetscFunctionBegin;
  for (int side = 0; side < 2; side++) {
    out->phase[side] = p->number + side * p->nf;
    out->error[side] = p->number + (2 + side) * p->nf;
  }
  PetscCall(VecGetArrayRead(p->line[1].u, &u));
  PetscCall(PetscArraycpy(p->cells, u, 2 * p->ncell * p->nf));
  PetscCall(VecRestoreArrayRead(p->line[1].u, &u));
  PetscCall(VecGetArrayRead(p->line[0].u, &u));
  Measure(p, u, out);
  PetscCall(VecRestoreArrayRead(p->line[0].u, &u));
  Place(p, out);
  PetscFunctionReturn(0);
}

static PetscErrorCode SolveBoth(RhoProfile p, RhoPatternReason *reason) {
  RhoPatternOptions options = {.nearby = PETSC_FALSE};
  RhoPatternOutcome outcome;
  PetscFunctionBegin;
  PetscCall(RhoPatternSolve(p->line[0].fm, &options, p->line[0].u, &outcome));
  *reason = outcome.reason;
  if (outcome.reason) PetscFunctionReturn(0);
  PetscCall(Refine(p));
  options.nearby = PETSC_TRUE;
  PetscCall(RhoPatternSolve(p->line[1].fm, &options, p->line[1].u, &outcome));
  *reason = outcome.reason;
  PetscFunctionReturn(0);
}

PetscErrorCode RhoProfileSolve(RhoProfile p, const PetscReal *mean, const PetscReal *phase0, const PetscReal *phase1,
                               RhoProfilePhases *phases) {
  PetscFunctionBegin;
  *phases = (RhoProfilePhases){0};
  PetscCall(VecCopy(p->last, p->line[0].u));
  PetscCall(Start(p, mean, phase0, phase1));
  PetscCall(SolveBoth(p, &phases->reason));
  if (phases->reason) PetscFunctionReturn(0);
  PetscCall(VecCopy(p->line[0].u, p->last));
  PetscCall(Report(p, phases));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoProfileCells(RhoProfile p, PetscInt *ncell, const PetscReal **x, const PetscReal **u) {
  PetscFunctionBegin;
  *ncell = 2 * p->ncell;
  *x = p->x;
  *u = p->cells;
  PetscFunctionReturn(0);
}
