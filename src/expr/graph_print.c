/* graph_print.c - a formula as text: plain, in the language of RhoParse, or LaTeX.

   Plain text reads back to the same node.  Parentheses stand only where the reading would differ; the arguments of a
   sum or product, which the graph orders by number, are put in the order that needs fewest, else in order of reading
   (graph_order.c).  A graph shares what text repeats: beyond MAX_LENGTH bytes or MAX_DEPTH levels "..." is written
   instead. */
#include "graph_private.h"
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LENGTH (1 << 20)
#define MAX_DEPTH 5000

/* How tightly a text holds together, loosest first, as in the grammar of expr_parse.c. */
typedef enum { OR, AND, NOT, COMPARE, SUM, PRODUCT, UNARY, POWER, PRIMARY } Level;

typedef struct {
  RhoGraph graph;
  RhoText text;
  RhoLatexFn latex; /* of symbol names; NULL: as they are */
  RhoOperandFn operand;
  void *ctx;
  int depth;
} Printer;

static void Plain(Printer *printer, RhoNode node, Level least);
static void Latex(Printer *printer, RhoNode node, Level least);

/* ---- common ------------------------------------------------------------------------------------------------------ */

static RhoNodeInfo Info(const Printer *printer, RhoNode node) { return printer->graph->node[node]; }

static bool IsNegative(const Printer *printer, RhoNode node) {
  RhoNodeInfo info = Info(printer, node);
  return info.kind == RHO_CONSTANT && signbit(info.value);
}

static Level CallLevel(const Printer *printer, const RhoNodeInfo *info) {
  switch (info->code) {
  case RHO_FN_OR: return OR;
  case RHO_FN_AND: return AND;
  case RHO_FN_NOT: return NOT;
  case RHO_FN_LT:
  case RHO_FN_LE:
  case RHO_FN_EQ:
  case RHO_FN_NE: return COMPARE;
  case RHO_FN_ADD:
  case RHO_FN_SUB: return SUM;
  case RHO_FN_MUL:
  case RHO_FN_DIV: return PRODUCT;
  case RHO_FN_NEG: {
    RhoNodeInfo x = Info(printer, info->arg[0]);
    return x.kind == RHO_CALL && CallLevel(printer, &x) == PRODUCT ? PRODUCT : UNARY;
  }
  case RHO_FN_POWI:
  case RHO_FN_POW: return POWER;
  default: return PRIMARY;
  }
}

static Level LevelOf(const Printer *printer, RhoNode node) {
  RhoNodeInfo info = Info(printer, node);
  if (info.kind == RHO_CONSTANT) return signbit(info.value) ? UNARY : PRIMARY;
  if (info.kind == RHO_APPLY && info.code == RHO_OP_GDOT && info.arg[0] == info.arg[1]) return POWER;
  return info.kind == RHO_CALL ? CallLevel(printer, &info) : PRIMARY;
}

/* The shortest decimal that reads back to the same number, with a dot in every locale. */
static void Number(Printer *printer, double value) {
  char buffer[40];
  for (int digits = 15; digits <= 17; digits++) {
    snprintf(buffer, sizeof buffer, "%.*g", digits, value);
    if (strtod(buffer, NULL) == value) break;
  }
  char *point = strstr(buffer, localeconv()->decimal_point);
  if (point) *point = '.';
  RhoTextAdd(printer->text, "%s", buffer);
}

static void Bytes(Printer *printer, const char *bytes) { RhoTextAddN(printer->text, bytes, strlen(bytes)); }

static const char *Operand(const Printer *printer, const RhoNodeInfo *info) {
  const char *name = printer->operand ? printer->operand((RhoOperator)info->code, info->attr, printer->ctx) : NULL;
  return name ? name : "?";
}

/* Where it stands among factors or terms, as people write; 0 elsewhere. */
static long long OrderOf(const Printer *printer, Level level, RhoNode node) {
  if (level == SUM) return RhoTermOrder(printer->graph, node);
  return level == PRODUCT ? RhoFactorOrder(printer->graph, node) : 0;
}

/* x + y and x*y in the order to be written.  A chain of the same kind goes left; else both are in order of reading. */
static void OrderPair(const Printer *printer, const RhoNodeInfo *info, RhoNode *x, RhoNode *y) {
  Level level = CallLevel(printer, info);
  RhoNode first = info->arg[0], second = info->arg[1];
  bool xchain = LevelOf(printer, first) == level, ychain = LevelOf(printer, second) == level;
  bool swap = ychain && !xchain;
  if (!xchain && !ychain) swap = OrderOf(printer, level, second) < OrderOf(printer, level, first);
  *x = info->arg[swap];
  *y = info->arg[!swap];
}

static bool IsTooLong(const Printer *printer) {
  return printer->depth > MAX_DEPTH || RhoTextLength(printer->text) > MAX_LENGTH;
}

/* ---- plain text -------------------------------------------------------------------------------------------------- */

static void PlainPair(Printer *printer, RhoNode x, Level left, const char *sign, RhoNode y, Level right) {
  Plain(printer, x, left);
  Bytes(printer, sign);
  Plain(printer, y, right);
}

/* A negative number as a right operand is readable only in parentheses. */
static Level RightLevel(const Printer *printer, RhoNode node, Level level) {
  return IsNegative(printer, node) ? PRIMARY : level;
}

static bool IsSymmetric(int f) { return f == RHO_FN_ADD || f == RHO_FN_MUL || f == RHO_FN_AND || f == RHO_FN_OR; }

static void PlainBinary(Printer *printer, const RhoNodeInfo *info, const char *sign, Level level) {
  RhoNode x = info->arg[0], y = info->arg[1];
  if (IsSymmetric(info->code)) OrderPair(printer, info, &x, &y);
  PlainPair(printer, x, level == COMPARE ? SUM : level, sign, y, RightLevel(printer, y, (Level)(level + 1)));
}

static void PlainList(Printer *printer, const char *name, int narg, const RhoNode *arg) {
  Bytes(printer, name);
  for (int k = 0; k < narg; k++) {
    Bytes(printer, k ? ", " : "(");
    Plain(printer, arg[k], OR);
  }
  Bytes(printer, ")");
}

/* Functions that cannot be written in a formula: derivatives of tables and of the Bernoulli function. */
static void PlainFunction(Printer *printer, const RhoNodeInfo *info) {
  const char *name = RhoFunctionName((RhoFunction)info->code);
  if (info->code == RHO_FN_TABLE) RhoTextAdd(printer->text, "table%d%.*s", info->attr / 4, info->attr % 4, "'''");
  if (info->code == RHO_FN_BERN1) name = "bern'";
  if (info->code == RHO_FN_BERN2) name = "bern''";
  PlainList(printer, name, info->narg, info->arg);
}

static void PlainPrefix(Printer *printer, const char *sign, RhoNode x, Level level) {
  Bytes(printer, sign);
  Plain(printer, x, level);
}

static void PlainCall(Printer *printer, const RhoNodeInfo *info) {
  const RhoNode *arg = info->arg;
  switch (info->code) {
  case RHO_FN_OR: PlainBinary(printer, info, " or ", OR); break;
  case RHO_FN_AND: PlainBinary(printer, info, " and ", AND); break;
  case RHO_FN_NOT: PlainPrefix(printer, "not ", arg[0], NOT); break;
  case RHO_FN_LT: PlainBinary(printer, info, " < ", COMPARE); break;
  case RHO_FN_LE: PlainBinary(printer, info, " <= ", COMPARE); break;
  case RHO_FN_EQ: PlainBinary(printer, info, " == ", COMPARE); break;
  case RHO_FN_NE: PlainBinary(printer, info, " != ", COMPARE); break;
  case RHO_FN_ADD: PlainBinary(printer, info, " + ", SUM); break;
  case RHO_FN_SUB: PlainBinary(printer, info, " - ", SUM); break;
  case RHO_FN_MUL: PlainBinary(printer, info, "*", PRODUCT); break;
  case RHO_FN_DIV: PlainBinary(printer, info, "/", PRODUCT); break;
  case RHO_FN_NEG: PlainPrefix(printer, "-", arg[0], CallLevel(printer, info) == PRODUCT ? PRODUCT : POWER); break;
  case RHO_FN_POWI:
  case RHO_FN_POW: PlainPair(printer, arg[0], PRIMARY, "^", arg[1], RightLevel(printer, arg[1], POWER)); break;
  default: PlainFunction(printer, info);
  }
}

static void PlainApply(Printer *printer, const RhoNodeInfo *info) {
  const RhoNode *arg = info->arg;
  switch (info->code) {
  case RHO_OP_DIVGRAD:
    Bytes(printer, "div(");
    Plain(printer, arg[0], PRODUCT);
    PlainList(printer, "*grad", 1, arg + 1);
    Bytes(printer, ")");
    break;
  case RHO_OP_GDOT:
    PlainList(printer, arg[0] == arg[1] ? "|grad" : "dot(grad", 1, arg);
    if (arg[0] != arg[1]) PlainList(printer, ", grad", 1, arg + 1);
    Bytes(printer, arg[0] == arg[1] ? "|^2" : ")");
    break;
  case RHO_OP_CONV:
  case RHO_OP_INTEGRAL:
    RhoTextAdd(printer->text, "%s(%s, ", RhoOperatorName((RhoOperator)info->code), Operand(printer, info));
    Plain(printer, arg[0], OR);
    Bytes(printer, ")");
    break;
  case RHO_OP_DIFF:
    Bytes(printer, "d(");
    Plain(printer, arg[0], OR);
    RhoTextAdd(printer->text, ", %s)", Operand(printer, info));
    break;
  default: PlainList(printer, RhoOperatorName((RhoOperator)info->code), info->narg, arg);
  }
}

static void Plain(Printer *printer, RhoNode node, Level least) {
  RhoNodeInfo info = Info(printer, node);
  bool parenthesis = LevelOf(printer, node) < least;
  if (IsTooLong(printer)) {
    Bytes(printer, "...");
    return;
  }
  printer->depth++;
  if (parenthesis) Bytes(printer, "(");
  switch (info.kind) {
  case RHO_CONSTANT: Number(printer, info.value); break;
  case RHO_SYMBOL: Bytes(printer, RhoGraphSymbolName(printer->graph, node)); break;
  case RHO_CALL: PlainCall(printer, &info); break;
  case RHO_APPLY: PlainApply(printer, &info); break;
  }
  if (parenthesis) Bytes(printer, ")");
  printer->depth--;
}

/* ---- LaTeX ------------------------------------------------------------------------------------------------------- */

/* How functions are written where it is not their name in roman type. */
static const struct {
  RhoFunction f;
  const char *before, *after;
} latex_row[] = {
    {RHO_FN_EXP, "\\exp", ""},           {RHO_FN_LOG, "\\ln", ""},      {RHO_FN_SIN, "\\sin", ""},
    {RHO_FN_COS, "\\cos", ""},           {RHO_FN_TAN, "\\tan", ""},     {RHO_FN_ASIN, "\\arcsin", ""},
    {RHO_FN_ACOS, "\\arccos", ""},       {RHO_FN_ATAN, "\\arctan", ""}, {RHO_FN_SINH, "\\sinh", ""},
    {RHO_FN_COSH, "\\cosh", ""},         {RHO_FN_TANH, "\\tanh", ""},   {RHO_FN_MIN, "\\min", ""},
    {RHO_FN_MAX, "\\max", ""},           {RHO_FN_SQRT, "\\sqrt{", "}"}, {RHO_FN_CBRT, "\\sqrt[3]{", "}"},
    {RHO_FN_ABS, "\\left|", "\\right|"}, {RHO_FN_BERN, "B", ""},        {RHO_FN_BERN1, "B'", ""},
    {RHO_FN_BERN2, "B''", ""},           {RHO_FN_STEP, "\\Theta", ""},
};

static void LatexBetween(Printer *printer, const char *before, RhoNode x, const char *after) {
  Bytes(printer, before);
  Latex(printer, x, OR);
  Bytes(printer, after);
}

static void LatexList(Printer *printer, int narg, const RhoNode *arg) {
  Bytes(printer, "\\left(");
  for (int k = 0; k < narg; k++) LatexBetween(printer, k ? ", " : "", arg[k], "");
  Bytes(printer, "\\right)");
}

static void LatexFunction(Printer *printer, const RhoNodeInfo *info) {
  for (size_t k = 0; k < sizeof latex_row / sizeof *latex_row; k++) {
    if ((int)latex_row[k].f != info->code) continue;
    if (*latex_row[k].after) LatexBetween(printer, latex_row[k].before, info->arg[0], latex_row[k].after);
    else {
      Bytes(printer, latex_row[k].before);
      LatexList(printer, info->narg, info->arg);
    }
    return;
  }
  if (info->code == RHO_FN_TABLE) RhoTextAdd(printer->text, "f_{%d}%.*s", info->attr / 4, info->attr % 4, "'''");
  else RhoTextAdd(printer->text, "\\operatorname{%s}", RhoFunctionName((RhoFunction)info->code));
  LatexList(printer, info->narg, info->arg);
}

static void LatexPair(Printer *printer, RhoNode x, Level left, const char *sign, RhoNode y, Level right) {
  Latex(printer, x, left);
  Bytes(printer, sign);
  Latex(printer, y, RightLevel(printer, y, right));
}

/* Two numbers side by side would read as one. */
static void LatexProduct(Printer *printer, const RhoNodeInfo *info) {
  RhoNode x, y;
  OrderPair(printer, info, &x, &y);
  bool number = Info(printer, y).kind == RHO_CONSTANT;
  LatexPair(printer, x, PRODUCT, number ? " \\cdot " : " \\, ", y, UNARY);
}

static void LatexSum(Printer *printer, const RhoNodeInfo *info) {
  RhoNode x, y;
  OrderPair(printer, info, &x, &y);
  LatexPair(printer, x, SUM, " + ", y, PRODUCT);
}

static void LatexQuotient(Printer *printer, RhoNode x, RhoNode y) {
  LatexBetween(printer, "\\frac{", x, "}");
  LatexBetween(printer, "{", y, "}");
}

static void LatexPower(Printer *printer, RhoNode x, RhoNode y) {
  Latex(printer, x, PRIMARY);
  LatexBetween(printer, "^{", y, "}");
}

static void LatexChoice(Printer *printer, const RhoNode *arg) {
  LatexBetween(printer, "\\begin{cases} ", arg[1], " & ");
  LatexBetween(printer, "", arg[0], " \\\\ ");
  LatexBetween(printer, "", arg[2], " & \\text{otherwise} \\end{cases}");
}

static void LatexPrefix(Printer *printer, const char *sign, RhoNode x, Level level) {
  Bytes(printer, sign);
  Latex(printer, x, level);
}

static void LatexCall(Printer *printer, const RhoNodeInfo *info) {
  RhoNode x = info->arg[0], y = info->arg[1];
  switch (info->code) {
  case RHO_FN_OR: LatexPair(printer, x, OR, " \\lor ", y, AND); break;
  case RHO_FN_AND: LatexPair(printer, x, AND, " \\land ", y, NOT); break;
  case RHO_FN_NOT: LatexPrefix(printer, "\\lnot ", x, SUM); break;
  case RHO_FN_LT: LatexPair(printer, x, SUM, " < ", y, SUM); break;
  case RHO_FN_LE: LatexPair(printer, x, SUM, " \\le ", y, SUM); break;
  case RHO_FN_EQ: LatexPair(printer, x, SUM, " = ", y, SUM); break;
  case RHO_FN_NE: LatexPair(printer, x, SUM, " \\ne ", y, SUM); break;
  case RHO_FN_ADD: LatexSum(printer, info); break;
  case RHO_FN_SUB: LatexPair(printer, x, SUM, " - ", y, PRODUCT); break;
  case RHO_FN_MUL: LatexProduct(printer, info); break;
  case RHO_FN_DIV: LatexQuotient(printer, x, y); break;
  case RHO_FN_NEG: LatexPrefix(printer, "-", x, PRODUCT); break;
  case RHO_FN_POWI:
  case RHO_FN_POW: LatexPower(printer, x, y); break;
  case RHO_FN_SELECT: LatexChoice(printer, info->arg); break;
  default: LatexFunction(printer, info);
  }
}

static void LatexGradients(Printer *printer, RhoNode x, RhoNode y) {
  if (x == y) {
    LatexPrefix(printer, "\\left|\\nabla ", x, PRIMARY);
    Bytes(printer, "\\right|^{2}");
    return;
  }
  LatexPrefix(printer, "\\nabla ", x, PRIMARY);
  LatexPrefix(printer, " \\cdot \\nabla ", y, PRIMARY);
}

static void LatexApply(Printer *printer, const RhoNodeInfo *info) {
  RhoNode x = info->arg[0];
  switch (info->code) {
  case RHO_OP_GRAD: LatexPrefix(printer, "\\nabla ", x, PRIMARY); break;
  case RHO_OP_LAP: LatexPrefix(printer, "\\nabla^{2} ", x, PRIMARY); break;
  case RHO_OP_GDOT: LatexGradients(printer, x, info->arg[1]); break;
  case RHO_OP_DIVGRAD:
    LatexPrefix(printer, "\\nabla \\cdot \\left(", x, PRODUCT);
    LatexPrefix(printer, " \\, \\nabla ", info->arg[1], PRIMARY);
    Bytes(printer, "\\right)");
    break;
  case RHO_OP_DIFF:
    RhoTextAdd(printer->text, "\\partial_{%s} ", Operand(printer, info));
    Latex(printer, x, PRIMARY);
    break;
  case RHO_OP_CONV:
    RhoTextAdd(printer->text, "%s * ", Operand(printer, info));
    Latex(printer, x, PRIMARY);
    break;
  case RHO_OP_INTEGRAL:
    LatexPrefix(printer, "\\int ", x, PRODUCT);
    RhoTextAdd(printer->text, " \\, \\mathrm{d}%s", Operand(printer, info));
    break;
  default:
    RhoTextAdd(printer->text, "\\operatorname{%s}", RhoOperatorName((RhoOperator)info->code));
    LatexList(printer, info->narg, info->arg);
  }
}

/* 1.5e-07 as 1.5 \times 10^{-7} */
static void LatexNumber(Printer *printer, double value) {
  RhoText digits = RhoTextCreate(printer->graph->arena);
  Printer aside = *printer;
  aside.text = digits;
  Number(&aside, value);
  const char *bytes = RhoTextGet(digits), *exponent = strchr(bytes, 'e');
  if (!exponent) {
    Bytes(printer, bytes);
    return;
  }
  if (exponent != bytes + 1 || *bytes != '1') {
    RhoTextAddN(printer->text, bytes, (size_t)(exponent - bytes));
    Bytes(printer, " \\times ");
  }
  RhoTextAdd(printer->text, "10^{%d}", atoi(exponent + 1));
}

static void LatexSymbol(Printer *printer, RhoNode node) {
  const char *name = RhoGraphSymbolName(printer->graph, node);
  const char *latex = printer->latex ? printer->latex(name, printer->ctx) : NULL;
  Bytes(printer, latex ? latex : name);
}

/* A number with a power of ten is a product. */
static Level LatexLevel(const Printer *printer, RhoNode node) {
  RhoNodeInfo info = Info(printer, node);
  if (info.kind == RHO_CONSTANT && info.value != 0 && (fabs(info.value) >= 1e15 || fabs(info.value) < 1e-4))
    return PRODUCT;
  if (info.kind != RHO_APPLY) return LevelOf(printer, node);
  return info.code == RHO_OP_INTEGRAL || info.code == RHO_OP_CONV ? SUM : UNARY;
}

static void Latex(Printer *printer, RhoNode node, Level least) {
  RhoNodeInfo info = Info(printer, node);
  bool parenthesis = LatexLevel(printer, node) < least;
  if (IsTooLong(printer)) {
    Bytes(printer, "\\ldots ");
    return;
  }
  printer->depth++;
  if (parenthesis) Bytes(printer, "\\left(");
  switch (info.kind) {
  case RHO_CONSTANT: LatexNumber(printer, info.value); break;
  case RHO_SYMBOL: LatexSymbol(printer, node); break;
  case RHO_CALL: LatexCall(printer, &info); break;
  case RHO_APPLY: LatexApply(printer, &info); break;
  }
  if (parenthesis) Bytes(printer, "\\right)");
  printer->depth--;
}

/* ---- entries ----------------------------------------------------------------------------------------------------- */

static const char zero[] = "0";

void RhoGraphPrint(RhoGraph graph, RhoNode node, RhoText text, RhoOperandFn operand, void *ctx) {
  Printer printer = {graph, text, NULL, operand, ctx, 0};
  if (node == RHO_NONE) RhoTextAdd(text, "%s", zero);
  else Plain(&printer, node, OR);
}

void RhoGraphPrintLatex(RhoGraph graph, RhoNode node, RhoText text, RhoLatexFn latex, RhoOperandFn operand, void *ctx) {
  Printer printer = {graph, text, latex, operand, ctx, 0};
  if (node == RHO_NONE) RhoTextAdd(text, "%s", zero);
  else Latex(&printer, node, OR);
}
