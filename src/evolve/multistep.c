/* multistep.c - backward differences with an explicit rest in transform space (SBDF; Ascher, Ruuth, Wetton 1995), steps
   of any length (Wang, Ruuth 2008):

     sum_{j=0..k} a_j u_{n+1-j} = A u_{n+1} + sum_{j=1..k} b_j N_{n+1-j}

   a_j the derivative at t_{n+1} of the polynomial through these times, b_j the value there of the one through the last
   k.  One N a step, and one division per mode.  The error is that of order k - 1, as for the other schemes: with  p the
   polynomial through the last k states,

     u_{n+1} - p(t_{n+1}) ~ u^(k)/k! (t_{n+1} - t_n) ... (t_{n+1} - t_{n+1-k}),
     error ~ (k + 1)/(a'_0 (t_{n+1} - t_{n+1-k})) (u_{n+1} - p),   a'_0 of order k - 1,

   the derivative's error and, as if N varied like the derivative, that of N.  The first k - 1 steps, and those after
   whatever breaks the history (a checkpoint, a jump, a step much longer than the one before) are etdrk2's. */
#include "exponential.h"

#define OLDEST 40 /* steps with one A, where it depends on the state */
#define LONGEST 3 /* times the last step */
#define MOST 3    /* states */

typedef struct {
  RhoExponential first;
  int order;
  PetscBool exponential;               /* this step is one of the first */
  PetscReal *total[MOST], *rate[MOST]; /* [nconserved] at the state and those before it: what it ought to be; inflow */
  PetscReal *amount;                   /* [nconserved] of this step */
} Multistep;

static const int states[] = {RHO_MODAL_NEXT, RHO_MODAL_U, RHO_MODAL_U1, RHO_MODAL_U2};
static const int rests[] = {RHO_MODAL_AFTER, RHO_MODAL_N, RHO_MODAL_N1, RHO_MODAL_N2};

/* ---- polynomials ---- */

/* value[n]: weights of the values at x[0] .. x[n - 1] in that of their polynomial at zero */
static void Extrapolate(int n, const PetscReal *x, PetscReal *value) {
  for (int j = 0; j < n; j++) {
    value[j] = 1;
    for (int i = 0; i < n; i++)
      if (i != j) value[j] *= x[i] / (x[i] - x[j]);
  }
}

/* slope[n]: the same for the derivative at x[0] = 0 */
static void Differentiate(int n, const PetscReal *x, PetscReal *slope) {
  slope[0] = 0;
  for (int j = 1; j < n; j++) {
    slope[j] = 1 / x[j];
    for (int i = 1; i < n; i++)
      if (i != j) slope[j] *= x[i] / (x[i] - x[j]);
    slope[0] -= slope[j];
  }
}

/* ---- a step ---- */

/* a[k + 1], b[1 + k] of a step of length h; the error's factor of u - p, p having the weights b, too */
static PetscReal Weights(const RhoOneStep *one, int k, PetscReal h, PetscReal *a, PetscReal *b) {
  const RhoModalState *s = one->modal;
  PetscReal x[MOST + 1] = {0}, lower[MOST];
  for (int j = 1; j <= k; j++) x[j] = (s->time[j] - s->time[1]) - h;
  Differentiate(k, x, lower);
  Differentiate(k + 1, x, a);
  Extrapolate(k, x + 1, b + 1);
  return -(k + 1) / (lower[0] * x[k]);
}

/* What flowed in:  sum_j a_j S_j = sum_j b_j r_j. */
static void Flowed(const RhoOneStep *one, int k, const PetscReal *a, const PetscReal *b) {
  const Multistep *multi = one->data;
  for (int c = 0; c < RhoFieldEquations(one->problem->fm)->nconserved; c++) {
    PetscReal sum = 0;
    for (int j = 1; j <= k; j++)
      sum += b[j] * multi->rate[j - 1][c] - a[j] * (multi->total[j - 1][c] - multi->total[0][c]);
    multi->amount[c] = RhoTotalOpen(one->problem->fm, c) ? sum / a[0] : 0;
  }
}

static PetscErrorCode SolveLinear(RhoOneStep *one, PetscReal h) {
  RhoModalState *s = one->modal;
  Multistep *multi = one->data;
  int k = multi->order;
  PetscReal a[MOST + 1], b[MOST + 1], factor = Weights(one, k, h, a, b);
  RhoModalSum right = {1, {{RHO_MODAL_NONE, {0}}}, a[0]}, error = {1, {{RHO_MODAL_NONE, {0}}}, 0};
  PetscFunctionBegin;
  for (int j = 1; j <= k; j++) {
    right.term[0].c[states[j]] = -a[j];
    right.term[0].c[rests[j]] = b[j];
    error.term[0].c[states[j]] = -factor * b[j];
  }
  error.term[0].c[RHO_MODAL_NEXT] = factor;
  PetscCall(rho_modal_state_sum(s, &right, RHO_MODAL_NEXT, PETSC_FALSE, s->weight, rho_modal_state_squares(one)));
  s->error = error;
  s->low.nterm = 0;
  one->order = k;
  Flowed(one, k, a, b);
  PetscCall(rho_modal_state_restore(one, multi->amount));
  PetscFunctionReturn(0);
}

static PetscErrorCode Begin(RhoOneStep *one) {
  Multistep *multi = one->data;
  PetscInt n = RhoFieldEquations(one->problem->fm)->nconserved;
  PetscFunctionBegin;
  PetscCall(PetscArraycpy(multi->total[0], one->problem->target, n));
  PetscCall(PetscArraycpy(multi->rate[0], one->rate, n));
  if (one->modal->age >= OLDEST) PetscCall(rho_modal_state_set(one));
  PetscFunctionReturn(0);
}

static PetscErrorCode Solve(RhoOneStep *one, PetscReal h, Vec u, PetscBool *solved) {
  RhoModalState *s = one->modal;
  Multistep *multi = one->data;
  PetscFunctionBegin;
  (void)u;
  if (s->npast > 1 && h > LONGEST * (s->time[1] - s->time[2])) s->npast = 1;
  multi->exponential = (PetscBool)(s->npast < multi->order);
  *solved = PETSC_TRUE;
  if (multi->exponential) PetscCall(rho_exponential_solve(one, &multi->first, h, solved));
  else PetscCall(SolveLinear(one, h));
  PetscFunctionReturn(0);
}

static PetscErrorCode Accept(RhoOneStep *one, PetscReal h, Vec u) {
  Multistep *multi = one->data;
  PetscInt n = RhoFieldEquations(one->problem->fm)->nconserved;
  PetscFunctionBegin;
  (void)u;
  if (multi->exponential) PetscCall(rho_stage_flow_accept(&one->modal->flow, h));
  else if (one->problem->open) rho_problem_flowed(one->problem, multi->amount);
  for (int k = MOST - 1; k > 0; k--) {
    PetscCall(PetscArraycpy(multi->total[k], multi->total[k - 1], n));
    PetscCall(PetscArraycpy(multi->rate[k], multi->rate[k - 1], n));
  }
  PetscFunctionReturn(0);
}

/* ---- the engine ---- */

static PetscErrorCode CreateMultistep(RhoOneStep *one) {
  size_t n = (size_t)RhoFieldEquations(one->problem->fm)->nconserved + 1;
  unsigned registers = 0;
  Multistep *multi;
  PetscFunctionBegin;
  PetscCall(PetscNew(&multi));
  one->data = multi;
  multi->order = one->problem->variant[0] - '0';
  for (int k = 0; k <= multi->order; k++) registers |= 1u << states[k] | 1u << rests[k];
  PetscCall(rho_exponential_create(one, "2", registers, &multi->first));
  one->modal->most = multi->order;
  for (int k = 0; k < MOST; k++) PetscCall(PetscCalloc2(n, &multi->total[k], n, &multi->rate[k]));
  PetscCall(PetscCalloc1(n, &multi->amount));
  PetscFunctionReturn(0);
}

static PetscErrorCode DestroyMultistep(RhoOneStep *one) {
  Multistep *multi = one->data;
  PetscFunctionBegin;
  for (int k = 0; k < MOST; k++) PetscCall(PetscFree2(multi->total[k], multi->rate[k]));
  PetscCall(PetscFree(multi->amount));
  PetscCall(PetscFree(one->data));
  PetscFunctionReturn(0);
}

static const RhoOneStepMethod multistep_method = {.state = &rho_modal_state,
                                                  .steady = PETSC_TRUE,
                                                  .most = 1.6,
                                                  .create = CreateMultistep,
                                                  .destroy = DestroyMultistep,
                                                  .begin = Begin,
                                                  .solve = Solve,
                                                  .accept = Accept};

static PetscErrorCode Create(RhoProblem *problem, void **engine) {
  PetscFunctionBegin;
  PetscCall(rho_onestep_create(problem, &multistep_method, engine));
  PetscFunctionReturn(0);
}

const RhoEngine rho_engine_multistep = RHO_ONESTEP_ENGINE(Create);
