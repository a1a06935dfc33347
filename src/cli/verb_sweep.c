/* verb_sweep.c - `rhoflux sweep CASE --over NAME=FROM:TO:N ...`: many runs of a case, and one table of what became of
   them. */
#include "sweep.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int rho_verb_sweep(RhoCli *cli);

/* ---- before ---- */

static int CountRuns(RhoSweep *s) {
  double n = 1;
  for (int a = 0; a < s->c.naxis; a++) n *= s->c.axis[a].n;
  if (s->c.naxis == 0) return rho_refuse(s->cli, "nothing to sweep over: --over NAME=FROM:TO:N");
  if (s->c.naxis > RHO_SWEEP_AXES) return rho_refuse(s->cli, "--over: at most %d of them", RHO_SWEEP_AXES);
  if (n > RHO_SWEEP_RUNS) return rho_refuse(s->cli, "--over: %.4g runs, at most %d", n, RHO_SWEEP_RUNS);
  s->nrun = (int)n;
  return RHO_EXIT_DONE;
}

static void SetNames(RhoSweep *s) {
  RhoArena arena = s->cli->arena;
  const char *name = s->c.result, *end = strrchr(name, '.');
  if (end && !strcmp(end, ".h5")) name = RhoArenaString(arena, name, (size_t)(end - name));
  s->name = rho_given(s->cli, RHO_OPT_OUTPUT) ? name : RhoArenaPrint(arena, "%s-sweep", name);
  s->folder = RhoArenaPrint(arena, "%s.d", s->name);
}

/* The first run is read in earnest: what is wrong with it is said before any of them begins. */
static int Read(RhoSweep *s) {
  int status = rho_case_load(s->cli, s->cli->argument[0], RHO_CASE_FOR_RUN, &s->c) ? RHO_EXIT_INPUT : RHO_EXIT_DONE;
  if (rho_report(s->cli) || status) return RHO_EXIT_INPUT;
  status = CountRuns(s);
  if (!status) status = rho_farm_ranks(s->cli, &s->nrank);
  if (!status) SetNames(s);
  return status;
}

/* Rank 0 looks at the folder; all learn which runs are done. */
static int Begin(RhoSweep *s) {
  RhoScalars *record;
  int status = s->cli->rank == 0 ? rho_sweep_begin(s) : RHO_EXIT_DONE;
  s->done = RhoArenaAlloc(s->cli->arena, (size_t)s->nrun * sizeof *s->done);
  if (s->cli->rank == 0 && !status && rho_sweep_records(s, s->cli->arena, &record)) {
    fprintf(s->cli->err, "rhoflux: %s\n", s->cli->failure);
    status = RHO_EXIT_FAILED;
  }
  for (int k = 0; s->cli->rank == 0 && !status && k < s->nrun; k++) s->done[k] = record[k].n > 0;
  status = rho_agree(s->cli, status);
  for (int k = 0; k < s->nrun; k++) s->ndone += s->done[k];
  if (!status && MPI_Bcast(s->done, s->nrun, MPI_C_BOOL, 0, s->cli->comm)) status = RHO_EXIT_FAILED;
  return status;
}

/* ---- during ---- */

static int GroupNumber(const RhoSweep *s) { return (int)s->cli->rank / s->nrank; }

static const char *ResultName(const RhoSweep *s, RhoArena arena, int k) {
  if (rho_given(s->cli, RHO_OPT_KEEP)) return RhoArenaPrint(arena, "%s/run-%06d", s->folder, k);
  return RhoArenaPrint(arena, "%s/group-%d", s->folder, GroupNumber(s));
}

/* All messages are in the table. */
enum { MOST_SAID = 20 };

static void SayFailure(RhoSweep *s, RhoArena arena, int k, const RhoMember *m) {
  rho_progress_end(&s->progress);
  if (++s->nfailed == MOST_SAID) fprintf(stderr, "rhoflux: more runs that fail are not told here\n");
  if (s->nfailed >= MOST_SAID) return;
  fprintf(stderr, "rhoflux: run %d (%s): %s\n", k, rho_sweep_point(s, arena, k), rho_member_message(m));
}

static void SayProgress(RhoSweep *s, int k) {
  char text[160], left[40];
  double part = fmax(1, k + 1 - s->ndone) / (s->nrun - s->ndone);
  if (s->cli->rank || !rho_progress_due(&s->progress, true)) return;
  rho_progress_duration(left, sizeof left, rho_progress_seconds(&s->progress) * (1 - part) / part);
  rho_progress_say(&s->progress, text,
                   snprintf(text, sizeof text, "run %d of %d  left about %s", k + 1, s->nrun, left));
}

static int Record(RhoSweep *s, RhoArena arena, int k, RhoMember *m) {
  if (rho_sweep_record(s, arena, k, m)) return rho_petsc_failed(s->cli, RHO_EXIT_FAILED);
  if (m->status) SayFailure(s, arena, k, m);
  SayProgress(s, k);
  return RHO_EXIT_DONE;
}

/* A run that a signal has ended has no record: it is done anew when the sweep goes on. */
static int Job(void *ctx, const RhoCli *group, int k) {
  RhoSweep *s = ctx;
  RhoMember member;
  RhoArena arena = RhoArenaCreate();
  int argc, status = RHO_EXIT_DONE;
  if (!arena) return RHO_EXIT_FAILED;
  char **argv = rho_sweep_arguments(s, arena, k, ResultName(s, arena, k), &argc);
  rho_member_run(&member, group, true, argc, argv);
  if (member.outcome.signal) status = RHO_EXIT_FAILED;
  else if (group->rank == 0) status = Record(s, arena, k, &member);
  rho_member_destroy(&member);
  RhoArenaDestroy(&arena);
  return rho_agree(group, status);
}

static int Work(RhoSweep *s) {
  const char *path = RhoArenaPrint(s->cli->arena, "%s/journal-%d", s->folder, GroupNumber(s));
  bool first = s->cli->rank % s->nrank == 0;
  int status = RHO_EXIT_DONE;
  rho_progress_start(&s->progress, s->cli);
  if (first && RhoJournalOpen(path, &s->journal)) status = rho_petsc_failed(s->cli, RHO_EXIT_FAILED);
  status = rho_agree(s->cli, status);
  if (!status) status = rho_farm(s->cli, s->nrank, s->nrun, s->done, Job, s);
  rho_progress_end(&s->progress);
  if (s->journal) (void)RhoJournalClose(&s->journal);
  return status;
}

/* ---- after ---- */

typedef struct {
  int done, failed, left;
} Count;

static Count CountRecords(const RhoSweep *s, const RhoScalars *record) {
  Count count = {0};
  for (int k = 0; k < s->nrun; k++) {
    const RhoScalar *status = rho_scalars_find(&record[k], "status");
    if (!status) count.left++;
    else if (!strcmp(status->word, "done")) count.done++;
    else count.failed++;
  }
  return count;
}

/* "pattern: 12 stationary, 13 travelling" */
static void SayWords(const RhoSweep *s, const RhoColumn *column) {
  if (!column->nword || !strcmp(column->name, "message") || !strcmp(column->name, "status")) return;
  printf("  %s:", column->name);
  for (int w = 0; w < column->nword; w++) {
    int n = 0;
    for (int k = 0; k < s->nrun; k++) n += column->number[k] == w;
    printf("%s %d %s", w ? "," : "", n, column->word[w]);
  }
  printf("\n");
}

static void PrintJson(const RhoSweep *s, Count count) {
  RhoJson json = {stdout, true};
  rho_json_open(&json, NULL, '{');
  rho_json_text(&json, "case", s->c.name);
  rho_json_text(&json, "table", rho_result_path(s->cli, s->name));
  rho_json_number(&json, "runs", s->nrun);
  rho_json_number(&json, "done", count.done);
  rho_json_number(&json, "failed", count.failed);
  rho_json_number(&json, "left", count.left);
  rho_json_number(&json, "seconds", rho_progress_seconds(&s->progress));
  rho_json_close(&json, '}');
  printf("\n");
}

static void Print(const RhoSweep *s, Count count, int ncolumn, const RhoColumn *column) {
  if (rho_given(s->cli, RHO_OPT_JSON)) PrintJson(s, count);
  if (rho_speaks(s->cli)) {
    printf("%s.h5: %d runs over", s->name, s->nrun);
    for (int a = 0; a < s->c.naxis; a++) printf("%s %s", a ? "," : "", s->c.axis[a].name);
    printf("; %d done, %d failed%s; %.1f s\n", count.done, count.failed, count.left ? ", others left" : "",
           rho_progress_seconds(&s->progress));
    for (int k = 0; k < ncolumn; k++) SayWords(s, &column[k]);
    printf("  rows in %s.tsv; rhoflux plot %s draws them\n", s->name, s->name);
  }
  rho_farm_say_left(s->cli, count.left, s->nrun);
}

/* Rank 0, from the records alone. */
static int Conclude(RhoSweep *s) {
  RhoArena arena = s->cli->arena;
  RhoScalars *record;
  RhoColumn *column;
  if (rho_sweep_clean(s) || rho_sweep_records(s, arena, &record)) return rho_petsc_failed(s->cli, RHO_EXIT_FAILED);
  Count count = CountRecords(s, record);
  int ncolumn = rho_sweep_columns(s, arena, record, &column);
  if (rho_sweep_write(s, arena, ncolumn, column)) return rho_petsc_failed(s->cli, RHO_EXIT_FAILED);
  Print(s, count, ncolumn, column);
  return count.left || !count.done ? RHO_EXIT_FAILED : RHO_EXIT_DONE;
}

static int Sweep(RhoSweep *s) {
  int status = Begin(s);
  if (status) return status;
  (void)Work(s);
  status = s->cli->rank == 0 ? Conclude(s) : RHO_EXIT_DONE;
  if (s->lock) close(s->lock - 1);
  return rho_agree(s->cli, status);
}

int rho_verb_sweep(RhoCli *cli) {
  RhoSweep s = {.cli = cli};
  int status = rho_agree(cli, Read(&s));
  if (!status) status = rho_start(cli);
  if (!status) status = rho_agree(cli, rho_outcomes_asked(&s.c, &s.asked) ? RHO_EXIT_DONE : RHO_EXIT_INPUT);
  if (!status) status = Sweep(&s);
  rho_case_destroy(&s.c);
  return status;
}
