/* graph_affine.c - a formula as  rest + sum_k coef[k] atom[k].

   Forward: which nodes contain atoms (free or bound), that they do so affinely, and what is left of each when the
   atoms are zero.  Backward: the coefficient of the whole in front of each bound node, from the root down; where an
   atom is reached several times its coefficients add up.  Linear in the size of the graph. */
#include "graph_private.h"

enum { FREE, BOUND, ATOM };

typedef struct {
  RhoGraph graph;
  int n;
  RhoNode *list;  /* [n] nodes from the root down to the atoms, arguments first */
  int *state;     /* [node] FREE, BOUND (contains atoms) or ATOM */
  RhoNode *rest;  /* [node] */
  RhoNode *front; /* [node] coefficient in front of the node, RHO_NONE: zero */
} Affine;

static bool IsAtom(RhoGraph graph, RhoNode node, void *ctx) {
  (void)graph;
  return ((const int *)ctx)[node] == ATOM;
}

/* The callback is asked before the walk that stops at atoms, for it may walk itself. */
static void FindAtoms(Affine *affine, RhoNode root, RhoAtomFn atom, void *ctx) {
  affine->n = RhoGraphReach(affine->graph, root, NULL, NULL, affine->list);
  for (int k = 0; k < affine->n; k++)
    affine->state[affine->list[k]] = atom(affine->graph, affine->list[k], ctx) ? ATOM : FREE;
  affine->n = RhoGraphReach(affine->graph, root, IsAtom, affine->state, affine->list);
}

static bool IsBound(const Affine *affine, RhoNode node) { return affine->state[node] != FREE; }

/* Does the node contain atoms only where it is linear in them? */
static bool IsAffineIn(const Affine *affine, const RhoNodeInfo *info) {
  const RhoNode *arg = info->arg;
  if (info->kind != RHO_CALL) return false;
  switch (info->code) {
  case RHO_FN_ADD:
  case RHO_FN_SUB:
  case RHO_FN_NEG: return true;
  case RHO_FN_MUL: return !IsBound(affine, arg[0]) || !IsBound(affine, arg[1]);
  case RHO_FN_DIV: return !IsBound(affine, arg[1]);
  case RHO_FN_SELECT: return !IsBound(affine, arg[0]);
  default: return false;
  }
}

static RhoNode Negated(RhoGraph graph, RhoNode x) { return x == RHO_NONE ? RHO_NONE : RhoGraph1(graph, RHO_FN_NEG, x); }

static RhoNode Over(RhoGraph graph, RhoNode x, RhoNode y) {
  return x == RHO_NONE ? RHO_NONE : RhoGraph2(graph, RHO_FN_DIV, x, y);
}

static RhoNode Choice(RhoGraph graph, RhoNode condition, RhoNode x, RhoNode y) {
  if (x == RHO_NONE && y == RHO_NONE) return RHO_NONE;
  RhoNode arg[3] = {condition, x, y};
  for (int k = 1; k < 3; k++)
    if (arg[k] == RHO_NONE) arg[k] = RhoGraphConstant(graph, 0);
  return RhoGraphCall(graph, RHO_FN_SELECT, 0, arg);
}

static RhoNode RestOf(Affine *affine, const RhoNodeInfo *info) {
  RhoGraph graph = affine->graph;
  RhoNode x = affine->rest[info->arg[0]], y = info->narg > 1 ? affine->rest[info->arg[1]] : RHO_NONE;
  switch (info->code) {
  case RHO_FN_ADD: return RhoGraphPlus(graph, x, y);
  case RHO_FN_SUB: return RhoGraphPlus(graph, x, Negated(graph, y));
  case RHO_FN_NEG: return Negated(graph, x);
  case RHO_FN_MUL: return RhoGraphTimes(graph, x, y);
  case RHO_FN_DIV: return Over(graph, x, y);
  default: return Choice(graph, info->arg[0], y, affine->rest[info->arg[2]]);
  }
}

static bool Forward(Affine *affine, RhoNode node) {
  RhoNodeInfo info = affine->graph->node[node];
  affine->rest[node] = affine->state[node] == ATOM ? RHO_NONE : node;
  if (affine->state[node] == ATOM) return true;
  for (int k = 0; k < info.narg; k++)
    if (IsBound(affine, info.arg[k])) affine->state[node] = BOUND;
  if (affine->state[node] == FREE) return true;
  if (!IsAffineIn(affine, &info)) return false;
  affine->rest[node] = RestOf(affine, &info);
  return true;
}

static void AddFront(Affine *affine, RhoNode node, RhoNode term) {
  if (IsBound(affine, node)) affine->front[node] = RhoGraphPlus(affine->graph, affine->front[node], term);
}

static void Backward(Affine *affine, RhoNode node) {
  RhoGraph graph = affine->graph;
  RhoNodeInfo info = graph->node[node];
  RhoNode front = affine->front[node], *arg = info.arg;
  if (affine->state[node] != BOUND || front == RHO_NONE) return;
  if (info.code == RHO_FN_SELECT) {
    AddFront(affine, arg[1], Choice(graph, arg[0], front, RHO_NONE));
    AddFront(affine, arg[2], Choice(graph, arg[0], RHO_NONE, front));
    return;
  }
  for (int k = 0; k < info.narg; k++) {
    if (!IsBound(affine, arg[k])) continue;
    RhoNode term = front;
    if (info.code == RHO_FN_MUL) term = RhoGraphTimes(graph, front, arg[1 - k]);
    if (info.code == RHO_FN_DIV) term = Over(graph, front, arg[1]);
    if (info.code == RHO_FN_NEG || (info.code == RHO_FN_SUB && k == 1)) term = Negated(graph, front);
    AddFront(affine, arg[k], term);
  }
}

static void Collect(Affine *affine, int *nterm, RhoNode **coef, RhoNode **atoms) {
  int ncoef = 0, coefcapacity = 0, capacity = 0;
  for (int k = 0; k < affine->n; k++) {
    RhoNode node = affine->list[k];
    if (affine->state[node] != ATOM || affine->front[node] == RHO_NONE) continue;
    *RHO_PUSH(affine->graph->arena, *coef, ncoef, coefcapacity) = affine->front[node];
    *RHO_PUSH(affine->graph->arena, *atoms, *nterm, capacity) = node;
  }
}

static bool Split(Affine *affine, RhoNode root, RhoNode *bad) {
  for (int k = 0; k < affine->n; k++) {
    *bad = affine->list[k];
    if (!Forward(affine, affine->list[k])) return false;
    affine->front[affine->list[k]] = RHO_NONE;
  }
  *bad = RHO_NONE;
  affine->front[root] = RhoGraphConstant(affine->graph, 1);
  for (int k = affine->n - 1; k >= 0; k--) Backward(affine, affine->list[k]);
  return true;
}

bool RhoGraphAffine(RhoGraph graph, RhoNode node, RhoAtomFn atom, void *ctx, int *nterm, RhoNode **coef,
                    RhoNode **atoms, RhoNode *rest, RhoNode *bad) {
  *nterm = 0;
  *coef = *atoms = NULL;
  *rest = *bad = RHO_NONE;
  if (node == RHO_NONE) return true;
  int *work = RhoGraphTake(graph, 4 * (node + 1));
  Affine affine = {graph, 0, work, work + (node + 1), work + 2 * (node + 1), work + 3 * (node + 1)};
  FindAtoms(&affine, node, atom, ctx);
  bool done = Split(&affine, node, bad);
  if (done) {
    Collect(&affine, nterm, coef, atoms);
    *rest = affine.rest[node];
  }
  RhoGraphGive(graph);
  return done;
}
