/* model_load.c - a model file from its top level down. */
#include "model_private.h"
#include <math.h>
#include <string.h>

RhoStatus rho_guarded(RhoArena arena, GuardedFn body, void *ctx) {
  jmp_buf outer;
  volatile RhoStatus status = RHO_NOMEM;
  memcpy(&outer, RhoArenaGuard(arena), sizeof outer);
  if (!setjmp(*RhoArenaGuard(arena))) status = body(ctx);
  memcpy(RhoArenaGuard(arena), &outer, sizeof outer);
  return status;
}

/* ---- dimensions ---- */

static bool IsSpatial(const char *name) {
  if (strlen(name) == 1) return strchr("xyz", *name) != NULL;
  return *name == 'x' && strspn(name + 1, "0123456789") == strlen(name + 1);
}

static bool CheckDimension(RhoModel model, const RhoYaml *text) {
  const char *name = text->text.text;
  for (int d = 0; d < model->ndimension; d++)
    if (strcmp(model->dimension[d], name) == 0) {
      RhoDiagReport(model->diag, RHO_ID_DEFINED_TWICE, text->place, "the dimension '%s' is named twice", name);
      RhoDiagHint(model->diag, "dimensions have names of their own: [x1, x2]");
      return false;
    }
  if (model->ndimension == RHO_MAXDIM) {
    RhoDiagReport(model->diag, RHO_ID_TOO_MANY_DIMENSIONS, text->place, "at most %d dimensions", RHO_MAXDIM);
    RhoDiagHint(model->diag, "integrate one out, or make a discrete internal state an index");
    return false;
  }
  if (!rho_is_identifier(name)) {
    RhoDiagReport(model->diag, RHO_ID_BAD_NAME, text->place, "'%.60s' is not a name for a dimension", name);
    RhoDiagHint(model->diag, "names have letters, digits and _");
    return false;
  }
  if (!rho_is_builtin(name) && !rho_is_function_name(name) && rho_index_letter(model, name) < 0) return true;
  RhoDiagReport(model->diag, RHO_ID_SHADOWS_BUILTIN, text->place, "'%s' has a meaning of its own in formulas", name);
  RhoDiagHint(model->diag, "choose another name for this dimension");
  return false;
}

static void ReadNames(RhoModel model, const RhoYaml *list) {
  int nspatial = 0;
  for (int i = 0; i < list->n; i++) {
    if (!RhoYamlExpect(model->diag, list->item[i], RHO_YAML_TEXT, "a dimension")) return;
    if (!CheckDimension(model, list->item[i])) return;
    model->dimension[model->ndimension] = list->item[i]->text.text;
    model->internal[model->ndimension] = !IsSpatial(list->item[i]->text.text);
    nspatial += !model->internal[model->ndimension++];
  }
  if (model->dim == 0) model->dim = nspatial;
}

void rho_dimensions_read(RhoModel model, const RhoYaml *top) {
  const RhoYaml *dim = RhoYamlFind(top, "dim"), *names = RhoYamlFind(top, "dimensions");
  long value;
  if (dim && !rho_is_none(dim) && RhoYamlInteger(model->diag, dim, 1, 3, &value)) model->dim = (int)value;
  if (names && !rho_is_none(names) && RhoYamlExpect(model->diag, names, RHO_YAML_LIST, "dimensions"))
    ReadNames(model, names);
}

/* ---- defines ---- */

static void ReadDefine(RhoModel model, Name *name, int e) {
  Element *element = &name->element[e];
  RhoPlace place = name->entry[element->entry].key.place;
  RhoNode node = rho_define_node(model, name, e, place);
  if (node >= 0)
    *RHO_PUSH(model->arena, model->define, model->ndefine, model->priv->definecapacity) =
        (RhoDefine){element->label, node, place};
}

void rho_defines_read(RhoModel model) {
  for (int i = 0; i < model->priv->nname; i++) {
    Name *name = model->priv->name[i];
    for (int e = 0; name->kind == NAME_DEFINE && !name->function && e < name->nelement; e++)
      if (name->element[e].entry >= 0) ReadDefine(model, name, e);
  }
}

/* A function that nothing calls is called with symbols, for the mistakes in it. */
static void TryFunction(RhoModel model, Name *name, int e) {
  const char *member[MAX_INDEX];
  const Entry *entry = &name->entry[name->element[e].entry];
  rho_names_members(model, name, e, member);
  RhoAst call = {.kind = RHO_AST_CALL, .name = name->name, .narg = entry->key.narg, .nindex = name->nindex};
  call.place = entry->key.place;
  call.arg = RhoArenaAlloc(model->arena, ((size_t)call.narg + 1) * sizeof *call.arg);
  call.index = RhoArenaAlloc(model->arena, ((size_t)call.nindex + 1) * sizeof *call.index);
  RhoAst *part = RhoArenaAlloc(model->arena, (size_t)(call.narg + call.nindex + 1) * sizeof *part);
  for (int k = 0; k < call.narg; k++) {
    part[k] = (RhoAst){.kind = RHO_AST_NAME, .name = "pi", .place = call.place};
    call.arg[k] = &part[k];
  }
  for (int k = 0; k < call.nindex; k++) {
    part[call.narg + k] = (RhoAst){.kind = RHO_AST_NAME, .name = member[k], .place = call.place};
    call.index[k] = &part[call.narg + k];
  }
  Scope scope = rho_scope(model, MAY_ALL, "a function", NULL);
  rho_function_call(&scope, name, &call);
}

static void TryFunctions(RhoModel model) {
  for (int i = 0; i < model->priv->nname; i++) {
    Name *name = model->priv->name[i];
    for (int e = 0; name->kind == NAME_DEFINE && name->function && e < name->nelement; e++)
      if (name->element[e].entry >= 0 && !name->entry[name->element[e].entry].used) TryFunction(model, name, e);
  }
}

/* ---- the top level ---- */

static const char *const top_key[] = {"rhoflux", "model",      "title",       "source",     "description", "extends",
                                      "dim",     "dimensions", "index",       "parameters", "tables",      "kernels",
                                      "define",  "fields",     "free_energy", "dynamics",   "exchange",    "boundary",
                                      "initial", "derived",    "checks"};

static const char *ReadWord(RhoModel model, const RhoYaml *top, const char *key) {
  const RhoYaml *value = RhoYamlFind(top, key);
  if (!value || !RhoYamlExpect(model->diag, value, RHO_YAML_TEXT, key)) return "";
  return value->text.text;
}

static void ReportMissing(RhoModel model, const RhoYaml *top, const char *key, const char *hint) {
  RhoDiagReport(model->diag, RHO_ID_MISSING_KEY, top->place, "a model file needs the key '%s'", key);
  RhoDiagHint(model->diag, "%s", hint);
}

static void ReadHead(RhoModel model, const RhoYaml *top) {
  const RhoYaml *name = RhoYamlFind(top, "model");
  model->name = ReadWord(model, top, "model");
  model->title = ReadWord(model, top, "title");
  model->source = ReadWord(model, top, "source");
  ReadWord(model, top, "description");
  if (!name) ReportMissing(model, top, "model", "model: NAME");
  else if (*model->name && !rho_is_identifier(model->name)) {
    RhoDiagReport(model->diag, RHO_ID_BAD_NAME, name->place, "'%.60s' is not a name for a model", model->name);
    RhoDiagHint(model->diag, "names have letters, digits and _; a title in words goes to title:");
  }
  const RhoYaml *dynamics = RhoYamlFind(top, "dynamics");
  if (!dynamics || rho_is_none(dynamics))
    ReportMissing(model, top, "dynamics", "dynamics: {phi: {mobility: M, potential: ...}}");
}

static RhoModel NewModel(RhoArena arena, RhoDiag diag, const char *path) {
  static const char *const coordinate[] = {"x", "y", "z"};
  RhoModel model = RhoArenaAlloc(arena, sizeof *model);
  model->arena = arena;
  model->diag = diag;
  model->path = path;
  model->graph = RhoGraphCreate(arena);
  model->priv = RhoArenaAlloc(arena, sizeof *model->priv);
  model->free_energy = RHO_NONE;
  model->dim_symbol = RhoGraphSymbol(model->graph, RHO_SYM_PARAMETER, "dim");
  model->time = RhoGraphSymbol(model->graph, RHO_SYM_TIME, "t");
  for (int d = 0; d < RHO_MAXDIM; d++) {
    model->dimension[d] = coordinate[d];
    model->coordinate[d] = model->extent[d] = model->centre[d] = model->width[d] = RHO_NONE;
  }
  return model;
}

static void RegisterNames(RhoModel model, const RhoYaml *top) {
  static const struct {
    const char *section;
    NameKind kind;
  } row[] = {{"dynamics", NAME_FIELD},
             {"parameters", NAME_PARAMETER},
             {"tables", NAME_TABLE},
             {"kernels", NAME_KERNEL},
             {"define", NAME_DEFINE}};
  for (size_t k = 0; k < sizeof row / sizeof *row; k++)
    rho_names_add(model, row[k].kind, RhoYamlFind(top, row[k].section), row[k].section);
  rho_names_finish(model);
}

/* What needs memory for every pair of fields, or an integral for every kernel, must stay within reason. */
static bool IsWithin(RhoModel model, NameKind kind, int most, const char *what) {
  long n = 0;
  for (int i = 0; i < model->priv->nname; i++) {
    const Name *name = model->priv->name[i];
    if (name->kind != kind || (n += name->nelement) <= most) continue;
    RhoDiagReport(model->diag, RHO_ID_TOO_LARGE, name->place, "a model has at most %d %s", most, what);
    RhoDiagHint(model->diag, "index sets multiply: leave members or indices out");
    return false;
  }
  return true;
}

static void ReadSections(RhoModel model, const RhoYaml *top) {
  ReadHead(model, top);
  RhoYamlOnly(model->diag, top, "a model file", sizeof top_key / sizeof *top_key, top_key);
  rho_index_read(model, RhoYamlFind(top, "index"));
  rho_dimensions_read(model, top);
  RegisterNames(model, top);
  if (!IsWithin(model, NAME_FIELD, MAX_FIELDS, "fields")) return;
  if (!IsWithin(model, NAME_KERNEL, MAX_KERNELS, "kernels")) return;
  rho_parameters_add(model);
  rho_fields_add(model);
  rho_tables_read(model);
  rho_kernels_add(model);
  rho_parameters_read(model);
  rho_kernels_read(model);
  rho_parameters_order(model);
  rho_defines_read(model);
  rho_fields_read(model, RhoYamlFind(top, "fields"));
  rho_dynamics_read(model, top);
  rho_exchange_read(model, RhoYamlFind(top, "exchange"));
  rho_boundary_create(model);
  rho_boundary_read(model, RhoYamlFind(top, "boundary"));
  rho_initial_read(model, RhoYamlFind(top, "initial"));
  rho_derived_read(model, RhoYamlFind(top, "derived"));
  rho_checks_read(model, RhoYamlFind(top, "checks"));
  TryFunctions(model);
}

/* ---- a trial ---- */

void rho_uniform_collect(RhoModel model) {
  model->priv->uniform = RhoArenaAlloc(model->arena, ((size_t)model->nparameter + 2) * sizeof(RhoNode));
  for (int k = 0; k < model->nparameter; k++) model->priv->uniform[k] = model->parameter[k].symbol;
  model->priv->uniform[model->nparameter] = model->dim_symbol;
  model->priv->uniform[model->nparameter + 1] = model->time;
  model->priv->number = NULL;
}

/* The parameters as the file gives them must be finite, and its kernels must have an integral. */
static RhoStatus Try(RhoModel model) {
  static const double zero = 0;
  double integral, *value = RhoArenaAlloc(model->arena, ((size_t)model->nparameter + 2) * sizeof *value);
  RhoStatus status = rho_bind(model, 0, 0, NULL, value, true);
  for (int k = 0; k < model->nkernel && status == RHO_OK; k++)
    if (model->kernel[k].dim || model->dim) status = RhoKernelTransform(model, k, 0, value, 1, &zero, &integral);
  return status;
}

/* ---- loading ---- */

typedef struct {
  RhoArena arena;
  RhoDiag diag;
  const char *path;
  RhoModel model;
  int nerror;
} Load;

static RhoStatus LoadGuarded(void *ctx) {
  Load *load = ctx;
  const char *path = rho_find_model(load->arena, load->diag, load->path, NULL, RHO_NOWHERE);
  const RhoYaml *top = path ? rho_inherit(load->arena, load->diag, path, RHO_NOWHERE) : NULL;
  if (!top) return RHO_INPUT;
  load->model = NewModel(load->arena, load->diag, RhoArenaString(load->arena, path, strlen(path)));
  load->model->priv->top = top;
  ReadSections(load->model, top);
  if (RhoDiagErrors(load->diag) > load->nerror) return RHO_INPUT;
  rho_uniform_collect(load->model);
  return Try(load->model);
}

RhoStatus RhoModelLoad(const char *path, RhoDiag diag, RhoModel *model) {
  Load load = {RhoArenaCreate(), diag, path, NULL, RhoDiagErrors(diag)};
  *model = NULL;
  if (!load.arena) return RHO_NOMEM;
  RhoStatus status = rho_guarded(load.arena, LoadGuarded, &load);
  if (status == RHO_OK) *model = load.model;
  else RhoArenaDestroy(&load.arena);
  return status;
}

void RhoModelDestroy(RhoModel *model) {
  if (!*model) return;
  RhoArena arena = (*model)->arena; /* the model itself lives in it */
  RhoArenaDestroy(&arena);
  *model = NULL;
}

/* ---- look-up and formulas for other layers ---- */

int RhoModelFindField(RhoModel model, const char *name) {
  for (int k = 0; k < model->nfield; k++)
    if (strcmp(model->field[k].name, name) == 0) return k;
  return -1;
}

typedef struct {
  RhoModel model;
  RhoFormula formula;
  int nextra;
  const char *const *name;
  const RhoNode *node;
  RhoNode result;
} Formula;

static RhoStatus FormulaGuarded(void *ctx) {
  Formula *f = ctx;
  RhoModel model = f->model;
  Binding *binding = RhoArenaAlloc(model->arena, ((size_t)f->nextra + 1) * sizeof *binding);
  for (int k = 0; k < f->nextra; k++) binding[k] = (Binding){f->name[k], -1, 0, f->node[k], k ? &binding[k - 1] : NULL};
  model->priv->nstep = model->priv->depth = model->priv->nchain = 0;
  const RhoAst *ast = RhoParse(model->arena, model->diag, f->formula);
  Scope scope = rho_scope(model, MAY_ALL | MAY_EXTENT, "a formula", f->nextra ? &binding[f->nextra - 1] : NULL);
  f->result = ast ? rho_elaborate(&scope, ast) : RHO_NONE;
  return RHO_OK;
}

RhoNode RhoModelFormula(RhoModel model, RhoFormula formula, int nextra, const char *const *extra_name,
                        const RhoNode *extra_node) {
  Formula f = {model, formula, nextra, extra_name, extra_node, RHO_NONE};
  return rho_guarded(model->arena, FormulaGuarded, &f) == RHO_OK ? f.result : RHO_NONE;
}
