/* mesh.c - mesh files: named dimensions with extent, cells, boundary and spacing.

     rhoflux: 1
     x: {from: -8, to: 8, cells: 256, boundary: periodic}
     y: {length: 2*pi, cells: 64, boundary: wall}           from is 0 when not given

   Edge i of n equal cells from a to b is ((n - i) a + i b)/n, and centres likewise: antisymmetric to the last bit when
   a = -b. */
#include "grid_private.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_CELLS = 1 << 24 };

typedef struct {
  RhoArena arena;
  RhoDiag diag;
} Reader;

/* ---- names ---- */

static bool IsIdentifier(const char *name) {
  static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
  return *name && !strchr("0123456789", *name) && strspn(name, letters) == strlen(name);
}

/* Names that mean something else in formulas, where dimensions are coordinates. */
static bool IsTaken(const char *name) {
  static const char *const taken[] = {
      "t", "dim", "pi", "inf", "none", "if", "sum", "prod", "table",
#define RHO_FUNCTION(id, word, narg, value, d0, d1, dual0, dual1) word,
#include "rhoflux/functions.def"
#undef RHO_FUNCTION
#define RHO_OPERATOR(id, word, narg, rank, attr) word,
#include "rhoflux/operators.def"
#undef RHO_OPERATOR
  };
  for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
    if (strcmp(taken[i], name) == 0) return true;
  return false;
}

static bool CheckName(Reader *r, const RhoYaml *key) {
  const char *name = key->text.text;
  if (!IsIdentifier(name)) {
    RhoDiagReport(r->diag, RHO_ID_MESH_NAME, key->place, "'%.60s' is not a name for a dimension", name);
    RhoDiagHint(r->diag, "names have letters, digits and _, and do not begin with a digit");
    return false;
  }
  if (IsTaken(name)) {
    RhoDiagReport(r->diag, RHO_ID_MESH_NAME, key->place, "'%s' has a meaning of its own in formulas", name);
    RhoDiagHint(r->diag, "choose another name for this dimension, such as '%s1'", name);
    return false;
  }
  return true;
}

static bool IsSpatial(const char *name) {
  if (name[0] && !name[1]) return strchr("xyz", *name) != NULL;
  return *name == 'x' && strspn(name + 1, "0123456789") == strlen(name + 1);
}

/* ---- one dimension ---- */

static bool Missing(Reader *r, const RhoYaml *key, const char *what, const char *hint) {
  RhoDiagReport(r->diag, RHO_ID_MESH_MISSING, key->place, "the dimension '%s' has no %s", key->text.text, what);
  RhoDiagHint(r->diag, "%s", hint);
  return false;
}

static bool ReadNumber(Reader *r, const RhoYaml *node, double *value) {
  return !node || RhoYamlNumber(r->arena, r->diag, node, value);
}

static bool ReadEnd(Reader *r, const RhoYaml *key, const RhoYaml *map, RhoDimension *d) {
  const RhoYaml *to = RhoYamlFind(map, "to"), *length = RhoYamlFind(map, "length");
  if (!to && !length) return Missing(r, key, "extent", "length: 16, or from: -8 and to: 8");
  if (to && length) {
    RhoDiagReport(r->diag, RHO_ID_MESH_EXTENT, length->place,
                  "the extent of '%s' is given twice, by 'to' and by 'length'", key->text.text);
    RhoDiagAlso(r->diag, to->place, "its end is given here");
    RhoDiagHint(r->diag, "leave one of the two out");
    return false;
  }
  if (!RhoYamlNumber(r->arena, r->diag, to ? to : length, &d->to)) return false;
  if (length) d->to += d->from;
  return true;
}

static bool ReadExtent(Reader *r, const RhoYaml *key, const RhoYaml *map, RhoDimension *d) {
  const RhoYaml *to = RhoYamlFind(map, "to"), *length = RhoYamlFind(map, "length");
  if (!ReadNumber(r, RhoYamlFind(map, "from"), &d->from) || !ReadEnd(r, key, map, d)) return false;
  if (d->to > d->from && isfinite(d->to - d->from)) return true;
  RhoDiagReport(r->diag, RHO_ID_MESH_LENGTH, to ? to->place : length->place, "'%s' runs from %g to %g", key->text.text,
                d->from, d->to);
  RhoDiagHint(r->diag, length ? "the length must be positive, and not lost beside 'from'"
                              : "'to' must be greater than 'from' (0 when not given)");
  return false;
}

static bool ReadCells(Reader *r, const RhoYaml *key, const RhoYaml *node, RhoDimension *d) {
  const char *text = RhoYamlText(node);
  char *end;
  if (!node) return Missing(r, key, "number of cells", "cells: 128");
  if (!RhoYamlExpect(r->diag, node, RHO_YAML_TEXT, "cells")) return false;
  long n = *text && strspn(text, "0123456789") == strlen(text) ? strtol(text, &end, 10) : 0;
  if (n < 1 || n > MOST_CELLS) {
    RhoDiagReport(r->diag, RHO_ID_MESH_CELLS, node->place, "'%.60s' is not a number of cells", text);
    RhoDiagHint(r->diag, "a whole number from 1 to %d, in digits", MOST_CELLS);
    return false;
  }
  d->ncell = (int)n;
  return true;
}

/* {mirror: v}; which dimension v is, is found when all are read. */
static bool ReadMirror(Reader *r, const RhoYaml *node, RhoDimension *d) {
  static const char *const keys[] = {"mirror"};
  const RhoYaml *mirror = RhoYamlFind(node, "mirror");
  RhoYamlOnly(r->diag, node, "a boundary", 1, keys);
  d->boundary = RHO_WALL;
  return mirror && RhoYamlExpect(r->diag, mirror, RHO_YAML_TEXT, "mirror");
}

static bool ReadBoundary(Reader *r, const RhoYaml *key, const RhoYaml *node, RhoDimension *d) {
  static const char *const word[] = {"periodic", "wall", "no_flux"};
  if (!node) return Missing(r, key, "boundary", "boundary: periodic, or boundary: wall (nothing flows through)");
  if (node->kind == RHO_YAML_MAP) return ReadMirror(r, node, d);
  if (!RhoYamlExpect(r->diag, node, RHO_YAML_TEXT, "boundary")) return false;
  for (int w = 0; w < 3; w++)
    if (strcmp(node->text.text, word[w]) == 0) {
      d->boundary = w == 0 ? RHO_PERIODIC : RHO_WALL;
      return true;
    }
  RhoDiagReport(r->diag, RHO_ID_MESH_BOUNDARY, node->place, "'%.60s' is not a boundary", node->text.text);
  const char *near = RhoSuggest(node->text.text, 3, word);
  if (near) RhoDiagHint(r->diag, "did you mean '%s'?", near);
  else RhoDiagHint(r->diag, "periodic, or wall (the same as no_flux), for both sides");
  return false;
}

static bool ReadCellsAndSpacing(Reader *r, const RhoYaml *key, const RhoYaml *map, RhoDimension *d) {
  const RhoYaml *spacing = RhoYamlFind(map, "spacing");
  bool extent = ReadExtent(r, key, map, d), cells = ReadCells(r, key, RhoYamlFind(map, "cells"), d);
  return extent && cells && (!spacing || rho_spacing_read(r->arena, r->diag, spacing, d));
}

/* ---- one dimension by its edges ---- */

static bool Disagree(Reader *r, RhoPlace place, const RhoDimension *d) {
  RhoDiagReport(r->diag, RHO_ID_MESH_EDGES, place, "the edges of '%s' make %d cells from %.10g to %.10g", d->name,
                d->ncell, d->edge[0], d->edge[d->ncell]);
  RhoDiagHint(r->diag, "the edges say it all: leave 'from', 'to', 'length' and 'cells' out, or let them agree");
  return false;
}

static bool CheckExtent(Reader *r, const RhoYaml *key, const RhoYaml *map, const RhoDimension *d) {
  const RhoYaml *to = RhoYamlFind(map, "to"), *length = RhoYamlFind(map, "length"), *from = RhoYamlFind(map, "from");
  RhoDimension said = {.from = d->from};
  double close = 1e-9 * (d->to - d->from);
  if (!ReadNumber(r, from, &said.from)) return false;
  if (fabs(said.from - d->from) > close) return Disagree(r, from->place, d);
  if (!to && !length) return true;
  return ReadEnd(r, key, map, &said) &&
         (fabs(said.to - d->to) <= close || Disagree(r, to ? to->place : length->place, d));
}

static bool ReadEdges(Reader *r, const RhoYaml *key, const RhoYaml *map, const RhoYaml *edges, RhoDimension *d) {
  const RhoYaml *cells = RhoYamlFind(map, "cells");
  RhoDimension said;
  if (!rho_spacing_read_edges(r->arena, r->diag, edges, d) || !CheckExtent(r, key, map, d)) return false;
  return !cells || (ReadCells(r, key, cells, &said) && (said.ncell == d->ncell || Disagree(r, cells->place, d)));
}

/* ---- all of it ---- */

/* Every part is read even when one is wrong, so that all mistakes are reported. */
static bool ReadDimension(Reader *r, const RhoYaml *key, const RhoYaml *map, RhoDimension *d) {
  static const char *const keys[] = {"from", "to", "length", "cells", "boundary", "spacing"};
  *d = (RhoDimension){.name = key->text.text, .spatial = IsSpatial(key->text.text)};
  if (!CheckName(r, key) || !RhoYamlExpect(r->diag, map, RHO_YAML_MAP, "a dimension")) return false;
  int nerror = RhoDiagErrors(r->diag);
  RhoYamlOnly(r->diag, map, "a dimension of a mesh", sizeof keys / sizeof *keys, keys);
  const RhoYaml *edges = rho_spacing_edges(RhoYamlFind(map, "spacing"));
  bool cells = edges ? ReadEdges(r, key, map, edges, d) : ReadCellsAndSpacing(r, key, map, d);
  bool boundary = ReadBoundary(r, key, RhoYamlFind(map, "boundary"), d);
  return cells && boundary && RhoDiagErrors(r->diag) == nerror;
}

/* ---- all of them ---- */

/* A file of more than dimensions: a model, a case. */
static bool IsOther(const RhoYaml *map) {
  static const char *const key[] = {"model", "case", "dynamics"};
  for (size_t k = 0; k < sizeof key / sizeof *key; k++)
    if (RhoYamlFind(map, key[k])) return true;
  return false;
}

static bool CheckCount(Reader *r, const RhoYaml *map, int n) {
  if (IsOther(map)) {
    RhoDiagReport(r->diag, RHO_ID_MESH_COUNT, map->place, "this is no mesh");
    RhoDiagHint(r->diag, "a mesh lists its dimensions: x: {length: 16, cells: 64, boundary: periodic}");
    return false;
  }
  if (n >= 1 && n <= RHO_MAXDIM) return true;
  RhoDiagReport(r->diag, RHO_ID_MESH_COUNT, map->place, "a mesh of %d dimensions", n);
  if (n == 0) RhoDiagHint(r->diag, "x: {length: 16, cells: 64, boundary: periodic}");
  else RhoDiagHint(r->diag, "at most %d", RHO_MAXDIM);
  return false;
}

static bool BadMirror(Reader *r, const RhoYaml *node, const char *why, const char *hint) {
  RhoDiagReport(r->diag, RHO_ID_MESH_MIRROR, node->place, "%s", why);
  RhoDiagHint(r->diag, "%s", hint);
  return false;
}

/* Is cell i as wide as cell n - 1 - i? */
static bool IsSymmetric(const RhoDimension *d) {
  for (int i = 0; d->edge && i < d->ncell / 2; i++)
    if (fabs(RhoMeshWidth(d, i) / RhoMeshWidth(d, d->ncell - 1 - i) - 1) > 1e-9) return false;
  return true;
}

/* The dimension that walls reverse: another one, and not the last one, which ranks share. */
static bool FindMirror(Reader *r, const RhoMesh *mesh, int n, const RhoYaml *node, RhoDimension *d) {
  int m = 0;
  while (m < n && strcmp(mesh->dimension[m].name, node->text.text)) m++;
  if (m == n) return BadMirror(r, node, "the dimension that a wall mirrors is not in this mesh", "mirror: v");
  if (&mesh->dimension[m] == d)
    return BadMirror(r, node, "a wall reverses another dimension than its own", "x: {..., boundary: {mirror: v}}");
  if (m == n - 1)
    return BadMirror(r, node, "the last dimension is shared by the ranks and can not be reversed",
                     "write the reversed dimension first: v: {...} before x: {...}");
  if (!IsSymmetric(&mesh->dimension[m]))
    return BadMirror(r, node, "the cells along the dimension that a wall mirrors are not symmetric",
                     "a spacing that is the same from both ends: {cluster: both, strength: 2}");
  d->mirror = 1 + m;
  return true;
}

static bool FindMirrors(Reader *r, const RhoYaml *map, RhoMesh *mesh, int n) {
  bool sound = true;
  for (int d = 0; d < n; d++) {
    const RhoYaml *boundary = RhoYamlFind(RhoYamlFind(map, mesh->dimension[d].name), "boundary");
    const RhoYaml *mirror = boundary && boundary->kind == RHO_YAML_MAP ? RhoYamlFind(boundary, "mirror") : NULL;
    if (mirror) sound = FindMirror(r, mesh, n, mirror, &mesh->dimension[d]) && sound;
  }
  return sound;
}

/* in_file: the map also holds the key rhoflux. */
static bool ReadMap(Reader *r, const RhoYaml *map, bool in_file, RhoMesh *mesh) {
  bool sound = true;
  int n = 0;
  if (!RhoYamlExpect(r->diag, map, RHO_YAML_MAP, "a mesh")) return false;
  if (!CheckCount(r, map, map->n - in_file)) return false;
  for (int i = 0; i < map->n; i++) {
    if (in_file && strcmp(map->key[i]->text.text, "rhoflux") == 0) continue;
    mesh->at[n] = map->key[i]->place;
    sound = ReadDimension(r, map->key[i], map->item[i], &mesh->dimension[n++]) && sound;
  }
  sound = sound && FindMirrors(r, map, mesh, n);
  mesh->place = map->place;
  mesh->ndimension = sound ? n : 0;
  return sound;
}

static bool CheckVersion(Reader *r, const RhoYaml *map) {
  const RhoYaml *version = RhoYamlFind(map, "rhoflux");
  const char *text = RhoYamlText(version);
  if (map->kind != RHO_YAML_MAP || (text && strcmp(text, "1") == 0)) return true;
  if (version)
    RhoDiagReport(r->diag, RHO_ID_MESH_VERSION, version->place, "this program reads mesh files of version 1");
  else RhoDiagReport(r->diag, RHO_ID_MESH_VERSION, map->place, "a mesh file says which version of the format it has");
  RhoDiagHint(r->diag, "rhoflux: 1");
  return false;
}

static bool ReadFile(Reader *r, const char *path, RhoMesh *mesh) {
  int source = RhoDiagReadFile(r->diag, path, RHO_NOWHERE);
  const RhoYaml *map = source < 0 ? NULL : RhoYamlRead(r->arena, r->diag, source);
  return map && CheckVersion(r, map) && ReadMap(r, map, true, mesh);
}

/* ---- entries ---- */

/* One of map and path.  The guard that the arena's owner set is put back. */
static RhoStatus Guarded(RhoArena arena, RhoDiag diag, const RhoYaml *map, const char *path, RhoMesh *mesh) {
  Reader r = {arena, diag};
  jmp_buf outer;
  volatile RhoStatus status = RHO_NOMEM;
  memcpy(&outer, RhoArenaGuard(arena), sizeof outer);
  *mesh = (RhoMesh){.place = RHO_NOWHERE};
  if (!setjmp(*RhoArenaGuard(arena)))
    status = (path ? ReadFile(&r, path, mesh) : ReadMap(&r, map, false, mesh)) ? RHO_OK : RHO_INPUT;
  memcpy(RhoArenaGuard(arena), &outer, sizeof outer);
  if (status) mesh->ndimension = 0;
  return status;
}

RhoStatus RhoMeshRead(RhoArena arena, RhoDiag diag, const RhoYaml *map, RhoMesh *mesh) {
  return Guarded(arena, diag, map, NULL, mesh);
}

RhoStatus RhoMeshLoad(RhoArena arena, RhoDiag diag, const char *path, RhoMesh *mesh) {
  return Guarded(arena, diag, NULL, path, mesh);
}

/* ---- cells ---- */

double RhoMeshEdge(const RhoDimension *d, int i) {
  return d->edge ? d->edge[i] : ((d->ncell - i) * d->from + i * d->to) / d->ncell;
}

double RhoMeshCentre(const RhoDimension *d, int i) {
  if (d->edge) return 0.5 * (d->edge[i] + d->edge[i + 1]);
  return ((d->ncell - i - 0.5) * d->from + (i + 0.5) * d->to) / d->ncell;
}

double RhoMeshWidth(const RhoDimension *d, int i) {
  return d->edge ? d->edge[i + 1] - d->edge[i] : (d->to - d->from) / d->ncell;
}

/* Of a cell, in mean volumes: exactly 1 where all are equal. */
static double Volume(const RhoMesh *mesh, long long cell) {
  double volume = 1;
  for (int d = 0; d < mesh->ndimension; cell /= mesh->dimension[d++].ncell) {
    const RhoDimension *m = &mesh->dimension[d];
    if (m->edge) volume *= RhoMeshWidth(m, (int)(cell % m->ncell)) * m->ncell / (m->to - m->from);
  }
  return volume;
}

double RhoMeshMean(const RhoMesh *mesh, const double *data) {
  double sum = 0, volume = 0;
  long long ncell = 1;
  for (int d = 0; d < mesh->ndimension; d++) ncell *= mesh->dimension[d].ncell;
  for (long long cell = 0; cell < ncell; cell++) {
    if (!isfinite(data[cell])) continue;
    double part = Volume(mesh, cell);
    sum += part * data[cell];
    volume += part;
  }
  return sum / volume;
}

double RhoMeshStretch(const RhoDimension *d) {
  double least = INFINITY, most = 0;
  for (int i = 0; d->edge && i < d->ncell; i++) {
    least = fmin(least, RhoMeshWidth(d, i));
    most = fmax(most, RhoMeshWidth(d, i));
  }
  return d->edge ? most / least : 1;
}

int RhoMeshSpatial(const RhoMesh *mesh) {
  int n = 0;
  for (int d = 0; d < mesh->ndimension; d++) n += mesh->dimension[d].spatial;
  return n;
}
