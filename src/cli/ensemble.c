/* ensemble.c - `rhoflux run CASE --ensemble N`: the same case with N seeds, shared by the ranks, and one result. */
#include "ensemble.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* ---- before ---- */

static bool UsesSeed(const RhoCase *c) {
  bool random = false;
  for (int i = 0; i < c->model->nfield && c->initial.random; i++) random = random || c->initial.random[i] != 0;
  return c->noise || random;
}

static int ReadNumbers(RhoEnsemble *e) {
  if (!rho_option_count(e->cli, RHO_OPT_ENSEMBLE, 2, RHO_ENSEMBLE_MOST, &e->nrun)) return RHO_EXIT_INPUT;
  if (e->cli->value[RHO_OPT_RESTART] && *e->cli->value[RHO_OPT_RESTART])
    return rho_refuse(e->cli, "--restart goes on with an ensemble where it is: without a name");
  return rho_farm_ranks(e->cli, &e->nrank);
}

/* Runs that are there are replaced, or gone on with, only when that was asked for. */
static int Place(RhoEnsemble *e) {
  RhoCli *cli = e->cli;
  const char *path = rho_result_path(cli, e->c.result);
  bool restart = rho_given(cli, RHO_OPT_RESTART), overwrite = rho_given(cli, RHO_OPT_OVERWRITE);
  e->folder = RhoArenaPrint(cli->arena, "%.*s.runs", (int)(strlen(path) - strlen(".h5")), path);
  if (restart && overwrite) return rho_refuse(cli, "--restart goes on, --overwrite replaces: one of the two");
  if (!restart && !overwrite && rho_path_is_folder(e->folder))
    return rho_refuse(cli,
                      "there are runs of an ensemble in '%s' already; --restart goes on with them, --overwrite "
                      "replaces them",
                      e->folder);
  return rho_result_place(cli, e->c.result, restart, ", --restart goes on with it");
}

static int Read(RhoEnsemble *e) {
  int status = rho_case_load(e->cli, e->cli->argument[0], RHO_CASE_FOR_RUN, &e->c) ? RHO_EXIT_INPUT : RHO_EXIT_DONE;
  if (rho_report(e->cli) || status) return RHO_EXIT_INPUT;
  status = ReadNumbers(e);
  if (!status && !UsesSeed(&e->c))
    status = rho_refuse(e->cli, "nothing depends on the seed: an ensemble takes noise, or a random initial state");
  if (!status) status = Place(e);
  e->state = RhoArenaAlloc(e->cli->arena, ((size_t)e->nrun + 1) * sizeof *e->state);
  return status;
}

static int MakeFolder(const RhoEnsemble *e) {
  if (e->cli->rank || !mkdir(e->folder, 0777) || errno == EEXIST) return RHO_EXIT_DONE;
  return rho_refuse(e->cli, "no folder '%s': %s", e->folder, strerror(errno));
}

/* ---- during ---- */

const char *rho_ensemble_result(const RhoEnsemble *e, RhoArena arena, int k) {
  return RhoArenaPrint(arena, "%s/run-%04d", e->folder, k);
}

static double Seed(const RhoEnsemble *e, int k) { return e->c.number[RHO_CASE_SEED].value + k; }

/* A run that is gone on with may be at its end: then nothing is left to do. */
static char **Arguments(const RhoEnsemble *e, RhoArena arena, int k, int *argc) {
  const char *result = rho_ensemble_result(e, arena, k);
  bool there = rho_path_is_file(RhoArenaPrint(arena, "%s.h5", result)) &&
               rho_path_is_file(RhoArenaPrint(arena, "%s.checkpoint.h5", result));
  bool restart = there && rho_given(e->cli, RHO_OPT_RESTART);
  const char *const more[] = {rho_option[RHO_OPT_SEED].name, RhoArenaPrint(arena, "%.0f", Seed(e, k)),
                              rho_option[restart ? RHO_OPT_RESTART : RHO_OPT_OVERWRITE].name};
  return rho_member_arguments(arena, e->cli, result, 3, more, argc);
}

static void Say(RhoEnsemble *e, int k, const RhoMember *m) {
  char text[160];
  if (m->status) {
    rho_progress_end(&e->progress);
    fprintf(stderr, "rhoflux: run %d (seed %.0f): %s\n", k, Seed(e, k), rho_member_message(m));
  }
  if (e->cli->rank || !rho_progress_due(&e->progress, true)) return;
  rho_progress_say(&e->progress, text, snprintf(text, sizeof text, "run %d of %d", k + 1, e->nrun));
}

/* A run that a signal has ended is left. */
static int Job(void *ctx, const RhoCli *group, int k) {
  RhoEnsemble *e = ctx;
  RhoMember member;
  RhoArena arena = RhoArenaCreate();
  int argc;
  if (!arena) return RHO_EXIT_FAILED;
  char **argv = Arguments(e, arena, k, &argc);
  rho_member_run(&member, group, false, argc, argv);
  bool left = member.outcome.signal != 0;
  if (!left) e->state[k] = member.status ? RHO_MEMBER_FAILED : RHO_MEMBER_DONE;
  if (!left && group->rank == 0) Say(e, k, &member);
  rho_member_destroy(&member);
  RhoArenaDestroy(&arena);
  return left ? RHO_EXIT_FAILED : RHO_EXIT_DONE;
}

/* ---- after ---- */

static int Count(const RhoEnsemble *e, RhoMemberState state) {
  int n = 0;
  for (int k = 0; k < e->nrun; k++) n += e->state[k] == (int)state;
  return n;
}

static void PrintJson(const RhoEnsemble *e, bool merged) {
  RhoJson json = {stdout, true};
  rho_json_open(&json, NULL, '{');
  rho_json_text(&json, "case", e->c.name);
  rho_json_text(&json, "result", merged ? rho_result_path(e->cli, e->c.result) : NULL);
  rho_json_number(&json, "runs", e->nrun);
  rho_json_number(&json, "done", Count(e, RHO_MEMBER_DONE));
  rho_json_number(&json, "failed", Count(e, RHO_MEMBER_FAILED));
  rho_json_number(&json, "left", Count(e, RHO_MEMBER_LEFT));
  rho_json_number(&json, "seconds", rho_progress_seconds(&e->progress));
  rho_json_close(&json, '}');
  printf("\n");
}

static void Print(const RhoEnsemble *e, bool merged) {
  int done = Count(e, RHO_MEMBER_DONE), failed = Count(e, RHO_MEMBER_FAILED), left = Count(e, RHO_MEMBER_LEFT);
  if (rho_given(e->cli, RHO_OPT_JSON)) PrintJson(e, merged);
  if (rho_speaks(e->cli) && merged)
    fprintf(stderr, "%d runs, seeds %.0f to %.0f, %d done, %d failed, %.2f s; means and standard errors in %s\n",
            e->nrun, Seed(e, 0), Seed(e, e->nrun - 1), done, failed, rho_progress_seconds(&e->progress),
            rho_result_path(e->cli, e->c.result));
  if (!left && !merged) fprintf(stderr, "rhoflux: %d of %d runs are done: there is no mean\n", done, e->nrun);
  rho_farm_say_left(e->cli, left, e->nrun);
}

/* Rank 0: of runs that are left nothing is merged. */
static int Conclude(RhoEnsemble *e) {
  bool merged = Count(e, RHO_MEMBER_LEFT) == 0 && Count(e, RHO_MEMBER_DONE) >= 2;
  if (merged && rho_ensemble_merge(e)) return rho_petsc_failed(e->cli, RHO_EXIT_FAILED);
  Print(e, merged);
  return Count(e, RHO_MEMBER_DONE) == e->nrun ? RHO_EXIT_DONE : RHO_EXIT_FAILED;
}

static int Ensemble(RhoEnsemble *e) {
  int status = rho_agree(e->cli, MakeFolder(e));
  if (status) return status;
  rho_progress_start(&e->progress, e->cli);
  (void)rho_farm(e->cli, e->nrank, e->nrun, NULL, Job, e);
  rho_progress_end(&e->progress);
  if (MPI_Allreduce(MPI_IN_PLACE, e->state, e->nrun, MPI_INT, MPI_MAX, e->cli->comm)) return RHO_EXIT_FAILED;
  return rho_agree(e->cli, e->cli->rank == 0 ? Conclude(e) : RHO_EXIT_DONE);
}

int rho_ensemble_run(RhoCli *cli) {
  RhoEnsemble e = {.cli = cli};
  int status = rho_agree(cli, Read(&e));
  if (!status) status = rho_start(cli);
  if (!status) status = Ensemble(&e);
  rho_case_destroy(&e.c);
  return status;
}
