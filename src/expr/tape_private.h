/* tape_private.h - the inside of a tape, for the files of layer expr only.

   A tape holds two programs for the same outputs.
   1. The values: the needed nodes in the order of evaluation, as functions of functions.def.  Those that depend on
      uniform nodes alone are numbers, computed by RhoTapeBind; dual numbers walk all of them (tape_dual.c).
   2. The instructions: the values that vary, as kernels over rows, one block of points at a time (tape_lower.c,
      tape_allocate.c, tape_eval.c).

   Operands of instructions are slots: first the numbers, slot i = number i (of the values, then -1, 0 and 1),
   then the inputs, the outputs and the registers. */
#ifndef RHOFLUX_TAPE_PRIVATE_H
#define RHOFLUX_TAPE_PRIVATE_H
#include "rhoflux/expr.h"
#include "graph_private.h"
#include <math.h>

enum {
  RHO_PAD = 16, /* rows are evaluated in multiples of this: whole vectors at every level */
  RHO_SMALLEST_BLOCK = 128,
  RHO_CACHE = 24 * 1024,   /* bytes of rows that a block may take: well inside the first cache */
  RHO_LARGEST_PRODUCT = 8, /* x^n up to this n is a product, beyond it pow */
  RHO_FORM_COUNT = 16
};

/* ---- kernels --------------------------------------------------------------------------------------------- */

typedef enum {
#define RHO_KERNEL1(id, expression) RHO_K_##id,
#define RHO_KERNEL2(id, expression) RHO_K_##id,
#define RHO_KERNEL3(id, expression) RHO_K_##id,
#define RHO_KERNEL4(id, expression) RHO_K_##id,
#define RHO_VECTOR1(id, function) RHO_K_##id,
#define RHO_VECTOR2(id, function) RHO_K_##id,
#include "kernels.def"
#include "kernels_end.h"
  RHO_K_COUNT,
  RHO_K_TABLE, /* not in the table of kernels: it has a spline besides its operand */
  RHO_K_INPUT  /* not an instruction: an array */
} RhoKernelId;

/* r[p] = kernel(a[p], b[p], c[p], d[p]), p = 0..n-1, n a multiple of RHO_PAD; operands whose bit is set in the form
   are single numbers.  All pointers are valid, also of operands the kernel does not have; r may be an operand. */
typedef void (*RhoKernel)(double *r, const double *a, const double *b, const double *c, const double *d, int n);

/* The kernels for one level of instructions. */
typedef struct {
  const char *name;
  const RhoKernel (*kernel)[RHO_FORM_COUNT];                       /* [RHO_K_COUNT][form], NULL: no such form */
  void (*gather)(double *r, const double *a, long stride, int n);  /* r[p] = a[p*stride] */
  void (*scatter)(double *r, const double *a, long stride, int n); /* r[p*stride] = a[p] */
} RhoVectorMath;

/* How many levels this machine has, and one of them; 0 is portable, the last is the fastest. */
int RhoVectorLevelCount(void);
const RhoVectorMath *RhoVectorLevel(int level);

const char *RhoKernelName(RhoKernelId id);
int RhoKernelArgs(RhoKernelId id);

/* r[p] = RhoTableValue(table, a[p], order); r may be a. */
void RhoTableBlock(RhoTable table, int order, double *r, const double *a, int n);

/* ---- the two programs ------------------------------------------------------------------------------------ */

typedef enum { RHO_VALUE_CONSTANT, RHO_VALUE_UNIFORM, RHO_VALUE_INPUT, RHO_VALUE_CALL } RhoValueKind;

typedef struct {
  RhoValueKind kind;
  bool varies;      /* depends on an array */
  int code;         /* which uniform or input; the RhoFunction of a call */
  int order;        /* tables: of the derivative */
  RhoTable table;   /* or NULL */
  int narg, arg[3]; /* values */
} RhoValue;

typedef struct {
  RhoKernel kernel; /* NULL for a table */
  RhoKernelId id;
  int form;
  int r, arg[4]; /* slots */
  RhoTable table;
  int order;
} RhoInstruction;

struct RhoTape_s {
  RhoArena arena;
  int nvalue, nin, nuniform, nout;
  RhoValue *value; /* [nvalue] */
  int *out;        /* [nout] values, or RHO_NONE for zero */
  bool *used;      /* [nin] */

  int ninstruction, nregister;
  RhoInstruction *instruction; /* [ninstruction] */
  const RhoVectorMath *math;

  double *number; /* [nvalue + 3]: of the values that do not vary, then -1, 0 and 1 */
  int block;      /* points, a multiple of RHO_PAD */
  int pitch;      /* doubles from row to row: not a power of two, so that rows differ in their cache sets */
  double *row;    /* [nin + nout + nregister][pitch], aligned to 64 bytes */
  double **slot;  /* [nvalue + 3 + nin + nout + nregister] where the operands are now */
  bool *direct;   /* [nin + nout] the slot of this array is the caller's memory, during RhoTapeEval */
  double *dual;   /* [2*nvalue] */
};

/* Slots. */
static inline int RhoMinusOne(RhoTape tape) { return tape->nvalue; }
static inline int RhoZero(RhoTape tape) { return tape->nvalue + 1; }
static inline int RhoOne(RhoTape tape) { return tape->nvalue + 2; }
static inline int RhoInputSlot(RhoTape tape, int in) { return tape->nvalue + 3 + in; }
static inline int RhoOutputSlot(RhoTape tape, int out) { return RhoInputSlot(tape, tape->nin) + out; }
static inline int RhoRegisterSlot(RhoTape tape, int k) { return RhoOutputSlot(tape, tape->nout) + k; }

/* ---- compilation ----------------------------------------------------------------------------------------- */

/* An operation on rows, before it has registers.  Operands: >= 0 an operation, < 0 the number RhoNumber(operand). */
typedef struct {
  RhoKernelId id;
  int narg, arg[4];
  int input; /* RHO_K_INPUT: which */
  RhoTable table;
  int order;
  int nuse;      /* as an operand or output */
  bool absorbed; /* done by the operation that uses it */
  int next;      /* in its chain of the hash table */
} RhoOp;

#define RhoNumber(operand) (~(operand))

typedef struct {
  int nop, capacity;
  RhoOp *op; /* arguments before users */
  int *out;  /* [nout] operands */
  int nchain, *chain;
} RhoOpList;

/* The varying values as operations, equal ones once; work: an arena for what only the compilation needs. */
RhoOpList RhoTapeLower(RhoTape tape, RhoArena work);
/* Joins operations that are used once with their user. */
void RhoTapeFuse(RhoOpList *list);
/* Orders the operations, gives them registers and writes the instructions. */
void RhoTapeAllocate(RhoTape tape, RhoOpList *list, RhoArena work);
/* Chooses the kernels of a level. */
void RhoTapeUseLevel(RhoTape tape, int level);

#endif
