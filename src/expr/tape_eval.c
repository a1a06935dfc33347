/* tape_eval.c - a tape over arrays, block by block.

   An array with unit stride is read and written where it is, if the block is
   whole; else it goes through a row, padded with its last point to whole vectors, so that no kernel meets a number that
   the caller did not give.  An output that is also an input goes through its row as well: other instructions of the
   block may still read the input. */
#include "tape_private.h"

typedef struct {
  RhoTape tape;
  const double *const *in;
  double *const *out;
  const long *istride, *ostride; /* or NULL */
} Run;

static long Stride(const long *stride, int i) { return stride ? stride[i] : 1; }

static double *RowOf(RhoTape tape, int k) { return tape->row + (size_t)k * tape->pitch; }

static bool IsInput(const Run *run, int o) {
  for (int i = 0; i < run->tape->nin; i++)
    if (run->tape->used[i] && run->in[i] == run->out[o]) return true;
  return false;
}

static void Fill(double *row, double value, int from, int to) {
  for (int p = from; p < to; p++) row[p] = value;
}

/* Which arrays need no row; what never changes is put into its row. */
static void Begin(const Run *run) {
  RhoTape tape = run->tape;
  for (int i = 0; i < tape->nin; i++) {
    long stride = Stride(run->istride, i);
    tape->direct[i] = tape->used[i] && stride == 1;
    if (tape->used[i] && stride == 0) Fill(RowOf(tape, i), run->in[i][0], 0, tape->block);
  }
  for (int o = 0; o < tape->nout; o++) tape->direct[tape->nin + o] = Stride(run->ostride, o) == 1 && !IsInput(run, o);
}

/* Points p .. p + n - 1 of the inputs, padded to m. */
static void Load(const Run *run, long p, int n, int m) {
  RhoTape tape = run->tape;
  for (int i = 0; i < tape->nin; i++) {
    long stride = Stride(run->istride, i);
    double *row = RowOf(tape, i);
    bool direct = tape->direct[i] && n == m;
    if (!tape->used[i] || stride == 0) continue;
    /* kernels do not write to inputs */
    tape->slot[RhoInputSlot(tape, i)] = direct ? (double *)run->in[i] + p : row;
    if (direct) continue;
    tape->math->gather(row, run->in[i] + p * stride, stride, n);
    Fill(row, row[n - 1], n, m);
  }
}

static void AimOutputs(const Run *run, long p, bool whole) {
  RhoTape tape = run->tape;
  for (int o = 0; o < tape->nout; o++) {
    bool direct = tape->direct[tape->nin + o] && whole;
    tape->slot[RhoOutputSlot(tape, o)] = direct ? run->out[o] + p : RowOf(tape, tape->nin + o);
  }
}

static void Store(const Run *run, long p, int n, bool whole) {
  RhoTape tape = run->tape;
  for (int o = 0; o < tape->nout; o++) {
    long stride = Stride(run->ostride, o);
    if (tape->direct[tape->nin + o] && whole) continue;
    tape->math->scatter(run->out[o] + p * stride, RowOf(tape, tape->nin + o), stride, n);
  }
}

static void Execute(RhoTape tape, int m) {
  double **slot = tape->slot;
  for (int k = 0; k < tape->ninstruction; k++) {
    const RhoInstruction *ins = &tape->instruction[k];
    const double *a = slot[ins->arg[0]];
    if (ins->kernel) ins->kernel(slot[ins->r], a, slot[ins->arg[1]], slot[ins->arg[2]], slot[ins->arg[3]], m);
    else RhoTableBlock(ins->table, ins->order, slot[ins->r], a, m);
  }
}

void RhoTapeEval(RhoTape tape, long n, const double *const *in, const long *istride, double *const *out,
                 const long *ostride) {
  Run run = {tape, in, out, istride, ostride};
  if (n > 0) Begin(&run);
  for (long p = 0; p < n; p += tape->block) {
    int width = n - p < tape->block ? (int)(n - p) : tape->block;
    int padded = (width + RHO_PAD - 1) / RHO_PAD * RHO_PAD;
    Load(&run, p, width, padded);
    AimOutputs(&run, p, width == padded);
    Execute(tape, padded);
    Store(&run, p, width, width == padded);
  }
}

void RhoTapeUseLevel(RhoTape tape, int level) {
  tape->math = RhoVectorLevel(level);
  for (int k = 0; k < tape->ninstruction; k++) {
    RhoInstruction *ins = &tape->instruction[k];
    ins->kernel = ins->id == RHO_K_TABLE ? NULL : tape->math->kernel[ins->id][ins->form];
  }
}
