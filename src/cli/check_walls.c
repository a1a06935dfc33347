/* check_walls.c - what holds at the walls of a case's mesh, as it is understood. */
#include "check.h"
#include "equations.h"

static void Part(const RhoCheckup *check, const char *what, RhoNode node, bool *first, FILE *stream) {
  if (node < 0) return;
  fprintf(stream, "%s%s %s", *first ? "" : ", ", what, rho_typeset_node(check->arena, check->c->eq, node, false));
  *first = false;
}

static void Condition(const RhoCheckup *check, int i, int d, int side, FILE *stream) {
  const RhoCondition *c = RHO_CONDITION(check->c->model, i, d, side);
  const RhoDimension *m = &check->c->mesh.dimension[d];
  bool first = true;
  if (c->place.source < 0) return;
  fprintf(stream, "  wall   %s at %s = %g: ", check->c->model->field[i].name, m->name, side ? m->to : m->from);
  Part(check, "value", c->value, &first, stream);
  Part(check, "outward slope", c->slope, &first, stream);
  Part(check, "flux", c->flux, &first, stream);
  fputc('\n', stream);
}

void rho_check_print_walls(const RhoCheckup *check, FILE *stream) {
  const RhoMesh *mesh = &check->c->mesh;
  for (int i = 0; i < check->c->model->nfield; i++)
    for (int d = 0; d < mesh->ndimension; d++)
      for (int side = 0; side < 2; side++) Condition(check, i, d, side, stream);
}
