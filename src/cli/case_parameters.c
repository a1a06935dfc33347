/* case_parameters.c - values of the model's parameters: `parameters:` of the case, then --set.  What is said last
   holds. */
#include "case.h"
#include <string.h>

static void SetMap(RhoCase *c, const RhoYaml *map) {
  const RhoSetting *setting;
  int n = 0;
  if (RhoModelSettings(c->model, map, &n, &setting) != RHO_OK) return;
  for (int k = 0; k < n; k++) *RHO_PUSH(c->cli->arena, c->setting, c->nsetting, c->settingcapacity) = setting[k];
}

void rho_case_parameters_read(RhoCase *c, const RhoYaml *map) {
  if (map && RhoYamlExpect(c->cli->diag, map, RHO_YAML_MAP, "parameters")) SetMap(c, map);
}

/* ---- protocols ---- */

/* The command line makes a number of what follows a protocol; the file says only one of the two. */
static void CheckConflicts(RhoCase *c, int nown) {
  for (int k = 0; k < c->model->nparameter; k++) {
    const RhoParameter *parameter = &c->model->parameter[k];
    for (int m = 0; m < nown && parameter->protocol.source >= 0; m++) {
      if (strcmp(c->setting[m].name, parameter->name)) continue;
      RhoDiagReport(c->cli->diag, RHO_ID_CASE_CONFLICT, parameter->protocol, "'%s' has a protocol and a number",
                    parameter->name);
      RhoDiagAlso(c->cli->diag, c->setting[m].place, "the number is given here");
      RhoDiagHint(c->cli->diag, "a protocol says the values of all times: leave it out under parameters");
      break;
    }
  }
}

void rho_case_protocol_read(RhoCase *c, const RhoYaml *map, int nown) {
  if (!map || RhoModelFollow(c->model, map, c->nsetting, c->setting) != RHO_OK) return;
  CheckConflicts(c, nown);
}

/* ---- the command line ---- */

const RhoYaml *rho_case_piece(RhoCase *c, int source, const char *text, size_t offset, size_t nbyte) {
  RhoYaml *node = RhoArenaAlloc(c->cli->arena, sizeof *node);
  node->kind = RHO_YAML_TEXT;
  node->place = (RhoPlace){source, (int)offset, (int)nbyte};
  node->text = (RhoFormula){RhoArenaString(c->cli->arena, text + offset, nbyte), nbyte, source, (int)offset, NULL};
  return node;
}

static void SetParameter(RhoCase *c, const RhoYaml *name, const RhoYaml *value) {
  RhoYaml map = {.kind = RHO_YAML_MAP, .n = 1, .key = &name, .item = &value, .place = name->place};
  SetMap(c, &map);
}

static void RefuseNumber(RhoCase *c, const RhoYaml *name) {
  RhoDiagReport(c->cli->diag, RHO_ID_CASE_SET, name->place, "a case has no number '%s'", name->text.text);
  RhoDiagHint(c->cli->diag, "as in the file: time.end, solver.rtol, seed; parameters of the model by their names");
}

void rho_case_set(RhoCase *c, const RhoYaml *name, const RhoYaml *value) {
  if (rho_case_number_set(c, name->text.text, value)) return;
  if (strchr(name->text.text, '.')) RefuseNumber(c, name);
  else SetParameter(c, name, value);
}

static void SetOne(RhoCase *c, const char *option, const char *text) {
  size_t nbyte = strlen(text), n = strcspn(text, "=");
  int source = RhoDiagAddSource(c->cli->diag, option, text, nbyte);
  if (source < 0) return;
  if (n == 0 || n + 1 >= nbyte) {
    RhoDiagReport(c->cli->diag, RHO_ID_CASE_SET, (RhoPlace){source, 0, (int)nbyte}, "'%s' is not NAME=VALUE", text);
    RhoDiagHint(c->cli->diag, "as in --set k=0.5, --set 'T[A]=2*pi', --set time.end=10");
    return;
  }
  const RhoYaml *name = rho_case_piece(c, source, text, 0, n);
  const RhoYaml *value = rho_case_piece(c, source, text, n + 1, nbyte - n - 1);
  rho_case_set(c, name, value);
}

void rho_case_command_line_read(RhoCase *c) {
  const char *seed = c->cli->value[RHO_OPT_SEED];
  c->nfile_setting = c->nsetting;
  const RhoGiven *set = &c->cli->given[RHO_OPT_SET];
  for (int k = 0; k < set->n; k++) SetOne(c, "--set", set->value[k]);
  if (seed) SetOne(c, "--seed", RhoArenaPrint(c->cli->arena, "seed=%s", seed));
  rho_case_over_read(c);
}
