/* expr.h - formula text -> syntax tree; a hash-consed graph of formulas; its exact derivatives; its block tape.
   Layer expr (uses base).  Theory: src/README.md, "Formulas".

   A graph knows pointwise functions (functions.def) and multilinear operators (operators.def) whose meaning it does
   not know.  Nodes are integers, immutable, unique: equal formulas are the same node, arguments come before the node.
   A graph lives in an arena; when memory runs out, the arena's guard is taken (base.h). */
#ifndef RHOFLUX_EXPR_H
#define RHOFLUX_EXPR_H
#include "rhoflux/base.h"

/* ---- syntax ---------------------------------------------------------------------------------------------------- */

typedef enum {
  RHO_AST_NUMBER, /* number                                                        */
  RHO_AST_NAME,   /* name, index[nindex]:  rho[s]                                  */
  RHO_AST_CALL,   /* name, arg[narg]:      exp(x), sum(i, ...), K(0), K[i,j](0)    */
  RHO_AST_UNARY,  /* op '-', '!' (not); '|' is |arg|                               */
  RHO_AST_BINARY  /* op + - * / ^ < l(<=) > g(>=) = (==) n (!=) & (and) o (or)     */
} RhoAstKind;

typedef struct RhoAst_s RhoAst;
struct RhoAst_s {
  RhoAstKind kind;
  char op;
  double number;
  const char *name;
  int narg, nindex;
  const RhoAst **arg;   /* [narg]   */
  const RhoAst **index; /* [nindex]: names, or integers, in brackets */
  RhoPlace place;
};

/* A formula's text and where its bytes stand in the source: text[k] at source offset (map ? map[k] : base + k). */
typedef struct {
  const char *text;
  size_t nbyte;
  int source, base;
  const int *map; /* [nbyte + 1] or NULL */
} RhoFormula;

/* Grammar (loosest first): or; and; not; < <= > >= == != (no chains); + -; * /; unary -; ^ (right; -x^2 = -(x^2));
   numbers, names with [index], calls, ( ), | |.   Returns NULL after reporting what is wrong. */
const RhoAst *RhoParse(RhoArena arena, RhoDiag diag, RhoFormula formula);

/* ---- graph ------------------------------------------------------------------------------------------------------- */

typedef int RhoNode;
#define RHO_NONE (-1)

typedef enum {
#define RHO_FUNCTION(id, name, narg, value, d0, d1, dual0, dual1) RHO_FN_##id,
#include "rhoflux/functions.def"
#undef RHO_FUNCTION
  RHO_FN_COUNT
} RhoFunction;

typedef enum {
#define RHO_OPERATOR(id, name, narg, rank, attr) RHO_OP_##id,
#include "rhoflux/operators.def"
#undef RHO_OPERATOR
  RHO_OP_COUNT
} RhoOperator;

typedef enum { RHO_CONSTANT, RHO_SYMBOL, RHO_CALL, RHO_APPLY } RhoNodeKind;

/* What a symbol stands for; later layers make their own of the last two kinds. */
typedef enum {
  RHO_SYM_PARAMETER,  /* a number, known when the model is bound; uniform in space */
  RHO_SYM_TIME,       /* t; uniform in space                                       */
  RHO_SYM_COORDINATE, /* a named dimension                                         */
  RHO_SYM_FIELD,      /* an unknown of the model                                   */
  RHO_SYM_VARIATION,  /* the direction v of a tangent                              */
  RHO_SYM_TRACE       /* an intermediate array of an interpretation                */
} RhoSymbolKind;

/* One node, read only.  Valid until the graph grows. */
typedef struct {
  RhoNodeKind kind;
  int code; /* RhoSymbolKind, RhoFunction or RhoOperator                           */
  int attr; /* symbols: running number; tables: 4*table + order; operators: see .def */
  int rank; /* 0 scalar, 1 vector                                                  */
  int narg;
  RhoNode arg[3];
  double value;   /* constants                                                           */
  RhoPlace place; /* where it was first written, RHO_NOWHERE for derived nodes           */
} RhoNodeInfo;

typedef struct RhoGraph_s *RhoGraph;

RhoGraph RhoGraphCreate(RhoArena arena);
/* The place given to the nodes made from now on. */
void RhoGraphSetPlace(RhoGraph graph, RhoPlace place);
int RhoGraphSize(RhoGraph graph); /* nodes are 0 .. size - 1 */
RhoNodeInfo RhoGraphNode(RhoGraph graph, RhoNode node);
const char *RhoGraphSymbolName(RhoGraph graph, RhoNode symbol);

RhoNode RhoGraphConstant(RhoGraph graph, double value);
/* The symbol of this kind and name; the same node for the same pair. */
RhoNode RhoGraphSymbol(RhoGraph graph, RhoSymbolKind kind, const char *name);
/* f(arg...), simplified where that changes no value, no NaN and no signed zero: constants are folded when the result
   is finite, x + (-0), x - 0, x*1, x/1, x^1, -(-x), if(constant, ...).  0*x, x - x, x/x stay.  attr 0 but for TABLE. */
RhoNode RhoGraphCall(RhoGraph graph, RhoFunction f, int attr, const RhoNode *arg);
RhoNode RhoGraphApply(RhoGraph graph, RhoOperator op, int attr, const RhoNode *arg);
/* x^y: POWI when y is a constant integer of at most 1024, else POW. */
RhoNode RhoGraphPower(RhoGraph graph, RhoNode x, RhoNode y);
RhoNode RhoGraph1(RhoGraph graph, RhoFunction f, RhoNode x);
RhoNode RhoGraph2(RhoGraph graph, RhoFunction f, RhoNode x, RhoNode y);

/* Sums and products that know structural zeros and ones: NONE counts as zero in Plus, a zero factor gives NONE.
   For building linear forms (derivatives, fluxes), where a term that is not there is not a value that was folded. */
RhoNode RhoGraphPlus(RhoGraph graph, RhoNode a, RhoNode b);
RhoNode RhoGraphTimes(RhoGraph graph, RhoNode a, RhoNode b);

/* Does node depend on, or is it, any node of set[nset]?  On a symbol of that kind?  RHO_NONE depends on nothing. */
bool RhoGraphDependsOn(RhoGraph graph, RhoNode node, int nset, const RhoNode *set);
bool RhoGraphDependsOnKind(RhoGraph graph, RhoNode node, RhoSymbolKind kind);
/* Does it have the same value everywhere: no field, coordinate, variation or trace in it? */
bool RhoGraphUniform(RhoGraph graph, RhoNode node);
bool RhoGraphContainsOperator(RhoGraph graph, RhoNode node, int op); /* op < 0: any */

/* Rebuilds node bottom-up.  fn gets the node and its rebuilt arguments and returns the new node, or RHO_NONE for
   "the same function of the new arguments". */
typedef RhoNode (*RhoRewriteFn)(RhoGraph graph, RhoNode node, const RhoNode *arg, void *ctx);
RhoNode RhoGraphRewrite(RhoGraph graph, RhoNode node, RhoRewriteFn fn, void *ctx);

/* The differential of e in the direction  symbol[k] -> seed[k]: a node linear in the seeds, or RHO_NONE when it is
   identically zero.  The symbols may be any nodes, also operator nodes.  Operators pass through (they are multilinear);
   those with a bit in frozen (1u << op) count as constants.  A branch of if() without a differential is the number 0,
   also beside a vector.  Memoised per call. */
RhoNode RhoGraphDifferential(RhoGraph graph, RhoNode e, int nsymbol, const RhoNode *symbol, const RhoNode *seed,
                             unsigned frozen);

/* node = rest + sum_k coef[k] * atom[k], atoms being the outermost nodes for which atom(...) is true.
   Returns false, and the offending node in *bad, when node is not affine in them.  Arrays in the graph's arena;
   *rest may be RHO_NONE (zero).  atom may ask the graph anything, but add no nodes.  if() with a free condition is
   affine: its coefficients are if(condition, coef, 0). */
typedef bool (*RhoAtomFn)(RhoGraph graph, RhoNode node, void *ctx);
bool RhoGraphAffine(RhoGraph graph, RhoNode node, RhoAtomFn atom, void *ctx, int *nterm, RhoNode **coef,
                    RhoNode **atoms, RhoNode *rest, RhoNode *bad);

/* node with like terms as one term, c1*X + c2*X = (c1 + c2)*X, opposite terms and equal factors of quotients cancelled,
   the numbers of products multiplied, exactly (0.1 counts as 1/10), uniform factors before operators, and factors and
   terms in order of reading.  Products of sums are multiplied out, and linear operators of sums taken apart, only where
   the formula gets shorter; in the arguments of functions nothing is multiplied out, and an argument stays the node it
   was unless it gets shorter.  For derived formulas, not for those a user is to see the domain errors of: as in
   algebra, x/x = 1 and x - x = 0.  The value is the same, within rounding errors of the terms, wherever node has
   one; where the formula is too large, node.
   whole(...), if not NULL, names nodes to be kept as they stand: always where they are uniform in space, else in sums
   as far as that is not longer.  It may ask the graph anything, but add no nodes. */
RhoNode RhoGraphCollect(RhoGraph graph, RhoNode node, RhoAtomFn whole, void *ctx);

/* A sum with its addends, and those of sums in it that are not whole(...), in order of reading; anything else as it is.
   For text: another order rounds otherwise. */
RhoNode RhoGraphArrange(RhoGraph graph, RhoNode node, RhoAtomFn whole, void *ctx);

/* Are a and b equal by the rules of algebra (sums of products over the non-polynomial nodes)?  true is a proof that
   they agree wherever both have a value; false may also mean that they are too large to expand (graph_equal.c). */
bool RhoGraphEqual(RhoGraph graph, RhoNode a, RhoNode b);

/* The value of a node from symbol values (fn), by recursion in plain libm; operators are asked from fn too.
 *bad gets the first node that is NaN or infinite from finite arguments, or RHO_NONE. */
typedef double (*RhoValueFn)(RhoGraph graph, RhoNode symbol, void *ctx);
double RhoGraphValue(RhoGraph graph, RhoNode node, RhoValueFn fn, void *ctx, RhoNode *bad);

/* Node as text: plain ("-M*grad(mu)"), which RhoParse reads back, or LaTeX.  latex maps a symbol's name to LaTeX (NULL:
   as it is); both stop with "..." after about a megabyte. */
typedef const char *(*RhoLatexFn)(const char *name, void *ctx);
typedef const char *(*RhoOperandFn)(RhoOperator op, int attr, void *ctx); /* kernel, dimension names */
void RhoGraphPrint(RhoGraph graph, RhoNode node, RhoText text, RhoOperandFn operand, void *ctx);
void RhoGraphPrintLatex(RhoGraph graph, RhoNode node, RhoText text, RhoLatexFn latex, RhoOperandFn operand, void *ctx);

/* ---- tables ------------------------------------------------------------------------------------------------------ */

/* A cubic spline through (x[n], y[n]), x increasing, n >= 2, "not a knot" ends (n > 3); NaN outside [x0, xn-1]. */
typedef struct RhoTable_s *RhoTable;
RhoTable RhoTableCreate(RhoArena arena, int n, const double *x, const double *y);
double RhoTableValue(RhoTable table, double x, int order); /* order 0..3: derivative */
int RhoGraphAddTable(RhoGraph graph, RhoTable table);      /* its number, for attr of RHO_FN_TABLE */
RhoTable RhoGraphTable(RhoGraph graph, int table);

/* ---- tape -------------------------------------------------------------------------------------------------------- */

typedef struct RhoTape_s *RhoTape;

/* A straight-line program for out[nout], from the arrays of the nodes in[nin] (any nodes: symbols, operator nodes)
   and the numbers of the nodes uniform[nuniform].  What depends on uniform nodes alone is computed once per
   RhoTapeBind.  Every other symbol or operator reached is a programming error (*missing gets it; returns NULL).
   An output RHO_NONE is zero.  The tape owns its memory and does not need the graph afterwards, except tables; returns
   NULL with *missing = RHO_NONE when there is no memory. */
RhoTape RhoTapeCreate(RhoGraph graph, int nout, const RhoNode *out, int nin, const RhoNode *in, int nuniform,
                      const RhoNode *uniform, RhoNode *missing);
void RhoTapeDestroy(RhoTape *tape);
/* value[nuniform]: parameters and time.  Before the first call they are NaN. */
void RhoTapeBind(RhoTape tape, const double *value);

/* out[o][p*ostride[o]], p = 0..n-1, from in[i][p*istride[i]]; strides in doubles (0: the same number everywhere;
   NULL array: all strides 1).  in and out must not overlap unless equal with equal strides.  Evaluated in blocks of
   at most RHO_BLOCK points, fewer the more rows the program needs; the last one is padded, so that a value does not
   depend on where in a block it stands.  The scratch is the tape's: one evaluation of a tape at a time; allocates
   nothing. */
#define RHO_BLOCK 512
void RhoTapeEval(RhoTape tape, long n, const double *const *in, const long *istride, double *const *out,
                 const long *ostride);
/* The same program in dual numbers, scalar, by the dual columns of functions.def: the independent check.
   din[nin] and duniform[nuniform] are the directions (NULL, or NULL in din: zero); n points with unit strides. */
void RhoTapeEvalDual(RhoTape tape, long n, const double *const *in, const double *const *din, const double *uniform,
                     const double *duniform, double *const *out, double *const *dout);
int RhoTapeLength(RhoTape tape);           /* instructions per point */
int RhoTapeUses(RhoTape tape, int in);     /* 1 when some output depends on array in */
int RhoTapeUniform(RhoTape tape, int out); /* 1 when output out does not depend on any array */
void RhoTapePrint(RhoTape tape, FILE *stream);

/* scalar meanings used by functions.def, for every layer */
double RhoPowi(double x, int n);
double RhoMin(double x, double y); /* NaN if either is */
double RhoMax(double x, double y);
double RhoSign(double x);
double RhoBernoulli(double z, int order); /* d^order/dz^order z/(e^z - 1), order 0..2 */

/* ---- quadrature, for every layer --------------------------------------------------------------------------------- */

/* The Legendre polynomial P_n(x), and its derivative (NULL: not wanted; not at x = +-1). */
double RhoLegendre(int n, double x, double *slope);
/* Gauss-Legendre on [0, 1]: point[n], ascending, and weight[n]. */
void RhoGaussRule(int n, double *point, double *weight);
/* The rule of RHO_GAUSS points from a table, in no order: point k and its weight. */
enum { RHO_GAUSS = 16 };
double RhoGaussPoint(int k, double *weight);

#endif
