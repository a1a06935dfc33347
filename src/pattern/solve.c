/* solve.c - a state that stays as it is: pseudo-transient continuation to Newton's method.

     (sigma - J - s D) du - D u ds = F + s D u

   sigma = 1/(step of pseudo-time) falls with the residual (switched evolution relaxation), so that damped steps follow
   the dynamics first and turn into Newton's; once the residual has fallen by 1e-6 sigma is zero.  Every step keeps the
   totals.  Ends when corrections do not get smaller any more. */
#include "pattern_private.h"

typedef struct {
  const RhoPatternOptions *options;
  RhoBorder border;
  RhoPatternOutcome *outcome;
  Vec u, before, F;
  PetscReal *G, *missing; /* [n], [nconserved] */
  PetscReal *target, *total, *scale;
  PetscReal *range;                   /* [nfield] of u */
  PetscReal sigma, norm, first, last; /* of G: now, at the start; the last correction */
  PetscBool left;                     /* the domain */
} Solver;

static const char *const text[] = {"", "the state found is uniform", "a formula left its domain",
                                   "the linearised equations are singular", "no convergence"};

const char *RhoPatternText(RhoPatternReason reason) { return text[reason]; }

/* ---- residual -------------------------------------------------------------------------------------------------------
 */

void rho_pattern_ranges(PetscInt ncell, PetscInt nf, const PetscScalar *u, PetscReal *range) {
  for (PetscInt i = 0; i < nf; i++) {
    PetscReal low = u[i], high = u[i];
    for (PetscInt p = 0; p < ncell; p++) {
      low = PetscMin(low, u[p * nf + i]);
      high = PetscMax(high, u[p * nf + i]);
    }
    PetscReal size = PetscMax(PetscAbsReal(low), PetscAbsReal(high));
    range[i] = high - low > 1e-6 * size ? high - low : size > 0 ? size : 1;
  }
}

static PetscErrorCode AddMotion(Solver *s) {
  const PetscScalar *u, *F;
  PetscFunctionBegin;
  PetscCall(VecGetArrayRead(s->u, &u));
  PetscCall(VecGetArrayRead(s->F, &F));
  rho_border_derivative(&s->border, u, s->G);
  s->norm = 0;
  for (PetscInt k = 0; k < s->border.n; k++) {
    s->G[k] = F[k] + s->outcome->speed * s->G[k];
    s->norm = PetscMax(s->norm, PetscAbsReal(s->G[k]));
  }
  rho_pattern_ranges(s->border.grid->ncell, s->border.grid->nfield, u, s->range);
  PetscCall(VecRestoreArrayRead(s->u, &u));
  PetscCall(VecRestoreArrayRead(s->F, &F));
  PetscFunctionReturn(0);
}

static PetscErrorCode Residual(Solver *s) {
  PetscFunctionBegin;
  PetscCall(RhoResidual(s->border.fm, s->options->time, s->u, s->F));
  PetscCall(RhoFieldDomain(s->border.fm, &s->left));
  if (s->left) PetscFunctionReturn(0);
  PetscCall(AddMotion(s));
  PetscCall(RhoTotals(s->border.fm, s->u, s->total, s->scale));
  for (PetscInt c = 0; c < s->border.nkept; c++)
    s->missing[c] = s->target[s->border.kept[c]] - s->total[s->border.kept[c]];
  PetscFunctionReturn(0);
}

/* ---- steps ----------------------------------------------------------------------------------------------------------
 */

/* The largest share of the correction that leaves densities a tenth of what they are. */
static PetscReal Share(const Solver *s, const PetscScalar *u) {
  RhoModel model = RhoFieldEquations(s->border.fm)->model;
  PetscReal share = 1;
  for (PetscInt k = 0; k < s->border.n; k++) {
    PetscReal du = s->border.rhs[k];
    if (model->field[k % model->nfield].kind == RHO_DENSITY && u[k] > 0 && u[k] + du < 0.1 * u[k])
      share = PetscMin(share, -0.9 * u[k] / du);
  }
  return share;
}

static PetscErrorCode Take(Solver *s, PetscReal *share, PetscReal *change) {
  PetscScalar *u;
  PetscInt nf = s->border.grid->nfield;
  PetscFunctionBegin;
  PetscCall(VecCopy(s->u, s->before));
  PetscCall(VecGetArray(s->u, &u));
  *share = Share(s, u);
  *change = 0;
  for (PetscInt k = 0; k < s->border.n; k++) {
    u[k] += *share * s->border.rhs[k];
    *change = PetscMax(*change, PetscAbsReal(s->border.rhs[k]) / s->range[k % nf]);
  }
  if (s->border.moves) s->outcome->speed += *share * s->border.rhs[s->border.n + s->border.nkept];
  PetscCall(VecRestoreArray(s->u, &u));
  PetscFunctionReturn(0);
}

/* Halves the step until the state is in the domain of all formulas. */
static PetscErrorCode Retreat(Solver *s) {
  PetscFunctionBegin;
  for (int k = 0; k < 30 && s->left; k++) {
    PetscCall(VecAXPBY(s->u, 0.5, 0.5, s->before));
    PetscCall(Residual(s));
  }
  PetscFunctionReturn(0);
}

/* The first steps change no cell by more than a twentieth of its field's range. */
static void FirstSigma(Solver *s) {
  PetscReal fastest = 0;
  for (PetscInt k = 0; k < s->border.n; k++)
    fastest = PetscMax(fastest, PetscAbsReal(s->G[k]) / s->range[k % s->border.grid->nfield]);
  s->sigma = s->options->nearby ? 0 : 20 * fastest;
  s->first = s->norm;
}

static void NextSigma(Solver *s, PetscReal before) {
  PetscReal rounding = 1e3 * PETSC_MACHINE_EPSILON * s->border.largest, size = 0;
  for (PetscInt i = 0; i < s->border.grid->nfield; i++) size = PetscMax(size, s->range[i]);
  if (s->sigma == 0 && s->norm <= 10 * before + rounding * size) return;
  if (s->sigma == 0 && s->options->nearby) return;
  if (s->sigma == 0) s->sigma = s->norm / size;
  s->sigma *= PetscMin(2, PetscMax(0.05, s->norm / before));
  if (s->norm <= 1e-6 * s->first || s->norm <= rounding * size) s->sigma = 0;
}

static PetscErrorCode Step(Solver *s, PetscBool *done) {
  PetscBool singular = PETSC_FALSE, newton = s->sigma == 0 ? PETSC_TRUE : PETSC_FALSE;
  PetscReal share = 0, change = 0, before = s->norm;
  PetscFunctionBegin;
  PetscCall(
      rho_border_solve(&s->border, s->options->time, s->u, s->sigma, s->outcome->speed, s->G, s->missing, &singular));
  if (singular) s->outcome->reason = RHO_PATTERN_SINGULAR;
  *done = singular;
  if (singular) PetscFunctionReturn(0);
  PetscCall(Take(s, &share, &change));
  PetscCall(Residual(s));
  if (s->left) PetscCall(Retreat(s));
  if (s->left) s->outcome->reason = RHO_PATTERN_DOMAIN;
  *done = s->left;
  if (newton && share == 1 && change < 1e-7 && (change >= 0.5 * s->last || change < 1e-15)) {
    s->outcome->reason = RHO_PATTERN_FOUND;
    *done = PETSC_TRUE;
  }
  s->last = newton ? change : PETSC_MAX_REAL;
  s->outcome->error = change;
  NextSigma(s, before);
  PetscFunctionReturn(0);
}

static PetscErrorCode Iterate(Solver *s) {
  PetscInt most = s->options->most > 0 ? s->options->most : 400;
  PetscBool done = PETSC_FALSE;
  PetscFunctionBegin;
  PetscCall(RhoTotals(s->border.fm, s->u, s->target, s->scale));
  PetscCall(Residual(s));
  if (s->left) s->outcome->reason = RHO_PATTERN_DOMAIN;
  if (s->left) PetscFunctionReturn(0);
  FirstSigma(s);
  s->last = PETSC_MAX_REAL;
  for (; s->outcome->niteration < most && !done; s->outcome->niteration++) PetscCall(Step(s, &done));
  s->outcome->residual = s->norm;
  PetscFunctionReturn(0);
}

/* ---------------------------------------------------------------------------------------------------------------------
 */

static PetscErrorCode Varies(Solver *s, PetscBool *varies) {
  const PetscScalar *u;
  PetscInt nf = s->border.grid->nfield;
  PetscFunctionBegin;
  PetscCall(VecGetArrayRead(s->u, &u));
  *varies = PETSC_FALSE;
  for (PetscInt k = 0; k < s->border.n; k++)
    if (PetscAbsReal(u[k] - u[k % nf]) > 1e-6 * PetscAbsReal(u[k % nf])) *varies = PETSC_TRUE;
  PetscCall(VecRestoreArrayRead(s->u, &u));
  PetscFunctionReturn(0);
}

static PetscErrorCode Create(Solver *s, RhoFieldModel fm) {
  RhoEquations eq = RhoFieldEquations(fm);
  size_t nconserved = (size_t)eq->nconserved;
  PetscFunctionBegin;
  PetscCall(rho_border_create(fm, PETSC_FALSE, &s->border));
  PetscCall(VecDuplicate(s->u, &s->before));
  PetscCall(VecDuplicate(s->u, &s->F));
  PetscCall(PetscMalloc2((size_t)s->border.n, &s->G, (size_t)eq->nfield, &s->range));
  PetscCall(
      PetscMalloc4(nconserved, &s->missing, nconserved, &s->target, nconserved, &s->total, nconserved, &s->scale));
  PetscFunctionReturn(0);
}

static PetscErrorCode Destroy(Solver *s) {
  PetscFunctionBegin;
  PetscCall(rho_border_destroy(&s->border));
  PetscCall(VecDestroy(&s->before));
  PetscCall(VecDestroy(&s->F));
  PetscCall(PetscFree2(s->G, s->range));
  PetscCall(PetscFree4(s->missing, s->target, s->total, s->scale));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoPatternSolve(RhoFieldModel fm, const RhoPatternOptions *options, Vec u, RhoPatternOutcome *outcome) {
  Solver s = {.options = options, .outcome = outcome, .u = u};
  PetscBool varies = PETSC_FALSE;
  PetscFunctionBegin;
  *outcome = (RhoPatternOutcome){.reason = RHO_PATTERN_SLOW, .speed = options->speed};
  PetscCall(Create(&s, fm));
  PetscCall(Iterate(&s));
  PetscCall(Varies(&s, &varies));
  if (outcome->reason == RHO_PATTERN_FOUND && !varies) outcome->reason = RHO_PATTERN_UNIFORM;
  PetscCall(Destroy(&s));
  PetscFunctionReturn(0);
}
