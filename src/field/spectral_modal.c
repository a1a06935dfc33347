/* spectral_modal.c - the equations in transform space, of the spectral discretisation.

   A is the differential of F in which everything that depends on the state is replaced by its mean over the points:
   linear terms as they are, convolutions among them, mean coefficients of the others; exact about a uniform state.
   N^ = F^ - A u^ costs what F^ does, since A is taken off the factors of F's own linear parts.

   Most rows are  F^ = w (a^ + sum_j c_j u_j^) + linear parts of A,  a one formula at the points, w real:  then A is
   taken off at the points,  N^ = w (a + sum_j shift_j u_j)^,  and whoever has use for N^ has w in tables of his own. */
#include "modal.h"
#include "spectral.h"

typedef struct {
  SpProgram setup, linear; /* what depends on the state, at the points; A */
  int nstate;
  PetscScalar **state;  /* [nstate][nowned] */
  PetscReal **re, **im; /* [nfield][nfield] factors of F's linear part less A, NULL: there are none */
  SpSum *rest;          /* [nfield] the residual's sums less A, of these that are not zero, */
  PetscBool filled;     /* ... which are those of A as it is, */
  PetscReal time;       /* ... at this time */
} Modes;

static RhoNode MeanSymbol(RhoFieldModel fm, int k) {
  return RhoGraphSymbol(fm->graph, RHO_SYM_PARAMETER, RhoArenaPrint(fm->arena, "mean:%d", k));
}

typedef struct {
  int n;
  const RhoNode *state, *mean;
} Means;

static RhoNode ByMean(RhoGraph graph, RhoNode node, const RhoNode *arg, void *ctx) {
  const Means *means = ctx;
  (void)graph;
  (void)arg;
  for (int k = 0; k < means->n; k++)
    if (means->state[k] == node) return means->mean[k];
  return RHO_NONE;
}

static PetscErrorCode Plan(RhoFieldModel fm, Modes *s) {
  int nf = fm->eq->nfield;
  RhoNode *node = RhoArenaAlloc(fm->arena, sizeof(RhoNode) * (size_t)nf);
  PetscFunctionBegin;
  if (setjmp(*RhoArenaGuard(fm->arena))) SETERRQ(fm->grid->comm, PETSC_ERR_MEM, "no memory for the modes");
  for (int i = 0; i < nf; i++) node[i] = rho_sp_differential(fm, RHO_PART_ALL, i);
  RhoNode *state = RhoArenaAlloc(fm->arena, sizeof(RhoNode) * (size_t)RhoGraphSize(fm->graph));
  s->nstate = rho_sp_states(fm, nf, node, state);
  RhoNode *mean = RhoArenaAlloc(fm->arena, sizeof(RhoNode) * (size_t)(s->nstate + 1));
  for (int k = 0; k < s->nstate; k++) mean[k] = MeanSymbol(fm, k);
  Means means = {s->nstate, state, mean};
  for (int i = 0; i < nf; i++)
    if (node[i] >= 0) node[i] = RhoGraphRewrite(fm->graph, node[i], ByMean, &means);
  PetscCall(rho_sp_create(fm, rho_fv_field_symbols(fm), fm->spectral->nknown, fm->spectral->known, s->nstate, state,
                          PETSC_TRUE, &s->setup));
  PetscCall(rho_sp_create_linear(fm, fm->eq->variation, s->nstate, mean, nf, node, &s->linear));
  PetscFunctionReturn(0);
}

/* ---- rows with a factor ---- */

/* What multiplies the transform of a field, times a wave, in a sum that is bound; odd: i times that. */
static PetscReal Coefficient(const SpProgram *g, const SpSum *sum, int field, int odd, int factor) {
  PetscReal c = 0;
  for (int k = 0; k < sum->nlinear; k++) {
    const SpLinear *l = &sum->linear[k];
    if (l->field == field && l->turn % 2 == odd && l->factor == factor)
      c += l->turn < 2 ? g->value[l->number] : -g->value[l->number];
  }
  return c;
}

#define SAME 1e-13

/* Are all parts of `of` in both F and A, whatever the state, but for those with this wave? */
static PetscBool Agree(const Modes *s, const SpProgram *residual, int row, PetscBool of_A, int wave) {
  const SpProgram *A = &s->linear, *of = of_A ? A : residual;
  const SpSum *sum = &of->target[row];
  for (int k = 0; k < sum->nlinear; k++) {
    const SpLinear *l = &sum->linear[k];
    PetscReal a = Coefficient(A, &A->target[row], l->field, l->turn % 2, l->factor);
    PetscReal f = Coefficient(residual, &residual->target[row], l->field, l->turn % 2, l->factor);
    if (l->turn % 2 == 0 && l->factor == wave) continue;
    if (RhoGraphDependsOn(A->fm->graph, of->coef[l->number], A->nmean, A->mean)) return PETSC_FALSE;
    if (!(PetscAbsReal(f - a) <= SAME * PetscAbsReal(f))) return PETSC_FALSE;
  }
  return PETSC_TRUE;
}

/* Has the row a factor?  The share of its atom; NULL: it has none. */
static const struct SpShare *Single(const Modes *s, const SpProgram *residual, int row) {
  const SpSum *F = &residual->target[row];
  const struct SpShare *share = F->atom;
  if (residual->timed || s->linear.timed || F->natom != 1 || residual->atom[share->atom].owner != row) return NULL;
  if (!Agree(s, residual, row, PETSC_FALSE, share->factor) || !Agree(s, residual, row, PETSC_TRUE, share->factor))
    return NULL;
  return share;
}

static PetscReal SignOf(const struct SpShare *share) { return share->turn < 2 ? 1 : -1; }

static PetscErrorCode SetFactor(RhoModal modal, const struct SpShare *share, PetscReal **factor) {
  RhoSpectral s = modal->fm->spectral;
  PetscFunctionBegin;
  PetscCall(PetscCalloc1((size_t)modal->modes.pitch + 1, factor));
  for (PetscInt m = 0; m < s->nmode; m++) (*factor)[m] = SignOf(share) * s->factor[share->factor].at[m];
  PetscFunctionReturn(0);
}

/* What A leaves of F's own linear part in rows with a factor, for the state that A was set about. */
static void SetShifts(RhoModal modal, PetscReal t) {
  const Modes *s = modal->data;
  SpProgram *g = &modal->fm->spectral->residual;
  int nf = modal->fm->eq->nfield;
  rho_sp_bind(g, t);
  for (int i = 0; i < nf; i++)
    for (int j = 0; j < nf && s->rest[i].shift; j++) {
      const struct SpShare *share = g->target[i].atom;
      PetscReal F = Coefficient(g, &g->target[i], j, 0, share->factor);
      modal->shift[i * nf + j] =
          SignOf(share) * (F - Coefficient(&s->linear, &s->linear.target[i], j, 0, share->factor));
    }
}

/* Does N hold values of this field: in a formula, or beside one? */
static PetscBool ComesBack(const Modes *s, const SpProgram *g, int field) {
  const SpProgram *A = &s->linear;
  if (rho_sp_reads(g, field)) return PETSC_TRUE;
  for (int i = 0; i < g->ntarget; i++) {
    const struct SpShare *share = g->target[i].atom;
    for (int k = 0; k < A->target[i].nlinear && s->rest[i].shift; k++)
      if (A->target[i].linear[k].field == field && A->target[i].linear[k].factor == share->factor) return PETSC_TRUE;
    for (int k = 0; k < g->target[i].nlinear && s->rest[i].shift; k++)
      if (g->target[i].linear[k].field == field && g->target[i].linear[k].factor == share->factor) return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

/* ---- other rows ---- */

/* Arrays of their own wherever F or A have some. */
static PetscErrorCode RestArrays(Modes *s, const SpSum *F, const SpSum *A, int nf, size_t n, int i) {
  PetscFunctionBegin;
  for (int j = 0; j < nf; j++) {
    if (F->re[j] || A->re[j]) PetscCall(PetscCalloc1(n, &s->re[i * nf + j]));
    if (F->im[j] || A->im[j]) PetscCall(PetscCalloc1(n, &s->im[i * nf + j]));
  }
  PetscFunctionReturn(0);
}

/* The residual's sums, without what is A's. */
static PetscErrorCode RestSums(RhoModal modal, Modes *s) {
  RhoFieldModel fm = modal->fm;
  int nf = fm->eq->nfield;
  size_t n = (size_t)fm->spectral->nmode + 1, nn = (size_t)(nf * nf);
  SpProgram *g = &fm->spectral->residual;
  PetscFunctionBegin;
  rho_sp_bind(g, 0);
  rho_sp_refill(&s->linear, 0);
  PetscCall(PetscCalloc3((size_t)nf, &s->rest, nn, &s->re, nn, &s->im));
  for (int i = 0; i < nf; i++) {
    const struct SpShare *single = Single(s, g, i);
    s->rest[i] = g->target[i];
    s->rest[i].unwanted = modal->linear[i] = (PetscBool)(g->target[i].natom == 0 && !g->timed);
    if (single) s->rest[i].shift = &modal->shift[i * nf];
    if (single) PetscCall(SetFactor(modal, single, &modal->modes.factor[i]));
    PetscCall(PetscCalloc2((size_t)nf, &s->rest[i].re, (size_t)nf, &s->rest[i].im));
    if (!single && !modal->linear[i]) PetscCall(RestArrays(s, &g->target[i], &s->linear.target[i], nf, n, i));
  }
  for (int i = 0; i < nf; i++) modal->back[i] = ComesBack(s, g, i);
  PetscFunctionReturn(0);
}

static PetscErrorCode Create(RhoModal modal) {
  RhoFieldModel fm = modal->fm;
  int nf = fm->eq->nfield;
  Modes *s;
  PetscBool turned = PETSC_FALSE;
  PetscFunctionBegin;
  PetscCall(PetscNew(&s));
  modal->data = s;
  PetscCall(Plan(fm, s));
  PetscCall(RestSums(modal, s));
  PetscCall(PetscCalloc1((size_t)s->nstate + 1, &s->state));
  for (int k = 0; k < s->nstate; k++) PetscCall(PetscCalloc1((size_t)fm->grid->nowned, &s->state[k]));
  for (int k = 0; k < nf * nf; k++) turned = (PetscBool)(turned || s->linear.target[k / nf].im[k % nf]);
  if (turned) PetscCall(PetscCalloc1((size_t)(modal->modes.pitch * nf * nf) + 1, &modal->B));
  modal->modes.B = modal->B;
  modal->modes.constant = (PetscBool)(s->nstate == 0 && !s->linear.timed);
  PetscFunctionReturn(0);
}

static PetscErrorCode Destroy(RhoModal modal) {
  Modes *s = modal->data;
  int nf = modal->fm->eq->nfield;
  PetscFunctionBegin;
  for (int i = 0; i < nf && s->rest; i++) PetscCall(PetscFree2(s->rest[i].re, s->rest[i].im));
  for (int k = 0; k < nf * nf && s->rest; k++) {
    PetscCall(PetscFree(s->re[k]));
    PetscCall(PetscFree(s->im[k]));
  }
  PetscCall(PetscFree3(s->rest, s->re, s->im));
  for (int k = 0; k < s->nstate; k++) PetscCall(PetscFree(s->state[k]));
  PetscCall(PetscFree(s->state));
  PetscCall(rho_sp_destroy(&s->setup));
  PetscCall(rho_sp_destroy(&s->linear));
  PetscCall(PetscFree(modal->data));
  PetscFunctionReturn(0);
}

/* Means over all points, the same on any number of ranks but for rounding. */
static PetscErrorCode TakeMeans(RhoFieldModel fm, Modes *s) {
  PetscFunctionBegin;
  for (int k = 0; k < s->nstate; k++) {
    double sum = 0;
    for (PetscInt p = 0; p < fm->grid->nowned; p++) sum += s->state[k][p];
    s->linear.meanvalue[k] = sum / (double)fm->grid->ncell;
  }
  if (fm->grid->size > 1 && s->nstate > 0)
    PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, s->linear.meanvalue, s->nstate, MPI_DOUBLE, MPI_SUM, fm->grid->comm));
  PetscFunctionReturn(0);
}

/* to = a, zero where that is NULL */
static PetscErrorCode Copy(const PetscReal *a, PetscInt n, PetscReal *to) {
  return a ? PetscArraycpy(to, a, n) : PetscArrayzero(to, n);
}

/* rest = F - A; NULL: that is zero at all modes */
static PetscReal *Less(const PetscReal *F, const PetscReal *A, PetscInt nmode, PetscReal *rest) {
  PetscBool any = PETSC_FALSE;
  for (PetscInt m = 0; m < nmode && rest; m++) {
    rest[m] = (F ? F[m] : 0) - (A ? A[m] : 0);
    any = (PetscBool)(any || rest[m] != 0);
  }
  return any ? rest : NULL;
}

static PetscErrorCode Set(RhoModal modal, PetscReal t, Vec u) {
  Modes *s = modal->data;
  RhoFieldModel fm = modal->fm;
  PetscInt nf = modal->modes.nfield, nmode = modal->modes.nmode, pitch = modal->modes.pitch;
  PetscFunctionBegin;
  if (s->nstate > 0) PetscCall(rho_sp_values(&s->setup, t, u, s->state, 1));
  PetscCall(TakeMeans(fm, s));
  rho_sp_refill(&s->linear, t);
  for (PetscInt i = 0; i < nf; i++)
    for (PetscInt j = 0; j < nf; j++) {
      PetscInt e = i * nf + j;
      PetscCall(Copy(s->linear.target[i].re[j], nmode, modal->A + e * pitch));
      if (modal->B) PetscCall(Copy(s->linear.target[i].im[j], nmode, modal->B + e * pitch));
    }
  SetShifts(modal, t);
  s->filled = PETSC_FALSE;
  PetscFunctionReturn(0);
}

/* F's own factors may follow the time; A's do not before it is set again. */
static void FillRest(RhoModal modal, PetscReal t) {
  Modes *s = modal->data;
  SpProgram *g = &modal->fm->spectral->residual;
  PetscInt nf = modal->modes.nfield, nmode = modal->modes.nmode;
  if (s->filled && (!g->timed || t == s->time)) return;
  rho_sp_bind(g, t);
  for (PetscInt i = 0; i < nf; i++)
    for (PetscInt j = 0; j < nf && !s->rest[i].shift; j++) {
      PetscInt e = i * nf + j;
      s->rest[i].re[j] = Less(g->target[i].re[j], s->linear.target[i].re[j], nmode, s->re[e]);
      s->rest[i].im[j] = Less(g->target[i].im[j], s->linear.target[i].im[j], nmode, s->im[e]);
    }
  s->filled = PETSC_TRUE;
  s->time = t;
}

/* F of the mean is N + A u^ there. */
static void Inflow(RhoModal modal, PetscScalar **hat, PetscScalar **N) {
  const RhoModes *modes = &modal->modes;
  PetscInt zero = modal->fm->spectral->zero;
  for (PetscInt i = 0; i < modes->nfield && modal->fm->counted; i++) {
    modal->fm->inflow[i].sum = modal->fm->inflow[i].lost = 0;
    if (zero < 0) continue;
    modal->fm->inflow[i].sum = modes->linear[i] ? 0 : (modes->factor[i] ? modes->factor[i][zero] : 1) * N[i][2 * zero];
    for (PetscInt j = 0; j < modes->nfield; j++)
      modal->fm->inflow[i].sum += RhoModesA(modes, i, j)[zero] * hat[j][2 * zero];
  }
}

static PetscErrorCode Rest(RhoModal modal, PetscReal t, Vec u, PetscScalar **hat, PetscScalar **half, PetscScalar **N) {
  Modes *s = modal->data;
  RhoFieldModel fm = modal->fm;
  SpState state = {.hat = hat, .half = half};
  PetscFunctionBegin;
  fm->bad = PETSC_FALSE;
  FillRest(modal, t);
  if (u) PetscCall(VecGetArrayRead(u, &state.u));
  PetscCall(rho_sp_transforms(&fm->spectral->residual, t, state, s->rest, N));
  if (u) PetscCall(VecRestoreArrayRead(u, &state.u));
  Inflow(modal, hat, N);
  PetscFunctionReturn(0);
}

const RhoModalKind rho_modal_spectral = {Create, Destroy, Set, Rest};
