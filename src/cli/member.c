/* member.c - one run of many: a command line of its own, what goes wrong kept as text. */
#include "farm.h"
#include <stdlib.h>
#include <string.h>

static void Run(RhoMember *m) {
  m->status = rho_options_read(&m->cli);
  if (m->status) return;
  rho_errors_keep(&m->cli);
  m->status = rho_run_case(&m->cli, &m->outcome);
  rho_errors_release(&m->cli);
}

void rho_member_run(RhoMember *m, const RhoCli *group, bool temporary, int argc, char **argv) {
  *m = (RhoMember){.status = RHO_EXIT_FAILED, .outcome = {.text = ""}};
  m->cli = (RhoCli){.argc = argc,
                    .argv = argv,
                    .rank = group->rank,
                    .nrank = group->nrank,
                    .started = true,
                    .temporary = temporary,
                    .comm = group->comm,
                    .run = group->run};
  m->cli.err = open_memstream(&m->said, &m->nsaid);
  m->cli.arena = RhoArenaCreate();
  m->cli.files = RhoArenaCreate();
  m->cli.diag = RhoDiagCreate();
  if (m->cli.err && m->cli.arena && m->cli.files && m->cli.diag) Run(m);
  if (m->cli.err) fflush(m->cli.err);
}

/* "rhoflux: text" without what comes before and behind. */
static const char *FirstLine(const RhoMember *m) {
  static const char name[] = "rhoflux: ";
  const char *said = m->said ? m->said : "";
  if (!strncmp(said, name, sizeof name - 1)) said += sizeof name - 1;
  return RhoArenaString(m->cli.arena, said, strcspn(said, "\n"));
}

const char *rho_member_message(const RhoMember *m) {
  const RhoRunOutcome *o = &m->outcome;
  if (!m->status) return "";
  if (!m->cli.arena) return "out of memory";
  if (o->ended) return RhoArenaPrint(m->cli.arena, "%s at t = %.6g", o->text, o->time);
  const char *line = FirstLine(m);
  return *line ? line : "the run failed";
}

void rho_member_destroy(RhoMember *m) {
  if (m->cli.err) fclose(m->cli.err);
  free(m->said);
  RhoDiagDestroy(&m->cli.diag);
  RhoArenaDestroy(&m->cli.files);
  RhoArenaDestroy(&m->cli.arena);
}
