/* graph_private.h - the inside of a formula graph, for the files of layer expr only.

   Invariants
   1. node[i].arg[k] < i: arguments come before the node, so increasing index is an order of evaluation.
   2. No two nodes agree in (kind, code, attr, arguments, bits of the value; name for symbols): equal is identical.
   3. Nodes never change, except that a derived node gets a place when it is written for the first time.
   4. All memory is the arena's; whoever needs a work array takes one of the graph's (RhoGraphTake) and gives it back.
 */
#ifndef RHOFLUX_GRAPH_PRIVATE_H
#define RHOFLUX_GRAPH_PRIVATE_H
#include "rhoflux/expr.h"

typedef struct {
  int *item;
  int capacity;
} RhoScratch;

struct RhoGraph_s {
  RhoArena arena;
  RhoPlace place; /* of the nodes made from now on */
  int nnode, capacity;
  RhoNodeInfo *node; /* [nnode] */
  unsigned *has;     /* [nnode] what is reachable: bits RhoHasKind, RhoHasOperator */
  unsigned *mark;    /* [nnode] equals stamp: seen by the walk under way */
  unsigned stamp;
  int nslot, *slot; /* hash table of nodes, open addressing: node + 1, or 0 */
  int nsymbol, symbolcapacity;
  const char **symbol; /* [nsymbol] names by running number, the attr of the node */
  int ntable, tablecapacity;
  RhoTable *table; /* [ntable] */
  int ntaken, nscratch, scratchcapacity;
  RhoScratch *scratch;                /* [nscratch] work arrays, the first ntaken in use */
  const RhoAst *row[RHO_FN_COUNT][2]; /* parsed derivative columns of functions.def, NULL: not yet */
};

#define RhoHasKind(kind) (1u << (kind))
#define RhoHasOperator(op) (1u << (8 + (op)))
#define RHO_HAS_ANY_OPERATOR (~0u << 8)

/* The node with these contents: the one there is, or a new one.  rank is stored, not compared. */
RhoNode RhoGraphIntern(RhoGraph graph, const RhoNodeInfo *info);
/* f(arg...) as it stands, without simplification. */
RhoNode RhoGraphRawCall(RhoGraph graph, RhoFunction f, int attr, const RhoNode *arg);
/* The simpler node that f(arg...) equals in every value, or RHO_NONE. */
RhoNode RhoGraphSimplify(RhoGraph graph, RhoFunction f, int attr, const RhoNode *arg);

/* Is the node a constant?  *value gets it. */
bool RhoGraphIsConstant(RhoGraph graph, RhoNode node, double *value);
bool RhoGraphIsCall(RhoGraph graph, RhoNode node, RhoFunction f);
int RhoFunctionArgs(RhoFunction f);
const char *RhoFunctionName(RhoFunction f);
int RhoOperatorArgs(RhoOperator op);
const char *RhoOperatorName(RhoOperator op);

/* The same everywhere in space: no field, coordinate, variation, trace, operator. */
bool RhoGraphIsUniform(RhoGraph graph, RhoNode node);
/* Keys by which the factors of a product, and the terms of a sum, stand in order of reading (graph_order.c). */
int RhoFactorOrder(RhoGraph graph, RhoNode node);
int RhoNamedOrder(RhoGraph graph, RhoNode node); /* a factor that goes by a name */
long long RhoTermOrder(RhoGraph graph, RhoNode node);

typedef struct {
  bool negative;
  RhoNode node;
  int key;         /* decides where RhoTermOrder does not, before the node */
  long long order; /* RhoTermOrder, found by RhoGraphSum */
} RhoAddend;
/* The sum of n > 0 addends in order of reading, its first positive one at first; sorts them. */
RhoNode RhoGraphSum(RhoGraph graph, int n, RhoAddend *addend);

/* Work arrays of n integers, not cleared; last taken, first given back. */
int *RhoGraphTake(RhoGraph graph, int n);
void RhoGraphGive(RhoGraph graph);

/* The nodes reachable from root, arguments before users, root last; below a node for which stop (may be NULL) is true
   the walk does not go.  list[root + 1] at least; returns how many. */
int RhoGraphReach(RhoGraph graph, RhoNode root, RhoAtomFn stop, void *ctx, RhoNode *list);

/* The node of a syntax tree.  Names, and calls of what is no function of so many arguments in functions.def, are
   looked up by fn; RHO_NONE when it returns that.  Recursion is bounded by RhoParse. */
typedef RhoNode (*RhoLookupFn)(RhoGraph graph, const RhoAst *ast, void *ctx);
RhoNode RhoGraphFromAst(RhoGraph graph, const RhoAst *ast, RhoLookupFn fn, void *ctx);

/* The scalar meaning of f: the value column of functions.def.  Not for TABLE. */
double RhoFunctionValue(RhoFunction f, double x, double y, double z);
/* The scalar meaning of a call node with these argument values, tables included. */
double RhoGraphCallValue(RhoGraph graph, RhoFunction f, int attr, const double *x);

#endif
