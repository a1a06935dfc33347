/* report.c - the reports collected about the user's files, printed once by one process. */
#include "cli_private.h"

int rho_report(const RhoCli *cli) {
  int nerror = RhoDiagErrors(cli->diag);
  if (cli->rank == 0) {
    if (rho_given(cli, RHO_OPT_JSON) && nerror > 0) RhoDiagPrintJson(cli->diag, stdout);
    else if (nerror > 0 || !rho_given(cli, RHO_OPT_QUIET)) RhoDiagPrint(cli->diag, cli->err);
  }
  return nerror > 0 ? RHO_EXIT_INPUT : RHO_EXIT_DONE;
}
