/* model_kernels.c - the entries of kernels: as formulas in r or q.

   A shape is a formula like any other, in r or, where its transform is known, in q with the same kernel in r beside it
   for K(0).  The formulas of q are normalised, those of r are scaled by the integral when they are used (kernel.c). */
#include "model_private.h"
#include <string.h>

/* a: the shape's length.  in_q set: `in_r` is the same kernel, for its value at 0. */
typedef struct {
  const char *name, *length, *in_r, *in_q;
  bool cutoff; /* K(r) = 0 for r > a */
} Shape;

static const Shape shape_row[] = {
    {"bump", "radius", "if(r < a, exp(-1/(1 - (r/a)^2)), 0)", NULL, true},
    {"tophat", "radius", "1", NULL, true},
    {"gaussian", "width", "exp(-(r/a)^2/2)/(2*pi*a^2)^(dim/2)", "exp(-(q*a)^2/2)", false},
    {"exponential", "length", "exp(-r/a)/(if(dim == 1, 2, if(dim == 2, 2*pi, 8*pi))*a^dim)",
     "(1 + (q*a)^2)^(-(dim + 1)/2)", false},
    {"yukawa", "length", "if(dim == 1, exp(-r/a)/(2*a), if(dim == 3, exp(-r/a)/(4*pi*a^2*r), inf))", "1/(1 + (q*a)^2)",
     false},
};
enum { NSHAPE = sizeof shape_row / sizeof *shape_row };

typedef struct {
  RhoModel model;
  RhoKernel *kernel;
  const RhoYaml *map;
  const Binding *letters;
} Reader;

/* ---- formulas inside a kernel ---- */

static Scope KernelScope(Reader *reader, const Binding *binding) {
  Scope scope = rho_scope(reader->model, 0, "a kernel", binding);
  if (reader->kernel->dim) scope.dim = RhoGraphConstant(reader->model->graph, reader->kernel->dim);
  return scope;
}

/* Its distance r or wavenumber q: a coordinate of no mesh. */
static RhoNode Variable(RhoModel model, const char *name) {
  return RhoGraphSymbol(model->graph, RHO_SYM_COORDINATE, name);
}

/* A formula of parameters alone: an optional key. */
static RhoNode Constant(Reader *reader, const char *key, const char *what) {
  const RhoYaml *value = RhoYamlFind(reader->map, key);
  if (!value) return RHO_NONE;
  Scope scope = KernelScope(reader, reader->letters);
  return rho_elaborate_rank(&scope, value, 0, what);
}

/* A formula in r or q. */
static RhoNode Formula(Reader *reader, const char *variable, RhoNode symbol, const RhoYaml *text, const RhoAst *ast,
                       RhoNode length) {
  Binding a = {"a", -1, 0, length, reader->letters};
  Binding own = {variable, -1, 0, symbol, length < 0 ? reader->letters : &a};
  Scope scope = KernelScope(reader, &own);
  return ast ? rho_elaborate(&scope, ast) : rho_elaborate_rank(&scope, text, 0, "a kernel");
}

/* ---- shapes ---- */

static const Shape *FindShape(Reader *reader, const RhoYaml *word) {
  const char *name[NSHAPE];
  for (int k = 0; k < NSHAPE; k++) {
    name[k] = shape_row[k].name;
    if (RhoYamlText(word) && strcmp(word->text.text, name[k]) == 0) return &shape_row[k];
  }
  if (!RhoYamlExpect(reader->model->diag, word, RHO_YAML_TEXT, "shape")) return NULL;
  RhoDiagReport(reader->model->diag, RHO_ID_UNKNOWN_SHAPE, word->place, "there is no kernel shape '%s'",
                word->text.text);
  const char *near = RhoSuggest(word->text.text, NSHAPE, name);
  if (near) RhoDiagHint(reader->model->diag, "did you mean '%s'?", near);
  else RhoDiagHint(reader->model->diag, "shapes: bump, gaussian, exponential, yukawa, tophat; or a formula: r: ...");
  return NULL;
}

static const RhoAst *ParseOwn(RhoModel model, const char *text) {
  return RhoParse(model->arena, NULL, (RhoFormula){.text = text, .nbyte = strlen(text), .source = -1});
}

static RhoNode OwnFormula(Reader *reader, const char *variable, RhoNode *symbol, const char *text, RhoNode length) {
  if (!text) return RHO_NONE;
  *symbol = Variable(reader->model, variable);
  return Formula(reader, variable, *symbol, NULL, ParseOwn(reader->model, text), length);
}

static void ReadShape(Reader *reader, const RhoYaml *word) {
  RhoKernel *kernel = reader->kernel;
  const Shape *shape = FindShape(reader, word);
  if (!shape) return;
  const char *const allowed[] = {"shape", shape->length, "integral", "dim"};
  const char *what = RhoArenaPrint(reader->model->arena, "a kernel of shape %s", shape->name);
  RhoYamlOnly(reader->model->diag, reader->map, what, 4, allowed);
  RhoNode length = Constant(reader, shape->length, shape->length);
  if (length < 0) {
    if (RhoYamlFind(reader->map, shape->length)) return;
    RhoDiagReport(reader->model->diag, RHO_ID_MISSING_KEY, word->place, "%s needs the key '%s'", what, shape->length);
    RhoDiagHint(reader->model->diag, "{shape: %s, %s: 1}", shape->name, shape->length);
    return;
  }
  kernel->integral = Constant(reader, "integral", "the integral of a kernel");
  if (!RhoYamlFind(reader->map, "integral")) kernel->integral = RhoGraphConstant(reader->model->graph, 1);
  if (shape->cutoff) kernel->cutoff = length;
  kernel->form = shape->in_q ? RHO_KERNEL_OF_Q : RHO_KERNEL_OF_R;
  if (shape->in_q) {
    kernel->formula = OwnFormula(reader, "q", &kernel->variable, shape->in_q, length);
    kernel->real = OwnFormula(reader, "r", &kernel->real_variable, shape->in_r, length);
  } else {
    kernel->formula = OwnFormula(reader, "r", &kernel->variable, shape->in_r, length);
  }
}

/* ---- formulas and tables ---- */

static void ReadFormula(Reader *reader, const char *variable, const RhoYaml *text) {
  static const char *const of_r[] = {"r", "cutoff", "integral", "dim"}, *const of_q[] = {"q", "integral", "dim"};
  RhoKernel *kernel = reader->kernel;
  bool r = *variable == 'r';
  RhoYamlOnly(reader->model->diag, reader->map, r ? "a kernel of r" : "a kernel of q", r ? 4 : 3, r ? of_r : of_q);
  kernel->form = r ? RHO_KERNEL_OF_R : RHO_KERNEL_OF_Q;
  kernel->variable = Variable(reader->model, variable);
  kernel->formula = Formula(reader, variable, kernel->variable, text, NULL, RHO_NONE);
  if (r) kernel->cutoff = Constant(reader, "cutoff", "the cutoff of a kernel");
  kernel->integral = Constant(reader, "integral", "the integral of a kernel");
}

static bool ReadVariableName(Reader *reader, const RhoYaml *table, const char **variable) {
  const RhoYaml *of = RhoYamlFind(reader->map, "of");
  *variable = RhoYamlText(of);
  if (*variable && (strcmp(*variable, "r") == 0 || strcmp(*variable, "q") == 0)) return true;
  RhoDiagReport(reader->model->diag, of ? RHO_ID_UNKNOWN_WORD : RHO_ID_MISSING_KEY, of ? of->place : table->place,
                "a kernel given as a table says of what: r or q");
  RhoDiagHint(reader->model->diag, "{table: NAME, of: r}");
  return false;
}

/* table(NAME, r); beyond its last point a kernel of r is zero. */
static void ReadTableKernel(Reader *reader, const RhoYaml *table) {
  static const char *const allowed[] = {"table", "of", "integral", "dim", "cutoff"};
  RhoModel model = reader->model;
  RhoKernel *kernel = reader->kernel;
  const char *variable;
  if (!ReadVariableName(reader, table, &variable) || !RhoYamlExpect(model->diag, table, RHO_YAML_TEXT, "table")) return;
  RhoYamlOnly(model->diag, reader->map, "a kernel given as a table", *variable == 'r' ? 5 : 4, allowed);
  const RhoAst *name = RhoParse(model->arena, model->diag, table->text);
  if (!name) return;
  RhoAst *own = RhoArenaAlloc(model->arena, sizeof *own), *call = RhoArenaAlloc(model->arena, sizeof *call);
  *own = (RhoAst){.kind = RHO_AST_NAME, .name = variable, .place = table->place};
  *call = (RhoAst){.kind = RHO_AST_CALL, .name = "table", .narg = 2, .place = table->place};
  call->arg = RhoArenaAlloc(model->arena, 2 * sizeof *call->arg);
  call->arg[0] = name;
  call->arg[1] = own;
  kernel->form = *variable == 'r' ? RHO_KERNEL_TABLE_R : RHO_KERNEL_TABLE_Q;
  kernel->variable = Variable(model, variable);
  kernel->formula = Formula(reader, variable, kernel->variable, NULL, call, RHO_NONE);
  if (*variable == 'r') kernel->cutoff = Constant(reader, "cutoff", "the cutoff of a kernel");
  if (*variable == 'r' && kernel->formula >= 0 && kernel->cutoff < 0) {
    int number = RhoGraphNode(model->graph, kernel->formula).attr / 4;
    kernel->cutoff = RhoGraphConstant(model->graph, model->priv->table_end[number]);
  }
  kernel->integral = Constant(reader, "integral", "the integral of a kernel");
}

/* ---- the section ---- */

static void ReadDim(Reader *reader) {
  const RhoYaml *dim = RhoYamlFind(reader->map, "dim");
  long value = 0;
  if (dim && RhoYamlInteger(reader->model->diag, dim, 1, 3, &value)) reader->kernel->dim = (int)value;
}

static void ReadKernel(Reader *reader) {
  static const char *const form[] = {"shape", "r", "q", "table"};
  RhoDiag diag = reader->model->diag;
  if (!RhoYamlExpect(diag, reader->map, RHO_YAML_MAP, "a kernel")) {
    RhoDiagHint(diag, "a formula in the distance is written {r: \"exp(-r)\"}, in the wavenumber {q: \"1/(1 + q^2)\"}");
    return;
  }
  reader->map = rho_without_none(reader->model, reader->map);
  const RhoYaml *given = NULL;
  int n = 0, which = 0;
  for (int k = 0; k < 4; k++) {
    const RhoYaml *item = RhoYamlFind(reader->map, form[k]);
    if (item) n++, given = item, which = k;
  }
  if (n != 1) {
    RhoDiagReport(diag, n ? RHO_ID_UNKNOWN_KEY : RHO_ID_MISSING_KEY, reader->kernel->place,
                  "a kernel has one of the keys shape, r, q, table; '%s' has %d", reader->kernel->name, n);
    RhoDiagHint(diag, "K: {shape: gaussian, width: 1}  or  K: {r: \"exp(-r)\"}");
    return;
  }
  ReadDim(reader);
  if (which == 0) ReadShape(reader, given);
  else if (which == 3) ReadTableKernel(reader, given);
  else ReadFormula(reader, form[which], given);
}

/* ---- their numbers ---- */

const char *rho_kernel_number_name(RhoModel model, const char *label, RhoKernelNumber number) {
  static const char *const form[RHO_KERNEL_NUMBERS] = {"%s(0)", "integral(%s)", "corrector(%s)"};
  return RhoArenaPrint(model->arena, form[number], label);
}

RhoNode rho_kernel_number(RhoModel model, int k, const char *label, RhoKernelNumber number) {
  model->priv->kernel_used[k * RHO_KERNEL_NUMBERS + (int)number] = true;
  if (model->kernel[k].formula >= 0 && model->kernel[k].dim == 0) model->uses_dim = true;
  return RhoGraphSymbol(model->graph, RHO_SYM_PARAMETER, rho_kernel_number_name(model, label, number));
}

/* Before any formula is read. */
static void AddKernel(RhoModel model, Name *name, Element *element) {
  Entry *entry = &name->entry[element->entry];
  RhoKernel kernel = {.name = element->label, .place = entry->key.place};
  kernel.formula = kernel.variable = kernel.cutoff = kernel.integral = kernel.real = kernel.real_variable = RHO_NONE;
  element->number = model->nkernel;
  *RHO_PUSH(model->arena, model->kernel, model->nkernel, model->priv->kernelcapacity) = kernel;
}

void rho_kernels_add(RhoModel model) {
  for (int i = 0; i < model->priv->nname; i++) {
    Name *name = model->priv->name[i];
    for (int e = 0; name->kind == NAME_KERNEL && e < name->nelement; e++)
      if (name->element[e].entry >= 0) AddKernel(model, name, &name->element[e]);
  }
  model->priv->kernel_used = RhoArenaAlloc(model->arena, (size_t)(model->nkernel * RHO_KERNEL_NUMBERS) + 1);
}

static void ReadElement(RhoModel model, Name *name, int e) {
  const char *member[MAX_INDEX];
  Binding binding[MAX_INDEX];
  Entry *entry = &name->entry[name->element[e].entry];
  rho_names_members(model, name, e, member);
  Reader reader = {model, &model->kernel[name->element[e].number], entry->value,
                   rho_key_bind(model, &entry->key, member, binding)};
  ReadKernel(&reader);
}

/* ---- equal kernels are one ---- */

static bool SameKernel(const RhoKernel *a, const RhoKernel *b) {
  return a->form == b->form && a->dim == b->dim && a->formula == b->formula && a->cutoff == b->cutoff &&
         a->integral == b->integral && a->real == b->real && a->formula >= 0;
}

/* M[A,B] and M[B,A] of a symmetric formula become the same kernel: place[old number] = new number. */
static void Unite(RhoModel model, int *place) {
  int n = 0, nold = model->nkernel;
  for (int k = 0; k < nold; k++) {
    int same = 0;
    while (same < n && !SameKernel(&model->kernel[same], &model->kernel[k])) same++;
    if (same == n) model->kernel[n++] = model->kernel[k];
    place[k] = same;
  }
  model->nkernel = n;
  bool *used = RhoArenaAlloc(model->arena, (size_t)(n * RHO_KERNEL_NUMBERS) + 1);
  for (int k = 0; k < nold * RHO_KERNEL_NUMBERS; k++)
    if (model->priv->kernel_used[k])
      used[place[k / RHO_KERNEL_NUMBERS] * RHO_KERNEL_NUMBERS + k % RHO_KERNEL_NUMBERS] = true;
  model->priv->kernel_used = used;
}

static void Renumber(RhoModel model, const int *place) {
  for (int i = 0; i < model->priv->nname; i++) {
    Name *name = model->priv->name[i];
    for (int e = 0; name->kind == NAME_KERNEL && e < name->nelement; e++)
      if (name->element[e].number >= 0) name->element[e].number = place[name->element[e].number];
  }
  for (int k = 0; k < model->nparameter; k++)
    if (model->parameter[k].kernel >= 0) model->parameter[k].kernel = place[model->parameter[k].kernel];
}

void rho_kernels_read(RhoModel model) {
  bool uses_dim = model->uses_dim; /* a kernel is told its dimension when it is used */
  for (int i = 0; i < model->priv->nname; i++) {
    Name *name = model->priv->name[i];
    for (int e = 0; name->kind == NAME_KERNEL && e < name->nelement; e++)
      if (name->element[e].entry >= 0) ReadElement(model, name, e);
  }
  model->uses_dim = uses_dim;
  int *place = RhoArenaAlloc(model->arena, ((size_t)model->nkernel + 1) * sizeof *place);
  Unite(model, place);
  Renumber(model, place);
  for (int k = 0; k < model->nkernel * RHO_KERNEL_NUMBERS; k++)
    if (model->priv->kernel_used[k] && model->kernel[k / RHO_KERNEL_NUMBERS].dim == 0) model->uses_dim = true;
}

int RhoModelFindKernel(RhoModel model, const char *name) {
  for (int i = 0; i < model->priv->nname; i++) {
    const Name *at = model->priv->name[i];
    for (int e = 0; at->kind == NAME_KERNEL && e < at->nelement; e++)
      if (at->element[e].number >= 0 && strcmp(at->element[e].label, name) == 0) return at->element[e].number;
  }
  return -1;
}
