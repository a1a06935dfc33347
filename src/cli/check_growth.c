/* check_growth.c - `rhoflux check MODEL --at FIELD=VALUE ... --q FROM:TO:N`: growth rates of plane waves about a
   uniform state.

   The waves run along the mesh's first dimension.  The fastest one of the range is found by golden sections about the
   best of the N. */
#include "check.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int ReadRange(const RhoCli *cli, RhoGrowth *growth) {
  const char *text = cli->value[RHO_OPT_Q];
  char rest;
  growth->from = 0;
  growth->to = 2;
  growth->n = 9;
  if (!text) return RHO_EXIT_DONE;
  if (sscanf(text, "%lf:%lf:%d%c", &growth->from, &growth->to, &growth->n, &rest) == 3 && growth->n > 1 &&
      growth->n <= 100000 && growth->to > growth->from && growth->from >= 0)
    return RHO_EXIT_DONE;
  if (sscanf(text, "%lf%c", &growth->from, &rest) == 1 && growth->from >= 0) {
    growth->to = growth->from;
    growth->n = 1;
    return RHO_EXIT_DONE;
  }
  return rho_refuse(cli, "--q is a wavenumber, or FROM:TO:N with 0 <= FROM < TO and N > 1, not '%s'", text);
}

/* FIELD=VALUE; FIELD alone of an indexed name stands for all of its members */
static int ReadValue(const RhoCheckup *check, const char *text, double *state, bool *given) {
  const RhoModel model = check->c->model;
  size_t n = strcspn(text, "=");
  char *end;
  double value = text[n] ? strtod(text + n + 1, &end) : 0;
  int found = 0;
  if (!text[n] || end == text + n + 1 || *end || !isfinite(value))
    return rho_refuse(check->c->cli, "--at is FIELD=NUMBER, not '%s'", text);
  for (int i = 0; i < model->nfield; i++) {
    const char *name = model->field[i].name;
    if (strncmp(name, text, n) || (name[n] && name[n] != '[')) continue;
    state[i] = value;
    given[i] = true;
    found++;
  }
  return found ? RHO_EXIT_DONE : rho_refuse(check->c->cli, "--at: the model has no field '%.*s'", (int)n, text);
}

static int ReadState(const RhoCheckup *check, double *state) {
  const RhoCli *cli = check->c->cli;
  const RhoModel model = check->c->model;
  bool *given = RhoArenaAlloc(check->arena, (size_t)model->nfield * sizeof *given);
  for (int k = 0; k < cli->nat; k++)
    if (ReadValue(check, cli->at[k], state, given)) return RHO_EXIT_INPUT;
  for (int i = 0; i < model->nfield; i++)
    if (!given[i])
      return rho_refuse(cli, "--at gives no value for '%s': growth rates need the whole uniform state",
                        model->field[i].name);
  return RHO_EXIT_DONE;
}

static RhoStatus Rates(const RhoCheckup *check, const double *state, int n, const double *wave, double complex *rate) {
  const RhoCase *c = check->c;
  const double *q[RHO_MAXDIM] = {wave};
  return RhoDispersion(c->eq, c->dim, c->value, state, n, q, NULL, rate, NULL);
}

static double Largest(const RhoCheckup *check, const double *state, double q, double complex *rate) {
  return Rates(check, state, 1, &q, rate) ? -INFINITY : creal(rate[0]);
}

/* golden sections between the neighbours of the best sample */
static void FindFastest(const RhoCheckup *check, const double *state, RhoGrowth *g) {
  int best = 0, nf = check->c->model->nfield;
  const double ratio = 0.5 * (sqrt(5) - 1);
  double complex *rate = RhoArenaAlloc(check->arena, (size_t)nf * sizeof *rate);
  for (int k = 1; k < g->n; k++)
    if (creal(g->rate[k * nf]) > creal(g->rate[best * nf])) best = k;
  double a = g->q[best > 0 ? best - 1 : 0], b = g->q[best < g->n - 1 ? best + 1 : best];
  for (int k = 0; k < 80 && b - a > 1e-12 * (1 + b); k++) {
    double x = b - ratio * (b - a), y = a + ratio * (b - a);
    if (Largest(check, state, x, rate) >= Largest(check, state, y, rate)) b = y;
    else a = x;
  }
  g->fastest_q = 0.5 * (a + b);
  (void)Largest(check, state, g->fastest_q, rate);
  if (creal(rate[0]) <= creal(g->rate[best * nf])) { /* at an end of the range */
    g->fastest_q = g->q[best];
    rate[0] = g->rate[best * nf];
  }
  g->fastest = rate[0];
}

int rho_check_growth(RhoCheckup *check) {
  RhoCli *cli = check->c->cli;
  RhoGrowth *g = &check->growth;
  int nf = check->c->model->nfield;
  double *state = RhoArenaAlloc(check->arena, (size_t)nf * sizeof *state);
  if (cli->nat == 0 && !cli->value[RHO_OPT_Q]) return RHO_EXIT_DONE;
  if (ReadRange(cli, g) || ReadState(check, state)) return RHO_EXIT_INPUT;
  double *q = RhoArenaAlloc(check->arena, (size_t)g->n * sizeof *q);
  g->rate = RhoArenaAlloc(check->arena, (size_t)(g->n * nf) * sizeof *g->rate);
  for (int k = 0; k < g->n; k++) q[k] = g->n == 1 ? g->from : g->from + k * (g->to - g->from) / (g->n - 1);
  g->q = q;
  if (Rates(check, state, g->n, q, g->rate))
    return rho_refuse(cli, "no growth rates: %s",
                      check->c->eq->uses_coordinate ? "a coefficient depends on a coordinate, there are no plane waves"
                                                    : "the model has no symbol at this state");
  g->state = state;
  FindFastest(check, state, g);
  g->made = true;
  return RHO_EXIT_DONE;
}

/* A uniform state that reacts is not steady: then the rates are those of the first moment only. */
static void PrintReactions(const RhoCheckup *check, FILE *stream) {
  const RhoEquations eq = check->c->eq;
  for (int i = 0; i < eq->nfield; i++) {
    double rate = RhoLocalValue(eq, RhoHomogeneous(eq, eq->equation[i].source), check->c->value, check->growth.state);
    for (int e = 0; e < eq->nexchange; e++)
      rate += eq->model->exchange[e].change[i] *
              RhoLocalValue(eq, RhoHomogeneous(eq, eq->model->exchange[e].rate), check->c->value, check->growth.state);
    if (fabs(rate) > 1e-9 * (1 + fabs(check->growth.state[i])))
      fprintf(stream, "  not a steady state: d %s/dt = %.6g\n", eq->model->field[i].name, rate);
  }
}

void rho_check_print_growth(const RhoCheckup *check, FILE *stream) {
  const RhoGrowth *g = &check->growth;
  int nf = check->c->model->nfield;
  if (!g->made) return;
  fprintf(stream, "\ngrowth rates of waves exp(i q x)%s\n", nf > 1 ? ", fastest first" : "");
  PrintReactions(check, stream);
  fprintf(stream, "  %-10s", "q");
  for (int i = 0; i < nf; i++) fprintf(stream, "  growth %-13d frequency %-3d", i + 1, i + 1);
  for (int k = 0; k < g->n; k++) {
    fprintf(stream, "\n  %-10.6g", g->q[k]);
    for (int i = 0; i < nf; i++)
      fprintf(stream, "  %-20.12g %-13.6g", creal(g->rate[k * nf + i]) + 0.0, fabs(cimag(g->rate[k * nf + i])));
  }
  if (g->n > 1)
    fprintf(stream, "\n  fastest: q = %.9g, growth %.12g, frequency %.6g: %s", g->fastest_q, creal(g->fastest),
            fabs(cimag(g->fastest)), creal(g->fastest) > 0 ? "unstable" : "stable in this range");
  fprintf(stream, "\n");
}

void rho_check_json_growth(const RhoCheckup *check, RhoJson *json) {
  const RhoGrowth *g = &check->growth;
  int nf = check->c->model->nfield;
  if (!g->made) return;
  rho_json_open(json, "growth", '[');
  for (int k = 0; k < g->n; k++) {
    rho_json_open(json, NULL, '{');
    rho_json_number(json, "q", g->q[k]);
    rho_json_open(json, "real", '[');
    for (int i = 0; i < nf; i++) rho_json_number(json, NULL, creal(g->rate[k * nf + i]));
    rho_json_close(json, ']');
    rho_json_open(json, "imaginary", '[');
    for (int i = 0; i < nf; i++) rho_json_number(json, NULL, cimag(g->rate[k * nf + i]));
    rho_json_close(json, ']');
    rho_json_close(json, '}');
  }
  rho_json_close(json, ']');
}
