/* sweep_records.c - what became of the runs, kept so that a kill loses the runs at hand only.

   A record is "run<tab>K", then the outcome and the scalars that are observed. */
#include "sweep.h"
#include <dirent.h>
#include <string.h>

static PetscErrorCode ReadOne(const RhoSweep *s, RhoArena arena, const char *path, RhoScalars *record) {
  const char *const *line;
  int n;
  PetscFunctionBeginUser;
  PetscCall(RhoJournalRead(arena, path, &n, &line));
  for (int i = 0; i < n; i++) {
    RhoScalars read = {.arena = arena};
    rho_scalars_read(&read, line[i]);
    const RhoScalar *run = rho_scalars_find(&read, "run");
    if (run && run->number >= 0 && run->number < s->nrun) record[(int)run->number] = read;
  }
  PetscFunctionReturn(0);
}

PetscErrorCode rho_sweep_records(const RhoSweep *s, RhoArena arena, RhoScalars **record) {
  PetscFunctionBeginUser;
  *record = RhoArenaAlloc(arena, ((size_t)s->nrun + 1) * sizeof **record);
  DIR *folder = opendir(s->folder);
  if (!folder) PetscFunctionReturn(0);
  for (struct dirent *entry; (entry = readdir(folder));)
    if (!strncmp(entry->d_name, "journal-", 8))
      PetscCall(ReadOne(s, arena, RhoArenaPrint(arena, "%s/%s", s->folder, entry->d_name), *record));
  closedir(folder);
  PetscFunctionReturn(0);
}

static void AddOutcome(RhoScalars *to, const RhoMember *m) {
  const RhoRunOutcome *o = &m->outcome;
  rho_scalars_word(to, "status", m->status ? "failed" : "done");
  if (*rho_member_message(m)) rho_scalars_word(to, "message", rho_member_message(m));
  if (!o->ended) return;
  rho_scalars_number(to, "time", o->time);
  rho_scalars_number(to, "steps", (double)o->nstep);
  rho_scalars_number(to, "rejected", (double)o->nreject);
  rho_scalars_number(to, "iterations", (double)o->nlinear);
  rho_scalars_number(to, "seconds", o->seconds);
}

PetscErrorCode rho_sweep_record(RhoSweep *s, RhoArena arena, int k, RhoMember *m) {
  RhoScalars record = {.arena = arena};
  PetscFunctionBeginUser;
  rho_scalars_number(&record, "run", k);
  AddOutcome(&record, m);
  if (!m->status) rho_outcomes_read(m, &s->asked, &record);
  PetscCall(RhoJournalAdd(s->journal, rho_scalars_line(&record)));
  PetscFunctionReturn(0);
}
