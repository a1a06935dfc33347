/* spectral_modal.c - the equations in transform space, of the spectral discretisation.

   A is the differential of F in which everything that depends on the state is replaced by its mean over the points:
   linear terms as they are, convolutions among them, mean coefficients of the others; exact about a uniform state.
   N^ = F^ - A u^ costs what F^ does, since A is taken off the factors of F's own linear parts. */
#include "modal.h"
#include "spectral.h"

typedef struct {
  SpProgram setup, linear; /* what depends on the state, at the points; A */
  int nstate;
  PetscScalar **state; /* [nstate][nowned] */
  SpSum *rest;         /* [nfield] the residual's sums less A, */
  PetscBool filled;    /* ... which are those of A as it is, */
  PetscReal time;      /* ... at this time */
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

/* The residual's sums, with arrays of their own wherever they or A have some. */
static PetscErrorCode CopySums(RhoFieldModel fm, Modes *s) {
  int nf = fm->eq->nfield;
  size_t n = (size_t)fm->spectral->nmode + 1;
  const SpSum *F = fm->spectral->residual.target, *A = s->linear.target;
  PetscFunctionBegin;
  PetscCall(PetscCalloc1((size_t)nf, &s->rest));
  for (int i = 0; i < nf; i++) {
    s->rest[i] = F[i];
    PetscCall(PetscCalloc2((size_t)nf, &s->rest[i].re, (size_t)nf, &s->rest[i].im));
    for (int j = 0; j < nf; j++) {
      if (F[i].re[j] || A[i].re[j]) PetscCall(PetscCalloc1(n, &s->rest[i].re[j]));
      if (F[i].im[j] || A[i].im[j]) PetscCall(PetscCalloc1(n, &s->rest[i].im[j]));
    }
  }
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
  PetscCall(CopySums(fm, s));
  PetscCall(PetscCalloc1((size_t)s->nstate + 1, &s->state));
  for (int k = 0; k < s->nstate; k++) PetscCall(PetscCalloc1((size_t)fm->grid->nowned, &s->state[k]));
  for (int k = 0; k < nf * nf; k++) turned = (PetscBool)(turned || s->linear.target[k / nf].im[k % nf]);
  if (turned) PetscCall(PetscCalloc1((size_t)(modal->modes.nmode * nf * nf) + 1, &modal->B));
  modal->modes.B = modal->B;
  modal->modes.constant = (PetscBool)(s->nstate == 0 && !s->linear.timed);
  PetscFunctionReturn(0);
}

static PetscErrorCode Destroy(RhoModal modal) {
  Modes *s = modal->data;
  int nf = modal->fm->eq->nfield;
  PetscFunctionBegin;
  for (int i = 0; i < nf && s->rest; i++) {
    for (int j = 0; j < nf; j++) {
      PetscCall(PetscFree(s->rest[i].re[j]));
      PetscCall(PetscFree(s->rest[i].im[j]));
    }
    PetscCall(PetscFree2(s->rest[i].re, s->rest[i].im));
  }
  PetscCall(PetscFree(s->rest));
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

static void Spread(const PetscReal *from, PetscInt nmode, PetscInt nn, PetscReal *to) {
  for (PetscInt m = 0; m < nmode; m++) to[m * nn] = from ? from[m] : 0;
}

static void Less(const PetscReal *F, const PetscReal *A, PetscInt nmode, PetscReal *rest) {
  for (PetscInt m = 0; m < nmode && rest; m++) rest[m] = (F ? F[m] : 0) - (A ? A[m] : 0);
}

static PetscErrorCode Set(RhoModal modal, PetscReal t, Vec u) {
  Modes *s = modal->data;
  RhoFieldModel fm = modal->fm;
  PetscInt nf = modal->modes.nfield, nmode = modal->modes.nmode;
  PetscFunctionBegin;
  if (s->nstate > 0) PetscCall(rho_sp_values(&s->setup, t, u, s->state, 1));
  PetscCall(TakeMeans(fm, s));
  rho_sp_refill(&s->linear, t);
  for (PetscInt i = 0; i < nf; i++)
    for (PetscInt j = 0; j < nf; j++) {
      Spread(s->linear.target[i].re[j], nmode, nf * nf, modal->A + i * nf + j);
      if (modal->B) Spread(s->linear.target[i].im[j], nmode, nf * nf, modal->B + i * nf + j);
    }
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
    for (PetscInt j = 0; j < nf; j++) {
      Less(g->target[i].re[j], s->linear.target[i].re[j], nmode, s->rest[i].re[j]);
      Less(g->target[i].im[j], s->linear.target[i].im[j], nmode, s->rest[i].im[j]);
    }
  s->filled = PETSC_TRUE;
  s->time = t;
}

/* F of the mean is N + A u^ there. */
static void Inflow(RhoModal modal, PetscScalar **hat, PetscScalar **N) {
  PetscInt n = modal->modes.nfield, zero = modal->fm->spectral->zero;
  for (PetscInt i = 0; i < n && modal->fm->counted; i++) {
    modal->fm->inflow[i].sum = modal->fm->inflow[i].lost = 0;
    if (zero < 0) continue;
    modal->fm->inflow[i].sum = N[i][2 * zero];
    for (PetscInt j = 0; j < n; j++) modal->fm->inflow[i].sum += modal->A[(zero * n + i) * n + j] * hat[j][2 * zero];
  }
}

static PetscErrorCode Rest(RhoModal modal, PetscReal t, Vec u, PetscScalar **hat, PetscScalar **N) {
  Modes *s = modal->data;
  RhoFieldModel fm = modal->fm;
  PetscFunctionBegin;
  fm->bad = PETSC_FALSE;
  FillRest(modal, t);
  PetscCall(rho_sp_transforms(&fm->spectral->residual, t, u, hat, s->rest, N));
  Inflow(modal, hat, N);
  PetscFunctionReturn(0);
}

const RhoModalKind rho_modal_spectral = {Create, Destroy, Set, Rest};
