/* tape_compile.c - from the nodes of a graph to a tape: what is needed, what varies, and the numbers that do not. */
#include "tape_private.h"
#include <stdint.h>
#include <string.h>

typedef struct {
  RhoGraph graph;
  RhoTape tape;
  RhoArena work;
  int size;
  int *leaf;    /* [size] 0, input + 1, or -(uniform + 1) */
  bool *needed; /* [size] */
  int *value;   /* [size] of needed nodes */
} Compiler;

static void MarkLeaves(Compiler *c, int nin, const RhoNode *in, int nuniform, const RhoNode *uniform) {
  for (int i = nuniform - 1; i >= 0; i--) c->leaf[uniform[i]] = -(i + 1);
  for (int i = nin - 1; i >= 0; i--) c->leaf[in[i]] = i + 1;
}

/* Marks the nodes between the outputs and the leaves; returns one that ends in neither a leaf nor a constant. */
static RhoNode Reach(Compiler *c, int nout, const RhoNode *out) {
  for (int o = 0; o < nout; o++)
    if (out[o] != RHO_NONE) c->needed[out[o]] = true;
  for (RhoNode node = c->size - 1; node >= 0; node--) {
    if (!c->needed[node]) continue;
    c->tape->nvalue++;
    if (c->leaf[node]) continue;
    RhoNodeInfo info = RhoGraphNode(c->graph, node);
    if (info.kind == RHO_SYMBOL || info.kind == RHO_APPLY) return node;
    for (int k = 0; k < info.narg; k++) c->needed[info.arg[k]] = true;
  }
  return RHO_NONE;
}

static RhoValue CallValue(const Compiler *c, const RhoNodeInfo *info) {
  RhoValue v = {.kind = RHO_VALUE_CALL, .code = info->code, .narg = info->narg};
  for (int k = 0; k < info->narg; k++) {
    v.arg[k] = c->value[info->arg[k]];
    v.varies |= c->tape->value[v.arg[k]].varies;
  }
  if (info->code == RHO_FN_TABLE) v.table = RhoGraphTable(c->graph, info->attr / 4), v.order = info->attr % 4;
  return v;
}

static RhoValue ValueOf(const Compiler *c, RhoNode node, double *number) {
  if (c->leaf[node] > 0) return (RhoValue){.kind = RHO_VALUE_INPUT, .code = c->leaf[node] - 1, .varies = true};
  if (c->leaf[node] < 0) return (RhoValue){.kind = RHO_VALUE_UNIFORM, .code = -c->leaf[node] - 1};
  RhoNodeInfo info = RhoGraphNode(c->graph, node);
  if (info.kind == RHO_CALL) return CallValue(c, &info);
  *number = info.value;
  return (RhoValue){.kind = RHO_VALUE_CONSTANT};
}

static void ListValues(Compiler *c, int nout, const RhoNode *out) {
  RhoTape tape = c->tape;
  int n = 0;
  tape->value = RhoArenaAlloc(tape->arena, tape->nvalue * sizeof *tape->value);
  tape->number = RhoArenaAlloc(tape->arena, (tape->nvalue + 3) * sizeof *tape->number);
  tape->dual = RhoArenaAlloc(tape->arena, 2 * tape->nvalue * sizeof *tape->dual);
  for (RhoNode node = 0; node < c->size; node++) {
    if (!c->needed[node]) continue;
    tape->number[n] = NAN;
    tape->value[n] = ValueOf(c, node, &tape->number[n]);
    c->value[node] = n++;
  }
  tape->number[RhoMinusOne(tape)] = -1;
  tape->number[RhoZero(tape)] = 0;
  tape->number[RhoOne(tape)] = 1;
  for (int o = 0; o < nout; o++) tape->out[o] = out[o] == RHO_NONE ? RHO_NONE : c->value[out[o]];
}

static RhoTape NewTape(RhoArena arena, int nout, int nin, int nuniform) {
  RhoTape tape = RhoArenaAlloc(arena, sizeof *tape);
  tape->arena = arena;
  tape->nout = nout, tape->nin = nin, tape->nuniform = nuniform;
  tape->out = RhoArenaAlloc(arena, nout * sizeof *tape->out);
  tape->used = RhoArenaAlloc(arena, nin * sizeof *tape->used);
  return tape;
}

/* The largest block whose rows stay in the first cache. */
static int BlockFor(int nrow) {
  int block = RHO_BLOCK;
  while (block > RHO_SMALLEST_BLOCK && nrow * block * (int)sizeof(double) > RHO_CACHE) block /= 2;
  return block;
}

/* Rows and the table of slots; numbers and registers stay where they are, arrays of the caller come in RhoTapeEval. */
static void PlaceRows(RhoTape tape) {
  int nrow = tape->nin + tape->nout + tape->nregister, first = RhoInputSlot(tape, 0);
  tape->block = BlockFor(nrow);
  tape->pitch = tape->block + 8;
  char *bytes = RhoArenaAlloc(tape->arena, (size_t)nrow * tape->pitch * sizeof(double) + 64);
  tape->row = (double *)(bytes + (64 - (uintptr_t)bytes % 64) % 64);
  tape->slot = RhoArenaAlloc(tape->arena, (first + nrow) * sizeof *tape->slot);
  tape->direct = RhoArenaAlloc(tape->arena, (tape->nin + tape->nout) * sizeof *tape->direct);
  for (int i = 0; i < first; i++) tape->slot[i] = &tape->number[i];
  for (int i = 0; i < nrow; i++) tape->slot[first + i] = tape->row + (size_t)i * tape->pitch;
}

static void MarkUsed(RhoTape tape) {
  for (int i = 0; i < tape->nvalue; i++)
    if (tape->value[i].kind == RHO_VALUE_INPUT) tape->used[tape->value[i].code] = true;
}

static void Number(RhoTape tape, int i) {
  const RhoValue *v = &tape->value[i];
  double x[3] = {0, 0, 0};
  for (int k = 0; k < v->narg; k++) x[k] = tape->number[v->arg[k]];
  tape->number[i] = v->table ? RhoTableValue(v->table, x[0], v->order) : RhoFunctionValue(v->code, x[0], x[1], x[2]);
}

/* The values that depend on uniform nodes alone. */
static void Numbers(RhoTape tape) {
  for (int i = 0; i < tape->nvalue; i++)
    if (tape->value[i].kind == RHO_VALUE_CALL && !tape->value[i].varies) Number(tape, i);
}

void RhoTapeBind(RhoTape tape, const double *value) {
  for (int i = 0; i < tape->nvalue; i++)
    if (tape->value[i].kind == RHO_VALUE_UNIFORM) tape->number[i] = value[tape->value[i].code];
  Numbers(tape);
}

static void Finish(RhoTape tape, RhoArena work) {
  RhoOpList list = RhoTapeLower(tape, work);
  RhoTapeFuse(&list);
  RhoTapeAllocate(tape, &list, work);
  PlaceRows(tape);
  MarkUsed(tape);
  RhoTapeUseLevel(tape, RhoVectorLevelCount() - 1);
  Numbers(tape);
}

typedef struct {
  RhoGraph graph;
  int nout, nin, nuniform;
  const RhoNode *out, *in, *uniform;
} Request;

/* NULL when a node is missing; arenas jump when they are full. */
static RhoTape Compile(const Request *q, RhoArena arena, RhoArena work, RhoNode *missing) {
  int size = RhoGraphSize(q->graph);
  Compiler c = {.graph = q->graph, .tape = NewTape(arena, q->nout, q->nin, q->nuniform), .work = work, .size = size};
  c.leaf = RhoArenaAlloc(work, size * sizeof *c.leaf);
  c.needed = RhoArenaAlloc(work, size * sizeof *c.needed);
  c.value = RhoArenaAlloc(work, size * sizeof *c.value);
  MarkLeaves(&c, q->nin, q->in, q->nuniform, q->uniform);
  *missing = Reach(&c, q->nout, q->out);
  if (*missing != RHO_NONE) return NULL;
  ListValues(&c, q->nout, q->out);
  Finish(c.tape, work);
  return c.tape;
}

static RhoTape GuardedCompile(const Request *q, RhoArena arena, RhoArena work, RhoNode *missing) {
  if (setjmp(*RhoArenaGuard(arena)) || setjmp(*RhoArenaGuard(work))) return NULL;
  return Compile(q, arena, work, missing);
}

RhoTape RhoTapeCreate(RhoGraph graph, int nout, const RhoNode *out, int nin, const RhoNode *in, int nuniform,
                      const RhoNode *uniform, RhoNode *missing) {
  Request q = {graph, nout, nin, nuniform, out, in, uniform};
  RhoArena arena = RhoArenaCreate(), work = RhoArenaCreate();
  *missing = RHO_NONE;
  RhoTape tape = arena && work ? GuardedCompile(&q, arena, work, missing) : NULL;
  if (work) RhoArenaDestroy(&work);
  if (arena && !tape) RhoArenaDestroy(&arena);
  return tape;
}

void RhoTapeDestroy(RhoTape *tape) {
  if (!*tape) return;
  RhoArena arena = (*tape)->arena;
  RhoArenaDestroy(&arena);
  *tape = NULL;
}

int RhoTapeLength(RhoTape tape) { return tape->ninstruction; }

int RhoTapeUses(RhoTape tape, int in) { return tape->used[in]; }
int RhoTapeUniform(RhoTape tape, int out) { return tape->out[out] == RHO_NONE || !tape->value[tape->out[out]].varies; }
