/* verb_info.c - `rhoflux info RESULT`. */
#include "cli_private.h"
#include "rhoflux/io.h"

int rho_verb_info(RhoCli *cli);

int rho_verb_info(RhoCli *cli) {
  const RhoResultInfo *info = NULL;
  RhoStatus status = RhoResultInfoRead(cli->files, cli->diag, RHO_NOWHERE, cli->argument[0], true, &info);
  if (rho_report(cli) || status) return RHO_EXIT_INPUT;
  if (cli->rank != 0) return RHO_EXIT_DONE;
  if (rho_given(cli, RHO_OPT_JSON)) RhoResultInfoPrintJson(info, stdout);
  else if (rho_speaks(cli)) RhoResultInfoPrint(info, stdout);
  return RHO_EXIT_DONE;
}
