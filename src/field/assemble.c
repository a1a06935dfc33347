/* assemble.c - the stiff tangent as a matrix: columns of one colour at once.

   Cells whose stencils do not overlap share a colour; applying the tangent to the sum of their unit vectors reads off
   their columns. A cell's column reaches `halo` cells in each direction of a box. */
#include "field_private.h"

/* colours along a dimension: period 2 halo + 1, widened until it divides a periodic extent */
static PetscInt Period(RhoGrid grid, int d) {
  PetscInt period = 2 * grid->halo + 1;
  if (d >= grid->mesh.ndimension) return 1;
  if (period >= grid->n[d]) return grid->n[d];
  while (grid->mesh.dimension[d].boundary == RHO_PERIODIC && grid->n[d] % period) period++;
  return period;
}

#define NOWHERE PETSC_MIN_INT

/* The index along d of the cell of colour `colour` that reaches index i, or NOWHERE; beyond a periodic side that of the
   image there, since matrix stencils know no others than ghosts. */
static PetscInt Source(RhoGrid grid, int d, PetscInt period, PetscInt colour, PetscInt i) {
  for (PetscInt k = -grid->halo; k <= grid->halo; k++) {
    PetscInt at = i + k;
    if (d >= grid->mesh.ndimension) return colour == 0 ? 0 : NOWHERE;
    if (grid->mesh.dimension[d].boundary == RHO_PERIODIC) at = (at % grid->n[d] + grid->n[d]) % grid->n[d];
    if (at >= 0 && at < grid->n[d] && at % period == colour) return i + k;
  }
  return NOWHERE;
}

static void CellIndex(RhoGrid grid, PetscInt p, PetscInt index[RHO_MAXDIM]) {
  for (int d = 0; d < RHO_MAXDIM; d++) {
    index[d] = grid->start[d] + p % grid->count[d];
    p /= grid->count[d];
  }
}

static PetscErrorCode SetColour(RhoGrid grid, const PetscInt *period, const PetscInt *colour, PetscInt field, Vec v) {
  PetscScalar *x;
  PetscFunctionBegin;
  PetscCall(VecSet(v, 0.0));
  PetscCall(VecGetArray(v, &x));
  for (PetscInt p = 0; p < grid->nowned; p++) {
    PetscInt index[RHO_MAXDIM], mine = 1;
    CellIndex(grid, p, index);
    for (int d = 0; d < RHO_MAXDIM; d++) mine = mine && index[d] % period[d] == colour[d];
    if (mine) x[p * grid->nfield + field] = 1;
  }
  PetscCall(VecRestoreArray(v, &x));
  PetscFunctionReturn(0);
}

static PetscErrorCode InsertColour(RhoGrid grid, const PetscInt *period, const PetscInt *colour, PetscInt field, Vec Lv,
                                   Mat matrix) {
  const PetscScalar *y;
  PetscFunctionBegin;
  PetscCall(VecGetArrayRead(Lv, &y));
  for (PetscInt p = 0; p < grid->nowned; p++) {
    PetscInt index[RHO_MAXDIM], from[RHO_MAXDIM], found = 1;
    CellIndex(grid, p, index);
    for (int d = 0; d < RHO_MAXDIM; d++) {
      from[d] = Source(grid, d, period[d], colour[d], index[d]);
      found = found && from[d] != NOWHERE;
    }
    if (!found) continue;
    MatStencil column = {.i = from[0], .j = from[1], .k = from[2], .c = field};
    for (PetscInt i = 0; i < grid->nfield; i++) {
      MatStencil row = {.i = index[0], .j = index[1], .k = index[2], .c = i};
      if (y[p * grid->nfield + i] != 0)
        PetscCall(MatSetValuesStencil(matrix, 1, &row, 1, &column, &y[p * grid->nfield + i], INSERT_VALUES));
    }
  }
  PetscCall(VecRestoreArrayRead(Lv, &y));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoTangentAssemble(RhoTangent tangent, Mat *matrix) {
  RhoGrid grid = tangent->fm->grid;
  PetscInt period[RHO_MAXDIM], colour[RHO_MAXDIM];
  Vec v, Lv;
  PetscFunctionBegin;
  PetscCheck(tangent->part == RHO_PART_STIFF, grid->comm, PETSC_ERR_SUP,
             "only the stiff part of a tangent is local and can be assembled");
  if (!*matrix) PetscCall(DMCreateMatrix(grid->da, matrix));
  PetscCall(MatZeroEntries(*matrix));
  PetscCall(DMGetGlobalVector(grid->da, &v));
  PetscCall(DMGetGlobalVector(grid->da, &Lv));
  for (int d = 0; d < RHO_MAXDIM; d++) period[d] = Period(grid, d);
  rho_fv_tangent_local(tangent->own, PETSC_TRUE);
  for (PetscInt k = 0; k < period[0] * period[1] * period[2]; k++) {
    colour[0] = k % period[0];
    colour[1] = k / period[0] % period[1];
    colour[2] = k / period[0] / period[1];
    for (PetscInt field = 0; field < grid->nfield; field++) {
      PetscCall(SetColour(grid, period, colour, field, v));
      PetscCall(RhoTangentApply(tangent, v, Lv));
      PetscCall(InsertColour(grid, period, colour, field, Lv, *matrix));
    }
  }
  rho_fv_tangent_local(tangent->own, PETSC_FALSE);
  PetscCall(MatAssemblyBegin(*matrix, MAT_FINAL_ASSEMBLY));
  PetscCall(MatAssemblyEnd(*matrix, MAT_FINAL_ASSEMBLY));
  PetscCall(DMRestoreGlobalVector(grid->da, &v));
  PetscCall(DMRestoreGlobalVector(grid->da, &Lv));
  PetscFunctionReturn(0);
}
