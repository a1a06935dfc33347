/* stiff.c - what an implicit step takes of each term: linear in the variations, convolutions and coefficients frozen.

     an argument with lap or div(. grad .) of the fields
                           those alone (kappa lap phi of a chemical potential, not f'(phi)), so that constant
                           coefficients stay constant
     a fitted flux         u itself, with m and delta frozen, and such operators of its excess
     any other argument    its whole pointwise derivative (diffusion -D grad u)
     a source              with operators: those, and what is linear with uniform coefficients;
                           without: its whole derivative (reactions)

   Beside fourth-order terms, second-order ones with varying coefficients stay explicit: their sign is not known. */
#include "ops_private.h"

static bool IsVariation(RhoGraph graph, RhoNode node) {
  RhoNodeInfo info = RhoGraphNode(graph, node);
  return info.kind == RHO_SYMBOL && info.code == RHO_SYM_VARIATION;
}

static bool IsSpreading(RhoGraph graph, RhoNode node) {
  RhoNodeInfo info = RhoGraphNode(graph, node);
  return info.kind == RHO_APPLY && (info.code == RHO_OP_LAP || info.code == RHO_OP_DIVGRAD);
}

static bool IsAtom(RhoGraph graph, RhoNode node, void *ctx) {
  (void)ctx;
  if (IsVariation(graph, node)) return true;
  return RhoGraphNode(graph, node).kind == RHO_APPLY && RhoGraphDependsOnKind(graph, node, RHO_SYM_VARIATION);
}

static RhoNode Plus(RhoGraph graph, RhoNode a, RhoNode b, int sum) {
  return RhoGraphPlus(graph, a, b < 0 || sum == RHO_FN_ADD ? b : RhoGraph1(graph, RHO_FN_NEG, b));
}

/* The addends of node that do not vary in space, RHO_NONE: there are none. */
static RhoNode UniformPart(RhoGraph graph, RhoNode node) {
  RhoNodeInfo info = RhoGraphNode(graph, node);
  if (RhoGraphUniform(graph, node)) return node;
  if (info.kind != RHO_CALL) return RHO_NONE;
  if (info.code == RHO_FN_ADD || info.code == RHO_FN_SUB)
    return Plus(graph, UniformPart(graph, info.arg[0]), UniformPart(graph, info.arg[1]), info.code);
  if (info.code == RHO_FN_NEG) return Plus(graph, RHO_NONE, UniformPart(graph, info.arg[0]), RHO_FN_SUB);
  for (int k = 0; k < 2 && info.code == RHO_FN_MUL; k++) {
    RhoNode part = RhoGraphUniform(graph, info.arg[k]) ? UniformPart(graph, info.arg[1 - k]) : RHO_NONE;
    if (part >= 0) return RhoGraphTimes(graph, info.arg[k], part);
  }
  return RHO_NONE;
}

typedef enum { KEEP_OPERATORS, KEEP_ALL, KEEP_UNIFORM } Keep;

static RhoNode Stiffen(RhoEquations eq, RhoNode tangent, Keep keep);
static bool HasOperators(RhoEquations eq, RhoNode tangent);

/* The operator applied to the stiff part of what it acts on. */
static RhoNode StiffOperator(RhoEquations eq, RhoNode atom) {
  RhoNodeInfo info = RhoGraphNode(eq->graph, atom);
  int last = info.narg - 1;
  RhoNode arg[2] = {info.arg[0], info.arg[last]};
  if (info.code == RHO_OP_DIVGRAD && !RhoGraphDependsOnKind(eq->graph, info.arg[1], RHO_SYM_VARIATION)) return RHO_NONE;
  arg[last] = Stiffen(eq, info.arg[last], HasOperators(eq, info.arg[last]) ? KEEP_UNIFORM : KEEP_ALL);
  return arg[last] < 0 ? RHO_NONE : RhoGraphApply(eq->graph, (RhoOperator)info.code, info.attr, arg);
}

static RhoNode Stiffen(RhoEquations eq, RhoNode tangent, Keep keep) {
  RhoGraph graph = eq->graph;
  RhoNode *coef, *atom, rest, bad, operators = RHO_NONE, pointwise = RHO_NONE;
  int n;
  if (tangent < 0 || !RhoGraphAffine(graph, tangent, IsAtom, NULL, &n, &coef, &atom, &rest, &bad)) return RHO_NONE;
  for (int k = 0; k < n; k++) {
    if (IsSpreading(graph, atom[k]))
      operators = RhoGraphPlus(graph, operators, RhoGraphTimes(graph, coef[k], StiffOperator(eq, atom[k])));
    else if (IsVariation(graph, atom[k])) {
      RhoNode factor = keep == KEEP_UNIFORM ? UniformPart(graph, coef[k]) : coef[k];
      if (factor >= 0) pointwise = RhoGraphPlus(graph, pointwise, RhoGraphTimes(graph, factor, atom[k]));
    }
  }
  if (keep == KEEP_UNIFORM) return RhoGraphPlus(graph, operators, pointwise);
  return operators >= 0 || keep == KEEP_OPERATORS ? operators : pointwise;
}

static bool HasOperators(RhoEquations eq, RhoNode tangent) { return Stiffen(eq, tangent, KEEP_OPERATORS) >= 0; }

static bool FourthOrder(RhoEquations eq, int field) {
  const RhoEquation *equation = &eq->equation[field];
  for (int k = 0; k < equation->nterm; k++)
    if (equation->term[k].kind != RHO_TERM_ADVECTIVE &&
        HasOperators(eq, RhoTangentNode(eq, equation->term[k].arg, true)))
      return true;
  return false;
}

static void StiffTerm(RhoEquations eq, int field, const RhoTerm *term, RhoTermTangent *tangent) {
  RhoNode arg = term->arg < 0 ? RHO_NONE : RhoTangentNode(eq, term->arg, true);
  if (term->kind == RHO_TERM_ADVECTIVE) return;
  if (term->kind == RHO_TERM_FITTED) {
    tangent->density = RhoTangentNode(eq, term->density, true);
    tangent->arg = Stiffen(eq, arg, KEEP_OPERATORS);
    return;
  }
  if (!HasOperators(eq, arg) && !RhoGraphUniform(eq->graph, term->coef) && FourthOrder(eq, field)) return;
  tangent->arg = Stiffen(eq, arg, KEEP_ALL);
}

RhoTermTangent RhoTermTangents(RhoEquations eq, RhoPart part, int field, const RhoTerm *term) {
  RhoTermTangent tangent = {RHO_NONE, RHO_NONE, RHO_NONE, RHO_NONE};
  if (part == RHO_PART_STIFF) {
    StiffTerm(eq, field, term, &tangent);
    return tangent;
  }
  tangent.coef = RhoTangentNode(eq, term->coef, false);
  tangent.arg = RhoTangentNode(eq, term->arg, false);
  tangent.T = RhoTangentNode(eq, term->T, false);
  tangent.density = RhoTangentNode(eq, term->density, false);
  return tangent;
}

RhoNode RhoSourceTangent(RhoEquations eq, RhoPart part, RhoNode source) {
  RhoNode tangent = source < 0 ? RHO_NONE : RhoTangentNode(eq, source, part == RHO_PART_STIFF);
  if (part == RHO_PART_ALL || tangent < 0) return tangent;
  return Stiffen(eq, tangent, HasOperators(eq, tangent) ? KEEP_UNIFORM : KEEP_ALL);
}

/* ---- is that all? ---- */

static RhoNode StateForVariation(RhoGraph graph, RhoNode node, const RhoNode *arg, void *ctx) {
  RhoEquations eq = ctx;
  (void)arg;
  if (!IsVariation(graph, node)) return RHO_NONE;
  for (int i = 0; i < eq->nfield; i++)
    if (eq->variation[i] == node) return eq->model->field[i].symbol;
  return RHO_NONE;
}

/* Is the linear form, with the state for the variations, the node itself? */
static bool IsItself(RhoEquations eq, RhoNode form, RhoNode node) {
  if (form < 0 || node < 0) return form < 0 && node < 0;
  return RhoGraphEqual(eq->graph, RhoGraphRewrite(eq->graph, form, StateForVariation, eq), node);
}

static bool TermWhole(RhoEquations eq, int field, const RhoTerm *term) {
  RhoTermTangent tangent = RhoTermTangents(eq, RHO_PART_STIFF, field, term);
  if (term->kind == RHO_TERM_FITTED) return tangent.arg < 0 && IsItself(eq, tangent.density, term->density);
  return term->kind == RHO_TERM_GRADIENT && IsItself(eq, tangent.arg, term->arg);
}

static bool SourceWhole(RhoEquations eq, RhoNode source) {
  return source < 0 || IsItself(eq, RhoSourceTangent(eq, RHO_PART_STIFF, source), source);
}

bool RhoStiffWhole(RhoEquations eq) {
  for (int i = 0; i < eq->nfield; i++) {
    for (int k = 0; k < eq->equation[i].nterm; k++)
      if (!TermWhole(eq, i, &eq->equation[i].term[k])) return false;
    if (!SourceWhole(eq, eq->equation[i].source)) return false;
  }
  for (int e = 0; e < eq->nexchange; e++)
    if (!SourceWhole(eq, eq->model->exchange[e].rate)) return false;
  return true;
}
