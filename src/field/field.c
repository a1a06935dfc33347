/* field.c - a model on a grid: what its programs share, and the residual. */
#include "field_private.h"
#include <string.h>

/* ---- all that the equations are made from ---- */

typedef struct {
  int n, *margin; /* [n] layers of ghosts in which it is needed */
  RhoNode *node;  /* [n] RHO_NONE allowed */
} Roots;

static void AddRoot(Roots *roots, RhoNode node, int margin) {
  roots->node[roots->n] = node;
  roots->margin[roots->n++] = margin;
}

static Roots AllRoots(RhoEquations eq) {
  RhoArena arena = eq->model->arena;
  size_t room = 1 + (size_t)eq->nexchange + (size_t)eq->nfield;
  for (int i = 0; i < eq->nfield; i++) room += 3 * (size_t)eq->equation[i].nterm + (size_t)eq->model->field[i].nnoise;
  Roots roots = {0, RhoArenaAlloc(arena, room * sizeof(int)), RhoArenaAlloc(arena, room * sizeof(RhoNode))};
  for (int i = 0; i < eq->nfield; i++) {
    AddRoot(&roots, eq->equation[i].source, 0);
    for (int k = 0; k < eq->equation[i].nterm; k++) {
      AddRoot(&roots, eq->equation[i].term[k].coef, 1);
      AddRoot(&roots, eq->equation[i].term[k].arg, 1);
      AddRoot(&roots, eq->equation[i].term[k].T, 1);
    }
    for (int k = 0; k < eq->model->field[i].nnoise; k++) AddRoot(&roots, eq->model->field[i].noise[k].amplitude, 1);
  }
  for (int e = 0; e < eq->nexchange; e++) AddRoot(&roots, eq->rate[e], 0);
  AddRoot(&roots, eq->model->free_energy, 0);
  return roots;
}

static int *Work(RhoEquations eq) {
  return RhoArenaAlloc(eq->model->arena, sizeof(int) * (size_t)(RhoGraphSize(eq->graph) + 1));
}

int *rho_fv_reached(RhoEquations eq) {
  Roots roots = AllRoots(eq);
  int *reached = Work(eq);
  (void)rho_fv_reach(eq->graph, roots.n, roots.node, roots.margin, reached);
  return reached;
}

PetscInt RhoFieldHalo(RhoEquations eq) {
  Roots roots = AllRoots(eq);
  return PetscMax(1, rho_fv_reach(eq->graph, roots.n, roots.node, roots.margin, Work(eq)));
}

PetscInt RhoFormulasHalo(RhoEquations eq, PetscInt n, const RhoNode *node) {
  int *margin = RhoArenaAlloc(eq->model->arena, sizeof(int) * (size_t)(n + 1));
  return rho_fv_reach(eq->graph, (int)n, node, margin, Work(eq));
}

/* ---- agreement of model and mesh ---- */

/* One more than the largest dimension that an operator, a flux or a coordinate names. */
static int HighestDimension(RhoEquations eq) {
  int highest = 0, *reached = rho_fv_reached(eq);
  for (int i = 0; i < eq->nfield; i++)
    for (int k = 0; k < eq->equation[i].nterm; k++) highest = PetscMax(highest, eq->equation[i].term[k].direction + 1);
  for (RhoNode n = 0; n < RhoGraphSize(eq->graph); n++) {
    RhoNodeInfo info = RhoGraphNode(eq->graph, n);
    bool names = info.kind == RHO_APPLY && (info.code == RHO_OP_DIFF || info.code == RHO_OP_INTEGRAL);
    if (names && reached[n] >= 0) highest = PetscMax(highest, info.attr + 1);
  }
  for (int d = 0; d < RHO_MAXDIM; d++)
    if (eq->model->coordinate[d] >= 0) highest = PetscMax(highest, d + 1);
  return highest;
}

/* "x, v" */
static const char *Listed(RhoEquations eq) {
  RhoModel model = eq->model;
  RhoText text = RhoTextCreate(model->arena);
  for (int d = 0; d < model->ndimension; d++) RhoTextAdd(text, "%s%s", d ? ", " : "", model->dimension[d]);
  return RhoTextGet(text);
}

static bool HasDimensions(RhoEquations eq, const RhoMesh *mesh, RhoDiag diag) {
  RhoModel model = eq->model;
  for (int d = 0; d < model->ndimension; d++) {
    if (d < mesh->ndimension && !strcmp(model->dimension[d], mesh->dimension[d].name)) continue;
    RhoDiagReport(diag, RHO_ID_MESH_DIMENSION, mesh->place,
                  "the mesh does not have '%s' as dimension %d, model '%s' does", model->dimension[d], d + 1,
                  model->name);
    RhoDiagHint(diag, "the model says dimensions: [%s]; the mesh has the same names in the same order", Listed(eq));
    return false;
  }
  return true;
}

static bool HasEnough(RhoEquations eq, const RhoMesh *mesh, RhoDiag diag) {
  RhoModel model = eq->model;
  int need = HighestDimension(eq), spatial = RhoMeshSpatial(mesh);
  if (need > mesh->ndimension) {
    RhoDiagReport(diag, RHO_ID_MESH_DIMENSION, mesh->place,
                  "formulas of model '%s' use '%s', the mesh has %d dimension%s", model->name,
                  model->dimension[need - 1], mesh->ndimension, mesh->ndimension == 1 ? "" : "s");
    RhoDiagHint(diag, "give the mesh %d dimensions, the last one '%s'", need, model->dimension[need - 1]);
    return false;
  }
  if (!model->dim || spatial <= model->dim) return true;
  RhoDiagReport(diag, RHO_ID_MESH_DIMENSION, mesh->place,
                "model '%s' is made for dim: %d, the mesh has %d dimensions of space", model->name, model->dim,
                spatial);
  RhoDiagHint(diag, "a mesh has as many as the model, or fewer (states that are uniform along the others)");
  return false;
}

static bool HasCells(const RhoMesh *mesh, PetscInt halo, RhoDiag diag) {
  bool enough = true;
  for (int d = 0; d < mesh->ndimension; d++) {
    const RhoDimension *m = &mesh->dimension[d];
    if (m->ncell >= halo) continue;
    RhoDiagReport(diag, RHO_ID_MESH_CELLS, mesh->place.source < 0 ? mesh->place : mesh->at[d],
                  "'%s' has %d cell%s, the model's formulas reach over %d", m->name, m->ncell, m->ncell == 1 ? "" : "s",
                  (int)halo);
    RhoDiagHint(diag, "at least %d cells; leave '%s' out of the mesh if nothing depends on it", (int)halo, m->name);
    enough = false;
  }
  return enough;
}

bool RhoFormulasFit(RhoEquations eq, PetscInt n, const RhoNode *node, const RhoMesh *mesh, RhoDiag diag) {
  bool convolves = false;
  for (PetscInt k = 0; k < n; k++)
    convolves = convolves || (node[k] >= 0 && RhoGraphContainsOperator(eq->graph, node[k], RHO_OP_CONV));
  for (int d = 0; convolves && d < mesh->ndimension; d++) {
    if (!mesh->dimension[d].spatial || !mesh->dimension[d].edge) continue;
    RhoDiagReport(diag, RHO_ID_MESH_KERNEL, mesh->place.source < 0 ? mesh->place : mesh->at[d],
                  "the cells along '%s' are stretched, and model '%s' has convolutions", mesh->dimension[d].name,
                  eq->model->name);
    RhoDiagHint(diag, "conv needs cells of equal widths along the dimensions of space: leave 'spacing' out");
    return false;
  }
  return true;
}

static bool EquationsFit(RhoEquations eq, const RhoMesh *mesh, RhoDiag diag) {
  bool fit = RhoFormulasFit(eq, 1, &eq->model->free_energy, mesh, diag);
  for (int e = 0; e < eq->nexchange && fit; e++) fit = RhoFormulasFit(eq, 1, &eq->model->exchange[e].rate, mesh, diag);
  for (int i = 0; i < eq->nfield && fit; i++) {
    fit = RhoFormulasFit(eq, 1, &eq->equation[i].source, mesh, diag);
    for (int k = 0; k < eq->equation[i].nterm && fit; k++) {
      const RhoTerm *term = &eq->equation[i].term[k];
      const RhoNode node[] = {term->coef, term->arg, term->T, term->density};
      fit = RhoFormulasFit(eq, 4, node, mesh, diag);
    }
  }
  return fit;
}

bool RhoFieldFits(RhoEquations eq, const RhoMesh *mesh, PetscInt halo, RhoDiag diag) {
  bool named = HasDimensions(eq, mesh, diag) && HasEnough(eq, mesh, diag);
  return HasCells(mesh, halo, diag) && named && EquationsFit(eq, mesh, diag) && rho_walls_agree(eq, mesh, diag);
}

/* ---- shared parts ---- */

/* Lx, ... of output formulas, by the mesh's name */
static RhoNode Extent(RhoFieldModel fm, int d) {
  const RhoMesh *mesh = &fm->grid->mesh;
  const char *name = RhoArenaPrint(fm->arena, "L%s",
                                   d < mesh->ndimension ? mesh->dimension[d].name
                                   : d == 1             ? ":1"
                                                        : ":2");
  return RhoGraphSymbol(fm->graph, RHO_SYM_PARAMETER, name);
}

static void UniformSymbols(RhoFieldModel fm) {
  static const char *const name[RHO_MAXDIM] = {"1/h:0", "1/h:1", "1/h:2"};
  int n = fm->eq->nuniform;
  fm->nuniform = n + 2 * RHO_MAXDIM;
  fm->uniform = RhoArenaAlloc(fm->arena, sizeof(RhoNode) * (size_t)fm->nuniform);
  memcpy(fm->uniform, fm->eq->uniform, sizeof(RhoNode) * (size_t)n);
  for (int d = 0; d < RHO_MAXDIM; d++) {
    fm->uniform[n + d] = RhoGraphSymbol(fm->graph, RHO_SYM_PARAMETER, name[d]);
    fm->value[n + d] = 1 / fm->grid->h[d];
    fm->uniform[n + RHO_MAXDIM + d] = Extent(fm, d);
    fm->value[n + RHO_MAXDIM + d] = fm->grid->n[d] * fm->grid->h[d];
  }
}

static void Shape(RhoFieldModel fm) {
  RhoGrid grid = fm->grid;
  fm->slow = grid->mesh.ndimension - 1;
  fm->stride[0] = 1;
  fm->stride[1] = grid->gcount[0];
  fm->stride[2] = grid->gcount[0] * grid->gcount[1];
  fm->rowstride = fm->stride[fm->slow];
  fm->nrow = grid->count[0];
}

/* Coordinates of the ghosted range: mirrored ones beyond closed walls, so that formulas need not hold outside;
   true ones beyond those that are open, where potentials must have their slope. */
static void Places(RhoFieldModel fm, int d, PetscReal *along) {
  RhoGrid grid = fm->grid;
  const RhoDimension *m = &grid->mesh.dimension[d];
  const PetscReal *x = RhoGridCoordinate(grid, d);
  PetscBool below = rho_walls_beyond(fm, d, 0), above = rho_walls_beyond(fm, d, 1);
  for (PetscInt i = 0; i < grid->gcount[d]; i++) {
    PetscInt global = grid->gstart[d] + i;
    along[i] = global < 0 && below ? 2 * m->from - x[i] : global >= grid->n[d] && above ? 2 * m->to - x[i] : x[i];
  }
}

/* One more ghosted array that is along[gcount[d]] in every row; the same everywhere: of one number. */
static PetscErrorCode AddCoordinate(RhoFieldModel fm, RhoNode node, int d, const PetscReal *along, PetscBool same) {
  FvArray *array = &fm->coordinate[fm->ncoordinate++];
  PetscInt n = same ? 1 : fm->grid->nghosted;
  PetscFunctionBegin;
  *array = (FvArray){.node = node, .stride = same ? 0 : 1, .scratch = -1};
  PetscCall(PetscMalloc1((size_t)n, &array->data));
  for (PetscInt p = 0; p < n; p++) array->data[p] = along[p / fm->stride[d] % fm->grid->gcount[d]];
  PetscFunctionReturn(0);
}

/* Of the coordinates, and of the cells' widths and centres for zones: the model's formulas or those of an output may
   name them. */
static PetscErrorCode Coordinates(RhoFieldModel fm) {
  RhoGrid grid = fm->grid;
  int n = grid->mesh.ndimension;
  PetscReal *along;
  PetscFunctionBegin;
  for (int d = 0; d < n; d++) {
    const char *name = grid->mesh.dimension[d].name;
    RhoNode x = RhoGraphSymbol(fm->graph, RHO_SYM_COORDINATE, name), width = RhoCellWidth(fm->graph, name);
    PetscCall(PetscMalloc1((size_t)grid->gcount[d], &along));
    Places(fm, d, along);
    PetscCall(AddCoordinate(fm, x, d, along, PETSC_FALSE));
    PetscCall(PetscFree(along));
    PetscCall(AddCoordinate(fm, width, d, RhoGridWidth(grid, d), (PetscBool)grid->uniform[d]));
  }
  fm->nexpanded = fm->ncoordinate;
  for (int d = 0; d < n; d++) {
    FvArray *centre = &fm->coordinate[fm->ncoordinate++];
    *centre = fm->coordinate[2 * d];
    centre->node = RhoCellCentre(fm->graph, grid->mesh.dimension[d].name);
  }
  PetscFunctionReturn(0);
}

/* 1/distance and 1/width of cells, where they are not equal. */
static PetscErrorCode Stretches(RhoFieldModel fm) {
  static const char *const name[RHO_MAXDIM] = {"1/distance:0", "1/distance:1", "1/distance:2"};
  RhoGrid grid = fm->grid;
  PetscFunctionBegin;
  for (int d = 0; d < grid->mesh.ndimension; d++) {
    FvStretch *s = &fm->stretch[d];
    if (grid->uniform[d]) continue;
    s->symbol = RhoGraphSymbol(fm->graph, RHO_SYM_TRACE, name[d]);
    PetscCall(PetscMalloc2((size_t)grid->nghosted, &s->face, (size_t)grid->nghosted, &s->inside));
    for (PetscInt p = 0; p < grid->nghosted; p++) {
      PetscInt i = p / fm->stride[d] % grid->gcount[d];
      s->face[p] = 1 / RhoGridDistance(grid, d)[i];
      s->inside[p] = 1 / RhoGridWidth(grid, d)[i];
    }
  }
  PetscFunctionReturn(0);
}

/* The inputs of every program: the fields, whose ghosts are in an interleaved local vector, and the coordinates. */
PetscErrorCode rho_fv_inputs(RhoFieldModel fm, Vec local, const RhoNode *symbol, int *ninput, FvArray *input) {
  PetscScalar *data;
  int n = *ninput;
  PetscFunctionBegin;
  PetscCall(VecGetArray(local, &data));
  for (int i = 0; i < fm->eq->nfield; i++)
    input[n++] =
        (FvArray){.node = symbol[i], .data = data + i, .stride = fm->grid->nfield, .scratch = -1, .laid = PETSC_TRUE};
  PetscCall(VecRestoreArray(local, &data));
  *ninput = n;
  PetscFunctionReturn(0);
}

const RhoNode *rho_fv_field_symbols(RhoFieldModel fm) {
  RhoNode *symbol = RhoArenaAlloc(fm->arena, sizeof(RhoNode) * (size_t)fm->eq->nfield);
  for (int i = 0; i < fm->eq->nfield; i++) symbol[i] = fm->eq->model->field[i].symbol;
  return symbol;
}

/* ---- faces of a plan ---- */

static int AddDistinct(RhoNode *list, int n, RhoNode node) {
  for (int k = 0; k < n; k++)
    if (list[k] == node) return n;
  list[n] = node;
  return n + 1;
}

/* The cell nodes that face formulas read through their L and R symbols, appended to target[] with margin 1. */
void rho_fv_traces(RhoFieldModel fm, int nface, const RhoNode *face, int first, int *ntarget, RhoNode *target,
                   int *margin) {
  int size = RhoGraphSize(fm->graph), n = *ntarget;
  char *mark = RhoArenaAlloc(fm->arena, (size_t)size);
  for (int k = 0; k < nface; k++) mark[face[k]] = 1;
  for (int node = size - 1; node >= 0; node--) {
    PetscBool right;
    RhoNodeInfo info;
    if (!mark[node]) continue;
    info = RhoGraphNode(fm->graph, node);
    for (int k = 0; k < info.narg; k++) mark[info.arg[k]] = 1;
    if (rho_face_cell(fm->graph, node, &right) < 0) continue;
    n = first + AddDistinct(target + first, n - first, rho_face_cell(fm->graph, node, &right));
  }
  for (int k = *ntarget; k < n; k++) margin[k] = 1;
  *ntarget = n;
}

/* Appends the arguments of laplacians as traces. */
void rho_fv_laplacian_traces(int nlaplacian, const FvLaplacian *laplacian, int first, int *ntarget, RhoNode *target,
                             int *margin) {
  int n = *ntarget;
  for (int k = 0; k < nlaplacian; k++) n = first + AddDistinct(target + first, n - first, laplacian[k].arg);
  for (int k = *ntarget; k < n; k++) margin[k] = 1;
  *ntarget = n;
}

/* ---- residual ---- */

static void Laplacians(RhoFieldModel fm, FvPlan *plan) {
  int room = 0;
  for (int i = 0; i < fm->eq->nfield; i++) room += fm->eq->equation[i].nterm;
  plan->laplacian = RhoArenaAlloc(fm->arena, sizeof(FvLaplacian) * (size_t)(room + 1));
  for (int i = 0; i < fm->eq->nfield; i++)
    for (int k = 0; k < fm->eq->equation[i].nterm; k++) {
      const RhoTerm *term = &fm->eq->equation[i].term[k];
      if (rho_face_uniform(fm, term)) /* F = -div J */
        plan->laplacian[plan->nlaplacian++] =
            (FvLaplacian){.field = i, .coef = RhoGraph1(fm->graph, RHO_FN_NEG, term->coef), .arg = term->arg};
    }
}

PetscErrorCode rho_fv_residual_create(RhoFieldModel fm) {
  int nf = fm->eq->nfield, room = 8 * RhoGraphSize(fm->graph) + 1024, ninput = 0;
  FvPlan plan = {.sink = FV_TO_DIVERGENCE, .ntarget = nf, .nkeep = nf};
  FvArray *input = RhoArenaAlloc(fm->arena, sizeof(FvArray) * (size_t)(nf + fm->ncoordinate));
  RhoNode *target = RhoArenaAlloc(fm->arena, sizeof(RhoNode) * (size_t)room);
  int *margin = RhoArenaAlloc(fm->arena, sizeof(int) * (size_t)room);
  PetscFunctionBegin;
  PetscCall(DMCreateLocalVector(fm->grid->da, &fm->ulocal));
  PetscCall(VecSet(fm->ulocal, 1.0));
  PetscCall(rho_fv_inputs(fm, fm->ulocal, rho_fv_field_symbols(fm), &ninput, input));
  for (int c = 0; c < fm->ncoordinate; c++) input[ninput++] = fm->coordinate[c];
  for (int i = 0; i < nf; i++) target[i] = rho_source_node(fm, i);
  Laplacians(fm, &plan);
  for (int d = 0; d < fm->grid->mesh.ndimension; d++) {
    RhoNode *face = RhoArenaAlloc(fm->arena, sizeof(RhoNode) * (size_t)nf);
    int *field = RhoArenaAlloc(fm->arena, sizeof(int) * (size_t)nf);
    for (int i = 0; i < nf; i++) {
      RhoNode flux = rho_face_sum(fm, i, d);
      if (flux < 0) continue;
      face[plan.nface[d]] = flux;
      field[plan.nface[d]++] = i;
    }
    plan.face[d] = face;
    plan.face_field[d] = field;
  }
  for (int d = 0; d < fm->grid->mesh.ndimension; d++)
    rho_fv_traces(fm, plan.nface[d], plan.face[d], nf, &plan.ntarget, target, margin);
  rho_fv_laplacian_traces(plan.nlaplacian, plan.laplacian, nf, &plan.ntarget, target, margin);
  plan.ninput = ninput;
  plan.input = input;
  plan.target = target;
  plan.margin = margin;
  PetscCall(rho_fv_create(fm, &plan, &fm->residual));
  fm->residual.wall = rho_walls_flux(fm);
  fm->residual.counted = fm->counted;
  PetscFunctionReturn(0);
}

PetscErrorCode rho_fv_residual_destroy(RhoFieldModel fm) { return rho_fv_destroy(fm, &fm->residual); }

PetscErrorCode rho_fv_residual(RhoFieldModel fm, PetscReal t, Vec u, Vec F) {
  PetscFunctionBegin;
  PetscCall(rho_walls_frame(fm, t, u));
  PetscCall(rho_walls_fluxes(fm, t, fm->ulocal));
  PetscCall(rho_fv_run(fm, &fm->residual, t, u, F));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoFieldDomain(RhoFieldModel fm, PetscBool *left) {
  PetscFunctionBegin;
  *left = fm->bad;
  if (fm->grid->size > 1) PetscCallMPI(MPI_Allreduce(MPI_IN_PLACE, left, 1, MPIU_BOOL, MPI_LOR, fm->grid->comm));
  PetscFunctionReturn(0);
}

/* ---- life ---- */

static PetscErrorCode Buffers(RhoFieldModel fm) {
  PetscFunctionBegin;
  PetscCall(PetscCalloc1((size_t)(fm->eq->nuniform + 2 * RHO_MAXDIM), &fm->value));
  PetscCall(PetscCalloc1((size_t)fm->eq->model->nkernel + 1, &fm->kernel));
  PetscCall(PetscCalloc1((size_t)fm->eq->nfield, &fm->inflow));
  PetscFunctionReturn(0);
}

static PetscErrorCode Setup(RhoFieldModel fm, const double *value) {
  PetscFunctionBegin;
  if (setjmp(*RhoArenaGuard(fm->arena))) SETERRQ(fm->grid->comm, PETSC_ERR_MEM, "no memory for the model's programs");
  PetscCall(Buffers(fm));
  PetscCall(PetscArraycpy(fm->value, value, fm->eq->nuniform));
  UniformSymbols(fm);
  Shape(fm);
  PetscCall(PetscCalloc1((size_t)(fm->nrow * fm->grid->nfield), &fm->rows));
  PetscCall(Coordinates(fm));
  PetscCall(Stretches(fm));
  PetscCall(rho_walls_create(fm));
  fm->counted = rho_walls_any(fm);
  for (int c = 0; c < fm->eq->nconserved; c++) fm->counted = (PetscBool)(fm->counted || fm->eq->fed[c]);
  PetscCall(fm->reading->create(fm));
  PetscFunctionReturn(0);
}

static PetscErrorCode Create(RhoEquations eq, RhoGrid grid, const double *value, const RhoReading *reading,
                             PetscBool dealias, RhoDiag diag, RhoFieldModel *out) {
  RhoFieldModel fm;
  PetscFunctionBegin;
  *out = NULL;
  if (!RhoFieldFits(eq, &grid->mesh, grid->halo, diag)) PetscFunctionReturn(0);
  PetscCheck(grid->nfield == eq->nfield && grid->halo >= RhoFieldHalo(eq), grid->comm, PETSC_ERR_ARG_SIZ,
             "grid of %d fields and halo %d for a model of %d fields and halo %d", (int)grid->nfield, (int)grid->halo,
             eq->nfield, (int)RhoFieldHalo(eq));
  PetscCall(PetscNew(&fm));
  fm->eq = eq;
  fm->graph = eq->graph;
  fm->grid = grid;
  fm->arena = eq->model->arena;
  fm->reading = reading;
  fm->dealias = dealias;
  PetscCall(Setup(fm, value));
  *out = fm;
  PetscFunctionReturn(0);
}

PetscErrorCode RhoFieldCreate(RhoEquations eq, RhoGrid grid, const double *value, RhoDiag diag, RhoFieldModel *out) {
  PetscFunctionBegin;
  PetscCall(Create(eq, grid, value, &rho_finite_volumes, PETSC_FALSE, diag, out));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoFieldCreateSpectral(RhoEquations eq, RhoGrid grid, const double *value, PetscBool dealias,
                                      RhoDiag diag, RhoFieldModel *out) {
  PetscFunctionBegin;
  *out = NULL;
  if (!RhoSpectralFits(&grid->mesh, diag)) PetscFunctionReturn(0);
  PetscCall(Create(eq, grid, value, &rho_spectral, dealias, diag, out));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoFieldDestroy(RhoFieldModel *fmp) {
  RhoFieldModel fm = *fmp;
  PetscFunctionBegin;
  if (!fm) PetscFunctionReturn(0);
  PetscCall(rho_free_energy_destroy(fm));
  PetscCall(fm->reading->destroy(fm));
  PetscCall(rho_walls_destroy(fm));
  PetscCall(PetscFree(fm->inflow));
  for (int c = 0; c < fm->nexpanded; c++) PetscCall(PetscFree(fm->coordinate[c].data));
  for (int d = 0; d < RHO_MAXDIM; d++) PetscCall(PetscFree2(fm->stretch[d].face, fm->stretch[d].inside));
  for (int k = 0; k < fm->eq->model->nkernel; k++) PetscCall(PetscFree(fm->kernel[k]));
  PetscCall(PetscFree(fm->kernel));
  if (fm->transform) {
    PetscCall(RhoTransformFreeSpectrum(fm->transform, &fm->spectrum));
    PetscCall(RhoTransformFreeSpectrum(fm->transform, &fm->product));
    PetscCall(RhoTransformDestroy(&fm->transform));
  }
  PetscCall(PetscFree(fm->cells));
  PetscCall(PetscFree(fm->memory));
  PetscCall(PetscFree(fm->rows));
  PetscCall(PetscFree(fm->value));
  PetscCall(VecDestroy(&fm->ulocal));
  PetscCall(PetscFree(*fmp));
  PetscFunctionReturn(0);
}

RhoGrid RhoFieldGrid(RhoFieldModel fm) { return fm->grid; }
RhoEquations RhoFieldEquations(RhoFieldModel fm) { return fm->eq; }
