/* forces.c - potentials of the forces that noise goes with.

   Where the flux of a field and its noise are

     J = -M grad mu + g xi,   M = sum over its white noises of g^2/2,

   mu is read off the terms of the flux: k (T log u + w) of a fitted one, k e of c grad(e), where the factor k, its
   mobility over M, has to be a number: uniform in space, free of fields and of time. */
#include "ops_private.h"
#include <math.h>
#include <string.h>

typedef struct {
  RhoEquations eq;
  int ndimension;
  const double *value;
  RhoNode *mu;
  const char *why;
  int field;
} Search;

static RhoNode No(Search *s, const char *why) {
  s->why = why;
  return RHO_NONE;
}

/* ---- the potentials ---- */

/* g^2, without roots. */
static RhoNode Square(RhoGraph graph, RhoNode g) {
  RhoNodeInfo info = RhoGraphNode(graph, g);
  if (info.kind == RHO_CALL && info.code == RHO_FN_SQRT) return info.arg[0];
  if (info.kind != RHO_CALL || info.code != RHO_FN_MUL) return RhoGraphTimes(graph, g, g);
  return RhoGraphTimes(graph, Square(graph, info.arg[0]), Square(graph, info.arg[1]));
}

/* sum of g^2/2 over the white noises of the flux along d */
static RhoNode Strength(const Search *s, int d) {
  const RhoField *field = &s->eq->model->field[s->field];
  RhoGraph graph = s->eq->graph;
  RhoNode sum = RHO_NONE, half = RhoGraphConstant(graph, 0.5);
  for (int k = 0; k < field->nnoise; k++) {
    RhoNode g = field->noise[k].amplitude;
    if (field->noise[k].direction >= 0 && field->noise[k].direction != d) continue;
    sum = RhoGraphPlus(graph, sum, RhoGraphTimes(graph, half, Square(graph, g)));
  }
  return sum;
}

/* a/b where it is a number. */
static RhoNode Factor(Search *s, RhoNode a, RhoNode b) {
  RhoGraph graph = s->eq->graph;
  RhoNode k = RhoGraphCollect(graph, RhoGraph2(graph, RHO_FN_DIV, a, b), NULL, NULL);
  bool varies = RhoGraphDependsOnKind(graph, k, RHO_SYM_FIELD) || RhoGraphDependsOnKind(graph, k, RHO_SYM_COORDINATE) ||
                RhoGraphDependsOnKind(graph, k, RHO_SYM_TIME);
  if (varies) return No(s, "its mobility is not half of the square of its noise, times a number");
  if (!isfinite(RhoLocalValue(s->eq, k, s->value, NULL))) return No(s, "its noise has no strength");
  return k;
}

/* What one term of the flux adds to mu. */
static RhoNode OfTerm(Search *s, const RhoTerm *term, RhoNode strength) {
  RhoGraph graph = s->eq->graph;
  RhoNode mobility = term->coef, force = term->arg;
  if (term->kind == RHO_TERM_ADVECTIVE) return No(s, "a part of its flux is no gradient");
  if (term->kind == RHO_TERM_GRADIENT) mobility = RhoGraph1(graph, RHO_FN_NEG, mobility);
  if (term->kind == RHO_TERM_FITTED) {
    if (RhoGraphDependsOnKind(graph, term->T, RHO_SYM_FIELD) ||
        RhoGraphDependsOnKind(graph, term->T, RHO_SYM_COORDINATE))
      return No(s, "the temperature of its flux varies");
    mobility = RhoGraphTimes(graph, mobility, term->density);
    force = RhoGraphPlus(graph, force, RhoGraphTimes(graph, term->T, RhoGraph1(graph, RHO_FN_LOG, term->density)));
  }
  RhoNode factor = Factor(s, mobility, strength);
  return factor < 0 ? RHO_NONE : RhoGraphTimes(graph, factor, force);
}

/* mu along d; RHO_NONE: nothing moves there, or there is a reason. */
static RhoNode Along(Search *s, int d) {
  const RhoEquation *equation = &s->eq->equation[s->field];
  RhoNode sum = RHO_NONE, strength = Strength(s, d);
  for (int k = 0; k < equation->nterm && !s->why; k++) {
    const RhoTerm *term = &equation->term[k];
    if (term->direction >= 0 && term->direction != d) continue;
    if (strength < 0) return No(s, "it flows without noise");
    sum = RhoGraphPlus(s->eq->graph, sum, OfTerm(s, term, strength));
  }
  if (strength >= 0 && sum < 0 && !s->why) return No(s, "its noise stands alone");
  return sum;
}

static bool IsShared(const Search *s, const RhoNoiseTerm *noise) {
  const RhoModel model = s->eq->model;
  for (int i = 0; i < model->nfield; i++)
    for (int k = 0; k < model->field[i].nnoise && noise->name; k++)
      if (&model->field[i].noise[k] != noise && model->field[i].noise[k].name &&
          !strcmp(model->field[i].noise[k].name, noise->name))
        return true;
  return false;
}

/* Changes in the cells, and noise that fields share, are not what this is for. */
static void CheckKind(Search *s) {
  RhoEquations eq = s->eq;
  const RhoField *field = &eq->model->field[s->field];
  if (eq->equation[s->field].source >= 0) s->why = "it has a reaction";
  for (int e = 0; e < eq->nexchange; e++)
    if (eq->model->exchange[e].change[s->field] != 0) s->why = "it takes part in an exchange";
  for (int k = 0; k < field->nnoise; k++) {
    if (!field->noise[k].flux) s->why = "it has noise in the cells";
    if (IsShared(s, &field->noise[k])) s->why = "it shares its noise";
  }
}

/* The same along all dimensions in which something moves. */
static RhoNode Potential(Search *s) {
  RhoNode mu = RHO_NONE;
  CheckKind(s);
  for (int d = 0; d < s->ndimension && !s->why; d++) {
    RhoNode along = Along(s, d);
    if (along < 0) continue;
    if (mu >= 0 && along != mu && !RhoGraphEqual(s->eq->graph, mu, along))
      return No(s, "its forces along two dimensions have different potentials");
    mu = along;
  }
  return mu >= 0 ? mu : RhoGraphConstant(s->eq->graph, 0);
}

static RhoStatus Guarded(void *ctx) {
  Search *s = ctx;
  for (s->field = 0; s->field < s->eq->nfield; s->field++) {
    s->mu[s->field] = Potential(s);
    if (!s->why) continue;
    s->why = RhoArenaPrint(s->eq->model->arena, "field '%s': %s", s->eq->model->field[s->field].name, s->why);
    break;
  }
  return RHO_OK;
}

bool RhoForcePotentials(RhoEquations eq, int ndimension, const double *value, RhoNode *mu, const char **why) {
  Search s = {.eq = eq, .ndimension = ndimension, .value = value, .mu = mu};
  if (rho_ops_guarded(eq->model->arena, Guarded, &s)) s.why = "no memory";
  *why = s.why;
  return !s.why;
}
