/* model_protocol.c - parameters that depend on time: protocol: {chi: formula of t, "T[A]": {at: [[t, value], ...],
   between: linear | step}}.

   The parameter's symbol is replaced by its formula in every node of the model; a parameter that is a formula of it
   follows.  So nothing else needs to know: what depends on t is found on the graph, as in a model that says t itself.
   A table is a tree of choices by time, if(t < t_k, ..., ...), constant before its first row and after its last. */
#include "model_private.h"
#include <string.h>

typedef struct {
  RhoModel model;
  int nsetting;
  const RhoSetting *setting;
  int nowner, *owner; /* [nowner nodes]: parameter + 1 of a symbol */
  RhoNode *given;     /* [nparameter]: the protocol's formula, or RHO_NONE */
  RhoNode *now;       /* [nparameter]: what stands for it; RHO_NONE: its symbol, or not known yet */
  State *state;       /* [nparameter] */
  const char **chain;
  int nchain;
  bool failed;
} Protocol;

static const char *const what = "a protocol";

/* ---- tables ---- */

typedef struct {
  double time;
  RhoNode value;
} Row;

static void Report(Protocol *p, RhoPlace place, const char *message, const char *hint) {
  RhoDiagReport(p->model->diag, RHO_ID_PROTOCOL, place, "%s", message);
  RhoDiagHint(p->model->diag, "%s", hint);
  p->failed = true;
}

static bool ReadRow(Protocol *p, Scope *scope, const RhoYaml *pair, Row *row) {
  if (pair->kind != RHO_YAML_LIST || pair->n != 2) {
    Report(p, pair->place, "a row is a time and a value", "at: [[0, 1], [10, 2.5]]");
    return false;
  }
  if (!RhoYamlNumber(p->model->arena, p->model->diag, pair->item[0], &row->time)) return false;
  row->value = rho_elaborate_rank(scope, pair->item[1], 0, what);
  return row->value >= 0;
}

/* What holds from one row to the next. */
static RhoNode Between(RhoModel model, const Row *row, bool linear) {
  RhoGraph graph = model->graph;
  if (!linear) return row->value;
  RhoNode from = RhoGraphConstant(graph, row[0].time), length = RhoGraphConstant(graph, row[1].time - row[0].time);
  RhoNode slope = RhoGraph2(graph, RHO_FN_DIV, RhoGraph2(graph, RHO_FN_SUB, row[1].value, row[0].value), length);
  RhoNode passed = RhoGraph2(graph, RHO_FN_SUB, model->time, from);
  return RhoGraph2(graph, RHO_FN_ADD, row->value, RhoGraph2(graph, RHO_FN_MUL, slope, passed));
}

/* piece[k] holds before corner[k], the last one after all, each until the next: chosen by halves. */
static RhoNode Tree(RhoModel model, const double *corner, const RhoNode *piece, int first, int last) {
  RhoGraph graph = model->graph;
  if (first == last) return piece[first];
  int middle = (first + last) / 2;
  RhoNode time = RhoGraphConstant(graph, corner[middle]);
  RhoNode choice[] = {RhoGraph2(graph, RHO_FN_LT, model->time, time), Tree(model, corner, piece, first, middle),
                      Tree(model, corner, piece, middle + 1, last)};
  return RhoGraphCall(graph, RHO_FN_SELECT, 0, choice);
}

static RhoNode Pieces(RhoModel model, int n, const Row *row, bool linear) {
  double *corner = RhoArenaAlloc(model->arena, (size_t)n * sizeof *corner);
  RhoNode *piece = RhoArenaAlloc(model->arena, ((size_t)n + 1) * sizeof *piece);
  int m = 0;
  piece[0] = row[0].value;
  for (int k = 0; k < n; k++) {
    if (k + 1 < n && row[k + 1].time == row[k].time) continue; /* a jump */
    corner[m++] = row[k].time;
    piece[m] = k + 1 < n ? Between(model, &row[k], linear) : row[k].value;
  }
  return Tree(model, corner, piece, 0, m);
}

static bool IsLinear(Protocol *p, const RhoYaml *between) {
  const char *word = RhoYamlText(between);
  if (!between || (word && strcmp(word, "linear") == 0)) return true;
  if (word && strcmp(word, "step") == 0) return false;
  RhoDiagReport(p->model->diag, RHO_ID_UNKNOWN_WORD, between->place, "between the times a protocol is linear or step");
  RhoDiagHint(p->model->diag, "between: linear, or step: each value from its time on");
  p->failed = true;
  return true;
}

/* Two rows of one time are a jump. */
static bool CheckTimes(Protocol *p, const RhoYaml *at, const Row *row) {
  for (int k = 1; k < at->n; k++) {
    bool third = k > 1 && row[k].time == row[k - 2].time;
    if (row[k].time >= row[k - 1].time && !third) continue;
    Report(p, at->item[k]->place, third ? "a third value at one time" : "the times of a protocol do not ascend here",
           "times ascend; two rows of the same time are a jump");
    return false;
  }
  return true;
}

static RhoNode Table(Protocol *p, Scope *scope, const RhoYaml *map) {
  static const char *const allowed[] = {"at", "between"};
  const RhoYaml *at = RhoYamlFind(map, "at");
  RhoYamlOnly(p->model->diag, map, what, 2, allowed);
  if (!at || at->kind != RHO_YAML_LIST || at->n == 0) {
    Report(p, map->place, "a protocol by a table needs the key 'at' with rows of a time and a value",
           "{at: [[0, 1], [10, 2.5]], between: linear}; or a formula of t");
    return RHO_NONE;
  }
  Row *row = RhoArenaAlloc(p->model->arena, (size_t)at->n * sizeof *row);
  for (int k = 0; k < at->n; k++)
    if (!ReadRow(p, scope, at->item[k], &row[k])) return RHO_NONE;
  bool linear = IsLinear(p, RhoYamlFind(map, "between"));
  return CheckTimes(p, at, row) ? Pieces(p->model, at->n, row, linear) : RHO_NONE;
}

/* ---- the entries ---- */

static bool IsSet(const Protocol *p, int parameter) {
  for (int k = 0; k < p->nsetting; k++)
    if (rho_is_setting_of(&p->setting[k], p->model->parameter[parameter].name)) return true;
  return false;
}

static void ReadElement(Protocol *p, const Name *name, int e, const Key *key, const RhoYaml *value) {
  const char *member[MAX_INDEX];
  Binding binding[MAX_INDEX];
  int k = name->element[e].number;
  rho_names_members(p->model, name, e, member);
  if (k < 0 || !rho_key_covers(key, member)) return;
  Scope scope = rho_scope(p->model, MAY_TIME, what, rho_key_bind(p->model, key, member, binding));
  RhoNode node = value->kind == RHO_YAML_MAP ? Table(p, &scope, value) : rho_elaborate_rank(&scope, value, 0, what);
  p->failed = p->failed || node < 0;
  p->model->parameter[k].protocol = key->place;
  if (!IsSet(p, k)) p->given[k] = node;
}

/* The entries with nmember single members in their keys: the more specific later, and over the others. */
static void ReadEntries(Protocol *p, const RhoYaml *map, int nmember) {
  for (int i = 0; i < map->n; i++) {
    Key key;
    bool sound = rho_key_read(p->model, map->key[i], &key);
    if (sound && rho_key_members(&key) != nmember) continue;
    const Name *name = sound ? rho_settings_name(p->model, NAME_PARAMETER, &key) : NULL;
    p->failed = p->failed || !name;
    for (int e = 0; name && e < name->nelement; e++) ReadElement(p, name, e, &key, map->item[i]);
  }
}

/* ---- what stands for a parameter ---- */

static RhoNode Follow(Protocol *p, int parameter);

static RhoNode Put(RhoGraph graph, RhoNode node, const RhoNode *arg, void *ctx) {
  Protocol *p = ctx;
  (void)graph;
  (void)arg;
  return node < p->nowner && p->owner[node] ? Follow(p, p->owner[node] - 1) : RHO_NONE;
}

static RhoNode Replaced(Protocol *p, RhoNode node) {
  return node < 0 ? node : RhoGraphRewrite(p->model->graph, node, Put, p);
}

static RhoNode Circle(Protocol *p, int parameter) {
  const char *name = p->model->parameter[parameter].name;
  int first = p->nchain - 1;
  while (first > 0 && strcmp(p->chain[first], name) != 0) first--;
  if (!p->failed)
    rho_report_circle(p->model->arena, p->model->diag, p->model->parameter[parameter].protocol,
                      "parameters follow each other", p->nchain - first, p->chain + first, name);
  p->failed = true;
  return RHO_NONE;
}

static RhoNode Follow(Protocol *p, int k) {
  const RhoParameter *parameter = &p->model->parameter[k];
  RhoNode node = p->given[k] >= 0 ? p->given[k] : IsSet(p, k) ? RHO_NONE : parameter->formula;
  if (p->state[k] == STATE_ACTIVE) return Circle(p, k);
  if (p->state[k] == STATE_DONE || parameter->kernel >= 0 || node < 0) return p->now[k];
  p->state[k] = STATE_ACTIVE;
  p->chain[p->nchain++] = parameter->name;
  RhoNode made = Replaced(p, node);
  p->nchain--;
  p->state[k] = STATE_DONE;
  if (p->given[k] >= 0 || made != node) p->now[k] = made;
  return p->now[k];
}

/* ---- everywhere ---- */

static void ReplaceField(Protocol *p, RhoField *f) {
  RhoNode *const one[] = {&f->mobility, &f->potential, &f->flux_all, &f->drift_all, &f->reaction};
  for (size_t k = 0; k < sizeof one / sizeof *one; k++) *one[k] = Replaced(p, *one[k]);
  for (int d = 0; d < RHO_MAXDIM; d++) {
    f->flux[d] = Replaced(p, f->flux[d]);
    f->drift[d] = Replaced(p, f->drift[d]);
  }
  for (int k = 0; k < f->nnoise; k++) f->noise[k].amplitude = Replaced(p, f->noise[k].amplitude);
}

/* What later formulas find under the names. */
static void ReplaceNames(Protocol *p) {
  Private priv = p->model->priv;
  for (int i = 0; i < priv->nname; i++) {
    Name *name = priv->name[i];
    for (int e = 0; e < name->nelement; e++) {
      Element *element = &name->element[e];
      if (name->kind == NAME_PARAMETER || (name->kind == NAME_DEFINE && !name->function))
        element->node = Replaced(p, element->node);
    }
  }
}

static void ReplaceConditions(Protocol *p) {
  for (int k = 0; k < p->model->nfield * RHO_MAXDIM * 2; k++) {
    RhoCondition *condition = &p->model->condition[k];
    condition->value = Replaced(p, condition->value);
    condition->slope = Replaced(p, condition->slope);
    condition->flux = Replaced(p, condition->flux);
  }
}

static void ReplaceModel(Protocol *p) {
  RhoModel model = p->model;
  for (int i = 0; i < model->nfield; i++) ReplaceField(p, &model->field[i]);
  for (int k = 0; k < model->ndefine; k++) model->define[k].node = Replaced(p, model->define[k].node);
  for (int k = 0; k < model->nderived; k++) model->derived[k].node = Replaced(p, model->derived[k].node);
  for (int e = 0; e < model->nexchange; e++) model->exchange[e].rate = Replaced(p, model->exchange[e].rate);
  for (int k = 0; k < model->ninitial; k++)
    for (int i = 0; i < model->nfield; i++) model->initial[k].formula[i] = Replaced(p, model->initial[k].formula[i]);
  model->free_energy = Replaced(p, model->free_energy);
  ReplaceConditions(p);
  ReplaceNames(p);
}

/* For the eye the formula has the parameter's name. */
static void ReplaceParameters(Protocol *p) {
  RhoModel model = p->model;
  for (int k = 0; k < model->nparameter; k++) {
    RhoParameter *parameter = &model->parameter[k];
    if (p->now[k] < 0) continue;
    parameter->formula = p->now[k];
    parameter->varies = true;
    *RHO_PUSH(model->arena, model->define, model->ndefine, model->priv->definecapacity) =
        (RhoDefine){parameter->name, p->now[k], parameter->place};
  }
  rho_parameters_order(model);
  rho_uniform_collect(model);
}

/* A check with a number of its own for what follows a protocol is one of the model without protocol. */
static bool Applies(const RhoModel model, const RhoCheck *check) {
  for (int s = 0; s < check->nset; s++)
    for (int k = 0; k < model->nparameter; k++) {
      const RhoSetting setting = {check->set_name[s], 0, RHO_NOWHERE};
      if (model->parameter[k].varies && rho_is_setting_of(&setting, model->parameter[k].name)) return false;
    }
  return true;
}

static void KeepChecks(RhoModel model) {
  int n = 0;
  for (int k = 0; k < model->ncheck; k++)
    if (Applies(model, &model->check[k])) model->check[n++] = model->check[k];
  model->ncheck = n;
}

/* ---- numbers ---- */

/* The parameter that makes the node depend on time; -1. */
static int Culprit(Protocol *p, RhoNode node) {
  RhoModel model = p->model;
  for (int k = 0; node >= 0 && k < model->nparameter; k++)
    if (p->now[k] >= 0 && RhoGraphDependsOnKind(model->graph, p->now[k], RHO_SYM_TIME) &&
        RhoGraphDependsOn(model->graph, node, 1, &model->parameter[k].symbol))
      return k;
  return -1;
}

/* The entry of a protocol that a parameter depends on through others. */
static RhoPlace EntryOf(Protocol *p, int parameter) {
  RhoPlace place = p->model->parameter[parameter].protocol;
  for (int k = 0; place.source < 0 && k < p->model->nparameter; k++) place = p->model->parameter[k].protocol;
  return place;
}

static void CheckKernel(Protocol *p, const RhoKernel *kernel) {
  const RhoNode node[] = {kernel->formula, kernel->cutoff, kernel->integral, kernel->real};
  for (int m = 0; m < 4; m++) {
    int k = Culprit(p, node[m]);
    if (k < 0) continue;
    RhoDiagReport(p->model->diag, RHO_ID_PROTOCOL_NUMBER, EntryOf(p, k),
                  "the kernel '%s' needs '%s' as a number, which would depend on time", kernel->name,
                  p->model->parameter[k].name);
    RhoDiagAlso(p->model->diag, kernel->place, "the kernel is given here");
    RhoDiagHint(p->model->diag, "a strength that depends on time stands before the convolution: k*conv(K, e)");
    p->failed = true;
    return;
  }
}

/* ---- entry point ---- */

static Protocol Start(RhoModel model, int nsetting, const RhoSetting *setting) {
  size_t n = (size_t)model->nparameter + 1;
  Protocol p = {.model = model, .nsetting = nsetting, .setting = setting, .nowner = RhoGraphSize(model->graph)};
  p.owner = RhoArenaAlloc(model->arena, ((size_t)p.nowner + 1) * sizeof *p.owner);
  p.given = RhoArenaAlloc(model->arena, n * sizeof *p.given);
  p.now = RhoArenaAlloc(model->arena, n * sizeof *p.now);
  p.state = RhoArenaAlloc(model->arena, n * sizeof *p.state);
  p.chain = RhoArenaAlloc(model->arena, n * sizeof *p.chain);
  for (int k = 0; k < model->nparameter; k++) {
    p.given[k] = p.now[k] = RHO_NONE;
    p.owner[model->parameter[k].symbol] = k + 1;
  }
  return p;
}

typedef struct {
  RhoModel model;
  const RhoYaml *map;
  int nsetting;
  const RhoSetting *setting;
} Request;

static RhoStatus Guarded(void *ctx) {
  const Request *r = ctx;
  RhoModel model = r->model;
  if (!RhoYamlExpect(model->diag, r->map, RHO_YAML_MAP, "protocol")) return RHO_INPUT;
  model->priv->nstep = model->priv->depth = model->priv->nchain = 0;
  Protocol p = Start(model, r->nsetting, r->setting);
  for (int nmember = 0; nmember <= MAX_INDEX && !p.failed; nmember++) ReadEntries(&p, r->map, nmember);
  for (int k = 0; k < model->nparameter && !p.failed; k++) (void)Follow(&p, k);
  for (int k = 0; k < model->nkernel && !p.failed; k++) CheckKernel(&p, &model->kernel[k]);
  if (p.failed) return RHO_INPUT;
  ReplaceModel(&p);
  ReplaceParameters(&p);
  KeepChecks(model);
  return RHO_OK;
}

RhoStatus RhoModelFollow(RhoModel model, const RhoYaml *map, int nsetting, const RhoSetting *setting) {
  Request request = {model, map, nsetting, setting};
  return rho_guarded(model->arena, Guarded, &request);
}
