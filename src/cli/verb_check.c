/* verb_check.c - `rhoflux check MODEL|CASE`: reads, says what is there, runs the model's own checks. */
#include "check.h"
#include <stdlib.h>

int rho_verb_check(RhoCli *cli);

/* --window FROM:TO */
static int ReadWindow(const RhoCli *cli, RhoCheckup *check) {
  const char *text = cli->value[RHO_OPT_WINDOW];
  char rest;
  check->from = 0.05;
  check->to = 0.95;
  if (!text) return RHO_EXIT_DONE;
  if (sscanf(text, "%lf:%lf%c", &check->from, &check->to, &rest) == 2 && check->from > 0 && check->to > check->from)
    return RHO_EXIT_DONE;
  return rho_refuse(cli, "--window is FROM:TO with 0 < FROM < TO, not '%s'", text);
}

static bool AsksForGrowth(const RhoCli *cli) { return rho_given(cli, RHO_OPT_AT) || rho_given(cli, RHO_OPT_Q); }

static RhoStatus Examine(RhoCheckup *check) {
  RhoCase *c = check->c;
  check->typeset = rho_typeset(check->arena, c->eq, rho_given(c->cli, RHO_OPT_LATEX));
  check->conserved = RhoArenaAlloc(check->arena, (size_t)c->eq->nconserved * sizeof *check->conserved);
  for (int k = 0; k < c->eq->nconserved; k++) check->conserved[k] = rho_combination_text(check->arena, c->eq, k);
  check->verdict = RhoVariationalTest(c->eq, c->value, check->from, check->to);
  rho_check_flux(check);
  rho_check_analyses(check);
  rho_check_state(check);
  rho_check_waves(check);
  if (AsksForGrowth(check->c->cli)) rho_check_growth(check);
  return rho_check_outcomes(check);
}

static void Print(const RhoCheckup *check) {
  const RhoCli *cli = check->c->cli;
  if (cli->rank != 0) return;
  if (rho_given(cli, RHO_OPT_JSON)) rho_check_print_json(check, stdout);
  else if (check->growth.made && !rho_speaks(cli)) rho_check_print_growth(check, true, stdout);
  else if (rho_speaks(cli)) rho_check_print(check, stdout);
}

static int Check(RhoCheckup *check) {
  RhoCli *cli = check->c->cli;
  RhoStatus status = rho_case_load(cli, cli->argument[0], RHO_CASE_FOR_CHECK, check->c);
  if (!status) status = Examine(check);
  if (rho_report(cli)) return RHO_EXIT_INPUT;
  if (status) return RHO_EXIT_FAILED;
  Print(check);
  return check->nfailed ? RHO_EXIT_FAILED : RHO_EXIT_DONE;
}

int rho_verb_check(RhoCli *cli) {
  RhoCase c = {.cli = cli};
  RhoCheckup check = {.c = &c, .arena = cli->arena};
  int status = ReadWindow(cli, &check);
  if (!status) status = Check(&check);
  rho_case_destroy(&c);
  return status;
}
