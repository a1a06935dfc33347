/* equations.c - the term graph of a model: potentials, terms, conserved combinations, what it depends on. */
#include "ops_private.h"
#include <string.h>

static RhoNode PotentialOf(RhoEquations eq, const RhoField *f) {
  if (f->potential >= 0 || f->mobility < 0 || eq->model->free_energy < 0) return f->potential;
  return RhoVariationalDerivative(eq, eq->model->free_energy, f->symbol);
}

static RhoStatus Potentials(RhoEquations eq, RhoDiag diag) {
  RhoStatus status = RHO_OK;
  for (int i = 0; i < eq->nfield; i++) {
    const RhoField *f = &eq->model->field[i];
    eq->equation[i].potential = PotentialOf(eq, f);
    if (eq->equation[i].potential >= 0 || f->mobility < 0) continue;
    RhoDiagReport(diag, RHO_ID_NO_POTENTIAL, f->place, "'%s' has a mobility but neither a potential nor a free_energy",
                  f->name);
    RhoDiagHint(diag, "J = -mobility*grad(potential): give potential: here, or free_energy: at top level");
    status = RHO_INPUT;
  }
  return status;
}

static void FieldSymbols(RhoEquations eq) {
  RhoArena arena = eq->model->arena;
  eq->variation = RhoArenaAlloc(arena, sizeof(RhoNode) * (size_t)eq->nfield);
  eq->priv->symbol = RhoArenaAlloc(arena, sizeof(RhoNode) * (size_t)eq->nfield);
  for (int i = 0; i < eq->nfield; i++) {
    const RhoField *f = &eq->model->field[i];
    eq->priv->symbol[i] = f->symbol;
    eq->variation[i] = RhoGraphSymbol(eq->graph, RHO_SYM_VARIATION, RhoArenaPrint(arena, "v:%s", f->name));
  }
}

/* The model's uniform nodes and then one symbol for K^(0) of each kernel. */
static void UniformSymbols(RhoEquations eq) {
  RhoModel model = eq->model;
  int nvalue = model->nparameter + 2;
  RhoNode *all = RhoArenaAlloc(model->arena, sizeof(RhoNode) * (size_t)(nvalue + model->nkernel));
  memcpy(all, RhoModelUniform(model), sizeof(RhoNode) * (size_t)nvalue);
  eq->kernel0 = all + nvalue;
  for (int k = 0; k < model->nkernel; k++)
    eq->kernel0[k] =
        RhoGraphSymbol(eq->graph, RHO_SYM_PARAMETER, RhoArenaPrint(model->arena, "%s^(0)", model->kernel[k].name));
  eq->uniform = all;
  eq->nuniform = nvalue + model->nkernel;
}

static bool Uses(RhoEquations eq, RhoNode node, RhoSymbolKind kind) {
  return RhoGraphDependsOnKind(eq->graph, node, kind);
}

static bool TermUses(RhoEquations eq, const RhoTerm *term, RhoSymbolKind kind) {
  return Uses(eq, term->coef, kind) || Uses(eq, term->arg, kind) || Uses(eq, term->T, kind);
}

static bool AnyTermUses(RhoEquations eq, RhoSymbolKind kind) {
  for (int i = 0; i < eq->nfield; i++)
    for (int k = 0; k < eq->equation[i].nterm; k++)
      if (TermUses(eq, &eq->equation[i].term[k], kind)) return true;
  return false;
}

static bool UsesTime(RhoEquations eq) {
  bool uses = AnyTermUses(eq, RHO_SYM_TIME);
  for (int i = 0; i < eq->nfield; i++) {
    uses = uses || Uses(eq, eq->equation[i].source, RHO_SYM_TIME);
    for (int k = 0; k < eq->model->field[i].nnoise; k++)
      uses = uses || Uses(eq, eq->model->field[i].noise[k].amplitude, RHO_SYM_TIME);
  }
  for (int e = 0; e < eq->nexchange; e++) uses = uses || Uses(eq, eq->rate[e], RHO_SYM_TIME);
  return uses;
}

/* What a source adds whatever the fields are, a heated zone, is no coefficient. */
static bool UsesCoordinate(RhoEquations eq) {
  bool uses = AnyTermUses(eq, RHO_SYM_COORDINATE);
  for (int i = 0; i < eq->nfield; i++)
    if (Uses(eq, eq->equation[i].source, RHO_SYM_COORDINATE))
      uses = uses || Uses(eq, RhoTangentNode(eq, eq->equation[i].source, false), RHO_SYM_COORDINATE);
  for (int e = 0; e < eq->nexchange; e++)
    if (Uses(eq, eq->rate[e], RHO_SYM_COORDINATE))
      uses = uses || Uses(eq, RhoTangentNode(eq, eq->rate[e], false), RHO_SYM_COORDINATE);
  return uses;
}

static RhoEquations Empty(RhoModel model) {
  RhoEquations eq = RhoArenaAlloc(model->arena, sizeof *eq);
  eq->priv = RhoArenaAlloc(model->arena, sizeof *eq->priv);
  eq->model = model;
  eq->graph = model->graph;
  eq->nfield = model->nfield;
  eq->nexchange = model->nexchange;
  eq->equation = RhoArenaAlloc(model->arena, sizeof(RhoEquation) * (size_t)eq->nfield);
  FieldSymbols(eq);
  UniformSymbols(eq);
  return eq;
}

static void Sources(RhoEquations eq) {
  RhoModel model = eq->model;
  eq->rate = RhoArenaAlloc(model->arena, sizeof(RhoNode) * (size_t)(eq->nexchange + 1));
  for (int i = 0; i < eq->nfield; i++) eq->equation[i].source = rho_expand_places(eq, model->field[i].reaction, false);
  for (int e = 0; e < eq->nexchange; e++) eq->rate[e] = rho_expand_places(eq, model->exchange[e].rate, false);
}

/* In fluxes: gradients stay differences across faces, what stands inside their arguments is of the cells. */
static void Places(RhoEquations eq) {
  for (int i = 0; i < eq->nfield; i++)
    for (int k = 0; k < eq->equation[i].nterm; k++) {
      RhoTerm *term = &eq->equation[i].term[k];
      term->coef = rho_expand_places(eq, term->coef, false);
      term->arg = rho_expand_places(eq, term->arg, true);
      term->T = rho_expand_places(eq, term->T, true);
    }
}

typedef struct {
  RhoModel model;
  RhoDiag diag;
  RhoEquations *equations;
} Creation;

static RhoStatus Create(void *ctx) {
  Creation *c = ctx;
  RhoStatus status = RHO_OK;
  RhoEquations eq = Empty(c->model);
  Sources(eq);
  if (Potentials(eq, c->diag)) return RHO_INPUT;
  for (int i = 0; i < eq->nfield; i++)
    if (rho_terms_of_field(eq, c->diag, i)) status = RHO_INPUT;
  Places(eq);
  rho_conserved_find(eq);
  eq->uses_coordinate = UsesCoordinate(eq);
  eq->uses_time = UsesTime(eq);
  if (!status) *c->equations = eq;
  return status;
}

RhoStatus RhoEquationsCreate(RhoModel model, RhoDiag diag, RhoEquations *equations) {
  Creation creation = {model, diag, equations};
  *equations = NULL;
  return rho_ops_guarded(model->arena, Create, &creation);
}

RhoStatus RhoEquationsBind(RhoEquations eq, int dim, int nsetting, const RhoSetting *setting, double *value) {
  static const double zero = 0;
  RhoStatus status = RhoModelBind(eq->model, dim, nsetting, setting, value);
  int nvalue = eq->model->nparameter + 2, kernel_dim = dim ? dim : eq->model->dim;
  for (int k = 0; !status && k < eq->model->nkernel; k++)
    status = RhoKernelTransform(eq->model, k, kernel_dim, value, 1, &zero, &value[nvalue + k]);
  return status;
}

const char *RhoOperandName(RhoOperator op, int attr, void *equations) {
  static const char *const mesh_name[RHO_MAXDIM] = {"x", "y", "z"};
  RhoModel model = ((RhoEquations)equations)->model;
  if (op == RHO_OP_CONV) return model->kernel[attr].name;
  if (op != RHO_OP_DIFF && op != RHO_OP_INTEGRAL) return "";
  return model->ndimension > attr ? model->dimension[attr] : mesh_name[attr];
}
