/* tape_print.c - a tape as text: its numbers, then its instructions. */
#include "tape_private.h"

const char *RhoKernelName(RhoKernelId id) {
  static const char *const name[] = {
#define RHO_KERNEL1(id, expression) #id,
#define RHO_KERNEL2(id, expression) #id,
#define RHO_KERNEL3(id, expression) #id,
#define RHO_KERNEL4(id, expression) #id,
#define RHO_VECTOR1(id, function) #id,
#define RHO_VECTOR2(id, function) #id,
#include "kernels.def"
#include "kernels_end.h"
      "", "TABLE", "INPUT"};
  return name[id];
}

int RhoKernelArgs(RhoKernelId id) {
  static const int narg[] = {
#define RHO_KERNEL1(id, expression) 1,
#define RHO_KERNEL2(id, expression) 2,
#define RHO_KERNEL3(id, expression) 3,
#define RHO_KERNEL4(id, expression) 4,
#define RHO_VECTOR1(id, function) 1,
#define RHO_VECTOR2(id, function) 2,
#include "kernels.def"
#include "kernels_end.h"
      0, 1, 0};
  return narg[id];
}

static const char *FunctionId(int f) {
  static const char *const id_text[] = {
#define RHO_FUNCTION(id, name, narg, value, d0, d1, dual0, dual1) #id,
#include "rhoflux/functions.def"
#undef RHO_FUNCTION
  };
  return id_text[f];
}

static void PrintNumber(RhoTape tape, int i, FILE *stream) {
  const RhoValue *v = &tape->value[i];
  if (v->varies) return;
  fprintf(stream, "  n%d = %.17g", i, tape->number[i]);
  if (v->kind == RHO_VALUE_UNIFORM) fprintf(stream, "  uniform %d", v->code);
  if (v->kind == RHO_VALUE_CALL) fprintf(stream, "  %s", FunctionId(v->code));
  for (int k = 0; k < v->narg; k++) fprintf(stream, " n%d", v->arg[k]);
  fputc('\n', stream);
}

static void PrintSlot(RhoTape tape, int slot, FILE *stream) {
  if (slot >= RhoRegisterSlot(tape, 0)) fprintf(stream, "r%d", slot - RhoRegisterSlot(tape, 0));
  else if (slot >= RhoOutputSlot(tape, 0)) fprintf(stream, "out%d", slot - RhoOutputSlot(tape, 0));
  else if (slot >= RhoInputSlot(tape, 0)) fprintf(stream, "in%d", slot - RhoInputSlot(tape, 0));
  else if (slot >= tape->nvalue) fprintf(stream, "%g", tape->number[slot]);
  else fprintf(stream, "n%d", slot);
}

static void PrintInstruction(RhoTape tape, const RhoInstruction *ins, FILE *stream) {
  fputs("  ", stream);
  PrintSlot(tape, ins->r, stream);
  fprintf(stream, " = %s", RhoKernelName(ins->id));
  for (int k = 0; k < RhoKernelArgs(ins->id); k++) {
    fputc(' ', stream);
    PrintSlot(tape, ins->arg[k], stream);
  }
  fputc('\n', stream);
}

void RhoTapePrint(RhoTape tape, FILE *stream) {
  fprintf(stream, "tape: %d inputs, %d outputs, %d instructions, %d registers, blocks of %d, %s\n", tape->nin,
          tape->nout, tape->ninstruction, tape->nregister, tape->block, tape->math->name);
  for (int i = 0; i < tape->nvalue; i++) PrintNumber(tape, i, stream);
  for (int k = 0; k < tape->ninstruction; k++) PrintInstruction(tape, &tape->instruction[k], stream);
}
