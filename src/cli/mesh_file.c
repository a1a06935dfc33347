/* mesh_file.c - a mesh file by its path, or by the name of one that comes with the program. */
#include "cli_private.h"

static const char *Path(RhoArena arena, const char *folder, const char *name) {
  const char *path = rho_path_join(arena, folder, name);
  if (rho_path_is_file(path)) return path;
  const char *shared = rho_path_shared(arena, RhoArenaPrint(arena, "meshes/%s.yaml", name));
  return shared ? shared : path;
}

/* Only where there is no such file: what is wrong inside of one has its own hint. */
static void Hint(const RhoCli *cli, const char *name) {
  const char **shared;
  int n = rho_path_list(cli->arena, "meshes", ".yaml", &shared);
  const char *near = RhoSuggest(name, n, shared);
  RhoText text = RhoTextCreate(cli->arena);
  for (int k = 0; k < n; k++) RhoTextAdd(text, "%s%s", k ? ", " : "", shared[k]);
  if (near) RhoDiagHint(cli->diag, "did you mean '%s'?", near);
  RhoDiagHint(cli->diag, "a mesh file, or one that comes with the program: %s", RhoTextGet(text));
}

RhoStatus rho_mesh_load(RhoCli *cli, const char *folder, const char *name, RhoMesh *mesh) {
  RhoStatus status = RhoMeshLoad(cli->files, cli->diag, Path(cli->arena, folder, name), mesh);
  if (status == RHO_INPUT && !rho_path_is_file(rho_path_join(cli->arena, folder, name))) Hint(cli, name);
  return status;
}
