/* check_state.c - the uniform state about which waves are looked at: that of --at, or the mean of a case's initial
   formulas over the mesh. */
#include "check.h"
#include <math.h>
#include <string.h>

enum { NPOINT = 16 }; /* of the mean along each dimension: waves of fewer than 16 periods average out */

/* ---- --at FIELD=VALUE ---- */

static bool Refuse(const RhoCheckup *check, RhoPlace place, const char *message, const char *hint) {
  RhoDiagReport(check->c->cli->diag, RHO_ID_OPTION, place, "%s", message);
  RhoDiagHint(check->c->cli->diag, "%s", hint);
  return false;
}

static bool CheckValue(const RhoCheckup *check, int field, double value, RhoPlace place) {
  const RhoField *f = &check->c->model->field[field];
  if (f->kind != RHO_DENSITY || value >= 0) return true;
  RhoDiagReport(check->c->cli->diag, RHO_ID_OPTION, place, "the density '%s' is %g", f->name, value);
  RhoDiagHint(check->c->cli->diag, "a density is not negative; declare the field as real if it may be");
  return false;
}

/* FIELD alone of an indexed name stands for all of its members. */
static bool ReadOne(const RhoCheckup *check, const char *text, double *state, bool *given) {
  RhoCase *c = check->c;
  size_t nbyte = strlen(text), n = strcspn(text, "=");
  int source = RhoDiagAddSource(c->cli->diag, "--at", text, nbyte), nfield;
  int *field = RhoArenaAlloc(check->arena, (size_t)c->model->nfield * sizeof *field);
  double value;
  if (source < 0) return false;
  if (n == 0 || n + 1 >= nbyte)
    return Refuse(check, (RhoPlace){source, 0, (int)nbyte}, "not FIELD=VALUE", "as in --at \"rho[a]=0.5\", --at rho=1");
  const RhoYaml *number = rho_case_piece(c, source, text, n + 1, nbyte - n - 1);
  nfield = rho_case_fields(c, rho_case_piece(c, source, text, 0, n), field);
  if (!rho_case_value(c, number, &value)) return false;
  for (int k = 0; k < nfield; k++) {
    if (!CheckValue(check, field[k], value, number->place)) return false;
    state[field[k]] = value;
    given[field[k]] = true;
  }
  return nfield > 0;
}

static bool ReadState(const RhoCheckup *check, double *state) {
  const RhoCli *cli = check->c->cli;
  const RhoModel model = check->c->model;
  bool *given = RhoArenaAlloc(check->arena, (size_t)model->nfield * sizeof *given), sound = true;
  for (int k = 0; k < cli->given[RHO_OPT_AT].n; k++)
    sound = ReadOne(check, cli->given[RHO_OPT_AT].value[k], state, given) && sound;
  for (int i = 0; i < model->nfield && sound; i++) {
    if (given[i]) continue;
    RhoDiagReport(cli->diag, RHO_ID_OPTION, RHO_NOWHERE, "--at gives no value for '%s'", model->field[i].name);
    RhoDiagHint(cli->diag, "growth rates need the whole uniform state: --at \"%s=1\"", model->field[i].name);
    sound = false;
  }
  return sound;
}

/* ---- the mean of the start ---- */

typedef struct {
  const RhoCase *c;
  double at[RHO_MAXDIM];
} Point;

static double Symbol(RhoGraph graph, RhoNode node, void *ctx) {
  const Point *point = ctx;
  (void)graph;
  for (int d = 0; d < point->c->mesh.ndimension; d++)
    if (node == rho_case_coordinate(point->c, d)) return point->at[d];
  return rho_case_symbol(point->c, node);
}

/* Of one formula; *spread: half the distance between its extremes. */
static double Mean(const RhoCase *c, RhoNode formula, double *spread) {
  double sum = 0, low = INFINITY, high = -INFINITY;
  int n = 1;
  RhoNode bad;
  Point point = {.c = c};
  for (int d = 0; d < c->mesh.ndimension; d++) n *= NPOINT;
  for (int k = 0; k < n; k++) {
    for (int d = 0, rest = k; d < c->mesh.ndimension; d++, rest /= NPOINT) {
      const RhoDimension *m = &c->mesh.dimension[d];
      point.at[d] = m->from + (rest % NPOINT + 0.5) / NPOINT * (m->to - m->from);
    }
    double value = RhoGraphValue(c->model->graph, formula, Symbol, &point, &bad);
    low = fmin(low, value);
    high = fmax(high, value);
    sum += value;
  }
  *spread = (high - low) / 2;
  return sum / n;
}

static bool MeanState(RhoCheckup *check, double *state) {
  const RhoCase *c = check->c;
  double spread;
  if (c->initial.kind != RHO_INITIAL_FORMULAS || !c->has_mesh) return false;
  check->uniform = true;
  for (int i = 0; i < c->model->nfield; i++) {
    state[i] = Mean(c, c->initial.formula[i], &spread);
    if (!isfinite(state[i])) return false;
    if (spread > 0.01 * (fabs(state[i]) + spread)) check->uniform = false;
  }
  return true;
}

/* ---- the choice ---- */

void rho_check_state(RhoCheckup *check) {
  const RhoCli *cli = check->c->cli;
  double *state = RhoArenaAlloc(check->arena, (size_t)check->c->model->nfield * sizeof *state);
  bool found;
  check->from_case = cli->given[RHO_OPT_AT].n == 0;
  found = cli->given[RHO_OPT_AT].n ? ReadState(check, state) : MeanState(check, state);
  if (found) check->state = state;
  else if (cli->given[RHO_OPT_AT].n == 0 && cli->value[RHO_OPT_Q]) {
    RhoDiagReport(cli->diag, RHO_ID_OPTION, RHO_NOWHERE, "--q needs a uniform state about which the waves grow");
    RhoDiagHint(cli->diag, "--at \"%s=1\", and so for every field", check->c->model->field[0].name);
  }
}
