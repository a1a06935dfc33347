/* walls.c - what the conditions at walls mean for finite volumes: rules for the ghosts, and fluxes through wall faces.

     given            ghosts          flux through the wall
     nothing          even            none
     value            odd             from the ghosts
     slope            slope           from the ghosts; none in equations of fourth order (contact angle)
     flux             extrapolated    as given; even ghosts in equations of fourth order
     two of them      value or slope  as given

   A condition is a number for every cell of the wall's plane, evaluated once per residual if it depends on time. Fluxes
   may depend on the fields at the wall, (ghost + cell)/2; their differentials stand in the tangent.  Linear in the
   field, a condition has the homogeneous one of the same kind for variations. */
#include "field_private.h"
#include <math.h>
#include <petsc/private/petscimpl.h> /* PetscObjectStateGet */

typedef struct {
  RhoNode node;
  RhoTape tape;
  PetscReal *plane;
  PetscBool timed, of_fields, set;
} Formula;

/* One field at one wall. */
typedef struct {
  Formula ghost, flux;
  FvWallKind kind;
} Wall;

struct FvWalls_s {
  PetscBool any;
  Wall *wall;                                      /* [nfield][RHO_MAXDIM][2] */
  RhoGhostRule *rule, *linear, *local;             /* of states, variations, variations without mirror images */
  FvWallFlux *flux;                                /* of the residual */
  PetscInt nplane[RHO_MAXDIM];                     /* cells of a wall's plane */
  PetscReal *place[RHO_MAXDIM][2][3 * RHO_MAXDIM]; /* [d][side]: coordinates of the plane */
  PetscReal *at[RHO_MAXDIM][2]; /* [d][side]: fields at the wall, [nfield][nplane]; NULL until some flux needs them */
};

static size_t Index(int i, int d, int side) { return (size_t)((i * RHO_MAXDIM + d) * 2 + side); }

static PetscBool IsWall(RhoFieldModel fm, int d) {
  return (PetscBool)(d < fm->grid->mesh.ndimension && fm->grid->mesh.dimension[d].boundary == RHO_WALL);
}

PetscBool rho_walls_any(RhoFieldModel fm) { return fm->walls->any; }
PetscBool rho_walls_open(RhoFieldModel fm, int field) {
  for (size_t k = Index(field, 0, 0); k < Index(field + 1, 0, 0); k++)
    if (fm->walls->flux[k].kind >= FV_WALL_OPEN) return PETSC_TRUE;
  return PETSC_FALSE;
}

const RhoGhostRule *rho_walls_rule(RhoFieldModel fm) { return fm->walls->any ? fm->walls->rule : NULL; }
const RhoGhostRule *rho_walls_linear(RhoFieldModel fm, PetscBool local) {
  return !fm->walls->any ? NULL : local ? fm->walls->local : fm->walls->linear;
}
const FvWallFlux *rho_walls_flux(RhoFieldModel fm) { return fm->walls->flux; }

/* ---- the planes ---- */

/* the other two dimensions, faster one first */
static void Others(int d, int e[2]) {
  e[0] = d == 0 ? 1 : 0;
  e[1] = d == 2 ? 1 : 2;
}

/* Coordinate c of fm->coordinate (coordinates and widths by turns, then centres) in the cells of a plane. */
static void Along(RhoFieldModel fm, int d, int side, int c, PetscReal *x) {
  RhoGrid grid = fm->grid;
  int k = c < fm->nexpanded ? c / 2 : c - fm->nexpanded, e[2];
  PetscBool width = (PetscBool)(c < fm->nexpanded && c % 2);
  const RhoDimension *m = &grid->mesh.dimension[d];
  const PetscReal *along = width ? RhoGridWidth(grid, k) : RhoGridCoordinate(grid, k);
  Others(d, e);
  for (PetscInt p = 0; p < fm->walls->nplane[d]; p++) {
    PetscInt a = p % grid->gcount[e[0]], b = p / grid->gcount[e[0]];
    if (k != d) x[p] = along[k == e[0] ? a : b];
    else if (width) x[p] = along[side ? grid->halo + grid->count[d] - 1 : grid->halo];
    else x[p] = side ? m->to : m->from;
  }
}

static PetscErrorCode PlacePlane(RhoFieldModel fm, int d, int side) {
  PetscFunctionBegin;
  for (int c = 0; c < fm->ncoordinate; c++) {
    PetscCall(PetscMalloc1((size_t)fm->walls->nplane[d], &fm->walls->place[d][side][c]));
    Along(fm, d, side, c, fm->walls->place[d][side][c]);
  }
  PetscFunctionReturn(0);
}

/* ---- formulas ---- */

/* The arguments of wall formulas: coordinates, fields, variations. */
static int Arguments(RhoFieldModel fm, RhoNode *in) {
  int n = 0, nf = fm->eq->nfield;
  for (int c = 0; c < fm->ncoordinate; c++) in[n++] = fm->coordinate[c].node;
  for (int i = 0; i < nf; i++) in[n++] = fm->eq->model->field[i].symbol;
  for (int i = 0; i < nf; i++) in[n++] = fm->eq->variation[i];
  return n;
}

static PetscErrorCode CreateFormula(RhoFieldModel fm, RhoNode node, int d, Formula *f) {
  RhoNode *in = RhoArenaAlloc(fm->arena, sizeof(RhoNode) * (size_t)(3 * RHO_MAXDIM + 2 * fm->eq->nfield)),
          missing = RHO_NONE;
  int nin = Arguments(fm, in);
  PetscFunctionBegin;
  *f = (Formula){.node = node};
  if (node < 0) PetscFunctionReturn(0);
  f->timed = (PetscBool)RhoGraphDependsOnKind(fm->graph, node, RHO_SYM_TIME);
  f->of_fields = (PetscBool)RhoGraphDependsOnKind(fm->graph, node, RHO_SYM_FIELD);
  f->tape = RhoTapeCreate(fm->graph, 1, &node, nin, in, fm->nuniform, fm->uniform, &missing);
  PetscCheck(f->tape, fm->grid->comm, PETSC_ERR_PLIB, "condition at a wall: node %d has no value there", missing);
  RhoTapeBind(f->tape, fm->value);
  PetscCall(PetscCalloc1((size_t)fm->walls->nplane[d], &f->plane));
  PetscFunctionReturn(0);
}

static PetscErrorCode DestroyFormula(Formula *f) {
  PetscFunctionBegin;
  if (f->tape) RhoTapeDestroy(&f->tape);
  PetscCall(PetscFree(f->plane));
  PetscFunctionReturn(0);
}

/* at: fields at the wall [nfield][nplane], then variations; NULL where the formula has none of them */
static PetscErrorCode EvalFormula(RhoFieldModel fm, Formula *f, int d, int side, const PetscReal *u,
                                  const PetscReal *v) {
  PetscInt n = fm->walls->nplane[d];
  int nf = fm->eq->nfield, nin = 0;
  const double **in;
  double *out[1] = {f->plane};
  long *stride;
  PetscFunctionBegin;
  PetscCall(PetscMalloc2((size_t)(3 * RHO_MAXDIM + 2 * nf), &in, (size_t)(3 * RHO_MAXDIM + 2 * nf), &stride));
  for (int c = 0; c < fm->ncoordinate; c++) in[nin++] = fm->walls->place[d][side][c];
  for (int i = 0; i < 2 * nf; i++) {
    const PetscReal *x = i < nf ? u : v;
    in[nin++] = x ? x + (i % nf) * n : fm->walls->place[d][side][0];
  }
  for (int k = 0; k < nin; k++) stride[k] = 1;
  RhoTapeEval(f->tape, n, in, stride, out, NULL);
  f->set = PETSC_TRUE;
  PetscCall(PetscFree2(in, stride));
  PetscFunctionReturn(0);
}

static void BindTime(RhoFieldModel fm, Formula *f, PetscReal t) {
  if (!f->timed) return;
  fm->value[fm->eq->model->nparameter + 1] = t;
  RhoTapeBind(f->tape, fm->value);
}

/* ---- fields at a wall ---- */

static PetscErrorCode AtWall(RhoFieldModel fm, const PetscScalar *local, int d, int side, PetscReal *at) {
  RhoGrid grid = fm->grid;
  PetscInt n = fm->walls->nplane[d], nf = grid->nfield,
           stride[RHO_MAXDIM] = {1, grid->gcount[0], grid->gcount[0] * grid->gcount[1]};
  PetscInt inside = side ? grid->halo + grid->count[d] - 1 : grid->halo, ghost = side ? inside + 1 : inside - 1;
  int e[2];
  PetscFunctionBegin;
  Others(d, e);
  for (PetscInt p = 0; p < n; p++) {
    PetscInt cell = p % grid->gcount[e[0]] * stride[e[0]] + p / grid->gcount[e[0]] * stride[e[1]];
    for (PetscInt i = 0; i < nf; i++)
      at[i * n + p] = 0.5 * (local[(cell + inside * stride[d]) * nf + i] + local[(cell + ghost * stride[d]) * nf + i]);
  }
  PetscFunctionReturn(0);
}

/* ---- in words ---- */

/* Cell p of a plane: is it one of this rank's, and its place along the plane's dimensions? */
static PetscBool IsOwned(RhoGrid grid, int d, PetscInt p) {
  int e[2];
  Others(d, e);
  for (int k = 0; k < 2; k++) {
    PetscInt i = k ? p / grid->gcount[e[0]] : p % grid->gcount[e[0]], first = grid->start[e[k]] - grid->gstart[e[k]];
    if (i < first || i >= first + grid->count[e[k]]) return PETSC_FALSE;
  }
  return PETSC_TRUE;
}

static void Describe(RhoFieldModel fm, int i, int d, int side, const Formula *f, const char *what, PetscInt p,
                     RhoText text) {
  const RhoModel model = fm->eq->model;
  const RhoMesh *mesh = &fm->grid->mesh;
  RhoTextAdd(text, "the %s of %s at ", what, model->field[i].name);
  for (int k = 0; k < mesh->ndimension; k++)
    RhoTextAdd(text, "%s%s = %.6g", k ? ", " : "", mesh->dimension[k].name, fm->walls->place[d][side][2 * k][p]);
  RhoTextAdd(text, " is %g: ", isnan(f->plane[p]) ? NAN : f->plane[p]);
  RhoGraphPrint(fm->graph, f->node, text, RhoOperandName, fm->eq);
  for (int k = 0; k < model->nfield; k++)
    if (fm->walls->at[d][side] && RhoGraphDependsOn(fm->graph, f->node, 1, &model->field[k].symbol))
      RhoTextAdd(text, ", %s = %.9g", model->field[k].name, fm->walls->at[d][side][k * fm->walls->nplane[d] + p]);
}

static PetscBool IsBad(RhoFieldModel fm, int i, int d, int side, PetscBool flux, RhoText text) {
  const Wall *wall = &fm->walls->wall[Index(i, d, side)];
  const Formula *f = flux ? &wall->flux : &wall->ghost;
  RhoGrid grid = fm->grid;
  PetscBool mine = (PetscBool)(side ? grid->start[d] + grid->count[d] == grid->n[d] : grid->start[d] == 0);
  for (PetscInt p = 0; f->set && mine && p < fm->walls->nplane[d]; p++) {
    if (isfinite(f->plane[p]) || !IsOwned(grid, d, p)) continue;
    Describe(fm, i, d, side, f,
             flux                                                   ? "flux"
             : RHO_CONDITION(fm->eq->model, i, d, side)->value >= 0 ? "value"
                                                                    : "slope",
             p, text);
    return PETSC_TRUE;
  }
  return PETSC_FALSE;
}

PetscBool rho_walls_explain(RhoFieldModel fm, PetscBool flux, RhoText text) {
  for (int i = 0; i < fm->eq->nfield; i++)
    for (int d = 0; d < RHO_MAXDIM; d++)
      for (int side = 0; side < 2; side++)
        if (IsBad(fm, i, d, side, flux, text)) return PETSC_TRUE;
  return PETSC_FALSE;
}

/* ---- what is used ---- */

PetscErrorCode rho_walls_update(RhoFieldModel fm, PetscReal t) {
  PetscFunctionBegin;
  if (!fm->walls->any) PetscFunctionReturn(0);
  for (int i = 0; i < fm->eq->nfield; i++)
    for (int d = 0; d < RHO_MAXDIM; d++)
      for (int side = 0; side < 2; side++) {
        Formula *f = &fm->walls->wall[Index(i, d, side)].ghost;
        if (!f->tape || (f->set && !f->timed)) continue;
        BindTime(fm, f, t);
        PetscCall(EvalFormula(fm, f, d, side, NULL, NULL));
      }
  PetscFunctionReturn(0);
}

/* Are the ghosts there those of u?  From now on they are.  PETSc counts the changes of a vector, on all ranks alike. */
static PetscErrorCode Framed(RhoFieldModel fm, Vec u, PetscBool *framed) {
  PetscObjectId id = 0;
  PetscObjectState state = 0;
  PetscFunctionBegin;
  PetscCall(PetscObjectGetId((PetscObject)u, &id));
  PetscCall(PetscObjectStateGet((PetscObject)u, &state));
  *framed = (PetscBool)(id == fm->framed && state == fm->framed_as);
  fm->framed = id;
  fm->framed_as = state;
  PetscFunctionReturn(0);
}

PetscErrorCode rho_walls_frame(RhoFieldModel fm, PetscReal t, Vec u) {
  PetscBool framed = PETSC_FALSE;
  PetscFunctionBegin;
  PetscCall(Framed(fm, u, &framed));
  if (framed && !fm->walls->any) PetscFunctionReturn(0); /* conditions may follow the time */
  PetscCall(rho_walls_update(fm, t));
  PetscCall(RhoGridFrameBy(fm->grid, fm->grid->da, rho_walls_rule(fm), u, fm->ulocal));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_walls_local(RhoFieldModel fm, PetscReal t, Vec u) {
  PetscBool framed;
  PetscFunctionBegin;
  PetscCall(Framed(fm, u, &framed));
  PetscCall(rho_walls_update(fm, t));
  PetscCall(RhoGridGlobalToLocalBy(fm->grid, fm->grid->da, rho_walls_rule(fm), u, fm->ulocal));
  PetscFunctionReturn(0);
}

/* The given fluxes, about the state in a ghosted vector. */
PetscErrorCode rho_walls_fluxes(RhoFieldModel fm, PetscReal t, Vec local) {
  const PetscScalar *u;
  PetscFunctionBegin;
  if (!fm->walls->any) PetscFunctionReturn(0);
  PetscCall(VecGetArrayRead(local, &u));
  for (int d = 0; d < RHO_MAXDIM; d++)
    for (int side = 0; side < 2; side++) {
      if (fm->walls->at[d][side]) PetscCall(AtWall(fm, u, d, side, fm->walls->at[d][side]));
      for (int i = 0; i < fm->eq->nfield; i++) {
        Formula *f = &fm->walls->wall[Index(i, d, side)].flux;
        if (!f->tape || (f->set && !f->timed && !f->of_fields)) continue;
        BindTime(fm, f, t);
        PetscCall(EvalFormula(fm, f, d, side, fm->walls->at[d][side], NULL));
      }
    }
  PetscCall(VecRestoreArrayRead(local, &u));
  PetscFunctionReturn(0);
}

/* ---- variations of the given fluxes ---- */

struct FvWallTangent_s {
  Formula *formula; /* [nfield][RHO_MAXDIM][2] */
  FvWallFlux *flux;
  PetscReal *u[RHO_MAXDIM][2], *v[RHO_MAXDIM][2];
  PetscBool any;
};

PetscErrorCode rho_wall_tangent_create(RhoFieldModel fm, FvWallTangent *out) {
  FvWalls walls = fm->walls;
  FvWallTangent t;
  int nf = fm->eq->nfield;
  PetscFunctionBegin;
  PetscCall(PetscNew(&t));
  *out = t;
  PetscCall(PetscCalloc2((size_t)nf * RHO_MAXDIM * 2, &t->formula, (size_t)nf * RHO_MAXDIM * 2, &t->flux));
  RhoNode *field = RhoArenaAlloc(fm->arena, sizeof(RhoNode) * (size_t)nf);
  for (int i = 0; i < nf; i++) field[i] = fm->eq->model->field[i].symbol;
  for (int i = 0; i < nf; i++)
    for (int d = 0; d < RHO_MAXDIM; d++)
      for (int side = 0; side < 2; side++) {
        size_t k = Index(i, d, side);
        t->flux[k].kind = walls->wall[k].kind == FV_WALL_GIVEN ? FV_WALL_CLOSED : walls->wall[k].kind;
        if (!walls->wall[k].flux.of_fields) continue;
        RhoNode differential =
            RhoGraphDifferential(fm->graph, walls->wall[k].flux.node, nf, field, fm->eq->variation, 0);
        if (differential < 0) continue;
        PetscCall(CreateFormula(fm, differential, d, &t->formula[k]));
        t->flux[k] = (FvWallFlux){FV_WALL_GIVEN, t->formula[k].plane};
        t->any = PETSC_TRUE;
        for (int v = 0; v < 2; v++) {
          PetscReal **at = v ? &t->v[d][side] : &t->u[d][side];
          if (!*at) PetscCall(PetscCalloc1((size_t)(nf * walls->nplane[d]), at));
        }
      }
  PetscFunctionReturn(0);
}

PetscErrorCode rho_wall_tangent_destroy(RhoFieldModel fm, FvWallTangent *out) {
  FvWallTangent t = *out;
  PetscFunctionBegin;
  if (!t) PetscFunctionReturn(0);
  for (int k = 0; k < fm->eq->nfield * RHO_MAXDIM * 2; k++) PetscCall(DestroyFormula(&t->formula[k]));
  for (int d = 0; d < RHO_MAXDIM; d++)
    for (int side = 0; side < 2; side++) {
      PetscCall(PetscFree(t->u[d][side]));
      PetscCall(PetscFree(t->v[d][side]));
    }
  PetscCall(PetscFree2(t->formula, t->flux));
  PetscCall(PetscFree(*out));
  PetscFunctionReturn(0);
}

const FvWallFlux *rho_wall_tangent_flux(FvWallTangent t) { return t->flux; }
PetscBool rho_wall_tangent_any(FvWallTangent t) { return t->any; }

static PetscErrorCode Gather(RhoFieldModel fm, Vec local, PetscReal *at[RHO_MAXDIM][2]) {
  const PetscScalar *x;
  PetscFunctionBegin;
  PetscCall(VecGetArrayRead(local, &x));
  for (int d = 0; d < RHO_MAXDIM; d++)
    for (int side = 0; side < 2; side++)
      if (at[d][side]) PetscCall(AtWall(fm, x, d, side, at[d][side]));
  PetscCall(VecRestoreArrayRead(local, &x));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_wall_tangent_set(RhoFieldModel fm, FvWallTangent t, PetscReal time, Vec ulocal) {
  PetscFunctionBegin;
  if (!t->any) PetscFunctionReturn(0);
  PetscCall(Gather(fm, ulocal, t->u));
  for (int k = 0; k < fm->eq->nfield * RHO_MAXDIM * 2; k++) BindTime(fm, &t->formula[k], time);
  PetscFunctionReturn(0);
}

PetscErrorCode rho_wall_tangent_apply(RhoFieldModel fm, FvWallTangent t, Vec vlocal) {
  PetscFunctionBegin;
  if (!t->any) PetscFunctionReturn(0);
  PetscCall(Gather(fm, vlocal, t->v));
  for (int i = 0; i < fm->eq->nfield; i++)
    for (int d = 0; d < RHO_MAXDIM; d++)
      for (int side = 0; side < 2; side++)
        if (t->formula[Index(i, d, side)].tape)
          PetscCall(EvalFormula(fm, &t->formula[Index(i, d, side)], d, side, t->u[d][side], t->v[d][side]));
  PetscFunctionReturn(0);
}

/* ---- agreement with the mesh ---- */

static void Report(RhoDiag diag, RhoDiagId id, const RhoCondition *c, const char *text, const char *name,
                   const char *hint) {
  RhoDiagReport(diag, id, c->place, text, name);
  RhoDiagHint(diag, "%s", hint);
}

/* Does a flux of the field along d appear in the equations? */
static PetscBool Flows(RhoEquations eq, int i, int d) {
  for (int k = 0; k < eq->equation[i].nterm; k++)
    if (eq->equation[i].term[k].direction < 0 || eq->equation[i].term[k].direction == d) return PETSC_TRUE;
  return PETSC_FALSE;
}

/* Derivatives of field i that the node takes, at most; what a convolution or integral reaches has none.  -1: it does
   not depend on the field.  order[graph size]: of all nodes. */
static void DerivativeOrders(RhoEquations eq, int i, int *order) {
  for (RhoNode n = 0; n < RhoGraphSize(eq->graph); n++) {
    RhoNodeInfo info = RhoGraphNode(eq->graph, n);
    bool apply = info.kind == RHO_APPLY;
    int more = !apply ? 0 : info.code == RHO_OP_LAP || info.code == RHO_OP_DIVGRAD ? 2 : 1;
    order[n] = n == eq->model->field[i].symbol ? 0 : -1;
    if (apply && (RHO_GLOBAL_OPERATORS >> info.code & 1u)) continue;
    for (int k = 0; k < info.narg; k++)
      if (order[info.arg[k]] >= 0) order[n] = PetscMax(order[n], order[info.arg[k]] + more);
  }
}

/* Does the equation of field i take two conditions on it?  Its flux has more than first derivatives of it then. */
static PetscBool TakesTwo(RhoEquations eq, int i) {
  int *order = RhoArenaAlloc(eq->model->arena, sizeof(int) * (size_t)(RhoGraphSize(eq->graph) + 1)), most = 0;
  DerivativeOrders(eq, i, order);
  for (int k = 0; k < eq->equation[i].nterm; k++) {
    const RhoTerm *term = &eq->equation[i].term[k];
    if (term->coef >= 0) most = PetscMax(most, order[term->coef]);
    if (term->arg >= 0 && order[term->arg] >= 0) most = PetscMax(most, order[term->arg] + 1);
  }
  return (PetscBool)(most > 1);
}

static PetscBool AgreeHere(const RhoMesh *mesh, int d, const char *name, const RhoCondition *c, PetscBool two,
                           RhoDiag diag) {
  if (c->place.source < 0) return PETSC_TRUE;
  if (d >= mesh->ndimension)
    Report(diag, RHO_ID_BOUNDARY_PERIODIC, c, "the mesh has no dimension '%s', of whose walls something is said", name,
           "leave it out, or give the mesh this dimension");
  else if (mesh->dimension[d].boundary == RHO_PERIODIC)
    Report(diag, RHO_ID_BOUNDARY_PERIODIC, c, "the mesh is periodic in '%s' and has no walls there", name,
           "boundary: wall in the mesh");
  else if (mesh->dimension[d].mirror)
    Report(diag, RHO_ID_BOUNDARY_CONFLICT, c, "the walls of '%s' mirror another dimension, nothing else holds there",
           name, "boundary: wall in the mesh, or no condition");
  else if (!two && c->flux >= 0 && (c->value >= 0 || c->slope >= 0))
    Report(diag, RHO_ID_BOUNDARY_ORDER, c, "two conditions at a wall of '%s', but the equation takes one", name,
           "only equations of fourth order take a value or slope beside a flux");
  else return PETSC_TRUE;
  return PETSC_FALSE;
}

PetscBool rho_walls_agree(RhoEquations eq, const RhoMesh *mesh, RhoDiag diag) {
  for (int i = 0; i < eq->nfield; i++)
    for (int d = 0; d < RHO_MAXDIM; d++)
      for (int side = 0; side < 2; side++) {
        const RhoCondition *c = RHO_CONDITION(eq->model, i, d, side);
        PetscBool two = (PetscBool)(c->flux >= 0 && TakesTwo(eq, i));
        if (c->flux >= 0 && !Flows(eq, i, d)) {
          Report(diag, RHO_ID_BOUNDARY_ORDER, c, "'%s' has no flux in its equation, so none can be given at a wall",
                 eq->model->field[i].name, "a value, or a slope");
          return PETSC_FALSE;
        }
        if (!AgreeHere(mesh, d, d < mesh->ndimension ? mesh->dimension[d].name : eq->model->dimension[d], c, two, diag))
          return PETSC_FALSE; /* one report: both sides and all fields often share a line */
      }
  return PETSC_TRUE;
}

/* ---- life ---- */

static RhoGhostRule RuleOf(PetscBool fourth, const RhoCondition *c, const PetscReal *plane) {
  if (c->value >= 0) return (RhoGhostRule){RHO_GHOST_ODD, plane};
  if (c->slope >= 0) return (RhoGhostRule){RHO_GHOST_EVEN, plane};
  if (c->flux >= 0 && !fourth) return (RhoGhostRule){RHO_GHOST_EXTRAPOLATED, NULL};
  return (RhoGhostRule){RHO_GHOST_EVEN, NULL};
}

static FvWallKind KindOf(PetscBool fourth, const RhoCondition *c) {
  if (c->flux >= 0) return FV_WALL_GIVEN;
  if (c->value >= 0 || (c->slope >= 0 && !fourth)) return FV_WALL_OPEN;
  return FV_WALL_CLOSED;
}

PetscBool rho_walls_beyond(RhoFieldModel fm, int d, int side) {
  if (!IsWall(fm, d)) return PETSC_FALSE;
  for (int i = 0; i < fm->eq->nfield; i++)
    if (KindOf(TakesTwo(fm->eq, i), RHO_CONDITION(fm->eq->model, i, d, side)) == FV_WALL_OPEN) return PETSC_TRUE;
  return PETSC_FALSE;
}

static PetscErrorCode CreateWall(RhoFieldModel fm, int i, int d, int side) {
  FvWalls walls = fm->walls;
  size_t k = Index(i, d, side);
  const RhoCondition *c = RHO_CONDITION(fm->eq->model, i, d, side);
  Wall *wall = &walls->wall[k];
  PetscFunctionBegin;
  wall->ghost.node = wall->flux.node = RHO_NONE;
  if (!IsWall(fm, d)) PetscFunctionReturn(0);
  if (fm->grid->mesh.dimension[d].mirror) {
    wall->kind = FV_WALL_MIRROR;
    walls->local[k].kind = RHO_GHOST_ZERO;
  }
  walls->flux[k].kind = wall->kind;
  walls->any = (PetscBool)(walls->any || wall->kind == FV_WALL_MIRROR || c->place.source >= 0);
  if (c->place.source < 0) PetscFunctionReturn(0);
  PetscCall(CreateFormula(fm, c->value >= 0 ? c->value : c->slope, d, &wall->ghost));
  PetscCall(CreateFormula(fm, c->flux, d, &wall->flux));
  PetscBool fourth = TakesTwo(fm->eq, i);
  wall->kind = KindOf(fourth, c);
  walls->flux[k] = (FvWallFlux){wall->kind, wall->flux.plane};
  walls->rule[k] = RuleOf(fourth, c, wall->ghost.plane);
  walls->linear[k].kind = walls->local[k].kind = walls->rule[k].kind;
  if (wall->flux.of_fields && !walls->at[d][side])
    PetscCall(PetscCalloc1((size_t)(fm->eq->nfield * walls->nplane[d]), &walls->at[d][side]));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_walls_create(RhoFieldModel fm) {
  size_t n = Index(fm->eq->nfield, 0, 0);
  FvWalls walls;
  PetscFunctionBegin;
  PetscCall(PetscNew(&walls));
  fm->walls = walls;
  PetscCall(PetscCalloc5(n, &walls->wall, n, &walls->rule, n, &walls->linear, n, &walls->local, n, &walls->flux));
  for (int d = 0; d < fm->grid->mesh.ndimension; d++) {
    int e[2];
    if (!IsWall(fm, d)) continue;
    Others(d, e);
    walls->nplane[d] = fm->grid->gcount[e[0]] * fm->grid->gcount[e[1]];
    for (int side = 0; side < 2; side++) PetscCall(PlacePlane(fm, d, side));
  }
  for (int i = 0; i < fm->eq->nfield; i++)
    for (int d = 0; d < RHO_MAXDIM; d++)
      for (int side = 0; side < 2; side++) PetscCall(CreateWall(fm, i, d, side));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_walls_destroy(RhoFieldModel fm) {
  FvWalls walls = fm->walls;
  PetscFunctionBegin;
  if (!walls) PetscFunctionReturn(0);
  for (size_t k = 0; k < Index(fm->eq->nfield, 0, 0); k++) {
    PetscCall(DestroyFormula(&walls->wall[k].ghost));
    PetscCall(DestroyFormula(&walls->wall[k].flux));
  }
  for (int d = 0; d < RHO_MAXDIM; d++)
    for (int side = 0; side < 2; side++) {
      PetscCall(PetscFree(walls->at[d][side]));
      for (int k = 0; k < 3 * RHO_MAXDIM; k++) PetscCall(PetscFree(walls->place[d][side][k]));
    }
  PetscCall(PetscFree5(walls->wall, walls->rule, walls->linear, walls->local, walls->flux));
  PetscCall(PetscFree(fm->walls));
  PetscFunctionReturn(0);
}
