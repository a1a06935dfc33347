/* model_zone.c - zone(x, a, b): the share of a cell, along x, that lies between a and b.

     max(0, min(b, c + w/2) - max(a, c - w/2))/w,   c and w the cell's centre and width along x

   So the integral of a zone over the grid is its length to round-off, wherever its ends lie within cells; at a face it
   is the mean of the two cells.  c and w are symbols of their own (RhoCellCentre, RhoCellWidth), given values by every
   interpretation as the coordinate is. */
#include "model_private.h"

RhoNode RhoCellCentre(RhoGraph graph, const char *dimension) {
  char name[128];
  snprintf(name, sizeof name, "centre(%s)", dimension);
  return RhoGraphSymbol(graph, RHO_SYM_COORDINATE, name);
}

RhoNode RhoCellWidth(RhoGraph graph, const char *dimension) {
  char name[128];
  snprintf(name, sizeof name, "width(%s)", dimension);
  return RhoGraphSymbol(graph, RHO_SYM_COORDINATE, name);
}

/* Overlap of [a, b] with the cell, over its width. */
static RhoNode Share(RhoGraph graph, RhoNode centre, RhoNode width, RhoNode a, RhoNode b) {
  RhoNode half = RhoGraph2(graph, RHO_FN_DIV, width, RhoGraphConstant(graph, 2));
  RhoNode left = RhoGraph2(graph, RHO_FN_SUB, centre, half), right = RhoGraph2(graph, RHO_FN_ADD, centre, half);
  RhoNode overlap =
      RhoGraph2(graph, RHO_FN_SUB, RhoGraph2(graph, RHO_FN_MIN, b, right), RhoGraph2(graph, RHO_FN_MAX, a, left));
  overlap = RhoGraph2(graph, RHO_FN_MAX, RhoGraphConstant(graph, 0), overlap);
  return RhoGraph2(graph, RHO_FN_DIV, overlap, width);
}

/* For whoever prints formulas it is a definition of this name. */
static void AddName(RhoModel model, const char *dimension, RhoNode a, RhoNode b, RhoNode zone, RhoPlace place) {
  RhoText text = RhoTextCreate(model->arena);
  for (int k = 0; k < model->ndefine; k++)
    if (model->define[k].node == zone) return;
  RhoTextAdd(text, "zone(%s, ", dimension);
  RhoGraphPrint(model->graph, a, text, NULL, NULL);
  RhoTextAdd(text, ", ");
  RhoGraphPrint(model->graph, b, text, NULL, NULL);
  RhoTextAdd(text, ")");
  *RHO_PUSH(model->arena, model->define, model->ndefine, model->priv->definecapacity) =
      (RhoDefine){RhoTextGet(text), zone, place};
}

static bool CheckOrder(Scope *scope, const RhoAst *ast, RhoNode a, RhoNode b) {
  RhoNodeInfo low = RhoGraphNode(scope->model->graph, a), high = RhoGraphNode(scope->model->graph, b);
  if (low.kind != RHO_CONSTANT || high.kind != RHO_CONSTANT || low.value < high.value) return true;
  RhoDiagReport(scope->model->diag, RHO_ID_WRONG_ARGUMENTS, ast->place, "a zone from %g to %g is empty", low.value,
                high.value);
  RhoDiagHint(scope->model->diag, "zone(x, a, b) with a < b; over the end of a period it is two zones");
  return false;
}

RhoNode rho_zone(Scope *scope, const RhoAst *ast) {
  RhoModel model = scope->model;
  RhoNode end[2];
  if (!rho_check_count(scope, ast, 3, "zone(x, a, b): the share of the cell along x that lies between a and b"))
    return RHO_NONE;
  int d = rho_scope_dimension(scope, ast->arg[0]);
  for (int k = 0; k < 2; k++) end[k] = rho_scalar(scope, ast->arg[k + 1], "an end of a zone");
  if (d < 0 || end[0] < 0 || end[1] < 0 || !CheckOrder(scope, ast, end[0], end[1])) return RHO_NONE;
  RhoGraphSetPlace(model->graph, ast->place);
  (void)rho_scope_coordinate(model, d); /* the mesh must have it */
  model->centre[d] = RhoCellCentre(model->graph, model->dimension[d]);
  model->width[d] = RhoCellWidth(model->graph, model->dimension[d]);
  RhoNode zone = Share(model->graph, model->centre[d], model->width[d], end[0], end[1]);
  if (!rho_scope_allows(scope, zone, ast->place, "zone")) return RHO_NONE;
  AddName(model, model->dimension[d], end[0], end[1], zone, ast->place);
  return zone;
}
