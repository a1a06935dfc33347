/* spectral_run.c - runs a spectral program (spectral.h), level by level:

     inputs of the level   sum of transforms -> back to the points
     atoms of the level    a tape over the points -> forth

   and in the end the targets' sums, or a tape for formulas at the points.  Sums go over the modes in pieces that stay
   in the first cache, so that each array is read once. */
#include "loops.h"
#include "spectral.h"
#include <math.h>

enum { PIECE = 512 }; /* modes */

/* ---- factors of linear parts ---- */

static void FillSum(RhoSpectral s, const SpProgram *g, const SpSum *sum) {
  PetscInt n = s->nmode;
  for (int i = 0; i < g->fm->eq->nfield; i++)
    for (PetscInt m = 0; m < n; m++) {
      if (sum->re[i]) sum->re[i][m] = 0;
      if (sum->im[i]) sum->im[i][m] = 0;
    }
  for (int k = 0; k < sum->nlinear; k++) {
    const SpLinear *l = &sum->linear[k];
    PetscReal c = l->turn < 2 ? g->value[l->number] : -g->value[l->number];
    PetscReal *at = l->turn % 2 ? sum->im[l->field] : sum->re[l->field];
    const PetscReal *w = s->factor[l->factor].at;
    for (PetscInt m = 0; m < n; m++) at[m] += c * w[m];
  }
}

static void Coefficients(SpProgram *g) {
  RhoTapeBind(g->coefficients, g->fm->value);
  for (int k = 0; k < g->ncoef; k++) g->place[k] = &g->value[k];
  for (int k = 0; k < g->nmean; k++) g->in[k] = &g->meanvalue[k];
  RhoTapeEval(g->coefficients, 1, g->in, NULL, g->place, NULL);
  for (int k = 0; k < g->ninput; k++) FillSum(g->fm->spectral, g, &g->input[k].sum);
  for (int k = 0; k < g->ntarget; k++) FillSum(g->fm->spectral, g, &g->target[k]);
}

void rho_sp_bind(SpProgram *g, PetscReal t) {
  RhoFieldModel fm = g->fm;
  if (g->bound && t == g->time) return;
  fm->value[fm->eq->model->nparameter + 1] = t;
  for (int l = 0; l < g->nlevel; l++)
    if (g->tape[l]) RhoTapeBind(g->tape[l], fm->value);
  if (g->last) RhoTapeBind(g->last, fm->value);
  if (g->coefficients && (!g->bound || g->timed)) Coefficients(g);
  g->bound = PETSC_TRUE;
  g->time = t;
}

void rho_sp_refill(SpProgram *g, PetscReal t) {
  g->bound = PETSC_FALSE;
  rho_sp_bind(g, t);
}

/* ---- sums over modes ---- */

static int Terms(const SpProgram *g, const SpSum *sum, PetscScalar *const *hat, SpTerm *term) {
  int n = 0;
  for (int i = 0; i < g->fm->eq->nfield; i++) {
    if (sum->re[i]) term[n++] = (SpTerm){0, sum->re[i], hat[i]};
    if (sum->im[i]) term[n++] = (SpTerm){1, sum->im[i], hat[i]};
  }
  for (int k = 0; k < sum->natom; k++) {
    const struct SpShare *a = &sum->atom[k];
    term[n++] = (SpTerm){a->turn, g->fm->spectral->factor[a->factor].at, g->atom[a->atom].hat};
  }
  return n;
}

static PetscReal Sign(const SpTerm *term) { return term->turn < 2 ? 1 : -1; }

/* The sum of the terms at modes [from, from + n), real factors by pairs. */
static void SumPiece(int nterm, const SpTerm *term, PetscInt from, PetscInt n, PetscScalar *out) {
  for (int k = 0; k < nterm; k++) {
    const SpTerm *a = &term[k], *b = a + 1;
    if (a->turn % 2) rho_loop_add_turned(n, Sign(a), a->factor + from, a->x + 2 * from, k == 0, out);
    else if (k + 1 < nterm && b->turn % 2 == 0) {
      const PetscReal sign[2] = {Sign(a), Sign(b)};
      rho_loop_add_two_modes(n, sign, a->factor + from, a->x + 2 * from, b->factor + from, b->x + 2 * from, k == 0,
                             out);
      k++;
    } else rho_loop_add_modes(n, Sign(a), a->factor + from, a->x + 2 * from, k == 0, out);
  }
  if (nterm == 0) (void)PetscArrayzero(out, 2 * n);
}

static void SumModes(const SpProgram *g, const SpSum *sum, PetscScalar *const *hat, PetscScalar *out) {
  PetscInt nmode = g->fm->spectral->nmode;
  int nterm = Terms(g, sum, hat, g->fm->spectral->term);
  for (PetscInt from = 0; from < nmode; from += PIECE)
    SumPiece(nterm, g->fm->spectral->term, from, PetscMin(PIECE, nmode - from), out + 2 * from);
}

/* ---- levels ---- */

/* A point without a value leaves no mode with one. */
static void CheckModes(RhoFieldModel fm, const PetscScalar *hat) {
  if (fm->spectral->nmode > 0 && !(PetscAbsReal(hat[0]) <= RHO_LARGEST_RATE)) fm->bad = PETSC_TRUE;
}

static PetscErrorCode Inputs(SpProgram *g, int level, PetscScalar *const *hat) {
  RhoSpectral s = g->fm->spectral;
  PetscFunctionBegin;
  for (int k = 0; k < g->ninput; k++) {
    SpInput *input = &g->input[k];
    if (input->level != level) continue;
    SumModes(g, &input->sum, hat, s->sum);
    PetscCall(rho_sp_back(g->fm, s->sum, input->at, 1));
  }
  PetscFunctionReturn(0);
}

/* The arrays a tape reads, and their strides, into g->in, g->instride. */
static void Bring(SpProgram *g, int n, const int *number, const PetscScalar *u) {
  int nf = g->fm->eq->nfield;
  for (int k = 0; k < n; k++) {
    int a = number[k];
    g->in[k] = a < nf ? u + a : a < nf + g->nknown ? g->known[a - nf].at : g->input[a - nf - g->nknown].at;
    g->instride[k] = a < nf ? nf : a < nf + g->nknown ? g->known[a - nf].stride : 1;
  }
}

static PetscErrorCode Atoms(SpProgram *g, int level, const PetscScalar *u) {
  RhoFieldModel fm = g->fm;
  PetscFunctionBegin;
  if (!g->tape[level]) PetscFunctionReturn(0);
  Bring(g, g->ntapein[level], g->tapein[level], u);
  RhoTapeEval(g->tape[level], fm->grid->nowned, g->in, g->instride, fm->spectral->point, NULL);
  for (int k = 0; k < g->natom; k++) {
    if (g->atom[k].level != level) continue;
    PetscCall(RhoTransformForward(fm->transform, fm->spectral->point[g->atom[k].slot], 1, g->atom[k].hat));
    CheckModes(fm, g->atom[k].hat);
  }
  PetscFunctionReturn(0);
}

/* The transforms of the fields that some sum reads. */
static PetscErrorCode FieldTransforms(SpProgram *g, const PetscScalar *u) {
  RhoFieldModel fm = g->fm;
  int nf = fm->eq->nfield, nread = 0;
  PetscFunctionBegin;
  for (int i = 0; i < nf; i++) nread += g->reads[i];
  if (nread == nf) PetscCall(RhoTransformForwardAll(fm->transform, nf, u, fm->spectral->hat));
  for (int i = 0; i < nf; i++) {
    if (!g->reads[i]) continue;
    if (nread < nf) PetscCall(RhoTransformForward(fm->transform, u + i, nf, fm->spectral->hat[i]));
    CheckModes(fm, fm->spectral->hat[i]);
  }
  PetscFunctionReturn(0);
}

PetscErrorCode rho_sp_transforms(SpProgram *g, PetscReal t, Vec u, PetscScalar *const *hat, const SpSum *target,
                                 PetscScalar **out) {
  const PetscScalar *x;
  PetscFunctionBegin;
  rho_sp_bind(g, t);
  PetscCall(VecGetArrayRead(u, &x));
  if (!hat) {
    PetscCall(FieldTransforms(g, x));
    hat = g->fm->spectral->hat;
  } else
    for (int i = 0; i < g->fm->eq->nfield; i++) CheckModes(g->fm, hat[i]);
  for (int l = 0; l < g->nlevel; l++) {
    PetscCall(Inputs(g, l, hat));
    PetscCall(Atoms(g, l, x));
  }
  PetscCall(VecRestoreArrayRead(u, &x));
  for (int k = 0; k < g->ntarget; k++) SumModes(g, &target[k], hat, out[k]);
  PetscFunctionReturn(0);
}

PetscErrorCode rho_sp_values(SpProgram *g, PetscReal t, Vec u, PetscScalar *const *out, PetscInt stride) {
  const PetscScalar *x;
  PetscFunctionBegin;
  rho_sp_bind(g, t);
  PetscCall(VecGetArrayRead(u, &x));
  if (g->ninput > 0) PetscCall(FieldTransforms(g, x));
  for (int l = 0; l < g->nlevel; l++) {
    PetscCall(Inputs(g, l, g->fm->spectral->hat));
    PetscCall(Atoms(g, l, x));
  }
  Bring(g, g->nlastin, g->lastin, x);
  for (int k = 0; k < g->nout; k++) g->outstride[k] = stride;
  if (g->last) RhoTapeEval(g->last, g->fm->grid->nowned, g->in, g->instride, out, g->outstride);
  PetscCall(VecRestoreArrayRead(u, &x));
  PetscFunctionReturn(0);
}

/* ---- where there is no value ---- */

static PetscInt FirstOutside(const SpProgram *g, int level) {
  PetscScalar **point = g->fm->spectral->point;
  for (PetscInt p = 0; p < g->fm->grid->nowned && g->tape[level]; p++)
    for (int k = 0; k < g->natom; k++)
      if (g->atom[k].level == level && !(PetscAbsReal(point[g->atom[k].slot][p]) <= RHO_LARGEST_RATE)) return p;
  return -1;
}

PetscErrorCode rho_sp_outside(SpProgram *g, PetscReal t, Vec u, int *level, PetscInt *point) {
  const PetscScalar *x;
  PetscBool any = PETSC_FALSE;
  PetscFunctionBegin;
  *point = -1;
  rho_sp_bind(g, t);
  PetscCall(VecGetArrayRead(u, &x));
  PetscCall(FieldTransforms(g, x));
  for (*level = 0; *level < g->nlevel; (*level)++) {
    PetscCall(Inputs(g, *level, g->fm->spectral->hat));
    PetscCall(Atoms(g, *level, x));
    *point = FirstOutside(g, *level);
    any = (PetscBool)(*point >= 0);
    PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &any, 1, MPIU_BOOL, MPI_LOR, g->fm->grid->comm));
    if (any) break;
  }
  PetscCall(VecRestoreArrayRead(u, &x));
  PetscFunctionReturn(0);
}

double rho_sp_leaf(const SpProgram *g, const PetscScalar *u, RhoNode node, PetscInt point) {
  int nf = g->fm->eq->nfield;
  for (int i = 0; i < nf; i++)
    if (g->field[i] == node) return u[point * nf + i];
  for (int k = 0; k < g->nknown; k++)
    if (g->known[k].node == node) return g->known[k].at[point * g->known[k].stride];
  for (int k = 0; k < g->ninput; k++)
    if (g->input[k].node == node) return g->input[k].at[point];
  return NAN;
}
