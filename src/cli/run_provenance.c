/* run_provenance.c - the texts in a result that say where it comes from. */
#include "run.h"
#include <math.h>
#include <string.h>

enum { MOST = 24 };

/* Files read one after another, each under its name when there are several. */
static const char *Sources(RhoCase *c, RhoSourceRange range) {
  RhoText text = RhoTextCreate(c->cli->arena);
  for (int k = range.first; k < range.end; k++) {
    size_t nbyte;
    const char *bytes = RhoDiagSourceText(c->cli->diag, k, &nbyte);
    if (nbyte == 0) continue;
    if (range.end - range.first > 1) RhoTextAdd(text, "# file: %s\n", RhoDiagSourceName(c->cli->diag, k));
    RhoTextAddN(text, bytes, nbyte);
  }
  return RhoTextGet(text);
}

/* "k = 0.5" line by line: the values the run had, wherever they came from. */
static const char *Parameters(RhoCase *c) {
  RhoText text = RhoTextCreate(c->cli->arena);
  for (int k = 0; k < c->model->nparameter; k++)
    if (isfinite(c->value[k])) RhoTextAdd(text, "%s = %.17g\n", c->model->parameter[k].name, c->value[k]);
  return RhoTextGet(text);
}

static const char *CommandLine(const RhoCli *cli) {
  RhoText text = RhoTextCreate(cli->arena);
  RhoTextAdd(text, "rhoflux");
  for (int k = 1; k < cli->argc; k++) {
    bool plain = *cli->argv[k] && !strpbrk(cli->argv[k], " \t\n*?[]$&|;<>()\"'\\`~#!");
    RhoTextAdd(text, plain ? " %s" : " '%s'", cli->argv[k]);
  }
  return RhoTextGet(text);
}

int rho_run_provenance(RhoCase *c, const RhoProvenance **provenance) {
  RhoArena arena = c->cli->arena;
  RhoProvenance *list = RhoArenaAlloc(arena, MOST * sizeof *list);
  const RhoVersion *version;
  int n = 0, nversion = rho_versions(arena, &version);
  list[n++] = (RhoProvenance){"model", c->model->name};
  list[n++] = (RhoProvenance){"model_text", Sources(c, c->model_source)};
  list[n++] = (RhoProvenance){"case", c->name};
  list[n++] = (RhoProvenance){"case_text", RhoDiagSourceText(c->cli->diag, c->source, NULL)};
  if (*Sources(c, c->mesh_source)) list[n++] = (RhoProvenance){"mesh_text", Sources(c, c->mesh_source)};
  list[n++] = (RhoProvenance){"parameters", Parameters(c)};
  list[n++] = (RhoProvenance){"seed", RhoArenaPrint(arena, "%.0f", c->number[RHO_CASE_SEED].value)};
  list[n++] = (RhoProvenance){"command_line", CommandLine(c->cli)};
  for (int k = 0; k < nversion && n < MOST; k++)
    list[n++] = (RhoProvenance){RhoArenaPrint(arena, "%s_version", version[k].name), version[k].version};
  *provenance = list;
  return n;
}
