/* tape_allocate.c - from operations to instructions: their order, and registers for their results.

   The order is depth first from the outputs, the operand that needs most registers first (Sethi and Ullman 1970), so
   that a result is used soon and few rows are alive.  A register is free again from its last use on, for the result
   of that very instruction too; the one freed last, which is nearest in the cache, is taken first.  A result that is
   an output is computed in the output's slot.  Inputs are slots already. */
#include "tape_private.h"

typedef struct {
  RhoTape tape;
  RhoOpList *list;
  RhoArena work;
  int norder, *order; /* [nop] operations in the order of the instructions */
  int *need;          /* [nop] registers that computing it takes */
  int *last;          /* [nop] position of its last user, INT_MAX for an output */
  int *slot;          /* [nop] */
  int nfree, *free_slot;
} Allocation;

/* The operations among the operands, each once, most demanding first; returns how many. */
static int Arguments(const Allocation *a, const RhoOp *op, int arg[4]) {
  int n = 0;
  for (int k = 0; k < op->narg; k++) {
    int j = n, x = op->arg[k];
    bool known = x < 0;
    for (int i = 0; i < n; i++) known |= arg[i] == x;
    if (known) continue;
    for (; j > 0 && a->need[arg[j - 1]] < a->need[x]; j--) arg[j] = arg[j - 1];
    arg[j] = x;
    n++;
  }
  return n;
}

static void CountNeeds(Allocation *a) {
  for (int i = 0; i < a->list->nop; i++) {
    int arg[4], n = Arguments(a, &a->list->op[i], arg);
    a->need[i] = a->list->op[i].id != RHO_K_INPUT;
    for (int k = 0; k < n; k++)
      if (a->need[arg[k]] + k > a->need[i]) a->need[i] = a->need[arg[k]] + k;
  }
}

/* Appends what root needs and root itself.  An entry ~x of the stack: the arguments of x are done. */
static void OrderFrom(Allocation *a, int root, bool *seen, int *stack) {
  int n = 0;
  stack[n++] = root;
  while (n) {
    int x = stack[--n], arg[4];
    if (x < 0) {
      a->order[a->norder++] = ~x;
      continue;
    }
    if (seen[x]) continue;
    seen[x] = true;
    if (a->list->op[x].id == RHO_K_INPUT) continue;
    stack[n++] = ~x;
    for (int k = Arguments(a, &a->list->op[x], arg) - 1; k >= 0; k--)
      if (!seen[arg[k]]) stack[n++] = arg[k];
  }
}

static void Order(Allocation *a) {
  bool *seen = RhoArenaAlloc(a->work, a->list->nop * sizeof *seen);
  int *stack = RhoArenaAlloc(a->work, (5 * a->list->nop + 1) * sizeof *stack);
  for (int o = 0; o < a->tape->nout; o++)
    if (a->list->out[o] >= 0) OrderFrom(a, a->list->out[o], seen, stack);
}

static bool IsOutput(const Allocation *a, int x) { return a->last[x] == a->list->nop; }

static void FindLastUses(Allocation *a) {
  for (int t = 0; t < a->norder; t++) {
    const RhoOp *op = &a->list->op[a->order[t]];
    for (int k = 0; k < op->narg; k++)
      if (op->arg[k] >= 0) a->last[op->arg[k]] = t;
  }
  for (int o = 0; o < a->tape->nout; o++)
    if (a->list->out[o] >= 0) a->last[a->list->out[o]] = a->list->nop;
}

/* Inputs and outputs have their slots; an operation that is several outputs has the first. */
static void GiveFixedSlots(Allocation *a) {
  for (int i = 0; i < a->list->nop; i++)
    a->slot[i] = a->list->op[i].id == RHO_K_INPUT ? RhoInputSlot(a->tape, a->list->op[i].input) : -1;
  for (int o = 0; o < a->tape->nout; o++) {
    int x = a->list->out[o];
    if (x >= 0 && a->slot[x] < 0) a->slot[x] = RhoOutputSlot(a->tape, o);
  }
}

static void FreeOperands(Allocation *a, int t) {
  int arg[4], n = Arguments(a, &a->list->op[a->order[t]], arg);
  for (int k = 0; k < n; k++)
    if (a->last[arg[k]] == t && a->list->op[arg[k]].id != RHO_K_INPUT) a->free_slot[a->nfree++] = a->slot[arg[k]];
}

static void GiveRegisters(Allocation *a) {
  for (int t = 0; t < a->norder; t++) {
    int x = a->order[t];
    FreeOperands(a, t);
    if (IsOutput(a, x)) continue;
    a->slot[x] = a->nfree ? a->free_slot[--a->nfree] : RhoRegisterSlot(a->tape, a->tape->nregister++);
  }
}

static int SlotOf(const Allocation *a, int operand) { return operand < 0 ? RhoNumber(operand) : a->slot[operand]; }

static RhoInstruction InstructionOf(const Allocation *a, const RhoOp *op, int result) {
  RhoInstruction ins = {.id = op->id, .r = result, .table = op->table, .order = op->order};
  for (int k = 0; k < 4; k++) {
    if (k < op->narg) ins.arg[k] = SlotOf(a, op->arg[k]);
    if (k >= op->narg || op->arg[k] < 0) ins.form |= 1 << k;
  }
  return ins;
}

static void WriteInstructions(Allocation *a) {
  RhoTape tape = a->tape;
  tape->instruction = RhoArenaAlloc(tape->arena, (a->norder + tape->nout) * sizeof *tape->instruction);
  for (int t = 0; t < a->norder; t++) {
    int x = a->order[t];
    tape->instruction[tape->ninstruction++] = InstructionOf(a, &a->list->op[x], a->slot[x]);
  }
  for (int o = 0; o < tape->nout; o++) {
    RhoOp copy = {.id = RHO_K_COPY, .narg = 1, .arg = {a->list->out[o]}};
    int result = RhoOutputSlot(tape, o);
    if (SlotOf(a, a->list->out[o]) != result) tape->instruction[tape->ninstruction++] = InstructionOf(a, &copy, result);
  }
}

void RhoTapeAllocate(RhoTape tape, RhoOpList *list, RhoArena work) {
  Allocation a = {.tape = tape, .list = list, .work = work};
  size_t nbyte = list->nop * sizeof(int);
  a.order = RhoArenaAlloc(work, nbyte), a.need = RhoArenaAlloc(work, nbyte), a.last = RhoArenaAlloc(work, nbyte);
  a.slot = RhoArenaAlloc(work, nbyte), a.free_slot = RhoArenaAlloc(work, nbyte);
  CountNeeds(&a);
  Order(&a);
  FindLastUses(&a);
  GiveFixedSlots(&a);
  GiveRegisters(&a);
  WriteInstructions(&a);
}
