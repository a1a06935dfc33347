/* modal.c - the equations in transform space,  d_t u^ = A u^ + N^(u, t).

   Finite volumes: A is the grid's own stiff symbol (stiff_symbol.h), growing modes included, and N^ = F^ - A u^, so
   that A + N is the residual whatever A is: coefficients that are not constant are in N, as convolutions are. */
#include "modal.h"
#include "loops.h"

/* ---- N and A u^ ---- */

/* to += sign a x */
RHO_VECTOR_LEVELS static void Add(PetscReal sign, PetscInt nmode, PetscInt width, const PetscReal *restrict a,
                                  const PetscScalar *restrict x, PetscScalar *restrict to) {
  if (width == 1)
    for (PetscInt m = 0; m < nmode; m++) to[m] += sign * a[m] * x[m];
  else
    for (PetscInt m = 0; m < nmode; m++) {
      to[2 * m] += sign * a[m] * x[2 * m];
      to[2 * m + 1] += sign * a[m] * x[2 * m + 1];
    }
}

/* to += sign i b x */
RHO_VECTOR_LEVELS static void AddTurned(PetscReal sign, PetscInt nmode, const PetscReal *restrict b,
                                        const PetscScalar *restrict x, PetscScalar *restrict to) {
  for (PetscInt m = 0; m < nmode; m++) {
    to[2 * m] -= sign * b[m] * x[2 * m + 1];
    to[2 * m + 1] += sign * b[m] * x[2 * m];
  }
}

/* N += sign A hat, rows that have a factor: - sign shift hat, without it */
static void Move(RhoModal modal, PetscReal sign, PetscScalar *const *hat, PetscScalar *const *N) {
  const RhoModes *modes = &modal->modes;
  PetscInt n = modes->nfield;
  for (PetscInt i = 0; i < n; i++)
    for (PetscInt j = 0; j < n && !modes->linear[i]; j++) {
      if (modes->factor[i]) {
        rho_loop_add_scaled(modes->width * modes->nmode, -sign * modal->shift[i * n + j], hat[j], 1, N[i]);
        continue;
      }
      Add(sign, modes->nmode, modes->width, RhoModesA(modes, i, j), hat[j], N[i]);
      if (modes->B) AddTurned(sign, modes->nmode, RhoModesB(modes, i, j), hat[j], N[i]);
    }
}

/* ---- transforms ---- */

PetscErrorCode RhoModalForward(RhoModal modal, Vec u, PetscScalar **hat) {
  const PetscScalar *from;
  PetscFunctionBegin;
  PetscCall(VecGetArrayRead(u, &from));
  PetscCall(RhoTransformForwardAll(modal->transform, (int)modal->modes.nfield, from, hat));
  PetscCall(VecRestoreArrayRead(u, &from));
  PetscFunctionReturn(0);
}

/* u from its transforms, which are destroyed. */
static PetscErrorCode Backward(RhoModal modal, PetscScalar **half, Vec u) {
  const RhoModes *modes = &modal->modes;
  PetscInt nslab, ncell, few;
  PetscScalar *to;
  PetscFunctionBegin;
  RhoTransformSlabs(modal->transform, &nslab, &ncell, &few);
  for (PetscInt i = 0; i < modes->nfield; i++) PetscCall(RhoTransformBackwardAcross(modal->transform, half[i]));
  PetscCall(VecGetArrayWrite(u, &to));
  PetscCall(RhoTransformBackwardWithin(modal->transform, 0, nslab, (int)modes->nfield, modes->scale, half, to));
  PetscCall(VecRestoreArrayWrite(u, &to));
  PetscFunctionReturn(0);
}

static PetscErrorCode Copied(RhoModal modal, PetscScalar **hat) {
  PetscFunctionBegin;
  for (PetscInt i = 0; i < modal->modes.nfield; i++)
    PetscCall(PetscArraycpy(modal->work[i], hat[i], modal->modes.nmode * modal->modes.width));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoModalBackward(RhoModal modal, PetscScalar **hat, Vec u) {
  PetscFunctionBegin;
  PetscCall(Copied(modal, hat));
  PetscCall(Backward(modal, modal->work, u));
  PetscFunctionReturn(0);
}

/* ---- finite volumes ---- */

typedef struct {
  RhoStiffSymbol symbol;
  Vec u, F;
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
  PetscCall(VecDuplicate(v->F, &v->u));
  for (PetscInt i = 0; i < modal->modes.nfield; i++) modal->back[i] = PETSC_TRUE;
  PetscFunctionReturn(0);
}

static PetscErrorCode DestroyVolumes(RhoModal modal) {
  Volumes *v = modal->data;
  PetscFunctionBegin;
  PetscCall(rho_stiff_symbol_destroy(&v->symbol));
  PetscCall(VecDestroy(&v->u));
  PetscCall(VecDestroy(&v->F));
  PetscCall(PetscFree(modal->data));
  PetscFunctionReturn(0);
}

static PetscErrorCode SetVolumes(RhoModal modal, PetscReal t, Vec u) {
  Volumes *v = modal->data;
  PetscInt nn = modal->modes.nfield * modal->modes.nfield;
  PetscReal A[RHO_SYMBOL_MOST * RHO_SYMBOL_MOST];
  PetscFunctionBegin;
  if (modal->fm->eq->uses_time) modal->fm->value[modal->fm->eq->model->nparameter + 1] = t;
  PetscCall(rho_stiff_symbol_average(&v->symbol, u));
  for (PetscInt m = 0; m < modal->modes.nmode; m++) {
    rho_stiff_symbol_mode(&v->symbol, m, A);
    for (PetscInt e = 0; e < nn; e++) modal->A[e * modal->modes.pitch + m] = A[e];
  }
  PetscFunctionReturn(0);
}

static PetscErrorCode RestVolumes(RhoModal modal, PetscReal t, Vec u, PetscScalar **hat, PetscScalar **half,
                                  PetscScalar **N) {
  Volumes *v = modal->data;
  PetscFunctionBegin;
  if (!u) {
    u = v->u;
    PetscCall(Backward(modal, half, u));
  }
  PetscCall(RhoResidual(modal->fm, t, u, v->F));
  PetscCall(RhoModalForward(modal, v->F, N));
  Move(modal, -1, hat, N);
  PetscFunctionReturn(0);
}

static const RhoModalKind volumes = {CreateVolumes, DestroyVolumes, SetVolumes, RestVolumes};

/* ---- spectra ---- */

PetscErrorCode RhoModalSpectra(RhoModal modal, PetscScalar ***hat) {
  PetscFunctionBegin;
  PetscCall(PetscCalloc1((size_t)modal->modes.nfield, hat));
  for (PetscInt i = 0; i < modal->modes.nfield; i++) PetscCall(RhoTransformSpectrum(modal->transform, &(*hat)[i]));
  PetscFunctionReturn(0);
}

PetscScalar **RhoModalHalf(RhoModal modal) { return modal->work; }

PetscErrorCode RhoModalFreeSpectra(RhoModal modal, PetscScalar ***hat) {
  PetscFunctionBegin;
  if (!*hat) PetscFunctionReturn(0);
  for (PetscInt i = 0; i < modal->modes.nfield; i++) PetscCall(RhoTransformFreeSpectrum(modal->transform, &(*hat)[i]));
  PetscCall(PetscFree(*hat));
  PetscFunctionReturn(0);
}

/* ---- what there is ---- */

const RhoModes *RhoModalModes(RhoModal modal) { return &modal->modes; }

PetscErrorCode RhoModalSet(RhoModal modal, PetscReal t, Vec u, int n, PetscScalar **const *hat,
                           PetscScalar **const *N) {
  PetscFunctionBegin;
  for (int k = 0; k < n; k++) Move(modal, 1, hat[k], N[k]);
  PetscCall(modal->kind->set(modal, t, u));
  for (int k = 0; k < n; k++) Move(modal, -1, hat[k], N[k]);
  PetscFunctionReturn(0);
}

PetscErrorCode RhoModalRest(RhoModal modal, PetscReal t, Vec u, PetscScalar **hat, PetscScalar **N) {
  PetscFunctionBegin;
  PetscCall(modal->kind->rest(modal, t, u, hat, NULL, N));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoModalRestOf(RhoModal modal, PetscReal t, PetscScalar **hat, PetscScalar **half, PetscScalar **N) {
  PetscFunctionBegin;
  if (!half) PetscCall(Copied(modal, hat));
  PetscCall(modal->kind->rest(modal, t, NULL, hat, half ? half : modal->work, N));
  PetscFunctionReturn(0);
}

const char *RhoModalRefuses(RhoFieldModel fm) {
  if (fm->eq->nfield > RHO_SYMBOL_MOST) return "steps in transform space are for 16 fields at most";
  if (!RhoGridUniform(fm->grid)) return "steps in transform space need equal cells: no transform diagonalises others";
  if (rho_walls_any(fm)) return "steps in transform space need walls that nothing flows through";
  return NULL;
}

/* ---- how much A depends on the state ---- */

static PetscErrorCode Displace(RhoFieldModel fm, int sign, Vec u, Vec v) {
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
  PetscInt n = modes->pitch * modes->nfield * modes->nfield;
  PetscReal largest = 0;
  for (PetscInt m = 0; m < modes->nmode; m++) {
    PetscReal sum = 0;
    for (PetscInt e = m; e < n; e += modes->pitch) sum += PetscAbsReal(a[e] - (b ? b[e] : 0));
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
    PetscCall(Displace(modal->fm, sign, u, v));
    PetscCall(RhoModalSet(modal, t, v, 0, NULL, NULL));
    of[0] = PetscMax(of[0], Largest(&modal->modes, modal->A, A));
  }
  of[1] = Largest(&modal->modes, A, NULL);
  PetscCall(DMRestoreGlobalVector(modal->fm->grid->da, &v));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoModalVariation(RhoModal modal, PetscReal t, Vec u, PetscReal *variation) {
  size_t n = (size_t)(modal->modes.pitch * modal->modes.nfield * modal->modes.nfield);
  PetscReal *A, of[2] = {0, 0};
  PetscFunctionBegin;
  PetscCall(RhoModalSet(modal, t, u, 0, NULL, NULL));
  PetscCall(PetscMalloc1(n + 1, &A));
  PetscCall(PetscArraycpy(A, modal->A, n));
  PetscCall(Compare(modal, t, u, A, of));
  PetscCall(RhoModalSet(modal, t, u, 0, NULL, NULL));
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
  modes->pitch = RhoModesPitch(modes->nmode);
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
  count = (size_t)modes->nfield;
  PetscCall(
      PetscCalloc4(count, &modal->back, count, &modal->linear, count, &modes->factor, count * count, &modal->shift));
  modes->back = modal->back;
  modes->linear = modal->linear;
  PetscCall(modal->kind->create(modal));
  count = (size_t)(modes->pitch * modes->nfield * modes->nfield);
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
  for (PetscInt i = 0; i < modal->modes.nfield; i++) PetscCall(PetscFree(modal->modes.factor[i]));
  PetscCall(PetscFree4(modal->back, modal->linear, modal->modes.factor, modal->shift));
  PetscCall(PetscFree(modal->A));
  PetscCall(PetscFree(modal->B));
  PetscCall(PetscFree(*out));
  PetscFunctionReturn(0);
}
