/* yaml_events.c - the events of a YAML text as an array, each with the bytes it comes from.

   libyaml is run twice, to count and to fill, so that no memory of the arena is asked for (which may jump away)
   while libyaml holds its own.  libyaml counts characters; places count bytes. */
#include "yaml_private.h"
#include <string.h>
#include <yaml.h>

enum { DEEPEST = 64 };

typedef struct {
  YamlEvent *event; /* NULL: count */
  char *bytes;
  int nevent, nbyte, depth, ndocument;
  const int *offset; /* of each character */
  int nchar;
  YamlEvents *result;
} Pass;

/* Byte offset of every character of the source, and of its end. */
static int *CharacterOffsets(RhoArena arena, const char *source, size_t nbyte, int *nchar) {
  int *offset = RhoArenaAlloc(arena, (nbyte + 1) * sizeof *offset);
  *nchar = 0;
  for (size_t at = 0; at < nbyte; at++)
    if (((unsigned char)source[at] & 0xc0) != 0x80) offset[(*nchar)++] = (int)at;
  offset[*nchar] = (int)nbyte;
  return offset;
}

static int ByteOf(const Pass *pass, size_t character) {
  return pass->offset[character < (size_t)pass->nchar ? character : (size_t)pass->nchar];
}

static void Stop(Pass *pass, YamlState state, int problem) {
  pass->result->state = state;
  pass->result->problem = problem;
}

static char TextStyle(yaml_scalar_style_t style) {
  switch (style) {
  case YAML_SINGLE_QUOTED_SCALAR_STYLE: return '\'';
  case YAML_DOUBLE_QUOTED_SCALAR_STYLE: return '"';
  case YAML_LITERAL_SCALAR_STYLE: return '|';
  case YAML_FOLDED_SCALAR_STYLE: return '>';
  default: return 'p';
  }
}

static void AddText(Pass *pass, YamlEvent *event, const yaml_event_t *from) {
  event->kind = YAML_TEXT;
  event->style = TextStyle(from->data.scalar.style);
  event->anchor = from->data.scalar.anchor != NULL;
  event->tag = from->data.scalar.tag != NULL;
  event->text = pass->nbyte;
  event->nbyte = (int)from->data.scalar.length;
  if (pass->bytes) memcpy(pass->bytes + pass->nbyte, from->data.scalar.value, from->data.scalar.length);
  pass->nbyte += event->nbyte + 1;
}

static void Open(Pass *pass, YamlEvent *event, YamlEventKind kind, bool flow, const void *anchor, const void *tag) {
  event->kind = kind;
  event->style = flow ? 'f' : 'b';
  event->anchor = anchor != NULL;
  event->tag = tag != NULL;
  if (++pass->depth > DEEPEST) Stop(pass, YAML_DEEP, event->begin);
}

/* False: the event is none of the tree's. */
static bool Translate(Pass *pass, const yaml_event_t *from, YamlEvent *event) {
  *event = (YamlEvent){.begin = ByteOf(pass, from->start_mark.index), .end = ByteOf(pass, from->end_mark.index)};
  switch (from->type) {
  case YAML_SCALAR_EVENT: AddText(pass, event, from); return true;
  case YAML_SEQUENCE_START_EVENT:
    Open(pass, event, YAML_LIST, from->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE,
         from->data.sequence_start.anchor, from->data.sequence_start.tag);
    return true;
  case YAML_MAPPING_START_EVENT:
    Open(pass, event, YAML_MAP, from->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE,
         from->data.mapping_start.anchor, from->data.mapping_start.tag);
    return true;
  case YAML_SEQUENCE_END_EVENT:
  case YAML_MAPPING_END_EVENT:
    event->kind = YAML_END;
    pass->depth--;
    return true;
  case YAML_ALIAS_EVENT: event->kind = YAML_ALIAS; return true;
  case YAML_DOCUMENT_START_EVENT:
    if (++pass->ndocument == 2) Stop(pass, YAML_SECOND, event->begin);
    return false;
  default: return false;
  }
}

/* libyaml's "problem" and "context" are static strings. */
static void Break(Pass *pass, const yaml_parser_t *parser) {
  bool reader = parser->error == YAML_READER_ERROR;
  Stop(pass, YAML_BROKEN, reader ? (int)parser->problem_offset : ByteOf(pass, parser->problem_mark.index));
  pass->result->context = parser->context ? ByteOf(pass, parser->context_mark.index) : -1;
  const char *problem = parser->problem ? parser->problem : "not YAML";
  strncpy(pass->result->message, problem, sizeof pass->result->message - 1);
}

/* One event.  False at the end, on failure, and when libyaml finds no memory (*nomem). */
static bool Step(Pass *pass, yaml_parser_t *parser, bool *nomem) {
  yaml_event_t from;
  if (!yaml_parser_parse(parser, &from)) {
    *nomem = parser->error == YAML_MEMORY_ERROR;
    Break(pass, parser);
    return false;
  }
  YamlEvent event;
  bool more = from.type != YAML_STREAM_END_EVENT;
  if (Translate(pass, &from, &event)) {
    if (pass->event) pass->event[pass->nevent] = event;
    pass->nevent++;
  }
  yaml_event_delete(&from);
  return more && pass->result->state == YAML_SOUND;
}

/* False when libyaml finds no memory. */
static bool Run(Pass *pass, const char *source, size_t nbyte) {
  yaml_parser_t parser;
  bool nomem = false;
  pass->nevent = pass->nbyte = pass->depth = pass->ndocument = 0;
  pass->result->state = YAML_SOUND;
  if (!yaml_parser_initialize(&parser)) return false;
  yaml_parser_set_input_string(&parser, (const unsigned char *)source, nbyte);
  yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
  while (Step(pass, &parser, &nomem)) {
  }
  yaml_parser_delete(&parser);
  return !nomem;
}

_Noreturn static void OutOfMemory(RhoArena arena) {
  for (;;) RhoArenaAlloc(arena, (size_t)-1); /* takes the arena's guard */
}

YamlEvents rho_yaml_events(RhoArena arena, const char *source, size_t nbyte) {
  YamlEvents events = {.problem = -1, .context = -1};
  Pass pass = {.result = &events};
  pass.offset = CharacterOffsets(arena, source, nbyte, &pass.nchar);
  if (!Run(&pass, source, nbyte)) OutOfMemory(arena);
  char *bytes = RhoArenaAlloc(arena, (size_t)pass.nbyte + 1);
  pass.event = RhoArenaAlloc(arena, ((size_t)pass.nevent + 1) * sizeof *pass.event);
  pass.bytes = bytes;
  if (!Run(&pass, source, nbyte)) OutOfMemory(arena);
  if (events.state == YAML_SOUND && pass.ndocument == 0) Stop(&pass, YAML_EMPTY, 0);
  events.nevent = pass.nevent;
  events.event = pass.event;
  events.bytes = bytes;
  return events;
}
