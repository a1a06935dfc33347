/* yaml_values.c - taking values out of a YAML tree: keys, numbers, integers. */
#include "yaml_private.h"
#include <math.h>
#include <string.h>

const RhoYaml *RhoYamlFind(const RhoYaml *map, const char *key) {
  if (!map || map->kind != RHO_YAML_MAP) return NULL;
  for (int i = 0; i < map->n; i++)
    if (strcmp(map->key[i]->text.text, key) == 0) return map->item[i];
  return NULL;
}

const char *RhoYamlText(const RhoYaml *node) { return node && node->kind == RHO_YAML_TEXT ? node->text.text : NULL; }

bool RhoYamlExpect(RhoDiag diag, const RhoYaml *node, RhoYamlKind kind, const char *what) {
  static const char *const name[] = {"text", "a list", "a map"};
  if (node->kind == kind) return true;
  if (node->kind == RHO_YAML_TEXT && !*node->text.text) {
    RhoDiagReport(diag, RHO_ID_WRONG_KIND, node->place, "%s: expected %s, found nothing", what, name[kind]);
    RhoDiagHint(diag, "what belongs to a key stands behind it, or below it and indented further; or leave the key out");
    return false;
  }
  RhoDiagReport(diag, RHO_ID_WRONG_KIND, node->place, "%s: expected %s, found %s", what, name[kind], name[node->kind]);
  const char *text = node->kind == RHO_YAML_TEXT ? node->text.text : "";
  if (kind == RHO_YAML_MAP && strchr(text, ':')) RhoDiagHint(diag, "a blank stands behind the colon, 'key: value'");
  else if (kind == RHO_YAML_MAP && strchr(text, '='))
    RhoDiagHint(diag, "a value is given with a colon and a blank, 'key: value'");
  else if (kind == RHO_YAML_MAP)
    RhoDiagHint(diag, "a map has lines 'key: value', or is written {key: value, key: value}");
  else if (kind == RHO_YAML_LIST) RhoDiagHint(diag, "a list has lines '- item', or is written [item, item]");
  else RhoDiagHint(diag, "formulas and names are written as one text, in quotes where needed");
  return false;
}

static bool IsAllowed(const char *key, int nallowed, const char *const *allowed) {
  for (int i = 0; i < nallowed; i++)
    if (strcmp(key, allowed[i]) == 0) return true;
  return false;
}

static void HintAllowed(RhoDiag diag, int nallowed, const char *const *allowed) {
  char list[400] = "";
  size_t n = 0;
  for (int i = 0; i < nallowed && n < sizeof list - 40; i++)
    n += (size_t)snprintf(list + n, sizeof list - n, "%s%.30s", i ? ", " : "", allowed[i]);
  RhoDiagHint(diag, "possible here: %s", list);
}

void RhoYamlOnly(RhoDiag diag, const RhoYaml *map, const char *what, int nallowed, const char *const *allowed) {
  for (int i = 0; i < map->n; i++) {
    const char *key = map->key[i]->text.text;
    if (IsAllowed(key, nallowed, allowed)) continue;
    RhoDiagReport(diag, RHO_ID_UNKNOWN_KEY, map->key[i]->place, "%s has no key '%s'", what, key);
    const char *near = RhoSuggest(key, nallowed, allowed);
    if (near) RhoDiagHint(diag, "did you mean '%s'?", near);
    else HintAllowed(diag, nallowed, allowed);
  }
}

/* ---- numbers ---- */

static double FunctionValue(RhoFunction f, double x, double y, double z) {
  (void)z;
  switch (f) {
#define RHO_FUNCTION(id, name, narg, value, d0, d1, dual0, dual1)                                                      \
  case RHO_FN_##id:                                                                                                    \
    return value;
#include "rhoflux/functions.def"
#undef RHO_FUNCTION
  default: return NAN;
  }
}

static const struct {
  const char *name;
  int narg;
} function_row[] = {
#define RHO_FUNCTION(id, name, narg, value, d0, d1, dual0, dual1) {name, narg},
#include "rhoflux/functions.def"
#undef RHO_FUNCTION
};

/* The one name that a formula may have besides pi, or NULL. */
typedef struct {
  const char *name;
  double value;
} Variable;

static bool Evaluate(const RhoAst *ast, const Variable *variable, double *value);

static bool EvaluateCall(const RhoAst *ast, const Variable *variable, double *value) {
  double x[3] = {0};
  if (ast->narg > 3 || ast->nindex > 0) return false;
  for (int k = 0; k < ast->narg; k++)
    if (!Evaluate(ast->arg[k], variable, &x[k])) return false;
  for (int f = 0; f < RHO_FN_COUNT; f++) {
    if (strcmp(function_row[f].name, ast->name) != 0 || function_row[f].narg != ast->narg) continue;
    *value = FunctionValue((RhoFunction)f, x[0], x[1], x[2]);
    return f != RHO_FN_TABLE;
  }
  return false;
}

static bool EvaluateBinary(const RhoAst *ast, const Variable *variable, double *value) {
  double x, y;
  if (!Evaluate(ast->arg[0], variable, &x) || !Evaluate(ast->arg[1], variable, &y)) return false;
  switch (ast->op) {
  case '+': *value = x + y; return true;
  case '-': *value = x - y; return true;
  case '*': *value = x * y; return true;
  case '/': *value = x / y; return true;
  case '^': *value = pow(x, y); return true;
  default: return false;
  }
}

static bool EvaluateName(const RhoAst *ast, const Variable *variable, double *value) {
  bool known = variable->name && strcmp(ast->name, variable->name) == 0;
  *value = known ? variable->value : M_PI;
  return ast->nindex == 0 && (known || strcmp(ast->name, "pi") == 0);
}

static bool Evaluate(const RhoAst *ast, const Variable *variable, double *value) {
  switch (ast->kind) {
  case RHO_AST_NUMBER: *value = ast->number; return true;
  case RHO_AST_NAME: return EvaluateName(ast, variable, value);
  case RHO_AST_CALL: return EvaluateCall(ast, variable, value);
  case RHO_AST_BINARY: return EvaluateBinary(ast, variable, value);
  case RHO_AST_UNARY:
    if (!Evaluate(ast->arg[0], variable, value)) return false;
    *value = ast->op == '-' ? -*value : ast->op == '|' ? fabs(*value) : *value == 0;
    return true;
  }
  return false;
}

bool RhoYamlNumber(RhoArena arena, RhoDiag diag, const RhoYaml *node, double *value) {
  if (!RhoYamlExpect(diag, node, RHO_YAML_TEXT, "a number")) return false;
  const RhoAst *ast = RhoParse(arena, diag, node->text);
  if (!ast) return false;
  if (Evaluate(ast, &(Variable){.name = NULL}, value) && isfinite(*value)) return true;
  RhoDiagReport(diag, RHO_ID_NUMBER_EXPECTED, node->place, "expected a number, found '%.60s'", node->text.text);
  RhoDiagHint(diag, "0.5, 1e-3, 2*pi and sqrt(2)/3 are numbers; names other than pi are not known here");
  return false;
}

bool RhoYamlFunction(RhoArena arena, RhoDiag diag, const RhoYaml *node, const char *variable, int n, const double *x,
                     double *value) {
  if (!RhoYamlExpect(diag, node, RHO_YAML_TEXT, "a formula")) return false;
  const RhoAst *ast = RhoParse(arena, diag, node->text);
  for (int k = 0; ast && k < n; k++) {
    if (Evaluate(ast, &(Variable){variable, x[k]}, &value[k]) && isfinite(value[k])) continue;
    RhoDiagReport(diag, RHO_ID_NUMBER_EXPECTED, node->place, "'%.60s' is no number at %s = %.10g", node->text.text,
                  variable, x[k]);
    RhoDiagHint(diag, "names other than %s and pi are not known here", variable);
    return false;
  }
  return ast != NULL;
}

const char *RhoYamlPath(RhoArena arena, RhoDiag diag, const RhoYaml *node) {
  const char *beside = RhoDiagSourceName(diag, node->place.source), *slash = strrchr(beside, '/');
  if (!slash || node->text.text[0] == '/') return node->text.text;
  return RhoArenaPrint(arena, "%.*s/%s", (int)(slash - beside), beside, node->text.text);
}

bool RhoYamlInteger(RhoDiag diag, const RhoYaml *node, long lowest, long highest, long *value) {
  if (!RhoYamlExpect(diag, node, RHO_YAML_TEXT, "an integer")) return false;
  char rest;
  if (sscanf(node->text.text, "%12ld%c", value, &rest) == 1 && *value >= lowest && *value <= highest) return true;
  RhoDiagReport(diag, RHO_ID_NUMBER_EXPECTED, node->place, "expected an integer from %ld to %ld, found '%.60s'", lowest,
                highest, node->text.text);
  RhoDiagHint(diag, "integers are written with digits alone");
  return false;
}
