/* expr_parse.c - formula text -> syntax tree, by recursive descent.

     or      = and { ("or" | "||") and }
     and     = not { ("and" | "&&") not }
     not     = ("not" | "!") not | compare
     compare = sum [ ("<" | "<=" | ">" | ">=" | "==" | "!=") sum ]
     sum     = product { ("+" | "-") product }
     product = unary { ("*" | "/") unary }
     unary   = ("-" | "+") unary | power
     power   = primary [ "^" unary ]
     primary = number | name [index] [arguments] | "(" or ")" | "|" or "|"
     index   = "[" (name | integer) { "," (name | integer) } "]"
     arguments = "(" or { "," or } ")"

   A '|' opens where an operand is expected and closes otherwise.  Nesting and the height of the tree are bounded, so
   that later layers may recurse on it. */
#include "expr_lex.h"
#include <math.h>
#include <string.h>

#define MAX_NESTING 200
#define MAX_HEIGHT 4000

/* A node with what the parser alone needs; the span includes parentheses around it. */
typedef struct {
  RhoAst ast;
  int height, begin, end;
} Item;

typedef struct {
  RhoReader reader;
  int nesting;
  int nbar; /* bars open since the innermost parenthesis */
} Parser;

/* The levels of the grammar that have binary signs, loosest first. */
enum { OR, AND, NOT, COMPARE, SUM, PRODUCT };
static const char *const level_sign[] = {"o", "&", "", "<>lg=n", "+-", "*/"};

static Item *ParseLevel(Parser *parser, int level);
static Item *ParseUnary(Parser *parser);

/* ---- tokens ------------------------------------------------------------------------------------------------------ */

static bool Failed(const Parser *parser) { return parser->reader.failed; }
static const RhoToken *Token(const Parser *parser) { return &parser->reader.token; }
static void Next(Parser *parser) { RhoReaderNext(&parser->reader); }
static bool IsSign(const Parser *parser, char sign) { return !Failed(parser) && Token(parser)->sign == sign; }

static const char *Quote(Parser *parser, const RhoToken *token) {
  return RhoReaderQuote(&parser->reader, token->begin, token->end);
}

static bool IsDoubleBar(const Parser *parser) {
  return Token(parser)->sign == 'o' && parser->reader.formula.text[Token(parser)->begin] == '|';
}

/* ---- mistakes ---------------------------------------------------------------------------------------------------- */

static Item *Fail(Parser *parser, RhoDiagId id, const RhoToken *at, const char *message, const char *hint) {
  RhoReaderFail(&parser->reader, id, at->begin, at->end, message, hint);
  return NULL;
}

static bool IsOperandStart(const RhoToken *token) {
  return token->kind == RHO_TOK_NUMBER || token->kind == RHO_TOK_NAME || token->sign == '(' || token->sign == '!';
}

/* Does the language know a function or operator of this name? */
static bool IsFunction(const char *name) {
  static const char *const known[] = {
      "sum", "prod", "table", "log10", "log2", "ln",
#define RHO_FUNCTION(id, word, narg, value, d0, d1, dual0, dual1) word,
#include "rhoflux/functions.def"
#undef RHO_FUNCTION
#define RHO_OPERATOR(id, word, narg, rank, attr) word,
#include "rhoflux/operators.def"
#undef RHO_OPERATOR
  };
  for (size_t k = 0; k < sizeof known / sizeof *known; k++)
    if (strcmp(known[k], name) == 0) return true;
  return false;
}

static const char *ProductHint(Parser *parser, const RhoToken *left, const RhoToken *right) {
  RhoArena arena = parser->reader.arena;
  if (left->kind == RHO_TOK_NUMBER && right->kind == RHO_TOK_NUMBER) return "numbers are written without spaces";
  if (left->kind == RHO_TOK_NAME && strcmp(Quote(parser, left), "if") == 0)
    return "a choice is written if(condition, then, else)";
  if (right->sign == '!') return "write 'and not', 'or not', or != for unequal";
  if (left->kind == RHO_TOK_NAME && right->kind != RHO_TOK_SIGN && IsFunction(Quote(parser, left)))
    return RhoArenaPrint(arena, "arguments stand in parentheses: write %s(%s)", Quote(parser, left),
                         Quote(parser, right));
  if (right->kind == RHO_TOK_SIGN || left->kind == RHO_TOK_SIGN) return "products are written with *: 2*x, 2*(x + 1)";
  return RhoArenaPrint(arena, "write %s*%s", Quote(parser, left), Quote(parser, right));
}

static Item *FailMissingSign(Parser *parser) {
  RhoToken left = parser->reader.before, right = *Token(parser), both = {.begin = left.begin, .end = right.end};
  const char *message = RhoArenaPrint(parser->reader.arena, "an operator is missing between '%s' and '%s'",
                                      Quote(parser, &left), Quote(parser, &right));
  return Fail(parser, RHO_ID_SYNTAX, &both, message, ProductHint(parser, &left, &right));
}

static Item *FailComma(Parser *parser) {
  const RhoFormula *formula = &parser->reader.formula;
  int after = Token(parser)->end;
  bool digit = after < (int)formula->nbyte && formula->text[after] >= '0' && formula->text[after] <= '9';
  bool decimal = digit && parser->reader.before.kind == RHO_TOK_NUMBER && parser->reader.before.end == after - 1;
  return Fail(parser, RHO_ID_SYNTAX, Token(parser), "a ',' outside the arguments of a function",
              decimal ? "decimals are written with a point: 1.5" : "only functions have several arguments: max(a, b)");
}

static Item *FailClosing(Parser *parser) {
  bool bar = Token(parser)->sign == '|';
  return Fail(parser, RHO_ID_UNBALANCED, Token(parser),
              RhoArenaPrint(parser->reader.arena, "this '%c' closes nothing", Token(parser)->sign),
              bar ? "|x| is the absolute value; the choice between conditions is written 'or'"
                  : "remove it, or open it before");
}

/* The token cannot follow a complete operand. */
static Item *FailAfterOperand(Parser *parser) {
  const RhoToken *token = Token(parser);
  if (Failed(parser)) return NULL;
  if (token->sign == '!' && token->end == token->begin + 1)
    return Fail(parser, RHO_ID_SYNTAX, token, "'!' after an operand", "'not' stands before its operand; unequal is !=");
  if (IsOperandStart(token)) return FailMissingSign(parser);
  if (token->sign == ',') return FailComma(parser);
  if (token->sign == '[')
    return Fail(parser, RHO_ID_SYNTAX, token, "an index that belongs to no name",
                "an index follows a name, several are written together: a[i, j]");
  return FailClosing(parser);
}

/* An operand should start here. */
static Item *FailOperand(Parser *parser) {
  RhoArena arena = parser->reader.arena;
  RhoToken token = *Token(parser), before = parser->reader.before;
  if (Failed(parser)) return NULL;
  if (token.kind == RHO_TOK_END && before.end == 0)
    return Fail(parser, RHO_ID_SYNTAX, &token, "the formula is empty", "write at least a number: 0");
  if (token.kind == RHO_TOK_END)
    return Fail(parser, RHO_ID_SYNTAX, &before,
                RhoArenaPrint(arena, "an operand is missing after '%s'", Quote(parser, &before)),
                "the formula ends here");
  if (token.sign == ')' && before.sign == '(')
    return Fail(parser, RHO_ID_SYNTAX, &token, "nothing stands between the parentheses",
                "a function has arguments: f(x); a value is written without parentheses");
  if (token.sign == '!')
    return Fail(parser, RHO_ID_SYNTAX, &token, "'not' inside arithmetic", "put it in parentheses: 2*(not x)");
  return Fail(parser, RHO_ID_SYNTAX, &token,
              RhoArenaPrint(arena, "an operand is missing before '%s'", Quote(parser, &token)),
              "a number, a name, a function or a parenthesis can stand here");
}

/* Reads the closing sign that belongs to the opening token. */
static bool Close(Parser *parser, const RhoToken *opening, char sign) {
  if (IsSign(parser, sign)) {
    Next(parser);
    return !Failed(parser);
  }
  if (Failed(parser)) return false;
  const RhoToken *token = Token(parser);
  bool closing = token->sign && strchr(")]", token->sign);
  if (token->kind != RHO_TOK_END && !closing) return FailAfterOperand(parser) != NULL;
  const char *before =
      token->kind == RHO_TOK_END ? "" : RhoArenaPrint(parser->reader.arena, " before '%c'", token->sign);
  return Fail(parser, RHO_ID_UNBALANCED, opening,
              RhoArenaPrint(parser->reader.arena, "this '%c' is not closed%s", opening->sign, before),
              RhoArenaPrint(parser->reader.arena, "it needs a '%c'", sign)) != NULL;
}

/* ---- tree -------------------------------------------------------------------------------------------------------- */

static Item *NewItem(Parser *parser, RhoAstKind kind, char op, int begin, int end) {
  Item *item = RhoArenaAlloc(parser->reader.arena, sizeof *item);
  item->ast = (RhoAst){.kind = kind, .op = op, .place = RhoReaderPlace(&parser->reader, begin, end)};
  item->height = 1;
  item->begin = begin;
  item->end = end;
  return item;
}

static bool AddArgument(Parser *parser, Item *item, int *capacity, const Item *argument) {
  *RHO_PUSH(parser->reader.arena, item->ast.arg, item->ast.narg, *capacity) = &argument->ast;
  if (argument->height >= item->height) item->height = argument->height + 1;
  if (item->height <= MAX_HEIGHT) return true;
  RhoReaderFail(&parser->reader, RHO_ID_TOO_DEEP, argument->begin, argument->end, "the formula is too long",
                "give its parts names under 'define'");
  return false;
}

static Item *NewOperation(Parser *parser, char op, int begin, const Item *left, const Item *right) {
  const Item *last = right ? right : left;
  Item *item = NewItem(parser, right ? RHO_AST_BINARY : RHO_AST_UNARY, op, begin, last->end);
  int capacity = 0;
  if (!AddArgument(parser, item, &capacity, left)) return NULL;
  return !right || AddArgument(parser, item, &capacity, right) ? item : NULL;
}

static bool Enter(Parser *parser) {
  if (++parser->nesting <= MAX_NESTING) return true;
  Fail(parser, RHO_ID_TOO_DEEP, Token(parser), "the formula is nested too deeply",
       "give its parts names under 'define'");
  return false;
}

static Item *Leave(Parser *parser, Item *item) {
  parser->nesting--;
  return item;
}

/* ---- primaries --------------------------------------------------------------------------------------------------- */

/* A whole formula between signs; nbar bars are open in it. */
static Item *ParseInside(Parser *parser, int nbar) {
  int outside = parser->nbar;
  if (!Enter(parser)) return NULL;
  parser->nbar = nbar;
  Item *item = ParseLevel(parser, OR);
  parser->nbar = outside;
  return Leave(parser, item);
}

static Item *ParseParenthesis(Parser *parser) {
  RhoToken opening = *Token(parser);
  Next(parser);
  Item *item = ParseInside(parser, 0);
  if (!item || !Close(parser, &opening, ')')) return NULL;
  item->begin = opening.begin;
  item->end = parser->reader.before.end;
  return item;
}

static Item *ParseBars(Parser *parser) {
  if (IsDoubleBar(parser)) RhoReaderSplit(&parser->reader);
  RhoToken opening = *Token(parser);
  Next(parser);
  Item *item = ParseInside(parser, parser->nbar + 1);
  if (!item || !Close(parser, &opening, '|')) return NULL;
  Item *bars = NewOperation(parser, '|', opening.begin, item, NULL);
  if (!bars) return NULL;
  bars->end = parser->reader.before.end;
  bars->ast.place = RhoReaderPlace(&parser->reader, bars->begin, bars->end);
  return bars;
}

static bool FailIndex(Parser *parser) {
  Fail(parser, RHO_ID_SYNTAX, Token(parser), "an index is a name or an integer", "write rho[s], rho[a, b] or rho[1]");
  return false;
}

static const RhoAst *ParseOneIndex(Parser *parser) {
  RhoToken token = *Token(parser);
  bool integer = token.kind == RHO_TOK_NUMBER && token.number == rint(token.number) && token.number < 1e9;
  if (token.kind != RHO_TOK_NAME && !integer) FailIndex(parser);
  if (Failed(parser)) return NULL;
  Item *item = NewItem(parser, integer ? RHO_AST_NUMBER : RHO_AST_NAME, 0, token.begin, token.end);
  item->ast.number = token.number;
  item->ast.name = RhoArenaString(parser->reader.arena, parser->reader.formula.text + token.begin,
                                  (size_t)(token.end - token.begin));
  Next(parser);
  return &item->ast;
}

static bool ParseIndex(Parser *parser, Item *item) {
  RhoToken opening = *Token(parser);
  int capacity = 0;
  do {
    Next(parser);
    const RhoAst *index = ParseOneIndex(parser);
    if (!index) return false;
    *RHO_PUSH(parser->reader.arena, item->ast.index, item->ast.nindex, capacity) = index;
    if (!IsSign(parser, ',') && !IsSign(parser, ']') && Token(parser)->kind != RHO_TOK_END) return FailIndex(parser);
  } while (IsSign(parser, ','));
  return Close(parser, &opening, ']');
}

static bool ParseArguments(Parser *parser, Item *item) {
  RhoToken opening = *Token(parser);
  int capacity = 0;
  item->ast.kind = RHO_AST_CALL;
  do {
    Next(parser);
    Item *argument = ParseInside(parser, 0);
    if (!argument || !AddArgument(parser, item, &capacity, argument)) return false;
  } while (IsSign(parser, ','));
  return Close(parser, &opening, ')');
}

static Item *ParseName(Parser *parser) {
  RhoToken token = *Token(parser);
  Item *item = NewItem(parser, RHO_AST_NAME, 0, token.begin, token.end);
  item->ast.name = RhoArenaString(parser->reader.arena, parser->reader.formula.text + token.begin,
                                  (size_t)(token.end - token.begin));
  Next(parser);
  if (IsSign(parser, '[') && !ParseIndex(parser, item)) return NULL;
  if (IsSign(parser, '(') && !ParseArguments(parser, item)) return NULL;
  item->end = parser->reader.before.end;
  item->ast.place = RhoReaderPlace(&parser->reader, item->begin, item->end);
  return Failed(parser) ? NULL : item;
}

static Item *ParseNumber(Parser *parser) {
  RhoToken token = *Token(parser);
  Item *item = NewItem(parser, RHO_AST_NUMBER, 0, token.begin, token.end);
  item->ast.number = token.number;
  Next(parser);
  return Failed(parser) ? NULL : item;
}

static Item *ParsePrimary(Parser *parser) {
  if (Failed(parser)) return NULL;
  if (Token(parser)->kind == RHO_TOK_NUMBER) return ParseNumber(parser);
  if (Token(parser)->kind == RHO_TOK_NAME) return ParseName(parser);
  if (IsSign(parser, '(')) return ParseParenthesis(parser);
  if (IsSign(parser, '|') || IsDoubleBar(parser)) return ParseBars(parser);
  return FailOperand(parser);
}

/* ---- operators --------------------------------------------------------------------------------------------------- */

static Item *ParsePower(Parser *parser) {
  Item *base = ParsePrimary(parser);
  if (!base || !IsSign(parser, '^')) return base;
  Next(parser);
  if (!Enter(parser)) return NULL;
  Item *exponent = Leave(parser, ParseUnary(parser));
  return exponent ? NewOperation(parser, '^', base->begin, base, exponent) : NULL;
}

/* A sign before its operand; the operand is of the same level of the grammar. */
static Item *ParsePrefix(Parser *parser, Item *(*operand)(Parser *)) {
  RhoToken sign = *Token(parser);
  Next(parser);
  if (!Enter(parser)) return NULL;
  Item *item = Leave(parser, operand(parser));
  if (!item || sign.sign == '+') return item;
  return NewOperation(parser, sign.sign, sign.begin, item, NULL);
}

static Item *ParseUnary(Parser *parser) {
  return IsSign(parser, '-') || IsSign(parser, '+') ? ParsePrefix(parser, ParseUnary) : ParsePower(parser);
}

static Item *ParseNot(Parser *parser) {
  return IsSign(parser, '!') ? ParsePrefix(parser, ParseNot) : ParseLevel(parser, COMPARE);
}

static Item *ParseOperand(Parser *parser, int level) {
  if (level == PRODUCT) return ParseUnary(parser);
  return level == AND ? ParseNot(parser) : ParseLevel(parser, level + 1);
}

static bool HasLevelSign(Parser *parser, int level) {
  if (Failed(parser)) return false;
  if (IsDoubleBar(parser) && parser->nbar >= 2) RhoReaderSplit(&parser->reader);
  char sign = Token(parser)->sign;
  return sign != 0 && strchr(level_sign[level], sign) != NULL;
}

static Item *ParseLevel(Parser *parser, int level) {
  Item *left = ParseOperand(parser, level);
  for (int n = 0; left && HasLevelSign(parser, level); n++) {
    RhoToken sign = *Token(parser);
    if (level == COMPARE && n == 1)
      return Fail(parser, RHO_ID_SYNTAX, &sign, "comparisons do not chain", "write a < b and b < c");
    Next(parser);
    Item *right = ParseOperand(parser, level);
    left = right ? NewOperation(parser, sign.sign, left->begin, left, right) : NULL;
  }
  return Failed(parser) ? NULL : left;
}

const RhoAst *RhoParse(RhoArena arena, RhoDiag diag, RhoFormula formula) {
  Parser parser = {.reader = {.arena = arena, .diag = diag, .formula = formula}};
  Next(&parser);
  Item *item = ParseInside(&parser, 0);
  if (item && Token(&parser)->kind != RHO_TOK_END) item = FailAfterOperand(&parser);
  return item && !Failed(&parser) ? &item->ast : NULL;
}
