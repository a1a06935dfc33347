/* equations.c - the term graph of a model: potentials, terms, conserved combinations, what it depends on. */
#include "ops_private.h"
#include <string.h>

static RhoStatus Potentials(RhoEquations eq, RhoDiag diag) {
  RhoModel model = eq->model;
  RhoStatus status = RHO_OK;
  for (int i = 0; i < eq->nfield; i++) {
    RhoField *f = &model->field[i];
    if (f->potential < 0 && f->mobility >= 0 && model->free_energy >= 0)
      f->potential = RhoVariationalDerivative(eq, model->free_energy, f->symbol);
    if (f->potential < 0 && f->mobility >= 0) {
      RhoDiagReport(diag, RHO_ID_NO_POTENTIAL, f->place,
                    "'%s' has a mobility but neither a potential nor a free_energy", f->name);
      RhoDiagHint(diag, "J = -mobility*grad(potential): give potential: here, or free_energy: at top level");
      status = RHO_INPUT;
    }
    eq->equation[i].potential = f->potential;
  }
  return status;
}

static void Symbols(RhoEquations eq) {
  RhoModel model = eq->model;
  RhoArena arena = model->arena;
  const RhoNode *uniform = RhoModelUniform(model);
  int nvalue = model->nparameter + 2;
  RhoNode *all = RhoArenaAlloc(arena, sizeof(RhoNode) * (size_t)(nvalue + model->nkernel));
  eq->variation = RhoArenaAlloc(arena, sizeof(RhoNode) * (size_t)eq->nfield);
  eq->kernel0 = RhoArenaAlloc(arena, sizeof(RhoNode) * (size_t)(model->nkernel + 1));
  for (int i = 0; i < eq->nfield; i++)
    eq->variation[i] = RhoGraphSymbol(eq->graph, RHO_SYM_VARIATION, RhoArenaPrint(arena, "v:%s", model->field[i].name));
  for (int k = 0; k < model->nkernel; k++)
    eq->kernel0[k] =
        RhoGraphSymbol(eq->graph, RHO_SYM_PARAMETER, RhoArenaPrint(arena, "%s^(0)", model->kernel[k].name));
  memcpy(all, uniform, sizeof(RhoNode) * (size_t)nvalue);
  memcpy(all + nvalue, eq->kernel0, sizeof(RhoNode) * (size_t)model->nkernel);
  eq->uniform = all;
  eq->nuniform = nvalue + model->nkernel;
}

static bool Uses(RhoEquations eq, RhoNode node, RhoSymbolKind kind) {
  return node >= 0 && RhoGraphDependsOnKind(eq->graph, node, kind);
}

static bool EquationUses(RhoEquations eq, const RhoEquation *equation, RhoSymbolKind kind) {
  bool uses = Uses(eq, equation->source, kind);
  for (int k = 0; k < equation->nterm; k++) {
    const RhoTerm *term = &equation->term[k];
    uses = uses || Uses(eq, term->coef, kind) || Uses(eq, term->arg, kind) || Uses(eq, term->T, kind);
  }
  return uses;
}

static void Dependences(RhoEquations eq) {
  for (int i = 0; i < eq->nfield; i++) {
    eq->uses_coordinate = eq->uses_coordinate || EquationUses(eq, &eq->equation[i], RHO_SYM_COORDINATE);
    eq->uses_time = eq->uses_time || EquationUses(eq, &eq->equation[i], RHO_SYM_TIME);
  }
  for (int e = 0; e < eq->nexchange; e++) {
    eq->uses_coordinate = eq->uses_coordinate || Uses(eq, eq->model->exchange[e].rate, RHO_SYM_COORDINATE);
    eq->uses_time = eq->uses_time || Uses(eq, eq->model->exchange[e].rate, RHO_SYM_TIME);
  }
}

RhoStatus RhoEquationsCreate(RhoModel model, RhoDiag diag, RhoEquations *equations) {
  RhoStatus status = RHO_OK;
  *equations = NULL;
  if (setjmp(*RhoArenaGuard(model->arena))) return RHO_NOMEM;
  RhoEquations eq = RhoArenaAlloc(model->arena, sizeof *eq);
  eq->model = model;
  eq->graph = model->graph;
  eq->nfield = model->nfield;
  eq->nexchange = model->nexchange;
  eq->equation = RhoArenaAlloc(model->arena, sizeof(RhoEquation) * (size_t)(eq->nfield + 1));
  for (int i = 0; i < eq->nfield; i++) eq->equation[i].source = model->field[i].reaction;
  Symbols(eq);
  if (Potentials(eq, diag)) return RHO_INPUT;
  for (int i = 0; i < eq->nfield; i++)
    if (RhoTermsOfField(eq, diag, i)) status = RHO_INPUT;
  if (status) return status;
  RhoConservedFind(eq);
  Dependences(eq);
  *equations = eq;
  return RHO_OK;
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
  RhoModel model = ((RhoEquations)equations)->model;
  if (op == RHO_OP_CONV) return model->kernel[attr].name;
  if (op == RHO_OP_DIFF || op == RHO_OP_INTEGRAL)
    return model->ndimension > attr ? model->dimension[attr] : attr == 0 ? "x" : attr == 1 ? "y" : "z";
  return "";
}
