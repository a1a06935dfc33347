/* verb_info.c - `rhoflux info RESULT`. */
#include "cli_private.h"
#include "rhoflux/io.h"
#include <string.h>

int rho_verb_info(RhoCli *cli);

/* Hints of the report that something else was given. */
static void HintOther(const RhoCli *cli) {
  const char *path = cli->argument[0], *ending = strrchr(path, '.');
  if (rho_path_is_folder(path)) RhoDiagHint(cli->diag, "results are files: NAME.h5, or NAME for short");
  else if (ending && (!strcmp(ending, ".yaml") || !strcmp(ending, ".yml")))
    RhoDiagHint(cli->diag, "models and cases are for rhoflux check");
}

int rho_verb_info(RhoCli *cli) {
  const RhoResultInfo *info = NULL;
  RhoStatus status = RhoResultInfoRead(cli->files, cli->diag, RHO_NOWHERE, cli->argument[0], true, &info);
  if (status == RHO_INPUT) HintOther(cli);
  if (rho_report(cli) || status) return RHO_EXIT_INPUT;
  if (cli->rank != 0) return RHO_EXIT_DONE;
  if (rho_given(cli, RHO_OPT_JSON)) RhoResultInfoPrintJson(info, stdout);
  else if (rho_speaks(cli)) RhoResultInfoPrint(info, stdout);
  return RHO_EXIT_DONE;
}
