/* border.c - the exact tangent of a state on a line as a dense matrix, bordered by what fixes totals and place. */
#include "pattern_private.h"

void dgetrf_(const PetscBLASInt *m, const PetscBLASInt *n, PetscReal *a, const PetscBLASInt *lda, PetscBLASInt *pivot,
             PetscBLASInt *info);
void dgetrs_(const char *trans, const PetscBLASInt *n, const PetscBLASInt *nrhs, const PetscReal *a,
             const PetscBLASInt *lda, const PetscBLASInt *pivot, PetscReal *b, const PetscBLASInt *ldb,
             PetscBLASInt *info);

static PetscErrorCode FindKept(RhoBorder *border) {
  RhoEquations eq = RhoFieldEquations(border->fm);
  PetscFunctionBegin;
  PetscCall(PetscMalloc1((size_t)eq->nconserved, &border->kept));
  for (int c = 0; c < eq->nconserved; c++)
    if (!RhoTotalOpen(border->fm, c)) border->kept[border->nkept++] = c;
  PetscFunctionReturn(0);
}

PetscErrorCode rho_border_create(RhoFieldModel fm, PetscBool family, RhoBorder *border) {
  RhoGrid grid = RhoFieldGrid(fm);
  RhoEquations eq = RhoFieldEquations(fm);
  PetscFunctionBegin;
  PetscCheck(grid->size == 1 && grid->mesh.ndimension == 1, grid->comm, PETSC_ERR_SUP,
             "a line on one rank is needed, not %d dimensions on %d", grid->mesh.ndimension, grid->size);
  *border = (RhoBorder){.fm = fm, .grid = grid, .n = grid->ncell * grid->nfield};
  PetscCheck(border->n <= RHO_PATTERN_MOST, grid->comm, PETSC_ERR_SUP, "%d unknowns, more than %d", (int)border->n,
             RHO_PATTERN_MOST);
  PetscCall(FindKept(border));
  border->moves = grid->mesh.dimension[0].boundary == RHO_PERIODIC && !eq->uses_coordinate;
  border->m = border->n + border->nkept + (border->moves ? 1 : 0) + (family ? 1 : 0);
  if (family) PetscCall(PetscCalloc2((size_t)border->m, &border->column, (size_t)border->m, &border->row));
  PetscCall(RhoTangentCreate(fm, RHO_PART_ALL, &border->tangent));
  PetscCall(DMCreateGlobalVector(grid->da, &border->v));
  PetscCall(VecDuplicate(border->v, &border->Jv));
  PetscCall(PetscMalloc1((size_t)(border->m * border->m), &border->A));
  PetscCall(PetscMalloc2((size_t)border->m, &border->rhs, (size_t)border->m, &border->pivot));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_border_destroy(RhoBorder *border) {
  PetscFunctionBegin;
  PetscCall(RhoTangentDestroy(&border->tangent));
  PetscCall(VecDestroy(&border->v));
  PetscCall(VecDestroy(&border->Jv));
  PetscCall(PetscFree(border->kept));
  PetscCall(PetscFree(border->A));
  PetscCall(PetscFree2(border->rhs, border->pivot));
  if (border->row) PetscCall(PetscFree2(border->column, border->row));
  PetscFunctionReturn(0);
}

/* Cells to both sides of p on a ring. */
static void Neighbours(const RhoBorder *border, PetscInt p, PetscInt *left, PetscInt *right) {
  PetscInt n = border->grid->ncell;
  *left = (p + n - 1) % n;
  *right = (p + 1) % n;
}

static PetscReal Weight(const RhoBorder *border, PetscInt p) {
  return 0.5 / RhoGridWidth(border->grid, 0)[p + border->grid->halo];
}

void rho_border_derivative(const RhoBorder *border, const PetscReal *u, PetscReal *du) {
  PetscInt nf = border->grid->nfield, left, right;
  for (PetscInt p = 0; p < border->grid->ncell; p++) {
    Neighbours(border, p, &left, &right);
    for (PetscInt i = 0; i < nf; i++)
      du[p * nf + i] = border->moves ? Weight(border, p) * (u[right * nf + i] - u[left * nf + i]) : 0;
  }
}

/* Column j of J into column j of A, negative. */
static PetscErrorCode Column(RhoBorder *border, PetscInt j, PetscReal *column) {
  const PetscScalar *Jv;
  PetscScalar *v;
  PetscFunctionBegin;
  PetscCall(VecZeroEntries(border->v));
  PetscCall(VecGetArray(border->v, &v));
  v[j] = 1;
  PetscCall(VecRestoreArray(border->v, &v));
  PetscCall(RhoTangentApply(border->tangent, border->v, border->Jv));
  PetscCall(VecGetArrayRead(border->Jv, &Jv));
  for (PetscInt k = 0; k < border->n; k++) {
    column[k] = -Jv[k];
    border->largest = PetscMax(border->largest, PetscAbsReal(Jv[k]));
  }
  PetscCall(VecRestoreArrayRead(border->Jv, &Jv));
  PetscFunctionReturn(0);
}

static PetscReal Volume(RhoGrid grid, PetscInt p) { return grid->volumes ? grid->volumes[p] : grid->volume; }

/* Totals: the row sums with volumes, the column is a source of the combination. */
static void KeepTotals(RhoBorder *border) {
  RhoEquations eq = RhoFieldEquations(border->fm);
  PetscInt m = border->m, nf = border->grid->nfield;
  for (PetscInt c = 0; c < border->nkept; c++)
    for (PetscInt k = 0; k < border->n; k++) {
      PetscReal w = eq->conserved[border->kept[c]][k % nf];
      border->A[k * m + border->n + c] = w * Volume(border->grid, k / nf);
      border->A[(border->n + c) * m + k] = -w * border->largest;
    }
}

static void KeepPlace(RhoBorder *border, PetscReal speed, const PetscReal *u) {
  PetscInt m = border->m, nf = border->grid->nfield, place = border->n + border->nkept, left, right;
  PetscReal *column = &border->A[place * m];
  rho_border_derivative(border, u, column);
  for (PetscInt k = 0; k < border->n; k++) {
    PetscReal w = Weight(border, k / nf);
    Neighbours(border, k / nf, &left, &right);
    border->A[(right * nf + k % nf) * m + k] -= speed * w;
    border->A[(left * nf + k % nf) * m + k] += speed * w;
    border->A[k * m + place] = column[k];
    column[k] = -column[k];
  }
}

static void KeepStep(RhoBorder *border) {
  PetscInt m = border->m;
  for (PetscInt k = 0; k < m; k++) {
    border->A[(m - 1) * m + k] = -border->column[k];
    border->A[k * m + m - 1] = border->row[k];
  }
}

static PetscErrorCode Fill(RhoBorder *border, PetscReal t, Vec u, PetscReal sigma, PetscReal speed) {
  PetscInt m = border->m;
  const PetscScalar *x;
  PetscFunctionBegin;
  PetscCall(PetscArrayzero(border->A, (size_t)(m * m)));
  PetscCall(RhoTangentSet(border->tangent, t, u));
  border->largest = 0;
  for (PetscInt j = 0; j < border->n; j++) PetscCall(Column(border, j, &border->A[j * m]));
  for (PetscInt j = 0; j < border->n; j++) border->A[j * m + j] += sigma;
  KeepTotals(border);
  PetscCall(VecGetArrayRead(u, &x));
  if (border->moves) KeepPlace(border, speed, x);
  PetscCall(VecRestoreArrayRead(u, &x));
  if (border->row) KeepStep(border);
  PetscFunctionReturn(0);
}

PetscErrorCode rho_border_solve(RhoBorder *border, PetscReal t, Vec u, PetscReal sigma, PetscReal speed,
                                const PetscReal *G, const PetscReal *missing, PetscBool *singular) {
  PetscBLASInt m = (PetscBLASInt)border->m, one = 1, info;
  PetscFunctionBegin;
  PetscCall(Fill(border, t, u, sigma, speed));
  PetscCall(PetscArraycpy(border->rhs, G, border->n));
  PetscCall(PetscArraycpy(border->rhs + border->n, missing, border->nkept));
  if (border->moves) border->rhs[border->n + border->nkept] = 0;
  if (border->row) border->rhs[m - 1] = border->ahead;
  dgetrf_(&m, &m, border->A, &m, border->pivot, &info);
  *singular = info != 0 ? PETSC_TRUE : PETSC_FALSE;
  if (info == 0) dgetrs_("N", &m, &one, border->A, &m, border->pivot, border->rhs, &m, &info);
  for (PetscInt k = 0; k < m; k++)
    if (PetscIsInfOrNanReal(border->rhs[k])) *singular = PETSC_TRUE;
  PetscFunctionReturn(0);
}
