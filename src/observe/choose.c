/* choose.c - which fields and outputs of a result are looked at, and whether its grid has waves. */
#include "observe_private.h"
#include <math.h>
#include <string.h>

static int Position(const RhoResultInfo *info, const char *name) {
  for (int i = 0; i < info->nfield; i++)
    if (!strcmp(info->field[i].name, name)) return i;
  return -1;
}

static RhoStatus Unknown(const RhoChooser *c, const RhoResultInfo *info, const char *name) {
  const char **known = RhoArenaAlloc(c->arena, (size_t)(info->nfield + 1) * sizeof *known);
  RhoText list = RhoTextCreate(c->arena);
  for (int i = 0; i < info->nfield; i++) {
    known[i] = info->field[i].name;
    RhoTextAdd(list, "%s%s", i ? ", " : "", known[i]);
  }
  RhoDiagReport(c->diag, c->id, c->place, "'%s' has no field '%s'", info->path, name);
  const char *near = RhoSuggest(name, info->nfield, known);
  if (near) RhoDiagHint(c->diag, "did you mean '%s'?", near);
  RhoDiagHint(c->diag, "its fields: %s", RhoTextGet(list));
  return RHO_INPUT;
}

static RhoStatus Twice(const RhoChooser *c, const char *name) {
  RhoDiagReport(c->diag, c->id, c->place, "field '%s' is asked for twice", name);
  return RHO_INPUT;
}

/* Without names: nothing but derived fields. */
static RhoStatus Nothing(const RhoChooser *c, const RhoResultInfo *info) {
  RhoDiagReport(c->diag, c->id, c->place, "'%s' has derived fields alone", info->path);
  RhoDiagHint(c->diag, "by name they can be looked at: --field NAME");
  return RHO_INPUT;
}

RhoStatus rho_choose_fields(const RhoChooser *c, const RhoResultInfo *info, int nname, const char *const *name, int *n,
                            int **field) {
  *n = 0;
  *field = RhoArenaAlloc(c->arena, (size_t)(info->nfield + nname + 1) * sizeof **field);
  for (int k = 0; k < nname; k++) {
    int at = Position(info, name[k]);
    if (at < 0) return Unknown(c, info, name[k]);
    for (int j = 0; j < k; j++)
      if ((*field)[j] == at) return Twice(c, name[k]);
    (*field)[(*n)++] = at;
  }
  for (int i = 0; i < info->nfield && !nname; i++)
    if (!info->field[i].derived) (*field)[(*n)++] = i;
  return *n ? RHO_OK : Nothing(c, info);
}

void RhoObserveOutputs(const RhoResultInfo *info, double from, double to, int *first, int *end) {
  *end = info->ntime;
  while (!isnan(to) && *end > 0 && info->time[*end - 1] > to) --*end;
  *first = isnan(from) && *end > 8 ? *end / 2 : 0;
  while (!isnan(from) && *first < *end && info->time[*first] < from) ++*first;
}

double rho_smallest_wavenumber(const RhoMesh *mesh) {
  double least = INFINITY;
  for (int d = 0; d < mesh->ndimension; d++) {
    const RhoDimension *along = &mesh->dimension[d];
    least = fmin(least, (along->boundary == RHO_WALL ? 1 : 2) * M_PI / (along->to - along->from));
  }
  return least;
}

const char *rho_not_waves(const RhoDimension *along, unsigned needs) {
  if (!(needs & RHO_NEEDS_WAVES)) return NULL;
  if (!along->spatial) return "is no dimension of space";
  if (along->boundary == RHO_WALL && needs & RHO_NEEDS_PERIODIC) return "has walls";
  return along->edge ? "has cells of different widths" : NULL;
}
