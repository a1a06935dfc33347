/* spectral_run.c - runs a spectral program (spectral.h), level by level:

     inputs of the level   sum of transforms -> back to the points
     atoms of the level    a tape over the points -> forth

   and in the end the targets' sums, or a tape for formulas at the points.  A level goes over the points in pieces of
   some slabs, so that fields that come back from their transforms, the atoms made of them and their way forth stay in
   the second cache.  A target with an owner is made in place, where that atom's transform is.  Sums go over the modes
   in pieces that stay in the first cache, so that each array is read once. */
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

/* out (onto: +=, else =) the sum of the terms at modes [from, from + n), real factors by pairs. */
static void SumPiece(int nterm, const SpTerm *term, bool onto, PetscInt from, PetscInt n, PetscScalar *out) {
  for (int k = 0; k < nterm; k++) {
    const SpTerm *a = &term[k], *b = a + 1;
    bool first = k == 0 && !onto;
    if (a->turn % 2) rho_loop_add_turned(n, Sign(a), a->factor + from, a->x + 2 * from, first, out);
    else if (k + 1 < nterm && b->turn % 2 == 0) {
      const PetscReal sign[2] = {Sign(a), Sign(b)};
      rho_loop_add_two_modes(n, sign, a->factor + from, a->x + 2 * from, b->factor + from, b->x + 2 * from, first, out);
      k++;
    } else rho_loop_add_modes(n, Sign(a), a->factor + from, a->x + 2 * from, first, out);
  }
  if (nterm == 0 && !onto) (void)PetscArrayzero(out, 2 * n);
}

static void SumModes(const SpProgram *g, int nterm, PetscScalar *out) {
  PetscInt nmode = g->fm->spectral->nmode;
  for (PetscInt from = 0; from < nmode; from += PIECE)
    SumPiece(nterm, g->fm->spectral->term, false, from, PetscMin(PIECE, nmode - from), out + 2 * from);
}

/* ---- transforms of fields ---- */

/* A point without a value leaves no mode with one. */
static void CheckModes(RhoFieldModel fm, const PetscScalar *hat) {
  if (fm->spectral->nmode > 0 && !(PetscAbsReal(hat[0]) <= RHO_LARGEST_RATE)) fm->bad = PETSC_TRUE;
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

/* ---- targets with owners ---- */

/* out, the transform of the owner's atom, becomes the target: that times its factor, and the other terms. */
static void FinishOwner(const SpProgram *g, const SpSum *target, PetscScalar *const *hat, PetscScalar *out) {
  SpTerm *term = g->fm->spectral->term, own = {0};
  PetscInt nmode = g->fm->spectral->nmode;
  int n = 0, nterm = Terms(g, target, hat, term);
  if (target->shift) return;
  for (int k = 0; k < nterm; k++) {
    if (term[k].x) term[n++] = term[k];
    else own = term[k]; /* it has no other place */
  }
  for (PetscInt from = 0; from < nmode; from += PIECE) {
    PetscInt m = PetscMin(PIECE, nmode - from);
    rho_loop_scale_modes(m, Sign(&own), own.factor + from, out + 2 * from);
    SumPiece(n, term, true, from, m, out + 2 * from);
  }
}

/* ---- levels ---- */

/* One run: what there is of the state, and what is wanted (target NULL: what the points are made of). */
typedef struct {
  SpProgram *g;
  SpState state;
  const SpSum *target;
  PetscScalar **out;
  PetscScalar *whole; /* where fields that come back are kept; NULL: in their piece */
} Run;

static PetscErrorCode Inputs(const Run *r, int level) {
  RhoSpectral s = r->g->fm->spectral;
  PetscFunctionBegin;
  for (int k = 0; k < r->g->ninput; k++) {
    SpInput *input = &r->g->input[k];
    if (input->level != level) continue;
    SumModes(r->g, Terms(r->g, &input->sum, r->state.hat, s->term), s->sum);
    PetscCall(rho_sp_back(r->g->fm, s->sum, input->at));
  }
  PetscFunctionReturn(0);
}

/* The arrays a tape reads from point `from` on, and their strides, into g->in, g->instride; u NULL: fields of a piece.
 */
static void Bring(SpProgram *g, int n, const int *number, const PetscScalar *u, PetscInt from) {
  int nf = g->fm->eq->nfield;
  for (int k = 0; k < n; k++) {
    int a = number[k];
    const SpKnown *known = &g->known[a - nf];
    if (a < nf) {
      g->in[k] = u ? u + from * nf + a : g->fm->spectral->field[a];
      g->instride[k] = u ? nf : 1;
    } else {
      g->instride[k] = a < nf + g->nknown ? known->stride : 1;
      g->in[k] = a < nf + g->nknown ? known->at + from * known->stride : g->input[a - nf - g->nknown].at + from;
    }
  }
}

PetscBool rho_sp_reads(const SpProgram *g, int field) {
  if (g->nlevel > 1) return PETSC_TRUE; /* all fields are kept */
  for (int k = 0; k < g->ntapein[0]; k++)
    if (g->tapein[0][k] == field) return PETSC_TRUE;
  return PETSC_FALSE;
}

/* Is the field to come back to the points? */
static bool Comes(const Run *r, int field) {
  for (int k = 0; k < r->g->ntarget && r->target; k++)
    if (r->target[k].shift && r->target[k].shift[field] != 0) return true;
  return rho_sp_reads(r->g, field);
}

static PetscErrorCode FieldsAcross(const Run *r) {
  PetscScalar *const *half = r->state.half;
  PetscFunctionBegin;
  for (int i = 0; i < r->g->fm->eq->nfield; i++)
    if (Comes(r, i)) PetscCall(RhoTransformBackwardAcross(r->g->fm->transform, half[i]));
  PetscFunctionReturn(0);
}

static PetscErrorCode FieldsWithin(const Run *r, PetscInt first, PetscInt n) {
  RhoFieldModel fm = r->g->fm;
  RhoSpectral s = fm->spectral;
  PetscReal scale = RhoTransformScale(fm->transform);
  int nf = fm->eq->nfield;
  PetscFunctionBegin;
  if (r->whole) {
    PetscScalar *at = r->whole + first * s->ncell * nf;
    PetscCall(RhoTransformBackwardWithin(fm->transform, first, n, nf, scale, r->state.half, at));
    PetscFunctionReturn(0);
  }
  for (int i = 0; i < nf; i++)
    if (Comes(r, i))
      PetscCall(RhoTransformBackwardWithin(fm->transform, first, n, 1, scale, &r->state.half[i], s->field[i]));
  PetscFunctionReturn(0);
}

/* Where the transform of an atom is made; NULL: nobody wants it. */
static PetscScalar **Place(const Run *r, SpAtom *atom) {
  return atom->owner < 0 ? &atom->hat : r->target ? &r->out[atom->owner] : NULL;
}

static PetscInt FirstOutside(PetscInt n, const PetscScalar *value) {
  PetscInt p = 0;
  if (!rho_loop_excess(n, value)) return -1;
  while (PetscAbsReal(value[p]) <= RHO_LARGEST_RATE) p++;
  return p;
}

/* What the target of the atom has besides, at the points. */
static void Shift(const Run *r, const SpAtom *atom, PetscInt from, PetscInt n, PetscScalar *value) {
  int nf = r->g->fm->eq->nfield;
  const PetscReal *shift = atom->owner >= 0 && r->target ? r->target[atom->owner].shift : NULL;
  const PetscScalar *u = r->state.u ? r->state.u : r->whole;
  for (int i = 0; i < nf && shift; i++)
    if (shift[i] != 0)
      rho_loop_add_scaled(n, shift[i], u ? u + from * nf + i : r->g->fm->spectral->field[i], u ? nf : 1, value);
}

/* Atoms of a level at n slabs from first on, *outside: the first point without a value, if that was -1. */
static PetscErrorCode Piece(const Run *r, int level, PetscInt first, PetscInt n, PetscInt *outside) {
  SpProgram *g = r->g;
  RhoSpectral s = g->fm->spectral;
  PetscInt from = first * s->ncell, npoint = n * s->ncell;
  PetscFunctionBegin;
  if (level == 0 && !r->state.u) PetscCall(FieldsWithin(r, first, n));
  if (!g->tape[level]) PetscFunctionReturn(0);
  Bring(g, g->ntapein[level], g->tapein[level], r->state.u ? r->state.u : r->whole, from);
  RhoTapeEval(g->tape[level], npoint, g->in, g->instride, s->point, NULL);
  for (int k = 0; k < g->natom; k++) {
    if (g->atom[k].level != level) continue;
    PetscScalar *value = s->point[g->atom[k].slot], **place = Place(r, &g->atom[k]);
    Shift(r, &g->atom[k], from, npoint, value);
    PetscInt p = FirstOutside(npoint, value);
    if (p >= 0 && (*outside < 0 || from + p < *outside)) *outside = from + p;
    if (place) PetscCall(RhoTransformForwardWithin(g->fm->transform, first, n, 1, value, place));
  }
  PetscFunctionReturn(0);
}

/* The inputs and atoms of a level; *outside: the first point where an atom has no value, -1: none. */
static PetscErrorCode Level(Run *r, int level, PetscInt *outside) {
  SpProgram *g = r->g;
  RhoSpectral s = g->fm->spectral;
  PetscFunctionBegin;
  *outside = -1;
  PetscCall(Inputs(r, level));
  if (level == 0 && !r->state.u) PetscCall(FieldsAcross(r));
  for (PetscInt first = 0; first < s->nslab; first += s->few)
    PetscCall(Piece(r, level, first, PetscMin(s->few, s->nslab - first), outside));
  if (!r->state.u) r->state.u = r->whole;
  for (int k = 0; k < g->natom; k++) {
    SpAtom *atom = &g->atom[k];
    if (atom->level != level) continue;
    PetscScalar **place = Place(r, atom);
    if (place) PetscCall(RhoTransformForwardAcross(g->fm->transform, *place));
    if (place && atom->owner >= 0) FinishOwner(g, &r->target[atom->owner], r->state.hat, *place);
  }
  if (*outside >= 0) g->fm->bad = PETSC_TRUE;
  PetscFunctionReturn(0);
}

static bool HasOwner(const SpProgram *g, int target) {
  for (int k = 0; k < g->natom; k++)
    if (g->atom[k].owner == target) return true;
  return false;
}

/* Where levels after the first read fields, too, these are kept. */
static PetscErrorCode KeepFields(Run *r) {
  RhoSpectral s = r->g->fm->spectral;
  PetscFunctionBegin;
  if (r->state.u || r->g->nlevel < 2) PetscFunctionReturn(0);
  if (!s->whole) PetscCall(PetscMalloc1((size_t)(r->g->fm->grid->nowned * r->g->fm->eq->nfield) + 1, &s->whole));
  r->whole = s->whole;
  PetscFunctionReturn(0);
}

PetscErrorCode rho_sp_transforms(SpProgram *g, PetscReal t, SpState state, const SpSum *target, PetscScalar **out) {
  Run r = {g, state, target, out, NULL};
  PetscInt outside;
  PetscFunctionBegin;
  rho_sp_bind(g, t);
  if (!state.hat) {
    PetscCall(FieldTransforms(g, state.u));
    r.state.hat = g->fm->spectral->hat;
  } else
    for (int i = 0; i < g->fm->eq->nfield; i++) CheckModes(g->fm, state.hat[i]);
  PetscCall(KeepFields(&r));
  for (int l = 0; l < g->nlevel; l++) PetscCall(Level(&r, l, &outside));
  for (int k = 0; k < g->ntarget; k++)
    if (!HasOwner(g, k) && !target[k].unwanted)
      SumModes(g, Terms(g, &target[k], r.state.hat, g->fm->spectral->term), out[k]);
  PetscFunctionReturn(0);
}

PetscErrorCode rho_sp_values(SpProgram *g, PetscReal t, Vec u, PetscScalar *const *out, PetscInt stride) {
  Run r = {.g = g, .state.hat = g->fm->spectral->hat};
  PetscInt outside;
  PetscFunctionBegin;
  rho_sp_bind(g, t);
  PetscCall(VecGetArrayRead(u, &r.state.u));
  if (g->ninput > 0) PetscCall(FieldTransforms(g, r.state.u));
  for (int l = 0; l < g->nlevel; l++) PetscCall(Level(&r, l, &outside));
  Bring(g, g->nlastin, g->lastin, r.state.u, 0);
  for (int k = 0; k < g->nout; k++) g->outstride[k] = stride;
  if (g->last) RhoTapeEval(g->last, g->fm->grid->nowned, g->in, g->instride, out, g->outstride);
  PetscCall(VecRestoreArrayRead(u, &r.state.u));
  PetscFunctionReturn(0);
}

/* ---- where there is no value ---- */

PetscErrorCode rho_sp_outside(SpProgram *g, PetscReal t, Vec u, int *level, PetscInt *point) {
  Run r = {.g = g, .state.hat = g->fm->spectral->hat};
  PetscBool any = PETSC_FALSE;
  PetscFunctionBegin;
  *point = -1;
  rho_sp_bind(g, t);
  PetscCall(VecGetArrayRead(u, &r.state.u));
  PetscCall(FieldTransforms(g, r.state.u));
  for (*level = 0; *level < g->nlevel; (*level)++) {
    PetscCall(Level(&r, *level, point));
    any = (PetscBool)(*point >= 0);
    PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, &any, 1, MPIU_BOOL, MPI_LOR, g->fm->grid->comm));
    if (any) break;
  }
  PetscCall(VecRestoreArrayRead(u, &r.state.u));
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
