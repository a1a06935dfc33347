/* symbol.c - the symbol as a program: the formulas of symbol_graph.c as a block tape, evaluated over many waves.

   Everything of the uniform state, also where coefficients that vary in space are frozen, is computed once per state;
   what remains per wave is a handful of instructions in loops over blocks of waves. */
#include "ops_private.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct RhoSymbolProgram_s {
  RhoEquations eq;
  RhoTape tape;
  int order, nin, nout;
  bool uses[RHO_MAXDIM];    /* some entry depends on t_d or s_d */
  int place[3][RHO_MAXDIM]; /* where coordinate, centre, width are among the uniform values; -1: unused */
  double *number;           /* the uniform values */
  const double **in;        /* [nin] */
  long *istride, *ostride;
  double **out; /* [nout] */
};
#define NARROW 1e-9

/* ---- making it --------------------------------------------------------------------------------------------------- */

typedef struct {
  RhoEquations eq;
  RhoPart part;
  int order;
  RhoSymbolProgram made;
} Order;

/* The uniform nodes: those of the equations, the fields, the places where the model has them. */
static int Uniform(RhoEquations eq, RhoSymbolProgram p, RhoNode *node) {
  const RhoModel model = eq->model;
  const RhoNode *const places[3] = {model->coordinate, model->centre, model->width};
  int n = 0;
  for (int k = 0; k < eq->nuniform; k++) node[n++] = eq->uniform[k];
  for (int i = 0; i < eq->nfield; i++) node[n++] = eq->priv->symbol[i];
  for (int k = 0; k < 3; k++)
    for (int d = 0; d < RHO_MAXDIM; d++) {
      p->place[k][d] = places[k][d] < 0 ? -1 : n;
      if (places[k][d] >= 0) node[n++] = places[k][d];
    }
  return n;
}

static RhoStatus Allocate(RhoSymbolProgram p, int nuniform) {
  p->number = calloc((size_t)nuniform, sizeof *p->number);
  p->in = calloc((size_t)p->nin, sizeof *p->in);
  p->istride = calloc((size_t)p->nin, sizeof *p->istride);
  p->out = calloc((size_t)p->nout, sizeof *p->out);
  p->ostride = calloc((size_t)p->nout, sizeof *p->ostride);
  return p->number && p->in && p->istride && p->out && p->ostride ? RHO_OK : RHO_NOMEM;
}

static void FindUses(RhoSymbolProgram p, const RhoSymbolEntries *entries) {
  RhoEquations eq = p->eq;
  RhoWaveSymbols wave;
  rho_wave_symbols(eq, 0, &wave);
  for (int e = 0; e < 2 * eq->nfield * eq->nfield; e++)
    for (int d = 0; d < RHO_MAXDIM && entries->node[0][e] >= 0; d++) {
      const RhoNode both[] = {wave.node[d], wave.node[RHO_MAXDIM + d]};
      p->uses[d] = p->uses[d] || RhoGraphDependsOn(eq->graph, entries->node[0][e], 2, both);
    }
}

static RhoStatus Compile(RhoSymbolProgram p, const RhoSymbolEntries *entries) {
  RhoEquations eq = p->eq;
  RhoArena arena = eq->model->arena;
  int nentry = 2 * eq->nfield * eq->nfield, nwave = 0;
  RhoNode *uniform = RhoArenaAlloc(arena, sizeof *uniform * (size_t)(eq->nuniform + eq->nfield + 3 * RHO_MAXDIM));
  RhoNode *out = RhoArenaAlloc(arena, sizeof *out * (size_t)((p->order + 1) * nentry)), *in = NULL, missing;
  for (int k = 0; k <= p->order; k++) {
    RhoWaveSymbols wave;
    rho_wave_symbols(eq, k, &wave);
    if (!in) in = RhoArenaAlloc(arena, sizeof *in * (size_t)((p->order + 1) * wave.n));
    memcpy(in + nwave, wave.node, sizeof *in * (size_t)wave.n);
    memcpy(out + k * nentry, entries->node[k], sizeof *out * (size_t)nentry);
    nwave += wave.n;
  }
  p->nin = nwave;
  p->nout = (p->order + 1) * nentry;
  int nuniform = Uniform(eq, p, uniform);
  FindUses(p, entries);
  RhoStatus status = Allocate(p, nuniform);
  if (status) return status;
  p->tape = RhoTapeCreate(eq->graph, p->nout, out, p->nin, in, nuniform, uniform, &missing);
  return p->tape ? RHO_OK : missing < 0 ? RHO_NOMEM : RHO_INPUT;
}

static RhoStatus Make(void *ctx) {
  Order *order = ctx;
  const RhoSymbolEntries *entries = rho_symbol_entries(order->eq, order->part, order->order);
  if (entries->bad) return RHO_INPUT;
  return Compile(order->made, entries);
}

RhoStatus RhoSymbolProgramCreate(RhoEquations eq, RhoPart part, int order, RhoSymbolProgram *program) {
  Order ctx = {eq, part, order, calloc(1, sizeof **program)};
  *program = ctx.made;
  if (!ctx.made) return RHO_NOMEM;
  ctx.made->eq = eq;
  ctx.made->order = order;
  RhoStatus status = rho_ops_guarded(eq->model->arena, Make, &ctx);
  if (status) RhoSymbolProgramDestroy(program);
  return status;
}

void RhoSymbolProgramDestroy(RhoSymbolProgram *program) {
  RhoSymbolProgram p = *program;
  if (!p) return;
  RhoTapeDestroy(&p->tape);
  free(p->number);
  free(p->in);
  free(p->istride);
  free(p->out);
  free(p->ostride);
  free(p);
  *program = NULL;
}

bool RhoSymbolProgramUses(RhoSymbolProgram program, int d) { return program->uses[d]; }

/* ---- using it ---------------------------------------------------------------------------------------------------- */

RhoStatus RhoSymbolProgramBind(RhoSymbolProgram p, const double *value, const double *state, const double *place,
                               const double *width) {
  RhoEquations eq = p->eq;
  if (eq->uses_coordinate && !place) return RHO_INPUT;
  memcpy(p->number, value, sizeof *value * (size_t)eq->nuniform);
  memcpy(p->number + eq->nuniform, state, sizeof *state * (size_t)eq->nfield);
  for (int d = 0; d < RHO_MAXDIM; d++) {
    double where = place ? place[d] : NAN;
    if (p->place[0][d] >= 0) p->number[p->place[0][d]] = where;
    if (p->place[1][d] >= 0) p->number[p->place[1][d]] = where;
    if (p->place[2][d] >= 0) p->number[p->place[2][d]] = !place ? NAN : width ? width[d] : NARROW;
  }
  RhoTapeBind(p->tape, p->number);
  return RHO_OK;
}

/* The sum of s, in sum[n] where it is no array already. */
static const double *Spread(const RhoWaves *waves, double *sum) {
  const double *only = NULL;
  int nonzero = 0;
  if (waves->laplace) return waves->laplace;
  for (int d = 0; d < RHO_MAXDIM; d++)
    if (waves->s[d]) only = waves->s[d], nonzero++;
  if (nonzero < 2) return only;
  memset(sum, 0, sizeof *sum * (size_t)waves->n);
  for (int d = 0; d < RHO_MAXDIM; d++)
    for (int w = 0; waves->s[d] && w < waves->n; w++) sum[w] += waves->s[d][w];
  return sum;
}

static int Aim(RhoSymbolProgram p, int at, const double *array) {
  static const double nothing = 0;
  p->in[at] = array ? array : &nothing;
  p->istride[at] = array != NULL;
  return at + 1;
}

RhoStatus RhoSymbolProgramEval(RhoSymbolProgram p, const RhoWaves *waves, double complex *A) {
  size_t n = (size_t)waves->n, nentry = 2 * (size_t)p->eq->nfield * (size_t)p->eq->nfield;
  double *sum = malloc(sizeof *sum * (n + 1) * (size_t)(p->order + 1));
  if (!sum) return RHO_NOMEM;
  for (int k = 0, at = 0; k <= p->order; k++) {
    for (int d = 0; d < RHO_MAXDIM; d++) at = Aim(p, at, waves[k].t[d]);
    for (int d = 0; d < RHO_MAXDIM; d++) at = Aim(p, at, waves[k].s[d]);
    at = Aim(p, at, Spread(&waves[k], sum + (size_t)k * n));
    for (int m = 0; m < p->eq->model->nkernel; m++) at = Aim(p, at, waves[k].kernel ? waves[k].kernel[m] : NULL);
    for (size_t e = 0; e < nentry; e++) {
      p->out[(size_t)k * nentry + e] = (double *)A + (size_t)k * n * nentry + e;
      p->ostride[(size_t)k * nentry + e] = (long)nentry;
    }
  }
  RhoTapeEval(p->tape, waves->n, p->in, p->istride, p->out, p->ostride);
  free(sum);
  return RHO_OK;
}

RhoStatus RhoSymbol(RhoEquations eq, RhoPart part, const double *value, const double *state, const RhoWaves *waves,
                    double complex *A) {
  RhoSymbolProgram program;
  if (eq->uses_coordinate && !waves->place) return RHO_INPUT;
  RhoStatus status = RhoSymbolProgramCreate(eq, part, 0, &program);
  if (!status) status = RhoSymbolProgramBind(program, value, state, waves->place, waves->width);
  if (!status) status = RhoSymbolProgramEval(program, waves, A);
  RhoSymbolProgramDestroy(&program);
  return status;
}
