/* help.c - what `rhoflux --help`, `rhoflux VERB --help` and `rhoflux --version` print, from the tables. */
#include "cli_private.h"
#include <string.h>

static void PrintOption(const RhoOption *option, FILE *stream) {
  char head[40];
  snprintf(head, sizeof head, "%s %s", option->name, option->argument);
  fprintf(stream, "  %-18s %s\n", head, option->help);
}

void rho_help(FILE *stream) {
  fputs("rhoflux - density fields of driven and active mixtures\n\n"
        "usage: rhoflux VERB ARGUMENT [options] [-- options of PETSc]\n\n",
        stream);
  for (int k = 0; k < rho_nverb; k++) {
    char head[40];
    snprintf(head, sizeof head, "%s %s", rho_verb[k].name, rho_verb[k].argument);
    fprintf(stream, "  %-24s %s\n", head, rho_verb[k].summary);
  }
  fputs("\n  VERB --help              its options\n"
        "  --version                versions of the program and its libraries\n\n"
        "exit status: 0 done, 1 the computation failed, 2 the input was wrong\n",
        stream);
}

void rho_help_verb(const RhoVerb *verb, FILE *stream) {
  fprintf(stream, "rhoflux %s %s\n  %s\n\n", verb->name, verb->argument, verb->summary);
  for (int k = 0; k < RHO_OPT_COUNT; k++)
    if (k == RHO_OPT_HELP || k == RHO_OPT_JSON || verb->options & 1ull << k) PrintOption(&rho_option[k], stream);
}

void rho_version(FILE *stream) {
  const RhoVersion *version;
  RhoArena arena = RhoArenaCreate();
  if (!arena) return;
  int n = rho_versions(arena, &version);
  for (int k = 0; k < n; k++) fprintf(stream, "%s%s %s\n", k ? "  " : "", version[k].name, version[k].version);
  RhoArenaDestroy(&arena);
}
