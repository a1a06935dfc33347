/* case_observe.c - the section `observe:` of a case: what is observed while it runs, without fields being written.

     observe:
       - {name: structure_factor, every: 0.5, from: 10, to: 90}    at the first step at or behind each multiple of every
       - {name: histogram, range: [0, 3], bins: 60, fields: [rho]} at each output
   q: the largest wavenumber; omega: particles per unit of density. */
#include "case.h"
#include <math.h>
#include <string.h>

static const char *const keys[] = {"name", "every", "from", "to", "fields", "bins", "range", "q", "omega"};

static void Refuse(RhoCase *c, RhoPlace place, const char *what, const char *hint) {
  RhoDiagReport(c->cli->diag, RHO_ID_CASE_RANGE, place, "%s", what);
  RhoDiagHint(c->cli->diag, "%s", hint);
}

/* A number that is to be above 0; absent: it stays. */
static void ReadPositive(RhoCase *c, const RhoYaml *map, const char *key, double *value) {
  const RhoYaml *node = RhoYamlFind(map, key);
  double found;
  if (!node || !rho_case_value(c, node, &found)) return;
  if (found > 0) *value = found;
  else Refuse(c, node->place, RhoArenaPrint(c->cli->arena, "%s is not above 0", key), "a positive number");
}

static void ReadTime(RhoCase *c, const RhoYaml *map, const char *key, double *value) {
  const RhoYaml *node = RhoYamlFind(map, key);
  if (node) (void)rho_case_value(c, node, value);
}

static void ReadBins(RhoCase *c, const RhoYaml *map, int *nbin) {
  const RhoYaml *node = RhoYamlFind(map, "bins");
  long value = 0;
  if (node && RhoYamlInteger(c->cli->diag, node, 2, RHO_BINS_MOST, &value)) *nbin = (int)value;
}

static void ReadRange(RhoCase *c, const RhoYaml *map, double *range) {
  const RhoYaml *node = RhoYamlFind(map, "range");
  if (!node || !RhoYamlExpect(c->cli->diag, node, RHO_YAML_LIST, "range")) return;
  for (int k = 0; k < node->n && k < 2; k++)
    if (!rho_case_value(c, node->item[k], &range[k])) return;
  if (node->n != 2 || !(range[0] < range[1]))
    Refuse(c, node->place, "this is no range of densities", "[from, to], from below to");
}

static void ReadFields(RhoCase *c, const RhoYaml *map, RhoCaseObserve *o) {
  const RhoYaml *node = RhoYamlFind(map, "fields");
  o->field = RhoArenaAlloc(c->cli->arena, (size_t)c->model->nfield * sizeof *o->field);
  if (node && !RhoYamlExpect(c->cli->diag, node, RHO_YAML_LIST, "fields")) return;
  bool *taken = RhoArenaAlloc(c->cli->arena, (size_t)c->model->nfield * sizeof *taken);
  int *some = RhoArenaAlloc(c->cli->arena, (size_t)c->model->nfield * sizeof *some);
  for (int i = 0; i < c->model->nfield; i++) taken[i] = !node;
  for (int k = 0; node && k < node->n; k++) {
    if (!RhoYamlExpect(c->cli->diag, node->item[k], RHO_YAML_TEXT, "a field")) return;
    for (int n = rho_case_fields(c, node->item[k], some) - 1; n >= 0; n--) taken[some[n]] = true;
  }
  for (int i = 0; i < c->model->nfield; i++)
    if (taken[i]) o->field[o->nfield++] = i;
  if (node && !node->n) Refuse(c, node->place, "no fields to be observed", "fields: [rho], or without the key: all");
}

/* A run may be shortened by --set, so this is no mistake. */
static void WarnOfNothing(RhoCase *c, const RhoCaseObserve *o) {
  double end = c->number[RHO_CASE_END].value;
  if (!(o->options.from > end)) return;
  RhoDiagReport(c->cli->diag, RHO_ID_OBSERVES_NOTHING, o->place,
                "'%s' is observed from t = %.10g on, the run ends at %.10g", o->name, o->options.from, end);
}

static bool IsNew(RhoCase *c, const RhoCaseObserve *o) {
  for (int k = 0; k < c->nobserve; k++)
    if (!strcmp(c->observe[k].name, o->name)) {
      RhoDiagReport(c->cli->diag, RHO_ID_CASE_CONFLICT, o->place, "'%s' is observed twice", o->name);
      RhoDiagAlso(c->cli->diag, c->observe[k].place, "also here");
      RhoDiagHint(c->cli->diag, "one entry for each observable");
      return false;
    }
  return true;
}

static void ReadOne(RhoCase *c, const RhoYaml *map) {
  RhoCaseObserve o = {.options = RhoObserveDefaults()};
  if (!RhoYamlExpect(c->cli->diag, map, RHO_YAML_MAP, "what is observed")) return;
  RhoYamlOnly(c->cli->diag, map, "what is observed", (int)(sizeof keys / sizeof *keys), keys);
  if (!RhoYamlFind(map, "name"))
    rho_case_missing(c, map, "what is observed", "name", "an observable: name: structure_factor");
  o.name = rho_case_text(c, map, "name");
  if (!o.name) return;
  o.place = RhoYamlFind(map, "name")->place;
  ReadPositive(c, map, "every", &o.every);
  ReadTime(c, map, "from", &o.options.from);
  ReadTime(c, map, "to", &o.options.to);
  if (o.options.to < o.options.from)
    Refuse(c, RhoYamlFind(map, "to")->place, "to is before from: there is nothing between them", "{from: 10, to: 90}");
  ReadPositive(c, map, "q", &o.options.top);
  ReadPositive(c, map, "omega", &o.options.omega);
  ReadBins(c, map, &o.options.nbin);
  ReadRange(c, map, o.options.range);
  ReadFields(c, map, &o);
  if (RhoDiagErrors(c->cli->diag) || !IsNew(c, &o)) return;
  if (!RhoObserverFits(o.name, &c->mesh, &o.options, c->cli->diag, o.place)) return;
  WarnOfNothing(c, &o);
  c->observe[c->nobserve++] = o;
}

void rho_case_observe_read(RhoCase *c) {
  const RhoYaml *list = RhoYamlFind(c->root, "observe");
  if (!list || !RhoYamlExpect(c->cli->diag, list, RHO_YAML_LIST, "observe")) return;
  c->observe = RhoArenaAlloc(c->cli->arena, ((size_t)list->n + 1) * sizeof *c->observe);
  for (int k = 0; k < list->n; k++) ReadOne(c, list->item[k]);
}
