/* check_growth.c - `rhoflux check MODEL --at FIELD=VALUE ... --q FROM:TO:N`: growth rates of plane waves about a
   uniform state.

   The waves run along the mesh's first dimension. */
#include "check.h"
#include "rhoflux/stability.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 100000 };

/* ---- the range ---- */

static bool RefuseRange(const RhoCheckup *check, RhoPlace place) {
  RhoDiagReport(check->c->cli->diag, RHO_ID_OPTION, place, "not a range of wavenumbers");
  RhoDiagHint(check->c->cli->diag,
              "one wavenumber, --q 0.5, or FROM:TO:N with 0 <= FROM < TO and 1 < N <= %d, --q 0:2:9", MOST);
  return false;
}

/* The numbers between the colons, at most three; -1 after a report. */
static int ReadParts(const RhoCheckup *check, int source, const char *text, double *part) {
  RhoCase *c = check->c;
  size_t at = 0, nbyte = strlen(text);
  for (int k = 0; k < 3; k++) {
    size_t n = strcspn(text + at, ":");
    if (n == 0) break;
    if (!rho_case_value(c, rho_case_piece(c, source, text, at, n), &part[k])) return -1;
    if (at + n == nbyte) return k + 1;
    at += n + 1;
  }
  RefuseRange(check, (RhoPlace){source, 0, (int)nbyte});
  return -1;
}

static bool ReadRange(const RhoCheckup *check, RhoGrowth *growth) {
  const char *text = check->c->cli->value[RHO_OPT_Q];
  double part[3] = {0, 2, 9};
  int source = text ? RhoDiagAddSource(check->c->cli->diag, "--q", text, strlen(text)) : 0, n = 3;
  if (text && (source < 0 || (n = ReadParts(check, source, text, part)) < 0)) return false;
  RhoPlace place = {source, 0, text ? (int)strlen(text) : 0};
  if (n == 1) part[1] = part[0], part[2] = 1;
  bool sound = n != 2 && part[0] >= 0 && part[2] >= 1 && part[2] <= MOST && part[2] == floor(part[2]);
  if (!sound || (n == 3 && !(part[1] > part[0] && part[2] > 1))) return RefuseRange(check, place);
  *growth = (RhoGrowth){.from = part[0], .to = part[1], .n = (int)part[2]};
  return true;
}

/* ---- rates ---- */

RhoStatus rho_check_rates(const RhoCheckup *check, int n, const double *wave, double complex *rate) {
  const RhoCase *c = check->c;
  const double *q[RHO_MAXDIM] = {wave};
  return RhoDispersion(c->eq, c->dim, c->value, check->state, n, q, NULL, rate, NULL);
}

RhoWave rho_check_fastest(const RhoCheckup *check, double top) {
  const RhoCase *c = check->c;
  const RhoWaveRange range = {.dim = c->dim, .ndimension = 1, .given = true, .direction = {1, 0, 0}, .top = top};
  RhoStability found;
  if (RhoStabilityAt(c->eq, check->arena, &range, c->value, check->state, &found) || found.class == RHO_CLASS_UNDEFINED)
    return (RhoWave){NAN, NAN, false};
  return (RhoWave){found.q, found.rate, found.edge};
}

/* Within the range of the table, which need not begin at 0. */
static RhoWave FastestInRange(const RhoCheckup *check, const RhoGrowth *g) {
  int best = 0, nf = check->c->model->nfield;
  for (int k = 1; k < g->n; k++)
    if (creal(g->rate[k * nf]) > creal(g->rate[best * nf])) best = k;
  RhoWave fastest = g->n > 1 ? rho_check_fastest(check, g->to) : (RhoWave){.q = -1};
  if (fastest.q >= g->from) return fastest;
  return (RhoWave){g->q[best], g->rate[best * nf], false};
}

void rho_check_growth(RhoCheckup *check) {
  RhoCli *cli = check->c->cli;
  RhoGrowth *g = &check->growth;
  int nf = check->c->model->nfield;
  if (!ReadRange(check, g) || !check->state) return;
  double *q = RhoArenaAlloc(check->arena, (size_t)g->n * sizeof *q);
  g->rate = RhoArenaAlloc(check->arena, (size_t)(g->n * nf) * sizeof *g->rate);
  for (int k = 0; k < g->n; k++) q[k] = g->n == 1 ? g->from : g->from + k * (g->to - g->from) / (g->n - 1);
  g->q = q;
  if (rho_check_rates(check, g->n, q, g->rate)) {
    RhoDiagReport(cli->diag, RHO_ID_OPTION, RHO_NOWHERE, "there are no growth rates about this state");
    RhoDiagHint(cli->diag, check->c->eq->uses_coordinate
                               ? "a coefficient depends on a coordinate, so that no plane wave grows by itself"
                               : "the model has no symbol there");
    return;
  }
  g->fastest = FastestInRange(check, g);
  g->made = true;
}

/* ---- printing ---- */

/* A uniform state that reacts is not steady: then the rates are those of the first moment only. */
void rho_check_print_steady(const RhoCheckup *check, FILE *stream) {
  const RhoEquations eq = check->c->eq;
  for (int i = 0; i < eq->nfield; i++) {
    double rate = RhoLocalValue(eq, RhoHomogeneous(eq, eq->equation[i].source), check->c->value, check->state);
    for (int e = 0; e < eq->nexchange; e++)
      rate += eq->model->exchange[e].change[i] *
              RhoLocalValue(eq, RhoHomogeneous(eq, eq->model->exchange[e].rate), check->c->value, check->state);
    if (fabs(rate) > 1e-9 * (1 + fabs(check->state[i])))
      fprintf(stream, "  not a steady state: d %s/dt = %.6g\n", eq->model->field[i].name, rate);
  }
}

static void PrintHead(const RhoCheckup *check, FILE *stream) {
  int nf = check->c->model->nfield;
  fprintf(stream, "\ngrowth rates of waves exp(i q x) about %s%s%s\n",
          check->from_case ? "the mean of the start, " : "", check->state_text, nf > 1 ? "; fastest first" : "");
  rho_check_print_steady(check, stream);
}

static void PrintTable(const RhoCheckup *check, FILE *stream) {
  const RhoGrowth *g = &check->growth;
  int nf = check->c->model->nfield;
  fprintf(stream, "  %-10s", "q");
  for (int i = 0; i < nf; i++) {
    if (nf > 1) fprintf(stream, "  growth %-13d frequency %-3d", i + 1, i + 1);
    else fprintf(stream, "  %-20s %-13s", "growth", "frequency");
  }
  for (int k = 0; k < g->n; k++) {
    fprintf(stream, "\n  %-10.6g", g->q[k]);
    for (int i = 0; i < nf; i++)
      fprintf(stream, "  %-20.12g %-13.6g", creal(g->rate[k * nf + i]) + 0.0, fabs(cimag(g->rate[k * nf + i])));
  }
  fprintf(stream, "\n");
}

static void PrintFastest(const RhoGrowth *g, FILE *stream) {
  double growth = creal(g->fastest.rate);
  if (g->n == 1) return;
  fprintf(stream, "  fastest: q = %.9g", g->fastest.q);
  if (g->fastest.q > 0) fprintf(stream, " (wavelength %.6g)", 2 * M_PI / g->fastest.q);
  fprintf(stream, ", growth %.12g, frequency %.6g: %s\n", growth + 0.0, fabs(cimag(g->fastest.rate)),
          growth > 0 ? "unstable" : "stable in this range");
}

void rho_check_print_growth(const RhoCheckup *check, bool table_alone, FILE *stream) {
  if (!table_alone) PrintHead(check, stream);
  PrintTable(check, stream);
  if (!table_alone) PrintFastest(&check->growth, stream);
}

static void PutRates(const RhoGrowth *g, int k, int nf, RhoJson *json) {
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

void rho_json_wave(RhoJson *json, const char *key, RhoWave wave) {
  rho_json_open(json, key, '{');
  rho_json_number(json, "q", wave.q);
  rho_json_number(json, "wavelength", 2 * M_PI / wave.q);
  rho_json_number(json, "real", creal(wave.rate));
  rho_json_number(json, "imaginary", cimag(wave.rate));
  rho_json_close(json, '}');
}

void rho_check_json_growth(const RhoCheckup *check, RhoJson *json) {
  const RhoGrowth *g = &check->growth;
  if (!g->made) return;
  rho_json_open(json, "growth", '[');
  for (int k = 0; k < g->n; k++) PutRates(g, k, check->c->model->nfield, json);
  rho_json_close(json, ']');
  rho_json_wave(json, "fastest", g->fastest);
}
