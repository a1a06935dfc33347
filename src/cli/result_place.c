/* result_place.c - whether a result can be written where it is to be, before anything is computed. */
#include "cli_private.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

const char *rho_result_path(const RhoCli *cli, const char *name) {
  const char *end = strrchr(name, '.');
  return RhoArenaPrint(cli->arena, "%s%s", name, end && !strcmp(end, ".h5") ? "" : ".h5");
}

int rho_result_place(const RhoCli *cli, const char *name, bool goes_on, const char *otherwise) {
  const char *path = rho_result_path(cli, name);
  const char *folder = rho_path_folder(cli->arena, path), *base = path + strlen(folder);
  if (*base == '.') return rho_refuse(cli, "'%s' is not the name of a result", name);
  if (*folder && !rho_path_is_folder(folder))
    return rho_refuse(cli, "the result can not be written to '%s': there is no folder '%s'", path, folder);
  if (access(*folder ? folder : ".", W_OK))
    return rho_refuse(cli, "the result can not be written to '%s': %s", path, strerror(errno));
  if (goes_on || rho_given(cli, RHO_OPT_OVERWRITE) || !rho_path_is_file(path)) return RHO_EXIT_DONE;
  return rho_refuse(cli, "there is a result '%s' already; --overwrite replaces it, --output gives another name%s", path,
                    otherwise);
}
