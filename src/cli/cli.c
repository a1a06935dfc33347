/* cli.c - from the arguments to a verb and its exit status. */
#include "cli_private.h"
#include "rhoflux/cli.h"
#include <string.h>

#define RHO_VERB(id, name, argument, least, most, options, summary) int rho_verb_##id(RhoCli *cli);
#include "verbs.def"
#undef RHO_VERB

const RhoVerb rho_verb[] = {
#define RHO_VERB(id, name, argument, least, most, options, summary)                                                    \
  {name, argument, summary, least, most, options, rho_verb_##id},
#include "verbs.def"
#undef RHO_VERB
};
const int rho_nverb = (int)(sizeof rho_verb / sizeof *rho_verb);

static bool IsAny(const char *arg, const char *a, const char *b) { return !strcmp(arg, a) || !strcmp(arg, b); }

/* Launchers kill all ranks when the first one ends with a mistake, maybe before it is printed: so several ranks start
   MPI first, and end together. */
static int RunVerb(RhoCli *cli) {
  int status = rho_options_read(cli);
  bool help = !status && rho_given(cli, RHO_OPT_HELP);
  int start = cli->nrank > 1 && !help ? rho_start(cli) : RHO_EXIT_DONE;
  if (help && cli->rank == 0) rho_help_verb(cli->verb, stdout);
  if (!status) status = start;
  return rho_finish(cli, status || help ? status : cli->verb->run(cli));
}

static int Dispatch(RhoCli *cli) {
  if (cli->argc < 2) {
    if (cli->rank == 0) rho_help(stderr);
    return RHO_EXIT_INPUT;
  }
  if (IsAny(cli->argv[1], "--help", "-h") || IsAny(cli->argv[1], "help", "-help")) {
    if (cli->rank == 0) rho_help(stdout);
    return RHO_EXIT_DONE;
  }
  if (IsAny(cli->argv[1], "--version", "-V") || IsAny(cli->argv[1], "version", "-v")) {
    if (cli->rank == 0) rho_version(stdout);
    return RHO_EXIT_DONE;
  }
  return RunVerb(cli);
}

int RhoCliMain(int argc, char **argv) {
  RhoCli cli = {.argc = argc, .argv = argv, .nrank = 1, .err = stderr};
  cli.arena = RhoArenaCreate();
  cli.files = RhoArenaCreate();
  cli.diag = RhoDiagCreate();
  int status = RHO_EXIT_FAILED;
  rho_launched(&cli.rank, &cli.nrank);
  if (cli.arena && cli.files && cli.diag) status = Dispatch(&cli);
  else fputs("rhoflux: out of memory\n", stderr);
  RhoDiagDestroy(&cli.diag);
  RhoArenaDestroy(&cli.files);
  RhoArenaDestroy(&cli.arena);
  if (fflush(stdout) && !status) status = RHO_EXIT_FAILED; /* a full disk behind a redirection */
  return status;
}
