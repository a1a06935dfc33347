/* yaml_private.h - what the YAML files of layer model share. */
#ifndef RHOFLUX_YAML_PRIVATE_H
#define RHOFLUX_YAML_PRIVATE_H
#include "rhoflux/model.h"

typedef enum { YAML_TEXT, YAML_LIST, YAML_MAP, YAML_END, YAML_ALIAS } YamlEventKind;

/* One event of libyaml with the bytes of the source it comes from. */
typedef struct {
  YamlEventKind kind;
  char style; /* TEXT: 'p'lain, '\'', '"', '|', '>' ; LIST, MAP: 'f'low or 'b'lock */
  bool anchor, tag;
  int begin, end;  /* bytes of the source */
  int text, nbyte; /* TEXT: its value, YamlEvents.bytes + text */
} YamlEvent;

typedef enum {
  YAML_SOUND,
  YAML_BROKEN, /* libyaml's problem, at the bytes problem and context */
  YAML_EMPTY,  /* no document */
  YAML_SECOND, /* a second document begins at problem */
  YAML_DEEP    /* nested too deeply at problem */
} YamlState;

typedef struct {
  int nevent;
  YamlEvent *event;
  char *bytes;
  YamlState state;
  char message[160];
  int problem, context; /* -1: unknown */
} YamlEvents;

/* The events of a source, as far as libyaml gets. */
YamlEvents rho_yaml_events(RhoArena arena, const char *source, size_t nbyte);

/* The place map of a text event: map[k] is the byte of the source that byte k of the value comes from, or NULL when
   the value stands there byte for byte, from *base on. */
const int *rho_yaml_map(RhoArena arena, const char *source, const YamlEvent *event, const char *value, int *base);

/* ---- traps (yaml_traps.c): what a formula turns into when YAML reads it in its own way ---- */

typedef struct {
  RhoDiag diag;
  int source;
  const char *bytes; /* of the source */
  int nbyte;
  const YamlEvents *events;
} YamlText;

/* Reports why the events stop. */
void rho_yaml_report_failure(const YamlText *yaml);
/* Reports anchors, aliases and tags; false when there were some. */
bool rho_yaml_check_marks(const YamlText *yaml);
/* Reports a plain text that YAML cut at a comma of flow style (true) or at ' #'. */
bool rho_yaml_check_cut(const YamlText *yaml, const YamlEvent *event, bool flow);

#endif
