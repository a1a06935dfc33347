/* model_find.c - model files by path or by the name they are shipped under.

   NAME is looked for as NAME/model.yaml beside the folder of the file that names it, in the folders of RHOFLUX_MODELS
   (separated by ':'), and in ../share/rhoflux/models seen from the program. */
#include "model_private.h"
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
  RhoArena arena;
  const char **folder;
  int nfolder, capacity;
} Folders;

static bool IsPath(const char *name) {
  size_t n = strlen(name);
  bool yaml = (n > 5 && strcmp(name + n - 5, ".yaml") == 0) || (n > 4 && strcmp(name + n - 4, ".yml") == 0);
  return yaml || strchr(name, '/') != NULL;
}

/* The folder of a file, "." for a bare name. */
static const char *FolderOf(RhoArena arena, const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? RhoArenaString(arena, path, slash > path ? (size_t)(slash - path) : 1) : ".";
}

static void AddFolder(Folders *folders, const char *folder) {
  *RHO_PUSH(folders->arena, folders->folder, folders->nfolder, folders->capacity) = folder;
}

static void AddEnvironment(Folders *folders) {
  const char *list = getenv("RHOFLUX_MODELS");
  while (list && *list) {
    size_t n = strcspn(list, ":");
    if (n > 0) AddFolder(folders, RhoArenaString(folders->arena, list, n));
    list += n + (list[n] == ':');
  }
}

static void AddInstalled(Folders *folders) {
  char program[4096];
  ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
  if (n <= 0) return;
  program[n] = 0;
  AddFolder(folders, RhoArenaPrint(folders->arena, "%s/../share/rhoflux/models", FolderOf(folders->arena, program)));
}

static Folders FindFolders(RhoArena arena, const char *beside) {
  Folders folders = {.arena = arena};
  if (beside) AddFolder(&folders, RhoArenaPrint(arena, "%s/..", FolderOf(arena, beside)));
  AddEnvironment(&folders);
  AddInstalled(&folders);
  return folders;
}

/* ---- suggestions ---- */

/* Names of the folder's entries are copied to the stack first: the arena may jump, and the folder must be closed. */
static const char *NearIn(RhoArena arena, const char *folder, const char *name) {
  char found[256] = "";
  DIR *stream = opendir(folder);
  if (!stream) return NULL;
  for (struct dirent *entry; (entry = readdir(stream)) && !*found;) {
    const char *candidate = entry->d_name;
    const char *near = *candidate == '.' ? NULL : RhoSuggest(name, 1, &candidate);
    if (near) strncpy(found, near, sizeof found - 1);
  }
  closedir(stream);
  return *found ? RhoArenaString(arena, found, strlen(found)) : NULL;
}

static void ReportMissing(RhoArena arena, RhoDiag diag, const char *name, const Folders *folders, RhoPlace from) {
  const char *near = NULL;
  for (int i = 0; i < folders->nfolder && !near; i++) near = NearIn(arena, folders->folder[i], name);
  RhoDiagReport(diag, RHO_ID_MODEL_NOT_FOUND, from, "there is no model '%s'", name);
  if (near) RhoDiagHint(diag, "did you mean '%s'?", near);
  else RhoDiagHint(diag, "a file is named with its folder or ending: ./%s or %s.yaml", name, name);
}

/* A folder stands for the model.yaml in it. */
static const char *FileOf(RhoArena arena, const char *path) {
  struct stat status;
  bool folder = stat(path, &status) == 0 && S_ISDIR(status.st_mode);
  return folder ? RhoArenaPrint(arena, "%s/model.yaml", path) : path;
}

const char *rho_find_model(RhoArena arena, RhoDiag diag, const char *name, const char *beside, RhoPlace from) {
  if (IsPath(name))
    return FileOf(arena, *name == '/' || !beside ? name : RhoArenaPrint(arena, "%s/%s", FolderOf(arena, beside), name));
  Folders folders = FindFolders(arena, beside);
  for (int i = 0; i < folders.nfolder; i++) {
    const char *path = RhoArenaPrint(arena, "%s/%s/model.yaml", folders.folder[i], name);
    if (access(path, R_OK) == 0) return path;
  }
  ReportMissing(arena, diag, name, &folders, from);
  return NULL;
}
