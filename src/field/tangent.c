/* tangent.c - the derivative of the finite-volume residual, exact: the differentials of cell nodes and face formulas
   are nodes again.

     J(L, R)  ->  dJ = sum_k dJ/dL_k L(d tau_k) + dJ/dR_k R(d tau_k),  tau_k the traces, d tau_k linear in the
   variations

   What multiplies the variations depends on the state alone: the setup program computes those coefficients, in cells
   and on faces, once per state; the apply program is linear and cheap. */
#include "fv.h"
#include "field_private.h"

typedef struct FvTangent_s *FvTangent;
struct FvTangent_s {
  RhoFieldModel fm;
  RhoPart part;
  Vec vlocal;
  int nsaved;
  RhoNode *saved; /* cell coefficients */
  int nkept[RHO_MAXDIM];
  RhoNode *kept[RHO_MAXDIM]; /* face coefficients */
  int nface[RHO_MAXDIM], *field[RHO_MAXDIM];
  RhoNode *face[RHO_MAXDIM]; /* differentials of the fluxes */
  RhoNode *source;           /* [nfield] */
  int nlaplacian;
  FvLaplacian *laplacian; /* of the variations */
  FvProgram setup, apply;
  FvWallTangent wall;
  PetscBool has_setup, local; /* local: without what comes from mirror images far away */
  PetscBool timed;            /* the linear forms themselves depend on t, uniformly in space */
  PetscReal time;             /* of the last Set */
};

static RhoNode *NewNodes(RhoFieldModel fm, int n) {
  return RhoArenaAlloc(fm->arena, sizeof(RhoNode) * (size_t)(n + 1));
}

/* ---- differentials ---- */

/* The nodes of a term, each with a symbol of its own in its place while the flux is differentiated: one node may stand
   in two places, as coefficient and as argument, with a differential in one of them only. */
enum { NPART = 4 };

typedef struct {
  RhoGraph graph;
  int n;
  RhoNode symbol[2 * NPART], node[2 * NPART], seed[2 * NPART]; /* seed: RHO_NONE, frozen */
} Parts;

static void AddPart(Parts *parts, RhoNode *place, RhoNode tangent) {
  static const char *const name[NPART] = {"part:0", "part:1", "part:2", "part:3"};
  RhoGraph graph = parts->graph;
  RhoNode node = *place;
  if (node < 0 || rho_face_left(graph, node) == node) return;
  *place = RhoGraphSymbol(graph, RHO_SYM_TRACE, name[parts->n / 2]);
  for (int side = 0; side < 2; side++) {
    RhoNode (*of)(RhoGraph, RhoNode) = side ? rho_face_right : rho_face_left;
    parts->symbol[parts->n] = of(graph, *place);
    parts->node[parts->n] = of(graph, node);
    parts->seed[parts->n++] = tangent < 0 ? RHO_NONE : of(graph, tangent);
  }
}

static RhoNode PutBack(RhoGraph graph, RhoNode node, const RhoNode *arg, void *ctx) {
  const Parts *parts = ctx;
  (void)graph;
  (void)arg;
  for (int k = 0; k < parts->n; k++)
    if (parts->symbol[k] == node) return parts->node[k];
  return RHO_NONE;
}

static RhoNode TermDifferential(FvTangent tangent, int field, const RhoTerm *term, int d) {
  RhoFieldModel fm = tangent->fm;
  RhoTermTangent t = RhoTermTangents(fm->eq, tangent->part, field, term);
  RhoTerm own = *term;
  RhoNode symbol[2 * NPART], seed[2 * NPART];
  Parts parts = {.graph = fm->graph};
  int n = 0;
  AddPart(&parts, &own.coef, t.coef);
  AddPart(&parts, &own.arg, t.arg);
  AddPart(&parts, &own.T, t.T);
  AddPart(&parts, &own.density, t.density);
  RhoNode flux = rho_face_flux(fm, &own, d);
  for (int k = 0; k < parts.n; k++) {
    if (parts.seed[k] < 0) continue;
    symbol[n] = parts.symbol[k];
    seed[n++] = parts.seed[k];
  }
  if (flux < 0 || n == 0) return RHO_NONE;
  RhoNode differential = RhoGraphDifferential(fm->graph, flux, n, symbol, seed, 0);
  return differential < 0 ? RHO_NONE : RhoGraphRewrite(fm->graph, differential, PutBack, &parts);
}

static void FluxDifferentials(FvTangent tangent) {
  RhoFieldModel fm = tangent->fm;
  int nf = fm->eq->nfield;
  for (int d = 0; d < fm->grid->mesh.ndimension; d++) {
    tangent->face[d] = NewNodes(fm, nf);
    tangent->field[d] = RhoArenaAlloc(fm->arena, sizeof(int) * (size_t)nf);
    for (int i = 0; i < nf; i++) {
      RhoNode sum = RHO_NONE;
      for (int k = 0; k < fm->eq->equation[i].nterm; k++)
        if (!rho_face_uniform(fm, &fm->eq->equation[i].term[k]))
          sum = RhoGraphPlus(fm->graph, sum, TermDifferential(tangent, i, &fm->eq->equation[i].term[k], d));
      if (sum < 0) continue;
      tangent->face[d][tangent->nface[d]] = sum;
      tangent->field[d][tangent->nface[d]++] = i;
    }
  }
}

static void LaplacianDifferentials(FvTangent tangent) {
  RhoFieldModel fm = tangent->fm;
  int room = 0;
  for (int i = 0; i < fm->eq->nfield; i++) room += fm->eq->equation[i].nterm;
  tangent->laplacian = RhoArenaAlloc(fm->arena, sizeof(FvLaplacian) * (size_t)(room + 1));
  for (int i = 0; i < fm->eq->nfield; i++)
    for (int k = 0; k < fm->eq->equation[i].nterm; k++) {
      const RhoTerm *term = &fm->eq->equation[i].term[k];
      RhoNode arg = rho_face_uniform(fm, term) ? RhoTermTangents(fm->eq, tangent->part, i, term).arg : RHO_NONE;
      if (arg >= 0)
        tangent->laplacian[tangent->nlaplacian++] =
            (FvLaplacian){.field = i, .coef = RhoGraph1(fm->graph, RHO_FN_NEG, term->coef), .arg = arg};
    }
}

static void SourceDifferentials(FvTangent tangent) {
  tangent->source = NewNodes(tangent->fm, tangent->fm->eq->nfield);
  for (int i = 0; i < tangent->fm->eq->nfield; i++)
    tangent->source[i] = rho_source_differential(tangent->fm, tangent->part, i);
}

/* ---- coefficients: the outermost nodes below which no variation stands ---- */

static PetscBool Varies(RhoGraph graph, RhoNode node) { /* over the cells or faces */
  return (PetscBool)(rho_face_left(graph, node) != node || RhoGraphDependsOnKind(graph, node, RHO_SYM_TRACE));
}

static PetscBool FaceVariation(RhoGraph graph, RhoNode node) {
  PetscBool right;
  RhoNode cell = rho_face_cell(graph, node, &right);
  return (PetscBool)(cell >= 0 && RhoGraphDependsOnKind(graph, cell, RHO_SYM_VARIATION));
}

/* mark[n]: n depends on a variation, directly or through a trace */
static char *MarkLinear(RhoFieldModel fm) {
  int size = RhoGraphSize(fm->graph);
  char *mark = RhoArenaAlloc(fm->arena, (size_t)size);
  for (int n = 0; n < size; n++) {
    RhoNodeInfo info = RhoGraphNode(fm->graph, n);
    mark[n] = (info.kind == RHO_SYMBOL && info.code == RHO_SYM_VARIATION) || FaceVariation(fm->graph, n);
    for (int k = 0; k < info.narg; k++) mark[n] = (char)(mark[n] | mark[info.arg[k]]);
  }
  return mark;
}

/* Known to every program: 1/distance of the cells at a face. */
static PetscBool IsDistance(RhoFieldModel fm, RhoNode node) {
  for (int d = 0; d < RHO_MAXDIM; d++)
    if (fm->stretch[d].face && fm->stretch[d].symbol == node) return PETSC_TRUE;
  return PETSC_FALSE;
}

static void Coefficients(RhoFieldModel fm, const char *linear, char *seen, RhoNode node, int *n, RhoNode *list) {
  RhoNodeInfo info;
  if (node < 0 || seen[node]) return;
  seen[node] = 1;
  if (!linear[node]) {
    if (Varies(fm->graph, node) && !IsDistance(fm, node)) list[(*n)++] = node;
    return;
  }
  info = RhoGraphNode(fm->graph, node);
  for (int k = 0; k < info.narg; k++) Coefficients(fm, linear, seen, info.arg[k], n, list);
}

/* Face coefficients per dimension, then the cell coefficients of the traces and sources that the apply program
 * computes. */
static void FindCoefficients(FvTangent tangent, int ntarget, const RhoNode *target) {
  RhoFieldModel fm = tangent->fm;
  int size = RhoGraphSize(fm->graph);
  char *linear = MarkLinear(fm);
  for (int d = 0; d < fm->grid->mesh.ndimension; d++) {
    char *seen = RhoArenaAlloc(fm->arena, (size_t)size);
    tangent->kept[d] = NewNodes(fm, size);
    for (int k = 0; k < tangent->nface[d]; k++)
      Coefficients(fm, linear, seen, tangent->face[d][k], &tangent->nkept[d], tangent->kept[d]);
  }
  char *seen = RhoArenaAlloc(fm->arena, (size_t)size);
  tangent->saved = NewNodes(fm, size);
  for (int k = 0; k < ntarget; k++) Coefficients(fm, linear, seen, target[k], &tangent->nsaved, tangent->saved);
}

/* ---- programs ---- */

static PetscErrorCode PlanSetup(FvTangent tangent) {
  RhoFieldModel fm = tangent->fm;
  int room = 2 * RhoGraphSize(fm->graph) + 64, ninput = 0, zero = 0;
  FvPlan plan = {.sink = FV_TO_ARRAYS, .nkeep = tangent->nsaved, .ntarget = tangent->nsaved};
  FvArray *input = RhoArenaAlloc(fm->arena, sizeof(FvArray) * (size_t)(fm->eq->nfield + fm->ncoordinate));
  RhoNode *target = NewNodes(fm, room);
  int *margin = RhoArenaAlloc(fm->arena, sizeof(int) * (size_t)room);
  int *work = RhoArenaAlloc(fm->arena, sizeof(int) * (size_t)room);
  PetscFunctionBegin;
  for (RhoNode n = 0; n < RhoGraphSize(fm->graph); n++) { /* results of global operators have their own ghosts */
    RhoNodeInfo info = RhoGraphNode(fm->graph, n);
    if (info.kind == RHO_APPLY && (RHO_GLOBAL_OPERATORS >> info.code & 1u)) work[n] = RHO_REACH_STOP;
  }
  PetscCall(rho_fv_inputs(fm, fm->ulocal, rho_fv_field_symbols(fm), &ninput, input));
  for (int c = 0; c < fm->ncoordinate; c++) input[ninput++] = fm->coordinate[c];
  for (int k = 0; k < tangent->nsaved; k++) {
    target[k] = tangent->saved[k];
    margin[k] = (int)fm->grid->halo - rho_fv_reach(fm->graph, 1, &target[k], &zero, work);
  }
  for (int d = 0; d < fm->grid->mesh.ndimension; d++) {
    plan.nface[d] = tangent->nkept[d];
    plan.face[d] = tangent->kept[d];
    rho_fv_traces(fm, plan.nface[d], plan.face[d], plan.nkeep, &plan.ntarget, target, margin);
    tangent->has_setup = (PetscBool)(tangent->has_setup || plan.nface[d] > 0);
  }
  tangent->has_setup = (PetscBool)(tangent->has_setup || tangent->nsaved > 0);
  plan.ninput = ninput;
  plan.input = input;
  plan.target = target;
  plan.margin = margin;
  if (tangent->has_setup) PetscCall(rho_fv_create(fm, &plan, &tangent->setup));
  PetscFunctionReturn(0);
}

/* Sources and the traces of the linear fluxes; RHO_NONE-free part after the first nfield. */
static void ApplyTargets(FvTangent tangent, FvPlan *plan, RhoNode *target, int *margin) {
  RhoFieldModel fm = tangent->fm;
  int nf = fm->eq->nfield, n = nf;
  char *linear = MarkLinear(fm);
  for (int i = 0; i < nf; i++) target[i] = tangent->source[i];
  plan->ntarget = nf;
  for (int d = 0; d < fm->grid->mesh.ndimension; d++)
    rho_fv_traces(fm, tangent->nface[d], tangent->face[d], nf, &plan->ntarget, target, margin);
  rho_fv_laplacian_traces(tangent->nlaplacian, tangent->laplacian, nf, &plan->ntarget, target, margin);
  for (int k = nf; k < plan->ntarget; k++) /* traces of the state are inside kept coefficients */
    if (linear[target[k]]) target[n++] = target[k];
  plan->ntarget = n;
}

static PetscErrorCode PlanApply(FvTangent tangent, const RhoNode *target, const int *margin, int ntarget) {
  RhoFieldModel fm = tangent->fm;
  int ninput = 0;
  FvPlan plan = {
      .sink = FV_TO_DIVERGENCE, .nkeep = fm->eq->nfield, .ntarget = ntarget, .target = target, .margin = margin};
  FvArray *input = RhoArenaAlloc(fm->arena, sizeof(FvArray) * (size_t)(fm->eq->nfield + tangent->nsaved));
  PetscFunctionBegin;
  PetscCall(rho_fv_inputs(fm, tangent->vlocal, fm->eq->variation, &ninput, input));
  for (int k = 0; k < tangent->nsaved; k++)
    input[ninput++] = (FvArray){.node = tangent->saved[k], .data = tangent->setup.keep[k], .stride = 1, .scratch = -1};
  for (int d = 0; d < fm->grid->mesh.ndimension; d++) {
    plan.nface[d] = tangent->nface[d];
    plan.face[d] = tangent->face[d];
    plan.face_field[d] = tangent->field[d];
    plan.nkept[d] = tangent->nkept[d];
    plan.kept[d] = tangent->kept[d];
    plan.keptface[d] = tangent->setup.facekeep[d];
  }
  plan.nlaplacian = tangent->nlaplacian;
  plan.laplacian = tangent->laplacian;
  plan.ninput = ninput;
  plan.input = input;
  PetscCall(rho_fv_create(fm, &plan, &tangent->apply));
  PetscCall(rho_wall_tangent_create(fm, &tangent->wall));
  tangent->apply.wall = rho_wall_tangent_flux(tangent->wall);
  PetscFunctionReturn(0);
}

static PetscBool Timed(FvTangent tangent, int ntarget, const RhoNode *target) {
  RhoGraph graph = tangent->fm->graph;
  bool timed = false;
  for (int k = 0; k < ntarget; k++) timed = timed || RhoGraphDependsOnKind(graph, target[k], RHO_SYM_TIME);
  for (int k = 0; k < tangent->nlaplacian; k++)
    timed = timed || RhoGraphDependsOnKind(graph, tangent->laplacian[k].coef, RHO_SYM_TIME);
  for (int d = 0; d < RHO_MAXDIM; d++)
    for (int k = 0; k < tangent->nface[d]; k++)
      timed = timed || RhoGraphDependsOnKind(graph, tangent->face[d][k], RHO_SYM_TIME);
  return (PetscBool)timed;
}

static PetscErrorCode Plan(FvTangent tangent) {
  RhoFieldModel fm = tangent->fm;
  FvPlan plan = {.ntarget = 0};
  RhoNode *target;
  int *margin, room;
  PetscFunctionBegin;
  FluxDifferentials(tangent);
  LaplacianDifferentials(tangent);
  SourceDifferentials(tangent);
  room = 2 * RhoGraphSize(fm->graph) + 64;
  target = NewNodes(fm, room);
  margin = RhoArenaAlloc(fm->arena, sizeof(int) * (size_t)room);
  ApplyTargets(tangent, &plan, target, margin);
  tangent->timed = Timed(tangent, plan.ntarget, target);
  FindCoefficients(tangent, plan.ntarget, target);
  PetscCall(PlanSetup(tangent));
  PetscCall(PlanApply(tangent, target, margin, plan.ntarget));
  PetscFunctionReturn(0);
}

/* ---- life ---- */

PetscErrorCode rho_fv_tangent_create(RhoFieldModel fm, RhoPart part, void **out) {
  FvTangent tangent;
  PetscFunctionBegin;
  PetscCall(PetscNew(&tangent));
  *out = tangent;
  tangent->fm = fm;
  tangent->part = part;
  PetscCall(DMCreateLocalVector(fm->grid->da, &tangent->vlocal));
  PetscCall(VecSet(tangent->vlocal, 0.0));
  PetscCall(Plan(tangent));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_fv_tangent_destroy(void **tangent) {
  FvTangent t = *tangent;
  PetscFunctionBegin;
  if (!t) PetscFunctionReturn(0);
  if (t->has_setup) PetscCall(rho_fv_destroy(t->fm, &t->setup));
  PetscCall(rho_fv_destroy(t->fm, &t->apply));
  PetscCall(rho_wall_tangent_destroy(t->fm, &t->wall));
  PetscCall(VecDestroy(&t->vlocal));
  PetscCall(PetscFree(*tangent));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_fv_tangent_set(void *tangent, PetscReal time, Vec u) {
  FvTangent t = tangent;
  PetscFunctionBegin;
  t->time = time;
  if (t->has_setup || rho_wall_tangent_any(t->wall)) PetscCall(rho_walls_frame(t->fm, time, u));
  PetscCall(rho_wall_tangent_set(t->fm, t->wall, time, t->fm->ulocal));
  if (t->has_setup) PetscCall(rho_fv_run(t->fm, &t->setup, time, u, NULL));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_fv_tangent_apply(void *tangent, Vec v, Vec Lv) {
  FvTangent t = tangent;
  PetscFunctionBegin;
  RhoGrid grid = t->fm->grid;
  PetscCall(RhoGridFrameBy(grid, grid->da, rho_walls_linear(t->fm, t->local), v, t->vlocal));
  PetscCall(rho_wall_tangent_apply(t->fm, t->wall, t->vlocal));
  PetscCall(rho_fv_run(t->fm, &t->apply, t->time, v, Lv));
  PetscFunctionReturn(0);
}

PetscBool rho_fv_tangent_constant(void *tangent) {
  FvTangent t = tangent;
  return (PetscBool)(!t->has_setup && !t->timed && !rho_walls_any(t->fm) && RhoGridUniform(t->fm->grid));
}

void rho_fv_tangent_local(void *tangent, PetscBool local) { ((FvTangent)tangent)->local = local; }
