/* family.c - uniform states that depend on some numbers: parameters are bound anew where an axis sets some, K^(0) only
   where a kernel changes. */
#include "family.h"
#include "line.h"
#include <math.h>
#include <string.h>

void rho_family_begin(const RhoFamily *family, int dim, RhoArena arena, FamilyState *f) {
  RhoEquations eq = family->eq;
  int nown = 0;
  for (int a = 0; a < family->naxis; a++) nown += family->axis[a].nsetting;
  *f = (FamilyState){.family = family, .dim = dim, .arena = arena, .varies = nown > 0};
  f->matters = rho_kernel_matters(eq, arena);
  f->setting = RhoArenaAlloc(arena, sizeof *f->setting * (size_t)(family->nsetting + nown + 1));
  f->value = RhoArenaAlloc(arena, sizeof(double) * (size_t)(eq->nuniform + 1));
  f->next = RhoArenaAlloc(arena, sizeof(double) * (size_t)(eq->nuniform + 1));
  f->state = RhoArenaAlloc(arena, sizeof(double) * (size_t)eq->nfield);
  for (int k = 0; k < family->nsetting; k++) f->setting[k] = family->setting[k];
}

static void SetAxes(FamilyState *f, const double *x) {
  const RhoFamily *family = f->family;
  f->nsetting = family->nsetting;
  for (int a = 0; a < family->naxis; a++)
    for (int k = 0; k < family->axis[a].nsetting; k++)
      f->setting[f->nsetting++] = (RhoSetting){family->axis[a].setting[k], x[a], RHO_NOWHERE};
}

static RhoStatus BindNext(FamilyState *f) {
  RhoEquations eq = f->family->eq;
  size_t nkernel = (size_t)eq->model->nkernel;
  if (!f->bound) return RhoEquationsBind(eq, f->dim, f->nsetting, f->setting, f->value);
  RhoStatus status = RhoModelBind(eq->model, f->dim, f->nsetting, f->setting, f->next);
  if (status) return status;
  double *hat = f->next + eq->nuniform - (int)nkernel, *old = f->value + eq->nuniform - (int)nkernel;
  memcpy(hat, old, sizeof *hat * nkernel);
  if (!rho_kernels_same(eq, f->matters, f->value, f->next))
    status = RhoEquationsBind(eq, f->dim, f->nsetting, f->setting, f->next);
  memcpy(f->value, f->next, sizeof *f->value * (size_t)eq->nuniform);
  return status;
}

typedef struct {
  const FamilyState *f;
  const double *x;
} Point;

static double SymbolValue(RhoGraph graph, RhoNode symbol, void *ctx) {
  const Point *p = ctx;
  const RhoFamily *family = p->f->family;
  (void)graph;
  for (int a = 0; a < family->naxis; a++)
    if (family->axis[a].symbol == symbol) return p->x[a];
  for (int k = 0; k < family->eq->nuniform; k++)
    if (family->eq->uniform[k] == symbol) return p->f->value[k];
  return NAN;
}

double rho_family_formula(const FamilyState *f, const double *x, RhoNode formula) {
  Point point = {f, x};
  return RhoGraphValue(f->family->eq->graph, formula, SymbolValue, &point, NULL);
}

RhoStatus rho_family_at(FamilyState *f, const double *x) {
  RhoEquations eq = f->family->eq;
  SetAxes(f, x);
  RhoStatus status = f->bound && !f->varies ? RHO_OK : BindNext(f);
  if (status) return status;
  f->bound = true;
  for (int i = 0; i < eq->nfield; i++) f->state[i] = rho_family_formula(f, x, f->family->state[i]);
  return RHO_OK;
}

RhoStatus RhoFamilyAt(const RhoFamily *family, int dim, const double *x, double *value, double *state) {
  FamilyState f;
  RhoArena arena = RhoArenaCreate();
  if (!arena) return RHO_NOMEM;
  if (setjmp(*RhoArenaGuard(arena))) return RhoArenaDestroy(&arena), RHO_NOMEM;
  rho_family_begin(family, dim, arena, &f);
  RhoStatus status = rho_family_at(&f, x);
  if (!status) memcpy(value, f.value, sizeof *value * (size_t)family->eq->nuniform);
  if (!status) memcpy(state, f.state, sizeof *state * (size_t)family->eq->nfield);
  RhoArenaDestroy(&arena);
  return status;
}
