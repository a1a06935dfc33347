/* case_stability.c - the section `stability:` of a case.

     stability:
       state: {"c[i]": 0.4, phi: "1 - x"}    the uniform state: formulas of parameters and of what is under over
       over: {"c[A]": [0.05, 3], T: [1, 80, 201], x: [0, 1]}    a map over two fields, parameters, or names of its own
       extremes: T                           the smallest and largest of a number under over with an unstable state
       within: ["c[A] + c[B] <= 1"]          of which states
       neutral: yes | no                     the curves between stable and unstable states of a map
       q: 6                                  the largest wavenumber
       direction: [1, 0]                     of the waves
       spacing: 0.5                          waves of a grid of this spacing instead of the continuum */
#include "stability.h"
#include <math.h>
#include <string.h>

enum { MOST_POINTS = 4001, MOST_BOUNDS = 8 };

/* Of each axis of a map or question over so many, when the case does not say. */
static const int points[RHO_FAMILY_MOST + 1] = {[2] = 101, [3] = 33, [4] = 13};

static void Refuse(RhoCase *c, RhoDiagId id, RhoPlace place, const char *hint, const char *format, const char *name) {
  RhoDiagReport(c->cli->diag, id, place, format, name);
  RhoDiagHint(c->cli->diag, "%s", hint);
}

/* ---- over ---- */

static int FieldOf(const RhoCase *c, const char *name) {
  for (int i = 0; i < c->model->nfield; i++)
    if (!strcmp(c->model->field[i].name, name)) return i;
  return -1;
}

/* T[A], or T of T[A] and T[B], or T[i]: what goes to the model's own reading of parameters. */
static bool IsParameter(const RhoCase *c, const char *name) {
  size_t base = strcspn(name, "[");
  for (int k = 0; k < c->model->nparameter; k++) {
    const char *known = c->model->parameter[k].name;
    if (c->model->parameter[k].kernel < 0 && strcspn(known, "[") == base && !strncmp(known, name, base)) return true;
  }
  return false;
}

static void SetParameters(RhoCase *c, const RhoYaml *key, RhoAxis *axis) {
  RhoYaml *zero = RhoArenaAlloc(c->cli->arena, sizeof *zero);
  const RhoYaml *item = zero;
  const RhoSetting *setting;
  RhoYaml map = {.kind = RHO_YAML_MAP, .n = 1, .key = &key, .item = &item, .place = key->place};
  *zero = *key;
  zero->text.text = "0";
  zero->text.nbyte = 1;
  if (RhoModelSettings(c->model, &map, &axis->nsetting, &setting)) return;
  const char **name = RhoArenaAlloc(c->cli->arena, sizeof *name * (size_t)(axis->nsetting + 1));
  for (int k = 0; k < axis->nsetting; k++) name[k] = setting[k].name;
  axis->setting = name;
}

static void ReadRange(RhoCase *c, const RhoYaml *range, RhoAxis *axis, int *npoint) {
  double number[3] = {0, 0, *npoint};
  if (!RhoYamlExpect(c->cli->diag, range, RHO_YAML_LIST, axis->name)) return;
  for (int k = 0; k < range->n && k < 3; k++)
    if (!rho_case_value(c, range->item[k], &number[k])) return;
  bool sound = (range->n == 2 || range->n == 3) && number[0] < number[1] && number[2] >= 2 &&
               number[2] <= MOST_POINTS && number[2] == floor(number[2]);
  if (!sound)
    Refuse(c, RHO_ID_CASE_RANGE, range->place, "[from, to] or [from, to, points], from below to, up to 4001 points",
           "this is no range of '%s'", axis->name);
  axis->from = number[0];
  axis->to = number[1];
  *npoint = (int)number[2];
}

static void ReadAxis(RhoCase *c, const RhoYaml *key, const RhoYaml *range, RhoAxis *axis, int *npoint) {
  const char *name = key->text.text;
  int field = FieldOf(c, name);
  *axis = (RhoAxis){.name = name, .symbol = RHO_NONE};
  if (field >= 0) axis->symbol = c->model->field[field].symbol;
  else if (IsParameter(c, name)) SetParameters(c, key, axis);
  else axis->symbol = RhoGraphSymbol(c->model->graph, RHO_SYM_PARAMETER, RhoArenaPrint(c->cli->arena, "over %s", name));
  ReadRange(c, range, axis, npoint);
  if (field >= 0 && c->model->field[field].kind == RHO_DENSITY && axis->from < 0)
    Refuse(c, RHO_ID_CASE_RANGE, range->place, "densities are not negative", "the density '%s' reaches below 0", name);
}

static void ReadOver(RhoCase *c, const RhoYaml *section, RhoCaseStability *s) {
  const RhoYaml *over = RhoYamlFind(section, "over");
  if (!over || !RhoYamlExpect(c->cli->diag, over, RHO_YAML_MAP, "over")) return;
  bool question = RhoYamlFind(section, "extremes");
  if (over->n < 2 || over->n > (question ? RHO_FAMILY_MOST : 2)) {
    RhoDiagReport(c->cli->diag, RHO_ID_CASE_RANGE, over->place,
                  "a map is over two numbers, extremes over two to %d: not %d", RHO_FAMILY_MOST, over->n);
    RhoDiagHint(c->cli->diag, "over: {NAME: [from, to], OTHER: [from, to, points]}");
    return;
  }
  for (int a = 0; a < over->n; a++) {
    s->npoint[a] = points[over->n];
    ReadAxis(c, over->key[a], over->item[a], &s->axis[a], &s->npoint[a]);
  }
  s->naxis = over->n;
}

/* ---- the state ---- */

static RhoNode Formula(RhoCase *c, const RhoCaseStability *s, const RhoYaml *text) {
  const char *name[2];
  RhoNode symbol[2];
  int n = 0;
  for (int a = 0; a < s->naxis; a++)
    if (s->axis[a].symbol >= 0 && FieldOf(c, s->axis[a].name) < 0)
      name[n] = s->axis[a].name, symbol[n++] = s->axis[a].symbol;
  if (!RhoYamlExpect(c->cli->diag, text, RHO_YAML_TEXT, "a formula")) return RHO_NONE;
  return RhoModelFormula(c->model, text->text, n, name, symbol);
}

/* A formula of what is uniform and known: parameters, and the numbers of the map. */
static bool IsKnown(const RhoCase *c, const RhoCaseStability *s, RhoNode node) {
  RhoGraph graph = c->model->graph;
  RhoNodeInfo info = RhoGraphNode(graph, node);
  for (int a = 0; a < s->naxis; a++)
    if (s->axis[a].symbol == node) return true;
  for (int k = 0; k < c->eq->nuniform; k++)
    if (c->eq->uniform[k] == node) return true;
  if (info.kind == RHO_SYMBOL || info.kind == RHO_APPLY) return false;
  for (int k = 0; k < info.narg; k++)
    if (!IsKnown(c, s, info.arg[k])) return false;
  return true;
}

static void ReadField(RhoCase *c, const RhoCaseStability *s, const RhoYaml *key, const RhoYaml *text, RhoNode *state) {
  int *field = RhoArenaAlloc(c->cli->arena, sizeof *field * (size_t)c->model->nfield);
  int n = rho_case_fields(c, key, field);
  RhoNode node = n ? Formula(c, s, text) : RHO_NONE;
  if (node < 0) return;
  if (!IsKnown(c, s, node)) {
    Refuse(c, RHO_ID_CASE_FORMULA, text->place, "numbers, parameters, and names under `over`",
           "the uniform state of '%s' depends on something else than numbers", key->text.text);
    return;
  }
  for (int k = 0; k < n; k++) {
    if (state[field[k]] >= 0)
      Refuse(c, RHO_ID_CASE_CONFLICT, key->place, "once under state, or under over", "'%s' is given twice",
             c->model->field[field[k]].name);
    state[field[k]] = node;
  }
}

static void ReadState(RhoCase *c, const RhoYaml *section, RhoCaseStability *s) {
  int n = c->model->nfield;
  RhoNode *state = RhoArenaAlloc(c->cli->arena, sizeof *state * (size_t)n);
  const RhoYaml *map = RhoYamlFind(section, "state");
  s->state = state;
  s->state_place = map ? map->place : section->place;
  for (int i = 0; i < n; i++) state[i] = RHO_NONE;
  for (int a = 0; a < s->naxis; a++) {
    int field = FieldOf(c, s->axis[a].name);
    if (field >= 0) state[field] = s->axis[a].symbol;
  }
  if (map && RhoYamlExpect(c->cli->diag, map, RHO_YAML_MAP, "state"))
    for (int k = 0; k < map->n; k++) ReadField(c, s, map->key[k], map->item[k], state);
  if (RhoDiagErrors(c->cli->diag)) return;
  for (int i = 0; i < n; i++)
    if (state[i] < 0) {
      const char *name = c->model->field[i].name;
      rho_case_missing(c, map ? map : section, "the uniform state", name,
                       RhoArenaPrint(c->cli->arena, "state: {\"%s\": 1}, or a range under over", name));
      return;
    }
}

/* A name under `over` that is neither a field nor a parameter must be used. */
static void CheckUsed(RhoCase *c, const RhoYaml *section, const RhoCaseStability *s) {
  const RhoYaml *over = RhoYamlFind(section, "over");
  for (int a = 0; a < s->naxis; a++) {
    bool used = s->axis[a].nsetting > 0;
    for (int i = 0; i < c->model->nfield && !used; i++)
      used = RhoGraphDependsOn(c->model->graph, s->state[i], 1, &s->axis[a].symbol);
    if (used) continue;
    const char **known = RhoArenaAlloc(c->cli->arena, sizeof *known * (size_t)(c->model->nparameter + 1));
    int n = 0;
    for (int k = 0; k < c->model->nparameter; k++)
      if (c->model->parameter[k].kernel < 0) known[n++] = c->model->parameter[k].name;
    const char *near = RhoSuggest(s->axis[a].name, n, known);
    RhoDiagReport(c->cli->diag, RHO_ID_UNKNOWN_PARAMETER, over->key[a]->place,
                  "'%s' is neither a field nor a parameter of '%s', and the state does not depend on it",
                  s->axis[a].name, c->model->name);
    if (near) RhoDiagHint(c->cli->diag, "did you mean '%s'?", near);
    else RhoDiagHint(c->cli->diag, "a name of its own is for formulas of the state: state: {phi: \"1 - x\"}");
  }
}

/* ---- waves ---- */

static void ReadTop(RhoCase *c, const RhoYaml *section, RhoCaseStability *s) {
  const RhoYaml *q = RhoYamlFind(section, "q");
  if (!q || !rho_case_value(c, q, &s->range.top) || s->range.top > 0) return;
  Refuse(c, RHO_ID_CASE_RANGE, q->place, "q: 6 looks at waves from 0 to 6; without it the range is found",
         "the largest wavenumber%s is not positive", "");
}

static void ReadDirection(RhoCase *c, const RhoYaml *section, RhoCaseStability *s) {
  const RhoYaml *list = RhoYamlFind(section, "direction");
  double size = 0;
  if (!list || !RhoYamlExpect(c->cli->diag, list, RHO_YAML_LIST, "direction")) return;
  for (int d = 0; d < list->n && d < RHO_MAXDIM; d++) {
    if (!rho_case_value(c, list->item[d], &s->range.direction[d])) return;
    size += s->range.direction[d] * s->range.direction[d];
  }
  if (!(size > 0) || list->n > s->range.ndimension)
    Refuse(c, RHO_ID_CASE_RANGE, list->place, "one component for each dimension, not all of them 0",
           "this is no direction%s", "");
  for (int d = 0; d < RHO_MAXDIM; d++) s->range.direction[d] /= sqrt(size);
  s->range.given = true;
}

static void ReadSpacing(RhoCase *c, const RhoYaml *section, RhoCaseStability *s) {
  const RhoYaml *node = RhoYamlFind(section, "spacing"), *q = RhoYamlFind(section, "q");
  double h;
  if (!node || !rho_case_value(c, node, &h)) return;
  if (!(h > 0)) Refuse(c, RHO_ID_CASE_RANGE, node->place, "the width of a cell", "the spacing%s is not positive", "");
  else if (q && s->range.top > M_PI / h * (1 + 1e-12))
    Refuse(c, RHO_ID_CASE_CONFLICT, q->place, "a grid has waves up to q = pi/spacing; leave q out",
           "the grid has no waves%s as short as that", "");
  for (int d = 0; d < RHO_MAXDIM; d++) s->spacing[d] = h;
  s->range.spacing = s->spacing;
}

static int Dimensions(const RhoCase *c) {
  int named = c->has_mesh ? c->mesh.ndimension : c->model->ndimension;
  return named ? named : c->dim ? c->dim : 1;
}

static void ReadNeutral(RhoCase *c, const RhoYaml *section, RhoCaseStability *s) {
  static const char *const word[] = {"yes", "no"};
  const RhoYaml *neutral = RhoYamlFind(section, "neutral");
  int which = neutral ? rho_case_word(c, neutral, "neutral", 2, word) : 0;
  s->neutral = which == 0;
  if (neutral && which == 0 && s->naxis == 0 && !RhoYamlFind(section, "over"))
    Refuse(c, RHO_ID_CASE_CONFLICT, neutral->place, "over: {NAME: [from, to], OTHER: [from, to]}",
           "neutral curves%s need two numbers to be drawn over", "");
}

/* ---- extremes ---- */

/* The number asked for comes first, the others in their order. */
static void PutFirst(RhoCaseStability *s, int axis) {
  RhoAxis first = s->axis[axis];
  int npoint = s->npoint[axis];
  for (int a = axis; a > 0; a--) s->axis[a] = s->axis[a - 1], s->npoint[a] = s->npoint[a - 1];
  s->axis[0] = first;
  s->npoint[0] = npoint;
}

static void ReadExtremes(RhoCase *c, const RhoYaml *section, RhoCaseStability *s) {
  const char *name[RHO_FAMILY_MOST];
  const RhoYaml *key = RhoYamlFind(section, "extremes");
  if (!key) return;
  if (!s->naxis || RhoYamlFind(section, "neutral")) {
    Refuse(c, RHO_ID_CASE_CONFLICT, key->place,
           "extremes: T, over: {T: [from, to], \"c[A]\": [from, to], \"c[B]\": [from, to]}, and no `neutral`",
           "extremes%s are those of a number over states", "");
    return;
  }
  for (int a = 0; a < s->naxis; a++) name[a] = s->axis[a].name;
  int axis = rho_case_word(c, key, "extremes", s->naxis, name);
  if (axis < 0) return;
  s->extremes = name[axis];
  s->neutral = false;
  PutFirst(s, axis);
}

/* What is not negative where one formula is at most the other; RHO_NONE of other formulas. */
static RhoNode Room(RhoCase *c, RhoNode node) {
  RhoNodeInfo info = RhoGraphNode(c->model->graph, node);
  bool compares = info.kind == RHO_CALL && (info.code == RHO_FN_LT || info.code == RHO_FN_LE);
  return compares ? RhoGraph2(c->model->graph, RHO_FN_SUB, info.arg[1], info.arg[0]) : RHO_NONE;
}

typedef struct {
  const RhoCase *c;
  const RhoCaseStability *s;
  const double *x, *value;
} Sample;

static double SymbolAt(RhoGraph graph, RhoNode symbol, void *ctx) {
  const Sample *at = ctx;
  (void)graph;
  for (int a = 0; a < at->s->naxis; a++)
    if (at->s->axis[a].symbol == symbol) return at->x[a];
  for (int k = 0; k < at->c->eq->nuniform; k++)
    if (at->c->eq->uniform[k] == symbol) return at->value[k];
  return NAN;
}

/* A formula amid the window, at a part of the first axis; NaN: none. */
static double ValueAt(RhoCase *c, const RhoCaseStability *s, RhoNode formula, double part) {
  double x[RHO_FAMILY_MOST];
  double *value = RhoArenaAlloc(c->cli->arena, sizeof *value * (size_t)(c->eq->nuniform + c->model->nfield));
  const RhoFamily family = {c->eq, c->nsetting, c->setting, s->state, s->naxis, s->axis};
  Sample at = {c, s, x, value};
  for (int a = 0; a < s->naxis; a++) x[a] = s->axis[a].from + (a ? 0.37 : part) * (s->axis[a].to - s->axis[a].from);
  if (RhoFamilyAt(&family, c->dim, x, value, value + c->eq->nuniform)) return NAN;
  return RhoGraphValue(c->model->graph, formula, SymbolAt, &at, NULL);
}

static void ReadBound(RhoCase *c, RhoCaseStability *s, const RhoYaml *text) {
  RhoNode node = Formula(c, s, text);
  if (node < 0) return;
  RhoNode room = Room(c, node);
  if (room < 0 || !IsKnown(c, s, room) || ValueAt(c, s, room, 0) != ValueAt(c, s, room, 1)) {
    Refuse(c, RHO_ID_CASE_FORMULA, text->place,
           "within: [\"c[A] + c[B] <= 1\"], of numbers, parameters, and names under `over`",
           "this does not compare two formulas of the states without '%s'", s->extremes);
    return;
  }
  s->bound[s->nbound] = room;
  s->bound_text[s->nbound++] = text->text.text;
}

static void ReadWithin(RhoCase *c, const RhoYaml *section, RhoCaseStability *s) {
  const RhoYaml *list = RhoYamlFind(section, "within");
  if (!list || RhoDiagErrors(c->cli->diag) || !RhoYamlExpect(c->cli->diag, list, RHO_YAML_LIST, "within")) return;
  if (!s->extremes || list->n > MOST_BOUNDS) {
    if (s->extremes)
      Refuse(c, RHO_ID_CASE_RANGE, list->place, "up to eight: within: [\"c[A] + c[B] <= 1\"]",
             "too many bounds of '%s'", s->extremes);
    else
      Refuse(c, RHO_ID_CASE_CONFLICT, list->place, "extremes: NAME, of a number under over",
             "bounds%s are for extremes", "");
    return;
  }
  s->bound = RhoArenaAlloc(c->cli->arena, sizeof *s->bound * (size_t)(list->n + 1));
  s->bound_text = RhoArenaAlloc(c->cli->arena, sizeof *s->bound_text * (size_t)(list->n + 1));
  for (int k = 0; k < list->n; k++) ReadBound(c, s, list->item[k]);
}

/* ---- is there an answer? ---- */

static void CheckDirection(RhoCase *c, const RhoYaml *section, const RhoCaseStability *s) {
  if (!s->naxis || s->range.given || s->range.ndimension < 2 || !RhoStabilityAnisotropic(c->eq)) return;
  rho_case_missing(c, section, "a map of a model that tells directions apart", "direction",
                   "direction: [1, 0], the waves along the first dimension; for one state all are searched");
}

/* The middle of the map, or the state. */
static void CheckState(RhoCase *c, const RhoCaseStability *s) {
  double x[RHO_FAMILY_MOST], q = 1, *value, *state;
  const double *all[RHO_MAXDIM] = {&q};
  const RhoFamily family = {c->eq, c->nsetting, c->setting, s->state, s->naxis, s->axis};
  double complex *rate = RhoArenaAlloc(c->cli->arena, sizeof *rate * (size_t)c->model->nfield);
  value = RhoArenaAlloc(c->cli->arena, sizeof *value * (size_t)(c->eq->nuniform + c->model->nfield));
  state = value + c->eq->nuniform;
  for (int a = 0; a < s->naxis; a++) x[a] = 0.5 * (s->axis[a].from + s->axis[a].to);
  if (RhoFamilyAt(&family, c->dim, x, value, state)) return;
  RhoStatus status = RhoDispersion(c->eq, c->dim, value, state, 1, all, NULL, rate, NULL);
  if (!status && (s->naxis || isfinite(creal(rate[0])))) return;
  RhoText text = RhoTextCreate(c->cli->arena);
  for (int i = 0; i < c->model->nfield; i++)
    RhoTextAdd(text, "%s%s = %g", i ? ", " : "", c->model->field[i].name, state[i]);
  Refuse(c, RHO_ID_UNDEFINED_STATE, s->state_place, "a formula of the model has no value there (log of 0, 1/0)",
         "there are no growth rates about %s", RhoTextGet(text));
}

void rho_case_stability_read(RhoCase *c) {
  static const char *const keys[] = {"state", "over", "neutral", "q", "direction", "spacing", "extremes", "within"};
  const RhoYaml *section = rho_case_map(c, c->root, "stability", 8, keys);
  int nerror = RhoDiagErrors(c->cli->diag);
  if (!section || nerror) return;
  RhoCaseStability *s = RhoArenaAlloc(c->cli->arena, sizeof *s);
  *s = (RhoCaseStability){.place = section->place};
  s->range.dim = c->dim;
  s->range.ndimension = Dimensions(c);
  if (c->eq->uses_coordinate) {
    Refuse(c, RHO_ID_NO_SYMBOL, section->place,
           "plane waves grow by themselves only where the coefficients are uniform",
           "a coefficient of '%s' depends on a coordinate: it has no growth rates", c->model->name);
    return;
  }
  ReadOver(c, section, s);
  ReadState(c, section, s);
  ReadTop(c, section, s);
  ReadDirection(c, section, s);
  ReadSpacing(c, section, s);
  ReadNeutral(c, section, s);
  if (RhoDiagErrors(c->cli->diag) > nerror) return;
  CheckUsed(c, section, s);
  ReadExtremes(c, section, s);
  ReadWithin(c, section, s);
  CheckDirection(c, section, s);
  if (RhoDiagErrors(c->cli->diag) == nerror) CheckState(c, s);
  c->stability = s;
}
