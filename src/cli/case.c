/* case.c - reading a case: the file, its model, its mesh; then the parts that need the model; then the command line. */
#include "case.h"
#include <string.h>

/* The number of texts that the diagnostics own, by adding an empty one. */
static int CountSources(RhoDiag diag) { return RhoDiagAddSource(diag, "", "", 0); }

/* ---- analyses ---- */

static const struct {
  const char *key;
  void (*read)(RhoCase *c);
} analysis[] = {
#define RHO_ANALYSIS(key, read) {#key, read},
#include "analyses.def"
#undef RHO_ANALYSIS
};
enum { NANALYSIS = sizeof analysis / sizeof *analysis };

static bool HasAnalysis(const RhoYaml *root) {
  for (int k = 0; k < NANALYSIS; k++)
    if (RhoYamlFind(root, analysis[k].key)) return true;
  return false;
}

static void ReadAnalyses(RhoCase *c) {
  for (int k = 0; k < NANALYSIS; k++) analysis[k].read(c);
}

/* ---- the file ---- */

static void CheckVersion(RhoCase *c) {
  const RhoYaml *node = RhoYamlFind(c->root, "rhoflux");
  if (!node) {
    rho_case_missing(c, c->root, "a case", "rhoflux", "the version of the file's language: rhoflux: 1");
  } else if (node->kind != RHO_YAML_TEXT || strcmp(node->text.text, "1")) {
    RhoDiagReport(c->cli->diag, RHO_ID_CASE_VERSION, node->place, "this version of the case language is not known");
    RhoDiagHint(c->cli->diag, "rhoflux: 1");
  }
}

/* The name becomes that of files. */
static void CheckName(RhoCase *c) {
  c->name = rho_case_text(c, c->root, "case");
  if (!RhoYamlFind(c->root, "case")) rho_case_missing(c, c->root, "a case", "case", "its name, case: first_run");
  if (!c->name || (*c->name && *c->name != '.' && !strchr(c->name, '/'))) return;
  RhoDiagReport(c->cli->diag, RHO_ID_CASE_NAME, RhoYamlFind(c->root, "case")->place, "'%s' is no name", c->name);
  RhoDiagHint(c->cli->diag, "the result is called so: letters, digits, _ and -");
}

static bool ReadFile(RhoCase *c) {
  static const char *const keys[] = {
      "rhoflux", "case", "title",  "model",  "parameters", "protocol", "mesh",           "boundary",
      "initial", "time", "solver", "output", "seed",       "noise",    "discretization", "observe",
#define RHO_ANALYSIS(key, read) #key,
#include "analyses.def"
#undef RHO_ANALYSIS
  };
  c->source = RhoDiagReadFile(c->cli->diag, c->path, RHO_NOWHERE);
  if (c->source < 0) rho_case_hint_file(c);
  c->root = c->source < 0 ? NULL : RhoYamlRead(c->cli->files, c->cli->diag, c->source);
  if (!c->root || !RhoYamlExpect(c->cli->diag, c->root, RHO_YAML_MAP, "a case file") || !rho_case_is_one(c))
    return false;
  CheckVersion(c);
  CheckName(c);
  RhoYamlOnly(c->cli->diag, c->root, "a case", (int)(sizeof keys / sizeof *keys), keys);
  c->title = rho_case_text(c, c->root, "title");
  return true;
}

/* ---- its model ---- */

/* A folder stands for its model.yaml; a bare word that is no file for a shipped model. */
static const char *ModelPath(RhoArena arena, const char *folder, const char *text) {
  const char *path = rho_path_join(arena, folder, text);
  if (rho_path_is_folder(path)) return RhoArenaPrint(arena, "%s/model.yaml", path);
  bool plain = !strchr(path, '/') && !strstr(path, ".yaml") &&
               !strstr(path, ".yml"); /* would be taken for the name of a shipped model */
  if (rho_path_is_file(path)) return plain ? RhoArenaPrint(arena, "./%s", path) : path;
  return strpbrk(text, "/.") ? path : text;
}

/* Before the equations are made: protocols change their formulas. */
static void ReadParameters(RhoCase *c) {
  if (c->root) {
    rho_case_numbers_read(c);
    rho_case_parameters_read(c, RhoYamlFind(c->root, "parameters"));
  }
  int nown = c->nsetting;
  rho_case_command_line_read(c);
  if (c->root) rho_case_protocol_read(c, RhoYamlFind(c->root, "protocol"), nown);
}

static void LoadModel(RhoCase *c, const char *path) {
  RhoDiag diag = c->cli->diag;
  c->model_source.first = CountSources(diag) + 1;
  RhoStatus status = RhoModelLoad(path, diag, &c->model);
  c->model_source.end = CountSources(diag);
  if (status == RHO_OK) {
    ReadParameters(c);
    (void)RhoEquationsCreate(c->model, diag, &c->eq);
    return;
  }
  int last = RhoDiagCount(diag) - 1;
  if (c->model_place.source >= 0 && last >= 0 && RhoDiagPlaceAt(diag, last).source < 0)
    RhoDiagAlso(diag, c->model_place, "the model is named here");
}

static void ReadModel(RhoCase *c) {
  const RhoYaml *node = RhoYamlFind(c->root, "model");
  if (!node) {
    rho_case_missing(c, c->root, "a case", "model", "a file (model: ../model.yaml) or the name of a shipped model");
  } else if (RhoYamlExpect(c->cli->diag, node, RHO_YAML_TEXT, "model") && rho_case_filled(c, node, "model")) {
    c->model_place = node->place;
    LoadModel(c, ModelPath(c->cli->arena, c->folder, node->text.text));
  }
}

/* ---- its mesh ---- */

static void ReadMesh(RhoCase *c) {
  RhoCli *cli = c->cli;
  const char *option = cli->value[RHO_OPT_MESH];
  const RhoYaml *node = RhoYamlFind(c->root, "mesh");
  int nerror = RhoDiagErrors(cli->diag);
  c->mesh_source.first = CountSources(cli->diag) + 1;
  if (option) {
    (void)rho_mesh_load(cli, "", option, &c->mesh);
  } else if (node && node->kind == RHO_YAML_TEXT && *node->text.text) {
    if (rho_mesh_load(cli, c->folder, node->text.text, &c->mesh))
      RhoDiagAlso(cli->diag, node->place, "the mesh is named here");
  } else if (node) {
    (void)RhoMeshRead(cli->files, cli->diag, node, &c->mesh);
  } else if (c->evolves) {
    rho_case_missing(c, c->root, "a case", "mesh", "mesh: {x: {length: 16, cells: 64, boundary: periodic}}, or a file");
  }
  c->mesh_source.end = CountSources(cli->diag);
  c->has_mesh = c->mesh.ndimension > 0 && RhoDiagErrors(cli->diag) == nerror;
}

/* ---- its walls ---- */

/* Conditions go on top of the model's own. */
static void ReadBoundary(RhoCase *c) {
  const RhoYaml *map = RhoYamlFind(c->root, "boundary");
  if (map) (void)RhoModelBoundary(c->model, map);
}

/* ---- all of it ---- */

/* A model that leaves `dim` to the mesh is looked at in one dimension when there is none. */
static void Bind(RhoCase *c) {
  c->dim = c->has_mesh ? RhoMeshSpatial(&c->mesh) : c->model->dim ? c->model->dim : 1;
  c->value = RhoArenaAlloc(c->cli->arena, ((size_t)c->eq->nuniform + 1) * sizeof *c->value);
  (void)RhoEquationsBind(c->eq, c->dim, c->nsetting, c->setting, c->value);
  c->value[c->model->nparameter + 1] = c->number[RHO_CASE_START].value;
  if (c->root) rho_case_breakpoints_find(c);
  if (c->work) rho_case_work_check(c);
}

static void ReadDiscretization(RhoCase *c) {
  static const char *const word[] = {"finite_volumes", "spectral", "dealiased"};
  const RhoYaml *node = RhoYamlFind(c->root, "discretization");
  int k = node ? rho_case_word(c, node, "discretization", 3, word) : 0;
  c->discretization = k > 0 ? (RhoCaseDiscretization)k : RHO_CASE_VOLUMES;
}

static void ReadParts(RhoCase *c) {
  if (c->root) {
    ReadBoundary(c);
    rho_case_initial_read(c);
    rho_case_times_read(c);
    rho_case_solver_read(c);
    ReadDiscretization(c);
    rho_case_noise_read(c);
    rho_case_output_read(c);
  }
  if (RhoDiagErrors(c->cli->diag) == 0) Bind(c);
  if (c->root && c->has_mesh && RhoDiagErrors(c->cli->diag) == 0) rho_case_observe_read(c);
  if (c->root && RhoDiagErrors(c->cli->diag) == 0) ReadAnalyses(c);
}

/* What the mesh must have for the model, and for the formulas written besides. */
static void CheckFit(RhoCase *c) {
  c->halo = RhoFieldHalo(c->eq);
  int derived = RhoFormulasHalo(c->eq, c->nderived, c->derived);
  if (derived > c->halo) c->halo = derived;
  if (!c->has_mesh || RhoDiagErrors(c->cli->diag) > 0) return;
  if (RhoFieldFits(c->eq, &c->mesh, c->halo, c->cli->diag) &&
      RhoFormulasFit(c->eq, c->nderived, c->derived, &c->mesh, c->cli->diag) &&
      RhoMeshShared(&c->mesh, c->cli->nrank, (int)c->halo, c->cli->diag) &&
      (c->discretization == RHO_CASE_VOLUMES || RhoSpectralFits(&c->mesh, c->cli->diag)))
    (void)RhoKernelsFit(c->eq, &c->mesh, c->value, c->cli->diag);
}

RhoStatus rho_case_load(RhoCli *cli, const char *path, RhoCasePurpose purpose, RhoCase *c) {
  bool model_too = purpose != RHO_CASE_FOR_RUN;
  *c = (RhoCase){.cli = cli, .path = path, .folder = "", .source = -1, .model_place = RHO_NOWHERE};
  if (!model_too) c->path = path = rho_case_file(cli->arena, path);
  RhoInputKind kind = model_too ? rho_input_kind_at(path) : RHO_INPUT_CASE;
  if (kind == RHO_INPUT_CASE || kind == RHO_INPUT_MESH) {
    c->folder = rho_path_folder(cli->arena, path);
    if (!ReadFile(c)) return RHO_INPUT;
    c->evolves = purpose == RHO_CASE_FOR_RUN || (purpose == RHO_CASE_FOR_CHECK && !HasAnalysis(c->root));
    ReadModel(c);
  } else {
    LoadModel(c, ModelPath(cli->arena, "", path));
  }
  ReadMesh(c);
  if (c->eq) {
    ReadParts(c);
    CheckFit(c);
  }
  return RhoDiagErrors(cli->diag) ? RHO_INPUT : RHO_OK;
}

void rho_case_destroy(RhoCase *c) {
  if (c->model) RhoModelDestroy(&c->model);
  c->model = NULL;
  c->eq = NULL;
}
