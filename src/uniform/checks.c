/* checks.c - a model file as its own test: what its entries under `checks:` say, evaluated. */
#include "rhoflux/uniform.h"
#include <math.h>
#include <string.h>

typedef struct {
  RhoEquations eq;
  RhoModel model;
  RhoArena arena; /* of one check */
  const RhoCheck *check;
  int dim;
  double *value; /* [nuniform] */
  RhoCheckOutcome *outcome;
} Run;

/* ---- words ----------------------------------------------------------------------------------------------------------
 */

static const char *const verdict_word[] = {"none", "local", "functional"};

static void AddState(Run *run, RhoText text) {
  for (int i = 0; run->check->state && i < run->eq->nfield; i++)
    RhoTextAdd(text, "%s%s = %g", i ? ", " : " at ", run->model->field[i].name, run->check->state[i]);
}

static void AddSettings(Run *run, RhoText text) {
  for (int k = 0; k < run->check->nset; k++)
    RhoTextAdd(text, "%s%s = %g", k ? ", " : " with ", run->check->set_name[k], run->check->set_value[k]);
}

static const char *FieldOf(Run *run, int k) {
  int field = run->check->of[k];
  return field < 0 ? "?" : run->model->field[field].name;
}

static void AddValue(Run *run, RhoText text) {
  const char *word = run->check->word;
  if (strcmp(word, "mu") == 0) RhoTextAdd(text, "mu[%s]", FieldOf(run, 0));
  else if (strcmp(word, "hessian") == 0) RhoTextAdd(text, "d mu[%s]/d %s", FieldOf(run, 0), FieldOf(run, 1));
  else RhoTextAdd(text, "%s", run->check->text ? run->check->text : word);
}

static const char *What(Run *run) {
  RhoText text = RhoTextCreate(run->arena);
  const double *q = run->check->q;
  switch (run->check->kind) {
  case RHO_CHECK_RECIPROCAL: RhoTextAdd(text, "reciprocal"); break;
  case RHO_CHECK_CONSERVED: RhoTextAdd(text, "conserved %s", run->check->word); break;
  case RHO_CHECK_VALUE: AddValue(run, text); break;
  case RHO_CHECK_GROWTH: RhoTextAdd(text, "growth at |q| = %g", sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2])); break;
  }
  AddState(run, text);
  AddSettings(run, text);
  return RhoTextGet(text);
}

/* ---- numbers --------------------------------------------------------------------------------------------------------
 */

static void Compare(Run *run, const double *found) {
  const RhoCheck *check = run->check;
  RhoCheckOutcome *outcome = run->outcome;
  outcome->nvalue = check->nvalue;
  outcome->found = found;
  outcome->expected = check->value;
  outcome->passed = true;
  for (int k = 0; k < check->nvalue; k++) {
    double error = fabs(found[k] - check->value[k]) / fmax(1, fabs(check->value[k]));
    if (!(error <= outcome->error)) outcome->error = error;
    if (!(error <= check->tolerance)) outcome->passed = false;
  }
}

static RhoStatus Cannot(Run *run, const char *reason) {
  run->outcome->reason = reason;
  run->outcome->passed = false;
  return RHO_OK;
}

static RhoVerdict Verdict(Run *run) { return RhoVariationalTest(run->eq, run->value, 0, 0); }

static bool HasFreeEnergy(Run *run) {
  if (run->model->free_energy >= 0) return true;
  RhoVerdict verdict = Verdict(run);
  return verdict.applicable && verdict.verdict != RHO_NOT_VARIATIONAL;
}

static double Potential(Run *run, int i) {
  return RhoLocalValue(run->eq, RhoLocalPotential(run->eq, i), run->value, run->check->state);
}

/* p = sum_i u_i mu_i - f */
static double Pressure(Run *run) {
  double p = -RhoLocalFreeEnergy(run->eq, run->value, run->check->state);
  for (int i = 0; i < run->eq->nfield; i++) p += run->check->state[i] * Potential(run, i);
  return p;
}

static double Value(Run *run) {
  const RhoCheck *check = run->check;
  const char *word = check->word;
  RhoNode node = RHO_NONE;
  if (strcmp(word, "f") == 0) return RhoLocalFreeEnergy(run->eq, run->value, check->state);
  if (strcmp(word, "p") == 0) return Pressure(run);
  if (strcmp(word, "mu") == 0) return Potential(run, check->of[0]);
  if (strcmp(word, "hessian") == 0) node = RhoLocalHessian(run->eq, check->of[0], check->of[1]);
  else node = RhoHomogeneous(run->eq, check->node);
  return RhoLocalValue(run->eq, node, run->value, check->state);
}

static RhoStatus CheckValue(Run *run) {
  const char *word = run->check->word;
  bool energy = strcmp(word, "f") == 0 || strcmp(word, "p") == 0;
  bool potential = strcmp(word, "mu") == 0 || strcmp(word, "hessian") == 0;
  if (potential && run->eq->equation[run->check->of[0]].potential < 0) return Cannot(run, "the field has no potential");
  if (energy && !HasFreeEnergy(run)) return Cannot(run, "the potentials have no free energy");
  double *found = RhoArenaAlloc(run->arena, sizeof *found);
  *found = Value(run);
  Compare(run, found);
  return RHO_OK;
}

static RhoStatus CheckGrowth(Run *run) {
  const RhoCheck *check = run->check;
  int n = run->eq->nfield;
  const double *q[RHO_MAXDIM];
  double complex *lambda = RhoArenaAlloc(run->arena, sizeof *lambda * (size_t)n);
  double *found = RhoArenaAlloc(run->arena, sizeof *found * (size_t)(check->nvalue + n));
  for (int d = 0; d < RHO_MAXDIM; d++) q[d] = &check->q[d];
  RhoStatus status = RhoDispersion(run->eq, run->dim, run->value, check->state, 1, q, NULL, lambda, NULL);
  if (status == RHO_NOMEM) return status;
  if (status || check->nvalue > n) return Cannot(run, "there is no such symbol");
  for (int k = 0; k < n; k++) found[k] = creal(lambda[k]);
  Compare(run, found);
  return RHO_OK;
}

/* ---- structure ------------------------------------------------------------------------------------------------------
 */

static RhoStatus CheckReciprocal(Run *run) {
  RhoVerdict verdict = Verdict(run);
  if (!verdict.applicable) return Cannot(run, verdict.reason);
  run->outcome->found_word = verdict_word[verdict.verdict];
  run->outcome->expected_word = run->check->word;
  run->outcome->passed = strcmp(run->check->word, verdict_word[verdict.verdict]) == 0;
  return RHO_OK;
}

/* weight[i] = d combination/d u_i; false when that is not a number */
static bool Weights(Run *run, double *weight) {
  RhoGraph graph = run->eq->graph;
  RhoNode one = RhoGraphConstant(graph, 1);
  for (int i = 0; i < run->eq->nfield; i++) {
    RhoNode node = RhoGraphDifferential(graph, run->check->node, 1, &run->model->field[i].symbol, &one, 0);
    if (RhoGraphDependsOnKind(graph, node, RHO_SYM_FIELD)) return false;
    weight[i] = RhoLocalValue(run->eq, node, run->value, NULL);
    if (!isfinite(weight[i])) return false;
  }
  return true;
}

/* Is weight a sum of the combinations that nothing feeds?  Each is orthogonalised against those before, then taken off.
 */
static bool InSpan(Run *run, double *weight) {
  int n = run->eq->nfield, nbasis = 0, *which = RhoArenaAlloc(run->arena, sizeof *which * (size_t)(n + 1));
  for (int c = 0; c < run->eq->nconserved; c++)
    if (!run->eq->fed[c]) which[nbasis++] = c;
  double *basis = RhoArenaAlloc(run->arena, sizeof *basis * (size_t)(n * nbasis)), rest = 0, size = 0;
  for (int i = 0; i < n; i++) size += weight[i] * weight[i];
  for (int b = 0; b <= nbasis; b++) {
    double *row = b < nbasis ? &basis[b * n] : weight;
    if (b < nbasis) memcpy(row, run->eq->conserved[which[b]], sizeof *row * (size_t)n);
    for (int c = 0; c < b; c++) {
      double along = 0, norm = 0;
      for (int i = 0; i < n; i++) along += row[i] * basis[c * n + i], norm += basis[c * n + i] * basis[c * n + i];
      for (int i = 0; i < n; i++) row[i] -= along / norm * basis[c * n + i];
    }
  }
  for (int i = 0; i < n; i++) rest += weight[i] * weight[i];
  return size > 0 && rest <= 1e-20 * size;
}

static RhoStatus CheckConserved(Run *run) {
  double *weight = RhoArenaAlloc(run->arena, sizeof *weight * (size_t)run->eq->nfield);
  if (!Weights(run, weight)) return Cannot(run, "the combination is not linear in the fields");
  run->outcome->expected_word = "conserved";
  run->outcome->passed = InSpan(run, weight);
  run->outcome->found_word = run->outcome->passed ? "conserved" : "not conserved";
  return RHO_OK;
}

/* ---- one check after the other --------------------------------------------------------------------------------------
 */

static RhoStatus Bind(Run *run) {
  const RhoCheck *check = run->check;
  RhoSetting *setting = RhoArenaAlloc(run->arena, sizeof *setting * (size_t)check->nset);
  for (int k = 0; k < check->nset; k++)
    setting[k] = (RhoSetting){check->set_name[k], check->set_value[k], check->place};
  run->value = RhoArenaAlloc(run->arena, sizeof(double) * (size_t)run->eq->nuniform);
  return RhoEquationsBind(run->eq, run->dim, check->nset, setting, run->value);
}

static RhoStatus Evaluate(Run *run) {
  RhoStatus status = Bind(run);
  if (status) return status == RHO_NOMEM ? status : Cannot(run, "its parameters could not be set");
  switch (run->check->kind) {
  case RHO_CHECK_RECIPROCAL: return CheckReciprocal(run);
  case RHO_CHECK_CONSERVED: return CheckConserved(run);
  case RHO_CHECK_VALUE: return CheckValue(run);
  case RHO_CHECK_GROWTH: return CheckGrowth(run);
  }
  return RHO_OK;
}

static RhoStatus Report(Run *run, RhoCheckFn report, void *ctx) {
  run->outcome->what = What(run);
  RhoStatus status = Evaluate(run);
  if (!status) report(run->outcome, ctx);
  return status;
}

/* Both arenas may run out of memory while a check is evaluated. */
static RhoStatus Guarded(Run *run, RhoCheckFn report, void *ctx) {
  if (setjmp(*RhoArenaGuard(run->arena))) return RHO_NOMEM;
  if (setjmp(*RhoArenaGuard(run->model->arena))) return RHO_NOMEM;
  return Report(run, report, ctx);
}

static RhoStatus OneCheck(RhoEquations eq, const RhoCheck *check, int dim, RhoCheckFn report, void *ctx, bool *passed) {
  RhoCheckOutcome outcome = {.check = check, .reason = "", .found_word = "", .expected_word = ""};
  Run run = {.eq = eq, .model = eq->model, .arena = RhoArenaCreate(), .check = check, .outcome = &outcome};
  if (!run.arena) return RHO_NOMEM;
  run.dim = check->dim ? check->dim : eq->model->dim ? eq->model->dim : dim ? dim : 1;
  RhoStatus status = Guarded(&run, report, ctx);
  RhoArenaDestroy(&run.arena);
  *passed = outcome.passed;
  return status;
}

RhoStatus RhoChecksRun(RhoEquations eq, int dim, RhoCheckFn report, void *ctx, int *nfailed) {
  RhoStatus status = RHO_OK;
  *nfailed = 0;
  for (int k = 0; !status && k < eq->model->ncheck; k++) {
    bool passed = false;
    status = OneCheck(eq, &eq->model->check[k], dim, report, ctx, &passed);
    if (!passed) ++*nfailed;
  }
  return status;
}
