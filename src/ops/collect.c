/* collect.c - derived formulas as one would write them: like terms as one, definitions by their names. */
#include "ops_private.h"
#include <stdlib.h>

static int CompareNodes(const void *a, const void *b) {
  RhoNode x = *(const RhoNode *)a, y = *(const RhoNode *)b;
  return (x > y) - (x < y);
}

/* The nodes of the definitions, sorted. */
static void FindDefined(RhoEquations eq) {
  RhoModel model = eq->model;
  eq->priv->defined = RhoArenaAlloc(model->arena, sizeof(RhoNode) * (size_t)(model->ndefine + 1));
  for (int k = 0; k < model->ndefine; k++)
    if (model->define[k].node >= 0) eq->priv->defined[eq->priv->ndefined++] = model->define[k].node;
  qsort(eq->priv->defined, (size_t)eq->priv->ndefined, sizeof(RhoNode), CompareNodes);
}

static bool IsDefined(RhoGraph graph, RhoNode node, void *ctx) {
  RhoEquations eq = ctx;
  (void)graph;
  return bsearch(&node, eq->priv->defined, (size_t)eq->priv->ndefined, sizeof(RhoNode), CompareNodes) != NULL;
}

RhoNode rho_collect(RhoEquations eq, RhoNode node) {
  if (!eq->priv->defined) FindDefined(eq);
  return RhoGraphCollect(eq->graph, node, IsDefined, eq);
}
