/* check_derived.c - the values of what a model file lists under `derived:`: of the bound parameters, and where they
   depend on the fields of the uniform state that is looked at. */
#include "check.h"
#include <math.h>

static RhoNode Uniform(const RhoCheckup *check, int k) {
  return RhoHomogeneous(check->c->eq, check->c->model->derived[k].node);
}

/* Why there is no value, or NULL. */
static const char *Missing(const RhoCheckup *check, RhoNode node) {
  RhoGraph graph = check->c->eq->graph;
  if (RhoGraphDependsOnKind(graph, node, RHO_SYM_COORDINATE)) return "depends on the place";
  if (RhoGraphContainsOperator(graph, node, RHO_OP_INTEGRAL)) return "depends on the extent";
  if (RhoGraphDependsOnKind(graph, node, RHO_SYM_FIELD) && !check->state)
    return "depends on the state: --at FIELD=VALUE";
  return NULL;
}

void rho_check_print_derived(const RhoCheckup *check, FILE *stream) {
  const RhoModel model = check->c->model;
  if (model->nderived > 0) fprintf(stream, "\nderived\n");
  for (int k = 0; k < model->nderived; k++) {
    const RhoDerived *derived = &model->derived[k];
    RhoNode node = Uniform(check, k);
    const char *missing = Missing(check, node);
    if (missing) fprintf(stream, "  %-12s %-14s  %s\n", derived->name, "-", missing);
    else
      fprintf(stream, "  %-12s %-14.10g  %s\n", derived->name,
              RhoLocalValue(check->c->eq, node, check->c->value, check->state), derived->what);
  }
}

void rho_check_json_derived(const RhoCheckup *check, RhoJson *json) {
  const RhoModel model = check->c->model;
  rho_json_open(json, "derived", '[');
  for (int k = 0; k < model->nderived; k++) {
    RhoNode node = Uniform(check, k);
    const char *missing = Missing(check, node);
    rho_json_open(json, NULL, '{');
    rho_json_text(json, "name", model->derived[k].name);
    rho_json_text(json, "what", model->derived[k].what);
    rho_json_number(json, "value", missing ? NAN : RhoLocalValue(check->c->eq, node, check->c->value, check->state));
    rho_json_close(json, '}');
  }
  rho_json_close(json, ']');
}
