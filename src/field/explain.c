/* explain.c - where a state leaves the domain of a formula, and with which values: the residual again, cell by cell, by
 * plain recursion. */
#include "field_private.h"
#include "loops.h"
#include "spectral.h"
#include <math.h>

typedef struct {
  RhoFieldModel fm;
  PetscInt p;           /* ghosted index of the cell */
  const PetscScalar *u; /* spectral: the state, */
  PetscInt point;       /* ... the owned cell, the only one, */
  int level;            /* ... and what is evaluated by now */
  RhoNode bad;          /* innermost offender and its cell */
  PetscInt badp;
} Reader;

static double ValueAt(Reader *r, RhoNode node, PetscInt p);

/* a local operator from its arguments in the neighbours */
static double OperatorAt(Reader *r, RhoNodeInfo n, PetscInt p) {
  double sum = 0;
  for (int d = 0; d < r->fm->grid->mesh.ndimension; d++) {
    PetscInt j = r->fm->stride[d];
    PetscInt i = p / j % r->fm->grid->gcount[d];
    const PetscReal *distance = RhoGridDistance(r->fm->grid, d) + i;
    double h = RhoGridWidth(r->fm->grid, d)[i], left = 1 / (h * distance[-1]), right = 1 / (h * distance[0]), a[3],
           b[3];
    if (n.code == RHO_OP_DIFF && d != n.attr) continue;
    for (int k = 0; k < 3; k++) {
      a[k] = ValueAt(r, n.arg[0], p + (k - 1) * j);
      b[k] = n.narg > 1 ? ValueAt(r, n.arg[1], p + (k - 1) * j) : 0;
    }
    if (n.code == RHO_OP_LAP) sum += right * (a[2] - a[1]) - left * (a[1] - a[0]);
    if (n.code == RHO_OP_DIFF) sum += (a[2] - a[0]) / (2 * h);
    if (n.code == RHO_OP_GDOT)
      sum += (right * (a[2] - a[1]) * (b[2] - b[1]) + left * (a[1] - a[0]) * (b[1] - b[0])) / 2;
    if (n.code == RHO_OP_DIVGRAD)
      sum += (right * (a[2] + a[1]) * (b[2] - b[1]) - left * (a[1] + a[0]) * (b[1] - b[0])) / 2;
  }
  return sum;
}

static double LeafValue(RhoGraph graph, RhoNode node, void *ctx) {
  Reader *r = ctx;
  RhoFieldModel fm = r->fm;
  RhoNodeInfo info = RhoGraphNode(graph, node);
  double known = fm->spectral ? rho_sp_leaf(&fm->spectral->residual, r->u, node, r->point) : NAN;
  if (!isnan(known)) return known;
  int a = node < fm->residual.graphsize ? fm->residual.array_of[node] : -1;
  if (a >= 0 && fm->residual.array[a].data) return fm->residual.array[a].data[r->p * fm->residual.array[a].stride];
  if (info.kind == RHO_APPLY && !fm->spectral) return OperatorAt(r, info, r->p);
  for (int k = 0; k < fm->nuniform; k++)
    if (fm->uniform[k] == node) return fm->value[k];
  return NAN;
}

static double ValueAt(Reader *r, RhoNode node, PetscInt p) {
  PetscInt before = r->p;
  RhoNode bad = RHO_NONE;
  r->p = p;
  double value = RhoGraphValue(r->fm->graph, node, LeafValue, r, &bad);
  if (bad >= 0 && r->bad < 0) {
    r->bad = bad;
    r->badp = p;
  }
  r->p = before;
  return value;
}

/* first owned cell whose residual is not finite; -1 */
static PetscErrorCode FirstBad(RhoFieldModel fm, Vec F, PetscInt *cell) {
  const PetscScalar *f;
  PetscInt nf = fm->grid->nfield;
  PetscFunctionBegin;
  *cell = -1;
  PetscCall(VecGetArrayRead(F, &f));
  for (PetscInt k = 0; k < fm->grid->nowned * nf && *cell < 0; k++)
    if (!(PetscAbsReal(f[k]) <= RHO_LARGEST_RATE)) *cell = k / nf;
  PetscCall(VecRestoreArrayRead(F, &f));
  PetscFunctionReturn(0);
}

static PetscInt Ghosted(RhoGrid grid, PetscInt cell) {
  PetscInt p = 0, stride = 1;
  for (int d = 0; d < grid->mesh.ndimension; d++) {
    p += (cell % grid->count[d] + grid->halo) * stride;
    cell /= grid->count[d];
    stride *= grid->gcount[d];
  }
  return p;
}

static void Where(RhoFieldModel fm, PetscInt p, RhoText text) {
  RhoGrid grid = fm->grid;
  for (int d = 0; d < grid->mesh.ndimension; d++) {
    RhoTextAdd(text, "%s%s = %.6g", d ? ", " : "", grid->mesh.dimension[d].name,
               (double)RhoGridCoordinate(grid, d)[p % grid->gcount[d]]);
    p /= grid->gcount[d];
  }
}

/* Does it stand beyond a wall, where a value or slope makes the fields what they are? */
static bool IsBeyondWall(RhoFieldModel fm, PetscInt p) {
  RhoGrid grid = fm->grid;
  bool beyond = false;
  for (int d = 0; d < grid->mesh.ndimension; d++) {
    PetscInt i = grid->gstart[d] + p % grid->gcount[d];
    beyond = beyond || (grid->mesh.dimension[d].boundary == RHO_WALL && (i < 0 || i >= grid->n[d]));
    p /= grid->gcount[d];
  }
  return beyond;
}

/* Is it the logarithm that a fitted flux does without? */
static bool IsOfFitted(RhoFieldModel fm, RhoNode node) {
  for (int i = 0; i < fm->eq->nfield; i++)
    for (int k = 0; k < fm->eq->equation[i].nterm; k++)
      if (rho_face_logarithm(fm, &fm->eq->equation[i].term[k]) == node) return true;
  return false;
}

static void Describe(Reader *r, RhoText text) {
  RhoFieldModel fm = r->fm;
  RhoNodeInfo info = RhoGraphNode(fm->graph, r->bad);
  if (info.place.source >= 0) {
    int line, column;
    RhoDiagLineColumn(fm->eq->model->diag, info.place, &line, &column);
    RhoTextAdd(text, "%s:%d:%d: ", RhoDiagSourceName(fm->eq->model->diag, info.place.source), line, column);
  }
  RhoGraphPrint(fm->graph, r->bad, text, RhoOperandName, fm->eq);
  double value = ValueAt(r, r->bad, r->badp);
  RhoTextAdd(text, " is %g %s ", isnan(value) ? (double)NAN : value, /* never "-nan" */
             IsBeyondWall(fm, r->badp) ? "beyond the wall at" : "at");
  Where(fm, r->badp, text);
  for (int k = 0; k < info.narg; k++) {
    RhoTextAdd(text, k ? ", " : ": ");
    RhoGraphPrint(fm->graph, info.arg[k], text, RhoOperandName, fm->eq);
    RhoTextAdd(text, " = %.9g", ValueAt(r, info.arg[k], r->badp));
  }
  if (IsOfFitted(fm, r->bad)) RhoTextAdd(text, "; a field under a logarithm is best declared density");
}

/* every formula that the residual of cell p reads there: those computed, and the logarithms of fitted fluxes */
static void SearchCell(Reader *r, PetscInt p) {
  const FvProgram *g = &r->fm->residual;
  const RhoEquations eq = r->fm->eq;
  for (int k = 0; k < g->ntarget && r->bad < 0; k++)
    if (g->target[k] >= 0) (void)ValueAt(r, g->array[g->target[k]].node, p);
  for (int i = 0; i < eq->nfield; i++)
    for (int k = 0; k < eq->equation[i].nterm && r->bad < 0; k++) {
      RhoNode logarithm = rho_face_logarithm(r->fm, &eq->equation[i].term[k]);
      if (logarithm >= 0 && ValueAt(r, eq->equation[i].term[k].density, p) < 0) (void)ValueAt(r, logarithm, p);
    }
}

/* the same of the spectral residual, in its one cell */
static void SearchPoint(Reader *r, PetscInt p) {
  const SpProgram *g = &r->fm->spectral->residual;
  for (int k = 0; k < g->natom && r->bad < 0; k++)
    if (g->atom[k].level <= r->level) (void)ValueAt(r, g->atom[k].node, p);
}

/* in the cell and its neighbours, until one is found */
static void Search(Reader *r, PetscInt p) {
  if (r->fm->spectral) {
    SearchPoint(r, p);
    return;
  }
  for (int d = -1; d < r->fm->grid->mesh.ndimension && r->bad < 0; d++)
    for (int side = -1; side <= 1 && r->bad < 0; side += 2) SearchCell(r, d < 0 ? p : p + side * r->fm->stride[d]);
}

/* line[n]: the words, cut to fit */
static PetscErrorCode ExplainHere(Reader *reader, PetscInt cell, RhoArena arena, char *line, size_t n) {
  RhoFieldModel fm = reader->fm;
  Reader r = *reader;
  PetscFunctionBegin;
  if (setjmp(*RhoArenaGuard(arena))) SETERRQ(fm->grid->comm, PETSC_ERR_MEM, "no memory for words");
  RhoText text = RhoTextCreate(arena);
  PetscBool known = rho_walls_explain(fm, PETSC_FALSE, text);
  if (!known) Search(&r, Ghosted(fm->grid, cell));
  if (r.bad >= 0) Describe(&r, text);
  else if (!known && !rho_walls_explain(fm, PETSC_TRUE, text)) {
    RhoTextAdd(text, "the fields grow without bound at ");
    Where(fm, Ghosted(fm->grid, cell), text);
  }
  PetscCall(PetscStrncpy(line, RhoTextGet(text), n));
  PetscFunctionReturn(0);
}

/* The first cell of this rank where the residual has no value, -1: none. */
static PetscErrorCode FindCell(Reader *reader, PetscReal t, Vec u, PetscInt *cell) {
  RhoFieldModel fm = reader->fm;
  Vec F;
  PetscFunctionBegin;
  if (fm->spectral) {
    PetscCall(rho_sp_outside(&fm->spectral->residual, t, u, &reader->level, cell));
    reader->point = *cell;
    PetscFunctionReturn(0);
  }
  PetscCall(VecDuplicate(u, &F));
  PetscCall(RhoResidual(fm, t, u, F));
  PetscCall(rho_walls_local(fm, t, u));
  PetscCall(FirstBad(fm, F, cell));
  PetscCall(VecDestroy(&F));
  PetscFunctionReturn(0);
}

static PetscErrorCode Explain(Reader *reader, Vec u, PetscInt cell, char *line, size_t n) {
  RhoArena arena = RhoArenaCreate();
  PetscFunctionBegin;
  PetscCheck(arena, reader->fm->grid->comm, PETSC_ERR_MEM, "no memory for words");
  PetscCall(VecGetArrayRead(u, &reader->u));
  PetscCall(ExplainHere(reader, cell, arena, line, n));
  PetscCall(VecRestoreArrayRead(u, &reader->u));
  RhoArenaDestroy(&arena);
  PetscFunctionReturn(0);
}

PetscErrorCode RhoFieldExplain(RhoFieldModel fm, PetscReal t, Vec u, const char **text) {
  Reader reader = {.fm = fm, .bad = RHO_NONE};
  PetscInt cell;
  PetscMPIInt first, mine;
  char line[512] = "";
  PetscFunctionBegin;
  PetscCall(FindCell(&reader, t, u, &cell));
  mine = cell < 0 ? fm->grid->size : fm->grid->rank;
  PetscCallMPI(MPI_Allreduce(&mine, &first, 1, MPI_INT, MPI_MIN, fm->grid->comm));
  if (first == fm->grid->size) PetscCall(PetscStrncpy(line, "every formula is finite", sizeof line));
  else {
    if (first == fm->grid->rank) PetscCall(Explain(&reader, u, cell, line, sizeof line));
    PetscCallMPI(MPI_Bcast(line, (PetscMPIInt)sizeof line, MPI_CHAR, first, fm->grid->comm));
  }
  PetscCall(PetscStrncpy(fm->explanation, line, sizeof line));
  *text = fm->explanation;
  PetscFunctionReturn(0);
}
