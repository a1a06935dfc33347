/* case_times.c - when to write (start and end always), and how to step. */
#include "case.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_OUTPUTS = 1000000 };

static double Value(const RhoCase *c, RhoCaseNumberId id) { return c->number[id].value; }

/* Given on the command line, not in the file. */
static bool IsSet(const RhoCase *c, RhoCaseNumberId id) {
  return c->number[id].given && c->number[id].place.source != c->source;
}

static void AddTime(RhoCase *c, double time) {
  if (c->noutput == 0 || time > c->output[c->noutput - 1]) c->output[c->noutput++] = time;
}

static bool Reserve(RhoCase *c, double n, RhoPlace place) {
  if (n > MOST_OUTPUTS) {
    RhoDiagReport(c->cli->diag, RHO_ID_CASE_TIMES, place, "this makes %.4g outputs", n);
    RhoDiagHint(c->cli->diag, "at most %d", MOST_OUTPUTS);
    return false;
  }
  c->output = RhoArenaAlloc(c->cli->arena, ((size_t)n + 3) * sizeof *c->output);
  return true;
}

/* start + k*dt below the end; one that falls on it but for rounding is the end. */
static void Equidistant(RhoCase *c, double n, double dt, RhoPlace place) {
  double start = Value(c, RHO_CASE_START), end = Value(c, RHO_CASE_END);
  if (!Reserve(c, n, place)) return;
  for (int k = 0; k < n - 1e-6; k++) AddTime(c, start + k * dt);
  AddTime(c, end);
}

/* One report for the whole list: the times behind it are as wrong. */
static void RefuseTime(RhoCase *c, RhoPlace place, double time, double last) {
  RhoDiag diag = c->cli->diag;
  double start = Value(c, RHO_CASE_START), end = Value(c, RHO_CASE_END);
  if (time > end) RhoDiagReport(diag, RHO_ID_CASE_TIMES, place, "an output at %g, after the end at %g", time, end);
  else if (time < start)
    RhoDiagReport(diag, RHO_ID_CASE_TIMES, place, "an output at %g, before the start at %g", time, start);
  else RhoDiagReport(diag, RHO_ID_CASE_TIMES, place, "an output at %g stands behind one at %g", time, last);
  if (time > end) RhoDiagAlso(diag, c->number[RHO_CASE_END].place, "the end is given here");
  RhoDiagHint(diag, "the times of outputs ascend, from start (%g) to end (%g)", start, end);
  if (IsSet(c, RHO_CASE_END)) RhoDiagHint(diag, "--set time.outputs or --set time.every takes the place of the list");
}

static void Listed(RhoCase *c, const RhoYaml *list) {
  double start = Value(c, RHO_CASE_START), end = Value(c, RHO_CASE_END), last = start;
  if (!RhoYamlExpect(c->cli->diag, list, RHO_YAML_LIST, "at") || !Reserve(c, list->n, list->place)) return;
  AddTime(c, start);
  for (int k = 0; k < list->n; k++) {
    double time;
    if (!RhoYamlNumber(c->cli->files, c->cli->diag, list->item[k], &time)) continue;
    if (time < last || time > end) {
      RefuseTime(c, list->item[k]->place, time, last);
      return;
    }
    AddTime(c, last = time);
  }
  AddTime(c, end);
}

/* outputs, every and at exclude each other in the file; --set of one replaces whatever the file has. */
static bool CheckOne(RhoCase *c, const RhoYaml *time, const RhoYaml *at) {
  bool both = IsSet(c, RHO_CASE_OUTPUTS) && IsSet(c, RHO_CASE_EVERY);
  if (both) {
    RhoDiagReport(c->cli->diag, RHO_ID_CASE_CONFLICT, c->number[RHO_CASE_EVERY].place,
                  "the times of outputs are set twice");
    RhoDiagAlso(c->cli->diag, c->number[RHO_CASE_OUTPUTS].place, "also set here");
    RhoDiagHint(c->cli->diag, "one of time.outputs, time.every");
    return false;
  }
  const RhoYaml *first = RhoYamlFind(time, "outputs"), *second = RhoYamlFind(time, "every");
  const RhoYaml *extra = first && second ? second : (first || second) && at ? at : NULL;
  if (!extra) return true;
  RhoDiagReport(c->cli->diag, RHO_ID_CASE_CONFLICT, extra->place, "the times of outputs are given twice");
  RhoDiagHint(c->cli->diag, "one of outputs: n, every: dt, at: [times]");
  return false;
}

static bool CheckEnd(RhoCase *c, const RhoYaml *time) {
  double start = Value(c, RHO_CASE_START), end = Value(c, RHO_CASE_END);
  if (!c->number[RHO_CASE_END].given) return rho_case_missing(c, time, "time", "end", "the time to stop at, end: 100");
  if (end > start) return true;
  RhoDiagReport(c->cli->diag, RHO_ID_CASE_TIMES, c->number[RHO_CASE_END].place, "end is %g, start is %g", end, start);
  RhoDiagHint(c->cli->diag, "the end is after the start");
  return false;
}

void rho_case_times_read(RhoCase *c) {
  static const char *const more[] = {"at", "breakpoints"};
  const char **keys;
  int nkey = rho_case_number_keys(c, "time", 2, more, &keys), nerror = RhoDiagErrors(c->cli->diag);
  if (!RhoYamlFind(c->root, "time")) {
    if (c->evolves) rho_case_missing(c, c->root, "a case", "time", "time: {end: 100, outputs: 50}");
    return;
  }
  const RhoYaml *time = rho_case_map(c, c->root, "time", nkey, keys), *at = RhoYamlFind(time, "at");
  if (!time || RhoDiagErrors(c->cli->diag) > nerror || !CheckOne(c, time, at) || !CheckEnd(c, time)) return;
  const RhoCaseNumber *every = &c->number[RHO_CASE_EVERY], *outputs = &c->number[RHO_CASE_OUTPUTS];
  double span = Value(c, RHO_CASE_END) - Value(c, RHO_CASE_START);
  bool by_number = IsSet(c, RHO_CASE_OUTPUTS), by_step = every->value > 0 && !by_number;
  if (by_step) Equidistant(c, span / every->value, every->value, every->place);
  else if (at && !by_number && !IsSet(c, RHO_CASE_EVERY)) Listed(c, at);
  else if (outputs->value > 0) Equidistant(c, outputs->value, span / outputs->value, outputs->place);
}

/* ---- breakpoints ---- */

static int CompareTimes(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void AddBreakpoint(RhoCase *c, double time) {
  if (time > Value(c, RHO_CASE_START) && time < Value(c, RHO_CASE_END)) c->breakpoint[c->nbreak++] = time;
}

void rho_case_breakpoints_find(RhoCase *c) {
  const RhoYaml *list = RhoYamlFind(RhoYamlFind(c->root, "time"), "breakpoints");
  const double *found = NULL;
  double time;
  int nfound = 0, nlist = 0, n = 0;
  (void)RhoBreakpoints(c->eq, c->value, Value(c, RHO_CASE_START), Value(c, RHO_CASE_END), &nfound, &found);
  if (list && RhoYamlExpect(c->cli->diag, list, RHO_YAML_LIST, "breakpoints")) nlist = list->n;
  c->breakpoint = RhoArenaAlloc(c->cli->arena, (size_t)(nfound + nlist + 1) * sizeof *c->breakpoint);
  for (int k = 0; k < nfound; k++) AddBreakpoint(c, found[k]);
  for (int k = 0; k < nlist; k++)
    if (RhoYamlNumber(c->cli->files, c->cli->diag, list->item[k], &time)) AddBreakpoint(c, time);
  qsort(c->breakpoint, (size_t)c->nbreak, sizeof *c->breakpoint, CompareTimes);
  for (int k = 0; k < c->nbreak; k++)
    if (n == 0 || c->breakpoint[k] > c->breakpoint[n - 1]) c->breakpoint[n++] = c->breakpoint[k];
  c->nbreak = n;
}

/* ---- the solver ---- */

static void ReadScheme(RhoCase *c, const RhoYaml *node) {
  const char *name[32] = {RHO_EVOLVE_AUTO};
  int n = 1 + RhoEvolveSchemes(31, name + 1), k = node ? rho_case_word(c, node, "scheme", n, name) : -1;
  if (k >= 0) c->scheme = name[k];
}

void rho_case_solver_read(RhoCase *c) {
  static const char *const more[] = {"scheme", "preconditioner", "coefficients", "plans"};
  static const char *const preconditioner[] = {"auto", "symbol", "lu", "multigrid", "jacobi", "none"};
  static const char *const kind[] = {"variable", "constant"}, *const plan[] = {"estimated", "measured"};
  const char **keys;
  int nkey = rho_case_number_keys(c, "solver", 4, more, &keys);
  const RhoYaml *solver = rho_case_map(c, c->root, "solver", nkey, keys);
  const RhoYaml *pc = RhoYamlFind(solver, "preconditioner");
  int word = pc ? rho_case_word(c, pc, "preconditioner", 6, preconditioner) : 0;
  c->preconditioner = word > 0 ? (RhoPreconditioner)word : RHO_PC_AUTO;
  const RhoYaml *coefficients = RhoYamlFind(solver, "coefficients");
  c->constant = coefficients && rho_case_word(c, coefficients, "coefficients", 2, kind) == 1;
  const RhoYaml *plans = RhoYamlFind(solver, "plans");
  c->planning = plans && rho_case_word(c, plans, "plans", 2, plan) == 1 ? RHO_PLAN_MEASURE : RHO_PLAN_ESTIMATE;
  ReadScheme(c, RhoYamlFind(solver, "scheme"));
}
