/* text.c - a text that grows.  Invariant: length < room and bytes[length] == 0. */
#include "base_private.h"
#include <stdint.h>
#include <string.h>

struct RhoText_s {
  RhoArena arena;
  char *bytes;
  size_t length, room;
};

RhoText RhoTextCreate(RhoArena arena) {
  RhoText text = RhoArenaAlloc(arena, sizeof *text);
  text->arena = arena;
  text->room = 64;
  text->bytes = RhoArenaAlloc(arena, text->room);
  return text;
}

/* Makes room for nbyte more and the terminator. */
static void Reserve(RhoText text, size_t nbyte) {
  if (nbyte < text->room - text->length) return;
  size_t room = nbyte < SIZE_MAX / 4 ? 2 * (text->length + nbyte + 1) : SIZE_MAX; /* the arena refuses the latter */
  char *bytes = RhoArenaAlloc(text->arena, room);
  memcpy(bytes, text->bytes, text->length);
  text->bytes = bytes;
  text->room = room;
}

void RhoTextAddN(RhoText text, const char *bytes, size_t nbyte) {
  Reserve(text, nbyte);
  if (nbyte) memcpy(text->bytes + text->length, bytes, nbyte);
  text->length += nbyte;
  text->bytes[text->length] = 0;
}

void RhoTextAdd(RhoText text, const char *format, ...) {
  va_list args;
  va_start(args, format);
  int nbyte = vsnprintf(NULL, 0, format, args);
  va_end(args);
  if (nbyte < 0) return;
  Reserve(text, (size_t)nbyte);
  va_start(args, format);
  vsnprintf(text->bytes + text->length, (size_t)nbyte + 1, format, args);
  va_end(args);
  text->length += (size_t)nbyte;
}

const char *RhoTextGet(RhoText text) { return text->bytes; }

size_t RhoTextLength(RhoText text) { return text->length; }
