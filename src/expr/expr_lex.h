/* expr_lex.h - the words of a formula, for expr_lex.c and expr_parse.c.

   A reader goes through the bytes of one formula, one token at a time; the first mistake is reported and ends it
   (failed).  Every reported span is in bytes of the formula; RhoReaderPlace maps it to the source. */
#ifndef RHOFLUX_EXPR_LEX_H
#define RHOFLUX_EXPR_LEX_H
#include "rhoflux/expr.h"

typedef enum { RHO_TOK_END, RHO_TOK_NUMBER, RHO_TOK_NAME, RHO_TOK_SIGN } RhoTokenKind;

typedef struct {
  RhoTokenKind kind;
  char sign; /* as in RhoAst.op, and ( ) [ ] , | !; '&' and 'o' also for the words, '!' for not */
  double number;
  int begin, end; /* bytes of the formula */
} RhoToken;

typedef struct {
  RhoArena arena;
  RhoDiag diag; /* NULL: mistakes are not reported */
  RhoFormula formula;
  RhoToken token;  /* the one to be looked at */
  RhoToken before; /* the one before it */
  bool failed;
} RhoReader;

RhoPlace RhoReaderPlace(const RhoReader *reader, int begin, int end);
/* Reads the next token into reader->token. */
void RhoReaderNext(RhoReader *reader);
/* Gives back the second half of a token of two signs: "||" becomes "|", to be read next. */
void RhoReaderSplit(RhoReader *reader);
/* Reports once; later mistakes of the same formula are consequences.  hint may be NULL. */
void RhoReaderFail(RhoReader *reader, RhoDiagId id, int begin, int end, const char *message, const char *hint);
/* The bytes of a span for a message, at most 20 of them, never half a character. */
const char *RhoReaderQuote(RhoReader *reader, int begin, int end);

#endif
