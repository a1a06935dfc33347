/* yaml_read.c - YAML as a tree of lists, maps and texts with their places.

   Everything is text: `on`, `no`, `1:30`, `010` mean what they say.  Keys are texts and unique. */
#include "yaml_private.h"
#include <string.h>

enum { LARGEST = 4 << 20, MOST_ENTRIES = 10000 };

typedef struct {
  RhoArena arena;
  YamlText text;
  int next; /* event */
  bool failed;
} Reader;

static const RhoYaml *ReadNode(Reader *reader, bool flow);

static RhoPlace PlaceOf(const Reader *reader, int begin, int end) {
  return (RhoPlace){reader->text.source, begin, end > begin ? end - begin : 1};
}

static void Fail(Reader *reader, RhoDiagId id, RhoPlace place, const char *message, const char *hint) {
  RhoDiagReport(reader->text.diag, id, place, "%s", message);
  RhoDiagHint(reader->text.diag, "%s", hint);
  reader->failed = true;
}

static const YamlEvent *Peek(const Reader *reader) { return &reader->text.events->event[reader->next]; }

static RhoYaml *NewNode(Reader *reader, RhoYamlKind kind, int begin, int end) {
  RhoYaml *node = RhoArenaAlloc(reader->arena, sizeof *node);
  node->kind = kind;
  node->place = PlaceOf(reader, begin, end);
  return node;
}

static const RhoYaml *ReadText(Reader *reader) {
  const YamlEvent *event = Peek(reader);
  RhoYaml *node = NewNode(reader, RHO_YAML_TEXT, event->begin, event->end);
  node->text.text = reader->text.events->bytes + event->text;
  node->text.nbyte = (size_t)event->nbyte;
  node->text.source = reader->text.source;
  node->text.map = rho_yaml_map(reader->arena, reader->text.bytes, event, node->text.text, &node->text.base);
  reader->next++;
  return node;
}

static void SkipNode(Reader *reader) {
  int depth = 0;
  do {
    YamlEventKind kind = reader->text.events->event[reader->next++].kind;
    depth += (kind == YAML_LIST || kind == YAML_MAP) - (kind == YAML_END);
  } while (depth > 0);
}

static void SkipToEnd(Reader *reader) {
  while (Peek(reader)->kind != YAML_END) SkipNode(reader);
}

static const RhoYaml *ReadList(Reader *reader) {
  bool flow = Peek(reader)->style == 'f';
  RhoYaml *list = NewNode(reader, RHO_YAML_LIST, Peek(reader)->begin, Peek(reader)->begin);
  int capacity = 0;
  reader->next++;
  while (Peek(reader)->kind != YAML_END) {
    const RhoYaml *item = ReadNode(reader, flow);
    if (!item) SkipToEnd(reader);
    else *RHO_PUSH(reader->arena, list->item, list->n, capacity) = item;
  }
  reader->next++;
  return list;
}

/* ---- maps ---- */

static const RhoYaml *ReadKey(Reader *reader) {
  const YamlEvent *event = Peek(reader);
  if (event->kind != YAML_TEXT) {
    Fail(reader, RHO_ID_YAML_KEY, PlaceOf(reader, event->begin, event->begin), "a key must be a text",
         "a key that begins with '[', '{' or '?' needs quotes");
    SkipNode(reader);
    return NULL;
  }
  const RhoYaml *key = ReadText(reader);
  if (strcmp(key->text.text, "<<") != 0) return key;
  Fail(reader, RHO_ID_YAML_MERGE, key->place, "merge keys are not used here", "models inherit with 'extends: name'");
  return NULL;
}

static bool IsNewKey(Reader *reader, const RhoYaml *map, const RhoYaml *key) {
  for (int i = 0; i < map->n; i++) {
    if (strcmp(map->key[i]->text.text, key->text.text) != 0) continue;
    Fail(reader, RHO_ID_DUPLICATE_KEY, key->place, RhoArenaPrint(reader->arena, "'%s' is given twice", key->text.text),
         "remove one of them");
    RhoDiagAlso(reader->text.diag, map->key[i]->place, "first given here");
    return false;
  }
  return true;
}

/* Capacities of key and item grow together. */
static void AddEntry(Reader *reader, RhoYaml *map, int *capacity, const RhoYaml *key, const RhoYaml *item) {
  int same = *capacity, n = map->n;
  *RHO_PUSH(reader->arena, map->key, n, same) = key;
  *RHO_PUSH(reader->arena, map->item, map->n, *capacity) = item;
}

/* {kappa: 0,2}: YAML takes the 2 for a key without a value. */
static bool IsDecimalComma(const Reader *reader, const YamlEvent *key) {
  const char *bytes = reader->text.bytes;
  bool between =
      key->begin >= 2 && bytes[key->begin - 1] == ',' && bytes[key->begin - 2] >= '0' && bytes[key->begin - 2] <= '9';
  const char *text = reader->text.events->bytes + key->text;
  return between && key->style == 'p' && *text >= '0' && *text <= '9';
}

/* {k:1}: a colon makes a key only before a blank. */
static bool IsGluedColon(const Reader *reader, const YamlEvent *key) {
  return key->style == 'p' && strchr(reader->text.events->bytes + key->text, ':') != NULL;
}

/* Keys of flow style that have no value, and what was meant. */
static void CheckBareKey(Reader *reader, const YamlEvent *key) {
  const char *text = reader->text.events->bytes + key->text;
  RhoPlace place = PlaceOf(reader, key->begin, key->end);
  if (IsDecimalComma(reader, key))
    Fail(reader, RHO_ID_YAML_FLOW, place, "inside { } a comma begins the next key",
         RhoArenaPrint(reader->arena, "decimals are written with a point: 0.%s", text));
  else if (IsGluedColon(reader, key))
    Fail(reader, RHO_ID_YAML_COLON, place, "a key without a value",
         "a blank stands behind the colon of a key: {key: value}");
}

/* False: nothing more of this map can be understood. */
static bool ReadEntry(Reader *reader, RhoYaml *map, int *capacity, bool flow) {
  const YamlEvent *first = Peek(reader);
  const RhoYaml *key = ReadKey(reader);
  const RhoYaml *item = ReadNode(reader, flow);
  if (!item) return false;
  if (flow && key && item->kind == RHO_YAML_TEXT && !*item->text.text) CheckBareKey(reader, first);
  if (!key || !IsNewKey(reader, map, key)) return true;
  if (map->n == MOST_ENTRIES) {
    Fail(reader, RHO_ID_TOO_LARGE, key->place, "too many entries in one map", "no part of the language needs this");
    return false;
  }
  AddEntry(reader, map, capacity, key, item);
  return true;
}

static const RhoYaml *ReadMap(Reader *reader) {
  bool flow = Peek(reader)->style == 'f';
  RhoYaml *map = NewNode(reader, RHO_YAML_MAP, Peek(reader)->begin, Peek(reader)->begin);
  int capacity = 0;
  reader->next++;
  while (Peek(reader)->kind != YAML_END)
    if (!ReadEntry(reader, map, &capacity, flow)) SkipToEnd(reader);
  reader->next++;
  return map;
}

/* NULL: a text that YAML has cut. */
static const RhoYaml *ReadNode(Reader *reader, bool flow) {
  const YamlEvent *event = Peek(reader);
  if (event->kind == YAML_LIST) return ReadList(reader);
  if (event->kind == YAML_MAP) return ReadMap(reader);
  if (rho_yaml_check_cut(&reader->text, event, flow)) return ReadText(reader);
  reader->failed = true;
  reader->next++;
  return NULL;
}

const RhoYaml *RhoYamlRead(RhoArena arena, RhoDiag diag, int source) {
  size_t nbyte;
  const char *bytes = RhoDiagSourceText(diag, source, &nbyte);
  if (nbyte > LARGEST) {
    RhoDiagReport(diag, RHO_ID_TOO_LARGE, (RhoPlace){source, 0, 0}, "the file is larger than 4 MiB");
    RhoDiagHint(diag, "numbers in bulk belong into a table file");
    return NULL;
  }
  YamlEvents events = rho_yaml_events(arena, bytes, nbyte);
  Reader reader = {.arena = arena, .text = {diag, source, bytes, (int)nbyte, &events}};
  if (!rho_yaml_check_marks(&reader.text)) return NULL;
  if (events.state != YAML_SOUND) {
    rho_yaml_report_failure(&reader.text);
    return NULL;
  }
  const RhoYaml *tree = ReadNode(&reader, false);
  return reader.failed ? NULL : tree;
}
