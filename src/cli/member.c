/* member.c - one run of many: a command line of its own, what goes wrong kept as text. */
#include "farm.h"
#include <stdlib.h>
#include <string.h>

/* ---- arguments ---- */

typedef struct {
  RhoArena arena;
  int n, capacity;
  char **item;
} Arguments;

static void Add(Arguments *list, const char *text) {
  *RHO_PUSH(list->arena, list->item, list->n, list->capacity) = RhoArenaString(list->arena, text, strlen(text));
}

static bool Stands(const char *name, int n, const char *const *list) {
  for (int k = 0; k < n; k++)
    if (!strcmp(list[k], name)) return true;
  return false;
}

/* The option as it was given, unless it can be given once only and stands in more. */
static void AddGiven(Arguments *list, const RhoCli *cli, RhoOptionId option, int nmore, const char *const *more) {
  if (!rho_option[option].repeatable && Stands(rho_option[option].name, nmore, more)) return;
  for (int k = 0; k < cli->given[option].n; k++) {
    Add(list, rho_option[option].name);
    Add(list, cli->given[option].value[k]);
  }
}

char **rho_member_arguments(RhoArena arena, const RhoCli *cli, const char *result, int nmore, const char *const *more,
                            int *argc) {
  Arguments list = {.arena = arena};
  const char *const head[] = {"rhoflux", "run", cli->argument[0], "--quiet", "--output", result};
  for (size_t i = 0; i < sizeof head / sizeof *head; i++) Add(&list, head[i]);
  static const RhoOptionId taken[] = {RHO_OPT_MESH, RHO_OPT_SEED, RHO_OPT_SET};
  for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) AddGiven(&list, cli, taken[i], nmore, more);
  for (int i = 0; i < nmore; i++) Add(&list, more[i]);
  if (cli->npetsc) Add(&list, "--");
  for (int i = 0; i < cli->npetsc; i++) Add(&list, cli->petsc[i]);
  *argc = list.n;
  *RHO_PUSH(arena, list.item, list.n, list.capacity) = NULL;
  return list.item;
}

/* ---- a run ---- */

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
