/* arena.c - memory that lives as long as its owner.

   An arena is a list of blocks; an allocation takes the next aligned bytes of the first block or begins a new one.
   Invariants: the first block is the one with room; used <= room in each; every byte behind used is zero.
   Running out of memory is a jump to the guard, after which the arena is whole: it can be used on or destroyed. */
#include "base_private.h"
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 4096, LARGEST_ROOM = 1 << 20, FIRST_CAPACITY = 8 };

typedef struct Block_s {
  struct Block_s *next;
  size_t used, room;
  max_align_t bytes[];
} Block;

struct RhoArena_s {
  Block *block;
  jmp_buf guard;
  bool guarded;
};

/* Countdown to the failure a test asked for; the one variable of the library that is not in an object. */
static long fail_countdown = 0;

void RhoArenaFailAt(long n) { fail_countdown = n; }

static bool FailsNow(void) { return fail_countdown > 0 && --fail_countdown == 0; }

RhoArena RhoArenaCreate(void) { return calloc(1, sizeof(struct RhoArena_s)); }

void RhoArenaDestroy(RhoArena *arena) {
  if (!*arena) return;
  for (Block *block = (*arena)->block, *next; block; block = next) {
    next = block->next;
    free(block);
  }
  free(*arena);
  *arena = NULL;
}

jmp_buf *RhoArenaGuard(RhoArena arena) {
  arena->guarded = true;
  return &arena->guard;
}

_Noreturn static void OutOfMemory(RhoArena arena) {
  if (arena->guarded) longjmp(arena->guard, 1);
  fputs("rhoflux: out of memory\n", stderr);
  abort();
}

/* A new block with room for nbyte.  A request too large for the usual size gets a block of its own behind the first. */
static Block *AddBlock(RhoArena arena, size_t nbyte) {
  Block *first = arena->block;
  size_t room = !first ? FIRST_ROOM : first->room < LARGEST_ROOM / 2 ? 2 * first->room : LARGEST_ROOM;
  bool own = nbyte > room;
  if (own) room = nbyte;
  Block *block = calloc(1, sizeof *block + room);
  if (!block) OutOfMemory(arena);
  block->room = room;
  Block **at = own && first ? &first->next : &arena->block;
  block->next = *at;
  *at = block;
  return block;
}

void *RhoArenaAlloc(RhoArena arena, size_t nbyte) {
  const size_t align = sizeof(max_align_t);
  if (FailsNow() || nbyte > SIZE_MAX / 2) OutOfMemory(arena);
  nbyte = nbyte ? (nbyte + align - 1) / align * align : align;
  Block *block = arena->block;
  if (!block || block->room - block->used < nbyte) block = AddBlock(arena, nbyte);
  void *bytes = (char *)block->bytes + block->used;
  block->used += nbyte;
  return bytes;
}

char *RhoArenaString(RhoArena arena, const char *text, size_t nbyte) {
  char *copy = RhoArenaAlloc(arena, nbyte + 1);
  if (nbyte) memcpy(copy, text, nbyte);
  return copy;
}

char *rho_arena_vprint(RhoArena arena, const char *format, va_list args) {
  va_list again;
  va_copy(again, args);
  int nbyte = vsnprintf(NULL, 0, format, again);
  va_end(again);
  if (nbyte < 0) OutOfMemory(arena);
  char *text = RhoArenaAlloc(arena, (size_t)nbyte + 1);
  vsnprintf(text, (size_t)nbyte + 1, format, args);
  return text;
}

char *RhoArenaPrint(RhoArena arena, const char *format, ...) {
  va_list args;
  va_start(args, format);
  char *text = rho_arena_vprint(arena, format, args);
  va_end(args);
  return text;
}

void *RhoArenaGrow(RhoArena arena, void *items, int *capacity, size_t itemsize) {
  if (*capacity > INT_MAX / 2) OutOfMemory(arena);
  int larger = *capacity ? 2 * *capacity : FIRST_CAPACITY;
  if (itemsize > SIZE_MAX / 2 / (size_t)larger) OutOfMemory(arena);
  void *grown = RhoArenaAlloc(arena, (size_t)larger * itemsize);
  if (*capacity) memcpy(grown, items, (size_t)*capacity * itemsize);
  *capacity = larger;
  return grown;
}
