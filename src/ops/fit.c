/* fit.c - gradient terms that are drift and diffusion of the same density:

     J = -D grad(u) - sum_k u g_k grad(w_k)

   become FITTED(g, T = D/g, u, sum_k (g_k/g) w_k), where g is 1 or what varies in space of one of the g_k: T must be
   free of fields, and the terms whose g_k/g is uniform in space take part; only so is the discrete Boltzmann state
   exact.  Nothing is divided by what may vanish: g is a factor of D, its uniform factors are left in T and g_k/g.  A
   term -u g grad(T log(u) + w) counts as both, with D = g T; so does a fitted term that is there already. */
#include "ops_private.h"

enum { MOST = 32 };

typedef struct {
  RhoGraph graph;
  RhoNode u, D; /* D: RHO_NONE, no diffusion */
  bool reason;  /* something to gain: a second term, or the logarithm of u under a gradient */
  bool logarithm;
  int n;
  RhoNode g[MOST], w[MOST]; /* drift terms; w RHO_NONE: nothing but a candidate for g */
  RhoPlace place[MOST];
  int nused;
  int used[2 * MOST]; /* numbers of the terms that all this was taken from */
} Pair;

static void AddDrift(Pair *pair, RhoNode g, RhoNode w, RhoPlace place) {
  pair->g[pair->n] = g;
  pair->w[pair->n] = w;
  pair->place[pair->n++] = place;
}

static void AddDiffusion(Pair *pair, RhoNode D) { pair->D = RhoGraphPlus(pair->graph, pair->D, D); }

/* Does the term take part?  Then pair has it. */
static bool Take(Pair *pair, const RhoTerm *term) {
  RhoGraph graph = pair->graph;
  RhoNode T, excess;
  if (term->kind == RHO_TERM_FITTED) {
    AddDiffusion(pair, RhoGraphTimes(graph, term->coef, term->T));
    AddDrift(pair, term->coef, term->arg, term->place);
    pair->logarithm = pair->logarithm || term->logarithm;
    return true;
  }
  RhoNode minus = RhoGraph1(graph, RHO_FN_NEG, term->coef), g = rho_factor_divide(graph, minus, pair->u);
  if (term->arg == pair->u) {
    AddDiffusion(pair, minus);
    return true;
  }
  if (g < 0) return false;
  pair->reason = true;
  if (rho_ideal_part(graph, term->arg, pair->u, &T, &excess) && !RhoGraphDependsOnKind(graph, T, RHO_SYM_COORDINATE)) {
    AddDiffusion(pair, RhoGraphTimes(graph, g, T));
    AddDrift(pair, g, excess, term->place);
    pair->logarithm = true;
  } else AddDrift(pair, g, term->arg, term->place);
  return true;
}

static void Collect(Pair *pair, const RhoEquation *equation, int direction) {
  for (int k = 0; k < equation->nterm && pair->n < MOST; k++) {
    const RhoTerm *term = &equation->term[k];
    if (term->kind == RHO_TERM_ADVECTIVE || term->direction != direction || !Take(pair, term)) continue;
    pair->used[pair->nused++] = k;
  }
}

/* a/b; b RHO_NONE: 1 */
static RhoNode Quotient(RhoGraph graph, RhoNode a, RhoNode b) { return b < 0 ? a : rho_factor_quotient(graph, a, b); }

static bool Joins(const Pair *pair, RhoNode g, int k, RhoNode *ratio) {
  *ratio = Quotient(pair->graph, pair->g[k], g);
  return RhoGraphUniform(pair->graph, *ratio);
}

/* How many drift terms FITTED(g, D/g, ...) would take; -1: it is none. */
static int CountJoining(const Pair *pair, RhoNode g) {
  int n = 0;
  RhoNode ratio;
  if (g >= 0 && !rho_factor_divides(pair->graph, g, pair->D)) return -1;
  if (RhoGraphDependsOnKind(pair->graph, Quotient(pair->graph, pair->D, g), RHO_SYM_FIELD)) return -1;
  for (int k = 0; k < pair->n; k++) n += Joins(pair, g, k, &ratio);
  return n;
}

/* The best g, RHO_NONE meaning 1; false: there is none. */
static bool Choose(const Pair *pair, RhoNode *g) {
  int most = CountJoining(pair, RHO_NONE);
  *g = RHO_NONE;
  for (int k = 0; k < pair->n; k++) {
    RhoNode candidate = rho_factor_varying(pair->graph, pair->g[k]);
    int n = CountJoining(pair, candidate);
    if (n <= most) continue;
    most = n;
    *g = candidate;
  }
  return most > 0;
}

static void Remove(RhoEquation *equation, const Pair *pair) {
  int n = 0, next = 0;
  for (int k = 0; k < equation->nterm; k++) {
    if (next < pair->nused && pair->used[next] == k) next++;
    else equation->term[n++] = equation->term[k];
  }
  equation->nterm = n;
}

/* The fitted term, and what of the drift could not be in it. */
static void Replace(RhoEquations eq, RhoEquation *equation, const Pair *pair, RhoNode g, int direction) {
  RhoGraph graph = eq->graph;
  RhoTerm fitted = {RHO_TERM_FITTED,
                    direction,
                    g < 0 ? RhoGraphConstant(graph, 1) : g,
                    RHO_NONE,
                    Quotient(graph, pair->D, g),
                    pair->u,
                    equation->term[pair->used[0]].place,
                    pair->logarithm};
  Remove(equation, pair);
  for (int k = 0; k < pair->n; k++) {
    RhoNode ratio, back = RhoGraph1(graph, RHO_FN_NEG, RhoGraph2(graph, RHO_FN_MUL, pair->u, pair->g[k]));
    if (pair->w[k] < 0) continue;
    if (Joins(pair, g, k, &ratio))
      fitted.arg = RhoGraphPlus(graph, fitted.arg, RhoGraphTimes(graph, ratio, pair->w[k]));
    else rho_term_gradient(eq, equation, direction, back, pair->w[k], pair->place[k]);
  }
  *rho_term_add(eq, equation) = fitted;
}

void rho_terms_fit(RhoEquations eq, int field) {
  RhoEquation *equation = &eq->equation[field];
  for (int direction = -1; direction < RHO_MAXDIM; direction++) {
    Pair pair = {.graph = eq->graph, .u = eq->model->field[field].symbol, .D = RHO_NONE};
    RhoNode g;
    Collect(&pair, equation, direction);
    if (pair.D >= 0 && pair.reason && Choose(&pair, &g)) Replace(eq, equation, &pair, g, direction);
  }
}
