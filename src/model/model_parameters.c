/* model_parameters.c - parameters: numbers, or formulas of other parameters, for names and for each element of T[i].

   Invariant after rho_parameters_order: each parameter's formula needs only earlier ones.  Numbers of
   kernels, K(0), are among them. */
#include "model_private.h"
#include <string.h>

/* ---- symbols ---- */

static RhoParameter *AddParameter(RhoModel model, const char *label, RhoNode symbol, RhoPlace place) {
  RhoParameter parameter = {
      .name = label, .symbol = symbol, .formula = RHO_NONE, .kernel = -1, .place = place, .protocol = RHO_NOWHERE};
  RhoParameter *added = RHO_PUSH(model->arena, model->parameter, model->nparameter, model->priv->parametercapacity);
  *added = parameter;
  return added;
}

static void AddElement(RhoModel model, Name *name, Element *element) {
  element->number = model->nparameter;
  element->node = RhoGraphSymbol(model->graph, RHO_SYM_PARAMETER, element->label);
  AddParameter(model, element->label, element->node, name->entry[element->entry].key.place);
}

void rho_parameters_add(RhoModel model) {
  for (int i = 0; i < model->priv->nname; i++) {
    Name *name = model->priv->name[i];
    for (int e = 0; name->kind == NAME_PARAMETER && e < name->nelement; e++)
      if (name->element[e].entry >= 0) AddElement(model, name, &name->element[e]);
  }
}

static void AddKernelValues(RhoModel model) {
  for (int k = 0; k < model->nkernel * RHO_KERNEL_NUMBERS; k++) {
    const RhoKernel *kernel = &model->kernel[k / RHO_KERNEL_NUMBERS];
    RhoKernelNumber number = (RhoKernelNumber)(k % RHO_KERNEL_NUMBERS);
    const char *label = rho_kernel_number_name(model, kernel->name, number);
    RhoNode symbol = RhoGraphSymbol(model->graph, RHO_SYM_PARAMETER, label);
    RhoParameter *parameter = AddParameter(model, label, symbol, kernel->place);
    parameter->kernel = k / RHO_KERNEL_NUMBERS;
    parameter->number = number;
  }
}

/* ---- formulas ---- */

static void ReadElement(RhoModel model, Name *name, int e) {
  const char *member[MAX_INDEX], *own[MAX_INDEX];
  int set[MAX_INDEX];
  Binding binding[MAX_INDEX];
  Element *element = &name->element[e];
  Entry *entry = &name->entry[element->entry];
  rho_names_members(model, name, e, member);
  int nletter = rho_key_letters(model, &entry->key, member, set, own);
  const char *what = RhoArenaPrint(model->arena, "the parameter '%s'", element->label);
  const RhoYaml *text = rho_leaf(model, entry->value, nletter, set, own, what);
  if (!text) return;
  Scope scope = rho_scope(model, 0, "a parameter", rho_key_bind(model, &entry->key, member, binding));
  RhoParameter *parameter = &model->parameter[element->number];
  parameter->formula = rho_elaborate_rank(&scope, text, 0, what);
  parameter->place = text->place;
}

void rho_parameters_read(RhoModel model) {
  for (int i = 0; i < model->priv->nname; i++) {
    Name *name = model->priv->name[i];
    for (int e = 0; name->kind == NAME_PARAMETER && e < name->nelement; e++)
      if (name->element[e].entry >= 0) ReadElement(model, name, e);
  }
  AddKernelValues(model);
}

/* ---- order ---- */

typedef struct {
  RhoModel model;
  int *owner; /* [graph size]: parameter + 1 of a symbol */
  int *mark;  /* [graph size]: stamp when seen by the walk under way */
  int stamp;
  State *state; /* [nparameter] */
  int *order, norder;
  const char **chain;
  int nchain;
} Sort;

typedef struct {
  int n, capacity;
  int *item;
} Stack;

static bool Visit(Sort *sort, int parameter);

static void PushNode(Sort *sort, Stack *stack, RhoNode node) {
  if (node < 0 || sort->mark[node] == sort->stamp) return;
  sort->mark[node] = sort->stamp;
  *RHO_PUSH(sort->model->arena, stack->item, stack->n, stack->capacity) = node;
}

/* The parameters that a node depends on. */
static Stack Needs(Sort *sort, RhoNode root) {
  Stack stack = {0}, needs = {0};
  sort->stamp++;
  PushNode(sort, &stack, root);
  while (stack.n > 0) {
    RhoNode node = stack.item[--stack.n];
    RhoNodeInfo info = RhoGraphNode(sort->model->graph, node);
    for (int k = info.narg - 1; k >= 0; k--) PushNode(sort, &stack, info.arg[k]);
    if (sort->owner[node]) *RHO_PUSH(sort->model->arena, needs.item, needs.n, needs.capacity) = sort->owner[node] - 1;
  }
  return needs;
}

static bool VisitNode(Sort *sort, RhoNode node) {
  if (node < 0 || RhoGraphNode(sort->model->graph, node).kind == RHO_CONSTANT) return true;
  Stack needs = Needs(sort, node);
  for (int k = 0; k < needs.n; k++)
    if (!Visit(sort, needs.item[k])) return false;
  return true;
}

static bool VisitNeeds(Sort *sort, int parameter) {
  const RhoParameter *p = &sort->model->parameter[parameter];
  if (p->kernel < 0) return VisitNode(sort, p->formula);
  const RhoKernel *k = &sort->model->kernel[p->kernel];
  return VisitNode(sort, k->formula) && VisitNode(sort, k->cutoff) && VisitNode(sort, k->integral) &&
         VisitNode(sort, k->real);
}

static bool ReportCycle(Sort *sort, int parameter) {
  int first = sort->nchain - 1;
  const char *name = sort->model->parameter[parameter].name;
  while (first > 0 && strcmp(sort->chain[first], name) != 0) first--;
  rho_report_circle(sort->model->arena, sort->model->diag, sort->model->parameter[parameter].place,
                    "parameters use each other", sort->nchain - first, sort->chain + first, name);
  return false;
}

/* The depth of the recursion is the length of a chain of parameters, and bounded like that of formulas. */
static bool Visit(Sort *sort, int parameter) {
  if (sort->state[parameter] == STATE_DONE) return true;
  if (sort->state[parameter] == STATE_ACTIVE) return ReportCycle(sort, parameter);
  if (sort->nchain > MAX_DEPTH) {
    RhoDiagReport(sort->model->diag, RHO_ID_TOO_DEEP, sort->model->parameter[parameter].place,
                  "parameters use each other in too long a chain");
    return false;
  }
  sort->state[parameter] = STATE_ACTIVE;
  sort->chain[sort->nchain++] = sort->model->parameter[parameter].name;
  bool done = VisitNeeds(sort, parameter);
  sort->nchain--;
  sort->state[parameter] = STATE_DONE;
  sort->order[sort->norder++] = parameter;
  return done;
}

static void Renumber(RhoModel model, const int *place) {
  for (int i = 0; i < model->priv->nname; i++) {
    Name *name = model->priv->name[i];
    for (int e = 0; name->kind == NAME_PARAMETER && e < name->nelement; e++)
      if (name->element[e].number >= 0) name->element[e].number = place[name->element[e].number];
  }
}

/* parameter[k] becomes the old parameter[order[k]]. */
static void Permute(RhoModel model, const int *order) {
  int n = model->nparameter;
  RhoParameter *sorted = RhoArenaAlloc(model->arena, ((size_t)n + 1) * sizeof *sorted);
  int *place = RhoArenaAlloc(model->arena, ((size_t)n + 1) * sizeof *place);
  for (int k = 0; k < n; k++) {
    sorted[k] = model->parameter[order[k]];
    place[order[k]] = k;
  }
  model->parameter = sorted;
  model->priv->parametercapacity = n;
  Renumber(model, place);
}

void rho_parameters_order(RhoModel model) {
  RhoArena arena = model->arena;
  size_t nnode = (size_t)RhoGraphSize(model->graph) + 1, n = (size_t)model->nparameter + 1;
  Sort sort = {.model = model};
  sort.owner = RhoArenaAlloc(arena, nnode * sizeof *sort.owner);
  sort.mark = RhoArenaAlloc(arena, nnode * sizeof *sort.mark);
  sort.state = RhoArenaAlloc(arena, n * sizeof *sort.state);
  sort.order = RhoArenaAlloc(arena, n * sizeof *sort.order);
  sort.chain = RhoArenaAlloc(arena, n * sizeof *sort.chain);
  for (int k = 0; k < model->nparameter; k++) sort.owner[model->parameter[k].symbol] = k + 1;
  for (int k = 0; k < model->nparameter; k++)
    if (!Visit(&sort, k)) return;
  Permute(model, sort.order);
}
