/* breakpoints.c - the times at which formulas of t change their course.

     a < b, a <= b, a == b, min(a, b), max(a, b)   at  a - b = 0           abs(a), sign(a), step(a)   at  a = 0

   for a - b = c t + r with numbers c and r.  Other conditions (sin(t) < 0.5) are for the user to name. */
#include "ops_private.h"
#include <math.h>
#include <stdlib.h>

typedef struct {
  RhoEquations eq;
  const double *value;
  double from, to;
  char *mark; /* [graph size] the equations are made from it */
  int n, capacity;
  double *time;
} Search;

/* ---- nodes of the equations ---- */

static void Mark(Search *s, RhoNode node) {
  if (node >= 0) s->mark[node] = 1;
}

static void MarkEquations(Search *s) {
  RhoEquations eq = s->eq;
  s->mark = RhoArenaAlloc(eq->model->arena, (size_t)RhoGraphSize(eq->graph) + 1);
  for (int i = 0; i < eq->nfield; i++) {
    Mark(s, eq->equation[i].source);
    for (int k = 0; k < eq->equation[i].nterm; k++) {
      const RhoTerm *term = &eq->equation[i].term[k];
      const RhoNode node[] = {term->coef, term->arg, term->T, term->density};
      for (int m = 0; m < 4; m++) Mark(s, node[m]);
    }
  }
  for (int e = 0; e < eq->nexchange; e++) Mark(s, eq->rate[e]);
  for (int k = 0; k < eq->nfield * RHO_MAXDIM * 2; k++) {
    const RhoCondition *condition = &eq->model->condition[k];
    Mark(s, condition->value);
    Mark(s, condition->slope);
    Mark(s, condition->flux);
  }
  for (RhoNode node = RhoGraphSize(eq->graph) - 1; node >= 0; node--) {
    RhoNodeInfo info = RhoGraphNode(eq->graph, node);
    for (int k = 0; k < info.narg && s->mark[node]; k++) Mark(s, info.arg[k]);
  }
}

/* ---- one condition ---- */

static bool IsTime(RhoGraph graph, RhoNode node, void *ctx) {
  (void)ctx;
  return RhoGraphNode(graph, node).kind == RHO_SYMBOL && RhoGraphNode(graph, node).code == RHO_SYM_TIME;
}

static double SymbolValue(RhoGraph graph, RhoNode symbol, void *ctx) {
  const Search *s = ctx;
  (void)graph;
  for (int k = 0; k < s->eq->nuniform; k++)
    if (s->eq->uniform[k] == symbol) return s->value[k];
  return NAN;
}

static double Number(Search *s, RhoNode node) {
  RhoNode bad;
  return node < 0 ? 0 : RhoGraphValue(s->eq->graph, node, SymbolValue, s, &bad);
}

/* Where the node vanishes, if it is c*t + r with numbers c and r. */
static void AddZero(Search *s, RhoNode node) {
  RhoGraph graph = s->eq->graph;
  RhoNode *coef, *atom, rest, bad;
  int n;
  if (!RhoGraphUniform(graph, node) || RhoGraphContainsOperator(graph, node, -1)) return;
  if (!RhoGraphAffine(graph, node, IsTime, NULL, &n, &coef, &atom, &rest, &bad) || n != 1) return;
  double time = -Number(s, rest) / Number(s, coef[0]);
  if (time > s->from && time < s->to) *RHO_PUSH(s->eq->model->arena, s->time, s->n, s->capacity) = time;
}

static void AddCondition(Search *s, RhoNodeInfo info) {
  if (info.kind != RHO_CALL) return;
  switch ((RhoFunction)info.code) {
  case RHO_FN_ABS:
  case RHO_FN_SIGN:
  case RHO_FN_STEP: AddZero(s, info.arg[0]); break;
  case RHO_FN_MIN:
  case RHO_FN_MAX:
  case RHO_FN_LT:
  case RHO_FN_LE:
  case RHO_FN_EQ:
  case RHO_FN_NE: AddZero(s, RhoGraph2(s->eq->graph, RHO_FN_SUB, info.arg[0], info.arg[1])); break;
  default: break;
  }
}

/* ---- all ---- */

static int Compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static RhoStatus Guarded(void *ctx) {
  Search *s = ctx;
  int size = RhoGraphSize(s->eq->graph), n = 0;
  MarkEquations(s);
  for (RhoNode node = 0; node < size; node++)
    if (s->mark[node] && RhoGraphDependsOnKind(s->eq->graph, node, RHO_SYM_TIME))
      AddCondition(s, RhoGraphNode(s->eq->graph, node));
  if (s->n) qsort(s->time, (size_t)s->n, sizeof *s->time, Compare);
  for (int k = 0; k < s->n; k++)
    if (n == 0 || s->time[k] > s->time[n - 1]) s->time[n++] = s->time[k];
  s->n = n;
  return RHO_OK;
}

RhoStatus RhoBreakpoints(RhoEquations eq, const double *value, double from, double to, int *n, const double **time) {
  Search s = {.eq = eq, .value = value, .from = from, .to = to};
  RhoStatus status = rho_ops_guarded(eq->model->arena, Guarded, &s);
  *n = s.n;
  *time = s.time;
  return status;
}
