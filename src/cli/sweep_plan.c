/* sweep_plan.c - which runs a sweep has, and the folder that remembers it. */
#include "sweep.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- runs ---- */

int rho_sweep_position(const RhoSweep *s, int k, int a) {
  for (int b = s->c.naxis - 1; b > a; b--) k /= s->c.axis[b].n;
  return k % s->c.axis[a].n;
}

static const char *Setting(const RhoSweep *s, RhoArena arena, int k, int a) {
  const RhoCaseAxis *axis = &s->c.axis[a];
  return RhoArenaPrint(arena, "%s=%s", axis->name, axis->value[rho_sweep_position(s, k, a)]);
}

const char *rho_sweep_point(const RhoSweep *s, RhoArena arena, int k) {
  RhoText text = RhoTextCreate(arena);
  for (int a = 0; a < s->c.naxis; a++) RhoTextAdd(text, "%s%s", a ? ", " : "", Setting(s, arena, k, a));
  return RhoTextGet(text);
}

char **rho_sweep_arguments(const RhoSweep *s, RhoArena arena, int k, const char *result, int *argc) {
  const char *more[2 * RHO_SWEEP_AXES + 1] = {rho_option[RHO_OPT_OVERWRITE].name};
  for (int a = 0; a < s->c.naxis; a++) {
    more[2 * a + 1] = rho_option[RHO_OPT_SET].name;
    more[2 * a + 2] = Setting(s, arena, k, a);
  }
  return rho_member_arguments(arena, s->cli, result, 2 * s->c.naxis + 1, more, argc);
}

/* ---- the plan: all that decides what the runs are, name by name ---- */

static void PlanAxes(const RhoSweep *s, RhoScalars *plan) {
  RhoText text = RhoTextCreate(plan->arena);
  for (int a = 0; a < s->c.naxis; a++) {
    const RhoCaseAxis *axis = &s->c.axis[a];
    RhoTextAdd(text, "%s%s=", a ? " " : "", axis->name);
    for (int i = 0; i < axis->n; i++) RhoTextAdd(text, "%s%s", i ? "," : "", axis->value[i]);
  }
  rho_scalars_word(plan, "--over", RhoTextGet(text));
}

static void PlanGiven(const RhoSweep *s, RhoScalars *plan, RhoOptionId option) {
  RhoText text = RhoTextCreate(plan->arena);
  for (int k = 0; k < s->cli->given[option].n; k++)
    RhoTextAdd(text, "%s%s", k ? " " : "", s->cli->given[option].value[k]);
  rho_scalars_word(plan, rho_option[option].name, RhoTextGet(text));
}

static void PlanPetsc(const RhoSweep *s, RhoScalars *plan) {
  RhoText text = RhoTextCreate(plan->arena);
  for (int k = 0; k < s->cli->npetsc; k++) RhoTextAdd(text, "%s%s", k ? " " : "", s->cli->petsc[k]);
  rho_scalars_word(plan, "list of PETSc's options", RhoTextGet(text));
}

/* The texts of model, case and mesh. */
static void PlanTexts(RhoSweep *s, RhoScalars *plan) {
  static const char *const name[] = {"model_text", "case_text", "mesh_text"};
  static const char *const what[] = {"the model file", "the case file", "the mesh file"};
  const RhoRun run = {.c = &s->c};
  const RhoProvenance *list;
  int n = rho_run_provenance(&run, &list);
  for (int i = 0; i < n; i++)
    for (size_t k = 0; k < sizeof name / sizeof *name; k++)
      if (!strcmp(list[i].name, name[k])) rho_scalars_word(plan, what[k], list[i].what);
}

static RhoScalars Plan(RhoSweep *s) {
  static const RhoOptionId option[] = {RHO_OPT_SET,   RHO_OPT_MESH,   RHO_OPT_SEED, RHO_OPT_FROM, RHO_OPT_TO,
                                       RHO_OPT_FIELD, RHO_OPT_WINDOW, RHO_OPT_BINS, RHO_OPT_Q,    RHO_OPT_OMEGA};
  RhoScalars plan = {.arena = s->cli->arena};
  PlanAxes(s, &plan);
  for (size_t k = 0; k < sizeof option / sizeof *option; k++) PlanGiven(s, &plan, option[k]);
  rho_scalars_word(&plan, "--observable", rho_outcomes_text(plan.arena, &s->asked));
  PlanPetsc(s, &plan);
  PlanTexts(s, &plan);
  return plan;
}

static const char *PlanPath(const RhoSweep *s) { return RhoArenaPrint(s->cli->arena, "%s/plan", s->folder); }

static const char *ReadText(RhoArena arena, const char *path) {
  RhoText text = RhoTextCreate(arena);
  char bytes[4096];
  FILE *stream = fopen(path, "r");
  if (!stream) return "";
  for (size_t n; (n = fread(bytes, 1, sizeof bytes, stream)) > 0;) RhoTextAddN(text, bytes, n);
  fclose(stream);
  return RhoTextGet(text);
}

/* What differs from the plan on the disk; NULL: nothing. */
static const char *Difference(RhoSweep *s) {
  RhoScalars now = Plan(s), then = {.arena = s->cli->arena};
  rho_scalars_read(&then, ReadText(s->cli->arena, PlanPath(s)));
  for (int k = 0; k < now.n; k++) {
    const RhoScalar *was = rho_scalars_find(&then, now.scalar[k].name);
    if (!was || !was->word || strcmp(was->word, now.scalar[k].word)) return now.scalar[k].name;
  }
  return NULL;
}

/* ---- the folder ---- */

/* Does act for every entry whose name begins so. */
static PetscErrorCode Each(const RhoSweep *s, const char *begin, PetscErrorCode (*act)(const char *path)) {
  RhoArena arena = s->cli->arena;
  const char **path = NULL;
  int n = 0, capacity = 0;
  PetscFunctionBeginUser;
  DIR *folder = opendir(s->folder);
  if (!folder) PetscFunctionReturn(0);
  for (struct dirent *entry; (entry = readdir(folder));)
    if (!strncmp(entry->d_name, begin, strlen(begin)))
      *RHO_PUSH(arena, path, n, capacity) = RhoArenaPrint(arena, "%s/%s", s->folder, entry->d_name);
  closedir(folder);
  for (int k = 0; k < n; k++) PetscCall(act(path[k]));
  PetscFunctionReturn(0);
}

static PetscErrorCode RemoveFile(const char *path) {
  PetscFunctionBeginUser;
  PetscCheck(!unlink(path) || errno == ENOENT, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "cannot remove '%s': %s", path,
             strerror(errno));
  PetscFunctionReturn(0);
}

/* path: the index, the folder or another file of a result. */
static PetscErrorCode RemoveResult(const char *path) {
  size_t n = strlen(path) - strlen(strrchr(path, '/'));
  char name[PETSC_MAX_PATH_LEN];
  PetscFunctionBeginUser;
  n += strcspn(path + n, ".");
  PetscCheck(n < sizeof name, PETSC_COMM_SELF, PETSC_ERR_FILE_WRITE, "the path '%s' is too long", path);
  memcpy(name, path, n);
  name[n] = 0;
  PetscCall(RhoResultRemove(name));
  PetscFunctionReturn(0);
}

PetscErrorCode rho_sweep_clean(const RhoSweep *s) {
  PetscFunctionBeginUser;
  PetscCall(Each(s, "group-", RemoveResult));
  PetscFunctionReturn(0);
}

static PetscErrorCode Anew(RhoSweep *s) {
  RhoScalars plan = Plan(s);
  PetscFunctionBeginUser;
  PetscCall(RemoveFile(PlanPath(s)));
  PetscCall(Each(s, "journal-", RemoveFile));
  PetscCall(Each(s, "run-", RemoveResult));
  PetscCall(RhoTextSave(PlanPath(s), rho_scalars_line(&plan)));
  PetscFunctionReturn(0);
}

static int Lock(RhoSweep *s) {
  int file = open(s->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  s->lock = file + 1;
  if (file >= 0 && flock(file, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK)
    return rho_refuse(s->cli, "another process is sweeping into '%s'", s->name);
  return RHO_EXIT_DONE;
}

/* What stands at NAME.h5 is a sweep's table. */
static bool IsSweep(const RhoSweep *s) {
  const RhoResultInfo *info;
  RhoDiag diag = RhoDiagCreate();
  const char *path = rho_result_path(s->cli, s->name);
  bool is = !rho_path_is_file(path) || (!RhoResultInfoRead(s->cli->files, diag, RHO_NOWHERE, path, false, &info) &&
                                        info->kind == RHO_FILE_TABLES && !strcmp(info->analysis, "sweep"));
  RhoDiagDestroy(&diag);
  return is;
}

static int CheckPlace(RhoSweep *s) {
  const RhoCli *cli = s->cli;
  bool plan = rho_path_is_file(PlanPath(s)), restart = rho_given(cli, RHO_OPT_RESTART);
  if (restart && rho_given(cli, RHO_OPT_OVERWRITE))
    return rho_refuse(cli, "--restart goes on with '%s', --overwrite replaces it: one of the two", s->name);
  if (restart && *cli->value[RHO_OPT_RESTART])
    return rho_refuse(cli, "a sweep goes on by --restart alone; --output names it");
  if (restart && !plan) return rho_refuse(cli, "there is no sweep '%s' to go on with", s->name);
  if (!IsSweep(s))
    return rho_refuse(cli, "'%s.h5' is something else than a sweep; --output gives another name", s->name);
  if (plan && !restart && !rho_given(cli, RHO_OPT_OVERWRITE))
    return rho_refuse(cli,
                      "there is a sweep '%s' already; --restart goes on with it, --overwrite replaces it, "
                      "--output gives another name",
                      s->name);
  return rho_result_place(cli, s->name, restart, "");
}

int rho_sweep_begin(RhoSweep *s) {
  int status = CheckPlace(s);
  bool restart = rho_given(s->cli, RHO_OPT_RESTART);
  if (status) return status;
  const char *other = restart ? Difference(s) : NULL;
  if (other)
    return rho_refuse(s->cli, "the sweep '%s' was begun with another %s; --output gives another name", s->name, other);
  if (mkdir(s->folder, 0777) && errno != EEXIST)
    return rho_refuse(s->cli, "cannot create folder '%s': %s", s->folder, strerror(errno));
  status = Lock(s);
  if (status) return status;
  if (rho_sweep_clean(s) || (!restart && Anew(s))) {
    fprintf(s->cli->err, "rhoflux: %s\n", s->cli->failure);
    return RHO_EXIT_FAILED;
  }
  return RHO_EXIT_DONE;
}
