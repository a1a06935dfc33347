/* json.c - JSON (RFC 8259) written in a straight line: commas and quotes are taken care of. */
#include "cli_private.h"
#include <math.h>

static void PutText(const char *text, FILE *stream) {
  fputc('"', stream);
  for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
    if (*at == '"' || *at == '\\') fprintf(stream, "\\%c", *at);
    else if (*at < 0x20) fprintf(stream, "\\u%04x", *at);
    else fputc(*at, stream);
  }
  fputc('"', stream);
}

static void PutKey(RhoJson *json, const char *key) {
  if (!json->first) fputs(", ", json->stream);
  json->first = false;
  if (!key) return;
  PutText(key, json->stream);
  fputs(": ", json->stream);
}

void rho_json_open(RhoJson *json, const char *key, char bracket) {
  PutKey(json, key);
  fputc(bracket, json->stream);
  json->first = true;
}

void rho_json_close(RhoJson *json, char bracket) {
  fputc(bracket, json->stream);
  json->first = false;
}

void rho_json_text(RhoJson *json, const char *key, const char *text) {
  PutKey(json, key);
  if (text) PutText(text, json->stream);
  else fputs("null", json->stream);
}

void rho_json_number(RhoJson *json, const char *key, double value) {
  PutKey(json, key);
  if (isfinite(value)) fprintf(json->stream, "%.17g", value);
  else fputs("null", json->stream);
}

void rho_json_bool(RhoJson *json, const char *key, bool value) {
  PutKey(json, key);
  fputs(value ? "true" : "false", json->stream);
}
