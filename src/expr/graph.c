/* graph.c - nodes of a formula graph: creation, hash-consing, constants, symbols, calls, operators, walks. */
#include "graph_private.h"
#include <math.h>
#include <stdint.h>
#include <string.h>

/* ---- what the tables say ---------------------------------------------------------------------------------------- */

static const struct {
  const char *name;
  int narg;
} function_row[RHO_FN_COUNT] = {
#define RHO_FUNCTION(id, name, narg, value, d0, d1, dual0, dual1) {name, narg},
#include "rhoflux/functions.def"
#undef RHO_FUNCTION
};

static const struct {
  const char *name;
  int narg, rank;
} operator_row[RHO_OP_COUNT] = {
#define RHO_OPERATOR(id, name, narg, rank, attr) {name, narg, rank},
#include "rhoflux/operators.def"
#undef RHO_OPERATOR
};

int RhoFunctionArgs(RhoFunction f) { return function_row[f].narg; }
const char *RhoFunctionName(RhoFunction f) { return function_row[f].name; }
int RhoOperatorArgs(RhoOperator op) { return operator_row[op].narg; }
const char *RhoOperatorName(RhoOperator op) { return operator_row[op].name; }

/* ---- creation and access ---------------------------------------------------------------------------------------- */

RhoGraph RhoGraphCreate(RhoArena arena) {
  RhoGraph graph = RhoArenaAlloc(arena, sizeof *graph);
  graph->arena = arena;
  graph->place = RHO_NOWHERE;
  graph->nslot = 256;
  graph->slot = RhoArenaAlloc(arena, (size_t)graph->nslot * sizeof *graph->slot);
  return graph;
}

void RhoGraphSetPlace(RhoGraph graph, RhoPlace place) { graph->place = place; }
int RhoGraphSize(RhoGraph graph) { return graph->nnode; }
RhoNodeInfo RhoGraphNode(RhoGraph graph, RhoNode node) { return graph->node[node]; }
const char *RhoGraphSymbolName(RhoGraph graph, RhoNode symbol) { return graph->symbol[graph->node[symbol].attr]; }

bool RhoGraphIsConstant(RhoGraph graph, RhoNode node, double *value) {
  if (node < 0 || graph->node[node].kind != RHO_CONSTANT) return false;
  *value = graph->node[node].value;
  return true;
}

bool RhoGraphIsCall(RhoGraph graph, RhoNode node, RhoFunction f) {
  return node >= 0 && graph->node[node].kind == RHO_CALL && graph->node[node].code == (int)f;
}

/* ---- hash-consing ----------------------------------------------------------------------------------------------- */

static uint64_t Mix(uint64_t hash, uint64_t word) {
  hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
  return hash ^ (hash >> 29);
}

static uint64_t Bits(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

static uint64_t HashName(uint64_t hash, const char *name) {
  for (; *name; name++) hash = Mix(hash, (unsigned char)*name);
  return hash;
}

/* A symbol is known by its name, not by its running number. */
static uint64_t HashNode(RhoGraph graph, const RhoNodeInfo *info) {
  uint64_t hash = Mix((uint64_t)info->kind + 1, (uint64_t)info->code);
  if (info->kind == RHO_SYMBOL) return HashName(hash, graph->symbol[info->attr]);
  hash = Mix(Mix(hash, (uint64_t)info->attr), Bits(info->value));
  for (int k = 0; k < info->narg; k++) hash = Mix(hash, (uint64_t)info->arg[k]);
  return hash;
}

static bool SameNode(RhoGraph graph, const RhoNodeInfo *a, const RhoNodeInfo *b) {
  if (a->kind != b->kind || a->code != b->code || a->narg != b->narg) return false;
  if (a->kind == RHO_SYMBOL) return strcmp(graph->symbol[a->attr], graph->symbol[b->attr]) == 0;
  if (a->attr != b->attr || Bits(a->value) != Bits(b->value)) return false;
  for (int k = 0; k < a->narg; k++)
    if (a->arg[k] != b->arg[k]) return false;
  return true;
}

/* The slot where the node is, or where it would go. */
static int *FindSlot(RhoGraph graph, const RhoNodeInfo *info) {
  unsigned at = (unsigned)HashNode(graph, info);
  for (;; at++) {
    int *slot = &graph->slot[at & (unsigned)(graph->nslot - 1)];
    if (*slot == 0 || SameNode(graph, &graph->node[*slot - 1], info)) return slot;
  }
}

static void Rehash(RhoGraph graph) {
  graph->nslot *= 2;
  graph->slot = RhoArenaAlloc(graph->arena, (size_t)graph->nslot * sizeof *graph->slot);
  for (RhoNode i = 0; i < graph->nnode; i++) *FindSlot(graph, &graph->node[i]) = i + 1;
}

static unsigned Reachable(RhoGraph graph, const RhoNodeInfo *info) {
  unsigned has = 0;
  if (info->kind == RHO_SYMBOL) has = RhoHasKind(info->code);
  if (info->kind == RHO_APPLY) has = RhoHasOperator(info->code);
  for (int k = 0; k < info->narg; k++) has |= graph->has[info->arg[k]];
  return has;
}

static void GrowNodes(RhoGraph graph) {
  int capacity = graph->capacity, same = capacity, again = capacity;
  graph->node = RhoArenaGrow(graph->arena, graph->node, &capacity, sizeof *graph->node);
  graph->has = RhoArenaGrow(graph->arena, graph->has, &same, sizeof *graph->has);
  graph->mark = RhoArenaGrow(graph->arena, graph->mark, &again, sizeof *graph->mark);
  graph->capacity = capacity;
}

static RhoNode AddNode(RhoGraph graph, const RhoNodeInfo *info) {
  if (graph->nnode == graph->capacity) GrowNodes(graph);
  RhoNode node = graph->nnode;
  graph->node[node] = *info;
  graph->node[node].place = graph->place;
  graph->has[node] = Reachable(graph, info);
  graph->mark[node] = 0;
  graph->nnode++;
  return node;
}

RhoNode RhoGraphIntern(RhoGraph graph, const RhoNodeInfo *info) {
  int *slot = FindSlot(graph, info);
  if (*slot) {
    RhoNodeInfo *old = &graph->node[*slot - 1];
    if (old->place.source < 0) old->place = graph->place;
    return *slot - 1;
  }
  RhoNode node = AddNode(graph, info);
  *slot = node + 1;
  if (2 * graph->nnode > graph->nslot) Rehash(graph);
  return node;
}

/* ---- constants, symbols, calls, operators ----------------------------------------------------------------------- */

RhoNode RhoGraphConstant(RhoGraph graph, double value) {
  RhoNodeInfo info = {.kind = RHO_CONSTANT, .value = value};
  return RhoGraphIntern(graph, &info);
}

RhoNode RhoGraphSymbol(RhoGraph graph, RhoSymbolKind kind, const char *name) {
  RhoNodeInfo info = {.kind = RHO_SYMBOL, .code = (int)kind, .attr = graph->nsymbol};
  *RHO_PUSH(graph->arena, graph->symbol, graph->nsymbol, graph->symbolcapacity) = name;
  RhoNode node = RhoGraphIntern(graph, &info);
  if (graph->node[node].attr == info.attr) graph->symbol[info.attr] = RhoArenaString(graph->arena, name, strlen(name));
  else graph->nsymbol--;
  return node;
}

static bool CarriesRank(RhoFunction f) {
  switch (f) {
  case RHO_FN_ADD:
  case RHO_FN_SUB:
  case RHO_FN_NEG:
  case RHO_FN_MUL:
  case RHO_FN_DIV:
  case RHO_FN_SELECT: return true;
  default: return false;
  }
}

RhoNode RhoGraphRawCall(RhoGraph graph, RhoFunction f, int attr, const RhoNode *arg) {
  RhoNodeInfo info = {.kind = RHO_CALL, .code = (int)f, .attr = attr, .narg = function_row[f].narg};
  for (int k = 0; k < info.narg; k++) {
    info.arg[k] = arg[k];
    if (CarriesRank(f) && graph->node[arg[k]].rank > info.rank) info.rank = graph->node[arg[k]].rank;
  }
  return RhoGraphIntern(graph, &info);
}

RhoNode RhoGraphCall(RhoGraph graph, RhoFunction f, int attr, const RhoNode *arg) {
  RhoNode simple = RhoGraphSimplify(graph, f, attr, arg);
  return simple == RHO_NONE ? RhoGraphRawCall(graph, f, attr, arg) : simple;
}

RhoNode RhoGraph1(RhoGraph graph, RhoFunction f, RhoNode x) { return RhoGraphCall(graph, f, 0, &x); }

RhoNode RhoGraph2(RhoGraph graph, RhoFunction f, RhoNode x, RhoNode y) {
  return RhoGraphCall(graph, f, 0, (RhoNode[]){x, y});
}

/* grad a . grad b is symmetric, so its arguments are ordered like those of a sum. */
RhoNode RhoGraphApply(RhoGraph graph, RhoOperator op, int attr, const RhoNode *arg) {
  RhoNodeInfo info = {.kind = RHO_APPLY, .code = (int)op, .attr = attr};
  info.narg = operator_row[op].narg;
  info.rank = operator_row[op].rank;
  for (int k = 0; k < info.narg; k++) info.arg[k] = arg[k];
  if (op == RHO_OP_GDOT && arg[0] > arg[1]) {
    info.arg[0] = arg[1];
    info.arg[1] = arg[0];
  }
  return RhoGraphIntern(graph, &info);
}

RhoNode RhoGraphPower(RhoGraph graph, RhoNode x, RhoNode y) {
  double n;
  bool integer = RhoGraphIsConstant(graph, y, &n) && n == rint(n) && fabs(n) <= 1024;
  return RhoGraph2(graph, integer ? RHO_FN_POWI : RHO_FN_POW, x, y);
}

static bool IsZero(RhoGraph graph, RhoNode node) {
  double value;
  return node == RHO_NONE || (RhoGraphIsConstant(graph, node, &value) && value == 0);
}

RhoNode RhoGraphPlus(RhoGraph graph, RhoNode a, RhoNode b) {
  if (IsZero(graph, a)) return IsZero(graph, b) ? RHO_NONE : b;
  return IsZero(graph, b) ? a : RhoGraph2(graph, RHO_FN_ADD, a, b);
}

RhoNode RhoGraphTimes(RhoGraph graph, RhoNode a, RhoNode b) {
  if (IsZero(graph, a) || IsZero(graph, b)) return RHO_NONE;
  return RhoGraph2(graph, RHO_FN_MUL, a, b);
}

/* ---- tables ----------------------------------------------------------------------------------------------------- */

int RhoGraphAddTable(RhoGraph graph, RhoTable table) {
  *RHO_PUSH(graph->arena, graph->table, graph->ntable, graph->tablecapacity) = table;
  return graph->ntable - 1;
}

RhoTable RhoGraphTable(RhoGraph graph, int table) { return graph->table[table]; }

/* ---- work arrays and walks -------------------------------------------------------------------------------------- */

int *RhoGraphTake(RhoGraph graph, int n) {
  if (graph->ntaken == graph->nscratch)
    *RHO_PUSH(graph->arena, graph->scratch, graph->nscratch, graph->scratchcapacity) = (RhoScratch){NULL, 0};
  RhoScratch *scratch = &graph->scratch[graph->ntaken++];
  if (scratch->capacity < n) {
    int capacity = n + n / 2 + 64;
    scratch->item = RhoArenaAlloc(graph->arena, (size_t)capacity * sizeof *scratch->item);
    scratch->capacity = capacity;
  }
  return scratch->item;
}

void RhoGraphGive(RhoGraph graph) { graph->ntaken--; }

static RhoNode UnseenArgument(RhoGraph graph, RhoNode node) {
  const RhoNodeInfo *info = &graph->node[node];
  for (int k = 0; k < info->narg; k++)
    if (graph->mark[info->arg[k]] != graph->stamp) return info->arg[k];
  return RHO_NONE;
}

/* Depth first with the path in path[]; a node is marked when it is listed, and no path meets itself (invariant 1).
   stop must not start another walk. */
int RhoGraphReach(RhoGraph graph, RhoNode root, RhoAtomFn stop, void *ctx, RhoNode *list) {
  int n = 0, depth = 0;
  int *path = RhoGraphTake(graph, root + 1);
  graph->stamp++;
  path[depth++] = root;
  while (depth > 0) {
    RhoNode node = path[depth - 1];
    RhoNode next = stop && stop(graph, node, ctx) ? RHO_NONE : UnseenArgument(graph, node);
    if (next != RHO_NONE) {
      path[depth++] = next;
      continue;
    }
    graph->mark[node] = graph->stamp;
    list[n++] = node;
    depth--;
  }
  RhoGraphGive(graph);
  return n;
}

static bool InSet(RhoNode node, int nset, const RhoNode *set) {
  for (int k = 0; k < nset; k++)
    if (set[k] == node) return true;
  return false;
}

bool RhoGraphDependsOn(RhoGraph graph, RhoNode node, int nset, const RhoNode *set) {
  if (node == RHO_NONE) return false;
  RhoNode *list = RhoGraphTake(graph, node + 1);
  int n = RhoGraphReach(graph, node, NULL, NULL, list);
  bool found = false;
  for (int k = 0; k < n && !found; k++) found = InSet(list[k], nset, set);
  RhoGraphGive(graph);
  return found;
}

bool RhoGraphDependsOnKind(RhoGraph graph, RhoNode node, RhoSymbolKind kind) {
  return node != RHO_NONE && (graph->has[node] & RhoHasKind(kind)) != 0;
}

bool RhoGraphUniform(RhoGraph graph, RhoNode node) {
  static const RhoSymbolKind varying[] = {RHO_SYM_FIELD, RHO_SYM_COORDINATE, RHO_SYM_VARIATION, RHO_SYM_TRACE};
  for (size_t k = 0; k < sizeof varying / sizeof *varying; k++)
    if (RhoGraphDependsOnKind(graph, node, varying[k])) return false;
  return true;
}

bool RhoGraphContainsOperator(RhoGraph graph, RhoNode node, int op) {
  return node != RHO_NONE && (graph->has[node] & (op < 0 ? RHO_HAS_ANY_OPERATOR : RhoHasOperator(op))) != 0;
}

/* ---- rewriting -------------------------------------------------------------------------------------------------- */

static RhoNode SameFunction(RhoGraph graph, RhoNode node, const RhoNode *arg) {
  RhoNodeInfo info = graph->node[node];
  bool same = true;
  for (int k = 0; k < info.narg; k++) same = same && arg[k] == info.arg[k];
  if (same) return node;
  if (info.kind == RHO_APPLY) return RhoGraphApply(graph, (RhoOperator)info.code, info.attr, arg);
  if (info.code == RHO_FN_POW) return RhoGraphPower(graph, arg[0], arg[1]);
  return RhoGraphCall(graph, (RhoFunction)info.code, info.attr, arg);
}

static RhoNode RewriteOne(RhoGraph graph, RhoNode node, const int *image, RhoRewriteFn fn, void *ctx) {
  RhoNodeInfo info = graph->node[node];
  RhoNode arg[3] = {RHO_NONE, RHO_NONE, RHO_NONE};
  for (int k = 0; k < info.narg; k++) arg[k] = image[info.arg[k]];
  graph->place = info.place;
  RhoNode made = fn(graph, node, arg, ctx);
  return made == RHO_NONE ? SameFunction(graph, node, arg) : made;
}

/* New nodes take the place of the node they replace. */
RhoNode RhoGraphRewrite(RhoGraph graph, RhoNode node, RhoRewriteFn fn, void *ctx) {
  if (node == RHO_NONE) return RHO_NONE;
  RhoPlace place = graph->place;
  RhoNode *list = RhoGraphTake(graph, node + 1);
  int *image = RhoGraphTake(graph, node + 1);
  int n = RhoGraphReach(graph, node, NULL, NULL, list);
  for (int k = 0; k < n; k++) image[list[k]] = RewriteOne(graph, list[k], image, fn, ctx);
  RhoNode made = image[node];
  RhoGraphGive(graph);
  RhoGraphGive(graph);
  graph->place = place;
  return made;
}
