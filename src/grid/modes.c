/* modes.c - what each entry of a spectrum is.

   On a rank entries are numbered [i0][c]: i0 = 0..N0-1 along the slow axis, and c = i1 E + i2 over its part of the
   columns (transform.c).  Entry i along an axis has the wavenumber number k = min(i, n - i)   periodic: i = 0..n/2 is
   all there is on the fast axis of a complex spectrum, i > n/2 are the sines of a halfcomplex axis and the negative k
   of a complex one, k = i               between walls (cos pi k (i + 1/2)/n); q = 2 pi k/L or pi k/L. */
#include "transform_private.h"

typedef PetscReal (*AxisFn)(const RhoAxis *axis, PetscInt i);

static PetscReal Wavenumber(const RhoAxis *axis, PetscInt i) {
  if (axis->kind == RHO_LINE_COSINE) return i * (PETSC_PI / axis->length);
  return PetscMin(i, axis->n - i) * (2 * PETSC_PI / axis->length);
}

static PetscReal SignedWavenumber(const RhoAxis *axis, PetscInt i) {
  if (2 * i == axis->n) return 0;
  return 2 * i < axis->n ? Wavenumber(axis, i) : -Wavenumber(axis, i);
}

/* How many waves the entry stands for; see RhoTransformWeight. */
static PetscReal Multiplicity(const RhoAxis *axis, PetscInt i) {
  if (axis->kind == RHO_LINE_FULL) return 1;
  if (axis->kind == RHO_LINE_COSINE) return i == 0 ? 0.5 : 1;
  return i == 0 || 2 * i == axis->n ? 1 : 2;
}

/* factor[a][i] = fn along the axes of dimension d (d < 0: all axes), 1 along the others. */
static PetscErrorCode AxisFactors(const RhoTransform t, AxisFn fn, int d, PetscReal *factor[]) {
  PetscFunctionBeginUser;
  for (int a = 0; a < RHO_MAXDIM; a++) {
    const RhoAxis *axis = &t->axis[a];
    PetscCall(PetscMalloc1(axis->nentry, &factor[a]));
    for (PetscInt i = 0; i < axis->nentry; i++) factor[a][i] = d < 0 || axis->dimension == d ? fn(axis, i) : 1;
  }
  PetscFunctionReturn(0);
}

/* table[m] = product of the factors of fn, made once. */
static PetscErrorCode Tabulate(RhoTransform t, AxisFn fn, int d, PetscReal **table) {
  PetscReal *factor[RHO_MAXDIM];
  PetscInt nfast = t->axis[2].nentry;
  PetscFunctionBeginUser;
  if (*table) PetscFunctionReturn(0);
  PetscCall(PetscMalloc1(PetscMax(1, t->nmode), table));
  PetscCall(AxisFactors(t, fn, d, factor));
  PetscReal *out = *table;
  for (PetscInt i = 0; i < t->axis[0].nentry; i++)
    for (PetscInt c = t->column0; c < t->column0 + t->mcolumn; c++)
      *out++ = factor[0][i] * factor[1][c / nfast] * factor[2][c % nfast];
  for (int a = 0; a < RHO_MAXDIM; a++) PetscCall(PetscFree(factor[a]));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoTransformModes(RhoTransform t, PetscInt *nmode, PetscInt *width, const PetscReal **qx,
                                 const PetscReal **qy, const PetscReal **qz) {
  const PetscReal **q[RHO_MAXDIM] = {qx, qy, qz};
  PetscFunctionBeginUser;
  if (nmode) *nmode = t->nmode;
  if (width) *width = t->width;
  for (int d = 0; d < RHO_MAXDIM; d++) {
    if (!q[d]) continue;
    PetscCall(Tabulate(t, Wavenumber, d, &t->q[d]));
    *q[d] = t->q[d];
  }
  PetscFunctionReturn(0);
}

PetscErrorCode RhoTransformSigned(RhoTransform t, int d, const PetscReal **k) {
  PetscFunctionBeginUser;
  PetscCheck(t->width == 2, t->grid->comm, PETSC_ERR_SUP, "signed wavenumbers along dimension %d with walls", d);
  PetscCall(Tabulate(t, SignedWavenumber, d, &t->k[d]));
  *k = t->k[d];
  PetscFunctionReturn(0);
}

PetscErrorCode RhoTransformWeight(RhoTransform t, const PetscReal **weight) {
  PetscFunctionBeginUser;
  bool made = t->weight;
  PetscCall(Tabulate(t, Multiplicity, -1, &t->weight));
  if (!made && t->replicated && t->grid->rank > 0) PetscCall(PetscArrayzero(t->weight, t->nmode));
  *weight = t->weight;
  PetscFunctionReturn(0);
}
