/* paths.c - where files are: beside a case file, and in the folder share/rhoflux of this program. */
#include "cli_private.h"
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LONGEST = 4096 };

const char *rho_path_join(RhoArena arena, const char *folder, const char *path) {
  return *path == '/' || !*folder ? path : RhoArenaPrint(arena, "%s%s", folder, path);
}

const char *rho_path_folder(RhoArena arena, const char *path) {
  const char *slash = strrchr(path, '/');
  return RhoArenaString(arena, path, slash ? (size_t)(slash - path) + 1 : 0);
}

static bool Is(const char *path, bool folder) {
  struct stat status;
  return stat(path, &status) == 0 && (bool)S_ISDIR(status.st_mode) == folder;
}

bool rho_path_is_file(const char *path) { return Is(path, false); }

bool rho_path_is_folder(const char *path) { return Is(path, true); }

/* The program is PREFIX/bin/rhoflux, its data in PREFIX/share/rhoflux. */
const char *rho_path_shared(RhoArena arena, const char *name) {
  char program[LONGEST];
  ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
  if (n <= 0) return NULL;
  program[n] = 0;
  const char *path = RhoArenaPrint(arena, "%s../share/rhoflux/%s", rho_path_folder(arena, program), name);
  return rho_path_is_file(path) || rho_path_is_folder(path) ? path : NULL;
}

static int ByName(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

int rho_path_list(RhoArena arena, const char *folder, const char *ending, const char ***name) {
  const char *path = rho_path_shared(arena, folder);
  DIR *list = path ? opendir(path) : NULL;
  int n = 0, capacity = 0;
  *name = NULL;
  if (!list) return 0;
  for (struct dirent *entry; (entry = readdir(list));) {
    size_t length = strlen(entry->d_name), end = strlen(ending);
    if (length <= end || strcmp(entry->d_name + length - end, ending) != 0) continue;
    *RHO_PUSH(arena, *name, n, capacity) = RhoArenaString(arena, entry->d_name, length - end);
  }
  closedir(list);
  if (n > 1) qsort(*name, (size_t)n, sizeof **name, ByName);
  return n;
}
