/* face.c - what flows through a face, as a formula of the cells left and right of it.

     GRADIENT   <c> (e_R - e_L)/h
     FITTED     (<c> <T>/h) [B(d) u_L - B(-d) u_R],  d = (w_R - w_L)/<T>,  B(z) = z/(e^z - 1),  B(-z) = B(z) + z
                for T -> 0 the upwind flux (<c>/h) [max(-j, 0) u_L - max(j, 0) u_R],  j = w_R - w_L
     ADVECTIVE  <c>

   The fitted flux has no logarithm where the formula has one: of a field that is not declared a density it is NaN
   where u < 0, as the formula is.

   A node that is the same in all cells stands for itself; every other becomes a pair of symbols L(node), R(node).
   Where cells are equal h is their width, and the formula has the divergence's 1/h in it as well; else h is the
   distance of the two centres, a symbol of the face, and the divergence divides by the widths. */
#include "fv.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static RhoNode Side(RhoGraph graph, const char *side, RhoNode node) {
  char name[32];
  snprintf(name, sizeof name, "%s:%d", side, node);
  return RhoGraphSymbol(graph, RHO_SYM_TRACE, name);
}

RhoNode rho_face_left(RhoGraph graph, RhoNode node) {
  return RhoGraphUniform(graph, node) ? node : Side(graph, "L", node);
}
RhoNode rho_face_right(RhoGraph graph, RhoNode node) {
  return RhoGraphUniform(graph, node) ? node : Side(graph, "R", node);
}

RhoNode rho_face_cell(RhoGraph graph, RhoNode symbol, PetscBool *right) {
  const char *name;
  if (RhoGraphNode(graph, symbol).kind != RHO_SYMBOL || RhoGraphNode(graph, symbol).code != RHO_SYM_TRACE)
    return RHO_NONE;
  name = RhoGraphSymbolName(graph, symbol);
  if (strncmp(name, "L:", 2) && strncmp(name, "R:", 2)) return RHO_NONE;
  *right = (PetscBool)(name[0] == 'R');
  return atoi(name + 2);
}

RhoNode rho_face_mean(RhoGraph graph, RhoNode node) {
  RhoNode left = rho_face_left(graph, node), right = rho_face_right(graph, node);
  if (left == right) return left;
  return RhoGraph2(graph, RHO_FN_MUL, RhoGraphConstant(graph, 0.5), RhoGraph2(graph, RHO_FN_ADD, left, right));
}

static RhoNode Jump(RhoGraph graph, RhoNode node) {
  RhoNode left = rho_face_left(graph, node), right = rho_face_right(graph, node);
  return left == right ? RHO_NONE : RhoGraph2(graph, RHO_FN_SUB, right, left);
}

static RhoNode Product(RhoGraph graph, RhoNode a, RhoNode b) { return RhoGraphTimes(graph, a, b); }

/* T, or a number so small in the place of 0 that T*B(jump/T) is the upwind flux max(-jump, 0) to the last digit.  T is
   free of fields, and mostly uniform: then this is done once per binding. */
static RhoNode NotZero(RhoGraph graph, RhoNode T) {
  RhoNode least = RhoGraphConstant(graph, 1e-150), size = RhoGraph1(graph, RHO_FN_ABS, T);
  RhoNode choice[] = {RhoGraph2(graph, RHO_FN_LT, size, least), least, T};
  return RhoGraphCall(graph, RHO_FN_SELECT, 0, choice);
}

RhoNode rho_face_logarithm(RhoFieldModel fm, const RhoTerm *term) {
  if (term->kind != RHO_TERM_FITTED || !term->logarithm) return RHO_NONE;
  for (int i = 0; i < fm->eq->nfield; i++)
    if (fm->eq->model->field[i].symbol == term->density && fm->eq->model->field[i].kind == RHO_REAL)
      return RhoGraph1(fm->graph, RHO_FN_LOG, term->density);
  return RHO_NONE;
}

RhoNode rho_face_not_negative(RhoGraph graph, RhoNode u) {
  RhoNode choice[] = {RhoGraph2(graph, RHO_FN_LT, u, RhoGraphConstant(graph, 0)), RhoGraphConstant(graph, NAN), u};
  return RhoGraphCall(graph, RHO_FN_SELECT, 0, choice);
}

/* What a jump is multiplied by. */
static RhoNode PerDistance(RhoFieldModel fm, int d) {
  RhoNode inverse = fm->uniform[fm->eq->nuniform + d];
  return fm->stretch[d].face ? fm->stretch[d].symbol : RhoGraph2(fm->graph, RHO_FN_MUL, inverse, inverse);
}

static RhoNode Advective(RhoFieldModel fm, const RhoTerm *term, int d) {
  RhoNode mean = rho_face_mean(fm->graph, term->coef);
  return fm->stretch[d].face ? mean : Product(fm->graph, mean, fm->uniform[fm->eq->nuniform + d]);
}

static RhoNode Fitted(RhoFieldModel fm, const RhoTerm *term, int d) {
  RhoGraph graph = fm->graph;
  RhoNode T = NotZero(graph, rho_face_mean(graph, term->T));
  RhoNode scale = Product(graph, Product(graph, rho_face_mean(graph, term->coef), T), PerDistance(fm, d));
  RhoNode left = rho_face_left(graph, term->density), right = rho_face_right(graph, term->density);
  RhoNode jump = term->arg < 0 ? RHO_NONE : Jump(graph, term->arg);
  if (rho_face_logarithm(fm, term) >= 0) {
    left = rho_face_not_negative(graph, left);
    right = rho_face_not_negative(graph, right);
  }
  if (jump < 0) return Product(graph, scale, RhoGraph2(graph, RHO_FN_SUB, left, right));
  RhoNode delta = RhoGraph2(graph, RHO_FN_DIV, jump, T), b = RhoGraph1(graph, RHO_FN_BERN, delta);
  RhoNode in = RhoGraph2(graph, RHO_FN_MUL, b, left),
          out = RhoGraph2(graph, RHO_FN_MUL, RhoGraph2(graph, RHO_FN_ADD, b, delta), right);
  return Product(graph, scale, RhoGraph2(graph, RHO_FN_SUB, in, out));
}

RhoNode rho_face_flux(RhoFieldModel fm, const RhoTerm *term, int d) {
  RhoGraph graph = fm->graph;
  if (term->direction >= 0 && term->direction != d) return RHO_NONE;
  if (term->kind == RHO_TERM_ADVECTIVE) return Advective(fm, term, d);
  if (term->kind == RHO_TERM_FITTED) return Fitted(fm, term, d);
  return Product(graph, Product(graph, rho_face_mean(graph, term->coef), PerDistance(fm, d)), Jump(graph, term->arg));
}

/* At a wall the stencil relies on arguments being even there; d(., x) is odd, so such a flux must be closed as one. */
static PetscBool EvenAtWalls(RhoFieldModel fm, RhoNode arg) {
  const RhoMesh *mesh = &fm->grid->mesh;
  PetscBool wall = PETSC_FALSE;
  for (int d = 0; d < mesh->ndimension; d++) wall = (PetscBool)(wall || mesh->dimension[d].boundary == RHO_WALL);
  return (PetscBool)(!wall || !RhoGraphContainsOperator(fm->graph, arg, RHO_OP_DIFF));
}

PetscBool rho_face_uniform(RhoFieldModel fm, const RhoTerm *term) {
  return (PetscBool)(!rho_walls_any(fm) && term->kind == RHO_TERM_GRADIENT && term->direction < 0 &&
                     RhoGraphUniform(fm->graph, term->coef) && EvenAtWalls(fm, term->arg));
}

RhoNode rho_face_sum(RhoFieldModel fm, int field, int d) {
  const RhoEquation *equation = &fm->eq->equation[field];
  RhoNode sum = RHO_NONE;
  for (int k = 0; k < equation->nterm; k++)
    if (!rho_face_uniform(fm, &equation->term[k]))
      sum = RhoGraphPlus(fm->graph, sum, rho_face_flux(fm, &equation->term[k], d));
  return sum;
}

RhoNode rho_source_node(RhoFieldModel fm, int field) {
  RhoGraph graph = fm->graph;
  RhoNode sum = fm->eq->equation[field].source;
  for (int e = 0; e < fm->eq->nexchange; e++) {
    const RhoExchange *exchange = &fm->eq->model->exchange[e];
    double change = exchange->change[field];
    if (change != 0)
      sum = RhoGraphPlus(graph, sum, RhoGraphTimes(graph, RhoGraphConstant(graph, change), fm->eq->rate[e]));
  }
  return sum;
}

RhoNode rho_source_differential(RhoFieldModel fm, RhoPart part, int field) {
  RhoGraph graph = fm->graph;
  RhoNode sum = RhoSourceTangent(fm->eq, part, fm->eq->equation[field].source);
  for (int e = 0; e < fm->eq->nexchange; e++) {
    const RhoExchange *exchange = &fm->eq->model->exchange[e];
    RhoNode rate = exchange->change[field] == 0 ? RHO_NONE : RhoSourceTangent(fm->eq, part, fm->eq->rate[e]);
    sum = RhoGraphPlus(graph, sum, RhoGraphTimes(graph, RhoGraphConstant(graph, exchange->change[field]), rate));
  }
  return sum;
}
