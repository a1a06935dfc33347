/* graph_equal.c - are two formulas equal by the rules of algebra?

   Both become polynomials (graph_poly.h) over what algebra does not look into, arguments first; they are equal when
   the difference is zero with its denominators cleared.  What is known:
     + - * / and whole powers; sqrt and fractional powers as roots, x^(2 + y) = x^2 x^y;
     odd and even functions; |x| = x sign(x); comparisons, if, min, max, step as indicators S = [x <= y] with S^2 = S,
     if(c, y, z) = S y + (1 - S) z;
     operators are multilinear, what is uniform in space (parameters, time) passes through them and has no gradient;
     div(grad b) = lap b.
   Not used: log(a b) = log a + log b, sin^2 + cos^2 = 1, the product rule (it does not hold on a grid).  As in algebra,
   x/x = 1: true says that the formulas agree wherever both have a value.  Beyond the limits of the ring the answer is
   false. */
#include "graph_private.h"
#include "graph_poly.h"
#include <math.h>

enum { MOST_ATOMS = 4096, MOST_PAIRS = 4096 };

typedef struct {
  RhoGraph graph;
  RhoRing ring;
  RhoPoly *poly; /* [node] */
} Prover;

/* ---- pieces ------------------------------------------------------------------------------------------------------ */

static RhoPoly One(Prover *prover) { return RhoPolyRational(&prover->ring, 1, 1); }

static RhoPoly AtomOf(Prover *prover, RhoAtom atom) {
  if (prover->ring.natom > MOST_ATOMS) RhoRingGiveUp(&prover->ring);
  return RhoPolyAtom(&prover->ring, RhoRingAtom(&prover->ring, atom), 1);
}

/* p = scale * the poly returned, whose first coefficient is 1, or -1 when the sign is kept. */
static RhoPoly Scaled(Prover *prover, RhoPoly p, bool keepsign) {
  if (p.n == 0) return p;
  RhoCoef first = p.term[0].coef;
  if (keepsign && first.value < 0) first.p = -first.p, first.value = -first.value;
  RhoTerm front = {0, first};
  RhoPoly scale = RhoPolyPower(&prover->ring, (RhoPoly){1, &front}, -1);
  return RhoPolyTimes(&prover->ring, p, scale);
}

static bool IsNegative(RhoPoly p) { return p.n > 0 && p.term[0].coef.value < 0; }

static RhoPoly Minus(Prover *prover, RhoPoly p) { return RhoPolySum(&prover->ring, (RhoPoly){0, NULL}, -1, p); }

static RhoPoly Complement(Prover *prover, RhoPoly p) { return RhoPolySum(&prover->ring, One(prover), -1, p); }

/* [p <= 0], and [p == 0] when equal is set. */
static RhoPoly Indicator(Prover *prover, RhoPoly p, bool equal) {
  RhoCoef number;
  if (RhoPolyIsNumber(p, &number))
    return RhoPolyRational(&prover->ring, equal ? number.value == 0 : number.value <= 0, 1);
  return AtomOf(prover,
                (RhoAtom){.kind = RHO_ATOM_INDICATOR, .code = equal, .narg = 1, .arg = {Scaled(prover, p, !equal)}});
}

static RhoPoly LessEqual(Prover *prover, RhoPoly x, RhoPoly y) {
  return Indicator(prover, RhoPolySum(&prover->ring, x, -1, y), false);
}

static RhoPoly Mixed(Prover *prover, RhoPoly indicator, RhoPoly x, RhoPoly y) {
  RhoPoly difference = RhoPolySum(&prover->ring, x, -1, y);
  return RhoPolySum(&prover->ring, y, 1, RhoPolyTimes(&prover->ring, indicator, difference));
}

static bool IsTruth(Prover *prover, RhoNode node) {
  RhoNodeInfo info = prover->graph->node[node];
  if (info.kind == RHO_CONSTANT) return info.value == 0 || info.value == 1;
  return info.kind == RHO_CALL && info.code >= RHO_FN_LT && info.code <= RHO_FN_NOT;
}

/* 1 where the node is not zero. */
static RhoPoly Truth(Prover *prover, RhoNode node) {
  if (IsTruth(prover, node)) return prover->poly[node];
  return Complement(prover, Indicator(prover, prover->poly[node], true));
}

/* ---- functions --------------------------------------------------------------------------------------------------- */

typedef enum { PLAIN, ODD, EVEN } Parity;

static Parity ParityOf(int f) {
  switch (f) {
  case RHO_FN_SIN:
  case RHO_FN_TAN:
  case RHO_FN_ASIN:
  case RHO_FN_ATAN:
  case RHO_FN_SINH:
  case RHO_FN_TANH:
  case RHO_FN_ERF:
  case RHO_FN_CBRT:
  case RHO_FN_SIGN: return ODD;
  case RHO_FN_COS:
  case RHO_FN_COSH: return EVEN;
  default: return PLAIN;
  }
}

/* A function of numbers is a number, if it is finite. */
static bool FoldNumbers(Prover *prover, const RhoNodeInfo *info, const RhoPoly *arg, RhoPoly *result) {
  double x[3] = {0, 0, 0};
  RhoCoef number;
  for (int k = 0; k < info->narg; k++) {
    if (!RhoPolyIsNumber(arg[k], &number)) return false;
    x[k] = number.value;
  }
  double value = RhoGraphCallValue(prover->graph, (RhoFunction)info->code, info->attr, x);
  if (isfinite(value)) *result = RhoPolyNumber(&prover->ring, value);
  return isfinite(value);
}

static RhoPoly FunctionOf(Prover *prover, const RhoNodeInfo *info, const RhoPoly *arg) {
  RhoAtom atom = {.kind = RHO_ATOM_FUNCTION, .code = info->code, .attr = info->attr, .narg = info->narg};
  RhoPoly result;
  if (FoldNumbers(prover, info, arg, &result)) return result;
  for (int k = 0; k < info->narg; k++) atom.arg[k] = arg[k];
  Parity parity = ParityOf(info->code);
  bool negative = parity != PLAIN && IsNegative(arg[0]);
  if (negative) atom.arg[0] = Minus(prover, arg[0]);
  if (info->code == RHO_FN_SIGN) atom.arg[0] = Scaled(prover, atom.arg[0], false);
  result = AtomOf(prover, atom);
  return negative && parity == ODD ? Minus(prover, result) : result;
}

static RhoPoly AbsOf(Prover *prover, RhoPoly x) {
  RhoNodeInfo sign = {.kind = RHO_CALL, .code = RHO_FN_SIGN, .narg = 1};
  return RhoPolyTimes(&prover->ring, x, FunctionOf(prover, &sign, &x));
}

/* x^(p/q) */
static RhoPoly RootOf(Prover *prover, RhoPoly x, int p, int q) {
  if (q == 1) return RhoPolyPower(&prover->ring, x, p);
  RhoAtom atom = {.kind = RHO_ATOM_ROOT, .code = q, .narg = 1, .arg = {x}};
  return RhoPolyAtom(&prover->ring, RhoRingAtom(&prover->ring, atom), p);
}

/* x^y: numbers with small parts are powers of roots; else the whole part of the number in y comes out. */
static RhoPoly PowerOf(Prover *prover, const RhoNodeInfo *info, RhoPoly x, RhoPoly y) {
  RhoCoef number;
  RhoPoly arg[2] = {x, y}, result;
  if (FoldNumbers(prover, info, arg, &result)) return result;
  bool isnumber = RhoPolyIsNumber(y, &number);
  if (isnumber && number.q > 0 && number.q <= 64 && fabs(number.value) <= 64)
    return RootOf(prover, x, (int)number.p, (int)number.q);
  if (y.n == 0 || y.term[0].mono != 0 || fabs(y.term[0].coef.value) > 64) return FunctionOf(prover, info, arg);
  double whole = floor(y.term[0].coef.value);
  arg[1] = RhoPolySum(&prover->ring, y, -1, RhoPolyNumber(&prover->ring, whole));
  return RhoPolyTimes(&prover->ring, RhoPolyPower(&prover->ring, x, (int)whole), FunctionOf(prover, info, arg));
}

static RhoPoly CallOf(Prover *prover, const RhoNodeInfo *info) {
  RhoRing *ring = &prover->ring;
  RhoPoly arg[3] = {{0, NULL}, {0, NULL}, {0, NULL}};
  for (int k = 0; k < info->narg; k++) arg[k] = prover->poly[info->arg[k]];
  RhoPoly x = arg[0], y = arg[1];
  switch (info->code) {
  case RHO_FN_ADD: return RhoPolySum(ring, x, 1, y);
  case RHO_FN_SUB: return RhoPolySum(ring, x, -1, y);
  case RHO_FN_NEG: return Minus(prover, x);
  case RHO_FN_MUL: return RhoPolyTimes(ring, x, y);
  case RHO_FN_DIV: return RhoPolyTimes(ring, x, RhoPolyPower(ring, y, -1));
  case RHO_FN_POWI: return RhoPolyPower(ring, x, (int)prover->graph->node[info->arg[1]].value);
  case RHO_FN_POW: return PowerOf(prover, info, x, y);
  case RHO_FN_SQRT: return PowerOf(prover, info, x, RhoPolyRational(ring, 1, 2));
  case RHO_FN_ABS: return AbsOf(prover, x);
  case RHO_FN_MIN: return Mixed(prover, LessEqual(prover, x, y), x, y);
  case RHO_FN_MAX: return Mixed(prover, LessEqual(prover, x, y), y, x);
  case RHO_FN_STEP: return LessEqual(prover, Minus(prover, x), (RhoPoly){0, NULL});
  case RHO_FN_LT: return Complement(prover, LessEqual(prover, y, x));
  case RHO_FN_LE: return LessEqual(prover, x, y);
  case RHO_FN_EQ: return Indicator(prover, RhoPolySum(ring, x, -1, y), true);
  case RHO_FN_NE: return Complement(prover, Indicator(prover, RhoPolySum(ring, x, -1, y), true));
  case RHO_FN_NOT: return Complement(prover, Truth(prover, info->arg[0]));
  case RHO_FN_AND: return RhoPolyTimes(ring, Truth(prover, info->arg[0]), Truth(prover, info->arg[1]));
  case RHO_FN_OR: return Mixed(prover, Truth(prover, info->arg[0]), One(prover), Truth(prover, info->arg[1]));
  case RHO_FN_SELECT: return Mixed(prover, Truth(prover, info->arg[0]), y, arg[2]);
  default: return FunctionOf(prover, info, arg);
  }
}

/* ---- operators --------------------------------------------------------------------------------------------------- */

/* Operators that are zero when their last argument (grad a . grad b: any) is the same everywhere. */
static bool Differentiates(int op) { return op != RHO_OP_CONV && op != RHO_OP_INTEGRAL; }

static bool IsZeroOperator(int op, const RhoPoly *rest) {
  if (!Differentiates(op)) return false;
  bool first = rest[0].term[0].mono == 0,
       second = op == RHO_OP_DIVGRAD || op == RHO_OP_GDOT ? rest[1].term[0].mono == 0 : first;
  return op == RHO_OP_DIVGRAD ? second : first || second;
}

/* The operator of single products with coefficient 1. */
static RhoPoly OperatorAtom(Prover *prover, const RhoNodeInfo *info, const RhoPoly *rest) {
  RhoAtom atom = {.kind = RHO_ATOM_OPERATOR, .code = info->code, .attr = info->attr, .narg = info->narg};
  if (IsZeroOperator(info->code, rest)) return (RhoPoly){0, NULL};
  for (int k = 0; k < info->narg; k++) atom.arg[k] = rest[k];
  if (info->code == RHO_OP_DIVGRAD && rest[0].term[0].mono == 0) {
    atom = (RhoAtom){.kind = RHO_ATOM_OPERATOR, .code = RHO_OP_LAP, .narg = 1, .arg = {rest[1]}};
  } else if (info->code == RHO_OP_GDOT && rest[0].term[0].mono > rest[1].term[0].mono) {
    atom.arg[0] = rest[1];
    atom.arg[1] = rest[0];
  }
  return AtomOf(prover, atom);
}

/* The operator of one term of each argument. */
static RhoPoly OperatorTerm(Prover *prover, const RhoNodeInfo *info, const RhoTerm *term) {
  RhoPoly front = One(prover), uniform, rest[3];
  for (int k = 0; k < info->narg; k++) {
    RhoPolySplitTerm(&prover->ring, term[k], &uniform, &rest[k]);
    front = RhoPolyTimes(&prover->ring, front, uniform);
  }
  return RhoPolyTimes(&prover->ring, front, OperatorAtom(prover, info, rest));
}

/* All combinations of terms of at most two arguments. */
static RhoPoly OperatorOf(Prover *prover, const RhoNodeInfo *info) {
  RhoPoly sum = {0, NULL}, x = prover->poly[info->arg[0]];
  RhoTerm none = {0};
  RhoPoly y = info->narg > 1 ? prover->poly[info->arg[1]] : (RhoPoly){1, &none};
  if ((long)x.n * y.n > MOST_PAIRS) RhoRingGiveUp(&prover->ring);
  for (int i = 0; i < x.n; i++)
    for (int j = 0; j < y.n; j++) {
      RhoTerm term[2] = {x.term[i], y.term[j]};
      sum = RhoPolySum(&prover->ring, sum, 1, OperatorTerm(prover, info, term));
    }
  return sum;
}

/* ---- proof ------------------------------------------------------------------------------------------------------- */

static RhoPoly PolyOf(Prover *prover, RhoNode node) {
  RhoNodeInfo info = prover->graph->node[node];
  RhoAtom atom = {.kind = RHO_ATOM_SYMBOL, .code = node};
  atom.uniform = info.kind == RHO_SYMBOL && (info.code == RHO_SYM_PARAMETER || info.code == RHO_SYM_TIME);
  switch (info.kind) {
  case RHO_CONSTANT: return RhoPolyNumber(&prover->ring, info.value);
  case RHO_SYMBOL: return AtomOf(prover, atom);
  case RHO_CALL: return CallOf(prover, &info);
  default: return OperatorOf(prover, &info);
  }
}

static void AllPolys(Prover *prover, int n, const RhoNode *list) {
  for (int k = 0; k < n; k++) prover->poly[list[k]] = PolyOf(prover, list[k]);
}

static bool Prove(RhoGraph graph, RhoArena arena, RhoNode a, RhoNode b, const RhoNode *list, int n) {
  Prover prover = {.graph = graph};
  RhoRingCreate(&prover.ring, arena);
  prover.poly = RhoArenaAlloc(arena, (size_t)((a > b ? a : b) + 1) * sizeof *prover.poly);
  AllPolys(&prover, n, list);
  return RhoPolyIsZero(&prover.ring, RhoPolySum(&prover.ring, prover.poly[a], -1, prover.poly[b]));
}

/* A proof has an arena of its own; when that runs out of memory, the graph's guard is taken. */
static bool ProveAside(RhoGraph graph, RhoNode a, RhoNode b, const RhoNode *list, int n) {
  RhoArena arena = RhoArenaCreate();
  if (!arena) longjmp(*RhoArenaGuard(graph->arena), 1);
  bool equal = false, nomemory = false;
  switch (setjmp(*RhoArenaGuard(arena))) {
  case 0: equal = Prove(graph, arena, a, b, list, n); break;
  case RHO_GIVE_UP: break;
  default: nomemory = true;
  }
  RhoArenaDestroy(&arena);
  if (nomemory) longjmp(*RhoArenaGuard(graph->arena), 1);
  return equal;
}

/* The nodes that a or b reaches, each once, by increasing number. */
static int ReachBoth(RhoGraph graph, RhoNode a, RhoNode b, RhoNode *list) {
  int n = RhoGraphReach(graph, a, NULL, NULL, list), m = 0;
  int *needed = RhoGraphTake(graph, (a > b ? a : b) + 1);
  for (RhoNode k = 0; k <= a || k <= b; k++) needed[k] = 0;
  for (int k = 0; k < n; k++) needed[list[k]] = 1;
  n = RhoGraphReach(graph, b, NULL, NULL, list);
  for (int k = 0; k < n; k++) needed[list[k]] = 1;
  for (RhoNode k = 0; k <= a || k <= b; k++)
    if (needed[k]) list[m++] = k;
  RhoGraphGive(graph);
  return m;
}

bool RhoGraphEqual(RhoGraph graph, RhoNode a, RhoNode b) {
  if (a == b) return true;
  if (a == RHO_NONE) a = RhoGraphConstant(graph, 0);
  if (b == RHO_NONE) b = RhoGraphConstant(graph, 0);
  RhoNode *list = RhoGraphTake(graph, (a > b ? a : b) + 1);
  int n = ReachBoth(graph, a, b, list);
  bool equal = ProveAside(graph, a, b, list, n);
  RhoGraphGive(graph);
  return equal;
}
