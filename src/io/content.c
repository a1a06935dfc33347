/* content.c - what goes into a result: names that can stand together in one file, states that are finite. */
#include "io_private.h"
#include <math.h>
#include <string.h>

/* Names at the root of a file and attributes of it that a result has for itself. */
static const char *const own_dataset[] = {"time", "series", "provenance", RHO_CHECKPOINT_ARRAYS};
static const char *const own_attribute[] = {RHO_RESULT_MARK, RHO_TABLES_MARK, "dimensions",
                                            "fields",        "derived",       "analysis"};

static bool Among(const char *name, int n, const char *const *list) {
  for (int i = 0; i < n; i++)
    if (!strcmp(name, list[i])) return true;
  return false;
}

bool RhoResultTakes(const RhoMesh *mesh, const char *name) {
  bool taken = Among(name, PETSC_STATIC_ARRAY_LENGTH(own_dataset), own_dataset);
  for (int d = 0; d < mesh->ndimension; d++) {
    char edges[RHO_LINK_ROOM];
    taken |= !strcmp(name, mesh->dimension[d].name);
    taken |= rho_mesh_stretched(mesh) && !strcmp(name, rho_edges_name(edges, &mesh->dimension[d]));
  }
  return taken;
}

bool rho_is_own_attribute(const char *name) {
  return Among(name, PETSC_STATIC_ARRAY_LENGTH(own_attribute), own_attribute);
}

static void CheckOne(const char *what, const char *name, Outcome *outcome) {
  if (!name[0] || !strcmp(name, "."))
    rho_fail(outcome, PETSC_ERR_ARG_WRONG, "%s with the name '%s' in a result", what, name);
  if (3 * strlen(name) + 4 > RHO_LINK_ROOM)
    rho_fail(outcome, PETSC_ERR_ARG_WRONG, "the name of %s '%.40s...' is too long for a result", what, name);
}

/* The names stand at `at` in records of nbyte bytes. */
static void CheckTwice(const char *what, int n, const void *at, size_t nbyte, Outcome *outcome) {
  for (int i = 0; i < n; i++) {
    const char *name = *(const char *const *)((const char *)at + (size_t)i * nbyte);
    CheckOne(what, name, outcome);
    for (int j = 0; j < i; j++)
      if (!strcmp(name, *(const char *const *)((const char *)at + (size_t)j * nbyte)))
        rho_fail(outcome, PETSC_ERR_ARG_WRONG, "%s '%s' twice in a result", what, name);
  }
}

static void Taken(const char *what, const char *name, Outcome *outcome) {
  rho_fail(outcome, PETSC_ERR_ARG_WRONG, "%s can not be called '%s' in a result: the name is taken", what, name);
}

static void CheckFields(const RhoMesh *mesh, const RhoResultContent *content, Outcome *outcome) {
  CheckTwice("field", content->nfield, &content->field->name, sizeof *content->field, outcome);
  for (int f = 0; f < content->nfield; f++)
    if (RhoResultTakes(mesh, content->field[f].name)) Taken("a field", content->field[f].name, outcome);
}

void rho_content_check(const RhoMesh *mesh, const RhoResultContent *content, Outcome *outcome) {
  CheckFields(mesh, content, outcome);
  CheckTwice("series", content->nseries, &content->series->name, sizeof *content->series, outcome);
  CheckTwice("provenance", content->nprovenance, &content->provenance->name, sizeof *content->provenance, outcome);
  for (int i = 0; i < content->nseries; i++)
    if (!strcmp(content->series[i].name, "time")) Taken("a series", "time", outcome);
  for (int i = 0; i < content->nprovenance; i++)
    if (rho_is_own_attribute(content->provenance[i].name)) Taken("provenance", content->provenance[i].name, outcome);
}

/* ---- states ---- */

int rho_fields_list(const RhoResultContent *content, bool derived, int *field) {
  int n = 0;
  for (int f = 0; f < content->nfield; f++)
    if (derived || !content->field[f].derived) field[n++] = f;
  return n;
}

/* The place in natural order, cell*nunknown + unknown, of the first own value that is not finite; LLONG_MAX: none. */
static long long FirstBad(RhoResult result, int nunknown, const int *field, const PetscScalar *u) {
  const RhoGrid g = result->grid;
  long long p = 0;
  for (PetscInt k = 0; k < g->count[2]; k++)
    for (PetscInt j = 0; j < g->count[1]; j++)
      for (PetscInt i = 0; i < g->count[0]; i++, p++)
        for (int f = 0; f < nunknown; f++)
          if (!isfinite(u[p * nunknown + f]) && !result->content.field[field[f]].derived) {
            long long row = (g->start[2] + k) * (long long)g->n[1] + g->start[1] + j;
            return (row * g->n[0] + g->start[0] + i) * nunknown + f;
          }
  return LLONG_MAX;
}

static const char *CellText(RhoGrid grid, long long cell, char *text, size_t room) {
  size_t used = 0;
  text[0] = 0;
  for (int d = 0; d < grid->mesh.ndimension; d++) {
    used += (size_t)snprintf(text + used, room - used, "%s%lld", d ? ", " : "", cell % grid->n[d]);
    cell /= grid->n[d];
  }
  return text;
}

PetscErrorCode rho_state_check(RhoResult result, int nunknown, const int *field, Vec cells) {
  const PetscScalar *u;
  long long own, first;
  char text[96];
  PetscFunctionBeginUser;
  PetscCall(VecGetArrayRead(cells, &u));
  own = FirstBad(result, nunknown, field, u);
  PetscCall(VecRestoreArrayRead(cells, &u));
  PetscCallMPI(MPI_Allreduce(&own, &first, 1, MPI_LONG_LONG, MPI_MIN, result->grid->comm));
  PetscCheck(first == LLONG_MAX, result->grid->comm, PETSC_ERR_FP,
             "'%s' is not finite at cell (%s); nothing is written to '%s'",
             result->content.field[field[first % nunknown]].name,
             CellText(result->grid, first / nunknown, text, sizeof text), result->index);
  PetscFunctionReturn(0);
}
