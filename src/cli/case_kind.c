/* case_kind.c - which kind of file a text is, by its keys, so that a file given in the wrong place is refused in one
   sentence instead of key by key. */
#include "case.h"

static bool HasAny(const RhoYaml *root, int n, const char *const *key) {
  for (int k = 0; k < n; k++)
    if (RhoYamlFind(root, key[k])) return true;
  return false;
}

/* Nothing but dimensions with cells beside the version. */
static bool IsMesh(const RhoYaml *root) {
  int n = 0;
  for (int k = 0; k < root->n; k++) {
    if (root->item[k] == RhoYamlFind(root, "rhoflux")) continue;
    if (!RhoYamlFind(root->item[k], "cells")) return false;
    n++;
  }
  return n > 0;
}

RhoInputKind rho_input_kind(const RhoYaml *root) {
  static const char *const of_case[] = {
      "mesh", "time", "solver", "output", "seed", "noise", "discretization",
#define RHO_ANALYSIS(key, read) #key,
#include "analyses.def"
#undef RHO_ANALYSIS
  };
  static const char *const of_model[] = {"dynamics", "extends",  "fields",     "define", "index",  "kernels",
                                         "checks",   "exchange", "dimensions", "dim",    "tables", "free_energy"};
  if (root->kind != RHO_YAML_MAP) return RHO_INPUT_UNKNOWN;
  if (RhoYamlFind(root, "case")) return RHO_INPUT_CASE;
  if (HasAny(root, sizeof of_model / sizeof *of_model, of_model)) return RHO_INPUT_MODEL;
  if (HasAny(root, sizeof of_case / sizeof *of_case, of_case)) return RHO_INPUT_CASE;
  return IsMesh(root) ? RHO_INPUT_MESH : RHO_INPUT_UNKNOWN;
}

RhoInputKind rho_input_kind_at(const char *path) {
  RhoDiag diag = RhoDiagCreate();
  RhoArena arena = RhoArenaCreate();
  int source = diag && arena && rho_path_is_file(path) ? RhoDiagReadFile(diag, path, RHO_NOWHERE) : -1;
  const RhoYaml *root = source >= 0 ? RhoYamlRead(arena, diag, source) : NULL;
  RhoInputKind kind = root ? rho_input_kind(root) : RHO_INPUT_UNKNOWN;
  RhoDiagDestroy(&diag);
  RhoArenaDestroy(&arena);
  return kind;
}

const char *rho_case_file(RhoArena arena, const char *path) {
  const char *inside = RhoArenaPrint(arena, "%s/model.yaml", path), *shipped = NULL;
  if (rho_path_is_folder(path)) return rho_path_is_file(inside) ? inside : path;
  if (!rho_path_is_file(path)) shipped = rho_path_shared(arena, RhoArenaPrint(arena, "models/%s/model.yaml", path));
  return shipped ? shipped : path;
}

/* Only where there is no such file: what is wrong inside of one has its own hint. */
void rho_case_hint_file(RhoCase *c) {
  const char *yaml = RhoArenaPrint(c->cli->arena, "%s.yaml", c->path);
  if (rho_path_is_file(yaml)) RhoDiagHint(c->cli->diag, "did you mean '%s'?", yaml);
  else if (!rho_path_is_file(c->path))
    RhoDiagHint(c->cli->diag, "a case is a YAML file; rhoflux new NAME writes a model and a case to start from");
}

bool rho_case_is_one(RhoCase *c) {
  RhoDiag diag = c->cli->diag;
  RhoInputKind kind = rho_input_kind(c->root);
  const char *file = RhoDiagSourceName(diag, c->source), *cases = RhoArenaPrint(c->cli->arena, "%scases", c->folder);
  if (kind == RHO_INPUT_MODEL) {
    RhoDiagReport(diag, RHO_ID_NOT_A_CASE, c->root->place, "this is a model file; what is run is a case");
    RhoDiagHint(diag,
                "a case names a model, a mesh, an initial state and times; rhoflux new NAME writes one to start from");
    if (rho_path_is_folder(cases)) RhoDiagHint(diag, "there are cases of this model in %s", cases);
    RhoDiagHint(diag, "rhoflux check %s says what is in the model", file);
  } else if (kind == RHO_INPUT_MESH) {
    RhoDiagReport(diag, RHO_ID_NOT_A_CASE, c->root->place, "this is a mesh file, which belongs to a case");
    RhoDiagHint(diag, "a case names it, mesh: %s; or it replaces the mesh of a case: --mesh %s", file, file);
  }
  return kind != RHO_INPUT_MODEL && kind != RHO_INPUT_MESH;
}
