/* extremes.c - what `rhoflux stability` says and writes of an extremal question: the smallest and largest value of one
   number at which some state of a region is unstable.

   Tables: extremes/x [n][naxis], the number first, q, frequency [n], attributes axes, what [n], within; edge/smallest,
   largest [...][n2][n1], from where on and up to where each state is unstable (NaN: never), over edge/x1, x2, x3. */
#include "stability.h"
#include <math.h>

static const char *const kind_text[] = {"long waves", "finite wavelength", "uniform"};

/* "smallest, long waves, stationary" */
static const char *What(RhoArena arena, const RhoExtreme *e) {
  const char *sense = e->largest ? "largest" : "smallest";
  if (e->window) return RhoArenaPrint(arena, "%s, the window's edge", sense);
  return RhoArenaPrint(arena, "%s, %s, %s%s%s", sense, kind_text[e->kind],
                       e->oscillatory ? "oscillatory" : "stationary", e->exact ? "" : ", to the samples' distance",
                       e->flat ? ", one of many" : "");
}

/* ---- text -------------------------------------------------------------------------------------------------------- */

static void PrintState(const RhoCaseStability *s, const RhoExtreme *e, FILE *out) {
  for (int a = 1; a < s->naxis; a++) fprintf(out, "%s %s = %.12g", a > 1 ? "," : "", s->axis[a].name, e->x[a] + 0.0);
}

static void PrintLimits(const RhoCaseStability *s, const RhoExtreme *e, FILE *out) {
  const char *mark = "; on";
  for (int a = 1; a < s->naxis; a++) {
    if (!(e->edges >> 2 * a & 3)) continue;
    fprintf(out, "%s the window's edge of %s", mark, s->axis[a].name);
    mark = ",";
  }
  for (int k = 0; k < s->nbound; k++) {
    if (!(e->on >> k & 1)) continue;
    fprintf(out, "%s the bound %s", mark, s->bound_text[k]);
    mark = ",";
  }
}

static void PrintExtreme(const RhoCaseStability *s, const RhoExtreme *e, FILE *out) {
  if (e->window) {
    fprintf(out, "  states are unstable %s to %s = %.12g, the edge of the window\n", e->largest ? "up" : "down",
            s->axis[0].name, e->x[0]);
    return;
  }
  fprintf(out, "  %s%s %s = %.14g with an unstable state, at", e->best ? "" : "locally ",
          e->largest ? "largest" : "smallest", s->axis[0].name, e->x[0]);
  PrintState(s, e, out);
  fprintf(out, "\n            %s, %s", kind_text[e->kind], e->oscillatory ? "oscillatory" : "stationary");
  if (e->q > 0) fprintf(out, ", q = %.9g", e->q);
  if (e->frequency > 0) fprintf(out, ", frequency %.9g", e->frequency);
  PrintLimits(s, e, out);
  if (e->flat) fputs("; other states have the same", out);
  fputs(e->exact ? "\n" : "; known to the distance of the samples only\n", out);
}

static double Unstable(const RhoStabilityRun *run) {
  size_t n = 0;
  for (size_t k = 0; k < run->npoint; k++)
    n += run->point[k].class != RHO_CLASS_STABLE && run->point[k].class != RHO_CLASS_UNDEFINED;
  return (double)n / (double)run->npoint;
}

void rho_extremes_print(const RhoStabilityRun *run, FILE *out) {
  const RhoCaseStability *s = run->asked;
  fprintf(out, "%s: extremes of %s from %.6g to %.6g over", run->c->model->name, s->axis[0].name, s->axis[0].from,
          s->axis[0].to);
  for (int a = 1; a < s->naxis; a++)
    fprintf(out, "%s %s from %.6g to %.6g", a > 1 ? "," : "", s->axis[a].name, s->axis[a].from, s->axis[a].to);
  for (int k = 0; k < s->nbound; k++) fprintf(out, ", %s", s->bound_text[k]);
  fputs("\n  ", out);
  for (int a = 0; a < s->naxis; a++) fprintf(out, "%s%d", a ? " x " : "", s->npoint[a]);
  fprintf(out, " states, %.2f %% of them unstable, %.2f s\n", 100 * Unstable(run), run->seconds);
  for (int k = 0; k < run->nextreme; k++) PrintExtreme(s, &run->extreme[k], out);
  if (!run->nextreme) fputs("  no state of the region is unstable\n", out);
}

/* ---- JSON -------------------------------------------------------------------------------------------------------- */

static void JsonExtreme(const RhoStabilityRun *run, const RhoExtreme *e, RhoJson *json) {
  const RhoCaseStability *s = run->asked;
  rho_json_open(json, NULL, '{');
  rho_json_text(json, "what", What(run->c->cli->arena, e));
  rho_json_bool(json, "best", e->best);
  rho_json_open(json, "at", '{');
  for (int a = 0; a < s->naxis; a++) rho_json_number(json, s->axis[a].name, e->x[a]);
  rho_json_close(json, '}');
  rho_json_number(json, "q", e->q);
  rho_json_number(json, "frequency", e->frequency);
  rho_json_close(json, '}');
}

void rho_extremes_print_json(const RhoStabilityRun *run, RhoJson *json) {
  rho_json_text(json, "extremes_of", run->asked->axis[0].name);
  rho_json_number(json, "unstable", Unstable(run));
  rho_json_open(json, "extremes", '[');
  for (int k = 0; k < run->nextreme; k++) JsonExtreme(run, &run->extreme[k], json);
  rho_json_close(json, ']');
}

/* ---- tables ------------------------------------------------------------------------------------------------------ */

static void Line(RhoTables t, const char *path, const char *what, int n, const double *data) {
  const long long shape[] = {n};
  RhoTablesArray(t, path, what, 1, shape, data);
}

static void AddExtremes(const RhoStabilityRun *run, RhoTables t) {
  const RhoCaseStability *s = run->asked;
  RhoArena arena = run->c->cli->arena;
  int n = run->nextreme;
  const long long shape[] = {n, s->naxis};
  double *x = RhoArenaAlloc(arena, sizeof *x * (size_t)(n * s->naxis + 2 * n + 1)), *q = x + n * s->naxis;
  const char **what = RhoArenaAlloc(arena, sizeof *what * (size_t)(n + 1)), *axis[RHO_FAMILY_MOST];
  for (int a = 0; a < s->naxis; a++) axis[a] = s->axis[a].name;
  for (int k = 0; k < n; k++) {
    for (int a = 0; a < s->naxis; a++) x[k * s->naxis + a] = run->extreme[k].x[a];
    q[k] = run->extreme[k].q, q[n + k] = run->extreme[k].frequency;
    what[k] = What(arena, &run->extreme[k]);
  }
  RhoTablesArray(t, "extremes/x", "the number, then the state", 2, shape, x);
  Line(t, "extremes/q", "wavenumber of the neutral wave; 0: the limit", n, q);
  Line(t, "extremes/frequency", "its frequency [1/time]", n, q + n);
  RhoTablesTexts(t, "extremes", "axes", s->naxis, axis);
  RhoTablesTexts(t, "extremes", "what", n, what);
  RhoTablesTexts(t, "extremes", "within", s->nbound, s->bound_text);
}

static void AddEdge(const RhoStabilityRun *run, RhoTables t) {
  const RhoCaseStability *s = run->asked;
  long long shape[RHO_FAMILY_MOST];
  int rank = s->naxis - 1;
  for (int a = 1; a < s->naxis; a++) {
    Line(t, RhoArenaPrint(run->c->cli->arena, "edge/x%d", a), s->axis[a].name, s->npoint[a], run->x[a]);
    shape[rank - a] = s->npoint[a];
  }
  RhoTablesArray(t, "edge/smallest", "where instability begins; NaN: nowhere", rank, shape, run->edge);
  RhoTablesArray(t, "edge/largest", "where it ends", rank, shape, run->edge + run->npoint / (size_t)s->npoint[0]);
}

void rho_extremes_tables(const RhoStabilityRun *run, RhoTables t) {
  AddExtremes(run, t);
  AddEdge(run, t);
}
