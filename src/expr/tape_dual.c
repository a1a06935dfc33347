/* tape_dual.c - a tape in dual numbers: value + eps * slope, eps^2 = 0.

   Scalar, by the value and dual columns of functions.def, one point after the other: slow and independent of the
   symbolic derivative and of the kernels.  A zero direction adds nothing, also where the partial derivative is not a
   number. */
#include "tape_private.h"

static double Slope0(RhoFunction f, double x, double y) {
  switch (f) {
#define RHO_FUNCTION(id, name, narg, value, d0, d1, dual0, dual1)                                                      \
  case RHO_FN_##id:                                                                                                    \
    return dual0;
#include "rhoflux/functions.def"
#undef RHO_FUNCTION
  default: return NAN;
  }
}

static double Slope1(RhoFunction f, double x, double y) {
  switch (f) {
#define RHO_FUNCTION(id, name, narg, value, d0, d1, dual0, dual1)                                                      \
  case RHO_FN_##id:                                                                                                    \
    return dual1;
#include "rhoflux/functions.def"
#undef RHO_FUNCTION
  default: return NAN;
  }
}

typedef struct {
  double value, slope;
} Dual;

static Dual DualTable(const RhoValue *v, Dual x) {
  double slope = v->order < 3 ? RhoTableValue(v->table, x.value, v->order + 1) : 0;
  return (Dual){RhoTableValue(v->table, x.value, v->order), x.slope == 0 ? 0 : slope * x.slope};
}

static Dual DualCall(const RhoValue *v, const Dual *x) {
  RhoFunction f = (RhoFunction)v->code;
  Dual r = {RhoFunctionValue(f, x[0].value, x[1].value, x[2].value), 0};
  if (f == RHO_FN_SELECT) return x[0].value != 0 ? x[1] : x[2];
  if (x[0].slope != 0) r.slope += Slope0(f, x[0].value, x[1].value) * x[0].slope;
  if (x[1].slope != 0) r.slope += Slope1(f, x[0].value, x[1].value) * x[1].slope;
  return r;
}

typedef struct {
  const double *const *in, *const *din;
  const double *uniform, *duniform;
} Directions;

static Dual DualValue(RhoTape tape, const Directions *d, int i, long p) {
  const RhoValue *v = &tape->value[i];
  Dual x[3] = {{0, 0}, {0, 0}, {0, 0}};
  switch (v->kind) {
  case RHO_VALUE_CONSTANT: return (Dual){tape->number[i], 0};
  case RHO_VALUE_UNIFORM: return (Dual){d->uniform[v->code], d->duniform ? d->duniform[v->code] : 0};
  case RHO_VALUE_INPUT: return (Dual){d->in[v->code][p], d->din && d->din[v->code] ? d->din[v->code][p] : 0};
  default: break;
  }
  for (int k = 0; k < v->narg; k++) x[k] = (Dual){tape->dual[2 * v->arg[k]], tape->dual[2 * v->arg[k] + 1]};
  return v->table ? DualTable(v, x[0]) : DualCall(v, x);
}

void RhoTapeEvalDual(RhoTape tape, long n, const double *const *in, const double *const *din, const double *uniform,
                     const double *duniform, double *const *out, double *const *dout) {
  Directions d = {in, din, uniform, duniform};
  for (long p = 0; p < n; p++) {
    for (int i = 0; i < tape->nvalue; i++) {
      Dual r = DualValue(tape, &d, i, p);
      tape->dual[2 * i] = r.value, tape->dual[2 * i + 1] = r.slope;
    }
    for (int o = 0; o < tape->nout; o++) {
      int i = tape->out[o];
      out[o][p] = i == RHO_NONE ? 0 : tape->dual[2 * i];
      dout[o][p] = i == RHO_NONE ? 0 : tape->dual[2 * i + 1];
    }
  }
}
