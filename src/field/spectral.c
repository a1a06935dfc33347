/* spectral.c - the spectral discretisation: fields are trigonometric polynomials, known by their values at the centres
   of the cells of a periodic grid.

     F^_i = - sum_d i q_d J_id^ + R_i^,   products and functions at the points, derivatives and convolutions by their
                                          symbols; what is linear with uniform coefficients by its symbol alone

   Modes at the edge of the grid (wavenumber n/2 of an even n, whose sine is not there) are left out, so that d(d(u, x),
   x) and the second derivative are one; with `dealias` all from n/3 on.  The mean of each field changes by its sources
   alone: i q = 0 there.

   The differentials of these formulas are formulas of the same kind: the tangent is exact, and what multiplies the
   variations is computed once per state. */
#include "spectral.h"
#include <math.h>
#include <string.h>

/* ---- where ---- */

bool RhoSpectralFits(const RhoMesh *mesh, RhoDiag diag) {
  for (int d = 0; d < mesh->ndimension; d++) {
    const RhoDimension *m = &mesh->dimension[d];
    if (m->boundary == RHO_PERIODIC && !m->edge) continue;
    RhoDiagReport(diag, RHO_ID_MESH_SPECTRAL, mesh->place.source < 0 ? mesh->place : mesh->at[d],
                  m->edge ? "the cells along '%s' are stretched" : "'%s' has walls", m->name);
    RhoDiagHint(diag, "the spectral discretisation is for periodic meshes of equal cells; finite volumes take any");
    return false;
  }
  return true;
}

PetscBool RhoFieldIsSpectral(RhoFieldModel fm) { return (PetscBool)(fm->spectral != NULL); }

/* ---- modes ---- */

/* Is the wavenumber k of n one that is kept? */
static PetscBool IsKept(const RhoFieldModel fm, int d, PetscReal q) {
  PetscInt n = fm->grid->n[d];
  PetscReal k = q * (PetscReal)n * fm->grid->h[d] / (2 * PETSC_PI), top = fm->dealias ? n / 3.0 : n / 2.0;
  return (PetscBool)(n == 1 || k < top - 0.01);
}

static PetscErrorCode Keep(RhoFieldModel fm) {
  RhoSpectral s = fm->spectral;
  const PetscReal *q[RHO_MAXDIM], *weight;
  PetscFunctionBegin;
  PetscCall(RhoTransformModes(fm->transform, &s->nmode, NULL, &q[0], &q[1], &q[2]));
  PetscCall(RhoTransformWeight(fm->transform, &weight));
  PetscCall(PetscMalloc1((size_t)s->nmode + 1, &s->keep));
  s->zero = -1;
  for (PetscInt m = 0; m < s->nmode; m++) {
    s->keep[m] = 1;
    for (int d = 0; d < fm->grid->mesh.ndimension; d++)
      if (!IsKept(fm, d, q[d][m])) s->keep[m] = 0;
    if (q[0][m] == 0 && q[1][m] == 0 && q[2][m] == 0 && weight[m] > 0) s->zero = m;
  }
  PetscFunctionReturn(0);
}

/* ---- symbols of waves ---- */

static void MultiplySquare(RhoFieldModel fm, const PetscReal *const *q, PetscReal *at) {
  for (PetscInt m = 0; m < fm->spectral->nmode; m++) {
    PetscReal sum = 0;
    for (int d = 0; d < fm->grid->mesh.ndimension; d++) sum += q[d][m] * q[d][m];
    at[m] *= sum;
  }
}

static PetscErrorCode MultiplyCode(RhoFieldModel fm, int code, PetscReal *at) {
  PetscInt nmode = fm->spectral->nmode;
  const PetscReal *q[RHO_MAXDIM], *signs, *kernel;
  PetscFunctionBegin;
  PetscCall(RhoTransformModes(fm->transform, NULL, NULL, &q[0], &q[1], &q[2]));
  if (code < SP_LAP) {
    PetscCall(RhoTransformSigned(fm->transform, code - SP_DIFF, &signs));
    for (PetscInt m = 0; m < nmode; m++) at[m] *= signs[m];
  } else if (code == SP_LAP) MultiplySquare(fm, q, at);
  else if (code < SP_KERNEL) {
    int d = code - SP_MEAN;
    for (PetscInt m = 0; m < nmode; m++) at[m] *= q[d][m] == 0 ? fm->grid->n[d] * fm->grid->h[d] : 0;
  } else {
    PetscCall(rho_fv_kernel(fm, code - SP_KERNEL, &kernel));
    for (PetscInt m = 0; m < nmode; m++) at[m] *= kernel[m] / RhoTransformScale(fm->transform);
  }
  PetscFunctionReturn(0);
}

PetscBool rho_sp_same_wave(const SpWave *a, const SpWave *b) {
  return (PetscBool)(a->n == b->n && !memcmp(a->code, b->code, sizeof(int) * (size_t)a->n));
}

PetscErrorCode rho_sp_factor(RhoFieldModel fm, const SpWave *wave, int *number) {
  RhoSpectral s = fm->spectral;
  SpFactor *more;
  PetscFunctionBegin;
  for (*number = 0; *number < s->nfactor; (*number)++)
    if (rho_sp_same_wave(&s->factor[*number].wave, wave)) PetscFunctionReturn(0);
  PetscCall(PetscMalloc1((size_t)s->nfactor + 1, &more));
  PetscCall(PetscArraycpy(more, s->factor, s->nfactor));
  PetscCall(PetscFree(s->factor));
  s->factor = more;
  more[s->nfactor].wave = *wave;
  PetscCall(PetscMalloc1((size_t)s->nmode + 1, &more[s->nfactor].at));
  PetscCall(PetscArraycpy(more[s->nfactor].at, s->keep, s->nmode));
  for (int k = 0; k < wave->n; k++) PetscCall(MultiplyCode(fm, wave->code[k], more[s->nfactor].at));
  s->nfactor++;
  PetscFunctionReturn(0);
}

/* ---- points ---- */

PetscInt rho_sp_piece(const RhoSpectral s) { return PetscMin(s->few, s->nslab) * s->ncell; }

PetscErrorCode rho_sp_reserve(RhoFieldModel fm, int n, int nterm) {
  RhoSpectral s = fm->spectral;
  PetscScalar **more;
  PetscFunctionBegin;
  if (nterm > s->nterm) {
    PetscCall(PetscFree(s->term));
    PetscCall(PetscMalloc1((size_t)nterm, &s->term));
    s->nterm = nterm;
  }
  if (n <= s->npoint) PetscFunctionReturn(0);
  PetscCall(PetscMalloc1((size_t)n, &more));
  PetscCall(PetscArraycpy(more, s->point, s->npoint));
  PetscCall(PetscFree(s->point));
  s->point = more;
  for (; s->npoint < n; s->npoint++) PetscCall(PetscMalloc1((size_t)rho_sp_piece(s), &s->point[s->npoint]));
  PetscFunctionReturn(0);
}

static PetscErrorCode Back(RhoFieldModel fm, int n, PetscScalar *const *hat, PetscScalar *at) {
  PetscReal scale = RhoTransformScale(fm->transform);
  PetscFunctionBegin;
  for (int i = 0; i < n; i++) PetscCall(RhoTransformBackwardAcross(fm->transform, hat[i]));
  PetscCall(RhoTransformBackwardWithin(fm->transform, 0, fm->spectral->nslab, n, scale, hat, at));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_sp_back_all(RhoFieldModel fm, PetscScalar *const *hat, Vec u) {
  PetscScalar *x;
  PetscFunctionBegin;
  PetscCall(VecGetArrayWrite(u, &x));
  PetscCall(Back(fm, fm->eq->nfield, hat, x));
  PetscCall(VecRestoreArrayWrite(u, &x));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_sp_back(RhoFieldModel fm, PetscScalar *hat, PetscScalar *at) {
  PetscFunctionBegin;
  PetscCall(Back(fm, 1, &hat, at));
  PetscFunctionReturn(0);
}

/* Coordinates and widths at the owned points, the centres of zones among them. */
static PetscErrorCode Coordinates(RhoFieldModel fm) {
  RhoSpectral s = fm->spectral;
  RhoGrid grid = fm->grid;
  PetscInt below = 1;
  PetscFunctionBegin;
  for (int d = 0; d < grid->mesh.ndimension; below *= grid->count[d++]) {
    const char *name = grid->mesh.dimension[d].name;
    const PetscReal *x = RhoGridCoordinate(grid, d) + (grid->start[d] - grid->gstart[d]);
    PetscCall(PetscMalloc1((size_t)grid->nowned, &s->coordinate[d]));
    for (PetscInt p = 0; p < grid->nowned; p++) s->coordinate[d][p] = x[p / below % grid->count[d]];
    s->known[s->nknown++] = (SpKnown){RhoGraphSymbol(fm->graph, RHO_SYM_COORDINATE, name), s->coordinate[d], 1};
    s->known[s->nknown++] = (SpKnown){RhoCellCentre(fm->graph, name), s->coordinate[d], 1};
    s->known[s->nknown++] = (SpKnown){RhoCellWidth(fm->graph, name), RhoGridWidth(grid, d), 0};
  }
  PetscFunctionReturn(0);
}

/* ---- the equations as nodes ---- */

static RhoNode Derivative(RhoFieldModel fm, int d, RhoNode node) {
  return node < 0 ? RHO_NONE : RhoCellFormula(fm->eq, RhoGraphApply(fm->graph, RHO_OP_DIFF, d, &node));
}

static RhoNode Negative(RhoGraph graph, RhoNode node) {
  return node < 0 ? RHO_NONE : RhoGraph1(graph, RHO_FN_NEG, node);
}

/* -div(c grad a) along the term's directions; c or a may be RHO_NONE */
static RhoNode Spread(RhoFieldModel fm, const RhoTerm *term, RhoNode c, RhoNode a) {
  RhoGraph graph = fm->graph;
  RhoNode sum = RHO_NONE;
  if (c < 0 || a < 0) return RHO_NONE;
  if (term->direction < 0 && RhoGraphUniform(graph, c))
    return Negative(graph, RhoGraphTimes(graph, c, RhoGraphApply(graph, RHO_OP_LAP, 0, &a)));
  for (int d = 0; d < fm->grid->mesh.ndimension; d++) {
    if (term->direction >= 0 && term->direction != d) continue;
    RhoNode flux = RhoGraphTimes(graph, c, Derivative(fm, d, a));
    if (flux >= 0) sum = RhoGraphPlus(graph, sum, Negative(graph, RhoGraphApply(graph, RHO_OP_DIFF, d, &flux)));
  }
  return sum;
}

static RhoNode Drift(RhoFieldModel fm, const RhoTerm *term, RhoNode c) {
  RhoGraph graph = fm->graph;
  RhoNode sum = RHO_NONE;
  for (int d = 0; d < fm->grid->mesh.ndimension && c >= 0; d++)
    if (term->direction < 0 || term->direction == d)
      sum = RhoGraphPlus(graph, sum, Negative(graph, RhoGraphApply(graph, RHO_OP_DIFF, d, &c)));
  return sum;
}

/* What a term adds to F.  FITTED: J = -c (T grad u + u grad w). */
static RhoNode TermNode(RhoFieldModel fm, const RhoTerm *given) {
  RhoGraph graph = fm->graph;
  RhoTerm own = *given, *term = &own;
  if (rho_face_logarithm(fm, given) >= 0) own.density = rho_face_not_negative(graph, given->density);
  if (term->kind == RHO_TERM_ADVECTIVE) return Drift(fm, term, term->coef);
  if (term->kind == RHO_TERM_GRADIENT) return Spread(fm, term, term->coef, term->arg);
  RhoNode minus = Negative(graph, term->coef);
  return RhoGraphPlus(graph, Spread(fm, term, RhoGraphTimes(graph, minus, term->T), term->density),
                      Spread(fm, term, RhoGraphTimes(graph, minus, term->density), term->arg));
}

/* Its differential, from those of its parts. */
static RhoNode TermDifferential(RhoFieldModel fm, RhoPart part, int field, const RhoTerm *term) {
  RhoGraph graph = fm->graph;
  RhoTermTangent t = RhoTermTangents(fm->eq, part, field, term);
  if (term->kind == RHO_TERM_ADVECTIVE) return Drift(fm, term, t.coef);
  if (term->kind == RHO_TERM_GRADIENT)
    return RhoGraphPlus(graph, Spread(fm, term, t.coef, term->arg), Spread(fm, term, term->coef, t.arg));
  RhoNode c = Negative(graph, term->coef), dc = Negative(graph, t.coef), T = term->T, u = term->density;
  RhoNode ideal = RhoGraphPlus(graph, RhoGraphTimes(graph, dc, T), RhoGraphTimes(graph, c, t.T));
  RhoNode excess = RhoGraphPlus(graph, RhoGraphTimes(graph, dc, u), RhoGraphTimes(graph, c, t.density));
  RhoNode sum =
      RhoGraphPlus(graph, Spread(fm, term, ideal, u), Spread(fm, term, RhoGraphTimes(graph, c, T), t.density));
  sum = RhoGraphPlus(graph, sum, Spread(fm, term, excess, term->arg));
  return RhoGraphPlus(graph, sum, Spread(fm, term, RhoGraphTimes(graph, c, u), t.arg));
}

static RhoNode ResidualNode(RhoFieldModel fm, int field) {
  RhoNode sum = rho_source_node(fm, field);
  for (int k = 0; k < fm->eq->equation[field].nterm; k++)
    sum = RhoGraphPlus(fm->graph, sum, TermNode(fm, &fm->eq->equation[field].term[k]));
  return sum;
}

RhoNode rho_sp_differential(RhoFieldModel fm, RhoPart part, int field) {
  RhoNode sum = rho_source_differential(fm, part, field);
  for (int k = 0; k < fm->eq->equation[field].nterm; k++)
    sum = RhoGraphPlus(fm->graph, sum, TermDifferential(fm, part, field, &fm->eq->equation[field].term[k]));
  return rho_sp_apart(fm, sum);
}

/* ---- residual ---- */

static PetscErrorCode Shared(RhoFieldModel fm) {
  RhoSpectral s = fm->spectral;
  int nf = fm->eq->nfield;
  PetscFunctionBegin;
  PetscCall(rho_fv_transform(fm));
  PetscCall(Keep(fm));
  PetscCall(Coordinates(fm));
  PetscCall(PetscCalloc3((size_t)nf, &s->hat, (size_t)nf, &s->result, (size_t)nf, &s->field));
  RhoTransformSlabs(fm->transform, &s->nslab, &s->ncell, &s->few);
  for (int i = 0; i < nf; i++) {
    PetscCall(PetscMalloc1((size_t)rho_sp_piece(s), &s->field[i]));
    PetscCall(RhoTransformSpectrum(fm->transform, &s->hat[i]));
    PetscCall(RhoTransformSpectrum(fm->transform, &s->result[i]));
  }
  PetscCall(RhoTransformSpectrum(fm->transform, &s->sum));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_sp_residual_create(RhoFieldModel fm) {
  int nf = fm->eq->nfield;
  RhoNode *node = RhoArenaAlloc(fm->arena, sizeof(RhoNode) * (size_t)nf);
  PetscFunctionBegin;
  PetscCall(PetscNew(&fm->spectral));
  PetscCall(Shared(fm));
  for (int i = 0; i < nf; i++) node[i] = ResidualNode(fm, i);
  PetscCall(rho_sp_create(fm, rho_fv_field_symbols(fm), fm->spectral->nknown, fm->spectral->known, nf, node,
                          PETSC_FALSE, &fm->spectral->residual));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_sp_residual_destroy(RhoFieldModel fm) {
  RhoSpectral s = fm->spectral;
  PetscFunctionBegin;
  if (!s) PetscFunctionReturn(0);
  PetscCall(rho_sp_destroy(&s->residual));
  for (int i = 0; i < fm->eq->nfield && s->hat; i++) {
    PetscCall(RhoTransformFreeSpectrum(fm->transform, &s->hat[i]));
    PetscCall(RhoTransformFreeSpectrum(fm->transform, &s->result[i]));
    PetscCall(PetscFree(s->field[i]));
  }
  PetscCall(RhoTransformFreeSpectrum(fm->transform, &s->sum));
  PetscCall(PetscFree3(s->hat, s->result, s->field));
  PetscCall(PetscFree(s->whole));
  for (int k = 0; k < s->nfactor; k++) PetscCall(PetscFree(s->factor[k].at));
  for (int k = 0; k < s->npoint; k++) PetscCall(PetscFree(s->point[k]));
  for (int d = 0; d < RHO_MAXDIM; d++) PetscCall(PetscFree(s->coordinate[d]));
  PetscCall(PetscFree(s->factor));
  PetscCall(PetscFree(s->point));
  PetscCall(PetscFree(s->term));
  PetscCall(PetscFree(s->keep));
  PetscCall(PetscFree(fm->spectral));
  PetscFunctionReturn(0);
}

/* What sources feed: the sums over the points, which are the first modes. */
void rho_sp_inflow(RhoFieldModel fm, PetscScalar *const *F) {
  PetscInt zero = fm->spectral->zero;
  for (int i = 0; i < fm->eq->nfield && fm->counted && zero >= 0; i++) fm->inflow[i].sum = F[i][2 * zero];
}

PetscErrorCode rho_sp_residual(RhoFieldModel fm, PetscReal t, Vec u, Vec F) {
  RhoSpectral s = fm->spectral;
  SpState state = {0};
  PetscFunctionBegin;
  PetscCall(VecGetArrayRead(u, &state.u));
  PetscCall(rho_sp_transforms(&s->residual, t, state, s->residual.target, s->result));
  PetscCall(VecRestoreArrayRead(u, &state.u));
  rho_sp_inflow(fm, s->result);
  PetscCall(rho_sp_back_all(fm, s->result, F));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoFieldRepresent(RhoFieldModel fm, Vec u) {
  RhoSpectral s = fm->spectral;
  PetscInt nf = fm->eq->nfield;
  const PetscScalar *x;
  PetscFunctionBegin;
  if (!s) PetscFunctionReturn(0);
  PetscCall(VecGetArrayRead(u, &x));
  PetscCall(RhoTransformForwardAll(fm->transform, (int)nf, x, s->result));
  PetscCall(VecRestoreArrayRead(u, &x));
  for (PetscInt i = 0; i < nf; i++) RhoTransformScaleModes(fm->transform, s->keep, s->result[i], s->result[i]);
  PetscCall(rho_sp_back_all(fm, s->result, u));
  PetscFunctionReturn(0);
}

/* ---- formulas ---- */

typedef struct {
  RhoFieldModel fm;
  SpProgram program;
  PetscScalar **out; /* [n] */
} Formulas;

PetscErrorCode rho_sp_formulas_create(RhoFieldModel fm, PetscInt n, const RhoNode *node, void **out) {
  Formulas *f;
  PetscFunctionBegin;
  PetscCall(PetscNew(&f));
  *out = f;
  f->fm = fm;
  PetscCall(PetscMalloc1((size_t)n + 1, &f->out));
  PetscCall(rho_sp_create(fm, rho_fv_field_symbols(fm), fm->spectral->nknown, fm->spectral->known, (int)n, node,
                          PETSC_TRUE, &f->program));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_sp_formulas_destroy(void **formulas) {
  Formulas *f = *formulas;
  PetscFunctionBegin;
  if (!f) PetscFunctionReturn(0);
  PetscCall(rho_sp_destroy(&f->program));
  PetscCall(PetscFree(f->out));
  PetscCall(PetscFree(*formulas));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_sp_formulas_eval(void *formulas, PetscReal t, Vec u, Vec out) {
  Formulas *f = formulas;
  PetscScalar *x;
  PetscFunctionBegin;
  PetscCall(VecGetArrayWrite(out, &x));
  for (int k = 0; k < f->program.nout; k++) f->out[k] = x + k;
  PetscCall(rho_sp_values(&f->program, t, u, f->out, f->program.nout));
  PetscCall(VecRestoreArrayWrite(out, &x));
  PetscFunctionReturn(0);
}

/* ---- tangents ---- */

typedef struct {
  RhoFieldModel fm;
  SpProgram setup, apply;
  int nsaved;
  PetscScalar **saved; /* [nsaved][nowned] what multiplies the variations */
  PetscBool timed;
  PetscReal time;
} Tangent;

static void FindStates(RhoFieldModel fm, RhoNode node, char *seen, int *n, RhoNode *list) {
  if (node < 0 || seen[node]) return;
  seen[node] = 1;
  if (!RhoGraphDependsOnKind(fm->graph, node, RHO_SYM_VARIATION)) {
    if (!RhoGraphUniform(fm->graph, node)) list[(*n)++] = node;
    return;
  }
  RhoNodeInfo info = RhoGraphNode(fm->graph, node);
  for (int k = 0; k < info.narg; k++) FindStates(fm, info.arg[k], seen, n, list);
}

int rho_sp_states(RhoFieldModel fm, int n, const RhoNode *node, RhoNode *list) {
  char *seen = RhoArenaAlloc(fm->arena, (size_t)RhoGraphSize(fm->graph));
  int found = 0;
  for (int i = 0; i < n; i++) FindStates(fm, node[i], seen, &found, list);
  return found;
}

static PetscErrorCode PlanTangent(Tangent *t, int nf, const RhoNode *node) {
  RhoFieldModel fm = t->fm;
  RhoNode *saved = RhoArenaAlloc(fm->arena, sizeof(RhoNode) * (size_t)RhoGraphSize(fm->graph));
  PetscFunctionBegin;
  t->nsaved = rho_sp_states(fm, nf, node, saved);
  for (int i = 0; i < nf; i++)
    t->timed = (PetscBool)(t->timed || RhoGraphDependsOnKind(fm->graph, node[i], RHO_SYM_TIME));
  SpKnown *known = RhoArenaAlloc(fm->arena, sizeof *known * (size_t)(t->nsaved + 1));
  PetscCall(PetscCalloc1((size_t)t->nsaved + 1, &t->saved));
  for (int k = 0; k < t->nsaved; k++) {
    PetscCall(PetscCalloc1((size_t)fm->grid->nowned, &t->saved[k]));
    known[k] = (SpKnown){saved[k], t->saved[k], 1};
  }
  PetscCall(rho_sp_create(fm, rho_fv_field_symbols(fm), fm->spectral->nknown, fm->spectral->known, t->nsaved, saved,
                          PETSC_TRUE, &t->setup));
  PetscCall(rho_sp_create(fm, fm->eq->variation, t->nsaved, known, nf, node, PETSC_FALSE, &t->apply));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_sp_tangent_create(RhoFieldModel fm, RhoPart part, void **out) {
  int nf = fm->eq->nfield;
  RhoNode *node = RhoArenaAlloc(fm->arena, sizeof(RhoNode) * (size_t)nf);
  Tangent *t;
  PetscFunctionBegin;
  PetscCall(PetscNew(&t));
  *out = t;
  t->fm = fm;
  for (int i = 0; i < nf; i++) node[i] = rho_sp_differential(fm, part, i);
  PetscCall(PlanTangent(t, nf, node));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_sp_tangent_destroy(void **tangent) {
  Tangent *t = *tangent;
  PetscFunctionBegin;
  if (!t) PetscFunctionReturn(0);
  PetscCall(rho_sp_destroy(&t->setup));
  PetscCall(rho_sp_destroy(&t->apply));
  for (int k = 0; k < t->nsaved; k++) PetscCall(PetscFree(t->saved[k]));
  PetscCall(PetscFree(t->saved));
  PetscCall(PetscFree(*tangent));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_sp_tangent_set(void *tangent, PetscReal time, Vec u) {
  Tangent *t = tangent;
  PetscFunctionBegin;
  t->time = time;
  if (t->nsaved > 0) PetscCall(rho_sp_values(&t->setup, time, u, t->saved, 1));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_sp_tangent_apply(void *tangent, Vec v, Vec Lv) {
  Tangent *t = tangent;
  RhoFieldModel fm = t->fm;
  SpState state = {0};
  PetscFunctionBegin;
  PetscCall(VecGetArrayRead(v, &state.u));
  PetscCall(rho_sp_transforms(&t->apply, t->time, state, t->apply.target, fm->spectral->result));
  PetscCall(VecRestoreArrayRead(v, &state.u));
  PetscCall(rho_sp_back_all(fm, fm->spectral->result, Lv));
  PetscFunctionReturn(0);
}

PetscBool rho_sp_tangent_constant(void *tangent) {
  const Tangent *t = tangent;
  return (PetscBool)(t->nsaved == 0 && !t->timed);
}
