/* model_call.c - what is written like a function: pointwise functions, operators, sums over letters, kernels at 0,
   functions of the model. */
#include "model_private.h"
#include <string.h>

/* ---- arguments ---- */

bool rho_check_count(Scope *scope, const RhoAst *ast, int narg, const char *usage) {
  if (ast->narg == narg && ast->nindex == 0) return true;
  RhoDiag diag = scope->model->diag;
  if (ast->nindex > 0) RhoDiagReport(diag, RHO_ID_WRONG_INDICES, ast->place, "'%s' has no index", ast->name);
  else
    RhoDiagReport(diag, RHO_ID_WRONG_ARGUMENTS, ast->place, "'%s' has %d argument%s, not %d", ast->name, narg,
                  narg == 1 ? "" : "s", ast->narg);
  RhoDiagHint(diag, "%s", usage);
  return false;
}

RhoNode rho_scalar(Scope *scope, const RhoAst *ast, const char *what) {
  RhoNode node = rho_elaborate(scope, ast);
  return node >= 0 && rho_expect_scalar(scope, node, ast->place, what) ? node : RHO_NONE;
}

static RhoNode Vector(Scope *scope, const RhoAst *ast, const char *what) {
  Scope inner = *scope;
  inner.component = -1;
  RhoNode node = rho_elaborate(&inner, ast);
  if (node < 0 || rho_rank(scope->model, node) == 1) return node;
  RhoDiagReport(scope->model->diag, RHO_ID_SCALAR, ast->place, "%s must be a vector, not a scalar", what);
  RhoDiagHint(scope->model->diag, "a vector is (scalar)*grad(scalar); div(a*grad(b)), dot(grad(a), grad(b))");
  return RHO_NONE;
}

static RhoNode Operator(Scope *scope, const RhoAst *ast, RhoOperator op, int attr, RhoNode arg) {
  RhoGraphSetPlace(scope->model->graph, ast->place);
  return RhoGraphApply(scope->model->graph, op, attr, &arg);
}

static bool MayOperate(Scope *scope, const RhoAst *ast) {
  if (scope->may & MAY_OPERATOR) return true;
  RhoDiagReport(scope->model->diag, RHO_ID_OPERATOR_NOT_ALLOWED, ast->place, "%s cannot use '%s'", scope->what,
                ast->name);
  RhoDiagHint(scope->model->diag, "operators act on fields: they belong into define, free_energy and dynamics");
  return false;
}

/* ---- operators ---- */

static RhoNode Grad(Scope *scope, const RhoAst *ast) {
  RhoModel model = scope->model;
  if (!rho_check_count(scope, ast, 1, "grad(e)")) return RHO_NONE;
  RhoNode arg = rho_elaborate(scope, ast->arg[0]);
  if (arg < 0) return RHO_NONE;
  if (rho_rank(model, arg)) {
    RhoDiagReport(model->diag, RHO_ID_GRAD_OF_VECTOR, ast->place, "grad of a vector");
    RhoDiagHint(model->diag, "lap(e) is div(grad(e)); grad(div(...)) is a vector again");
    return RHO_NONE;
  }
  if (scope->component >= 0) return Operator(scope, ast, RHO_OP_DIFF, scope->component, arg);
  return Operator(scope, ast, RHO_OP_GRAD, 0, arg);
}

static RhoNode Lap(Scope *scope, const RhoAst *ast) {
  if (!rho_check_count(scope, ast, 1, "lap(e)")) return RHO_NONE;
  RhoNode arg = rho_scalar(scope, ast->arg[0], "the argument of lap");
  return arg < 0 ? RHO_NONE : Operator(scope, ast, RHO_OP_LAP, 0, arg);
}

static RhoNode Div(Scope *scope, const RhoAst *ast) {
  if (!rho_check_count(scope, ast, 1, "div(a*grad(b))")) return RHO_NONE;
  RhoNode v = Vector(scope, ast->arg[0], "the argument of div");
  if (v < 0) return RHO_NONE;
  RhoGraphSetPlace(scope->model->graph, ast->place);
  return rho_vector_div(scope, v);
}

static RhoNode Dot(Scope *scope, const RhoAst *ast) {
  if (!rho_check_count(scope, ast, 2, "dot(grad(a), grad(b))")) return RHO_NONE;
  RhoNode v = Vector(scope, ast->arg[0], "an argument of dot");
  RhoNode w = Vector(scope, ast->arg[1], "an argument of dot");
  if (v < 0 || w < 0) return RHO_NONE;
  RhoGraphSetPlace(scope->model->graph, ast->place);
  return rho_vector_dot(scope, v, w);
}

static RhoNode Diff(Scope *scope, const RhoAst *ast) {
  if (!rho_check_count(scope, ast, 2, "d(e, x): the derivative of e along the dimension x")) return RHO_NONE;
  RhoNode arg = rho_scalar(scope, ast->arg[0], "what is differentiated");
  int d = rho_scope_dimension(scope, ast->arg[1]);
  return arg < 0 || d < 0 ? RHO_NONE : Operator(scope, ast, RHO_OP_DIFF, d, arg);
}

static RhoNode Integral(Scope *scope, const RhoAst *ast) {
  if (!rho_check_count(scope, ast, 2, "integral(q, e): the integral of e over the dimension q")) return RHO_NONE;
  int d = rho_scope_dimension(scope, ast->arg[0]);
  if (d < 0) return RHO_NONE;
  RhoNode arg = rho_scalar(scope, ast->arg[1], "what is integrated");
  return arg < 0 ? RHO_NONE : Operator(scope, ast, RHO_OP_INTEGRAL, d, arg);
}

/* ---- kernels and tables ---- */

static void ReportNoName(Scope *scope, const RhoAst *ast, NameKind kind) {
  RhoModel model = scope->model;
  bool kernel = kind == NAME_KERNEL;
  RhoDiagId id = kernel ? RHO_ID_UNKNOWN_KERNEL : RHO_ID_UNKNOWN_TABLE;
  if (ast->kind != RHO_AST_NAME)
    RhoDiagReport(model->diag, id, ast->place, "expected the name of %s", rho_kind_word(kind));
  else RhoDiagReport(model->diag, id, ast->place, "'%s' is not %s", ast->name, rho_kind_word(kind));
  const char *near = ast->kind == RHO_AST_NAME ? rho_names_suggest(model, ast->name, NULL, 1u << kind) : NULL;
  if (near) RhoDiagHint(model->diag, "did you mean '%s'?", near);
  else
    RhoDiagHint(model->diag,
                kernel ? "conv(K, e) with K declared under 'kernels'" : "table(D, e) with D declared under 'tables'");
}

/* The number of the kernel or table that the first argument names; -1 after a report. */
static int Numbered(Scope *scope, const RhoAst *ast, NameKind kind) {
  Name *name = ast->kind == RHO_AST_NAME ? rho_names_find(scope->model, ast->name) : NULL;
  if (!name || name->kind != kind) {
    ReportNoName(scope, ast, kind);
    return -1;
  }
  int e = rho_scope_element(scope, name, ast);
  return e < 0 ? -1 : name->element[e].number;
}

static RhoNode Conv(Scope *scope, const RhoAst *ast) {
  if (!rho_check_count(scope, ast, 2, "conv(K, e)")) return RHO_NONE;
  int kernel = Numbered(scope, ast->arg[0], NAME_KERNEL);
  RhoNode arg = rho_scalar(scope, ast->arg[1], "what is convolved");
  return kernel < 0 || arg < 0 ? RHO_NONE : Operator(scope, ast, RHO_OP_CONV, kernel, arg);
}

static RhoNode Table(Scope *scope, const RhoAst *ast) {
  if (!rho_check_count(scope, ast, 2, "table(NAME, e)")) return RHO_NONE;
  int table = Numbered(scope, ast->arg[0], NAME_TABLE);
  RhoNode arg = rho_scalar(scope, ast->arg[1], "the argument of a table");
  if (table < 0 || arg < 0) return RHO_NONE;
  RhoGraphSetPlace(scope->model->graph, ast->place);
  return RhoGraphCall(scope->model->graph, RHO_FN_TABLE, 4 * table, &arg);
}

/* K(0) */
static RhoNode KernelAtOrigin(Scope *scope, Name *name, const RhoAst *ast) {
  RhoModel model = scope->model;
  if (ast->narg != 1 || ast->arg[0]->kind != RHO_AST_NUMBER || ast->arg[0]->number != 0) {
    RhoDiagReport(model->diag, RHO_ID_WRONG_ARGUMENTS, ast->place, "a kernel has a value at 0 only: %s(0)",
                  rho_names_pattern(model, name));
    RhoDiagHint(model->diag, "conv(%s, e) convolves; a function of your own belongs under 'define'",
                rho_names_pattern(model, name));
    return RHO_NONE;
  }
  int e = rho_scope_element(scope, name, ast);
  if (e < 0 || name->element[e].number < 0) return RHO_NONE;
  return rho_kernel_number(model, name->element[e].number, name->element[e].label, RHO_KERNEL_AT0);
}

/* integral(K), corrector(K) */
static RhoNode KernelNumber(Scope *scope, const RhoAst *ast, RhoKernelNumber number) {
  int k = Numbered(scope, ast->arg[0], NAME_KERNEL);
  if (k < 0) return RHO_NONE;
  Name *name = rho_names_find(scope->model, ast->arg[0]->name);
  int e = rho_scope_element(scope, name, ast->arg[0]);
  return rho_kernel_number(scope->model, k, name->element[e].label, number);
}

static RhoNode Corrector(Scope *scope, const RhoAst *ast) {
  if (!rho_check_count(scope, ast, 1, "corrector(K): the corrector coefficient of a kernel 1 - g")) return RHO_NONE;
  return KernelNumber(scope, ast, RHO_KERNEL_CORRECTOR);
}

/* integral(K) of a kernel, integral(q, e) of a formula */
static RhoNode AnyIntegral(Scope *scope, const RhoAst *ast) {
  bool of_kernel = ast->narg == 1 && ast->nindex == 0;
  if (of_kernel) return KernelNumber(scope, ast, RHO_KERNEL_INTEGRAL);
  return MayOperate(scope, ast) ? Integral(scope, ast) : RHO_NONE;
}

/* ---- sums ---- */

/* sum(i, j, i < j, e): letters and conditions on letters, then what is summed. */
static bool IsLetter(const RhoAst *ast) { return ast->kind == RHO_AST_NAME && ast->nindex == 0; }

static RhoNode Fold(Scope *scope, const RhoAst *ast, bool product, RhoNode sum, RhoNode term) {
  RhoModel model = scope->model;
  if (product && !rho_expect_scalar(scope, term, ast->place, "a factor of prod")) return RHO_NONE;
  if (sum < 0) return term;
  RhoGraphSetPlace(model->graph, ast->place);
  if (rho_rank(model, sum) == rho_rank(model, term))
    return RhoGraph2(model->graph, product ? RHO_FN_MUL : RHO_FN_ADD, sum, term);
  RhoDiagReport(model->diag, RHO_ID_VECTOR_SUM, ast->place, "some terms of this sum are vectors, some are scalars");
  return RHO_NONE;
}

bool rho_condition(Scope *scope, const RhoAst *ast, bool *holds) {
  Scope inner = *scope;
  inner.may = 0;
  inner.what = "a condition on index letters";
  RhoNode node = rho_scalar(&inner, ast, "a condition");
  if (node < 0) return false;
  RhoNodeInfo info = RhoGraphNode(scope->model->graph, node);
  *holds = info.value != 0;
  if (info.kind == RHO_CONSTANT) return true;
  RhoDiagReport(scope->model->diag, RHO_ID_NOT_CONSTANT, ast->place,
                "this condition can compare index letters and numbers only");
  RhoDiagHint(scope->model->diag, "a letter is the position of its member: i < j, n != s");
  return false;
}

static bool AddTerms(Scope *scope, const RhoAst *ast, int k, RhoNode *sum);

/* The terms for all members of the letter arg[k]. */
static bool AddMembers(Scope *scope, const RhoAst *ast, int k, RhoNode *sum) {
  Private p = scope->model->priv;
  const IndexLetter *letter = &p->letter[rho_index_letter(scope->model, ast->arg[k]->name)];
  for (int m = 0; m < p->set[letter->set].nmember; m++) {
    Binding binding = {letter->name, letter->set, m, RHO_NONE, scope->binding};
    Scope inner = *scope;
    inner.binding = &binding;
    if (!AddTerms(&inner, ast, k + 1, sum)) return false;
  }
  return true;
}

/* The terms that the letters and conditions from arg[k] on leave, added to sum in order. */
static bool AddTerms(Scope *scope, const RhoAst *ast, int k, RhoNode *sum) {
  bool holds;
  if (k < ast->narg - 1) {
    if (IsLetter(ast->arg[k])) return AddMembers(scope, ast, k, sum);
    if (!rho_condition(scope, ast->arg[k], &holds)) return false;
    return !holds || AddTerms(scope, ast, k + 1, sum);
  }
  RhoNode term = rho_elaborate(scope, ast->arg[k]);
  if (term >= 0) *sum = Fold(scope, ast, strcmp(ast->name, "prod") == 0, *sum, term);
  return term >= 0 && *sum >= 0;
}

static bool CheckLetter(Scope *scope, const RhoAst *ast, int k) {
  RhoModel model = scope->model;
  const RhoAst *letter = ast->arg[k];
  if (k > 0 && !IsLetter(letter)) return true; /* a condition */
  if (!IsLetter(letter) || rho_index_letter(model, letter->name) < 0) {
    RhoDiagReport(model->diag, RHO_ID_UNKNOWN_LETTER, letter->place, "'%s' runs over index letters: %s(i, ...)",
                  ast->name, ast->name);
    RhoDiagHint(model->diag, "letters are declared at the top: index: {i: [a, b]}");
    return false;
  }
  bool bound = rho_scope_find(scope, letter->name) != NULL;
  for (int l = 0; l < k; l++) bound = bound || (IsLetter(ast->arg[l]) && !strcmp(ast->arg[l]->name, letter->name));
  if (!bound) return true;
  RhoDiagReport(model->diag, RHO_ID_INDEX_SHADOWED, letter->place, "the index letter '%s' is already bound here",
                letter->name);
  RhoDiagHint(model->diag, "give the set a second letter: index: {\"%s, %s2\": [...]}", letter->name, letter->name);
  return false;
}

static RhoNode Sum(Scope *scope, const RhoAst *ast) {
  RhoNode sum = RHO_NONE;
  if (ast->narg < 2 && !rho_check_count(scope, ast, 2, "sum(i, e), prod(i, e), sum(i, j, i < j, e)")) return RHO_NONE;
  for (int k = 0; k + 1 < ast->narg; k++)
    if (!CheckLetter(scope, ast, k)) return RHO_NONE;
  if (!AddTerms(scope, ast, 0, &sum)) return RHO_NONE;
  return sum < 0 ? RhoGraphConstant(scope->model->graph, strcmp(ast->name, "prod") == 0) : sum;
}

/* ---- functions ---- */

static RhoNode If(Scope *scope, const RhoAst *ast) {
  RhoNode arg[3];
  if (!rho_check_count(scope, ast, 3, "if(condition, then, else)")) return RHO_NONE;
  arg[0] = rho_scalar(scope, ast->arg[0], "a condition");
  for (int k = 1; k < 3; k++) arg[k] = rho_elaborate(scope, ast->arg[k]);
  if (arg[0] < 0 || arg[1] < 0 || arg[2] < 0) return RHO_NONE;
  int rank = rho_rank(scope->model, arg[1]);
  RhoGraphSetPlace(scope->model->graph, ast->place);
  if (rank != rho_rank(scope->model, arg[2])) {
    RhoDiagReport(scope->model->diag, RHO_ID_VECTOR_SUM, ast->place, "if chooses between a vector and a scalar");
    return RHO_NONE;
  }
  return rank ? rho_vector_select(scope, arg[0], arg[1], arg[2])
              : RhoGraphCall(scope->model->graph, RHO_FN_SELECT, 0, arg);
}

static const struct {
  const char *name;
  int narg;
} function_row[] = {
#define RHO_FUNCTION(id, name, narg, value, d0, d1, dual0, dual1) {name, narg},
#include "rhoflux/functions.def"
#undef RHO_FUNCTION
};

static int FindFunction(const char *name) {
  for (int f = 0; f < RHO_FN_COUNT; f++)
    if (*function_row[f].name && strcmp(function_row[f].name, name) == 0) return f;
  return -1;
}

static RhoNode Pointwise(Scope *scope, const RhoAst *ast, int f) {
  RhoNode arg[3];
  const char *usage = function_row[f].narg == 2 ? "two arguments, separated by ','" : "one argument";
  if (!rho_check_count(scope, ast, function_row[f].narg, usage)) return RHO_NONE;
  for (int k = 0; k < ast->narg; k++) {
    arg[k] = rho_scalar(scope, ast->arg[k], RhoArenaPrint(scope->model->arena, "the argument of %s", ast->name));
    if (arg[k] < 0) return RHO_NONE;
  }
  RhoGraphSetPlace(scope->model->graph, ast->place);
  return RhoGraphCall(scope->model->graph, (RhoFunction)f, 0, arg);
}

/* What other programs call it. */
static const char *const foreign[][2] = {
    {"ln", "log"},
    {"fabs", "abs"},
    {"pow", "x^y"},
    {"heaviside", "step"},
    {"theta", "step"},
    {"laplacian", "lap"},
    {"laplace", "lap"},
    {"gradient", "grad"},
    {"nabla", "grad"},
    {"divergence", "div"},
    {"convolve", "conv"},
    {"sgn", "sign"},
    {"arctan", "atan"},
    {"arcsin", "asin"},
    {"arccos", "acos"},
    {"where", "if"},
    {"select", "if"},
    {"diff", "d(e, x)"},
    {"dx", "d(e, x)"},
    {"log10", "log(x)/log(10)"},
    {"square", "x^2"},
    {"product", "prod"},
    {"inner", "dot"},
    {"int", "integral"},
    {"exp2", "2^x"},
    {"maximum", "max"},
    {"minimum", "min"},
    {"interp", "table"},
    {"sech", "1/cosh(x)"},
    {"indicator", "zone(x, a, b)"},
    {"box", "zone(x, a, b)"},
    {"mask", "zone(x, a, b)"},
};

static const char *NearFunction(RhoModel model, const char *name) {
  static const char *const form[] = {"sum", "prod",     "grad",      "div",   "lap", "dot", "conv",
                                     "d",   "integral", "corrector", "table", "if",  "zone"};
  const char **candidate = NULL;
  int n = 0, capacity = 0;
  for (size_t k = 0; k < sizeof foreign / sizeof *foreign; k++)
    if (strcmp(foreign[k][0], name) == 0) return foreign[k][1];
  for (size_t k = 0; k < sizeof form / sizeof *form; k++) *RHO_PUSH(model->arena, candidate, n, capacity) = form[k];
  for (int f = 0; f < RHO_FN_COUNT; f++)
    if (*function_row[f].name) *RHO_PUSH(model->arena, candidate, n, capacity) = function_row[f].name;
  for (int i = 0; i < model->priv->nname; i++)
    if (model->priv->name[i]->function) *RHO_PUSH(model->arena, candidate, n, capacity) = model->priv->name[i]->name;
  return RhoSuggest(name, n, candidate);
}

static RhoNode UnknownFunction(Scope *scope, const RhoAst *ast, const Name *name) {
  RhoModel model = scope->model;
  if (name || rho_scope_find(scope, ast->name) || rho_is_builtin(ast->name)) {
    RhoDiagReport(model->diag, RHO_ID_UNKNOWN_FUNCTION, ast->place, "'%s' is not a function", ast->name);
    RhoDiagHint(model->diag, "products are written with *: %s*(...)", ast->name);
    return RHO_NONE;
  }
  RhoDiagReport(model->diag, RHO_ID_UNKNOWN_FUNCTION, ast->place, "unknown function '%s'", ast->name);
  const char *near = NearFunction(model, ast->name);
  if (near) RhoDiagHint(model->diag, "did you mean '%s'?", near);
  else RhoDiagHint(model->diag, "functions of your own are written under define: \"%s(x)\": ...", ast->name);
  return RHO_NONE;
}

static RhoNode OfModel(Scope *scope, const RhoAst *ast) {
  Name *name = rho_names_find(scope->model, ast->name);
  if (!name || rho_scope_find(scope, ast->name)) return UnknownFunction(scope, ast, NULL);
  if (name->kind == NAME_KERNEL) return KernelAtOrigin(scope, name, ast);
  if (!name->function) return UnknownFunction(scope, ast, name);
  return rho_function_call(scope, name, ast);
}

static const struct {
  const char *name;
  RhoNode (*elaborate)(Scope *, const RhoAst *);
  bool operates; /* on fields: not in parameters, kernels, initial states */
} form_row[] = {{"sum", Sum, false},
                {"prod", Sum, false},
                {"table", Table, false},
                {"if", If, false},
                {"grad", Grad, true},
                {"div", Div, true},
                {"lap", Lap, true},
                {"dot", Dot, true},
                {"conv", Conv, true},
                {"d", Diff, true},
                {"integral", AnyIntegral, false},
                {"corrector", Corrector, false},
                {"zone", rho_zone, false}};

RhoNode rho_call(Scope *scope, const RhoAst *ast) {
  for (size_t k = 0; k < sizeof form_row / sizeof *form_row; k++) {
    if (strcmp(form_row[k].name, ast->name) != 0) continue;
    return form_row[k].operates && !MayOperate(scope, ast) ? RHO_NONE : form_row[k].elaborate(scope, ast);
  }
  int f = FindFunction(ast->name);
  return f >= 0 && f != RHO_FN_TABLE ? Pointwise(scope, ast, f) : OfModel(scope, ast);
}
