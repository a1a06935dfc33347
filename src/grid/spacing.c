/* spacing.c - the edges of cells that are not all equal: spacing: in a mesh file.

     spacing: {ratio: 4}                                   widths in geometric progression, last over first
     spacing: {cluster: both, strength: 2}                 smaller cells at both ends (from, to) or in the middle
     spacing: {formula: "s + 0.3*sin(2*pi*s)/(2*pi)"}      a map of s in [0, 1] onto [0, 1]
     spacing: {edges: [0, 0.1, 0.3, 1]}                    or a file of numbers; from, to and cells may be left out
     spacing: uniform                                      what it is without the key

   Edge i of n lies at from + (to - from) S(i/n), computed as ((1 - T) from + (1 + T) to)/2 with T = 2 S - 1, which is
   antisymmetric to the last bit for symmetric maps on a symmetric extent.  A smooth S with S' > 0, the same for every
   n, keeps the second order of finite volumes. */
#include "grid_private.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NARROWEST 1e-9 /* width of a cell, in mean widths */

typedef struct {
  RhoArena arena;
  RhoDiag diag;
  RhoDimension *d;
  double *T; /* [ncell + 1] */
} Spacing;

/* T at edge i of equal cells, odd about the middle */
static double Equal(const Spacing *s, int i) { return (double)(2 * i - s->d->ncell) / s->d->ncell; }

static bool CheckPositive(Spacing *s, const RhoYaml *node, RhoDiagId id, const char *what, double *value) {
  if (!RhoYamlNumber(s->arena, s->diag, node, value)) return false;
  if (*value > 0) return true;
  RhoDiagReport(s->diag, id, node->place, "the %s of '%s' is %g", what, s->d->name, *value);
  RhoDiagHint(s->diag, "a positive number; the nearer to %s, the more equal the cells",
              id == RHO_ID_MESH_RATIO ? "1" : "0");
  return false;
}

/* ---- the kinds ---- */

/* Widths a, a g, a g^2, ...: S = (g^i - 1)/(g^n - 1), with g < 1 and mirrored if need be, so that nothing overflows. */
static bool Ratio(Spacing *s, const RhoYaml *map) {
  double ratio;
  int n = s->d->ncell;
  if (!CheckPositive(s, RhoYamlFind(map, "ratio"), RHO_ID_MESH_RATIO, "ratio of the last width to the first", &ratio))
    return false;
  double log_g = n > 1 ? -fabs(log(ratio)) / (n - 1) : 0;
  for (int i = 0; i <= n; i++) {
    double T = log_g < 0 ? 2 * (expm1(i * log_g) / expm1(n * log_g)) - 1 : Equal(s, i);
    if (ratio > 1) s->T[n - i] = -T;
    else s->T[i] = T;
  }
  return true;
}

static double Both(double k, double t) { return tanh(k * t) / tanh(k); }
static double From(double k, double t) { return 1 + 2 * tanh(0.5 * k * (t - 1)) / tanh(k); }
static double To(double k, double t) { return 2 * tanh(0.5 * k * (t + 1)) / tanh(k) - 1; }
static double Middle(double k, double t) { return sinh(k * t) / sinh(k); }

static bool Cluster(Spacing *s, const RhoYaml *map) {
  static const char *const word[] = {"both", "from", "to", "middle"};
  static double (*const at[])(double, double) = {Both, From, To, Middle};
  const RhoYaml *where = RhoYamlFind(map, "cluster"), *strength = RhoYamlFind(map, "strength");
  double k;
  int w = 0;
  if (!RhoYamlExpect(s->diag, where, RHO_YAML_TEXT, "cluster")) return false;
  while (w < 4 && strcmp(where->text.text, word[w])) w++;
  if (w == 4 || !strength) {
    RhoDiagReport(s->diag, RHO_ID_MESH_SPACING, where->place,
                  w == 4 ? "cells do not cluster at '%.60s'" : "cells cluster at '%.60s' with no strength",
                  where->text.text);
    RhoDiagHint(s->diag, "{cluster: both, strength: 2}; both, from, to or middle");
    return false;
  }
  if (!CheckPositive(s, strength, RHO_ID_MESH_STRENGTH, "strength of the clustering", &k)) return false;
  for (int i = 0; i <= s->d->ncell; i++) s->T[i] = at[w](k, Equal(s, i));
  return true;
}

/* Maps that are symmetric but for rounding are made so to the last bit. */
static void Symmetrise(Spacing *s) {
  int n = s->d->ncell;
  for (int i = 0; i <= n; i++)
    if (fabs(s->T[i] + s->T[n - i]) > 1e-12) return;
  for (int i = 0; i <= n - i; i++) {
    double odd = 0.5 * (s->T[i] - s->T[n - i]);
    s->T[i] = odd;
    s->T[n - i] = -odd;
  }
}

static bool Formula(Spacing *s, const RhoYaml *map) {
  const RhoYaml *formula = RhoYamlFind(map, "formula");
  int n = s->d->ncell;
  double *x = RhoArenaAlloc(s->arena, (size_t)(n + 1) * sizeof *x);
  for (int i = 0; i <= n; i++) x[i] = (double)i / n;
  if (!RhoYamlFunction(s->arena, s->diag, formula, "s", n + 1, x, s->T)) return false;
  if (fabs(s->T[0]) > 1e-9 || fabs(s->T[n] - 1) > 1e-9) {
    RhoDiagReport(s->diag, RHO_ID_MESH_MAP, formula->place, "the spacing of '%s' is %.10g at s = 0 and %.10g at s = 1",
                  s->d->name, s->T[0], s->T[n]);
    RhoDiagHint(s->diag, "a map of s from 0 to 1 onto 0 to 1: s^2, or s + 0.3*sin(2*pi*s)/(2*pi)");
    return false;
  }
  for (int i = 0; i <= n; i++) s->T[i] = 2 * s->T[i] - 1;
  Symmetrise(s);
  return true;
}

/* ---- all of them ---- */

/* Increasing, and by more than rounding. */
static bool CheckOrder(RhoDiag diag, RhoPlace place, const RhoDimension *d, const char *hint) {
  double least = NARROWEST * fabs(d->to - d->from) / d->ncell;
  for (int i = 0; i < d->ncell; i++) {
    if (isfinite(d->edge[i]) && d->edge[i + 1] - d->edge[i] > least) continue;
    RhoDiagReport(diag, RHO_ID_MESH_ORDER, place, "cell %d of '%s' would reach from %.10g to %.10g", i + 1, d->name,
                  d->edge[i], d->edge[i + 1]);
    RhoDiagHint(diag, "%s", hint);
    return false;
  }
  return true;
}

static bool MakeEdges(Spacing *s, RhoPlace place) {
  RhoDimension *d = s->d;
  double *edge = RhoArenaAlloc(s->arena, (size_t)(d->ncell + 1) * sizeof *edge);
  for (int i = 0; i <= d->ncell; i++) edge[i] = 0.5 * ((1 - s->T[i]) * d->from + (1 + s->T[i]) * d->to);
  edge[0] = d->from;
  edge[d->ncell] = d->to;
  d->edge = edge;
  return CheckOrder(s->diag, place, d,
                    "the edges of the cells must increase: a weaker stretching, or a map that rises");
}

static const struct {
  const char *key;
  bool (*read)(Spacing *s, const RhoYaml *map);
} kind_row[] = {{"ratio", Ratio}, {"cluster", Cluster}, {"formula", Formula}};

enum { NKIND = sizeof kind_row / sizeof *kind_row };

static bool Unknown(RhoDiag diag, const RhoYaml *spacing) {
  RhoDiagReport(diag, RHO_ID_MESH_SPACING, spacing->place, "this is not a spacing of cells");
  RhoDiagHint(diag, "uniform, {ratio: 4}, {cluster: both, strength: 2}, {formula: \"s^2\"} or {edges: FILE}");
  return false;
}

/* The row of the one kind that the map names, or NKIND. */
static int KindOf(const RhoYaml *map) {
  int found = NKIND;
  for (int k = 0; k < NKIND; k++) {
    if (!RhoYamlFind(map, kind_row[k].key)) continue;
    if (found < NKIND) return NKIND;
    found = k;
  }
  return found;
}

bool rho_spacing_read(RhoArena arena, RhoDiag diag, const RhoYaml *spacing, RhoDimension *d) {
  static const char *const keys[] = {"ratio", "cluster", "strength", "formula", "edges"};
  Spacing s = {.arena = arena, .diag = diag, .d = d};
  int nerror = RhoDiagErrors(diag);
  if (spacing->kind == RHO_YAML_TEXT && strcmp(spacing->text.text, "uniform") == 0) return true;
  if (spacing->kind == RHO_YAML_MAP) RhoYamlOnly(diag, spacing, "spacing", sizeof keys / sizeof *keys, keys);
  if (RhoDiagErrors(diag) > nerror) return false;
  int k = KindOf(spacing);
  if (k == NKIND || spacing->n != (strcmp(kind_row[k].key, "cluster") ? 1 : 1 + !!RhoYamlFind(spacing, "strength")))
    return Unknown(diag, spacing);
  s.T = RhoArenaAlloc(arena, (size_t)(d->ncell + 1) * sizeof *s.T);
  return kind_row[k].read(&s, spacing) && MakeEdges(&s, spacing->place);
}

/* ---- edges one by one ---- */

typedef struct {
  RhoArena arena;
  int n, capacity;
  double *value;
} Numbers;

static bool ReadList(Numbers *list, RhoDiag diag, const RhoYaml *edges) {
  for (int i = 0; i < edges->n; i++) {
    double value;
    if (!RhoYamlNumber(list->arena, diag, edges->item[i], &value)) return false;
    *RHO_PUSH(list->arena, list->value, list->n, list->capacity) = value;
  }
  return true;
}

static bool NotANumber(RhoDiag diag, int source, size_t at, size_t length) {
  RhoDiagReport(diag, RHO_ID_NUMBER_EXPECTED, (RhoPlace){source, (int)at, (int)length}, "expected a number");
  RhoDiagHint(diag, "a file of edges has numbers, separated by blanks, commas or lines; comments begin with #");
  return false;
}

/* Numbers between blanks, commas and ends of lines; # begins a comment. */
static bool ReadFile(Numbers *list, RhoDiag diag, const RhoYaml *edges) {
  static const char blank[] = " \t,;\r\n";
  int source = RhoDiagReadFile(diag, RhoYamlPath(list->arena, diag, edges), edges->place);
  if (source < 0) return false;
  size_t nbyte, length;
  const char *text = RhoDiagSourceText(diag, source, &nbyte);
  for (size_t at = 0; at < nbyte; at += length) {
    if ((length = strspn(text + at, blank))) continue;
    if (text[at] == '#') {
      length = strcspn(text + at, "\n");
      continue;
    }
    length = strcspn(text + at, " \t,;\r\n#");
    char *end;
    double value = strtod(text + at, &end);
    if (end != text + at + length || !isfinite(value)) return NotANumber(diag, source, at, length);
    *RHO_PUSH(list->arena, list->value, list->n, list->capacity) = value;
  }
  return true;
}

const RhoYaml *rho_spacing_edges(const RhoYaml *spacing) {
  return spacing && spacing->kind == RHO_YAML_MAP && spacing->n == 1 ? RhoYamlFind(spacing, "edges") : NULL;
}

bool rho_spacing_read_edges(RhoArena arena, RhoDiag diag, const RhoYaml *edges, RhoDimension *d) {
  Numbers list = {.arena = arena};
  if (edges->kind != RHO_YAML_LIST && !RhoYamlExpect(diag, edges, RHO_YAML_TEXT, "edges")) return false;
  if (!(edges->kind == RHO_YAML_LIST ? ReadList : ReadFile)(&list, diag, edges)) return false;
  if (list.n < 2) {
    RhoDiagReport(diag, RHO_ID_MESH_EDGES, edges->place, "%d edges of '%s' bound no cell", list.n, d->name);
    RhoDiagHint(diag, "one more than there are cells");
    return false;
  }
  d->ncell = list.n - 1;
  d->edge = list.value;
  d->from = d->edge[0];
  d->to = d->edge[d->ncell];
  return CheckOrder(diag, edges->place, d, "list the edges in increasing order, each once");
}
