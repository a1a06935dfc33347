/* modal.c - the equations in transform space,  d_t u^ = A u^ + N^(u, t).

   Finite volumes: A is the grid's own stiff symbol (stiff_symbol.h), growing modes included, and N^ = F^ - A u^, so
   that A + N is the residual whatever A is: coefficients that are not constant are in N, as convolutions are. */
#include "modal.h"

/* ---- N + sign A u^ ---- */

/* to += sign a x, one number of each mode, with s between them */
RHO_VECTOR_LEVELS static void Add(PetscReal sign, PetscInt nmode, PetscInt width, const PetscReal *restrict a,
                                  PetscInt s, const PetscScalar *restrict x, PetscScalar *restrict to) {
  if (width == 1)
    for (PetscInt m = 0; m < nmode; m++) to[m] += sign * a[m * s] * x[m];
  else if (s == 1)
    for (PetscInt m = 0; m < nmode; m++) {
      to[2 * m] += sign * a[m] * x[2 * m];
      to[2 * m + 1] += sign * a[m] * x[2 * m + 1];
    }
  else
    for (PetscInt m = 0; m < nmode; m++) {
      to[2 * m] += sign * a[m * s] * x[2 * m];
      to[2 * m + 1] += sign * a[m * s] * x[2 * m + 1];
    }
}

/* to += sign i b x */
RHO_VECTOR_LEVELS static void AddTurned(PetscReal sign, PetscInt nmode, const PetscReal *restrict b, PetscInt s,
                                        const PetscScalar *restrict x, PetscScalar *restrict to) {
  for (PetscInt m = 0; m < nmode; m++) {
    to[2 * m] -= sign * b[m * s] * x[2 * m + 1];
    to[2 * m + 1] += sign * b[m * s] * x[2 * m];
  }
}

void RhoModalAdd(RhoModal modal, PetscReal sign, PetscScalar **hat, PetscScalar **N) {
  const RhoModes *modes = &modal->modes;
  PetscInt n = modes->nfield;
  for (PetscInt i = 0; i < n; i++)
    for (PetscInt j = 0; j < n; j++) {
      Add(sign, modes->nmode, modes->width, modes->A + i * n + j, n * n, hat[j], N[i]);
      if (modes->B) AddTurned(sign, modes->nmode, modes->B + i * n + j, n * n, hat[j], N[i]);
    }
}

/* ---- finite volumes ---- */

typedef struct {
  RhoStiffSymbol symbol;
  Vec F;
} Volumes;

static PetscErrorCode IsConstant(RhoFieldModel fm, PetscBool *constant) {
  RhoTangent tangent;
  PetscFunctionBegin;
  PetscCall(RhoTangentCreate(fm, RHO_PART_STIFF, &tangent));
  *constant = RhoTangentConstant(tangent);
  PetscCall(RhoTangentDestroy(&tangent));
  PetscFunctionReturn(0);
}

static PetscErrorCode CreateVolumes(RhoModal modal) {
  Volumes *v;
  PetscFunctionBegin;
  PetscCall(PetscNew(&v));
  modal->data = v;
  PetscCall(IsConstant(modal->fm, &modal->modes.constant));
  PetscCall(rho_stiff_symbol_create(modal->fm, modal->modes.constant, &v->symbol));
  PetscCall(DMCreateGlobalVector(modal->fm->grid->da, &v->F));
  PetscFunctionReturn(0);
}

static PetscErrorCode DestroyVolumes(RhoModal modal) {
  Volumes *v = modal->data;
  PetscFunctionBegin;
  PetscCall(rho_stiff_symbol_destroy(&v->symbol));
  PetscCall(VecDestroy(&v->F));
  PetscCall(PetscFree(modal->data));
  PetscFunctionReturn(0);
}

static PetscErrorCode SetVolumes(RhoModal modal, PetscReal t, Vec u) {
  Volumes *v = modal->data;
  PetscInt nn = modal->modes.nfield * modal->modes.nfield;
  PetscFunctionBegin;
  if (modal->fm->eq->uses_time) modal->fm->value[modal->fm->eq->model->nparameter + 1] = t;
  PetscCall(rho_stiff_symbol_average(&v->symbol, u));
  for (PetscInt m = 0; m < modal->modes.nmode; m++) rho_stiff_symbol_mode(&v->symbol, m, modal->A + m * nn);
  PetscFunctionReturn(0);
}

static PetscErrorCode RestVolumes(RhoModal modal, PetscReal t, Vec u, PetscScalar **hat, PetscScalar **N) {
  Volumes *v = modal->data;
  PetscFunctionBegin;
  PetscCall(RhoResidual(modal->fm, t, u, v->F));
  PetscCall(RhoModalForward(modal, v->F, N));
  RhoModalAdd(modal, -1, hat, N);
  PetscFunctionReturn(0);
}

static const RhoModalKind volumes = {CreateVolumes, DestroyVolumes, SetVolumes, RestVolumes};

/* ---- transforms ---- */

PetscErrorCode RhoModalForward(RhoModal modal, Vec u, PetscScalar **hat) {
  const PetscScalar *from;
  PetscFunctionBegin;
  PetscCall(VecGetArrayRead(u, &from));
  PetscCall(RhoTransformForwardAll(modal->transform, (int)modal->modes.nfield, from, hat));
  PetscCall(VecRestoreArrayRead(u, &from));
  PetscFunctionReturn(0);
}

RHO_VECTOR_LEVELS static void Scaled(PetscInt n, PetscReal s, const PetscScalar *restrict x, PetscScalar *restrict to) {
  for (PetscInt k = 0; k < n; k++) to[k] = s * x[k];
}

PetscErrorCode RhoModalBackward(RhoModal modal, PetscScalar **hat, Vec u) {
  const RhoModes *modes = &modal->modes;
  PetscScalar *to;
  PetscFunctionBegin;
  for (PetscInt i = 0; i < modes->nfield; i++)
    Scaled(modes->nmode * modes->width, modes->scale, hat[i], modal->work[i]);
  PetscCall(VecGetArrayWrite(u, &to));
  PetscCall(RhoTransformBackwardAll(modal->transform, (int)modes->nfield, modal->work, to));
  PetscCall(VecRestoreArrayWrite(u, &to));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoModalSpectra(RhoModal modal, PetscScalar ***hat) {
  PetscFunctionBegin;
  PetscCall(PetscCalloc1((size_t)modal->modes.nfield, hat));
  for (PetscInt i = 0; i < modal->modes.nfield; i++) PetscCall(RhoTransformSpectrum(modal->transform, &(*hat)[i]));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoModalFreeSpectra(RhoModal modal, PetscScalar ***hat) {
  PetscFunctionBegin;
  if (!*hat) PetscFunctionReturn(0);
  for (PetscInt i = 0; i < modal->modes.nfield; i++) PetscCall(RhoTransformFreeSpectrum(modal->transform, &(*hat)[i]));
  PetscCall(PetscFree(*hat));
  PetscFunctionReturn(0);
}

/* ---- what there is ---- */

const RhoModes *RhoModalModes(RhoModal modal) { return &modal->modes; }

PetscErrorCode RhoModalSet(RhoModal modal, PetscReal t, Vec u) {
  PetscFunctionBegin;
  PetscCall(modal->kind->set(modal, t, u));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoModalRest(RhoModal modal, PetscReal t, Vec u, PetscScalar **hat, PetscScalar **N) {
  PetscFunctionBegin;
  PetscCall(modal->kind->rest(modal, t, u, hat, N));
  PetscFunctionReturn(0);
}

const char *RhoModalRefuses(RhoFieldModel fm) {
  if (fm->eq->nfield > RHO_SYMBOL_MOST) return "steps in transform space are for 16 fields at most";
  if (!RhoGridUniform(fm->grid)) return "steps in transform space need equal cells: no transform diagonalises others";
  if (rho_walls_any(fm)) return "steps in transform space need walls that nothing flows through";
  return NULL;
}

/* ---- how much A depends on the state ---- */

static PetscErrorCode Move(RhoFieldModel fm, int sign, Vec u, Vec v) {
  PetscInt n = fm->grid->nfield;
  const PetscScalar *from;
  PetscScalar *to;
  PetscFunctionBegin;
  PetscCall(VecGetArrayRead(u, &from));
  PetscCall(VecGetArrayWrite(v, &to));
  for (PetscInt k = 0; k < fm->grid->nowned * n; k++)
    to[k] = fm->eq->model->field[k % n].kind == RHO_DENSITY ? (sign > 0 ? 2 : 0.5) * from[k]
                                                            : from[k] + sign * 0.5 * (1 + PetscAbsReal(from[k]));
  PetscCall(VecRestoreArrayWrite(v, &to));
  PetscCall(VecRestoreArrayRead(u, &from));
  PetscFunctionReturn(0);
}

/* largest sum over the entries of a mode of |a - b|, of this rank; infinity: of what is no number */
static PetscReal Largest(const RhoModes *modes, const PetscReal *a, const PetscReal *b) {
  PetscInt nn = modes->nfield * modes->nfield;
  PetscReal largest = 0;
  for (PetscInt m = 0; m < modes->nmode; m++) {
    PetscReal sum = 0;
    for (PetscInt e = m * nn; e < (m + 1) * nn; e++) sum += PetscAbsReal(a[e] - (b ? b[e] : 0));
    largest = PetscIsInfOrNanReal(sum) ? PETSC_INFINITY : PetscMax(largest, sum);
  }
  return largest;
}

/* of[0]: |A' - A|, [1]: |A| */
static PetscErrorCode Compare(RhoModal modal, PetscReal t, Vec u, const PetscReal *A, PetscReal of[2]) {
  Vec v;
  PetscFunctionBegin;
  PetscCall(DMGetGlobalVector(modal->fm->grid->da, &v));
  for (int sign = -1; sign <= 1; sign += 2) {
    PetscCall(Move(modal->fm, sign, u, v));
    PetscCall(RhoModalSet(modal, t, v));
    of[0] = PetscMax(of[0], Largest(&modal->modes, modal->A, A));
  }
  of[1] = Largest(&modal->modes, A, NULL);
  PetscCall(DMRestoreGlobalVector(modal->fm->grid->da, &v));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoModalVariation(RhoModal modal, PetscReal t, Vec u, PetscReal *variation) {
  size_t n = (size_t)(modal->modes.nmode * modal->modes.nfield * modal->modes.nfield);
  PetscReal *A, of[2] = {0, 0};
  PetscFunctionBegin;
  PetscCall(RhoModalSet(modal, t, u));
  PetscCall(PetscMalloc1(n + 1, &A));
  PetscCall(PetscArraycpy(A, modal->A, n));
  PetscCall(Compare(modal, t, u, A, of));
  PetscCall(RhoModalSet(modal, t, u));
  PetscCall(PetscFree(A));
  PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, of, 2, MPIU_REAL, MPI_MAX, modal->fm->grid->comm));
  *variation = of[0] == 0 ? 0 : of[0] / of[1];
  PetscFunctionReturn(0);
}

/* ---- life ---- */

/* The entry of the mean: the first one of all, where the transform keeps it. */
static PetscErrorCode FindMean(RhoModal modal) {
  RhoModes *modes = &modal->modes;
  const PetscReal *q[RHO_MAXDIM];
  PetscFunctionBegin;
  PetscCall(RhoTransformModes(modal->transform, &modes->nmode, &modes->width, &q[0], &q[1], &q[2]));
  modes->mean = modes->nmode > 0 && q[0][0] == 0 && q[1][0] == 0 && q[2][0] == 0 ? 0 : -1;
  PetscFunctionReturn(0);
}

PetscErrorCode RhoModalCreate(RhoFieldModel fm, RhoModal *out) {
  const char *why = RhoModalRefuses(fm);
  RhoModal modal;
  RhoModes *modes;
  size_t count;
  PetscFunctionBegin;
  PetscCheck(!why, fm->grid->comm, PETSC_ERR_SUP, "%s", why);
  PetscCall(PetscNew(&modal));
  *out = modal;
  modal->kind = fm->spectral ? &rho_modal_spectral : &volumes;
  modal->fm = fm;
  modes = &modal->modes;
  modes->nfield = fm->eq->nfield;
  PetscCall(rho_fv_transform(fm));
  modal->transform = fm->transform;
  modes->scale = RhoTransformScale(modal->transform);
  PetscCall(FindMean(modal));
  PetscCall(RhoTransformWeight(modal->transform, &modes->weight));
  PetscCall(RhoModalSpectra(modal, &modal->work));
  PetscCall(modal->kind->create(modal));
  count = (size_t)(modes->nmode * modes->nfield * modes->nfield);
  PetscCall(PetscCalloc1(count + 1, &modal->A));
  modes->A = modal->A;
  PetscFunctionReturn(0);
}

PetscErrorCode RhoModalDestroy(RhoModal *out) {
  RhoModal modal = *out;
  PetscFunctionBegin;
  if (!modal) PetscFunctionReturn(0);
  PetscCall(modal->kind->destroy(modal));
  PetscCall(RhoModalFreeSpectra(modal, &modal->work));
  PetscCall(PetscFree(modal->A));
  PetscCall(PetscFree(modal->B));
  PetscCall(PetscFree(*out));
  PetscFunctionReturn(0);
}
