/* result_place.c - whether a result can be written where it is to be, before anything is computed. */
#include "case.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

const char *rho_result_path(const RhoCase *c) {
  const char *name = c->result, *end = strrchr(name, '.');
  return RhoArenaPrint(c->cli->arena, "%s%s", name, end && !strcmp(end, ".h5") ? "" : ".h5");
}

int rho_result_place(const RhoCase *c, bool goes_on, const char *otherwise) {
  const char *path = rho_result_path(c);
  const char *folder = rho_path_folder(c->cli->arena, path), *base = path + strlen(folder);
  if (*base == '.') return rho_refuse(c->cli, "'%s' is not the name of a result", c->result);
  if (*folder && !rho_path_is_folder(folder))
    return rho_refuse(c->cli, "the result can not be written to '%s': there is no folder '%s'", path, folder);
  if (access(*folder ? folder : ".", W_OK))
    return rho_refuse(c->cli, "the result can not be written to '%s': %s", path, strerror(errno));
  if (goes_on || rho_given(c->cli, RHO_OPT_OVERWRITE) || !rho_path_is_file(path)) return RHO_EXIT_DONE;
  return rho_refuse(c->cli, "there is a result '%s' already; --overwrite replaces it, --output gives another name%s",
                    path, otherwise);
}
