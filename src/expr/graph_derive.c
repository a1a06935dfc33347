/* graph_derive.c - the differential of a formula: exact, a formula again, linear in its seeds.

     d f(a, b, c) = f_a da + f_b db + f_c dc,      d Op(a, b) = Op(da, b) + Op(a, db)

   f_a is the derivative column of functions.def, a formula text in x, y, z that is parsed once per graph and
   instantiated with the arguments.  Rows without text (NULL): if() differentiates its branches, a table and the
   Bernoulli function raise their order.  Nodes are visited arguments first, so depth costs no stack. */
#include "graph_private.h"
#include <stdlib.h>
#include <string.h>

/* ---- syntax tree -> node -------------------------------------------------------------------------------------------
 */

static bool FindFunction(const char *name, int narg, RhoFunction *f) {
  for (int k = 0; k < RHO_FN_COUNT; k++) {
    if (strcmp(RhoFunctionName((RhoFunction)k), name) != 0 || RhoFunctionArgs((RhoFunction)k) != narg) continue;
    *f = (RhoFunction)k;
    return true;
  }
  return false;
}

/* a > b is b < a, a >= b is b <= a. */
static RhoNode FromBinary(RhoGraph graph, char op, RhoNode x, RhoNode y) {
  switch (op) {
  case '+': return RhoGraph2(graph, RHO_FN_ADD, x, y);
  case '-': return RhoGraph2(graph, RHO_FN_SUB, x, y);
  case '*': return RhoGraph2(graph, RHO_FN_MUL, x, y);
  case '/': return RhoGraph2(graph, RHO_FN_DIV, x, y);
  case '^': return RhoGraphPower(graph, x, y);
  case '<': return RhoGraph2(graph, RHO_FN_LT, x, y);
  case 'l': return RhoGraph2(graph, RHO_FN_LE, x, y);
  case '>': return RhoGraph2(graph, RHO_FN_LT, y, x);
  case 'g': return RhoGraph2(graph, RHO_FN_LE, y, x);
  case '=': return RhoGraph2(graph, RHO_FN_EQ, x, y);
  case 'n': return RhoGraph2(graph, RHO_FN_NE, x, y);
  case '&': return RhoGraph2(graph, RHO_FN_AND, x, y);
  default: return RhoGraph2(graph, RHO_FN_OR, x, y);
  }
}

static RhoNode FromUnary(RhoGraph graph, char op, RhoNode x) {
  return RhoGraph1(graph, op == '-' ? RHO_FN_NEG : op == '!' ? RHO_FN_NOT : RHO_FN_ABS, x);
}

RhoNode RhoGraphFromAst(RhoGraph graph, const RhoAst *ast, RhoLookupFn fn, void *ctx) {
  RhoNode arg[3];
  if (ast->kind == RHO_AST_NUMBER) return RhoGraphConstant(graph, ast->number);
  RhoFunction f = RHO_FN_COUNT;
  bool known = ast->kind == RHO_AST_CALL && FindFunction(ast->name, ast->narg, &f);
  if (ast->kind == RHO_AST_NAME || (ast->kind == RHO_AST_CALL && !known)) return fn(graph, ast, ctx);
  for (int k = 0; k < ast->narg; k++)
    if ((arg[k] = RhoGraphFromAst(graph, ast->arg[k], fn, ctx)) == RHO_NONE) return RHO_NONE;
  if (known) return RhoGraphCall(graph, f, 0, arg);
  return ast->kind == RHO_AST_UNARY ? FromUnary(graph, ast->op, arg[0]) : FromBinary(graph, ast->op, arg[0], arg[1]);
}

/* ---- partial derivatives of one function ------------------------------------------------------------------------- */

static const char *const row_text[RHO_FN_COUNT][2] = {
#define RHO_FUNCTION(id, name, narg, value, d0, d1, dual0, dual1) {d0, d1},
#include "rhoflux/functions.def"
#undef RHO_FUNCTION
};

/* B''' by the equation z B' = B - B^2 - z B, differentiated twice; its own series where that cancels. */
static const char bern3_text[] = "if(abs(x) < 0.1, x*(-1/30 + x^2*(1/252 + x^2*(-1/3600 + x^2/66528))),"
                                 "-(2*b1*(b1 + 1) + (2*bern(x) + 1 + x)*b2)/x)";

static RhoNode RowName(RhoGraph graph, const RhoAst *ast, void *ctx) {
  const RhoNode *arg = ctx;
  const char *name = ast->name;
  if (strcmp(name, "b1") == 0) return RhoGraph1(graph, RHO_FN_BERN1, arg[0]);
  if (strcmp(name, "b2") == 0) return RhoGraph1(graph, RHO_FN_BERN2, arg[0]);
  return arg[name[0] - 'x'];
}

static const RhoAst *Row(RhoGraph graph, RhoFunction f, int k, const char *text) {
  if (!graph->row[f][k])
    graph->row[f][k] = RhoParse(graph->arena, NULL, (RhoFormula){.text = text, .nbyte = strlen(text), .source = -1});
  if (!graph->row[f][k]) abort(); /* a mistake in functions.def */
  return graph->row[f][k];
}

/* The derivative of f(arg...) by argument k, RHO_NONE where it is identically zero; not for SELECT. */
static RhoNode Partial(RhoGraph graph, const RhoNodeInfo *info, int k) {
  RhoFunction f = (RhoFunction)info->code;
  RhoNode arg[3] = {info->arg[0], info->arg[1], info->arg[2]};
  const char *text = f == RHO_FN_BERN2 ? bern3_text : row_text[f][k];
  if (text) return RhoGraphFromAst(graph, Row(graph, f, k, text), RowName, arg);
  if (f == RHO_FN_TABLE) return info->attr % 4 < 3 ? RhoGraphCall(graph, f, info->attr + 1, arg) : RHO_NONE;
  if (f == RHO_FN_BERN) return RhoGraph1(graph, RHO_FN_BERN1, arg[0]);
  if (f == RHO_FN_BERN1) return RhoGraph1(graph, RHO_FN_BERN2, arg[0]);
  return RHO_NONE;
}

/* ---- differentials of nodes ----------------------------------------------------------------------------------------
 */

typedef struct {
  int n;
  const RhoNode *symbol, *seed;
  unsigned frozen;
  RhoNode *dot; /* [node] the differential, or RHO_NONE */
} Direction;

static RhoNode OrZero(RhoGraph graph, RhoNode node) { return node == RHO_NONE ? RhoGraphConstant(graph, 0) : node; }

/* if(c, da, db); a branch that is absent is the number 0, also beside a vector. */
static RhoNode SelectDot(RhoGraph graph, const RhoNodeInfo *info, const RhoNode *dot) {
  if (dot[info->arg[1]] == RHO_NONE && dot[info->arg[2]] == RHO_NONE) return RHO_NONE;
  RhoNode branch[3] = {info->arg[0], OrZero(graph, dot[info->arg[1]]), OrZero(graph, dot[info->arg[2]])};
  return RhoGraphCall(graph, RHO_FN_SELECT, 0, branch);
}

static RhoNode CallDot(RhoGraph graph, const RhoNodeInfo *info, const RhoNode *dot) {
  RhoNode sum = RHO_NONE;
  if (info->code == RHO_FN_SELECT) return SelectDot(graph, info, dot);
  for (int k = 0; k < info->narg; k++) {
    if (dot[info->arg[k]] == RHO_NONE) continue;
    sum = RhoGraphPlus(graph, sum, RhoGraphTimes(graph, Partial(graph, info, k), dot[info->arg[k]]));
  }
  return sum;
}

static RhoNode ApplyDot(RhoGraph graph, const RhoNodeInfo *info, const Direction *direction) {
  RhoNode sum = RHO_NONE;
  if (direction->frozen & (1u << info->code)) return RHO_NONE;
  for (int k = 0; k < info->narg; k++) {
    RhoNode arg[3] = {info->arg[0], info->arg[1], info->arg[2]};
    if (direction->dot[arg[k]] == RHO_NONE) continue;
    arg[k] = direction->dot[arg[k]];
    sum = RhoGraphPlus(graph, sum, RhoGraphApply(graph, (RhoOperator)info->code, info->attr, arg));
  }
  return sum;
}

static RhoNode Dot(RhoGraph graph, RhoNode node, const Direction *direction) {
  RhoNodeInfo info = graph->node[node];
  for (int k = 0; k < direction->n; k++)
    if (direction->symbol[k] == node) return direction->seed[k];
  if (info.kind == RHO_CALL) return CallDot(graph, &info, direction->dot);
  return info.kind == RHO_APPLY ? ApplyDot(graph, &info, direction) : RHO_NONE;
}

RhoNode RhoGraphDifferential(RhoGraph graph, RhoNode e, int nsymbol, const RhoNode *symbol, const RhoNode *seed,
                             unsigned frozen) {
  if (e == RHO_NONE) return RHO_NONE;
  RhoPlace place = graph->place;
  RhoNode *list = RhoGraphTake(graph, e + 1);
  Direction direction = {nsymbol, symbol, seed, frozen, RhoGraphTake(graph, e + 1)};
  int n = RhoGraphReach(graph, e, NULL, NULL, list);
  graph->place = RHO_NOWHERE;
  for (int k = 0; k < n; k++) direction.dot[list[k]] = Dot(graph, list[k], &direction);
  RhoNode result = direction.dot[e];
  RhoGraphGive(graph);
  RhoGraphGive(graph);
  graph->place = place;
  return result;
}
