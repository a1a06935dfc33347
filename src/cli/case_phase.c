/* case_phase.c - the section `phase_diagram:` of a case.

     phase_diagram:
       window: {"rho[s]": 4, phi: [-1.5, 1.5]}        upper bounds of densities, or both
       compositions: [{"rho[a]": 1, "rho[b]": 0.5}]   what they separate into
       over: {parameter: a, from: -1, to: 0.5}        the diagram of one field or two, or by profiles, over a parameter
             sections: [-0.5, 0, 0.5]                 two fields: diagrams at these values, or so many, evenly
       paths: [[{a: 0.1, b: 0.2}, {a: 0.5, b: 0.2}]]  with over: boundaries along lines from one composition to another
       construction: auto | common_tangent | exact_kernel | pseudo_density | profiles | spinodal
       front: {length: 16, cells: 128}                 of the box of profiles */
#include "phase.h"
#include <math.h>
#include <string.h>

enum { MOSTSECTIONS = 100 };

static void Range(RhoCase *c, RhoPlace place, const char *hint, const char *format, const char *name) {
  RhoDiagReport(c->cli->diag, RHO_ID_CASE_RANGE, place, format, name);
  RhoDiagHint(c->cli->diag, "%s", hint);
}

/* ---- the window ---- */

/* The map with the lower (side 0) or the upper bounds alone: a density given by one number is bounded by 0 below. */
static const RhoYaml *Side(RhoCase *c, const RhoYaml *map, int side) {
  RhoYaml *bounds = RhoArenaAlloc(c->cli->arena, sizeof *bounds), *zero;
  const RhoYaml **item = RhoArenaAlloc(c->cli->arena, sizeof *item * (size_t)map->n);
  *bounds = *map;
  bounds->item = item;
  for (int k = 0; k < map->n; k++) {
    item[k] = map->item[k];
    if (item[k]->kind == RHO_YAML_LIST && item[k]->n == 2) item[k] = item[k]->item[side];
    else if (side == 0 && item[k]->kind == RHO_YAML_TEXT) {
      item[k] = zero = RhoArenaAlloc(c->cli->arena, sizeof *zero);
      *zero = *map->item[k];
      zero->text.text = "0";
      zero->text.nbyte = 1;
    }
  }
  return bounds;
}

static void CheckWindow(RhoCase *c, RhoPlace place) {
  const RhoPhaseRequest *request = &c->phase->request;
  for (int i = 0; i < c->eq->nfield; i++) {
    const RhoField *field = &c->model->field[i];
    if (field->kind == RHO_DENSITY && request->from[i] < 0)
      Range(c, place, "densities are not negative; from 0 to the largest of interest",
            "the window of '%s' reaches below 0", field->name);
    else if (!(request->to[i] > request->from[i]))
      Range(c, place, "[from, to], or the upper bound of a density", "the window of '%s' is empty", field->name);
  }
}

static bool HaveTwoEnds(RhoCase *c, const RhoYaml *map) {
  for (int k = 0; k < map->n; k++)
    if (map->item[k]->kind == RHO_YAML_LIST && map->item[k]->n != 2) {
      Range(c, map->item[k]->place, "[from, to], or the upper bound of a density",
            "the window of '%s' is not from one number to another", map->key[k]->text.text);
      return false;
    }
  return true;
}

static void ReadWindow(RhoCase *c, const RhoYaml *section, double *from, double *to) {
  const RhoYaml *map = RhoYamlFind(section, "window");
  if (!map) {
    rho_case_missing(c, section, "phase_diagram", "window", "the densities of interest, window: {\"rho[s]\": 4}");
    return;
  }
  c->phase->window = map->place;
  if (!RhoYamlExpect(c->cli->diag, map, RHO_YAML_MAP, "window") || !HaveTwoEnds(c, map)) return;
  if (RhoModelState(c->model, Side(c, map, 1), to) || RhoModelState(c->model, Side(c, map, 0), from)) return;
  CheckWindow(c, map->place);
}

/* ---- compositions ---- */

static bool ReadComposition(RhoCase *c, const RhoYaml *node, double *u) {
  if (RhoModelState(c->model, node, u)) return false;
  for (int i = 0; i < c->eq->nfield; i++)
    if (c->model->field[i].kind == RHO_DENSITY && !(u[i] > 0))
      Range(c, node->place, "every density is positive in a mixture", "the composition has no '%s'",
            c->model->field[i].name);
  return true;
}

static void ReadCompositions(RhoCase *c, const RhoYaml *list) {
  int n = c->eq->nfield;
  if (!list || !RhoYamlExpect(c->cli->diag, list, RHO_YAML_LIST, "compositions")) return;
  double *flash = RhoArenaAlloc(c->cli->arena, sizeof *flash * (size_t)(list->n * n));
  for (int k = 0; k < list->n; k++)
    if (!ReadComposition(c, list->item[k], flash + k * n)) return;
  c->phase->request.flash = flash;
  c->phase->request.nflash = list->n;
}

/* [from, to] of every line. */
static void ReadPaths(RhoCase *c, const RhoYaml *list) {
  int n = c->eq->nfield;
  RhoPhaseRequest *request = &c->phase->request;
  if (!list || !RhoYamlExpect(c->cli->diag, list, RHO_YAML_LIST, "paths")) return;
  if (n != 2 || request->parameter < 0) {
    Range(c, list->place, "over: {parameter: , from: , to: }, and a model of two fields",
          "paths are for diagrams of two fields over a parameter; this one of '%s' is not", c->model->name);
    return;
  }
  double *path = RhoArenaAlloc(c->cli->arena, sizeof *path * (size_t)(2 * list->n * n));
  for (int k = 0; k < list->n; k++) {
    const RhoYaml *ends = list->item[k];
    if (!RhoYamlExpect(c->cli->diag, ends, RHO_YAML_LIST, "a path")) return;
    if (ends->n != 2)
      Range(c, ends->place, "[{a: 0.1, b: 0.2}, {a: 0.5, b: 0.2}]",
            "a path of '%s' goes from one composition to another", c->model->name);
    for (int side = 0; side < 2 && ends->n == 2; side++)
      if (!ReadComposition(c, ends->item[side], path + (2 * k + side) * n)) return;
    if (ends->n == 2 && !memcmp(path + 2 * k * n, path + (2 * k + 1) * n, sizeof *path * (size_t)n))
      Range(c, ends->place, "two compositions", "a path of '%s' ends where it begins", c->model->name);
  }
  c->phase->paths = list->place;
  request->path = path;
  request->npath = list->n;
}

/* ---- over a parameter ---- */

static int FindParameter(RhoCase *c, const RhoYaml *node) {
  RhoModel model = c->model;
  const char **name = RhoArenaAlloc(c->cli->arena, sizeof *name * (size_t)model->nparameter);
  for (int k = 0; k < model->nparameter; k++) {
    name[k] = model->parameter[k].name;
    if (strcmp(name[k], node->text.text) == 0) return k;
  }
  RhoDiagReport(c->cli->diag, RHO_ID_UNKNOWN_NAME, node->place, "the model has no parameter '%s'", node->text.text);
  const char *near = RhoSuggest(node->text.text, model->nparameter, name);
  if (near) RhoDiagHint(c->cli->diag, "did you mean '%s'?", near);
  return -1;
}

/* How many there are to be, or where. */
static void ReadSections(RhoCase *c, const RhoYaml *node) {
  RhoPhaseRequest *request = &c->phase->request;
  bool list = node->kind == RHO_YAML_LIST;
  long count = node->n;
  if (c->eq->nfield != 2) {
    Range(c, node->place, "leave it out", "sections are for models of two fields; '%s' has not two", c->model->name);
    return;
  }
  if (!list && !RhoYamlInteger(c->cli->diag, node, 1, MOSTSECTIONS, &count)) return;
  if (list && (count < 1 || count > MOSTSECTIONS)) {
    Range(c, node->place, "one to a hundred values", "too few or too many sections of '%s'", c->model->name);
    return;
  }
  double *at = RhoArenaAlloc(c->cli->arena, sizeof *at * (size_t)count);
  for (int k = 0; k < count; k++) {
    at[k] = request->parameter_from + (request->parameter_to - request->parameter_from) * (k + 0.5) / (double)count;
    if (list && !rho_case_value(c, node->item[k], &at[k])) return;
    if (!(at[k] >= request->parameter_from && at[k] <= request->parameter_to))
      Range(c, node->item[k]->place, "a value between from and to", "a section of '%s' is outside of the range",
            c->model->name);
  }
  request->nsection = (int)count;
  request->section = at;
}

static void ReadOver(RhoCase *c, const RhoYaml *section) {
  static const char *const keys[] = {"parameter", "from", "to", "sections"};
  const RhoYaml *map = rho_case_map(c, section, "over", 4, keys), *item[3];
  RhoPhaseRequest *request = &c->phase->request;
  if (!map) return;
  for (int k = 0; k < 3; k++) {
    item[k] = RhoYamlFind(map, keys[k]);
    if (item[k]) continue;
    rho_case_missing(c, map, "over", keys[k], "over: {parameter: a, from: -1, to: 1}");
    return;
  }
  if (!RhoYamlExpect(c->cli->diag, item[0], RHO_YAML_TEXT, "parameter")) return;
  request->parameter = FindParameter(c, item[0]);
  c->phase->over = map->place;
  if (!rho_case_value(c, item[1], &request->parameter_from) || !rho_case_value(c, item[2], &request->parameter_to))
    return;
  if (!(request->parameter_to > request->parameter_from))
    Range(c, item[2]->place, "from < to", "the range of '%s' is empty", item[0]->text.text);
  else if (RhoYamlFind(map, "sections")) ReadSections(c, RhoYamlFind(map, "sections"));
}

/* Tangents over a parameter are those of two fields at most, and of no one composition; profiles have no sections, and
   only tangents have paths. */
static void CheckOver(RhoCase *c) {
  const RhoPhaseRequest *request = &c->phase->request;
  RhoConstructionBy by = rho_phase_by(c->phase);
  bool profiles = by == RHO_BY_PROFILES;
  if (request->parameter < 0) return;
  if (request->npath && by != RHO_BY_TANGENTS)
    Range(c, c->phase->paths, "leave out `paths`; construction: common_tangent has them, of a model with a free energy",
          "paths are of tangents, and this diagram of '%s' is not", c->model->name);
  else if (profiles && request->nsection)
    Range(c, c->phase->over, "leave out `sections`; front: {between: 20} says at how many values",
          "sections of '%s' are not made of profiles", c->model->name);
  else if (profiles) return;
  else if (c->eq->nfield > 2)
    Range(c, c->phase->over, "set the parameter with --set, one diagram after the other",
          "diagrams over a parameter are for models of one field or two; '%s' has more", c->model->name);
  else if (request->nflash)
    Range(c, c->phase->over, "leave out one of the two", "compositions have no place over '%s', which is not one value",
          c->model->parameter[request->parameter].name);
}

/* A section with its window, of all fields, still to be read. */
static void NewSection(RhoCase *c, RhoPlace place, double **from, double **to) {
  size_t n = sizeof(double) * (size_t)c->eq->nfield;
  c->phase = RhoArenaAlloc(c->cli->arena, sizeof *c->phase);
  c->phase->place = c->phase->window = place;
  c->phase->request.from = *from = RhoArenaAlloc(c->cli->arena, n);
  c->phase->request.to = *to = RhoArenaAlloc(c->cli->arena, n);
  c->phase->request.parameter = -1;
}

void rho_case_phase_window(RhoCase *c, double lower, double upper) {
  static const RhoYaml empty = {.kind = RHO_YAML_MAP, .place = {-1, 0, 0}};
  double *from, *to;
  int nerror = RhoDiagErrors(c->cli->diag);
  NewSection(c, RHO_NOWHERE, &from, &to);
  for (int i = 0; i < c->eq->nfield; i++) {
    bool density = c->model->field[i].kind == RHO_DENSITY;
    from[i] = density ? fmax(lower, 0) : lower;
    to[i] = upper;
  }
  CheckWindow(c, RHO_NOWHERE);
  if (RhoDiagErrors(c->cli->diag) == nerror) rho_phase_construction_read(c, &empty);
}

void rho_case_phase_diagram_read(RhoCase *c) {
  static const char *const keys[] = {"window", "compositions", "over", "paths", "construction", "front"};
  const RhoYaml *section = rho_case_map(c, c->root, "phase_diagram", 6, keys);
  int nerror = RhoDiagErrors(c->cli->diag);
  double *from, *to;
  if (!section) return;
  NewSection(c, section->place, &from, &to);
  ReadWindow(c, section, from, to);
  ReadCompositions(c, RhoYamlFind(section, "compositions"));
  ReadOver(c, section);
  ReadPaths(c, RhoYamlFind(section, "paths"));
  if (RhoDiagErrors(c->cli->diag) == nerror) rho_phase_construction_read(c, section);
  if (RhoDiagErrors(c->cli->diag) == nerror) CheckOver(c);
}
