/* stability_print.c - what `rhoflux stability` says, as text or as one JSON object. */
#include "stability.h"
#include <math.h>

static const char *const kind_text[] = {"long waves", "finite wavelength", "uniform"};
static const char *const end_text[] = {"the window's edge", "closed", "another instability", "it is lost there"};

/* ---- one state ---- */

static void PrintFastest(const RhoStability *s, FILE *out) {
  double growth = creal(s->rate), frequency = fabs(cimag(s->rate));
  if (s->q == 0) fprintf(out, "  fastest   q = 0, growth %.12g", growth + 0.0);
  else fprintf(out, "  fastest   q = %.9g (wavelength %.6g), growth %.12g", s->q, 2 * M_PI / s->q, growth + 0.0);
  if (frequency > 0) fprintf(out, ", frequency %.9g (period %.6g)", frequency, 2 * M_PI / frequency);
  fprintf(out, "%s\n", s->edge ? "; it still rises where the range of q ends" : "");
  if (s->anisotropic)
    fprintf(out, "  direction %.9g, %.9g, %.9g\n", s->direction[0] + 0.0, s->direction[1] + 0.0, s->direction[2] + 0.0);
}

static void PutRate(double complex rate, const char *of, FILE *out) {
  fprintf(out, "%.9g%s", creal(rate) + 0.0, of);
  if (cimag(rate) != 0) fprintf(out, " %c %.9g i%s", cimag(rate) < 0 ? '-' : '+', fabs(cimag(rate)), of);
}

static void PrintLimit(const RhoStability *s, FILE *out) {
  fprintf(out, "  q -> 0    %s; lambda = ", RhoStabilityClassText(s->limit));
  for (int k = 0; k < s->nslow; k++) {
    if (k) fputs(", ", out);
    if (s->speed[k] != 0) fprintf(out, "%.9g i q + ", s->speed[k]);
    PutRate(s->slow[k], " q^2", out);
  }
  for (int k = 0; k < s->nfast; k++) {
    if (k || s->nslow) fputs(", ", out);
    PutRate(s->fast[k], "", out);
  }
  fputc('\n', out);
}

static void PrintState(const RhoStabilityRun *run, FILE *out) {
  const RhoStability *s = &run->found;
  fprintf(out, "%s about ", run->c->model->name);
  for (int i = 0; i < run->c->model->nfield; i++)
    fprintf(out, "%s%s = %.9g", i ? ", " : "", run->c->model->field[i].name, run->state[i]);
  if (s->class == RHO_CLASS_STABLE) fputs(": stable\n", out);
  else fprintf(out, ": unstable, %s\n", RhoStabilityClassText(s->class));
  rho_check_print_steady(&(RhoCheckup){.c = run->c, .state = run->state}, out);
  PrintFastest(s, out);
  for (int k = 0; k < s->nband; k++)
    fprintf(out, "  %-9s %.9g < q < %.9g%s\n", k ? "" : "grows", s->band[k].from, s->band[k].to,
            s->band[k].to >= s->top ? " (the end of the range)" : "");
  PrintLimit(s, out);
  for (int k = 0; k < s->nexceptional; k++)
    fprintf(out, "  %s q = %.12g\n", k ? "         " : "exceptional point", s->exceptional[k]);
  fprintf(out, "  range     0 < q < %.6g%s\n", s->top, run->asked->range.spacing ? ", waves of a grid" : "");
}

/* ---- a map ---- */

static void Count(const RhoStabilityRun *run, size_t count[RHO_CLASS_COUNT], const RhoMapPoint **fastest) {
  *fastest = NULL;
  for (size_t k = 0; k < run->npoint; k++) {
    const RhoMapPoint *p = &run->point[k];
    count[(int)p->class]++;
    if (isfinite(p->growth) && (!*fastest || p->growth > (*fastest)->growth)) *fastest = p;
  }
}

static void Place(const RhoStabilityRun *run, const RhoMapPoint *p, double x[2]) {
  size_t k = (size_t)(p - run->point), n = (size_t)run->asked->npoint[0];
  x[0] = run->x[0][k % n];
  x[1] = run->x[1][k / n];
}

static void PrintCurve(const RhoStabilityRun *run, const RhoNeutralCurve *c, FILE *out) {
  const RhoAxis *axis = run->asked->axis;
  int last = c->npoint - 1;
  fprintf(out, "  neutral   %s, %s, %d points\n", kind_text[c->kind], c->oscillatory ? "oscillatory" : "stationary",
          c->npoint);
  if (c->first == RHO_NEUTRAL_CLOSED) fputs("            closed\n", out);
  else
    for (int end = 0; end < 2; end++)
      fprintf(out, "            %s %s = %.12g, %s = %.12g: %s\n", end ? "to  " : "from", axis[0].name,
              c->x[end ? 2 * last : 0], axis[1].name, c->x[end ? 2 * last + 1 : 1], end_text[end ? c->last : c->first]);
  for (int k = 0; k < c->nmark; k++)
    fprintf(out, "            %s: %s = %.14g, %s = %.14g\n", c->mark[k].what, axis[0].name, c->mark[k].x[0],
            axis[1].name, c->mark[k].x[1]);
}

static void PrintMap(const RhoStabilityRun *run, FILE *out) {
  const RhoCaseStability *s = run->asked;
  const RhoMapPoint *fastest;
  size_t count[RHO_CLASS_COUNT] = {0};
  double x[2];
  Count(run, count, &fastest);
  fprintf(out, "%s over %s from %.6g to %.6g and %s from %.6g to %.6g, %d x %d points, %.2f s\n", run->c->model->name,
          s->axis[0].name, s->axis[0].from, s->axis[0].to, s->axis[1].name, s->axis[1].from, s->axis[1].to,
          s->npoint[0], s->npoint[1], run->seconds);
  for (int k = 0; k < RHO_CLASS_COUNT; k++)
    if (count[k])
      fprintf(out, "  %-34s %6.2f %%\n", RhoStabilityClassText((RhoStabilityClass)k),
              100.0 * (double)count[k] / ((double)s->npoint[0] * s->npoint[1]));
  if (fastest && fastest->growth > 0) {
    Place(run, fastest, x);
    fprintf(out, "  fastest   growth %.9g at %s = %.6g, %s = %.6g, q = %.6g\n", fastest->growth, s->axis[0].name, x[0],
            s->axis[1].name, x[1], fastest->q);
  }
  for (int k = 0; k < run->ncurve; k++) PrintCurve(run, &run->curve[k], out);
}

void rho_stability_print(const RhoStabilityRun *run, FILE *stream) {
  if (run->asked->extremes) rho_extremes_print(run, stream);
  else if (run->asked->naxis) PrintMap(run, stream);
  else PrintState(run, stream);
  if (run->c->result) fprintf(stream, "  written to %s\n", rho_result_path(run->c->cli, run->c->result));
}

/* ---- JSON ---- */

static void JsonComplex(RhoJson *json, const char *key, double complex value) {
  rho_json_open(json, key, '{');
  rho_json_number(json, "real", creal(value));
  rho_json_number(json, "imaginary", cimag(value));
  rho_json_close(json, '}');
}

static void JsonState(const RhoStabilityRun *run, RhoJson *json) {
  const RhoStability *s = &run->found;
  rho_json_open(json, "state", '{');
  for (int i = 0; i < run->c->model->nfield; i++) rho_json_number(json, run->c->model->field[i].name, run->state[i]);
  rho_json_close(json, '}');
  rho_json_text(json, "class", RhoStabilityClassText(s->class));
  rho_json_text(json, "limit", RhoStabilityClassText(s->limit));
  rho_json_wave(json, "fastest", (RhoWave){s->q, s->rate, s->edge});
  rho_json_bool(json, "at_the_end_of_the_range", s->edge);
  rho_json_open(json, "bands", '[');
  for (int k = 0; k < s->nband; k++) {
    rho_json_open(json, NULL, '{');
    rho_json_number(json, "from", s->band[k].from);
    rho_json_number(json, "to", s->band[k].to);
    rho_json_number(json, "q", s->band[k].q);
    JsonComplex(json, "rate", s->band[k].rate);
    rho_json_close(json, '}');
  }
  rho_json_close(json, ']');
  rho_json_open(json, "diffusive", '[');
  for (int k = 0; k < s->nslow; k++) JsonComplex(json, NULL, s->slow[k]);
  rho_json_close(json, ']');
  rho_json_open(json, "at_zero", '[');
  for (int k = 0; k < s->nfast; k++) JsonComplex(json, NULL, s->fast[k]);
  rho_json_close(json, ']');
  rho_json_open(json, "exceptional", '[');
  for (int k = 0; k < s->nexceptional; k++) rho_json_number(json, NULL, s->exceptional[k]);
  rho_json_close(json, ']');
  rho_json_number(json, "largest_q", s->top);
}

static void JsonPoint(RhoJson *json, const char *key, const double *x) {
  rho_json_open(json, key, '[');
  rho_json_number(json, NULL, x[0]);
  rho_json_number(json, NULL, x[1]);
  rho_json_close(json, ']');
}

static void JsonCurve(RhoJson *json, const RhoNeutralCurve *c) {
  rho_json_open(json, NULL, '{');
  rho_json_text(json, "kind", kind_text[c->kind]);
  rho_json_bool(json, "oscillatory", c->oscillatory);
  rho_json_number(json, "points", c->npoint);
  JsonPoint(json, "from", c->x);
  JsonPoint(json, "to", c->x + 2 * (c->npoint - 1));
  rho_json_text(json, "first", end_text[c->first]);
  rho_json_text(json, "last", end_text[c->last]);
  rho_json_open(json, "marks", '[');
  for (int k = 0; k < c->nmark; k++) {
    rho_json_open(json, NULL, '{');
    rho_json_text(json, "what", c->mark[k].what);
    JsonPoint(json, "at", c->mark[k].x);
    rho_json_close(json, '}');
  }
  rho_json_close(json, ']');
  rho_json_close(json, '}');
}

static void JsonMap(const RhoStabilityRun *run, RhoJson *json) {
  const RhoCaseStability *s = run->asked;
  const RhoMapPoint *fastest;
  size_t count[RHO_CLASS_COUNT] = {0};
  Count(run, count, &fastest);
  rho_json_open(json, "over", '[');
  for (int a = 0; a < 2; a++) rho_json_text(json, NULL, s->axis[a].name);
  rho_json_close(json, ']');
  rho_json_open(json, "classes", '{');
  for (int k = 0; k < RHO_CLASS_COUNT; k++)
    rho_json_number(json, RhoStabilityClassText((RhoStabilityClass)k), (double)count[k]);
  rho_json_close(json, '}');
  rho_json_number(json, "largest_growth", fastest ? fastest->growth : NAN);
  rho_json_open(json, "neutral", '[');
  for (int k = 0; k < run->ncurve; k++) JsonCurve(json, &run->curve[k]);
  rho_json_close(json, ']');
}

void rho_stability_print_json(const RhoStabilityRun *run, FILE *stream) {
  RhoJson json = {stream, true};
  rho_json_open(&json, NULL, '{');
  rho_json_text(&json, "model", run->c->model->name);
  rho_json_text(&json, "result", run->c->result ? rho_result_path(run->c->cli, run->c->result) : NULL);
  if (run->asked->extremes) rho_extremes_print_json(run, &json);
  else if (run->asked->naxis) JsonMap(run, &json);
  else JsonState(run, &json);
  rho_json_number(&json, "seconds", run->seconds);
  rho_json_close(&json, '}');
  fputc('\n', stream);
}
