/* fit.c - pairs of gradient terms that are drift and diffusion of the same density:

     J = -D grad(u) - sum_k u g_k grad(w_k)

   become FITTED(1, D, u, sum_k g_k w_k) when every g_k is uniform in space, or FITTED(g, D/g, u, sum_k w_k) when all
   g_k are the same g and D/g is free of fields; only so is the discrete Boltzmann state exact (DESIGN, "Finite
   volumes"). */
#include "ops_private.h"

typedef struct {
  RhoNode D; /* coefficient of -grad(u) */
  int ndrift;
  RhoNode g[16], w[16];
  RhoPlace place;
} Pair;

static bool Uniform(RhoEquations eq, RhoNode node) {
  return !RhoGraphDependsOnKind(eq->graph, node, RHO_SYM_FIELD) &&
         !RhoGraphDependsOnKind(eq->graph, node, RHO_SYM_COORDINATE);
}

static bool Collect(RhoEquations eq, const RhoEquation *equation, RhoNode u, int direction, Pair *pair) {
  RhoGraph graph = eq->graph;
  for (int k = 0; k < equation->nterm; k++) {
    const RhoTerm *term = &equation->term[k];
    if (term->kind == RHO_TERM_FITTED) return false;
    if (term->kind != RHO_TERM_GRADIENT || term->direction != direction) continue;
    RhoNode minus = RhoGraph1(graph, RHO_FN_NEG, term->coef), g = RhoFactorDivide(graph, minus, u);
    if (term->arg == u) pair->D = RhoGraphPlus(graph, pair->D, RhoFactorCancel(graph, minus));
    else if (g >= 0 && pair->ndrift < 16) {
      pair->g[pair->ndrift] = g;
      pair->w[pair->ndrift++] = term->arg;
    } else continue;
    pair->place = term->place;
  }
  return pair->D >= 0 && pair->ndrift > 0;
}

static bool Fit(RhoEquations eq, const Pair *pair, RhoTerm *term) {
  RhoGraph graph = eq->graph;
  bool uniform = true, same = true;
  for (int k = 0; k < pair->ndrift; k++) {
    uniform = uniform && Uniform(eq, pair->g[k]);
    same = same && pair->g[k] == pair->g[0];
  }
  if (same && !uniform) {
    term->coef = pair->g[0];
    term->T = RhoFactorCancel(graph, RhoGraph2(graph, RHO_FN_DIV, pair->D, pair->g[0]));
    if (RhoGraphDependsOnKind(graph, term->T, RHO_SYM_FIELD)) return false;
  } else if (uniform) {
    term->coef = RhoGraphConstant(graph, 1);
    term->T = pair->D;
    if (RhoGraphDependsOnKind(graph, term->T, RHO_SYM_FIELD)) return false;
  } else return false;
  for (int k = 0; k < pair->ndrift; k++)
    term->arg = RhoGraphPlus(graph, term->arg, uniform ? RhoGraphTimes(graph, pair->g[k], pair->w[k]) : pair->w[k]);
  return true;
}

/* The gradient terms that the pair was made of leave the list. */
static void Remove(RhoEquations eq, RhoEquation *equation, RhoNode u, int direction) {
  int n = 0;
  for (int k = 0; k < equation->nterm; k++) {
    RhoTerm *term = &equation->term[k];
    bool taken = term->kind == RHO_TERM_GRADIENT && term->direction == direction &&
                 (term->arg == u || RhoFactorDivide(eq->graph, RhoGraph1(eq->graph, RHO_FN_NEG, term->coef), u) >= 0);
    if (!taken) equation->term[n++] = *term;
  }
  equation->nterm = n;
}

void RhoTermsFit(RhoEquations eq, int field) {
  RhoEquation *equation = &eq->equation[field];
  RhoNode u = eq->model->field[field].symbol;
  for (int direction = -1; direction < RHO_MAXDIM; direction++) {
    Pair pair = {.D = RHO_NONE, .place = RHO_NOWHERE};
    RhoTerm fitted = {.kind = RHO_TERM_FITTED, .direction = direction, .density = u, .arg = RHO_NONE};
    if (!Collect(eq, equation, u, direction, &pair) || !Fit(eq, &pair, &fitted)) continue;
    fitted.place = pair.place;
    Remove(eq, equation, u, direction);
    *RhoTermAdd(eq, equation) = fitted;
  }
}
