/* map.c - stability over two numbers or more: one state after the other, each with its fastest wave to round-off.

   Binding, scan and optimisation depend on the point alone, so that rows can be shared in any way. */
#include "survey.h"
#include <math.h>

/* The largest of the ranges at corners and middle of the window. */
static RhoStatus FindTop(Survey *s, const RhoWaveRange *range, const double *direction) {
  const RhoFamily *family = s->state.family;
  double x[RHO_FAMILY_MOST];
  s->top = range->top;
  if (s->top > 0) return RHO_OK;
  for (int corner = -1; corner < 1 << family->naxis; corner++) {
    double top;
    for (int a = 0; a < family->naxis; a++) {
      double part = corner < 0 ? 0.5 : corner >> a & 1;
      x[a] = family->axis[a].from + part * (family->axis[a].to - family->axis[a].from);
    }
    RhoStatus status = rho_family_at(&s->state, x);
    if (!status)
      status =
          rho_growth_range(family->eq, range->dim, direction, range->spacing, s->state.value, s->state.state, &top);
    if (status) return status;
    if (isfinite(top)) s->top = fmax(s->top, top);
  }
  return RHO_OK;
}

RhoStatus rho_survey_create(const RhoFamily *family, const RhoWaveRange *range, RhoArena arena, Survey *s) {
  const double x[RHO_MAXDIM] = {1, 0, 0}, *direction = range->given ? range->direction : x;
  *s = (Survey){.top = 0};
  if (family->eq->uses_coordinate || family->eq->nfield > RHO_LINE_MOST) return RHO_INPUT;
  rho_family_begin(family, range->dim, arena, &s->state);
  RhoStatus status = FindTop(s, range, direction);
  if (status) return status;
  return rho_growth_create(family->eq, range->dim, direction, range->spacing, s->top, &s->growth);
}

void rho_survey_destroy(Survey *s) { rho_growth_destroy(&s->growth); }

RhoStatus rho_survey_at(Survey *s, const double *x) {
  RhoStatus status = rho_family_at(&s->state, x);
  return status ? status : rho_growth_bind(&s->growth, s->state.value, s->state.state);
}

static RhoStatus OnePoint(Survey *s, const double *x, RhoMapPoint *point) {
  Peak peak;
  RhoStatus status = rho_survey_at(s, x);
  *point = (RhoMapPoint){NAN, NAN, NAN, NAN, RHO_CLASS_UNDEFINED, RHO_CLASS_UNDEFINED};
  if (status || !rho_growth_defined(&s->growth)) return status;
  status = rho_growth_largest(&s->growth, &peak);
  *point = (RhoMapPoint){creal(peak.rate),
                         fabs(cimag(peak.rate)),
                         peak.q,
                         rho_growth_limit_value(&s->growth),
                         (signed char)rho_growth_class(&s->growth, &peak),
                         (signed char)rho_growth_limit(&s->growth)};
  return status;
}

/* Rows along the first axis, one after the other in the order of point[]. */
static RhoStatus Row(Survey *s, const int *n, const double *const *x, long long row, RhoMapPoint *point) {
  double at[RHO_FAMILY_MOST];
  RhoStatus status = RHO_OK;
  for (int a = 1; a < s->state.family->naxis; row /= n[a++]) at[a] = x[a][row % n[a]];
  for (int i = 0; i < n[0] && !status; i++) {
    at[0] = x[0][i];
    status = OnePoint(s, at, &point[i]);
  }
  return status;
}

static RhoStatus Slices(Survey *s, const int *n, const double *const *x, int first, int step, RhoMapPoint *point) {
  int last = s->state.family->naxis - 1;
  long long nrow = 1;
  RhoStatus status = RHO_OK;
  for (int a = 1; a < last; a++) nrow *= n[a];
  for (int k = first; k < n[last]; k += step)
    for (long long row = nrow * k; row < nrow * (k + 1) && !status; row++, point += n[0])
      status = Row(s, n, x, row, point);
  return status;
}

RhoStatus RhoStabilityMap(const RhoFamily *family, const RhoWaveRange *range, const int *n, const double *const *x,
                          int first, int step, RhoMapPoint *point) {
  Survey s = {.top = 0};
  if (family->naxis < 2 || family->naxis > RHO_FAMILY_MOST || step < 1) return RHO_INPUT;
  RhoArena arena = RhoArenaCreate();
  if (!arena) return RHO_NOMEM;
  if (setjmp(*RhoArenaGuard(arena))) return RhoArenaDestroy(&arena), RHO_NOMEM;
  RhoStatus status = rho_survey_create(family, range, arena, &s);
  if (!status) status = Slices(&s, n, x, first, step, point);
  rho_survey_destroy(&s);
  RhoArenaDestroy(&arena);
  return status;
}
