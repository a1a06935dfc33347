/* tape_lower.c - the varying values of a tape as operations of kernels.def.

   Lowering: -x is x * -1 (which joins with neighbours); x^n is products by squaring, as in RhoPowi.  Equal operations
   are one, also those that lowering makes; the operands of + and * are ordered, numbers last.
   Fusing: an operation + - * / takes in an operand that is such an operation and that nobody else uses.  Both are still
   rounded, so that no bit changes. */
#include "tape_private.h"
#include <string.h>

typedef struct {
  RhoTape tape;
  RhoArena work;
  RhoOpList list;
  int *operand; /* [nvalue] */
} Lowering;

static bool Commutes(RhoKernelId id) { return id == RHO_K_ADD || id == RHO_K_MUL; }

static bool SameOp(const RhoOp *a, const RhoOp *b) {
  return a->id == b->id && a->input == b->input && a->table == b->table && a->order == b->order &&
         !memcmp(a->arg, b->arg, sizeof a->arg);
}

static unsigned HashOp(const RhoOp *op) {
  unsigned h = (unsigned)op->id * 2654435761u + (unsigned)op->input;
  for (int k = 0; k < 4; k++) h = (h ^ (unsigned)op->arg[k]) * 2654435761u, h ^= h >> 15;
  return h;
}

/* The operation with these contents. */
static int AddOp(Lowering *l, RhoOp op) {
  RhoOpList *list = &l->list;
  if (Commutes(op.id) && op.arg[1] > op.arg[0]) {
    int a = op.arg[0];
    op.arg[0] = op.arg[1];
    op.arg[1] = a;
  }
  int *chain = &list->chain[HashOp(&op) % (unsigned)list->nchain];
  for (int k = *chain; k >= 0; k = list->op[k].next)
    if (SameOp(&list->op[k], &op)) return k;
  op.next = *chain;
  *RHO_PUSH(l->work, list->op, list->nop, list->capacity) = op;
  return *chain = list->nop - 1;
}

static int Op2(Lowering *l, RhoKernelId id, int a, int b) {
  return AddOp(l, (RhoOp){.id = id, .narg = 2, .arg = {a, b}});
}

static int Product(Lowering *l, int x, int n) {
  if (n == 1) return x;
  int rest = Product(l, x, n % 2 ? n - 1 : n / 2);
  return Op2(l, RHO_K_MUL, rest, n % 2 ? x : rest);
}

/* x^n, or RHO_NONE where that is not a product. */
static int Power(Lowering *l, const RhoValue *v, int x) {
  const RhoValue *exponent = &l->tape->value[v->arg[1]];
  double n = l->tape->number[v->arg[1]];
  if (exponent->kind != RHO_VALUE_CONSTANT || n == 0 || fabs(n) > RHO_LARGEST_PRODUCT) return RHO_NONE;
  int product = Product(l, x, (int)fabs(n));
  return n > 0 ? product : Op2(l, RHO_K_DIV, RhoNumber(RhoOne(l->tape)), product);
}

/* The kernel of the same name. */
static RhoKernelId KernelOf(RhoFunction f) {
#define SAME(id) [RHO_FN_##id] = RHO_K_##id
  static const RhoKernelId kernel[RHO_FN_COUNT] = {SAME(ADD),
                                                   SAME(SUB),
                                                   SAME(MUL),
                                                   SAME(DIV),
                                                   SAME(POW),
                                                   SAME(EXP),
                                                   SAME(LOG),
                                                   SAME(LOG1P),
                                                   SAME(EXPM1),
                                                   SAME(SQRT),
                                                   SAME(CBRT),
                                                   SAME(SIN),
                                                   SAME(COS),
                                                   SAME(TAN),
                                                   SAME(ASIN),
                                                   SAME(ACOS),
                                                   SAME(ATAN),
                                                   SAME(ATAN2),
                                                   SAME(SINH),
                                                   SAME(COSH),
                                                   SAME(TANH),
                                                   SAME(ERF),
                                                   SAME(ERFC),
                                                   SAME(ABS),
                                                   SAME(MIN),
                                                   SAME(MAX),
                                                   SAME(SIGN),
                                                   SAME(STEP),
                                                   SAME(LT),
                                                   SAME(LE),
                                                   SAME(EQ),
                                                   SAME(NE),
                                                   SAME(AND),
                                                   SAME(OR),
                                                   SAME(NOT),
                                                   SAME(SELECT),
                                                   SAME(BERN),
                                                   SAME(BERN1),
                                                   SAME(BERN2),
                                                   SAME(TABLE),
                                                   [RHO_FN_POWI] = RHO_K_POW};
#undef SAME
  return kernel[f];
}

static int LowerCall(Lowering *l, const RhoValue *v) {
  RhoOp op = {.id = KernelOf((RhoFunction)v->code), .narg = v->narg, .table = v->table, .order = v->order};
  for (int k = 0; k < v->narg; k++) op.arg[k] = l->operand[v->arg[k]];
  if (v->code == RHO_FN_NEG) return Op2(l, RHO_K_MUL, op.arg[0], RhoNumber(RhoMinusOne(l->tape)));
  int power = v->code == RHO_FN_POWI ? Power(l, v, op.arg[0]) : RHO_NONE;
  return power >= 0 ? power : AddOp(l, op);
}

static int Lower(Lowering *l, int i) {
  const RhoValue *v = &l->tape->value[i];
  if (!v->varies) return RhoNumber(i);
  if (v->kind == RHO_VALUE_INPUT) return AddOp(l, (RhoOp){.id = RHO_K_INPUT, .input = v->code});
  return LowerCall(l, v);
}

static void CountUses(RhoTape tape, RhoOpList *list) {
  for (int i = 0; i < list->nop; i++)
    for (int k = 0; k < list->op[i].narg; k++)
      if (list->op[i].arg[k] >= 0) list->op[list->op[i].arg[k]].nuse++;
  for (int o = 0; o < tape->nout; o++)
    if (list->out[o] >= 0) list->op[list->out[o]].nuse++;
}

RhoOpList RhoTapeLower(RhoTape tape, RhoArena work) {
  Lowering l = {.tape = tape, .work = work, .list.nchain = 2 * tape->nvalue + 1};
  l.operand = RhoArenaAlloc(work, tape->nvalue * sizeof *l.operand);
  l.list.out = RhoArenaAlloc(work, tape->nout * sizeof *l.list.out);
  l.list.chain = RhoArenaAlloc(work, l.list.nchain * sizeof *l.list.chain);
  for (int i = 0; i < l.list.nchain; i++) l.list.chain[i] = -1;
  for (int i = 0; i < tape->nvalue; i++) l.operand[i] = Lower(&l, i);
  for (int o = 0; o < tape->nout; o++)
    l.list.out[o] = tape->out[o] == RHO_NONE ? RhoNumber(RhoZero(tape)) : l.operand[tape->out[o]];
  CountUses(tape, &l.list);
  return l.list;
}

/* ---- fusing ---------------------------------------------------------------------------------------------- */

static bool IsArithmetic(RhoKernelId id) { return id >= RHO_K_ADD && id <= RHO_K_DIV; }

/* The operation of an operand that its user can take in, or NULL. */
static RhoOp *Inner(RhoOpList *list, int operand) {
  RhoOp *op = operand >= 0 ? &list->op[operand] : NULL;
  return op && op->nuse == 1 && IsArithmetic(op->id) ? op : NULL;
}

static bool FuseProducts(RhoOpList *list, RhoOp *op) {
  if (op->id != RHO_K_ADD && op->id != RHO_K_SUB) return false;
  RhoOp *left = Inner(list, op->arg[0]), *right = Inner(list, op->arg[1]);
  if (!left || !right || left->id != RHO_K_MUL || right->id != RHO_K_MUL) return false;
  left->absorbed = right->absorbed = true;
  op->id = op->id == RHO_K_ADD ? RHO_K_PRODUCTS_ADD : RHO_K_PRODUCTS_SUB;
  op->narg = 4;
  memcpy(&op->arg[0], left->arg, 2 * sizeof op->arg[0]);
  memcpy(&op->arg[2], right->arg, 2 * sizeof op->arg[0]);
  return true;
}

/* The outer operation of a triad when the inner one is operand k; the order of RHO_TRIADS. */
static int OuterOf(RhoKernelId id, int k) {
  enum { ADD, SUB, RSUB, MUL, DIV, RDIV };
  switch (id) {
  case RHO_K_ADD: return ADD;
  case RHO_K_SUB: return k ? RSUB : SUB;
  case RHO_K_MUL: return MUL;
  default: return k ? RDIV : DIV;
  }
}

static bool FuseTriad(RhoOpList *list, RhoOp *op, int k) {
  RhoOp *inner = Inner(list, op->arg[k]);
  if (!inner) return false;
  int other = op->arg[1 - k];
  inner->absorbed = true;
  op->id = (RhoKernelId)(RHO_K_ADD_ADD + 6 * (int)(inner->id - RHO_K_ADD) + OuterOf(op->id, k));
  op->narg = 3;
  op->arg[0] = inner->arg[0], op->arg[1] = inner->arg[1], op->arg[2] = other;
  return true;
}

void RhoTapeFuse(RhoOpList *list) {
  for (int i = 0; i < list->nop; i++) {
    RhoOp *op = &list->op[i];
    if (IsArithmetic(op->id) && !FuseProducts(list, op) && !FuseTriad(list, op, 0)) FuseTriad(list, op, 1);
  }
}
