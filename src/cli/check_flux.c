/* check_flux.c - in words, how each term of a flux becomes a flux through faces. */
#include "check.h"
#include <math.h>

static const char *Node(RhoCheckup *check, RhoNode node) {
  return rho_typeset_node(check->arena, check->c->eq, node, rho_given(check->c->cli, RHO_OPT_LATEX));
}

static const char *Fitted(RhoCheckup *check, const RhoTerm *term) {
  RhoText text = RhoTextCreate(check->arena);
  RhoTextAdd(text, "fitted: %s carried by T = %s", Node(check, term->density), Node(check, term->T));
  if (term->arg != RHO_NONE) RhoTextAdd(text, " down the excess %s", Node(check, term->arg));
  RhoTextAdd(text, ", coefficient %s", Node(check, term->coef));
  return RhoTextGet(text);
}

/* The same everywhere: nothing to be averaged. */
static bool IsUniform(const RhoCheckup *check, RhoNode node) {
  RhoGraph graph = check->c->eq->graph;
  return !RhoGraphDependsOnKind(graph, node, RHO_SYM_FIELD) && !RhoGraphDependsOnKind(graph, node, RHO_SYM_COORDINATE);
}

static const char *Gradient(RhoCheckup *check, const RhoTerm *term) {
  RhoNodeInfo coef = RhoGraphNode(check->c->eq->graph, term->coef);
  const char *arg = Node(check, term->arg), *average = IsUniform(check, term->coef) ? "" : "face average of ";
  if (coef.kind == RHO_CONSTANT && fabs(coef.value) == 1)
    return RhoArenaPrint(check->arena, "%sthe difference of %s", coef.value < 0 ? "minus " : "", arg);
  return RhoArenaPrint(check->arena, "%s%s times the difference of %s", average, Node(check, term->coef), arg);
}

static const char *Term(RhoCheckup *check, const RhoTerm *term) {
  switch (term->kind) {
  case RHO_TERM_FITTED: return Fitted(check, term);
  case RHO_TERM_GRADIENT: return Gradient(check, term);
  case RHO_TERM_ADVECTIVE: return RhoArenaPrint(check->arena, "face average of %s", Node(check, term->coef));
  }
  return "";
}

static const char *Directed(RhoCheckup *check, const RhoTerm *term) {
  const char *text = Term(check, term);
  if (term->direction < 0) return text;
  return RhoArenaPrint(check->arena, "along %s: %s", check->c->model->dimension[term->direction], text);
}

void rho_check_flux(RhoCheckup *check) {
  RhoEquations eq = check->c->eq;
  check->flux = RhoArenaAlloc(check->arena, (size_t)eq->nfield * sizeof *check->flux);
  check->nflux = RhoArenaAlloc(check->arena, (size_t)eq->nfield * sizeof *check->nflux);
  for (int i = 0; i < eq->nfield; i++) {
    check->nflux[i] = eq->equation[i].nterm;
    check->flux[i] = RhoArenaAlloc(check->arena, (size_t)check->nflux[i] * sizeof *check->flux[i]);
    for (int k = 0; k < check->nflux[i]; k++) check->flux[i][k] = Directed(check, &eq->equation[i].term[k]);
  }
}
