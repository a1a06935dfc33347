/* follow.c - a family of states in a number p by continuation in the pseudo-arclength.

     G(u, s; p) = 0,   totals(u) = total(p),   <t, (du, dp) - h t> = 0

   <a, b> = sum a_i b_i/(range_i^2 ncell) + a_p b_p/(to - from)^2.  t is the tangent at the last point, from the same
   bordered matrix with the right-hand side (0, ..., 0, 1).  Derivatives by p are differences of the residual at
   p +- d.  A step that does not converge in six corrections is halved; one that takes less than four lengthens the
   next. */
#include "pattern_private.h"

typedef struct {
  RhoFamilyFn family;
  void *ctx;
  const RhoFollowOptions *options;
  PetscInt n, nf, nconserved, m;
  PetscReal p, speed, scale; /* scale of p */
  PetscReal *start;          /* [nconserved] totals of the start */
  PetscReal *range;          /* [nf] of the state at the start */
  Vec u, base, F;
  PetscReal p0, speed0; /* of the base, the last point */
  PetscReal *tangent;   /* [n + 2]: u, speed, p */
  PetscReal *G, *missing, *total, *size;
} Follow;

/* ---- residuals ------------------------------------------------------------------------------------------------------
 */

/* G and missing at (u, speed) of the problem at p; left: out of the domain. */
static PetscErrorCode Residual(Follow *f, PetscReal p, RhoFieldModel *fm, PetscReal *G, PetscReal *missing,
                               PetscBool *left) {
  RhoBorder line = {.n = f->n};
  const PetscScalar *u, *F;
  PetscFunctionBegin;
  PetscCall(PetscArraycpy(missing, f->start, f->nconserved));
  PetscCall(f->family(f->ctx, p, fm, missing));
  line.grid = RhoFieldGrid(*fm);
  line.moves = line.grid->mesh.dimension[0].boundary == RHO_PERIODIC;
  PetscCall(RhoResidual(*fm, 0, f->u, f->F));
  PetscCall(RhoFieldDomain(*fm, left));
  PetscCall(RhoTotals(*fm, f->u, f->total, f->size));
  for (PetscInt c = 0; c < f->nconserved; c++) missing[c] -= f->total[c];
  PetscCall(VecGetArrayRead(f->u, &u));
  PetscCall(VecGetArrayRead(f->F, &F));
  rho_border_derivative(&line, u, G);
  for (PetscInt k = 0; k < f->n; k++) G[k] = F[k] + f->speed * G[k];
  PetscCall(VecRestoreArrayRead(f->u, &u));
  PetscCall(VecRestoreArrayRead(f->F, &F));
  PetscFunctionReturn(0);
}

/* The kept totals, in the order of the border. */
static void Kept(const RhoBorder *border, const PetscReal *all, PetscReal *kept) {
  for (PetscInt c = 0; c < border->nkept; c++) kept[c] = all[border->kept[c]];
}

/* column = d(G, missing)/dp */
static PetscErrorCode ByP(Follow *f, RhoBorder *border) {
  PetscReal d = 1e-5 * f->scale, *G, *missing;
  PetscBool left;
  RhoFieldModel fm;
  PetscFunctionBegin;
  PetscCall(PetscMalloc2((size_t)(2 * f->n), &G, (size_t)(2 * f->nconserved), &missing));
  PetscCall(Residual(f, f->p + d, &fm, G, missing, &left));
  PetscCall(Residual(f, f->p - d, &fm, G + f->n, missing + f->nconserved, &left));
  for (PetscInt k = 0; k < f->n; k++) border->column[k] = (G[k] - G[f->n + k]) / (2 * d);
  for (PetscInt c = 0; c < border->nkept; c++) {
    PetscInt at = border->kept[c];
    border->column[f->n + c] = (missing[at] - missing[f->nconserved + at]) / (2 * d);
  }
  PetscCall(PetscFree2(G, missing));
  PetscFunctionReturn(0);
}

/* ---- steps ----------------------------------------------------------------------------------------------------------
 */

static PetscReal Metric(const Follow *f, PetscInt k) {
  if (k > f->n) return 1 / (f->scale * f->scale);
  return k == f->n ? 0 : f->nf / (f->range[k % f->nf] * f->range[k % f->nf] * f->n);
}

static PetscReal Along(const Follow *f, const PetscReal *a, const PetscReal *b) {
  PetscReal sum = 0;
  for (PetscInt k = 0; k < f->n + 2; k++) sum += Metric(f, k) * a[k] * b[k];
  return sum;
}

/* (du, ds, dp) of a solution of the border */
static void Unpack(const Follow *f, const RhoBorder *border, PetscReal *step) {
  for (PetscInt k = 0; k < f->n; k++) step[k] = border->rhs[k];
  step[f->n] = border->moves ? border->rhs[f->n + border->nkept] : 0;
  step[f->n + 1] = border->rhs[border->m - 1];
}

/* One solution of the bordered system at (u, speed, p): a correction, or with G = 0 the tangent. */
static PetscErrorCode Solve(Follow *f, PetscBool tangent, PetscReal ahead, PetscReal *step, PetscBool *failed) {
  RhoFieldModel fm;
  RhoBorder border;
  PetscReal *kept;
  PetscFunctionBegin;
  PetscCall(Residual(f, f->p, &fm, f->G, f->missing, failed));
  if (*failed) PetscFunctionReturn(0);
  PetscCall(PetscCalloc1((size_t)f->nconserved, &kept));
  PetscCall(rho_border_create(fm, PETSC_TRUE, &border));
  PetscCall(ByP(f, &border));
  if (tangent) PetscCall(PetscArrayzero(f->G, f->n));
  else Kept(&border, f->missing, kept);
  for (PetscInt k = 0; k < f->n; k++) border.row[k] = Metric(f, k) * f->tangent[k];
  border.row[border.m - 1] = Metric(f, f->n + 1) * f->tangent[f->n + 1];
  border.ahead = ahead;
  PetscCall(rho_border_solve(&border, 0, f->u, 0, f->speed, f->G, kept, failed));
  Unpack(f, &border, step);
  PetscCall(rho_border_destroy(&border));
  PetscCall(PetscFree(kept));
  PetscFunctionReturn(0);
}

static PetscErrorCode Move(Follow *f, PetscReal h, const PetscReal *step) {
  PetscScalar *u;
  PetscFunctionBegin;
  PetscCall(VecGetArray(f->u, &u));
  for (PetscInt k = 0; k < f->n; k++) u[k] += h * step[k];
  PetscCall(VecRestoreArray(f->u, &u));
  f->speed += h * step[f->n];
  f->p += h * step[f->n + 1];
  PetscFunctionReturn(0);
}

static PetscErrorCode Back(Follow *f) {
  PetscFunctionBegin;
  PetscCall(VecCopy(f->base, f->u));
  f->p = f->p0;
  f->speed = f->speed0;
  PetscFunctionReturn(0);
}

/* From the base by h along the tangent, then corrections orthogonal to it. */
static PetscErrorCode Advance(Follow *f, PetscReal h, PetscInt *ncorrection, PetscBool *failed) {
  PetscReal *step, size = PETSC_MAX_REAL, before;
  PetscFunctionBegin;
  PetscCall(PetscMalloc1((size_t)(f->n + 2), &step));
  PetscCall(Move(f, h, f->tangent));
  *failed = PETSC_FALSE;
  for (*ncorrection = 0; *ncorrection < 7 && !*failed; ++*ncorrection) {
    PetscCall(Solve(f, PETSC_FALSE, 0, step, failed));
    if (*failed) break;
    PetscCall(Move(f, 1, step));
    before = size;
    size = PetscSqrtReal(Along(f, step, step));
    if (size < 1e-8 || (size < 1e-6 && size > 0.1 * before)) break;
  }
  if (*ncorrection == 7 || size > h) *failed = PETSC_TRUE;
  PetscCall(PetscFree(step));
  PetscFunctionReturn(0);
}

static PetscErrorCode Tangent(Follow *f, PetscBool *failed) {
  PetscReal *next;
  PetscFunctionBegin;
  PetscCall(PetscMalloc1((size_t)(f->n + 2), &next));
  PetscCall(Solve(f, PETSC_TRUE, 1, next, failed));
  PetscReal length = PetscSqrtReal(Along(f, next, next));
  for (PetscInt k = 0; k < f->n + 2; k++) f->tangent[k] = next[k] / length;
  PetscCall(PetscFree(next));
  PetscFunctionReturn(0);
}

/* ---- the family -----------------------------------------------------------------------------------------------------
 */

static PetscBool Within(const Follow *f) {
  PetscReal share = (f->p - f->options->from) / (f->options->to - f->options->from);
  return share > -1e-9 && share < 1 + 1e-9 ? PETSC_TRUE : PETSC_FALSE;
}

static PetscErrorCode Keep(Follow *f) {
  PetscFunctionBegin;
  PetscCall(VecCopy(f->u, f->base));
  f->p0 = f->p;
  f->speed0 = f->speed;
  PetscFunctionReturn(0);
}

/* Halves h until the next point is found, and says what the step after it should be. */
static PetscErrorCode Next(Follow *f, PetscReal longest, PetscReal *h, PetscBool *failed) {
  PetscInt ncorrection = 0;
  PetscFunctionBegin;
  for (int k = 0; k < 12; k++) {
    PetscCall(Advance(f, *h, &ncorrection, failed));
    if (!*failed) break;
    PetscCall(Back(f));
    *h *= 0.5;
  }
  if (!*failed && ncorrection < 4) *h = PetscMin(longest, 1.5 * *h);
  PetscFunctionReturn(0);
}

static PetscErrorCode Run(Follow *f, RhoFamilyPointFn point, RhoPatternReason *reason) {
  PetscReal first = f->options->step > 0 ? f->options->step : 0.01, h = first;
  PetscInt most = f->options->most > 0 ? f->options->most : 200;
  PetscBool stop = PETSC_FALSE, failed = PETSC_FALSE;
  PetscFunctionBegin;
  for (PetscInt k = 0; k < most; k++) {
    PetscCall(Keep(f));
    PetscCall(Tangent(f, &failed));
    PetscCall(point(f->ctx, f->p, f->tangent[f->n + 1], f->speed, f->u, &stop));
    if (stop || failed || (k > 0 && !Within(f))) break;
    PetscCall(Next(f, 10 * first, &h, &failed));
    if (failed) break;
  }
  if (failed) *reason = RHO_PATTERN_SLOW;
  PetscFunctionReturn(0);
}

static PetscErrorCode Create(Follow *f, RhoFieldModel fm, Vec u) {
  RhoEquations eq = RhoFieldEquations(fm);
  size_t n = (size_t)RhoFieldGrid(fm)->ncell * (size_t)eq->nfield, nconserved = (size_t)eq->nconserved;
  PetscFunctionBegin;
  f->u = u;
  f->n = (PetscInt)n;
  f->nf = eq->nfield;
  f->nconserved = eq->nconserved;
  PetscCall(VecDuplicate(u, &f->base));
  PetscCall(VecDuplicate(u, &f->F));
  PetscCall(PetscCalloc3(n + 2, &f->tangent, n, &f->G, (size_t)f->nf, &f->range));
  PetscCall(PetscCalloc4(nconserved, &f->start, nconserved, &f->missing, nconserved, &f->total, nconserved, &f->size));
  PetscCall(RhoTotals(fm, u, f->start, f->size));
  f->tangent[f->n + 1] = f->options->to > f->options->from ? 1 : -1;
  f->scale = PetscAbsReal(f->options->to - f->options->from);
  PetscFunctionReturn(0);
}

static PetscErrorCode Destroy(Follow *f) {
  PetscFunctionBegin;
  PetscCall(VecDestroy(&f->base));
  PetscCall(VecDestroy(&f->F));
  PetscCall(PetscFree3(f->tangent, f->G, f->range));
  PetscCall(PetscFree4(f->start, f->missing, f->total, f->size));
  PetscFunctionReturn(0);
}

static PetscErrorCode Ranges(Follow *f) {
  const PetscScalar *u;
  PetscFunctionBegin;
  PetscCall(VecGetArrayRead(f->u, &u));
  rho_pattern_ranges(f->n / f->nf, f->nf, u, f->range);
  PetscCall(VecRestoreArrayRead(f->u, &u));
  PetscFunctionReturn(0);
}

PetscErrorCode RhoPatternFollow(RhoFamilyFn family, RhoFamilyPointFn point, void *ctx, const RhoFollowOptions *options,
                                Vec u, RhoPatternReason *reason) {
  Follow f = {.family = family, .ctx = ctx, .options = options, .p = options->from};
  RhoPatternOptions solve = {.nearby = PETSC_FALSE};
  RhoPatternOutcome outcome;
  RhoFieldModel fm;
  PetscFunctionBegin;
  PetscCall(family(ctx, options->from, &fm, NULL));
  PetscCall(RhoPatternSolve(fm, &solve, u, &outcome));
  *reason = outcome.reason;
  if (outcome.reason) PetscFunctionReturn(0);
  f.speed = outcome.speed;
  PetscCall(Create(&f, fm, u));
  PetscCall(Ranges(&f));
  PetscCall(Run(&f, point, reason));
  PetscCall(Destroy(&f));
  PetscFunctionReturn(0);
}
