/* check_json.c - what `rhoflux check` found out, for programs. */
#include "check.h"

static void PutFields(const RhoCheckup *check, RhoJson *json) {
  const RhoModel model = check->c->model;
  rho_json_open(json, "fields", '[');
  for (int i = 0; i < model->nfield; i++) {
    rho_json_open(json, NULL, '{');
    rho_json_text(json, "name", model->field[i].name);
    rho_json_text(json, "latex", model->field[i].latex);
    rho_json_text(json, "kind", model->field[i].kind == RHO_DENSITY ? "density" : "real");
    rho_json_open(json, "flux", '[');
    for (int k = 0; k < check->nflux[i]; k++) rho_json_text(json, NULL, check->flux[i][k]);
    rho_json_close(json, ']');
    rho_json_close(json, '}');
  }
  rho_json_close(json, ']');
  rho_json_open(json, "conserved", '[');
  for (int k = 0; k < check->c->eq->nconserved; k++) rho_json_text(json, NULL, check->conserved[k]);
  rho_json_close(json, ']');
}

static void PutParameters(const RhoCheckup *check, RhoJson *json) {
  rho_json_open(json, "parameters", '{');
  for (int k = 0; k < check->c->model->nparameter; k++)
    rho_json_number(json, check->c->model->parameter[k].name, check->c->value[k]);
  rho_json_close(json, '}');
}

static void PutLines(RhoJson *json, const char *key, int n, const RhoFormulaLine *line) {
  rho_json_open(json, key, '[');
  for (int k = 0; k < n; k++) {
    rho_json_open(json, NULL, '{');
    rho_json_text(json, "left", line[k].left);
    rho_json_text(json, "right", line[k].right);
    rho_json_close(json, '}');
  }
  rho_json_close(json, ']');
}

static void PutVerdict(const RhoCheckup *check, RhoJson *json) {
  static const char *const word[] = {"none", "local", "functional"};
  const RhoVerdict *v = &check->verdict;
  rho_json_open(json, "free_energy", '{');
  rho_json_text(json, "verdict", word[v->applicable ? v->verdict : RHO_NOT_VARIATIONAL]);
  rho_json_bool(json, "given", v->given);
  rho_json_bool(json, "proved", v->verdict == RHO_FUNCTIONAL ? v->functional_proved : v->local_proved);
  rho_json_number(json, "samples", v->nsample);
  rho_json_number(json, "from", v->from);
  rho_json_number(json, "to", v->to);
  rho_json_text(json, "text", rho_verdict_text(check));
  rho_json_close(json, '}');
}

static void PutAnalyses(const RhoCheckup *check, RhoJson *json) {
  rho_json_open(json, "analyses", '[');
  for (int k = 0; k < check->nanalysis; k++) {
    rho_json_open(json, NULL, '{');
    rho_json_text(json, "name", check->analysis[k].name);
    rho_json_bool(json, "available", check->analysis[k].available);
    rho_json_text(json, "why", check->analysis[k].why);
    rho_json_close(json, '}');
  }
  rho_json_close(json, ']');
}

static void PutNumbers(RhoJson *json, const char *key, int n, const double *number) {
  rho_json_open(json, key, '[');
  for (int k = 0; k < n; k++) rho_json_number(json, NULL, number[k]);
  rho_json_close(json, ']');
}

static void PutOutcomes(const RhoCheckup *check, RhoJson *json) {
  rho_json_open(json, "checks", '[');
  for (int k = 0; k < check->noutcome; k++) {
    const RhoCheckOutcome *outcome = &check->outcome[k];
    rho_json_open(json, NULL, '{');
    rho_json_text(json, "what", outcome->what);
    rho_json_bool(json, "passed", outcome->passed);
    PutNumbers(json, "found", outcome->nvalue, outcome->found);
    PutNumbers(json, "expected", outcome->nvalue, outcome->expected);
    rho_json_text(json, "text", rho_outcome_text(check->arena, outcome));
    rho_json_text(json, "source", outcome->check->source);
    rho_json_close(json, '}');
  }
  rho_json_close(json, ']');
}

static void PutWaves(const RhoCheckup *check, RhoJson *json) {
  if (!check->state) return;
  rho_json_open(json, "state", '{');
  for (int i = 0; i < check->c->model->nfield; i++)
    rho_json_number(json, check->c->model->field[i].name, check->state[i]);
  rho_json_close(json, '}');
  if (check->posed != RHO_NOT_TESTED) rho_json_bool(json, "well_posed", check->posed == RHO_WELL_POSED);
  if (check->has_length) rho_json_wave(json, "fastest_on_mesh", check->fastest);
}

void rho_check_print_json(const RhoCheckup *check, FILE *stream) {
  RhoJson json = {stream, true};
  rho_json_open(&json, NULL, '{');
  rho_json_text(&json, "model", check->c->model->name);
  rho_json_text(&json, "title", check->c->model->title);
  rho_json_text(&json, "source", check->c->model->source);
  rho_json_text(&json, "case", check->c->name);
  rho_json_number(&json, "dim", check->c->dim);
  PutFields(check, &json);
  PutParameters(check, &json);
  rho_check_json_derived(check, &json);
  PutLines(&json, "equations", check->typeset.nequation, check->typeset.equation);
  PutLines(&json, "with", check->typeset.nwith, check->typeset.with);
  PutVerdict(check, &json);
  PutAnalyses(check, &json);
  PutOutcomes(check, &json);
  rho_json_number(&json, "failed", check->nfailed);
  PutWaves(check, &json);
  rho_check_json_growth(check, &json);
  rho_json_close(&json, '}');
  fputc('\n', stream);
}
