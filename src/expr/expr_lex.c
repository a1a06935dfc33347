/* expr_lex.c - the words of a formula: numbers, names, signs; and what is wrong with the other characters. */
#include "expr_lex.h"
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- places and reports ------------------------------------------------------------------------------------------ */

static int SourceOffset(const RhoFormula *formula, int at) {
  return formula->map ? formula->map[at] : formula->base + at;
}

RhoPlace RhoReaderPlace(const RhoReader *reader, int begin, int end) {
  const RhoFormula *formula = &reader->formula;
  int first = SourceOffset(formula, begin);
  int last = end > begin ? SourceOffset(formula, end - 1) + 1 : first;
  return formula->source < 0 ? RHO_NOWHERE : (RhoPlace){formula->source, first, last - first};
}

void RhoReaderFail(RhoReader *reader, RhoDiagId id, int begin, int end, const char *message, const char *hint) {
  if (!reader->failed && reader->diag) {
    RhoDiagReport(reader->diag, id, RhoReaderPlace(reader, begin, end), "%s", message);
    if (hint) RhoDiagHint(reader->diag, "%s", hint);
  }
  reader->failed = true;
}

static bool IsContinuation(char byte) { return ((unsigned char)byte & 0xc0) == 0x80; }

const char *RhoReaderQuote(RhoReader *reader, int begin, int end) {
  int stop = end - begin <= 20 ? end : begin + 20;
  while (stop > begin && stop < end && IsContinuation(reader->formula.text[stop])) stop--;
  return RhoArenaPrint(reader->arena, "%.*s%s", stop - begin, reader->formula.text + begin, stop < end ? "..." : "");
}

/* ---- characters that do not belong ------------------------------------------------------------------------------- */

/* Longer spellings before their beginnings. */
static const struct {
  const char *bytes, *name, *hint;
} stranger[] = {
    {"**", "'**'", "powers are written x^2"},
    {"&", "'&'", "write 'and'"},
    {"=", "'='", "comparison is written =="},
    {"%", "'%'", "there is no remainder; write a fraction as a number: 0.05 for 5 %"},
    {"~", "'~'", "write 'not'"},
    {"?", "'?'", "a choice is written if(condition, then, else)"},
    {":", "':'", "a choice is written if(condition, then, else)"},
    {"{", "'{'", "group with ( )"},
    {"}", "'}'", "group with ( )"},
    {"\\", "'\\'", "formulas are plain text, not LaTeX: sqrt(x), rho, grad(phi)"},
    {"$", "'$'", "formulas are plain text, not LaTeX: sqrt(x), rho, grad(phi)"},
    {";", "';'", "one formula at a time; arguments are separated by ','"},
    {"\"", "a quote", "names are written without quotes"},
    {"'", "an apostrophe", "a derivative along x is written d(f, x)"},
    {"#", "'#'", NULL},
    {"@", "'@'", NULL},
    {".", "'.'", "a number needs a digit; products are written with *"},
    {"\xe2\x88\x92", "the minus sign U+2212", "write the hyphen '-'"},
    {"\xe2\x80\x93", "a dash", "write the hyphen '-'"},
    {"\xe2\x80\x94", "a dash", "write the hyphen '-'"},
    {"\xe2\x80\x90", "a typographic hyphen", "write the plain '-'"},
    {"\xc3\x97", "the multiplication sign", "products are written with *"},
    {"\xc2\xb7", "the multiplication dot", "products are written with *"},
    {"\xe2\x8b\x85", "the multiplication dot", "products are written with *"},
    {"\xe2\x88\x97", "the operator U+2217", "products are written with *"},
    {"\xc3\xb7", "the division sign", "quotients are written with /"},
    {"\xe2\x81\x84", "the fraction slash", "quotients are written with /"},
    {"\xc2\xb2", "a superscript", "powers are written x^2"},
    {"\xc2\xb3", "a superscript", "powers are written x^3"},
    {"\xe2\x81", "a superscript", "powers are written x^n"},
    {"\xe2\x82", "a subscript", "write rho_1 or rho[1]"},
    {"\xe2\x89\xa4", "the sign U+2264", "write <="},
    {"\xe2\x89\xa5", "the sign U+2265", "write >="},
    {"\xe2\x89\xa0", "the sign U+2260", "write !="},
    {"\xe2\x88\x9a", "the root sign", "write sqrt(x)"},
    {"\xe2\x88\x87", "nabla", "write grad(f), div(a*grad(b)) or lap(f)"},
    {"\xe2\x88\x82", "the sign U+2202", "a derivative along x is written d(f, x)"},
    {"\xe2\x88\x86", "the sign U+2206", "write lap(f)"},
    {"\xe2\x88\xab", "the integral sign", "write integral(x, f)"},
    {"\xe2\x88\x91", "the sum sign", "write sum(i, ...)"},
    {"\xe2\x80\x98", "a typographic quote", "names are written without quotes"},
    {"\xe2\x80\x99", "a typographic quote", "names are written without quotes"},
    {"\xe2\x80\x9c", "a typographic quote", "names are written without quotes"},
    {"\xe2\x80\x9d", "a typographic quote", "names are written without quotes"},
    {"\xc2\xa0", "a no-break space", "write a plain space"},
    {"\xe2\x80\x89", "a thin space", "write a plain space"},
    {"\xe2\x80\xaf", "a thin space", "write a plain space"},
    {"\xef\xbb\xbf", "a byte order mark", "save the file without it"},
    {"\xcf\x80", "the letter pi", "names have plain letters only: pi"},
    {"\xcf\x81", "the letter rho", "names have plain letters only: rho"},
    {"\xcf\x86", "the letter phi", "names have plain letters only: phi"},
    {"\xcf\x95", "the letter phi", "names have plain letters only: phi"},
    {"\xce\xbc", "the letter mu", "names have plain letters only: mu"},
    {"\xce\xba", "the letter kappa", "names have plain letters only: kappa"},
    {"\xce", "a Greek letter", "names have plain letters only: rho, phi, mu"},
    {"\xcf", "a Greek letter", "names have plain letters only: rho, phi, mu"},
    {"\xc3", "a letter with an accent", "names have plain letters, digits and _ only"},
};

static int CharacterLength(const RhoReader *reader, int at) {
  int n = 1;
  while (at + n < (int)reader->formula.nbyte && IsContinuation(reader->formula.text[at + n])) n++;
  return n;
}

static bool StartsWith(const RhoReader *reader, int at, const char *bytes) {
  size_t n = strlen(bytes);
  return reader->formula.nbyte - (size_t)at >= n && memcmp(reader->formula.text + at, bytes, n) == 0;
}

static void FailUnknown(RhoReader *reader, int at) {
  unsigned char byte = (unsigned char)reader->formula.text[at];
  int end = at + CharacterLength(reader, at);
  const char *what = byte < 0x20 || byte == 0x7f ? RhoArenaPrint(reader->arena, "the control character %02x", byte)
                     : byte < 0x80               ? RhoArenaPrint(reader->arena, "'%c'", byte)
                                                 : RhoReaderQuote(reader, at, end);
  RhoReaderFail(reader, RHO_ID_BAD_CHARACTER, at, end,
                RhoArenaPrint(reader->arena, "%s has no meaning in a formula", what),
                "formulas have numbers, names, + - * / ^ ( ) [ ] , | and comparisons");
}

static void FailCharacter(RhoReader *reader, int at) {
  for (size_t k = 0; k < sizeof stranger / sizeof *stranger; k++) {
    if (!StartsWith(reader, at, stranger[k].bytes)) continue;
    int end = at + ((unsigned char)stranger[k].bytes[0] < 0x80 ? (int)strlen(stranger[k].bytes)
                                                               : CharacterLength(reader, at));
    RhoReaderFail(reader, RHO_ID_BAD_CHARACTER, at, end,
                  RhoArenaPrint(reader->arena, "%s has no meaning in a formula", stranger[k].name), stranger[k].hint);
    return;
  }
  FailUnknown(reader, at);
}

/* ---- numbers ----------------------------------------------------------------------------------------------------- */

static char ByteAt(const RhoReader *reader, int at) {
  return at < (int)reader->formula.nbyte ? reader->formula.text[at] : '\0';
}

static bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
static bool IsDigit(char c) { return c >= '0' && c <= '9'; }
static bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

static int SkipDigits(const RhoReader *reader, int at) {
  while (IsDigit(ByteAt(reader, at))) at++;
  return at;
}

/* strtod wants the decimal point of the host program's locale; a formula always has a dot. */
static double Decimal(RhoReader *reader, int begin, int end) {
  const char *point = localeconv()->decimal_point;
  const char *text = reader->formula.text + begin;
  const char *dot = memchr(text, '.', (size_t)(end - begin));
  int before = dot ? (int)(dot - text) : end - begin;
  int after = dot ? end - begin - before - 1 : 0;
  const char *rest = dot ? dot + 1 : "";
  return strtod(RhoArenaPrint(reader->arena, "%.*s%s%.*s", before, text, dot ? point : "", after, rest), NULL);
}

/* The end of e+10 after a number, at when there is none, -1 when it has no digits. */
static int SkipExponent(const RhoReader *reader, int at) {
  char c = ByteAt(reader, at);
  if (c != 'e' && c != 'E') return at;
  int digits = at + 1 + (ByteAt(reader, at + 1) == '+' || ByteAt(reader, at + 1) == '-');
  int end = SkipDigits(reader, digits);
  return end > digits ? end : -1;
}

static void FailExponent(RhoReader *reader, int begin, int at) {
  const char *digits = RhoReaderQuote(reader, begin, at);
  RhoReaderFail(reader, RHO_ID_BAD_NUMBER, begin, at + 1, "the exponent has no digits",
                RhoArenaPrint(reader->arena, "write %se3 for a number, %s*e for a product", digits, digits));
}

static void ReadNumber(RhoReader *reader, int begin) {
  int at = SkipDigits(reader, begin);
  if (ByteAt(reader, at) == '.') at = SkipDigits(reader, at + 1);
  int end = SkipExponent(reader, at);
  if (end < 0) {
    FailExponent(reader, begin, at);
    return;
  }
  reader->token = (RhoToken){.kind = RHO_TOK_NUMBER, .begin = begin, .end = end};
  if (ByteAt(reader, end) == '.') {
    RhoReaderFail(reader, RHO_ID_BAD_NUMBER, begin, end + 1, "a number with two decimal points", NULL);
    return;
  }
  reader->token.number = Decimal(reader, begin, end);
  if (!isfinite(reader->token.number))
    RhoReaderFail(reader, RHO_ID_BAD_NUMBER, begin, end, "the number is too large", "numbers reach up to 1.79e308");
}

/* ---- names and signs --------------------------------------------------------------------------------------------- */

static bool IsWord(const RhoReader *reader, int begin, int end, const char *word) {
  return end - begin == (int)strlen(word) && StartsWith(reader, begin, word);
}

static void ReadName(RhoReader *reader, int begin) {
  int end = begin;
  while (IsLetter(ByteAt(reader, end)) || IsDigit(ByteAt(reader, end))) end++;
  reader->token = (RhoToken){.kind = RHO_TOK_NAME, .begin = begin, .end = end};
  if (IsWord(reader, begin, end, "and")) reader->token.sign = '&';
  if (IsWord(reader, begin, end, "or")) reader->token.sign = 'o';
  if (IsWord(reader, begin, end, "not")) reader->token.sign = '!';
  if (reader->token.sign) reader->token.kind = RHO_TOK_SIGN;
}

/* Signs of two bytes first.  "||" is 'o'; where bars are open the parser splits it. */
static const struct {
  char bytes[3];
  char sign;
} sign_row[] = {{"<=", 'l'}, {">=", 'g'}, {"==", '='}, {"!=", 'n'}, {"&&", '&'}, {"||", 'o'}, {"<", '<'},
                {">", '>'},  {"!", '!'},  {"+", '+'},  {"-", '-'},  {"*", '*'},  {"/", '/'},  {"^", '^'},
                {"(", '('},  {")", ')'},  {"[", '['},  {"]", ']'},  {",", ','},  {"|", '|'}};

static void ReadSign(RhoReader *reader, int at) {
  for (size_t k = 0; k < sizeof sign_row / sizeof *sign_row; k++) {
    if (!StartsWith(reader, at, sign_row[k].bytes) || StartsWith(reader, at, "**")) continue;
    int end = at + (int)strlen(sign_row[k].bytes);
    reader->token = (RhoToken){.kind = RHO_TOK_SIGN, .sign = sign_row[k].sign, .begin = at, .end = end};
    return;
  }
  FailCharacter(reader, at);
}

void RhoReaderNext(RhoReader *reader) {
  int at = reader->token.end;
  reader->before = reader->token;
  while (IsSpace(ByteAt(reader, at))) at++;
  reader->token = (RhoToken){.kind = RHO_TOK_END, .begin = at, .end = at};
  if (at >= (int)reader->formula.nbyte || reader->failed) return;
  char c = ByteAt(reader, at);
  if (IsDigit(c) || (c == '.' && IsDigit(ByteAt(reader, at + 1)))) ReadNumber(reader, at);
  else if (IsLetter(c)) ReadName(reader, at);
  else ReadSign(reader, at);
}

void RhoReaderSplit(RhoReader *reader) {
  reader->token.sign = '|';
  reader->token.end = reader->token.begin + 1;
}
