/* model_bind.c - numbers for the parameters: values set by the caller, formulas for the others, K(0) of kernels. */
#include "model_private.h"
#include <math.h>
#include <string.h>

typedef struct {
  RhoModel model;
  int dim, nsetting;
  const RhoSetting *setting;
  double *value;
  bool trial; /* at reading: an unknown dim is no mistake */
} Bind;

/* ---- values ---- */

static double SymbolValue(RhoGraph graph, RhoNode symbol, void *ctx) {
  Bind *bind = ctx;
  Private p = bind->model->priv;
  (void)graph;
  return symbol < p->nnumber && p->number[symbol] ? bind->value[p->number[symbol] - 1] : NAN;
}

static void ReportNotFinite(Bind *bind, const RhoParameter *parameter, RhoPlace place, double value) {
  RhoDiagReport(bind->model->diag, RHO_ID_PARAMETER_NOT_FINITE, place, "the parameter '%s' is %s", parameter->name,
                isnan(value) ? "not a number" : "infinite");
  RhoDiagHint(bind->model->diag, "a parameter is a finite number; inf is for potentials inside kernels");
}

bool rho_is_setting_of(const RhoSetting *setting, const char *name) {
  const char *a = setting->name;
  while (*a && (*a == ' ' || *a == *name)) name += *a++ != ' ';
  return !*a && !*name;
}

static const RhoSetting *FindSetting(const Bind *bind, const char *name) {
  const RhoSetting *found = NULL;
  for (int k = 0; k < bind->nsetting; k++)
    if (rho_is_setting_of(&bind->setting[k], name)) found = &bind->setting[k]; /* the last one holds */
  return found;
}

static RhoStatus KernelValue(Bind *bind, const RhoParameter *parameter, double *value) {
  static const double zero = 0;
  RhoModel model = bind->model;
  *value = NAN;
  int k = parameter->kernel;
  if (!model->priv->kernel_used[k * RHO_KERNEL_NUMBERS + (int)parameter->number]) return RHO_OK;
  if (model->kernel[k].dim == 0 && isnan(bind->value[model->nparameter])) return RHO_OK;
  switch (parameter->number) {
  case RHO_KERNEL_INTEGRAL: return RhoKernelTransform(model, k, 0, bind->value, 1, &zero, value);
  case RHO_KERNEL_CORRECTOR: return RhoKernelCorrector(model, k, 0, bind->value, value);
  default: return RhoKernelAt(model, k, 0, bind->value, 0, value);
  }
}

/* A value that is no number because one it needs is none: that was reported, or `dim` is not known yet. */
static bool IsKnown(const Bind *bind, const RhoParameter *parameter, RhoNode bad) {
  RhoGraph graph = bind->model->graph;
  if (RhoGraphNode(graph, parameter->formula).kind == RHO_CONSTANT) return false;
  return bad < 0 || RhoGraphNode(graph, bad).kind == RHO_SYMBOL;
}

static RhoStatus Evaluate(Bind *bind, int k) {
  const RhoParameter *parameter = &bind->model->parameter[k];
  double *value = &bind->value[k];
  if (parameter->kernel >= 0) return KernelValue(bind, parameter, value);
  const RhoSetting *setting = FindSetting(bind, parameter->name);
  if (setting) {
    *value = setting->value;
    if (isfinite(*value)) return RHO_OK;
    ReportNotFinite(bind, parameter, setting->place, *value);
    return RHO_INPUT;
  }
  RhoNode bad = RHO_NONE;
  *value = RhoGraphValue(bind->model->graph, parameter->formula, SymbolValue, bind, &bad);
  if (isfinite(*value) || IsKnown(bind, parameter, bad)) return RHO_OK;
  ReportNotFinite(bind, parameter, parameter->place, *value);
  return RHO_INPUT;
}

/* ---- settings ---- */

static bool IsParameter(RhoModel model, const RhoSetting *setting) {
  Bind one = {.nsetting = 1, .setting = setting};
  for (int k = 0; k < model->nparameter; k++)
    if (model->parameter[k].kernel < 0 && FindSetting(&one, model->parameter[k].name)) return true;
  return false;
}

static void ReportUnknown(RhoModel model, const RhoSetting *setting) {
  const char **candidate = RhoArenaAlloc(model->arena, ((size_t)model->nparameter + 1) * sizeof *candidate);
  int n = 0;
  for (int k = 0; k < model->nparameter; k++)
    if (model->parameter[k].kernel < 0) candidate[n++] = model->parameter[k].name;
  RhoDiagReport(model->diag, RHO_ID_UNKNOWN_PARAMETER, setting->place, "'%s' is not a parameter of '%s'", setting->name,
                model->name);
  const char *near = RhoSuggest(setting->name, n, candidate);
  const Name *name = rho_names_find(model, setting->name);
  if (name && name->kind == NAME_PARAMETER) RhoDiagHint(model->diag, "write %s", rho_names_pattern(model, name));
  else if (near) RhoDiagHint(model->diag, "did you mean '%s'?", near);
  else RhoDiagHint(model->diag, "see the section parameters of the model file");
}

static RhoStatus CheckSettings(Bind *bind) {
  RhoStatus status = RHO_OK;
  for (int k = 0; k < bind->nsetting; k++) {
    if (IsParameter(bind->model, &bind->setting[k])) continue;
    ReportUnknown(bind->model, &bind->setting[k]);
    status = RHO_INPUT;
  }
  return status;
}

static RhoStatus SetDim(Bind *bind) {
  RhoModel model = bind->model;
  int dim = model->dim ? model->dim : bind->dim;
  bind->value[model->nparameter] = dim ? dim : NAN;
  bind->value[model->nparameter + 1] = 0;
  if (dim || !model->uses_dim || bind->trial) return RHO_OK;
  RhoDiagReport(model->diag, RHO_ID_DIM_NEEDED, RHO_NOWHERE, "the model '%s' needs the number of space dimensions",
                model->name);
  RhoDiagHint(model->diag, "give it in the model or case (dim: 2), or give a mesh");
  return RHO_INPUT;
}

/* Once: the uniform symbols are all there when the model has been read. */
static void NumberSymbols(RhoModel model) {
  Private p = model->priv;
  if (p->number) return;
  int n = RhoGraphSize(model->graph);
  p->number = RhoArenaAlloc(model->arena, ((size_t)n + 1) * sizeof *p->number);
  for (int k = 0; k < model->nparameter + 2; k++) p->number[p->uniform[k]] = k + 1;
  p->nnumber = n;
}

RhoStatus rho_bind(RhoModel model, int dim, int nsetting, const RhoSetting *setting, double *value, bool trial) {
  Bind bind = {model, dim, nsetting, setting, value, trial};
  NumberSymbols(model);
  RhoStatus status = CheckSettings(&bind), other = SetDim(&bind);
  if (other != RHO_OK) return other;
  for (int k = 0; k < model->nparameter; k++)
    if ((other = Evaluate(&bind, k)) != RHO_OK) status = other;
  return status;
}

static RhoStatus GuardedBind(void *ctx) {
  Bind *b = ctx;
  return rho_bind(b->model, b->dim, b->nsetting, b->setting, b->value, false);
}

RhoStatus RhoModelBind(RhoModel model, int dim, int nsetting, const RhoSetting *setting, double *value) {
  Bind bind = {model, dim, nsetting, setting, value, false};
  return rho_guarded(model->arena, GuardedBind, &bind);
}

const RhoNode *RhoModelUniform(RhoModel model) { return model->priv->uniform; }
