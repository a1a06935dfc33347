/* base.h - source texts, diagnostics with file:line:column and a hint, arenas, strings.
   Layer base (libc only).  No MPI, no PETSc; errors are collected, never printed behind the caller's back.

   Memory: everything that lives as long as an object comes from its arena.  When memory runs out the arena
   jumps to the point its owner set (RhoArenaGuard), so the code between needs no checks; see arena.c. */
#ifndef RHOFLUX_BASE_H
#define RHOFLUX_BASE_H
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#if defined(__GNUC__)
#define RHO_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#else
#define RHO_PRINTF(fmt, first)
#endif

/* A function marked so is compiled for each of the vector units there are; RHO_VECTORS: it is. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define RHO_VECTOR_LEVELS __attribute__((target_clones("avx512f", "avx2", "default")))
#define RHO_VECTORS
#else
#define RHO_VECTOR_LEVELS
#endif

/* What a call of the PETSc-free layers returns.  RHO_INPUT: the diagnostics say what is wrong with the user's files. */
typedef enum { RHO_OK = 0, RHO_INPUT = 1, RHO_NOMEM = 2 } RhoStatus;

/* ---- arenas ------------------------------------------------------------------------------------------------ */

typedef struct RhoArena_s *RhoArena;

/* Returns NULL when there is no memory. */
RhoArena RhoArenaCreate(void);
void RhoArenaDestroy(RhoArena *arena);
/* Where to go when memory runs out: if (setjmp(*RhoArenaGuard(a))) return RHO_NOMEM;
   Set it again in every function entered from outside: the frame it was set in must still be running.  After the
   jump the arena is whole.  Without a guard the process aborts. */
jmp_buf *RhoArenaGuard(RhoArena arena);
/* nbyte zeroed bytes, aligned for any type; never NULL. */
void *RhoArenaAlloc(RhoArena arena, size_t nbyte);
char *RhoArenaString(RhoArena arena, const char *text, size_t nbyte);          /* a copy, terminated */
char *RhoArenaPrint(RhoArena arena, const char *format, ...) RHO_PRINTF(2, 3); /* formatted into the arena */
/* Doubles the room of a growing array: items become [capacity'] items of itemsize, old ones copied. */
void *RhoArenaGrow(RhoArena arena, void *items, int *capacity, size_t itemsize);
/* For tests: the n-th allocation of any arena from now on fails, and only that one (0: none). */
void RhoArenaFailAt(long n);

#define RHO_PUSH(arena, array, n, capacity)                                                                            \
  ((n) == (capacity) ? (array) = RhoArenaGrow((arena), (array), &(capacity), sizeof *(array)) : (array),               \
   &(array)[(n)++])

/* ---- places and diagnostics ---------------------------------------------------------------------------------- */

typedef struct RhoDiag_s *RhoDiag; /* collects reports; owns the source texts it quotes */

/* A place in a source text.  source: id from RhoDiagAddSource, or -1 (no place).  offset, length: bytes. */
typedef struct {
  int source;
  int offset;
  int length;
} RhoPlace;
#define RHO_NOWHERE ((RhoPlace){-1, 0, 0})

typedef enum { RHO_NOTE, RHO_WARNING, RHO_ERROR } RhoSeverity;

/* Every diagnostic has an id, a row of diagnostics.def: RHO_ID_UNKNOWN_NAME prints as [unknown-name]. */
typedef enum {
#define RHO_DIAGNOSTIC(id, text, severity) RHO_ID_##id,
#include "rhoflux/diagnostics.def"
#undef RHO_DIAGNOSTIC
  RHO_ID_COUNT
} RhoDiagId;

RhoDiag RhoDiagCreate(void);
void RhoDiagDestroy(RhoDiag *diag);

/* Registers a text under the name to be printed; copies it.  Returns its id (>= 0), or -1 without memory. */
int RhoDiagAddSource(RhoDiag diag, const char *name, const char *text, size_t nbyte);
/* The same of a part of a file too large to be held: text begins with line number `line` (from 1) of it. */
int RhoDiagAddExcerpt(RhoDiag diag, const char *name, int line, const char *text, size_t nbyte);
/* Reads a whole file (at most 16 MiB, no NUL byte, valid UTF-8) and registers it without a byte order mark; on failure
   returns -1 and reports CANNOT_READ at from, or NOT_UTF8 at the offending byte.  The text stays owned by diag. */
int RhoDiagReadFile(RhoDiag diag, const char *path, RhoPlace from);
const char *RhoDiagSourceText(RhoDiag diag, int source, size_t *nbyte);
const char *RhoDiagSourceName(RhoDiag diag, int source);
/* 1-based line and column (columns count UTF-8 characters). */
void RhoDiagLineColumn(RhoDiag diag, RhoPlace place, int *line, int *column);

/* Collects one report.  Identical reports (same id and place; without a place, same message) are kept and counted
   once.  After 50 errors the rest are counted only. */
void RhoDiagReport(RhoDiag diag, RhoDiagId id, RhoPlace place, const char *format, ...) RHO_PRINTF(4, 5);
/* Adds a hint line to the report made last; does nothing when that one was not kept. */
void RhoDiagHint(RhoDiag diag, const char *format, ...) RHO_PRINTF(2, 3);
/* Adds a second place to the report made last ("first defined here"). */
void RhoDiagAlso(RhoDiag diag, RhoPlace place, const char *format, ...) RHO_PRINTF(3, 4);
int RhoDiagErrors(RhoDiag diag);
int RhoDiagCount(RhoDiag diag);
RhoDiagId RhoDiagIdAt(RhoDiag diag, int report);
RhoPlace RhoDiagPlaceAt(RhoDiag diag, int report);
const char *RhoDiagIdText(RhoDiagId id);
/* name:line:column: error: message [id], the line, a caret, the hint; sorted by source and place. */
void RhoDiagPrint(RhoDiag diag, FILE *stream);
void RhoDiagPrintJson(RhoDiag diag, FILE *stream);

/* The candidate nearest to name by edit distance (with transpositions), else one that name abbreviates (params), or
   NULL when there is none to suggest. */
const char *RhoSuggest(const char *name, int ncandidate, const char *const *candidate);

/* ---- growing text ---------------------------------------------------------------------------------------------- */

typedef struct RhoText_s *RhoText; /* a text that grows, in an arena */
RhoText RhoTextCreate(RhoArena arena);
void RhoTextAdd(RhoText text, const char *format, ...) RHO_PRINTF(2, 3);
void RhoTextAddN(RhoText text, const char *bytes, size_t nbyte);
const char *RhoTextGet(RhoText text); /* terminated; valid until the next RhoTextAdd */
size_t RhoTextLength(RhoText text);

#endif
